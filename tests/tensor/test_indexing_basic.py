"""Integers, slices, new axes and Ellipsis: reading, writing, gradients."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.evaluation import agrees, evaluate, inferred_shape
from support.indices import DTYPES, basic_indices, numbered, shapes, slices, symbolic, tensor_of

import aesaralite.tensor as at
from aesaralite import function
from aesaralite.errors import AdvancedIndexingError, NotScalarConstantError
from aesaralite.graph.basic import Constant
from aesaralite.graph.null_type import DisconnectedType
from aesaralite.scalar import get_scalar_type
from aesaralite.tensor.index_spec import (
    as_index_constant,
    as_index_literal,
    get_constant_idx,
    get_idx_list,
    get_slice_elements,
    index_vars_to_types,
)
from aesaralite.tensor.indexing_basic import IncSubtensor, Subtensor
from aesaralite.tensor.slice_geometry import get_canonical_form_slice, range_len, slice_geometry


def numpy_result(function):
    """What NumPy gives, or the type of the exception that it raises."""
    try:
        return function()
    except (IndexError, ValueError) as error:
        return type(error)


@given(st.data())
def test_reading_is_numpys(data):
    value = numbered(data.draw(shapes))
    index = data.draw(basic_indices(value.shape))
    expected = numpy_result(lambda: value[index])
    x = tensor_of(data.draw, value)
    entries, givens = symbolic(data.draw, index)
    if expected is IndexError:
        with pytest.raises(IndexError):
            evaluate(x[entries], {x: value, **givens})
        return
    out = x[entries]
    result = evaluate(out, {x: value, **givens})
    np.testing.assert_array_equal(result, expected, strict=True)
    assert agrees(out.type.shape, expected.shape)


@given(st.data())
def test_inferred_shape_is_the_shape(data):
    value = numbered(data.draw(shapes))
    index = data.draw(basic_indices(value.shape, new_axes=False))
    x = tensor_of(data.draw, value)
    entries, givens = symbolic(data.draw, index)
    expected = numpy_result(lambda: value[index])
    if expected is IndexError:
        return
    out = x[entries]
    assert inferred_shape(out, {x: value, **givens}) == expected.shape


@given(slices(), st.integers(0, 8), st.data())
def test_geometry_of_a_slice(theslice, n, data):
    positions = list(range(n))[theslice]
    (symbols,), givens = symbolic(data.draw, (theslice,))
    length = data.draw(st.sampled_from([n, at.lscalar("n")]))
    if length is not n:
        givens[length] = np.int64(n)

    def known(value):
        return int(evaluate(at.as_tensor_variable(value), givens))

    geometry = slice_geometry(symbols, length)
    first, step, count = known(geometry.first), known(geometry.step), known(geometry.count)
    assert [first + i * step for i in range(count)] == positions

    canonical, direction = get_canonical_form_slice(symbols, length)
    start, stop, step = known(canonical.start), known(canonical.stop), known(canonical.step)
    assert 0 <= start <= stop <= n and step > 0
    assert list(range(n))[start:stop:step][:: known(direction)] == positions


@given(st.integers(-9, 9), st.integers(-9, 9), st.integers(-4, 4).filter(bool), st.data())
def test_range_len(start, stop, step, data):
    (symbols,), givens = symbolic(data.draw, (slice(start, stop, step),))
    assert evaluate(at.as_tensor_variable(range_len(symbols)), givens) == len(range(start, stop, step))


def test_lengths_of_common_slices_are_short_expressions():
    x = at.dvector("x")
    n = at.lscalar("n")

    def length(out):
        return out.owner.op.infer_shape(None, out.owner, [(n,)] + [()] * (len(out.owner.inputs) - 1))[0][0]

    assert length(x[:]) is n
    assert length(x[::-1]) is n
    assert length(x[0:]) is n
    for out in (x[1:], x[:-1], x[:3], x[-3:]):
        nodes = at_depth(length(out))
        assert nodes <= 2


def at_depth(variable):
    """How many nodes stand between a variable and the inputs, at most."""
    if variable.owner is None:
        return 0
    return 1 + max(at_depth(v) for v in variable.owner.inputs)


@pytest.mark.parametrize("start", [0, 1, -1, 2**63 - 1, -(2**63)])
@pytest.mark.parametrize("stop", [0, 3, -1, 2**63 - 1, -(2**63)])
@pytest.mark.parametrize("step", [1, -1, 2**63 - 1, -(2**63)])
def test_extreme_bounds(start, stop, step):
    value = np.arange(5.0)
    expected = value[start:stop:step]
    x, a, b, c = at.dvector(), at.lscalar(), at.lscalar(), at.lscalar()
    givens = {x: value, a: np.int64(start), b: np.int64(stop), c: np.int64(step)}
    for out in (x[start:stop:step], x[a:b:c]):
        np.testing.assert_array_equal(evaluate(out, givens), expected)
        assert inferred_shape(out, givens) == expected.shape


@pytest.mark.parametrize("size", [0, 5])
def test_the_least_index_is_out_of_bounds(linker, size):
    """It has no opposite in int64: what compares the opposite with the size must not wrap around."""
    x, i = at.dvector(), at.lscalar()
    for out in (x[-(2**63)], x[i], at.set_subtensor(x[-(2**63)], 1.0), x[np.array([-(2**63)])]):
        f = function([x, i], out, on_unused_input="ignore")
        with pytest.raises(IndexError, match="out of bounds"):
            f(np.ones(size), -(2**63))


def test_unsigned_bounds_beyond_int64():
    x, n = at.dvector(), at.scalar(dtype="uint64")
    givens = {x: np.arange(4.0), n: np.uint64(2**63 + 5)}
    assert inferred_shape(x[:n], givens) == (4,)
    assert inferred_shape(x[n:], givens) == (0,)
    np.testing.assert_array_equal(evaluate(x[: 2**70], givens), np.arange(4.0))


def test_zero_step():
    x, k = at.dvector(), at.lscalar()
    with pytest.raises(ValueError, match="slice step cannot be zero"):
        x[::0]
    with pytest.raises(ValueError, match="slice step cannot be zero"):
        evaluate(x[::k], {x: np.arange(3.0), k: np.int64(0)})


def test_static_shapes():
    x = at.tensor("float64", shape=(5, 4, None))
    i = at.lscalar()
    assert x[0].type.shape == (4, None)
    assert x[1:].type.shape == (4, 4, None)
    assert x[::-2, 1:3].type.shape == (3, 2, None)
    assert x[i:].type.shape == (None, 4, None)
    assert x[..., None].type.shape == (5, 4, None, 1)
    assert x[:, None, -1].type.shape == (5, 1, None)
    assert x[10:].type.shape == (0, 4, None)
    v = at.dvector()
    for out in (v[1:1], v[:0], v[-1:-1:3], v[2:3:-1], v[-2:-3]):
        assert out.type.shape == (0,)
    for out in (v[-1:1], v[:2], v[0:-1], v[::-1]):
        assert out.type.shape == (None,)


def test_elements_that_are_known():
    x = at.tensor("float64", shape=(5, None))
    known = at.get_scalar_constant_value
    assert known(x.shape[0]) == 5
    assert known(at.constant([1, 2, 2])[1:]) == 2
    assert known(at.stack([at.lscalar(), at.constant(3)])[-1]) == 3
    assert known((at.zeros((3,)) + 1)[at.lscalar()]) == 1
    with pytest.raises(NotScalarConstantError):
        known(at.constant([1, 2, 3])[at.lscalar()])
    with pytest.raises(NotScalarConstantError):
        known(x.shape[1])
    assert x.reshape(x.shape[::-1]).type.shape == (None, 5)


def test_out_of_bounds():
    known = at.tensor("float64", shape=(3, None))
    with pytest.raises(IndexError, match="index 3 is out of bounds for axis 0"):
        known[3]
    with pytest.raises(IndexError, match="index -4 is out of bounds"):
        known[-4]
    x, i = at.dmatrix(), at.lscalar()
    with pytest.raises(IndexError, match="out of bounds"):
        evaluate(x[:, i], {x: np.ones((2, 3)), i: np.int64(3)})


@pytest.mark.parametrize(
    "index, error, match",
    [
        ((0, 0, 0), IndexError, "too many indices"),
        ((Ellipsis, Ellipsis), IndexError, "single Ellipsis"),
        (1.5, TypeError, "Expected an integer"),
        (slice(1.5, 2), TypeError, "Expected an integer"),
        ("a", TypeError, "Expected an integer"),
        (True, TypeError, "Python bools"),
        (np.True_, TypeError, "Python bools"),
        ([True, False], TypeError, "Python bools"),
        ([[True], [False]], TypeError, "Python bools"),
        ((0, [slice(None)]), TypeError, "must hold integers"),
        (np.zeros(2), TypeError, "integers or a boolean mask"),
        (np.zeros((3, 3, 3), dtype=bool), IndexError, "too many indices"),
    ],
)
def test_what_is_not_an_index(index, error, match):
    with pytest.raises(error, match=match):
        at.dmatrix()[index]


def test_symbols_that_are_not_indices():
    x = at.dmatrix()
    for wrong in (at.fscalar(), at.dvector(), at.scalar(dtype="bool"), at.constant(True)):
        with pytest.raises(TypeError):
            x[wrong]
        with pytest.raises(TypeError):
            x[wrong:]


@pytest.mark.parametrize("i", [1, np.int8(1), np.uint64(1), np.array(1), at.constant(1), at.constant(1, dtype="uint8")])
def test_kinds_of_integers(i):
    x = at.dmatrix()
    value = numbered((3, 4))
    np.testing.assert_array_equal(evaluate(x[i], {x: value}), value[1])
    np.testing.assert_array_equal(evaluate(x[i:], {x: value}), value[1:])


def test_a_list_with_slices_is_a_tuple():
    x = at.dmatrix()
    value = numbered((3, 4))
    np.testing.assert_array_equal(evaluate(x[[slice(1, -1), 0]], {x: value}), value[1:-1, 0])


def test_scalar_arrays():
    x = at.dscalar()
    for index in ((), ..., (...,)):
        assert evaluate(x[index], {x: 2.0}) == 2.0
    assert evaluate(x[None], {x: 2.0}).shape == (1,)
    with pytest.raises(IndexError):
        x[0]


def test_reading_is_a_view():
    x = at.dmatrix()
    node = x[1:, 0].owner
    storage = [[None]]
    value = numbered((3, 4))
    node.op.perform(node, [value, *(c.data for c in node.inputs[1:])], storage)
    assert node.op.view_map == {0: [0]}
    assert np.shares_memory(storage[0][0], value)


# The template


def test_template():
    x, i = at.tensor3("x"), at.iscalar("i")
    out = x[2, i:, ::-1]
    int32, int64 = get_scalar_type("int32"), get_scalar_type("int64")
    assert out.owner.op.idx_list == (int64, slice(int32, None, None), slice(None, None, int64))
    assert [v.data.item() if isinstance(v, Constant) else v.owner.inputs[0] for v in out.owner.inputs[1:]] == [2, i, -1]
    assert str(out.owner.op) == "Subtensor{int64, int32::, ::int64}"
    assert str(IncSubtensor(out.owner.op.idx_list)) == "IncSubtensor{Inc;int64, int32::, ::int64}"
    assert str(IncSubtensor([i], set_instead_of_inc=True)) == "IncSubtensor{Set;int32}"
    assert str(x[:, :2].owner.op) == "Subtensor{::, :int64:}"


def test_equality_of_ops():
    x, i, j = at.dmatrix(), at.lscalar(), at.lscalar()
    a, b, c = x[i:].owner.op, x[j:].owner.op, x[:i].owner.op
    assert a == b and hash(a) == hash(b)
    assert a != c
    assert pickle.loads(pickle.dumps(a)) == a
    assert IncSubtensor(a.idx_list) != IncSubtensor(a.idx_list, set_instead_of_inc=True)
    assert hash(IncSubtensor(a.idx_list)) != hash(a)


def test_errors_of_templates():
    x, i = at.dmatrix(), at.iscalar()
    with pytest.raises(TypeError):
        Subtensor([0])
    with pytest.raises(AdvancedIndexingError):
        Subtensor([at.ivector()])
    with pytest.raises(AdvancedIndexingError):
        Subtensor([1.5])
    with pytest.raises(IndexError, match="takes 1 inputs, got 0"):
        Subtensor([i])(x)
    with pytest.raises(TypeError, match="expected int32"):
        Subtensor([i])(x, at.lscalar())
    with pytest.raises(IndexError, match="too many indices"):
        Subtensor([slice(None)] * 3)(x)
    with pytest.raises(ValueError, match="Trying to increment"):
        IncSubtensor([i])(x, at.tensor3(), i)


def test_helpers_of_index_spec():
    i, x = at.lscalar("i"), at.dmatrix("x")
    int64 = get_scalar_type("int64")
    assert index_vars_to_types(slice(i, None)) == slice(int64, None)
    assert get_slice_elements([slice(i, 1), 2, i], lambda e: e is i) == [i, i]
    assert get_idx_list([x, i], [int64]) == (i,)
    assert as_index_constant(None) is None
    assert as_index_constant(3).data == 3
    assert as_index_literal(at.constant(3)) == 3
    assert as_index_literal(slice(at.constant(3), None)) == slice(3, None)
    with pytest.raises(NotScalarConstantError):
        as_index_literal(i)
    out = x[1:, i]
    inputs, template = out.owner.inputs, out.owner.op.idx_list
    with pytest.raises(NotScalarConstantError):
        get_constant_idx(template, inputs)
    assert get_constant_idx(template, inputs, allow_partial=True) == [slice(1, None), inputs[2]]


# Writing


def value_for(draw, slot_shape, dtype="float64"):
    """A value that broadcasts to a shape."""
    skipped = draw(st.integers(0, len(slot_shape)))
    shape = tuple(1 if draw(st.integers(0, 3)) == 0 else n for n in slot_shape[skipped:])
    return -numbered(shape, dtype)


@given(st.data(), st.booleans())
def test_writing_is_numpys(data, setting):
    value = numbered(data.draw(shapes))
    index = data.draw(basic_indices(value.shape))
    slot = numpy_result(lambda: value[index])
    if slot is IndexError:
        return
    y_value = value_for(data.draw, slot.shape)
    x, y = tensor_of(data.draw, value), tensor_of(data.draw, y_value)
    entries, givens = symbolic(data.draw, index)
    write = at.set_subtensor if setting else at.inc_subtensor
    out = write(x[entries], y)
    expected = value.copy()
    if setting:
        expected[index] = y_value
    else:
        expected[index] += y_value
    assert out.type.dtype == "float64"
    np.testing.assert_array_equal(evaluate(out, {x: value, y: y_value, **givens}), expected, strict=True)


@given(st.data(), st.booleans())
def test_gradients_are_adjoint(data, setting):
    """For a linear F, <g, F(dx, dy)> = <gx, dx> + <gy, dy>."""
    value = numbered(data.draw(shapes))
    index = data.draw(basic_indices(value.shape, new_axes=False))
    slot = numpy_result(lambda: value[index])
    if slot is IndexError:
        return
    dy_value = value_for(data.draw, slot.shape)
    x, y = tensor_of(data.draw, value), tensor_of(data.draw, dy_value)
    entries, givens = symbolic(data.draw, index)
    out = (at.set_subtensor if setting else at.inc_subtensor)(x[entries], y)
    g = out.type()
    givens |= {x: value, y: dy_value, g: value**2}
    gx, gy, *rest = out.owner.op.L_op(out.owner.inputs, out.owner.outputs, [g])
    assert all(isinstance(v.type, DisconnectedType) for v in rest)
    result, gx, gy = evaluate([out, gx, gy], givens)
    assert gx.shape == value.shape and gy.shape == dy_value.shape
    assert np.sum(value**2 * result) == np.sum(gx * value) + np.sum(gy * dy_value)

    read = x[entries]
    g = read.type()
    givens[g] = slot**2
    gx, *rest = read.owner.op.L_op(read.owner.inputs, read.owner.outputs, [g])
    assert all(isinstance(v.type, DisconnectedType) for v in rest)
    assert np.sum(slot**2 * slot) == np.sum(evaluate(gx, givens) * value)


def test_gradients_of_integers_are_zero():
    x, y, i = at.lvector(), at.lscalar(), at.lscalar()
    for out in (x[i], at.set_subtensor(x[i], y)):
        grads = out.owner.op.L_op(out.owner.inputs, out.owner.outputs, [out.zeros_like(dtype="float64")])
        for gradient in grads[: len(grads) - 1]:
            assert gradient.type.dtype == "float64"
        assert not evaluate(grads[0], {x: np.arange(3), y: 1, i: 0}).any()


def test_connection_pattern():
    x, i = at.dmatrix(), at.lscalar()
    read, write = x[i:, 0], at.inc_subtensor(x[i], 1.0)
    assert read.owner.op.connection_pattern(read.owner) == [[True], [False], [False]]
    assert write.owner.op.connection_pattern(write.owner) == [[True], [True], [False]]


def test_forward_mode():
    x, y, ex, ey, i = at.dvector(), at.dscalar(), at.dvector(), at.dscalar(), at.lscalar()
    givens = {x: np.arange(3.0), y: 5.0, ex: np.ones(3), ey: 2.0, i: 1}
    read = x[i:].owner
    (tangent,) = read.op.R_op(read.inputs, [ex, None])
    np.testing.assert_array_equal(evaluate(tangent, givens), [1, 1])
    assert read.op.R_op(read.inputs, [None, None]) == [None]
    write = at.set_subtensor(x[i], y).owner
    for points, expected in [((ex, ey), [1, 2, 1]), ((None, ey), [0, 2, 0]), ((ex, None), [1, 0, 1])]:
        (tangent,) = write.op.R_op(write.inputs, [*points, None])
        np.testing.assert_array_equal(evaluate(tangent, givens), expected)


def test_writing_through_views_of_the_part():
    x, i = at.dmatrix("x"), at.lscalar("i")
    value = numbered((3, 4))

    def check(part, y, expected_of):
        expected = value.copy()
        expected_of(expected)
        np.testing.assert_array_equal(evaluate(at.set_subtensor(part, y), {x: value, i: 1}), expected)

    def assign(index, y, view=lambda a: a):
        def run(array):
            view(array)[index] = y

        return run

    y = numbered((4, 2)) * -1
    check(x[:2].T, y, assign(slice(2), y.T))
    check(x[None, i], 7.0, assign(1, 7.0))
    check(x[i][:, None], y[:, :1], assign(1, y[:, 0]))
    check(x[i].reshape((2, 2)), y[:2], assign(1, y[:2].ravel()))
    check(x[i].reshape((2, 2)), 3.0, assign(1, 3.0))
    # of the transposed array, so that the result is like x and not like its transpose
    check(x.T[1:3].T, y[:3], lambda a: a.T.__setitem__(slice(1, 3), y[:3].T))
    transposed = at.set_subtensor(x.T[i], 5.0)
    np.testing.assert_array_equal(evaluate(transposed, {x: value, i: 1})[1], 5.0)
    assert evaluate(transposed, {x: value, i: 1}).shape == (4, 3)


def test_what_cannot_be_written():
    x, v = at.dmatrix("x"), at.dvector("v")
    integers, flags = at.lmatrix(), at.matrix(dtype="bool")
    for part in (x, x + 1, x.T):
        with pytest.raises(TypeError, match="x must be the result of a subtensor operation"):
            at.set_subtensor(part, 1)
    with pytest.raises(TypeError, match="Trying to increment a 1-dimensional subtensor with a 2-dimensional value"):
        at.set_subtensor(x[0], x)
    for y in (v, 1.5, np.ones(2)):
        with pytest.raises(TypeError):
            at.set_subtensor(integers[0], y)
    with pytest.raises(TypeError, match="doesn't fit"):
        at.inc_subtensor(x[0], at.zvector())
    with pytest.raises(TypeError, match="doesn't fit"):
        at.set_subtensor(flags[0], at.lvector())
    with pytest.raises(TypeError):
        at.set_subtensor(at.bvector()[0], 300)
    with pytest.raises(ValueError, match="doesn't broadcast"):
        at.set_subtensor(at.tensor("float64", shape=(5, 4))[0], np.ones(3))
    with pytest.raises(ValueError):
        evaluate(at.set_subtensor(x[0], v), {x: np.ones((2, 3)), v: np.ones(2)})


@pytest.mark.parametrize(
    "dtype, y",
    [
        ("float32", 1.5),
        ("float32", 2),
        ("float32", np.float64(1.5)),
        ("int8", 3),
        ("int8", np.int64(3)),
        ("uint8", np.int64(3)),
        ("bool", True),
        ("int64", True),
        ("float64", np.int32(2)),
        ("complex128", 1.5),
        ("float64", float("nan")),
    ],
)
def test_dtype_of_the_array_is_kept(dtype, y):
    x = at.vector(dtype=dtype)
    value = np.zeros(2, dtype=dtype)
    for write in (at.set_subtensor, at.inc_subtensor):
        result = evaluate(write(x[0], y), {x: value})
        assert result.dtype == dtype
        np.testing.assert_array_equal(result[0], np.array(y).astype(dtype))


@pytest.mark.parametrize("dtype", DTYPES)
def test_increments_wrap_as_in_numpy(dtype):
    x = at.vector(dtype=dtype)
    largest = np.iinfo(dtype).max
    result = evaluate(at.inc_subtensor(x[:1], 1), {x: np.array([largest, 0], dtype=dtype)})
    assert result[0] == np.iinfo(dtype).min


def test_the_old_array_is_kept():
    x = at.dvector()
    value = np.arange(3.0)
    out = at.set_subtensor(x[1], 9.0)
    np.testing.assert_array_equal(evaluate(out, {x: value}), [0, 9, 2])
    np.testing.assert_array_equal(value, np.arange(3.0))
