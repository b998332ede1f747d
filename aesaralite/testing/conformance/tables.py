"""All cases."""

from __future__ import annotations

from aesaralite.testing.conformance import array_cases, draw_cases, other_cases, scalar_cases
from aesaralite.testing.conformance.case import Case, ScalarCase

__all__ = ["CASES", "SCALAR_CASES"]

CASES: list[Case] = [
    *array_cases.ELEMENTWISE,
    *array_cases.REDUCTIONS,
    *array_cases.CREATION,
    *array_cases.SHAPES,
    *array_cases.JOINING,
    *array_cases.PRODUCTS,
    *other_cases.INDEXING,
    *other_cases.WRITING,
    *other_cases.NORMALISING,
    *other_cases.SORTING,
    *other_cases.EXTRAS,
    *other_cases.LINEAR_ALGEBRA,
    *other_cases.OTHERS,
    *draw_cases.STREAMS,
    *draw_cases.DRAWS,
]

SCALAR_CASES: list[ScalarCase] = scalar_cases.SCALAR_CASES
