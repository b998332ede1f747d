"""Powers in SciPy's recipes: NumPy rounds some of arrays in another way than those of single numbers."""

import numpy as np
import pytest

import aesaralite
import aesaralite.tensor as at
from aesaralite import config
from aesaralite.compile.mode import Mode

COUNT = 10_000


def numbers(draw):
    rng = draw.owner.inputs[0]
    with config.change_flags(numba__strict=True):
        function = aesaralite.function([], draw, updates=[(rng, draw.owner.outputs[0])], mode=Mode("numba"))
    return np.array([function() for _ in range(COUNT)]).ravel()


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_single_numbers(shape):
    rng = aesaralite.shared(np.random.default_rng(5))
    draws = numbers(at.random.pareto(np.ones(shape), rng=rng))
    u = np.random.default_rng(5).random(COUNT)
    expected = np.array([(1 - x) ** np.float64(-1.0) for x in u])
    assert (expected != 1 / (1 - u)).any()
    np.testing.assert_array_equal(draws, expected)


@pytest.mark.parametrize("size", [None, (1,), (1, 1)])
@pytest.mark.parametrize("p", [0.5, 2.0])
def test_single_gamma_numbers(p, size):
    rng = aesaralite.shared(np.random.default_rng(5))
    draws = numbers(at.random.gengamma(3.0, p, rng=rng, size=size))
    base = np.random.default_rng(5).standard_gamma(3.0 / p, COUNT)
    np.testing.assert_array_equal(draws, base * base if p == 0.5 else np.sqrt(base))


def test_arrays():
    rng = aesaralite.shared(np.random.default_rng(5))
    draw = at.random.pareto(1.0, size=COUNT, rng=rng)
    (draws,) = aesaralite.function([], [draw], mode=Mode("numba"), updates=[(rng, draw.owner.outputs[0])])()
    np.testing.assert_array_equal(draws, 1 / (1 - np.random.default_rng(5).random(COUNT)))
