"""Runs of a case: what a call gives, and what it leaves in shared variables, which are put back."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aesaralite.compile.mode import Mode
from aesaralite.testing.cases import GraphCase
from aesaralite.testing.compare import assert_same, largest, tolerance_of

__all__ = ["DEFINITION", "Outcome", "Tolerance", "compare", "run"]

DEFINITION = Mode("py", None)
"""The `perform` methods as they stand: the Python linker, without rewrites."""


@dataclass(frozen=True)
class Tolerance:
    """How far floats may differ; None for what suits the dtypes and values."""

    rtol: float | None = None
    atol: float | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of a call.

    Attributes
    ----------
    outputs : sequence of object
        What it returned. Empty if it failed.
    state : sequence of object
        The values of the shared variables after it.
    error : Exception or None
        What it raised.
    """

    outputs: Sequence[Any] = ()
    state: Sequence[Any] = ()
    error: Exception | None = None


def run(case: GraphCase, mode: Mode) -> Outcome:
    """Compile a case, and call the function once; shared variables are then as they were.

    Raises
    ------
    Exception
        What compiling raises.
    """
    compiled = case.compile(mode)
    shared = case.shared
    before = [state.get_value() for state in shared]
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            outputs = compiled(*case.values)
        return Outcome(outputs, [state.get_value() for state in shared])
    except Exception as error:
        return Outcome(error=error)
    finally:
        for state, value in zip(shared, before):
            state.set_value(value)


def compare(expected: Outcome, actual: Outcome, case: GraphCase, tolerance: Tolerance = Tolerance()) -> None:
    """Check that two outcomes of a case are the same.

    An exception that both raise, of one class, isn't a difference.

    Raises
    ------
    AssertionError
        If they differ.
    """
    if expected.error is not None or actual.error is not None:
        if type(expected.error) is not type(actual.error):
            raise AssertionError(f"expected {_told(expected)}, got {_told(actual)}")
        return
    rtol = tolerance_of(case.roots) if tolerance.rtol is None else tolerance.rtol
    scale = largest([*case.values, *expected.state])

    def check(value: Any, other: Any, what: str) -> None:
        atol = rtol * max(scale, largest([value])) if tolerance.atol is None else tolerance.atol
        assert_same(value, other, what, rtol, atol)

    for i, (value, other) in enumerate(zip(expected.outputs, actual.outputs, strict=True)):
        check(value, other, f"output {i}")
    for variable, value, other in zip(case.shared, expected.state, actual.state, strict=True):
        check(value, other, f"the new value of {variable}")


def _told(outcome: Outcome) -> str:
    return f"the outputs {list(outcome.outputs)!r}" if outcome.error is None else repr(outcome.error)
