"""From an LLVM module to machine code.

The code generator is llvmlite's, numba's own: same target machine, same processor features.  numba's pipeline around
it isn't used, because it optimises what it compiles three times to prune reference counts in between, of which
programs have none, and loads its registries first, for 0.3 s.
"""

from __future__ import annotations

import functools
import platform
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import llvmlite.binding as llvm
from llvmlite.binding import newpassmanagers

from aesaralite.forking import hold_over_fork

from .vector_math import linking

#: Optimisation level: 3 unrolls and specialises more for a few per cent of run time and a third more compile time.
SPEED_LEVEL = 2

_X86 = platform.machine().lower() in ("x86_64", "amd64")

#: Held while LLVM is at work for programs, and while one is taken from the registry of what is loaded.
lock = threading.RLock()
hold_over_fork(lock)


@dataclass(frozen=True)
class ObjectCode:
    """Relocatable machine code of one program, and what it takes to load it."""

    name: str
    code: bytes
    symbols: tuple[str, ...]


class _Machine:
    """The processor that this process runs on."""

    def __init__(self) -> None:
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        self.triple = llvm.get_process_triple()
        self.processor = llvm.get_host_cpu_name()
        self.features = llvm.get_host_cpu_features().flatten()
        self.target = self.new_target(cpu=self.processor, features=self.features, opt=2)
        self.layout = str(self.target.target_data)

    def new_target(self, **options: Any) -> Any:
        """A target machine for code that is run where it is loaded.

        On x86 constants are reached relative to the instruction, not by 64-bit addresses in registers, which run out
        in loops with polynomials.
        """
        reloc, model = ("pic", "small") if _X86 else ("default", "jitdefault")
        return llvm.Target.from_triple(self.triple).create_target_machine(
            reloc=reloc, codemodel=model, jit=True, **options
        )


@functools.cache
def _machine() -> _Machine:
    return _Machine()


def processor() -> tuple[str, ...]:
    """What object code depends on: triple, processor, features."""
    with lock:
        machine = _machine()
        return machine.triple, machine.processor, machine.features


def fused() -> bool:
    """Whether the processor has fused multiply-add."""
    triple, _, features = processor()
    return linking.fused(triple, features)


def new_engine() -> Any:
    """An execution engine without code.

    Each program has one of its own, because all of an engine's code goes at once.  It is made of an empty module, which
    is taken out again: compiling that would take 2 ms.
    """
    machine = _machine()
    module = _owned_by_context(llvm.parse_assembly("", context=llvm.create_context()))
    module.triple = machine.triple
    # llvmlite's own memory manager keeps a program's code and data together, which the small code model needs
    engine = llvm.create_mcjit_compiler(module, machine.new_target(opt=0), use_lmm=_X86 or None)
    engine.remove_module(module)
    _owned_by_context(module)
    return engine


def optimise(text: str) -> Any:
    """Parse and optimise a module given as text."""
    machine = _machine()
    calls_ours = linking.PREFIX in text
    if calls_ours:
        text = linking.declare_vectors(text, linking.vector_bits(machine.triple, machine.features))
    # in a context of its own: what one holds of types and constants is freed with it only
    context = llvm.create_context()
    module = _parse(text, context)
    options = llvm.PipelineTuningOptions(speed_level=SPEED_LEVEL)
    options.loop_vectorization = True
    options.slp_vectorization = False
    options.loop_interleaving = True
    options.loop_unrolling = True
    builder = llvm.create_pass_builder(machine.target, options)
    passes = builder.getModulePassManager()
    passes.run(module, builder)
    _dispose(passes)
    if calls_ours:
        _link_functions(module, context, builder)
    return module


def _parse(text: str, context: Any) -> Any:
    machine = _machine()
    module = _owned_by_context(llvm.parse_assembly(text, context=context))
    module.triple = machine.triple
    module.data_layout = machine.layout
    return module


def _owned_by_context(module: Any) -> Any:
    """Let the module be freed with its context, and not by itself.

    After an error, Python may free a context before its module, and llvmlite would then free the module twice.
    """
    module._owned = True
    return module


def _link_functions(module: Any, context: Any, builder: Any) -> None:
    """Add the mathematical functions that are called, and expand those that are to be."""
    symbols = linking.called(str(module))
    if not symbols:
        return
    module.link_in(_parse(linking.definitions(symbols), context))
    for symbol in symbols:
        module.get_function(symbol).linkage = "internal"
    passes = newpassmanagers.create_new_module_pass_manager()
    passes.add_always_inliner_pass()
    passes.run(module, builder)
    _dispose(passes)


def _dispose(passes: Any) -> None:
    """Free the passes: 100 KiB that llvmlite 0.50 forgets, as it finds another method of that name first."""
    if type(passes)._dispose is llvm.ffi.ObjectRef._dispose:
        newpassmanagers.NewPassManager._dispose(passes)
        passes.detach()


def compile_module(name: str, text: str, symbols: Sequence[str]) -> ObjectCode:
    """Machine code of the module; `symbols` are the library functions it calls."""
    with lock:
        module = optimise(text)
        return ObjectCode(name, _machine().target.emit_object(module), tuple(symbols))


def assembly(text: str) -> str:
    """Assembly of a module, for people and tests."""
    with lock:
        return _machine().target.emit_assembly(optimise(text))
