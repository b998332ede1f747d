"""`Function`: what users call."""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import repeat
from operator import setitem
from os import PathLike
from typing import IO, TYPE_CHECKING, Any

from aesaralite.compile.debugging.locate import Outcome
from aesaralite.compile.debugging.report import DebugReport, examine
from aesaralite.compile.debugging.reproduction import Case
from aesaralite.compile.debugging.values import copy_of_layout
from aesaralite.compile.explaining.call_profile import CallProfile, measure
from aesaralite.compile.explaining.description import Explanation
from aesaralite.compile.explaining.output import check_format, written
from aesaralite.compile.explaining.picture import page
from aesaralite.compile.function.arguments import MISSING, Containers, Signature, Values
from aesaralite.compile.function.profile import FunctionProfile
from aesaralite.compile.linker import Program, SlowPath
from aesaralite.compile.profiling import ProfileStats, profile_of
from aesaralite.configdefaults import config
from aesaralite.graph.arguments import as_flag, as_pairs
from aesaralite.graph.container import Container, duplicate
from aesaralite.graph.shared import SharedVariable
from aesaralite.graph.state_lock import guarded
from aesaralite.graph.variable import html_of

if TYPE_CHECKING:
    from aesaralite.compile.function.maker import FunctionMaker
    from aesaralite.graph.fg import FunctionGraph

__all__ = ["Function"]


