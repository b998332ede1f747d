"""Checks at run time."""

import pickle

import numpy as np
import pytest
from support.checking import check, check_gradient
from support.evaluation import evaluate

import aesaralite.scalar as aes
import aesaralite.tensor as at
from aesaralite.tensor.assertion import Assert, CheckAndRaise, assert_op


def test_passes_the_value():
    check(lambda x: Assert("hey")(x, at.gt(x.sum(), 0)), lambda x: x, np.ones((2, 3)))
    check(lambda x: assert_op(x), lambda x: x, np.ones(2))
    check_gradient(lambda x: Assert("hey")(x, at.gt(x.sum(), 0)), np.ones((2, 3)))


def test_raises_the_exception():
    class MyError(Exception):
        pass

    x, c = at.dvector("x"), at.dscalar("c")
    for op, error in [(Assert("my words"), AssertionError), (CheckAndRaise(MyError, "my words"), MyError)]:
        with pytest.raises(error, match="my words"):
            evaluate(op(x, at.constant(1), c), {x: [1.0], c: 0.0})
        assert evaluate(op(x, c), {x: [1.0], c: 2.0}) == [1.0]


def test_forms_of_conditions():
    x = at.dscalar("x")
    for cond in (False, np.bool_(False), 0, np.array(0.0)):
        with pytest.raises(AssertionError):
            evaluate(assert_op(x, cond), {x: 1.0})
    assert assert_op(x, aes.bool("b")).owner.inputs[1].type.dtype == "bool"
    with pytest.raises(TypeError, match="must be scalars; got my_vector"):
        assert_op(x, at.dvector("my_vector"))


def test_the_value_may_be_of_any_type():
    s = aes.float64("s")
    assert assert_op(s, True).type == s.type


def test_properties():
    op = CheckAndRaise(ValueError, "x")
    assert op == CheckAndRaise(ValueError, "x") != CheckAndRaise(TypeError, "x")
    assert op != CheckAndRaise(ValueError, "y")
    assert Assert("x") != CheckAndRaise(AssertionError, "x")
    assert pickle.loads(pickle.dumps(Assert("x"))) == Assert("x")
    assert str(op) == "CheckAndRaise{<class 'ValueError'>(x)}"
    assert str(Assert("hey")) == "Assert{msg=hey}"
    assert op.view_map == {0: [0]}
    assert not op.do_constant_folding(None, None)
    with pytest.raises(TypeError, match="exception type"):
        CheckAndRaise(5, "x")
    x = at.dvector()
    assert op.connection_pattern(op(x, at.dscalar()).owner) == [[True], [False]]
