"""The Python entry of a program: a C function that Python calls with arrays, without anything in between.

``entry(self, args, nargs)`` is what CPython calls METH_FASTCALL.  It looks at each argument (exactly an ndarray, of
that very dtype, rank and layout), lays them out in a frame, runs the program without the interpreter's lock, and makes
arrays of the memory that comes back.  Whatever isn't the common case goes to `self`, a Python callable, with a status
and the arguments.

Measured for the sum of two 10-vectors: 0.1 microseconds, where numba's dispatcher takes 0.4; and compiling it takes 5
ms, where numba's compilation of a function that only passes its arguments on takes 40 to 140 ms and its start 300 ms.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import llvmlite.ir as ir

from ..frame import INTERRUPTED, INTERRUPTED_AT_END, NOT_ITS_ARGUMENT, RESTART_FUNCTIONAL, FrameLayout
from ..generators import FORMS, GENERATOR_CLASS, STATE_OFFSET, STEP_PREFIX
from .dtypes import I32, I64, ITEMSIZE, PTR, VOID, Kind, Register
from .generators import copy_bytes
from .runtime import ALIGNMENT, external, free, malloc

ENTRY_SUFFIX = "_entry"
#: Symbols of Python objects: the symbol's address is the object.
NDARRAY = "aesaralite_object_ndarray"
DTYPE_PREFIX = "aesaralite_object_dtype_"
#: NumPy's default way to release memory, with which its arrays of malloc's memory work.
MEMORY_HANDLER = "aesaralite_numpy_default_handler"
#: NumPy's C function that makes an array of memory.
NEW_ARRAY = "aesaralite_numpy_new_from_descr"

_C_CONTIGUOUS, _F_CONTIGUOUS, _OWNS_DATA, _ALIGNED, _WRITEABLE = 0x1, 0x2, 0x4, 0x100, 0x400
_CONTIGUOUS = {"C": _C_CONTIGUOUS, "F": _F_CONTIGUOUS, "A": 0}


@dataclass(frozen=True)
class ObjectLayout:
    """Offsets in CPython's and NumPy's structures; `header` is the size of an object's head."""

    header: int

    @property
    def type(self) -> int:
        return self.header - 8

    @property
    def data(self) -> int:
        return self.header

    @property
    def ndim(self) -> int:
        return self.header + 8

    @property
    def shape(self) -> int:
        return self.header + 16

    @property
    def strides(self) -> int:
        return self.header + 24

    @property
    def dtype(self) -> int:
        return self.header + 40

    @property
    def flags(self) -> int:
        return self.header + 48

    @property
    def memory_handler(self) -> int:
        return self.header + 72


LAYOUT = ObjectLayout(object.__basicsize__)


def _field(b: ir.IRBuilder, pointer: Register, offset: int, kind: Kind) -> Register:
    return b.bitcast(b.gep(pointer, [I64(offset)]), kind.as_pointer())


def _object(module: ir.Module, name: str) -> Register:
    """The Python object of that symbol."""
    known = module.globals.get(name)
    if known is None:
        known = ir.GlobalVariable(module, ir.IntType(8), name)
        known.global_constant = True
    return known


def allocator(module: ir.Module) -> ir.Function:
    """``allocate(size, words)``: memory for an output that ``free`` releases; sets its handle and its address."""
    name = "allocate_output"
    known = module.globals.get(name)
    if known is not None:
        return known
    function = ir.Function(module, ir.FunctionType(VOID, (I64, I64.as_pointer())), name)
    function.linkage = "internal"
    size, words = function.args
    b = ir.IRBuilder(function.append_basic_block())
    large = b.icmp_unsigned(">=", size, I64(4096))
    with b.if_else(large) as (then, otherwise):
        with then:
            rounded = b.and_(b.add(size, I64(ALIGNMENT - 1)), I64(-ALIGNMENT))
            first = b.call(external(module, "aligned_alloc", PTR, (I64, I64)), [I64(ALIGNMENT), rounded])
            first_block = b.block
        with otherwise:
            second = malloc(b, b.add(size, I64(1)))
            second_block = b.block
    data = b.phi(PTR)
    data.add_incoming(first, first_block)
    data.add_incoming(second, second_block)
    number = b.ptrtoint(data, I64)
    b.store(number, words)
    b.store(number, b.gep(words, [I64(1)]))
    b.ret_void()
    return function


