"""Sorting: stable, NaN last, along any axis."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from support.numba_programs import compare

import aesaralite.tensor as at
from aesaralite.tensor.sorting import argsort, sort, topk_and_argtopk

DTYPES = ["bool", "int8", "uint8", "int64", "uint64", "float16", "float32", "float64", "complex64", "complex128"]
floats = st.integers(-3, 3).map(float) | st.sampled_from([np.nan, np.inf, -np.inf, -0.0])


@given(hnp.arrays("float64", hnp.array_shapes(min_dims=3, max_dims=3, min_side=0, max_side=4), elements=floats))
def test_every_axis(value):
    x = at.dtensor3("x")
    outputs = [f(x, axis) for f in (sort, argsort) for axis in (0, 1, 2, -1, None)]
    compare([x], [*outputs, sort(x[:, ::-1], 1), argsort(x.dimshuffle(2, 0, 1), 0), sort(x * 2, 0).sum(1)], [value])


@pytest.mark.parametrize("n", [0, 1, 15, 16, 17, 31, 32, 33, 64, 100, 1000, 4097])
def test_lengths(n):
    x = at.lvector("x")
    rng = np.random.default_rng(n)
    for value in (rng.integers(0, 10, n), rng.integers(-(2**62), 2**62, n), np.arange(n), np.arange(n)[::-1]):
        compare([x], [sort(x), argsort(x)], [value])


@pytest.mark.parametrize("dtype", DTYPES)
def test_dtypes(dtype):
    x = at.tensor(dtype, shape=(None, None), name="x")
    rng = np.random.default_rng(0)
    value = rng.integers(-4 if np.dtype(dtype).kind != "u" else 0, 4, (6, 50)).astype(dtype)
    compare([x], [sort(x), argsort(x), sort(x, 0), argsort(x, 0)], [value])


@given(hnp.arrays("complex128", st.integers(0, 40), elements=st.builds(complex, floats, floats)))
def test_complex_numbers_with_nan(value):
    x = at.zvector("x")
    compare([x], [sort(x), argsort(x)], [value])


def test_the_largest():
    x = at.dmatrix("x")
    outputs = [y for k in (1, 3, -2) for axis in (0, 1) for y in topk_and_argtopk(x, k, axis)]
    compare([x], outputs, [np.random.default_rng(0).integers(0, 9, (5, 6))])


def test_rows_are_sorted_by_one_function():
    x = at.dmatrix("x")
    report = compare([x], [sort(x), sort(x, 0), sort(x * 2)], [np.ones((2, 3))]).report()
    assert "3 library calls" in report
