"""Linear algebra of SciPy, where users of Aesara look for it."""

from aesaralite.tensor.decompositions import Cholesky, Eigvalsh, cholesky, eigvalsh
from aesaralite.tensor.linear_systems import (
    Solve,
    SolveTriangular,
    cho_solve,
    solve,
    solve_lower_triangular,
    solve_symmetric,
    solve_triangular,
    solve_upper_triangular,
)
from aesaralite.tensor.matrix_functions import (
    Expm,
    SolveContinuousLyapunov,
    expm,
    solve_continuous_lyapunov,
    solve_discrete_lyapunov,
)
from aesaralite.tensor.products import kron

__all__ = [
    "Cholesky",
    "Eigvalsh",
    "Expm",
    "Solve",
    "SolveContinuousLyapunov",
    "SolveTriangular",
    "cho_solve",
    "cholesky",
    "eigvalsh",
    "expm",
    "kron",
    "solve",
    "solve_continuous_lyapunov",
    "solve_discrete_lyapunov",
    "solve_lower_triangular",
    "solve_symmetric",
    "solve_triangular",
    "solve_upper_triangular",
]
