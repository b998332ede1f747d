"""Reductions and the work on the same rows that uses them: one kernel, row by row."""

import re

import numpy as np
import pytest
from support.numba_programs import compare, link

import aesaralite
import aesaralite.tensor as at
from aesaralite.tensor.special import log_softmax, softmax


def layer_norm(x, scale, shift):
    mean = x.mean(axis=-1, keepdims=True)
    variance = x.var(axis=-1, keepdims=True)
    return (x - mean) / at.sqrt(variance + 1e-5) * scale + shift


def normalised(x):
    """The rows, scaled to lie between 0 and 1."""
    low, high = x.min(axis=1, keepdims=True), x.max(axis=1, keepdims=True)
    return (x - low) / (high - low)


ROWS = {
    "softmax": lambda x: softmax(x, axis=1),
    "log_softmax": lambda x: log_softmax(x, axis=1),
    "logsumexp": lambda x: at.logsumexp(x, axis=1),
    "variance": lambda x: x.var(axis=1),
    "standard deviation": lambda x: x.std(axis=1),
    "range": normalised,
    "deviations": lambda x: abs(x - x.mean(axis=1, keepdims=True)).max(axis=1),
    "distribution": lambda x: x / x.sum(axis=1, keepdims=True),
    "quotients of neighbours": lambda x: (lambda s: s[:, 1:] / s[:, :-1])(softmax(x, axis=1)),
    "reversed": lambda x: (lambda s: s[:, ::-1] - s)(softmax(x, axis=1)),
    "total of logsumexp": lambda x: at.logsumexp(x, axis=1).sum(),
    "sums of a softmax": lambda x: softmax(x, axis=1).sum(axis=0),
}


def rows(shape, dtype="float64"):
    return np.random.default_rng(sum(shape)).normal(size=shape).astype(dtype)


@pytest.mark.parametrize("name", ROWS)
def test_a_function_of_rows_is_one_kernel(name):
    x = at.dmatrix("x")
    for shape in ((7, 13), (1, 2000), (5, 1), (0, 3)):
        if name in ("range", "quotients of neighbours") and shape[1] == 1:
            continue
        program = compare([x], ROWS[name](x), [rows(shape)])
        assert " in 1 kernel," in program.report()


@pytest.mark.parametrize("name", ROWS)
def test_its_gradient(name):
    x = at.dmatrix("x")
    compare([x], aesaralite.grad((ROWS[name](x) ** 3).sum(), x), [rows((6, 9))], rtol=1e-9, atol=1e-9)


def test_layer_norm_is_one_kernel():
    x = at.dmatrix("x")
    scale, shift = at.dvectors("scale", "shift")
    program = compare([x, scale, shift], layer_norm(x, scale, shift), [rows((8, 40)), rows((40,)), rows((40,))])
    assert " in 1 kernel," in program.report()
    assert "workspace" not in program.report()