def build_entry(module: ir.Module, name: str, layout: FrameLayout, written: frozenset[int]) -> None:
    """Add the entry of program `name`; parameters in `written` must be writeable.

    The state of a generator is copied into a record before the program runs, and back where it is `written` and the
    program has succeeded.
    """
    objects = PTR.as_pointer()
    function = ir.Function(module, ir.FunctionType(PTR, (PTR, objects, I64)), name + ENTRY_SUFFIX)
    recover, args, count = function.args
    b = ir.IRBuilder(function.append_basic_block("entry"))
    frame = b.alloca(I64, layout.size)
    leave = function.append_basic_block("leave")
    reasons: list[tuple[ir.Block, Register]] = []
    states: dict[int, tuple[Register, Register]] = {}

    def slot(word: int) -> Register:
        return b.gep(frame, [I64(word)], inbounds=True)

    def demand(condition: Register, reason: int = NOT_ITS_ARGUMENT) -> None:
        passed = function.append_basic_block("passed")
        reasons.append((b.block, I64(reason)))
        b.cbranch(condition, passed, leave).set_weights([10000, 1])
        b.position_at_end(passed)

    def write_states() -> None:
        for k, (state, record) in states.items():
            if k in written:
                for place, part, size in _state_parts(b, layout.params[k].generator, state, record):
                    copy_bytes(b, place, part, size)

    demand(b.icmp_unsigned("==", count, I64(len(layout.params))))
    for k, (form, word) in enumerate(zip(layout.params, layout.param_words, strict=True)):
        array = b.load(b.gep(args, [I64(k)]))
        if form.generator is not None:
            demand(b.icmp_unsigned("==", b.load(_field(b, array, LAYOUT.type, PTR)), _object(module, GENERATOR_CLASS)))
            start = LAYOUT.header + STATE_OFFSET
            step = external(module, f"{STEP_PREFIX}{form.generator}_uint64", I64, (PTR,))
            has = b.load(_field(b, array, start + 8, I64))
            demand(b.icmp_unsigned("==", has, b.ptrtoint(step, I64)))
            state = b.load(_field(b, array, start, PTR))
            for other, (known, _) in states.items():
                if k in written or other in written:
                    demand(b.icmp_unsigned("!=", b.ptrtoint(state, I64), b.ptrtoint(known, I64)), RESTART_FUNCTIONAL)
            record = b.alloca(ir.ArrayType(I64, FORMS[form.generator].words))
            record.align = 16
            states[k] = state, record
            for place, part, size in _state_parts(b, form.generator, state, record):
                copy_bytes(b, part, place, size)
            b.store(b.ptrtoint(record, I64), slot(word))
            b.store(I64(FORMS[form.generator].words), slot(word + 1))
            continue
        fits = b.icmp_unsigned("==", b.load(_field(b, array, LAYOUT.type, PTR)), _object(module, NDARRAY))
        demand(fits)  # before anything else is read from it
        dtype = _object(module, DTYPE_PREFIX + form.dtype)
        fits = b.icmp_unsigned("==", b.load(_field(b, array, LAYOUT.dtype, PTR)), dtype)
        fits = b.and_(fits, b.icmp_unsigned("==", b.load(_field(b, array, LAYOUT.ndim, I32)), I32(form.ndim)))
        flags = _ALIGNED | _CONTIGUOUS[form.layout] | (_WRITEABLE if k in written else 0)
        has = b.and_(b.load(_field(b, array, LAYOUT.flags, I32)), I32(flags))
        demand(b.and_(fits, b.icmp_unsigned("==", has, I32(flags))))
        b.store(b.load(_field(b, array, LAYOUT.data, I64)), slot(word))
        shape = b.load(_field(b, array, LAYOUT.shape, I64.as_pointer()))
        for j in range(form.ndim):
            b.store(b.load(b.gep(shape, [I64(j)])), slot(word + 1 + j))
        if form.layout == "A":
            strides = b.load(_field(b, array, LAYOUT.strides, I64.as_pointer()))
            for j in range(form.ndim):
                step = b.load(b.gep(strides, [I64(j)]))
                size = I64(ITEMSIZE[form.dtype])
                demand(b.icmp_unsigned("==", b.srem(step, size), I64(0)))
                b.store(b.sdiv(step, size), slot(word + 1 + form.ndim + j))
    b.store(b.ptrtoint(allocator(module), I64), slot(layout.allocator_word))
    thread = b.call(external(module, "PyEval_SaveThread", PTR, ()), [])
    status = b.call(module.globals[name], [frame])
    b.call(external(module, "PyEval_RestoreThread", VOID, (PTR,)), [thread])
    failed, done = function.append_basic_block("failed"), function.append_basic_block("succeeded")
    b.cbranch(b.icmp_signed("!=", status, I64(0)), failed, done).set_weights([1, 10000])
    b.position_at_end(failed)
    for word in layout.output_words:
        free(b, b.inttoptr(b.load(slot(word)), PTR))
    interrupted, broken = (function.append_basic_block(name) for name in ("interrupted", "broken"))
    at_end = b.icmp_signed("==", status, I64(INTERRUPTED_AT_END))
    b.cbranch(b.or_(at_end, b.icmp_signed("==", status, I64(INTERRUPTED))), interrupted, broken)
    b.position_at_end(interrupted)
    with b.if_then(at_end):
        write_states()
    b.ret(ir.Constant(PTR, None))
    b.position_at_end(broken)
    reasons.append((broken, status))
    b.branch(leave)
    b.position_at_end(leave)
    reason = b.phi(I64)
    for block, value in reasons:
        reason.add_incoming(value, block)
    b.ret(b.call(_leave_function(module), [recover, args, count, reason]))
    b.position_at_end(done)
    write_states()
    outputs = []
    for form, word in zip(layout.outputs, layout.output_words, strict=True):
        make = _array_function(module, form.dtype)
        outputs.append(b.call(make, [b.inttoptr(b.load(slot(word + 1)), PTR), slot(word + 2), I32(form.ndim)]))
    if len(outputs) == 1:
        b.ret(outputs[0])
        return
    result = b.call(external(module, "PyList_New", PTR, (I64,)), [I64(len(outputs))])
    for k, output in enumerate(outputs):
        b.call(external(module, "PyList_SetItem", I32, (PTR, I64, PTR)), [result, I64(k), output])
    b.ret(result)


