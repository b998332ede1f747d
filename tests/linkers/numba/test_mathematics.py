"""The linker's own mathematical functions: errors, special values, and the same bits wherever an element is."""

import functools
import math
import re

import llvmlite.ir as ir
import mpmath
import numpy as np
import pytest
from aesaralite_numba import machine
from aesaralite_numba.emit.dtypes import F32, F64, VOID
from aesaralite_numba.emit.scalars import SCALARS
from aesaralite_numba.vector_math import coefficients
from aesaralite_numba.vector_math.code import DOUBLE, SINGLE
from aesaralite_numba.vector_math.functions import FUNCTIONS
from aesaralite_numba.vector_math.linking import PREFIX, symbol, vector_bits
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mpf
from support.exact_functions import BITS, CASES, INF, NAN, arguments, units_off

import aesaralite
import aesaralite.tensor as at
from tests.coefficients.__main__ import errors
from tests.coefficients.functions import APPROXIMATIONS

DTYPES = ["float64", "float32"]
#: Functions of one number.
OF_ONE = [name for name, function in FUNCTIONS.items() if function.arguments == 1]
KEEP_SIGN = [name for name in OF_ONE if CASES[name].odd]


@functools.cache
def compiled(name, dtype, ndim=1):
    x = at.tensor(dtype, shape=(None,) * ndim, name="x")
    return aesaralite.function([x], getattr(at, name)(x), mode="NUMBA")


def bits(x):
    """Its bits, with NaNs alike."""
    x = np.where(np.isnan(x), x.dtype.type(np.nan), x)
    return x.view(f"u{x.itemsize}")


def check(name, dtype, x):
    y = compiled(name, dtype)(x)
    assert y.dtype == x.dtype
    error, where = units_off(CASES[name], [x], y)
    assert error <= CASES[name].worst, f"{name}{where!r} is {error} units in the last place off"


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", OF_ONE)
def test_results_are_near_over_the_whole_range(name, dtype):
    check(name, dtype, arguments(CASES[name], dtype, 80))


@pytest.mark.slow
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", OF_ONE)
def test_many_results_are_near_over_the_whole_range(name, dtype):
    # these take mpmath a millisecond
    count = 2_000 if name in ("erfinv", "gammaln", "psi") else 20_000
    check(name, dtype, arguments(CASES[name], dtype, count, seed=4))


@given(name=st.sampled_from(OF_ONE), dtype=st.sampled_from(DTYPES), data=st.data())
def test_results_of_any_numbers_are_near(name, dtype, data):
    numbers = st.floats(width=32 if dtype == "float32" else 64, allow_nan=False, allow_infinity=False)
    x = np.array(data.draw(st.lists(numbers, max_size=20)), dtype)
    check(name, dtype, x[CASES[name].inside(x)])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", OF_ONE)
def test_special_values_are_exact(name, dtype):
    x, y = np.array([*CASES[name].special, (NAN, NAN)]).astype(dtype).T.copy()
    np.testing.assert_array_equal(bits(compiled(name, dtype)(x)), bits(y))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", KEEP_SIGN)
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


@pytest.mark.parametrize(("dtype", "largest"), [("float64", 1000), ("float32", 256)])
def test_cube_roots_of_cubes_are_exact(dtype, largest):
    roots = np.arange(-largest, largest + 1).astype(dtype)
    np.testing.assert_array_equal(compiled("cbrt", dtype)(roots**3), roots)


@pytest.mark.parametrize("dtype", DTYPES)
def test_sums_of_logarithms_are_near(dtype):
    x, y = at.tensor(dtype, shape=(None,), name="x"), at.tensor(dtype, shape=(None,), name="y")
    f = aesaralite.function([x, y], at.logaddexp(x, y), mode="NUMBA")
    rng = np.random.default_rng(3)
    a = np.concatenate([rng.uniform(0, 5, 300), rng.uniform(-800, -1, 300), [-INF, INF, INF, -INF, 1.0, NAN]])
    b = np.concatenate([rng.uniform(0, 5, 300), rng.uniform(-800, -1, 300), [-INF, INF, -INF, 2.0, INF, 1.0]])
    a, b = a.astype(dtype), b.astype(dtype)
    error, where = units_off(CASES["logaddexp"], [a[:600], b[:600]], f(a, b)[:600])
    assert error <= 2, where
    np.testing.assert_array_equal(f(a, b)[600:], np.array([-INF, INF, INF, 2.0, INF, NAN], dtype))


