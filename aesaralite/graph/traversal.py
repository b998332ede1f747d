"""Walking over graphs. Nothing here recurses."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Generator, Hashable, Iterable, Reversible, Sequence
from typing import Any, TypeVar

from aesaralite.graph.arguments import as_variables, described, expect
from aesaralite.graph.toposort import general_toposort
from aesaralite.graph.variable import Apply, Constant, Variable

T = TypeVar("T")


def walk(
    nodes: Iterable[T],
    expand: Callable[[T], Iterable[T] | None],
    bfs: bool = True,
    return_children: bool = False,
    hash_fn: Callable[[T], Hashable] = id,
) -> Generator[Any, None, None]:
    """Visit everything that can be reached, each thing once.

    Parameters
    ----------
    nodes : iterable
        Where to start.
    expand : callable
        Returns the neighbours of a thing, or None where the walk shall stop.
    bfs : bool
        Breadth first if true, else depth first.
    return_children : bool
        Whether to yield pairs of the thing and its neighbours.
    hash_fn : callable
        What tells things apart.

    Yields
    ------
    object or tuple
        The things in the order of the walk.
    """
    pending = deque(nodes)
    take = pending.popleft if bfs else pending.pop
    seen: set[Hashable] = set()
    while pending:
        node = take()
        key = hash_fn(node)
        if key in seen:
            continue
        seen.add(key)
        children = expand(node)
        if return_children:
            yield node, children
        else:
            yield node
        if children:
            pending.extend(children)


def ancestors(
    graphs: Iterable[Variable], blockers: Collection[Variable] | None = None
) -> Generator[Variable, None, None]:
    """Yield the variables that `graphs` depend on, themselves included.

    Parameters
    ----------
    graphs : iterable of Variable
        Where to start.
    blockers : collection of Variable, optional
        Variables beyond which the walk doesn't go.
    """
    barred = frozenset(blockers) if blockers else frozenset()

    def expand(variable: Variable) -> Iterable[Variable] | None:
        if variable.owner is not None and variable not in barred:
            return reversed(variable.owner.inputs)
        return None

    yield from walk(reversed(as_variables(graphs, "graphs")), expand, bfs=False)


def graph_inputs(
    graphs: Iterable[Variable], blockers: Collection[Variable] | None = None
) -> Generator[Variable, None, None]:
    """Yield the variables without an owner that `graphs` depend on, constants included."""
    yield from (variable for variable in ancestors(graphs, blockers) if variable.owner is None)


def explicit_graph_inputs(graph: Variable | Iterable[Variable]) -> Generator[Variable, None, None]:
    """Yield the inputs that a caller must give: neither constants nor shared variables."""
    yield from (
        variable
        for variable in graph_inputs(as_variables(graph, "graph"))
        if not isinstance(variable, Constant) and not hasattr(variable, "get_value")
    )


def vars_between(ins: Collection[Variable], outs: Iterable[Variable]) -> Generator[Variable, None, None]:
    """Yield the variables on the way from `ins` to `outs`, both included; other leaves of `outs` too."""
    barred = frozenset(ins)

    def expand(variable: Variable) -> Iterable[Variable] | None:
        if variable.owner is not None and variable not in barred:
            return list(reversed(variable.owner.inputs)) + [v for v in variable.owner.outputs if v is not variable]
        return None

    yield from walk(reversed(as_variables(outs, "outs")), expand, bfs=False)


def applys_between(ins: Collection[Variable], outs: Iterable[Variable]) -> Generator[Apply, None, None]:
    """Yield the nodes on the way from `ins` to `outs`."""
    barred = frozenset(ins)
    seen: set[Apply] = set()
    for variable in vars_between(ins, outs):
        node = variable.owner
        if node is not None and variable not in barred and node not in seen:
            seen.add(node)
            yield node


def orphans_between(ins: Collection[Variable], outs: Iterable[Variable]) -> Generator[Variable, None, None]:
    """Yield the variables that `outs` need, have no owner, and are not among `ins`."""
    given = frozenset(ins)
    yield from (variable for variable in vars_between(ins, outs) if variable.owner is None and variable not in given)


def truncated_graph_inputs(
    outputs: Sequence[Variable], ancestors_to_include: Collection[Variable] | None = None
) -> list[Variable]:
    """Return a set of variables from which `outputs` can be computed, as near to them as allowed.

    Parameters
    ----------
    outputs : sequence of Variable
        What is to be computed.
    ancestors_to_include : collection of Variable, optional
        Where the graph may be cut. A variable among them is in the result unless everything that
        needs it lies behind another cut.
    """
    wanted = set(ancestors_to_include or ())
    blockers: set[Variable] = set()

    def expand(variable: Variable) -> Iterable[Variable] | None:
        if variable.owner is not None and not (variable in wanted and variable not in starts):
            return variable.owner.inputs
        return None

    starts = set(outputs)
    result: list[Variable] = []
    for variable in walk(as_variables(outputs, "outputs"), expand, bfs=False):
        is_cut = variable in wanted and variable not in starts
        if (is_cut or variable.owner is None) and variable not in blockers:
            blockers.add(variable)
            result.append(variable)
    return result


def list_of_nodes(inputs: Collection[Variable], outputs: Iterable[Variable]) -> list[Apply]:
    """Return the nodes between `inputs` and `outputs`."""
    barred = frozenset(as_variables(inputs, "inputs"))

    def expand(node: Apply) -> Iterable[Apply]:
        return [v.owner for v in node.inputs if v.owner is not None and not any(o in barred for o in v.owner.outputs)]

    owners = [variable.owner for variable in as_variables(outputs, "outputs") if variable.owner is not None]
    return list(walk(owners, expand))


def apply_depends_on(apply: Apply, depends_on: Apply | Collection[Apply]) -> bool:
    """Whether `apply` is, or needs the result of, one of the nodes `depends_on`."""
    expect(apply, Apply, "apply")
    nodes = [depends_on] if isinstance(depends_on, Apply) else depends_on
    if not isinstance(nodes, Iterable) or isinstance(nodes, (str, bytes)):
        raise TypeError(f"depends_on must be a node or nodes, got {described(depends_on)}")
    targets = frozenset(expect(node, Apply, "what a node may depend on") for node in nodes)

    def expand(node: Apply) -> Iterable[Apply]:
        return [variable.owner for variable in node.inputs if variable.owner is not None]

    return any(node in targets for node in walk([apply], expand))


def variable_depends_on(variable: Variable, depends_on: Variable | Collection[Variable]) -> bool:
    """Whether `variable` is, or is computed from, one of the variables `depends_on`."""
    targets = frozenset(as_variables(depends_on, "depends_on"))
    return any(v in targets for v in ancestors([variable]))


def is_in_ancestors(l_apply: Apply, f_node: Apply) -> bool:
    """Whether the node `f_node` is `l_apply` or among the nodes that it needs."""
    return apply_depends_on(l_apply, f_node)


def io_toposort(
    inputs: Iterable[Variable],
    outputs: Reversible[Variable],
    orderings: dict[Apply, list[Apply]] | None = None,
    clients: dict[Variable, list[Variable]] | None = None,
) -> list[Apply]:
    """Return the nodes between `inputs` and `outputs`, each behind what it needs.

    Parameters
    ----------
    inputs : iterable of Variable
        Where the graph begins.
    outputs : sequence of Variable
        What is computed.
    orderings : dict, optional
        Further nodes that must come before a node.
    clients : dict, optional
        Filled with the variables directly computed from each variable.

    Raises
    ------
    ValueError
        If the graph contains a circle.
    """
    barred = frozenset(as_variables(inputs, "inputs"))

    def needed(node: Apply) -> list[Apply]:
        if clients is not None:
            for variable in node.inputs:
                clients.setdefault(variable, []).extend(node.outputs)
        nodes = [v.owner for v in node.inputs if v.owner is not None and v not in barred]
        if orderings:
            nodes.extend(orderings.get(node, ()))
        return nodes

    wanted = as_variables(outputs, "outputs")
    return general_toposort([v.owner for v in wanted if v.owner is not None and v not in barred], needed)


def get_var_by_name(graphs: Iterable[Variable], target_var_id: str, ids: str = "CHAR") -> tuple[Variable, ...]:
    """Return the variables among `graphs` and their ancestors that have a name (or automatic name)."""
    expect(target_var_id, str, "target_var_id")
    return tuple(v for v in ancestors(graphs) if target_var_id in (v.name, v.auto_name))


def view_roots(node: Variable) -> list[Variable]:
    """Return the variables whose memory the value of `node` may be a view of."""
    roots: list[Variable] = []
    pending = [expect(node, Variable, "node")]
    while pending:
        variable = pending.pop()
        owner = variable.owner
        view_map = getattr(owner.op, "view_map", None) if owner is not None else None
        sources = (view_map or {}).get(variable.index)
        if owner is None or not sources:
            roots.append(variable)
        else:
            pending.extend(owner.inputs[i] for i in reversed(sources))
    return roots


def io_connection_pattern(inputs: Sequence[Variable], outputs: Sequence[Variable]) -> list[list[bool]]:
    """Return, for each input and output, whether a gradient can flow between them."""
    inputs, outputs = as_variables(inputs, "inputs"), as_variables(outputs, "outputs")
    reach: dict[Variable, set[int]] = {variable: {i} for i, variable in enumerate(inputs)}
    for node in io_toposort(inputs, outputs):
        pattern = connection_pattern_of(node)
        for j, output in enumerate(node.outputs):
            connected: set[int] = set()
            for i, variable in enumerate(node.inputs):
                if pattern[i][j]:
                    connected |= reach.get(variable, set())
            reach.setdefault(output, set()).update(connected)
    return [[i in reach.get(output, ()) for output in outputs] for i in range(len(inputs))]


def connection_pattern_of(node: Apply) -> list[list[bool]]:
    """Return the connection pattern of a node, checked; all true where its Op states none."""
    expect(node, Apply, "node")
    declared = getattr(node.op, "connection_pattern", None)
    if declared is None:
        return [[True] * len(node.outputs) for _ in node.inputs]
    pattern = declared(node)
    if not isinstance(pattern, list) or len(pattern) != len(node.inputs):
        raise ValueError(
            f"{node.op}.connection_pattern must return a list with one entry for each of {node.nin} inputs"
        )
    for entry in pattern:
        if not isinstance(entry, list) or len(entry) != len(node.outputs):
            raise ValueError(f"Each entry of {node.op}.connection_pattern must be a list with one bool for each output")
    return pattern
