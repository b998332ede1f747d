"""Arguments of public functions: what they must be, and what is said where they aren't.

Each function takes the argument and the text that an error calls it, such as ``"wrt"`` or ``"the axis of join"``.
"""

from __future__ import annotations

import operator
from collections.abc import Container, Iterable, Mapping
from typing import Any, TypeVar

import numpy as np

from aesaralite.graph.variable import Variable

__all__ = ["as_flag", "as_integer", "as_list", "as_pairs", "as_variables", "described", "expect", "is_one_of"]

_Kind = TypeVar("_Kind")


def described(value: Any) -> str:
    """Return a text that shows a value, cut where it's long, and names its class."""
    try:
        text = repr(value)
    except Exception:  # a user's own class: its repr isn't what is to be complained of
        text = object.__repr__(value)
    if len(text) > 200:
        text = text[:200] + " ..."
    return f"{text} of type {type(value).__name__}"


def expect(value: Any, kind: type[_Kind], what: str) -> _Kind:
    """Return `value` if it's an instance of `kind`.

    Raises
    ------
    TypeError
        If not.
    """
    if not isinstance(value, kind):
        name = kind.__name__
        raise TypeError(f"{what} must be {'an' if name[0] in 'AEIOU' else 'a'} {name}, got {described(value)}")
    return value


def as_variables(values: Any, what: str) -> list[Variable]:
    """Return a list of variables, given several or one.

    Raises
    ------
    TypeError
        If there is something else among them.
    """
    if isinstance(values, Variable):
        return [values]
    found = _listed(values)
    if found is None:
        raise TypeError(f"{what} must be a variable or a list of variables, got {described(values)}")
    for i, value in enumerate(found):
        if not isinstance(value, Variable):
            raise TypeError(f"{what} must be variables, got at index {i} {described(value)}")
    return found


def as_list(values: Any, what: str) -> list[Any]:
    """Return a list of what an iterable holds.

    Raises
    ------
    TypeError
        If it isn't one, or a text.
    """
    found = _listed(values)
    if found is None:
        raise TypeError(f"{what} must be a list, got {described(values)}")
    return found


def _listed(values: Any) -> list[Any] | None:
    """Return a list of what an iterable holds; None if it isn't one, or a text or a variable."""
    if not isinstance(values, Iterable) or isinstance(values, (str, bytes, Variable)):
        return None
    if isinstance(values, np.ndarray) and values.ndim == 0:
        return None
    return list(values)


def as_pairs(mapping: Any, what: str) -> list[tuple[Any, Any]]:
    """Return the pairs of a mapping, or of a list of pairs; none of None.

    Raises
    ------
    TypeError
        If it's something else.
    """
    if mapping is None:
        return []
    if isinstance(mapping, Mapping):
        return list(mapping.items())
    pairs = _listed(mapping)
    if pairs is not None and all(isinstance(pair, (tuple, list)) and len(pair) == 2 for pair in pairs):
        return [(first, second) for first, second in pairs]
    raise TypeError(f"{what} must be a mapping or a list of pairs, got {described(mapping)}")


def as_flag(value: Any, what: str) -> bool:
    """Return a flag, which is a bool, or a number.

    Raises
    ------
    TypeError
        If it's something else: a variable, an array.
    """
    if isinstance(value, (bool, np.bool_, int, np.integer)) or value is None:
        return bool(value)
    raise TypeError(f"{what} must be True or False, got {described(value)}")


def as_integer(value: Any, what: str) -> int:
    """Return an integer that is known.

    Raises
    ------
    TypeError
        If it's something else: a float, a variable, an array.
    """
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(f"{what} must be an integer, got {described(value)}") from None


def is_one_of(value: Any, choices: Container[str | None]) -> bool:
    """Whether a value is one of the names that an argument may have; never an array, which isn't compared with them."""
    return (value is None or isinstance(value, str)) and value in choices
