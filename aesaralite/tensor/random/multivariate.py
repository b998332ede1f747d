r"""Distributions of vectors.

The last dimension of a draw is that of a vector; those in front of it are a batch's, for which `size` stands. NumPy's
methods take the parameters of one vector. Where there is a batch of parameters, they are called for each of it, in C
order.

Sources: "CMD" is Kotz, Balakrishnan and Johnson: Continuous Multivariate Distributions, volume 1, second edition, Wiley
2000; "DMD" is Johnson, Kotz and Balakrishnan: Discrete Multivariate Distributions, Wiley 1997; with the chapter.
"""

# a distribution is called with its own parameters
# mypy: disable-error-code="override"

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from aesaralite.configdefaults import config
from aesaralite.graph.arguments import is_one_of
from aesaralite.graph.basic import Apply
from aesaralite.tensor.convert import as_tensor_variable
from aesaralite.tensor.random.families import draw_rows, needs_generator
from aesaralite.tensor.random.op import RandomVariable, default_supp_shape_from_params
from aesaralite.tensor.static import Tensor

__all__ = [
    "DirichletRV",
    "MultinomialRV",
    "MultivariateHypergeometricRV",
    "MvNormalRV",
    "dirichlet",
    "multinomial",
    "multivariate_hypergeometric",
    "multivariate_normal",
]


class MvNormalRV(RandomVariable):
    r"""Normal distribution of vectors. NumPy's ``Generator.multivariate_normal``.

    .. math::

        f(x) = \frac{1}{\sqrt{\det(2 \pi \Sigma)}}
        \exp\left(-\frac{1}{2} (x - \mu)^T \Sigma^{-1} (x - \mu)\right)

    Source: CMD, chapter 45.

    Parameters
    ----------
    method : {"svd", "eigh", "cholesky"}
        How the covariance is factored. It decides which numbers are drawn, and what is an error: with ``"cholesky"``, a
        covariance that isn't positive definite. Legacy generators have ``"svd"`` only.
    """

    __props__ = (*RandomVariable.__props__, "method")

    name = "multivariate_normal"
    ndim_supp = 1
    ndims_params = (1, 2)
    dtype = "floatX"

    def __init__(
        self,
        name: str | None = None,
        ndim_supp: int | None = None,
        ndims_params: Sequence[int] | None = None,
        dtype: str | None = None,
        inplace: bool | None = None,
        method: str = "svd",
    ) -> None:
        super().__init__(name, ndim_supp, ndims_params, dtype, inplace)
        if not is_one_of(method, ("svd", "eigh", "cholesky")):
            raise ValueError(f'method must be one of {{"eigh", "svd", "cholesky"}}; got {method!r}')
        self.method = method

    def __call__(
        self, mean: Any = None, cov: Any = None, size: Any = None, method: str | None = None, **kwargs: Any
    ) -> Any:
        r"""Return normal vectors.

        Parameters
        ----------
        mean : tensor_like, optional
            The mean :math:`\mu`, with the vector's elements in the last dimension; by default ``[0]``.
        cov : tensor_like, optional
            The covariance :math:`\Sigma`, a symmetric, positive semi-definite matrix in the last two dimensions; by
            default ``[[1]]``.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        method : {"svd", "eigh", "cholesky"}, optional
            How the covariance is factored; by default, as the Op says.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        if method is not None and method != self.method:
            op = type(self)(self.name, self.ndim_supp, self.ndims_params, self.dtype, self.inplace, method)
            return op(mean, cov, size, **kwargs)
        mean = np.zeros(1, dtype=config.floatX) if mean is None else mean
        cov = np.ones((1, 1), dtype=config.floatX) if cov is None else cov
        return super().__call__(mean, cov, size=size, **kwargs)

    def make_node(self, rng: Any, size: Any, dtype: Any, *dist_params: Any) -> Apply:
        if self.method != "svd":
            needs_generator(f'multivariate_normal(method="{self.method}")', rng)
        params = [as_tensor_variable(param) for param in dist_params]
        mean, cov = (param.type.shape for param in params)
        if len(mean) >= 1 and len(cov) >= 2:
            known = {n for n in (mean[-1], *cov[-2:]) if n is not None}
            if len(known) > 1 and None not in cov[-2:] and cov[-1] != cov[-2]:
                raise ValueError(f"cov must be 2 dimensional and square; {params[1]} is of shape {cov}")
            if len(known) > 1:
                raise ValueError(f"mean and cov must have same length; they are of shapes {mean} and {cov}")
        return super().make_node(rng, size, dtype, *params)

    def rng_fn(self, rng: Any, mean: Any, cov: Any, size: Any) -> Any:
        draw = rng.multivariate_normal
        if self.method != "svd":
            draw = partial(draw, method=self.method)
        return draw_rows(draw, (mean, cov), self.ndims_params, size, np.shape(mean)[-1:], "float64")


multivariate_normal = MvNormalRV()


class DirichletRV(RandomVariable):
    r"""Dirichlet distribution: of vectors that add up to 1. NumPy's ``Generator.dirichlet``.

    .. math:: f(x) = \Gamma\left(\sum_i \alpha_i\right) \prod_i \frac{x_i^{\alpha_i - 1}}{\Gamma(\alpha_i)}

    Source: CMD, chapter 49.
    """

    name = "dirichlet"
    ndim_supp = 1
    ndims_params = (1,)
    dtype = "floatX"

    def __call__(self, alphas: Any, size: Any = None, **kwargs: Any) -> Any:
        r"""Return vectors that add up to 1.

        Parameters
        ----------
        alphas : tensor_like
            The concentrations :math:`\alpha_i`, at least 0, in the last dimension.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(alphas, size=size, **kwargs)

    def rng_fn(self, rng: Any, alphas: Any, size: Any) -> Any:
        return draw_rows(rng.dirichlet, (alphas,), self.ndims_params, size, np.shape(alphas)[-1:], "float64")


