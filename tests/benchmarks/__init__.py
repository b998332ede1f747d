"""Ratios to other libraries, measured side by side in one run: ``python -m tests.benchmarks --help``."""
