"""Where a value lives between calls: the storage cell, the rule for what may go in, and the lock.

A cell is a list of one element. A shared variable, and every function that uses it, hold the same
list, so that a value put in by one is seen by all.
"""

from __future__ import annotations

import copy
import itertools
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from aesaralite.graph.type import Type
    from aesaralite.graph.variable import Variable

__all__ = ["Container", "StateLock", "duplicate", "guarded"]

_serial_numbers = itertools.count()
_LONGEST_PAUSE = 0.001


def duplicate(value: Any) -> Any:
    """Return an equal value that shares no memory with `value`."""
    if type(value) is np.ndarray and not value.dtype.hasobject:
        return value.copy(order="K")
    return copy.deepcopy(value)


class StateLock:
    """Many readers, or one writer.

    A reader pays for two operations on a list and looks at one flag; nothing else, as long as nobody
    writes. The thread that writes may read, and write again, from inside. A thread that reads may
    write once all other threads are out.
    """

    # A reader enters its thread in `readers` first and looks at `closed` after; a writer sets `closed`
    # first and looks at `readers` after. So one of two that meet always sees the other.
    #
    # Ctrl-C may strike after any call. So what undoes a step stands in a block that was entered before
    # the step, and looks whether the step was made.
    __slots__ = ("closed", "mutex", "readers", "serial", "writer")

    def __init__(self) -> None:
        self.readers: list[int] = []
        self.closed = False
        self.writer: int | None = None
        self.mutex = threading.RLock()
        self.serial = next(_serial_numbers)

    def enter_reading(self) -> None:
        """Wait until no other thread writes, and keep writers out."""
        me = threading.get_ident()
        try:
            self.readers.append(me)
            if self.closed and self.writer != me:
                self.wait_for_writer(me)
        except BaseException:
            if me in self.readers:
                self.readers.remove(me)
            raise

    def leave_reading(self) -> None:
        """Let writers in again."""
        self.readers.remove(threading.get_ident())

    def enter_writing(self) -> bool:
        """Wait until no other thread reads or writes, and keep them out.

        Returns
        -------
        bool
            Whether this thread was writing already; `leave_writing` wants to know.
        """
        mutex = self.mutex
        was_owned = mutex._is_owned()  # type: ignore[attr-defined]
        was_writing = False
        try:
            mutex.acquire()
            was_writing = self.closed
            me = threading.get_ident()
            self.writer = me
            self.closed = True
            if self.readers:
                self.wait_for_readers(me)
        except BaseException:
            if not was_owned and mutex._is_owned():  # type: ignore[attr-defined]
                self.leave_writing(was_writing)
            raise
        return was_writing

    def leave_writing(self, was_writing: bool) -> None:
        """Let the others in again."""
        if not was_writing:
            self.closed = False
            self.writer = None
        self.mutex.release()

    def wait_for_writer(self, me: int) -> None:
        """Step back for the writer; return when it's done, entered as a reader."""
        self.readers.remove(me)
        with self.mutex:
            self.readers.append(me)

    def wait_for_readers(self, me: int) -> None:
        """Return when no other thread reads."""
        # Readers don't signal: they would pay for it at each call, and a writer seldom meets one.
        pause = 1e-6
        while any(reader != me for reader in self.readers.copy()):
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)


def guarded(call: Callable[..., Any], reads: Iterable[StateLock], writes: Iterable[StateLock]) -> Callable[..., Any]:
    """Return `call` made to hold locks while it runs.

    Parameters
    ----------
    call
        What to run.
    reads
        The locks of the state that it only reads.
    writes
        The locks of the state that it writes.
    """
    exclusive = set(writes)
    order = sorted(exclusive.union(reads), key=lambda lock: lock.serial)  # one order for all, so that none deadlock
    if not order:
        return call
    if len(order) > 1:
        return _holding([(lock, lock in exclusive) for lock in order], call)
    return _writing(order[0], call) if exclusive else _reading(order[0], call)


def _reading(lock: StateLock, call: Callable[..., Any]) -> Callable[..., Any]:
    readers = lock.readers
    enter, leave, get_ident = readers.append, readers.remove, threading.get_ident

    def reading(*args: Any) -> Any:
        me = get_ident()
        try:
            enter(me)
            if lock.closed and lock.writer != me:
                lock.wait_for_writer(me)
            return call(*args)
        finally:
            if me in readers:
                leave(me)

    return reading


