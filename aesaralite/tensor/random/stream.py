"""Streams: random variables whose generators are seeded together and advance with each call."""

from __future__ import annotations

import difflib
import functools
import importlib
import inspect
from collections.abc import Callable, Collection, Sequence
from types import ModuleType
from typing import Any

import numpy as np

from aesaralite.graph.arguments import described
from aesaralite.graph.basic import Variable
from aesaralite.graph.shared import SharedVariable
from aesaralite.graph.traversal import ancestors
from aesaralite.tensor.random import continuous, discrete, gammas, multivariate, permutations, positive
from aesaralite.tensor.random.op import RandomVariable
from aesaralite.tensor.random.type import RandomType
from aesaralite.tensor.random.var import randomgen_constructor

__all__ = ["RandomStream"]

_DISTRIBUTIONS = (continuous, positive, gammas, discrete, multivariate, permutations)


class RandomStream:
    """Random variables that draw new numbers at each call, from generators that follow from one seed.

    Each variable has a generator of its own. It's a shared variable, which the functions that draw from it update by
    default. ``stream.normal(0, 1, size=(2,))`` is ``stream.gen(normal, 0, 1, size=(2,))``, for each distribution in
    `aesaralite.tensor.random`.

    Parameters
    ----------
    seed : int, optional
        Decides all numbers. None takes fresh entropy from the system.
    namespace : module, optional
        Where attributes look for distributions, in place of `aesaralite.tensor.random`.
    rng_ctor : callable
        What makes a generator of a `numpy.random.SeedSequence`. `numpy.random.RandomState` gives legacy generators.

    Attributes
    ----------
    state_updates : list of tuple
        For each variable, its generator, and the variable that is the generator's next state.
    default_instance_seed : int or None
        The seed that `seed` falls back on.
    gen_seedgen : numpy.random.SeedSequence
        Of which the seeds of new generators are spawned.

    Examples
    --------
    >>> import aesaralite
    >>> from aesaralite.tensor.random.utils import RandomStream
    >>> stream = RandomStream(seed=234)
    >>> u = stream.uniform(0, 1, size=(2, 2))
    >>> f = aesaralite.function([], u)
    >>> f()
    array([[0.29042348, 0.86331565],
           [0.03797811, 0.7155221 ]])
    >>> f()
    array([[0.73939784, 0.22995762],
           [0.22632517, 0.67927065]])
    """

    def __init__(
        self,
        seed: int | None = None,
        namespace: ModuleType | None = None,
        rng_ctor: Any = np.random.default_rng,
    ) -> None:
        self.namespaces: list[Any] = list(_DISTRIBUTIONS) if namespace is None else [namespace]
        self.default_instance_seed = seed
        self.state_updates: list[tuple[SharedVariable, Variable]] = []
        self.gen_seedgen = _seed_sequence(seed)
        if isinstance(rng_ctor, type) and issubclass(rng_ctor, np.random.RandomState):
            rng_ctor = _legacy_generator
        self.rng_ctor: Any = rng_ctor

    def gen(self, op: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Return a draw from a generator that is new in this stream.

        Parameters
        ----------
        op : RandomVariable or callable
            What draws: it's called as ``op(*args, rng=rng, **kwargs)``, and returns an expression that draws from
            `rng`, once or several times in a row.
        *args, **kwargs
            For `op`.

        Raises
        ------
        ValueError
            If a generator is given, or `op` doesn't use the one that it gets, or two draws use one state of it.
        """
        if "rng" in kwargs:
            raise ValueError(
                "The `rng` option cannot be used with a variate in a `RandomStream`: the stream gives each its own"
            )
        (seed,) = self.gen_seedgen.spawn(1)
        rng = randomgen_constructor(self.rng_ctor(seed), borrow=True)
        draw = op(*args, **kwargs, rng=rng)
        given = [value for value in (*args, *kwargs.values()) if isinstance(value, Variable)]
        following = _state_after(draw, rng, op, given)
        self.state_updates.append((rng, following))
        rng.default_update = following
        return draw

    def seed(self, seed: int | None = None) -> None:
        """Seed the generators of all variables anew.

        Parameters
        ----------
        seed : int, optional
            Decides all numbers from here on; by default, the seed that the stream was made with.
        """
        if seed is None:
            seed = self.default_instance_seed
        self.gen_seedgen = _seed_sequence(seed)
        for (rng, _), spawned in zip(self.state_updates, self.gen_seedgen.spawn(len(self.state_updates))):
            rng.set_value(self.rng_ctor(spawned), borrow=True)

    def updates(self) -> list[tuple[SharedVariable, Variable]]:
        """Return a list of all generators with their next states, as the `updates` of a function."""
        return list(self.state_updates)

    def __getattr__(self, name: str) -> Any:
        namespaces = self.__dict__.get("namespaces", ())
        if not name.startswith("_"):
            for namespace in namespaces:
                if name in _public_names(namespace) and _is_distribution(getattr(namespace, name, None)):
                    return _Method(self, getattr(namespace, name))
        close = difflib.get_close_matches(name, _names_in(namespaces), n=3)
        hint = f" Is it {' or '.join(map(repr, close))}?" if close else ""
        raise AttributeError(f"No attribute {name}: there is no distribution of that name.{hint}", name=name, obj=self)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *_names_in(self.namespaces)]

    def __getstate__(self) -> dict[str, Any]:
        # modules can't be pickled
        names = [ns.__name__ if isinstance(ns, ModuleType) else ns for ns in self.namespaces]
        return {**self.__dict__, "namespaces": names}

    def __setstate__(self, state: dict[str, Any]) -> None:
        found = [importlib.import_module(ns) if isinstance(ns, str) else ns for ns in state["namespaces"]]
        self.__dict__.update(state, namespaces=found)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self.state_updates)} variables, seed {self.default_instance_seed}>"


class _Method:
    """A distribution as a method of a stream, with the distribution's documentation."""

    def __init__(self, stream: RandomStream, distribution: Callable[..., Any]) -> None:
        functools.update_wrapper(self, distribution, updated=())
        self._stream = stream
        self._distribution = distribution

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._stream.gen(self._distribution, *args, **kwargs)

    def __repr__(self) -> str:
        return f"<{self._distribution} of {self._stream!r}>"


def _seed_sequence(seed: Any) -> np.random.SeedSequence:
    wanted = "The seed of a RandomStream must be None, an integer that isn't negative, or a sequence of such"
    try:
        return np.random.SeedSequence(seed)
    except TypeError:
        raise TypeError(f"{wanted}; got {described(seed)}") from None
    except ValueError:
        raise ValueError(f"{wanted}; got {described(seed)}") from None


def _legacy_generator(seed: np.random.SeedSequence) -> np.random.RandomState:
    return np.random.RandomState(np.random.MT19937(seed))


def _is_distribution(obj: Any) -> bool:
    """Whether it's a random variable, or a function that makes one of a generator."""
    while isinstance(obj, functools.partial):
        obj = obj.func
    if isinstance(obj, RandomVariable):
        return True
    return inspect.isfunction(obj) and "rng" in inspect.signature(obj).parameters


def _public_names(namespace: Any) -> Collection[str]:
    return getattr(namespace, "__all__", None) or [name for name in vars(namespace) if not name.startswith("_")]


def _names_in(namespaces: Sequence[Any]) -> list[str]:
    """Return the names of the distributions in namespaces."""
    return sorted(
        {
            name
            for namespace in namespaces
            for name in _public_names(namespace)
            if _is_distribution(getattr(namespace, name, None))
        }
    )


def _state_after(draw: Any, rng: Variable, op: Any, given: Sequence[Variable]) -> Variable:
    """Return the generator's state after all that is drawn from it to make `draw` of what was given."""
    if not isinstance(draw, Variable):
        raise TypeError(f"{op} should return a variable, for a stream to draw; it returned {draw!r}")
    users: dict[Variable, dict[Any, None]] = {}
    for variable in ancestors([draw], given):
        if variable.owner is not None:
            for source in variable.owner.inputs:
                if isinstance(source.type, RandomType):
                    users.setdefault(source, {})[variable.owner] = None
    state = rng
    while state in users:
        if len(users[state]) > 1:
            raise ValueError(
                f"{op} draws twice from one state of its generator, so that the draws depend on each other; let the "
                "second draw use the state after the first, draw.owner.outputs[0]"
            )
        (node,) = users[state]
        states = [output for output in node.outputs if isinstance(output.type, RandomType)]
        if not states:
            break
        state = states[node.inputs.index(state) if len(states) > 1 else 0]
    if state is rng:
        raise ValueError(f"{op} doesn't draw from the generator that the stream gave it")
    return state
