"""What a user says about the inputs and outputs of a function."""

from __future__ import annotations

from typing import Any

from aesaralite.graph.arguments import as_flag
from aesaralite.graph.container import Container
from aesaralite.graph.shared import SharedVariable
from aesaralite.graph.variable import Variable

__all__ = ["In", "Out", "SymbolicInput", "SymbolicOutput"]


class SymbolicInput:
    """An input of a function, with its properties but without a value.

    Parameters
    ----------
    variable : Variable
        The variable that it sets.
    name : str, optional
        By which name callers give it. The variable's own unless given.
    update : Variable, optional
        What the input is set to after each call.
    mutable : bool, optional
        Whether the function may write into the value that a caller gives.
    strict : bool
        If true, a value must belong to the variable's type: nothing is cast or copied.
    allow_downcast : bool, optional
        Whether a value may lose precision. None allows it only for a Python float where the dtype is floatX.
    autoname : bool
        Whether the input takes its variable's name when it has none of its own.
    implicit : bool
        Whether callers can't give a value.
    """

    def __init__(
        self,
        variable: Variable,
        name: str | None = None,
        update: Variable | None = None,
        mutable: bool | None = None,
        strict: bool = False,
        allow_downcast: bool | None = None,
        autoname: bool = True,
        implicit: bool = False,
    ) -> None:
        if not isinstance(variable, Variable):
            raise TypeError(f"An input must be a Variable, got {variable!r} of type {type(variable)}")
        self.variable = variable
        self.name = variable.name if as_flag(autoname, "autoname") and name is None else name
        if self.name is not None and not isinstance(self.name, str):
            raise TypeError(f"name must be a string! (got: {self.name})")
        if update is not None:
            if not isinstance(update, Variable):
                update = variable.type.filter_variable(update)
            elif not variable.type.in_same_class(update.type) and not variable.type.is_super(update.type):
                raise TypeError(
                    f"Variable {str(variable)!r} has type {variable.type} but an update of type {update.type}. "
                    "The type of the update should be compatible with the type of the variable."
                )
        self.update = update
        self.mutable = mutable if mutable is not None else update is not None
        self.strict = strict
        self.allow_downcast = allow_downcast
        self.implicit = implicit

    def __str__(self) -> str:
        what = str(self.variable) if self.name is None else self.name
        if self.update is not None:
            return f"In({what} -> {self.update})"
        return f"In({what})"

    __repr__ = __str__


class In(SymbolicInput):
    """An input of a function, with its properties.

    Parameters
    ----------
    variable : Variable
        The variable that it sets.
    name : str, optional
        By which name callers give it. The variable's own unless given.
    value : object, optional
        What it's set to when a caller gives nothing. With a Container or a shared variable, the value in that is used,
        as it is at the time of the call. Inputs with a value follow those without.
    update : Variable, optional
        What its value is set to after each call.
    mutable : bool, optional
        Whether the function may write into the value that a caller gives; implies `borrow`.
    strict : bool
        If true, a value must belong to the variable's type: nothing is cast or copied.
    allow_downcast : bool, optional
        Whether a value may lose precision. None allows it only for a Python float where the dtype is floatX.
    autoname : bool
        Whether the input takes its variable's name when it has none of its own.
    implicit : bool, optional
        Whether callers can't give a value. By default, that holds when `value` is a Container or a shared variable.
    borrow : bool, optional
        Whether outputs may share memory with the value that a caller gives. By default, what `mutable` says.
    shared : bool
        Whether the variable is a shared one.

    Raises
    ------
    TypeError
        If the type of the update doesn't fit the variable's.
    ValueError
        If `mutable` is asked for and `borrow` refused.
    """

    def __init__(
        self,
        variable: Variable,
        name: str | None = None,
        value: Any = None,
        update: Variable | None = None,
        mutable: bool | None = None,
        strict: bool = False,
        allow_downcast: bool | None = None,
        autoname: bool = True,
        implicit: bool | None = None,
        borrow: bool | None = None,
        shared: bool = False,
    ) -> None:
        if mutable and borrow is False:
            raise ValueError(
                f"Symbolic input for variable {variable} (name={name}) has flags mutable=True, borrow=False. This "
                "combination is incompatible since mutable=True implies that the input variable may be both aliased "
                "(borrow=True) and overwritten."
            )
        if implicit is None:
            implicit = isinstance(value, (Container, SharedVariable))
        super().__init__(
            variable=variable,
            name=name,
            update=update,
            mutable=mutable,
            strict=strict,
            allow_downcast=allow_downcast,
            autoname=autoname,
            implicit=implicit,
        )
        self.borrow = bool(mutable) if borrow is None else borrow
        self.value = value.container if isinstance(value, SharedVariable) else value
        self.shared = shared
        if implicit and value is None and not shared:
            raise TypeError(f"The implicit input {self} needs a value: callers can't give one.")


class SymbolicOutput:
    """An output of a function, with its properties.

    Parameters
    ----------
    variable : Variable
        What is computed.
    borrow : bool
        Whether the result may share memory with inputs, with shared variables, or with other results.
    """

    def __init__(self, variable: Variable, borrow: bool = False) -> None:
        if not isinstance(variable, Variable):
            raise TypeError(f"An output must be a Variable, got {variable!r} of type {type(variable)}")
        self.variable = variable
        self.borrow = borrow

    def __str__(self) -> str:
        return f"Out({self.variable},{self.borrow})"

    __repr__ = __str__


class Out(SymbolicOutput):
    """An output of a function: the variable, and whether its value may share memory (`borrow`)."""
