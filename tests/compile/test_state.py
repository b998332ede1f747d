"""State: shared variables in functions, transactions, threads."""

import gc
import signal
import threading
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import aesaralite
import aesaralite.tensor as at
from aesaralite import config
from aesaralite.compile.io import In
from aesaralite.compile.ops import as_op
from aesaralite.errors import DeadlockError

pytestmark = pytest.mark.usefixtures("linker")


def test_outputs_and_updates_see_old_values():
    a, b = aesaralite.shared(1), aesaralite.shared(2)
    f = aesaralite.function([], [a, b], updates=[(a, b), (b, a)])
    assert f() == [1, 2]
    assert (a.get_value(), b.get_value()) == (2, 1)


def test_functions_share_state():
    s, n = aesaralite.shared(0), at.iscalar("n")
    up = aesaralite.function([n], s, updates=[(s, s + n)])
    down = aesaralite.function([n], s, updates=[(s, s - n)])
    assert [up(5), down(2), up(1)] == [0, 5, 3]
    s.set_value(-1)
    assert up(3) == -1
    assert s.get_value() == 2


def test_sizes_may_change():
    s, x = aesaralite.shared(np.zeros(2)), at.dvector("x")
    grow = aesaralite.function([x], s.sum(), updates={s: at.concatenate([s, x])})
    total = aesaralite.function([], s.sum())
    grow([1.0, 2.0])
    assert s.get_value().shape == (4,)
    s.set_value(np.ones(7))
    assert total() == 7
    grow([1.0])
    assert s.get_value().shape == (8,)


def test_state_of_an_input():
    inc, state = at.dscalar("inc"), at.dscalar("state")
    f = aesaralite.function([inc, In(state, value=0.0, update=state + inc, name="st")], state)
    assert [f(1), f(2)] == [0, 1]
    assert f["st"] == 3
    f["st"] = 10
    assert f(1) == 10


def test_a_state_given_as_argument_replaces_the_state():
    inc, state = at.dvector("inc"), at.dvector("state")
    f = aesaralite.function([inc, In(state, value=[0.0], update=state + inc)], state)
    mine = np.array([100.0])
    assert f([1.0], mine) == [100]
    assert f["state"] == [101]
    assert mine == [100]
    assert f([1.0], state=[5.0]) == [5]
    assert f([1.0]) == [6]
    with pytest.raises(ValueError, match="broadcast"):
        f([1.0, 2.0], [1.0, 2.0, 3.0])
    assert f["state"] == [7]


