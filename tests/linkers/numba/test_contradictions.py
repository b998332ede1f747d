"""Sizes that contradict each other: lowering ends, and the call ends as the definition does."""

import numpy as np
import pytest
from aesaralite_numba.lower import graph as lowering
from aesaralite_numba.reference import evaluate
from aesaralite_numba.variant import Variant
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.numba_programs import link

import aesaralite.tensor as at
from aesaralite import Mode, function
from aesaralite.compile.ops import as_op
from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.frozen import freeze

size = st.sampled_from([None, None, None, 1, 2, 3])


def broadcast(x, y):
    return x * y


def joined(x, y):
    return at.join(0, x, y)


def summed(x, y):
    return x + y.sum(axis=0, keepdims=True)


def shaped_like(x, y):
    return at.specify_shape(x, y.shape)


def shaped_as_known(x, y):
    return at.specify_shape(x, (3,) * x.ndim)


def reshaped_like(x, y):
    return at.reshape(x, y.shape, ndim=y.ndim)


def allocated(x, y):
    return at.alloc(x, *y.shape)


def written(x, y):
    return at.set_subtensor(x[: y.shape[0]], y)


def written_whole(x, y):
    return at.inc_subtensor(x[:], y)


def halves(x, y):
    return at.concatenate(at.split(x, [y.shape[0], x.shape[0] - y.shape[0]], 2))


def transposed(x, y):
    return x.T + y


WAYS = [
    broadcast, at.dot, joined, summed, shaped_like, shaped_as_known, reshaped_like, allocated, written, written_whole,
    halves, transposed,
]  # fmt: skip


@st.composite
def programs(draw):
    """Inputs, outputs, and which input each of the last outputs is the next value of."""
    inputs = [
        at.tensor("float64", tuple(draw(st.lists(size, min_size=1, max_size=2))), name=f"x{k}")
        for k in range(draw(st.integers(2, 4)))
    ]
    parts = list(inputs)
    for _ in range(draw(st.integers(1, 5))):
        way = draw(st.sampled_from(WAYS))
        try:
            parts.append(way(draw(st.sampled_from(parts)), draw(st.sampled_from(parts))))
        except (TypeError, ValueError, IndexError):
            continue  # types show it already
    assume(len(parts) > len(inputs))
    outputs, updates = [parts[-1]], {}
    for state in inputs:
        if draw(st.booleans()):
            candidates = [part for part in parts if part is not state and part.type == state.type]
            if candidates:
                updates[state] = len(outputs)
                outputs.append(draw(st.sampled_from(candidates)))
    return inputs, outputs, updates


@given(programs(), st.booleans(), st.booleans())
@settings(max_examples=40)
def test_lowering_ends(program, optimistic, in_place):
    inputs, outputs, updates = program
    graph = freeze(FunctionGraph(inputs, outputs, clone=True))
    pairs = [(position, inputs.index(state)) for state, position in updates.items()]
    variant = Variant(optimistic, in_place, ("C",) * len(inputs))
    rounds = []
    lower_once = lowering._lower_once

    def counted(*args):
        rounds.append(args)
        assert len(rounds) <= 1 + sum(x.type.ndim for x in inputs)
        return lower_once(*args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lowering, "_lower_once", counted)
        lowering.lower_graph(graph, len(outputs) - len(pairs), pairs, frozenset(k for _, k in pairs), variant)


def ended(call):
    try:
        return [value.shape for value in call()]
    except (ValueError, TypeError, IndexError, AssertionError) as error:
        return str(error).split("\n")[0]


@given(programs(), st.data())
@settings(max_examples=10)
def test_calls_end_as_the_definition_does(program, data):
    inputs, outputs, updates = program
    linked = link(inputs, outputs, updates)
    for _ in range(3):
        shapes = [tuple(n or data.draw(st.sampled_from([1, 2, 3])) for n in x.type.shape) for x in inputs]
        values = [np.ones(shape) for shape in shapes]
        cells = [[value.copy()] for value in values]
        expected = ended(lambda values=values: evaluate(linked.graph, values))
        got = ended(lambda cells=cells: [*linked.run(cells), *(cells[k][0] for k in linked._updated)])
        assert got == expected


@pytest.mark.filterwarnings("ignore:The Numba linker has no lowering")
def test_sizes_that_only_a_call_back_tells():
    """The array is there already: nothing needs to be checked before it's made."""

    @as_op([at.TensorType("float32", (2, None))], [at.TensorType("float32", (2, None))])
    def same(value):
        return value.copy()

    x = at.TensorType("float32", (2, None))("x")
    f = function([x], [same(at.tanh(x)), at.exp(same(at.tanh(x)))], mode=Mode("numba", "fast_run"))
    value = np.ones((2, 3), "float32")
    np.testing.assert_allclose(f(value)[1], np.exp(np.tanh(value)), rtol=1e-6)
