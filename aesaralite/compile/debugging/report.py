"""What ``f.debug`` finds, and how it tells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any

from aesaralite.compile.debugging.locate import Difference, Outcome, Replay, first_difference, outcome_of, replay
from aesaralite.compile.debugging.reproduction import Case, save_case
from aesaralite.compile.debugging.values import Summary, difference, summary_of
from aesaralite.graph.arguments import expect
from aesaralite.graph.frozen import FrozenNode
from aesaralite.graph.provenance import Origin
from aesaralite.graph.variable import Variable

__all__ = ["DebugReport", "Finding", "examine", "rerun"]

_HEADINGS = {
    "failure": "the call fails here",
    "nan": "the first NaN",
    "inf": "the first infinity",
    "difference": "the first difference between the linker and the definitions",
}
_BEFORE_ALL, _BEFORE_NODES = -2, -1


@dataclass(frozen=True, eq=False)
class Finding:
    """Something that is wrong, or looks so, with the first value for which that holds.

    Attributes
    ----------
    kind : str
        ``"failure"``, ``"nan"``, ``"inf"`` or ``"difference"``.
    node : FrozenNode or None
        The node; None for an input of the function.
    variable : Variable
        The node's output, or the input.
    error : Exception or None
        What the node raised.
    difference : Difference or None
        What the linker gives in place of the value.
    """

    kind: str
    node: FrozenNode | None
    variable: Variable
    error: Exception | None = None
    difference: Difference | None = None

    @property
    def origin(self) -> Origin | None:
        """Where the user wrote it."""
        return self.node.origin if self.node is not None else self.variable.origin


class DebugReport:
    """What a call did, value by value. ``str(report)`` tells; ``report.save(path)`` makes a file of it.

    Parameters
    ----------
    case
        The graph, and what it was called with.
    outcome
        What became of the call.
    replayed
        What the definitions give.
    parted
        Where the linker's values part from those.

    Attributes
    ----------
    findings : tuple of Finding
        The first of each kind: a failure of the call, and then the others in the order of the nodes.
    error : Exception or None
        What the call raised.
    outputs, new_state : list
        What the call returned, and what its state became. Empty if it failed.
    """

    def __init__(self, case: Case, outcome: Outcome, replayed: Replay, parted: Difference | None) -> None:
        self.case = expect(case, Case, "case")
        expect(outcome, Outcome, "outcome")
        expect(replayed, Replay, "replayed")
        self.error = outcome.error
        count = len(case.plan.outputs)
        self.outputs, self.new_state = list(outcome.results[:count]), list(outcome.results[count:])
        self._replayed = replayed
        self._summaries = {number: summary_of(value) for number, value in replayed.values.items()}
        self.findings = tuple(_findings(case, replayed, parted, self._summaries))

    @property
    def finding(self) -> Finding | None:
        """The first of the findings, None if there are none."""
        return self.findings[0] if self.findings else None

    @property
    def ok(self) -> bool:
        """Whether there is nothing to tell: the call succeeded, all values are finite, and the linker is right."""
        return self.error is None and not self.findings

    def value_of(self, node: int, output: int = 0) -> Any:
        """Return the value of a node's output, by the position of the node in the order of the graph."""
        return self._replayed.values[self.case.graph.nodes[node].outputs[output]]

    def save(self, path: str | PathLike[str]) -> None:
        """Write a file with which others can repeat the call: ``python -m aesaralite.debug path``.

        Parameters
        ----------
        path
            Where to. The file holds this report, the graph, the inputs, the state before the call, and the versions
            of the packages.

        Raises
        ------
        pickle.PicklingError
            If the graph holds an Op that can't be pickled, such as a function that was defined in another one.
        """
        save_case(path, self.case, str(self))

    def table(self) -> str:
        """Return a line for each value: input, constant, output of a node."""
        graph = self.case.graph
        lines = []
        for number, what in _inputs(self.case):
            lines.append(f"%{number} = {what}: {self._summaries[number]}")
        for number, constant in graph.constants.items():
            lines.append(f"%{number} = {constant}: {self._summaries[number]}")
        for node in graph.nodes:
            lines.append(f"{node!r}" + (f"  # {node.origin}" if node.origin is not None else ""))
            for number in node.outputs:
                summary = self._summaries.get(
                    number, "never computed" if self._replayed.failed is not node else "fails"
                )
                lines.append(f"    %{number}: {summary}")
        return "\n".join(lines)

    def __str__(self) -> str:
        case = self.case
        lines = [
            f"Function {case.name or 'without a name'}, of {len(case.graph.nodes)} nodes, linker {case.linker.name!r}"
        ]
        if self.error is not None:
            lines.append(f"The call failed: {_first_line(self.error)}")
        elif self.findings:
            lines.append("The call succeeded.")
        else:
            lines.append("The call succeeded, all values are finite, and the linker agrees with the definitions.")
        told: set[Finding] = set()
        for finding in self.findings:
            together = [other for other in self.findings if _is_same_value(finding, other)]
            if finding not in told:
                lines += ["", *self._lines_about(finding, " and ".join(_HEADINGS[other.kind] for other in together))]
            told.update(together)
        lines += ["", "Inputs:"]
        lines += [f"  {what}: {self._summaries[number]}" for number, what in _inputs(case)] or ["  none"]
        if self.error is None:
            lines.append("Results:")
            lines += [f"  {what}: {summary_of(value)}" for what, value in self._results()] or ["  none"]
        return "\n".join(lines)

    def __repr__(self) -> str:
        kinds = ", ".join(finding.kind for finding in self.findings) or "nothing found"
        return f"<DebugReport of {self.case.name or 'a function'}: {kinds}>"

    def _results(self) -> Iterator[tuple[str, Any]]:
        names = [slot.name for slot in self.case.plan.outputs]
        for k, (name, value) in enumerate(zip(names, self.outputs)):
            yield f"output {k}" + (f", {name}" if name is not None else ""), value
        for (_, place), value in zip(self.case.plan.updates, self.new_state):
            yield f"new value of {self.case.graph.input_variables[place]}", value

    def _lines_about(self, finding: Finding, what: str) -> list[str]:
        node = finding.node
        heading = f"{what[0].upper()}{what[1:]}"
        if node is None:
            lines = [f"{heading}: {finding.variable}, an input of the function"]
        else:
            lines = [f"{heading}: node {node.index} (of {len(self.case.graph.nodes)}), {node.apply}"]
        origin = finding.origin
        if origin is not None:
            lines.append(f"  made at {origin}")
            source = origin.source_line()
            lines += [f"    {source}"] if source else []
        if node is not None:
            for k, (number, variable) in enumerate(zip(node.inputs, node.apply.inputs)):
                lines.append(f"  input {k}, {variable}: {self._summaries[number]}")
        if finding.error is not None:
            lines.append(f"  {_first_line(finding.error)}")
        elif finding.difference is not None:
            lines += self._lines_of_difference(finding.difference)
        elif node is not None:
            lines += [f"  output {k}: {self._summaries[number]}" for k, number in enumerate(node.outputs)]
        else:
            lines.append(f"  {self._summaries[self.case.graph.variables.index(finding.variable)]}")
        return lines

    def _lines_of_difference(self, parted: Difference) -> list[str]:
        linker = self.case.linker.name
        if isinstance(parted.expected, Exception):
            return [f"  by the definition: {_first_line(parted.expected)}", f"  {linker!r} doesn't fail"]
        lines = [f"  by the definition: {summary_of(parted.expected)}"]
        if isinstance(parted.actual, Exception):
            lines.append(f"  by {linker!r}: {_first_line(parted.actual)}")
        else:
            lines.append(f"  by {linker!r}: {summary_of(parted.actual)}")
            lines.append(f"  {difference(parted.expected, parted.actual)}")
        return [*lines, f"  seen {parted.where}"]


