"""The state of NumPy's generators as arrays of 64-bit words, and back.

A :class:`numpy.random.Generator` holds the address of its bit generator's state, a C structure.  Some of these
structures point to others.  Programs work on a copy, a *record*, that points nowhere: what is pointed to comes first,
then what stands in the structure itself.

=========== ===================================== ======================================
class       pointed to                            in the structure
=========== ===================================== ======================================
PCG64       state and increment, 128 bits each    the half of a draw that is left over
PCG64DXSM   the same                              the same
Philox      counter of 4 and key of 2 words       position and buffer, the half left over
SFC64       nothing                               4 words, the half left over
MT19937     nothing                               624 numbers of 32 bits, position
=========== ===================================== ======================================

The structures are those of ``numpy/random/src``; their layout is checked when the first program that draws is loaded.
"""

from __future__ import annotations

import ctypes
import functools
from typing import Any, NamedTuple

import numpy as np

from aesaralite.graph.generators import blank_generator, copy_generator

#: Symbols of the functions that step a bit generator: prefix, class, and one of FUNCTIONS.
STEP_PREFIX = "aesaralite_bitgen_"
#: In NumPy's ``bitgen_t`` after the address of the state.
FUNCTIONS = ("uint64", "uint32", "double", "raw")
#: Symbol of the class of generators.
GENERATOR_CLASS = "aesaralite_object_generator"
#: Offset, behind an object's head, of the address of the state in a Generator; the functions of FUNCTIONS follow.
STATE_OFFSET = 8
#: What a generator is taken for before the first one is seen.
DEFAULT_KIND = "PCG64"


class RecordForm(NamedTuple):
    """How a class of bit generators lays its state out.

    Parameters
    ----------
    pointed
        For each pointer at the beginning of the structure, the number of words that it points to.
    own
        Bytes of the structure after its pointers.
    """

    pointed: tuple[int, ...]
    own: int

    @property
    def words(self) -> int:
        """Length of the record."""
        return sum(self.pointed) + -(-self.own // 8)

    @property
    def head(self) -> int:
        """Bytes of the pointers."""
        return 8 * len(self.pointed)


FORMS = {
    "PCG64": RecordForm((4,), 8),
    "PCG64DXSM": RecordForm((4,), 8),
    "Philox": RecordForm((4, 2), 48),
    "SFC64": RecordForm((), 40),
    "MT19937": RecordForm((), 2500),
}


class UnknownGenerator(TypeError):
    """The bit generator isn't one of NumPy's."""


def kind_of(generator: Any) -> str:
    """Name of the class of the generator's bit generator.

    Raises
    ------
    UnknownGenerator
        If programs can't draw from it.
    """
    if type(generator) is np.random.Generator:
        own = type(generator.bit_generator)
        if own.__name__ in FORMS and own is getattr(np.random, own.__name__):
            return own.__name__
        raise UnknownGenerator(f"numpy.random.Generator of {own.__module__}.{own.__qualname__}")
    raise UnknownGenerator(f"{type(generator).__module__}.{type(generator).__qualname__}")


def _pieces(form: RecordForm, address: int) -> list[tuple[int, int]]:
    """Address and bytes of each part of the state."""
    found = []
    for k, words in enumerate(form.pointed):
        found.append((ctypes.c_size_t.from_address(address + 8 * k).value, 8 * words))
    found.append((address + form.head, form.own))
    return found


def words_of(generator: np.random.Generator) -> np.ndarray:
    """The generator's state as a record."""
    form = FORMS[kind_of(generator)]
    record = np.zeros(form.words, np.uint64)
    place = record.ctypes.data
    for address, size in _pieces(form, generator.bit_generator.ctypes.state_address):
        ctypes.memmove(place, address, size)
        place += size
    return record


def generator_of(record: np.ndarray, kind: str, like: np.random.Generator | None = None) -> np.random.Generator:
    """A new generator of that class, in that state; it spawns others as `like` does."""
    form = FORMS[kind]
    generator = blank_generator(kind) if like is None else copy_generator(like)
    place = record.ctypes.data
    for address, size in _pieces(form, generator.bit_generator.ctypes.state_address):
        ctypes.memmove(address, place, size)
        place += size
    return generator


@functools.cache
def _interface(kind: str) -> tuple[int, ...]:
    """The words of the class's ``bitgen_t``: address of the state of some instance, then the functions."""
    bit_generator = blank_generator(kind).bit_generator
    get_pointer: Any = ctypes.pythonapi.PyCapsule_GetPointer
    get_pointer.restype, get_pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    address = get_pointer(bit_generator.capsule, b"BitGenerator")
    return tuple((ctypes.c_size_t * 5).from_address(address))


def step_function(symbol: str) -> int:
    """Address of the C function with that symbol of ours."""
    kind, name = symbol.removeprefix(STEP_PREFIX).split("_")
    return _interface(kind)[1 + FUNCTIONS.index(name)]


@functools.cache
def check_layout() -> None:
    """Make sure that generators are laid out in memory as entries read them."""
    head = object.__basicsize__
    for kind in FORMS:
        generator = np.random.Generator(getattr(np.random, kind)(7))
        start = id(generator) + head
        found = tuple((ctypes.c_size_t * 6).from_address(start))
        state = generator.bit_generator.ctypes.state_address
        if found != (id(generator.bit_generator), state, *_interface(kind)[1:]):
            raise RuntimeError(
                f"NumPy {np.__version__} lays generators out in a way that the Numba linker doesn't know; "
                "use linker='py'"
            )
    generator = np.random.Generator(np.random.PCG64(7))
    low, high = (int(word) for word in words_of(generator)[:2])
    if generator.bit_generator.state["state"]["state"] != low | high << 64:
        raise RuntimeError(
            f"NumPy {np.__version__} keeps the halves of 128-bit numbers in an order that the Numba linker doesn't "
            "know; use linker='py'"
        )
