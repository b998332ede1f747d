"""The check of rewriters: values and types are kept, and where the user wrote it; and rewriting ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, overload

import numpy as np

from aesaralite.compile.mode import Mode
from aesaralite.configdefaults import config
from aesaralite.graph.clone import clone_replace
from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.frozen import freeze
from aesaralite.graph.variable import Constant, Variable
from aesaralite.rewriting.base import GraphRewriter, NodeRewriter
from aesaralite.rewriting.equilibrium import EquilibriumGraphRewriter
from aesaralite.rewriting.query import RewriteDatabaseQuery
from aesaralite.testing.cases import GraphCase
from aesaralite.testing.checks import as_case
from aesaralite.testing.failures import explained
from aesaralite.testing.late import random_checks
from aesaralite.testing.runs import DEFINITION, Outcome, Tolerance, compare, run

__all__ = ["Fired", "check_rewrite"]

_MOST_USES = 10
"""How often a node rewriter may be applied, for each node of the graph."""


class Fired(NamedTuple):
    """On how many of the graphs that were drawn a rewriter did something."""

    times: int
    graphs: int


@overload
def check_rewrite(
    inputs: Sequence[Variable] | GraphCase,
    outputs: Variable | Sequence[Variable] | None = None,
    values: Sequence[Any] | None = None,
    rewrite: Any = "fast_run",
    rtol: float | None = None,
    atol: float | None = None,
) -> FunctionGraph: ...


@overload
def check_rewrite(
    inputs: str | RewriteDatabaseQuery | GraphRewriter | NodeRewriter,
    *,
    rtol: float | None = None,
    atol: float | None = None,
    examples: int = 100,
    patterns: Sequence[Callable[..., Variable]] = (),
    **options: Any,
) -> Fired: ...


def check_rewrite(
    inputs: Any,
    outputs: Variable | Sequence[Variable] | None = None,
    values: Sequence[Any] | None = None,
    rewrite: Any = "fast_run",
    rtol: float | None = None,
    atol: float | None = None,
    examples: int = 100,
    patterns: Sequence[Callable[..., Variable]] = (),
    **options: Any,
) -> FunctionGraph | Fired:
    """Check that rewriting a graph leaves its meaning alone.

    ``check_rewrite(rewrite)`` draws graphs with what the rewriter looks for, and needs the package ``hypothesis``.
    ``check_rewrite(inputs, outputs, values, rewrite)`` takes a graph.

    Parameters
    ----------
    inputs, outputs : sequence of Variable
        The graph. In place of `inputs`, a `GraphCase` alone will do. Or what rewrites, for graphs that are drawn.
    values : sequence of array_like
        One for each input.
    rewrite : str, RewriteDatabaseQuery, GraphRewriter or NodeRewriter
        What rewrites: the name of a set of rewrites, or a rewriter of your own. A `NodeRewriter` is
        applied wherever it can be, until nothing changes.
    rtol, atol : float, optional
        As in `check_linkers`.
    examples : int
        How many graphs to draw. Of these, elements that are NaN or infinite before rewriting aren't compared: rewrites
        reckon with real numbers.
    patterns : sequence of callable
        Functions of variables that make what the rewriter looks for, if it doesn't tell. Rules, pattern rewriters and
        the Ops in `tracks` do.
    **options
        For `aesaralite.testing.strategies.graphs`, such as ``kinds="i"``.

    Returns
    -------
    FunctionGraph or Fired
        The rewritten graph, for further checks; or on how many of the graphs the rewriter did something.

    Raises
    ------
    AssertionError
        If a type or value changed; if a variable in the new graph doesn't come from a line that made the old one; if
        rewriting doesn't end; if a rewriter has done nothing to any of the graphs that were drawn.

    Examples
    --------
    >>> import aesaralite.tensor as at
    >>> from aesaralite.rewriting.pattern import PatternNodeRewriter
    >>> check_rewrite(PatternNodeRewriter((at.neg, (at.neg, "x")), "x"), examples=20).times > 0
    True
    """
    tolerance = Tolerance(rtol, atol)
    if isinstance(inputs, (str, RewriteDatabaseQuery, GraphRewriter, NodeRewriter)):
        return _check_drawn(inputs, tolerance, examples, patterns, options)
    fgraph, _ = _check(as_case(inputs, outputs, values), rewrite, tolerance)
    return fgraph


def _check_drawn(
    rewrite: Any, tolerance: Tolerance, examples: int, patterns: Sequence[Any], options: dict[str, Any]
) -> Fired:
    fired = graphs = 0

    def check(case: GraphCase, tell: bool) -> None:
        nonlocal fired, graphs
        _, has_fired = _check(case, rewrite, tolerance, finite_only=True, tell=tell)
        fired += has_fired
        graphs += 1

    random_checks().for_rewritable(check, rewrite, patterns, examples, options)
    if not fired:
        raise AssertionError(
            f"{rewrite} has done nothing to any of {graphs} graphs. If it looks for something special, say how to make "
            "that with `patterns`."
        )
    return Fired(fired, graphs)


def _check(
    case: GraphCase, rewrite: Any, tolerance: Tolerance, finite_only: bool = False, tell: bool = True
) -> tuple[FunctionGraph, bool]:
    """Check one graph, and return it rewritten, and whether that is another graph."""
    expected = run(case, DEFINITION)
    try:
        rewritten, has_changed = _rewritten(case, rewrite)
    except Exception as error:
        if isinstance(error, AssertionError):
            raise
        raise AssertionError(f"{rewrite} fails: {error!r}") from error
    _check_types(case, rewritten, rewrite)
    _check_origins(case, rewritten, rewrite)

    def outcome_of(smaller: GraphCase, fgraph: FunctionGraph | None = None) -> Outcome:
        fgraph = _rewritten(smaller, rewrite)[0] if fgraph is None else fgraph
        values = [*smaller.values, *(s.get_value() for s in _states(smaller))]
        outcome = run(GraphCase(list(fgraph.inputs), list(fgraph.outputs), values), DEFINITION)
        count = len(smaller.outputs)
        return Outcome(outcome.outputs[:count], outcome.outputs[count:], outcome.error)

    def check(smaller: GraphCase, before: Outcome, after: Outcome) -> None:
        if finite_only:
            before, after = _without_infinities(before, after)
        # the new state comes as outputs
        new = [value for variable, value in zip(smaller.shared, before.state) if variable in dict(smaller.updates)]
        flat = GraphCase(smaller.inputs, smaller.roots, smaller.values)
        compare(
            Outcome([*before.outputs, *new], (), before.error),
            Outcome([*after.outputs, *after.state], (), after.error),
            flat,
            tolerance,
        )

    try:
        check(case, expected, outcome_of(case, rewritten))
    except AssertionError as error:
        if not tell:
            raise

        def fails(smaller: GraphCase) -> bool:
            try:
                check(smaller, run(smaller, DEFINITION), outcome_of(smaller))
            except AssertionError:
                return True
            return False

        modes = [("py", None), ("py", rewrite)] if isinstance(rewrite, str) else ()
        who = f"the graph after {rewrite}"
        raise AssertionError(explained(case, who, error, fails, outcome_of, _rewriter(rewrite), modes)) from error
    return rewritten, has_changed


def _rewritten(case: GraphCase, rewrite: Any) -> tuple[FunctionGraph, bool]:
    """Return the graph, rewritten, of the inputs and the shared variables, and whether it has changed.

    Its outputs are the outputs and the new values of shared variables.
    """
    updates = dict(case.updates)
    states = _states(case)
    outputs = [*case.outputs, *(updates[s] for s in states if s in updates)]
    if case.givens:
        outputs = clone_replace(outputs, replace=list(case.givens))
    fgraph = FunctionGraph([*case.inputs, *states], outputs, clone=True)
    before = freeze(fgraph).digest
    with config.change_flags(on_opt_error="raise"):
        _rewriter(rewrite).rewrite(fgraph)
    return fgraph, freeze(fgraph).digest != before


def _states(case: GraphCase) -> list[Any]:
    return [state for state in case.shared if state not in case.inputs]


def _check_types(case: GraphCase, fgraph: FunctionGraph, rewrite: Any) -> None:
    for old, new in zip(case.outputs, fgraph.outputs):
        if not old.type.is_super(new.type):
            raise AssertionError(f"{rewrite} changed the type of {old} from {old.type} to {new.type}")


def _check_origins(case: GraphCase, fgraph: FunctionGraph, rewrite: Any) -> None:
    """Check that each variable comes from a line that made the graph."""
    origins = {output.origin for node in case.nodes for output in node.outputs}
    if None in origins:
        return
    for node in fgraph.toposort():
        for output in node.outputs:
            if output.origin not in origins and not isinstance(output, Constant):
                raise AssertionError(
                    f"{rewrite} has made {output}, of {node}, which comes from "
                    + (f"{output.origin}, no line of the graph" if output.origin is not None else "no line at all")
                )


def _without_infinities(before: Outcome, after: Outcome) -> tuple[Outcome, Outcome]:
    """Return two outcomes that agree wherever the first isn't finite."""
    if before.error is not None or after.error is not None or len(before.outputs) != len(after.outputs):
        return before, after
    outputs = []
    for value, other in zip(before.outputs, after.outputs):
        if np.asarray(value).dtype.kind in "fc" and np.shape(value) == np.shape(other):
            other = np.where(np.isfinite(value), other, value).astype(np.asarray(other).dtype)
        outputs.append(other)
    return before, Outcome(outputs, after.state, None)


def _rewriter(rewrite: Any) -> GraphRewriter:
    if isinstance(rewrite, GraphRewriter):
        return rewrite
    if isinstance(rewrite, NodeRewriter):
        return EquilibriumGraphRewriter([rewrite], max_use_ratio=_MOST_USES)
    return Mode(linker=DEFINITION.provided_linker, optimizer=rewrite).optimizer
