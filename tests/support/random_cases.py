"""All distributions: for each, valid parameters, and what NumPy or SciPy draws with them.

A test of a linker takes :func:`calls` (one draw with arbitrary parameters), builds it with :meth:`Call.build`, and
compares with :meth:`Call.expected`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import hypothesis.extra.numpy as hnp
import numpy as np
import scipy.stats
from hypothesis import strategies as st

import aesaralite.tensor as at
from aesaralite.tensor.tensor_type import TensorType

Arrays = tuple[np.ndarray, ...]
Reference = Callable[..., Any]
BIT_GENERATORS = ("PCG64", "PCG64DXSM", "Philox", "SFC64", "MT19937")


@dataclass(frozen=True)
class Call:
    """One draw.

    Parameters
    ----------
    name
        Of the function in ``aesaralite.tensor.random``.
    params
        The parameters, as arrays.
    size
        The size, or None.
    options
        Further keyword arguments of the function.
    reference
        ``reference(generator, *params, size)``: the same draw by NumPy or SciPy.
    """

    name: str
    params: Arrays
    size: tuple[int, ...] | None
    options: dict[str, Any] = field(default_factory=dict)
    reference: Reference = field(repr=False, default=lambda *_: None)

    def build(self, rng: Any, params: Sequence[Any] | None = None, size: Any = None, **kwargs: Any) -> Any:
        """The draw, with variables in place of parameters and size if they are given."""
        given = {"size": self.size if size is None else size} if self.size is not None else {}
        params = self.params if params is None else params
        return getattr(at.random, self.name)(*params, rng=rng, **given, **self.options, **kwargs)

    def expected(self, generator: Any) -> np.ndarray:
        """What the draw gives; `generator` advances."""
        return np.asarray(self.reference(generator, *self.params, self.size))

    def variables(self, known: bool = False) -> list[Any]:
        """Variables for the parameters, whose types know the shapes, or only the number of dimensions."""
        return [TensorType(str(p.dtype), p.shape if known else (None,) * p.ndim)() for p in self.params]


@dataclass(frozen=True)
class Number:
    """The numbers that a parameter may be.

    Parameters
    ----------
    least, most
        The smallest and the largest.
    whole
        Whether they are integers.
    special
        Values that are as likely as all others together.
    """

    least: float
    most: float
    whole: bool = False
    special: tuple[float, ...] = ()

    def dtypes(self) -> st.SearchStrategy[str]:
        return st.sampled_from(["int64", "int32", "uint16"] if self.whole else ["float64", "float64", "float32"])

    def arrays(self, dtype: str, shape: tuple[int, ...]) -> st.SearchStrategy[np.ndarray]:
        if self.whole:
            elements: Any = st.integers(int(self.least), int(self.most))
        else:
            # what float32 holds is within the limits, too
            least, most = (float(np.float32(x)) for x in (self.least, self.most))
            elements = st.floats(least, most, width=32 if dtype == "float32" else 64)
        if self.special:
            elements = st.sampled_from(self.special) | elements
        return hnp.arrays(dtype, shape, elements=elements)


@dataclass(frozen=True)
class Elementwise:
    """A distribution whose parameters are numbers.

    Parameters
    ----------
    numbers
        What each parameter may be.
    reference
        ``reference(generator, *params, size)``.
    together
        Makes parameters that go together of those drawn on their own.
    legacy
        Whether a `RandomState` has it, and for the same parameters.
    """

    numbers: tuple[Number, ...]
    reference: Reference
    together: Callable[..., Sequence[Any]] = lambda *params: params
    legacy: bool = True


def numpys(method: str) -> Reference:
    """A method of NumPy's generators."""
    return lambda generator, *args: getattr(generator, method)(*args[:-1], size=args[-1])


def scipys(name: str, arranged: Callable[..., tuple[tuple[Any, ...], dict[str, Any]]]) -> Reference:
    """A distribution of SciPy's; `arranged` says which parameters are positional, and which are `loc` and `scale`."""

    def reference(generator: Any, *args: Any) -> Any:
        *params, size = args
        params = [param.astype("float64") if param.dtype.kind == "f" else param for param in params]
        positional, named = arranged(*params)
        draw = getattr(scipy.stats, name).rvs(*positional, **named, size=size, random_state=generator)
        # SciPy drops leading dimensions of size 1
        return np.reshape(draw, np.broadcast_shapes(*(p.shape for p in params)) if size is None else size)

    return reference


