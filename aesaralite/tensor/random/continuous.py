r"""Distributions over the real line, or over an interval.

Parameters are arrays of numbers that broadcast against each other and to `size`; NumPy takes them as float64, and draws
in float64, whatever the dtype of the result is. Where a docstring gives a recipe, :math:`u` and :math:`z` are what the
generator's ``random`` and ``standard_normal`` draw.

The densities are those of Johnson, Kotz and Balakrishnan: Continuous Univariate Distributions, volumes 1 and 2, second
edition, Wiley 1994 and 1995 ("CUD" below, with the chapter).
"""

# a distribution is called with its own parameters
# mypy: disable-error-code="override"

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from aesaralite.tensor.random.families import ContinuousRV, ScipyRandomVariable, require

__all__ = [
    "BetaRV",
    "CauchyRV",
    "GumbelRV",
    "LaplaceRV",
    "LogisticRV",
    "NormalRV",
    "PowerRV",
    "StandardCauchyRV",
    "StudentTRV",
    "TriangularRV",
    "UniformRV",
    "VonMisesRV",
    "beta",
    "cauchy",
    "gumbel",
    "laplace",
    "logistic",
    "normal",
    "power",
    "random",
    "standard_cauchy",
    "standard_normal",
    "standard_t",
    "t",
    "triangular",
    "uniform",
    "vonmises",
]


class UniformRV(ContinuousRV):
    r"""Numbers of an interval, all equally likely. NumPy's ``Generator.uniform``.

    .. math:: f(x) = \frac{1}{high - low}, \quad low \le x < high

    Source: CUD, chapter 26.
    """

    name = "uniform"
    ndims_params = (0, 0)

    def __call__(self, low: Any = 0.0, high: Any = 1.0, size: Any = None, **kwargs: Any) -> Any:
        """Return numbers from an interval.

        Parameters
        ----------
        low : tensor_like
            Where the interval begins.
        high : tensor_like
            Where it ends: at least `low`.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(low, high, size=size, **kwargs)


uniform = UniformRV()
random = uniform


class TriangularRV(ContinuousRV):
    r"""Numbers whose density is a triangle. NumPy's ``Generator.triangular``.

    .. math::

        f(x) = \frac{2 (x - left)}{(right - left) (mode - left)}, \quad left \le x \le mode, \qquad
        f(x) = \frac{2 (right - x)}{(right - left) (right - mode)}, \quad mode \le x \le right

    Source: CUD, chapter 26.
    """

    name = "triangular"
    ndims_params = (0, 0, 0)

    def __call__(self, left: Any, mode: Any, right: Any, size: Any = None, **kwargs: Any) -> Any:
        """Return numbers whose density is a triangle.

        Parameters
        ----------
        left : tensor_like
            The smallest number.
        mode : tensor_like
            The likeliest number: at least `left`.
        right : tensor_like
            The largest number: at least `mode`, and above `left`.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(left, mode, right, size=size, **kwargs)


triangular = TriangularRV()


class BetaRV(ContinuousRV):
    r"""Beta distribution. NumPy's ``Generator.beta``.

    .. math:: f(x) = \frac{x^{\alpha - 1} (1 - x)^{\beta - 1}}{B(\alpha, \beta)}, \quad 0 \le x \le 1

    Source: CUD, chapter 25.
    """

    name = "beta"
    ndims_params = (0, 0)

    def __call__(self, alpha: Any, beta: Any, size: Any = None, **kwargs: Any) -> Any:
        r"""Return numbers between 0 and 1.

        Parameters
        ----------
        alpha, beta : tensor_like
            The exponents :math:`\alpha` and :math:`\beta`, positive.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(alpha, beta, size=size, **kwargs)


beta = BetaRV()


class PowerRV(ContinuousRV):
    r"""Powers of uniform numbers. NumPy's ``Generator.power``.

    .. math:: f(x) = a x^{a - 1}, \quad 0 \le x \le 1

    Source: CUD, chapter 25 (a beta distribution with parameters `a` and 1).
    """

    name = "power"
    ndims_params = (0,)

    def __call__(self, a: Any, size: Any = None, **kwargs: Any) -> Any:
        """Return powers of uniform numbers.

        Parameters
        ----------
        a : tensor_like
            The inverse of the exponent, positive.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(a, size=size, **kwargs)


power = PowerRV()


