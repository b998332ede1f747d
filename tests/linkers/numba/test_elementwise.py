"""Elementwise graphs: dtypes, broadcasting at run time, special values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.numba_programs import compare, link

import aesaralite.tensor as at

REAL = ["float32", "float64"]
INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
COMPLEX = ["complex64", "complex128"]


def vector(dtype, name):
    return at.tensor(dtype, shape=(None,), name=name)


def numbers(dtype, seed=0, size=37):
    rng = np.random.default_rng(seed)
    kind = np.dtype(dtype).kind
    if kind == "b":
        return rng.integers(0, 2, size).astype(bool)
    if kind in "iu":
        info = np.iinfo(dtype)
        extremes = [info.min, info.max, 0, 1, 2, 3]
        few = rng.integers(max(info.min, -50), min(info.max, 50), size - len(extremes))
        return np.array([*extremes, *few.tolist()], dtype)
    values = rng.normal(scale=3, size=size)
    values[:6] = [0.0, -0.0, np.inf, -np.inf, np.nan, 1.0]
    if kind == "c":
        return (rng.normal(size=size) + 1j * rng.normal(size=size)).astype(dtype)
    return values.astype(dtype)


@pytest.mark.parametrize("dtype", ["bool", *INTEGERS, "float16", *REAL, *COMPLEX])
def test_arithmetic_in_every_dtype(dtype):
    x, y = vector(dtype, "x"), vector(dtype, "y")
    outputs = [x + y, x * y, at.eq(x, y), at.neq(x, y), at.switch(at.eq(x, y), x, y)]
    if dtype != "bool":
        outputs += [x - y, -x, abs(x)]
    if np.dtype(dtype).kind in "iuf":
        outputs += [x < y, x >= y, at.maximum(x, y), at.minimum(x, y), at.sgn(x), at.clip(x, y, y + y)]
    if np.dtype(dtype).kind in "iub":
        outputs += [x & y, x | y, x ^ y, ~x]
    tolerance = 1e-5 if dtype in ("float32", "complex64") else 2e-3 if dtype == "float16" else 1e-12
    with np.errstate(all="ignore"):
        compare([x, y], outputs, [numbers(dtype), numbers(dtype, 1)], rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("dtype", ["float64", "complex128"])
def test_a_double_becomes_the_nearest_half(dtype):
    """The ties between halves, and doubles so near to them that a float can't tell; overflow; subnormal halves."""
    halves = np.arange(0, 0x7C00, 7, dtype="uint16").view("float16").astype("float64")
    ties = (halves[:-1] + halves[1:]) / 2
    near = [np.nextafter(ties, 0), ties, np.nextafter(ties, 1e9), ties * (1 - 2**-40), ties * (1 + 2**-40)]
    values = np.concatenate([halves, *near, [65519.999999, 65520.0, 1e300, np.inf, np.nan, 1e-300, 5e-324]])
    x = vector(dtype, "x")
    signed = np.concatenate([values, -values]).astype(dtype)
    with np.errstate(all="ignore"):
        compare([x], [at.cast(at.real(x), "float16")], [signed], rtol=0, atol=0)


@pytest.mark.parametrize("dtypes", [("uint64", "int64"), ("int8", "uint64"), ("uint64", "uint8"), ("int64", "int32")])
def test_integers_of_several_dtypes_are_compared_exactly(dtypes):
    x, y = (vector(dtype, name) for dtype, name in zip(dtypes, "xy", strict=True))
    infos = [np.iinfo(dtype) for dtype in dtypes]
    close = [2**53, 2**53 + 1, 2**62, 2**62 - 1, 2**63, 2**63 - 1, 0, -1, 100]
    candidates = [[n for n in (*close, info.min, info.max) if info.min <= n <= info.max] for info in infos]
    pairs = np.array([(a, b) for a in candidates[0] for b in candidates[1]], dtype=object).T
    values = [part.astype(dtype) for part, dtype in zip(pairs, dtypes, strict=True)]
    outputs = [operation(x, y) for operation in (at.eq, at.neq, at.lt, at.le, at.gt, at.ge)]
    compare([x, y], outputs, values, lowered=False)


