"""Special functions: error functions, gamma functions, Bessel functions and others.

Values come from ``scipy.special``, which is imported when the first one is computed. The derivatives of the
incomplete gamma and beta functions with respect to their parameters, which SciPy doesn't have, are Ops in
`aesaralite.scalar.special_derivatives`.
"""

from __future__ import annotations

from math import pi, sqrt
from typing import Any

import numpy as np

from aesaralite.graph.null_type import DisconnectedType, grad_not_implemented
from aesaralite.scalar.comparison import eq
from aesaralite.scalar.exponential import exp, log, log1p
from aesaralite.scalar.op import BinaryScalarOp, ScalarOp, UnaryScalarOp
from aesaralite.scalar.output_types import upgrade_to_float, upgrade_to_float64, upgrade_to_float_no_complex
from aesaralite.scalar.selection import switch
from aesaralite.scalar.special_derivatives import betainc_der, gammainc_der, hyp2f1_der


class SpecialUnary(UnaryScalarOp, types=upgrade_to_float_no_complex):
    """A special function of one real number."""


class SpecialBinary(BinaryScalarOp, types=upgrade_to_float_no_complex):
    """A special function of two real numbers."""


# Error functions


class Erf(UnaryScalarOp, symbol="erf", types=upgrade_to_float, nfunc="scipy.special.erf"):
    """The error function."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return g * (2 / sqrt(pi)) * exp(-x * x)


class Erfc(UnaryScalarOp, symbol="erfc", types=upgrade_to_float, nfunc="scipy.special.erfc"):
    """One minus the error function, precise for large numbers."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return -g * (2 / sqrt(pi)) * exp(-x * x)


class Erfcx(SpecialUnary, symbol="erfcx", nfunc="scipy.special.erfcx"):
    """``exp(x**2) * erfc(x)``, without overflow for large numbers."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return g * (2 * x * erfcx(x) - 2 / sqrt(pi))


class Erfinv(SpecialUnary, symbol="erfinv", nfunc="scipy.special.erfinv"):
    """The inverse of the error function."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        y = erfinv(x)
        return g * (sqrt(pi) / 2) * exp(y * y)


class Erfcinv(SpecialUnary, symbol="erfcinv", nfunc="scipy.special.erfcinv"):
    """The inverse of one minus the error function."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        y = erfcinv(x)
        return -g * (sqrt(pi) / 2) * exp(y * y)


class OwensT(SpecialBinary, symbol="owens_t", nfunc="scipy.special.owens_t"):
    """Owen's T function."""

    def pull(self, g: Any, h: Any, a: Any, out: Any) -> Any:
        h2 = h * h
        by_h = -exp(-0.5 * h2) * erf(a * h * sqrt(0.5)) / (2 * sqrt(2 * pi))
        by_a = exp(-0.5 * h2 * (1 + a * a)) / (2 * pi * (1 + a * a))
        return g * by_h, g * by_a


# Gamma functions


class Gamma(UnaryScalarOp, symbol="gamma", types=upgrade_to_float, nfunc="scipy.special.gamma"):
    """The gamma function."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return g * gamma(x) * psi(x)


class GammaLn(SpecialUnary, symbol="gammaln", nfunc="scipy.special.gammaln"):
    """The logarithm of the magnitude of the gamma function."""

    def compute(self, x: Any) -> Any:
        # in the subnormals, where SciPy's is infinite or wrong, gamma is 1 / x
        magnitude = np.abs(x)
        near = (magnitude > 0) & (magnitude < 1e-37)
        return np.where(near, -np.log(np.where(near, magnitude, 1)), self.nfunc(x))  # type: ignore[misc]

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return g * psi(x)


class Psi(UnaryScalarOp, symbol="psi", types=upgrade_to_float, nfunc="scipy.special.psi"):
    """The digamma function: the derivative of the logarithm of the gamma function."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return g * tri_gamma(x)


class PolyGamma(SpecialBinary, symbol="polygamma", nfunc="scipy.special.polygamma"):
    """The derivative, of the order that the first number gives, of the digamma function."""

    def compute(self, n: Any, x: Any) -> Any:
        # one factor is enormous and the other tiny, beyond what float32 holds
        return self.nfunc(np.asarray(n, "float64"), np.asarray(x, "float64"))  # type: ignore[misc]

    def connection_pattern(self, node: Any) -> list[list[bool]]:
        return [[False], [True]]

    def pull(self, g: Any, n: Any, x: Any, out: Any) -> Any:
        return DisconnectedType()(), g * polygamma(n + 1, x)


class TriGamma(SpecialUnary, symbol="tri_gamma"):
    """The derivative of the digamma function."""

    def compute(self, x: Any) -> Any:
        return polygamma.compute(1, x)

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return g * polygamma(2, x)


