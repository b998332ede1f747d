"""Merging: one node where several would compute the same, one constant where several hold the same value.

A table maps each Op with its inputs to the node that computes it. It's kept while the graph changes, so a node that a
rewrite makes is found to be double when it enters, and replaced right after the rewrite.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from aesaralite.graph.features import AlreadyThere, Feature
from aesaralite.graph.variable import Apply, AtomicVariable, Variable
from aesaralite.rewriting.base import GraphRewriter

if TYPE_CHECKING:
    from aesaralite.graph.fg import FunctionGraph


class MergeFeature(Feature):
    """Keeps the table, and the list of nodes whose merging is due; :meth:`settle` does it.

    The graph gets the attribute ``merge_feature``, and a graph can have only one.
    """

    def __init__(self) -> None:
        self._node_of: dict[tuple[Any, ...], Apply] = {}
        self._key_of: dict[Apply, tuple[Any, ...]] = {}
        self._atom_of: dict[Any, AtomicVariable] = {}
        self._canonical_atoms: dict[Variable, AtomicVariable] = {}
        self._due: deque[Apply] = deque()

    def on_attach(self, fgraph: FunctionGraph) -> None:
        if hasattr(fgraph, "merge_feature"):
            raise AlreadyThere("MergeFeature: the graph has one already")
        fgraph.merge_feature = self
        for node in fgraph.toposort():
            self.on_import(fgraph, node, "on_attach")

    def on_detach(self, fgraph: FunctionGraph) -> None:
        del fgraph.merge_feature

    def clone(self) -> MergeFeature:
        return type(self)()

    def on_import(self, fgraph: FunctionGraph, node: Apply, reason: Any) -> None:
        key = self._key_of[node] = _key(node)
        doubles = [variable for variable in node.inputs if self._is_double_atom(variable)]
        if doubles or self._node_of.setdefault(key, node) is not node:
            self._due.append(node)

    def on_change_input(
        self, fgraph: FunctionGraph, node: Any, i: int, r: Variable, new_r: Variable, reason: Any = None
    ) -> None:
        if not isinstance(node, Apply):
            return
        self._forget(node)
        self.on_import(fgraph, node, reason)

    def on_prune(self, fgraph: FunctionGraph, node: Apply, reason: Any) -> None:
        self._forget(node)

    def settle(self, fgraph: FunctionGraph) -> int:
        """Merge what is due; return the number of nodes and constants that went."""
        merged = 0
        due = self._due
        while due:
            node = due.popleft()
            if node not in self._key_of:
                continue
            for i, variable in enumerate(node.inputs):
                atom = self._canonical_atoms.get(variable)
                if atom is not None and atom is not variable:
                    fgraph.change_node_input(node, i, atom, reason="merge", check=False)
                    merged += 1
            merged += self._merge_node(fgraph, node)
        return merged

    def _merge_node(self, fgraph: FunctionGraph, node: Apply) -> int:
        first = self._node_of.setdefault(self._key_of[node], node)
        if first is node or any(a.type != b.type for a, b in zip(node.outputs, first.outputs)):
            return 0
        for old, new in zip(node.outputs, first.outputs):
            clients = fgraph.clients.get(old)  # None once the last client of another output has taken the node along
            if not clients:
                continue
            for client, i in list(clients):
                fgraph.change_node_input(client, i, new, reason="merge", check=False)
            if new.name is None:
                new.name = old.name
        return 1

    def _forget(self, node: Apply) -> None:
        key = self._key_of.pop(node, None)
        if key is not None and self._node_of.get(key) is node:
            del self._node_of[key]

    def _is_double_atom(self, variable: Variable) -> bool:
        if not isinstance(variable, AtomicVariable):
            return False
        known = self._canonical_atoms.get(variable)
        if known is None:
            try:
                known = self._atom_of.setdefault((type(variable), *_as_tuple(variable.merge_signature())), variable)
            except (TypeError, NotImplementedError):
                known = variable
            self._canonical_atoms[variable] = known
        return known is not variable


class MergeOptimizer(GraphRewriter):
    """Merges equal nodes and equal constants, and goes on merging while later rewriters change the graph."""

    name = "MergeOptimizer"

    def add_requirements(self, fgraph: FunctionGraph) -> None:
        if not hasattr(fgraph, "merge_feature"):
            fgraph.attach_feature(MergeFeature())

    def apply(self, fgraph: FunctionGraph) -> int:
        """Merge what is due; return the number of nodes and constants that went."""
        feature: MergeFeature = fgraph.merge_feature
        return feature.settle(fgraph)


def _key(node: Apply) -> tuple[Any, ...]:
    return (node.op, *map(id, node.inputs))


def _as_tuple(signature: Any) -> tuple[Any, ...]:
    return signature if isinstance(signature, tuple) else (signature,)
