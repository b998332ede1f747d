"""Memory: what is compiled, loaded and computed goes when nobody needs it any more."""

import ctypes
import gc
import sys
import threading
import warnings
import weakref

import numpy as np
import pytest
from aesaralite_numba import loading
from support.numba_programs import link

import aesaralite
import aesaralite.tensor as at
from aesaralite import config
from aesaralite.compile.mode import Mode
from aesaralite.compile.ops import as_op
from aesaralite.tensor.random.utils import RandomStream

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc"),
    pytest.mark.filterwarnings("ignore:The Numba linker has no lowering"),
]


def resident():
    """KiB of memory that the process has."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4


class _Mallinfo(ctypes.Structure):
    """glibc's struct mallinfo2."""

    _names = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"
    _fields_ = [(name, ctypes.c_size_t) for name in _names.split()]


def allocated():
    """Bytes that C code has allocated, to the byte."""
    mallinfo = getattr(ctypes.CDLL(None), "mallinfo2", None)
    if mallinfo is None:
        pytest.skip("glibc 2.33 tells what is allocated")
    mallinfo.restype = _Mallinfo
    found = mallinfo()
    return found.uordblks + found.hblkhd


def units():
    gc.collect()
    return len(loading._units)


# ------------------------------------------------------------------ functions
def update(k, linker):
    x, s = at.dvector("x"), aesaralite.shared(np.zeros(3))
    aesaralite.function([x], at.exp(x) * (k + 0.5), updates=[(s, s + x * k)], mode=Mode(linker))(np.ones(3))


def large_constant(k, linker):
    x = at.dvector("x")
    aesaralite.function([x], at.dot(np.full((100, 100), k / 7), x), mode=Mode(linker))(np.ones(100))


def workspace(k, linker):
    x = at.dvector("x")
    aesaralite.function([x], at.cumsum(at.cumsum(x) * k)[::-1].sum(), mode=Mode(linker))(np.ones(10000))


def called_back(k, linker):
    @as_op([at.dvector], [at.dvector])
    def scale(value):
        return value * k

    x = at.dvector("x")
    aesaralite.function([x], scale(x) + 1, mode=Mode(linker))(np.ones(3))


def draw(k, linker):
    stream = RandomStream(k)
    aesaralite.function([], stream.normal(size=3) + stream.gamma(2.0 + k, 1.0), mode=Mode(linker))()


def several_variants(k, linker):
    x, s = at.dvector("x"), aesaralite.shared(np.zeros(3))
    f = aesaralite.function([x], x.sum() + k, updates=[(s, at.concatenate([s, x]))], mode=Mode(linker))
    for _ in range(4):
        f(np.ones(2))


KINDS = [update, large_constant, workspace, called_back, draw, several_variants]


#: Bytes that llvmlite 0.50 loses each time that it compiles: the callbacks of its PassBuilder.
LLVMLITE_LOSES = 1500


