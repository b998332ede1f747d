"""Hypothesis strategies for dtypes, shapes, arrays and graphs.

This module needs the package ``hypothesis``; nothing else in aesaralite imports it.

Examples
--------
A law that holds for every small graph::

    from hypothesis import given
    from aesaralite.testing import check_linkers
    from aesaralite.testing.strategies import graphs

    @given(graphs())
    def test_linkers_agree(case):
        check_linkers(case.inputs, case.outputs, case.values)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import hypothesis.extra.numpy as hnp
import numpy as np
from hypothesis import strategies as st

from aesaralite.graph.variable import Variable
from aesaralite.printing.notation import pprint
from aesaralite.tensor.tensor_type import TensorType
from aesaralite.testing.families import FAMILIES, Family, Part

Shape = tuple[int, ...]

_BY_KIND = {
    "b": ("bool",),
    "i": ("int8", "int16", "int32", "int64"),
    "u": ("uint8", "uint16", "uint32", "uint64"),
    "f": ("float32", "float64"),
    "c": ("complex64", "complex128"),
}
LAYOUTS = ("C", "F", "strided", "reversed", "offset", "readonly")


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
        One of `LAYOUTS`: in C or Fortran order, every other element of a larger array, with negative
        strides, beginning inside a larger buffer, or read-only. By default any of them.
    """
    name = draw(dtype) if isinstance(dtype, st.SearchStrategy) else dtype
    size = draw(shape) if isinstance(shape, st.SearchStrategy) else shape
    values = draw(hnp.arrays(name, size, elements=elements(name, special, bound)))
    if layout is None:
        layout = st.sampled_from(LAYOUTS)
    return with_layout(values, draw(layout) if isinstance(layout, st.SearchStrategy) else layout)


def with_layout(values: np.ndarray, layout: str) -> np.ndarray:
    """Return an array of the same values in one of `LAYOUTS`."""
    if layout == "F":
        return np.array(values, order="F")
    if layout == "strided" and values.ndim:
        return np.repeat(values, 2, axis=-1)[..., ::2]
    if layout == "reversed" and values.ndim:
        return values[::-1].copy()[::-1]
    if layout == "offset" and values.ndim:
        return np.concatenate([values[:1], values], axis=0)[len(values[:1]) :]
    if layout == "readonly":
        values = values.copy()
        values.flags.writeable = False
        return values
    if layout not in LAYOUTS:
        raise ValueError(f"layout must be one of {LAYOUTS}, got {layout!r}")
    return np.array(values, order="C")


@st.composite
def tensor_types(draw: Any, value: np.ndarray) -> TensorType:
    """Types that a value belongs to: any part of its shape may be static."""
    known = draw(st.lists(st.booleans(), min_size=value.ndim, max_size=value.ndim))
    return TensorType(
        str(value.dtype), shape=tuple(size if is_known else None for size, is_known in zip(value.shape, known))
    )


@dataclass(frozen=True)
class GraphCase:
    """A graph with values for its inputs.

    Attributes
    ----------
    inputs, outputs : list of Variable
        The graph.
    values : list of ndarray
        One for each input.
    """

    inputs: list[Variable]
    outputs: list[Variable]
    values: list[np.ndarray]

    def __repr__(self) -> str:
        graph = ", ".join(pprint(output) for output in self.outputs)
        given = ", ".join(f"{i}: {i.type} = {v!r}" for i, v in zip(self.inputs, self.values))
        return f"GraphCase({graph}; {given})"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        # Hypothesis shows a failing example through this
        printer.text(repr(self))


@st.composite
def graphs(
    draw: Any,
    families: Sequence[str] | Mapping[str, Family] | None = None,
    kinds: str = "f",
    max_inputs: int = 3,
    max_nodes: int = 6,
    max_dims: int = 3,
    max_side: int = 4,
    min_side: int = 0,
    special: bool = False,
    smooth: bool = False,
    scalar_output: bool = False,
) -> GraphCase:
    """Small well-typed graphs with matching inputs.

    Parameters
    ----------
    families : sequence of str or mapping, optional
        Which families of Ops occur: names out of `aesaralite.testing.families.FAMILIES`, or families of
        your own. By default all.
    kinds : str
        The kinds of dtypes of inputs, as in `dtypes`.
    max_inputs, max_nodes, max_dims, max_side, min_side : int
        The size of the graph and of the arrays.
    special : bool
        Whether values include NaN, infinities and extremes.
    smooth : bool
        Whether only Ops occur that are differentiable wherever their inputs may lie.
    scalar_output : bool
        Whether the output is 0-d: the sum of what else it would be.

    Examples
    --------
    >>> case = graphs(families=["unary", "reduction"]).example()
    >>> len(case.inputs) == len(case.values)
    True
    """
    if families is None:
        chosen = list(FAMILIES.values())
    elif isinstance(families, Mapping):
        chosen = list(families.values())
    else:
        chosen = [FAMILIES[name] for name in families]
    if smooth:
        chosen = [family.smooth_part() for family in chosen]
        chosen = [family for family in chosen if family.members]

    number = draw(st.integers(1, max_inputs))
    input_shapes = draw(broadcastable_shapes(number, max_dims=max_dims, min_side=min_side, max_side=max_side))
    dtype = draw(dtypes(kinds))
    inputs, values, parts = [], [], []
    for i, shape in enumerate(input_shapes):
        # most graphs keep to one dtype; some mix
        name = draw(st.just(dtype) | dtypes(kinds))
        value = draw(arrays(name, shape, special=special, bound=3.0))
        variable = draw(tensor_types(value))(f"x{i}")
        inputs.append(variable)
        values.append(value)
        parts.append(Part(variable, value.shape))
    pick = _picker(draw)
    for _ in range(draw(st.integers(1, max_nodes))):
        family = draw(st.sampled_from(chosen))
        new = family.apply(pick, parts)
        if new is not None and np.prod(new.shape, dtype=int) <= 4 * max(1, max_side) ** max_dims:
            parts.append(new)
    output = parts[-1].variable
    if scalar_output and parts[-1].shape != ():
        output = output.sum()
    return GraphCase(inputs, [output], values)


def _picker(draw: Any) -> Callable[[Sequence[Any]], Any]:
    def pick(choices: Sequence[Any]) -> Any:
        return draw(st.sampled_from(list(choices)))

    return pick
