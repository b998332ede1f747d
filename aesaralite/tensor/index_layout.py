"""Where the dimensions of an advanced index end up: NumPy's rules, for known and symbolic sizes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby, zip_longest
from typing import Any

from aesaralite.errors import ShapeError
from aesaralite.graph.arguments import as_list
from aesaralite.graph.basic import Variable
from aesaralite.tensor.convert import as_tensor_variable
from aesaralite.tensor.index_spec import is_basic_idx, is_new_axis
from aesaralite.tensor.slice_geometry import broadcast_size, slice_len
from aesaralite.tensor.slice_type import SliceType, slice_parts


def group_indices(indices: Sequence[Any]) -> list[tuple[bool, list[tuple[int, Any]]]]:
    """Split an index into runs of basic entries (slices and new axes) and of advanced ones.

    Parameters
    ----------
    indices : sequence
        Entries of an index, without masks and ``...``.

    Returns
    -------
    list of (bool, list of (int, entry))
        For each run, whether it's basic, and its entries with the dimension that each takes. A new
        axis takes none: it comes with the dimension before it.
    """
    numbered = []
    dim = -1
    for entry in indices:
        if not is_new_axis(entry):
            dim += 1
        numbered.append((dim, entry))
    return [(basic, list(run)) for basic, run in groupby(numbered, key=lambda item: is_basic_idx(item[1]))]


def result_dims(
    array_shape: Sequence[Any],
    indices: Sequence[Any],
    index_shapes: Sequence[Sequence[Any] | None],
    length: Callable[[slice, Any], Any],
    unknown_length: Callable[[Any], Any],
    broadcast: Callable[[Sequence[Any]], Any],
) -> tuple[Any, ...]:
    """Return the shape of an indexed array, in whatever terms sizes are given.

    Parameters
    ----------
    array_shape : sequence
        The shape of what is indexed.
    indices : sequence
        The index, without masks and ``...``.
    index_shapes : sequence
        The shape of each advanced entry; ignored for the basic ones.
    length : callable
        Takes a slice and the size of its dimension, and returns how many elements it takes.
    unknown_length : callable
        The same for a slice that only run time knows; takes the entry.
    broadcast : callable
        Takes sizes of dimensions that broadcast, and returns the resulting one.
    """
    shapes = [shape for entry, shape in zip(indices, index_shapes) if not is_basic_idx(entry)]
    # lengths of dimensions are aligned at the end
    columns = zip_longest(*(tuple(reversed(shape)) for shape in shapes if shape is not None), fillvalue=1)
    advanced_dims = tuple(reversed([broadcast(sizes) for sizes in columns]))
    groups = group_indices(indices)
    n_advanced = sum(not basic for basic, _ in groups)
    dims: list[Any] = list(advanced_dims) if n_advanced > 1 else []
    for basic, run in groups:
        if not basic:
            if n_advanced == 1:
                dims.extend(advanced_dims)
            continue
        for dim, entry in run:
            if is_new_axis(entry):
                dims.append(1)
                continue
            parts = slice_parts(entry) if isinstance(entry, Variable) else entry
            dims.append(unknown_length(entry) if parts is None else length(parts, array_shape[dim]))
    taken = sum(not is_new_axis(entry) for entry in indices)
    return (*dims, *array_shape[taken:])


def indexed_result_shape(
    array_shape: Sequence[Any], indices: Sequence[Any], indices_are_shapes: bool = False
) -> tuple[Any, ...]:
    """Return the shape of an indexed array as ints and 0-d int64 variables.

    Parameters
    ----------
    array_shape : sequence of int or Variable
        The shape of what is indexed.
    indices : sequence
        The index, without masks and ``...``.
    indices_are_shapes : bool
        Whether the shapes of advanced entries stand in their places.

    Raises
    ------
    ShapeError
        If it holds a slice that only run time knows.
    """

    def broadcast(sizes: Sequence[Any]) -> Any:
        result = sizes[0]
        for size in sizes[1:]:
            result = broadcast_size(result, size)
        return result

    array_shape, indices = as_list(array_shape, "array_shape"), as_list(indices, "indices")
    if len(array_shape) < sum(not is_new_axis(entry) for entry in indices):
        raise IndexError(f"too many indices for a shape of {len(array_shape)} sizes: {indices}")
    index_shapes = [
        None if is_basic_idx(entry) else tuple(entry) if indices_are_shapes else symbolic_shape(entry)
        for entry in indices
    ]
    return result_dims(array_shape, indices, index_shapes, slice_len, _no_length, broadcast)


def _no_length(entry: Any) -> Any:
    raise ShapeError(f"The length that the slice {entry} takes is known at run time only")


def symbolic_shape(x: Any) -> tuple[Any, ...]:
    """Return the shape of a variable: ints where it's known, else 0-d int64 variables."""
    x = as_tensor_variable(x)
    return tuple(x.shape[axis] if n is None else n for axis, n in enumerate(x.type.shape))


def basic_shape(shape: Sequence[Any], indices: Sequence[Any]) -> tuple[Any, ...]:
    """Return the shape of an array of shape `shape` after indexing it with slices and new axes.

    Raises
    ------
    ValueError
        If an entry is neither.
    """
    for entry in indices:
        if not (isinstance(entry, slice) or is_new_axis(entry) or isinstance(getattr(entry, "type", None), SliceType)):
            raise ValueError(f"Invalid index type: {entry!r}")
    return indexed_result_shape(shape, indices)
