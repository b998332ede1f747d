r"""The gamma distribution and its relatives.

Parameters are arrays of numbers that broadcast against each other and to `size`; NumPy takes them as float64, and draws
in float64, whatever the dtype of the result is. Where a docstring gives a recipe, :math:`u` is what the generator's
``random`` draws, and all operations are those of NumPy on whole arrays.

The densities are those of Johnson, Kotz and Balakrishnan: Continuous Univariate Distributions, volumes 1 and 2, second
edition, Wiley 1994 and 1995 ("CUD" below, with the chapter), unless something else is said.
"""

# a distribution is called with its own parameters
# mypy: disable-error-code="override"

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from aesaralite.tensor.convert import as_tensor_variable
from aesaralite.tensor.random.families import ContinuousRV, ScipyRandomVariable, require

__all__ = [
    "FRV",
    "ChiSquareRV",
    "GammaRV",
    "GenGammaRV",
    "InvGammaRV",
    "NoncentralChiSquareRV",
    "NoncentralFRV",
    "PolyaGammaRV",
    "chisquare",
    "f",
    "gamma",
    "gengamma",
    "invgamma",
    "noncentral_chisquare",
    "noncentral_f",
    "polyagamma",
    "standard_gamma",
]


class GammaRV(ContinuousRV):
    r"""Gamma distribution. NumPy's ``Generator.gamma``, whose second parameter is the scale :math:`1 / \beta`.

    .. math:: f(x) = \frac{\beta^\alpha}{\Gamma(\alpha)} x^{\alpha - 1} e^{-\beta x}, \quad x \ge 0

    Source: CUD, chapter 17.
    """

    name = "gamma"
    ndims_params = (0, 0)

    def __call__(self, shape: Any, rate: Any = None, size: Any = None, *, scale: Any = None, **kwargs: Any) -> Any:
        r"""Return numbers of a gamma distribution.

        Parameters
        ----------
        shape : tensor_like
            The shape :math:`\alpha`, at least 0.
        rate : tensor_like, optional
            The rate :math:`\beta`, positive; by default 1.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        scale : tensor_like, optional
            In place of `rate`: its inverse.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.

        Raises
        ------
        ValueError
            If both `rate` and `scale` are given.
        """
        if scale is None:
            scale = 1.0 if rate is None else 1.0 / as_tensor_variable(rate)
        elif rate is not None:
            raise ValueError("gamma takes a rate or a scale, which is its inverse, and not both")
        return super().__call__(shape, scale, size=size, **kwargs)


gamma = GammaRV()


def standard_gamma(shape: Any, size: Any = None, *, rng: Any = None, **kwargs: Any) -> Any:
    """Return numbers of a gamma distribution of scale 1, the same as NumPy's ``Generator.standard_gamma``.

    Parameters
    ----------
    shape : tensor_like
        The shape of the distribution, at least 0.
    size : int, tuple or vector variable, optional
        The shape of the batch of draws.
    rng : Variable, optional
        The generator.
    **kwargs
        `name` and `dtype`, see `RandomVariable`.
    """
    return gamma(shape, size=size, rng=rng, **kwargs)


class ChiSquareRV(ContinuousRV):
    r"""Chi-square distribution: that of a sum of squares of normal numbers. NumPy's ``Generator.chisquare``.

    .. math:: f(x) = \frac{x^{k / 2 - 1} e^{-x / 2}}{2^{k / 2} \Gamma(k / 2)}, \quad x \ge 0

    Source: CUD, chapter 18.
    """

    name = "chisquare"
    ndims_params = (0,)

    def __call__(self, df: Any, size: Any = None, **kwargs: Any) -> Any:
        """Return numbers of a chi-square distribution.

        Parameters
        ----------
        df : tensor_like
            The number of degrees of freedom :math:`k`, positive.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(df, size=size, **kwargs)


chisquare = ChiSquareRV()


class NoncentralChiSquareRV(ContinuousRV):
    r"""Noncentral chi-square distribution. NumPy's ``Generator.noncentral_chisquare``.

    .. math:: f(x) = \sum_{i=0}^\infty \frac{e^{-\lambda / 2} (\lambda / 2)^i}{i!} f_{k + 2 i}(x)

    with the densities :math:`f_{k + 2 i}` of chi-square distributions. Source: CUD, chapter 29.
    """

    name = "noncentral_chisquare"
    ndims_params = (0, 0)

    def __call__(self, df: Any, nonc: Any, size: Any = None, **kwargs: Any) -> Any:
        r"""Return numbers of a noncentral chi-square distribution.

        Parameters
        ----------
        df : tensor_like
            The number of degrees of freedom :math:`k`, positive.
        nonc : tensor_like
            The noncentrality :math:`\lambda`, at least 0.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(df, nonc, size=size, **kwargs)


noncentral_chisquare = NoncentralChiSquareRV()


