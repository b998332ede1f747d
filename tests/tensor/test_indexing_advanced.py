"""Integer arrays and masks: reading, writing, gradients, and what is built on them."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from support.evaluation import agrees, evaluate, inferred_shape
from support.indices import advanced_indices, numbered, symbolic, tensor_of

import aesaralite.tensor as at
from aesaralite.graph.basic import Constant
from aesaralite.graph.generic import NoneConst
from aesaralite.graph.null_type import DisconnectedType
from aesaralite.graph.traversal import io_toposort
from aesaralite.tensor.index_layout import basic_shape, group_indices, indexed_result_shape
from aesaralite.tensor.indexing_advanced import (
    AdvancedIncSubtensor,
    AdvancedIncSubtensor1,
    AdvancedSubtensor,
    AdvancedSubtensor1,
)
from aesaralite.tensor.nonzeros import Nonzero
from aesaralite.tensor.slice_type import MakeSlice, SliceConstant, make_slice, slicetype

shapes = st.lists(st.integers(0, 4), min_size=1, max_size=4).map(tuple)


def drawn_case(data):
    """A value, an index that NumPy accepts, what that reads, and the symbols for both."""
    value = numbered(data.draw(shapes))
    index = data.draw(advanced_indices(value.shape))
    try:
        part = value[index]
    except IndexError:
        assume(False)
    x = tensor_of(data.draw, value)
    entries, givens = symbolic(data.draw, index)
    return value, index, part, x, entries, {x: value, **givens}


def is_advanced(variable):
    return isinstance(variable.owner.op, AdvancedSubtensor)


@given(st.data())
def test_reading_is_numpys(data):
    _value, _index, part, x, entries, givens = drawn_case(data)
    out = x[entries]
    np.testing.assert_array_equal(evaluate(out, givens), part, strict=True)
    assert agrees(out.type.shape, part.shape)
    if is_advanced(out):
        assert inferred_shape(out, givens) == part.shape


@given(st.data(), st.booleans())
def test_writing_is_numpys(data, setting):
    value, index, part, x, entries, givens = drawn_case(data)
    skipped = data.draw(st.integers(0, part.ndim))
    shape = tuple(1 if data.draw(st.integers(0, 3)) == 0 else n for n in part.shape[skipped:])
    y_value = -numbered(shape)
    y = tensor_of(data.draw, y_value)
    expected = value.copy()
    if setting:
        expected[index] = y_value
        out = at.set_subtensor(x[entries], y)
    else:
        np.add.at(expected, index, np.broadcast_to(y_value, part.shape))
        out = at.inc_subtensor(x[entries], y)
    np.testing.assert_array_equal(evaluate(out, {**givens, y: y_value}), expected, strict=True)


@given(st.data(), st.sampled_from(["set", "inc", "nodup"]))
def test_gradients_are_adjoint(data, kind):
    """For a linear F, <g, F(dx, dy)> = <gx, dx> + <gy, dy>; also where an index names an element twice."""
    value, _index, part, x, entries, givens = drawn_case(data)
    read = x[entries]
    assume(is_advanced(read))
    g = read.type()
    gx, *rest = read.owner.op.L_op(read.owner.inputs, read.owner.outputs, [g])
    assert all(isinstance(v.type, DisconnectedType) for v in rest)
    assert np.sum(part**2 * part) == np.sum(evaluate(gx, {**givens, g: part**2}) * value)

    skipped = data.draw(st.integers(0, part.ndim))
    dy = -numbered(tuple(1 if data.draw(st.integers(0, 3)) == 0 else n for n in part.shape[skipped:]))
    y = tensor_of(data.draw, dy)
    if kind == "set":
        out = at.set_subtensor(read, y)
    else:
        out = at.inc_subtensor(read, y, ignore_duplicates=kind == "nodup")
    g = out.type()
    gx, gy, *rest = out.owner.op.L_op(out.owner.inputs, out.owner.outputs, [g])
    assert all(isinstance(v.type, DisconnectedType) for v in rest)
    result, gx, gy = evaluate([out, gx, gy], {**givens, y: dy, g: value**2})
    assert gx.shape == value.shape and gy.shape == dy.shape
    assert np.sum(value**2 * result) == np.sum(gx * value) + np.sum(gy * dy)


@given(st.data())
def test_rows(data):
    value = numbered(data.draw(shapes))
    n = value.shape[0]
    rows = np.array(data.draw(st.lists(st.integers(-n, n - 1), max_size=5)) if n else [], dtype="int64")
    x, i = tensor_of(data.draw, value), tensor_of(data.draw, rows)
    givens = {x: value, i: rows}
    read = AdvancedSubtensor1()(x, i)
    np.testing.assert_array_equal(evaluate(read, givens), value[rows], strict=True)
    assert inferred_shape(read, givens) == value[rows].shape
    y = -numbered(value[rows].shape)
    for setting in (False, True):
        out = AdvancedIncSubtensor1(setting)(x, y, i)
        expected = value.copy()
        if setting:
            expected[rows] = y
        else:
            np.add.at(expected, rows, y)
        np.testing.assert_array_equal(evaluate(out, givens), expected, strict=True)
        g = out.type()
        gx, gy, _ = out.owner.op.L_op(out.owner.inputs, out.owner.outputs, [g])
        gx, gy = evaluate([gx, gy], {**givens, g: value**2})
        assert np.sum(value**2 * expected) == np.sum(gx * value) + np.sum(gy * y)


def test_increments_with_fewer_dimensions_than_the_indices():
    x, i = at.dvector(), at.lmatrix()
    givens = {x: np.zeros(3), i: [[0, 1, 2], [0, 1, 2]]}
    out = at.inc_subtensor(x[i], np.array([1.0, 2.0, 3.0]))
    np.testing.assert_array_equal(evaluate(out, givens), [2, 4, 6])


def test_duplicates():
    x, i = at.dvector(), at.ivector()
    givens = {x: np.zeros(3), i: [0, 0, 2]}
    y = np.array([1.0, 2.0, 4.0])
    for index in (i, [0, 0, 2]):
        np.testing.assert_array_equal(evaluate(at.inc_subtensor(x[index], y), givens), [3, 0, 4])
        np.testing.assert_array_equal(evaluate(at.set_subtensor(x[index], y), givens), [2, 0, 4])
        once = at.inc_subtensor(x[index], y, ignore_duplicates=True)
        np.testing.assert_array_equal(evaluate(once, givens), [2, 0, 4])


def test_unique_indices_need_no_check_in_gradients():
    """Where an index can't name an element twice, the gradient of what is written is read, and that is all."""
    x, m = at.dmatrix(), at.vector(dtype="bool")
    mask = np.array([True, False, True])
    surely = [m, mask, [0, 2], [-1, -2], np.array([[1]]), ([0, 0], [1, 2]), (slice(1, 2), [0, 1])]
    doubtful = [at.lvector(), [0, 0], [-1, 0], ([0, 0], [1, 1])]
    for index in surely + doubtful:
        out = at.set_subtensor(x[index], 1.0)
        gradients = out.owner.op.L_op(out.owner.inputs, out.owner.outputs, [out.type()])
        scatters = [node for node in io_toposort([], gradients[1:2]) if isinstance(node.op, AdvancedIncSubtensor)]
        assert bool(scatters) == any(index is entry for entry in doubtful)


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint64", "float32", "complex128"])
def test_dtypes_of_arrays(dtype):
    x = at.matrix(dtype=dtype)
    value = np.arange(6).reshape(2, 3).astype(dtype)
    read = x[[1, 0, 1]]
    np.testing.assert_array_equal(evaluate(read, {x: value}), value[[1, 0, 1]], strict=True)
    out = at.inc_subtensor(read, value[0])
    expected = value.copy()
    np.add.at(expected, [1, 0, 1], value[0])
    np.testing.assert_array_equal(evaluate(out, {x: value}), expected, strict=True)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "uint64"])
