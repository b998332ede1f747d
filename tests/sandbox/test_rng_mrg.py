"""MRG streams: Aesara's bits with every linker, statistics, state, errors."""

import functools
import itertools
import json
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import aesaralite.tensor as at
from aesaralite import Mode, config, function
from aesaralite.compile.linker import installed_linkers
from aesaralite.raise_op import Assert
from aesaralite.sandbox import rng_mrg
from aesaralite.sandbox.rng_mrg import MRG_RandomStream
from aesaralite.tensor.random.mrg import recurrence
from sandbox.mrg_cases import CASES, REFERENCE, draw, probabilities

REFERENCES = json.loads(REFERENCE.read_text("utf-8"))
LINKERS = installed_linkers()
FLOATS = ("float16", "float32", "float64")


def states_of(stream):
    return [update[0].get_value() for update in stream.state_updates]


# Aesara's numbers


@pytest.mark.parametrize("float_x", ["float64", "float32"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_aesaras_numbers(case, float_x, linker):
    expected = REFERENCES[f"{case.id} {float_x}"]
    with config.change_flags(floatX=float_x):
        drawn = draw(case, MRG_RandomStream, function)
    assert drawn["rstate"] == expected["rstate"]
    assert drawn["states"] == expected["states"]
    for values, others in zip(drawn["calls"], expected["calls"], strict=True):
        for value, other in zip(values, others, strict=True):
            if isinstance(value, str):
                assert value == other
                continue
            dtype, shape, numbers = other
            assert value[:2] == [dtype, shape]
            np.testing.assert_allclose(value[2], numbers, rtol=0, atol=40 * np.finfo(dtype).eps)


# The generator


def one_by_one(state: list[int], dtype: str) -> tuple[list[int], float]:
    """Draw from one stream, in Python's integers."""
    x1, x2, x3, y1, y2, y3 = state
    x = (2**22 * x2 + (2**7 + 1) * x3) % rng_mrg.M1
    y = (2**15 * y1 + (2**15 + 1) * y3) % rng_mrg.M2
    integer = (x - y) % rng_mrg.M1 or rng_mrg.M1
    if dtype == "float16":
        return [x, x1, x2, y, y1, y2], np.float16(((integer & 0x7FFF) + 1) * float(np.float16(3.0458e-05)))
    norm = float(np.float32(4.6566126e-10)) if dtype == "float32" else 2.0**-31
    return [x, x1, x2, y, y1, y2], np.dtype(dtype).type(integer * norm)


def residues_or_anything(modulus):
    edges = st.sampled_from([0, 1, modulus - 1, modulus // 2, 511, 512, 65535, 65536])
    return st.one_of(edges, st.integers(0, modulus - 1))


STATE = st.tuples(*[residues_or_anything(rng_mrg.M1)] * 3, *[residues_or_anything(rng_mrg.M2)] * 3)


@given(st.lists(STATE, min_size=1, max_size=40), st.integers(0, 90), st.sampled_from(FLOATS))
def test_draws_come_from_streams_in_turn(states, count, dtype):
    expected, numbers = [list(state) for state in states], []
    for k in range(count):
        expected[k % len(states)], number = one_by_one(expected[k % len(states)], dtype)
        numbers.append(number)
    rstate = np.array(states, dtype="int32")
    before = rstate.copy()
    for linker in LINKERS:
        after, drawn = SAMPLERS[linker, dtype](rstate, [count])
        np.testing.assert_array_equal(after, expected)
        assert drawn.tobytes() == np.array(numbers, dtype=dtype).tobytes()
        np.testing.assert_array_equal(rstate, before)


def sampler(linker, dtype):
    rstate, size = at.imatrix(), at.lvector()
    return function([rstate, size], rng_mrg.mrg_uniform.new(rstate, 1, dtype, size), mode=Mode(linker=linker))


SAMPLERS = {(linker, dtype): sampler(linker, dtype) for linker in LINKERS for dtype in FLOATS}


@given(st.integers(1, 2000), st.integers(0, 5000), st.integers(0, 2**32 - 1))
def test_linkers_draw_the_same_bits(streams, count, seed):
    # any integers at all, as states
    rstate = np.random.default_rng(seed).integers(-(2**31), 2**31, (streams, 6), dtype="int32")
    for dtype in FLOATS:
        (after, drawn), *others = (SAMPLERS[linker, dtype](rstate, [count]) for linker in LINKERS)
        for other_after, other_drawn in others:
            np.testing.assert_array_equal(after, other_after)
            assert drawn.tobytes() == other_drawn.tobytes()


def test_jumps():
    state = np.array([12345, 1, 2, 3, 4, rng_mrg.M2 - 1], dtype="int32")
    assert rng_mrg.A1p72[0].tolist() == [1516919229, 758510237, 499121365]
    assert rng_mrg.A2p72[2].tolist() == [2002613992, 1639496704, 1407477216]
    assert rng_mrg.A1p134[1].tolist() == [828554832, 1702500920, 1512419905]
    assert rng_mrg.A2p134[2].tolist() == [1401213391, 1178684362, 1431130166]
    # 2^72 steps, 2^62 times, are 2^134 steps
    power = rng_mrg.A1p72
    for _ in range(62):
        power = recurrence.multiply(power, power, rng_mrg.M1)
    np.testing.assert_array_equal(power, rng_mrg.A1p134)
    rows = recurrence.substreams(state, 37)
    assert rows.dtype == "int32"
    for before, after in itertools.pairwise(rows):
        np.testing.assert_array_equal(rng_mrg.ff_2p72(before), after)
    stream = MRG_RandomStream(state)
    stream.inc_rstate()
    np.testing.assert_array_equal(stream.rstate, rng_mrg.ff_2p134(state))
    assert stream.rstate.dtype == "int32"


def test_one_value():
    state = np.array([12345] * 6, dtype="int32")
    after, numbers = recurrence.draw(state[None], 3, "float64")
    drawn = [rng_mrg.mrg_next_value(state, state, rng_mrg.NORM, 0xFFFFFFFF, 0) for _ in range(3)]
    np.testing.assert_array_equal(drawn, numbers)
    np.testing.assert_array_equal(state, after[0])


def test_products():
    matrix = np.array([[2**31 - 2] * 3] * 3, dtype="int64")
    vector = np.array([2**31 - 2, 5, 7], dtype="int32")
    expected = (1 - 5 - 7) % (2**31 - 1)
    product = rng_mrg.matVecModM(matrix, vector, np.int32(2**31 - 1))
    assert product.dtype == "int32" and product.tolist() == [expected] * 3
    both = rng_mrg.multMatVect(np.concatenate([vector, vector]), matrix, rng_mrg.M1, matrix, rng_mrg.M1)
    assert both.tolist() == [expected] * 6
    with pytest.raises(TypeError, match="int64"):
        rng_mrg.matVecModM(matrix.astype("int32"), vector, 7)


@pytest.mark.parametrize(
    ("size", "count"),
    [((), 1), ((6,), 6), ((7,), 1), ((3, 4), 2), ((1000, 1000), 15360), ((np.int64(5),), 15360), ([12], 2)],
)
def test_number_of_streams(size, count):
    assert rng_mrg.guess_n_streams(size) == count
    assert MRG_RandomStream().n_streams(size) == count


def test_number_of_streams_of_an_unknown_size():
    assert rng_mrg.guess_n_streams(at.lvector()) == 15360
    with pytest.warns(UserWarning, match="15360"):
        rng_mrg.guess_n_streams((at.lscalar(),), warn=True)


# Interleavings


@functools.cache
def palette(linker):
    """A stream, and functions of a number that draw from its variables, one or all of them."""
    stream = MRG_RandomStream()
    n = at.lscalar()
    draws = [
        stream.uniform((n,), low=low, dtype=dtype, nstreams=nstreams)
        for dtype, nstreams, low in [
            ("float64", None, 0.0),
            ("float32", 5, -2.0),
            ("float16", 1, 0.1),
            ("float64", 33, 0.1),
        ]
    ]
    draws += [
        stream.binomial((n, 2), p=0.3, nstreams=7),
        stream.multinomial(pvals=probabilities(3, 4), n=n, nstreams=4),
        stream.choice(p=probabilities(6, 5), size=2, replace=False, nstreams=5),
        stream.choice(p=probabilities(3, 5), size=n, replace=True, nstreams=2),
    ]
    mode = Mode(linker=linker)
    functions = [function([n], draw, mode=mode, on_unused_input="ignore") for draw in draws]
    return stream, [*functions, function([n], draws, mode=mode)]


@given(
    st.integers(1, rng_mrg.M2 - 1),
    st.lists(st.tuples(st.integers(-1, 8), st.integers(0, 70)), min_size=1, max_size=12),
)
def test_interleavings(seed, actions):
    drawn = []
    for linker in LINKERS:
        stream, functions = palette(linker)
        stream.seed(seed)
        found = []
        for which, n in actions:
            if which < 0:
                stream.seed(seed)
            else:
                values = functions[which](n)
                found.append([value.tobytes() for value in (values if isinstance(values, list) else [values])])
        drawn.append((found, [state.tobytes() for state in states_of(stream)]))
    assert all(other == drawn[0] for other in drawn)


# Statistics


def check_fit(samples, distribution):
    from scipy.stats import kstest

    assert kstest(samples.astype("float64").ravel(), distribution).pvalue > 1e-3


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_uniform_fits(dtype, linker):
    from scipy.stats import uniform

    draws = function([], MRG_RandomStream(5).uniform((300, 100), low=-2, high=3, dtype=dtype))
    for _ in range(2):
        samples = draws()
        assert samples.min() > -2 and samples.max() < 3
        check_fit(samples, uniform(-2, 5).cdf)


def test_normal_fits(linker):
    from scipy.stats import norm

    check_fit(function([], MRG_RandomStream(6).normal((20001,), avg=4.0, std=0.5))(), norm(4, 0.5).cdf)


@functools.cache
def cut_off_cdf():
    """The distribution function of the method of Aesara, on a grid.

    Of the pair of numbers ``r cos(t), r sin(t)``, one beyond 2 becomes ``s cos(t)`` with a new radius ``s < 2``.
    """
    from scipy.stats import truncnorm

    cosines = np.cos((np.arange(5000) + 0.5) / 2500 * np.pi)
    beyond = np.exp(-2 / cosines**2)
    x = np.linspace(-2, 2, 801)
    ratios = np.clip(x[:, None] / cosines, 0, 2)
    below = (1 - np.exp(-(ratios**2) / 2)) / (1 - np.exp(-2))
    again = np.where(cosines > 0, below, 1 - below) @ beyond / beyond.sum()
    return x, truncnorm(-2, 2).cdf(x) * (1 - beyond.mean()) + again * beyond.mean()


@pytest.mark.parametrize("truncated", [False, True])
def test_cut_off_normal_fits(truncated, linker):
    stream = MRG_RandomStream(7)
    if truncated:
        samples = function([], stream.truncated_normal((60000,), avg=4.0, std=0.5))()
        samples = (samples - 4.0) / 0.5 * 0.87962566103423978
    else:
        samples = function([], stream.normal((60000,), truncate=True))()
    x, cdf = cut_off_cdf()
    assert abs(samples).max() <= 2 * (1 + 1e-12)
    check_fit(samples, lambda values: np.interp(values, x, cdf))


def check_frequencies(counts, p):
    from scipy.stats import chisquare

    assert not counts[p == 0].any()
    assert chisquare(counts[p > 0], counts.sum() * p[p > 0]).pvalue > 1e-3


def test_discrete_draws_fit(linker):
    stream = MRG_RandomStream(8)
    p = np.array([0.1, 0.0, 0.4, 0.2, 0.3])
    rows = np.tile(p, (4000, 1))
    draws = function(
        [],
        [
            stream.binomial((20000,), p=0.3),
            stream.multinomial(pvals=rows, n=5),
            stream.choice(p=rows, size=3, replace=True),
            stream.choice(p=rows, size=2, replace=False),
        ],
    )
    happened, counts, again, once = draws()
    check_frequencies(np.bincount(happened, minlength=2), np.array([0.7, 0.3]))
    assert (counts.sum(axis=1) == 5).all()
    check_frequencies(counts.sum(axis=0), p)
    check_frequencies(np.bincount(again.ravel(), minlength=5), p)
    check_frequencies(np.bincount(once[:, 0], minlength=5), p)
    pairs = np.array([[p[a] * p[b] / (1 - p[a]) if a != b else 0.0 for b in range(5)] for a in range(5)])
    check_frequencies(np.bincount(once[:, 0] * 5 + once[:, 1], minlength=25), pairs.ravel())


# State


def test_calls_advance_and_seed_goes_back(linker):
    stream = MRG_RandomStream(seed=99)
    draws = function([], [stream.uniform((5,)), stream.normal((3,))])
    first, second = draws(), draws()
    assert not np.array_equal(first[0], second[0]) and not np.array_equal(first[1], second[1])
    stream.seed()
    for value, again in zip(first, draws()):
        np.testing.assert_array_equal(value, again)
    stream.seed(3)
    other = draws()
    assert not np.array_equal(first[0], other[0])
    stream.seed([99] * 6)
    np.testing.assert_array_equal(draws()[0], first[0])


def test_functions_share_state(linker):
    stream = MRG_RandomStream()
    draw = stream.uniform((4,))
    one, other = function([], draw), function([], draw * 2)
    reference = function([], MRG_RandomStream().uniform((4,)))
    numbers = [one(), other() / 2, one()]
    for number in numbers:
        np.testing.assert_array_equal(number, reference())


def test_a_variable_is_drawn_once_in_a_call(linker):
    stream = MRG_RandomStream()
    draw = stream.uniform((100,))
    np.testing.assert_array_equal(function([], draw + draw - 2 * draw)(), np.zeros(100))


def test_no_default_updates(linker):
    stream = MRG_RandomStream()
    draw = stream.uniform((4,))
    still = function([], draw, no_default_updates=True)
    np.testing.assert_array_equal(still(), still())
    moving = function([], draw, no_default_updates=True, updates=[update[:2] for update in stream.updates()])
    np.testing.assert_array_equal(moving(), still.copy()() * 0 + moving.copy()() * 0 + first_numbers((4,)))
    assert not np.array_equal(still(), first_numbers((4,)))


def first_numbers(size):
    return function([], MRG_RandomStream().uniform(size))()


def test_state_advances_in_place():
    stream = MRG_RandomStream()
    draws = function([], stream.uniform((1000,)), mode=Mode(linker="numba"))
    state = stream.state_updates[0][0]
    borrowed = state.get_value(borrow=True)
    before = borrowed.copy()
    draws()
    assert state.get_value(borrow=True) is borrowed
    assert not np.array_equal(borrowed, before)


def test_failing_call_leaves_state(linker):
    stream = MRG_RandomStream(4)
    p, x = at.dmatrix(), at.dscalar()
    draws = function(
        [p, x],
        [stream.uniform((50,)), stream.multinomial(pvals=p), Assert("x has to be positive")(x, x > 0)],
    )
    good = np.array([[0.25, 0.75]])
    draws(good, 1.0)
    before = states_of(stream)
    for arguments, error in [((good, -1.0), AssertionError), ((2 * good, 1.0), ValueError), ((-good, 1.0), ValueError)]:
        with pytest.raises(error):
            draws(*arguments)
        for state, other in zip(states_of(stream), before, strict=True):
            np.testing.assert_array_equal(state, other)
    draws(good, 1.0)
    assert not np.array_equal(states_of(stream)[0], before[0])


class Graph:
    def __init__(self, seed):
        self.rng = MRG_RandomStream(seed)
        self.y = [self.rng.uniform((2,)), self.rng.normal((3,)), self.rng.binomial((20,))]


def test_copy_of_state_to_another_graph(linker):
    first, second = Graph(123), Graph(987)
    one, other = function([], first.y), function([], second.y)
    one()
    second.rng.rstate = first.rng.rstate
    for mine, its in zip(first.rng.state_updates, second.rng.state_updates, strict=True):
        its[0].set_value(mine[0].get_value())
    for value, same in zip(one(), other(), strict=True):
        np.testing.assert_array_equal(value, same)
    np.testing.assert_array_equal(function([], first.rng.uniform((9,)))(), function([], second.rng.uniform((9,)))())


def test_swapped_state(linker):
    stream, other = MRG_RandomStream(1), MRG_RandomStream(2)
    draw = stream.uniform((8,))
    other.uniform((8,))
    original = function([], draw)
    copy = original.copy(swap={stream.state_updates[0][0]: other.state_updates[0][0]})
    expected = function([], MRG_RandomStream(2).uniform((8,)))
    np.testing.assert_array_equal(copy(), expected())
    np.testing.assert_array_equal(original(), function([], MRG_RandomStream(1).uniform((8,)))())
    np.testing.assert_array_equal(copy(), expected())


def test_pickles(linker):
    stream = MRG_RandomStream(31)
    draw = stream.uniform((5,), low=-1.0)
    draws = function([], draw)
    draws()
    loaded_stream, loaded_draw, loaded_draws = pickle.loads(pickle.dumps((stream, draw, draws)))
    expected = [draws(), draws(), draws()]
    np.testing.assert_array_equal(loaded_draws(), expected[0])
    np.testing.assert_array_equal(function([], loaded_draw)(), expected[1])
    np.testing.assert_array_equal(loaded_draws(), expected[2])
    np.testing.assert_array_equal(function([], loaded_stream.uniform((3,)))(), function([], stream.uniform((3,)))())


def test_what_is_noted_of_a_variable():
    stream = MRG_RandomStream(5)
    stream.uniform((4, 2), nstreams=3)
    state, update, size, nstreams = stream.state_updates[0]
    draw = update.owner.outputs[1]
    assert draw.rstate is state and draw.update == (state, update) and state.default_update is update
    assert size == (4, 2) and nstreams == 3
    assert state.get_value().shape == (3, 6) and state.type.dtype == "int32"
    assert stream.updates() == stream.state_updates and stream.updates() is not stream.state_updates
    assert stream.default_instance_seed == 5
    stream.pretty_return(state, update, draw, size, None)
    assert len(stream.state_updates) == 2


def test_substream_states():
    stream = MRG_RandomStream(5)
    start = stream.rstate
    states = stream.get_substream_rstates(4, "float32", inc_rstate=False)
    np.testing.assert_array_equal(states[0], start)
    np.testing.assert_array_equal(stream.rstate, start)
    np.testing.assert_array_equal(stream.get_substream_rstates(2, "float64"), states[:2])
    np.testing.assert_array_equal(stream.rstate, rng_mrg.ff_2p134(start))
