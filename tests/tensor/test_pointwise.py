"""The public elementwise functions that are more than one scalar Op, and their names."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.evaluation import evaluate

import aesaralite.tensor as at
from aesaralite.errors import ComplexError

SPECIAL = [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 1e-9, 1 + 1e-9]

# names that NumPy has for what Aesara calls otherwise, or both have
NUMPY_NAMES = [
    "absolute",
    "add",
    "arccos",
    "acos",
    "arccosh",
    "acosh",
    "arcsin",
    "asin",
    "arcsinh",
    "asinh",
    "arctan",
    "atan",
    "arctan2",
    "atan2",
    "arctanh",
    "atanh",
    "bitwise_and",
    "bitwise_or",
    "bitwise_xor",
    "bitwise_not",
    "bitwise_invert",
    "bitwise_left_shift",
    "bitwise_right_shift",
    "cbrt",
    "ceil",
    "conj",
    "conjugate",
    "copysign",
    "cos",
    "cosh",
    "deg2rad",
    "degrees",
    "divide",
    "equal",
    "exp",
    "exp2",
    "expm1",
    "fabs",
    "float_power",
    "floor",
    "floor_divide",
    "fmax",
    "fmin",
    "fmod",
    "gcd",
    "greater",
    "greater_equal",
    "heaviside",
    "hypot",
    "invert",
    "isfinite",
    "isinf",
    "isnan",
    "lcm",
    "left_shift",
    "less",
    "less_equal",
    "log",
    "log10",
    "log1p",
    "log2",
    "logaddexp",
    "logaddexp2",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "maximum",
    "minimum",
    "mod",
    "multiply",
    "negative",
    "nextafter",
    "not_equal",
    "positive",
    "power",
    "rad2deg",
    "radians",
    "reciprocal",
    "remainder",
    "right_shift",
    "rint",
    "sign",
    "signbit",
    "sin",
    "sinh",
    "spacing",
    "sqrt",
    "square",
    "subtract",
    "tan",
    "tanh",
    "true_divide",
    "trunc",
]


@pytest.mark.parametrize("name", NUMPY_NAMES)
def test_numpys_names_do_what_numpy_does(name):
    reference, function = getattr(np, name), getattr(at, name)
    integers = name in {"gcd", "lcm"} or "shift" in name or name.startswith("bitwise") or name == "invert"
    values = [np.array([1, 2, 3]), np.array([3, 1, 2])] if integers else [np.array([0.3, 0.7]), np.array([0.9, 0.2])]
    if name in {"arccosh", "acosh"}:
        values = [value + 1 for value in values]
    values = values[: reference.nin]
    variables = [at.tensor(dtype=value.dtype, shape=(None,)) for value in values]
    got = evaluate(function(*variables), dict(zip(variables, values, strict=True)))
    np.testing.assert_allclose(got, reference(*values), rtol=1e-14)


@pytest.mark.parametrize("name", NUMPY_NAMES)
def test_numpys_functions_take_variables(name):
    ufunc = getattr(np, name)
    integers = name in {"gcd", "lcm"} or "shift" in name or name.startswith("bitwise") or name == "invert"
    x = at.lvector("x") if integers else at.dvector("x")
    built = ufunc(x, *([np.array([1, 2]) if integers else np.ones(2)] * (ufunc.nin - 1)))
    assert built.type.ndim == 1


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("abs_", "abs"),
        ("sqr", "square"),
        ("inv", "reciprocal"),
        ("sgn", "sign"),
        ("int_div", "floor_divide"),
        ("floor_div", "floor_divide"),
        ("true_div", "true_divide"),
        ("bitwise_and", "and_"),
        ("bitwise_not", "invert"),
        ("expit", "sigmoid"),
        ("log1pexp", "softplus"),
        ("digamma", "psi"),
        ("conjugate", "conj"),
        ("power", "pow"),
        ("as_tensor", "as_tensor_variable"),
    ],
)
def test_aesaras_aliases(alias, name):
    assert getattr(at, alias) is getattr(at, name)


def compute(function, *values):
    variables = [at.tensor(dtype=np.asarray(value).dtype, shape=(None,) * np.ndim(value)) for value in values]
    return evaluate(function(*variables), dict(zip(variables, values, strict=True)))


@given(
    st.lists(st.tuples(st.sampled_from(SPECIAL), st.sampled_from(SPECIAL)), min_size=1),
    st.booleans(),
)
def test_isclose(pairs, equal_nan):
    a, b = np.array(pairs).T
    got = compute(lambda x, y: at.isclose(x, y, equal_nan=equal_nan), a, b)
    np.testing.assert_array_equal(got, np.isclose(a, b, equal_nan=equal_nan))
    assert compute(lambda x, y: at.allclose(x, y, equal_nan=equal_nan), a, b) == np.allclose(a, b, equal_nan=equal_nan)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64"])
def test_isclose_of_integers(dtype):
    a, b = np.array([0, 1, 1]).astype(dtype), np.array([1, 1, 0]).astype(dtype)
    np.testing.assert_array_equal(compute(at.isclose, a, b), [False, True, False])


def test_isclose_of_integers_far_apart():
    a, b = np.array([-128, 127], "int8"), np.array([127, -128], "int8")
    np.testing.assert_array_equal(compute(at.isclose, a, b), [False, False])
    # a hundred thousandth of 128 isn't one, but of what -128 wraps around to it's less than nothing
    np.testing.assert_array_equal(compute(at.isclose, b, b), [True, True])


def test_where_and_switch():
    cond, x, y = np.array([1, 0, 2]), np.array([1.0, 2.0, 3.0]), np.array([9.0])
    np.testing.assert_array_equal(compute(at.switch, cond, x, y), [1, 9, 3])
    np.testing.assert_array_equal(compute(at.where, cond, x, y), [1, 9, 3])
    (indices,) = at.where(at.constant(cond))
    np.testing.assert_array_equal(evaluate(indices, {}), [0, 2])
    with pytest.raises(TypeError, match="both"):
        at.where(at.constant(cond), x)
    assert at.where(at.ivector(), at.fvector(), 1.5).dtype == "float32"


def test_clip():
    x = at.ivector("x")
    assert at.clip(x, 0, 10).dtype == "int32"
    np.testing.assert_array_equal(evaluate(at.clip(x, 0, 10), {x: [-5, 5, 50]}), [0, 5, 10])
    np.testing.assert_array_equal(compute(lambda x: at.clip(x, 0, 1), np.array([np.nan, 2])), [np.nan, 1])


def test_cast():
    x, z = at.dvector("x"), at.zvector("z")
    assert at.cast(x, "float64") is x
    assert at.cast(x, np.int8).dtype == "int8"
    assert x.astype("floatX") is x
    np.testing.assert_array_equal(evaluate(at.cast(x, "bool"), {x: [0.0, 0.5]}), [False, True])
    assert at.cast(z, "complex64").dtype == "complex64"
    with pytest.raises(TypeError, match="imaginary"):
        at.cast(z, "float64")
    with pytest.raises(TypeError):
        at.cast(x, "nonsense")


def test_rounding_modes():
    values = np.array([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.4])
    np.testing.assert_array_equal(compute(at.round, values), np.round(values))
    away = [-3, -2, -1, 1, 2, 3, 2]
    np.testing.assert_array_equal(compute(lambda x: at.round(x, mode="half_away_from_zero"), values), away)
    np.testing.assert_array_equal(compute(lambda x: at.iround(x, "half_away_from_zero"), values), away)
    assert at.iround(at.dvector()).dtype == "int64"
    np.testing.assert_array_equal(compute(at.round, np.array([1, 2])), [1, 2])
    with pytest.raises(ValueError, match="foo"):
        at.round(at.dvector(), mode="foo")


def test_integer_division():
    a, b = np.array([-7, 7, -7, 7, 6]), np.array([2, 2, -2, -2, 3])
    quotient, rest = (compute(lambda x, y, i=i: at.divmod(x, y)[i], a, b) for i in (0, 1))
    np.testing.assert_array_equal(quotient, a // b)
    np.testing.assert_array_equal(rest, a % b)
    np.testing.assert_array_equal(compute(at.ceil_intdiv, a, b), np.ceil(a / b))
    assert at.ceil_intdiv(at.ivector(), 2).dtype == "int32"


def test_true_division_of_integers_is_a_float():
    assert at.true_div(at.ivector(), at.ivector()).dtype == "float64"
    assert (at.bvector() / 2).dtype == "float64"
    assert (at.bvector() // 2).dtype == "int8"


def test_logical_functions_ask_for_truth():
    a, b = np.array([0, 1, 2, 0]), np.array([0.0, 0.0, 0.5, np.nan])
    for name in ("logical_and", "logical_or", "logical_xor"):
        np.testing.assert_array_equal(compute(getattr(at, name), a, b), getattr(np, name)(a, b))
    np.testing.assert_array_equal(compute(at.logical_not, b), np.logical_not(b))


def test_logaddexp_of_several():
    x = np.array([0.0, 1000.0, -np.inf])
    np.testing.assert_allclose(compute(at.logaddexp, x, x, x), x + np.log(3))
    with pytest.raises(TypeError, match="two or more"):
        at.logaddexp(at.dvector())


def test_finite_and_infinite():
    x = np.array(SPECIAL)
    for name in ("isfinite", "isinf", "isnan", "isposinf", "isneginf", "signbit", "nan_to_num"):
        np.testing.assert_array_equal(compute(getattr(at, name), x), getattr(np, name)(x))
    np.testing.assert_array_equal(
        compute(lambda x: at.nan_to_num(x, nan=1.0, posinf=2.0, neginf=3.0), x),
        np.nan_to_num(x, nan=1, posinf=2, neginf=3),
    )
    assert at.nan_to_num(at.fvector()).dtype == "float32"


def test_finite_and_infinite_complex_numbers():
    z = np.array([complex(np.inf, 1), complex(1, np.nan), complex(-np.inf, -np.inf), 2 + 1j])
    np.testing.assert_array_equal(compute(at.nan_to_num, z), np.nan_to_num(z))
    for function in (at.isposinf, at.isneginf):
        with pytest.raises(ComplexError, match="in all directions"):
            function(at.zvector("z"))


def test_complex_from_polar_of_two_precisions():
    r, angle = np.array([1.0]), np.array([0.1], "float32")
    np.testing.assert_allclose(
        compute(at.complex_from_polar, r, angle), np.exp(1j * angle.astype("float64")), rtol=1e-14
    )


def test_sinc():
    x = np.array([-1.5, 0.0, 0.3, 1.0])
    np.testing.assert_allclose(compute(at.sinc, x), np.sinc(x), atol=1e-16)


def test_complex_parts():
    z = np.array([1 + 2j, -3j])
    for name in ("real", "imag", "conj", "angle", "abs"):
        np.testing.assert_allclose(compute(getattr(at, name), z), getattr(np, name)(z))
    x = at.dvector("x")
    assert at.conj(x) is x
    np.testing.assert_array_equal(compute(at.complex, np.array([1.0]), np.array([2.0])), [1 + 2j])


def test_functions_are_documented():
    assert "exponential" in at.exp.__doc__
    assert "zero" in at.logical_and.__doc__
