"""Locks on values that functions share: many readers, or one writer.

A function without updates is a reader of its state; several run at once. A function with updates is a
writer: it waits until nobody reads what it writes, and it runs alone among the writers that touch any
of its state.

Nobody waits as a rule, and then a lock costs two operations on a set, a tenth of what a mutex does: who
comes in adds itself to `readers` or `writers`, and looks whether it's alone after. So one of two that
meet always sees the other. Who isn't alone steps back from all its locks and queues for them, one after
another, in an order that is the same for all.

Who waits for long looks whether threads wait for one another, which they may where calls are made inside calls: the
last that came is told.

A fork reads all state: it waits until no other thread writes.

Ctrl-C may strike after any call from Python into C, also in a ``finally`` block. So whatever undoes a
step is prepared before the step, may be done when the step wasn't made, and is itself one call into C.
"""

from __future__ import annotations

import functools
import itertools
import operator
import threading
import time
import warnings
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import chain, repeat
from typing import Any, NamedTuple

from aesaralite.errors import DeadlockError
from aesaralite.forking import at_fork

__all__ = ["StateLock", "guarded"]

_serial_numbers = itertools.count()
_LONGEST_PAUSE = 0.001
_LONGEST_SLEEP = 0.02  # until who waits for a mutex looks about
_PATIENCE_OF_FORKS = 10.0  # seconds
_FEW = 12  # locks: up to so many, code that names each is faster than a loop over all

_Mutex: Any = type(threading.RLock())
_release, _is_owned = _Mutex.release, _Mutex._is_owned
_run_through: Any = partial(deque, maxlen=0)
_add: Any = set.add
_discard: Any = set.discard


class StateLock:
    """The lock of one value.

    Parameters
    ----------
    name
        What errors call the value.

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

    __slots__ = ("__weakref__", "mutex", "name", "readers", "serial", "waiting", "writers")

    def __init__(self, name: str | None = None) -> None:
        self.name = name
        self.readers: set[int] = set()
        self.writers: set[int] = set()
        self.waiting: set[int] = set()
        self.mutex: Any = threading.RLock()
        self.serial = next(_serial_numbers)
        _all_locks[self.serial] = self


_all_locks: weakref.WeakValueDictionary[int, StateLock] = weakref.WeakValueDictionary()


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
    mutexes = [lock.mutex for lock, _ in fresh]
    undo = chain(
        map(_discard, sets, repeat(me)), map(_release, filter(_is_owned, mutexes)), map(_waits.pop, [me], [None])
    )
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
    wait = None
    for pause in _pauses():
        is_ours = lock.mutex.acquire(timeout=_LONGEST_SLEEP)
        if is_ours:
            lock.writers.add(me)
            if len(lock.writers) == 1 and not lock.readers - {me}:
                lock.waiting.discard(me)
                _waits.pop(me, None)
                return
            lock.writers.discard(me)
            lock.mutex.release()
            time.sleep(pause)
        if not is_ours or pause == _LONGEST_PAUSE:
            wait = wait or _Wait(lock, True, next(_tickets))
            _refuse_deadlock(me, wait)


def _wait_to_read(lock: StateLock, me: int) -> None:
    wait = None
    for pause in _pauses():
        lock.readers.add(me)
        # who has waited long for those who wait to write doesn't let them pass any more
        if not lock.writers and (not lock.waiting or pause == _LONGEST_PAUSE):
            _waits.pop(me, None)
            return
        lock.readers.discard(me)
        is_free = lock.mutex.acquire(timeout=_LONGEST_SLEEP)
        if is_free:
            lock.mutex.release()
            time.sleep(pause)
        if not is_free or pause == _LONGEST_PAUSE:
            wait = wait or _Wait(lock, False, next(_tickets))
            _refuse_deadlock(me, wait)


def _pauses() -> Iterable[float]:
    # Nobody signals: all would pay for it at each call, and few wait.
    pause = 1e-6
    while True:
        yield pause
        pause = min(2 * pause, _LONGEST_PAUSE)


# ------------------------------------------------------------------- threads that wait for one another
class _Wait(NamedTuple):
    """What a thread waits for; `ticket` is greater than that of those who waited before."""

    lock: StateLock
    writes: bool
    ticket: int


_tickets = itertools.count()
_waits: dict[int, _Wait] = {}


def _refuse_deadlock(me: int, wait: _Wait) -> None:
    """Raise an error if this thread is the last of some that wait for one another."""
    _waits[me] = wait
    waits = _waits.copy()
    circle = _circle(me, waits)
    # Who still waits as before has held all along what it was seen to hold.
    is_last = bool(circle) and max(circle, key=lambda thread: waits[thread].ticket) == me
    if is_last and all(_waits.get(thread) is waits[thread] for thread in circle):
        what = f"{'write' if wait.writes else 'read'} the state {wait.lock.name or 'without a name'!r}"
        raise DeadlockError(
            f"{len(circle)} threads wait for one another. Each is in a call out of which another call is made, by the "
            "Python code of an Op say, and that one needs state that a call in another of these threads holds. This "
            f"one waits to {what}. Either let the outer functions update what the calls inside them update, or hold a "
            "lock of your own around the outer calls."
        )


def _circle(me: int, waits: dict[int, _Wait]) -> list[int]:
    """Return threads of which each waits for the next and the last for the first, `me`; none, if there are no such."""
    came_from = {me: me}
    pending = [me]
    while pending:
        thread = pending.pop()
        for other in _obstacles(thread, waits):
            if other == me:
                circle = [thread]
                while thread != me:
                    thread = came_from[thread]
                    circle.append(thread)
                return circle
            if other in waits and other not in came_from:
                came_from[other] = thread
                pending.append(other)
    return []


def _obstacles(thread: int, waits: dict[int, _Wait]) -> set[int]:
    """The threads that hold what a thread waits for, and don't only look whether they may have it."""
    lock, writes, _ = waits[thread]
    holders = {other for other in lock.writers.copy() if not _waits_to(other, lock, True, waits)}
    if writes:
        holders |= {other for other in lock.readers.copy() if not _waits_to(other, lock, False, waits)}
    return holders - {thread}


