"""Strategies for index expressions, as numbers and as symbols."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from aesaralite.graph.variable import Variable
from aesaralite.tensor.tensor_type import TensorType
from aesaralite.testing.strategies.of_arrays import tensor_types

__all__ = ["advanced_indices", "basic_indices", "indices", "slices", "symbolic_indices"]

_SIGNED = ("int8", "int16", "int32", "int64")
_ANY = (*_SIGNED, "uint8", "uint16", "uint32", "uint64")

Shape = tuple[int, ...]


def slices(bound: int = 7) -> st.SearchStrategy[slice]:
    """Slices, whose ends lie inside or outside of an array.

    Parameters
    ----------
    bound : int
        How far out.
    """
    part = st.none() | st.integers(-bound, bound)
    return st.builds(slice, part, part, st.none() | st.integers(-4, 4).filter(bool))


@st.composite
def basic_indices(draw: Any, shape: Shape, new_axes: bool = True) -> tuple[Any, ...]:
    """Integers (mostly inside), slices, and perhaps new axes and an Ellipsis.

    Parameters
    ----------
    shape : tuple of int
        What is indexed.
    new_axes : bool
        Whether there may be new axes.
    """
    n = draw(st.integers(0, len(shape)))
    ellipsis = draw(st.booleans())
    first = draw(st.integers(0, n)) if ellipsis else n
    dims = [*range(first), *range(len(shape) - (n - first), len(shape))]
    entries: list[Any] = []
    for position, dim in enumerate(dims):
        if ellipsis and position == first:
            entries.append(Ellipsis)
        size = shape[dim]
        inside = st.integers(-size, size - 1) if size else st.integers(-1, 1)
        entries.append(draw(st.one_of(inside, inside, slices(), slices(), st.integers(-5, 5))))
    if ellipsis and first == len(dims):
        entries.append(Ellipsis)
    if new_axes:
        for _ in range(draw(st.integers(0, 2))):
            entries.insert(draw(st.integers(0, len(entries))), None)
    return tuple(entries)


@st.composite
def advanced_indices(draw: Any, shape: Shape) -> tuple[Any, ...]:
    """As `basic_indices`, with at least one integer array or mask; mostly inside.

    Parameters
    ----------
    shape : tuple of int
        What is indexed.
    """
    common = draw(st.lists(st.integers(0, 3), max_size=2).map(tuple))
    entries: list[Any] = []
    dim = 0
    while dim < len(shape) and (draw(st.booleans()) or not entries):
        size = shape[dim]
        kind = draw(st.sampled_from(["array", "array", "array", "slice", "mask", "integer"]))
        if kind == "array":
            entries.append(_index_array(draw, common, size))
        elif kind == "mask":
            k = draw(st.integers(1, min(2, len(shape) - dim)))
            count = int(np.prod(shape[dim : dim + k]))
            bits = draw(st.lists(st.booleans(), min_size=count, max_size=count))
            entries.append(np.array(bits, dtype=bool).reshape(shape[dim : dim + k]))
            dim += k - 1
        elif kind == "slice":
            entries.append(draw(slices()))
        else:
            entries.append(draw(st.integers(-size, size - 1) if size else st.just(0)))
        dim += 1
    if not any(isinstance(entry, np.ndarray) and entry.ndim for entry in entries) and dim < len(shape):
        entries.append(np.zeros((draw(st.integers(0, 2)) if shape[dim] else 0,), dtype="int64"))
        dim += 1
    if draw(st.booleans()):
        for _ in range(draw(st.integers(0, 1))):
            entries.insert(draw(st.integers(0, len(entries))), None)
        if draw(st.booleans()):
            entries.append(Ellipsis)
    return tuple(entries)


def _index_array(draw: Any, common: Shape, size: int) -> np.ndarray:
    """Return an integer array for a dimension, of a shape that broadcasts with the other arrays of the index."""
    keep = draw(st.integers(0, len(common)))
    own = tuple(1 if draw(st.integers(0, 3)) == 0 else n for n in common[len(common) - keep :])
    count = int(np.prod(own))
    numbers = st.integers(-size, size - 1) if size else st.integers(0, 0)
    values = draw(st.lists(numbers, min_size=count, max_size=count))
    dtype = "int64" if any(v < 0 for v in values) else draw(st.sampled_from(_ANY))
    return np.array(values, dtype=dtype).reshape(own)


def indices(shape: Shape) -> st.SearchStrategy[tuple[Any, ...]]:
    """Basic and advanced indices.

    Parameters
    ----------
    shape : tuple of int
        What is indexed.
    """
    return basic_indices(shape) | advanced_indices(shape) if shape else basic_indices(shape)


@st.composite
def symbolic_indices(draw: Any, index: tuple[Any, ...]) -> tuple[tuple[Any, ...], dict[Variable, Any]]:
    """An index with variables in place of some numbers and arrays, and the values of these.

    Parameters
    ----------
    index : tuple
        The index.
    """
    givens: dict[Variable, Any] = {}

    def number(value: int) -> Any:
        if draw(st.booleans()):
            return value
        dtype = draw(st.sampled_from(_SIGNED if value < 0 else _ANY))
        variable = TensorType(dtype, shape=())()
        givens[variable] = np.array(value, dtype=dtype)
        return variable

    def entry(value: Any) -> Any:
        if value is None or value is Ellipsis:
            return value
        if isinstance(value, slice):
            return slice(*(None if part is None else number(part) for part in (value.start, value.stop, value.step)))
        if isinstance(value, np.ndarray):
            if draw(st.booleans()):
                return value
            variable = draw(tensor_types(value))()
            givens[variable] = value
            return variable
        return number(value)

    return tuple(entry(value) for value in index), givens
