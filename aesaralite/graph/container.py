"""Where a value lives between calls: the storage cell, the rule for what may go in, and the lock.

A cell is a list of one element. A shared variable, and every function that uses it, hold the same
list, so that a value put in by one is seen by all.
"""

from __future__ import annotations

import copy
from operator import setitem
from typing import TYPE_CHECKING, Any

import numpy as np

from aesaralite.graph.arguments import described
from aesaralite.graph.generators import copy_generator, is_generator
from aesaralite.graph.state_lock import StateLock, guarded

if TYPE_CHECKING:
    from aesaralite.graph.type import Type
    from aesaralite.graph.variable import Variable

__all__ = ["Container", "duplicate"]


def duplicate(value: Any) -> Any:
    """Return an equal value that shares no memory with `value`."""
    if type(value) is np.ndarray and not value.dtype.hasobject:
        return value.copy(order="K")
    if is_generator(value):
        return copy_generator(value)
    try:
        return copy.deepcopy(value)
    except TypeError as error:  # a module, a lock, a file
        raise TypeError(f"There is no copy of {described(value)}: {error}") from error


class Container:
    """A cell, and the rule for what may be put into it.

    Parameters
    ----------
    r
        The variable whose values the cell holds, or their type.
    storage
        The cell: a list of one element. A value in it other than None is brought into the type.
    readonly
        Whether `value` may not be set.
    strict
        Whether a value must belong to the type already; it's stored as it is.
    allow_downcast
        Whether a value may lose precision. None allows it only for Python floats where floatX is the type's dtype.
    name
        What errors call it; the variable's name unless given.

    Attributes
    ----------
    lock : StateLock
        What functions hold while they read or update the value.
    """

    def __init__(
        self,
        r: Variable | Type,
        storage: list[Any],
        *,
        readonly: bool = False,
        strict: bool = False,
        allow_downcast: bool | None = None,
        name: str | None = None,
    ) -> None:
        if not isinstance(storage, list) or len(storage) < 1:
            raise TypeError(f"The storage of a container must be a list of at least one element, got {storage!r}")
        self.type: Any = getattr(r, "type", r)
        self.name = getattr(r, "name", None) if name is None else name
        self.storage = storage
        self.readonly = readonly
        self.strict = strict
        self.allow_downcast = allow_downcast
        self.lock = StateLock(self.name)
        if storage[0] is not None:
            storage[0] = self.filter(storage[0])

    @property
    def value(self) -> Any:
        """What the cell holds: the object itself, not a copy."""
        return self.storage[0]

    @value.setter
    def value(self, value: Any) -> None:
        if self.readonly:
            raise TypeError(f"The container of {self.name!r} is read-only.")
        guarded(setitem, (), [self.lock])(self.storage, 0, self.filter(value))

    data = value

    def filter(self, value: Any) -> Any:
        """Return `value` as the cell may hold it.

        Raises
        ------
        TypeError, ValueError
            If the type refuses it. The message ends with the container's name.
        """
        if self.strict:
            keywords: dict[str, Any] = {"strict": True}
        elif self.allow_downcast is not None:
            keywords = {"allow_downcast": self.allow_downcast}
        else:
            keywords = {}
        try:
            return self.type.filter(value, **keywords)
        except (TypeError, ValueError) as error:
            where = "" if self.name is None else f'\nContainer name "{self.name}"'
            raise (TypeError if isinstance(error, TypeError) else ValueError)(f"{error}{where}") from None

    def copy_value(self) -> Any:
        """Return a copy of what the cell holds, made while no function updates it."""
        return guarded(lambda: duplicate(self.storage[0]), [self.lock], ())()

    def __str__(self) -> str:
        return f"<{self.storage[0]}>"

    def __repr__(self) -> str:
        return f"<{self.storage[0]!r}>"

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "lock": None, "storage": [self.copy_value()]}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.lock = StateLock(self.name)

    def __deepcopy__(self, memo: dict[int, Any]) -> Container:
        new = memo[id(self)] = object.__new__(type(self))
        new.__setstate__(self.__getstate__())
        return new
