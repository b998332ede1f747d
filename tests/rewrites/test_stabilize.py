"""Each stabilisation, at the extreme where the naive form fails."""

import numpy as np
import pytest
from scipy.special import expit

import aesaralite.tensor as at
from aesaralite import Mode, clone_replace, function, grad
from aesaralite.configdefaults import config
from aesaralite.graph.basic import applys_between, equal_computations, graph_inputs
from aesaralite.rewrites.apply import rewrite_graph
from aesaralite.rewrites.stabilize import INVERSES, LOGISTIC, STABILIZE
from aesaralite.testing import check_rewrite

NAIVE = Mode(linker="py", optimizer=None)
STABLE = Mode(linker="py", optimizer="fast_run")


@pytest.fixture(autouse=True)
def raise_on_error():
    with config.change_flags(on_opt_error="raise"):
        yield


def value(inputs, output, values, mode):
    with np.errstate(all="ignore"):
        return function(inputs, output, mode=mode, on_unused_input="ignore")(*values)


x = at.dvector("x")
MODERATE = np.array([-2.0, -0.5, 0.3, 1.7])

# expression, where the naive form fails, what is right there
ELEMENTWISE = {
    "log(1 + x)": (at.log(1 + x), 1e-20, 1e-20),
    "log(x + 1)": (at.log(x + 1), 1e-20, 1e-20),
    "log(1 - x)": (at.log(1 - x), 1e-20, -1e-20),
    "log(1 + x + y)": (at.log(1 + x + 0.5 * x), 2e-20, 3e-20),
    "log(sigmoid(x))": (at.log(at.sigmoid(x)), -800.0, -800.0),
    "log(1 - sigmoid(x))": (at.log(1 - at.sigmoid(x)), 800.0, -800.0),
    "log(1 - sigmoid(x)) near 0": (at.log(1 - at.sigmoid(x)), -50.0, -np.exp(-50.0)),
    "log1p(-sigmoid(x))": (at.log1p(-at.sigmoid(x)), 800.0, -800.0),
    "log(1 / (1 + exp(-x)))": (at.log(1 / (1 + at.exp(-x))), -800.0, -800.0),
    "log(1 - 1 / (1 + exp(-x)))": (at.log(1 - 1 / (1 + at.exp(-x))), 800.0, -800.0),
    "exp(x) / (1 + exp(x))": (at.exp(x) / (1 + at.exp(x)), 800.0, 1.0),
    "exp(x) / (exp(x) + 1)": (at.exp(x) / (at.exp(x) + 1), 800.0, 1.0),
    "exp(-x) / (1 + exp(-x))": (at.exp(-x) / (1 + at.exp(-x)), -800.0, 1.0),
    "1 - sigmoid(x)": (1 - at.sigmoid(x), 50.0, np.exp(-50.0)),
    "1 - 1 / (1 + exp(-x))": (1 - 1 / (1 + at.exp(-x)), 50.0, np.exp(-50.0)),
    "sigmoid(x) - 1": (at.sigmoid(x) - 1, 50.0, -np.exp(-50.0)),
    "log(1 + exp(x))": (at.log(1 + at.exp(x)), 800.0, 800.0),
    "log1p(exp(x))": (at.log1p(at.exp(x)), 800.0, 800.0),
    "exp(x) - 1": (at.exp(x) - 1, 1e-20, 1e-20),
    "1 - exp(x)": (1 - at.exp(x), 1e-20, -1e-20),
    "exp(x) - 1 + y": (at.exp(x) - 1 + 2 * x, 1e-20, 3e-20),
    "log(1 - exp(x))": (at.log(1 - at.exp(x)), -1e-20, np.log(1e-20)),
    "log(1 - exp(x)) far": (at.log(1 - at.exp(x)), -100.0, -np.exp(-100.0)),
    "log1p(-exp(x))": (at.log1p(-at.exp(x)), -1e-20, np.log(1e-20)),
    "log(exp(x))": (at.log(at.exp(x)), 800.0, 800.0),
    "log1p(expm1(x))": (at.log1p(at.expm1(x)), 800.0, 800.0),
    "1 - erf(x)": (1 - at.erf(x), 10.0, 2.088487583762545e-45),
    "erf(x) - 1": (at.erf(x) - 1, 10.0, -2.088487583762545e-45),
    "1 + erf(x)": (1 + at.erf(x), -10.0, 2.088487583762545e-45),
    "2 - erfc(x)": (2 - at.erfc(x), -10.0, 2.088487583762545e-45),
    "1 - erfc(x)": (1 - at.erfc(x), 1e-20, 1.1283791670955126e-20),
    "log(erfc(x))": (at.log(at.erfc(x)), 50.0, -2504.484587848451),
}