@pytest.mark.parametrize("shape", [(3,), (2, 2), ()])
def test_dtypes_of_indices(dtype, shape):
    x, i = at.dmatrix(), at.tensor(dtype, shape=(None,) * len(shape))
    value, index = numbered((4, 3)), np.ones(shape, dtype=dtype)
    np.testing.assert_array_equal(evaluate(x[i], {x: value, i: index}), value[index])
    if len(shape) == 1:
        np.testing.assert_array_equal(evaluate(AdvancedSubtensor1()(x, i), {x: value, i: index}), value[index])


def test_lists_and_constants():
    x, i = at.dmatrix(), at.lscalar()
    value = numbered((4, 3))
    cases = [([0, 2], [0, 2]), ([[0, 1], [2, 3]], [[0, 1], [2, 3]]), ([], []), (at.constant([1, 1]), [1, 1])]
    for index, plain in cases:
        np.testing.assert_array_equal(evaluate(x[index], {x: value}), value[plain])
    np.testing.assert_array_equal(evaluate(x[[i, 0, i]], {x: value, i: 3}), value[[3, 0, 3]])
    assert x[[]].type.shape == (0, None)
    with pytest.raises(TypeError, match="Python bools"):
        x[[0, 1], [0, at.scalar(dtype="bool")]]


