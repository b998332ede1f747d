"""Exceptions about tensors, where users of Aesara look for them."""

from aesaralite.errors import AdvancedIndexingError, NotScalarConstantError, ShapeError

__all__ = ["AdvancedIndexingError", "NotScalarConstantError", "ShapeError"]
