"""The lines of the tutorials, and what each of them must give, on both linkers.

The names of the tests are those of the checklist's rows: L, S, G, B, C, R, M and Z for lines of tutorials, A for the
text on shared variables, F for the text on functions.
"""

import copy
import inspect
from types import SimpleNamespace

import numpy as np
import pytest

import aesaralite
import aesaralite.tensor as at
from aesaralite import compat, config, function, shared
from aesaralite.compile.io import In, Out
from aesaralite.compile.sharedvalue import SharedVariable, shared_constructor
from aesaralite.errors import MissingInputError, UnusedInputError
from aesaralite.raise_op import assert_op
from aesaralite.sandbox.rng_mrg import MRG_RandomStream
from aesaralite.tensor.random.utils import RandomStream

pytestmark = pytest.mark.usefixtures("linker")

LOGISTIC = [[0.5, 0.73105858], [0.26894142, 0.11920292]]


def here() -> int:
    return inspect.currentframe().f_back.f_lineno


def is_array(value, expected, dtype):
    """Whether a value is an array, of no other class, equal to what's expected."""
    return type(value) is np.ndarray and value.dtype == dtype and np.array_equal(value, np.asarray(expected))


class TestTutorial:
    def test_L1_logistic(self):
        x = at.dmatrix("x")
        s = 1 / (1 + at.exp(-x))
        logistic = function([x], s)
        np.testing.assert_allclose(logistic([[0, 1], [-1, -2]]), LOGISTIC, atol=1e-8)

    def test_L2_other_form(self):
        x = at.dmatrix("x")
        s2 = (1 + at.tanh(x / 2)) / 2
        np.testing.assert_allclose(function([x], s2)([[0, 1], [-1, -2]]), LOGISTIC, atol=1e-8)

    def test_L3_plural_constructors(self):
        a, b = at.dmatrices("a", "b")
        assert (a.name, b.name) == ("a", "b")
        assert a.type == b.type == at.dmatrix("c").type

    def test_L4_several_outputs(self):
        a, b = at.dmatrices("a", "b")
        diff = a - b
        f = function([a, b], [diff, abs(diff), diff**2])
        results = f([[1, 1], [1, 1]], [[0, 1], [2, 3]])
        assert type(results) is list
        for result, expected in zip(results, ([[1, 0], [-1, -2]], [[1, 0], [1, 2]], [[1, 0], [1, 4]]), strict=True):
            assert is_array(result, expected, "float64")

    def test_L5_default(self):
        x, y = at.dscalars("x", "y")
        f = function([x, In(y, value=1)], x + y)
        assert is_array(f(33), 34.0, "float64")

    def test_L6_default_comes_back(self):
        x, y = at.dscalars("x", "y")
        f = function([x, In(y, value=1)], x + y)
        assert [f(33, 2), f(33), f(33, y=5), f(33)] == [35, 34, 38, 34]

    def test_L7_names(self):
        x, y, w = at.dscalars("x", "y", "w")
        f = function([x, In(y, value=1), In(w, value=2, name="w_by_name")], (x + y) * w)
        assert [f(33), f(33, 2), f(33, 0, 1), f(33, w_by_name=1), f(33, w_by_name=1, y=0)] == [68, 70, 33, 34, 33]

    def test_L8_wrong_calls(self):
        x, y, w = at.dscalars("x", "y", "w")
        f = function([x, In(y, value=1), In(w, value=2, name="w_by_name")], (x + y) * w)
        with pytest.raises(
            TypeError, match=r"^Unknown input or state: w\. The function has 3 named inputs \(x, y, w_by_n"
        ):
            f(33, w=1)
        with pytest.raises(TypeError, match=r"^Missing required input: x"):
            f()
        with pytest.raises(TypeError, match=r"^Too many parameter passed"):
            f(1, 2, 3, 4)
        with pytest.raises(TypeError, match=r"^Multiple values for input: x"):
            f(1, x=2)

    def test_L9_defaults_follow(self):
        x, y = at.dscalars("x", "y")
        with pytest.raises(TypeError, match="must follow inputs without"):
            function([In(y, value=1), x], x + y)

    def test_S1_to_S5_accumulator(self):
        state = shared(0)
        inc = at.iscalar("inc")
        accumulator = function([inc], state, updates=[(state, state + inc)])
        assert str(state.get_value()) == "0"
        assert is_array(accumulator(1), 0, "int64")
        assert str(state.get_value()) == "1"
        assert is_array(accumulator(300), 1, "int64")
        assert str(state.get_value()) == "301"
        state.set_value(-1)
        assert accumulator(3) == -1
        assert str(state.get_value()) == "2"
        decrementor = function([inc], state, updates=[(state, state - inc)])
        assert decrementor(2) == 2
        assert str(state.get_value()) == "0"

    @pytest.mark.parametrize("form", [dict, tuple, list])
    def test_S6_forms_of_updates(self, form):
        state, inc = shared(0), at.iscalar("inc")
        accumulator = function([inc], state, updates=form([(state, state + inc)]))
        assert [accumulator(1), accumulator(300), state.get_value()] == [0, 1, 301]

    def test_G1_givens(self):
        state, inc = shared(0), at.iscalar("inc")
        fn_of_state = state * 2 + inc
        foo = at.scalar(dtype=state.dtype)
        for givens in ([(state, foo)], {state: foo}):
            skip_shared = function([inc, foo], fn_of_state, givens=givens)
            assert is_array(skip_shared(1, 3), 7, "int64")
        assert str(state.get_value()) == "0"
        two = at.constant(2)
        assert function([inc, foo], state * two + inc, givens=[(two, foo)])(1, 5) == 1
        doubled = state * 2
        assert function([inc, foo], doubled + inc, givens=[(doubled, foo)])(1, 5) == 6

    def test_B1_broadcast_patterns(self):
        value = np.ones((1, 3))
        assert shared(value, broadcastable=(True, False)).type.shape == (1, None)
        assert shared(value, shape=(1, None)).type.shape == (1, None)
        assert shared(value).type.shape == (None, None)
        assert str(shared(value, shape=(1, None)).type) == "TensorType(float64, (1, ?))"

    def test_C1_to_C3_copies(self):
        state, inc = shared(0), at.iscalar("inc")
        accumulator = function([inc], state, updates=[(state, state + inc)])
        assert is_array(accumulator(10), 0, "int64")
        assert str(state.get_value()) == "10"
        new_state = shared(0)
        new_accumulator = accumulator.copy(swap={state: new_state})
        assert is_array(new_accumulator(100), 0, "int64")
        assert (new_state.get_value(), state.get_value()) == (100, 10)
        null_accumulator = accumulator.copy(delete_updates=True)
        assert is_array(null_accumulator(9000), 10, "int64")
        assert str(state.get_value()) == "10"


