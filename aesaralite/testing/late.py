"""What is loaded when it's asked for: what needs the package ``hypothesis``, and the cases for linkers."""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["conformance", "random_checks"]


def random_checks() -> Any:
    """Return the module of the checks that draw graphs.

    Raises
    ------
    ImportError
        If Hypothesis isn't installed.
    """
    try:
        return importlib.import_module("aesaralite.testing.random_checks")
    except ImportError as error:
        if getattr(error, "name", None) is not None and str(error.name).partition(".")[0] == "hypothesis":
            raise ImportError("Graphs are drawn with Hypothesis: pip install hypothesis") from error
        raise


def conformance() -> Any:
    """Return the module that runs all Ops on a linker."""
    return importlib.import_module("aesaralite.testing.conformance.report")
