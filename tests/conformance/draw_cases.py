"""A draw from each distribution, and what makes generators in a graph."""

import aesaralite.tensor as at
from aesaralite.tensor.random.op import RandomState, default_rng

#: Parameters for which a distribution draws, some of them batches.
PARAMETERS = {
    "bernoulli": ([0.3, 0.6],),
    "beta": ([[2.0], [0.5]], [3.0, 4.0]),
    "betabinom": (4, 1.0, [2.0, 3.0]),
    "binomial": ([5, 40], 0.3),
    "categorical": ([[0.1, 0.2, 0.7], [0.5, 0.5, 0.0]],),
    "cauchy": (0.0, [1.0, 2.0]),
    "chisquare": ([3.0, 0.4],),
    "choice": ([1.5, 2.5, 3.5],),
    "dirichlet": ([[1.0, 2.0, 3.0], [0.01, 0.02, 0.03]],),
    "exponential": ([1.0, 2.0],),
    "f": (3.0, [4.0, 5.0]),
    "gamma": ([0.5, 2.0], 1.5),
    "gengamma": (2.0, [1.0, 3.0], 1.0),
    "geometric": ([0.1, 0.6],),
    "gumbel": (0.0, [1.0, 2.0]),
    "halfcauchy": (0.0, [1.0, 2.0]),
    "halfnormal": (0.0, [1.0, 2.0]),
    "hypergeometric": ([5, 50], 6, 4),
    "integers": ([0, -7], [1, 2**40]),
    "invgamma": ([2.0, 3.0], 1.0),
    "laplace": (0.0, [1.0, 2.0]),
    "logistic": (0.0, [1.0, 2.0]),
    "lognormal": (0.0, [1.0, 0.5]),
    "logseries": ([0.2, 0.9],),
    "multinomial": ([5, 6], [0.2, 0.3, 0.5]),
    "multivariate_hypergeometric": ([3, 4, 5], 4),
    "multivariate_normal": ([1.0, 2.0], [[2.0, 0.5], [0.5, 1.0]]),
    "nbinom": (3, [0.4, 0.6]),
    "negative_binomial": ([3, 4], 0.4),
    "noncentral_chisquare": (3.0, [1.0, 2.0]),
    "noncentral_f": (3.0, 4.0, [1.0, 2.0]),
    "normal": ([0.0, 10.0], 2.0),
    "pareto": ([2.0, 3.0], 1.0),
    "permutation": ([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]],),
    "permuted": ([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]],),
    "poisson": ([0.5, 30.0],),
    "power": ([2.0, 0.5],),
    "rayleigh": ([1.0, 2.0],),
    "shuffle": ([1.0, 2.0, 3.0, 4.0],),
    "standard_cauchy": (),
    "standard_exponential": (),
    "standard_gamma": ([2.0, 0.3],),
    "standard_normal": (),
    "standard_t": ([3.0, 30.0],),
    "t": (3.0, 0.0, [1.0, 2.0]),
    "triangular": (0.0, [0.5, 1.0], 1.0),
    "truncexpon": ([2.0, 3.0],),
    "uniform": (0.0, [1.0, 2.0]),
    "vonmises": (0.0, [1.0, 20.0]),
    "wald": (1.0, [1.0, 2.0]),
    "weibull": ([2.0, 0.5],),
    "zipf": ([2.0, 3.0],),
}


def draw(name, *params):
    return getattr(at.random, name)(*params, rng=default_rng(at.constant(3)))


def legacy_draws(loc):
    first = at.random.normal(loc, 1.0, rng=RandomState(at.constant(5)))
    return first, at.random.randint(0, 10, size=3, rng=first.owner.outputs[0])
