"""Locks on state, on their own."""

import random
import threading
import time

import pytest

from aesaralite.graph.state_lock import StateLock, guarded


def run(*targets):
    errors = []

    def noting(target):
        try:
            target()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=noting, args=(target,), daemon=True) for target in targets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads), "deadlock"
    if errors:
        raise errors[0]


def is_free(lock):
    return not (lock.readers or lock.writers or lock.waiting or lock.mutex._is_owned())


def test_without_locks_the_call_stays_what_it_is():
    assert guarded(len, (), ()) is len


@pytest.mark.parametrize("n_reads", [0, 1, 3, 12])
@pytest.mark.parametrize("n_writes", [0, 1, 2, 12])
def test_results_exceptions_and_nesting(n_reads, n_writes):
    reads, writes = [StateLock() for _ in range(n_reads)], [StateLock() for _ in range(n_writes)]
    add = guarded(lambda a, b: a + b, reads, writes)
    outer = guarded(add, reads[:1] + writes[:1], writes[1:])
    inner_reader = guarded(add, writes, ())
    assert [add(1, 2), outer(1, 2), guarded(inner_reader, reads, writes)(1, 2)] == [3, 3, 3]
    with pytest.raises(TypeError):
        outer(1, "2")
    assert all(is_free(lock) for lock in reads + writes)


@pytest.mark.parametrize("extra", [0, 1, 10])
def test_many_threads_over_overlapping_state(extra):
    """Writers add to both of two counters, readers find them equal; nobody waits for ever."""
    locks = [StateLock() for _ in range(2)]
    others = [[StateLock() for _ in range(extra)] for _ in range(2)]
    counts = [0, 0]

    def add(i):
        value = counts[0]
        time.sleep(0)
        counts[0] = value + i
        time.sleep(0)
        counts[1] = value + i

    def look():
        first = counts[0]
        time.sleep(0)
        assert counts[1] == first

    writers = [guarded(add, others[0], locks[::-1]), guarded(add, (), [*locks, *others[1]])]
    readers = [guarded(look, [*locks, *others[0]], ()), guarded(look, locks[:1], ()), guarded(look, locks[1:], ())]

    def write(call):
        return lambda: [call(1) for _ in range(200)]

    def read(seed):
        def target():
            rng = random.Random(seed)
            for _ in range(300):
                rng.choice(readers)()

        return target

    run(*(write(call) for call in writers), *(read(seed) for seed in range(3)))
    assert counts == [400, 400]
    assert all(is_free(lock) for lock in (*locks, *others[0], *others[1]))


def test_readers_overlap_and_writers_do_not():
    lock, other = StateLock(), StateLock()
    together = threading.Barrier(2, timeout=20)
    run(*[guarded(together.wait, [lock], ())] * 2)
    run(*[guarded(together.wait, [lock, other], ())] * 2)
    run(guarded(together.wait, (), [lock]), guarded(together.wait, (), [other]))
    inside = []

    def alone():
        inside.append(1)
        assert len(inside) == 1
        time.sleep(0.01)
        inside.pop()

    run(*[guarded(alone, (), [lock])] * 3, guarded(alone, [lock], [other]), guarded(alone, [other], [lock]))


def test_a_reader_may_turn_writer():
    lock = StateLock()
    write = guarded(lambda: "written", (), [lock])
    assert guarded(write, [lock], ())() == "written"
    turn = guarded(write, [lock], ())

    def often(call):
        return lambda: [call() for _ in range(2000)]

    run(often(turn), often(write), often(write), often(guarded(lambda: None, [lock], ())))
    assert is_free(lock)
