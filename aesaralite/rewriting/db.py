"""Databases of rewrites: each rewrite has a name and tags, and a query makes one rewriter of those it chooses."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from typing import IO, Any

from aesaralite.configdefaults import config
from aesaralite.graph.arguments import is_one_of
from aesaralite.rewriting.base import GraphRewriter, NodeRewriter, Rewriter
from aesaralite.rewriting.equilibrium import EquilibriumGraphRewriter
from aesaralite.rewriting.failures import FailureCallback
from aesaralite.rewriting.query import RewriteDatabaseQuery, query_of_tags
from aesaralite.rewriting.sequential import SequentialGraphRewriter, SequentialNodeRewriter
from aesaralite.rewriting.walking import in2out, out2in

# Counts every change of every database, so that what a query gave before can be used again while nothing has changed.
_changes = itertools.count(1)


class RewriteDatabase:
    """Rewriters, and nested databases, by name and by tags.

    Calling :meth:`query` gives what the tags choose; subclasses make one rewriter of it.
    """

    name: str | None = None
    _version = 0

    def __init__(self) -> None:
        self._entries: dict[str, Rewriter | RewriteDatabase] = {}
        self._tags: dict[str, set[str]] = {}
        self._cache: dict[Any, Any] = {}

    def register(
        self,
        name: str,
        rewriter: Rewriter | RewriteDatabase,
        *tags: str,
        use_db_name_as_tag: bool = True,
        **kwargs: Any,
    ) -> Rewriter | RewriteDatabase:
        """Add a rewriter or a nested database.

        Parameters
        ----------
        name
            What it's called here. The name is a tag of its own.
        rewriter
            What to add.
        *tags
            The tags by which queries choose it.
        use_db_name_as_tag
            Whether the name of this database is a tag, too.

        Returns
        -------
        Rewriter or RewriteDatabase
            `rewriter`.

        Raises
        ------
        TypeError
            If `rewriter` is neither a rewriter nor a database.
        ValueError
            If the name is taken, by an entry or by a tag.
        """
        if not isinstance(rewriter, (Rewriter, RewriteDatabase)):
            raise TypeError(
                f"{name!r} is registered with {rewriter!r}, which is neither a Rewriter nor a RewriteDatabase."
            )
        if name in self._entries:
            raise ValueError(
                f"The name {name!r} is already taken in the database {self.name or ''}: by {self._entries[name]}."
            )
        if any(name in known for known in self._tags.values()):
            raise ValueError(f"The name {name!r} is already used as a tag in the database {self.name or ''}.")
        if kwargs:
            raise TypeError(f"register() got unexpected keyword arguments: {', '.join(sorted(kwargs))}.")
        if rewriter.name is None or isinstance(rewriter, RewriteDatabase):
            rewriter.name = name
        self._entries[name] = rewriter
        self._tags[name] = {type(rewriter).__name__}
        if use_db_name_as_tag and self.name is not None:
            self._tags[name].add(self.name)
        self.add_tags(name, *tags)
        return rewriter

    def add_tags(self, name: str, *tags: str) -> None:
        """Give more tags to the entry called `name`.

        Raises
        ------
        ValueError
            If a tag is the name of another entry.
        """
        known = self._tags[name]
        for tag in tags:
            if tag != name and tag in self._entries:
                raise ValueError(f"The tag {tag!r} is the name of another entry of the database {self.name or ''}.")
            known.add(tag)
        RewriteDatabase._version = next(_changes)

    def remove_tags(self, name: str, *tags: str) -> None:
        """Take tags from the entry called `name`."""
        self._tags[name].difference_update(tags)
        RewriteDatabase._version = next(_changes)

    def unregister(self, name: str) -> None:
        """Take the entry called `name` away."""
        del self._entries[name], self._tags[name]
        RewriteDatabase._version = next(_changes)

    def __contains__(self, name: object) -> bool:
        return name in self._entries or any(name in tags for tags in self._tags.values())

    def __getitem__(self, name: str) -> Any:
        """Return the entry called `name`, or the only one that has it as a tag.

        Raises
        ------
        KeyError
            If there's none, or more than one.
        """
        if name in self._entries:
            return self._entries[name]
        found = [entry for entry, tags in self._tags.items() if name in tags]
        if len(found) != 1:
            what = f"{name!r} is a tag of several: {', '.join(found)}" if found else f"There's no rewrite {name!r}"
            raise KeyError(f"{what} in the database {self.name or ''}.")
        return self._entries[found[0]]

    def query(self, *tags: str | RewriteDatabaseQuery, **subqueries: Any) -> Any:
        """Return what the tags choose.

        Parameters
        ----------
        *tags
            One :class:`RewriteDatabaseQuery`; or strings: ``"+tag"`` includes, ``"&tag"`` requires and ``"-tag"``
            excludes.
        **subqueries
            Queries to be used in the nested databases of these names.
        """
        query = query_of_tags(tags, subqueries)
        key = (RewriteDatabase._version, query.key(), config.optdb__max_use_ratio, config.optdb__position_cutoff)
        try:
            return self._cache[key]
        except KeyError:
            pass
        made = self._make(query, self.select(query))
        if len(self._cache) >= 16:
            self._cache.clear()
        self._cache[key] = made
        return made

    def select(self, query: RewriteDatabaseQuery) -> dict[str, Rewriter]:
        """Return the chosen entries by name, with each nested database turned into one rewriter."""
        chosen: dict[str, Rewriter] = {}
        for name, entry in self._entries.items():
            tags = self._tags[name]
            if not (name in query.include or any(tag in tags for tag in query.include)):
                continue
            if any(tag != name and tag not in tags for tag in query.require):
                continue
            if name in query.exclude or any(tag in tags for tag in query.exclude):
                continue
            if isinstance(entry, RewriteDatabase):
                entry = entry.query(query.subquery.get(name) or query.without_extras())
            chosen[name] = entry
        return chosen

    def _make(self, query: RewriteDatabaseQuery, chosen: dict[str, Rewriter]) -> Any:
        extras = [extra for extra in query.extra_rewrites if isinstance(extra, Rewriter)]
        return [*chosen.values(), *extras]

    def print_summary(self, stream: IO[str] = sys.stdout) -> None:
        """Write the names of the entries and their tags."""
        print(f"{type(self).__name__} {self.name or ''}".rstrip(), file=stream)
        for name in self._entries:
            print(f"  {name}: {', '.join(sorted(self._tags[name]))}", file=stream)


class EquilibriumDB(RewriteDatabase):
    """Makes one rewriter that applies what is chosen until nothing changes any more.

    Parameters
    ----------
    ignore_newtrees
        Don't show the nodes that rewrites make to the rewrites again in the same sweep.
    tracks_on_change_inputs
        Accepted because Aesara has it: users of a changed node are always shown to the rewrites again.
    """

    def __init__(self, ignore_newtrees: bool = True, tracks_on_change_inputs: bool = False):
        super().__init__()
        self.ignore_newtrees = ignore_newtrees
        self.tracks_on_change_inputs = tracks_on_change_inputs
        self._final: set[str] = set()
        self._cleanup: set[str] = set()

    def register(
        self,
        name: str,
        rewriter: Rewriter | RewriteDatabase,
        *tags: str,
        final_rewriter: bool = False,
        cleanup: bool = False,
        **kwargs: Any,
    ) -> Rewriter | RewriteDatabase:
        """Add a rewriter.

        With `final_rewriter` it runs at the end of each round, with `cleanup` after whatever else changes the graph.

        Raises
        ------
        ValueError
            If it's asked to be both.
        """
        if final_rewriter and cleanup:
            raise ValueError(f"{name!r} can be a final rewriter or a cleanup rewriter, not both.")
        super().register(name, rewriter, *tags, **kwargs)
        if final_rewriter:
            self._final.add(name)
        if cleanup:
            self._cleanup.add(name)
        return rewriter

    def _make(self, query: RewriteDatabaseQuery, chosen: dict[str, Rewriter]) -> EquilibriumGraphRewriter:
        extras = [extra for extra in query.extra_rewrites if isinstance(extra, Rewriter)]
        final = [entry for name, entry in chosen.items() if name in self._final]
        cleanup = [entry for name, entry in chosen.items() if name in self._cleanup]
        made = EquilibriumGraphRewriter(
            [entry for name, entry in chosen.items() if name not in self._final | self._cleanup] + extras,
            max_use_ratio=config.optdb__max_use_ratio,
            ignore_newtrees=self.ignore_newtrees,
            tracks_on_change_inputs=self.tracks_on_change_inputs,
            final_rewriters=final,
            cleanup_rewriters=cleanup,
        )
        made.name = self.name
        return made


class _OrderedDatabase(RewriteDatabase):
    """A database whose entries have positions."""

    def __init__(self) -> None:
        super().__init__()
        self._position: dict[str, float] = {}

    def register(
        self,
        name: str,
        rewriter: Rewriter | RewriteDatabase,
        *tags: str,
        position: str | float = "last",
        **kwargs: Any,
    ) -> Rewriter | RewriteDatabase:
        """Add a rewriter at `position`: a number, or ``"last"`` for behind all others.

        Raises
        ------
        TypeError
            If the position is neither.
        """
        if position == "last":
            position = max(self._position.values(), default=-1.0) + 1.0
        elif isinstance(position, (str, bool)) or not isinstance(position, (int, float)):
            raise TypeError(f"The position of {name!r} must be a number or 'last', not {position!r}.")
        super().register(name, rewriter, *tags, **kwargs)
        self._position[name] = float(position)
        return rewriter

    def _ordered(self, chosen: dict[str, Rewriter], query: RewriteDatabaseQuery) -> list[Rewriter]:
        cutoff = min(query.position_cutoff, config.optdb__position_cutoff)
        placed = [(self._position[name], name, rewriter) for name, rewriter in chosen.items()]
        last = max(self._position.values(), default=0.0) + 1.0
        for extra in query.extra_rewrites:
            rewriter, position = extra if isinstance(extra, tuple) else (extra, last)
            placed.append((position, rewriter.name or "", rewriter))
        placed.sort(key=lambda entry: entry[:2])
        return [rewriter for position, _, rewriter in placed if position < cutoff]


class SequenceDB(_OrderedDatabase):
    """Makes one graph rewriter that applies what is chosen in the order of the positions.

    Parameters
    ----------
    failure_callback
        Called when one of them raises an exception; see :class:`SequentialGraphRewriter`.
    """

    seq_rewriter_type: type[SequentialGraphRewriter] = SequentialGraphRewriter

    def __init__(self, failure_callback: FailureCallback | None = SequentialGraphRewriter.warn):
        super().__init__()
        self.failure_callback = failure_callback

    def _make(self, query: RewriteDatabaseQuery, chosen: dict[str, Rewriter]) -> SequentialGraphRewriter:
        made = self.seq_rewriter_type(*self._ordered(chosen, query), failure_callback=self.failure_callback)
        made.name = self.name
        return made

    def print_summary(self, stream: IO[str] = sys.stdout) -> None:
        print(f"{type(self).__name__} {self.name or ''}".rstrip(), file=stream)
        for name in sorted(self._entries, key=lambda entry: (self._position[entry], entry)):
            print(f"  {self._position[name]:g} {name}: {', '.join(sorted(self._tags[name]))}", file=stream)


class LocalGroupDB(_OrderedDatabase):
    """Makes one node rewriter that tries what is chosen in the order of the positions.

    Parameters
    ----------
    apply_all_rewrites
        Apply each in turn to the result of the one before, instead of stopping at the first that does something.
    profile
        Accepted because Aesara has it; :func:`~aesaralite.rewriting.trace.record_rewrites` times every rewriter.
    node_rewriter
        What is made of those chosen.
    """

    def __init__(
        self,
        apply_all_rewrites: bool = False,
        profile: bool = False,
        node_rewriter: Callable[..., NodeRewriter] = SequentialNodeRewriter,
    ):
        super().__init__()
        self.apply_all_rewrites = apply_all_rewrites
        self.profile = profile
        self.node_rewriter = node_rewriter

    def _make(self, query: RewriteDatabaseQuery, chosen: dict[str, Rewriter]) -> NodeRewriter:
        made = self.node_rewriter(
            *self._ordered(chosen, query), apply_all_rewrites=self.apply_all_rewrites, profile=self.profile
        )
        made.name = self.name
        return made


class _ProxyBase(RewriteDatabase):
    """A database that hands queries on to another one."""

    def __init__(self, db: RewriteDatabase):
        if not isinstance(db, RewriteDatabase):
            raise TypeError(f"The database must be a RewriteDatabase, not {db!r}.")
        super().__init__()
        self.db = db


class TopoDB(_ProxyBase):
    """Makes one graph rewriter that walks the graph once with what another database gives.

    Parameters
    ----------
    db
        Gives the node rewriter.
    order
        ``"in_to_out"`` or ``"out_to_in"``.
    ignore_newtrees
        Don't show the nodes that rewrites make to the rewriter.
    failure_callback
        See :class:`~aesaralite.rewriting.walking.WalkingGraphRewriter`.
    """

    def __init__(
        self,
        db: RewriteDatabase,
        order: str = "in_to_out",
        ignore_newtrees: bool = False,
        failure_callback: FailureCallback | None = None,
    ):
        super().__init__(db)
        if not is_one_of(order, ("in_to_out", "out_to_in")):
            raise ValueError(f"The order must be 'in_to_out' or 'out_to_in', not {order!r}.")
        self.order = order
        self.ignore_newtrees = ignore_newtrees
        self.failure_callback = failure_callback

    def query(self, *tags: str | RewriteDatabaseQuery, **subqueries: Any) -> GraphRewriter:
        walk = in2out if self.order == "in_to_out" else out2in
        rewriter = self.db.query(*tags, **subqueries)
        if not isinstance(rewriter, NodeRewriter):
            rewriter = SequentialNodeRewriter(*rewriter)
        return walk(
            rewriter, name=self.name, ignore_newtrees=self.ignore_newtrees, failure_callback=self.failure_callback
        )


class ProxyDB(_ProxyBase):
    """A second name for a database, to register it in several places."""

    def query(self, *tags: str | RewriteDatabaseQuery, **subqueries: Any) -> Any:
        return self.db.query(*tags, **subqueries)
