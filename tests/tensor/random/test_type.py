import copy
import pickle

import numpy as np
import pytest
from support.random_toys import BIT_GENERATORS, same_state

from aesaralite.graph.container import duplicate
from aesaralite.graph.frozen import content_digest
from aesaralite.graph.generators import copy_generator, frozen_state, generator_of_state
from aesaralite.tensor.random.type import (
    RandomConstant,
    RandomGeneratorType,
    RandomStateType,
    RandomType,
    random_generator_type,
    random_state_type,
)


class OwnBits(np.random.PCG64):
    """A bit generator of a user, with something of its own."""

    note = "own"


def generators():
    """Generators in states that are worth keeping, by name."""
    found = {}
    for bits in BIT_GENERATORS:
        fresh = np.random.Generator(bits(7))
        half = np.random.Generator(bits(7))
        half.random(5, dtype="float32")  # half of a word is kept
        half.integers(0, 9, size=3, dtype="int8")
        found[bits.__name__] = fresh
        found[f"{bits.__name__} after draws"] = half
    legacy = np.random.RandomState(7)
    legacy.standard_normal()  # keeps a second number
    found["RandomState"] = legacy
    found["RandomState of PCG64"] = np.random.RandomState(np.random.PCG64(7))
    return [pytest.param(generator, id=name) for name, generator in found.items()]


def numbers(generator):
    return [generator.random(3), generator.standard_normal(3), generator.bytes(5), generator.poisson(20.0, 4)]


class TestCopies:
    @pytest.mark.parametrize("make", [copy_generator, duplicate])
    @pytest.mark.parametrize("generator", generators())
    def test_a_copy_draws_the_same_and_on_its_own(self, generator, make):
        before = pickle.loads(pickle.dumps(generator))
        copied = make(generator)
        assert type(copied) is type(generator) and copied is not generator
        assert same_state(copied, generator)
        drawn = numbers(copied)
        assert same_state(generator, before)
        for one, other in zip(drawn, numbers(before), strict=True):
            np.testing.assert_array_equal(one, other)

    @pytest.mark.parametrize("bits", BIT_GENERATORS)
    def test_a_copy_spawns_the_same_and_on_its_own(self, bits):
        generator = np.random.Generator(bits(np.random.SeedSequence(7)))
        generator.spawn(2)
        copied = copy_generator(generator)
        expected = copy.deepcopy(generator).spawn(1)[0].random(3)
        np.testing.assert_array_equal(copied.spawn(1)[0].random(3), expected)
        np.testing.assert_array_equal(generator.spawn(1)[0].random(3), expected)

    def test_what_users_derive_is_copied_by_copy(self):
        generator = np.random.Generator(OwnBits(7))
        copied = copy_generator(generator)
        assert type(copied.bit_generator) is OwnBits and copied.bit_generator is not generator.bit_generator
        np.testing.assert_array_equal(copied.random(3), np.random.default_rng(7).random(3))

    def test_a_generator_from_a_pickle_without_seeds(self):
        generator = np.random.default_rng(7)
        generator.bit_generator.__setstate__((generator.bit_generator.state, None))
        copied = copy_generator(generator)
        assert copied.bit_generator.seed_seq is None and copied.random() == generator.random()


class TestStates:
    @pytest.mark.parametrize("generator", generators())
    def test_equal_states_are_equal(self, generator):
        copied = pickle.loads(pickle.dumps(generator))
        assert frozen_state(copied) == frozen_state(generator)
        assert hash(frozen_state(copied)) == hash(frozen_state(generator))
        assert content_digest(copied) == content_digest(generator)
        assert content_digest(generator)[1]
        copied.random()
        assert frozen_state(copied) != frozen_state(generator)
        assert content_digest(copied) != content_digest(generator)

    def test_kinds_are_told_apart(self):
        bits = np.random.PCG64(7)
        one, other, third = np.random.Generator(bits), np.random.RandomState(bits), np.random.Generator(OwnBits(7))
        assert len({frozen_state(one), frozen_state(other), frozen_state(third)}) == 3

    @pytest.mark.parametrize("bits", BIT_GENERATORS)
    def test_a_generator_of_a_state(self, bits):
        generator = np.random.Generator(bits(7))
        assert same_state(generator_of_state(generator.bit_generator.state), generator)

    def test_a_legacy_one(self):
        legacy = np.random.RandomState(7)
        legacy.standard_normal()
        again = generator_of_state(legacy.get_state(legacy=False), legacy=True)
        assert isinstance(again, np.random.RandomState) and same_state(again, legacy)

    @pytest.mark.parametrize("state", [{}, {"bit_generator": "Dice"}, {"bit_generator": ["PCG64"]}, 3])
    def test_what_is_no_state(self, state):
        with pytest.raises(TypeError, match="is not the state of a generator of NumPy"):
            generator_of_state(state)

    def test_an_incomplete_state(self):
        with pytest.raises(TypeError, match=r"This is not the state of a PCG64: .*state"):
            generator_of_state({"bit_generator": "PCG64"})


