"""Shapes as values, statements about them, and new shapes."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.checking import check, check_gradient
from support.evaluation import evaluate

import aesaralite.scalar as aes
import aesaralite.tensor as at
from aesaralite.errors import EmptyConstantError, NotScalarConstantError
from aesaralite.graph.basic import Constant
from aesaralite.graph.null_type import DisconnectedType
from aesaralite.tensor.joining import MakeVector
from aesaralite.tensor.reshaping import Reshape
from aesaralite.tensor.shaping import Shape, Shape_i, SpecifyShape, Unbroadcast
from aesaralite.tensor.type import TensorType

rng = np.random.default_rng(10)
SHAPES = [(), (3,), (0,), (2, 3), (1, 3), (2, 0, 3)]


# Shapes as values


@pytest.mark.parametrize("shape", SHAPES)
def test_shape_and_its_parts(shape):
    value = np.zeros(shape)
    check(at.shape, lambda x: np.array(x.shape, dtype="int64"), value)
    check(at.shape_tuple, lambda x: [np.array(n) for n in x.shape], value)
    check(at.size, lambda x: np.array(x.size), value)
    for i in range(-len(shape), len(shape)):
        check(lambda x, i=i: at.shape_i(x, i), lambda x, i=i: np.array(x.shape[i]), value)


def test_known_sizes_are_constants():
    x = TensorType("float64", (2, None))("x")
    first, second = at.shape_tuple(x)
    assert isinstance(first, Constant) and first.data == 2
    assert second.owner.op == Shape_i(1)
    assert isinstance(at.shape(np.ones((2, 3))), Constant)
    assert at.shape(x).type.shape == (2,)
    assert str(Shape_i(1)) == "Shape_i{1}"
    with pytest.raises(TypeError, match="no dimension 2"):
        Shape_i(2)(x)


def test_shapes_are_disconnected():
    x = at.dmatrix("x")
    assert Shape().connection_pattern(None) == [[False]]
    assert isinstance(
        at.grad(at.sum(x.shape) * 1.0, x, return_disconnected="disconnected", disconnected_inputs="ignore").type,
        DisconnectedType,
    )


def test_length_of_vectors():
    x = at.dmatrix("x")
    assert at.get_vector_length(x.shape) == 2
    assert at.get_vector_length(x.shape[1:]) == 1
    assert at.get_vector_length([1, 2, at.dscalar()]) == 3
    assert at.get_vector_length(at.stack([1, at.lscalar()])) == 2
    with pytest.raises(ValueError, match="Length of my_vector cannot be determined"):
        at.get_vector_length(at.dvector("my_vector"))
    with pytest.raises(TypeError, match="must be a vector"):
        at.get_vector_length(x)


# Values that are known


def test_scalar_constants():
    x, v = at.dmatrix("x"), at.dvector("v")

    def value(variable, **kwargs):
        return at.get_scalar_constant_value(variable, **kwargs).item()

    assert value(3) == value(np.float32(3)) == value(at.constant(3)) == 3
    assert value(at.zeros((2, at.lscalar())) + 1) == 1
    assert value(at.ones_like(x)) == 1
    assert value(at.second(v, 4)) == 4
    assert value(at.alloc(2.0, 3).dimshuffle("x", 0)) == 2
    assert value(TensorType("float64", (5, None))().shape[0]) == 5
    assert value(at.stack([7, at.lscalar()])[0]) == 7
    assert value(at.scalar_from_tensor(at.constant(3))) == 3
    assert value(np.full((2, 2), 6)) == 6
    for unknown in (x, x.shape[0], at.constant([1, 2]), None, v + 1, at.constant(2) ** at.constant(-1)):
        with pytest.raises(NotScalarConstantError):
            value(unknown)
    with pytest.raises(EmptyConstantError):
        value(np.ones(0))
    with pytest.raises(NotScalarConstantError):
        value(at.zeros(3), only_process_constants=True)
    with pytest.raises(NotScalarConstantError):
        value(at.zeros(3) + 1, elemwise=False)
    assert at.extract_constant(x) is x
    assert at.extract_constant(at.constant(3)) == 3


# Statements


def test_specify_shape():
    x, n = at.dmatrix("x"), at.iscalar("n")
    y = at.specify_shape(x, (2, None))
    assert y.type.shape == (2, None)
    assert y.owner.op == SpecifyShape()
    assert at.specify_shape(x, (None, None)) is x
    assert at.specify_shape(y, (2, None)) is y
    assert at.specify_shape(x, (n, 3)).type.shape == (None, 3)
    assert at.specify_shape(x, at.shape(np.ones((2, 3)))).type.shape == (2, 3)
    check(lambda x: at.specify_shape(x, (2, None)), lambda x: x, np.ones((2, 3)))
    check_gradient(lambda x: at.specify_shape(x, (2, None)), np.ones((2, 3)))


def test_specify_shape_that_is_wrong():
    x, n = at.dmatrix("my_matrix"), at.lscalar("n")
    with pytest.raises(ValueError, match="my_matrix is 2-dimensional and will never match a shape of length 1"):
        at.specify_shape(x, (2,))
    with pytest.raises(ValueError, match="my_known"):
        at.specify_shape(TensorType("float64", (3, None))("my_known"), (2, None))
    with pytest.raises(AssertionError, match=r"SpecifyShape: Got shape \(2, 3\), expected \(4, None\)."):
        evaluate(at.specify_shape(x, (n, None)), {x: np.ones((2, 3)), n: 4})


def test_broadcastable_dimensions():
    x, row = at.dmatrix("x"), at.drow("row")
    assert at.specify_broadcastable(x, 0).type.shape == (1, None)
    assert at.addbroadcast(x, -1).type.shape == (None, 1)
    assert at.unbroadcast(row, 0).type.shape == (None, None)
    assert at.unbroadcast(x, 0) is x
    assert at.patternbroadcast(row, (False, True)).type.shape == (None, 1)
    check(lambda x: at.unbroadcast(x, 0), lambda x: x, np.ones((1, 3)))
    check_gradient(lambda x: at.unbroadcast(x, 0), np.ones((1, 3)))
    with pytest.raises(AssertionError, match=r"Got shape \(2, 3\)"):
        evaluate(at.specify_broadcastable(x, 0), {x: np.ones((2, 3))})
    with pytest.raises(ValueError, match="out of bounds for x"):
        at.specify_broadcastable(x, 2)
    with pytest.raises(TypeError, match="needs integer axes"):
        Unbroadcast(0.5)
    assert Unbroadcast(1, 0) == Unbroadcast(0, 1) != Unbroadcast(0)


def test_scalars_and_tensors():
    s = aes.float64("s")
    t = at.tensor_from_scalar(s)
    assert t.type == TensorType("float64", ())
    assert at.scalar_from_tensor(t).type == s.type
    assert at.as_tensor_variable(s).type == t.type
    assert evaluate(at.scalar_from_tensor(at.constant(2.5)), {}) == 2.5
    check_gradient(lambda x: at.tensor_from_scalar(at.scalar_from_tensor(x)) ** 2, 3.0)
    with pytest.raises(TypeError, match="must be a scalar"):
        at.scalar_from_tensor(at.dvector())
    with pytest.raises(TypeError, match="ScalarType"):
        at.tensor_from_scalar(at.dscalar())


# New shapes


@given(st.data())
def test_reshape(data):
    new = data.draw(st.lists(st.integers(0, 4), max_size=4).map(tuple))
    size = int(np.prod(new))
    old = data.draw(st.permutations(new)) if data.draw(st.booleans()) else (size,)
    hidden = list(new)
    others = np.prod([n for i, n in enumerate(new) if i != 0])
    if new and others and data.draw(st.booleans()):
        hidden[0] = -1
    value = rng.normal(size=tuple(old))
    check(lambda x: at.reshape(x, hidden), lambda x: x.reshape(new), value)
    check(lambda x, *sizes: at.reshape(x, sizes), lambda x, *sizes: x.reshape(new), value, *hidden)
    vector = np.array(hidden, dtype="int32")
    check(lambda x, shape: at.reshape(x, shape, ndim=len(new)), lambda x, shape: x.reshape(new), value, vector)


def test_static_shape_of_reshape():
    x, n = TensorType("float64", (2, 6))("my_array"), at.lscalar("n")
    assert at.reshape(x, (3, -1)).type.shape == (3, 4)
    assert at.reshape(x, (n, 4)).type.shape == (3, 4)
    assert at.reshape(at.dmatrix(), (3, -1)).type.shape == (3, None)
    assert at.reshape(at.dvector(), ()).type.shape == ()
    for wrong in [(5, -1), (4, 4), (n, 5), (0, -1)]:
        with pytest.raises(ValueError, match=r"Cannot reshape my_array of shape \(2, 6\)"):
            at.reshape(x, wrong)
    with pytest.raises(ValueError, match="only specify one unknown"):
        at.reshape(x, (-1, -1))
    with pytest.raises(ValueError, match="negative"):
        at.reshape(x, (-2, 6))
    with pytest.raises(TypeError, match="scalar integers"):
        at.reshape(x, (2.0, 6))
    assert at.reshape(x, n).type.shape == (12,) == at.reshape(x, 12).type.shape
    with pytest.raises(TypeError, match="must be a vector"):
        at.reshape(x, at.lmatrix())
    with pytest.raises(ValueError, match="argument `ndim`"):
        at.reshape(x, at.lvector())
    with pytest.raises(ValueError, match="has length 2"):
        at.reshape(x, (2, 6), ndim=3)


def test_reshape_that_is_wrong_when_it_runs():
    x, shape = at.dvector("x"), at.lvector("shape")
    y = at.reshape(x, shape, ndim=2)
    for wrong, message in [
        ([2, 2], "cannot reshape"),
        ([-1, -1], "one unknown"),
        ([3], "has length 1"),
        ([-3, -1], "neg"),
    ]:
        with pytest.raises(ValueError, match=message):
            evaluate(y, {x: [1, 2, 3], shape: wrong})


def test_reshape_is_a_view_and_prints():
    assert Reshape(2).view_map == {0: [0]}
    assert str(Reshape(2)) == "Reshape{2}"
    check_gradient(lambda x: at.reshape(x, (3, -1)), rng.normal(size=(2, 3)))


@pytest.mark.parametrize("shape", SHAPES)
def test_orders_of_dimensions(shape):
    value = rng.normal(size=shape)
    check(at.ravel, np.ravel, value)
    check(at.transpose, np.transpose, value)
    check(at.atleast_2d, np.atleast_2d, value)
    check(lambda x: at.expand_dims(x, (0, -1)), lambda x: np.expand_dims(x, (0, -1)), value)
    for i in range(-len(shape), len(shape)):
        check(lambda x, i=i: at.swapaxes(x, i, 0), lambda x, i=i: np.swapaxes(x, i, 0), value)
        check(lambda x, i=i: at.moveaxis(x, i, -1), lambda x, i=i: np.moveaxis(x, i, -1), value)
        check(lambda x, i=i: at.expand_dims(x, i), lambda x, i=i: np.expand_dims(x, i), value)
        if i >= 0:
            rest = int(np.prod(shape[i:]))
            check(lambda x, i=i: at.flatten(x, i + 1), lambda x, i=i, n=rest: x.reshape(*x.shape[:i], n), value)


def test_orders_that_are_wrong():
    x = at.dtensor3("x")
    with pytest.raises(ValueError, match="not an order of the 3 dimensions of x"):
        at.transpose(x, (0, 1))
    with pytest.raises(ValueError, match="not an order"):
        at.transpose(x, (0, 1, 1))
    with pytest.raises(ValueError, match="out of bounds"):
        at.swapaxes(x, 0, 3)
    with pytest.raises(ValueError, match="repeated axis in `destination`"):
        at.moveaxis(x, (0, 1), (1, 1))
    with pytest.raises(ValueError, match="same number of elements"):
        at.moveaxis(x, (0, 1), 1)
    with pytest.raises(ValueError, match="out of bound"):
        at.flatten(x, 4)
    with pytest.raises(ValueError, match="out of bounds"):
        at.expand_dims(x, 4)


@pytest.mark.parametrize("shape", [(0, 2, 3), (2, 0, 3), (2, 3, 0), (0, 0, 0)])
@pytest.mark.parametrize("ndim", [1, 2, 3])
def test_flatten_nothing(shape, ndim):
    check(
        lambda x: at.flatten(x, ndim),
        lambda x: x.reshape(*shape[: ndim - 1], math.prod(shape[ndim - 1 :])),
        np.zeros(shape),
    )


def test_transposes_are_named():
    x = at.dmatrix("x")
    assert x.T.name == "x.T"
    assert at.transpose(x, (1, 0)).name is None


def test_squeeze():
    check(lambda x: at.squeeze(x, 1), lambda x: np.squeeze(x, 1), np.ones((2, 1, 3)))
    check(lambda x: at.squeeze(x, (0, -1)), lambda x: np.squeeze(x, (0, -1)), np.ones((1, 2, 1)))
    assert at.squeeze(at.drow()).type.shape == (None,)
    x = at.dmatrix("x")
    assert at.squeeze(x) is x
    with pytest.raises(AssertionError, match="Got shape"):
        evaluate(at.squeeze(x, 0), {x: np.ones((2, 3))})
    with pytest.raises(ValueError, match="Cannot squeeze dimension 0 of y, which has size 2"):
        at.squeeze(TensorType("float64", (2, 3))("y"), 0)
    check_gradient(lambda x: at.squeeze(x, 0), np.ones((1, 3)))
    scalar = at.dscalar("scalar")
    assert at.squeeze(scalar, 0) is scalar is at.squeeze(scalar, -1)
    with pytest.raises(np.exceptions.AxisError):
        at.squeeze(scalar, 1)


def test_padding_and_least_dimensions():
    v = at.dvector("v")
    assert at.shape_padleft(v, 2).type.shape == (1, 1, None)
    assert at.shape_padright(v).type.shape == (None, 1)
    assert at.shape_padaxis(v, -1).type.shape == (None, 1)
    assert at.atleast_Nd(v, n=3, left=False).type.shape == (None, 1, 1)
    assert at.atleast_1d(v) is v
    assert len(at.atleast_3d(v, 1.0)) == 2
    assert at.is_flat(v) and not at.is_flat(v, ndim=2)
    with pytest.raises(IndexError, match="out of bounds"):
        at.shape_padaxis(v, 2)


# Broadcasting


def test_broadcasting():
    a, b = rng.normal(size=(3, 1)), rng.normal(size=4)
    check(at.broadcast_arrays, np.broadcast_arrays, a, b)
    check(at.broadcast_shape, lambda a, b: [np.array(n) for n in np.broadcast_shapes(a.shape, b.shape)], a, b)
    check(lambda x: at.broadcast_to(x, (2, 3)), lambda x: np.broadcast_to(x, (2, 3)), np.ones(1))
    check_gradient(lambda a, b: at.add(*at.broadcast_arrays(a, b)), a, b)
    assert [n.data for n in at.broadcast_shape((2, 1), (1, 3), arrays_are_shapes=True)] == [2, 3]
    with pytest.raises(ValueError, match="Could not broadcast"):
        at.broadcast_shape((2, 4), (1, 3), arrays_are_shapes=True)


def test_sizes_that_do_not_broadcast_when_it_runs():
    x, y = at.dvector("x"), at.dvector("y")
    (n,) = at.broadcast_shape(x, y)
    assert evaluate(n, {x: [1.0], y: [1.0, 2.0]}) == 2
    with pytest.raises(ValueError, match="Could not broadcast dimensions"):
        evaluate(n, {x: [1.0, 2.0, 3.0], y: [1.0, 2.0]})
    with pytest.raises(ValueError, match="Could not broadcast dimensions"):
        evaluate(at.broadcast_shape(x, np.ones(3))[0], {x: [1.0, 2.0]})


def test_vectors_of_scalars_are_looked_through():
    n = at.lscalar()
    vector = MakeVector("int64")(n, 3)
    assert at.reshape(at.dmatrix(), vector).type.shape == (None, 3)
    assert at.zeros(vector).type.shape == (None, 3)
