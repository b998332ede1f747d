"""Exponentials, logarithms and the functions built from them."""

from __future__ import annotations

from typing import Any

import numpy as np

from aesaralite.scalar.comparison import eq, isinf
from aesaralite.scalar.op import BinaryScalarOp, UnaryScalarOp
from aesaralite.scalar.output_types import upgrade_to_float, upgrade_to_float_no_complex
from aesaralite.scalar.selection import switch


class Exp(UnaryScalarOp, symbol="exp", types=upgrade_to_float, nfunc="exp"):
    """The exponential."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return g * exp(x)


class Exp2(UnaryScalarOp, symbol="exp2", types=upgrade_to_float, nfunc="exp2"):
    """Two to the power of a number."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return g * exp2(x) * float(np.log(2.0))


class Expm1(UnaryScalarOp, symbol="expm1", types=upgrade_to_float, nfunc="expm1"):
    """The exponential minus one, precise near zero."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return g * exp(x)


class Log(UnaryScalarOp, symbol="log", types=upgrade_to_float, nfunc="log"):
    """The natural logarithm."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return g / x


class Log2(UnaryScalarOp, symbol="log2", types=upgrade_to_float, nfunc="log2"):
    """The logarithm to base 2."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return g / (x * float(np.log(2.0)))


class Log10(UnaryScalarOp, symbol="log10", types=upgrade_to_float, nfunc="log10"):
    """The logarithm to base 10."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return g / (x * float(np.log(10.0)))


class Log1p(UnaryScalarOp, symbol="log1p", types=upgrade_to_float, nfunc="log1p"):
    """The logarithm of one plus a number, precise near zero."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return g / (1 + x)


class Sigmoid(UnaryScalarOp, symbol="sigmoid", types=upgrade_to_float_no_complex, nfunc="scipy.special.expit"):
    """The logistic function, ``1 / (1 + exp(-x))``."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        s = sigmoid(x)
        return g * s * (1 - s)


class Softplus(UnaryScalarOp, symbol="softplus", types=upgrade_to_float_no_complex):
    """``log(1 + exp(x))``, without overflow and precise for negative numbers."""

    def compute(self, x: Any) -> Any:
        x = np.asarray(x)
        if x.dtype.kind != "f":
            # NumPy would compute small integers in half precision
            x = x.astype("float64")
        return np.logaddexp(np.zeros((), x.dtype), x)

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return g * sigmoid(x)


class Log1mexp(UnaryScalarOp, symbol="log1mexp", types=upgrade_to_float_no_complex):
    """``log(1 - exp(x))`` for negative numbers, precise near zero and far from it."""

    def compute(self, x: Any) -> Any:
        x = np.asarray(x)
        if x.dtype.kind != "f":
            x = x.astype("float64")
        return np.where(x > -np.log(2.0).astype(x.dtype), np.log(-np.expm1(x)), np.log1p(-np.exp(x)))

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return -g / expm1(-x)


class LogAddExp(
    BinaryScalarOp,
    symbol="logaddexp",
    types=upgrade_to_float_no_complex,
    nfunc="logaddexp",
    commutative=True,
    associative=True,
    identity=-np.inf,
):
    """``log(exp(x) + exp(y))``, without overflow."""

    def pull(self, g: Any, x: Any, y: Any, out: Any) -> Any:
        # the difference of two equal infinities is no number
        same = isinf(x) & eq(x, y)
        return [g * switch(same, 0.5, sigmoid(difference)) for difference in (x - y, y - x)]


class LogAddExp2(
    BinaryScalarOp,
    symbol="logaddexp2",
    types=upgrade_to_float_no_complex,
    nfunc="logaddexp2",
    commutative=True,
    associative=True,
    identity=-np.inf,
):
    """``log2(2**x + 2**y)``, without overflow."""

    def pull(self, g: Any, x: Any, y: Any, out: Any) -> Any:
        same = isinf(x) & eq(x, y)
        ln2 = float(np.log(2.0))
        return [g * switch(same, 0.5, sigmoid(difference * ln2)) for difference in (x - y, y - x)]


exp = Exp()
exp2 = Exp2()
expm1 = Expm1()
log = Log()
log2 = Log2()
log10 = Log10()
log1p = Log1p()
sigmoid = expit = Sigmoid()
softplus = log1pexp = Softplus()
log1mexp = Log1mexp()
logaddexp = LogAddExp()
logaddexp2 = LogAddExp2()
