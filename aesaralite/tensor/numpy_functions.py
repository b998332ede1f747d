"""What NumPy's functions do with tensor variables: ``np.sum(x, axis=0)`` builds a graph.

NumPy hands a call over by its ``__array_function__`` protocol. The table says which function of ours takes it; a
function that isn't in the table is refused, as NumPy's own code would treat a variable as an array of objects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from aesaralite.tensor import (
    broadcasting,
    creation,
    cumulative,
    diagonals,
    extras,
    indexing,
    joining,
    nonzeros,
    pointwise,
    products,
    reduction,
    reshaping,
    shaping,
    sorting,
    statistics,
)


def _clip(a: Any, a_min: Any, a_max: Any) -> Any:
    return pointwise.clip(a, a_min, a_max)


def _take_along_axis(arr: Any, indices: Any, axis: int = -1) -> Any:
    return indexing.take_along_axis(arr, indices, axis)


# For each function of NumPy: ours, how many arguments lead, and the names of those that may follow, in NumPy's order
_TABLE: dict[Callable[..., Any], tuple[Callable[..., Any], int, str]] = {
    # reductions
    np.all: (reduction.all, 1, "axis out keepdims"),
    np.any: (reduction.any, 1, "axis out keepdims"),
    np.argmax: (reduction.argmax, 1, "axis out"),
    np.argmin: (reduction.argmin, 1, "axis out"),
    np.max: (reduction.max, 1, "axis out keepdims"),
    np.min: (reduction.min, 1, "axis out keepdims"),
    np.prod: (reduction.prod, 1, "axis dtype out keepdims"),
    np.sum: (reduction.sum, 1, "axis dtype out keepdims"),
    np.mean: (statistics.mean, 1, "axis dtype out keepdims"),
    np.median: (statistics.median, 1, "axis out"),
    np.ptp: (statistics.ptp, 1, "axis out keepdims"),
    np.std: (statistics.std, 1, "axis dtype out ddof keepdims"),
    np.var: (statistics.var, 1, "axis dtype out ddof keepdims"),
    # elementwise
    np.clip: (_clip, 1, "a_min a_max out"),
    np.imag: (pointwise.imag, 1, ""),
    np.isclose: (pointwise.isclose, 2, "rtol atol equal_nan"),
    np.nan_to_num: (pointwise.nan_to_num, 1, "copy nan posinf neginf"),
    np.real: (pointwise.real, 1, ""),
    np.where: (pointwise.where, 3, ""),
    # shapes
    np.broadcast_to: (broadcasting.broadcast_to, 2, "subok"),
    np.expand_dims: (reshaping.expand_dims, 2, ""),
    np.flip: (extras.flip, 1, "axis"),
    np.moveaxis: (reshaping.moveaxis, 3, ""),
    np.ndim: (lambda x: x.type.ndim, 1, ""),
    np.ravel: (reshaping.ravel, 1, "order"),
    np.reshape: (reshaping.reshape, 2, "order"),
    np.roll: (joining.roll, 2, "axis"),
    np.shape: (shaping.shape, 1, ""),
    np.size: (shaping.size, 1, "axis"),
    np.squeeze: (reshaping.squeeze, 1, "axis"),
    np.swapaxes: (reshaping.swapaxes, 3, ""),
    np.transpose: (reshaping.transpose, 1, "axes"),
    # joining and repeating
    np.concatenate: (joining.concatenate, 1, "axis out"),
    np.stack: (joining.stack, 1, "axis out"),
    np.repeat: (extras.repeat, 2, "axis"),
    np.tile: (joining.tile, 2, ""),
    # products
    np.dot: (products.dot, 2, "out"),
    np.inner: (products.inner, 2, ""),
    np.kron: (products.kron, 2, ""),
    np.outer: (products.outer, 2, "out"),
    np.tensordot: (products.tensordot, 2, "axes"),
    np.trace: (diagonals.trace, 1, "offset axis1 axis2"),
    np.vdot: (products.vdot, 2, ""),
    # like another array
    np.empty_like: (creation.empty_like, 1, "dtype"),
    np.full_like: (creation.full_like, 2, "dtype"),
    np.ones_like: (creation.ones_like, 1, "dtype"),
    np.zeros_like: (creation.zeros_like, 1, "dtype"),
    # diagonals and triangles
    np.diag: (diagonals.diag, 1, "k"),
    np.diagonal: (diagonals.diagonal, 1, "offset axis1 axis2"),
    np.tril: (diagonals.tril, 1, "k"),
    np.triu: (diagonals.triu, 1, "k"),
    # along an axis
    np.argsort: (sorting.argsort, 1, "axis kind order"),
    np.cumprod: (cumulative.cumprod, 1, "axis"),
    np.cumsum: (cumulative.cumsum, 1, "axis"),
    np.diff: (cumulative.diff, 1, "n axis"),
    np.sort: (sorting.sort, 1, "axis kind order"),
    # indices
    np.compress: (extras.compress, 2, "axis"),
    np.flatnonzero: (nonzeros.flatnonzero, 1, ""),
    np.nonzero: (nonzeros.nonzero, 1, ""),
    np.searchsorted: (extras.searchsorted, 2, "side sorter"),
    np.take: (indexing.take, 2, "axis out mode"),
    np.take_along_axis: (_take_along_axis, 2, "axis"),
}


def call_with_variables(function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """Build the graph of a call of a function of NumPy's that has a variable among its arguments.

    Parameters
    ----------
    function : callable
        The function.
    args, kwargs
        Its arguments, as the user gave them.

    Raises
    ------
    TypeError
        If the function, or one of its arguments, has no counterpart for variables.
    """
    name = f"{function.__module__}.{function.__name__}"
    if function not in _TABLE:
        raise TypeError(f"{name} doesn't take symbolic variables. Look for its counterpart in aesaralite.tensor.")
    ours, leading, names = _TABLE[function]
    options = dict(zip(names.split(), args[leading:])) | dict(kwargs)
    # an option that asks for nothing, as code that passes all arguments along does
    options = {key: value for key, value in options.items() if not (key == "out" and value is None)}
    try:
        return ours(*args[:leading], **options)
    except TypeError as error:
        if "unexpected keyword argument" not in str(error):
            raise
        raise TypeError(f"{name} of a symbolic variable: {error}") from error
