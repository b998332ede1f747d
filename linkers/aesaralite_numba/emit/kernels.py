"""A kernel of the program IR as one LLVM function: its arguments, the loop nest, the body."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import llvmlite.ir as ir

from ..expr import Axis, Expr, Expressions
from ..ir import Accumulate, Draw, Kernel, Statement, Write
from ..values import Value
from .access import Access
from .accumulate import BLOCK, Accumulator, combine, fill
from .draws import draw_element
from .dtypes import (
    I64,
    VOID,
    Register,
    constant,
    is_complex,
    is_float,
    load,
    memory_type,
    register_type,
    store,
)
from .generators import GeneratorCode
from .mathematics import prefer_vectors
from .parts import can_split
from .runs import Runs
from .scalars import SCALARS
from .stages import Loop, StageCode, collapse

#: Points along each side of a tile: its lines fit into the nearest cache.
TILE = 32


def generator_kind(draw: Draw) -> str:
    """The class of the bit generator that is drawn from."""
    kind = draw.source.generator
    assert kind is not None
    return kind


class _KernelFunction(ir.Function):
    """A function that is complete when it's first printed, to be compared with others; the module prints it again."""

    _text: str | None = None

    def __str__(self) -> str:
        if self._text is None:
            self._text = super().__str__()
        return self._text


