"""The types of random generators."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from aesaralite.graph.generators import copy_generator, frozen_state, generator_of_state
from aesaralite.graph.type import Type
from aesaralite.graph.variable import Constant, Variable

__all__ = [
    "RandomConstant",
    "RandomGeneratorType",
    "RandomStateType",
    "RandomType",
    "random_generator_type",
    "random_state_type",
]


class RandomType(Type):
    """A type whose values are random generators of NumPy."""

    __props__ = ()

    generator_class: ClassVar[type]
    """The class that all values belong to."""

    def filter(self, data: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """Return `data`, or the generator that it's the state of.

        Parameters
        ----------
        data : Generator, RandomState or dict
            A generator of the class of the type. Or its state: that of its bit generator, or what
            ``get_state(legacy=False)`` of a `RandomState` returns.
        strict : bool
            If true, it must be a generator.
        allow_downcast : bool, optional
            Without effect.

        Raises
        ------
        TypeError
            If it's neither.
        """
        if isinstance(data, self.generator_class):
            return data
        if not strict and isinstance(data, dict):
            return generator_of_state(data, legacy=self.generator_class is np.random.RandomState)
        text = repr(data)
        if len(text) > 60:
            text = f"{text[:60]}..."
        if isinstance(data, Variable):
            text = f"the variable {text}"
        raise TypeError(
            f"{self} holds instances of numpy.random.{self.generator_class.__name__}; got {text} of type "
            f"{type(data).__name__}. {self._advice}"
        )

    _advice: ClassVar[str]

    @classmethod
    def values_eq(cls, a: Any, b: Any) -> bool:
        """Whether two generators will draw the same numbers."""
        return frozen_state(a) == frozen_state(b)


class RandomGeneratorType(RandomType):
    """The type of a `numpy.random.Generator`."""

    generator_class = np.random.Generator
    _advice = "numpy.random.default_rng(seed) makes one."

    @staticmethod
    def may_share_memory(a: Any, b: Any) -> bool:
        return a is b or a.bit_generator is b.bit_generator


class RandomStateType(RandomType):
    """The type of a legacy `numpy.random.RandomState`."""

    generator_class = np.random.RandomState
    _advice = "numpy.random.RandomState(seed) makes one."

    @staticmethod
    def may_share_memory(a: Any, b: Any) -> bool:
        return a is b or a._bit_generator is b._bit_generator


class RandomConstant(Constant):
    """A generator that is part of a graph. It never advances: each call draws from the same state."""

    def __init__(self, type: Type, data: Any, name: str | None = None):
        super().__init__(type, data, name=name)
        # the user's object may be drawn from
        self.data = copy_generator(self.data)

    def signature(self) -> Any:
        return self.type, frozen_state(self.data)


RandomType.constant_type = RandomConstant

random_generator_type = RandomGeneratorType()
random_state_type = RandomStateType()
