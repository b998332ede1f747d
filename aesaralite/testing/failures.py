"""What a failed check prints: the first node whose value differs, who is to blame, the smallest graph, as a program."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from aesaralite.compile.debugging.errors import BadOptimization, DebugModeError
from aesaralite.compile.debugging.journal import Journal
from aesaralite.compile.debugging.values import difference, summary_of
from aesaralite.graph.clone import clone_replace
from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.traversal import ancestors, io_toposort
from aesaralite.graph.variable import Apply, Constant, Variable
from aesaralite.rewriting.base import GraphRewriter
from aesaralite.testing.cases import GraphCase
from aesaralite.testing.evaluation import Values
from aesaralite.testing.runs import DEFINITION, Outcome, run

__all__ = ["explained", "smallest"]

_MOST_TRIED = 200
"""How many smaller graphs are looked at."""

Fails = Callable[[GraphCase], bool]


def explained(
    case: GraphCase,
    who: str,
    error: Exception | str,
    fails: Fails,
    outcome_of: Callable[[GraphCase], Outcome],
    rewriter: GraphRewriter | None = None,
    modes: Sequence[tuple[str, str | None]] = (),
) -> str:
    """Return the text of a failed check.

    Parameters
    ----------
    case : GraphCase
        The graph and the values of its inputs.
    who : str
        What gives another value than the definition.
    error : Exception or str
        How they differ.
    fails : callable
        Whether the check fails for a smaller case, too.
    outcome_of : callable
        What becomes of a smaller case.
    rewriter : GraphRewriter, optional
        What has rewritten the graph, to find out which rewrite is to blame.
    modes : sequence of tuple of str and str
        For the program: what it compiles with.
    """
    small = smallest(case, fails)
    lines = [f"Difference in {who}: {error}", ""]
    lines += _about_node(small, who, outcome_of)
    if rewriter is not None:
        lines += _about_rewrites(small, rewriter)
    lines += ["The smallest graph that shows it:" if small is not case else "The graph:", ""]
    try:
        lines.append(str(small.program(modes)))
    except Exception as failure:  # a program would be nice, but must not hide what has gone wrong
        lines.append(f"{small!r} (there is no program for it: {failure!r})")
    return "\n".join(lines)


def smallest(case: GraphCase, fails: Fails) -> GraphCase:
    """Return the smallest part of a case that fails, or the case itself.

    First the graph is cut behind each node in turn, until one is found that fails; then in front of it, further and
    further away from that node, with the values that are computed there as inputs.

    Parameters
    ----------
    case : GraphCase
        A case that fails.
    fails : callable
        Whether a case fails. Exceptions count as not.
    """

    def is_smaller(candidate: GraphCase) -> bool:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return fails(candidate)
        except Exception:
            return False

    found = case
    for candidate in itertools.islice(_heads(case), _MOST_TRIED):
        if is_smaller(candidate):
            found = candidate
            break
    for candidate in itertools.islice(_tails(found), _MOST_TRIED):
        if is_smaller(candidate):
            return candidate
    candidate = _without_unused_inputs(found)
    return candidate if len(candidate.inputs) < len(found.inputs) and is_smaller(candidate) else found


def _without_unused_inputs(case: GraphCase) -> GraphCase:
    used = set(ancestors(case.roots))
    kept = [(variable, value) for variable, value in zip(case.inputs, case.values) if variable in used]
    return replace(case, inputs=[variable for variable, _ in kept], values=[value for _, value in kept])


def _heads(case: GraphCase) -> Iterator[GraphCase]:
    """Yield the cases that end at a node."""
    for node in io_toposort(case.inputs, case.roots):
        for output in node.outputs:
            yield case.with_outputs([output])


def _tails(case: GraphCase) -> Iterator[GraphCase]:
    """Yield the cases that begin a node before the output, two nodes, and so on."""
    last = case.outputs[0].owner if len(case.outputs) == 1 and not case.updates else None
    if last is None:
        return
    (output,) = case.outputs
    values = _values(case)
    frontier: list[Variable] = list(last.inputs)
    while any(v.owner is not None for v in frontier):
        yield _cut(case, output, frontier, values)
        deeper = [w for v in frontier for w in (v.owner.inputs if v.owner is not None else [v])]
        frontier = list(dict.fromkeys(deeper))


def _cut(case: GraphCase, output: Variable, frontier: Sequence[Variable], values: Values) -> GraphCase:
    """Return the case of an output as computed from other variables."""
    stand_ins: dict[Variable, Variable] = {}
    for i, variable in enumerate(v for v in frontier if not isinstance(v, Constant)):
        stand_ins[variable] = variable.type.variable_type(variable.type, None, name=f"x{i}")
    (new,) = clone_replace([output], replace=stand_ins)
    return GraphCase(list(stand_ins.values()), [new], [_plain(values[v]) for v in stand_ins])


def _plain(value: Any) -> Any:
    return np.array(value, order="C") if isinstance(value, (np.ndarray, np.generic)) else value


def _values(case: GraphCase) -> Values:
    values = Values(dict(zip(case.inputs, case.values)))
    for old, new in case.givens:
        values[old] = values[new] if isinstance(new, Variable) else new
    return values


def _about_node(case: GraphCase, who: str, outcome_of: Callable[[GraphCase], Outcome]) -> list[str]:
    node = case.outputs[0].owner if len(case.outputs) == 1 else None
    if node is None:
        return []
    lines = [f"The first node whose value differs: {_named(node)}"]
    if node.origin is not None:
        source = node.origin.source_line()
        lines.append(f"  made at {node.origin}" + (f": {source}" if source else ""))
    try:
        expected, actual = run(case, DEFINITION), outcome_of(case)
    except Exception:
        return [*lines, ""]
    values = _values(case)
    lines += [f"  input {i}, {v}: {summary_of(values[v])}" for i, v in enumerate(node.inputs)]
    lines.append(f"  by the definition: {_told(expected)}")
    lines.append(f"  by {who}: {_told(actual)}")
    if expected.error is None and actual.error is None:
        lines.append(f"  Of these, {difference(expected.outputs[0], actual.outputs[0])}")
    return [*lines, ""]


def _about_rewrites(case: GraphCase, rewriter: GraphRewriter) -> list[str]:
    """Tell which rewrite is to blame, if one is."""
    shared = case.shared
    outputs = clone_replace(case.outputs, replace=list(case.givens)) if case.givens else list(case.outputs)
    fgraph = FunctionGraph([*case.inputs, *(s for s in shared if s not in case.inputs)], outputs, clone=True)
    journal = Journal()
    fgraph.attach_feature(journal)
    try:
        rewriter.rewrite(fgraph)
        journal.check([*case.values, *(s.get_value() for s in shared)])
    except BadOptimization as found:
        return [str(found).partition("\nHINT")[0], ""]
    except DebugModeError as found:
        return [f"An Op breaks a promise: {found}", ""]
    except Exception:
        return []
    return ["No rewrite is to blame: after each of them, the definitions give the same.", ""]


def _named(node: Apply) -> str:
    return f"{node.op}({', '.join(map(str, node.inputs))})"


def _told(outcome: Outcome) -> str:
    if outcome.error is not None:
        text = str(outcome.error).partition("\n")[0]
        return f"{type(outcome.error).__name__}: {text}"
    return str(summary_of(outcome.outputs[0]))