class TestFailedCalls:
    """Whatever goes wrong, all state is as it was."""

    def test_assertion(self):
        first, second = aesaralite.shared(np.zeros(3)), aesaralite.shared(np.zeros(3))
        x = at.dvector("x")
        from aesaralite.raise_op import assert_op

        checked = assert_op(x, (x >= 0).all())
        f = aesaralite.function(
            [x], first.sum(), updates=[(first, at.inc_subtensor(first[0], 1.0)), (second, second + checked)]
        )
        borrowed = first.get_value(borrow=True), second.get_value(borrow=True)
        with pytest.raises(AssertionError):
            f([-1.0, 0, 0])
        for variable, array in zip((first, second), borrowed):
            assert variable.get_value(borrow=True) is array
            assert array.tolist() == [0, 0, 0]
        f([1.0, 2.0, 3.0])
        assert first.get_value().tolist() == [1, 0, 0]
        assert second.get_value().tolist() == [1, 2, 3]

    def test_index_out_of_range(self):
        s, i = aesaralite.shared(np.arange(3.0)), at.lscalar("i")
        f = aesaralite.function([i], [], updates={s: at.set_subtensor(s[i], 9.0) * 2})
        with pytest.raises(IndexError):
            f(3)
        assert s.get_value().tolist() == [0, 1, 2]
        f(-1)
        assert s.get_value().tolist() == [0, 2, 18]

    def test_shapes_that_do_not_fit(self):
        s, t, x = aesaralite.shared(np.zeros(2)), aesaralite.shared(np.zeros(2)), at.dvector("x")
        f = aesaralite.function([x], [], updates=[(s, s + 1), (t, t + x)])
        with pytest.raises(ValueError, match="broadcast"):
            f(np.ones(3))
        assert s.get_value().tolist() == t.get_value().tolist() == [0, 0]

    def test_exception_in_python_code(self):
        s, x = aesaralite.shared(np.zeros(2)), at.dvector("x")

        @as_op([at.dvector], [at.dvector])
        def moody(value):
            if value.sum() < 0:
                raise KeyError("no")
            return value * 2

        f = aesaralite.function([x], [], updates={s: s + moody(x)})
        f([1.0, 1.0])
        with pytest.raises(KeyError):
            f([-1.0, 0.0])
        assert s.get_value().tolist() == [2, 2]

    def test_interrupts(self):
        """Two states that always move together, and Ctrl-C at hundreds of moments."""
        s, t = aesaralite.shared(np.zeros(4)), aesaralite.shared(np.zeros(4))
        f = aesaralite.function([], [s, t], updates=[(s, s + 1), (t, t + 1)])
        f()
        interrupts = 0

        def interrupt(signum, frame):
            raise KeyboardInterrupt

        previous = signal.signal(signal.SIGALRM, interrupt)
        try:
            end = time.monotonic() + 1.0
            rng = np.random.default_rng(0)
            while time.monotonic() < end:
                try:
                    signal.setitimer(signal.ITIMER_REAL, rng.uniform(1e-5, 2e-4))
                    while True:
                        f()
                except KeyboardInterrupt:
                    interrupts += 1
                left, right = s.get_value(), t.get_value()
                assert (left == left[0]).all()
                assert (right == left).all()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, previous)
        assert interrupts > 10
        for call in (f, s.get_value, aesaralite.function([], s + t)):
            worker = threading.Thread(target=call, daemon=True)
            worker.start()
            worker.join(timeout=10)
            assert not worker.is_alive(), "an interrupted call has left a lock behind"

    def test_interrupts_of_python_code(self):
        """Ctrl-C on the way into an Op's Python code, and out of it, is neither lost nor does it tear state."""
        s, t = aesaralite.shared(np.zeros(4)), aesaralite.shared(np.zeros(4))

        @as_op([at.dvector], [at.dvector])
        def double(value):
            return value * 2

        f = aesaralite.function([], [double(s), t], updates=[(s, s + 1), (t, t + 1 + 0 * double(t))])
        f()
        sent = caught = 0

        def interrupt(signum, frame):
            nonlocal sent
            sent += 1
            raise KeyboardInterrupt

        previous = signal.signal(signal.SIGALRM, interrupt)
        gc.disable()  # Hypothesis has a callback there, out of which no exception comes
        try:
            end = time.monotonic() + 2.0
            rng = np.random.default_rng(0)
            while time.monotonic() < end:
                try:
                    signal.setitimer(signal.ITIMER_REAL, rng.uniform(1e-5, 2e-4))
                    started, before = time.monotonic(), sent
                    while sent == before and time.monotonic() < started + 1.0:
                        f()
                except KeyboardInterrupt:
                    caught += 1
                left, right = s.get_value(), t.get_value()
                assert (left == left[0]).all()
                assert (right == left).all()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, previous)
            gc.enable()
        assert caught == sent > 10

    @given(st.lists(st.tuples(st.integers(0, 2), st.integers(-4, 4)), max_size=8))
    def test_any_history(self, calls):
        """State after a history of calls is what the successful ones make it."""
        functions, variables = _machine(config.linker)
        model = [np.zeros(3), np.zeros(3)]
        for variable, value in zip(variables, model):
            variable.set_value(value)
        for which, index in calls:
            try:
                functions[which](index)
            except IndexError:
                assert not -3 <= index < 3
                continue
            old = [array.copy() for array in model]
            if which == 0:
                model[0][index] += 1
                model[1] = old[1] + old[0]
            elif which == 1:
                model = [old[1], old[0]]
                model[0][index] = 7
            else:
                model[1] = old[0] - old[1][index]
        for variable, value in zip(variables, model):
            np.testing.assert_array_equal(variable.get_value(), value)


_machines = {}


def _machine(linker):
    if linker not in _machines:
        a, b, i = aesaralite.shared(np.zeros(3)), aesaralite.shared(np.zeros(3)), at.lscalar("i")
        _machines[linker] = (
            [
                aesaralite.function([i], [], updates=[(b, b + a), (a, at.inc_subtensor(a[i], 1.0))]),
                aesaralite.function([i], [], updates=[(a, at.set_subtensor(b[i], 7.0)), (b, a)]),
                aesaralite.function([i], [], updates=[(b, a - b[i])]),
            ],
            [a, b],
        )
    return _machines[linker]


