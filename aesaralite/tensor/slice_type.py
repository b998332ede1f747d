"""Slices as values of the graph, for the indices of advanced indexing."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import Any

import numpy as np

from aesaralite.graph.arguments import expect
from aesaralite.graph.basic import Apply, Constant, Variable
from aesaralite.graph.generic import NoneConst, NoneTypeT
from aesaralite.graph.null_type import DisconnectedType
from aesaralite.graph.op import Op
from aesaralite.graph.type import Type
from aesaralite.tensor.convert import as_tensor_variable
from aesaralite.tensor.tensor_type import TensorType


class SliceType(Type):
    """The type of Python slices whose parts are integers or None."""

    __props__ = ()

    def filter(self, data: Any, strict: bool = False, allow_downcast: bool | None = None) -> slice:
        """Return a slice with plain Python integers.

        Raises
        ------
        TypeError
            If it isn't a slice of integers.
        """
        if not isinstance(data, slice):
            raise TypeError(f"Expected a slice, got {data!r} of type {type(data).__name__}")
        return slice(_plain_part(data.start), _plain_part(data.stop), _plain_part(data.step))

    @staticmethod
    def may_share_memory(a: Any, b: Any) -> bool:
        return False

    def __str__(self) -> str:
        return "slice"

    def __repr__(self) -> str:
        return "SliceType()"


def _plain_part(part: Any) -> int | None:
    if part is None:
        return None
    if isinstance(part, (Variable, bool, np.bool_)):
        raise TypeError(f"The parts of a slice value must be integers or None, got {part!r}")
    try:
        return operator.index(part)
    except TypeError:
        raise TypeError(f"The parts of a slice value must be integers or None, got {part!r}") from None


class SliceConstant(Constant):
    """A slice that is known while the graph is built."""

    def signature(self) -> Any:
        return (self.type, self.data.start, self.data.stop, self.data.step)

    def __str__(self) -> str:
        text = f"SliceConstant{{{slice_text(self.data)}}}"
        return f"{self.name}{{{slice_text(self.data)}}}" if self.name is not None else text


SliceType.constant_type = SliceConstant
slicetype = SliceType()


def slice_text(entry: slice) -> str:
    """Write a slice as the brackets of an index would show it: ``1:n``, ``::2``, ``::`` for a full one."""
    start, stop, step = ("" if part is None else str(part) for part in (entry.start, entry.stop, entry.step))
    return f"{start}:{stop}:{step}"


@dataclass(frozen=True, eq=False, repr=False)
class MakeSlice(Op):
    """Make a slice of three 0-d integers, each of which may be None."""

    def make_node(self, slc: Any, stop: Any = None, step: Any = None) -> Apply:
        """Take ``start, stop, step``, or one Python slice.

        Raises
        ------
        TypeError
            If a part isn't an integer scalar.
        """
        if isinstance(slc, slice):
            slc, stop, step = slc.start, slc.stop, slc.step
        return Apply(self, [as_int_none_variable(part) for part in (slc, stop, step)], [slicetype()])

    def perform(self, node: Apply, inputs: Any, output_storage: Any) -> None:
        output_storage[0][0] = slice(*(None if part is None else int(part) for part in inputs))

    def infer_shape(self, fgraph: Any, node: Apply, shapes: Any) -> list[None]:
        return [None]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[False]] * 3

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Variable]:
        return [DisconnectedType()() for _ in inputs]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Variable | None]:
        return [None]


make_slice = MakeSlice()


def as_int_none_variable(x: Any) -> Variable:
    """Return one part of a slice as a variable: `NoneConst`, or a 0-d integer tensor.

    Raises
    ------
    TypeError
        If it's neither None nor an integer scalar.
    """
    if x is None:
        return NoneConst
    if isinstance(x, Variable) and isinstance(x.type, NoneTypeT):
        return x
    x = as_tensor_variable(x)
    if x.type.ndim != 0 or x.type.numpy_dtype.kind not in "iu":
        raise TypeError(f"The parts of a slice must be integer scalars; got {x} of type {x.type}")
    return x


def as_symbolic_slice(x: slice) -> Variable:
    """Return a Python slice as a variable: a constant where its parts are plain, else made by `MakeSlice`."""
    expect(x, slice, "x")
    if any(isinstance(part, Variable) for part in (x.start, x.stop, x.step)):
        return make_slice(x)
    return SliceConstant(slicetype, x)


def slice_parts(x: Any) -> slice | None:
    """Return what a slice variable is made of, or None if that isn't known.

    Parameters
    ----------
    x : Variable
        Of type `SliceType`.

    Returns
    -------
    slice or None
        Its parts are ints, None or 0-d integer tensors.
    """
    if isinstance(x, Constant):
        return x.data
    if x.owner is not None and isinstance(x.owner.op, MakeSlice):
        return slice(*(None if isinstance(part.type, NoneTypeT) else part for part in x.owner.inputs))
    return None


def is_full_slice(x: Any) -> bool:
    """Whether an index (a slice, or a variable) is ``:``, the slice that takes everything."""
    if isinstance(x, Variable):
        if not isinstance(x.type, SliceType):
            return False
        x = slice_parts(x)
    return isinstance(x, slice) and x.start is None and x.stop is None and x.step in (None, 1)


def is_index_tensor(x: Any) -> bool:
    """Whether an index of advanced indexing is a tensor, and not a slice or a new axis."""
    return isinstance(x, Variable) and isinstance(x.type, TensorType)
