"""Random variables: which are NumPy's own, and which have a recipe.

A :class:`~aesaralite.tensor.random.op.RandomVariable` draws what its `rng_fn` says.  Where that is the default, its
name is that of a method of NumPy's generators, and :data:`NUMPY` says which C function that method calls for each
element.  Otherwise the function is looked up among the :data:`~.random_draws.RECIPES`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aesaralite.tensor.random.families import ScipyRandomVariable
from aesaralite.tensor.random.op import RandomVariable

from ..emit.distributions import FUNCTIONS
from ..emit.dtypes import is_integer
from ..expr import Expr
from ..values import Value
from . import random_constraints as demand
from . import random_permutations, random_scipy, random_vectors  # noqa: F401  (each adds its recipes)
from .context import Lowering
from .random_draws import RECIPES, Drawn, batch_sizes, can_draw, cast_value, draw_each, in_dtype_of
from .registry import lower


@lower(RandomVariable)
def random_variable(ctx, node, rng, size, dtype, *params):
    op_class = type(node.op)
    if rng is None or rng.generator is None or any(x is None for x in params):
        return NotImplemented
    if op_class.rng_fn is RandomVariable.rng_fn:
        method = NUMPY.get(node.op.name)
        drawn = NotImplemented if method is None else _draw_method(ctx, node, method, rng, size, params)
    else:
        is_scipy = op_class.rng_fn is ScipyRandomVariable.rng_fn
        recipe = RECIPES.get(op_class.rng_fn_scipy if is_scipy else op_class.rng_fn)
        drawn = NotImplemented if recipe is None else recipe(ctx, node, rng, size, *params)
    if drawn is NotImplemented:
        return NotImplemented
    state, draws = drawn
    return state, in_dtype_of(ctx, node, draws)


Demands = Callable[..., Sequence[Expr]]


@dataclass(frozen=True)
class Method:
    """A method of NumPy's generators.

    Parameters
    ----------
    function
        Name of what it draws, in :data:`..emit.distributions.FUNCTIONS`.
    demands
        Conditions on its parameters, arrays of what the function takes.
    """

    function: str
    demands: Demands


def _each(function: str, *constraints: demand.Constraint | None) -> Method:
    """A method with a constraint for each parameter, or none."""

    def demands(ctx: Lowering, *params: Value) -> list[Expr]:
        return [check(ctx, x) for check, x in zip(constraints, params, strict=True) if check is not None]

    return Method(function, demands)


_LOCATION_SCALE = (None, demand.non_negative)

#: NumPy's methods that draw element by element, with what they demand of their parameters.
NUMPY: dict[str, Method] = {
    "random": _each("standard_uniform"),
    "standard_normal": _each("standard_normal"),
    "standard_exponential": _each("standard_exponential"),
    "standard_cauchy": _each("standard_cauchy"),
    "standard_gamma": _each("standard_gamma", demand.non_negative),
    "standard_t": _each("standard_t", demand.positive),
    "uniform": Method("uniform", demand.uniform),
    "triangular": Method("triangular", demand.triangular),
    "normal": _each("normal", *_LOCATION_SCALE),
    "lognormal": _each("lognormal", *_LOCATION_SCALE),
    "gumbel": _each("gumbel", *_LOCATION_SCALE),
    "laplace": _each("laplace", *_LOCATION_SCALE),
    "logistic": _each("logistic", *_LOCATION_SCALE),
    "vonmises": _each("vonmises", *_LOCATION_SCALE),
    "exponential": _each("exponential", demand.non_negative),
    "gamma": _each("gamma", demand.non_negative, demand.non_negative),
    "beta": _each("beta", demand.positive, demand.positive),
    "chisquare": _each("chisquare", demand.positive),
    "noncentral_chisquare": _each("noncentral_chisquare", demand.positive, demand.non_negative),
    "f": _each("f", demand.positive, demand.positive),
    "noncentral_f": _each("noncentral_f", demand.positive, demand.positive, demand.non_negative),
    "pareto": _each("pareto", demand.positive),
    "power": _each("power", demand.positive),
    "weibull": _each("weibull", demand.non_negative),
    "rayleigh": _each("rayleigh", demand.non_negative),
    "wald": _each("wald", demand.positive, demand.positive),
    "poisson": _each("poisson", demand.poisson_mean),
    "geometric": _each("geometric", demand.positive_probability),
    "zipf": _each("zipf", demand.above_one),
    "logseries": _each("logseries", demand.not_certain),
    "binomial": _each("binomial", demand.non_negative, demand.probability),
    "negative_binomial": Method("negative_binomial", demand.negative_binomial),
    "hypergeometric": Method("hypergeometric", demand.hypergeometric),
    "integers": _each("integers", None, None),
}


def _draw_method(ctx: Lowering, node, method: Method, rng: Value, size: Value, params: Sequence[Value]) -> Drawn:
    if len(params) != len(FUNCTIONS[method.function].arguments) or node.op.ndim_supp != 0:
        return NotImplemented
    if method.function == "integers":
        return _integers(ctx, node, rng, size, *params)
    if method.function == "uniform":
        low, high = params
        dims = ctx.broadcast(low.dims, high.dims)
        params = low, _difference(ctx, dims, "float64", high, low)
    return draw_each(ctx, node, method.function, rng, size, params, method.demands)


def _difference(ctx: Lowering, dims: Sequence[Expr], dtype: str, x: Value, y: Value) -> Value:
    def element(*indices: Expr) -> Expr:
        return ctx.op("sub", dtype, *(ctx.cast(ctx.stretch(v, dims, indices), dtype) for v in (x, y)))

    return ctx.map(dims, element)


def _integers(ctx: Lowering, node: Any, rng: Value, size: Value, low: Value, high: Value) -> Drawn:
    """The C function takes the width of a closed interval, which may not fit into int64."""
    are_integers = all(is_integer(x.dtype) or x.dtype == "bool" for x in (low, high))
    if not are_integers or not can_draw(node, "int64", "bounded_uint64"):
        return NotImplemented
    e = ctx.e
    for x in (low, high):
        if x.dtype == "uint64":
            ctx.guard(demand.non_negative(ctx, cast_value(ctx, x, "int64")), "parameter")
    low, high = cast_value(ctx, low, "int64"), cast_value(ctx, high, "int64")
    ctx.guard(demand.everywhere_together(ctx, (low, high), e.lt), "parameter")
    dims = ctx.broadcast(low.dims, high.dims)
    difference = _difference(ctx, dims, "int64", high, low)
    width = ctx.map(dims, lambda *i: ctx.cast(e.sub(ctx.at(difference, i), e.one), "uint64"))
    batch = batch_sizes(ctx, node, size, [dims])
    return ctx.draw("integers", rng, (low, width), batch, "int64")
