"""Constant folding: what depends on constants only is computed while compiling."""

from __future__ import annotations

import math
from typing import Any

from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.variable import Apply, Constant, Variable
from aesaralite.rewrites.phases import register_canonicalize, register_specialize
from aesaralite.rewriting.base import node_rewriter

# A constant array larger than this is only kept if it's made of others of that kind.
_LARGEST = 100_000


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
    if not inputs or _grows(node) or not node.op.do_constant_folding(fgraph, node):
        return False
    storage: list[list[Any]] = [[None] for _ in node.outputs]
    try:
        node.op.perform(node, [variable.data for variable in inputs], storage)
    except Exception:
        return False
    return [output.type.make_constant(cell[0]) for output, cell in zip(node.outputs, storage)]


def _grows(node: Apply) -> bool:
    """Whether computing the node makes large arrays of small ones, which are better made in each call."""
    large = sum(_elements(output) for output in node.outputs)
    return large > _LARGEST and large > 2 * sum(_elements(variable) for variable in node.inputs)


def _elements(variable: Variable) -> int:
    return math.prod(size or 0 for size in getattr(variable.type, "shape", ()))
