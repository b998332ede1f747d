"""Functions that have counterparts in NumPy or SciPy give what those give, or fail where those do.

The elementwise ones have a module of their own. Each function is called with some arguments that don't change from run
to run, by definition and on both linkers; and any function with any arguments by definition.
"""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.counterparts import check_on_linkers, compare_call, draws_of
from support.counterparts_by_formula import BY_FORMULA
from support.counterparts_of_algebra import ALGEBRA
from support.counterparts_of_arrays import NAMESAKES

COUNTERPARTS = {**NAMESAKES, **BY_FORMULA, **ALGEBRA}
NAMES = sorted(COUNTERPARTS)
GROUPS = [NAMES[i : i + 25] for i in range(0, len(NAMES), 25)]
DRAWS, COMPILED = 4, 1
"""How many calls of each function; of how many of them, the last and thus no trivial ones, Numba's code is made."""

each_group = pytest.mark.parametrize("names", GROUPS, ids=lambda names: f"{names[0]} to {names[-1]}")


@cache
def comparisons(name, number=DRAWS):
    """Return calls of a function, with what the counterpart gives; where it fails, ours must, too."""
    made = [compare_call(name, COUNTERPARTS[name], call) for call in draws_of(COUNTERPARTS[name].calls, number)]
    return [comparison for comparison in made if comparison is not None]


@pytest.mark.parametrize("name", NAMES)
def test_by_definition(name):
    found = comparisons(name)
    assert len(found) > DRAWS // 4, "too many calls fail"
    for comparison in found:
        comparison.check_definition()


@each_group
def test_on_the_python_linker(names):
    check_on_linkers([comparison for name in names for comparison in comparisons(name)], ["py"])


@each_group
def test_on_the_numba_linker(names):
    check_on_linkers([comparison for name in names for comparison in comparisons(name)[-COMPILED:]], ["numba"])


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_many_calls_on_the_numba_linker(name):
    found = comparisons(name, 40)
    for i in range(0, len(found), 10):
        check_on_linkers(found[i : i + 10], ["numba"])


@given(st.data())
def test_any_call(data):
    name = data.draw(st.sampled_from(NAMES), label="name")
    call = data.draw(COUNTERPARTS[name].calls, label="call")
    comparison = compare_call(name, COUNTERPARTS[name], call)
    if comparison is not None:
        comparison.check_definition()
