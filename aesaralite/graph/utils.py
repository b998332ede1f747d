"""Small things that types, variables and Ops share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

# Users of Aesara import these from here.
from aesaralite.errors import InconsistencyError, MethodNotDefined, MissingInputError, TestValueError  # noqa: F401


class Scratchpad:
    """A bag of attributes that users may fill as they like (``variable.tag``)."""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """For type checkers: what users put into it."""

        def __setattr__(self, name: str, value: Any) -> None:
            """Likewise."""

    def clear(self) -> None:
        """Forget everything."""
        self.__dict__.clear()

    def __str__(self) -> str:
        return f"scratchpad{self.__dict__}"

    __repr__ = __str__

    def info(self) -> None:
        """Print the content."""
        print(f"<aesaralite.graph.utils.Scratchpad instance at {id(self)}>")
        for key, value in self.__dict__.items():
            print(f"  {key}: {value}")


class ValidatingScratchpad(Scratchpad):
    """A scratchpad that passes one attribute through a filter when it is set.

    Parameters
    ----------
    attr : str
        The attribute that is filtered.
    attr_filter : callable
        Takes the value and returns what to store.
    """

    def __init__(self, attr: str, attr_filter: Any):
        super().__init__()
        object.__setattr__(self, "attr", attr)
        object.__setattr__(self, "attr_filter", attr_filter)

    def __setattr__(self, attr: str, value: Any) -> None:
        if attr == self.attr:
            value = self.attr_filter(value)
        object.__setattr__(self, attr, value)


class _PropNames:
    """The names in a dataclass's fields, offered as ``__props__``."""

    def __get__(self, instance: Any, owner: type) -> tuple[str, ...]:
        fields = owner.__dict__.get("__dataclass_fields__")
        if fields is None:
            fields = getattr(owner, "__dataclass_fields__", None)
        if fields is None:
            raise AttributeError(f"{owner.__name__} declares no __props__ and is not a dataclass")
        return tuple(name for name, field in fields.items() if field.compare)


class Props:
    """Equality, hash and text from the properties that a class declares.

    A class declares them as ``__props__ = ("axis", "dtype")`` or by being a dataclass. Without
    either, instances are equal only to themselves.
    """

    __props__: Any = _PropNames()

    def _props(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.__props__)

    def _props_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__props__}

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if type(self) is not type(other):
            return NotImplemented
        try:
            names = self.__props__
        except AttributeError:
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in names)

    def __hash__(self) -> int:
        cached = self.__dict__.get("_hash")
        if cached is not None:
            return cached
        try:
            props = self._props()
        except AttributeError:
            return object.__hash__(self)
        try:
            value = hash((type(self), props))
        except TypeError as error:
            what = f"The properties of {type(self).__name__} must be hashable"
            raise TypeError(f"{what}, got {props!r}: {error}") from None
        object.__setattr__(self, "_hash", value)
        return value

    def __getstate__(self) -> dict[str, Any]:
        # hashes of strings differ between processes, so a cached hash must not travel
        return {key: value for key, value in self.__dict__.items() if key != "_hash"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def __str__(self) -> str:
        try:
            props = self._props_dict()
        except AttributeError:
            return type(self).__name__
        if not props:
            return type(self).__name__
        return f"{type(self).__name__}{{{', '.join(f'{name}={value!r}' for name, value in props.items())}}}"

    def __repr__(self) -> str:
        return str(self)
