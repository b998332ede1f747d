"""Conformance cases on the Numba linker, with memory that ends in pages which nobody may touch.

Arguments, state, constants, outputs and temporaries each get pages of their own, between two that fault when they are
read or written. An array lies at the very end of its pages, or at their beginning. What is left of a page is filled
with a pattern, which must be there still afterwards. So is fresh memory, which tells where it is read before it's
written.

A fault ends the process, so each case gets one of its own. This program reads what to do, a line each: numbers of
cases, :data:`CONTRACT`, names of :data:`~.guarded_programs.PROGRAMS` or of :data:`PLANTED` faults. It answers each with
a line: what is wrong, or the signal that ended it, and how many blocks of memory there were.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import signal
import sys
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import llvmlite.binding as llvm
import llvmlite.ir as ir
import numpy as np
from aesaralite_numba import buffers, loading, machine, symbols
from aesaralite_numba.emit import kernels
from aesaralite_numba.emit import program as emitted
from aesaralite_numba.emit.dtypes import I64, VOID
from aesaralite_numba.lower.context import Lowering

import aesaralite
import aesaralite.tensor as at
from aesaralite.graph.container import duplicate
from aesaralite.graph.generators import is_generator
from aesaralite.testing.compare import assert_same
from aesaralite.testing.conformance import CASES, SCALAR_CASES, suite
from aesaralite.testing.layouts import with_strides
from aesaralite.testing.op_checks import input_for
from support.guarded_programs import LENGTHS, PROGRAMS, GuardedProgram

PAGE = 4096
#: What bytes are that nobody has written: in every dtype a number that spoils results.
PATTERN = 0x7F
#: Fresh memory of more bytes isn't filled.
FILLED = 1 << 20
#: Room for what is freed between two allocations.
MOST_FREED = 1 << 20
#: What is asked for whole functions.
CONTRACT = "contract"
#: Seconds after which a case is broken off.
LONGEST = 600
_NONE, _READ_WRITE = 0, 3
_PRIVATE_ANONYMOUS = 0x22
_FAILED = ctypes.c_void_p(-1).value
#: Position of PyDataMem_SetHandler in NumPy's table of C functions.
_SET_HANDLER = 304

_libc: Any = ctypes.CDLL(None, use_errno=True)
_libc.mmap.restype = ctypes.c_void_p
_libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
_libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
_libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]


class Memory:
    """An allocator.

    Attributes
    ----------
    at_end
        Whether what is allocated ends where its pages end; else it begins where they begin.
    count
        How many blocks there have been.
    freed, freed_count
        Addresses of blocks that are to be freed, and how many these are.
    """

    freed: Any
    freed_count: Any

    def __init__(self) -> None:
        self.at_end = True
        self.count = 0
        self._blocks: dict[int, tuple[int, int, int]] = {}
        self._wrong: list[str] = []

    def allocate(self, size: int) -> int:
        """Address of that many bytes, or 0."""
        self._free()
        length = max(1, -(-size // PAGE)) * PAGE
        base = _libc.mmap(None, length + 2 * PAGE, _NONE, _PRIVATE_ANONYMOUS, -1, 0) if length < 1 << 46 else _FAILED
        if base == _FAILED:
            return 0
        first = base + PAGE
        if _libc.mprotect(first, length, _READ_WRITE):
            _libc.munmap(base, length + 2 * PAGE)
            return 0
        address = first + length - size if self.at_end else first
        if length <= FILLED:
            ctypes.memset(first, PATTERN, length)
        elif self.at_end:
            ctypes.memset(first, PATTERN, address - first)
        else:
            ctypes.memset(address + size, PATTERN, length - size)
        self._blocks[address] = first, size, length
        self.count += 1
        return address

    def allocate_zeros(self, count: int, size: int) -> int:
        """Address of that many elements of zero bytes, or 0."""
        address = self.allocate(count * size)
        if address and count * size <= FILLED:
            ctypes.memset(address, 0, count * size)
        return address

    def move(self, old: int | None, size: int) -> int:
        """Address of a block of another size with the content of an old one, which is freed."""
        address = self.allocate(size)
        if old and address:
            ctypes.memmove(address, old, min(size, self._blocks[old][1]))
            self.freed[self.freed_count.value] = old
            self.freed_count.value += 1
        return address

    def _free(self) -> None:
        """Free what is to be freed, after a look at what lies around it."""
        addresses = self.freed[: self.freed_count.value]
        self.freed_count.value = 0
        for address in filter(None, addresses):
            if address not in self._blocks:
                self._wrong.append("something was freed that isn't allocated")
                continue
            self._look(address)
            first, _, length = self._blocks.pop(address)
            _libc.munmap(first - PAGE, length + 2 * PAGE)

    def _look(self, address: int) -> None:
        first, size, length = self._blocks[address]
        before = address - first
        around = ctypes.string_at(first, before) + ctypes.string_at(address + size, length - before - size)
        if around != bytes([PATTERN]) * len(around):
            self._wrong.append(f"something was written around {size} bytes")

    def check(self) -> None:
        """Look around all blocks.

        Raises
        ------
        AssertionError
            If something was written around one, or was freed that wasn't one.
        """
        self._free()
        for address in tuple(self._blocks):
            self._look(address)
        assert not self._wrong, "; ".join(self._wrong)


class _Allocator(ctypes.Structure):
    """NumPy's PyDataMem_Handler."""

    _fields_ = (
        ("name", ctypes.c_char * 127),
        ("version", ctypes.c_uint8),
        ("context", ctypes.c_void_p),
        *((name, ctypes.c_void_p) for name in ("malloc", "calloc", "realloc", "free")),
    )


