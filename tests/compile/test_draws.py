"""Functions that draw: which generators they advance, what they warn of, and generators as inputs and outputs."""

import copy
import pickle
import sys
import threading
import warnings

import numpy as np
import pytest
from support.random_toys import BIT_GENERATORS, same_state

import aesaralite
import aesaralite.tensor as at
from aesaralite import In, Out, clone_replace, function, shared
from aesaralite.errors import RepeatedDrawsWarning
from aesaralite.graph.basic import ancestors
from aesaralite.tensor.random.type import random_generator_type, random_state_type
from aesaralite.tensor.random.utils import RandomStream

pytestmark = [
    pytest.mark.usefixtures("linker"),
    pytest.mark.filterwarnings("error::aesaralite.errors.RepeatedDrawsWarning"),
]


def after(draw):
    """Return the state of the generator after a draw."""
    return draw.owner.outputs[0]


def generator(seed):
    return np.random.default_rng(seed)


@pytest.fixture
def rng():
    return shared(generator(3), name="rng")


class TestDefaultUpdates:
    def test_all_none_or_some(self):
        stream = RandomStream(3)
        u, n = stream.uniform(), stream.normal()
        (a, _), (b, _) = stream.state_updates
        cases = {
            "all": (False, (True, True)),
            "none": (True, (False, False)),
            "an empty list": ([], (True, True)),
            "one": ([a], (False, True)),
            "a tuple": ((b,), (True, False)),
            "both": ([a, b], (False, False)),
        }
        for no_default_updates, advance in cases.values():
            f = function([], [u, n], no_default_updates=no_default_updates)
            stream.seed(3)
            first, second = f(), f()
            assert tuple(bool(one != other) for one, other in zip(first, second, strict=True)) == advance
        with pytest.raises(TypeError, match="must be a boolean or list"):
            function([], u, no_default_updates=3)

    def test_updates_come_before_default_updates(self, rng):
        draw = at.random.normal(rng=rng)
        further = at.random.normal(rng=after(draw))
        rng.default_update = after(draw)
        f = function([], draw, updates=[(rng, after(further))])
        expected = generator(3).normal(size=6)
        assert [f(), f(), f()] == list(expected[::2])

    def test_generators_are_shared_between_functions(self):
        stream = RandomStream(3)
        draw = stream.normal()
        f, g = function([], draw), function([], draw * 2)
        (child,) = np.random.SeedSequence(3).spawn(1)
        expected = np.random.default_rng(child).normal(size=4)
        assert [f(), g() / 2, f(), g() / 2] == list(expected)

    def test_without_an_output_too(self):
        stream = RandomStream(3)
        stream.normal()
        f = function([], [], updates=stream.updates())
        f()
        (child,) = np.random.SeedSequence(3).spawn(1)
        expected = np.random.default_rng(child)
        expected.normal()
        assert same_state(stream.state_updates[0][0].get_value(), expected)

    def test_a_draw_without_a_stream_advances(self):
        draw = at.random.normal(0, 1, size=2)
        f = function([], draw)
        expected = draw.owner.inputs[0].get_value()
        for _ in range(3):
            np.testing.assert_array_equal(f(), expected.normal(0, 1, 2))

    def test_givens_reach_default_updates(self):
        stream = RandomStream(3)
        scale = at.dscalar("scale")
        draw = stream.normal(0.0, scale)
        f = function([], draw, givens={scale: at.constant(2.0)})
        (child,) = np.random.SeedSequence(3).spawn(1)
        expected = np.random.default_rng(child).normal(0, 2.0, size=2)
        assert [f(), f()] == list(expected)

    def test_a_clone_advances_the_generator_in_the_originals_place(self):
        stream = RandomStream(3)
        shape = at.dscalar("shape")
        draw = stream.gamma(shape)
        clone = clone_replace(draw, {shape: at.constant(0.5)})
        f = function([], clone)
        (child,) = np.random.SeedSequence(3).spawn(1)
        expected = np.random.default_rng(child)
        for _ in range(5):
            assert f() == expected.gamma(0.5)
        assert same_state(stream.state_updates[0][0].get_value(), expected)

    def test_clones_of_draws_in_a_row(self, rng):
        loc = at.dscalar("loc")
        first = at.random.normal(loc, 1, rng=rng)
        second = at.random.gamma(first**2 + 1, rng=after(first))
        rng.default_update = after(second)
        f = function([], clone_replace(second, {loc: at.constant(5.0)}))
        expected = generator(3)
        for _ in range(3):
            np.testing.assert_allclose(f(), expected.gamma(expected.normal(5.0) ** 2 + 1), rtol=1e-12)

    def test_original_and_clone_draw_common_numbers(self):
        stream = RandomStream(3)
        loc = at.dscalar("loc")
        draw = stream.normal(loc, 1)
        shifted = clone_replace(draw, {loc: loc + 1})
        f = function([loc], [draw, shifted])
        for _ in range(2):
            one, other = f(0.0)
            np.testing.assert_allclose(other - one, 1, rtol=1e-12)

    def test_what_a_user_sets_is_used_in_a_graph_without_the_draw(self, rng):
        draw = at.random.normal(rng=rng)
        other = at.random.uniform(rng=rng)
        rng.default_update = after(draw)
        f = function([], other)
        expected = generator(3)
        assert f() == generator(3).uniform()
        expected.normal()
        assert same_state(rng.get_value(), expected)


