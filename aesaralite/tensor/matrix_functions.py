"""Functions of whole matrices: powers, norms, the exponential, matrix equations."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Number
from typing import Any

import numpy as np

from aesaralite.graph.arguments import as_integer, described, is_one_of
from aesaralite.graph.basic import Apply, Variable
from aesaralite.graph.op import Op
from aesaralite.scalar.dtypes import is_complex, upcast
from aesaralite.tensor.convert import as_tensor_variable
from aesaralite.tensor.creation import eye, zeros_like
from aesaralite.tensor.decompositions import svd
from aesaralite.tensor.joining import concatenate
from aesaralite.tensor.linear_systems import adjoint, as_square_matrix, matrix_inverse, solve
from aesaralite.tensor.pointwise import abs as absolute
from aesaralite.tensor.pointwise import cast, conj, neq, sqrt
from aesaralite.tensor.products import dot, kron
from aesaralite.tensor.reshaping import flatten, reshape
from aesaralite.tensor.shaping import shape_tuple
from aesaralite.tensor.static import Tensor, normalize_axis, same_static_size
from aesaralite.tensor.tensor_type import tensor_type


def matrix_dot(*args: Any) -> Tensor:
    """Return the product of several matrices, from left to right."""
    if not args:
        raise ValueError("matrix_dot needs at least one matrix")
    product = as_tensor_variable(args[0])
    for factor in args[1:]:
        product = dot(product, factor)
    return product


def matrix_power(M: Any, n: int) -> Tensor:
    """Return a square matrix raised to an integer power.

    Parameters
    ----------
    M : matrix_like
        The matrix.
    n : int
        The power; a negative one inverts the matrix first.
    """
    M = as_tensor_variable(M)
    if M.type.ndim != 2:
        raise TypeError(f"matrix_power needs a matrix; {M} has {M.type.ndim} dimensions")
    n = as_integer(n, "the power")
    if n < 0:
        M, n = matrix_inverse(M), -n
    if n == 0:
        rows, columns = shape_tuple(M)
        return eye(rows, columns, dtype=M.type.dtype)
    result: Any = None
    square = M
    while True:
        if n % 2:
            result = square if result is None else dot(result, square)
        n //= 2
        if not n:
            return result
        square = dot(square, square)


def norm(x: Any, ord: Any = None, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Tensor:
    """Return the norm of a vector or a matrix.

    Parameters
    ----------
    x : tensor_like
        The array.
    ord : number or {"fro", "nuc", "inf", "-inf"}, optional
        Which norm, as for ``numpy.linalg.norm``; "inf" is another name of ``numpy.inf``. By default the square root
        of the sum of squares.
    axis : int or pair of int, optional
        The dimension of the vectors, or those of the matrices; by default all of `x` is one.
    keepdims : bool
        Whether the removed dimensions stay, with size 1.
    """
    x = as_tensor_variable(x)
    if ord is not None and not isinstance(ord, (str, Number, Variable)):
        raise TypeError(f"ord must be a number or a name, got {described(ord)}")
    if ord in ("inf", "-inf"):
        ord = float(ord)
    magnitude = absolute(x)
    if axis is None and ord is None:
        return sqrt((magnitude**2).sum(keepdims=keepdims))
    if axis is None:
        axes = list(range(x.type.ndim))
    else:
        axes = [normalize_axis(a, x.type.ndim, x) for a in np.atleast_1d(axis).tolist()]
    if len(axes) == 1:
        return _vector_norm(magnitude, ord, axes[0], keepdims)
    if len(axes) != 2 or axes[0] == axes[1]:
        raise ValueError(f"norm is of vectors and matrices; {x} has {x.type.ndim} dimensions and axis is {axis}")
    rows, columns = axes
    if ord is None or ord == "fro":
        return sqrt((magnitude**2).sum(axis=axes, keepdims=keepdims))
    if ord in (1, -1, np.inf, -np.inf):
        along, across = (rows, columns) if ord in (1, -1) else (columns, rows)
        sums = magnitude.sum(axis=along, keepdims=True)
        result = sums.max(axis=across, keepdims=True) if ord > 0 else sums.min(axis=across, keepdims=True)
        return result if keepdims else result.squeeze(tuple(axes))
    if ord in (2, -2, "nuc"):
        if x.type.ndim != 2:
            raise NotImplementedError(f"The norm {ord!r} is for one matrix; {x} has {x.type.ndim} dimensions")
        values = svd(x, compute_uv=False)
        result = values.sum() if ord == "nuc" else values.max() if ord > 0 else values.min()
        return result.dimshuffle("x", "x") if keepdims else result
    raise ValueError(f"Invalid norm order for matrices: {ord!r}")


def _vector_norm(magnitude: Tensor, ord: Any, axis: int, keepdims: bool) -> Tensor:
    if isinstance(ord, str):
        raise ValueError(f"Invalid norm order for vectors: {ord!r}")
    if ord is None or ord == 2:
        return sqrt((magnitude**2).sum(axis=axis, keepdims=keepdims))
    if ord == np.inf:
        return magnitude.max(axis=axis, keepdims=keepdims)
    if ord == -np.inf:
        return magnitude.min(axis=axis, keepdims=keepdims)
    if ord == 0:
        return cast(neq(magnitude, 0).sum(axis=axis, keepdims=keepdims), magnitude.type.dtype)
    if ord == 1:
        return magnitude.sum(axis=axis, keepdims=keepdims)
    return (magnitude**ord).sum(axis=axis, keepdims=keepdims) ** (1.0 / ord)


class Expm(Op):
    """The exponential of a square matrix."""

    __props__ = ()

    def make_node(self, A: Any) -> Apply:
        A, n = as_square_matrix(A, self)
        return Apply(self, [A], [tensor_type(A.type.dtype, (n, n))()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        from scipy.linalg import expm

        output_storage[0][0] = np.asarray(expm(inputs[0]), dtype=inputs[0].dtype)

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        return [shapes[0]]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        return [_expm_derivative(adjoint(inputs[0]), output_grads[0])]

    def R_op(self, inputs: Sequence[Tensor], eval_points: Sequence[Tensor | None]) -> list[Tensor | None]:
        return [None if eval_points[0] is None else _expm_derivative(inputs[0], eval_points[0])]


def _expm_derivative(A: Tensor, E: Tensor) -> Tensor:
    """Return the derivative of the exponential of `A` in the direction `E`."""
    # the exponential of [[A, E], [0, A]] holds it in its upper right corner
    n = shape_tuple(A)[0]
    upper = concatenate([A, E], axis=1)
    lower = concatenate([zeros_like(E), A], axis=1)
    return expm(concatenate([upper, lower], axis=0))[:n, n:]


expm = Expm()


class SolveContinuousLyapunov(Op):
    """Solve ``A X + X A^H = Q`` for X: ``SolveContinuousLyapunov()(A, Q)``."""

    __props__ = ()

    def make_node(self, A: Any, Q: Any) -> Apply:
        A, n = as_square_matrix(A, self)
        Q, m = as_square_matrix(Q, self)
        n = same_static_size((n, m), f"{self}: {A} and {Q} must have the same size")
        return Apply(self, [A, Q], [tensor_type(upcast(A.type.dtype, Q.type.dtype), (n, n))()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        from scipy.linalg import solve_continuous_lyapunov

        output_storage[0][0] = np.asarray(solve_continuous_lyapunov(*inputs), dtype=node.outputs[0].type.dtype)

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        return [shapes[0]]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        (A, _), (X,), (gz,) = inputs, outputs, output_grads
        S = self(adjoint(A), gz)
        return [-(dot(S, adjoint(X)) + dot(adjoint(S), X)), S]


def solve_continuous_lyapunov(A: Any, Q: Any) -> Tensor:
    """Solve ``A X + X A^H = Q`` for X.

    Parameters
    ----------
    A, Q : matrix_like
        Square matrices of the same size.
    """
    return SolveContinuousLyapunov()(A, Q)


def solve_discrete_lyapunov(A: Any, Q: Any, method: str = "direct") -> Tensor:
    """Solve ``A X A^H - X + Q = 0`` for X.

    Parameters
    ----------
    A, Q : matrix_like
        Square matrices of the same size.
    method : {"direct", "bilinear"}
        "direct" solves a system of as many equations as there are elements; "bilinear" is faster for
        large matrices.
    """
    if not is_one_of(method, ("direct", "bilinear")):
        raise ValueError(f"method must be 'direct' or 'bilinear'; got {method!r}")
    A, _ = as_square_matrix(A, "solve_discrete_lyapunov")
    Q, _ = as_square_matrix(Q, "solve_discrete_lyapunov")
    (n, _), dtype = shape_tuple(A), A.type.dtype
    identity = eye(n, dtype=dtype)
    if method == "bilinear":
        shifted = matrix_inverse(adjoint(A) + identity)
        B = dot(adjoint(A) - identity, shifted)
        C = 2 * matrix_dot(matrix_inverse(A + identity), Q, shifted)
        return solve_continuous_lyapunov(adjoint(B), -C)
    system = eye(n * n, dtype=dtype) - kron(A, conj(A) if is_complex(dtype) else A)
    return reshape(solve(system, flatten(Q)), shape_tuple(Q), ndim=2)
