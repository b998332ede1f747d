"""Random arrays and indices into them, as numbers and as symbols."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from aesaralite.graph.basic import Variable
from aesaralite.tensor.type import TensorType

DTYPES = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]

shapes = st.lists(st.integers(0, 4), max_size=4).map(tuple)


def numbered(shape: tuple[int, ...], dtype: str = "float64") -> np.ndarray:
    """An array whose elements all differ."""
    return np.arange(1, 1 + int(np.prod(shape)), dtype=dtype).reshape(shape)


def tensor_of(draw: st.DrawFn, value: np.ndarray, name: str | None = None) -> Variable:
    """A variable for a value, each of whose dimensions the type may or may not know."""
    static = tuple(n if draw(st.booleans()) else None for n in value.shape)
    return TensorType(str(value.dtype), shape=static)(name)


def slices(bound: int = 7) -> st.SearchStrategy[slice]:
    part = st.none() | st.integers(-bound, bound)
    return st.builds(slice, part, part, st.none() | st.integers(-4, 4).filter(bool))


@st.composite
def basic_indices(draw: st.DrawFn, shape: tuple[int, ...], new_axes: bool = True) -> tuple[Any, ...]:
    """Integers (mostly inside), slices, and perhaps new axes and an Ellipsis."""
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
def advanced_indices(draw: st.DrawFn, shape: tuple[int, ...]) -> tuple[Any, ...]:
    """As `basic_indices`, and at least one integer array or mask; mostly inside."""
    common = draw(st.lists(st.integers(0, 3), max_size=2).map(tuple))
    entries: list[Any] = []
    dim = 0
    while dim < len(shape) and (draw(st.booleans()) or not entries):
        size = shape[dim]
        kind = draw(st.sampled_from(["array", "array", "array", "slice", "mask", "integer"]))
        if kind == "array":
            keep = draw(st.integers(0, len(common)))
            own = tuple(1 if draw(st.integers(0, 3)) == 0 else n for n in common[len(common) - keep :])
            count = int(np.prod(own))
            numbers = st.integers(-size, size - 1) if size else st.integers(0, 0)
            values = draw(st.lists(numbers, min_size=count, max_size=count))
            dtype = "int64" if any(v < 0 for v in values) else draw(st.sampled_from(DTYPES))
            entries.append(np.array(values, dtype=dtype).reshape(own))
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


def symbolic(draw: st.DrawFn, index: tuple[Any, ...]) -> tuple[tuple[Any, ...], dict[Variable, Any]]:
    """Replace some of the numbers and arrays in an index by variables; return also the values of these."""
    givens: dict[Variable, Any] = {}

    def number(value: int) -> Any:
        if draw(st.booleans()):
            return value
        dtype = draw(st.sampled_from(DTYPES[:4] if value < 0 else DTYPES))
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
            variable = tensor_of(draw, value)
            givens[variable] = value
            return variable
        return number(value)

    return tuple(entry(value) for value in index), givens