class TestRandomStreams:
    """The numbers are those that the documentation of Aesara prints."""

    U = ([[0.29042348, 0.86331565], [0.03797811, 0.7155221]], [[0.73939784, 0.22995762], [0.22632517, 0.67927065]])
    N = [[-0.25950556, 1.40144481], [0.45674282, 0.42405443]]

    @pytest.fixture
    def tutorial(self):
        srng = RandomStream(seed=234)
        rv_u = srng.uniform(0, 1, size=(2, 2))
        rv_n = srng.normal(0, 1, size=(2, 2))
        f = function([], rv_u)
        g = function([], rv_n, no_default_updates=True)
        nearly_zeros = function([], rv_u + rv_u - 2 * rv_u)
        return SimpleNamespace(srng=srng, rv_u=rv_u, rv_n=rv_n, f=f, g=g, nearly_zeros=nearly_zeros)

    def test_R1_other_numbers_each_time(self, tutorial):
        for expected in self.U:
            value = tutorial.f()
            assert type(value) is np.ndarray and value.dtype == "float64"
            np.testing.assert_allclose(value, expected, atol=5e-9)

    def test_R2_no_default_updates(self, tutorial):
        for _ in range(2):
            np.testing.assert_allclose(tutorial.g(), self.N, atol=5e-9)

    def test_R3_one_draw_in_a_call(self, tutorial):
        for _ in range(3):
            assert not tutorial.nearly_zeros().any()

    def test_R4_seeding(self, tutorial):
        tutorial.f(), tutorial.f()
        tutorial.srng.seed(902340)
        np.testing.assert_allclose(tutorial.f(), [[0.0325927, 0.63240121], [0.06819333, 0.85537425]], atol=5e-9)
        np.testing.assert_allclose(tutorial.g(), [[-0.248352, 0.31951982], [0.33648689, -1.0085906]], atol=5e-9)

    def test_R5_generators_are_shared(self, tutorial):
        tutorial.srng.seed(902340)
        tutorial.f()
        second = tutorial.f()
        tutorial.srng.seed(902340)
        tutorial.nearly_zeros()
        np.testing.assert_array_equal(tutorial.f(), second)

    def test_R6_states_are_copied(self):
        graphs = []
        for seed in (123, 987):
            stream = RandomStream(seed)
            graphs.append((stream, stream.uniform(size=(1,))))
        (s1, y1), (s2, y2) = graphs
        f1, f2 = function([], y1), function([], y2)
        assert f1() != f2()
        for (a, _), (b, _) in zip(s1.state_updates, s2.state_updates, strict=True):
            b.set_value(a.get_value())
        assert f1() == f2() and f1() == f2()
        rng, following = s1.state_updates[0]
        assert y1.owner.inputs[0] is rng and y1.owner.outputs[0] is following

    @pytest.mark.parametrize("legacy", [False, True])
    def test_R7_seeds_are_spawned(self, legacy):
        def generator(seed):
            return np.random.RandomState(np.random.MT19937(seed)) if legacy else np.random.default_rng(seed)

        stream = RandomStream(234, rng_ctor=np.random.RandomState) if legacy else RandomStream(234)
        source = np.random.SeedSequence(234)
        draws = [stream.normal(size=2) for _ in range(3)]
        f = function([], draws)
        seeds = [source.spawn(1)[0] for _ in draws]
        np.testing.assert_array_equal(f(), [generator(seed).normal(size=2) for seed in seeds])
        stream.seed(5)
        seeds = np.random.SeedSequence(5).spawn(len(draws))
        np.testing.assert_array_equal(f(), [generator(seed).normal(size=2) for seed in seeds])

    def test_R8_the_other_kind_of_stream(self):
        streams = [MRG_RandomStream(seed) for seed in (123, 987)]
        draws = [stream.uniform(size=(2,)) for stream in streams]
        f1, f2 = (function([], draw) for draw in draws)
        assert not np.array_equal(f1(), f2())
        for one, other in zip(streams[0].state_updates, streams[1].state_updates, strict=True):
            other[0].set_value(one[0].get_value())
        for _ in range(2):
            np.testing.assert_array_equal(f1(), f2())

    def test_R9_some_stay(self, tutorial):
        (a, _), (b, _) = tutorial.srng.state_updates
        for kept, stays in (([a], (True, False)), ([b], (False, True)), ([a, b], (True, True)), ([], (False, False))):
            f = function([], [tutorial.rv_u, tutorial.rv_n], no_default_updates=kept)
            first, second = f(), f()
            assert tuple(np.array_equal(one, other) for one, other in zip(first, second, strict=True)) == stays


