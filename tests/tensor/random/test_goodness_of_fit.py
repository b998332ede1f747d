"""Draws of compiled functions have the distributions of SciPy: Kolmogorov-Smirnov and chi-square tests, fixed seeds."""

import numpy as np
import pytest
import scipy.stats as stats

import aesaralite
import aesaralite.tensor as at

N = 3000
LEAST = 1e-4

MODES = pytest.mark.parametrize("mode", [None, "FAST_COMPILE"], ids=["default", "FAST_COMPILE"])


def sample(mode, name, *args, size=N, **kwargs):
    rng = aesaralite.shared(np.random.default_rng(17))
    draw = getattr(at.random, name)(*args, size=size, rng=rng, **kwargs)
    return aesaralite.function([], draw, mode=mode, updates=[(rng, draw.owner.outputs[0])])()


CONTINUOUS = [
    ("uniform", (-1.0, 3.0), stats.uniform(-1.0, 4.0)),
    ("random", (), stats.uniform()),
    ("triangular", (-1.0, 0.5, 3.0), stats.triang(1.5 / 4, -1.0, 4.0)),
    ("beta", (2.0, 0.7), stats.beta(2.0, 0.7)),
    ("power", (2.5,), stats.powerlaw(2.5)),
    ("vonmises", (0.3, 2.0), stats.vonmises(2.0, 0.3)),
    ("normal", (2.0, 0.5), stats.norm(2.0, 0.5)),
    ("standard_normal", (), stats.norm()),
    ("laplace", (2.0, 0.5), stats.laplace(2.0, 0.5)),
    ("logistic", (2.0, 0.5), stats.logistic(2.0, 0.5)),
    ("gumbel", (2.0, 0.5), stats.gumbel_r(2.0, 0.5)),
    ("cauchy", (2.0, 0.5), stats.cauchy(2.0, 0.5)),
    ("standard_cauchy", (), stats.cauchy()),
    ("t", (3.0, 2.0, 0.5), stats.t(3.0, 2.0, 0.5)),
    ("standard_t", (3.0,), stats.t(3.0)),
    ("exponential", (2.0,), stats.expon(scale=2.0)),
    ("standard_exponential", (), stats.expon()),
    ("truncexpon", (2.0, 1.0, 0.5), stats.truncexpon(2.0, 1.0, 0.5)),
    ("gamma", (2.5, 0.5), stats.gamma(2.5, scale=2.0)),
    ("standard_gamma", (0.7,), stats.gamma(0.7)),
    ("chisquare", (3.0,), stats.chi2(3.0)),
    ("noncentral_chisquare", (3.0, 1.5), stats.ncx2(3.0, 1.5)),
    ("f", (5.0, 7.0), stats.f(5.0, 7.0)),
    ("noncentral_f", (5.0, 7.0, 1.5), stats.ncf(5.0, 7.0, 1.5)),
    ("invgamma", (2.5, 0.5), stats.invgamma(2.5, scale=0.5)),
    ("gengamma", (3.0, 2.0, 0.5), stats.gengamma(1.5, 2.0, scale=0.5)),
    ("weibull", (1.5,), stats.weibull_min(1.5)),
    ("rayleigh", (2.0,), stats.rayleigh(scale=2.0)),
    ("pareto", (2.5, 0.5), stats.pareto(2.5, scale=0.5)),
    ("lognormal", (0.3, 0.5), stats.lognorm(0.5, scale=np.exp(0.3))),
    ("halfnormal", (2.0, 0.5), stats.halfnorm(2.0, 0.5)),
    ("halfcauchy", (2.0, 0.5), stats.halfcauchy(2.0, 0.5)),
    ("wald", (2.0, 3.0), stats.invgauss(2.0 / 3.0, scale=3.0)),
]


@MODES
@pytest.mark.parametrize(("name", "args", "expected"), CONTINUOUS, ids=[case[0] for case in CONTINUOUS])
def test_continuous(mode, name, args, expected):
    assert stats.kstest(sample(mode, name, *args), expected.cdf).pvalue > LEAST


DISCRETE = [
    ("bernoulli", (0.3,), stats.bernoulli(0.3)),
    ("binomial", (20, 0.3), stats.binom(20, 0.3)),
    ("binomial", (1000, 0.3), stats.binom(1000, 0.3)),
    ("nbinom", (2.5, 0.3), stats.nbinom(2.5, 0.3)),
    ("negative_binomial", (2.5, 0.3), stats.nbinom(2.5, 0.3)),
    ("betabinom", (10, 2.0, 3.0), stats.betabinom(10, 2.0, 3.0)),
    ("poisson", (2.5,), stats.poisson(2.5)),
    ("poisson", (50.0,), stats.poisson(50.0)),
    ("geometric", (0.2,), stats.geom(0.2)),
    ("hypergeometric", (20, 30, 12), stats.hypergeom(50, 20, 12)),
    ("zipf", (2.5,), stats.zipf(2.5)),
    ("logseries", (0.7,), stats.logser(0.7)),
    ("integers", (-3, 8), stats.randint(-3, 8)),
    ("categorical", ([0.1, 0.2, 0.7],), stats.multinomial(1, [0.1, 0.2, 0.7])),
]


