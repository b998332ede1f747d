"""Switches, comparisons, and what else chooses: taken away where the choice is known."""

from __future__ import annotations

from typing import Any

import numpy as np

from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.variable import Apply, Variable
from aesaralite.rewrites.knowledge import in_shape, number, uniform_number
from aesaralite.rewrites.phases import register_canonicalize, register_specialize, register_useless
from aesaralite.rewriting.base import node_rewriter
from aesaralite.tensor.convert import constant
from aesaralite.tensor.pointwise import (
    abs as abs_,
)
from aesaralite.tensor.pointwise import (
    and_,
    clip,
    eq,
    ge,
    gt,
    invert,
    le,
    lt,
    maximum,
    minimum,
    neq,
    or_,
    switch,
    xor,
)
from aesaralite.tensor.shaping import Shape_i

_MIRRORED: dict[Any, Any] = {lt: gt, le: ge, gt: lt, ge: le}
_OPPOSITE: dict[Any, Any] = {eq: neq, neq: eq, lt: ge, ge: lt, gt: le, le: gt}


@register_useless
@node_rewriter([switch])
def local_useless_switch(fgraph: FunctionGraph, node: Apply) -> Any:
    """switch(c, x, x) -> x; switch(constant, x, y) -> x or y; switch(size <= 0, 0, size) -> size"""
    condition, yes, no = node.inputs
    out = node.outputs[0]
    if yes is no:
        return [in_shape(fgraph, yes, out, [yes], [condition])]
    known = uniform_number(condition)
    if known is not None:
        chosen = yes if known != 0 else no
        return [in_shape(fgraph, chosen, out, [chosen], node.inputs)]
    test = condition.owner
    if test is not None and test.op in (le, lt) and test.inputs[0] is no and _is_size(no):
        bound = number(test.inputs[1])
        if bound is not None and bound == 0 and number(yes) == 0:
            return [no]
    return False


@register_useless
@node_rewriter([eq, neq, lt, le, gt, ge])
def local_useless_comparison(fgraph: FunctionGraph, node: Apply) -> Any:
    """What comparing integers gives is known for x == x, for sizes and numbers below 0, for sizes < 0"""
    x, y = node.inputs
    out = node.outputs[0]
    known = None
    if x is y and x.type.dtype[0] in "biu":
        known = node.op in (eq, le, ge)
    elif _is_size(x) and (bound := number(y)) is not None:
        known = _against_size(node.op, bound)
    elif _is_size(y) and (bound := number(x)) is not None:
        known = _against_size(_MIRRORED.get(node.op, node.op), bound)
    if known is None:
        return False
    value = constant(np.full((1,) * out.type.ndim, known))
    return [in_shape(fgraph, value, out, [value], node.inputs)]


def _against_size(op: Any, bound: Any) -> bool | None:
    """Return what `size op bound` is for every size from 0."""
    if bound < 0:
        return op in (neq, gt, ge)
    if bound == 0 and op == ge:
        return True
    if bound == 0 and op == lt:
        return False
    return None


def _is_size(variable: Variable) -> bool:
    node = variable.owner
    if node is None:
        return False
    if isinstance(node.op, Shape_i):
        return True
    # the larger or the only one of two sizes that broadcast
    return node.op in (maximum, minimum) and all(_is_size(source) for source in node.inputs)


@register_useless
@node_rewriter([maximum, minimum])
def local_useless_extremum(fgraph: FunctionGraph, node: Apply) -> Any:
    """maximum(x, x) -> x; maximum(size, 0) -> size"""
    x, y = node.inputs
    if x is y and x.type.dtype == node.outputs[0].type.dtype:
        return [x]
    if node.op == maximum:
        for size, bound in ((x, number(y)), (y, number(x))):
            if bound is not None and bound <= 0 and _is_size(size):
                return [size]
    return False


@register_canonicalize
@node_rewriter([and_, or_, xor])
def local_useless_logic(fgraph: FunctionGraph, node: Apply) -> Any:
    """x & True -> x, x | False -> x, x ^ False -> x; x & False -> False, x | True -> True (for booleans)"""
    out = node.outputs[0]
    if out.type.dtype != "bool" or len(node.inputs) != 2:
        return False
    for variable, other in (tuple(node.inputs), tuple(reversed(node.inputs))):
        known = uniform_number(variable)
        if known is None:
            continue
        neutral = node.op == and_
        if node.op == xor and known:
            return [in_shape(fgraph, invert(other), out, [other], [variable])]
        if bool(known) == neutral or node.op == xor:
            return [in_shape(fgraph, other, out, [other], [variable])]
        return [in_shape(fgraph, variable, out, [variable], [other])]
    return False


@register_canonicalize
@node_rewriter([invert])
def local_invert(fgraph: FunctionGraph, node: Apply) -> Any:
    """~~x -> x; ~(x < y) -> x >= y for integers"""
    inner = node.inputs[0].owner
    if inner is None:
        return False
    if inner.op == invert:
        return [inner.inputs[0]]
    opposite = _OPPOSITE.get(inner.op)
    if opposite is None or len(fgraph.clients[node.inputs[0]]) > 1:
        return False
    # with NaN, both a comparison and its opposite are false
    if opposite not in (eq, neq) and any(v.type.dtype[0] not in "biu" for v in inner.inputs):
        return False
    return [opposite(*inner.inputs)]


@register_canonicalize
@node_rewriter([clip])
def local_useless_clip(fgraph: FunctionGraph, node: Apply) -> Any:
    """clip(clip(x, a, b), a, b) -> clip(x, a, b)"""
    inner = node.inputs[0].owner
    if inner is None or inner.op != clip or node.inputs[1:] != inner.inputs[1:]:
        return False
    return [node.inputs[0]]


@register_specialize
@node_rewriter([abs_])
def local_useless_abs(fgraph: FunctionGraph, node: Apply) -> Any:
    """abs(abs(x)) -> abs(x), and abs(x) -> x for unsigned integers and booleans"""
    (x,) = node.inputs
    inner = x.owner
    if x.type.dtype != node.outputs[0].type.dtype:
        return False
    if (inner is not None and inner.op == abs_) or x.type.dtype[0] in "bu":
        return [x]
    return False
