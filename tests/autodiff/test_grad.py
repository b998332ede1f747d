"""`grad`, `Lop` and `subgraph_grad`: values, forms, what is connected to what, and what is refused."""

import numpy as np
import pytest

import aesaralite
import aesaralite.tensor as at
from aesaralite import function
from aesaralite.gradient import (
    DisconnectedInputError,
    DisconnectedType,
    Lop,
    NullTypeGradError,
    disconnected_type,
    grad,
    grad_not_implemented,
    grad_undefined,
    subgraph_grad,
)
from aesaralite.graph.basic import Apply
from aesaralite.graph.null_type import NullType
from aesaralite.graph.op import Op


def compute(outputs, givens):
    """Compute with the Python linker, without rewrites."""
    mode = aesaralite.Mode(linker="py", optimizer=None)
    return function(list(givens), outputs, mode=mode, on_unused_input="ignore")(*givens.values())


class Toy(Op):
    """The identity of a vector; subclasses say what goes wrong with its gradient."""

    __props__ = ()
    nout = 1

    def make_node(self, *inputs):
        inputs = [at.as_tensor_variable(x) for x in inputs]
        return Apply(self, inputs, [inputs[0].type() for _ in range(self.nout)])

    def perform(self, node, inputs, output_storage):
        for cell in output_storage:
            cell[0] = np.array(inputs[0])


def toy(gradient, pattern=None, nout=1):
    """Return a `Toy` with a gradient and a connection pattern."""
    members = {"grad": lambda self, inputs, output_grads: gradient(inputs, output_grads), "nout": nout}
    if pattern is not None:
        members["connection_pattern"] = lambda self, node: pattern
    return type("Broken", (Toy,), members)()


class TestValues:
    def test_sum_of_squares(self):
        x = at.dvector("x")
        np.testing.assert_allclose(compute(grad((x**2).sum(), x), {x: [1.0, 2.0]}), [2.0, 4.0])

    def test_cost_with_respect_to_itself(self):
        x = at.dscalar("x")
        assert compute(grad(x, x), {x: 3.0}) == 1.0

    def test_terms_of_all_uses_add_up(self):
        x = at.dscalar("x")
        y = at.exp(x)
        cost = y * y + x * y + x
        expected = 2 * np.exp(2 * 0.5) + np.exp(0.5) + 0.5 * np.exp(0.5) + 1
        np.testing.assert_allclose(compute(grad(cost, x), {x: 0.5}), expected)

    def test_one_input_at_two_positions(self):
        x = at.dscalar("x")
        assert compute(grad(at.mul(x, x, x), x), {x: 2.0}) == 12.0

    def test_shared_subexpression_is_differentiated_once(self):
        calls = []

        class Counted(Toy):
            def L_op(self, inputs, outputs, output_grads):
                calls.append(self)
                return [output_grads[0]]

        x = at.dvector("x")
        y = Counted()(x)
        grad((y * y + y).sum(), x)
        assert len(calls) == 1

    def test_intermediate_variable(self):
        x = at.dscalar("x")
        y = x**2
        assert compute(grad(y**3, y), {x: 2.0}) == 48.0

    def test_shared_variable(self):
        w = aesaralite.shared(np.array([1.0, 2.0]), name="w")
        np.testing.assert_allclose(grad((w**2).sum(), w).eval(), [2.0, 4.0])

    def test_logistic_regression(self):
        rng = np.random.default_rng(0)
        x, y, w, b = at.dmatrix("x"), at.dvector("y"), at.dvector("w"), at.dscalar("b")
        p = 1 / (1 + at.exp(-at.dot(x, w) - b))
        cost = (-y * at.log(p) - (1 - y) * at.log(1 - p)).mean() + 0.01 * (w**2).sum()
        values = {x: rng.normal(size=(5, 3)), y: np.array([0.0, 1, 1, 0, 1]), w: rng.normal(size=3), b: 0.3}
        gw, gb = compute(grad(cost, [w, b]), values)
        residual = 1 / (1 + np.exp(-values[x] @ values[w] - 0.3)) - values[y]
        np.testing.assert_allclose(gw, values[x].T @ residual / 5 + 0.02 * values[w])
        np.testing.assert_allclose(gb, residual.mean())

    def test_second_derivative(self):
        x = at.dscalar("x")
        third = grad(grad(grad(x**4, x), x), x)
        assert compute(third, {x: 2.0}) == 48.0

    def test_broadcast_is_summed(self):
        x, y = at.dmatrix("x"), at.dvector("y")
        g = grad((x * y).sum(), y)
        assert g.type.ndim == 1
        np.testing.assert_allclose(compute(g, {x: np.arange(6.0).reshape(2, 3), y: np.ones(3)}), [3.0, 5.0, 7.0])

    def test_broadcast_found_at_run_time_is_summed(self):
        x, y = at.dmatrix("x"), at.dmatrix("y")
        g = grad((x * y).sum(), y)
        result = compute(g, {x: np.arange(6.0).reshape(2, 3), y: np.ones((1, 3))})
        np.testing.assert_allclose(result, [[3.0, 5.0, 7.0]])


