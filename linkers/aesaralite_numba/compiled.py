"""One variant of a program: its machine code and its fused function, compiled or taken from the cache."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from aesaralite.graph.frozen import FrozenGraph

from . import cache, callbacks, machine
from .frame import FrameLayout
from .fused import make_function, signature


@dataclass
class Artefact:
    """What is kept of a compiled variant: enough to run it in another process."""

    code: machine.ObjectCode
    layout: FrameLayout
    constants: dict[str, int]
    callbacks: tuple[int, ...]
    written: frozenset[int]
    wrapper: Any = None


class Compiled:
    """A variant that can be called.

    Attributes
    ----------
    dispatcher
        The fused njit function: explicit inputs and state in the graph's order; returns the outputs.
    """

    def __init__(self, graph: FrozenGraph, artefact: Artefact) -> None:
        self.artefact = artefact
        self.constants = {
            name: np.ascontiguousarray(graph.constants[number].data) for name, number in artefact.constants.items()
        }
        token = callbacks.register(graph, artefact.callbacks) if artefact.callbacks else None
        self.loaded = machine.load(artefact.code, self.constants)
        if token is not None:
            self.loaded.set_token(token)
        self.dispatcher = self._wrap()

    def _wrap(self) -> Any:
        from numba import njit

        artefact = self.artefact
        function = make_function(artefact.code.name, artefact.layout)
        dispatcher = njit(nogil=True, boundscheck=False)(function)
        arguments = signature(artefact.layout, artefact.written)
        restored = cache.restore_wrapper(artefact.wrapper)
        if restored is None:
            dispatcher.compile(arguments)
            artefact.wrapper = cache.reduce_wrapper(dispatcher.overloads[arguments])
        else:
            dispatcher.add_overload(restored)
        dispatcher.disable_compile()
        return dispatcher


def program_name(key: str) -> str:
    """Symbol of the program with that cache key."""
    return f"aesaralite_{hashlib.sha256(key.encode()).hexdigest()[:24]}"
