"""The phases of rewriting, in order: the table that says what happens to a graph before it's compiled.

`optdb` is made of it. A rewrite joins a phase by one of the decorators at the end, and a query chooses phases and
rewrites by their tags.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aesaralite.rewriting.base import NodeRewriter, Rewriter
from aesaralite.rewriting.db import EquilibriumDB, RewriteDatabase, SequenceDB
from aesaralite.rewriting.merge import MergeOptimizer
from aesaralite.rewriting.provenance import CheckStackTraceRewriter

optdb = SequenceDB()
optdb.name = "optdb"

PHASES: tuple[tuple[float, str, Rewriter | RewriteDatabase, tuple[str, ...]], ...] = (
    # Equal nodes become one, from here on also those that rewrites make.
    (0.0, "merge1", MergeOptimizer(), ("fast_run", "fast_compile", "merge")),
    # One form for what can be written in many: sums, products, shapes, fills, dimensions, indices.
    (1.0, "canonicalize", EquilibriumDB(ignore_newtrees=False), ("fast_run", "fast_compile", "canonicalize_db")),
    # What is exact on paper and not in floats gets a form that is accurate; canonical forms are kept meanwhile.
    (1.5, "stabilize", EquilibriumDB(ignore_newtrees=False), ("fast_run", "stabilize_db")),
    # Cheaper Ops for special cases.
    (2.0, "specialize", EquilibriumDB(ignore_newtrees=False), ("fast_run", "specialize_db")),
    # Where the canonical form isn't the cheapest, another one.
    (3.0, "uncanonicalize", EquilibriumDB(ignore_newtrees=False), ("fast_run", "uncanonicalize_db")),
    (100.0, "check_stack_trace", CheckStackTraceRewriter(), ("fast_run", "fast_compile")),
)

for _position, _name, _rewriter, _tags in PHASES:
    optdb.register(_name, _rewriter, *_tags, position=_position)

# A query for this phase alone merges, too: many rules need to see that two variables are the same.
optdb["canonicalize"].register("merge", MergeOptimizer(), "fast_run", "fast_compile")


def _registrar(phase: str, *also: str) -> Callable[..., Any]:
    """Return a function that registers rewrites in a phase, and in others under the name of this one."""

    def register(rewriter: Any, *tags: str, name: str | None = None, **kwargs: Any) -> Any:
        if isinstance(rewriter, str):
            return lambda decorated: register(decorated, rewriter, *tags, name=name, **kwargs)
        key = name or rewriter.name
        if "fast_run" not in tags and "-fast_run" not in tags:
            tags = ("fast_run", *tags)
        tags = tuple(tag for tag in tags if not tag.startswith("-"))
        optdb[phase].register(key, rewriter, *tags, **kwargs)
        for other in also:
            if key not in optdb[other]:
                optdb[other].register(key, rewriter, *tags, phase, use_db_name_as_tag=False, **kwargs)
        return rewriter

    register.__name__ = f"register_{phase}"
    register.__doc__ = f"""Register a rewriter in the phase {phase!r} (a decorator).

    Parameters
    ----------
    rewriter
        The rewriter; or the first tag, when tags are given: ``@{register.__name__}("fast_compile")``.
    *tags
        Its tags besides "fast_run"; "-fast_run" leaves that out.
    name
        Its name in the database, if not the rewriter's own.
    """
    return register


register_canonicalize = _registrar("canonicalize", "stabilize")
register_stabilize = _registrar("stabilize")
register_specialize = _registrar("specialize")
register_uncanonicalize = _registrar("uncanonicalize")


def register_useless(rewriter: Any, *tags: str, name: str | None = None, **kwargs: Any) -> Any:
    """Register a rewriter that takes away what does nothing: in the phases "canonicalize" and "specialize".

    Parameters are those of `register_canonicalize`.
    """
    if isinstance(rewriter, str):
        return lambda decorated: register_useless(decorated, rewriter, *tags, name=name, **kwargs)
    tags = ("fast_run", "fast_compile", "useless", *tags)
    register_canonicalize(rewriter, *tags, name=name, **kwargs)
    register_specialize(rewriter, *tags, name=name, **kwargs)
    return rewriter


def register_table(register: Callable[..., Any], table: Mapping[str, NodeRewriter], *tags: str) -> None:
    """Register a table of rules, each under its key, in the table's order."""
    for name, rule in table.items():
        rule.name = name
        register(rule, *tags)
