"""Algebraic rules that read like mathematics.

>>> x, = algebra.variables("x")
>>> log, exp, log1p = map(algebra.function, (at.log, at.exp, at.log1p))
>>> log(1 + x) >> log1p(x)
log(1 + x) -> log1p(x)

A rule is matched modulo the laws of sums and products, so that it needn't be written once for each form that a graph
may have: order doesn't matter, ``a - b`` is a sum, ``a / b`` is a product, and what a sum or product at the root of a
pattern doesn't mention is carried over: ``exp(x) - 1 >> expm1(x)`` makes ``y + expm1(x)`` of ``y + exp(x) - 1``, and
``-expm1(x)`` of ``1 - exp(x)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from aesaralite.graph.op import Op
from aesaralite.graph.variable import Apply, Variable
from aesaralite.rewriting.base import NodeRewriter

if TYPE_CHECKING:
    from aesaralite.graph.fg import FunctionGraph

# A sum or product with more parts than this isn't taken apart: matching must not cost more than the graph is long.
_MOST_PARTS = 16

Signed = tuple[int, Variable]
Binding: TypeAlias = "dict[str, Variable | list[Signed]]"


class Algebra:
    """The Ops with which patterns are written.

    Parameters
    ----------
    add, sub, neg, mul, div, reciprocal
        The Ops of arithmetic; `add` and `mul` take any number of arguments.
    literal
        ``literal(variable)`` gives the number that a variable is, or None if it isn't a constant number.
    admits
        ``admits(output, variable)`` says whether a variable of a pattern may stand for `variable` when `output` is what
        the whole pattern matches. It must refuse what the laws of algebra don't hold for, such as other dtypes.
    """

    def __init__(
        self,
        *,
        add: Op,
        sub: Op,
        neg: Op,
        mul: Op,
        div: Op,
        reciprocal: Op,
        literal: Callable[[Variable], Any],
        admits: Callable[[Variable, Variable], bool],
    ):
        self.add = add
        self.sub = sub
        self.neg = neg
        self.mul = mul
        self.div = div
        self.reciprocal = reciprocal
        self.literal = literal
        self.admits = admits
        self._sum_signs = {add: (1,), sub: (1, -1), neg: (-1,)}
        self._product_signs = {mul: (1,), div: (1, -1), reciprocal: (-1,)}

    def variables(self, names: str) -> list[Hole]:
        """Return a variable of patterns for each of the `names`, which are separated by spaces."""
        return [Hole(self, name) for name in names.split()]

    def function(self, op: Op, name: str | None = None) -> Callable[..., Call]:
        """Return a function that makes patterns of `op`."""
        return lambda *args: Call(self, op, [self.expression(arg) for arg in args], name or _op_name(op))

    def expression(self, value: Any) -> Expression:
        """Return `value`, a number or a pattern, as a pattern."""
        return value if isinstance(value, Expression) else Number(self, value)

    def terms(self, variable: Variable) -> list[Signed]:
        """Return a variable as a sum: pairs of a sign and a term."""
        return _take_apart(variable, self._sum_signs)

    def factors(self, variable: Variable) -> list[Signed]:
        """Return a variable as a product: pairs of an exponent, 1 or -1, and a factor. Ones are left out."""
        parts = _take_apart(variable, self._product_signs)
        return [part for part in parts if self.literal(part[1]) != 1]

    def total(self, terms: Sequence[Signed]) -> Variable:
        """Return the sum of terms."""
        return self._combine(terms, self.add, self.sub, self.neg)

    def product(self, factors: Sequence[Signed]) -> Variable:
        """Return the product of factors."""
        return self._combine(factors, self.mul, self.div, self.reciprocal)

    def _combine(self, parts: Sequence[Signed], op: Op, inverse: Op, unary: Op) -> Variable:
        plain = [variable for sign, variable in parts if sign > 0]
        inverted = [variable for sign, variable in parts if sign < 0]
        if not inverted:
            return op(*plain) if len(plain) > 1 else plain[0]
        denominator = op(*inverted) if len(inverted) > 1 else inverted[0]
        if not plain:
            return unary(denominator)
        return inverse(op(*plain) if len(plain) > 1 else plain[0], denominator)


class Expression:
    """A pattern; operators make patterns of patterns, and ``>>`` makes a rule of two."""

    def __init__(self, algebra: Algebra):
        self.algebra = algebra

    def __add__(self, other: Any) -> Sum:
        return Sum(self.algebra, [*_signed(self, Sum, 1), *_signed(self.algebra.expression(other), Sum, 1)])

    def __radd__(self, other: Any) -> Sum:
        return self.algebra.expression(other) + self

    def __sub__(self, other: Any) -> Sum:
        return Sum(self.algebra, [*_signed(self, Sum, 1), *_signed(self.algebra.expression(other), Sum, -1)])

    def __rsub__(self, other: Any) -> Sum:
        return self.algebra.expression(other) - self

    def __neg__(self) -> Sum:
        return Sum(self.algebra, _signed(self, Sum, -1))

    def __mul__(self, other: Any) -> Product:
        return Product(self.algebra, [*_signed(self, Product, 1), *_signed(self.algebra.expression(other), Product, 1)])

    def __rmul__(self, other: Any) -> Product:
        return self.algebra.expression(other) * self

    def __truediv__(self, other: Any) -> Product:
        return Product(
            self.algebra, [*_signed(self, Product, 1), *_signed(self.algebra.expression(other), Product, -1)]
        )

    def __rtruediv__(self, other: Any) -> Product:
        return self.algebra.expression(other) / self

    def __rshift__(self, replacement: Any) -> Rule:
        return Rule(self, self.algebra.expression(replacement))

    def match(self, variable: Variable, bound: Binding) -> Iterator[Binding]:
        """Yield the bindings, beyond `bound`, under which this pattern is `variable`."""
        raise NotImplementedError

    def build(self, bound: Binding) -> Any:
        """Return the variable that this pattern is under a binding."""
        raise NotImplementedError

    def heads(self) -> tuple[Op, ...]:
        """Return the Ops that a match may begin with."""
        raise TypeError(f"A rule can't begin with {self}: every graph would match.")


class Hole(Expression):
    """A variable of a pattern: it stands for anything, and for the same in each place."""

    def __init__(self, algebra: Algebra, name: str):
        super().__init__(algebra)
        self.name = name

    def match(self, variable: Variable, bound: Binding) -> Iterator[Binding]:
        known = bound.get(self.name)
        if known is None:
            yield {**bound, self.name: variable}
        elif known is variable or (
            isinstance(known, list) and sorted(_identities(known)) == sorted(_identities(self.algebra.terms(variable)))
        ):
            yield bound

    def build(self, bound: Binding) -> Any:
        value = bound[self.name]
        return self.algebra.total(value) if isinstance(value, list) else value

    def __str__(self) -> str:
        return self.name


class Number(Expression):
    """A number in a pattern."""

    def __init__(self, algebra: Algebra, value: Any):
        super().__init__(algebra)
        self.value = value

    def match(self, variable: Variable, bound: Binding) -> Iterator[Binding]:
        found = self.algebra.literal(variable)
        if found is not None and found == self.value:
            yield bound

    def build(self, bound: Binding) -> Any:
        return self.value

    def __str__(self) -> str:
        return f"{self.value:g}"


class Call(Expression):
    """An Op with arguments, in order."""

    def __init__(self, algebra: Algebra, op: Op, args: Sequence[Expression], name: str):
        super().__init__(algebra)
        self.op = op
        self.args = args
        self.name = name

    def match(self, variable: Variable, bound: Binding) -> Iterator[Binding]:
        node = variable.owner
        if node is None or node.op != self.op or len(node.inputs) != len(self.args):
            return iter(())
        if len(self.args) == 1:
            return self.args[0].match(node.inputs[0], bound)
        return self._match_all(node.inputs, 0, bound)

    def _match_all(self, inputs: Sequence[Variable], i: int, bound: Binding) -> Iterator[Binding]:
        if i == len(self.args):
            yield bound
            return
        for more in self.args[i].match(inputs[i], bound):
            yield from self._match_all(inputs, i + 1, more)

    def build(self, bound: Binding) -> Any:
        return self.op(*(arg.build(bound) for arg in self.args))

    def heads(self) -> tuple[Op, ...]:
        return (self.op,)

    def __str__(self) -> str:
        return f"{self.name}({', '.join(map(str, self.args))})"


class _Combination(Expression):
    """A sum or a product: parts with signs (or exponents), in any order."""

    def __init__(self, algebra: Algebra, parts: Sequence[tuple[int, Expression]]):
        super().__init__(algebra)
        self.parts = list(parts)
        # What is rare in graphs first, and what matches anything last.
        rank = {Call: 0, Sum: 1, Product: 1, Number: 2}
        self._fixed = sorted(
            (p for p in self.parts if not isinstance(p[1], Hole)), key=lambda part: rank[type(part[1])]
        )
        self._ops = {part.op for _, part in self._fixed if isinstance(part, Call)}
        self._holes = [(sign, part) for sign, part in self.parts if isinstance(part, Hole)]

    def _split(self, variable: Variable) -> list[Signed]:
        raise NotImplementedError

    def _match_inverse(self, variable: Variable, bound: Binding) -> Iterator[Binding]:
        raise NotImplementedError

    def _same_number(self, sign: int, found: Any, wanted_sign: int, wanted: Any) -> bool:
        raise NotImplementedError

    def match(self, variable: Variable, bound: Binding) -> Iterator[Binding]:
        if len(self.parts) == 1:
            yield from self._match_inverse(variable, bound)
            return
        if variable.owner is None or variable.owner.op not in self.heads():
            return
        for more, left in self.match_part(self._split(variable), bound):
            if not left:
                yield more

    def possible(self, parts: list[Signed]) -> bool:
        """Whether the parts have the number and the Ops that a match needs."""
        if len(parts) < len(self.parts):
            return False
        return not self._ops or self._ops <= {part.owner.op for _, part in parts if part.owner is not None}

    def match_part(self, parts: list[Signed], bound: Binding) -> Iterator[tuple[Binding, list[Signed]]]:
        """Yield bindings, each with the parts that the pattern doesn't mention."""
        if not self.possible(parts):
            return
        for more, left in self._match_fixed(0, parts, bound):
            yield from self._match_holes(left, more)

    def _match_fixed(self, i: int, parts: list[Signed], bound: Binding) -> Iterator[tuple[Binding, list[Signed]]]:
        if i == len(self._fixed):
            yield bound, parts
            return
        wanted_sign, wanted = self._fixed[i]
        for j, (sign, variable) in enumerate(parts):
            if isinstance(wanted, Number):
                found = self.algebra.literal(variable)
                if found is None or not self._same_number(sign, found, wanted_sign, wanted.value):
                    continue
                bindings: Iterator[Binding] = iter((bound,))
            elif sign == wanted_sign:
                bindings = wanted.match(variable, bound)
            else:
                continue
            for more in bindings:
                yield from self._match_fixed(i + 1, parts[:j] + parts[j + 1 :], more)

    def _match_holes(self, left: list[Signed], bound: Binding) -> Iterator[tuple[Binding, list[Signed]]]:
        if not self._holes:
            yield bound, left
            return
        if not left:
            return
        ((sign, hole),) = self._holes
        if len(left) == 1 and left[0][0] == sign:
            for more in hole.match(left[0][1], bound):
                yield more, []
        elif hole.name not in bound and isinstance(self, Sum):
            yield {**bound, hole.name: [(sign * part_sign, part) for part_sign, part in left]}, []


