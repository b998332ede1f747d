"""A stage of a kernel, analysed: what it reads and writes, the order of its expressions, its loops."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..expr import Axis, Expr, Expressions
from ..ir import Accumulate, Draw, Kernel, Stage, Statement
from .access import Access, find_access


class Loop:
    """One loop of the nest: an axis, or several that are walked as one."""

    def __init__(self, e: Expressions, axes: tuple[Axis, ...]) -> None:
        self.axes = axes
        self.size = e.product(axis.size for axis in axes)

    @property
    def inner(self) -> Axis:
        return self.axes[-1]


class StageCode:
    """What is known of a stage before code is built.

    Attributes
    ----------
    loads, targets
        Where loads and statements reach memory; a statement without memory isn't among `targets`.
    states
        For each draw, the generator's state before and after.
    order
        Expressions with axes, arguments first.
    explicit_axes
        Axes whose number is itself a value.
    reduced
        For each reduction, the axes that it reduces.
    loops
        The stage's loops, inside those over the rows.
    """

    def __init__(self, e: Expressions, kernel: Kernel, stage: Stage) -> None:
        self.e = e
        self.statements = stage.statements
        self.draws = [statement for statement in stage.statements if isinstance(statement, Draw)]
        self.states = {
            draw: (find_access(e, draw.source, [e.zero]), find_access(e, draw.target, [e.zero])) for draw in self.draws
        }
        self.loads: dict[Expr, Access] = {}
        self.targets: dict[Statement, Access] = {}
        self.order: list[Expr] = []
        self.explicit_axes: set[Axis] = set()
        domain = (*kernel.rows, *stage.axes)
        self._find_accesses()
        self.reduced = {
            statement: {axis for axis, gone in zip(domain, statement.reduced, strict=True) if gone}
            for statement in stage.statements
            if isinstance(statement, Accumulate)
        }
        self.scattered = any(access.linear is not None for access in self.targets.values())
        axes = [axis for axis in stage.axes if not axis.size.is_one]
        self.loops = collapse(e, self._loop_order(axes), (self,))

    def accesses(self) -> list[Access]:
        return [*self.loads.values(), *self.targets.values(), *(source for source, _ in self.states.values())]

    def inputs(self, expr: Expr) -> tuple[Expr, ...]:
        """What must be in registers for `expr`."""
        if expr.op == "draw":
            return expr.args[: expr.attr.parameters]
        if expr.op == "row":
            return ()
        if expr.op != "load":
            return expr.args
        access = self.loads.get(expr)
        if access is None:
            access = self.loads[expr] = find_access(self.e, expr.attr, expr.args)
        return () if access.linear is None else (access.linear,)

    def _find_accesses(self) -> None:
        roots: list[Expr] = []
        for statement in self.statements:
            access = self._target(statement)
            if access is not None:
                self.targets[statement] = access
                if access.linear is not None:
                    roots.append(access.linear)
            roots.append(statement.body)
        seen: set[Expr] = set()
        stack = [(root, False) for root in reversed(roots)]
        while stack:
            expr, ready = stack.pop()
            if ready:
                self.order.append(expr)
                continue
            if expr in seen or not expr.axes:
                continue
            seen.add(expr)
            if expr.op == "axis":
                self.explicit_axes.add(expr.attr)
            stack.append((expr, True))
            stack.extend((arg, False) for arg in reversed(self.inputs(expr)))

    def _target(self, statement: Statement) -> Access | None:
        if isinstance(statement, Draw):
            return self.states[statement][1]
        if isinstance(statement, Accumulate) and not statement.stored:
            return None
        return find_access(self.e, statement.target, statement.indices)

    def _loop_order(self, axes: list[Axis]) -> list[Axis]:
        """The domain's order, unless another axis walks memory with smaller steps."""
        if len(axes) < 2 or self.draws or self.scattered:
            return axes
        score = dict.fromkeys(axes, 0)
        for access in self.accesses():
            for axis, step in access.coefficients.items():
                if axis in score:
                    score[axis] += 1 if step.is_const and abs(step.attr) == 1 else -1
        best = max(axes, key=lambda axis: (score[axis], axes.index(axis)))
        if score[best] <= score[axes[-1]]:
            return axes
        return [axis for axis in axes if axis is not best] + [best]


def collapse(e: Expressions, axes: Iterable[Axis], stages: Sequence[StageCode]) -> list[Loop]:
    """Loops over `axes`, of which neighbours are walked as one where every access of the stages allows it."""
    loops = [Loop(e, (axis,)) for axis in axes]
    k = len(loops) - 2
    while k >= 0:
        outer, inner = loops[k], loops[k + 1]
        if all(_mergeable(e, outer, inner, stage) for stage in stages):
            loops[k : k + 2] = [Loop(e, outer.axes + inner.axes)]
        k -= 1
    return loops


def _mergeable(e: Expressions, outer: Loop, inner: Loop, stage: StageCode) -> bool:
    if stage.explicit_axes.intersection((*outer.axes, *inner.axes)):
        return False
    for reduced in stage.reduced.values():
        if (outer.inner in reduced) != (inner.inner in reduced):
            return False
    for access in stage.accesses():
        far = access.coefficients.get(outer.inner, e.zero)
        near = access.coefficients.get(inner.inner, e.zero)
        if far is not e.mul(near, inner.size):
            return False
    return True
