"""Entry points of installed packages: the same that importlib.metadata finds."""

import importlib.metadata
import sys
import zipfile

import pytest

from aesaralite.compile.installed import EntryPoint, entry_points

GROUP = "a.group"


def install(folder, metadata, text, name="a-package", file="METADATA"):
    place = folder / metadata
    place.mkdir(parents=True)
    (place / file).write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (place / "entry_points.txt").write_text(text)


@pytest.fixture
def path(tmp_path, monkeypatch):
    """Puts folders on the path; nothing else is there but what tests can't do without."""

    def put(*names):
        monkeypatch.setattr(sys, "path", [*(str(tmp_path / name) for name in names), *sys.path])
        return tmp_path

    return put


def agree():
    found = entry_points(GROUP)
    asked = importlib.metadata.entry_points(group=GROUP)
    assert sorted(found) == sorted(EntryPoint(point.name, point.value, point.dist.name) for point in asked)
    return found


def test_of_this_installation():
    found = entry_points("aesaralite.linkers")
    assert {("py", "aesaralite_python:PythonLinker"), ("numba", "aesaralite_numba:NumbaLinker")} <= {
        (point.name, point.value) for point in found
    }
    assert len(entry_points("console_scripts")) == len(importlib.metadata.entry_points(group="console_scripts"))


def test_all_kinds_of_metadata(path):
    folder = path("a", "b", "c.egg", "no such folder")
    lines = "[other]\nx = y:z\n\n[a.group]\n# a remark = m:f\nname=m:f\nsecond = m.n : f.g\n"
    install(folder / "a", "one-1.0.dist-info", lines)
    install(folder / "a", "Two.Three-2.egg-info", "[a.group]\nthird = m\n", "Two.Three", "PKG-INFO")
    lines = "[a.group]\nfourth = m:f [extra, more]\n[end]\na = b:c"
    install(folder / "b", "four-1-py3.11.egg-info", lines, "four", "PKG-INFO")
    install(folder / "c.egg", "EGG-INFO", "[a.group]\nfifth = m:f\n", "five", "PKG-INFO")
    (folder / "b" / "broken-1.0.dist-info").write_text("no folder")
    (folder / "b" / "empty-1.0.dist-info").mkdir()
    found = {point.name: point for point in agree()}
    assert sorted(found) == ["fifth", "fourth", "name", "second", "third"]
    assert found["third"].package == "Two.Three"


def test_the_first_of_two_versions_counts(path):
    folder = path("a", "b")
    install(folder / "a", "a_package-2.0.dist-info", "[a.group]\nname = new:f\n")
    install(folder / "b", "A.Package-1.0.dist-info", "[a.group]\nname = old:f\nother = old:g\n")
    assert [point.value for point in agree()] == ["new:f"]


def test_zip_files_and_finders_of_others(path, monkeypatch):
    folder = path("packages.zip")
    with zipfile.ZipFile(folder / "packages.zip", "w") as file:
        file.writestr("a_package-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: a-package\nVersion: 1.0\n")
        file.writestr("a_package-1.0.dist-info/entry_points.txt", "[a.group]\nname = m:f\n")
    assert [point.name for point in agree()] == ["name"]
    monkeypatch.setattr(sys, "path", sys.path[1:])
    assert agree() == []

    class Finder:
        def find_spec(self, *args):
            return None

        def find_distributions(self, context):
            return [importlib.metadata.Distribution.at(folder / "elsewhere/b-1.0.dist-info")]

    install(folder / "elsewhere", "b-1.0.dist-info", "[a.group]\nfar = m:f\n", "b")
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder()])
    assert [point.name for point in agree()] == ["far"]


def test_loading():
    assert EntryPoint("name", "os:path.join", "p").load() is __import__("os").path.join
    assert EntryPoint("name", "os.path : join [extra]", "p").load() is __import__("os").path.join
    assert EntryPoint("name", "sys", "p").load() is sys
    with pytest.raises(AttributeError):
        EntryPoint("name", "sys:nothing", "p").load()
