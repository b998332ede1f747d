"""Values of scalar Ops, on arrays and on single numbers, against NumPy and SciPy in higher precision."""

import math

import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st

from aesaralite import scalar as aes

FLOATS = np.array([-np.inf, -2.5, -1.0, -0.5, -0.0, 0.0, 0.25, 0.5, 1.0, 1.5, 2.5, 30.0, np.inf, np.nan])
INTEGERS = np.array([0, 1, 2, 3, 7, 100])
DTYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
DTYPES += ["float16", "float32", "float64", "complex64", "complex128"]
TOLERANCE = {"float16": 2e-3, "float32": 2e-6, "float64": 1e-13, "complex64": 2e-6, "complex128": 1e-13}

# the special functions that SciPy has, by their names there
SCIPY = {
    **{name: name for name in ("erf", "erfc", "erfcx", "erfinv", "erfcinv", "gamma", "gammaln", "psi", "j0", "j1")},
    **{name: name for name in ("i0", "i1", "gammainc", "gammaincc", "gammaincinv", "gammainccinv", "betainc")},
    **{name: name for name in ("betaincinv", "hyp2f1", "jv", "iv", "ive", "kv", "kve", "owens_t", "polygamma")},
    "sigmoid": "expit",
    "xlogy0": "xlogy",
}


def compute(op, *arrays):
    """What an Op gives for arrays; checks the dtype."""
    dtypes = tuple(np.asarray(array).dtype.name for array in arrays)
    node = op.make_node(*(aes.get_scalar_type(dtype)() for dtype in dtypes))
    out_dtypes = tuple(output.type.dtype for output in node.outputs)
    with np.errstate(all="ignore"):
        results = op.array_function(dtypes, out_dtypes)(*arrays)
    assert [np.asarray(result).dtype.name for result in results] == list(out_dtypes)
    return results[0] if len(results) == 1 else results


def values(dtype):
    with np.errstate(all="ignore"):
        return INTEGERS.astype(dtype) if np.dtype(dtype).kind in "biu" else FLOATS.astype(dtype)


NUMPY = sorted(
    name
    for name in dir(aes)
    if isinstance(op := getattr(aes, name), aes.ScalarOp) and op.nfunc_spec and "." not in op.nfunc_spec[0]
)


@pytest.mark.parametrize("name", NUMPY)
@pytest.mark.parametrize("dtype", DTYPES)
def test_numpys_functions(name, dtype):
    op = getattr(aes, name)
    nin = op.nin if op.nin > 0 else 2
    arrays = [values(dtype), values(dtype)[::-1] if "shift" not in name else np.ones_like(values(dtype))][:nin]
    if name in ("switch", "where"):
        arrays = [values("bool")[:6], *[values(dtype)[:6]] * 2]
    try:
        op.make_node(*(aes.get_scalar_type(array.dtype)() for array in arrays))
    except TypeError:
        return
    got = compute(op, *arrays)
    with np.errstate(all="ignore"):
        # the function of NumPy, computed in the dtype of the result or a higher one
        wide = [array.astype(np.promote_types(got.dtype, array.dtype)) for array in arrays]
        if got.dtype == bool:
            wide = arrays
        expected = np.asarray(op.nfunc(*wide))
    if got.dtype.kind in "fc":
        np.testing.assert_allclose(got, expected.astype(got.dtype), rtol=TOLERANCE[got.dtype.name])
    else:
        np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("name", SCIPY)
@pytest.mark.parametrize("dtype", ["int8", "int64", "float16", "float32", "float64"])
def test_scipys_functions(name, dtype):
    op = getattr(aes, name)
    arrays = [np.array([1, 2, 3]), np.array([2, 1, 1]), np.array([4, 5, 6]), np.array([0, 0, 0])][: op.nin]
    arrays = [array.astype(dtype) * (0.25 if np.dtype(dtype).kind == "f" else 1) for array in arrays]
    arrays = [array.astype(dtype) for array in arrays]
    if name in ("jv", "iv", "ive", "kv", "kve", "polygamma"):
        arrays[0] = np.array([1, 2, 3]).astype(dtype)
    got = compute(op, *arrays)
    expected = getattr(scipy.special, SCIPY[name])(*(array.astype("float64") for array in arrays))
    np.testing.assert_allclose(got, expected, rtol=max(TOLERANCE[got.dtype.name], 1e-12) * 4)


