"""Reading and writing parts of arrays."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.numba_programs import callbacks, compare, link

import aesaralite.tensor as at

bound = st.one_of(st.none(), st.integers(-7, 7))
step = st.one_of(st.none(), st.integers(-3, 3).filter(bool))


@given(st.builds(slice, bound, bound, step), st.builds(slice, bound, bound, step), st.integers(0, 6), st.integers(0, 5))
def test_constant_slices(first, second, n, m):
    x = at.dmatrix("x")
    compare(
        [x], [x[first, second], x[first][:, second] * 2, x[first].sum(axis=0)], [np.arange(float(n * m)).reshape(n, m)]
    )


@given(st.integers(-7, 7), st.integers(-7, 7), st.integers(-3, 3).filter(bool), st.integers(0, 6))
def test_symbolic_slices(start, stop, by, n):
    x = at.dvector("x")
    a, b, c = at.lscalars("a", "b", "c")
    outputs = [x[a:b], x[a:b:c], x[::c], x[a:], x[:b], x[b::-1]]
    compare([x, a, b, c], outputs, [np.arange(float(n)), start, stop, by])


@pytest.mark.parametrize("index", [0, 2, -1, -3])
def test_integers(index):
    x, i = at.dmatrix("x"), at.lscalar("i")
    value = np.arange(12.0).reshape(3, 4)
    compare([x, i], [x[i], x[:, i], x[i, 1:], x[i, i], x[index], x[index] * x[i]], [value, index])


@pytest.mark.parametrize("index", [3, -4, 2**40])
def test_integers_out_of_bounds(index):
    x, i = at.dvector("x"), at.lscalar("i")
    program = link([x, i], [x[i]])
    with pytest.raises(IndexError, match="out of bounds"):
        program.run([[np.zeros(3)], [np.array(index)]])


def test_index_arrays():
    x, i, j = at.dmatrix("x"), at.lvector("i"), at.ivector("j")
    value = np.arange(20.0).reshape(4, 5)
    outputs = [x[i], x[:, j], x[i, j], x[i][:, 1:], x[i].sum(axis=0), (x * 2)[i, j], x[i.dimshuffle(0, "x"), j]]
    compare([x, i, j], outputs, [value, np.array([0, -1, 2, 2]), np.array([1, 1, -5, 4])])


def test_a_gather_is_fused_with_its_consumer():
    x, i = at.dvector("x"), at.lvector("i")
    program = compare([x, i], (at.exp(x[i]) * 2).sum(), [np.arange(5.0), np.array([4, 0, 0])])
    assert "memory of t" in program.report()  # the checked bounds
    assert " in 2 kernels" in program.report()


@pytest.mark.parametrize("bad", [5, -6])
def test_index_arrays_out_of_bounds(bad):
    x, i = at.dvector("x"), at.lvector("i")
    program = link([x, i], [x[i]])
    with pytest.raises(IndexError, match=f"index {bad} is out of bounds for (axis 0 with )?size 5"):
        program.run([[np.zeros(5)], [np.array([0, bad, 1])]])


def test_empty_index_array():
    x, i = at.dmatrix("x"), at.lvector("i")
    compare([x, i], [x[i], x[i].sum(axis=0)], [np.ones((0, 3)), np.array([], dtype="int64")])


@given(st.builds(slice, bound, bound, step), st.booleans())
def test_writing_slices(part, replace):
    x, y, s = at.dmatrix("x"), at.dmatrix("y"), at.dscalar("s")
    write = at.set_subtensor if replace else at.inc_subtensor
    value = np.arange(18.0).reshape(6, 3)
    slot = value[part]
    outputs = [write(x[part], y), write(x[part], s), write(x[:, 1], s), write(x[0], 2.0)]
    compare([x, y, s], outputs, [value, np.random.default_rng(0).normal(size=slot.shape), 1.5])


def test_writing_reads_the_old_values():
    x = at.dvector("x")
    outputs = [at.set_subtensor(x[1:], x[:-1]), at.set_subtensor(x[:], x[::-1]), at.inc_subtensor(x[1:], x[:-1] * 2)]
    compare([x], outputs, [np.arange(6.0)])


def test_writing_through_index_arrays():
    x, y, i, j = at.dmatrix("x"), at.dmatrix("y"), at.lvector("i"), at.lvector("j")
    rng = np.random.default_rng(0)
    value, rows = rng.normal(size=(4, 3)), rng.normal(size=(5, 3))
    i_value, j_value = np.array([0, 3, 0, -1, 1]), np.array([2, 0, 2, 1, -3])
    outputs = [
        at.inc_subtensor(x[i], y),
        at.set_subtensor(x[i], y),
        at.inc_subtensor(x[i, j], 1.0),
        at.set_subtensor(x[i, j], y[:, 0]),
        at.inc_subtensor(x[:, j], 0.5),
    ]
    compare([x, y, i, j], outputs, [value, rows, i_value, j_value])


def test_writing_what_doesnt_fit():
    x, y = at.dvector("x"), at.dvector("y")
    program = link([x, y], [at.set_subtensor(x[1:3], y)])
    with pytest.raises(ValueError):
        program.run([[np.zeros(5)], [np.zeros(3)]])


def test_chains_of_writes_copy_once():
    x = at.dvector("x")
    y = x
    for k in range(5):
        y = at.set_subtensor(y[k], float(k))
    program = compare([x], y, [np.ones(7)])
    assert program.report().count("copy of") == 1


def test_join_split_stack():
    x, y = at.dmatrices("x", "y")
    value = np.arange(12.0).reshape(3, 4)
    outputs = [
        at.join(0, x, y),
        at.join(1, x, y * 2),
        at.stack([x, y], axis=1),
        at.concatenate([x[0], y[1]]),
        *at.split(x, [1, 2], 2, axis=0),
    ]
    compare([x, y], outputs, [value, -value])


def test_join_of_sizes_that_dont_fit():
    x, y = at.dmatrices("x", "y")
    program = link([x, y], [at.join(0, x, y)])
    with pytest.raises(ValueError):
        program.run([[np.zeros((2, 3))], [np.zeros((2, 4))]])


def test_split_into_sizes_that_dont_fit():
    x, n = at.dmatrix("x"), at.lvector("n")
    program = link([x, n], at.split(x, n, 2))
    for sizes, message in [
        ([1, 1], "sum to 2, expected 3"),
        ([4, -1], "negative"),
        ([-1, 4], "negative"),
        ([3], "1 s"),
    ]:
        with pytest.raises(ValueError, match=message):
            program.run([[np.ones((3, 2))], [np.array(sizes)]])
    assert [part.shape for part in program.run([[np.ones((3, 2))], [np.array([0, 3])]])] == [(0, 2), (3, 2)]
    assert callbacks(program) == []


def test_reshape():
    x, n = at.dmatrix("x"), at.lscalar("n")
    value = np.arange(12.0).reshape(3, 4)
    outputs = [
        x.reshape((12,)),
        x.reshape((2, -1)),
        x.reshape((n, 6)),
        x.reshape((n, -1)),
        x.T.reshape((2, 6)),
        (x + 1).flatten()[::2],
        x.reshape((1, 3, 1, 4)),
        x.flatten().sum(),
    ]
    compare([x, n], outputs, [value, 2])
    program = link([x, n], [x.reshape((n, 5))])
    with pytest.raises(ValueError, match="reshape"):
        program.run([[value], [np.array(2)]])


def test_a_size_that_could_be_anything():
    x, n, v = at.dmatrix("x"), at.lscalar("n"), at.lvector("v")
    for inputs, wanted in [([x, n], (n, -1)), ([x, n], at.stack([n, -n - 1])), ([x, n], (-1, 0)), ([x, v], v)]:
        program = link(inputs, [at.reshape(x, wanted, ndim=2)])
        last = np.array([0, -1]) if inputs[1] is v else np.array(0)
        with pytest.raises(ValueError, match="cannot reshape array of size 0"):
            program.run([[np.zeros((0, 3))], [last]])
        assert callbacks(program) == []


def test_elements_of_a_vector_of_sizes_are_sizes():
    x, n = at.dmatrix("x"), at.lscalar("n")
    program = compare([x, n], [at.reshape(x, at.stack([n, n])), at.stack([n, n + 1])[1]], [np.ones((2, 8)), 4])
    assert " = new" not in program.report()


def test_creation():
    n, s = at.lscalar("n"), at.dscalar("s")
    outputs = [at.zeros((n, 2)), at.alloc(s, n, n), at.arange(n), at.arange(1, n, 2), at.eye(n), at.arange(n)[::-1]]
    compare([n, s], outputs, [5, 2.5])
    with pytest.raises(ValueError):
        link([n], [at.zeros((n,))]).run([[np.array(-1)]])


def test_shapes_compute_no_array():
    x = at.dmatrix("x")
    program = compare([x], [at.exp(x).shape, at.exp(x).shape[0] * 2, x.T.shape], [np.ones((3, 4))])
    assert "exp(" not in program.report()


@given(st.integers(0, 4), st.integers(0, 4))
def test_neighbours(n, m):
    x = at.dmatrix("x")
    outputs = [
        x[:, 1:] - x[:, :-1],
        x[1:] + x[:-1] * 2,
        x[1:-1] + x[2:] - x[:-2],
        (x[::2] + x[:, :1].sum()).sum(axis=0),
        at.inc_subtensor(x[:, 1:], x[:, :-1] * 2),
    ]
    compare([x], outputs, [np.random.default_rng(0).normal(size=(n, m))])


def test_neighbours_are_one_kernel_without_a_stretched_copy():
    x = at.dmatrix("x")
    program = link([x], [x[:, 1:] - x[:, :-1]])
    assert " in 1 kernel," in program.report()
    assert "mask" not in program.report()
