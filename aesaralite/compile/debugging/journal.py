"""The journal of a graph's rewriting, from which each replacement is checked on actual values.

The journal holds every change of a graph, in order. To check it, the changes are made again, on a table of who has
which inputs, and what is replaced is computed beside its replacement. So the first replacement that changes a
value is found, and only that one: all before it have been seen to be right.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aesaralite.compile.debugging.checks import checked_perform
from aesaralite.compile.debugging.errors import BadOptimization, DebugModeError
from aesaralite.compile.debugging.values import agree, largest
from aesaralite.graph.features import Bookkeeper
from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.variable import Apply, Constant, Variable

__all__ = ["Journal"]

_LINES_SHOWN = 20


class Journal(Bookkeeper):
    """A feature that notes nodes that come, and inputs that change.

    Attributes
    ----------
    inputs : list of Variable
        The inputs of the graph.
    """

    def __init__(self) -> None:
        self.inputs: list[Variable] = []
        # (node, its inputs) for a node that came; (node or None for the graph's outputs, i, old, new, reason)
        self._events: list[tuple[Any, ...]] = []

    def on_attach(self, fgraph: FunctionGraph) -> None:
        self.inputs = list(fgraph.inputs)
        super().on_attach(fgraph)

    def on_detach(self, fgraph: FunctionGraph) -> None:
        """Leave the journal as it is."""

    def on_import(self, fgraph: FunctionGraph, node: Apply, reason: Any) -> None:
        self._events.append((node, tuple(node.inputs)))

    def on_change_input(
        self, fgraph: FunctionGraph, node: Any, i: int, var: Variable, new_var: Variable, reason: Any = None
    ) -> None:
        client = node if isinstance(node, Apply) else None
        if isinstance(reason, tuple) and reason and reason[0] == "Revert":
            self._strike_out(client, i, new_var, var)
        else:
            self._events.append((client, i, var, new_var, reason))

    def _strike_out(self, client: Apply | None, i: int, old: Variable, new: Variable) -> None:
        """A feature has objected: that change has never been."""
        for position in range(len(self._events) - 1, -1, -1):
            event = self._events[position]
            if len(event) == 5 and event[0] is client and event[1] == i and event[2] is old and event[3] is new:
                del self._events[position]
                return

    def check(self, values: Sequence[Any]) -> None:
        """Check every replacement.

        Parameters
        ----------
        values
            Those of the inputs.

        Raises
        ------
        BadOptimization
            If a replacement has another value than what it replaces. What was NaN, infinite or failed may become
            something better.
        DebugModeError
            If an Op breaks a promise.
        """
        run = _Rerun(dict(zip(self.inputs, values)))
        done: set[tuple[Variable, Variable]] = set()
        for event in self._events:
            if len(event) == 2:
                node, inputs = event
                run.inputs_of[node] = list(inputs)
                continue
            client, i, old, new, reason = event
            if (old, new) not in done:
                done.add((old, new))
                self._check_one(run, old, new, reason)
            if client is not None:
                run.inputs_of[client][i] = new

    @staticmethod
    def _check_one(run: _Rerun, old: Variable, new: Variable, reason: Any) -> None:
        before, after = run.value(old), run.value(new)
        if isinstance(before, _Failed):
            # rewriting may do without what fails; what depended on it can be computed now
            if not isinstance(after, _Failed):
                run.forget()
            return
        if isinstance(after, _Failed):
            bad: Any = after.error
        else:
            scale = largest(run.known_inputs(old))
            if agree(old.type, before, after, scale):
                return
            if agree(old.type, before, after, scale, finite_only=True):
                run.forget()
                return
            bad = after
        raise BadOptimization(old, new, before, bad, reason, run.text(old), run.text(new))


class _Failed:
    """In place of a value that couldn't be computed."""

    def __init__(self, error: Exception) -> None:
        self.error = error


class _Rerun:
    """Values of variables while the journal is read."""

    def __init__(self, given: dict[Variable, Any]) -> None:
        self.inputs_of: dict[Apply, list[Variable]] = {}
        self._given = given
        self._values = dict(given)

    def forget(self) -> None:
        """Forget what was computed: some of it may have become better."""
        self._values = dict(self._given)

    def value(self, variable: Variable) -> Any:
        """Return the value of a variable, computed from the inputs that nodes have now."""
        pending = [variable]
        while pending:
            current = pending[-1]
            if self._known(current):
                pending.pop()
                continue
            node = current.owner
            if node is None:
                self._values[current] = _Failed(ValueError(f"{current} has no value"))
                continue
            missing = [v for v in self._inputs(node) if not self._known(v)]
            if missing:
                pending.extend(missing)
            else:
                self._run(node)
        return self._get(variable)

    def _run(self, node: Apply) -> None:
        arguments = [self._get(variable) for variable in self._inputs(node)]
        failed = next((argument for argument in arguments if isinstance(argument, _Failed)), None)
        results: list[Any]
        if failed is not None:
            results = [failed] * len(node.outputs)
        else:
            try:
                results = checked_perform(node, arguments, finite=False)
            except DebugModeError:
                raise
            except Exception as error:
                results = [_Failed(error)] * len(node.outputs)
        self._values.update(zip(node.outputs, results))

    def _inputs(self, node: Apply) -> list[Variable]:
        return self.inputs_of.get(node, node.inputs)

    def _known(self, variable: Variable) -> bool:
        return variable in self._values or isinstance(variable, Constant)

    def _get(self, variable: Variable) -> Any:
        return variable.data if isinstance(variable, Constant) else self._values[variable]

    def known_inputs(self, variable: Variable) -> list[Any]:
        """Return the values that a variable was computed from."""
        node = variable.owner
        return [self._get(v) for v in self._inputs(node) if self._known(v)] if node is not None else []

    def text(self, variable: Variable) -> str:
        """Return how a variable is computed, one node a line."""
        lines: list[str] = []
        seen: set[Apply] = set()
        pending = [(variable, 1)]
        while pending and len(lines) < _LINES_SHOWN:
            current, depth = pending.pop()
            node = current.owner
            if node is None or node in seen:
                lines.append(f"{'  ' * depth}{current}")
                continue
            seen.add(node)
            lines.append(f"{'  ' * depth}{current} = {node.op}, of")
            pending.extend((v, depth + 1) for v in reversed(self._inputs(node)))
        return "\n".join([*lines, "  ..."] if pending else lines)
