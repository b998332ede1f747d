"""Functions that NumPy has by another name, or not at all: a formula in NumPy for each, and how to call both."""

import numpy as np
from hypothesis import strategies as st

import aesaralite.tensor as at
from aesaralite.testing.strategies import arrays, basic_indices, dtypes, shapes
from support.counterparts import Call, Counterpart
from support.counterparts_of_arrays import (
    ALL,
    SMALL,
    axis_or_none,
    either,
    joined,
    number,
    one,
    products,
    several,
)


def _top(x, k, axis, places=False):
    order = np.argsort(x, axis=axis, kind="stable")
    order = np.flip(order, axis) if k > 0 else order
    order = np.take(order, np.arange(abs(k)), axis)
    return order if places else np.take_along_axis(x, order, axis)


@st.composite
def ranked(draw):
    """Distinct numbers, so that it's clear which are the largest."""
    shape = draw(shapes(1, 2, min_side=1))
    size = int(np.prod(shape))
    x = np.array(draw(st.permutations(range(size))), draw(dtypes("if"))).reshape(shape)
    axis = draw(st.integers(-x.ndim, x.ndim - 1))
    k = draw(st.integers(-x.shape[axis], x.shape[axis]).filter(bool))
    return Call([x], {"k": k, "axis": axis}, lambda f, x, k, axis: f(x, k, axis))


@st.composite
def written(draw):
    """A part of an array, and a number for it."""
    dtype = draw(dtypes("iufc"))
    x = draw(arrays(dtype, shapes(1)))
    value = draw(arrays(dtype, ()))
    return Call([x, value], {"index": draw(basic_indices(x.shape))}, lambda f, x, value, index: f(x, index, value))


def _written(x, index, value):
    x = x.copy()
    x[index] = value
    return x


def _increased(x, index, value):
    x = x.copy()
    x[index] += value
    return x


@st.composite
def permutations(draw):
    return Call([np.array(draw(st.permutations(range(draw(SMALL)))), "int64")])


@st.composite
def permuted_rows(draw):
    x = draw(arrays(dtypes(ALL), shapes(2, 2, min_side=1)))
    order = [draw(st.permutations(range(x.shape[1]))) for _ in range(x.shape[0])]
    return Call([x, np.array(order, "int64")])


@st.composite
def classes(draw):
    y = np.array(draw(st.lists(SMALL, max_size=5)), "int64")
    return Call([y], {}, lambda f, y: f(y, 5))


@st.composite
def filled_diagonals(draw):
    x = draw(arrays(dtypes("iuf"), shapes(2, 2, min_side=1)))
    offset = draw(st.integers(1 - x.shape[0], x.shape[1] - 1))
    return Call([x], {}, lambda f, x: f(x, 3, offset))


def _filled_diagonal(x, value, offset):
    return np.where(np.eye(*x.shape, k=offset, dtype=bool), np.array(value, x.dtype), x)


@st.composite
def ranges(draw):
    pairs = draw(st.lists(st.tuples(SMALL, SMALL), min_size=1, max_size=3))
    places = tuple(slice(start, start + length) for start, length in pairs)
    return Call([], {}, lambda f: list(f[places]))


@st.composite
def batches(draw):
    sizes = {letter: draw(st.integers(0, 3)) for letter in "abcd"}
    first, second = draw(st.sampled_from(["dab dbc", "dab db", "da dab"])).split()
    return Call([draw(arrays(dtypes("iufc"), tuple(sizes[c] for c in term), False)) for term in (first, second)])


@st.composite
def batches_over_axes(draw):
    n, m, k = (draw(st.integers(1, 3)) for _ in range(3))
    x, y = (draw(arrays(dtypes("if"), size, False)) for size in [(n, m, k), (n, k, m)])
    return Call([x, y], {}, lambda f, x, y: f(x, y, [(1, 2), (2, 1)]))


def _batched(function):
    def apply(x, y, *args):
        parts = [function(a, b, *args) for a, b in zip(x, y)]
        if parts:
            return np.stack(parts)
        return function(np.zeros(x.shape[1:], x.dtype), np.zeros(y.shape[1:], y.dtype), *args)[None][:0]

    return apply


def _tensordot_of_parts(a, b, axes):
    # axes count that of the batch
    return np.tensordot(a, b, [[axis - 1 for axis in part] for part in axes])


def _stacked(f, *xs):
    return f(*xs) if f in (at.horizontal_stack, at.vertical_stack) else f(xs)


@st.composite
def stacked(draw, axis):
    common = draw(SMALL)
    xs = []
    for _ in range(2):
        other = draw(SMALL)
        xs.append(draw(arrays(dtypes(ALL), (other, common) if axis == 0 else (common, other))))
    return Call(xs, {}, _stacked)


@st.composite
def lists_of_scalars(draw):
    dtype = draw(dtypes(ALL))
    xs = [draw(arrays(dtype, ())) for _ in range(4)]
    return Call(xs, {}, lambda f, a, b, c, d: f([[a, b], [c, d]]))


def _flat(x, ndim):
    return x.reshape((*x.shape[: ndim - 1], int(np.prod(x.shape[ndim - 1 :]))))


def _from_polar(r, t):
    dtype = np.result_type(r, t)
    return r.astype(dtype) * np.exp(1j * t.astype(dtype))


CASTS = st.sampled_from(["bool", "int32", "uint8", "float32", "float64"])

