"""The way from machine code back into Python.

A C function that ctypes makes of a Python function swallows what is raised in it before or after the function's own
``try``, such as Ctrl-C.  Here the exception stays where CPython keeps it, and the entry returns to Python with it.
"""

from __future__ import annotations

import llvmlite.ir as ir

from .dtypes import I32, I64, PTR, VOID, Register
from .runtime import external

#: Symbol of the Python function: its address is the object.
CALLABLE = "aesaralite_object_callback"
#: What :func:`call_back` gives where an exception has been left to CPython.
INTERRUPTED_STATUS = 2

_INT = I64.as_pointer()


def call_back(b: ir.IRBuilder, *numbers: Register) -> Register:
    """Call the Python function with four numbers; gives the number that it returns, or INTERRUPTED_STATUS.

    An exception that is there already stays, and the function is called nevertheless.
    """
    return b.call(_function(b.module), list(numbers))


def _function(module: ir.Module) -> ir.Function:
    name = "call_back"
    known = module.globals.get(name)
    if known is not None:
        return known
    function = ir.Function(module, ir.FunctionType(I64, (I64,) * 4), name)
    function.linkage = "internal"
    for attribute in ("noinline", "optsize", "nounwind"):
        function.attributes.add(attribute)
    b = ir.IRBuilder(function.append_basic_block("entry"))
    nothing = ir.Constant(PTR, None)
    before = [b.alloca(PTR) for _ in range(3)]
    decrement = external(module, "Py_DecRef", VOID, (PTR,))
    make_number = external(module, "PyLong_FromLongLong", PTR, (I64,))
    held = b.call(external(module, "PyGILState_Ensure", I32, ()), [])
    b.call(external(module, "PyErr_Fetch", VOID, (PTR.as_pointer(),) * 3), before)
    arguments = b.call(external(module, "PyTuple_New", PTR, (I64,)), [I64(4)])
    for k, number in enumerate(function.args):
        item = b.call(make_number, [number])
        b.call(external(module, "PyTuple_SetItem", I32, (PTR, I64, PTR)), [arguments, I64(k), item])
    target = module.globals.get(CALLABLE) or ir.GlobalVariable(module, ir.IntType(8), CALLABLE)
    result = b.call(external(module, "PyObject_CallObject", PTR, (PTR, PTR)), [target, arguments])
    b.call(decrement, [arguments])
    status = b.alloca(I64)
    with b.if_else(b.icmp_unsigned("==", result, nothing)) as (raised, returned):
        with raised:
            b.store(I64(INTERRUPTED_STATUS), status)
        with returned:
            b.store(b.call(external(module, "PyLong_AsLongLong", I64, (PTR,)), [result]), status)
            b.call(decrement, [result])
    with b.if_then(b.icmp_unsigned("!=", b.load(before[0]), nothing)):
        # the first one counts
        b.call(external(module, "PyErr_Clear", VOID, ()), [])
        restore = external(module, "PyErr_Restore", VOID, (PTR,) * 3)
        b.call(restore, [b.load(place) for place in before])
        b.store(I64(INTERRUPTED_STATUS), status)
    b.call(external(module, "PyGILState_Release", VOID, (I32,)), [held])
    b.ret(b.load(status))
    return function
