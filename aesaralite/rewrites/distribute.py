"""Products distributed over sums, where that spares divisions."""

from __future__ import annotations

from typing import Any

from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.variable import Apply, Variable
from aesaralite.rewrites.algebra import algebra
from aesaralite.rewrites.phases import register_canonicalize
from aesaralite.rewriting.base import node_rewriter
from aesaralite.tensor.pointwise import add, mul, sub, true_div

# Sums of more terms than this stay as they are.
_MOST_TERMS = 16


@register_canonicalize
@node_rewriter([mul, true_div])
def local_greedy_distributor(fgraph: FunctionGraph, node: Apply) -> Any:
    """(a / x + b / y) * x * y * z -> (a * y + b * x) * z"""
    out = node.outputs[0]
    if out.type.dtype[0] not in "fc":
        return False
    factors = algebra.factors(out)
    for i, (exponent, factor) in enumerate(factors):
        inner = factor.owner
        if exponent < 0 or inner is None or inner.op not in (add, sub) or factor.type.dtype != out.type.dtype:
            continue
        terms = algebra.terms(factor)
        if len(terms) > _MOST_TERMS or len(fgraph.clients[factor]) > 1:
            continue
        split = [(sign, algebra.factors(term)) for sign, term in terms]
        divisors = {part for _, parts in split for power, part in parts if power < 0}
        used: list[Variable] = []
        rest = []
        for j, (power, other) in enumerate(factors):
            if j == i:
                continue
            if power > 0 and other in divisors and other not in used:
                used.append(other)
            else:
                rest.append((power, other))
        if not used:
            continue
        total = algebra.total([(sign, _times(parts, used)) for sign, parts in split])
        return [algebra.product([(1, total), *rest])] if rest else [total]
    return False


def _times(parts: list[tuple[int, Variable]], extra: list[Variable]) -> Variable:
    """Return a product times others, some of which cancel."""
    parts = list(parts)
    for factor in extra:
        if (-1, factor) in parts:
            parts.remove((-1, factor))
        else:
            parts.append((1, factor))
    return algebra.product(parts) if parts else true_div(extra[0], extra[0])
