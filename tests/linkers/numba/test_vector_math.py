"""The linker's own mathematical functions: errors, special values, and the same bits wherever an element is."""

import functools
import math

import llvmlite.ir as ir
import mpmath
import numpy as np
import pytest
from aesaralite_numba import machine
from aesaralite_numba.emit.dtypes import F32, F64, I64, VOID
from aesaralite_numba.emit.loops import counted, element
from aesaralite_numba.emit.vector_math import FUNCTIONS, vector_function

import aesaralite
import aesaralite.tensor as at

DTYPES = ["float64", "float32"]
#: Units in the last place.  The documentation promises 2; a formula that gets worse than this has lost something.
WORST = 1.5
EXACT = {
    "exp": mpmath.exp,
    "exp2": lambda x: mpmath.mpf(2) ** x,
    "expm1": mpmath.expm1,
    "log": mpmath.log,
    "log2": lambda x: mpmath.log(x, 2),
    "log10": mpmath.log10,
    "log1p": mpmath.log1p,
    "tanh": mpmath.tanh,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
}
LOGARITHMS = ("log", "log2", "log10")


@functools.cache
def compiled(name, dtype, ndim=1):
    x = at.tensor(dtype, shape=(None,) * ndim, name="x")
    return aesaralite.function([x], getattr(at, name)(x), mode="NUMBA")


def bits(x):
    """Its bits, with NaNs alike."""
    x = np.where(np.isnan(x), x.dtype.type(np.nan), x)
    return x.view(f"u{x.itemsize}")


def neighbours(values, dtype):
    values = np.array(values, dtype)
    with np.errstate(over="ignore"):
        return np.concatenate([np.nextafter(values, dtype(-np.inf)), values, np.nextafter(values, dtype(np.inf))])


def arguments(name, dtype, count=150):
    """Numbers of every size, subnormal ones too, and those where formulas change."""
    rng = np.random.default_rng(3)
    dtype = np.dtype(dtype)
    info = np.finfo(dtype)
    unsigned = np.dtype(f"u{dtype.itemsize}")
    top = math.log(float(info.max)) * 1.06
    where = [0, 1, -1, 2, -2, 0.5, -0.5, 10, 0.1, info.tiny, info.eps, info.eps / 4, info.max, 2**0.5, 0.5**0.5]
    where += [math.log(2.0) * k / 2 for k in range(-9, 10)]
    where += [
        s * v for s in (-1, 1) for v in (math.log(float(info.max)), 22.0, 9.0, 37.5, 17.4, 87.5, 104.0, 708.5, 745.2)
    ]
    parts = [
        rng.integers(0, 2 ** (8 * dtype.itemsize) - 1, count, dtype=unsigned).view(dtype),
        rng.integers(1, 2**info.nmant, count // 5, dtype=unsigned).view(dtype),
        rng.uniform(-1, 1, count),
        rng.uniform(-4, 4, 2 * count),
        rng.uniform(-top, top, 2 * count),
        rng.uniform(info.minexp - info.nmant, info.maxexp, count),
        np.exp(rng.uniform(-40, 40, count)),
        -np.exp(rng.uniform(-40, 0, count)),
        1 + 0.001 * rng.normal(size=count),
        neighbours(where, dtype.type),
    ]
    with np.errstate(all="ignore"):
        x = np.concatenate([part.astype(dtype) for part in parts])
    x = x[np.isfinite(x)]
    if name in LOGARITHMS:
        return x[x > 0]
    return x[x > -1] if name == "log1p" else x


def exactly(name, x):
    """The function of a float, with more digits than any result has."""
    if name in (*LOGARITHMS, "log1p"):
        lost = abs(math.frexp(x)[1])
    else:
        # what lies beyond differs from 0, 1, x or infinity by nothing that a float shows
        if name == "softplus" and x > 2000:
            return mpmath.mpf(x)
        x = max(min(x, 2000.0), -2000.0)
        lost = max(-math.frexp(x)[1], int(1.5 * abs(x)))
    # 1 + x and 1 + exp(x) keep the smaller part
    with mpmath.workprec(130 + lost):
        return EXACT[name](mpmath.mpf(x))


def units_off(name, x, y):
    """How many units in the last place of the exact result `y` is away, at the worst of `x`; and there."""
    info = np.finfo(x.dtype)
    half_beyond = float(info.max) * (1 + mpmath.ldexp(1, -info.nmant - 2))
    worst = 0.0, None
    for argument, got in zip(x.tolist(), y.tolist(), strict=True):
        with mpmath.workprec(130):
            exact = exactly(name, argument)
            exponent = max(int(mpmath.frexp(exact)[1]) - info.nmant - 1, info.minexp - info.nmant)
            if math.isinf(got):
                error = 0.0 if exact >= half_beyond else math.inf
            else:
                error = float(abs(got - exact) / mpmath.ldexp(1, exponent))
        if not error <= worst[0]:
            worst = error, argument
    return worst


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_results_are_near_over_the_whole_range(name, dtype):
    x = arguments(name, dtype)
    y = compiled(name, dtype)(x)
    assert y.dtype == x.dtype
    error, where = units_off(name, x, y)
    assert error <= WORST, f"{name}({where!r}) is {error} units in the last place off"


INF, NAN = math.inf, math.nan
SPECIAL = {
    "exp": [(0.0, 1.0), (-0.0, 1.0), (INF, INF), (-INF, 0.0), (1e4, INF), (-1e4, 0.0)],
    "exp2": [
        (0.0, 1.0),
        (-0.0, 1.0),
        (INF, INF),
        (-INF, 0.0),
        (1e4, INF),
        (-1e4, 0.0),
        (3.0, 8.0),
        (-3.0, 0.125),
        (100.0, 2.0**100),
    ],
    "expm1": [(INF, INF), (-INF, -1.0), (-100.0, -1.0), (1e4, INF)],
    "log": [(0.0, -INF), (-0.0, -INF), (1.0, 0.0), (INF, INF), (-INF, NAN), (-1.0, NAN), (-1e-40, NAN)],
    "log2": [(0.0, -INF), (1.0, 0.0), (INF, INF), (-1.0, NAN), (8.0, 3.0), (2.0**-100, -100.0)],
    "log10": [(0.0, -INF), (1.0, 0.0), (INF, INF), (-1.0, NAN), (10.0, 1.0), (1e10, 10.0)],
    "log1p": [(-1.0, -INF), (INF, INF), (-INF, NAN), (-1.5, NAN)],
    "tanh": [(INF, 1.0), (-INF, -1.0), (100.0, 1.0), (-100.0, -1.0)],
    "sigmoid": [(0.0, 0.5), (-0.0, 0.5), (INF, 1.0), (-INF, 0.0), (1e4, 1.0), (-1e4, 0.0)],
    "softplus": [(INF, INF), (-INF, 0.0), (1e4, 1e4), (-1e4, 0.0)],
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_special_values_are_exact(name, dtype):
    x, y = np.array([*SPECIAL[name], (NAN, NAN)]).astype(dtype).T.copy()
    np.testing.assert_array_equal(bits(compiled(name, dtype)(x)), bits(y))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["expm1", "log1p", "tanh"])
def test_small_numbers_and_the_sign_of_zero_stay(name, dtype):
    info = np.finfo(dtype)
    x = np.array([0.0, info.smallest_subnormal, 3 * info.smallest_subnormal, info.tiny, info.eps**2], dtype)
    x = np.concatenate([x, -x])
    np.testing.assert_array_equal(bits(compiled(name, dtype)(x)), bits(x))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["log2", "exp2"])
