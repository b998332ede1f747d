"""Ops that change gradients and nothing else."""

import pickle

import numpy as np
import pytest

import aesaralite.tensor as at
from aesaralite.gradient import (
    DisconnectedInputError,
    NullTypeGradError,
    Rop,
    consider_constant,
    disconnected_grad,
    grad,
    grad_clip,
    grad_scale,
    undefined_grad,
    zero_grad,
)

ALL = [
    consider_constant,
    disconnected_grad,
    undefined_grad,
    zero_grad,
    lambda x: grad_clip(x, -1, 1),
    lambda x: grad_scale(x, 2.0),
]


@pytest.mark.parametrize("barrier", ALL)
def test_value_and_type_stay(barrier, linker):
    x = at.dvector("x")
    y = barrier(x)
    assert y.type == x.type
    np.testing.assert_array_equal(y.eval({x: [1.0, 2.0]}), [1.0, 2.0])
    assert pickle.loads(pickle.dumps(y.owner.op)) == y.owner.op


@pytest.mark.parametrize("barrier", ALL)
def test_takes_numbers(barrier):
    assert barrier(3.0).type.ndim == 0


@pytest.mark.parametrize("barrier", [zero_grad, consider_constant])
def test_zero(barrier):
    x = at.dvector("x")
    np.testing.assert_array_equal(grad(barrier(x).sum(), x).eval({x: [1.0, 2.0]}), [0.0, 0.0])
    np.testing.assert_array_equal(grad((barrier(x) * x).sum(), x).eval({x: [1.0, 2.0]}), [1.0, 2.0])


def test_zero_for_tangents():
    x, v = at.dvectors("x", "v")
    np.testing.assert_array_equal(Rop(zero_grad(x), x, v).eval({x: [1.0, 2.0]}), [0.0, 0.0])


def test_disconnected():
    x = at.dvector("x")
    with pytest.raises(DisconnectedInputError):
        grad(disconnected_grad(x).sum(), x)
    np.testing.assert_array_equal(grad((disconnected_grad(x) * x).sum(), x).eval({x: [1.0, 2.0]}), [1.0, 2.0])


def test_undefined():
    x = at.dvector("x")
    with pytest.raises(NullTypeGradError, match="undefined_grad"):
        grad(undefined_grad(x).sum(), x)


def test_undefined_forwards():
    x, v = at.dvectors("x", "v")
    undefined = undefined_grad(x)
    for f in (undefined, undefined * 2 + x, [x, at.exp(undefined).sum()], undefined.astype("int64")):
        with pytest.raises(NullTypeGradError, match="undefined_grad"):
            Rop(f, x, v)
    picked = x[undefined.astype("int64")]
    np.testing.assert_array_equal(Rop(picked, x, v).eval({x: [1.0, 0.0], v: [5.0, 6.0]}), [6.0, 5.0])


def test_clip(linker):
    x = at.dvector("x")
    gradient = grad((grad_clip(x, -1, 2) ** 2).sum(), x)
    np.testing.assert_array_equal(gradient.eval({x: [-3.0, 0.25, 5.0]}), [-1.0, 0.5, 2.0])


def test_clip_in_sequence():
    x = at.dscalar("x")
    gradient = grad(grad_clip(grad_clip(x, -1, 1) * 5, -0.5, 0.5) ** 2, x)
    assert gradient.eval({x: 2.0}) == 1.0


def test_clip_does_not_touch_tangents():
    x, v = at.dvectors("x", "v")
    np.testing.assert_array_equal(Rop(grad_clip(x, -1, 1), x, v).eval({v: [5.0]}), [5.0])


def test_clip_of_an_empty_interval():
    with pytest.raises(ValueError, match="clip_upper_bound"):
        grad_clip(at.dscalar(), 1, -1)


def test_scale(linker):
    x = at.dvector("x")
    np.testing.assert_array_equal(grad(grad_scale(x, -1.0).sum(), x).eval({x: [1.0, 2.0]}), [-1.0, -1.0])


def test_equality():
    x = at.dscalar("x")
    assert grad_clip(x, -1, 1).owner.op == grad_clip(x, -1, 1).owner.op
    assert grad_clip(x, -1, 1).owner.op != grad_clip(x, -1, 2).owner.op
    assert zero_grad(x).owner.op != disconnected_grad(x).owner.op
    assert str(grad_clip(x, -1, 1)) == "GradClip.0"
