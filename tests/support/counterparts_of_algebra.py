"""The functions of linear algebra, and those of SciPy of whole arrays: their counterparts, and how to call both."""

import numpy as np
import scipy.linalg
import scipy.special
from hypothesis import strategies as st

import aesaralite.tensor as at
from aesaralite.tensor import nlinalg, slinalg
from aesaralite.testing.strategies import arrays, shapes
from support.counterparts import Call, Counterpart
from support.counterparts_of_arrays import axes, either, one

FLOATS = st.sampled_from(["float32", "float64"])


@st.composite
def matrices(draw, kind="any", columns=None, make=None, options=()):
    """A call with a matrix, well conditioned, and perhaps a right side.

    Parameters
    ----------
    kind : str
        "any", "tall", "symmetric", "positive", "lower" or "upper".
    columns : bool, optional
        Whether there's a right side: a matrix, or else a vector. None for none.
    """
    n = draw(st.integers(1, 4))
    name = draw(FLOATS)
    rows = n + draw(st.integers(0, 2)) if kind == "tall" else n
    a = np.asarray(draw(arrays(name, (rows, n), False, 1.0)), "float64")
    # the diagonal outweighs the rest, each element of it being different
    a = a + np.eye(rows, n) * (n + 1 + np.arange(n))
    if kind in ("symmetric", "positive"):
        a = (a + a.T) / 2
    if kind in ("lower", "upper"):
        a = np.tril(a) if kind == "lower" else np.triu(a)
    right = (
        [] if columns is None else [draw(arrays(name, (n, draw(st.integers(1, 3))) if columns else (n,), False, 3.0))]
    )
    drawn = {key: draw(strategy) for key, strategy in dict(options).items()}
    given_arrays = [a.astype(name), *right]
    return Call(given_arrays, drawn, make) if make else Call(given_arrays, drawn)


@st.composite
def inverted_tensor(draw):
    a = np.asarray(draw(arrays("float64", (6, 6), False, 1.0))) + 8 * np.eye(6)
    return Call([a.reshape(2, 3, 6)], {"ind": 2})


@st.composite
def solved_tensor(draw):
    a = np.asarray(draw(arrays("float64", (6, 6), False, 1.0))) + 8 * np.eye(6)
    b = draw(arrays("float64", (2, 3), False, 1.0))
    return Call([a.reshape(2, 3, 6), b])


def either_rank(*args, **kwargs):
    return matrices(*args, columns=True, **kwargs) | matrices(*args, columns=False, **kwargs)


def along_an_axis():
    return one(
        "f", shape=shapes(1, min_side=1), options={"axis": lambda x: st.integers(-x.ndim, x.ndim - 1)}, special=False
    )


def _eig(a):
    # of real numbers if there are no others, in NumPy: not known before
    return [part.astype(np.result_type(part, "complex64")) for part in np.linalg.eig(a)]


def _lstsq(a, b, rcond):
    x, residuals, rank, singular_values = np.linalg.lstsq(a, b, rcond)
    return x, residuals, np.int64(rank), singular_values


def _solve_discrete_lyapunov(a, q):
    # SciPy computes with float64
    return scipy.linalg.solve_discrete_lyapunov(a, q).astype(a.dtype)


FLAG = st.booleans()
ORDERS = st.sampled_from([None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf])
FULL = {"full_matrices": FLAG, "compute_uv": FLAG}
MODES = {"mode": st.sampled_from(["reduced", "r"])}
OF_LOWER = {"trans": st.sampled_from([0, 1]), "unit_diagonal": FLAG}


def counterpart(ours, theirs, calls):
    """Decompositions and solutions are as precise as the matrix is well conditioned."""
    return Counterpart(ours, theirs, calls, ulp=256)


