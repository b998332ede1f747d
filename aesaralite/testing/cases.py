"""Graphs with values for their inputs: what strategies make, checks take, and failures are printed as."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from aesaralite.compile.function.build import function
from aesaralite.compile.function.callable import Function
from aesaralite.compile.mode import Mode
from aesaralite.graph.shared import SharedVariable
from aesaralite.graph.traversal import ancestors, applys_between
from aesaralite.graph.variable import Apply, Variable
from aesaralite.printing.notation import pprint
from aesaralite.testing.programs import Program, program_of

__all__ = ["GraphCase"]

Pairs = list[tuple[Any, Any]]


@dataclass(frozen=True, eq=False)
class GraphCase:
    """A graph with values for its inputs.

    Attributes
    ----------
    inputs, outputs : list of Variable
        The graph.
    values : list of ndarray
        One for each input.
    updates, givens : list of tuple
        As for `aesaralite.function`.
    """

    inputs: list[Variable]
    outputs: list[Variable]
    values: list[Any]
    updates: Pairs = field(default_factory=list)
    givens: Pairs = field(default_factory=list)

    @property
    def roots(self) -> list[Variable]:
        """All that is computed: outputs, new values of shared variables, and what givens are."""
        return [*self.outputs, *(v for pair in (*self.updates, *self.givens) for v in pair if isinstance(v, Variable))]

    @property
    def shared(self) -> list[SharedVariable]:
        """The shared variables."""
        return [v for v in ancestors(self.roots) if isinstance(v, SharedVariable)]

    @property
    def nodes(self) -> list[Apply]:
        """The nodes."""
        return list(applys_between(self.inputs, self.roots))

    def with_outputs(self, outputs: Sequence[Variable]) -> GraphCase:
        """Return the case of other outputs of the same graph, without updates."""
        return replace(self, outputs=list(outputs), updates=[])

    def compile(self, mode: Mode | str | None = None) -> Function:
        """Return the function that computes the outputs."""
        return function(
            list(self.inputs),
            list(self.outputs),
            updates=list(self.updates),
            givens=list(self.givens),
            mode=mode,
            on_unused_input="ignore",
            no_default_updates=True,
        )

    def program(self, modes: Sequence[tuple[str, str | None]] = ()) -> Program:
        """Return a program that builds the graph, and calls a function of it.

        Parameters
        ----------
        modes : sequence of tuple of str and str
            Linkers and optimisers, to compile with one after another.
        """
        return program_of(self.inputs, self.outputs, self.values, self.updates, self.givens, modes)

    def __repr__(self) -> str:
        graph = ", ".join(pprint(output) for output in self.outputs)
        given = ", ".join(f"{i}: {i.type} = {v!r}" for i, v in zip(self.inputs, self.values))
        return f"GraphCase({graph}; {given})"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        # Hypothesis shows a failing example through this
        try:
            printer.text(f"GraphCase of the program\n\n{self.program()}\n")
        except Exception as error:
            printer.text(f"{self!r} (no program: {error!r})")
