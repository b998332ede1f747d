"""What is drawn from arrays: choices, permutations. `test_bits` has the numbers."""

import pickle

import numpy as np
import pytest

import aesaralite
import aesaralite.tensor as at
from aesaralite.compile.mode import Mode
from aesaralite.tensor.shaping import shape_tuple

PY = Mode("py", optimizer=None)
A = np.arange(24.0).reshape(4, 2, 3)


def sample(name, *args, generator=None, **kwargs):
    rng = aesaralite.shared(np.random.default_rng(5) if generator is None else generator)
    return aesaralite.function(
        [], getattr(at.random, name)(*args, rng=rng, **kwargs), mode=PY, no_default_updates=True
    )()


@pytest.fixture
def legacy():
    return aesaralite.shared(np.random.RandomState(5))


class TestChoice:
    def test_of_integers(self):
        for dtype in ("int64", "int8", "uint16"):
            got = sample("choice", np.array(7, dtype), (2, 3))
            assert got.dtype == "int64"
            np.testing.assert_array_equal(got, np.random.default_rng(5).choice(7, (2, 3)))
        n = at.bscalar()
        rng = aesaralite.shared(np.random.default_rng(5))
        function = aesaralite.function([n], at.random.choice(n, 4, rng=rng), mode=PY, no_default_updates=True)
        np.testing.assert_array_equal(function(9), np.random.default_rng(5).choice(9, 4))

    def test_of_numbers_that_are_none(self):
        for a in (3.0, np.array(True), at.dscalar()):
            with pytest.raises(TypeError, match="a must be an array or an integer"):
                at.random.choice(a)

    def test_shapes(self):
        assert at.random.choice(5).type.shape == ()
        assert at.random.choice(at.dvector(), (2, 3)).type.shape == (2, 3)
        assert at.random.choice(A).type.shape == (2, 3)
        assert at.random.choice(A, 7, axis=1).type.shape == (4, 7, 3)
        assert at.random.choice(A, (7, 8), axis=-1).type.shape == (4, 2, 7, 8)
        assert at.random.choice(at.dmatrix(), 5).type.shape == (5, None)
        x, n = at.dmatrix(), at.lscalar()
        draw = at.random.choice(x, (n, 2), axis=1)
        sizes = aesaralite.function([x, n], shape_tuple(draw), mode=PY)(np.zeros((3, 4)), 5)
        assert [int(size) for size in sizes] == [3, 5, 2]
        with pytest.raises(ValueError, match="axis"):
            at.random.choice(A, axis=3)

    def test_single_draws(self):
        # with replacement the elements are drawn on their own; without it, all of them together
        assert at.random.choice(5, (2, 3)).owner.op.ndim_supp == 0
        assert at.random.choice(A, (2, 3)).owner.op.ndim_supp == 2
        assert at.random.choice(5, (2, 3), replace=False).owner.op.ndim_supp == 2
        assert at.random.choice(A, 2, replace=False).owner.op.ndim_supp == 3
        assert at.random.choice(A, 2, axis=1).owner.op.ndim_supp == 3
        assert at.random.choice(5, 2, replace=at.bscalar()).owner.op.ndim_supp == 1

    def test_symbolic_replacement(self):
        replace = at.bscalar()
        rng = aesaralite.shared(np.random.default_rng(5))
        function = aesaralite.function(
            [replace], at.random.choice(9, 9, replace, rng=rng), mode=PY, no_default_updates=True
        )
        for value in (0, 1):
            np.testing.assert_array_equal(function(value), np.random.default_rng(5).choice(9, 9, bool(value)))

    def test_probabilities(self):
        p = [0.1, 0.2, 0.7]
        np.testing.assert_array_equal(sample("choice", 3, 9, p=p), np.random.default_rng(5).choice(3, 9, p=p))
        assert sorted(sample("choice", [4, 5, 6], 3, False, p)) == [4, 5, 6]
        with pytest.raises(ValueError, match="p must be 1-dimensional"):
            at.random.choice(3, p=[p])
        for a in (2, [4, 5], A):
            with pytest.raises(ValueError, match="a and p must have same size"):
                at.random.choice(a, p=p)
        assert at.random.choice(A, p=p[:2], axis=1, size=1).type.shape == (4, 1, 3)

    def test_legacy_generators(self, legacy):
        expected = np.random.RandomState(5).choice(9, (2, 3), False)
        np.testing.assert_array_equal(sample("choice", 9, (2, 3), False, generator=np.random.RandomState(5)), expected)
        with pytest.raises(TypeError):
            sample("choice", A, axis=1, generator=np.random.RandomState(5))

    def test_pickles(self):
        draw = at.random.choice(5, size=(2, 3), replace=False, shuffle=False)
        op = pickle.loads(pickle.dumps(draw)).owner.op
        assert op == draw.owner.op and not op.shuffle
        assert op != at.random.choice(5, size=(2, 3), replace=False).owner.op


