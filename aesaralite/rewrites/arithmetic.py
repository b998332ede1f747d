"""Canonical sums and products.

A sum of terms becomes ``add(number, terms) - add(terms)``, and a product of factors ``number * mul(factors) /
mul(factors)``, with a minus sign outside: nested ones are flattened, numbers are computed, and what occurs on both
sides cancels. As in algebra, variables are taken to be finite here, and divisors not to be zero.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from aesaralite.graph.arguments import expect
from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.op import Op
from aesaralite.graph.variable import Apply, Variable
from aesaralite.rewrites.knowledge import in_shape, uniform_number
from aesaralite.rewrites.phases import register_canonicalize
from aesaralite.rewriting.base import NodeRewriter
from aesaralite.tensor.convert import constant
from aesaralite.tensor.pointwise import add, mul, neg, reciprocal, sub, true_div

# Flattening through nodes that something else uses too may go so far.
_MOST_SHARED_PARTS = 32


class Parts:
    """A sum or product taken apart.

    Attributes
    ----------
    sign : int
        The sign in front of a product.
    numbers : list
        Pairs of a number and whether it's inverted (subtracted, divided by).
    number_variables : list of Variable
        The variables that the numbers were read from.
    plain, inverse : list of Variable
        The other parts.
    stand_ins : list of Variable
        Variables that a number was taken from, for their shapes.
    """

    __slots__ = ("inverse", "number_variables", "numbers", "plain", "sign", "stand_ins")

    def __init__(self) -> None:
        self.sign = 1
        self.numbers: list[tuple[Any, bool]] = []
        self.number_variables: list[Variable] = []
        self.plain: list[Variable] = []
        self.inverse: list[Variable] = []
        self.stand_ins: list[Variable] = []


class AlgebraicCanonizer(NodeRewriter):
    """Gives sums, or products, one form.

    Parameters
    ----------
    main
        The Op of any number of parts.
    inverse_op
        The Op of two parts, the second of which is inverted.
    unary
        The Op that inverts one part (or None).
    calculate
        ``calculate(plain, inverted, dtype)`` combines numbers.
    products
        Whether these are products, for which a negation is a sign in front.
    """

    def __init__(
        self,
        main: Op,
        inverse_op: Op,
        unary: Op | None,
        calculate: Callable[[list[Any], list[Any], str], Any],
        products: bool,
        name: str,
    ):
        self.main = main
        self.inverse_op = inverse_op
        self.unary = unary
        self.calculate = calculate
        self.products = products
        self.name = name
        for what, op in (("main", main), ("inverse_op", inverse_op), ("unary", unary)):
            if op is not None or what != "unary":
                expect(op, Op, what)
        self.family = {op for op in (main, inverse_op, unary, neg) if op is not None}

    def tracks(self) -> list[Op]:
        return list(self.family)

    def transform(self, fgraph: FunctionGraph, node: Apply) -> Any:
        out = node.outputs[0]
        dtype = out.type.dtype
        if dtype == "bool" or (self.products and self.inverse_op == node.op and dtype[0] in "iu"):
            return False
        clients = fgraph.clients[out]
        if len(clients) == 1:
            ((client, _),) = clients
            # the user takes this node apart itself
            if client != "output" and client.op in self.family and client.outputs[0].type.dtype == dtype:
                return False
        parts = self._take_apart(fgraph, node, shared=True)
        removed = _cancel(parts)
        if not removed:
            parts = self._take_apart(fgraph, node, shared=False)
            removed = _cancel(parts)
        if self.products:
            _keep_divisor(parts, dtype)
        value = self._number(parts, dtype)
        if value is None:
            return False
        if self.products and value == 0 and (parts.plain or parts.inverse):
            parts.stand_ins += [*parts.plain, *parts.inverse]
            parts.plain, parts.inverse = [], []
            removed = parts.stand_ins
        if not removed and self._is_canonical(node, parts, value):
            return False
        new = self._build(parts, value, dtype)
        kept = [*parts.plain, *parts.inverse]
        new = in_shape(fgraph, new, out, kept, [*removed, *parts.stand_ins])
        return [new]

    def _take_apart(self, fgraph: FunctionGraph, node: Apply, shared: bool) -> Parts:
        parts = Parts()
        dtype = node.outputs[0].type.dtype
        pending: list[tuple[Variable, bool]] = [(node.outputs[0], False)]
        while pending:
            variable, inverted = pending.pop()
            inner = variable.owner
            if inner is not None and self._belongs(fgraph, inner, node, dtype, shared, len(parts.plain) + len(pending)):
                op = inner.op
                if op == neg and self.products:
                    parts.sign = -parts.sign
                    pending.append((inner.inputs[0], inverted))
                elif op == self.main:
                    pending.extend((source, inverted) for source in reversed(inner.inputs))
                elif op == self.inverse_op:
                    first, second = inner.inputs
                    pending.append((second, not inverted))
                    pending.append((first, inverted))
                else:
                    pending.append((inner.inputs[0], not inverted))
                continue
            value = uniform_number(variable)
            if value is not None and np.can_cast(variable.type.dtype, dtype, "same_kind"):
                parts.numbers.append((value, inverted))
                parts.number_variables.append(variable)
                if not all(variable.type.broadcastable):
                    parts.stand_ins.append(variable)
            else:
                (parts.inverse if inverted else parts.plain).append(variable)
        return parts

    def _belongs(self, fgraph: FunctionGraph, inner: Apply, root: Apply, dtype: str, shared: bool, count: int) -> bool:
        if inner is root:
            return True
        if inner.op not in self.family or inner.outputs[0].type.dtype != dtype:
            return False
        if inner.op == self.inverse_op and self.products and dtype[0] in "iu":
            return False
        if len(fgraph.clients[inner.outputs[0]]) == 1 or (inner.op == neg and self.products):
            return True
        return shared and count < _MOST_SHARED_PARTS

    def _number(self, parts: Parts, dtype: str) -> Any:
        plain = [value for value, inverted in parts.numbers if not inverted]
        inverted = [value for value, is_inverted in parts.numbers if is_inverted]
        with np.errstate(all="ignore"):
            value = self.calculate(plain, inverted, dtype)
            if dtype[0] in "fc" and len(parts.numbers) > 1:
                # numbers that are fine one by one must not overflow together
                fine = all(np.isfinite(v) and (v != 0 or not self.products) for v in (*plain, *inverted))
                if fine and not (np.isfinite(value) and (value != 0 or not self.products)):
                    return None
        return value

    def _is_canonical(self, node: Apply, parts: Parts, value: Any) -> bool:
        """Whether the node is what `_build` would make."""
        if len(parts.numbers) > 1:
            return False
        if parts.numbers:
            number, inverted = parts.numbers[0]
            alone_over = not parts.plain and not inverted
            if inverted or (number == self.main.scalar_op.identity and not alone_over):
                return False
            if (self.products and number == -1) or (not parts.plain and not parts.inverse):
                return False
        root = node.outputs[0]
        if self.products and parts.sign < 0:
            if node.op != neg:
                return False
            root = node.inputs[0]
        if not parts.inverse:
            return self._is_combined(root, parts.plain, bool(parts.numbers))
        if not parts.plain and not parts.numbers:
            return (
                root.owner is not None
                and root.owner.op == neg
                and self._is_combined(root.owner.inputs[0], parts.inverse)
            )
        if root.owner is None or root.owner.op != self.inverse_op:
            return False
        over, under = root.owner.inputs
        return self._is_combined(over, parts.plain, bool(parts.numbers)) and self._is_combined(under, parts.inverse)

    def _is_combined(self, variable: Variable, expected: list[Variable], with_number: bool = False) -> bool:
        """Whether a variable is the main Op of the expected parts, or the only one of them."""
        if len(expected) + with_number == 1:
            return uniform_number(variable) is not None if with_number else variable is expected[0]
        node = variable.owner
        if node is None or node.op != self.main or len(node.inputs) != len(expected) + with_number:
            return False
        inputs = node.inputs
        if with_number:
            if uniform_number(inputs[0]) is None:
                return False
            inputs = inputs[1:]
        return all(a is b for a, b in zip(inputs, expected))

    def _build(self, parts: Parts, value: Any, dtype: str) -> Variable:
        sign = parts.sign
        identity = self.main.scalar_op.identity
        if self.products and value == -1 and dtype[0] != "u":
            sign, value = -sign, type(value)(1)
        over = list(parts.plain)
        if value != identity or not (over or (parts.inverse and not self.products)):
            over.insert(0, _constant(value, dtype, parts))
        under = self.main(*parts.inverse) if len(parts.inverse) > 1 else parts.inverse[0] if parts.inverse else None
        if not over:
            return neg(under)
        new: Variable = self.main(*over) if len(over) > 1 else over[0]
        if under is not None:
            new = self.inverse_op(new, under)
        return neg(new) if self.products and sign < 0 else new


def _constant(value: Any, dtype: str, parts: Parts) -> Variable:
    ndim = next((v.type.ndim for v in (*parts.plain, *parts.inverse, *parts.stand_ins)), 0)
    return constant(np.asarray(value, dtype=dtype).reshape((1,) * ndim))


def _keep_divisor(parts: Parts, dtype: str) -> None:
    """Leave a division by a number a division, unless the inverse is exact: ``x / 49`` isn't ``x * (1 / 49)``."""
    if len(parts.numbers) != 1 or dtype[0] not in "fc":
        return
    ((value, inverted),) = parts.numbers
    if not inverted or value == 0 or abs(np.frexp(abs(value))[0]) == 0.5:
        return
    parts.numbers = []
    parts.inverse.insert(0, parts.number_variables[0])
    parts.stand_ins = []


