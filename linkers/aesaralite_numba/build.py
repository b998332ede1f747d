"""The compiler: from a frozen graph to machine code, through every stage."""

from __future__ import annotations

from aesaralite.compile.linker import CallingPlan
from aesaralite.configdefaults import config
from aesaralite.graph.frozen import FrozenGraph

from . import machine
from .buffers import Plan
from .callbacks import CallbackNode, warn_of_callbacks
from .compiled import Artefact
from .emit.entry import build_entry
from .emit.program import ProgramCode
from .fuse import fuse
from .generators import GENERATOR_CLASS
from .lower.graph import lower_graph
from .numpy_code import LOOP_PREFIX
from .variant import Variant


def build(
    graph: FrozenGraph, plan: CallingPlan, variant: Variant, name: str, emit: type[ProgramCode] = ProgramCode
) -> Artefact:
    """Lower, fuse, plan buffers, emit, compile."""
    lowered = lower_graph(graph, len(plan.outputs), plan.updates, frozenset(plan.state), variant)
    warn_of_callbacks(lowered.called_back)
    program = fuse(lowered.ctx, lowered.outputs, lowered.updates)
    places = Plan(lowered.ctx, program, variant.threads)
    code = emit(lowered.ctx, program, places, name, config.numba__fastmath, variant.threads)
    written = _written(plan, variant)
    build_entry(code.module, name, code.layout, written)
    symbols = [f.name for f in code.module.functions if f.is_declaration]
    symbols.extend(name for name in code.module.globals if name == GENERATOR_CLASS or name.startswith(LOOP_PREFIX))
    return Artefact(
        machine.compile_module(name, str(code.module), symbols),
        code.layout,
        {symbol: const.number for symbol, const in code.constants.items()},
        tuple(CallbackNode(callback.node, callback.generator) for callback in lowered.ctx.callbacks),
        written,
    )


def _written(plan: CallingPlan, variant: Variant) -> frozenset[int]:
    return frozenset(place for _, place in plan.updates) if variant.in_place else frozenset()
