"""Profiles of functions: what compiling took, what calls take, and where."""

from __future__ import annotations

import atexit
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from aesaralite.configdefaults import config
from aesaralite.graph.arguments import as_flag

if TYPE_CHECKING:
    from aesaralite.graph.frozen import FrozenGraph
    from aesaralite.rewriting.trace import RewriteTrace

__all__ = ["ProfileStats", "print_global_stats", "profile_of"]

_printed_at_exit: list[ProfileStats] = []


class ProfileStats:
    """The profile of one function.

    Parameters
    ----------
    atexit_print
        Whether the summary is printed when the process ends, to where the flag ``profile_destination`` says.
    name
        What the summary calls the function.

    Attributes
    ----------
    phases : dict of str to float
        The seconds that each phase of compiling took, in order.
    fct_callcount : int
        The number of calls that succeeded.
    fct_call_time : float
        The seconds that they took together.
    node_times, node_counts : dict of int to float, int
        For each node of the compiled graph the seconds that it took and how often it ran. Empty where the linker
        runs all nodes as one.
    trace : RewriteTrace or None
        Which rewrites did what.
    """

    def __init__(self, atexit_print: bool = False, name: str | None = None) -> None:
        self.name = name
        self.phases: dict[str, float] = {}
        self.fct_callcount = 0
        self.fct_call_time = 0.0
        self.node_times: dict[int, float] = {}
        self.node_counts: dict[int, int] = {}
        self.trace: RewriteTrace | None = None
        self.graph: FrozenGraph | None = None
        if atexit_print:
            _printed_at_exit.append(self)

    @property
    def compile_time(self) -> float:
        """The seconds that compiling took."""
        return sum(self.phases.values())

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Add the time of a ``with`` block to a phase of compiling."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.phases[name] = self.phases.get(name, 0.0) + time.perf_counter() - started

    def timed(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return `call` made to count and time itself."""

        def timed_call(*args: Any) -> Any:
            started = time.perf_counter()
            result = call(*args)
            self.fct_call_time += time.perf_counter() - started
            self.fct_callcount += 1
            return result

        return timed_call

    def record_node(self, index: int, seconds: float) -> None:
        """Add one run of a node."""
        self.node_times[index] = self.node_times.get(index, 0.0) + seconds
        self.node_counts[index] = self.node_counts.get(index, 0) + 1

    def summary(self, file: IO[str] | None = None, n_ops_to_print: int = 20, n_apply_to_print: int = 20) -> None:
        """Print the profile.

        Parameters
        ----------
        file
            Where to; standard error unless given.
        n_ops_to_print, n_apply_to_print
            How many classes of Ops, and how many nodes, are listed.
        """
        print(self.report(n_ops_to_print, n_apply_to_print), file=file or sys.stderr)

    def report(self, n_ops_to_print: int = 20, n_apply_to_print: int = 20) -> str:
        """Return the text that `summary` prints."""
        lines = ["Function profiling", "==================", f"  Function: {self.name or 'unnamed'}"]
        lines.append(f"  Time in {self.fct_callcount} calls to Function.__call__: {self.fct_call_time:e}s")
        if self.fct_callcount:
            lines.append(f"  Time per call: {self.fct_call_time / self.fct_callcount:e}s")
        lines.append(f"  Total compile time: {self.compile_time:e}s")
        lines += [f"    {name}: {seconds:e}s" for name, seconds in self.phases.items()]
        if self.graph is not None:
            lines.append(f"  Number of Apply nodes: {len(self.graph.nodes)}")
        if self.node_times and self.graph is not None:
            lines += self._node_lines(self.graph, n_ops_to_print, n_apply_to_print)
        if self.trace is not None:
            lines += ["", "Rewrites", "--------", self.trace.report()]
        return "\n".join(lines)

    def _node_lines(self, graph: FrozenGraph, n_ops: int, n_nodes: int) -> list[str]:
        total = sum(self.node_times.values()) or 1.0
        by_op: dict[str, tuple[float, int]] = {}
        for index, seconds in self.node_times.items():
            op = str(graph.nodes[index].op)
            so_far, count = by_op.get(op, (0.0, 0))
            by_op[op] = so_far + seconds, count + self.node_counts[index]
        row = "{:>6.1%} {:>11.3e}s {:>8}  {}".format
        lines = ["", "Ops", "---", "  share        time    calls  Op"]
        for op, (seconds, count) in sorted(by_op.items(), key=lambda item: -item[1][0])[:n_ops]:
            lines.append(row(seconds / total, seconds, count, op))
        lines += ["", "Apply", "------", "  share        time    calls  node"]
        for index, seconds in sorted(self.node_times.items(), key=lambda item: -item[1])[:n_nodes]:
            node = graph.nodes[index]
            where = f"  ({node.origin})" if node.origin is not None else ""
            lines.append(row(seconds / total, seconds, self.node_counts[index], f"{index}: {node.apply}{where}"))
        return lines


def profile_of(profile: bool | str | ProfileStats | None, name: str | None) -> ProfileStats | None:
    """Return the profile that ``function(profile=...)`` asks for, if any.

    Parameters
    ----------
    profile
        A profile to add to; True for a new one, a text for a new one of that name; None for what the flag
        ``profile`` says.
    name
        The function's name.
    """
    if profile is None:
        return ProfileStats(atexit_print=True, name=name) if config.profile else None
    if isinstance(profile, ProfileStats):
        return profile
    if isinstance(profile, str):
        return ProfileStats(name=profile)
    return ProfileStats(name=name) if as_flag(profile, "profile") else None


def print_global_stats(file: IO[str] | None = None) -> None:
    """Print how much time all profiled functions took together."""
    out = file or sys.stderr
    calls = sum(stats.fct_call_time for stats in _printed_at_exit)
    compiling = sum(stats.compile_time for stats in _printed_at_exit)
    print(f"{len(_printed_at_exit)} functions: {calls:e}s in calls, {compiling:e}s compiling", file=out)


@atexit.register
def _print_at_exit() -> None:
    used = [stats for stats in _printed_at_exit if stats.phases or stats.fct_callcount]
    if not used:
        return
    destination = config.profile_destination
    if destination in ("stderr", "stdout"):
        for stats in used:
            stats.summary(file=getattr(sys, destination))
        return
    with open(destination, "w", encoding="utf-8") as file:
        for stats in used:
            stats.summary(file=file)
