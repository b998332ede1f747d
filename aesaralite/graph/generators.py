"""NumPy's random generators as values: copied, compared, digested by their state."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from numpy.random.bit_generator import ISeedSequence

__all__ = ["blank_generator", "copy_generator", "frozen_state", "generator_of_state", "is_generator"]

_BIT_GENERATORS: dict[str, Any] = {
    cls.__name__: cls
    for cls in (
        np.random.PCG64,
        np.random.PCG64DXSM,
        np.random.Philox,
        np.random.SFC64,
        np.random.MT19937,
    )
}


class _Unseeded(ISeedSequence):
    """Seeds a bit generator with zeros: its state is about to be replaced, and real seeding takes most of the time."""

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> np.ndarray:
        return np.zeros(n_words, dtype)


_unseeded = _Unseeded()


def is_generator(value: object) -> bool:
    """Whether a value is a NumPy `Generator` or a legacy `RandomState`."""
    return isinstance(value, (np.random.Generator, np.random.RandomState))


def blank_generator(name: str) -> np.random.Generator:
    """Return a generator with NumPy's bit generator of that name, for a state that is yet to be set."""
    return np.random.Generator(_BIT_GENERATORS[name](_unseeded))


def copy_generator(generator: Any) -> Any:
    """Return a generator of its own that draws the same numbers.

    Parameters
    ----------
    generator : numpy.random.Generator or numpy.random.RandomState
        The generator. It isn't changed.

    Returns
    -------
    Generator or RandomState
        With a bit generator of the same class and state. Its `spawn` gives what that of `generator` would.
    """
    kind = type(generator)
    if kind is np.random.Generator:
        bits = generator.bit_generator
        if type(bits) in _BUILT_IN:
            return np.random.Generator(_copy_bits(bits))
    elif kind is np.random.RandomState:
        bits = generator._bit_generator
        if type(bits) in _BUILT_IN:
            new = np.random.RandomState(type(bits)(_unseeded))
            new.set_state(generator.get_state(legacy=False))
            return new
    # copy.copy would share the bit generator
    return copy.deepcopy(generator)


def _copy_bits(bits: Any) -> Any:
    new = type(bits)(_unseeded)
    seeds = bits.seed_seq
    # its pool is never written to, so a shallow copy shares nothing that changes
    seeds = copy.copy(seeds) if type(seeds) is np.random.SeedSequence else copy.deepcopy(seeds)
    new.__setstate__((bits.state, seeds))
    return new


_BUILT_IN = frozenset(_BIT_GENERATORS.values())


def frozen_state(generator: Any) -> Any:
    """Return what decides which numbers a generator will draw, as a value that can be compared and hashed.

    Parameters
    ----------
    generator : numpy.random.Generator or numpy.random.RandomState
        The generator.
    """
    if isinstance(generator, np.random.RandomState):
        kind, bits, state = "RandomState", generator._bit_generator, generator.get_state(legacy=False)
    else:
        kind, bits = "Generator", generator.bit_generator
        state = bits.state
    cls = type(bits)
    return kind, f"{cls.__module__}.{cls.__qualname__}", _frozen(state)


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple((key, _frozen(value[key])) for key in sorted(value))
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, (list, tuple)):
        return tuple(map(_frozen, value))
    return value.item() if isinstance(value, np.generic) else value


def generator_of_state(state: Any, legacy: bool = False) -> Any:
    """Return a generator in a given state.

    Parameters
    ----------
    state : dict
        The ``state`` of one of NumPy's bit generators, or (for a legacy one) what ``get_state(legacy=False)`` returns.
    legacy : bool
        Whether to make a `RandomState`.

    Raises
    ------
    TypeError
        If it's no such state.
    """
    name = state.get("bit_generator") if isinstance(state, dict) else None
    cls = _BIT_GENERATORS.get(name) if isinstance(name, str) else None
    if cls is None:
        raise TypeError(f"{state!r} is not the state of a generator of NumPy")
    bits = cls(_unseeded)
    try:
        if legacy:
            generator = np.random.RandomState(bits)
            generator.set_state(state)
            return generator
        bits.state = state
    except (KeyError, ValueError, TypeError) as error:
        raise TypeError(f"This is not the state of a {name}: {error!r}") from error
    return np.random.Generator(bits)
