"""`PythonProgram`: the nodes of a graph in order, one call of ``perform`` each."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from itertools import repeat
from operator import itemgetter, setitem
from typing import Any

import numpy as np

from aesaralite.compile.explaining.description import Explanation
from aesaralite.compile.explaining.timing import Measured, TimedProgram
from aesaralite.compile.linker import CallingPlan, Program, SlowPath
from aesaralite.compile.profiling import ProfileStats
from aesaralite.compile.runtime_errors import raise_with_op
from aesaralite.graph.frozen import FrozenGraph
from aesaralite.graph.type import Type
from aesaralite.tensor.tensor_type import TensorType
from aesaralite_python.aliasing import ResultKeeper

__all__ = ["PythonProgram"]

_content = itemgetter(0)

# perform, the node, the numbers of its inputs, of its outputs, and of the values that nobody needs after it
_Step = tuple[Callable[..., Any], Any, tuple[int, ...], tuple[int, ...], tuple[int, ...]]


class PythonProgram(Program):
    """A graph that is run node by node.

    Parameters
    ----------
    graph, plan
        What to compute, and how it's called.
    allow_gc
        Whether each intermediate value is dropped after its last use.
    """

    def __init__(self, graph: FrozenGraph, plan: CallingPlan, allow_gc: bool) -> None:
        self._graph = graph
        self._plan = plan
        self._allow_gc = allow_gc
        self._steps = _steps(graph, allow_gc)
        self._start: list[Any] = [None] * len(graph.variables)
        for number, constant in graph.constants.items():
            self._start[number] = constant.data
        self._keeper = ResultKeeper(plan, [constant.data for constant in graph.constants.values()])
        self._is_tensor = [isinstance(variable.type, TensorType) for variable in graph.output_variables]
        self._updated = [i for _, i in plan.updates]
        self._record: Callable[[int, float], None] | None = None

    def run(self, storage: list[list[Any]]) -> list[Any]:
        return self._execute(list(map(_content, storage)), [storage[i] for i in self._updated])

    def bind(self, state_cells: list[list[Any]]) -> Callable[..., Any]:
        plan, types = self._plan, [variable.type for variable in self._graph.input_variables]
        state, explicit = plan.state, plan.explicit
        fits = [_exact_check(types[i]) for i in explicit]
        n_explicit, n_inputs = len(explicit), len(plan.inputs)
        cell_of = dict(zip(state, state_cells))
        updated_cells = [cell_of[i] for i in self._updated]
        single = len(plan.outputs) == 1

        def call(*args: Any) -> Any:
            if len(args) != n_explicit:
                raise SlowPath
            for value, is_exact in zip(args, fits):
                if not is_exact(value):
                    raise SlowPath
            if not state:
                values = list(args)
            else:
                values = [None] * n_inputs
                for i, value in zip(explicit, args):
                    values[i] = value
                for i, value in zip(state, list(map(_content, state_cells))):
                    values[i] = value
            outputs = self._execute(values, updated_cells)
            return outputs[0] if single else outputs

        return call

    def _execute(self, inputs: list[Any], updated_cells: Sequence[list[Any]]) -> list[Any]:
        values = self._start.copy()
        for number, value in zip(self._graph.inputs, inputs):
            values[number] = value
        if self._record is None:
            self._run_nodes(values)
        else:
            self._run_timed(values, self._record)
        results = [values[number] for number in self._graph.outputs]
        for i, is_tensor in enumerate(self._is_tensor):
            if is_tensor and not isinstance(results[i], np.ndarray):
                results[i] = np.asarray(results[i])
        outputs, new_state = self._keeper.settle(results, inputs)
        # one call into C, so that no signal is handled, and no other thread runs, between two states
        deque(map(setitem, updated_cells, repeat(0), new_state), maxlen=0)
        return outputs

    def _run_nodes(self, values: list[Any]) -> None:
        node = None
        try:
            for perform, node, inputs, outputs, dead in self._steps:
                if len(outputs) == 1:
                    cell = [None]
                    perform(node, [values[i] for i in inputs], [cell])
                    values[outputs[0]] = cell[0]
                else:
                    cells: list[list[Any]] = [[None] for _ in outputs]
                    perform(node, [values[i] for i in inputs], cells)
                    for number, cell in zip(outputs, cells):
                        values[number] = cell[0]
                for number in dead:
                    values[number] = None
        except Exception as error:
            self._explain(node, error, values)

    def _run_timed(self, values: list[Any], record: Callable[[int, float], None]) -> None:
        node = None
        clock = time.perf_counter
        try:
            for index, (perform, node, inputs, outputs, dead) in enumerate(self._steps):
                cells: list[list[Any]] = [[None] for _ in outputs]
                started = clock()
                perform(node, [values[i] for i in inputs], cells)
                record(index, clock() - started)
                for number, cell in zip(outputs, cells):
                    values[number] = cell[0]
                for number in dead:
                    values[number] = None
        except Exception as error:
            self._explain(node, error, values)

    def _explain(self, apply: Any, error: Exception, values: list[Any]) -> None:
        for node in self._graph.nodes:
            if node.apply is apply:
                raise_with_op(node, error, [values[i] for i in node.inputs], graph=self._graph)
        raise error

    def time_nodes(self, record: Callable[[int, float], None]) -> bool:
        self._record = record
        return True

    def timed(self) -> TimedProgram:
        return TimedPythonProgram(PythonProgram(self._graph, self._plan, self._allow_gc))

    def describe(self, values: Sequence[Any] | None = None) -> Explanation:
        from aesaralite_python.explain import explain, watch  # which only few programs ever need

        dead = [numbers for *_, numbers in self._steps]
        watched = None if values is None else watch(self._graph, self._keeper, dead, values)
        return explain(self._graph, self._plan, dead, watched)


class TimedPythonProgram(TimedProgram):
    """A program whose nodes are timed."""

    def __init__(self, program: PythonProgram) -> None:
        super().__init__(program)
        self.restart()

    def restart(self) -> None:
        self._stats = ProfileStats()
        self.program.time_nodes(self._stats.record_node)

    def times(self) -> Mapping[int, Measured]:
        counts = self._stats.node_counts
        return {index: Measured(seconds, counts[index]) for index, seconds in self._stats.node_times.items()}


def _steps(graph: FrozenGraph, allow_gc: bool) -> list[_Step]:
    last_user: dict[int, int] = {}
    if allow_gc:
        for node in graph.nodes:
            for number in (*node.outputs, *node.inputs):
                last_user[number] = node.index
        for number in (*graph.outputs, *graph.inputs, *graph.constants):
            last_user.pop(number, None)
    dead: list[list[int]] = [[] for _ in graph.nodes]
    for number, index in last_user.items():
        dead[index].append(number)
    return [(node.op.perform, node.apply, node.inputs, node.outputs, tuple(dead[node.index])) for node in graph.nodes]


def _exact_check(expected: Type) -> Callable[[Any], bool]:
    """Return a function that tells whether a value is of exactly the class, dtype, rank and static shape of a type."""
    if not isinstance(expected, TensorType):
        return lambda value: expected.is_valid_value(value, strict=True)
    dtype, ndim = np.dtype(expected.dtype), expected.ndim
    known = [(axis, size) for axis, size in enumerate(expected.shape) if size is not None]

    def is_exact(value: Any) -> bool:
        if type(value) is not np.ndarray or value.dtype != dtype or value.ndim != ndim or not value.flags.aligned:
            return False
        return all(value.shape[axis] == size for axis, size in known)

    return is_exact
