"""Arrays put together, and taken apart."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.checking import check, check_gradient
from support.evaluation import evaluate

import aesaralite.tensor as at
from aesaralite.configdefaults import config
from aesaralite.tensor.joining import Join, MakeVector, Split
from aesaralite.tensor.type import TensorType

rng = np.random.default_rng(11)
SHAPES = [(), (3,), (0,), (2, 3), (1, 3), (2, 0, 3)]


@given(st.data())
def test_join(data):
    shape = data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=3))
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    values = []
    for _ in range(data.draw(st.integers(2, 3))):
        own = list(shape)
        own[axis] = data.draw(st.integers(0, 3))
        values.append(rng.normal(size=own).astype(data.draw(st.sampled_from(["float64", "int8", "float32"]))))
    check(lambda *arrays: at.join(axis, *arrays), lambda *arrays: np.concatenate(arrays, axis), *values)
    check(
        lambda axis, *arrays: at.join(axis, *arrays),
        lambda axis, *arrays: np.concatenate(arrays, int(axis)),
        axis,
        *values,
    )


def test_static_shape_of_join():
    x, y = TensorType("float64", (2, 3))("x"), TensorType("float64", (None, 3))("y")
    assert at.join(0, x, x).type.shape == (4, 3)
    assert at.join(0, x, y).type.shape == (None, 3)
    assert at.join(1, x, y).type.shape == (2, 6)
    assert at.join(at.lscalar(), x, x).type.shape == (None, None)


def test_join_checks_when_it_is_built():
    x = TensorType("float64", (2, 3))("my_array")
    with pytest.raises(
        ValueError, match=r"Can't join my_array of shape \(2, 3\), other of shape \(2, 4\) along axis 0"
    ):
        at.join(0, x, TensorType("float64", (2, 4))("other"))
    with pytest.raises(TypeError, match="same number of dimensions can be joined; my_array has 2, v has 1"):
        at.join(0, x, at.dvector("v"))
    with pytest.raises(TypeError, match="dimension 0"):
        at.join(0, at.dscalar(), at.dscalar())
    for axis in (2, -3):
        with pytest.raises(np.exceptions.AxisError, match=f"axis {axis} is out of bounds for my_array"):
            at.join(axis, x, x)
    with pytest.raises(TypeError, match="either a tuple or a list"):
        at.concatenate(x)
    with pytest.raises(ValueError, match="empty list"):
        at.concatenate([])
    with pytest.raises(TypeError, match="axis must be a scalar integer"):
        at.join(0.5, x, x)


def test_join_checks_when_it_runs():
    x, axis = at.dmatrix("x"), at.lscalar("axis")
    with pytest.raises(ValueError, match="axis 3 is out of range"):
        evaluate(at.join(axis, x, x), {x: np.ones((1, 1)), axis: 3})
    with pytest.raises(ValueError, match="must match exactly"):
        evaluate(at.join(0, x, np.ones((1, 2))), {x: np.ones((1, 3))})


def test_one_array_is_itself():
    x = at.dvector()
    assert at.concatenate([x]) is x


def test_gradient_of_join():
    check_gradient(lambda a, b: at.join(1, a, b), rng.normal(size=(2, 1)), rng.normal(size=(2, 2)))
    axis = at.lscalar("axis")
    x = at.dmatrix("x")
    gradient = at.grad(at.sum(at.join(axis, x, x) ** 2), x)
    np.testing.assert_allclose(evaluate(gradient, {axis: 1, x: np.ones((2, 3))}), np.full((2, 3), 4))
    assert Join().connection_pattern(at.join(0, x, x).owner) == [[False], [True], [True]]


@pytest.mark.parametrize("shape", SHAPES)
def test_stack(shape):
    value = rng.normal(size=shape)
    for axis in range(-len(shape) - 1, len(shape) + 1):
        check(lambda a, b, i=axis: at.stack([a, b], axis=i), lambda a, b, i=axis: np.stack([a, b], i), value, value)
    check(lambda a: at.stack(a, a), lambda a: np.stack([a, a]), value)
    check_gradient(lambda a: at.stack([a, a * 2], axis=-1), value)


def test_stack_that_is_wrong():
    v = at.dvector("v")
    with pytest.raises(ValueError, match="No tensor arguments"):
        at.stack([])
    with pytest.raises(IndexError, match=r"axis 3 is out of bounds \[-2, 2\)"):
        at.stack([v, v], axis=3)
    with pytest.raises(TypeError, match="same number of dimensions"):
        at.stack([v, at.dmatrix()])
    with pytest.raises(TypeError, match="must be a tuple or a list"):
        at.stack(v)


def test_dtypes_of_stacked_numbers():
    assert at.stack([at.fscalar(), 1.5]).type.dtype == "float32"
    assert at.stack([at.iscalar(), 1]).type.dtype == "int32"
    assert at.stack([at.iscalar(), 1.5]).type.dtype == "float64"
    assert at.stack([1, 2]).type.dtype == "int64"
    assert at.stack([1.0, 2]).type.dtype == config.floatX
    assert at.stack([np.int8(1), at.iscalar()]).type.dtype == "int32"


def test_lists_become_tensors():
    a, b = at.dscalars("a", "b")
    check(lambda a, b: at.as_tensor_variable([[a, b], [1, a]]), lambda a, b: np.array([[a, b], [1, a]]), 2.0, 3.0)
    check(
        lambda a, b: at.stacklists([[[a], [b]], [[1], [2.5]]]), lambda a, b: np.array([[[a], [b]], [[1], [2.5]]]), 2, 3
    )
    check(lambda v: at.as_tensor_variable([v, np.ones(3)]), lambda v: np.array([v, np.ones(3)]), np.zeros(3))
    assert at.sum([a, b]).type.shape == ()


def test_make_vector():
    n = at.iscalar("n")
    assert MakeVector("int32")(n, np.int8(1)).type == TensorType("int32", (2,))
    with pytest.raises(TypeError, match=r"upcastable to int32; got \['int32', 'int64'\]"):
        MakeVector("int32")(n, at.lscalar())
    with pytest.raises(ValueError, match="must be scalars; got v"):
        MakeVector("float64")(at.dvector("v"))
    check(lambda: MakeVector("int64")(), lambda: np.zeros(0, dtype="int64"))


def test_matrices_side_by_side():
    a, b = rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
    check(at.horizontal_stack, lambda a, b: np.hstack([a, b]), a, b)
    check(at.vertical_stack, lambda a, b: np.vstack([a, b]), a, b)
    with pytest.raises(ValueError, match="v has 1"):
        at.vertical_stack(at.dvector("v"), at.dmatrix())
    with pytest.raises(ValueError, match="Too few"):
        at.horizontal_stack(at.dmatrix())


def test_split():
    value = rng.normal(size=(2, 3))
    check(lambda x: at.split(x, [1, 0, 2], 3, axis=1), lambda x: np.split(x, [1, 1], axis=1), value)
    check(lambda x: at.split(x, [1, 0, 2], 3, axis=-1), lambda x: np.split(x, [1, 1], axis=1), value)
    check(lambda x, n: at.split(x, n, 2), lambda x, n: np.split(x, [1]), value, np.array([1, 1], dtype="int8"))
    check(lambda x, i: at.split(x, [1, 2], 2, axis=i), lambda x, i: np.split(x, [1], axis=1), value, 1)
    check_gradient(lambda x: at.split(x, [1, 2], 2, axis=1)[1], value)
    check_gradient(lambda x: at.concatenate(at.split(x, [1, 2], 2, axis=1)[::-1], axis=1), value)
    first, second = at.split(TensorType("float64", (5, 3))(), [2, 3], 2)
    assert (first.type.shape, second.type.shape) == ((2, 3), (3, 3))
    assert not isinstance(at.split(at.dvector(), at.lvector(), 1), list)
    assert Split(2).view_map == {0: [0], 1: [0]}


def test_split_that_is_wrong():
    x, n = at.dvector("x"), at.lvector("n")
    with pytest.raises(ValueError, match=r"Split of y: the split sizes \[1, 2\] sum to 3, expected 4"):
        at.split(TensorType("float64", (4,))("y"), [1, 2], 2)
    with pytest.raises(ValueError, match="must not be negative"):
        at.split(x, [-1, 2], 2)
    with pytest.raises(ValueError, match="needs 3 sizes"):
        at.split(x, [1, 2], 3)
    with pytest.raises(TypeError, match="vector of integers"):
        at.split(x, [1.0, 2.0], 2)
    with pytest.raises(TypeError, match="0-d"):
        at.split(at.dscalar(), [1], 1)
    pieces = at.split(x, n, 2)
    for sizes, message in [([1, 1], "sum to 2, expected 3"), ([-1, 4], "negative"), ([3], "1 sizes for 2 pieces")]:
        with pytest.raises(ValueError, match=message):
            evaluate(pieces, {x: [1, 2, 3], n: sizes})


@pytest.mark.parametrize("shape", SHAPES)
def test_tile(shape):
    value = rng.normal(size=shape)
    for reps in (2, (2,), (2, 1, 3), (0,), (1, 2)):
        check(lambda x, r=reps: at.tile(x, r), lambda x, r=reps: np.tile(x, r), value)
    check(lambda x, n: at.tile(x, (n, 2)), lambda x, n: np.tile(x, (int(n), 2)), value, 3)
    ndim = max(len(shape), 2)
    check(lambda x, r: at.tile(x, r, ndim=ndim), lambda x, r: np.tile(x, r), value, np.array([2] * ndim))


def test_tile_that_is_wrong():
    x = at.dmatrix("x")
    with pytest.raises(ValueError, match="specify the ndim"):
        at.tile(x, at.lvector())
    with pytest.raises(ValueError, match="at least"):
        at.tile(x, 2, ndim=1)
    with pytest.raises(ValueError, match="at most"):
        at.tile(x, (1, 2, 3), ndim=2)
    check_gradient(lambda x: at.tile(x, (2, 3)), rng.normal(size=(2, 2)))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("shift", [0, 1, -1, 7, -8])
def test_roll(shape, shift):
    value = rng.normal(size=shape)
    check(lambda x: at.roll(x, shift), lambda x: np.roll(x, shift), value)
    for axis in range(-len(shape), len(shape)):
        check(lambda x, i=axis: at.roll(x, shift, i), lambda x, i=axis: np.roll(x, shift, i), value)
        check(lambda x, n, i=axis: at.roll(x, n, i), lambda x, n, i=axis: np.roll(x, int(n), i), value, shift)


def test_roll_along_several_axes():
    value = rng.normal(size=(3, 4))
    check(lambda x: at.roll(x, (1, 2), (0, 1)), lambda x: np.roll(x, (1, 2), (0, 1)), value)
    check(lambda x: at.roll(x, 1, (0, 1)), lambda x: np.roll(x, 1, (0, 1)), value)
    check_gradient(lambda x: at.roll(x, 1, 0), value)
    with pytest.raises(ValueError, match="2 shifts for 1 axes"):
        at.roll(at.dmatrix(), (1, 2), 0)
