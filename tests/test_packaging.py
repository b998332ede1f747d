"""What an installation holds."""

import importlib
import tomllib
from importlib.metadata import distribution, entry_points
from pathlib import Path

import pytest

import aesaralite

ROOT = Path(__file__).resolve().parents[1]


def test_the_wheel_holds_every_module():
    files = {str(file) for file in distribution("aesaralite").files or ()}
    if not any(file.startswith("aesaralite/") for file in files):
        pytest.skip("an editable installation holds no modules")
    expected = {
        str(module.relative_to(base))
        for base, package in (
            (ROOT, "aesaralite"),
            (ROOT / "linkers", "aesaralite_python"),
            (ROOT / "linkers", "aesaralite_numba"),
        )
        for module in (base / package).rglob("*.py")
    }
    assert not expected - files
    assert "aesaralite/py.typed" in files


def test_versions_agree():
    assert distribution("aesaralite").version == aesaralite.__version__


def test_both_linkers_are_registered():
    names = {point.name for point in entry_points(group="aesaralite.linkers")}
    assert {"numba", "py"} <= names


def test_the_command_exists():
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]
    module, _, function = scripts["aesaralite"].partition(":")
    assert callable(getattr(importlib.import_module(module), function))
