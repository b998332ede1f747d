"""Softmax, log-softmax, log-sum-exp and cross-entropy: found where they're written by hand, and their gradients."""

from __future__ import annotations

from collections import Counter
from typing import Any

from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.variable import Apply, Variable
from aesaralite.rewrites.algebra import algebra
from aesaralite.rewrites.broadcast_sums import factors_go_through
from aesaralite.rewrites.knowledge import in_shape, is_number, same_sizes
from aesaralite.rewrites.phases import register_canonicalize, register_stabilize
from aesaralite.rewriting.base import node_rewriter
from aesaralite.tensor.convert import constant
from aesaralite.tensor.dimshuffle import DimShuffle, dimshuffle_op
from aesaralite.tensor.indexing_advanced import (
    AdvancedIncSubtensor,
    AdvancedIncSubtensor1,
    AdvancedSubtensor,
    AdvancedSubtensor1,
)
from aesaralite.tensor.indexing_basic import IncSubtensor, Subtensor
from aesaralite.tensor.pointwise import add, exp, isinf, log, mul, neg, sub, switch, true_div
from aesaralite.tensor.reduction import CAReduce, Max, Sum
from aesaralite.tensor.special import LogSoftmax, Softmax, SoftmaxGrad
from aesaralite.tensor.unbroadcasting import SumToSize

INDEXING = (Subtensor, AdvancedSubtensor1, AdvancedSubtensor)
INCREMENTING = {
    IncSubtensor: Subtensor,
    AdvancedIncSubtensor1: AdvancedSubtensor1,
    AdvancedIncSubtensor: AdvancedSubtensor,
}


@register_canonicalize
@node_rewriter([true_div, mul])
def local_softmax_by_hand(fgraph: FunctionGraph, node: Apply) -> Any:
    """exp(x) / sum(exp(x), axis) -> softmax(x, axis), also with other factors beside

    The divisor may also be that of each term of a factor, as in the gradient.
    """
    out = node.outputs[0]
    if not out.type.dtype.startswith("float"):
        return False
    factors = _factors(out)
    for i, (power, numerator) in enumerate(factors):
        if power < 0 or numerator.owner is None or numerator.owner.op != exp or numerator.type.dtype != out.type.dtype:
            continue
        for j, (other_power, other) in enumerate(factors):
            if other_power < 0:
                axis = _summed_axis(other, numerator)
                undivided: list[tuple[int, Variable]] = []
            elif other.owner is not None and other.owner.op in (add, sub) and other.type.dtype == out.type.dtype:
                axis, undivided = _undivided_sum(fgraph, other, numerator)
            else:
                continue
            if axis == "no":
                continue
            softmax = Softmax(axis)(numerator.owner.inputs[0])
            rest = [factor for k, factor in enumerate(factors) if k not in (i, j)]
            parts = [(1, softmax), *undivided, *rest]
            return [algebra.product(parts) if len(parts) > 1 else softmax]
    return False


def _undivided_sum(
    fgraph: FunctionGraph, total: Variable, numerator: Variable
) -> tuple[Any, list[tuple[int, Variable]]]:
    """Of a sum of which each term is divided by the sum of `numerator` along an axis: the axis, and the sum times that
    divisor as a factor; else "no" and no factor.
    """
    terms = algebra.terms(total)
    for power, divisor in _factors(_inside(terms[0][1])):
        axis = _summed_axis(divisor, numerator) if power < 0 else "no"
        if axis == "no":
            continue
        undivided = [(sign, _without(fgraph, term, divisor)) for sign, term in terms]
        found = [(sign, term) for sign, term in undivided if term is not None]
        if len(found) == len(terms):
            return axis, [(1, algebra.total(found))]
    return "no", []


def _factors(variable: Variable) -> list[tuple[int, Variable]]:
    return [part for factor in algebra.factors(variable) for part in _through_dimshuffle(*factor)]


def _through_dimshuffle(power: int, factor: Variable) -> list[tuple[int, Variable]]:
    """Split a quotient that is given new axes."""
    node = factor.owner
    if node is None or not isinstance(node.op, DimShuffle):
        return [(power, factor)]
    (inner,) = node.inputs
    order = node.op.new_order
    if sum(entry != "x" for entry in order) < inner.type.ndim:
        return [(power, factor)]
    negated = inner.owner.inputs[0] if inner.owner is not None and inner.owner.op == neg else None
    parts = algebra.factors(inner if negated is None else negated)
    if not any(exponent < 0 for exponent, _ in parts):
        return [(power, factor)]
    if negated is not None:
        parts.append((1, constant(-1, ndim=inner.type.ndim, dtype=factor.type.dtype)))
    return [(power * exponent, dimshuffle_op(part.type.broadcastable, order)(part)) for exponent, part in parts]


