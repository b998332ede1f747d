"""The table in the documentation is what the runs give; what depends on the machine is bounded."""

import re
from pathlib import Path

import pytest

from aesaralite.testing.conformance.__main__ import main

PAGE = Path(__file__).resolve().parents[2] / "docs" / "conformance.md"


def tables(text):
    """Return the rows of a page by Op: what the machine has no part in, and how far values are from perform."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| `")
    ]
    heads = next(line for line in text.splitlines() if line.startswith("| Op")).strip("|").split("|")
    loose = [i for i, head in enumerate(heads) if head.strip().endswith("against perform")]
    assert len(loose) == 2
    firm = {row[0]: [cell for i, cell in enumerate(row) if i not in loose] for row in rows}
    return firm, {row[0]: [row[i] for i in loose] for row in rows}


def figures(cell):
    """Return the units in the last place by dtype."""
    return {dtype: float(number) for dtype, number in re.findall(r"(\w+): (\d+) ulp", cell)}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    path = tmp_path_factory.mktemp("conformance") / "conformance.md"
    main(["--out", str(path)])
    return path.read_text(encoding="utf-8")


def test_the_page_is_what_the_runs_give(made):
    now, before = tables(made)[0], tables(PAGE.read_text(encoding="utf-8"))[0]
    assert len(now) > 250
    changed = {op: (before.get(op), now.get(op)) for op in now.keys() | before.keys() if now.get(op) != before.get(op)}
    assert not changed, "python -m aesaralite.testing.conformance --out docs/conformance.md"


def test_values_are_as_near_as_the_page_says(made):
    now, before = tables(made)[1], tables(PAGE.read_text(encoding="utf-8"))[1]
    for op, cells in now.items():
        for cell, documented in zip(cells, before[op], strict=True):
            assert cell == "left open" or cell == "bits equal" or figures(cell), f"{op}: {cell}"
            allowed = figures(documented)
            for dtype, distance in figures(cell).items():
                # another processor, another library of mathematics
                assert distance <= 10 * max(allowed.get(dtype, 0), 1), f"{op} of {dtype}: {cell}, not {documented}"


def test_the_python_linker_is_exact(made):
    assert {cells[0] for cells in tables(made)[1].values()} == {"bits equal", "left open"}
