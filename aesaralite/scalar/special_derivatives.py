"""Derivatives of special functions with respect to their parameters.

Each is a series whose terms are differentiated one by one, summed until no term counts any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from aesaralite.graph.null_type import grad_not_implemented
from aesaralite.scalar.op import ScalarOp
from aesaralite.scalar.output_types import upgrade_to_float_no_complex

_MAX_TERMS = 100_000


class _SeriesOp(ScalarOp, types=upgrade_to_float_no_complex):
    """A derivative whose own derivative isn't known here."""

    def L_op(self, inputs: Any, outputs: Any, output_gradients: Any) -> Any:
        return [
            grad_not_implemented(self, i, x, "It is the derivative of a special function") for i, x in enumerate(inputs)
        ]


class GammaIncDer(_SeriesOp, symbol="gammainc_der", nin=2):
    """The derivative of the regularized lower incomplete gamma function with respect to its first number."""

    def compute(self, k: Any, x: Any) -> Any:
        from scipy.special import gammaln, psi

        k, x = np.broadcast_arrays(np.asarray(k, "float64"), np.asarray(x, "float64"))
        log_x = np.log(np.where(x > 0, x, 1.0))
        term = np.exp(k * log_x - x - gammaln(k + 1))
        digamma = psi(k + 1)
        total = term * (log_x - digamma)
        for n in range(1, _MAX_TERMS):
            term = term * x / (k + n)
            digamma = digamma + 1 / (k + n)
            change = term * (log_x - digamma)
            total = total + change
            # terms grow until k + n reaches x, where the logarithms cross
            done = (n > x - k + 1) & (np.abs(change) <= 1e-17 * np.maximum(np.abs(total), 1e-300))
            done |= (term == 0) & (n > x - k) | np.isnan(term)
            if np.all(done):
                break
        total = np.where(done, total, np.nan)
        return np.where(x > 0, total, np.where(x == 0, 0.0, np.nan))


class GammaIncCDer(_SeriesOp, symbol="gammaincc_der", nin=2):
    """The derivative of the regularized upper incomplete gamma function with respect to its first number."""

    def compute(self, k: Any, x: Any) -> Any:
        return -gammainc_der.compute(k, x)


class BetaIncDer(_SeriesOp, symbol="betainc_der", nin=4):
    """The derivative of the regularized incomplete beta function with respect to a parameter.

    Called with both parameters, the number, and whether the derivative is that with respect to the first parameter.
    """

    def combined(self, nin: int) -> Sequence[int]:
        return range(3)

    def output_types(self, types: Any) -> Any:
        return super().output_types(types[:3])

    def compute(self, a: Any, b: Any, x: Any, by_first: Any) -> Any:
        a, b, x, by_first = np.broadcast_arrays(
            np.asarray(a, "float64"), np.asarray(b, "float64"), np.asarray(x, "float64"), np.asarray(by_first, bool)
        )
        defined = (a > 0) & (b > 0) & (x >= 0) & (x <= 1)
        a, b = np.where(defined, a, 1.0), np.where(defined, b, 1.0)
        # I(a, b, x) = 1 - I(b, a, 1 - x), of which the one with the shorter series is taken
        mirrored = _series_length(a, b, x) > _series_length(b, a, 1 - x)
        value = _betainc_series(
            np.where(mirrored, b, a), np.where(mirrored, a, b), np.where(mirrored, 1 - x, x), by_first != mirrored
        )
        value = np.where((x == 0) | (x == 1), 0.0, np.where(mirrored, -value, value))
        return np.where(defined, value, np.nan)


def _betainc_series(a: Any, b: Any, x: Any, by_first: Any) -> Any:
    from scipy.special import betaln, psi

    x = np.where((x > 0) & (x < 1), x, 0.5)
    digamma_sum = psi(a + b)
    log_factor = np.where(by_first, np.log(x) - 1 / a + digamma_sum - psi(a), np.log1p(-x) + digamma_sum - psi(b))
    term = np.exp(a * np.log(x) + b * np.log1p(-x) - np.log(a) - betaln(a, b))
    # the derivative of a term's logarithm
    slope = log_factor
    total = term * slope
    for n in range(_MAX_TERMS):
        term = term * (a + b + n) / (a + 1 + n) * x
        slope = slope + 1 / (a + b + n) - np.where(by_first, 1 / (a + 1 + n), 0.0)
        change = term * slope
        total = total + change
        done = (np.abs(change) <= 1e-17 * np.abs(total)) & (np.abs(term) <= 1e-17) | (term == 0) | np.isnan(term)
        if np.all(done):
            break
    return np.where(done, total, np.nan)


def _series_length(a: Any, b: Any, x: Any) -> Any:
    """Return roughly how many terms the series of the incomplete beta function has: some grow, the others shrink."""
    with np.errstate(all="ignore"):
        return np.maximum(((a + b) * x - a - 1) / (1 - x), 0.0) + 40 / np.abs(np.log(x))


class Hyp2F1Der(_SeriesOp, symbol="hyp2f1_der", nin=5):
    """The derivative of the Gaussian hypergeometric function with respect to a parameter.

    Called with the three parameters, the number, whose magnitude must be below one, and which of the parameters (0, 1
    or 2) the derivative is with respect to.
    """

    def combined(self, nin: int) -> Sequence[int]:
        return range(4)

    def output_types(self, types: Any) -> Any:
        return super().output_types(types[:4])

    def compute(self, a: Any, b: Any, c: Any, z: Any, wrt: Any) -> Any:
        a, b, c, z = np.broadcast_arrays(*(np.asarray(value, "float64") for value in (a, b, c, z)))
        wrt = np.asarray(wrt)
        usable = np.abs(z) < 1
        z = np.where(usable, z, 0.0)
        term = np.ones_like(z)
        slope = np.zeros_like(z)
        total = np.zeros(np.broadcast_shapes(z.shape, wrt.shape))
        for n in range(_MAX_TERMS):
            scale = z / ((c + n) * (n + 1))
            ratio = (a + n) * (b + n)
            ratio_slope = np.where(wrt == 0, b + n, np.where(wrt == 1, a + n, -ratio / (c + n)))
            slope = (slope * ratio + term * ratio_slope) * scale
            term = term * ratio * scale
            total = total + slope
            if np.all((np.abs(slope) <= 1e-17 * np.abs(total)) & (np.abs(term) <= 1e-17) | np.isnan(slope)):
                break
        return np.where(usable, total, np.nan)


gammainc_der = GammaIncDer()
gammaincc_der = GammaIncCDer()
betainc_der = BetaIncDer()
hyp2f1_der = Hyp2F1Der()
