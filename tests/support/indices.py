"""Random arrays and indices into them, as numbers and as symbols."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from aesaralite.graph.basic import Variable
from aesaralite.testing.strategies import advanced_indices, basic_indices, slices, symbolic_indices, tensor_types

__all__ = ["DTYPES", "advanced_indices", "basic_indices", "numbered", "shapes", "slices", "symbolic", "tensor_of"]

DTYPES = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]

shapes = st.lists(st.integers(0, 4), max_size=4).map(tuple)


def numbered(shape: tuple[int, ...], dtype: str = "float64") -> np.ndarray:
    """An array whose elements all differ."""
    return np.arange(1, 1 + int(np.prod(shape)), dtype=dtype).reshape(shape)


def tensor_of(draw: st.DrawFn, value: np.ndarray, name: str | None = None) -> Variable:
    """A variable for a value, each of whose dimensions the type may or may not know."""
    return draw(tensor_types(value))(name)


def symbolic(draw: st.DrawFn, index: tuple[Any, ...]) -> tuple[tuple[Any, ...], dict[Variable, Any]]:
    """Replace some of the numbers and arrays in an index by variables; return also the values of these."""
    return draw(symbolic_indices(index))
