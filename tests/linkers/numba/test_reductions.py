"""Reductions: dtypes, axes, accuracy, special values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.numba_programs import compare, link

import aesaralite.tensor as at

NAMES = ["sum", "prod", "max", "min", "any", "all", "argmax", "argmin", "mean"]


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint8", "int32", "uint64", "float32", "float64"])
@pytest.mark.parametrize("name", NAMES)
def test_every_axis(name, dtype):
    x = at.tensor(dtype, shape=(None, None, None), name="x")
    value = np.random.default_rng(0).integers(0, 3, size=(3, 4, 5)).astype(dtype)
    axes = [None, 0, 1, 2] + ([] if name.startswith("arg") else [(0, 1), (0, 2), (1, 2)])
    if dtype == "bool" and name in ("argmax", "argmin", "max", "min"):
        pytest.skip("not defined for bool")
    outputs = [getattr(x, name)(axis=axis) for axis in axes]
    compare([x], outputs, [value], rtol=1e-5)


@given(
    st.lists(st.integers(0, 4), min_size=1, max_size=3),
    st.sampled_from(["sum", "prod", "max", "argmax"]),
    st.data(),
)
def test_shapes(shape, name, data):
    if name in ("max", "argmax"):
        shape = [max(1, n) for n in shape]
    x = at.tensor("float64", shape=(None,) * len(shape), name="x")
    axis = data.draw(st.sampled_from([None, *range(len(shape))]))
    value = np.random.default_rng(len(shape)).normal(size=shape)
    compare([x], [getattr(x, name)(axis=axis), getattr(x[::-1] * 2, name)(axis=axis)], [value])


def test_float32_is_added_up_and_multiplied_in_float64():
    x = at.fmatrix("x")
    terms = np.tile(np.float32([1e8, 1.0, -1e8, 0.5]), (5, 3))
    compare([x], [x.sum(), x.sum(axis=0), x.sum(axis=1), x.mean(axis=1), (x * 2).T.sum(axis=0)], [terms])
    factors = np.tile(np.float32([1e30, 1e20, 1e-30, 1e-20]), (3, 2))
    compare([x], [x.prod(axis=1), x.T.prod(axis=0)], [factors], rtol=1e-6)


@pytest.mark.parametrize("name", ["max", "min", "argmax", "argmin", "sum", "prod"])
def test_nan_and_infinity(name):
    x = at.dmatrix("x")
    inf, nan = np.inf, np.nan
    rows = [[1, nan, 2, nan], [inf, 1, 2, inf], [-inf] * 4, [inf, -inf, 0, 0], [0.0, -0.0, 1, 1], [nan] * 4]
    with np.errstate(invalid="ignore"):
        compare([x], [getattr(x, name)(axis=1), getattr(x, name)(axis=0)], [np.array(rows)])


def test_an_empty_maximum_is_an_error():
    x = at.dmatrix("x")
    for output in (x.max(), x.argmax(axis=1)):
        program = link([x], [output])
        with pytest.raises(ValueError, match=r"zero-size array|empty"):
            program.run([[np.empty((3, 0))]])


@pytest.mark.parametrize("size", [1, 1023, 1024, 1025, 5000, 1_000_003])
def test_long_sums_are_as_accurate_as_pairwise_ones(size):
    x = at.fvector("x")
    value = np.random.default_rng(0).random(size).astype("float32") * np.float32(1.1) - np.float32(0.3)
    (got,) = link([x], [x.sum(acc_dtype="float32")]).run([[value]])
    exact = value.astype("float64").sum()
    pairwise = abs(float(value.sum()) - exact)
    assert abs(float(got) - exact) <= max(4 * pairwise, 8 * np.spacing(np.float32(exact)))


@pytest.mark.parametrize("shape", [(300_000, 3), (700, 1500), (3, 300_000)])
def test_long_sums_of_parts_are_as_accurate_as_pairwise_ones(shape):
    x = at.fmatrix("x")
    value = np.random.default_rng(0).random((shape[0], 2 * shape[1])).astype("float32")
    (got,) = link([x], [x[:, ::2].sum(acc_dtype="float32")]).run([[value]])
    exact = value[:, ::2].astype("float64").sum()
    assert abs(float(got) - exact) <= 2 * np.spacing(np.float32(exact))


def test_an_infinite_sum_isnt_spoiled_by_compensation():
    x = at.dvector("x")
    value = np.ones(5000)
    value[4000] = np.inf
    compare([x], x.sum(), [value])


def test_sums_of_transposed_and_strided():
    x = at.dmatrix("x")
    value = np.random.default_rng(0).normal(size=(50, 70))
    outputs = [x.T.sum(axis=0), x.T.sum(axis=1), x[::2, ::3].sum(), x[::-1, ::-1].sum(axis=1), (x.T * 2).max(axis=0)]
    compare([x], outputs, [value])


def test_elementwise_work_is_part_of_the_reduction():
    x, y = at.dmatrices("x", "y")
    program = link([x, y], [(at.exp(x) * y).sum(axis=1)])
    report = program.report()
    assert " in 1 kernel," in report
    assert "memory of t" not in report


def test_complex_sums():
    z = at.zmatrix("z")
    rng = np.random.default_rng(0)
    value = rng.normal(size=(30, 50)) + 1j * rng.normal(size=(30, 50))
    compare([z], [z.sum(), z.sum(axis=0), z.sum(axis=1), z.mean()], [value])