class TestWarnings:
    def test_a_generator_that_stays(self, rng):
        line = sys._getframe().f_lineno + 1
        draw = at.random.normal(rng=rng, name="draw")
        here = sys._getframe().f_lineno + 2
        with pytest.warns(RepeatedDrawsWarning, match="Each call of this function draws the same numbers") as caught:
            f = function([], draw)
        assert f() == f() == generator(3).normal()
        (warning,) = caught
        text = str(warning.message)
        assert f"draw (made at {__file__}:{line}, in " in text
        assert f"draws from the generator rng (made at {__file__}:" in text
        assert "updates=[(rng, draw.owner.outputs[0])]" in text and "no_default_updates=[rng]" in text
        assert (warning.filename, warning.lineno) == (__file__, here)

    def test_one_for_each_generator(self):
        rngs = [shared(generator(k)) for k in range(3)]
        draws = [at.random.normal(rng=rng) for rng in rngs]
        with pytest.warns(RepeatedDrawsWarning) as caught:
            function([], draws, updates=[(rngs[1], after(draws[1]))])
        assert len(caught) == 2

    def test_a_constant(self):
        draw = at.random.normal(rng=random_generator_type.make_constant(generator(3)))
        with pytest.warns(RepeatedDrawsWarning, match="draws from a generator that is a constant"):
            f = function([], draw)
        assert f() == f() == generator(3).normal()

    def test_eval(self, rng):
        draw = at.random.normal(rng=rng)
        with pytest.warns(RepeatedDrawsWarning) as caught:
            assert draw.eval() == draw.eval()
        assert len(caught) == 1 and caught[0].filename == __file__

    def test_what_is_meant(self, rng):
        draw = at.random.normal(rng=rng)
        constant = at.random.normal(rng=random_generator_type.make_constant(generator(3)))
        function([], draw, no_default_updates=True)
        function([], draw, no_default_updates=[rng])
        function([], [draw, constant], no_default_updates=True)
        draw.eval(no_default_updates=True)

    def test_what_advances(self, rng):
        draw = at.random.normal(rng=rng)
        function([], draw, updates=[(rng, after(draw))])
        function([], draw, updates={rng: at.random.default_rng(3)})
        function([], RandomStream(3).normal())
        function([], at.random.normal())
        rng.default_update = after(draw)
        function([], draw)

    def test_what_the_caller_gives(self, rng):
        given = random_generator_type("given")
        function([given], at.random.normal(rng=given))
        draw = at.random.normal(rng=rng)
        function([given], draw, givens={rng: given})
        function([In(given, value=generator(3))], draw, givens={rng: given})

    def test_states_without_draws(self, rng):
        function([], rng)
        function([], [], updates=[(rng, rng)])
        draw = at.random.normal(rng=rng)
        function([], after(draw))
        with pytest.warns(RepeatedDrawsWarning, match="draws from the generator rng"):
            function([], at.random.normal(rng=after(draw)))

    def test_a_replaced_generator_must_advance_itself(self):
        stream = RandomStream(3)
        draw = stream.normal()
        other = shared(generator(4), name="other")
        with pytest.warns(RepeatedDrawsWarning, match="draws from the generator other"):
            function([], draw, givens={stream.state_updates[0][0]: other})
        f = function([], draw, givens={stream.state_updates[0][0]: other}, updates=[(other, after(draw))])
        assert [f(), f()] == list(generator(4).normal(size=2))

    def test_two_draws_from_one_state(self, rng):
        normal = at.random.normal(rng=rng, name="first")
        uniform = at.random.uniform(rng=rng, name="second")
        with pytest.warns(RepeatedDrawsWarning, match="2 draws use the same state of the generator rng") as caught:
            function([], normal + uniform, updates=[(rng, after(normal))])
        text = str(caught[0].message)
        assert len(caught) == 1 and "first (made at" in text and "second (made at" in text
        for i in range(5):
            uniform = uniform + at.random.normal(i, 1, rng=rng)
        with pytest.warns(RepeatedDrawsWarning, match=r"6 draws .*; and 3 more"):
            function([], uniform, updates=[(rng, after(normal))])

    def test_equal_draws_from_one_state(self, rng):
        one, other = at.random.normal(rng=rng), at.random.normal(rng=rng)
        with pytest.warns(RepeatedDrawsWarning, match="2 draws use the same state"):
            f = function([], one - other, updates=[(rng, after(one))])
        assert f() == 0

    def test_draws_in_a_row_and_gradients_are_fine(self, rng):
        loc = at.dscalar("loc")
        first = at.random.normal(loc, 1, rng=rng)
        second = at.random.normal(first, 1, rng=after(first))
        f = function([loc], [second, at.grad(second**2, loc)], updates=[(rng, after(second))])
        value, slope = f(10.0)
        np.testing.assert_allclose(slope, 2 * value, rtol=1e-12)