def test_masks():
    x, m, v = at.dmatrix(), at.matrix(dtype="bool"), at.vector(dtype="bool")
    value = numbered((2, 3))
    mask, rows = value % 2 == 0, np.array([False, True])
    givens = {x: value, m: mask, v: rows}
    np.testing.assert_array_equal(evaluate(x[m], givens), value[mask])
    np.testing.assert_array_equal(evaluate(x[mask], givens), value[mask])
    np.testing.assert_array_equal(evaluate(x[at.gt(x, 2)], givens), value[value > 2])
    np.testing.assert_array_equal(evaluate(x[v, 1:], givens), value[rows, 1:])
    np.testing.assert_array_equal(evaluate(x[v, [0, 2]], givens), value[rows, [0, 2]])
    np.testing.assert_array_equal(evaluate(at.set_subtensor(x[m], 0), givens), np.where(mask, 0, value))
    assert x[m].type.shape == (None,)
    assert at.tensor("float64", shape=(2, 3))[mask].type.shape == (3,)
    assert x[mask].type.shape == (3,)


def test_masks_of_another_shape():
    known = at.tensor("float64", shape=(2, 3))
    with pytest.raises(IndexError, match="size of axis is 3 but size of corresponding boolean axis is 2"):
        known[np.ones((2, 2), dtype=bool)]
    x, m = at.dmatrix(), at.vector(dtype="bool")
    for index in (m, [True, False, False]):
        mask = np.array([True, False, False])
        index = mask if isinstance(index, list) else index
        with pytest.raises(IndexError, match="boolean index did not match"):
            evaluate(x[index], {x: np.ones((2, 3)), m: mask})
        with pytest.raises(IndexError, match="boolean index did not match"):
            evaluate(at.set_subtensor(x[index], 0), {x: np.ones((2, 3)), m: mask})


def test_out_of_bounds():
    known = at.tensor("float64", shape=(3, None))
    for index in ([0, 3], np.array([[-4]]), (0, [1])):
        if isinstance(index, tuple):
            known[index]
            continue
        with pytest.raises(IndexError, match="out of bounds for axis 0"):
            known[index]
    with pytest.raises(IndexError, match="out of bounds"):
        AdvancedSubtensor1()(known, [3])
    # as in NumPy, where there is nothing to take there is nothing to check
    nothing = at.tensor("float64", shape=(3, 0))[np.zeros((1, 0), dtype="int8"), [0]]
    assert nothing.type.shape == (1, 0)
    x, i = at.dmatrix(), at.lvector()
    for bad in ([2], [-3]):
        givens = {x: np.ones((2, 3)), i: bad}
        for out in (
            x[i],
            at.set_subtensor(x[i], 1),
            at.inc_subtensor(x[i], 1),
            AdvancedSubtensor1()(x, i),
            AdvancedIncSubtensor1()(x, 1, i),
        ):
            with pytest.raises(IndexError, match="out of bounds"):
                evaluate(out, givens)


