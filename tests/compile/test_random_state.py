"""Generators as state: transactions, interrupts, histories of calls, on both linkers."""

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
from aesaralite.raise_op import Assert
from aesaralite.tensor.random.utils import RandomStream

pytestmark = pytest.mark.usefixtures("linker")


def next_numbers(rng):
    """What tells states apart: some numbers that the generator would draw next."""
    copy = rng.get_value()
    return copy.integers(2**63, size=2).tolist()


@pytest.mark.parametrize("fails", ["assertion", "parameter"])
def test_a_failed_call_leaves_all_state(fails):
    srng = RandomStream(3)
    x, total = at.dscalar("x"), aesaralite.shared(0.0, name="total")
    u, v = srng.uniform(size=3), srng.gamma(2.0, 1.0)
    bad = Assert("negative")(u, x >= 0) if fails == "assertion" else srng.normal(u, x)
    f = aesaralite.function([x], [bad.sum(), v], updates=[(total, total + v)])
    f(1.0)
    generators = [rng for rng, _ in srng.state_updates]
    before = [next_numbers(rng) for rng in generators], float(total.get_value())
    with pytest.raises((AssertionError, ValueError)) as raised:
        f(-1.0)
    assert "test_random_state.py" in str(raised.value)
    assert ([next_numbers(rng) for rng in generators], float(total.get_value())) == before
    f(1.0)
    assert all(next_numbers(rng) != old for rng, old in zip(generators, before[0], strict=True))


def test_interrupts():
    """Two generators in one state, which always draw together, and Ctrl-C at hundreds of moments."""
    a, b = (aesaralite.shared(np.random.default_rng(1), name=name) for name in "ab")
    count = aesaralite.shared(0)
    x, y = (at.random.normal(size=20, rng=rng) for rng in (a, b))
    f = aesaralite.function([], [x, y], updates=[(a, x.owner.outputs[0]), (b, y.owner.outputs[0]), (count, count + 1)])
    f()
    interrupts = 0

    def interrupt(signum, frame):
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGALRM, interrupt)
    try:
        end = time.monotonic() + 1.0
        moments = np.random.default_rng(0)
        while time.monotonic() < end:
            try:
                signal.setitimer(signal.ITIMER_REAL, moments.uniform(1e-5, 2e-4))
                while True:
                    f()
            except KeyboardInterrupt:
                interrupts += 1
            assert next_numbers(a) == next_numbers(b)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    assert interrupts > 10
    model = np.random.default_rng(1)
    model.normal(size=20 * int(count.get_value()))
    assert next_numbers(a) == model.integers(2**63, size=2).tolist()
    worker = threading.Thread(target=f, daemon=True)
    worker.start()
    worker.join(timeout=10)
    assert not worker.is_alive(), "an interrupted call has left a lock behind"


class _World:
    """Functions over two generators, and what NumPy would do in their place."""

    def __init__(self):
        self.rngs = [aesaralite.shared(np.random.default_rng(k), name=f"rng{k}") for k in range(2)]
        a, b = self.rngs
        x = at.dscalar("x")
        normal, gamma = at.random.normal(size=3, rng=a), at.random.gamma(2.0, 1.0, rng=b)
        after_normal, after_gamma = normal.owner.outputs[0], gamma.owner.outputs[0]
        chained = at.random.integers(0, 10, size=2, rng=after_normal)
        checked = Assert("negative")(gamma, x >= 0)
        self.x_functions = {
            "assert": aesaralite.function([x], [normal, checked], updates=[(a, after_normal), (b, after_gamma)])
        }
        self.functions = {
            "both": aesaralite.function([], [normal, gamma], updates=[(a, after_normal), (b, after_gamma)]),
            "peek": aesaralite.function([], [normal, gamma], no_default_updates=True),
            "cross": aesaralite.function([], [normal, gamma], updates=[(a, after_gamma), (b, after_normal)]),
            "chain": aesaralite.function([], [normal, chained], updates=[(a, chained.owner.outputs[0])]),
        }

    def restart(self, seed):
        self.model = [np.random.default_rng(seed + k) for k in range(2)]
        for rng, value in zip(self.rngs, self.model, strict=True):
            rng.set_value(value)

    def call(self, name):
        if name in ("good", "bad"):
            return self.x_functions["assert"](1.0 if name == "good" else -1.0)
        return self.functions[name]()

    def expected(self, name):
        a, b = self.model
        if name == "peek":
            a, b = (np.random.Generator(type(r.bit_generator)()) for r in self.model)
            a.bit_generator.state, b.bit_generator.state = (r.bit_generator.state for r in self.model)
        if name == "chain":
            return [a.normal(size=3), a.integers(0, 10, size=2)]
        result = [a.normal(size=3), b.gamma(2.0, 1.0)]
        if name == "cross":
            self.model = [b, a]
        return result


_worlds = {}


@given(
    st.integers(0, 5),
    st.lists(st.sampled_from(["both", "peek", "cross", "chain", "good", "bad", "set"]), max_size=12),
)
def test_any_history(seed, calls):
    """Whatever functions draw, fail and exchange, generators are where NumPy's would be."""
    if config.linker not in _worlds:
        _worlds[config.linker] = _World()
    world = _worlds[config.linker]
    world.restart(seed)
    for name in calls:
        if name == "set":
            world.rngs[0].set_value(np.random.default_rng(77))
            world.model[0] = np.random.default_rng(77)
        elif name == "bad":
            with pytest.raises(AssertionError):
                world.call(name)
        else:
            for got, expected in zip(world.call(name), world.expected(name), strict=True):
                np.testing.assert_array_equal(got, expected)
    for rng, model in zip(world.rngs, world.model, strict=True):
        assert rng.get_value().bit_generator.state == model.bit_generator.state
