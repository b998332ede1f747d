"""Indexing and joining: what becomes of them, and that they mean the same."""

import numpy as np
import pytest

import aesaralite
import aesaralite.tensor as at
from aesaralite.configdefaults import config
from aesaralite.testing import check_rewrite

v, w = at.dvectors("v", "w")
m, n = at.dmatrices("m", "n")
i = at.lscalar("i")
INPUTS = [v, w, m, n, i]
VALUES = [np.arange(8.0), np.arange(8.0) ** 2, np.arange(12.0).reshape(3, 4), -np.ones((3, 4)), np.array(1)]


@pytest.fixture(autouse=True)
def raise_on_error():
    with config.change_flags(on_opt_error="raise"):
        yield


def ops(output):
    fgraph = check_rewrite(INPUTS, output, VALUES)
    return [str(node.op) for node in fgraph.toposort()]


@pytest.mark.parametrize(
    "output, expected",
    [
        (v[:], []),
        (v[0 : v.shape[0]], []),
        (m[:, :], []),
        (v[2:][3], 1),
        (v[1:7][2:], 1),
        (v[1:7:2][1:], 1),
        (v[:5][:3], 1),
        (m[1][2], 1),
        (m[i][2], 2),
        (m[:, 1][2], 1),
        (m[1:][:, 2], 1),
        (v[::-1][::-1], None),
        (v[-5:][2:4], None),
        (v[:-1][-1], None),
        (v[i:][i], None),
    ],
    ids=str,
)
def test_merged(output, expected):
    left = ops(output)
    if expected is not None:
        assert len(left) == (expected if isinstance(expected, int) else 0)


@pytest.mark.parametrize(
    "first", [slice(1, 6), slice(None, 5, 2), slice(3, None), slice(-6, None), slice(None, None, -1)]
)
@pytest.mark.parametrize(
    "then", [slice(1, 4), slice(None, 2), slice(2, None, 2), slice(-3, None), slice(None, None, -1), 1]
)
def test_merging_keeps_the_values(first, then):
    check_rewrite([v], v[first][then], [np.arange(9.0)])


def test_an_index_out_of_range_still_fails():
    for output in (v[:3][5], v[2:][100], at.exp(v)[100], at.alloc(1.0, i)[100]):
        f = aesaralite.function(INPUTS, output, mode=aesaralite.Mode("py", "fast_run"), on_unused_input="ignore")
        with pytest.raises(IndexError):
            f(*VALUES)


class TestLifted:
    def test_through_elementwise(self):
        assert ops(at.exp(v)[2]) == ["Subtensor{int64}", "Elemwise{exp}"]
        assert ops((v * 2 + 1)[1:3])[0].startswith("Subtensor")
        assert ops(at.exp(m)[0])[0] == "Subtensor{int64}"

    def test_broadcasting_is_respected(self):
        check_rewrite([v, w], (v + w)[2], [np.ones(1), np.arange(5.0)])
        check_rewrite([v, m], (v + m)[2], [np.arange(4.0), np.ones((3, 4))])
        check_rewrite([m, n], (m * n)[2, 1:], [np.ones((1, 4)), np.ones((3, 4))])

    def test_not_where_the_whole_is_used_too(self):
        y = at.exp(v)
        fgraph = check_rewrite([v], [y, y[0]], [VALUES[0]])
        assert [str(node.op) for node in fgraph.toposort()].count("Elemwise{exp}") == 1

    def test_through_transposition(self):
        assert ops(m.T[1]) == ["Subtensor{::, int64}"] or len(ops(m.T[1])) == 1
        check_rewrite([m], m.T[1:, :2], [VALUES[2]])

    def test_through_alloc(self):
        left = ops(at.alloc(v, 5, v.shape[0])[1:4])
        assert not any(op.startswith("Subtensor") for op in left)

    def test_from_join(self):
        a, b = (at.TensorType("float64", shape=(2,))(name) for name in "ab")
        joined = at.concatenate([a, b])
        for position, source in ((0, 0), (3, 1), (-1, 1), (-4, 0)):
            fgraph = check_rewrite([a, b], joined[position], [np.arange(2.0), np.arange(2.0) + 5])
            (node,) = fgraph.apply_nodes
            assert node.inputs[0] is fgraph.inputs[source]

    def test_from_make_vector(self):
        assert ops(at.stack([i, i * 2, i * 3])[1]) == ops(i * 2)


