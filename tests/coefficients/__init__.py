"""Derives the constants of the Numba linker's mathematical functions: ``python -m tests.coefficients``."""
