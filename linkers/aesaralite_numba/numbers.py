"""What expressions of sizes come to, for given arguments."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .expr import COMPARISONS, Expr, walk
from .realise import Inliner
from .values import Const, Param

_LEAST = -(1 << 63)


def _bcast(*sizes: int) -> int:
    return next((size for size in sizes if size != 1), 1)


def _exact_mul(a: int, b: int) -> int:
    return a * b if -_LEAST > a * b >= _LEAST else _LEAST


def _grow(count: int, size: int) -> int:
    grown = count * (size or 1)
    return -1 if count < 0 or size < 0 or grown >= -_LEAST else grown


_MEANINGS: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "floor_div": lambda a, b: a // b if b else 0,
    "mod": lambda a, b: a % b if b else 0,
    "neg": operator.neg,
    "abs": abs,
    "maximum": max,
    "minimum": min,
    **COMPARISONS,
    "bcast": _bcast,
    "mask": lambda own, joint: int(not (own == 1 and joint != 1)),
    "exact_mul": _exact_mul,
    "grow": _grow,
}


class Numbers:
    """Evaluates expressions without axes as far as the arguments tell.

    Parameters
    ----------
    inline
        Expands what isn't in memory.
    arguments
        The arguments in the order of the parameters, or None if they aren't known.
    """

    def __init__(self, inline: Inliner, arguments: Sequence[Any] | None) -> None:
        self._inline = inline
        self._arguments = arguments
        self._known: dict[Expr, Any] = {}

    def of(self, expr: Expr) -> int | None:
        """What the expression comes to; None if only the call itself can tell."""
        for part in walk((self._inline(expr, (), ()),)):
            if part not in self._known:
                self._known[part] = self._one(part)
        return self._known[self._inline(expr, (), ())]

    def _one(self, expr: Expr) -> Any:
        if expr.op == "const":
            return expr.attr
        args = [self._known[arg] for arg in expr.args]
        if expr.op in ("and", "or") and expr.dtype == "bool":
            decisive = expr.op == "or"
            if decisive in args:
                return decisive
            return None if None in args else not decisive
        if expr.op == "select" and args[0] is not None:
            return args[1] if args[0] else args[2]
        if None in args:
            return None
        if expr.op == "dim":
            value, dimension = expr.attr
            array = self._array(value)
            return None if array is None else array.shape[dimension]
        if expr.op == "stride":
            value, dimension = expr.attr
            array = self._array(value)
            return None if array is None else array.strides[dimension] // array.itemsize
        if expr.op == "load":
            array = self._array(expr.attr)
            inside = array is not None and all(0 <= k < n for k, n in zip(args, array.shape, strict=True))
            return array[tuple(args)].item() if inside else None
        if expr.op == "cast":
            return int(args[0]) if expr.dtype == "int64" and isinstance(args[0], int) else None
        meaning = _MEANINGS.get(expr.op)
        return meaning(*args) if meaning is not None and expr.dtype in ("int64", "bool") else None

    def _array(self, value: Any) -> Any:
        """The array that a value is, if it is known."""
        if isinstance(value, Const):
            return value.data
        if isinstance(value, Param) and self._arguments is not None and value.generator is None:
            return np.asarray(self._arguments[value.position])
        return None