def test_powers_of_two_are_exact(name, dtype):
    info = np.finfo(dtype)
    exponents = np.arange(info.minexp - info.nmant, info.maxexp).astype(dtype)
    powers = np.ldexp(np.ones_like(exponents), exponents.astype(int))
    x, y = (powers, exponents) if name == "log2" else (exponents, powers)
    np.testing.assert_array_equal(compiled(name, dtype)(x), y)


@pytest.mark.parametrize(("dtype", "largest"), [("float64", 22), ("float32", 10)])
def test_logarithms_of_powers_of_ten_are_exact(dtype, largest):
    exponents = np.arange(largest + 1)
    np.testing.assert_array_equal(
        compiled("log10", dtype)(np.array([10**k for k in exponents.tolist()], dtype)), exponents
    )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_element_has_the_same_bits_wherever_it_is(name, dtype):
    rng = np.random.default_rng(5)
    x = (rng.normal(size=203) * 8).astype(dtype)
    x[:6] = [0.0, INF, -INF, NAN, 1e-40, -200.0]
    f = compiled(name, dtype)
    whole = bits(f(x))
    for start, stop in [(0, 1), (1, 2), (1, 4), (1, 66), (2, 203), (3, 40), (7, 15), (100, 203)]:
        np.testing.assert_array_equal(bits(f(x[start:stop])), whole[start:stop])
    np.testing.assert_array_equal(bits(f(x[::3])), whole[::3])
    np.testing.assert_array_equal(bits(f(x[::-1])), whole[::-1])
    number = compiled(name, dtype, 0)
    alone = np.array([number(value) for value in x[:40]], dtype)
    np.testing.assert_array_equal(bits(alone), whole[:40])


@pytest.mark.parametrize("kind", [F64, F32], ids=DTYPES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_loops_over_them_vectorise(name, kind):
    triple, _, features = machine.processor()
    if "+fma" not in features.split(",") and not triple.startswith(("aarch64", "arm64")):
        pytest.skip("this processor has no fused multiply-add")
    module = ir.Module()
    function = ir.Function(module, ir.FunctionType(VOID, [kind.as_pointer()] * 2 + [I64]), "loop")
    source, target, count = function.args
    for pointer in (source, target):
        pointer.add_attribute("noalias")
    b = ir.IRBuilder(function.append_basic_block())
    with counted(b, I64(0), count) as i:
        b.store(vector_function(b, name, b.load(element(b, source, i))), element(b, target, i))
    b.ret_void()
    text = str(machine.optimise(str(module)))
    assert f" x {kind}> @llvm.fma.v" in text
    assert "call " + str(kind) + " @vector_" not in text
