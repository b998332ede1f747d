"""Every distribution draws the numbers of NumPy or SciPy, and leaves the generator where they leave it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.random_cases import ELEMENTWISE, NAMES, calls, generators
from support.random_toys import same_state

import aesaralite
import aesaralite.tensor as at
from aesaralite import config
from aesaralite.compile.mode import Mode
from aesaralite.tensor.shaping import shape_tuple

PY = Mode(linker="py", optimizer=None)
# there are many distributions, and the last property takes all of them together
FEW = settings(max_examples=max(8, settings.default.max_examples // 20))


def drawn(call, rng, known, symbolic, **kwargs):
    """The draw with variables for parameters and size, its inputs and their values."""
    inputs, values = call.variables(known), list(call.params)
    size = None
    if symbolic and call.size is not None:
        size = tuple(at.lscalar() for _ in call.size)
        inputs += size
        values += call.size
    if call.name in ("permutation", "choice") and call.params[0].ndim == 0:
        # how many numbers there are decides a shape
        inputs[0] = at.lscalar()
    return call.build(rng, inputs[: len(call.params)], size, **kwargs), inputs, values


@pytest.mark.parametrize("name", NAMES)
@FEW
@given(data=st.data(), known=st.booleans(), symbolic=st.booleans(), floatX=st.sampled_from(["float64", "float32"]))
def test_numbers_and_state(name, data, known, symbolic, floatX):
    call, generator = data.draw(calls(name)), data.draw(generators())
    rng = aesaralite.shared(generator)
    with config.change_flags(floatX=floatX):
        draw, inputs, values = drawn(call, rng, known, symbolic)
        function = aesaralite.function(
            inputs, [draw, *shape_tuple(draw)], updates=[(rng, draw.owner.outputs[0])], mode=PY
        )
        for _ in range(2):
            expected = call.expected(generator)
            got, *shape = function(*values)
            wanted = expected.astype(draw.type.dtype)
            assert got.dtype == wanted.dtype and got.shape == wanted.shape == tuple(shape)
            assert all(n is None or n == m for n, m in zip(draw.type.shape, got.shape, strict=True))
            np.testing.assert_array_equal(got, wanted)
            assert same_state(rng.get_value(), generator)
    own = draw.owner.op.dtype
    of_array = str(call.params[0].dtype) if call.params else None
    assert draw.type.dtype == (floatX if own == "floatX" else of_array if own is None else own)


@given(data=st.data(), generator=generators())
def test_draws_follow_one_another(data, generator):
    sequence = data.draw(st.lists(calls(), min_size=2, max_size=4))
    rng = aesaralite.shared(generator)
    state, draws, inputs, values = rng, [], [], []
    for call in sequence:
        draw, more, of_these = drawn(call, state, False, False)
        inputs, values = inputs + more, values + of_these
        draws.append(draw)
        state = draw.owner.outputs[0]
    function = aesaralite.function(inputs, draws, updates=[(rng, state)], mode=PY)
    expected = [call.expected(generator) for call in sequence]
    for got, wanted in zip(function(*values), expected, strict=True):
        np.testing.assert_array_equal(got, wanted)
    assert same_state(rng.get_value(), generator)


@pytest.mark.parametrize("name", [name for name, case in ELEMENTWISE.items() if case.legacy])
@FEW
@given(data=st.data(), seed=st.integers(0, 2**31))
def test_legacy_generators(name, data, seed):
    call = data.draw(calls(name))
    generator = np.random.RandomState(seed)
    rng = aesaralite.shared(generator)
    draw = call.build(rng)
    function = aesaralite.function([], draw, updates=[(rng, draw.owner.outputs[0])], mode=PY)
    np.testing.assert_array_equal(function(), call.expected(generator))
    assert same_state(rng.get_value(), generator)


def test_the_table_is_complete():
    functions = {name for name in at.random.basic.__all__ if not name.endswith(("RV", "RandomVariable"))}
    # another name, another generator, another package
    assert functions - set(NAMES) == {"random", "randint", "polyagamma"}
    numpys = {name for name in dir(np.random.Generator) if not name.startswith("_")}
    assert numpys - functions == {"bit_generator", "bytes", "spawn"}
