"""Join, split and stacked vectors."""

from __future__ import annotations

from typing import Any

from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.variable import Apply
from aesaralite.rewrites.knowledge import number
from aesaralite.rewrites.phases import register_canonicalize, register_specialize, register_useless
from aesaralite.rewriting.base import node_rewriter
from aesaralite.tensor.joining import Join, MakeVector, Split


@register_useless
@node_rewriter([Join])
def local_join_1(fgraph: FunctionGraph, node: Apply) -> Any:
    """join(axis, x) -> x"""
    if len(node.inputs) != 2 or node.inputs[1].type.dtype != node.outputs[0].type.dtype:
        return False
    return [node.inputs[1]] if number(node.inputs[0]) is not None else False


@register_canonicalize
@register_specialize
@node_rewriter([Join])
def local_join_empty(fgraph: FunctionGraph, node: Apply) -> Any:
    """join(axis, x, empty, y) -> join(axis, x, y)"""
    axis, parts = number(node.inputs[0]), node.inputs[1:]
    if axis is None:
        return False
    out = node.outputs[0]
    kept = [part for part in parts if part.type.shape[int(axis) % out.type.ndim] != 0]
    # the other sizes of what goes must be known, as nobody will compare them any more
    gone = [part for part in parts if not any(part is other for other in kept)]
    if not gone or not kept or any(part.type.dtype != out.type.dtype for part in kept[:1]):
        return False
    if any(None in part.type.shape for part in gone) or out.type.ndim > 1:
        return False
    made = Join()(node.inputs[0], *kept)
    return [made] if made.type.dtype == out.type.dtype else False


@register_canonicalize
@register_specialize
@node_rewriter([Join])
def local_join_make_vector(fgraph: FunctionGraph, node: Apply) -> Any:
    """join(0, make_vector(a), make_vector(b, c), x) -> join(0, make_vector(a, b, c), x)"""
    if node.outputs[0].type.ndim != 1 or number(node.inputs[0]) is None:
        return False
    merged: list[Any] = []
    for part in node.inputs[1:]:
        inner = part.owner
        last = merged[-1].owner if merged else None
        if inner is not None and isinstance(inner.op, MakeVector) and last is not None and last.op == inner.op:
            merged[-1] = inner.op(*last.inputs, *inner.inputs)
        else:
            merged.append(part)
    if len(merged) == len(node.inputs) - 1:
        return False
    if len(merged) == 1:
        return [merged[0]] if merged[0].type.dtype == node.outputs[0].type.dtype else False
    return [Join()(node.inputs[0], *merged)]


@register_canonicalize
@node_rewriter([Join])
def local_join_of_join(fgraph: FunctionGraph, node: Apply) -> Any:
    """join(axis, join(axis, x, y), z) -> join(axis, x, y, z)"""
    axis = number(node.inputs[0])
    if axis is None:
        return False
    out = node.outputs[0]
    parts: list[Any] = []
    for part in node.inputs[1:]:
        inner = part.owner
        if (
            inner is not None
            and isinstance(inner.op, Join)
            and len(fgraph.clients[part]) == 1
            and part.type.dtype == out.type.dtype
            and (position := number(inner.inputs[0])) is not None
            and int(position) % out.type.ndim == int(axis) % out.type.ndim
        ):
            parts.extend(inner.inputs[1:])
        else:
            parts.append(part)
    return [Join()(node.inputs[0], *parts)] if len(parts) > len(node.inputs) - 1 else False


@register_useless
@node_rewriter([Split])
def local_useless_split(fgraph: FunctionGraph, node: Apply) -> Any:
    """split(x) into one part -> x, where the size of the part is known to be that of x"""
    if len(node.outputs) != 1:
        return False
    x, axis, sizes = node.inputs
    position, size = number(axis), number(sizes)
    if position is None or size is None or x.type.shape[int(position) % x.type.ndim] != size:
        return False
    return [x]