class GammaInc(SpecialBinary, symbol="gammainc", nfunc="scipy.special.gammainc"):
    """The regularized lower incomplete gamma function."""

    def pull(self, g: Any, k: Any, x: Any, out: Any) -> Any:
        return g * gammainc_der(k, x), g * _gamma_density(k, x)


class GammaIncC(SpecialBinary, symbol="gammaincc", nfunc="scipy.special.gammaincc"):
    """The regularized upper incomplete gamma function."""

    def pull(self, g: Any, k: Any, x: Any, out: Any) -> Any:
        return -g * gammainc_der(k, x), -g * _gamma_density(k, x)


class GammaL(SpecialBinary, symbol="gammal"):
    """The lower incomplete gamma function."""

    def compute(self, k: Any, x: Any) -> Any:
        return gammainc.compute(k, x) * gamma.compute(np.asarray(k, np.result_type(k, x)))

    def pull(self, g: Any, k: Any, x: Any, out: Any) -> Any:
        by_k = gamma(k) * (gammainc_der(k, x) + psi(k) * gammainc(k, x))
        return g * by_k, g * exp(-x + (k - 1) * log(x))


class GammaU(SpecialBinary, symbol="gammau"):
    """The upper incomplete gamma function."""

    def compute(self, k: Any, x: Any) -> Any:
        return gammaincc.compute(k, x) * gamma.compute(np.asarray(k, np.result_type(k, x)))

    def pull(self, g: Any, k: Any, x: Any, out: Any) -> Any:
        by_k = gamma(k) * (psi(k) * gammaincc(k, x) - gammainc_der(k, x))
        return g * by_k, -g * exp(-x + (k - 1) * log(x))


class GammaIncInv(SpecialBinary, symbol="gammaincinv", nfunc="scipy.special.gammaincinv"):
    """The inverse of the regularized lower incomplete gamma function in its second number."""

    def pull(self, g: Any, k: Any, p: Any, out: Any) -> Any:
        x = gammaincinv(k, p)
        slope = g / _gamma_density(k, x)
        return -slope * gammainc_der(k, x), slope


class GammaIncCInv(SpecialBinary, symbol="gammainccinv", nfunc="scipy.special.gammainccinv"):
    """The inverse of the regularized upper incomplete gamma function in its second number."""

    def pull(self, g: Any, k: Any, q: Any, out: Any) -> Any:
        x = gammainccinv(k, q)
        slope = g / _gamma_density(k, x)
        return -slope * gammainc_der(k, x), -slope


class Chi2SF(BinaryScalarOp, symbol="chi2sf", types=upgrade_to_float64):
    """The probability that a chi-square variate of the second number's degrees of freedom exceeds the first number."""

    def compute(self, x: Any, k: Any) -> Any:
        return gammaincc.compute(np.asarray(k, "float64") / 2, np.asarray(x, "float64") / 2)

    def pull(self, g: Any, x: Any, k: Any, out: Any) -> Any:
        half_k, half_x = k / 2, x / 2
        return -g * _gamma_density(half_k, half_x) / 2, -g * gammainc_der(half_k, half_x) / 2


def _gamma_density(k: Any, x: Any) -> Any:
    return exp(-x + (k - 1) * log(x) - gammaln(k))


# Beta and hypergeometric functions


class BetaInc(ScalarOp, symbol="betainc", nin=3, types=upgrade_to_float_no_complex, nfunc="scipy.special.betainc"):
    """The regularized incomplete beta function of two parameters and a number."""

    def pull(self, g: Any, a: Any, b: Any, x: Any, out: Any) -> Any:
        return g * betainc_der(a, b, x, True), g * betainc_der(a, b, x, False), g * _beta_density(a, b, x)


class BetaIncInv(
    ScalarOp, symbol="betaincinv", nin=3, types=upgrade_to_float_no_complex, nfunc="scipy.special.betaincinv"
):
    """The inverse of the regularized incomplete beta function in its third number."""

    def pull(self, g: Any, a: Any, b: Any, p: Any, out: Any) -> Any:
        x = betaincinv(a, b, p)
        slope = g / _beta_density(a, b, x)
        return -slope * betainc_der(a, b, x, True), -slope * betainc_der(a, b, x, False), slope


def _beta_density(a: Any, b: Any, x: Any) -> Any:
    log_beta = gammaln(a) + gammaln(b) - gammaln(a + b)
    return exp((a - 1) * log(x) + (b - 1) * log1p(-x) - log_beta)


