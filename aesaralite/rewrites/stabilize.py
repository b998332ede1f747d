"""Numerical stability: expressions that are right on paper and wrong in floats, and what to compute instead.

Each line of the tables reads: where a graph has the left side, compute the right side. The first rule that matches
wins, so special cases come first.
"""

from __future__ import annotations

from typing import Any

from aesaralite.rewrites.algebra import erf, erfc, exp, expm1, log, log1mexp, log1p, second, sigmoid, softplus, x
from aesaralite.rewrites.phases import register_canonicalize, register_stabilize, register_table
from aesaralite.rewriting.rule import rule
from aesaralite.tensor import pointwise

# The logistic function is found first, as later rules and the cancelling of factors rest on it.
LOGISTIC = {
    "local_exp_over_1_plus_exp": exp(x) / (1 + exp(x)) >> sigmoid(x),
    "local_inv_1_plus_exp": 1 / (1 + exp(x)) >> sigmoid(-x),
    "local_exp_times_sigmoid": exp(x) * sigmoid(-x) >> sigmoid(x),
    "local_1_plus_exp_times_sigmoid": (1 + exp(x)) * sigmoid(-x) >> second(x, 1.0),
    "local_1_plus_exp_neg_times_sigmoid": (1 + exp(-x)) * sigmoid(x) >> second(x, 1.0),
    "local_sigmoid_over_exp": sigmoid(x) / exp(x) >> sigmoid(-x),
    "local_1msigmoid": 1 - sigmoid(x) >> sigmoid(-x),
}

STABILIZE = {
    # log(1 - p) of a probability near 1, log(p) of one near 0
    "local_log_sigmoid": log(sigmoid(x)) >> -softplus(-x),
    "local_log_1msigmoid": log(1 - sigmoid(x)) >> -softplus(x),
    "local_log1p_neg_sigmoid": log1p(-sigmoid(x)) >> -softplus(x),
    # 1 - exp(x) loses all digits near 0; log(1 - exp(x)) is right for every negative x
    "local_log_1mexp": log(1 - exp(x)) >> log1mexp(x),
    "local_log1p_neg_exp": log1p(-exp(x)) >> log1mexp(x),
    "local_log_neg_expm1": log(-expm1(x)) >> log1mexp(x),
    # exp overflows where the logarithm is small
    "local_log_1_plus_exp": log(1 + exp(x)) >> softplus(x),
    "local_log1p_exp": log1p(exp(x)) >> softplus(x),
    # what is small beside 1
    "local_log1p": log(1 + x) >> log1p(x),
    "local_expm1": exp(x) - 1 >> expm1(x),
    "local_log_1_plus_expm1": log(1 + expm1(x)) >> x,
    # tails of the error function
    "local_one_minus_erf": 1 - erf(x) >> erfc(x),
    "local_one_plus_erf": 1 + erf(x) >> erfc(-x),
    "local_one_minus_erfc": 1 - erfc(x) >> erf(x),
    "local_erf_neg_minus_one": -erfc(x) + 2 >> erfc(-x),
}

# What cancels out without harm, as the inner function takes every float to where the outer one takes it back.
INVERSES = {
    "local_log_exp": log(exp(x)) >> x,
    "local_log1p_expm1": log1p(expm1(x)) >> x,
}


@rule(log(erfc(x)))
def local_log_erfc(x: Any) -> Any:
    """log(erfc(x)) -> log(erfcx(x)) - x**2 for large x, where erfc(x) is 0"""
    limit = 5.0
    # the branch that isn't chosen mustn't overflow either, for the sake of its gradient
    large = pointwise.maximum(x, limit)
    return pointwise.switch(
        pointwise.lt(x, limit),
        pointwise.log(pointwise.erfc(pointwise.minimum(x, limit))),
        pointwise.log(pointwise.erfcx(large)) - large * large,
    )


# the branch for small x has the form that the rule looks for
local_log_erfc.where(lambda x: x.owner is None or x.owner.op != pointwise.minimum)

register_table(register_canonicalize, LOGISTIC)
register_table(register_stabilize, {**STABILIZE, **INVERSES, "local_log_erfc": local_log_erfc})
