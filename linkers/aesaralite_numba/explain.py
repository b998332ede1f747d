"""What a variant's program is, for people: what runs, what was fused and why not more, what is in memory and why, and
where the user wrote it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from aesaralite.compile.explaining.description import (
    UNKNOWN,
    Amount,
    Array,
    Buffer,
    Explanation,
    Separation,
    Work,
    lines_of,
)
from aesaralite.compile.explaining.description import Step as DescribedStep
from aesaralite.compile.linker import CallingPlan
from aesaralite.configdefaults import config
from aesaralite.graph.frozen import FrozenGraph

from .buffers import Place, Plan
from .emit.program import ProgramCode
from .expr import Expr
from .footprint import Footprint
from .frame import LEAVING, RESTART_FUNCTIONAL, RESTART_GENERAL
from .fuse import Fusion
from .ir import Begin, Commit, Kernel, Product, Step, call_of
from .lower.graph import Lowered, lower_graph
from .neighbours import separations
from .numbers import Numbers
from .realise import Inliner
from .values import Call, Callback, Const, DrawCall, Guard, Param, Row, Value, storage_of
from .variant import Variant
from .wording import Wording
from .work import Efforts


def explain(
    graph: FrozenGraph, plan: CallingPlan, variant: Variant, arguments: Sequence[Any] | None = None, copied: int = 0
) -> Explanation:
    """What a variant's program does; or the one that takes the `arguments`, for which `copied` bytes were needed."""
    if arguments is not None:
        while (other := _variant_for(_lowered(graph, plan, variant), variant, arguments)) != variant:
            variant = other
    return describe_variant(graph, plan, variant, arguments, copied)


def describe_variant(
    graph: FrozenGraph, plan: CallingPlan, variant: Variant, arguments: Sequence[Any] | None = None, copied: int = 0
) -> Explanation:
    """What that variant's program does."""
    return _Describer(graph, _lowered(graph, plan, variant), variant.threads, arguments, copied).explanation()


def _lowered(graph: FrozenGraph, plan: CallingPlan, variant: Variant) -> Lowered:
    return lower_graph(graph, len(plan.outputs), plan.updates, frozenset(plan.state), variant)


def _variant_for(lowered: Lowered, variant: Variant, arguments: Sequence[Any]) -> Variant:
    """The variant that takes over from this one, if its checks fail."""
    ctx = lowered.ctx
    numbers = Numbers(Inliner(ctx.e, ctx.rebuild, set()), arguments)
    for guard in ctx.guards:
        if guard.kind in LEAVING and numbers.of(guard.condition) is False:
            if LEAVING[guard.kind] == RESTART_GENERAL:
                return variant._replace(optimistic=False)
            if LEAVING[guard.kind] == RESTART_FUNCTIONAL:
                return variant._replace(in_place=False)
    return variant


