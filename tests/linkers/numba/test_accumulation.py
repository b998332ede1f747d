"""Sums with products of matrices that BLAS adds up."""

import re

import numpy as np
import pytest
from support.numba_programs import compare, link

import aesaralite
import aesaralite.tensor as at
from aesaralite import config

RTOL = {"float32": 1e-5, "complex64": 1e-5, "float64": 1e-12, "complex128": 1e-12}


def values(dtype, *shape):
    rng = np.random.default_rng(sum(shape))
    numbers = rng.normal(size=shape)
    if np.dtype(dtype).kind == "c":
        numbers = numbers + 1j * rng.normal(size=shape)
    return numbers.astype(dtype)


def number(dtype, value):
    return np.dtype(dtype).type(value)


def steps(program):
    """What the program's steps are, but for its checks."""
    found = re.findall(r"^\d+: (.*)", program.report(), re.MULTILINE)
    return [step for step in found if not step.startswith("check")]


def kernels(program):
    return sum(step.startswith("kernel") for step in steps(program))


@pytest.mark.parametrize("dtype", RTOL)
@pytest.mark.parametrize("sizes", [(4, 3, 5), (4, 0, 5), (0, 3, 5), (4, 3, 0), (1, 1, 1), (1, 3, 1), (60, 40, 50)])
def test_results(dtype, sizes):
    m, k, n = sizes
    a, b, c, t = (at.tensor(dtype, shape=(None, None), name=name) for name in "abct")
    v, w = (at.tensor(dtype, shape=(None,), name=name) for name in "vw")
    half, two = number(dtype, 0.5), number(dtype, 2)
    outputs = [
        c + at.dot(a, b),
        c - half * at.dot(a, b),
        two * c - at.dot(a, b) / two,
        at.dot(a, b) - c,
        -at.dot(a, b),
        half * at.dot(t.T, b) + at.dot(a, b),
        c + at.dot(a, b) - two * at.dot(t.T, b),
        c - half * (at.dot(a, b) + half * c),
        w - half * at.dot(a, v),
        half * w + two * at.dot(v, t),
        -at.dot(v, t),
    ]
    shapes = [(m, k), (k, n), (m, n), (k, m), (k,), (m,)]
    program = compare([a, b, c, t, v, w], outputs, [values(dtype, *s) for s in shapes], rtol=RTOL[dtype], atol=1e-4)
    assert len(outputs) + 2 == sum("gemm(" in step or "gemv(" in step for step in steps(program))


@pytest.mark.parametrize("dtype", ["float32", "complex128"])
@pytest.mark.parametrize("inner", [0, 3])
def test_batches(dtype, inner):
    a, b, c = (at.tensor(dtype, shape=(None,) * 3, name=name) for name in "abc")
    outputs = [c - number(dtype, 3) * at.batched_dot(a, b), -at.batched_dot(a, b)]
    shapes = [(2, 4, inner), (2, inner, 5), (2, 4, 5)]
    program = compare([a, b, c], outputs, [values(dtype, *s) for s in shapes], rtol=RTOL[dtype], atol=1e-4)
    assert kernels(program) == 0


def test_operands_with_gaps():
    a, b, c = at.dmatrices("a", "b", "c")
    outputs = [c[::2, 1:] + at.dot(a[::2], b[:, 1:]), c[::-1] - 2.0 * at.dot(a[:, ::2], b[::2]), c.T + at.dot(a, b).T]
    compare([a, b, c], outputs, [values("float64", 6, 4), values("float64", 4, 5), values("float64", 6, 5)])


def test_an_update_is_added_to_its_state():
    w, a, b = at.dmatrices("w", "a", "b")
    shapes = [(5, 4), (3, 5), (3, 4)]
    program = compare(
        [w, a, b], [w - 0.1 * at.dot(a.T, b)], [values("float64", *s) for s in shapes], {w: 0}, atol=1e-14
    )
    assert steps(program)[1].endswith("added to w")
    assert "peak memory: 0 bytes" in program.report()


@pytest.mark.parametrize("kind", ["gemm", "gemv"])
def test_momentum_and_decay_are_written_in_place(kind):
    w, v, a = at.dmatrices("w", "v", "a")
    b = at.dmatrix("b")
    if kind == "gemv":
        w, v, b = at.dvectors("w", "v", "b")
    speed = 0.9 * v - 0.1 * (at.dot(a, b) + 0.01 * w)
    shapes = [(5, 4), (5, 4), (5, 3), (3, 4)] if kind == "gemm" else [(5,), (5,), (5, 3), (3,)]
    program = compare(
        [w, v, a, b], [w + speed, speed], [values("float64", *s) for s in shapes], {w: 0, v: 1}, atol=1e-14
    )
    assert "peak memory: 0 bytes" in program.report()


