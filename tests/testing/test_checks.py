"""The checks find what is wrong, and pass what is right."""

import numpy as np
import pytest

import aesaralite.tensor as at
from aesaralite.graph.basic import Apply
from aesaralite.graph.op import Op
from aesaralite.rewriting.base import node_rewriter
from aesaralite.testing import assert_same, check_gradient, check_linkers, check_op, check_rewrite

PY = ["py"]


class Twice(Op):
    """Doubles a vector; subclasses do so wrongly."""

    __props__ = ()

    def make_node(self, x):
        x = at.as_tensor_variable(x)
        return Apply(self, [x], [x.type()])

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = inputs[0] * 2

    def infer_shape(self, fgraph, node, shapes):
        return [shapes[0]]

    def grad(self, inputs, output_grads):
        return [output_grads[0] * 2]


class TestOp:
    def test_right(self):
        (result,) = check_op(Twice(), [np.ones(3)], linkers=PY, gradient=True)
        np.testing.assert_array_equal(result, [2.0, 2.0, 2.0])

    def test_changed_input(self):
        class Changes(Twice):
            def perform(self, node, inputs, output_storage):
                inputs[0][...] = 7
                output_storage[0][0] = inputs[0] * 2

        with pytest.raises(AssertionError, match="changed"):
            check_op(Changes(), [np.ones(3)], linkers=PY)

    def test_wrong_shape(self):
        class Longer(Twice):
            def infer_shape(self, fgraph, node, shapes):
                return [(shapes[0][0] + 1,)]

        with pytest.raises(AssertionError, match="inferred shape"):
            check_op(Longer(), [np.ones(3)], linkers=PY)

    def test_unequal_to_its_pickle(self):
        with pytest.raises((AssertionError, AttributeError)):
            check_op(_Forgetful(), [np.ones(3)], linkers=PY)

    def test_wrong_gradient(self):
        class Wrong(Twice):
            def grad(self, inputs, output_grads):
                return [output_grads[0]]

        with pytest.raises(Exception, match="differs from finite differences"):
            check_gradient(Wrong(), [np.ones(3)], linkers=PY)


class _Forgetful(Twice):
    """An Op that is equal to itself only."""

    __props__ = ("token",)

    def __init__(self):
        self.token = object()


class TestRewrite:
    def test_right(self):
        @node_rewriter([at.exp])
        def double_negation(fgraph, node):
            x = node.inputs[0]
            if x.owner is not None and x.owner.op == at.neg:
                return [1 / at.exp(x.owner.inputs[0])]
            return None

        x = at.dvector("x")
        rewritten = check_rewrite([x], at.exp(-x), [np.array([0.5, 1.0])], double_negation)
        assert len(rewritten.apply_nodes) > 1

    def test_wrong(self):
        @node_rewriter([at.exp])
        def nonsense(fgraph, node):
            return [at.expm1(node.inputs[0])]

        x = at.dvector("x")
        with pytest.raises(AssertionError, match=r"Elemwise\{exp\}"):
            check_rewrite([x], at.exp(x), [np.array([0.5, 1.0])], nonsense)

    def test_set_of_rewrites_by_name(self):
        x = at.dvector("x")
        check_rewrite([x], [x + 0, x * 1], [np.ones(3)], "fast_compile")


class TestLinkers:
    def test_returns_the_values(self):
        x = at.dvector("x")
        (value,) = check_linkers([x], at.exp(x).sum(), [np.zeros(3)], linkers=PY)
        assert value == 3.0

    def test_an_error_of_all_is_raised(self):
        x = at.dvector("x")
        with pytest.raises(IndexError):
            check_linkers([x], x[5], [np.zeros(3)], linkers=PY)


class TestAssertSame:
    def test_same(self):
        assert_same(np.array([1.0, np.nan, np.inf]), np.array([1.0 + 1e-15, np.nan, np.inf]))
        assert_same("a", "a")

    @pytest.mark.parametrize(
        ("other", "text"),
        [
            (np.array([1.0, 2.0], "float32"), "dtype"),
            (np.array([[1.0, 2.0]]), "shape"),
            (np.array([1.0, 2.1]), "Mismatch"),
            (np.array([1.0, np.nan]), "nan"),
            ([1.0, 2.0], "array"),
        ],
    )
    def test_different(self, other, text):
        with pytest.raises(AssertionError, match=text):
            assert_same(np.array([1.0, 2.0]), other)
