"""What one can do with a tensor variable: operators, methods, properties."""

import copy
import math
import pickle

import numpy as np
import pytest
import scipy.special
from support.evaluation import evaluate

import aesaralite.tensor as at
from aesaralite.tensor.type import TensorType
from aesaralite.tensor.var import TensorVariable

A = np.array([[1.5, -2.0, 3.0], [0.5, 4.0, -1.0]])
B = np.array([[2.0, 1.0, 0.5], [3.0, -2.0, 1.0]])
I, J = np.array([[5, 3, 6]]), np.array([[1], [2]])

OPERATORS = [
    (lambda a, b: a + b, A, B),
    (lambda a, b: a - b, A, B),
    (lambda a, b: a * b, A, B),
    (lambda a, b: a / b, A, B),
    (lambda a, b: a // b, A, B),
    (lambda a, b: a % b, A, B),
    (lambda a, b: divmod(a, b)[1], A, B),
    (lambda a, b: abs(a) ** b, A, B),
    (lambda a, b: a < b, A, B),
    (lambda a, b: a <= b, A, B),
    (lambda a, b: a > b, A, B),
    (lambda a, b: a >= b, A, B),
    (lambda a, b: a @ b.T, A, B),
    (lambda a, b: -a + +b, A, B),
    (lambda a, b: abs(a), A, B),
    (lambda a, b: a & b, I, J),
    (lambda a, b: a | b, I, J),
    (lambda a, b: a ^ b, I, J),
    (lambda a, b: a << b, I, J),
    (lambda a, b: a >> b, I, J),
    (lambda a, b: ~a, I, J),
    (lambda a, b: 2.0 - a, A, B),
    (lambda a, b: 2.0 / a, A, B),
    (lambda a, b: 2.0 // a, A, B),
    (lambda a, b: 2.0 % a, A, B),
    (lambda a, b: divmod(5.0, a)[0], A, B),
    (lambda a, b: 2.0**a, A, B),
    (lambda a, b: 1 << a, I, J),
    (lambda a, b: 100 >> a, I, J),
    (lambda a, b: 7 & a, I, J),
    (lambda a, b: 7 | a, I, J),
    (lambda a, b: 7 ^ a, I, J),
]


@pytest.mark.parametrize(("function", "a", "b"), OPERATORS)
def test_operators_are_numpys(function, a, b):
    x, y = (at.tensor(name, dtype=value.dtype, shape=(None, None)) for name, value in (("x", a), ("y", b)))
    got = evaluate(function(x, y), {x: a, y: b})
    np.testing.assert_allclose(got, function(a, b))
    if a.dtype == float:
        np.testing.assert_allclose(evaluate(function(x, at.constant(b)), {x: a}), function(a, b))


@pytest.mark.parametrize(
    "function", [lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b, lambda a, b: a @ b.T, lambda a, b: a > b]
)
def test_arrays_may_stand_on_either_side(function):
    x = at.dmatrix("x")
    for built, expected in ((function(A, x), function(A, B)), (function(x, A), function(B, A))):
        assert isinstance(built, TensorVariable)
        np.testing.assert_allclose(evaluate(built, {x: B}), expected)


def test_numpy_functions_build_graphs():
    x = at.dmatrix("x")
    np.testing.assert_array_equal(evaluate(np.exp(x), {x: A}), np.exp(A))
    np.testing.assert_array_equal(evaluate(np.float64(2) * x, {x: A}), 2 * A)
    np.testing.assert_array_equal(evaluate(np.maximum(np.zeros(3), x), {x: A}), np.maximum(0, A))
    np.testing.assert_array_equal(evaluate(scipy.special.erf(x), {x: A}), scipy.special.erf(A))
    with pytest.raises(TypeError):
        np.frexp(x)
    with pytest.raises(TypeError):
        np.add.reduce(x)


def test_equality_is_identity():
    x, y = at.dvectors("x", "y")
    assert (x == x) is True
    assert (x == y) is False
    assert x != y
    assert x in [y, x]
    assert {x: 1}[x] == 1


def test_truth():
    x = at.dvector("x")
    assert bool(x)
    assert bool(x + 1)
    for question in (x > 1, at.eq(x, x), at.isnan(x)):
        with pytest.raises(TypeError, match="boolean operations"):
            bool(question)


def test_what_only_values_have():
    x = at.lscalar("x")
    for function in (len, float, int, complex, range, math.sqrt):
        with pytest.raises(TypeError):
            function(x)


def test_rounding_by_python():
    x = at.dvector("x")
    values = {x: [1.5, -0.5]}
    for function in (math.floor, math.ceil, math.trunc):
        np.testing.assert_array_equal(evaluate(function(x), values), [function(1.5), function(-0.5)])
    np.testing.assert_array_equal(evaluate(round(x), values), [2, 0])


def test_operators_refuse_strangers():
    x = at.dvector("x")
    for stranger in (None, "a", object(), {}):
        with pytest.raises(TypeError, match="unsupported operand"):
            x + stranger
        with pytest.raises(TypeError, match="unsupported operand"):
            stranger - x


def test_iteration():
    x = TensorType("float64", (2, 3))("x")
    first, second = x
    np.testing.assert_array_equal(evaluate(second - first, {x: A}), A[1] - A[0])
    rows, _ = at.dmatrix("m").shape
    assert rows.type.ndim == 0
    with pytest.raises(TypeError, match="length isn't known"):
        list(at.dmatrix("m"))
    with pytest.raises(TypeError):
        iter(at.dscalar())


def test_assignment_names_what_to_do_instead():
    x = at.dvector("x")
    with pytest.raises(TypeError, match="set_subtensor"):
        x[0] = 1.0
    with pytest.raises(TypeError, match="set_subtensor"):
        x[0] += 1.0
    np.testing.assert_array_equal(evaluate(x[1:].set(0.0), {x: [1, 2, 3]}), [1, 0, 0])
    np.testing.assert_array_equal(evaluate(x[1:].inc(1.0), {x: [1, 2, 3]}), [1, 3, 4])


METHODS = [
    lambda a: a.sum(),
    lambda a: a.sum(axis=0),
    lambda a: a.sum(0, keepdims=True),
    lambda a: a.prod(axis=1),
    lambda a: a.mean(),
    lambda a: a.mean(axis=0),
    lambda a: a.var(axis=0),
    lambda a: a.std(),
    lambda a: a.max(axis=1),
    lambda a: a.min(),
    lambda a: a.argmax(axis=0),
    lambda a: a.argmin(),
    lambda a: (a > 0).any(axis=0),
    lambda a: (a > 0).all(),
    lambda a: a.T,
    lambda a: a.mT,
    lambda a: a.transpose(),
    lambda a: a.transpose(1, 0),
    lambda a: a.transpose((1, 0)),
    lambda a: a.reshape((3, 2)),
    lambda a: a.reshape(3, 2),
    lambda a: a.reshape((-1,)),
    lambda a: a.reshape(-1),
    lambda a: a.flatten(),
    lambda a: a.ravel(),
    lambda a: a.swapaxes(0, 1),
    lambda a: a.clip(-1, 1),
    lambda a: a.round(),
    lambda a: a.conj(),
    lambda a: a.conjugate(),
    lambda a: a.real,
    lambda a: a.imag,
    lambda a: a.astype("int32"),
    lambda a: a.copy(),
    lambda a: a.dot(a.T),
    lambda a: a.take([0, 2, 2], axis=1),
    lambda a: a.cumsum(),
    lambda a: a.cumprod(axis=1),
    lambda a: a.diagonal(),
    lambda a: a.diagonal(1),
    lambda a: a.trace(),
    lambda a: a.repeat(2, axis=0),
    lambda a: a.squeeze(),
    lambda a: a[0].searchsorted([0.0]) if hasattr(a, "eval") else np.searchsorted(a[0], [0.0]),
    lambda a: a.argsort(axis=1),
    lambda a: a.sort(axis=1) if hasattr(a, "eval") else np.sort(a, axis=1),
    lambda a: a.nonzero()[1],
    lambda a: a[0],
    lambda a: a[:, ::-1],
    lambda a: a[..., None],
    lambda a: a.size,
    lambda a: a[0].size,
]


@pytest.mark.parametrize("method", METHODS)
def test_methods_are_numpys(method):
    x = at.dmatrix("x")
    got = evaluate(method(x), {x: A})
    expected = np.asarray(method(A))
    np.testing.assert_allclose(got, expected)
    assert got.dtype == expected.dtype


@pytest.mark.parametrize(
    "name",
    [
        "arccos",
        "arccosh",
        "arcsin",
        "arcsinh",
        "arctan",
        "arctanh",
        "ceil",
        "cos",
        "cosh",
        "deg2rad",
        "exp",
        "exp2",
        "expm1",
        "floor",
        "log",
        "log10",
        "log1p",
        "log2",
        "rad2deg",
        "sin",
        "sinh",
        "sqrt",
        "tan",
        "tanh",
        "trunc",
    ],
)
def test_elementwise_methods(name):
    x = at.dvector("x")
    values = np.array([1.5, 2.5]) if name == "arccosh" else np.array([0.25, 0.75])
    np.testing.assert_allclose(evaluate(getattr(x, name)(), {x: values}), getattr(np, name)(values), rtol=1e-14)


def test_methods_that_arrays_lack():
    x = at.dmatrix("x")
    np.testing.assert_array_equal(evaluate(x.zeros_like(), {x: A}), np.zeros_like(A))
    assert x.ones_like(dtype="int8").dtype == "int8"
    np.testing.assert_array_equal(evaluate(x.fill(3.0), {x: A}), np.full_like(A, 3))
    assert x.copy(name="y").name == "y"
    assert x.transfer("cpu") is x
    with pytest.raises(ValueError, match="gpu"):
        x.transfer("gpu")
    assert x.specify_shape((2, None)).type.shape == (2, None)
    for order in (0, 1, 2, 3, np.inf, -np.inf):
        np.testing.assert_allclose(evaluate(x.norm(order, axis=1), {x: A}), np.linalg.norm(A, order, axis=1))


def test_properties():
    x = TensorType("float32", (1, None))("x")
    assert (x.dtype, x.ndim, x.broadcastable) == ("float32", 2, (True, False))
    assert x.shape.dtype == "int64"


def test_copies_and_pickles():
    x = at.dvector("x")
    y = x * 2 + 1
    for made in (copy.copy(x), pickle.loads(pickle.dumps(y))):
        assert isinstance(made, TensorVariable)
    again = pickle.loads(pickle.dumps(y))
    (z,) = [v for v in again.owner.inputs[0].owner.inputs if v.owner is None and v.name == "x"]
    np.testing.assert_array_equal(evaluate(again, {z: [1.0]}), [3.0])
    deep = copy.deepcopy(x)
    assert deep is not x
    assert deep.type == x.type


def test_names():
    x = at.dvector("x")
    assert str(x) == "x"
    assert str(x + 1) == "Elemwise{add}.0"
    assert repr(at.dscalar()) == "<TensorType(float64, ())>"