@functools.cache
def compiled_of_two(name, dtype, ndim=1):
    x, y = (at.tensor(dtype, shape=(None,) * ndim, name=name) for name in "xy")
    return aesaralite.function([x, y], getattr(at, name)(x, y), mode="NUMBA")


@pytest.mark.parametrize("dtype", DTYPES)
def test_angles_of_points_are_near(dtype):
    rng = np.random.default_rng(8)
    info = np.finfo(dtype)
    sizes = np.exp2(rng.uniform(info.minexp - info.nmant, info.maxexp, (2, 300))) * rng.choice([-1, 1], (2, 300))
    points = np.concatenate([rng.normal(size=(2, 900)), sizes, np.exp2(rng.uniform(-20, 20, (2, 300)))], axis=1)
    y, x = points.astype(dtype)
    error, where = units_off(CASES["arctan2"], [y, x], compiled_of_two("arctan2", dtype)(y, x))
    assert error <= 2, where


@pytest.mark.parametrize("dtype", DTYPES)
def test_angles_of_special_points(dtype):
    values = [0.0, -0.0, 1.0, -1.0, INF, -INF, NAN]
    y, x = (v.ravel() for v in np.meshgrid(values, values))
    expected = [math.atan2(*pair) for pair in zip(y.tolist(), x.tolist(), strict=True)]
    got = compiled_of_two("arctan2", dtype)(y.astype(dtype), x.astype(dtype))
    np.testing.assert_array_equal(bits(got), bits(np.array(expected, dtype)))


@pytest.mark.parametrize("dtype", DTYPES)
def test_logarithms_of_gamma_of_negative_numbers_are_near(dtype):
    x = -np.random.default_rng(9).uniform(0, 20, 200).astype(dtype)
    with mpmath.workprec(BITS):
        exact = np.array([float(mpmath.loggamma(mpf(v)).real) for v in x.tolist()])
    # there are zeros between whole numbers
    atol = 8 * np.finfo(dtype).eps
    np.testing.assert_allclose(compiled("gammaln", dtype)(x), exact, rtol=atol, atol=atol)


@pytest.mark.parametrize("dtype", DTYPES)
def test_psi_of_negative_numbers_is_near(dtype):
    x = -np.concatenate([np.random.default_rng(9).uniform(0, 20, 200), [1e-3, 1e-20, 1e5 + 0.25]]).astype(dtype)
    with mpmath.workprec(BITS):
        parts = [(mpmath.psi(0, 1 - mpf(v)), -mpmath.pi * mpmath.cot(mpmath.pi * mpf(v))) for v in x.tolist()]
        exact = np.array([float(a + b) for a, b in parts])
        # the two cancel between whole numbers
        larger = np.array([float(max(abs(a), abs(b))) for a, b in parts])
    assert (np.abs(compiled("psi", dtype)(x) - exact) <= 2 * np.finfo(dtype).eps * larger).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_numbers_that_the_c_library_computes_have_ours_beside_them(dtype):
    x = np.array([0.5, 1e30, 1.5, -1e20, 3e38, 0.25, -2.5, 7.0, *range(30)], dtype)
    for name in ("sin", "cos", "tan"):
        f = compiled(name, dtype)
        np.testing.assert_array_equal(bits(f(x)), bits(np.concatenate([f(x[k : k + 1]) for k in range(x.size)])))