def fits(draws, probabilities, first=0):
    """Whether integers have the probabilities of `first`, the next ... and what is left over for all others."""
    counts = np.bincount(draws - first, minlength=len(probabilities))[: len(probabilities)]
    counts = np.append(counts, len(draws) - counts.sum())
    expected = len(draws) * np.append(probabilities, max(1.0 - np.sum(probabilities), 0.0))
    # where few are expected, they are counted together
    few = expected < 5
    assert (counts[expected == 0.0] == 0).all()
    counts, expected = np.append(counts[~few], counts[few].sum()), np.append(expected[~few], expected[few].sum())
    if expected[-1] < 1e-6:
        counts, expected = counts[:-1], expected[:-1]
    return stats.chisquare(counts, expected, sum_check=False).pvalue > LEAST


@MODES
@pytest.mark.parametrize(("name", "args", "expected"), DISCRETE, ids=[case[0] for case in DISCRETE])
def test_discrete(mode, name, args, expected):
    draws = sample(mode, name, *args)
    if name == "categorical":
        first, probabilities = 0, args[0]
    else:
        first, last = int(expected.ppf(1e-9)), int(expected.ppf(1 - 1e-9)) if name != "zipf" else 50
        probabilities = expected.pmf(np.arange(first, last + 1))
    assert fits(draws, probabilities, first)


def test_legacy_integers():
    rng = aesaralite.shared(np.random.RandomState(5))
    draws = aesaralite.function(
        [], at.random.randint(-3, 8, size=N, rng=rng), no_default_updates=True, mode="FAST_COMPILE"
    )()
    assert fits(draws, np.full(11, 1 / 11), -3)


@MODES
@pytest.mark.parametrize("method", ["svd", "eigh", "cholesky"])
def test_multivariate_normal(mode, method):
    mean, cov = np.array([1.0, -2.0, 3.0]), np.array([[2.0, 0.6, 0.0], [0.6, 1.0, -0.3], [0.0, -0.3, 0.5]])
    draws = sample(mode, "multivariate_normal", mean, cov, method=method)
    # along any direction it's normal
    for direction in np.vstack([np.eye(3), [1.0, -1.0, 2.0], [0.5, 2.0, 1.0]]):
        expected = stats.norm(direction @ mean, np.sqrt(direction @ cov @ direction))
        assert stats.kstest(draws @ direction, expected.cdf).pvalue > LEAST


@MODES
def test_dirichlet(mode):
    alphas = np.array([0.5, 2.0, 3.5])
    draws = sample(mode, "dirichlet", alphas)
    np.testing.assert_allclose(draws.sum(axis=1), 1.0)
    for column, alpha in zip(draws.T, alphas):
        assert stats.kstest(column, stats.beta(alpha, alphas.sum() - alpha).cdf).pvalue > LEAST
    # a part of what is left is of a beta distribution, too
    part = draws[:, 0] / (draws[:, 0] + draws[:, 1])
    assert stats.kstest(part, stats.beta(0.5, 2.0).cdf).pvalue > LEAST


@MODES
def test_multinomial(mode):
    p = np.array([0.1, 0.2, 0.7])
    draws = sample(mode, "multinomial", 12, p)
    assert (draws.sum(axis=1) == 12).all()
    for column, chance in zip(draws.T, p):
        assert fits(column, stats.binom(12, chance).pmf(np.arange(13)))
    np.testing.assert_allclose(np.cov(draws.T), stats.multinomial(12, p).cov(), atol=0.15)


@MODES
def test_multivariate_hypergeometric(mode):
    colors = np.array([5, 8, 12])
    draws = sample(mode, "multivariate_hypergeometric", colors, 9)
    assert (draws.sum(axis=1) == 9).all()
    for column, count in zip(draws.T, colors):
        assert fits(column, stats.hypergeom(25, count, 9).pmf(np.arange(10)))


@MODES
@pytest.mark.parametrize("replace", [True, False])
@pytest.mark.parametrize("p", [None, [0.1, 0.2, 0.3, 0.4]], ids=["uniform", "weighted"])
def test_choice(mode, replace, p):
    probabilities = np.full(4, 0.25) if p is None else np.array(p)
    if replace:
        assert fits(sample(mode, "choice", 4, p=p), probabilities)
        return
    rng = aesaralite.shared(np.random.default_rng(5))
    draw = at.random.choice(4, 2, replace=False, p=p, rng=rng)
    function = aesaralite.function([], draw, mode=mode, updates=[(rng, draw.owner.outputs[0])])
    draws = np.array([function() for _ in range(N // 2)])
    assert (draws[:, 0] != draws[:, 1]).all()
    if p is None:
        assert fits(draws[:, 0] * 4 + draws[:, 1], np.where(np.eye(4, dtype=bool), 0.0, 1 / 12).ravel())
    else:
        # NumPy draws two of them at a time, and again what is missing: not so the first one, but the pair is known
        pairs = probabilities[:, None] * probabilities / (1 - probabilities[:, None])
        pairs = np.triu(pairs + pairs.T, 1)
        assert fits(draws.min(axis=1) * 4 + draws.max(axis=1), pairs.ravel())


@MODES
@pytest.mark.parametrize("name", ["permutation", "shuffle", "permuted"])
def test_permutations(mode, name):
    rng = aesaralite.shared(np.random.default_rng(5))
    draw = getattr(at.random, name)(np.arange(4), rng=rng)
    function = aesaralite.function([], draw, mode=mode, updates=[(rng, draw.owner.outputs[0])])
    draws = np.array([function() for _ in range(N // 2)])
    assert (np.sort(draws) == np.arange(4)).all()
    # the first three say what the last is
    codes = draws[:, 0] * 16 + draws[:, 1] * 4 + draws[:, 2]
    possible = [len({i // 16, i // 4 % 4, i % 4}) == 3 for i in range(64)]
    assert fits(codes, np.array(possible) / 24)