class TestInputsAndOutputs:
    @pytest.mark.parametrize("bits", BIT_GENERATORS)
    def test_a_generator_that_a_caller_gives(self, bits):
        given = random_generator_type("given")
        draw = at.random.normal(0, 1, size=3, rng=given)
        f = function([given], [draw, after(draw), given])
        value = np.random.Generator(bits(5))
        expected = np.random.Generator(bits(5))
        for _ in range(2):
            numbers, following, same = f(value)
            np.testing.assert_array_equal(numbers, np.random.Generator(bits(5)).normal(size=3))
        expected.normal(size=3)
        assert same_state(value, np.random.Generator(bits(5))) and same_state(same, value)
        assert same_state(following, expected) and type(following.bit_generator) is bits
        assert same is not value and same.bit_generator is not value.bit_generator

    def test_wrong_arguments(self):
        given = random_generator_type("given")
        f = function([given], at.random.normal(rng=given))
        for wrong in (3, np.random.RandomState(3), np.random.PCG64(3), None):
            with pytest.raises(
                TypeError, match=r"(?s)Bad input argument.*variable given was made.*RandomGeneratorType"
            ):
                f(wrong)

    def test_state_of_the_function(self):
        given = random_generator_type("given")
        draw = at.random.normal(0, 1, size=2, rng=given)
        f = function([In(given, value=generator(5), update=after(draw), mutable=True)], draw)
        expected = generator(5)
        for _ in range(2):
            np.testing.assert_array_equal(f(), expected.normal(size=2))
        assert same_state(f["given"], expected)
        f["given"] = generator(6)
        np.testing.assert_array_equal(f(), generator(6).normal(size=2))
        # an argument stands for the state once, and what follows it becomes the state
        argument = generator(7)
        np.testing.assert_array_equal(f(argument), generator(7).normal(size=2))
        assert same_state(argument, generator(7))
        np.testing.assert_array_equal(f(), generator(7).normal(size=4)[2:])

    def test_legacy_generators(self):
        given = random_state_type("given")
        draw = at.random.normal(0, 1, size=3, rng=given)
        f = function([given], [draw, after(draw)])
        numbers, following = f(np.random.RandomState(5))
        expected = np.random.RandomState(5)
        np.testing.assert_array_equal(numbers, expected.normal(size=3))
        assert same_state(following, expected)

    def test_results_are_the_callers_own(self, rng):
        draw = at.random.normal(rng=rng)
        for outputs in ([after(draw), rng], [Out(after(draw), borrow=True), Out(rng, borrow=True)]):
            rng.set_value(generator(3))
            f = function([], outputs, updates=[(rng, after(draw))])
            following, before = f()
            expected = generator(3)
            assert same_state(before, expected)
            expected.normal()
            assert same_state(following, expected) and same_state(rng.get_value(), expected)
            following.random()
            before.random()
            assert same_state(rng.get_value(), expected)

    def test_a_generator_that_is_kept_is_no_result(self, rng):
        f = function([], rng)
        value = f()
        assert same_state(value, generator(3))
        value.random()
        assert same_state(rng.get_value(), generator(3))