def test_gradients_of_layer_norm():
    x, g = at.dmatrices("x", "g")
    scale, shift = at.dvectors("scale", "shift")
    gradients = aesaralite.grad((layer_norm(x, scale, shift) * g).sum(), [x, scale, shift])
    values = [rows((8, 40)), rows((8, 40)), rows((40,)), rows((40,))]
    compare([x, g, scale, shift], gradients, values, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_other_floats(dtype):
    x = at.tensor(dtype, shape=(None, None), name="x")
    tolerance = 1e-2 if dtype == "float16" else 1e-5
    compare([x], [softmax(x, axis=1), log_softmax(x, axis=1)], [rows((9, 30), dtype)], rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("axis", [None, 0, 1, 2])
def test_rows_of_tensors(axis):
    x = at.dtensor3("x")
    outputs = [softmax(x, axis=axis), x - x.mean(axis=axis, keepdims=True), x.var(axis=axis)]
    compare([x], outputs, [rows((4, 5, 6))])


def test_what_is_kept_of_a_row_is_as_long_as_the_row():
    x = at.dmatrix("x")
    report = link([x], [softmax(x, axis=1)]).report()
    assert "workspace, 8*x.shape[1] bytes" in report


def test_cheap_work_is_done_again():
    x = at.dmatrix("x")
    report = link([x], [x.var(axis=1)]).report()
    assert "workspace" not in report


def test_what_is_returned_is_kept_in_memory_and_read_from_there():
    x = at.dmatrix("x")
    exponentials = at.exp(x - x.max(axis=1, keepdims=True))
    total = exponentials.sum(axis=1)
    program = compare([x], [exponentials / total[:, None], exponentials, total], [rows((5, 8))])
    assert " in 1 kernel," in program.report()
    assert "workspace" not in program.report()


def test_state_is_normalised_in_place():
    x = at.dmatrix("x")
    program = compare([x], [softmax(x, axis=1)], [rows((5, 8))], {x: 0})
    assert " in 1 kernel," in program.report()
    assert "x[...] =" not in program.report()


def test_state_that_a_later_stage_reads_isnt_overwritten():
    x, y = at.dmatrices("x", "y")
    moved = y + x.max(axis=1, keepdims=True)
    spread = x - moved.sum(axis=1, keepdims=True)
    compare([x, y], [spread, moved, spread * 2], [rows((5, 8)), rows((5, 8))], {x: 1, y: 2})


def test_rows_of_a_transposed_matrix():
    x = at.dmatrix("x")
    compare([x], [softmax(x.T, axis=1), softmax(x[::-1, ::2], axis=1)], [rows((5, 8))])


def test_a_column_is_broadcast_at_run_time():
    x, y = at.dmatrices("x", "y")
    output = softmax(x + y, axis=1)
    for shape in ((5, 8), (5, 1), (1, 8), (1, 1)):
        compare([x, y], output, [rows((5, 8)), rows(shape)])


def test_a_check_between_stages_comes_first():
    x = at.dmatrix("x")
    index = x.argmax(axis=1)
    program = link([x], [x - x[at.arange(x.shape[0]), index][:, None]])
    value = rows((4, 6))
    (got,) = program.run([[value]])
    np.testing.assert_array_equal(got, value - value.max(axis=1, keepdims=True))


def test_draws_are_part_of_rows():
    srng = at.random.utils.RandomStream(3)
    z = srng.normal(size=(6, 5))
    f = aesaralite.function([], [softmax(z, axis=1), z], mode="NUMBA")
    shares, drawn = f()
    np.testing.assert_allclose(shares, np.exp(drawn) / np.exp(drawn).sum(axis=1, keepdims=True))
    g = aesaralite.function(
        [], at.random.utils.RandomStream(3).normal(size=(6, 5)), mode=aesaralite.compile.mode.Mode(linker="py")
    )
    np.testing.assert_array_equal(drawn, g())


def test_sums_over_many_rows_are_as_accurate_as_pairwise_ones():
    x = at.fmatrix("x")
    value = np.random.default_rng(0).random((200_000, 3)).astype("float32")
    (got,) = link([x], [(x.max(axis=1) - x.min(axis=1)).sum(acc_dtype="float32")]).run([[value]])
    exact = (value.max(axis=1) - value.min(axis=1)).astype("float64").sum()
    assert abs(float(got) - exact) <= 2 * np.spacing(np.float32(exact))


def test_the_report_shows_the_stages():
    x = at.dmatrix("x")
    lines = [line.strip() for line in link([x], [softmax(x, axis=1)]).report().splitlines()]
    assert any(line.startswith("0: kernel row by row, i") for line in lines)
    assert sum(line.startswith("for i") for line in lines) == 3
    assert any(line.startswith("# a point reads 8 and writes 8 bytes") for line in lines)


@pytest.mark.parametrize("steps", [20, 60])
def test_many_steps_are_several_kernels(steps):
    """A kernel that grew with the graph took time to compile that grows with the square of it."""
    x = at.dmatrix("x")
    y = x
    for _ in range(steps):
        y = at.sin(y + x)
        y = y - y.sum(axis=1, keepdims=True) * 0.01
    program = compare([x], y, [rows((4, 7))], rtol=1e-9)
    kernels = int(re.search(r" in (\d+) kernels", program.report())[1])
    assert steps / 20 < kernels < steps / 5
    assert "one kernel would be" in program.report()
