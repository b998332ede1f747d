"""The faults, a module for each group or for a few that belong together."""

from tests.mutation.faults import calls, gradients, graphs, lowerings, memory, rewrites, rewriting, types

__all__ = ["FAULTS"]

FAULTS = (
    *rewrites.FAULTS,
    *rewriting.FAULTS,
    *gradients.FAULTS,
    *types.FAULTS,
    *lowerings.FAULTS,
    *memory.FAULTS,
    *calls.FAULTS,
    *graphs.FAULTS,
)