class _Describer:
    def __init__(
        self, graph: FrozenGraph, lowered: Lowered, threads: int, arguments: Sequence[Any] | None, copied: int
    ) -> None:
        self.graph = graph
        self.fusion = Fusion(lowered.ctx, lowered.outputs, lowered.updates)
        self.program = program = self.fusion.program()
        self.e = lowered.ctx.e
        self.plan = Plan(lowered.ctx, program, threads)
        self.copied = copied
        self.numbers = Numbers(Inliner(self.e, lowered.ctx.rebuild, program.inlined), arguments)
        self.efforts = Efforts(self.e, program, self.plan)
        code = ProgramCode(lowered.ctx, program, self.plan, "explained", config.numba__fastmath, threads)
        self.footprint = Footprint(self.e, program, self.plan, code.kernels, self.numbers)
        self.wording = Wording(self._first_names(), self.numbers)

    def _first_names(self) -> dict[Value, str]:
        """Names of the values that the user knows."""
        names: dict[Value, str] = {}
        taken: set[str] = set()
        for k, param in enumerate(self.program.params):
            name = self.graph.variables[self.graph.inputs[k]].name or f"input{k}"
            while name in taken:
                name += "_"
            taken.add(name)
            names[param] = name
        for k, value in enumerate(self.program.outputs):
            names.setdefault(storage_of(value), f"output{k}")
        for value, state in self.program.in_place.items():
            names.setdefault(value, names[state])
        return names

    def explanation(self) -> Explanation:
        program, name = self.program, self.wording.name
        kernels = sum(isinstance(step, Kernel) for step in program.steps)
        calls = sum(call_of(step) is not None for step in program.steps)
        back = sum(isinstance(step, Callback) for step in program.steps)
        title = (
            f"Numba linker: {_count(len(self.graph.nodes), 'node')} in {_count(kernels, 'kernel')}, "
            f"{_count(calls, 'library call')}, {_count(back, 'call')} back into Python"
        )
        arrays = [
            Array("state" if param.is_state else "input", name(param), self.wording.type(param))
            for param in program.params
        ]
        steps = [self._step(number, step) for number, step in enumerate(program.steps)]
        outputs = [Array("output", name(storage_of(value)), self.wording.type(value)) for value in program.outputs]
        reasons = separations(self.fusion, program, self.plan)
        peak, parts = self._peak()
        return Explanation(
            title,
            tuple(arrays),
            tuple(outputs),
            tuple(steps),
            tuple(Separation(*pair, why) for pair, why in reasons.items()),
            tuple(self._buffers()),
            peak,
            parts,
            tuple(self._notes(back)),
        )

    def _amount(self, expr: Expr | None) -> Amount:
        if expr is None:
            return UNKNOWN
        return Amount(self.wording.amount(expr), self.numbers.of(expr))

    # ------------------------------------------------------------------ steps
    def _step(self, number: int, step: Step) -> DescribedStep:
        kind, headline, code, nodes = self._told(step)
        effort = self.efforts.of(step)
        work = None
        if effort is not None:
            read, written, operations = map(self._amount, (effort.read, effort.written, effort.operations))
            work = Work(read, written, operations, effort.point)
        reads = sorted(self.program.reads[step], key=lambda value: value.seq)
        writes = [value for value in self.plan.made(step) if not isinstance(value, Row)]
        if isinstance(step, Commit):
            writes = [step.state]
        nodes = [n for n in nodes if n >= 0]
        return DescribedStep(
            number,
            kind,
            headline,
            tuple(code),
            tuple(str(self.graph.nodes[n].op) for n in nodes),
            tuple(dict.fromkeys(map(self.wording.name, reads))),
            tuple(dict.fromkeys(map(self.wording.name, writes))),
            work,
            lines_of(self.graph.nodes[n].origin for n in nodes),
        )

    def _told(self, step: Step) -> tuple[str, str, Sequence[str], Sequence[int]]:
        """Kind, headline, code and nodes of a step."""
        name, expr = self.wording.name, self.wording.expr
        if isinstance(step, Kernel):
            ops = ", ".join(str(self.graph.nodes[n].op) for n in step.nodes if n >= 0)
            loops, code = self.wording.kernel(step)
            return "kernel", f"kernel {loops}  # {ops}", code, step.nodes
        if isinstance(step, Guard):
            kind = step.kind if step.detail is None else f"{step.kind}, dimension {step.detail}"
            return "check", f"check {expr(step.condition)}  # {kind}", (), (step.node,)
        if isinstance(step, Begin):
            if step.base is None or step.target in self.plan.in_place:
                base = "new" if step.base is None else f"in place of {name(step.base)}"
            else:
                base = f"copy of {name(step.base)}"
            return "copy", f"{name(step.target)} = {base}", (), ()
        if isinstance(step, Commit):
            return "copy", f"{name(step.state)}[...] = {name(step.source)}", (), ()
        if isinstance(step, Product):
            factor = "" if step.factor.is_one else f"{expr(step.factor)}*"
            headline = f"{name(step.target)} = {factor}{step.call.routine}({self._operands(step.call)})"
            if step.adds:
                headline += f" added to {name(step.target)}"
            return "call", headline, (), (step.call.node, step.target.node)
        if isinstance(step, Call):
            operands, results = self._operands(step), name(step)
            if isinstance(step, DrawCall):
                operands = ", ".join(filter(None, (name(step.state.source), operands)))
                results = f"{results}, {name(step.state)}"
            return "call", f"{results} = {step.routine}({operands})", (), (step.node,)
        arguments = ", ".join(map(name, step.arguments))
        results = ", ".join(map(name, step.outputs))
        op = self.graph.nodes[step.node].op
        return "callback", f"{results} = call back {op}({arguments})", (), (step.node,)

    def _operands(self, call: Call) -> str:
        return ", ".join(
            f"{self.wording.name(view.value)}[{', '.join(map(self.wording.expr, view.indices))}]"
            for view in self.program.operands[call]
        )

    # ----------------------------------------------------------------- memory
    def _buffers(self) -> Iterable[Buffer]:
        places: dict[Place, list[Value]] = {}
        for value, place in self.plan.places.items():
            if not isinstance(value, Param | Const):
                places.setdefault(place, []).append(value)
        reasons = self.program.reasons
        for place, values in places.items():
            kind = f"state {self.wording.name(place.detail)}" if place.kind == "param" else place.kind
            yield Buffer(
                tuple(map(self.wording.name, values)),
                kind,
                None if place.size is None else self._amount(place.size),
                "; ".join(dict.fromkeys(reasons[v] for v in values if v in reasons)),
            )

    def _peak(self) -> tuple[Amount, tuple[tuple[str, Amount], ...]]:
        footprint, parts = self.footprint, []
        total = self.e.zero
        labels = {"output": "outputs", "workspace": "workspace", "heap": "temporaries of sizes found on the way"}
        for kind, label in labels.items():
            size = footprint.size_of(kind)
            if size is not self.e.zero:
                total = self.e.add(total, size)
                parts.append((label, Amount(self.wording.amount(size), footprint.number(kind))))
        stretched = footprint.stretched()
        if stretched is not self.e.zero:
            total = self.e.add(total, stretched)
            parts.append(("copies of what is stretched, at most", self._amount(stretched)))
        own = footprint.of_threads()
        if own is not self.e.zero:
            total = self.e.add(total, own)
            parts.append(("what threads add up by themselves, at most", self._amount(own)))
        if self.copied:
            parts.append(("arguments in the layout that the code takes", Amount.exactly(self.copied)))
        total = self.e.add(total, self.e.index(footprint.most_around()))
        number = footprint.peak()
        if number is not None:
            number += self.copied
        return Amount(f"at most {self.wording.amount(total)}", number), tuple(parts)

    def _notes(self, back: int) -> Iterable[str]:
        yield "inputs, state and constants aren't part of it, nor is the stack: " + (
            f"{self.numbers.of(self.footprint.size_of('stack'))} bytes of temporaries"
        )
        if self.plan.workspace:
            yield "the workspace is kept for the next call"
        if back:
            yield "what Python allocates in calls back isn't known"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
