"""MonitorMode: hooks before and after each node."""

import pickle

import numpy as np
import pytest

import aesaralite
import aesaralite.tensor as at
from aesaralite.compile import MonitorMode
from aesaralite.compile.mode import Mode
from aesaralite.compile.monitormode import detect_nan

NODE_LINKERS = pytest.mark.parametrize("linker", [None, "py", "numba"])


@NODE_LINKERS
def test_hooks_see_the_graph_and_the_values(linker):
    seen = []

    def before(fgraph, i, node, fn):
        assert node in fgraph.apply_nodes and fgraph.toposort().index(node) == i
        seen.append(("before", i, str(node.op), [cell[0] for cell in fn.inputs], [cell[0] for cell in fn.outputs]))

    def after(fgraph, i, node, fn):
        seen.append(("after", i, str(node.op), [cell[0] for cell in fn.inputs], [cell[0] for cell in fn.outputs]))

    x = at.dscalar("x")
    f = aesaralite.function([x], at.sqr(x) - x, mode=MonitorMode(before, after, optimizer=None, linker=linker))
    assert f(3.0) == 6.0
    assert [(when, i, op) for when, i, op, *_ in seen] == [
        ("before", 0, "Elemwise{square}"),
        ("after", 0, "Elemwise{square}"),
        ("before", 1, "Elemwise{sub}"),
        ("after", 1, "Elemwise{sub}"),
    ]
    assert seen[0][3:] == ([3.0], [None])
    assert seen[3][3:] == ([9.0, 3.0], [6.0])


def test_what_a_hook_puts_into_an_output_counts():
    def clip(fgraph, i, node, fn):
        fn.outputs[0][0] = np.minimum(fn.outputs[0][0], 1.0)

    x = at.dvector("x")
    f = aesaralite.function([x], at.exp(x).sum(), mode=MonitorMode(post_func=clip, optimizer=None))
    assert f([0.0, 5.0]) == 1.0


def test_a_hook_that_raises_changes_nothing():
    s = aesaralite.shared(1.0, name="s")

    def refuse(fgraph, i, node, fn):
        if fn.outputs[0][0] > 2:
            raise RuntimeError("too much")

    f = aesaralite.function([], s, updates=[(s, s + 1)], mode=MonitorMode(post_func=refuse))
    assert f() == 1.0
    with pytest.raises(RuntimeError, match=r"too much\nApply node that caused the error: Elemwise{add}"):
        f()
    assert s.get_value() == 2.0


@NODE_LINKERS
def test_state_generators_and_several_outputs(linker):
    rng = aesaralite.shared(np.random.default_rng(3), name="rng")
    count = aesaralite.shared(0, name="count")
    draw = at.random.normal(size=(2,), rng=rng)
    names = []
    f = aesaralite.function(
        [],
        [draw, count],
        updates=[(rng, draw.owner.outputs[0]), (count, count + 1)],
        mode=MonitorMode(post_func=lambda fgraph, i, node, fn: names.append(str(node.op)), linker=linker),
    )
    reference = np.random.default_rng(3)
    for k in range(3):
        values, n = f()
        np.testing.assert_array_equal(values, reference.normal(size=2))
        assert n == k
    assert len(names) == 6


def test_results_are_the_callers_own():
    x = at.dvector("x")
    f = aesaralite.function([x], [x, x[::2]], mode=MonitorMode())
    value = np.ones(4)
    for result in f(value):
        result[:] = 7
    np.testing.assert_array_equal(value, np.ones(4))


def test_detect_nan(capsys):
    x = at.dscalar("x")
    f = aesaralite.function([x], [at.log(x) * x], mode=MonitorMode(post_func=detect_nan))
    f(1.0)
    assert not capsys.readouterr().out
    assert np.isnan(f(0.0)[0])
    text = capsys.readouterr().out
    assert text.startswith("*** NaN detected ***\n")
    assert "Elemwise{mul}" in text and "Elemwise{log}" in text and "test_monitormode.py" in text
    assert "Inputs : [array(-inf), array(0.)]\nOutputs: [array(nan)]" in text


def test_a_clone_keeps_hooks():
    mode = MonitorMode(post_func=detect_nan, optimizer="fast_compile", linker="numba")
    other = mode.including("specialize")
    assert (other.post_func, other.provided_linker) == (detect_nan, "numba")
    assert mode.clone(pre_func=detect_nan).pre_func is detect_nan
    assert mode.clone(optimizer=None).provided_optimizer is None


def test_bad_hooks_and_linkers():
    with pytest.raises(TypeError, match="hooks of a MonitorMode"):
        MonitorMode("print")
    with pytest.raises(ValueError, match="no linker 'nonesuch'"):
        aesaralite.function([], at.constant(1), mode=MonitorMode(linker="nonesuch"))


def test_nodes_are_timed_and_functions_pickle():
    x = at.dvector("x")
    f = aesaralite.function([x], at.exp(x).sum(), mode=MonitorMode(post_func=detect_nan), profile=True)
    f([1.0])
    assert f.profile.node_counts == {0: 1, 1: 1}
    again = pickle.loads(pickle.dumps(f))
    assert again([0.0]) == 1.0
    assert "Elemwise{exp}" in again.explain()


def test_rewrites_are_those_of_the_mode():
    x = at.dscalar("x")
    f = aesaralite.function([x], at.log(1 + x), mode=MonitorMode())
    g = aesaralite.function([x], at.log(1 + x), mode=Mode("py"))
    assert [n.op for n in f.maker.fgraph.toposort()] == [n.op for n in g.maker.fgraph.toposort()]
