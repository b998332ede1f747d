"""`Rop`: by double pullback, and by an Op's own rule."""

import numpy as np
import pytest

import aesaralite
import aesaralite.tensor as at
from aesaralite import function
from aesaralite.gradient import DisconnectedInputError, DisconnectedType, Rop, disconnected_grad, grad
from aesaralite.graph.basic import Apply
from aesaralite.graph.op import Op


def compute(outputs, givens):
    mode = aesaralite.Mode(linker="py", optimizer=None)
    return function(list(givens), outputs, mode=mode, on_unused_input="ignore")(*givens.values())


RNG = np.random.default_rng(7)
CASES = {
    "elementwise": (lambda x: at.tanh(x) * at.exp(x), (3,)),
    "broadcast": (lambda x: x[:, None] * x + at.ones((2, 1, 1)), (3,)),
    "sum": (lambda x: (x**2).sum(axis=0), (3, 2)),
    "mean": (lambda x: (x**3).mean(axis=1, keepdims=True), (3, 2)),
    "max": (lambda x: x.max(axis=1), (3, 2)),
    "prod": (lambda x: x.prod(axis=0), (3, 2)),
    "dot": (lambda x: at.dot(x, x.T) + at.dot(at.ones((3,)), x).sum(), (3, 2)),
    "indexing": (lambda x: x[1:, ::-1] * x[0], (3, 2)),
    "gather": (lambda x: x[np.array([0, 2, 0])] ** 2, (3, 2)),
    "set": (lambda x: at.set_subtensor(x[0], x[1] ** 2), (3, 2)),
    "inc": (lambda x: at.inc_subtensor(x[np.array([0, 0])], x[1] ** 2), (3, 2)),
    "join": (lambda x: at.concatenate([x, x**2], axis=1), (3, 2)),
    "stack": (lambda x: at.stack([x[0], x[1] * x[2]]), (3, 2)),
    "reshape": (lambda x: (x**2).reshape((2, 3)).T.flatten(), (3, 2)),
    "softmax": (lambda x: at.special.softmax(x, axis=1), (3, 2)),
    "switch": (lambda x: at.switch(x > 0, x**2, -x), (3, 2)),
    "alloc": (lambda x: at.alloc(x[0] ** 2, 4, 2), (3, 2)),
}


@pytest.mark.parametrize("name", CASES)
def test_matches_finite_differences(name):
    build, shape = CASES[name]
    x, v = at.TensorType("float64", (None,) * len(shape))("x"), at.TensorType("float64", (None,) * len(shape))("v")
    y = build(x)
    at_x, at_v = RNG.normal(size=shape), RNG.normal(size=shape)
    step = 1e-6
    expected = (compute(y, {x: at_x + step * at_v}) - compute(y, {x: at_x - step * at_v})) / (2 * step)
    result = compute(Rop(y, x, v), {x: at_x, v: at_v})
    assert result.shape == expected.shape
    np.testing.assert_allclose(result, expected, rtol=1e-6, atol=1e-8)


def test_several_variables_and_functions():
    x, y, v, w = at.dscalars("x", "y", "v", "w")
    results = Rop([x * y, x + 2 * y, y], [x, y], [v, w])
    assert isinstance(results, list)
    values = compute(results, {x: 3.0, y: 5.0, v: 1.0, w: 10.0})
    np.testing.assert_allclose(values, [35.0, 21.0, 10.0])


def test_is_the_transpose_of_lop():
    x, v = at.dvector("x"), at.dvector("v")
    y = at.tanh(at.dot(at.constant(RNG.normal(size=(3, 3))), x)) * x
    # v^T (J u) is (v^T J) u
    u = at.dvector("u")
    left = at.dot(v, Rop(y, x, u))
    right = at.dot(grad(at.dot(v, y), x), u)
    a, b = compute([left, right], {x: RNG.normal(size=3), v: RNG.normal(size=3), u: RNG.normal(size=3)})
    np.testing.assert_allclose(a, b)


def test_with_respect_to_an_intermediate():
    x, v = at.dscalars("x", "v")
    y = x**2
    assert compute(Rop(y**3, y, v), {x: 2.0, v: 1.0}) == 48.0