class TestPermutation:
    def test_of_integers(self):
        assert at.random.permutation(5).type.shape == (5,)
        assert at.random.permutation(-3).type.shape == (0,)
        got = sample("permutation", np.array(5, dtype="int8"))
        assert got.dtype == "int64"
        np.testing.assert_array_equal(got, np.random.default_rng(5).permutation(5))
        n = at.lscalar()
        draw = at.random.permutation(n, rng=aesaralite.shared(np.random.default_rng(5)))
        function = aesaralite.function([n], [draw, draw.shape[0]], mode=PY, no_default_updates=True)
        for value in (7, 0, -3):
            got, length = function(value)
            np.testing.assert_array_equal(got, np.random.default_rng(5).permutation(value))
            assert length == len(got)
        with pytest.raises(TypeError, match="x must be an array or an integer"):
            at.random.permutation(3.0)

    def test_of_arrays(self):
        for axis in range(3):
            expected = np.random.default_rng(5).permutation(A, axis=axis)
            np.testing.assert_array_equal(sample("permutation", A, axis=axis), expected)
            np.testing.assert_array_equal(sample("permutation", A, axis=axis - 3), expected)
        assert at.random.permutation(A).owner.op.ndim_supp == 3
        assert at.random.permutation(at.fmatrix()).type.dtype == "float32"

    def test_batches(self):
        rng = np.random.default_rng(5)
        expected = [[rng.permutation(4) for _ in range(3)] for _ in range(2)]
        np.testing.assert_array_equal(sample("permutation", 4, (2, 3)), expected)
        assert at.random.permutation(A, size=(5,)).type.shape == (5, 4, 2, 3)
        assert sample("permutation", A, size=(0,)).shape == (0, 4, 2, 3)

    def test_legacy_generators(self):
        expected = np.random.RandomState(5).permutation(A)
        np.testing.assert_array_equal(sample("permutation", A, generator=np.random.RandomState(5)), expected)
        with pytest.raises(TypeError):
            sample("permutation", A, axis=1, generator=np.random.RandomState(5))


def test_shuffle():
    for axis in (0, 1, -1):
        expected = A.copy()
        np.random.default_rng(5).shuffle(expected, axis=axis)
        np.testing.assert_array_equal(sample("shuffle", A, axis), expected)
    for x in (3, at.lscalar()):
        with pytest.raises(TypeError, match="`permutation` takes"):
            at.random.shuffle(x)


def test_permuted(legacy):
    for axis in (None, 0, -1):
        expected = np.random.default_rng(5).permuted(A, axis=axis)
        np.testing.assert_array_equal(sample("permuted", A, axis), expected)
    x = A.copy()
    at.random.permuted.rng_fn(np.random.default_rng(5), x, None)
    np.testing.assert_array_equal(x, A)
    with pytest.raises(TypeError, match="only available for `RandomGeneratorType`s"):
        at.random.permuted(A, rng=legacy)
    with pytest.raises(TypeError, match="is a number"):
        at.random.permuted(3)
