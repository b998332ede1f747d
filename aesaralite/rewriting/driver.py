"""The driver underneath all rewriting of nodes: a worklist that is kept right while the graph changes.

A node is looked at when the pass starts, when a rewrite has made it, and when one of its inputs has been replaced; not
because something far away has changed. So the work grows with the number of nodes and of replacements, and with nothing
else.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from time import perf_counter
from typing import TYPE_CHECKING, Any

from aesaralite.configdefaults import config
from aesaralite.graph.features import Feature, ReplaceValidate
from aesaralite.graph.provenance import inheriting
from aesaralite.graph.variable import Apply, Variable
from aesaralite.rewriting.failures import FailureCallback, warn_inplace
from aesaralite.rewriting.index import OpToRewriterTracker
from aesaralite.rewriting.trace import Phase, Step, active_trace, announce, describe

if TYPE_CHECKING:
    from aesaralite.graph.fg import FunctionGraph
    from aesaralite.rewriting.base import GraphRewriter, NodeRewriter


class Worklist(Feature):
    """The nodes still to be looked at.

    Nodes that rewrites make come out before those that were there, each kind in the order of the graph.
    """

    def __init__(self, index: OpToRewriterTracker, from_inputs: bool, follow_new: bool, follow_users: bool):
        self._wanted = index.get_trackers
        self._from_inputs = from_inputs
        self._follow_new = follow_new
        self._follow_users = follow_users
        self._pending: set[Apply] = set()
        self._queue: deque[Apply] = deque()
        self._fresh: deque[Apply] = deque()

    def fill(self, nodes: Iterable[Apply]) -> None:
        """Add nodes of the graph, given in topological order."""
        wanted = self._wanted
        self._queue.extend(node for node in nodes if wanted(node.op))
        self._pending.update(self._queue)

    def push(self, node: Apply) -> None:
        """Add one node of the graph unless it's waiting already."""
        if node not in self._pending and self._wanted(node.op):
            self._pending.add(node)
            self._fresh.append(node)

    def pop(self) -> Apply | None:
        """Take the next node, or return None if there's none left."""
        pending = self._pending
        for nodes in (self._fresh, self._queue):
            while nodes:
                node = nodes.popleft() if self._from_inputs else nodes.pop()
                if node in pending:
                    pending.remove(node)
                    return node
        return None

    def on_import(self, fgraph: FunctionGraph, node: Apply, reason: Any) -> None:
        if self._follow_new:
            self.push(node)

    def on_change_input(
        self, fgraph: FunctionGraph, node: Any, i: int, r: Variable, new_r: Variable, reason: Any = None
    ) -> None:
        if self._follow_users and isinstance(node, Apply):
            self.push(node)

    def on_prune(self, fgraph: FunctionGraph, node: Apply, reason: Any) -> None:
        self._pending.discard(node)


