"""Checks at run time."""

import pickle

import numpy as np
import pytest
from support.checking import check, check_gradient
from support.evaluation import evaluate

import aesaralite.scalar as aes
import aesaralite.tensor as at
from aesaralite.errors import NotScalarConstantError
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


def test_a_check_is_not_lost_with_a_known_value():
    two, c = at.constant(2), at.dscalar("c")
    assert at.get_scalar_constant_value(assert_op(two, at.constant(1))) == 2
    for cond in (c, at.constant(0)):
        with pytest.raises(NotScalarConstantError):
            at.get_scalar_constant_value(assert_op(two, cond))
    # but it's known of a size that it is right, if the check passes
    assert at.zeros((assert_op(two, c), 3)).type.shape == (2, 3)


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
    with pytest.raises(ValueError, match="exception type"):
        CheckAndRaise(5, "x")
    x = at.dvector()
    assert op.connection_pattern(op(x, at.dscalar()).owner) == [[True], [False]]
