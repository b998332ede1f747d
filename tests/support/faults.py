"""Faults on purpose: exceptions at each place of a graph, and Ctrl-C at each moment of a call."""

from __future__ import annotations

import dis
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from types import CodeType, FrameType
from typing import Any

import numpy as np

import aesaralite.tensor as at
from aesaralite.graph.basic import Apply
from aesaralite.graph.generators import frozen_state, is_generator
from aesaralite.graph.op import Op
from aesaralite.raise_op import Assert
from aesaralite.tensor.tensor_type import TensorType
from aesaralite.testing.cases import GraphCase

# ------------------------------------------------------------------- faults in graphs


class Fault(Exception):
    """What Python code raises that an Op calls."""


def _raise_fault() -> None:
    raise Fault


def _interrupt() -> None:
    signal.raise_signal(signal.SIGINT)


def _run_out_of_memory() -> None:
    np.empty(2**56, "int8")


class Bomb(Op):
    """An Op without a lowering, which returns its first argument, but for one value of the second."""

    __props__ = ("place", "kind")
    kinds = {"exception": _raise_fault, "interrupt": _interrupt, "memory": _run_out_of_memory}

    def __init__(self, place: int, kind: str) -> None:
        self.place = place
        self.kind = kind

    def make_node(self, x: Any, place: Any) -> Apply:
        return Apply(self, [x, place], [x.type()])

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: list[list[Any]]) -> None:
        x, place = inputs
        if place == self.place:
            self.kinds[self.kind]()
        output_storage[0][0] = np.array(x) if isinstance(node.inputs[0].type, TensorType) else x


def _asserted(x: Any, place: Any, number: int) -> Any:
    return Assert("a fault")(x, at.neq(place, number))


def _out_of_range(x: Any, place: Any, number: int) -> Any:
    return at.stack([x, x])[at.switch(at.eq(place, number), 7, 1)]


def _misfit(x: Any, place: Any, number: int) -> Any:
    """A specified shape that it hasn't."""
    sizes = [at.switch(at.eq(place, number), x.shape[i] + 1, x.shape[i]) for i in range(x.type.ndim)]
    return at.specify_shape(x, sizes) if sizes else _asserted(x, place, number)


def _not_a_number(x: Any, place: Any, number: int) -> Any:
    if x.type.dtype not in ("float32", "float64"):
        return _asserted(x, place, number)
    distance = at.cast(place - number, x.type.dtype)
    return x * (distance / distance)


def _bomb(kind: str) -> Callable[[Any, Any, int], Any]:
    return lambda x, place, number: Bomb(number, kind)(x, place)


FAULTS: dict[str, tuple[Callable[[Any, Any, int], Any], type[BaseException]]] = {
    "assertion": (_asserted, AssertionError),
    "index": (_out_of_range, IndexError),
    "shape": (_misfit, AssertionError),
    "nan": (_not_a_number, AssertionError),
    "exception": (_bomb("exception"), Fault),
    "interrupt": (_bomb("interrupt"), KeyboardInterrupt),
    "memory": (_bomb("memory"), MemoryError),
}
"""How a fault is made, and what it raises."""
CALLED_BACK = ("exception", "interrupt", "memory")


@dataclass(frozen=True)
class FaultyCase:
    """A case with a fault at each value that is computed, and at each output and update.

    Attributes
    ----------
    case : GraphCase
        It has one more input, the number of the fault that shall strike.
    raises : list of type
        What each fault raises.
    n_inside : int
        How many faults stand at values; those at outputs and updates follow.
    """

    case: GraphCase
    raises: list[type[BaseException]]
    n_inside: int


def with_faults(case: GraphCase, kinds: Sequence[str]) -> FaultyCase:
    """Put faults, whose kinds take turns, into a case without givens."""
    place = at.lscalar("place")
    raises: list[type[BaseException]] = []

    def faulty(variable: Any) -> Any:
        number = len(raises)
        kind = kinds[number % len(kinds)]
        if not isinstance(variable.type, TensorType) and kind not in CALLED_BACK:
            kind = "exception"
        make, error = FAULTS[kind]
        raises.append(error)
        return make(variable, place, number)

    memo: dict[Any, Any] = {}
    for node in case.nodes:
        made = node.clone_with_new_inputs([memo.get(x, x) for x in node.inputs], strict=False)
        memo.update(zip(node.outputs, map(faulty, made.outputs)))
    n_inside = len(raises)
    outputs = [faulty(memo.get(output, output)) for output in case.outputs]
    updates = [(target, faulty(memo.get(new, new))) for target, new in case.updates]
    return FaultyCase(GraphCase([*case.inputs, place], outputs, case.values, updates), raises, n_inside)


