"""Variables, nodes and the functions that walk, copy and compare graphs, under one name."""

from aesaralite.graph.clone import clone, clone_get_equiv, clone_node_and_cache, clone_replace, graph_replace
from aesaralite.graph.equality import equal_computations, is_same_graph
from aesaralite.graph.text import as_string, default_leaf_formatter, default_node_formatter, op_as_string
from aesaralite.graph.toposort import general_toposort
from aesaralite.graph.traversal import (
    ancestors,
    apply_depends_on,
    applys_between,
    connection_pattern_of,
    explicit_graph_inputs,
    get_var_by_name,
    graph_inputs,
    io_connection_pattern,
    io_toposort,
    is_in_ancestors,
    list_of_nodes,
    orphans_between,
    truncated_graph_inputs,
    variable_depends_on,
    vars_between,
    view_roots,
    walk,
)
from aesaralite.graph.variable import Apply, AtomicVariable, Constant, Node, NominalVariable, Variable

__all__ = [
    "Apply",
    "AtomicVariable",
    "Constant",
    "Node",
    "NominalVariable",
    "Variable",
    "ancestors",
    "apply_depends_on",
    "applys_between",
    "as_string",
    "clone",
    "clone_get_equiv",
    "clone_node_and_cache",
    "clone_replace",
    "connection_pattern_of",
    "default_leaf_formatter",
    "default_node_formatter",
    "equal_computations",
    "explicit_graph_inputs",
    "general_toposort",
    "get_var_by_name",
    "graph_inputs",
    "graph_replace",
    "io_connection_pattern",
    "io_toposort",
    "is_in_ancestors",
    "is_same_graph",
    "list_of_nodes",
    "op_as_string",
    "orphans_between",
    "truncated_graph_inputs",
    "variable_depends_on",
    "vars_between",
    "view_roots",
    "walk",
]
