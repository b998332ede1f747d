"""The definition of a graph: each node's `perform`, in order.

A call that machine code has left because a guard failed is run here again: nothing has changed in between, so the Op
raises its own error, with everything that is known about the node.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from aesaralite.compile.runtime_errors import raise_with_op
from aesaralite.graph.container import duplicate
from aesaralite.graph.frozen import FrozenGraph


def evaluate(graph: FrozenGraph, inputs: Sequence[Any]) -> list[Any]:
    """The graph's outputs, each with memory of its own.

    Raises
    ------
    Exception
        Whatever a node raises, with the node's details.
    """
    values: dict[int, Any] = {number: constant.data for number, constant in graph.constants.items()}
    values.update(zip(graph.inputs, inputs, strict=True))
    for node in graph.nodes:
        arguments = [values[number] for number in node.inputs]
        cells: list[list[Any]] = [[None] for _ in node.outputs]
        try:
            node.op.perform(node.apply, arguments, cells)
        except Exception as error:
            raise_with_op(node, error, arguments, graph=graph)
        values.update((number, cell[0]) for number, cell in zip(node.outputs, cells, strict=True))
    return [_own(values[number]) for number in graph.outputs]


def _own(value: Any) -> Any:
    return np.array(value) if isinstance(value, (np.ndarray, np.generic)) else duplicate(value)
