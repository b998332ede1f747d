"""Locks on state, on their own."""

import random
import threading
import time

import pytest

from aesaralite.errors import DeadlockError
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


class TestWaitingForOneAnother:
    """Calls inside calls, each of which needs what another thread's outer call holds."""

    def outcomes(self, *nested):
        """Run calls inside calls, each in its thread, whose inner ones start when all outer ones run."""
        inside = threading.Barrier(len(nested), timeout=20)
        results = []

        def outer_body(inner):
            inside.wait()
            return inner()

        def target(make_outer, inner):
            def run():
                try:
                    results.append(make_outer(lambda: outer_body(inner))())
                except DeadlockError as error:
                    results.append(error)

            return run

        run(*(target(*pair) for pair in nested))
        return results

    @staticmethod
    def reading(*locks):
        return lambda call: guarded(call, locks, ())

    @staticmethod
    def writing(*locks):
        return lambda call: guarded(call, (), locks)

    def test_two_readers_turn_writers(self):
        lock = StateLock("weights")
        write = guarded(lambda: "written", (), [lock])
        one, other = sorted(self.outcomes((self.reading(lock), write), (self.reading(lock), write)), key=repr)
        assert (one, type(other)) == ("written", DeadlockError) or (other, type(one)) == ("written", DeadlockError)
        error = other if one == "written" else one
        assert "write the state 'weights'" in str(error)
        assert is_free(lock)
        assert write() == "written"

    @pytest.mark.parametrize("n", [2, 3, 5])
    @pytest.mark.parametrize("inner", ["reading", "writing"])
    def test_a_circle(self, n, inner):
        locks = [StateLock() for _ in range(n)]
        calls = [getattr(self, inner)(locks[(k + 1) % n])(lambda: "done") for k in range(n)]
        results = self.outcomes(*((self.writing(locks[k]), calls[k]) for k in range(n)))
        assert sum(isinstance(result, DeadlockError) for result in results) == 1
        assert results.count("done") == n - 1
        assert all(map(is_free, locks))

    def test_who_only_waits_is_left_in_peace(self):
        """One waits long for another that doesn't wait for it."""
        lock, other = StateLock(), StateLock()
        read, write = self.reading(lock)(lambda: "read"), self.writing(lock)(lambda: "written")
        results = self.outcomes(
            (self.writing(lock), lambda: time.sleep(0.3)),
            (self.writing(other), read),
            (self.reading(StateLock()), write),
        )
        assert sorted(results, key=str) == [None, "read", "written"]

    def test_under_load(self):
        """Nested calls that may wait for one another, at random: each ends, and nothing is lost."""
        locks = [StateLock() for _ in range(4)]
        counts = [0] * 4

        def add(k):
            value = counts[k]
            time.sleep(0)
            counts[k] = value + 1

        def work(seed):
            def target():
                rng = random.Random(seed)
                for _ in range(150):
                    a, b = rng.randrange(4), rng.randrange(4)
                    inner = guarded(add, (), [locks[b]])
                    outer = guarded(inner, [locks[a]], ()) if rng.random() < 0.5 else guarded(inner, (), [locks[a]])
                    try:
                        outer(b)
                        done[seed] += 1
                    except DeadlockError:
                        done_not[seed] += 1

            return target

        done, done_not = [0] * 4, [0] * 4
        run(*map(work, range(4)))
        assert sum(counts) == sum(done)
        assert sum(done) + sum(done_not) == 600
        assert all(map(is_free, locks))
