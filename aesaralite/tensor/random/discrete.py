r"""Distributions of integers.

Parameters are arrays of numbers that broadcast against each other and to `size`. NumPy takes probabilities as float64;
counts must be integers. Draws are int64.

The probabilities are those of Johnson, Kemp and Kotz: Univariate Discrete Distributions, third edition, Wiley 2005
("UDD" below, with the chapter).
"""

# a distribution is called with its own parameters
# mypy: disable-error-code="override"

from __future__ import annotations

from typing import Any

import numpy as np

from aesaralite.graph.basic import Apply, Variable
from aesaralite.tensor.random.families import DiscreteRV, draw_shape, needs_generator, require
from aesaralite.tensor.random.type import RandomStateType

__all__ = [
    "BernoulliRV",
    "BetaBinomialRV",
    "BinomialRV",
    "CategoricalRV",
    "GeometricRV",
    "HyperGeometricRV",
    "IntegersRV",
    "LogSeriesRV",
    "NegBinomialRV",
    "PoissonRV",
    "RandIntRV",
    "ZipfRV",
    "bernoulli",
    "betabinom",
    "binomial",
    "categorical",
    "geometric",
    "hypergeometric",
    "integers",
    "logseries",
    "nbinom",
    "negative_binomial",
    "poisson",
    "randint",
    "zipf",
]


class BernoulliRV(DiscreteRV):
    r"""Trials: 1 for a success, 0 for a failure. NumPy's ``Generator.binomial`` of 1, as SciPy's ``bernoulli``.

    .. math:: f(1) = p, \quad f(0) = 1 - p

    Source: UDD, chapter 3.
    """

    name = "bernoulli"
    ndims_params = (0,)

    def __call__(self, p: Any, size: Any = None, **kwargs: Any) -> Any:
        """Return ones and zeros.

        Parameters
        ----------
        p : tensor_like
            The probability of 1.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(p, size=size, **kwargs)

    def rng_fn(self, rng: Any, p: Any, size: Any) -> Any:
        return rng.binomial(1, p, size)


bernoulli = BernoulliRV()


class BinomialRV(DiscreteRV):
    r"""Numbers of successes in some trials. NumPy's ``Generator.binomial``.

    .. math:: f(k) = \binom{n}{k} p^k (1 - p)^{n - k}, \quad 0 \le k \le n

    Source: UDD, chapter 3.
    """

    name = "binomial"
    ndims_params = (0, 0)

    def __call__(self, n: Any, p: Any, size: Any = None, **kwargs: Any) -> Any:
        """Return numbers of successes.

        Parameters
        ----------
        n : tensor_like of int
            The number of trials, at least 0.
        p : tensor_like
            The probability of success.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(n, p, size=size, **kwargs)


binomial = BinomialRV()


class NegBinomialRV(DiscreteRV):
    r"""Numbers of failures before some successes. NumPy's ``Generator.negative_binomial``, SciPy's ``nbinom``.

    .. math:: f(k) = \frac{\Gamma(k + n)}{k! \Gamma(n)} p^n (1 - p)^k, \quad k \ge 0

    Source: UDD, chapter 5.
    """

    name = "nbinom"
    ndims_params = (0, 0)

    def __call__(self, n: Any, p: Any, size: Any = None, **kwargs: Any) -> Any:
        """Return numbers of failures.

        Parameters
        ----------
        n : tensor_like
            The number of successes, positive; it may be a fraction.
        p : tensor_like
            The probability of success, positive.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(n, p, size=size, **kwargs)

    def rng_fn(self, rng: Any, n: Any, p: Any, size: Any) -> Any:
        return rng.negative_binomial(n, p, size)


nbinom = NegBinomialRV()
negative_binomial = nbinom


class BetaBinomialRV(DiscreteRV):
    r"""Numbers of successes in some trials, whose probability is of a beta distribution. SciPy's ``betabinom``.

    .. math:: f(k) = \binom{n}{k} \frac{B(k + a, n - k + b)}{B(a, b)}, \quad 0 \le k \le n

    Source: UDD, chapter 6. Recipe: first all probabilities by NumPy's ``Generator.beta``, then ``Generator.binomial``.
    """

    name = "beta_binomial"
    ndims_params = (0, 0, 0)

    def __call__(self, n: Any, a: Any, b: Any, size: Any = None, **kwargs: Any) -> Any:
        """Return numbers of successes.

        Parameters
        ----------
        n : tensor_like of int
            The number of trials, at least 0.
        a, b : tensor_like
            The parameters of the beta distribution, positive.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(n, a, b, size=size, **kwargs)

    def rng_fn(self, rng: Any, n: Any, a: Any, b: Any, size: Any) -> Any:
        shape = draw_shape(size, [np.shape(n), np.shape(a), np.shape(b)])
        require(np.asarray(n) >= 0, "n < 0")
        return rng.binomial(n, rng.beta(a, b, shape), shape)


