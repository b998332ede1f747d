"""The pages of the documentation, run as programs, once with each linker.

The ``python`` blocks of a page are one program, in order. A block with ``>>>`` is compared with the output it shows.
"""

import contextlib
import doctest
import io
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from aesaralite import compat, config

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = sorted(
    page for page in DOCS.rglob("*.md") if "_build" not in page.parts and "```python" in page.read_text("utf-8")
)
README = DOCS.parent / "README.md"

_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


@pytest.fixture
def clean_process(tmp_path, monkeypatch):
    """Put back what a page may change: stand-ins for other packages, linkers, the folder, NumPy's printing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("aesaralite.compile.linker._registered", {})
    with np.printoptions(), config.change_flags(linker=config.linker):
        yield
    for package in ("aesara", "theano"):
        compat.uninstall(package)


def run_page(page: Path) -> None:
    text = page.read_text("utf-8")
    names: dict[str, object] = {"__name__": "__main__"}
    parser = doctest.DocTestParser()
    for block in _BLOCK.finditer(text):
        code = block.group(1)
        line = text.count("\n", 0, block.start(1))
        if ">>>" in code:
            test = parser.get_doctest(code, names, f"{page.name}:{line}", str(page), line)
            test.globs = names
            report = io.StringIO()
            runner = doctest.DocTestRunner(optionflags=_OPTIONS, verbose=False)
            runner.run(test, out=report.write, clear_globs=False)
            assert not runner.failures, report.getvalue()
        else:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile("\n" * line + code, str(page), "exec"), names)


@pytest.mark.parametrize("page", [*PAGES, README], ids=lambda page: page.stem)
def test_page(page, linker, clean_process):
    run_page(page)


def test_pages_are_found():
    found = {page.stem for page in PAGES}
    assert {"getting_started", "functions", "shared", "random_numbers", "logistic_regression"} <= found
    assert "aesara" not in sys.modules
