"""Linkers as plug-ins: a package that is installed is found, one that isn't is missed, two of a name are a conflict."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import aesaralite
import aesaralite.tensor as at
from aesaralite import config
from aesaralite.compile import linker as linkers
from aesaralite.compile.linker import get_linker, installed_linkers, register_linker
from aesaralite.compile.mode import Mode
from aesaralite.errors import LinkerConflictError, UnknownLinkerError
from aesaralite.rewriting.base import graph_rewriter
from aesaralite.rewriting.db import SequenceDB

SOURCE = Path(__file__).with_name("toy_linker.py")


def install(site: Path, package: str, entry_point: str) -> None:
    """Put the toy linker into a folder as an installer would: the module, and the package's metadata."""
    site.mkdir(exist_ok=True)
    shutil.copy(SOURCE, site / "toy_linker.py")
    metadata = site / f"{package.replace('-', '_')}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[aesaralite.linkers]\n{entry_point}\n")


@pytest.fixture(autouse=True)
def _forget(monkeypatch):
    monkeypatch.setattr(linkers, "_loaded", dict(linkers._loaded))
    monkeypatch.setattr(linkers, "_registered", dict(linkers._registered))
    monkeypatch.delitem(sys.modules, "toy_linker", raising=False)


@pytest.fixture
def toy(tmp_path, monkeypatch):
    install(tmp_path / "site", "toy-linker", "toy = toy_linker:ToyLinker")
    monkeypatch.syspath_prepend(tmp_path / "site")


@pytest.mark.usefixtures("toy")
class TestInstalled:
    def test_it_is_chosen_by_the_flag(self):
        x, s = at.dvector("x"), aesaralite.shared(np.zeros(2))
        with config.change_flags(linker="toy", mode="Mode"):
            f = aesaralite.function([x], at.exp(x).sum(), updates={s: s + x})
        assert f([0.0, 0.0]) == 2
        assert s.get_value().tolist() == [0, 0]
        f([1.0, 2.0])
        assert s.get_value().tolist() == [1, 2]
        assert "Elemwise{exp" in f.explain()
        assert "toy" in repr(f)

    def test_it_is_chosen_by_the_mode(self):
        x = at.dscalar("x")
        assert aesaralite.function([x], x + 1, mode=Mode(linker="toy")).maker.linker.name == "toy"

    def test_a_failed_call_is_explained_and_changes_nothing(self):
        x, s = at.dvector("x"), aesaralite.shared(np.zeros(2))
        f = aesaralite.function([x], [], updates={s: s + x}, mode=Mode(linker="toy"))
        with pytest.raises(ValueError, match="Apply node that caused the error"):
            f([1.0, 2.0, 3.0])
        assert s.get_value().tolist() == [0, 0]

    def test_it_says_which_rewrites_it_needs(self):
        ran = []

        def noting(name):
            return graph_rewriter(lambda fgraph: ran.append(name))

        db = SequenceDB()
        db.register("needed", noting("needed"), "merge", position=1)
        db.register("disliked", noting("disliked"), "fast_compile", "toy_dislikes", position=2)
        db.register("other", noting("other"), "fast_compile", position=3)
        x = at.dscalar("x")
        aesaralite.function([x], x + 1, mode=Mode("toy", "fast_compile", db=db))
        assert ran == ["needed", "other"]
        ran.clear()
        aesaralite.function([x], x + 1, mode=Mode("py", "fast_compile", db=db))
        assert ran == ["disliked", "other"]

    def test_it_is_named_where_a_linker_is_unknown(self):
        assert set(installed_linkers()) >= {"numba", "py", "toy"}
        x = at.dscalar("x")
        with pytest.raises(UnknownLinkerError, match=r"There is no linker 'fast'. Installed are: 'numba', 'py', 'toy'"):
            aesaralite.function([x], x, mode=Mode(linker="fast"))

    def test_it_is_loaded_once(self):
        assert get_linker("toy") is get_linker("toy")

    def test_its_name_is_taken(self):
        with pytest.raises(ValueError, match="Linker name already taken: toy"):
            register_linker("toy", get_linker("toy"))


def test_two_packages_of_one_name(tmp_path, monkeypatch):
    for package, cls in (("first-toy", "ToyLinker"), ("second-toy", "OtherToyLinker")):
        install(tmp_path / package, package, f"toy = toy_linker:{cls}")
        monkeypatch.syspath_prepend(tmp_path / package)
    with pytest.raises(LinkerConflictError) as caught:
        get_linker("toy")
    for part in ("first-toy", "second-toy", "toy_linker:ToyLinker", "toy_linker:OtherToyLinker", "Uninstall"):
        assert part in str(caught.value)
    assert get_linker("py").name == "py"


def test_one_package_found_twice_is_no_conflict(tmp_path, monkeypatch):
    for folder in ("a", "b"):
        install(tmp_path / folder, "toy-linker", "toy = toy_linker:ToyLinker")
        monkeypatch.syspath_prepend(tmp_path / folder)
    assert get_linker("toy").name == "toy"


def test_broken_packages(tmp_path, monkeypatch):
    install(tmp_path / "a", "broken", "broken = no_such_module:Linker")
    install(tmp_path / "b", "wrong", "wrong = toy_linker:NoLinker")
    for folder in ("a", "b"):
        monkeypatch.syspath_prepend(tmp_path / folder)
    with pytest.raises(ImportError, match=r"linker 'broken' of broken can't be imported from no_such_module:Linker"):
        get_linker("broken")
    with pytest.raises(TypeError, match=r"'wrong' of wrong gives .* isn't an aesaralite"):
        get_linker("wrong")


def test_registered_in_the_process():
    class Mine(type(get_linker("py"))):
        name = "mine"

    register_linker("mine", Mine())
    x = at.dscalar("x")
    with config.change_flags(linker="mine", mode="Mode"):
        assert aesaralite.function([x], x + 1)(1) == 2
    with pytest.raises(TypeError, match="chosen by its name"):
        get_linker(3)


def test_a_checkout_that_is_not_installed(monkeypatch):
    monkeypatch.setattr(linkers, "_entry_points", dict)
    with pytest.raises(UnknownLinkerError, match="pip install -e"):
        get_linker("numba")


def test_another_process_finds_it(tmp_path):
    install(tmp_path / "site", "toy-linker", "toy = toy_linker:ToyLinker")
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r})\n"
        "import aesaralite, aesaralite.tensor as at\n"
        "x = at.dscalar('x')\n"
        "f = aesaralite.function([x], x + 1)\n"
        "assert f(1) == 2\n"
        "print(f.maker.linker.name)\n"
    )
    environment = {**os.environ, "AESARALITE_FLAGS": "linker=toy"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "toy"