betabinom = BetaBinomialRV()


class PoissonRV(DiscreteRV):
    r"""Poisson distribution. NumPy's ``Generator.poisson``.

    .. math:: f(k) = \frac{\lambda^k e^{-\lambda}}{k!}, \quad k \ge 0

    Source: UDD, chapter 4.
    """

    name = "poisson"
    ndims_params = (0,)

    def __call__(self, lam: Any = 1.0, size: Any = None, **kwargs: Any) -> Any:
        r"""Return numbers of events.

        Parameters
        ----------
        lam : tensor_like
            The mean :math:`\lambda`, at least 0.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(lam, size=size, **kwargs)


poisson = PoissonRV()


class GeometricRV(DiscreteRV):
    r"""Numbers of trials until the first success. NumPy's ``Generator.geometric``.

    .. math:: f(k) = (1 - p)^{k - 1} p, \quad k \ge 1

    Source: UDD, chapter 5.
    """

    name = "geometric"
    ndims_params = (0,)

    def __call__(self, p: Any, size: Any = None, **kwargs: Any) -> Any:
        """Return numbers of trials.

        Parameters
        ----------
        p : tensor_like
            The probability of success, positive.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(p, size=size, **kwargs)


geometric = GeometricRV()


class HyperGeometricRV(DiscreteRV):
    r"""Numbers of good items in a sample without replacement. NumPy's ``Generator.hypergeometric``.

    .. math:: f(k) = \binom{g}{k} \binom{b}{n - k} \Big/ \binom{g + b}{n}

    Source: UDD, chapter 6.
    """

    name = "hypergeometric"
    ndims_params = (0, 0, 0)

    def __call__(self, ngood: Any, nbad: Any, nsample: Any, size: Any = None, **kwargs: Any) -> Any:
        """Return numbers of good items.

        Parameters
        ----------
        ngood, nbad : tensor_like of int
            How many items are good, :math:`g`, and how many aren't, :math:`b`; at least 0 and below 1e9.
        nsample : tensor_like of int
            The size of the sample :math:`n`, at most ``ngood + nbad``.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(ngood, nbad, nsample, size=size, **kwargs)


hypergeometric = HyperGeometricRV()


class ZipfRV(DiscreteRV):
    r"""Zipf distribution, also called zeta distribution. NumPy's ``Generator.zipf``.

    .. math:: f(k) = \frac{k^{-a}}{\zeta(a)}, \quad k \ge 1

    Source: UDD, chapter 11.
    """

    name = "zipf"
    ndims_params = (0,)

    def __call__(self, a: Any, size: Any = None, **kwargs: Any) -> Any:
        """Return numbers of a Zipf distribution.

        Parameters
        ----------
        a : tensor_like
            The exponent, above 1.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(a, size=size, **kwargs)


zipf = ZipfRV()


