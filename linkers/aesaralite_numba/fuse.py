"""From definitions to steps: what is computed together, and in which order.

1. Roots: every output gets memory of its own.
2. :mod:`.realise` decides which values reach memory.
3. Realised maps and reductions over one domain join into kernels, as long as none waits for another's result
   (reading the same element of a map is no waiting: the value is in a register).
4. :mod:`.rows` joins kernels that wait for one another row by row.
5. Updates are written straight into their state slot where every reader of the old value can come first.
6. Steps are ordered by what they need; whatever writes state comes after everything that can fail, taking memory of
   sizes that aren't known at entry included.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import replace

from .accumulation import Accumulation, Sum
from .aliasing import may_overwrite
from .emit.access import strides
from .expr import Axis, Expr, walk
from .grouping import Grouping
from .ir import (
    Accumulate,
    Begin,
    Commit,
    Draw,
    Kernel,
    OperandView,
    Product,
    Program,
    Stage,
    Statement,
    Step,
    Write,
    call_of,
)
from .items import Item
from .lower.context import Lowering
from .realise import Inliner, Realisation, reachable
from .rows import Cluster, RowFusion, RowKernel
from .values import (
    Build,
    Call,
    Callback,
    CallbackOutput,
    Const,
    DrawCall,
    DrawMap,
    Guard,
    Map,
    NextState,
    Param,
    Reduce,
    Reshaped,
    Store,
    Value,
    storage_of,
)


def fuse(ctx: Lowering, outputs: Sequence[Value], updates: Sequence[tuple[Value, Param]]) -> Program:
    """Plan the computation of `outputs` and the in-place writing of `updates`."""
    return Fusion(ctx, outputs, updates).program()


class Fusion:
    """The plan of a program, and what led to it.

    Attributes
    ----------
    groups, rows
        What was put together and what wasn't, with the reasons; `rows` once there is a program.
    items
        The pieces of work.
    """

    def __init__(self, ctx: Lowering, outputs: Sequence[Value], updates: Sequence[tuple[Value, Param]]) -> None:
        self.ctx = ctx
        self.e = ctx.e
        self.claimed: set[Value] = set()
        self.outputs = [self._own_memory(value) for value in outputs]
        self.updates = [(value, state) for value, state in updates if value is not state]
        # An update that another name has already claimed, or that is no computation, is copied at the end.
        self.update_values = [self._update_value(value, state) for value, state in self.updates]
        roots = [*self.outputs, *self.update_values]
        conditions = [e for guard in ctx.guards for e in (guard.condition, *guard.sizes)]
        values = reachable(roots, conditions)
        must: set[Value] = {storage_of(value) for value in roots}
        for value in values:
            if isinstance(value, Reshaped):
                must.add(storage_of(value))
            elif isinstance(value, Build) and value.base is not None:
                must.add(storage_of(value.base))
            elif isinstance(value, CallbackOutput):
                must.update(storage_of(v) for v in value.sources())
        self.operand_views: dict[Call, tuple[OperandView, ...]] = {}
        self._resolve_operands(values, must)
        written = [(value, state) for value, (_, state) in zip(self.update_values, self.updates, strict=True)]
        found = Accumulation(ctx, values, conditions, must, self.operand_views, written)
        self.sums: dict[Value, Sum] = found.sums
        values = [value for value in values if value not in found.absorbed]
        self.plan = Realisation(self.e, ctx.rebuild, values, must)
        self.must = must
        whole = {storage_of(value) for value in self.update_values}
        self.groups = Grouping(ctx, self.plan, self.operand_views, whole, self.sums)
        self.items, self.item_of = self.groups.items, self.groups.item_of
        self.in_place: dict[Value, Param] = {}
        self.inline = self.groups.inline

    # ------------------------------------------------------------------ roots
    def _own_memory(self, value: Value) -> Value:
        storage = storage_of(value)
        if isinstance(storage, (Map, Reduce, Build, Call, NextState)) and storage not in self.claimed:
            self.claimed.add(storage)
            return value
        copy = self.ctx.map(value.dims, lambda *indices: self.e.load(value, indices))
        copy.generator = storage.generator
        self.claimed.add(copy)
        return copy

    def _update_value(self, value: Value, state: Param) -> Value:
        storage = storage_of(value)
        if isinstance(storage, (Param, Const)):
            return self._own_memory(value)
        self.claimed.add(storage)
        return value

    def _resolve_operands(self, values: Sequence[Value], must: set[Value]) -> None:
        """A call reads a strided view of memory as it is; anything else is made first."""
        for call in values:
            if not isinstance(call, Call):
                continue
            views = []
            for operand in call.operands:
                axes, indices = self.ctx._axes(operand.dims)
                body = self.ctx.at(operand, indices)
                target = body.attr if body.op == "load" else operand
                plain = body.op == "load" and all(self.e.affine(arg) is not None for arg in body.args)
                if not plain or not self._fit_for_library(target, body.args, axes):
                    target, body = operand, self.e.load(operand, indices)
                must.add(storage_of(target))
                views.append(OperandView(target, tuple(axes), body.args))
            self.operand_views[call] = tuple(views)

    def _fit_for_library(self, value: Value, indices: Sequence[Expr], axes: Sequence[Axis]) -> bool:
        """Whether steps are known, forward, and those of a matrix have a 1 among them."""
        e = self.e
        steps = dict.fromkeys(axes, e.zero)
        for index, step in zip(indices, strides(e, value), strict=True):
            form = e.affine(index)
            if form is None:
                return False
            for axis, factor in form.coefficients.items():
                if not (factor.is_const and factor.attr > 0) or steps[axis] is not e.zero:
                    return False
                steps[axis] = e.mul(factor, step)
        if any(axis.size.is_one for axis in axes):
            return False
        matrix = axes[-2:]
        return all(step is not e.zero for step in steps.values()) and (
            len(matrix) < 2 or any(steps[axis] is e.one for axis in matrix)
        )

    # ----------------------------------------------------------------- groups
    def program(self) -> Program:
        self._join_rows()
        self._write_statements()
        self._drop_unread()
        self._add_guards()
        self._link()
        self._place_updates()
        steps = [step for item in self._order() for step in item.steps]
        written = tuple(dict.fromkeys(state for _, state in self.updates))
        return Program(
            tuple(self.ctx.params),
            tuple(self.outputs),
            dict(self.in_place),
            written,
            tuple(steps),
            self.operand_views,
            {step: frozenset(self.step_reads(step)) for step in steps},
            self.plan.inlined,
            self.plan.reasons,
        )

    def _join_rows(self) -> None:
        """Make one item of groups that can run together row by row."""
        self.rows = RowFusion(self.e, self.groups)
        for cluster in self.rows.nests():
            item = Item(cluster.items[0].seq, [member for part in cluster.items for member in part.members])
            item.nest = cluster
            self.items[self.items.index(cluster.items[0])] = item
            for part in cluster.items[1:]:
                self.items.remove(part)
            for value, maker in self.item_of.items():
                if maker in cluster.places:
                    self.item_of[value] = item

    # ------------------------------------------------------------- statements
    def _write_statements(self) -> None:
        for item in self.items:
            first = item.members[0]
            if item.nest is not None:
                item.steps = [RowKernel(self.ctx, self.plan.inlined, self._read_outside(item.nest), item.nest).kernel()]
            elif first in self.sums:
                item.steps = self._sum_steps(first, self.sums[first])
            elif item.axes or isinstance(first, (Map, Reduce)):
                item.steps = [self._group_kernel(item)]
            elif first in self.groups.begins:
                item.steps = [Begin(first, first.base)]
            elif isinstance(first, Build):
                item.steps = [Begin(first, first.base), *(self._store_kernel(first, store) for store in first.stores)]
            else:
                item.steps = [first]

    def _group_kernel(self, item: Item) -> Kernel:
        statements: list[Statement] = []
        maps = {value for value in item.members if isinstance(value, Map)}
        inline = Inliner(self.e, self.ctx.rebuild, self.plan.inlined | maps) if maps else self.inline
        for value in item.members:
            if isinstance(value, Build):
                (store,) = value.stores
                body, *where = (inline(expr, store.axes, item.indices) for expr in (store.body, *store.indices))
                statements.append(Write(value, tuple(where), body, store.mode))
                continue
            body = inline(value.body, value.axes, item.indices)
            if isinstance(value, DrawMap):
                statements.append(Draw(value.state.source, value.state, body))
            if isinstance(value, Map):
                statements.append(Write(value, item.indices, body))
            else:
                kept = [i for i, gone in zip(item.indices, value.reduced, strict=True) if not gone]
                statements.append(Accumulate(value, tuple(kept), value.reduced, body, value.monoid))
        nodes = tuple(dict.fromkeys(sorted(value.node for value in item.members)))
        return Kernel((), (Stage(item.axes, tuple(statements)),), nodes)

    def _sum_steps(self, value: Map, known: Sum) -> list[Step]:
        if known.rest is None:
            return [Begin(value, known.base), *known.products]
        store = Store(value.axes, [self.e.axis_expr(axis) for axis in value.axes], known.rest)
        return [self._store_kernel(value, store), *known.products]

    def _store_kernel(self, target: Value, store: Store) -> Kernel:
        axes, indices = self.ctx._axes([axis.size for axis in store.axes])
        where = tuple(self.inline(e, store.axes, indices) for e in store.indices)
        body = self.inline(store.body, store.axes, indices)
        return Kernel((), (Stage(tuple(axes), (Write(target, where, body, store.mode),)),), (target.node,))

    def _read_outside(self, cluster: Cluster) -> set[Value]:
        """Values made in the cluster that must be in memory, because something else reads them."""
        made = {member for item in cluster.items for member in item.members}
        return {v for v in made if v in self.must or not self.groups.readers.get(v, set()).issubset(cluster.items)}

    def _step_exprs(self, step: Step) -> list[Expr]:
        if isinstance(step, Kernel):
            found = [axis.size for axis in step.axes]
            for statement in step.statements:
                found.append(statement.body)
                if isinstance(statement, Write):
                    found.extend(statement.indices)
                found.extend(statement.target.dims)
            return found
        if isinstance(step, Begin):
            return list(step.target.dims)
        call = call_of(step)
        if call is not None:
            views = self.operand_views[call]
            return [*call.scalars, *call.dims, *(index for view in views for index in view.indices)]
        if isinstance(step, Guard):
            return [step.condition, *step.sizes]
        return []

    def step_reads(self, step: Step) -> set[Value]:
        """Values in memory that the step reads."""
        found: set[Value] = set()
        for expr in walk(self._step_exprs(step)):
            if expr.op == "load":
                if expr.attr in self.plan.inlined:
                    found |= self.plan.memory_reads((expr,))
                else:
                    found.add(storage_of(expr.attr))
            elif expr.op == "dim" and not isinstance(expr.attr[0], Param):
                found.add(expr.attr[0])
        if isinstance(step, Begin) and step.base is not None:
            found.add(storage_of(step.base))
        elif isinstance(step, Kernel):
            found.update(storage_of(s.source) for s in step.statements if isinstance(s, Draw))
        elif isinstance(step, Call | Product):
            call = step.call if isinstance(step, Product) else step
            found.update(storage_of(view.value) for view in self.operand_views[call])
            if isinstance(step, DrawCall):
                found.add(storage_of(step.state.source))
        elif isinstance(step, Callback):
            found.update(storage_of(v) for v in step.arguments)
        elif isinstance(step, Commit):
            found.add(storage_of(step.source))
        return found

    def _drop_unread(self) -> None:
        """A map that was only used inside its own kernel needs no memory."""
        read: set[Value] = set()
        for item in self.items:
            for step in item.steps:
                read |= self.step_reads(step)
        for guard in self.ctx.guards:
            read |= self.step_reads(guard)
        for item in self.items:
            for k, step in enumerate(item.steps):
                if isinstance(step, Kernel) and (item.axes or item.nest is not None):
                    stages = []
                    for stage in step.stages:
                        kept = tuple(s for s in (self._if_read(s, read) for s in stage.statements) if s is not None)
                        if kept:
                            stages.append(Stage(stage.axes, kept))
                    item.steps[k] = Kernel(step.rows, tuple(stages), step.nodes)

    def _if_read(self, statement: Statement, read: set[Value]) -> Statement | None:
        """The statement, without a target in memory or not at all if nobody reads that."""
        if isinstance(statement, Draw) or statement.target in read or statement.target in self.must:
            return statement
        if isinstance(statement, Accumulate) and statement.forward is not None:
            return replace(statement, stored=False)
        return None

    # --------------------------------------------------------------- ordering
    def _add_guards(self) -> None:
        self.guard_items: dict[Guard, Item] = {}
        known: dict[Expr, Item] = {}
        for guard in self.ctx.guards:
            if guard.condition in known:
                self.guard_items[guard] = known[guard.condition]
                continue
            item = known[guard.condition] = Item(-1 if self.ctx.at_entry(guard.condition) else guard.seq, [guard])
            item.steps = [guard]
            self.guard_items[guard] = item
            self.items.append(item)

    def _link(self) -> None:
        for item in self.items:
            for step in item.steps:
                for value in self.step_reads(step):
                    source = self.item_of.get(value)
                    if source is not None and source is not item:
                        item.needs.add(source)
            for member in item.members:
                begin = self.groups.begins.get(member)
                if begin is not None and begin is not item:
                    item.needs.add(begin)
                guards: tuple[Guard, ...] = ()
                if isinstance(member, Callback):
                    guards = member.outputs[0].guards
                elif isinstance(member, Value):
                    guards = member.guards
                for guard in guards:
                    item.needs.add(self.guard_items[guard])

    def _place_updates(self) -> None:
        """Write each update into its slot directly, or commit a copy at the end."""
        fallible = [item for item in self.items if self._can_fail(item)]
        commits: list[Item] = []
        readers: dict[Param, list[Item]] = {}
        for item in self.items:
            for step in item.steps:
                for value in self.step_reads(step):
                    if isinstance(value, Param):
                        readers.setdefault(value, []).append(item)
        for (_, state), value in zip(self.updates, self.update_values, strict=True):
            storage = storage_of(value)
            maker = self.item_of.get(storage)
            others = [reader for reader in readers.get(state, ()) if reader is not maker]
            fits = maker is not None and maker not in fallible and self._direct(maker, storage, state)
            if maker is not None and fits and self._try_order(maker, [*fallible, *others]):
                maker.commits = True
                self.in_place[storage] = state
                continue
            commit = Item(self.ctx._next(), [])
            commit.steps = [Commit(value, state)]
            commit.needs.update(fallible)
            commit.needs.update(readers.get(state, ()))
            if maker is not None:
                commit.needs.add(maker)
            commits.append(commit)
        for commit in commits:
            commit.needs.update(item for item in self.items if item.commits)
        self.items.extend(commits)

    def _can_fail(self, item: Item) -> bool:
        """Whether the call may be left in the item: by a check, by Python code, or for lack of memory.

        Memory whose size is known at entry is there before the first state is written, so it doesn't count.
        """
        for member in item.members:
            if isinstance(member, (Guard, Callback)):
                return True
            if not all(self.ctx.at_entry(size) for size in storage_of(member).dims):
                return True
        return any(
            expr.op == "mask"  # then a stretched copy may be needed
            for step in item.steps
            if isinstance(step, Kernel)
            for expr in walk(self._step_exprs(step))
        )

    def _direct(self, item: Item, storage: Value, state: Param) -> bool:
        """Whether the step that makes `storage` may write into `state` while it reads it."""
        if storage in self.outputs or any(storage_of(v) is storage for v in self.outputs):
            return False
        if storage in self.in_place or isinstance(storage, (Const, Param, CallbackOutput)):
            return False
        if any(state in self.step_reads(step) for step in item.steps if isinstance(step, Product)):
            return False
        if isinstance(storage, Reduce):
            return state not in self.step_reads(item.steps[0])
        if isinstance(storage, Call):
            return all(storage_of(view.value) is not state for view in self.operand_views[storage])
        if isinstance(storage, Build):
            if storage.base is not None and storage_of(storage.base) is not state:
                return False
            return all(state not in self.step_reads(step) for step in item.steps if isinstance(step, Kernel))
        return all(may_overwrite(self.e, step, state, storage) for step in item.steps if isinstance(step, Kernel))

    def _try_order(self, item: Item, before: Iterable[Item]) -> bool:
        """Let `item` come after those, unless one of them needs it."""
        new = [other for other in before if other is not item and other not in item.needs]
        seen: set[Item] = set()
        stack = list(new)
        while stack:
            top = stack.pop()
            if top is item:
                return False
            if top not in seen:
                seen.add(top)
                stack.extend(top.needs)
        item.needs.update(new)
        return True

    def _order(self) -> list[Item]:
        """Topological order; among what is ready, that which the graph has first, and writers of state last."""
        waiting = {item: len(item.needs) for item in self.items}
        clients: dict[Item, list[Item]] = {}
        for item in self.items:
            for need in item.needs:
                clients.setdefault(need, []).append(item)
        ready = [(item.commits, item.seq, k, item) for k, item in enumerate(self.items) if not waiting[item]]
        number = {item: k for k, item in enumerate(self.items)}
        heapq.heapify(ready)
        order: list[Item] = []
        while ready:
            item = heapq.heappop(ready)[-1]
            order.append(item)
            for client in clients.get(item, ()):
                waiting[client] -= 1
                if not waiting[client]:
                    heapq.heappush(ready, (client.commits, client.seq, number[client], client))
        if len(order) != len(self.items):
            raise AssertionError("the steps of a program wait for one another in a circle")
        return order
