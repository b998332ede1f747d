"""Kernels that run row by row together: reductions, and work on the same rows that uses their results.

A softmax over the rows of a matrix is three kernels: the largest elements, the sums of exponentials, the quotients.
Run one after another for one row at a time, they find the row in the nearest cache.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .emit.access import find_access
from .expr import Expr, Expressions, walk
from .grouping import CHECKED_BETWEEN, Grouping
from .ir import Accumulate, Draw, Kernel, Stage, Statement, Write
from .items import Cluster, Item
from .lower.context import Lowering
from .realise import Inliner, operation_cost
from .values import DrawMap, Map, Reduce, Row, Value, storage_of

#: A value costs no more than this to be computed again in a later stage; otherwise it is kept in a buffer for the row.
AGAIN_LIMIT = 4.0
#: Work on one number a row, which isn't vectorised, costs no more than this if it is to run along with the rows.
SCALAR_LIMIT = 100.0
#: No more groups run along together: what is compiled at once takes more time than in proportion.
GROUP_LIMIT = 16


class RowFusion:
    """Finds the clusters.

    Attributes
    ----------
    refusals
        Why a group that reads another doesn't run along with it: the other and the group, in that order.
    """

    def __init__(self, e: Expressions, groups: Grouping) -> None:
        self.e = e
        self.groups = groups
        items, ancestors = groups.items, groups.ancestors
        self.numbers = {item: k for k, item in enumerate(items)}
        self.before = [self._mask(ancestors[item]) for item in items]
        self.clusters: dict[Item, Cluster] = {}
        self.loads: dict[Item, list[tuple[Item, Expr | None]]] = {}
        self.refusals: dict[tuple[Item, Item], str] = {}
        self._costs: dict[Item, float] = {}
        self._scores: dict[tuple[Item, tuple[int, ...]], int] = {}
        ordered = sorted(items, key=lambda item: (len(ancestors[item]), item.seq))
        self.order = {item: k for k, item in enumerate(ordered)}
        self.fit = {item for item in items if item.axes and all(isinstance(m, (Map, Reduce)) for m in item.members)}
        for item in ordered:
            if item in self.fit:
                self._add(item)

    def _bodies(self, item: Item) -> list[Expr]:
        return [body for member in item.members for body in self.groups.bodies(member, item)]

    def _mask(self, items: Iterable[Item]) -> int:
        mask = 0
        for item in items:
            mask |= 1 << self.numbers[item]
        return mask

    def nests(self) -> list[Cluster]:
        """Clusters of more than one item, with their items in order."""
        found = dict.fromkeys(cluster for cluster in self.clusters.values() if len(cluster.items) > 1)
        for cluster in found:
            cluster.items.sort(key=self.order.__getitem__)
        return list(found)

    # ------------------------------------------------------------------- loads
    def _add(self, item: Item) -> None:
        cluster = self.clusters[item] = Cluster([item], {})
        self.loads[item] = self._loads(item)
        producers = dict.fromkeys(producer for producer, _ in self.loads[item])
        for producer in producers:
            other = self.clusters.get(producer)
            if other is not None and other is not cluster:
                merged = self._merged(other, cluster)
                if isinstance(merged, str):
                    self.refusals[producer, item] = merged
                    continue
                cluster = merged
                for member in merged.items:
                    self.clusters[member] = merged

    def _loads(self, item: Item) -> list[tuple[Item, Expr | None]]:
        """What the item reads of other groups: maker and load; None stands for the whole value."""
        found: list[tuple[Item, Expr | None]] = []
        for member in item.members:
            if isinstance(member, DrawMap):
                self._whole(found, item, member.state.source)
        for expr in walk((*(axis.size for axis in item.axes), *self._bodies(item))):
            if expr.op == "load":
                maker = self.groups.item_of.get(storage_of(expr.attr))
                if maker in self.fit and maker is not item:
                    found.append((maker, expr if storage_of(expr.attr) is expr.attr else None))
            elif expr.op == "dim":
                self._whole(found, item, expr.attr[0])
        return found

    def _whole(self, found: list, item: Item, value: Value) -> None:
        maker = self.groups.item_of.get(storage_of(value))
        if maker in self.fit and maker is not item:
            found.append((maker, None))

    # ----------------------------------------------------------------- merging
    def _merged(self, first: Cluster, second: Cluster) -> Cluster | str:
        """One cluster of both, if `second` reads rows of `first`, and nothing between them stands in the way; or what
        does.
        """
        count = len(first.items) + len(second.items)
        if count > GROUP_LIMIT:
            return f"one kernel would be {count} loops row by row, more than {GROUP_LIMIT}"
        places = {**first.places, **second.places}
        if not places and not self._root(first.items[0], second.items[0], places):
            return "they run over different loops, and no reduction leaves rows for both"
        items = [*first.items, *second.items]
        for item in items:
            if item not in places and not self._derive(item, items, places):
                return "what one reads of the other isn't row by row"
        union = Cluster(items, places)
        for fits, obstacle in self._CONDITIONS:
            if not fits(self, union):
                return obstacle
        return union

    def _root(self, first: Item, second: Item, places: dict[Item, tuple[int, ...]]) -> bool:
        """Let the rows be what a reduction leaves that `second` reads of `first`."""
        for producer, load in self.loads[second]:
            if producer is first and load is not None and isinstance(load.attr, Reduce):
                value = load.attr
                kept = tuple(
                    k
                    for k, (axis, gone) in enumerate(zip(value.axes, value.reduced, strict=True))
                    if not gone and not axis.size.is_one
                )
                if kept:
                    places[first] = kept
                    return True
        return False

    def _derive(self, item: Item, items: Sequence[Item], places: dict[Item, tuple[int, ...]]) -> bool:
        """Find the rows of `item` from what it reads of the others, or they of it."""
        for producer, load in self.loads[item]:
            if producer in places and load is not None:
                dims = row_dims(load.attr, places[producer])
                if dims is None:
                    return False
                wanted = [load.args[d] for d in dims]
                if not all(arg.op == "axis" and arg in item.indices for arg in wanted):
                    return False
                places[item] = tuple(item.indices.index(arg) for arg in wanted)
                return True
        for consumer in items:
            if consumer not in places:
                continue
            for producer, load in self.loads[consumer]:
                if producer is not item or load is None:
                    continue
                found = []
                for place in places[consumer]:
                    index = consumer.indices[place]
                    if index not in load.args:
                        return False
                    found.append(_place_of_dim(load.attr, load.args.index(index)))
                places[item] = tuple(found)
                return True
        return False

    def _same_sizes(self, cluster: Cluster) -> bool:
        sizes = cluster.sizes()
        return all(
            tuple(item.axes[place].size for place in places) == sizes and len(set(places)) == len(places)
            for item, places in cluster.places.items()
        )

    def _by_rows(self, cluster: Cluster) -> bool:
        """Whether each item reads nothing of the others but what the same row has made."""
        members = set(cluster.items)
        for item in cluster.items:
            places = cluster.places[item]
            for producer, load in self.loads[item]:
                if producer not in members:
                    continue
                dims = None if load is None else row_dims(load.attr, cluster.places[producer])
                if load is None or dims is None:
                    return False
                for place, dim in zip(places, dims, strict=True):
                    if load.args[dim] is not item.indices[place]:
                        return False
            if any(isinstance(member, DrawMap) for member in item.members) and places != tuple(range(len(places))):
                return False
        return True

    def _along_rows(self, cluster: Cluster) -> bool:
        """Whether memory is walked along the rows, not across."""
        return sum(self._score(item, cluster.places[item]) for item in cluster.items) >= 0

    def _score(self, item: Item, places: tuple[int, ...]) -> int:
        """How many of the item's accesses walk along rows at those places of its axes, less those that go across."""
        known = self._scores.get((item, places))
        if known is not None:
            return known
        score = 0
        rows = {item.axes[place] for place in places}
        inner = {axis for axis in item.axes if axis not in rows and not axis.size.is_one}
        if inner:
            accesses = [find_access(self.e, m, item.indices) for m in item.members if isinstance(m, Map)]
            loads = [e for e in walk(self._bodies(item)) if e.op == "load" and e.axes & inner]
            accesses.extend(find_access(self.e, load.attr, load.args) for load in loads)
            for access in accesses:
                for axis, step in access.coefficients.items():
                    if step is self.e.one and axis in rows | inner:
                        score += 1 if axis in inner else -1
        self._scores[item, places] = score
        return score

    def _cheap(self, cluster: Cluster) -> bool:
        """Whether what is done once a row isn't too much to be done without vectors."""
        total = 0.0
        for item in cluster.items:
            if item not in self._costs:
                self._costs[item] = sum(operation_cost(expr) for expr in walk(self._bodies(item)) if expr.axes)
            if sum(not axis.size.is_one for axis in item.axes) == len(cluster.places[item]):
                total += self._costs[item]
        return total <= SCALAR_LIMIT

    def _unguarded(self, cluster: Cluster) -> bool:
        """Whether no check of what one item has made must pass before another may run."""
        members = set(cluster.items)
        return not any(self.groups.checks.get(item, set()) & members for item in cluster.items)

    def _tie(self, cluster: Cluster) -> bool:
        """Make one node of the items, unless something else must run between them."""
        own = self._mask(cluster.items)
        before = 0
        for item in cluster.items:
            before |= self.before[self.numbers[item]]
        before &= ~own
        rest = before
        while rest:
            lowest = rest & -rest
            if self.before[lowest.bit_length() - 1] & own:
                return False
            rest ^= lowest
        for item in cluster.items:
            self.before[self.numbers[item]] = before
        for k, mask in enumerate(self.before):
            if mask & own:
                self.before[k] = mask | own | before
        return True

    #: What must hold, in this order, and what is the matter where it doesn't; the last one makes it so.
    _CONDITIONS = (
        (_same_sizes, "their rows differ in number"),
        (_by_rows, "the second needs more of the first's result than the row at hand"),
        (_along_rows, "row by row, memory would be walked across the rows, not along them"),
        (_cheap, f"row by row, more than {SCALAR_LIMIT:g} operations a row would be done without vectors"),
        (_unguarded, CHECKED_BETWEEN),
        (_tie, "another step, which needs the first, comes before the second"),
    )


