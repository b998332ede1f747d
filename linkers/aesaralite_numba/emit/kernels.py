"""A kernel of the program IR as one LLVM function: loop order, collapsing, the loop nest, the body."""

from __future__ import annotations

from collections.abc import Callable

import llvmlite.ir as ir

from ..expr import Axis, Expr, Expressions
from ..ir import Accumulate, Draw, Kernel, Write
from ..values import Value
from .access import Access, find_access
from .accumulate import BLOCK, Accumulator, fill, make_accumulator
from .draws import draw_element
from .dtypes import I64, VOID, Register, constant, load, memory_type, register_type, store
from .generators import GeneratorCode
from .scalars import SCALARS

#: Points along each side of a tile: its lines fit into the nearest cache.
TILE = 32


def generator_kind(draw: Draw) -> str:
    """The class of the bit generator that is drawn from."""
    kind = draw.source.generator
    assert kind is not None
    return kind


class Loop:
    """One loop of the nest: an axis, or several that are walked as one."""

    def __init__(self, e: Expressions, axes: tuple[Axis, ...]) -> None:
        self.axes = axes
        self.size = e.product(axis.size for axis in axes)

    @property
    def inner(self) -> Axis:
        return self.axes[-1]


class KernelCode:
    """Analyses a kernel and builds its function.

    After construction, `pointers` are the accesses that stand for each pointer argument and `scalars` the expressions
    of the other arguments, in order; `function` takes them in that order.
    """

    def __init__(
        self,
        e: Expressions,
        module: ir.Module,
        kernel: Kernel,
        name: str,
        place: Callable[[Value], object],
        reorder: bool = True,
    ) -> None:
        self.e = e
        self.reorder = reorder
        self.place = place
        self.module = module
        self.kernel = kernel
        self.loads: dict[Expr, Access] = {}
        self.targets: list[Access] = []
        self.pointers: dict[object, Access] = {}
        self.scalars: dict[Expr, int] = {}
        self.order: list[Expr] = []
        self.explicit_axes: set[Axis] = set()
        self._pointer_of: dict[Access, object] = {}
        self.draws = [statement for statement in kernel.statements if isinstance(statement, Draw)]
        self._states = {
            draw: (find_access(e, draw.source, [e.zero]), find_access(e, draw.target, [e.zero])) for draw in self.draws
        }
        axes = [axis for axis in kernel.axes if not (axis.size.is_const and axis.size.attr == 1)]
        self._find_accesses()
        self.reduced = {
            statement: {axis for axis, gone in zip(kernel.axes, statement.reduced, strict=True) if gone}
            for statement in kernel.statements
            if isinstance(statement, Accumulate)
        }
        self.loops = self._collapse(self._loop_order(axes))
        self.tiled = self._find_tiling()
        self._collect_arguments()
        self.function = self._build(name)

    # ---------------------------------------------------------------- analysis
    def _find_accesses(self) -> None:
        e = self.e
        roots: list[Expr] = []
        for statement in self.kernel.statements:
            target = statement.target
            if isinstance(statement, Write):
                access = find_access(e, target, statement.indices)
            elif isinstance(statement, Draw):
                access = self._states[statement][1]
            else:
                kept = [a for a, gone in zip(self.kernel.axes, statement.reduced, strict=True) if not gone]
                indices = [e.zero if a.size.is_const and a.size.attr == 1 else e.axis_expr(a) for a in kept]
                access = find_access(e, target, indices)
            self.targets.append(access)
            if access.linear is not None:
                roots.append(access.linear)
            roots.append(statement.body)
        seen: set[Expr] = set()
        stack = [(root, False) for root in reversed(roots)]
        while stack:
            expr, ready = stack.pop()
            if ready:
                self.order.append(expr)
                continue
            if expr in seen or not expr.axes:
                continue
            seen.add(expr)
            if expr.op == "axis":
                self.explicit_axes.add(expr.attr)
            stack.append((expr, True))
            stack.extend((arg, False) for arg in reversed(self._inputs(expr)))

    def _inputs(self, expr: Expr) -> tuple[Expr, ...]:
        """What must be in registers for `expr`."""
        if expr.op == "draw":
            return expr.args[: expr.attr.parameters]
        if expr.op != "load":
            return expr.args
        access = self.loads.get(expr)
        if access is None:
            access = self.loads[expr] = find_access(self.e, expr.attr, expr.args)
        return () if access.linear is None else (access.linear,)

    def _all_accesses(self) -> list[Access]:
        return [*self.loads.values(), *self.targets, *(source for source, _ in self._states.values())]

    def _loop_order(self, axes: list[Axis]) -> list[Axis]:
        """The domain's order, unless another axis walks memory with smaller steps."""
        if len(axes) < 2 or self.draws or any(access.linear is not None for access in self.targets):
            return axes
        score = dict.fromkeys(axes, 0)
        for access in self._all_accesses():
            for axis, step in access.coefficients.items():
                if axis in score:
                    score[axis] += 1 if step.is_const and abs(step.attr) == 1 else -1
        best = max(axes, key=lambda axis: (score[axis], axes.index(axis)))
        if score[best] <= score[axes[-1]]:
            return axes
        return [axis for axis in axes if axis is not best] + [best]

    def _collapse(self, axes: list[Axis]) -> list[Loop]:
        """Walk neighbouring axes as one loop where every access allows it."""
        loops = [Loop(self.e, (axis,)) for axis in axes]
        k = len(loops) - 2
        while k >= 0:
            outer, inner = loops[k], loops[k + 1]
            if self._mergeable(outer, inner):
                loops[k : k + 2] = [Loop(self.e, outer.axes + inner.axes)]
            k -= 1
        return loops

    def _mergeable(self, outer: Loop, inner: Loop) -> bool:
        if self.explicit_axes.intersection((*outer.axes, *inner.axes)):
            return False
        for reduced in self.reduced.values():
            if (outer.inner in reduced) != (inner.inner in reduced):
                return False
        zero = self.e.zero
        for access in self._all_accesses():
            far = access.coefficients.get(outer.inner, zero)
            near = access.coefficients.get(inner.inner, zero)
            if far is not self.e.mul(near, inner.size):
                return False
        return True

    def _find_tiling(self) -> bool:
        """Whether the two innermost loops walk in tiles, because accesses want different ones of them innermost.

        If another of the outer loops is wanted, it becomes the second innermost.
        """
        if (
            len(self.loops) < 2
            or self.reduced
            or self.draws
            or any(access.linear is not None for access in self.targets)
        ):
            return False
        inner = self.loops[-1].inner
        for access in self._all_accesses():
            if inner in access.coefficients and access.coefficients[inner] is not self.e.one:
                for loop in self.loops[:-1]:
                    if access.coefficients.get(loop.inner) is self.e.one:
                        self.loops.remove(loop)
                        self.loops.insert(-1, loop)
                        return True
        return False

    def _collect_arguments(self) -> None:
        self.written = {self.place(access.value) for access in self.targets}
        for access in self._all_accesses():
            key = self.place(access.value)
            if access.masks and key in self.written:
                # What is overwritten in place has the target's sizes, or a guard has failed before.
                access.masks = ()
            elif access.masks:
                # a stretched copy is other memory than what it is made of
                key = next((a for a in self.pointers.values() if a.masks and a.same_as(access)), access)
            self.pointers.setdefault(key, access)
            self._pointer_of[access] = key
            self._need(access.offset)
            for loop in self.loops:
                if loop.inner in access.coefficients:
                    self._need(access.coefficients[loop.inner])
        for loop in self.loops:
            self._need(loop.size)
        for expr in self.order:
            for arg in self._inputs(expr):
                self._need(arg)
        for statement in self.kernel.statements:
            self._need(statement.body)
            if isinstance(statement, Accumulate):
                self._need(self.e.product(statement.target.dims))

    def _need(self, expr: Expr) -> None:
        if not expr.axes and not expr.is_const:
            self.scalars.setdefault(expr, len(self.scalars))

    # ---------------------------------------------------------------- building
    def _build(self, name: str) -> ir.Function:
        pointer_types = [memory_type(access.value.dtype).as_pointer() for access in self.pointers.values()]
        scalar_types = [register_type(expr.dtype) for expr in self.scalars]
        signature = ir.FunctionType(VOID, [*pointer_types, *scalar_types])
        function = ir.Function(self.module, signature, name)
        function.linkage = "internal"
        function.attributes.add("noinline")
        function.attributes.add("nounwind")
        for arg in function.args[: len(self.pointers)]:
            arg.add_attribute("noalias")
        count = len(self.pointers)
        self.pointer_args = dict(zip(self.pointers, function.args[:count], strict=True))
        self.registers: dict[Expr, Register] = dict(zip(self.scalars, function.args[count:], strict=True))
        self.b = ir.IRBuilder(function.append_basic_block("entry"))
        self.counters: dict[Axis, Register] = {}
        self._opened: list[tuple] = []
        self._generators: dict[object, GeneratorCode] = {}
        for draw, (source, _) in self._states.items():
            place = self.pointer_args[self._pointer_of[source]]
            self._generators[draw.target] = GeneratorCode(self.b, generator_kind(draw), place)
        self._nest()
        for draw, (_, target) in self._states.items():
            self._generators[draw.target].close(self.b, self.pointer_args[self._pointer_of[target]])
        self.b.ret_void()
        return function

    def _nest(self) -> None:
        inner = self.loops[-1]
        accumulators: list[tuple[Accumulator, Accumulate, Access, bool]] = []
        in_memory: dict[Accumulate, Access] = {}
        outer_axes = [loop.inner for loop in self.loops[:-1]]
        for statement, target in zip(self.kernel.statements, self.targets, strict=True):
            if not isinstance(statement, Accumulate):
                continue
            reduced = self.reduced[statement]
            combine = any(axis in reduced for axis in outer_axes)
            if inner.inner in reduced:
                accumulators.append(
                    (make_accumulator(statement.monoid, statement.body.dtype, self.reorder), statement, target, combine)
                )
            else:
                in_memory[statement] = target
                combine = True
            if combine:
                count = self.e.product(statement.target.dims)
                fill(self.b, self.pointer_args[self._pointer_of[target]], self.value(count), statement)
        levels = self._levels()
        if self.tiled:
            *outer, crossing = self.loops[:-1]
            for depth, loop in enumerate(outer):
                self._open(loop, I64(0), self.value(loop.size), levels[depth])
            first_crossing, count_crossing = self._open_tiles(crossing)
            first, count = self._open_tiles(inner)
            self._open(crossing, first_crossing, count_crossing, levels[-2])
            self._inner_loop(inner, levels, accumulators, in_memory, (first, count))
        else:
            for depth, loop in enumerate(self.loops[:-1]):
                self._open(loop, I64(0), self.value(loop.size), levels[depth])
            self._inner_loop(inner, levels, accumulators, in_memory)
        while self._opened:
            self._close()

    def _levels(self) -> list[list[Expr]]:
        """For each loop, the expressions that are computed in it: the outermost that has all they need."""
        depth_of = {axis: depth for depth, loop in enumerate(self.loops) for axis in loop.axes}
        level: dict[Expr, int] = {}
        levels: list[list[Expr]] = [[] for _ in self.loops]
        for expr in self.order:
            if expr.op == "axis":
                own = depth_of[expr.attr]
            elif expr.op == "draw":
                own = len(self.loops) - 1
            elif expr.op == "load" and self.loads[expr].linear is None:
                own = max((depth_of[axis] for axis in self.loads[expr].coefficients), default=0)
            else:
                own = max((level.get(arg, 0) for arg in self._inputs(expr)), default=0)
            level[expr] = own
            levels[own].append(expr)
        return levels

    def value(self, expr: Expr) -> Register:
        if expr.is_const:
            return constant(expr.attr, expr.dtype)
        return self.registers[expr]

    def _open(self, loop: Loop, first: Register, count: Register, exprs: list[Expr]) -> None:
        """Begin a loop over `count` points from `first` on, with what is computed at its beginning."""
        counter = self._open_counter(count, 1)
        plain = isinstance(first, ir.Constant) and first.constant == 0
        self.counters[loop.inner] = counter if plain else self.b.add(first, counter, flags=("nsw", "nuw"))
        self._evaluate(exprs)

    def _open_tiles(self, loop: Loop) -> tuple[Register, Register]:
        """Begin a loop over tiles; gives the first point of the tile and how many it has."""
        size = self.value(loop.size)
        first = self._open_counter(size, TILE)
        rest = self.b.sub(size, first, flags=("nsw", "nuw"))
        return first, self.b.select(self.b.icmp_signed("<", rest, I64(TILE)), rest, I64(TILE))

    def _open_counter(self, size: Register, step: int) -> Register:
        function = self.b.function
        body, done = function.append_basic_block("loop"), function.append_basic_block("done")
        before = self.b.block
        self.b.cbranch(self.b.icmp_signed(">", size, I64(0)), body, done)
        self.b.position_at_end(body)
        counter = self.b.phi(I64, name="i")
        counter.add_incoming(I64(0), before)
        self._opened.append((counter, size, step, body, done))
        return counter

    def _close(self) -> None:
        counter, size, step, body, done = self._opened.pop()
        following = self.b.add(counter, I64(step), flags=("nsw", "nuw"))
        counter.add_incoming(following, self.b.block)
        self.b.cbranch(self.b.icmp_signed("<", following, size), body, done)
        self.b.position_at_end(done)

    def _evaluate(self, exprs: list[Expr]) -> None:
        for expr in exprs:
            if expr.op == "axis":
                self.registers[expr] = self.counters[expr.attr]
            elif expr.op == "load":
                pointer = self.address(self.loads[expr])
                self.registers[expr] = load(self.b, pointer, expr.dtype)
            elif expr.op == "draw":
                args = [self.value(arg) for arg in self._inputs(expr)]
                generator = self._generators[expr.attr.state]
                self.registers[expr] = draw_element(self.b, generator, expr.attr.name, args)
            else:
                args = [self.value(arg) for arg in expr.args]
                build = SCALARS.get(expr.op)
                if build is None:
                    raise NotImplementedError(f"scalar operation {expr.op!r}")
                self.registers[expr] = build(self.b, args, tuple(arg.dtype for arg in expr.args), expr.dtype)

    def address(self, access: Access) -> Register:
        pointer = self.pointer_args[self._pointer_of[access]]
        if access.linear is not None:
            return self.b.gep(pointer, [self.value(access.linear)], inbounds=True)
        number = None if access.offset is self.e.zero else self.value(access.offset)
        for loop in self.loops:
            step = access.coefficients.get(loop.inner)
            if step is None:
                continue
            part = self.counters[loop.inner]
            if not (step.is_const and step.attr == 1):
                part = self.b.mul(part, self.value(step), flags=("nsw",))
            number = part if number is None else self.b.add(number, part, flags=("nsw",))
        return pointer if number is None else self.b.gep(pointer, [number], inbounds=True)

    # ---------------------------------------------------------- innermost loop
    def _inner_loop(
        self,
        loop: Loop,
        levels: list[list[Expr]],
        accumulators: list[tuple[Accumulator, Accumulate, Access, bool]],
        in_memory: dict[Accumulate, Access],
        tile: tuple[Register, Register] | None = None,
    ) -> None:
        """The innermost loop; in blocks where a long sum is kept exact to a few units by compensation.

        `tile` is its first point and their number, if not all are meant.
        """
        b, function = self.b, self.b.function
        size = self.value(loop.size)
        short = loop.size.is_const and loop.size.attr <= BLOCK
        blocked = not short and any(a.compensated for a, *_ in accumulators)
        before = b.block
        if blocked:
            block_body, block_done = function.append_basic_block("block"), function.append_basic_block("summed")
            for accumulator, *_ in accumulators:
                accumulator.start()
            b.cbranch(b.icmp_signed(">", size, I64(0)), block_body, block_done)
            b.position_at_end(block_body)
            first = b.phi(I64, name="first")
            first.add_incoming(I64(0), before)
            for accumulator, *_ in accumulators:
                accumulator.open_block(b, before)
            rest = b.sub(size, first, flags=("nsw",))
            count = b.select(b.icmp_signed("<", rest, I64(BLOCK)), rest, I64(BLOCK))
        else:
            first, count = tile or (None, size)
            for accumulator, *_ in accumulators:
                accumulator.start()
        preheader = b.block
        body, done = function.append_basic_block("inner"), function.append_basic_block("inner_done")
        if blocked:
            b.branch(body)
        else:
            b.cbranch(b.icmp_signed(">", count, I64(0)), body, done)
        b.position_at_end(body)
        counter = b.phi(I64, name="i")
        counter.add_incoming(I64(0), preheader)
        for accumulator, *_ in accumulators:
            accumulator.open_inner(b, preheader)
        self.counters[loop.inner] = counter if first is None else b.add(first, counter, flags=("nsw", "nuw"))
        self._evaluate(levels[-1])
        for statement, target in zip(self.kernel.statements, self.targets, strict=True):
            if isinstance(statement, Write):
                self._write(target, statement.mode, self.value(statement.body), statement.body.dtype)
            elif statement in in_memory:
                self._write(target, statement.monoid, self.value(statement.body), statement.body.dtype)
        for accumulator, statement, *_ in accumulators:
            accumulator.step(b, self.value(statement.body))
        following = b.add(counter, I64(1), flags=("nsw", "nuw"))
        counter.add_incoming(following, b.block)
        for accumulator, *_ in accumulators:
            accumulator.latch(b.block)
        latch = b.block
        b.cbranch(b.icmp_signed("<", following, count), body, done)
        b.position_at_end(done)
        for accumulator, *_ in accumulators:
            accumulator.close_inner(b, latch, None if blocked else preheader)
        if blocked:
            for accumulator, *_ in accumulators:
                accumulator.close_block(b)
            next_first = b.add(first, count, flags=("nsw", "nuw"))
            first.add_incoming(next_first, b.block)
            last = b.block
            b.cbranch(b.icmp_signed("<", next_first, size), block_body, block_done)
            b.position_at_end(block_done)
            for accumulator, *_ in accumulators:
                accumulator.finish_blocks(b, before, last)
        for accumulator, statement, target, combine in accumulators:
            result = accumulator.result(b)
            self._write(target, statement.monoid if combine else "set", result, statement.target.dtype)

    def _write(self, target: Access, mode: str, value: Register, dtype: str) -> None:
        pointer = self.address(target)
        if mode != "set":
            old = load(self.b, pointer, dtype)
            value = SCALARS[mode](self.b, [old, value], (dtype, dtype), dtype)
        store(self.b, value, pointer, dtype)
