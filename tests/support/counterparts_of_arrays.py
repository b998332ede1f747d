"""The functions of arrays that NumPy or SciPy has, too: how to call each, by name."""

import operator
from typing import Any

import numpy as np
from hypothesis import strategies as st

import aesaralite.tensor as at
from aesaralite.testing.strategies import arrays, basic_indices, broadcastable_shapes, dtypes, shapes
from support.counterparts import Call, Counterpart

ALL = "biufc"
REAL = "biuf"


@st.composite
def one(draw, kinds=ALL, shape=None, make=None, options=(), special=True, bound=10.0):
    """A call with one array, and options that depend on it: name → function of the array that gives a strategy."""
    x = draw(arrays(dtypes(kinds), shapes() if shape is None else shape, special, bound))
    drawn = {name: draw(strategy(x)) for name, strategy in dict(options).items()}
    return Call([x], drawn, make) if make else Call([x], drawn)


@st.composite
def several(draw, number, kinds=ALL, same=False, make=None, options=(), special=True, bound=10.0, min_dims=0):
    """A call with arrays whose shapes broadcast, or are the same."""
    if same:
        size = draw(shapes(min_dims))
        sizes = [size] * number
    else:
        sizes = draw(broadcastable_shapes(number))
    xs = [draw(arrays(dtypes(kinds), size, special, bound)) for size in sizes]
    drawn = {name: draw(strategy(xs[0])) for name, strategy in dict(options).items()}
    return Call(xs, drawn, make) if make else Call(xs, drawn)


def an_axis(x):
    """One axis, from either end."""
    return st.integers(-x.ndim, x.ndim - 1) if x.ndim else st.nothing()


def axis_or_none(x):
    return st.none() | an_axis(x)


def axes(x):
    """None, one axis, or some."""
    if not x.ndim:
        return st.none()
    return axis_or_none(x) | st.lists(an_axis(x), unique_by=lambda axis: axis % x.ndim, min_size=1).map(tuple)


def either(_):
    return st.booleans()


def reduction(kinds=ALL, **kwargs):
    return one(kinds, options={"axis": axes, "keepdims": either}, **kwargs)


def accumulation(**kwargs):
    return one(ALL, shape=shapes(1), options={"axis": axis_or_none}, make=_accumulate, **kwargs)


def _accumulate(f, x, axis):
    # of small integers NumPy's has the platform's integers, Aesara's those of its argument
    return f(x, axis, x.dtype) if f in (np.cumsum, np.cumprod) else f(x, axis)


def along(kinds=ALL, **kwargs):
    return one(kinds, shape=shapes(1), options={"axis": an_axis}, **kwargs)


