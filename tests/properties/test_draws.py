"""Laws of draws: the same numbers in every mode, each drawn once, and none while compiling."""

import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import aesaralite.tensor as at
from aesaralite import Mode, function, shared
from aesaralite.configdefaults import config
from aesaralite.errors import RepeatedDrawsWarning
from aesaralite.tensor.random.op import RandomVariable

PLAIN = Mode("py", None)
MODES = {
    "FAST_RUN": "FAST_RUN",
    "FAST_COMPILE": "FAST_COMPILE",
    "py, fast_run": Mode("py", "fast_run"),
    "numba, fast_compile": Mode("numba", "fast_compile"),
}
every_mode = pytest.mark.parametrize("mode", MODES.values(), ids=MODES.keys())


@pytest.fixture(autouse=True)
def raise_on_error():
    with config.change_flags(on_opt_error="raise"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RepeatedDrawsWarning)
        warnings.filterwarnings("ignore", message="The Numba linker has no lowering for unwilling")
        yield


def generator(seed=7):
    return shared(np.random.default_rng(seed))


def draws_in(f):
    return [node for node in f.maker.fgraph.toposort() if isinstance(node.op, RandomVariable)]


# Random programs

INPUTS = [at.dvector("v"), at.dmatrix("m"), at.lscalar("n")]
VALUES = [np.array([0.5, -1.25, 3.0]), np.array([[1.0], [-2.5]]), 2]
"""Everything broadcasts to the shape (2, 3)."""
BIT_GENERATORS = [
    np.random.PCG64,
    np.random.PCG64DXSM,
    np.random.Philox,
    np.random.SFC64,
    np.random.MT19937,
]


def positive(x):
    return at.clip(abs(x), 0.25, 4.0)


def drawn(name, x, y, **kwargs):
    """Return a draw, with parameters in which no number is rounded, so that no rewrite can change one."""
    p = at.minimum(positive(x), 1.0)
    count = at.cast(at.ceil(positive(y)), "int64")
    params = {
        "normal": (x, positive(y)),
        "uniform": (-positive(x), positive(y)),
        "gamma": (positive(x), positive(y)),
        "exponential": (positive(x),),
        "laplace": (x, positive(y)),
        "beta": (positive(x), positive(y)),
        "cauchy": (x, positive(y)),
        "poisson": (positive(x),),
        "binomial": (count, p),
        "bernoulli": (p,),
        "integers": (0, count),
    }[name]
    return at.cast(getattr(at.random, name)(*params, **kwargs), "float64")


CONTINUOUS = ["normal", "uniform", "gamma", "exponential", "laplace", "beta", "cauchy"]
DISCRETE = ["poisson", "binomial", "bernoulli", "integers"]
EXACT = {
    "negative": lambda x, y: -x,
    "absolute": lambda x, y: abs(x),
    "double": lambda x, y: 2.0 * x,
    "half": lambda x, y: x / 2.0,
    "maximum": at.maximum,
    "minimum": at.minimum,
    "switch": lambda x, y: at.switch(at.lt(x, y), x, y),
    "reversed": lambda x, y: x[::-1] if x.ndim else x,
    "first": lambda x, y: x[..., :1] if x.ndim else x,
    "one": lambda x, y: x[0] if x.ndim == 2 else x,
    "row": lambda x, y: x.dimshuffle("x", 0) if x.ndim == 1 else x,
    "shape": lambda x, y: at.ones(x.shape),
    "gathered": lambda x, y: x[np.array([-1, 0])[: x.ndim]] if x.ndim else x,
}


@dataclass
class Program:
    """A graph with draws.

    Attributes
    ----------
    generators
        The shared generators.
    exact, rounded
        Outputs that are computed without rounding, and those that sum.
    updates
        The next states.
    draws
        How many draws it's made of.
    """

    generators: list[Any]
    exact: list[Any] = field(default_factory=list)
    rounded: list[Any] = field(default_factory=list)
    updates: list[Any] = field(default_factory=list)
    draws: int = 0
    seed: int = 0
    bit_generator: Any = np.random.PCG64

    def restart(self):
        for i, rng in enumerate(self.generators):
            rng.set_value(np.random.Generator(self.bit_generator(self.seed + i)))

    def run(self, mode):
        """Return the values of two calls, the states after them, and the function."""
        self.restart()
        outputs = [*self.exact, *self.rounded]
        f = function(
            INPUTS, outputs, updates=self.updates, mode=mode, on_unused_input="ignore", no_default_updates=True
        )
        values = [f(*VALUES) for _ in range(2)]
        return values, [state_of(rng) for rng in self.generators], f


