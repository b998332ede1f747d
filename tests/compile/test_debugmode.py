"""DebugMode: every check finds what it's for, and right programs pass."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from support.crooked import Crooked, CrookedLinker

import aesaralite
import aesaralite.tensor as at
from aesaralite import config
from aesaralite.compile.debugmode import (
    BadDestroyMap,
    BadInferShape,
    BadOptimization,
    BadThunkOutput,
    BadViewMap,
    DebugMode,
    DebugModeError,
    InvalidValueError,
    StochasticOrder,
)
from aesaralite.compile.mode import get_mode
from aesaralite.errors import InconsistencyError
from aesaralite.graph.features import Feature, ReplaceValidate
from aesaralite.graph.op import Op
from aesaralite.graph.rewriting.basic import graph_rewriter, in2out, node_rewriter
from aesaralite.testing.strategies import graphs

pytestmark = pytest.mark.filterwarnings("ignore:The Numba linker has no lowering")

VALUE = np.array([1.0, 2.0])


def vector():
    return at.dvector("x")


class Pair(Op):
    """Returns its second input, and says that it's the first."""

    __props__ = ()
    itypes = [at.dvector, at.dvector]
    otypes = [at.dvector]
    view_map = {0: [0]}

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = inputs[1]


class Absolute(Op):
    """Returns a scalar of NumPy's."""

    __props__ = ()
    itypes = [at.dscalar]
    otypes = [at.dscalar]

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = abs(inputs[0][()])


def run(how, **settings):
    x = vector()
    return aesaralite.function([x], Crooked(how)(x), mode=DebugMode(**settings))(VALUE.copy())


class TestOps:
    def test_a_good_one_passes(self):
        np.testing.assert_array_equal(run("good"), VALUE + 1)
        np.testing.assert_array_equal(run("interleaved")[1], VALUE + 1)
        np.testing.assert_array_equal(run("no inferred shape"), VALUE + 1)

    def test_an_input_may_be_given_twice_or_be_a_view_of_another(self):
        x = vector()
        y = at.specify_shape(x, (2,))
        f = aesaralite.function([x], at.inc_subtensor(x[::-1], y) + at.unbroadcast(y[None], 0)[0], mode="DebugMode")
        np.testing.assert_array_equal(f(VALUE), [4.0, 5.0])
        pair = Pair()
        np.testing.assert_array_equal(aesaralite.function([x], pair(x, x), mode="DebugMode")(VALUE), VALUE)
        z = at.dvector("z")
        with pytest.raises(BadViewMap):
            aesaralite.function([x, z], pair(x, z), mode="DebugMode")(VALUE, VALUE)

    def test_scalars_of_numpy_are_arrays_of_no_dimension(self):
        s = at.dscalar("s")
        f = aesaralite.function([s], Absolute()(s), mode="DebugMode")
        assert f(-1.0) == 1.0

    @pytest.mark.parametrize(
        ("how", "error", "text"),
        [
            ("writes into its input", BadDestroyMap, "written into input 0, x"),
            ("returns its input", BadViewMap, r"shares memory with its inputs \[0\]"),
            ("returns a view", BadViewMap, r"shares memory with its inputs \[0\]"),
            ("twins", BadViewMap, r"shares memory with its outputs \[1\]"),
            ("counts", BadThunkOutput, "perform, run again"),
            ("keeps what it returns", BadThunkOutput, "elements differ"),
            ("another dtype", InvalidValueError, "dtype=float64"),
            ("another rank", InvalidValueError, "Wrong number of dimensions"),
            ("nothing", InvalidValueError, "NoneType"),
            ("NaN", InvalidValueError, "NaN or infinite"),
            ("another shape", BadInferShape, r"is \(2,\). That of the value is \(1,\)"),
            ("infer_shape fails", BadInferShape, "fails: KeyError"),
            ("inferred shape fails", BadInferShape, r"fails: AssertionError\('never"),
        ],
    )
    def test_what_is_wrong_is_named_with_its_line(self, how, error, text):
        with pytest.raises(error, match=text) as caught:
            run(how)
        assert isinstance(caught.value, DebugModeError)
        assert "support.crooked" not in str(type(caught.value))
        assert "test_debugmode.py" in str(caught.value)

    def test_a_static_shape_is_a_promise(self):
        x = at.tensor("float64", shape=(2,), name="x")
        with pytest.raises(InvalidValueError, match="not compatible"):
            aesaralite.function([x], Crooked("another shape")(x), mode="DebugMode")(VALUE)

    def test_nothing_happens_to_state_and_arguments(self):
        s = aesaralite.shared(VALUE.copy(), name="s")
        f = aesaralite.function([], [], updates=[(s, Crooked("writes into its input")(s))], mode="DebugMode")
        with pytest.raises(BadDestroyMap):
            f()
        np.testing.assert_array_equal(s.get_value(), VALUE)

    def test_infinities_may_be_allowed(self):
        x = vector()
        with pytest.raises(InvalidValueError, match="an input of the function"):
            aesaralite.function([x], x * 2, mode="DebugMode")([np.inf])
        f = aesaralite.function([x], x * 2, mode=DebugMode(check_isfinite=False))
        assert f([np.inf]) == [np.inf]
        with config.change_flags(DebugMode__check_finite=False):
            f = aesaralite.function([x], x * 2, mode="DebugMode")
        assert f([np.inf]) == [np.inf]

    def test_open_values_are_not_compared(self):
        n = at.lscalar("n")
        f = aesaralite.function([n], at.empty((n,)), mode=DebugMode(check_isfinite=False))
        assert f(3).shape == (3,)

    def test_errors_of_the_user_stay_what_they_are(self):
        x, y = at.dvectors("x", "y")
        f = aesaralite.function([x, y], x + y, mode="DebugMode")
        with pytest.raises(ValueError, match="broadcast"):
            f([1.0, 2.0], [1.0, 2.0, 3.0])


