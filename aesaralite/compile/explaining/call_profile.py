"""Where the time of calls goes: by step, and by the user's line."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

from aesaralite.compile.explaining.description import Explanation, Step
from aesaralite.compile.explaining.picture import document, sections, table
from aesaralite.compile.explaining.timing import Measured, TimedProgram

__all__ = ["CallProfile", "LineTime", "StepTime", "measure"]

_PREFIXES = ("", "k", "M", "G", "T", "P")


class StepTime(NamedTuple):
    """The time of a step of a program.

    Attributes
    ----------
    step : Step
    seconds : float
        In all calls together.
    share : float
        Which part of the time of the calls that is.
    runs : int
    """

    step: Step
    seconds: float
    share: float
    runs: int

    @property
    def bandwidth(self) -> float | None:
        """Bytes that are read or written in a second; None where that isn't known."""
        work = self.step.work
        if work is None or work.read.number is None or work.written.number is None or not self.seconds:
            return None
        return (work.read.number + work.written.number) * self.runs / self.seconds

    @property
    def speed(self) -> float | None:
        """Floating-point operations in a second, estimated; None where that isn't known."""
        work = self.step.work
        if work is None or work.operations.number is None or not self.seconds:
            return None
        return work.operations.number * self.runs / self.seconds


class LineTime(NamedTuple):
    """The time of a line of the user's.

    Attributes
    ----------
    where : str
        File, number and function.
    source : str
        The line's text.
    seconds : float
        In all calls together. The time of a step is divided among the Ops that were fused into it.
    share : float
        Which part of the time of the calls that is.
    steps : tuple of int
        The numbers of the steps that the line is part of.
    """

    where: str
    source: str
    seconds: float
    share: float
    steps: tuple[int, ...]


class CallProfile:
    """Where the time of some calls went. ``str(profile)`` tells; notebooks show it as a page.

    Parameters
    ----------
    name
        What the function is called.
    calls
        How many calls there were.
    seconds
        How long they took together.
    explanation
        What was run.
    measured
        The times of its steps, by number.

    Attributes
    ----------
    calls : int
    seconds : float
    steps : tuple of StepTime
        The steps that were timed, the longest first.
    lines : tuple of LineTime
        The longest first.
    rest : float
        The seconds that weren't spent in any step: looking at arguments, taking the way into the program and back.
    explanation : Explanation
    """

    def __init__(
        self,
        name: str | None,
        calls: int,
        seconds: float,
        explanation: Explanation,
        measured: Mapping[int, Measured],
    ) -> None:
        self.name = name
        self.calls = calls
        self.seconds = seconds
        self.explanation = explanation
        whole = seconds or 1.0
        found = [(step, measured[step.number]) for step in explanation.steps if step.number in measured]
        times = [StepTime(step, taken.seconds, taken.seconds / whole, taken.runs) for step, taken in found]
        self.steps = tuple(sorted(times, key=lambda found: -found.seconds))
        self.lines = tuple(_lines(times, whole))
        self.rest = max(0.0, seconds - sum(step.seconds for step in times))

    def __str__(self) -> str:
        lines = [self._headline(), "", "by step", " share    a call      runs    bytes/s  operations/s"]
        for found in self.steps:
            rates = f"{_rate(found.bandwidth):>9}  {_rate(found.speed):>12}"
            step = f"{found.step.number}: {found.step.headline}"
            lines.append(f"{found.share:>6.1%} {self._a_call(found.seconds):>9} {found.runs:>9}  {rates}  {step}")
        lines.append(f"{self.rest / (self.seconds or 1.0):>6.1%} {self._a_call(self.rest):>9}  {self._rest_text()}")
        if self.lines:
            lines += ["", "by line", " share    a call  line"]
        for line in self.lines:
            steps = ", ".join(map(str, line.steps))
            lines.append(f"{line.share:>6.1%} {self._a_call(line.seconds):>9}  {line.where}  # steps {steps}")
            if line.source:
                lines.append(f"{'':18}    {line.source}")
        return "\n".join(lines)

    def html(self) -> str:
        """Return a page of HTML: the times, and the picture of what was run with each step's part in them."""
        by_step = []
        for found in self.steps:
            rates = _rate(found.bandwidth), _rate(found.speed)
            step = f"{found.step.number}: {found.step.headline}"
            by_step.append((f"{found.share:.1%}", self._a_call(found.seconds), str(found.runs), *rates, step))
        by_line = []
        for line in self.lines:
            steps = ", ".join(map(str, line.steps))
            by_line.append((f"{line.share:.1%}", self._a_call(line.seconds), steps, line.where, line.source))
        headline, rest = escape(self._headline()), escape(f"{self._a_call(self.rest)} a call {self._rest_text()}.")
        parts = [f"<h1>{headline}</h1>", "<h2>By step</h2>"]
        parts.append(table(by_step, ("share", "a call", "runs", "bytes/s", "operations/s", "step")))
        parts += [f"<p>{rest}</p>", "<h2>By line</h2>", table(by_line, ("share", "a call", "steps", "line", ""))]
        parts += sections(self.explanation, {found.step.number: found.share for found in self.steps})
        return document(f"Profile of {self.name or 'a function'}", parts)

    def _repr_html_(self) -> str:
        return self.html()

    def __repr__(self) -> str:
        return f"<CallProfile of {self.name or 'a function without a name'}: {self._counts()}>"

    def _a_call(self, seconds: float) -> str:
        return _duration(seconds / self.calls)

    def _counts(self) -> str:
        calls = "1 call" if self.calls == 1 else f"{self.calls} calls"
        return f"{calls} in {_duration(self.seconds)}, {_duration(self.seconds / self.calls)} each"

    def _headline(self) -> str:
        return f"{self.name or 'A function without a name'}: {self._counts()}"

    def _rest_text(self) -> str:
        if not self.steps:
            return "in steps that the linker doesn't time"
        return "outside of all steps: checks, looking at arguments, the way into the program and back"


def _lines(times: Sequence[StepTime], whole: float) -> list[LineTime]:
    found: dict[str, LineTime] = {}
    for time_of in times:
        for line in time_of.step.lines:
            known = found.get(line.where, LineTime(line.where, line.source, 0.0, 0.0, ()))
            seconds = known.seconds + time_of.seconds * line.share
            steps = (*known.steps, time_of.step.number)
            found[line.where] = known._replace(seconds=seconds, share=seconds / whole, steps=steps)
    return sorted(found.values(), key=lambda line: -line.seconds)


def _duration(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def _rate(number: float | None) -> str:
    if number is None:
        return ""
    power = 0
    while number >= 1000 and power < len(_PREFIXES) - 1:
        number /= 1000
        power += 1
    return f"{number:.3g} {_PREFIXES[power]}"


def measure(
    program: TimedProgram,
    storage: Callable[[], list[list[Any]]],
    name: str | None,
    calls: int | None,
    seconds: float | None,
) -> CallProfile:
    """Call a program again and again.

    Parameters
    ----------
    program
        What is called.
    storage
        Gives the cells for a call.
    name
        What the function is called.
    calls, seconds
        When it's enough: the first of the two, and once at least. The call that comes before all of them isn't
        counted, for it takes what only first calls take.
    """
    program.run(storage())
    program.restart()
    done, total = 0, 0.0
    while (calls is None or done < calls) and (seconds is None or total < seconds or not done):
        cells = storage()
        started = time.perf_counter()
        program.run(cells)
        total += time.perf_counter() - started
        done += 1
    return CallProfile(name, done, total, program.describe([cell[0] for cell in storage()]), program.times())
