"""Sums over dimensions that may have been broadcast, moved outwards past elementwise operations.

The gradient of an expression in which sizes aren't known is a chain of `SumToSize` and elementwise operations. With the
sums outside, what is between them is one elementwise expression, in which factors cancel.
"""

from __future__ import annotations

from typing import Any

from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.variable import Apply, Variable
from aesaralite.rewrites.knowledge import same_sizes, size_sources
from aesaralite.rewrites.phases import register_canonicalize
from aesaralite.rewriting.base import node_rewriter
from aesaralite.tensor.dimshuffle import DimShuffle, dimshuffle_op
from aesaralite.tensor.pointwise import add, mul, neg, sub, true_div
from aesaralite.tensor.unbroadcasting import SumToSize


@register_canonicalize
@node_rewriter([neg])
def local_neg_of_sum_to_size(fgraph: FunctionGraph, node: Apply) -> Any:
    """-sum_to_size(x) -> sum_to_size(-x)"""
    inner = node.inputs[0].owner
    if inner is None or not isinstance(inner.op, SumToSize):
        return False
    return [inner.op(neg(inner.inputs[0]), *inner.inputs[1:])]


@register_canonicalize
@node_rewriter([DimShuffle])
def local_dimshuffle_of_sum_to_size(fgraph: FunctionGraph, node: Apply) -> Any:
    """dimshuffle(sum_to_size(x)) -> sum_to_size(dimshuffle(x))"""
    inner = node.inputs[0].owner
    if inner is None or not isinstance(inner.op, SumToSize):
        return False
    order = node.op.new_order
    if any(axis not in order for axis in inner.op.axes):
        return False
    moved = sorted(
        ((order.index(axis), size) for axis, size in zip(inner.op.axes, inner.inputs[1:])), key=lambda pair: pair[0]
    )
    x = inner.inputs[0]
    if any(size != 1 for axis, size in enumerate(x.type.shape) if axis not in order):
        return False
    shuffled = dimshuffle_op(x.type.broadcastable, order)(x)
    return [SumToSize(tuple(axis for axis, _ in moved))(shuffled, *(size for _, size in moved))]


@register_canonicalize
@node_rewriter([mul, true_div])
def local_mul_of_sum_to_size(fgraph: FunctionGraph, node: Apply) -> Any:
    """sum_to_size(x) * y -> sum_to_size(x * y), where y has the size that is summed to, or 1"""
    numerators = node.inputs if node.op == mul else node.inputs[:1]
    for i, variable in enumerate(numerators):
        inner = variable.owner
        if inner is None or not isinstance(inner.op, SumToSize) or variable.type.dtype[0] not in "fc":
            continue
        others = [*node.inputs[:i], *node.inputs[i + 1 :]]
        if not factors_go_through(fgraph, variable, others) or node.outputs[0].type.dtype != variable.type.dtype:
            continue
        moved = node.op(*node.inputs[:i], inner.inputs[0], *node.inputs[i + 1 :])
        return [inner.op(moved, *inner.inputs[1:])]
    return False


@register_canonicalize
@node_rewriter([add, sub])
def local_add_of_sums_to_size(fgraph: FunctionGraph, node: Apply) -> Any:
    """sum_to_size(x) + sum_to_size(y) -> sum_to_size(x + y), for x and y of one shape and the same sizes"""
    first = node.inputs[0].owner
    if first is None or not isinstance(first.op, SumToSize):
        return False
    sources = []
    for variable in node.inputs:
        inner = variable.owner
        if inner is None or inner.op != first.op or inner.inputs[1:] != first.inputs[1:]:
            return False
        if inner.inputs[0].type.dtype != node.outputs[0].type.dtype:
            return False
        sources.append(inner.inputs[0])
    if not all(same_sizes(fgraph, sources[0], other) for other in sources[1:]):
        return False
    return [first.op(node.op(*sources), *first.inputs[1:])]


def factors_go_through(fgraph: FunctionGraph, summed: Variable, others: list[Variable]) -> bool:
    """Whether the product of a sum to sizes and others is the sum of the products."""
    assert summed.owner is not None
    axes = summed.owner.op.axes
    for axis in range(summed.type.ndim):
        for other in others:
            if other.type.shape[axis] == 1:
                continue
            # elsewhere the product may be larger than the sum, but then it's larger by broadcasting alike
            if axis in axes and not size_sources(fgraph, other, axis) <= size_sources(fgraph, summed, axis):
                return False
    return True
