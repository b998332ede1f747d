"""What installed packages provide under a group of entry points.

The standard library's ``importlib.metadata`` tells the same.  To import it takes 30 ms, and to ask it 8 ms, which is a
good part of the time in which a small function compiles; so folders are read here, and it's asked about the rest: zip
files, and finders of others.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import PathFinder
from operator import attrgetter
from typing import Any, NamedTuple


class EntryPoint(NamedTuple):
    """An object that a package names.

    Attributes
    ----------
    name : str
        Its name in the group.
    value : str
        Where it is: ``module:attribute``; what stands behind it in brackets has no meaning any more.
    package : str
        What brings it.
    """

    name: str
    value: str
    package: str

    def load(self) -> Any:
        """Import it."""
        module, _, attribute = self.value.partition("[")[0].partition(":")
        found = importlib.import_module(module.strip())
        return attrgetter(attribute.strip())(found) if attribute.strip() else found


def entry_points(group: str) -> list[EntryPoint]:
    """The entry points of a group; of a package that is found several times, those of the first."""
    folders = [folder or os.curdir for folder in sys.path]
    plain = all(
        finder is PathFinder or not hasattr(finder, "find_distributions") for finder in sys.meta_path
    ) and not any(map(os.path.isfile, folders))
    if not plain:
        return _asked(group)
    found: list[EntryPoint] = []
    seen: set[str] = set()
    for metadata in (metadata for folder in folders for metadata in _metadata(folder)):
        name = _normalised(os.path.basename(metadata))
        if name not in seen:
            seen.add(name)
            found.extend(_read(metadata, group))
    return found


def _asked(group: str) -> list[EntryPoint]:
    from importlib.metadata import entry_points  # half as slow to import as all of aesaralite

    return [
        EntryPoint(point.name, point.value, point.dist.name if point.dist is not None else "an unnamed package")
        for point in entry_points(group=group)
    ]


def _metadata(folder: str) -> Iterator[str]:
    """The folders of the metadata of the packages in `folder`."""
    if folder.lower().endswith(".egg"):
        yield os.path.join(folder, "EGG-INFO")
    try:
        with os.scandir(folder) as entries:
            yield from sorted(
                entry.path for entry in entries if entry.name.lower().endswith((".dist-info", ".egg-info"))
            )
    except OSError:
        return


def _normalised(metadata: str) -> str:
    """The name of a package, from that of its folder, or of the folder's."""
    return re.sub(r"[-_.]+", "_", metadata.rpartition(".")[0].partition("-")[0]).lower()


def _read(metadata: str, group: str) -> Sequence[EntryPoint]:
    text = _text(os.path.join(metadata, "entry_points.txt"))
    if f"[{group}]" not in text:
        return ()
    package = _package(metadata)
    points = []
    section = None
    for line in map(str.strip, text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1]
        elif section == group and not line.startswith("#") and "=" in line:
            name, _, value = line.partition("=")
            points.append(EntryPoint(name.strip(), value.strip(), package))
    return points


def _package(metadata: str) -> str:
    for file in ("METADATA", "PKG-INFO"):
        for line in _text(os.path.join(metadata, file)).splitlines():
            key, _, value = line.partition(":")
            if key.lower() == "name":
                return value.strip()
    return "an unnamed package"


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
