"""Rewrites of elementwise Ops, where users of Aesara look for them."""

from aesaralite.rewrites.dimensions import local_dimshuffle_lift
from aesaralite.rewrites.phases import register_canonicalize, register_specialize

__all__ = ["local_dimshuffle_lift", "register_canonicalize", "register_specialize"]
