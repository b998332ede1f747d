"""Elementwise functions of the name, or meaning, of one of NumPy's or SciPy's give what that gives, in every dtype."""

import numpy as np
import pytest
from support.counterparts import LINKERS, check_on_linkers
from support.counterparts_elementwise import DEVIATIONS, ELEMENTWISE, arguments, compare_elementwise, dtype_tuples

import aesaralite
import aesaralite.tensor as at
from aesaralite.scalar.dtypes import all_dtypes

BINARY = [name for name, entry in ELEMENTWISE.items() if entry.nin == 2]
ON_NUMBA = ("uint64", "float64", "complex128")
"""For what is compiled one dtype of a kind is enough: the cases of each Op have the others."""


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_by_definition(name):
    for dtypes in dtype_tuples(ELEMENTWISE[name].nin):
        comparison = compare_elementwise(name, arguments(name, dtypes))
        if comparison is not None:
            comparison.check_definition()


@pytest.mark.slow
@pytest.mark.parametrize("name", BINARY)
def test_every_pair_of_dtypes(name):
    for dtypes in dtype_tuples(2, every=True):
        comparison = compare_elementwise(name, arguments(name, dtypes))
        if comparison is not None:
            comparison.check_definition()


def check_compiled(dtype, linker):
    # a function of several names once
    entries = {getattr(at, name): (name, entry) for name, entry in ELEMENTWISE.items()}
    comparisons = []
    for name, entry in entries.values():
        # of one shape, as that compiles faster
        arrays = np.broadcast_arrays(*arguments(name, (dtype,) * entry.nin))
        comparison = compare_elementwise(name, [array.ravel() for array in arrays])
        if comparison is not None:
            comparisons.append(comparison)
    check_on_linkers(comparisons, [linker])


@pytest.mark.parametrize("dtype", all_dtypes)
def test_on_the_python_linker(dtype):
    check_compiled(dtype, "py")


@pytest.mark.parametrize(
    "dtype", [dtype if dtype in ON_NUMBA else pytest.param(dtype, marks=pytest.mark.slow) for dtype in all_dtypes]
)
def test_on_the_numba_linker(dtype):
    check_compiled(dtype, "numba")


@pytest.mark.parametrize("linker", LINKERS)
def test_integers_to_negative_powers(linker):
    x, y = at.lvector("x"), at.lvector("y")
    function = aesaralite.function([x, y], at.pow(x, y), mode=LINKERS[linker])
    np.testing.assert_array_equal(function([2, 3], [3, 0]), [8, 1])
    with pytest.raises(ValueError, match="negative integer powers"):
        np.power(np.array([2, 3]), np.array([3, -1]))
    with pytest.raises(ValueError, match="negative"):
        function([2, 3], [3, -1])


def test_deviations_are_of_names_that_are_compared():
    names = {name for deviation in DEVIATIONS for name in deviation.names.split()}
    assert names <= {*ELEMENTWISE}
