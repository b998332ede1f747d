"""Families of what moves elements, and of what combines those of one array."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from aesaralite.graph.variable import Variable
from aesaralite.tensor import (
    assertion,
    creation,
    cumulative,
    diagonals,
    extras,
    joining,
    pointwise,
    reduction,
    reshaping,
    shaping,
    sorting,
    special,
    statistics,
)
from aesaralite.tensor.indexing import inc_subtensor, set_subtensor, take_along_axis
from aesaralite.testing.families.base import Built, Family, Member, Part, Pick, elementwise, reducing, reindexed

__all__ = [
    "CREATION", "CUMULATIVE", "DIAGONAL", "DIMS", "INDEXING", "JOINING", "MASKING", "REDUCTION", "REPEATING", "SHAPES",
    "SOFTMAX", "SORTING", "UPDATE",
]  # fmt: skip


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


def _joined(pick: Pick, a: Part, b: Part) -> Built:
    if not a.shape or len(a.shape) != len(b.shape):
        return None
    axis = pick(range(len(a.shape)))
    try:
        shape = np.concatenate([np.zeros(a.shape), np.zeros(b.shape)], axis=axis).shape
    except ValueError:
        return None
    return Part(joining.concatenate([a.variable, b.variable], axis=axis), shape)


def _stacked(pick: Pick, a: Part, b: Part) -> Built:
    if a.shape != b.shape:
        return None
    axis = pick(range(len(a.shape) + 1))
    return Part(joining.stack([a.variable, b.variable], axis=axis), np.stack([np.zeros(a.shape)] * 2, axis=axis).shape)


def _softmaxed(pick: Pick, part: Part) -> tuple[Variable, Any] | None:
    if not part.shape or 0 in part.shape:
        return None
    function = pick([special.softmax, special.log_softmax])
    return function(part.variable, axis=pick(range(-len(part.shape), len(part.shape)))), np.zeros(part.shape)


def _along(function: Callable[..., Variable]) -> Callable[..., Built]:
    """Return the `build` of a member that works along one axis, of which there's at least one element."""

    def build(pick: Pick, part: Part) -> Built:
        if not part.shape or 0 in part.shape:
            return None
        return function(part.variable, axis=pick(range(-len(part.shape), len(part.shape))))

    return build


def _when(suits: Callable[[Part], bool], function: Callable[..., Any]) -> Callable[..., Built]:
    """Return the `build` of a member for some parts only."""
    return lambda pick, part: function(part.variable) if suits(part) else None


def _is_matrix(part: Part) -> bool:
    return len(part.shape) == 2


def _is_vector(part: Part) -> bool:
    return len(part.shape) == 1


def _is_small(part: Part) -> bool:
    return len(part.shape) < 3


def _has_elements(part: Part) -> bool:
    return bool(part.shape) and 0 not in part.shape


def _as_row(x: Any) -> Variable:
    return shaping.specify_broadcastable(x, 0)


def _specified(pick: Pick, part: Part) -> Built:
    return shaping.specify_shape(part.variable, tuple(pick([size, None]) for size in part.shape))


def _asserted(pick: Pick, part: Part) -> Built:
    return (
        assertion.Assert("never")(part.variable, pointwise.eq(part.variable.shape[0], part.shape[0]))
        if part.shape
        else None
    )


def _allocated(pick: Pick, part: Part) -> Built:
    return creation.alloc(
        part.variable, *(pick([1, 2]) if i < 0 else size for i, size in [(-1, 0), *enumerate(part.shape)])
    )


DIMS = Family(
    (
        Member(reindexed(_permuted)),
        Member(reindexed(_widened)),
        Member(reindexed(_flat)),
        # NumPy can't tell the size that -1 stands for beside a 0
        Member(_when(lambda part: len(part.shape) == 3 and part.shape[0] > 0, lambda x: x.reshape((x.shape[0], -1)))),
        Member(_when(_is_matrix, lambda x: reshaping.swapaxes(x, 0, 1))),
        Member(_when(lambda part: len(part.shape) > 1, lambda x: reshaping.moveaxis(x, 0, -1))),
        Member(
            _when(lambda part: 1 in part.shape[:1], lambda x: reshaping.squeeze(shaping.specify_broadcastable(x, 0), 0))
        ),
    )
)

SHAPES = Family(
    (
        Member(lambda pick, part: part.variable.shape, smooth=False),
        Member(lambda pick, part: part.variable.size, smooth=False),
        Member(_specified),
        Member(_asserted),
    )
)

INDEXING = Family((Member(reindexed(_sliced)), Member(reindexed(_picked)), Member(reindexed(_gathered))))

MASKING = Family(
    (
        Member(_when(_has_elements, lambda x: x[x > 0]), kinds="iuf", smooth=False, on_inputs=True),
        Member(
            _when(_is_vector, lambda x: reshaping.flatten(joining.stack(x.nonzero()))),
            kinds="iuf",
            smooth=False,
            on_inputs=True,
        ),
    )
)

