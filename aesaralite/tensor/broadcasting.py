"""Broadcasting, asked for by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from aesaralite.graph.arguments import as_flag, as_list
from aesaralite.tensor.assertion import CheckAndRaise
from aesaralite.tensor.convert import as_tensor_variable, literal
from aesaralite.tensor.creation import alloc
from aesaralite.tensor.pointwise import eq, switch
from aesaralite.tensor.shaping import shape_tuple
from aesaralite.tensor.static import Tensor, as_shape, broadcast_static_size, static_int

_check = CheckAndRaise(ValueError, "Could not broadcast dimensions")


def broadcast_shape(*arrays: Any, arrays_are_shapes: bool = False) -> tuple[Tensor, ...]:
    """Return the shape that arrays broadcast to, as in NumPy.

    Parameters
    ----------
    *arrays : tensor_like
        The arrays, or (see below) their shapes.
    arrays_are_shapes : bool
        Whether the arguments are shapes: sequences of integers or scalar variables.

    Returns
    -------
    tuple of TensorVariable
        0-d and int64; constants, where the sizes are known. Raises ValueError when it runs and sizes
        don't broadcast.

    Raises
    ------
    ValueError
        If it is known that sizes don't broadcast.
    """
    if as_flag(arrays_are_shapes, "arrays_are_shapes"):
        shapes = [as_shape(shape)[0] for shape in arrays]
    else:
        shapes = [list(shape_tuple(as_tensor_variable(array))) for array in arrays]
    ndim = max((len(shape) for shape in shapes), default=0)
    return tuple(
        _broadcast_size([shape[len(shape) - ndim + i] for shape in shapes if len(shape) - ndim + i >= 0])
        for i in range(ndim)
    )


def broadcast_shape_iter(arrays: Iterable[Any], arrays_are_shapes: bool = False) -> tuple[Tensor, ...]:
    """Return the shape that arrays broadcast to; see `broadcast_shape`, which takes them one by one."""
    return broadcast_shape(*as_list(arrays, "arrays"), arrays_are_shapes=arrays_are_shapes)


def _broadcast_size(sizes: Sequence[Tensor]) -> Tensor:
    known = [static_int(size) for size in sizes]
    static = broadcast_static_size(known, "Could not broadcast dimensions")
    unknown = _distinct([size for size, value in zip(sizes, known) if value is None])
    if static is not None:
        result = literal(static, "int64")
        if not unknown:
            return result
        return _check(result, *(eq(size, 1) | eq(size, static) for size in unknown))
    result = unknown[0]
    conditions = []
    for size in unknown[1:]:
        conditions.append(eq(result, 1) | eq(size, 1) | eq(result, size))
        result = switch(eq(result, 1), size, result)
    return _check(result, *conditions) if conditions else result


def _distinct(variables: Sequence[Tensor]) -> list[Tensor]:
    result: list[Tensor] = []
    for variable in variables:
        if not any(variable is other for other in result):
            result.append(variable)
    return result


def broadcast_to(x: Any, shape: Any) -> Tensor:
    """Broadcast an array to a shape.

    Parameters
    ----------
    x : tensor_like
        The array.
    shape : int, scalar variable, sequence of these, or vector variable of known length
        The shape.

    Raises
    ------
    TypeError
        If the array has more dimensions than the shape.
    ValueError
        If it is known that the array doesn't broadcast to the shape.
    """
    return alloc(x, *as_shape(shape)[0])


def broadcast_arrays(*args: Any) -> tuple[Tensor, ...]:
    """Broadcast arrays against each other.

    Parameters
    ----------
    *args : tensor_like
        The arrays.
    """
    arrays = [as_tensor_variable(array) for array in args]
    shape = broadcast_shape(*arrays)
    return tuple(broadcast_to(array, shape) for array in arrays)
