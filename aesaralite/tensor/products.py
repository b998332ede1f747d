"""Products of matrices and arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from aesaralite.graph.arguments import as_integer, as_list
from aesaralite.graph.basic import Apply
from aesaralite.graph.op import Op
from aesaralite.scalar.dtypes import upcast
from aesaralite.tensor.assertion import CheckAndRaise
from aesaralite.tensor.broadcasting import broadcast_shape
from aesaralite.tensor.convert import as_tensor_variable, literal
from aesaralite.tensor.creation import alloc
from aesaralite.tensor.pointwise import cast, conj, eq
from aesaralite.tensor.reshaping import flatten, reshape, shape_padleft
from aesaralite.tensor.shaping import shape_tuple
from aesaralite.tensor.static import Tensor, dtype_name, normalize_axis, same_static_size
from aesaralite.tensor.tensor_type import tensor_type


class Dot(Op):
    """Product of vectors and matrices: ``Dot()(x, y)``.

    Sums over the last dimension of `x` and the first of `y`. Arrays of other dtypes are brought to
    the wider one first.
    """

    __props__ = ()

    def make_node(self, x: Any, y: Any) -> Apply:
        """Apply the Op.

        Parameters
        ----------
        x, y : tensor_like
            Vectors or matrices.

        Raises
        ------
        TypeError
            If one has another number of dimensions.
        ValueError
            If known sizes don't match.
        """
        x, y = as_tensor_variable(x), as_tensor_variable(y)
        for i, variable in enumerate((x, y)):
            if variable.type.ndim not in (1, 2):
                raise TypeError(
                    f"Input {i} of Dot ({variable}) must have ndim of 1 or 2, {variable.type.ndim} given. "
                    "Consider calling aesaralite.tensor.dot instead."
                )
        _check_sizes(x, x.type.ndim - 1, y, 0)
        dtype = upcast(x.type.dtype, y.type.dtype)
        return Apply(self, [x, y], [tensor_type(dtype, (*x.type.shape[:-1], *y.type.shape[1:]))()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        x, y = inputs
        with np.errstate(all="ignore"):
            output_storage[0][0] = np.asarray(np.dot(x, y), dtype=node.outputs[0].type.dtype)

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        x_shape, y_shape = shapes
        return [(*x_shape[:-1], *y_shape[1:])]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        (x, y), (gz,) = inputs, output_grads
        left, right = _conjugate(x), _conjugate(y)
        if x.type.ndim == 1 and y.type.ndim == 1:
            gx, gy = gz * right, gz * left
        elif x.type.ndim == 1:
            gx, gy = self(right, gz), left.dimshuffle(0, "x") * gz.dimshuffle("x", 0)
        elif y.type.ndim == 1:
            gx, gy = gz.dimshuffle(0, "x") * right.dimshuffle("x", 0), self(left.dimshuffle(1, 0), gz)
        else:
            gx, gy = self(gz, right.dimshuffle(1, 0)), self(left.dimshuffle(1, 0), gz)
        return [gx, gy]

    def R_op(self, inputs: Sequence[Tensor], eval_points: Sequence[Tensor | None]) -> list[Tensor | None]:
        (x, y), (dx, dy) = inputs, eval_points
        terms = [self(dx, y)] if dx is not None else []
        if dy is not None:
            terms.append(self(x, dy))
        return [terms[0] + terms[1] if len(terms) == 2 else terms[0] if terms else None]

    def __str__(self) -> str:
        return "dot"


_dot = Dot()


def _conjugate(x: Tensor) -> Tensor:
    return conj(x) if x.type.dtype.startswith("complex") else x


def _check_sizes(x: Tensor, i: int, y: Tensor, j: int) -> None:
    same_static_size(
        (x.type.shape[i], y.type.shape[j]),
        f"Shapes {x.type.shape} of {x} and {y.type.shape} of {y} are not aligned, dimension {i} of the first and {j} "
        "of the second",
    )


def dense_dot(a: Any, b: Any) -> Tensor:
    """Multiply arrays as ``numpy.dot`` does.

    Sums over the last dimension of `a` and the last but one of `b` (the only one, for a vector).
    A 0-d argument multiplies elementwise.

    Parameters
    ----------
    a, b : tensor_like
        The arrays.
    """
    a, b = as_tensor_variable(a), as_tensor_variable(b)
    if a.type.ndim == 0 or b.type.ndim == 0:
        return a * b
    if a.type.ndim > 2 or b.type.ndim > 2:
        return tensordot(a, b, [[a.type.ndim - 1], [max(0, b.type.ndim - 2)]])
    return _dot(a, b)


def dot(l: Any, r: Any) -> Tensor:
    """Multiply arrays as ``numpy.dot`` does; see `dense_dot`."""
    return dense_dot(l, r)


class BatchedDot(Op):
    """Product of each matrix (or vector) of `x` with that of `y`: ``BatchedDot()(x, y)``.

    The first dimension counts the products and has the same size in both.
    """

    __props__ = ()

    def make_node(self, x: Any, y: Any) -> Apply:
        """Apply the Op.

        Parameters
        ----------
        x, y : tensor_like
            Arrays of 2 or 3 dimensions.

        Raises
        ------
        TypeError
            If one has another number of dimensions.
        ValueError
            If known sizes don't match.
        """
        x, y = as_tensor_variable(x), as_tensor_variable(y)
        for i, variable in enumerate((x, y)):
            if variable.type.ndim not in (2, 3):
                raise TypeError(
                    f"Input {i} of BatchedDot ({variable}) must have ndim of 2 or 3, {variable.type.ndim} given. "
                    "Consider calling aesaralite.tensor.batched_dot instead."
                )
        batch = same_static_size(
            (x.type.shape[0], y.type.shape[0]), f"{x} and {y} must have the same size in the batch dimension"
        )
        _check_sizes(x, x.type.ndim - 1, y, 1)
        shape = (batch, *x.type.shape[1:-1], *y.type.shape[2:])
        return Apply(self, [x, y], [tensor_type(upcast(x.type.dtype, y.type.dtype), shape)()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        x, y = inputs
        if x.shape[0] != y.shape[0]:
            raise ValueError(
                f"{self}: arrays of shapes {x.shape} and {y.shape} must have the same size in the batch dimension"
            )
        left = x if x.ndim == 3 else x[:, None, :]
        right = y if y.ndim == 3 else y[:, :, None]
        with np.errstate(all="ignore"):
            result = np.matmul(left, right)
        if x.ndim == 2:
            result = result[:, 0]
        if y.ndim == 2:
            result = result[..., 0]
        output_storage[0][0] = np.asarray(result, dtype=node.outputs[0].type.dtype)

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        x_shape, y_shape = shapes
        return [(*x_shape[:-1], *y_shape[2:])]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        (x, y), (gz,) = inputs, output_grads
        left, right = _conjugate(x), _conjugate(y)
        if x.type.ndim == 2 and y.type.ndim == 2:
            column = gz.dimshuffle(0, "x")
            return [column * right, column * left]
        if x.type.ndim == 2:
            return [self(right, gz), left.dimshuffle(0, 1, "x") * gz.dimshuffle(0, "x", 1)]
        if y.type.ndim == 2:
            return [gz.dimshuffle(0, 1, "x") * right.dimshuffle(0, "x", 1), self(left.dimshuffle(0, 2, 1), gz)]
        return [self(gz, right.dimshuffle(0, 2, 1)), self(left.dimshuffle(0, 2, 1), gz)]

    def R_op(self, inputs: Sequence[Tensor], eval_points: Sequence[Tensor | None]) -> list[Tensor | None]:
        (x, y), (dx, dy) = inputs, eval_points
        terms = [self(dx, y)] if dx is not None else []
        if dy is not None:
            terms.append(self(x, dy))
        return [terms[0] + terms[1] if len(terms) == 2 else terms[0] if terms else None]


_batched_dot = BatchedDot()


def batched_dot(a: Any, b: Any) -> Tensor:
    """Multiply ``a[i]`` and ``b[i]``, as `dot` does, for every i.

    Parameters
    ----------
    a, b : tensor_like
        Arrays whose first dimensions have the same size.

    Raises
    ------
    TypeError
        If one is 0-d.
    """
    a, b = as_tensor_variable(a), as_tensor_variable(b)
    for name, variable in (("a", a), ("b", b)):
        if variable.type.ndim == 0:
            raise TypeError(f"{name} must have at least one (batch) axis; {variable} is 0-d")
    if a.type.ndim == 1:
        return a.dimshuffle([0, *["x"] * (b.type.ndim - 1)]) * b
    if b.type.ndim == 1:
        return a * b.dimshuffle([0, *["x"] * (a.type.ndim - 1)])
    if a.type.ndim > 3 or b.type.ndim > 3:
        return batched_tensordot(a, b, [[a.type.ndim - 1], [max(1, b.type.ndim - 2)]])
    return _batched_dot(a, b)


def matmul(x1: Any, x2: Any, dtype: Any = None) -> Tensor:
    """Multiply matrices as ``numpy.matmul`` (the operator ``@``) does.

    The last two dimensions are those of matrices; the others broadcast. A vector counts as a row on
    the left, as a column on the right, and the dimension that this adds is removed from the result.

    Parameters
    ----------
    x1, x2 : tensor_like
        The arrays.
    dtype : str, optional
        The dtype to compute in.

    Raises
    ------
    ValueError
        If an argument is 0-d, or known sizes don't match.
    """
    x, y = as_tensor_variable(x1), as_tensor_variable(x2)
    if x.type.ndim == 0 or y.type.ndim == 0:
        raise ValueError(f"inputs to `matmul` cannot be scalar; got {x} of type {x.type} and {y} of type {y.type}")
    if dtype is not None:
        x, y = cast(x, dtype_name(dtype)), cast(y, dtype_name(dtype))
    if x.type.ndim <= 2 and y.type.ndim <= 2:
        return _dot(x, y)
    _check_sizes(x, x.type.ndim - 1, y, max(y.type.ndim - 2, 0))
    if x.type.ndim == 1:
        return _matmul_batch(x.dimshuffle("x", 0), y)[..., 0, :]
    if y.type.ndim > 2:
        return _matmul_batch(x, y)
    # with one matrix on the right, all rows on the left make one large matrix
    *batch, k = shape_tuple(x)
    product = _dot(reshape(x, [_product(batch), k]), y)
    return reshape(product, [*batch, *shape_tuple(y)[1:]])


def _matmul_batch(x: Tensor, y: Tensor) -> Tensor:
    x_batch, y_batch = shape_tuple(x)[:-2], shape_tuple(y)[:-2]
    batch = broadcast_shape(x_batch, y_batch, arrays_are_shapes=True)
    count = _product(batch)

    def flat(array: Tensor) -> Tensor:
        matrix = shape_tuple(array)[-2:]
        return reshape(alloc(array, *batch, *matrix), [count, *matrix])

    product = _batched_dot(flat(x), flat(y))
    return reshape(product, [*batch, shape_tuple(x)[-2], shape_tuple(y)[-1]])


def _product(sizes: Sequence[Tensor]) -> Tensor:
    product = literal(1, "int64")
    for i, size in enumerate(sizes):
        product = size if i == 0 else product * size
    return product


_check_axes = CheckAndRaise(ValueError, "tensordot: the dimensions that are summed over have different sizes")


def tensordot(a: Any, b: Any, axes: Any = 2) -> Tensor:
    """Sum products over several dimensions, as ``numpy.tensordot`` does.

    Parameters
    ----------
    a, b : tensor_like
        The arrays.
    axes : int or pair of (sequence of) int
        How many of the last dimensions of `a` and first ones of `b`, or which dimensions of each,
        are multiplied and summed over.

    Returns
    -------
    TensorVariable
        The remaining dimensions of `a`, followed by those of `b`.

    Raises
    ------
    ValueError
        If the axes are wrong, or known sizes don't match.
    """
    a, b = as_tensor_variable(a), as_tensor_variable(b)
    a_axes, b_axes = _summed_axes(a, b, axes, 0)
    a_kept = [i for i in range(a.type.ndim) if i not in a_axes]
    b_kept = [i for i in range(b.type.ndim) if i not in b_axes]
    a_shape, b_shape = shape_tuple(a), shape_tuple(b)
    k = _summed_size(a, b, a_axes, b_axes)
    left = reshape(a.dimshuffle([*a_kept, *a_axes]), [_product([a_shape[i] for i in a_kept]), k])
    right = reshape(b.dimshuffle([*b_axes, *b_kept]), [k, _product([b_shape[i] for i in b_kept])])
    return reshape(_dot(left, right), [*(a_shape[i] for i in a_kept), *(b_shape[i] for i in b_kept)])


def batched_tensordot(x: Any, y: Any, axes: Any = 2) -> Tensor:
    """Return the `tensordot` of ``x[i]`` and ``y[i]`` for every i.

    Parameters
    ----------
    x, y : tensor_like
        Arrays whose first dimensions have the same size.
    axes : int or pair of (sequence of) int
        As for `tensordot`; the first dimension counts, and can't be among them.
    """
    x, y = as_tensor_variable(x), as_tensor_variable(y)
    for name, variable in (("x", x), ("y", y)):
        if variable.type.ndim == 0:
            raise TypeError(f"{name} must have at least one (batch) axis; {variable} is 0-d")
    x_axes, y_axes = _summed_axes(x, y, axes, 1)
    x_kept = [i for i in range(1, x.type.ndim) if i not in x_axes]
    y_kept = [i for i in range(1, y.type.ndim) if i not in y_axes]
    x_shape, y_shape = shape_tuple(x), shape_tuple(y)
    k = _summed_size(x, y, x_axes, y_axes)
    left = reshape(x.dimshuffle([0, *x_kept, *x_axes]), [x_shape[0], _product([x_shape[i] for i in x_kept]), k])
    right = reshape(y.dimshuffle([0, *y_axes, *y_kept]), [y_shape[0], k, _product([y_shape[i] for i in y_kept])])
    kept = [*(x_shape[i] for i in x_kept), *(y_shape[i] for i in y_kept)]
    return reshape(_batched_dot(left, right), [x_shape[0], *kept])


def _summed_axes(a: Tensor, b: Tensor, axes: Any, first: int) -> tuple[list[int], list[int]]:
    """Return the dimensions to sum over; those before `first` are not allowed."""
    if not isinstance(axes, (tuple, list)) and np.ndim(axes) == 0:
        count = as_integer(axes, "axes")
        for name, variable in (("a", a), ("b", b)):
            if not 0 <= count <= variable.type.ndim - first:
                raise ValueError(
                    f"axes can not be larger than the number of dimensions of {name} "
                    f"({variable}: {variable.type.ndim - first}, axes={count})"
                )
        return list(range(a.type.ndim - count, a.type.ndim)), list(range(first, first + count))
    if len(as_list(axes, "axes")) != 2:
        raise ValueError(f"axes must be an integer, or two sequences of integers; got {axes!r}")
    pair = []
    for variable, chosen in zip((a, b), axes):
        listed = [normalize_axis(axis, variable.type.ndim, variable) for axis in np.atleast_1d(chosen).tolist()]
        if len(set(listed)) != len(listed):
            raise ValueError(f"repeated axis in {chosen} for {variable}")
        if any(axis < first for axis in listed):
            raise ValueError(f"axes {chosen} include the batch dimension of {variable}")
        pair.append(listed)
    if len(pair[0]) != len(pair[1]):
        raise ValueError(f"axes must name as many dimensions of a as of b; got {axes!r}")
    return pair[0], pair[1]


def _summed_size(a: Tensor, b: Tensor, a_axes: Sequence[int], b_axes: Sequence[int]) -> Tensor:
    a_shape, b_shape = shape_tuple(a), shape_tuple(b)
    for i, j in zip(a_axes, b_axes):
        _check_sizes(a, i, b, j)
    k = _product([a_shape[i] if a.type.shape[i] is not None else b_shape[j] for i, j in zip(a_axes, b_axes)])
    unchecked = [(i, j) for i, j in zip(a_axes, b_axes) if a.type.shape[i] is None or b.type.shape[j] is None]
    # the product of one pair of sizes is checked by the matrix product, but two may have equal products
    if len(a_axes) < 2 or not unchecked:
        return k
    return _check_axes(k, *(eq(a_shape[i], b_shape[j]) for i, j in unchecked))


def outer(x: Any, y: Any) -> Tensor:
    """Return the products of each element of `x` with each of `y`, as a matrix.

    Parameters
    ----------
    x, y : tensor_like
        Vectors; other arrays are flattened.
    """
    x, y = flatten(as_tensor_variable(x)), flatten(as_tensor_variable(y))
    return x.dimshuffle(0, "x") * y.dimshuffle("x", 0)


def vdot(a: Any, b: Any) -> Tensor:
    """Return the product of two vectors (other arrays are flattened), the first one conjugated."""
    return _dot(_conjugate(flatten(as_tensor_variable(a))), flatten(as_tensor_variable(b)))


def inner(a: Any, b: Any) -> Tensor:
    """Sum products over the last dimensions of both arrays."""
    a, b = as_tensor_variable(a), as_tensor_variable(b)
    if a.type.ndim == 0 or b.type.ndim == 0:
        return a * b
    return tensordot(a, b, [[a.type.ndim - 1], [b.type.ndim - 1]])


def kron(a: Any, b: Any) -> Tensor:
    """Return the Kronecker product: blocks of `b`, scaled by the elements of `a`.

    Parameters
    ----------
    a, b : tensor_like
        The arrays; the one of fewer dimensions gets dimensions of size 1 before the others.
    """
    a, b = as_tensor_variable(a), as_tensor_variable(b)
    ndim = max(a.type.ndim, b.type.ndim)
    a, b = shape_padleft(a, ndim - a.type.ndim), shape_padleft(b, ndim - b.type.ndim)
    a_pattern, b_pattern = [], []
    for i in range(ndim):
        a_pattern += [i, "x"]
        b_pattern += ["x", i]
    sizes = [m * n for m, n in zip(shape_tuple(a), shape_tuple(b))]
    return reshape(a.dimshuffle(a_pattern) * b.dimshuffle(b_pattern), sizes, ndim=ndim)