@pytest.mark.parametrize("dtype", DTYPES)
def test_powers_are_near(dtype):
    rng = np.random.default_rng(7)
    info = np.finfo(dtype)
    count = 400
    near, wide = rng.uniform(0.7, 1.6, count), np.exp2(rng.uniform(info.minexp - info.nmant, info.maxexp - 1, count))
    base = np.concatenate([near, wide, rng.uniform(0, 5, count), -rng.uniform(0, 5, count)]).astype(dtype)
    # exponents for results of every size
    size = rng.uniform(info.minexp - info.nmant, info.maxexp, 2 * count)
    with np.errstate(all="ignore"):
        exponent = np.concatenate([size / np.log2(np.abs(base[: 2 * count])), rng.uniform(-9, 9, count),
                                   np.round(rng.uniform(-60, 60, count))]).astype(dtype)  # fmt: skip
    error, where = units_off(CASES["pow"], [base, exponent], compiled_of_two("pow", dtype)(base, exponent))
    assert error <= 1, where


@pytest.mark.parametrize("dtype", DTYPES)
def test_powers_of_special_values(dtype):
    odd, even, half = [3.0, -3.0, 1.0, -1.0], [2.0, -2.0, 1e30], [0.5, -0.5, 2.5, 1e-30]
    values = [0.0, -0.0, INF, -INF, NAN, 1e-40, -1e-40, 1e30, -1e30, *odd, *even, *half]
    x, y = (v.ravel().astype(dtype) for v in np.meshgrid(values, values))
    # the standard's table, as Python has it, but for what is an error there
    expected = np.array([python_power(*pair) for pair in zip(x.tolist(), y.tolist(), strict=True)])
    got, limits = compiled_of_two("pow", dtype)(x, y), ~np.isfinite(expected) | np.isin(expected, [0, 1, -1])
    with np.errstate(all="ignore"):
        expected = expected.astype(dtype)
    np.testing.assert_array_equal(bits(got[limits]), bits(expected[limits]))
    np.testing.assert_allclose(got, expected, rtol=2 * np.finfo(dtype).eps)


def python_power(x, y):
    try:
        return math.pow(x, y)
    except OverflowError:
        return math.copysign(INF, x) if y % 2 == 1 else INF
    except ValueError:
        if x:
            return NAN
        return math.copysign(INF, x) if y % 2 == 1 else INF


@pytest.mark.parametrize(("dtype", "limit"), [("float64", 2**53), ("float32", 2**24)])
def test_whole_powers_are_exact(dtype, limit):
    x, y = (v.ravel() for v in np.meshgrid(np.arange(-100, 101), np.arange(0, 54)))
    pairs = [(a, b, a**b) for a, b in zip(x.tolist(), y.tolist(), strict=True) if abs(a**b) <= limit]
    x, y, expected = np.array(pairs, dtype).T.copy()
    np.testing.assert_array_equal(compiled_of_two("pow", dtype)(x, y), expected)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["pow", "arctan2"])
def test_a_pair_has_the_same_bits_wherever_it_is(name, dtype):
    rng = np.random.default_rng(5)
    x, y = (rng.normal(size=(2, 83)) * 5).astype(dtype)
    x[5::9], y[::3] = 0.0, np.round(y[::3])
    f, number = compiled_of_two(name, dtype), compiled_of_two(name, dtype, 0)
    whole = bits(f(x, y))
    for start, stop in [(0, 1), (1, 2), (1, 66), (3, 40), (7, 15)]:
        np.testing.assert_array_equal(bits(f(x[start:stop], y[start:stop])), whole[start:stop])
    np.testing.assert_array_equal(bits(f(x[::-3], y[::-3])), whole[::-3])
    alone = np.array([number(a, b) for a, b in zip(x[:40], y[:40], strict=True)], dtype)
    np.testing.assert_array_equal(bits(alone), whole[:40])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", OF_ONE)
