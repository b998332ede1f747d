"""The table of faults and of the tests that notice them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from tests.mutation.fault import Fault

__all__ = ["SURVIVED", "read_rows", "row", "table"]

SURVIVED = "none"
_HEAD = ("| group | fault | file | noticed by |", "| --- | --- | --- | --- |")


def row(fault: Fault, test: str) -> str:
    """Return the line of a fault; `test` is the one that noticed it, or empty."""
    # parameters of a test may hold characters that a table can't
    noticed = f"`{test.partition('[')[0]}`" if test else fault.explained or SURVIVED
    return f"| {fault.group} | {fault.name} | `{fault.file}` | {noticed} |"


def read_rows(text: str) -> dict[str, str]:
    """Return the lines of an older table, by the names of faults."""
    lines = [line for line in text.splitlines() if line.startswith("| ") and line not in _HEAD]
    return {line.split(" | ")[1]: line for line in lines}


def table(faults: Iterable[Fault], rows: dict[str, str]) -> str:
    """Return a page of lines, in the order of the faults, with a count before them."""
    known = [(fault, rows[fault.name]) for fault in faults if fault.name in rows]
    outcomes = Counter("noticed" if line.endswith("` |") else "not noticed" for _, line in known)
    count = ", ".join(f"{number} {outcome}" for outcome, number in outcomes.items())
    return "\n".join((f"{len(known)} faults: {count}.", "", *_HEAD, *(line for _, line in known))) + "\n"
