"""Indexing, where users of Aesara look for it."""

from aesaralite.errors import AdvancedIndexingError
from aesaralite.tensor.index_layout import basic_shape, group_indices, indexed_result_shape
from aesaralite.tensor.index_spec import (
    as_index_constant,
    as_index_literal,
    as_index_variable,
    as_nontensor_scalar,
    get_constant_idx,
    get_idx_list,
    get_slice_elements,
    index_vars_to_types,
    indices_from_subtensor,
    is_basic_idx,
)
from aesaralite.tensor.indexing import inc_subtensor, set_subtensor, take
from aesaralite.tensor.indexing_advanced import (
    AdvancedIncSubtensor,
    AdvancedIncSubtensor1,
    AdvancedSubtensor,
    AdvancedSubtensor1,
    advanced_inc_subtensor,
    advanced_inc_subtensor1,
    advanced_inc_subtensor_nodup,
    advanced_set_subtensor,
    advanced_set_subtensor1,
    advanced_set_subtensor_nodup,
    advanced_subtensor,
    advanced_subtensor1,
)
from aesaralite.tensor.indexing_basic import IncSubtensor, Subtensor
from aesaralite.tensor.slice_geometry import get_canonical_form_slice, range_len, slice_len

__all__ = [
    "AdvancedIncSubtensor",
    "AdvancedIncSubtensor1",
    "AdvancedIndexingError",
    "AdvancedSubtensor",
    "AdvancedSubtensor1",
    "IncSubtensor",
    "Subtensor",
    "advanced_inc_subtensor",
    "advanced_inc_subtensor1",
    "advanced_inc_subtensor_nodup",
    "advanced_set_subtensor",
    "advanced_set_subtensor1",
    "advanced_set_subtensor_nodup",
    "advanced_subtensor",
    "advanced_subtensor1",
    "as_index_constant",
    "as_index_literal",
    "as_index_variable",
    "as_nontensor_scalar",
    "basic_shape",
    "get_canonical_form_slice",
    "get_constant_idx",
    "get_idx_list",
    "get_slice_elements",
    "group_indices",
    "inc_subtensor",
    "index_vars_to_types",
    "indexed_result_shape",
    "indices_from_subtensor",
    "is_basic_idx",
    "range_len",
    "set_subtensor",
    "slice_len",
    "take",
]
