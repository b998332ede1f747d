"""Whether two graphs are the same, found by merging them."""

from __future__ import annotations

from collections.abc import Mapping

from aesaralite.graph.clone import clone_replace
from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.variable import Variable
from aesaralite.rewriting.merge import MergeOptimizer


def is_same_graph_with_merge(var1: Variable, var2: Variable, givens: Mapping[Variable, Variable] | None = None) -> bool:
    """Return whether `var1` and `var2` are computed in the same way.

    Parameters
    ----------
    var1, var2
        Two variables of the same or of two graphs.
    givens
        What to put in place of variables first.
    """
    outputs = [var1, var2]
    if givens:
        outputs = clone_replace(outputs, replace=dict(givens))
    fgraph = FunctionGraph(outputs=outputs, clone=True)
    MergeOptimizer().rewrite(fgraph)
    first, second = fgraph.outputs
    return first is second
