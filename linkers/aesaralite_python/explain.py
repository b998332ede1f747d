"""What there is to tell of a graph that is run node by node."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from aesaralite.compile.explaining.description import UNKNOWN, Amount, Array, Buffer, Explanation, Step, Work, lines_of
from aesaralite.compile.linker import CallingPlan
from aesaralite.compile.runtime_errors import raise_with_op
from aesaralite.graph.frozen import FrozenGraph, FrozenNode
from aesaralite.tensor.shaping import Shape, Shape_i
from aesaralite_python.aliasing import ResultKeeper, owner_of
from aesaralite_python.operations import operations_of

__all__ = ["Watched", "explain", "watch"]


@dataclass
class Watched:
    """What was seen of a run: for each value its type and bytes, and whether it's a view; for each node its work; and
    the most memory.
    """

    types: dict[int, str] = field(default_factory=dict)
    sizes: dict[int, int] = field(default_factory=dict)
    views: set[int] = field(default_factory=set)
    work: list[Work] = field(default_factory=list)
    peak: int = 0

    def see(self, number: int, value: Any) -> None:
        """Note a value."""
        if isinstance(value, np.ndarray | np.generic):
            self.types[number] = f"{value.dtype}[{', '.join(map(str, value.shape))}]"
        self.sizes[number] = _bytes(value)


def watch(graph: FrozenGraph, keeper: ResultKeeper, dead: Sequence[Sequence[int]], arguments: Sequence[Any]) -> Watched:
    """Run the nodes, on the side, and see how large values are.

    Parameters
    ----------
    keeper
        Copies results that may not be shared.
    dead
        For each node the numbers of the values that nobody needs after it.
    arguments
        The values of the graph's inputs.
    """
    seen = Watched()
    values: dict[int, Any] = {number: constant.data for number, constant in graph.constants.items()}
    values.update(zip(graph.inputs, arguments, strict=True))
    for number, value in values.items():
        seen.see(number, value)
    given = {owner_of(value) for value in values.values()}
    for node in graph.nodes:
        inputs = [values[number] for number in node.inputs]
        cells: list[list[Any]] = [[None] for _ in node.outputs]
        try:
            node.op.perform(node.apply, inputs, cells)
        except Exception as error:
            raise_with_op(node, error, inputs, graph=graph)
        outputs = [cell[0] for cell in cells]
        values.update(zip(node.outputs, outputs, strict=True))
        owners = set(map(owner_of, inputs))
        for number in node.outputs:
            seen.see(number, values[number])
            if owner_of(values[number]) in owners:
                seen.views.add(number)
        seen.work.append(_work(node, inputs, outputs))
        seen.peak = max(seen.peak, _held(values.values(), given))
        for number in dead[node.index]:
            del values[number]
    new, state = keeper.settle([values[number] for number in graph.outputs], arguments)
    seen.peak = max(seen.peak, _held([*values.values(), *new, *state], given))
    return seen


def _work(node: FrozenNode, inputs: Sequence[Any], outputs: Sequence[Any]) -> Work:
    operations = operations_of(node.op, inputs, outputs)
    owners = set(map(owner_of, inputs))
    written = [value for value in outputs if owner_of(value) not in owners]
    read = inputs if written and not isinstance(node.op, Shape | Shape_i) else ()  # a view reads and writes nothing
    return Work(
        Amount.exactly(sum(map(_bytes, read))),
        Amount.exactly(sum(map(_bytes, written))),
        UNKNOWN if operations is None else Amount.exactly(operations),
    )


def _bytes(value: Any) -> int:
    return value.nbytes if isinstance(value, np.ndarray | np.generic) else 0


def _held(values: Iterable[Any], given: set[int]) -> int:
    """Bytes of the memory that these values have, beside what was given."""
    owners: dict[int, Any] = {}
    for value in values:
        while isinstance(value, np.ndarray) and value.base is not None:
            value = value.base
        owners[id(value)] = value
    return sum(_bytes(value) for key, value in owners.items() if key not in given)


def explain(
    graph: FrozenGraph, plan: CallingPlan, dead: Sequence[Sequence[int]], watched: Watched | None = None
) -> Explanation:
    """The nodes as steps, with the numbers of a run that was watched."""

    def type_of(number: int) -> str:
        return watched.types.get(number, "") if watched is not None else str(graph.variables[number].type)

    arrays = [
        Array("state" if slot.is_state else "input", f"%{number} {graph.variables[number]}", type_of(number))
        for slot, number in zip(plan.inputs, graph.inputs, strict=True)
    ]
    arrays += [
        Array("constant", f"%{number} {constant}", type_of(number)) for number, constant in graph.constants.items()
    ]
    steps = []
    for node in graph.nodes:
        drops = f"; drops {', '.join(f'%{number}' for number in dead[node.index])}" if dead[node.index] else ""
        steps.append(
            Step(
                node.index,
                "node",
                f"{node!r}{drops}",
                ops=(str(node.op),),
                reads=tuple(dict.fromkeys(f"%{number}" for number in node.inputs)),
                writes=tuple(f"%{number}" for number in node.outputs),
                work=None if watched is None else watched.work[node.index],
                lines=lines_of((node.origin,)),
            )
        )
    outputs = [Array("output", f"%{number}", type_of(number)) for number in graph.outputs[: len(plan.outputs)]]
    notes = [f"input {i} becomes %{graph.outputs[position]}" for position, i in plan.updates]
    notes.append("no two nodes are fused: each is run by itself, and what it makes is an array")
    if watched is not None:
        notes.append("inputs, state and constants aren't part of the peak, nor is what an Op needs while it runs")
    return Explanation(
        f"Python linker: {len(graph.nodes)} nodes, one after another, in {graph.digest[:12]}",
        tuple(arrays),
        tuple(outputs),
        tuple(steps),
        buffers=() if watched is None else tuple(_buffers(graph, watched)),
        peak=None if watched is None else Amount.exactly(watched.peak),
        notes=tuple(notes),
    )


def _buffers(graph: FrozenGraph, watched: Watched) -> Iterator[Buffer]:
    for number in (number for node in graph.nodes for number in node.outputs):
        if number in watched.views:
            yield Buffer((f"%{number}",), "a view", None)
        else:
            yield Buffer((f"%{number}",), "an array", Amount.exactly(watched.sizes[number]))
