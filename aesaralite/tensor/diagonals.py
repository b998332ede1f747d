"""Diagonals and triangles of matrices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aesaralite.configdefaults import config
from aesaralite.graph.arguments import as_integer
from aesaralite.graph.basic import Apply
from aesaralite.graph.op import Op
from aesaralite.scalar.dtypes import is_weak, upcast, weak_dtype
from aesaralite.tensor.convert import as_tensor_variable, constant
from aesaralite.tensor.creation import arange, zeros
from aesaralite.tensor.joining import concatenate
from aesaralite.tensor.pointwise import cast, eq, ge, maximum, minimum, switch
from aesaralite.tensor.reshaping import moveaxis
from aesaralite.tensor.shaping import shape_tuple
from aesaralite.tensor.static import Tensor, as_size, dtype_name, is_discrete_type, normalize_axis
from aesaralite.tensor.tensor_type import tensor_type


@dataclass(frozen=True, eq=False, repr=False)
class ExtractDiag(Op):
    """Take diagonals of matrices: ``ExtractDiag(offset, axis1, axis2)(x)``. They become the last dimension.

    Parameters
    ----------
    offset : int
        Which diagonal: 0 for the main one, positive above it.
    axis1, axis2 : int
        The dimensions of the rows and of the columns.
    """

    offset: int = 0
    axis1: int = 0
    axis2: int = 1

    def make_node(self, x: Any) -> Apply:
        x = as_tensor_variable(x)
        if x.type.ndim < 2:
            raise ValueError(f"ExtractDiag needs an input with 2 or more dimensions; {x} has {x.type.ndim}")
        axis1, axis2 = (normalize_axis(axis, x.type.ndim, x) for axis in (self.axis1, self.axis2))
        if axis1 == axis2:
            raise ValueError(f"axis1 and axis2 must be different dimensions of {x}; both are {axis1}")
        op = self if (axis1, axis2) == (self.axis1, self.axis2) else ExtractDiag(self.offset, axis1, axis2)
        rows, columns = x.type.shape[axis1], x.type.shape[axis2]
        length = None if rows is None or columns is None else _diagonal_length(rows, columns, self.offset)
        shape = (*(size for i, size in enumerate(x.type.shape) if i not in (axis1, axis2)), length)
        return Apply(op, [x], [tensor_type(x.type.dtype, shape)()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        # NumPy's diagonal is a view that can't be written to
        output_storage[0][0] = inputs[0].diagonal(self.offset, self.axis1, self.axis2).copy()

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        (shape,) = shapes
        rows, columns = shape[self.axis1], shape[self.axis2]
        length: Any = node.outputs[0].type.shape[-1]
        if length is None:
            length = minimum(rows + min(self.offset, 0), columns - max(self.offset, 0))
            length = maximum(length, 0) if self.offset else length
        return [(*(size for i, size in enumerate(shape) if i not in (self.axis1, self.axis2)), length)]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        (x,), (gz,) = inputs, output_grads
        if is_discrete_type(x):
            return [x.zeros_like(dtype=config.floatX)]
        sizes = shape_tuple(x)
        rows, columns = sizes[self.axis1], sizes[self.axis2]
        matrices = _with_diagonal(gz, rows, columns, self.offset)
        return [moveaxis(matrices, (-2, -1), (self.axis1, self.axis2))]

    def R_op(self, inputs: Sequence[Tensor], eval_points: Sequence[Tensor | None]) -> list[Tensor | None]:
        return [None if point is None else self(point) for point in eval_points]


def _diagonal_length(rows: int, columns: int, offset: int) -> int:
    return max(min(rows + min(offset, 0), columns - max(offset, 0)), 0)


def _with_diagonal(diagonal: Tensor, rows: Any, columns: Any, offset: int) -> Tensor:
    """Return matrices that hold the last dimension of `diagonal` on a diagonal, and zeros elsewhere."""
    length = shape_tuple(diagonal)[-1]
    leading = shape_tuple(diagonal)[:-1]
    # position p of the diagonal is in row p (or in column p, below the main diagonal)
    padding = zeros((*leading, (rows if offset >= 0 else columns) - length), dtype=diagonal.type.dtype)
    padded = concatenate([diagonal, padding], axis=diagonal.type.ndim - 1)
    order = list(range(diagonal.type.ndim))
    spread = padded.dimshuffle([*order, "x"] if offset >= 0 else [*order[:-1], "x", order[-1]])
    return switch(_on_diagonal(rows, columns, offset), spread, 0)


def _on_diagonal(rows: Any, columns: Any, offset: Any) -> Tensor:
    i, j = arange(rows).dimshuffle(0, "x"), arange(columns).dimshuffle("x", 0)
    return eq(j - i, offset)


@dataclass(frozen=True, eq=False, repr=False)
class AllocDiag(Op):
    """Make matrices with a given diagonal: ``AllocDiag(offset, axis1, axis2)(diagonal)``.

    The last dimension of the input becomes the diagonal; all else is zero.

    Parameters
    ----------
    offset : int
        Which diagonal: 0 for the main one, positive above it.
    axis1, axis2 : int
        The dimensions of the rows and of the columns, in the result.
    """

    offset: int = 0
    axis1: int = 0
    axis2: int = 1

    def make_node(self, diag: Any) -> Apply:
        diag = as_tensor_variable(diag)
        if diag.type.ndim < 1:
            raise ValueError(f"AllocDiag needs an input with 1 or more dimensions; {diag} has none")
        ndim = diag.type.ndim + 1
        axis1, axis2 = (normalize_axis(axis, ndim, f"the result of {self}") for axis in (self.axis1, self.axis2))
        if axis1 == axis2:
            raise ValueError(f"axis1 and axis2 of {self} must be different")
        op = self if (axis1, axis2) == (self.axis1, self.axis2) else AllocDiag(self.offset, axis1, axis2)
        *leading, length = diag.type.shape
        return Apply(op, [diag], [tensor_type(diag.type.dtype, op._shape(leading, op._size(length)))()])

    def _size(self, length: Any) -> Any:
        return None if length is None else length + abs(self.offset)

    def _shape(self, leading: Sequence[Any], size: Any) -> tuple[Any, ...]:
        shape = list(leading)
        for axis in sorted((self.axis1, self.axis2)):
            shape.insert(axis, size)
        return tuple(shape)

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        (diag,) = inputs
        *leading, length = diag.shape
        result = np.zeros(self._shape(leading, self._size(length)), dtype=diag.dtype)
        matrices = np.moveaxis(result, (self.axis1, self.axis2), (-2, -1))
        position = np.arange(length)
        matrices[..., position - min(self.offset, 0), position + max(self.offset, 0)] = diag
        output_storage[0][0] = result

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        *leading, length = shapes[0]
        return [self._shape(leading, self._size(length))]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        if is_discrete_type(inputs[0]):
            return [inputs[0].zeros_like(dtype=config.floatX)]
        return [ExtractDiag(self.offset, self.axis1, self.axis2)(output_grads[0])]

    def R_op(self, inputs: Sequence[Tensor], eval_points: Sequence[Tensor | None]) -> list[Tensor | None]:
        return [None if point is None else self(point) for point in eval_points]


extract_diag = ExtractDiag()


def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """Return diagonals.

    Parameters
    ----------
    a : tensor_like
        An array of at least two dimensions.
    offset : int
        Which diagonal: 0 for the main one, positive above it.
    axis1, axis2 : int
        The dimensions of the rows and of the columns.
    """
    return ExtractDiag(as_integer(offset, "offset"), axis1, axis2)(a)


def diag(v: Any, k: int = 0) -> Tensor:
    """Return a matrix with a given diagonal, or the diagonal of a matrix.

    Parameters
    ----------
    v : vector_like, or array of more dimensions
        The diagonal, or what has it.
    k : int
        Which diagonal: 0 for the main one, positive above it.

    Raises
    ------
    ValueError
        If `v` is 0-d.
    """
    v = as_tensor_variable(v)
    if v.type.ndim == 0:
        raise ValueError(f"Input must be 1- or 2-d; {v} is 0-d")
    if v.type.ndim == 1:
        return AllocDiag(as_integer(k, "k"))(v)
    return diagonal(v, offset=k)


def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """Return the sum of the elements of a diagonal. Parameters are those of `diagonal`."""
    return diagonal(a, offset, axis1, axis2).sum(axis=-1)


def tri(N: Any, M: Any = None, k: Any = 0, dtype: Any = None) -> Tensor:
    """Return a matrix with ones on and below a diagonal and zeros above it.

    Parameters
    ----------
    N : int or scalar variable
        The number of rows.
    M : int or scalar variable, optional
        The number of columns; by default that of rows.
    k : int or scalar variable
        The diagonal: 0 for the main one, positive above it.
    dtype : str, optional
        By default ``config.floatX``.
    """
    return cast(_below(N, N if M is None else M, k), dtype_name(dtype))


def _below(rows: Any, columns: Any, k: Any) -> Tensor:
    i, j = arange(as_size(rows)).dimshuffle(0, "x"), arange(as_size(columns)).dimshuffle("x", 0)
    return ge(i + as_size(k, "diagonal"), j)


def _matrix_sizes(m: Tensor) -> tuple[Any, Any]:
    if m.type.ndim < 2:
        raise ValueError(f"A matrix (or several) is needed; {m} has {m.type.ndim} dimensions")
    return shape_tuple(m)[-2], shape_tuple(m)[-1]


def tril(m: Any, k: Any = 0) -> Tensor:
    """Return matrices with the elements above a diagonal set to zero.

    Parameters
    ----------
    m : tensor_like
        The matrices are the last two dimensions.
    k : int or scalar variable
        The diagonal: 0 for the main one, positive above it.
    """
    m = as_tensor_variable(m)
    return switch(_below(*_matrix_sizes(m), k), m, _zero(m))


def triu(m: Any, k: Any = 0) -> Tensor:
    """Return matrices with the elements below a diagonal set to zero; parameters are those of `tril`."""
    m = as_tensor_variable(m)
    return switch(_below(*_matrix_sizes(m), as_size(k, "diagonal") - 1), _zero(m), m)


def _zero(m: Tensor) -> Any:
    return np.zeros((), dtype=m.type.dtype)


def tril_indices(n: Any, k: Any = 0, m: Any = None) -> tuple[Tensor, Tensor]:
    """Return the row and column numbers of the elements on and below a diagonal.

    Parameters
    ----------
    n : int or scalar variable
        The number of rows.
    k : int or scalar variable
        The diagonal.
    m : int or scalar variable, optional
        The number of columns; by default that of rows.
    """
    return _below(n, n if m is None else m, k).nonzero()


def triu_indices(n: Any, k: Any = 0, m: Any = None) -> tuple[Tensor, Tensor]:
    """Return the row and column numbers of the elements on and above a diagonal; see `tril_indices`."""
    return (~_below(n, n if m is None else m, as_size(k, "diagonal") - 1)).nonzero()


def tril_indices_from(a: Any, k: Any = 0) -> tuple[Tensor, Tensor]:
    """Return `tril_indices` for the shape of a matrix."""
    a = _matrix(a)
    return tril_indices(*_rows_k_columns(a, k))


def triu_indices_from(a: Any, k: Any = 0) -> tuple[Tensor, Tensor]:
    """Return `triu_indices` for the shape of a matrix."""
    a = _matrix(a)
    return triu_indices(*_rows_k_columns(a, k))


def _matrix(a: Any) -> Tensor:
    a = as_tensor_variable(a)
    if a.type.ndim != 2:
        raise ValueError(f"The input array must be two dimensional; {a} has {a.type.ndim} dimensions")
    return a


def _rows_k_columns(a: Tensor, k: Any) -> tuple[Any, Any, Any]:
    rows, columns = shape_tuple(a)
    return rows, k, columns


def fill_diagonal(a: Any, val: Any) -> Tensor:
    """Return an array with its main diagonal replaced by a value.

    Parameters
    ----------
    a : tensor_like
        An array of at least two dimensions; its diagonal is where all indices are equal.
    val : scalar
        The value; its dtype must fit into that of `a`.

    Raises
    ------
    TypeError
        If `a` has fewer dimensions, or `val` is no scalar or of a dtype that doesn't fit.
    """
    a = as_tensor_variable(a)
    if a.type.ndim < 2:
        raise TypeError(f"fill_diagonal: {a} must have at least two dimensions, not {a.type.ndim}")
    ndim = a.type.ndim
    first, *others = (
        arange(size).dimshuffle([0 if j == i else "x" for j in range(ndim)]) for i, size in enumerate(shape_tuple(a))
    )
    mask = eq(first, others[0])
    for other in others[1:]:
        mask = mask & eq(first, other)
    return switch(mask, _diagonal_value(a, val), a)


def fill_diagonal_offset(a: Any, val: Any, offset: Any) -> Tensor:
    """Return a matrix with one of its diagonals replaced by a value.

    Parameters
    ----------
    a : matrix_like
        The matrix.
    val : scalar
        The value; its dtype must fit into that of `a`.
    offset : int or scalar variable
        The diagonal: 0 for the main one, positive above it.

    Raises
    ------
    TypeError
        If `a` isn't a matrix, or `val` is no scalar or of a dtype that doesn't fit.
    """
    a = as_tensor_variable(a)
    if a.type.ndim != 2:
        raise TypeError(f"fill_diagonal_offset: {a} must have two dimensions, not {a.type.ndim}")
    rows, columns = shape_tuple(a)
    mask = _on_diagonal(rows, columns, as_size(offset, "offset of the diagonal"))
    return switch(mask, _diagonal_value(a, val), a)


def _diagonal_value(a: Tensor, val: Any) -> Any:
    if is_weak(val):
        val = constant(val, dtype=weak_dtype(val, a.type.dtype))
    val = as_tensor_variable(val)
    if val.type.ndim != 0:
        raise TypeError(f"The value on the diagonal must be a scalar; got {val} of type {val.type}")
    if upcast(a.type.dtype, val.type.dtype) != a.type.dtype:
        raise TypeError(f"The value {val} doesn't fit into {a}, which has dtype {a.type.dtype}; cast one of them")
    return val
