"""Shared variables, where users of Aesara look for them."""

from aesaralite.graph.container import Container
from aesaralite.graph.shared import SharedVariable, generic_constructor, shared, shared_constructor

__all__ = ["Container", "SharedVariable", "generic_constructor", "shared", "shared_constructor"]