def _writing(lock: StateLock, call: Callable[..., Any]) -> Callable[..., Any]:
    mutex, readers, get_ident = lock.mutex, lock.readers, threading.get_ident

    def writing(*args: Any) -> Any:
        with mutex:
            was_writing = lock.closed
            try:
                lock.writer = me = get_ident()
                lock.closed = True
                if readers:
                    lock.wait_for_readers(me)
                return call(*args)
            finally:
                if not was_writing:
                    lock.closed = False
                    lock.writer = None

    return writing


def _holding(order: Sequence[tuple[StateLock, bool]], call: Callable[..., Any]) -> Callable[..., Any]:
    def holding(*args: Any) -> Any:
        held: list[tuple[StateLock, bool | None]] = []
        try:
            for lock, exclusive in order:
                held.append((lock, lock.enter_writing() if exclusive else lock.enter_reading()))
            return call(*args)
        finally:
            while held:
                lock, was_writing = held.pop()
                if was_writing is None:
                    lock.leave_reading()
                else:
                    lock.leave_writing(was_writing)

    return holding


class Container:
    """A cell, and the rule for what may be put into it.

    Parameters
    ----------
    r
        The variable whose values the cell holds, or their type.
    storage
        The cell: a list of one element. A value in it other than None is brought into the type.
    readonly
        Whether `value` may not be set.
    strict
        Whether a value must belong to the type already; it's stored as it is.
    allow_downcast
        Whether a value may lose precision. None allows it only for Python floats where floatX is the type's dtype.
    name
        What errors call it; the variable's name unless given.

    Attributes
    ----------
    lock : StateLock
        What functions hold while they read or update the value.
    """

    def __init__(
        self,
        r: Variable | Type,
        storage: list[Any],
        *,
        readonly: bool = False,
        strict: bool = False,
        allow_downcast: bool | None = None,
        name: str | None = None,
    ) -> None:
        if not isinstance(storage, list) or len(storage) < 1:
            raise TypeError(f"The storage of a container must be a list of at least one element, got {storage!r}")
        self.type: Type = getattr(r, "type", r)
        self.name = getattr(r, "name", None) if name is None else name
        self.storage = storage
        self.readonly = readonly
        self.strict = strict
        self.allow_downcast = allow_downcast
        self.lock = StateLock()
        if storage[0] is not None:
            self.value = storage[0]

    @property
    def value(self) -> Any:
        """What the cell holds: the object itself, not a copy."""
        return self.storage[0]

    @value.setter
    def value(self, value: Any) -> None:
        if self.readonly:
            raise TypeError(f"The container of {self.name!r} is read-only.")
        filtered = self.filter(value)
        was_writing = self.lock.enter_writing()
        try:
            self.storage[0] = filtered
        finally:
            self.lock.leave_writing(was_writing)

    data = value

    def filter(self, value: Any) -> Any:
        """Return `value` as the cell may hold it.

        Raises
        ------
        TypeError, ValueError
            If the type refuses it. The message ends with the container's name.
        """
        if self.strict:
            keywords: dict[str, Any] = {"strict": True}
        elif self.allow_downcast is not None:
            keywords = {"allow_downcast": self.allow_downcast}
        else:
            keywords = {}
        try:
            return self.type.filter(value, **keywords)
        except (TypeError, ValueError) as error:
            where = "" if self.name is None else f'\nContainer name "{self.name}"'
            raise type(error)(f"{error}{where}") from None

    def copy_value(self) -> Any:
        """Return a copy of what the cell holds, made while no function updates it."""
        self.lock.enter_reading()
        try:
            return duplicate(self.storage[0])
        finally:
            self.lock.leave_reading()

    def __str__(self) -> str:
        return f"<{self.storage[0]}>"

    def __repr__(self) -> str:
        return f"<{self.storage[0]!r}>"

    def __getstate__(self) -> dict[str, Any]:
        self.lock.enter_reading()
        try:
            state = dict(self.__dict__)
        finally:
            self.lock.leave_reading()
        del state["lock"]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.lock = StateLock()

    def __deepcopy__(self, memo: dict[int, Any]) -> Container:
        new = object.__new__(type(self))
        memo[id(self)] = new
        state = self.__getstate__()
        storage = state["storage"]
        state["storage"] = memo.get(id(storage))
        if state["storage"] is None:
            memo[id(storage)] = state["storage"] = [self.copy_value()]
        new.__setstate__(state)
        return new
