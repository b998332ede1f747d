"""One variant of a program: its machine code and its fused function, compiled or taken from the cache."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from aesaralite.graph.frozen import FrozenGraph

from . import callbacks, loading
from .frame import FrameLayout
from .generators import words_of
from .machine import ObjectCode


class Artefact(NamedTuple):
    """What is kept of a compiled variant: enough to run it in another process."""

    code: ObjectCode
    layout: FrameLayout
    constants: dict[str, int]
    callbacks: tuple[callbacks.CallbackNode, ...]
    written: frozenset[int]


class Compiled:
    """A variant that can be called."""

    def __init__(self, graph: FrozenGraph, artefact: Artefact) -> None:
        self.artefact = artefact
        constants = {name: _constant_array(graph.constants[number].data) for name, number in artefact.constants.items()}
        table = callbacks.CallbackTable(graph, artefact.callbacks) if artefact.callbacks else None
        self.loaded = loading.load(artefact.code, constants, table)
        self.call = self.loaded.entry(_raise_left)

    def entry(self, recover: Callable[..., Any]) -> Callable[..., Any]:
        """The program as a Python function of all its arguments, in the graph's order.

        It returns the output, or a list of them if there isn't exactly one; and whatever ``recover(status, *args)``
        returns where it can't.
        """
        return self.loaded.entry(recover)

    @functools.cached_property
    def dispatcher(self) -> Any:
        """The fused njit function: explicit inputs and state in the graph's order; returns the outputs."""
        from numba import njit

        from .fused import make_function

        self.loaded.publish()
        layout = self.artefact.layout
        function = make_function(self.artefact.code.name, layout)
        return njit(nogil=True)(function)


def _constant_array(data: Any) -> np.ndarray:
    return words_of(data) if isinstance(data, np.random.Generator) else np.ascontiguousarray(data)


class Left(Exception):
    """The machine code has left a call, having changed nothing; the argument is the status."""


def _raise_left(status: int, *args: Any) -> Any:
    raise Left(status)


def program_name(key: str) -> str:
    """Symbol of the program with that cache key."""
    return f"aesaralite_{hashlib.sha256(key.encode()).hexdigest()[:24]}"