def _cancel(parts: Parts) -> list[Variable]:
    """Take away what is on both sides; return it."""
    if not parts.inverse or not parts.plain:
        return []
    over: dict[Variable, int] = {}
    for variable in parts.plain:
        over[variable] = over.get(variable, 0) + 1
    removed = []
    under = []
    for variable in parts.inverse:
        if over.get(variable, 0):
            over[variable] -= 1
            removed.append(variable)
        else:
            under.append(variable)
    if removed:
        drop: dict[Variable, int] = {}
        for variable in removed:
            drop[variable] = drop.get(variable, 0) + 1
        plain = []
        for variable in parts.plain:
            if drop.get(variable, 0):
                drop[variable] -= 1
            else:
                plain.append(variable)
        parts.plain, parts.inverse = plain, under
    return removed


def _add_numbers(plain: list[Any], inverted: list[Any], dtype: str) -> Any:
    total = np.zeros((), dtype=dtype)[()]
    for value in plain:
        total = total + np.asarray(value).astype(dtype)[()]
    for value in inverted:
        total = total - np.asarray(value).astype(dtype)[()]
    return total


def _multiply_numbers(plain: list[Any], inverted: list[Any], dtype: str) -> Any:
    product = np.ones((), dtype=dtype)[()]
    for value in plain:
        product = product * np.asarray(value).astype(dtype)[()]
    for value in inverted:
        product = product / np.asarray(value).astype(dtype)[()]
    return product


local_add_canonizer = register_canonicalize(
    AlgebraicCanonizer(add, sub, neg, _add_numbers, products=False, name="local_add_canonizer"), "fast_compile"
)
local_mul_canonizer = register_canonicalize(
    AlgebraicCanonizer(mul, true_div, reciprocal, _multiply_numbers, products=True, name="local_mul_canonizer"),
    "fast_compile",
)