class TestDtypes:
    def test_through_an_integer(self):
        q = at.lvector("q")
        g = grad((q * 2.0).sum(), q)
        assert g.type.dtype == "float64"
        np.testing.assert_array_equal(compute(g, {q: [1, 2]}), [2.0, 2.0])

    def test_integer_cost(self):
        q = at.lvector("q")
        g = grad(q.sum(), q)
        assert g.type.dtype == "float64"
        np.testing.assert_array_equal(compute(g, {q: [1, 2]}), [0.0, 0.0])

    def test_rounding_has_gradient_zero(self):
        x = at.dvector("x")
        np.testing.assert_array_equal(compute(grad(at.cast(x, "int64").sum(), x), {x: [1.5, 2.5]}), [0.0, 0.0])

    def test_gradient_has_the_dtype_of_the_variable(self):
        x, y = at.fvector("x"), at.dvector("y")
        gx, gy = grad((x * y).sum(), [x, y])
        assert (gx.type.dtype, gy.type.dtype) == ("float32", "float64")

    def test_float32_stays_float32(self):
        x = at.fmatrix("x")
        g = grad(at.exp(x * 2.0).mean(), x)
        assert g.type.dtype == "float32"
        assert all(v.type.dtype == "float32" for v in g.owner.inputs)

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_integers_give_floatX(self, dtype):
        with aesaralite.config.change_flags(floatX=dtype):
            q = at.ivector("q")
            assert grad(q.sum(), q).type.dtype == dtype


class TestForms:
    def test_form_of_wrt_is_kept(self):
        x, y = at.dscalars("x", "y")
        cost = x * y
        assert isinstance(grad(cost, [x, y]), list)
        assert isinstance(grad(cost, (x, y)), tuple)
        assert isinstance(grad(cost, [x]), list)
        assert grad(cost, []) == []

    def test_the_same_variable_twice(self):
        x = at.dscalar("x")
        a, b = grad(x**2, [x, x])
        assert a is b

    def test_names(self):
        x = at.dscalar("x")
        cost = x**2
        cost.name = "cost"
        assert grad(cost, x).name == "(dcost/dx)"
        assert grad(cost, x, add_names=False).name is None
        assert grad(x**2, x).name is None

    def test_a_name_of_the_user_is_never_changed(self):
        x, y = at.dscalars("x", "y")
        grad(None, x, known_grads={x: y})
        assert y.name == "y"


