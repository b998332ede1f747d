"""`DebugMode`: every promise of Ops, rewrites and linkers is checked, on the values of each call."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import repeat
from operator import setitem
from typing import Any

from aesaralite.compile.debugging.checks import ShapeCheck, check_value, checked_perform
from aesaralite.compile.debugging.errors import (
    BadDestroyMap,
    BadInferShape,
    BadOptimization,
    BadThunkOutput,
    BadViewMap,
    DebugModeError,
    InvalidValueError,
    StochasticOrder,
)
from aesaralite.compile.debugging.journal import Journal
from aesaralite.compile.debugging.locate import first_difference, outcome_of
from aesaralite.compile.debugging.stepping import DEFINITION, NodeCall, SteppedProgram
from aesaralite.compile.debugging.values import copy_of_layout
from aesaralite.compile.linker import CallingPlan, Linker, get_linker, installed_linkers
from aesaralite.compile.mode import Mode, register_mode
from aesaralite.compile.runtime_errors import raise_with_op
from aesaralite.configdefaults import config
from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.frozen import FrozenGraph, FrozenNode, freeze
from aesaralite.rewriting.base import GraphRewriter
from aesaralite.rewriting.db import RewriteDatabase
from aesaralite.rewriting.query import RewriteDatabaseQuery

__all__ = [
    "BadDestroyMap",
    "BadInferShape",
    "BadOptimization",
    "BadThunkOutput",
    "BadViewMap",
    "DebugMode",
    "DebugModeError",
    "InvalidValueError",
    "StochasticOrder",
]


class DebugMode(Mode):
    """A mode in which a call checks itself, many times slower than others.

    When a function is compiled, its graph is rewritten several times, to see that it becomes the same each time. When
    it's called,

    - each node runs twice by its Op's `perform`, which must not write into inputs, must give the same both times,
      values of the types of the outputs, finite, and sharing memory only with those inputs that `view_map` names;
    - the shapes that an Op infers are compared with those of the values;
    - each variable that was replaced by a rewrite is computed beside its replacement;
    - the linker's compiled code is compared with `perform`.

    Parameters
    ----------
    optimizer
        The rewrites, as for `Mode`.
    stability_patience : int, optional
        How many times the graph is rewritten; what the flag ``DebugMode__patience`` says unless given.
    check_c_code : bool, optional
        Whether compiled code is compared; what the flag ``DebugMode__check_c`` says unless given.
    check_isfinite : bool, optional
        Whether a NaN or an infinity is an error; what the flag ``DebugMode__check_finite`` says unless given.
    check_py_code, check_preallocated_output, require_matching_strides
        Accepted for old programs: `perform` runs always, and is never handed memory to write its results into.
    linker : str or Linker, optional
        Whose code is compared. By default the one of the flag ``linker``, if it's installed.
    db : RewriteDatabase, optional
        Where the rewrites are taken from.

    Notes
    -----
    What is wrong raises a `DebugModeError`, and shared variables are as before the call.

    Examples
    --------
    >>> import numpy as np
    >>> import aesaralite
    >>> import aesaralite.tensor as at
    >>> x = at.dvector("x")
    >>> f = aesaralite.function([x], at.log(x).sum(), mode="DebugMode")
    >>> f(np.ones(3))
    array(0.)
    """

    def __init__(
        self,
        optimizer: str | RewriteDatabaseQuery | GraphRewriter | None = "fast_run",
        stability_patience: int | None = None,
        check_c_code: bool | None = None,
        check_py_code: bool | None = None,
        check_isfinite: bool | None = None,
        check_preallocated_output: Sequence[str] | None = None,
        require_matching_strides: int | None = None,
        linker: str | Linker | None = None,
        db: RewriteDatabase | None = None,
    ) -> None:
        super().__init__(linker, optimizer, db)
        if stability_patience is not None and stability_patience < 1:
            raise ValueError(f"A graph is rewritten at least once; stability_patience can't be {stability_patience}")
        self._settings = {
            "stability_patience": stability_patience,
            "check_c_code": check_c_code,
            "check_isfinite": check_isfinite,
        }

    def _setting(self, name: str, flag: Any) -> Any:
        given = self._settings[name]
        return flag if given is None else given

    @property
    def stability_patience(self) -> int:
        """How many times a graph is rewritten."""
        return max(1, self._setting("stability_patience", config.DebugMode__patience))

    @property
    def check_c_code(self) -> bool:
        """Whether compiled code is compared."""
        return bool(self._setting("check_c_code", config.DebugMode__check_c))

    @property
    def check_isfinite(self) -> bool:
        """Whether a NaN or an infinity is an error."""
        return bool(self._setting("check_isfinite", config.DebugMode__check_finite))

    @property
    def compared_linker(self) -> Linker | None:
        """The linker whose code is compared with the definitions."""
        if not self.check_c_code:
            return None
        if self.provided_linker is not None:
            linker = super().linker
        elif config.linker in installed_linkers():
            linker = get_linker(config.linker)
        else:
            return None
        return None if linker.name == DEFINITION else linker

    @property
    def linker(self) -> Linker:
        return _DebugLinker(self.compared_linker, self.check_isfinite, None)

    def linker_for(self, fgraph: FunctionGraph) -> Linker:
        journal = getattr(fgraph, "rewriting_journal", None)
        return _DebugLinker(self.compared_linker, self.check_isfinite, journal)

    @property
    def optimizer(self) -> GraphRewriter:
        return _Recorded(super().optimizer, self.stability_patience)

    def clone(
        self,
        link_kwargs: dict[str, Any] | None = None,
        optimizer: str | RewriteDatabaseQuery | GraphRewriter | None = "",
        **kwargs: Any,
    ) -> DebugMode:
        """Return a copy of this mode, with changes.

        Parameters
        ----------
        link_kwargs
            Arguments for a fresh linker of the class of the one that was given.
        optimizer
            Other rewrites; as they are unless given.
        **kwargs
            Other settings, as for the class.
        """
        linker = self.provided_linker
        if link_kwargs and linker is not None:
            linker = type(super().linker)(**link_kwargs)
        chosen = self.provided_optimizer if optimizer == "" else optimizer
        return type(self)(optimizer=chosen, linker=linker, db=self._db, **{**self._settings, **kwargs})


class _Recorded(GraphRewriter):
    """A rewriter whose changes are noted in a journal, ``fgraph.rewriting_journal``."""

    def __init__(self, inner: GraphRewriter, patience: int) -> None:
        self.name = f"DebugMode({inner})"
        self._inner = inner
        self._patience = patience

    def add_requirements(self, fgraph: FunctionGraph) -> None:
        self._inner.add_requirements(fgraph)

    def rewrite(self, fgraph: FunctionGraph, *args: Any, **kwargs: Any) -> Any:
        copies = [fgraph.clone() for _ in range(self._patience - 1)]
        journal = Journal()
        fgraph.attach_feature(journal)
        try:
            result = self._inner.rewrite(fgraph, *args, **kwargs)
        finally:
            fgraph.remove_feature(journal)
        fgraph.rewriting_journal = journal
        for copy in copies:
            self._inner.rewrite(copy, *args, **kwargs)
            if freeze(copy) != freeze(fgraph):
                raise StochasticOrder(
                    f"Rewriting the graph again gives another one.\nThe first time:\n{freeze(fgraph)}\n"
                    f"The next time:\n{freeze(copy)}"
                )
        return result

    def apply(self, fgraph: FunctionGraph) -> Any:
        return self._inner.apply(fgraph)


class _DebugLinker(Linker):
    """Links to programs that check themselves."""

    name = "debug"

    def __init__(self, compared: Linker | None, finite: bool, journal: Journal | None) -> None:
        self.compared = compared
        self.finite = finite
        self.journal = journal
        if compared is not None:
            self.required_tags = compared.required_tags
            self.incompatible_tags = compared.incompatible_tags

    def link(self, graph: FrozenGraph, plan: CallingPlan) -> SteppedProgram:
        return _DebugProgram(graph, plan, self.compared, self.finite, self.journal)

    def __getstate__(self) -> dict[str, Any]:
        # a journal holds all that the graph has ever been; a pickled function checks no rewrites any more
        compared = self.compared.name if self.compared is not None else None
        return {**self.__dict__, "journal": None, "compared": compared}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if isinstance(self.compared, str):
            self.compared = get_linker(self.compared)


class _DebugProgram(SteppedProgram):
    """A graph that is run node by node, by the definitions, and checked."""

    def __init__(
        self, graph: FrozenGraph, plan: CallingPlan, compared: Linker | None, finite: bool, journal: Journal | None
    ) -> None:
        super().__init__(graph, plan)
        self._compared = compared
        self._program = compared.link(graph, plan) if compared is not None else None
        self._finite = finite
        self._journal = journal
        self._shapes = [ShapeCheck(node.apply) for node in graph.nodes]

    def run(self, storage: list[list[Any]]) -> list[Any]:
        # on copies, so that an Op that writes into its inputs does no harm
        cells = [[copy_of_layout(cell[0])] for cell in storage]
        inputs = [cell[0] for cell in cells]
        try:
            results = super().run(cells)
        except DebugModeError:
            raise
        except Exception:
            if self._journal is not None:
                self._journal.check(inputs)  # perhaps it's a rewrite that has made the graph fail
            raise
        places = [place for _, place in self.plan.updates]
        new_state = [cells[place][0] for place in places]
        # one call into C, so that no signal is handled, and no other thread runs, between two states
        deque(map(setitem, [storage[place] for place in places], repeat(0), new_state), maxlen=0)
        return results

    def start(self, values: dict[int, Any]) -> None:
        for number in self.graph.inputs:
            check_value(self.graph.variables[number], values[number], self._finite, "an input of the function")

    def step(self, call: NodeCall, node: FrozenNode) -> None:
        inputs = [cell[0] for cell in call.inputs]
        outputs = checked_perform(node.apply, inputs, self._finite)
        self._shapes[node.index](inputs, outputs)
        for cell, value in zip(call.outputs, outputs):
            cell[0] = value

    def finish(self, values: dict[int, Any], inputs: Sequence[Any]) -> None:
        if self._journal is not None:
            self._journal.check(inputs)
        if self._program is not None:
            self._compare(values, inputs)

    def _compare(self, values: dict[int, Any], inputs: Sequence[Any]) -> None:
        graph, linker = self.graph, self._compared
        if linker is None or self._program is None:
            return
        found = first_difference(graph, linker, inputs, values, outcome_of(self._program, self.plan, inputs))
        if found is None:
            return
        variable, arguments = graph.variables[found.number], []
        if found.node is not None:
            variable = found.node.apply.outputs[found.node.outputs.index(found.number)]
            arguments = [values[number] for number in found.node.inputs]
        how = f"the linker {linker.name!r}, {found.where}"
        error = BadThunkOutput(variable, "perform", found.expected, how, found.actual, arguments)
        if found.node is not None:
            raise_with_op(found.node, error, arguments, graph=graph)
        raise error


register_mode("DebugMode", DebugMode())
register_mode("DEBUG_MODE", DebugMode())