class TestLogisticRegression:
    @pytest.mark.parametrize(("mode", "steps"), [(None, 10_000), ("FAST_COMPILE", 100)])
    def test_M1_M3_figures(self, mode, steps):
        rng = np.random.default_rng(2882)
        n, feats = 400, 784
        data = (rng.standard_normal((n, feats)), rng.integers(size=n, low=0, high=2))
        x, y = at.dmatrix("x"), at.dvector("y")
        w = shared(rng.standard_normal(feats), name="w")
        b = shared(0.0, name="b")
        p_1 = 1 / (1 + at.exp(-at.dot(x, w) - b))
        prediction = p_1 > 0.5
        xent = -y * at.log(p_1) - (1 - y) * at.log(1 - p_1)
        cost = xent.mean() + 0.01 * (w**2).sum()
        gw, gb = aesaralite.grad(cost, [w, b])
        updates = ((w, w - 0.1 * gw), (b, b - 0.1 * gb))
        train = function(inputs=[x, y], outputs=[prediction, xent], updates=updates, mode=mode)
        predict = function(inputs=[x], outputs=prediction, mode=mode)

        with pytest.raises(TypeError):
            train(data, data)

        figures = {
            1: (4089.584848988806, 0.008678295743321),
            10: (3662.2859834811, 0.0845683793166870),
            100: (1011.5527918081, 0.545558141220),
            10_000: (23.28823966052, 0.51930682738375),
        }
        for step in range(1, steps + 1):
            pred, err = train(data[0], data[1])
            if step in figures:
                np.testing.assert_allclose((err.sum(), b.get_value()), figures[step], rtol=1e-9)
        assert pred.dtype == bool
        if steps == 10_000:
            np.testing.assert_allclose(np.linalg.norm(w.get_value()), 2.7023794921512, rtol=1e-9)
            np.testing.assert_allclose(w.get_value()[:3], [0.10464347, -0.16127267, 0.11734453], atol=1e-8)
            assert (predict(data[0]) == data[1]).mean() == 1.0