def _waits_to(thread: int, lock: StateLock, writes: bool, waits: dict[int, _Wait]) -> bool:
    wait = waits.get(thread)
    return wait is not None and wait.lock is lock and wait.writes == writes


# ------------------------------------------------------------------- forks
_read_by_fork: list[StateLock] = []


def _wait_for_writers() -> None:
    """Read all state, once nobody else writes."""
    me = threading.get_ident()
    end = time.monotonic() + _PATIENCE_OF_FORKS
    for lock in [ref() for ref in _all_locks.valuerefs()]:
        if lock is None or me in lock.readers or me in lock.writers:
            continue
        _read_by_fork.append(lock)
        for pause in _pauses():
            lock.readers.add(me)
            # who waits inside a call has written nothing yet
            if not lock.writers - _waits.keys():
                break
            lock.readers.discard(me)
            if time.monotonic() > end:
                warnings.warn(
                    f"A process is forked while a call in another thread writes the state {lock.name!r}: in the new "
                    "process its value may be half written",
                    RuntimeWarning,
                    stacklevel=4,
                )
                break
            time.sleep(pause)


def _let_others_write() -> None:
    me = threading.get_ident()
    while _read_by_fork:
        _read_by_fork.pop().readers.discard(me)


def _forget_other_threads() -> None:
    _let_others_write()
    me = {threading.get_ident()}
    for lock in _all_locks.values():
        for threads in (lock.readers, lock.writers, lock.waiting):
            threads &= me
        if not lock.mutex._is_owned():
            lock.mutex._at_fork_reinit()
    _waits.clear()


at_fork(_wait_for_writers, _let_others_write, _forget_other_threads, first=True)
