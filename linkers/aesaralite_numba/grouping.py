"""Which values are computed together: realised maps, reductions and scatters over one domain."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from .accumulation import Sum
from .expr import Axis, Expr, walk
from .ir import OperandView
from .items import Item
from .lower.context import Lowering
from .realise import KERNEL_LIMIT, Inliner, Realisation
from .values import (
    Build,
    Call,
    Callback,
    CallbackOutput,
    DrawCall,
    DrawMap,
    Map,
    NextState,
    Reduce,
    Value,
    storage_of,
)

#: A kernel streams no more arrays than this; hardware prefetchers follow about that many.
STREAM_LIMIT = 24

CHECKED_BETWEEN = "a check of the first's result must pass before the second runs"
COMPLETE_FIRST = "the second needs the complete result of a reduction or a scatter"


class Grouping:
    """Puts values together, greedily and in the order of the graph: each joins the latest group that allows it.

    Parameters
    ----------
    views
        How each call reads its operands.
    whole
        Builds that are written in one go, because they may lie where state does.
    sums
        Maps that BLAS adds up.

    Attributes
    ----------
    items
        In the order of their first values.
    item_of
        Who makes a value.
    begins
        For each build whose store is part of a group, the item that gives it its memory.
    ancestors
        All items that come before an item.
    checks
        For each group, the items that guards of its values look at.
    readers
        Who reads a value; None is a guard.
    refusals
        Why a group didn't take a value that became part of another: group and other, in that order.
    """

    def __init__(
        self,
        ctx: Lowering,
        plan: Realisation,
        views: dict[Call, tuple[OperandView, ...]],
        whole: set[Value],
        sums: dict[Value, Sum],
    ) -> None:
        self.ctx = ctx
        self.plan = plan
        self.views = views
        self.whole = whole
        self.sums = sums
        self.inline = Inliner(ctx.e, ctx.rebuild, plan.inlined)
        self.items: list[Item] = []
        self.item_of: dict[Value, Item] = {}
        self.begins: dict[Build, Item] = {}
        self.ancestors: dict[Item, set[Item]] = {}
        self.checks: dict[Item, set[Item]] = {}
        self.readers: dict[Value, set[Item | None]] = {}
        self.refusals: dict[tuple[Item, Item], str] = {}
        self._groups: dict[tuple[Expr, ...], list[Item]] = {}
        for guard in ctx.guards:
            self._note_reads(None, plan.memory_reads((guard.condition, *guard.sizes)))
        for value in plan.realised:
            self._add(value)

    # ------------------------------------------------------------------ values
    def domain(self, value: Map | Reduce | Build) -> tuple[Axis, ...]:
        """The axes that a member of a group is computed over."""
        return value.stores[0].axes if isinstance(value, Build) else value.axes

    def bodies(self, value: Map | Reduce | Build, item: Item) -> list[Expr]:
        """What a member of a group computes for each point of the group, with loads of values in memory only."""
        return [self.inline(body, self.domain(value), item.indices) for body in value.bodies()]

    def _add(self, value: Value) -> None:
        if isinstance(value, NextState):
            return  # comes with what is drawn
        if isinstance(value, CallbackOutput):
            if value.callback.outputs[0] is value:
                self._alone(value.callback, value.callback.outputs, value.sources())
        elif value in self.sums:
            known = self.sums[value]
            reads = self.plan.memory_reads(value.dims).union(*(self._sources(part.call) for part in known.products))
            reads |= self.plan.memory_reads(() if known.rest is None else (known.rest,))
            self._alone(value, (value,), reads if known.base is None else reads | {known.base})
        elif isinstance(value, (Map, Reduce)):
            reads = self.plan.memory_reads((value.body, *(axis.size for axis in value.axes)))
            if isinstance(value, DrawMap):
                reads.add(storage_of(value.state.source))
            self._join(value, reads)
        elif isinstance(value, Build) and self._scatters(value):
            self.begins[value] = self._alone(value, (), self._sources(value) | self.plan.memory_reads(value.dims))
            sizes = (axis.size for axis in self.domain(value))
            self._join(value, self.plan.memory_reads((*value.bodies(), *sizes)))
        else:
            reads = self._sources(value) | self.plan.memory_reads((*value.bodies(), *value.dims))
            self._alone(value, (value, value.state) if isinstance(value, DrawCall) else (value,), reads)

    def _sources(self, value: Value) -> set[Value]:
        """What a value that isn't computed by a kernel alone reads whole."""
        if not isinstance(value, Call):
            return {storage_of(v) for v in value.sources()}
        reads = {storage_of(view.value) for view in self.views[value]}
        reads |= self.plan.memory_reads(index for view in self.views[value] for index in view.indices)
        if isinstance(value, DrawCall):
            reads.add(storage_of(value.state.source))
        return reads

    def _scatters(self, value: Build) -> bool:
        """Whether a build is one store, which may run along with others."""
        return value not in self.whole and len(value.stores) == 1 and bool(value.stores[0].axes)

    def is_rough(self, value: Value) -> bool:
        """Whether the value is a scatter that jumps at each step of the innermost loop, which isn't vectorised then."""
        if not isinstance(value, Build):
            return False
        (store,) = value.stores
        loops = [axis for axis in store.axes if not axis.size.is_one]
        indices = [self.inline(index, (), ()) for index in store.indices]
        return bool(loops) and any(loops[-1] in i.axes and self.ctx.e.affine(i) is None for i in indices)

    # ------------------------------------------------------------------ groups
    def _alone(self, member: Value | Callback, makes: Sequence[Value], reads: Collection[Value]) -> Item:
        seq = member.seq if isinstance(member, Value) else makes[0].seq
        item = Item(seq, [member])
        self.items.append(item)
        reads = {storage_of(value) for value in reads}
        self._note_reads(item, reads)
        needed = {self.item_of[v] for v in reads if v in self.item_of}
        needed |= self._guarding(member if isinstance(member, Value) else makes[0])
        self.ancestors[item] = needed.union(*(self.ancestors[n] for n in needed)) if needed else set()
        for value in makes:
            self.item_of[value] = item
        return item

    def _join(self, value: Map | Reduce | Build, reads: set[Value]) -> None:
        domain = tuple(axis.size for axis in self.domain(value))
        needed = {self.item_of[v] for v in reads if v in self.item_of}
        checks = self._guarding(value)
        before = needed | checks
        if isinstance(value, Build):
            before.add(self.begins[value])
        refused: list[tuple[Item, str]] = []
        for group in reversed(self._groups.get(domain, ())):
            obstacle = self._obstacle(value, group, checks, before, reads)
            if obstacle is None:
                group.members.append(value)
                break
            refused.append((group, obstacle))
        else:
            axes, indices = self.ctx._axes(domain)
            group = Item(value.seq, [value], tuple(axes), tuple(indices))
            self._groups.setdefault(domain, []).append(group)
            self.ancestors[group] = set()
            self.items.append(group)
        for other, obstacle in refused:
            self.refusals.setdefault((other, group), obstacle)
        self.item_of[value] = group
        self.checks.setdefault(group, set()).update(checks)
        self._note_reads(group, reads)
        if isinstance(value, DrawMap):
            self.item_of[value.state] = group
        before.discard(group)
        closed = set(before).union(*(self.ancestors[item] for item in before))
        new = closed - self.ancestors[group]
        if new:
            self.ancestors[group] |= new
            for known in self.ancestors.values():
                if group in known:
                    known |= new

    def _guarding(self, value: Value) -> set[Item]:
        """Items that the guards of `value` look at."""
        conditions = [guard.condition for guard in value.guards]
        return {self.item_of[v] for v in self.plan.memory_reads(conditions) if v in self.item_of}

    def _note_reads(self, item: Item | None, reads: Iterable[Value]) -> None:
        for value in reads:
            self.readers.setdefault(value, set()).add(item)

    def _obstacle(
        self, value: Map | Reduce | Build, group: Item, checks: set[Item], before: set[Item], reads: set[Value]
    ) -> str | None:
        """Why the group can't take the value; None if it can."""
        if group in checks:
            return CHECKED_BETWEEN
        if not group.axes:
            return "single numbers have no loop to share"
        if any(group in self.ancestors[item] for item in before if item is not group):
            return "another step, which needs the first, comes before the second"
        if self.is_rough(value) != self.is_rough(group.members[0]):
            return "a scatter that jumps at each step isn't vectorised, and the other is"
        operations = sum(self.plan.operations[member] for member in (value, *group.members))
        if operations > KERNEL_LIMIT:
            return f"one loop would do {operations} operations for a point, more than {KERNEL_LIMIT:g}"
        streams = set(reads)
        for member in group.members:
            streams |= self.plan.memory_reads(member.bodies())
            streams.add(member)
        if len(streams) > STREAM_LIMIT:
            return f"one loop would stream {len(streams)} arrays, more than {STREAM_LIMIT}"
        inside = {v for v in reads if self.item_of.get(v) is group}
        if not inside:
            return None
        if not all(isinstance(v, Map) for v in inside):
            return COMPLETE_FIRST
        for expr in walk(self.bodies(value, group)):
            reads_group = expr.op == "load" and storage_of(expr.attr) in inside
            if reads_group and (expr.attr not in inside or expr.args != group.indices):
                return "the second reads other elements of the first's result than the one at hand"
        return None