def examine(case: Case, outcome: Outcome) -> DebugReport:
    """Replay a call by the definitions, and compare.

    Parameters
    ----------
    case
        The graph and the values that it was called with.
    outcome
        What became of the call.
    """
    replayed = replay(case.graph, case.inputs)
    return DebugReport(case, outcome, replayed, _parted(case, outcome, replayed))


def rerun(case: Case) -> DebugReport:
    """Repeat a call, and examine it."""
    try:
        program = case.linker.link(case.graph, case.plan)
    except Exception as error:
        return examine(case, Outcome((), error))
    return examine(case, outcome_of(program, case.plan, case.inputs))


def _parted(case: Case, outcome: Outcome, replayed: Replay) -> Difference | None:
    if replayed.failed is None:
        return first_difference(case.graph, case.linker, case.inputs, replayed.values, outcome)
    if outcome.error is None:
        node = replayed.failed
        return Difference(node, node.outputs[0], replayed.error, None, "in the call")
    return None


def _findings(case: Case, replayed: Replay, parted: Difference | None, summaries: dict[int, Summary]) -> list[Finding]:
    graph = case.graph
    found: dict[str, tuple[int, Finding]] = {}
    for number in graph.inputs:
        _note(found, _BEFORE_NODES, summaries[number], None, graph.variables[number])
    for node in graph.nodes:
        for number, variable in zip(node.outputs, node.apply.outputs):
            if number in summaries:
                _note(found, node.index, summaries[number], node, variable)
    if replayed.failed is not None and replayed.error is not None:
        failed = replayed.failed
        found["failure"] = _BEFORE_ALL, Finding("failure", failed, failed.apply.outputs[0], replayed.error)
    if parted is not None:
        place = parted.node.index if parted.node is not None else len(graph.nodes)
        variable = graph.variables[parted.number]
        found["difference"] = place, Finding("difference", parted.node, variable, difference=parted)
    return [finding for _, finding in sorted(found.values(), key=lambda pair: pair[0])]


def _note(
    found: dict[str, tuple[int, Finding]], place: int, summary: Summary, node: FrozenNode | None, variable: Variable
) -> None:
    for kind, count in (("nan", summary.n_nan), ("inf", summary.n_inf)):
        if count and kind not in found:
            found[kind] = place, Finding(kind, node, variable)


def _is_same_value(a: Finding, b: Finding) -> bool:
    """Whether two findings are of the same value, and about that value alone."""
    return a is b or (a.variable is b.variable and {a.kind, b.kind} <= {"nan", "inf"})


def _inputs(case: Case) -> Sequence[tuple[int, str]]:
    return [
        (number, f"{case.graph.variables[number]}" + (" (state before the call)" if slot.is_state else ""))
        for number, slot in zip(case.graph.inputs, case.plan.inputs)
    ]


def _first_line(error: Exception) -> str:
    text = str(error).partition("\n")[0]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