def state_bits(value: Any) -> Any:
    """Something that is equal if and only if no bit of the value differs."""
    if is_generator(value):
        return repr(frozen_state(value))
    array = np.asarray(value)
    return array.dtype.str, array.shape, array.tobytes()


def is_free(function: Any) -> bool:
    """Whether no call has left a lock behind."""
    locks = [container.lock for container in function.input_storage]
    return not any(lock.readers or lock.writers or lock.waiting or lock.mutex._is_owned() for lock in locks)


# ------------------------------------------------------------------- Ctrl-C at each moment
class _Watcher:
    """Counts the moments of a call, and raises KeyboardInterrupt in one of them."""

    def __init__(self, at: int | None) -> None:
        self.at = at
        self.count = 0

    def note(self) -> None:
        self.count += 1
        if self.count == self.at:
            sys.settrace(None)
            sys.setprofile(None)
            raise KeyboardInterrupt


class _Returns(_Watcher):
    """Strikes where Python's functions begin and C functions have returned."""

    def start(self) -> None:
        sys.setprofile(self._see)

    def _see(self, frame: FrameType, event: str, arg: Any) -> None:
        if event in ("call", "c_return") and frame.f_code is not struck.__code__:
            self.note()


class _Instructions(_Watcher):
    """Strikes after instructions that look for signals.

    The exception comes up in the instruction that follows, which must be in the same ``try``: the others are looked at
    by `_Returns`.
    """

    looking = frozenset(map(dis.opmap.get, ("RESUME", "CALL", "CALL_KW", "CALL_FUNCTION_EX", "JUMP_BACKWARD")))

    def start(self) -> None:
        self._last: dict[FrameType, int] = {}
        sys.settrace(self._enter)

    def _enter(self, frame: FrameType, event: str, arg: Any) -> Any:
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        return self._see

    def _see(self, frame: FrameType, event: str, arg: Any) -> Any:
        if event == "return":
            self._last.pop(frame, None)
        elif event == "opcode":
            now, code = frame.f_lasti, frame.f_code
            last = self._last.get(frame)
            self._last[frame] = now
            looks = last is not None and code.co_code[last] in self.looking
            if looks and _handler(code, last) == _handler(code, now):
                self.note()
        return self._see


@cache
def _handlers(code: CodeType) -> list[tuple[int, int, int]]:
    return [(entry.start, entry.end, entry.target) for entry in dis._parse_exception_table(code)]


def _handler(code: CodeType, position: int) -> int | None:
    return next((target for start, end, target in _handlers(code) if start <= position < end), None)


def struck(call: Callable[[], Any], watcher: _Watcher) -> bool:
    """Make a call that is watched; return whether it was interrupted."""
    tracer, profiler = sys.gettrace(), sys.getprofile()
    try:
        watcher.start()
        call()
    except KeyboardInterrupt:
        return True
    finally:
        sys.setprofile(profiler)
        sys.settrace(tracer)
    return False


def interruptions(call: Callable[[], Any], limit: int | None = None) -> Iterator[bool]:
    """Interrupt a call at each of its moments, again and again; tells whether Ctrl-C came up.

    Parameters
    ----------
    call
        What to call.
    limit
        How many moments to strike, of a call that doesn't end otherwise.
    """
    for kind in (_Returns, _Instructions):
        if limit is None:
            counter = kind(None)
            struck(call, counter)
            yield False
        for at_moment in range(1, 1 + (counter.count if limit is None else limit)):
            watcher = kind(at_moment)
            came_up = struck(call, watcher)
            assert came_up == (watcher.count >= at_moment), "an interrupt was swallowed"
            yield came_up