ALGEBRA = {
    "nlinalg.det": counterpart(nlinalg.det, np.linalg.det, matrices()),
    "nlinalg.inv": counterpart(nlinalg.inv, np.linalg.inv, matrices()),
    "nlinalg.matrix_inverse": counterpart(nlinalg.matrix_inverse, np.linalg.inv, matrices()),
    "nlinalg.pinv": counterpart(nlinalg.pinv, np.linalg.pinv, matrices("tall")),
    "nlinalg.slogdet": counterpart(nlinalg.slogdet, np.linalg.slogdet, matrices()),
    "nlinalg.svd": counterpart(nlinalg.svd, np.linalg.svd, matrices("tall", options=FULL)),
    "nlinalg.eig": counterpart(nlinalg.eig, _eig, matrices("symmetric")),
    "nlinalg.eigh": counterpart(nlinalg.eigh, np.linalg.eigh, matrices("symmetric")),
    "nlinalg.qr": counterpart(nlinalg.qr, np.linalg.qr, matrices("tall", options=MODES)),
    "nlinalg.norm": counterpart(nlinalg.norm, np.linalg.norm, matrices("tall", options={"ord": ORDERS})),
    "nlinalg.matrix_power": counterpart(
        nlinalg.matrix_power, np.linalg.matrix_power, matrices(options={"n": st.integers(-2, 3)})
    ),
    "nlinalg.matrix_dot": counterpart(
        nlinalg.matrix_dot, lambda a, b, c: np.linalg.multi_dot([a, b, c]), matrices(make=lambda f, a: f(a, a, a))
    ),
    "nlinalg.lstsq": counterpart(nlinalg.lstsq, _lstsq, either_rank(make=lambda f, a, b: f(a, b, 1e-9))),
    "nlinalg.tensorinv": counterpart(nlinalg.tensorinv, np.linalg.tensorinv, inverted_tensor()),
    "nlinalg.tensorsolve": counterpart(nlinalg.tensorsolve, np.linalg.tensorsolve, solved_tensor()),
    "nlinalg.trace": counterpart(nlinalg.trace, np.linalg.trace, matrices()),
    "slinalg.cholesky": counterpart(
        slinalg.cholesky, scipy.linalg.cholesky, matrices("positive", options={"lower": FLAG})
    ),
    "slinalg.solve": counterpart(slinalg.solve, scipy.linalg.solve, either_rank()),
    "slinalg.solve_symmetric": counterpart(
        slinalg.solve_symmetric, lambda a, b: scipy.linalg.solve(a, b, assume_a="sym"), either_rank("symmetric")
    ),
    "slinalg.solve_triangular": counterpart(
        slinalg.solve_triangular,
        scipy.linalg.solve_triangular,
        either_rank("lower", options={"lower": st.just(True), **OF_LOWER}),
    ),
    "slinalg.solve_lower_triangular": counterpart(
        slinalg.solve_lower_triangular,
        lambda a, b: scipy.linalg.solve_triangular(a, b, lower=True),
        either_rank("lower"),
    ),
    "slinalg.solve_upper_triangular": counterpart(
        slinalg.solve_upper_triangular, scipy.linalg.solve_triangular, either_rank("upper")
    ),
    "slinalg.cho_solve": counterpart(
        slinalg.cho_solve, scipy.linalg.cho_solve, either_rank("lower", make=lambda f, c, b: f((c, True), b))
    ),
    "slinalg.expm": counterpart(slinalg.expm, scipy.linalg.expm, matrices()),
    "slinalg.eigvalsh": counterpart(
        slinalg.eigvalsh, scipy.linalg.eigvalsh, matrices("symmetric", make=lambda f, a: f(a, None))
    ),
    "slinalg.solve_continuous_lyapunov": counterpart(
        slinalg.solve_continuous_lyapunov,
        scipy.linalg.solve_continuous_lyapunov,
        matrices("positive", make=lambda f, a: f(a, a)),
    ),
    "slinalg.solve_discrete_lyapunov": counterpart(
        slinalg.solve_discrete_lyapunov, _solve_discrete_lyapunov, matrices("positive", make=lambda f, a: f(a, a))
    ),
    # an exponential near one says little of its exponent
    "logsumexp": Counterpart(
        at.logsumexp,
        scipy.special.logsumexp,
        one("f", shape=shapes(1, min_side=1), options={"axis": axes, "keepdims": either}),
        scale=1,
    ),
    "softmax": Counterpart(at.softmax, scipy.special.softmax, along_an_axis()),
    "log_softmax": Counterpart(at.log_softmax, scipy.special.log_softmax, along_an_axis()),
}
"""By our names, those of `nlinalg` and `slinalg` with the module's."""