@pytest.mark.parametrize(
    ("name", "inputs", "expected"),
    [
        ("softplus", [-1000.0], 0.0),
        ("softplus", [1000.0], 1000.0),
        ("softplus", [-40.0], math.log1p(math.exp(-40.0))),
        ("log1mexp", [-1e-20], math.log(1e-20)),
        ("log1mexp", [-50.0], -math.exp(-50.0)),
        ("log1mexp", [0.0], -math.inf),
        ("log1mexp", [-math.inf], 0.0),
        ("logaddexp", [1000.0, 1000.0], 1000.0 + math.log(2)),
        ("logaddexp", [-math.inf, -math.inf], -math.inf),
        ("sigmoid", [-1000.0], 0.0),
        ("sigmoid", [1000.0], 1.0),
        ("round_half_to_even", [2.5], 2.0),
        ("round_half_to_even", [-0.5], -0.0),
        ("round_half_away_from_zero", [2.5], 3.0),
        ("round_half_away_from_zero", [-2.5], -3.0),
        ("round_half_away_from_zero", [0.49999999999999994], 0.0),
        ("round_half_away_from_zero", [4503599627370497.0], 4503599627370497.0),
        ("xlogx", [0.0], 0.0),
        ("xlogy0", [0.0, 0.0], 0.0),
        ("chi2sf", [3.0, 2.0], math.exp(-1.5)),
        ("tri_gamma", [1.0], math.pi**2 / 6),
        ("gammal", [2.0, 1.5], 1 - 2.5 * math.exp(-1.5)),
        ("gammau", [2.0, 1.5], 2.5 * math.exp(-1.5)),
        ("clip", [3.0, 0.0, 1.0], 1.0),
        ("mean", [1.0, 2.0, 6.0], 3.0),
        ("inopenrange", [1.0, 1.0, 2.0], False),
        ("inclosedrange", [1.0, 1.0, 2.0], True),
        ("mod", [-7.0, 3.0], 2.0),
        ("fmod", [-7.0, 3.0], -1.0),
        ("complex", [1.0, math.inf], complex(1, math.inf)),
        ("complex_from_polar", [2.0, 0.0], 2 + 0j),
        ("angle", [-1.0], math.pi),
    ],
)
def test_values(name, inputs, expected):
    got = compute(getattr(aes, name), *map(np.asarray, inputs))
    np.testing.assert_allclose(got, expected, rtol=1e-14)


@pytest.mark.parametrize("name", ["add", "mul", "and_", "or_", "xor"])
@pytest.mark.parametrize("count", [1, 2, 5, 70])
def test_any_number_of_inputs(name, count):
    op = getattr(aes, name)
    arrays = [np.array([1, 3], "int64") + i % 3 for i in range(count)]
    expected = arrays[0]
    for array in arrays[1:]:
        expected = op.nfunc(expected, array)
    np.testing.assert_array_equal(compute(op, *arrays), expected)


def test_sums_of_small_integers_are_taken_in_the_dtype_of_the_result():
    assert compute(aes.add, np.int8([100]), np.int8([100]), np.int32([1])) == 201


def test_results_are_never_the_inputs():
    x = np.array([1.0, 2.0])
    for op in (aes.identity, aes.real, aes.positive, aes.conj, aes.convert_to_float64, aes.add):
        assert not np.shares_memory(compute(op, x), x)
    assert not np.shares_memory(compute(aes.second, x, x), x)
    integers = np.array([1, 2])
    for op in (aes.round_half_to_even, aes.round_half_away_from_zero):
        assert not np.shares_memory(compute(op, integers), integers)


def test_second_fills_the_shape_of_the_first():
    np.testing.assert_array_equal(compute(aes.second, np.zeros((2, 3)), np.float32(7)), np.full((2, 3), 7, "float32"))


@given(st.sampled_from(DTYPES), st.sampled_from(DTYPES))
def test_casts_are_numpys(source, target):
    data = np.array([0, 1, 2, 100]).astype(source)
    expected = data.real if data.dtype.kind == "c" and np.dtype(target).kind != "c" else data
    np.testing.assert_array_equal(compute(getattr(aes, f"convert_to_{target}"), data), expected.astype(target))