def state_of(rng):
    return repr(rng.get_value(borrow=True).bit_generator.state)


@st.composite
def programs(draw):
    """Graphs of draws and of what is done to them, from two generators."""
    program = Program([generator(i) for i in range(2)], seed=draw(st.integers(0, 1000)))
    program.bit_generator = draw(st.sampled_from(BIT_GENERATORS))
    states = [[rng] for rng in program.generators]
    values = [at.constant(1.5), *INPUTS[:2]]
    for _ in range(draw(st.integers(1, 8))):
        x, y = (draw(st.sampled_from(values)) for _ in range(2))
        if program.draws and draw(st.booleans()):
            values.append(EXACT[draw(st.sampled_from(sorted(EXACT)))](x, y))
            continue
        which = draw(st.integers(0, 1))
        # now and then from a state that something else draws from too
        rng = states[which][-1] if draw(st.integers(0, 5)) else draw(st.sampled_from(states[which]))
        size = draw(st.sampled_from([None, None, (2, 3), (INPUTS[2], 3)]))
        value = drawn(draw(st.sampled_from(CONTINUOUS + DISCRETE)), x, y, size=size, rng=rng)
        states[which].append(value.owner.inputs[0].owner.outputs[0] if is_cast(value) else value.owner.outputs[0])
        values.append(value)
        program.draws += 1
    program.exact = draw(st.lists(st.sampled_from(values), max_size=3))
    program.rounded = [value.sum() for value in draw(st.lists(st.sampled_from(values), max_size=2))]
    for rng, known in zip(program.generators, states):
        if draw(st.booleans()):
            program.updates.append((rng, draw(st.sampled_from(known[-2:]))))
    return program


def is_cast(value):
    return not isinstance(value.owner.op, RandomVariable)


@every_mode
@given(program=programs())
def test_the_same_numbers_in_every_mode(mode, program):
    expected, states, _ = program.run(PLAIN)
    values, states_after, f = program.run(mode)
    for call, again in zip(expected, values):
        for i, (a, b) in enumerate(zip(call, again, strict=True)):
            if i < len(program.exact):
                np.testing.assert_array_equal(b, a, strict=True)
            else:
                np.testing.assert_allclose(b, a, rtol=1e-12, atol=1e-12)
    assert states_after == states
    nodes = draws_in(f)
    assert len(nodes) <= program.draws
    assert len({(node.op, *node.inputs) for node in nodes}) == len(nodes)


# Draws in the phases that every function goes through


class Unwilling(RandomVariable):
    """Can't be drawn."""

    name = "unwilling"
    ndim_supp = 0
    ndims_params = (0, 0)
    dtype = "float64"

    def rng_fn(self, rng, *args, **kwargs):
        raise AssertionError("drawn")


unwilling = Unwilling()


