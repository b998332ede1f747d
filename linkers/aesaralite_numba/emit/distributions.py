"""Random numbers, one at a time: what each draw of an element calls.

The distributions are NumPy's own C functions, so that their numbers are, too; :data:`FUNCTIONS` is the whole list.
``DRAWS[name](b, generator, args)`` builds the draw on registers of the dtypes that the list says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import llvmlite.ir as ir

from ..numpy_code import RANDOM_PREFIX
from .dtypes import I32, I64, PTR, Register, register_type
from .runtime import external

if TYPE_CHECKING:
    from .generators import GeneratorCode

Draw = Callable[[ir.IRBuilder, "GeneratorCode", list[Register]], Register]


@dataclass(frozen=True)
class Function:
    """A function of NumPy's that draws one number.

    Parameters
    ----------
    name
        Of the C function, whose first argument is the generator.
    arguments
        Dtypes of the parameters.
    result
        Dtype of the number.
    """

    name: str
    arguments: tuple[str, ...]
    result: str


def _floats(name: str, count: int) -> Function:
    return Function(f"random_{name}", ("float64",) * count, "float64")


def _counts(name: str, count: int) -> Function:
    return Function(f"random_{name}", ("float64",) * count, "int64")


#: The second argument of ``uniform`` and ``integers`` is the width of the interval, for integers a closed one.
FUNCTIONS: dict[str, Function] = {
    "standard_uniform": _floats("standard_uniform", 0),
    "standard_normal": _floats("standard_normal", 0),
    "standard_exponential": _floats("standard_exponential", 0),
    "standard_gamma": _floats("standard_gamma", 1),
    "standard_t": _floats("standard_t", 1),
    "uniform": _floats("uniform", 2),
    "normal": _floats("normal", 2),
    "lognormal": _floats("lognormal", 2),
    "exponential": _floats("exponential", 1),
    "gamma": _floats("gamma", 2),
    "chisquare": _floats("chisquare", 1),
    "beta": _floats("beta", 2),
    "f": _floats("f", 2),
    "noncentral_chisquare": _floats("noncentral_chisquare", 2),
    "noncentral_f": _floats("noncentral_f", 3),
    "pareto": _floats("pareto", 1),
    "power": _floats("power", 1),
    "weibull": _floats("weibull", 1),
    "rayleigh": _floats("rayleigh", 1),
    "standard_cauchy": _floats("standard_cauchy", 0),
    "gumbel": _floats("gumbel", 2),
    "laplace": _floats("laplace", 2),
    "logistic": _floats("logistic", 2),
    "vonmises": _floats("vonmises", 2),
    "wald": _floats("wald", 2),
    "triangular": _floats("triangular", 3),
    "poisson": _counts("poisson", 1),
    "geometric": _counts("geometric", 1),
    "negative_binomial": _counts("negative_binomial", 2),
    "zipf": _counts("zipf", 1),
    "logseries": _counts("logseries", 1),
    "hypergeometric": Function("random_hypergeometric", ("int64",) * 3, "int64"),
    "binomial": Function("random_binomial", ("int64", "float64"), "int64"),
    "integers": Function("random_bounded_uint64", ("int64", "uint64"), "int64"),
}

#: Words of NumPy's ``binomial_t``, in which functions keep what they have worked out for the last parameters.
_BINOMIAL_WORDS = 17

DRAWS: dict[str, Draw] = {}


def random_function(b: ir.IRBuilder, function: Function, args: list[Register]) -> Register:
    """Call a function of NumPy's; the first of `args` is the address of the generator."""
    kinds = tuple(arg.type for arg in args)
    return b.call(external(b.module, RANDOM_PREFIX + function.name, register_type(function.result), kinds), args)


def _from_numpy(name: str, function: Function) -> None:
    def draw(b: ir.IRBuilder, generator: GeneratorCode, args: list[Register]) -> Register:
        return random_function(b, function, [generator.bitgen(b), *args])

    DRAWS[name] = draw


for _name, _function in FUNCTIONS.items():
    _from_numpy(_name, _function)


def binomial_scratch(b: ir.IRBuilder) -> Register:
    """Address of a fresh ``binomial_t`` of the builder's function."""
    with b.goto_entry_block():
        place = b.alloca(I64, _BINOMIAL_WORDS)
        place.align = 16
        # the first member says that nothing is kept
        b.store(I64(0), place)
    return b.bitcast(place, PTR)


def _binomial(b: ir.IRBuilder, generator: GeneratorCode, args: list[Register]) -> Register:
    n, p = args
    return random_function(b, FUNCTIONS["binomial"], [generator.bitgen(b), p, n, binomial_scratch(b)])


def _integers(b: ir.IRBuilder, generator: GeneratorCode, args: list[Register]) -> Register:
    low, width = args
    return draw_bounded(b, generator.bitgen(b), low, width)


DRAWS["binomial"] = _binomial
DRAWS["integers"] = _integers


def draw_bounded(b: ir.IRBuilder, generator: Register, low: Register, width: Register) -> Register:
    """An integer from `low` up to and including ``low + width``, as :meth:`numpy.random.Generator.integers` draws it.

    `generator` is its address.
    """
    # no mask, and Lemire's method
    return random_function(b, FUNCTIONS["integers"], [generator, low, width, I64(0), I32(0)])


_INTERVAL = Function("random_interval", ("uint64",), "uint64")


def draw_interval(b: ir.IRBuilder, generator: Register, largest: Register) -> Register:
    """An integer from 0 up to and including `largest`, as :meth:`numpy.random.Generator.shuffle` draws it."""
    return random_function(b, _INTERVAL, [generator, largest])
