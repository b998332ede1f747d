"""The program IR as text: what runs, what was fused, what is in memory and why, and where the user wrote it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from aesaralite.compile.linker import CallingPlan
from aesaralite.graph.frozen import FrozenGraph

from .buffers import Place, Plan
from .emit.dtypes import ITEMSIZE
from .expr import Axis, Expr, walk
from .fuse import fuse
from .ir import Begin, Commit, Draw, Kernel, Program, Stage, Step, Write
from .lower.graph import Lowered, lower_graph
from .values import Call, Callback, Const, DrawCall, Guard, Param, Row, Value, storage_of
from .variant import Variant

_INFIX = {
    "add": "+", "sub": "-", "mul": "*", "true_div": "/", "floor_div": "//", "mod": "%", "eq": "==", "ne": "!=",
    "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "and": "&", "or": "|", "xor": "^", "shl": "<<", "shr": ">>",
}  # fmt: skip
#: A part of an expression that is longer gets a line of its own.
_WIDTH = 100


def explain(graph: FrozenGraph, plan: CallingPlan, variant: Variant) -> str:
    """The readable form of a variant's program."""
    lowered = lower_graph(graph, len(plan.outputs), plan.updates, frozenset(plan.state), variant)
    program = fuse(lowered.ctx, lowered.outputs, lowered.updates)
    return _Text(graph, lowered, program).text()


