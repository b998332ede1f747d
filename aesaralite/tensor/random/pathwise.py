r"""Gradients with respect to the parameters of distributions.

A draw is a function of random numbers and of the parameters. With the random numbers held fixed, it moves as the
parameters do, and a gradient follows it: the *pathwise* or *reparameterisation* gradient. Its mean is the gradient of
the mean.

Where a sampler moves, stretches or inverts, the derivative is that of its formula, written in terms of the draw. Where
it rejects, as those for the gamma distribution do, there's no such formula. But whatever the sampler, a :math:`x`
with the distribution function :math:`F(x; \theta)` may move so that :math:`F` stays as it is,

.. math:: \frac{dx}{d\theta} = -\frac{\partial F / \partial \theta}{\partial F / \partial x},

and has the distribution of the next :math:`\theta` then (Figurnov, Mohamed and Mnih: Implicit Reparameterization
Gradients, 2018, arXiv:1805.08498). These derivatives are computed in float64: they are quotients of small numbers.

`PATHWISE` is the table, with a rule for each class: ``rule(gradient, draw, *parameters)`` returns the gradient with
respect to each parameter, or None, where no derivative is known.
"""

from __future__ import annotations

import math
from typing import Any

from aesaralite.graph.null_type import grad_not_implemented, grad_undefined
from aesaralite.scalar import special_derivatives
from aesaralite.tensor.creation import arange, zeros
from aesaralite.tensor.elementwise import Elemwise
from aesaralite.tensor.indexing import inc_subtensor
from aesaralite.tensor.linear_systems import solve
from aesaralite.tensor.pointwise import (
    cast,
    erfcx,
    exp,
    expm1,
    gammaln,
    gt,
    ive,
    le,
    log,
    log1p,
    sign,
    sqrt,
    switch,
    xlogx,
    xlogy,
)
from aesaralite.tensor.products import dot
from aesaralite.tensor.random.continuous import (
    BetaRV,
    CauchyRV,
    GumbelRV,
    LaplaceRV,
    LogisticRV,
    NormalRV,
    PowerRV,
    StudentTRV,
    TriangularRV,
    UniformRV,
    VonMisesRV,
)
from aesaralite.tensor.random.gammas import FRV, ChiSquareRV, GammaRV, GenGammaRV, InvGammaRV, NoncentralChiSquareRV
from aesaralite.tensor.random.multivariate import DirichletRV, MvNormalRV
from aesaralite.tensor.random.op import PATHWISE
from aesaralite.tensor.random.permutations import ChoiceRV, PermutationRV, PermutedRV
from aesaralite.tensor.random.positive import (
    ExponentialRV,
    HalfCauchyRV,
    HalfNormalRV,
    LogNormalRV,
    ParetoRV,
    RayleighRV,
    TruncExponentialRV,
    WaldRV,
    WeibullRV,
)
from aesaralite.tensor.reshaping import flatten, reshape
from aesaralite.tensor.shaping import shape_tuple, size
from aesaralite.tensor.special import betaln

__all__ = ["PATHWISE"]

_gammainc_der = Elemwise(special_derivatives.gammainc_der)
_betainc_der = Elemwise(special_derivatives.betainc_der)


def _location_scale(g: Any, x: Any, loc: Any, scale: Any) -> Any:
    return g, g * (x - loc) / scale


def _scale(g: Any, x: Any, scale: Any) -> Any:
    return (g * x / scale,)


def _exponent(g: Any, x: Any, a: Any) -> Any:
    """The gradient for a power, with the exponent 1 / a, of something that doesn't depend on a."""
    return (-g * xlogx(x) / a,)


def _uniform(g: Any, x: Any, low: Any, high: Any) -> Any:
    g = g / (high - low)
    return g * (high - x), g * (x - low)


def _triangular(g: Any, x: Any, left: Any, mode: Any, right: Any) -> Any:
    is_left = le(x, mode)
    # the distance from the end of the side on which x lies, and the length of that side
    distance, length = switch(is_left, x - left, right - x), switch(is_left, mode - left, right - mode)
    by_mode, by_far_end = g * distance / (2 * length), g * distance / (2 * (right - left))
    by_near_end = g - by_mode - by_far_end
    return switch(is_left, by_near_end, by_far_end), by_mode, switch(is_left, by_far_end, by_near_end)


