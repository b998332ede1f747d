"""NumPy's functions, called with tensor variables, build graphs."""

import numpy as np
import pytest

import aesaralite
import aesaralite.tensor as at
from aesaralite.tensor.numpy_functions import _TABLE

M = np.array([[3.0, 1.0, 2.0], [0.5, -1.0, 0.0]])
V = np.array([1.0, 3.0, 2.0])

CALLS = {
    "sum": lambda np_, m, v: np_.sum(m, 0),
    "sum of keyword": lambda np_, m, v: np_.sum(m, axis=1, keepdims=True),
    "mean": lambda np_, m, v: np_.mean(m, 1),
    "var": lambda np_, m, v: np_.var(m, axis=0, ddof=1),
    "max": lambda np_, m, v: np_.max(m),
    "argmax": lambda np_, m, v: np_.argmax(m, axis=1),
    "all": lambda np_, m, v: np_.all(m > 0),
    "prod": lambda np_, m, v: np_.prod(v, dtype="float32"),
    "where": lambda np_, m, v: np_.where(m > 0, m, v),
    "clip": lambda np_, m, v: np_.clip(m, 0, 1),
    "clip of keywords": lambda np_, m, v: np_.clip(m, a_max=1, a_min=0),
    "take_along_axis": lambda np_, m, v: np_.take_along_axis(m, np.array([[0], [2]])),
    "reshape": lambda np_, m, v: np_.reshape(m, (3, 2)),
    "transpose": lambda np_, m, v: np_.transpose(m, (1, 0)),
    "concatenate": lambda np_, m, v: np_.concatenate([m, m], 1),
    "stack": lambda np_, m, v: np_.stack([v, v], 1),
    "mixed": lambda np_, m, v: np_.stack([V, v]),
    "dot": lambda np_, m, v: np_.dot(m, v),
    "tensordot": lambda np_, m, v: np_.tensordot(m, v, 1),
    "outer": lambda np_, m, v: np_.outer(v, v),
    "cumsum": lambda np_, m, v: np_.cumsum(m, 1),
    "diff": lambda np_, m, v: np_.diff(v),
    "sort": lambda np_, m, v: np_.sort(m, 0),
    "take": lambda np_, m, v: np_.take(v, [2, 0]),
    "repeat": lambda np_, m, v: np_.repeat(v, 2),
    "zeros_like": lambda np_, m, v: np_.zeros_like(m, "int32"),
    "shape": lambda np_, m, v: np_.shape(m),
    "size": lambda np_, m, v: np_.size(m),
    "trace": lambda np_, m, v: np_.trace(m),
    "nonzero": lambda np_, m, v: np_.nonzero(v > 1)[0],
    "no place to write to": lambda np_, m, v: np_.sum(m, axis=0, out=None),
}


@pytest.mark.parametrize("name", CALLS)
def test_the_graph_computes_what_numpy_computes(name):
    m, v = at.dmatrix("m"), at.dvector("v")
    symbolic = CALLS[name](np, m, v)
    expected = np.asarray(CALLS[name](np, M, V))
    f = aesaralite.function([m, v], symbolic, mode="FAST_COMPILE", on_unused_input="ignore")
    result = f(M, V)
    np.testing.assert_allclose(result, expected)
    if name != "shape":
        assert result.dtype == expected.dtype


def test_ndim_is_a_number():
    assert np.ndim(at.dmatrix("m")) == 2


def test_what_has_no_counterpart_is_refused():
    x = at.dvector("x")
    with pytest.raises(TypeError, match=r"numpy\.histogram doesn't take symbolic variables"):
        np.histogram(x)
    with pytest.raises(TypeError, match=r"numpy\.sum of a symbolic variable.*'out'"):
        np.sum(x, out=np.zeros(()))
    with pytest.raises(TypeError, match=r"numpy\.std of a symbolic variable.*'dtype'"):
        np.std(x, dtype="float32")


def test_every_row_of_the_table_names_a_function_of_numpy():
    assert all(getattr(np, function.__name__) is function for function in _TABLE)
