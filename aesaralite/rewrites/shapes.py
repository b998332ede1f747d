"""Shapes: they are worked out through the graph, and never compute the array whose shape is asked for."""

from __future__ import annotations

from typing import Any

from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.variable import Apply, Constant
from aesaralite.rewrites.knowledge import number, shapes
from aesaralite.rewrites.phases import register_canonicalize, register_specialize, register_useless
from aesaralite.rewriting.base import node_rewriter
from aesaralite.tensor.index_spec import get_idx_list
from aesaralite.tensor.indexing_basic import Subtensor
from aesaralite.tensor.joining import MakeVector
from aesaralite.tensor.shaping import ScalarFromTensor, Shape, Shape_i, SpecifyShape, TensorFromScalar, Unbroadcast
from aesaralite.tensor.slice_geometry import known_int


@register_specialize("fast_compile")
@register_canonicalize("fast_compile")
@node_rewriter([Shape])
def local_shape_to_shape_i(fgraph: FunctionGraph, node: Apply) -> Any:
    """shape(x) -> make_vector(size 0, size 1, ...)"""
    sizes = shapes(fgraph).shape_of[node.inputs[0]]
    if sizes is None:
        return False
    return [MakeVector("int64")(*sizes)] if sizes else False


@register_specialize("fast_compile")
@register_canonicalize("fast_compile")
@node_rewriter([Shape_i])
def local_track_shape_i(fgraph: FunctionGraph, node: Apply) -> Any:
    """The size of a computed array -> an expression of the sizes that it's computed from"""
    (x,) = node.inputs
    size = shapes(fgraph).shape_of[x][node.op.i]
    if size.owner is not None and size.owner.op == node.op and size.owner.inputs[0] is x:
        return False
    return [size]


@register_specialize("fast_compile")
@register_canonicalize("fast_compile")
@node_rewriter([Subtensor])
def local_subtensor_of_shape(fgraph: FunctionGraph, node: Apply) -> Any:
    """shape(x)[1] -> size 1 of x, make_vector(a, b)[1] -> b, make_vector(a, b, c)[1:] -> make_vector(b, c)"""
    vector = node.inputs[0].owner
    if vector is None or not isinstance(vector.op, (Shape, MakeVector)):
        return False
    entries = vector.inputs if isinstance(vector.op, MakeVector) else shapes(fgraph).shape_of[vector.inputs[0]]
    if entries is None:
        return False
    (index,) = get_idx_list(node.inputs, node.op.idx_list) or (slice(None),)
    if isinstance(index, slice):
        parts = [part if part is None else known_int(part) for part in (index.start, index.stop, index.step)]
        if any(new is None and old is not None for new, old in zip(parts, (index.start, index.stop, index.step))):
            return False
        chosen = entries[slice(*parts)]
        return [MakeVector(node.outputs[0].type.dtype)(*chosen)] if chosen else False
    position = known_int(index)
    if position is None or not -len(entries) <= position < len(entries):
        return False
    return [entries[position]]


@register_useless
@node_rewriter([ScalarFromTensor])
def local_scalar_tensor_scalar(fgraph: FunctionGraph, node: Apply) -> Any:
    """scalar_from_tensor(tensor_from_scalar(s)) -> s"""
    inner = node.inputs[0].owner
    return [inner.inputs[0]] if inner is not None and isinstance(inner.op, TensorFromScalar) else False


@register_useless
@node_rewriter([TensorFromScalar])
def local_tensor_scalar_tensor(fgraph: FunctionGraph, node: Apply) -> Any:
    """tensor_from_scalar(scalar_from_tensor(x)) -> x"""
    inner = node.inputs[0].owner
    return [inner.inputs[0]] if inner is not None and isinstance(inner.op, ScalarFromTensor) else False


@register_useless
@node_rewriter([SpecifyShape])
def local_useless_specify_shape(fgraph: FunctionGraph, node: Apply) -> Any:
    """specify_shape(x, sizes that x is known to have) -> x"""
    x, *sizes = node.inputs
    for known, size in zip(x.type.shape, sizes):
        if _says_nothing(size):
            continue
        if known is None or number(size) != known:
            return False
    return [x]


@register_canonicalize
@node_rewriter([SpecifyShape])
def local_merge_consecutive_specify_shape(fgraph: FunctionGraph, node: Apply) -> Any:
    """specify_shape(specify_shape(x, a), b) -> specify_shape(x, a and b)"""
    inner = node.inputs[0].owner
    if inner is None or not isinstance(inner.op, SpecifyShape) or len(fgraph.clients[node.inputs[0]]) > 1:
        return False
    sizes = []
    for first, then in zip(inner.inputs[1:], node.inputs[1:]):
        if _says_nothing(then):
            sizes.append(first)
        elif _says_nothing(first) or (number(first) is not None and number(first) == number(then)):
            sizes.append(then)
        else:
            return False
    return [SpecifyShape()(inner.inputs[0], *sizes)]


@register_useless
@node_rewriter([Unbroadcast])
def local_useless_unbroadcast(fgraph: FunctionGraph, node: Apply) -> Any:
    """unbroadcast(x) -> x, where the type of x says as little already"""
    return [node.inputs[0]] if node.inputs[0].type == node.outputs[0].type else False


def _says_nothing(size: Any) -> bool:
    return isinstance(size, Constant) and size.data is None
