"""What a variable may hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from aesaralite.graph.provenance import capture
from aesaralite.graph.utils import Props

if TYPE_CHECKING:
    from aesaralite.graph.variable import Constant as _Constant
    from aesaralite.graph.variable import Variable as _Variable


class Type(Props):
    """A set of values, with the rule that brings data into it.

    A subclass implements `filter` and declares what identifies it in ``__props__``.

    Attributes
    ----------
    variable_type, constant_type : type
        The classes of the variables and constants of this type.
    """

    variable_type: ClassVar[type]
    constant_type: ClassVar[type]

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """For type checkers: what the types of a kind have beyond this class isn't known to it."""

    # the name under which users of Theano read the class of variables
    @property
    def Variable(self) -> type:
        return self.variable_type

    @property
    def Constant(self) -> type:
        return self.constant_type

    def filter(self, data: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """Return `data`, or an equal value that belongs to this type.

        Parameters
        ----------
        data : object
            The candidate.
        strict : bool
            If true, `data` must belong to the type already, and is returned as it is.
        allow_downcast : bool or None
            Whether a value may lose precision. None leaves it to the type.

        Raises
        ------
        TypeError
            If the value can't be brought into the type.
        """
        raise NotImplementedError(f"{type(self).__name__} has no filter")

    def filter_variable(self, other: Any, allow_convert: bool = True) -> _Variable:
        """Return a variable of this type that stands for `other`.

        Raises
        ------
        TypeError
            If no conversion is known.
        """
        if not _is_variable(other):
            other = self.constant_type(type=self, data=self.filter(other))
        if other.type != self and allow_convert:
            converted = self.convert_variable(other)
            if converted is not None:
                other = converted
        if other.type != self:
            raise TypeError(f"Cannot convert type {other.type} (of variable {other}) into type {self}.")
        return other

    def convert_variable(self, var: _Variable) -> _Variable | None:
        """Return `var` as a variable of this type, or None if the types have nothing to do with each other.

        Raises
        ------
        NotImplementedError
            If some values of `var` are values of this type: a type whose values can be checked when
            they are known overrides the method.
        """
        if self.is_super(var.type):
            return var
        if var.type.is_super(self):
            raise NotImplementedError(f"{self} can't check at run time that a value of {var.type} belongs to it")
        return None

    def in_same_class(self, otype: Type) -> bool:
        """Whether variables of `otype` may stand where variables of this type stood."""
        return self == otype

    def is_super(self, otype: Type) -> bool:
        """Whether every value of `otype` is a value of this type."""
        return self.in_same_class(otype)

    def is_valid_value(self, data: Any, strict: bool = True) -> bool:
        """Whether `data` belongs to this type (with ``strict=False``: can be brought into it)."""
        try:
            self.filter(data, strict=strict)
        except (TypeError, ValueError):
            return False
        return True

    def make_variable(self, name: str | None = None) -> _Variable:
        """Return a fresh variable of this type, without an owner."""
        variable = self.variable_type(self, None, name=name)
        variable.origin = capture()
        return variable

    def make_constant(self, value: Any, name: str | None = None) -> _Constant:
        """Return a constant of this type."""
        return self.constant_type(type=self, data=value, name=name)

    def clone(self, *args: Any, **kwargs: Any) -> Type:
        """Return a type like this one, some properties changed."""
        return type(self)(*args, **kwargs)

    def __call__(self, name: str | None = None) -> _Variable:
        return self.make_variable(name)

    @classmethod
    def values_eq(cls, a: Any, b: Any) -> bool:
        """Whether two values of this type are the same."""
        return bool(a == b)

    @classmethod
    def values_eq_approx(cls, a: Any, b: Any) -> bool:
        """Whether two values of this type agree up to rounding."""
        return cls.values_eq(a, b)

    @staticmethod
    def may_share_memory(a: Any, b: Any) -> bool:
        """Whether two values may lie in the same memory."""
        return a is b


class HasDataType:
    """A type whose values have a dtype."""

    dtype: str


class HasShape:
    """A type whose values have a shape, part of it perhaps known."""

    ndim: int
    shape: tuple[int | None, ...]


def _is_variable(obj: Any) -> bool:
    return hasattr(obj, "type") and hasattr(obj, "owner")
