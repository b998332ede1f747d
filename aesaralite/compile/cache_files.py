"""The files of the compile cache: how one is read, written and trusted, and how the folder is kept small.

A file begins with a checksum of all the rest.  Files are written beside and moved into place, so that processes may
read, write and remove them at the same time.  What a process leaves that is killed while it writes has a name of its
own, and is removed in time.

A file may run any code.  So only files are read that belong to the user, or to the system's administrator, and that
nobody else can write.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from aesaralite.configdefaults import config

__all__ = ["CachedFile", "DamagedFile", "UnusableFile", "cache_folder", "cached_files", "clear_cache"]

_MAGIC = b"aesaralite compiled 1\n"
#: After the magic: checksum of what follows; lengths of header and payload; header; payload.
_LENGTHS = struct.Struct("<IQ")
_START = len(_MAGIC) + 32 + _LENGTHS.size

SUFFIX = ".compiled"
_UNFINISHED = ".unfinished"
_NAME = re.compile(rf"[0-9a-f]{{32}}-[0-9a-f]{{16}}{SUFFIX}|[0-9a-f]{{32}}{_UNFINISHED}")
#: After so many seconds, nobody is writing a file any more.
_ABANDONED = 3600.0
#: The folder is measured again when this part of its limit has been written: other processes may have written, too.
_PART = 1 / 64
#: To what part of its limit the folder is cut.
_ROOM = 0.9


class UnusableFile(Exception):
    """A file can't be used; the text says why."""


class DamagedFile(UnusableFile):
    """A file isn't what was written."""


# ---------------------------------------------------------------------- files
def read_file(path: str) -> tuple[bytes, bytes]:
    """Header and payload of a file.

    Raises
    ------
    DamagedFile
        If they aren't what was written.
    UnusableFile
        If the file can't be trusted.
    OSError, ValueError
        If it can't be read.
    """
    # not to wait for the writer of a pipe that stands there
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(handle, "rb") as file:
        status = os.fstat(handle)
        _check_trust(status)
        start = file.read(_START)
        if len(start) < _START or not start.startswith(_MAGIC):
            raise DamagedFile("the file doesn't begin as it should")
        header, payload = _LENGTHS.unpack(start[-_LENGTHS.size :])
        if status.st_size != _START + header + payload:
            raise DamagedFile(f"the file has {status.st_size} bytes instead of {_START + header + payload}")
        rest = file.read()
    hasher = hashlib.sha256(start[-_LENGTHS.size :])
    hasher.update(rest)
    if hasher.digest() != start[len(_MAGIC) : -_LENGTHS.size] or len(rest) != header + payload:
        raise DamagedFile("the file's checksum is wrong")
    return rest[:header], rest[header:]