_kept: list[Any] = []


def _function(function: Callable[..., Any], result: Any, *arguments: Any) -> int:
    made = ctypes.CFUNCTYPE(result, *arguments)(function)
    _kept.append(made)
    return ctypes.cast(made, ctypes.c_void_p).value or 0


def _collector(memory: Memory) -> tuple[int, int]:
    """Addresses of two functions that note what is to be freed: as C calls them, and as NumPy does.

    They are machine code because memory is freed while an exception is on its way, which Python code would lose.
    """
    module = ir.Module("collector")
    count = ir.GlobalVariable(module, I64, "count")
    freed = ir.GlobalVariable(module, ir.ArrayType(I64, MOST_FREED), "freed")
    count.initializer, freed.initializer = I64(0), ir.Constant(freed.value_type, None)
    for name, position, arguments in (("plain", 0, (I64,)), ("numpy", 1, (I64, I64, I64))):
        function = ir.Function(module, ir.FunctionType(VOID, arguments), name)
        b = ir.IRBuilder(function.append_basic_block())
        number = b.atomic_rmw("add", count, I64(1), "seq_cst")
        b.store(function.args[position], b.gep(freed, [I64(0), number]))
        b.ret_void()
    engine = machine.new_engine()
    engine.add_object_file(llvm.ObjectFileRef.from_data(machine.compile_module("collector", str(module), ()).code))
    engine.finalize_object()
    _kept.append(engine)
    memory.freed = (ctypes.c_size_t * MOST_FREED).from_address(engine.get_global_value_address("freed"))
    memory.freed_count = ctypes.c_size_t.from_address(engine.get_global_value_address("count"))
    return engine.get_function_address("plain"), engine.get_function_address("numpy")


def _array_handler(memory: Memory, free: int) -> Any:
    """The memory as NumPy's memory handler."""
    word, pointer = ctypes.c_size_t, ctypes.c_void_p
    handler = _Allocator(
        b"guard pages",
        1,
        None,
        _function(lambda context, size: memory.allocate(size), pointer, pointer, word),
        _function(lambda context, count, size: memory.allocate_zeros(count, size), pointer, pointer, word, word),
        _function(lambda context, old, size: memory.move(old, size), pointer, pointer, pointer, word),
        free,
    )
    make: Any = ctypes.pythonapi.PyCapsule_New
    make.restype, make.argtypes = ctypes.py_object, [pointer, ctypes.c_char_p, pointer]
    name = b"mem_handler"
    _kept.extend([handler, name])
    return make(ctypes.addressof(handler), name, None)


def _set_handler(handler: Any) -> Any:
    """Let NumPy's arrays have such memory from now on; gives the handler before."""
    get_pointer: Any = ctypes.pythonapi.PyCapsule_GetPointer
    get_pointer.restype, get_pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    table = get_pointer(importlib.import_module("numpy._core._multiarray_umath")._ARRAY_API, None)
    address = ctypes.c_size_t.from_address(table + 8 * _SET_HANDLER).value
    return ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.py_object)(address)(handler)