def _state_parts(
    b: ir.IRBuilder, kind: str | None, state: Register, record: Register
) -> Iterator[tuple[Register, Register, int]]:
    """Parts of a bit generator's state: their address, that of their copy in the record, and their bytes."""
    assert kind is not None
    form = FORMS[kind]
    word = 0
    for k, words in enumerate(form.pointed):
        yield b.load(_field(b, state, 8 * k, PTR)), b.gep(record, [I32(0), I32(word)]), 8 * words
        word += words
    yield b.gep(state, [I64(form.head)]), b.gep(record, [I32(0), I32(word)]), form.own


def _array_function(module: ir.Module, dtype: str) -> ir.Function:
    """``make(data, sizes, ndim)``: an array that owns `data`."""
    name = f"make_array_{dtype}"
    known = module.globals.get(name)
    if known is not None:
        return known
    function = ir.Function(module, ir.FunctionType(PTR, (PTR, I64.as_pointer(), I32)), name)
    function.linkage = "internal"
    function.attributes.add("noinline")
    data, sizes, ndim = function.args
    b = ir.IRBuilder(function.append_basic_block())
    descriptor = b.bitcast(_object(module, DTYPE_PREFIX + dtype), PTR)
    b.call(external(module, "Py_IncRef", VOID, (PTR,)), [descriptor])
    new = external(module, NEW_ARRAY, PTR, (PTR, PTR, I32, I64.as_pointer(), I64.as_pointer(), PTR, I32, PTR))
    flags = I32(_C_CONTIGUOUS | _ALIGNED | _WRITEABLE)
    nothing = ir.Constant(PTR, None)
    kind = b.bitcast(_object(module, NDARRAY), PTR)
    array = b.call(new, [kind, descriptor, ndim, sizes, ir.Constant(I64.as_pointer(), None), data, flags, nothing])
    with b.if_then(b.icmp_unsigned("!=", b.ptrtoint(array, I64), I64(0))):
        place = _field(b, array, LAYOUT.flags, I32)
        b.store(b.or_(b.load(place), I32(_OWNS_DATA)), place)
        handler = b.bitcast(_object(module, MEMORY_HANDLER), PTR)
        b.call(external(module, "Py_IncRef", VOID, (PTR,)), [handler])
        b.store(handler, _field(b, array, LAYOUT.memory_handler, PTR))
    b.ret(array)
    return function


def _leave_function(module: ir.Module) -> ir.Function:
    """``leave(recover, args, count, status)`` is ``recover(status, *args)``."""
    name = "leave_to_python"
    known = module.globals.get(name)
    if known is not None:
        return known
    function = ir.Function(module, ir.FunctionType(PTR, (PTR, PTR.as_pointer(), I64, I64)), name)
    function.linkage = "internal"
    for attribute in ("noinline", "optsize"):
        function.attributes.add(attribute)
    recover, args, count, status = function.args
    b = ir.IRBuilder(function.append_basic_block("entry"))
    increment = external(module, "Py_IncRef", VOID, (PTR,))
    everything = b.call(external(module, "PyTuple_New", PTR, (I64,)), [b.add(count, I64(1))])
    set_item = external(module, "PyTuple_SetItem", I32, (PTR, I64, PTR))
    number = b.call(external(module, "PyLong_FromLongLong", PTR, (I64,)), [status])
    b.call(set_item, [everything, I64(0), number])
    body, done = function.append_basic_block("loop"), function.append_basic_block("done")
    before = b.block
    b.cbranch(b.icmp_signed(">", count, I64(0)), body, done)
    b.position_at_end(body)
    k = b.phi(I64)
    k.add_incoming(I64(0), before)
    item = b.load(b.gep(args, [k]))
    b.call(increment, [item])
    following = b.add(k, I64(1))
    b.call(set_item, [everything, following, item])
    k.add_incoming(following, body)
    b.cbranch(b.icmp_signed("<", following, count), body, done)
    b.position_at_end(done)
    result = b.call(external(module, "PyObject_CallObject", PTR, (PTR, PTR)), [recover, everything])
    b.call(external(module, "Py_DecRef", VOID, (PTR,)), [everything])
    b.ret(result)
    return function
