"""The cases of `aesaralite.testing.conformance` on every linker; no Op without a case."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest

import aesaralite
from aesaralite.compile.linker import installed_linkers
from aesaralite.graph.basic import applys_between
from aesaralite.graph.op import Op
from aesaralite.scalar.op import ScalarOp
from aesaralite.testing import check_shapes
from aesaralite.testing.conformance import CASES, SCALAR_CASES
from aesaralite.testing.conformance.suite import (
    check_case,
    check_contract,
    check_scalar_case,
    check_scalar_gradient,
    check_symbolic_gradient,
)

each_linker = pytest.mark.parametrize("linker", installed_linkers())


def each(cases):
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.id)


@each_linker
@each(SCALAR_CASES)
def test_scalar_op(case, linker):
    check_scalar_case(case, linker)


@each_linker
@each(CASES)
def test_op(case, linker):
    check_case(case, linker)


@each_linker
def test_whole_functions(linker):
    check_contract(linker)


@each([case for case in SCALAR_CASES if case.smooth is not None])
def test_scalar_gradient(case):
    check_scalar_gradient(case)


@each([case for case in CASES if case.smooth])
def test_gradient(case):
    check_symbolic_gradient(case)


@each([case for case in CASES if case.raises is None])
def test_inferred_shape(case, capfd):
    check_shapes(*case.graph(), case.values)


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
    "aesaralite.tensor.random.op.RandomVariable",
}
"""Base classes, whose subclasses are the Ops."""


def modules():
    """Yield the modules of the package, but for its examples."""
    for module in pkgutil.walk_packages(aesaralite.__path__, "aesaralite."):
        if not module.name.startswith("aesaralite.examples") and not module.name.endswith("__main__"):
            yield importlib.import_module(module.name)


def op_classes() -> Iterator[type]:
    """Yield the Op classes that aesaralite defines, but for those named as private."""
    pending, seen = [Op], set()
    while pending:
        for cls in pending.pop().__subclasses__():
            if cls not in seen:
                seen.add(cls)
                pending.append(cls)
                if cls.__module__.startswith("aesaralite.") and not cls.__name__.startswith("_"):
                    yield cls


@pytest.fixture(scope="module")
def covered():
    """The Ops that have a case, and the scalar Ops inside them."""
    ops = set()
    for case in [*CASES, *SCALAR_CASES]:
        for node in applys_between(*case.graph()[:2]):
            ops.update({node.op, getattr(node.op, "scalar_op", node.op)})
    return ops


def test_every_class_of_ops_has_a_case(covered):
    list(modules())  # what isn't imported defines no classes
    classes = {type(op) for op in covered}
    missing = {f"{cls.__module__}.{cls.__qualname__}" for cls in op_classes() if cls not in classes}
    assert missing == NOT_APPLIED_AS_SUCH


def test_every_public_op_has_a_case(covered):
    public = {
        op: f"{module.__name__}.{name}"
        for module in modules()
        for name, op in vars(module).items()
        if isinstance(op, Op) and not name.startswith("_")
    }
    # what is called `permuted` isn't applied as such: the axis decides which Op is
    assert {type(op).__name__ for op in public if op not in covered} == {"PermutedRV"}
    assert sum(isinstance(op, ScalarOp) for op in public) > 100


def test_names_are_unique():
    assert len({case.id for case in CASES}) == len(CASES)
