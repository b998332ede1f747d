"""Strategies for whole graphs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from aesaralite.graph.shared import SharedVariable, shared
from aesaralite.graph.variable import Variable
from aesaralite.tensor import pointwise
from aesaralite.testing.cases import GraphCase
from aesaralite.testing.census import CENSUS
from aesaralite.testing.evaluation import Values
from aesaralite.testing.families.base import Family, Part, family_of
from aesaralite.testing.families.draws import drawn
from aesaralite.testing.families.tables import FAMILIES
from aesaralite.testing.strategies.of_arrays import (
    arrays,
    broadcastable_shapes,
    dtypes,
    generators,
    tensor_types,
)

__all__ = ["graphs", "programs"]

_ATTEMPTS = 3
_CHOICES = 8
"""Choices that are made for a node, about."""
_LARGEST = 512
"""Elements that a part of a graph has at most."""


@st.composite
def graphs(
    draw: Any,
    families: Sequence[str] | Mapping[str, Family] | None = None,
    kinds: str = "f",
    max_inputs: int = 3,
    max_nodes: int = 6,
    max_dims: int = 3,
    max_side: int = 4,
    min_side: int = 0,
    special: bool = False,
    smooth: bool = False,
    scalar_output: bool = False,
    ops: Sequence[Callable[..., Any]] = (),
    max_outputs: int = 1,
    max_shared: int = 0,
    updates: bool = False,
    draws: bool = False,
    givens: bool = False,
) -> GraphCase:
    """Small well-typed graphs with matching inputs.

    Parameters
    ----------
    families : sequence of str or mapping, optional
        Which families of Ops occur: names out of `aesaralite.testing.families.FAMILIES`, or families of
        your own. By default all; none if `ops` are given.
    kinds : str
        The kinds of dtypes of inputs, as in `dtypes`.
    max_inputs, max_nodes, max_dims, max_side, min_side : int
        The size of the graph and of the arrays. `max_nodes` counts applications of members of families, each of which
        may be some nodes.
    special : bool
        Whether values include NaN, infinities and extremes.
    smooth : bool
        Whether only Ops occur that are differentiable wherever their inputs may lie.
    scalar_output : bool
        Whether the output is 0-d: the sum of what else it would be.
    ops : sequence of callable
        Ops, or functions of variables, that occur; about every other node is one of them.
    max_outputs : int
        How many outputs there may be.
    max_shared : int
        How many shared variables there may be beside the inputs.
    updates : bool
        Whether shared variables are updated.
    draws : bool
        Whether there are random variables, from one shared generator or two; they are advanced.
    givens : bool
        Whether inputs may be replaced by expressions, constants and shared variables.

    Examples
    --------
    >>> case = graphs(families=["unary", "reduction"]).example()
    >>> len(case.inputs) == len(case.values)
    True
    """
    chosen = _chosen(families, ops)
    if smooth:
        chosen = [family.smooth_part() for family in chosen]
        chosen = [family for family in chosen if family.members]
    # Choices of Ops come first: of the examples that Hypothesis makes, many are simple from some point on.
    size = draw(st.integers(1, max_nodes))
    pick = _picker(draw(st.binary(min_size=_CHOICES * size, max_size=_CHOICES * size)))

    number = draw(st.integers(1, max_inputs))
    count = draw(st.integers(1 if updates else 0, max_shared)) if max_shared else 0
    input_shapes = draw(broadcastable_shapes(number + count, max_dims=max_dims, min_side=min_side, max_side=max_side))
    dtype = draw(dtypes(kinds))
    case = GraphCase([], [], [])
    values = Values({})
    parts: list[Part] = []
    states: list[SharedVariable] = []
    for i, shape in enumerate(input_shapes):
        # most graphs keep to one dtype; some mix
        name = draw(st.just(dtype) | dtypes(kinds))
        value = draw(arrays(name, shape, special=special, bound=3.0))
        if i < number:
            variable: Any = draw(tensor_types(value))(f"x{i}")
            case.inputs.append(variable)
            case.values.append(value)
        else:
            variable = shared(np.array(value, order="C"), name=f"s{i - number}")
            states.append(variable)
        values[variable] = value
        parts.append(Part(variable, value.shape))
    sources = [shared(draw(generators()), name=f"rng{i}") for i in range(draw(st.integers(1, 2)))] if draws else []
    chains: dict[Variable, list[Variable]] = {rng: [rng] for rng in sources}
    for _ in range(size):
        if sources and pick([False, True]):
            part = _drawn(pick, parts, chains[pick(sources)], values)
        else:
            part = _applied(pick, parts, _offered(chosen, ops, pick), values)
        if part is not None:
            parts.append(part)
    case.outputs.extend(_outputs(draw, parts, max_outputs))
    if scalar_output:
        case = replace(case, outputs=[_summed(output) for output in case.outputs])
    if updates:
        case.updates.extend(_updates(draw, states, parts))
    case.updates.extend((rng, chain[-1]) for rng, chain in chains.items() if len(chain) > 1)
    if givens:
        case = _with_givens(draw, case)
    CENSUS.note(case)
    return case


def programs(**options: Any) -> st.SearchStrategy[GraphCase]:
    """Graphs with all that a function may have: several outputs, shared variables, updates, draws, givens.

    Parameters
    ----------
    **options
        As for `graphs`.
    """
    everything: dict[str, Any] = {"max_outputs": 3, "max_shared": 2, "updates": True, "draws": True, "givens": True}
    return graphs(**(everything | options))


def _chosen(families: Sequence[str] | Mapping[str, Family] | None, ops: Sequence[Any]) -> list[Family]:
    if families is None:
        families = () if ops else FAMILIES
    if isinstance(families, Mapping):
        found = list(families.values())
    else:
        found = [FAMILIES[name] for name in families]
    return found if found or not ops else [family_of(ops)]


def _offered(chosen: Sequence[Family], ops: Sequence[Any], pick: Any) -> Sequence[Family]:
    return [family_of(ops)] if ops and pick([False, True]) else chosen


def _applied(pick: Any, parts: Sequence[Part], families: Sequence[Family], values: Values) -> Part | None:
    """Apply something; where it doesn't suit, something else."""
    for _ in range(_ATTEMPTS):
        part = _with_shape(pick(families).apply(pick, parts), values)
        if part is not None:
            return part
    return None