def _summed_axis(divisor: Variable, numerator: Variable) -> Any:
    """Return the axis (None for all) along which `divisor` is the sum of `numerator`, or "no"."""
    axes = _reduced_axes(divisor, Sum, numerator)
    if axes is not None and len(axes) == 1:
        return axes[0]
    return None if axes and len(axes) == numerator.type.ndim else "no"


def _beneath_dimshuffle(variable: Variable) -> Apply | None:
    """Return the node that makes a variable, or what it's a DimShuffle of."""
    node = variable.owner
    return node.inputs[0].owner if node is not None and isinstance(node.op, DimShuffle) else node


def _reduced_axes(variable: Variable, kind: type[CAReduce], whole: Variable) -> tuple[int, ...] | None:
    """Return the axes along which a variable is the reduction of `whole`, if it keeps them with size 1, or None."""
    node = _beneath_dimshuffle(variable)
    order: tuple[Any, ...] = tuple(range(variable.type.ndim))
    if variable.owner is not None and variable.owner is not node:
        order = variable.owner.op.new_order
    if node is None or not isinstance(node.op, kind) or node.inputs[0] is not whole:
        return None
    axes = node.op.axes(whole.type.ndim)
    kept = iter(range(whole.type.ndim - len(axes)))
    return axes if order == tuple("x" if i in axes else next(kept) for i in range(whole.type.ndim)) else None


@register_canonicalize
@node_rewriter([Softmax, LogSoftmax])
def local_softmax_of_shifted(fgraph: FunctionGraph, node: Apply) -> Any:
    """softmax(x - max(x)) -> softmax(x), which subtracts the maximum itself; also of log-softmax"""
    inner = node.inputs[0].owner
    if inner is None or inner.op != sub:
        return False
    x, shift = inner.inputs
    axes = _reduced_axes(shift, Max, x)
    if axes is None or x.type.dtype != node.inputs[0].type.dtype:
        return False
    one_for_all = len(axes) == x.type.ndim if node.op.axis is None else node.op.axis in axes
    return [node.op(x)] if one_for_all else False


@register_canonicalize
@node_rewriter([sub])
def local_sub_log_sum_exp(fgraph: FunctionGraph, node: Apply) -> Any:
    """x - log(sum(exp(x), axis)) -> logsoftmax(x, axis)"""
    x, logarithm = node.inputs
    if logarithm.owner is None or logarithm.owner.op != log or not node.outputs[0].type.dtype.startswith("float"):
        return False
    total = logarithm.owner.inputs[0]
    summed = _beneath_dimshuffle(total)
    exponential = summed.inputs[0].owner if summed is not None and isinstance(summed.op, Sum) else None
    if exponential is None or exponential.op != exp or exponential.inputs[0] is not x:
        return False
    axis = _summed_axis(total, exponential.outputs[0])
    if axis == "no" or not x.type.dtype == total.type.dtype == node.outputs[0].type.dtype:
        return False
    return [LogSoftmax(axis)(x)]


@register_canonicalize
@node_rewriter([log])
def local_logsoftmax(fgraph: FunctionGraph, node: Apply) -> Any:
    """log(softmax(x)) -> logsoftmax(x), and log(softmax(x)[i]) -> logsoftmax(x)[i]"""
    inner = node.inputs[0].owner
    if inner is None:
        return False
    if isinstance(inner.op, Softmax):
        return [LogSoftmax(inner.op.axis)(inner.inputs[0])]
    if isinstance(inner.op, INDEXING):
        source = inner.inputs[0].owner
        if source is not None and isinstance(source.op, Softmax):
            return [inner.op(LogSoftmax(source.op.axis)(source.inputs[0]), *inner.inputs[1:])]
    return False


@register_stabilize
@node_rewriter([log])
def local_log_sum_exp(fgraph: FunctionGraph, node: Apply) -> Any:
    """log(sum(exp(x))) -> log(sum(exp(x - m))) + m, where m is the maximum of x along the axes"""
    total = node.inputs[0].owner
    kept = total.op if total is not None and isinstance(total.op, DimShuffle) else None
    if total is not None and kept is not None:
        total = total.inputs[0].owner
    if total is None or not isinstance(total.op, Sum):
        return False
    exponential = total.inputs[0].owner
    if exponential is None or exponential.op != exp:
        return False
    (x,) = exponential.inputs
    dtype = node.outputs[0].type.dtype
    if not dtype.startswith("float") or x.type.dtype != dtype or _is_shifted(x):
        return False
    axes = total.op.axes(x.type.ndim)
    if not axes:
        return [x if kept is None else kept(x)]
    largest = Max(axis=axes)(x)
    # where it's infinite, so is the result, and subtracting it would give NaN
    shift = switch(isinf(largest), 0, largest)
    shifted = exp(x - total.op.expand(shift, x.type.ndim))
    result = log(total.op(shifted)) + shift
    return [result if kept is None else kept(result)]