def install(memory: Memory) -> None:
    """Let new arrays of NumPy's, and programs that are compiled from now on, have such memory only."""
    word, pointer = ctypes.c_size_t, ctypes.c_void_p
    free, free_array = _collector(memory)
    capsule = _array_handler(memory, free_array)
    plain = _set_handler(capsule)

    def assert_same_elsewhere(*args: Any, **kwargs: Any) -> None:
        """Comparisons make many arrays, which is slow in such memory."""
        _set_handler(plain)
        try:
            assert_same(*args, **kwargs)
        finally:
            _set_handler(capsule)

    suite.assert_same = assert_same_elsewhere

    def posix_memalign(place: int, alignment: int, size: int) -> int:
        ctypes.c_size_t.from_address(place).value = address = memory.allocate(size)
        return 0 if address else 12

    loading._prepare()
    llvm.add_symbol("malloc", _function(memory.allocate, pointer, word))
    llvm.add_symbol("calloc", _function(memory.allocate_zeros, pointer, word, word))  # LLVM makes it of the other
    llvm.add_symbol("free", free)
    llvm.add_symbol("posix_memalign", _function(posix_memalign, ctypes.c_int, word, word, word))
    llvm.add_symbol(symbols.MEMORY_HANDLER, id(capsule))

    # each temporary is allocated, and as large as it must be; no constant is part of the code
    choose, load = buffers.Plan._choose, loading.Loaded.__init__

    def choose_heap(plan: Any, *args: Any) -> Any:
        place = choose(plan, *args)
        if place.kind in ("workspace", "stack"):
            place.kind = "heap"
            plan.workspace = []
        return place

    def load_with_constants(self: Any, code: Any, constants: dict[str, np.ndarray], table: Any) -> None:
        load(self, code, {name: np.array(data, order="C") for name, data in constants.items()}, table)

    buffers.Plan._choose = choose_heap  # type: ignore[method-assign]
    loading.Loaded.__init__ = load_with_constants  # type: ignore[method-assign]
    emitted.ALIGNMENT = 0
    emitted.EMBEDDED_LIMIT = -1


def layouts(value: Any) -> list[Any]:
    """Equal arrays whose memory ends with their elements: in C and Fortran order, backwards, with gaps."""
    if is_generator(value):
        return [duplicate(value) for _ in range(4)]
    if not value.size:
        return [np.empty_like(value) for _ in range(4)]
    rows, columns = (np.empty(value.shape, value.dtype, order).strides for order in ("C", "F"))  # type: ignore[call-overload]
    backwards, gaps = tuple(-step for step in rows), tuple(2 * step for step in rows)
    return [with_strides(value, strides) for strides in (rows, columns, backwards, gaps)]


def run(number: int, memory: Memory) -> None:
    """Check a case with arguments in each layout, at either end of their pages.

    Raises
    ------
    AssertionError
        If something is wrong.
    """
    compile_ = suite._compiled

    def compiled(*args: Any) -> Callable[..., Any]:
        call = compile_(*args)

        def everywhere(*values: Any) -> Any:
            results = call(*values)
            for arguments in zip(*map(layouts, values), strict=True):
                others = call(*arguments)
                if not (number < len(CASES) and CASES[number].shape_only):
                    for result, other in zip(results, others, strict=True):
                        suite.assert_same(result, other, "an argument's layout changes a result", 1e-3)
            return results

        return everywhere

    suite._compiled = compiled
    for memory.at_end in (True, False):
        if number < len(CASES):
            suite.check_case(CASES[number], "numba")
        else:
            suite.check_scalar_case(SCALAR_CASES[number - len(CASES)], "numba")
        memory.check()


def run_contract(memory: Memory) -> None:
    """Check whole functions, with state, copies and threads, with memory at either end of its pages.

    Raises
    ------
    AssertionError
        If something is wrong.
    """
    for memory.at_end in (True, False):
        suite.check_contract("numba")
        memory.check()


def run_lengths(program: GuardedProgram, memory: Memory) -> None:
    """Check a program with arrays of many lengths, in each layout, at either end of their pages.

    Raises
    ------
    AssertionError
        If something is wrong.
    """
    functions = []
    for mode in (aesaralite.Mode("numba", "fast_run"), aesaralite.Mode("py", None)):
        inputs = [input_for(value, f"x{i}", False) for i, value in enumerate(program.values(3))]
        outputs, updates = program.build(*inputs)
        functions.append(aesaralite.function(inputs, outputs, updates=updates, mode=mode, on_unused_input="ignore"))
    compiled, definition = functions
    for n in LENGTHS:
        values = program.values(n)
        for memory.at_end in (True, False):
            for arguments in zip(*map(layouts, values), strict=True):
                results = compiled(*arguments)
                for expected, result in zip(definition(*values), results, strict=True):
                    suite.assert_same(expected, result, f"length {n}")
        memory.check()


