"""The most memory that a call has allocated at a time.

A program asks for memory where it first needs it and gives all of it back at its end, but for the copies of arrays
that are stretched and what threads add up by themselves, which go with their kernel, and for what becomes the caller's.
"""

from __future__ import annotations

from collections.abc import Iterable

from .buffers import Place, Plan
from .emit.access import Access
from .emit.dtypes import ITEMSIZE
from .emit.kernels import KernelCode
from .emit.parts import count_parts, own_sums
from .emit.runtime import ALIGNMENT
from .expr import Expr, Expressions
from .ir import Kernel, Program, Step
from .numbers import Numbers

#: Bytes around the workspace's slots: its capacity, and what it may be moved to be aligned.
_AROUND = 2 * ALIGNMENT


class Footprint:
    """Adds up what is asked of the allocator.

    Parameters
    ----------
    kernels
        The code of each kernel, None for one without a loop.
    """

    def __init__(
        self, e: Expressions, program: Program, plan: Plan, kernels: list[KernelCode | None], numbers: Numbers
    ) -> None:
        self.e = e
        self.program = program
        self.plan = plan
        self.numbers = numbers
        codes = iter(kernels)
        self.codes: dict[Step, KernelCode] = {
            step: code for step in program.steps if isinstance(step, Kernel) and (code := next(codes)) is not None
        }
        self.places = list(dict.fromkeys(plan.places.values()))

    def size_of(self, kind: str) -> Expr:
        """Bytes of all values in places of a kind, without what is around them."""
        total = self.e.zero
        for place in self.places:
            if place.kind == kind and place.size is not None:
                total = self.e.add(total, place.size)
        return total

    def most_around(self) -> int:
        """Bytes that may be needed in addition for alignment, at most."""
        heap = sum(place.kind == "heap" for place in self.places)
        workspace = _AROUND + (ALIGNMENT - 1) * len(self.plan.workspace) if self.plan.workspace else 0
        return workspace + heap * ALIGNMENT + sum(place.kind == "output" for place in self.places)

    def stretched(self) -> Expr:
        """Bytes of the copies that stretching takes, at most."""
        total = self.e.zero
        for code in self.codes.values():
            for access in _stretched(code):
                total = self.e.add(total, self._copy_size(access))
        return total

    def of_threads(self) -> Expr:
        """Bytes that threads add up in by themselves, at most."""
        total = self.e.zero
        for code in self.codes.values():
            for statement in own_sums(code):
                size = self.plan.bytes(statement.target)
                total = self.e.add(total, self.e.mul(self.e.index(self.plan.threads - 1), size))
        return total

    def _copy_size(self, access: Access) -> Expr:
        return self.e.product((self.e.index(ITEMSIZE[access.value.dtype]), *access.copy_sizes))

    # ----------------------------------------------------------------- numbers
    def number(self, *kinds: str) -> int | None:
        """Bytes asked for, for all places of those kinds."""
        return _sum(self._asked(place) for place in self.places if place.kind in kinds)

    def peak(self) -> int | None:
        """The most bytes that are allocated at a time; None if only the call itself can tell."""
        steps = self.program.steps
        held: set[Place] = set()
        most = 0
        committed = False
        for k, step in enumerate(steps):
            made = self.plan.made(step)
            if not committed and self.plan.writes_state(step):
                committed = True
                made = [*(v for later in steps[k:] for v in self.plan.made(later)), *self.program.outputs]
            held.update(self.plan.place(value) for value in made)
            meanwhile = self._meanwhile(self.codes.get(step))
            if meanwhile is None:
                return None
            if meanwhile:
                now = _sum(map(self._asked, self._with_workspace(held)))
                if now is None:
                    return None
                most = max(most, now + meanwhile)
        at_end = _sum(map(self._asked, self.places))
        return None if at_end is None else max(most, at_end)

    def _with_workspace(self, held: set[Place]) -> set[Place]:
        """With one slot of the workspace comes all of it."""
        if any(place.kind == "workspace" for place in held):
            return held.union(self.plan.workspace)
        return held

    def _asked(self, place: Place) -> int | None:
        if place.size is None or place.kind not in ("output", "heap", "workspace"):
            return 0
        size = self.numbers.of(place.size)
        if size is None:
            return None
        if place.kind == "output":
            return max(size, 1)
        if place.kind == "heap":
            return size + ALIGNMENT
        padded = -(-size // ALIGNMENT) * ALIGNMENT
        return padded + (_AROUND if place is self.plan.workspace[0] else 0)

    def _meanwhile(self, code: KernelCode | None) -> int | None:
        """Bytes that a kernel has while it runs."""
        if code is None:
            return 0
        copied = _sum(self._copied(access) for access in _stretched(code))
        sums = _sum(self.numbers.of(self.plan.bytes(statement.target)) for statement in own_sums(code))
        parts = count_parts(code, self.plan.threads, self.numbers.of)
        if copied is None or sums is None or parts is None:
            return None
        return copied + ((parts - 1) * sums + 1 if sums and parts > 1 else 0)

    def _copied(self, access: Access) -> int | None:
        masks = [self.numbers.of(mask) for mask in access.masks]
        if None in masks:
            return None
        if all(masks):
            return 0
        size = self.numbers.of(self._copy_size(access))
        return None if size is None else max(size, 1)


def _stretched(code: KernelCode) -> list[Access]:
    return [access for access in code.pointers.values() if access.masks]


def _sum(numbers: Iterable[int | None]) -> int | None:
    total = 0
    for number in numbers:
        if number is None:
            return None
        total += number
    return total
