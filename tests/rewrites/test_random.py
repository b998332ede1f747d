"""Rewrites of draws: indexing, dimshuffles and sizes lifted, where they're asked for and where that's sound."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import aesaralite
import aesaralite.tensor as at
from aesaralite import Mode, function, shared
from aesaralite.configdefaults import config
from aesaralite.errors import RepeatedDrawsWarning
from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.rewriting.basic import EquilibriumGraphRewriter, in2out
from aesaralite.graph.rewriting.utils import rewrite_graph
from aesaralite.tensor.elemwise import DimShuffle
from aesaralite.tensor.random.op import RandomVariable
from aesaralite.tensor.random.rewriting import (
    basic,
    is_rv_used_in_graph,
    local_dimshuffle_rv_lift,
    local_rv_size_lift,
    local_subtensor_rv_lift,
)
from aesaralite.tensor.subtensor import AdvancedSubtensor, Subtensor

PLAIN = Mode("py", None)
FULL = slice(None)


class Located(RandomVariable):
    """Draws its parameters: no dice, so that a test sees which element was drawn with which parameters."""

    name = "located"
    ndim_supp = 0
    ndims_params = (0, 0)
    dtype = "float64"

    def rng_fn(self, rng, a, b, size=None):
        rng.bit_generator.advance(1)
        values = 100 * np.asarray(a) + b
        return values if size is None else np.broadcast_to(values, size)


class LocatedVector(RandomVariable):
    """A vector and a number, of which a draw is the sum."""

    name = "located_vector"
    ndim_supp = 1
    ndims_params = (1, 0)
    dtype = "float64"

    def rng_fn(self, rng, a, b, size=None):
        values = 100 * np.asarray(a) + np.asarray(b)[..., None]
        return values if size is None else np.broadcast_to(values, (*size, a.shape[-1]))


located, located_vector = Located(), LocatedVector()


@pytest.fixture(autouse=True)
def raise_on_error():
    with config.change_flags(on_opt_error="raise"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RepeatedDrawsWarning)
        yield


def generator(seed=7):
    return shared(np.random.default_rng(seed))


def lifted(rewrite, output, *others):
    """Return what becomes of `output` in a graph that also computes `others`."""
    fgraph = FunctionGraph(outputs=[output, *others], clone=True)
    EquilibriumGraphRewriter([rewrite], max_use_ratio=100).rewrite(fgraph)
    fgraph.check_integrity()
    return fgraph.outputs[0]


def is_draw(variable):
    return variable.owner is not None and isinstance(variable.owner.op, RandomVariable)


def draws_in(fgraph):
    return [node for node in fgraph.toposort() if isinstance(node.op, RandomVariable)]


def check_lift(rewrite, draw_of, change, params, size=None, core=0):
    """Check that a change of a draw is lifted, and that each element keeps its parameters; return the new node."""
    variables = [at.TensorType("float64", shape=shape)() for _, shape in params]
    values = [value for value, _ in params]
    output = change(draw_of(*variables, size=size, rng=generator()))
    rewriter = EquilibriumGraphRewriter([rewrite], max_use_ratio=100)
    before = function(variables, output, mode=PLAIN, on_unused_input="ignore")
    after = function(variables, output, mode=Mode("py", rewriter), on_unused_input="ignore")
    (new,) = after.maker.fgraph.outputs
    assert is_draw(new), aesaralite.dprint(new, file="str")
    assert output.type.is_super(new.type)
    try:
        expected = before(*values)
    except (IndexError, ValueError) as error:
        with pytest.raises(type(error)):
            after(*values)
    else:
        np.testing.assert_array_equal(after(*values), expected, strict=True)
    return new.owner


def known(*shape):
    """Values of a parameter whose type knows its shape."""
    return np.arange(float(np.prod(shape, dtype=int))).reshape(shape), shape


def unknown(*shape):
    """Values of a parameter whose type only knows its number of dimensions."""
    return known(*shape)[0], (None,) * len(shape)


class TestSize:
    def lift(self, *args, **kwargs):
        return check_lift(local_rv_size_lift, located, lambda draw: draw, *args, **kwargs)

    @pytest.mark.parametrize("params", [(known(), known()), (unknown(2), known()), (unknown(1), known(3, 2))])
    def test_parameters_are_broadcast(self, params):
        node = self.lift(params, (3, 2))
        _, size, _, *new_params = node.inputs
        assert size.type.shape == (0,)
        assert [param.type.shape for param in new_params] == [(3, 2), (3, 2)]

    def test_of_vectors(self):
        node = check_lift(local_rv_size_lift, located_vector, lambda draw: draw, [unknown(2, 3), unknown()], (4, 2))
        assert [param.type.shape[:2] for param in node.inputs[3:]] == [(4, 2), (4, 2)]

    def test_symbolic_size(self):
        n = at.lscalar("n")
        draw = at.random.normal(0, 1, size=(n, 2), rng=generator())
        f = function([n], draw, mode=Mode("py", in2out(local_rv_size_lift)))
        (new,) = f.maker.fgraph.outputs
        assert new.owner.inputs[1].type.shape == (0,)
        np.testing.assert_array_equal(f(3), np.random.default_rng(7).normal(size=(3, 2)))

    def test_nothing_to_do_without_a_size(self):
        draw = at.random.normal(np.zeros(3), 1, rng=generator())
        assert lifted(local_rv_size_lift, draw).owner.inputs[3].owner is None

    def test_meaning_of_its_own(self):
        """The size of a choice isn't a number of independent draws."""
        draw = at.random.choice(5, size=(3,), replace=False, rng=generator())
        assert lifted(local_rv_size_lift, draw).owner.inputs[1].type.shape == (1,)


