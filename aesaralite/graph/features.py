"""Features: what watches, remembers or forbids changes of a `FunctionGraph`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from aesaralite.errors import InconsistencyError
from aesaralite.graph.traversal import io_toposort
from aesaralite.graph.variable import Apply, Variable

if TYPE_CHECKING:
    from aesaralite.graph.fg import FunctionGraph


class AlreadyThere(Exception):
    """Raised by `Feature.on_attach` when the graph has an equivalent feature already."""


class ReplacementDidNotRemoveError(Exception):
    """A replacement was to remove variables, and the graph still uses one of them."""


class Feature:
    """Something that is told of every change of a graph.

    Every method may be left out by a subclass.
    """

    def on_attach(self, fgraph: FunctionGraph) -> None:
        """Called when the feature joins a graph; may raise `AlreadyThere` to stay away."""

    def on_detach(self, fgraph: FunctionGraph) -> None:
        """Called when the feature leaves the graph; undoes what `on_attach` did."""

    def on_import(self, fgraph: FunctionGraph, node: Apply, reason: Any) -> None:
        """Called when a node has joined the graph, those it depends on first."""

    def on_change_input(
        self, fgraph: FunctionGraph, node: Any, i: int, var: Variable, new_var: Variable, reason: Any = None
    ) -> None:
        """Called when input `i` of a node (or of the graph's outputs, ``"output"``) was `var` and is `new_var`."""

    def on_prune(self, fgraph: FunctionGraph, node: Apply, reason: Any) -> None:
        """Called when a node has left the graph."""

    def orderings(self, fgraph: FunctionGraph) -> dict[Apply, list[Apply]]:
        """Return nodes that must come before a node, beyond those that it depends on."""
        return {}

    def clone(self) -> Feature:
        """Return a feature that may be attached to a copy of the graph."""
        return self


class MethodFeature(Feature):
    """A feature that lends methods to its graph, under the names in `lends`."""

    lends: tuple[str, ...] = ()

    def _lend(self, fgraph: FunctionGraph) -> None:
        for name in self.lends:
            if name in fgraph.__dict__:
                raise AlreadyThere(f"{type(self).__name__}: the graph has {name} already, from another feature")
        for name in self.lends:
            setattr(fgraph, name, partial(getattr(self, name), fgraph))

    def _take_back(self, fgraph: FunctionGraph) -> None:
        for name in self.lends:
            delattr(fgraph, name)


class Bookkeeper(Feature):
    """A feature that is told of the nodes there already as if they came now."""

    def on_attach(self, fgraph: FunctionGraph) -> None:
        for node in io_toposort(fgraph.inputs, fgraph.outputs):
            self.on_import(fgraph, node, "on_attach")

    def on_detach(self, fgraph: FunctionGraph) -> None:
        for node in io_toposort(fgraph.inputs, fgraph.outputs):
            self.on_prune(fgraph, node, "Bookkeeper.detach")


class GetCheckpoint:
    """Marks a place in a graph's history."""

    def __init__(self, history: History, fgraph: FunctionGraph):
        self.history = history
        self.fgraph = fgraph
        self.nb = 0

    def __call__(self) -> int:
        self.history.history[self.fgraph] = []
        self.nb += 1
        return self.nb


class History(MethodFeature):
    """Remembers changes so that they can be undone.

    The graph gets two methods: ``checkpoint()`` returns a mark, ``revert(mark)`` goes back to it.
    Only the latest mark can be gone back to.
    """

    lends = ("revert",)

    def __init__(self) -> None:
        self.history: dict[FunctionGraph, list[Callable[[], None]] | None] = {}

    def on_attach(self, fgraph: FunctionGraph) -> None:
        if hasattr(fgraph, "checkpoint") or hasattr(fgraph, "revert"):
            raise AlreadyThere("History: the graph has checkpoint and revert already")
        self.history[fgraph] = []
        fgraph.checkpoint = GetCheckpoint(self, fgraph)
        self._lend(fgraph)

    def on_detach(self, fgraph: FunctionGraph) -> None:
        self._take_back(fgraph)
        del fgraph.checkpoint
        del self.history[fgraph]

    def on_change_input(
        self, fgraph: FunctionGraph, node: Any, i: int, var: Variable, new_var: Variable, reason: Any = None
    ) -> None:
        undo = self.history[fgraph]
        if undo is not None:
            undo.append(
                lambda: fgraph.change_node_input(
                    node, i, var, reason=("Revert", reason), check=False, import_missing=True
                )
            )

    def revert(self, fgraph: FunctionGraph, checkpoint: int) -> None:
        """Undo what was done since the checkpoint.

        Raises
        ------
        ValueError
            If it isn't the latest checkpoint.
        """
        if checkpoint != fgraph.checkpoint.nb:
            raise ValueError(
                f"Only the latest checkpoint, {fgraph.checkpoint.nb}, can be gone back to, not {checkpoint}"
            )
        undo = self.history[fgraph]
        self.history[fgraph] = None
        assert undo is not None
        try:
            while undo:
                undo.pop()()
        finally:
            self.history[fgraph] = undo


class Validator(MethodFeature):
    """Gives the graph ``validate()``, which asks every feature whether the graph is sound.

    A feature that objects raises in its ``validate(fgraph)``.
    """

    lends = ("validate", "consistent")

    def on_attach(self, fgraph: FunctionGraph) -> None:
        if hasattr(fgraph, "validate"):
            raise AlreadyThere("Validator: the graph has validate already")
        self._lend(fgraph)

    def on_detach(self, fgraph: FunctionGraph) -> None:
        self._take_back(fgraph)

    def validate(self, fgraph: FunctionGraph) -> None:
        """Ask every other feature.

        Raises
        ------
        InconsistencyError
            If a feature objects.
        """
        for feature in fgraph._features:
            check = getattr(feature, "validate", None)
            if feature is not self and check is not None and not isinstance(feature, ReplaceValidate):
                check(fgraph)

    def consistent(self, fgraph: FunctionGraph) -> bool:
        """Whether no feature objects."""
        try:
            fgraph.validate()
        except InconsistencyError:
            return False
        return True


class ReplaceValidate(MethodFeature):
    """Gives the graph replacements that are undone where a feature objects to them.

    The graph gets ``replace_validate``, ``replace_all_validate`` and ``replace_all_validate_remove``,
    and the methods of `History` and `Validator`.
    """

    lends = ("replace_validate", "replace_all_validate", "replace_all_validate_remove")

    def __init__(self) -> None:
        self._helpers: dict[FunctionGraph, list[Feature]] = {}

    def on_attach(self, fgraph: FunctionGraph) -> None:
        if any(hasattr(fgraph, name) for name in self.lends):
            raise AlreadyThere("ReplaceValidate: the graph has replace_validate already")
        helpers: list[Feature] = []
        for present, feature_type in (("checkpoint", History), ("validate", Validator)):
            if not hasattr(fgraph, present):
                feature = feature_type()
                fgraph.attach_feature(feature)
                helpers.append(feature)
        self._helpers[fgraph] = helpers
        self._lend(fgraph)

    def on_detach(self, fgraph: FunctionGraph) -> None:
        self._take_back(fgraph)
        for feature in self._helpers.pop(fgraph):
            fgraph.remove_feature(feature)

    def clone(self) -> ReplaceValidate:
        return type(self)()

    def replace_validate(
        self, fgraph: FunctionGraph, r: Variable, new_r: Variable, reason: Any = None, **kwargs: Any
    ) -> None:
        """Replace one variable; see `replace_all_validate`."""
        self.replace_all_validate(fgraph, [(r, new_r)], reason=reason, **kwargs)

    def replace_all_validate(
        self,
        fgraph: FunctionGraph,
        replacements: Iterable[tuple[Variable, Variable]],
        reason: Any = None,
        verbose: bool | None = None,
        **kwargs: Any,
    ) -> int:
        """Replace variables, and go back if a replacement fails or a feature objects.

        Returns
        -------
        int
            The checkpoint before the replacements.

        Raises
        ------
        InconsistencyError
            If a feature objects. Then the graph is as before.
        """
        checkpoint: int = fgraph.checkpoint()
        try:
            for old, new in replacements:
                fgraph.replace(old, new, reason=reason, verbose=verbose, **kwargs)
            fgraph.validate()
        except Exception:
            fgraph.revert(checkpoint)
            raise
        return checkpoint

    def replace_all_validate_remove(
        self,
        fgraph: FunctionGraph,
        replacements: Iterable[tuple[Variable, Variable]],
        remove: Iterable[Variable],
        reason: Any = None,
        warn: bool = True,
        **kwargs: Any,
    ) -> None:
        """Like `replace_all_validate`, and go back unless the variables `remove` have left the graph.

        Raises
        ------
        ReplacementDidNotRemoveError
            If the graph still uses one of them. Then the graph is as before.
        """
        checkpoint = self.replace_all_validate(fgraph, replacements, reason=reason, **kwargs)
        for variable in remove:
            node = variable.owner if isinstance(variable, Variable) else variable
            if variable in fgraph.variables or (node is not None and node in fgraph.apply_nodes):
                fgraph.revert(checkpoint)
                if warn:
                    print(f"The rewrite {reason} was to remove {variable} and did not; it was undone.", file=sys.stderr)
                raise ReplacementDidNotRemoveError(f"{reason} did not remove {variable}")


class NodeFinder(Bookkeeper):
    """Gives the graph ``get_nodes(op)``: the nodes that apply an Op."""

    def __init__(self) -> None:
        self.nodes: dict[FunctionGraph, dict[Any, dict[Apply, None]]] = {}

    def on_attach(self, fgraph: FunctionGraph) -> None:
        if hasattr(fgraph, "get_nodes"):
            raise AlreadyThere("NodeFinder: the graph has get_nodes already")
        self.nodes[fgraph] = {}
        fgraph.get_nodes = partial(self.query, fgraph)
        super().on_attach(fgraph)

    def on_detach(self, fgraph: FunctionGraph) -> None:
        super().on_detach(fgraph)
        del fgraph.get_nodes
        del self.nodes[fgraph]

    def clone(self) -> NodeFinder:
        return type(self)()

    def on_import(self, fgraph: FunctionGraph, node: Apply, reason: Any) -> None:
        self.nodes[fgraph].setdefault(node.op, {})[node] = None

    def on_prune(self, fgraph: FunctionGraph, node: Apply, reason: Any) -> None:
        found = self.nodes[fgraph].get(node.op)
        if found is not None:
            found.pop(node, None)
            if not found:
                del self.nodes[fgraph][node.op]

    def query(self, fgraph: FunctionGraph, op: Any) -> list[Apply]:
        """Return the nodes of the graph that apply `op`."""
        return list(self.nodes[fgraph].get(op, ()))


class PrintListener(Feature):
    """Prints every change.

    Parameters
    ----------
    active : bool
        Whether it prints.
    """

    def __init__(self, active: bool = True):
        self.active = active

    def on_attach(self, fgraph: FunctionGraph) -> None:
        if self.active:
            print("-- attaching to:", fgraph)

    def on_detach(self, fgraph: FunctionGraph) -> None:
        if self.active:
            print("-- detaching from:", fgraph)

    def on_import(self, fgraph: FunctionGraph, node: Apply, reason: Any) -> None:
        if self.active:
            print(f"-- importing: {node}, reason: {reason}")

    def on_prune(self, fgraph: FunctionGraph, node: Apply, reason: Any) -> None:
        if self.active:
            print(f"-- pruning: {node}, reason: {reason}")

    def on_change_input(
        self, fgraph: FunctionGraph, node: Any, i: int, var: Variable, new_var: Variable, reason: Any = None
    ) -> None:
        if self.active:
            print(f"-- changing ({node}.inputs[{i}]) from {var} to {new_var}")


class PreserveVariableAttributes(Feature):
    """Hands a variable's name on to what replaces it."""

    def on_change_input(
        self, fgraph: FunctionGraph, node: Any, i: int, var: Variable, new_var: Variable, reason: Any = None
    ) -> None:
        if var.name is not None and new_var.name is None:
            new_var.name = var.name
