"""Comparisons and other questions with a bool for an answer."""

from __future__ import annotations

from typing import Any

import numpy as np

from aesaralite.scalar.op import BinaryScalarOp, ScalarOp, UnaryScalarOp
from aesaralite.scalar.output_types import bool_out, bool_out_no_complex


class LogicalComparison(BinaryScalarOp, types=bool_out, literals_may_widen=True):
    """A comparison of two numbers."""


class FixedLogicalComparison(UnaryScalarOp, types=bool_out):
    """A question about one number."""


class EQ(LogicalComparison, symbol="eq", nfunc="equal", commutative=True):
    """Whether two numbers are equal."""


class NEQ(LogicalComparison, symbol="neq", nfunc="not_equal", commutative=True):
    """Whether two numbers differ."""


class LT(LogicalComparison, symbol="lt", nfunc="less"):
    """Whether the first number is smaller."""


class GT(LogicalComparison, symbol="gt", nfunc="greater"):
    """Whether the first number is larger."""


class LE(LogicalComparison, symbol="le", nfunc="less_equal"):
    """Whether the first number is smaller or equal."""


class GE(LogicalComparison, symbol="ge", nfunc="greater_equal"):
    """Whether the first number is larger or equal."""


class IsNan(FixedLogicalComparison, symbol="isnan", nfunc="isnan"):
    """Whether it's NaN."""


class IsInf(FixedLogicalComparison, symbol="isinf", nfunc="isinf"):
    """Whether it's an infinity."""


class IsFinite(FixedLogicalComparison, symbol="isfinite", nfunc="isfinite"):
    """Whether it's neither NaN nor an infinity."""


class SignBit(FixedLogicalComparison, symbol="signbit", types=bool_out_no_complex, nfunc="signbit"):
    """Whether the sign bit is set: true for negative numbers and for -0.0."""


class InRange(ScalarOp, nin=3, types=bool_out, literals_may_widen=True):
    """Whether a number lies in an interval.

    Parameters
    ----------
    openlow, openhi : bool
        Whether the interval is without its lower and its upper bound.
    """

    __props__ = ("openlow", "openhi")

    def __init__(self, openlow: bool, openhi: bool):
        super().__init__()
        self.openlow = openlow
        self.openhi = openhi

    def compute(self, x: Any, low: Any, high: Any) -> Any:
        above = np.greater(x, low) if self.openlow else np.greater_equal(x, low)
        below = np.less(x, high) if self.openhi else np.less_equal(x, high)
        return above & below

    def __str__(self) -> str:
        return f"InRange{{openlow={self.openlow}, openhi={self.openhi}}}"


eq = equal = EQ()
neq = not_equal = NEQ()
lt = less = LT()
gt = greater = GT()
le = less_equal = LE()
ge = greater_equal = GE()
isnan = IsNan()
isinf = IsInf()
isfinite = IsFinite()
signbit = SignBit()
inopenrange = InRange(True, True)
inclosedrange = InRange(False, False)
