"""Test values: each node computes an example while the graph is built (flag ``compute_test_value``)."""

from __future__ import annotations

import warnings
from typing import Any

from aesaralite.configdefaults import config
from aesaralite.errors import TestValueError
from aesaralite.graph.variable import Apply, Constant, Variable


def _test_value(variable: Variable) -> Any:
    if isinstance(variable, Constant):
        return variable.data
    value = getattr(variable.tag, "test_value", None)
    if value is None and hasattr(variable, "get_value"):
        value = variable.get_value(borrow=True)
    return value


def compute_test_value(node: Apply) -> None:
    """Compute the outputs' test values from the inputs'.

    Raises
    ------
    TestValueError
        If an input has none and the flag is ``"raise"``.
    """
    values = []
    for i, variable in enumerate(node.inputs):
        value = _test_value(variable)
        if value is None:
            message = f"Cannot compute test value: input {i} ({variable}) of Op {node} missing default value"
            if variable.origin is not None:
                message += f". It was made at {variable.origin}"
            mode = config.compute_test_value
            if mode == "raise":
                raise TestValueError(message)
            if mode == "warn":
                warnings.warn(message, stacklevel=3)
            elif mode == "pdb":
                breakpoint()  # noqa: T100  the flag asks for it
            return
        values.append(variable.type.filter(value))
    storage: list[list[Any]] = [[None] for _ in node.outputs]
    node.op.perform(node, values, storage)
    for output, cell in zip(node.outputs, storage):
        output.tag.test_value = cell[0]
