"""Exponentials and logarithms without branches or tables, which LLVM's loop vectoriser turns into vector code.

Each is an ``alwaysinline`` function of the module, one for float32 and one for float64, of the same formulas with other
constants.  Contraction is spelt out (``llvm.fma``) and nothing carries fast-math flags, so an element has the same bits
in a vector, in the remainder of a loop, and as a number of its own.  Where a rounding error would show, values are
carried as an unevaluated sum `high + low`.

The polynomials interpolate their functions at Chebyshev nodes, solved in 60 digits and rounded; how far each is off,
absolutely in the result, stands beside it, to be compared with 2^-53 and 2^-24.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import llvmlite.ir as ir

from .dtypes import F32, F64, I32, I64, Kind, Register


def _hex(*digits: str) -> tuple[float, ...]:
    return tuple(float.fromhex(d) for d in digits)


@dataclass(frozen=True)
class _Format:
    """A floating-point format, and what the formulas need in it; pairs are a number as high and low part."""

    kind: Kind
    integer: Kind
    mantissa: int
    bias: int
    #: (exp(r) - 1 - r) / r^2 for |r| <= log(2) / 2
    exp: tuple[float, ...]
    #: (2^r - 1 - r log(2)) / r^2 for |r| <= 1 / 2
    exp2: tuple[float, ...]
    #: (log((1 + s) / (1 - s)) - 2 s) / s^3 as a polynomial in s^2, for |s| <= (sqrt(2) - 1) / (sqrt(2) + 1)
    log: tuple[float, ...]
    #: Logarithms of 2; the high part has so few bits that its products with exponents are exact.
    ln2: tuple[float, ...]
    log10_2: tuple[float, ...]
    #: The nearest numbers and their errors.
    ln2_full: tuple[float, ...]
    log2_e: tuple[float, ...]
    log10_e: tuple[float, ...]
    #: Bits of sqrt(1 / 2): significands are taken from there to sqrt(2).
    sqrt_half: int
    #: Beyond these, exp is 0 and infinity; the same for exp2.
    exp_range: tuple[float, float]
    exp2_range: tuple[float, float]
    #: Below, expm1 is -1; beyond the other, tanh is 1.
    expm1_least: float
    tanh_most: float

    @property
    def shifter(self) -> float:
        """Added to a small number, it leaves the nearest integer in the last bits."""
        return 1.5 * 2.0**self.mantissa

    @property
    def tiny(self) -> float:
        """The smallest normal number."""
        return 2.0 ** (1 - self.bias)


_FORMATS = {
    F64: _Format(
        kind=F64,
        integer=I64,
        mantissa=52,
        bias=1023,
        # 2^-61.6
        exp=_hex(
            "0x1.0000000000000p-1", "0x1.5555555555557p-3", "0x1.5555555555556p-5", "0x1.11111111100dcp-7",
            "0x1.6c16c16c162d4p-10", "0x1.a01a01abe7fe1p-13", "0x1.a01a01a6d889cp-16", "0x1.71de0231960ebp-19",
            "0x1.27e4db646b17ep-22", "0x1.af4de97ca4194p-26", "0x1.1f730349868cep-29",
        ),
        # 2^-58.3
        exp2=_hex(
            "0x1.ebfbdff82c58fp-3", "0x1.c6b08d704a0c2p-5", "0x1.3b2ab6fba4e78p-7", "0x1.5d87fe78a5276p-10",
            "0x1.430912f86bf52p-13", "0x1.ffcbfc670dcd4p-17", "0x1.62c022401b97dp-20", "0x1.b524fae627834p-24",
            "0x1.e4cf1cd08d4b8p-28", "0x1.e9d3fe3952179p-32", "0x1.c48f769ad2c46p-36",
        ),
        # 2^-59.1
        log=_hex(
            "0x1.5555555555558p-1", "0x1.99999999952d7p-2", "0x1.2492492df281ap-2", "0x1.c71c62e3f11e6p-3",
            "0x1.7462b51cb66b1p-3", "0x1.39fe51a7c18f9p-3", "0x1.2b5900de53b32p-3",
        ),
        ln2=_hex("0x1.62e42fefa3800p-1", "0x1.ef35793c76730p-45"),
        log10_2=_hex("0x1.34413509f7800p-2", "0x1.fef311f12b358p-46"),
        ln2_full=_hex("0x1.62e42fefa39efp-1", "0x1.abc9e3b39803fp-56"),
        log2_e=_hex("0x1.71547652b82fep+0", "0x1.777d0ffda0d24p-56"),
        log10_e=_hex("0x1.bcb7b1526e50ep-2", "0x1.95355baaafad3p-57"),
        sqrt_half=0x3FE6A09E667F3BCD,
        exp_range=(-750.0, 711.0),
        exp2_range=(-1080.0, 1030.0),
        expm1_least=-38.0,
        tanh_most=22.0,
    ),
    F32: _Format(
        kind=F32,
        integer=I32,
        mantissa=23,
        bias=127,
        # 2^-30.9
        exp=_hex("0x1.0p-1", "0x1.555556p-3", "0x1.5554eap-5", "0x1.1110ep-7", "0x1.6d4324p-10", "0x1.a124f2p-13"),
        # 2^-31.4
        exp2=_hex("0x1.ebfbep-3", "0x1.c6b08ep-5", "0x1.3b2a54p-7", "0x1.5d87cp-10", "0x1.44138ap-13", "0x1.008a2p-16"),
        # 2^-33.2
        log=_hex("0x1.555556p-1", "0x1.9999ecp-2", "0x1.245c4p-2", "0x1.ddcf72p-3"),
        ln2=_hex("0x1.62e0p-1", "0x1.0bfbe8p-15"),
        log10_2=_hex("0x1.3440p-2", "0x1.3509f8p-18"),
        ln2_full=_hex("0x1.62e43p-1", "-0x1.05c61p-29"),
        log2_e=_hex("0x1.715476p+0", "0x1.4ae0cp-26"),
        log10_e=_hex("0x1.bcb7b2p-2", "-0x1.5b235ep-27"),
        sqrt_half=0x3F3504F3,
        exp_range=(-105.0, 90.0),
        exp2_range=(-155.0, 130.0),
        expm1_least=-18.0,
        tanh_most=10.0,
    ),
}  # fmt: skip


class _Maths:
    """Short names for what the formulas are written in."""

    def __init__(self, b: ir.IRBuilder, format: _Format) -> None:
        self.b = b
        self.f = format
        self.add, self.sub, self.mul, self.div, self.neg = b.fadd, b.fsub, b.fmul, b.fdiv, b.fneg
        self.select = b.select

    def number(self, value: float) -> Register:
        return self.f.kind(value)

    def intrinsic(self, name: str, *args: Register) -> Register:
        kind = self.f.kind
        name = f"llvm.{name}.f{self.f.integer.width}"
        known = self.b.module.globals.get(name)
        if known is None:
            known = ir.Function(self.b.module, ir.FunctionType(kind, [kind] * len(args)), name)
        return self.b.call(known, args)

    def fma(self, x: Register, y: Register, z: Register) -> Register:
        return self.intrinsic("fma", x, y, z)

    def magnitude(self, x: Register) -> Register:
        return self.intrinsic("fabs", x)

    def compare(self, sign: str, x: Register, y: float) -> Register:
        """False of NaN."""
        return self.b.fcmp_ordered(sign, x, self.number(y))

    def clamp(self, x: Register, low: float | None, high: float | None) -> Register:
        """`x` between `low` and `high`; NaN stays."""
        if low is not None:
            x = self.select(self.compare("<", x, low), self.number(low), x)
        if high is not None:
            x = self.select(self.compare(">", x, high), self.number(high), x)
        return x

    def bits(self, x: Register) -> Register:
        return self.b.bitcast(x, self.f.integer)

    def from_bits(self, x: Register) -> Register:
        return self.b.bitcast(x, self.f.kind)

    def polynomial(self, x: Register, coefficients: tuple[float, ...]) -> Register:
        """Its even and odd halves side by side: a chain half as long as Horner's."""
        square = self.mul(x, x)
        halves = []
        for part in (coefficients[0::2], coefficients[1::2]):
            value = self.number(part[-1])
            for c in part[-2::-1]:
                value = self.fma(value, square, self.number(c))
            halves.append(value)
        even, odd = halves
        return self.fma(odd, x, even)

    def quick_two_sum(self, x: Register, y: Register) -> tuple[Register, Register]:
        """``x + y`` as rounded sum and error, if `x` is the larger or 0."""
        total = self.add(x, y)
        return total, self.add(self.sub(x, total), y)

    def two_sum(self, x: Register, y: Register) -> tuple[Register, Register]:
        """``x + y`` as rounded sum and error."""
        total = self.add(x, y)
        back = self.sub(total, x)
        return total, self.add(self.sub(x, self.sub(total, back)), self.sub(y, back))

    def nearest(self, x: Register) -> tuple[Register, Register]:
        """The nearest integer, and a register whose last bits are that integer plus the exponent's bias."""
        shifter = self.number(self.f.shifter + self.f.bias)
        shifted = self.add(x, shifter)
        return self.sub(shifted, shifter), shifted

    def power_of_two(self, shifted: Register) -> Register:
        """2 to the integer that `nearest` left in `shifted`, which must be in the range of normal numbers."""
        return self.from_bits(self.b.shl(self.bits(shifted), self.f.integer(self.f.mantissa)))

    def scale(self, x: Register, n: Register) -> Register:
        """``x * 2^n`` for an `n` beyond the range of exponents, rounded once."""
        shifter = self.number(self.f.shifter + self.f.bias)
        half = self.fma(n, self.number(0.5), shifter)
        rest = self.add(self.sub(n, self.sub(half, shifter)), shifter)
        return self.mul(self.mul(x, self.power_of_two(half)), self.power_of_two(rest))


