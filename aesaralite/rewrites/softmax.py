"""Softmax, log-softmax, log-sum-exp and cross-entropy: found where they're written by hand, and their gradients."""

from __future__ import annotations

from typing import Any

from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.variable import Apply, Variable
from aesaralite.rewrites.algebra import algebra
from aesaralite.rewrites.knowledge import is_number, same_sizes
from aesaralite.rewrites.phases import register_canonicalize, register_stabilize
from aesaralite.rewriting.base import node_rewriter
from aesaralite.tensor.dimshuffle import DimShuffle
from aesaralite.tensor.indexing_advanced import (
    AdvancedIncSubtensor,
    AdvancedIncSubtensor1,
    AdvancedSubtensor,
    AdvancedSubtensor1,
)
from aesaralite.tensor.indexing_basic import IncSubtensor, Subtensor
from aesaralite.tensor.pointwise import exp, isinf, log, mul, neg, sub, switch, true_div
from aesaralite.tensor.reduction import Max, Sum
from aesaralite.tensor.special import LogSoftmax, Softmax, SoftmaxGrad

INDEXING = (Subtensor, AdvancedSubtensor1, AdvancedSubtensor)
INCREMENTING = {
    IncSubtensor: Subtensor,
    AdvancedIncSubtensor1: AdvancedSubtensor1,
    AdvancedIncSubtensor: AdvancedSubtensor,
}


@register_canonicalize
@node_rewriter([true_div, mul])
def local_softmax_by_hand(fgraph: FunctionGraph, node: Apply) -> Any:
    """exp(x) / sum(exp(x), axis) -> softmax(x, axis), also with other factors beside"""
    out = node.outputs[0]
    if not out.type.dtype.startswith("float"):
        return False
    factors = [part for factor in algebra.factors(out) for part in _through_dimshuffle(*factor)]
    for i, (power, numerator) in enumerate(factors):
        if power < 0 or numerator.owner is None or numerator.owner.op != exp or numerator.type.dtype != out.type.dtype:
            continue
        for j, (other_power, divisor) in enumerate(factors):
            if other_power > 0:
                continue
            axis = _summed_axis(divisor, numerator)
            if axis == "no":
                continue
            softmax = Softmax(axis)(numerator.owner.inputs[0])
            rest = [factor for k, factor in enumerate(factors) if k not in (i, j)]
            return [algebra.product([(1, softmax), *rest]) if rest else softmax]
    return False


def _through_dimshuffle(power: int, factor: Variable) -> list[tuple[int, Variable]]:
    """Split a DimShuffle of a quotient of 0-d arrays."""
    node = factor.owner
    if node is not None and isinstance(node.op, DimShuffle) and node.inputs[0].type.ndim == 0:
        inner = algebra.factors(node.inputs[0])
        if any(exponent < 0 for exponent, _ in inner):
            return [(power * exponent, node.op(part)) for exponent, part in inner]
    return [(power, factor)]


def _summed_axis(divisor: Variable, numerator: Variable) -> Any:
    """Return the axis (None for all) along which `divisor` is the sum of `numerator`, or "no"."""
    node = divisor.owner
    order: Any = None
    if node is not None and isinstance(node.op, DimShuffle):
        order = node.op.new_order
        node = node.inputs[0].owner
    if node is None or not isinstance(node.op, Sum) or node.inputs[0] is not numerator:
        return "no"
    axes = node.op.axes(numerator.type.ndim)
    kept = iter(range(numerator.type.ndim - len(axes)))
    expected = tuple("x" if i in axes else next(kept) for i in range(numerator.type.ndim))
    if (order is None and numerator.type.ndim > 0) or (order is not None and order != expected):
        return "no"
    if len(axes) == 1:
        return axes[0]
    return None if len(axes) == numerator.type.ndim and axes else "no"


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
        return [x]
    largest = Max(axis=axes)(x)
    # where it's infinite, so is the result, and subtracting it would give NaN
    shift = switch(isinf(largest), 0, largest)
    shifted = exp(x - total.op.expand(shift, x.type.ndim))
    return [log(total.op(shifted)) + shift]


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
    if not same_sizes(fgraph, undivided, softmax):
        return False
    axis = node.op.axis
    total = undivided.sum(axis=axis, keepdims=True, dtype=undivided.type.dtype)
    return [undivided - softmax * total]


@register_canonicalize
@node_rewriter([mul])
def local_mul_of_chosen_quotient(fgraph: FunctionGraph, node: Apply) -> Any:
    """s * inc_subtensor(zeros[i], g / s[i]) -> inc_subtensor(zeros[i], g), as in the gradient of log(s[i])"""
    for i, factor in enumerate(node.inputs):
        inner = factor.owner
        if inner is None or type(inner.op) not in INCREMENTING or factor.type.dtype != node.outputs[0].type.dtype:
            continue
        for j, other in enumerate(node.inputs):
            if i == j or other.type.ndim != factor.type.ndim:
                continue
            undivided = _times_softmax(fgraph, factor, other)
            if undivided is not None and same_sizes(fgraph, factor, other):
                return [mul(undivided, *(v for k, v in enumerate(node.inputs) if k not in (i, j)))]
    return False


def _times_softmax(fgraph: FunctionGraph, dy: Variable, softmax: Variable) -> Variable | None:
    """Return `dy` times `softmax` where that undoes a division, else None."""
    sign = 1
    while dy.owner is not None and dy.owner.op == neg:
        sign, dy = -sign, dy.owner.inputs[0]
    node = dy.owner
    if node is None:
        return None
    found = None
    if node.op in (true_div, mul):
        found = _without(dy, softmax)
    elif type(node.op) in INCREMENTING and not node.op.set_instead_of_inc and is_number(node.inputs[0], 0):
        base, value, *index = node.inputs
        undivided = _undivided_entry(value, softmax, INCREMENTING[type(node.op)], index, node.op)
        if undivided is not None:
            found = node.op(base, undivided, *index)
    if found is None:
        return None
    return found if sign > 0 else neg(found)


def _undivided_entry(
    value: Variable, softmax: Variable, indexing: type, index: list[Variable], op: Any
) -> Variable | None:
    """Return `value` times ``softmax[index]`` where that undoes a division."""
    sign = 1
    while value.owner is not None and value.owner.op == neg:
        sign, value = -sign, value.owner.inputs[0]
    for power, factor in algebra.factors(value):
        node = factor.owner
        if power > 0 or node is None or type(node.op) is not indexing or node.inputs[0] is not softmax:
            continue
        same_template = getattr(node.op, "idx_list", None) == getattr(op, "idx_list", None)
        if same_template and len(node.inputs) - 1 == len(index) and all(a is b for a, b in zip(node.inputs[1:], index)):
            found = _without(value, factor)
            return found if found is None or sign > 0 else neg(found)
    return None


def _without(product: Variable, divisor: Variable) -> Variable | None:
    """Return a product times one of its divisors, or None if that isn't one."""
    factors = algebra.factors(product)
    if (-1, divisor) not in factors:
        return None
    factors.remove((-1, divisor))
    if not factors:
        return divisor.fill(1.0)
    return algebra.product(factors)