class VonMisesRV(ContinuousRV):
    r"""Angles around a mean direction. NumPy's ``Generator.vonmises``.

    .. math:: f(x) = \frac{e^{\kappa \cos(x - \mu)}}{2 \pi I_0(\kappa)}, \quad -\pi \le x \le \pi

    Source: Mardia and Jupp, Directional Statistics, Wiley 2000, section 3.5.4.
    """

    name = "vonmises"
    ndims_params = (0, 0)

    def __call__(self, mu: Any, kappa: Any, size: Any = None, **kwargs: Any) -> Any:
        r"""Return angles.

        Parameters
        ----------
        mu : tensor_like
            The mean direction :math:`\mu`, in radians.
        kappa : tensor_like
            The concentration :math:`\kappa`, at least 0.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(mu, kappa, size=size, **kwargs)


vonmises = VonMisesRV()


class NormalRV(ContinuousRV):
    r"""Normal distribution. NumPy's ``Generator.normal``.

    .. math:: f(x) = \frac{1}{\sigma \sqrt{2 \pi}} \exp\left(-\frac{(x - \mu)^2}{2 \sigma^2}\right)

    Source: CUD, chapter 13.
    """

    name = "normal"
    ndims_params = (0, 0)

    def __call__(self, loc: Any = 0.0, scale: Any = 1.0, size: Any = None, **kwargs: Any) -> Any:
        r"""Return normal numbers.

        Parameters
        ----------
        loc : tensor_like
            The mean :math:`\mu`.
        scale : tensor_like
            The standard deviation :math:`\sigma`, at least 0.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(loc, scale, size=size, **kwargs)


normal = NormalRV()


def standard_normal(size: Any = None, *, rng: Any = None, **kwargs: Any) -> Any:
    """Return normal numbers of mean 0 and standard deviation 1, the same as NumPy's ``Generator.standard_normal``.

    Parameters
    ----------
    size : int, tuple or vector variable, optional
        The shape of the batch of draws.
    rng : Variable, optional
        The generator.
    **kwargs
        `name` and `dtype`, see `RandomVariable`.
    """
    return normal(0.0, 1.0, size=size, rng=rng, **kwargs)


class LaplaceRV(ContinuousRV):
    r"""Laplace distribution. NumPy's ``Generator.laplace``.

    .. math:: f(x) = \frac{1}{2 \lambda} \exp\left(-\frac{|x - \mu|}{\lambda}\right)

    Source: CUD, chapter 24.
    """

    name = "laplace"
    ndims_params = (0, 0)

    def __call__(self, loc: Any = 0.0, scale: Any = 1.0, size: Any = None, **kwargs: Any) -> Any:
        r"""Return numbers of a Laplace distribution.

        Parameters
        ----------
        loc : tensor_like
            The mean :math:`\mu`.
        scale : tensor_like
            The mean distance from it :math:`\lambda`, at least 0.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(loc, scale, size=size, **kwargs)


laplace = LaplaceRV()


class LogisticRV(ContinuousRV):
    r"""Logistic distribution. NumPy's ``Generator.logistic``.

    .. math:: f(x) = \frac{e^{-(x - \mu) / s}}{s (1 + e^{-(x - \mu) / s})^2}

    Source: CUD, chapter 23.
    """

    name = "logistic"
    ndims_params = (0, 0)

    def __call__(self, loc: Any = 0.0, scale: Any = 1.0, size: Any = None, **kwargs: Any) -> Any:
        r"""Return numbers of a logistic distribution.

        Parameters
        ----------
        loc : tensor_like
            The mean :math:`\mu`.
        scale : tensor_like
            The scale :math:`s`, at least 0.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(loc, scale, size=size, **kwargs)


logistic = LogisticRV()


