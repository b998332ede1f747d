"""The Numba linker: a whole graph as one fused function of machine code."""

from __future__ import annotations

from .linker import NumbaLinker

__all__ = ["NumbaLinker"]
