"""Products of matrices and vectors."""

import numpy as np
import pytest
from support.numba_programs import compare, link

import aesaralite.tensor as at

DTYPES = ["float32", "float64", "complex64", "complex128", "int8", "int64", "bool"]


def values(dtype, *shape):
    rng = np.random.default_rng(sum(shape))
    if np.dtype(dtype).kind in "iub":
        return rng.integers(0, 4, shape).astype(dtype)
    if np.dtype(dtype).kind == "c":
        return (rng.normal(size=shape) + 1j * rng.normal(size=shape)).astype(dtype)
    return rng.normal(size=shape).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_dot(dtype):
    a, b = (at.tensor(dtype, shape=(None, None), name=name) for name in "ab")
    v, w = (at.tensor(dtype, shape=(None,), name=name) for name in "vw")
    outputs = [at.dot(a, b), at.dot(a, v), at.dot(w, a), at.dot(v, v)]
    args = [values(dtype, 3, 5), values(dtype, 5, 4), values(dtype, 5), values(dtype, 3)]
    compare([a, b, v, w], outputs, args, rtol=1e-4)


def test_views_reach_the_library_without_a_copy():
    a, b = at.dmatrices("a", "b")
    program = compare([a, b], [at.dot(a.T, b), at.dot(a, b.T), at.dot(a[::2].T, b[::2])], [values("float64", 6, 5)] * 2)
    assert "kernel for" not in program.report()


def test_operands_that_the_library_cannot_read():
    a, b, v = at.dmatrix("a"), at.dmatrix("b"), at.dvector("v")
    outputs = [
        at.dot(a[::-1], b),
        at.dot(a[:, ::-1], b),
        at.dot(a[::2, ::2], b[::2, ::2]),
        at.dot(a + 1, b * 2),
        at.dot(a, v[::-1]),
        at.dot(a[:, :1], b[:1]),
        at.dot(a.dimshuffle(0, 1)[0:1], b),
        at.dot(v.dimshuffle(0, "x"), v.dimshuffle("x", 0)),
    ]
    compare([a, b, v], outputs, [values("float64", 5, 5), values("float64", 5, 5), values("float64", 5)])


@pytest.mark.parametrize("m, k, n", [(0, 3, 2), (3, 0, 2), (3, 2, 0), (1, 1, 1), (1, 3, 1), (0, 0, 0)])
def test_empty_and_single(m, k, n):
    a, b, v = at.dmatrix("a"), at.dmatrix("b"), at.dvector("v")
    compare(
        [a, b, v],
        [at.dot(a, b), at.dot(a, v), at.dot(a.T, a), at.dot(b.T, v)],
        [values("float64", m, k), values("float64", k, n), values("float64", k)],
    )


def test_sizes_that_dont_fit():
    a, b = at.dmatrices("a", "b")
    program = link([a, b], [at.dot(a, b)])
    with pytest.raises(ValueError, match="shapes"):
        program.run([[np.ones((2, 3))], [np.ones((2, 3))]])


@pytest.mark.parametrize("dtype", ["float64", "int64"])
def test_batched(dtype):
    a, b, c = (at.tensor(dtype, shape=(None,) * n, name=name) for n, name in zip((3, 3, 2), "abc"))
    outputs = [at.batched_dot(a, b), at.batched_dot(a, c), at.batched_dot(c, b), at.batched_dot(c, c)]
    args = [values(dtype, 4, 2, 3), values(dtype, 4, 3, 5), values(dtype, 4, 3)]
    compare([a, b, c], outputs, args)


def test_softmax():
    x, g = at.dmatrices("x", "g")
    value = values("float64", 4, 6)
    value[0] = [1000, 0, -1000, 999, np.log(2), 0]
    outputs = [f(x, axis=axis) for f in (at.special.softmax, at.special.log_softmax) for axis in (0, 1, None)]
    outputs.append(at.special.SoftmaxGrad(1)(g, at.special.softmax(x, axis=1)))
    compare([x, g], outputs, [value, values("float64", 4, 6)])
