r"""Distributions of positive numbers, but for the relatives of the gamma distribution.

Parameters are arrays of numbers that broadcast against each other and to `size`; NumPy takes them as float64, and draws
in float64, whatever the dtype of the result is. Where a docstring gives a recipe, :math:`u` and :math:`z` are what the
generator's ``random`` and ``standard_normal`` draw, and all operations are those of NumPy on whole arrays.

The densities are those of Johnson, Kotz and Balakrishnan: Continuous Univariate Distributions, volumes 1 and 2, second
edition, Wiley 1994 and 1995 ("CUD" below, with the chapter).
"""

# a distribution is called with its own parameters
# mypy: disable-error-code="override"

from __future__ import annotations

from typing import Any

import numpy as np

from aesaralite.tensor.random.families import ContinuousRV, ScipyRandomVariable, require

__all__ = [
    "ExponentialRV",
    "HalfCauchyRV",
    "HalfNormalRV",
    "LogNormalRV",
    "ParetoRV",
    "RayleighRV",
    "TruncExponentialRV",
    "WaldRV",
    "WeibullRV",
    "exponential",
    "halfcauchy",
    "halfnormal",
    "lognormal",
    "pareto",
    "rayleigh",
    "standard_exponential",
    "truncexpon",
    "wald",
    "weibull",
]


class ExponentialRV(ContinuousRV):
    r"""Exponential distribution. NumPy's ``Generator.exponential``.

    .. math:: f(x) = \frac{1}{\beta} e^{-x / \beta}, \quad x \ge 0

    Source: CUD, chapter 19.
    """

    name = "exponential"
    ndims_params = (0,)

    def __call__(self, scale: Any = 1.0, size: Any = None, **kwargs: Any) -> Any:
        r"""Return numbers of an exponential distribution.

        Parameters
        ----------
        scale : tensor_like
            The mean :math:`\beta`, at least 0.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(scale, size=size, **kwargs)


exponential = ExponentialRV()


def standard_exponential(size: Any = None, *, rng: Any = None, **kwargs: Any) -> Any:
    """Return exponential numbers of mean 1, the same as NumPy's ``Generator.standard_exponential``.

    Parameters
    ----------
    size : int, tuple or vector variable, optional
        The shape of the batch of draws.
    rng : Variable, optional
        The generator.
    **kwargs
        `name` and `dtype`, see `RandomVariable`.
    """
    return exponential(1.0, size=size, rng=rng, **kwargs)


class TruncExponentialRV(ScipyRandomVariable):
    r"""Exponential distribution cut off at a largest value. SciPy's ``truncexpon``.

    .. math:: f(x) = \frac{e^{-v}}{\beta (1 - e^{-b})}, \quad v = \frac{x - \alpha}{\beta}, \quad 0 \le v \le b

    Source: CUD, chapter 19. Recipe: ``loc + scale * -log1p(u * expm1(-b))``, with `log1p` and `expm1` of
    `scipy.special`.
    """

    name = "truncexpon"
    ndims_params = (0, 0, 0)

    def __call__(self, b: Any, loc: Any = 0.0, scale: Any = 1.0, size: Any = None, **kwargs: Any) -> Any:
        r"""Return numbers of an exponential distribution that ends.

        Parameters
        ----------
        b : tensor_like
            Where it ends, before scaling: positive.
        loc : tensor_like
            Where it begins :math:`\alpha`.
        scale : tensor_like
            The scale :math:`\beta`, at least 0.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(b, loc, scale, size=size, **kwargs)

    def rng_fn_scipy(self, rng: Any, b: Any, loc: Any, scale: Any, size: Any) -> Any:
        from scipy.special import expm1, log1p

        require(b > 0, "b <= 0")
        require(scale >= 0, "scale < 0")
        return -log1p(rng.uniform(size=size) * expm1(-b)) * scale + loc


truncexpon = TruncExponentialRV()


class WeibullRV(ContinuousRV):
    r"""Weibull distribution. NumPy's ``Generator.weibull``.

    .. math:: f(x) = k x^{k - 1} e^{-x^k}, \quad x \ge 0

    Source: CUD, chapter 21.
    """

    name = "weibull"
    ndims_params = (0,)

    def __call__(self, shape: Any, size: Any = None, **kwargs: Any) -> Any:
        """Return numbers of a Weibull distribution.

        Parameters
        ----------
        shape : tensor_like
            The shape :math:`k`, at least 0; with 0, all numbers are 0.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(shape, size=size, **kwargs)


weibull = WeibullRV()


class RayleighRV(ContinuousRV):
    r"""Rayleigh distribution: that of the length of a vector of two normal numbers. NumPy's ``Generator.rayleigh``.

    .. math:: f(x) = \frac{x}{\sigma^2} e^{-x^2 / (2 \sigma^2)}, \quad x \ge 0

    Source: CUD, chapter 18.
    """

    name = "rayleigh"
    ndims_params = (0,)

    def __call__(self, scale: Any = 1.0, size: Any = None, **kwargs: Any) -> Any:
        r"""Return numbers of a Rayleigh distribution.

        Parameters
        ----------
        scale : tensor_like
            The mode :math:`\sigma`, at least 0.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(scale, size=size, **kwargs)


rayleigh = RayleighRV()


