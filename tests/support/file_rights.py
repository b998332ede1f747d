"""Rights of files, for tests that may run as root, to whom all files are open."""

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

#: linux/capability.h: version 3, and the rights to write and to read what modes forbid.
_VERSION, _OVERRIDE, _READ = 0x20080522, 1 << 1, 1 << 2


@contextmanager
def rights_count() -> Iterator[None]:
    """Within it, the modes of files count for root, too, in this thread."""
    if not hasattr(os, "geteuid"):
        pytest.skip("files have no modes")
    if os.geteuid() != 0:
        yield
        return
    if not sys.platform.startswith("linux"):
        pytest.skip("root may write everywhere")
    library = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_VERSION, 0)
    sets = (ctypes.c_uint32 * 6)()  # effective, permitted and inheritable, and the same for later rights
    if library.capget(header, sets) != 0:
        pytest.skip("root's rights can't be told")
    before = sets[0]
    sets[0] = before & ~(_OVERRIDE | _READ)
    assert library.capset(header, sets) == 0
    try:
        yield
    finally:
        sets[0] = before
        assert library.capset(header, sets) == 0
