"""The call itself: what the fast path takes, what it leaves, threads, callbacks, errors."""

import gc
import threading
import warnings
import weakref

import numpy as np
import pytest
from aesaralite_numba.fused import ProgramFailed
from aesaralite_numba.lower.graph import NoLowering
from support.numba_programs import callbacks, compare, link

import aesaralite.tensor as at
from aesaralite.compile.linker import SlowPath
from aesaralite.configdefaults import config
from aesaralite.graph.basic import Apply
from aesaralite.graph.op import Op


class Doubled(Op):
    """An Op that only Python knows."""

    __props__ = ()

    def make_node(self, x):
        return Apply(self, [x], [x.type()])

    def perform(self, node, inputs, output_storage):
        if inputs[0].size and inputs[0].flat[0] < 0:
            raise ArithmeticError("negative")
        output_storage[0][0] = inputs[0] * 2


def test_the_fast_path_takes_exactly_its_arguments():
    x, y = at.dvector("x"), at.fmatrix("y")
    call = link([x, y], [x.sum() + y.sum()]).bind([])
    vector, matrix = np.ones(3), np.ones((2, 2), "float32")
    assert call(vector, matrix) == 7
    for wrong in [
        (vector,),
        (vector, matrix, vector),
        ([1.0], matrix),
        (vector.astype("float32"), matrix),
        (vector.astype(">f8"), matrix),
        (np.ones((3, 1)), matrix),
        (np.ones(6)[::2], matrix),
        (vector, np.asfortranarray(np.ones((2, 3), "float32"))),
        (np.ma.array(vector), matrix),
        (None, matrix),
    ]:
        with pytest.raises(SlowPath):
            call(*wrong)


def test_static_shapes_are_checked():
    x = at.tensor("float64", shape=(3, None), name="x")
    call = link([x], [x + 1]).bind([])
    assert call(np.zeros((3, 2))).shape == (3, 2)
    with pytest.raises(SlowPath):
        call(np.zeros((2, 2)))


def test_run_takes_any_layout():
    x = at.dmatrix("x")
    program = link([x], [x * 2, x.T])
    base = np.arange(24.0).reshape(4, 6)
    readonly = base[:2].copy()
    readonly.flags.writeable = False
    unaligned = np.frombuffer(b"\0" + base.tobytes(), dtype="float64", offset=1).reshape(4, 6)
    for value in (base.T, base[::2, ::3], base[::-1], readonly, unaligned, np.asfortranarray(base)):
        doubled, turned = program.run([[value]])
        np.testing.assert_array_equal(doubled, value * 2)
        np.testing.assert_array_equal(turned, value.T)


def test_outputs_are_plain_arrays():
    x = at.dvector("x")
    scalar, vector, empty = link([x], [x.sum(), x + 1, x[:0]]).bind([])(np.arange(3.0))
    assert type(scalar) is np.ndarray
    assert scalar.shape == ()
    for array in (scalar, vector, empty):
        assert array.flags.owndata
        assert array.flags.writeable
    vector.resize(5, refcheck=False)
    del scalar, vector, empty
    gc.collect()


def test_no_outputs():
    x = at.dvector("x")
    assert link([x], []).bind([])(np.zeros(2)) == []


def test_many_threads_at_once():
    x = at.dmatrix("x")
    call = link([x], [at.exp(x).sum(axis=0) + at.dot(x, x.T).sum(), x.max()]).bind([])
    values = [np.random.default_rng(k).normal(size=(60, 70)) for k in range(4)]
    expected = [call(value) for value in values]
    failures = []

    def work(k):
        for _ in range(200):
            for got, wanted in zip(call(values[k]), expected[k], strict=True):
                if not np.array_equal(got, wanted):
                    failures.append(k)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_sizes_that_change_from_call_to_call():
    x = at.dvector("x")
    call = link([x], [at.exp(at.dot(at.outer(x, x), x)).sum()]).bind([])
    for n in [3, 500, 1, 0, 40, 700, 2]:
        value = np.linspace(0, 0.01, n)
        np.testing.assert_allclose(call(value), np.exp(np.outer(value, value) @ value).sum())


def test_an_op_without_a_lowering_is_called_back():
    x = at.dmatrix("x")
    with pytest.warns(UserWarning, match="Doubled"):
        program = link([x], [Doubled()(x + 1) * 3, Doubled()(x.sum())])
    assert callbacks(program) == [str(Doubled()), str(Doubled())]
    value = np.arange(6.0).reshape(2, 3)
    first, second = program.bind([])(value)
    np.testing.assert_array_equal(first, (value + 1) * 6)
    assert second == 2 * value.sum()


