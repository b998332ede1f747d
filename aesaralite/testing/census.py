"""How many graphs the strategies have made, and which Ops were in them."""

from __future__ import annotations

from collections import Counter
from typing import Any

from aesaralite.graph.op import Op
from aesaralite.scalar.op import ScalarOp

__all__ = ["CENSUS", "Census", "ops_of"]


def ops_of(nodes: Any) -> set[str]:
    """Return the names of the Ops of nodes: of an `Elemwise` or a reduction, that of its scalar Op, too."""
    return {name for node in nodes for name in _names(node.op)}


def _names(op: Op) -> list[str]:
    scalar_op = getattr(op, "scalar_op", None)
    name = type(op).__name__
    return [f"{name}{{{scalar_op}}}"] if isinstance(scalar_op, ScalarOp) else [name]


class Census:
    """Counts.

    Attributes
    ----------
    graphs : int
        The graphs that were made.
    ops : Counter
        For each Op, in how many of them it was.
    """

    def __init__(self) -> None:
        self.graphs = 0
        self.ops: Counter[str] = Counter()

    def note(self, case: Any) -> None:
        """Count a graph."""
        self.graphs += 1
        self.ops.update(ops_of(case.nodes))

    def add(self, graphs: int, ops: Any) -> None:
        """Add what another process has counted."""
        self.graphs += graphs
        self.ops.update(ops)

    def __str__(self) -> str:
        return f"{self.graphs} graphs, {len(self.ops)} distinct Ops"


CENSUS = Census()
"""Of this process."""
