import copy
import pickle

import numpy as np
import pytest
from support.random_toys import BIT_GENERATORS, same_state, uniform

from aesaralite import shared
from aesaralite.compile.mode import Mode
from aesaralite.tensor.random.type import random_generator_type, random_state_type
from aesaralite.tensor.random.var import (
    RandomGeneratorSharedVariable,
    RandomStateSharedVariable,
    RandomTypeSharedVariable,
    randomgen_constructor,
)

PY = Mode("py")


def test_shared_chooses_the_type():
    rng, legacy = shared(np.random.default_rng(1)), shared(np.random.RandomState(1))
    assert type(rng) is RandomGeneratorSharedVariable and rng.type == random_generator_type
    assert type(legacy) is RandomStateSharedVariable and legacy.type == random_state_type
    assert isinstance(rng, RandomTypeSharedVariable)
    assert rng.default_update is None


def test_text():
    assert str(shared(np.random.default_rng(1), name="rng")) == "rng"
    assert str(shared(np.random.default_rng(1))).startswith("RandomGeneratorSharedVariable(<Generator(PCG64) at 0x")
    assert str(shared(np.random.RandomState(1))).startswith("RandomStateSharedVariable(<RandomState(MT19937) at 0x")


def test_values_are_copied_unless_borrowed():
    value = np.random.default_rng(1)
    rng = shared(value)
    value.random()
    assert same_state(rng.get_value(), np.random.default_rng(1))
    rng.get_value().random()
    assert same_state(rng.get_value(), np.random.default_rng(1))
    assert shared(value, borrow=True).get_value(borrow=True) is value

    rng.set_value(value)
    state = copy.deepcopy(value)
    value.random()
    assert same_state(rng.get_value(borrow=True), state)
    rng.set_value(value, borrow=True)
    assert rng.get_value(borrow=True) is value


@pytest.mark.parametrize("bits", BIT_GENERATORS)
def test_bit_generators_keep_their_class(bits):
    rng = shared(np.random.Generator(bits(1)))
    assert type(rng.get_value().bit_generator) is bits
    assert same_state(rng.get_value(), np.random.Generator(bits(1)))


def test_the_bit_generator_may_change():
    rng = shared(np.random.default_rng(1))
    draw = uniform(0, 1, rng=rng)
    rng.default_update = draw.owner.outputs[0]
    assert draw.eval(mode=PY) == np.random.default_rng(1).uniform()
    rng.set_value(np.random.Generator(np.random.Philox(3)))
    assert draw.eval(mode=PY) == np.random.Generator(np.random.Philox(3)).uniform()
    assert type(rng.get_value().bit_generator) is np.random.Philox


def test_a_state_is_a_value_unless_strict():
    state = np.random.default_rng(5).bit_generator.state
    rng = shared(np.random.default_rng(1), name="rng")
    rng.set_value(state)
    assert same_state(rng.get_value(), np.random.default_rng(5))
    with pytest.raises(TypeError, match=r"got {.*PCG64"):
        shared(np.random.default_rng(1), strict=True).set_value(state)


def test_wrong_values():
    rng = shared(np.random.default_rng(1), name="rng")
    for wrong in (3, None, np.random.RandomState(1), np.random.PCG64(1), "text"):
        with pytest.raises(TypeError, match=r'RandomGeneratorType holds.*\n.*"rng"'):
            rng.set_value(wrong)
    assert same_state(rng.get_value(), np.random.default_rng(1))
    with pytest.raises(TypeError, match="takes a generator of NumPy"):
        randomgen_constructor(3)
    with pytest.raises(TypeError, match="unexpected keyword argument 'bogus'"):
        shared(np.random.default_rng(1), bogus=3)


@pytest.mark.parametrize("duplicate", [lambda v: pickle.loads(pickle.dumps(v)), copy.deepcopy])
def test_copies(duplicate):
    rng = shared(np.random.default_rng(1), name="rng")
    rng.default_update = uniform(0, 1, rng=rng).owner.outputs[0]
    copied = duplicate(rng)
    assert copied.name == "rng" and same_state(copied.get_value(), rng.get_value())
    assert copied.default_update.owner.inputs[0] is copied
    copied.get_value(borrow=True).random()
    assert same_state(rng.get_value(), np.random.default_rng(1))


def test_a_clone_has_the_same_value():
    rng = shared(np.random.default_rng(1))
    clone = rng.clone()
    assert type(clone) is RandomGeneratorSharedVariable
    rng.set_value(np.random.default_rng(2))
    assert clone.get_value(borrow=True) is rng.get_value(borrow=True)