@pytest.mark.parametrize("name", ["exp", "add", "switch", "clip", "gammaln", "softplus", "isnan", "invert"])
def test_single_numbers(name):
    op = getattr(aes, name)
    nin = op.nin if op.nin > 0 else 2
    number = np.int64(1) if name == "invert" else np.float64(0.5)
    node = op.make_node(*[aes.get_scalar_type(number.dtype)() for _ in range(nin)])
    storage = [[None]]
    op.perform(node, [number] * nin, storage)
    assert isinstance(storage[0][0], np.generic)
    assert storage[0][0].dtype == node.outputs[0].type.dtype
    np.testing.assert_allclose(storage[0][0], compute(op, *[np.asarray(number)] * nin))


def test_an_op_with_an_impl_only_works_on_arrays():
    class Collatz(aes.UnaryScalarOp):
        def impl(self, n):
            return n // 2 if n % 2 == 0 else 3 * n + 1

    np.testing.assert_array_equal(compute(Collatz(aes.same_out), np.array([[1, 2], [3, 4]])), [[4, 1], [10, 2]])


# Derivatives with respect to parameters


@pytest.mark.parametrize("k", [0.3, 1.0, 4.5, 60.0])
@pytest.mark.parametrize("x", [0.01, 0.9, 5.0, 70.0])
def test_gammainc_der(k, x):
    step = 1e-5 * k
    ends = [scipy.special.gammainc(k + sign * step, x) for sign in (1, -1)]
    got = compute(aes.gammainc_der, np.array(k), np.array(x))
    assert got == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-5, abs=1e-10)
    assert compute(aes.gammaincc_der, np.array(k), np.array(x)) == -got


def test_betainc_der_outside_its_domain():
    for a, b, x in [(1, 1, -1), (1, 1, 2), (1, -1, 1), (-1, 1, 0.5), (0, 1, 0.5)]:
        assert np.isnan(compute(aes.betainc_der, *map(np.array, (float(a), float(b), float(x), True))))


@pytest.mark.parametrize("a", [0.3, 2.0, 40.0])
@pytest.mark.parametrize("b", [0.7, 1.0, 9.0])
@pytest.mark.parametrize("x", [0.02, 0.5, 0.97])
@pytest.mark.parametrize("first", [True, False])
def test_betainc_der(a, b, x, first):
    step = 1e-5
    ends = [scipy.special.betainc(a + s * step * first, b + s * step * (not first), x) for s in (1, -1)]
    got = compute(aes.betainc_der, *map(np.array, (a, b, x, first)))
    assert got == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-5, abs=1e-10)


@pytest.mark.parametrize(
    ("a", "b", "x", "by_a", "by_b"),
    [
        (0.1, 3.0, 2.5e-18, -0.7853293594346197, 0.0007772473543156172),
        (1e5, 3.0, 0.9999, -2.2690205286305673e-07, 0.004118478378069929),
        (3.0, 1e5, 3e-05, -0.23681191688465367, 6.72118701210635e-06),
        (1e4, 1e4, 0.49, -5.2150466759684553e-05, 5.111772459437201e-05),
    ],
)
def test_betainc_der_where_one_of_its_series_is_long(a, b, x, by_a, by_b):
    for first, expected in ((True, by_a), (False, by_b)):
        got = compute(aes.betainc_der, *map(np.array, (a, b, x, first)))
        assert got == pytest.approx(expected, rel=1e-8, abs=1e-16)


def test_derivatives_whose_series_is_too_long_are_not_a_number():
    assert np.isnan(compute(aes.gammainc_der, np.array(1e12), np.array(1e12)))


@pytest.mark.parametrize("wrt", [0, 1, 2])
@pytest.mark.parametrize("z", [-0.8, 0.1, 0.9])
def test_hyp2f1_der(wrt, z):
    parameters = [0.7, -1.0, 2.3]
    step = 1e-5
    ends = []
    for sign in (1, -1):
        moved = list(parameters)
        moved[wrt] += sign * step
        ends.append(scipy.special.hyp2f1(*moved, z))
    got = compute(aes.hyp2f1_der, *map(np.array, (*parameters, z, wrt)))
    assert got == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-6, abs=1e-9)


def test_hyp2f1_of_nan_with_enormous_parameters():
    # with which SciPy ends the process
    huge = float(np.finfo("float32").max)
    assert np.isnan(compute(aes.hyp2f1, np.array(huge), np.array(0.25), np.array(huge), np.array(np.nan)))