@node_rewriter([at.exp])
def exp_to_double(fgraph, node):
    return [node.inputs[0] * 2]


@node_rewriter([at.exp])
def exp_to_itself(fgraph, node):
    return [at.expm1(node.inputs[0]) + 1]


def mode_with(*rewriters, **settings):
    return DebugMode(optimizer="merge", **settings).register(*((in2out(r), 1.5 + k) for k, r in enumerate(rewriters)))


class TestRewrites:
    def test_a_wrong_one_is_named(self):
        x = vector()
        f = aesaralite.function([x], at.sqrt(at.exp(x + 1)), mode=mode_with(exp_to_double))
        with pytest.raises(BadOptimization) as caught:
            f(VALUE)
        error = caught.value
        assert str(error.reason) == "exp_to_double"
        np.testing.assert_allclose(error.old_r_val, np.exp(VALUE + 1))
        np.testing.assert_allclose(error.new_r_val, 2 * (VALUE + 1))
        assert "Elemwise{exp}" in error.old_graph and "Elemwise{mul}" in error.new_graph
        assert "test_debugmode.py" in str(error)
        np.testing.assert_allclose(
            aesaralite.function([x], at.sqrt(x), mode=mode_with(exp_to_double))(VALUE), VALUE**0.5
        )

    def test_the_first_wrong_one_is_named_whatever_others_do_with_it(self):
        @node_rewriter([at.sqrt])
        def sqrt_to_power(fgraph, node):
            return [node.inputs[0] ** 0.5]

        x = vector()
        y = at.sqrt(at.exp(x))
        for order in ((sqrt_to_power, exp_to_double), (exp_to_double, sqrt_to_power)):
            with pytest.raises(BadOptimization) as caught:
                aesaralite.function([x], y, mode=mode_with(*order))(VALUE)
            assert str(caught.value.reason) == "exp_to_double"

    def test_a_right_one_passes(self):
        x = vector()
        f = aesaralite.function([x], at.sqrt(at.exp(x)), mode=mode_with(exp_to_itself))
        np.testing.assert_allclose(f(VALUE), np.exp(VALUE / 2))

    def test_one_that_was_refused_does_not_count(self):
        class Objection(Feature):
            def validate(self, fgraph):
                if any(str(node.op) == "Elemwise{mul}" for node in fgraph.apply_nodes):
                    raise InconsistencyError("no products")

        @graph_rewriter
        def try_doubling(fgraph):
            fgraph.attach_feature(Objection())
            for node in fgraph.toposort():
                if node.op == at.exp:
                    with pytest.raises(InconsistencyError):
                        fgraph.replace_validate(node.outputs[0], node.inputs[0] * 2, reason="doubling")

        try_doubling.add_requirements = lambda fgraph: fgraph.attach_feature(ReplaceValidate())
        x = vector()
        f = aesaralite.function([x], at.exp(x), mode=DebugMode(optimizer=try_doubling))
        np.testing.assert_allclose(f(VALUE), np.exp(VALUE))

    def test_what_was_not_finite_may_become_better(self):
        x = vector()
        f = aesaralite.function([x], at.log(1 + at.exp(x)) + at.log(at.exp(x)), mode="DebugMode")
        np.testing.assert_allclose(f([1000.0, 0.0]), [2000.0, np.log(2)])

    def test_one_that_does_without_what_fails(self):
        @node_rewriter([at.mul])
        def to_zero(fgraph, node):
            return [at.zeros_like(node.inputs[1])]

        x = vector()
        y = at.sqrt(at.exp(x[5] * x))
        f = aesaralite.function([x], y, mode=mode_with(to_zero, exp_to_itself))
        np.testing.assert_array_equal(f(VALUE), [1.0, 1.0])

    def test_ops_that_are_rewritten_away_are_checked_too(self):
        @node_rewriter([Crooked])
        def to_sum(fgraph, node):
            return [node.inputs[0] + 1]

        x = vector()
        with pytest.raises(BadThunkOutput, match="perform, run again"):
            aesaralite.function([x], Crooked("counts")(x), mode=mode_with(to_sum))(VALUE)

    def test_one_that_makes_the_graph_fail(self):
        @node_rewriter([at.exp])
        def exp_to_failure(fgraph, node):
            return [node.inputs[0] + node.inputs[0][5]]

        x = vector()
        f = aesaralite.function([x], at.exp(x), mode=mode_with(exp_to_failure))
        with pytest.raises(BadOptimization, match="after, it fails: IndexError"):
            f(VALUE)

    def test_a_rewrite_whose_fault_is_rewritten_away_is_found(self):
        @node_rewriter([at.exp])
        def exp_to_failure(fgraph, node):
            return [node.inputs[0][5:6] * 0 + node.inputs[0][3]]

        @node_rewriter([at.add])
        def add_to_first(fgraph, node):
            return [at.ones_like(node.inputs[1]) * 3]

        x = vector()
        f = aesaralite.function([x], [at.exp(x) + x, x], mode=mode_with(exp_to_failure, add_to_first))
        with pytest.raises(BadOptimization, match="after, it fails: IndexError"):
            f(VALUE)

    def test_other_graphs_each_time(self):
        turns = []

        @node_rewriter([at.exp])
        def by_turns(fgraph, node):
            turns.append(1)
            return [at.expm1(node.inputs[0]) + 1] if len(turns) % 2 else None

        x = vector()
        with pytest.raises(StochasticOrder, match="The next time"):
            aesaralite.function([x], at.exp(x), mode=mode_with(by_turns))
        turns.clear()
        aesaralite.function([x], at.exp(x), mode=mode_with(by_turns, stability_patience=1))

    def test_merging_is_a_rewrite_too(self):
        x = vector()
        f = aesaralite.function([x], at.exp(x) + at.exp(x), mode=DebugMode(optimizer="merge"))
        journal = f.maker.linked.linker.journal
        assert any(event[-1] == "merge" for event in journal._events)
        np.testing.assert_allclose(f(VALUE), 2 * np.exp(VALUE))