class Sum(_Combination):
    """A sum of terms with signs."""

    def _match_inverse(self, variable: Variable, bound: Binding) -> Iterator[Binding]:
        """Match ``-part``, which may be written in many ways."""
        ((_, part),) = self.parts
        algebra = self.algebra
        terms = algebra.terms(variable)
        negated = [(-sign, term) for sign, term in terms]
        if not isinstance(part, Hole):
            if len(negated) == 1 and negated[0][0] == 1:
                yield from part.match(negated[0][1], bound)
            return
        known = bound.get(part.name)
        if known is None:
            yield {**bound, part.name: negated[0][1] if negated[0][0] == 1 and len(negated) == 1 else negated}
        elif sorted(_identities(known if isinstance(known, list) else algebra.terms(known))) == sorted(
            _identities(negated)
        ):
            yield bound

    def _split(self, variable: Variable) -> list[Signed]:
        return self.algebra.terms(variable)

    def _same_number(self, sign: int, found: Any, wanted_sign: int, wanted: Any) -> bool:
        return sign * found == wanted_sign * wanted

    def heads(self) -> tuple[Op, ...]:
        return (self.algebra.add, self.algebra.sub)

    def build(self, bound: Binding) -> Any:
        return self.algebra.total([(sign, part.build(bound)) for sign, part in self.parts])

    def __str__(self) -> str:
        text = ""
        for sign, part in self.parts:
            text += (" + " if sign > 0 else " - ") if text else ("" if sign > 0 else "-")
            text += f"({part})" if isinstance(part, Sum) else str(part)
        return text


