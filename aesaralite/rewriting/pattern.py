"""Patterns written as nested tuples: ``(add, (mul, "x", 2), {"pattern": "y", "constraint": is_vector})``.

A tuple is an Op with its arguments, a string is a variable of the pattern, a number or a constant is itself, and a
dictionary is a pattern under a condition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from numbers import Number
from typing import TYPE_CHECKING, Any

import numpy as np

from aesaralite.graph.arguments import described
from aesaralite.graph.op import Op
from aesaralite.graph.variable import Apply, Constant, Variable
from aesaralite.rewriting.base import NodeRewriter

if TYPE_CHECKING:
    from aesaralite.graph.fg import FunctionGraph


class PatternNodeRewriter(NodeRewriter):
    """Replaces what matches one pattern by another.

    Parameters
    ----------
    in_pattern
        What to look for; a tuple. Its first entry is the Op, or the class of Ops.
    out_pattern
        What to put there: a tuple, the name of a variable of `in_pattern`, a constant, or a function of the matched
        variables ``f(fgraph, node, **variables)``.
    allow_multiple_clients
        Whether the inner nodes of the match may have other users. If they may, they stay, and the graph may grow.
    name
        A name for reports.
    tracks
        The Ops whose nodes are looked at, if not that of `in_pattern`; `get_nodes` then finds the nodes to match.
    get_nodes
        ``f(fgraph, node)`` gives the nodes at which a match may begin, for a node of one of the Ops in `tracks`.
    values_eq_approx
        Accepted because Aesara has it.

    Raises
    ------
    TypeError
        If `in_pattern` isn't a tuple that begins with an Op.

    Examples
    --------
    >>> PatternNodeRewriter((add, "x", "x"), (mul, 2, "x"))
    """

    def __init__(
        self,
        in_pattern: Sequence[Any] | dict[str, Any],
        out_pattern: Any,
        allow_multiple_clients: bool = False,
        name: str | None = None,
        tracks: Sequence[Op | type[Op]] = (),
        get_nodes: Callable[[FunctionGraph, Apply], Iterable[Any]] | None = None,
        values_eq_approx: Any = None,
    ):
        self.in_pattern = in_pattern
        self.out_pattern = out_pattern
        self.values_eq_approx = values_eq_approx
        self.allow_multiple_clients = allow_multiple_clients
        head = in_pattern.get("pattern") if isinstance(in_pattern, dict) else in_pattern
        if not isinstance(head, (list, tuple)) or not head or not _is_op_or_class(head[0]):
            raise TypeError(f"The pattern to search for must be a tuple that begins with an Op, not {in_pattern!r}.")
        self.op = head[0]
        if get_nodes is not None and not tracks:
            raise ValueError("With `get_nodes`, `tracks` must say whose nodes it's called with.")
        self._tracks = list(tracks) or [self.op]
        self.get_nodes = get_nodes
        self.name = name or f"{pattern_text(in_pattern)} -> {pattern_text(out_pattern)}"

    def tracks(self) -> list[Op | type[Op]]:
        return self._tracks

    def transform(self, fgraph: FunctionGraph, node: Apply, get_nodes: bool = True) -> Any:
        if get_nodes and self.get_nodes is not None:
            for start in self.get_nodes(fgraph, node):
                if not isinstance(start, Apply):
                    continue
                result = self.transform(fgraph, start, get_nodes=False)
                if result:
                    return dict(zip(start.outputs, result))
            return False
        output = node.out if len(node.outputs) > 1 else node.outputs[0]
        bound: dict[str, Variable] = {}
        if not self._matches(fgraph, self.in_pattern, output, bound, root=True):
            return False
        new = _build(fgraph, node, self.out_pattern, bound)
        if not output.type.is_super(new.type):
            try:
                new = output.type.filter_variable(new, allow_convert=True)
            except (TypeError, ValueError):
                return False
        return [new if old is output else None for old in node.outputs]

    def _matches(
        self, fgraph: FunctionGraph, pattern: Any, variable: Variable, bound: dict[str, Variable], root: bool = False
    ) -> bool:
        if isinstance(pattern, str):
            known = bound.setdefault(pattern, variable)
            return known is variable or _same_constant(known, variable)
        if isinstance(pattern, dict):
            inner = pattern["pattern"]
            constraint = pattern.get("constraint")
            return self._matches(fgraph, inner, variable, bound, root) and (
                constraint is None or bool(constraint(variable))
            )
        if isinstance(pattern, (list, tuple)):
            node = variable.owner
            if node is None or not _is_application(node.op, pattern[0]) or len(node.inputs) != len(pattern) - 1:
                return False
            if not root and not self.allow_multiple_clients and len(fgraph.clients[variable]) > 1:
                return False
            return all(self._matches(fgraph, part, arg, bound) for part, arg in zip(pattern[1:], node.inputs))
        if isinstance(pattern, Constant):
            return _same_constant(pattern, variable)
        if isinstance(pattern, Variable):
            return pattern is variable
        if isinstance(pattern, (Number, np.ndarray)):
            return isinstance(variable, Constant) and bool(np.array_equal(variable.data, np.asarray(pattern)))
        raise TypeError(f"{pattern!r} can't be part of a pattern.")

    def __str__(self) -> str:
        return str(self.name)


class SubstitutionNodeRewriter(NodeRewriter):
    """Applies one Op instead of another, to the same inputs.

    Parameters
    ----------
    op1
        The Op to replace.
    op2
        What takes its place. Its outputs must have the same types.
    transfer_tags
        Whether the new outputs get the tags of the old ones.
    """

    retain = True

    def __init__(self, op1: Op, op2: Op, transfer_tags: bool = True):
        self.op1 = op1
        self.op2 = op2
        self.transfer_tags = transfer_tags
        self.name = f"{op1} -> {op2}"

    def tracks(self) -> list[Op]:
        return [self.op1]

    def transform(self, fgraph: FunctionGraph, node: Apply) -> Any:
        if node.op != self.op1:
            return False
        made = self.op2.make_node(*node.inputs)
        if self.transfer_tags:
            for old, new in zip(node.outputs, made.outputs):
                new.tag = old.tag
        return made.outputs


class RemovalNodeRewriter(NodeRewriter):
    """Takes an Op of one input and one output away: its output becomes its input."""

    def __init__(self, op: Op):
        self.op = op
        self.name = f"{op}(x) -> x"

    def tracks(self) -> list[Op]:
        return [self.op]

    def transform(self, fgraph: FunctionGraph, node: Apply) -> Any:
        if node.op != self.op:
            return False
        if len(node.inputs) != 1:
            raise ValueError(f"only an Op of one input can be taken away, and {node.op} has {len(node.inputs)}")
        return node.inputs


def pattern_text(pattern: Any) -> str:
    """Return a pattern as people write it: ``add(mul(x, 2), y)``."""
    if isinstance(pattern, (list, tuple)) and pattern:
        return f"{pattern[0]}({', '.join(map(pattern_text, pattern[1:]))})"
    if isinstance(pattern, dict):
        if "pattern" not in pattern:
            raise ValueError(f"A pattern that is a dict needs an entry 'pattern', got {described(pattern)}")
        constraint = pattern.get("constraint")
        condition = f" if {getattr(constraint, '__name__', constraint)}" if constraint is not None else ""
        return f"{pattern_text(pattern['pattern'])}{condition}"
    return getattr(pattern, "__name__", None) or str(pattern)


def _build(fgraph: FunctionGraph, node: Apply, pattern: Any, bound: dict[str, Variable]) -> Any:
    if isinstance(pattern, str):
        try:
            return bound[pattern]
        except KeyError:
            raise ValueError(f"{pattern!r} is in the replacement, but not in the pattern") from None
    if isinstance(pattern, (list, tuple)):
        # numbers go to the Op as they are, which knows what dtype they get beside its other arguments
        arguments = [p if isinstance(p, (Number, np.ndarray)) else _build(fgraph, node, p, bound) for p in pattern[1:]]
        return pattern[0](*arguments)
    if isinstance(pattern, Variable):
        return pattern
    if callable(pattern):
        return pattern(fgraph, node, **bound)
    return node.outputs[0].type.make_constant(pattern)


def _is_op_or_class(thing: Any) -> bool:
    return isinstance(thing, Op) or (isinstance(thing, type) and issubclass(thing, Op))


def _is_application(op: Op, wanted: Any) -> bool:
    return isinstance(op, wanted) if isinstance(wanted, type) else op == wanted


def _same_constant(a: Variable, b: Variable) -> bool:
    return isinstance(a, Constant) and isinstance(b, Constant) and a.equals(b)
