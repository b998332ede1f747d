"""What a linker is, what it is given, and how the installed ones are found.

A linker is a plug-in: a package that names it under the entry-point group ``aesaralite.linkers``::

    [project.entry-points."aesaralite.linkers"]
    toy = "my_package:ToyLinker"

After installing the package, ``config.linker = "toy"`` and ``Mode(linker="toy")`` use it.
"""

from __future__ import annotations

import os
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aesaralite.compile.explaining.description import Explanation
from aesaralite.compile.explaining.timing import TimedProgram
from aesaralite.compile.installed import EntryPoint, entry_points
from aesaralite.errors import LinkerConflictError, UnknownLinkerError

if TYPE_CHECKING:
    from aesaralite.graph.frozen import FrozenGraph

__all__ = [
    "ENTRY_POINT_GROUP",
    "CallingPlan",
    "InputSlot",
    "Linker",
    "OutputSlot",
    "Program",
    "SlowPath",
    "get_linker",
    "installed_linkers",
    "register_linker",
]

ENTRY_POINT_GROUP = "aesaralite.linkers"


class SlowPath(Exception):
    """Raised by a bound program, before it does anything, for arguments that it doesn't take as they are."""


@dataclass(frozen=True)
class InputSlot:
    """How one input of the graph gets its value.

    Parameters
    ----------
    name
        The input's name, for people to read.
    is_state
        Whether the value lasts between calls: it's read from its container's cell, and may be updated.
    borrow
        Whether outputs and new state values may share memory with the input.
    mutable
        Whether the program may write into the input.
    """

    name: str | None
    is_state: bool = False
    borrow: bool = False
    mutable: bool = False


@dataclass(frozen=True)
class OutputSlot:
    """How one output reaches the caller.

    Parameters
    ----------
    name
        The output's name, for people to read.
    borrow
        Whether the output may share memory with inputs, with state and with other outputs. Otherwise it never does.
    """

    name: str | None
    borrow: bool = False


@dataclass(frozen=True)
class CallingPlan:
    """How a function calls a program.

    Parameters
    ----------
    inputs
        One for each input of the graph.
    outputs
        One for each output that the user asked for. The graph's outputs are these, followed by the new values of
        the state.
    updates
        For each update, the position of the new value in the graph's outputs and of the state in the graph's inputs.
    """

    inputs: tuple[InputSlot, ...]
    outputs: tuple[OutputSlot, ...]
    updates: tuple[tuple[int, int], ...] = ()

    @property
    def explicit(self) -> tuple[int, ...]:
        """The positions of the inputs that a caller gives values for."""
        return tuple(i for i, slot in enumerate(self.inputs) if not slot.is_state)

    @property
    def state(self) -> tuple[int, ...]:
        """The positions of the inputs that last between calls."""
        return tuple(i for i, slot in enumerate(self.inputs) if slot.is_state)


class Program(ABC):
    """A compiled graph. It holds no state: one program may serve several functions, and several threads."""

    @abstractmethod
    def run(self, storage: list[list[Any]]) -> list[Any]:
        """Run once.

        Parameters
        ----------
        storage
            One cell, a list of one element, for each input of the graph; the values belong to the inputs' types.
            The cell of a state is its container's own.

        Returns
        -------
        list
            The outputs that the user asked for.

        Notes
        -----
        The new state values are put into their cells last, after everything that can fail. When an exception
        is raised, no cell and no array in a state's cell has changed.
        """

    def bind(self, state_cells: list[list[Any]]) -> Callable[..., Any] | None:
        """Return the fast way to call the program, or None if it has none.

        Parameters
        ----------
        state_cells
            The cells of the state, in the order of the graph's inputs.

        Returns
        -------
        callable or None
            Takes the values of the other inputs by position and returns a list of the outputs, or the bare value if
            there is exactly one. It raises `SlowPath`, before it has done anything, for a value that isn't exactly
            of the class, dtype, rank and static shape that the program takes; it may raise `TypeError` for a wrong
            number of arguments.
        """
        return None

    def report(self) -> str:
        """Return a text that tells how the graph was compiled.

        A linker gives this or `describe`, which tells more.
        """
        if type(self).describe is Program.describe:
            raise NotImplementedError(f"{type(self).__name__} has neither report nor describe")
        return str(self.describe())

    def describe(self, values: Sequence[Any] | None = None) -> Explanation:
        """Return what there is to tell of the program, from which texts and pictures are made.

        Parameters
        ----------
        values
            A value for each input of the graph, as in the cells of `run`, if sizes and numbers of bytes are to be
            those of that call. Nothing in them may change.
        """
        return Explanation(self.report())

    def timed(self) -> TimedProgram:
        """Return a program of its own that does the same, and takes the time of its steps."""
        return TimedProgram(self)

    def time_nodes(self, record: Callable[[int, float], None]) -> bool:
        """Report the time of each node of the runs to come.

        Parameters
        ----------
        record
            Called with the index of a node in the graph and the seconds it took.

        Returns
        -------
        bool
            Whether the program can do that.
        """
        return False


