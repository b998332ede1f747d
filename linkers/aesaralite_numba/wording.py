"""Expressions and kernels as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from .expr import Axis, Expr, walk
from .ir import Draw, Kernel, Stage, Write
from .numbers import Numbers
from .values import Const, Value, storage_of

_INFIX = {
    "add": "+", "sub": "-", "mul": "*", "true_div": "/", "floor_div": "//", "mod": "%", "eq": "==", "ne": "!=",
    "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "and": "&", "or": "|", "xor": "^", "shl": "<<", "shr": ">>",
}  # fmt: skip
#: A part of an expression that is longer gets a line of its own.
_WIDTH = 100


class Wording:
    """Names values as they come up, and writes down what is computed of them.

    Parameters
    ----------
    names
        Names that are given.
    numbers
        Sizes that these know are written as numbers.
    """

    def __init__(self, names: Mapping[Value, str], numbers: Numbers) -> None:
        self.names = dict(names)
        self.numbers = numbers
        self._expressions: dict[Expr, str] = {}
        self._locals = 0

    def name(self, value: Value) -> str:
        value = storage_of(value)
        known = self.names.get(value)
        if known is None:
            letter = "constant" if isinstance(value, Const) else "t"
            known = self.names[value] = f"{letter}{len(self.names)}"
        return known

    def size(self, expr: Expr) -> str:
        """A size, as a number if it is known."""
        number = self.numbers.of(expr)
        return self.expr(expr) if number is None else str(number)

    def type(self, value: Value) -> str:
        generator = storage_of(value).generator
        if generator is not None:
            return f"state of {generator}"
        return f"{value.dtype}[{', '.join(map(self.size, value.dims))}]"

    def expr(self, root: Expr) -> str:
        for expr in walk((root,)):
            if expr not in self._expressions:
                self._expressions[expr] = self._one(expr)
        return self._expressions[root]

    def amount(self, root: Expr) -> str:
        """A number of bytes or operations, multiplied out."""
        terms: dict[Expr, dict[tuple[Expr, ...], int]] = {}
        for expr in walk((root,)):
            if expr.is_const:
                terms[expr] = {(): expr.attr}
            elif expr.op == "add":
                terms[expr] = _added(*(terms[arg] for arg in expr.args))
            elif expr.op == "mul":
                terms[expr] = _multiplied(*(terms[arg] for arg in expr.args))
            else:
                terms[expr] = {(expr,): 1}
        parts = []
        for factors, count in terms[root].items():
            powers = Counter(map(self.expr, factors))
            names = [name if power == 1 else f"{name}**{power}" for name, power in powers.items()]
            if count != 1 or not names:
                names.insert(0, str(count))
            if count:
                parts.append("*".join(names))
        return " + ".join(sorted(parts, key=lambda part: part.isdigit())) or "0"

    def _named(self, roots: Iterable[Expr], drawn: Collection[Expr]) -> list[str]:
        """Lines that give names to what `roots` use more than once; what is `drawn` has one already."""
        uses: dict[Expr, int] = {}
        order = walk(roots)
        for expr in order:
            for arg in expr.args:
                uses[arg] = uses.get(arg, 0) + 1
        lines = []
        for expr in order:
            text = self.expr(expr)
            if expr.op in ("const", "axis", "dim", "load", "row") or not expr.axes or expr.dtype == "int64":
                continue
            if expr in drawn:
                continue
            if uses.get(expr, 0) > 1 or len(text) > _WIDTH:
                name = f"v{self._locals}"
                self._locals += 1
                lines.append(f"{name} = {text}")
                self._expressions[expr] = name
        return lines

    def _one(self, expr: Expr) -> str:
        args = [self._expressions[arg] for arg in expr.args]
        if expr.op == "const":
            return repr(expr.attr)
        if expr.op == "axis":
            return repr(expr.attr)
        if expr.op == "dim":
            return f"{self.name(expr.attr[0])}.shape[{expr.attr[1]}]"
        if expr.op == "stride":
            return f"{self.name(expr.attr[0])}.stride[{expr.attr[1]}]"
        if expr.op == "load":
            return f"{self.name(expr.attr)}[{', '.join(args)}]"
        if expr.op == "cast":
            return f"{expr.dtype}({args[0]})"
        if expr.op in _INFIX and len(args) == 2:
            return f"({args[0]} {_INFIX[expr.op]} {args[1]})"
        if expr.op == "draw":
            spec = expr.attr
            return f"{spec.name}({', '.join([self.name(spec.state.source), *args[: spec.parameters]])})"
        return f"{expr.op}({', '.join(args)})"

    # ---------------------------------------------------------------- kernels
    def kernel(self, kernel: Kernel) -> tuple[str, list[str]]:
        """Its loops, and what it computes."""
        if not kernel.rows:
            return f"for {self._loops(kernel.axes) or 'one point'}", self._stage(kernel.stages[0])
        lines = []
        for stage in kernel.stages:
            if stage.axes:
                lines.append(f"for {self._loops(stage.axes)}")
            indent = "    " if stage.axes else ""
            lines.extend(indent + line for line in self._stage(stage))
        return f"row by row, {self._loops(kernel.rows)}", lines

    def _stage(self, stage: Stage) -> list[str]:
        lines = []
        draws = [statement for statement in stage.statements if isinstance(statement, Draw)]
        for draw in draws:
            text = self.expr(draw.body)
            self._expressions[draw.body] = name = f"v{self._locals}"
            self._locals += 1
            lines.append(f"{name}, {self.name(draw.target)} = {text}")
        lines.extend(self._named((s.body for s in stage.statements), {draw.body for draw in draws}))
        for statement in stage.statements:
            if isinstance(statement, Draw):
                continue
            target = f"{self.name(statement.target)}[{', '.join(map(self.expr, statement.indices))}]"
            if isinstance(statement, Write):
                sign = "=" if statement.mode == "set" else f"{_INFIX.get(statement.mode, statement.mode)}="
                lines.append(f"{target} {sign} {self.expr(statement.body)}")
                continue
            if statement.forward is not None:
                self._expressions[statement.forward] = name = f"r{self._locals}"
                self._locals += 1
                target = f"{name} = {target}" if statement.stored else name
            lines.append(f"{target} = {statement.monoid} of {self.expr(statement.body)}")
        return lines

    def _loops(self, axes: Iterable[Axis]) -> str:
        return ", ".join(f"{axis!r} < {self.size(axis.size)}" for axis in axes)


def _added(a: dict[tuple[Expr, ...], int], b: dict[tuple[Expr, ...], int]) -> dict[tuple[Expr, ...], int]:
    total = dict(a)
    for factors, count in b.items():
        total[factors] = total.get(factors, 0) + count
    return total


def _multiplied(a: dict[tuple[Expr, ...], int], b: dict[tuple[Expr, ...], int]) -> dict[tuple[Expr, ...], int]:
    total: dict[tuple[Expr, ...], int] = {}
    for some, count in a.items():
        for others, times in b.items():
            factors = tuple(sorted((*some, *others), key=lambda expr: expr.serial))
            total[factors] = total.get(factors, 0) + count * times
    return total
