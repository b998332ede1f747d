"""Running sums, repetition, positions, searches, diagonals: sizes and results that depend on what is in an array."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from support.numba_programs import compare, link

import aesaralite.tensor as at
from aesaralite.tensor.cumulative import cumprod, cumsum
from aesaralite.tensor.diagonals import AllocDiag, ExtractDiag
from aesaralite.tensor.extras import (
    Repeat,
    ravel_multi_index,
    repeat,
    searchsorted,
    unique,
    unravel_index,
)
from aesaralite.tensor.nonzeros import nonzero, nonzero_values

shapes = st.tuples(*[st.integers(0, 4)] * 3)
DTYPES = ["bool", "int8", "uint64", "float16", "float32", "float64", "complex64", "complex128"]


def values(dtype, *shape):
    rng = np.random.default_rng(sum(shape))
    parts = rng.integers(-3, 4, (2, *shape))
    return (parts[0] + 1j * parts[1] if np.dtype(dtype).kind == "c" else parts[0]).astype(dtype)


# ------------------------------------------------------------- running sums
@given(shapes)
def test_running_sums(shape):
    x = at.dtensor3("x")
    outputs = [cumsum(x, axis) for axis in (0, 1, 2, -1, None)]
    outputs += [cumprod(x, 1), cumsum(x[::-1, ::2], 1), cumsum(x.dimshuffle(2, 0, 1) * 2, -2), cumsum(x, 0).sum(1)]
    compare([x], outputs, [values("float64", *shape)])


@pytest.mark.parametrize("dtype", DTYPES)
def test_running_sums_of_each_dtype(dtype):
    x = at.tensor(dtype, shape=(None, None), name="x")
    compare([x], [cumsum(x, 0), cumsum(x, 1), cumprod(x, 0), cumprod(x, 1)], [values(dtype, 5, 4)], rtol=1e-3)


def test_running_sums_keep_nan_and_infinity():
    x = at.dvector("x")
    compare([x], [cumsum(x), cumprod(x)], [[1.0, np.inf, 0.0, -np.inf, 2.0]])


def test_running_sum_of_a_known_row():
    x = at.tensor("float64", shape=(1, None), name="x")
    compare([x], [cumsum(x, 0), cumsum(x, 1)], [values("float64", 1, 5)])


# --------------------------------------------------------------- repetition
@given(hnp.arrays("int64", st.integers(0, 6), elements=st.integers(0, 3)), st.integers(0, 3))
def test_repetition(counts, columns):
    x, repeats = at.dmatrix("x"), at.lvector("repeats")
    value = values("float64", len(counts), columns)
    outputs = [Repeat(0)(x, repeats), Repeat(1)(x.T * 2, repeats), Repeat(0)(x, repeats).sum(0)]
    compare([x, repeats], outputs, [value, counts])


@given(shapes, st.integers(0, 3))
def test_repetition_as_often_for_each(shape, count):
    x, n = at.dtensor3("x"), at.lscalar("n")
    outputs = [repeat(x, n, axis) for axis in (None, 0, -1)] + [repeat(x, 2, axis=1)]
    compare([x, n], outputs, [values("float64", *shape), count])


@pytest.mark.parametrize("counts", [[1, -1, 2], [1, 1], [1, 1, 1, 1]])
def test_repetition_errors(counts):
    x, repeats = at.dvector("x"), at.lvector("repeats")
    program = link([x, repeats], [Repeat(0)(x, repeats)])
    with pytest.raises(ValueError, match=r"repeats"):
        program.run([[np.ones(3)], [np.array(counts)]])


# ---------------------------------------------------------------- positions
@given(
    hnp.arrays("int64", hnp.array_shapes(min_dims=3, max_dims=3, min_side=0, max_side=4), elements=st.integers(0, 1))
)
def test_positions(value):
    x = at.ltensor3("x")
    outputs = [*nonzero(x), *nonzero(x[:, ::-1]), *nonzero(x.dimshuffle(1, 2, 0) > 0), nonzero_values(x + 1).sum()]
    compare([x], outputs, [value])


@pytest.mark.parametrize("dtype", DTYPES)
def test_positions_of_each_dtype(dtype):
    x = at.tensor(dtype, shape=(None, None), name="x")
    compare([x], [*nonzero(x), nonzero_values(x)], [values(dtype, 5, 4)])


def test_nan_is_not_zero():
    x = at.dvector("x")
    compare([x], list(nonzero(x)), [[0.0, np.nan, -0.0, 1.0]])


def test_a_failing_graph_with_positions_leaves_state_alone():
    x, state = at.dvector("x"), at.dvector("state")
    where = nonzero(x)[0]
    program = link([x, state], [state[where].sum(), state + 1], {state: 1})
    cell = [np.zeros(2)]
    with pytest.raises(IndexError):
        program.run([[np.ones(3)], cell])
    np.testing.assert_array_equal(cell[0], 0)


# ------------------------------------------------------- searching, distinct
@given(
    hnp.arrays("float64", st.integers(0, 9), elements=st.integers(-3, 3)),
    hnp.arrays("float64", st.integers(0, 9), elements=st.integers(-4, 4) | st.just(np.nan)),
)
def test_search(table, wanted):
    x, v = at.dvector("x"), at.dvector("v")
    order = at.argsort(x)
    outputs = [searchsorted(x[order], v), searchsorted(x[order], v, side="right"), searchsorted(x, v, sorter=order)]
    compare([x, v], outputs, [table, wanted])


def test_search_in_another_dtype():
    x, v = at.ivector("x"), at.dmatrix("v")
    compare([x, v], [searchsorted(x, v)], [[1, 3, 5], [[0.5, 3.0], [4.5, 6.0]]])


@pytest.mark.parametrize("bad", [[0, 1], [0, 1, 3], [0, -1, 1]])
def test_search_with_a_wrong_sorter(bad):
    x, s = at.dvector("x"), at.lvector("s")
    program = link([x, s], [searchsorted(x, x, sorter=s)])
    with pytest.raises(ValueError):
        program.run([[np.arange(3.0)], [np.array(bad)]])


@given(
    hnp.arrays(
        "float64", hnp.array_shapes(max_dims=2, min_dims=2, min_side=0), elements=st.integers(-2, 2) | st.just(np.nan)
    )
)
def test_distinct_elements(value):
    x = at.dmatrix("x")
    compare([x], unique(x, True, True, True), [value])


def test_distinct_integers():
    x = at.lvector("x")
    compare([x], [unique(x), *unique(x, return_counts=True)], [[3, 1, 3, 2, 1]])


# ------------------------------------------------------------- flat indices
@pytest.mark.parametrize("order", ["C", "F"])
@given(hnp.arrays("int64", (3, 2), elements=st.integers(-7, 7)), st.integers(1, 4), st.integers(1, 4))
def test_flat_indices(order, value, n, m):
    i, n_, m_ = at.lmatrix("i"), at.lscalar("n"), at.lscalar("m")
    sizes = at.stack([n_, m_])
    flat = abs(i) % (n_ * m_)
    outputs = [ravel_multi_index([i, i[:1]], sizes, mode, order) for mode in ("wrap", "clip")]
    parts = unravel_index(flat, [n_, m_], order)
    compare([i, n_, m_], [*outputs, *parts, ravel_multi_index(parts, sizes, "raise", order)], [value, n, m])


@pytest.mark.parametrize("bad", [4, -1])
def test_flat_indices_out_of_bounds(bad):
    i = at.lvector("i")
    for output in (unravel_index(i, (2, 2))[0], ravel_multi_index([i, i], (4, 4))):
        with pytest.raises(ValueError):
            link([i], [output]).run([[np.array([0, bad])]])


# ---------------------------------------------------------------- diagonals
@given(shapes, st.integers(-3, 3), st.permutations(range(3)))
def test_diagonals(shape, offset, axes):
    x, d = at.dtensor3("x"), at.dmatrix("d")
    first, second, _ = axes
    outputs = [ExtractDiag(offset, first, second)(x), AllocDiag(offset, first, second)(d), AllocDiag(offset)(d).sum(0)]
    compare([x, d], outputs, [values("float64", *shape), values("float64", *shape[:2])])
