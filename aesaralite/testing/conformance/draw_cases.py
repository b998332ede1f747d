"""Cases of random variables and of what makes generators, and of streams of the MRG kind."""

from __future__ import annotations

import importlib.util
from functools import partial
from typing import Any

import numpy as np

import aesaralite.tensor as at
from aesaralite.tensor.random.mrg.from_uniform import BernoulliFromUniform, ChoiceFromUniform, MultinomialFromUniform
from aesaralite.tensor.random.mrg.uniform import MRGUniform
from aesaralite.tensor.random.op import RandomState, default_rng
from aesaralite.testing.conformance.case import Case, plain, smooth
from aesaralite.testing.conformance.values import whole

__all__ = ["DRAWS", "STREAMS"]

_NO_POLYAGAMMA = None if importlib.util.find_spec("polyagamma") else ImportError
"""What that distribution raises without the package that draws it."""

_PARAMETERS: dict[str, tuple[Any, ...]] = {
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
    "triangular": (0.0, [0.5, 0.75], 1.0),
    "truncexpon": ([2.0, 3.0],),
    "uniform": (0.0, [1.0, 2.0]),
    "vonmises": (0.0, [1.0, 20.0]),
    "wald": (1.0, [1.0, 2.0]),
    "weibull": ([2.0, 0.5],),
    "zipf": ([2.0, 3.0],),
}
"""For each distribution parameters, some of them batches."""

_REPARAMETRISED = {
    *("cauchy", "choice", "exponential", "gumbel", "halfcauchy", "halfnormal", "laplace", "logistic", "lognormal"),
    *("normal", "pareto", "permutation", "permuted", "power", "rayleigh", "shuffle"),
    *("triangular", "truncexpon", "uniform", "weibull"),
}
"""Those whose draws are smooth functions of the parameters, as long as the generator is in one state."""


def _drawn(name: str, *variables: Any) -> list[Any]:
    """Return the next state of a generator and the draw."""
    rng, *params = variables
    draw = getattr(at.random, name)(*params, rng=rng)
    return [draw.owner.outputs[0], draw]


def _weighted(rng: Any, a: Any, p: Any) -> Any:
    return at.random.choice(a, size=(3,), p=p, rng=rng)


def _twice(rng: Any, loc: Any) -> list[Any]:
    """Draw twice from one generator, in dtypes and sizes of all kinds."""
    first = at.random.normal(loc, 1.0, size=(2, 3), rng=rng, dtype="float32")
    second = at.random.integers(0, 100, size=(4,), rng=first.owner.outputs[0], dtype="uint8")
    return [second.owner.outputs[0], first, second]


def _polyagamma(rng: Any, h: Any, z: Any) -> list[Any]:
    return at.random.polyagamma.make_node(rng, None, None, h, z).outputs


def _legacy(seed: Any, loc: Any) -> list[Any]:
    first = at.random.normal(loc, 1.0, rng=RandomState(seed))
    return [first, at.random.randint(0, 10, size=3, rng=first.owner.outputs[0])]


def _made(seed: Any) -> Any:
    return at.random.uniform(0.0, 1.0, size=(3,), rng=default_rng(seed))


def _generator(name: str = "PCG64") -> np.random.Generator:
    return np.random.Generator(getattr(np.random, name)(3))


DRAWS: list[Case] = [
    *(
        (smooth if name in _REPARAMETRISED else plain)(
            f"draw-{name}", partial(_drawn, name), _generator(), *map(np.asarray, parameters)
        )
        for name, parameters in _PARAMETERS.items()
    ),
    *(
        plain(f"draw-twice-{name}", _twice, _generator(name), np.arange(3.0))
        for name in ("PCG64", "PCG64DXSM", "Philox", "SFC64", "MT19937")
    ),
    plain(
        "draw-sizes",
        lambda rng, n: _drawn("normal", rng, 0.0, 1.0)[:1] + [at.random.normal(0.0, 1.0, size=(n, 2), rng=rng)],
        _generator(),
        whole(0),
    ),
    plain("draw-choice-weighted", _weighted, _generator(), np.arange(3.0), np.array([0.5, 0.5, 0.0])),
    plain("draw-permuted-vector", partial(_drawn, "permuted"), _generator(), np.arange(3.0)),
    plain("draw-fails", partial(_drawn, "normal"), _generator(), np.array(0.0), np.array(-1.0), raises=ValueError),
    plain("draw-generator-made", _made, whole(3)),
    plain("draw-legacy", _legacy, whole(5), np.arange(3.0)),
    plain("draw-polyagamma", _polyagamma, _generator(), np.array([1.0, 2.0]), np.array(0.0), raises=_NO_POLYAGAMMA),
]