class TestKnownGrads:
    def test_replace_the_cost(self):
        x = at.dvector("x")
        z, g = x * 2, at.dvector("g")
        np.testing.assert_allclose(
            compute(grad(None, x, known_grads={z: g}), {x: [0.0, 0.0], g: [1.0, 3.0]}), [2.0, 6.0]
        )

    def test_stand_for_what_is_behind_them(self):
        x = at.dscalar("x")
        z = x * 2
        result = grad(z**2 + x, x, known_grads={z: at.constant(10.0)})
        assert compute(result, {x: 3.0}) == 21.0

    def test_several(self):
        x = at.dscalar("x")
        a, b = x * 2, x * 3
        result = grad(None, x, known_grads={a: at.constant(1.0), b: at.constant(10.0)})
        assert compute(result, {x: 1.0}) == 32.0

    def test_wrt_may_be_known(self):
        x, g = at.dscalars("x", "g")
        assert grad(None, x, known_grads={x: g}) is g

    @pytest.mark.parametrize("wrong", [np.ones(2), 1.0])
    def test_must_be_variables(self, wrong):
        x = at.dvector("x")
        with pytest.raises(TypeError, match="variables"):
            grad(None, x, known_grads={x * 2: wrong})

    def test_must_be_continuous(self):
        x, i = at.dvector("x"), at.lvector("i")
        with pytest.raises(TypeError, match="known_grad of type"):
            grad(None, x, known_grads={x * 2: i})


class TestConnection:
    def test_disconnected_raises_and_says_where(self):
        x, y = at.dvector("x"), at.dvector("y")
        with pytest.raises(DisconnectedInputError, match="doesn't depend on y") as caught:
            grad(x.sum(), y)
        assert "test_grad.py" in str(caught.value)
        assert isinstance(caught.value, ValueError)

    def test_disconnected_warns(self):
        x, y = at.dvector("x"), at.dvector("y")
        with pytest.warns(UserWarning, match="doesn't depend on y"):
            grad(x.sum(), y, disconnected_inputs="warn")

    def test_what_stands_for_a_disconnected_gradient(self):
        x, y = at.dvector("x"), at.dvector("y")
        zeros = grad(x.sum(), y, disconnected_inputs="ignore")
        np.testing.assert_array_equal(compute(zeros, {y: [1.0, 2.0]}), [0.0, 0.0])
        assert grad(x.sum(), y, disconnected_inputs="ignore", return_disconnected="none") is None
        assert grad(x.sum(), y, disconnected_inputs="ignore", return_disconnected="None") is None
        marker = grad(x.sum(), y, disconnected_inputs="ignore", return_disconnected="disconnected")
        assert isinstance(marker.type, DisconnectedType)

    @pytest.mark.parametrize("keyword", ["disconnected_inputs", "return_disconnected", "null_gradients"])
    def test_unknown_choices(self, keyword):
        x = at.dscalar("x")
        with pytest.raises(ValueError, match=keyword):
            grad(x, x, **{keyword: "perhaps"})

    def test_indices_are_disconnected(self):
        x, i = at.dvector("x"), at.lscalar("i")
        with pytest.raises(DisconnectedInputError):
            grad(x[i], i)

    def test_shapes_are_disconnected(self):
        x = at.dvector("x")
        with pytest.raises(DisconnectedInputError):
            grad(at.cast(x.shape[0], "float64"), x)

    def test_consider_constant(self):
        x, y = at.dscalars("x", "y")
        z = x * y
        assert compute(grad(z * x, x, consider_constant=[z]), {x: 3.0, y: 5.0}) == 15.0
        with pytest.raises(DisconnectedInputError):
            grad(z * 2, x, consider_constant=[z])

    def test_connection_pattern_of_one_output(self):
        both = toy(lambda inputs, gs: [gs[0]], [[True, False]], nout=2)
        x = at.dvector("x")
        first, second = both(x)
        grad(first.sum(), x)
        with pytest.raises(DisconnectedInputError):
            grad(second.sum(), x)

    def test_unused_outputs_come_as_disconnected(self):
        seen = []

        def gradient(inputs, output_grads):
            seen.extend(output_grads)
            return [output_grads[0]]

        x = at.dvector("x")
        grad(toy(gradient, nout=2)(x)[0].sum(), x)
        assert not isinstance(seen[0].type, DisconnectedType)
        assert isinstance(seen[1].type, DisconnectedType)

    @pytest.mark.parametrize("pattern", [[True], [[True], [True]], [[True, False]], ((True,),)])
    def test_malformed_pattern(self, pattern):
        x = at.dvector("x")
        with pytest.raises((TypeError, ValueError), match="connection_pattern"):
            grad(toy(lambda inputs, gs: gs, pattern)(x).sum(), x)


