"""Locks over a fork.

A process that is forked has one thread, and a copy of every lock. One that another thread held at that moment would
stay closed for ever, and what it guards may be half changed. So the thread that forks takes the locks first.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, NamedTuple

__all__ = ["at_fork", "hold_over_fork"]

_Action = Callable[[], Any]


class _Guard(NamedTuple):
    before: _Action
    in_parent: _Action
    in_child: _Action


_guards: list[_Guard] = []


def at_fork(before: _Action, in_parent: _Action, in_child: _Action, *, first: bool = False) -> None:
    """Run something before and after each fork of this process.

    Parameters
    ----------
    before
        What to run before the fork.
    in_parent, in_child
        What to run after it.
    first
        Whether `before` comes before that of all others, because who holds what it waits for may wait for theirs.
    """
    _guards.insert(0 if first else len(_guards), _Guard(before, in_parent, in_child))


def hold_over_fork(lock: Any) -> None:
    """Let an `RLock` that may be taken at any time, and is given back soon, be held by the thread that forks."""
    at_fork(lock.acquire, lock.release, lock.release)


def _run_before() -> None:
    for guard in _guards:
        guard.before()


def _run_in_parent() -> None:
    for guard in reversed(_guards):
        guard.in_parent()


def _run_in_child() -> None:
    for guard in reversed(_guards):
        guard.in_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_run_before, after_in_parent=_run_in_parent, after_in_child=_run_in_child)
