"""Which rewrites of a database are wanted."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aesaralite.rewriting.base import Rewriter

from aesaralite.graph.arguments import as_list, described


class RewriteDatabaseQuery:
    """A choice of rewrites by their tags.

    Parameters
    ----------
    include
        A rewrite is chosen if it has one of these tags,
    require
        and all of these,
    exclude
        and none of these.
    subquery
        Maps names of nested databases to the queries to use inside them, instead of this one.
    position_cutoff
        Leave out what stands at this position of a sequence or behind it.
    extra_rewrites
        Rewrites to add to the chosen ones: ``rewriter`` or, in a sequence, ``(rewriter, position)``.
    """

    def __init__(
        self,
        include: Iterable[str | None],
        require: Iterable[str] | None = None,
        exclude: Iterable[str] | None = None,
        subquery: Mapping[str, RewriteDatabaseQuery] | None = None,
        position_cutoff: float = math.inf,
        extra_rewrites: Sequence[Rewriter | tuple[Rewriter, float]] | None = None,
        name: str | None = None,
    ):
        self.include = _tags(include)
        self.require = _tags(require)
        self.exclude = _tags(exclude)
        self.subquery = dict(subquery or {})
        self.position_cutoff = math.inf if position_cutoff is None else float(position_cutoff)
        self.extra_rewrites = list(extra_rewrites or ())
        self.name = name

    def including(self, *tags: str) -> RewriteDatabaseQuery:
        """Return this query with `tags` added to those that are chosen."""
        return self._copy(include=(*self.include, *tags))

    def excluding(self, *tags: str) -> RewriteDatabaseQuery:
        """Return this query with `tags` added to those that are left out."""
        return self._copy(exclude=(*self.exclude, *tags))

    def requiring(self, *tags: str) -> RewriteDatabaseQuery:
        """Return this query with `tags` added to those that are required."""
        return self._copy(require=(*self.require, *tags))

    def register(self, *rewriters: Rewriter | tuple[Rewriter, float]) -> RewriteDatabaseQuery:
        """Return this query with `rewriters` added to whatever the tags choose."""
        return self._copy(extra_rewrites=[*self.extra_rewrites, *rewriters])

    def without_extras(self) -> RewriteDatabaseQuery:
        """Return this query for a nested database: the extra rewrites belong to the outer one."""
        return self._copy(extra_rewrites=()) if self.extra_rewrites else self

    def key(self) -> tuple[Any, ...]:
        """Return something hashable that two queries share when they choose the same."""
        return (
            tuple(self.include),
            frozenset(self.require),
            frozenset(self.exclude),
            tuple((name, query.key()) for name, query in sorted(self.subquery.items())),
            self.position_cutoff,
            tuple(self.extra_rewrites),
        )

    def _copy(self, **changes: Any) -> RewriteDatabaseQuery:
        arguments = {
            "include": self.include,
            "require": self.require,
            "exclude": self.exclude,
            "subquery": self.subquery,
            "position_cutoff": self.position_cutoff,
            "extra_rewrites": self.extra_rewrites,
            "name": self.name,
        }
        return type(self)(**{**arguments, **changes})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RewriteDatabaseQuery) and self.key() == other.key()

    def __hash__(self) -> int:
        return hash(self.key())

    def __repr__(self) -> str:
        parts = [f"include={list(self.include)}"]
        parts += [
            f"{name}={list(getattr(self, name))}"
            for name in ("require", "exclude", "extra_rewrites")
            if getattr(self, name)
        ]
        if self.position_cutoff != math.inf:
            parts.append(f"position_cutoff={self.position_cutoff}")
        if self.subquery:
            parts.append(f"subquery={self.subquery}")
        return f"RewriteDatabaseQuery({', '.join(parts)})"


def _tags(tags: Any) -> dict[str | None, None]:
    """Return tags without repetitions, in their order."""
    found = as_list(tags, "tags") if tags is not None else []
    for tag in found:
        if tag is not None and not isinstance(tag, str):
            raise TypeError(f"A tag of rewrites must be a text, got {described(tag)}")
    return dict.fromkeys(found)


def query_of_tags(tags: Sequence[str | RewriteDatabaseQuery], subqueries: Mapping[str, Any]) -> RewriteDatabaseQuery:
    """Read ``"+include"``, ``"&require"`` and ``"-exclude"``; a keyword names a nested database and gives its tags.

    Raises
    ------
    TypeError
        If a query comes together with tags.
    ValueError
        If a tag begins with none of the three signs.
    """
    if tags and isinstance(tags[0], RewriteDatabaseQuery):
        if len(tags) > 1 or subqueries:
            raise TypeError("Give either one RewriteDatabaseQuery, or tags and keywords; not both.")
        return tags[0]
    chosen: dict[str, list[str]] = {"+": [], "&": [], "-": []}
    for tag in tags:
        if not isinstance(tag, str) or tag[:1] not in chosen:
            raise ValueError(f"The tag {tag!r} must begin with '+' (include), '&' (require) or '-' (exclude).")
        chosen[tag[0]].append(tag[1:])
    nested = {name: query_of_tags(q if isinstance(q, (list, tuple)) else (q,), {}) for name, q in subqueries.items()}
    return RewriteDatabaseQuery(include=chosen["+"], require=chosen["&"], exclude=chosen["-"], subquery=nested)
