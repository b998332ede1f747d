"""Which part of a graph gradients flow through."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from aesaralite.graph.traversal import connection_pattern_of, general_toposort
from aesaralite.graph.variable import Apply, Variable


class Connections:
    """The nodes through which `outputs` depend, differentiably, on `wrt`.

    Parameters
    ----------
    outputs : sequence of Variable
        What is differentiated.
    wrt : sequence of Variable
        What it's differentiated by.
    constants : collection of Variable
        Variables whose computation isn't looked into.

    Attributes
    ----------
    uses : dict
        For each variable on the way, the nodes that use it, and at which positions. The order is
        that of a walk from the outputs, which makes sums of gradients reproducible.
    """

    def __init__(self, outputs: Sequence[Variable], wrt: Iterable[Variable], constants: Collection[Variable] = ()):
        self._patterns: dict[Apply, list[list[bool]]] = {}
        towards_outputs = self._uses_by(outputs, frozenset(constants))
        self.uses: dict[Variable, dict[Apply, dict[int, None]]] = self._reached_from(wrt, towards_outputs)

    def pattern(self, node: Apply) -> list[list[bool]]:
        """Return, for each input and output of a node, whether a gradient flows between them."""
        pattern = self._patterns.get(node)
        if pattern is None:
            pattern = self._patterns[node] = connection_pattern_of(node)
        return pattern

    def nodes_backwards(self) -> list[Apply]:
        """Return the nodes, each before those that compute its inputs."""
        nodes: dict[Apply, None] = {}
        for users in self.uses.values():
            nodes.update(dict.fromkeys(users))

        def needed(node: Apply) -> list[Apply]:
            return [v.owner for v in node.inputs if v.owner is not None and v.owner in nodes]

        order = general_toposort(nodes, needed)
        order.reverse()
        return order

    def _uses_by(
        self, outputs: Sequence[Variable], constants: frozenset[Variable]
    ) -> dict[Variable, dict[Apply, dict[int, None]]]:
        uses: dict[Variable, dict[Apply, dict[int, None]]] = {}

        def used_by(variable: Variable) -> Iterator[Variable]:
            node = variable.owner
            if node is None or variable in constants:
                return
            pattern, output = self.pattern(node), variable.index
            assert output is not None
            for i, source in enumerate(node.inputs):
                if pattern[i][output]:
                    uses.setdefault(source, {}).setdefault(node, {})[i] = None
                    yield source

        seen: set[Variable] = set()
        stack: list[Iterator[Variable]] = [iter(outputs)]
        while stack:
            for variable in stack[-1]:
                if variable not in seen:
                    seen.add(variable)
                    stack.append(used_by(variable))
                    break
            else:
                stack.pop()
        return uses

    def _reached_from(
        self, wrt: Iterable[Variable], uses: dict[Variable, dict[Apply, dict[int, None]]]
    ) -> dict[Variable, dict[Apply, dict[int, None]]]:
        reached: set[Variable] = set()
        pending = list(wrt)
        while pending:
            variable = pending.pop()
            if variable in reached:
                continue
            reached.add(variable)
            for node, positions in uses.get(variable, {}).items():
                pattern = self.pattern(node)
                pending.extend(output for j, output in enumerate(node.outputs) if any(pattern[i][j] for i in positions))
        return {variable: users for variable, users in uses.items() if variable in reached}
