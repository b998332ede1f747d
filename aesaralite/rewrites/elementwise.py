"""Elementwise operations that do nothing, fills, and casts."""

from __future__ import annotations

from typing import Any

import numpy as np

from aesaralite import scalar as aes
from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.variable import Apply
from aesaralite.rewrites.knowledge import same_sizes, shape_follows, shapes, size_sources, sources_of_size
from aesaralite.rewrites.phases import register_canonicalize, register_specialize, register_useless
from aesaralite.rewriting.base import node_rewriter
from aesaralite.tensor.creation import Alloc, alloc
from aesaralite.tensor.elementwise import Elemwise, cast_elemwise
from aesaralite.tensor.pointwise import add, and_, mul, or_, second, tensor_copy
from aesaralite.tensor.unbroadcasting import SumToSize

CASTS = [cast_elemwise(dtype) for dtype in aes.all_dtypes]


@register_useless
@node_rewriter([add, mul, tensor_copy, and_, or_])
def local_useless_elemwise(fgraph: FunctionGraph, node: Apply) -> Any:
    """add(x) -> x, mul(x) -> x, identity(x) -> x, x & x -> x, x | x -> x"""
    inputs = node.inputs
    alike = len(inputs) == 1 or (node.op in (and_, or_) and len(inputs) == 2 and inputs[0] is inputs[1])
    return [inputs[0]] if alike and inputs[0].type.dtype == node.outputs[0].type.dtype else False


@register_useless
@node_rewriter([second])
def local_useless_fill(fgraph: FunctionGraph, node: Apply) -> Any:
    """second(x, y) -> y, where y has the shape of the result already"""
    model, value = node.inputs
    if value.type.dtype != node.outputs[0].type.dtype:
        return False
    return [value] if shape_follows(fgraph, [model], [value]) else False


@register_canonicalize("fast_compile")
@node_rewriter([second])
def local_fill_to_alloc(fgraph: FunctionGraph, node: Apply) -> Any:
    """second(x, y) -> alloc(y, shape), so that x needn't be computed"""
    model, value = node.inputs
    if shape_follows(fgraph, [model], [value]):
        return False
    sizes = shapes(fgraph).shape_of[node.outputs[0]]
    return [alloc(value, *sizes)]


@register_useless
@node_rewriter([Alloc])
def local_useless_alloc(fgraph: FunctionGraph, node: Apply) -> Any:
    """alloc(x, sizes) -> x, where x has them already; alloc(alloc(x, some), more) -> alloc(x, more)"""
    value, *sizes = node.inputs
    inner = value.owner
    if inner is not None and isinstance(inner.op, Alloc):
        return [alloc(inner.inputs[0], *sizes)]
    if value.type.ndim != len(sizes):
        return False
    if value.type.shape == node.outputs[0].type.shape and (
        None not in value.type.shape or same_sizes(fgraph, value, node.outputs[0])
    ):
        return [value]
    return False


@register_canonicalize
@node_rewriter([Elemwise])
def local_elemwise_alloc(fgraph: FunctionGraph, node: Apply) -> Any:
    """f(alloc(c, sizes), y) -> f(c, y), and f(second(x, c), y) -> f(c, y), where y has the shape of the result"""
    inputs = node.inputs
    if len(inputs) < 2:
        return False
    for i, variable in enumerate(inputs):
        inner = variable.owner
        if inner is None:
            continue
        if isinstance(inner.op, Alloc):
            value = inner.inputs[0]
        elif inner.op == second and node.op != second:
            value = inner.inputs[1]
        else:
            continue
        others = [*inputs[:i], *inputs[i + 1 :]]
        missing = variable.type.ndim - value.type.ndim
        padded = value if not missing else value.dimshuffle(*("x",) * missing, *range(value.type.ndim))
        if padded.type.shape == variable.type.shape or not shape_follows(fgraph, [variable], [padded, *others]):
            continue
        made = node.op.make_node(*inputs[:i], padded, *inputs[i + 1 :])
        if any(new.type.dtype != old.type.dtype for new, old in zip(made.outputs, node.outputs)):
            continue
        return made.outputs
    return False


@register_useless
@node_rewriter(CASTS)
def local_remove_useless_cast(fgraph: FunctionGraph, node: Apply) -> Any:
    """cast(x) -> x, where x has the dtype; cast(cast(x)) -> cast(x), where the inner one loses nothing"""
    (x,) = node.inputs
    wanted = node.outputs[0].type.dtype
    if x.type.dtype == wanted:
        return [x]
    inner = x.owner
    if inner is None or not isinstance(inner.op, Elemwise) or not isinstance(inner.op.scalar_op, aes.Cast):
        return False
    first = inner.inputs[0].type.dtype
    if first != "bool" and wanted == "bool":
        return False
    if np.can_cast(first, x.type.dtype, "safe") and not (
        first.startswith("complex") and not wanted.startswith("complex")
    ):
        return [inner.inputs[0] if first == wanted else node.op(inner.inputs[0])]
    return False


@register_useless
@node_rewriter([SumToSize])
def local_useless_sum_to_size(fgraph: FunctionGraph, node: Apply) -> Any:
    """sum_to_size(x, sizes that x has) -> x; axes that surely have them are left out"""
    x, *sizes = node.inputs
    shape = shapes(fgraph).shape_of[x]
    left = [(axis, size) for axis, size in zip(node.op.axes, sizes) if not _is_size(fgraph, x, axis, shape[axis], size)]
    if len(left) == len(sizes):
        return False
    if not left:
        return [x]
    return [SumToSize(tuple(axis for axis, _ in left))(x, *(size for _, size in left))]


def _is_size(fgraph: FunctionGraph, x: Any, axis: int, known: Any, size: Any) -> bool:
    return known is size or size_sources(fgraph, x, axis) == sources_of_size(fgraph, size)


@register_canonicalize
@register_specialize
@node_rewriter([SumToSize])
def local_certain_sum_to_size(fgraph: FunctionGraph, node: Apply) -> Any:
    """sum_to_size(x, 1) -> sum(x, keepdims=True)"""
    x, *sizes = node.inputs
    certain = [axis for axis in node.op.axes if node.outputs[0].type.shape[axis] == 1 and x.type.shape[axis] != 1]
    if not certain:
        return False
    left = [(axis, size) for axis, size in zip(node.op.axes, sizes) if axis not in certain]
    total = x.sum(axis=tuple(certain), keepdims=True, dtype=x.type.dtype)
    return [SumToSize(tuple(axis for axis, _ in left))(total, *(size for _, size in left)) if left else total]
