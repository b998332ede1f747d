"""Values of variables, computed node by node with `perform`: the definition, with no rewriting and no linker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from aesaralite.compile.debugging.stepping import perform_node
from aesaralite.graph.container import duplicate
from aesaralite.graph.shared import SharedVariable
from aesaralite.graph.traversal import io_toposort
from aesaralite.graph.variable import Constant, Variable

__all__ = ["Values"]


class Values:
    """The values of variables, each computed when it's asked for.

    Parameters
    ----------
    given : mapping of Variable to object
        The values where the graph begins. Shared variables have those that they hold.
    """

    def __init__(self, given: Mapping[Variable, Any]) -> None:
        self._known: dict[Variable, Any] = dict(given)

    def __setitem__(self, variable: Variable, value: Any) -> None:
        self._known[variable] = value

    def __getitem__(self, variable: Variable) -> Any:
        """Return a value.

        Raises
        ------
        Exception
            What a node raises.
        """
        with np.errstate(all="ignore"):
            for node in io_toposort(list(self._known), [variable]):
                results = perform_node(node, [self._leaf(v) for v in node.inputs])
                self._known.update(zip(node.outputs, results))
        return self._leaf(variable)

    def _leaf(self, variable: Variable) -> Any:
        if variable in self._known:
            return self._known[variable]
        if isinstance(variable, Constant):
            return variable.data
        if isinstance(variable, SharedVariable):
            self._known[variable] = duplicate(variable.get_value(borrow=True))
            return self._known[variable]
        raise KeyError(f"{variable} has no value")
