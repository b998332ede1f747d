"""Reductions: of fewer elements, of nothing, and with factors taken out."""

from __future__ import annotations

from typing import Any

import numpy as np

from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.variable import Apply, Variable
from aesaralite.rewrites.algebra import algebra
from aesaralite.rewrites.knowledge import number
from aesaralite.rewrites.phases import register_canonicalize, register_specialize, register_useless
from aesaralite.rewriting.base import node_rewriter
from aesaralite.tensor.convert import constant
from aesaralite.tensor.creation import Alloc, alloc
from aesaralite.tensor.dimshuffle import DimShuffle, dimshuffle_op
from aesaralite.tensor.joining import Join
from aesaralite.tensor.pointwise import add, cast, maximum, minimum, mul, neg, pow, true_div
from aesaralite.tensor.reduction import All, CAReduce, Max, Min, Prod, Sum
from aesaralite.tensor.reduction import Any as AnyReduction


@register_useless
@node_rewriter([CAReduce])
def local_useless_reduce(fgraph: FunctionGraph, node: Apply) -> Any:
    """A reduction over no axes, or only over axes of size 1 -> the elements themselves"""
    (x,) = node.inputs
    out = node.outputs[0]
    axes = node.op.axes(x.type.ndim)
    if not isinstance(node.op, (Sum, Prod, Max, Min, All, AnyReduction)) or any(
        x.type.shape[axis] != 1 for axis in axes
    ):
        return False
    if isinstance(node.op, (All, AnyReduction)) and x.type.dtype != "bool":
        return False
    if axes:
        x = dimshuffle_op(x.type.broadcastable, tuple(i for i in range(x.type.ndim) if i not in axes))(x)
    return [x if x.type.dtype == out.type.dtype else cast(x, out.type.dtype)]


@register_canonicalize
@node_rewriter([Sum, Prod, Max, Min, All, AnyReduction])
def local_op_of_op(fgraph: FunctionGraph, node: Apply) -> Any:
    """sum(sum(x, axis=1), axis=0) -> sum(x, axis=(0, 1)), and so for other reductions"""
    (x,) = node.inputs
    inner = x.owner
    if inner is None or type(inner.op) is not type(node.op) or len(fgraph.clients[x]) > 1:
        return False
    source = inner.inputs[0]
    if source.type.dtype != x.type.dtype or node.outputs[0].type.dtype != x.type.dtype:
        return False
    gone = inner.op.axes(source.type.ndim)
    left = [axis for axis in range(source.type.ndim) if axis not in gone]
    axes = tuple(sorted((*gone, *(left[axis] for axis in node.op.axes(x.type.ndim)))))
    return [node.op._copy(_axes(axes, source), node.op.dtype, node.op.acc_dtype)(source)]


def _axes(axes: tuple[int, ...], x: Variable) -> tuple[int, ...] | None:
    """Return the axes of a reduction as the Ops hold them: None stands for all."""
    return None if len(axes) == x.type.ndim else axes


@register_canonicalize
@node_rewriter([Sum, Prod, Max, Min, All, AnyReduction])
def local_reduce_of_dimshuffle(fgraph: FunctionGraph, node: Apply) -> Any:
    """sum(transpose(x)) -> sum(x), where all axes that the DimShuffle moves are summed over"""
    inner = node.inputs[0].owner
    if inner is None or not isinstance(inner.op, DimShuffle):
        return False
    order: Any = inner.op.new_order
    (x,) = inner.inputs
    axes = node.op.axes(len(order))
    left = tuple(entry for i, entry in enumerate(order) if i not in axes)
    inside = tuple(sorted(order[axis] for axis in axes if order[axis] != "x"))
    if not inside:
        return False
    reduced = node.op._copy(_axes(inside, x), node.op.dtype, node.op.acc_dtype)(x)
    remaining = [axis for axis in range(x.type.ndim) if axis not in inside]
    new_order = tuple("x" if entry == "x" else remaining.index(entry) for entry in left)
    if new_order == tuple(range(reduced.type.ndim)):
        return [reduced]
    if len(new_order) > reduced.type.ndim:
        # a DimShuffle of the result only gains where it has fewer elements to move, not more dimensions
        return False
    return [dimshuffle_op(reduced.type.broadcastable, new_order)(reduced)]


