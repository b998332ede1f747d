"""Who uses a variable of a `FunctionGraph`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

from aesaralite.graph.variable import Apply

ClientType = tuple[Apply | Literal["output"], int]


class Clients(Sequence[ClientType]):
    """Who uses a variable: pairs of a node (or ``"output"``) and the position, in order of arrival.

    It reads like a list, and a client leaves in constant time.
    """

    __slots__ = ("_entries",)

    def __init__(self, entries: Iterable[ClientType] = ()):
        self._entries: dict[ClientType, None] = dict.fromkeys(entries)

    def append(self, client: ClientType) -> None:
        """Add a client."""
        self._entries[client] = None

    def remove(self, client: ClientType) -> None:
        """Remove a client.

        Raises
        ------
        ValueError
            If it isn't there.
        """
        try:
            del self._entries[client]
        except KeyError:
            raise ValueError(f"{client} is not a client") from None

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[ClientType]:
        return iter(self._entries)

    def __contains__(self, client: object) -> bool:
        return client in self._entries

    def __getitem__(self, index: Any) -> Any:
        if index == 0 and self._entries:
            return next(iter(self._entries))
        return list(self._entries)[index]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (Clients, list)):
            return list(self) == list(other)
        return NotImplemented

    def __add__(self, other: Iterable[ClientType]) -> list[ClientType]:
        return [*self, *other]

    def __radd__(self, other: Iterable[ClientType]) -> list[ClientType]:
        return [*other, *self]

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(list(self._entries))
