"""The size and the parameters of a random variable: brought into one form, and broadcast."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

import numpy as np

from aesaralite.graph.arguments import as_integer, as_list, described
from aesaralite.graph.basic import Constant, Variable
from aesaralite.tensor.broadcasting import broadcast_to
from aesaralite.tensor.convert import as_tensor_variable, constant, holds_variables
from aesaralite.tensor.dimshuffle import DimShuffle
from aesaralite.tensor.pointwise import cast, eq, switch
from aesaralite.tensor.shaping import shape_tuple
from aesaralite.tensor.static import Tensor, as_size, broadcast_static_size, static_int

__all__ = [
    "broadcast_params",
    "explicit_expand_dims",
    "normalize_size_param",
    "params_broadcast_shapes",
]


def normalize_size_param(size: Any) -> Tensor:
    """Return the `size` of a random variable as a vector of int64 whose length is known.

    Parameters
    ----------
    size : int, scalar variable, sequence of these, ndarray, vector variable or None
        None stands for "what the parameters say", as does an empty sequence.

    Raises
    ------
    TypeError
        If it's something else, or isn't made of integers.
    ValueError
        If a size is known to be negative, or a vector's length isn't known.
    """
    if size is None:
        return constant(np.empty(0, dtype="int64"))
    if isinstance(size, (list, tuple)) and holds_variables(size):
        size = as_tensor_variable([as_size(entry, "size") for entry in size])
    if isinstance(size, Constant):
        size = size.data
    if isinstance(size, Variable):
        return _size_of_variable(as_tensor_variable(size))
    wanted = f"Parameter size must be None, an integer, or a sequence with integers; got {size!r}."
    if isinstance(size, (float, str, bytes)) or not isinstance(size, (int, np.integer, np.ndarray, Sequence)):
        raise TypeError(wanted)
    try:
        data = np.atleast_1d(np.asarray(size))
    except ValueError as error:
        raise TypeError(
            f"Parameter size must be None, an integer, or a sequence with integers; got {size!r}."
        ) from error
    if data.size == 0:
        data = data.astype("int64")
    if data.ndim != 1 or data.dtype.kind not in "iu":
        raise TypeError(wanted)
    if (data < 0).any():
        raise ValueError(f"negative dimensions are not allowed: size is {size!r}")
    return constant(data.astype("int64"))


def _size_of_variable(size: Tensor) -> Tensor:
    if np.dtype(size.type.dtype).kind not in "iu" or size.type.ndim > 1:
        raise TypeError(f"Parameter size must be made of integers; got {size} of type {size.type}.")
    if size.type.ndim == 0:
        size = as_tensor_variable(size, ndim=1)
    if size.type.shape[0] is None:
        raise ValueError(
            f"Length of {size} cannot be determined, so the number of dimensions of the draw isn't known. Give the "
            "size as a tuple of scalars, or say the length with specify_shape(size, (length,))."
        )
    return cast(size, "int64")


def broadcast_sizes(shapes: Sequence[Sequence[Any]], message: str) -> tuple[Tensor, ...]:
    """Return the shape that shapes broadcast to. Sizes that aren't known are taken to fit.

    Parameters
    ----------
    shapes : sequence of sequence of int or scalar variable
        The shapes.
    message : str
        The beginning of the error.

    Raises
    ------
    ValueError
        If it's known that sizes don't broadcast.
    """
    reversed_shapes = [list(reversed(shape)) for shape in shapes]
    sizes = [_broadcast_size(column, message) for column in zip_longest(*reversed_shapes, fillvalue=1)]
    return tuple(reversed(sizes))


def _broadcast_size(sizes: Sequence[Any], message: str) -> Tensor:
    known = [static_int(size) for size in sizes]
    static = broadcast_static_size(known, message)
    if static is not None:
        return as_size(static)
    unknown: list[Tensor] = []
    for size, value in zip(sizes, known):
        if value is None and not any(size is other for other in unknown):
            unknown.append(as_size(size))
    result = unknown[0]
    for size in unknown[1:]:
        result = switch(eq(result, 1), size, result)
    return result


def params_broadcast_shapes(
    param_shapes: Sequence[Sequence[Any]], ndims_params: Sequence[int], use_aesara: bool = True
) -> list[tuple[Any, ...]]:
    """Return the shapes that the parameters of a distribution have after broadcasting against each other.

    Only the leading dimensions, those of a batch, are broadcast.

    Parameters
    ----------
    param_shapes : sequence of sequence of int or scalar variable
        Their shapes.
    ndims_params : sequence of int
        How many dimensions each has for a single draw.
    use_aesara : bool
        Whether the shapes hold variables. If not, so does no result.

    Raises
    ------
    ValueError
        If it's known that shapes don't broadcast.
    """
    split = []
    shapes = as_list(param_shapes, "param_shapes")
    for shape, ndim in zip(shapes, _checked_ndims(ndims_params, len(shapes), "ndims_params")):
        entries = tuple(as_list(shape, "the shape of a parameter"))
        split.append((entries[: len(entries) - ndim], entries[len(entries) - ndim :]))
    batches = [batch for batch, _ in split]
    if use_aesara:
        batch: tuple[Any, ...] = broadcast_sizes(batches, "The parameters don't broadcast")
    else:
        batch = np.broadcast_shapes(*batches)
    return [batch + core for _, core in split]


def broadcast_params(params: Sequence[Any], ndims_params: Sequence[int]) -> list[Any]:
    """Broadcast the parameters of a distribution against each other, in their leading dimensions.

    Parameters
    ----------
    params : sequence of ndarray or TensorVariable
        The parameters.
    ndims_params : sequence of int
        How many dimensions each has for a single draw.

    Returns
    -------
    list of ndarray or TensorVariable
        Variables, if there is one among `params`.

    Examples
    --------
    >>> import numpy as np
    >>> from aesaralite.tensor.random.parameters import broadcast_params
    >>> mean, cov = broadcast_params([np.zeros(3), np.stack([np.eye(3)] * 2)], [1, 2])
    >>> mean.shape, cov.shape
    ((2, 3), (2, 3, 3))
    """
    if any(isinstance(param, Variable) for param in params):
        variables = [as_tensor_variable(param) for param in params]
        shapes = params_broadcast_shapes([shape_tuple(param) for param in variables], ndims_params)
        return [broadcast_to(param, shape) for param, shape in zip(variables, shapes)]
    arrays = [np.asarray(param) for param in params]
    shapes = params_broadcast_shapes([array.shape for array in arrays], ndims_params, use_aesara=False)
    return [np.broadcast_to(array, shape) for array, shape in zip(arrays, shapes)]


def explicit_expand_dims(params: Sequence[Any], ndim_params: Sequence[int], size_length: int = 0) -> list[Tensor]:
    """Return the parameters of a distribution with as many leading dimensions as the longest batch has.

    Parameters
    ----------
    params : sequence of tensor_like
        The parameters.
    ndim_params : sequence of int
        How many dimensions each has for a single draw.
    size_length : int
        The length of `size`, which counts as a batch's number of dimensions.
    """
    variables = [as_tensor_variable(param) for param in params]
    ndim_params = _checked_ndims(ndim_params, len(variables), "ndim_params")
    batch_ndims = [param.type.ndim - ndim for param, ndim in zip(variables, ndim_params)]
    longest = max([*batch_ndims, size_length])
    expanded = []
    for param, batch_ndim in zip(variables, batch_ndims):
        if batch_ndim < longest:
            order = ("x",) * (longest - batch_ndim) + tuple(range(param.type.ndim))
            param = DimShuffle(param.type.broadcastable, order)(param)
        expanded.append(param)
    return expanded


def _checked_ndims(ndims: Any, count: int, what: str) -> list[int]:
    """Return how many dimensions each of `count` parameters has for a single draw."""
    numbers = [as_integer(ndim, f"each of {what}") for ndim in as_list(ndims, what)]
    if len(numbers) != count:
        raise ValueError(f"{what} must have a number for each of {count} parameters, got {described(ndims)}")
    return numbers
