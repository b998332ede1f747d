"""Machine code in memory: loaded when a program first needs it, freed when the last one that could call it is gone.

Programs of one name share what is loaded.  :class:`Loaded` is what they hold; Python functions made of it hold its
handle, too, so that whoever can call the code keeps it.
"""

from __future__ import annotations

import ctypes
import functools
import importlib
import itertools
import platform
import sys
import weakref
from collections import deque
from typing import Any, NamedTuple

import llvmlite.binding as llvm
import numpy as np

from . import machine
from .callbacks import CallbackTable
from .library import register_symbols
from .machine import ObjectCode
from .symbols import (
    CALLBACKS_SUFFIX,
    DTYPE_PREFIX,
    ENTRY_SUFFIX,
    LAYOUT,
    MEMORY_HANDLER,
    NDARRAY,
    NEW_ARRAY,
    WORKSPACE_SUFFIX,
)

#: Positions of PyArray_NewFromDescr and PyDataMem_DefaultHandler in NumPy's table of C functions: its stable interface.
_NEW_FROM_DESCR = 94
_DEFAULT_HANDLER = 306
_DTYPES = (
    *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float16", "float32", "float64", "complex64", "complex128"),
)
_FASTCALL = 0x80


class _MethodDefinition(ctypes.Structure):
    """CPython's PyMethodDef."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("function", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    )


@functools.cache
def _prepare() -> None:
    """Make known to LLVM what entries refer to, once it is sure that this NumPy is laid out as they read it."""
    array = np.empty((3, 5))
    start = id(array)

    def word(address: int) -> int:
        return ctypes.c_size_t.from_address(address).value

    found = (
        word(start + LAYOUT.type),
        word(start + LAYOUT.data),
        ctypes.c_int.from_address(start + LAYOUT.ndim).value,
        word(word(start + LAYOUT.shape) + 8),
        word(word(start + LAYOUT.strides) + 8),
        word(start + LAYOUT.dtype),
        ctypes.c_int.from_address(start + LAYOUT.flags).value & 0x505,
    )
    if found != (id(np.ndarray), array.ctypes.data, 2, 5, 8, id(array.dtype), 0x505):
        raise RuntimeError(
            f"NumPy {np.__version__} on {platform.python_implementation()} {platform.python_version()} lays "
            "arrays out in a way that the Numba linker doesn't know; use linker='py'"
        )
    llvm.add_symbol(NDARRAY, id(np.ndarray))
    for name in _DTYPES:
        llvm.add_symbol(DTYPE_PREFIX + name, id(np.dtype(name)))
    get_pointer: Any = ctypes.pythonapi.PyCapsule_GetPointer
    get_pointer.restype, get_pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    table = get_pointer(importlib.import_module("numpy._core._multiarray_umath")._ARRAY_API, None)
    llvm.add_symbol(NEW_ARRAY, word(table + 8 * _NEW_FROM_DESCR))
    llvm.add_symbol(MEMORY_HANDLER, word(word(table + 8 * _DEFAULT_HANDLER)))


# ------------------------------------------------------------------ unloading
class _Unit(NamedTuple):
    """What is freed together."""

    engine: Any
    definition: _MethodDefinition
    workspace: int
    free: Any


_units: dict[int, tuple[_Unit, weakref.ref]] = {}
_numbers = itertools.count()
_dead: deque[int] = deque()


def _keep(unit: _Unit) -> np.ndarray:
    """Return an object that holds the unit.

    It is an array because that is nothing to the garbage collector.  So in a circle of garbage it goes after all
    finalizers have run, which may still call the code.
    """
    handle = np.empty(0, np.int8)
    number = next(_numbers)
    _units[number] = unit, weakref.KeyedRef(handle, _unload, number)
    return handle


def _unload(handle: Any, is_finalizing: Any = sys.is_finalizing) -> None:
    """Free the unit, now or, if another thread is at work with LLVM, when code is loaded or freed next."""
    if is_finalizing():
        return  # other threads may be in the code until the process ends
    _dead.append(handle.key)
    if machine.lock.acquire(blocking=False):
        try:
            _free_dead()
        finally:
            machine.lock.release()


def _free_dead() -> None:
    while _dead:
        unit, _ = _units.pop(_dead.pop())
        kept = ctypes.c_size_t.from_address(unit.workspace)
        unit.free(kept.value)
        unit.engine.close()


# -------------------------------------------------------------------- loading
class Loaded:
    """Machine code that can be called.

    Attributes
    ----------
    address
        Of the program, for machine code of others.
    """

    def __init__(self, code: ObjectCode, constants: dict[str, np.ndarray], table: CallbackTable | None) -> None:
        self.code = code
        self._used = constants, table  # the code reads the ones and calls the other
        _prepare()
        register_symbols(code.symbols)
        engine = machine.new_engine()
        engine.add_object_file(llvm.ObjectFileRef.from_data(code.code))
        engine.finalize_object()
        self.address = engine.get_function_address(code.name)
        self._definition = _MethodDefinition(
            b"fused", engine.get_function_address(code.name + ENTRY_SUFFIX), _FASTCALL, None
        )
        fillings = {name: data.ctypes.data for name, data in constants.items()}
        if table is not None:
            fillings[code.name + CALLBACKS_SUFFIX] = id(table)
        for name, address in fillings.items():
            ctypes.c_size_t.from_address(engine.get_global_value_address(name)).value = address
        workspace = engine.get_global_value_address(code.name + WORKSPACE_SUFFIX)
        free = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(llvm.address_of_symbol("free"))
        self._handle = _keep(_Unit(engine, self._definition, workspace, free))
        self._engine = engine

    def address_of(self, suffix: str) -> int:
        """Address of what the program calls by its own name and that suffix."""
        return self._engine.get_global_value_address(self.code.name + suffix)

    def entry(self, recover: Any) -> Any:
        """The program as a Python function of all its arguments.

        ``recover(status, *args)`` is called, and its result returned, for what the code doesn't take or can't finish.
        """
        own = functools.partial(recover)
        own.__dict__["owner"] = self
        make: Any = ctypes.pythonapi.PyCFunction_NewEx
        make.restype = ctypes.py_object
        make.argtypes = [ctypes.c_void_p, ctypes.py_object, ctypes.py_object]
        # the last argument is kept until the function is gone
        return make(ctypes.addressof(self._definition), own, self._handle)

    def publish(self) -> None:
        """Let code that numba compiles call the program by its name, until the process ends."""
        with machine.lock:
            if self not in _published:
                _published.add(self)
                llvm.add_symbol(self.code.name, self.address)


_loaded: weakref.WeakValueDictionary[str, Loaded] = weakref.WeakValueDictionary()
_published: set[Loaded] = set()


def load(code: ObjectCode, constants: dict[str, np.ndarray], table: CallbackTable | None) -> Loaded:
    """Load object code, unless code of that name is loaded: then its constants and callbacks do as well."""
    with machine.lock:
        _free_dead()
        known = _loaded.get(code.name)
        if known is None:
            known = _loaded[code.name] = Loaded(code, constants, table)
        return known
