"""What the values of a graph are, before anything is computed: definitions.

A lowering turns each output of a node into one of these.  Nothing here says when or where a value is computed, or
whether it ever exists in memory; :mod:`.fuse` decides that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .expr import Axis, Expr


class Guard:
    """A condition that must hold before anything that relies on it is read, or any state changes.

    Attributes
    ----------
    condition
        Boolean expression without axes.
    kind
        What it is about, in a word, for the report.  When a guard fails, the call is run again by the definition,
        whose error is the user's; but the kinds of :data:`.frame.LEAVING` are no errors: they lead to another variant.
    node
        Index of the node that demands it, in the frozen graph; -1 for the program's own guards.
    sizes
        Up to six integer expressions that a failure leaves behind.
    detail
        The dimension that it is about, or None.
    """

    __slots__ = ("condition", "detail", "kind", "node", "seq", "sizes")

    def __init__(self, condition: Expr, kind: str, node: int, sizes: Sequence[Expr], detail: Any, seq: int) -> None:
        self.condition = condition
        self.kind = kind
        self.node = node
        self.sizes = tuple(sizes)
        self.detail = detail
        self.seq = seq


class Value:
    """A tensor: dtype, sizes, who made it, and the guards it relies on.

    `dims` are index expressions without axes.  `seq` orders values as the graph does.  `generator` is the class of the
    bit generator where the value is the state of one: a vector of words (:mod:`.generators`).
    """

    __slots__ = ("dims", "dtype", "generator", "guards", "node", "seq")

    def __init__(self, dtype: str, dims: Sequence[Expr], seq: int = 0, node: int = -1) -> None:
        self.dtype = dtype
        self.dims = tuple(dims)
        self.seq = seq
        self.node = node
        self.guards: tuple[Guard, ...] = ()
        self.generator: str | None = None

    @property
    def ndim(self) -> int:
        return len(self.dims)

    def bodies(self) -> tuple[Expr, ...]:
        """Expressions whose loads are the values this one is computed from."""
        return ()

    def sources(self) -> tuple[Value, ...]:
        """Values that must be in memory, whole, for this one to be computed."""
        return ()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.dtype}[{self.ndim}] of node {self.node}>"


class Param(Value):
    """An argument of the program: an input, or the present array of a state slot.

    `dims` are set by the maker: constants where the type knows the size, else ``dim`` leaves of this value.
    """

    __slots__ = ("is_state", "layout", "position", "strides")

    def __init__(self, dtype: str, position: int, is_state: bool, layout: str, seq: int) -> None:
        super().__init__(dtype, (), seq)
        self.position = position
        self.is_state = is_state
        self.layout = layout
        self.strides: tuple[Expr, ...] | None = None


class Const(Value):
    """A constant array.  `number` tells which of the graph's."""

    __slots__ = ("data", "number")

    def __init__(self, data: np.ndarray, number: int, dims: Sequence[Expr], seq: int) -> None:
        super().__init__(data.dtype.name, dims, seq)
        self.data = data
        self.number = number


class Map(Value):
    """Element `axes` of it is `body`.  Elementwise work, broadcasts, views, gathers."""

    __slots__ = ("axes", "body")

    def __init__(self, axes: Sequence[Axis], body: Expr, dims: Sequence[Expr], seq: int, node: int) -> None:
        super().__init__(body.dtype, dims, seq, node)
        self.axes = tuple(axes)
        self.body = body

    def bodies(self) -> tuple[Expr, ...]:
        return (self.body,)


class Reduce(Value):
    """`body` combined by `monoid` over those of `axes` that `reduced` marks.

    `monoid` is ``add``, ``mul``, ``maximum``, ``minimum``, ``and``, ``or`` or ``xor``.
    """

    __slots__ = ("axes", "body", "monoid", "reduced")

    def __init__(
        self,
        monoid: str,
        axes: Sequence[Axis],
        reduced: Sequence[bool],
        body: Expr,
        dtype: str,
        seq: int,
        node: int,
    ) -> None:
        kept = [axis.size for axis, gone in zip(axes, reduced, strict=True) if not gone]
        super().__init__(dtype, kept, seq, node)
        self.monoid = monoid
        self.axes = tuple(axes)
        self.reduced = tuple(reduced)
        self.body = body

    def bodies(self) -> tuple[Expr, ...]:
        return (self.body,)


class Row(Value):
    """One row of `source`, which a kernel keeps while it is at that row.

    What reads or writes it has the row's `rows` indices first, which don't matter, and then those within the row.
    """

    __slots__ = ("rows", "source")

    def __init__(self, source: Value, row_dims: Sequence[int]) -> None:
        inner = [size for k, size in enumerate(source.dims) if k not in row_dims]
        super().__init__(source.dtype, inner, source.seq, source.node)
        self.rows = len(row_dims)
        self.source = source


