"""Dimensions put in another order, added and dropped."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from aesaralite.graph.arguments import as_flag, as_list
from aesaralite.graph.basic import Apply, Variable
from aesaralite.graph.null_type import DisconnectedType, NullType
from aesaralite.graph.op import Op
from aesaralite.tensor.tensor_type import TensorType, tensor_type


class DimShuffle(Op):
    """A view of a tensor with its dimensions in another order.

    Dimensions of size 1 may be added anywhere, and dropped.

    Parameters
    ----------
    input_broadcastable : sequence of bool
        Which dimensions of the input have the size 1.
    new_order : sequence of int or "x"
        For each dimension of the result, the dimension of the input that it is, or ``"x"`` for a new one of size 1.
        Those that are not named are dropped, and must have the size 1.

    Raises
    ------
    ValueError
        If a dimension is out of range, named twice, or dropped without having the size 1.
    TypeError
        If an entry is neither an int nor ``"x"``.

    Examples
    --------
    ``(1, 0)`` transposes a matrix, ``("x", 0)`` makes a vector a row, ``(0, "x")`` a column, and ``()`` makes a 0-d
    tensor of a matrix of one element.
    """

    __props__ = ("input_broadcastable", "new_order")
    view_map = {0: [0]}

    def __init__(self, input_broadcastable: Sequence[bool], new_order: Sequence[int | str], inplace: bool = True):
        self.input_broadcastable = tuple(
            as_flag(flag, "an entry of input_broadcastable")
            for flag in as_list(input_broadcastable, "input_broadcastable")
        )
        ndim = len(self.input_broadcastable)
        order: list[int | str] = []
        for position, entry in enumerate(as_list(new_order, "new_order")):
            if isinstance(entry, str):
                if entry != "x":
                    raise TypeError(f"new_order[{position}] is {entry!r}; entries are ints or 'x'")
                order.append("x")
                continue
            if isinstance(entry, bool) or not isinstance(entry, int | np.integer):
                raise TypeError(
                    f"new_order[{position}] is {entry!r} of type {type(entry).__name__}; entries are ints or 'x'"
                )
            if not -ndim <= entry < ndim:
                raise ValueError(f"new_order[{position}] is {entry}, but the input only has {ndim} axes.")
            order.append(int(entry) % ndim)
        self.new_order = tuple(order)
        kept: list[int] = [entry for entry in order if isinstance(entry, int)]
        if len(set(kept)) != len(kept):
            raise ValueError(
                f"The same input dimension may not appear twice in the list of output dimensions: {self.new_order}"
            )
        dropped = [axis for axis in range(ndim) if axis not in kept]
        if not all(self.input_broadcastable[axis] for axis in dropped):
            raise ValueError(
                f"Cannot drop a non-broadcastable dimension: {list(self.input_broadcastable)}, {self.new_order}. "
                "Only a dimension whose size is known to be 1 can be dropped; see specify_broadcastable"
            )
        # what Aesara calls the parts of the operation
        self.drop = dropped
        self.shuffle = kept
        self.augment = [position for position, entry in enumerate(order) if entry == "x"]
        self.transposition = self.shuffle + dropped
        self.inplace = True
        self.is_transpose = not dropped and not self.augment
        self._index = tuple(None if entry == "x" else slice(None) for entry in order)
        self._drop_index = tuple(0 if axis in dropped else slice(None) for axis in range(ndim)) if dropped else None
        rank = {axis: i for i, axis in enumerate(sorted(kept))}
        self._transpose = tuple(rank[axis] for axis in kept)

    def make_node(self, inp: Any) -> Apply:
        if not isinstance(inp, Variable) or not isinstance(inp.type, TensorType):
            raise TypeError(f"{self} takes a tensor variable, got {inp!r}")
        sizes = inp.type.shape
        if len(sizes) != len(self.input_broadcastable):
            raise TypeError(
                f"The number of dimensions of the input is incorrect for this op. Expected "
                f"{self.input_broadcastable}, got {inp.type.broadcastable} (of {inp})."
            )
        for expected, size in zip(self.input_broadcastable, sizes):
            if expected and size != 1:
                raise TypeError(
                    "The broadcastable pattern of the input is incorrect for this op. Expected "
                    f"{self.input_broadcastable}, got {inp.type.broadcastable} (of {inp})."
                )
        shape = tuple([1 if entry == "x" else sizes[entry] for entry in self.new_order])  # type: ignore[index]
        return Apply(self, [inp], [tensor_type(inp.type.dtype, shape)()])

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[list[Any]]) -> None:
        (x,) = inputs
        x = np.asarray(x)
        if self._drop_index is not None:
            for axis in self.drop:
                if x.shape[axis] != 1:
                    raise ValueError(
                        f"{self} drops dimension {axis} of an array of shape {x.shape}, whose size isn't 1"
                    )
            x = x[(*self._drop_index, ...)]
        output_storage[0][0] = x.transpose(self._transpose)[(*self._index, ...)]

    def infer_shape(self, fgraph: Any, node: Apply, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        (sizes,) = shapes
        return [tuple(1 if entry == "x" else sizes[entry] for entry in self.new_order)]

    def L_op(
        self, inputs: Sequence[Variable], outputs: Sequence[Variable], output_gradients: Sequence[Variable]
    ) -> list[Variable]:
        g: Any = output_gradients[0]
        if isinstance(g.type, NullType | DisconnectedType):
            return [g]
        back: list[int | str] = ["x"] * len(self.input_broadcastable)
        for position, entry in enumerate(self.new_order):
            if entry != "x":
                back[entry] = position  # type: ignore[index]
        pattern = tuple(entry == "x" for entry in self.new_order)
        if any(wanted and not known for wanted, known in zip(pattern, g.type.broadcastable)):
            # the gradient of an added dimension has the size 1, even where its type doesn't say so
            g = g.specify_shape(tuple(1 if wanted else size for wanted, size in zip(pattern, g.type.shape)))
        return [DimShuffle(g.type.broadcastable, back)(g)]

    def R_op(self, inputs: Sequence[Variable], eval_points: Sequence[Variable | None]) -> list[Variable | None]:
        (point,) = eval_points
        return [None if point is None else self(point)]

    def __str__(self) -> str:
        order = ",".join(map(str, self.new_order))
        return f"DimShuffle{{{order}}}"


@lru_cache(maxsize=1024)
def dimshuffle_op(input_broadcastable: tuple[bool, ...], new_order: tuple[int | str, ...]) -> DimShuffle:
    """Return a shared `DimShuffle`."""
    return DimShuffle(input_broadcastable, new_order)


def pad_left(x: Any, ndim: int) -> Any:
    """Return a tensor with new dimensions of size 1 in front, so that it has `ndim`."""
    missing = ndim - x.type.ndim
    if missing == 0:
        return x
    return dimshuffle_op(x.type.broadcastable, ("x",) * missing + tuple(range(x.type.ndim)))(x)