class KernelCode:
    """Analyses a kernel and builds its function.

    After construction, `pointers` are the accesses that stand for each pointer argument and `scalars` the expressions
    of the other arguments, in order; `function` takes them in that order.

    Parameters
    ----------
    in_parts
        Whether `function` shall take a range of the outermost loop, its first point and its end, as last arguments.

    Attributes
    ----------
    outermost
        The loop of which the function takes a range; None if it can't.
    """

    def __init__(
        self,
        e: Expressions,
        module: ir.Module,
        kernel: Kernel,
        name: str,
        place: Callable[[Value], object],
        reorder: bool = True,
        in_parts: bool = False,
    ) -> None:
        self.e = e
        self.reorder = reorder
        self.place = place
        self.module = module
        self.kernel = kernel
        self.pointers: dict[object, Access] = {}
        self.scalars: dict[Expr, int] = {}
        self._pointer_of: dict[Access, object] = {}
        self.stages = [StageCode(e, kernel, stage) for stage in kernel.stages]
        self.rows = collapse(e, kernel.rows, self.stages)
        self._loads = {expr: access for stage in self.stages for expr, access in stage.loads.items()}
        self._tiled = self._find_tiling()
        self._made = {statement.target for statement in kernel.statements}
        self.outermost = self._find_outermost() if in_parts else None
        self._collect_arguments()
        self.function = self._build(name)

    # ---------------------------------------------------------------- analysis
    def _find_tiling(self) -> bool:
        """Whether the two innermost loops walk in tiles, because accesses want different ones of them innermost.

        If another of the outer loops is wanted, it becomes the second innermost.
        """
        stage = self.stages[0]
        loops = stage.loops
        if self.rows or len(self.stages) > 1 or len(loops) < 2 or stage.reduced or stage.draws or stage.scattered:
            return False
        inner = loops[-1].inner
        for access in stage.accesses():
            if inner in access.coefficients and access.coefficients[inner] is not self.e.one:
                for loop in loops[:-1]:
                    if access.coefficients.get(loop.inner) is self.e.one:
                        loops.remove(loop)
                        loops.insert(-1, loop)
                        return True
        return False

    def _find_outermost(self) -> Loop | None:
        loops = self.rows or self.stages[0].loops
        return loops[0] if loops and can_split(loops[0], self.stages) else None

    def reductions(self) -> Iterator[tuple[StageCode, Accumulate]]:
        """Those whose results are in memory."""
        for stage in self.stages:
            yield from ((stage, statement) for statement in stage.reduced if statement.stored)

    def adds_over_range(self, stage: StageCode, statement: Accumulate) -> bool:
        """Whether a reduction runs over the loop of which the function takes a range."""
        return self.outermost is not None and self.outermost.inner in stage.reduced[statement]

    def pointer_number(self, stage: StageCode, statement: Statement) -> int:
        """Which of the pointers a statement writes to."""
        return list(self.pointers).index(self._pointer_of[stage.targets[statement]])

    def _collect_arguments(self) -> None:
        written = {self.place(access.value) for stage in self.stages for access in stage.targets.values()}
        for stage in self.stages:
            for access in stage.accesses():
                self._collect_pointer(access, written)
                for loop in (*self.rows, *stage.loops):
                    if loop.inner in access.coefficients:
                        self._need(access.coefficients[loop.inner])
        for stage in self.stages:
            for loop in (*self.rows, *stage.loops):
                self._need(loop.size)
            for expr in stage.order:
                for arg in stage.inputs(expr):
                    self._need(arg)
            for statement in stage.statements:
                self._need(statement.body)
                if isinstance(statement, Accumulate) and statement.stored:
                    self._need(self.e.product(statement.target.dims))

    def _collect_pointer(self, access: Access, written: set[object]) -> None:
        key = self.place(access.value)
        if access.masks and key in written:
            # What is overwritten in place has the target's sizes, or a guard has failed before.
            access.masks = ()
        elif access.masks:
            # a stretched copy is other memory than what it is made of
            key = next((a for a in self.pointers.values() if a.masks and a.same_as(access)), access)
        self.pointers.setdefault(key, access)
        self._pointer_of[access] = key
        self._need(access.offset)

    def _need(self, expr: Expr) -> None:
        if not expr.axes and not expr.is_const:
            self.scalars.setdefault(expr, len(self.scalars))

    # ---------------------------------------------------------------- building
    def _build(self, name: str) -> ir.Function:
        pointer_types = [memory_type(access.value.dtype).as_pointer() for access in self.pointers.values()]
        scalar_types = [register_type(expr.dtype) for expr in self.scalars]
        range_types = [I64, I64] if self.outermost is not None else []
        signature = ir.FunctionType(VOID, [*pointer_types, *scalar_types, *range_types])
        function = _KernelFunction(self.module, signature, name)
        function.linkage = "internal"
        function.attributes.add("noinline")
        function.attributes.add("nounwind")
        for arg in function.args[: len(self.pointers)]:
            arg.add_attribute("noalias")
        count = len(self.pointers)
        self.pointer_args = dict(zip(self.pointers, function.args[:count], strict=True))
        scalars = function.args[count : count + len(self.scalars)]
        self.registers: dict[Expr, Register] = dict(zip(self.scalars, scalars, strict=True))
        self._range = function.args[count + len(self.scalars) :]
        self.b = ir.IRBuilder(function.append_basic_block("entry"))
        self.counters: dict[Axis, Register] = {}
        self._opened: list[tuple] = []
        self._accumulators: dict[Accumulate, Accumulator] = {}
        self._begun: dict[int, list[tuple[StageCode, Accumulate]]] = {}
        self._generators: dict[object, GeneratorCode] = {}
        states = {draw: found for stage in self.stages for draw, found in stage.states.items()}
        for draw, (source, _) in states.items():
            place = self.pointer_args[self._pointer_of[source]]
            self._generators[draw.target] = GeneratorCode(self.b, generator_kind(draw), place)
        self._nest()
        for draw, (_, target) in states.items():
            self._generators[draw.target].close(self.b, self.pointer_args[self._pointer_of[target]])
        self.b.ret_void()
        return function

    def _nest(self) -> None:
        levels = self._levels()
        depth = len(self.rows)
        for stage, statement in self.reductions():
            whole = self.outermost is None or self.adds_over_range(stage, statement)
            if whole and self.combines(stage, statement):
                count = self.e.product(statement.target.dims)
                pointer = self.pointer_args[self._pointer_of[stage.targets[statement]]]
                fill(self.b, pointer, self.value(count), statement)
        self._loops = list(self.rows)
        for k, (loop, exprs) in enumerate(zip(self.rows, levels, strict=False)):
            self._start(k)
            self._open(loop, *self._points(loop))
            self._evaluate(exprs)
        for stage in self.stages:
            self._loops = [*self.rows, *stage.loops]
            own = levels[depth : depth + 1 + len(stage.loops)]
            depth += len(own)
            self._evaluate(own[0])
            self._stage(stage, own[1:])
        self._loops = list(self.rows)
        for k in reversed(range(len(self.rows))):
            self._close()
            self._finish(k)

    def _levels(self) -> list[list[Expr]]:
        """What is computed where: the outermost place that has all that is needed.

        A list for each loop over rows; then, for each stage, one for its beginning and one for each of its loops.
        """
        levels: list[list[Expr]] = [[] for _ in self.rows]
        depth_of = {axis: depth for depth, loop in enumerate(self.rows) for axis in loop.axes}
        level: dict[Expr, int] = {}
        start = len(self.rows)
        for stage in self.stages:
            begin = len(levels)
            levels.extend([] for _ in range(1 + len(stage.loops)))
            own_depth = {axis: begin + 1 + k for k, loop in enumerate(stage.loops) for axis in loop.axes}
            own_depth.update(depth_of)
            for expr in stage.order:
                if expr in level and level[expr] < begin:
                    continue
                if expr.op == "axis":
                    own = own_depth[expr.attr]
                elif expr.op == "draw":
                    own = len(levels) - 1
                elif expr.op == "row":
                    own = begin
                else:
                    access = stage.loads.get(expr)
                    # what an earlier stage has made isn't there before
                    own = begin if not start or (access is not None and access.value in self._made) else 0
                    if access is not None and access.linear is None:
                        own = max((own, *(own_depth[axis] for axis in access.coefficients)))
                    else:
                        own = max((own, *(level[arg] for arg in stage.inputs(expr) if arg in level)))
                level[expr] = own
                if expr.op != "row":
                    levels[own].append(expr)
        return levels

    def value(self, expr: Expr) -> Register:
        if expr.is_const:
            return constant(expr.attr, expr.dtype)
        return self.registers[expr]

    def _points(self, loop: Loop) -> tuple[Register, Register]:
        """The first point of a loop, and how many there are."""
        if loop is not self.outermost:
            return I64(0), self.value(loop.size)
        first, end = self._range
        return first, self.b.sub(end, first, flags=("nsw",))

    def _open(self, loop: Loop, first: Register, count: Register) -> None:
        """Begin a loop over `count` points from `first` on."""
        counter = self._open_counter(count, 1)
        plain = isinstance(first, ir.Constant) and first.constant == 0
        self.counters[loop.inner] = counter if plain else self.b.add(first, counter, flags=("nsw", "nuw"))

    def _open_tiles(self, loop: Loop, step: int = TILE) -> tuple[Register, Register]:
        """Begin a loop over tiles; gives the first point of the tile and how many it has."""
        start, size = self._points(loop)
        passed = self._open_counter(size, step)
        rest = self.b.sub(size, passed, flags=("nsw", "nuw"))
        first = passed if loop is not self.outermost else self.b.add(start, passed, flags=("nsw", "nuw"))
        return first, self.b.select(self.b.icmp_signed("<", rest, I64(step)), rest, I64(step))

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
        last = self.b.block
        prefer_vectors(self.b.cbranch(self.b.icmp_signed("<", following, size), body, done), last)
        self.b.position_at_end(done)

    def _evaluate(self, exprs: Sequence[Expr]) -> None:
        for expr in exprs:
            if expr.op == "axis":
                self.registers[expr] = self.counters[expr.attr]
            elif expr.op == "load":
                pointer = self._address(self._loads[expr])
                self.registers[expr] = load(self.b, pointer, expr.dtype)
            elif expr.op == "draw":
                args = [self.value(arg) for arg in expr.args[: expr.attr.parameters]]
                generator = self._generators[expr.attr.state]
                self.registers[expr] = draw_element(self.b, generator, expr.attr.name, args)
            else:
                args = [self.value(arg) for arg in expr.args]
                build = SCALARS.get(expr.op)
                if build is None:
                    raise NotImplementedError(f"scalar operation {expr.op!r}")
                self.registers[expr] = build(self.b, args, tuple(arg.dtype for arg in expr.args), expr.dtype)

    def _address(self, access: Access) -> Register:
        pointer = self.pointer_args[self._pointer_of[access]]
        if access.linear is not None:
            return self.b.gep(pointer, [self.value(access.linear)], inbounds=True)
        number = None if access.offset is self.e.zero else self.value(access.offset)
        for loop in self._loops:
            step = access.coefficients.get(loop.inner)
            if step is None:
                continue
            part = self.counters[loop.inner]
            if not step.is_one:
                part = self.b.mul(part, self.value(step), flags=("nsw",))
            number = part if number is None else self.b.add(number, part, flags=("nsw",))
        return pointer if number is None else self.b.gep(pointer, [number], inbounds=True)

    # ------------------------------------------------------------------ stages
    def _begin_of(self, stage: StageCode, statement: Accumulate) -> int:
        """The outermost loop from which on all are reduced: a register accumulates along them."""
        loops = [*self.rows, *stage.loops]
        begin = len(loops)
        while begin and loops[begin - 1].inner in stage.reduced[statement]:
            begin -= 1
        return begin

    def combines(self, stage: StageCode, statement: Accumulate) -> bool:
        """Whether the target's elements are combined in memory with what is there."""
        outer = [*self.rows, *stage.loops][: self._begin_of(stage, statement)]
        return any(loop.inner in stage.reduced[statement] for loop in outer)

    def _start(self, depth: int) -> None:
        """Make the accumulators that run along the loops from that one on, which is about to be opened."""
        for stage in self.stages:
            loops = [*self.rows, *stage.loops][depth:]
            if depth >= len(self.rows) and stage is not self._current:
                continue
            for statement in stage.reduced:
                if loops and self._begin_of(stage, statement) == depth:
                    size = self.e.product(loop.size for loop in loops)
                    long = not (size.is_const and size.attr <= BLOCK)
                    self._accumulators[statement] = Accumulator(
                        self.b, statement.monoid, statement.body.dtype, self.reorder, long
                    )
                    self._begun.setdefault(depth, []).append((stage, statement))

    def _finish(self, depth: int) -> None:
        """Take the results of what was begun before that loop, which has been closed."""
        for stage, statement in self._begun.pop(depth, ()):
            self._hand_on(stage, statement, self._accumulators.pop(statement).result(self.b))

    def _stage(self, stage: StageCode, levels: Sequence[Sequence[Expr]]) -> None:
        """The loops of a stage."""
        self._current = stage
        self._runs: dict[Expr, tuple[Runs, list[Write]]] = {}
        first = len(self.rows)
        if self._tiled:
            *outer, crossing, inner = stage.loops
            for loop, exprs in zip(outer, levels, strict=False):
                self._open(loop, *self._points(loop))
                self._evaluate(exprs)
            first_crossing, count_crossing = self._open_tiles(crossing)
            first_inner, count_inner = self._open_tiles(inner)
            self._open(crossing, first_crossing, count_crossing)
            self._evaluate(levels[-2])
            self._open(inner, first_inner, count_inner)
            self._body(stage, levels[-1])
            while self._opened:
                self._close()
            return
        self._runs = self._open_runs(stage)
        for k, (loop, exprs) in enumerate(zip(stage.loops[:-1], levels, strict=False)):
            self._start(first + k)
            self._open(loop, *self._points(loop))
            self._evaluate(exprs)
        if stage.loops:
            self._start(first + len(stage.loops) - 1)
            self._inner_loop(stage, levels[-1])
            self._finish(first + len(stage.loops) - 1)
        else:
            self._body(stage, ())
            self._fold(stage)
        for k in reversed(range(len(stage.loops) - 1)):
            self._close()
            self._finish(first + k)
        for runs, _ in self._runs.values():
            runs.close(self.b)

    def _open_runs(self, stage: StageCode) -> dict[Expr, tuple[Runs, list[Write]]]:
        """What is added up in registers while the index stays: sums for each index that the innermost loop changes."""
        found: dict[Expr, tuple[Runs, list[Write]]] = {}
        for statement in stage.statements:
            if not isinstance(statement, Write) or statement.mode == "set":
                continue
            linear, dtype = stage.targets[statement].linear, statement.body.dtype
            if linear is None or not stage.loops or stage.loops[-1].inner not in linear.axes:
                continue
            if self.reorder or not (is_float(dtype) or is_complex(dtype)):
                if linear not in found:
                    found[linear] = Runs(self.b), []
                runs, statements = found[linear]
                runs.open(self.b, self.pointer_args[self._pointer_of[stage.targets[statement]]], statement.mode, dtype)
                statements.append(statement)
        return found

    def _inner_loop(self, stage: StageCode, exprs: Sequence[Expr]) -> None:
        """The innermost loop; in blocks where a long sum is kept exact to a few units by compensation."""
        loop = stage.loops[-1]
        short = loop.size.is_const and loop.size.attr <= BLOCK
        if not short and any(self._accumulators[s].compensated for s in stage.reduced if s in self._accumulators):
            first, count = self._open_tiles(loop, BLOCK)
            self._open(loop, first, count)
            self._body(stage, exprs)
            self._close()
            self._fold(stage)
            self._close()
            return
        self._open(loop, *self._points(loop))
        self._body(stage, exprs)
        self._close()
        self._fold(stage)

    def _fold(self, stage: StageCode) -> None:
        for statement in stage.reduced:
            accumulator = self._accumulators.get(statement)
            if accumulator is not None and accumulator.compensated:
                accumulator.fold(self.b)

    def _body(self, stage: StageCode, exprs: Sequence[Expr]) -> None:
        self._evaluate(exprs)
        added = {statement for _, statements in self._runs.values() for statement in statements}
        for statement in stage.statements:
            if statement in added:
                continue
            if isinstance(statement, Write):
                self._write(stage.targets[statement], statement.mode, self.value(statement.body), statement.body.dtype)
            elif isinstance(statement, Accumulate):
                accumulator = self._accumulators.get(statement)
                if accumulator is not None:
                    accumulator.add(self.b, self.value(statement.body))
                else:
                    self._hand_on(stage, statement, self.value(statement.body))
        for linear, (runs, statements) in self._runs.items():
            runs.add(self.b, self.value(linear), [self.value(statement.body) for statement in statements])

    def _hand_on(self, stage: StageCode, statement: Accumulate, result: Register) -> None:
        """Hand the result of a reduction, or a part of it, on: to the stages that follow, and to memory."""
        if statement.forward is not None:
            self.registers[statement.forward] = result
        if statement.stored:
            mode = statement.monoid if self.combines(stage, statement) else "set"
            self._write(stage.targets[statement], mode, result, statement.target.dtype)

    def _write(self, target: Access, mode: str, value: Register, dtype: str) -> None:
        pointer = self._address(target)
        if mode != "set":
            old = load(self.b, pointer, dtype)
            value = combine(self.b, mode, old, value, dtype, ())
        store(self.b, value, pointer, dtype)