class TestUndefined:
    def test_raises_and_says_which(self):
        op = toy(lambda inputs, gs: [grad_undefined(None, 0, inputs[0], "for a reason")])
        x = at.dvector("x")
        with pytest.raises(NullTypeGradError, match=r"respect to x .*for a reason"):
            grad(op(x).sum(), x)

    def test_returned_on_demand(self):
        op = toy(lambda inputs, gs: [grad_not_implemented(None, 0, inputs[0])])
        x = at.dvector("x")
        assert isinstance(grad(op(x).sum(), x, null_gradients="return").type, NullType)

    def test_spoils_what_it_is_added_to(self):
        op = toy(lambda inputs, gs: [grad_undefined(None, 0, inputs[0])])
        x = at.dvector("x")
        with pytest.raises(NullTypeGradError):
            grad((op(x * 2) + x).sum(), x)

    def test_leaves_other_inputs_alone(self):
        op = toy(lambda inputs, gs: [grad_undefined(None, 0, inputs[0]), gs[0]])
        x, y = at.dvector("x"), at.dvector("y")
        grad(op(x, y).sum(), y)

    def test_undefined_output_of_several(self):
        halves = toy(lambda inputs, gs: [gs[0]], [[True, False], [False, True]], nout=2)
        halves_gradient = lambda self, inputs, gs: list(gs)  # noqa: E731
        type(halves).grad = halves_gradient
        undefined = toy(lambda inputs, gs: [grad_undefined(None, 0, inputs[0])])
        x, y = at.dvector("x"), at.dvector("y")
        a, b = halves(x, y)
        cost = undefined(a).sum() + b.sum()
        grad(cost, y)
        with pytest.raises(NullTypeGradError):
            grad(cost, x)

    def test_cost(self):
        x = at.dscalar("x")
        with pytest.raises(ValueError, match="undefined cost"):
            grad(grad_undefined(None, 0, x), x)


class TestWrongArguments:
    def test_cost_must_be_a_scalar(self):
        x = at.dvector("x")
        with pytest.raises(TypeError, match="Cost must be a scalar"):
            grad(x, x)

    def test_cost_or_known_grads(self):
        with pytest.raises(ValueError, match="cost and known_grads"):
            grad(None, at.dscalar())

    @pytest.mark.parametrize("wrt", ["x", [1.0], 3])
    def test_wrt_must_be_variables(self, wrt):
        x = at.dscalar("x")
        with pytest.raises(TypeError, match="wrt"):
            grad(x, wrt)

    def test_consider_constant_must_be_a_sequence(self):
        x = at.dscalar("x")
        with pytest.raises(TypeError, match="consider_constant"):
            grad(x, x, consider_constant=3)


class TestWrongOps:
    @pytest.mark.parametrize(
        ("gradient", "error", "text"),
        [
            (lambda inputs, gs: None, TypeError, "NoneType, expected iterable"),
            (lambda inputs, gs: [None], TypeError, "None as the gradient of input 0"),
            (lambda inputs, gs: [], ValueError, "0 gradient terms for 1 inputs"),
            (lambda inputs, gs: [np.ones(2)], TypeError, "expected a Variable"),
            (lambda inputs, gs: [inputs[0].astype("int64")], TypeError, "must be float or complex"),
            (lambda inputs, gs: [gs[0].sum()], ValueError, "0 dimensions for input 0, but 1 are required"),
        ],
    )
    def test_bad_gradient(self, gradient, error, text):
        x = at.dvector("x")
        with pytest.raises(error, match=text):
            grad(toy(gradient)(x).sum(), x)

    def test_no_gradient(self):
        x = at.dvector("x")
        with pytest.raises(NotImplementedError, match="Toy defines no gradient"):
            grad(Toy()(x).sum(), x)