@pytest.fixture
def theano():
    """The package under its oldest name, as unchanged programs import it."""
    compat.install("theano")
    try:
        import theano

        yield theano
    finally:
        compat.uninstall("theano")


class TestOldProgram:
    def test_Z1_to_Z4_Z6(self, theano):
        import theano.tensor as T

        state = theano.shared(np.array(0, dtype=np.float64), "state")
        assert (state.name, state.dtype, state.ndim) == ("state", "float64", 0)
        inc = T.scalar("inc", dtype=state.dtype)
        accumulator = theano.function([inc], state, updates=[(state, state + inc)])
        printed = [str(state.get_value())]
        returned = [accumulator(1)]
        printed.append(str(state.get_value()))
        returned.append(accumulator(10))
        printed.append(str(state.get_value()))
        assert printed == ["0.0", "1.0", "11.0"]
        assert returned == [0.0, 1.0]
        state.set_value(-1)
        accumulator(3)
        assert str(state.get_value()) == "2.0"
        tmp_func = state * 2 + inc
        a = T.scalar(dtype=state.dtype)
        skip_shared = theano.function([inc, a], tmp_func, givens=[(state, a)])
        assert str(skip_shared(2, 3)) == "8.0"
        assert str(state.get_value()) == "2.0"

    def test_Z5_other_dtypes(self):
        state = shared(0)
        inc = at.scalar("inc", dtype="float64")
        with pytest.raises(TypeError, match=r"int64.*float64"):
            function([inc], state, updates=[(state, state + inc)])
        single = shared(np.float32(0))
        with pytest.raises(TypeError, match=r"float32.*float64"):
            function([inc], single, updates=[(single, single + inc)])


