"""How a compiled program is called: one block of 64-bit words.

A program is a C function ``int64 program(int64 *frame)``.  The frame holds, in order: for every parameter the address
of its data, its sizes, and its strides in elements where its layout is A; for every output the handle and the address
of its memory (which the allocator sets) and its sizes; the address of the allocator, ``void allocate(int64 size, int64
*words)``, which sets the two words to 0 if there is no memory; and the numbers that a failure leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

#: Numbers that a failed guard leaves at the end of the frame.
FAILURE_WORDS = 6

#: What a program returns: 0, the number of a guard plus one, or one of these.  Nothing has been changed in any of them.
RESTART_GENERAL = -1  # sizes that were assumed equal aren't
RESTART_FUNCTIONAL = -2  # new state has another shape, or shares memory with an argument
NOT_ITS_ARGUMENT = -3  # an argument hasn't the shape of its type
NO_MEMORY = -4
CALLBACK_RAISED = -5
INTERRUPTED = -6  # Ctrl-C in a callback: CPython has the exception

#: Guards that aren't errors, and what the program returns when they fail.
LEAVING = {"stretch": RESTART_GENERAL, "restart": RESTART_FUNCTIONAL, "argument": NOT_ITS_ARGUMENT}


class ArrayFormat(NamedTuple):
    """Dtype, rank and layout (``"C"``, ``"F"`` or ``"A"``) of a parameter or output; where it is the state of a
    generator, also the class of its bit generator.
    """

    dtype: str
    ndim: int
    layout: str = "C"
    generator: str | None = None


class FrameLayout(NamedTuple):
    """Where everything is in a frame."""

    params: tuple[ArrayFormat, ...]
    outputs: tuple[ArrayFormat, ...]

    @property
    def param_words(self) -> tuple[int, ...]:
        """Position of each parameter's data address; sizes and strides follow it."""
        return _positions(0, [1 + p.ndim * (2 if p.layout == "A" else 1) for p in self.params])[:-1]

    @property
    def output_words(self) -> tuple[int, ...]:
        """Position of each output's handle; the data address and the sizes follow it."""
        return self._output_positions()[:-1]

    @property
    def allocator_word(self) -> int:
        """Position of the address of the function that outputs are allocated with."""
        return self._output_positions()[-1]

    @property
    def failure_word(self) -> int:
        return self.allocator_word + 1

    @property
    def size(self) -> int:
        return self.failure_word + FAILURE_WORDS

    def _output_positions(self) -> tuple[int, ...]:
        start = _positions(0, [1 + p.ndim * (2 if p.layout == "A" else 1) for p in self.params])[-1]
        return _positions(start, [2 + p.ndim for p in self.outputs])


def _positions(start: int, lengths: Sequence[int]) -> tuple[int, ...]:
    found = [start]
    for length in lengths:
        found.append(found[-1] + length)
    return tuple(found)
