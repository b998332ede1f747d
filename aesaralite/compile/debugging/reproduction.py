"""A call as a file: graph, inputs, state and versions, for somebody else to repeat."""

from __future__ import annotations

import os
import pickle
import platform
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from typing import Any, NamedTuple

import numpy as np

from aesaralite.compile.debugging.values import array_of_layout
from aesaralite.compile.linker import CallingPlan, Linker, get_linker
from aesaralite.configdefaults import config
from aesaralite.graph.arguments import described
from aesaralite.graph.frozen import FrozenGraph

__all__ = ["Case", "SavedCase", "current_versions", "load_case", "save_case"]

_PACKAGES = ("aesaralite", "numpy", "scipy", "numba", "llvmlite")
# the flags on which it depends what a program computes
_FLAGS = ("floatX", "numba__fastmath", "numba__strict", "tensor__cmp_sloppy")
_MAIN = "__main__"


class Case(NamedTuple):
    """A graph, and what it was called with.

    Attributes
    ----------
    graph, plan
        What was compiled, and how it's called.
    linker : Linker
        What compiled it.
    inputs : sequence of object
        The values of the graph's inputs, those of the state before the call included.
    name : str or None
        The function's name.
    """

    graph: FrozenGraph
    plan: CallingPlan
    linker: Linker
    inputs: Sequence[Any]
    name: str | None = None


class SavedCase(NamedTuple):
    """What a file holds.

    Attributes
    ----------
    case : Case
    report : str
        What was reported when the file was made.
    versions : mapping of str to str
        Of Python, of packages, of the machine.
    flags : mapping of str to object
        Those flags on which it depends what a program computes.
    """

    case: Case
    report: str
    versions: Mapping[str, str]
    flags: Mapping[str, Any]

    def with_linker(self, linker: str | Linker) -> SavedCase:
        """Return the same call of a function that another linker compiles."""
        return self._replace(case=self.case._replace(linker=get_linker(linker)))


class _Array(NamedTuple):
    """An array that isn't contiguous: pickled as it is, it would become so."""

    content: np.ndarray
    strides: tuple[int, ...]


def save_case(path: str | PathLike[str], case: Case, report: str) -> None:
    """Write a file.

    Parameters
    ----------
    path
        Where to. It's written wholly or not at all.
    case, report
        What it's to hold.

    Raises
    ------
    pickle.PicklingError
        If something in the graph can't be pickled.
    """
    import json  # these two are loaded here, since few who import aesaralite need them
    import zipfile

    try:
        by_name = get_linker(case.linker.name) is case.linker
    except ValueError:
        by_name = False
    content = {
        "graph": case.graph,
        "plan": case.plan,
        "linker": case.linker.name if by_name else case.linker,
        "inputs": [_packed(value) for value in case.inputs],
        "name": case.name,
    }
    try:
        pickled = pickle.dumps(content, protocol=5)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise pickle.PicklingError(
            f"The call can't be saved, since part of it can't be pickled: {error}. Ops and functions that a module "
            "defines at its top level can be."
        ) from error
    about = {
        "format": 1,
        "versions": current_versions(),
        "flags": {name: getattr(config, name) for name in _FLAGS},
        "main": getattr(sys.modules.get(_MAIN), "__file__", None),
    }
    target = os.fspath(path)
    temporary = f"{target}.{os.getpid()}.tmp"
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("report.txt", report)
            archive.writestr("about.json", json.dumps(about, indent=1))
            archive.writestr("case.pickle", pickled)
        os.replace(temporary, target)
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)


def load_case(path: str | PathLike[str], main: Callable[[], Mapping[str, Any]] | None = None) -> SavedCase:
    """Read a file that `save_case` has written. It's a pickle: only open files of people whom you trust.

    Parameters
    ----------
    path
        The file.
    main
        Called when the file has been read; returns the names that the script which made it defines. Needed if the
        graph has Ops that are among them.

    Raises
    ------
    ValueError
        If the file is something else, or needs what isn't to be had here.
    """
    import json
    import zipfile

    if not isinstance(path, (str, PathLike)):
        raise TypeError(f"path must be that of a file, got {described(path)}")
    try:
        with zipfile.ZipFile(path) as archive:
            report = archive.read("report.txt").decode()
            about = json.loads(archive.read("about.json"))
            pickled = archive.read("case.pickle")
    except (zipfile.BadZipFile, KeyError, json.JSONDecodeError) as error:
        raise ValueError(f"{os.fspath(path)} is no file that a debug report has saved: {error}") from error
    own = sys.modules.get(_MAIN)
    if main is not None:
        stand_in = types.ModuleType(_MAIN)
        stand_in.__dict__.update(main())
        sys.modules[_MAIN] = stand_in
    try:
        content = pickle.loads(pickled)
        linker = get_linker(content["linker"])
    except Exception as error:
        raise ValueError(_cannot_load(path, about, error)) from error
    finally:
        if own is not None:
            sys.modules[_MAIN] = own
    inputs = [_unpacked(value) for value in content["inputs"]]
    case = Case(content["graph"], content["plan"], linker, inputs, content["name"])
    return SavedCase(case, report, about["versions"], about["flags"])


def _cannot_load(path: str | PathLike[str], about: Mapping[str, Any], error: Exception) -> str:
    lines = [f"The call in {os.fspath(path)} can't be loaded here: {type(error).__name__}: {error}"]
    if _MAIN in str(error) and about["main"]:
        lines.append(f"It needs what the script {about['main']} defines: give it with --main.")
    made, here = about["versions"], current_versions()
    lines += [f"It was made with {k} {made[k]}; here is {here.get(k)}." for k in made if made[k] != here.get(k)]
    return "\n".join(lines)


def current_versions() -> dict[str, str]:
    """Return the versions of Python, of the packages and of the machine."""
    from importlib.metadata import PackageNotFoundError, version  # half as slow to import as all of aesaralite

    versions = {"python": platform.python_version(), "machine": f"{platform.system()} {platform.machine()}"}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = "not installed"
    return versions


def _packed(value: Any) -> Any:
    if type(value) is np.ndarray and not value.flags.forc:
        return _Array(np.ascontiguousarray(value), value.strides)
    return value


def _unpacked(value: Any) -> Any:
    return array_of_layout(value.content, value.strides) if isinstance(value, _Array) else value