NEIGHBOURS = {
    "its operand": lambda w, a: [w + at.dot(w, a)],
    "its operand transposed": lambda w, a: [w - 0.1 * at.dot(a, w.T)],
    "both operands": lambda w, a: [w + at.dot(w, w)],
    "an output": lambda w, a: [w * 2, at.dot(w, a), w - 0.1 * at.dot(a, a)],
    "an output that isn't changed": lambda w, a: [w, w[::-1].T, w - 0.1 * at.dot(a, a)],
    "the new value": lambda w, a: [w - 0.1 * at.dot(a, a), at.exp(w - 0.1 * at.dot(a, a)), w - 0.1 * at.dot(a, a)],
    "another element": lambda w, a: [w[::-1] - 0.1 * at.dot(a, a)],
    "a product of the new value": lambda w, a: [at.dot(w + at.dot(a, a), a), w + at.dot(a, a)],
    "a product of a product": lambda w, a: [w + at.dot(at.dot(w, a) + a, a)],
    "only another base": lambda w, a: [a + at.dot(a, a)],
}


@pytest.mark.parametrize("kind", NEIGHBOURS)
def test_state_that_is_read_elsewhere(kind):
    w, a = at.dmatrices("w", "a")
    outputs = NEIGHBOURS[kind](w, a)
    compare([w, a], outputs, [values("float64", 4, 4), values("float64", 4, 4) / 3], {w: len(outputs) - 1}, atol=1e-13)


def test_states_that_read_one_another():
    w, v, a = at.dmatrices("w", "v", "a")
    outputs = [v + at.dot(a, a), w - 2.0 * at.dot(a, a.T)]
    compare([w, v, a], outputs, [values("float64", n, n) for n in (4, 4, 4)], {w: 0, v: 1}, atol=1e-13)
    outputs = [w + at.dot(v, a), v + at.dot(w, a)]
    compare([w, v, a], outputs, [values("float64", n, n) for n in (4, 4, 4)], {w: 0, v: 1}, atol=1e-13)


def test_an_update_that_needs_more_is_not_copied():
    """What can't be added where the state lies is computed in a kernel that writes there."""
    w, a = at.dmatrices("w", "a")
    program = compare([w, a], [w + at.dot(w, a)], [values("float64", 4, 4)] * 2, {w: 0})
    assert not any("[...]" in step for step in steps(program))


def test_other_products_are_part_of_kernels_as_before():
    a, b, c = at.dmatrices("a", "b", "c")
    d = at.dot(a, b)
    factor = at.dscalar("factor")
    cases = {
        "computed where it is used": [at.exp(c + d)],
        "read twice": [c + d, d * 2],
        "used twice": [d + d * c],
        "multiplied by what may be zero": [c + factor * d],
        "multiplied by zero": [c + 0.0 * d],
        "multiplied by infinity": [c + np.inf * d],
        "another dtype": [at.cast(d, "float32") + at.cast(c, "float32")],
        "elements": [c * d],
        "transposed": [c + d.T],
    }
    args = [values("float64", 4, 4) for _ in range(3)]
    for name, outputs in cases.items():
        program = link([a, b, c, factor], outputs)
        assert not re.search("added to", program.report()), name
        with np.errstate(all="ignore"):
            compare([a, b, c, factor], outputs, [*args, 0.0])


def test_nan_and_infinity():
    a, b, c = at.dmatrices("a", "b", "c")
    left, right, rest = np.ones((3, 4)), np.ones((4, 5)), np.ones((3, 5))
    left[0, 1], right[2, 3], rest[2, 1], rest[1, 1] = np.nan, np.inf, np.nan, -np.inf
    outputs = [c - 0.1 * at.dot(a, b), 0.5 * c + at.dot(a, b), c - 0.5 * (at.dot(a, b) + c), -2.0 * at.dot(a, b)]
    compare([a, b, c], outputs, [left, right, rest])
    # infinity times a complex number is partly NaN; minus infinity isn't
    x, y, z = at.zmatrices("x", "y", "z")
    compare([x, y, z], [at.dot(x, y) - z], [np.ones((3, 4)), np.ones((4, 5)), np.full((3, 5), complex(np.inf, 1))])


def test_stretched_arrays():
    """What is broadcast is written out, and then added to."""
    a, b = at.dmatrices("a", "b")
    c, v = at.dmatrix("c"), at.dvector("v")
    outputs = [v + at.dot(a, b), c + at.dot(a, b), 1.5 + at.dot(a, b), c - 0.1 * (at.dot(a, b) + v)]
    for shape in [(4, 5), (1, 5), (4, 1), (1, 1)]:
        args = [values("float64", 4, 3), values("float64", 3, 5), values("float64", *shape), values("float64", 5)]
        compare([a, b, c, v], outputs, args)
    args = [values("float64", 1, 3), values("float64", 3, 5), values("float64", 4, 5), values("float64", 5)]
    compare([a, b, c, v], outputs, args)


def test_arrays_that_die_are_added_to_where_they_lie():
    a, c = at.dmatrices("a", "c")
    args = [values("float64", 4, 4)] * 2
    changed = at.set_subtensor(c[0], 1.0)
    program = compare([a, c], [changed + at.dot(a, a)], args)
    assert "output0 = in place of t" in program.report()
    assert "peak memory: at most 8*a.shape[0]**2 + 1 bytes" in program.report()
    program = compare([a, c], [at.dot(a, changed + at.dot(a, changed))], args)
    assert re.search(r"t\d+ = copy of t", program.report())


