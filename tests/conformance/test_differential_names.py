"""Every public name is compared with NumPy or SciPy, or it's said here why there is nothing to compare."""

import importlib
import pkgutil

import pytest
from support.counterparts_by_formula import BY_FORMULA
from support.counterparts_elementwise import ELEMENTWISE
from support.counterparts_of_algebra import ALGEBRA
from support.counterparts_of_arrays import NAMESAKES

import aesaralite.tensor as at
from aesaralite.tensor import constructors, nlinalg, slinalg

NO_COUNTERPART = {
    "makes variables": {name for name in at.__all__ if getattr(at, name) is vars(constructors).get(name)},
    "a class, or a constant of one": {"TensorType", "TensorVariable", "TensorConstant", "NoneConst"},
    "lists dtypes or types": {name for name in at.__all__ if name.endswith("_types")},
    "makes a variable of a value, or asks for a value that is known": {
        *("as_tensor", "as_tensor_variable", "constant", "tensor_from_scalar", "scalar_from_tensor"),
        *("extract_constant", "get_scalar_constant_value", "get_vector_length", "is_flat"),
        "values_eq_approx_always_true",
    },
    "says something of a type, or checks it": {
        *("addbroadcast", "patternbroadcast", "unbroadcast", "specify_broadcastable", "specify_shape", "assert_op"),
    },
    "makes derivatives": {"grad", "hessian", "jacobian", "consider_constant", "hyp2f1_der"},
    "its elements are left open": {"empty", "empty_like"},
    "draws, which are compared by their moments, and bit for bit": {"random"},
}

COMPARED = {*ELEMENTWISE, *NAMESAKES, *BY_FORMULA, *ALGEBRA}
UNCOMPARED = {name for names in NO_COUNTERPART.values() for name in names}


def test_names_of_the_package():
    assert {*at.__all__} - COMPARED == UNCOMPARED & {*at.__all__}
    assert not UNCOMPARED & COMPARED
    assert {name for name in UNCOMPARED if not hasattr(at, name)} == set()


@pytest.mark.parametrize("module", [nlinalg, slinalg])
def test_names_of_linear_algebra(module):
    prefix = module.__name__.rpartition(".")[2]
    functions = {name for name in module.__all__ if not isinstance(getattr(module, name), type)}
    elsewhere = {name for name in functions if getattr(module, name) is getattr(at, name, None)}
    assert {name for name in functions - elsewhere if f"{prefix}.{name}" not in COMPARED} == set()


def test_other_modules_have_the_same_functions():
    """What is compared under the package's names is what Aesara's modules have by these names."""
    modules = [importlib.import_module(f"aesaralite.tensor.{info.name}") for info in pkgutil.iter_modules(at.__path__)]
    for module in modules:
        if module not in (at.random, nlinalg):  # in which beta is a distribution, and inv that of a matrix
            for name in {*getattr(module, "__all__", ())} & COMPARED:
                assert getattr(module, name) is getattr(at, name), f"{module.__name__}.{name}"