dirichlet = DirichletRV()


class MultinomialRV(RandomVariable):
    r"""Numbers of trials with each of several results. NumPy's ``Generator.multinomial``.

    .. math:: f(x) = n! \prod_i \frac{p_i^{x_i}}{x_i!}, \quad \sum_i x_i = n

    Source: DMD, chapter 35.
    """

    name = "multinomial"
    ndim_supp = 1
    ndims_params = (0, 1)
    dtype = "int64"

    def __call__(self, n: Any, p: Any, size: Any = None, **kwargs: Any) -> Any:
        """Return numbers of results.

        Parameters
        ----------
        n : tensor_like of int
            The number of trials, at least 0.
        p : tensor_like
            The probabilities of the results, in the last dimension. The last one counts as what the others lack to 1.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        return super().__call__(n, p, size=size, **kwargs)

    def _supp_shape_from_params(self, dist_params: Sequence[Tensor], **kwargs: Any) -> Sequence[Tensor]:
        return default_supp_shape_from_params(self.ndim_supp, dist_params, **{"rep_param_idx": 1, **kwargs})

    def rng_fn(self, rng: Any, n: Any, p: Any, size: Any) -> Any:
        return draw_rows(rng.multinomial, (n, p), self.ndims_params, size, np.shape(p)[-1:], "int64")


multinomial = MultinomialRV()


class MultivariateHypergeometricRV(RandomVariable):
    r"""Numbers of items of each kind in a sample without replacement. NumPy's ``multivariate_hypergeometric``.

    .. math:: f(x) = \prod_i \binom{c_i}{x_i} \Big/ \binom{\sum_i c_i}{n}, \quad \sum_i x_i = n

    Source: DMD, chapter 39.

    Parameters
    ----------
    method : {"marginals", "count"}
        How NumPy draws: ``"count"`` is for few items.
    """

    __props__ = (*RandomVariable.__props__, "method")

    name = "multivariate_hypergeometric"
    ndim_supp = 1
    ndims_params = (1, 0)
    dtype = "int64"

    def __init__(
        self,
        name: str | None = None,
        ndim_supp: int | None = None,
        ndims_params: Sequence[int] | None = None,
        dtype: str | None = None,
        inplace: bool | None = None,
        method: str = "marginals",
    ) -> None:
        super().__init__(name, ndim_supp, ndims_params, dtype, inplace)
        if not is_one_of(method, ("marginals", "count")):
            raise ValueError(f"method must be 'count' or 'marginals'; got {method!r}")
        self.method = method

    def __call__(self, colors: Any, nsample: Any, size: Any = None, method: str | None = None, **kwargs: Any) -> Any:
        """Return numbers of items of each kind.

        Parameters
        ----------
        colors : tensor_like of int
            How many items there are of each kind, in the last dimension.
        nsample : tensor_like of int
            The size of the sample, at most their sum.
        size : int, tuple or vector variable, optional
            The shape of the batch of draws.
        method : {"marginals", "count"}, optional
            How NumPy draws; by default, as the Op says.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.
        """
        if method is not None and method != self.method:
            op = type(self)(self.name, self.ndim_supp, self.ndims_params, self.dtype, self.inplace, method)
            return op(colors, nsample, size, **kwargs)
        return super().__call__(colors, nsample, size=size, **kwargs)

    def make_node(self, rng: Any, size: Any, dtype: Any, *dist_params: Any) -> Apply:
        needs_generator("multivariate_hypergeometric", rng)
        return super().make_node(rng, size, dtype, *dist_params)

    def rng_fn(self, rng: Any, colors: Any, nsample: Any, size: Any) -> Any:
        draw = partial(rng.multivariate_hypergeometric, method=self.method)
        return draw_rows(draw, (colors, nsample), self.ndims_params, size, np.shape(colors)[-1:], "int64")


multivariate_hypergeometric = MultivariateHypergeometricRV()