class TestLinkers:
    def test_a_node_that_is_wrong_is_named(self):
        x = vector()
        y = at.exp(at.tanh(x)).sum()
        f = aesaralite.function([x], y, mode=DebugMode(linker=CrookedLinker()))
        with pytest.raises(BadThunkOutput, match="crooked") as caught:
            f(VALUE)
        assert str(caught.value.r.owner.op) == "Elemwise{tanh}"
        assert str(caught.value.offending_op) == "Elemwise{tanh}"
        assert "test_debugmode.py" in str(caught.value)

    def test_state_is_compared_and_stays(self):
        s = aesaralite.shared(VALUE.copy(), name="s")
        f = aesaralite.function([], [], updates=[(s, at.tanh(s))], mode=DebugMode(linker=CrookedLinker()))
        with pytest.raises(BadThunkOutput):
            f()
        np.testing.assert_array_equal(s.get_value(), VALUE)

    def test_a_linker_that_fails(self):
        x = vector()
        f = aesaralite.function([x], at.tanh(x) * 2, mode=DebugMode(linker=CrookedLinker(fails=True)))
        with pytest.raises(BadThunkOutput, match="an error, ArithmeticError"):
            f(VALUE)

    def test_which_linker(self):
        with config.change_flags(linker="numba"):
            assert DebugMode().compared_linker.name == "numba"
            assert DebugMode(check_c_code=False).compared_linker is None
            assert DebugMode(linker="py").compared_linker is None
        with config.change_flags(linker="py"):
            assert DebugMode().compared_linker is None
        with config.change_flags(linker="nonesuch"):
            assert DebugMode().compared_linker is None
        with config.change_flags(linker="numba", DebugMode__check_c=False):
            assert DebugMode().compared_linker is None