class TestDimShuffle:
    @pytest.mark.parametrize(
        "order, params, size",
        [
            (("x", 0), (unknown(2), known()), None),
            (("x",), (known(), known()), None),
            (("x", "x", "x"), (known(), known()), None),
            ((1, 0, 2), (known(2, 2, 2), known()), None),
            ((1, 0), (unknown(3, 2), unknown(2)), None),
            ((1, "x", 0), (unknown(3, 2), unknown(3, 1)), None),
            ((0, 1, 2), (known(), known()), (2, 1, 2)),
            ((1, 0, 2), (known(), known()), (2, 1, 2)),
            ((0, 2, 1), (known(2, 2), known(1, 2)), (3, 2, 2)),
            (("x", 0, 2, 1, "x"), (unknown(2, 2), unknown(1, 2)), (3, 2, 2)),
            (("x", 0, "x", 2, "x", 1, "x"), (known(2, 2), known(1, 2)), (3, 2, 2)),
            ((1, 0, 3, 2), (unknown(2, 4), known()), (3, 5, 2, 4)),
            ((1,), (unknown(3), known()), (1, 3)),
            ((2, 0), (unknown(3, 1, 2), known(1, 1, 1)), (3, 1, 2)),
            ((), (known(1, 1), known()), (1, 1)),
        ],
    )
    def test_lifted(self, order, params, size):
        if size == (3, 1, 2):
            params = [(params[0][0], (None, 1, None)), params[1]]
        node = check_lift(local_dimshuffle_rv_lift, located, lambda draw: draw.dimshuffle(order), params, size)
        assert all(isinstance(param.owner.op, DimShuffle) for param in node.inputs[3:])

    def test_of_vectors(self):
        for order in ((1, 0, 2), ("x", 0, 1, 2), (1, "x", 0, 2), (0, 1, "x", 2)):
            check_lift(
                local_dimshuffle_rv_lift,
                located_vector,
                lambda draw, order=order: draw.dimshuffle(order),
                [unknown(3), unknown()],
                (2, 4),
            )

    @pytest.mark.parametrize("order", [(0, 2, 1), (0, 1, 2, "x"), (2, 0, 1)])
    def test_not_within_a_single_draw(self, order):
        draw = located_vector(at.dmatrix(), at.dvector(), size=(3, 4), rng=generator())
        assert not is_draw(lifted(local_dimshuffle_rv_lift, draw.dimshuffle(order)))

    def test_not_between_size_and_parameters(self):
        draw = located(at.dmatrix(), 1.0, size=(3, 2, 2), rng=generator())
        assert not is_draw(lifted(local_dimshuffle_rv_lift, draw.dimshuffle("x", 1, 0, 2, "x")))

    def test_not_where_a_parameter_may_have_what_is_dropped(self):
        draw = located(at.dvector(), 1.0, size=(1,), rng=generator())
        assert not is_draw(lifted(local_dimshuffle_rv_lift, draw.dimshuffle()))

    def test_name(self):
        draw = at.random.normal(0, 1, size=(2, 1, 2), rng=generator(), name="test_name")
        assert lifted(local_dimshuffle_rv_lift, draw.dimshuffle(0, 1, 2)).name == "test_name_lifted"


