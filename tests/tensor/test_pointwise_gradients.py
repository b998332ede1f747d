"""Every elementwise function's gradient, against finite differences; then the gradient's own gradient."""

import numpy as np
import pytest
from support.evaluation import evaluate

import aesaralite.tensor as at
from aesaralite import scalar as aes
from aesaralite.autodiff.reverse import grad
from aesaralite.tensor.elementwise import Elemwise
from aesaralite.tensor.type import TensorType

POSITIVE = np.array([0.31, 1.27, 2.61, 3.73])
SIGNED = np.array([-1.71, -0.43, 0.37, 1.19])
UNIT = np.array([-0.83, -0.31, 0.27, 0.71])
PROBABILITY = np.array([0.11, 0.37, 0.62, 0.89])
NEGATIVE = -POSITIVE
ABOVE_ONE = POSITIVE + 1.0

CASES = {
    "add": (SIGNED, POSITIVE, UNIT),
    "sub": (SIGNED, POSITIVE),
    "mul": (SIGNED, POSITIVE, UNIT),
    "true_div": (SIGNED, POSITIVE),
    "mod": (SIGNED, POSITIVE),
    "fmod": (SIGNED, POSITIVE),
    "pow": (POSITIVE, SIGNED),
    "neg": (SIGNED,),
    "positive": (SIGNED,),
    "abs": (SIGNED,),
    "sqr": (SIGNED,),
    "sqrt": (POSITIVE,),
    "cbrt": (SIGNED,),
    "reciprocal": (SIGNED,),
    "maximum": (SIGNED, UNIT),
    "minimum": (SIGNED, UNIT),
    "fmax": (SIGNED, UNIT),
    "fmin": (SIGNED, UNIT),
    "hypot": (SIGNED, POSITIVE),
    "exp": (SIGNED,),
    "exp2": (SIGNED,),
    "expm1": (SIGNED,),
    "log": (POSITIVE,),
    "log2": (POSITIVE,),
    "log10": (POSITIVE,),
    "log1p": (POSITIVE,),
    "sigmoid": (SIGNED,),
    "softplus": (SIGNED,),
    "log1mexp": (NEGATIVE,),
    "logaddexp": (SIGNED, POSITIVE),
    "logaddexp2": (SIGNED, POSITIVE),
    "sin": (SIGNED,),
    "cos": (SIGNED,),
    "tan": (UNIT,),
    "arcsin": (UNIT,),
    "arccos": (UNIT,),
    "arctan": (SIGNED,),
    "arctan2": (SIGNED, POSITIVE),
    "sinh": (SIGNED,),
    "cosh": (SIGNED,),
    "tanh": (SIGNED,),
    "arcsinh": (SIGNED,),
    "arccosh": (ABOVE_ONE,),
    "arctanh": (UNIT,),
    "deg2rad": (SIGNED,),
    "rad2deg": (SIGNED,),
    "sinc": (SIGNED,),
    "erf": (SIGNED,),
    "erfc": (SIGNED,),
    "erfcx": (SIGNED,),
    "erfinv": (UNIT,),
    "erfcinv": (PROBABILITY,),
    "owens_t": (SIGNED, UNIT),
    "gamma": (POSITIVE,),
    "gammaln": (POSITIVE,),
    "psi": (POSITIVE,),
    "tri_gamma": (POSITIVE,),
    "j0": (SIGNED,),
    "j1": (SIGNED,),
    "i0": (SIGNED,),
    "i1": (SIGNED,),
    "xlogx": (POSITIVE,),
    "xlogy": (POSITIVE, ABOVE_ONE),
}

# derivatives that have no derivative themselves, or too steep a one for differences
FIRST_ONLY = {
    "gammainc": (POSITIVE, ABOVE_ONE),
    "gammaincc": (POSITIVE, ABOVE_ONE),
    "gammaincinv": (POSITIVE, PROBABILITY),
    "gammainccinv": (POSITIVE, PROBABILITY),
    "gammal": (POSITIVE, ABOVE_ONE),
    "gammau": (POSITIVE, ABOVE_ONE),
    "chi2sf": (ABOVE_ONE, POSITIVE),
    "betainc": (POSITIVE, ABOVE_ONE, PROBABILITY),
    "betaincinv": (POSITIVE, ABOVE_ONE, PROBABILITY),
    "hyp2f1": (POSITIVE, UNIT, ABOVE_ONE, UNIT),
    "copysign": (SIGNED, UNIT),
}

WEIGHTS = np.array([0.7, -1.3, 0.4, 1.1])


def weighted_sum(function, arrays, weights=WEIGHTS):
    variables = [at.dvector(f"x{i}") for i in range(len(arrays))]
    return variables, (function(*variables) * weights).sum()