def _lognormal(g: Any, x: Any, mean: Any, sigma: Any) -> Any:
    return g * x, g * (xlogx(x) - x * mean) / sigma


def _pareto(g: Any, x: Any, b: Any, scale: Any) -> Any:
    return -g * x * log(x / scale) / b, g * x / scale


def _truncexpon(g: Any, x: Any, b: Any, loc: Any, scale: Any) -> Any:
    y = (x - loc) / scale
    return g * scale * exp(y - b) * expm1(-y) / expm1(-b), g, g * y


def _wald(g: Any, x: Any, mean: Any, scale: Any) -> Any:
    x, mean, scale = _doubles(x, mean, scale)
    # the upper tail of the normal distribution over its density
    mills = math.sqrt(math.pi / 2) * erfcx((sqrt(scale * x) / mean + sqrt(scale / x)) / math.sqrt(2))
    by_mean = 2 * sqrt(scale * x**3) * mills / mean**2
    # the mean and the scale together stretch x
    return g * by_mean, g * (x - mean * by_mean) / scale


def _student_t(g: Any, x: Any, df: Any, loc: Any, scale: Any) -> Any:
    df64, y = _doubles(df, (x - loc) / scale)
    log_constant = gammaln((df64 + 1) / 2) - gammaln(df64 / 2) - 0.5 * log(math.pi * df64)
    density = exp(log_constant - (df64 + 1) / 2 * log1p(y**2 / df64))
    tail = _betainc_der(df64 / 2, 0.5, df64 / (df64 + y**2), True)
    by_df = y / (2 * df64) + sign(y) * tail / (4 * density)
    return g * scale * by_df, g, g * (x - loc) / scale


def _gamma(g: Any, x: Any, shape: Any, scale: Any) -> Any:
    return g * x * _gamma_slope(shape, x / scale), g * x / scale


def _chisquare(g: Any, x: Any, df: Any) -> Any:
    return (g * x * _gamma_slope(df / 2, x / 2) / 2,)


def _noncentral_chisquare(g: Any, x: Any, df: Any, nonc: Any) -> Any:
    x, df, nonc = _doubles(x, df, nonc)
    # the quotient of the densities for df + 2 and df
    root = sqrt(x * nonc)
    by_nonc = sqrt(x / nonc) * ive(df / 2, root) / ive(df / 2 - 1, root)
    return None, g * switch(gt(nonc, 0), by_nonc, x / df)


def _invgamma(g: Any, x: Any, shape: Any, scale: Any) -> Any:
    return -g * x * _gamma_slope(shape, scale / x), g * x / scale


def _gengamma(g: Any, x: Any, alpha: Any, p: Any, lambd: Any) -> Any:
    slope = g * x * _gamma_slope(alpha / p, (x / lambd) ** p)
    return slope / p**2, -g * xlogy(x, x / lambd) / p - slope * alpha / p**3, g * x / lambd


def _beta(g: Any, x: Any, alpha: Any, beta: Any) -> Any:
    g = g * x * (1 - x)
    return g * _logit_slope(alpha, beta, x, True), g * _logit_slope(alpha, beta, x, False)


def _f(g: Any, x: Any, dfn: Any, dfd: Any) -> Any:
    # a beta variate with dfd / 2 and dfn / 2, small where x is large
    y = dfd / (dfn * x + dfd)
    by_dfn = 1 / dfn + _logit_slope(dfd / 2, dfn / 2, y, False) / 2
    by_dfd = 1 / dfd - _logit_slope(dfd / 2, dfn / 2, y, True) / 2
    return -g * x * by_dfn, g * x * by_dfd


def _von_mises(g: Any, x: Any, mu: Any, kappa: Any) -> Any:
    # no Op computes the derivative of the distribution function with respect to kappa
    return g, None


