"""The record of which rewriter did what, on which node, and how long it took."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import IO, Any

from aesaralite.configdefaults import config
from aesaralite.graph.variable import Apply, Variable


class Step:
    """One replacement.

    Attributes
    ----------
    phase : str
        The graph rewriter at work.
    rule : str
        The node rewriter that asked for the replacement.
    before, after : str
        The node, and what stands in its place.
    origin : Origin or None
        Where the user made the node.
    """

    __slots__ = ("after", "before", "origin", "phase", "rule")

    def __init__(self, phase: str, rule: str, before: str, after: str, origin: Any):
        self.phase = phase
        self.rule = rule
        self.before = before
        self.after = after
        self.origin = origin

    def __str__(self) -> str:
        where = f"   # {self.origin.filename}:{self.origin.lineno}" if self.origin is not None else ""
        return f"{self.rule}: {self.before} -> {self.after}{where}"


class RuleTimes:
    """How often a rewriter was tried, how often it applied, and the seconds it took in all."""

    __slots__ = ("applied", "seconds", "tried")

    def __init__(self) -> None:
        self.tried = 0
        self.applied = 0
        self.seconds = 0.0


class Phase:
    """One run of a graph rewriter: its seconds, and the number of nodes before and after."""

    __slots__ = ("applied", "name", "nodes_after", "nodes_before", "seconds", "tried")

    def __init__(self, name: str, nodes_before: int):
        self.name = name
        self.nodes_before = nodes_before
        self.nodes_after = nodes_before
        self.seconds = 0.0
        self.applied = 0
        self.tried = 0


class RewriteTrace:
    """What rewriting did, from :func:`record_rewrites`.

    Attributes
    ----------
    steps : list of Step
        Every replacement, in order.
    rules : dict of str to RuleTimes
        Each rewriter's counts and time.
    phases : list of Phase
        Each run of a graph rewriter that walks over nodes, in order.
    """

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.rules: dict[str, RuleTimes] = {}
        self.phases: list[Phase] = []

    def attempt(self, rule: str, seconds: float) -> None:
        """Count one call of a rewriter."""
        times = self.rules.get(rule)
        if times is None:
            times = self.rules[rule] = RuleTimes()
        times.tried += 1
        times.seconds += seconds

    def step(self, step: Step) -> None:
        """Add one replacement."""
        self.steps.append(step)
        times = self.rules.get(step.rule)
        if times is None:
            times = self.rules[step.rule] = RuleTimes()
        times.applied += 1

    @property
    def seconds(self) -> float:
        """The time that all phases took."""
        return sum(phase.seconds for phase in self.phases)

    def report(self, steps: int | None = 0) -> str:
        """Return a table to read.

        Parameters
        ----------
        steps
            How many of the replacements to list; None lists all.
        """
        lines = [f"Rewriting: {1e3 * self.seconds:.2f} ms, {len(self.steps)} replacements", ""]
        lines.append(f"{'ms':>8} {'applied':>8} {'tried':>8}  {'nodes':>12}  phase")
        for phase in self.phases:
            nodes = f"{phase.nodes_before} -> {phase.nodes_after}"
            lines.append(f"{1e3 * phase.seconds:8.2f} {phase.applied:8d} {phase.tried:8d}  {nodes:>12}  {phase.name}")
        lines += ["", f"{'ms':>8} {'applied':>8} {'tried':>8}  rewriter"]
        for name, times in sorted(self.rules.items(), key=lambda item: (-item[1].seconds, item[0])):
            lines.append(f"{1e3 * times.seconds:8.2f} {times.applied:8d} {times.tried:8d}  {name}")
        shown = self.steps if steps is None else self.steps[:steps]
        if shown:
            lines += ["", *map(str, shown)]
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.report()

    def print(self, file: IO[str] = sys.stderr) -> None:
        """Write the report."""
        print(self.report(), file=file)


_active: ContextVar[RewriteTrace | None] = ContextVar("aesaralite_rewrite_trace", default=None)


def active_trace() -> RewriteTrace | None:
    """Return the trace of the innermost :func:`record_rewrites` around the caller."""
    return _active.get()


@contextmanager
def record_rewrites() -> Iterator[RewriteTrace]:
    """Record all rewriting that happens inside the block.

    Examples
    --------
    >>> with record_rewrites() as trace:
    ...     rewrite_graph(y, include=("canonicalize", "stabilize"))
    >>> print(trace.report(steps=None))
    """
    trace = RewriteTrace()
    token = _active.set(trace)
    try:
        yield trace
    finally:
        _active.reset(token)


def describe(pairs: list[tuple[Variable, Variable]]) -> tuple[str, str]:
    """Return short texts of the variables replaced and of their replacements."""
    return ", ".join(_text(old) for old, _ in pairs), ", ".join(_text(new) for _, new in pairs)


def announce(step: Step) -> None:
    """Print one replacement if the flag ``optimizer_verbose`` is set."""
    if config.optimizer_verbose:
        print(f"rewriting: {step}")


def _text(variable: Variable) -> str:
    node: Apply | None = variable.owner
    if node is None or variable.name is not None:
        return str(variable)
    suffix = f".{variable.index}" if len(node.outputs) > 1 else ""
    return f"{node}{suffix}"