class TestLop:
    def test_value(self):
        x, v = at.dvector("x"), at.dvector("v")
        result = compute(Lop(x**2, x, v), {x: [1.0, 2.0], v: [1.0, 10.0]})
        np.testing.assert_allclose(result, [2.0, 40.0])

    def test_of_several(self):
        x, v, w = at.dvectors("x", "v", "w")
        (result,) = Lop([x * 2, x * 3], [x], [v, w])
        np.testing.assert_allclose(compute(result, {x: [0.0], v: [1.0], w: [1.0]}), [5.0])

    def test_of_the_same_twice(self):
        x, v, w = at.dvectors("x", "v", "w")
        y = x * 2
        np.testing.assert_allclose(compute(Lop([y, y], x, [v, w]), {x: [0.0], v: [1.0], w: [3.0]}), [8.0])

    def test_of_numbers(self):
        x = at.dvector("x")
        np.testing.assert_allclose(compute(Lop(x**2, x, np.array([1.0, 10.0])), {x: [1.0, 2.0]}), [2.0, 40.0])

    def test_lengths(self):
        x = at.dvector("x")
        with pytest.raises(ValueError, match="same length"):
            Lop([x * 2], x, [x, x])


class TestSubgraphGrad:
    def test_two_parts_give_the_whole(self):
        x, t = at.dvector("x"), at.dscalar("t")
        w1, w2 = at.dmatrix("w1"), at.dvector("w2")
        hidden = at.tanh(at.dot(x, w1))
        cost2 = (at.dot(hidden, w2) - t) ** 2 + (w2**2).sum()
        cost1 = (w1**2).sum()
        gw2, ghidden = subgraph_grad([w2], [hidden], cost=cost2)
        gw1, gx = subgraph_grad([w1], [x], start=dict(zip([hidden], ghidden)), cost=cost1)
        whole = grad(cost1 + cost2, [w2, w1, x])
        rng = np.random.default_rng(1)
        values = {x: rng.normal(size=2), t: 0.5, w1: rng.normal(size=(2, 3)), w2: rng.normal(size=3)}
        for part, expected in zip(compute([*gw2, *gw1, *gx], values), compute(whole, values)):
            np.testing.assert_allclose(part, expected)

    def test_details(self):
        x = at.dvector("x")
        z = x * 2
        own, ends, from_start, from_cost = subgraph_grad([z], [x], cost=z.sum(), details=True)
        assert (len(own), len(ends), from_start, len(from_cost)) == (1, 1, None, 2)

    def test_needs_a_beginning(self):
        x = at.dvector("x")
        with pytest.raises(ValueError, match="`cost` or `start`"):
            subgraph_grad([x], [x])


class TestSize:
    def test_long_chain(self):
        x, y = at.dscalars("x", "y")
        z = x
        for _ in range(100_000):
            z = z + y
        gx, gy = grad(z, [x, y])
        assert gx.type.ndim == gy.type.ndim == 0

    def test_the_gradient_knows_the_line_of_the_forward_graph(self):
        x = at.dvector("x")
        y = at.exp(x)  # the line
        g = grad((y * 3).sum(), x)
        assert g.owner.outputs[0].origin.source_line().endswith("# the line")


def test_disconnected_gradients_are_passed_on():
    inner = toy(lambda inputs, gs: [disconnected_type()])
    x = at.dvector("x")
    with pytest.raises(DisconnectedInputError):
        grad(inner(x * 2).sum(), x)
