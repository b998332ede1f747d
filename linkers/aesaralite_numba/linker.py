"""The linker: from a frozen graph to a program, through every stage."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from aesaralite.compile.linker import CallingPlan, Linker, Program, get_linker
from aesaralite.configdefaults import config
from aesaralite.graph.frozen import FrozenGraph

from . import cache, machine
from .buffers import Plan
from .callbacks import CallbackNode
from .compiled import Artefact, Compiled, program_name
from .emit.entry import build_entry
from .emit.program import ProgramCode
from .fuse import fuse
from .generators import GENERATOR_CLASS
from .lower.graph import Lowered, UnsupportedType, Variant, lower_graph, warn_of_callbacks
from .numpy_code import LOOP_PREFIX
from .program import NumbaProgram


class NumbaLinker(Linker):
    """Compiles a whole graph to one fused function of machine code."""

    name = "numba"

    def link(self, graph: FrozenGraph, plan: CallingPlan) -> Program:
        try:
            return NumbaProgram(graph, plan, lambda variant: compile_variant(graph, plan, variant))
        except UnsupportedType as error:
            if config.numba__strict:
                raise
            warnings.warn(
                f"The Numba linker has no values of type {error}; the Python linker runs this function", stacklevel=2
            )
            return get_linker("py").link(graph, plan)


def lower_variant(graph: FrozenGraph, plan: CallingPlan, variant: Variant) -> Lowered:
    """The graph in terms of values."""
    return lower_graph(graph, len(plan.outputs), plan.updates, frozenset(plan.state), variant)


def compile_variant(graph: FrozenGraph, plan: CallingPlan, variant: Variant) -> Compiled:
    """Compile a variant of the graph, or load it."""
    key = cache.key(graph.digest, _plan_key(plan), variant, config.numba__fastmath)
    name = program_name(key)
    keep = config.numba__cache and graph.portable
    artefact = cache.load(name) if keep else None
    if isinstance(artefact, Artefact) and artefact.code.name == name:
        try:
            found = Compiled(graph, artefact)
        except ImportError:
            pass  # it calls what another version of a library had
        else:
            warn_of_callbacks([graph.nodes[node.index] for node in artefact.callbacks])
            return found
    artefact = build(graph, plan, variant, name)
    compiled = Compiled(graph, artefact)
    if keep:
        cache.save(name, artefact)
    return compiled


def build(graph: FrozenGraph, plan: CallingPlan, variant: Variant, name: str) -> Artefact:
    """Lower, fuse, plan buffers, emit, compile."""
    lowered = lower_variant(graph, plan, variant)
    warn_of_callbacks(lowered.called_back)
    program = fuse(lowered.ctx, lowered.outputs, lowered.updates)
    code = ProgramCode(lowered.ctx, program, Plan(lowered.ctx, program), name, config.numba__fastmath)
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


def _plan_key(plan: CallingPlan) -> Sequence[object]:
    return (
        [(slot.is_state, slot.borrow, slot.mutable) for slot in plan.inputs],
        [slot.borrow for slot in plan.outputs],
        plan.updates,
    )
