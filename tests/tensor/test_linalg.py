"""Linear algebra: inverses, systems, decompositions, matrix functions."""

import numpy as np
import pytest
import scipy.linalg
from support.checking import check, check_gradient
from support.evaluation import evaluate

import aesaralite
import aesaralite.tensor as at
from aesaralite.errors import NullTypeGradError
from aesaralite.tensor.decompositions import Cholesky, QRFull, cholesky, eig, eigh, eigvalsh, qr, svd
from aesaralite.tensor.linear_systems import (
    Solve,
    SolveTriangular,
    cho_solve,
    det,
    lstsq,
    matrix_inverse,
    pinv,
    slogdet,
    solve,
    solve_triangular,
    tensorinv,
    tensorsolve,
)
from aesaralite.tensor.matrix_functions import (
    expm,
    matrix_dot,
    matrix_power,
    norm,
    solve_continuous_lyapunov,
    solve_discrete_lyapunov,
)
from aesaralite.tensor.type import TensorType

rng = np.random.default_rng(16)
A = rng.normal(size=(3, 3)) + 3 * np.eye(3)
B = rng.normal(size=(3, 2))
POSITIVE = A @ A.T + np.eye(3)
SYMMETRIC = A + A.T
TOLERANCE = 1e-8


# Inverses and determinants


@pytest.mark.parametrize("dtype", ["float64", "float32", "complex128", "int64"])
def test_inverse_and_determinant(dtype):
    value = np.array([[2, 1], [1, 3]], dtype=dtype)
    rtol = 1e-5 if dtype == "float32" else 1e-12
    check(matrix_inverse, np.linalg.inv, value, rtol=rtol)
    check(det, np.linalg.det, value, rtol=rtol)
    check(slogdet, np.linalg.slogdet, value, rtol=rtol)
    check(pinv, np.linalg.pinv, value, rtol=rtol)


def test_gradients_of_inverses_and_determinants():
    check_gradient(matrix_inverse, A)
    check_gradient(det, A)
    check_gradient(lambda x: slogdet(x)[1], A)
    check_gradient(pinv, A[:2])
    check_gradient(pinv, A[:, :2])


def test_singular_matrices_and_wrong_shapes():
    x = at.dmatrix("my_matrix")
    with pytest.raises(np.linalg.LinAlgError, match="Singular"):
        evaluate(matrix_inverse(x), {x: np.ones((2, 2))})
    with pytest.raises(np.linalg.LinAlgError, match="square"):
        evaluate(det(x), {x: np.ones((2, 3))})
    with pytest.raises(ValueError, match=r"needs a square matrix; y has shape \(2, 3\)"):
        matrix_inverse(TensorType("float64", (2, 3))("y"))
    with pytest.raises(TypeError, match="needs an input of 2 dimensions; v has 1"):
        det(at.dvector("v"))
    with pytest.raises(TypeError, match="float16"):
        det(at.matrix(dtype="float16"))


# Systems


@pytest.mark.parametrize("b", [B, B[:, 0]], ids=["matrix", "vector"])
@pytest.mark.parametrize("assume_a", ["gen", "sym", "pos"])
@pytest.mark.parametrize("lower", [False, True])
def test_solve(b, assume_a, lower):
    a = {"gen": A, "sym": SYMMETRIC, "pos": POSITIVE}[assume_a]
    check(
        lambda a, b: solve(a, b, assume_a=assume_a, lower=lower),
        lambda a, b: scipy.linalg.solve(a, b, assume_a=assume_a, lower=lower),
        a,
        b,
        rtol=TOLERANCE,
    )
    check_gradient(lambda a, b: solve(a, b, assume_a=assume_a, lower=lower), a, b)


@pytest.mark.parametrize("b", [B, B[:, 0]], ids=["matrix", "vector"])
@pytest.mark.parametrize("lower", [False, True])
@pytest.mark.parametrize("trans", [0, "T", 2])
@pytest.mark.parametrize("unit", [False, True])
def test_solve_triangular(b, lower, trans, unit):
    def ours(a, b):
        return solve_triangular(a, b, trans=trans, lower=lower, unit_diagonal=unit)

    check(
        ours,
        lambda a, b: scipy.linalg.solve_triangular(a, b, trans=trans, lower=lower, unit_diagonal=unit),
        A,
        b,
        rtol=TOLERANCE,
    )
    check_gradient(ours, A, b)


