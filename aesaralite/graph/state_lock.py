"""Locks on values that functions share: many readers, or one writer.

A function without updates is a reader of its state; several run at once. A function with updates is a
writer: it waits until nobody reads what it writes, and it runs alone among the writers that touch any
of its state.

Ctrl-C may strike after any call from Python into C, also in a ``finally`` block. So whatever undoes a
step is prepared before the step, looks whether the step was made, and is itself one call into C.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import chain, compress, repeat
from operator import attrgetter, itemgetter, setitem
from typing import Any

__all__ = ["StateLock", "guarded"]

_serial_numbers = itertools.count()
_LONGEST_PAUSE = 0.001
_FEW = 8  # locks: up to so many, one wrapper for each is faster than a loop over all

_Mutex: Any = type(threading.RLock())
_acquire, _release, _is_owned = _Mutex.acquire, _Mutex.release, _Mutex._is_owned
_run_through: Any = partial(deque, maxlen=0)
_mutex_of, _writer_of = attrgetter("mutex"), attrgetter("writer")
_thread_in = itemgetter(0)


class StateLock:
    """The lock of one value.

    Attributes
    ----------
    readers : set of int
        The threads that read.
    writer : list of int
        One element: the thread that writes, or 0.
    mutex : threading.RLock
        Held by the writer.
    serial : int
        Where the lock stands in the order in which locks are taken, one for all threads, so that none deadlock.
    """

    # A reader enters its thread in `readers` first and looks at `writer` after; a writer sets `writer` first and
    # looks at `readers` after. So one of two that meet always sees the other.
    __slots__ = ("mutex", "readers", "serial", "writer")

    def __init__(self) -> None:
        self.readers: set[int] = set()
        self.writer = [0]
        self.mutex = threading.RLock()
        self.serial = next(_serial_numbers)


def guarded(call: Callable[..., Any], reads: Iterable[StateLock], writes: Iterable[StateLock]) -> Callable[..., Any]:
    """Return `call` made to hold locks while it runs.

    Parameters
    ----------
    call
        What to run. It may call, in its thread, other functions that hold the same locks.
    reads
        The locks of what it only reads.
    writes
        The locks of what it writes.
    """
    written = _in_order(writes)
    touched = _in_order({*written, *reads})
    if not touched:
        return call
    if not written:
        return _reading(touched[0], call) if len(touched) == 1 else _reading_many(touched, call)
    if len(touched) > _FEW:
        return _writing_many(touched, written, call)
    for lock in reversed(touched):
        call = _writing(lock, call) if lock in written else _excluding(lock, call)
    return call


def _in_order(locks: Iterable[StateLock]) -> list[StateLock]:
    return sorted(set(locks), key=lambda lock: lock.serial)


def _reading(lock: StateLock, call: Callable[..., Any]) -> Callable[..., Any]:
    readers, writer = lock.readers, lock.writer
    enter, leave, get_ident = readers.add, readers.discard, threading.get_ident

    def reading(*args: Any) -> Any:
        me = get_ident()
        is_inner = me in readers
        try:
            enter(me)
            if writer[0] and writer[0] != me:
                _step_back([lock], me)
            return call(*args)
        finally:
            if not is_inner:
                leave(me)

    return reading


def _reading_many(locks: Sequence[StateLock], call: Callable[..., Any]) -> Callable[..., Any]:
    all_readers, all_writers = [lock.readers for lock in locks], [lock.writer for lock in locks]

    def reading(*args: Any) -> Any:
        me = threading.get_ident()
        fresh = [readers for readers in all_readers if me not in readers]
        leave = map(set.discard, fresh, repeat(me))
        try:
            for readers in fresh:
                readers.add(me)
            if any(map(_thread_in, all_writers)) and any(writer[0] not in (0, me) for writer in all_writers):
                _step_back([lock for lock in locks if any(lock.readers is own for own in fresh)], me)
            return call(*args)
        finally:
            _run_through(leave)

    return reading


def _step_back(locks: Sequence[StateLock], me: int) -> None:
    """Let writers pass, and enter as a reader while none is there."""
    for lock in locks:
        lock.readers.discard(me)
    mutexes = [lock.mutex for lock in locks if not _is_owned(lock.mutex)]
    undo = map(_release, filter(_is_owned, mutexes))
    try:
        _run_through(map(_acquire, mutexes))
        for lock in locks:
            lock.readers.add(me)
    finally:
        _run_through(undo)


def _writing(lock: StateLock, call: Callable[..., Any]) -> Callable[..., Any]:
    mutex, readers, writer, get_ident = lock.mutex, lock.readers, lock.writer, threading.get_ident

    def writing(*args: Any) -> Any:
        with mutex:
            before = writer[0]  # this thread, if the call is made from inside another
            try:
                writer[0] = me = get_ident()
                if readers:
                    _wait_for_readers(lock, me)
                return call(*args)
            finally:
                writer[0] = before

    return writing


def _excluding(lock: StateLock, call: Callable[..., Any]) -> Callable[..., Any]:
    mutex = lock.mutex

    def excluding(*args: Any) -> Any:
        with mutex:
            return call(*args)

    return excluding


def _writing_many(
    touched: Sequence[StateLock], written: Sequence[StateLock], call: Callable[..., Any]
) -> Callable[..., Any]:
    def writing(*args: Any) -> Any:
        me = threading.get_ident()
        mutexes = [lock.mutex for lock in touched if not _is_owned(lock.mutex)]
        fresh = [lock for lock in written if lock.writer[0] != me]
        reopened = compress(map(_writer_of, fresh), map(_is_owned, map(_mutex_of, fresh)))
        undo = chain(map(setitem, reopened, repeat(0), repeat(0)), map(_release, filter(_is_owned, mutexes)))
        try:
            _run_through(map(_acquire, mutexes))
            for lock in fresh:
                lock.writer[0] = me
            for lock in fresh:
                if lock.readers:
                    _wait_for_readers(lock, me)
            return call(*args)
        finally:
            _run_through(undo)

    return writing


def _wait_for_readers(lock: StateLock, me: int) -> None:
    # Readers don't signal: they would pay for it at each call, and a writer seldom meets one.
    pause = 1e-6
    while lock.readers - {me}:
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)