# ------------------------------------------------------------- exponentials
def _reduced_exp(m: _Maths, x: Register) -> tuple[Register, Register, Register]:
    """n, r and t with ``exp(x) = 2^n (1 + r + t)``; t is a correction to r, at most a fifth of it."""
    f = m.f
    shifter = m.number(f.shifter)
    n = m.sub(m.fma(x, m.number(f.log2_e[0]), shifter), shifter)
    minus = m.neg(n)
    whole = m.fma(minus, m.number(f.ln2[0]), x)
    low = m.number(f.ln2[1])
    r = m.fma(minus, low, whole)
    error = m.fma(minus, low, m.sub(whole, r))
    t = m.fma(m.mul(r, r), m.polynomial(r, f.exp), error)
    return n, r, t


def _exp(m: _Maths, x: Register) -> Register:
    n, r, t = _reduced_exp(m, m.clamp(x, *m.f.exp_range))
    return m.scale(m.add(m.number(1.0), m.add(r, t)), n)


def _exp_sum(m: _Maths, x: Register) -> tuple[Register, Register]:
    """exp of an `x` that isn't positive, as a sum."""
    n, r, t = _reduced_exp(m, m.clamp(x, m.f.exp_range[0], None))
    first, error = m.quick_two_sum(r, t)
    high, low = m.quick_two_sum(m.number(1.0), first)
    return m.scale(high, n), m.scale(m.add(low, error), n)


