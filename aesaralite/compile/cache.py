"""Compiled code on disk: what linkers keep, so that the next process needn't compile it.

A linker has a :class:`DiskCache` of its own; all of them share one folder, one limit of its size and one command,
``aesaralite cache``.  A file is named after what was compiled and for what environment, and repeats both, so that a
file under a wrong name isn't taken for another.  Whatever is wrong with a file or the folder costs a compilation and
nothing else.  The logger ``aesaralite.compile.cache`` is told why something is compiled.
"""

from __future__ import annotations

import hashlib
import logging
import os
import pickle
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from aesaralite.compile.cache_files import (
    SUFFIX,
    DamagedFile,
    UnusableFile,
    cache_folder,
    keep_bounded,
    mark_used,
    read_file,
    write_file,
)
from aesaralite.configdefaults import config

__all__ = ["DiskCache"]

_T = TypeVar("_T")

logger = logging.getLogger("aesaralite.compile.cache")
_complaints: set[str] = set()


class DiskCache:
    """The compiled programs of one linker.

    Parameters
    ----------
    linker
        The linker's name.
    environment
        Gives what compiled code depends on beside what it is compiled from: versions, the processor; single lines, by
        name.  It's asked when the cache is first used.
    """

    def __init__(self, linker: str, environment: Callable[[], Mapping[str, str]]) -> None:
        self.linker = linker
        self._environment = environment

    def load(self, key: str, kind: type[_T]) -> _T | None:
        """What was saved under `key` for this environment, if it is a `kind`; otherwise None.

        Parameters
        ----------
        key
            Says what was compiled, and how: a digest of the graph, settings.
        kind
            The class of what was saved.
        """
        try:
            path = os.path.join(self._folder(), self._name(key))
            header, payload = read_file(path)
            if header != self._header(key):
                raise UnusableFile(self._difference(header) or "the file is of another program")
            found = _unpickled(payload)
            if not isinstance(found, kind):
                raise UnusableFile(f"the file holds a {type(found).__qualname__}")
        except FileNotFoundError:
            if logger.isEnabledFor(logging.INFO):
                self.report_miss(key, self._difference_to_others(key) or "the cache doesn't have it")
        except (UnusableFile, OSError, ValueError) as error:
            self.report_miss(key, str(error), logging.WARNING if isinstance(error, DamagedFile) else logging.INFO)
        else:
            mark_used(path)
            return found
        return None

    def save(self, key: str, value: Any) -> None:
        """Keep `value` under `key`, if that is possible."""
        try:
            payload = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
        except Exception as error:  # whatever a user's class does
            logger.info("%s: isn't kept: %s", self._title(key), error)
            return
        limit = None if config.compile_cache_limit is None else config.compile_cache_limit * 2**20
        if limit is not None and len(payload) > limit:
            logger.info("%s: isn't kept: %d bytes are more than compile_cache_limit", self._title(key), len(payload))
            return
        try:
            folder = self._folder()
            written = write_file(folder, self._name(key), self._header(key), payload)
        except (UnusableFile, OSError, ValueError) as error:
            self._complain(error)
            return
        if limit is not None:
            keep_bounded(os.path.dirname(folder), written, limit)

    def report_miss(self, key: str, reason: str, level: int = logging.INFO) -> None:
        """Tell the log why something is compiled."""
        logger.log(level, "%s: compiled, because: %s", self._title(key), reason)

    def _complain(self, error: Exception) -> None:
        """Say once that nothing is kept: it makes each start slow."""
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        message = f"compiled code can't be kept in {str(config.base_compiledir)!r}: {reason}"
        if message not in _complaints:
            _complaints.add(message)
            logger.warning("%s", message)

    # -------------------------------------------------------------------- names
    def _folder(self) -> str:
        return os.path.join(cache_folder(), self.linker)

    def _title(self, key: str) -> str:
        return f"{self.linker} {_digest(key)[:12]}"

    def _name(self, key: str) -> str:
        return f"{_digest(key)[:32]}-{_digest(_lines(self._environment()))[:16]}{SUFFIX}"

    def _header(self, key: str) -> bytes:
        return f"{_digest(key)}\n{_lines(self._environment())}".encode()

    # ------------------------------------------------------------------ reasons
    def _difference(self, header: bytes) -> str | None:
        """In what the environment of a file differs from this one."""
        _, *lines = header.decode().split("\n")
        there = dict(line.split(": ", 1) for line in lines)
        here = dict(self._environment())
        told = []
        for name in {**here, **there}:
            first, second = there.get(name, "nothing"), here.get(name, "nothing")
            if first != second:
                told.append(f"{name} was {first}, is {second}" if len(first + second) < 80 else f"another {name}")
        return f"compiled for another environment: {'; '.join(told)}" if told else None

    def _difference_to_others(self, key: str) -> str | None:
        """In what the environment differs from the last one that the same was compiled for."""
        try:
            with os.scandir(self._folder()) as entries:
                others = [entry.path for entry in entries if entry.name.startswith(_digest(key)[:32])]
            if not others:
                return None
            return self._difference(read_file(max(others, key=os.path.getmtime))[0])
        except (UnusableFile, OSError, ValueError):
            return None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _lines(environment: Mapping[str, str]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in environment.items())


def _unpickled(payload: bytes) -> Any:
    try:
        return pickle.loads(payload)
    except Exception as error:  # whatever a class that has changed does
        raise UnusableFile(f"the file's content can't be restored: {error}") from error
