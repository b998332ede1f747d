"""The Python linker by itself."""

import gc
import pickle
import weakref

import numpy as np
import pytest
from aesaralite_python import PythonLinker
from aesaralite_python.aliasing import owner_of

import aesaralite
import aesaralite.tensor as at
from aesaralite import config
from aesaralite.compile.linker import CallingPlan, InputSlot, OutputSlot, SlowPath
from aesaralite.compile.mode import Mode
from aesaralite.graph.basic import Apply
from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.frozen import freeze
from aesaralite.graph.generic import generic
from aesaralite.graph.op import Op

PLAIN = Mode("py", None)


def link(inputs, outputs, plan=None, **kwargs):
    plan = plan or CallingPlan(tuple(InputSlot(v.name) for v in inputs), tuple(OutputSlot(v.name) for v in outputs))
    return PythonLinker(**kwargs).link(freeze(FunctionGraph(inputs, outputs)), plan)


class Tracked:
    """A value that can be watched."""


class Make(Op):
    """Returns a fresh object, and notes how many were alive."""

    __props__ = ()
    alive = weakref.WeakSet()
    counts: list = []

    def make_node(self, x):
        return Apply(self, [x], [generic()])

    def perform(self, node, inputs, output_storage):
        value = Tracked()
        Make.alive.add(value)
        Make.counts.append(len(Make.alive))
        output_storage[0][0] = value


class TestMemory:
    @pytest.mark.parametrize(("allow_gc", "most_alive"), [(True, 2), (False, 5)])
    def test_values_go_after_their_last_use(self, allow_gc, most_alive):
        x = generic("x")
        y = x
        for _ in range(5):
            y = Make()(y)
        Make.counts.clear()
        with config.change_flags(allow_gc=allow_gc):
            f = aesaralite.function([x], y, mode=PLAIN)
        result = f(1)
        assert isinstance(result, Tracked)
        assert max(Make.counts) == most_alive

    def test_nothing_is_kept_between_calls(self):
        x = generic("x")
        f = aesaralite.function([x], [Make()(x), Make()(Make()(x))], mode=Mode(PythonLinker(allow_gc=False), None))
        f(1)
        gc.collect()
        assert not Make.alive

    def test_views_of_undeclared_kind_are_found_out(self):
        class Sly(Op):
            __props__ = ()
            itypes = [at.dvector]
            otypes = [at.dvector]

            def perform(self, node, inputs, output_storage):
                output_storage[0][0] = inputs[0][1:]

        x = at.dvector("x")
        s = aesaralite.shared(np.zeros(3))
        f = aesaralite.function([x], [Sly()(x), Sly()(s)], updates={s: Sly()(x)}, mode=PLAIN)
        value = np.ones(3)
        for result in f(value):
            assert not np.shares_memory(result, value)
            assert not np.shares_memory(result, s.get_value(borrow=True))
        assert not np.shares_memory(s.get_value(borrow=True), value)

    def test_swapping_states_copies_nothing(self):
        a, b = aesaralite.shared(np.zeros(3)), aesaralite.shared(np.ones(3))
        arrays = a.get_value(borrow=True), b.get_value(borrow=True)
        aesaralite.function([], [], updates=[(a, b), (b, a)], mode=PLAIN)()
        assert (b.get_value(borrow=True), a.get_value(borrow=True)) == (arrays[0], arrays[1]) or (
            b.get_value(borrow=True) is arrays[0] and a.get_value(borrow=True) is arrays[1]
        )

    def test_owner(self):
        base = np.zeros((4, 4))
        assert owner_of(base) == owner_of(base[1:].T[::2]) == owner_of(base.reshape(-1)[3:])
        assert owner_of(base) != owner_of(base.copy())
        foreign = np.frombuffer(bytearray(16))
        assert owner_of(foreign) == owner_of(foreign[1:])


class TestProgram:
    def test_run_and_bind_agree(self):
        x, y = at.dvectors("x", "y")
        program = link([x, y], [x + y, x * y])
        value, other = np.arange(3.0), np.ones(3)
        for results in (program.run([[value], [other]]), program.bind([])(value, other)):
            assert [r.tolist() for r in results] == [[1, 2, 3], [0, 1, 2]]
        assert link([x], [x + 1]).bind([])(value).tolist() == [1, 2, 3]

    def test_bind_takes_exact_values_only(self):
        x = at.tensor("float64", shape=(None, 2))
        call = link([x], [x + 1]).bind([])
        good = np.ones((3, 2))
        assert call(good).shape == (3, 2)
        for bad in (
            [[1.0, 2.0]],
            good.astype("f4"),
            good[0],
            good.astype(">f8"),
            np.ones((2, 3)),
            np.ma.masked_array(good),
            None,
        ):
            with pytest.raises(SlowPath):
                call(bad)
        with pytest.raises(SlowPath):
            call()

    def test_state(self):
        x, s = at.dvectors("x", "s")
        plan = CallingPlan(
            inputs=(InputSlot("s", is_state=True), InputSlot("x")), outputs=(OutputSlot("old"),), updates=((1, 0),)
        )
        program = link([s, x], [s, s + x], plan)
        cell = [np.zeros(2)]
        assert program.run([cell, [np.ones(2)]])[0].tolist() == [0, 0]
        assert program.bind([cell])(np.ones(2)).tolist() == [1, 1]
        assert cell[0].tolist() == [2, 2]

    def test_report(self):
        x = at.dvector("x")
        text = link([x], [at.exp(x) + x]).report()
        for part in ("2 nodes", "input %0 x", "Elemwise{exp", "test_program.py", "drops"):
            assert part in text

    def test_results_of_tensor_type_are_arrays(self):
        class Plain(Op):
            __props__ = ()
            itypes = [at.dscalar]
            otypes = [at.dscalar]

            def perform(self, node, inputs, output_storage):
                output_storage[0][0] = np.float64(inputs[0])

        x = at.dscalar("x")
        assert type(aesaralite.function([x], Plain()(x), mode=PLAIN)(1)) is np.ndarray

    def test_no_njit(self):
        x = at.dscalar("x")
        with pytest.raises(AttributeError, match="mode='NUMBA'"):
            aesaralite.function([x], x, mode=PLAIN).njit  # noqa: B018


class TestLongChains:
    def test_a_hundred_thousand_nodes(self):
        x = at.dscalar("x")
        y = x
        for _ in range(100_000):
            y = y + 1.0
        f = aesaralite.function([x], y, mode=PLAIN)
        assert f(0.0) == 100_000
        g = pickle.loads(pickle.dumps(f))
        assert g(1.0) == 100_001
        assert len(f.maker.fgraph.apply_nodes) == 100_000
