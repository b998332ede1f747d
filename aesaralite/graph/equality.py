"""Whether two graphs compute the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from aesaralite.graph.arguments import as_variables, described
from aesaralite.graph.clone import clone_replace
from aesaralite.graph.traversal import io_toposort
from aesaralite.graph.variable import AtomicVariable, Constant, Variable


def equal_computations(
    xs: Sequence[Any],
    ys: Sequence[Any],
    in_xs: Sequence[Variable] | None = None,
    in_ys: Sequence[Variable] | None = None,
    strict_dtype: bool = True,
) -> bool:
    """Whether the graphs of `xs` and `ys` are the same computation, output by output.

    Parameters
    ----------
    xs, ys : sequence of Variable or array_like
        The outputs to compare. A plain value equals a constant, or another value, of the same shape and elements.
    in_xs, in_ys : sequence of Variable, optional
        Inputs that stand for one another. Other inputs must be the same objects, or equal constants.
    strict_dtype : bool
        Whether inputs that stand for one another must have the same type.

    Returns
    -------
    bool

    Raises
    ------
    ValueError
        If the sequences that belong together differ in length.
    """
    for what, values in (("xs", xs), ("ys", ys)):
        if not isinstance(values, (Sequence, np.ndarray)) or isinstance(values, str):
            raise TypeError(f"{what} must be a list of variables or values, got {described(values)}")
    if len(xs) != len(ys):
        raise ValueError(f"The numbers of variables to compare differ: {len(xs)} and {len(ys)}")
    pairs = []
    for x, y in zip(xs, ys):
        if isinstance(x, Variable) and isinstance(y, Variable):
            pairs.append((x, y))
        elif not _same_value(x, y):
            return False
    xs, ys = [x for x, _ in pairs], [y for _, y in pairs]
    in_xs = [] if in_xs is None else as_variables(in_xs, "in_xs")
    in_ys = [] if in_ys is None else as_variables(in_ys, "in_ys")
    if len(in_xs) != len(in_ys):
        raise ValueError(f"The numbers of inputs differ: {len(in_xs)} and {len(in_ys)}")
    if any(strict_dtype and x.type != y.type for x, y in zip(in_xs, in_ys)):
        return False

    # every computation is known by the first variable of `ys` that computes it
    known: dict[object, Variable] = {}
    canonical: dict[Variable, Variable] = {y: y for y in in_ys}

    def leaf(variable: Variable) -> Variable:
        if isinstance(variable, AtomicVariable):
            return known.setdefault((type(variable), variable.merge_signature()), variable)
        return variable

    def number(inputs: Sequence[Variable], outputs: Sequence[Variable]) -> None:
        for node in io_toposort(inputs, outputs):
            for variable in node.inputs:
                if variable not in canonical:
                    canonical[variable] = leaf(variable)
            key = (node.op, tuple(canonical[variable] for variable in node.inputs))
            for i, output in enumerate(node.outputs):
                canonical.setdefault(output, known.setdefault((key, i), output))
        for output in outputs:
            canonical.setdefault(output, leaf(output))

    number(in_ys, ys)
    wanted = [canonical[y] for y in ys]
    for y in in_ys:
        if y not in in_xs:
            canonical.pop(y, None)
    canonical = {variable: value for variable, value in canonical.items() if variable not in in_xs}
    for x, y in zip(in_xs, in_ys):
        canonical[x] = y
    number(in_xs, xs)
    return all(
        canonical[x] is y and (not strict_dtype or x.type == z.type or x.owner is not None)
        for x, y, z in zip(xs, wanted, ys)
    )


def _same_value(x: Any, y: Any) -> bool:
    x, y = (value.data if isinstance(value, Constant) else value for value in (x, y))
    if isinstance(x, Variable) or isinstance(y, Variable):
        return False
    return bool(np.array_equal(x, y))


def is_same_graph(
    var1: Variable,
    var2: Variable,
    givens: Mapping[Variable, Variable] | Iterable[tuple[Variable, Variable]] | None = None,
) -> bool:
    """Whether two variables are the same computation.

    Parameters
    ----------
    var1, var2 : Variable
        What to compare.
    givens : mapping or pairs of Variable, optional
        Variables, and what takes their place in both graphs before these are compared.

    Returns
    -------
    bool
    """
    pairs = list((givens.items() if isinstance(givens, Mapping) else givens) or ())
    if pairs:
        var1, var2 = clone_replace([var1, var2], pairs)
    return equal_computations([var1], [var2])
