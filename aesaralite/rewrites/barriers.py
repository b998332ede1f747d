"""Gradient barriers have done their work once gradients are taken, and stop other rewrites no longer."""

from __future__ import annotations

from typing import Any

from aesaralite.autodiff.barriers import GradientBarrier
from aesaralite.graph.basic import Apply
from aesaralite.graph.fg import FunctionGraph
from aesaralite.rewrites.phases import register_canonicalize
from aesaralite.rewriting.base import node_rewriter


@register_canonicalize("fast_compile")
@node_rewriter([GradientBarrier])
def local_remove_gradient_barrier(fgraph: FunctionGraph, node: Apply) -> Any:
    """barrier(x) -> x"""
    return [node.inputs[0]]
