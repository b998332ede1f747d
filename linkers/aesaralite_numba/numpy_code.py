"""Machine code of NumPy's and SciPy's that programs call for its exact numbers.

That is NumPy's C functions for random numbers, exported by ``numpy.random._generator``, and the inner loops of ufuncs,
which any :class:`numpy.ufunc` points to (``PyUFuncObject`` of ``numpy/ufuncobject.h``).
"""

from __future__ import annotations

import ctypes
import functools
import importlib
from typing import Any

#: Symbols of functions that draw random numbers: prefix and NumPy's name.
RANDOM_PREFIX = "aesaralite_npyrandom_"
#: Symbols of inner loops: prefix and a key of LOOPS.
LOOP_PREFIX = "aesaralite_loop_"

#: Module, ufunc and types of the inner loops that programs call elementwise.
ELEMENTWISE: dict[str, tuple[str, str, str]] = {
    "tan": ("numpy", "tan", "dd"),
    "power": ("numpy", "power", "ddd"),
    "log1p": ("scipy.special", "log1p", "dd"),
    "expm1": ("scipy.special", "expm1", "dd"),
    "gammainccinv": ("scipy.special", "gammainccinv", "ddd"),
    "cauchy_quantile": ("scipy.special._ufuncs", "_cauchy_ppf", "dddd"),
}
#: The same for all.
LOOPS: dict[str, tuple[str, str, str]] = {
    **ELEMENTWISE,
    "matmul": ("numpy", "matmul", "ddd"),
    "svd": ("numpy.linalg._umath_linalg", "svd_f", "dddd"),
    "eigh": ("numpy.linalg._umath_linalg", "eigh_lo", "ddd"),
    "cholesky": ("numpy.linalg._umath_linalg", "cholesky_lo", "dd"),
}


@functools.cache
def _random_library() -> Any:
    return ctypes.CDLL(importlib.import_module("numpy.random._generator").__file__)


@functools.cache
def has_random_function(name: str) -> bool:
    """Whether this NumPy shows its C function of that name."""
    return hasattr(_random_library(), name)


def random_function(name: str) -> int:
    """Address of NumPy's C function of that name."""
    if not has_random_function(name):
        raise ImportError(f"numpy.random shows no C function {name}")
    address = ctypes.cast(getattr(_random_library(), name), ctypes.c_void_p).value
    assert address is not None
    return address


class _Ufunc(ctypes.Structure):
    """The beginning of NumPy's PyUFuncObject, which is part of its stable interface."""

    _fields_ = (
        ("head", ctypes.c_char * object.__basicsize__),
        ("n_in", ctypes.c_int),
        ("n_out", ctypes.c_int),
        ("n_args", ctypes.c_int),
        ("identity", ctypes.c_int),
        ("functions", ctypes.POINTER(ctypes.c_size_t)),
        ("data", ctypes.POINTER(ctypes.c_size_t)),
        ("n_types", ctypes.c_int),
        ("reserved", ctypes.c_int),
        ("name", ctypes.c_char_p),
        ("types", ctypes.c_void_p),
    )


def has_loop(name: str) -> bool:
    """Whether this NumPy, or SciPy, has the ufunc of loop `name`."""
    module, attribute, _ = LOOPS[name]
    return hasattr(importlib.import_module(module), attribute)


@functools.cache
def _loop(name: str) -> Any:
    """Two words: address of the inner loop, and of the data that it is given."""
    module, attribute, types = LOOPS[name]
    if not has_loop(name):
        raise ImportError(f"{module} has no ufunc {attribute}")
    ufunc = getattr(importlib.import_module(module), attribute)
    number = [kinds.replace("->", "") for kinds in ufunc.types].index(types)
    found = _Ufunc.from_address(id(ufunc))
    expected = (ufunc.nin, ufunc.nout, ufunc.nargs, ufunc.ntypes, ufunc.__name__)
    if (found.n_in, found.n_out, found.n_args, found.n_types, found.name.decode()) != expected:
        raise RuntimeError(f"{ufunc!r} is laid out in a way that the Numba linker doesn't know; use linker='py'")
    return (ctypes.c_size_t * 2)(found.functions[number], found.data[number] if found.data else 0)


def loop_words(name: str) -> int:
    """Address of two words: that of the inner loop, and that of the data that it is given."""
    return ctypes.addressof(_loop(name))
