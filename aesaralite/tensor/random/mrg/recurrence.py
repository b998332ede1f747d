"""The recurrences of MRG31k3p and jumps along them, in NumPy.

P. L'Ecuyer and R. Touzin, "Fast combined multiple recursive generators with multipliers of the form a = ±2^d ± 2^e",
Proceedings of the 2000 Winter Simulation Conference, pages 683-689.

A stream's state is six integers. The first three follow ``x[k] = (2^22 x[k-2] + (2^7 + 1) x[k-3]) mod M1``, the others
``y[k] = (2^15 y[k-1] + (2^15 + 1) y[k-3]) mod M2``, and the number drawn is ``(x[k] - y[k]) mod M1``, taken from
``1 .. M1`` and divided by ``2^31``. The newest value comes first. Each step is a matrix times the state, so a jump of
any length is a power of that matrix times the state: streams begin 2^134 steps apart, their substreams 2^72.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from aesaralite.graph.arguments import as_integer

__all__ = [
    "M1",
    "M2",
    "MASK2",
    "MASK12",
    "MASK13",
    "MULT2",
    "NORM",
    "A1p0",
    "A1p72",
    "A1p134",
    "A2p0",
    "A2p72",
    "A2p134",
    "ff_2p72",
    "ff_2p134",
    "matVecModM",
    "mrg_next_value",
    "multMatVect",
]

M1 = 2**31 - 1
M2 = 2**31 - 21069
NORM = 2.0**-31

# a product with a power of two, modulo M1 or M2, is a shift of the low bits and a sum with the high ones
MASK12 = 2**9 - 1
MASK13 = 2**24 - 1
MASK2 = 2**16 - 1
MULT2 = 21069

A1p0 = np.array([[0, 2**22, 2**7 + 1], [1, 0, 0], [0, 1, 0]], dtype="int64")
A2p0 = np.array([[2**15, 0, 2**15 + 1], [1, 0, 0], [0, 1, 0]], dtype="int64")

#: For each dtype of draws which bits of an integer are used, what is added to it, and the factor.
SCALES = {
    "float16": (0x7FFF, 1, float(np.float16(3.0458e-05))),
    "float32": (0xFFFFFFFF, 0, float(np.float32(4.6566126e-10))),
    "float64": (0xFFFFFFFF, 0, NORM),
}


def multiply(a: np.ndarray, b: np.ndarray, m: int) -> np.ndarray:
    """Return the product of two matrices of residues modulo `m`, which is below 2^31."""
    # each product is below 2^62: a sum of three might overflow
    return (a[:, :, None] * b[None, :, :] % m).sum(axis=1) % m


def _power_of_two(matrix: np.ndarray, m: int, exponent: int) -> np.ndarray:
    """Return the matrix to the power of ``2^exponent``."""
    for _ in range(exponent):
        matrix = multiply(matrix, matrix, m)
    return matrix


A1p72, A2p72 = _power_of_two(A1p0, M1, 72), _power_of_two(A2p0, M2, 72)
A1p134, A2p134 = _power_of_two(A1p0, M1, 134), _power_of_two(A2p0, M2, 134)


def matVecModM(A: Any, s: Any, m: Any) -> np.ndarray:
    """Return a matrix times a vector modulo `m`, as int32.

    Parameters
    ----------
    A : ndarray
        The matrix, int64.
    s : ndarray
        The vector, of residues modulo `m`.
    m : int
        The modulus, below 2^31.
    """
    A = np.asarray(A)
    if A.dtype != "int64":
        raise TypeError(f"The matrix has to be int64, so that products fit; got {A.dtype}")
    m = as_integer(m, "the modulus")
    return ((A * np.asarray(s, dtype="int64") % m).sum(axis=1) % m).astype("int32")


def multMatVect(v: Any, A: Any, m1: Any, B: Any, m2: Any) -> np.ndarray:
    """Return the first half of `v` times `A` modulo `m1`, followed by the second half times `B` modulo `m2`.

    Parameters
    ----------
    v : ndarray
        Six numbers: a state.
    A, B : ndarray
        Matrices of 3 rows and 3 columns, int64.
    m1, m2 : int
        The moduli.
    """
    v = np.asarray(v)
    if v.shape != (6,):
        raise ValueError(f"A state has six numbers, got an array of shape {v.shape}")
    return np.concatenate([matVecModM(A, v[:3], m1), matVecModM(B, v[3:], m2)])


def ff_2p134(rstate: Any) -> np.ndarray:
    """Return the state 2^134 steps on: the beginning of the next stream."""
    return multMatVect(rstate, A1p134, M1, A2p134, M2)


def ff_2p72(rstate: Any) -> np.ndarray:
    """Return the state 2^72 steps on: the beginning of the next substream."""
    return multMatVect(rstate, A1p72, M1, A2p72, M2)


def substreams(rstate: np.ndarray, count: int) -> np.ndarray:
    """Return the states at which the first `count` substreams begin, one a row, as int32."""
    states = np.empty((count, 6), dtype="int64")
    states[0] = rstate
    first, second = A1p72.T, A2p72.T
    done = 1
    while done < count:
        # what is there, as many substreams on
        more = min(done, count - done)
        states[done : done + more, :3] = multiply(states[:more, :3], first, M1)
        states[done : done + more, 3:] = multiply(states[:more, 3:], second, M2)
        first, second = multiply(first, first, M1), multiply(second, second, M2)
        done += more
    return states.astype("int32")


def step(states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the states one step on, and the integers drawn, of ``1 .. M1``.

    Parameters
    ----------
    states : ndarray
        States, one a column, as int64 residues.
    """
    x1, x2, x3, y1, y2, y3 = states
    x = (2**22 * x2 + (2**7 + 1) * x3) % M1
    y = (2**15 * y1 + (2**15 + 1) * y3) % M2
    difference = x - y
    return np.stack([x, x1, x2, y, y1, y2]), np.where(difference <= 0, difference + M1, difference)