@pytest.mark.parametrize("dtype", INTEGERS)
def test_integer_division_and_shifts(dtype):
    x, y = vector(dtype, "x"), vector(dtype, "y")
    width = np.iinfo(dtype).bits
    shifts = np.resize(np.array([0, 1, width - 1, 3], dtype), 37)
    compare([x, y], [x // y, x % y], [numbers(dtype), numbers(dtype, 1)])
    compare([x, y], [x << y, x >> y], [numbers(dtype), shifts])


@pytest.mark.parametrize("dtype", REAL)
def test_float_division(dtype):
    x, y = vector(dtype, "x"), vector(dtype, "y")
    with np.errstate(all="ignore"):
        compare([x, y], [x // y, x % y, x / y], [numbers(dtype), numbers(dtype, 1)], rtol=1e-6)


@pytest.mark.parametrize("source", ["bool", *INTEGERS, *REAL])
def test_casts(source):
    x = vector(source, "x")
    values = numbers(source)
    if np.dtype(source).kind == "f":
        values = np.nan_to_num(np.clip(values, -100, 100), posinf=7, neginf=-7)
        targets = ["int8", "int32", "int64", "float32", "float64", "bool", "complex128"]
    else:
        targets = ["bool", *INTEGERS, *REAL, *COMPLEX]
    compare([x], [x.astype(target) for target in targets if target != source], [values])


UNARY = [
    "exp",
    "exp2",
    "expm1",
    "log",
    "log2",
    "log10",
    "log1p",
    "sqrt",
    "sin",
    "cos",
    "tan",
    "arcsin",
    "arccos",
    "arctan",
    "sinh",
    "cosh",
    "tanh",
    "arcsinh",
    "arccosh",
    "arctanh",
    "floor",
    "ceil",
    "trunc",
    "round",
    "sqr",
    "sgn",
    "isnan",
    "isinf",
    "sigmoid",
    "softplus",
    "erf",
    "erfc",
    "erfinv",
    "gammaln",
    "psi",
    "deg2rad",
    "rad2deg",
    "reciprocal",
]


@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize("dtype", REAL)
def test_functions(name, dtype):
    if not hasattr(at, name):
        pytest.skip("not in the namespace")
    x = vector(dtype, "x")
    values = numbers(dtype)
    if name in ("psi", "gammaln"):
        values = np.abs(np.nan_to_num(values, posinf=9, neginf=4)) + 0.1
    tolerance = 1e-12 if dtype == "float64" else 3e-5
    with np.errstate(all="ignore"):
        compare([x], getattr(at, name)(x), [values.astype(dtype)], rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", ["exp", "log", "sin", "cos", "tanh", "sigmoid", "log1p", "expm1"])
def test_functions_of_integers(name):
    x = vector("int32", "x")
    compare([x], getattr(at, name)(x), [np.arange(1, 6)])


def test_binary_functions():
    x, y = at.dvectors("x", "y")
    rng = np.random.default_rng(0)
    outputs = [at.arctan2(x, y), at.pow(x, y), at.logaddexp(x, y), at.hypot(x, y)]
    compare([x, y], outputs, [rng.random(20) + 0.1, rng.normal(size=20)])


def test_complex_numbers():
    z = at.zvector("z")
    x = at.dvector("x")
    value = numbers("complex128")
    outputs = [abs(z), z.real, z.imag, z.conj(), at.angle(z), z / (z + 3), z * x, at.complex(x, 2 * x)]
    compare([z, x], outputs, [value, np.arange(37.0)])


@given(st.data())
def test_unknown_sizes_broadcast_at_run_time(data):
    x, y, z = at.dmatrix("x"), at.dmatrix("y"), at.dvector("z")
    n, m = data.draw(st.integers(0, 4)), data.draw(st.integers(0, 5))
    shapes = [
        (data.draw(st.sampled_from([1, n])), data.draw(st.sampled_from([1, m]))),
        (data.draw(st.sampled_from([1, n])), data.draw(st.sampled_from([1, m]))),
        (data.draw(st.sampled_from([1, m])),),
    ]
    rng = np.random.default_rng(0)
    outputs = [x * y + z, (x + y).sum(axis=0), (x - z).sum(axis=1), (x + y + z)[1:], at.exp(x) * at.exp(y)]
    compare([x, y, z], outputs, [rng.normal(size=shape) for shape in shapes])


def test_broadcasting_of_known_sizes():
    row, column, x = at.drow("row"), at.dcol("column"), at.dmatrix("x")
    rng = np.random.default_rng(0)
    values = [rng.normal(size=shape) for shape in [(1, 5), (4, 1), (4, 5)]]
    compare([row, column, x], [row + column, x * row, x - column, row * 2, at.exp(column) + row], values)


def test_dimshuffle_is_a_view():
    x = at.dtensor3("x")
    value = np.arange(24.0).reshape(2, 3, 4)
    outputs = [x.dimshuffle(2, 0, 1), x.dimshuffle(1, "x", 0, 2) + 1, x.transpose() * x.transpose()]
    program = compare([x], outputs, [value])
    assert "0 library calls" in program.report()


def test_constants():
    x = at.dvector("x")
    large = np.random.default_rng(0).normal(size=1000)
    compare([x], [x + large, x * np.arange(1000), at.as_tensor(large)], [np.ones(1000)])


def test_a_long_chain_is_one_kernel():
    x = at.dvector("x")
    y = x
    for k in range(150):
        y = y * 1.001 + k
    program = compare([x], y, [np.linspace(0, 1, 11)])
    assert " in 1 kernel," in program.report()


def test_a_very_long_chain_is_several():
    x = at.dvector("x")
    y = x
    for k in range(1500):
        y = y * 0.999 + k
    program = compare([x], y, [np.linspace(0, 1, 11)])
    assert program.report().count("kernel for") < 20


def test_siblings_share_a_kernel():
    x, y = at.dvectors("x", "y")
    program = link([x, y], [x + y, x * y, (x - y).sum()])
    assert " in 1 kernel," in program.report()


def test_arithmetic_of_integer_constants_wraps_around():
    y = at.lvector("y")
    large, least, six = (at.constant(np.int64(n)) for n in (2**62, -(2**63), 6))
    compare([y], [large + large + y, at.cast(least - six, "float64") + y, large * six - y], [[1, -2]])
