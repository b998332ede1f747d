"""What the Numba linker tells of its programs: numbers, peak memory, and why steps aren't fused."""

import re
import sys

import numpy as np
import pytest
from support.allocations import counted, hooked

import aesaralite
import aesaralite.tensor as at
from aesaralite import config
from aesaralite.compile.ops import as_op

needs_glibc = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="hooks glibc's allocator")


def steps(text):
    """The steps' lines of a text."""
    return re.findall(r"^\d+: (.*)", text, re.MULTILINE)


# -------------------------------------------------------------------- numbers
def test_sizes_are_expressions_or_numbers():
    x, y = at.dvectors("x", "y")
    f = aesaralite.function([x, y], at.exp(x) * y, mode="NUMBA")
    text = f.explain()
    assert "24 bytes" not in text
    assert "16*x.shape[0] bytes are read and 8*x.shape[0] are written" in text
    text = f.explain(np.ones(1000), np.ones(1000))
    assert "input x: float64[1000]" in text
    assert "16,000 bytes are read and 8,000 are written, about 21,000 floating-point operations" in text
    assert "peak memory: 8,000 bytes" in text


def test_operations_are_counted_where_they_are_made():
    """What a loop does once a row isn't counted for each element."""
    x, s = at.dmatrix("x"), at.dvector("s")
    f = aesaralite.function([x, s], at.maximum(x, at.exp(s)[:, None]).sum(axis=1), mode="NUMBA")
    text = f.explain(np.ones((10, 100)), np.ones(10))
    counts = re.findall(r"in all.*about ([\d,]+) floating-point operations$", text, re.MULTILINE)
    assert sum(int(count.replace(",", "")) for count in counts) == 10 * 100 * 2 + 10 * 20


def test_products_count_as_in_the_textbook():
    a, b = at.dmatrices("a", "b")
    text = aesaralite.function([a, b], at.dot(a, b), mode="NUMBA").explain(np.ones((10, 20)), np.ones((20, 30)))
    assert "6,400 bytes are read and 2,400 are written, about 12,000 floating-point operations" in text


def test_sizes_that_arguments_tell_by_value():
    n, x = at.lscalar("n"), at.dvector("x")
    f = aesaralite.function([n, x], [at.arange(n) * 2.0, x[1:n] + 1], mode="NUMBA")
    text = f.explain(50, np.ones(80))
    assert "return output0: float64[50]" in text
    assert "return output1: float64[49]" in text


def test_the_variant_that_takes_the_arguments():
    x, y = at.dvectors("x", "y")
    s = aesaralite.shared(np.zeros(2), name="s")
    f = aesaralite.function([x, y], x + y, updates=[(s, at.concatenate([s, x]))], mode="NUMBA")
    assert "return output1" not in f.explain()
    text = f.explain(np.ones(5), np.ones(1))
    assert "return output0: float64[5]" in text
    assert "return output1: float64[7]" in text  # the state gets a new array
    assert s.get_value().shape == (2,)


def test_arguments_are_looked_at_as_in_a_call():
    x = at.dvector("x")
    f = aesaralite.function([x], x * 2, mode="NUMBA")
    with pytest.raises(TypeError):
        f.explain(np.ones((2, 2)))
    with pytest.raises(TypeError):
        f.explain(np.ones(2), np.ones(2))
    assert "float64[3]" in f.explain([1, 2, 3])
    strided = f.explain(np.ones(2000)[::2])
    assert "arguments in the layout that the code takes 8,000" in strided
    assert "peak memory: 16,000 bytes" in strided


def test_state_alone():
    s = aesaralite.shared(np.zeros(40), name="s")
    f = aesaralite.function([], s.sum(), updates=[(s, s + 1)], mode="NUMBA")
    assert "s.shape[0]" in f.explain()
    assert "state s: float64[40]" in f.explain(numbers=True)
    assert not s.get_value().any()


# ------------------------------------------------------------ why not one loop
def softmax_then_columns(x):
    return at.exp(x - x.max(axis=1, keepdims=True)).sum(axis=0)


@as_op([at.dvector], [at.dvector])
def backwards(value):
    return value[::-1]


M, V, I = at.dmatrix("m"), at.dvector("v"), at.lvector("i")
APART = {
    "a sum of all": ([V], [V / V.sum()], "needs the complete result of a reduction"),
    "across rows": ([M], [M / M.sum(axis=0)], "memory would be walked across the rows"),
    "other rows": ([M], [M.sum(axis=1)[::-1] * M.sum(axis=0).sum()], "isn't row by row"),
    "a library call": ([M, V], [at.exp(at.dot(M, V))], "a routine of a library"),
    "a call back": ([V], [at.exp(backwards(V * 2))], "calls Python back"),
    "a scatter": ([V, I], [at.exp(at.inc_subtensor(at.zeros((9,))[I], V))], "scatter"),
    "other elements": ([V], [V * 2, (at.exp(V * 2) * 3)[::-1][V.argsort()]], "reads other elements|library"),
    "much to compute": (
        [V],
        [sum(at.sin(V * k) for k in range(75)), sum(at.cos(V * k) for k in range(75))],
        "operations for a point",
    ),
    "many arrays": (
        [at.dvector(f"x{k}") for k in range(30)],
        lambda *xs: [sum(xs[:16]), sum(xs[15:])],
        "would stream",
    ),
    "a scalar tail": (
        [M],
        [(M * sum(at.exp(M.sum(axis=1) * k) for k in range(9))[:, None])],
        "operations a row would be done without vectors",
    ),
}


