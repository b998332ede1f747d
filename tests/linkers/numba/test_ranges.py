"""Ranges of floats, and convolution."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.numba_programs import compare, link

import aesaralite.tensor as at
from aesaralite.tensor.convolution import convolve

numbers = st.floats(-50, 50)
steps = st.floats(-3, 3).filter(lambda x: abs(x) > 0.05)


@example(0.0, -5e-324, -2.5, 0)
@example(-5e-324, 0.0, 2.5, 0)
@example(-5e-324, 0.0, -2.5, 0)
@example(0.0, 1.0, np.inf, 0)
@example(0.0, -1.0, np.inf, 0)
@given(numbers, numbers, steps, st.integers(-5, 5))
def test_ranges_of_floats(start, stop, step, integer):
    a, b, c = at.dscalars("a", "b", "c")
    i, f = at.iscalar("i"), at.fscalar("f")
    outputs = [at.arange(a, b, c), at.arange(a, b, c, dtype="float32"), at.arange(i, b, c), at.arange(f, b, c)]
    compare([a, b, c, i, f], outputs, [start, stop, step, integer, start], rtol=0, atol=0)


@pytest.mark.parametrize("bad", [(0.0, 1.0, 0.0), (0.0, np.inf, 1.0), (np.nan, 1.0, 1.0)])
def test_ranges_without_end(bad):
    a, b, c = at.dscalars("a", "b", "c")
    program = link([a, b, c], [at.arange(a, b, c)])
    with pytest.raises((ValueError, OverflowError, ZeroDivisionError)):
        program.run([[np.array(x)] for x in bad])


@pytest.mark.parametrize("dtype", ["bool", "int8", "float32", "float64", "complex64"])
@pytest.mark.parametrize("n, m", [(7, 4), (4, 7), (1, 1), (1, 5)])
def test_convolution(dtype, n, m):
    a, v = (at.tensor(dtype, shape=(None,), name=name) for name in "av")
    rng = np.random.default_rng([n, m])
    args = [rng.integers(0, 4, size).astype(dtype) for size in (n, m)]
    compare([a, v], [convolve(a, v, mode) for mode in ("full", "same", "valid")], args, rtol=1e-6)


def test_convolution_of_nothing():
    a, v = at.dvectors("a", "v")
    with pytest.raises(ValueError, match="empty"):
        link([a, v], [convolve(a, v)]).run([[np.ones(3)], [np.ones(0)]])
