"""Where a linker's values part from those of the definitions."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from aesaralite.compile.debugging.stepping import perform_node, plan_of_values
from aesaralite.compile.debugging.values import agree, copy_of_layout, largest
from aesaralite.compile.linker import CallingPlan, Linker, Program
from aesaralite.graph.frozen import FrozenGraph, FrozenNode
from aesaralite.tensor.tensor_type import TensorType

__all__ = ["Difference", "Outcome", "Replay", "disagreeing", "first_difference", "outcome_of", "replay"]


class Outcome(NamedTuple):
    """What became of a call.

    Attributes
    ----------
    results : sequence of object
        The outputs, and after them the new values of the state. Empty if the call failed.
    error : Exception or None
        What it raised.
    """

    results: Sequence[Any]
    error: Exception | None = None


class Replay(NamedTuple):
    """A graph that was run node by node, by the definitions.

    Attributes
    ----------
    values : mapping of int to object
        The value of each number in the graph, as far as the run came.
    failed : FrozenNode or None
        The node that failed.
    error : Exception or None
        What it raised.
    """

    values: Mapping[int, Any]
    failed: FrozenNode | None = None
    error: Exception | None = None


class Difference(NamedTuple):
    """The first value that a linker computes differently.

    Attributes
    ----------
    node : FrozenNode or None
        The node; None for an input of the graph, which an output hands through.
    number : int
        The number of the value in the graph.
    expected : object
        What the node's `perform` gives.
    actual : object
        What the linker gives, or the exception that it raises.
    where : str
        In which program it was seen.
    """

    node: FrozenNode | None
    number: int
    expected: Any
    actual: Any
    where: str


def outcome_of(program: Program, plan: CallingPlan, inputs: Sequence[Any]) -> Outcome:
    """Run a program on copies of values."""
    cells = [[copy_of_layout(value)] for value in inputs]
    try:
        results = program.run(cells)
    except Exception as error:
        return Outcome((), error)
    return Outcome([*results, *(cells[place][0] for _, place in plan.updates)])


def replay(graph: FrozenGraph, inputs: Sequence[Any]) -> Replay:
    """Run a graph node by node, on copies of values."""
    values: dict[int, Any] = {number: constant.data for number, constant in graph.constants.items()}
    values.update(zip(graph.inputs, map(copy_of_layout, inputs), strict=True))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of NumPy, about what the report tells
        for node in graph.nodes:
            try:
                results = perform_node(node.apply, [values[number] for number in node.inputs])
            except Exception as error:
                return Replay(values, node, error)
            values.update(zip(node.outputs, results))
    return Replay(values)


def disagreeing(
    graph: FrozenGraph, numbers: Sequence[int], actual: Sequence[Any], values: Mapping[int, Any]
) -> list[tuple[int, Any]]:
    """Return those values that differ from what the definitions give, with their numbers, in the order of the graph.

    Parameters
    ----------
    graph
        The graph.
    numbers, actual
        The values to look at.
    values
        What the definitions give.
    """
    scale = largest(values[number] for number in graph.inputs)
    maker = {number: node for node in graph.nodes for number in node.outputs}
    found = []
    for number, value in zip(numbers, actual):
        node = maker.get(number)
        if node is not None and not node.op.is_deterministic:
            continue
        sources = largest(values[i] for i in node.inputs) if node is not None else 0.0
        if not agree(graph.variables[number].type, values[number], value, max(scale, sources)):
            found.append((number, value))
    return sorted(found, key=lambda pair: maker[pair[0]].index if pair[0] in maker else -1)


def first_difference(
    graph: FrozenGraph, linker: Linker, inputs: Sequence[Any], values: Mapping[int, Any], outcome: Outcome
) -> Difference | None:
    """Return the first value that a linker computes differently, or None if all agree.

    The linker compiles a program that gives every value. Where that program is right, as it is if the fault lies in
    how nodes are fused, smaller and smaller parts of the graph are compiled, each for one value.

    Parameters
    ----------
    graph, linker, inputs
        The graph, what has compiled it, and the values of its inputs.
    values
        What the definitions give.
    outcome
        What the linker's program for the whole graph gave.
    """
    wrong = [] if outcome.error is not None else disagreeing(graph, graph.outputs, outcome.results, values)
    if outcome.error is None and not wrong:
        return None
    maker = {number: node for node in graph.nodes for number in node.outputs}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        observable = [n for n in maker if n in values and isinstance(graph.variables[n].type, TensorType)]
        every = _run(graph, linker, inputs, observable)
        found = [] if every.error is not None else disagreeing(graph, observable, every.results, values)
        if found:
            number, actual = found[0]
            return Difference(
                maker[number], number, values[number], actual, "in a program that gives the values of all nodes"
            )
        targets = [number for number, _ in wrong] or graph.outputs
        part = _smallest_part(graph, linker, inputs, values, observable, targets)
    if part is not None:
        number, actual = part
        return Difference(maker[number], number, values[number], actual, "in a program that gives this value alone")
    number, actual = wrong[0] if wrong else (graph.outputs[0], outcome.error)
    return Difference(maker.get(number), number, values[number], actual, "in the program for the whole graph only")


def _run(graph: FrozenGraph, linker: Linker, inputs: Sequence[Any], numbers: Sequence[int]) -> Outcome:
    """What a linker's program for some values of a graph gives."""
    part = FrozenGraph(list(graph.input_variables), [graph.variables[number] for number in numbers])
    plan = plan_of_values(len(inputs), len(numbers))
    try:
        program = linker.link(part, plan)
    except Exception as error:
        return Outcome((), error)
    return outcome_of(program, plan, inputs)


