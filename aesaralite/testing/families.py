"""Families of Ops from which small well-typed graphs are put together.

A member of a family says which arguments it takes, by their concrete shapes, and what shape comes out.
Members keep values moderate: what grows quickly or jumps is applied to inputs of the graph only, so that
rounding differences between two ways to compute a graph don't grow beyond what tests tolerate.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from aesaralite.graph.variable import Variable
from aesaralite.tensor import joining, pointwise, special
from aesaralite.tensor.creation import ones_like, zeros_like
from aesaralite.tensor.indexing import inc_subtensor, set_subtensor
from aesaralite.tensor.products import dot

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


@dataclass(frozen=True)
class Member:
    """One way to compute a variable from others.

    Attributes
    ----------
    build : callable
        Takes `Pick` and parts, and returns the new part, or None where the parts don't suit.
    arity : int
        How many parts it takes.
    kinds : str
        The kinds of dtypes that it takes.
    smooth : bool
        Whether it's differentiable at all values that its arguments can have.
    on_inputs : bool
        Whether it's for inputs of the graph only.
    """

    build: Callable[..., Part | None]
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

    def apply(self, pick: Pick, parts: Sequence[Part]) -> Part | None:
        """Compute something new.

        Parameters
        ----------
        pick : callable
            Chooses an element of a sequence.
        parts : sequence of Part
            What there is.

        Returns
        -------
        Part or None
            None where nothing suits the member that was picked.
        """
        member = pick(self.members)
        candidates = [part for part in parts if member.accepts(part)]
        if not candidates:
            return None
        return member.build(pick, *(pick(candidates) for _ in range(member.arity)))


def elementwise(function: Callable[..., Variable]) -> Callable[..., Part | None]:
    """Return the `build` of a member that computes element by element, and broadcasts."""

    def build(pick: Pick, *parts: Part) -> Part | None:
        try:
            shape = np.broadcast_shapes(*(part.shape for part in parts))
        except ValueError:
            return None
        return Part(function(*(part.variable for part in parts)), shape)

    return build


def reducing(function: Callable[..., Variable], of_empty: bool = True) -> Callable[..., Part | None]:
    """Return the `build` of a member that reduces over any axes, with or without keeping them."""

    def build(pick: Pick, part: Part) -> Part | None:
        ndim = len(part.shape)
        axis = pick([None, *range(-ndim, ndim), *([tuple(range(ndim))] if ndim > 1 else [])])
        keepdims = pick([False, True])
        reduced = np.sum(np.zeros(part.shape, bool), axis=axis, keepdims=keepdims).shape
        if not of_empty and 0 in part.shape:
            return None
        return Part(function(part.variable, axis=axis, keepdims=keepdims), reduced)

    return build


def reindexed(function: Callable[[Pick, Part], tuple[Variable, Any] | None]) -> Callable[..., Part | None]:
    """Return the `build` of a member that moves elements.

    `function` gives the variable, and what NumPy makes of zeros in the same way.
    """

    def build(pick: Pick, part: Part) -> Part | None:
        result = function(pick, part)
        return None if result is None else Part(result[0], np.shape(result[1]))

    return build


def _both(part: Part, function: Callable[[Any], Any]) -> tuple[Variable, Any]:
    return function(part.variable), function(np.zeros(part.shape))


def _permuted(pick: Pick, part: Part) -> tuple[Variable, Any]:
    axes = list(range(len(part.shape)))
    order = []
    while axes:
        order.append(axes.pop(axes.index(pick(axes))))
    return _both(part, lambda x: x.transpose(order))


def _widened(pick: Pick, part: Part) -> tuple[Variable, Any]:
    axis = pick(range(len(part.shape) + 1))
    order: list[Any] = [*range(axis), "x", *range(axis, len(part.shape))]
    return part.variable.dimshuffle(order), np.expand_dims(np.zeros(part.shape), axis)


def _flat(pick: Pick, part: Part) -> tuple[Variable, Any] | None:
    if 0 in part.shape:
        return None
    new_shape = pick([(-1,), (1, -1), (-1, 1)])
    return _both(part, lambda x: x.reshape(new_shape))


def _sliced(pick: Pick, part: Part) -> tuple[Variable, Any] | None:
    if not part.shape:
        return None
    entries = [slice(None), slice(None, None, -1), slice(1, None), slice(None, -1), slice(0, 2), slice(-3, None, 2)]
    index = tuple(pick([*entries, None]) if i else pick(entries) for i in range(pick(range(1, len(part.shape) + 1))))
    return _both(part, lambda x: x[index])


def _picked(pick: Pick, part: Part) -> tuple[Variable, Any] | None:
    if not part.shape or part.shape[0] == 0:
        return None
    index = pick([0, -1, part.shape[0] - 1])
    return _both(part, lambda x: x[index])


def _gathered(pick: Pick, part: Part) -> tuple[Variable, Any] | None:
    if not part.shape or part.shape[0] == 0:
        return None
    index = pick([np.array([0, -1, 0]), np.array([[0], [-1]]), np.arange(part.shape[0]) % 2 == 0])
    return _both(part, lambda x: x[index])


def _written(write: Callable[..., Variable]) -> Callable[..., tuple[Variable, Any] | None]:
    def function(pick: Pick, part: Part) -> tuple[Variable, Any] | None:
        if not part.shape or part.shape[0] == 0:
            return None
        index = pick([0, -1, slice(None, None, 2), slice(1, None), np.array([0, -1, 0])])
        return write(part.variable[index], part.variable.sum()), np.zeros(part.shape)

    return function


def _joined(pick: Pick, a: Part, b: Part) -> Part | None:
    if not a.shape or len(a.shape) != len(b.shape):
        return None
    axis = pick(range(len(a.shape)))
    try:
        shape = np.concatenate([np.zeros(a.shape), np.zeros(b.shape)], axis=axis).shape
    except ValueError:
        return None
    return Part(joining.concatenate([a.variable, b.variable], axis=axis), shape)


def _stacked(pick: Pick, a: Part, b: Part) -> Part | None:
    if a.shape != b.shape:
        return None
    axis = pick(range(len(a.shape) + 1))
    return Part(joining.stack([a.variable, b.variable], axis=axis), np.stack([np.zeros(a.shape)] * 2, axis=axis).shape)


def _dotted(pick: Pick, a: Part, b: Part) -> Part | None:
    if not (1 <= len(a.shape) <= 2 and 1 <= len(b.shape) <= 2):
        return None
    try:
        shape = np.shape(np.dot(np.zeros(a.shape), np.zeros(b.shape)))
    except ValueError:
        return None
    return Part(dot(a.variable, b.variable), shape)


def _softmaxed(pick: Pick, part: Part) -> tuple[Variable, Any] | None:
    if not part.shape or 0 in part.shape:
        return None
    function = pick([special.softmax, special.log_softmax])
    return function(part.variable, axis=pick(range(-len(part.shape), len(part.shape)))), np.zeros(part.shape)


def _larger_or_negated(a: Any, b: Any) -> Variable:
    return pointwise.switch(a > b, a, -b)


def _unary(function: Callable[[Any], Variable], **kwargs: Any) -> Member:
    return Member(elementwise(function), **kwargs)


FAMILIES: dict[str, Family] = {
    "unary": Family(
        (
            _unary(pointwise.tanh, kinds="iuf"),
            _unary(pointwise.sigmoid, kinds="iuf"),
            _unary(pointwise.softplus, kinds="iuf"),
            _unary(pointwise.arctan, kinds="iuf"),
            _unary(pointwise.erf, kinds="iuf"),
            _unary(pointwise.neg, kinds="if"),
            _unary(lambda x: pointwise.log1p(pointwise.sqr(x)), kinds="f", on_inputs=True),
            _unary(lambda x: pointwise.sqrt(1 + pointwise.sqr(x)), kinds="f", on_inputs=True),
            _unary(pointwise.exp, kinds="f", on_inputs=True),
            _unary(pointwise.expm1, kinds="f", on_inputs=True),
            _unary(pointwise.sin, kinds="f", on_inputs=True),
            _unary(pointwise.cos, kinds="f", on_inputs=True),
            _unary(pointwise.sqr, kinds="f", on_inputs=True),
            _unary(lambda x: x * 0.5, kinds="f"),
            _unary(lambda x: 1 - x, kinds="if"),
            _unary(pointwise.abs, kinds="if", smooth=False),
            _unary(pointwise.floor, kinds="f", smooth=False, on_inputs=True),
            _unary(pointwise.sgn, kinds="if", smooth=False, on_inputs=True),
            _unary(pointwise.log, kinds="f", smooth=False, on_inputs=True),
            _unary(pointwise.sqrt, kinds="f", smooth=False, on_inputs=True),
        )
    ),
    "binary": Family(
        (
            Member(elementwise(pointwise.add), arity=2, kinds="iuf"),
            Member(elementwise(pointwise.sub), arity=2, kinds="iuf"),
            Member(elementwise(pointwise.mul), arity=2, kinds="iuf", on_inputs=True),
            Member(elementwise(lambda a, b: a * pointwise.tanh(b)), arity=2, kinds="f"),
            Member(elementwise(lambda a, b: a / (1 + pointwise.sqr(pointwise.tanh(b)))), arity=2, kinds="f"),
            Member(elementwise(pointwise.arctan2), arity=2, kinds="f", smooth=False, on_inputs=True),
            Member(elementwise(pointwise.maximum), arity=2, kinds="iuf", smooth=False),
            Member(elementwise(pointwise.minimum), arity=2, kinds="iuf", smooth=False),
        )
    ),
    "choice": Family(
        (
            Member(
                elementwise(lambda a, b: pointwise.switch(a > b, a, -b)),
                arity=2,
                kinds="if",
                smooth=False,
                on_inputs=True,
            ),
            Member(elementwise(lambda a: pointwise.switch(a > 0, a, a * 2)), kinds="iuf", smooth=False, on_inputs=True),
            Member(elementwise(lambda a: pointwise.clip(a, -1, 1)), kinds="if", smooth=False),
        )
    ),
    "reduction": Family(
        (
            Member(reducing(lambda x, **kw: x.sum(**kw)), kinds="iuf"),
            Member(reducing(lambda x, **kw: x.mean(**kw), of_empty=False), kinds="f"),
            Member(reducing(lambda x, **kw: x.var(**kw), of_empty=False), kinds="f"),
            Member(reducing(lambda x, **kw: x.prod(**kw)), kinds="f", on_inputs=True),
            Member(reducing(lambda x, **kw: x.max(**kw), of_empty=False), kinds="iuf", smooth=False),
            Member(reducing(lambda x, **kw: x.min(**kw), of_empty=False), kinds="iuf", smooth=False),
        )
    ),
    "dims": Family((Member(reindexed(_permuted)), Member(reindexed(_widened)), Member(reindexed(_flat)))),
    "indexing": Family((Member(reindexed(_sliced)), Member(reindexed(_picked)), Member(reindexed(_gathered)))),
    "update": Family(
        (
            Member(reindexed(_written(set_subtensor)), kinds="f"),
            Member(reindexed(_written(inc_subtensor)), kinds="f"),
        )
    ),
    "joining": Family((Member(_joined, arity=2), Member(_stacked, arity=2))),
    "product": Family((Member(_dotted, arity=2, kinds="f"),)),
    "softmax": Family((Member(reindexed(_softmaxed), kinds="f"),)),
    "creation": Family((Member(elementwise(zeros_like)), Member(elementwise(ones_like)))),
    "cast": Family(
        (
            Member(elementwise(lambda x: x.astype("float32")), kinds="iuf"),
            Member(elementwise(lambda x: x.astype("float64")), kinds="iuf"),
            Member(elementwise(lambda x: x.astype("int32")), kinds="biu", on_inputs=True),
        )
    ),
}
"""Families by name."""
