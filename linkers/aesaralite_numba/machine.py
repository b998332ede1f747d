"""From an LLVM module to machine code in numba's engine, in one run of the optimiser.

numba optimises what it compiles three times (each function, cheaply, fully), because it prunes reference counts in between.
Programs have none, so they are compiled on their own, and the njit function around a program calls it by name.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .library import register_symbols

#: Optimisation level: 3 unrolls and specialises more for a few per cent of run time and a third more compile time.
SPEED_LEVEL = 2


@dataclass(frozen=True)
class ObjectCode:
    """Relocatable machine code of one program, and what it takes to load it."""

    name: str
    code: bytes
    symbols: tuple[str, ...]


_lock = threading.RLock()
_loaded: dict[str, Loaded] = {}


def codegen() -> Any:
    """numba's code generator for this processor."""
    from numba.core.registry import cpu_target

    return cpu_target.target_context.codegen()


def processor() -> tuple[str, ...]:
    """What object code depends on: triple, processor, features."""
    return tuple(str(part) for part in codegen().magic_tuple())


def optimise(text: str) -> Any:
    """Parse and optimise a module given as text."""
    import llvmlite.binding as llvm

    generator = codegen()
    module = llvm.parse_assembly(text)
    module.triple = llvm.get_process_triple()
    module.data_layout = str(generator._data_layout)
    options = llvm.PipelineTuningOptions(speed_level=SPEED_LEVEL)
    options.loop_vectorization = True
    options.slp_vectorization = False
    options.loop_interleaving = True
    options.loop_unrolling = True
    builder = llvm.create_pass_builder(generator._tm, options)
    builder.getModulePassManager().run(module, builder)
    return module


def compile_module(name: str, text: str, symbols: Sequence[str]) -> ObjectCode:
    """Machine code of the module; `symbols` are the library functions it calls."""
    with _lock:
        module = optimise(text)
        return ObjectCode(name, codegen()._tm.emit_object(module), tuple(symbols))


def assembly(text: str) -> str:
    """Assembly of a module, for people and tests."""
    with _lock:
        return codegen()._tm.emit_assembly(optimise(text))


class Loaded:
    """Object code in the engine."""

    def __init__(self, code: ObjectCode, constants: dict[str, np.ndarray]) -> None:
        import llvmlite.binding as llvm

        self.code = code
        self.constants = constants  # the code reads them
        register_symbols(code.symbols)
        for symbol, data in constants.items():
            llvm.add_symbol(symbol, data.ctypes.data)
        _start_runtime()
        engine = codegen()._engine
        engine._ee.add_object_file(llvm.ObjectFileRef.from_data(code.code))
        engine.finalize_object()
        self._engine = engine
        self.address = engine.get_function_address(code.name)
        self.call = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p)(self.address)

    def set_token(self, token: int) -> None:
        """Tell the code which number its callbacks give."""
        address = self._engine.get_global_value_address(f"{self.code.name}_token")
        if address:
            ctypes.c_int64.from_address(address).value = token


def _start_runtime() -> None:
    """numba's memory management, which the outputs of programs come from."""
    from numba.core.registry import cpu_target
    from numba.core.runtime import rtsys

    rtsys.initialize(cpu_target.target_context)


def load(code: ObjectCode, constants: dict[str, np.ndarray]) -> Loaded:
    """Load object code, once a process for each name."""
    with _lock:
        known = _loaded.get(code.name)
        if known is None:
            known = _loaded[code.name] = Loaded(code, constants)
        return known