def _check_trust(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise UnusableFile("what stands in its place isn't a file")
    if not hasattr(os, "geteuid"):
        return
    if status.st_uid not in (os.geteuid(), 0):
        raise UnusableFile(f"the file belongs to another user ({status.st_uid})")
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise UnusableFile("other users may write to the file")


def write_file(folder: str, name: str, header: bytes, payload: bytes) -> int:
    """Write a file, in one step for those who read it; gives its size.

    Raises
    ------
    OSError, ValueError
        If that isn't possible.  Nothing is left then.
    """
    rest = _LENGTHS.pack(len(header), len(payload)) + header + payload
    data = _MAGIC + hashlib.sha256(rest).digest() + rest
    try:
        _write(folder, name, data)
    except FileNotFoundError:  # somebody has removed the folder, or what was written
        _write(folder, name, data)
    return len(data)


def _write(folder: str, name: str, data: bytes) -> None:
    os.makedirs(folder, exist_ok=True)
    unfinished = os.path.join(folder, os.urandom(16).hex() + _UNFINISHED)
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with open(handle, "wb", buffering=0) as file:
            left = memoryview(data)
            while left:
                left = left[file.write(left) :]
        os.replace(unfinished, os.path.join(folder, name))
    except BaseException:
        _remove(unfinished)
        raise


def mark_used(path: str) -> None:
    """Let a file count as used now."""
    with suppress(OSError):  # a folder that can only be read
        os.utime(path)


def _remove(path: str) -> bool:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


# --------------------------------------------------------------------- folder
@dataclass(frozen=True)
class CachedFile:
    """A file of the cache.

    Attributes
    ----------
    linker
        Whose it is.
    path
        Where it is.
    size
        In bytes.
    used
        When it was last used, or written, in seconds since the epoch.
    is_finished
        Otherwise it's being written, or whoever wrote it was killed.
    """

    linker: str
    path: str
    size: int
    used: float
    is_finished: bool


def cache_folder() -> str:
    """The folder of the cache, whether it exists or not.

    Raises
    ------
    UnusableFile
        If it would be in the user's home, and there is none.
    """
    base = config.base_compiledir
    if base.startswith("~"):
        raise UnusableFile("there is no home folder; set base_compiledir to the folder of the cache")
    return os.path.join(base, "compiled")


def cached_files(folder: str) -> Iterator[CachedFile]:
    """The files of the cache in `folder`; whatever else is there is left out.

    Raises
    ------
    OSError, ValueError
        If the folder exists and can't be read.
    """
    for linker in _entries(folder):
        if not linker.is_dir():
            continue
        for entry in _entries(linker.path):
            if _NAME.fullmatch(entry.name) and not entry.is_dir(follow_symlinks=False):
                try:
                    status = entry.stat(follow_symlinks=False)
                except FileNotFoundError:  # another process has removed it
                    continue
                yield CachedFile(linker.name, entry.path, status.st_size, status.st_mtime, entry.name.endswith(SUFFIX))


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except FileNotFoundError:
        return []


def clear_cache(linker: str | None = None) -> tuple[list[CachedFile], list[CachedFile]]:
    """Remove all files of the cache, or those of one linker.

    Returns
    -------
    tuple of list
        What was removed, and what couldn't be.
    """
    folder = cache_folder()
    removed: list[CachedFile] = []
    kept: list[CachedFile] = []
    for file in list(cached_files(folder)):
        if linker is None or file.linker == linker:
            (removed if _remove(file.path) else kept).append(file)
    for path in (*(os.path.join(folder, name) for name in {file.linker for file in removed}), folder):
        with suppress(OSError):  # something is left in it
            os.rmdir(path)
    _sizes.pop(folder, None)
    return removed, kept


#: For each folder, its size when it was measured, and what this process has written since.
_sizes: dict[str, tuple[int, int]] = {}
_lock = threading.Lock()


def keep_bounded(folder: str, written: int, limit: int) -> None:
    """Remove what was used longest ago if the folder has become too large.

    Parameters
    ----------
    folder
        The folder of the cache.
    written
        How many bytes have just been written.
    limit
        How many bytes the folder may have.
    """
    if not _lock.acquire(blocking=False):
        return  # another thread is at it
    try:
        size, since = _sizes.get(folder, (0, limit))
        since += written
        if size + since <= limit and since <= limit * _PART:
            _sizes[folder] = size, since
        else:
            _sizes[folder] = _cut(folder, limit), 0
    except (OSError, ValueError):
        pass  # a folder that can't be listed; it's tried again
    finally:
        _lock.release()


def _cut(folder: str, limit: int) -> int:
    """Remove files if there are too many; gives the size of the others."""
    now = time.time()
    files = [
        file
        for file in cached_files(folder)
        if file.is_finished or now - file.used < _ABANDONED or not _remove(file.path)
    ]
    size = sum(file.size for file in files)
    if size <= limit:
        return size
    for file in sorted(files, key=lambda file: (file.used, file.path)):
        if size <= limit * _ROOM:
            break
        if file.is_finished and _remove(file.path):
            size -= file.size
    return size
