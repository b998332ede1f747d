"""Plant one fault after another in a copy of the sources, and run the tests that should notice.

    python -m tests.mutation                    all faults
    python -m tests.mutation gradients state    those of two groups
    python -m tests.mutation 'merge*' --list    names may have wildcards; --list only lists

The working tree isn't touched. The exit status is 1 if a fault goes unnoticed that isn't explained.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from fnmatch import fnmatch
from pathlib import Path

from tests.mutation.copy import Copy
from tests.mutation.fault import Fault
from tests.mutation.faults import FAULTS
from tests.mutation.table import read_rows, row, table


def chosen(patterns: list[str]) -> list[Fault]:
    """Return the faults whose name or group fits one of the patterns; all, if there are none."""
    if not patterns:
        return list(FAULTS)
    return [f for f in FAULTS if any(fnmatch(f.name, p) or fnmatch(f.group, p) for p in patterns)]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", help="names of faults or of groups; may have wildcards")
    parser.add_argument("--list", action="store_true", help="only list them")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the table there; rows of other faults stay")
    parser.add_argument("--verbose", action="store_true", help="show what pytest printed where a fault wasn't noticed")
    options = parser.parse_args()
    faults = chosen(options.names)
    if options.list:
        for fault in faults:
            print(f"{fault.group:10} {fault.name:60} {fault.file}")
        return 0
    noticed: dict[str, str] = {}

    def write_table() -> None:
        if options.out:
            rows = read_rows(options.out.read_text("utf-8")) if options.out.exists() else {}
            rows.update((fault.name, row(fault, noticed[fault.name])) for fault in faults if fault.name in noticed)
            options.out.write_text(table(FAULTS, rows), "utf-8")

    with tempfile.TemporaryDirectory(prefix="aesaralite-mutation-") as folder:
        copy = Copy(Path(folder))
        for fault in faults:
            outcome = copy.plant(fault)
            noticed[fault.name] = outcome.test
            print(
                f"{outcome.verdict:9}{fault.group:10} {fault.name:75} {outcome.seconds:5.0f} s  {outcome.test}",
                flush=True,
            )
            if options.verbose and not outcome.test:
                print(outcome.output)
            write_table()
        unsound = copy.failing(test for test in noticed.values() if test)
    for test in sorted(unsound):
        print(f"fails without any fault, too: {test}")
    noticed.update((name, "") for name, test in noticed.items() if test in unsound)
    write_table()
    unexplained = sum(not noticed[fault.name] and not fault.explained for fault in faults)
    print(f"{len(faults)} faults, {unexplained} neither noticed nor explained")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
