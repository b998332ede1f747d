"""Repeats a call that ``f.debug(...).save(path)`` has written to a file, and reports on it.

``python -m aesaralite.debug path`` exits with 0 if nothing is wrong, and with 1 if something is. The file is a pickle:
only open files of people whom you trust.
"""

from __future__ import annotations

import argparse
import runpy
import sys
from collections.abc import Sequence
from functools import partial
from os import PathLike

from aesaralite.compile.debugging.report import DebugReport, Finding, rerun
from aesaralite.compile.debugging.reproduction import SavedCase, current_versions, load_case
from aesaralite.configdefaults import config
from aesaralite.graph.arguments import expect

__all__ = ["DebugReport", "Finding", "load", "replay"]


def load(path: str | PathLike[str], main: str | None = None) -> SavedCase:
    """Read a file that ``report.save`` has written.

    Parameters
    ----------
    path
        The file.
    main
        The script that made it, which is run, but not as ``__main__``; needed if the graph has Ops that the script
        defines.

    Raises
    ------
    ValueError
        If the file is something else, or needs what isn't to be had here.
    """
    return load_case(path, partial(runpy.run_path, main, run_name="__debugged__") if main is not None else None)


def replay(saved: SavedCase) -> DebugReport:
    """Repeat the call of a file, under the flags under which it was made.

    Parameters
    ----------
    saved
        What `load` returns.
    """
    expect(saved, SavedCase, "saved")
    with config.change_flags(**saved.flags):
        return rerun(saved.case)


def _main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m aesaralite.debug", description="Repeats a call that f.debug(...).save(path) has saved."
    )
    parser.add_argument("path", help="the file; it's a pickle: only open files of people whom you trust")
    parser.add_argument("--linker", help="another linker than the one that the call was made with")
    parser.add_argument("--main", metavar="SCRIPT", help="the script that made the file, if Ops of the graph are its")
    parser.add_argument("--table", action="store_true", help="list all values")
    parser.add_argument("--saved", action="store_true", help="print the saved report, and don't repeat the call")
    chosen = parser.parse_args(arguments)
    try:
        saved = load(chosen.path, chosen.main)
        if chosen.linker is not None:
            saved = saved.with_linker(chosen.linker)
    except (OSError, ValueError) as error:
        parser.exit(2, f"{error}\n")
    if chosen.saved:
        print(saved.report)
        return 0
    here = current_versions()
    for name, version in saved.versions.items():
        if version != here.get(name):
            print(f"The call was made with {name} {version}; here is {here.get(name)}.")
    report = replay(saved)
    print(report)
    if chosen.table:
        print(f"\nAll values:\n{report.table()}")
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