def residues(states: np.ndarray) -> np.ndarray:
    """Return the states, one a row, as int64 residues, one a column."""
    columns = states.T.astype("int64")
    columns[:3] %= M1
    columns[3:] %= M2
    return columns


def scaled(integers: np.ndarray, dtype: str) -> np.ndarray:
    """Return integers that were drawn as numbers between 0 and 1 of a float dtype."""
    mask, offset, norm = SCALES[dtype]
    return (((integers & mask) + offset) * norm).astype(dtype)


def draw(rstate: np.ndarray, count: int, dtype: str) -> tuple[np.ndarray, np.ndarray]:
    """Draw numbers between 0 and 1, one of each stream in turn.

    Parameters
    ----------
    rstate : ndarray
        The states of the streams, one a row, int32. It isn't changed.
    count : int
        How many numbers.
    dtype : str
        Their dtype.

    Returns
    -------
    tuple of ndarray
        The states after that, and the numbers.
    """
    streams = len(rstate)
    samples = np.empty(count, dtype=dtype)
    after = rstate.copy()
    states = residues(rstate[:count])
    for start in range(0, count, streams):
        stop = min(start + streams, count)
        if stop - start < states.shape[1]:
            # the streams whose turn it was for the last time
            after[stop - start : states.shape[1]] = states[:, stop - start :].T
            states = states[:, : stop - start]
        states, integers = step(states)
        samples[start:stop] = scaled(integers, dtype)
    after[: states.shape[1]] = states.T
    return after, samples


def mrg_next_value(rstate: Any, new_rstate: Any, NORM: Any, mask: int, offset: int) -> Any:
    """Draw from one stream: write its next state into `new_rstate` and return the number.

    Parameters
    ----------
    rstate : array_like
        Six integers: the state.
    new_rstate : ndarray
        Where the next one goes. It may be `rstate` itself.
    NORM : float
        The factor that the integer is multiplied by at the end.
    mask : int
        The bits of the integer that count.
    offset : int
        What is added to them.
    """
    states, integers = step(residues(np.asarray(rstate).reshape(1, 6)))
    new_rstate[...] = states[:, 0]
    return ((integers[0] & mask) + offset) * NORM
