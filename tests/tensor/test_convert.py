"""as_tensor_variable, constant, and Python numbers in expressions."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from support.evaluation import evaluate

import aesaralite
import aesaralite.scalar as aes
import aesaralite.tensor as at
from aesaralite import config
from aesaralite.graph.generic import NoneConst
from aesaralite.tensor.type import TensorType
from aesaralite.tensor.var import TensorConstant


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (5, "int64"),
        (2**63, "uint64"),
        (1.5, "float64"),
        (1j, "complex128"),
        (np.float32(1.5), "float32"),
        (np.int8(1), "int8"),
        (np.array(True), "bool"),
        ([1, 2], "int64"),
        ([1, 2.5], "float64"),
        ((True, False), "bool"),
        ([np.float32(1)], "float32"),
        (range(3), "int64"),
        (np.ones((2, 3), "uint8"), "uint8"),
    ],
)
def test_dtypes_of_constants(value, dtype):
    made = at.as_tensor_variable(value)
    assert made.dtype == dtype
    assert made.type.shape == np.shape(value)
    np.testing.assert_array_equal(made.data, value)


def test_floatx_decides_bare_floats():
    with config.change_flags(floatX="float32"):
        assert at.as_tensor(1.5).dtype == "float32"
        assert at.as_tensor([1.5, 2]).dtype == "float32"
        assert at.as_tensor(np.array([1.5])).dtype == "float64"
        assert at.constant(1.5, dtype="floatX").dtype == "float32"


def test_variables_stay():
    x = at.dmatrix("x")
    assert at.as_tensor(x) is x
    assert at.as_tensor((x + 1).owner).owner.inputs[0] is x


def test_ndim():
    x = at.dvector("x")
    assert at.as_tensor(x, ndim=3).type.shape == (1, 1, None)
    assert at.as_tensor(at.drow("r"), ndim=1).type.shape == (None,)
    with pytest.raises(ValueError, match="1 dimensions"):
        at.as_tensor(at.dmatrix("m"), ndim=1)
    assert at.constant([1, 2], ndim=2).type.shape == (1, 2)
    assert at.constant([[1, 2]], ndim=1).type.shape == (2,)
    with pytest.raises(ValueError, match="dimensions"):
        at.constant([[1, 2], [3, 4]], ndim=1)


@pytest.mark.parametrize("value", ["a", None, slice(1, 2), object(), {}])
def test_what_is_no_tensor_is_refused(value):
    with pytest.raises(NotImplementedError, match="Cannot convert"):
        at.as_tensor(value)


def test_bare_bools_are_refused():
    x, y = at.dvectors("x", "y")
    for value in (True, x == y):
        with pytest.raises(TypeError, match="eq"):
            at.as_tensor(value)
    with pytest.raises(TypeError, match="eq"):
        at.switch(x == y, x, y)
    assert at.constant(True).dtype == "bool"


def test_sequences_of_variables():
    x, y = at.dvectors("x", "y")
    stacked = at.as_tensor([x, y, [0.0, 1.0]])
    assert stacked.type.ndim == 2
    np.testing.assert_array_equal(evaluate(stacked, {x: [1, 2], y: [3, 4]}), [[1, 2], [3, 4], [0, 1]])
    a = at.dscalar("a")
    assert at.as_tensor([a, 1]).dtype == "float64"
    np.testing.assert_array_equal(evaluate(at.as_tensor([a, 1]), {a: 2.0}), [2, 1])


def test_sequences_of_constants_are_constants():
    one = at.constant(1, dtype="int8")
    for sequence, expected in [
        ([one, at.constant(2.5)], np.array([1, 2.5])),
        ([one, 3], np.array([1, 3], dtype="int8")),
        ([aes.constant(1), 2], np.array([1, 2])),
        ([[one, 2], at.constant([3, 4], dtype="int8")], np.array([[1, 2], [3, 4]], dtype="int8")),
    ]:
        made = at.as_tensor(sequence)
        assert isinstance(made, TensorConstant) and made.dtype == expected.dtype
        np.testing.assert_array_equal(made.data, expected)
    with pytest.raises(ValueError):
        at.as_tensor([at.constant([1, 2]), at.constant([1, 2, 3])])


def test_constants_of_constants():
    two = at.constant(2, dtype="int8")
    assert at.constant(two) is two is at.constant(two, ndim=0, dtype="int8")
    assert at.constant(two, ndim=2).type == TensorType("int8", (1, 1))
    assert at.constant(two, dtype="float32").dtype == "float32" and at.constant(two, name="two").name == "two"
    with pytest.raises(TypeError, match="got the variable x"):
        at.constant(at.dscalar("x"))


def test_scalars_of_the_scalar_floor():
    x = aes.float64("x")
    assert at.as_tensor(x).type == at.dscalar
    assert (at.dvector("v") + x).type == at.dvector
    assert isinstance(at.as_tensor(aes.constant(2)), TensorConstant)


def test_scalar_ops_take_tensors_without_dimensions():
    x, y = at.fscalar("x"), aes.float32("y")
    out = aes.add(x, y, aes.exp(at.constant(0.0)), aes.sqr(aesaralite.shared(3.0)))
    assert isinstance(out.type, aes.ScalarType)
    assert out.eval({x: 1, y: 2}) == 13
    with pytest.raises(TypeError, match="v"):
        aes.exp(at.dvector("v"))


# Constants


@given(hnp.arrays(st.sampled_from(["float64", "int8", "bool", "complex64"]), hnp.array_shapes(min_dims=0, min_side=0)))
def test_constants_hold_a_copy_that_nobody_can_change(data):
    expected = data.copy()
    made = at.constant(data)
    data[...] = 1
    np.testing.assert_array_equal(made.data, expected)
    assert not made.data.flags.writeable
    copy = pickle.loads(pickle.dumps(made))
    assert copy.equals(made)
    assert not copy.data.flags.writeable


def test_signatures():
    def same(a, b):
        return at.constant(a).signature() == at.constant(b).signature()

    assert same(np.ones(1000), np.ones(1000))
    assert same(np.array([np.nan]), np.array([np.nan]))
    assert not same(0.0, -0.0)
    assert not same(1, 1.0)
    assert not same([1, 2], [[1, 2]])
    assert not same(np.ones(1000), np.r_[np.ones(999), 2.0])
    assert hash(at.constant(2).signature()) == hash(at.constant(2).signature())
    assert at.constant([1, 2]).equals([1, 2])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2, "TensorConstant{2}"),
        (np.ones(100), "TensorConstant{(100,) of 1.0}"),
        (np.ones((2, 2)), "TensorConstant{(2, 2) of 1.0}"),
        ([1, 2], "TensorConstant{[1 2]}"),
    ],
)
def test_text(value, text):
    assert str(at.constant(value)) == text


def test_named_constants_show_their_name():
    assert str(at.constant([1, 2], name="q")) == "q{[1 2]}"


def test_unique_value():
    assert at.constant(np.full(3, 2.0)).unique_value == 2.0
    assert at.constant([1, 2]).unique_value is None
    assert at.constant([]).unique_value is None
    assert at.constant([0.0, -0.0]).unique_value is None


def test_constants_of_an_open_type_get_the_shape_of_their_value():
    assert TensorConstant(at.dvector, np.ones(3)).type.shape == (3,)


@pytest.mark.parametrize("value", [at.dscalar("x"), "a", None, [None], np.ma.array([1.0], mask=[True])])
def test_constants_of_nonsense_are_refused(value):
    with pytest.raises(TypeError):
        at.constant(value)


# Python numbers in expressions


@given(
    st.sampled_from(["int8", "int32", "int64", "uint8", "float16", "float32", "float64", "complex64"]),
    st.one_of(st.integers(0, 100), st.floats(-10, 10), st.complex_numbers(max_magnitude=10)),
    st.sampled_from([at.add, at.mul, at.maximum, at.sub]),
)
def test_literals_are_weak_as_in_numpy(dtype, value, function):
    x = at.tensor("x", dtype=dtype, shape=(None,))
    expected = np.result_type(np.dtype(dtype), value).name
    assert function(x, value).dtype == expected
    assert function(value, x).dtype == expected


def test_literals_do_not_overflow_silently():
    assert evaluate(at.pow(2, 7), {}) == 128
    assert evaluate(at.as_tensor(100) * 2, {}) == 200
    assert evaluate(at.constant(127) + 1, {}) == 128
    x = at.fvector("x")
    assert (x + 100_000).dtype == "float32"
    np.testing.assert_array_equal(evaluate(x ** (-129), {x: [1.0, 2.0]}), np.float32([1, 2]) ** -129)
    with pytest.raises(OverflowError, match="300"):
        at.bvector("x") + 300
    b = at.bvector("b")
    np.testing.assert_array_equal(evaluate(at.lt(b, 300), {b: [1, 127]}), [True, True])


def test_literals_keep_what_makes_them_unequal():
    x = at.dscalar("x")
    assert np.signbit(evaluate(at.copysign(x, -0.0), {x: 1.0}))
    assert not np.signbit(evaluate(at.copysign(x, 0.0), {x: 1.0}))
    assert np.isnan(evaluate(x * float("nan"), {x: 1.0}))


def test_get_scalar_constant_value():
    x = at.dmatrix("x")
    assert at.get_scalar_constant_value(at.constant(2) + 3) == 5
    assert at.extract_constant(x) is x
    assert at.extract_constant(at.constant(3)) == 3
    three = at.constant(3)
    at.extract_constant(three)[...] = 4
    assert three.data == 3
    assert at.get_scalar_constant_value(NoneConst) is None