@pytest.mark.parametrize("name", ELEMENTWISE)
class TestElementwise:
    def test_extreme(self, name):
        output, point, right = ELEMENTWISE[name]
        at_extreme = np.array([point])
        naive = value([x], output, [at_extreme], NAIVE)
        with np.errstate(all="ignore"):
            assert not abs(naive[0] - right) <= 1e-6 * abs(right), "the naive form doesn't fail here"
        np.testing.assert_allclose(value([x], output, [at_extreme], STABLE), [right], rtol=1e-12)

    def test_moderate(self, name):
        output, *_ = ELEMENTWISE[name]
        check_rewrite([x], output, [MODERATE], rtol=1e-9)

    def test_float32_stays(self, name):
        output, *_ = ELEMENTWISE[name]
        single = at.fvector("x")
        replaced = clone_replace(output, {x: at.cast(single, "float64")})
        fgraph = check_rewrite([single], replaced, [MODERATE.astype("float32")])
        assert fgraph.outputs[0].type.dtype == "float64"


RULES = {**LOGISTIC, **STABILIZE, **INVERSES}


@pytest.mark.parametrize("name", RULES)
def test_sides_of_a_rule_are_equal(name):
    rule = RULES[name]
    bound = {"x": x}
    sides = (rule.pattern.build(bound), rule.replacement.build(bound))
    left, right = (value([x], side, [MODERATE], NAIVE) for side in sides)
    np.testing.assert_allclose(left, right, rtol=1e-9)
    assert np.isfinite(left).any()


def test_single_precision_rules_apply():
    v = at.fvector("v")
    stable = rewrite_graph(at.log(1 + v), include=("canonicalize", "stabilize"), clone=True)
    assert stable.owner.op == at.log1p and stable.type.dtype == "float32"


@pytest.mark.parametrize(
    "expression",
    [lambda n: at.log(1 + n), lambda n: at.exp(n) - 1, lambda n: at.log(1 - n)],
    ids=["log(1 + n)", "exp(n) - 1", "log(1 - n)"],
)
def test_integers_keep_their_meaning(expression):
    n = at.bvector("n")
    check_rewrite([n], expression(n), [np.array([-128, -1, 0, 5, 127], dtype="int8")])


def test_factors_that_cancel_keep_their_shape():
    for output in ((1 + at.exp(x)) * at.sigmoid(-x), (1 + at.exp(-x)) / (1 + at.exp(-x))):
        got = value([x], output, [np.array([-800.0, 0.0, 800.0])], STABLE)
        np.testing.assert_array_equal(got, np.ones(3))


def test_sum_of_log_and_others():
    y = at.dvector("y")
    output = y + at.exp(x) - 1
    stable = rewrite_graph(output, include=("canonicalize", "stabilize"), clone=True)
    ops = {node.op for node in _nodes(stable)}
    assert at.expm1 in ops and at.exp not in ops


def _nodes(variable):
    return list(applys_between(list(graph_inputs([variable])), [variable]))


