"""Copies of graphs, as they are or with parts replaced."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from aesaralite.graph.arguments import as_flag, as_pairs, as_variables, expect
from aesaralite.graph.traversal import io_toposort, vars_between
from aesaralite.graph.variable import Apply, Constant, Variable


def clone(
    inputs: Sequence[Variable],
    outputs: Sequence[Variable],
    copy_inputs: bool = True,
    copy_orphans: bool | None = None,
) -> tuple[list[Variable], list[Variable]]:
    """Copy the graph between `inputs` and `outputs`.

    Parameters
    ----------
    inputs, outputs : sequence of Variable
        Where the graph begins and ends.
    copy_inputs : bool
        Whether the inputs are copied too.
    copy_orphans : bool, optional
        Whether other leaves, constants for instance, are copied; as `copy_inputs` by default.

    Returns
    -------
    tuple of list
        The inputs and outputs of the copy.
    """
    inputs, outputs = as_variables(inputs, "inputs"), as_variables(outputs, "outputs")
    if copy_orphans is None:
        copy_orphans = copy_inputs
    equiv = clone_get_equiv(inputs, outputs, copy_inputs=copy_inputs, copy_orphans=copy_orphans)
    return [equiv[variable] for variable in inputs], [equiv[variable] for variable in outputs]


def clone_get_equiv(
    inputs: Iterable[Variable],
    outputs: Sequence[Variable],
    copy_inputs: bool = True,
    copy_orphans: bool = True,
    memo: dict[Any, Any] | None = None,
    clone_inner_graphs: bool = False,
    **kwargs: Any,
) -> dict[Any, Any]:
    """Copy a graph and return what each variable and node became.

    Parameters
    ----------
    inputs, outputs, copy_inputs, copy_orphans
        See `clone`.
    memo : dict, optional
        What has been copied already; it is extended.
    clone_inner_graphs : bool
        Whether Ops that hold graphs are copied.

    Returns
    -------
    dict
        From the variables and nodes of the graph to those of the copy.
    """
    inputs, outputs = as_variables(inputs, "inputs"), as_variables(outputs, "outputs")
    copy_inputs, copy_orphans = as_flag(copy_inputs, "copy_inputs"), as_flag(copy_orphans, "copy_orphans")
    memo = {} if memo is None else expect(memo, dict, "memo")
    for variable in inputs:
        if copy_inputs:
            memo.setdefault(variable, variable.clone())
        else:
            memo.setdefault(variable, variable)
    for node in io_toposort(inputs, outputs):
        clone_node_and_cache(node, memo, clone_inner_graphs, copy_orphans, **kwargs)
    for output in outputs:
        if output not in memo:
            memo[output] = output.clone() if copy_orphans else output
    return memo


def clone_node_and_cache(
    node: Apply,
    clone_d: dict[Any, Any],
    clone_inner_graphs: bool = False,
    copy_orphans: bool = False,
    **kwargs: Any,
) -> Apply | None:
    """Copy a node whose inputs have been copied, and note the copy.

    Returns
    -------
    Apply or None
        The copy; None if all outputs had been copied already.
    """
    if all(output in expect(clone_d, dict, "clone_d") for output in expect(node, Apply, "node").outputs):
        return None
    new_inputs = []
    for variable in node.inputs:
        copy = clone_d.get(variable)
        if copy is None:
            # a leaf that is no input; or a variable beyond an input, which stays as it is
            copy = variable.clone() if copy_orphans and variable.owner is None else variable
            clone_d[variable] = copy
        new_inputs.append(copy)
    new_node = node.clone_with_new_inputs(new_inputs, clone_inner_graph=clone_inner_graphs, **kwargs)
    for old, new in zip(node.outputs, new_node.outputs):
        clone_d.setdefault(old, new)
        if new.name is None:
            new.name = old.name
    clone_d.setdefault(node, new_node)
    return new_node


def _resolve(replace: Any, strict: bool) -> dict[Variable, Variable]:
    resolved: dict[Variable, Variable] = {}
    for old, new in as_pairs(replace, "replace"):
        if not isinstance(old, Variable):
            raise TypeError(f"Only variables can be replaced, got {old!r}")
        if strict or not isinstance(new, Variable):
            new = old.type.filter_variable(new)
        resolved[old] = new
    return resolved


def _rebuild(outputs: Sequence[Variable], memo: dict[Any, Any], strict: bool) -> None:
    """Copy into `memo` the nodes, and only those, that depend on something in `memo`."""
    for node in io_toposort(list(memo), outputs):
        if not any(memo.get(variable, variable) is not variable for variable in node.inputs):
            continue
        new_node = node.clone_with_new_inputs([memo.get(v, v) for v in node.inputs], strict=strict)
        for old, new in zip(node.outputs, new_node.outputs):
            new.name = old.name
            memo.setdefault(old, new)


def clone_replace(
    output: Variable | Collection[Variable],
    replace: Mapping[Variable, Any] | Iterable[tuple[Variable, Any]] | None = None,
    rebuild_strict: bool = True,
    copy_inputs_over: bool = True,
) -> Any:
    """Copy the graph of `output` with some variables replaced, all at once.

    Replacements are not searched for variables to replace, so that ``{x: x + 1}`` means what it says.

    Parameters
    ----------
    output : Variable or sequence of Variable
        What to copy.
    replace : mapping or list of pairs, optional
        What is replaced, and by what (a variable, or a value that its type takes).
    rebuild_strict : bool
        If true, a replacement must have, or be converted to, the type of what it replaces.
    copy_inputs_over : bool
        If true, inputs stay the same objects; else they are copied.

    Returns
    -------
    Variable or list of Variable
        The copy, in the form of `output`.

    Raises
    ------
    TypeError
        If a replacement doesn't fit.
    """
    single = isinstance(output, Variable)
    outputs = as_variables(output, "output")
    memo: dict[Any, Any] = dict(_resolve(replace, rebuild_strict))
    for node in io_toposort(list(memo), outputs):
        new_inputs = []
        for variable in node.inputs:
            if variable not in memo:
                keep = copy_inputs_over or isinstance(variable, Constant)
                memo[variable] = variable if keep else variable.clone()
            new_inputs.append(memo[variable])
        new_node = node.clone_with_new_inputs(new_inputs, strict=rebuild_strict)
        for old, new in zip(node.outputs, new_node.outputs):
            new.name = old.name
            memo.setdefault(old, new)
    copies = [memo.get(variable, variable) for variable in outputs]
    return copies[0] if single else copies


def graph_replace(
    outputs: Variable | Sequence[Variable],
    replace: Mapping[Variable, Any] | Iterable[tuple[Variable, Any]] | None = None,
    *,
    strict: bool = True,
) -> Any:
    """Replace variables in a graph and rebuild only what depends on them.

    Where one replaced variable is computed from another, the replacement nearest to the output
    counts.

    Parameters
    ----------
    outputs : Variable or sequence of Variable
        The graph.
    replace : mapping or list of pairs
        What is replaced, and by what.
    strict : bool
        If true, every variable in `replace` must be in the graph.

    Returns
    -------
    Variable or list of Variable
        The new outputs, in the form of `outputs`.

    Raises
    ------
    ValueError
        If `strict` and a variable isn't part of the graph.
    """
    single = isinstance(outputs, Variable)
    outs = as_variables(outputs, "outputs")
    memo: dict[Any, Any] = dict(_resolve(replace, strict=True))
    if strict:
        present = set(vars_between([], outs))
        for variable in memo:
            if variable not in present:
                raise ValueError(f"{variable} can't be replaced, as it is not part of the graph")
    _rebuild(outs, memo, strict=False)
    results = [memo.get(variable, variable) for variable in outs]
    return results[0] if single else results
