"""Operations on the bits of integers, which on bools are the logical ones."""

from __future__ import annotations

from aesaralite.scalar.op import BinaryScalarOp, ScalarOp, UnaryScalarOp
from aesaralite.scalar.output_types import same_out_integer, upcast_out_integer, upcast_out_integer_nobool


class BinaryBitOp(BinaryScalarOp, types=upcast_out_integer):
    """An operation on the bits of two integers."""


class UnaryBitOp(UnaryScalarOp, types=same_out_integer):
    """An operation on the bits of an integer."""


class AND(
    ScalarOp,
    symbol="and_",
    types=upcast_out_integer,
    nfunc="bitwise_and",
    commutative=True,
    associative=True,
    identity=-1,
):
    """Bits that are set in all of one or more integers."""


class OR(
    ScalarOp, symbol="or_", types=upcast_out_integer, nfunc="bitwise_or", commutative=True, associative=True, identity=0
):
    """Bits that are set in any of one or more integers."""


class XOR(
    ScalarOp,
    symbol="xor",
    types=upcast_out_integer,
    nfunc="bitwise_xor",
    commutative=True,
    associative=True,
    identity=0,
):
    """Bits that are set in an odd number of one or more integers."""


class Invert(UnaryBitOp, symbol="invert", nfunc="invert"):
    """All bits the other way."""


class LeftShift(BinaryBitOp, symbol="left_shift", types=upcast_out_integer_nobool, nfunc="left_shift"):
    """Bits moved to higher places."""


class RightShift(BinaryBitOp, symbol="right_shift", types=upcast_out_integer_nobool, nfunc="right_shift"):
    """Bits moved to lower places."""


and_ = AND()
or_ = OR()
xor = XOR()
invert = Invert()
left_shift = LeftShift()
right_shift = RightShift()