def test_results_of_callbacks_are_given_up():
    given = []

    class Remembered(Doubled):
        def perform(self, node, inputs, output_storage):
            super().perform(node, inputs, output_storage)
            given.append(weakref.ref(output_storage[0][0]))

    x, i = at.dvector("x"), at.lscalar("i")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        call = link([x, i], [Remembered()(x)[i] + 1]).bind([])
    assert call(np.ones(3), np.array(1)) == 3
    with pytest.raises(IndexError):
        call(np.ones(3), np.array(3))
    gc.collect()  # the traceback
    assert all(ref() is None for ref in given)
    assert len(given) >= 2


def test_what_a_callback_raises_reaches_the_caller():
    x, s = at.dvector("x"), at.dscalar("s")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = link([x, s], [Doubled()(x), s + 1], {s: 1})
    cell = [np.array(0.0)]
    call = program.bind([cell])
    with pytest.raises(ArithmeticError, match=r"negative(.|\n)*Doubled(.|\n)*test_calls.py"):
        call(-np.ones(2))
    assert cell[0] == 0
    np.testing.assert_array_equal(call(np.ones(2)), [2, 2])
    assert cell[0] == 1


def test_strict_mode_wants_a_lowering_for_every_op():
    x = at.dvector("x")
    with config.change_flags(numba__strict=True), pytest.raises(NoLowering, match="Doubled"):
        link([x], [Doubled()(x)])


def test_library_ops_are_called_back_quietly_right():
    x = at.dmatrix("x")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compare(
            [x],
            [at.sort(x, axis=0), at.cumsum(x, axis=1) + 1],
            [np.random.default_rng(0).random((4, 5))],
            lowered=False,
        )


def test_an_error_names_the_users_line():
    x, y = at.dvectors("x", "y")
    z = x * 2 + y  # here
    call = link([x, y], [z]).bind([])
    with pytest.raises(ValueError, match=r"test_calls.py(.|\n)*here") as caught:
        call(np.zeros(3), np.zeros(4))
    assert "(3,)" in str(caught.value)
    assert "(4,)" in str(caught.value)


def test_broadcasting_every_time_is_learnt():
    x, y = at.dmatrices("x", "y")
    program = link([x, y], [x + y])
    call = program.bind([])
    for _ in range(5):
        np.testing.assert_array_equal(call(np.zeros((3, 1)), np.ones((1, 4))), np.ones((3, 4)))
    assert not program._preferred.optimistic


def test_the_njit_function():
    numba = pytest.importorskip("numba")
    x, y, s = at.dvectors("x", "y", "s")
    fused = link([x, y, s], [x + y, (x * y).sum(), s + x], {s: 2}).njit

    @numba.njit
    def repeated(n, x, y, s):
        total = 0.0
        for _ in range(n):
            first, second = fused(x, y, s)
            total += first[0] + second[()]
        return total

    state = np.zeros(3)
    assert repeated(4, np.ones(3), np.full(3, 2.0), state) == 4 * (3 + 6)
    np.testing.assert_array_equal(state, [4, 4, 4])
    with pytest.raises(ProgramFailed, match="broadcast"):
        repeated(1, np.ones(3), np.ones(1), state)
    with pytest.raises(numba.core.errors.TypingError, match="C-contiguous"):
        repeated(1, np.ones(3), np.ones(6)[::2], state)


def test_code_for_a_layout_that_keeps_coming(monkeypatch):
    monkeypatch.setattr("aesaralite_numba.program.COPY_LIMIT", 100)
    x, y, s = at.dmatrix("x"), at.dtensor3("y"), at.dmatrix("s")
    program = link([x, y, s], [at.dot(x, x.T), (x + y).sum(axis=0), y[0] * 2, s + x[:, :3].sum()], {s: 3})
    base, cube = np.arange(24.0).reshape(4, 6), np.arange(96.0).reshape(4, 4, 6)
    for first in (base, np.asfortranarray(base), base[::-1], np.repeat(base, 2, axis=1)[:, ::2]):
        for second in (cube, cube[:, ::-1], np.asfortranarray(cube)):
            cell = [np.zeros((2, 2))]
            got = program.run([[first], [second], cell])
            np.testing.assert_array_equal(got[0], first @ first.T)
            np.testing.assert_array_equal(got[1], (first + second).sum(axis=0))
            np.testing.assert_array_equal(got[2], second[0] * 2)
            np.testing.assert_array_equal(cell[0], np.full((2, 2), first[:, :3].sum()))
    patterns = {variant.layouts for variant in program._variants}
    assert ("F", "C", "C") in patterns
    assert ("A", "A", "C") in patterns


def test_an_array_of_another_layout_that_overlaps_the_state(monkeypatch):
    monkeypatch.setattr("aesaralite_numba.program.COPY_LIMIT", -1)
    s, x = at.dvector("s"), at.dvector("x")
    program = link([s, x], [s + x], {s: 0})
    cell = [np.array([1.0, 2.0, 3.0])]
    program.run([cell, [cell[0][::-1]]])
    np.testing.assert_array_equal(cell[0], [4, 4, 4])
