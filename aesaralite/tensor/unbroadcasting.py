"""The reverse of run-time broadcasting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aesaralite.graph.basic import Apply, Variable
from aesaralite.graph.null_type import DisconnectedType
from aesaralite.graph.op import Op
from aesaralite.tensor.convert import as_tensor_variable
from aesaralite.tensor.tensor_type import TensorType, tensor_type


@dataclass(frozen=True, eq=False, repr=False)
class SumToSize(Op):
    """The sum of an array over those of some dimensions that must come out with size 1.

    ``SumToSize(axes)(x, *sizes)`` takes a size for each of the axes. Where a size is 1, the sum is taken along the axis
    and the dimension kept; else the size must be that of `x`, and nothing is summed. The gradient of an elementwise
    operation is summed so wherever it isn't known before the run whether an input was broadcast.

    Parameters
    ----------
    axes : tuple of int
        The dimensions, in ascending order.
    """

    axes: tuple[int, ...]

    view_map = {0: [0]}

    def make_node(self, x: Any, *sizes: Any) -> Apply:
        x = as_tensor_variable(x)
        if len(sizes) != len(self.axes):
            raise ValueError(f"{self} takes {len(self.axes)} sizes, got {len(sizes)}")
        if self.axes and self.axes[-1] >= x.type.ndim:
            raise ValueError(f"{self} sums along dimension {self.axes[-1]}, but {x} has {x.type.ndim} dimensions")
        size_variables = [as_tensor_variable(size) for size in sizes]
        for size in size_variables:
            if size.type.ndim != 0 or size.type.dtype not in ("int64", "int32", "int16", "int8"):
                raise TypeError(f"The sizes that {self} takes are 0-d integers, got {size} of type {size.type}")
        shape: list[int | None] = list(x.type.shape)
        for axis, size in zip(self.axes, size_variables):
            known = getattr(size, "data", None)
            if known is not None:
                shape[axis] = int(known)
            elif shape[axis] != 1:
                shape[axis] = None
        return Apply(self, [x, *size_variables], [tensor_type(x.type.dtype, tuple(shape))()])

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[list[Any]]) -> None:
        x, *sizes = inputs
        axes = []
        for axis, size in zip(self.axes, sizes):
            if x.shape[axis] == size:
                continue
            if size != 1:
                raise ValueError(f"Dimension {axis} of an array of shape {x.shape} can't be summed to the size {size}")
            axes.append(axis)
        output_storage[0][0] = x.sum(axis=tuple(axes), keepdims=True, dtype=x.dtype) if axes else x

    def infer_shape(self, fgraph: Any, node: Apply, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        shape = list(shapes[0])
        for axis, size in zip(self.axes, node.inputs[1:]):
            shape[axis] = size
        return [tuple(shape)]

    def L_op(
        self, inputs: Sequence[Any], outputs: Sequence[Variable], output_gradients: Sequence[Variable]
    ) -> list[Variable]:
        x, *sizes = inputs
        (g,) = output_gradients
        return [x.fill(g), *(DisconnectedType()() for _ in sizes)]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[True], *([False] for _ in node.inputs[1:])]

    def R_op(self, inputs: Sequence[Variable], eval_points: Sequence[Variable | None]) -> list[Variable | None]:
        return [None if eval_points[0] is None else self(eval_points[0], *inputs[1:])]

    def __str__(self) -> str:
        return f"SumToSize{{{', '.join(map(str, self.axes))}}}"


# How many variables are looked at to see whether two dimensions are the same.
_LOOKED_AT = 64


def dim_sources(x: Any, axis: int, elementwise: type) -> frozenset[Any]:
    """Return what the size of a dimension follows from, through elementwise operations.

    Two dimensions with the same sources have the same size: each is the result of broadcasting them together. Sources
    are pairs of a variable and its dimension. Dimensions of known size 1 have none.

    Parameters
    ----------
    x : Variable
        A tensor.
    axis : int
        One of its dimensions.
    elementwise : type
        The class of elementwise Ops.
    """
    sources = set()
    pending = [(x, axis)]
    seen = set()
    while pending:
        pair = pending.pop()
        if pair in seen:
            continue
        seen.add(pair)
        variable, i = pair
        size = variable.type.shape[i]
        if size == 1:
            continue
        if size is not None:
            sources.add(size)
            continue
        owner = variable.owner
        if owner is not None and isinstance(owner.op, elementwise) and len(seen) < _LOOKED_AT:
            pending.extend((operand, i) for operand in owner.inputs)
        elif owner is not None and hasattr(owner.op, "new_order") and len(seen) < _LOOKED_AT:
            entry = owner.op.new_order[i]
            pending.append((owner.inputs[0], entry))
        else:
            sources.add(pair)
    return frozenset(sources)


def is_summed(g: Variable) -> bool:
    """Whether a gradient is the sum of one over dimensions that may have been broadcast."""
    return isinstance(g.type, TensorType) and g.owner is not None and isinstance(g.owner.op, SumToSize)


def sum_to_like(g: Any, x: Any, elementwise: type, full: Any = None) -> Any:
    """Return a gradient summed over the dimensions along which an input was broadcast.

    Parameters
    ----------
    g : TensorVariable
        The gradient, in the shape to which the input was broadcast.
    x : TensorVariable
        The input.
    elementwise : type
        The class of elementwise Ops.
    full : TensorVariable, optional
        A variable that is known to have the shape of `g`, such as the result of the operation. It may spare a sum.
    """
    certain = [axis for axis, size in enumerate(x.type.shape) if size == 1 and g.type.shape[axis] != 1]
    unsure, sizes = [], []
    for axis, size in enumerate(x.type.shape):
        if size is not None or g.type.shape[axis] == 1:
            continue
        sources = dim_sources(x, axis, elementwise)
        if any(known is not None and dim_sources(known, axis, elementwise) == sources for known in (full, g)):
            continue
        unsure.append(axis)
        sizes.append(_size(x, axis, sources))
    if certain:
        g = g.sum(axis=certain, keepdims=True)
    return SumToSize(tuple(unsure))(g, *sizes) if unsure else g


def _size(x: Any, axis: int, sources: frozenset[Any]) -> Any:
    """Return the size of a dimension, from the one that it follows from where there is just one."""
    if len(sources) == 1:
        (source,) = sources
        if isinstance(source, tuple):
            x, axis = source
    return x.shape_i(axis)
