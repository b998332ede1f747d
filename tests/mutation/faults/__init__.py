"""The faults, a module for each group."""

from tests.mutation.faults import gradients, rewrites, rewriting

__all__ = ["FAULTS"]

FAULTS = (*rewrites.FAULTS, *rewriting.FAULTS, *gradients.FAULTS)
