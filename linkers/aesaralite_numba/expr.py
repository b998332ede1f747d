"""Typed, hash-consed expressions: the scalar language of the kernel IR.

One language serves three places: the body of a kernel, the index maps of its loads and stores, and the scalars that
the program computes between kernels (dimensions, 0-d values, conditions of guards).  Equal expressions of one
:class:`Expressions` table are one object, so equality is identity and common subexpressions exist once.
"""

from __future__ import annotations

import operator
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

INDEX = "int64"
_HALF = 1 << 63
_SIZES = frozenset(("dim", "axis", "mask", "bcast"))
#: What comparisons mean for numbers that are known while compiling.
COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    name: getattr(operator, name) for name in ("eq", "ne", "lt", "le", "gt", "ge")
}


class Axis:
    """One loop of an iteration domain: runs from 0 up to `size`, an expression without axes."""

    __slots__ = ("serial", "size")

    def __init__(self, size: Expr, serial: int) -> None:
        self.size = size
        self.serial = serial

    def __repr__(self) -> str:
        return f"i{self.serial}"


class Expr:
    """One node of an expression.

    Attributes
    ----------
    op
        ``const`` (`attr`: the number), ``axis`` (`attr`: an :class:`Axis`), ``dim`` (`attr`: value and dimension),
        ``load`` (`attr`: the value read, `args`: one index a dimension), ``bcast`` (joint size of broadcast
        dimensions), ``mask`` (0 where a dimension of size 1 is stretched, else 1), ``row`` (`attr`: a reduction whose
        result for the present row of a kernel it is, `args`: the row), or the name of a scalar operation.
    dtype
        NumPy's name of the result's dtype.
    axes
        The axes that the expression depends on; empty for a scalar that is computed once a call.
    is_size
        Whether it is known not to be negative: a size, or an index that runs from 0.
    """

    __slots__ = ("args", "attr", "axes", "dtype", "is_size", "op", "serial")

    def __init__(self, op: str, dtype: str, args: tuple[Expr, ...], attr: Any, axes: frozenset, serial: int) -> None:
        self.op = op
        self.dtype = dtype
        self.args = args
        self.attr = attr
        self.axes = axes
        self.serial = serial
        self.is_size: bool = dtype == INDEX and (
            op in _SIZES
            or (op == "const" and attr >= 0)
            or (op in ("mul", "select") and args[-1].is_size and args[-2].is_size)
            or (op == "select" and _is_maximum(args) and (args[-1].is_size or args[-2].is_size))
        )

    @property
    def is_const(self) -> bool:
        return self.op == "const"

    @property
    def is_one(self) -> bool:
        return self.op == "const" and self.attr == 1

    def __repr__(self) -> str:
        return f"<{self.op}:{self.dtype} #{self.serial}>"


_NO_AXES: frozenset = frozenset()


def _is_maximum(args: tuple[Expr, ...]) -> bool:
    condition, yes, no = args
    return condition.op == "le" and condition.args == (no, yes)


def _const_key(value: Any) -> Any:
    """Distinguish 0.0 from -0.0 and let equal NaNs meet."""
    if isinstance(value, complex):
        return struct.pack("dd", value.real, value.imag)
    if isinstance(value, float):
        return struct.pack("d", value)
    return value