class Driver:
    """One application of node rewriters to a graph.

    Parameters
    ----------
    fgraph
        The graph.
    index
        The node rewriters.
    owner
        The graph rewriter on whose behalf this happens: its name is the phase's name in traces.
    failure_callback
        Called as ``f(exc, owner, pairs, node_rewriter, node)`` when a node rewriter fails or its result is refused.
    max_use
        How often one rewriter may be applied; None means no limit.
    """

    def __init__(
        self,
        fgraph: FunctionGraph,
        index: OpToRewriterTracker,
        owner: GraphRewriter,
        failure_callback: FailureCallback | None = warn_inplace,
        max_use: float | None = None,
    ):
        self.fgraph = fgraph
        self.index = index
        self.owner = owner
        self.failure_callback = failure_callback
        self.max_use = max_use
        self.uses: dict[NodeRewriter, int] = {}
        self.exhausted: NodeRewriter | None = None
        self.changes = 0
        self._trace = active_trace()

    def sweep(
        self,
        nodes: Iterable[Apply],
        *,
        from_inputs: bool = True,
        follow_new: bool = True,
        follow_users: bool = True,
    ) -> int:
        """Show `nodes`, and what becomes of them, to the rewriters.

        Parameters
        ----------
        nodes
            Nodes of the graph in topological order.
        from_inputs
            Whether to start at the inputs of the graph or at its outputs.
        follow_new
            Whether to look at nodes that rewrites make.
        follow_users
            Whether to look again at nodes of which an input has been replaced.

        Returns
        -------
        int
            The number of replacements.
        """
        fgraph = self.fgraph
        before = self.changes
        worklist = Worklist(self.index, from_inputs, follow_new, follow_users)
        phase, start, tried = None, 0.0, 0
        if self._trace is not None:
            phase = Phase(str(self.owner), len(fgraph.apply_nodes))
            start, tried = perf_counter(), sum(times.tried for times in self._trace.rules.values())
        worklist.fill(nodes)
        fgraph.attach_feature(worklist)
        try:
            while (node := worklist.pop()) is not None:
                with inheriting(node.origin):
                    again = self.process(node) and follow_new and node in fgraph.apply_nodes
                if self.exhausted is not None:
                    break
                if again:
                    worklist.push(node)
        finally:
            fgraph.remove_feature(worklist)
        if self._trace is not None and phase is not None:
            phase.seconds = perf_counter() - start
            phase.nodes_after = len(fgraph.apply_nodes)
            phase.applied = self.changes - before
            phase.tried = sum(times.tried for times in self._trace.rules.values()) - tried
            self._trace.phases.append(phase)
        return self.changes - before

    def process(self, node: Apply) -> bool:
        """Try each rewriter that wants to see `node`; return whether the graph changed."""
        fgraph = self.fgraph
        changed = False
        for rewriter in self.index.get_trackers(node.op):
            start = perf_counter() if self._trace is not None else 0.0
            try:
                result = rewriter.transform(fgraph, node)
            except Exception as exc:
                self._fail(exc, [(output, None) for output in node.outputs], rewriter, node)
                continue
            finally:
                if self._trace is not None:
                    self._trace.attempt(str(rewriter), perf_counter() - start)
            if not result:
                continue
            if self.apply_result(rewriter, node, result):
                changed = True
                if self.exhausted is not None or node not in fgraph.apply_nodes:
                    break
        return changed

    def apply_result(self, rewriter: NodeRewriter, node: Apply, result: Any) -> bool:
        """Do the replacements that `rewriter` asks for; return whether the graph changed."""
        fgraph = self.fgraph
        pairs: list[tuple[Variable, Variable]] = []
        try:
            pairs, remove = _as_pairs(node, result)
            if not pairs:
                return False
            pairs = [(old, _of_type(old, new)) for old, new in pairs]
            step = self._describe(rewriter, node, pairs)
            if remove:
                fgraph.attach_feature(ReplaceValidate())
            replace = getattr(fgraph, "replace_all_validate_remove", None)
            if replace is not None:
                replace(pairs, remove, reason=rewriter, verbose=False)
            else:
                fgraph.replace_all(pairs, reason=rewriter, verbose=False)
        except Exception as exc:
            self._fail(exc, pairs or [(output, None) for output in node.outputs], rewriter, node)
            return False
        merging = getattr(fgraph, "merge_feature", None)
        if merging is not None:
            merging.settle(fgraph)
        self.changes += 1
        if step is not None:
            announce(step)
            if self._trace is not None:
                self._trace.step(step)
        if self.max_use is not None:
            uses = self.uses[rewriter] = self.uses.get(rewriter, 0) + 1
            if uses > self.max_use:
                self.exhausted = rewriter
        return True

    def _describe(self, rewriter: NodeRewriter, node: Apply, pairs: list[tuple[Variable, Variable]]) -> Step | None:
        if self._trace is None and not config.optimizer_verbose:
            return None
        return Step(str(self.owner), str(rewriter), *describe(pairs), node.origin)

    def _fail(self, exc: Exception, pairs: list[Any], rewriter: NodeRewriter, node: Apply) -> None:
        if self.failure_callback is None:
            exc.add_note(f"While rewriting: {rewriter} on the node {node}.")
            raise exc
        self.failure_callback(exc, self.owner, pairs, rewriter, node)


def _as_pairs(node: Apply, result: Any) -> tuple[list[tuple[Variable, Variable]], list[Variable]]:
    """Read what a node rewriter returned: (variable, replacement) pairs, and variables that must be gone afterwards."""
    remove: list[Variable] = []
    if isinstance(result, dict):
        remove = list(result.get("remove", ()))
        candidates = [(old, new) for old, new in result.items() if old != "remove"]
    elif isinstance(result, (list, tuple)):
        if len(result) != len(node.outputs):
            raise ValueError(f"it gave {len(result)} replacements for the {len(node.outputs)} outputs of the node")
        candidates = list(zip(node.outputs, result))
    else:
        raise TypeError(f"it must return False, None, a list, a tuple or a dict, but it returned {result!r}")
    for _, new in candidates:
        if new is not None and not isinstance(new, Variable):
            raise TypeError(f"it gave {new!r} ({type(new).__name__}) as a replacement, which is not a Variable")
    return [(old, new) for old, new in candidates if new is not None and new is not old], remove


def _of_type(old: Variable, new: Variable) -> Variable:
    """Return `new` as a variable that may stand where `old` stood."""
    if new.type == old.type:
        return new
    try:
        return old.type.filter_variable(new)
    except (TypeError, ValueError) as exc:
        raise TypeError(
            f"it replaces {old}, of type {old.type}, by {new}, of type {new.type}, and a rewrite must keep types"
        ) from exc
