"""Every Op on every linker, at values and gradients; no Op without a case."""

import importlib
import pkgutil
from collections.abc import Iterator

import numpy as np
import pytest
from support.evaluation import evaluate

import aesaralite
from aesaralite import Mode, function
from aesaralite.compile.linker import installed_linkers
from aesaralite.gradient import grad
from aesaralite.graph.basic import Variable, applys_between
from aesaralite.graph.op import Op
from aesaralite.scalar.op import ScalarOp
from aesaralite.tensor import as_tensor_variable
from aesaralite.tensor.elementwise import Elemwise
from aesaralite.testing import assert_same, check_shapes, verify_grad
from conformance.cases import CASES, Case
from conformance.scalar_cases import SCALAR_CASES, ScalarCase

LINKERS = installed_linkers()


def names(cases):
    return [case.id for case in cases]


def run(linker, inputs, outputs, values):
    compiled = function(inputs, outputs, mode=Mode(linker=linker, optimizer="fast_run"), on_unused_input="ignore")
    return compiled(*values)


# Scalar Ops


def scalar_graph(case: ScalarCase) -> tuple[list[Variable], list[Variable], list[np.ndarray], list[str]]:
    """Return a graph that applies an Op to arrays of each dtype that it takes."""
    inputs, outputs, values, taken = [], [], [], []
    for dtype in case.dtypes:
        arrays = case.arrays(dtype)
        variables = [aesaralite.tensor.TensorType(str(a.dtype), (None,) * a.ndim)() for a in arrays]
        try:
            results = Elemwise(case.op)(*variables, return_list=True)
        except TypeError:
            continue
        inputs += variables
        values += arrays
        outputs += results
        taken += [dtype] * len(results)
    return inputs, outputs, values, taken


@pytest.mark.parametrize("linker", LINKERS)
@pytest.mark.parametrize("case", SCALAR_CASES, ids=names(SCALAR_CASES))
def test_scalar_op(case, linker):
    inputs, outputs, values, taken = scalar_graph(case)
    assert taken, "no dtype is taken"
    expected = evaluate(outputs, dict(zip(inputs, values)))
    results = run(linker, inputs, outputs, values)
    for dtype, value, result in zip(taken, expected, results, strict=True):
        assert_same(value, result, f"{case.op} of {dtype}", rtol=case.rtol)


@pytest.mark.parametrize("case", [c for c in SCALAR_CASES if c.smooth is not None], ids=lambda case: case.id)
def test_scalar_gradient(case):
    points = [np.array(numbers) for numbers in case.smooth]
    grids = np.meshgrid(*points, indexing="ij")
    kept = {i: grid for i, grid in enumerate(grids) if i not in case.fixed}
    constants = {i: as_tensor_variable(grids[i].astype(dtype)) for i, dtype in case.fixed.items()}

    def apply(*variables):
        given = iter(variables)
        return Elemwise(case.op)(*(constants[i] if i in constants else next(given) for i in range(len(grids))))

    verify_grad(apply, list(kept.values()), mode=Mode(linker="py", optimizer=None))


# Ops on tensors


@pytest.mark.parametrize("linker", LINKERS)
@pytest.mark.parametrize("case", CASES, ids=names(CASES))
def test_op(case, linker, capfd):
    inputs, outputs = case.graph()
    if case.raises is not None:
        with pytest.raises(case.raises):
            evaluate(outputs, dict(zip(inputs, case.values)))
        with pytest.raises(case.raises):
            run(linker, inputs, outputs, case.values)
        return
    expected = evaluate(outputs, dict(zip(inputs, case.values)))
    before = [np.array(value) for value in case.values]
    results = run(linker, inputs, outputs, case.values)
    for old, value in zip(before, case.values):
        np.testing.assert_array_equal(old, value, err_msg="an input was changed")
    for i, (value, result) in enumerate(zip(expected, results, strict=True)):
        if case.shape_only:
            assert (value.dtype, value.shape) == (result.dtype, result.shape)
        else:
            assert_same(value, result, f"output {i}")


@pytest.mark.parametrize("case", [c for c in CASES if c.raises is None], ids=lambda case: case.id)
def test_inferred_shape(case, capfd):
    inputs, outputs = case.graph()
    check_shapes(inputs, outputs, case.values)


