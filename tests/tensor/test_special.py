"""Softmax and its kin."""

import numpy as np
import pytest
import scipy.special
from support.checking import check, check_gradient
from support.evaluation import evaluate

import aesaralite.tensor as at
from aesaralite.configdefaults import config
from aesaralite.tensor.special import (
    LogSoftmax,
    Softmax,
    SoftmaxGrad,
    beta,
    betaln,
    factorial,
    log_softmax,
    logit,
    poch,
    softmax,
)

rng = np.random.default_rng(13)


@pytest.mark.parametrize("axis", [None, 0, 1, -1])
@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
def test_softmax(axis, dtype):
    value = (rng.normal(size=(2, 3)) * 5).astype(dtype)
    rtol = {"float64": 1e-12, "float32": 1e-4, "float16": 5e-3}[dtype]
    for ours, reference in [(softmax, scipy.special.softmax), (log_softmax, scipy.special.log_softmax)]:
        check(
            lambda x, f=ours: f(x, axis=axis),
            lambda x, f=reference: f(x.astype("float64"), axis=axis).astype(dtype),
            value,
            rtol=rtol,
        )


@pytest.mark.parametrize("axis", [None, 0, 1])
def test_gradients(axis):
    value = rng.normal(size=(2, 3))
    check_gradient(lambda x: softmax(x, axis=axis), value)
    check_gradient(lambda x: log_softmax(x, axis=axis), value)


def test_extremes():
    value = np.array([[1e4, 0.0, -1e4], [-np.inf, 0.0, 0.0]])
    check(softmax, lambda x: scipy.special.softmax(x, axis=-1), value)
    check(log_softmax, lambda x: scipy.special.log_softmax(x, axis=-1), value)
    check(softmax, lambda x: x, np.zeros((2, 0)))


def test_axes_are_checked_and_counted_from_the_start():
    x = at.dmatrix("my_matrix")
    assert softmax(x).owner.op == Softmax(1) == softmax(x, axis=-1).owner.op
    assert str(LogSoftmax(0)) == "LogSoftmax{axis=0}"
    with pytest.raises(ValueError, match=r"Softmax axis\(=3\) out of bounds for 2D array my_matrix"):
        softmax(x, axis=3)
    with pytest.raises(ValueError, match="out of bounds for 0D"):
        softmax(at.dscalar())
    with pytest.raises(TypeError, match="axis must be an integer"):
        softmax(x, axis=(0, 1))


def test_integers_become_floats():
    assert softmax(at.imatrix()).type.dtype == config.floatX
    with pytest.raises(TypeError, match="floats"):
        Softmax(0)(at.imatrix())


def test_softmax_grad():
    dy, sm = rng.normal(size=(2, 3)), scipy.special.softmax(rng.normal(size=(2, 3)), axis=1)
    check(SoftmaxGrad(1), lambda dy, sm: (dy - (dy * sm).sum(1, keepdims=True)) * sm, dy, sm)


def test_functions_made_of_others():
    check(factorial, scipy.special.factorial, np.arange(4.0))
    a, b = rng.uniform(1, 3, size=3), rng.uniform(1, 3, size=3)
    check(poch, scipy.special.poch, a, b)
    check(beta, scipy.special.beta, a, b)
    check(betaln, scipy.special.betaln, a, b, rtol=1e-9)
    check(logit, scipy.special.logit, rng.uniform(size=3))
    check_gradient(logit, rng.uniform(0.2, 0.8, size=3))


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint8", "uint32"])
def test_functions_of_integers_dont_wrap_around(dtype):
    x = np.array([0, 1, 1] if dtype == "bool" else [0, 1, 127], dtype)
    positive = x[x > 0]
    result = "float64" if dtype == "uint32" else "float32"

    def compare(function, reference, x):
        with np.errstate(all="ignore"):
            expected = reference(x.astype("float64")).astype(result)
        check(function, lambda _: expected, x, rtol=1e-5)

    compare(logit, scipy.special.logit, x)
    compare(factorial, lambda x: scipy.special.gamma(x + 1), x)
    compare(lambda x: betaln(x, x), lambda x: scipy.special.betaln(x, x), positive)


@pytest.mark.parametrize("name", ["polygamma", "gammal", "gammau", "beta", "betaln", "poch"])
def test_the_less_precise_argument_doesnt_spoil_the_result(name):
    order, x = np.float32(3), np.array([0.3, 1.7])
    exact = np.asarray(compute_float64(name, np.float64(order), x))
    check(getattr(at, name), lambda *_: exact, order, x, rtol=1e-14)


def compute_float64(name, *values):
    variables = [at.tensor("float64", np.shape(value)) for value in values]
    return evaluate(getattr(at, name)(*variables), dict(zip(variables, values)))


def test_polygamma_of_float32_where_a_factor_vanishes():
    n, x = np.float32(30), np.float32(30)
    check(at.polygamma, lambda n, x: np.float32(scipy.special.polygamma(30, 30.0)), n, x, rtol=1e-6)
