"""Modes: which rewrites a graph gets, and which linker compiles it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aesaralite.compile.linker import Linker, get_linker, register_linker
from aesaralite.configdefaults import config
from aesaralite.graph.provenance import warn_user
from aesaralite.rewrites import optdb
from aesaralite.rewriting.base import GraphRewriter, Rewriter
from aesaralite.rewriting.db import RewriteDatabase
from aesaralite.rewriting.query import RewriteDatabaseQuery
from aesaralite.rewriting.sequential import SequentialGraphRewriter

if TYPE_CHECKING:
    from aesaralite.graph.fg import FunctionGraph

__all__ = [
    "FAST_COMPILE",
    "FAST_RUN",
    "NUMBA",
    "Mode",
    "get_default_mode",
    "get_mode",
    "optdb",
    "predefined_modes",
    "predefined_optimizers",
    "register_linker",
    "register_mode",
    "register_optimizer",
]

OPT_NONE = RewriteDatabaseQuery(include=[])
OPT_MERGE = RewriteDatabaseQuery(include=["merge"])
OPT_FAST_RUN = RewriteDatabaseQuery(include=["fast_run"])
OPT_FAST_RUN_STABLE = OPT_FAST_RUN.requiring("stable")
# what a formula means must not depend on the mode: stable forms, and the canonical ones they're found in, are in both
OPT_FAST_COMPILE = RewriteDatabaseQuery(include=["fast_compile", "canonicalize", "stabilize"])
OPT_UNSAFE = OPT_FAST_RUN.including("unsafe")
OPT_O2 = OPT_FAST_COMPILE.including("specialize")
OPT_O3 = OPT_FAST_RUN.excluding("expensive")

predefined_optimizers: dict[str | None, RewriteDatabaseQuery] = {
    None: OPT_NONE,
    "None": OPT_NONE,
    "merge": OPT_MERGE,
    "o4": OPT_FAST_RUN,
    "o3": OPT_O3,
    "o2": OPT_O2,
    "o1": OPT_FAST_COMPILE,
    "unsafe": OPT_UNSAFE,
    "fast_compile": OPT_FAST_COMPILE,
    "fast_run": OPT_FAST_RUN,
    "fast_run_stable": OPT_FAST_RUN_STABLE,
    "stabilize": OPT_FAST_COMPILE,
}

# Linkers of Aesara's that programs ask for by name, and what does their work here
_STANDS_FOR = {
    "c": "numba",
    "c|py": "numba",
    "c|py_nogc": "numba",
    "cvm": "numba",
    "cvm_nogc": "numba",
    "vm": "py",
    "vm_nogc": "py",
}
_warned_of: set[str] = set()


class Mode:
    """How to compile: a linker, and the rewrites that a graph gets first.

    Parameters
    ----------
    linker : str or Linker, optional
        The linker, or its name. None stands for the flag ``linker``.
    optimizer : str, RewriteDatabaseQuery, GraphRewriter or None
        The rewrites: a query, the name of one in `predefined_optimizers`, or None for no rewrites. ``"default"`` stands
        for the flag ``optimizer``, with the flags ``optimizer_including``, ``optimizer_excluding`` and
        ``optimizer_requiring``. A rewriter of graphs is the only one that is applied, but for what the linker needs.
    db : RewriteDatabase, optional
        Where the rewrites are taken from; `optdb` unless given.

    Notes
    -----
    Flags and names are looked up when a function is compiled. So are linkers, which are installed packages.
    """

    def __init__(
        self,
        linker: str | Linker | None = None,
        optimizer: str | RewriteDatabaseQuery | GraphRewriter | None = "default",
        db: RewriteDatabase | None = None,
    ) -> None:
        if not (linker is None or isinstance(linker, (str, Linker))):
            raise TypeError(f"A linker is a name or a Linker, got {linker!r} of type {type(linker)}")
        if isinstance(optimizer, str) and optimizer != "default" and optimizer not in predefined_optimizers:
            raise ValueError(_unknown("optimizer", optimizer, predefined_optimizers))
        self.provided_linker = linker or None
        self.provided_optimizer = optimizer
        self._db = db

    @property
    def optdb(self) -> RewriteDatabase:
        """The database that the rewrites are taken from."""
        return optdb if self._db is None else self._db

    @property
    def linker(self) -> Linker:
        """The linker, looked up now.

        Raises
        ------
        UnknownLinkerError
            If no installed package provides it.
        """
        linker = self.provided_linker if self.provided_linker is not None else config.linker
        if isinstance(linker, str) and linker in _STANDS_FOR:
            stand_in = _STANDS_FOR[linker]
            if linker not in _warned_of:
                _warned_of.add(linker)
                warn_user(f"There is no linker {linker!r} here; {stand_in!r} is used in its place.")
            linker = stand_in
        return get_linker(linker)

    def linker_for(self, fgraph: FunctionGraph) -> Linker:
        """Return the linker for one function.

        Parameters
        ----------
        fgraph
            Its graph, after rewriting. A mode that has watched the rewriting finds what it has seen there.
        """
        return self.linker

    @property
    def query(self) -> RewriteDatabaseQuery:
        """Which rewrites a graph gets, before the linker has its say.

        Raises
        ------
        TypeError
            If the mode was given a rewriter of graphs, which isn't chosen by tags.
        """
        optimizer = self.provided_optimizer
        if isinstance(optimizer, GraphRewriter):
            raise TypeError(f"The rewrites of this mode can't be chosen by tags: it was given the rewriter {optimizer}")
        if isinstance(optimizer, RewriteDatabaseQuery):
            return optimizer
        if optimizer != "default":
            return predefined_optimizers[optimizer]
        return (
            predefined_optimizers[config.optimizer]
            .including(*_tags(config.optimizer_including))
            .excluding(*_tags(config.optimizer_excluding))
            .requiring(*_tags(config.optimizer_requiring))
        )

    @property
    def optimizer(self) -> GraphRewriter:
        """The rewriter that a graph gets, with what the linker needs and without what it can't take."""
        linker = self.linker
        if isinstance(self.provided_optimizer, GraphRewriter):
            if not linker.required_tags:
                return self.provided_optimizer
            needed = RewriteDatabaseQuery(include=linker.required_tags, exclude=linker.incompatible_tags)
            return SequentialGraphRewriter(self.provided_optimizer, self.optdb.query(needed))
        query = self.query
        if query.include or query.extra_rewrites:
            query = query.including(*linker.required_tags).excluding(*linker.incompatible_tags)
        elif linker.required_tags:
            query = RewriteDatabaseQuery(include=linker.required_tags, exclude=linker.incompatible_tags)
        return self.optdb.query(query)

    def including(self, *tags: str) -> Mode:
        """Return this mode with the rewrites of these tags added."""
        return self.clone(optimizer=self.query.including(*tags))

    def excluding(self, *tags: str) -> Mode:
        """Return this mode without the rewrites of these tags."""
        return self.clone(optimizer=self.query.excluding(*tags))

    def requiring(self, *tags: str) -> Mode:
        """Return this mode with only those rewrites that have these tags too."""
        return self.clone(optimizer=self.query.requiring(*tags))

    def register(self, *optimizations: Rewriter | tuple[Rewriter, float]) -> Mode:
        """Return this mode with rewriters added that are in no database.

        Parameters
        ----------
        *optimizations
            Rewriters, each with the position where it runs: ``(rewriter, 1.5)``.
        """
        return self.clone(optimizer=self.query.register(*optimizations))

    def clone(
        self,
        link_kwargs: dict[str, Any] | None = None,
        optimizer: str | RewriteDatabaseQuery | GraphRewriter | None = "",
        **kwargs: Any,
    ) -> Mode:
        """Return a copy of this mode, with changes.

        Parameters
        ----------
        link_kwargs
            Arguments for a fresh linker of the same class: ``dict(allow_gc=False)``.
        optimizer
            Other rewrites; as they are unless given.
        **kwargs
            For subclasses.
        """
        linker = self.provided_linker
        if link_kwargs:
            linker = type(self.linker)(**link_kwargs)
        return type(self)(linker, self.provided_optimizer if optimizer == "" else optimizer, db=self._db, **kwargs)

    def __str__(self) -> str:
        return f"{type(self).__name__}(linker={self.provided_linker}, optimizer={self.provided_optimizer})"

    __repr__ = __str__


