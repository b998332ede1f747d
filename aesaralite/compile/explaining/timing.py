"""What a profile of calls needs of a program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from aesaralite.compile.explaining.description import Explanation
    from aesaralite.compile.linker import Program

__all__ = ["Measured", "TimedProgram"]


class Measured(NamedTuple):
    """The time that a step took.

    Attributes
    ----------
    seconds : float
        In all its runs together.
    runs : int
    """

    seconds: float
    runs: int


class TimedProgram:
    """A program that measures the time of its steps.

    This one is for programs that can't: it knows of none. A linker that can derives from it.

    Parameters
    ----------
    program
        What does the work.
    """

    def __init__(self, program: Program) -> None:
        self.program = program

    def run(self, storage: list[list[Any]]) -> list[Any]:
        """Run once; see `Program.run`."""
        return self.program.run(storage)

    def restart(self) -> None:
        """Forget what has been measured."""

    def times(self) -> Mapping[int, Measured]:
        """Return the times of steps, by their numbers in what `describe` gives."""
        return {}

    def describe(self, values: Sequence[Any]) -> Explanation:
        """Return what was measured, for the values of a call."""
        return self.program.describe(values)