class Store:
    """Part of a :class:`Build`: for every point of `axes`, the element at `indices` is set to, or combined with,
    `body`.

    `mode` is ``set`` or a monoid.  Points run in order, so that among several sets of one element the last one wins.
    """

    __slots__ = ("axes", "body", "indices", "mode")

    def __init__(self, axes: Sequence[Axis], indices: Sequence[Expr], body: Expr, mode: str = "set") -> None:
        self.axes = tuple(axes)
        self.indices = tuple(indices)
        self.body = body
        self.mode = mode


class Build(Value):
    """Memory that is filled from `base` (or not at all) and then written by `stores`, one after the other."""

    __slots__ = ("base", "stores")

    def __init__(
        self, dtype: str, dims: Sequence[Expr], base: Value | None, stores: Sequence[Store], seq: int, node: int
    ) -> None:
        super().__init__(dtype, dims, seq, node)
        self.base = base
        self.stores = tuple(stores)

    def bodies(self) -> tuple[Expr, ...]:
        found: list[Expr] = []
        for store in self.stores:
            found.append(store.body)
            found.extend(store.indices)
        return tuple(found)

    def sources(self) -> tuple[Value, ...]:
        return () if self.base is None else (self.base,)


class Reshaped(Value):
    """The memory of `source`, C-contiguous, under other sizes."""

    __slots__ = ("source",)

    def __init__(self, source: Value, dims: Sequence[Expr], seq: int, node: int) -> None:
        super().__init__(source.dtype, dims, seq, node)
        self.source = source

    def sources(self) -> tuple[Value, ...]:
        return (self.source,)


def storage_of(value: Value) -> Value:
    """The value whose memory `value` names."""
    while isinstance(value, Reshaped):
        value = value.source
    return value


class Call(Value):
    """A call of library code that reads whole arrays and fills one new C-contiguous array of known sizes.

    Attributes
    ----------
    routine
        Name in :data:`.library.ROUTINES`, which knows how to emit it.
    operands
        Arrays it reads.  A strided view of something in memory is passed as such, so that a transposed matrix, for
        instance, reaches BLAS without a copy.
    scalars
        Scalars it takes.
    """

    __slots__ = ("operands", "routine", "scalars")

    def __init__(
        self,
        routine: str,
        operands: Sequence[Value],
        scalars: Sequence[Expr],
        dtype: str,
        dims: Sequence[Expr],
        seq: int,
        node: int,
    ) -> None:
        super().__init__(dtype, dims, seq, node)
        self.routine = routine
        self.operands = tuple(operands)
        self.scalars = tuple(scalars)

    def bodies(self) -> tuple[Expr, ...]:
        return self.scalars

    def sources(self) -> tuple[Value, ...]:
        return self.operands


class NextState(Value):
    """State of a generator after draws.

    Attributes
    ----------
    source
        The state before.
    draws
        The value drawn, a :class:`DrawMap` or :class:`DrawCall`.
    """

    __slots__ = ("draws", "source")

    def __init__(self, source: Value, seq: int, node: int) -> None:
        super().__init__(source.dtype, source.dims, seq, node)
        self.generator = source.generator
        self.source = source
        self.draws: Value

    def sources(self) -> tuple[Value, ...]:
        return (self.source, self.draws)


class DrawMap(Map):
    """Random numbers: `body`, a ``draw`` expression, is drawn for each element, in C order.

    It is computed once, whole, in one kernel: computing it again where it is used would draw other numbers.
    """

    __slots__ = ("state",)

    def __init__(self, axes: Sequence[Axis], body: Expr, dims: Sequence[Expr], state: NextState, node: int) -> None:
        super().__init__(axes, body, dims, state.seq - 1, node)
        self.state = state

    def sources(self) -> tuple[Value, ...]:
        return (self.state.source,)


class DrawCall(Call):
    """A library call that draws from a generator."""

    __slots__ = ("state",)

    def __init__(
        self,
        routine: str,
        operands: Sequence[Value],
        scalars: Sequence[Expr],
        dtype: str,
        dims: Sequence[Expr],
        state: NextState,
        node: int,
    ) -> None:
        super().__init__(routine, operands, scalars, dtype, dims, state.seq - 1, node)
        self.state = state

    def sources(self) -> tuple[Value, ...]:
        return (*self.operands, self.state.source)


class Callback:
    """One node whose `perform` is called back; its outputs are :class:`CallbackOutput` values.

    Bit generators that go in or come out are of the class `generator`.
    """

    __slots__ = ("arguments", "generator", "node", "outputs", "seq")

    def __init__(self, node: int, arguments: Sequence[Value], generator: str, seq: int) -> None:
        self.node = node
        self.arguments = tuple(arguments)
        self.generator = generator
        self.outputs: tuple[CallbackOutput, ...] = ()
        self.seq = seq


class CallbackOutput(Value):
    """An output of a callback: its sizes are known when the call has returned."""

    __slots__ = ("callback", "position")

    def __init__(self, callback: Callback, position: int, dtype: str) -> None:
        super().__init__(dtype, (), callback.seq, callback.node)
        self.callback = callback
        self.position = position

    def sources(self) -> tuple[Value, ...]:
        return self.callback.arguments
