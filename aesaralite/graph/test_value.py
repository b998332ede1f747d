"""Test values: each node computes an example while the graph is built (flag ``compute_test_value``)."""

from __future__ import annotations

from typing import Any

from aesaralite.configdefaults import config
from aesaralite.errors import TestValueError
from aesaralite.graph.provenance import warn_user
from aesaralite.graph.variable import Apply, Variable


def compute_test_value(node: Apply) -> None:
    """Compute the outputs' test values from the inputs'.

    Raises
    ------
    TestValueError
        If an input has none and the flag is ``"raise"``.
    """
    values = []
    for i, variable in enumerate(node.inputs):
        try:
            value = variable.get_test_value()
        except TestValueError as error:
            _missing(f"Cannot compute test value: input {i} ({variable}) of Op {node} missing default value. {error}")
            return
        values.append(variable.type.filter(value))
    storage: list[list[Any]] = [[None] for _ in node.outputs]
    node.op.perform(node, values, storage)
    for output, cell in zip(node.outputs, storage):
        output.tag.test_value = cell[0]


def get_test_values(*args: Any) -> list[Any]:
    """Return the test values of all arguments, for a block of code that only runs where they are known.

    Parameters
    ----------
    *args : Variable or object
        The variables; other values stand for themselves.

    Returns
    -------
    list
        A single item to iterate over: the value of the only argument, or a tuple of the values of several. Empty if
        one of them has none, or the flag ``compute_test_value`` is ``"off"``.

    Raises
    ------
    TestValueError
        If an argument has no test value and the flag is ``"raise"``.

    Examples
    --------
    >>> import aesaralite
    >>> import aesaralite.tensor as at
    >>> from aesaralite.graph.op import get_test_values
    >>> x = at.dvector("x")
    >>> x.tag.test_value = [1.0, 2.0]
    >>> with aesaralite.config.change_flags(compute_test_value="warn"):
    ...     for value in get_test_values(x):
    ...         print(value)
    [1. 2.]
    """
    if config.compute_test_value == "off":
        return []
    values = []
    for i, argument in enumerate(args):
        try:
            values.append(argument.get_test_value() if isinstance(argument, Variable) else argument)
        except TestValueError as error:
            _missing(f"Argument {i} ({argument}) has no test value. {error}")
            return []
    return values if len(values) == 1 else [tuple(values)]


def _missing(message: str) -> None:
    mode = config.compute_test_value
    if mode == "raise":
        raise TestValueError(message)
    if mode == "warn":
        warn_user(message)
    elif mode == "pdb":
        breakpoint()  # noqa: T100  the flag asks for it
