"""Constant folding: what depends on constants only is computed while compiling."""

from __future__ import annotations

from typing import Any

from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.variable import Apply, Constant
from aesaralite.rewrites.phases import register_canonicalize, register_specialize
from aesaralite.rewriting.base import node_rewriter


@register_specialize("fast_compile", "constant_folding")
@register_canonicalize("fast_compile", "constant_folding")
@node_rewriter(None)
def constant_folding(fgraph: FunctionGraph, node: Apply) -> Any:
    """Replace a node whose inputs are all constants by its value.

    An Op may refuse (``do_constant_folding``), and an exception while computing is left to the run, where it can say
    which line it comes from.
    """
    inputs = node.inputs
    for variable in inputs:
        if not isinstance(variable, Constant):
            return False
    if not inputs or not node.op.do_constant_folding(fgraph, node):
        return False
    storage: list[list[Any]] = [[None] for _ in node.outputs]
    try:
        node.op.perform(node, [variable.data for variable in inputs], storage)
    except Exception:
        return False
    return [output.type.make_constant(cell[0]) for output, cell in zip(node.outputs, storage)]