def _drawn(pick: Any, parts: Sequence[Part], chain: list[Variable], values: Values) -> Part | None:
    """Draw from the last state of a generator; the next state becomes the last."""
    pair = drawn(pick, parts, chain[-1])
    part = None if pair is None else _with_shape(pair[1], values)
    if pair is not None and part is not None:
        chain.append(pair[0])
    return part


def _with_shape(new: Any, values: Values) -> Part | None:
    """Return a part of a graph, or None if it's too large or can't be computed."""
    if new is None:
        return None
    if not isinstance(new, Part):
        try:
            value = values[new]
        except Exception:
            return None
        new = Part(new, np.shape(value))
    return new if np.prod(new.shape, dtype=int) <= _LARGEST else None


def _outputs(draw: Any, parts: Sequence[Part], max_outputs: int) -> list[Variable]:
    last = parts[-1].variable
    if max_outputs == 1:
        return [last]
    others = draw(st.lists(st.sampled_from(parts), max_size=max_outputs - 1))
    return [*(part.variable for part in others), last]


def _summed(output: Any) -> Any:
    return output.sum() if output.type.ndim else output


def _updates(draw: Any, states: Sequence[Any], parts: Sequence[Part]) -> list[tuple[Any, Any]]:
    """Return new values for shared variables, of the shapes that they have, so that a second call can be made."""
    found = []
    for state in states:
        shape = next(part.shape for part in parts if part.variable is state)
        same = [p for p in parts if p.shape == shape and _casts(p.variable.type.dtype, state.type.dtype)]
        if draw(st.integers(0, 3)):
            new = draw(st.sampled_from(same)).variable
            found.append((state, new if new.type == state.type else state.type.filter_variable(_fitting(new, state))))
    return found


def _fitting(new: Any, state: Any) -> Any:
    return pointwise.cast(new, state.type.dtype)


def _casts(source: str, target: str) -> bool:
    return np.dtype(source).kind == np.dtype(target).kind


def _with_givens(draw: Any, case: GraphCase) -> GraphCase:
    """Replace some inputs by something else."""
    inputs, values = [], []
    givens: list[tuple[Any, Any]] = []
    for variable, value in zip(case.inputs, case.values):
        how = draw(st.sampled_from(["input", "input", "input", "same", "negated", "constant", "shared"]))
        if how == "input" or (how == "negated" and np.dtype(variable.type.dtype).kind not in "if"):
            inputs.append(variable)
            values.append(value)
        elif how == "constant":
            givens.append((variable, variable.type.make_constant(np.array(value, order="C"))))
        elif how == "shared":
            givens.append((variable, shared(np.array(value, order="C"), shape=variable.type.shape)))
        else:
            outer: Any = variable.type(f"{variable.name}_given")
            inputs.append(outer)
            values.append(value if how == "same" else np.negative(value))
            givens.append((variable, outer if how == "same" else -outer))
    return replace(case, inputs=inputs, values=values, givens=givens)


def _picker(numbers: Sequence[int]) -> Callable[[Sequence[Any]], Any]:
    """Return what chooses by numbers, one after another; the first, once they're used up."""
    remaining = iter(numbers)

    def pick(choices: Sequence[Any]) -> Any:
        return choices[next(remaining, 0) % len(choices)]

    return pick