def differences(cost, variables, arrays, step=1e-6):
    """Central differences of a scalar with respect to each element of each array."""
    results = []
    for i, array in enumerate(arrays):
        slope = np.zeros_like(array)
        for j in range(array.size):
            ends = []
            for sign in (1, -1):
                moved = [a.copy() for a in arrays]
                moved[i][j] += sign * step
                ends.append(evaluate(cost, dict(zip(variables, moved))))
            slope[j] = (ends[0] - ends[1]) / (2 * step)
        results.append(slope)
    return results


@pytest.mark.parametrize("name", [*CASES, *FIRST_ONLY])
def test_gradient_is_the_slope(name):
    arrays = {**CASES, **FIRST_ONLY}[name]
    variables, cost = weighted_sum(getattr(at, name), arrays)
    gradients = grad(cost, variables, disconnected_inputs="ignore")
    for got, expected in zip(
        evaluate(gradients, dict(zip(variables, arrays))), differences(cost, variables, arrays), strict=True
    ):
        np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("name", CASES)
def test_second_gradient_is_the_slope_of_the_first(name):
    arrays = CASES[name]
    variables, cost = weighted_sum(getattr(at, name), arrays)
    slope = sum((g * WEIGHTS[::-1]).sum() for g in grad(cost, variables, disconnected_inputs="ignore"))
    gradients = grad(slope, variables, disconnected_inputs="ignore")
    for got, expected in zip(
        evaluate(gradients, dict(zip(variables, arrays))), differences(slope, variables, arrays), strict=True
    ):
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", [*CASES, *FIRST_ONLY])
def test_float32_stays_float32(name):
    if name == "chi2sf":
        pytest.skip("computes in float64 by definition")
    arrays = {**CASES, **FIRST_ONLY}[name]
    variables = [at.fvector() for _ in arrays]
    cost = getattr(at, name)(*variables).sum()
    assert cost.dtype == "float32"
    gradients = grad(cost, variables, disconnected_inputs="ignore")
    assert {gradient.dtype for gradient in gradients} == {"float32"}
    values = evaluate(gradients, dict(zip(variables, [a.astype("float32") for a in arrays])))
    wide_variables, wide_cost = weighted_sum(getattr(at, name), arrays, np.ones(4))
    expected = evaluate(
        grad(wide_cost, wide_variables, disconnected_inputs="ignore"), dict(zip(wide_variables, arrays))
    )
    for value, wide in zip(values, expected):
        np.testing.assert_allclose(value, wide, rtol=2e-3, atol=2e-4)


def test_every_differentiable_function_is_tested():
    tested = {getattr(at, name) for name in (*CASES, *FIRST_ONLY)}
    known_zero = {at.ceil, at.floor, at.trunc, at.round_half_to_even, at.round_half_away_from_zero, at.sgn, at.int_div}
    others = {
        # tested below, or without a derivative
        *(at.switch, at.clip, at.second, at.tensor_copy, at.heaviside, at.nextafter, at.spacing),
        *(at.real, at.imag, at.angle, at.complex, at.complex_from_polar),
        *(at.polygamma, at.hyp2f1_der, at.jv, at.iv, at.ive, at.kv, at.kve),
        *(at.logaddexp2, at.gcd, at.lcm, at.left_shift, at.right_shift),
    }
    logaddexp = Elemwise(aes.logaddexp)
    for function in vars(at).values():
        if isinstance(function, Elemwise) and function not in tested | known_zero | others | {logaddexp}:
            kinds = (aes.LogicalComparison, aes.FixedLogicalComparison, aes.AND, aes.OR, aes.XOR, aes.Invert)
            assert isinstance(function.scalar_op, kinds), f"{function} has no gradient test"


@pytest.mark.parametrize("function", ["ceil", "floor", "trunc", "round_half_to_even", "sgn"])
def test_steps_have_a_zero_gradient(function):
    x = at.dvector("x")
    np.testing.assert_array_equal(evaluate(grad(getattr(at, function)(x).sum(), x), {x: SIGNED}), np.zeros(4))


@pytest.mark.parametrize("name", ["jv", "iv", "ive", "kv", "kve"])
def test_bessel_functions_in_their_number(name):
    x = at.dvector("x")
    for order in (0.0, 1.0, 1.5):
        cost = (getattr(at, name)(order, x) * WEIGHTS).sum()
        np.testing.assert_allclose(
            evaluate(grad(cost, x), {x: POSITIVE}), differences(cost, [x], [POSITIVE])[0], rtol=1e-5, atol=1e-7
        )


