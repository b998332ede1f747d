"""How many floating-point operations a node makes of given values, roughly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from aesaralite.graph.op import Op
from aesaralite.scalar.arithmetic import Pow
from aesaralite.scalar.op import ScalarOp
from aesaralite.tensor.elementwise import Elemwise
from aesaralite.tensor.products import BatchedDot, Dot
from aesaralite.tensor.reduction import CAReduce

__all__ = ["operations_of"]

#: An elementary function is a polynomial of some degree.
_FUNCTION = 20
#: Modules of scalar Ops that select, compare or round numbers, and of Ops that only move them.
_FREE = frozenset(["comparison", "selection", "casting", "bitwise", "rounding", "complex_numbers"])
_MOVING = frozenset(
    ["dimshuffle", "indexing_basic", "indexing_advanced", "reshaping", "joining", "shaping", "creation", "sorting"]
)


def operations_of(op: Op, inputs: Sequence[Any], outputs: Sequence[Any]) -> int | None:
    """Return an estimate, or None for an Op of which nothing is known."""
    if isinstance(op, Elemwise):
        return np.size(outputs[0]) * _of_element(op.scalar_op, len(inputs)) if _is_float(outputs[0]) else 0
    if isinstance(op, CAReduce):
        return int(np.size(inputs[0])) if _is_float(inputs[0]) else 0
    if isinstance(op, Dot | BatchedDot) and np.ndim(inputs[0]):
        return 2 * np.size(outputs[0]) * np.shape(inputs[0])[-1] if _is_float(outputs[0]) else 0
    if _family(op) in _MOVING or not any(map(_is_float, outputs)):
        return 0
    return None


def _of_element(op: ScalarOp, nin: int) -> int:
    if _family(op) in _FREE:
        return 0
    if _family(op) == "arithmetic" and not isinstance(op, Pow):
        return max(1, nin - 1)
    return _FUNCTION


def _family(op: Op) -> str:
    return type(op).__module__.rpartition(".")[2]


def _is_float(value: Any) -> bool:
    return np.asarray(value).dtype.kind in "fc"
