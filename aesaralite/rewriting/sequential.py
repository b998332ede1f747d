"""One rewriter after the other."""

from __future__ import annotations

import sys
from collections import UserList
from typing import IO, TYPE_CHECKING, Any

from aesaralite.graph.op import Op
from aesaralite.graph.variable import Apply
from aesaralite.rewriting.base import GraphRewriter, NodeRewriter
from aesaralite.rewriting.failures import FailureCallback, handle_failure
from aesaralite.rewriting.index import OpToRewriterTracker

if TYPE_CHECKING:
    from aesaralite.graph.fg import FunctionGraph


class SequentialGraphRewriter(GraphRewriter, UserList):
    """Applies graph rewriters in turn; it's also the list of them.

    Parameters
    ----------
    *rewrites
        The rewriters, or one list of them.
    failure_callback
        Called as ``f(exc, self, rewriter)`` when one fails, and the others go on; None raises the exception.
    """

    @classmethod
    def warn(cls, exc: Exception, sequence: SequentialGraphRewriter, rewriter: GraphRewriter) -> None:
        """Handle a failure as the flag ``on_opt_error`` says."""
        handle_failure(exc, f"the graph rewriter {rewriter}")

    def __init__(self, *rewrites: Any, failure_callback: FailureCallback | None = None):
        if len(rewrites) == 1 and isinstance(rewrites[0], (list, tuple)):
            rewrites = tuple(rewrites[0])
        UserList.__init__(self, rewrites)
        self.failure_callback = failure_callback

    # A list of rewriters compares by its entries; a rewriter is itself, and must be hashable.
    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:  # type: ignore[override]
        return id(self) >> 4

    def apply(self, fgraph: FunctionGraph) -> None:
        for rewriter in self.data:
            try:
                rewriter.rewrite(fgraph)
            except Exception as exc:
                if self.failure_callback is None:
                    raise
                self.failure_callback(exc, self, rewriter)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(str, self.data))})"

    def print_summary(self, stream: IO[str] = sys.stdout, level: int = 0, depth: int = -1) -> None:
        super().print_summary(stream, level, depth)
        if depth != 0:
            for rewriter in self.data:
                rewriter.print_summary(stream, level + 1, depth - 1)


class SequentialNodeRewriter(NodeRewriter):
    """Tries node rewriters in turn, and takes what the first one that does something gives.

    Parameters
    ----------
    *rewriters
        The node rewriters.
    apply_all_rewrites
        Show the result of one rewriter to the others, until all have been tried.
    profile
        Accepted because Aesara has it; see :func:`~aesaralite.rewriting.trace.record_rewrites`.
    """

    def __init__(self, *rewriters: NodeRewriter, apply_all_rewrites: bool = False, profile: bool = False):
        if len(rewriters) == 1 and isinstance(rewriters[0], (list, tuple)):
            rewriters = tuple(rewriters[0])
        self.rewrites = list(rewriters)
        self.apply_all_rewrites = apply_all_rewrites
        self.profile = profile
        self.index = OpToRewriterTracker(self.rewrites)
        self.name = f"{type(self).__name__}({','.join(map(str, self.rewrites))})"

    def tracks(self) -> list[Op | type[Op]] | None:
        found: list[Op | type[Op]] = []
        for rewriter in self.rewrites:
            tracks = rewriter.tracks()
            if tracks is None:
                return None
            found.extend(tracks)
        return found

    def add_requirements(self, fgraph: FunctionGraph) -> None:
        for rewriter in self.rewrites:
            rewriter.add_requirements(fgraph)

    def transform(self, fgraph: FunctionGraph, node: Apply) -> Any:
        found: Any = False
        tried: set[NodeRewriter] = set()
        while True:
            for rewriter in self.index.get_trackers(node.op):
                if rewriter in tried:
                    continue
                result = rewriter.transform(fgraph, node)
                if not result:
                    continue
                found = result
                if (
                    not self.apply_all_rewrites
                    or isinstance(result, dict)
                    or len(result) != 1
                    or result[0].owner is None
                ):
                    return result
                tried.add(rewriter)
                node = result[0].owner
                break
            else:
                return found

    def print_summary(self, stream: IO[str] = sys.stdout, level: int = 0, depth: int = -1) -> None:
        super().print_summary(stream, level, depth)
        if depth != 0:
            for rewriter in self.rewrites:
                rewriter.print_summary(stream, level + 1, depth - 1)