def test_a_bessel_function_refuses_the_gradient_in_its_order():
    order, x = at.dvector("order"), at.dvector("x")
    with pytest.raises(TypeError, match="not implemented"):
        grad(at.jv(order, x).sum(), order)


def test_polygamma_of_higher_order():
    x = at.dvector("x")
    cost = (at.polygamma(2, x) * WEIGHTS).sum()
    np.testing.assert_allclose(evaluate(grad(cost, x), {x: POSITIVE}), differences(cost, [x], [POSITIVE])[0], rtol=1e-5)


# Special points


def value_of_gradient(function, value):
    x = at.dscalar("x")
    return float(evaluate(grad(function(x), x), {x: value}))


@pytest.mark.parametrize(
    ("function", "point", "expected"),
    [
        (abs, 0.0, 0.0),
        (lambda x: x**2, 0.0, 0.0),
        (lambda x: x**1, 0.0, 1.0),
        (lambda x: x**2.0, -3.0, -6.0),
        (lambda x: x**3, -2.0, 12.0),
        (lambda x: 0.0**x, 2.0, 0.0),
        (lambda x: (x * 0.0) ** x, 2.0, 0.0),
        (lambda x: at.maximum(x, 0.0), 0.0, 1.0),
        (lambda x: at.minimum(x, 0.0), 0.0, 1.0),
        (lambda x: at.maximum(x, 0.0), -1.0, 0.0),
        (lambda x: at.clip(x, -1.0, 1.0), 2.0, 0.0),
        (lambda x: at.clip(x, -1.0, 1.0), 0.5, 1.0),
        (lambda x: at.clip(x, -1.0, 1.0), 1.0, 1.0),
        (at.sigmoid, -800.0, 0.0),
        (at.sigmoid, 800.0, 0.0),
        (at.softplus, 800.0, 1.0),
        (at.softplus, -800.0, 0.0),
        (at.log1mexp, -800.0, 0.0),
        (lambda x: at.logaddexp(x, x), -np.inf, 1.0),
        (lambda x: at.logaddexp(x, 0.0), np.inf, 1.0),
        (lambda x: at.hypot(x, 0.0), 0.0, 0.0),
        (at.sinc, 0.0, 0.0),
        (lambda x: at.switch(at.gt(x, 0), x, 2 * x), -1.0, 2.0),
        (lambda x: at.xlogy(x, 2.0), 0.0, np.log(2.0)),
        (lambda x: at.xlogy(0.0, x), 0.0, 0.0),
    ],
)
def test_gradient_at_special_points(function, point, expected):
    assert value_of_gradient(function, point) == pytest.approx(expected)


def test_a_branch_not_taken_does_not_spoil_the_gradient_of_a_maximum():
    # an infinite gradient that doesn't flow must not turn up as infinity times zero
    x, g = at.dscalar("x"), at.dscalar("g")
    gx, _ = Elemwise(aes.scalar_maximum).L_op([x, at.zeros_like(x)], [at.maximum(x, at.zeros_like(x))], [g])
    assert evaluate(gx, {x: -1.0, g: np.inf}) == 0.0


# Dtypes


def test_gradient_through_integers():
    q = at.lvector("q")
    np.testing.assert_array_equal(evaluate(grad((q * 2.0).sum(), q), {q: [1, 2]}), [2.0, 2.0])


@pytest.mark.parametrize(
    ("function", "dtype", "number"),
    [
        (lambda n, x: at.betainc(n, n, x), "int8", 100),
        (lambda n, x: at.gammainc(n, 2 * x), "uint8", 0.0),
        (lambda n, x: at.jv(n, x), "uint8", 0),
        (lambda n, x: at.pow(x, n), "uint8", 0),
        (lambda n, x: at.pow(x, n), "int8", -128),
        (lambda n, x: at.logaddexp(n, x), "bool", 1),
    ],
)
def test_integers_do_not_wrap_in_gradients(function, dtype, number):
    x = at.dscalar("x")
    beside_integer, beside_float = (
        grad(function(at.constant(np.array(number, kind)), x), x) for kind in (dtype, "float64")
    )
    got, wanted = evaluate([beside_integer, beside_float], {x: np.array(0.9)})
    np.testing.assert_allclose(got, wanted, rtol=1e-12)


@pytest.mark.parametrize("name", ["logaddexp", "hypot", "copysign", "gammainc", "erf", "log1mexp"])
def test_functions_of_booleans_have_gradients(name):
    x = at.dvector("x")
    flags = [x > 0] * getattr(aes, name).nin
    assert evaluate(grad(getattr(at, name)(*flags).sum() + x.sum(), x), {x: np.array([1.0, -1.0])}).tolist() == [1, 1]