@pytest.mark.filterwarnings("ignore:The Numba linker has no lowering")
@pytest.mark.parametrize("kind", APART)
def test_why_not_fused(kind):
    inputs, outputs, why = APART[kind]
    outputs = outputs(*inputs) if callable(outputs) else outputs
    text = aesaralite.function(inputs, outputs, mode="NUMBA").explain()
    told = re.findall(r"^(\d+) and (\d+) are apart: (.*)", text, re.MULTILINE)
    assert told
    assert any(re.search(why, reason) for *_, reason in told), text
    assert all(int(first) < int(second) < len(steps(text)) for first, second, _ in told)


def test_what_is_fused_is_not_apart():
    text = aesaralite.function([M], [at.exp(M - M.max(axis=1, keepdims=True)), M.sum()], mode="NUMBA").explain()
    assert "are apart" not in text


# ----------------------------------------------------------------- peak memory
def _cases():
    m, v, w = at.dmatrix("m"), at.dvector("v"), at.dvector("w")
    k, f = at.lscalar("k"), at.fmatrix("f")
    s = aesaralite.shared(np.zeros((30, 40)), name="s")
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(30, 40)), rng.normal(size=(30, 1))
    x = rng.normal(size=1000)
    return {
        "nothing but outputs": ([m], [m * 2, m.sum()], {}, [a]),
        "small outputs": ([v], [v.sum(), v[:3] * 2], {}, [x]),
        "empty": ([v], [v * 2, v[:0] + 1], {}, [x[:0]]),
        "temporaries in turn": ([m], [at.exp(at.exp(m - m.max()).sum(axis=0) / m.sum())], {}, [a]),
        "workspace": ([v], [at.cumsum(at.cumsum(v) * 2)[::-1].sum()], {}, [x]),
        "float32": ([f], [at.dot(at.tanh(at.dot(f, f.T)), f)], {}, [a.astype("float32")]),
        "state in place": ([m], [m.sum()], {s: s + m}, [a]),
        "products added to state": ([m], [m.sum()], {s: 0.9 * s - 0.1 * at.dot(at.dot(m, m.T), m)}, [a]),
        "products added to a copy": ([m], [at.dot(m, m + at.dot(m.T, m))], {}, [a[:, :30].copy()]),
        "another size of state": ([m], [], {s: at.concatenate([s, m])}, [a]),
        "stretched": ([m, v], [(at.dot(m, m.T) + at.exp(v)).sum()], {}, [a, np.ones(1)]),
        "stretched matrices": ([m, f], [(m + at.cumsum(f, axis=0)), m + f], {}, [a, b.astype("float32")]),
        "lapack": ([m], [at.slinalg.cholesky(at.dot(m, m.T) + at.eye(30))], {}, [a]),
        "sorted": ([m], [at.sort(m, axis=1), at.argsort(m, axis=0)], {}, [a]),
        "a size by value": ([k, w], [at.arange(k) + w.sum(), at.alloc(w.sum(), k, 2)], {}, [np.array(500), x]),
        "written in parts": ([v], [at.set_subtensor(at.cumsum(v)[:10], 0.0), v], {}, [x]),
    }


def _peaks(inputs, outputs, updates, values):
    """What is stated of a call with those values, what is stated of all calls, and what the call takes."""
    with config.change_flags(numba__cache=False), hooked():
        f = aesaralite.function(inputs, outputs, updates=updates, mode="NUMBA")
        stated, bound = (
            re.search(r"^peak memory: (.*?) bytes", text, re.MULTILINE)[1].replace(",", "")
            for text in (f.explain(*values), f.explain())
        )
        with counted() as allocations:
            f(*values)
    return stated, bound, allocations.peak


@needs_glibc
@pytest.mark.parametrize("kind", _cases())
def test_the_peak_is_what_the_allocator_hands_out(kind):
    stated, _, peak = _peaks(*_cases()[kind])
    assert int(stated) == peak


@needs_glibc
def test_the_peak_where_sizes_are_found_on_the_way():
    v = at.dvector("v")
    x = np.random.default_rng(1).normal(size=1000)
    stated, _, peak = _peaks([v], [at.exp(v[v > 0.5]) / v[v > 0.5].sum()], {}, [x])
    around = re.fullmatch(r"at most 16\*t\d+\[\] \+ v.shape\[0\] \+ (\d+)", stated)[1]
    assert 0 <= 16 * (x > 0.5).sum() + 1000 + int(around) - peak < 300


@needs_glibc
def test_without_arguments_the_peak_is_an_upper_bound():
    m = at.dmatrix("m")
    _, bound, peak = _peaks([m], [at.dot(at.exp(m), m.T).sum(axis=1)], {}, [np.ones((30, 40))])
    bound = bound.removeprefix("at most ").replace("m.shape[0]", "30").replace("m.shape[1]", "40")
    assert 0 <= eval(bound) - peak < 300


@needs_glibc
@pytest.mark.parametrize("threads", [2, 3])
@pytest.mark.parametrize("size", [3, 900])
def test_the_peak_of_threads(threads, size):
    m = at.dmatrix("m")
    # rows that are kept, sums over the outermost loop, and both
    outputs = [
        at.exp(m).sum(axis=0),
        at.special.softmax(m * 2, axis=1).sum(axis=1),
        at.special.softmax(at.exp(m)).max(axis=0),
    ]
    with config.change_flags(numba__parallel=True, numba__threads=threads):
        stated, bound, peak = _peaks([m], outputs, {}, [np.ones((size, 700))])
    assert int(stated) == peak
    bound = bound.removeprefix("at most ").replace("m.shape[0]", str(size)).replace("m.shape[1]", "700")
    assert peak <= eval(bound)
