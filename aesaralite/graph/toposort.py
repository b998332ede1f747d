"""The topological sort that everything in the graph shares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

T = TypeVar("T")


def general_toposort(
    outputs: Iterable[T],
    deps: Callable[[T], Sequence[T] | None],
    compute_deps_cache: Callable[[T], Sequence[T] | None] | None = None,
    deps_cache: dict[T, list[T]] | None = None,
    clients: dict[T, list[T]] | None = None,
) -> list[T]:
    """Return everything that `outputs` depend on, each thing behind what it depends on.

    Parameters
    ----------
    outputs : iterable
        Where to start.
    deps : callable
        Returns what a thing directly depends on. It must be deterministic.
    compute_deps_cache, deps_cache
        A caching form of `deps` and its cache, where the caller has one.
    clients : dict, optional
        Filled with the things that directly depend on each thing.

    Raises
    ------
    ValueError
        If the dependencies form a circle.
    """
    get = compute_deps_cache if compute_deps_cache is not None else deps
    order: list[T] = []
    state: dict[T, int] = {}
    for start in outputs:
        if start in state:
            continue
        stack: list[tuple[T, Any]] = [(start, iter(_clients_noted(start, get(start) or (), clients)))]
        state[start] = 1
        while stack:
            node, children = stack[-1]
            for child in children:
                progress = state.get(child)
                if progress is None:
                    state[child] = 1
                    stack.append((child, iter(_clients_noted(child, get(child) or (), clients))))
                    break
                if progress == 1:
                    raise ValueError(f"The graph contains a circle through {child}")
            else:
                stack.pop()
                state[node] = 2
                order.append(node)
    return order


def _clients_noted(node: T, deps: Sequence[T], clients: dict[T, list[T]] | None) -> Sequence[T]:
    if clients is not None:
        for dep in deps:
            clients.setdefault(dep, []).append(node)
    return deps
