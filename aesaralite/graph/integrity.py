"""Whether what a `FunctionGraph` keeps of its graph is so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesaralite.errors import InconsistencyError
from aesaralite.graph.traversal import applys_between, vars_between
from aesaralite.graph.variable import AtomicVariable

if TYPE_CHECKING:
    from aesaralite.graph.fg import FunctionGraph


def check_integrity(fgraph: FunctionGraph) -> None:
    """Check that nodes, variables and clients of a graph fit together.

    Raises
    ------
    InconsistencyError
        If they don't.
    """
    nodes = set(applys_between(fgraph.inputs, fgraph.outputs))
    if fgraph.apply_nodes != nodes:
        raise InconsistencyError(
            f"The nodes are inappropriately cached. Missing: {nodes - fgraph.apply_nodes}; "
            f"in excess: {fgraph.apply_nodes - nodes}"
        )
    for node in nodes:
        for i, variable in enumerate(node.inputs):
            if (node, i) not in fgraph.clients.get(variable, ()):
                raise InconsistencyError(f"{node} is missing from the clients of its input {i}, {variable}")
    variables = set(vars_between(fgraph.inputs, fgraph.outputs))
    if variables != fgraph.variables:
        raise InconsistencyError(
            f"The variables are inappropriately cached. Missing: {variables - fgraph.variables}; "
            f"in excess: {fgraph.variables - variables}"
        )
    given = set(fgraph.inputs)
    for variable in variables:
        if variable.owner is None and variable not in given and not isinstance(variable, AtomicVariable):
            raise InconsistencyError(f"Undeclared input: {variable}")
        for client, i in fgraph.clients[variable]:
            held = fgraph.outputs if client == "output" else client.inputs
            if client != "output" and client not in nodes:
                raise InconsistencyError(f"{client}, a client of {variable}, is not part of the graph")
            if i >= len(held) or held[i] is not variable:
                raise InconsistencyError(f"{client} is noted as a client of {variable} and does not use it")
