"""How large arrays can be: what is known to be representable, and what a program must check.

NumPy makes no array whose bytes, empty dimensions left out, don't fit into 63 bits. Programs don't either, so that no
product of sizes, be it of memory or of a loop, ever wraps around.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..emit import sizes  # noqa: F401  (its arithmetic joins the table)
from ..emit.dtypes import ITEMSIZE
from ..expr import INDEX, Expr, Expressions
from ..values import Value

LARGEST = (1 << 63) - 1


def fits(e: Expressions, dtype: str, dims: Sequence[Expr]) -> Expr:
    """Condition that there can be an array of `dtype` and sizes `dims`; constant where that is known."""
    size = ITEMSIZE.get(dtype, 1)
    rest: list[tuple[Expr, ...]] = []
    for dim in dims:
        factors = []
        for factor in e.factors(dim):
            if factor.is_const:
                size *= max(factor.attr, 1)
            else:
                factors.append(factor)
        if factors:
            rest.append(tuple(sorted(factors, key=lambda factor: factor.serial)))
    if size > LARGEST:
        return e.const(False, "bool")
    if _known_to_fit(size, [factor for factors in rest for factor in factors]):
        return e.const(True, "bool")
    total = e.index(size)
    for product in sorted(rest, key=lambda factors: [factor.serial for factor in factors]):
        own = product[0]
        for factor in product[1:]:
            own = e.make("exact_mul", INDEX, (own, factor))
        total = e.make("grow", INDEX, (total, own))
    return e.le(e.zero, total)


def sum_fits(e: Expressions, parts: Sequence[Expr]) -> Expr:
    """Condition that sizes can be added up."""
    if sum(most(part) for part in parts) <= LARGEST:
        return e.const(True, "bool")
    totals, total = [], e.zero
    for part in parts:
        total = e.add(total, part)
        totals.append(e.le(e.zero, total))
    return e.all(*totals)


def most(size: Expr) -> int:
    """What `size` can't exceed."""
    ceiling = _ceiling(size)
    return ceiling if isinstance(ceiling, int) else LARGEST // ITEMSIZE[ceiling.attr[0].dtype]


def _known_to_fit(size: int, factors: Iterable[Expr]) -> bool:
    """Whether the product can't overflow, as each array that is given fits, and so the product of its dimensions."""
    total = size
    given: dict[Value, set[int]] = {}
    for factor in factors:
        ceiling = _ceiling(factor)
        if isinstance(ceiling, int):
            total *= ceiling
            continue
        array, dimension = ceiling.attr
        if dimension in given.setdefault(array, set()):
            total *= LARGEST // ITEMSIZE[array.dtype]
        given[array].add(dimension)
    for array in given:
        # whole elements: their bytes are counted, too
        total *= LARGEST // ITEMSIZE[array.dtype]
    return total <= LARGEST


def _ceiling(size: Expr) -> Expr | int:
    """A dimension of a given array, or a number, that `size`, if it is one, doesn't exceed."""
    if size.is_const:
        return max(size.attr, 1)
    if size.op == "dim":
        return size
    if size.op == "add" and size.args[1].is_const:
        least, number = size.args[0], size.args[1].attr
        if number <= 0:
            return _ceiling(least)
        if number == 1 and least.op == "floor_div" and least.args[1].is_const and least.args[1].attr > 0:
            before = least.args[0]
            if before.op == "add" and before.args[1].is_const and before.args[1].attr == -1:
                return _ceiling(before.args[0])  # every so many of these
        return min(most(least) + number, LARGEST)
    if size.op == "floor_div" and size.args[1].is_const and size.args[1].attr > 0:
        return _ceiling(size.args[0])
    if size.op == "sub" and size.args[1].op == "dim":
        return _ceiling(size.args[0])
    if size.op == "bcast":
        return max(most(arg) for arg in size.args)
    if size.op == "select":
        condition, yes, no = size.args
        first, second = _ceiling(yes), _ceiling(no)
        if condition.op == "le" and condition.args == (yes, no):  # the smaller one
            if first == second or not isinstance(first, int):
                return first
            return second if not isinstance(second, int) else min(first, second)
        if first is second or second == 1:
            return first
        return second if first == 1 else max(most(yes), most(no))
    return LARGEST
