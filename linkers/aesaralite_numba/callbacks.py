"""Nodes without a lowering: their `perform`, called from machine code.

The code calls one C function with the number of its program, the number of the callback, its frame (which tells calls
apart) and a block of words: address and sizes of each argument, then room for those of each output.  Outputs stay alive
here until the call of the program ends.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from aesaralite.graph.frozen import FrozenGraph, FrozenNode
from aesaralite.tensor.tensor_type import TensorType

SYMBOL = "aesaralite_callback"
_FORM = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p, ctypes.c_void_p)

_lock = threading.Lock()
_tables: list[CallbackTable] = []
_alive: dict[int, list[np.ndarray]] = {}
_raised = threading.local()


class CallbackTable:
    """The callbacks of one program."""

    def __init__(self, graph: FrozenGraph, nodes: Sequence[int]) -> None:
        self.graph = graph
        self.nodes = [graph.nodes[index] for index in nodes]

    def call(self, number: int, frame: int, words: int) -> None:
        node = self.nodes[number]
        position = 0
        inputs: list[Any] = []
        for value in node.inputs:
            if value in self.graph.constants and not _is_array(self.graph.variables[value].type):
                inputs.append(self.graph.constants[value].data)
                continue
            kind = self.graph.variables[value].type
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
            result = np.require(cell[0], dtype=kind.dtype, requirements=["C", "A"])
            _alive.setdefault(frame, []).append(result)
            block = (ctypes.c_int64 * (1 + result.ndim)).from_address(words + 8 * position)
            block[0] = result.ctypes.data
            for k, size in enumerate(result.shape):
                block[1 + k] = size
            position += 1 + result.ndim


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


def register(graph: FrozenGraph, nodes: Sequence[int]) -> int:
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
