"""The linker: programs from the cache, or from the compiler."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from aesaralite.compile.linker import CallingPlan, Linker, Program, get_linker
from aesaralite.configdefaults import config
from aesaralite.graph.frozen import FrozenGraph

from . import cache
from .callbacks import warn_of_callbacks
from .compiled import Artefact, Compiled, program_name
from .program import NumbaProgram
from .variant import UnsupportedType, Variant


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
    from . import build  # the whole compiler, which programs from the cache don't need

    artefact = build.build(graph, plan, variant, name)
    compiled = Compiled(graph, artefact)
    if keep:
        cache.save(name, artefact)
    return compiled


def _plan_key(plan: CallingPlan) -> Sequence[object]:
    return (
        [(slot.is_state, slot.borrow, slot.mutable) for slot in plan.inputs],
        [slot.borrow for slot in plan.outputs],
        plan.updates,
    )
