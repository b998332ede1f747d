"""Ops that leave a value as it is, and change what happens to its gradient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aesaralite.autodiff.reverse import zeros_like_float
from aesaralite.graph.arguments import described
from aesaralite.graph.null_type import DisconnectedType, disconnected_type, grad_undefined
from aesaralite.graph.op import Op
from aesaralite.graph.variable import Apply, Variable
from aesaralite.tensor.convert import as_tensor_variable
from aesaralite.tensor.static import Tensor


@dataclass(frozen=True, eq=False, repr=False)
class GradientBarrier(Op):
    """The identity, with a gradient of its own.

    It has done its work when gradients have been taken, so a rewrite removes it.
    """

    view_map = {0: [0]}

    def make_node(self, x: Any) -> Apply:
        x = x if isinstance(x, Variable) else as_tensor_variable(x)
        return Apply(self, [x], [x.type()])

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[list[Any]]) -> None:
        output_storage[0][0] = inputs[0]

    def infer_shape(self, fgraph: Any, node: Apply, shapes: Sequence[Any]) -> Sequence[Any]:
        return [shapes[0]]


class ZeroGrad(GradientBarrier):
    """The identity, with a gradient of zero."""

    def L_op(self, inputs: Sequence[Variable], outputs: Any, output_grads: Any) -> list[Variable]:
        return [zeros_like_float(inputs[0])]

    def R_op(self, inputs: Sequence[Variable], eval_points: Sequence[Variable | None]) -> list[Variable | None]:
        return [None if eval_points[0] is None else zeros_like_float(inputs[0])]


class ConsiderConstant(ZeroGrad):
    """The identity, with a gradient of zero: the older name of `ZeroGrad`."""


class DisconnectedGrad(GradientBarrier):
    """The identity, through which no gradient flows."""

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[False]]

    def L_op(self, inputs: Sequence[Variable], outputs: Any, output_grads: Any) -> list[Variable]:
        return [disconnected_type()]


class UndefinedGrad(GradientBarrier):
    """The identity, with a gradient that's undefined: asking for it is an error."""

    def L_op(self, inputs: Sequence[Variable], outputs: Any, output_grads: Any) -> list[Variable]:
        return [grad_undefined(self, 0, inputs[0], "The gradient was declared undefined by undefined_grad.")]


@dataclass(frozen=True, eq=False, repr=False)
class GradClip(GradientBarrier):
    """The identity, with a gradient clipped to an interval."""

    clip_lower_bound: float
    clip_upper_bound: float

    def __post_init__(self) -> None:
        for name in ("clip_lower_bound", "clip_upper_bound"):
            bound = getattr(self, name)
            if not isinstance(bound, (int, float, np.integer, np.floating)):
                raise TypeError(f"{name} must be a number, got {described(bound)}")
        if not self.clip_upper_bound >= self.clip_lower_bound:
            raise ValueError(
                f"`clip_upper_bound` should be >= `clip_lower_bound`, got {self.clip_upper_bound} and "
                f"{self.clip_lower_bound}"
            )

    def L_op(self, inputs: Any, outputs: Any, output_grads: Sequence[Tensor]) -> list[Variable]:
        gradient = output_grads[0]
        if isinstance(gradient.type, DisconnectedType):
            return [gradient]
        return [gradient.clip(self.clip_lower_bound, self.clip_upper_bound)]

    def R_op(self, inputs: Any, eval_points: Sequence[Variable | None]) -> list[Variable | None]:
        # clipping isn't linear, so the rule for tangents doesn't follow from the one for gradients
        return list(eval_points)

    def __str__(self) -> str:
        return type(self).__name__


@dataclass(frozen=True, eq=False, repr=False)
class GradScale(GradientBarrier):
    """The identity, with a gradient multiplied by a number."""

    multiplier: float

    def L_op(self, inputs: Any, outputs: Any, output_grads: Sequence[Tensor]) -> list[Variable]:
        gradient = output_grads[0]
        if isinstance(gradient.type, DisconnectedType):
            return [gradient]
        return [gradient * self.multiplier]

    def __str__(self) -> str:
        return type(self).__name__


consider_constant_ = ConsiderConstant()
zero_grad_ = ZeroGrad()
undefined_grad_ = UndefinedGrad()
disconnected_grad_ = DisconnectedGrad()


def consider_constant(x: Any) -> Variable:
    """Return `x` with a gradient of zero. New code calls it `zero_grad` or `disconnected_grad`."""
    return consider_constant_(x)


def zero_grad(x: Any) -> Variable:
    """Return `x` with a gradient of zero.

    Parameters
    ----------
    x : Variable or array_like
        Any value.

    Returns
    -------
    Variable
        The same value. A cost that uses only this has a gradient of zeros with respect to `x`.
    """
    return zero_grad_(x)


def undefined_grad(x: Any) -> Variable:
    """Return `x` with an undefined gradient: `grad` through it raises `NullTypeGradError`."""
    return undefined_grad_(x)


def disconnected_grad(x: Any) -> Variable:
    """Return `x` as something that no gradient flows through.

    Parameters
    ----------
    x : Variable or array_like
        Any value.

    Returns
    -------
    Variable
        The same value. Unlike with `zero_grad`, a cost that uses only this counts as one that doesn't
        depend on `x`, which `grad` reports.
    """
    return disconnected_grad_(x)


def grad_clip(x: Any, lower_bound: float, upper_bound: float) -> Variable:
    """Return `x` with a gradient that is clipped, elementwise, on its way back.

    Parameters
    ----------
    x : Variable or array_like
        Any value.
    lower_bound, upper_bound : float
        The interval.

    Raises
    ------
    ValueError
        If the interval is empty.

    Examples
    --------
    >>> import aesaralite
    >>> import aesaralite.tensor as at
    >>> from aesaralite.gradient import grad_clip
    >>> x = at.dscalar("x")
    >>> aesaralite.grad(grad_clip(x, -1, 1) ** 2, x).eval({x: 2.0})
    array(1.)
    """
    return GradClip(lower_bound, upper_bound)(x)


def grad_scale(x: Any, multiplier: float) -> Variable:
    """Return `x` with a gradient that is multiplied by a number on its way back.

    Parameters
    ----------
    x : Variable or array_like
        Any value.
    multiplier : float
        The factor; -1 turns the gradient round.
    """
    return GradScale(multiplier)(x)
