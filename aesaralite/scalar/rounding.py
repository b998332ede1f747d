"""Rounding to whole numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from aesaralite.scalar.op import UnaryScalarOp, float_zeros
from aesaralite.scalar.output_types import same_out_nobool_nocomplex, upgrade_to_float_no_complex


class Rounding(UnaryScalarOp, types=upgrade_to_float_no_complex):
    """A rounding rule: constant but for its steps, so that its gradient is zero."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return float_zeros(x)


class Ceil(Rounding, symbol="ceil", nfunc="ceil"):
    """The smallest whole number that isn't smaller."""


class Floor(Rounding, symbol="floor", nfunc="floor"):
    """The largest whole number that isn't larger."""


class Trunc(Rounding, symbol="trunc", nfunc="trunc"):
    """The whole number next to it, towards zero."""


class RoundHalfToEven(Rounding, symbol="round_half_to_even", types=same_out_nobool_nocomplex):
    """The nearest whole number, the even one of two."""

    def compute(self, x: Any) -> Any:
        return np.array(x) if np.asarray(x).dtype.kind in "iu" else np.rint(x)


class RoundHalfAwayFromZero(Rounding, symbol="round_half_away_from_zero", types=same_out_nobool_nocomplex):
    """The nearest whole number, of two the one of larger magnitude."""

    def compute(self, x: Any) -> Any:
        x = np.asarray(x)
        if x.dtype.kind in "iu":
            return np.array(x)
        # adding a half and rounding down would be wrong for the float next below a half
        whole = np.trunc(x)
        return np.where(np.abs(x - whole) >= 0.5, whole + np.copysign(np.ones((), x.dtype), x), whole)


ceil = Ceil()
floor = Floor()
trunc = Trunc()
round_half_to_even = rint = RoundHalfToEven()
round_half_away_from_zero = RoundHalfAwayFromZero()
