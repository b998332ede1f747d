"""Updates: in place where that is safe, simultaneous, and all or nothing."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.numba_programs import compare, link

import aesaralite.tensor as at
from aesaralite.tensor.assertion import Assert


def state(*values):
    return [[np.array(value, dtype="float64")] for value in values]


def test_an_update_is_written_in_place():
    x, s = at.dvector("x"), at.dvector("s")
    program = link([x, s], [s.sum(), s + x], {s: 1})
    (cell,) = state([1, 2, 3])
    array = cell[0]
    call = program.bind([cell])
    assert call(np.ones(3)) == 6
    assert cell[0] is array
    np.testing.assert_array_equal(array, [2, 3, 4])


def test_a_program_is_bound_again_after_its_state_has_grown_often():
    """By a copy of a function, say: what comes of it is in the form of any other call, and updates are stored."""
    x, s = at.dvector("x"), at.dvector("s")
    program = link([x, s], [s.sum(), at.concatenate([s, x])], {s: 1})
    (cell,) = state([])
    for _ in range(5):
        program.bind([cell])(np.ones(1))
    assert program.bind([cell])(np.ones(1)) == 5
    assert cell[0].tolist() == [1] * 6
    call = program.bind([cell])
    assert [call(np.ones(0)), call(np.ones(1)), call(np.ones(2))] == [6, 6, 7]
    assert cell[0].size == 9


def test_a_scalar_state_is_written_in_place():
    n = at.lscalar("n")
    program = link([n], [n, n + 1], {n: 1})
    cell = [np.array(41)]
    assert program.bind([cell])() == 41
    assert cell[0] == 42
    assert cell[0].ndim == 0


def test_updates_are_simultaneous():
    a, b, c = at.dvectors("a", "b", "c")
    program = link([a, b, c], [b, c, a], {a: 0, b: 1, c: 2})
    cells = state([1, 1], [2, 2], [3, 3])
    program.bind(cells)()
    assert [cell[0][0] for cell in cells] == [2, 3, 1]


@given(st.integers(0, 2**16))
def test_updates_that_read_one_another(seed):
    rng = np.random.default_rng(seed)
    states = at.dvectors("a", "b", "c")
    forms = [
        lambda: states[rng.integers(3)] * 2 + states[rng.integers(3)],
        lambda: states[rng.integers(3)][::-1],
        lambda: states[rng.integers(3)],
        lambda: at.dot(at.outer(states[rng.integers(3)], states[rng.integers(3)]), states[rng.integers(3)]),
        lambda: at.inc_subtensor(states[rng.integers(3)][1:], states[rng.integers(3)][:-1]),
        lambda: states[rng.integers(3)] + states[rng.integers(3)].sum(),
        lambda: at.concatenate([states[rng.integers(3)][2:], states[rng.integers(3)][:2]]),
    ]
    outputs = [forms[rng.integers(len(forms))]() for _ in range(4)]
    updates = dict(zip(rng.permutation(3), (1, 2, 3)))
    compare(list(states), outputs, rng.normal(size=(3, 4)), {states[k]: place for k, place in updates.items()})


def test_one_element_is_written_without_a_copy():
    s, i = at.dvector("s"), at.lscalar("i")
    program = link([s, i], [at.inc_subtensor(s[i], 1.0)], {s: 0})
    assert "copy of" not in program.report()
    (cell,) = state(np.zeros(4))
    array = cell[0]
    program.bind([cell])(np.array(2))
    assert cell[0] is array
    np.testing.assert_array_equal(array, [0, 0, 1, 0])


def test_a_state_may_change_its_shape():
    s = at.dvector("s")
    program = link([s], [s.sum(), at.concatenate([s, s])], {s: 1})
    (cell,) = state([1.0])
    call = program.bind([cell])
    for k in range(6):
        assert call() == 2**k
        assert cell[0].shape == (2 ** (k + 1),)


@pytest.mark.timeout(60)
def test_sizes_that_cannot_all_be_equal():
    """A state of the size of a part of its next value: lowering went on for ever to find a size that is 2 and 3."""
    s = at.dvector("s")
    program = link([s], [at.inc_subtensor(at.constant(np.zeros(3))[1:], s)], {s: 0})
    for value, after in ([1, 2], [0, 1, 2]), ([5], [0, 5, 5]):
        cell = [np.array(value, dtype="float64")]
        program.run([cell])
        assert cell[0].tolist() == after


def test_a_failed_call_changes_nothing():
    s, t, x, i = at.dvector("s"), at.dscalar("t"), at.dvector("x"), at.lscalar("i")
    checked = Assert("positive")((x * 2).sum(), (x * 2).sum() > 0)
    program = link([s, t, x, i], [x[i], s + x * checked, t + 1], {s: 1, t: 2})
    cells = state([1, 2, 3], 5)
    call = program.bind(cells)
    with pytest.raises(AssertionError, match="positive"):
        call(-np.ones(3), np.array(0))
    with pytest.raises(IndexError):
        call(np.ones(3), np.array(3))
    with pytest.raises(ValueError):
        call(np.ones(2), np.array(0))
    np.testing.assert_array_equal(cells[0][0], [1, 2, 3])
    assert cells[1][0] == 5
    call(np.ones(3), np.array(0))
    np.testing.assert_array_equal(cells[0][0], [7, 8, 9])


def test_an_argument_that_is_the_state_itself():
    s, x = at.dvector("s"), at.dvector("x")
    program = link([s, x], [s + x[::-1]], {s: 0})
    (cell,) = state([1, 2, 3])
    program.bind([cell])(cell[0])
    np.testing.assert_array_equal(cell[0], [4, 4, 4])
    whole = np.arange(5.0)
    cell[0] = whole[1:4]
    program.bind([cell])(whole[:3])
    np.testing.assert_array_equal(cell[0], [3, 3, 3])


def test_two_states_that_share_memory():
    a, b = at.dvectors("a", "b")
    program = link([a, b], [a + b, a - b], {a: 0, b: 1})
    shared = np.array([1.0, 2.0])
    cells = [[shared], [shared]]
    program.bind(cells)()
    np.testing.assert_array_equal(cells[0][0], [2, 4])
    np.testing.assert_array_equal(cells[1][0], [0, 0])


def test_a_state_that_cannot_be_written():
    s = at.dvector("s")
    program = link([s], [s + 1], {s: 0})
    array = np.zeros(3)
    array.flags.writeable = False
    cell = [array]
    program.run([cell])
    np.testing.assert_array_equal(cell[0], [1, 1, 1])
    np.testing.assert_array_equal(array, [0, 0, 0])


def test_outputs_never_alias():
    x, s = at.dvector("x"), at.dvector("s")
    program = link([x, s], [x, x, s, x[1:], s * 1], {s: 4})
    value = np.arange(3.0)
    (cell,) = state([1, 2, 3])
    results = program.bind([cell])(value)
    arrays = [value, cell[0], *results]
    for k, one in enumerate(arrays):
        for other in arrays[k + 1 :]:
            assert not np.shares_memory(one, other)


def test_steady_state_allocates_nothing():
    x, s = at.dvector("x"), at.dvector("s")
    program = link([x, s], [s + at.exp(x) * (x * s).sum()], {s: 0})
    (cell,) = state(np.zeros(100_000))
    call = program.bind([cell])
    value = np.zeros(100_000)
    call(value)
    tracemalloc.start()
    for _ in range(50):
        call(value)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000
