"""Products of matrices and arrays."""

import numpy as np
import pytest
from support.checking import check, check_gradient
from support.evaluation import evaluate

import aesaralite.tensor as at
from aesaralite.tensor.products import BatchedDot, Dot
from aesaralite.tensor.type import TensorType

rng = np.random.default_rng(12)


def arrays(*shapes):
    return [rng.normal(size=shape) for shape in shapes]


MATMUL = [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (3, 2)),
    ((2, 3), (3, 4)),
    ((0, 3), (3, 2)),
    ((2, 0), (0, 3)),
    ((4, 2, 3), (3,)),
    ((4, 2, 3), (3, 5)),
    ((3,), (4, 3, 2)),
    ((2, 3), (4, 3, 2)),
    ((4, 2, 3), (4, 3, 5)),
    ((1, 2, 3), (4, 3, 5)),
    ((5, 1, 2, 3), (4, 3, 5)),
    ((0, 2, 3), (3, 5)),
    ((2, 0, 3), (1, 3, 5)),
    ((4, 2, 0), (4, 0, 5)),
]


@pytest.mark.parametrize("shapes", MATMUL)
def test_matmul(shapes):
    values = arrays(*shapes)
    check(at.matmul, np.matmul, *values)
    check(lambda a, b: a @ b, np.matmul, *values)
    if all(value.size for value in values):
        check_gradient(at.matmul, *values)


@pytest.mark.parametrize("shapes", [((), ()), ((), (3,)), ((2, 3), ()), *MATMUL[:8], ((2, 3), (4, 3, 2))])
def test_dot(shapes):
    check(at.dot, np.dot, *arrays(*shapes))


@pytest.mark.parametrize("left", ["float64", "float32", "int8", "bool", "complex64", "uint16"])
@pytest.mark.parametrize("right", ["float32", "int64", "bool", "float16"])
def test_dtypes_of_dot(left, right):
    a, b = rng.integers(0, 2, size=(2, 3)).astype(left), rng.integers(0, 2, size=(3, 2)).astype(right)
    check(at.dot, np.dot, a, b)
    check(lambda a, b: at.matmul(a, b, dtype="float32"), lambda a, b: np.matmul(a, b, dtype="float32"), a.real, b)


def test_wrong_products():
    x, y = TensorType("float64", (2, 3))("my_x"), TensorType("float64", (4, 2))("my_y")
    for product in (at.dot, at.matmul):
        with pytest.raises(ValueError, match=r"Shapes \(2, 3\) of my_x and \(4, 2\) of my_y are not aligned"):
            product(x, y)
    with pytest.raises(TypeError, match="must have ndim of 1 or 2, 3 given"):
        Dot()(at.dtensor3(), x)
    with pytest.raises(TypeError, match="ndim of 2 or 3"):
        BatchedDot()(at.dvector(), x)
    with pytest.raises(ValueError, match="cannot be scalar"):
        at.matmul(at.dscalar(), x)
    with pytest.raises(TypeError, match="a must have at least one"):
        at.batched_dot(at.dscalar(), x)
    with pytest.raises(ValueError, match="batch dimension"):
        at.batched_dot(TensorType("float64", (2, 3, 4))(), TensorType("float64", (3, 4, 5))())


def test_wrong_sizes_when_it_runs():
    x, y = at.dmatrix("x"), at.dmatrix("y")
    with pytest.raises(ValueError, match="not aligned"):
        evaluate(at.dot(x, y), {x: np.ones((2, 3)), y: np.ones((2, 3))})
    a, b = at.dtensor3("a"), at.dtensor3("b")
    with pytest.raises(ValueError, match="batch dimension"):
        evaluate(at.batched_dot(a, b), {a: np.ones((2, 3, 3)), b: np.ones((3, 3, 3))})
    with pytest.raises(ValueError, match="broadcast"):
        evaluate(at.matmul(a, b), {a: np.ones((2, 3, 3)), b: np.ones((3, 3, 3))})
    # the sizes differ, but not their product
    with pytest.raises(ValueError, match="different sizes"):
        evaluate(at.tensordot(a, b, 2), {a: np.ones((2, 2, 6)), b: np.ones((3, 4, 2))})


