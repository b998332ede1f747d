"""Checks on graphs that are drawn: they need the package ``hypothesis``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings

from aesaralite.testing.cases import GraphCase
from aesaralite.testing.strategies.of_patterns import rewritable

__all__ = ["for_each", "for_rewritable"]

_BEGIN = "import aesaralite"
"""What a program begins with."""


def for_each(check: Callable[[GraphCase, bool], None], strategy: Any, examples: int) -> None:
    """Check graphs that are drawn, the same ones each time.

    Parameters
    ----------
    check : callable
        ``check(case, tell)`` raises AssertionError. With `tell` it says all that there is to say.
    strategy : SearchStrategy
        What graphs to draw.
    examples : int
        How many.

    Raises
    ------
    AssertionError
        That of the smallest graph that was found, after shrinking.
    """
    failed: list[GraphCase] = []

    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=True,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(strategy)
    def run(case: GraphCase) -> None:
        try:
            check(case, False)
        except Exception:
            failed.append(case)
            raise

    try:
        run()
    except AssertionError as error:
        found = error
    else:
        return
    # the last one that Hypothesis has tried is the smallest: what is wrong with it is told in full
    smallest = failed[-1]
    try:
        check(smallest, True)
    except AssertionError as error:
        found = error
    text = str(found)
    raise AssertionError(text if _BEGIN in text else f"{text}\n\n{smallest.program()}") from None


def for_rewritable(
    check: Callable[[GraphCase, bool], None],
    rewrite: Any,
    patterns: Sequence[Callable[..., Any]],
    examples: int,
    options: dict[str, Any],
) -> None:
    """Check graphs with what a rewriter looks for."""
    for_each(check, rewritable(rewrite, patterns, **options), examples)
