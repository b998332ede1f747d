"""Where every value in memory lives: liveness, reuse, in place on last use.

One pass over the steps.  A temporary whose size is known at entry gets a slot of the workspace, a block that the
program keeps between calls; slots of equal size are used again as soon as their value is dead, and a kernel's result
takes the slot of an operand that dies in it where both are walked alike.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .aliasing import may_overwrite
from .emit.dtypes import ITEMSIZE
from .expr import Expr
from .ir import Accumulate, Begin, Commit, Kernel, Product, Program, Step
from .lower.context import Lowering
from .values import Call, Callback, CallbackOutput, Const, DrawCall, Map, Param, Row, Value, storage_of

#: Temporaries of fewer bytes than this, of known size, are on the stack.
STACK_LIMIT = 2048


@dataclass(eq=False)
class Place:
    """Memory of one or more values.

    `kind` is ``param``, ``const``, ``output``, ``state``, ``workspace``, ``stack``, ``heap`` or ``callback``; `detail`
    is the parameter, constant or position of the output; `size` the bytes, an expression.
    """

    kind: str
    detail: Any = None
    size: Expr | None = None
    values: list[Value] = field(default_factory=list)


class Plan:
    """Places of a program's values.

    Parameters
    ----------
    threads
        How many may work at one kernel.

    Attributes
    ----------
    place
        For each value in memory.
    workspace
        Slots of the workspace, in order.
    in_place
        Values that lie where what they begin as did, so that nothing is copied.
    """

    def __init__(self, ctx: Lowering, program: Program, threads: int = 1) -> None:
        self.ctx = ctx
        self.threads = threads
        self.program = program
        self.places: dict[Value, Place] = {}
        self.workspace: list[Place] = []
        self.in_place: set[Value] = set()
        self._begins = {step.target: (k, step.base) for k, step in enumerate(program.steps) if isinstance(step, Begin)}
        self._free: dict[Expr, list[Place]] = {}
        self._last: dict[Value, int] = {}
        self._users: dict[Place, int] = {}
        self._assign()

    def place(self, value: Value) -> Place:
        value = storage_of(value)
        found = self.places.get(value)
        if found is None:
            if isinstance(value, Param):
                found = Place("param", value)
            elif isinstance(value, Const):
                found = Place("const", value)
            else:
                raise AssertionError(f"{value} has no memory")
            self.places[value] = found
            found.values.append(value)
        return found

    # ---------------------------------------------------------------- liveness
    def _assign(self) -> None:
        program = self.program
        fixed: dict[Value, Place] = {}
        for k, value in enumerate(program.outputs):
            storage = storage_of(value)
            fixed[storage] = Place("output", k, self.bytes(storage))
        for storage, state in program.in_place.items():
            fixed[storage] = self.place(state)
        forever = len(program.steps)
        for k, step in enumerate(program.steps):
            for value in program.reads[step]:
                self._last[value] = k
        self._pass_on_outputs(fixed)
        for value in fixed:
            self._last[value] = forever
        for k, step in enumerate(program.steps):
            for value in self.made(step):
                if value in self.places:
                    continue
                if value in fixed:
                    self._take(value, fixed[value])
                    _, base = self._begins.get(value, (k, None))
                    if base is not None and self.place(base) is fixed[value]:
                        self.in_place.add(value)
                else:
                    self._take(value, self._choose(value, step, k))
            self._release(k, step)

    def _pass_on_outputs(self, fixed: dict[Value, Place]) -> None:
        """What an output is built in place of, step by step, lives in the output's memory from the beginning."""
        for value in tuple(fixed):
            place = fixed[value]
            while place.kind == "output" and value in self._begins:
                begin, begins_as = self._begins[value]
                base = None if begins_as is None else storage_of(begins_as)
                if base is None or isinstance(base, (Param, Const, CallbackOutput)) or base in fixed:
                    break
                if self._last.get(base) != begin:
                    break
                fixed[base] = place
                self.in_place.add(value)
                value = base

    def made(self, step: Step) -> list[Value]:
        """Values that the step puts into memory."""
        if isinstance(step, Kernel):
            stored = [s for s in step.statements if not isinstance(s, Accumulate) or s.stored]
            return list(dict.fromkeys(statement.target for statement in stored))
        if isinstance(step, Begin | Product):
            return [step.target]
        if isinstance(step, DrawCall):
            return [step, step.state]
        if isinstance(step, Call):
            return [step]
        if isinstance(step, Callback):
            return list(step.outputs)
        return []

    def writes_state(self, step: Step) -> bool:
        """Whether the step changes an argument."""
        return isinstance(step, Commit) or any(self.place(value).kind == "param" for value in self.made(step))

    def bytes(self, value: Value) -> Expr:
        """Size of the value's memory."""
        e = self.ctx.e
        copies = self.threads if isinstance(value, Row) else 1  # each works at a row of its own
        return e.product((e.index(copies * ITEMSIZE[value.dtype]), *value.dims))

    def _take(self, value: Value, place: Place) -> None:
        self.places[value] = place
        place.values.append(value)
        self._users[place] = self._users.get(place, 0) + 1

    def _choose(self, value: Value, step: Step, k: int) -> Place:
        if isinstance(value, CallbackOutput):
            return Place("callback", value)
        size = self.bytes(value)
        if isinstance(step, Begin) and step.base is not None:
            base = storage_of(step.base)
            if self._dies_here(base, k):
                self.in_place.add(value)
                return self.places[base]
        if isinstance(step, Kernel) and isinstance(value, Map):
            for source in self.program.reads[step]:
                place = self.places.get(source)
                if (
                    place is not None
                    and place.kind in ("workspace", "heap")
                    and self._last.get(source) == k
                    and self._users[place] == 1
                    and place.size is size
                    and source.dtype == value.dtype
                    and source.dims == value.dims
                    and may_overwrite(self.ctx.e, step, source, value)
                    and not any(place is self.places.get(v) for v in self.made(step))
                ):
                    return place
        if size.is_const and size.attr <= STACK_LIMIT:
            return Place("stack", None, size)
        if not self.ctx.at_entry(size):
            return Place("heap", None, size)
        free = self._free.get(size)
        if free:
            return free.pop()
        place = Place("workspace", len(self.workspace), size)
        self.workspace.append(place)
        return place

    def _dies_here(self, base: Value, k: int) -> bool:
        """Whether what begins as `base` may take over its memory: nobody reads it later, not even for the rest."""
        place = self.places.get(base)
        if place is None or place.kind not in ("workspace", "heap", "stack") or self._users[place] != 1:
            return False
        return self._last.get(base) == k

    def _release(self, k: int, step: Step) -> None:
        for value in (*self.program.reads[step], *self.made(step)):
            if self._last.get(value, k) > k:
                continue
            place = self.places.get(value)
            if place is None or value not in place.values or self._users.get(place, 0) == 0:
                continue
            self._last[value] = len(self.program.steps) + 1
            self._users[place] -= 1
            if not self._users[place] and place.kind == "workspace" and place.size is not None:
                self._free.setdefault(place.size, []).append(place)