class FRV(ContinuousRV):
    r"""F distribution: that of a ratio of two chi-square means. NumPy's ``Generator.f``.

    .. math::

        f(x) = \frac{(m / n)^{m / 2} x^{m / 2 - 1}}{B(m / 2, n / 2)} \left(1 + \frac{m x}{n}\right)^{-(m + n) / 2},
        \quad x > 0

    Source: CUD, chapter 27.
    """

    name = "f"
    ndims_params = (0, 0)

    def __call__(self, dfn: Any = 1.0, dfd: Any = 1.0, size: Any = None, **kwargs: Any) -> Any:
        """Return numbers of an F distribution.

        Parameters
        ----------
        dfn, dfd : tensor_like
            The numbers of degrees of freedom in the numerator, :math:`m`, and in the denominator, :math:`n`; positive.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(dfn, dfd, size=size, **kwargs)


f = FRV()


class NoncentralFRV(ContinuousRV):
    r"""Noncentral F distribution: that of :math:`(X / m) / (Y / n)`. NumPy's ``Generator.noncentral_f``.

    :math:`X` is of a noncentral chi-square distribution with :math:`m` degrees of freedom and noncentrality
    :math:`\lambda`, and :math:`Y` of a chi-square distribution with :math:`n`. Source: CUD, chapter 30.
    """

    name = "noncentral_f"
    ndims_params = (0, 0, 0)

    def __call__(self, dfnum: Any, dfden: Any, nonc: Any, size: Any = None, **kwargs: Any) -> Any:
        r"""Return numbers of a noncentral F distribution.

        Parameters
        ----------
        dfnum, dfden : tensor_like
            The numbers of degrees of freedom in the numerator, :math:`m`, and in the denominator, :math:`n`; positive.
        nonc : tensor_like
            The noncentrality of the numerator :math:`\lambda`, at least 0.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(dfnum, dfden, nonc, size=size, **kwargs)


noncentral_f = NoncentralFRV()


class InvGammaRV(ScipyRandomVariable):
    r"""Inverse gamma distribution. SciPy's ``invgamma``.

    .. math:: f(x) = \frac{\beta^\alpha}{\Gamma(\alpha)} x^{-\alpha - 1} e^{-\beta / x}, \quad x > 0

    Source: CUD, chapter 17. Recipe: ``scale * (1 / gammainccinv(shape, u))``, with `gammainccinv` of `scipy.special`.
    """

    name = "invgamma"
    ndims_params = (0, 0)

    def __call__(self, shape: Any, scale: Any = 1.0, size: Any = None, **kwargs: Any) -> Any:
        r"""Return numbers whose inverses are of a gamma distribution.

        Parameters
        ----------
        shape : tensor_like
            The shape :math:`\alpha`, positive.
        scale : tensor_like
            The scale :math:`\beta`, at least 0.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(shape, scale, size=size, **kwargs)

    def rng_fn_scipy(self, rng: Any, shape: Any, scale: Any, size: Any) -> Any:
        from scipy.special import gammainccinv

        require(shape > 0, "shape <= 0")
        require(scale >= 0, "scale < 0")
        return 1.0 / gammainccinv(shape, rng.uniform(size=size)) * scale


invgamma = InvGammaRV()


class GenGammaRV(ScipyRandomVariable):
    r"""Generalized gamma distribution. SciPy's ``gengamma`` with the parameters :math:`\alpha / p` and :math:`p`.

    .. math:: f(x) = \frac{p}{\lambda^\alpha \Gamma(\alpha / p)} x^{\alpha - 1} e^{-(x / \lambda)^p}, \quad x > 0

    Source: Stacy, A Generalization of the Gamma Distribution, Annals of Mathematical Statistics 33 (1962), 1187-1192.
    Recipe: ``lambd * standard_gamma(alpha / p) ** (1 / p)``, with NumPy's ``Generator.standard_gamma``.
    """

    name = "gengamma"
    ndims_params = (0, 0, 0)

    def __call__(self, alpha: Any = 1.0, p: Any = 1.0, lambd: Any = 1.0, size: Any = None, **kwargs: Any) -> Any:
        r"""Return powers of numbers of a gamma distribution.

        Parameters
        ----------
        alpha : tensor_like
            The parameter :math:`\alpha`, positive.
        p : tensor_like
            The inverse of the exponent :math:`p`, positive.
        lambd : tensor_like
            The scale :math:`\lambda`, at least 0.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(alpha, p, lambd, size=size, **kwargs)

    def rng_fn_scipy(self, rng: Any, alpha: Any, p: Any, lambd: Any, size: Any) -> Any:
        require(alpha > 0, "alpha <= 0")
        require(p > 0, "p <= 0")
        require(lambd >= 0, "lambd < 0")
        return rng.standard_gamma(alpha / p, size=size) ** (1.0 / p) * lambd


gengamma = GenGammaRV()


def _random_polyagamma() -> Any:
    try:
        return importlib.import_module("polyagamma").random_polyagamma
    except ImportError as error:
        raise ImportError(
            "polyagamma draws with the package of that name, which isn't installed: pip install polyagamma"
        ) from error


class PolyaGammaRV(ContinuousRV):
    r"""Pólya-Gamma distribution, drawn by the package ``polyagamma``, if that is installed.

    It's the distribution of an infinite sum of gamma numbers :math:`g_k` of shape :math:`h` and scale 1:

    .. math:: \frac{1}{2 \pi^2} \sum_{k=1}^\infty \frac{g_k}{(k - 1/2)^2 + z^2 / (4 \pi^2)}

    Source: Polson, Scott and Windle, Bayesian Inference for Logistic Models Using Pólya-Gamma Latent Variables, Journal
    of the American Statistical Association 108 (2013), 1339-1349.
    """

    name = "polyagamma"
    ndims_params = (0, 0)

    def __call__(self, h: Any = 1.0, z: Any = 0.0, size: Any = None, **kwargs: Any) -> Any:
        """Return numbers of a Pólya-Gamma distribution.

        Parameters
        ----------
        h : tensor_like
            The shape, positive.
        z : tensor_like
            The tilt.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.

        Raises
        ------
        ImportError
            If the package ``polyagamma`` isn't installed.
        """
        _random_polyagamma()
        return super().__call__(h, z, size=size, **kwargs)

    def rng_fn(self, rng: Any, h: Any, z: Any, size: Any) -> Any:
        bits = rng._bit_generator if isinstance(rng, np.random.RandomState) else rng.bit_generator
        return _random_polyagamma()(h, z, size=size, random_state=bits)


polyagamma = PolyaGammaRV()