class Product(_Combination):
    """A product of factors with exponents 1 and -1."""

    def __init__(self, algebra: Algebra, parts: Sequence[tuple[int, Expression]]):
        super().__init__(algebra, [p for p in parts if not (isinstance(p[1], Number) and p[1].value == 1)])

    def _split(self, variable: Variable) -> list[Signed]:
        return self.algebra.factors(variable)

    def _same_number(self, sign: int, found: Any, wanted_sign: int, wanted: Any) -> bool:
        return sign == wanted_sign and found == wanted

    def heads(self) -> tuple[Op, ...]:
        if len(self.parts) == 1 or sum(sign > 0 for sign, _ in self.parts) == 0:
            return (self.algebra.div, self.algebra.reciprocal, self.algebra.mul)
        return (self.algebra.mul, self.algebra.div)

    def build(self, bound: Binding) -> Any:
        return self.algebra.product([(sign, part.build(bound)) for sign, part in self.parts])

    def __str__(self) -> str:
        over, under = (
            " * ".join(
                f"({part})" if isinstance(part, _Combination) else str(part)
                for sign, part in self.parts
                if sign == wanted
            )
            for wanted in (1, -1)
        )
        return f"{over or 1} / {under}" if under else over


class Rule(NodeRewriter):
    """A pattern, and what to put in its place: ``pattern >> replacement``, or the decorator :func:`rule`.

    Parameters
    ----------
    pattern
        What to look for.
    replacement
        A pattern of the same variables, or a function of the variables by name.
    """

    def __init__(self, pattern: Expression, replacement: Expression | Callable[..., Any]):
        if isinstance(replacement, Number):
            raise TypeError(f"{pattern} can't become the number {replacement}, which doesn't have its shape.")
        self.pattern = pattern
        self.replacement = replacement
        self.conditions: list[Callable[..., bool]] = []
        self.name = repr(self)
        self._tracks = list(pattern.heads())

    def where(self, *conditions: Callable[..., bool]) -> Rule:
        """Apply this rule only if every condition holds; each is a function of variables of the pattern, by name."""
        self.conditions.extend(conditions)
        return self

    def tracks(self) -> list[Op]:
        return self._tracks

    def transform(self, fgraph: FunctionGraph, node: Apply) -> Any:
        output = node.outputs[0]
        for bound, finish in self._matches(output):
            new = self._replacement(output, bound)
            if new is None:
                continue
            new = finish(new)
            if output.type.is_super(new.type):
                return [new]
            if new.type.is_super(output.type):
                return [output.type.filter_variable(new)]
        return False

    def _matches(self, output: Variable) -> Iterator[tuple[Binding, Callable[[Variable], Variable]]]:
        """Yield bindings, each with a function that puts around the replacement what the pattern doesn't mention."""
        pattern, algebra = self.pattern, self.pattern.algebra
        if isinstance(pattern, Sum):
            terms = algebra.terms(output)
            if not pattern.possible(terms):
                return
            for sign in (1, -1):
                signed = [(sign * part_sign, part) for part_sign, part in terms]
                for bound, left in pattern.match_part(signed, {}):
                    yield bound, partial(_rejoin_sum, algebra, sign, left)
        elif isinstance(pattern, Product):
            for bound, left in pattern.match_part(algebra.factors(output), {}):
                yield bound, partial(_rejoin_product, algebra, left)
        else:
            for bound in pattern.match(output, {}):
                yield bound, lambda new: new

    def _replacement(self, output: Variable, bound: Binding) -> Variable | None:
        admits = self.pattern.algebra.admits
        for value in bound.values():
            for variable in [part for _, part in value] if isinstance(value, list) else [value]:
                if not admits(output, variable):
                    return None
        if isinstance(self.replacement, Expression) and not self.conditions:
            return self.replacement.build(bound)
        total = self.pattern.algebra.total
        values: Binding = {name: total(value) if isinstance(value, list) else value for name, value in bound.items()}
        for condition in self.conditions:
            if not condition(**values):
                return None
        if isinstance(self.replacement, Expression):
            return self.replacement.build(values)
        return self.replacement(**values)

    def __repr__(self) -> str:
        replacement = self.replacement
        text = str(replacement) if isinstance(replacement, Expression) else f"{replacement.__name__}(...)"
        return f"{self.pattern} -> {text}"

    def __str__(self) -> str:
        return str(self.name)