class TestIndexing:
    def lift(self, index, params, size=None, draw_of=located):
        index = index if isinstance(index, tuple) else (index,)
        return check_lift(local_subtensor_rv_lift, draw_of, lambda draw: draw[index], params, size)

    INDICES = [
        1,
        -1,
        slice(1, None),
        slice(None, None, -2),
        slice(5, 1),
        np.array([2, 0]),
        np.array([[2, 0], [1, 3]]),
        np.array([], dtype="int64"),
        np.array([True, False, True, True]),
    ]

    @pytest.mark.parametrize("index", INDICES, ids=str)
    @pytest.mark.parametrize(
        "params, size",
        [
            ((known(4), known()), None),
            ((unknown(4), unknown()), None),
            ((unknown(4), unknown(4)), None),
            ((unknown(1), unknown(4)), None),
            ((unknown(4), (np.ones(1), (1,))), None),
            ((known(), known()), (4,)),
            ((unknown(4), known()), (4,)),
            ((unknown(1), unknown(4)), (4,)),
            (((np.ones(1), (1,)), known()), (4,)),
            ((known(3), known()), (4, 3)),
            ((unknown(4, 1), unknown(3)), (4, 3)),
            ((unknown(4, 3), known()), None),
        ],
        ids=str,
    )
    def test_of_the_first_dimension(self, index, params, size):
        self.lift(index, params, size)

    PARAMS = [
        ((known(), known()), (2, 4, 3)),
        ((unknown(4, 1), known()), (2, 4, 3)),
        ((unknown(2, 4, 3), unknown(3)), (2, 4, 3)),
        ((unknown(2, 1, 1), unknown(4, 3)), None),
    ]

    @pytest.mark.parametrize("index", INDICES, ids=str)
    @pytest.mark.parametrize("before", [FULL, 1, slice(1, None), np.array([1])], ids=str)
    @pytest.mark.parametrize("params, size", PARAMS, ids=str)
    def test_behind_another_entry(self, index, before, params, size):
        self.lift((before, index), params, size)

    @pytest.mark.parametrize("index", INDICES[5:], ids=str)
    @pytest.mark.parametrize("before", [(FULL, None), (None, FULL), (None, 1)], ids=str)
    @pytest.mark.parametrize("params, size", PARAMS, ids=str)
    def test_with_new_axes(self, index, before, params, size):
        self.lift((*before, index), params, size)
        self.lift((*before, index, None), params, size)
        self.lift((*before, index, None, slice(1, None)), params, size)

    @pytest.mark.parametrize(
        "params", [(known(), known()), (unknown(3), known()), (unknown(2, 1, 3), known())], ids=str
    )
    @pytest.mark.parametrize(
        "index",
        [
            (np.array([1, 0]), FULL, np.array([2, 0])),
            (0, FULL, np.array([2, 0])),
            (np.array([[1], [0]]), np.array([3, 1])),
            (np.array([[1], [0]]), FULL, np.array([2, 1])),
            (np.arange(8).reshape(2, 4) % 3 == 0,),
            (FULL, np.arange(12).reshape(4, 3) % 3 == 0),
        ],
        ids=str,
    )
    def test_of_several_dimensions(self, index, params):
        self.lift(index, params, (2, 4, 3))

    def test_of_symbols(self):
        n, i = at.lscalars("n", "i")
        mu = at.dvector("mu")
        for draw, index, values in [
            (located(mu, 1.0, rng=generator()), i, (0, 2)),
            (located(mu, 1.0, rng=generator()), slice(None, i), (0, 2)),
            (located(mu, 1.0, rng=generator()), slice(None, None, i), (0, -2)),
            (located(mu, 1.0, rng=generator()), slice(None, None, i), (0, 0)),
            (located(mu, 1.0, size=(n, 4), rng=generator()), i, (3, 2)),
            (located(mu, 1.0, size=(n, 4), rng=generator()), i, (3, 5)),
            (located(mu, 1.0, size=(n,), rng=generator()), slice(i, None), (3, 1)),
            (located(3.0, 1.0, size=(n,), rng=generator()), i, (3, 2)),
            (located(3.0, 1.0, size=(n,), rng=generator()), i, (3, -4)),
            (located(3.0, 1.0, size=(n,), rng=generator()), slice(i, None), (3, -2)),
            (located(3.0, 1.0, size=(n,), rng=generator()), np.array([True, False, True]), (3, 0)),
            (located(3.0, 1.0, size=(n,), rng=generator()), np.array([True, False, True]), (4, 0)),
            (located(3.0, 1.0, size=(n,), rng=generator()), np.array([0, 4]), (4, 0)),
        ]:
            new = lifted(local_subtensor_rv_lift, draw[index])
            assert is_draw(new)
            values = (*values, np.arange(4.0))
            before = function([n, i, mu], draw[index], mode=PLAIN, on_unused_input="ignore")
            after = function(
                [n, i, mu], draw[index], mode=Mode("py", in2out(local_subtensor_rv_lift)), on_unused_input="ignore"
            )
            try:
                expected = before(*values)
            except (IndexError, ValueError) as error:
                with pytest.raises(type(error)):
                    after(*values)
            else:
                np.testing.assert_array_equal(after(*values), expected, strict=True)

    def test_of_masks_that_are_given(self):
        mask = at.TensorType("bool", shape=(None,))("mask")
        draw = located(at.dvector("mu"), 1.0, rng=generator())
        assert is_draw(lifted(local_subtensor_rv_lift, draw[mask]))

    def test_parameters_stay_as_they_are_where_they_can(self):
        mu, _, size = (self.lift(slice(2, 5), (known(), known()), (9,)).inputs[i] for i in (3, 4, 1))
        assert mu.owner is None
        assert list(size.data) == [3]
        node = self.lift((1, slice(1, None)), (unknown(4), known()), (3, 4))
        assert node.inputs[3].type.ndim == 1
        assert isinstance(self.lift(2, (known(4), known(4))).inputs[3].owner.op, Subtensor)
        assert isinstance(self.lift(np.array([2, 0]), (known(4), known(4))).inputs[3].owner.op, AdvancedSubtensor)

    @pytest.mark.parametrize("index", [1, slice(1, None), np.array([1, 0]), (0, np.array([1, 0])), (0, FULL, FULL)])
    def test_of_vectors(self, index):
        self.lift(index, [unknown(3), unknown()], (2, 4), located_vector)
        self.lift(index, [unknown(2, 4, 3), unknown()], None, located_vector)
        self.lift(index, [unknown(4, 3), unknown(4)], (2, 4), located_vector)

    @pytest.mark.parametrize("index", [(0, 0), (FULL, 1), (FULL, slice(1, None)), (FULL, [1, 0]), ([1, 0], [1, 0])])
    def test_not_within_a_single_draw(self, index):
        draw = located_vector(at.dmatrix(), at.dvector(), rng=generator())
        assert not is_draw(lifted(local_subtensor_rv_lift, draw[index]))

    @pytest.mark.parametrize(
        "index",
        [[0, 0], [0, -4], [1, -1], ([0, 0], [1, 1]), ([[0], [1]], [[2, 2]]), at.lvector(), (at.lmatrix(), [0, 1])],
        ids=str,
    )
    def test_not_where_a_number_may_be_repeated(self, index):
        draw = located(0.0, 1.0, size=(4, 3), rng=generator())
        assert not is_draw(lifted(local_subtensor_rv_lift, draw[index]))

    def test_not_a_meaning_of_its_own(self):
        for draw in (
            at.random.choice(5, size=(3,), replace=False, rng=generator()),
            at.random.permutation(np.arange(4), rng=generator()),
        ):
            assert not is_draw(lifted(local_subtensor_rv_lift, draw[0]))

    @given(data=st.data())
    def test_any_index(self, data):
        """Elements keep their parameters whatever broadcasts against what, by types or at run time only."""
        batch = data.draw(hnp.array_shapes(min_dims=1, max_dims=3, max_side=4), label="batch")
        ndims = data.draw(st.tuples(st.integers(0, len(batch)), st.integers(0, len(batch))), label="ndims")
        params = []
        for ndim in ndims:
            values, shape = known(*(data.draw(st.sampled_from([n, 1])) for n in batch[len(batch) - ndim :]))
            params.append((values, tuple(data.draw(st.sampled_from([n, None])) for n in shape)))
        size = batch if data.draw(st.booleans(), label="has a size") else None
        shape = size or np.broadcast_shapes(*(values.shape for values, _ in params))
        index = data.draw(indices(shape), label="index")
        if index:
            self.lift(index, params, size)


