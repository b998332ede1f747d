"""Draws: random variables whose parameters are computed without rounding.

A draw is a discontinuous function of its parameters. So these are made of inputs of the graph, in ways that no rewrite
computes differently.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from aesaralite.graph.variable import Variable
from aesaralite.tensor import pointwise
from aesaralite.tensor.random import continuous, discrete, gammas, positive
from aesaralite.testing.families.base import Part, Pick

__all__ = ["DISTRIBUTIONS", "drawn"]

Parameters = Callable[[Any, Any], tuple[Any, ...]]


def _positive(x: Any) -> Any:
    return pointwise.clip(pointwise.abs(x), 0.25, 4.0)


def _chance(x: Any) -> Any:
    return pointwise.clip(pointwise.abs(x), 0.25, 0.75)


def _count(x: Any) -> Any:
    return pointwise.cast(pointwise.ceil(_positive(x)), "int64")


_ONE: Parameters = lambda x, y: (_positive(x),)  # noqa: E731
_TWO: Parameters = lambda x, y: (_positive(x), _positive(y))  # noqa: E731
_LOCATION_AND_SCALE: Parameters = lambda x, y: (x, _positive(y))  # noqa: E731

DISTRIBUTIONS: tuple[tuple[Any, Parameters], ...] = (
    (continuous.normal, _LOCATION_AND_SCALE),
    (continuous.uniform, lambda x, y: (-_positive(x), _positive(y))),
    (continuous.laplace, _LOCATION_AND_SCALE),
    (continuous.logistic, _LOCATION_AND_SCALE),
    (continuous.gumbel, _LOCATION_AND_SCALE),
    (continuous.cauchy, _LOCATION_AND_SCALE),
    (continuous.beta, _TWO),
    (continuous.vonmises, _LOCATION_AND_SCALE),
    (positive.exponential, _ONE),
    (positive.lognormal, lambda x, y: (_chance(x), _chance(y))),
    (positive.halfnormal, _LOCATION_AND_SCALE),
    (positive.weibull, _ONE),
    (gammas.gamma, _TWO),
    (gammas.chisquare, _ONE),
    (gammas.invgamma, _TWO),
    (discrete.poisson, _ONE),
    (discrete.bernoulli, lambda x, y: (_chance(x),)),
    (discrete.binomial, lambda x, y: (_count(x), _chance(y))),
    (discrete.geometric, lambda x, y: (_chance(x),)),
    (discrete.integers, lambda x, y: (0, _count(x))),
)
"""Distributions, each with a function that makes parameters of two variables."""


def drawn(pick: Pick, parts: Sequence[Part], rng: Variable) -> tuple[Variable, Variable] | None:
    """Draw from a generator.

    Parameters
    ----------
    pick : callable
        Chooses an element of a sequence.
    parts : sequence of Part
        What there is. Parameters are made of floats that are inputs.
    rng : Variable
        The generator.

    Returns
    -------
    tuple of Variable or None
        The state after the draw, and the draw; None where there are no such inputs.
    """
    suitable = [part for part in parts if part.is_input and part.kind == "f"]
    if not suitable:
        return None
    distribution, parameters = pick(DISTRIBUTIONS)
    x, y = pick(suitable), pick(suitable)
    try:
        params = parameters(x.variable, y.variable)
        node = distribution.make_node(rng, pick([None, None, (2, 3), ()]), None, *params)
    except ValueError:  # shapes that don't go together
        return None
    return node.outputs[0], node.outputs[1]