UPDATE = Family(
    (
        Member(reindexed(_written(set_subtensor)), kinds="f"),
        Member(reindexed(_written(inc_subtensor)), kinds="f"),
    )
)

JOINING = Family(
    (
        Member(_joined, arity=2),
        Member(_stacked, arity=2),
        Member(
            _when(
                lambda part: bool(part.shape) and part.shape[0] > 1,
                lambda x: joining.split(x, [1, x.shape[0] - 1], 2)[1],
            )
        ),
    )
)

REPEATING = Family(
    (
        Member(_when(_is_small, lambda x: joining.tile(x, (2,) * max(x.type.ndim, 1)))),
        Member(_along(lambda x, axis: extras.repeat(x, 2, axis=axis % x.type.ndim))),
        Member(_along(lambda x, axis: joining.roll(x, 1, axis=axis % x.type.ndim))),
        Member(_along(lambda x, axis: extras.flip(x, axis=axis))),
        Member(_along(lambda x, axis: cumulative.diff(x, axis=axis)), kinds="iuf"),
    )
)

REDUCTION = Family(
    (
        Member(reducing(lambda x, **kw: x.sum(**kw)), kinds="iuf"),
        Member(reducing(lambda x, **kw: x.mean(**kw), of_empty=False), kinds="f"),
        Member(reducing(lambda x, **kw: x.var(**kw), of_empty=False), kinds="f"),
        Member(reducing(lambda x, **kw: x.prod(**kw)), kinds="f", on_inputs=True),
        Member(reducing(lambda x, **kw: x.max(**kw), of_empty=False), kinds="iuf", smooth=False),
        Member(reducing(lambda x, **kw: x.min(**kw), of_empty=False), kinds="iuf", smooth=False),
        Member(reducing(lambda x, **kw: x.argmax(**kw), of_empty=False), kinds="iuf", smooth=False, on_inputs=True),
        Member(reducing(lambda x, **kw: x.argmin(**kw), of_empty=False), kinds="iuf", smooth=False, on_inputs=True),
        Member(reducing(lambda x, **kw: reduction.any(x > 0, **kw)), kinds="iuf", smooth=False, on_inputs=True),
        Member(reducing(lambda x, **kw: reduction.all(x > 0, **kw)), kinds="iuf", smooth=False, on_inputs=True),
        Member(reducing(statistics.logsumexp, of_empty=False), kinds="f"),
        Member(reducing(statistics.ptp, of_empty=False), kinds="f", smooth=False),
        Member(reducing(statistics.median, of_empty=False), kinds="f", smooth=False),
    )
)

CUMULATIVE = Family(
    (
        Member(_along(cumulative.cumsum), kinds="iuf"),
        Member(_along(lambda x, axis: cumulative.cumprod(pointwise.tanh(x), axis=axis)), kinds="f", on_inputs=True),
    )
)

SORTING = Family(
    (
        Member(_along(sorting.sort), kinds="iuf", smooth=False),
        Member(_along(sorting.argsort), kinds="iuf", smooth=False, on_inputs=True),
        Member(
            _along(lambda x, axis: take_along_axis(x, sorting.argsort(x, axis=axis), axis=axis)),
            kinds="iuf",
            smooth=False,
            on_inputs=True,
        ),
        Member(_when(_is_vector, extras.unique), kinds="iu", smooth=False, on_inputs=True),
        Member(
            _when(_is_vector, lambda x: extras.searchsorted(sorting.sort(x), x)),
            kinds="if",
            smooth=False,
            on_inputs=True,
        ),
    )
)

SOFTMAX = Family((Member(reindexed(_softmaxed), kinds="f"),))

DIAGONAL = Family(
    (
        Member(_when(_is_matrix, diagonals.diag)),
        Member(_when(_is_vector, diagonals.diag)),
        Member(_when(_is_matrix, diagonals.tril)),
        Member(_when(_is_matrix, lambda x: diagonals.triu(x, 1))),
        Member(_when(_is_matrix, lambda x: diagonals.trace(x)), kinds="iuf"),
        Member(_when(lambda part: len(part.shape) == 3, lambda x: diagonals.diagonal(x, 1, 0, 2))),
    )
)

CREATION = Family(
    (
        Member(elementwise(creation.zeros_like)),
        Member(elementwise(creation.ones_like)),
        Member(_allocated),
        Member(lambda pick, part: creation.arange(part.variable.size), smooth=False),
        Member(_when(_is_matrix, lambda x: creation.eye(x.shape[0], x.shape[1], 1)), smooth=False),
        Member(lambda pick, part: creation.full(part.variable.shape, 2.5), smooth=False),
    )
)