NUMBA = Mode("numba", "fast_run")
FAST_RUN = Mode("numba", "fast_run")
FAST_COMPILE = Mode("py", "fast_compile")

predefined_modes: dict[str, Mode] = {"FAST_COMPILE": FAST_COMPILE, "FAST_RUN": FAST_RUN, "NUMBA": NUMBA}


def get_default_mode() -> Mode:
    """Return the mode that the flags ``mode``, ``linker`` and ``optimizer`` ask for."""
    return get_mode(config.mode)


def get_mode(orig_string: str | Mode | None) -> Mode:
    """Return the mode of a name.

    Parameters
    ----------
    orig_string
        A name in `predefined_modes`; ``"Mode"`` for the mode made of the flags; None for the default mode; a mode
        is returned as it is.

    Raises
    ------
    ValueError
        If there is no mode of that name.
    """
    name = config.mode if orig_string is None else orig_string
    if isinstance(name, Mode):
        return name
    if not isinstance(name, str):
        raise TypeError(f"A mode is a name or a Mode, got {name!r} of type {type(name)}")
    if name == "Mode":
        return Mode()
    try:
        return predefined_modes[name]
    except KeyError:
        raise ValueError(
            f"No predefined mode exist for string: {name}. There are: Mode, {_names(predefined_modes)}"
        ) from None


def register_mode(name: str, mode: Mode) -> None:
    """Make a mode known by a name.

    Raises
    ------
    ValueError
        If the name is taken.
    """
    if name in predefined_modes:
        raise ValueError(f"Mode name already taken: {name}")
    predefined_modes[name] = mode


def register_optimizer(name: str, opt: RewriteDatabaseQuery) -> None:
    """Make a choice of rewrites known by a name, for ``Mode(optimizer=name)``.

    Raises
    ------
    ValueError
        If the name is taken.
    """
    if name in predefined_optimizers:
        raise ValueError(f"Optimizer name already taken: {name}")
    predefined_optimizers[name] = opt


def _tags(flag: str) -> list[str]:
    return [tag for tag in flag.split(":") if tag]


def _names(known: Any) -> str:
    return ", ".join(str(name) for name in known)


def _unknown(what: str, name: str, known: Any) -> str:
    return f"There is no {what} {name!r}. There are: {_names(known)}"
