"""The njit function of a program, for use inside the user's own numba code.

Calls from Python don't need it: they enter the same machine code directly (:mod:`.emit.entry`).  The function's body
is one intrinsic, so numba has nothing to infer but the types of the arguments: it lays the arguments out in a frame,
calls the program by its symbol, and makes arrays of what comes back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .frame import (
    CALLBACK_RAISED,
    FAILURE_WORDS,
    INTERRUPTED,
    NO_MEMORY,
    NOT_ITS_ARGUMENT,
    RESTART_FUNCTIONAL,
    RESTART_GENERAL,
    ArrayFormat,
    FrameLayout,
)

_REASONS = {
    RESTART_GENERAL: "arrays have different shapes, to be broadcast; the function for njit code takes equal ones",
    RESTART_FUNCTIONAL: "the new state has another shape than the old, or an argument shares memory with the state",
    NOT_ITS_ARGUMENT: "an argument has another shape than the type of its variable",
    NO_MEMORY: "there is no memory for a result",
    CALLBACK_RAISED: "an Op that is called back has raised an exception",
    INTERRUPTED: "the call was interrupted",
}


class ProgramFailed(Exception):
    """Raised by the fused function when a call was left; the arguments are the status and the numbers it left.

    Whoever calls the function from Python gets the error of the Op instead.
    """

    def __str__(self) -> str:
        status, *sizes = self.args
        reason = _REASONS.get(status)
        if reason is None:
            reason = f"check {status} of the graph has failed, for sizes {sizes}; called from Python, it names the Op"
        return f"{reason}. Nothing has been changed."


def array_type(form: ArrayFormat, readonly: bool) -> Any:
    """numba's type of a parameter or output."""
    from numba import types
    from numba.np.numpy_support import from_dtype
    from numpy import dtype

    # numba has no arrays of float16; their bits pass as integers
    name = "int16" if form.dtype == "float16" else form.dtype
    return types.Array(from_dtype(dtype(name)), form.ndim, form.layout, readonly=readonly)


def make_function(name: str, layout: FrameLayout) -> Callable[..., Any]:
    """The Python function that njit compiles."""
    from numba.extending import intrinsic

    arguments = ", ".join(f"x{k}" for k in range(len(layout.params)))
    scope: dict[str, Any] = {"build": lambda *types: _typed(name, layout, types), "intrinsic": intrinsic}
    separator = ", " if arguments else ""
    source = (
        f"@intrinsic\ndef program(typing_context{separator}{arguments}):\n    return build({arguments})\n"
        f"def fused({arguments}):\n    return program({arguments})\n"
    )
    exec(compile(source, f"<{name}>", "exec"), scope)
    scope["fused"].__module__ = __name__
    return scope["fused"]


def _typed(name: str, layout: FrameLayout, arguments: tuple[Any, ...]) -> tuple[Any, Callable[..., Any]]:
    from numba import types
    from numba.core.errors import TypingError

    for k, (form, given) in enumerate(zip(layout.params, arguments, strict=True)):
        wanted = array_type(form, True)
        if not (
            isinstance(given, types.Array)
            and given.aligned
            and given.dtype == wanted.dtype
            and given.ndim == wanted.ndim
            and (form.layout == "A" or given.layout == "C")
        ):
            raise TypingError(f"argument {k} of a function of aesaralite's must be {wanted}, C-contiguous; got {given}")
    outputs = [array_type(form, False) for form in layout.outputs]
    result = types.none if not outputs else outputs[0] if len(outputs) == 1 else types.Tuple(outputs)

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return _generate(name, layout, outputs, context, builder, sig, args)

    return result(*arguments), generate