class TestShared:
    """The text on shared variables, sentence by sentence."""

    def test_A1_A3_a_copy_by_default(self):
        s = shared(np.zeros(2))
        s.get_value()[:] = 9
        assert is_array(s.get_value(), [0, 0], "float64")
        assert is_array(shared(1.0).get_value(), 1.0, "float64")

    def test_A2_borrowed_is_the_original(self):
        s = shared(np.zeros(2))
        f = function([], s * 2)
        borrowed = s.get_value(borrow=True)
        assert borrowed is s.get_value(borrow=True, return_internal_type=True)
        borrowed[0] = 4
        assert f().tolist() == [8, 0]
        step = function([], [], updates={s: s + 1})
        step()
        s.get_value(borrow=True)[1] = 100
        step()
        assert s.get_value().tolist() == [6, 101]

    def test_A4_set_value(self):
        s, value = shared(np.zeros(2)), np.ones(2)
        s.set_value(value)
        value[0] = 5
        assert s.get_value().tolist() == [1, 1]
        s.set_value(value, borrow=True)
        value[1] = 6
        assert s.get_value().tolist() == [5, 6]

    def test_A5_seen_by_all_functions(self):
        s = shared(1.0)
        f, g = function([], s + 1), function([], s * 3)
        s.set_value(7)
        assert [f(), g()] == [8, 21]

    def test_A6_strict(self):
        with pytest.raises(TypeError):
            shared(np.ones(2), strict=True).set_value(np.ones(2, "float32"))
        with pytest.raises(TypeError):
            shared(1.0, strict=True).set_value(1)

    def test_A7_A8_container(self):
        s = shared(5.0)
        assert repr(s.container) == "<array(5.)>"
        twin = SharedVariable(name="t", type=s.type, value=None, strict=False, container=s.container)
        assert twin.get_value() == 5
        with pytest.raises(TypeError):
            SharedVariable(name="t", type=s.type, value=1.0, strict=False, container=s.container)

    def test_A9_value_is_copied(self):
        value = np.zeros(2)
        mine, borrowed = shared(value), shared(value, borrow=True)
        value[0] = 9
        assert mine.get_value().tolist() == [0, 0]
        assert borrowed.get_value().tolist() == [9, 0]

    def test_A10_constructors(self):
        assert [shared(v).dtype for v in (1, 1.0, True, np.float32(1))] == ["int64", "float64", "bool", "float32"]
        assert shared(np.ones((1, 2))).type.shape == (None, None)
        assert {str(shared(v).type) for v in ([1], {}, None, "text")} == {"<Generic>"}

    def test_A11_keywords(self):
        with pytest.raises(TypeError, match="unexpected keyword argument 'bogus'"):
            shared(1.0, bogus=3)

    def test_A12_own_constructors(self):
        class Pair(tuple):
            pass

        @shared_constructor
        def of_pair(value, name=None, strict=False, **kwargs):
            if not isinstance(value, Pair):
                raise TypeError("no pair")
            return shared(np.array(value), name=name, strict=strict, **kwargs)

        try:
            assert shared(Pair((1.0, 2.0))).type.ndim == 1
            assert str(shared((1.0, 2.0)).type) == "<Generic>"
        finally:
            shared_constructor(of_pair, remove=True)

        class Triple:
            pass

        @shared_constructor.register(Triple)
        def of_triple(value, name=None, strict=False, allow_downcast=None):
            return shared(np.zeros(3), name=name)

        assert shared(Triple(), name="t").get_value().shape == (3,)

    def test_A13_symbolic(self):
        with pytest.raises(TypeError, match=r"^Shared variable values can not be symbolic\.$"):
            shared(at.dscalar())

    def test_A14_sizes(self):
        s = shared(np.zeros(2))
        total, step = function([], s.sum()), function([], [], updates={s: s + 1})
        s.set_value(np.ones(5))
        step()
        assert total() == 10
        with pytest.raises(TypeError, match=r"^Wrong number of dimensions: expected 1, got 2 with shape \(3, 3\)\."):
            s.set_value(np.ones((3, 3)))
        with pytest.raises(TypeError):
            shared(np.ones((1, 2)), shape=(1, None)).set_value(np.ones((2, 2)))

    def test_A15_dtypes(self):
        with pytest.raises(TypeError, match=r"cannot store accurately value 1\.5"):
            shared(1).set_value(1.5)
        wide = shared(np.zeros(2))
        wide.set_value(np.ones(2, "float32"))
        assert is_array(wide.get_value(), [1, 1], "float64")
        with pytest.raises(TypeError):
            shared(np.zeros(2, "float32")).set_value(np.ones(2))
        shared(np.zeros(2, "float32"), allow_downcast=True).set_value(np.ones(2))

    def test_A16_hybrid(self):
        s = shared(np.array([1.0, 2.0]))
        gradient = aesaralite.grad((s**2).sum(), s)
        assert function([], [abs(-s), gradient, s[1]])()[1].tolist() == [2, 4]


