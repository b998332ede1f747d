"""Index arrays among slices and new axes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.numba_programs import compare, link

import aesaralite.tensor as at

bound = st.one_of(st.none(), st.integers(-5, 5))
part = st.builds(slice, bound, bound, st.one_of(st.none(), st.integers(-2, 2).filter(bool)))
entry = st.one_of(part, st.just("i"), st.just("j"), st.none(), st.integers(-2, 1))


def index_of(entries, arrays):
    found, taken = [], 0
    for e in entries:
        if e is not None:
            taken += 1
        if taken > 3:
            break
        found.append(arrays.get(e, e) if isinstance(e, str) else e)
    return tuple(found)


@given(st.lists(entry, min_size=1, max_size=5).filter(lambda e: "i" in e or "j" in e), st.booleans())
def test_like_numpy(entries, replace):
    x, i, j = at.dtensor3("x"), at.lvector("i"), at.lmatrix("j")
    index = index_of(entries, {"i": i, "j": j})
    i_value, j_value = np.array([1, -2, 0]), np.array([[0, -1, 1], [1, 1, -2]])
    value = np.arange(24.0).reshape(2, 3, 4)
    slot = x[index]
    write = at.set_subtensor if replace else at.inc_subtensor
    once = at.inc_subtensor(slot, 2.0, ignore_duplicates=True)
    program = compare([x, i, j], [slot, write(slot, slot * 2 + 1), once], [value, i_value, j_value])
    expected = value[index_of(entries, {"i": i_value, "j": j_value})]
    np.testing.assert_array_equal(program.run([[value], [i_value], [j_value]])[0], expected)


@given(st.integers(-5, 5), st.integers(-5, 5), st.integers(-2, 2).filter(bool))
def test_symbolic_slices(start, stop, step):
    x, i = at.dtensor3("x"), at.lvector("i")
    a, b, c = at.lscalars("a", "b", "c")
    outputs = [x[i, a:b:c], x[a:, i], x[i, a:b, i], x[i, None, :b], at.inc_subtensor(x[a:b, i], 1.0)]
    compare([x, i, a, b, c], outputs, [np.arange(24.0).reshape(2, 3, 4), [1, 0, -1], start, stop, step])


def test_a_step_of_zero():
    x, i, a = at.dmatrix("x"), at.lvector("i"), at.lscalar("a")
    program = link([x, i, a], [x[i, ::a]])
    with pytest.raises(ValueError, match="zero"):
        program.run([[np.ones((2, 3))], [np.array([0])], [np.array(0)]])


def test_masks():
    x, m = at.dmatrix("x"), at.tensor("bool", shape=(None,), name="m")
    outputs = [x[x > 3], x[m], x[:, 1:][m], at.set_subtensor(x[x > 3], 0.0), at.inc_subtensor(x[m, 1:], 1.0)]
    for mask in ([True, False, True], [False] * 3):
        compare([x, m], outputs, [np.arange(12.0).reshape(3, 4), mask])


def test_masks_of_another_shape():
    x, m = at.dmatrix("x"), at.tensor("bool", shape=(None,), name="m")
    with pytest.raises(IndexError, match="boolean index"):
        link([x, m], [x[m]]).run([[np.ones((3, 4))], [np.ones(2, dtype=bool)]])


def test_unsigned_indices():
    x, i = at.dmatrix("x"), at.tensor("uint64", shape=(None,), name="i")
    outputs = [x[i], x[:, i], x[i, 1:], at.inc_subtensor(x[i], 1.0), at.set_subtensor(x[1:, i], 0.0)]
    compare([x, i], outputs, [np.arange(12.0).reshape(3, 4), np.array([2, 0, 1, 2], dtype="uint64")])
    with pytest.raises(IndexError):
        link([x, i], [x[i]]).run([[np.ones((3, 4))], [np.array([3], dtype="uint64")]])


@pytest.mark.parametrize("bad", [3, -4])
def test_out_of_bounds(bad):
    x, i = at.dtensor3("x"), at.lvector("i")
    for output in (x[:, i, 1:], x[1:, i], at.inc_subtensor(x[:, i, 1:], 1.0)):
        with pytest.raises(IndexError, match="out of bounds"):
            link([x, i], [output]).run([[np.ones((2, 3, 4))], [np.array([0, bad])]])


def test_a_state_that_reads_itself():
    state, i = at.dmatrix("state"), at.lvector("i")
    new = at.inc_subtensor(state[i, 1:], state[i, :-1], ignore_duplicates=True)
    compare([state, i], [new], [np.arange(12.0).reshape(3, 4), [0, 2, 0]], updates={state: 0})
