"""What is said about an exception that was raised while a compiled graph ran.

The exception that the Op raised goes on to the caller: the same object, so of the same type. It gets a
text that tells the Op, what it was given, and where the user built it. Linkers call `raise_with_op`; the
text doesn't depend on which.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from aesaralite.configdefaults import config
from aesaralite.graph.arguments import expect
from aesaralite.graph.frozen import FrozenGraph, FrozenNode
from aesaralite.graph.traversal import ancestors
from aesaralite.graph.variable import Apply

if TYPE_CHECKING:
    from aesaralite.graph.provenance import Origin

__all__ = ["describe_node", "explain_error", "expression_lines", "raise_with_op"]

_LARGEST_SHOWN = 5  # numbers: what a reader takes in at a glance
_LONGEST_SHOWN = 200  # characters
_DEEPEST_SHOWN = 50  # nodes, in the verbose text

_MARK = "_aesaralite_explained"


def raise_with_op(
    node: FrozenNode | Apply,
    error: BaseException,
    inputs: Sequence[Any] | None = None,
    shapes: Sequence[tuple[int, ...] | None] | None = None,
    graph: FrozenGraph | None = None,
) -> NoReturn:
    """Raise `error` with the details of the node that it comes from.

    Parameters
    ----------
    node
        The node that failed.
    error
        What was raised.
    inputs
        The values of the node's inputs, if they're known.
    shapes
        The shapes of the node's inputs, None where one isn't known, if the values aren't.
    graph
        The graph that the node, a `FrozenNode`, belongs to; for naming who would have used the result.
    """
    raise explain_error(node, error, inputs, shapes, graph)


def explain_error(
    node: FrozenNode | Apply,
    error: BaseException,
    inputs: Sequence[Any] | None = None,
    shapes: Sequence[tuple[int, ...] | None] | None = None,
    graph: FrozenGraph | None = None,
) -> BaseException:
    """Add the details of a node to `error` and return it. The parameters are those of `raise_with_op`.

    An exception that isn't an error (``KeyboardInterrupt``), and one that was explained by an inner graph, stay as
    they are.
    """
    if not isinstance(error, Exception) or getattr(error, _MARK, False):
        return error
    details = describe_node(node, inputs, shapes, graph)
    plain_text = len(error.args) == 1 and isinstance(error.args[0], str) and str(error) == error.args[0]
    if not error.args and not str(error):
        error.args = (details,)
    elif plain_text:
        error.args = (f"{error.args[0]}\n{details}",)
    else:
        error.add_note(details)
    with suppress(AttributeError):  # of a class with __slots__
        setattr(error, _MARK, True)
    return error


def describe_node(
    node: FrozenNode | Apply,
    inputs: Sequence[Any] | None = None,
    shapes: Sequence[tuple[int, ...] | None] | None = None,
    graph: FrozenGraph | None = None,
) -> str:
    """Return the text about a node that failed. The parameters are those of `raise_with_op`."""
    apply = node.apply if isinstance(node, FrozenNode) else expect(node, Apply, "node")
    index = node.index if isinstance(node, FrozenNode) else None
    verbose = config.exception_verbosity == "high"
    if shapes is None and inputs is not None:
        shapes = [getattr(value, "shape", None) for value in inputs]

    lines = [f"Apply node that caused the error: {apply}"]
    if index is not None:
        lines.append(f"Toposort index: {index}")
    lines.append(f"Inputs types: [{', '.join(str(variable.type) for variable in apply.inputs)}]")
    if shapes is not None:
        lines.append(f"Inputs shapes: [{', '.join('No shapes' if s is None else str(tuple(s)) for s in shapes)}]")
    if inputs is not None:
        strides = [getattr(value, "strides", None) for value in inputs]
        lines.append(f"Inputs strides: [{', '.join('No strides' if s is None else str(s) for s in strides)}]")
        lines.append(f"Inputs values: [{', '.join(_shown(value, verbose) for value in inputs)}]")
    if graph is not None and isinstance(node, FrozenNode):
        lines.append(f"Outputs clients: {_clients(node, graph)}")
    lines += _made_at(apply.origin)
    if verbose:
        lines += ["", "Debugprint of the node:", *expression_lines(apply)]
    else:
        lines += [
            "",
            "HINT: With the flag exception_verbosity='high' the values of the inputs, and the graph that computes "
            "them, are shown.",
        ]
    return "\n".join(lines)


def _shown(value: Any, verbose: bool) -> str:
    if not isinstance(value, np.ndarray):
        text = repr(value)
        return text if verbose or len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."
    if value.size > _LARGEST_SHOWN and not verbose:
        return "'not shown'"
    return repr(value)  # NumPy abbreviates what is large


def _clients(node: FrozenNode, graph: FrozenGraph) -> str:
    clients: dict[int, list[str]] = {value: [] for value in node.outputs}
    for other in graph.nodes:
        for value in other.inputs:
            if value in clients:
                clients[value].append(str(other.apply))
    for position, value in enumerate(graph.outputs):
        if value in clients:
            clients[value].append(f"output {position}")
    return "[" + ", ".join(f"[{', '.join(users)}]" for users in clients.values()) + "]"


def _made_at(origin: Origin | None) -> list[str]:
    if origin is None:
        return []
    lines = ["", "The node was made at:", f'  File "{origin.filename}", line {origin.lineno}, in {origin.function}']
    source = origin.source_line()
    if source:
        lines.append(f"    {source}")
    return lines


def expression_lines(apply: Apply) -> list[str]:
    """Return a line for the node and for each of those before it, the nearest first; the first fifty."""
    expect(apply, Apply, "apply")
    lines = [f"  {apply.out if apply.nout == 1 else apply} = {apply}"]
    seen = {apply}
    for variable in ancestors(apply.inputs):
        owner = variable.owner
        if owner is not None and owner not in seen:
            seen.add(owner)
            where = f"  ({owner.origin})" if owner.origin is not None else ""
            lines.append(f"  {variable} = {owner}{where}")
        elif owner is None:
            lines.append(f"  {variable}: {variable.type}")
        if len(lines) > _DEEPEST_SHOWN:
            lines.append("  ...")
            break
    return lines
