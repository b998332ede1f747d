"""The tables of NumPy's ziggurat samplers, asked of NumPy.

A ziggurat covers a density by layers of equal area (Marsaglia and Tsang 2000, doi:10.18637/jss.v005.i08).  A draw picks
a layer and a number `r` below 2**k, and gives ``r * width[layer]`` at once where `r` is below the layer's `limit`; else
it takes the long way.  NumPy keeps its tables to itself; but a bit generator that yields ``r = 1`` for a layer makes it
return the layer's width, exactly.

The limits here are lower bounds of NumPy's: between the two, the long way gives the same number as the short one.
"""

from __future__ import annotations

import ctypes
import functools
from dataclasses import dataclass
from typing import Any

import numpy as np

_LAYERS = 256


@dataclass(frozen=True)
class Ziggurat:
    """A sampler's tables.

    Attributes
    ----------
    width
        What the random number is multiplied by, for each layer.
    limit
        Below this the product is accepted.
    """

    width: tuple[float, ...]
    limit: tuple[int, ...]


class _Interface(ctypes.Structure):
    _fields_ = (
        ("state", ctypes.c_void_p),
        *((name, ctypes.c_void_p) for name in ("uint64", "uint32", "double", "raw")),
    )


def _ask(function: str, bits: list[int]) -> tuple[float, ...]:
    """What NumPy's sampler gives for each of `bits`, as the first 64 bits of a bit generator."""
    given: list[int] = []
    give_bits = ctypes.CFUNCTYPE(ctypes.c_uint64, ctypes.c_void_p)(lambda _: given[0])
    give_half = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_void_p)(lambda _: 0.5)
    bits_address, half_address = (ctypes.cast(f, ctypes.c_void_p) for f in (give_bits, give_half))
    interface = _Interface(None, bits_address, None, half_address, bits_address)
    sample: Any = getattr(ctypes.CDLL(np.random._generator.__file__), function)
    sample.restype, sample.argtypes = ctypes.c_double, [ctypes.c_void_p]
    answers = []
    for number in bits:
        given[:] = [number]
        answers.append(sample(ctypes.byref(interface)))
    return tuple(answers)


def _with_limits(width: tuple[float, ...], bits: int) -> Ziggurat:
    scale = 2.0**bits
    edge = [w * scale for w in width]
    # the first layer has the tail beyond the edge of the last; the second reaches up to the peak
    inner = [edge[-1], 0.0, *edge[1:-1]]
    limit = tuple(max(0, int(a / b * scale * (1 - 2.0**-40))) for a, b in zip(inner, edge, strict=True))
    return Ziggurat(width, limit)


@functools.cache
def normal() -> Ziggurat:
    """Of ``random_standard_normal``: layer in bits 0 to 7, sign in bit 8, 52 bits of `r` above."""
    return _with_limits(_ask("random_standard_normal", [layer | 1 << 9 for layer in range(_LAYERS)]), 52)


@functools.cache
def exponential() -> Ziggurat:
    """Of ``random_standard_exponential``: 3 bits unused, layer in bits 3 to 10, 53 bits of `r` above."""
    return _with_limits(_ask("random_standard_exponential", [layer << 3 | 1 << 11 for layer in range(_LAYERS)]), 53)
