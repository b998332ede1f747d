"""Graphs through the Numba linker, beside the definition: each node's `perform`."""

import numpy as np
from aesaralite_numba import NumbaLinker
from aesaralite_numba.reference import evaluate

from aesaralite.compile.linker import CallingPlan, InputSlot, OutputSlot
from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.frozen import freeze


def link(inputs, outputs, updates=()):
    """The program of a graph that nobody has rewritten.

    `updates` maps inputs, which become state, to positions of new values in `outputs`; these come last.
    """
    pairs = tuple((position, inputs.index(state)) for state, position in dict(updates).items())
    states = {place for _, place in pairs}
    graph = freeze(FunctionGraph(list(inputs), list(outputs), clone=True))
    plan = CallingPlan(
        tuple(InputSlot(variable.name, k in states) for k, variable in enumerate(inputs)),
        tuple(OutputSlot(None) for _ in range(len(outputs) - len(pairs))),
        pairs,
    )
    return NumbaLinker().link(graph, plan)


def callbacks(program):
    """The Ops that the program calls back."""
    found = {node.position for variant in program._variants.values() for node in variant.artefact.callbacks}
    return [str(program.graph.nodes[index].op) for index in sorted(found)]


def assert_same(got, expected, rtol=1e-12, atol=1e-12):
    """Same dtype, shape and, within the tolerances, values."""
    expected = np.asarray(expected)
    assert isinstance(got, np.ndarray)
    assert got.dtype == expected.dtype
    assert got.shape == expected.shape
    if expected.dtype.kind in "fc":
        np.testing.assert_allclose(got, expected, rtol=rtol, atol=atol)
    else:
        np.testing.assert_array_equal(got, expected)


def compare(inputs, outputs, values, updates=(), rtol=1e-12, atol=1e-12, lowered=True):
    """Run the graph and its definition; returns the program.

    With `lowered`, no node may be called back.
    """
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    program = link(inputs, outputs, updates)
    values = [np.asarray(value, dtype=variable.type.dtype) for value, variable in zip(values, inputs, strict=True)]
    expected = evaluate(program.graph, values)
    cells = [[value.copy()] for value in values]
    got = list(program.run(cells))
    got.extend(cells[place][0] for place in program._updated)
    assert len(got) == len(expected)
    for one, other in zip(got, expected, strict=True):
        assert_same(one, other, rtol, atol)
    for k, (cell, value) in enumerate(zip(cells, values, strict=True)):
        if k not in program._updated:
            np.testing.assert_array_equal(cell[0], value)
    if lowered:
        assert callbacks(program) == []
    return program
