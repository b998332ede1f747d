"""Linear algebra through LAPACK."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.numba_programs import compare, link

import aesaralite.tensor as at
from aesaralite.tensor.decompositions import Cholesky, cholesky, eigh, qr, svd
from aesaralite.tensor.linear_systems import Det, matrix_inverse, pinv, slogdet, solve, solve_triangular

DTYPES = ["float32", "float64", "complex64", "complex128"]
TOLERANCE = {"float32": 1e-3, "complex64": 1e-3, "float64": 1e-10, "complex128": 1e-10}
det = Det()


def values(dtype, *shape, seed=0):
    rng = np.random.default_rng([seed, *shape])
    parts = rng.normal(size=(2, *shape))
    return (parts[0] + 1j * parts[1] if np.dtype(dtype).kind == "c" else parts[0]).astype(dtype)


def definite(dtype, n, seed=0):
    a = values(dtype, n, n, seed=seed)
    return (a @ a.conj().T + n * np.eye(n)).astype(dtype)


def matrix(dtype, name):
    return at.tensor(dtype, shape=(None, None), name=name)


def check(inputs, outputs, args, dtype="float64"):
    return compare(inputs, outputs, args, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
def test_cholesky(dtype):
    x = matrix(dtype, "x")
    outputs = [cholesky(x), cholesky(x, lower=False), cholesky(x.dimshuffle(1, 0)), cholesky(x, on_error="nan")]
    for n in (0, 1, 2, 5, 40):
        check([x], outputs, [definite(dtype, n)], dtype)


def test_cholesky_looks_at_one_triangle():
    x = at.dmatrix("x")
    value = definite("float64", 4)
    check([x], [cholesky(x)], [np.tril(value) + np.triu(np.full((4, 4), 7.0), 1)])
    check([x], [cholesky(x, lower=False)], [np.triu(value)])


@pytest.mark.parametrize("bad", [-np.eye(3), np.zeros((3, 3)), np.ones((2, 3)), np.full((3, 3), np.nan)])
def test_cholesky_errors(bad):
    x, state = at.dmatrix("x"), at.dvector("state")
    program = link([x, state], [cholesky(x), state + 1], {state: 1})
    cell = [np.zeros(2)]
    expected = np.linalg.LinAlgError if bad.shape == (3, 3) and np.isfinite(bad).all() else ValueError
    for _ in range(3):
        with pytest.raises(expected):
            program.run([[bad], cell])
        np.testing.assert_array_equal(cell[0], 0)


def test_cholesky_gives_nan_on_request():
    x = at.dmatrix("x")
    check([x], [Cholesky(on_error="nan")(x), Cholesky(False, "nan")(x).sum()], [-np.eye(3)])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("trans", [0, 1, 2])
def test_triangular_systems(dtype, trans):
    a, b, v = matrix(dtype, "a"), matrix(dtype, "b"), at.tensor(dtype, shape=(None,), name="v")
    outputs = []
    for lower in (False, True):
        outputs.append(solve_triangular(a, b, trans, lower))
        outputs.append(solve_triangular(a.dimshuffle(1, 0), v, trans, lower, unit_diagonal=True))
    outputs.append(solve_triangular(a[::2, ::2], b[::2], trans))
    for n, count in ((4, 3), (1, 1), (3, 0), (0, 2)):
        args = [definite(dtype, n) / 4, values(dtype, n, count), values(dtype, n)]
        check([a, b, v], outputs, args, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_systems(dtype):
    a, b, v = matrix(dtype, "a"), matrix(dtype, "b"), at.tensor(dtype, shape=(None,), name="v")
    outputs = [solve(a, b), solve(a.dimshuffle(1, 0), v), solve(a * 2, b[:, ::-1])]
    outputs += [solve(a, b, "pos"), solve(a, v, "pos", lower=True)]
    outputs += [solve(a, b, kind, lower) for kind in ("sym", "her") for lower in (False, True)]
    for n, count in ((5, 3), (1, 2), (4, 0), (0, 2)):
        check([a, b, v], outputs, [definite(dtype, n), values(dtype, n, count), values(dtype, n)], dtype)


def test_systems_of_two_dtypes():
    a, b = at.fmatrix("a"), at.dvector("b")
    compare([a, b], [solve(a, b), solve_triangular(a, b)], [definite("float32", 3), [1, 2, 3]], rtol=1e-5)


def test_singular_systems():
    a, b = at.dmatrix("a"), at.dvector("b")
    for output in (solve(a, b), solve(a, b, "pos"), solve_triangular(a, b), matrix_inverse(a)):
        program = link([a, b], [output])
        with pytest.raises(np.linalg.LinAlgError):
            program.run([[np.zeros((3, 3))], [np.ones(3)]])


@pytest.mark.parametrize("shapes", [((2, 3), 2), ((3, 3), 2)])
def test_systems_that_dont_fit(shapes):
    a, b = at.dmatrix("a"), at.dvector("b")
    for output in (solve(a, b), solve_triangular(a, b)):
        with pytest.raises(ValueError):
            link([a, b], [output]).run([[np.ones(shapes[0])], [np.ones(shapes[1])]])


def test_systems_with_nan():
    a, b = at.dmatrix("a"), at.dvector("b")
    bad = np.array([[1.0, np.nan], [0.0, 1.0]])
    for output in (solve(a, b), solve_triangular(a, b)):
        with pytest.raises(ValueError, match="infs or NaNs"):
            link([a, b], [output]).run([[bad], [np.ones(2)]])
    compare([a, b], [solve_triangular(a, b, check_finite=False)], [bad, np.ones(2)])


def test_ill_conditioned_systems_warn():
    a, b = at.dmatrix("a"), at.dvector("b")
    program = link([a, b], [solve(a, b)])
    with pytest.warns(match="[Ii]ll-conditioned"):
        program.run([[np.array([[1.0, 1.0], [1.0, 1.0 + 2**-52]])], [np.ones(2)]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        program.run([[np.eye(2)], [np.ones(2)]])


@pytest.mark.parametrize("dtype", DTYPES)
def test_inverse_and_determinant(dtype):
    x = matrix(dtype, "x")
    outputs = [matrix_inverse(x), matrix_inverse(x.dimshuffle(1, 0)).sum(0), det(x), *slogdet(x), det(x * -1)]
    for n in (0, 1, 2, 5):
        check([x], outputs, [definite(dtype, n) / (n + 1)], dtype)


@given(st.permutations(range(4)), st.booleans())
def test_determinants_of_permutations(order, singular):
    x = at.dmatrix("x")
    value = np.eye(4)[list(order)] * np.array([1.0, -2.0, 3.0, 0.0 if singular else 0.5])
    check([x], [det(x), *slogdet(x)], [value])


@pytest.mark.parametrize("dtype", DTYPES)
def test_eigenvalues(dtype):
    x = matrix(dtype, "x")
    w, v = eigh(x)
    rebuilt = at.dot(v * w.astype(dtype), v.dimshuffle(1, 0).conj())
    for n in (0, 1, 2, 6):
        check([x], [w, abs(v), rebuilt, eigh(x, "U")[0]], [definite(dtype, n)], dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 4), (1, 1), (40, 3), (0, 3), (3, 0), (0, 0)])
def test_singular_values(dtype, shape):
    x = matrix(dtype, "x")
    u, s, vh = svd(x, full_matrices=False)
    rebuilt = at.dot(u * s.astype(dtype), vh)
    full = svd(x)
    outputs = [s, abs(u), abs(vh), rebuilt, svd(x, compute_uv=False), svd(x.dimshuffle(1, 0), compute_uv=False)]
    outputs += [
        full[1],
        at.dot(full[0], full[0].dimshuffle(1, 0).conj()),
        at.dot(full[2], full[2].dimshuffle(1, 0).conj()),
    ]
    check([x], outputs, [values(dtype, *shape)], dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 4), (1, 1), (0, 3), (3, 0)])
def test_orthogonal_and_triangular_factors(dtype, shape):
    x = matrix(dtype, "x")
    check([x], [*qr(x), *qr(x, "complete"), qr(x, "r"), qr(x[::-1])[1]], [values(dtype, *shape)], dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 4), (1, 1), (0, 3)])
def test_pseudoinverse(dtype, shape):
    x = matrix(dtype, "x")
    check([x], [pinv(x), pinv(x.dimshuffle(1, 0))], [values(dtype, *shape)], dtype)


def test_pseudoinverse_of_a_matrix_without_full_rank():
    x = at.dmatrix("x")
    check([x], [pinv(x)], [np.ones((4, 3))])
    check([x], [pinv(x)], [np.zeros((2, 3))])


def test_nan_is_no_convergence():
    x = at.dmatrix("x")
    with pytest.raises(np.linalg.LinAlgError):
        link([x], [svd(x)[1]]).run([[np.full((3, 3), np.nan)]])
