"""Rewrites of shapes, where users of Aesara look for them."""

from aesaralite.rewrites.dimensions import local_reshape_chain, local_reshape_to_dimshuffle, local_useless_reshape
from aesaralite.rewrites.phases import register_canonicalize, register_specialize, register_stabilize, register_useless
from aesaralite.rewrites.shape_feature import ShapeFeature
from aesaralite.rewrites.shapes import (
    local_merge_consecutive_specify_shape,
    local_shape_to_shape_i,
    local_track_shape_i,
    local_useless_unbroadcast,
)

__all__ = [
    "ShapeFeature",
    "local_merge_consecutive_specify_shape",
    "local_reshape_chain",
    "local_reshape_to_dimshuffle",
    "local_shape_to_shape_i",
    "local_track_shape_i",
    "local_useless_reshape",
    "local_useless_unbroadcast",
    "register_canonicalize",
    "register_specialize",
    "register_stabilize",
    "register_useless",
]
