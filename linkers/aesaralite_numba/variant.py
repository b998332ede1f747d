"""Which program of a graph is meant, and what values it may have."""

from __future__ import annotations

from typing import Any, NamedTuple

from aesaralite.scalar.type import ScalarType
from aesaralite.tensor.random.type import RandomGeneratorType
from aesaralite.tensor.tensor_type import TensorType

from .generators import FORMS


class UnsupportedType(Exception):
    """A value is neither a tensor, a number, nor a generator that machine code can draw from."""


class Variant(NamedTuple):
    """Which program of a graph is meant.

    Attributes
    ----------
    optimistic
        Sizes that go together elementwise are assumed equal, not broadcast, and the call is left where they aren't.
    in_place
        New state of unchanged shape is written into the present arrays; otherwise it is returned.
    layouts
        ``"C"``, ``"F"`` or ``"A"`` (any strides) for each input.
    generators
        For each input that is a generator, in order, the class of its bit generator.
    threads
        How many may do the work of one kernel.
    """

    optimistic: bool
    in_place: bool
    layouts: tuple[str, ...]
    generators: tuple[str, ...] = ()
    threads: int = 1


def value_form(kind: Any, generator: str | None) -> tuple[str, tuple[int | None, ...]]:
    """Dtype and static shape of the values of a type; `generator` is the class of its bit generator, if it has one.

    Raises
    ------
    UnsupportedType
        If machine code has no such values.
    """
    if isinstance(kind, TensorType):
        return kind.dtype, tuple(kind.shape)
    if isinstance(kind, ScalarType):
        return kind.dtype, ()
    if isinstance(kind, RandomGeneratorType) and generator is not None:
        return "uint64", (FORMS[generator].words,)
    raise UnsupportedType(f"{kind}")