def _is_shifted(x: Variable) -> bool:
    """Whether a maximum has been subtracted already."""
    node = x.owner
    if node is None or node.op != sub:
        return False
    pending = [node.inputs[1]]
    for _ in range(4):
        if not pending:
            return False
        inner = pending.pop().owner
        if inner is None:
            continue
        if isinstance(inner.op, Max) and inner.inputs[0] is node.inputs[0]:
            return True
        if isinstance(inner.op, DimShuffle):
            pending.append(inner.inputs[0])
        elif inner.op == switch:
            pending.append(inner.inputs[2])
    return False


@register_canonicalize
@node_rewriter([SoftmaxGrad])
def local_softmax_grad_of_quotient(fgraph: FunctionGraph, node: Apply) -> Any:
    """The gradient of log(softmax(x)): softmax_grad(g / s, s) -> g - s * sum(g), which is finite where s underflows"""
    dy, softmax = node.inputs
    undivided = _times_softmax(fgraph, dy, softmax)
    if undivided is None or undivided.type.dtype != softmax.type.dtype:
        return False
    undivided = in_shape(fgraph, undivided, dy, [undivided], [dy])
    axis = node.op.axis
    total = undivided.sum(axis=axis, keepdims=True, dtype=undivided.type.dtype)
    return [undivided - softmax * total]


@register_canonicalize
@node_rewriter([mul])
def local_mul_of_chosen_quotient(fgraph: FunctionGraph, node: Apply) -> Any:
    """s * inc_subtensor(zeros[i], g / s[i]) -> inc_subtensor(zeros[i], g), as in the gradient of log(s[i])

    The same where other terms are added before: s * (inc_subtensor(zeros[i], g / s[i]) + b), as in that of softmax.
    """
    for i, factor in enumerate(node.inputs):
        if factor.owner is None or factor.type.dtype != node.outputs[0].type.dtype:
            continue
        terms = algebra.terms(factor)
        for j, other in enumerate(node.inputs):
            if i == j or other.type.ndim != factor.type.ndim:
                continue
            undivided = _undivided_terms(fgraph, terms, other)
            if undivided:
                total = algebra.total(undivided)
                return [mul(total, *(v for k, v in enumerate(node.inputs) if k not in (i, j)))]
    return False


def _undivided_terms(
    fgraph: FunctionGraph, terms: list[tuple[int, Variable]], softmax: Variable
) -> list[tuple[int, Variable]]:
    """Return terms times a softmax, where that undoes a division in one of them that has its size, or none.

    That one is an increment of zeros, or summed to the size; elsewhere factors cancel anyway.
    """
    for k, (sign, term) in enumerate(terms):
        node = term.owner
        if node is None or not (type(node.op) in INCREMENTING or isinstance(node.op, SumToSize)):
            continue
        if not same_sizes(fgraph, term, softmax):
            continue
        undivided = _times_softmax(fgraph, term, softmax)
        if undivided is not None:
            others = [(other_sign, mul(other, softmax)) for n, (other_sign, other) in enumerate(terms) if n != k]
            return [(sign, undivided), *others]
    return []


@register_canonicalize
@node_rewriter([Sum])
def local_sum_of_softmax_gradient(fgraph: FunctionGraph, node: Apply) -> Any:
    """sum(g - softmax(x, axis) * sum(g, axis), axis) -> 0, as in the gradient of softmax(x - max(x))"""
    (x,) = node.inputs
    axes = node.op.axes(x.type.ndim)
    terms = algebra.terms(x)
    for k, (sign, term) in enumerate(terms):
        factors = algebra.factors(term)
        if len(terms) < 2 or len(factors) != 2 or any(power < 0 for power, _ in factors):
            continue
        for (_, softmax), (_, total) in (factors, factors[::-1]):
            if softmax.owner is None or not isinstance(softmax.owner.op, Softmax):
                continue
            axis = softmax.owner.op.axis
            if axes != (tuple(range(x.type.ndim)) if axis is None else (axis,)):
                continue
            whole = [(-sign * s, t) for n, (s, t) in enumerate(terms) if n != k]
            if _is_sum_of(fgraph, total, whole, axes, softmax):
                output = node.outputs[0]
                return [in_shape(fgraph, constant(0, dtype=output.type.dtype), output, [], [output])]
    return False