class TestState:
    def test_two_generators_change_places(self):
        a, b = shared(generator(1)), shared(generator(2))
        draw = at.random.normal(rng=a)
        f = function([], draw, updates=[(a, b), (b, after(draw))])
        first, second = generator(1), generator(2)
        assert [f(), f(), f(), f()] == [first.normal(), second.normal(), first.normal(), second.normal()]

    def test_one_state_for_two(self):
        a, b = shared(generator(1)), shared(generator(2))
        draw = at.random.normal(rng=a)
        function([], [], updates=[(a, after(draw)), (b, after(draw))])()
        assert same_state(a.get_value(), b.get_value())
        a.get_value(borrow=True).random()
        assert not same_state(a.get_value(), b.get_value())
        function([], [], updates=[(a, b)])()
        assert same_state(a.get_value(), b.get_value())
        a.get_value(borrow=True).random()
        assert not same_state(a.get_value(), b.get_value())

    def test_copies_with_other_generators(self, rng):
        draw = at.random.normal(rng=rng)
        f = function([], draw, updates=[(rng, after(draw))])
        copies = [f.copy(swap={rng: shared(generator(k))}) for k in range(4)]
        for _ in range(2):
            f()
        assert [copied() for copied in copies] == [generator(k).normal() for k in range(4)]
        with pytest.raises(TypeError, match="can't be swapped"):
            f.copy(swap={rng: shared(np.random.RandomState(1))})
        still = f.copy(delete_updates=True)
        assert still() == still() == generator(3).normal(size=3)[2]

    def test_threads_with_generators_of_their_own(self, rng):
        draw = at.random.normal(size=5, rng=rng)
        f = function([], draw, updates=[(rng, after(draw))])
        copies = [f.copy(swap={rng: shared(generator(k))}) for k in range(4)]
        results = [[] for _ in copies]

        def work(k):
            results[k] = [copies[k]() for _ in range(200)]

        threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for k, result in enumerate(results):
            np.testing.assert_array_equal(np.concatenate(result), generator(k).normal(size=1000))

    def test_threads_on_one_generator_share_its_numbers_out(self, rng):
        draw = at.random.uniform(rng=rng)
        f = function([], draw, updates=[(rng, after(draw))])
        results = []
        threads = [threading.Thread(target=lambda: results.extend(float(f()) for _ in range(300))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(results) == sorted(generator(3).uniform(size=1200))

    @pytest.mark.parametrize("duplicate", [lambda f: pickle.loads(pickle.dumps(f)), copy.deepcopy])
    def test_pickled_functions_go_on_alike(self, duplicate):
        stream = RandomStream(3)
        f = function([], [stream.normal(size=2), stream.gamma(2.0)])
        f()
        g = duplicate(f)
        for _ in range(2):
            for one, other in zip(f(), g(), strict=True):
                np.testing.assert_array_equal(one, other)

    @pytest.mark.parametrize("duplicate", [lambda v: pickle.loads(pickle.dumps(v)), copy.deepcopy])
    def test_pickled_expressions_keep_their_default_updates(self, duplicate):
        stream = RandomStream(3)
        draw = at.exp(stream.normal(size=2))
        copied = duplicate(draw)
        f, g = function([], draw), function([], copied)
        for _ in range(2):
            np.testing.assert_array_equal(f(), g())
        (rng,) = (v for v in ancestors([copied]) if v.type == random_generator_type and v.owner is None)
        assert rng is not stream.state_updates[0][0]

    def test_a_generator_that_is_set_while_functions_use_it(self, rng):
        draw = at.random.normal(rng=rng)
        f = function([], draw, updates=[(rng, after(draw))])
        f()
        for bits in BIT_GENERATORS:
            rng.set_value(np.random.Generator(bits(9)))
            assert [f(), f()] == list(np.random.Generator(bits(9)).normal(size=2))
            assert type(rng.get_value().bit_generator) is bits

    def test_a_value_given_by_borrowing(self):
        value = generator(3)
        rng = shared(value, borrow=True)
        draw = at.random.normal(rng=rng)
        f = function([], draw, updates=[(rng, after(draw))])
        assert [f(), f()] == list(generator(3).normal(size=2))


def test_debugprint_of_a_function_with_generators():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rng = shared(generator(3), name="rng")
        draw = at.random.normal(rng=rng, name="draw")
        f = function([], draw, updates=[(rng, after(draw))])
    text = aesaralite.debugprint(f, file="str")
    assert text.count("normal_rv{0, (0, 0), floatX, False}.") == 2 and "rng" in text
