"""Sorting, and what follows from it."""

import numpy as np
import pytest
from support.checking import check, check_gradient
from support.evaluation import evaluate

import aesaralite.tensor as at
from aesaralite.tensor.sorting import ArgSortOp, SortOp, inverse_permutation, permute_row_elements
from aesaralite.tensor.type import TensorType

rng = np.random.default_rng(14)
SHAPES = [(3,), (0,), (2, 3), (2, 0, 3)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", ["float64", "int8", "bool", "float32"])
def test_sort(shape, dtype):
    value = (rng.normal(size=shape) * 2).astype(dtype)
    for axis in (None, *range(-len(shape), len(shape))):
        check(lambda x, i=axis: at.sort(x, axis=i), lambda x, i=axis: np.sort(x, axis=i), value)
        check(lambda x, i=axis: at.argsort(x, axis=i), lambda x, i=axis: np.argsort(x, axis=i, kind="stable"), value)


def test_nan_comes_last_and_equal_elements_keep_their_order():
    check(at.sort, np.sort, np.array([np.nan, 1.0, np.nan, 0.0]))
    check(at.argsort, lambda x: np.argsort(x, kind="stable"), np.tile([1, 0], 50))


def test_axis_may_be_symbolic():
    value = rng.normal(size=(2, 3))
    check(lambda x, i: at.sort(x, i), lambda x, i: np.sort(x, int(i)), value, 0)
    check(lambda x, i: at.argsort(x, i), lambda x, i: np.argsort(x, int(i)), value, -1)
    x, axis = at.dmatrix(), at.lscalar("my_axis")
    with pytest.raises(NotImplementedError, match="my_axis"):
        at.grad(at.sum(at.sort(x, axis)), x)


def test_properties():
    assert SortOp("quicksort", None) == SortOp() != SortOp("stable")
    assert str(SortOp()) == "SortOp{quicksort, None}"
    assert str(ArgSortOp()) == "ArgSortOp{quicksort, None}"
    x = at.dmatrix("my_matrix")
    with pytest.raises(ValueError, match="my_matrix"):
        at.sort(x, axis=2)
    with pytest.raises(ValueError, match="kind must be one of"):
        at.sort(x, kind="slow")
    with pytest.raises(ValueError, match="structured"):
        at.sort(x, order="name")
    assert at.sort(x, axis=-1).owner.inputs[1].data == 1


def test_gradients():
    for shape in [(3,), (3, 2)]:
        value = rng.normal(size=shape)
        check_gradient(lambda x: at.sort(x, 0), value)
        check_gradient(lambda x: at.sort(x, None), value)
        check_gradient(lambda x: at.topk(x, 2, 0), value)
    x = at.dvector("x")
    gradient = at.grad(at.sum(at.argsort(x) * 1.0), x)
    np.testing.assert_array_equal(evaluate(gradient, {x: [2.0, 1.0]}), [0, 0])


@pytest.mark.parametrize("k", [1, 2, -2, 3])
@pytest.mark.parametrize("axis", [0, 1, None])
def test_topk(k, axis):
    def reference(x):
        x, i = (x.ravel(), 0) if axis is None else (x, axis)
        order = np.argsort(x, i, kind="stable")
        order = np.flip(order, i) if k > 0 else order
        order = np.take(order, range(abs(k)), i)
        return [np.take_along_axis(x, order, i), order]

    check(lambda x: at.topk_and_argtopk(x, k, axis), reference, rng.normal(size=(3, 4)))


def test_topk_sizes():
    x = TensorType("float64", (5,))("my_vector")
    assert at.topk(x, 2).type.shape == (2,)
    assert at.argtopk(x, 2, idx_dtype="int32").type.dtype == "int32"
    with pytest.raises(ValueError, match="must not be zero"):
        at.topk(x, 0)
    with pytest.raises(ValueError, match="larger than the size 5 of dimension 0 of my_vector"):
        at.topk(x, 6)
    y, k = at.dvector("y"), at.lscalar("k")
    np.testing.assert_array_equal(evaluate(at.topk(y, k), {y: [3.0, 1.0, 2.0], k: 2}), [3, 2])
    for wrong in (0, -1, 4):
        with pytest.raises(ValueError, match="between 1 and the size"):
            evaluate(at.topk(y, k), {y: [3.0, 1.0, 2.0], k: wrong})


def test_permutations():
    orders = np.array([[2, 0, 1], [0, 2, 1]], dtype="int32")
    check(inverse_permutation, lambda p: np.argsort(p).astype("int32"), orders)
    check(permute_row_elements, lambda x, p: x[p], rng.normal(size=3), orders)
    check(
        lambda x, p: permute_row_elements(x, p, inverse=True),
        lambda x, p: np.take_along_axis(x, np.argsort(p), -1),
        rng.normal(size=(2, 3)),
        orders,
    )
    check_gradient(lambda x: permute_row_elements(x, orders), rng.normal(size=3))
    with pytest.raises(TypeError, match="made of integers"):
        inverse_permutation(at.dvector())