def row_dims(value: Value, places: Sequence[int]) -> tuple[int, ...] | None:
    """Which dimensions of a group's value are its rows; None if its elements aren't complete with a row."""
    if isinstance(value, Map):
        return tuple(places)
    assert isinstance(value, Reduce)
    kept = [k for k, gone in enumerate(value.reduced) if not gone]
    return tuple(kept.index(place) for place in places) if all(place in kept for place in places) else None


def _place_of_dim(value: Value, dim: int) -> int:
    """The axis of its group that a dimension of a value is."""
    if isinstance(value, Reduce):
        return [k for k, gone in enumerate(value.reduced) if not gone][dim]
    return dim


class RowKernel:
    """Builds the kernel of a cluster.

    Parameters
    ----------
    inlined
        Values that are computed wherever they are used.
    in_memory
        Values that something else than the cluster reads.
    """

    def __init__(self, ctx: Lowering, inlined: set[Value], in_memory: set[Value], cluster: Cluster) -> None:
        self.ctx, self.e = ctx, ctx.e
        self.in_memory = in_memory
        self.cluster = cluster
        self.inlined = set(inlined)
        self.rows: dict[Value, Row] = {}
        self.forwards: dict[Value, Expr] = {}
        self.places_of = {
            member: cluster.places[item]
            for item in cluster.items
            for member in item.members
            if isinstance(member, Value)
        }
        axes, self.row_indices = ctx._axes(cluster.sizes())
        self.row_axes = tuple(axes)
        self._last = self._last_reads()

    def kernel(self) -> Kernel:
        stages = tuple(self._stage(number, item) for number, item in enumerate(self.cluster.items))
        members = [member for item in self.cluster.items for member in item.members]
        return Kernel(self.row_axes, stages, tuple(dict.fromkeys(sorted(member.node for member in members))))

    def _last_reads(self) -> dict[Value, int]:
        """The last stage that reads a value made in the cluster; inlined values have been looked through."""
        inline = Inliner(self.e, self.ctx.rebuild, self.inlined)
        last: dict[Value, int] = {}
        for number, item in enumerate(self.cluster.items):
            for expr in walk(inline(member.body, member.axes, item.indices) for member in item.members):
                if expr.op == "load":
                    last[expr.attr] = number
        return last

    def _rebuild(self, expr: Expr, args: tuple[Expr, ...]) -> Expr:
        if expr.op == "load":
            value = expr.attr
            if value in self.forwards:
                return self.forwards[value]
            if value in self.rows:
                dims = row_dims(value, self.places_of[value]) or ()
                inner = [arg for d, arg in enumerate(args) if d not in dims]
                return self.e.load(self.rows[value], [*(args[d] for d in dims), *inner])
        return self.ctx.rebuild(expr, args)

    def _stage(self, number: int, item: Item) -> Stage:
        e = self.e
        places = self.cluster.places[item]
        indices = list(item.indices)
        for place, index in zip(places, self.row_indices, strict=True):
            indices[place] = index
        inner = [k for k in range(len(item.axes)) if k not in places]
        order = [*places, *inner]
        maps = {member for member in item.members if isinstance(member, Map)}
        inline = Inliner(e, self._rebuild, self.inlined | maps)
        statements: list[Statement] = []
        kept_rows: list[tuple[Value, Row, tuple[Expr, ...]]] = []
        for value in item.members:
            body = inline(value.body, value.axes, indices)
            later = self._last.get(value, -1) > number
            if isinstance(value, DrawMap):
                statements.append(Draw(value.state.source, value.state, body))
            if isinstance(value, Map):
                statements.append(Write(value, tuple(indices), body))
                if later and (not inner or self._is_cheap(body)) and not isinstance(value, DrawMap):
                    self.inlined.add(value)
                elif later and value not in self.in_memory:
                    row = Row(value, places)
                    where = (*self.row_indices, *(indices[k] for k in inner))
                    kept_rows.append((value, row, where))
                    statements.append(Write(row, where, body))
            else:
                kept = [k for k, gone in enumerate(value.reduced) if not gone]
                target = tuple(indices[k] for k in kept)
                forward = None
                if later and set(kept) - set(places) <= {k for k in kept if item.axes[k].size.is_one}:
                    forward = e.make("row", value.dtype, self.row_indices, value)
                reduced = tuple(value.reduced[k] for k in order)
                statements.append(Accumulate(value, target, reduced, body, value.monoid, forward))
        self.rows.update((value, row) for value, row, _ in kept_rows)
        forwards = {s.target: s.forward for s in statements if isinstance(s, Accumulate) and s.forward is not None}
        self.forwards.update(forwards)
        return Stage(tuple(item.axes[k] for k in inner), tuple(statements))

    def _is_cheap(self, body: Expr) -> bool:
        rows = frozenset(self.row_axes)
        cost = sum(operation_cost(expr) for expr in walk((body,)) if expr.axes - rows and expr.op != "axis")
        return cost <= AGAIN_LIMIT