def _dirichlet(g: Any, x: Any, alphas: Any) -> Any:
    # each component is a beta variate; the others share what it leaves in proportions that don't depend on it
    others = alphas.sum(axis=-1, keepdims=True) - alphas
    return (x * _logit_slope(alphas, others, x, True) * (g - (g * x).sum(axis=-1, keepdims=True)),)


def _multivariate_normal(g: Any, x: Any, mean: Any, cov: Any) -> Any:
    if cov.type.ndim > 2:
        reason = "The covariances are a batch, and there's no Op that solves many systems of equations at once."
        return g, grad_not_implemented(x.owner.op, 4, cov, reason)
    # x - mean moves by d(cov) cov^-1 (x - mean) / 2, whichever way cov was factored; cov stays symmetric
    n = shape_tuple(x)[-1]
    product = dot(solve((cov + cov.T) / 2, reshape(x - mean, (-1, n)).T), reshape(g, (-1, n)))
    return g, (product + product.T) / 4


def _rearranged(g: Any, x: Any, a: Any, *others: Any) -> Any:
    # the same draw from an array of positions says which element went where
    op, (rng, sizes) = x.owner.op, x.owner.inputs[:2]
    positions = reshape(arange(size(a)), shape_tuple(a))
    source = op.make_node(rng, sizes, "int64", positions, *others).outputs[1]
    # it repeats the draw's numbers on purpose
    source.origin = x.origin
    start = zeros((size(a),), dtype=g.type.dtype)
    by_a = reshape(inc_subtensor(start[flatten(source)], flatten(g)), shape_tuple(a))
    reason = "Which elements are chosen doesn't change, or jumps, as it moves: there's nothing to differentiate."
    return by_a, *(grad_undefined(op, i, other, reason) for i, other in enumerate(others, start=4))


def _gamma_slope(shape: Any, x: Any) -> Any:
    """Return how the logarithm of a gamma variate of scale 1 moves with its shape."""
    shape, x = _doubles(shape, x)
    density_of_logarithm = exp(shape * log(x) - x - gammaln(shape))
    # a number that was rounded to 0 stays there
    return switch(gt(x, 0), -_gammainc_der(shape, x) / density_of_logarithm, 0.0)


def _logit_slope(a: Any, b: Any, x: Any, by_first: bool) -> Any:
    """Return how log(x / (1 - x)) of a beta variate x moves with one of its parameters."""
    a, b, x = _doubles(a, b, x)
    density_of_logit = exp(a * log(x) + b * log1p(-x) - betaln(a, b))
    # a number that was rounded to 0 or 1 stays there
    return switch(gt(density_of_logit, 0), -_betainc_der(a, b, x, by_first) / density_of_logit, 0.0)


def _doubles(*variables: Any) -> list[Any]:
    return [cast(variable, "float64") for variable in variables]


PATHWISE.update(
    {
        # moved and stretched
        NormalRV: _location_scale,
        LaplaceRV: _location_scale,
        LogisticRV: _location_scale,
        GumbelRV: _location_scale,
        CauchyRV: _location_scale,
        HalfNormalRV: _location_scale,
        HalfCauchyRV: _location_scale,
        ExponentialRV: _scale,
        RayleighRV: _scale,
        UniformRV: _uniform,
        LogNormalRV: _lognormal,
        MvNormalRV: _multivariate_normal,
        # the inverse of the distribution function
        PowerRV: _exponent,
        WeibullRV: _exponent,
        ParetoRV: _pareto,
        TriangularRV: _triangular,
        TruncExponentialRV: _truncexpon,
        # implicit
        WaldRV: _wald,
        StudentTRV: _student_t,
        GammaRV: _gamma,
        ChiSquareRV: _chisquare,
        NoncentralChiSquareRV: _noncentral_chisquare,
        InvGammaRV: _invgamma,
        GenGammaRV: _gengamma,
        BetaRV: _beta,
        FRV: _f,
        DirichletRV: _dirichlet,
        VonMisesRV: _von_mises,
        # elements of an array
        ChoiceRV: _rearranged,
        PermutationRV: _rearranged,
        PermutedRV: _rearranged,
    }
)
