"""Who owns a value's memory, and the copies that keep results apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from aesaralite.compile.linker import CallingPlan
from aesaralite.graph.container import duplicate

__all__ = ["ResultKeeper", "owner_of"]


def owner_of(value: Any) -> int:
    """Return what tells the memory of `value` from that of others.

    Two arrays that share memory are views of one array, which they lead to.
    """
    while isinstance(value, np.ndarray) and value.base is not None:
        value = value.base
    return id(value)


class ResultKeeper:
    """Copies results where they share memory with something that the caller may not see through them.

    A new state value shares memory with no argument, no constant and no other state. An output shares memory with
    none of these, nor with another output, unless both sides say ``borrow``.

    Parameters
    ----------
    plan
        What is asked for.
    constants
        The values in the graph that no caller may hold.
    """

    def __init__(self, plan: CallingPlan, constants: Sequence[Any]) -> None:
        self._borrowable = [slot.borrow for slot in plan.inputs]
        self._borrows = [slot.borrow for slot in plan.outputs]
        self._update_positions = [position for position, _ in plan.updates]
        replaced = {i for _, i in plan.updates}
        self._kept = [i for i in range(len(plan.inputs)) if i not in replaced]
        self._constants = frozenset(owner_of(value) for value in constants)

    def settle(self, results: list[Any], inputs: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        """Return the outputs and the new state values, copied where needed.

        Parameters
        ----------
        results
            The graph's outputs.
        inputs
            The values of its inputs.
        """
        input_owners = [owner_of(value) for value in inputs]
        taken = set(self._constants)

        # A state that is replaced leaves its old value to whoever takes it: swapping two states copies nothing.
        not_for_state = taken.union(input_owners[i] for i in self._kept)
        new_state = []
        for position in self._update_positions:
            value = results[position]
            if owner_of(value) in not_for_state:
                value = duplicate(value)
            not_for_state.add(owner_of(value))
            taken.add(owner_of(value))
            new_state.append(value)

        lent: dict[int, bool] = {}
        for owner, borrowable in zip(input_owners, self._borrowable):
            lent[owner] = borrowable and lent.get(owner, True)
        outputs = []
        for value, borrow in zip(results, self._borrows):
            owner = owner_of(value)
            if owner in taken or (owner in lent and not (borrow and lent[owner])):
                value = duplicate(value)
                owner = owner_of(value)
            lent[owner] = borrow and lent.get(owner, True)
            outputs.append(value)
        return outputs, new_state