class ParetoRV(ScipyRandomVariable):
    r"""Pareto distribution, of the first kind. SciPy's ``pareto``.

    .. math:: f(x) = \frac{b x_m^b}{x^{b + 1}}, \quad x \ge x_m

    NumPy's ``Generator.pareto`` is the distribution of the second kind, which begins at 0. Source: CUD, chapter 20.
    Recipe: ``scale * (1 - u) ** (-1 / b)``.
    """

    name = "pareto"
    ndims_params = (0, 0)

    def __call__(self, b: Any, scale: Any = 1.0, size: Any = None, **kwargs: Any) -> Any:
        """Return numbers of a Pareto distribution.

        Parameters
        ----------
        b : tensor_like
            The exponent, positive.
        scale : tensor_like
            The smallest number :math:`x_m`, at least 0.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(b, scale, size=size, **kwargs)

    def rng_fn_scipy(self, rng: Any, b: Any, scale: Any, size: Any) -> Any:
        require(b > 0, "b <= 0")
        require(scale >= 0, "scale < 0")
        return (1 - rng.uniform(size=size)) ** (-1.0 / b) * scale


pareto = ParetoRV()


class LogNormalRV(ContinuousRV):
    r"""Lognormal distribution: that of exponentials of normal numbers. NumPy's ``Generator.lognormal``.

    .. math:: f(x) = \frac{1}{x \sigma \sqrt{2 \pi}} \exp\left(-\frac{(\ln x - \mu)^2}{2 \sigma^2}\right), \quad x > 0

    Source: CUD, chapter 14.
    """

    name = "lognormal"
    ndims_params = (0, 0)

    def __call__(self, mean: Any = 0.0, sigma: Any = 1.0, size: Any = None, **kwargs: Any) -> Any:
        r"""Return exponentials of normal numbers.

        Parameters
        ----------
        mean : tensor_like
            The mean of the logarithms :math:`\mu`.
        sigma : tensor_like
            The standard deviation of the logarithms :math:`\sigma`, at least 0.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(mean, sigma, size=size, **kwargs)


lognormal = LogNormalRV()


class HalfNormalRV(ScipyRandomVariable):
    r"""Half of a normal distribution: that above the mean. SciPy's ``halfnorm``.

    .. math:: f(x) = \frac{1}{\sigma} \sqrt{\frac{2}{\pi}} \exp\left(-\frac{(x - \mu)^2}{2 \sigma^2}\right),
        \quad x \ge \mu

    Source: CUD, chapter 13. Recipe: ``loc + scale * abs(z)``.
    """

    name = "halfnormal"
    ndims_params = (0, 0)

    def __call__(self, loc: Any = 0.0, scale: Any = 1.0, size: Any = None, **kwargs: Any) -> Any:
        r"""Return normal numbers above the mean.

        Parameters
        ----------
        loc : tensor_like
            The mean of the whole distribution :math:`\mu`.
        scale : tensor_like
            The standard deviation of the whole distribution :math:`\sigma`, at least 0.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(loc, scale, size=size, **kwargs)

    def rng_fn_scipy(self, rng: Any, loc: Any, scale: Any, size: Any) -> Any:
        require(scale >= 0, "scale < 0")
        return np.abs(rng.standard_normal(size=size)) * scale + loc


halfnormal = HalfNormalRV()


class HalfCauchyRV(ScipyRandomVariable):
    r"""Half of a Cauchy distribution: that above the median. SciPy's ``halfcauchy``.

    .. math:: f(x) = \frac{2}{\pi \gamma (1 + v^2)}, \quad v = \frac{x - x_0}{\gamma} \ge 0

    Source: CUD, chapter 16. Recipe: ``loc + scale * tan(pi / 2 * u)``.
    """

    name = "halfcauchy"
    ndims_params = (0, 0)

    def __call__(self, loc: Any = 0.0, scale: Any = 1.0, size: Any = None, **kwargs: Any) -> Any:
        r"""Return numbers of a Cauchy distribution above the median.

        Parameters
        ----------
        loc : tensor_like
            The median of the whole distribution :math:`x_0`.
        scale : tensor_like
            The scale :math:`\gamma`, at least 0.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(loc, scale, size=size, **kwargs)

    def rng_fn_scipy(self, rng: Any, loc: Any, scale: Any, size: Any) -> Any:
        require(scale >= 0, "scale < 0")
        return np.tan(np.pi / 2 * rng.uniform(size=size)) * scale + loc


halfcauchy = HalfCauchyRV()


class WaldRV(ContinuousRV):
    r"""Wald distribution, the inverse Gaussian one. NumPy's ``Generator.wald``.

    .. math:: f(x) = \sqrt{\frac{\lambda}{2 \pi x^3}} \exp\left(-\frac{\lambda (x - \mu)^2}{2 \mu^2 x}\right),
        \quad x > 0

    Source: CUD, chapter 15.
    """

    name = "wald"
    ndims_params = (0, 0)

    def __call__(self, mean: Any = 1.0, scale: Any = 1.0, size: Any = None, **kwargs: Any) -> Any:
        r"""Return numbers of a Wald distribution.

        Parameters
        ----------
        mean : tensor_like
            The mean :math:`\mu`, positive.
        scale : tensor_like
            The parameter :math:`\lambda`, positive.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(mean, scale, size=size, **kwargs)


wald = WaldRV()
