"""The way from machine code back into Python.

A C function that ctypes makes of a Python function swallows what is raised in it before or after the function's own
``try``, such as Ctrl-C.  Here the exception stays where CPython keeps it, and the entry returns to Python with it.
"""

from __future__ import annotations

from collections.abc import Sequence

import llvmlite.ir as ir

from .dtypes import I32, I64, PTR, VOID, Register
from .runtime import external

#: What :func:`call_back` gives: all is well; the callable has returned None; it has left an exception to CPython.
DONE_STATUS, RAISED_STATUS, INTERRUPTED_STATUS = 0, 1, 2

_NONE = "_Py_NoneStruct"


def call_back(b: ir.IRBuilder, target: Register, number: Register, words: Register, results: Register) -> Register:
    """Call the Python object at address `target` with two numbers; what it returns is kept at `results`."""
    return b.call(_call_function(b.module), [target, number, words, results])


def release(b: ir.IRBuilder, objects: Sequence[Register]) -> None:
    """Give up the objects, of which some may be null."""
    if len(objects) == 1:
        some = b.icmp_unsigned("!=", objects[0], ir.Constant(PTR, None))
    else:
        addresses = [b.ptrtoint(item, I64) for item in objects]
        some = b.icmp_unsigned("!=", _any(b, addresses), I64(0))
    with b.if_then(some):
        held = b.call(external(b.module, "PyGILState_Ensure", I32, ()), [])
        for item in objects:
            with b.if_then(b.icmp_unsigned("!=", item, ir.Constant(PTR, None))):
                b.call(external(b.module, "Py_DecRef", VOID, (PTR,)), [item])
        b.call(external(b.module, "PyGILState_Release", VOID, (I32,)), [held])


def _any(b: ir.IRBuilder, numbers: Sequence[Register]) -> Register:
    joint = numbers[0]
    for number in numbers[1:]:
        joint = b.or_(joint, number)
    return joint


def _call_function(module: ir.Module) -> ir.Function:
    name = "call_back"
    known = module.globals.get(name)
    if known is not None:
        return known
    function = ir.Function(module, ir.FunctionType(I64, (I64, I64, I64, PTR.as_pointer())), name)
    function.linkage = "internal"
    for attribute in ("noinline", "optsize", "nounwind"):
        function.attributes.add(attribute)
    target, *numbers, results = function.args
    b = ir.IRBuilder(function.append_basic_block("entry"))
    nothing = ir.Constant(PTR, None)
    decrement = external(module, "Py_DecRef", VOID, (PTR,))
    status = b.alloca(I64)
    b.store(I64(INTERRUPTED_STATUS), status)
    held = b.call(external(module, "PyGILState_Ensure", I32, ()), [])
    arguments = b.call(external(module, "PyTuple_New", PTR, (I64,)), [I64(len(numbers))])
    with b.if_then(b.icmp_unsigned("!=", arguments, nothing)):
        made = b.icmp_unsigned("!=", arguments, nothing)
        for k, number in enumerate(numbers):
            item = b.call(external(module, "PyLong_FromLongLong", PTR, (I64,)), [number])
            made = b.and_(made, b.icmp_unsigned("!=", item, nothing))
            b.call(external(module, "PyTuple_SetItem", I32, (PTR, I64, PTR)), [arguments, I64(k), item])
        with b.if_then(made):
            call = external(module, "PyObject_CallObject", PTR, (PTR, PTR))
            result = b.call(call, [b.inttoptr(target, PTR), arguments])
            none = module.globals.get(_NONE) or ir.GlobalVariable(module, ir.IntType(8), _NONE)
            with b.if_then(b.icmp_unsigned("==", result, none)):
                b.call(decrement, [result])
                b.store(I64(RAISED_STATUS), status)
            returned = b.and_(b.icmp_unsigned("!=", result, none), b.icmp_unsigned("!=", result, nothing))
            with b.if_then(returned):
                b.store(result, results)
                b.store(I64(DONE_STATUS), status)
        b.call(decrement, [arguments])
    b.call(external(module, "PyGILState_Release", VOID, (I32,)), [held])
    b.ret(b.load(status))
    return function
