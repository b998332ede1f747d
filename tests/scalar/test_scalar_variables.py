"""Scalar types, variables and constants."""

import operator
import pickle

import numpy as np
import pytest
from support.evaluation import evaluate

from aesaralite import scalar as aes
from aesaralite import tensor as at
from aesaralite.graph.basic import Apply
from aesaralite.graph.op import Op


def test_constructors_make_variables():
    x = aes.float64("x")
    assert (x.name, x.dtype, x.type) == ("x", "float64", aes.get_scalar_type("float64"))
    assert [variable.name for variable in aes.floats("a", "b")] == ["a", "b"]
    assert [variable.name for variable in aes.ints("xyz")] == ["x", "y", "z"]
    assert len(aes.ints(3)) == 3
    assert aes.get_scalar_type("floatX") is aes.float64


@pytest.mark.parametrize(
    ("dtype", "value", "expected"),
    [("float64", 2, 2.0), ("float32", 0.5, 0.5), ("int8", 3.0, 3), ("bool", 1, True), ("complex64", 1j, 1j)],
)
def test_filter_takes_what_it_can_hold(dtype, value, expected):
    filtered = aes.get_scalar_type(dtype).filter(value)
    assert filtered == expected
    assert filtered.dtype == dtype


@pytest.mark.parametrize(
    ("dtype", "value"),
    [("int64", 1.5), ("int8", 300), ("float32", 0.1), ("float64", 1j), ("float64", "a"), ("int8", [1])],
)
def test_filter_refuses_what_it_cannot_hold(dtype, value):
    with pytest.raises(TypeError):
        aes.get_scalar_type(dtype).filter(value)


def test_filter_downcasts_where_allowed():
    assert aes.int8.filter(1.5, allow_downcast=True) == 1
    with pytest.raises(TypeError):
        aes.float64.filter(1.0, strict=True)


def test_operators():
    x, y = aes.float64("x"), aes.float64("y")
    i = aes.int64("i")
    for result, op in [
        (x + y, aes.add),
        (1 + x, aes.add),
        (x - 1, aes.sub),
        (2 - x, aes.sub),
        (x * y, aes.mul),
        (x / y, aes.true_div),
        (2 / x, aes.true_div),
        (x // y, aes.int_div),
        (x % y, aes.mod),
        (x**2, aes.pow),
        (2**x, aes.pow),
        (-x, aes.neg),
        (abs(x), aes.abs),
        (x < y, aes.lt),
        (x >= 1, aes.ge),
        (i & 1, aes.and_),
        (i | i, aes.or_),
        (i ^ i, aes.xor),
        (~i, aes.invert),
        (np.float64(2) * x, aes.mul),
    ]:
        assert result.owner.op == op
    assert x == x
    assert x != y
    with pytest.raises(TypeError, match="not known"):
        bool(x < y)


def test_constants():
    assert aes.constant(2).dtype == "int64"
    assert aes.constant(2.0).dtype == "float64"
    assert aes.constant(np.float32(2)).dtype == "float32"
    assert aes.constant(2.0).equals(aes.constant(2.0))
    assert not aes.constant(0.0).equals(aes.constant(-0.0))
    assert aes.constant(np.nan).equals(aes.constant(np.nan))
    assert not aes.constant(2.0).equals(aes.constant(np.float32(2)))


def test_as_scalar():
    x = aes.float64("x")
    assert aes.as_scalar(x) is x
    assert aes.as_scalar((x + 1).owner).owner.op == aes.add
    with pytest.raises(TypeError):
        aes.as_scalar("a")


@pytest.mark.parametrize(("op", "values"), [(aes.reciprocal, [-127]), (aes.arctan2, [-100, -100]), (aes.exp, [-3])])
def test_functions_of_small_integers_are_as_exact_as_their_dtype(op, values):
    integers = [aes.int8(f"i{k}") for k in range(len(values))]
    floats = [aes.float32(f"f{k}") for k in range(len(values))]
    out = op(*integers)
    assert out.dtype == "float32"
    got = evaluate(out, dict(zip(integers, values)))
    assert got.dtype == "float32"
    np.testing.assert_allclose(got, evaluate(op(*floats), dict(zip(floats, values))), rtol=3e-7)


def test_complex_numbers_are_refused_where_they_have_no_meaning():
    for op in (aes.mod, aes.floor_divide):
        with pytest.raises(aes.ComplexError, match=f"{op}: Complex numbers"):
            op(aes.complex64(), 2)
    for operation in (operator.mod, operator.floordiv):
        with pytest.raises(aes.ComplexError):
            operation(at.zvector(), 2)
    assert issubclass(aes.ComplexError, TypeError) and issubclass(aes.ComplexError, NotImplementedError)


def test_ops_check_how_many_inputs_they_get():
    with pytest.raises(TypeError, match="takes 1 inputs, got 2"):
        aes.exp(1.0, 2.0)
    with pytest.raises(TypeError, match="one or more"):
        aes.add()


@pytest.mark.parametrize("name", [name for name in dir(aes) if isinstance(getattr(aes, name), aes.ScalarOp)])
def test_ops_are_equal_after_a_pickle_and_documented(name):
    op = getattr(aes, name)
    copy = pickle.loads(pickle.dumps(op))
    assert copy == op
    assert hash(copy) == hash(op)
    assert str(copy) == str(op)
    assert type(op).__doc__


def test_ops_of_one_class_with_other_output_types_differ():
    assert aes.Add() == aes.add
    assert aes.Add(aes.float_out) != aes.add
    assert aes.Add(aes.float_out, name="float_add")(aes.int8(), aes.int8()).dtype == "float64"
    assert aes.Add(aes.transfer_type(0))(aes.int8(), aes.int32()).dtype == "int8"
    with pytest.raises(TypeError, match="callable"):
        aes.Add("float64")


class Halve(aes.UnaryScalarOp):
    """An Op as users write them, in Aesara's way."""

    nfunc_spec = None

    def impl(self, x):
        return x / 2

    def grad(self, inputs, output_gradients):
        return [output_gradients[0] / 2]


def test_a_users_op():
    halve = Halve(aes.upgrade_to_float, name="halve")
    x = aes.float64("x")
    out = halve(x)
    storage = [[None]]
    halve.perform(out.owner, [np.float64(3)], storage)
    assert storage[0][0] == 1.5
    (gradient,) = halve.L_op([x], [out], [aes.float64("g")])
    assert gradient.owner.op == aes.true_div
    assert str(halve) == "halve"


def test_an_op_may_have_several_outputs():
    class Both(aes.ScalarOp):
        nin, nout = 1, 2

        def output_types(self, types):
            return [types[0], aes.int64]

        def impl(self, x):
            return x + 1, 7

    node = Both().make_node(aes.float32("x"))
    storage = [[None], [None]]
    node.op.perform(node, [np.float32(1)], storage)
    assert (storage[0][0], storage[1][0]) == (2, 7)
    assert storage[0][0].dtype == "float32"


def test_scalar_nodes_are_nodes():
    node = aes.add.make_node(1, 2)
    assert isinstance(node, Apply)
    assert isinstance(node.op, Op)
