"""Writes functions as LLVM text, for numbers and for vectors of them from one description.

Contraction is spelt out (``llvm.fma``) and nothing carries fast-math flags, so an element has the same bits in a vector
and as a number of its own.  Text, because llvmlite's builder takes ten times as long.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

#: The name of a register, or a constant.
Value = str
Operand = Value | float
Pair = tuple[Value, Value]


@dataclass(frozen=True)
class Format:
    """A floating-point format: LLVM's name, width, bits of the fraction, the exponent's bias."""

    name: str
    width: int
    mantissa: int
    bias: int

    @property
    def shifter(self) -> float:
        """Added to a small number, it leaves the nearest integer in the last bits."""
        return 1.5 * 2.0**self.mantissa

    @property
    def tiny(self) -> float:
        """The smallest normal number."""
        return 2.0 ** (1 - self.bias)

    @property
    def negligible(self) -> float:
        """Its square doesn't show beside 1."""
        return 2.0 ** (-self.mantissa - 2)


DOUBLE = Format("double", 64, 52, 1023)
SINGLE = Format("float", 32, 23, 127)


@dataclass(frozen=True)
class Table:
    """Constants for each format."""

    double: tuple[float, ...]
    single: tuple[float, ...] = ()


def hexadecimal(*digits: str) -> tuple[float, ...]:
    return tuple(float.fromhex(d) for d in digits)


@dataclass
class _Text:
    lines: list[str] = field(default_factory=list)
    declared: set[str] = field(default_factory=set)
    count: int = 0


