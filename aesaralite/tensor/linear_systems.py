"""Inverses, determinants and systems of linear equations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aesaralite.graph.arguments import as_flag, as_integer, described, is_one_of
from aesaralite.graph.basic import Apply
from aesaralite.graph.null_type import DisconnectedType, grad_not_implemented
from aesaralite.graph.op import Op
from aesaralite.scalar.dtypes import is_complex, is_discrete, real_dtype, upcast
from aesaralite.tensor.convert import as_tensor_variable
from aesaralite.tensor.diagonals import tril, triu
from aesaralite.tensor.pointwise import cast, conj
from aesaralite.tensor.products import dot, outer
from aesaralite.tensor.reshaping import flatten, reshape
from aesaralite.tensor.shaping import shape_tuple
from aesaralite.tensor.static import Tensor, normalize_axes, same_static_size
from aesaralite.tensor.tensor_type import tensor_type


def as_float_matrix(x: Any, what: Any, ndims: Sequence[int] = (2,)) -> Tensor:
    """Return a matrix variable of a dtype that LAPACK computes in; integers become float64.

    Raises
    ------
    TypeError
        If it isn't a matrix, or of dtype float16.
    """
    x = as_tensor_variable(x)
    if x.type.ndim not in ndims:
        wanted = " or ".join(map(str, ndims))
        raise TypeError(f"{what} needs an input of {wanted} dimensions; {x} has {x.type.ndim}")
    if is_discrete(x.type.dtype):
        return cast(x, "float64")
    if x.type.dtype == "float16":
        raise TypeError(f"{what} isn't available in float16; cast {x} to float32")
    return x


def as_square_matrix(x: Any, what: Any) -> tuple[Tensor, int | None]:
    """Return a square matrix variable and its size, as far as it is known.

    Raises
    ------
    TypeError
        If it isn't a matrix.
    ValueError
        If it is known not to be square.
    """
    x = as_float_matrix(x, what)
    return x, same_static_size(x.type.shape, f"{what} needs a square matrix; {x} has shape {x.type.shape}")


def adjoint(x: Tensor) -> Tensor:
    """Return the conjugate transpose."""
    x = x.dimshuffle(1, 0)
    return conj(x) if is_complex(x.type.dtype) else x


class MatrixInverse(Op):
    """The inverse of a square matrix. Raises ``numpy.linalg.LinAlgError`` where there is none."""

    __props__ = ()

    def make_node(self, x: Any) -> Apply:
        x, n = as_square_matrix(x, self)
        return Apply(self, [x], [tensor_type(x.type.dtype, (n, n))()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        output_storage[0][0] = np.linalg.inv(inputs[0])

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        return [shapes[0]]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        inverse = adjoint(outputs[0])
        return [-dot(dot(inverse, output_grads[0]), inverse)]

    def R_op(self, inputs: Sequence[Tensor], eval_points: Sequence[Tensor | None]) -> list[Tensor | None]:
        (point,) = eval_points
        if point is None:
            return [None]
        inverse = self(inputs[0])
        return [-dot(dot(inverse, point), inverse)]


matrix_inverse = inv = MatrixInverse()


@dataclass(frozen=True, eq=False, repr=False)
class MatrixPinv(Op):
    """The Moore-Penrose pseudoinverse of a matrix.

    Parameters
    ----------
    hermitian : bool
        Whether the matrix is known to be Hermitian.
    """

    hermitian: bool = False

    def make_node(self, x: Any) -> Apply:
        x = as_float_matrix(x, self)
        return Apply(self, [x], [tensor_type(x.type.dtype, x.type.shape[::-1])()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        output_storage[0][0] = np.linalg.pinv(inputs[0], hermitian=self.hermitian)

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        return [tuple(shapes[0][::-1])]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        # for matrices near which the rank doesn't change
        (x,), (z,), (gz,) = inputs, outputs, output_grads
        zh, gh = adjoint(z), adjoint(gz)
        xz, zx = dot(x, z), dot(z, x)
        left = dot(dot(zh, z), gh)
        right = dot(gh, dot(z, zh))
        return [-dot(dot(zh, gz), zh) + left - dot(left, zx) + right - dot(xz, right)]


def pinv(x: Any, hermitian: bool = False) -> Tensor:
    """Return the Moore-Penrose pseudoinverse.

    Parameters
    ----------
    x : matrix_like
        The matrix.
    hermitian : bool
        Whether it is known to be Hermitian.
    """
    return MatrixPinv(as_flag(hermitian, "hermitian"))(x)


class Det(Op):
    """The determinant of a square matrix."""

    __props__ = ()

    def make_node(self, x: Any) -> Apply:
        x, _ = as_square_matrix(x, self)
        return Apply(self, [x], [tensor_type(x.type.dtype, ())()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        output_storage[0][0] = np.asarray(np.linalg.det(inputs[0]), dtype=inputs[0].dtype)

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        return [()]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        (x,), (det_x,), (gz,) = inputs, outputs, output_grads
        factor = gz * (conj(det_x) if is_complex(det_x.type.dtype) else det_x)
        return [factor * adjoint(matrix_inverse(x))]


det = Det()


class SLogDet(Op):
    """The sign of a determinant, and the logarithm of its absolute value."""

    __props__ = ()

    def make_node(self, x: Any) -> Apply:
        x, _ = as_square_matrix(x, self)
        dtype = x.type.dtype
        return Apply(self, [x], [tensor_type(dtype, ())(), tensor_type(real_dtype(dtype), ())()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        for storage, value, output in zip(output_storage, np.linalg.slogdet(inputs[0]), node.outputs):
            storage[0] = np.asarray(value, dtype=output.type.dtype)

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        return [(), ()]

    def connection_pattern(self, node: Any) -> list[list[bool]]:
        return [[is_complex(node.inputs[0].type.dtype), True]]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        (x,), (gsign, glog) = inputs, output_grads
        if is_complex(x.type.dtype) and not isinstance(gsign.type, DisconnectedType):
            return [grad_not_implemented(self, 0, x, "The sign of a complex determinant has no gradient yet.")]
        if isinstance(glog.type, DisconnectedType):
            return [x.zeros_like()]
        return [glog * adjoint(matrix_inverse(x))]


def slogdet(x: Any) -> list[Tensor]:
    """Return the sign of the determinant, and the logarithm of its absolute value.

    Parameters
    ----------
    x : matrix_like
        A square matrix.
    """
    return SLogDet()(x)


def _solved_type(a: Tensor, b: Tensor, what: Any) -> Any:
    n = same_static_size(
        (*a.type.shape, b.type.shape[0]), f"{what}: shapes {a.type.shape} of {a} and {b.type.shape} of {b} don't fit"
    )
    return tensor_type(upcast(a.type.dtype, b.type.dtype), (n, *b.type.shape[1:]))


def _check_system(a: np.ndarray, b: np.ndarray, what: Any) -> None:
    if a.shape[0] != a.shape[1] or a.shape[0] != b.shape[0]:
        raise ValueError(f"{what}: matrices of shapes {a.shape} and {b.shape} don't make a system of equations")


def _pulled_matrix(solution: Tensor, b_bar: Tensor, transposed: bool) -> Tensor:
    """Return the gradient with respect to the whole matrix of a system, from that of the right-hand side."""
    left, right = b_bar, conj(solution) if is_complex(solution.type.dtype) else solution
    if transposed:
        left, right = (conj(v) if is_complex(v.type.dtype) else v for v in (right, left))
    if solution.type.ndim == 1:
        return -outer(left, right)
    return -dot(left, right.dimshuffle(1, 0))


_TRANS = {0: 0, 1: 1, 2: 2, "N": 0, "T": 1, "C": 2}


@dataclass(frozen=True, eq=False, repr=False)
class SolveTriangular(Op):
    """Solve a system with a triangular matrix: ``SolveTriangular(...)(a, b)``. The other triangle isn't looked at.

    Parameters
    ----------
    lower : bool
        Whether it is the lower triangle that holds the matrix.
    trans : {0, 1, 2, "N", "T", "C"}
        Whether to solve with the matrix, its transpose, or its conjugate transpose.
    unit_diagonal : bool
        Whether the diagonal is taken to be ones, and not looked at.
    check_finite : bool
        Whether infinities and NaN are an error.
    """

    lower: bool = False
    trans: int | str = 0
    unit_diagonal: bool = False
    check_finite: bool = True

    def __post_init__(self) -> None:
        if not isinstance(self.trans, (int, np.integer, str)) or self.trans not in _TRANS:
            raise ValueError(f"trans must be one of {', '.join(map(repr, _TRANS))}; got {self.trans!r}")
        object.__setattr__(self, "trans", _TRANS[self.trans])

    def make_node(self, a: Any, b: Any) -> Apply:
        a, b = as_float_matrix(a, self), as_float_matrix(b, self, (1, 2))
        return Apply(self, [a, b], [_solved_type(a, b, self)()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        from scipy.linalg import solve_triangular

        a, b = inputs
        _check_system(a, b, self)
        solution = solve_triangular(
            a,
            b,
            trans=self.trans,
            lower=self.lower,
            unit_diagonal=self.unit_diagonal,
            check_finite=self.check_finite,
        )
        output_storage[0][0] = np.asarray(solution, dtype=node.outputs[0].type.dtype)

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        return [shapes[1]]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        (a, _), (solution,), (gz,) = inputs, outputs, output_grads
        if self.trans == 1 and is_complex(a.type.dtype):
            return [
                grad_not_implemented(self, i, x, "Use trans='C' for complex matrices.") for i, x in enumerate(inputs)
            ]
        transposed = self.trans != 0
        other = 0 if transposed else 2 if is_complex(a.type.dtype) else 1
        b_bar = SolveTriangular(self.lower, other, self.unit_diagonal, self.check_finite)(a, gz)
        k = -1 if self.unit_diagonal else 0
        a_bar = _pulled_matrix(solution, b_bar, transposed)
        return [tril(a_bar, k) if self.lower else triu(a_bar, -k), b_bar]


def solve_triangular(
    a: Any,
    b: Any,
    trans: int | str = 0,
    lower: bool = False,
    unit_diagonal: bool = False,
    check_finite: bool = True,
) -> Tensor:
    """Solve a system of linear equations with a triangular matrix.

    Parameters
    ----------
    a : matrix_like
        The matrix; the triangle that isn't asked for is not looked at.
    b : vector_like or matrix_like
        The right-hand side, or several as columns.
    trans, lower, unit_diagonal, check_finite
        See `SolveTriangular`.
    """
    return SolveTriangular(lower, trans, unit_diagonal, check_finite)(a, b)


solve_lower_triangular = SolveTriangular(lower=True)
solve_upper_triangular = SolveTriangular(lower=False)


@dataclass(frozen=True, eq=False, repr=False)
class Solve(Op):
    """Solve a system of linear equations: ``Solve(...)(a, b)``.

    Parameters
    ----------
    assume_a : {"gen", "sym", "her", "pos"}
        What the matrix is known to be: general, symmetric, Hermitian, or positive definite. Except for a
        general one, only one triangle is looked at.
    lower : bool
        Whether that is the lower triangle.
    check_finite : bool
        Whether infinities and NaN are an error.
    """

    assume_a: str = "gen"
    lower: bool = False
    check_finite: bool = True

    def __post_init__(self) -> None:
        if not is_one_of(self.assume_a, ("gen", "sym", "her", "pos")):
            raise ValueError(f"{self.assume_a!r} is not a recognized matrix structure: gen, sym, her or pos")

    def make_node(self, a: Any, b: Any) -> Apply:
        a, b = as_float_matrix(a, self), as_float_matrix(b, self, (1, 2))
        return Apply(self, [a, b], [_solved_type(a, b, self)()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        from scipy.linalg import solve

        a, b = inputs
        _check_system(a, b, self)
        solution = solve(a, b, lower=self.lower, check_finite=self.check_finite, assume_a=self.assume_a)
        output_storage[0][0] = np.asarray(solution, dtype=node.outputs[0].type.dtype)

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        return [shapes[1]]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        (a, _), (solution,), (gz,) = inputs, outputs, output_grads
        if self.assume_a == "gen":
            b_bar = self(adjoint(a), gz)
            return [_pulled_matrix(solution, b_bar, False), b_bar]
        if is_complex(a.type.dtype):
            return [grad_not_implemented(self, i, x, "Use assume_a='gen'.") for i, x in enumerate(inputs)]
        b_bar = self(a, gz)
        return [onto_triangle(_pulled_matrix(solution, b_bar, False), self.lower), b_bar]


solve_symmetric = Solve(assume_a="sym")


def onto_triangle(gradient: Tensor, lower: bool) -> Tensor:
    """Return the gradient with respect to the triangle that stands for a symmetric matrix, from that of the matrix."""
    both = gradient + gradient.dimshuffle(1, 0)
    return tril(both, -1) + tril(triu(gradient)) if lower else triu(both, 1) + tril(triu(gradient))


def solve(a: Any, b: Any, assume_a: str = "gen", lower: bool = False, check_finite: bool = True) -> Tensor:
    """Solve a system of linear equations.

    Parameters
    ----------
    a : matrix_like
        The matrix, which is square.
    b : vector_like or matrix_like
        The right-hand side, or several as columns.
    assume_a, lower, check_finite
        See `Solve`.

    Examples
    --------
    >>> import aesaralite.tensor as at
    >>> from aesaralite.tensor.linear_systems import solve
    >>> solve(at.constant([[2.0, 0.0], [0.0, 4.0]]), at.constant([1.0, 1.0])).eval()
    array([0.5 , 0.25])
    """
    return Solve(assume_a, lower, check_finite)(a, b)


def cho_solve(c_and_lower: tuple[Any, bool], b: Any, check_finite: bool = True) -> Tensor:
    """Solve a system of linear equations, given the Cholesky factor of its matrix.

    Parameters
    ----------
    c_and_lower : (matrix_like, bool)
        The factor, and whether it is the lower one.
    b : vector_like or matrix_like
        The right-hand side, or several as columns.
    check_finite : bool
        Whether infinities and NaN are an error.
    """
    if not isinstance(c_and_lower, (tuple, list)) or len(c_and_lower) != 2:
        raise TypeError(f"c_and_lower must be a pair of a matrix and a bool, got {described(c_and_lower)}")
    factor, lower = c_and_lower[0], as_flag(c_and_lower[1], "whether the factor is the lower one")
    factor = as_tensor_variable(factor)
    other = 2 if is_complex(factor.type.dtype) else 1
    first, second = (0, other) if lower else (other, 0)
    half = solve_triangular(factor, b, first, lower, check_finite=check_finite)
    return solve_triangular(factor, half, second, lower, check_finite=check_finite)


class Lstsq(Op):
    """Least squares: ``Lstsq()(x, y, rcond)`` gives solution, residuals, rank and singular values."""

    __props__ = ()

    def make_node(self, x: Any, y: Any, rcond: Any) -> Apply:
        x, y = as_float_matrix(x, self), as_float_matrix(y, self, (1, 2))
        rcond = as_tensor_variable(rcond)
        if rcond.type.ndim != 0:
            raise TypeError(f"rcond must be a scalar; got {rcond} of type {rcond.type}")
        dtype = upcast(x.type.dtype, y.type.dtype)
        outputs = [
            tensor_type(dtype, (x.type.shape[1], *y.type.shape[1:]))(),
            tensor_type(real_dtype(dtype), (None,))(),
            tensor_type("int64", ())(),
            tensor_type(real_dtype(dtype), (None,))(),
        ]
        return Apply(self, [x, y, rcond], outputs)

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        results = np.linalg.lstsq(inputs[0], inputs[1], float(inputs[2]))
        for storage, value, output in zip(output_storage, results, node.outputs):
            storage[0] = np.asarray(value, dtype=output.type.dtype)

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        return [grad_not_implemented(self, i, x) for i, x in enumerate(inputs)]


lstsq = Lstsq()


def tensorinv(a: Any, ind: int = 2) -> Tensor:
    """Return the inverse of an array with respect to `tensordot` over its last dimensions.

    Parameters
    ----------
    a : tensor_like
        The product of the first `ind` sizes is that of the others.
    ind : int
        How many of the first dimensions of `a` are the last ones of the result.
    """
    a = as_tensor_variable(a)
    if not 0 < as_integer(ind, "ind") <= a.type.ndim:
        raise ValueError(f"ind must be between 1 and the {a.type.ndim} dimensions of {a}; got {ind}")
    sizes = shape_tuple(a)
    first, last = sizes[:ind], sizes[ind:]
    matrix = reshape(a, [_product(first), _product(last)])
    return reshape(matrix_inverse(matrix), [*last, *first])


def tensorsolve(a: Any, b: Any, axes: Sequence[int] | None = None) -> Tensor:
    """Solve ``tensordot(a, x, x.ndim) = b`` for x.

    Parameters
    ----------
    a, b : tensor_like
        The sizes of `b` are the first ones of `a`; the product of the others is the same.
    axes : sequence of int, optional
        Dimensions of `a` to move to the end first.
    """
    a, b = as_tensor_variable(a), as_tensor_variable(b)
    if axes is not None:
        moved = normalize_axes(axes, a.type.ndim, a)
        a = a.dimshuffle([*(i for i in range(a.type.ndim) if i not in moved), *moved])
    sizes = shape_tuple(a)
    first, last = sizes[: b.type.ndim], sizes[b.type.ndim :]
    matrix = reshape(a, [_product(first), _product(last)])
    return reshape(solve(matrix, flatten(b)), last, ndim=len(last))


def _product(sizes: Sequence[Tensor]) -> Any:
    return math.prod(sizes, start=1) if not sizes else math.prod(sizes[1:], start=sizes[0])
