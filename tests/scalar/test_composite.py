"""Composite: a scalar graph as one Op."""

import pickle

import numpy as np
import pytest

from aesaralite import scalar as aes
from aesaralite.tensor.elementwise import Elemwise
from aesaralite.tensor.type import TensorType


@pytest.fixture
def polynomial():
    x, y = aes.float64("x"), aes.float64("y")
    return aes.Composite([x, y], [x * x + 2 * y, aes.exp(x)])


def test_values(polynomial):
    node = polynomial.make_node(aes.float64("x"), aes.float64("y"))
    storage = [[None], [None]]
    polynomial.perform(node, [np.float64(3), np.float64(0.5)], storage)
    assert storage[0][0] == 10.0
    assert storage[1][0] == np.exp(3.0)


def test_on_arrays(polynomial):
    matrix, vector = (TensorType("float64", (None,) * ndim)() for ndim in (2, 1))
    node = Elemwise(polynomial).make_node(matrix, vector)
    storage = [[None], [None]]
    x, y = np.arange(6.0).reshape(2, 3), np.arange(3.0)
    node.op.perform(node, [x, y[None]], storage)
    np.testing.assert_array_equal(storage[0][0], x * x + 2 * y)
    np.testing.assert_allclose(storage[1][0], np.exp(x))


def test_equality_is_that_of_the_operations():
    def make(scale):
        x = aes.float64("whatever")
        return aes.Composite([x], [aes.exp(x) * scale])

    assert make(2.0) == make(2.0)
    assert hash(make(2.0)) == hash(make(2.0))
    assert make(2.0) != make(3.0)
    copy = pickle.loads(pickle.dumps(make(2.0)))
    assert copy == make(2.0)


def test_a_composite_inside_is_written_out(polynomial):
    x = aes.float64("x")
    outer = aes.Composite([x], [polynomial(x, x)[0] + 1])
    assert not any(isinstance(op, aes.Composite) for op, _ in outer.steps)
    node = outer.make_node(x)
    storage = [[None]]
    outer.perform(node, [np.float64(2)], storage)
    assert storage[0][0] == 9.0


def test_gradient(polynomial):
    x, y = aes.float64("x"), aes.float64("y")
    seeds = [aes.float64("g0"), aes.float64("g1")]
    gradients = polynomial.L_op([x, y], polynomial(x, y), seeds)
    whole = aes.Composite([x, y, *seeds], gradients)
    node = whole.make_node(x, y, *seeds)
    storage = [[None], [None]]
    whole.perform(node, [np.float64(v) for v in (3, 0.5, 1, 10)], storage)
    assert storage[0][0] == pytest.approx(6 + 10 * np.exp(3))
    assert storage[1][0] == 2


def test_text(polynomial):
    assert str(polynomial).startswith("Composite{t0 = ")
    assert str(aes.Composite(polynomial.inputs, polynomial.outputs, name="poly")) == "poly"


def test_other_input_types_are_refused(polynomial):
    with pytest.raises(TypeError, match="float64"):
        polynomial(aes.float32("x"), aes.float64("y"))


def test_a_free_variable_is_refused():
    x, free = aes.float64("x"), aes.float64("free")
    with pytest.raises(ValueError, match="free"):
        aes.Composite([x], [x + free])