@st.composite
def indices(draw, shape):
    """Indices that name no element twice, and are done by one node."""
    length = draw(st.integers(0, min(shape, default=0)))
    whole = True
    index = []
    has_arrays = draw(st.booleans())
    for n in shape[: draw(st.integers(0, len(shape)))]:
        kinds = ["int", "slice", "slice", "full"] + ["array", "new"] * has_arrays
        kind = draw(st.sampled_from(kinds))
        if kind == "new":
            index += [None, FULL]
        elif kind == "int":
            index.append(draw(st.integers(-n, n - 1)))
        elif kind == "array":
            index.append(np.array(draw(st.permutations(range(n)))[:length], dtype="int64"))
        else:
            index.append(FULL if kind == "full" else draw(st.slices(n)))
        whole = whole and (kind in ("new", "full"))
    if whole or (any(entry is None for entry in index) and not any(isinstance(entry, np.ndarray) for entry in index)):
        # nothing, or a node that only adds dimensions
        return ()
    return tuple(index)


REWRITES = [local_dimshuffle_rv_lift, local_subtensor_rv_lift]


def taken_apart(rewrite, draw):
    """Return what the rewrite is about, done to a matrix."""
    return draw.T if rewrite is local_dimshuffle_rv_lift else draw[1]


@pytest.mark.parametrize("rewrite", REWRITES, ids=str)
class TestTheRestOfTheGraph:
    """A lifted draw is another one, so that nothing else may depend on which numbers it is."""

    def draw(self, rng=None, size=(3, 2)):
        return at.random.normal(0, 1, size=size, rng=generator() if rng is None else rng)

    def test_the_numbers_are_used_elsewhere(self, rewrite):
        draw = self.draw()
        part = taken_apart(rewrite, draw)
        assert not is_draw(lifted(rewrite, part, draw + 1))
        assert not is_draw(lifted(rewrite, part, draw))
        assert not is_draw(lifted(rewrite, part, draw[0]))
        assert is_draw(lifted(rewrite, part))

    def test_the_same_state_is_drawn_from_elsewhere(self, rewrite):
        rng = generator()
        part = taken_apart(rewrite, self.draw(rng))
        assert not is_draw(lifted(rewrite, part, self.draw(rng)))
        assert not is_draw(lifted(rewrite, part, at.random.uniform(0, 1, rng=rng)))
        assert not is_draw(lifted(rewrite, part, rng))

    def test_the_state_is_a_constant(self, rewrite):
        rng = generator().type.make_constant(np.random.default_rng(3))
        assert not is_draw(lifted(rewrite, taken_apart(rewrite, self.draw(rng))))

    def test_the_next_draw_follows_the_lifted_one(self, rewrite):
        rng = generator()
        draw = self.draw(rng)
        second = at.random.normal(0, 1, rng=draw.owner.outputs[0])
        fgraph = FunctionGraph(outputs=[taken_apart(rewrite, draw), second, second.owner.outputs[0]], clone=False)
        in2out(rewrite).rewrite(fgraph)
        first, then = draws_in(fgraph)
        assert fgraph.outputs[0] is first.outputs[1]
        assert then.inputs[0] is first.outputs[0]
        f = function([], fgraph.outputs[:2], updates=[(rng, fgraph.outputs[2])])
        numbers = np.random.default_rng(7)
        for _ in range(2):
            for value in f():
                np.testing.assert_array_equal(value, numbers.normal(size=value.shape))

    def test_the_shape_is_used_elsewhere(self, rewrite):
        n = at.lscalar("n")
        draw = self.draw(size=(n, 2))
        outputs = [taken_apart(rewrite, draw), draw.shape, draw.shape[0]]
        fgraph = FunctionGraph(outputs=outputs, clone=False)
        assert not is_rv_used_in_graph(fgraph.outputs[0].owner.inputs[0], fgraph.outputs[0].owner, fgraph)
        in2out(rewrite).rewrite(fgraph)
        assert len(draws_in(fgraph)) == 1
        lifted_draw, shape, rows = function([n], fgraph.outputs, mode=PLAIN)(3)
        assert lifted_draw.shape == (taken_apart(rewrite, np.ones((3, 2)))).shape
        assert list(shape) == [3, 2]
        assert rows == 3

    def test_numbers_are_distributed_alike(self, rewrite):
        means = np.arange(6.0).reshape(3, 2)
        draw = at.random.normal(means, 1e-9, rng=generator())
        value = function([], taken_apart(rewrite, draw), mode=Mode("py", in2out(rewrite)))()
        np.testing.assert_allclose(value, taken_apart(rewrite, means), atol=1e-6)


