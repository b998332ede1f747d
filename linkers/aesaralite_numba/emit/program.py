"""A whole program as one LLVM function over a frame (:mod:`..frame`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import llvmlite.ir as ir

from ..buffers import Place, Plan
from ..expr import Expr, walk
from ..frame import (
    CALLBACK_RAISED,
    INTERRUPTED,
    LEAVING,
    NO_MEMORY,
    RESTART_FUNCTIONAL,
    ArrayFormat,
    FrameLayout,
)
from ..ir import Begin, Commit, Draw, Kernel, OperandView, Product, Program, Step, Write, call_of
from ..lower.context import Lowering
from ..realise import Inliner
from ..symbols import CALLBACKS_SUFFIX, WORKSPACE_SUFFIX
from ..values import Call, Callback, CallbackOutput, Const, DrawCall, Guard, NextState, Param, Value, storage_of
from . import mathematics  # noqa: F401  (its functions join the table of scalar operations)
from .access import find_access, strides
from .blas import COUNTING_IN_32_BITS, MOST, PRODUCTS, ROUTINES
from .callbacks import INTERRUPTED_STATUS, RAISED_STATUS, call_back, release
from .draws import draw_element
from .dtypes import I1, I8, I32, I64, ITEMSIZE, PTR, VOID, Kind, Register, constant, load, memory_type, store
from .generators import GeneratorCode
from .kernels import KernelCode, generator_kind
from .parts import call_in_parts
from .runtime import (
    ALIGNMENT,
    add_up,
    advise_large_pages,
    external,
    free,
    keep_workspace,
    leave_unoptimised,
    malloc,
    padded,
    take_workspace,
    workspace_data,
)
from .scalars import SCALARS
from .stretching import kernel_pointer

#: Outputs of this many bytes ask the system for large pages, as NumPy's do.
HUGE = 1 << 22
#: Constants of more bytes aren't copied into the code; it is given their address.
EMBEDDED_LIMIT = 1024
#: So many operations on numbers take no longer unoptimised than one kernel's call.
FEW_NUMBERS = 32
_LOOP_HINT = re.compile(r"(?<=!llvm\.loop )!\d+")


@dataclass
class Operand:
    """An operand of a library call: address of its first element, sizes and strides (expressions, in elements)."""

    code: ProgramCode
    dtype: str
    pointer: Register
    dims: tuple[Expr, ...]
    strides: tuple[Expr, ...]

    def matrix(self) -> Operand:
        """The operand without its first dimension."""
        return Operand(self.code, self.dtype, self.pointer, self.dims[1:], self.strides[1:])


class ProgramCode:
    """Builds the module.

    Parameters
    ----------
    name
        Symbol of the function; also the beginning of the names of what else other code refers to.
    reorder
        Whether the terms of float sums and products may be regrouped, which is what vectorises them.
    threads
        How many may do the work of one kernel.

    Attributes
    ----------
    module
        The finished module.
    guards
        Guards in the order of their numbers.
    constants
        Constant arrays, by the names of the words that are filled with their addresses when the code is loaded.
    kernels
        Names of the kernels' functions, with their loops, for the report.
    generator
        What the routine of a :class:`~..values.DrawCall` draws from.
    to_free
        Where the addresses of blocks are that are freed at the end, or null.
    committed
        Whether state has been written, so that nothing may fail any more.
    """

    def __init__(
        self, ctx: Lowering, program: Program, plan: Plan, name: str, reorder: bool = True, threads: int = 1
    ) -> None:
        self.reorder = reorder
        self.threads = threads
        self.ctx, self.e = ctx, ctx.e
        self.program, self.plan, self.name = program, plan, name
        self.module = ir.Module(name)
        self.guards: list[Guard] = []
        self.constants: dict[str, Const] = {}
        self.kernels: list[KernelCode | None] = []
        self.layout = FrameLayout(
            tuple(ArrayFormat(p.dtype, p.ndim, p.layout, p.generator) for p in program.params),
            tuple(ArrayFormat(v.dtype, v.ndim, generator=storage_of(v).generator) for v in program.outputs),
        )
        self._inline = Inliner(self.e, ctx.rebuild, program.inlined)
        self._registers: dict[Expr, Register] = {}
        self._pointers: dict[Place, Register] = {}
        self.to_free: list[Register] = []
        self._workspace: Register | None = None
        self._workspace_offsets: dict[Place, Register] = {}
        self._functions: dict[str, ir.Function] = {}
        self._callback_sizes: dict[CallbackOutput, list[Register]] = {}
        self._callback_results: list[Register] = []
        self._generators: dict[NextState, GeneratorCode] = {}
        self.generator: GeneratorCode
        self.committed = False
        self._build()

    # ------------------------------------------------------------------ frame
    def _build(self) -> None:
        function = ir.Function(self.module, ir.FunctionType(I64, (I64.as_pointer(),)), self.name)
        function.attributes.add("nounwind")
        self.function = function
        self.frame = function.args[0]
        self.frame.add_attribute("noalias")
        self.entry = function.append_basic_block("entry")
        start = function.append_basic_block("start")
        self.b = ir.IRBuilder(start)
        self.exit = function.append_basic_block("exit")
        self._exits: list[tuple[ir.Block, int]] = []
        self._kept = ir.GlobalVariable(self.module, I64, self.name + WORKSPACE_SUFFIX)
        self._kept.initializer = I64(0)
        if self.ctx.callbacks:
            self._called = ir.GlobalVariable(self.module, I64, self.name + CALLBACKS_SUFFIX)
            self._called.initializer = I64(0)
        for value in self.program.outputs:
            self._store_word(self._output_word(value), I64(0))
        self._check_overlap()
        for k, step in enumerate(self.program.steps):
            if not self.committed and self.plan.writes_state(step):
                self._take_all_memory(self.program.steps[k:])
                self.committed = True
            self._step(step)
        self._finish_outputs()
        self._leave(0)
        self._emit_exit()
        ir.IRBuilder(self.entry).branch(start)
        if not self._computes():
            leave_unoptimised(function)

    def _computes(self) -> bool:
        """Whether the function does more itself than check sizes, find memory and call kernels."""
        numbers = 0
        for block in self.function.blocks:
            if block.name.startswith(("loop", "while")):
                return True
            for instruction in block.instructions:
                if isinstance(instruction.type, ir.IntType) and instruction.type.width > I64.width:
                    return True  # the state of a generator
                numbers += isinstance(instruction.type, (ir.FloatType, ir.DoubleType))
        return numbers > FEW_NUMBERS

    def _load_word(self, word: int) -> Register:
        return self.b.load(self.b.gep(self.frame, [I64(word)], inbounds=True))

    def _store_word(self, word: int, value: Register) -> None:
        self.b.store(value, self.b.gep(self.frame, [I64(word)], inbounds=True))

    def _output_word(self, value: Value) -> int:
        return self.layout.output_words[self.program.outputs.index(value)]

    def stack(self, kind: Kind, count: int = 1) -> Register:
        """Memory in the function's own frame, made once."""
        b = ir.IRBuilder(self.entry)
        place = b.alloca(kind, count)
        place.align = 16
        return place

    def _leave(self, status: int) -> None:
        self._exits.append((self.b.block, status))
        self.b.branch(self.exit)

    def _emit_exit(self) -> None:
        b = self.b = ir.IRBuilder(self.exit)
        status = b.phi(I64)
        for block, code in self._exits:
            status.add_incoming(I64(code), block)
        for place in self.to_free:
            free(b, b.load(place))
        if self._workspace is not None:
            block = b.load(self._workspace)
            with b.if_then(b.icmp_unsigned("!=", b.ptrtoint(block, I64), I64(0))):
                keep_workspace(b, self._kept, block)
        if self._callback_results:
            release(b, [b.load(place) for place in self._callback_results])
        b.ret(status)

    def leave_if(self, condition: Register, status: int, sizes: Sequence[Register] = ()) -> None:
        """End the call with that status, and `sizes` for the report, if the condition holds."""
        if self.committed:
            raise AssertionError("a call can't be left after it has changed state")
        failed = self.function.append_basic_block("failed")
        passed = self.function.append_basic_block("passed")
        branch = self.b.cbranch(condition, failed, passed)
        branch.set_weights([1, 10000])
        self.b.position_at_end(failed)
        for k, size in enumerate(sizes):
            self._store_word(self.layout.failure_word + k, size)
        self._leave(status)
        self.b.position_at_end(passed)

    # ---------------------------------------------------------------- scalars
    def host(self, expr: Expr) -> Register:
        """The value of an expression without axes, computed here if it wasn't before."""
        known = self._registers.get(expr)
        if known is not None:
            return known
        root = self._inline(expr, (), ())
        for sub in walk((root,)):
            if sub not in self._registers:
                self._registers[sub] = self._compute(sub)
        self._registers[expr] = self._registers[root]
        return self._registers[expr]

    def _compute(self, expr: Expr) -> Register:
        b = self.b
        if expr.op == "const":
            return constant(expr.attr, expr.dtype)
        args = [self._registers[arg] for arg in expr.args]
        if expr.op == "dim":
            value, dimension = expr.attr
            return self._dimension(value, dimension)
        if expr.op == "stride":
            param, dimension = expr.attr
            return self._load_word(self.layout.param_words[param.position] + 1 + param.ndim + dimension)
        if expr.op == "load":
            number = I64(0)
            for index, step in zip(args, strides(self.e, expr.attr), strict=True):
                number = b.add(number, b.mul(index, self.host(step)))
            return load(b, b.gep(self.pointer(expr.attr), [number], inbounds=True), expr.dtype)
        if expr.op == "bcast":
            joint = args[0]
            for size in args[1:]:
                joint = b.select(b.icmp_signed("==", joint, I64(1)), size, joint)
            return joint
        if expr.op == "mask":
            own, joint = args
            stretched = b.and_(b.icmp_signed("==", own, I64(1)), b.icmp_signed("!=", joint, I64(1)))
            return b.select(stretched, I64(0), I64(1))
        if expr.op == "draw":
            return draw_element(b, self._generators[expr.attr.state], expr.attr.name, args[: expr.attr.parameters])
        build = SCALARS.get(expr.op)
        if build is None:
            raise NotImplementedError(f"scalar operation {expr.op!r}")
        return build(b, args, tuple(arg.dtype for arg in expr.args), expr.dtype)

    def _dimension(self, value: Value, dimension: int) -> Register:
        if isinstance(value, Param):
            return self._load_word(self.layout.param_words[value.position] + 1 + dimension)
        if isinstance(value, CallbackOutput):
            return self._callback_sizes[value][dimension]
        raise AssertionError(f"the sizes of {value} are expressions")

    # ----------------------------------------------------------------- memory
    def pointer(self, value: Value) -> Register:
        """Address of the first element of a value in memory, of the type of its elements."""
        place = self.plan.place(value)
        raw = self._pointers.get(place)
        if raw is None:
            raw = self._pointers[place] = self._allocate(place)
        return self.b.bitcast(raw, memory_type(value.dtype).as_pointer())

    def _allocate(self, place: Place) -> Register:
        b = self.b
        if place.kind == "param":
            return b.inttoptr(self._load_word(self.layout.param_words[place.detail.position]), PTR)
        if place.kind == "const":
            return b.bitcast(self._constant(place.detail), PTR)
        if place.size is None:
            raise AssertionError(f"a place of kind {place.kind} without a size")
        if place.kind == "output":
            return self._new_output(place.detail, self.host(place.size))
        if place.kind == "stack":
            return self.stack(I8, max(1, place.size.attr))
        if place.kind == "heap":
            kept = self.stack(PTR)
            ir.IRBuilder(self.entry).store(ir.Constant(PTR, None), kept)
            self.to_free.append(kept)
            block = malloc(b, b.add(self.host(place.size), I64(ALIGNMENT)))
            b.store(block, kept)
            self.leave_if(b.icmp_unsigned("==", b.ptrtoint(block, I64), I64(0)), NO_MEMORY)
            return block
        if place.kind == "workspace":
            self._take_workspace()
            return self._workspace_offsets[place]
        raise AssertionError(place.kind)

    def _take_workspace(self) -> None:
        if self._workspace is not None:
            return
        b = self.b
        self._workspace = self.stack(PTR)
        ir.IRBuilder(self.entry).store(ir.Constant(PTR, None), self._workspace)
        total = I64(0)
        offsets = {}
        for slot in self.plan.workspace:
            offsets[slot] = total
            total = add_up(b, total, padded(b, self.host(slot.size or self.e.zero)))
        block = take_workspace(b, self._kept, total)
        b.store(block, self._workspace)
        self.leave_if(b.icmp_unsigned("==", b.ptrtoint(block, I64), I64(0)), NO_MEMORY)
        data = workspace_data(self.b, block)
        for slot, offset in offsets.items():
            self._workspace_offsets[slot] = self.b.gep(data, [offset], inbounds=True)

    def _take_all_memory(self, steps: Sequence[Step]) -> None:
        """Allocate what the steps and the outputs need."""
        for value in (*(value for step in steps for value in self.plan.made(step)), *self.program.outputs):
            self.pointer(value)
        for step in steps:
            call = call_of(step)
            if call is not None:
                self._check_steps(call)

    def _steps(self, view: OperandView) -> tuple[Expr, ...]:
        access = find_access(self.e, view.value, view.indices)
        return tuple(access.coefficients.get(axis, self.e.zero) for axis in view.axes)

    def _check_steps(self, call: Call) -> None:
        """Leave the call to the definition where a routine can't count the elements that it steps over."""
        if call.routine in COUNTING_IN_32_BITS:
            for view, value in zip(self.program.operands[call], call.operands, strict=True):
                for step in self._steps(view):
                    if step not in value.dims and not (step.is_const and step.attr <= MOST):
                        fits = self.e.le(step, self.e.index(MOST))
                        self._guard(Guard(fits, "blas_size", call.node, (step,), None, 0))

    def _new_output(self, position: int, size: Register) -> Register:
        """Memory that the caller will own, from the caller's allocator."""
        b = self.b
        word = self.layout.output_words[position]
        kind = ir.FunctionType(VOID, (I64, I64.as_pointer())).as_pointer()
        allocate = b.inttoptr(self._load_word(self.layout.allocator_word), kind)
        b.call(allocate, [size, b.gep(self.frame, [I64(word)], inbounds=True)])
        number = self._load_word(word + 1)
        self.leave_if(b.icmp_unsigned("==", number, I64(0)), NO_MEMORY)
        b = self.b
        data = b.inttoptr(number, PTR)
        if not (isinstance(size, ir.Constant) and size.constant < HUGE):
            with b.if_then(b.icmp_unsigned(">=", size, I64(HUGE)), likely=False):
                b.call(advise_large_pages(self.module), [data, size])
        return data

    def _constant(self, value: Const) -> Register:
        data = value.data
        if data.nbytes <= EMBEDDED_LIMIT:
            kind = ir.ArrayType(I8, max(1, data.nbytes))
            variable = ir.GlobalVariable(self.module, kind, self.module.get_unique_name("constant"))
            variable.initializer = ir.Constant(kind, bytearray(data.tobytes() or b"\0"))
            variable.global_constant = True
            variable.linkage = "internal"
            variable.align = 16
            return variable
        name = f"{self.name}_constant_{len(self.constants)}"
        self.constants[name] = value
        word = ir.GlobalVariable(self.module, PTR, name)
        word.initializer = ir.Constant(PTR, None)
        return self.b.load(word)

    def _finish_outputs(self) -> None:
        """Sizes of the outputs, into the frame."""
        for position, value in enumerate(self.program.outputs):
            self.pointer(value)
            word = self.layout.output_words[position]
            for k, size in enumerate(value.dims):
                self._store_word(word + 2 + k, self.host(size))

    def zero(self, pointer: Register, size: Register) -> None:
        memset = external(self.module, "memset", PTR, (PTR, I32, I64))
        self.b.call(memset, [self.b.bitcast(pointer, PTR), I32(0), size])

    def copy(self, target: Register, source: Register, size: Register) -> None:
        memcpy = external(self.module, "memcpy", PTR, (PTR, PTR, I64))
        self.b.call(memcpy, [self.b.bitcast(target, PTR), self.b.bitcast(source, PTR), size])

    @contextmanager
    def unless_empty(self, *sizes: Register) -> Iterator[None]:
        condition = I1(1)
        for size in sizes:
            condition = self.b.and_(condition, self.b.icmp_signed(">", size, I64(0)))
        with self.b.if_then(condition):
            yield

    @contextmanager
    def counted(self, count: Register) -> Iterator[Register]:
        """A loop over ``0 <= i < count``; `count` is positive."""
        b = self.b
        body, done = b.append_basic_block("loop"), b.append_basic_block("done")
        before = b.block
        b.branch(body)
        b.position_at_end(body)
        k = b.phi(I64)
        k.add_incoming(I64(0), before)
        yield k
        following = b.add(k, I64(1))
        k.add_incoming(following, b.block)
        b.cbranch(b.icmp_signed("<", following, count), body, done)
        b.position_at_end(done)

    # ------------------------------------------------------------------ steps
    def _step(self, step: Step) -> None:
        if isinstance(step, Kernel):
            self._kernel(step)
        elif isinstance(step, Guard):
            self._guard(step)
        elif isinstance(step, Begin):
            self._begin(step)
        elif isinstance(step, Commit):
            size = self.host(self.plan.bytes(step.source))
            self.copy(self.pointer(step.state), self.pointer(step.source), size)
        elif isinstance(step, Call):
            self._call(step)
        elif isinstance(step, Product):
            self._product(step)
        else:
            self._callback(step)

    def _guard(self, guard: Guard) -> None:
        condition = self.host(guard.condition)
        if guard.kind in LEAVING:
            self.leave_if(self.b.not_(condition), LEAVING[guard.kind])
            return
        sizes = [self.host(size) for size in guard.sizes]
        self.guards.append(guard)
        self.leave_if(self.b.not_(condition), len(self.guards), sizes)

    def _check_overlap(self) -> None:
        """An argument that shares memory with a state slot that is written in place takes the other path."""
        written = self.program.states_written
        for number, state in enumerate(written):
            low, high = self._extent(state)
            for param in self.program.params:
                if (
                    param is state
                    or param in written[:number]
                    or (param.generator is None) != (state.generator is None)
                ):
                    continue
                other_low, other_high = self._extent(param)
                b = self.b
                meet = b.and_(b.icmp_unsigned("<", low, other_high), b.icmp_unsigned("<", other_low, high))
                self.leave_if(meet, RESTART_FUNCTIONAL)

    def _extent(self, param: Param) -> tuple[Register, Register]:
        """Addresses of the first byte and of that after the last."""
        b = self.b
        low = high = self._load_word(self.layout.param_words[param.position])
        if param.layout != "A":
            return low, b.add(low, self.host(self.plan.bytes(param)))
        size = I64(ITEMSIZE[param.dtype])
        for length, step in zip(param.dims, param.strides or (), strict=True):
            reach = b.mul(b.mul(b.sub(self.host(length), I64(1)), self.host(step)), size)
            forward = b.icmp_signed(">", reach, I64(0))
            low = b.add(low, b.select(forward, I64(0), reach))
            high = b.add(high, b.select(forward, reach, I64(0)))
        return low, b.add(high, size)

    def _begin(self, begin: Begin) -> None:
        target = self.pointer(begin.target)
        if begin.base is not None and begin.target not in self.plan.in_place:
            self.copy(target, self.pointer(begin.base), self.host(self.plan.bytes(begin.target)))

    def _kernel(self, kernel: Kernel) -> None:
        if all(axis.size.is_one for axis in kernel.axes):
            self._scalar_kernel(kernel)
            self.kernels.append(None)
            return
        name = f"kernel_{len(self.kernels)}"
        code = KernelCode(self.e, self.module, kernel, name, self.plan.place, self.reorder, self.threads > 1)
        function = self._shared_function(code)
        self.kernels.append(code)
        for value in self.plan.made(kernel):
            self.pointer(value)
        copies: list[Register] = []
        pointers = [kernel_pointer(self, access, copies) for access in code.pointers.values()]
        scalars = [self.host(expr) for expr in code.scalars]
        if code.outermost is None:
            self.b.call(function, [*pointers, *scalars])
        else:
            call_in_parts(self, code, function, pointers, scalars)
        for copy in copies:
            block = self.b.load(copy)
            with self.b.if_then(self.b.icmp_unsigned("!=", self.b.ptrtoint(block, I64), I64(0)), likely=False):
                free(self.b, block)
                self.b.store(ir.Constant(PTR, None), copy)

    def _shared_function(self, code: KernelCode) -> ir.Function:
        """The kernel's function, or an earlier one that is the same: everything that differs is an argument.

        Hints to loops have numbers of their own, but say the same.
        """
        function = code.function
        text = _LOOP_HINT.sub("", str(function).replace(f'@"{function.name}"', "@kernel", 1))
        known = self._functions.setdefault(text, function)
        if known is not function:
            del self.module.globals[function.name]
        return known

    def _scalar_kernel(self, kernel: Kernel) -> None:
        """A kernel of one point: no loop, no function."""
        values = []
        for statement in kernel.statements:
            if isinstance(statement, Draw):
                state = self.pointer(statement.source)
                self._generators[statement.target] = GeneratorCode(self.b, generator_kind(statement), state)
        for statement in kernel.statements:
            body = self._inline(statement.body, (), ())
            values.append(self.host(self._without_axes(body)))
        for statement, value in zip(kernel.statements, values, strict=True):
            target = statement.target
            if isinstance(statement, Draw):
                self._generators[statement.target].close(self.b, self.pointer(target))
                continue
            pointer = self.pointer(target)
            dtype = target.dtype
            if isinstance(statement, Write):
                access = find_access(self.e, target, [self._without_axes(i) for i in statement.indices])
                number = self.host(access.offset if access.linear is None else access.linear)
                pointer = self.b.gep(pointer, [number], inbounds=True)
                if statement.mode != "set":
                    old = load(self.b, pointer, dtype)
                    value = SCALARS[statement.mode](self.b, [old, value], (dtype, dtype), dtype)
            store(self.b, value, pointer, dtype)

    def _without_axes(self, expr: Expr) -> Expr:
        if not expr.axes:
            return expr
        return self.ctx.substitute(expr, dict.fromkeys(expr.axes, self.e.zero))

    def _operands(self, call: Call) -> list[Operand]:
        operands = []
        for view, value in zip(self.program.operands[call], call.operands, strict=True):
            access = find_access(self.e, view.value, view.indices)
            pointer = self.pointer(view.value)
            offset = self.host(access.offset)
            pointer = self.b.bitcast(self.b.gep(pointer, [offset], inbounds=True), PTR)
            steps = self._steps(view)
            for expr in (*value.dims, *steps):
                self.host(expr)  # here, not inside a branch of the routine
            operands.append(Operand(self, value.dtype, pointer, value.dims, steps))
        return operands

    def _product(self, product: Product) -> None:
        if not self.committed:
            self._check_steps(product.call)
        target = self.b.bitcast(self.pointer(product.target), PTR)
        operands = self._operands(product.call)
        PRODUCTS[product.call.routine](self, product.call, operands, target, product.factor, product.adds)

    def _call(self, call: Call) -> None:
        if not self.committed:
            self._check_steps(call)
        target = self.b.bitcast(self.pointer(call), PTR)
        operands = self._operands(call)
        kind = call.state.generator if isinstance(call, DrawCall) else None
        if not isinstance(call, DrawCall) or kind is None:
            # a state that is an ordinary array is the routine's own business
            ROUTINES[call.routine](self, call, operands, target)
            return
        self.generator = GeneratorCode(self.b, kind, self.pointer(call.state.source))
        ROUTINES[call.routine](self, call, operands, target)
        self.generator.close(self.b, self.pointer(call.state))

    # -------------------------------------------------------------- callbacks
    def _callback(self, callback: Callback) -> None:
        """Addresses and sizes of the arguments go out; those of the outputs come back."""
        b = self.b
        number = self.ctx.callbacks.index(callback)
        count = sum(1 + v.ndim for v in (*callback.arguments, *callback.outputs))
        words = self.stack(I64, max(1, count))
        position = 0
        for value in callback.arguments:
            b.store(b.ptrtoint(self.pointer(value), I64), b.gep(words, [I64(position)]))
            for k, size in enumerate(value.dims):
                b.store(self.host(size), b.gep(words, [I64(position + 1 + k)]))
            position += 1 + value.ndim
        results = self.stack(PTR)
        ir.IRBuilder(self.entry).store(ir.Constant(PTR, None), results)
        self._callback_results.append(results)
        status = call_back(b, b.load(self._called), I64(number), b.ptrtoint(words, I64), results)
        self.leave_if(b.icmp_signed("==", status, I64(INTERRUPTED_STATUS)), INTERRUPTED)
        self.leave_if(self.b.icmp_signed("==", status, I64(RAISED_STATUS)), CALLBACK_RAISED)
        b = self.b
        for value in callback.outputs:
            address = b.load(b.gep(words, [I64(position)]))
            self._pointers[self.plan.place(value)] = b.inttoptr(address, PTR)
            sizes = [b.load(b.gep(words, [I64(position + 1 + k)])) for k in range(value.ndim)]
            self._callback_sizes[value] = sizes
            position += 1 + value.ndim
