"""The program IR: what is emitted.

A program is a list of steps over values in memory.  A kernel is an iteration domain with statements; the loads inside
their expressions read values in memory only (whatever was fused is already part of the expression).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .expr import Axis, Expr
from .values import Call, Callback, Guard, NextState, Param, Value


@dataclass(frozen=True, eq=False)
class Write:
    """``target[indices] = body`` (or combined with it by the monoid `mode`) at every point of the kernel."""

    target: Value
    indices: tuple[Expr, ...]
    body: Expr
    mode: str = "set"


@dataclass(frozen=True, eq=False)
class Accumulate:
    """``target[indices] = monoid over the reduced axes of body``; `reduced` marks the axes of the rows and the stage.

    The result for the present row is the value of the expression `forward`, if there is one, for the stages that
    follow.  It isn't `stored` where nothing else reads it.
    """

    target: Value
    indices: tuple[Expr, ...]
    reduced: tuple[bool, ...]
    body: Expr
    monoid: str
    forward: Expr | None = None
    stored: bool = True


@dataclass(frozen=True, eq=False)
class Draw:
    """`body` is drawn at every point of the kernel, in C order, from the generator whose state is `source`; `target`
    is its state after all.
    """

    source: Value
    target: NextState
    body: Expr


Statement = Write | Accumulate | Draw


@dataclass(frozen=True, eq=False)
class Stage:
    """Loops over `axes`, with statements for each point."""

    axes: tuple[Axis, ...]
    statements: tuple[Statement, ...]


@dataclass(frozen=True, eq=False)
class Kernel:
    """One loop nest: for each point of `rows` the stages run one after another.

    Most kernels are a single stage without rows.  `nodes` are the graph's nodes whose work it does, in order.
    """

    rows: tuple[Axis, ...]
    stages: tuple[Stage, ...]
    nodes: tuple[int, ...]

    @property
    def statements(self) -> tuple[Statement, ...]:
        return tuple(statement for stage in self.stages for statement in stage.statements)

    @property
    def axes(self) -> tuple[Axis, ...]:
        return (*self.rows, *(axis for stage in self.stages for axis in stage.axes))


@dataclass(frozen=True, eq=False)
class Begin:
    """Give a value that is written step by step its memory, filled from `base` if there is one."""

    target: Value
    base: Value | None


@dataclass(frozen=True, eq=False)
class Product:
    """``target = factor*call``, or ``target += factor*call`` if it `adds`; the call is no step of its own."""

    call: Call
    target: Value
    factor: Expr
    adds: bool


@dataclass(frozen=True, eq=False)
class Commit:
    """Copy a finished value to the state slot that it updates."""

    source: Value
    state: Param


Step = Kernel | Begin | Commit | Call | Product | Callback | Guard


def call_of(step: Step) -> Call | None:
    """The library call that a step makes."""
    if isinstance(step, Product):
        return step.call
    return step if isinstance(step, Call) else None


@dataclass(frozen=True, eq=False)
class OperandView:
    """A strided look at a value in memory: its element at `indices`, expressions of `axes`."""

    value: Value
    axes: tuple[Axis, ...]
    indices: tuple[Expr, ...]


@dataclass(frozen=True, eq=False)
class Program:
    """A whole graph, ready for emission.

    Attributes
    ----------
    params
        Arguments, in order.
    outputs
        Values returned, in order; each has memory of its own.
    in_place
        Value (or None: by a :class:`Commit`) and state slot, for every update that is written in place.
    steps
        In the order in which they run.  No step after the first that writes a state slot can fail.
    operands
        How each :class:`Call` reads its operands.
    reads
        Values in memory that each step reads.
    inlined
        Values that expressions may still name, and that are computed where they are used.
    reasons
        Why a value that is neither returned nor handed to a library is in memory at all.
    """

    params: tuple[Param, ...]
    outputs: tuple[Value, ...]
    in_place: dict[Value, Param]
    states_written: tuple[Param, ...]
    steps: tuple[Step, ...]
    operands: dict[Call, tuple[OperandView, ...]] = field(default_factory=dict)
    reads: dict[Step, frozenset[Value]] = field(default_factory=dict)
    inlined: set[Value] = field(default_factory=set)
    reasons: dict[Value, str] = field(default_factory=dict)
