"""From an LLVM module to machine code that can be called.

The code generator is llvmlite's, numba's own: same target machine, same processor features.  numba's pipeline around
it isn't used, because it optimises what it compiles three times to prune reference counts in between, of which
programs have none, and loads its registries first, for 0.3 s.
"""

from __future__ import annotations

import ctypes
import functools
import importlib
import platform
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import llvmlite.binding as llvm
import numpy as np

from .emit.entry import DTYPE_PREFIX, ENTRY_SUFFIX, LAYOUT, MEMORY_HANDLER, NDARRAY, NEW_ARRAY
from .library import register_symbols

#: Optimisation level: 3 unrolls and specialises more for a few per cent of run time and a third more compile time.
SPEED_LEVEL = 2
#: Positions of PyArray_NewFromDescr and PyDataMem_DefaultHandler in NumPy's table of C functions: its stable interface.
_NEW_FROM_DESCR = 94
_DEFAULT_HANDLER = 306


@dataclass(frozen=True)
class ObjectCode:
    """Relocatable machine code of one program, and what it takes to load it."""

    name: str
    code: bytes
    symbols: tuple[str, ...]


_lock = threading.RLock()
_loaded: dict[str, Loaded] = {}


class _Machine:
    """The target machine and the execution engine of this process."""

    def __init__(self) -> None:
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        self.triple = llvm.get_process_triple()
        self.processor = llvm.get_host_cpu_name()
        self.features = llvm.get_host_cpu_features().flatten()
        x86 = platform.machine().lower() in ("x86_64", "amd64", "i386", "i686")
        self.target = llvm.Target.from_triple(self.triple).create_target_machine(
            cpu=self.processor,
            features=self.features,
            opt=2,
            reloc="static" if x86 else "default",
            codemodel="jitdefault",
            jit=True,
        )
        first = llvm.parse_assembly("")
        first.triple = self.triple
        self.engine = llvm.create_mcjit_compiler(first, self.target)
        self.layout = str(self.engine.target_data)
        self._check_layout()
        self._register_objects()

    def _check_layout(self) -> None:
        """Make sure that arrays are laid out in memory as entries read them."""
        array = np.empty((3, 5))
        start = id(array)

        def word(offset: int) -> int:
            return ctypes.c_size_t.from_address(start + offset).value

        sizes = word(LAYOUT.shape)
        found = (
            word(LAYOUT.type),
            word(LAYOUT.data),
            ctypes.c_int.from_address(start + LAYOUT.ndim).value,
            ctypes.c_int64.from_address(sizes + 8).value,
            word(LAYOUT.dtype),
            ctypes.c_int.from_address(start + LAYOUT.flags).value & 0x501,
        )
        if found != (id(np.ndarray), array.ctypes.data, 2, 5, id(array.dtype), 0x501):
            raise RuntimeError(
                f"NumPy {np.__version__} on {platform.python_implementation()} {platform.python_version()} lays "
                "arrays out in a way that the Numba linker doesn't know; use linker='py'"
            )

    def _register_objects(self) -> None:
        """The Python objects and NumPy functions that entries refer to."""
        llvm.add_symbol(NDARRAY, id(np.ndarray))
        for name in [
            "bool",
            "int8",
            "int16",
            "int32",
            "int64",
            "uint8",
            "uint16",
            "uint32",
            "uint64",
            "float16",
            "float32",
            "float64",
            "complex64",
            "complex128",
        ]:
            llvm.add_symbol(DTYPE_PREFIX + name, id(np.dtype(name)))
        get_pointer = ctypes.pythonapi.PyCapsule_GetPointer
        get_pointer.restype, get_pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
        table = get_pointer(importlib.import_module("numpy._core._multiarray_umath")._ARRAY_API, None)

        def word(address: int) -> int:
            return ctypes.c_size_t.from_address(address).value

        llvm.add_symbol(NEW_ARRAY, word(table + 8 * _NEW_FROM_DESCR))
        llvm.add_symbol(MEMORY_HANDLER, word(word(table + 8 * _DEFAULT_HANDLER)))


@functools.cache
def _machine() -> _Machine:
    return _Machine()


def processor() -> tuple[str, ...]:
    """What object code depends on: triple, processor, features."""
    with _lock:
        machine = _machine()
        return machine.triple, machine.processor, machine.features


def optimise(text: str) -> Any:
    """Parse and optimise a module given as text."""
    machine = _machine()
    module = llvm.parse_assembly(text)
    module.triple = machine.triple
    module.data_layout = machine.layout
    options = llvm.PipelineTuningOptions(speed_level=SPEED_LEVEL)
    options.loop_vectorization = True
    options.slp_vectorization = False
    options.loop_interleaving = True
    options.loop_unrolling = True
    builder = llvm.create_pass_builder(machine.target, options)
    builder.getModulePassManager().run(module, builder)
    return module


def compile_module(name: str, text: str, symbols: Sequence[str]) -> ObjectCode:
    """Machine code of the module; `symbols` are the library functions it calls."""
    with _lock:
        module = optimise(text)
        return ObjectCode(name, _machine().target.emit_object(module), tuple(symbols))


def assembly(text: str) -> str:
    """Assembly of a module, for people and tests."""
    with _lock:
        return _machine().target.emit_assembly(optimise(text))


class _MethodDefinition(ctypes.Structure):
    """CPython's PyMethodDef."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("function", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    )


_FASTCALL = 0x80


class Loaded:
    """Object code in the engine."""

    def __init__(self, code: ObjectCode, constants: dict[str, np.ndarray]) -> None:
        self.code = code
        self.constants = constants  # the code reads them
        engine = self._engine = _machine().engine
        register_symbols(code.symbols)
        for symbol, data in constants.items():
            llvm.add_symbol(symbol, data.ctypes.data)
        engine.add_object_file(llvm.ObjectFileRef.from_data(code.code))
        engine.finalize_object()
        self.address = engine.get_function_address(code.name)
        llvm.add_symbol(code.name, self.address)  # for code of numba's
        entry = engine.get_function_address(code.name + ENTRY_SUFFIX)
        self._definition = _MethodDefinition(b"fused", entry, _FASTCALL, None)

    def entry(self, recover: Any) -> Any:
        """The program as a Python function of all its arguments.

        ``recover(status, *args)`` is called, and its result returned, for what the code doesn't take or can't finish.
        """
        make = ctypes.pythonapi.PyCFunction_NewEx
        make.restype = ctypes.py_object
        make.argtypes = [ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p]
        return make(ctypes.addressof(self._definition), recover, None)

    def set_token(self, token: int) -> None:
        """Tell the code which number its callbacks give."""
        address = self._engine.get_global_value_address(f"{self.code.name}_token")
        ctypes.c_int64.from_address(address).value = token


def load(code: ObjectCode, constants: dict[str, np.ndarray]) -> Loaded:
    """Load object code, once a process for each name."""
    with _lock:
        known = _loaded.get(code.name)
        if known is None:
            known = _loaded[code.name] = Loaded(code, constants)
        return known