def test_an_element_has_the_same_bits_wherever_it_is(name, dtype):
    rng = np.random.default_rng(5)
    x = (rng.normal(size=203) * 8).astype(dtype)
    x[:8] = [0.0, INF, -INF, NAN, 1e-40, -200.0, 1e30, 0.9]
    f = compiled(name, dtype)
    whole = bits(f(x))
    for start, stop in [(0, 1), (1, 2), (1, 4), (1, 66), (2, 203), (3, 40), (7, 15), (100, 203)]:
        np.testing.assert_array_equal(bits(f(x[start:stop])), whole[start:stop])
    np.testing.assert_array_equal(bits(f(x[::3])), whole[::3])
    np.testing.assert_array_equal(bits(f(x[::-1])), whole[::-1])
    number = compiled(name, dtype, 0)
    alone = np.array([number(value) for value in x[:40]], dtype)
    np.testing.assert_array_equal(bits(alone), whole[:40])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_loops_over_them_vectorise(name, dtype):
    if not machine.fused():
        pytest.skip("this processor has no fused multiply-add")
    kind = "double" if dtype == "float64" else "float"
    called = symbol(name, DOUBLE if kind == "double" else SINGLE)
    count = FUNCTIONS[name].arguments
    text = str(machine.optimise(LOOP.format(kind=kind, symbol=called, kinds=", ".join([kind] * count),
                                            args=", ".join([f"{kind} %x"] * count))))  # fmt: skip
    triple, _, features = machine.processor()
    lanes = vector_bits(triple, features) // (64 if kind == "double" else 32)
    assert re.search(rf"@llvm.fma.v{lanes}f\d\d\(", text)
    loop = text.partition("vector.body:")[2].partition("br i1")[0]
    assert f"call {kind} " not in loop


LOOP = """
define void @loop(ptr noalias %source, ptr noalias %target, i64 %count) {{
entry:
  br label %body
body:
  %i = phi i64 [ 0, %entry ], [ %j, %body ]
  %from = getelementptr inbounds {kind}, ptr %source, i64 %i
  %to = getelementptr inbounds {kind}, ptr %target, i64 %i
  %x = load {kind}, ptr %from
  %y = call {kind} @"{symbol}"({args})
  store {kind} %y, ptr %to
  %j = add nuw nsw i64 %i, 1
  %more = icmp slt i64 %j, %count
  br i1 %more, label %body, label %done
done:
  ret void
}}
declare {kind} @"{symbol}"({kinds})
"""


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", OF_ONE)
def test_without_fused_multiply_add_libraries_compute_them(name, dtype, monkeypatch):
    ours = compiled(name, dtype)
    monkeypatch.setattr(machine, "fused", lambda: False)
    x = at.tensor(dtype, shape=(None,), name="x")
    with aesaralite.config.change_flags(numba__cache=False):
        f = aesaralite.function([x], getattr(at, name)(x), mode="NUMBA")
    values = arguments(CASES[name], dtype, 5)
    np.testing.assert_allclose(f(values), ours(values), rtol=1e-6 if dtype == "float32" else 1e-14)
    module = ir.Module()
    function = ir.Function(module, ir.FunctionType(VOID, [F64 if dtype == "float64" else F32]), "f")
    SCALARS[name](ir.IRBuilder(function.append_basic_block()), [function.args[0]], (dtype,), dtype)
    assert not [f.name for f in module.functions if f.name.startswith(PREFIX)]


@pytest.mark.parametrize("name", APPROXIMATIONS)
def test_tables_approximate_what_they_say(name):
    approximation = APPROXIMATIONS[name]
    names = [name] if isinstance(approximation.double, int) else [f"{name}_TOP", f"{name}_BELOW"]
    for kind, digits in (("double", 53), ("single", 24)):
        numbers = [[mpf(c) for c in getattr(getattr(coefficients, n), kind)] for n in names]
        if numbers[0]:
            assert max(abs(e) for e in errors(approximation, numbers, 30)) < mpf(2) ** -(
                approximation.needed - 53 + digits
            )


def test_floats_of_both_widths_in_one_loop():
    x, y = at.vector("x", dtype="float32"), at.dvector("y")
    f = aesaralite.function([x, y], [at.exp(x) + at.exp(y), at.exp(x) > 1], mode="NUMBA")
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=101).astype("float32"), rng.normal(size=101)
    total, above = f(a, b)
    np.testing.assert_array_equal(total, compiled("exp", "float32")(a) + compiled("exp", "float64")(b))
    np.testing.assert_array_equal(above, a > 0)