# --------------------------------------------------------------- planted faults
def _compiled(inputs: Sequence[Any], output: Any) -> Any:
    return aesaralite.function(inputs, output, mode=aesaralite.Mode("numba", "fast_run"))


def _index(position: int) -> None:
    """Read an element by an index that nobody checks."""
    guard = Lowering.guard
    Lowering.guard = lambda self, condition, kind, *rest: (  # type: ignore[method-assign]
        None if kind == "index" else guard(self, condition, kind, *rest)
    )
    x, i = at.dvector("x"), at.lscalar("i")
    _compiled([x, i], x[i])(np.ones(3), position)


def _short(output: Callable[[Any], Any], outputs: bool) -> None:
    """Write into memory that is one element too small: that of outputs, or of all else."""
    size = buffers.Plan.bytes

    def too_small(self: Any, value: Any) -> Any:
        e = self.ctx.e
        return e.sub(size(self, value), e.index(8)) if (value in self.program.outputs) is outputs else size(self, value)

    buffers.Plan.bytes = too_small  # type: ignore[method-assign]
    x = at.dvector("x")
    _compiled([x], output(x))(np.ones(5))


def _long() -> None:
    """Add up with a loop that goes round once too often."""
    open_counter = kernels.KernelCode._open_counter
    kernels.KernelCode._open_counter = lambda self, size, step: open_counter(  # type: ignore[method-assign]
        self, self.b.add(size, I64(1)), step
    )
    x = at.dvector("x")
    _compiled([x], x.sum())(np.ones(5))


def _unwritten() -> None:
    """Read what nobody has written, as no copy is made of what is written to in part."""
    emitted.ProgramCode._begin = lambda self, begin: self.pointer(begin.target)  # type: ignore[method-assign]
    x = at.dvector("x")
    total = _compiled([x], at.set_subtensor(x[1:], 0.0).sum())(np.ones(5))
    assert total == 1, "a result is made of what nobody has written"


#: What must be noticed: whether memory is at the end of its pages, and what to do.
PLANTED: dict[str, tuple[bool, Callable[[], None]]] = {
    "read after the end": (True, lambda: _index(3)),
    "read before the beginning": (False, lambda: _index(-4)),
    "loop that is too long": (True, _long),
    "write after the end of an output": (True, lambda: _short(at.exp, True)),
    "write after the end of a temporary": (True, lambda: _short(lambda x: at.sort(x * 2)[::-1] + 1, False)),
    "write on the rest of a page": (False, lambda: _short(at.exp, True)),
    "read of what nobody has written": (True, _unwritten),
}


def plant(name: str, memory: Memory) -> None:
    """Do something wrong."""
    memory.at_end, act = PLANTED[name]
    act()
    memory.check()


def answer(asked: int | str, memory: Memory) -> tuple[str, int]:
    """Do what is asked: what is wrong, and how many blocks of memory there were."""
    signal.alarm(LONGEST)
    count, wrong = memory.count, ""
    try:
        if isinstance(asked, int):
            run(asked, memory)
        elif asked == CONTRACT:
            run_contract(memory)
        elif asked in PROGRAMS:
            run_lengths(PROGRAMS[asked], memory)
        else:
            plant(asked, memory)
    except Exception as error:
        wrong = f"{type(error).__name__}: {error}"
    return wrong, memory.count - count


def main() -> None:
    """Read what to do, and answer."""
    memory = Memory()
    install(memory)
    warnings.simplefilter("ignore")
    with aesaralite.config.change_flags(numba__cache=False):
        x = at.dvector("x")
        _compiled([x], at.exp(x))(np.ones(3))  # what it needs is loaded once
        for line in sys.stdin:
            child = os.fork()
            if not child:
                print(json.dumps(answer(json.loads(line), memory)), flush=True)
                os._exit(0)
            _, status = os.waitpid(child, 0)
            if status:
                print(json.dumps((os.WTERMSIG(status), 0)), flush=True)
    os._exit(0)  # arrays may outlive the allocator otherwise


if __name__ == "__main__":
    main()
