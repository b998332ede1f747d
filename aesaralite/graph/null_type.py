"""Types of gradients that are not numbers: undefined ones, and those of what isn't connected."""

from __future__ import annotations

from typing import Any

from aesaralite.graph.type import Type
from aesaralite.graph.variable import Variable


class NullType(Type):
    """The type of a variable that stands for a value that can't be computed.

    Parameters
    ----------
    why_null : str
        Why it can't; shown to the user who asks for the value.
    """

    def __init__(self, why_null: str = "(no explanation given)"):
        self.why_null = why_null

    def filter(self, data: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        raise ValueError(f"No values may be assigned to a NullType: {self.why_null}")

    def filter_variable(self, other: Any, allow_convert: bool = True) -> Variable:
        raise ValueError(f"No values may be assigned to a NullType: {self.why_null}")

    @staticmethod
    def may_share_memory(a: Any, b: Any) -> bool:
        return False

    @classmethod
    def values_eq(cls, a: Any, b: Any) -> bool:
        raise ValueError("NullType has no values to compare")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    def __str__(self) -> str:
        return "NullType"


class DisconnectedType(Type):
    """The type of the gradient with respect to something that the cost doesn't depend on."""

    def filter(self, data: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        raise AssertionError("A disconnected gradient has no value: the cost does not depend on the variable")

    @staticmethod
    def may_share_memory(a: Any, b: Any) -> bool:
        return False

    @classmethod
    def values_eq(cls, a: Any, b: Any) -> bool:
        raise AssertionError("A disconnected gradient has no value to compare")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    def __str__(self) -> str:
        return "DisconnectedType"


null_type = NullType()
disconnected_type = DisconnectedType()


def grad_undefined(op: Any, x_pos: int, x: Variable, comment: str = "") -> Variable:
    """Return the gradient of something that has none, mathematically.

    Parameters
    ----------
    op : Op
        The Op that has no gradient there.
    x_pos : int
        The position of the input.
    x : Variable
        The input.
    comment : str
        Why, for the error that a user sees who asks for it.
    """
    return NullType(
        f"This variable is Null because the gradient of {op} with respect to input {x_pos} ({x}) "
        f"is mathematically undefined. {comment}".rstrip()
    )()


def grad_not_implemented(op: Any, x_pos: int, x: Variable, comment: str = "") -> Variable:
    """Return the gradient of something that has one which nobody has written yet.

    Parameters are those of `grad_undefined`.
    """
    return NullType(
        f"This variable is Null because the gradient of {op} with respect to input {x_pos} ({x}) "
        f"is not implemented. {comment}".rstrip()
    )()