def rule(pattern: Expression) -> Callable[[Callable[..., Any]], Rule]:
    """Make a rule of a pattern and of a function that takes its variables by name (a decorator).

    The function returns the replacement, or None if there's none after all.
    """
    return lambda function: Rule(pattern, function)


def _identities(terms: Sequence[Signed]) -> list[tuple[int, int]]:
    return [(sign, id(term)) for sign, term in terms]


def _rejoin_product(algebra: Algebra, rest: list[Signed], new: Variable) -> Variable:
    return algebra.product([(1, new), *rest]) if rest else new


def _rejoin_sum(algebra: Algebra, sign: int, rest: list[Signed], new: Variable) -> Variable:
    if not rest:
        return new if sign > 0 else algebra.neg(new)
    return algebra.total([(sign, new), *((sign * part_sign, part) for part_sign, part in rest)])


def _signed(expression: Expression, kind: type[_Combination], sign: int) -> list[tuple[int, Expression]]:
    if type(expression) is kind:
        return [(sign * part_sign, part) for part_sign, part in expression.parts]
    return [(sign, expression)]


def _take_apart(variable: Variable, signs_of: dict[Op, tuple[int, ...]]) -> list[Signed]:
    """Split a variable by Ops; `signs_of` says what each Op does to the signs of its arguments."""
    parts: list[Signed] = []
    pending: list[Signed] = [(1, variable)]
    while pending:
        sign, part = pending.pop()
        node = part.owner
        signs = signs_of.get(node.op) if node is not None else None
        if node is None or signs is None or len(parts) + len(pending) + len(node.inputs) > _MOST_PARTS:
            parts.append((sign, part))
        elif len(signs) == 1:
            pending.extend((sign * signs[0], source) for source in reversed(node.inputs))
        else:
            pending.extend((sign * own, source) for own, source in zip(reversed(signs), reversed(node.inputs)))
    return parts


def _op_name(op: Op) -> str:
    scalar_op = getattr(op, "scalar_op", None)
    return str(getattr(scalar_op, "name", None) or scalar_op or op).lower()