def _shape_of(size):
    """Shapes with so many elements, one of them perhaps unknown."""
    found = [(size,), (-1,), (1, size), (size, 1), (1, -1)]
    found += [(n, size // n) for n in (2, 3, 4) if size and size % n == 0]
    return found if size else [(0,), (0, 2), (3, 0)]


@st.composite
def products(draw, *terms):
    """A call with two arrays whose shapes are made of letters: the same letter, the same size."""
    sizes = {letter: draw(st.integers(0, 4)) for letter in "abcd"}
    pair = draw(st.sampled_from(terms)).split()
    return Call([draw(arrays(dtypes("iufc"), tuple(sizes[c] for c in term), False)) for term in pair])


@st.composite
def convolved(draw):
    return Call([draw(arrays(dtypes("if"), shapes(1, 1, min_side=1), False)) for _ in range(2)])


@st.composite
def sorted_and_values(draw):
    dtype = draw(dtypes("iuf"))
    x = np.sort(draw(arrays(dtype, shapes(1, 1), special=False)))
    v = draw(arrays(dtype, shapes(), special=False))
    return Call([x, v], {"side": draw(st.sampled_from(["left", "right"]))})


@st.composite
def counts(draw):
    x = draw(arrays(st.sampled_from(["int8", "int64", "uint8", "uint16"]), shapes(1, 1), False)).copy()
    return Call([np.abs(x)], {"minlength": draw(st.none() | st.integers(0, 12))}, bincount)


def bincount(f, x, minlength):
    return f(x) if minlength is None else f(x, minlength=minlength)


@st.composite
def chosen(draw):
    number = draw(st.integers(1, 3))
    size = draw(shapes())
    dtype = draw(dtypes(ALL))
    choices = [draw(arrays(dtype, size)) for _ in range(number)]
    which = draw(arrays("int64", size, False)) % number
    return Call([which, *choices], {}, lambda f, a, *rest: f(a, list(rest)))


@st.composite
def selected(draw):
    x = draw(arrays(dtypes(ALL), shapes(1)))
    axis = draw(axis_or_none(x))
    length = x.size if axis is None else x.shape[axis]
    condition = np.array(draw(st.lists(st.booleans(), min_size=length, max_size=length)), bool)
    return Call([x], {"axis": axis}, lambda f, x, axis: f(condition, x, axis=axis))


@st.composite
def taken(draw):
    x = draw(arrays(dtypes(ALL), shapes(1, min_side=1)))
    axis = draw(axis_or_none(x))
    length = x.size if axis is None else x.shape[axis]
    shape = draw(shapes(0, 2))
    which = draw(arrays("int64", shape, False)) % (2 * length) - length
    return Call([x, which], {"axis": axis})


@st.composite
def taken_along(draw):
    x = draw(arrays(dtypes(ALL), shapes(1, min_side=1)))
    axis = draw(an_axis(x))
    shape = list(x.shape)
    shape[axis] = draw(st.integers(0, 3))
    which = draw(arrays("int64", tuple(shape), False)) % x.shape[axis]
    return Call([x, which], {"axis": axis})


@st.composite
def joined(draw, new_axis):
    x = draw(arrays(dtypes(ALL), shapes(0 if new_axis else 1)))
    rank = x.ndim + new_axis
    axis = draw(st.integers(-rank, rank - 1))
    xs = [x]
    for _ in range(draw(st.integers(0, 2))):
        shape = list(x.shape)
        if not new_axis:
            shape[axis] = draw(st.integers(0, 3))
        xs.append(draw(arrays(dtypes(ALL), tuple(shape))))
    return Call(xs, {"axis": axis}, lambda f, *xs, axis: f(list(xs), axis=axis))


@st.composite
def divided(draw):
    x = draw(arrays(dtypes(ALL), shapes(1)))
    axis = draw(an_axis(x))
    cuts = sorted(draw(st.lists(st.integers(0, x.shape[axis]), min_size=1, max_size=3)))
    sizes = np.diff([0, *cuts, x.shape[axis]])
    return Call([x], {}, lambda f, x: _split(f, x, cuts, sizes, axis))


def _split(f, x, cuts, sizes, axis):
    # Aesara's function takes the sizes of the parts, NumPy's the places between them
    return f(x, cuts, axis=axis) if f is np.split else f(x, sizes, len(sizes), axis=axis)


@st.composite
def moved(draw):
    x = draw(arrays(dtypes(ALL), shapes()))
    number = draw(st.integers(0, x.ndim))
    places = st.permutations(range(x.ndim))
    source, target = draw(places)[:number], draw(places)[:number]
    return Call([x], {}, lambda f, x: f(x, source, target))


@st.composite
def permuted(draw):
    x = draw(arrays(dtypes(ALL), shapes()))
    order = draw(st.none() | st.permutations(range(x.ndim)))
    return Call([x], {}, lambda f, x: f(x, order))


@st.composite
def expanded(draw):
    x = draw(arrays(dtypes(ALL), shapes(0, 2)))
    number = draw(st.integers(1, 2))
    rank = x.ndim + number
    axis = draw(st.lists(st.integers(-rank, rank - 1), min_size=number, max_size=number, unique_by=lambda a: a % rank))
    return Call([x], {}, lambda f, x: f(x, tuple(axis) if number > 1 else axis[0]))


@st.composite
def squeezed(draw):
    x = draw(arrays(dtypes(ALL), shapes(0, 2)))
    axis = draw(st.integers(0, x.ndim))
    # a dimension that is known to have size 1
    return Call([x], {}, lambda f, x: f(x[(slice(None),) * axis + (None,)], axis=axis))


@st.composite
def rolled(draw):
    x = draw(arrays(dtypes(ALL), shapes(1)))
    axis = draw(axis_or_none(x))
    return Call([x], {"shift": draw(st.integers(-5, 5)), "axis": axis})


@st.composite
def repeated(draw):
    x = draw(arrays(dtypes(ALL), shapes(1)))
    axis = draw(axis_or_none(x))
    length = x.size if axis is None else x.shape[axis]
    each = st.integers(0, 3) | st.lists(st.integers(0, 3), min_size=length, max_size=length).map(np.array)
    repeats = draw(each)
    return Call([x], {"axis": axis}, lambda f, x, axis: f(x, np.asarray(repeats, "int64"), axis=axis))


def number(low, high):
    return lambda _: st.integers(low, high)


@st.composite
def nothing(draw, make):
    """A call without arrays; `make` gives a strategy of what calls either function."""
    return Call([], {}, draw(make))


SMALL = st.integers(0, 4)
ODD = st.integers(-4, 4)
WHOLE = st.integers(-6, 6)
STEPS = st.integers(-3, 3).filter(bool)
REALS = st.sampled_from([-2.5, -1.0, 0.0, 0.5, 1.0, 4.0])
NAMES = st.sampled_from(["int32", "float32", "float64", "bool", "complex64"])


def _with(*strategies):
    """Calls with plain arguments."""
    return nothing(st.tuples(*strategies).map(lambda given: lambda f: f(*given)))


@st.composite
def multi_indices(draw):
    dims = draw(st.lists(st.integers(1, 4), min_size=1, max_size=3).map(tuple))
    shape = draw(shapes(0, 2))
    mode = draw(st.sampled_from(["raise", "wrap", "clip"]))
    span = 1 if mode == "raise" else 3
    parts = [draw(arrays("int64", shape, False)) % (span * n) for n in dims]
    order = draw(st.sampled_from("CF"))
    return Call(parts, {}, lambda f, *parts: f(parts, dims, mode=mode, order=order))


@st.composite
def flat_indices(draw):
    dims = draw(st.lists(st.integers(1, 4), min_size=1, max_size=3).map(tuple))
    which = draw(arrays("int64", draw(shapes(0, 2)), False)) % int(np.prod(dims))
    order = draw(st.sampled_from("CF"))
    return Call([which], {}, lambda f, which: f(which, dims, order=order))


@st.composite
def filled(draw):
    x = draw(arrays(dtypes("iuf"), shapes(2, 2, min_side=1)))
    return Call([x], {}, lambda f, x: _fill_diagonal(f, x))


def _fill_diagonal(f, x):
    if f is not np.fill_diagonal:
        return f(x, 3)
    x = np.array(x)
    np.fill_diagonal(x, 3)
    return x


@st.composite
def indexed(draw):
    x = draw(arrays(dtypes(ALL), shapes(1)))
    index = draw(basic_indices(x.shape))
    return Call([x], {}, lambda f, x: f(x, index))


@st.composite
def unique_options(draw):
    x = draw(arrays(dtypes("biuf"), shapes(), special=False))
    axis = draw(st.none() if not x.ndim or not x.size else axis_or_none(x))
    flags = draw(st.lists(st.booleans(), min_size=3, max_size=3))
    return Call([x], {}, lambda f, x: _unique(f, x, flags, axis))


def _unique(f, x, flags, axis):
    made = f(x, *flags, axis=axis)
    if f is not np.unique or not any(flags):
        return made
    # where each element is found again is a vector in Aesara
    return [made[0], *(np.ravel(part) for part in made[1:])]


@st.composite
def covariances(draw):
    x = draw(arrays(dtypes("if"), shapes(2, 2, min_side=2), special=False))
    return Call([x], {"rowvar": draw(st.booleans()), "bias": draw(st.booleans())})


@st.composite
def summed_axes(draw):
    rank = draw(st.integers(0, 2))
    shared = draw(shapes(rank, rank) if rank else st.just(()))
    first = draw(shapes(0, 1))
    second = draw(shapes(0, 1))
    a = draw(arrays(dtypes("iufc"), (*first, *shared), False))
    b = draw(arrays(dtypes("iufc"), (*shared, *second), False))
    return Call([a, b], {"axes": rank})


@st.composite
def conditioned(draw):
    sizes = draw(broadcastable_shapes(3))
    condition = draw(arrays("bool", sizes[0]))
    return Call([condition, *(draw(arrays(dtypes(ALL), size)) for size in sizes[1:])])


@st.composite
def diagonals(draw):
    x = draw(arrays(dtypes(ALL), shapes(2)))
    first, second = draw(st.permutations(range(x.ndim)))[:2]
    return Call([x], {"offset": draw(st.integers(-2, 2)), "axis1": first, "axis2": second})


def like(_):
    return st.none() | NAMES


CALLS: dict[str, Any] = {
    # reductions
    "sum": reduction(),
    # NumPy multiplies a complex number by one, which is felt by NaN
    "prod": reduction("biuf", bound=2.0) | reduction("c", bound=2.0, special=False),
    "max": reduction(REAL),
    "min": reduction(REAL),
    "mean": reduction(ALL),
    "var": reduction(ALL, special=False),
    "std": reduction(ALL, special=False),
    "all": reduction(),
    "any": reduction(),
    "argmax": one(REAL, options={"axis": axis_or_none, "keepdims": either}),
    "argmin": one(REAL, options={"axis": axis_or_none, "keepdims": either}),
    "ptp": reduction("iuf"),
    # of no elements it's an error, as the largest of none is
    "median": reduction("iuf", shape=shapes(min_side=1)),
    "cumsum": accumulation(),
    "cumprod": accumulation(bound=2.0),
    "diff": one("iufc", shape=shapes(1), options={"n": number(0, 3), "axis": an_axis}),
    "cov": covariances(),
    # sorting and sets
    "sort": one(ALL, shape=shapes(1), options={"axis": axis_or_none}),
    "argsort": one(ALL, shape=shapes(1), options={"axis": axis_or_none, "kind": lambda _: st.just("stable")}),
    "searchsorted": sorted_and_values(),
    "unique": unique_options(),
    "bincount": counts(),
    # selection
    "where": conditioned(),
    "choose": chosen(),
    "compress": selected(),
    "take": taken(),
    "take_along_axis": taken_along(),
    "nonzero": one(shape=shapes(1)),
    "flatnonzero": one(shape=shapes(1)),
    "ravel_multi_index": multi_indices(),
    "unravel_index": flat_indices(),
    # shapes
    "shape": one(make=lambda f, x: np.array(f(x), "int64") if f is np.shape else f(x)),
    "size": one(),
    "reshape": one(
        options={"shape": lambda x: st.sampled_from(_shape_of(x.size))}, make=lambda f, x, shape: f(x, shape)
    ),
    "ravel": one(),
    "transpose": permuted(),
    "swapaxes": one(shape=shapes(1), options={"a": an_axis, "b": an_axis}, make=lambda f, x, a, b: f(x, a, b)),
    "moveaxis": moved(),
    "expand_dims": expanded(),
    "squeeze": squeezed(),
    "atleast_1d": one(),
    "atleast_2d": one(),
    "atleast_3d": one(shape=shapes(3, 3)),
    "broadcast_to": one(
        options={"more": lambda _: st.lists(SMALL, max_size=2).map(tuple)},
        make=lambda f, x, more: f(x, (*more, *x.shape)),
    ),
    "broadcast_arrays": several(3, make=lambda f, *xs: f(*xs)),
    "flip": one(options={"axis": axes}),
    "roll": rolled(),
    "repeat": repeated(),
    "tile": one(
        options={"reps": lambda _: st.lists(SMALL, min_size=1, max_size=3)}, make=lambda f, x, reps: f(x, reps)
    ),
    "concatenate": joined(new_axis=False),
    "stack": joined(new_axis=True),
    "split": divided(),
    # diagonals
    "diag": one(shape=shapes(1, 2), options={"k": number(-2, 2)}),
    "diagonal": diagonals(),
    "trace": diagonals(),
    "tril": one(shape=shapes(2), options={"k": number(-2, 2)}),
    "triu": one(shape=shapes(2), options={"k": number(-2, 2)}),
    "fill_diagonal": filled(),
    "tril_indices_from": one(shape=shapes(2, 2), options={"k": number(-2, 2)}),
    "triu_indices_from": one(shape=shapes(2, 2), options={"k": number(-2, 2)}),
    # products
    "dot": products("a a", "ab b", "a ab", "ab bc"),
    "inner": products("a a", "ba a", "ba ca"),
    "outer": products("a b"),
    "vdot": products("a a"),
    "kron": products("a b", "ab cd", "ab c"),
    "matmul": products("a a", "ab b", "ab bc", "dab bc", "dab dbc", "a dab"),
    "tensordot": summed_axes(),
    "convolve": convolved(),
    # creation
    "zeros_like": one(options={"dtype": like}),
    "ones_like": one(options={"dtype": like}),
    "full_like": one("iuf", options={"dtype": like}, make=lambda f, x, dtype: f(x, 1, dtype=dtype)),
    "full": _with(st.lists(SMALL, max_size=3).map(tuple), st.sampled_from([0, 2.5, True]), NAMES),
    "ones": _with(st.lists(SMALL, max_size=3).map(tuple), NAMES),
    "zeros": _with(st.lists(SMALL, max_size=3).map(tuple), NAMES),
    "eye": _with(SMALL, SMALL, ODD),
    "tri": _with(SMALL, SMALL, ODD),
    "tril_indices": _with(SMALL, ODD, SMALL),
    "triu_indices": _with(SMALL, ODD, SMALL),
    "arange": _with(WHOLE, WHOLE, STEPS),
    "linspace": _with(REALS, REALS, st.integers(0, 5)),
    "logspace": _with(REALS, REALS, st.integers(0, 5)),
    "geomspace": _with(st.sampled_from([0.5, 1.0, 9.0]), st.sampled_from([2.0, 8.0]), st.integers(0, 5)),
    "bartlett": _with(SMALL),
    "allclose": several(2, REAL),
}

NAMESAKES = {
    **{name: Counterpart(getattr(at, name), getattr(np, name), calls) for name, calls in CALLS.items()},
    "getitem": Counterpart(operator.getitem, operator.getitem, indexed()),
}
"""By the names that both libraries have, and Python for ``x[index]``."""