class Function:
    """A compiled expression. Made by `aesaralite.function`.

    Parameters
    ----------
    maker : FunctionMaker
        What it's made of.
    containers : sequence of Container
        One for each input: holds the default or the state.
    name : str, optional
        What errors and profiles call it.
    trust_input : bool
        Whether values are handed on unchecked.

    Attributes
    ----------
    maker : FunctionMaker
        ``f.maker.fgraph`` is the graph after rewriting.
    name : str or None
    trust_input : bool
        May be set. If true, arguments must be of exactly the inputs' types; nothing is checked or cast.
    input_storage : list of Container
        One for each input.
    container, value
        The containers, and the values in them, by the input's name, variable or position. ``f["y"]`` is
        ``f.value["y"]``.
    """

    def __init__(
        self, maker: FunctionMaker, containers: Sequence[Container], name: str | None = None, trust_input: bool = False
    ) -> None:
        self.maker = maker
        self.name = name
        self.trust_input = trust_input
        self.input_storage = list(containers)
        self._signature = Signature(maker.inputs, name)
        self.container = Containers(self._signature, self.input_storage)
        self.value = Values(self._signature, self.input_storage)

        plan = maker.linked.plan
        program = maker.linked.program
        state = plan.state
        written = {i for _, i in plan.updates}
        writes = [self.input_storage[i].lock for i in written]
        reads = [self.input_storage[i].lock for i in state if i not in written]
        self._locks = reads, writes
        timed = maker.profile.timed if maker.profile is not None else lambda call: call
        self._run = timed(guarded(program.run, reads, writes))
        shadowed = partial(_run_shadowed, program, [(i, self.input_storage[i].storage) for i in written])
        self._run_shadowed = timed(guarded(shadowed, reads, writes))

        self._n_positional = len(plan.explicit)
        bound = None
        if self._signature.passable[: self._n_positional] == list(plan.explicit):
            bound = program.bind([self.input_storage[i].storage for i in state])
        if bound is None:
            self._entry: Callable[..., Any] = _no_fast_path
        else:
            self._entry = timed(_shaped(guarded(bound, reads, writes), maker))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run once.

        Parameters
        ----------
        *args, **kwargs
            Values of the inputs, by position and by name. Inputs with defaults may be left out.
            The keyword ``output_subset``, a list of positions, restricts what is returned.

        Returns
        -------
        object, list or dict
            The outputs, in the form given to ``aesaralite.function``.

        Raises
        ------
        TypeError
            If an argument is missing, unknown, given twice, or can't be brought into the type of its input.
        """
        if not kwargs:
            try:
                return self._entry(*args)
            except SlowPath:
                pass
            except TypeError:
                if len(args) == self._n_positional:
                    raise
        return self._call_explained(args, kwargs)

    def _call_explained(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        subset = None
        if "output_subset" in kwargs:
            kwargs = dict(kwargs)
            subset = kwargs.pop("output_subset")
        storage, shadowed = self._cells_of(args, kwargs)
        results = (self._run_shadowed if shadowed else self._run)(storage)
        return self._in_form(results, subset)

    def _cells_of(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[list[list[Any]], bool]:
        """Return a cell for each input, and whether an argument stands in place of state."""
        signature, slots = self._signature, self.maker.linked.plan.inputs
        values = signature.match(args, kwargs)
        storage = []
        shadowed = False
        for i, (value, slot, container) in enumerate(zip(values, slots, self.input_storage)):
            if value is MISSING:
                if slot.is_state:
                    storage.append(container.storage)
                else:
                    default = container.storage[0]
                    storage.append([duplicate(default) if slot.mutable else default])
                continue
            shadowed = shadowed or slot.is_state
            storage.append([value if self.trust_input else signature.filter(i, value)])
        return storage, shadowed

    def debug(self, *args: Any, **kwargs: Any) -> DebugReport:
        """Run once, and find the first value that is wrong.

        The call is made as usual, and changes the state as usual. Then it's replayed, node by node, with the `perform`
        methods, from the arguments and the state before the call.

        Parameters
        ----------
        *args, **kwargs
            As for a call.

        Returns
        -------
        DebugReport
            Names, with the user's line, the first node that fails, the first whose value isn't finite, and the first
            whose value isn't what the linker gives. What the call raises isn't raised here, but is ``report.error``.

        Raises
        ------
        TypeError
            If an argument is missing, unknown, given twice, or can't be brought into the type of its input.

        Examples
        --------
        >>> import numpy as np
        >>> import aesaralite
        >>> import aesaralite.tensor as at
        >>> x = at.dvector("x")
        >>> f = aesaralite.function([x], at.log(x).sum())
        >>> report = f.debug(np.array([1.0, -1.0]))
        >>> report.finding.kind, str(report.finding.node.op)
        ('nan', 'Elemwise{log}')
        """
        storage, shadowed = self._cells_of(args, {key: kwargs[key] for key in kwargs if key != "output_subset"})
        linked = self.maker.linked
        updated = [self.input_storage[i].storage for _, i in linked.plan.updates]
        before: list[Any] = []

        def call() -> Outcome:
            before.extend(copy_of_layout(cell[0]) for cell in storage)
            try:
                if shadowed:
                    pairs = [(i, self.input_storage[i].storage) for _, i in linked.plan.updates]
                    results = _run_shadowed(linked.program, pairs, storage)
                else:
                    results = linked.program.run(storage)
            except Exception as error:
                return Outcome((), error)
            return Outcome([*map(duplicate, results), *(duplicate(cell[0]) for cell in updated)])

        outcome = guarded(call, *self._locks)()
        return examine(Case(linked.graph, linked.plan, linked.linker, before, self.name), outcome)

    def _in_form(self, results: list[Any], subset: Sequence[int] | None) -> Any:
        keys = self.maker.output_keys
        if subset is not None:
            if keys is not None:
                wanted = {i if isinstance(i, int) else keys.index(i) for i in subset}
                return {key: results[i] for i, key in enumerate(keys) if i in wanted}
            results = [results[i] for i in subset]
            return results[0] if self.maker.unpack_single and len(results) == 1 else results
        if keys is not None:
            return dict(zip(keys, results))
        return results[0] if self.maker.unpack_single else results

    def __getitem__(self, key: Any) -> Any:
        return self.value[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        self.value[key] = value

    def __contains__(self, key: Any) -> bool:
        return key in self.value

    def get_shared(self) -> list[SharedVariable]:
        """Return the shared variables that the function reads or updates."""
        return [spec.variable for spec in self.maker.inputs if isinstance(spec.variable, SharedVariable)]

    def free(self) -> None:
        """Do nothing: a function keeps no intermediate values between calls."""

    def explain(
        self,
        *args: Any,
        format: str = "text",
        file: str | PathLike[str] | IO[str] | None = None,
        numbers: bool | None = None,
        **kwargs: Any,
    ) -> str:
        """Return what tells how the graph was compiled.

        Parameters
        ----------
        *args, **kwargs
            As for a call. What is told is then of that call, with numbers for sizes, bytes and operations, and for
            the most memory that the call has at a time. It changes nothing. The Python linker runs the graph for
            that; the Numba linker doesn't. Inputs that are called as one of the parameters that follow are given by
            position.
        format : {"text", "html"}
            A text, or a page of HTML with a picture.
        file : path or file, optional
            Where it is written to, too.
        numbers : bool, optional
            Whether there are numbers; by default, if there are arguments. A function that can be called without any
            is explained with numbers if this is true.

        Returns
        -------
        str

        Raises
        ------
        ValueError
            If `format` is something else.
        TypeError
            If an argument is missing, unknown, given twice, or can't be brought into the type of its input.

        Examples
        --------
        >>> import aesaralite
        >>> import aesaralite.tensor as at
        >>> x = at.dvector("x")
        >>> f = aesaralite.function([x], at.exp(x).sum())
        >>> "float64[3]" in f.explain([1, 2, 3])
        True
        >>> f.explain(format="html")[:15]
        '<!DOCTYPE html>'
        """
        check_format(format)
        explanation = self._described(args, kwargs, numbers)
        return written(str(explanation) if format == "text" else page(explanation, self.name), file)

    def _described(self, args: Sequence[Any], kwargs: Mapping[str, Any], numbers: bool | None) -> Explanation:
        program = self.maker.linked.program
        if not (args or kwargs if numbers is None else as_flag(numbers, "numbers")):
            return program.describe()
        storage, _ = self._cells_of(args, kwargs)
        return guarded(lambda: program.describe([cell[0] for cell in storage]), *self._locks)()

    @property
    def profile(self) -> FunctionProfile:
        """What measures calls, ``f.profile(...)``, and tells what has been gathered of all."""
        return FunctionProfile(self._measure, self.maker.profile)

    def _measure(
        self, args: Sequence[Any], kwargs: Mapping[str, Any], calls: int | None, seconds: float | None
    ) -> CallProfile:
        storage, _ = self._cells_of(args, kwargs)
        before = guarded(lambda: [copy_of_layout(cell[0]) for cell in storage], *self._locks)()
        written = {i for _, i in self.maker.linked.plan.updates}

        def cells() -> list[list[Any]]:
            return [[copy_of_layout(value) if i in written else value] for i, value in enumerate(before)]

        return measure(self.maker.linked.program.timed(), cells, self.name, calls, seconds)

    @property
    def njit(self) -> Any:
        """The compiled function, for use inside the user's own numba code.

        Raises
        ------
        AttributeError
            If the linker makes none.
        """
        program = self.maker.linked.program
        try:
            return program.njit  # type: ignore[attr-defined]
        except AttributeError:
            raise AttributeError(
                f"The linker {self.maker.linker.name!r} makes no numba function; compile with mode='NUMBA'."
            ) from None

    @property
    def fgraph(self) -> FunctionGraph:
        """The graph after rewriting."""
        return self.maker.fgraph

    @property
    def defaults(self) -> list[tuple[bool, bool, Any]]:
        """For each input: whether a caller must give it, whether its default comes back after a call, and its value."""
        return [
            (spec.value is None and not spec.implicit, spec.value is not None and not slot.is_state, container.value)
            for spec, slot, container in zip(self.maker.inputs, self.maker.linked.plan.inputs, self.input_storage)
        ]

    @property
    def unpack_single(self) -> bool:
        """Whether a call returns one bare value."""
        return self.maker.unpack_single

    @property
    def output_keys(self) -> list[str] | None:
        """The keys of the dict that a call returns."""
        return self.maker.output_keys

    @property
    def return_none(self) -> bool:
        """Whether the function was made without outputs."""
        return self.maker.return_none

    @property
    def n_returned_outputs(self) -> int:
        """The number of outputs, updates not counted."""
        return len(self.maker.linked.plan.outputs)

    def copy(
        self,
        share_memory: bool = False,
        swap: Mapping[SharedVariable, SharedVariable] | None = None,
        delete_updates: bool = False,
        name: str | None = None,
        profile: bool | str | ProfileStats | None = None,
    ) -> Function:
        """Return a copy, without rewriting and, unless updates are deleted, without compiling again.

        Parameters
        ----------
        share_memory : bool
            Accepted for old programs: no function keeps intermediate values that could be shared.
        swap : mapping of SharedVariable to SharedVariable, optional
            Shared variables that the copy uses others for. They must be of the same types.
        delete_updates : bool
            Whether the copy leaves all state as it is.
        name : str, optional
            The name of the copy.
        profile : bool, str or ProfileStats, optional
            Whether to measure the copy's calls.

        Returns
        -------
        Function
            It returns outputs in the same form as this one. Defaults and the state of inputs (`In` with an update)
            are the copy's own; shared variables are shared.

        Raises
        ------
        ValueError
            If a variable to swap isn't part of the function.
        TypeError
            If types differ.
        """
        maker = self.maker
        swap = self._checked_swap(swap)
        inputs, containers = [], []
        for spec, container in zip(maker.inputs, self.input_storage):
            spec = copy.copy(spec)
            if spec.variable in swap:
                spec.variable = swap[spec.variable]
                spec.name = spec.variable.name
                spec.value = container = spec.variable.container
            elif not spec.implicit and not isinstance(spec.value, Container):
                container = copy.deepcopy(container)
            if delete_updates:
                spec.update = None
            inputs.append(spec)
            containers.append(container)
        name = name if name is not None else f"{self.name} copy"
        linked = maker.linked
        if delete_updates and linked.plan.updates:
            linked = linked.without_updates([spec.implicit for spec in inputs])
        new = maker.changed(inputs, linked, name, profile_of(profile, name))
        return type(self)(new, containers, name=name, trust_input=self.trust_input)

    def _checked_swap(self, swap: Mapping[SharedVariable, SharedVariable] | None) -> dict[Any, SharedVariable]:
        own = set(self.get_shared())
        pairs = as_pairs(swap, "swap")
        for old, new in pairs:
            for variable in (old, new):
                if not isinstance(variable, SharedVariable):
                    raise TypeError(f"swap takes shared variables, got {variable!r} of type {type(variable)}")
            if old not in own:
                raise ValueError(f"SharedVariable: {old} not found. The function's are: {', '.join(map(str, own))}")
            if not old.type.is_super(new.type):
                raise TypeError(
                    f"{old}, of type {old.type}, can't be swapped for {new}, of type {new.type}: the types must be the "
                    "same."
                )
        return dict(pairs)

    def __copy__(self) -> Function:
        return self.copy(name=self.name)

    def __deepcopy__(self, memo: dict[int, Any]) -> Function:
        maker = copy.deepcopy(self.maker, memo)
        containers = [copy.deepcopy(container, memo) for container in self.input_storage]
        new = memo[id(self)] = type(self)(maker, containers, name=self.name, trust_input=self.trust_input)
        return new

    def __reduce__(self) -> Any:
        return _restore, (type(self), self.maker, self.input_storage, self.name, self.trust_input)

    def _repr_html_(self) -> str | None:
        return html_of(self)

    def __repr__(self) -> str:
        parameters = ", ".join(str(spec.name or spec.variable) for spec in self.maker.inputs if not spec.implicit)
        return (
            f"<aesaralite function {self.name or 'without a name'} ({parameters}), linker {self.maker.linker.name!r}>"
        )


def _restore(
    cls: type[Function], maker: FunctionMaker, containers: list[Container], name: str | None, trust_input: bool
) -> Function | None:
    if not config.unpickle_function:
        return None
    return cls(maker, containers, name=name, trust_input=trust_input)


def _run_shadowed(program: Program, written: list[tuple[int, list[Any]]], storage: list[list[Any]]) -> list[Any]:
    """Run once with arguments in place of state: on copies, so that the arguments, too, are left alone."""
    shadows = list(storage)
    for i, _ in written:
        shadows[i] = [duplicate(storage[i][0])]
    results = program.run(shadows)
    deque(map(setitem, [cell for _, cell in written], repeat(0), [shadows[i][0] for i, _ in written]), maxlen=0)
    return results


def _no_fast_path(*args: Any) -> Any:
    raise SlowPath


def _shaped(call: Callable[..., Any], maker: FunctionMaker) -> Callable[..., Any]:
    """Return `call`, which returns a bare value if it's one, made to return what the user asked for."""
    keys = maker.output_keys
    single = len(maker.linked.plan.outputs) == 1
    if keys is not None:
        if single:
            return lambda *args: {keys[0]: call(*args)}
        return lambda *args: dict(zip(keys, call(*args)))
    if single and not maker.unpack_single:
        return lambda *args: [call(*args)]
    return call
