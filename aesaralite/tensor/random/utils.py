"""Streams, sizes and parameters of random variables, where users of Aesara look for them."""

from aesaralite.tensor.random.parameters import (
    broadcast_params,
    explicit_expand_dims,
    normalize_size_param,
    params_broadcast_shapes,
)
from aesaralite.tensor.random.stream import RandomStream

__all__ = [
    "RandomStream",
    "broadcast_params",
    "explicit_expand_dims",
    "normalize_size_param",
    "params_broadcast_shapes",
]
