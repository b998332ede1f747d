"""What rewrites ask about a graph: which numbers are constant, and which dimensions have the same size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.variable import Constant, Variable
from aesaralite.rewrites.shape_feature import ShapeFeature
from aesaralite.tensor.creation import Alloc, alloc
from aesaralite.tensor.dimshuffle import DimShuffle
from aesaralite.tensor.elementwise import Elemwise
from aesaralite.tensor.pointwise import cast, second
from aesaralite.tensor.shaping import Shape_i
from aesaralite.tensor.tensor_type import TensorType

# How many variables are looked at to find out what a size follows from.
_LOOKED_AT = 64


def number(variable: Variable) -> Any:
    """Return the value of a constant of one element as a NumPy scalar, or None if `variable` isn't one."""
    while variable.owner is not None:
        if not isinstance(variable.owner.op, DimShuffle):
            return None
        variable = variable.owner.inputs[0]
    if isinstance(variable, Constant):
        data = variable.data
        if isinstance(data, np.ndarray) and data.size == 1 and data.dtype.kind in "biufc":
            return data.reshape(-1)[0]
    return None


def uniform_number(variable: Variable) -> Any:
    """Return the number that each element of `variable` is, or None. The shape needn't be known."""
    for _ in range(8):
        node = variable.owner
        if node is None:
            break
        if isinstance(node.op, (DimShuffle, Alloc)):
            variable = node.inputs[0]
        elif node.op == second:
            variable = node.inputs[1]
        else:
            return None
    if not isinstance(variable, Constant) or not isinstance(variable.type, TensorType):
        return None
    value = number(variable) if variable.data.size == 1 else variable.unique_value
    return None if value is None else value[()]


def is_number(variable: Variable, value: Any) -> bool:
    """Whether each element of `variable` is `value`."""
    found = uniform_number(variable)
    return found is not None and bool(found == value)


def shapes(fgraph: FunctionGraph) -> ShapeFeature:
    """Return the graph's `ShapeFeature`, which is attached if there's none yet."""
    if not hasattr(fgraph, "shape_feature"):
        fgraph.attach_feature(ShapeFeature())
    feature: ShapeFeature = fgraph.shape_feature
    return feature


def size_sources(fgraph: FunctionGraph, variable: Variable, axis: int) -> frozenset[Any]:
    """Return what the size of a dimension follows from, by broadcasting.

    Two dimensions with the same sources have the same size; one whose sources are among another's has its size or the
    size 1. Sources are known sizes, pairs of a variable and a dimension, and expressions of sizes. A dimension known to
    have size 1 has none.
    """
    sources: set[Any] = set()
    pending: list[tuple[Variable, int]] = [(variable, axis)]
    seen: set[tuple[Variable, int]] = set()
    while pending:
        pair = pending.pop()
        if pair in seen:
            continue
        seen.add(pair)
        x, i = pair
        size = x.type.shape[i]
        if size is not None:
            if size != 1:
                sources.add(size)
            continue
        node = x.owner
        if node is None or len(seen) > _LOOKED_AT:
            sources.add(pair)
        elif isinstance(node.op, Elemwise):
            pending.extend((source, i) for source in node.inputs)
        elif isinstance(node.op, DimShuffle):
            entry: Any = node.op.new_order[i]
            pending.append((node.inputs[0], entry))
        else:
            for expression in shapes(fgraph).basic_sizes(shapes(fgraph).shape_of[x][i]):
                root = expression.owner
                if root is not None and isinstance(root.op, Shape_i):
                    if root.inputs[0] is x and root.op.i == i:
                        sources.add(pair)
                    else:
                        pending.append((root.inputs[0], root.op.i))
                elif (value := number(expression)) is None:
                    sources.add(expression)
                elif value != 1:
                    sources.add(int(value))
    return frozenset(sources)


def sources_of_size(fgraph: FunctionGraph, size: Variable) -> frozenset[Any]:
    """Return what a size (a 0-d variable) follows from; see :func:`size_sources`."""
    sources: set[Any] = set()
    feature = shapes(fgraph)
    for expression in feature.basic_sizes(feature.simplify(size)):
        root = expression.owner
        if root is not None and isinstance(root.op, Shape_i):
            sources |= size_sources(fgraph, root.inputs[0], root.op.i)
        elif (value := number(expression)) is None:
            sources.add(expression)
        elif value != 1:
            sources.add(int(value))
    return frozenset(sources)


def same_sizes(fgraph: FunctionGraph, x: Variable, y: Variable, axes: Iterable[int] | None = None) -> bool:
    """Whether two variables surely have the same size in dimensions (all by default)."""
    if x is y:
        return True
    for axis in range(x.type.ndim) if axes is None else axes:
        a, b = x.type.shape[axis], y.type.shape[axis]
        if a is not None and b is not None:
            if a != b:
                return False
        elif size_sources(fgraph, x, axis) != size_sources(fgraph, y, axis):
            return False
    return True


def shape_follows(fgraph: FunctionGraph, dropped: Iterable[Variable], kept: Sequence[Variable]) -> bool:
    """Whether broadcasting `kept` together surely gives the shape that it gives with `dropped` too."""
    for variable in dropped:
        for axis, size in enumerate(variable.type.shape):
            if size == 1 or any(other is variable for other in kept):
                continue
            if size is not None and any(other.type.shape[axis] == size for other in kept):
                continue
            sources = size_sources(fgraph, variable, axis)
            there = frozenset().union(*(size_sources(fgraph, other, axis) for other in kept))
            if not sources <= there:
                return False
    return True


def in_shape(
    fgraph: FunctionGraph, value: Variable, output: Variable, kept: Sequence[Variable], dropped: Iterable[Variable]
) -> Variable:
    """Return `value` with the dtype and the shape of `output`.

    Parameters
    ----------
    fgraph
        The graph.
    value
        What `kept` gives, or a number.
    output
        The variable that it's to stand for.
    kept
        What `value` has its shape from.
    dropped
        Variables that `output` has its shape from and `value` hasn't.
    """
    if value.type.dtype != output.type.dtype:
        value = cast(value, output.type.dtype)
    if value.type.ndim == output.type.ndim and shape_follows(fgraph, dropped, kept):
        return value
    if all(output.type.broadcastable):
        return value if value.type.ndim == output.type.ndim else value.dimshuffle(*("x",) * output.type.ndim)
    return alloc(value, *shapes(fgraph).shape_of[output])
