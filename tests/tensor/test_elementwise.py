"""Elemwise: types, broadcasting, values, shapes."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from support.evaluation import agrees, evaluate, inferred_shape

import aesaralite.scalar as aes
import aesaralite.tensor as at
from aesaralite.graph.null_type import DisconnectedType, NullType
from aesaralite.tensor.elementwise import Elemwise
from aesaralite.tensor.type import TensorType
from aesaralite.tensor.unbroadcasting import SumToSize


@st.composite
def operands(draw, count=None):
    """Arrays that broadcast together, and types that know some of their sizes."""
    count = draw(st.integers(1, 4)) if count is None else count
    shapes = draw(hnp.mutually_broadcastable_shapes(num_shapes=count, max_dims=3, min_side=0, max_side=3))
    arrays, variables = [], []
    for i, shape in enumerate(shapes.input_shapes):
        arrays.append(np.arange(np.prod(shape, dtype=int), dtype="float64").reshape(shape) + i + 1)
        known = [draw(st.booleans()) for _ in shape]
        variables.append(TensorType("float64", [n if k else None for n, k in zip(shape, known, strict=True)])(f"x{i}"))
    return variables, arrays


@given(operands())
def test_broadcasting_is_numpys(case):
    variables, arrays = case
    result = at.add(*variables)
    expected = sum(arrays[1:], arrays[0])
    given_values = dict(zip(variables, arrays, strict=True))
    got = evaluate(result, given_values)
    np.testing.assert_array_equal(got, expected)
    assert got.shape == expected.shape
    assert agrees(result.type.shape, expected.shape)
    assert inferred_shape(result, given_values) == expected.shape


def test_static_shapes():
    def shape(*shapes):
        return at.add(*(TensorType("float64", s)() for s in shapes)).type.shape

    assert shape((None,), (5,)) == (5,)
    assert shape((None,), (1,)) == (None,)
    assert shape((1,), (1,)) == (1,)
    assert shape((None,), (None,)) == (None,)
    assert shape((2, 1), (3,)) == (2, 3)
    assert shape((), (0, 2)) == (0, 2)


def test_static_mismatch_is_an_error_that_names_the_variables():
    p, q = TensorType("float64", (2, 3))("p"), TensorType("float64", (3, 3))("q")
    with pytest.raises(
        ValueError, match=r"(?s)Incompatible Elemwise input shapes \[\(2, 3\), \(3, 3\)\].*input 0, p.*input 1, q"
    ):
        p + q


def test_a_mismatch_at_run_time_is_an_error():
    x, y = at.dvectors("x", "y")
    with pytest.raises(ValueError, match=r"Elemwise\{add\}.*\(2,\).*\(3,\)"):
        evaluate(x + y, {x: np.ones(2), y: np.ones(3)})


def test_an_inferred_size_is_right_when_an_operand_has_one_element():
    x, y, z = at.dvectors("x", "y", "z")
    for sizes in ((1, 4, 1), (4, 1, 1), (1, 1, 4), (1, 0, 1), (0, 1, 1), (1, 1, 1)):
        values = {v: np.ones(n) for v, n in zip((x, y, z), sizes, strict=True)}
        assert inferred_shape(at.add(x, y, z), values) == evaluate(at.add(x, y, z), values).shape


def test_more_than_32_operands():
    variables = [at.dvector(f"x{i}") for i in range(100)]
    result = evaluate(at.add(*variables), {v: np.full(2, i) for i, v in enumerate(variables)})
    np.testing.assert_array_equal(result, [4950, 4950])


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint64", "float16", "float32", "complex64"])
def test_zero_dimensional_results_are_arrays(dtype):
    x = at.tensor("x", dtype=dtype, shape=())
    result = evaluate(at.square(x), {x: np.asarray(1, dtype)})
    assert type(result) is np.ndarray
    assert result.dtype == dtype


def test_sums_of_mixed_dtypes_do_not_overflow_on_the_way():
    x, y, z = at.bvector("x"), at.bvector("y"), at.lvector("z")
    assert evaluate(at.add(x, y, z), {x: [100], y: [100], z: [1]}) == [201]


def test_no_warning_is_printed(recwarn):
    x = at.dvector("x")
    evaluate(at.log(x) + 1 / x, {x: [0.0, -1.0]})
    assert not recwarn.list


def test_wrong_calls():
    with pytest.raises(TypeError, match="takes 1 inputs, got 2"):
        at.exp(1.0, 2.0)
    with pytest.raises(TypeError, match="scalar Op"):
        Elemwise("add")
    with pytest.raises(TypeError, match="and_"):
        at.and_(at.dvector(), at.dvector())


def test_an_op_is_a_value():
    assert Elemwise(aes.add) == at.add
    assert Elemwise(aes.add, name="plus") == at.add
    assert str(Elemwise(aes.add, name="plus")) == "Elemwise{plus}"
    assert str(at.add) == "Elemwise{add}"
    copy = pickle.loads(pickle.dumps(at.switch))
    assert copy == at.switch
    assert hash(copy) == hash(at.switch)


def test_a_users_scalar_op():
    class Cube(aes.UnaryScalarOp):
        """The cube, slowly."""

        def impl(self, x):
            return x * x * x

        def grad(self, inputs, output_gradients):
            return [3 * inputs[0] * inputs[0] * output_gradients[0]]

    cube = Elemwise(Cube(aes.upgrade_to_float, name="cube"))
    x, g = at.imatrix("x"), at.dmatrix("g")
    y = cube(x)
    assert y.dtype == "float64"
    np.testing.assert_array_equal(evaluate(y, {x: [[1, 2], [3, 4]]}), [[1, 8], [27, 64]])
    (gradient,) = cube.L_op([x], [y], [g])
    np.testing.assert_array_equal(evaluate(gradient, {x: [[1, 2]], g: [[1.0, 0.5]]}), [[3, 6]])


# Gradients that are no numbers


def test_disconnected_and_undefined_gradients():
    x, y = at.dvectors("x", "y")
    z = at.second(x, y)
    for_x, for_y = z.owner.op.L_op([x, y], [z], [at.dvector("g")])
    assert isinstance(for_x.type, DisconnectedType)
    assert for_y.type.ndim == 1
    assert z.owner.op.connection_pattern(z.owner) == [[False], [True]]
    (nothing,) = at.exp.L_op([x], [at.exp(x)], [DisconnectedType()()])
    assert isinstance(nothing.type, DisconnectedType)
    (null,) = at.exp.L_op([x], [at.exp(x)], [NullType("because")()])
    assert "because" in null.type.why_null


def test_forward_derivatives():
    x, y, e = at.dvectors("x", "y", "e")
    z = at.mul(x, y)
    (pushed,) = z.owner.op.R_op([x, y], [e, None])
    np.testing.assert_array_equal(evaluate(pushed, {x: [1.0], y: [3.0, 4.0], e: [2.0]}), [6.0, 8.0])
    assert at.mul.R_op([x, y], [None, None]) == [None]
    assert at.eq.R_op([x, y], [e, e]) == [None]


# Sums over what was broadcast at run time


@pytest.mark.parametrize(("size", "expected"), [(1, [[6.0]]), (3, [[1.0, 2.0, 3.0]])])
def test_sum_to_size(size, expected):
    x, n = at.dmatrix("x"), at.lscalar("n")
    result = SumToSize((1,))(x, n)
    values = {x: [[1.0, 2.0, 3.0]], n: size}
    np.testing.assert_array_equal(evaluate(result, values), expected)
    assert inferred_shape(result, values) == np.shape(expected)
    gradient = at.grad((result**2).sum(), x)
    np.testing.assert_array_equal(evaluate(gradient, values), 2 * np.broadcast_to(np.asarray(expected), (1, 3)))


def test_sum_to_size_refuses_other_sizes():
    x, n = at.dmatrix("x"), at.lscalar("n")
    with pytest.raises(ValueError, match="size 2"):
        evaluate(SumToSize((1,))(x, n), {x: np.ones((1, 3)), n: 2})
    with pytest.raises(ValueError, match="2 sizes"):
        SumToSize((0, 1))(x, n)
    with pytest.raises(TypeError, match="0-d integers"):
        SumToSize((0,))(x, at.dscalar())


def test_sum_to_size_is_empty_over_an_empty_dimension():
    x, n = at.dvector("x"), at.lscalar("n")
    np.testing.assert_array_equal(evaluate(SumToSize((0,))(x, n), {x: [], n: 1}), [0.0])