@pytest.mark.usefixtures("linker")
class TestPrograms:
    def test_gradients_state_and_draws(self):
        rng = np.random.default_rng(0)
        x, t = at.dmatrix("x"), at.lvector("t")
        w = aesaralite.shared(rng.normal(size=(5, 3)), name="w")
        p = at.special.softmax(at.dot(x, w), axis=1)
        cost = -at.log(p)[at.arange(t.shape[0]), t].mean() + (w**2).sum()
        noise = at.random.RandomStream(3).normal(size=(2,))
        args = rng.normal(size=(4, 5)), np.array([0, 1, 2, 0])
        updates = [(w, w - 0.1 * aesaralite.grad(cost, w))]
        start = w.get_value()
        outcomes = []
        for mode in ("DebugMode", "FAST_COMPILE"):
            w.set_value(start)
            f = aesaralite.function([x, t], [cost, noise], updates=updates, mode=mode)
            outcomes.append([*(f(*args)[0] for _ in range(2)), w.get_value()])
        for a, b in zip(*outcomes):
            np.testing.assert_allclose(a, b)

    def test_swapped_states(self):
        a, b = aesaralite.shared(np.zeros(2)), aesaralite.shared(np.ones(3))
        f = aesaralite.function([], [a, b], updates=[(a, b), (b, a)], mode="DebugMode")
        f()
        assert (a.get_value().shape, b.get_value().shape) == ((3,), (2,))

    def test_copies_and_pickles(self):
        s, x = aesaralite.shared(1.0, name="s"), at.dscalar("x")
        f = aesaralite.function([x], s + x, updates=[(s, s * 2 + x * 0)], mode="DebugMode")
        assert f.copy(delete_updates=True)(1.0) == 2.0
        assert s.get_value() == 1.0
        g = pickle.loads(pickle.dumps(f))
        assert (g(1.0), g(1.0)) == (2.0, 3.0)
        assert g.maker.linked.linker.journal is None

    @given(graphs(max_nodes=5))
    def test_any_graph(self, case):
        mode = DebugMode(check_isfinite=False, check_c_code=False)
        f = aesaralite.function(list(case.inputs), list(case.outputs), mode=mode, on_unused_input="ignore")
        with np.errstate(all="ignore"):
            f(*(np.require(value, requirements="A") for value in case.values))


def test_names_and_settings():
    assert isinstance(get_mode("DebugMode"), DebugMode)
    assert isinstance(get_mode("DEBUG_MODE"), DebugMode)
    with config.change_flags(mode="DebugMode"):
        x = at.dscalar("x")
        assert aesaralite.function([x], x).maker.linker.name == "debug"
    mode = DebugMode(stability_patience=3, check_isfinite=False, linker="py")
    other = mode.including("specialize")
    assert (other.stability_patience, other.check_isfinite, other.provided_linker) == (3, False, "py")
    assert mode.clone(stability_patience=1).stability_patience == 1
    with pytest.raises(ValueError, match="at least once"):
        DebugMode(stability_patience=0)
    with config.change_flags(DebugMode__patience=5):
        assert DebugMode().stability_patience == 5