class Linker(ABC):
    """Turns a frozen graph into a program.

    Attributes
    ----------
    name : str
        The name by which users choose it.
    required_tags, incompatible_tags : tuple of str
        Tags of the rewrites that a graph for this linker must get, and of those that it can't take.
    """

    name: str
    required_tags: tuple[str, ...] = ()
    incompatible_tags: tuple[str, ...] = ()

    @abstractmethod
    def link(self, graph: FrozenGraph, plan: CallingPlan) -> Program:
        """Compile.

        Parameters
        ----------
        graph
            What to compute. Its outputs are those of the user, followed by the new state values.
        plan
            How the program will be called.
        """

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


_registered: dict[str, Linker] = {}
_loaded: dict[EntryPoint, Linker] = {}
_read: dict[str, Any] = {}  # takes 2 ms, several times for a function


def register_linker(name: str, linker: Linker) -> None:
    """Make `linker` known by `name` in this process, without a package.

    Raises
    ------
    ValueError
        If there is a linker of that name.
    """
    if name in _registered or name in _entry_points():
        raise ValueError(f"Linker name already taken: {name}")
    _registered[name] = linker


def installed_linkers() -> tuple[str, ...]:
    """Return the names of the linkers that can be chosen."""
    return tuple(sorted({*_registered, *_entry_points()}))


def get_linker(name: str | Linker) -> Linker:
    """Return the linker called `name`.

    Raises
    ------
    UnknownLinkerError
        If no installed package provides it.
    LinkerConflictError
        If several do.
    """
    if isinstance(name, Linker):
        return name
    if not isinstance(name, str):
        raise TypeError(f"A linker is chosen by its name or given as a Linker, got {name!r} of type {type(name)}")
    if name in _registered:
        return _registered[name]
    by_name = _entry_points()
    candidates = by_name.get(name, ())
    if len(candidates) > 1:
        raise LinkerConflictError(
            f"Two installed packages provide a linker {name!r}: "
            + " and ".join(f"{point.package} ({point.value})" for point in candidates)
            + ". Uninstall one of them."
        )
    if not candidates:
        raise UnknownLinkerError(_unknown(name))
    point = candidates[0]
    if point not in _loaded:
        _loaded[point] = _load(point)
    return _loaded[point]


def _entry_points() -> dict[str, Sequence[EntryPoint]]:
    """Return what installed packages provide, by name. To install a package changes a folder on the path."""
    folders = tuple((folder, _changed_at(folder)) for folder in sys.path)
    if _read.get("folders") != folders:
        _read.update(folders=folders, by_name=_read_entry_points())
    by_name: dict[str, Sequence[EntryPoint]] = _read["by_name"]
    return by_name


def _changed_at(folder: str) -> int:
    try:
        return os.stat(folder or os.curdir).st_mtime_ns
    except OSError:
        return 0


def _read_entry_points() -> dict[str, Sequence[EntryPoint]]:
    by_name: dict[str, dict[str, EntryPoint]] = {}
    for point in entry_points(ENTRY_POINT_GROUP):
        # a package that is found twice on sys.path, as editable installs are, is no conflict with itself
        by_name.setdefault(point.name, {}).setdefault(point.value, point)
    return {name: list(points.values()) for name, points in by_name.items()}


def _load(point: EntryPoint) -> Linker:
    try:
        loaded = point.load()
    except Exception as error:
        raise ImportError(
            f"The linker {point.name!r} of {point.package} can't be imported from {point.value}: {error}"
        ) from error
    linker = loaded() if isinstance(loaded, type) else loaded
    if not isinstance(linker, Linker):
        raise TypeError(
            f"The entry point {point.name!r} of {point.package} gives {linker!r}, which isn't an "
            "aesaralite.compile.linker.Linker"
        )
    return linker


def _unknown(name: str) -> str:
    names = installed_linkers()
    if not names:
        return (
            f"There is no linker {name!r}, nor any other: linkers are found through the metadata of installed "
            "packages. To run from a source checkout, install it first: pip install -e ."
        )
    return f"There is no linker {name!r}. Installed are: {', '.join(map(repr, names))}."
