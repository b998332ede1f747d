"""Mathematical functions of complex numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from support.numba_programs import compare

import aesaralite.tensor as at

FUNCTIONS = [
    *("sqrt", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p"),
    *("sin", "cos", "tan", "arcsin", "arccos", "arctan"),
    *("sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh"),
]
DTYPES = [("complex128", 1e-11), ("complex64", 1e-5)]


@pytest.mark.parametrize("dtype, tolerance", DTYPES)
def test_functions(dtype, tolerance):
    z = at.tensor(dtype, shape=(None,), name="z")
    rng = np.random.default_rng(0)
    value = (rng.normal(size=50) + 1j * rng.normal(size=50)).astype(dtype)
    outputs = [getattr(at, name)(z) for name in FUNCTIONS]
    compare([z], outputs, [value], rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_axes_and_infinity(name):
    z = at.zvector("z")
    parts = [0.0, 1.0, -0.5, 2.0]
    value = [complex(a, b) for a in parts for b in parts if complex(a, b) not in (1, -1, 1j, -1j)]
    if not name.startswith(("log", "arctanh")):
        value.append(complex(-np.inf, 1.0))
    with np.errstate(all="ignore"):
        compare([z], [getattr(at, name)(z)], [value], rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("dtype, tolerance", DTYPES)
def test_powers(dtype, tolerance):
    z, w = (at.tensor(dtype, shape=(None,), name=name) for name in "zw")
    rng = np.random.default_rng(1)
    base, exponent = (rng.normal(size=(2, 30)) + 1j * rng.normal(size=(2, 30))).astype(dtype)
    base[:3], exponent[:6:2] = 0, [0, 2, 0]
    with np.errstate(all="ignore"):
        compare([z, w], [z**w, z**3, abs(z) ** w], [base, exponent], rtol=tolerance, atol=tolerance)


parts = st.sampled_from([0.0, 1.0, -1.0, 2.0, np.nan])
numbers = hnp.arrays("complex128", (8,), elements=st.builds(complex, parts, parts))


@given(numbers, numbers)
def test_extremes(first, second):
    z, w = at.zvectors("z", "w")
    compare([z, w], [at.maximum(z, w), at.minimum(z, w)], [first, second])


def test_order_of_numbers_with_nan():
    numbers = np.array([complex(a, b) for a in (0, 1, np.nan) for b in (0, 1, np.nan)])
    x, y = at.zmatrix("x"), at.zvector("y")
    outputs = [order(x, y) for order in (at.lt, at.le, at.gt, at.ge)]
    compare([x, y], outputs, [numbers[:, None], numbers])
