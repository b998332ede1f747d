"""Running sums, repetition, counting, searching, index conversion, convolution."""

import numpy as np
import pytest
from support.checking import check, check_gradient
from support.evaluation import evaluate

import aesaralite.tensor as at
from aesaralite.configdefaults import config
from aesaralite.errors import NullTypeGradError
from aesaralite.tensor.convolution import convolve
from aesaralite.tensor.cumulative import CumOp
from aesaralite.tensor.extras import Repeat, SearchsortedOp
from aesaralite.tensor.type import TensorType

rng = np.random.default_rng(15)
SHAPES = [(), (3,), (0,), (2, 3), (2, 0, 3)]


# Running sums and products


@pytest.mark.parametrize("shape", SHAPES)
def test_cumulative(shape):
    value = rng.normal(size=shape)
    for axis in (None, *range(-len(shape), len(shape))):
        check(lambda x, i=axis: at.cumsum(x, i), lambda x, i=axis: np.cumsum(x, i), value)
        check(lambda x, i=axis: at.cumprod(x, i), lambda x, i=axis: np.cumprod(x, i), value)


@pytest.mark.parametrize("dtype", ["int8", "bool", "uint16", "float32"])
def test_cumulative_keep_the_dtype(dtype):
    check(at.cumsum, lambda x: np.cumsum(x, dtype=dtype), np.ones(3, dtype=dtype))


def test_cumulative_properties():
    x = at.dmatrix("my_matrix")
    assert at.cumsum(x, -1).owner.op == CumOp(1, "add")
    assert str(CumOp(0, "mul")) == "CumOp{0, mul}"
    with pytest.raises(ValueError, match=r"axis\(=2\) out of bounds for my_matrix"):
        at.cumsum(x, 2)
    with pytest.raises(ValueError, match="Unknown mode"):
        CumOp(0, "div")


@pytest.mark.parametrize("axis", [None, 0, 1])
def test_gradients_of_cumulative(axis):
    value = rng.normal(size=(3, 2))
    check_gradient(lambda x: at.cumsum(x, axis), value)
    check_gradient(lambda x: at.cumprod(x, axis), value)
    value[1, 0] = 0
    check_gradient(lambda x: at.cumprod(x, axis), value)


def test_gradient_of_products_with_several_zeros():
    x = at.dvector("x")
    gradient = at.grad(at.sum(at.cumprod(x)), x)
    np.testing.assert_allclose(evaluate(gradient, {x: [2.0, 0.0, 3.0, 0.0, 5.0]}), [1, 8, 0, 0, 0])


def test_diff():
    value = rng.normal(size=(4, 3))
    for n in range(3):
        for axis in (0, 1, -1):
            check(lambda x, n=n, i=axis: at.diff(x, n, i), lambda x, n=n, i=axis: np.diff(x, n, i), value)
    check(at.diff, np.diff, np.array([True, False, False]))
    check_gradient(lambda x: at.diff(x, 2, 0), value)
    with pytest.raises(ValueError, match="must not be negative"):
        at.diff(at.dvector(), -1)


# Repeating and reversing


@pytest.mark.parametrize("shape", SHAPES)
def test_repeat_equally_often(shape):
    value = rng.normal(size=shape)
    for axis in (None, *range(-len(shape), len(shape))):
        for count in (0, 1, 3):
            check(lambda x, n=count, i=axis: at.repeat(x, n, i), lambda x, n=count, i=axis: np.repeat(x, n, i), value)
        check(lambda x, n, i=axis: at.repeat(x, n, i), lambda x, n, i=axis: np.repeat(x, int(n), i), value, 2)


