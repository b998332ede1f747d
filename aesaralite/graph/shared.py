"""Variables that carry a value, shared by all the functions that use them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from aesaralite.graph.arguments import as_flag
from aesaralite.graph.container import Container, duplicate
from aesaralite.graph.generic import generic
from aesaralite.graph.pickling import postpone_default_update
from aesaralite.graph.provenance import capture
from aesaralite.graph.type import Type
from aesaralite.graph.variable import Variable

__all__ = ["SharedVariable", "generic_constructor", "shared", "shared_constructor"]

_Constructor = TypeVar("_Constructor", bound=Callable[..., Any])


class SharedVariable(Variable):
    """A variable with a value that lasts between calls, and that functions may update.

    Users make one with `shared`.

    Parameters
    ----------
    type : Type
        Its type.
    value : object
        Its first value, brought into the type.
    strict : bool
        If true, a value must belong to the type already, and is stored as it is: nothing is cast or copied.
    allow_downcast : bool or None
        Whether a value may lose precision. None allows it only for a Python float where the dtype is floatX.
    container : Container or None
        The container to use, in place of `value`.
    name : str or None
        A name for people to read.

    Attributes
    ----------
    container : Container
        What holds the value.

    Raises
    ------
    TypeError
        If both `value` and `container` are given, or the value doesn't fit the type.
    """

    def __init__(
        self,
        type: Type,
        value: Any,
        strict: bool | None,
        allow_downcast: bool | None = None,
        container: Container | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(type=type, owner=None, index=None, name=name)
        self.origin = capture()
        if container is not None:
            if value is not None or as_flag(strict, "strict") or allow_downcast is not None:
                raise TypeError(
                    "A SharedVariable takes either a container, or a value with strict and allow_downcast; not both."
                )
            self.container = container
        else:
            self.container = Container(self, [None], strict=as_flag(strict, "strict"), allow_downcast=allow_downcast)
            self.container.value = value
        self._default_update: Variable | None = None

    def get_value(self, borrow: bool = False, return_internal_type: bool = False) -> Any:
        """Return the value.

        Parameters
        ----------
        borrow : bool
            If false, the result is a copy. If true, it's the stored object itself: what is written into it is seen by
            the functions, and a function that updates the variable may write into it.
        return_internal_type : bool
            Without effect: values are stored as users see them.
        """
        if borrow:
            return self.container.value
        return self.container.copy_value()

    def set_value(self, new_value: Any, borrow: bool = False) -> None:
        """Put in a new value; all functions that use the variable see it.

        Parameters
        ----------
        new_value : object
            Any value that the type accepts. A tensor may change its shape, within the type's.
        borrow : bool
            If false, a copy is stored. If true, `new_value` itself may be.

        Raises
        ------
        TypeError
            If the type refuses the value.
        """
        self.container.value = new_value if borrow else duplicate(new_value)

    def get_test_value(self) -> Any:
        """Return the test value that was given to it, and else its value."""
        value = getattr(self.tag, "test_value", None)
        return self.get_value(borrow=True) if value is None else value

    @property
    def default_update(self) -> Variable | None:
        """What a function sets the variable to unless it's told otherwise; None for nothing."""
        return self._default_update

    @default_update.setter
    def default_update(self, value: Any) -> None:
        self._default_update = None if value is None else self.type.filter_variable(value, allow_convert=True)

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        if self._default_update is not None and postpone_default_update(self):
            state["_default_update"] = None
        return state

    def clone(self, **kwargs: Any) -> SharedVariable:
        """Return a variable with the same container, so that one value serves both."""
        name = kwargs.pop("name", self.name)
        copy = self.__class__(type=self.type, value=None, strict=None, container=self.container, name=name, **kwargs)
        copy.origin = self.origin
        if "_tag" in self.__dict__:  # made when somebody asks for it
            copy.tag.__dict__.update(self.tag.__dict__)
        return copy


def generic_constructor(
    value: Any, name: str | None = None, strict: bool = False, allow_downcast: bool | None = None, borrow: bool = False
) -> SharedVariable:
    """Return a shared variable of type `Generic`, which holds any object.

    Parameters
    ----------
    value, name, strict, allow_downcast
        See `shared`.
    borrow : bool
        Whether `value` itself is stored; otherwise a copy of it.
    """
    return SharedVariable(
        type=generic,
        value=value if borrow else duplicate(value),
        strict=strict,
        allow_downcast=allow_downcast,
        name=name,
    )


class _SharedConstructors:
    """The known ways to make a shared variable from a value.

    ``shared_constructor(make)`` registers a constructor for whatever it accepts; it's usable as a decorator.
    `shared` calls ``make(value, name=name, strict=strict, **kwargs)``, and ``make`` raises ``TypeError`` for a
    value that it doesn't support. Such constructors are asked before all others, the last registered first.

    ``shared_constructor.register(cls)`` registers one for the instances of a class and of its subclasses, as
    ``functools.singledispatch`` does. What it raises is final.
    """

    def __init__(self) -> None:
        self._asked: list[Callable[..., Any]] = []
        self._by_class = functools.singledispatch(generic_constructor)
        self.register = self._by_class.register
        self.dispatch = self._by_class.dispatch

    def __call__(self, ctor: _Constructor, remove: bool = False) -> _Constructor:
        """Register `ctor` (or, with `remove`, forget it) and return it."""
        if not callable(ctor):
            raise TypeError(f"shared_constructor takes a constructor, got {ctor!r}; to share a value call shared.")
        if remove:
            self._asked.remove(ctor)
        else:
            self._asked.append(ctor)
        return ctor

    def make(self, value: Any, name: str | None, strict: bool, allow_downcast: bool | None, **kwargs: Any) -> Any:
        """Return the shared variable that the first suitable constructor makes of `value`."""
        if allow_downcast is not None:
            kwargs["allow_downcast"] = allow_downcast
        for constructor in reversed(self._asked):
            try:
                return constructor(value, name=name, strict=strict, **kwargs)
            except TypeError:
                continue
        return self.dispatch(type(value))(value, name=name, strict=strict, **kwargs)


shared_constructor = _SharedConstructors()


def shared(
    value: Any, name: str | None = None, strict: bool = False, allow_downcast: bool | None = None, **kwargs: Any
) -> SharedVariable:
    """Return a variable that holds `value` between calls.

    Parameters
    ----------
    value : object
        The first value. A number or an array gives a tensor variable of its dtype; every dimension of an array
        counts as unknown, so that its size may change. A NumPy generator gives a random generator variable. Any
        other object gives a `Generic` one.
    name : str, optional
        A name for people to read.
    strict : bool
        If true, later values must belong to the type already: nothing is cast or copied.
    allow_downcast : bool, optional
        Whether a later value may lose precision.
    **kwargs
        For the constructor. Those of tensors take ``borrow`` (store `value` itself, not a copy), ``shape`` (a tuple of
        ints and None, for dimensions that are known) and ``broadcastable`` (a tuple of bools: True stands for a
        dimension of 1).

    Returns
    -------
    SharedVariable

    Raises
    ------
    TypeError
        If `value` is symbolic, or no constructor takes it with these keywords.

    Examples
    --------
    >>> import aesaralite
    >>> state = aesaralite.shared(0)
    >>> state.set_value(3)
    >>> state.get_value()
    array(3)
    """
    if isinstance(value, Variable):
        raise TypeError("Shared variable values can not be symbolic.")
    return shared_constructor.make(value, name, strict, allow_downcast, **kwargs)
