"""Graph rewriters that go over the nodes once."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from typing import IO, TYPE_CHECKING, Any

from aesaralite.graph.arguments import expect, is_one_of
from aesaralite.graph.op import Op
from aesaralite.graph.variable import Apply
from aesaralite.rewriting.base import GraphRewriter, NodeRewriter
from aesaralite.rewriting.driver import Driver
from aesaralite.rewriting.failures import FailureCallback, warn, warn_ignore, warn_inplace
from aesaralite.rewriting.index import OpToRewriterTracker
from aesaralite.rewriting.sequential import SequentialNodeRewriter

if TYPE_CHECKING:
    from aesaralite.graph.fg import FunctionGraph


class NodeProcessingGraphRewriter(GraphRewriter):
    """A graph rewriter that applies node rewriters.

    Parameters
    ----------
    node_rewriter
        What to apply.
    ignore_newtrees
        Don't look at the nodes that it makes. ``"auto"`` is the same as False.
    failure_callback
        Called as ``f(exc, self, pairs, node_rewriter, node)`` when it fails; None raises the exception.
    """

    warn = staticmethod(warn)
    warn_inplace = staticmethod(warn_inplace)
    warn_ignore = staticmethod(warn_ignore)

    def __init__(
        self,
        node_rewriter: NodeRewriter | None,
        ignore_newtrees: bool | str = False,
        failure_callback: FailureCallback | None = None,
    ):
        if not isinstance(ignore_newtrees, (bool, int)) and not is_one_of(ignore_newtrees, ("auto",)):
            raise ValueError(f"`ignore_newtrees` must be True, False or 'auto', not {ignore_newtrees!r}.")
        self.node_rewriter = node_rewriter
        self.ignore_newtrees = ignore_newtrees is True
        self.failure_callback = failure_callback
        self.index = OpToRewriterTracker(() if node_rewriter is None else (node_rewriter,))

    def add_requirements(self, fgraph: FunctionGraph) -> None:
        for rewriter in self.index.get_rewriters():
            rewriter.add_requirements(fgraph)

    def process_node(self, fgraph: FunctionGraph, node: Apply, node_rewriter: NodeRewriter | None = None) -> bool:
        """Apply `node_rewriter`, by default this one's own, to one node; return whether the graph changed."""
        index = self.index if node_rewriter is None else OpToRewriterTracker((node_rewriter,))
        return Driver(fgraph, index, self, self.failure_callback).process(node)

    def print_summary(self, stream: IO[str] = sys.stdout, level: int = 0, depth: int = -1) -> None:
        super().print_summary(stream, level, depth)
        if depth != 0:
            for rewriter in self.index.get_rewriters():
                rewriter.print_summary(stream, level + 1, depth - 1)


class WalkingGraphRewriter(NodeProcessingGraphRewriter):
    """Applies node rewriters to each node once, in topological order or against it.

    Parameters
    ----------
    node_rewriter
        What to apply.
    order
        ``"in_to_out"`` or ``"out_to_in"``.
    ignore_newtrees, failure_callback
        See :class:`NodeProcessingGraphRewriter`.
    """

    def __init__(
        self,
        node_rewriter: NodeRewriter,
        order: str = "in_to_out",
        ignore_newtrees: bool | str = False,
        failure_callback: FailureCallback | None = None,
    ):
        if not is_one_of(order, ("in_to_out", "out_to_in")):
            raise ValueError(f"The order must be 'in_to_out' or 'out_to_in', not {order!r}.")
        super().__init__(node_rewriter, ignore_newtrees, failure_callback)
        self.order = order

    def apply(self, fgraph: FunctionGraph) -> int:
        """Walk over `fgraph`; return the number of replacements."""
        driver = Driver(fgraph, self.index, self, self.failure_callback)
        return driver.sweep(
            fgraph.toposort(),
            from_inputs=self.order == "in_to_out",
            follow_new=not self.ignore_newtrees,
            follow_users=False,
        )


class OpKeyGraphRewriter(NodeProcessingGraphRewriter):
    """Applies a node rewriter to the nodes of the Ops that it tracks.

    Raises
    ------
    TypeError
        If the rewriter tracks every node.
    """

    def __init__(
        self,
        node_rewriter: NodeRewriter,
        ignore_newtrees: bool = False,
        failure_callback: FailureCallback | None = None,
    ):
        tracks = expect(node_rewriter, NodeRewriter, "node_rewriter").tracks()  # type: ignore[type-abstract]
        if not tracks:
            raise TypeError(f"{node_rewriter} tracks every node: an OpKeyGraphRewriter needs one that names its Ops.")
        super().__init__(node_rewriter, ignore_newtrees, failure_callback)
        self._op_key = tracks

    def op_key(self) -> Sequence[Op | type[Op]]:
        """Return the Ops that are tracked."""
        return self._op_key

    def apply(self, fgraph: FunctionGraph) -> int:
        """Show the tracked nodes to the rewriter; return the number of replacements."""
        driver = Driver(fgraph, self.index, self, self.failure_callback)
        return driver.sweep(fgraph.toposort(), follow_new=not self.ignore_newtrees, follow_users=False)


def walking_rewriter(
    order: str,
    *node_rewriters: NodeRewriter,
    name: str | None = None,
    failure_callback: FailureCallback | None = warn_inplace,
    **kwargs: Any,
) -> WalkingGraphRewriter:
    """Make a :class:`WalkingGraphRewriter` of one node rewriter, or of several tried in turn.

    Parameters
    ----------
    order
        ``"in_to_out"`` or ``"out_to_in"``.
    *node_rewriters
        What to apply.
    name
        The name of the result; by default that of the rewriter.
    failure_callback, **kwargs
        See :class:`WalkingGraphRewriter`.
    """
    node_rewriter = node_rewriters[0] if len(node_rewriters) == 1 else SequentialNodeRewriter(*node_rewriters)
    made = WalkingGraphRewriter(node_rewriter, order=order, failure_callback=failure_callback, **kwargs)
    made.name = name or node_rewriter.name
    return made


in2out = partial(walking_rewriter, "in_to_out")
out2in = partial(walking_rewriter, "out_to_in")
