"""Origins by hand, and checks of them: the engine hands a variable's origin on by itself."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any, TypeVar

from aesaralite.configdefaults import config
from aesaralite.graph.arguments import as_variables, expect, is_one_of
from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.op import Op
from aesaralite.graph.variable import Constant, Variable
from aesaralite.rewriting.base import GraphRewriter
from aesaralite.rewriting.failures import _logger

T = TypeVar("T")


def copy_stack_trace(from_var: Variable | Iterable[Variable], to_var: T) -> T:
    """Say that `to_var` was made where `from_var` was.

    Rewrites don't need it: :meth:`FunctionGraph.replace` does this for all that it takes in.

    Parameters
    ----------
    from_var
        A variable, or several, of which the first that knows its origin counts.
    to_var
        A variable or several.

    Returns
    -------
    Variable or sequence of Variable
        `to_var`.
    """
    sources, targets = as_variables(from_var, "from_var"), as_variables(to_var, "to_var")
    origin = next((source.origin for source in sources if source.origin is not None), None)
    if origin is not None:
        for target in targets:
            target.origin = origin
    return to_var


def check_stack_trace(f_or_fgraph: Any, ops_to_check: Any = "last", bug_print: str = "raise") -> bool:
    """Check that variables know where the user made them.

    Parameters
    ----------
    f_or_fgraph
        A compiled function or a FunctionGraph.
    ops_to_check
        ``"last"`` for the outputs, ``"all"`` for every node, or an Op, a class of Ops, or several of these.
    bug_print
        ``"raise"``, ``"warn"`` or ``"ignore"`` what is found.

    Returns
    -------
    bool
        Whether all of them do.

    Raises
    ------
    ValueError
        If `ops_to_check` or `bug_print` is something else.
    Exception
        If one doesn't, and `bug_print` is ``"raise"``.
    """
    if not is_one_of(bug_print, ("raise", "warn", "ignore")):
        raise ValueError(f"`bug_print` must be 'raise', 'warn' or 'ignore', not {bug_print!r}.")
    fgraph = getattr(getattr(f_or_fgraph, "maker", None), "fgraph", f_or_fgraph)
    expect(fgraph, FunctionGraph, "f_or_fgraph")
    if isinstance(ops_to_check, str):
        if ops_to_check not in ("last", "all"):
            raise ValueError(f"`ops_to_check` must be 'last', 'all', or Ops, not {ops_to_check!r}.")
        nodes = fgraph.toposort() if ops_to_check == "all" else [output.owner for output in fgraph.outputs]
    else:
        wanted = ops_to_check if isinstance(ops_to_check, (list, tuple)) else [ops_to_check]
        if not all(isinstance(op, Op) or (isinstance(op, type) and issubclass(op, Op)) for op in wanted):
            raise ValueError(f"`ops_to_check` must be 'last', 'all', or Ops, not {ops_to_check!r}.")
        nodes = [
            node
            for node in fgraph.toposort()
            if any(isinstance(node.op, op) if isinstance(op, type) else node.op == op for op in wanted)
        ]
    for node in nodes:
        if node is None:
            continue
        for variable in node.outputs:
            if variable.origin is None and not isinstance(variable, Constant):
                message = f"The variable {variable}, an output of {node}, doesn't know where the user made it."
                if bug_print == "raise":
                    raise Exception(message)
                if bug_print == "warn":
                    warnings.warn(message, stacklevel=2)
                return False
    return True


class CheckStackTraceRewriter(GraphRewriter):
    """Checks every variable of a graph, as the flag ``check_stack_trace`` says; it changes nothing."""

    def apply(self, fgraph: FunctionGraph) -> None:
        action = config.check_stack_trace
        if action == "off":
            return
        if not check_stack_trace(fgraph, "all", bug_print="ignore" if action == "log" else action) and action == "log":
            _logger.warning("A rewrite left a variable that doesn't know where the user made it.")
