"""Repeating, counting, searching, and converting indices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aesaralite.configdefaults import config
from aesaralite.graph.arguments import as_flag, is_one_of
from aesaralite.graph.basic import Apply
from aesaralite.graph.null_type import DisconnectedType, grad_not_implemented
from aesaralite.graph.op import Op
from aesaralite.tensor.assertion import CheckAndRaise
from aesaralite.tensor.broadcasting import broadcast_shape
from aesaralite.tensor.convert import as_tensor_variable, constant
from aesaralite.tensor.creation import alloc, arange, zeros
from aesaralite.tensor.indexing import inc_subtensor, set_subtensor, take
from aesaralite.tensor.joining import concatenate
from aesaralite.tensor.nonzeros import flatnonzero
from aesaralite.tensor.pointwise import cast, ge, le, maximum, switch
from aesaralite.tensor.reduction import all as all_of
from aesaralite.tensor.reduction import max as maximum_of
from aesaralite.tensor.reshaping import flatten, reshape
from aesaralite.tensor.shaping import get_vector_length, shape_tuple, size
from aesaralite.tensor.static import (
    Tensor,
    as_size,
    broadcast_static_size,
    dtype_name,
    is_discrete_type,
    normalize_axes,
    normalize_axis,
)
from aesaralite.tensor.tensor_type import tensor_type


@dataclass(frozen=True, eq=False, repr=False)
class Repeat(Op):
    """Repeat each element as often as a vector says: ``Repeat(axis)(x, repeats)``.

    Parameters
    ----------
    axis : int or None
        The axis that `repeats` counts along; None flattens the array first.
    """

    axis: int | None = None

    def make_node(self, x: Any, repeats: Any) -> Apply:
        """Apply the Op.

        Parameters
        ----------
        x : tensor_like
            The array.
        repeats : int, 0-d or vector_like of int
            How often each element occurs in the result.

        Raises
        ------
        TypeError
            If `repeats` isn't made of integers.
        ValueError
            If `repeats` has more than one dimension, or is known to have a length that doesn't fit.
        """
        x = as_tensor_variable(x)
        repeats = as_tensor_variable(repeats)
        if not is_discrete_type(repeats) or repeats.type.dtype == "bool":
            raise TypeError(f"repeats.dtype must be an integer; got {repeats} of dtype {repeats.type.dtype}")
        if repeats.type.ndim > 1:
            raise ValueError(f"repeats must be a scalar or a vector; {repeats} has {repeats.type.ndim} dimensions")
        if repeats.type.ndim == 0:
            elements = size(x) if self.axis is None else shape_tuple(x)[normalize_axis(self.axis, x.type.ndim, x)]
            repeats = alloc(repeats, elements)
        repeats = cast(repeats, "int64")
        op = self if self.axis is None else Repeat(normalize_axis(self.axis, x.type.ndim, x))
        if op.axis is None:
            length = None if None in x.type.shape else math.prod(x.type.shape)
            shape: tuple[int | None, ...] = (None,)
        else:
            length = x.type.shape[op.axis]
            shape = (*x.type.shape[: op.axis], None, *x.type.shape[op.axis + 1 :])
        count = repeats.type.shape[0]
        if length is not None and count is not None and count != length:
            raise ValueError(f"repeats has length {count}, but {x} has {length} elements to repeat")
        return Apply(op, [x, repeats], [tensor_type(x.type.dtype, shape)()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        x, repeats = inputs
        length = x.size if self.axis is None else x.shape[self.axis]
        if len(repeats) != length:
            raise ValueError(f"{self}: repeats has length {len(repeats)}, but there are {length} elements to repeat")
        if np.any(repeats < 0):
            raise ValueError(f"{self}: repeats may not contain negative values")
        rest = 1 if self.axis is None else math.prod(n or 1 for k, n in enumerate(x.shape) if k != self.axis)
        total = float(np.sum(repeats, dtype="float64"))
        if total * rest * x.itemsize > np.iinfo(np.intp).max // 2:
            # NumPy doesn't look, and writes beyond what it has allocated
            raise ValueError(f"{self}: the result is too large: {total:.3g} elements along the axis")
        output_storage[0][0] = np.repeat(x, repeats, axis=self.axis)

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        total = node.inputs[1].sum(dtype="int64")
        if self.axis is None:
            return [(total,)]
        return [(*shapes[0][: self.axis], total, *shapes[0][self.axis + 1 :])]

    def connection_pattern(self, node: Any) -> list[list[bool]]:
        return [[True], [False]]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        (x, repeats), (gz,) = inputs, output_grads
        if is_discrete_type(x):
            return [x.zeros_like(dtype=config.floatX), DisconnectedType()()]
        target = flatten(x) if self.axis is None else x
        axis = self.axis or 0
        # where each element of the result came from
        source = Repeat(0)(arange(repeats.shape[0]), repeats)
        start = target.zeros_like(dtype=gz.type.dtype)
        gx = inc_subtensor(start[(*(slice(None),) * axis, source)], gz)
        if self.axis is None:
            gx = reshape(gx, shape_tuple(x), ndim=x.type.ndim)
        return [gx, DisconnectedType()()]

    def R_op(self, inputs: Sequence[Tensor], eval_points: Sequence[Tensor | None]) -> list[Tensor | None]:
        if eval_points[0] is None:
            return [None]
        return [self(eval_points[0], inputs[1])]


def repeat(x: Any, repeats: Any, axis: int | None = None) -> Tensor:
    """Repeat each element of an array.

    Parameters
    ----------
    x : tensor_like
        The array.
    repeats : int, scalar variable or vector_like of int
        How often; a vector has a number for each element along the axis.
    axis : int, optional
        The axis; by default, the array is flattened first.

    Raises
    ------
    ValueError
        If `repeats` has more than one dimension.
    TypeError
        If `repeats` isn't made of integers.
    """
    x = as_tensor_variable(x)
    repeats = as_tensor_variable(repeats)
    if repeats.type.ndim > 1:
        raise ValueError(f"The dimension of repeats should not exceed 1; {repeats} has {repeats.type.ndim} dimensions")
    if repeats.type.ndim == 1 and repeats.type.shape[0] != 1:
        return Repeat(axis)(x, repeats)
    if not is_discrete_type(repeats) or repeats.type.dtype == "bool":
        raise TypeError(f"repeats.dtype must be an integer; got {repeats} of dtype {repeats.type.dtype}")
    count = as_size(repeats.dimshuffle() if repeats.type.ndim == 1 else repeats, "number of repetitions")
    if axis is None:
        x, axis = flatten(x), 0
    axis = normalize_axis(axis, x.type.ndim, x)
    sizes = list(shape_tuple(x))
    spread = x.dimshuffle([*range(axis + 1), "x", *range(axis + 1, x.type.ndim)])
    repeated = alloc(spread, *sizes[: axis + 1], count, *sizes[axis + 1 :])
    return reshape(repeated, [*sizes[:axis], sizes[axis] * count, *sizes[axis + 1 :]])


def bincount(x: Any, weights: Any = None, minlength: Any = None, assert_nonneg: bool = False) -> Tensor:
    """Count how often each number occurs.

    Parameters
    ----------
    x : vector_like of int
        The numbers, none of them negative.
    weights : vector_like, optional
        What each number counts.
    minlength : int or scalar variable, optional
        The least length of the result.
    assert_nonneg : bool
        Whether a negative number is an AssertionError when it runs; else it's a ValueError, as in NumPy.

    Returns
    -------
    TensorVariable
        As long as the largest number plus one; int64, or of the dtype of `weights`.

    Raises
    ------
    TypeError
        If `x` isn't a vector of integers.
    """
    x = as_tensor_variable(x)
    if x.type.ndim != 1 or not is_discrete_type(x):
        raise TypeError(f"bincount takes a vector of integers; got {x} of type {x.type}")
    x = cast(x, "int64")
    # the maximum of no numbers is taken to be -1
    length = maximum_of(concatenate([x, constant(np.array([-1]))])) + 1
    if minlength is not None:
        length = maximum(length, as_size(minlength, "minlength"))
    kind = AssertionError if assert_nonneg else ValueError
    length = CheckAndRaise(kind, "The input of bincount contains negative values!")(length, all_of(ge(x, 0)))
    if weights is None:
        return inc_subtensor(zeros((length,), dtype="int64")[x], 1)
    weights = as_tensor_variable(weights)
    return inc_subtensor(zeros((length,), dtype=weights.type.dtype)[x], weights)


def compress(condition: Any, x: Any, axis: int | None = None) -> Tensor:
    """Return the slices of an array for which a condition holds.

    Parameters
    ----------
    condition : vector_like
        One for each slice along the axis; may be shorter than the axis.
    x : tensor_like
        The array.
    axis : int, optional
        The axis; by default, the array is flattened first.
    """
    indices = flatnonzero(as_tensor_variable(condition, ndim=1))
    return take(as_tensor_variable(x), indices, axis=axis)


@dataclass(frozen=True, eq=False, repr=False)
class SearchsortedOp(Op):
    """Find where values belong in a sorted vector: ``SearchsortedOp(side)(x, v[, sorter])``, as int64.

    Parameters
    ----------
    side : str
        Whether a value that is there already belongs "left" or "right" of it.
    """

    side: str = "left"

    def __post_init__(self) -> None:
        if not is_one_of(self.side, ("left", "right")):
            raise ValueError(f"'{self.side}' is an invalid value for keyword 'side'; it is 'left' or 'right'")

    def make_node(self, x: Any, v: Any, sorter: Any = None) -> Apply:
        x, v = as_tensor_variable(x), as_tensor_variable(v)
        if x.type.ndim != 1:
            raise ValueError(f"searchsorted needs a vector to search; {x} has {x.type.ndim} dimensions")
        inputs = [x, v]
        if sorter is not None:
            sorter = as_tensor_variable(sorter)
            if sorter.type.ndim != 1 or not is_discrete_type(sorter):
                raise TypeError(f"sorter must be an integer vector; got {sorter} of type {sorter.type}")
            inputs.append(cast(sorter, "int64"))
        return Apply(self, inputs, [tensor_type("int64", v.type.shape)()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        x, v = inputs[:2]
        sorter = inputs[2] if len(inputs) == 3 else None
        positions = np.searchsorted(x, v, side=self.side, sorter=sorter)  # type: ignore[call-overload]
        output_storage[0][0] = np.asarray(positions, dtype="int64")

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        return [shapes[1]]

    def connection_pattern(self, node: Any) -> list[list[bool]]:
        return [[True], [True], [False]][: len(node.inputs)]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        zero = [_zero_gradient(variable) for variable in inputs[:2]]
        return zero + [DisconnectedType()() for _ in inputs[2:]]

    def R_op(self, inputs: Sequence[Tensor], eval_points: Sequence[Tensor | None]) -> list[Tensor | None]:
        return [None]


def _zero_gradient(x: Tensor) -> Tensor:
    return x.zeros_like(dtype=config.floatX) if is_discrete_type(x) else x.zeros_like()


def searchsorted(x: Any, v: Any, side: str = "left", sorter: Any = None) -> Tensor:
    """Find where values belong in a sorted vector.

    Parameters
    ----------
    x : vector_like
        The vector, in ascending order, or in that of `sorter`.
    v : tensor_like
        The values.
    side : str
        Whether a value that is there already belongs "left" or "right" of it.
    sorter : vector_like of int, optional
        The order that sorts `x`.

    Returns
    -------
    TensorVariable
        int64, in the shape of `v`.
    """
    return SearchsortedOp(side)(x, v, sorter)


@dataclass(frozen=True, eq=False, repr=False)
class RavelMultiIndex(Op):
    """Make flat indices of indices for each dimension: ``RavelMultiIndex(mode, order)(*indices, dims)``.

    Parameters
    ----------
    mode : str
        What becomes of indices out of bounds: "raise", "wrap" or "clip".
    order : str
        "C" for row-major order, "F" for column-major.
    """

    mode: str = "raise"
    order: str = "C"

    def __post_init__(self) -> None:
        if not is_one_of(self.mode, ("raise", "wrap", "clip")):
            raise ValueError(f"mode must be one of 'raise', 'wrap', 'clip'; got {self.mode!r}")
        _check_order(self.order)

    def make_node(self, *inputs: Any) -> Apply:
        *indices, dims = inputs
        indices = _integer_indices(indices, "multi_index")
        dims = _dimensions(dims, len(indices))
        shape = _broadcast_type(indices)
        return Apply(self, [*indices, dims], [tensor_type("int64", shape)()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        *indices, dims = inputs
        shape = tuple(dims.tolist())
        flat = np.ravel_multi_index(tuple(indices), shape, self.mode, self.order)  # type: ignore[call-overload]
        output_storage[0][0] = np.asarray(flat, dtype="int64")

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        return [broadcast_shape(*shapes[:-1], arrays_are_shapes=True)]

    def connection_pattern(self, node: Any) -> list[list[bool]]:
        return [[False]] * len(node.inputs)

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        return [DisconnectedType()() for _ in inputs]


def _check_order(order: str) -> None:
    if not is_one_of(order, ("C", "F")):
        raise ValueError(f"order must be 'C' or 'F'; got {order!r}")


def _integer_indices(indices: Sequence[Any], what: str) -> list[Tensor]:
    variables = [as_tensor_variable(index) for index in indices]
    for variable in variables:
        if not is_discrete_type(variable) or variable.type.dtype == "bool":
            raise TypeError(f"{what} must be made of integers; got {variable} of dtype {variable.type.dtype}")
    return [cast(variable, "int64") for variable in variables]


def _dimensions(dims: Any, count: int | None) -> Tensor:
    dims = as_tensor_variable(dims)
    if dims.type.ndim != 1 or not is_discrete_type(dims):
        raise TypeError(f"dims must be a 1D array of integers; got {dims} of type {dims.type}")
    if count is not None and dims.type.shape[0] not in (None, count):
        raise ValueError(f"dims has length {dims.type.shape[0]}, but there are indices for {count} dimensions")
    return cast(dims, "int64")


def _broadcast_type(variables: Sequence[Tensor]) -> tuple[int | None, ...]:
    ndim = max((variable.type.ndim for variable in variables), default=0)
    padded = [(1,) * (ndim - variable.type.ndim) + variable.type.shape for variable in variables]
    return tuple(broadcast_static_size(sizes, "The indices don't broadcast") for sizes in zip(*padded))


def ravel_multi_index(multi_index: Any, dims: Any, mode: str = "raise", order: str = "C") -> Tensor:
    """Make flat indices of indices for each dimension.

    Parameters
    ----------
    multi_index : sequence of tensor_like of int, or an array with one row for each dimension
        The indices.
    dims : vector_like of int
        The shape of the array that is indexed.
    mode : str
        What becomes of indices out of bounds: "raise", "wrap" or "clip".
    order : str
        "C" for row-major order, "F" for column-major.
    """
    if not isinstance(multi_index, (tuple, list)):
        multi_index = as_tensor_variable(multi_index)
        count = multi_index.type.shape[0] if multi_index.type.ndim else None
        if count is None:
            count = get_vector_length(dims)
        multi_index = [multi_index[i] for i in range(count)]
    return RavelMultiIndex(mode=mode, order=order)(*multi_index, dims)


@dataclass(frozen=True, eq=False, repr=False)
class UnravelIndex(Op):
    """Make indices for each dimension of flat indices: ``UnravelIndex(order)(indices, dims)``.

    Parameters
    ----------
    order : str
        "C" for row-major order, "F" for column-major.
    """

    order: str = "C"

    def __post_init__(self) -> None:
        _check_order(self.order)

    def make_node(self, indices: Any, dims: Any) -> Apply:
        (indices,) = _integer_indices([indices], "indices")
        dims = _dimensions(dims, None)
        count = get_vector_length(dims)
        return Apply(self, [indices, dims], [tensor_type("int64", indices.type.shape)() for _ in range(count)])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        indices, dims = inputs
        unraveled = np.unravel_index(indices, tuple(dims.tolist()), self.order)  # type: ignore[call-overload]
        for storage, result in zip(output_storage, unraveled):
            storage[0] = np.array(result, dtype="int64")

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        return [shapes[0]] * len(node.outputs)

    def connection_pattern(self, node: Any) -> list[list[bool]]:
        return [[False] * len(node.outputs)] * 2

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        return [DisconnectedType()() for _ in inputs]


def unravel_index(indices: Any, dims: Any, order: str = "C") -> tuple[Tensor, ...]:
    """Make indices for each dimension of flat indices.

    Parameters
    ----------
    indices : tensor_like of int
        The flat indices.
    dims : vector_like of int, of known length
        The shape of the array that is indexed.
    order : str
        "C" for row-major order, "F" for column-major.
    """
    return tuple(UnravelIndex(order=order)(indices, dims, return_list=True))


@dataclass(frozen=True, eq=False, repr=False)
class Unique(Op):
    """Find the distinct elements, in ascending order: ``Unique(...)(x)``.

    Parameters
    ----------
    return_index, return_inverse, return_counts : bool
        What else to return: where each was found first, which of them each element is, and how
        often each occurs.
    axis : int, optional
        Take slices along an axis for elements; by default, the array is flattened.
    """

    return_index: bool = False
    return_inverse: bool = False
    return_counts: bool = False
    axis: int | None = None

    def __post_init__(self) -> None:
        for name in ("return_index", "return_inverse", "return_counts"):
            object.__setattr__(self, name, as_flag(getattr(self, name), name))

    def make_node(self, x: Any) -> Apply:
        x = as_tensor_variable(x)
        op = self
        if self.axis is None:
            shape: tuple[int | None, ...] = (None,)
            length = None if None in x.type.shape else math.prod(x.type.shape)
        else:
            axis = normalize_axis(self.axis, x.type.ndim, x)
            op = Unique(self.return_index, self.return_inverse, self.return_counts, axis)
            shape = (*x.type.shape[:axis], None, *x.type.shape[axis + 1 :])
            length = x.type.shape[axis]
        outputs = [tensor_type(x.type.dtype, shape)()]
        for wanted, count in ((self.return_index, None), (self.return_inverse, length), (self.return_counts, None)):
            if wanted:
                outputs.append(tensor_type("int64", (count,))())
        return Apply(op, [x], outputs)

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        (x,) = inputs
        results = np.unique(  # type: ignore[call-overload]
            x, self.return_index, self.return_inverse, self.return_counts, axis=self.axis
        )
        if len(output_storage) == 1:
            results = (results,)
        for storage, result, output in zip(output_storage, results, node.outputs):
            storage[0] = np.asarray(result, dtype=output.type.dtype).reshape(-1) if output.index else result

    def connection_pattern(self, node: Any) -> list[list[bool]]:
        return [[True] + [False] * (len(node.outputs) - 1)]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        return [grad_not_implemented(self, 0, inputs[0])]


def unique(
    ar: Any,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
) -> Any:
    """Return the distinct elements, in ascending order.

    Parameters
    ----------
    ar : tensor_like
        The array.
    return_index, return_inverse, return_counts : bool
        What else to return: where each was found first, which of them each element is, and how
        often each occurs (int64 vectors).
    axis : int, optional
        Take slices along an axis for elements; by default, the array is flattened.

    Returns
    -------
    TensorVariable or list of TensorVariable
    """
    return Unique(return_index, return_inverse, return_counts, axis)(ar)


def to_one_hot(y: Any, nb_class: Any, dtype: Any = None) -> Tensor:
    """Return a matrix with a row for each number: ones in the column of that number, zeros elsewhere.

    Parameters
    ----------
    y : vector_like of int
        The numbers, from 0 to ``nb_class - 1``; others are an error at run time.
    nb_class : int or scalar variable
        The number of columns.
    dtype : str, optional
        By default ``config.floatX``.
    """
    y = as_tensor_variable(y)
    if y.type.ndim != 1 or not is_discrete_type(y):
        raise TypeError(f"to_one_hot takes a vector of integers; got {y} of type {y.type}")
    rows = shape_tuple(y)[0]
    start = zeros((rows, as_size(nb_class, "number of classes")), dtype=dtype_name(dtype))
    return set_subtensor(start[arange(rows), y], 1)


def bartlett(M: Any) -> Tensor:
    """Return the points of a Bartlett (triangular) window.

    Parameters
    ----------
    M : int or scalar variable
        How many points; less than one gives none.
    """
    M = as_size(M, "number of points")
    n = cast(arange(1 - M, M, 2), config.floatX)
    slope = n / cast(maximum(M - 1, 1), config.floatX)
    return switch(le(n, 0), 1 + slope, 1 - slope)


def flip(arr: Any, axis: int | Sequence[int] | None = None) -> Tensor:
    """Reverse the order of elements along axes.

    Parameters
    ----------
    arr : tensor_like
        The array.
    axis : int or sequence of int, optional
        The axes; by default all.
    """
    arr = as_tensor_variable(arr)
    axes = normalize_axes(axis, arr.type.ndim, arr)
    if not axes:
        return arr
    return arr[tuple(slice(None, None, -1) if i in axes else slice(None) for i in range(arr.type.ndim))]
