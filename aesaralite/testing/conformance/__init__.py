"""Every Op on every linker: cases, what runs them, and the table of what was seen."""

from aesaralite.testing.conformance.case import Case, ScalarCase
from aesaralite.testing.conformance.tables import CASES, SCALAR_CASES

__all__ = ["CASES", "SCALAR_CASES", "Case", "ScalarCase"]