class _Text:
    def __init__(self, graph: FrozenGraph, lowered: Lowered, program: Program) -> None:
        self.graph = graph
        self.lowered = lowered
        self.program = program
        self.plan = Plan(lowered.ctx, program)
        self.names: dict[Value, str] = {}
        self._expressions: dict[Expr, str] = {}
        self._locals = 0
        taken: set[str] = set()
        for k, param in enumerate(program.params):
            name = graph.variables[graph.inputs[k]].name or f"input{k}"
            while name in taken:
                name += "_"
            taken.add(name)
            self.names[param] = name
        for k, value in enumerate(program.outputs):
            self.names.setdefault(storage_of(value), f"output{k}")
        for value, state in program.in_place.items():
            self.names.setdefault(value, self.names[state])

    def text(self) -> str:
        kernels = sum(isinstance(step, Kernel) for step in self.program.steps)
        calls = sum(isinstance(step, Call) for step in self.program.steps)
        back = sum(isinstance(step, Callback) for step in self.program.steps)
        nodes = len(self.graph.nodes)
        lines = [
            f"Numba linker: {_count(nodes, 'node')} in {_count(kernels, 'kernel')}, {_count(calls, 'library call')}, "
            f"{_count(back, 'call')} back into Python"
        ]
        for param in self.program.params:
            kind = "state" if param.is_state else "input"
            lines.append(f"{kind} {self.name(param)}: {self.type(param)}")
        for number, step in enumerate(self.program.steps):
            lines.extend(self.step(number, step))
        lines.extend(f"return {self.name(storage_of(value))}: {self.type(value)}" for value in self.program.outputs)
        lines.extend(self.memory())
        return "\n".join(lines)

    # ------------------------------------------------------------------ names
    def name(self, value: Value) -> str:
        value = storage_of(value)
        known = self.names.get(value)
        if known is None:
            letter = "constant" if isinstance(value, Const) else "t"
            known = self.names[value] = f"{letter}{len(self.names)}"
        return known

    def sizes(self, dims: Iterable[Expr]) -> str:
        return ", ".join(map(self.expr, dims))

    def type(self, value: Value) -> str:
        generator = storage_of(value).generator
        return f"{value.dtype}[{self.sizes(value.dims)}]" if generator is None else f"state of {generator}"

    def expr(self, root: Expr) -> str:
        for expr in walk((root,)):
            if expr not in self._expressions:
                self._expressions[expr] = self._one(expr)
        return self._expressions[root]

    def _named(self, roots: Iterable[Expr], drawn: Collection[Expr]) -> list[str]:
        """Lines that give names to what `roots` use more than once; what is `drawn` has one already."""
        uses: dict[Expr, int] = {}
        order = walk(roots)
        for expr in order:
            for arg in expr.args:
                uses[arg] = uses.get(arg, 0) + 1
        lines = []
        for expr in order:
            text = self.expr(expr)
            if expr.op in ("const", "axis", "dim", "load", "row") or not expr.axes or expr.dtype == "int64":
                continue
            if expr in drawn:
                continue
            if uses.get(expr, 0) > 1 or len(text) > _WIDTH:
                name = f"v{self._locals}"
                self._locals += 1
                lines.append(f"{name} = {text}")
                self._expressions[expr] = name
        return lines

    def _one(self, expr: Expr) -> str:
        args = [self._expressions[arg] for arg in expr.args]
        if expr.op == "const":
            return repr(expr.attr)
        if expr.op == "axis":
            return repr(expr.attr)
        if expr.op == "dim":
            return f"{self.name(expr.attr[0])}.shape[{expr.attr[1]}]"
        if expr.op == "stride":
            return f"{self.name(expr.attr[0])}.stride[{expr.attr[1]}]"
        if expr.op == "load":
            return f"{self.name(expr.attr)}[{', '.join(args)}]"
        if expr.op == "cast":
            return f"{expr.dtype}({args[0]})"
        if expr.op in _INFIX and len(args) == 2:
            return f"({args[0]} {_INFIX[expr.op]} {args[1]})"
        if expr.op == "draw":
            spec = expr.attr
            return f"{spec.name}({', '.join([self.name(spec.state.source), *args[: spec.parameters]])})"
        return f"{expr.op}({', '.join(args)})"

    # ------------------------------------------------------------------ steps
    def step(self, number: int, step: Step) -> list[str]:
        if isinstance(step, Kernel):
            return self.kernel(number, step)
        if isinstance(step, Guard):
            kind = step.kind if step.detail is None else f"{step.kind}, dimension {step.detail}"
            return [f"{number}: check {self.expr(step.condition)}  # {kind}{self.where((step.node,))}"]
        if isinstance(step, Begin):
            if step.target.base is None or step.target in self.plan.in_place_builds:
                base = "new" if step.target.base is None else f"in place of {self.name(step.target.base)}"
            else:
                base = f"copy of {self.name(step.target.base)}"
            return [f"{number}: {self.name(step.target)} = {base}"]
        if isinstance(step, Commit):
            return [f"{number}: {self.name(step.state)}[...] = {self.name(step.source)}"]
        if isinstance(step, Call):
            operands = ", ".join(
                f"{self.name(view.value)}[{', '.join(map(self.expr, view.indices))}]"
                for view in self.program.operands[step]
            )
            results = self.name(step)
            if isinstance(step, DrawCall):
                operands = ", ".join(filter(None, (self.name(step.state.source), operands)))
                results = f"{results}, {self.name(step.state)}"
            return [f"{number}: {results} = {step.routine}({operands}){self.where((step.node,))}"]
        arguments = ", ".join(map(self.name, step.arguments))
        results = ", ".join(map(self.name, step.outputs))
        return [
            f"{number}: {results} = call back {self.graph.nodes[step.node].op}({arguments}){self.where((step.node,))}"
        ]

    def kernel(self, number: int, kernel: Kernel) -> list[str]:
        ops = ", ".join(str(self.graph.nodes[n].op) for n in kernel.nodes if n >= 0)
        if kernel.rows:
            lines = [f"{number}: kernel row by row, {self.loops(kernel.rows)}  # {ops}"]
            for stage in kernel.stages:
                if stage.axes:
                    lines.append(f"    for {self.loops(stage.axes)}")
                indent = "        " if stage.axes else "    "
                lines.extend(indent + line for line in self.stage(stage))
        else:
            lines = [f"{number}: kernel for {self.loops(kernel.axes) or 'one point'}  # {ops}"]
            lines.extend("    " + line for line in self.stage(kernel.stages[0]))
        read, written = self.traffic(kernel)
        lines.append(f"    # a point reads {read} and writes {written} bytes{self.where(kernel.nodes)}")
        return lines

    def stage(self, stage: Stage) -> list[str]:
        lines = []
        draws = [statement for statement in stage.statements if isinstance(statement, Draw)]
        for draw in draws:
            text = self.expr(draw.body)
            self._expressions[draw.body] = name = f"v{self._locals}"
            self._locals += 1
            lines.append(f"{name}, {self.name(draw.target)} = {text}")
        lines.extend(self._named((s.body for s in stage.statements), {draw.body for draw in draws}))
        for statement in stage.statements:
            if isinstance(statement, Draw):
                continue
            target = f"{self.name(statement.target)}[{self.sizes(statement.indices)}]"
            if isinstance(statement, Write):
                sign = "=" if statement.mode == "set" else f"{_INFIX.get(statement.mode, statement.mode)}="
                lines.append(f"{target} {sign} {self.expr(statement.body)}")
                continue
            if statement.forward is not None:
                self._expressions[statement.forward] = name = f"r{self._locals}"
                self._locals += 1
                target = f"{name} = {target}" if statement.stored else name
            lines.append(f"{target} = {statement.monoid} of {self.expr(statement.body)}")
        return lines

    def loops(self, axes: Iterable[Axis]) -> str:
        return ", ".join(f"{axis!r} < {self.expr(axis.size)}" for axis in axes)

    def traffic(self, kernel: Kernel) -> tuple[int, int]:
        loads = {expr for expr in walk(s.body for s in kernel.statements) if expr.op == "load" and expr.axes}
        made = {s.target for s in kernel.statements}
        # what a row is read for again is in the cache
        arrays = {(expr.attr if kernel.rows else expr): expr for expr in loads if expr.attr not in made}
        full = [s for s in kernel.statements if isinstance(s, Write) and not isinstance(s.target, Row)]
        return sum(ITEMSIZE[e.dtype] for e in arrays.values()), sum(ITEMSIZE[s.target.dtype] for s in full)

    def where(self, nodes: Iterable[int]) -> str:
        found = dict.fromkeys(str(self.graph.nodes[n].origin) for n in nodes if n >= 0 and self.graph.nodes[n].origin)
        return "".join(f"\n    # at {origin}" for origin in found)

    # ----------------------------------------------------------------- memory
    def memory(self) -> list[str]:
        lines = []
        places: dict[Place, list[Value]] = {}
        for value, place in self.plan.places.items():
            if not isinstance(value, Param | Const):
                places.setdefault(place, []).append(value)
        for place, values in places.items():
            names = ", ".join(self.name(value) for value in values)
            size = "" if place.size is None else f", {self.expr(place.size)} bytes"
            kind = f"state {self.name(place.detail)}" if place.kind == "param" else place.kind
            why = "; ".join(dict.fromkeys(self.program.reasons[v] for v in values if v in self.program.reasons))
            lines.append(f"memory of {names}: {kind}{size}{f'  # {why}' if why else ''}")
        return lines


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