def _exp2(m: _Maths, x: Register) -> Register:
    f = m.f
    x = m.clamp(x, *f.exp2_range)
    n, _ = m.nearest(x)
    r = m.sub(x, n)
    t = m.fma(m.mul(r, r), m.polynomial(r, f.exp2), m.mul(r, m.number(f.ln2_full[1])))
    return m.scale(m.add(m.number(1.0), m.fma(r, m.number(f.ln2_full[0]), t)), n)


def _expm1_sum(m: _Maths, x: Register) -> tuple[Register, Register]:
    """Half of expm1 as a sum: the whole may overflow while its sum is made."""
    n, r, t = _reduced_exp(m, x)
    first, error = m.quick_two_sum(r, t)
    half = m.number(0.5)
    _, shifted = m.nearest(m.sub(n, m.number(1.0)))
    power = m.power_of_two(shifted)
    high, low = m.quick_two_sum(m.sub(power, half), m.mul(power, first))
    return high, m.fma(power, error, low)


def _expm1(m: _Maths, x: Register) -> Register:
    f = m.f
    high, low = _expm1_sum(m, m.clamp(x, f.expm1_least, f.exp_range[1] - 1.0))
    result = m.mul(m.add(high, low), m.number(2.0))
    # also keeps -0, and subnormal numbers, which have no half
    return m.select(m.compare("<", m.magnitude(x), 2.0 ** (-f.mantissa - 2)), x, result)


