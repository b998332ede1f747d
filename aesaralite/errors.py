"""The exceptions that aesaralite raises by name.

Each one keeps the name and the built-in base class that programs written for Aesara catch.
They stand on the lowest floor, so that every part of the package can raise them; the modules in which
Aesara's users look for them re-export them.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "AdvancedIndexingError",
    "ComplexError",
    "ConfigAccessViolation",
    "DeadlockError",
    "DisconnectedInputError",
    "EmptyConstantError",
    "InconsistencyError",
    "LinkerConflictError",
    "MethodNotDefined",
    "MissingInputError",
    "MissingLoweringError",
    "NotScalarConstantError",
    "NullTypeGradError",
    "ParameterValueError",
    "RepeatedDrawsWarning",
    "RewriteError",
    "ShapeError",
    "TestValueError",
    "UnknownLinkerError",
    "UnusedInputError",
]


# Building and compiling a graph


class ComplexError(TypeError, NotImplementedError):
    """An operation that has no meaning for complex numbers was asked of some."""


class UnusedInputError(Exception):
    """A function was given an input that none of its outputs and updates needs, or one input twice."""


class MissingInputError(Exception):
    """A graph rests on a variable that has no value and isn't among the inputs.

    Parameters
    ----------
    *args
        The message.
    variable
        The variable that is missing. When it knows where the user made it, that line is added to the message.
    """

    def __init__(self, *args: Any, variable: Any = None) -> None:
        origin = getattr(variable, "origin", None)
        if args and origin is not None:
            args = (f"{args[0]}\nThe variable was made at {origin}.", *args[1:])
        super().__init__(*args)


class InconsistencyError(Exception):
    """A change to a `FunctionGraph` was refused because the graph that it makes breaks a rule."""


class MethodNotDefined(Exception):
    """An optional method of an `Op` or a `Type` was called on a class that doesn't define it."""


class TestValueError(ValueError):
    """A test value is missing or doesn't fit its variable (see the flag ``compute_test_value``)."""

    __test__ = False  # the name begins with "Test", and pytest would try to collect it


class RewriteError(Exception):
    """A rewrite failed, and the flag ``on_opt_error`` is ``"raise"``."""


# Tensors


class ShapeError(Exception):
    """The shape of a variable can't be worked out."""


class NotScalarConstantError(Exception):
    """A scalar constant was asked of a variable whose value isn't known while the graph is built."""


class EmptyConstantError(NotScalarConstantError):
    """A scalar constant was asked of a constant that holds no elements."""


class AdvancedIndexingError(TypeError):
    """An index isn't a basic one (integers, slices, ``None`` and ``...``)."""


class ParameterValueError(ValueError):
    """A parameter of a random variable lies outside the values that the distribution allows."""


class RepeatedDrawsWarning(UserWarning):
    """A function draws the same random numbers twice: at each call, or in two places."""


# Calls


class DeadlockError(RuntimeError):
    """Calls in several threads, each made inside another call, wait for one another's state; this one was given up."""


# Gradients


class NullTypeGradError(TypeError):
    """A gradient was asked through an input for which an `Op` declares that it's undefined or not implemented."""


class DisconnectedInputError(ValueError):
    """A gradient was asked with respect to a variable that the cost doesn't depend on."""


# Linkers


class UnknownLinkerError(ValueError):
    """No installed package provides a linker of the name asked for."""


class LinkerConflictError(RuntimeError):
    """Two installed packages provide a linker of the same name."""


class MissingLoweringError(NotImplementedError):
    """A linker has no code for an `Op`, and was told not to fall back on the Op's ``perform``."""


# Configuration


class ConfigAccessViolation(AttributeError):
    """A flag that doesn't exist was read or set."""
