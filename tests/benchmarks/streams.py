"""Uniform numbers from the streams of MRG31k3p."""

from __future__ import annotations

from collections.abc import Callable

import numba
import numpy as np

import aesaralite
from aesaralite.sandbox.rng_mrg import M1, M2, MRG_RandomStream
from tests.benchmarks.measure import seconds_per_call

COUNT = 10**6
CALLS = 10


def contenders(ours: str) -> dict[str, Callable[[], float]]:
    """Who draws a million uniform numbers."""
    stream = MRG_RandomStream()
    draws = stream.uniform((COUNT,))
    modes = {linker: aesaralite.compile.Mode(linker=linker) for linker in ("numba", "py")}
    compiled = {linker: aesaralite.function([], draws, mode=mode) for linker, mode in modes.items()}
    generator, out = np.random.default_rng(0), np.empty(COUNT)
    states = stream.state_updates[0][0].get_value()
    return {
        ours: lambda: seconds_per_call(compiled["numba"], CALLS),
        "aesaralite (Python)": lambda: seconds_per_call(compiled["py"], 1),
        "a plain numba loop, stream after stream": lambda: seconds_per_call(lambda: _loop(states, COUNT), CALLS),
        "NumPy's PCG64": lambda: seconds_per_call(lambda: generator.random(COUNT), CALLS),
        "NumPy's PCG64, into a given array": lambda: seconds_per_call(lambda: generator.random(out=out), CALLS),
    }


@numba.njit
def _loop(states, count):
    numbers = np.empty(count)
    for k in range(count):
        state = states[k % len(states)]
        x = (2**22 * np.int64(state[1]) + (2**7 + 1) * np.int64(state[2])) % M1
        y = (2**15 * np.int64(state[3]) + (2**15 + 1) * np.int64(state[5])) % M2
        state[2], state[1], state[0] = state[1], state[0], x
        state[5], state[4], state[3] = state[4], state[3], y
        numbers[k] = (x - y if x > y else x - y + M1) * 2.0**-31
    return numbers