SMOOTH = [case for case in CASES if case.smooth]


def floats(case: Case) -> list[int]:
    """Return the positions of the inputs that have gradients."""
    return [i for i, value in enumerate(case.values) if np.asarray(value).dtype.kind == "f"]


@pytest.mark.parametrize("case", SMOOTH, ids=names(SMOOTH))
def test_gradient(case):
    positions = floats(case)
    outputs = case.graph()[1]
    for which in range(len(outputs)):

        def apply(*variables, which=which):
            arguments = [as_tensor_variable(value) for value in case.values]
            for i, variable in zip(positions, variables):
                arguments[i] = variable
            result = case.build(*arguments)
            return result[which] if isinstance(result, (list, tuple)) else result

        verify_grad(apply, [case.values[i] for i in positions], mode=Mode(linker="py", optimizer=None))


@pytest.mark.parametrize("linker", [name for name in LINKERS if name != "py"])
@pytest.mark.parametrize("case", SMOOTH, ids=names(SMOOTH))
def test_gradient_on_linker(case, linker):
    inputs, outputs = case.graph()
    cost = sum((output**2).sum() for output in outputs if output.type.dtype.startswith("float"))
    gradients = grad(cost, [inputs[i] for i in floats(case)], disconnected_inputs="ignore")
    expected = evaluate(gradients, dict(zip(inputs, case.values)))
    for i, (value, result) in enumerate(zip(expected, run(linker, inputs, gradients, case.values), strict=True)):
        assert_same(value, result, f"gradient {i}")


# Coverage

NOT_APPLIED_AS_SUCH = {
    "aesaralite.autodiff.barriers.GradientBarrier",
    "aesaralite.scalar.bitwise.BinaryBitOp",
    "aesaralite.scalar.bitwise.UnaryBitOp",
    "aesaralite.scalar.comparison.FixedLogicalComparison",
    "aesaralite.scalar.comparison.LogicalComparison",
    "aesaralite.scalar.op.BinaryScalarOp",
    "aesaralite.scalar.op.ScalarOp",
    "aesaralite.scalar.op.UnaryScalarOp",
    "aesaralite.scalar.rounding.Rounding",
    "aesaralite.scalar.special.BesselOp",
    "aesaralite.scalar.special.SpecialBinary",
    "aesaralite.scalar.special.SpecialUnary",
    "aesaralite.tensor.random.constructors.AbstractRNGConstructor",
    "aesaralite.tensor.random.families.ContinuousRV",
    "aesaralite.tensor.random.families.DiscreteRV",
    "aesaralite.tensor.random.families.ScipyRandomVariable",
    "aesaralite.tensor.random.gammas.PolyaGammaRV",
    "aesaralite.tensor.random.op.RandomVariable",
}
"""Base classes, whose subclasses are the Ops; and a distribution that another package draws."""


def op_classes() -> Iterator[type]:
    """Yield the Op classes that aesaralite defines, but for those named as private."""
    for module in pkgutil.walk_packages(aesaralite.__path__, "aesaralite."):
        if not module.name.startswith("aesaralite.examples"):
            importlib.import_module(module.name)
    pending, seen = [Op], set()
    while pending:
        for cls in pending.pop().__subclasses__():
            if cls not in seen:
                seen.add(cls)
                pending.append(cls)
                if cls.__module__.startswith("aesaralite.") and not cls.__name__.startswith("_"):
                    yield cls


def ops_in(inputs, outputs) -> Iterator[Op]:
    """Yield the Ops of a graph, and the scalar Ops inside them."""
    for node in applys_between(inputs, outputs):
        yield node.op
        scalar_op = getattr(node.op, "scalar_op", None)
        if isinstance(scalar_op, ScalarOp):
            yield scalar_op


def test_every_op_has_a_case():
    covered = set()
    for case in CASES:
        covered.update(type(op) for op in ops_in(*case.graph()))
    for scalar_case in SCALAR_CASES:
        covered.add(type(scalar_case.op))
    missing = {f"{cls.__module__}.{cls.__qualname__}" for cls in op_classes() if cls not in covered}
    assert missing == NOT_APPLIED_AS_SUCH


def test_names_are_unique():
    assert len({case.id for case in CASES}) == len(CASES)