def _quotient(m: _Maths, top: tuple[Register, Register], below: tuple[Register, Register]) -> Register:
    """The quotient of two sums, nearly rounded once."""
    inverse = m.div(m.number(1.0), below[0])
    first = m.mul(top[0], inverse)
    minus = m.neg(first)
    rest = m.fma(minus, below[0], top[0])
    rest = m.add(m.fma(minus, below[1], rest), top[1])
    return m.fma(rest, inverse, first)


def _tanh(m: _Maths, x: Register) -> Register:
    size = m.magnitude(x)
    doubled = m.clamp(m.add(size, size), None, 2 * m.f.tanh_most)
    high, low = _expm1_sum(m, doubled)
    below, error = m.two_sum(m.number(1.0), high)
    result = _quotient(m, (high, low), (below, m.add(error, low)))
    result = m.intrinsic("copysign", result, x)
    return m.select(m.compare("<", size, 2.0 ** (-m.f.mantissa - 2)), x, result)


def _sigmoid(m: _Maths, x: Register) -> Register:
    one = m.number(1.0)
    high, low = _exp_sum(m, m.neg(m.magnitude(x)))
    below, error = m.quick_two_sum(one, high)
    negative = m.compare("<", x, 0.0)
    top = m.select(negative, high, one), m.select(negative, low, m.number(0.0))
    return _quotient(m, top, (below, m.add(error, low)))


# -------------------------------------------------------------- logarithms
def _split(m: _Maths, x: Register) -> tuple[Register, Register]:
    """The bits of the significand of a positive normal number, from sqrt(1/2) on, and of its exponent in place."""
    integer, mantissa = m.f.integer, m.f.mantissa
    bits = m.bits(x)
    exponent = m.b.and_(m.b.sub(bits, integer(m.f.sqrt_half)), integer(-(1 << mantissa)))
    return m.b.sub(bits, exponent), exponent


def _exponent(m: _Maths, exponent: Register) -> Register:
    """The exponent as a number, by way of the last bits of one, which vectorises without conversion instructions."""
    f = m.f
    offset = 1 << (f.integer.width - f.mantissa - 2)
    raised = m.b.add(exponent, f.integer(offset << f.mantissa))
    last = m.b.lshr(raised, f.integer(f.mantissa))
    shifter = 2.0**f.mantissa
    one_bits = (f.mantissa + f.bias) << f.mantissa
    return m.sub(m.from_bits(m.b.or_(last, f.integer(one_bits))), m.number(shifter + offset))


def _log1p_parts(m: _Maths, f: Register) -> tuple[Register, Register]:
    """``log(1 + f) = f - (half square - s (half square + tail))`` for 1 + f between sqrt(1/2) and sqrt(2).

    Gives half the square of f, and the product.
    """
    s = m.div(f, m.add(m.number(2.0), f))
    square = m.mul(s, s)
    tail = m.mul(square, m.polynomial(square, m.f.log))
    half = m.mul(m.mul(m.number(0.5), f), f)
    return half, m.mul(s, m.add(half, tail))


def _log_sum(m: _Maths, f: Register, k: Register) -> Register:
    """``k log(2) + log(1 + f)``."""
    high, low = m.f.ln2
    half, product = _log1p_parts(m, f)
    rest = m.sub(half, m.fma(k, m.number(low), product))
    return m.fma(k, m.number(high), m.neg(m.sub(rest, f)))


def _log_ends(m: _Maths, result: Register, x: Register) -> Register:
    """`result` as the logarithm of `x`, but for 0, infinity, NaN and negative numbers."""
    infinity = m.number(float("inf"))
    result = m.select(m.compare("==", x, 0.0), m.neg(infinity), result)
    result = m.select(m.compare("==", x, float("inf")), infinity, result)
    valid = m.compare(">=", x, 0.0)
    return m.select(valid, result, m.number(float("nan")))


def _normal(m: _Maths, x: Register) -> tuple[Register, Register]:
    """f and k with ``x = 2^k (1 + f)``, subnormal numbers too."""
    shift = float(m.f.mantissa + 2)
    small = m.compare("<", x, m.f.tiny)
    scaled = m.select(small, m.mul(x, m.number(2.0**shift)), x)
    significand, exponent = _split(m, scaled)
    k = m.sub(_exponent(m, exponent), m.select(small, m.number(shift), m.number(0.0)))
    return m.sub(m.from_bits(significand), m.number(1.0)), k


