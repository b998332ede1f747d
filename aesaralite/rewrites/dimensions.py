"""DimShuffle and Reshape: merged, moved to where they cost nothing, or taken away."""

from __future__ import annotations

from typing import Any

from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.variable import Apply, Variable
from aesaralite.rewrites.knowledge import number, shapes
from aesaralite.rewrites.phases import register_canonicalize, register_specialize, register_useless
from aesaralite.rewriting.base import node_rewriter
from aesaralite.tensor.creation import Alloc, alloc
from aesaralite.tensor.dimshuffle import DimShuffle, dimshuffle_op
from aesaralite.tensor.elementwise import Elemwise
from aesaralite.tensor.joining import MakeVector
from aesaralite.tensor.reshaping import Reshape


@register_useless
@node_rewriter([DimShuffle])
def local_dimshuffle_lift(fgraph: FunctionGraph, node: Apply) -> Any:
    """dimshuffle(dimshuffle(x)) -> dimshuffle(x), and dimshuffle(x) -> x, where it changes nothing"""
    (x,) = node.inputs
    order = node.op.new_order
    inner = x.owner
    if inner is not None and isinstance(inner.op, DimShuffle):
        merged = tuple("x" if entry == "x" else inner.op.new_order[entry] for entry in order)
        source = inner.inputs[0]
        if merged == tuple(range(source.type.ndim)):
            return [source]
        return [dimshuffle_op(source.type.broadcastable, merged)(source)]
    return [x] if order == tuple(range(x.type.ndim)) else False


@register_canonicalize
@node_rewriter([DimShuffle])
def local_dimshuffle_through_elemwise(fgraph: FunctionGraph, node: Apply) -> Any:
    """dimshuffle(f(x, y)) -> f(dimshuffle(x), dimshuffle(y)), if nothing else uses f(x, y), and it's an array"""
    (x,) = node.inputs
    inner = x.owner
    if x.type.ndim == 0:
        return False
    if inner is None or not isinstance(inner.op, Elemwise) or len(inner.outputs) != 1 or len(fgraph.clients[x]) != 1:
        return False
    order = node.op.new_order
    moved = []
    for variable in inner.inputs:
        if any(size != 1 for i, size in enumerate(variable.type.shape) if i not in order):
            return False
        moved.append(dimshuffle_op(variable.type.broadcastable, order)(variable))
    return inner.op.make_node(*moved).outputs


@register_canonicalize
@node_rewriter([DimShuffle])
def local_alloc_dimshuffle(fgraph: FunctionGraph, node: Apply) -> Any:
    """dimshuffle(alloc(number, sizes)) -> alloc(number, sizes in the new order)"""
    inner = node.inputs[0].owner
    if inner is None or not isinstance(inner.op, Alloc) or inner.inputs[0].type.ndim > 0:
        return False
    value, *sizes = inner.inputs
    if not node.op.new_order:
        return [value]
    return [alloc(value, *(1 if entry == "x" else sizes[entry] for entry in node.op.new_order))]


@register_useless
@node_rewriter([Reshape])
def local_useless_reshape(fgraph: FunctionGraph, node: Apply) -> Any:
    """reshape(x, shape of x) -> x"""
    x, shape = node.inputs
    out = node.outputs[0]
    if x.type.ndim != out.type.ndim:
        return False
    if None not in x.type.shape and x.type.shape == out.type.shape:
        return [x]
    entries = _entries(shape)
    if entries is None:
        return False
    sizes = shapes(fgraph).shape_of[x]
    unknown = 0
    for i, entry in enumerate(entries):
        value = number(entry)
        if value == -1:
            unknown += 1
        elif entry is not sizes[i] and (value is None or x.type.shape[i] != value):
            return False
    return [x] if unknown <= 1 else False


@register_canonicalize
@register_specialize
@node_rewriter([Reshape])
def local_reshape_chain(fgraph: FunctionGraph, node: Apply) -> Any:
    """reshape(reshape(x, a), b) -> reshape(x, b)"""
    inner = node.inputs[0].owner
    if inner is None or not isinstance(inner.op, Reshape):
        return False
    made = node.op(inner.inputs[0], node.inputs[1])
    return [made] if node.outputs[0].type.is_super(made.type) else False


@register_specialize
@node_rewriter([Reshape])
def local_reshape_to_dimshuffle(fgraph: FunctionGraph, node: Apply) -> Any:
    """reshape(x, shape) -> dimshuffle(x), where only dimensions of size 1 come and go"""
    x, shape = node.inputs
    out = node.outputs[0]
    kept = [i for i, size in enumerate(x.type.shape) if size != 1]
    wanted = [i for i, size in enumerate(out.type.shape) if size != 1]
    if len(kept) != len(wanted) or (len(kept) > 1 and not _same_known_sizes(x, out, kept, wanted)):
        return False
    if x.type.ndim == out.type.ndim and kept == wanted:
        return False
    order: list[int | str] = ["x"] * out.type.ndim
    for source, target in zip(kept, wanted):
        order[target] = source
    made = dimshuffle_op(x.type.broadcastable, tuple(order))(x)
    # the size that a reshape is told must be checked at run time, unless it's -1
    entries = _entries(shape)
    if entries is None or any(
        number(entries[target]) != -1
        and (x.type.shape[source] is None or number(entries[target]) != x.type.shape[source])
        for source, target in zip(kept, wanted)
    ):
        return False
    return [made]


def _same_known_sizes(x: Variable, out: Variable, kept: list[int], wanted: list[int]) -> bool:
    return all(x.type.shape[i] is not None and x.type.shape[i] == out.type.shape[j] for i, j in zip(kept, wanted))


def _entries(shape: Variable) -> list[Variable] | None:
    """Return the sizes that a vector of sizes is made of."""
    node = shape.owner
    if node is not None and isinstance(node.op, MakeVector):
        return list(node.inputs)
    if node is None and hasattr(shape, "data"):
        return [shape.type.clone(shape=()).make_constant(size) for size in shape.data]
    return None
