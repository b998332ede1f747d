"""Nodes without a lowering: their `perform`, called from machine code.

The code calls one C function with the number of its program, the number of the callback, its frame (which tells calls
apart) and a block of words: address and sizes of each argument, then room for those of each output.  Outputs stay alive
here until the call of the program ends.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aesaralite.graph.frozen import FrozenGraph, FrozenNode
from aesaralite.tensor.random.type import RandomGeneratorType
from aesaralite.tensor.tensor_type import TensorType

from .generators import FORMS, UnknownGenerator, generator_of, kind_of, words_of

SYMBOL = "aesaralite_callback"
_FORM = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p, ctypes.c_void_p)

_lock = threading.Lock()
_tables: list[CallbackTable] = []
_alive: dict[int, list[np.ndarray]] = {}
_raised = threading.local()


@dataclass(frozen=True)
class CallbackNode:
    """A node that is called back: its index in the graph, and the class of the bit generators that it works with."""

    index: int
    generator: str


class CallbackTable:
    """The callbacks of one program."""

    def __init__(self, graph: FrozenGraph, nodes: Sequence[CallbackNode]) -> None:
        self.graph = graph
        self.nodes = [graph.nodes[node.index] for node in nodes]
        self.generators = [node.generator for node in nodes]

    def call(self, number: int, frame: int, words: int) -> None:
        node, generator = self.nodes[number], self.generators[number]
        position = 0
        inputs: list[Any] = []
        for value in node.inputs:
            kind = self.graph.variables[value].type
            if isinstance(kind, RandomGeneratorType):
                inputs.append(generator_of(_record(words, position, generator), generator))
                position += 2
                continue
            if value in self.graph.constants and not _is_array(kind):
                inputs.append(self.graph.constants[value].data)
                continue
            inputs.append(_view(words, position, kind))
            position += 1 + _ndim(kind)
        cells: list[list[Any]] = [[None] for _ in node.outputs]
        try:
            node.op.perform(node.apply, inputs, cells)
        except BaseException as error:  # Ctrl-C, too: it may not be lost in C code
            _raised.value = (node, error, [np.array(x) if isinstance(x, np.ndarray) else x for x in inputs])
            raise
        for value, cell in zip(node.outputs, cells, strict=True):
            kind = self.graph.variables[value].type
            if isinstance(kind, RandomGeneratorType):
                result = _words(node, cell[0], generator)
            else:
                result = np.require(cell[0], dtype=kind.dtype, requirements=["C", "A"])
            _alive.setdefault(frame, []).append(result)
            block = (ctypes.c_int64 * (1 + result.ndim)).from_address(words + 8 * position)
            block[0] = result.ctypes.data
            for k, size in enumerate(result.shape):
                block[1 + k] = size
            position += 1 + result.ndim


def _record(words: int, position: int, generator: str) -> np.ndarray:
    """The state of a generator among the arguments."""
    address = ctypes.c_int64.from_address(words + 8 * position).value
    return np.ctypeslib.as_array((ctypes.c_uint64 * FORMS[generator].words).from_address(address))


def _words(node: FrozenNode, result: np.random.Generator, generator: str) -> np.ndarray:
    try:
        if kind_of(result) != generator:
            raise UnknownGenerator(f"a generator of {kind_of(result)}, where {generator} was expected")
        return words_of(result)
    except UnknownGenerator as error:
        problem = TypeError(f"{node.op} gave {error}: the Numba linker can't go on with it; use linker='py'")
        _raised.value = (node, problem, [])
        raise problem from None


def _is_array(kind: Any) -> bool:
    return hasattr(kind, "dtype")


def _ndim(kind: Any) -> int:
    return kind.ndim if isinstance(kind, TensorType) else 0


def _view(words: int, position: int, kind: Any) -> Any:
    """The argument, as an array that may not be written."""
    ndim = _ndim(kind)
    block = (ctypes.c_int64 * (1 + ndim)).from_address(words + 8 * position)
    shape = tuple(block[1 : 1 + ndim])
    dtype = np.dtype(kind.dtype)
    size = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
    if size == 0:
        array = np.empty(shape, dtype)
    else:
        array = np.frombuffer((ctypes.c_char * size).from_address(block[0]), dtype).reshape(shape)
    array.flags.writeable = False
    return array if isinstance(kind, TensorType) else array[()]


@_FORM
def _callback(token: int, number: int, frame: int, words: int) -> int:
    if number < 0:
        _alive.pop(frame, None)
        return 0
    try:
        _tables[token].call(number, frame, words)
    except BaseException:
        return 1
    return 0


def register(graph: FrozenGraph, nodes: Sequence[CallbackNode]) -> int:
    """Number that a program with those callbacks gives."""
    import llvmlite.binding as llvm

    with _lock:
        llvm.add_symbol(SYMBOL, ctypes.cast(_callback, ctypes.c_void_p).value)
        _tables.append(CallbackTable(graph, nodes))
        return len(_tables) - 1


def take_raised() -> tuple[FrozenNode, BaseException, list[Any]] | None:
    """What a callback of this thread has raised, once."""
    found = getattr(_raised, "value", None)
    _raised.value = None
    return found
