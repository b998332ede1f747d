"""Pieces of work that a program is put together from."""

from __future__ import annotations

from dataclasses import dataclass

from .expr import Axis, Expr
from .ir import Step


@dataclass(eq=False)
class Cluster:
    """Groups that run together; `places` tells which axes of each are the rows, once that is decided."""

    items: list[Item]
    places: dict[Item, tuple[int, ...]]

    def sizes(self) -> tuple[Expr, ...]:
        """Sizes of the rows."""
        item, places = next(iter(self.places.items()))
        return tuple(item.axes[place].size for place in places)


class Item:
    """Work that runs as a unit: a group of maps and reductions, a build, a call, a callback, a guard, a commit.

    Attributes
    ----------
    members
        What it makes or does, in order.
    axes, indices
        The domain of a group.
    nest
        The groups that run together row by row, if it consists of such.
    needs
        Items that come before.
    """

    __slots__ = ("axes", "commits", "indices", "members", "needs", "nest", "seq", "steps")

    def __init__(self, seq: int, members: list, axes: tuple[Axis, ...] = (), indices: tuple[Expr, ...] = ()) -> None:
        self.seq = seq
        self.members = members
        self.axes = axes
        self.indices = indices
        self.nest: Cluster | None = None
        self.needs: set[Item] = set()
        self.steps: list[Step] = []
        self.commits = False
