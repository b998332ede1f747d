"""Strategies for graphs that a rewriter can do something with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from hypothesis import strategies as st

from aesaralite.graph.op import Op
from aesaralite.graph.variable import Variable
from aesaralite.rewriting.base import NodeRewriter
from aesaralite.rewriting.pattern import PatternNodeRewriter
from aesaralite.rewriting.rule import Call, Hole, Product, Rule, Sum
from aesaralite.testing.cases import GraphCase
from aesaralite.testing.families.base import Family, Member, applied, family_of
from aesaralite.testing.families.tables import FAMILIES
from aesaralite.testing.strategies.of_graphs import graphs

__all__ = ["pattern_members", "rewritable"]


def rewritable(
    rewrite: Any, patterns: Sequence[Callable[..., Variable]] = (), **options: Any
) -> st.SearchStrategy[GraphCase]:
    """Graphs with what a rewriter looks for.

    What that is, is told by a rule, by a `PatternNodeRewriter`, and by the Ops that a node rewriter tracks. Of other
    rewriters nothing is known, and graphs are of all kinds.

    Parameters
    ----------
    rewrite : Rewriter or str
        The rewriter.
    patterns : sequence of callable
        Functions of variables that make what the rewriter looks for.
    **options
        As for `graphs`.

    Examples
    --------
    >>> import aesaralite.tensor as at
    >>> from aesaralite.rewriting.pattern import PatternNodeRewriter
    >>> case = rewritable(PatternNodeRewriter((at.neg, (at.neg, "x")), "x")).example()
    >>> len(case.outputs)
    1
    """
    members = [*(Member(applied(pattern), arity=_count(pattern)) for pattern in patterns), *pattern_members(rewrite)]
    if not members:
        return graphs(**options)
    # the pattern comes about every other time: its inputs are made of other things, and other things of it
    families = {"what it looks for": Family(tuple(members)), "others": _OTHERS}
    return graphs(**{"families": families, "max_nodes": 4, **options})


_OTHERS = Family(
    tuple(member for name in ("unary", "binary", "dims", "indexing", "reduction") for member in FAMILIES[name].members)
)


def pattern_members(rewrite: Any) -> list[Member]:
    """Return members of families that make what a rewriter looks for, as far as it tells."""
    if isinstance(rewrite, Rule):
        holes = list(dict.fromkeys(hole.name for hole in _holes(rewrite.pattern)))
        return [
            Member(applied(lambda *args: rewrite.pattern.build(dict(zip(holes, args)))), arity=len(holes), kinds="f")
        ]
    if isinstance(rewrite, PatternNodeRewriter):
        names = list(dict.fromkeys(_names(rewrite.in_pattern)))
        return [
            Member(applied(lambda *args: _build(rewrite.in_pattern, dict(zip(names, args)))), arity=max(len(names), 1))
        ]
    if isinstance(rewrite, NodeRewriter):
        ops = [track for track in rewrite.tracks() or () if isinstance(track, Op)]
        return list(family_of(ops).members) if ops else []
    return []


def _holes(expression: Any) -> Iterator[Hole]:
    if isinstance(expression, Hole):
        yield expression
    parts = expression.args if isinstance(expression, Call) else ()
    if isinstance(expression, (Sum, Product)):
        parts = [part for _, part in expression.parts]
    for part in parts:
        yield from _holes(part)


def _names(pattern: Any) -> Iterator[str]:
    if isinstance(pattern, str):
        yield pattern
    elif isinstance(pattern, dict):
        yield from _names(pattern["pattern"])
    elif isinstance(pattern, (list, tuple)):
        for part in pattern[1:]:
            yield from _names(part)


def _build(pattern: Any, variables: dict[str, Variable]) -> Any:
    if isinstance(pattern, str):
        return variables[pattern]
    if isinstance(pattern, dict):
        return _build(pattern["pattern"], variables)
    if isinstance(pattern, (list, tuple)):
        op = pattern[0] if isinstance(pattern[0], Op) else pattern[0]()
        return op(*(_build(part, variables) for part in pattern[1:]))
    return pattern


def _count(pattern: Any) -> int:
    return family_of([pattern]).members[0].arity