def _first_then_loc_scale(*params: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    *first, loc, scale = params
    return tuple(first), {"loc": loc, "scale": scale}


def _first_then_scale(*params: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    *first, scale = params
    return tuple(first), {"scale": scale}


def _sums(*params: Any) -> list[Any]:
    """What comes of adding each parameter to those before it."""
    total, sums = params[0], [params[0]]
    for param in params[1:]:
        total = total + param
        sums.append(total)
    return sums


def _sample(good: Any, bad: Any, sample: Any) -> tuple[Any, Any, Any]:
    return good, bad, sample % (good.astype("int64") + bad + 1)


REAL = Number(-1e3, 1e3)
SCALE = Number(0.0, 1e3, special=(0.0, 1.0))
# SciPy draws nothing where all scales are 0
POSITIVE_SCALE = Number(1e-3, 1e3, special=(1.0,))
SHAPE = Number(1e-2, 1e2, special=(0.5, 1.0, 2.0))
FREEDOM = Number(0.1, 1e2, special=(1.0, 2.0))
CHANCE = Number(0.0, 1.0, special=(0.0, 0.5, 1.0))
COUNT = Number(0, 1000, whole=True)

LOC_SCALE = (REAL, SCALE)
SCIPY_LOC_SCALE = (REAL, POSITIVE_SCALE)

ELEMENTWISE: dict[str, Elementwise] = {
    "uniform": Elementwise(LOC_SCALE, numpys("uniform"), _sums),
    "triangular": Elementwise((REAL, SCALE, Number(0.5, 1e3)), numpys("triangular"), _sums),
    "beta": Elementwise((SHAPE, SHAPE), numpys("beta")),
    "power": Elementwise((SHAPE,), numpys("power")),
    "vonmises": Elementwise((Number(-10, 10), SCALE), numpys("vonmises")),
    "normal": Elementwise(LOC_SCALE, numpys("normal")),
    "standard_normal": Elementwise((), numpys("standard_normal")),
    "laplace": Elementwise(LOC_SCALE, numpys("laplace")),
    "logistic": Elementwise(LOC_SCALE, numpys("logistic")),
    "gumbel": Elementwise(LOC_SCALE, numpys("gumbel")),
    "cauchy": Elementwise(SCIPY_LOC_SCALE, scipys("cauchy", _first_then_loc_scale)),
    "standard_cauchy": Elementwise((), numpys("standard_cauchy")),
    "t": Elementwise((FREEDOM, *SCIPY_LOC_SCALE), scipys("t", _first_then_loc_scale)),
    "standard_t": Elementwise((FREEDOM,), numpys("standard_t")),
    "exponential": Elementwise((SCALE,), numpys("exponential")),
    "standard_exponential": Elementwise((), numpys("standard_exponential")),
    "truncexpon": Elementwise((SHAPE, *SCIPY_LOC_SCALE), scipys("truncexpon", _first_then_loc_scale)),
    "gamma": Elementwise((SHAPE, POSITIVE_SCALE), lambda rng, shape, rate, size: rng.gamma(shape, 1.0 / rate, size)),
    "standard_gamma": Elementwise((SHAPE,), numpys("standard_gamma")),
    "chisquare": Elementwise((FREEDOM,), numpys("chisquare")),
    "noncentral_chisquare": Elementwise((FREEDOM, Number(0.0, 1e2)), numpys("noncentral_chisquare")),
    "f": Elementwise((FREEDOM, FREEDOM), numpys("f")),
    "noncentral_f": Elementwise((FREEDOM, FREEDOM, Number(0.0, 1e2)), numpys("noncentral_f")),
    "invgamma": Elementwise((SHAPE, POSITIVE_SCALE), scipys("invgamma", _first_then_scale)),
    "gengamma": Elementwise(
        (SHAPE, Number(0.1, 10.0, special=(0.5, 1.0, 2.0)), POSITIVE_SCALE),
        scipys("gengamma", lambda alpha, p, lambd: ((alpha / p, p), {"scale": lambd})),
    ),
    "weibull": Elementwise((Number(0.0, 20.0, special=(1.0,)),), numpys("weibull")),
    "rayleigh": Elementwise((SCALE,), numpys("rayleigh")),
    "pareto": Elementwise((SHAPE, POSITIVE_SCALE), scipys("pareto", _first_then_scale)),
    "lognormal": Elementwise((Number(-5, 5), Number(0.0, 3.0)), numpys("lognormal")),
    "halfnormal": Elementwise(SCIPY_LOC_SCALE, scipys("halfnorm", _first_then_loc_scale)),
    "halfcauchy": Elementwise(SCIPY_LOC_SCALE, scipys("halfcauchy", _first_then_loc_scale)),
    "wald": Elementwise((Number(1e-2, 1e2), Number(1e-2, 1e2)), numpys("wald")),
    "bernoulli": Elementwise((CHANCE,), scipys("bernoulli", lambda p: ((p,), {}))),
    "binomial": Elementwise((COUNT, CHANCE), numpys("binomial")),
    "nbinom": Elementwise((SHAPE, Number(1e-2, 1.0)), scipys("nbinom", lambda n, p: ((n, p), {}))),
    "negative_binomial": Elementwise((SHAPE, Number(1e-2, 1.0)), numpys("negative_binomial")),
    "betabinom": Elementwise((COUNT, SHAPE, SHAPE), scipys("betabinom", lambda n, a, b: ((n, a, b), {}))),
    "poisson": Elementwise((Number(0.0, 1e3),), numpys("poisson")),
    "geometric": Elementwise((Number(1e-3, 1.0, special=(1.0,)),), numpys("geometric")),
    "hypergeometric": Elementwise((COUNT, COUNT, COUNT), numpys("hypergeometric"), _sample, False),
    "zipf": Elementwise((Number(1.1, 20.0),), numpys("zipf")),
    "logseries": Elementwise((Number(0.0, 0.999),), numpys("logseries")),
    "integers": Elementwise(
        (Number(0, 100, whole=True), Number(1, 1000, whole=True)), numpys("integers"), _sums, False
    ),
}
"""Distributions of numbers, by the names of their functions."""


@st.composite
def _elementwise_calls(draw: st.DrawFn, name: str) -> Call:
    case = ELEMENTWISE[name]
    count = len(case.numbers)
    if count:
        found = draw(hnp.mutually_broadcastable_shapes(num_shapes=count, max_dims=2, min_side=0, max_side=3))
        shapes, batch = found.input_shapes, found.result_shape
    else:
        shapes, batch = (), ()
    dtypes = [draw(number.dtypes()) for number in case.numbers]
    drawn = [draw(n.arrays(dtype, shape)) for n, dtype, shape in zip(case.numbers, dtypes, shapes)]
    params = tuple(np.asarray(param) for param in case.together(*drawn))
    return Call(name, params, draw(_sizes(batch)), {}, case.reference)


@st.composite
def _sizes(draw: st.DrawFn, batch: tuple[int, ...]) -> tuple[int, ...] | None:
    """A size that parameters with this batch broadcast to, or None."""
    if draw(st.booleans()):
        return None
    more = draw(hnp.array_shapes(min_dims=0 if batch else 1, max_dims=2, min_side=0, max_side=3))
    return (*more, *(draw(st.integers(0, 3)) if n == 1 else n for n in batch))


# Distributions of vectors


def _probabilities(draw: st.DrawFn, batch: tuple[int, ...], count: int) -> np.ndarray:
    weights = draw(hnp.arrays("float64", (*batch, count), elements=st.floats(0.0, 1.0) | st.just(0.0)))
    weights[..., 0] += 0.25
    return weights / weights.sum(axis=-1, keepdims=True)


@st.composite
def _batches(draw: st.DrawFn, count: int) -> tuple[Sequence[tuple[int, ...]], tuple[int, ...]]:
    if draw(st.booleans()):
        return [()] * count, ()
    found = draw(hnp.mutually_broadcastable_shapes(num_shapes=count, max_dims=2, min_side=0, max_side=3))
    return found.input_shapes, found.result_shape


def in_rows(single: Reference, cores: Sequence[int], support: Callable[..., tuple[int, ...]], dtype: str) -> Reference:
    """A draw with a batch of parameters: one after the other, in C order; in one go if there is no such batch.

    Parameters
    ----------
    single
        ``single(generator, *params, size)``, with the parameters of a single draw.
    cores
        How many dimensions each of these has.
    support
        Makes the shape of a single draw of them.
    dtype
        Of the draws.
    """

    def reference(generator: Any, *args: Any) -> Any:
        *params, size = args
        batches = [p.shape[: p.ndim - core] for p, core in zip(params, cores)]
        if not any(batches):
            return single(generator, *params, size)
        batch = np.broadcast_shapes(*batches) if size is None else size
        rows = [np.broadcast_to(p, (*batch, *p.shape[p.ndim - core :])) for p, core in zip(params, cores)]
        firsts = [np.zeros(p.shape[p.ndim - core :]) for p, core in zip(params, cores)]
        result = np.empty((*batch, *support(*firsts)), dtype=dtype)
        for index in np.ndindex(*batch):
            result[index] = single(generator, *(row[index] for row in rows), None)
        return result

    return reference


@st.composite
def _categorical(draw: st.DrawFn) -> Call:
    (shape,), batch = draw(_batches(1))
    p = _probabilities(draw, shape, draw(st.integers(1, 5)))
    # in float32 they add up to 1 as far as NumPy wants it for float32
    p = p.astype(draw(st.sampled_from(["float64", "float32"])))
    reference = in_rows(lambda rng, p, size: rng.choice(len(p), size, p=p), [1], lambda p: (), "int64")
    return Call("categorical", (p,), draw(_sizes(batch)), {}, reference)


@st.composite
def _multinomial(draw: st.DrawFn) -> Call:
    (of_n, of_p), batch = draw(_batches(2))
    n = draw(hnp.arrays(draw(st.sampled_from(["int64", "uint8"])), of_n, elements=st.integers(0, 100)))
    p = _probabilities(draw, of_p, draw(st.integers(1, 5)))
    reference = in_rows(lambda rng, n, p, size: rng.multinomial(n, p, size), [0, 1], lambda n, p: p.shape, "int64")
    return Call("multinomial", (n, p), draw(_sizes(batch)), {}, reference)


@st.composite
def _dirichlet(draw: st.DrawFn) -> Call:
    (shape,), batch = draw(_batches(1))
    count = draw(st.integers(1, 4))
    dtype = draw(st.sampled_from(["float64", "float32"]))
    # below 0.1 NumPy takes another way
    alphas = draw(
        hnp.arrays(
            dtype, (*shape, count), elements=st.floats(0.0078125, 0.09375, width=32) | st.floats(0.125, 64.0, width=32)
        )
    )
    reference = in_rows(lambda rng, alphas, size: rng.dirichlet(alphas, size), [1], np.shape, "float64")
    return Call("dirichlet", (alphas,), draw(_sizes(batch)), {}, reference)


@st.composite
def _multivariate_normal(draw: st.DrawFn) -> Call:
    (of_mean, of_cov), batch = draw(_batches(2))
    count = draw(st.integers(1, 4))
    dtype = draw(st.sampled_from(["float64", "float64", "float32"]))
    mean = draw(hnp.arrays(dtype, (*of_mean, count), elements=st.floats(-100, 100, width=32)))
    root = draw(hnp.arrays("float64", (*of_cov, count, count), elements=st.floats(-2, 2, width=16)))
    cov = (root @ np.swapaxes(root, -1, -2) + 0.5 * np.eye(count)).astype(dtype)
    method = draw(st.sampled_from(["svd", "svd", "eigh", "cholesky"]))
    reference = in_rows(
        lambda rng, mean, cov, size: rng.multivariate_normal(
            mean, cov, size, **({} if method == "svd" else {"method": method})
        ),
        [1, 2],
        lambda mean, cov: mean.shape,
        "float64",
    )
    return Call("multivariate_normal", (mean, cov), draw(_sizes(batch)), {"method": method}, reference)


@st.composite
def _multivariate_hypergeometric(draw: st.DrawFn) -> Call:
    (of_colors, of_sample), batch = draw(_batches(2))
    colors = draw(hnp.arrays("int64", (*of_colors, draw(st.integers(1, 4))), elements=st.integers(5, 50)))
    sample = draw(hnp.arrays("int64", of_sample, elements=st.integers(0, 5)))
    method = draw(st.sampled_from(["marginals", "count"]))
    reference = in_rows(
        lambda rng, c, n, size: rng.multivariate_hypergeometric(c, int(n), size, method=method),
        [1, 0],
        lambda colors, sample: colors.shape,
        "int64",
    )
    return Call("multivariate_hypergeometric", (colors, sample), draw(_sizes(batch)), {"method": method}, reference)


# What is drawn from arrays

_DTYPES = st.sampled_from(["float64", "float32", "int64", "int8", "bool"])


def _things(draw: st.DrawFn, max_dims: int, min_side: int = 1) -> np.ndarray:
    shape = draw(hnp.array_shapes(min_dims=1, max_dims=max_dims, min_side=min_side, max_side=5))
    return np.arange(np.prod(shape)).reshape(shape).astype(draw(_DTYPES))


@st.composite
def _choice(draw: st.DrawFn) -> Call:
    a = np.asarray(draw(st.integers(1, 12))) if draw(st.booleans()) else _things(draw, 3)
    axis = draw(st.integers(0, a.ndim - 1)) if a.ndim else 0
    count = a.shape[axis] if a.ndim else int(a)
    replace, shuffle = draw(st.booleans()), draw(st.booleans())
    size = draw(st.none() | hnp.array_shapes(min_dims=1, max_dims=2, min_side=0, max_side=4))
    options: dict[str, Any] = {"replace": replace, "axis": axis, "shuffle": shuffle}
    if draw(st.booleans()):
        options["p"] = _probabilities(draw, (), count)
    possible = np.count_nonzero(options["p"]) if "p" in options else count
    if not replace and size is not None and np.prod(size) > possible:
        size = (draw(st.integers(0, possible)),)
    reference = lambda rng, a, size: rng.choice(a, size, **options)  # noqa: E731
    return Call("choice", (a,), size, options, reference)


def _repeated(single: Reference) -> Reference:
    """A draw whose size makes independent copies of it."""

    def reference(generator: Any, x: Any, size: Any) -> Any:
        if size is None:
            return single(generator, x)
        shape = x.shape or (int(x),)
        copies = [single(generator, x) for _ in range(int(np.prod(size)))]
        return np.reshape(copies, (*size, *shape)) if copies else np.empty((*size, *shape), x.dtype)

    return reference


_COPIES = st.none() | hnp.array_shapes(min_dims=1, max_dims=2, min_side=0, max_side=3)


@st.composite
def _permutation(draw: st.DrawFn) -> Call:
    x = np.asarray(draw(st.integers(0, 12))) if draw(st.booleans()) else _things(draw, 3, 0)
    axis = draw(st.integers(0, x.ndim - 1)) if x.ndim else 0
    reference = _repeated(lambda rng, x: rng.permutation(x, axis=axis) if x.ndim else rng.permutation(int(x)))
    return Call("permutation", (x,), draw(_COPIES), {"axis": axis}, reference)


@st.composite
def _shuffle(draw: st.DrawFn) -> Call:
    # of an empty array NumPy's shuffle draws nothing, as there's nothing to be seen of it
    x = _things(draw, 3)
    axis = draw(st.integers(0, x.ndim - 1))

    def reference(generator: Any, x: Any, size: Any) -> Any:
        x = x.copy()
        generator.shuffle(x, axis=axis)
        return x

    return Call("shuffle", (x,), None, {"axis": axis}, reference)


@st.composite
def _permuted(draw: st.DrawFn) -> Call:
    x = _things(draw, 3, 0)
    axis = draw(st.none() | st.integers(0, x.ndim - 1))
    return Call("permuted", (x,), draw(_COPIES), {"axis": axis}, _repeated(lambda rng, x: rng.permuted(x, axis=axis)))


ARRAYS: dict[str, Callable[[], st.SearchStrategy[Call]]] = {
    "categorical": _categorical,
    "multinomial": _multinomial,
    "dirichlet": _dirichlet,
    "multivariate_normal": _multivariate_normal,
    "multivariate_hypergeometric": _multivariate_hypergeometric,
    "choice": _choice,
    "permutation": _permutation,
    "shuffle": _shuffle,
    "permuted": _permuted,
}
"""Distributions of vectors, and what is drawn from arrays."""

NAMES = (*ELEMENTWISE, *ARRAYS)
"""All distributions that a `numpy.random.Generator` draws."""


def calls(*names: str) -> st.SearchStrategy[Call]:
    """Draws with arbitrary valid parameters and sizes; of these distributions, or of any."""
    return st.sampled_from(names or NAMES).flatmap(
        lambda name: _elementwise_calls(name) if name in ELEMENTWISE else ARRAYS[name]()
    )


@st.composite
def generators(draw: st.DrawFn) -> np.random.Generator:
    """Generators of all kinds. Some have half of a 64-bit number left over, as they do after a draw of 32 bits."""
    bits = getattr(np.random, draw(st.sampled_from(BIT_GENERATORS)))
    generator = np.random.Generator(bits(draw(st.integers(0, 2**32))))
    if draw(st.booleans()):
        generator.integers(0, 10, dtype="int32")
    return generator
