"""Pickling without recursion.

A chain of nodes pickled the ordinary way recurses once a node. Here the first variable or node of a
graph that the pickler meets brings along a stream of all nodes before it, in topological order. The
pickler takes them one by one, so that each refers only to what it has already seen; identity is the
pickler's own memo, and holds across everything in one pickle (and in one ``copy.deepcopy``).

A shared variable's default update mostly depends on the variable itself. So it's not part of the
variable's state where the variable is met inside a stream, but follows at the stream's end.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aesaralite.graph.toposort import general_toposort

if TYPE_CHECKING:
    from aesaralite.graph.variable import Apply, Variable


class _Active(threading.local):
    def __init__(self) -> None:
        self.nodes: set[Apply] = set()
        # for each open stream, the variables whose default updates are to follow
        self.postponed: list[list[Any]] = []


_active = _Active()


class _NodeStream(list):
    """A list of nodes in topological order that pickles as such.

    Its nodes are *active*, and pickle flatly, from the moment the pickler opens it until it has taken
    the last one (or gives up, and drops the stream).
    """

    def __reduce_ex__(self, protocol: Any) -> Any:
        fresh = frozenset(self) - _active.nodes
        _active.nodes |= fresh
        postponed: list[Any] = []
        _active.postponed.append(postponed)
        close = weakref.finalize(self, _close, fresh, postponed)
        close.atexit = False
        return _NodeStream, (), None, iter([*self, _EndOfStream(close, postponed)])


def _close(nodes: frozenset[Apply], postponed: list[Any]) -> None:
    _active.nodes -= nodes
    _active.postponed = [other for other in _active.postponed if other is not postponed]


class _EndOfStream:
    """The last thing in a stream; to pickle it ends the activity of the stream's nodes."""

    def __init__(self, close: Callable[[], object], postponed: list[Any]):
        self._close = close
        self._postponed = postponed

    def __reduce_ex__(self, protocol: Any) -> Any:
        self._close()
        return _set_default_updates, ([(variable, variable.default_update) for variable in self._postponed],)


def _set_default_updates(pairs: list[tuple[Any, Variable]]) -> None:
    for variable, update in pairs:
        variable.default_update = update


def postpone_default_update(variable: Variable) -> bool:
    """Return whether a variable that is being pickled may leave out its default update, since it will follow."""
    if _active.postponed:
        _active.postponed[-1].append(variable)
    return bool(_active.postponed)


def _nodes_before(node: Apply) -> _NodeStream:
    """Return `node` and the nodes it depends on, in topological order, those now streamed left out."""

    def unstreamed(node: Apply) -> list[Apply]:
        owners = (variable.owner for variable in node.inputs)
        return [owner for owner in owners if owner is not None and owner not in _active.nodes]

    return _NodeStream(general_toposort([node], unstreamed))


def stream_of(nodes: list[Apply]) -> list[Apply]:
    """Return a list of nodes, already in topological order, that pickles without recursion."""
    return _NodeStream(nodes)


def _new_apply(cls: type, op: Any, inputs: list[Variable]) -> Apply:
    node: Any = object.__new__(cls)
    node.op = op
    node.inputs = inputs
    node.outputs = []
    return node


def _restore_apply(stream: list[Any]) -> Apply:
    *_, node, _end = stream
    return node


def _restore_output(node: Apply, index: int) -> Variable:
    return node.outputs[index]


def _new_output(node: Apply, cls: type, index: int) -> Variable:
    variable: Any = object.__new__(cls)
    variable.owner = node
    variable.index = index
    node.outputs.append(variable)
    return variable


def _new_variable(cls: type) -> Variable:
    variable: Any = object.__new__(cls)
    variable.owner = None
    variable.index = None
    return variable


def reduce_apply(node: Apply) -> Any:
    """Return what ``Apply.__reduce_ex__`` returns."""
    if node in _active.nodes:
        state = {key: value for key, value in node.__dict__.items() if key not in ("op", "inputs", "outputs")}
        # the outputs travel in the state, which is saved once the node itself is in the memo
        return _new_apply, (type(node), node.op, list(node.inputs)), (state, list(node.outputs))
    return _restore_apply, (_nodes_before(node),)


def reduce_variable(variable: Variable) -> Any:
    """Return what ``Variable.__reduce_ex__`` returns."""
    owner = variable.owner
    if owner is None:
        return _new_variable, (type(variable),), variable.__getstate__()
    if owner in _active.nodes:
        return _new_output, (owner, type(variable), variable.index), variable.__getstate__()
    return _restore_output, (owner, variable.index)