def _is_sum_of(
    fgraph: FunctionGraph,
    total: Variable,
    terms: list[tuple[int, Variable]],
    axes: tuple[int, ...],
    softmax: Variable,
) -> bool:
    """Whether `total` is the sum of the terms, of the size of a softmax, along axes, which it keeps with size 1."""
    node = _beneath_dimshuffle(total)
    if node is None or not isinstance(node.op, Sum) or _reduced_axes(total, Sum, node.inputs[0]) != axes:
        return False
    same = Counter((sign, id(term)) for sign, term in algebra.terms(node.inputs[0])) == Counter(
        (sign, id(term)) for sign, term in terms
    )
    return same and same_sizes(fgraph, node.inputs[0], softmax)


def _times_softmax(fgraph: FunctionGraph, dy: Variable, softmax: Variable) -> Variable | None:
    """Return `dy` times `softmax` where that undoes a division, else None."""
    node = dy.owner
    if node is None:
        return None
    if node.op == neg:
        undivided = _times_softmax(fgraph, node.inputs[0], softmax)
        return None if undivided is None else neg(undivided)
    if type(node.op) not in INCREMENTING:
        return _without(fgraph, dy, softmax)
    if node.op.set_instead_of_inc or not is_number(node.inputs[0], 0):
        return None
    base, value, *index = node.inputs
    undivided = _undivided_entry(fgraph, value, softmax, index, node.op)
    return None if undivided is None else node.op(base, undivided, *index)


def _undivided_entry(
    fgraph: FunctionGraph, value: Variable, softmax: Variable, index: list[Variable], op: Any
) -> Variable | None:
    """Return `value` times ``softmax[index]`` where that undoes a division in one of its terms."""
    terms = algebra.terms(_inside(value))
    for factor in (factor for _, term in terms for power, factor in algebra.factors(_inside(term)) if power < 0):
        node = factor.owner
        if node is None or type(node.op) is not INCREMENTING[type(op)] or node.inputs[0] is not softmax:
            continue
        same_template = getattr(node.op, "idx_list", None) == getattr(op, "idx_list", None)
        if same_template and len(node.inputs) - 1 == len(index) and all(a is b for a, b in zip(node.inputs[1:], index)):
            return _times(fgraph, value, factor)
    return None


def _times(fgraph: FunctionGraph, value: Variable, factor: Variable) -> Variable:
    """Return a product with a factor that cancels in those terms that are divided by it."""
    node = value.owner
    if node is not None and isinstance(node.op, SumToSize) and factors_go_through(fgraph, value, [factor]):
        whole, *sizes = node.inputs
        product = _times(fgraph, whole, factor)
        return node.op(in_shape(fgraph, product, whole, [product], [whole]), *sizes)
    terms = [(sign, term, _without(fgraph, term, factor)) for sign, term in algebra.terms(value)]
    return algebra.total([(s, mul(term, factor) if undivided is None else undivided) for s, term, undivided in terms])


def _inside(variable: Variable) -> Variable:
    """Look through signs and sums to sizes, as `_without` does."""
    while variable.owner is not None and (variable.owner.op == neg or isinstance(variable.owner.op, SumToSize)):
        variable = variable.owner.inputs[0]
    return variable


def _without(fgraph: FunctionGraph, product: Variable, divisor: Variable) -> Variable | None:
    """Return a product times one of its divisors, or None if that isn't one."""
    node = product.owner
    if node is not None and node.op == neg:
        undivided = _without(fgraph, node.inputs[0], divisor)
        return None if undivided is None else neg(undivided)
    if node is not None and isinstance(node.op, SumToSize):
        if not factors_go_through(fgraph, product, [divisor]):
            return None
        whole, *sizes = node.inputs
        undivided = _without(fgraph, whole, divisor)
        return None if undivided is None else node.op(in_shape(fgraph, undivided, whole, [undivided], [whole]), *sizes)
    factors = _factors(product)
    place = next((k for k, (power, f) in enumerate(factors) if power < 0 and _same(f, divisor)), None)
    if place is None:
        return None
    del factors[place]
    if not factors:
        return divisor.fill(1.0)
    return algebra.product(factors)


def _same(one: Variable, other: Variable) -> bool:
    """Whether two variables are the same, or DimShuffles that are to become so."""
    if one is other:
        return True
    a, b = one.owner, other.owner
    return a is not None and b is not None and isinstance(a.op, DimShuffle) and a.op == b.op and a.inputs == b.inputs
