"""Updates of shared variables, kept in order and checked for conflicts."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any

from aesaralite.graph.arguments import as_pairs
from aesaralite.graph.shared import SharedVariable

__all__ = ["OrderedUpdates"]


class OrderedUpdates(OrderedDict):
    """A mapping of shared variables to the expressions that they're set to.

    Two mappings that are joined, by `update` or ``+``, may not set one variable to different expressions; assigning to
    a key replaces what it had.

    Parameters
    ----------
    *args, **kwargs
        As for a ``dict``.

    Raises
    ------
    TypeError
        If a key isn't a shared variable.
    KeyError
        If two expressions are given for one variable.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()
        self.update(*args, **kwargs)

    def __setitem__(self, key: SharedVariable, value: Any) -> None:
        if not isinstance(key, SharedVariable):
            raise TypeError(f"OrderedUpdates keys must inherit from SharedVariable, got {key!r} of type {type(key)}")
        super().__setitem__(key, value)

    def update(self, other: Mapping[Any, Any] | Iterable[tuple[Any, Any]] = (), /, **kwargs: Any) -> None:  # type: ignore[override]
        """Take over the updates of `other`."""
        for key, value in (*as_pairs(other, "updates"), *kwargs.items()):
            if key in self and self[key] is not value:
                raise KeyError(f"Collision: {key} is to be set to {self[key]} and to {value}")
            self[key] = value

    def __add__(self, other: Mapping[Any, Any]) -> OrderedUpdates:
        joined = OrderedUpdates()
        joined.update(self)
        joined.update(other)
        return joined

    def __radd__(self, other: Mapping[Any, Any]) -> OrderedUpdates:
        joined = OrderedUpdates()
        joined.update(other)
        joined.update(self)
        return joined
