"""What is drawn for tests of state: values, their layouts, expressions, and recipes of functions."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from support.state_model import DRAWS, RULES

SHAPES = {"v": (None,), "m": (None, None), "s": (), "i": ()}
which = st.integers(0, 5)
numbers = st.integers(-5, 13)
vectors = st.sampled_from([3, 3, 3, 1, 2, 0, 5]).flatmap(lambda n: st.lists(numbers, min_size=n, max_size=n))
matrices = st.sampled_from([2, 3, 3, 1, 0]).flatmap(
    lambda n: st.lists(st.lists(numbers, min_size=3, max_size=3), min_size=n, max_size=n)
)
layouts = st.sampled_from(["C", "C", "strided", "reversed", "read-only", "F"])
values_of = {"v": vectors, "m": matrices, "s": numbers, "i": st.integers(-3, 3), "g": st.integers(0, 3)}
a_value = st.fixed_dictionaries(values_of)


@st.composite
def expressions(draw, kind, depth=3):
    """Expressions whose variables are numbers: the so-manieth of the variables of the kind."""
    if kind == "V":
        kind, depth = "v", 0
    if kind == "g":
        k = draw(which)
        if depth and draw(st.booleans()):
            return ("after", ("draw", draw(st.sampled_from(sorted(DRAWS))), draw(expressions("g", depth - 1))))
        return ("var", "g", k)
    names = sorted(name for name, one in RULES.items() if one.kind == kind)
    if not depth or not names or not draw(st.integers(0, 2)):
        if kind == "i":
            return draw(st.sampled_from([("arg", "i", 0), ("const", "i")]))
        form = draw(st.sampled_from(["var", "var", "var", "arg", "arg", "own", "const"]))
        return (form, kind) if form == "const" else (form, kind, draw(which if form == "var" else st.integers(0, 1)))
    if kind == "v" and not draw(st.integers(0, 5)):
        return ("draw", draw(st.sampled_from(sorted(DRAWS))), draw(expressions("g", depth - 1)))
    name = draw(st.sampled_from(names))
    return (name, *(draw(expressions(operand, depth - 1)) for operand in RULES[name].operands))


kinds = st.sampled_from("vvvmsg")
targeted = kinds.flatmap(lambda kind: st.tuples(st.just(kind), which, expressions(kind)))


given_values = st.sampled_from("vms").flatmap(lambda kind: st.tuples(st.just(kind), which, expressions(kind, 2)))
recipes = st.fixed_dictionaries(
    {
        "outputs": st.lists(kinds.filter("g".__ne__).flatmap(expressions), max_size=3),
        "updates": st.lists(targeted, max_size=3),
        "givens": st.lists(given_values, max_size=1),
        "own_updates": st.dictionaries(st.sampled_from("vms"), which, max_size=1),
        "form": st.sampled_from(["list", "single", "dict", "borrow"]),
        "no_default_updates": st.sampled_from([False, False, True, "some"]),
        "how": st.tuples(which, st.sampled_from(["fast_run", "fast_run", "fast_compile", None])),
    }
)


def laid_out(value, kind, dtype, layout="C"):
    """An array of its own, which lies in memory as `layout` says."""
    array = np.array(value, "int64" if kind == "i" else dtype)
    if kind == "m":
        array = array.reshape(-1, 3)
    if layout == "F" and array.ndim:
        return np.asfortranarray(array)
    if layout == "strided" and array.ndim:
        spread = np.zeros((2 * array.shape[0], *array.shape[1:]), dtype)
        spread[::2] = array
        return spread[::2]
    if layout == "reversed" and array.ndim:
        return array[::-1].copy()[::-1]
    if layout == "read-only":
        array.flags.writeable = False
    return array
