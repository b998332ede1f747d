"""Slices and None as values of the graph, where users of Aesara look for them."""

from aesaralite.graph.generic import NoneConst, NoneTypeT, none_type_t
from aesaralite.tensor.slice_type import (
    MakeSlice,
    SliceConstant,
    SliceType,
    as_int_none_variable,
    as_symbolic_slice,
    make_slice,
    slicetype,
)

__all__ = [
    "MakeSlice",
    "NoneConst",
    "NoneTypeT",
    "SliceConstant",
    "SliceType",
    "as_int_none_variable",
    "as_symbolic_slice",
    "make_slice",
    "none_type_t",
    "slicetype",
]
