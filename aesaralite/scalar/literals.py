"""How Python numbers among the arguments of an Op get their dtypes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from aesaralite.configdefaults import config
from aesaralite.scalar.dtypes import is_weak, strong_dtype, upcast, weak_dtype


def as_variables(
    op: Any,
    arguments: Sequence[Any],
    as_variable: Callable[[Any], Any],
    make_constant: Callable[[Any, str], Any],
) -> list[Any]:
    """Return the arguments of an elementwise operation as variables.

    Python numbers are weak: they take the dtype of the other arguments where their kind allows it.

    Parameters
    ----------
    op : ScalarOp
        Says which of the arguments combine with one another (`ScalarOp.combined`), which are conditions
        (`ScalarOp.conditions`), and whether an integer that doesn't fit may have a wider dtype
        (`ScalarOp.literals_may_widen`).
    arguments : sequence
        Variables, Python numbers, and what `as_variable` takes.
    as_variable : callable
        Makes a variable of an argument.
    make_constant : callable
        Makes a constant of a number and a dtype.

    Raises
    ------
    OverflowError
        If an integer doesn't fit into the dtype of the other arguments.
    TypeError
        If a condition is a bare Python bool.
    """
    literals = [i for i, argument in enumerate(arguments) if is_weak(argument)]
    if not literals:
        return [as_variable(argument) for argument in arguments]
    weak = set(literals)
    variables = [None if i in weak else as_variable(argument) for i, argument in enumerate(arguments)]
    combined = op.combined(len(arguments))
    dtypes = [variables[i].type.dtype for i in combined if i not in weak]
    reference = upcast(*dtypes) if dtypes else _reference_of_literals([arguments[i] for i in combined if i in weak])
    for i in literals:
        value = arguments[i]
        if type(value) is bool and i in op.conditions:
            raise TypeError(
                f"Input {i} of {op} is a bare {value}, which mostly comes from comparing variables with ==: that asks "
                "whether they are the same object. Use eq(v, w) to compare values, or numpy.array(True) for a constant"
            )
        if i not in combined or reference is None:
            dtype = strong_dtype(value)
        else:
            try:
                dtype = weak_dtype(value, reference, op.literals_may_widen)
            except OverflowError as error:
                raise OverflowError(f"{op}: {error}") from None
        variables[i] = make_constant(value, dtype)
    return variables


def _reference_of_literals(values: list[Any]) -> str | None:
    """Return the dtype with which literals alone combine, None where each has its own."""
    kinds = set(map(type, values))
    if len(kinds) > 1 and (complex in kinds or float in kinds):
        return "complex128" if complex in kinds else config.floatX
    return None