@every_mode
class TestEveryMode:
    """What happens to draws in the phases that every function goes through."""

    def test_a_shape_is_had_without_drawing(self, mode):
        n, mu = at.lscalar("n"), at.dvector("mu")
        for params, size, expected in [
            ((0, 1), (n, 3), (2, 3)),
            ((mu, 1), None, (4,)),
            ((mu, mu[:1]), None, (4,)),
            ((mu, at.ones((n, 1))), None, (2, 4)),
            ((mu, 1), (n, 4), (2, 4)),
        ]:
            draw = unwilling(*params, size=size, rng=generator())
            f = function(
                [n, mu],
                [draw.shape, draw.size, draw.T.shape, (draw + 1)[:1].shape],
                mode=mode,
                on_unused_input="ignore",
            )
            assert not draws_in(f)
            shape, size, transposed, first = f(2, np.zeros(4))
            assert tuple(shape) == tuple(transposed)[::-1] == expected
            assert size == np.prod(expected)
            assert tuple(first) == (1, *expected[1:])

    def test_a_shape_of_every_distribution(self, mode):
        for draw, expected in [
            (at.random.normal([0.0, 1.0], 1.0), (2,)),
            (at.random.multivariate_normal(np.zeros(3), np.eye(3), size=(2,)), (2, 3)),
            (at.random.dirichlet(np.ones(3), size=(4, 2)), (4, 2, 3)),
            (at.random.multinomial(5, np.ones(4) / 4), (4,)),
            (at.random.categorical(np.ones((2, 3)) / 3), (2,)),
            (at.random.choice(5, size=(3, 2)), (3, 2)),
            (at.random.permutation(np.arange(12).reshape(4, 3)), (4, 3)),
            (at.random.permutation(6), (6,)),
        ]:
            f = function([], draw.shape, mode=mode, no_default_updates=True)
            assert not draws_in(f)
            assert tuple(f()) == expected

    def test_nothing_is_drawn_while_compiling(self, mode):
        constant = generator().type.make_constant(np.random.default_rng(3))
        for size in (None, (3,), (1000, 1000, 1000)):
            for rng in (constant, generator()):
                draw = unwilling(0.0, 1.0, size=size, rng=rng)
                f = function([], [draw.sum(), draw.owner.outputs[0]], mode=mode)
                assert len(draws_in(f)) == 1

    def test_a_constant_generator_draws_its_numbers_in_each_call(self, mode):
        constant = generator().type.make_constant(np.random.default_rng(3))
        first = at.random.normal(0, 1, size=(3,), rng=constant)
        second = at.random.uniform(0, 1, size=(2,), rng=first.owner.outputs[0])
        f = function([], [first, second], mode=mode)
        for _ in range(2):
            numbers = np.random.default_rng(3)
            a, b = f()
            np.testing.assert_array_equal(a, numbers.normal(size=3))
            np.testing.assert_array_equal(b, numbers.uniform(size=2))

    def test_equal_draws_are_one(self, mode):
        rng = generator()
        mu = at.dvector("mu")
        a, b = (at.random.normal(mu + 0 * i, 1, rng=rng) for i in range(2))
        other = at.random.normal(mu, 1, rng=generator())
        f = function([mu], [a - b, a - other], mode=mode)
        assert len(draws_in(f)) == 2
        same, different = f(np.zeros(3))
        np.testing.assert_array_equal(same, 0)
        np.testing.assert_array_equal(different, 0)

    def test_a_draw_that_nobody_looks_at_advances_the_generator(self, mode):
        rng = generator()
        skipped = at.random.normal(0, 1, size=(5,), rng=rng)
        drawn = at.random.normal(0, 1, rng=skipped.owner.outputs[0])
        f = function([], drawn, updates=[(rng, drawn.owner.outputs[0])], mode=mode)
        g = function([], [], updates=[(rng, skipped.owner.outputs[0])], mode=mode)
        h = function([], skipped.shape, updates=[(rng, skipped.owner.outputs[0])], mode=mode)
        numbers = np.random.default_rng(7)
        for _ in range(2):
            assert f() == numbers.normal(size=6)[-1]
            g()
            h()
            numbers.normal(size=10)
        assert rng.get_value().bit_generator.state == numbers.bit_generator.state

    def test_a_draw_that_is_used_often_is_made_once(self, mode):
        rng = generator()
        x = at.random.uniform(0, 1, size=(4,), rng=rng)
        outputs = [x, at.exp(x).sum(), at.log(x)[1:], x.T.dot(x), (x + x[::-1])[0], x.max(), at.stack([x, -x])]
        f = function([], outputs, updates=[(rng, x.owner.outputs[0])], mode=mode)
        assert len(draws_in(f)) == 1
        numbers = np.random.default_rng(7)
        for _ in range(2):
            values = f()
            drawn = numbers.uniform(size=4)
            np.testing.assert_array_equal(values[0], drawn)
            np.testing.assert_allclose(values[1], np.exp(drawn).sum())
            np.testing.assert_array_equal(values[6], [drawn, -drawn])
            assert values[4] == drawn[0] + drawn[3]
        assert rng.get_value().bit_generator.state == numbers.bit_generator.state
