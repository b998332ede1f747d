"""Strategies for dtypes, shapes, arrays and types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import hypothesis.extra.numpy as hnp
import numpy as np
from hypothesis import strategies as st

from aesaralite.tensor.tensor_type import TensorType
from aesaralite.testing.layouts import LAYOUTS, with_layout

__all__ = [
    "arrays",
    "broadcastable_shapes",
    "dtypes",
    "elements",
    "generators",
    "layouts",
    "shapes",
    "static_shapes",
    "tensor_types",
]

Shape = tuple[int, ...]

BIT_GENERATORS = ("PCG64", "PCG64DXSM", "Philox", "SFC64", "MT19937")
_BY_KIND = {
    "b": ("bool",),
    "i": ("int8", "int16", "int32", "int64"),
    "u": ("uint8", "uint16", "uint32", "uint64"),
    "f": ("float32", "float64"),
    "c": ("complex64", "complex128"),
}


def dtypes(kinds: str = "biuf") -> st.SearchStrategy[str]:
    """Names of dtypes.

    Parameters
    ----------
    kinds : str
        NumPy's letters: b (bool), i, u (integers), f (floats), c (complex).
    """
    return st.sampled_from([dtype for kind in kinds for dtype in _BY_KIND[kind]])


def shapes(min_dims: int = 0, max_dims: int = 3, min_side: int = 0, max_side: int = 4) -> st.SearchStrategy[Shape]:
    """Shapes of arrays. They include empty ones unless `min_side` is positive."""
    return hnp.array_shapes(min_dims=max(min_dims, 1), max_dims=max_dims, min_side=min_side, max_side=max_side) | (
        st.just(()) if min_dims == 0 else st.nothing()
    )


def broadcastable_shapes(
    number: int, max_dims: int = 3, min_side: int = 0, max_side: int = 4
) -> st.SearchStrategy[tuple[Shape, ...]]:
    """Tuples of `number` shapes that broadcast against one another."""
    return hnp.mutually_broadcastable_shapes(
        num_shapes=number, max_dims=max_dims, min_side=min_side, max_side=max_side
    ).map(lambda drawn: drawn.input_shapes)


def elements(dtype: str, special: bool = True, bound: float = 10.0) -> st.SearchStrategy[Any]:
    """Values of a dtype.

    Parameters
    ----------
    dtype : str
        The dtype.
    special : bool
        Whether NaN, infinities, signed zeros, tiny numbers and the extremes of integers occur.
    bound : float
        The size of values that aren't special.
    """
    kind = np.dtype(dtype).kind
    if kind == "b":
        return st.booleans()
    if kind in "iu":
        info = np.iinfo(dtype)
        few = st.integers(max(info.min, -int(bound)), min(info.max, int(bound)))
        return few | st.sampled_from([0, 1, info.min, info.max]) if special else few
    if kind == "c":
        part = elements("float32" if dtype == "complex64" else "float64", special, bound)
        return st.builds(complex, part, part)
    width = np.dtype(dtype).itemsize * 8
    small = st.floats(-bound, bound, width=width, allow_subnormal=False)  # type: ignore[arg-type]
    if not special:
        return small
    tiny = float(np.finfo(dtype).tiny)
    return small | st.sampled_from([0.0, -0.0, 1.0, -1.0, np.nan, np.inf, -np.inf, tiny, -tiny])


@st.composite
def arrays(
    draw: Any,
    dtype: str | st.SearchStrategy[str],
    shape: Shape | st.SearchStrategy[Shape],
    special: bool = True,
    bound: float = 10.0,
    layout: str | st.SearchStrategy[str] | None = None,
) -> np.ndarray:
    """Arrays, in all the layouts that NumPy makes.

    Parameters
    ----------
    dtype, shape : value or strategy
        Of the array.
    special, bound
        As in `elements`.
    layout : str or strategy, optional
        One of `aesaralite.testing.layouts.LAYOUTS`. By default any of them.
    """
    name = draw(dtype) if isinstance(dtype, st.SearchStrategy) else dtype
    size = draw(shape) if isinstance(shape, st.SearchStrategy) else shape
    values = draw(hnp.arrays(name, size, elements=elements(name, special, bound)))
    if layout is None:
        layout = layouts()
    return with_layout(values, draw(layout) if isinstance(layout, st.SearchStrategy) else layout)


def layouts() -> st.SearchStrategy[str]:
    """Names of layouts, for `with_layout`."""
    return st.sampled_from(LAYOUTS)


@st.composite
def static_shapes(draw: Any, shape: Shape) -> tuple[int | None, ...]:
    """What a type may know of a shape: for each dimension its size, or nothing (None)."""
    known = draw(st.lists(st.booleans(), min_size=len(shape), max_size=len(shape)))
    return tuple(size if is_known else None for size, is_known in zip(shape, known))


@st.composite
def tensor_types(draw: Any, value: np.ndarray) -> TensorType:
    """Types that a value belongs to: any part of its shape may be static."""
    return TensorType(str(value.dtype), shape=draw(static_shapes(value.shape)))


@st.composite
def generators(draw: Any, bit_generators: Sequence[str] = BIT_GENERATORS) -> np.random.Generator:
    """Random generators of NumPy.

    Parameters
    ----------
    bit_generators : sequence of str
        The names of the bit generators that occur.
    """
    return np.random.Generator(getattr(np.random, draw(st.sampled_from(bit_generators)))(draw(st.integers(0, 100))))
