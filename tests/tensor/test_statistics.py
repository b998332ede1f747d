"""Means, variances and their kin."""

import numpy as np
import pytest
import scipy.special
from support.checking import check, check_gradient
from support.evaluation import evaluate

import aesaralite.tensor as at

rng = np.random.default_rng(8)
AXES = [None, 0, -1, (0, 2), ()]


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("keepdims", [False, True])
def test_are_numpys(axis, keepdims):
    value = rng.normal(size=(2, 3, 4))
    for ours, numpys in [(at.mean, np.mean), (at.var, np.var), (at.std, np.std), (at.ptp, np.ptp)]:
        check(
            lambda x, f=ours: f(x, axis=axis, keepdims=keepdims),
            lambda x, f=numpys: f(x, axis=axis, keepdims=keepdims),
            value,
        )
    if axis != ():
        check(
            lambda x: at.median(x, axis=axis, keepdims=keepdims),
            lambda x: np.median(x, axis=axis, keepdims=keepdims),
            value,
        )
        check(
            lambda x: at.logsumexp(x, axis=axis, keepdims=keepdims),
            lambda x: scipy.special.logsumexp(x, axis=axis, keepdims=keepdims),
            value,
        )


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint64", "float16", "float32", "float64", "complex64"])
def test_dtypes(dtype):
    value = (rng.normal(size=(5, 3)) * 3).astype(dtype)
    check(lambda x: at.mean(x, axis=0), lambda x: np.mean(x, axis=0), value, rtol=1e-2)
    check(lambda x: at.var(x, axis=0), lambda x: np.var(x, axis=0), value, rtol=1e-2)


def test_a_mean_of_large_integers_does_not_wrap():
    value = np.full(4, 2**62)
    check(at.mean, np.mean, value)


def test_degrees_of_freedom_and_correction():
    value = rng.normal(size=(4, 3)) + 1e6
    check(lambda x: at.var(x, axis=0, ddof=1), lambda x: np.var(x, axis=0, ddof=1), value, rtol=1e-6)
    check(lambda x: at.std(x, axis=0, ddof=1), lambda x: np.std(x, axis=0, ddof=1), value, rtol=1e-6)
    check(lambda x: at.var(x, axis=0, corrected=True), lambda x: np.var(x, axis=0), value, rtol=1e-6)


def test_names():
    x = at.dmatrix()
    assert at.mean(x).name == "mean"
    assert at.var(x).name == "var"
    assert at.std(x).name == "std"


def test_median_of_nan_and_of_integers():
    check(lambda x: at.median(x, axis=1), lambda x: np.median(x, axis=1), np.array([[1, np.nan, 2], [3, 1, 2.0]]))
    check(at.median, np.median, np.array([3, 1, 2, 7]))


def test_covariance():
    m, y = rng.normal(size=(3, 5)), rng.normal(size=5)
    f, a = np.array([1, 2, 1, 3, 1]), rng.uniform(size=5)
    check(at.cov, np.cov, m)
    check(at.cov, np.cov, m, y)
    check(lambda x: at.cov(x, rowvar=False, bias=True), lambda x: np.cov(x, rowvar=False, bias=True), m)
    check(lambda x: at.cov(x, ddof=0), lambda x: np.cov(x, ddof=0), m)
    check(lambda x, f, a: at.cov(x, fweights=f, aweights=a), lambda x, f, a: np.cov(x, fweights=f, aweights=a), m, f, a)
    with pytest.raises(ValueError, match="3 dimensions"):
        at.cov(at.dtensor3("x"))


def test_covariance_of_float32_is_computed_with_float64():
    check(at.cov, np.cov, rng.normal(size=(3, 5)).astype("float32") + np.float32(1000))


def test_elementwise_extremes():
    a, b, c = (rng.normal(size=3) for _ in range(3))
    check(at.largest, np.maximum, a, b)
    check(at.smallest, lambda a, b, c: np.min([a, b, c], axis=0), a, b, c)


@pytest.mark.parametrize("axis", [None, 0, (0, 1)])
def test_gradients(axis):
    value = rng.normal(size=(3, 2))
    for function in (at.mean, at.var, at.std, at.ptp, at.median, at.logsumexp):
        check_gradient(lambda x, f=function: f(x, axis=axis), value)


def test_empty():
    x = at.dvector("x")
    with np.errstate(all="ignore"):
        assert np.isnan(evaluate(at.mean(x), {x: []}))
