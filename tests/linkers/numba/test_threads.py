"""Kernels that several threads do: the same results, whatever is split, and nothing lost where threads can't be had."""

import os
import subprocess
import sys
import threading

import numpy as np
import pytest
from aesaralite_numba import NumbaLinker
from aesaralite_numba.emit import parts
from hypothesis import given

import aesaralite
import aesaralite.tensor as at
from aesaralite import Mode, config, function
from aesaralite.testing import check_linkers
from aesaralite.testing.strategies import graphs

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no POSIX threads")


@pytest.fixture(scope="module", autouse=True)
def split_everything():
    """Whatever can be split is, however small it is."""
    with pytest.MonkeyPatch.context() as patch, config.change_flags(numba__cache=False):
        patch.setattr(parts, "SHARE", 1e-9)
        yield


def compiled(inputs, outputs, threads, **options):
    return function(inputs, outputs, mode=Mode(NumbaLinker(threads), "fast_run"), **options)


def starts_threads(f):
    program = f.maker.linked.program
    return any("pthread_create" in compiled.artefact.code.symbols for compiled in program._variants.values())


X, V = at.dmatrix("X"), at.dvector("V")
PROGRAMS = {
    "elementwise": at.tanh(X) * 2 + X[:1, ::-1],
    "transposed": at.exp(X.T),
    "sum of all": at.exp(X).sum(),
    "sum over columns": at.exp(X).sum(axis=0),
    "sum over rows": at.exp(X).sum(axis=1),
    "product, largest and smallest": at.stack([X.prod(), X.max(), X.min()]),
    "largest over columns": X.max(axis=0),
    "softmax over rows": at.special.softmax(X, axis=1),
    "softmax over columns": at.special.softmax(X, axis=0),
    "variance": X.var(axis=1),
    "gradient of logsumexp": aesaralite.grad(at.log(at.exp(X).sum(axis=1)).sum(), X),
    "place of the largest": X.argmax(axis=0),
    "added to a part": at.inc_subtensor(X[1:, ::-1], at.exp(X[:-1])),
    "set by numbers": at.set_subtensor(X[[0, 0, -1]], X[[1, -1, 0]] + 1),
    "added by numbers": at.inc_subtensor(X[[0, 0, -1]], X[[1, -1, 0]] + 1),
    "gathered": at.exp(X)[[0, -1, 0]],
    "cumulated": at.cumsum(at.exp(X), axis=0),
    "joined": at.concatenate([X, at.exp(X)], axis=1),
    "bools": at.all(X > -9, axis=0),
    "complex": (X + 1j * X).sum(axis=0),
    "single": at.exp(X.astype("float32")).sum(axis=1) + 1,
    "integers": (X * 10).astype("int8").sum(axis=0),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_like_one_thread(name):
    one, two, three = (compiled([X], PROGRAMS[name], threads) for threads in (1, 2, 3))
    for shape in [(2, 2), (3, 5), (10, 1), (700, 30), (2, 4000)]:
        value = np.random.default_rng(5).standard_normal(shape)
        expected = one(value)
        for f in (two, three):
            got = f(value)
            assert got.dtype == expected.dtype and got.shape == expected.shape
            np.testing.assert_allclose(got, expected, rtol=1e-6 if got.dtype == "float32" else 1e-13)
            np.testing.assert_array_equal(f(value), got)


@pytest.mark.parametrize("name", [name for name in PROGRAMS if name not in {"set by numbers", "added by numbers"}])
def test_threads_are_started(name):
    assert starts_threads(compiled([X], PROGRAMS[name], 2))
    assert not starts_threads(compiled([X], PROGRAMS[name], 1))


def test_elementwise_work_has_the_same_bits():
    value = np.random.default_rng(5).standard_normal((301, 203))
    output = at.exp(X) * at.sin(X) + X.sum(axis=1, keepdims=True)
    np.testing.assert_array_equal(compiled([X], output, 7)(value), compiled([X], output, 1)(value))


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0), (1, 1)], ids=str)
def test_little_or_nothing(shape):
    outputs = [at.exp(X), X.sum(axis=0), X.sum(axis=1), X.sum(), at.special.softmax(X, axis=1)]
    for got, wanted in zip(*(compiled([X], outputs, k)(np.ones(shape)) for k in (3, 1)), strict=True):
        np.testing.assert_array_equal(got, wanted)


@given(case=graphs(kinds="biuf"))
def test_random_graphs(case):
    check_linkers(case.inputs, case.outputs, case.values, linkers=[NumbaLinker(3)])


def test_state_is_updated_in_place():
    state = aesaralite.shared(np.arange(6.0).reshape(2, 3))
    f = compiled([V], state.sum(), 3, updates=[(state, at.exp(-state) * V)])
    address = state.get_value(borrow=True).ctypes.data
    values = state.get_value()
    for _ in range(3):
        np.testing.assert_allclose(f(np.arange(3.0)), values.sum())
        values = np.exp(-values) * np.arange(3.0)
        np.testing.assert_allclose(state.get_value(), values)
    assert state.get_value(borrow=True).ctypes.data == address


def test_draws_stay_in_order():
    rng = aesaralite.shared(np.random.default_rng(3))
    draw = at.random.normal(size=(50, 7), rng=rng)
    f = compiled([], at.exp(draw), 3, updates=[(rng, draw.owner.outputs[0])])
    np.testing.assert_allclose(f(), np.exp(np.random.default_rng(3).normal(size=(50, 7))), rtol=1e-13)


def test_several_callers_at_once():
    f = compiled([X], [at.special.softmax(X, axis=1), at.exp(X).sum(axis=0)], 3)
    values = [np.random.default_rng(k).standard_normal((40, 60)) for k in range(4)]
    expected = [f(value) for value in values]
    wrong = []

    def call(k):
        for _ in range(50):
            wrong.extend(not np.array_equal(a, b) for a, b in zip(f(values[k]), expected[k]))

    callers = [threading.Thread(target=call, args=(k,)) for k in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len(wrong) == 400 and not any(wrong)


def test_without_room_for_threads(tmp_path):
    code = """
import resource, threading
import numpy as np
from numpy.testing import assert_allclose
from aesaralite_numba.emit import parts
parts.SHARE = 1e-9
import aesaralite, aesaralite.tensor as at
x = at.dmatrix()
f = aesaralite.function([x], [at.exp(x), at.exp(x).sum(axis=0)])
value = np.random.default_rng(5).standard_normal((30, 20))
expected = np.exp(value)
with open("/proc/self/statm") as file:
    used = int(file.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (1 << 20), -1))  # less than the stack of a thread
try:
    threading.Thread(target=int).start()
except RuntimeError:
    print("no threads")
got = f(value)
print("right" if np.allclose(got[0], expected) and np.allclose(got[1], expected.sum(axis=0)) else got)
"""
    flags = "linker=numba,numba__parallel=True,numba__threads=4,numba__cache=False"
    environment = {**os.environ, "AESARALITE_FLAGS": flags}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout.split("\n")[:2] == ["no threads", "right"], done.stderr


def test_flags():
    with config.change_flags(linker="numba", numba__parallel=True, numba__threads=3):
        f = function([X], at.exp(X))
    assert starts_threads(f)
    with config.change_flags(linker="numba", numba__threads=3):
        f = function([X], at.exp(X))
    assert not starts_threads(f)
    with pytest.raises(ValueError, match="numba__threads"), config.change_flags(numba__threads=0):
        pass


@pytest.mark.parametrize("threads", [0, -1, 2.0, "2"])
def test_a_wrong_number(threads):
    with pytest.raises(ValueError, match="positive integer"):
        NumbaLinker(threads)