class TestCrossEntropy:
    """The logistic regression of the tutorial, at arguments where its probabilities are 0 and 1."""

    def setup_method(self):
        self.z, self.y = at.dvector("z"), at.dvector("y")
        p = 1 / (1 + at.exp(-self.z))
        self.loss = -self.y * at.log(p) - (1 - self.y) * at.log(1 - p)
        self.points = np.array([-800.0, -800.0, -2.0, 0.0, 3.0, 800.0, 800.0])
        self.labels = np.array([0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 0.0])

    def test_loss(self):
        got = value([self.z, self.y], self.loss, [self.points, self.labels], STABLE)
        right = self.labels * np.logaddexp(0, -self.points) + (1 - self.labels) * np.logaddexp(0, self.points)
        np.testing.assert_allclose(got, right, rtol=1e-12)
        assert not np.isfinite(value([self.z, self.y], self.loss, [self.points, self.labels], NAIVE)).all()

    @pytest.mark.parametrize("reduce", [at.sum, at.mean])
    def test_gradient(self, reduce):
        gradient = grad(reduce(self.loss), self.z)
        got = value([self.z, self.y], gradient, [self.points, self.labels], STABLE)
        right = (expit(self.points) - self.labels) / (1 if reduce is at.sum else len(self.points))
        np.testing.assert_allclose(got, right, rtol=1e-12, atol=1e-300)

    def test_gradient_of_scalars(self):
        z, y = at.dscalars("z", "y")
        p = at.sigmoid(z)
        gradient = grad(-y * at.log(p) - (1 - y) * at.log(1 - p), z)
        for point in (-800.0, 0.0, 800.0):
            got = value([z, y], gradient, [point, 1.0], STABLE)
            np.testing.assert_allclose(got, 1 / (1 + np.exp(-point)) - 1 if point > -700 else -1.0, atol=1e-15)


m = at.dmatrix("m")
i = at.lvector("i")
LOGITS = np.array([[1e4, 0.0, -1e4], [3.0, 2.0, 1.0], [-1e4, -1e4, -1e4 - 1]])
CHOSEN = np.array([2, 0, 1])


def softmax_by_hand(axis):
    return at.exp(m) / at.exp(m).sum(axis=axis, keepdims=True)


