"""Programs that run node by node, with something that watches: what the debugging modes compile to."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections import deque
from collections.abc import Callable, Sequence
from itertools import repeat
from operator import setitem
from typing import Any

import numpy as np

from aesaralite.compile.linker import CallingPlan, InputSlot, Linker, OutputSlot, Program, get_linker
from aesaralite.compile.runtime_errors import raise_with_op
from aesaralite.graph.container import duplicate
from aesaralite.graph.frozen import FrozenGraph, FrozenNode
from aesaralite.graph.variable import Apply, Constant, Variable
from aesaralite.tensor.tensor_type import TensorType

__all__ = ["DEFINITION", "NodeCall", "SteppedProgram", "SteppingLinker", "perform_node", "plan_of_values"]

DEFINITION = "py"
"""The name of the linker that computes what each Op's `perform` does."""


class NodeCall:
    """One run of one node, as a hook sees it. Calling it runs the node.

    Attributes
    ----------
    index : int
        The position of the node in the order in which the function runs.
    node : Apply
        The node.
    inputs, outputs : list of list
        A cell, which is a list of one element, for each input and output. Those of outputs hold None before the node
        has run.
    """

    __slots__ = ("_run", "index", "inputs", "node", "outputs")

    def __init__(self, index: int, node: Apply, inputs: Sequence[Any], run: Callable[..., Any]) -> None:
        self.index = index
        self.node = node
        self.inputs = [[value] for value in inputs]
        self.outputs: list[list[Any]] = [[None] for _ in node.outputs]
        self._run = run

    def __call__(self) -> None:
        results = self._run(self.node, [cell[0] for cell in self.inputs])
        for cell, result in zip(self.outputs, results, strict=True):
            cell[0] = result


def perform_node(node: Apply, inputs: Sequence[Any]) -> list[Any]:
    """Return the values of a node's outputs, by the definition of its Op."""
    cells: list[list[Any]] = [[None] for _ in node.outputs]
    node.op.perform(node, inputs, cells)
    return [cell[0] for cell in cells]


def plan_of_values(n_inputs: int, n_outputs: int) -> CallingPlan:
    """Return how a graph without state is called."""
    return CallingPlan(
        tuple(InputSlot(None) for _ in range(n_inputs)), tuple(OutputSlot(None) for _ in range(n_outputs))
    )


class _LinkedNode:
    """A node as a program of its own."""

    def __init__(self, node: Apply, linker: Linker) -> None:
        stand_ins: dict[Variable, Variable] = {}
        for variable in node.inputs:
            if not isinstance(variable, Constant):
                stand_ins.setdefault(variable, variable.type.variable_type(variable.type, None, name=variable.name))
        alone = node.clone_with_new_inputs([stand_ins.get(variable, variable) for variable in node.inputs])
        graph = FrozenGraph(list(stand_ins.values()), list(alone.outputs))
        self._positions = [node.inputs.index(variable) for variable in stand_ins]
        self._program = linker.link(graph, plan_of_values(len(stand_ins), len(alone.outputs)))

    def __call__(self, node: Apply, inputs: Sequence[Any]) -> list[Any]:
        return self._program.run([[inputs[i]] for i in self._positions])


class SteppedProgram(Program):
    """A graph that is run node by node.

    Parameters
    ----------
    graph, plan
        What to compute, and how it's called.
    linker
        What compiles each node, as a program of its own; None runs what the Ops define.
    """

    def __init__(self, graph: FrozenGraph, plan: CallingPlan, linker: Linker | None = None) -> None:
        self.graph = graph
        self.plan = plan
        self._record: Callable[[int, float], None] | None = None
        by_definition = linker is None or linker.name == DEFINITION
        self._runners: list[Callable[..., Any]] = [
            perform_node if by_definition else _LinkedNode(node.apply, linker)  # type: ignore[arg-type]
            for node in graph.nodes
        ]
        self._is_tensor = [isinstance(variable.type, TensorType) for variable in graph.output_variables]

    def start(self, values: dict[int, Any]) -> None:
        """Look at the values of the inputs and constants, by number, before the first node runs."""

    @abstractmethod
    def step(self, call: NodeCall, node: FrozenNode) -> None:
        """Run a node, and look at it."""

    def finish(self, values: dict[int, Any], inputs: Sequence[Any]) -> None:
        """Look at all values, after the last node has run, and before the state changes."""

    def node_of(self, node: FrozenNode) -> Apply:
        """Return the node that hooks see."""
        return node.apply

    def run(self, storage: list[list[Any]]) -> list[Any]:
        inputs = [cell[0] for cell in storage]
        values: dict[int, Any] = {number: constant.data for number, constant in self.graph.constants.items()}
        values.update(zip(self.graph.inputs, inputs, strict=True))
        self.start(values)
        for node, runner in zip(self.graph.nodes, self._runners):
            arguments = [values[number] for number in node.inputs]
            call = NodeCall(node.index, self.node_of(node), arguments, runner)
            started = time.perf_counter()
            try:
                self.step(call, node)
            except Exception as error:
                raise_with_op(node, error, arguments, graph=self.graph)
            if self._record is not None:
                self._record(node.index, time.perf_counter() - started)
            values.update((number, cell[0]) for number, cell in zip(node.outputs, call.outputs))
        self.finish(values, inputs)
        results = [
            # debugging may be slow: everything is copied, so that nobody has to think who owns what
            duplicate(np.asarray(values[number]) if is_tensor else values[number])
            for number, is_tensor in zip(self.graph.outputs, self._is_tensor)
        ]
        count = len(self.plan.outputs)
        cells = [storage[place] for _, place in self.plan.updates]
        # one call into C, so that no signal is handled, and no other thread runs, between two states
        deque(map(setitem, cells, repeat(0), results[count:]), maxlen=0)
        return results[:count]

    def time_nodes(self, record: Callable[[int, float], None]) -> bool:
        self._record = record
        return True

    def report(self) -> str:
        lines = [f"{type(self).__name__}: {len(self.graph.nodes)} nodes, one after another, watched"]
        return "\n".join([*lines, str(self.graph)])


class SteppingLinker(Linker):
    """Links to a program that runs node by node.

    Parameters
    ----------
    inner : str or Linker, optional
        What compiles each node; None runs what the Ops define.
    """

    def __init__(self, inner: str | Linker | None = None) -> None:
        self.inner = inner

    @property
    def inner_linker(self) -> Linker | None:
        """The linker that compiles each node."""
        return None if self.inner is None or self.inner == DEFINITION else get_linker(self.inner)

    @property
    def required_tags(self) -> tuple[str, ...]:  # type: ignore[override]
        """The tags that the inner linker requires."""
        return self.inner_linker.required_tags if self.inner_linker is not None else ()

    @property
    def incompatible_tags(self) -> tuple[str, ...]:  # type: ignore[override]
        """The tags that the inner linker can't take."""
        return self.inner_linker.incompatible_tags if self.inner_linker is not None else ()
