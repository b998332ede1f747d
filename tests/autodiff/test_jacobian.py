"""Jacobians and Hessians of known size."""

import numpy as np
import pytest

import aesaralite.tensor as at
from aesaralite.gradient import DisconnectedInputError, grad, hessian, hessian_vector_product, jacobian


def vector(name, size=None):
    return at.TensorType("float64", (size,))(name)


def test_rows():
    x = vector("x", 3)
    result = jacobian(x**2, x).eval({x: [1.0, 2.0, 3.0]})
    np.testing.assert_allclose(result, np.diag([2.0, 4.0, 6.0]))


def test_columns():
    x, y = vector("x", 2), at.dvector("y")
    result = jacobian(y * x.sum() + x[0] ** 2, x).eval({x: [1.0, 2.0], y: [5.0, 6.0, 7.0]})
    np.testing.assert_allclose(result, [[7.0, 5.0], [8.0, 6.0], [9.0, 7.0]])


def test_of_several_variables():
    x, m = vector("x", 2), at.dmatrix("m")
    jx, jm = jacobian(at.specify_shape(at.dot(m, x), (2,)), [x, m])
    values = {x: [1.0, 2.0], m: np.array([[1.0, 2.0], [3.0, 4.0]])}
    np.testing.assert_allclose(jx.eval(values), values[m])
    expected = np.zeros((2, 2, 2))
    expected[0, 0] = expected[1, 1] = values[x]
    np.testing.assert_allclose(jm.eval(values), expected)


def test_of_a_scalar_is_the_gradient():
    x = at.dvector("x")
    np.testing.assert_allclose(jacobian((x**2).sum(), x).eval({x: [1.0, 2.0]}), [2.0, 4.0])


def test_needs_a_size():
    x = at.dvector("x")
    with pytest.raises(NotImplementedError, match="specify_shape"):
        jacobian(x**2, x)
    with pytest.raises(NotImplementedError, match="specify_shape"):
        hessian((x**2).sum(), x)


def test_wrong_dimensions():
    m, x = at.dmatrix("m"), at.dvector("x")
    with pytest.raises(ValueError, match="1 dimensional"):
        jacobian(m, m)
    with pytest.raises(ValueError, match="0 dimensional"):
        hessian(x, x)
    with pytest.raises(ValueError, match="1 dimensional"):
        hessian((m**2).sum(), m)


def test_disconnected():
    x, y = vector("x", 2), vector("y", 2)
    with pytest.raises(DisconnectedInputError):
        jacobian(y * 2, x)
    np.testing.assert_array_equal(
        jacobian(y * 2, x, disconnected_inputs="ignore").eval({x: [1.0, 2.0], y: [1.0, 2.0]}, on_unused_input="ignore"),
        np.zeros((2, 2)),
    )
    z = at.dvector("z")
    with pytest.raises(DisconnectedInputError):
        jacobian(z * 2, x)


def test_hessian():
    x = vector("x", 2)
    cost = x[0] ** 2 * x[1] + x[1] ** 3
    np.testing.assert_allclose(hessian(cost, x).eval({x: [2.0, 3.0]}), [[6.0, 4.0], [4.0, 18.0]])


def test_hessian_of_a_linear_cost_is_zero():
    x = vector("x", 2)
    np.testing.assert_array_equal(hessian(x.sum(), x).eval({x: [2.0, 3.0]}), np.zeros((2, 2)))


def test_hessian_vector_product():
    x, p = at.dmatrix("x"), at.dmatrix("p")
    cost = (at.exp(x).sum(axis=0) ** 2).sum()
    rng = np.random.default_rng(0)
    values = {x: rng.normal(size=(2, 3)), p: rng.normal(size=(2, 3))}
    gradient = grad(cost, x)
    step = 1e-6
    ahead = gradient.eval({x: values[x] + step * values[p]})
    behind = gradient.eval({x: values[x] - step * values[p]})
    np.testing.assert_allclose(
        hessian_vector_product(cost, x, p).eval(values), (ahead - behind) / (2 * step), rtol=1e-6
    )


def test_hessian_vector_product_of_several():
    x, y, p, q = at.dscalars("x", "y", "p", "q")
    results = hessian_vector_product(x**2 * y, [x, y], [p, q])
    values = {x: 2.0, y: 3.0, p: 1.0, q: 10.0}
    assert [float(r.eval({v: values[v] for v in values}, on_unused_input="ignore")) for r in results] == [46.0, 4.0]