def test_properties_of_systems():
    assert SolveTriangular(trans="T") == SolveTriangular(trans=1)
    with pytest.raises(ValueError, match="recognized matrix structure"):
        Solve("odd")
    with pytest.raises(ValueError, match="trans must be one of"):
        SolveTriangular(trans=3)
    a, b = at.dmatrix("a"), at.dvector("b")
    assert solve(at.fmatrix(), at.fvector()).type.dtype == "float32"
    assert solve(at.fmatrix(), b).type.dtype == "float64"
    with pytest.raises(ValueError, match="don't fit"):
        solve(TensorType("float64", (3, 3))(), TensorType("float64", (2,))())
    with pytest.raises(ValueError, match="don't make a system"):
        evaluate(solve(a, b), {a: np.eye(3), b: np.ones(2)})
    with pytest.raises(ValueError, match="infs or NaNs"):
        evaluate(solve(a, b), {a: np.full((2, 2), np.nan), b: np.ones(2)})


def test_with_a_cholesky_factor():
    for lower in (False, True):
        factor = scipy.linalg.cholesky(POSITIVE, lower=lower)
        check(
            lambda c, b, lower=lower: cho_solve((c, lower), b),
            lambda c, b, lower=lower: scipy.linalg.cho_solve((c, lower), b),
            factor,
            B,
            rtol=TOLERANCE,
        )
        check_gradient(lambda c, b, lower=lower: cho_solve((c, lower), b), factor, B)


def test_least_squares_and_tensor_equations():
    x, y = rng.normal(size=(5, 3)), rng.normal(size=5)
    check(lambda x, y: lstsq(x, y, -1)[:1], lambda x, y: np.linalg.lstsq(x, y, -1)[:1], x, y, rtol=TOLERANCE)
    a = rng.normal(size=(4, 6, 8, 3))
    check(tensorinv, np.linalg.tensorinv, a, rtol=TOLERANCE)
    check(tensorsolve, np.linalg.tensorsolve, a, rng.normal(size=(4, 6)), rtol=1e-6)


# Decompositions


@pytest.mark.parametrize("lower", [False, True])
def test_cholesky(lower):
    check(lambda x: cholesky(x, lower=lower), lambda x: scipy.linalg.cholesky(x, lower=lower), POSITIVE, rtol=TOLERANCE)
    check_gradient(lambda x: cholesky(x, lower=lower), POSITIVE)


def test_cholesky_of_other_matrices():
    x = at.dmatrix("x")
    with pytest.raises(scipy.linalg.LinAlgError, match="not positive definite"):
        evaluate(cholesky(x), {x: -np.eye(2)})
    factor = cholesky(x, on_error="nan")
    assert np.isnan(evaluate(factor, {x: -np.eye(2)})).all()
    assert np.isnan(evaluate(aesaralite.grad(factor.sum(), x), {x: -np.eye(2)})[np.tril_indices(2)]).all()
    with pytest.raises(ValueError, match="on_error must be"):
        Cholesky(on_error="ignore")


def test_eigenvalues():
    def reconstructed(x, uplo):
        w, v = eigh(x, uplo)
        return w, at.dot(v * w, v.T)

    for uplo in "LU":
        check(lambda x, u=uplo: reconstructed(x, u), lambda x: (np.linalg.eigvalsh(x), x), SYMMETRIC, rtol=TOLERANCE)
        check_gradient(lambda x, u=uplo: eigh(x, u)[0], SYMMETRIC)
        check_gradient(lambda x, u=uplo: eigh(x, u)[1], SYMMETRIC)
    check(lambda x: at.abs(eig(x)[0]).sum(), lambda x: np.abs(np.linalg.eigvals(x)).sum(), A, rtol=TOLERANCE)
    x = at.dmatrix()
    with pytest.raises(NullTypeGradError):
        at.grad(at.abs(eig(x)[0]).sum(), x)


