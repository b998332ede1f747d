"""What the Python linker tells of its programs: numbers, and peak memory."""

import re
import tracemalloc

import numpy as np
import pytest

import aesaralite
import aesaralite.tensor as at
from aesaralite.compile.mode import Mode
from aesaralite.tensor.random.utils import RandomStream

PY = Mode("py")


def test_sizes_are_known_with_arguments():
    x, y = at.dvectors("x", "y")
    f = aesaralite.function([x, y], at.exp(x) * y, mode=PY)
    assert "bytes" not in f.explain()
    text = f.explain(np.ones(1000), np.ones(1000))
    assert "x: float64[1000]" in text
    assert "8,000 bytes are read and 8,000 are written, about 20,000 floating-point operations" in text
    assert "peak memory: 16,000 bytes" in text


def test_products_count_as_in_the_textbook():
    a, b = at.dmatrices("a", "b")
    text = aesaralite.function([a, b], at.dot(a, b), mode=PY).explain(np.ones((10, 20)), np.ones((20, 30)))
    assert "6,400 bytes are read and 2,400 are written, about 12,000 floating-point operations" in text


def test_arguments_are_looked_at_as_in_a_call():
    x = at.dvector("x")
    f = aesaralite.function([x], x * 2, mode=PY)
    with pytest.raises(TypeError):
        f.explain(np.ones((2, 2)))
    with pytest.raises(TypeError):
        f.explain(np.ones(2), np.ones(2))
    assert "float64[3]" in f.explain([1, 2, 3])


def test_nothing_changes():
    s = aesaralite.shared(np.zeros(40), name="s")
    stream = RandomStream(1)
    f = aesaralite.function([], [s.sum(), stream.normal(size=2)], updates=[(s, s + 1)], mode=PY)
    first = f.copy(swap={}, name="other")
    assert "s: float64[40]" in f.explain(numbers=True)
    assert not s.get_value().any()
    expected = RandomStream(1).normal(size=2)
    np.testing.assert_array_equal(first()[1], aesaralite.function([], expected, mode=PY)())


def test_a_node_that_fails_is_named():
    x, y = at.dvectors("x", "y")
    f = aesaralite.function([x, y], x + y, mode=PY)
    with pytest.raises(ValueError, match=r"test_explain\.py"):
        f.explain(np.ones(2), np.ones(3))


def test_views_take_no_memory():
    x = at.dmatrix("x")
    f = aesaralite.function([x], at.exp(at.exp(x.T[1:])), mode=Mode("py", None))
    text = f.explain(np.ones((30, 40)))
    assert len(re.findall(r"memory of %\d+: a view$", text, re.MULTILINE)) == 2
    assert f"peak memory: {2 * 39 * 30 * 8:,} bytes" in text


@pytest.mark.parametrize(
    "build",
    [
        lambda x: at.exp(at.exp(at.exp(x) + 1) * 2),
        lambda x: [x, x * 2, at.exp(x)[::-1]],
        lambda x: at.concatenate([at.exp(x), x, x * 2]),
    ],
)
def test_the_peak_is_what_is_allocated(build):
    x = at.dvector("x")
    f = aesaralite.function([x], build(x), mode=Mode("py", None))
    value = np.ones(100_000)
    f(value)
    stated = int(re.search(r"peak memory: ([\d,]+) bytes", f.explain(value))[1].replace(",", ""))
    tracemalloc.start()
    try:
        kept = f(value)  # noqa: F841
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 0 <= peak - stated < 10_000
