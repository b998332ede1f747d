"""Nodes without a lowering: their `perform`, called from machine code.

The code calls its program's :class:`CallbackTable` (:mod:`.emit.callbacks`) with the number of the callback and a block
of words: address and sizes of each argument, then room for those of each output.  It holds on to the outputs, which are
returned, until the call of the program ends.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from aesaralite.graph.frozen import FrozenGraph, FrozenNode
from aesaralite.graph.provenance import warn_user
from aesaralite.tensor.random.type import RandomGeneratorType
from aesaralite.tensor.tensor_type import TensorType

from .generators import FORMS, UnknownGenerator, generator_of, kind_of, words_of

_raised = threading.local()


class CallbackNode(NamedTuple):
    """A node that is called back: its position in the graph, and the class of the bit generators that it works with."""

    position: int
    generator: str


class CallbackTable:
    """The callbacks of one program."""

    def __init__(self, graph: FrozenGraph, nodes: Sequence[CallbackNode]) -> None:
        self.graph = graph
        self.nodes = [graph.nodes[node.position] for node in nodes]
        self.generators = [node.generator for node in nodes]

    def __call__(self, number: int, words: int) -> list[np.ndarray] | None:
        """Run a node; gives its outputs, or None if it raised, which `take_raised` tells of."""
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
            results = [self._result(value, cell[0], generator) for value, cell in zip(node.outputs, cells, strict=True)]
        except BaseException as error:  # Ctrl-C, too: it shall be told where it struck
            _raised.value = (node.index, error, [np.array(x) if isinstance(x, np.ndarray) else x for x in inputs])
            return None
        for result in results:
            block = (ctypes.c_int64 * (1 + result.ndim)).from_address(words + 8 * position)
            block[0] = result.ctypes.data
            for k, size in enumerate(result.shape):
                block[1 + k] = size
            position += 1 + result.ndim
        return results

    def _result(self, number: int, result: Any, generator: str) -> np.ndarray:
        """An output as machine code takes it."""
        kind = self.graph.variables[number].type
        if not isinstance(kind, RandomGeneratorType):
            return np.require(result, dtype=kind.dtype, requirements=["C", "A"])
        try:
            own = kind_of(result)
        except UnknownGenerator as error:
            own = str(error)
        if own != generator:
            raise TypeError(
                f"The result is a generator of {own}, where one of {generator} was expected: the Numba linker can't go "
                "on with it. Use linker='py'."
            )
        return words_of(result)


def _record(words: int, position: int, generator: str) -> np.ndarray:
    """The state of a generator among the arguments."""
    address = ctypes.c_int64.from_address(words + 8 * position).value
    return np.ctypeslib.as_array((ctypes.c_uint64 * FORMS[generator].words).from_address(address))


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


def take_raised() -> tuple[int, BaseException, list[Any]] | None:
    """What a callback of this thread has raised, once: the node's index, the error, the node's inputs."""
    found = getattr(_raised, "value", None)
    _raised.value = None
    return found


_warned: set[str] = set()


def warn_of_callbacks(nodes: Sequence[FrozenNode]) -> None:
    """One warning for each Op that is called back, once a process."""
    new: Mapping[str, FrozenNode] = {str(node.op): node for node in nodes if str(node.op) not in _warned}
    for name, node in new.items():
        _warned.add(name)
        where = f" (built at {node.origin})" if node.origin is not None else ""
        warn_user(
            f"The Numba linker has no lowering for {name}{where}: its perform is called from the compiled code, which "
            "takes the interpreter's lock and is slower"
        )
