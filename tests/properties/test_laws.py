"""Laws that hold for every graph."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import aesaralite.tensor as at
from aesaralite import Mode, clone_replace, function, shared
from aesaralite.compile.linker import installed_linkers
from aesaralite.gradient import Lop, Rop, grad
from aesaralite.graph.basic import equal_computations
from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.frozen import freeze
from aesaralite.raise_op import Assert
from aesaralite.testing import assert_same, check_gradient, check_linkers, check_rewrite, check_shapes
from aesaralite.testing.families import FAMILIES
from aesaralite.testing.strategies import graphs

PLAIN = Mode(linker="py", optimizer=None)


def compute(inputs, outputs, values, mode=PLAIN):
    with np.errstate(all="ignore"):
        return function(inputs, outputs, mode=mode, on_unused_input="ignore")(*values)


# Linkers agree


@pytest.mark.parametrize("linker", installed_linkers())
class TestLinkersAgree:
    @given(case=graphs())
    def test_on_floats(self, linker, case):
        check_linkers(case.inputs, case.outputs, case.values, linkers=[linker])

    @given(case=graphs(kinds="biuf"))
    def test_on_mixed_dtypes(self, linker, case):
        check_linkers(case.inputs, case.outputs, case.values, linkers=[linker])

    @given(case=graphs(families=["unary", "binary", "choice", "dims", "indexing", "joining"], special=True))
    def test_on_special_values(self, linker, case):
        # rewrites reckon with real numbers: x - x becomes 0, whether or not x is NaN
        check_linkers(case.inputs, case.outputs, case.values, linkers=[linker], optimizer=None)

    @given(case=graphs(kinds="f", smooth=True, min_side=1, scalar_output=True))
    def test_on_gradients(self, linker, case):
        gradients = grad(case.outputs[0], case.inputs, disconnected_inputs="ignore")
        check_linkers(case.inputs, gradients, case.values, linkers=[linker])


# Rewrites keep the meaning


@pytest.mark.parametrize("rewrites", ["merge", "fast_compile", "stabilize", "fast_run"])
@given(case=graphs(kinds="iuf"))
def test_rewrites_keep_the_meaning(rewrites, case):
    check_rewrite(case.inputs, case.outputs, case.values, rewrites)


@given(case=graphs(kinds="f", smooth=True, min_side=1, scalar_output=True))
def test_rewrites_keep_gradients(case):
    gradients = grad(case.outputs[0], case.inputs, disconnected_inputs="ignore")
    check_rewrite(case.inputs, gradients, case.values)


# Gradients


def in_float64(case):
    """Whether all values are float64, as finite differences need the precision."""
    return all(value.dtype == "float64" for value in case.values)


EXACT = [name for name in FAMILIES if name != "cast"]


@given(case=graphs(EXACT, smooth=True, min_side=1, max_nodes=5, scalar_output=True).filter(in_float64))
def test_gradients_match_finite_differences(case):
    def rebuilt(*variables):
        # the check brings inputs of its own, of the same dtypes and ranks
        givens = {old: at.specify_shape(new, old.type.shape) for old, new in zip(case.inputs, variables)}
        return clone_replace(case.outputs, replace=givens, rebuild_strict=False)[0]

    check_gradient(rebuilt, case.values, linkers=["py"])


@given(case=graphs(EXACT, smooth=True, min_side=1, max_nodes=4).filter(in_float64), seed=st.integers(0, 1000))
def test_forward_and_reverse_mode_are_transposes(case, seed):
    rng = np.random.default_rng(seed)
    (output,), x = case.outputs, case.inputs[0]
    v, u = output.type(), x.type()
    left = (v * Rop(output, x, u, disconnected_outputs="ignore")).sum()
    right = (Lop(output, x, v, disconnected_inputs="ignore") * u).sum()
    sample = compute(case.inputs, output, case.values)
    tangent = rng.normal(size=case.values[0].shape)
    cotangent = rng.normal(size=sample.shape)
    a, b = compute([*case.inputs, v, u], [left, right], [*case.values, cotangent, tangent])
    np.testing.assert_allclose(a, b, rtol=0, atol=1e-9 * (1 + abs(float(a))))


# Shapes


@given(case=graphs(kinds="biuf"))
def test_inferred_shapes_are_the_shapes_got(case):
    check_shapes(case.inputs, case.outputs, case.values)


@given(case=graphs(kinds="biuf"))
def test_values_belong_to_their_types(case):
    for output, value in zip(case.outputs, compute(case.inputs, case.outputs, case.values)):
        assert output.type.is_valid_value(value)


# A failed call changes nothing


@pytest.mark.parametrize("linker", installed_linkers())
@given(case=graphs(kinds="f", max_nodes=4), states=st.integers(1, 3), failing=st.integers(0, 2))
def test_a_failed_call_changes_nothing(linker, case, states, failing):
    ok = at.bscalar("ok")
    value = at.tanh(case.outputs[0]).sum(dtype="float64")
    shareds = [shared(np.arange(3.0) + i, name=f"s{i}") for i in range(states)]
    updates = []
    for i, state in enumerate(shareds):
        new = at.inc_subtensor(state[i % 3], value) + shareds[i - 1]
        if i == failing % states:
            new = Assert("not ok")(new, ok > 0)
        updates.append((state, new))
    f = function([*case.inputs, ok], value, updates=updates, mode=Mode(linker=linker), on_unused_input="ignore")
    before = [state.get_value() for state in shareds]
    with pytest.raises(AssertionError, match="not ok"):
        f(*case.values, 0)
    for state, old in zip(shareds, before):
        np.testing.assert_array_equal(state.get_value(), old)
    f(*case.values, 1)
    result = float(compute(case.inputs, value, case.values))
    for i, (state, old) in enumerate(zip(shareds, before)):
        expected = old + before[i - 1]
        expected[i % 3] += result
        # the graph may compute in single precision
        assert_same(expected, state.get_value(), rtol=1e-5)


# Pickles


@given(case=graphs(kinds="biuf"))
def test_graphs_survive_pickling(case):
    inputs, outputs = pickle.loads(pickle.dumps((case.inputs, case.outputs)))
    assert equal_computations(outputs, case.outputs, inputs, case.inputs)
    for value, other in zip(
        compute(case.inputs, case.outputs, case.values), compute(inputs, outputs, case.values), strict=True
    ):
        assert_same(value, other, rtol=0, atol=0)


@given(case=graphs(kinds="biuf"))
def test_frozen_graphs_survive_pickling(case):
    frozen = freeze(FunctionGraph(case.inputs, case.outputs))
    copy = pickle.loads(pickle.dumps(frozen))
    assert copy.digest == frozen.digest
    assert freeze(FunctionGraph(*pickle.loads(pickle.dumps((case.inputs, case.outputs))))).digest == frozen.digest


@given(case=graphs(kinds="biuf"))
def test_functions_survive_pickling(case):
    f = function(case.inputs, case.outputs, mode=Mode(linker="py"), on_unused_input="ignore")
    copy = pickle.loads(pickle.dumps(f))
    for value, other in zip(f(*case.values), copy(*case.values), strict=True):
        assert_same(value, other, rtol=0, atol=0)