def test_repeat_by_a_vector():
    value, counts = rng.normal(size=(2, 3)), np.array([1, 0, 2], dtype="int8")
    check(lambda x, n: at.repeat(x, n, 1), lambda x, n: np.repeat(x, n, 1), value, counts)
    check(at.repeat, np.repeat, value[0], counts)
    check_gradient(lambda x: at.repeat(x, counts, 1), value)
    check_gradient(lambda x: at.repeat(x, np.array([1, 0, 2, 1, 1, 1])), value)
    for axis in (None, 0, -1):
        check(lambda x, n, axis=axis: Repeat(axis)(x, n), lambda x, n, axis=axis: np.repeat(x, n, axis), value, 3)


def test_repeat_that_is_wrong():
    x, n = at.dvector("x"), at.lvector("n")
    with pytest.raises(ValueError, match="should not exceed 1"):
        at.repeat(x, at.lmatrix())
    with pytest.raises(TypeError, match="must be an integer"):
        at.repeat(x, x)
    with pytest.raises(TypeError, match="must be an integer"):
        at.repeat(x, 1.5)
    with pytest.raises(ValueError, match="repeats has length 2"):
        Repeat(0)(TensorType("float64", (3,))(), np.array([1, 2]))
    for wrong, message in [([1, 2], "length 2"), ([1, -2, 1], "negative")]:
        with pytest.raises(ValueError, match=message):
            evaluate(at.repeat(x, n), {x: [1, 2, 3], n: wrong})


def test_flip():
    value = rng.normal(size=(2, 3))
    for axis in (None, 0, -1, (0, 1), ()):
        check(lambda x, i=axis: at.flip(x, i), lambda x, i=axis: np.flip(x, i), value)
    check_gradient(lambda x: at.flip(x, 0), value)


# Counting and searching


def test_bincount():
    check(at.bincount, np.bincount, np.array([1, 1, 3]))
    check(at.bincount, np.bincount, np.array([], dtype="int64"))
    check(
        lambda x, w: at.bincount(x, w, minlength=6),
        lambda x, w: np.bincount(x, w, 6),
        np.array([1, 1, 3], dtype="uint8"),
        rng.normal(size=3),
    )
    check_gradient(lambda w: at.bincount(np.array([1, 1, 3]), w), rng.normal(size=3))
    with pytest.raises(TypeError, match="vector of integers"):
        at.bincount(at.dvector())
    x = at.lvector("x")
    with pytest.raises(ValueError, match="negative values"):
        evaluate(at.bincount(x), {x: [1, -1]})
    with pytest.raises(AssertionError, match="negative values"):
        evaluate(at.bincount(x, assert_nonneg=True), {x: [1, -1]})


def test_compress():
    value = rng.normal(size=(3, 2))
    check(lambda c, x: at.compress(c, x, 0), lambda c, x: np.compress(c, x, 0), np.array([1, 0, 1]), value)
    check(at.compress, np.compress, np.array([True, False]), value)
    check_gradient(lambda x: at.compress([1, 0, 1], x, 0), value)


def test_searchsorted():
    check(at.searchsorted, np.searchsorted, np.arange(5.0), rng.normal(size=(2, 3)))
    check(lambda a, v: at.searchsorted(a, v, "right"), lambda a, v: np.searchsorted(a, v, "right"), np.arange(5), 2)
    check(
        lambda a, v, s: at.searchsorted(a, v, sorter=s),
        lambda a, v, s: np.searchsorted(a, v, sorter=s),
        np.array([3.0, 1, 2]),
        np.array([1.5, 2.5]),
        np.array([1, 2, 0]),
    )
    with pytest.raises(ValueError, match="invalid value for keyword 'side'"):
        SearchsortedOp("middle")
    with pytest.raises(ValueError, match="needs a vector"):
        at.searchsorted(at.dmatrix(), 1.0)
    with pytest.raises(TypeError, match="sorter must be"):
        at.searchsorted(at.dvector(), 1.0, sorter=at.dvector())


