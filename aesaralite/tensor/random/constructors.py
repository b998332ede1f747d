"""What makes a random generator of a seed, within a graph."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np

from aesaralite.graph.basic import Apply
from aesaralite.graph.generic import NoneConst
from aesaralite.graph.op import Op
from aesaralite.tensor.convert import as_tensor_variable
from aesaralite.tensor.random.type import RandomType, random_generator_type, random_state_type

__all__ = [
    "AbstractRNGConstructor",
    "DefaultGeneratorMakerOp",
    "RandomState",
    "RandomStateConstructor",
    "default_rng",
]


class AbstractRNGConstructor(Op):
    """Makes a generator of a seed, when it runs.

    Parameters
    ----------
    unseeded : int, optional
        Tells the nodes without a seed apart: each makes a generator of its own, from fresh entropy.
    """

    __props__ = ("unseeded",)

    random_type: ClassVar[RandomType]
    random_constructor: ClassVar[Callable[[Any], Any]]

    def __init__(self, unseeded: int | None = None) -> None:
        self.unseeded = unseeded

    def make_node(self, seed: Any = None) -> Apply:
        """Apply the Op.

        Parameters
        ----------
        seed : int, 0-d or vector_like of int, optional
            The seed; by default, each call of a function takes fresh entropy from the system.

        Raises
        ------
        TypeError
            If the seed isn't made of integers.
        """
        if seed is None or seed is NoneConst:
            op = self if self.unseeded is not None else type(self)(uuid.uuid4().int)
            return Apply(op, [NoneConst], [self.random_type()])
        seed = as_tensor_variable(seed)
        if seed.type.ndim > 1 or np.dtype(seed.type.dtype).kind not in "iu":
            raise TypeError(f"A seed is an integer, or a vector of integers; got {seed} of type {seed.type}")
        return Apply(self, [seed], [self.random_type()])

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[list[Any]]) -> None:
        (seed,) = inputs
        if seed is not None and seed.size == 1:
            seed = int(seed.item())
        output_storage[0][0] = type(self).random_constructor(seed)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[False]]

    def do_constant_folding(self, fgraph: Any, node: Apply) -> bool:
        # without a seed it's another generator at each call
        return False

    def __str__(self) -> str:
        return type(self).__name__


class RandomStateConstructor(AbstractRNGConstructor):
    """Makes a legacy `numpy.random.RandomState`."""

    random_type = random_state_type
    random_constructor = np.random.RandomState


class DefaultGeneratorMakerOp(AbstractRNGConstructor):
    """Makes a generator as `numpy.random.default_rng` does."""

    random_type = random_generator_type
    random_constructor = staticmethod(np.random.default_rng)


RandomState = RandomStateConstructor()
default_rng = DefaultGeneratorMakerOp()