class TestFunction:
    """The text on functions."""

    def test_F1_outputs(self):
        x = at.dscalar("x")
        assert is_array(function([x], x)(1), 1, "float64")
        assert function([x], [x])(1) == [1]
        assert function([x], (x, x + 1))(1) == [1, 2]
        assert function([x], {"a": x, "b": x + 1})(1) == {"a": 1, "b": 2}
        assert function([x], [], on_unused_input="ignore")(1) == []

    def test_F2_no_outputs(self):
        x, s = at.dscalar("x"), shared(0.0)
        assert function([x], updates={s: x})(3) == []
        assert s.get_value() == 3
        with pytest.raises(UnusedInputError):
            function([x], None)

    def test_F3_unused_input(self):
        x, y = at.dscalars("x", "y")
        with pytest.raises(UnusedInputError):
            function([x, y], x)
        with pytest.warns(UserWarning, match="not part of the computational graph"):
            function([x, y], x, on_unused_input="warn")
        assert function([x, y], x, on_unused_input="ignore")(1, 2) == 1

    def test_F4_list(self):
        x = at.dscalar("x")
        with pytest.raises(Exception, match="should be contained in a list, even when there is a single input"):
            function(x, x)

    def test_F5_shared_input(self):
        s = shared(1.0, "s")
        with pytest.raises(TypeError, match=r"Cannot use a shared variable \(s\) as explicit input"):
            function([s], s)

    def test_F6_missing_input(self):
        x = at.dscalar("x")
        line = here() + 1
        y = at.dscalar("y")
        with pytest.raises(MissingInputError, match=rf"(?s)Input 1 \(y\).*test_acceptance\.py:{line}"):
            function([x], x + y)

    def test_F7_twice(self):
        x = at.dscalar("x")
        with pytest.raises(UnusedInputError, match="Variable x is used twice"):
            function([x, x], x)

    def test_F8_wrong_updates(self):
        x, s = at.dscalar("x"), shared(0.0)
        with pytest.raises(TypeError, match="update target must be a SharedVariable"):
            function([x], x, updates=[(x, x)])
        with pytest.raises(ValueError, match="already has an update expression"):
            function([x], x, updates=[(s, x), (s, x + 1)])
        with pytest.raises(TypeError):
            function([x], x, updates=[s, x])

    def test_F9_number_as_update(self):
        s = shared(0.0)
        function([], [], updates=[(s, 5)])()
        assert is_array(s.get_value(), 5, "float64")

    def test_F10_wrong_type_of_update(self):
        n, x = shared(0, "n"), at.dscalar("x")
        with pytest.raises(
            TypeError, match=r"n.*TensorType\(int64, \(\)\).*TensorType\(float64, \(\)\).*astype\('int64'\)"
        ):
            function([x], [], updates=[(n, n + x)])

    def test_F11_simultaneous(self):
        a, b = shared(1), shared(2)
        assert function([], [a, b], updates=[(a, b), (b, a)])() == [1, 2]
        assert (a.get_value(), b.get_value()) == (2, 1)

    def test_F12_type_of_givens(self):
        s, v = shared(1.0), at.ivector("v")
        with pytest.raises(TypeError):
            function([v], s * 2, givens=[(s, v)])
        assert function([v], s * 2, givens=[(s, v)], rebuild_strict=False)([1, 2]).tolist() == [2, 4]

    def test_F13_conversion(self):
        v = at.dvector()
        assert function([v], v)([1, 2]).tolist() == [1, 2]
        line = here() + 1
        f = function([v], v)
        with pytest.raises(TypeError) as caught:
            f(np.ones((3, 3)))
        text = str(caught.value)
        name = f"{__file__}:{line}"
        assert text.startswith(f'Bad input argument to aesaralite function with name "{name}" at index 0 (0-based)')
        assert "Wrong number of dimensions: expected 1, got 2 with shape (3, 3)." in text
        single, n = at.fscalar("single"), at.iscalar("n")
        many = at.fvector("many")
        with pytest.raises(TypeError):
            function([many], many)(np.ones(2))
        g = function([single], single)
        with pytest.raises(TypeError):
            g(0.1)
        with config.change_flags(floatX="float32"):
            assert g(0.1) == np.float32(0.1)
        h = function([n], n)
        assert is_array(h(5), 5, "int32")
        with pytest.raises(TypeError):
            h(2**40)
        loose = function([many], many, allow_input_downcast=True)
        assert is_array(loose(np.ones(2)), [1, 1], "float32")

    def test_F14_memory(self):
        v = at.dvector("v")
        value = np.ones(2)
        assert function([v], v)(value) is not value
        s = shared(np.zeros(2))
        function([], s)()[:] = 9
        assert s.get_value().tolist() == [0, 0]
        assert function([In(v, borrow=True)], Out(v, borrow=True))(value).tolist() == [1, 1]

    def test_F14_borrowed_on_the_python_linker(self):
        v, value = at.dvector("v"), np.ones(2)
        f = function([In(v, borrow=True)], Out(v, borrow=True), mode="FAST_COMPILE")
        assert f(value) is value

    def test_F15_brackets_and_names(self):
        x, y, s = at.dscalar("x"), at.dscalar("y"), shared(1.0, "s")
        f = function([x, In(y, value=1)], x + y + s, name="mine")
        assert f["y"] == 1
        f["y"] = 5
        assert f(1) == 7
        assert f.get_shared() == [s]
        assert f.name == "mine"
        line = here() + 1
        g = function([x], x)
        assert g.name == f"{__file__}:{line}"

    def test_F16_state_of_an_input(self):
        inc, st = at.dscalars("inc", "st")
        f = function([inc, In(st, value=0.0, update=st + inc, name="st")], st)
        assert [f(1), f(2)] == [0, 1]
        assert f["st"] == 3

    def test_F17_default_updates(self):
        s = shared(0.0)
        s.default_update = s + 1
        f = function([], s + s - 2 * s)
        assert [f(), f(), s.get_value()] == [0, 0, 2]
        function([], s, no_default_updates=True)()
        function([], s, no_default_updates=[s])()
        assert s.get_value() == 2
        function([], s, updates={s: s * 10})()
        assert s.get_value() == 20

    def test_F18_failed_calls_change_nothing(self):
        s1, s2, x = shared(np.zeros(3)), shared(np.zeros(3)), at.dvector("x")
        checked = assert_op(x, (x >= 0).all())
        f = function([x], [], updates=[(s1, at.inc_subtensor(s1[0], 1.0)), (s2, s2 + checked)])
        arrays = [s.get_value(borrow=True) for s in (s1, s2)]
        before = copy.deepcopy(arrays)
        for _ in range(3):
            with pytest.raises(AssertionError):
                f([-1.0, 0.0, 0.0])
        for s, array, value in zip((s1, s2), arrays, before):
            assert s.get_value(borrow=True) is array
            assert array.tolist() == value.tolist()
        one = shared(np.zeros(3))
        g = function([x], [], updates=[(one, one + assert_op(x, (x >= 0).all()))])
        with pytest.raises(AssertionError):
            g([-1.0, 1.0, 1.0])
        assert one.get_value().tolist() == [0, 0, 0]

    def test_F19_texts(self):
        x = at.dvector("x")
        assert str(x) == "x"
        assert str(x + 1) == "Elemwise{add}.0"
        gradient = aesaralite.grad((x**2).sum(), x)
        expected = "((fill((x ** 2), fill(sum((x ** 2), axis=None), 1.0)) * 2) * (x ** (2 - 1)))"
        assert aesaralite.pp(gradient) == expected