def test_forward_over_reverse():
    x, v = at.dvectors("x", "v")
    product = Rop(grad((x**3).sum(), x), x, v)
    np.testing.assert_allclose(compute(product, {x: [1.0, 2.0], v: [1.0, 1.0]}), [6.0, 12.0])


def test_an_op_without_a_rule_of_its_own():
    class Square(Op):
        __props__ = ()

        def make_node(self, x):
            return Apply(self, [x], [x.type()])

        def perform(self, node, inputs, output_storage):
            output_storage[0][0] = inputs[0] ** 2

        def grad(self, inputs, output_grads):
            return [2 * inputs[0] * output_grads[0]]

    x, v = at.dvectors("x", "v")
    np.testing.assert_allclose(compute(Rop(Square()(x), x, v), {x: [1.0, 2.0], v: [1.0, 10.0]}), [2.0, 40.0])


def test_an_op_that_gives_all_inputs_the_same_gradient():
    class Plus(Op):
        __props__ = ()

        def make_node(self, *inputs):
            return Apply(self, list(inputs), [inputs[0].type()])

        def perform(self, node, inputs, output_storage):
            output_storage[0][0] = np.add.reduce(inputs)

        def L_op(self, inputs, outputs, output_grads):
            return output_grads * len(inputs)

    x, y, v, w = at.dvectors("x", "y", "v", "w")
    values = {x: [1.0, 2.0], y: [3.0, 4.0], v: [1.0, 10.0], w: [0.5, 0.25]}
    np.testing.assert_allclose(compute(Rop(Plus()(x, y), [x, y], [v, w]), values), [1.5, 10.25])
    np.testing.assert_allclose(compute(Rop(Plus()(x, y, x), [x, y], [v, w]), values), [2.5, 20.25])


def test_an_op_with_a_rule_of_its_own():
    class Identity(Op):
        __props__ = ()

        def make_node(self, x):
            return Apply(self, [x], [x.type()])

        def perform(self, node, inputs, output_storage):
            output_storage[0][0] = np.array(inputs[0])

        def R_op(self, inputs, eval_points):
            return [eval_points[0] * 7]

    x, v = at.dvectors("x", "v")
    np.testing.assert_allclose(compute(Rop(Identity()(x), x, v), {x: [1.0], v: [1.0]}), [7.0])


def test_an_op_without_any_rule():
    class Opaque(Op):
        __props__ = ()

        def make_node(self, x):
            return Apply(self, [x], [x.type()])

    x, v = at.dvectors("x", "v")
    with pytest.raises(NotImplementedError, match="Opaque defines no gradient"):
        Rop(Opaque()(x), x, v)


def test_disconnected():
    x, y, v = at.dvectors("x", "y", "v")
    with pytest.raises(DisconnectedInputError, match=r"test_forward\.py"):
        Rop(y * 2, x, v)
    with pytest.raises(DisconnectedInputError):
        Rop(disconnected_grad(x), x, v)
    with pytest.warns(UserWarning, match="doesn't depend"):
        Rop(y * 2, x, v, disconnected_outputs="warn")
    zeros = Rop(y * 2, x, v, disconnected_outputs="ignore")
    np.testing.assert_array_equal(compute(zeros, {y: [1.0, 2.0]}), [0.0, 0.0])
    assert Rop(y, x, v, disconnected_outputs="ignore", return_disconnected="none") is None
    marker = Rop(y, x, v, disconnected_outputs="ignore", return_disconnected="disconnected")
    assert isinstance(marker.type, DisconnectedType)


def test_wrong_arguments():
    x, v, s = at.dvector("x"), at.dvector("v"), at.dscalar("s")
    with pytest.raises(ValueError, match="same length"):
        Rop(x, [x], [v, v])
    with pytest.raises(ValueError, match="mismatched dimensionalities: 1 and 0"):
        Rop(x, x, s)
    with pytest.raises(ValueError, match="disconnected_outputs"):
        Rop(x, x, v, disconnected_outputs="perhaps")
    with pytest.raises(ValueError, match="return_disconnected"):
        Rop(x, x, v, return_disconnected="perhaps")


def test_long_chain():
    x, v = at.dscalars("x", "v")
    y = x
    for _ in range(5_000):
        y = at.tanh(y)
    assert Rop(y, x, v).type.ndim == 0