@pytest.mark.parametrize("kind", KINDS)
def test_functions_are_compiled_and_dropped(kind):
    before = units()
    with config.change_flags(numba__cache=False):
        for k in range(3):
            kind(k, "numba")
        gc.collect()
        memory = allocated()
        for k in range(3, 11):
            kind(k, "numba")
    assert units() == before
    variants = 4 if kind is several_variants else 1
    assert allocated() - memory < 8 * (variants * LLVMLITE_LOSES + 2000)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("linker", ["py", "numba"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_thousand_functions(kind, linker):
    """What is kept of each shows in the second five hundred; what fills caches of bounded size, in the first."""
    before = units()
    sizes = []
    with config.change_flags(numba__cache=False):
        for k in range(1100):
            if k % 250 == 100:
                gc.collect()
                sizes.append(resident())
            kind(k, linker)
        gc.collect()
        sizes.append(resident())
    print(f"{kind.__name__}, {linker}: {sizes} KiB after 100, 350, 600, 850 and 1100 functions")
    assert units() == before
    assert sizes[-1] - sizes[2] < 500 * 4


# ----------------------------------------------------------------------- code
def test_code_lives_as_long_as_someone_can_call_it():
    before = units()
    x = at.dvector("x")
    program = link([x], [x * 2 + 1])
    call = program.bind([])
    assert units() == before + 1
    del program
    assert units() == before + 1
    assert call(np.ones(2)).tolist() == [3, 3]
    del call
    assert units() == before


def test_functions_of_one_graph_share_code():
    before = units()
    x = at.dvector("x")
    first, second = (link([x], [x * 3 + 1]) for _ in range(2))
    assert units() == before + 1
    del first
    assert units() == before + 1
    assert second.bind([])(np.ones(1)) == [4]


def test_a_function_that_a_finalizer_calls():
    """In a circle of garbage, all finalizers run before the code goes."""
    before = units()
    x = at.dvector("x")
    results = []

    @as_op([at.dvector], [at.dvector])
    def triple(value):
        return value * 3

    class Holder:
        def __init__(self, call):
            self.call, self.circle = call, self

        def __del__(self):
            results.append(self.call(np.ones(2)).tolist())

    for outputs in ([x * 5], [triple(x)]):
        holders = [Holder(link([x], outputs).bind([])) for _ in range(3)]
        holders[0].other, holders[1].other = holders[1], holders[0]
        del holders
        gc.collect()
    assert results == [[5, 5]] * 3 + [[3, 3]] * 3
    assert units() == before


def test_an_op_that_holds_its_own_function():
    """A circle through the graph that is called back."""

    class Op(aesaralite.graph.op.Op):
        function = None

        def make_node(self, x):
            return aesaralite.graph.basic.Apply(self, [x], [x.type()])

        def perform(self, node, inputs, output_storage):
            output_storage[0][0] = inputs[0] + 1

    before = units()
    op = Op()
    x = at.dvector("x")
    op.function = aesaralite.function([x], op(x), mode="NUMBA")
    assert op.function([1.0]) == [2]
    gone = weakref.ref(op)
    del op
    assert units() == before
    assert gone() is None


def test_a_function_that_is_dropped_while_it_runs():
    before = units()
    holder = {}

    @as_op([at.dvector], [at.dvector])
    def drop(value):
        holder.clear()
        gc.collect()
        return value + 1

    x = at.dvector("x")
    holder["f"] = aesaralite.function([x], drop(x) * 2, mode="NUMBA")
    assert holder["f"]([1.0]) == [4]
    assert units() == before


def test_code_that_other_code_calls_stays():
    numba = pytest.importorskip("numba")
    x = at.dvector("x")
    f = aesaralite.function([x], x * 7 + 1, mode="NUMBA")
    inner = f.njit

    @numba.njit
    def twice(value):
        return inner(inner(value))

    assert twice(np.ones(1)) == [57]
    del f
    gc.collect()
    assert twice(np.ones(1)) == [57]


def test_threads_that_compile_and_drop():
    before = units()
    errors = []

    def work(start):
        try:
            for k in range(start, start + 8):
                x = at.dvector("x")
                f = aesaralite.function([x], x + k, mode="NUMBA")
                assert f([1.0]) == [1 + k]
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(5 * k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert units() <= before + 4  # what goes while another thread compiles goes with the next


# ---------------------------------------------------------------------- calls
def _calls(linker):
    """Calls of many kinds, by name."""
    mode = Mode(linker)
    v, i = at.dvector("v"), at.lscalar("i")
    a, b, c = at.dscalar("a"), aesaralite.shared(np.zeros(5)), aesaralite.shared(np.zeros(2))
    stream = RandomStream(1)

    @as_op([at.dvector], [at.dvector])
    def moody(value):
        if value[0] < 0:
            raise ArithmeticError("negative")
        return value * 2

    arrays = np.arange(5.0)
    scalar = aesaralite.function([a], a + 1, mode=mode)
    several = aesaralite.function([v], [at.exp(v), v.sum(), v[::-1]], mode=mode)
    updating = aesaralite.function([v], [], updates=[(b, b + v)], mode=mode)
    other_size = at.concatenate([c[1:], c])[-(2 + c.shape[0] % 2) :]
    reshaping = aesaralite.function([], [], updates=[(c, other_size)], mode=mode)
    drawing = aesaralite.function([], stream.normal(size=3), mode=mode)
    calling = aesaralite.function([v], moody(v) + 1, mode=mode)
    indexing = aesaralite.function([v, i], v[i], updates=[(b, b + v)], mode=mode)

    def fails(call, *args):
        def attempt():
            try:
                call(*args)
            except (ArithmeticError, IndexError, ValueError):
                return
            raise AssertionError("it should fail")

        return attempt

    return {
        "scalar": lambda: scalar(np.array(1.0)),
        "python number": lambda: scalar(1.0),
        "several": lambda: several(arrays),
        "updating": lambda: updating(arrays),
        "reshaping": reshaping,
        "drawing": drawing,
        "calling": lambda: calling(arrays),
        "strided": lambda: several(np.arange(10.0)[::2]),
        "failing index": fails(indexing, arrays, np.array(9)),
        "failing shapes": fails(updating, np.ones(3)),
        "failing callback": fails(calling, -np.ones(2)),
    }


def _all_calls(linker):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _calls(linker).items()


@pytest.mark.parametrize("linker", ["py", "numba"])
def test_calls_leave_nothing(linker):
    for name, call in _all_calls(linker):
        grown = []
        for _ in range(4):
            gc.collect()
            memory, blocks = allocated(), sys.getallocatedblocks()
            for _ in range(100):
                call()
            gc.collect()
            grown.append((allocated() - memory, sys.getallocatedblocks() - blocks))
        # what is kept for good grows each time
        assert min(more for more, _ in grown) < 1000, name
        assert min(more for _, more in grown) < 80, name


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("linker", ["py", "numba"])
def test_memory_of_a_million_calls_is_flat(linker):
    for name, call in _all_calls(linker):
        for _ in range(1000):
            call()
        gc.collect()
        memory = resident()
        for _ in range(10**6 if linker == "numba" and not name.startswith("failing") else 10**5):
            call()
        gc.collect()
        assert resident() - memory < 512, name
