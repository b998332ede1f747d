"""Ops, rewrites and a linker that are wrong on purpose."""

from collections.abc import Sequence
from typing import Any

import numpy as np

import aesaralite.tensor as at
from aesaralite.compile.linker import CallingPlan, Linker, Program
from aesaralite.errors import ShapeError
from aesaralite.graph.basic import Apply
from aesaralite.graph.frozen import FrozenGraph
from aesaralite.graph.op import Op
from aesaralite.tensor.assertion import Assert

HELD = np.zeros(2)


class Crooked(Op):
    """Adds one to a vector, and does something that it mustn't.

    Parameters
    ----------
    how : str
        What that is.
    """

    __props__ = ("how",)

    runs = 0

    def __init__(self, how: str):
        self.how = how

    def make_node(self, x: Any) -> Apply:
        x = at.as_tensor_variable(x)
        outputs = [x.type(), x.type()] if self.how in ("twins", "interleaved") else [x.type()]
        return Apply(self, [x], outputs)

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[list[Any]]) -> None:
        (x,) = inputs
        cell = output_storage[0]
        if self.how == "writes into its input":
            x += 1
            cell[0] = x.copy()
        elif self.how == "returns its input":
            cell[0] = x
        elif self.how == "returns a view":
            cell[0] = x[::-1]
        elif self.how == "twins":
            cell[0] = output_storage[1][0] = x + 1
        elif self.how == "interleaved":
            both = np.repeat(x + 1, 2)
            cell[0], output_storage[1][0] = both[::2], both[1::2]
        elif self.how == "counts":
            Crooked.runs += 1
            cell[0] = x + Crooked.runs
        elif self.how == "keeps what it returns":
            HELD[:] = x + Crooked.runs
            Crooked.runs += 1
            cell[0] = HELD
        elif self.how == "another dtype":
            cell[0] = (x + 1).astype("float32")
        elif self.how == "another rank":
            cell[0] = x[None] + 1
        elif self.how == "nothing":
            pass
        elif self.how == "another shape":
            cell[0] = x[:1] + 1
        elif self.how == "NaN":
            cell[0] = x * np.nan
        else:
            cell[0] = x + 1

    def infer_shape(self, fgraph: Any, node: Apply, shapes: Sequence[Any]) -> Sequence[Any]:
        if self.how == "infer_shape fails":
            raise KeyError("shape")
        if self.how == "inferred shape fails":
            return [(Assert("never")(shapes[0][0], False),)]
        if self.how == "no inferred shape":
            raise ShapeError("unknown")
        return shapes


class CrookedLinker(Linker):
    """Runs the definitions, and gets some Ops wrong.

    Parameters
    ----------
    op : str
        The name of the Ops whose results are wrong, by one.
    fused_only : bool
        Whether they are only wrong where another node of the graph uses them, and their value isn't asked for.
    fails : bool
        Whether they raise.
    """

    name = "crooked"

    def __init__(self, op: str = "Elemwise{tanh}", fused_only: bool = False, fails: bool = False):
        self.op, self.fused_only, self.fails = op, fused_only, fails

    def link(self, graph: FrozenGraph, plan: CallingPlan) -> Program:
        return _CrookedProgram(graph, plan, self)


class _CrookedProgram(Program):
    def __init__(self, graph: FrozenGraph, plan: CallingPlan, linker: CrookedLinker):
        self.graph, self.plan, self.linker = graph, plan, linker

    def run(self, storage: list[list[Any]]) -> list[Any]:
        graph, linker = self.graph, self.linker
        values = {number: constant.data for number, constant in graph.constants.items()}
        values.update(zip(graph.inputs, (cell[0] for cell in storage)))
        for node in graph.nodes:
            cells: list[list[Any]] = [[None] for _ in node.outputs]
            node.op.perform(node.apply, [values[number] for number in node.inputs], cells)
            if str(node.op) == linker.op and not (linker.fused_only and node.outputs[0] in graph.outputs):
                if linker.fails:
                    raise ArithmeticError("crooked")
                cells[0][0] = cells[0][0] + 1
            values.update((number, cell[0]) for number, cell in zip(node.outputs, cells))
        results = [np.array(values[number]) for number in graph.outputs]
        count = len(self.plan.outputs)
        for (_, place), value in zip(self.plan.updates, results[count:]):
            storage[place][0] = value
        return results[:count]

    def report(self) -> str:
        return "crooked"
