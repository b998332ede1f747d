"""The table of functions: what builds each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import errors, exponential, gamma, inverse_hyperbolic, inverse_trigonometric, logarithms, powers, trigonometric
from .code import Value


@dataclass(frozen=True)
class Function:
    """How a function is built; `short` ones are expanded into loops."""

    build: Callable[..., Value]
    arguments: int = 1
    short: bool = True


FUNCTIONS = {
    "exp": Function(exponential.exp),
    "exp2": Function(exponential.exp2),
    "expm1": Function(exponential.expm1),
    "sigmoid": Function(exponential.sigmoid),
    "tanh": Function(exponential.tanh),
    "sinh": Function(exponential.sinh),
    "cosh": Function(exponential.cosh),
    "log": Function(logarithms.log),
    "log2": Function(logarithms.log2),
    "log10": Function(logarithms.log10),
    "log1p": Function(logarithms.log1p),
    "softplus": Function(logarithms.softplus),
    "logaddexp": Function(logarithms.logaddexp, 2, short=False),
    "log1mexp": Function(logarithms.log1mexp, short=False),
    "sin": Function(trigonometric.sin),
    "cos": Function(trigonometric.cos),
    "tan": Function(trigonometric.tan, short=False),
    "pow": Function(powers.pow, 2, short=False),
    "cbrt": Function(powers.cbrt),
    "arctan": Function(inverse_trigonometric.arctan),
    "arctan2": Function(inverse_trigonometric.arctan2, 2),
    "arcsin": Function(inverse_trigonometric.arcsin),
    "arccos": Function(inverse_trigonometric.arccos),
    "arcsinh": Function(inverse_hyperbolic.arcsinh, short=False),
    "arccosh": Function(inverse_hyperbolic.arccosh, short=False),
    "arctanh": Function(inverse_hyperbolic.arctanh, short=False),
    "erf": Function(errors.erf, short=False),
    "erfc": Function(errors.erfc, short=False),
    "erfinv": Function(errors.erfinv, short=False),
    "gammaln": Function(gamma.gammaln, short=False),
    "psi": Function(gamma.psi, short=False),
}
