"""Ops made of Python functions, views and copies."""

import copy
import pickle

import numpy as np
import pytest

import aesaralite
import aesaralite.tensor as at
from aesaralite.compile.ops import FromFunctionOp, as_op, deep_copy_op, view_op, wrap_py
from aesaralite.graph.generic import generic

pytestmark = pytest.mark.usefixtures("linker")


@as_op(itypes=[at.dmatrix, at.dmatrix], otypes=[at.dmatrix], infer_shape=lambda fgraph, node, shapes: [shapes[0]])
def numpy_add(a, b):
    return np.add(a, b)


@wrap_py(at.dvector, [at.dvector, at.lscalar])
def both(a):
    return [a * 2, a.argmax()]


class TestAsOp:
    def test_call(self):
        x, y = at.dmatrices("x", "y")
        f = aesaralite.function([x, y], [numpy_add(x, y) * 2, numpy_add(x, y).shape])
        total, shape = f(np.ones((2, 3)), np.ones((2, 3)))
        assert (total == 4).all()
        assert list(shape) == [2, 3]

    def test_several_outputs_are_brought_into_their_types(self):
        x = at.dvector("x")
        doubled, position = aesaralite.function([x], both(x))([1.0, 3.0, 2.0])
        assert doubled.tolist() == [2, 6, 4]
        assert (position.dtype, position) == ("int64", 1)

    def test_wrong_inputs(self):
        with pytest.raises(TypeError, match="input 0"):
            numpy_add(at.dvector("v"), at.dmatrix("m"))
        with pytest.raises(ValueError, match="takes 2 inputs, got 1"):
            numpy_add(at.dmatrix("m"))

    def test_wrong_results(self):
        x = at.dvector("x")

        @as_op([at.dvector], [at.dvector])
        def too_many(a):
            return a, a

        @as_op([at.dvector], [at.dvector])
        def wrong_rank(a):
            return a[0]

        with pytest.raises(ValueError, match="returned 2 values; its Op declares 1"):
            aesaralite.function([x], too_many(x))([1.0])
        with pytest.raises(TypeError, match="Wrong number of dimensions"):
            aesaralite.function([x], wrong_rank(x))([1.0])

    def test_wrong_declarations(self):
        with pytest.raises(TypeError, match="itypes has to be a list of types"):
            as_op([3], [at.dvector])
        with pytest.raises(TypeError, match="otypes has to be a list of types"):
            as_op([at.dvector], ["float64"])
        with pytest.raises(TypeError, match="infer_shape needs to be a callable"):
            as_op([at.dvector], [at.dvector], infer_shape=3)

    def test_pickle(self):
        assert pickle.loads(pickle.dumps(numpy_add)) is numpy_add
        assert copy.deepcopy(numpy_add) == numpy_add
        plain = FromFunctionOp(np.sin, [at.dvector], [at.dvector])
        assert pickle.loads(pickle.dumps(plain)) == plain
        assert plain != FromFunctionOp(np.cos, [at.dvector], [at.dvector])
        assert str(numpy_add) == "FromFunctionOp{numpy_add}"


class TestViewAndCopy:
    @pytest.mark.parametrize("op", [view_op, deep_copy_op])
    def test_value_shape_and_gradient(self, op):
        x = at.dvector("x")
        y = op(x)
        f = aesaralite.function([x], [y, y.shape, aesaralite.grad((y * x).sum(), x)])
        value = np.array([1.0, 2.0])
        result, shape, gradient = f(value)
        assert result.tolist() == [1, 2]
        assert not np.shares_memory(result, value)
        assert list(shape) == [2]
        assert gradient.tolist() == [2, 4]

    def test_any_type(self):
        x = generic("x")
        items = [1, 2]
        f = aesaralite.function([x], [view_op(x), deep_copy_op(x)], mode="FAST_COMPILE")
        viewed, copied = f(items)
        assert viewed == copied == items
        assert viewed is not items
        assert copied is not items