class TestTypes:
    def test_identity_and_text(self):
        assert RandomGeneratorType() == random_generator_type != random_state_type
        assert hash(RandomGeneratorType()) == hash(random_generator_type)
        assert str(random_generator_type) == repr(random_generator_type) == "RandomGeneratorType"
        assert str(RandomStateType()) == "RandomStateType"
        assert isinstance(random_generator_type, RandomType)
        assert pickle.loads(pickle.dumps(random_generator_type)) == random_generator_type
        assert str(random_generator_type()) == "<RandomGeneratorType>"

    def test_values(self):
        generator, legacy = np.random.default_rng(1), np.random.RandomState(1)
        for strict in (True, False):
            assert random_generator_type.filter(generator, strict=strict) is generator
            assert random_state_type.filter(legacy, strict=strict) is legacy
        assert random_generator_type.is_valid_value(generator) and not random_generator_type.is_valid_value(legacy)
        assert random_state_type.is_valid_value(legacy) and not random_state_type.is_valid_value(generator)

    def test_states_are_values_unless_strict(self):
        generator, legacy = np.random.default_rng(1), np.random.RandomState(1)
        for type_, value, state in (
            (random_generator_type, generator, generator.bit_generator.state),
            (random_state_type, legacy, legacy.get_state(legacy=False)),
        ):
            made = type_.filter(state)
            assert type(made) is type(value) and same_state(made, value)
            assert type_.is_valid_value(state, strict=False) and not type_.is_valid_value(state)

    def test_wrong_values(self):
        with pytest.raises(TypeError, match=r"instances of numpy.random.Generator; got 3 of type int. .*default_rng"):
            random_generator_type.filter(3)
        with pytest.raises(TypeError, match=r"got Generator\(PCG64\) .* of type Generator. numpy.random.RandomState"):
            random_state_type.filter(np.random.default_rng())
        with pytest.raises(TypeError, match="got the variable"):
            random_generator_type.filter(random_generator_type("g"))
        with pytest.raises(TypeError, match=r"got \[0, 0, .*\.\.\. of type list"):
            random_generator_type.filter([0] * 1000)

    def test_equality_of_values(self):
        one, other = np.random.default_rng(1), np.random.default_rng(1)
        assert random_generator_type.values_eq(one, other) and random_generator_type.values_eq_approx(one, other)
        other.random()
        assert not random_generator_type.values_eq(one, other)

    def test_shared_memory(self):
        bits = np.random.PCG64(1)
        one, other = np.random.Generator(bits), np.random.Generator(bits)
        assert RandomGeneratorType.may_share_memory(one, other)
        assert not RandomGeneratorType.may_share_memory(one, np.random.default_rng(1))
        legacy = np.random.RandomState(bits)
        assert RandomStateType.may_share_memory(legacy, np.random.RandomState(bits))
        assert not RandomStateType.may_share_memory(legacy, np.random.RandomState(1))


class TestConstants:
    def test_a_constant_keeps_its_state(self):
        generator = np.random.default_rng(1)
        constant = random_generator_type.make_constant(generator, name="c")
        assert type(constant) is RandomConstant
        generator.random()
        assert same_state(constant.data, np.random.default_rng(1))
        assert str(constant) == "c{Generator(PCG64)}"

    def test_equality(self):
        one, other = (random_generator_type.make_constant(np.random.default_rng(1)) for _ in range(2))
        different = random_generator_type.make_constant(np.random.default_rng(2))
        assert one.equals(other) and not one.equals(different)
        assert hash(one.signature()) == hash(other.signature())

    @pytest.mark.parametrize("duplicate", [lambda v: pickle.loads(pickle.dumps(v)), copy.deepcopy, lambda v: v.clone()])
    def test_copies(self, duplicate):
        constant = random_generator_type.make_constant(np.random.default_rng(1))
        copied = duplicate(constant)
        assert copied is not constant and copied.equals(constant) and type(copied) is RandomConstant