BY_FORMULA = {
    # made
    "alloc": Counterpart(
        at.alloc,
        lambda x, *sizes: np.broadcast_to(x, sizes).copy(),
        one(options={"more": lambda _: st.lists(SMALL, max_size=2)}, make=lambda f, x, more: f(x, *more, *x.shape)),
    ),
    "identity_like": Counterpart(
        at.identity_like, lambda x: np.eye(*x.shape, dtype=x.dtype), one("iuf", shape=shapes(2, 2))
    ),
    "mgrid": Counterpart(at.mgrid, np.mgrid, ranges()),
    "ogrid": Counterpart(at.ogrid, np.ogrid, ranges()),
    "to_one_hot": Counterpart(at.to_one_hot, lambda y, n: np.eye(n)[y], classes()),
    "stacklists": Counterpart(at.stacklists, np.array, lists_of_scalars()),
    # reshaped
    "atleast_Nd": Counterpart(
        at.atleast_Nd,
        lambda x, n: np.array(x, ndmin=n),
        one(options={"n": number(0, 4)}, make=lambda f, x, n: f(x, n=n)),
    ),
    "flatten": Counterpart(at.flatten, _flat, one(shape=shapes(1), options={"ndim": lambda x: st.integers(1, x.ndim)})),
    "shape_padaxis": Counterpart(
        at.shape_padaxis, np.expand_dims, one(options={"axis": lambda x: st.integers(-x.ndim - 1, x.ndim)})
    ),
    "shape_padleft": Counterpart(
        at.shape_padleft,
        lambda x, n: x[(None,) * n],
        one(options={"n": number(0, 2)}, make=lambda f, x, n: f(x, n)),
    ),
    "shape_padright": Counterpart(
        at.shape_padright,
        lambda x, n: x[(..., *(None,) * n)],
        one(options={"n": number(0, 2)}, make=lambda f, x, n: f(x, n)),
    ),
    "shape_i": Counterpart(
        at.shape_i,
        lambda x, i: np.array(x.shape[i]),
        one(shape=shapes(1), options={"i": lambda x: st.integers(0, x.ndim - 1)}),
    ),
    "shape_tuple": Counterpart(at.shape_tuple, lambda x: x.shape, one()),
    "broadcast_shape": Counterpart(
        at.broadcast_shape, lambda *xs: np.broadcast_shapes(*(x.shape for x in xs)), several(3)
    ),
    "join": Counterpart(lambda xs, axis: at.join(axis, *xs), np.concatenate, joined(new_axis=False)),
    "horizontal_stack": Counterpart(at.horizontal_stack, np.hstack, stacked(1)),
    "vertical_stack": Counterpart(at.vertical_stack, np.vstack, stacked(0)),
    # taken and written
    "extract_diag": Counterpart(at.extract_diag, np.diagonal, one(shape=shapes(2, 2))),
    "nonzero_values": Counterpart(at.nonzero_values, lambda x: x[np.nonzero(x)], one(shape=shapes(1))),
    "inverse_permutation": Counterpart(at.inverse_permutation, np.argsort, permutations()),
    "permute_row_elements": Counterpart(
        at.permute_row_elements, lambda x, y: np.take_along_axis(x, y, -1), permuted_rows()
    ),
    "set_subtensor": Counterpart(lambda x, index, y: at.set_subtensor(x[index], y), _written, written()),
    "inc_subtensor": Counterpart(lambda x, index, y: at.inc_subtensor(x[index], y), _increased, written()),
    "fill_diagonal_offset": Counterpart(at.fill_diagonal_offset, _filled_diagonal, filled_diagonals()),
    # sorted
    "topk": Counterpart(at.topk, _top, ranked()),
    "argtopk": Counterpart(at.argtopk, lambda x, k, axis: _top(x, k, axis, True), ranked()),
    "topk_and_argtopk": Counterpart(
        at.topk_and_argtopk, lambda x, k, axis: [_top(x, k, axis), _top(x, k, axis, True)], ranked()
    ),
    "max_and_argmax": Counterpart(
        at.max_and_argmax,
        lambda x, axis, keepdims: [np.max(x, axis=axis, keepdims=keepdims), np.argmax(x, axis=axis, keepdims=keepdims)],
        one("biuf", options={"axis": axis_or_none, "keepdims": either}),
    ),
    # numbers
    "cast": Counterpart(
        at.cast,
        lambda x, dtype: x.astype(dtype),
        one(
            "biuf", special=False, options={"dtype": lambda x: CASTS if x.size and x.min() >= 0 else st.just("float32")}
        ),
    ),
    "complex": Counterpart(at.complex, lambda a, b: a + b * a.dtype.type(1) * 1j, several(2, "f", special=False)),
    "complex_from_polar": Counterpart(
        at.complex_from_polar,
        _from_polar,
        several(2, "f", special=False).filter(lambda call: not call.arrays[0].size or call.arrays[0].min() >= 0),
    ),
    # products
    "dense_dot": Counterpart(at.dense_dot, np.dot, products("a a", "ab b", "a ab", "ab bc")),
    "batched_dot": Counterpart(at.batched_dot, _batched(np.dot), batches()),
    "batched_tensordot": Counterpart(at.batched_tensordot, _batched(_tensordot_of_parts), batches_over_axes()),
}
"""By our names."""
