"""Shared variables that hold random generators."""

from __future__ import annotations

from typing import Any

import numpy as np

from aesaralite.graph.generators import copy_generator
from aesaralite.graph.shared import SharedVariable, shared_constructor
from aesaralite.tensor.random.type import random_generator_type, random_state_type

__all__ = [
    "RandomGeneratorSharedVariable",
    "RandomStateSharedVariable",
    "RandomTypeSharedVariable",
    "randomgen_constructor",
]


class RandomTypeSharedVariable(SharedVariable):
    """A shared variable that holds a random generator."""

    def __str__(self) -> str:
        return self.name or f"{type(self).__name__}({self.container!r})"


class RandomGeneratorSharedVariable(RandomTypeSharedVariable):
    """A shared variable that holds a `numpy.random.Generator`."""


class RandomStateSharedVariable(RandomTypeSharedVariable):
    """A shared variable that holds a legacy `numpy.random.RandomState`."""


@shared_constructor.register(np.random.Generator)
@shared_constructor.register(np.random.RandomState)
def randomgen_constructor(
    value: Any,
    name: str | None = None,
    strict: bool = False,
    allow_downcast: bool | None = None,
    borrow: bool = False,
) -> RandomTypeSharedVariable:
    """Return a shared variable that holds a random generator.

    Parameters
    ----------
    value : numpy.random.Generator or numpy.random.RandomState
        The first value.
    name, strict, allow_downcast
        See `aesaralite.shared`.
    borrow : bool
        Whether `value` itself is stored; otherwise a copy of it, in the same state.
    """
    if isinstance(value, np.random.RandomState):
        make: type[RandomTypeSharedVariable] = RandomStateSharedVariable
        rng_type: Any = random_state_type
    elif isinstance(value, np.random.Generator):
        make, rng_type = RandomGeneratorSharedVariable, random_generator_type
    else:
        raise TypeError(f"randomgen_constructor takes a generator of NumPy, got {value!r} of type {type(value)}")
    return make(
        type=rng_type,
        value=value if borrow else copy_generator(value),
        strict=strict,
        allow_downcast=allow_downcast,
        name=name,
    )