class GumbelRV(ContinuousRV):
    r"""Gumbel distribution: that of the largest of many numbers. NumPy's ``Generator.gumbel``.

    .. math:: f(x) = \frac{1}{\beta} \exp(-v - e^{-v}), \quad v = \frac{x - \mu}{\beta}

    Source: CUD, chapter 22.
    """

    name = "gumbel"
    ndims_params = (0, 0)

    def __call__(self, loc: Any = 0.0, scale: Any = 1.0, size: Any = None, **kwargs: Any) -> Any:
        r"""Return numbers of a Gumbel distribution.

        Parameters
        ----------
        loc : tensor_like
            The mode :math:`\mu`.
        scale : tensor_like
            The scale :math:`\beta`, at least 0.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(loc, scale, size=size, **kwargs)


gumbel = GumbelRV()


@functools.cache
def _cauchy_quantile() -> Any:
    from scipy.special import _ufuncs

    # what scipy.stats uses since SciPy 1.16
    return getattr(_ufuncs, "_cauchy_ppf", None)


class CauchyRV(ScipyRandomVariable):
    r"""Cauchy distribution. SciPy's ``cauchy``: NumPy has only the standard one.

    .. math:: f(x) = \frac{1}{\pi \gamma (1 + v^2)}, \quad v = \frac{x - x_0}{\gamma}

    Source: CUD, chapter 16. Recipe: ``loc + scale * q(u)`` with the quantile that SciPy has in `scipy.special`,
    :math:`q(u) = -1 / \tan(\pi u)` for :math:`u \le 1/2`, else :math:`-1 / \tan(\pi (u - 1))`; in older versions,
    :math:`q(u) = \tan(\pi u - \pi / 2)`.
    """

    name = "cauchy"
    ndims_params = (0, 0)

    def __call__(self, loc: Any = 0.0, scale: Any = 1.0, size: Any = None, **kwargs: Any) -> Any:
        r"""Return numbers of a Cauchy distribution.

        Parameters
        ----------
        loc : tensor_like
            The median :math:`x_0`.
        scale : tensor_like
            Half of the distance between the quartiles :math:`\gamma`, at least 0.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(loc, scale, size=size, **kwargs)

    def rng_fn_scipy(self, rng: Any, loc: Any, scale: Any, size: Any) -> Any:
        require(scale >= 0, "scale < 0")
        u = rng.uniform(size=size)
        quantile = _cauchy_quantile()
        standard = np.tan(np.pi * u - np.pi / 2.0) if quantile is None else quantile(u, 0.0, 1.0)
        return standard * scale + loc


cauchy = CauchyRV()


class StandardCauchyRV(ContinuousRV):
    r"""Cauchy distribution without parameters. NumPy's ``Generator.standard_cauchy``.

    .. math:: f(x) = \frac{1}{\pi (1 + x^2)}

    Source: CUD, chapter 16.
    """

    name = "standard_cauchy"
    ndims_params = ()

    def __call__(self, size: Any = None, **kwargs: Any) -> Any:
        """Return numbers of the standard Cauchy distribution.

        Parameters
        ----------
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(size=size, **kwargs)


standard_cauchy = StandardCauchyRV()


class StudentTRV(ScipyRandomVariable):
    r"""Student's t distribution. SciPy's ``t``: NumPy has only the standard one.

    .. math::

        f(x) = \frac{\Gamma((\nu + 1) / 2)}{\Gamma(\nu / 2) \sigma \sqrt{\nu \pi}}
        \left(1 + \frac{v^2}{\nu}\right)^{-(\nu + 1) / 2}, \quad v = \frac{x - \mu}{\sigma}

    Source: CUD, chapter 28. Recipe: ``standard_t(df) * scale + loc``, with NumPy's ``Generator.standard_t``.
    """

    name = "t"
    ndims_params = (0, 0, 0)

    def __call__(self, df: Any, loc: Any = 0.0, scale: Any = 1.0, size: Any = None, **kwargs: Any) -> Any:
        r"""Return numbers of a t distribution.

        Parameters
        ----------
        df : tensor_like
            The number of degrees of freedom :math:`\nu`, positive.
        loc : tensor_like
            The median :math:`\mu`.
        scale : tensor_like
            The scale :math:`\sigma`, at least 0.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(df, loc, scale, size=size, **kwargs)

    def rng_fn_scipy(self, rng: Any, df: Any, loc: Any, scale: Any, size: Any) -> Any:
        require(df > 0, "df <= 0")
        require(scale >= 0, "scale < 0")
        return rng.standard_t(df, size=size) * scale + loc


t = StudentTRV()


def standard_t(df: Any, size: Any = None, *, rng: Any = None, **kwargs: Any) -> Any:
    """Return numbers of a t distribution of median 0 and scale 1, the same as NumPy's ``Generator.standard_t``.

    Parameters
    ----------
    df : tensor_like
        The number of degrees of freedom, positive.
    size : int, tuple or vector variable, optional
        The shape of the batch of draws.
    rng : Variable, optional
        The generator.
    **kwargs
        `name` and `dtype`, see `RandomVariable`.
    """
    return t(df, 0.0, 1.0, size=size, rng=rng, **kwargs)