def shifted_softmax_by_hand(axis):
    e = at.exp(m - m.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def ops_of(inputs, output):
    graph = function(inputs, output, mode=STABLE, on_unused_input="ignore").maker.fgraph
    return {type(node.op).__name__ for node in graph.apply_nodes}


def right_softmax(logits, axis):
    e = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


class TestSoftmax:
    @pytest.mark.parametrize("axis", [0, 1, None])
    def test_by_hand(self, axis):
        output = softmax_by_hand(axis)
        np.testing.assert_allclose(value([m], output, [LOGITS], STABLE), right_softmax(LOGITS, axis))
        check_rewrite([m], output, [LOGITS / 1e4])

    def test_sum_that_is_broadcast_along_another_axis(self):
        total = at.exp(m).sum(axis=1)
        for output in (at.exp(m) / total, at.exp(m) / total.dimshuffle("x", 0), at.log(at.exp(m.T) / total)):
            check_rewrite([m], output, [np.arange(9.0).reshape(3, 3) ** 0.5])

    @pytest.mark.parametrize("axis", [0, 1, None])
    def test_logarithm(self, axis):
        right = LOGITS - LOGITS.max(axis=axis, keepdims=True)
        right = right - np.log(np.exp(right).sum(axis=axis, keepdims=True))
        for output in (at.log(softmax_by_hand(axis)), at.log(at.special.softmax(m, axis=axis))):
            np.testing.assert_allclose(value([m], output, [LOGITS], STABLE), right)
            assert not np.isfinite(value([m], output, [LOGITS], NAIVE)).all()

    @pytest.mark.parametrize("axis", [0, 1, None])
    def test_log_sum_exp(self, axis):
        output = at.log(at.exp(m).sum(axis=axis))
        right = np.logaddexp.reduce(LOGITS, axis=axis)
        np.testing.assert_allclose(value([m], output, [LOGITS], STABLE), right)
        gradient = grad(output.sum(), m)
        np.testing.assert_allclose(value([m], gradient, [LOGITS], STABLE), right_softmax(LOGITS, axis))

    def test_log_sum_exp_of_infinities(self):
        logits = np.array([[np.inf, 0.0], [-np.inf, -np.inf], [-np.inf, 1.0], [np.nan, 1.0]])
        got = value([m], at.log(at.exp(m).sum(axis=1)), [logits], STABLE)
        np.testing.assert_array_equal(got, [np.inf, -np.inf, 1.0, np.nan])

    @pytest.mark.parametrize("axis", [0, 1, None])
    def test_log_sum_exp_that_keeps_its_axes(self, axis):
        total = at.log(at.exp(m).sum(axis=axis, keepdims=True))
        right = np.logaddexp.reduce(LOGITS, axis=axis, keepdims=True)
        for output, expected in ((total, right), (m - total, LOGITS - right), (m + total, LOGITS + right)):
            np.testing.assert_allclose(value([m], output, [LOGITS], STABLE), expected)
            check_rewrite([m], output, [LOGITS / 1e4])
        chosen = np.eye(3)[[0, 0, 0]]
        gradient = grad((m - total)[:, 0].sum(), m)
        right = chosen - right_softmax(LOGITS, axis) * chosen.sum(axis=axis, keepdims=True)
        np.testing.assert_allclose(value([m], gradient, [LOGITS], STABLE), right, atol=1e-12)

    @pytest.mark.parametrize("axis", [0, 1, None])
    @pytest.mark.parametrize("shifted_along", [0, 1, None])
    def test_maximum_that_is_subtracted(self, axis, shifted_along):
        shifted = m - m.max(axis=shifted_along, keepdims=True)
        same = shifted_along is None or shifted_along == axis
        for function_of in (at.special.softmax, at.special.log_softmax):
            output = function_of(shifted, axis=axis)
            check_rewrite([m], output, [LOGITS / 1e4])
            assert ("Max" in ops_of([m], output)) != same

    @pytest.mark.parametrize("axis", [0, 1, None])
    def test_gradient_through_the_maximum_is_zero(self, axis):
        w = np.arange(9.0).reshape(3, 3)
        right = w - right_softmax(LOGITS, axis) * w.sum(axis=axis, keepdims=True)
        for weights in (at.dmatrix("weights"), w, at.tensor("float64", shape=(3, 3))):
            p = shifted_softmax_by_hand(axis)
            inputs, values = ([m], [LOGITS]) if weights is w else ([m, weights], [LOGITS, w])
            gradient = grad((at.log(p) * weights).sum(), m)
            np.testing.assert_allclose(value(inputs, gradient, values, STABLE), right, atol=1e-11)
            check_rewrite(inputs, gradient, [LOGITS / 1e4, *values[1:]])
        rows = at.arange(i.shape[0])
        assert "Max" not in ops_of([m, i], grad(at.log(shifted_softmax_by_hand(axis))[rows, i].sum(), m))

    def test_sum_of_what_is_no_gradient_of_softmax(self):
        p = at.special.softmax(m, axis=1)
        column = m[:, :1]
        for g in (column, m * 2):
            for total in (g.sum(axis=1, keepdims=True), g.sum(axis=0, keepdims=True), m.sum(axis=1, keepdims=True)):
                for axis in (0, 1, None):
                    check_rewrite([m], (g - p * total).sum(axis=axis), [np.arange(9.0).reshape(3, 3) ** 0.5])

    @pytest.mark.parametrize(
        "probabilities", [lambda: at.special.softmax(m, axis=1), lambda: shifted_softmax_by_hand(1)]
    )
    @pytest.mark.parametrize("rows", [1, 3])
    def test_gradient_of_focal_loss(self, probabilities, rows):
        """The chosen probabilities aren't only in the logarithm; the weights may be one for all rows."""
        p = probabilities()[at.arange(i.shape[0]), i]
        weights = at.dvector("weights")
        gradient = grad(-(weights * (1 - p) ** 2 * at.log(p)).sum(), m)
        chosen = np.eye(3)[CHOSEN]
        s = right_softmax(LOGITS, 1)
        p = s[np.arange(3), CHOSEN, None]
        log_p = (LOGITS - np.logaddexp.reduce(LOGITS, axis=1, keepdims=True))[np.arange(3), CHOSEN, None]
        w = np.arange(2.0, 2 + rows)
        right = w[:, None] * (2 * p * (1 - p) * log_p - (1 - p) ** 2) * (chosen - s)
        values = [LOGITS, CHOSEN, w]
        np.testing.assert_allclose(value([m, i, weights], gradient, values, STABLE), right, atol=1e-12)
        check_rewrite([m, i, weights], gradient, [LOGITS / 1e4, CHOSEN, w])

    @pytest.mark.parametrize("shape", [(3, 1), (1, 3), (1, 1)])
    def test_gradient_of_log_softmax_by_weights_of_known_shape(self, shape):
        logits, weights = at.tensor("float64", shape=(3, 3)), at.tensor("float64", shape=shape)
        gradient = grad((at.log(at.special.softmax(logits, axis=1)) * weights).sum(), logits)
        w = np.arange(1.0, 10).reshape(3, 3)[tuple(map(slice, shape))]
        right = w - right_softmax(LOGITS, 1) * np.broadcast_to(w, (3, 3)).sum(axis=1, keepdims=True)
        np.testing.assert_allclose(value([logits, weights], gradient, [LOGITS, w], STABLE), right, atol=1e-12)

    @pytest.mark.parametrize("rows", [1, 3])
    @pytest.mark.parametrize("chosen", [CHOSEN, CHOSEN[:1]], ids=["three", "one"])
    def test_gradient_of_cross_entropy_with_one_hot_rows(self, rows, chosen):
        """Where neither number of rows is known, and one may be stretched."""
        one_hot = at.eq(at.arange(3), i[:, None])
        gradient = grad(-(one_hot * at.log(at.special.softmax(m, axis=1))).sum(), m)
        logits = LOGITS[:rows]
        right = np.broadcast_to(right_softmax(logits, 1), (max(rows, len(chosen)), 3)) - np.eye(3)[chosen]
        right = right.sum(axis=0, keepdims=True) if rows == 1 else right
        np.testing.assert_allclose(value([m, i], gradient, [logits, chosen], STABLE), right, atol=1e-15)
        check_rewrite([m, i], gradient, [logits / 1e4, chosen])

    @pytest.mark.parametrize(
        "probabilities",
        [lambda: at.special.softmax(m, axis=1), lambda: softmax_by_hand(1), lambda: shifted_softmax_by_hand(1)],
        ids=["softmax", "by hand", "shifted by hand"],
    )
    @pytest.mark.parametrize("choose_first", [True, False])
    def test_gradient_of_cross_entropy(self, probabilities, choose_first):
        p = probabilities()
        rows = at.arange(i.shape[0])
        losses = -at.log(p[rows, i]) if choose_first else -at.log(p)[rows, i]
        gradient = grad(losses.sum(), m)
        one_hot = np.eye(3)[CHOSEN]
        np.testing.assert_allclose(
            value([m, i], gradient, [LOGITS, CHOSEN], STABLE), right_softmax(LOGITS, 1) - one_hot, atol=1e-15
        )
        check_rewrite([m, i], gradient, [LOGITS / 1e4, CHOSEN])

    @pytest.mark.parametrize("type_of_weights", [at.dmatrix, at.drow, at.dcol, lambda name: at.dscalar(name) * [[1]]])
    def test_gradient_of_log_softmax_by_weights(self, type_of_weights):
        weights = type_of_weights("weights")
        gradient = grad((at.log(softmax_by_hand(1)) * weights).sum(), m)
        w = np.arange(1.0, 10).reshape(3, 3)
        w = w[tuple(slice(1) if size == 1 else slice(None) for size in weights.type.shape)]
        right = np.broadcast_to(w, (3, 3)) - right_softmax(LOGITS, 1) * np.broadcast_to(w, (3, 3)).sum(1, keepdims=True)
        if weights.owner is not None:
            weights, w = weights.owner.inputs[0].owner.inputs[0], w[0, 0]
        np.testing.assert_allclose(value([m, weights], gradient, [LOGITS, w], STABLE), right, atol=1e-12)


def test_idempotent():
    output = at.log(1 - 1 / (1 + at.exp(-x))) + at.exp(x) - 1
    once = rewrite_graph(output, include=("fast_run",), clone=True)
    twice = rewrite_graph(once, include=("fast_run",), clone=True)
    assert equal_computations([once], [twice], list(graph_inputs([once])), list(graph_inputs([twice])))