def test_gradient_of_an_integer_result_is_zero():
    x = at.lvector("x")
    y = at.dvector("y")
    gradient = grad((at.mul(x, 2) + at.floor(y)).sum(), x, disconnected_inputs="ignore")
    assert gradient.dtype == "float64"


def test_gradient_has_the_dtype_of_a_float_input():
    narrow, wide = at.fvector("narrow"), at.dvector("wide")
    gradients = grad((narrow * wide).sum(), [narrow, wide])
    assert [gradient.dtype for gradient in gradients] == ["float32", "float64"]


# Complex numbers: the gradient has the derivatives with respect to both parts for its parts

COMPLEX = [
    lambda z: at.real(z * z),
    lambda z: at.imag(at.exp(z)),
    lambda z: abs(z),
    lambda z: at.angle(z),
    lambda z: at.real(at.log(z) * at.sin(z)),
    lambda z: at.real(z / (z + 2)),
    lambda z: at.imag(at.conj(z) * z * z),
    lambda z: at.real(at.sqrt(z)),
    lambda z: at.real(z**3),
    lambda z: at.real(at.sgn(z) * (1 + 2j)),
    lambda z: at.real(at.complex(at.real(z) * at.imag(z), at.real(z)) * z),
    lambda z: at.imag(at.complex_from_polar(at.real(z), at.imag(z))),
    lambda z: at.real(at.tanh(z) + at.arctan(z) + at.arccosh(z)),
]


@pytest.mark.parametrize("function", COMPLEX)
def test_complex_gradient(function):
    z = at.zscalar("z")
    point = 0.7 + 0.4j
    cost = function(z)
    step = 1e-6

    def slope(direction):
        ends = [evaluate(cost, {z: point + sign * step * direction}) for sign in (1, -1)]
        return (ends[0] - ends[1]) / (2 * step)

    got = evaluate(grad(cost, z), {z: point})
    assert got == pytest.approx(complex(slope(1), slope(1j)), rel=1e-6)


def test_real_input_of_a_complex_result_has_a_real_gradient():
    x = at.dscalar("x")
    cost = at.real((x * (2 + 1j)) ** 2)
    gradient = grad(cost, x)
    assert gradient.dtype == "float64"
    assert evaluate(gradient, {x: 3.0}) == pytest.approx(2 * 3.0 * ((2 + 1j) ** 2).real)


# Broadcasting

SHAPES = [
    ((3,), (3,)),
    ((1,), (3,)),
    ((3,), (1,)),
    ((1,), (1,)),
    ((2, 3), (3,)),
    ((2, 3), (1,)),
    ((1, 3), (2, 1)),
    ((2, 1), (2, 3)),
    ((), (2, 3)),
    ((2, 1, 3), (4, 1)),
]


@pytest.mark.parametrize(("x_shape", "y_shape"), SHAPES)
@pytest.mark.parametrize("known", [True, False])
def test_gradient_is_summed_over_what_was_broadcast(x_shape, y_shape, known):
    rng = np.random.default_rng(3)
    values = [rng.uniform(0.5, 1.5, shape) for shape in (x_shape, y_shape)]
    x, y = (
        TensorType("float64", value.shape if known else (None,) * value.ndim)(name)
        for value, name in zip(values, "xy", strict=True)
    )
    z = at.log(x * y + at.exp(x)) - y**2 / x
    weights = at.TensorType("float64", (None,) * z.ndim)("weights")
    weights_value = rng.normal(size=np.broadcast_shapes(x_shape, y_shape))
    gradients = grad((z * weights).sum(), [x, y])
    got = evaluate(gradients, {x: values[0], y: values[1], weights: weights_value})

    def cost(a, b):
        return ((np.log(a * b + np.exp(a)) - b**2 / a) * weights_value).sum()

    for i, gradient in enumerate(got):
        assert gradient.shape == values[i].shape
        for index in np.ndindex(values[i].shape):
            ends = []
            for sign in (1, -1):
                moved = [value.copy() for value in values]
                moved[i][index] += sign * 1e-6
                ends.append(cost(*moved))
            assert gradient[index] == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-5)


def test_equal_shapes_by_construction_need_no_sum():
    x = at.dmatrix("x")
    p = 1 / (1 + at.exp(-x))
    gradient = grad((p * at.log(p) + x).sum(), x)
    ops = {str(node.op) for node in at_nodes([gradient])}
    assert not any(op.startswith("SumToSize") for op in ops)


def at_nodes(outputs):
    from aesaralite.graph.basic import ancestors

    return {variable.owner for variable in ancestors(outputs) if variable.owner is not None}
