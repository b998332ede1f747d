"""Rewriting a graph without compiling it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aesaralite.graph.arguments import as_variables, expect
from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.variable import Variable
from aesaralite.rewrites.phases import optdb
from aesaralite.rewriting.base import GraphRewriter, NodeRewriter
from aesaralite.rewriting.query import RewriteDatabaseQuery
from aesaralite.rewriting.walking import in2out


def rewrite_graph(
    graph: Variable | Sequence[Variable] | FunctionGraph,
    include: Sequence[str] = ("canonicalize",),
    custom_rewrite: GraphRewriter | NodeRewriter | None = None,
    clone: bool = False,
    **kwargs: Any,
) -> Any:
    """Rewrite a graph with phases of `optdb`.

    Parameters
    ----------
    graph
        A variable, several, or a FunctionGraph.
    include
        Tags of the phases and rewrites.
    custom_rewrite
        A rewriter of your own, to apply afterwards.
    clone
        Whether to copy the graph first, so that the one given stays as it is.
    **kwargs
        More arguments for `RewriteDatabaseQuery`, such as ``exclude``.

    Returns
    -------
    Variable, list of Variable or FunctionGraph
        The rewritten graph, in the form in which it was given.

    Examples
    --------
    >>> import aesaralite.tensor as at
    >>> from aesaralite.graph.rewriting.utils import rewrite_graph
    >>> x = at.dvector("x")
    >>> rewrite_graph(at.log(1 + x), include=("canonicalize", "stabilize"))
    Elemwise{log1p}.0
    """
    if isinstance(graph, FunctionGraph):
        fgraph = graph.clone() if clone else graph
    else:
        fgraph = FunctionGraph(outputs=as_variables(graph, "graph"), clone=clone)
    optdb.query(RewriteDatabaseQuery(include=include, **kwargs)).rewrite(fgraph)
    if custom_rewrite is not None:
        if isinstance(custom_rewrite, NodeRewriter):
            custom_rewrite = in2out(custom_rewrite, failure_callback=None)
        expect(custom_rewrite, GraphRewriter, "custom_rewrite").rewrite(fgraph)  # type: ignore[type-abstract]
    if isinstance(graph, FunctionGraph):
        return fgraph
    return fgraph.outputs[0] if isinstance(graph, Variable) else list(fgraph.outputs)
