"""The graph rewriter that goes on until nothing changes any more."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import IO, TYPE_CHECKING, Any

from aesaralite.configdefaults import config
from aesaralite.graph.features import Feature
from aesaralite.rewriting.base import NodeRewriter, Rewriter
from aesaralite.rewriting.driver import Driver
from aesaralite.rewriting.failures import FailureCallback, _logger, warn_inplace
from aesaralite.rewriting.index import OpToRewriterTracker
from aesaralite.rewriting.walking import NodeProcessingGraphRewriter

if TYPE_CHECKING:
    from aesaralite.graph.fg import FunctionGraph


class ChangeTracker(Feature):
    """Notices whether anything in a graph changes."""

    def __init__(self) -> None:
        self.changed = False

    def on_import(self, fgraph: FunctionGraph, node: object, reason: object) -> None:
        self.changed = True

    def on_change_input(
        self, fgraph: FunctionGraph, node: object, i: int, r: object, new_r: object, reason: object = None
    ) -> None:
        self.changed = True

    def reset(self) -> None:
        """Forget what was noticed."""
        self.changed = False


class EquilibriumGraphRewriter(NodeProcessingGraphRewriter):
    """Applies rewriters until none of them changes the graph.

    Each round first lets the graph rewriters work, then the worklist driver shows every node, every new node and every
    node with a new input to the node rewriters. The last round finds nothing to do, which proves the equilibrium.

    Parameters
    ----------
    rewriters
        Node rewriters and graph rewriters.
    failure_callback
        See :class:`NodeProcessingGraphRewriter`.
    ignore_newtrees
        Leave the nodes that rewrites make to the next round.
    tracks_on_change_inputs
        Accepted because Aesara has it: the users of a changed node are always looked at again.
    max_use_ratio
        How often one rewriter may be applied, per node of the graph. One that goes beyond it doesn't come to rest; it
        is stopped, with an error message (an AssertionError, if ``config.on_opt_error`` is ``"raise"``).
    final_rewriters
        Graph rewriters to apply at the end of each round.
    cleanup_rewriters
        Graph rewriters to apply after each of the other graph rewriters and after the node rewriters.
    """

    def __init__(
        self,
        rewriters: Iterable[Rewriter],
        failure_callback: FailureCallback | None = warn_inplace,
        ignore_newtrees: bool = False,
        tracks_on_change_inputs: bool = False,
        max_use_ratio: float | None = None,
        final_rewriters: Iterable[Rewriter] | None = None,
        cleanup_rewriters: Iterable[Rewriter] | None = None,
    ):
        super().__init__(None, ignore_newtrees=ignore_newtrees, failure_callback=failure_callback)
        if max_use_ratio is None:
            max_use_ratio = config.optdb__max_use_ratio
        self.max_use_ratio = max_use_ratio
        self.tracks_on_change_inputs = tracks_on_change_inputs
        rewriters = tuple(rewriters)
        self.index = OpToRewriterTracker(rewriter for rewriter in rewriters if isinstance(rewriter, NodeRewriter))
        self.global_rewriters: list[Any] = [
            rewriter for rewriter in rewriters if not isinstance(rewriter, NodeRewriter)
        ]
        self.final_rewriters: list[Any] = list(final_rewriters or ())
        self.cleanup_rewriters: list[Any] = list(cleanup_rewriters or ())

    def get_node_rewriters(self) -> list[NodeRewriter]:
        """Return the node rewriters, in order."""
        return self.index.get_rewriters()

    def add_requirements(self, fgraph: FunctionGraph) -> None:
        super().add_requirements(fgraph)
        for rewriter in (*self.global_rewriters, *self.final_rewriters, *self.cleanup_rewriters):
            rewriter.add_requirements(fgraph)

    def apply(self, fgraph: FunctionGraph) -> int:
        """Rewrite `fgraph`; return the number of replacements that node rewriters made."""
        nodes = fgraph.toposort()
        driver = Driver(
            fgraph, self.index, self, self.failure_callback, max(1.0, self.max_use_ratio * max(len(nodes), 1))
        )
        whole_graph = bool(self.global_rewriters or self.final_rewriters or self.cleanup_rewriters)
        tracker = ChangeTracker()
        if whole_graph:
            fgraph.attach_feature(tracker)
        rounds = 0
        try:
            while True:
                tracker.reset()
                self._apply_all(fgraph, self.global_rewriters)
                changes = driver.sweep(
                    fgraph.toposort() if rounds or self.global_rewriters else nodes,
                    follow_new=not self.ignore_newtrees,
                )
                if changes:
                    for cleanup in self.cleanup_rewriters:
                        cleanup.apply(fgraph)
                self._apply_all(fgraph, self.final_rewriters)
                rounds += 1
                if driver.exhausted is not None or rounds > self.max_use_ratio * len(nodes) + 8:
                    self._report_no_rest(driver)
                    break
                if not changes and not tracker.changed:
                    break
        finally:
            if whole_graph:
                fgraph.remove_feature(tracker)
        return driver.changes

    def _apply_all(self, fgraph: FunctionGraph, rewriters: list[Any]) -> None:
        for rewriter in rewriters:
            rewriter.apply(fgraph)
            for cleanup in self.cleanup_rewriters:
                cleanup.apply(fgraph)

    def _report_no_rest(self, driver: Driver) -> None:
        culprit = driver.exhausted or "its graph rewriters"
        message = (
            f"The rewriting phase {self} was stopped, because {culprit} went on changing the graph. The graph is "
            "still right, but perhaps not as simple as it could be. "
            "A larger flag optdb__max_use_ratio would give it more time."
        )
        if config.on_opt_error == "raise":
            raise AssertionError(message)
        if config.on_opt_error != "ignore":
            _logger.error(message)

    def print_summary(self, stream: IO[str] = sys.stdout, level: int = 0, depth: int = -1) -> None:
        super().print_summary(stream, level, depth)
        if depth != 0:
            for rewriter in (*self.global_rewriters, *self.final_rewriters, *self.cleanup_rewriters):
                rewriter.print_summary(stream, level + 1, depth - 1)
