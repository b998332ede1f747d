"""Copies of functions, and their way through pickle into another process."""

import copy
import multiprocessing
import pickle

import numpy as np
import pytest

import aesaralite
import aesaralite.tensor as at
from aesaralite import config
from aesaralite.compile.io import In
from aesaralite.compile.mode import Mode
from aesaralite.compile.ops import as_op

pytestmark = pytest.mark.usefixtures("linker")


@pytest.fixture
def accumulator():
    state, inc = aesaralite.shared(0, "state"), at.iscalar("inc")
    return aesaralite.function([inc], state, updates=[(state, state + inc)], name="accumulator"), state


@pytest.fixture
def nothing_is_compiled(monkeypatch):
    """After a call of what this returns, rewriting is an error; with ``linking=False``, linking too."""

    def forbid(linking):
        monkeypatch.setattr(Mode, "optimizer", property(lambda self: pytest.fail("a graph was rewritten")))
        if not linking:
            linker = Mode().linker
            monkeypatch.setattr(type(linker), "link", lambda *args: pytest.fail("a graph was linked"))

    return forbid


class TestCopy:
    def test_swap(self, accumulator, nothing_is_compiled):
        f, state = accumulator
        f(10)
        new_state = aesaralite.shared(0, "new_state")
        nothing_is_compiled(linking=False)
        g = f.copy(swap={state: new_state})
        assert g(100).tolist() == 0
        assert (new_state.get_value(), state.get_value()) == (100, 10)
        assert g.get_shared() == [new_state]
        assert g.name == "accumulator copy"
        assert [str(v) for v in g.maker.fgraph.inputs] == ["inc", "new_state"]

    def test_delete_updates(self, accumulator, nothing_is_compiled):
        f, state = accumulator
        f(10)
        nothing_is_compiled(linking=True)
        g = f.copy(delete_updates=True, name="reader")
        assert g(9000).tolist() == 10
        assert state.get_value() == 10
        assert g.name == "reader"
        assert len(g.maker.fgraph.outputs) == 1
        f(1)
        assert g(0) == 11

    def test_both_at_once(self, accumulator):
        f, state = accumulator
        other = aesaralite.shared(5)
        g = f.copy(swap={state: other}, delete_updates=True)
        assert [g(1), g(1), other.get_value(), state.get_value()] == [5, 5, 5, 0]

    def test_plain_copies_share_shared_variables_and_own_the_rest(self):
        x, y, st = at.dscalars("x", "y", "st")
        s = aesaralite.shared(1.0)
        f = aesaralite.function(
            [x, In(y, value=2.0), In(st, value=0.0, update=st + x)], [x * y + st, s], updates={s: s * 2}
        )
        f(1)
        for g in (f.copy(share_memory=True), copy.copy(f)):
            assert g["y"] == 2
            g["y"] = 5
            before, s_before = g["st"].copy(), s.get_value()
            assert g(1) == [5 + before, s_before]
            assert (g["st"], f["st"]) == (before + 1, 1)
            assert s.get_value() == 2 * s_before
        assert f["y"] == 2
        assert copy.copy(f).name == f.name

    def test_outputs_keep_their_form(self):
        x = at.dscalar("x")
        for outputs, expected in ((x, 1), ([x], [1]), ({"a": x}, {"a": 1})):
            assert aesaralite.function([x], outputs).copy()(1) == expected

    def test_what_cannot_be_swapped(self, accumulator):
        f, state = accumulator
        with pytest.raises(ValueError, match="SharedVariable: other not found"):
            f.copy(swap={aesaralite.shared(0, "other"): state})
        with pytest.raises(TypeError, match="types must be the same"):
            f.copy(swap={state: aesaralite.shared(0.0)})
        with pytest.raises(TypeError, match="swap takes shared variables"):
            f.copy(swap={at.iscalar("x"): state})

    def test_a_copy_of_a_copy(self, accumulator):
        f, state = accumulator
        a, b = aesaralite.shared(1), aesaralite.shared(2)
        g = f.copy(swap={state: a}).copy(swap={a: b})
        g(10)
        assert [v.get_value() for v in (state, a, b)] == [0, 1, 12]