def test_index_arrays_that_do_not_broadcast():
    x, i, j = at.dmatrix(), at.lvector(), at.lvector()
    with pytest.raises(IndexError, match="could not be broadcast"):
        x[[0, 0], [1, 1, 1]]
    with pytest.raises(IndexError, match="broadcast"):
        evaluate(x[i, j], {x: np.ones((2, 3)), i: [0, 0], j: [1, 1, 1]})


def test_errors_of_ops():
    x, v, t, i = at.dmatrix(), at.dvector(), at.dtensor3(), at.lvector()
    with pytest.raises(TypeError, match="index must be vector"):
        AdvancedSubtensor1()(x, at.lmatrix())
    with pytest.raises(TypeError, match="index must be integers"):
        AdvancedSubtensor1()(x, v)
    with pytest.raises(TypeError, match="cannot index into a scalar"):
        AdvancedSubtensor1()(at.dscalar(), i)
    with pytest.raises(TypeError, match="cannot increment x subtensor with ndim=2 by y with ndim=3"):
        AdvancedIncSubtensor1()(x, t, i)
    with pytest.raises(TypeError, match="Trying to increment"):
        AdvancedIncSubtensor()(x, t, i)
    with pytest.raises(TypeError, match="index must be integers or a boolean mask"):
        AdvancedSubtensor()(x, v)
    with pytest.raises(NotImplementedError):
        AdvancedSubtensor()(x, at.scalar(dtype="bool"))
    with pytest.raises(IndexError, match="too many indices"):
        AdvancedSubtensor()(x, i, i, i)
    with pytest.raises(TypeError, match="doesn't fit"):
        at.set_subtensor(at.lmatrix()[i], v)


def test_texts():
    assert str(AdvancedSubtensor()) == "AdvancedSubtensor"
    assert str(AdvancedIncSubtensor1()) == "AdvancedIncSubtensor1{inc}"
    assert str(AdvancedIncSubtensor1(set_instead_of_inc=True)) == "AdvancedIncSubtensor1{set}"


def test_parts_that_are_written_through_views():
    x, i = at.dmatrix(), at.lvector()
    value = numbered((3, 4))
    givens = {x: value, i: [0, 2]}
    y = -numbered((2, 3))
    expected = value.copy()
    expected[:, [0, 2]] = y.T
    np.testing.assert_array_equal(evaluate(at.set_subtensor(x[:, i].T, y), givens), expected)
    np.testing.assert_array_equal(evaluate(at.set_subtensor(x.T[i].T, y.T), givens), expected)
    np.testing.assert_array_equal(evaluate(at.set_subtensor(at.take(x, i, axis=1), y.T), givens), expected)


# Slices and None as values


def test_inputs_of_advanced_nodes():
    x, i, k = at.dtensor3(), at.lvector(), at.lscalar()
    node = x[None, i, 1:3, k:].owner
    none, index, constant, made = node.inputs[1:]
    assert none is NoneConst and index is i
    assert isinstance(constant, SliceConstant) and constant.data == slice(1, 3, None)
    assert isinstance(made.owner.op, MakeSlice) and made.owner.inputs == [k, NoneConst, NoneConst]
    (index,) = x[at.matrix(dtype="bool")].owner.inputs[1:2]
    assert isinstance(index.owner.op, Nonzero)
    (index,) = at.tensor("float64", shape=(2, 2))[np.eye(2, dtype=bool)].owner.inputs[1:2]
    assert isinstance(index, Constant)


