"""Shapes, where users of Aesara look for them."""

from aesaralite.tensor.reshaping import Reshape, reshape, shape_padaxis, shape_padleft, shape_padright
from aesaralite.tensor.shaping import (
    Shape,
    Shape_i,
    SpecifyShape,
    Unbroadcast,
    shape,
    shape_i,
    shape_tuple,
    specify_broadcastable,
    specify_shape,
    unbroadcast,
)

__all__ = [
    "Reshape",
    "Shape",
    "Shape_i",
    "SpecifyShape",
    "Unbroadcast",
    "reshape",
    "shape",
    "shape_i",
    "shape_padaxis",
    "shape_padleft",
    "shape_padright",
    "shape_tuple",
    "specify_broadcastable",
    "specify_shape",
    "unbroadcast",
]