class TestThreads:
    def run(self, *targets):
        errors = []

        def guarded(target):
            try:
                target()
            except BaseException as error:
                errors.append(error)

        threads = [threading.Thread(target=guarded, args=(target,)) for target in targets]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        assert not any(thread.is_alive() for thread in threads)
        if errors:
            raise errors[0]

    def test_no_update_is_lost(self):
        s = aesaralite.shared(np.zeros(100))
        up = aesaralite.function([], [], updates={s: s + 1})
        down = aesaralite.function([], [], updates={s: s - 2})

        def repeat(f):
            return lambda: [f() for _ in range(300)]

        self.run(repeat(up), repeat(up), repeat(up), repeat(down))
        assert (s.get_value() == 300).all()

    def test_no_reader_sees_a_half_made_update(self):
        s, t = aesaralite.shared(np.zeros(20000)), aesaralite.shared(np.zeros(20000))
        step = aesaralite.function([], [], updates=[(s, s + 1), (t, t - 1)])
        read = aesaralite.function([], [s.min() + t.max(), s.max() + t.min()])
        done = threading.Event()

        def write():
            for _ in range(300):
                step()
            done.set()

        def look():
            while not done.is_set():
                assert read() == [0, 0]
                values = s.get_value()
                assert (values == values[0]).all()

        self.run(write, look, look)

    def test_a_reader_made_before_the_writer(self):
        s = aesaralite.shared(np.zeros(20000))
        read = aesaralite.function([], [s.min(), s.max()])
        read()
        step = aesaralite.function([], [], updates={s: s + 1})
        done = threading.Event()

        def write():
            for _ in range(300):
                step()
            done.set()

        def look():
            while not done.is_set():
                low, high = read()
                assert low == high

        self.run(write, look, look)

    def test_python_code_inside_a_call_may_use_the_state(self):
        s = aesaralite.shared(1.0)
        seen = []

        @as_op([at.dscalar], [at.dscalar])
        def peek(value):
            seen.append(float(s.get_value()))
            return value

        f = aesaralite.function([], peek(s * 2), updates={s: s + 1})
        g = aesaralite.function([], peek(s * 2))
        self.run(lambda: (f(), g()))
        assert seen == [1, 2]

    def test_calls_inside_calls_that_wait_for_one_another(self):
        """Both read and then turn writers: the second is refused, and changes nothing."""
        s, t = aesaralite.shared(1.0, name="s"), aesaralite.shared(np.zeros(2), name="t")
        together = threading.Barrier(2, timeout=20)
        inner = aesaralite.function([], [], updates={s: s * 2})

        @as_op([at.dscalar], [at.dscalar])
        def turn_writer(value):
            before = value * 1
            together.wait()
            inner()
            return before

        outer = aesaralite.function([], [], updates={t: t + turn_writer(s)}, mode="FAST_COMPILE")
        other = aesaralite.function([], turn_writer(s), mode="FAST_COMPILE")
        outcomes = []

        def noting(f):
            def target():
                try:
                    outcomes.append(f())
                except DeadlockError as error:
                    outcomes.append(error)

            return target

        self.run(noting(outer), noting(other))
        (refused,) = (outcome for outcome in outcomes if isinstance(outcome, DeadlockError))
        assert "write the state 's'" in str(refused)
        assert s.get_value() == 2
        assert t.get_value().tolist() in ([0, 0], [1, 1])
        inner()
        assert s.get_value() == 4

    def test_writers_of_different_state_run_at_once(self):
        s, t = aesaralite.shared(0.0), aesaralite.shared(0.0)
        together = threading.Barrier(2, timeout=20)

        @as_op([at.dscalar], [at.dscalar])
        def meet(value):
            together.wait()
            return value + 1

        f = aesaralite.function([], [], updates={s: meet(s)}, mode="FAST_COMPILE")
        g = aesaralite.function([], [], updates={t: meet(t)}, mode="FAST_COMPILE")
        self.run(f, g)
        assert (s.get_value(), t.get_value()) == (1, 1)

    def test_readers_of_one_state_run_at_once(self):
        s = aesaralite.shared(0.0)
        together = threading.Barrier(2, timeout=20)

        @as_op([at.dscalar], [at.dscalar])
        def meet(value):
            together.wait()
            return value + 1

        f = aesaralite.function([], meet(s), mode="FAST_COMPILE")
        self.run(f, f)
