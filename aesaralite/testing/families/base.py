"""Families of Ops from which small well-typed graphs are put together.

A member of a family says which arguments it takes, by their concrete shapes, and what shape comes out.
Members keep values moderate: what grows quickly or jumps is applied to inputs of the graph only, so that
rounding differences between two ways to compute a graph don't grow beyond what tests tolerate.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from aesaralite.graph.op import Op
from aesaralite.graph.variable import Variable

__all__ = ["Built", "Family", "Member", "Part", "Pick", "applied", "elementwise", "family_of", "reducing", "reindexed"]

Shape = tuple[int, ...]
Pick = Callable[[Sequence[Any]], Any]


@dataclass(frozen=True)
class Part:
    """A variable, with the shape that its value will have."""

    variable: Any
    shape: Shape

    @property
    def is_input(self) -> bool:
        """Whether the variable is an input of the graph."""
        return self.variable.owner is None

    @property
    def kind(self) -> str:
        """NumPy's letter for the kind of the dtype."""
        return np.dtype(self.variable.type.dtype).kind


Built = Part | Variable | None


@dataclass(frozen=True)
class Member:
    """One way to compute a variable from others.

    Attributes
    ----------
    build : callable
        Takes `Pick` and parts, and returns the new part, or a variable whose shape is then worked out, or None where
        the parts don't suit.
    arity : int
        How many parts it takes.
    kinds : str
        The kinds of dtypes that it takes.
    smooth : bool
        Whether it's differentiable at all values that its arguments can have.
    on_inputs : bool
        Whether it's for inputs of the graph only.
    """

    build: Callable[..., Built]
    arity: int = 1
    kinds: str = "biufc"
    smooth: bool = True
    on_inputs: bool = False

    def accepts(self, part: Part) -> bool:
        """Whether a part may be an argument."""
        return part.kind in self.kinds and (part.is_input or not self.on_inputs)


@dataclass(frozen=True)
class Family:
    """Members that have something in common."""

    members: tuple[Member, ...] = field(default=())

    def smooth_part(self) -> Family:
        """Return the family of the members that are differentiable everywhere."""
        return replace(self, members=tuple(member for member in self.members if member.smooth))

    def apply(self, pick: Pick, parts: Sequence[Part]) -> Built:
        """Compute something new.

        Parameters
        ----------
        pick : callable
            Chooses an element of a sequence.
        parts : sequence of Part
            What there is.

        Returns
        -------
        Part, Variable or None
            None where nothing suits the member that was picked.
        """
        member = pick(self.members)
        candidates = [part for part in parts if member.accepts(part)]
        if not candidates:
            return None
        # every other time what was made last, so that graphs become deep
        first = pick([*candidates, *[candidates[-1]] * len(candidates)])
        return member.build(pick, first, *(pick(candidates) for _ in range(member.arity - 1)))


def elementwise(function: Callable[..., Variable]) -> Callable[..., Built]:
    """Return the `build` of a member that computes element by element, and broadcasts."""

    def build(pick: Pick, *parts: Part) -> Built:
        try:
            shape = np.broadcast_shapes(*(part.shape for part in parts))
        except ValueError:
            return None
        return Part(function(*(part.variable for part in parts)), shape)

    return build


def reducing(function: Callable[..., Variable], of_empty: bool = True) -> Callable[..., Built]:
    """Return the `build` of a member that reduces over any axes, with or without keeping them."""

    def build(pick: Pick, part: Part) -> Built:
        ndim = len(part.shape)
        axis = pick([None, *range(-ndim, ndim), *([tuple(range(ndim))] if ndim > 1 else [])])
        keepdims = pick([False, True])
        reduced = np.sum(np.zeros(part.shape, bool), axis=axis, keepdims=keepdims).shape
        if not of_empty and 0 in part.shape:
            return None
        return Part(function(part.variable, axis=axis, keepdims=keepdims), reduced)

    return build


def reindexed(function: Callable[[Pick, Part], tuple[Variable, Any] | None]) -> Callable[..., Built]:
    """Return the `build` of a member that moves elements.

    `function` gives the variable, and what NumPy makes of zeros in the same way.
    """

    def build(pick: Pick, part: Part) -> Built:
        result = function(pick, part)
        return None if result is None else Part(result[0], np.shape(result[1]))

    return build


def applied(function: Callable[..., Any]) -> Callable[..., Built]:
    """Return the `build` of a member that applies an Op, or a function of variables, to whatever suits it.

    What the type rule refuses doesn't suit. Of several outputs, any may come.
    """

    def build(pick: Pick, *parts: Part) -> Built:
        try:
            result = function(*(part.variable for part in parts))
        except (TypeError, ValueError, IndexError, NotImplementedError):
            return None
        outputs = list(result) if isinstance(result, (list, tuple)) else [result]
        return pick(outputs) if len(outputs) > 1 else outputs[0]

    return build


def family_of(ops: Sequence[Callable[..., Any]], smooth: bool = True) -> Family:
    """Return the family of some Ops, or functions of variables.

    Parameters
    ----------
    ops : sequence of callable
        Each takes as many variables as its signature says. One of any number takes two.
    smooth : bool
        Whether they are differentiable at all values that their arguments can have.

    Examples
    --------
    >>> import aesaralite.tensor as at
    >>> [member.arity for member in family_of([at.exp, at.arctan2, at.dot]).members]
    [1, 2, 2]
    """
    return Family(tuple(Member(applied(op), arity=_arity(op), smooth=smooth) for op in ops))


def _arity(op: Any) -> int:
    count = getattr(op, "nin", None)
    if isinstance(count, int):
        return count if count > 0 else 2
    itypes = getattr(op, "itypes", None)
    if itypes is not None:
        return len(itypes)
    parameters = inspect.signature(op.make_node if isinstance(op, Op) else op).parameters.values()
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    required = sum(p.default is p.empty for p in positional)
    return required + 2 if any(p.kind is p.VAR_POSITIONAL for p in parameters) and not required else max(required, 1)