def _smallest_part(
    graph: FrozenGraph,
    linker: Linker,
    inputs: Sequence[Any],
    values: Mapping[int, Any],
    numbers: Sequence[int],
    targets: Sequence[int],
) -> tuple[int, Any] | None:
    """Return a value, with what becomes of it, that is wrong when it's computed alone, though its sources are right.

    Parameters
    ----------
    graph, linker, inputs, values
        See `first_difference`.
    numbers
        The values that may be asked for, in the order of the graph.
    targets
        Those of which one is wrong in the whole graph.
    """

    @cache
    def wrong(number: int) -> tuple[int, Any] | None:
        outcome = _run(graph, linker, inputs, [number])
        if outcome.error is not None:
            return number, outcome.error
        found = disagreeing(graph, [number], outcome.results, values)
        return found[0] if found else None

    maker = {number: node for node in graph.nodes for number in node.outputs}
    known = None
    earlier = next((found for n in targets if n in maker and (found := wrong(n)) is not None), None)
    while earlier is not None:
        before = _ancestors(graph, [earlier[0]])
        known = _bisected([number for number in numbers if number in before], earlier, wrong)
        # bisection takes it that what comes after a wrong value is wrong, too; mostly it is
        sources = maker[known[0]].inputs
        earlier = next((found for n in sources if n in numbers and (found := wrong(n)) is not None), None)
    return known


def _bisected(
    numbers: Sequence[int], last: tuple[int, Any], wrong: Callable[[int], tuple[int, Any] | None]
) -> tuple[int, Any]:
    """Return the first wrong value, given that all after it are wrong, and what is known of the last."""
    low, high, known = 0, len(numbers) - 1, last
    while low < high:
        middle = (low + high) // 2
        found = wrong(numbers[middle])
        if found is None:
            low = middle + 1
        else:
            high, known = middle, found
    return known


def _ancestors(graph: FrozenGraph, targets: Sequence[int]) -> set[int]:
    """The numbers of the values that others are computed from, with theirs."""
    needed = set(targets)
    for node in reversed(graph.nodes):
        if not needed.isdisjoint(node.outputs):
            needed.update(node.inputs)
    return needed
