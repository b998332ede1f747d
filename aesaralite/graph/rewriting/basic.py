"""Rewriters, where users of Aesara look for them."""

from aesaralite.rewriting.base import (
    FromFunctionGraphRewriter,
    FromFunctionNodeRewriter,
    GraphRewriter,
    NodeRewriter,
    Rewriter,
    graph_rewriter,
    node_rewriter,
)
from aesaralite.rewriting.equilibrium import ChangeTracker, EquilibriumGraphRewriter
from aesaralite.rewriting.index import OpToRewriterTracker
from aesaralite.rewriting.merge import MergeFeature, MergeOptimizer
from aesaralite.rewriting.pattern import PatternNodeRewriter, RemovalNodeRewriter, SubstitutionNodeRewriter
from aesaralite.rewriting.provenance import CheckStackTraceRewriter, check_stack_trace, copy_stack_trace
from aesaralite.rewriting.sequential import SequentialGraphRewriter, SequentialNodeRewriter
from aesaralite.rewriting.walking import (
    NodeProcessingGraphRewriter,
    OpKeyGraphRewriter,
    WalkingGraphRewriter,
    in2out,
    out2in,
    walking_rewriter,
)

__all__ = [
    "ChangeTracker",
    "CheckStackTraceRewriter",
    "EquilibriumGraphRewriter",
    "FromFunctionGraphRewriter",
    "FromFunctionNodeRewriter",
    "GraphRewriter",
    "MergeFeature",
    "MergeOptimizer",
    "NodeProcessingGraphRewriter",
    "NodeRewriter",
    "OpKeyGraphRewriter",
    "OpToRewriterTracker",
    "PatternNodeRewriter",
    "RemovalNodeRewriter",
    "Rewriter",
    "SequentialGraphRewriter",
    "SequentialNodeRewriter",
    "SubstitutionNodeRewriter",
    "WalkingGraphRewriter",
    "check_stack_trace",
    "copy_stack_trace",
    "graph_rewriter",
    "in2out",
    "node_rewriter",
    "out2in",
    "walking_rewriter",
]