def test_slices_as_values():
    s, x, i = slicetype("s"), at.dmatrix(), at.lvector()
    givens = {s: slice(0, 2), x: numbered((3, 4)), i: [1, 1]}
    np.testing.assert_array_equal(evaluate(x[i, s], givens), givens[x][[1, 1], :2])
    np.testing.assert_array_equal(evaluate(x[s], givens), givens[x][:2])
    np.testing.assert_array_equal(evaluate(x[make_slice(slice(1, None))], givens), givens[x][1:])
    one, two = (SliceConstant(slicetype, slice(np.int64(n), None)) for n in (1, 1))
    assert one.equals(two) and hash(one.signature()) == hash(two.signature())
    assert str(one) == "SliceConstant{1::}"
    for wrong in (1, slice(1.5), slice(True), slice("a")):
        with pytest.raises(TypeError):
            slicetype.filter(wrong)
    with pytest.raises(TypeError, match="integer scalars"):
        make_slice(at.dscalar(), None, None)


# The layout of the result


def test_group_indices():
    i, j = at.lvector(), at.lvector()
    full = slice(None)
    assert group_indices([None, i, full, j]) == [
        (True, [(-1, None)]),
        (False, [(0, i)]),
        (True, [(1, full)]),
        (False, [(2, j)]),
    ]


def test_shapes_of_indexed_arrays():
    i = at.tensor("int64", shape=(5,))
    assert basic_shape((3, 4), (slice(0, 2), None, slice(None))) == (2, 1, 4)
    assert indexed_result_shape((3, 4, 6), (i, slice(1, None))) == (5, 3, 6)
    assert indexed_result_shape((3, 4, 6), (i, slice(None), i)) == (5, 4)
    assert indexed_result_shape((3, 4, 6), ((2, 1), slice(None), (5,)), indices_are_shapes=True) == (2, 5, 4)
    with pytest.raises(ValueError, match="Invalid index type"):
        basic_shape((3, 4), (1, slice(None)))


def test_static_shapes():
    x, i = at.tensor("float64", shape=(5, 4, 3)), at.lvector()
    assert x[[0, 1]].type.shape == (2, 4, 3)
    assert x[i].type.shape == (None, 4, 3)
    assert x[:, [[0], [1]], 0].type.shape == (5, 2, 1)
    assert x[[0, 1], :, [1, 2]].type.shape == (2, 4)
    assert x[None, i, 1:3].type.shape == (1, None, 2, 3)


# What is built on it


@given(st.data())
def test_nonzero(data):
    value = np.array(data.draw(shapes.flatmap(lambda s: st.just(np.zeros(s)))))
    bits = data.draw(st.lists(st.booleans(), min_size=value.size, max_size=value.size))
    value = np.array(bits, dtype=data.draw(st.sampled_from(["bool", "int8", "float64"]))).reshape(value.shape)
    x = tensor_of(data.draw, value)
    indices = at.nonzero(x)
    for ours, theirs in zip(evaluate(list(indices), {x: value}), np.nonzero(value), strict=True):
        np.testing.assert_array_equal(ours, theirs, strict=True)
    node = indices[0].owner
    shapes_ = node.op.infer_shape(None, node, [()])
    assert len(shapes_) == value.ndim
    assert evaluate(shapes_[0][0], {x: value}) == np.count_nonzero(value)
    np.testing.assert_array_equal(evaluate(at.nonzero(x, return_matrix=True), {x: value}), np.array(np.nonzero(value)))
    np.testing.assert_array_equal(evaluate(at.flatnonzero(x), {x: value}), np.flatnonzero(value))
    np.testing.assert_array_equal(evaluate(at.nonzero_values(x), {x: value}), value[np.nonzero(value)])