class LogSeriesRV(DiscreteRV):
    r"""Logarithmic series distribution. NumPy's ``Generator.logseries``.

    .. math:: f(k) = \frac{-p^k}{k \ln(1 - p)}, \quad k \ge 1

    Source: UDD, chapter 7.
    """

    name = "logseries"
    ndims_params = (0,)

    def __call__(self, p: Any, size: Any = None, **kwargs: Any) -> Any:
        """Return numbers of a logarithmic series distribution.

        Parameters
        ----------
        p : tensor_like
            The parameter, at least 0 and below 1.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(p, size=size, **kwargs)


logseries = LogSeriesRV()


class IntegersRV(DiscreteRV):
    r"""Integers of a range, all equally likely. NumPy's ``Generator.integers``, drawn as int64.

    .. math:: f(k) = \frac{1}{high - low}, \quad low \le k < high

    Source: UDD, chapter 6.
    """

    name = "integers"
    ndims_params = (0, 0)

    def __call__(self, low: Any, high: Any = None, size: Any = None, **kwargs: Any) -> Any:
        """Return integers from a range.

        Parameters
        ----------
        low : tensor_like of int
            The smallest integer. Without `high`, the range is from 0 to `low`, which isn't part of it.
        high : tensor_like of int, optional
            Where the range ends; it isn't part of it.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`. The dtype is that of the result, to which int64 is cast.

        Raises
        ------
        TypeError
            If `rng` is a legacy generator: it has `randint`.
        """
        if high is None:
            low, high = 0, low
        return super().__call__(low, high, size=size, **kwargs)

    def make_node(self, rng: Any, size: Any, dtype: Any, *dist_params: Any) -> Apply:
        needs_generator("integers", rng, " Use `randint`.")
        return super().make_node(rng, size, dtype, *dist_params)


integers = IntegersRV()


class RandIntRV(DiscreteRV):
    r"""Integers of a range, all equally likely, of a legacy generator. NumPy's ``RandomState.randint``.

    .. math:: f(k) = \frac{1}{high - low}, \quad low \le k < high

    Source: UDD, chapter 6.
    """

    name = "randint"
    ndims_params = (0, 0)

    def __call__(self, low: Any, high: Any = None, size: Any = None, **kwargs: Any) -> Any:
        """Return integers from a range.

        Parameters
        ----------
        low : tensor_like of int
            The smallest integer. Without `high`, the range is from 0 to `low`, which isn't part of it.
        high : tensor_like of int, optional
            Where the range ends; it isn't part of it.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, a variable that holds a `RandomState`; `name` and `dtype`, see `RandomVariable`.

        Raises
        ------
        TypeError
            If `rng` isn't a legacy generator: others have `integers`.
        """
        if high is None:
            low, high = 0, low
        return super().__call__(low, high, size=size, **kwargs)

    def make_node(self, rng: Any, size: Any, dtype: Any, *dist_params: Any) -> Apply:
        if not (isinstance(rng, Variable) and isinstance(rng.type, RandomStateType)):
            raise TypeError("`randint` is only available for `RandomStateType`s: use `integers`")
        return super().make_node(rng, size, dtype, *dist_params)


randint = RandIntRV()


class CategoricalRV(DiscreteRV):
    r"""Integers with given probabilities.

    .. math:: f(k) = p_k, \quad 0 \le k < K

    Source: UDD, chapter 1. Recipe: NumPy's ``Generator.choice(K, p=p)``, which gives the number of sums of
    ``cumsum(p) / sum(p)`` that are at most ``random()``, for each element of the batch in C order.
    """

    name = "categorical"
    ndims_params = (1,)

    def __call__(self, p: Any, size: Any = None, **kwargs: Any) -> Any:
        """Return integers with given probabilities.

        Parameters
        ----------
        p : tensor_like
            The probabilities of 0, 1, 2 ... in the last dimension: they must add up to 1.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(p, size=size, **kwargs)

    def rng_fn(self, rng: Any, p: Any, size: Any) -> Any:
        p = np.asarray(p)
        shape = draw_shape(size, [p.shape[:-1]])
        upper = _upper_ends(p)
        u = rng.random(shape)
        # one search for all that is drawn with the same probabilities
        batch = (1,) * (len(shape) - upper.ndim + 1) + upper.shape[:-1]
        rows = upper.reshape(batch + upper.shape[-1:])
        result = np.empty(shape, dtype="int64")
        for index in np.ndindex(*batch):
            place = tuple(slice(None) if n == 1 else i for i, n in zip(index, batch))
            result[place] = rows[index].searchsorted(u[place], side="right")
        return result


def _upper_ends(p: np.ndarray) -> np.ndarray:
    """Return the probabilities of being at most 0, 1, 2 ...; raise what NumPy raises if `p` aren't probabilities."""
    if p.shape[-1] == 0:
        raise ValueError("a must be a positive integer unless no samples are taken")
    tolerance = max(float(np.finfo(dtype).eps) ** 0.5 for dtype in {"float64", _float_dtype(p)})
    p = p.astype("float64")
    upper = p.cumsum(axis=-1)
    require(~np.isnan(upper[..., -1]), "Probabilities contain NaN")
    require(p >= 0, "Probabilities are not non-negative")
    require(
        np.abs(upper[..., -1] - 1.0) <= tolerance,
        "Probabilities do not sum to 1. See Notes section of docstring for more information.",
    )
    return upper / upper[..., -1:]


def _float_dtype(p: np.ndarray) -> str:
    return str(p.dtype) if p.dtype.kind == "f" else "float64"


categorical = CategoricalRV()
