"""`OrderedUpdates`, where users of Aesara look for it."""

from aesaralite.graph.updates import OrderedUpdates

__all__ = ["OrderedUpdates"]