def _log(m: _Maths, x: Register) -> Register:
    f, k = _normal(m, x)
    return _log_ends(m, _log_sum(m, f, k), x)


def _log_in_base(m: _Maths, x: Register, unit: tuple[float, ...], two: tuple[float, ...]) -> Register:
    """The logarithm whose value is `unit` at e and `two` at 2."""
    f, k = _normal(m, x)
    half, product = _log1p_parts(m, f)
    lost = m.fma(m.mul(m.number(0.5), f), f, m.neg(half))
    high, low = m.quick_two_sum(f, m.neg(half))
    low = m.add(m.sub(low, lost), product)
    factor = m.number(unit[0])
    scaled = m.mul(high, factor)
    error = m.fma(high, factor, m.neg(scaled))
    error = m.fma(low, factor, m.fma(high, m.number(unit[1]), error))
    whole = m.mul(k, m.number(two[0]))
    total, rest = m.quick_two_sum(whole, scaled)
    return _log_ends(m, m.add(total, m.fma(k, m.number(two[1]), m.add(rest, error))), x)


def _log2(m: _Maths, x: Register) -> Register:
    return _log_in_base(m, x, m.f.log2_e, (1.0, 0.0))


def _log10(m: _Maths, x: Register) -> Register:
    return _log_in_base(m, x, m.f.log10_e, m.f.log10_2)


def _log1p(m: _Maths, x: Register) -> Register:
    f, one = m.f, m.number(1.0)
    total, error = m.two_sum(one, x)
    significand, exponent = _split(m, total)
    # 2^-k: where that isn't a normal number, `total` is so large that the error doesn't count
    inverse = m.from_bits(m.b.sub(f.integer(f.bias << f.mantissa), exponent))
    error = m.select(m.compare("<", total, 2.0 ** (2 * f.mantissa)), m.mul(error, inverse), m.number(0.0))
    fraction = m.add(m.sub(m.from_bits(significand), one), error)
    result = _log_ends(m, _log_sum(m, fraction, _exponent(m, exponent)), total)
    return m.select(m.compare("<", m.magnitude(x), 2.0 ** (-f.mantissa - 2)), x, result)


def _softplus(m: _Maths, x: Register) -> Register:
    one, zero = m.number(1.0), m.number(0.0)
    high, low = _exp_sum(m, m.neg(m.magnitude(x)))
    total, error = m.quick_two_sum(one, high)
    error = m.add(error, low)
    # 1 + exp is between 1 and 2
    large = m.compare(">", total, 2.0**0.5)
    factor = m.select(large, m.number(0.5), one)
    fraction = m.add(m.fma(total, factor, m.neg(one)), m.mul(error, factor))
    result = _log_sum(m, fraction, m.select(large, one, zero))
    # where 1 + exp is 1, the sum would lose the last bits of subnormal numbers
    result = m.select(m.compare("<", high, 2.0 ** (-m.f.mantissa - 2)), high, result)
    return m.add(m.select(m.compare("<", x, 0.0), zero, x), result)


#: Name of a function of the program IR, and what builds it.
FUNCTIONS: dict[str, Callable[[_Maths, Register], Register]] = {
    "exp": _exp, "log": _log, "sigmoid": _sigmoid, "softplus": _softplus, "expm1": _expm1, "log1p": _log1p,
    "tanh": _tanh, "exp2": _exp2, "log2": _log2, "log10": _log10,
}  # fmt: skip


def vector_function(b: ir.IRBuilder, name: str, x: Register) -> Register:
    """The function `name` of :data:`FUNCTIONS` of a float32 or float64 register.

    Its code is built once a module and expanded into the loop by LLVM.
    """
    format = _FORMATS[x.type]
    symbol = f"vector_{name}_f{format.integer.width}"
    function = b.module.globals.get(symbol)
    if function is None:
        function = ir.Function(b.module, ir.FunctionType(x.type, (x.type,)), symbol)
        function.linkage = "internal"
        function.attributes.add("alwaysinline")
        function.attributes.add("nounwind")
        inner = ir.IRBuilder(function.append_basic_block("entry"))
        inner.ret(FUNCTIONS[name](_Maths(inner, format), function.args[0]))
    return b.call(function, [x])
