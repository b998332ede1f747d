"""A copy of the sources and the tests, in which faults are planted."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from tests.mutation.fault import Fault

__all__ = ["ROOT", "Copy", "Outcome"]

ROOT = Path(__file__).resolve().parents[2]
_COPIED = ("aesaralite", "linkers", "tests", "docs", "pyproject.toml", "tox.ini", "README.md", "CHANGELOG.md")
_LONGEST = 3000
_FAILED = re.compile(r"^(?:FAILED|ERROR) ([^\s\[]+(?:\[.*?\])?)(?: - |$)", re.MULTILINE)
_BEGUN = re.compile(r"^([^\s\[]+::[^\s\[]+(?:\[.*?\])?)(?: |$)", re.MULTILINE)


class Outcome(NamedTuple):
    """What became of a fault.

    Attributes
    ----------
    verdict
        "caught", "survived", or "broken" if the fault can't be planted.
    test
        The test that failed.
    output
        What pytest printed.
    seconds
        How long it took.
    """

    verdict: str
    test: str
    output: str
    seconds: float


class Copy:
    """A copy of the repository in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._writes = 0
        ignore = shutil.ignore_patterns("__pycache__", ".hypothesis", "_build")
        for name in _COPIED:
            source, target = ROOT / name, folder / name
            if source.is_dir():
                shutil.copytree(source, target, ignore=ignore)
            else:
                shutil.copy2(source, target)

    def plant(self, fault: Fault) -> Outcome:
        """Run the tests of a fault with the fault in place, until one fails."""
        path = self.folder / fault.file
        text = path.read_text("utf-8")
        if text.count(fault.old) != 1:
            return Outcome("broken", "", f"The text stands {text.count(fault.old)} times in {fault.file}.", 0.0)
        started = time.monotonic()
        self._write(path, text.replace(fault.old, fault.new))
        try:
            failed, output = self._run("-x", *fault.tests)
        finally:
            self._write(path, text)
        seconds = time.monotonic() - started
        return Outcome("caught", failed[0], output, seconds) if failed else Outcome("survived", "", output, seconds)

    def failing(self, tests: Iterable[str]) -> set[str]:
        """Return which tests fail without any fault."""
        chosen = sorted(set(tests))
        return set(self._run(*chosen)[0]) if chosen else set()

    def _write(self, path: Path, text: str) -> None:
        """Write a file, with a time of its own: compiled code is told from that of another text by the time."""
        path.write_text(text, "utf-8")
        self._writes += 1
        stamp = path.stat().st_mtime + self._writes
        os.utime(path, (stamp, stamp))

    def _run(self, *arguments: str) -> tuple[list[str], str]:
        """Run tests; return the names of those that fail, and what pytest printed."""
        path = os.pathsep.join((str(self.folder), str(self.folder / "linkers")))
        environment = {**os.environ, "PYTHONPATH": path, "CI": "1"}
        options = ["-v", "--no-header", "-p", "no:cacheprovider"]
        command = [sys.executable, "-m", "pytest", *options, *arguments]
        try:
            done = subprocess.run(
                command,
                cwd=self.folder,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=_LONGEST,
            )
            status, output = done.returncode, done.stdout
        except subprocess.TimeoutExpired as error:
            status, output = 1, (error.stdout or b"").decode("utf-8", "replace")
        if status == 0:
            return [], output
        # where the process ended, or was ended, it's the test that was begun last
        return _FAILED.findall(output) or _BEGUN.findall(output)[-1:] or ["no test"], output
