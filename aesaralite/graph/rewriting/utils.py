"""Helpers for rewriting, where users of Aesara look for them."""

from aesaralite.graph.equality import is_same_graph
from aesaralite.rewrites.apply import rewrite_graph
from aesaralite.rewriting.same import is_same_graph_with_merge

__all__ = ["is_same_graph", "is_same_graph_with_merge", "rewrite_graph"]
