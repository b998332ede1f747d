"""Locks on values that functions share: many readers, or one writer.

A function without updates is a reader of its state; several run at once. A function with updates is a
writer: it waits until nobody reads what it writes, and it runs alone among the writers that touch any
of its state.

Nobody waits as a rule, and then a lock costs two operations on a set, a tenth of what a mutex does: who
comes in adds itself to `readers` or `writers`, and looks whether it's alone after. So one of two that
meet always sees the other. Who isn't alone steps back from all its locks and queues for them, one after
another, in an order that is the same for all.

Ctrl-C may strike after any call from Python into C, also in a ``finally`` block. So whatever undoes a
step is prepared before the step, may be done when the step wasn't made, and is itself one call into C.
"""

from __future__ import annotations

import functools
import itertools
import operator
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import chain, repeat
from typing import Any

__all__ = ["StateLock", "guarded"]

_serial_numbers = itertools.count()
_LONGEST_PAUSE = 0.001
_FEW = 12  # locks: up to so many, code that names each is faster than a loop over all

_Mutex: Any = type(threading.RLock())
_release, _is_owned = _Mutex.release, _Mutex._is_owned
_run_through: Any = partial(deque, maxlen=0)
_add: Any = set.add
_discard: Any = set.discard


class StateLock:
    """The lock of one value.

    Attributes
    ----------
    readers : set of int
        The threads that read, or look whether they may.
    writers : set of int
        The threads that write, or look whether they may; it's one where one writes.
    waiting : set of int
        The threads that wait until nobody reads, so that no new readers come in.
    mutex : threading.RLock
        Held by a writer that has waited, so that those who wait for it can sleep.
    serial : int
        Where the lock stands in the order in which locks are taken, one for all threads, so that none deadlock.
    """

    __slots__ = ("mutex", "readers", "serial", "waiting", "writers")

    def __init__(self) -> None:
        self.readers: set[int] = set()
        self.writers: set[int] = set()
        self.waiting: set[int] = set()
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
    written = set(writes)
    locks = sorted({*written, *reads}, key=lambda lock: lock.serial)
    if not locks:
        return call
    queue = partial(_queue, call, [(lock, lock in written) for lock in locks])
    if len(locks) > _FEW:
        return _through_many(call, queue, locks, written)
    make = _maker(tuple(lock in written for lock in locks))
    sets = chain.from_iterable((lock.readers, lock.writers, lock.waiting) for lock in locks)
    make_call: Callable[..., Any] = make(call, queue, threading.get_ident, *sets)
    return make_call


@functools.cache
def _maker(written: tuple[bool, ...]) -> Callable[..., Any]:
    """Return what makes the call for locks of which those are written."""
    numbers = range(len(written))
    busy = " or ".join(
        f"writers{k} or waiting{k} or readers{k}" + ("" if written[k] else f" and me in readers{k}") for k in numbers
    )
    alone = " and ".join(
        f"len(writers{k}) == 1 and not readers{k}" if written[k] else f"not writers{k}" for k in numbers
    )
    own = [f"writers{k}" if written[k] else f"readers{k}" for k in numbers]
    lines = ["def hold(*args):", "    me = get_ident()", f"    if {busy}:", "        return queue(*args)"]
    for k in numbers:
        lines += [f"{'    ' * (k + 1)}try:", f"{'    ' * (k + 2)}enter{k}(me)"]
    inside = "    " * (len(written) + 1)
    lines += [f"{inside}if {alone}:", f"{inside}    return call(*args)"]
    for k in reversed(numbers):
        lines += [f"{'    ' * (k + 1)}finally:", f"{'    ' * (k + 2)}leave{k}(me)"]
    lines.append("    return queue(*args)")
    names = ", ".join(f"readers{k}, writers{k}, waiting{k}" for k in numbers)
    methods = [f"enter{k}, leave{k} = {name}.add, {name}.discard" for k, name in enumerate(own)]
    source = [f"def make(call, queue, get_ident, {names}):", *methods, *lines, "return hold"]
    scope: dict[str, Any] = {}
    exec(compile("\n    ".join(source), "<aesaralite locks>", "exec"), scope)
    make: Callable[..., Any] = scope["make"]
    return make


def _through_many(
    call: Callable[..., Any], queue: Callable[..., Any], locks: Sequence[StateLock], written: set[StateLock]
) -> Callable[..., Any]:
    own_writers = [lock.writers for lock in locks if lock in written]
    own_readers = [lock.readers for lock in locks if lock not in written]
    own = own_writers + own_readers
    others = [lock.readers if lock in written else lock.writers for lock in locks]
    busy = [*own_writers, *others, *(lock.waiting for lock in locks)]

    def hold(*args: Any) -> Any:
        me = threading.get_ident()
        if any(busy) or any(map(operator.contains, own_readers, repeat(me))):
            return queue(*args)
        leave = map(_discard, own, repeat(me))
        try:
            _run_through(map(_add, own, repeat(me)))
            if not any(others) and all(len(writers) == 1 for writers in own_writers):
                return call(*args)
        finally:
            _run_through(leave)
        return queue(*args)

    return hold


def _queue(call: Callable[..., Any], locks: Sequence[tuple[StateLock, bool]], *args: Any) -> Any:
    """Take the locks, waiting for each; of which those are written that are marked."""
    me = threading.get_ident()
    # what an outer call of this thread holds is held
    fresh = [(lock, writes) for lock, writes in locks if me not in lock.writers and (writes or me not in lock.readers)]
    sets = [own for lock, writes in fresh for own in ((lock.writers, lock.waiting) if writes else (lock.readers,))]
    mutexes = [lock.mutex for lock, writes in fresh if writes]
    undo = chain(map(_discard, sets, repeat(me)), map(_release, filter(_is_owned, mutexes)))
    try:
        for lock, writes in fresh:
            if writes:
                _wait_to_write(lock, me)
            else:
                _wait_to_read(lock, me)
        return call(*args)
    finally:
        _run_through(undo)


def _wait_to_write(lock: StateLock, me: int) -> None:
    # A reader of this thread, in an outer call, goes on reading. Were the mutex kept while another one reads, that
    # one couldn't turn writer, and both would wait for ever.
    lock.waiting.add(me)
    for pause in _pauses():
        lock.mutex.acquire()
        lock.writers.add(me)
        if len(lock.writers) == 1 and not lock.readers - {me}:
            lock.waiting.discard(me)
            return
        lock.writers.discard(me)
        lock.mutex.release()
        time.sleep(pause)


def _wait_to_read(lock: StateLock, me: int) -> None:
    for pause in _pauses():
        lock.readers.add(me)
        # who has waited long for those who wait to write doesn't let them pass any more
        if not lock.writers and (not lock.waiting or pause == _LONGEST_PAUSE):
            return
        lock.readers.discard(me)
        with lock.mutex:
            pass
        time.sleep(pause)


def _pauses() -> Iterable[float]:
    # Nobody signals: all would pay for it at each call, and few wait.
    pause = 1e-6
    while True:
        yield pause
        pause = min(2 * pause, _LONGEST_PAUSE)