TENSORDOT = [
    ((2, 3, 4), (3, 4, 5), 2),
    ((2, 3, 4), (4, 5), 1),
    ((2, 3), (4, 5), 0),
    ((2, 3, 4), (4, 3, 5), [[1, 2], [1, 0]]),
    ((2, 3, 4), (4, 3), [[2, -2], [0, 1]]),
    ((2, 3), (2, 5), [0, 0]),
    ((2, 3, 4), (4,), [[2], [0]]),
    ((0, 3), (3, 2), 1),
]


@pytest.mark.parametrize(("left", "right", "axes"), TENSORDOT)
def test_tensordot(left, right, axes):
    values = arrays(left, right)
    check(lambda a, b: at.tensordot(a, b, axes), lambda a, b: np.tensordot(a, b, axes), *values)
    if values[0].size:
        check_gradient(lambda a, b: at.tensordot(a, b, axes), *values)


def test_wrong_axes_of_tensordot():
    x, y = at.dtensor3("x"), at.dmatrix("y")
    with pytest.raises(ValueError, match="axes can not be larger than the number of dimensions of b"):
        at.tensordot(x, y, 3)
    with pytest.raises(ValueError, match="as many dimensions"):
        at.tensordot(x, y, [[0, 1], [0]])
    with pytest.raises(ValueError, match="repeated axis"):
        at.tensordot(x, y, [[0, 0], [0, 1]])
    with pytest.raises(ValueError, match="out of bounds"):
        at.tensordot(x, y, [[3], [0]])
    with pytest.raises(ValueError, match="batch dimension"):
        at.batched_tensordot(x, y, [[0], [1]])


BATCHED = [
    ((4, 2, 3), (4, 3, 5)),
    ((4, 3), (4, 3, 5)),
    ((4, 2, 3), (4, 3)),
    ((4, 3), (4, 3)),
    ((4,), (4,)),
    ((4,), (4, 2)),
    ((4, 2, 2, 3), (4, 3, 5)),
    ((4, 2), (4,)),
]


@pytest.mark.parametrize("shapes", BATCHED)
def test_batched_dot(shapes):
    values = arrays(*shapes)
    check(at.batched_dot, lambda a, b: np.array([np.dot(x, y) for x, y in zip(a, b)]), *values)
    check_gradient(at.batched_dot, *values)


def test_batched_tensordot():
    def reference(axes):
        return lambda a, b: np.array([np.tensordot(x, y, axes) for x, y in zip(a, b)])

    check(at.batched_tensordot, reference(2), *arrays((3, 2, 3, 4), (3, 3, 4, 2)))
    check(lambda a, b: at.batched_tensordot(a, b, [[2], [1]]), reference([[1], [0]]), *arrays((3, 2, 4, 2), (3, 4, 5)))


def test_other_products():
    a, b = arrays((3,), (2,))
    check(at.outer, np.outer, a, b)
    check(at.outer, np.outer, *arrays((3, 2), (2,)))
    check(at.kron, np.kron, *arrays((2, 3), (3, 2)))
    check(at.kron, np.kron, *arrays((3,), (3, 2)))
    check(at.inner, np.inner, *arrays((2, 3), (4, 3)))
    check(at.vdot, np.vdot, a + 1j, a * 2j)
    check_gradient(at.kron, *arrays((2, 2), (2, 1)))
    check_gradient(at.inner, *arrays((2, 3), (4, 3)))


def test_static_shapes():
    x, y = TensorType("float64", (2, 3))(), TensorType("float64", (3, None))()
    assert at.dot(x, y).type.shape == (2, None)
    assert at.matmul(TensorType("float64", (4, 2, 3))(), y).type.shape == (4, 2, None)
    assert at.matmul(TensorType("float64", (4, 2, 3))(), TensorType("float64", (5, 1, 3, 6))()).type.shape == (
        5,
        4,
        2,
        6,
    )
    assert at.tensordot(TensorType("float64", (2, 3, 4))(), TensorType("float64", (4, 5))(), 1).type.shape == (2, 3, 5)
    assert str(at.dot(x, y).owner.op) == "dot"
