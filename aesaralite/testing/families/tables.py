"""The families by name."""

from __future__ import annotations

from aesaralite.testing.families import arithmetic, arrays, linear
from aesaralite.testing.families.base import Family

__all__ = ["FAMILIES"]

FAMILIES: dict[str, Family] = {
    "unary": arithmetic.UNARY,
    "binary": arithmetic.BINARY,
    "choice": arithmetic.CHOICE,
    "comparison": arithmetic.COMPARISON,
    "logic": arithmetic.LOGIC,
    "integer": arithmetic.INTEGER,
    "rounding": arithmetic.ROUNDING,
    "special": arithmetic.SPECIAL,
    "complex": arithmetic.COMPLEX,
    "reduction": arrays.REDUCTION,
    "cumulative": arrays.CUMULATIVE,
    "sorting": arrays.SORTING,
    "dims": arrays.DIMS,
    "shapes": arrays.SHAPES,
    "indexing": arrays.INDEXING,
    "masking": arrays.MASKING,
    "update": arrays.UPDATE,
    "joining": arrays.JOINING,
    "repeating": arrays.REPEATING,
    "diagonal": arrays.DIAGONAL,
    "product": linear.PRODUCT,
    "linear": linear.LINEAR,
    "softmax": arrays.SOFTMAX,
    "creation": arrays.CREATION,
    "cast": arithmetic.CAST,
}
"""Families by name. Draws aren't among them: they need a generator."""
