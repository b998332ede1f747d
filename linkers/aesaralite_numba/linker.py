"""The linker: programs from the cache, or from the compiler."""

from __future__ import annotations

import os
import sys

from aesaralite.compile.linker import CallingPlan, Linker, Program, get_linker
from aesaralite.configdefaults import config
from aesaralite.graph.frozen import FrozenGraph
from aesaralite.graph.provenance import warn_user

from . import cache
from .callbacks import warn_of_callbacks
from .compiled import Artefact, Compiled, program_name
from .program import NumbaProgram
from .variant import UnsupportedType, Variant


class NumbaLinker(Linker):
    """Compiles a whole graph to one fused function of machine code.

    Parameters
    ----------
    threads
        How many may do the work of a large kernel: 1 for none but the caller.  By default ``config.numba__parallel``
        and ``config.numba__threads`` say it when a function is made.  A kernel is split only where each thread has at
        least 0.25 ms of arithmetic to do.  Results are the same in each run with the same number of threads; only
        sums over the outermost loop depend on that number, in their last bits.

    Raises
    ------
    ValueError
        If `threads` isn't a positive integer.
    NotImplementedError
        If there are to be several on a system without POSIX threads.
    """

    name = "numba"

    def __init__(self, threads: int | None = None) -> None:
        if threads is not None and (not isinstance(threads, int) or threads < 1):
            raise ValueError(f"The number of threads must be a positive integer, got {threads!r}")
        self.threads = threads

    def link(self, graph: FrozenGraph, plan: CallingPlan) -> Program:
        threads = _configured_threads() if self.threads is None else self.threads
        if threads > 1 and sys.platform == "win32":
            raise NotImplementedError(
                "Kernels can't be done by several threads on Windows yet: numba__parallel = False"
            )
        try:
            return NumbaProgram(graph, plan, lambda variant: compile_variant(graph, plan, variant), threads)
        except UnsupportedType as error:
            if config.numba__strict:
                raise
            warn_user(f"The Numba linker has no values of type {error}; the Python linker runs this function")
            return get_linker("py").link(graph, plan)


def _configured_threads() -> int:
    if not config.numba__parallel:
        return 1
    if config.numba__threads is not None:
        return config.numba__threads
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def compile_variant(graph: FrozenGraph, plan: CallingPlan, variant: Variant) -> Compiled:
    """Compile a variant of the graph, or load it."""
    key = cache.key(graph, plan, variant)
    name = program_name(key)
    obstacle = _obstacle(graph)
    if obstacle is not None:
        cache.programs.report_miss(key, obstacle)
    else:
        found = _load(graph, key, name)
        if found is not None:
            return found
    from . import build  # the whole compiler, which programs from the cache don't need

    artefact = build.build(graph, plan, variant, name)
    compiled = Compiled(graph, artefact)
    if obstacle is None:
        cache.programs.save(key, artefact)
    return compiled


def _obstacle(graph: FrozenGraph) -> str | None:
    """Why the graph's program can't be in the cache."""
    if not config.numba__cache:
        return "numba__cache is False"
    if graph.unportable is not None:
        return (
            f"another process couldn't tell what {graph.unportable} is: it's defined in the main program or in a "
            "function, or has no __props__"
        )
    return None


def _load(graph: FrozenGraph, key: str, name: str) -> Compiled | None:
    artefact = cache.programs.load(key, Artefact)
    if artefact is None:
        return None
    if artefact.code.name != name:
        cache.programs.report_miss(key, "the file holds another program")
        return None
    if artefact.callbacks and config.numba__strict:
        cache.programs.report_miss(key, "numba__strict is True, and the program calls Python back")
        return None
    try:
        found = Compiled(graph, artefact)
    except ImportError as error:
        cache.programs.report_miss(key, f"it calls what this version of a library doesn't have: {error}")
        return None
    warn_of_callbacks([graph.nodes[node.position] for node in artefact.callbacks])
    return found
