"""DimShuffle."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.evaluation import evaluate, inferred_shape

import aesaralite.tensor as at
from aesaralite.autodiff.reverse import grad
from aesaralite.tensor.dimshuffle import DimShuffle
from aesaralite.tensor.type import TensorType


@st.composite
def shuffles(draw):
    """A shape and an order for it."""
    shape = draw(st.lists(st.sampled_from([1, 1, 2, 3]), max_size=4))
    kept = [axis for axis, size in enumerate(shape) if size != 1 or draw(st.booleans())]
    order = list(draw(st.permutations(kept)))
    for _ in range(draw(st.integers(0, 2))):
        order.insert(draw(st.integers(0, len(order))), "x")
    return tuple(shape), tuple(order)


def expected_value(value, order):
    kept = [axis for axis in order if axis != "x"]
    dropped = tuple(axis for axis in range(value.ndim) if axis not in kept)
    moved = value.transpose([*kept, *dropped]).reshape([value.shape[axis] for axis in kept])
    for position, axis in enumerate(order):
        if axis == "x":
            moved = np.expand_dims(moved, position)
    return moved


@given(shuffles())
def test_value_shape_and_gradient(case):
    shape, order = case
    value = np.arange(1.0, 1 + np.prod(shape, dtype=int)).reshape(shape)
    x = TensorType("float64", [1 if size == 1 else None for size in shape])("x")
    y = x.dimshuffle(order)
    expected = expected_value(value, order)
    result = evaluate(y, {x: value})
    np.testing.assert_array_equal(result, expected)
    assert np.shares_memory(result, value)
    assert inferred_shape(y, {x: value}) == expected.shape
    gradient = grad((y**2).sum(), x)
    assert gradient.type.ndim == x.type.ndim
    np.testing.assert_array_equal(evaluate(gradient, {x: value}), 2 * value)


def test_ways_to_give_the_order():
    x = at.dmatrix("x")
    assert x.dimshuffle(1, 0).owner.op == x.dimshuffle([1, 0]).owner.op == x.dimshuffle(-1, -2).owner.op
    assert x.dimshuffle(1, 0).owner.op == DimShuffle((False, False), (1, 0))
    assert str(x.dimshuffle("x", 1, 0).owner.op) == "DimShuffle{x,1,0}"


def test_static_shape():
    assert TensorType("float64", (2, 1, None))().dimshuffle(2, "x", 0).type.shape == (None, 1, 2)


@pytest.mark.parametrize(
    ("order", "error", "text"),
    [
        ((0,), ValueError, "drop a non-broadcastable"),
        ((0, 0), ValueError, "appear twice"),
        ((0, 5), ValueError, "only has 2 axes"),
        ((0, "y"), TypeError, "'x'"),
        ((0, 1.0), TypeError, "ints or 'x'"),
    ],
)
def test_wrong_orders(order, error, text):
    with pytest.raises(error, match=text):
        at.dmatrix("x").dimshuffle(*order)


def test_wrong_inputs():
    op = DimShuffle((True, False), (1,))
    with pytest.raises(TypeError, match="broadcastable"):
        op(at.dmatrix("x"))
    with pytest.raises(TypeError, match="number of dimensions"):
        op(at.dvector("x"))
    with pytest.raises(TypeError, match="tensor"):
        op(3)


def test_an_op_is_a_value():
    op = DimShuffle((False, True), (0,))
    copy = pickle.loads(pickle.dumps(op))
    assert copy == op
    assert hash(copy) == hash(op)
    x = at.dcol("x")
    np.testing.assert_array_equal(evaluate(copy(x), {x: [[1], [2]]}), [1, 2])


def test_forward_derivative():
    x, e = at.dmatrix("x"), at.dmatrix("e")
    y = x.dimshuffle(1, 0)
    (pushed,) = y.owner.op.R_op([x], [e])
    np.testing.assert_array_equal(evaluate(pushed, {e: [[1, 2]]}), [[1], [2]])
    assert y.owner.op.R_op([x], [None]) == [None]
