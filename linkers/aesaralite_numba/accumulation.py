"""Sums with products of matrices that BLAS adds up: ``C + 2*A@B`` is one call, without an array for ``A@B``.

BLAS computes ``C += factor*A@B``.  It doesn't look at A and B if the factor is 0, so that a NaN would be lost: the
factor must be known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .emit.blas import PRODUCTS
from .expr import Expr, walk
from .ir import OperandView, Product
from .lower.context import Lowering
from .realise import domains
from .values import Call, DrawMap, Map, Param, Reduce, Value, storage_of

Term = tuple[float | complex, Expr]


@dataclass(frozen=True, eq=False)
class Sum:
    """A map that begins as `base`, or as `rest` of its axes, or as nothing; then `products` are added, one by one."""

    base: Value | None
    rest: Expr | None
    products: tuple[Product, ...]


class Accumulation:
    """Finds such sums.

    A map becomes one if it must be in memory, and is the sum of products that nobody else reads and of what can be
    computed alone.  Other maps stay with the kernels that they are part of.

    Parameters
    ----------
    values
        Everything that is computed, in the order of the graph.
    conditions
        What is looked at besides.
    must
        Values that must be in memory.
    views
        How each call reads its operands.
    updates
        Pairs of a value and the state slot that it is written to.

    Attributes
    ----------
    sums
        By the maps that they are.
    absorbed
        Values that are only part of them.
    """

    def __init__(
        self,
        ctx: Lowering,
        values: Sequence[Value],
        conditions: Iterable[Expr],
        must: set[Value],
        views: Mapping[Call, tuple[OperandView, ...]],
        updates: Iterable[tuple[Value, Param]],
    ) -> None:
        self.ctx, self.e = ctx, ctx.e
        self.must = must
        self.views = views
        self.sums: dict[Value, Sum] = {}
        self.absorbed: set[Value] = set()
        if not any(isinstance(value, Call) and value.routine in PRODUCTS for value in values):
            return
        self.states: dict[Value, set[Value]] = {}
        for value, state in updates:
            self.states.setdefault(storage_of(value), set()).add(state)
        self.readers = _readers(values, conditions)
        self.parts: set[Value] = set()  # products that may be added up, and what has them in it
        for value in values:
            if isinstance(value, Call):
                if value.routine in PRODUCTS and self._is_private(value):
                    self.parts.add(value)
            elif type(value) is Map and self._has_products(value.body):
                if value in must:
                    self._look(value)
                elif self._is_private(value):
                    self.parts.add(value)

    def _is_private(self, value: Value) -> bool:
        return value not in self.must and len(self.readers.get(value, ())) == 1

    def _has_products(self, expr: Expr) -> bool:
        return any(sub.op == "load" and sub.attr in self.parts for sub in walk((expr,)))

    def _look(self, value: Map) -> None:
        inner: set[Value] = set()
        terms = self._terms(value, inner)
        if terms is None or not all(abs(factor) == 1 or _is_normal(factor, value.dtype) for factor, _ in terms):
            return
        calls = {expr.attr: factor for factor, expr in terms if self._has_products(expr)}
        rest = [(factor, expr) for factor, expr in terms if not self._has_products(expr)]
        if len(calls) + len(rest) < len(terms) or not all(self._is_alone(value, expr) for _, expr in rest):
            return
        if any(self._reads_state(call, value) for call in calls):
            return
        base = self._base(value, rest)
        products: list[Product] = []
        for call, factor in calls.items():
            adds = bool(rest or products)
            products.append(Product(call, value, self.e.const(factor, value.dtype), adds))
        body = self._added(rest, value.dtype) if rest and base is None else None
        self.sums[value] = Sum(base, body, tuple(products))
        self.absorbed |= inner.union(calls)

    def _terms(self, value: Map, inner: set[Value]) -> list[Term] | None:
        """The map as a sum of loads of products, and of expressions without any; None if it isn't one.

        Maps that are looked through join `inner`.
        """
        indices = self._indices(value)
        found: list[Term] = []
        stack: list[Term] = [(1.0, value.body)]
        while stack:
            factor, expr = stack.pop()
            if not self._has_products(expr):
                found.append((factor, expr))
            elif expr.op in ("add", "sub"):
                first, second = expr.args
                stack += [(factor if expr.op == "add" else -factor, second), (factor, first)]
            elif expr.op == "neg":
                stack.append((-factor, expr.args[0]))
            elif expr.op == "mul" and any(arg.is_const for arg in expr.args):
                number, other = sorted(expr.args, key=lambda arg: not arg.is_const)
                stack.append((factor * number.attr, other))
            elif expr.op == "true_div" and expr.args[1].is_const and expr.args[1].attr:
                stack.append((factor / expr.args[1].attr, expr.args[0]))
            elif expr.op != "load" or expr.args != indices or expr.attr.dims != value.dims:
                return None
            elif isinstance(expr.attr, Map):
                inner.add(expr.attr)
                places = dict(zip(expr.attr.axes, indices, strict=True))
                stack.append((factor, self.ctx.substitute(expr.attr.body, places)))
            else:
                found.append((factor, expr))
        return found

    def _indices(self, value: Map) -> tuple[Expr, ...]:
        return tuple(self.e.zero if axis.size.is_one else self.e.axis_expr(axis) for axis in value.axes)

    def _is_alone(self, value: Map, expr: Expr) -> bool:
        """Whether nothing that it is computed of would share a loop with it, or be kept for it."""
        stack: list[tuple[Map, Expr]] = [(value, expr)]
        while stack:
            reader, body = stack.pop()
            running = sum(not axis.size.is_one for axis in reader.axes)
            for sub in walk((body,)):
                source = sub.attr if sub.op == "load" else None
                if source is None or source in self.must or not source.dims:
                    continue
                if isinstance(source, Reduce | DrawMap):
                    return False
                if isinstance(source, Map):
                    stretched = len(sub.axes) < running or any(self.e.affine(arg) is None for arg in sub.args)
                    if stretched or not self._is_private(source):
                        return False
                    stack.append((source, source.body))
        return True

    def _reads_state(self, call: Call, value: Map) -> bool:
        """Whether the call reads state that `value` would be written to before it."""
        states = self.states.get(value, set())
        return any(storage_of(view.value) in states for view in self.views[call])

    def _base(self, value: Map, rest: Sequence[Term]) -> Value | None:
        """What the map begins as, if that is nothing but an array in memory."""
        if len(rest) != 1 or rest[0][0] != 1:
            return None
        expr = rest[0][1]
        if expr.op != "load" or expr.args != self._indices(value) or expr.attr.dims != value.dims:
            return None
        base = expr.attr
        if (isinstance(base, Param) and base.layout != "C") or (isinstance(base, Map) and base not in self.must):
            return None
        return base

    def _added(self, terms: Sequence[Term], dtype: str) -> Expr:
        total = None
        for factor, expr in terms:
            if factor == -1:
                expr = self.e.make("neg", dtype, (expr,))
            elif factor != 1:
                expr = self.e.make("mul", dtype, (self.e.const(factor, dtype), expr))
            total = expr if total is None else self.e.make("add", dtype, (total, expr))
        assert total is not None
        return total


def _is_normal(number: float | complex, dtype: str) -> bool:
    """Whether it is neither 0 nor infinite nor loses digits in that dtype."""
    limits = np.finfo(dtype)
    return bool(limits.tiny <= abs(number) <= limits.max)


def _readers(values: Iterable[Value], conditions: Iterable[Expr]) -> dict[Value, set[Value | None]]:
    """Who reads each value; None stands for the conditions."""
    readers: dict[Value, set[Value | None]] = {}

    def note(reader: Value | None, exprs: Iterable[Expr]) -> None:
        for expr in walk(exprs):
            if expr.op == "load":
                readers.setdefault(expr.attr, set()).add(reader)

    note(None, conditions)
    for value in values:
        sizes = (axis.size for axes, _ in domains(value) for axis in axes)
        note(value, (*value.bodies(), *value.dims, *sizes))
        for source in value.sources():
            readers.setdefault(source, set()).add(value)
    return readers
