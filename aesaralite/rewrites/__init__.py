"""The rewrites, by subject; importing this package registers them in `optdb`, in the order of the list below."""

from aesaralite.rewrites import (  # isort: skip
    folding,
    shapes,
    elementwise,
    dimensions,
    arithmetic,
    powers,
    choice,
    broadcast_sums,
    distribute,
    reductions,
    stabilize,
    softmax,
    subtensor,
    joining,
)
from aesaralite.rewrites.phases import (
    optdb,
    register_canonicalize,
    register_specialize,
    register_stabilize,
    register_uncanonicalize,
    register_useless,
)

__all__ = [
    "arithmetic",
    "broadcast_sums",
    "choice",
    "dimensions",
    "distribute",
    "elementwise",
    "folding",
    "joining",
    "optdb",
    "powers",
    "reductions",
    "register_canonicalize",
    "register_specialize",
    "register_stabilize",
    "register_uncanonicalize",
    "register_useless",
    "shapes",
    "softmax",
    "stabilize",
    "subtensor",
]