STATES = np.arange(1, 31, dtype="int32").reshape(5, 6)
CHANCES = np.array([[0.5, 0.0, 0.25, 0.25], [0.0, 0.2, 0.3, 0.5], [0.1, 0.2, 0.7, 0.0]])
UNIFORMS = np.linspace(0.05, 0.95, 6)

STREAMS: list[Case] = [
    *(
        plain(
            f"mrg-uniform-{dtype}", lambda s, n, dtype=dtype: MRGUniform.new(s, 2, dtype, n), STATES, np.array([3, 4])
        )
        for dtype in ("float16", "float32", "float64")
    ),
    plain("mrg-uniform-one", lambda s: MRGUniform.new(s, None, "float64", ()), STATES),
    plain("mrg-uniform-none", lambda s, n: MRGUniform.new(s, None, "float64", (2, n)), STATES, whole(0)),
    plain("mrg-uniform-any-states", lambda s: MRGUniform.new(s, None, "float64", (3,)), -(2**27) * STATES),
    plain("mrg-uniform-transposed", lambda s: MRGUniform.new(s.T, None, "float64", (9,)), STATES.T.copy()),
    plain(
        "mrg-uniform-twice",
        lambda s: MRGUniform.new(MRGUniform.new(s, 1, "float32", (7,))[0], 1, "float64", (8,)),
        STATES,
    ),
    plain(
        "mrg-uniform-fails", lambda s, n: MRGUniform.new(s, 1, "float64", n), STATES, np.array([-1]), raises=ValueError
    ),
    plain("mrg-uniform-stateless", lambda s: MRGUniform.new(s, 1, "float64", (1,)), STATES[:0], raises=ValueError),
    plain("bernoulli-from-uniform", lambda p, u: BernoulliFromUniform("int64")(p, u), CHANCES[:, :1], UNIFORMS),
    plain(
        "bernoulli-from-uniform-fails",
        lambda p, u: BernoulliFromUniform("bool")(p, u),
        -CHANCES,
        UNIFORMS[:4],
        raises=ValueError,
    ),
    *(
        plain(
            f"multinomial-from-uniform-{dtype}",
            lambda p, u, dtype=dtype: MultinomialFromUniform(dtype)(p, u, 2),
            CHANCES,
            UNIFORMS,
        )
        for dtype in ("auto", "int8", "bool")
    ),
    plain(
        "multinomial-from-uniform-float32",
        lambda p, u: MultinomialFromUniform("auto")(p, u),
        CHANCES.astype("float32"),
        UNIFORMS[:3],
    ),
    plain(
        "multinomial-from-uniform-fails",
        lambda p, u: MultinomialFromUniform("auto")(p, u, 2),
        2 * CHANCES,
        UNIFORMS,
        raises=ValueError,
    ),
    plain("choice-from-uniform", lambda p, u, n: ChoiceFromUniform("auto")(p, u, n), CHANCES, UNIFORMS, whole(2)),
    plain("choice-from-uniform-again", lambda p, u: ChoiceFromUniform("int8", True)(p, u, 2), CHANCES, UNIFORMS),
    plain(
        "choice-from-uniform-fails",
        lambda p, u: ChoiceFromUniform("auto")(p, u, 6),
        CHANCES[:1],
        UNIFORMS,
        raises=ValueError,
    ),
]
