"""The cache of compiled programs: what they depend on.

What is the same for all linkers, :mod:`aesaralite.compile.cache` does.
"""

from __future__ import annotations

import functools
import hashlib
import os
import platform
from collections.abc import Mapping

import llvmlite
import numpy as np

import aesaralite
from aesaralite.compile.cache import DiskCache
from aesaralite.compile.linker import CallingPlan
from aesaralite.configdefaults import config
from aesaralite.graph.code_content import module_digest
from aesaralite.graph.frozen import FrozenGraph

from . import machine
from .lower.registry import lowerings_of_others
from .variant import Variant


@functools.cache
def environment() -> Mapping[str, str]:
    """What compiled code depends on beside the graph, by name.

    numba isn't part of it, only its code generator is; nor is SciPy, whose routines are looked up when code is loaded.
    """
    found = {
        "aesaralite": aesaralite.__version__,
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "NumPy": np.__version__,
        "llvmlite": llvmlite.__version__,
    }
    libc = _c_library()
    if libc:
        found["C library"] = libc
    found.update(zip(("platform", "processor", "processor features"), machine.processor(), strict=True))
    found["version of the linker"] = _sources()
    return found


def _c_library() -> str | None:
    """Its version, where it tells: code calls what other versions may not have."""
    try:
        return os.confstr("CS_GNU_LIBC_VERSION")
    except (AttributeError, ValueError, OSError):
        return None


def _sources() -> str:
    """Digest of this package."""
    hasher = hashlib.sha256()
    for folder, folders, names in os.walk(os.path.dirname(__file__)):
        folders.sort()
        for name in sorted(names):
            if name.endswith(".py"):
                hasher.update(name.encode() + b"\0")
                with open(os.path.join(folder, name), "rb") as file:
                    hasher.update(file.read())
    return hasher.hexdigest()


#: The programs on disk.
programs = DiskCache("numba", environment)


def key(graph: FrozenGraph, plan: CallingPlan, variant: Variant) -> str:
    """What is compiled, and how."""
    slots = (
        [(slot.is_state, slot.borrow, slot.mutable) for slot in plan.inputs],
        [slot.borrow for slot in plan.outputs],
        plan.updates,
    )
    others = [module_digest(module).hex() for module in lowerings_of_others(node.op for node in graph.nodes)]
    return "\n".join(map(repr, (graph.digest, slots, variant, config.numba__fastmath, others)))
