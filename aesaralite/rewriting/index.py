"""Which node rewriters to try on a node: an index by Op and by class of Op."""

from __future__ import annotations

from collections.abc import Iterable

from aesaralite.graph.arguments import expect
from aesaralite.graph.op import Op
from aesaralite.rewriting.base import NodeRewriter


class OpToRewriterTracker:
    """An index of node rewriters by what they track.

    Looking up is one dictionary access for an Op that was seen before, however many rewriters there are. Rewriters come
    out in the order in which they were added.
    """

    def __init__(self, rewriters: Iterable[NodeRewriter] = ()):
        self._rewriters: list[tuple[NodeRewriter, tuple[type, ...] | None, frozenset[Op]]] = []
        self._instance_types: set[type] = set()
        self._of_type: dict[type, tuple[NodeRewriter, ...]] = {}
        self._of_op: dict[Op, tuple[NodeRewriter, ...]] = {}
        for rewriter in rewriters:
            self.add_tracker(rewriter)

    def add_tracker(self, rewriter: NodeRewriter) -> None:
        """Add one rewriter behind those already here."""
        tracks = expect(rewriter, NodeRewriter, "the rewriter").tracks()  # type: ignore[type-abstract]
        types: tuple[type, ...] | None = None
        instances: frozenset[Op] = frozenset()
        if tracks is not None:
            types = tuple(track for track in tracks if isinstance(track, type))
            instances = frozenset(track for track in tracks if not isinstance(track, type))
            self._instance_types.update(map(type, instances))
        self._rewriters.append((rewriter, types, instances))
        self._of_type.clear()
        self._of_op.clear()

    def get_rewriters(self) -> list[NodeRewriter]:
        """Return every rewriter, in order."""
        return [rewriter for rewriter, _, _ in self._rewriters]

    def get_trackers(self, op: Op) -> tuple[NodeRewriter, ...]:
        """Return the rewriters that want to see nodes of `op`, in order."""
        cls = type(op)
        found = self._of_type.get(cls)
        if found is not None:
            return found
        if cls not in self._instance_types:
            found = self._of_type[cls] = self._search(op)
            return found
        found = self._of_op.get(op)
        if found is None:
            found = self._of_op[op] = self._search(op)
        return found

    def _search(self, op: Op) -> tuple[NodeRewriter, ...]:
        return tuple(
            rewriter
            for rewriter, types, instances in self._rewriters
            if types is None or op in instances or isinstance(op, types)
        )