class Expressions:
    """The table of one program's expressions, and the constructors."""

    def __init__(self) -> None:
        self._table: dict[tuple, Expr] = {}
        self._serial = 0
        self._axis_serial = 0
        self._affine: dict[Expr, Affine | None] = {}
        self.zero = self.index(0)
        self.one = self.index(1)

    def make(self, op: str, dtype: str, args: Sequence[Expr] = (), attr: Any = None, key: Any = None) -> Expr:
        """The expression of that operation and arguments, new or known."""
        args = tuple(args)
        table_key = (op, dtype, args, attr if key is None else key)
        found = self._table.get(table_key)
        if found is None:
            axes = _NO_AXES
            for arg in args:
                if arg.axes and arg.axes is not axes:
                    axes = axes | arg.axes if axes else arg.axes
            self._serial += 1
            found = self._table[table_key] = Expr(op, dtype, args, attr, axes, self._serial)
        return found

    def const(self, value: Any, dtype: str) -> Expr:
        return self.make("const", dtype, (), value, (type(value), _const_key(value)))

    def index(self, value: int) -> Expr:
        """A number of int64, wrapped around as its arithmetic does."""
        return self.const((int(value) + _HALF) % (2 * _HALF) - _HALF, INDEX)

    def axis(self, size: Expr) -> tuple[Axis, Expr]:
        """A fresh axis and the expression of its running index."""
        self._axis_serial += 1
        axis = Axis(size, self._axis_serial)
        self._serial += 1
        expr = Expr("axis", INDEX, (), axis, frozenset((axis,)), self._serial)
        self._table[("axis", axis)] = expr
        return axis, expr

    def axis_expr(self, axis: Axis) -> Expr:
        return self._table[("axis", axis)]

    def dim(self, value: Any, dimension: int) -> Expr:
        """Size of `value`'s dimension, known when the value is there."""
        return self.make("dim", INDEX, (), (value, dimension))

    def load(self, value: Any, indices: Sequence[Expr]) -> Expr:
        return self.make("load", value.dtype, indices, value)

    # Integers: folded as they are built, so that equal sizes become equal expressions.
    def add(self, a: Expr, b: Expr) -> Expr:
        if a.is_const and b.is_const:
            return self.index(a.attr + b.attr)
        if a.is_const and a.attr == 0:
            return b
        if b.is_const and b.attr == 0:
            return a
        if b.is_const and a.op == "add" and a.args[1].is_const:
            return self.add(a.args[0], self.add(a.args[1], b))
        if b.op == "sub" and b.args[1] is a:
            return b.args[0]
        if a.op == "sub" and a.args[1] is b:
            return a.args[0]
        if a.is_const or (not b.is_const and a.serial > b.serial):
            a, b = b, a
        return self.make("add", INDEX, (a, b))

    def sub(self, a: Expr, b: Expr) -> Expr:
        if b.is_const:
            return self.add(a, self.index(-b.attr))
        if a is b:
            return self.zero
        if a.op == "add":
            if a.args[0] is b:
                return a.args[1]
            if a.args[1] is b:
                return a.args[0]
        return self.make("sub", INDEX, (a, b))

    def mul(self, a: Expr, b: Expr) -> Expr:
        if a.is_const and b.is_const:
            return self.index(a.attr * b.attr)
        for x, y in ((a, b), (b, a)):
            if x.is_const and x.attr == 0:
                return self.zero
            if x.is_one:
                return y
        if a.serial > b.serial:
            a, b = b, a
        if b.op == "mul" and a.op != "mul":
            # products are kept flat and sorted: (a*b)*c and a*(b*c) are one expression
            return self.product((a, *self.factors(b)))
        if a.op == "mul":
            return self.product((*self.factors(a), *self.factors(b)))
        return self.make("mul", INDEX, (a, b))

    def factors(self, expr: Expr) -> tuple[Expr, ...]:
        found: list[Expr] = []
        stack = [expr]
        while stack:
            top = stack.pop()
            if top.op == "mul" and top.dtype == INDEX:
                stack.extend(top.args)
            else:
                found.append(top)
        return tuple(found)

    def product(self, factors: Iterable[Expr]) -> Expr:
        """Product of index expressions in one canonical order."""
        constant = 1
        rest: list[Expr] = []
        for factor in factors:
            if factor.is_const:
                constant *= factor.attr
            else:
                rest.extend(self.factors(factor))
        for factor in tuple(rest):
            if factor.is_const:
                constant *= factor.attr
                rest.remove(factor)
        if constant == 0:
            return self.zero
        rest.sort(key=lambda e: e.serial)
        if constant != 1:
            rest.insert(0, self.index(constant))
        if not rest:
            return self.one
        result = rest[0]
        for factor in rest[1:]:
            result = self.make("mul", INDEX, (result, factor))
        return result

    def select(self, condition: Expr, yes: Expr, no: Expr) -> Expr:
        if condition.is_const:
            return yes if condition.attr else no
        if yes is no:
            return yes
        return self.make("select", yes.dtype, (condition, yes, no))

    def _is_negated_size(self, expr: Expr) -> bool:
        return expr.op == "sub" and expr.args[0] is self.zero and expr.args[1].is_size

    def _compare(self, op: str, a: Expr, b: Expr) -> Expr:
        if a.is_const and b.is_const:
            x, y = a.attr, b.attr
            return self.const({"eq": x == y, "ne": x != y, "lt": x < y, "le": x <= y}[op], "bool")
        if a is b:
            return self.const(op in ("eq", "le"), "bool")
        if op == "le" and b.is_size and ((a.is_const and a.attr <= 0) or self._is_negated_size(a)):
            return self.const(True, "bool")
        if op == "lt" and b.is_const and b.attr <= 0 and a.is_size:
            return self.const(False, "bool")
        if op == "lt" and b.is_size and a.op == "add" and a.args[0] is b and a.args[1].is_const and a.args[1].attr < 0:
            return self.const(True, "bool")
        return self.make(op, "bool", (a, b))

    def eq(self, a: Expr, b: Expr) -> Expr:
        return self._compare("eq", *sorted((a, b), key=lambda e: e.serial))

    def lt(self, a: Expr, b: Expr) -> Expr:
        return self._compare("lt", a, b)

    def le(self, a: Expr, b: Expr) -> Expr:
        return self._compare("le", a, b)

    def all(self, *conditions: Expr) -> Expr:
        rest = []
        for condition in conditions:
            if condition.is_const:
                if not condition.attr:
                    return condition
            elif condition not in rest:
                rest.append(condition)
        if not rest:
            return self.const(True, "bool")
        result = rest[0]
        for condition in rest[1:]:
            result = self.make("and", "bool", (result, condition))
        return result

    def any(self, *conditions: Expr) -> Expr:
        rest = []
        for condition in conditions:
            if condition.is_const:
                if condition.attr:
                    return condition
            elif condition not in rest:
                rest.append(condition)
        if not rest:
            return self.const(False, "bool")
        result = rest[0]
        for condition in rest[1:]:
            result = self.make("or", "bool", (result, condition))
        return result

    def minimum(self, a: Expr, b: Expr) -> Expr:
        a, b = sorted((a, b), key=lambda e: e.serial)
        return self.select(self.le(a, b), a, b)

    def maximum(self, a: Expr, b: Expr) -> Expr:
        a, b = sorted((a, b), key=lambda e: e.serial)
        return self.select(self.le(a, b), b, a)

    # Broadcasting of sizes
    def bcast(self, sizes: Iterable[Expr]) -> Expr:
        """Joint size of dimensions that are broadcast together; the guard that they fit is the caller's.

        A constant other than 1 decides; otherwise the set of the unknown sizes is kept, flat and sorted.
        """
        unknown: set[Expr] = set()
        for size in sizes:
            if size.is_const:
                if size.attr != 1:
                    return size
            elif size.op == "bcast":
                unknown.update(size.args)
            else:
                unknown.add(size)
        if not unknown:
            return self.one
        if len(unknown) == 1:
            return unknown.pop()
        return self.make("bcast", INDEX, sorted(unknown, key=lambda e: e.serial))

    def mask(self, own: Expr, joint: Expr) -> Expr:
        """Factor of an index into a dimension of size `own` that is broadcast to `joint`."""
        if own is joint or (own.is_const and own.attr != 1):
            return self.one
        if own.is_const:
            return self.zero
        return self.make("mask", INDEX, (own, joint))

    def affine(self, expr: Expr) -> Affine | None:
        """`expr` as offset plus coefficient times axis, or None if it isn't of that form."""
        if expr in self._affine:
            return self._affine[expr]
        stack = [expr]
        while stack:
            top = stack[-1]
            if top in self._affine:
                stack.pop()
                continue
            if not top.axes:
                self._affine[top] = Affine(top, {})
            elif top.op == "axis":
                self._affine[top] = Affine(self.zero, {top.attr: self.one})
            elif top.op in ("add", "sub", "mul") and top.dtype == INDEX:
                missing = [arg for arg in top.args if arg not in self._affine]
                if missing:
                    stack.extend(missing)
                    continue
                self._affine[top] = self._combine(top.op, *(self._affine[arg] for arg in top.args))
            else:
                self._affine[top] = None
            stack.pop()
        return self._affine[expr]

    def _combine(self, op: str, a: Affine | None, b: Affine | None) -> Affine | None:
        if a is None or b is None:
            return None
        if op == "mul":
            if a.coefficients and b.coefficients:
                return None
            if b.coefficients:
                a, b = b, a
            scaled = {axis: self.mul(c, b.offset) for axis, c in a.coefficients.items()}
            return Affine(self.mul(a.offset, b.offset), {x: c for x, c in scaled.items() if c is not self.zero})
        join = self.add if op == "add" else self.sub
        axes = dict.fromkeys((*a.coefficients, *b.coefficients))
        joined = {axis: join(a.coefficients.get(axis, self.zero), b.coefficients.get(axis, self.zero)) for axis in axes}
        return Affine(join(a.offset, b.offset), {x: c for x, c in joined.items() if c is not self.zero})


class Affine:
    """``offset + sum(coefficient * axis)``, every part an expression without axes."""

    __slots__ = ("coefficients", "offset")

    def __init__(self, offset: Expr, coefficients: Mapping[Axis, Expr]) -> None:
        self.offset = offset
        self.coefficients = dict(coefficients)


def walk(roots: Iterable[Expr]) -> list[Expr]:
    """Every expression below `roots`, each once, arguments first."""
    order: list[Expr] = []
    seen: set[Expr] = set()
    stack: list[tuple[Expr, bool]] = [(root, False) for root in reversed(tuple(roots))]
    while stack:
        expr, ready = stack.pop()
        if ready:
            order.append(expr)
        elif expr not in seen:
            seen.add(expr)
            stack.append((expr, True))
            stack.extend((arg, False) for arg in reversed(expr.args) if arg not in seen)
    return order
