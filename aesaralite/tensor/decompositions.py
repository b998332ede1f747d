"""Decompositions of matrices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aesaralite.graph.arguments import as_flag, is_one_of
from aesaralite.graph.basic import Apply
from aesaralite.graph.null_type import DisconnectedType, grad_not_implemented
from aesaralite.graph.op import Op
from aesaralite.scalar.dtypes import complex_dtype, is_complex, real_dtype, upcast
from aesaralite.tensor.creation import eye
from aesaralite.tensor.diagonals import diag, tril, triu
from aesaralite.tensor.linear_systems import (
    as_float_matrix,
    as_square_matrix,
    onto_triangle,
    solve_triangular,
)
from aesaralite.tensor.pointwise import minimum, switch
from aesaralite.tensor.products import dot
from aesaralite.tensor.shaping import shape_tuple
from aesaralite.tensor.static import Tensor
from aesaralite.tensor.tensor_type import tensor_type


def _is_missing(gradient: Tensor) -> bool:
    return isinstance(gradient.type, DisconnectedType)


@dataclass(frozen=True, eq=False, repr=False)
class Cholesky(Op):
    """The Cholesky factor of a positive definite matrix, of which one triangle is looked at.

    Parameters
    ----------
    lower : bool
        Whether the lower factor is computed from the lower triangle, or the upper ones.
    on_error : {"raise", "nan"}
        Whether a matrix that isn't positive definite raises ``scipy.linalg.LinAlgError`` or gives NaN.
    """

    lower: bool = True
    on_error: str = "raise"

    def __post_init__(self) -> None:
        if not is_one_of(self.on_error, ("raise", "nan")):
            raise ValueError(f'on_error must be one of "raise" or "nan"; got {self.on_error!r}')

    def make_node(self, x: Any) -> Apply:
        x, n = as_square_matrix(x, self)
        return Apply(self, [x], [tensor_type(x.type.dtype, (n, n))()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        from scipy.linalg import LinAlgError, cholesky

        (x,) = inputs
        try:
            output_storage[0][0] = np.asarray(cholesky(x, lower=self.lower), dtype=x.dtype)
        except LinAlgError:
            if self.on_error == "raise":
                raise
            output_storage[0][0] = np.full(x.shape, np.nan, dtype=x.dtype)

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        return [shapes[0]]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        (x,), (factor,), (gz,) = inputs, outputs, output_grads
        if is_complex(x.type.dtype):
            return [grad_not_implemented(self, 0, x, "It is for real matrices only.")]
        if not self.lower:
            factor, gz = factor.dimshuffle(1, 0), gz.dimshuffle(1, 0)
        inner = dot(factor.dimshuffle(1, 0), gz)
        half = tril(inner) - tril(triu(inner)) * 0.5
        # the solutions of factor.T @ s @ factor = half
        # a factor of NaN has a gradient of NaN
        check = self.on_error == "raise"
        right = solve_triangular(factor, half.dimshuffle(1, 0), trans=1, lower=True, check_finite=check)
        s = solve_triangular(factor, right.dimshuffle(1, 0), trans=1, lower=True, check_finite=check)
        return [onto_triangle((s + s.dimshuffle(1, 0)) * 0.5, self.lower)]


def cholesky(x: Any, lower: bool = True, on_error: str = "raise") -> Tensor:
    """Return the Cholesky factor of a positive definite matrix.

    Parameters
    ----------
    x : matrix_like
        The matrix; one triangle is looked at.
    lower : bool
        Whether the lower factor is computed from the lower triangle, or the upper ones.
    on_error : {"raise", "nan"}
        Whether a matrix that isn't positive definite raises ``scipy.linalg.LinAlgError`` or gives NaN.
    """
    return Cholesky(lower, on_error)(x)


class Eig(Op):
    """Eigenvalues and right eigenvectors of a square matrix, complex."""

    __props__ = ()

    def make_node(self, x: Any) -> Apply:
        x, n = as_square_matrix(x, self)
        dtype = complex_dtype(x.type.dtype)
        return Apply(self, [x], [tensor_type(dtype, (n,))(), tensor_type(dtype, (n, n))()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        for storage, value, output in zip(output_storage, np.linalg.eig(inputs[0]), node.outputs):
            storage[0] = np.asarray(value, dtype=output.type.dtype)

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        n = shapes[0][0]
        return [(n,), (n, n)]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        return [grad_not_implemented(self, 0, inputs[0])]


eig = Eig()


@dataclass(frozen=True, eq=False, repr=False)
class Eigh(Op):
    """Eigenvalues, in ascending order, and eigenvectors of a Hermitian matrix, of which one triangle is looked at.

    The gradient with respect to eigenvectors exists where the eigenvalues differ.

    Parameters
    ----------
    UPLO : {"L", "U"}
        Whether the lower or the upper triangle is looked at.
    """

    UPLO: str = "L"

    def __post_init__(self) -> None:
        if not is_one_of(self.UPLO, ("L", "U")):
            raise ValueError(f'UPLO must be "L" or "U"; got {self.UPLO!r}')

    def make_node(self, x: Any) -> Apply:
        x, n = as_square_matrix(x, self)
        dtype = x.type.dtype
        return Apply(self, [x], [tensor_type(real_dtype(dtype), (n,))(), tensor_type(dtype, (n, n))()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        results = np.linalg.eigh(inputs[0], self.UPLO)  # type: ignore[call-overload]
        for storage, value in zip(output_storage, results):
            storage[0] = value

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        n = shapes[0][0]
        return [(n,), (n, n)]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        (x,), (w, v), (gw, gv) = inputs, outputs, output_grads
        if is_complex(x.type.dtype):
            return [grad_not_implemented(self, 0, x, "It is for real matrices only.")]
        inner: Any = 0 if _is_missing(gw) else diag(gw)
        if not _is_missing(gv):
            identity = eye(shape_tuple(w)[0], dtype="bool")
            gaps = switch(identity, 1, w.dimshuffle("x", 0) - w.dimshuffle(0, "x"))
            inner = inner + switch(identity, 0, dot(v.dimshuffle(1, 0), gv) / gaps)
        full = dot(dot(v, inner), v.dimshuffle(1, 0))
        return [onto_triangle((full + full.dimshuffle(1, 0)) * 0.5, self.UPLO == "L")]


def eigh(a: Any, UPLO: str = "L") -> list[Tensor]:
    """Return eigenvalues, in ascending order, and eigenvectors of a Hermitian matrix.

    Parameters
    ----------
    a : matrix_like
        The matrix; one triangle is looked at.
    UPLO : {"L", "U"}
        Whether that is the lower or the upper one.
    """
    return Eigh(UPLO)(a)


@dataclass(frozen=True, eq=False, repr=False)
class Eigvalsh(Op):
    """Eigenvalues of the generalized problem ``a v = w b v``: ``Eigvalsh(lower)(a, b)``.

    Parameters
    ----------
    lower : bool
        Whether the lower triangles are looked at.
    """

    lower: bool = True

    def make_node(self, a: Any, b: Any) -> Apply:
        a, n = as_square_matrix(a, self)
        b, _ = as_square_matrix(b, self)
        dtype = real_dtype(upcast(a.type.dtype, b.type.dtype))
        return Apply(self, [a, b], [tensor_type(dtype, (n,))()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        from scipy.linalg import eigvalsh

        a, b = inputs
        output_storage[0][0] = np.asarray(eigvalsh(a, b, lower=self.lower), dtype=node.outputs[0].type.dtype)

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        return [(shapes[0][0],)]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        (a, b), (w,), (gw,) = inputs, outputs, output_grads
        if is_complex(a.type.dtype) or is_complex(b.type.dtype):
            return [grad_not_implemented(self, i, x, "It is for real matrices only.") for i, x in enumerate(inputs)]
        # with b = l @ l.T, the eigenvectors are those of inv(l) @ a @ inv(l).T, times inv(l).T
        factor = cholesky(b if self.lower else b.dimshuffle(1, 0))
        symmetric = _symmetric(a, self.lower)
        inner = solve_triangular(factor, solve_triangular(factor, symmetric, lower=True).dimshuffle(1, 0), lower=True)
        v = solve_triangular(factor, eigh(inner)[1], trans=1, lower=True)
        ga = dot(v * gw, v.dimshuffle(1, 0))
        gb = -dot(v * (gw * w), v.dimshuffle(1, 0))
        return [onto_triangle(ga, self.lower), onto_triangle(gb, self.lower)]


def _symmetric(a: Tensor, lower: bool) -> Tensor:
    triangle = tril(a) if lower else triu(a)
    return triangle + (tril(a, -1) if lower else triu(a, 1)).dimshuffle(1, 0)


def eigvalsh(a: Any, b: Any = None, lower: bool = True) -> Tensor:
    """Return the eigenvalues of a Hermitian matrix, or of a generalized problem.

    Parameters
    ----------
    a : matrix_like
        The matrix.
    b : matrix_like, optional
        A positive definite matrix, for the problem ``a v = w b v``.
    lower : bool
        Whether the lower triangles are looked at.
    """
    if b is None:
        return eigh(a, "L" if lower else "U")[0]
    return Eigvalsh(lower)(a, b)


@dataclass(frozen=True, eq=False, repr=False)
class SVD(Op):
    """The singular value decomposition: ``SVD(...)(x)`` gives u, s, vh, or s alone.

    Parameters
    ----------
    full_matrices : bool
        Whether u and vh are square.
    compute_uv : bool
        Whether u and vh are computed.
    """

    full_matrices: bool = True
    compute_uv: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "full_matrices", as_flag(self.full_matrices, "full_matrices"))
        object.__setattr__(self, "compute_uv", as_flag(self.compute_uv, "compute_uv"))

    def make_node(self, x: Any) -> Apply:
        x = as_float_matrix(x, self)
        dtype = x.type.dtype
        m, n = x.type.shape
        k = None if m is None or n is None else min(m, n)
        s = tensor_type(real_dtype(dtype), (k,))()
        if not self.compute_uv:
            return Apply(self, [x], [s])
        u_columns, vh_rows = (m, n) if self.full_matrices else (k, k)
        return Apply(self, [x], [tensor_type(dtype, (m, u_columns))(), s, tensor_type(dtype, (vh_rows, n))()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        results = np.linalg.svd(inputs[0], self.full_matrices, self.compute_uv)  # type: ignore[call-overload]
        for storage, value in zip(output_storage, results if self.compute_uv else [results]):
            storage[0] = value

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        m, n = shapes[0]
        k = minimum(m, n)
        if not self.compute_uv:
            return [(k,)]
        return [(m, m), (k,), (n, n)] if self.full_matrices else [(m, k), (k,), (k, n)]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        (x,) = inputs
        if is_complex(x.type.dtype):
            return [grad_not_implemented(self, 0, x, "It is for real matrices only.")]
        if not self.compute_uv:
            u, _, vh = SVD(False, True)(x)
            return [dot(u * output_grads[0], vh)]
        gu, gs, gvh = output_grads
        if self.full_matrices and not (_is_missing(gu) and _is_missing(gvh)):
            return [grad_not_implemented(self, 0, x, "It is for full_matrices=False only.")]
        u, s, vh = SVD(False, True)(x) if self.full_matrices else outputs
        return [self._thin_gradient(u, s, vh, gu, gs, gvh)]

    @staticmethod
    def _thin_gradient(u: Tensor, s: Tensor, vh: Tensor, gu: Tensor, gs: Tensor, gvh: Tensor) -> Tensor:
        ut, v = u.dimshuffle(1, 0), vh.dimshuffle(1, 0)
        inner: Any = 0 if _is_missing(gs) else diag(gs)
        result: Any = 0
        identity = eye(shape_tuple(s)[0], dtype="bool")
        row, column = s.dimshuffle("x", 0), s.dimshuffle(0, "x")
        gaps = switch(identity, 1, (row - column) * (row + column))
        if not _is_missing(gu):
            projected = dot(ut, gu)
            inner = inner + switch(identity, 0, (projected - projected.dimshuffle(1, 0)) / gaps) * row
            result = result + dot((gu - dot(u, projected)) / row, vh)
        if not _is_missing(gvh):
            gv = gvh.dimshuffle(1, 0)
            projected = dot(vh, gv)
            inner = inner + column * switch(identity, 0, (projected - projected.dimshuffle(1, 0)) / gaps)
            result = result + dot(u, ((gv - dot(v, projected)) / row).dimshuffle(1, 0))
        return result + dot(dot(u, inner), vh)


def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """Return the singular value decomposition: u, the singular values in descending order, and vh.

    Parameters
    ----------
    a : matrix_like
        The matrix.
    full_matrices : bool
        Whether u and vh are square.
    compute_uv : bool
        Whether u and vh are computed; otherwise the singular values are returned alone.
    """
    return SVD(full_matrices, compute_uv)(a)


@dataclass(frozen=True, eq=False, repr=False)
class QRFull(Op):
    """The QR decomposition: ``QRFull(mode)(x)`` gives q and r, or r alone.

    Parameters
    ----------
    mode : {"reduced", "complete", "r"}
        See ``numpy.linalg.qr``.
    """

    mode: str = "reduced"

    def __post_init__(self) -> None:
        if not is_one_of(self.mode, ("reduced", "complete", "r")):
            raise ValueError(f"mode must be 'reduced', 'complete' or 'r'; got {self.mode!r}")

    def make_node(self, x: Any) -> Apply:
        x = as_float_matrix(x, self)
        m, n = x.type.shape
        k = m if self.mode == "complete" else None if m is None or n is None else min(m, n)
        r = tensor_type(x.type.dtype, (k, n))()
        return Apply(self, [x], [r] if self.mode == "r" else [tensor_type(x.type.dtype, (m, k))(), r])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        results = np.linalg.qr(inputs[0], self.mode)  # type: ignore[call-overload]
        for storage, value in zip(output_storage, [results] if self.mode == "r" else results):
            storage[0] = value

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        m, n = shapes[0]
        k = m if self.mode == "complete" else minimum(m, n)
        return [(k, n)] if self.mode == "r" else [(m, k), (k, n)]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        (x,) = inputs
        if self.mode == "complete" or is_complex(x.type.dtype):
            return [grad_not_implemented(self, 0, x, "It is for real matrices and modes 'reduced' and 'r' only.")]
        m, n = x.type.shape
        if m is None or n is None or m < n:
            return [grad_not_implemented(self, 0, x, "It needs to be known that there are no more columns than rows.")]
        q, r = QRFull("reduced")(x) if self.mode == "r" else outputs
        gq, gr = (None, output_grads[0]) if self.mode == "r" else output_grads
        inner: Any = 0 if _is_missing(gr) else dot(r, gr.dimshuffle(1, 0))
        if gq is not None and not _is_missing(gq):
            inner = inner - dot(gq.dimshuffle(1, 0), q)
        symmetric = tril(inner) + tril(inner, -1).dimshuffle(1, 0)
        total = dot(q, symmetric)
        if gq is not None and not _is_missing(gq):
            total = total + gq
        return [solve_triangular(r, total.dimshuffle(1, 0)).dimshuffle(1, 0)]


def qr(a: Any, mode: str = "reduced") -> Any:
    """Return the QR decomposition, q and r.

    Parameters
    ----------
    a : matrix_like
        The matrix.
    mode : {"reduced", "complete", "r"}
        Whether q has as many columns as the smaller size of the matrix, is square, or isn't computed.
    """
    return QRFull(mode)(a)
