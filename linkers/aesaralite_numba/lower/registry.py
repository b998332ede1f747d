"""Which lowering belongs to which Op class."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

_LOWERINGS: dict[type, Callable[..., Any]] = {}
#: The modules of lowerings that aren't this package's.
_MODULES_OF_OTHERS: dict[type, str] = {}
_OURS = __name__.partition(".")[0] + "."


def lower(*op_classes: type) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the decorated function as the lowering of those Op classes and of their subclasses.

    Raises
    ------
    ValueError
        If a class has a lowering already.
    """

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        for op_class in op_classes:
            if op_class in _LOWERINGS:
                first = _LOWERINGS[op_class]
                raise ValueError(
                    f"{op_class.__qualname__} has two lowerings: {first.__module__}.{first.__qualname__} and "
                    f"{function.__module__}.{function.__qualname__}"
                )
            _LOWERINGS[op_class] = function
            if not function.__module__.startswith(_OURS):
                _MODULES_OF_OTHERS[op_class] = function.__module__
        return function

    return register


def find_lowering(op: Any) -> Callable[..., Any] | None:
    """The lowering of the nearest class of `op`, or None.

    A subclass that brings its own `perform` isn't what its base class is; it needs its own lowering.
    """
    op_class = type(op)
    for base in op_class.__mro__:
        found = _LOWERINGS.get(base)
        if found is not None:
            return found
        if "perform" in base.__dict__:
            return None
    return None


def lowerings_of_others(ops: Iterable[Any]) -> list[str]:
    """The modules, other than this package's, with lowerings of these Ops or of classes that these are derived from."""
    if not _MODULES_OF_OTHERS:
        return []
    classes = {base for op_class in set(map(type, ops)) for base in op_class.__mro__}
    return sorted({_MODULES_OF_OTHERS[op_class] for op_class in classes & _MODULES_OF_OTHERS.keys()})
