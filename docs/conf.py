"""Settings of the documentation's build."""

import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "linkers")]
os.environ.setdefault("AESARALITERC", os.devnull)

project = "aesaralite"
author = "The aesaralite developers"
copyright = "2026, the aesaralite developers"
release = re.search(r'__version__ = "(.*)"', (ROOT / "aesaralite" / "__init__.py").read_text("utf-8")).group(1)
version = release

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "benchmarks_table.md", "mutation_table.md"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

default_role = "code"
autodoc_typehints = "description"
autodoc_member_order = "bysource"
napoleon_google_docstring = False

html_theme = "furo"
html_title = "aesaralite"


def flags_table() -> str:
    """The flags that have an effect, as a table."""
    from aesaralite.configdefaults import AesaraliteConfig

    rows = ["| flag | default | |", "|---|---|---|"]
    ignored = []
    for name, flag in sorted(AesaraliteConfig().flags().items(), key=lambda item: item[0].lower()):
        if flag.is_ignored:
            ignored.append(f"`{name}`")
            continue
        default = "*the system's folder for caches*" if name == "base_compiledir" else f"`{flag.default!r}`"
        rows.append(f"| `{name}` | {default} | {flag.doc} |")
    sentence = "\n\nThese are accepted, so that old programs run, and have no effect: "
    return "\n".join(rows) + sentence + ", ".join(ignored) + "."


def insert_flags(app, docname, source):
    if docname == "configuration":
        source[0] = source[0].replace("\nFLAGS\n", f"\n{flags_table()}\n")


def setup(app):
    app.connect("source-read", insert_flags)
