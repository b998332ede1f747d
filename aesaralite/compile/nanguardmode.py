"""`NanGuardMode`: a NaN, an infinity or a huge number is an error where it first appears."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np

from aesaralite.compile.debugging.stepping import NodeCall, SteppedProgram, SteppingLinker
from aesaralite.compile.debugging.values import summary_of
from aesaralite.compile.linker import CallingPlan, Linker
from aesaralite.compile.mode import Mode, register_mode
from aesaralite.compile.runtime_errors import expression_lines
from aesaralite.configdefaults import config
from aesaralite.graph.frozen import FrozenGraph, FrozenNode
from aesaralite.graph.variable import Variable
from aesaralite.rewriting.base import GraphRewriter
from aesaralite.rewriting.db import RewriteDatabase
from aesaralite.rewriting.query import RewriteDatabaseQuery

__all__ = ["NanGuardMode", "contains_big", "contains_inf", "contains_nan"]

_BIG = 1e10
_logger = logging.getLogger("aesaralite.compile.nanguardmode")


class NanGuardMode(Mode):
    """A mode in which a function runs node by node, and fails at the first value that is not a usual number.

    Inputs, shared variables and constants are looked at before the first node runs, and each output of a node after
    it has run.

    Parameters
    ----------
    nan_is_error, inf_is_error : bool, optional
        Whether a NaN, and an infinity, is an error. By default what the flags ``NanGuardMode__nan_is_error`` and
        ``NanGuardMode__inf_is_error`` say when a function is compiled.
    big_is_error : bool, optional
        Whether a number larger than 1e10 is one, by default what the flag ``NanGuardMode__big_is_error`` says.
    optimizer
        The rewrites, as for `Mode`.
    linker : str or Linker, optional
        What compiles each node, as a program of its own. Unless given, the `perform` methods run.
    db : RewriteDatabase, optional
        Where the rewrites are taken from.

    Raises
    ------
    ValueError
        If nothing is an error.

    Notes
    -----
    Only arrays of floats and of complex numbers are looked at. A function raises `AssertionError`, and shared variables
    are as before the call; the flag ``NanGuardMode__action`` may ask for an entry in the log, or for the debugger.
    """

    def __init__(
        self,
        nan_is_error: bool | None = None,
        inf_is_error: bool | None = None,
        big_is_error: bool | None = None,
        optimizer: str | RewriteDatabaseQuery | GraphRewriter | None = "default",
        linker: str | Linker | None = None,
        db: RewriteDatabase | None = None,
    ) -> None:
        super().__init__(linker, optimizer, db)
        self._errors = nan_is_error, inf_is_error, big_is_error
        if self._errors == (False, False, False):
            raise ValueError("A NanGuardMode needs something to look for: nan_is_error, inf_is_error or big_is_error")

    @property
    def linker(self) -> Linker:
        flags = (
            config.NanGuardMode__nan_is_error,
            config.NanGuardMode__inf_is_error,
            config.NanGuardMode__big_is_error,
        )
        nan, inf, big = (flag if given is None else bool(given) for given, flag in zip(self._errors, flags))
        return _GuardLinker(nan, inf, big, None if self.provided_linker is None else super().linker)

    def clone(
        self,
        link_kwargs: dict[str, Any] | None = None,
        optimizer: str | RewriteDatabaseQuery | GraphRewriter | None = "",
        **kwargs: Any,
    ) -> NanGuardMode:
        """Return a copy of this mode, with changes.

        Parameters
        ----------
        link_kwargs
            Arguments for a fresh linker of the class of the one that was given.
        optimizer
            Other rewrites; as they are unless given.
        **kwargs
            ``nan_is_error``, ``inf_is_error``, ``big_is_error``: other decisions.
        """
        linker = self.provided_linker
        if link_kwargs and linker is not None:
            linker = type(super().linker)(**link_kwargs)
        nan, inf, big = self._errors
        settings = {"nan_is_error": nan, "inf_is_error": inf, "big_is_error": big, **kwargs}
        chosen = self.provided_optimizer if optimizer == "" else optimizer
        return type(self)(optimizer=chosen, linker=linker, db=self._db, **settings)


def contains_nan(arr: Any, node: Any = None, var: Any = None) -> bool:
    """Whether there is a NaN in a value. One that isn't made of floats has none.

    Parameters
    ----------
    arr
        The value.
    node, var
        The node and the variable that it belongs to; they don't matter.
    """
    return _is_inexact(arr) and bool(np.isnan(arr).any())


def contains_inf(arr: Any, node: Any = None, var: Any = None) -> bool:
    """Whether there is an infinity in a value. The parameters are those of `contains_nan`."""
    return _is_inexact(arr) and bool(np.isinf(arr).any())


def contains_big(arr: Any, node: Any = None, var: Any = None) -> bool:
    """Whether there is a number larger than 1e10 in a value. The parameters are those of `contains_nan`."""
    return _is_inexact(arr) and bool((np.abs(arr) > _BIG).any())


def _is_inexact(value: Any) -> bool:
    return isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind in "fc" and value.size > 0


class _GuardLinker(SteppingLinker):
    """Links to programs that look at each value."""

    name = "nanguard"

    def __init__(self, nan: bool, inf: bool, big: bool, inner: str | Linker | None) -> None:
        super().__init__(inner)
        self.errors = nan, inf, big

    def link(self, graph: FrozenGraph, plan: CallingPlan) -> SteppedProgram:
        return _GuardedProgram(graph, plan, self.inner_linker, *self.errors)


class _GuardedProgram(SteppedProgram):
    def __init__(
        self, graph: FrozenGraph, plan: CallingPlan, linker: Linker | None, nan: bool, inf: bool, big: bool
    ) -> None:
        super().__init__(graph, plan, linker)
        tests = ((nan, "NaN", contains_nan), (inf, "Inf", contains_inf), (big, "Big value", contains_big))
        self._tests = [(name, found_in) for wanted, name, found_in in tests if wanted]

    def start(self, values: dict[int, Any]) -> None:
        for number, value in values.items():
            variable = self.graph.variables[number]
            what = "constant" if number in self.graph.constants else "input of the function"
            self._look_at(value, variable, f"in an {what}" if what[0] == "i" else f"in a {what}")

    def step(self, call: NodeCall, node: FrozenNode) -> None:
        call()
        for variable, cell in zip(node.apply.outputs, call.outputs):
            self._look_at(cell[0], variable, "in the output of a node")

    def _look_at(self, value: Any, variable: Variable, where: str) -> None:
        found = [name for name, found_in in self._tests if found_in(value)]
        if found:
            _complain("\n".join([f"{name} detected {where}" for name in found] + _lines_about(value, variable)))


def _lines_about(value: Any, variable: Variable) -> list[str]:
    lines = [f"The variable {variable}, of type {variable.type}, has the value {summary_of(value)}"]
    if variable.owner is not None:
        return lines + expression_lines(variable.owner)
    origin = variable.origin
    if origin is not None:
        source = origin.source_line()
        lines.append(f"It was made at {origin}" + (f":\n    {source}" if source else ""))
    return lines


def _complain(message: str) -> None:
    action = config.NanGuardMode__action
    if action == "raise":
        raise AssertionError(message)
    _logger.error(message)
    if action == "pdb":
        breakpoint()  # noqa: T100


register_mode("NanGuardMode", NanGuardMode())