class TestDeepCopy:
    def test_state_is_copied_and_sharing_kept(self, accumulator, nothing_is_compiled):
        f, state = accumulator
        inc = at.iscalar("inc")
        g = aesaralite.function([inc], state * inc)
        nothing_is_compiled(linking=False)
        f2, g2, state2 = copy.deepcopy((f, g, state))
        f2(5)
        assert (g2(2), g(2)) == (10, 0)
        assert (state2.get_value(), state.get_value()) == (5, 0)
        assert f2.get_shared() == [state2]

    def test_variables_copied_along_are_the_copys_own(self):
        x, st = at.dscalars("x", "st")
        f = aesaralite.function([x, In(st, value=0.0, update=st + x)], st)
        g = aesaralite.function([x, In(st, value=f.container[st], update=st - x)], st)
        f(3)
        f2, g2, st2 = copy.deepcopy((f, g, st))
        f2(4)
        assert (f2[st2], g2[st2], f[st]) == (7, 7, 3)
        assert st not in f2.container
        assert f2.container[st2] is g2.container[st2]


class TestPickle:
    def test_functions_and_shared_variables_stay_together(self, accumulator, nothing_is_compiled):
        f, state = accumulator
        inc = at.iscalar("inc")
        g = aesaralite.function([inc], state * inc)
        f(3)
        data = pickle.dumps((f, g, state))
        nothing_is_compiled(linking=True)
        f2, g2, state2 = pickle.loads(data)
        f2(4)
        assert (g2(10), g(10)) == (70, 30)
        assert state2.get_value() == 7
        state2.set_value(1)
        assert (f2(0), state.get_value()) == (1, 3)
        assert f2.name == "accumulator"

    def test_everything_about_a_function(self):
        x, y = at.dscalars("x", "y")
        s = aesaralite.shared(1.0, "s")
        f = aesaralite.function(
            [x, In(y, value=2.0, name="why")], {"sum": x + y, "s": s}, updates={s: s + x}, mode=Mode()
        )
        f["why"] = 4
        f.trust_input = False
        g = pickle.loads(pickle.dumps(f))
        assert g(1) == {"sum": 5, "s": 1}
        assert g(x=1, why=7) == {"sum": 8, "s": 2}
        with pytest.raises(TypeError, match="Missing required input: x"):
            g()
        assert [v.name for v in g.get_shared()] == ["s"]
        assert len(g.maker.fgraph.outputs) == 3
        assert g.maker.fgraph.update_mapping == {2: 2}
        assert len(g.maker.outputs) == 2
        assert g.copy(delete_updates=True)(1)["s"] == 3
        h = pickle.loads(pickle.dumps(g))
        assert h(1)["s"] == 3

    def test_modes(self):
        for mode in (Mode(), Mode("py", None), Mode(optimizer="fast_compile").excluding("canonicalize")):
            twin = pickle.loads(pickle.dumps(mode))
            assert (twin.provided_linker, str(twin.query)) == (mode.provided_linker, str(mode.query))
            assert twin.optdb is mode.optdb

    def test_off(self, accumulator):
        data = pickle.dumps(accumulator[0])
        with config.change_flags(unpickle_function=False):
            assert pickle.loads(data) is None

    def test_another_process(self, accumulator):
        f, state = accumulator
        x = at.dvector("x")
        doubled = aesaralite.function([x], [_twice(x).sum(), x[::-1]])
        f(2)
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            total, backwards, before, after, twin = pool.apply(_in_another_process, (doubled, f, state))
        assert total == 12
        assert backwards.tolist() == [3, 2, 1]
        assert (before, after) == (2, 42)
        assert state.get_value() == 2
        assert twin(0) == 42

    def test_long_chains(self):
        x = at.dscalar("x")
        y = x
        for _ in range(2000):
            y = at.sin(y)
        f = aesaralite.function([x], y, mode=Mode("py", None))
        g = pickle.loads(pickle.dumps(f))
        assert g(1.0) == f(1.0) == copy.deepcopy(f)(1.0)


@as_op([at.dvector], [at.dvector])
def _twice(value):
    return value * 2


def _in_another_process(doubled, f, state):
    total, backwards = doubled(np.array([1.0, 2.0, 3.0]))
    before = f(40)
    return total, backwards, before, state.get_value(), f
