"""The strategies give what they promise."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import aesaralite.tensor as at
from aesaralite.graph.basic import applys_between
from aesaralite.tensor.elementwise import Elemwise
from aesaralite.testing import strategies
from aesaralite.testing.families import FAMILIES, Family, Member, elementwise


@given(strategies.dtypes("biufc"))
def test_dtypes(dtype):
    assert np.dtype(dtype).kind in "biufc"


@given(strategies.broadcastable_shapes(3))
def test_shapes_broadcast(shapes):
    np.broadcast_shapes(*shapes)


@given(strategies.shapes(min_dims=0, max_dims=2, min_side=1, max_side=3))
def test_shapes(shape):
    assert len(shape) <= 2
    assert all(1 <= size <= 3 for size in shape)


@given(st.data(), strategies.dtypes("biufc"), strategies.shapes())
def test_arrays(data, dtype, shape):
    value = data.draw(strategies.arrays(dtype, shape))
    assert (value.dtype, value.shape) == (np.dtype(dtype), shape)


@given(strategies.arrays("float64", strategies.shapes(), special=False, bound=2.0))
def test_ordinary_values(value):
    assert np.all(np.abs(value) <= 2)


@pytest.mark.parametrize("layout", strategies.LAYOUTS)
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0, 2)])
def test_layouts_keep_values(layout, shape):
    values = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    result = strategies.with_layout(values, layout)
    np.testing.assert_array_equal(result, values)
    assert result.dtype == values.dtype


def test_layouts_differ():
    values = np.arange(6.0).reshape(2, 3)
    assert strategies.with_layout(values, "F").flags.f_contiguous
    assert strategies.with_layout(values, "strided").strides == (48, 16)
    assert strategies.with_layout(values, "reversed").strides[0] < 0
    assert strategies.with_layout(values, "offset").base is not None
    assert not strategies.with_layout(values, "readonly").flags.writeable
    with pytest.raises(ValueError, match="layout"):
        strategies.with_layout(values, "spiral")


@given(st.data(), strategies.arrays("float32", strategies.shapes()))
def test_types_fit(data, value):
    assert data.draw(strategies.tensor_types(value)).is_valid_value(value)


@given(strategies.graphs())
def test_graphs_have_values_for_their_inputs(case):
    assert len(case.inputs) == len(case.values)
    for variable, value in zip(case.inputs, case.values):
        assert variable.type.is_valid_value(value)
    assert "GraphCase(" in repr(case)


@given(strategies.graphs(scalar_output=True))
def test_scalar_outputs(case):
    assert case.outputs[0].type.ndim == 0


@given(strategies.graphs(families={"mine": Family((Member(elementwise(at.exp)),))}))
def test_families_of_ones_own(case):
    ops = {node.op for node in applys_between(case.inputs, case.outputs)}
    assert ops <= {at.exp}


@given(strategies.graphs(families=["unary"]))
def test_families_by_name(case):
    ops = {type(node.op) for node in applys_between(case.inputs, case.outputs)}
    assert {op.__name__ for op in ops} <= {Elemwise.__name__, "DimShuffle"}


def test_smooth_parts():
    assert len(FAMILIES["unary"].smooth_part().members) < len(FAMILIES["unary"].members)
    assert FAMILIES["choice"].smooth_part().members == ()


def test_only_the_strategies_need_hypothesis():
    program = "import sys; sys.modules['hypothesis'] = None; import aesaralite.gradient, aesaralite.testing"
    subprocess.run([sys.executable, "-c", program], check=True)
