"""Powers, and products with special factors."""

from __future__ import annotations

from typing import Any

import numpy as np

from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.variable import Apply
from aesaralite.rewrites.knowledge import in_shape, number, uniform_number
from aesaralite.rewrites.phases import register_canonicalize, register_specialize, register_uncanonicalize
from aesaralite.rewriting.base import node_rewriter
from aesaralite.tensor.convert import constant
from aesaralite.tensor.pointwise import (
    abs as abs_,
)
from aesaralite.tensor.pointwise import (
    int_div,
    mul,
    neg,
    pow,
    reciprocal,
    sgn,
    sqr,
    sqrt,
    true_div,
)

# Powers of integers up to this are products: x**8 is ((x**2)**2)**2.
_LARGEST_PRODUCT = 8


@register_specialize
@register_canonicalize
@node_rewriter([pow])
def local_pow_canonicalize(fgraph: FunctionGraph, node: Apply) -> Any:
    """x ** 1 -> x, x ** 0 -> 1, 1 ** x -> 1 (as in NumPy also where x is NaN)"""
    base, exponent = node.inputs
    out = node.outputs[0]
    power = uniform_number(exponent)
    if power is not None and power == 1:
        return [in_shape(fgraph, base, out, [base], [exponent])]
    if (power is not None and power == 0) or ((value := uniform_number(base)) is not None and value == 1):
        one = constant(np.ones((1,) * out.type.ndim, dtype=out.type.dtype))
        return [in_shape(fgraph, one, out, [one], node.inputs)]
    return False


@register_specialize
@node_rewriter([pow])
def local_pow_specialize(fgraph: FunctionGraph, node: Apply) -> Any:
    """x ** 2 -> sqr(x), x ** 0.5 -> sqrt(x), x ** -1 -> reciprocal(x), x ** 3 -> x * sqr(x), ..."""
    base, exponent = node.inputs
    out = node.outputs[0]
    power = number(exponent)
    if power is None or base.type.dtype != out.type.dtype or out.type.dtype == "bool" or not np.isreal(power):
        return False
    real = out.type.dtype[0] == "f"
    size = abs(power)
    if size == 0.5 and real:
        # -inf ** 0.5 is inf, and its square root is NaN
        if base.owner is None or base.owner.op not in (sqr, abs_):
            return False
        new = sqrt(base)
    elif size == int(size) and 1 <= size <= _LARGEST_PRODUCT:
        if power < 0 and not real:
            return False
        new, rest, square = None, int(size), base
        while rest:
            if rest & 1:
                new = square if new is None else mul(new, square)
            rest >>= 1
            if rest:
                square = sqr(square)
    else:
        return False
    if power < 0:
        new = reciprocal(new)
    return [in_shape(fgraph, new, out, [base], [exponent])]


@register_specialize
@node_rewriter([mul])
def local_mul_specialize(fgraph: FunctionGraph, node: Apply) -> Any:
    """x * x -> sqr(x), -1 * x -> -x"""
    inputs = node.inputs
    out = node.outputs[0]
    if out.type.dtype == "bool" or any(variable.type.dtype != out.type.dtype for variable in inputs[1:]):
        return False
    if len(inputs) == 2 and inputs[0] is inputs[1] and inputs[0].type.dtype == out.type.dtype:
        return [sqr(inputs[0])]
    first = number(inputs[0])
    if first is not None and first == -1 and out.type.dtype[0] in "ifc":
        rest = mul(*inputs[1:]) if len(inputs) > 2 else inputs[1]
        return [in_shape(fgraph, neg(rest), out, inputs[1:], inputs[:1])]
    return False


@register_specialize
@node_rewriter([true_div])
def local_div_to_reciprocal(fgraph: FunctionGraph, node: Apply) -> Any:
    """1 / x -> reciprocal(x)"""
    over, under = node.inputs
    value = number(over)
    if value is None or value != 1 or under.type.dtype != node.outputs[0].type.dtype:
        return False
    return [reciprocal(under)]


@register_specialize
@node_rewriter([true_div])
def local_div_by_number(fgraph: FunctionGraph, node: Apply) -> Any:
    """x / c -> x * (1 / c), where 1 / c is exact"""
    over, under = node.inputs
    dtype = node.outputs[0].type.dtype
    value = number(under)
    if value is None or dtype not in ("float32", "float64") or over.type.dtype != dtype or not np.isfinite(value):
        return False
    fraction, exponent = np.frexp(np.float64(value))
    if abs(fraction) != 0.5 or abs(exponent) > 100:
        return False
    factor = constant(np.asarray(1 / np.float64(value), dtype=dtype).reshape((1,) * over.type.ndim))
    return [mul(factor, over)]


@register_canonicalize
@node_rewriter([int_div])
def local_intdiv_by_one(fgraph: FunctionGraph, node: Apply) -> Any:
    """x // 1 -> x for integers"""
    over, under = node.inputs
    out = node.outputs[0]
    value = uniform_number(under)
    if value is None or value != 1 or out.type.dtype[0] not in "iu" or over.type.dtype != out.type.dtype:
        return False
    return [in_shape(fgraph, over, out, [over], [under])]


@register_uncanonicalize
@node_rewriter([sqr])
def local_sqr_of_abs(fgraph: FunctionGraph, node: Apply) -> Any:
    """sqr(abs(x)) -> sqr(x), sqr(-x) -> sqr(x)"""
    inner = node.inputs[0].owner
    if inner is None or inner.op not in (abs_, neg) or inner.inputs[0].type.dtype[0] not in "if":
        return False
    return [sqr(inner.inputs[0])] if inner.inputs[0].type.dtype == node.inputs[0].type.dtype else False


@register_specialize
@node_rewriter([sgn])
def local_sgn_of_sgn(fgraph: FunctionGraph, node: Apply) -> Any:
    """sgn(sgn(x)) -> sgn(x)"""
    inner = node.inputs[0].owner
    return [node.inputs[0]] if inner is not None and inner.op == sgn else False
