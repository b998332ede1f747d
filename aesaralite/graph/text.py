"""Graphs as expressions on one line, as `FunctionGraph` is printed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from aesaralite.graph.arguments import as_variables, expect
from aesaralite.graph.variable import Apply, Variable

_PLACE = re.compile("\0(\\d+)\0")


def default_leaf_formatter(leaf: Variable) -> str:
    """Return the text of a variable at which a graph begins."""
    return str(leaf)


def default_node_formatter(node: Apply, args: Sequence[str]) -> str:
    """Return the text of a node, given those of its inputs: ``op(a, b)``."""
    return f"{expect(node, Apply, 'node').op}({', '.join(args)})"


def as_string(
    inputs: Iterable[Variable],
    outputs: Sequence[Variable],
    leaf_formatter: Callable[[Variable], str] = default_leaf_formatter,
    node_formatter: Callable[[Apply, list[str]], str] = default_node_formatter,
) -> list[str]:
    """Return each output as an expression of the inputs.

    A node that is used several times is written out once, as in ``*1 -> exp(x)``, and stands as ``*1``
    everywhere else; ``*1::2`` is its output 2.

    Parameters
    ----------
    inputs, outputs : sequence of Variable
        Where the graph begins and ends.
    leaf_formatter : callable
        Returns the text of a variable at which the graph begins.
    node_formatter : callable
        Returns the text of a node; called with it and the texts of its inputs. These are placeholders
        that have to occur in the result as they are.

    Examples
    --------
    >>> import aesaralite.tensor as at
    >>> from aesaralite.graph.basic import as_string
    >>> x = at.dscalar("x")
    >>> y = at.exp(x)
    >>> as_string([x], [y * y, y])
    ['Elemwise{mul}(*1 -> Elemwise{exp}(x), *1)', '*1']
    """
    given, outputs = set(as_variables(inputs, "inputs")), as_variables(outputs, "outputs")
    numbers = _shared_nodes(given, outputs)
    written: set[Apply] = set()
    texts = []
    for output in outputs:
        pieces: list[str] = []
        pending: list[str | Variable] = [output]
        while pending:
            part = pending.pop()
            if isinstance(part, str):
                pieces.append(part)
                continue
            node = part.owner
            if node is None or part in given:
                pieces.append(leaf_formatter(part))
                continue
            number = numbers.get(node)
            if node in written:
                pieces.append(f"*{number}" if len(node.outputs) == 1 else f"*{number}::{part.index}")
                continue
            written.add(node)
            if number is not None:
                pieces.append(f"*{number} -> ")
            text = node_formatter(node, [f"\0{i}\0" for i in range(len(node.inputs))])
            # plain text and numbers of inputs alternate
            for i, found in reversed(list(enumerate(_PLACE.split(text)))):
                pending.append(node.inputs[int(found)] if i % 2 else found)
        texts.append("".join(pieces))
    return texts


def op_as_string(
    inputs: Iterable[Variable],
    op: Apply,
    leaf_formatter: Callable[[Variable], str] = default_leaf_formatter,
    node_formatter: Callable[[Apply, list[str]], str] = default_node_formatter,
) -> str:
    """Return a node as an expression of the inputs; see `as_string`."""
    return node_formatter(op, as_string(inputs, expect(op, Apply, "op").inputs, leaf_formatter, node_formatter))


def _shared_nodes(given: set[Variable], outputs: Sequence[Variable]) -> dict[Apply, int]:
    """Return the nodes that are used several times, numbered in the order in which that shows."""
    numbers: dict[Apply, int] = {}
    seen: set[Apply] = set()
    pending = list(reversed(outputs))
    while pending:
        variable = pending.pop()
        node = variable.owner
        if node is None or variable in given:
            continue
        if node in seen:
            numbers.setdefault(node, len(numbers) + 1)
        else:
            seen.add(node)
            pending.extend(reversed(node.inputs))
    return numbers
