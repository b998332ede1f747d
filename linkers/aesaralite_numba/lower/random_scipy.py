"""Distributions that NumPy hasn't, by SciPy's recipes: plain draws, and arithmetic on them.

Functions that aren't arithmetic are the inner loops of NumPy's and SciPy's own ufuncs (:mod:`..emit.ufunc_loops`),
because programs' own are a little different in the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from aesaralite.tensor.random.continuous import CauchyRV, StudentTRV
from aesaralite.tensor.random.discrete import BernoulliRV, BetaBinomialRV, NegBinomialRV
from aesaralite.tensor.random.gammas import GenGammaRV, InvGammaRV
from aesaralite.tensor.random.positive import HalfCauchyRV, HalfNormalRV, ParetoRV, TruncExponentialRV

from ..emit import ufunc_loops  # noqa: F401  (its routines join the table)
from ..expr import Expr
from ..numpy_code import has_loop
from ..values import Value
from . import random_constraints as demand
from .context import Lowering
from .random_draws import Drawn, batch_sizes, can_draw, draw_each, in_memory, recipe, taken_as


class _Recipe:
    """Parameters of a distribution of SciPy's, checked, and the sizes of its draws.

    The last parameter is the scale.
    """

    def __init__(
        self,
        ctx: Lowering,
        node: Any,
        size: Value,
        params: Sequence[Value],
        constraints: Sequence[demand.Constraint | None],
        draws: str,
        *loops: str,
    ) -> None:
        self.ctx, self.draws = ctx, draws
        taken = [taken_as(ctx, x, "float64") for x in params]
        self.params = [x for x in taken if x is not None]
        has_code = can_draw(node, "float64", draws) and all(map(has_loop, loops))
        self.fits = has_code and len(self.params) == len(params)
        if not self.fits:
            return
        for check, x in zip(constraints, self.params, strict=True):
            if check is not None:
                ctx.guard(check(ctx, x), "parameter")
        self.joint = ctx.broadcast(*(x.dims for x in self.params))
        self.dims = batch_sizes(ctx, node, size, [self.joint])

    def op(self, name: str, *args: Expr) -> Expr:
        return self.ctx.op(name, "float64", *args)

    def number(self, value: float) -> Expr:
        return self.ctx.e.const(float(value), "float64")

    def combine(self, x: Value, *names_and_params: Any) -> Value:
        """``x`` combined with parameters, one after the other: ``combine(x, "mul", scale, "add", loc)``."""

        def element(*indices: Expr) -> Expr:
            result = self.ctx.at(x, indices)
            for name, param in zip(names_and_params[::2], names_and_params[1::2], strict=True):
                result = self.op(name, result, self.ctx.stretch(param, self.dims, indices))
            return result

        return self.ctx.map(self.dims, element)

    def loop(self, name: str, dims: Sequence[Expr], *operands: Value) -> Value:
        """Inner loop `name` on arrays that are broadcast to `dims`."""
        ctx = self.ctx
        count = ctx.e.product(dims)
        flat = []
        for x in operands:
            if x.ndim:
                x = ctx.map(dims, lambda *i, x=x: ctx.stretch(x, dims, i)) if list(x.dims) != list(dims) else x
                x = ctx.reshape(in_memory(ctx, x), [count])
            flat.append(x)
        return ctx.reshape(ctx.call(f"numpy_{name}", flat, (), "float64", [count]), dims)

    def draw(self, rng: Value, *params: Value) -> tuple[Value, Value]:
        return self.ctx.draw(self.draws, rng, params, self.dims)


@recipe(StudentTRV.rng_fn_scipy)
def student_t(ctx: Lowering, node: Any, rng: Value, size: Value, df: Value, loc: Value, scale: Value) -> Drawn:
    constraints = demand.positive_number, None, demand.at_least_zero
    found = _Recipe(ctx, node, size, (df, loc, scale), constraints, "standard_t")
    if not found.fits:
        return NotImplemented
    df, loc, scale = found.params
    state, draws = found.draw(rng, df)
    return state, found.combine(draws, "mul", scale, "add", loc)


@recipe(HalfNormalRV.rng_fn_scipy)
def half_normal(ctx: Lowering, node: Any, rng: Value, size: Value, loc: Value, scale: Value) -> Drawn:
    found = _Recipe(ctx, node, size, (loc, scale), (None, demand.at_least_zero), "standard_normal")
    if not found.fits:
        return NotImplemented
    loc, scale = found.params
    state, draws = found.draw(rng)
    positive = ctx.map(found.dims, lambda *i: found.op("abs", ctx.at(draws, i)))
    return state, found.combine(positive, "mul", scale, "add", loc)


@recipe(CauchyRV.rng_fn_scipy)
def cauchy(ctx: Lowering, node: Any, rng: Value, size: Value, loc: Value, scale: Value) -> Drawn:
    loop = "cauchy_quantile" if has_loop("cauchy_quantile") else "tan"
    found = _Recipe(ctx, node, size, (loc, scale), (None, demand.at_least_zero), "standard_uniform", loop)
    if not found.fits:
        return NotImplemented
    loc, scale = found.params
    state, u = found.draw(rng)
    if loop == "cauchy_quantile":
        zero, one = (ctx.from_scalar(found.number(value)) for value in (0.0, 1.0))
        standard = found.loop(loop, found.dims, u, zero, one)
    else:

        def angle(*indices: Expr) -> Expr:
            turned = found.op("mul", found.number(np.pi), ctx.at(u, indices))
            return found.op("sub", turned, found.number(np.pi / 2.0))

        standard = found.loop(loop, found.dims, ctx.map(found.dims, angle))
    return state, found.combine(standard, "mul", scale, "add", loc)


@recipe(HalfCauchyRV.rng_fn_scipy)
def half_cauchy(ctx: Lowering, node: Any, rng: Value, size: Value, loc: Value, scale: Value) -> Drawn:
    found = _Recipe(ctx, node, size, (loc, scale), (None, demand.at_least_zero), "standard_uniform", "tan")
    if not found.fits:
        return NotImplemented
    loc, scale = found.params
    state, u = found.draw(rng)
    angles = ctx.map(found.dims, lambda *i: found.op("mul", found.number(np.pi / 2), ctx.at(u, i)))
    return state, found.combine(found.loop("tan", found.dims, angles), "mul", scale, "add", loc)


@recipe(TruncExponentialRV.rng_fn_scipy)
def truncated_exponential(
    ctx: Lowering, node: Any, rng: Value, size: Value, b: Value, loc: Value, scale: Value
) -> Drawn:
    constraints = demand.positive_number, None, demand.at_least_zero
    found = _Recipe(ctx, node, size, (b, loc, scale), constraints, "standard_uniform", "expm1", "log1p")
    if not found.fits:
        return NotImplemented
    b, loc, scale = found.params
    state, u = found.draw(rng)
    negative = ctx.map(b.dims, lambda *i: found.op("neg", ctx.at(b, i)))
    width = found.loop("expm1", b.dims, negative)
    logarithm = found.loop("log1p", found.dims, found.combine(u, "mul", width))
    standard = ctx.map(found.dims, lambda *i: found.op("neg", ctx.at(logarithm, i)))
    return state, found.combine(standard, "mul", scale, "add", loc)


@recipe(InvGammaRV.rng_fn_scipy)
def inverse_gamma(ctx: Lowering, node: Any, rng: Value, size: Value, shape: Value, scale: Value) -> Drawn:
    constraints = demand.positive_number, demand.at_least_zero
    found = _Recipe(ctx, node, size, (shape, scale), constraints, "standard_uniform", "gammainccinv")
    if not found.fits:
        return NotImplemented
    shape, scale = found.params
    state, u = found.draw(rng)
    quantiles = found.loop("gammainccinv", found.dims, shape, u)
    inverse = ctx.map(found.dims, lambda *i: found.op("true_div", found.number(1.0), ctx.at(quantiles, i)))
    return state, found.combine(inverse, "mul", scale)


@recipe(ParetoRV.rng_fn_scipy)
def pareto(ctx: Lowering, node: Any, rng: Value, size: Value, b: Value, scale: Value) -> Drawn:
    constraints = demand.positive_number, demand.at_least_zero
    found = _Recipe(ctx, node, size, (b, scale), constraints, "standard_uniform", "power")
    if not found.fits:
        return NotImplemented
    b, scale = found.params
    state, u = found.draw(rng)
    rest = ctx.map(found.dims, lambda *i: found.op("sub", found.number(1.0), ctx.at(u, i)))
    exponent = ctx.map(b.dims, lambda *i: found.op("true_div", found.number(-1.0), ctx.at(b, i)))
    # without a size, SciPy makes numbers of arrays of one element
    unsized = node.apply.inputs[1].type.shape == (0,)
    one_number = unsized and all(n.is_one for n in found.joint)
    power = _power_of_numbers if one_number else _power
    return state, found.combine(power(found, rest, exponent), "mul", scale)


@recipe(GenGammaRV.rng_fn_scipy)
def generalized_gamma(ctx: Lowering, node: Any, rng: Value, size: Value, alpha: Value, p: Value, scale: Value) -> Drawn:
    constraints = demand.positive_number, demand.positive_number, demand.at_least_zero
    found = _Recipe(ctx, node, size, (alpha, p, scale), constraints, "standard_gamma", "power")
    if not found.fits:
        return NotImplemented
    alpha, p, scale = found.params
    joint = ctx.broadcast(alpha.dims, p.dims)

    def quotient(*indices: Expr) -> Expr:
        return found.op("true_div", *(ctx.stretch(x, joint, indices) for x in (alpha, p)))

    state, draws = found.draw(rng, ctx.map(joint, quotient))
    exponent = ctx.map(p.dims, lambda *i: found.op("true_div", found.number(1.0), ctx.at(p, i)))
    return state, found.combine(_power(found, draws, exponent), "mul", scale)


def _power_of_numbers(found: _Recipe, x: Value, exponent: Value) -> Value:
    """``x ** exponent`` of arrays of one element as NumPy computes it for numbers: never by arithmetic."""
    ctx, e = found.ctx, found.ctx.e
    # nor does its loop where it runs along exponents
    two = [e.index(2)]
    twice = [in_memory(ctx, ctx.map(two, lambda i, v=v: ctx.at(v, [e.zero] * v.ndim))) for v in (x, exponent)]
    powers = found.loop("power", two, *twice)
    return ctx.map(found.dims, lambda *_: ctx.at(powers, [e.zero]))


def _power(found: _Recipe, x: Value, exponent: Value) -> Value:
    """``x ** exponent``, with the exponents broadcast to the sizes of the parameters, as NumPy's loops compute it.

    Where a loop runs along elements with the same exponent, it computes some powers by arithmetic, which may round
    differently.  If there is but one exponent, it always does; if there is one for each element, it never does.  In
    between it depends on how NumPy cuts the arrays up, and the call is left to NumPy where both ways differ.
    """
    ctx, e = found.ctx, found.ctx.e
    if not found.joint:
        return found.loop("power", found.dims, x, exponent)
    each = ctx.map(found.dims, lambda *i: ctx.stretch(exponent, found.dims, i))
    powers = found.loop("power", found.dims, x, in_memory(ctx, each))
    known, count = e.product(found.joint), e.product(found.dims)
    in_between = e.any(e.eq(known, e.one), ctx.op("invert", "bool", e.eq(known, count)))

    def is_certain(base: Expr, power: Expr, own: Expr) -> Expr:
        agree = [
            e.any(ctx.op("ne", "bool", own, found.number(value)), e.eq(power, arithmetic(found, base)))
            for value, arithmetic in _POWERS.items()
        ]
        return e.any(ctx.op("invert", "bool", in_between), e.all(*agree))

    ctx.guard(demand.everywhere_together(ctx, (x, powers, each), is_certain), "power")
    return powers


#: Powers that NumPy's loop computes by arithmetic.
_POWERS: dict[float, Callable[[_Recipe, Expr], Expr]] = {
    -1.0: lambda found, x: found.op("true_div", found.number(1.0), x),
    0.0: lambda found, x: found.number(1.0),
    0.5: lambda found, x: found.op("sqrt", x),
    1.0: lambda found, x: x,
    2.0: lambda found, x: found.op("mul", x, x),
}


# ------------------------------------------------------------------- integers
@recipe(BernoulliRV.rng_fn)
def bernoulli(ctx: Lowering, node: Any, rng: Value, size: Value, p: Value) -> Drawn:
    one = ctx.from_scalar(ctx.e.one)
    return draw_each(ctx, node, "binomial", rng, size, (one, p), lambda ctx, _, p: [demand.probability(ctx, p)])


@recipe(NegBinomialRV.rng_fn)
def negative_binomial(ctx: Lowering, node: Any, rng: Value, size: Value, n: Value, p: Value) -> Drawn:
    return draw_each(ctx, node, "negative_binomial", rng, size, (n, p), demand.negative_binomial)


@recipe(BetaBinomialRV.rng_fn)
def beta_binomial(ctx: Lowering, node: Any, rng: Value, size: Value, n: Value, a: Value, b: Value) -> Drawn:
    """All probabilities first, then all numbers."""
    n_taken, *shapes = taken_as(ctx, n, "int64"), taken_as(ctx, a, "float64"), taken_as(ctx, b, "float64")
    known = [x for x in shapes if x is not None]
    if n_taken is None or len(known) < 2 or not can_draw(node, "int64", "beta", "binomial"):
        return NotImplemented
    ctx.guard(demand.non_negative(ctx, n_taken), "parameter")
    for x in known:
        ctx.guard(demand.positive(ctx, x), "parameter")
    dims = batch_sizes(ctx, node, size, [ctx.broadcast(n.dims, a.dims, b.dims)])
    state, p = ctx.draw("beta", rng, known, dims)
    ctx.guard(demand.probability(ctx, p), "parameter")
    return ctx.draw("binomial", state, (n_taken, p), dims, "int64")
