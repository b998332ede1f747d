"""Compiled programs on disk, addressed by what they are made of.

The name of a file is a digest of the graph, the calling plan, the variant, our source, the versions of Python, NumPy
and llvmlite, and the processor.  Files are written beside and moved into place.  Whatever is wrong with the folder or
a file - missing, foreign, damaged, read-only - costs a compilation and nothing else.
"""

from __future__ import annotations

import functools
import hashlib
import os
import pickle
import platform
import tempfile
from pathlib import Path
from typing import Any

from aesaralite.configdefaults import config

_MAGIC = b"aesaralite-numba-1\n"


@functools.cache
def environment() -> str:
    """What compiled code depends on beside the graph."""
    import llvmlite
    import numpy

    from . import machine

    hasher = hashlib.sha256()
    for part in (
        platform.python_version(),
        platform.python_implementation(),
        numpy.__version__,
        llvmlite.__version__,
        *machine.processor(),
    ):
        hasher.update(part.encode() + b"\0")
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        hasher.update(path.read_bytes())
    return hasher.hexdigest()


def key(*parts: object) -> str:
    """Digest of the parts and the environment."""
    hasher = hashlib.sha256(environment().encode())
    for part in parts:
        hasher.update(repr(part).encode() + b"\0")
    return hasher.hexdigest()


def _path(name: str) -> Path:
    return Path(config.numba__cache_dir) / "numba" / f"{name}.program"


def load(name: str) -> Any | None:
    """What was saved under `name`, or None."""
    try:
        data = _path(name).read_bytes()
    except OSError:
        return None
    head, digest, payload = data[: len(_MAGIC)], data[len(_MAGIC) : len(_MAGIC) + 32], data[len(_MAGIC) + 32 :]
    if head != _MAGIC or hashlib.sha256(payload).digest() != digest:
        return None
    try:
        return pickle.loads(payload)
    except Exception:  # whatever a foreign or old pickle does
        return None


def save(name: str, value: Any) -> None:
    """Keep `value` under `name`, if that is possible."""
    path = _path(name)
    try:
        payload = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    except Exception:  # an Op's content that can't be pickled is compiled anew each time
        return
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
            temporary = file.name
            file.write(_MAGIC + hashlib.sha256(payload).digest() + payload)
        os.replace(temporary, path)
    except OSError:
        if temporary is not None and os.path.exists(temporary):
            os.unlink(temporary)