def _generate(name: str, layout: FrameLayout, outputs: list, context: Any, builder: Any, sig: Any, args: Any) -> Any:
    import llvmlite.ir as ir
    from numba import types
    from numba.core import cgutils
    from numba.np.arrayobj import make_array, populate_array

    word = ir.IntType(64)
    frame = cgutils.alloca_once(builder, word, size=layout.size)

    def slot(position: int) -> Any:
        return builder.gep(frame, [word(position)], inbounds=True)

    for form, position, kind, value in zip(layout.params, layout.param_words, sig.args, args, strict=True):
        array = make_array(kind)(context, builder, value)
        builder.store(builder.ptrtoint(array.data, word), slot(position))
        for k, size in enumerate(cgutils.unpack_tuple(builder, array.shape)):
            builder.store(size, slot(position + 1 + k))
        if form.layout == "A":
            for k, step in enumerate(cgutils.unpack_tuple(builder, array.strides)):
                itemsize = context.get_constant(types.intp, context.get_abi_sizeof(context.get_data_type(kind.dtype)))
                builder.store(builder.sdiv(step, itemsize), slot(position + 1 + form.ndim + k))
    for k in range(FAILURE_WORDS):
        builder.store(word(0), slot(layout.failure_word + k))
    builder.store(builder.ptrtoint(_allocator(builder.module), word), slot(layout.allocator_word))
    function = cgutils.get_or_insert_function(builder.module, ir.FunctionType(word, (word.as_pointer(),)), name)
    status = builder.call(function, [frame])
    results = []
    for kind, position in zip(outputs, layout.output_words, strict=True):
        handle = builder.inttoptr(builder.load(slot(position)), cgutils.voidptr_t)
        results.append((kind, position, handle))
    with builder.if_then(builder.icmp_signed("!=", status, word(0)), likely=False):
        release = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(ir.VoidType(), (cgutils.voidptr_t,)), "NRT_decref"
        )
        for _, _, handle in results:
            builder.call(release, [handle])
        numbers = [status, *(builder.load(slot(layout.failure_word + k)) for k in range(FAILURE_WORDS))]
        context.call_conv.return_dynamic_user_exc(
            builder, ProgramFailed, tuple(numbers), (types.int64,) * len(numbers), func_name="fused"
        )
    made = []
    for kind, position, handle in results:
        array = make_array(kind)(context, builder)
        sizes = [builder.load(slot(position + 2 + k)) for k in range(kind.ndim)]
        itemsize = context.get_abi_sizeof(context.get_data_type(kind.dtype))
        step = context.get_constant(types.intp, itemsize)
        strides: list[Any] = []
        for size in reversed(sizes):
            strides.insert(0, step)
            step = builder.mul(step, size)
        data = builder.inttoptr(builder.load(slot(position + 1)), array.data.type)
        populate_array(
            array,
            data=data,
            shape=sizes,
            strides=strides,
            itemsize=context.get_constant(types.intp, itemsize),
            meminfo=handle,
        )
        made.append(array._getvalue())
    if not made:
        return context.get_dummy_value()
    return made[0] if len(made) == 1 else context.make_tuple(builder, sig.return_type, made)


def _allocator(module: Any) -> Any:
    """The allocator that numba's arrays come from."""
    import llvmlite.ir as ir
    from numba.core import cgutils

    word, pointer = ir.IntType(64), cgutils.voidptr_t
    name = "aesaralite_allocate_nrt"
    known = module.globals.get(name)
    if known is not None:
        return known
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), (word, word.as_pointer())), name)
    function.linkage = "internal"
    size, words = function.args
    builder = ir.IRBuilder(function.append_basic_block())
    kind = ir.FunctionType(pointer, (word, ir.IntType(32)))
    make = cgutils.get_or_insert_function(module, kind, "NRT_MemInfo_alloc_aligned")
    handle = builder.call(make, [size, ir.IntType(32)(64)])
    number = builder.ptrtoint(handle, word)
    second = builder.gep(words, [word(1)])
    builder.store(number, words)
    builder.store(number, second)
    with builder.if_then(builder.icmp_unsigned("!=", number, word(0))):
        data_of = cgutils.get_or_insert_function(module, ir.FunctionType(pointer, (pointer,)), "NRT_MemInfo_data")
        builder.store(builder.ptrtoint(builder.call(data_of, [handle]), word), second)
    builder.ret_void()
    return function
