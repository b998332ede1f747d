"""What there is to tell of a program: its steps, its memory, and why it isn't less of either."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from aesaralite.graph.provenance import Origin

__all__ = ["Amount", "Array", "Buffer", "Explanation", "Line", "Separation", "Step", "Work", "lines_of", "work_lines"]


class Amount(NamedTuple):
    """A number of bytes or operations.

    Attributes
    ----------
    text : str
        The expression that tells it.
    number : int or None
        What the expression comes to; None where that depends on arguments that aren't known.
    """

    text: str
    number: int | None = None

    @classmethod
    def exactly(cls, number: int) -> Amount:
        """Return the amount of a number that is known."""
        return cls(str(number), number)

    def __str__(self) -> str:
        return self.text if self.number is None else f"{self.number:,}"


UNKNOWN = Amount("an unknown number of")


class Array(NamedTuple):
    """An input, a state or an output of a program.

    Attributes
    ----------
    kind : str
        ``"input"``, ``"state"`` or ``"output"``.
    name : str
    type : str
        Dtype and sizes.
    """

    kind: str
    name: str
    type: str


class Work(NamedTuple):
    """What a step does.

    Attributes
    ----------
    read, written : Amount
        Bytes of arrays.
    operations : Amount
        Floating-point operations, estimated.
    point : tuple of int or None
        The same three for one point of the innermost loop.
    """

    read: Amount
    written: Amount
    operations: Amount
    point: tuple[int, int, int] | None = None


class Line(NamedTuple):
    """A line of the user's.

    Attributes
    ----------
    where : str
        File, number and function.
    source : str
        Its text, empty where that isn't to be had.
    share : float
        Which part of the step's Ops comes from it.
    """

    where: str
    source: str = ""
    share: float = 1.0


def lines_of(origins: Iterable[Origin | None]) -> tuple[Line, ...]:
    """Return the lines that Ops come from, each once."""
    counts = Counter(origin for origin in origins if origin is not None)
    return tuple(Line(str(origin), origin.source_line(), n / counts.total()) for origin, n in counts.items())


class Step(NamedTuple):
    """One thing that a program does.

    Attributes
    ----------
    number : int
        Its position among the steps.
    kind : str
        ``"kernel"``, ``"call"`` (of a library), ``"callback"`` (into Python), ``"check"``, ``"copy"``, or ``"node"``
        where a linker runs the graph's nodes one by one.
    headline : str
        What it is, in a line.
    code : tuple of str
        What a kernel computes, as code to read.
    ops : tuple of str
        The Ops whose work it does.
    reads, writes : tuple of str
        Names of arrays.
    work : Work or None
        None where there is nothing to count.
    lines : tuple of Line
        The user's lines that it comes from.
    """

    number: int
    kind: str
    headline: str
    code: tuple[str, ...] = ()
    ops: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    work: Work | None = None
    lines: tuple[Line, ...] = ()


class Separation(NamedTuple):
    """Why two steps, given by number, weren't fused."""

    first: int
    second: int
    why: str


class Buffer(NamedTuple):
    """Memory of one or more values, one after another.

    Attributes
    ----------
    names : tuple of str
        The values.
    place : str
        Where it is: an output, the workspace, the stack ...
    size : Amount or None
        Its bytes; None where the memory isn't the call's own.
    why : str
        Why the values are in memory at all, if there is a choice.
    """

    names: tuple[str, ...]
    place: str
    size: Amount | None
    why: str = ""


class Explanation(NamedTuple):
    """A program, for people to read: ``str(explanation)``, :func:`.picture.page`.

    Attributes
    ----------
    title : str
    arrays : tuple of Array
        Inputs and state.
    outputs : tuple of Array
    steps : tuple of Step
        In the order in which they run.
    separations : tuple of Separation
    buffers : tuple of Buffer
    peak : Amount or None
        The most bytes that a call has allocated at a time, beside its inputs and its state.
    peak_parts : tuple of (str, Amount)
        What these bytes are for.
    notes : tuple of str
        What else there is to say.
    """

    title: str
    arrays: tuple[Array, ...] = ()
    outputs: tuple[Array, ...] = ()
    steps: tuple[Step, ...] = ()
    separations: tuple[Separation, ...] = ()
    buffers: tuple[Buffer, ...] = ()
    peak: Amount | None = None
    peak_parts: tuple[tuple[str, Amount], ...] = ()
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [self.title]
        lines += [f"{array.kind} {array.name}: {array.type}" for array in self.arrays]
        for step in self.steps:
            lines += _step_lines(step)
        lines += [f"return {array.name}: {array.type}" for array in self.outputs]
        for buffer in self.buffers:
            size = "" if buffer.size is None else f", {buffer.size} bytes"
            why = f"  # {buffer.why}" if buffer.why else ""
            lines.append(f"memory of {', '.join(buffer.names)}: {buffer.place}{size}{why}")
        lines += [f"{pair.first} and {pair.second} are apart: {pair.why}" for pair in self.separations]
        if self.peak is not None:
            lines.append(f"peak memory: {self.peak} bytes{_sum(self.peak_parts)}")
        lines += self.notes
        return "\n".join(lines)


def _step_lines(step: Step) -> list[str]:
    lines = [f"{step.number}: {step.headline}"]
    lines += [f"    {line}" for line in step.code]
    lines += [f"    # {line}" for line in work_lines(step.work)]
    lines += [f"    # at {line.where}" for line in step.lines]
    return lines


def work_lines(work: Work | None) -> list[str]:
    """Return sentences that tell a step's work."""
    if work is None:
        return []
    lines = []
    if work.point is not None:
        read, written, operations = work.point
        lines.append(f"a point reads {read} and writes {written} bytes, about {_operations(str(operations))}")
    lines.append(
        f"in all, {work.read} bytes are read and {work.written} are written, about {_operations(str(work.operations))}"
    )
    return lines


def _operations(number: str) -> str:
    return f"{number} floating-point operation{'' if number == '1' else 's'}"


def _sum(parts: Sequence[tuple[str, Amount]]) -> str:
    return f" ({', '.join(f'{what} {amount}' for what, amount in parts)})" if parts else ""
