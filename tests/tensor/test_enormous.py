"""Sizes whose products or sums don't fit into 64 bits: an error, never memory that is too small."""

import numpy as np
import pytest

import aesaralite.tensor as at
from aesaralite import function

x, v = at.dvector("x"), at.lvector("v")
b = at.bvector("b")
n, m = at.lscalar("n"), at.lscalar("m")
HALF, LEAST, MOST = 2**62, -(2**63), 2**63 - 1


def wide(size, dtype="float64"):
    """A vector of that size in one element's memory."""
    return np.broadcast_to(np.ones((), dtype), (size,))


@pytest.mark.parametrize(
    ("inputs", "output", "arguments"),
    [
        ([n, m], lambda: at.alloc(1.5, n, m), [2**31, 2**31]),
        ([n, m], lambda: at.alloc(1.5, n, m), [2**32, 2**32]),
        ([n, m], lambda: at.alloc(1.5, n, m).flatten(), [2**32, 2**32]),
        ([n], lambda: at.alloc(1.5, 0, n, n), [2**40]),
        ([n], lambda: at.empty((n, n), dtype="int8"), [2**32]),
        ([n], lambda: at.eye(n), [2**32]),
        ([n], lambda: at.arange(n), [HALF]),
        ([n, m], lambda: at.arange(n, m), [LEAST, MOST]),
        ([n, m], lambda: at.arange(n, m, -3), [MOST, LEAST]),
        ([x, n, m], lambda: x.reshape((n, m)), [np.zeros(0), 2**32, 2**32]),
        ([x, n, m], lambda: x.reshape((n, m, -1)), [np.zeros(0), 2**32, 2**32]),
        ([x, v], lambda: x[:, None] * v, [wide(2**32), wide(2**32, "int64")]),
        ([x, v], lambda: at.outer(x, v), [wide(2**32), wide(2**32, "int64")]),
        ([x], lambda: at.outer(x, x).sum(), [wide(2**32)]),
        ([b], lambda: at.cast(b, "float64"), [wide(2**61, "int8")]),
        ([b], lambda: at.join(0, b, b, b), [wide(HALF + HALF // 2, "int8")]),
        ([x, n], lambda: at.repeat(x, n), [np.ones(4), HALF]),
        ([x, v], lambda: at.repeat(x, v), [np.ones(4), np.full(4, HALF)]),
        ([x, n], lambda: at.tile(x, n), [np.ones(4), HALF]),
        ([v], lambda: at.bincount(v), [np.array([HALF])]),
        ([x], lambda: at.diag(x), [wide(2**32)]),
        ([n], lambda: at.random.normal(size=(n, n)), [2**32]),
        ([n], lambda: at.random.permutation(n), [HALF]),
        ([b, v], lambda: at.split(b, v, 3)[0], [np.ones(4, "int8"), np.array([MOST, MOST, 6])]),
        ([b, v], lambda: at.split(b, v, 2)[0], [np.ones(4, "int8"), np.array([MOST, LEAST + 5])]),
    ],
)
def test_too_large(linker, inputs, output, arguments):
    compiled = function(inputs, output())
    for _ in range(2):
        with pytest.raises(ValueError, match=r"too (large|big)|exceeded|cannot reshape|split sizes|negative") as caught:
            compiled(*arguments)
        assert "Apply node that caused the error" in str(caught.value)


@pytest.mark.parametrize("size", [0, 1, 3])
@pytest.mark.parametrize(
    "parts",
    [
        (None, None, MOST),
        (None, None, LEAST),
        (1, None, MOST),
        (HALF, LEAST, None),
        (MOST, LEAST, 1),
        (MOST, LEAST, -1),
        (LEAST, MOST, -1),
        (-5, MOST, -1),
        (LEAST, MOST, HALF),
        (MOST, LEAST, -HALF),
        (-1, LEAST, LEAST),
    ],
)
def test_far_slices(linker, parts, size):
    variables = [None if part is None else at.lscalar() for part in parts]
    given = [variable for variable in variables if variable is not None]
    known, unknown = x[slice(*parts)], x[slice(*variables)]
    outputs = [known, unknown, known.shape[0], unknown.shape[0], at.inc_subtensor(unknown, 1.0)]
    compiled = function([x, *given], outputs)
    value = np.arange(float(size))
    expected = value[slice(*parts)]
    increased = value.copy()
    increased[slice(*parts)] += 1
    one, other, *lengths, written = compiled(value, *(part for part in parts if part is not None))
    np.testing.assert_array_equal(one, expected)
    np.testing.assert_array_equal(other, expected)
    assert [int(length) for length in lengths] == [len(expected)] * 2
    np.testing.assert_array_equal(written, increased)


def test_the_message_tells_sizes_that_are_too_large_from_sizes_that_do_not_fit(linker):
    with pytest.raises(ValueError, match="too large"):
        function([n, m], at.alloc(1.5, n, m))(2**32, 2**32)
    with pytest.raises(ValueError, match="too large"):
        function([x, v], x[:, None] * v)(wide(2**32), wide(2**32, "int64"))
    with pytest.raises(ValueError, match="too large"):
        function([x, v], at.repeat(x, v))(np.ones(4), np.full(4, HALF))


@pytest.mark.parametrize("step", [1, 2, 2**31, 2**32, 2**40, HALF])
def test_steps_that_do_not_fit_into_32_bits(linker, step):
    X, Y = at.dmatrix("X"), at.dmatrix("Y")
    outputs = [at.dot(X[::n], x), at.dot(X[::n], Y), at.dot(X, Y[::n].T), at.dot(x[::n], Y[::n]), at.dot(X.T[::n], x)]
    compiled = function([X, Y, x, n], outputs)
    first, second, vector = np.arange(9.0).reshape(3, 3), np.arange(9.0).reshape(3, 3) ** 2, np.arange(3.0)
    expected = [
        first[::step] @ vector,
        first[::step] @ second,
        first @ second[::step].T,
        vector[::step] @ second[::step],
        first.T[::step] @ vector,
    ]
    for got, wanted in zip(compiled(first, second, vector, step), expected, strict=True):
        np.testing.assert_allclose(got, wanted)


def test_an_operand_that_is_stretched_to_more_bytes_than_there_are(linker):
    z, row = at.zvector("z"), at.zmatrix("row")
    compiled = function([z, row], at.eq(z, row).any())
    with pytest.raises((ValueError, MemoryError)):
        compiled(wide(2**58, "complex128"), np.ones((64, 1), "complex128"))
