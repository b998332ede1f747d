"""Types for whatever has no type of its own."""

from __future__ import annotations

from typing import Any

from aesaralite.graph.type import Type
from aesaralite.graph.variable import Constant


class SingletonType(Type):
    """A type of which there is one instance."""

    _instance: SingletonType | None = None

    def __new__(cls) -> SingletonType:
        if cls.__dict__.get("_instance") is None:
            cls._instance = super().__new__(cls)
        instance = cls._instance
        assert instance is not None
        return instance

    def __eq__(self, other: object) -> bool:
        return self is other or type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    def __str__(self) -> str:
        return type(self).__name__


class Generic(SingletonType):
    """Any Python object."""

    def filter(self, data: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        return data

    def is_valid_value(self, data: Any, strict: bool = True) -> bool:
        return True

    def __str__(self) -> str:
        return "<Generic>"


class NoneTypeT(Generic):
    """None, and nothing else."""

    def filter(self, data: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        if data is not None:
            raise TypeError(f"Expected None, got {data!r}")
        return None

    def is_valid_value(self, data: Any, strict: bool = True) -> bool:
        return data is None

    @staticmethod
    def may_share_memory(a: Any, b: Any) -> bool:
        return False

    def __str__(self) -> str:
        return "<NoneTypeT>"


generic = Generic()
none_type_t = NoneTypeT()


class NoneConstant(Constant):
    """The constant None."""

    def __init__(self, type: Type, data: Any = None, name: str | None = None):
        super().__init__(type, data, name=name)

    def signature(self) -> Any:
        return (self.type, None)


NoneTypeT.constant_type = NoneConstant
NoneConst = NoneConstant(none_type_t, None, name="NoneConst")