class TestWritten:
    def test_read_back(self):
        y = at.dscalar("y")
        three = at.TensorType("float64", shape=(3,))("three")
        fgraph = check_rewrite([three, y], at.set_subtensor(three[2], y)[2], [np.arange(3.0), 3.0])
        assert not fgraph.apply_nodes
        check_rewrite([v, y], at.set_subtensor(v[2], y)[2], [VALUES[0], 3.0])

    @pytest.mark.parametrize(
        "written",
        [
            lambda x, i: at.set_subtensor(x[i], 1.0)[i],
            lambda x, i: at.set_subtensor(x[2], 1.0)[2],
            lambda x, i: at.set_subtensor(x[[i]], x[[i]]),
            lambda x, i: at.set_subtensor(x[at.stack([i, i])], x[at.stack([i, i])]),
            lambda x, i: at.set_subtensor(x[[[0, 2]]], x[[[0, 2]]]),
            lambda x, i: at.inc_subtensor(x[i], 0.0),
            lambda x, i: at.inc_subtensor(x[i:], at.zeros(5)),
        ],
    )
    def test_what_is_wrong_stays_an_error(self, written, linker):
        f = aesaralite.function([v, i], written(v, i), on_unused_input="ignore")
        with pytest.raises((IndexError, ValueError)):
            f(np.ones(2), 2)

    @pytest.mark.parametrize("index", [[0, 2], [[0, -3]]])
    def test_read_and_written_back(self, index):
        three = at.TensorType("float64", shape=(3,))("three")
        fgraph = check_rewrite([three], at.set_subtensor(three[index], three[index]), [np.arange(3.0)])
        assert not fgraph.apply_nodes

    def test_read_back_after_an_increment(self):
        y = at.dscalar("y")
        known, pair = (at.TensorType("float64", shape=(size,))() for size in (8, 2))
        for output in (at.inc_subtensor(known[2], y)[2], at.inc_subtensor(known[1:3], pair)[1:3]):
            check_rewrite([known, y, pair], output, [VALUES[0], 3.0, np.array([5.0, 7.0])])

    def test_whole(self):
        assert ops(at.set_subtensor(v[:], 2 * v)) == ops(2 * v)
        check_rewrite([v, w], at.set_subtensor(v[:], w), [np.arange(3.0), np.ones(1)])

    def test_nothing_added(self):
        assert ops(at.inc_subtensor(v[1:3], 0.0)) == []

    def test_zeros(self):
        left = ops(at.inc_subtensor(at.zeros_like(v)[1:3], 5.0))
        assert any("Set" in op or "set" in op for op in left) or left


class TestJoined:
    def test_one(self):
        assert ops(at.concatenate([v])) == []

    def test_nested(self):
        left = ops(at.concatenate([at.concatenate([v, w]), v]))
        assert len(left) == 1
        check_rewrite([m, n], at.concatenate([at.concatenate([m, n], axis=1), m], axis=1), VALUES[2:4])

    def test_different_axes_stay(self):
        check_rewrite(
            [m, n], at.concatenate([at.concatenate([m, n], axis=1), at.concatenate([n, m], axis=1)]), VALUES[2:4]
        )

    def test_sum_of_stack(self):
        x, y = at.dscalars("x", "y")
        fgraph = check_rewrite([x, y], at.stack([x, y]).sum(), [1.0, 2.0])
        assert len(fgraph.apply_nodes) <= 2

    def test_sizes_are_still_compared(self):
        f = aesaralite.function([v, w], at.stack([v, w]).sum(axis=0), mode=aesaralite.Mode("py", "fast_run"))
        with pytest.raises(ValueError):
            f(np.ones(3), np.ones(1))


def zeros_like_v():
    return at.zeros_like(v)


@pytest.mark.parametrize(
    "output, expected",
    [
        (v + at.inc_subtensor(zeros_like_v()[1:3], w[:2]), 1),
        (v + at.set_subtensor(zeros_like_v()[i], w[0]) + at.inc_subtensor(zeros_like_v()[2:], 1.0), 2),
        (at.set_subtensor(zeros_like_v()[0], w[0]) + at.set_subtensor(zeros_like_v()[0], w[1]), 2),
        (v + at.inc_subtensor(zeros_like_v()[[1, 1, 2]], w[:3]), 1),
        (m + at.inc_subtensor(at.zeros_like(m)[:, [0, 0]], n[:, :2]), 1),
        (v + at.set_subtensor(zeros_like_v()[[1, 1, 2]], w[:3]), None),
        (v[:1] + at.inc_subtensor(zeros_like_v()[1:3], w[:2]), None),
        (v * 2 + (lambda t: t * t + t)(at.inc_subtensor(zeros_like_v()[1:3], w[:2])), None),
        (v + at.inc_subtensor(at.ones_like(v)[1:3], w[:2]), None),
    ],
    ids=str,
)
def test_what_is_added_to_zeros_is_added_to_the_sum(output, expected):
    left = ops(output)
    sums = [op for op in left if op.startswith(("Elemwise{add", "Elemwise{Composite"))]
    if expected is None:
        assert sums
    else:
        assert not sums
        assert sum("IncSubtensor" in op for op in left) == expected


def test_the_gradient_of_a_divided_vector_is_one_array():
    first, second, third = v[0], v[1], v[2:6]
    cost = at.exp(first) * third.sum() + second**2 * (third**2).sum()
    left = ops(aesaralite.grad(cost, v))
    assert not any(op == "Elemwise{add}" for op in left[-3:])
    assert sum("IncSubtensor" in op for op in left) == 3


def test_an_element_of_joined_dtypes_has_the_joint_one():
    x, y = at.TensorType("float32", (1,))("x"), at.TensorType("float64", (1,))("y")
    for position in (0, -1):
        f = aesaralite.function([x, y], at.join(0, y, x)[position], on_unused_input="ignore")
        got = f(np.ones(1, "float32"), np.ones(1))
        assert got == 1 and got.dtype == "float64"