class Code:
    """The body of one function, under construction.

    Parameters
    ----------
    format
        What it computes in.
    lanes
        How many numbers a register holds; 1 means plain numbers.
    symbol, arguments
        Of the function, for :meth:`aside`.
    """

    def __init__(
        self, format: Format, lanes: int, symbol: str = "", arguments: Sequence[Value] = (), text: _Text | None = None
    ) -> None:
        self.format = format
        self.lanes = lanes
        self.symbol = symbol
        self.arguments = tuple(arguments)
        self.text = _Text() if text is None else text
        self.type = self._of_lanes(format.name)
        self.integer = self._of_lanes(f"i{format.width}")
        self.boolean = self._of_lanes("i1")

    def _of_lanes(self, kind: str) -> str:
        return kind if self.lanes == 1 else f"<{self.lanes} x {kind}>"

    def emit(self, instruction: str) -> Value:
        self.text.count += 1
        name = f"%v{self.text.count}"
        self.text.lines.append(f"  {name} = {instruction}")
        return name

    # -------------------------------------------------------------- constants
    def _splat(self, kind: str, literal: str) -> Value:
        return literal if self.lanes == 1 else f"splat ({kind} {literal})"

    def number(self, value: Operand) -> Value:
        if isinstance(value, str):
            return value
        if self.format is SINGLE:
            (value,) = struct.unpack("f", struct.pack("f", value))
        (bits,) = struct.unpack("Q", struct.pack("d", value))
        return self._splat(self.format.name, f"0x{bits:016X}")

    def whole(self, value: Value | int) -> Value:
        """An integer as wide as the numbers."""
        return value if isinstance(value, str) else self._splat(f"i{self.format.width}", str(value))

    def table(self, table: Table) -> tuple[float, ...]:
        return table.double if self.format is DOUBLE else table.single

    # ------------------------------------------------------------- arithmetic
    def _binary(self, operation: str, x: Operand, y: Operand) -> Value:
        return self.emit(f"{operation} {self.type} {self.number(x)}, {self.number(y)}")

    def add(self, x: Operand, y: Operand) -> Value:
        return self._binary("fadd", x, y)

    def sub(self, x: Operand, y: Operand) -> Value:
        return self._binary("fsub", x, y)

    def mul(self, x: Operand, y: Operand) -> Value:
        return self._binary("fmul", x, y)

    def div(self, x: Operand, y: Operand) -> Value:
        return self._binary("fdiv", x, y)

    def neg(self, x: Operand) -> Value:
        return self.emit(f"fneg {self.type} {self.number(x)}")

    def intrinsic(self, name: str, *args: Operand) -> Value:
        lanes = "" if self.lanes == 1 else f"v{self.lanes}"
        name = f"@llvm.{name}.{lanes}f{self.format.width}"
        self.text.declared.add(f"declare {self.type} {name}({', '.join([self.type] * len(args))})")
        return self.emit(f"call {self.type} {name}({', '.join(f'{self.type} {self.number(x)}' for x in args)})")

    def fma(self, x: Operand, y: Operand, z: Operand) -> Value:
        return self.intrinsic("fma", x, y, z)

    def sqrt(self, x: Operand) -> Value:
        return self.intrinsic("sqrt", x)

    def rounded(self, x: Operand) -> Value:
        """The nearest whole number; the even one of two."""
        return self.intrinsic("rint", x)

    def floor(self, x: Operand) -> Value:
        return self.intrinsic("floor", x)

    def magnitude(self, x: Operand) -> Value:
        return self.intrinsic("fabs", x)

    def with_sign(self, x: Operand, y: Operand) -> Value:
        """`x` with the sign of `y`."""
        return self.intrinsic("copysign", x, y)

    # ------------------------------------------------- comparison and selection
    def compare(self, order: str, x: Operand, y: Operand) -> Value:
        """Compare with one of LLVM's orders: ``olt`` is false of NaN, ``une`` true."""
        return self.emit(f"fcmp {order} {self.type} {self.number(x)}, {self.number(y)}")

    def select(self, condition: Value, x: Operand, y: Operand) -> Value:
        kind = self.type
        return self.emit(f"select {self.boolean} {condition}, {kind} {self.number(x)}, {kind} {self.number(y)}")

    def both(self, x: Value, y: Value) -> Value:
        return self.emit(f"and {self.boolean} {x}, {y}")

    def either(self, x: Value, y: Value) -> Value:
        return self.emit(f"or {self.boolean} {x}, {y}")

    def differ(self, x: Value, y: Value) -> Value:
        return self.emit(f"xor {self.boolean} {x}, {y}")

    def at_most(self, x: Operand, limit: Operand) -> Value:
        """The smaller one; NaN stays."""
        return self.select(self.compare("ogt", x, limit), limit, x)

    def at_least(self, x: Operand, limit: Operand) -> Value:
        """The larger one; NaN stays."""
        return self.select(self.compare("olt", x, limit), limit, x)

    # ------------------------------------------------------------------- bits
    def bits(self, x: Operand) -> Value:
        return self.emit(f"bitcast {self.type} {self.number(x)} to {self.integer}")

    def from_bits(self, x: Value | int) -> Value:
        return self.emit(f"bitcast {self.integer} {self.whole(x)} to {self.type}")

    def integers(self, operation: str, x: Value | int, y: Value | int) -> Value:
        """LLVM's `operation` of integers."""
        return self.emit(f"{operation} {self.integer} {self.whole(x)}, {self.whole(y)}")

    def compare_integers(self, order: str, x: Value | int, y: Value | int) -> Value:
        return self.emit(f"icmp {order} {self.integer} {self.whole(x)}, {self.whole(y)}")

    def select_integers(self, condition: Value, x: Value | int, y: Value | int) -> Value:
        kind = self.integer
        return self.emit(f"select {self.boolean} {condition}, {kind} {self.whole(x)}, {kind} {self.whole(y)}")

    # ---------------------------------------------------------------- formats
    def wide(self) -> Code:
        """The same function going on in float64."""
        return Code(DOUBLE, self.lanes, text=self.text)

    def widened(self, x: Operand) -> Value:
        return self.emit(f"fpext {self.type} {self.number(x)} to {self._of_lanes('double')}")

    def narrowed(self, x: Value) -> Value:
        """A float64 as a float32."""
        return self.emit(f"fptrunc {self._of_lanes('double')} {x} to {self.type}")

    # ----------------------------------------------------------------- control
    def aside(self, condition: Value, other: str | Callable[..., Value]) -> None:
        """Leave the numbers that meet the condition, which are rare, to the C library's `other`, or to what it builds.

        A vector with one of them goes through the function for numbers, one by one.
        """
        text = self.text
        text.count += 1
        rare, usual = f"rare{text.count}", f"usual{text.count}"
        listed = ", ".join(f"{self.type} {x}" for x in self.arguments)
        kinds = ", ".join([self.type] * len(self.arguments))
        if self.lanes > 1:
            reduction = f"@llvm.vector.reduce.or.v{self.lanes}i1"
            text.declared.add(f"declare i1 {reduction}({self.boolean})")
            condition = self.emit(f"call i1 {reduction}({self.boolean} {condition})")
        text.lines.append(f"  br i1 {condition}, label %{rare}, label %{usual}, !prof !0")
        text.lines.append(f"{rare}:")
        if self.lanes > 1:
            result = self.emit(f"call {self.type} @{self.symbol}{EACH}({listed})")
        elif isinstance(other, str):
            target = other + ("f" if self.format is SINGLE else "")
            text.declared.add(f"declare {self.type} @{target}({kinds}) nounwind")
            result = self.emit(f"call {self.type} @{target}({listed})")
        else:
            result = other(self, *self.arguments)
        text.lines += [f"  ret {self.type} {result}", f"{usual}:"]

    # ---------------------------------------------------------------- formulas
    def horner(self, x: Operand, coefficients: Sequence[Operand]) -> Value:
        value = self.number(coefficients[-1])
        for c in coefficients[-2::-1]:
            value = self.fma(value, x, c)
        return value

    def polynomial(self, x: Operand, coefficients: Sequence[Operand], square: Value | None = None) -> Value:
        """Its even and odd halves side by side: a chain half as long as Horner's."""
        if len(coefficients) < 4:
            return self.horner(x, coefficients)
        if square is None:
            square = self.mul(x, x)
        even, odd = (self.horner(square, part) for part in (coefficients[0::2], coefficients[1::2]))
        return self.fma(odd, x, even)

    def quick_two_sum(self, x: Operand, y: Operand) -> Pair:
        """``x + y`` as rounded sum and error, if `x` is the larger or 0."""
        total = self.add(x, y)
        return total, self.add(self.sub(x, total), y)

    def two_sum(self, x: Operand, y: Operand) -> Pair:
        """``x + y`` as rounded sum and error."""
        total = self.add(x, y)
        back = self.sub(total, x)
        return total, self.add(self.sub(x, self.sub(total, back)), self.sub(y, back))

    def two_product(self, x: Operand, y: Operand) -> Pair:
        """``x * y`` as rounded product and error."""
        product = self.mul(x, y)
        return product, self.fma(x, y, self.neg(product))

    def quotient(self, top: tuple[Value, Value | None], below: tuple[Value, Value | None]) -> Pair:
        """The quotient of two sums, of one or two terms, as quotient and error to some bits beyond the format."""
        inverse = self.div(1.0, below[0])
        first = self.mul(top[0], inverse)
        minus = self.neg(first)
        rest = self.fma(minus, below[0], top[0])
        if below[1] is not None:
            rest = self.fma(minus, below[1], rest)
        if top[1] is not None:
            rest = self.add(rest, top[1])
        return first, self.mul(rest, inverse)


#: End of the symbol of what takes a vector's numbers one by one.
EACH = "_each"