class Hyp2F1(ScalarOp, symbol="hyp2f1", nin=4, types=upgrade_to_float_no_complex, nfunc="scipy.special.hyp2f1"):
    """The Gaussian hypergeometric function of three parameters and a number."""

    def compute(self, a: Any, b: Any, c: Any, z: Any) -> Any:
        # where z is NaN and the parameters are enormous, SciPy ends the process
        unknown = np.isnan(z)
        return np.where(unknown, np.nan, self.nfunc(a, b, c, np.where(unknown, 0, z)))  # type: ignore[misc]

    def pull(self, g: Any, a: Any, b: Any, c: Any, z: Any, out: Any) -> Any:
        by_z = (a * b / c) * hyp2f1(a + 1, b + 1, c + 1, z)
        return [*(g * hyp2f1_der(a, b, c, z, wrt) for wrt in range(3)), g * by_z]


# Bessel functions


class BesselOp(SpecialBinary):
    """A Bessel function of an order and a number; the derivative with respect to the order isn't known here."""

    def pull(self, g: Any, v: Any, x: Any, out: Any) -> Any:
        return grad_not_implemented(self, 0, v), g * self.slope(v, x)

    def slope(self, v: Any, x: Any) -> Any:
        """Return the derivative with respect to the number."""
        raise NotImplementedError()


class Jv(BesselOp, symbol="jv", nfunc="scipy.special.jv"):
    """The Bessel function of the first kind."""

    def slope(self, v: Any, x: Any) -> Any:
        return (jv(v - 1, x) - jv(v + 1, x)) / 2


class Iv(BesselOp, symbol="iv", nfunc="scipy.special.iv"):
    """The modified Bessel function of the first kind."""

    def slope(self, v: Any, x: Any) -> Any:
        return (iv(v - 1, x) + iv(v + 1, x)) / 2


class Kv(BesselOp, symbol="kv", nfunc="scipy.special.kv"):
    """The modified Bessel function of the second kind."""

    def slope(self, v: Any, x: Any) -> Any:
        return -(kv(v - 1, x) + kv(v + 1, x)) / 2


class Ive(BesselOp, symbol="ive", nfunc="scipy.special.ive"):
    """The modified Bessel function of the first kind, times ``exp(-abs(x))``."""

    def slope(self, v: Any, x: Any) -> Any:
        return (ive(v - 1, x) + ive(v + 1, x)) / 2 - switch(x < 0, -1.0, 1.0).astype(x.dtype) * ive(v, x)


class Kve(BesselOp, symbol="kve", nfunc="scipy.special.kve"):
    """The modified Bessel function of the second kind, times ``exp(x)``."""

    def slope(self, v: Any, x: Any) -> Any:
        return kve(v, x) - (kve(v - 1, x) + kve(v + 1, x)) / 2


class J0(SpecialUnary, symbol="j0", nfunc="scipy.special.j0"):
    """The Bessel function of the first kind and order 0."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return -g * j1(x)


class J1(SpecialUnary, symbol="j1", nfunc="scipy.special.j1"):
    """The Bessel function of the first kind and order 1."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return g * (j0(x) - jv(2, x)) / 2


class I0(SpecialUnary, symbol="i0", nfunc="scipy.special.i0"):
    """The modified Bessel function of the first kind and order 0."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return g * i1(x)


class I1(SpecialUnary, symbol="i1", nfunc="scipy.special.i1"):
    """The modified Bessel function of the first kind and order 1."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return g * (i0(x) + iv(2, x)) / 2


# Products with a logarithm


class XlogX(SpecialUnary, symbol="xlogx"):
    """``x * log(x)``; zero at zero."""

    def compute(self, x: Any) -> Any:
        return xlogy0.compute(x, x)

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return g * (1 + log(x))


class XlogY0(SpecialBinary, symbol="xlogy0", nfunc="scipy.special.xlogy"):
    """``x * log(y)``; zero where x is."""

    def pull(self, g: Any, x: Any, y: Any, out: Any) -> Any:
        return g * log(y), switch(eq(x, 0), 0, g * x / y)


erf = Erf()
erfc = Erfc()
erfcx = Erfcx()
erfinv = Erfinv()
erfcinv = Erfcinv()
owens_t = OwensT()
gamma = Gamma()
gammaln = GammaLn()
psi = digamma = Psi()
tri_gamma = TriGamma()
polygamma = PolyGamma()
gammainc = GammaInc()
gammaincc = GammaIncC()
gammaincinv = GammaIncInv()
gammainccinv = GammaIncCInv()
gammal = GammaL()
gammau = GammaU()
chi2sf = Chi2SF()
betainc = BetaInc()
betaincinv = BetaIncInv()
hyp2f1 = Hyp2F1()
j0 = J0()
j1 = J1()
jv = Jv()
i0 = I0()
i1 = I1()
iv = Iv()
ive = Ive()
kv = Kv()
kve = Kve()
xlogx = XlogX()
xlogy0 = XlogY0()