@register_canonicalize
@register_specialize
@node_rewriter([Sum])
def local_sum_mul_by_scalar(fgraph: FunctionGraph, node: Apply) -> Any:
    """sum(x * c) -> sum(x) * c, sum(x / c) -> sum(x) / c, sum(-x) -> -sum(x), where c is the same along the axes"""
    (x,) = node.inputs
    out = node.outputs[0]
    inner = x.owner
    if inner is None or x.type.dtype != out.type.dtype or out.type.dtype[0] not in "fciu":
        return False
    sizes: list[Variable] = []
    if isinstance(inner.op, Alloc) and inner.inputs[0].type.ndim == x.type.ndim:
        # repeating commutes with what is done to each element
        value, *sizes = inner.inputs
        inner = value.owner
        if inner is None:
            return False
    if inner.op == neg:
        return [neg(node.op(alloc(inner.inputs[0], *sizes) if sizes else inner.inputs[0]))]
    if inner.op not in (mul, true_div):
        return False
    axes = node.op.axes(x.type.ndim)
    kept = tuple(i for i in range(x.type.ndim) if i not in axes)
    inside, outside = [], []
    for power, factor in _factors(inner):
        if (value := number(factor)) is not None and np.can_cast(factor.type.dtype, out.type.dtype, "same_kind"):
            factor = constant(np.full((1,) * x.type.ndim, value, dtype=out.type.dtype))
        if factor.type.dtype == out.type.dtype and axes and _is_constant_along(factor, axes, x):
            outside.append((power, dimshuffle_op(factor.type.broadcastable, kept)(factor)))
        else:
            inside.append((power, factor))
    if not outside:
        return False
    if not any(power > 0 for power, _ in inside):
        return False
    product = algebra.product(inside)
    if sizes:
        product = alloc(product, *sizes)
    if product.type.shape != x.type.shape or product.type.dtype != x.type.dtype:
        return False
    return [algebra.product([(1, node.op(product)), *outside])]


def _factors(node: Apply) -> list[tuple[int, Variable]]:
    if node.op == mul:
        return [(1, factor) for factor in node.inputs]
    over, under = node.inputs
    return [
        *((1, f) for f in (over.owner.inputs if over.owner is not None and over.owner.op == mul else (over,))),
        (-1, under),
    ]


def _is_constant_along(factor: Variable, axes: tuple[int, ...], x: Variable) -> bool:
    return all(factor.type.shape[axis] == 1 and x.type.shape[axis] != 1 for axis in axes)


@register_canonicalize
@register_specialize
@node_rewriter([Sum, Prod])
def local_opt_alloc(fgraph: FunctionGraph, node: Apply) -> Any:
    """sum(alloc(c, n)) -> c * n, prod(alloc(c, n)) -> c ** n, where c is repeated along the axes"""
    inner = node.inputs[0].owner
    if inner is None or not isinstance(inner.op, Alloc):
        return False
    value, *sizes = inner.inputs
    out = node.outputs[0]
    axes = node.op.axes(len(sizes))
    lacking = len(sizes) - value.type.ndim
    if not axes or any(axis >= lacking and value.type.shape[axis - lacking] != 1 for axis in axes):
        return False
    count = sizes[axes[0]]
    for axis in axes[1:]:
        count = mul(count, sizes[axis])
    rest = tuple(axis - lacking for axis in range(lacking, len(sizes)) if axis not in axes)
    value = dimshuffle_op(value.type.broadcastable, rest)(value) if value.type.ndim else value
    if isinstance(node.op, Sum):
        total = mul(cast(value, out.type.dtype), cast(count, out.type.dtype))
    else:
        total = pow(cast(value, out.type.dtype), cast(count, out.type.dtype))
    if total.type.dtype != out.type.dtype:
        total = cast(total, out.type.dtype)
    kept = [sizes[i] for i in range(len(sizes)) if i not in axes]
    return [Alloc()(total, *kept) if kept else total]


_COMBINE = {Sum: add, Prod: mul, Max: maximum, Min: minimum}


@register_canonicalize("uncanonicalize")
@node_rewriter([Sum, Prod, Max, Min])
def local_reduce_join(fgraph: FunctionGraph, node: Apply) -> Any:
    """sum(stack([x, y]), axis=0) -> x + y, where each part has size 1 along the axis"""
    inner = node.inputs[0].owner
    if inner is None or not isinstance(inner.op, Join):
        return False
    axis, *parts = inner.inputs
    ndim = node.inputs[0].type.ndim
    position = getattr(axis, "data", None)
    if position is None or len(parts) < 2:
        return False
    position = int(position) % ndim
    out = node.outputs[0]
    if node.op.axes(ndim) != (position,) or any(part.type.shape[position] != 1 for part in parts):
        return False
    if any(part.type.dtype != out.type.dtype for part in parts):
        return False
    kept = tuple(i for i in range(ndim) if i != position)
    flat = [dimshuffle_op(part.type.broadcastable, kept)(part) for part in parts]
    # joining checks that the parts have one shape; adding would broadcast
    if any(None in part.type.shape for part in flat) and len(kept) > 0:
        return False
    combine = _COMBINE[type(node.op)]
    total = flat[0]
    for part in flat[1:]:
        total = combine(total, part)
    return [total]
