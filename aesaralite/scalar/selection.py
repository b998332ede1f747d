"""Operations that choose among their inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from aesaralite.graph.null_type import DisconnectedType
from aesaralite.scalar.dtypes import upcast
from aesaralite.scalar.op import BinaryScalarOp, ScalarOp, UnaryScalarOp, float_zeros
from aesaralite.scalar.output_types import same_out, transfer_type, upcast_out_no_complex
from aesaralite.scalar.type import ScalarType, get_scalar_type


def _branch_types(cond: ScalarType, if_true: ScalarType, if_false: ScalarType) -> list[ScalarType]:
    return [get_scalar_type(upcast(if_true.dtype, if_false.dtype))]


class Identity(UnaryScalarOp, symbol="identity", types=same_out):
    """The number itself."""

    def compute(self, x: Any) -> Any:
        return np.array(x)

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return g


class Second(BinaryScalarOp, symbol="second", types=transfer_type(1)):
    """The second of two numbers. On arrays it fills the shape of the first with the second."""

    def combined(self, nin: int) -> Sequence[int]:
        return (1,)

    def compute(self, x: Any, y: Any) -> Any:
        shape = np.broadcast_shapes(np.shape(x), np.shape(y))
        return np.broadcast_to(y, shape).copy()

    def L_op(self, inputs: Any, outputs: Any, output_gradients: Any) -> Any:
        _, y = inputs
        return [DisconnectedType()(), *UnaryScalarOp.L_op(identity, [y], outputs, output_gradients)]

    def connection_pattern(self, node: Any) -> list[list[bool]]:
        return [[False], [True]]


class Switch(ScalarOp, symbol="switch", nin=3, types=_branch_types, nfunc="where", conditions=(0,)):
    """The second number where the first isn't zero, else the third."""

    def combined(self, nin: int) -> Sequence[int]:
        return (1, 2)

    def pull(self, g: Any, cond: Any, if_true: Any, if_false: Any, out: Any) -> Any:
        return float_zeros(cond), switch(cond, g, 0), switch(cond, 0, g)


class Clip(ScalarOp, symbol="clip", nin=3, types=upcast_out_no_complex):
    """The number, or the bound of the interval that it lies beyond."""

    def compute(self, x: Any, low: Any, high: Any) -> Any:
        return np.minimum(np.maximum(x, low), high)

    def pull(self, g: Any, x: Any, low: Any, high: Any, out: Any) -> Any:
        beyond = x > high
        below = x < low
        return switch(below | beyond, 0, g), switch(below, g, 0), switch(beyond, g, 0)


identity = Identity()
second = fill = Second()
switch = where = Switch()
clip = Clip()
