"""What is known, while the graph is built, of the elements that basic indexing takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from aesaralite.errors import NotScalarConstantError
from aesaralite.graph.basic import Apply, Constant, Variable
from aesaralite.tensor.index_spec import get_constant_idx
from aesaralite.tensor.indexing_basic import Subtensor
from aesaralite.tensor.static import (
    KnownValue,
    get_scalar_constant_value,
    scalar_constant_rule,
    vector_entries_rule,
)


@scalar_constant_rule.register(Subtensor)
def _subtensor_constant(op: Subtensor, node: Apply, index: int, known: KnownValue) -> np.ndarray:
    x = node.inputs[0]
    if isinstance(x, Constant):
        # the elements that are taken may be equal where not all are
        return get_scalar_constant_value(x.data[tuple(get_constant_idx(op.idx_list, node.inputs))])
    if x.type.ndim == 1 and node.outputs[0].type.ndim == 0:
        entries = None if x.owner is None else vector_entries_rule(x.owner.op, x.owner)
        if entries is not None:
            (position,) = get_constant_idx(op.idx_list, node.inputs)
            if -len(entries) <= position < len(entries):
                entry = entries[position]
                return known(entry) if isinstance(entry, Variable) else np.asarray(entry)
    return known(x)


@vector_entries_rule.register(Subtensor)
def _subtensor_entries(op: Subtensor, node: Apply) -> Sequence[Any] | None:
    x = node.inputs[0]
    if x.type.ndim != 1 or node.outputs[0].type.ndim != 1:
        return None
    if isinstance(x, Constant):
        entries: Sequence[Any] | None = list(x.data)
    else:
        entries = None if x.owner is None else vector_entries_rule(x.owner.op, x.owner)
    if entries is None:
        return None
    try:
        (taken,) = get_constant_idx(op.idx_list, node.inputs) or (slice(None),)
    except NotScalarConstantError:
        return None
    return list(entries)[taken]
