"""`PythonLinker`."""

from __future__ import annotations

from aesaralite.compile.linker import CallingPlan, Linker
from aesaralite.configdefaults import config
from aesaralite.graph.frozen import FrozenGraph
from aesaralite_python.program import PythonProgram

__all__ = ["PythonLinker"]


class PythonLinker(Linker):
    """Runs a graph node by node.

    Parameters
    ----------
    allow_gc : bool, optional
        Whether each intermediate value is dropped after its last use; what the flag ``allow_gc`` says unless given.
    """

    name = "py"

    def __init__(self, allow_gc: bool | None = None) -> None:
        self.allow_gc = allow_gc

    def link(self, graph: FrozenGraph, plan: CallingPlan) -> PythonProgram:
        allow_gc = config.allow_gc if self.allow_gc is None else self.allow_gc
        return PythonProgram(graph, plan, allow_gc)

    def __repr__(self) -> str:
        return f"PythonLinker(allow_gc={self.allow_gc})"
