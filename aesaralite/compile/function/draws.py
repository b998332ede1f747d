"""What a function draws from random generators: how they advance, and which numbers repeat by accident."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping, Sequence

from aesaralite.errors import RepeatedDrawsWarning
from aesaralite.graph.provenance import warn_user
from aesaralite.graph.shared import SharedVariable
from aesaralite.graph.traversal import ancestors
from aesaralite.graph.variable import Apply, Constant, Variable
from aesaralite.tensor.random.op import RandomVariable

__all__ = ["after_clones", "is_draw", "warn_of_repeated_draws"]


def is_draw(node: Apply) -> bool:
    """Whether a node draws from its first input."""
    return isinstance(node.op, RandomVariable)


def after_clones(update: Variable, draws: Mapping[Variable, Collection[Apply]]) -> Variable:
    """Return the next state of a generator that is drawn from in a graph by clones.

    The default update of a generator is its state after the draws that the user wrote. In a graph that holds clones of
    these (with other parameters, made by ``clone_replace``) in their place, it's the state after the clones.

    Parameters
    ----------
    update
        The default update.
    draws
        The nodes that draw from each generator.
    """
    originals = []
    state = update
    while state.owner is not None and is_draw(state.owner) and state.index == 0:
        originals.append(state.owner)
        state = state.owner.inputs[0]
    for original in reversed(originals):
        here = draws.get(state, ())
        if original not in here:
            clones = [node for node in here if node.op == original.op and _is_clone(node, original)]
            if len(clones) != 1:
                return update
            original = clones[0]
        state = original.outputs[0]
    return state


def _is_clone(node: Apply, original: Apply) -> bool:
    origin = original.outputs[1].origin
    return origin is not None and node.outputs[1].origin is origin


def warn_of_repeated_draws(
    expressions: Iterable[Variable],
    inputs: Sequence[Variable],
    updated: Container[Variable],
    meant: Container[Variable],
) -> None:
    """Warn if a generator isn't advanced by a function that draws from it, or two draws use one state of it.

    Parameters
    ----------
    expressions
        Outputs and updates of the function.
    inputs
        What a caller gives.
    updated
        The shared variables that the function updates.
    meant
        The generators that it's said to leave as they are.
    """
    by_state: dict[Variable, list[Apply]] = {}
    by_generator: dict[Variable, Apply] = {}
    for node in _used_draws(expressions, inputs):
        by_state.setdefault(node.inputs[0], []).append(node)
        by_generator.setdefault(_generator_behind(node), node)
    for generator, node in by_generator.items():
        stays = isinstance(generator, Constant) or (isinstance(generator, SharedVariable) and generator not in updated)
        if stays and generator not in meant:
            warn_user(_text_of_repetition(generator, node), RepeatedDrawsWarning)
    for nodes in by_state.values():
        distinct = {id(node.outputs[1].origin): node for node in nodes}  # clones go with their original
        if len(distinct) > 1:
            warn_user(_text_of_sharing(list(distinct.values())), RepeatedDrawsWarning)


def _used_draws(expressions: Iterable[Variable], inputs: Sequence[Variable]) -> list[Apply]:
    """Return the nodes of which more than the next state of the generator is used."""
    given = frozenset(inputs)
    owners = ((v, v.owner) for v in ancestors(expressions, given) if v not in given)
    return [owner for v, owner in owners if owner is not None and is_draw(owner) and v.index == 1]


def _generator_behind(node: Apply) -> Variable:
    state = node.inputs[0]
    while state.owner is not None and is_draw(state.owner):
        state = state.owner.inputs[0]
    return state


def _text_of_repetition(generator: Variable, node: Apply) -> str:
    if isinstance(generator, Constant):
        return (
            f"Each call of this function draws the same numbers: {_place(node)} draws from a generator that is a "
            "constant. Make it a shared variable, aesaralite.shared(generator), which the function can update. If the "
            "repetition is meant, pass no_default_updates=True."
        )
    return (
        f"Each call of this function draws the same numbers: {_place(node)} draws from {_named(generator)}, which the "
        "function doesn't advance. Update it with the state after the draw: pass updates=[(rng, "
        "draw.owner.outputs[0])], or set rng.default_update; or let a RandomStream do so. If the repetition is meant, "
        "pass no_default_updates=[rng]."
    )


def _text_of_sharing(nodes: list[Apply]) -> str:
    places = "; ".join(_place(node) for node in nodes[:3])
    more = f"; and {len(nodes) - 3} more" if len(nodes) > 3 else ""
    return (
        f"{len(nodes)} draws use the same state of {_named(_generator_behind(nodes[0]))}, so that they are made of the "
        f"same random bits: {places}{more}. Let each use the state after the one before it, "
        "rng=draw.owner.outputs[0], or give each a generator of its own, as a RandomStream does."
    )


def _named(generator: Variable) -> str:
    where = f" (made at {generator.origin})" if generator.origin is not None else ""
    return f"the generator {generator}{where}"


def _place(node: Apply) -> str:
    draw = node.outputs[1]
    return f"{draw} (made at {draw.origin})" if draw.origin is not None else str(draw)
