"""Families of Ops from which small well-typed graphs are put together.

A member of a family says which arguments it takes, by their concrete shapes, and what comes out.
Members keep values moderate: what grows quickly or jumps is applied to inputs of the graph only, so that
rounding differences between two ways to compute a graph don't grow beyond what tests tolerate.
"""

from aesaralite.testing.families.base import (
    Built,
    Family,
    Member,
    Part,
    Pick,
    applied,
    elementwise,
    family_of,
    reducing,
    reindexed,
)
from aesaralite.testing.families.draws import DISTRIBUTIONS, drawn
from aesaralite.testing.families.tables import FAMILIES

__all__ = [
    "DISTRIBUTIONS",
    "FAMILIES",
    "Built",
    "Family",
    "Member",
    "Part",
    "Pick",
    "applied",
    "drawn",
    "elementwise",
    "family_of",
    "reducing",
    "reindexed",
]