@pytest.mark.parametrize("lower", [False, True])
def test_generalized_eigenvalues(lower):
    check(
        lambda a, b: eigvalsh(a, b, lower),
        lambda a, b: scipy.linalg.eigvalsh(a, b, lower=lower),
        SYMMETRIC,
        POSITIVE,
        rtol=TOLERANCE,
    )
    check_gradient(lambda a, b: eigvalsh(a, b, lower), SYMMETRIC, POSITIVE)
    check(eigvalsh, scipy.linalg.eigvalsh, SYMMETRIC, rtol=TOLERANCE)


@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4)])
@pytest.mark.parametrize("full", [False, True])
def test_svd(shape, full):
    value = rng.normal(size=shape)
    check(lambda x: svd(x, full_matrices=full), lambda x: np.linalg.svd(x, full_matrices=full), value, rtol=TOLERANCE)
    check(lambda x: svd(x, compute_uv=False), lambda x: np.linalg.svd(x, compute_uv=False), value, rtol=TOLERANCE)
    check_gradient(lambda x: svd(x, full, compute_uv=False), value)
    if not full:
        for i in range(3):
            check_gradient(lambda x, i=i: svd(x, full_matrices=False)[i], value)


@pytest.mark.parametrize("mode", ["reduced", "complete", "r"])
@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4)])
def test_qr(mode, shape):
    check(lambda x: qr(x, mode), lambda x: np.linalg.qr(x, mode), rng.normal(size=shape), rtol=TOLERANCE)


def test_gradient_of_qr():
    from aesaralite.tensor.shaping import specify_shape

    for shape in [(3, 3), (4, 2)]:
        value = rng.normal(size=shape)
        for i in range(2):
            check_gradient(lambda x, s=shape, i=i: qr(specify_shape(x, s))[i], value)
        check_gradient(lambda x, s=shape: qr(specify_shape(x, s), "r"), value)
    with pytest.raises(ValueError, match="mode must be"):
        QRFull("raw")


# Functions of matrices


@pytest.mark.parametrize("n", [-2, 0, 1, 2, 5])
def test_powers(n):
    check(lambda x: matrix_power(x, n), lambda x: np.linalg.matrix_power(x, n), A, rtol=TOLERANCE)
    check(matrix_dot, lambda *m: np.linalg.multi_dot(m), A, POSITIVE, B, rtol=TOLERANCE)


@pytest.mark.parametrize("order", [None, 0, 1, 2, 3, -1, np.inf, -np.inf, 2.5])
def test_norms_of_vectors(order):
    check(lambda x: norm(x, order), lambda x: np.linalg.norm(x, order), B[:, 0])
    for axis in (0, -1):
        check(lambda x, i=axis: norm(x, order, i, True), lambda x, i=axis: np.linalg.norm(x, order, i, True), A)


@pytest.mark.parametrize("order", [None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf])
def test_norms_of_matrices(order):
    check(lambda x: norm(x, order), lambda x: np.linalg.norm(x, order), B, rtol=TOLERANCE)
    check(lambda x: norm(x, order, keepdims=True), lambda x: np.linalg.norm(x, order, keepdims=True), B, rtol=TOLERANCE)


def test_infinity_has_a_name():
    for matrix in (A, A[0]):
        for name in ("inf", "-inf"):
            check(lambda x, n=name: norm(x, n), lambda x, n=name: np.linalg.norm(x, float(n)), matrix)


def test_wrong_norms():
    for wrong in (lambda: norm(at.dvector(), "fro"), lambda: norm(at.dmatrix(), 7), lambda: norm(at.dtensor3(), 1)):
        with pytest.raises(ValueError, match="norm"):
            wrong()


def test_exponential():
    check(expm, scipy.linalg.expm, A, rtol=TOLERANCE)
    check_gradient(expm, A / 5)


def test_lyapunov():
    q = rng.normal(size=(3, 3))
    check(solve_continuous_lyapunov, scipy.linalg.solve_continuous_lyapunov, A, q, rtol=TOLERANCE)
    check_gradient(solve_continuous_lyapunov, A, q)
    for method in ("direct", "bilinear"):
        check(
            lambda a, q, m=method: solve_discrete_lyapunov(a, q, m),
            scipy.linalg.solve_discrete_lyapunov,
            A / 7,
            q,
            rtol=TOLERANCE,
        )
        check_gradient(lambda a, q, m=method: solve_discrete_lyapunov(a, q, m), A / 7, q)
