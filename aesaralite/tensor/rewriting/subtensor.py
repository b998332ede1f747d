"""Rewrites of indexing, where users of Aesara look for them."""

from aesaralite.rewrites.phases import register_canonicalize, register_specialize, register_stabilize, register_useless

__all__ = ["register_canonicalize", "register_specialize", "register_stabilize", "register_useless"]
