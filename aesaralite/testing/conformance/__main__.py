"""Make the table of conformance: ``python -m aesaralite.testing.conformance --out docs/conformance.md``."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path

from aesaralite.testing.conformance.report import measured, page

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> None:
    """Run all cases, and write or print the page."""
    parser = ArgumentParser(prog="python -m aesaralite.testing.conformance", description="Run all Ops on linkers")
    parser.add_argument("linkers", nargs="*", default=["py", "numba"], help="names of linkers; py and numba by default")
    parser.add_argument("--out", type=Path, help="the file to write, instead of printing")
    options = parser.parse_args(arguments)
    text = page(measured(options.linkers), options.linkers)
    if options.out is None:
        sys.stdout.write(text)
    else:
        options.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
