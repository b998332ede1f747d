"""Reductions: values, dtypes, axes, gradients."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.checking import check, check_gradient
from support.evaluation import evaluate

import aesaralite.scalar as aes
import aesaralite.tensor as at
from aesaralite.configdefaults import config
from aesaralite.graph.basic import equal_computations
from aesaralite.tensor.reduction import All, Any, Argmax, CAReduce, Max, Min, Prod, ProdWithoutZeros, Sum
from aesaralite.tensor.type import TensorType

rng = np.random.default_rng(7)

REDUCTIONS = {
    "sum": (at.sum, np.sum),
    "prod": (at.prod, np.prod),
    "max": (at.max, np.max),
    "min": (at.min, np.min),
    "all": (at.all, np.all),
    "any": (at.any, np.any),
}
NEED_ELEMENTS = ("max", "min")


@st.composite
def cases(draw):
    shape = draw(st.lists(st.integers(0, 3), max_size=3).map(tuple))
    axes = st.sampled_from(range(-len(shape), len(shape))) if shape else st.nothing()
    axis = draw(st.none() | axes | st.sets(st.sampled_from(range(len(shape))) if shape else st.nothing()).map(tuple))
    kind = draw(st.sampled_from(sorted(REDUCTIONS)))
    dtype = draw(st.sampled_from(["float64", "float32", "int8", "uint16", "int64", "bool", "complex128"]))
    return kind, shape, axis, dtype, draw(st.booleans())


@given(cases())
def test_reductions_are_numpys(case):
    kind, shape, axis, dtype, keepdims = case
    ours, numpys = REDUCTIONS[kind]
    value = rng.integers(0, 3, size=shape).astype(dtype)
    try:
        numpys(value, axis=axis, keepdims=keepdims)
    except ValueError:
        assert kind in NEED_ELEMENTS
        x = at.tensor(dtype, (None,) * len(shape))
        with pytest.raises(ValueError, match="zero-size"):
            evaluate(ours(x, axis=axis, keepdims=keepdims), {x: value})
        return
    check(
        lambda x: ours(x, axis=axis, keepdims=keepdims),
        lambda x: numpys(x, axis=axis, keepdims=keepdims),
        value,
        rtol=1e-6,
    )


@pytest.mark.parametrize("axis", [None, 0, -1, (0, 2)])
@pytest.mark.parametrize("dtype", ["float64", "int8", "uint8", "bool", "int64"])
def test_argmax_and_argmin(axis, dtype):
    value = (rng.normal(size=(2, 3, 4)) * 50).astype(dtype)
    value.flat[0] = np.iinfo(dtype).min if dtype.startswith("int") else value.flat[0]

    def reference(function):
        def positions(x):
            if not isinstance(axis, tuple):
                return function(x, axis=axis)
            kept = [i for i in range(x.ndim) if i not in axis]
            flat = x.transpose([*kept, *axis]).reshape(*(x.shape[i] for i in kept), -1)
            return function(flat, axis=-1)

        return positions

    check(lambda x: at.argmax(x, axis), reference(np.argmax), value)
    check(lambda x: at.argmin(x, axis), reference(np.argmin), value)


def test_argmax_keepdims_and_pair():
    value = rng.normal(size=(2, 3))
    check(lambda x: at.argmax(x, 1, keepdims=True), lambda x: np.argmax(x, 1, keepdims=True), value)
    check(lambda x: at.argmax(x, None, keepdims=True), lambda x: np.argmax(x, None, keepdims=True), value)
    check(lambda x: at.max_and_argmax(x, 0), lambda x: [x.max(0), x.argmax(0)], value)


@pytest.mark.parametrize("kind", ["max", "min", "sum", "prod"])
def test_nan_propagates(kind):
    ours, numpys = REDUCTIONS[kind]
    value = np.array([[1.0, np.nan, 3.0], [2.0, 5.0, 4.0]])
    check(lambda x: ours(x, axis=1), lambda x: numpys(x, axis=1), value)


def test_argmax_of_nan_is_its_position():
    value = np.array([1.0, np.nan, 3.0, np.nan])
    check(at.argmax, np.argmax, value)
    check(at.argmin, np.argmin, value)


WIDE = {
    "bool": ("int64", "int64"),
    "int8": ("int64", "int64"),
    "int32": ("int64", "int64"),
    "int64": ("int64", "int64"),
    "uint8": ("uint64", "uint64"),
    "uint64": ("uint64", "uint64"),
    "float16": ("float16", "float32"),
    "float32": ("float32", "float64"),
    "float64": ("float64", "float64"),
    "complex64": ("complex64", "complex128"),
}


@pytest.mark.parametrize("dtype", WIDE)
@pytest.mark.parametrize("function", [at.sum, at.prod])
def test_dtypes_of_sums_and_products(dtype, function):
    result = function(at.matrix(dtype=dtype), axis=0)
    assert (result.type.dtype, result.owner.op.acc_dtype) == WIDE[dtype]
    assert result.owner.op.dtype == result.type.dtype


def test_given_dtypes():
    x = np.array([[100, 100], [100, 100]], dtype="int8")
    check(lambda v: at.sum(v, 0, dtype="float32"), lambda v: np.sum(v, 0, dtype="float32"), x)
    check(lambda v: at.sum(v, 0, dtype="int8"), lambda v: np.array([-56, -56], dtype="int8"), x)
    y = np.array([60000.0, 60000.0], dtype="float16")
    check(lambda v: at.sum(v, dtype="float32"), lambda v: np.float32(120000), y, rtol=1e-3)
    assert at.sum(at.fvector(), acc_dtype="float32").owner.op.acc_dtype == "float32"
    assert at.sum(at.ivector(), acc_dtype="float32").type.dtype == "int64"


def test_losing_dtypes_are_refused():
    with pytest.raises(TypeError, match="precision would be lost"):
        at.sum(at.dvector(), acc_dtype="float32")
    with pytest.raises(TypeError, match="imaginary part"):
        at.sum(at.zvector(), dtype="float64")
    with pytest.raises(TypeError, match="foo"):
        Sum(dtype="foo")


def test_max_keeps_the_dtype():
    for dtype in ("bool", "int8", "uint32", "float16"):
        assert at.max(at.vector(dtype=dtype)).type.dtype == dtype


@pytest.mark.parametrize("axis", [1, -1, [1], (1,), np.array(1), np.array([1]), np.int8(1), at.constant(1)])
def test_forms_of_axis(axis):
    x = at.dmatrix("x")
    assert equal_computations([at.sum(x, axis=axis)], [at.sum(x, axis=1)])


def test_wrong_axes_name_the_variable():
    x = at.dmatrix("my_matrix")
    with pytest.raises(ValueError, match="my_matrix"):
        at.sum(x, axis=2)
    with pytest.raises(ValueError, match=r"repeated axis.*my_matrix"):
        at.max(x, axis=(0, -2))
    with pytest.raises(TypeError, match="my_matrix"):
        at.sum(x, axis=1.5)
    with pytest.raises(np.exceptions.AxisError):
        Sum(axis=(2,))(x)


def test_zero_dimensional_arrays_have_a_last_axis():
    check(lambda x: at.sum(x, axis=0), lambda x: np.sum(x, axis=0), 3.0)
    check(lambda x: at.max(x, axis=-1), lambda x: np.max(x, axis=-1), 3.0)


def test_static_shapes():
    x = TensorType("float64", (2, None, 3))("x")
    assert at.sum(x, axis=0).type.shape == (None, 3)
    assert at.sum(x, axis=(0, 2), keepdims=True).type.shape == (1, None, 1)
    assert at.argmax(x, axis=1).type.shape == (2, 3)


def test_ops_are_equal_by_their_properties():
    assert Sum(axis=(1, 0)) == Sum(axis=[0, 1]) != Sum(axis=0)
    assert hash(Sum(axis=0)) == hash(Sum(axis=(0,)))
    assert Sum(axis=0) != Prod(axis=0) != ProdWithoutZeros(axis=0)
    assert Max(0) != Min(0)
    assert str(Sum(axis=(0,), acc_dtype="float64")) == "Sum{axis=[0], acc_dtype=float64}"
    assert str(All(0)) == "All{0}"
    assert str(Any()) == "Any"
    assert str(CAReduce(aes.add, axis=0)) == "CAReduce{add}{axis=[0]}"
    assert str(Max(0)) == "Max{maximum}{axis=[0]}"
    assert str(Argmax((0,))) == "Argmax{axis=(0,)}"


def test_general_reduction():
    value = rng.integers(0, 8, size=(2, 3, 2))
    check(lambda x: CAReduce(aes.xor, axis=(0, 2))(x), lambda x: np.bitwise_xor.reduce(x, axis=(0, 2)), value)
    x = at.bvector()
    assert CAReduce(aes.add)(x).type.dtype == "int8"


def test_product_without_zeros():
    value = np.array([[2.0, 0.0], [3.0, 0.0]])
    check(lambda x: ProdWithoutZeros(0)(x), lambda x: np.array([6.0, 1.0]), value)


AXES = [None, 0, 1, (0, 1), ()]


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("function", [at.sum, at.prod, at.max, at.min])
def test_gradients(function, axis):
    check_gradient(lambda x: function(x, axis=axis, keepdims=True), rng.normal(size=(2, 3)) + 3)


def test_gradient_of_products_of_zeros():
    one_zero = np.array([[2.0, 0.0, 3.0], [1.0, 4.0, 5.0]])
    for axis in (None, 0, 1):
        check_gradient(lambda x, axis=axis: at.prod(x, axis=axis), one_zero)
    one_in_each_row = np.array([[2.0, 0.0, 3.0], [0.0, 4.0, 5.0]])
    for axis in (0, 1):
        check_gradient(lambda x, axis=axis: at.prod(x, axis=axis), one_in_each_row)
    x = at.dvector("x")
    gradient = at.grad(at.prod(x), x)
    np.testing.assert_allclose(evaluate(gradient, {x: [0.0, 2.0, 3.0]}), [6, 0, 0])
    np.testing.assert_allclose(evaluate(gradient, {x: [0.0, 2.0, 0.0]}), [0, 0, 0])
    check_gradient(lambda x: at.prod(x, no_zeros_in_input=True), np.array([2.0, -1.0, 3.0]))
    check_gradient(lambda x: ProdWithoutZeros()(x), np.array([2.0, -1.0, 3.0]))


def test_all_maxima_get_the_gradient():
    x = at.dvector("x")
    np.testing.assert_allclose(evaluate(at.grad(at.max(x), x), {x: [1.0, 3.0, 3.0]}), [0, 1, 1])
    np.testing.assert_allclose(evaluate(at.grad(at.min(x), x), {x: [1.0, 1.0, 3.0]}), [1, 1, 0])


@pytest.mark.parametrize("function", [at.sum, at.prod, at.max, at.argmax, at.all])
def test_gradient_through_integers_is_zero(function):
    x = at.imatrix("x")
    gradient = at.grad(at.sum(function(x, axis=0) * 1.0), x)
    assert gradient.type.dtype == config.floatX
    np.testing.assert_array_equal(evaluate(gradient, {x: np.ones((2, 3), dtype="int32")}), np.zeros((2, 3)))


def test_gradient_of_positions_is_zero():
    x = at.dmatrix("x")
    gradient = at.grad(at.sum(at.argmax(x, axis=0) * 1.0), x)
    np.testing.assert_array_equal(evaluate(gradient, {x: np.ones((2, 3))}), np.zeros((2, 3)))


def test_no_warnings_about_infinities():
    value = np.array([np.inf, -np.inf])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for build in (at.sum, at.prod, at.cumsum, lambda x: at.dot(x, x), lambda x: at.sum(x, dtype="int8")):
            x = at.dvector("x")
            evaluate(build(x), {x: value})
