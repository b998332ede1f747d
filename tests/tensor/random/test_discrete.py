"""Distributions of integers: signatures, dtypes, kinds of generators. `test_bits` has the numbers."""

import inspect

import numpy as np
import pytest

import aesaralite
import aesaralite.tensor as at
from aesaralite.compile.mode import Mode

PY = Mode("py", optimizer=None)


def sample(name, *args, generator=None, **kwargs):
    rng = aesaralite.shared(np.random.default_rng(5) if generator is None else generator)
    return aesaralite.function(
        [], getattr(at.random, name)(*args, rng=rng, **kwargs), mode=PY, no_default_updates=True
    )()


SIGNATURES = {
    "bernoulli": "p",
    "binomial": "n, p",
    "nbinom": "n, p",
    "negative_binomial": "n, p",
    "betabinom": "n, a, b",
    "poisson": "lam=1.0",
    "geometric": "p",
    "hypergeometric": "ngood, nbad, nsample",
    "zipf": "a",
    "logseries": "p",
    "integers": "low, high=None",
    "randint": "low, high=None",
    "categorical": "p",
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_signatures(name):
    call = type(getattr(at.random, name)).__call__
    positional = [p for p in inspect.signature(call).parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    shown = [p.name if p.default is p.empty else f"{p.name}={p.default}" for p in positional if p.name != "self"]
    assert ", ".join(shown) == ", ".join([SIGNATURES[name], "size=None"])


def test_dtypes():
    assert at.random.poisson().type.dtype == "int64"
    for dtype in ("int8", "uint16", "float32", "bool"):
        got = sample("bernoulli", 0.5, size=20, dtype=dtype)
        assert got.dtype == dtype
        np.testing.assert_array_equal(got, np.random.default_rng(5).binomial(1, 0.5, 20))
    with pytest.raises(OverflowError, match="doesn't fit into its dtype, int8"):
        sample("poisson", 1e4, dtype="int8")


class TestIntegers:
    def test_one_bound(self):
        np.testing.assert_array_equal(sample("integers", 10, size=5), np.random.default_rng(5).integers(10, size=5))
        np.testing.assert_array_equal(
            sample("integers", [1, 2, 3], size=(5, 3)), np.random.default_rng(5).integers([1, 2, 3], size=(5, 3))
        )

    def test_wide_ranges(self):
        low, high = np.iinfo("int64").min, np.iinfo("int64").max
        np.testing.assert_array_equal(
            sample("integers", low, high, size=50), np.random.default_rng(5).integers(low, high, size=50)
        )
        for width in (2**31, 2**32 - 1, 2**32, 2**32 + 1):
            np.testing.assert_array_equal(
                sample("integers", 0, width, size=50), np.random.default_rng(5).integers(width, size=50)
            )

    def test_kinds_of_generators(self):
        legacy, modern = aesaralite.shared(np.random.RandomState(5)), aesaralite.shared(np.random.default_rng(5))
        with pytest.raises(TypeError, match="Use `randint`"):
            at.random.integers(10, rng=legacy)
        for rng in (modern, None):
            with pytest.raises(TypeError, match="use `integers`"):
                at.random.randint(10, rng=rng)
        assert at.random.integers(10).type.dtype == "int64"

    def test_randint(self):
        for args, size in [((10,), None), ((3, 10), (4,)), (([0, 1, 2], 5), (3, 3)), (([0], [5]), None)]:
            generator = np.random.RandomState(5)
            got = sample("randint", *args, size=size, generator=generator)
            low, high = args if len(args) == 2 else (0, args[0])
            np.testing.assert_array_equal(got, generator.randint(low, high, size))


class TestCategorical:
    P = np.array([[0.2, 0.5, 0.3], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])

    def test_single_draw(self):
        rng = np.random.default_rng(5)
        assert sample("categorical", self.P[0]) == rng.choice(3, p=self.P[0])

    def test_each_row_has_its_own_probabilities(self):
        for size in [None, (3,), (4, 3), (2, 4, 3)]:
            rng = np.random.default_rng(5)
            shape = size or (3,)
            expected = np.empty(shape, dtype="int64")
            for index in np.ndindex(*shape):
                expected[index] = rng.choice(3, p=self.P[index[-1]])
            got = sample("categorical", self.P, size=size)
            np.testing.assert_array_equal(got, expected)
            assert (got[..., 1] == 2).all() and (got[..., 2] == 0).all()

    def test_what_is_impossible_is_never_drawn(self):
        p = np.array([0.0, 0.5, 0.0, 0.5, 0.0])
        assert set(np.unique(sample("categorical", p, size=1000))) == {1, 3}

    def test_probabilities_in_float32(self):
        p = np.full(7, 1 / 7, dtype="float32")
        p[0] += 1e-5
        np.testing.assert_array_equal(sample("categorical", p, size=100), np.random.default_rng(5).choice(7, 100, p=p))
        with pytest.raises(ValueError, match="do not sum to 1"):
            sample("categorical", p.astype("float64"))

    def test_shapes(self):
        p = at.dmatrix()
        assert at.random.categorical(p).type.ndim == 1
        assert at.random.categorical(p, size=(4, 5)).type.shape == (4, 5)
        assert at.random.categorical(at.dvector()).type.shape == ()
        with pytest.raises(ValueError, match=r"'p'.* needs at least 1 dimensions"):
            at.random.categorical(0.5)

    def test_probabilities_stay_as_they_are(self):
        p = self.P.copy()
        at.random.categorical.rng_fn(np.random.default_rng(5), p, (2, 3))
        np.testing.assert_array_equal(p, self.P)


def test_size_of_beta_binomial_counts_all_parameters():
    # probabilities are drawn for each n, not for each a and b
    n = np.array([[3], [100]])
    got = sample("betabinom", n, np.ones(3), 2.0)
    rng = np.random.default_rng(5)
    p = rng.beta(np.ones(3), 2.0, (2, 3))
    np.testing.assert_array_equal(got, rng.binomial(n, p))
