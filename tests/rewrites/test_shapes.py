"""A shape never computes the array that it's asked of."""

import numpy as np
import pytest

import aesaralite.tensor as at
from aesaralite.configdefaults import config
from aesaralite.graph.features import AlreadyThere
from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.op import Op
from aesaralite.rewrites.phases import optdb
from aesaralite.rewrites.shape_feature import ShapeFeature
from aesaralite.testing import check_rewrite

m, n = at.dmatrices("m", "n")
v = at.dvector("v")
i = at.lvector("i")
k = at.lscalar("k")
VALUES = [
    np.arange(1.0, 7.0).reshape(2, 3),
    np.arange(6.0).reshape(3, 2),
    np.array([1.5, -2.0, 0.25]),
    np.array([1, 0, 1, 1]),
    np.array(2),
]
INPUTS = [m, n, v, i, k]
# what may be left of a graph that is only asked for shapes
OF_SHAPES = {
    "Shape_i",
    "MakeVector",
    "Elemwise",
    "DimShuffle",
    "Subtensor",
    "Join",
    "ScalarFromTensor",
    "TensorFromScalar",
}


@pytest.fixture(autouse=True)
def raise_on_error():
    with config.change_flags(on_opt_error="raise", on_shape_error="raise"):
        yield


ARRAYS = {
    "elementwise": at.exp(m) * v + 1,
    "dot": at.dot(m, n),
    "transpose": at.dot(m, n).T,
    "sum": at.exp(m).sum(axis=0),
    "softmax": at.special.softmax(m, axis=1),
    "join": at.concatenate([m, n.T, m], axis=0),
    "stack": at.stack([v, v * 2]),
    "slice": at.exp(m)[1:, :2],
    "symbolic slice": at.exp(v)[:k],
    "integer": at.exp(m)[0],
    "gather": at.exp(m)[i],
    "two indices": at.exp(m)[i, i],
    "set": at.set_subtensor(at.exp(m)[0], 1.0),
    "alloc": at.alloc(at.exp(v), 4, k, v.shape[0]),
    "reshape": at.reshape(at.exp(m), (3, -1)),
    "arange": at.arange(k * 3),
    "eye": at.eye(k),
    "repeat": at.repeat(at.exp(v), 2),
    "expand": at.expand_dims(at.exp(v), 0),
    "argmax": at.argmax(at.exp(m), axis=1),
    "sort": at.sort(at.exp(m)),
    "cumsum": at.cumsum(at.exp(v)),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_shapes_are_worked_out(name):
    array = ARRAYS[name]
    fgraph = check_rewrite(INPUTS, array.shape, VALUES)
    left = {type(node.op).__name__ for node in fgraph.apply_nodes}
    assert left <= OF_SHAPES
    assert "Elemwise{exp}" not in {str(node.op) for node in fgraph.apply_nodes}
    for axis in range(array.type.ndim):
        check_rewrite(INPUTS, array.shape[axis] * 2, VALUES)


def test_of_broadcasting_at_run_time():
    output = (m + n.T).shape
    for rows in (1, 2):
        check_rewrite([m, n], output, [np.ones((rows, 3)), np.ones((3, 2))])
        check_rewrite([m, n], output, [np.ones((2, 3)), np.ones((3, rows))])


def test_known_sizes_are_constants():
    known = at.TensorType("float64", shape=(2, 3))("known")
    fgraph = check_rewrite([known], at.exp(known).shape, [np.ones((2, 3))])
    assert not fgraph.apply_nodes


class Opaque(Op):
    """An Op that doesn't say what shape it makes."""

    __props__ = ()
    itypes = (at.dvector,)
    otypes = (at.dvector,)

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = inputs[0][1:]


def test_without_infer_shape_the_array_is_computed():
    fgraph = check_rewrite(INPUTS, at.exp(Opaque()(v)).shape[0], VALUES)
    assert {str(node.op) for node in fgraph.apply_nodes} == {"Opaque", "Shape_i{0}"}


class Wrong(Opaque):
    def infer_shape(self, fgraph, node, shapes):
        raise KeyError("a mistake")


def test_a_mistake_in_infer_shape(caplog):
    fgraph = FunctionGraph([v], [Wrong()(v).shape], clone=True)
    with config.change_flags(on_shape_error="warn"):
        optdb.query("+canonicalize").rewrite(fgraph)
    assert "a mistake" in caplog.text
    with pytest.raises(KeyError):
        optdb.query("+canonicalize").rewrite(FunctionGraph([v], [Wrong()(v).shape], clone=True))


class TestFeature:
    def attached(self, *outputs):
        feature = ShapeFeature()
        fgraph = FunctionGraph([m, n, v], list(outputs), clone=False, features=[feature])
        return fgraph, feature

    def test_shape_of(self):
        product = at.dot(m, n)
        _, feature = self.attached(product)
        rows, columns = feature.shape_of[product]
        assert (rows.owner.inputs[0], rows.owner.op.i) == (m, 0)
        assert (columns.owner.inputs[0], columns.owner.op.i) == (n, 1)
        assert feature.get_shape(product, 1) is columns
        assert product in feature.shape_of

    def test_same_shape(self):
        doubled, other = m * 2, n * 2
        _, feature = self.attached(doubled, other)
        assert feature.same_shape(m, doubled)
        assert not feature.same_shape(m, other)
        assert feature.same_shape(m, doubled, 0, 0)
        assert not feature.same_shape(m, doubled, 0, 1)
        with pytest.raises(ValueError, match="both dimensions"):
            feature.same_shape(m, doubled, 0)

    def test_one_a_graph(self):
        fgraph, feature = self.attached(m * 2)
        with pytest.raises(AlreadyThere):
            ShapeFeature().on_attach(fgraph)
        fgraph.remove_feature(feature)
        assert not hasattr(fgraph, "shape_feature")

    def test_follows_replacements(self):
        old = Opaque()(v)
        output = at.exp(old)
        fgraph, feature = self.attached(output)
        assert feature.shape_of[output][0].owner.inputs[0] is old
        fgraph.replace(old, v * 2)
        assert feature.shape_of[output][0].owner.inputs[0] is v

    def test_deep_graphs(self):
        y = v
        for _ in range(20_000):
            y = at.exp(y)
        _, feature = self.attached(y)
        assert feature.shape_of[y][0].owner.inputs[0] is v


class TestStatements:
    def test_known_specify_shape(self):
        known = at.TensorType("float64", shape=(2, 3))("known")
        fgraph = check_rewrite([known], at.specify_shape(known, (2, 3)) * 2, [np.ones((2, 3))])
        assert len(fgraph.apply_nodes) == 1

    def test_unknown_specify_shape_stays(self):
        fgraph = check_rewrite(INPUTS, at.specify_shape(m, (2, None)) * 2, VALUES)
        assert "SpecifyShape" in {type(node.op).__name__ for node in fgraph.apply_nodes}