def test_random_numbers_and_reductions_stay_in_their_kernels():
    rng = aesaralite.shared(np.random.default_rng(1), name="rng")
    a, c = at.dmatrices("a", "c")
    w = aesaralite.shared(np.zeros((4, 4)), name="w")
    noise = at.random.normal(size=(4, 4), rng=rng)
    f = aesaralite.function(
        [a], [], updates=[(w, w - 0.1 * at.dot(a, a) + noise), (rng, noise.owner.outputs[0])], mode="NUMBA"
    )
    value = values("float64", 4, 4)
    f(value)
    expected = -0.1 * value @ value + np.random.default_rng(1).normal(size=(4, 4))
    np.testing.assert_allclose(w.get_value(), expected, rtol=1e-12, atol=1e-13)
    centred = c - c.max(axis=1, keepdims=True)
    compare([a, c], [centred + at.dot(a, a), c / c.sum() - 2.0 * at.dot(a, a)], [value, value])


def test_what_is_shared_or_repeated_stays_in_its_kernel():
    a, c, v = at.dmatrix("a"), at.dmatrix("c"), at.dvector("v")
    value = values("float64", 4, 4)
    shared = at.exp(c)
    for outputs in (
        [shared + at.dot(a, a), shared * 2],
        [at.exp(v) + at.dot(a, a)],
        [c - 0.1 * (at.dot(a, a) + at.exp(v))],
    ):
        program = compare([a, c, v], outputs, [value, value, value[0]])
        assert "added to" not in program.report()


# ------------------------------------------------------------- whole functions
def step(w, a, b):
    return aesaralite.function([a, b], [], updates=[(w, w - 0.1 * at.dot(a.T, b))], mode="NUMBA")


def test_state_that_is_an_argument_too():
    w = aesaralite.shared(values("float64", 4, 4), name="w", borrow=True)
    a, b = at.dmatrices("a", "b")
    f = step(w, a, b)
    old = w.get_value()
    f(w.get_value(borrow=True), old)
    np.testing.assert_allclose(w.get_value(), old - 0.1 * old.T @ old, rtol=1e-12)
    old = w.get_value()
    f(old, w.get_value(borrow=True)[::-1])
    np.testing.assert_allclose(w.get_value(), old - 0.1 * old.T @ old[::-1], rtol=1e-12, atol=1e-14)


def test_state_that_grows():
    w = aesaralite.shared(np.ones((1, 1)), name="w")
    a, b = at.dmatrices("a", "b")
    f = step(w, a, b)
    one, other = values("float64", 3, 2), values("float64", 3, 5)
    for _ in range(2):
        expected = w.get_value() - 0.1 * one.T @ other
        f(one, other)
        np.testing.assert_allclose(w.get_value(), expected, rtol=1e-12, atol=1e-14)
    with pytest.raises(ValueError, match="shapes"):
        f(one, values("float64", 2, 5))
    np.testing.assert_allclose(w.get_value(), expected)


def test_calls_that_fail_leave_state_alone():
    w, v = aesaralite.shared(np.ones((2, 2)), name="w"), aesaralite.shared(np.ones(2), name="v")
    a, k = at.dmatrix("a"), at.lscalar("k")
    updates = [(w, w - 0.1 * at.dot(a, a)), (v, v + at.arange(5)[k])]
    f = aesaralite.function([a, k], [], updates=updates, mode="NUMBA")
    with pytest.raises(IndexError):
        f(np.ones((2, 2)), 5)
    assert (w.get_value() == 1).all()
    assert (v.get_value() == 1).all()


def test_several_threads():
    w, v = (aesaralite.shared(np.ones((300, 400)), name=name) for name in "wv")
    a, b = at.dmatrices("a", "b")
    with config.change_flags(numba__parallel=True, numba__threads=3):
        speed = 0.9 * v - 0.1 * at.dot(a.T, b)
        f = aesaralite.function([a, b], at.exp(w).sum(axis=0), updates=[(w, w + speed), (v, speed)], mode="NUMBA")
        one, other = values("float64", 20, 300), values("float64", 20, 400)
        f(one, other)
    expected = 0.9 - 0.1 * one.T @ other
    np.testing.assert_allclose(v.get_value(), expected, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(w.get_value(), 1 + expected, rtol=1e-12, atol=1e-13)


def test_what_is_told():
    w = aesaralite.shared(np.ones((30, 40)), name="w")
    a, b = at.dmatrices("a", "b")
    f = step(w, a, b)
    text = f.explain(np.ones((20, 30)), np.ones((20, 40)))
    assert "1 library call" in text
    assert re.search(r"w = -0.1\*gemm\(a\[.*\], b\[.*\]\) added to w$", text, re.MULTILINE)
    assert "20,800 bytes are read and 9,600 are written, about 49,200 floating-point operations" in text
    assert "peak memory: 0 bytes" in text
    assert "are apart" not in text