class TestIndexOfTheDraw:
    def test_the_shape_in_the_index(self):
        n = at.lscalar("n")
        draw = located(2.0, 1.0, size=(n,), rng=generator())
        fgraph = FunctionGraph(outputs=[draw[draw.shape[0] - 2 :]], clone=False)
        in2out(local_subtensor_rv_lift).rewrite(fgraph)
        assert len(draws_in(fgraph)) == 1
        assert function([n], fgraph.outputs[0], mode=PLAIN)(5).shape == (2,)

    def test_an_index_made_of_the_numbers(self):
        draw = at.random.normal(0, 1, size=(3,), rng=generator())
        assert not is_draw(lifted(local_subtensor_rv_lift, draw[at.argmax(draw)]))

    def test_an_index_drawn_from_the_next_state(self):
        draw = at.random.normal(0, 1, size=(3,), rng=generator())
        index = at.random.integers(0, 3, rng=draw.owner.outputs[0])
        assert not is_draw(lifted(local_subtensor_rv_lift, draw[index]))
        assert is_draw(lifted(local_subtensor_rv_lift, draw[at.random.integers(0, 3, rng=generator())]))


class TestWhereTheyRun:
    def graph(self):
        return at.random.normal(0, 1, size=(3, 2), rng=generator()).T[1]

    @pytest.mark.parametrize("optimizer", ["fast_run", "fast_compile", "unsafe", "o2", "o3"])
    def test_in_no_mode(self, optimizer):
        rng = generator()
        draw = at.random.normal(0, 1, size=(3, 2), rng=rng)
        f = function([], draw.T[1], mode=Mode("py", optimizer), updates=[(rng, draw.owner.outputs[0])])
        numbers = np.random.default_rng(7)
        for _ in range(2):
            np.testing.assert_array_equal(f(), numbers.normal(size=(3, 2)).T[1])

    def test_in_no_phase(self):
        for include in (("canonicalize",), ("canonicalize", "stabilize", "specialize", "useless")):
            assert not is_draw(rewrite_graph(self.graph(), include=include, clone=True))

    def test_by_tag_and_by_name(self):
        mode = Mode("py", "fast_run")
        for tags in (["random_lift"], ["local_subtensor_rv_lift", "local_dimshuffle_rv_lift"]):
            (output,) = function([], self.graph(), mode=mode.including(*tags)).maker.fgraph.outputs
            assert is_draw(output)
            assert list(output.owner.inputs[1].data) == [3]
        (output,) = function(
            [], self.graph(), mode=mode.including("random_lift").excluding("local_subtensor_rv_lift")
        ).maker.fgraph.outputs
        assert not is_draw(output)
        assert is_draw(rewrite_graph(self.graph(), include=("canonicalize", "random_lift"), clone=True))
        f = function([], self.graph(), mode=mode.including("local_rv_size_lift"))
        assert [node.inputs[1].type.shape for node in draws_in(f.maker.fgraph)] == [(0,)]

    def test_names_and_paths(self):
        assert basic.local_rv_size_lift is local_rv_size_lift
        assert [str(rewrite) for rewrite in (local_rv_size_lift, *REWRITES)] == [
            "local_rv_size_lift",
            "local_dimshuffle_rv_lift",
            "local_subtensor_rv_lift",
        ]


def test_test_values():
    mu = at.dvector("mu")
    mu.tag.test_value = np.arange(3.0)
    with config.change_flags(compute_test_value="raise", compute_test_value_opt="raise"):
        draw = at.random.normal(mu, 1.0, size=(2, 3), rng=generator())
        for output in (draw[0, 1:], draw[:, np.array([2, 0])], draw.dimshuffle(0, "x", 1)):
            mode = Mode("py", EquilibriumGraphRewriter([*REWRITES, local_rv_size_lift], max_use_ratio=100))
            (new,) = function([mu], output, mode=mode).maker.fgraph.outputs
            assert is_draw(new)
            assert new.tag.test_value.shape == output.tag.test_value.shape
