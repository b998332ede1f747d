"""Registering rewrites of tensors, and general rewrites, where users of Aesara look for them."""

from aesaralite.rewrites.choice import local_useless_switch
from aesaralite.rewrites.elementwise import (
    local_elemwise_alloc,
    local_fill_to_alloc,
    local_useless_alloc,
    local_useless_elemwise,
    local_useless_fill,
)
from aesaralite.rewrites.folding import constant_folding
from aesaralite.rewrites.phases import (
    register_canonicalize,
    register_specialize,
    register_stabilize,
    register_uncanonicalize,
    register_useless,
)
from aesaralite.rewrites.shapes import local_scalar_tensor_scalar, local_tensor_scalar_tensor

__all__ = [
    "constant_folding",
    "local_elemwise_alloc",
    "local_fill_to_alloc",
    "local_scalar_tensor_scalar",
    "local_tensor_scalar_tensor",
    "local_useless_alloc",
    "local_useless_elemwise",
    "local_useless_fill",
    "local_useless_switch",
    "register_canonicalize",
    "register_specialize",
    "register_stabilize",
    "register_uncanonicalize",
    "register_useless",
]
