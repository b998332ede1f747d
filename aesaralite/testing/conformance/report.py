"""All cases on one linker, with a report."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from aesaralite.graph.op import Op
from aesaralite.graph.traversal import applys_between
from aesaralite.testing.conformance.case import Case, ScalarCase
from aesaralite.testing.conformance.rows import Cell, Row, markdown, rows_of
from aesaralite.testing.conformance.suite import (
    check_case,
    check_contract,
    check_scalar_case,
    names_of,
    node_results,
)
from aesaralite.testing.conformance.tables import CASES, SCALAR_CASES

__all__ = ["LinkerReport", "check", "measured", "page"]

_MOST_SHOWN = 5


@dataclass(frozen=True)
class LinkerReport:
    """What was seen of a linker.

    Attributes
    ----------
    linker : str
        Its name.
    rows : list of Row
        One for each Op.
    """

    linker: str
    rows: list[Row]

    def __str__(self) -> str:
        return markdown(self.rows, [self.linker])


def check(linker: str, ops: Sequence[str | type[Op] | Op] | None = None, contract: bool = True) -> LinkerReport:
    """Run cases on a linker. See `aesaralite.testing.check_linker`."""
    cases = [case for case in CASES if _is_about(case, ops)]
    scalar_cases = [case for case in SCALAR_CASES if _is_about(case, ops)]
    if not cases and not scalar_cases:
        raise ValueError(f"There is no case for {ops}")
    rows = rows_of(cases, scalar_cases)
    failures: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        for case, run in _checks(cases, scalar_cases, linker):
            text = _failure(run)
            if text is not None:
                failures.append(f"{case.id}: {text.strip()}")
                for name in _names_in(case):
                    rows[name].cells.setdefault(linker, Cell()).failures.append(case.id)
        if contract:
            text = _failure(lambda: check_contract(linker))
            if text is not None:
                failures.append(f"whole functions: {text.strip()}")
        _measure(rows, cases, scalar_cases, linker)
    report = LinkerReport(linker, list(rows.values()))
    if failures:
        shown = "\n\n".join(failures[:_MOST_SHOWN])
        more = f"\n\nand {len(failures) - _MOST_SHOWN} more" if len(failures) > _MOST_SHOWN else ""
        raise AssertionError(f"The linker {linker!r} fails in {len(failures)} cases:\n\n{shown}{more}\n\n{report}")
    return report


def measured(linkers: Sequence[str]) -> list[Row]:
    """Return the rows of all cases, with what linkers make of each Op; nothing is checked."""
    rows = rows_of(CASES, SCALAR_CASES)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        for linker in linkers:
            _measure(rows, CASES, SCALAR_CASES, linker)
    return list(rows.values())


_PAGE = """\
# Conformance

What each Op does on each linker, as seen in {cases} cases, which `aesaralite.testing.check_linker` runs, too.
`python -m aesaralite.testing.conformance --out docs/conformance.md` makes this page. The tests make the table anew each
time, and compare it with this one. An Op of the library without a case fails them.

- **dtypes**, **ranks**: those of the inputs in the cases.
- **shape**: whether the Op has a rule for its shape. What it says is compared with the shapes that are computed.
- **gradient**: *checked* against finite differences in the cases; *rule*: there is one that other tests check, as it
  isn't the slope of the values (barriers), or the values jump (most distributions); *undefined*: to ask for one is an
  error; *none*: the result is discrete, or doesn't depend on values.
- **{linkers}**: *native* if the linker has code of its own; *called back* if it calls the Op's `perform`, as the
  Python linker does by its nature. Where a linker does both, the dtypes or the cases are named.
- **against perform**: how far values are from those of `perform` at most, in units in the last place of the result's
  dtype. These figures vary with the processor and the versions of NumPy and SciPy.

{table}"""


def page(rows: Sequence[Row], linkers: Sequence[str]) -> str:
    """Return the page of the documentation that has a table of rows."""
    return _PAGE.format(
        cases=len(CASES) + len(SCALAR_CASES),
        linkers="**, **".join(linkers),
        table=markdown(rows, linkers),
    )


def _checks(
    cases: Sequence[Case], scalar_cases: Sequence[ScalarCase], linker: str
) -> Iterator[tuple[Case | ScalarCase, Callable[[], None]]]:
    for case in cases:
        yield case, lambda case=case: check_case(case, linker)  # type: ignore[misc]
    for scalar_case in scalar_cases:
        yield scalar_case, lambda case=scalar_case: check_scalar_case(case, linker)  # type: ignore[misc]


def _failure(run: Callable[[], None]) -> str | None:
    try:
        run()
    except AssertionError as error:
        return str(error)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None


def _measure(rows: dict[str, Row], cases: Sequence[Case], scalar_cases: Sequence[ScalarCase], linker: str) -> None:
    graphs = [(case.id, *case.graph(), case.values, not case.shape_only) for case in cases if case.raises is None]
    graphs += [(case.id, *case.graph()[:3], True) for case in scalar_cases]
    for name, inputs, outputs, values, compared in graphs:
        try:
            results = node_results(inputs, outputs, values, linker, compared)
        except Exception:  # what fails is told elsewhere
            continue
        for result in results:
            rows[names_of(result.node.op)].cells.setdefault(linker, Cell()).add(result, name)


def _names_in(case: Case | ScalarCase) -> set[str]:
    inputs, outputs = case.graph()[:2]
    return {names_of(node.op) for node in applys_between(inputs, outputs)}


def _is_about(case: Case | ScalarCase, ops: Sequence[str | type[Op] | Op] | None) -> bool:
    if ops is None:
        return True
    inputs, outputs = case.graph()[:2]
    return any(_is_one(node.op, wanted) for node in applys_between(inputs, outputs) for wanted in ops)


def _is_one(op: Op, wanted: str | type[Op] | Op) -> bool:
    if isinstance(wanted, str):
        return names_of(op) == wanted
    return isinstance(op, wanted) if isinstance(wanted, type) else op == wanted