def test_unique():
    value = np.array([[3, 1], [1, 2]])
    check(at.unique, np.unique, value)
    check(
        lambda x: at.unique(x, True, True, True),
        lambda x: [np.ravel(result) for result in np.unique(x, True, True, True)],
        value,
    )
    check(lambda x: at.unique(x, axis=0), lambda x: np.unique(x, axis=0), np.array([[3, 1], [3, 1]]))
    x = at.dvector("x")
    with pytest.raises(NullTypeGradError, match="not implemented"):
        at.grad(at.sum(at.unique(x)), x)


def test_one_hot():
    check(lambda y: at.to_one_hot(y, 4), lambda y: np.eye(4)[y], np.array([1, 3]))
    y = at.lvector("y")
    assert at.to_one_hot(y, 4, dtype="int8").type.dtype == "int8"
    with pytest.raises(IndexError):
        evaluate(at.to_one_hot(y, 4), {y: [4]})
    with pytest.raises(TypeError, match="vector of integers"):
        at.to_one_hot(at.dvector(), 4)


# Index conversion


@pytest.mark.parametrize("order", ["C", "F"])
def test_flat_indices(order):
    rows, columns = np.array([1, 2]), np.array([[3], [0]])
    check(
        lambda i, j: at.ravel_multi_index((i, j), (3, 4), order=order),
        lambda i, j: np.ravel_multi_index(np.broadcast_arrays(i, j), (3, 4), order=order),
        rows,
        columns,
    )
    check(
        lambda i: at.ravel_multi_index(i, (3, 4), order=order),
        lambda i: np.ravel_multi_index(tuple(i), (3, 4), order=order),
        np.array([[1, 2], [3, 0]]),
    )
    check(
        lambda i: at.unravel_index(i, (3, 4), order=order),
        lambda i: np.unravel_index(i, (3, 4), order=order),
        np.array([[1, 2], [11, 0]]),
    )


def test_flat_indices_out_of_bounds():
    i = at.lvector("i")
    with pytest.raises(ValueError, match="invalid entry"):
        evaluate(at.ravel_multi_index((i, i), (3, 4)), {i: [3]})
    assert evaluate(at.ravel_multi_index((i, i), (3, 4), mode="wrap"), {i: [5]}) == [9]
    assert evaluate(at.ravel_multi_index((i, i), (3, 4), mode="clip"), {i: [5]}) == [11]
    with pytest.raises(ValueError, match="out of bounds"):
        evaluate(at.unravel_index(i, (3, 4)), {i: [12]})
    with pytest.raises(ValueError, match="mode must be"):
        at.ravel_multi_index((i, i), (3, 4), mode="other")
    with pytest.raises(ValueError, match="order must be"):
        at.unravel_index(i, (3, 4), order="A")
    with pytest.raises(TypeError, match="made of integers"):
        at.unravel_index(at.dvector(), (3, 4))
    with pytest.raises(ValueError, match="dims has length 2"):
        at.ravel_multi_index((i, i, i), (3, 4))


# Windows and convolution


@pytest.mark.parametrize("length", [-1, 0, 1, 2, 5, 6])
def test_bartlett(length):
    check(lambda: at.bartlett(length), lambda: np.bartlett(length))
    check(at.bartlett, lambda m: np.bartlett(int(m)), length)
    assert at.bartlett(length).type.dtype == config.floatX


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
def test_convolve(mode):
    for n, m in [(5, 2), (3, 4), (1, 1)]:
        a, v = rng.normal(size=n), rng.normal(size=m)
        check(lambda a, v: convolve(a, v, mode), lambda a, v: np.convolve(a, v, mode), a, v)
        check_gradient(lambda a, v: convolve(a, v, mode), a, v)


def test_convolve_that_is_wrong():
    x = at.dvector("x")
    with pytest.raises(ValueError, match="takes vectors"):
        convolve(x, at.dmatrix())
    with pytest.raises(ValueError, match="mode must be"):
        convolve(x, x, "most")
    with pytest.raises(ValueError, match="must not be empty"):
        evaluate(convolve(x, x), {x: []})
    with pytest.raises(ValueError, match="is empty"):
        convolve(x, np.ones(0))