def test_nonzero_of_a_scalar():
    for function in (at.nonzero, at.flatnonzero, at.nonzero_values):
        with pytest.raises(ValueError, match="Nonzero only supports non-scalar arrays"):
            function(at.dscalar())


@pytest.mark.parametrize("mode", ["raise", "wrap", "clip", None])
@pytest.mark.parametrize("axis", [None, 0, 1, -1, -2])
@pytest.mark.parametrize("index", [2, [0, 1], [[-1, 0], [2, 1]]])
def test_take(mode, axis, index):
    x, i = at.dmatrix(), at.tensor("int8", shape=(None,) * np.ndim(index))
    value = numbered((3, 4))
    if mode in ("wrap", "clip"):
        index = np.array(index, dtype="int8") * 5 - 3
    expected = np.take(value, index, axis=axis, mode=mode or "raise")
    for indices in (i, index):
        np.testing.assert_array_equal(
            evaluate(at.take(x, indices, axis=axis, mode=mode), {x: value, i: index}), expected
        )


def test_take_errors():
    x, i = at.dmatrix(), at.lvector()
    with pytest.raises(ValueError, match="mode"):
        at.take(x, i, mode="foo")
    with pytest.raises(IndexError):
        at.take(x, i, axis=2)
    with pytest.raises(TypeError):
        at.take(x, i, axis=at.lscalar())
    with pytest.raises(IndexError):
        evaluate(at.take(x, i), {x: np.ones((2, 2)), i: [4]})


@pytest.mark.parametrize("axis", [None, 0, 1, -1])
def test_take_along_axis(axis):
    x, i = at.dmatrix(), at.lvector() if axis is None else at.lmatrix()
    value = np.random.default_rng(0).normal(size=(3, 4))
    index = np.argsort(value, axis=axis)
    expected = np.take_along_axis(value, index, axis=axis)
    np.testing.assert_array_equal(evaluate(at.take_along_axis(x, i, axis), {x: value, i: index}), expected)


def test_take_along_axis_errors():
    with pytest.raises(ValueError, match="same number of dimensions"):
        at.take_along_axis(at.dmatrix(), at.lvector(), 0)
    with pytest.raises(ValueError, match="single dimension"):
        at.take_along_axis(at.dmatrix(), at.lmatrix(), None)


@pytest.mark.parametrize("mode", ["raise", "wrap", "clip"])
def test_choose(mode):
    a, choices, b = at.lmatrix(), at.dtensor3(), at.lvector()
    which = np.array([[0, 1, 2], [2, 1, 0]])
    values = -numbered((3, 1, 3))
    if mode != "raise":
        which = which * 3 - 2
    givens = {a: which, choices: values, b: which[0]}
    expected = np.choose(which, values, mode=mode)
    np.testing.assert_array_equal(evaluate(at.choose(a, choices, mode=mode), givens), expected)
    np.testing.assert_array_equal(evaluate(at.choose(a, [choices[i] for i in range(3)], mode=mode), givens), expected)
    expected = np.choose(which[0], numbered((3, 2, 3)), mode=mode)
    np.testing.assert_array_equal(evaluate(at.choose(b, numbered((3, 2, 3)), mode=mode), givens), expected)
    np.testing.assert_array_equal(evaluate(at.choose(b, list(numbered((3, 2, 3))), mode=mode), givens), expected)


def test_choose_errors():
    a, v = at.lvector(), at.dvector()
    for choices in (np.ones((2, 3)), [v, v]):
        for bad in (-1, 2):
            with pytest.raises(ValueError, match="invalid entry in choice array"):
                evaluate(at.choose(a, choices), {a: [bad] * 3, v: np.ones(3)})
    with pytest.raises(ValueError, match="mode"):
        at.choose(a, [v, v], mode="foo")
    with pytest.raises(ValueError, match="at least one"):
        at.choose(a, [])
    with pytest.raises(TypeError, match="integers"):
        at.choose(v, [v, v])
