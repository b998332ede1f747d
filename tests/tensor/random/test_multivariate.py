"""Distributions of vectors: methods, shapes, batches, kinds of generators. `test_bits` has the numbers."""

import numpy as np
import pytest

import aesaralite
import aesaralite.tensor as at
from aesaralite.compile.mode import Mode
from aesaralite.tensor.random.basic import MultivariateHypergeometricRV, MvNormalRV

PY = Mode("py", optimizer=None)
COV = np.array([[2.0, 0.6, 0.0], [0.6, 1.0, -0.3], [0.0, -0.3, 0.5]])
MEAN = np.array([1.0, -2.0, 30.0])


def sample(name, *args, generator=None, **kwargs):
    rng = aesaralite.shared(np.random.default_rng(5) if generator is None else generator)
    return aesaralite.function(
        [], getattr(at.random, name)(*args, rng=rng, **kwargs), mode=PY, no_default_updates=True
    )()


class TestMultivariateNormal:
    def test_defaults(self):
        for size in (None, 4, (2, 3)):
            expected = np.random.default_rng(5).multivariate_normal([0.0], [[1.0]], size)
            np.testing.assert_array_equal(sample("multivariate_normal", size=size), expected)
        assert at.random.multivariate_normal().type.shape == (1,)

    @pytest.mark.parametrize("method", ["svd", "eigh", "cholesky"])
    def test_methods(self, method):
        expected = np.random.default_rng(5).multivariate_normal(MEAN, COV, 4, method=method)
        np.testing.assert_array_equal(sample("multivariate_normal", MEAN, COV, 4, method=method), expected)
        op = MvNormalRV(method=method)
        assert op == MvNormalRV(method=method) and (op == at.random.multivariate_normal) == (method == "svd")
        draw = op(MEAN, COV)
        assert draw.owner.op.method == method and at.random.multivariate_normal(MEAN, COV, method=method).owner.op == op

    def test_unknown_methods(self):
        with pytest.raises(ValueError, match="'qr'"):
            at.random.multivariate_normal(MEAN, COV, method="qr")

    def test_what_cholesky_refuses(self):
        singular = np.ones((3, 3))
        assert sample("multivariate_normal", MEAN, singular).shape == (3,)
        with pytest.raises(np.linalg.LinAlgError, match="not positive definite"):
            sample("multivariate_normal", MEAN, singular, method="cholesky")

    def test_legacy_generators(self):
        expected = np.random.RandomState(5).multivariate_normal(MEAN, COV, 4)
        got = sample("multivariate_normal", MEAN, COV, 4, generator=np.random.RandomState(5))
        np.testing.assert_array_equal(got, expected)
        with pytest.raises(TypeError, match='method="eigh"'):
            at.random.multivariate_normal(MEAN, COV, method="eigh", rng=aesaralite.shared(np.random.RandomState(5)))

    def test_batches_are_drawn_in_order(self):
        means, covs = np.stack([MEAN, 10 * MEAN]), np.stack([COV, 2 * COV, np.eye(3)])[:, None]
        rng = np.random.default_rng(5)
        expected = [[rng.multivariate_normal(m, c[0]) for m in means] for c in covs]
        np.testing.assert_array_equal(sample("multivariate_normal", means, covs), expected)
        np.testing.assert_array_equal(sample("multivariate_normal", means, covs, (3, 2)), expected)

    def test_shapes(self):
        mean, cov = at.dmatrix(), at.dtensor4()
        draw = at.random.multivariate_normal(mean, cov, size=(2, 5))
        assert draw.type.shape == (2, 5, None)
        assert at.random.multivariate_normal(mean, COV).type.shape == (None, None)
        assert at.random.multivariate_normal(np.zeros((4, 3)), at.dmatrix()).type.shape == (4, 3)
        with pytest.raises(ValueError, match=r"'mean'.* needs at least 1 dimensions"):
            at.random.multivariate_normal(0.0, COV)
        with pytest.raises(ValueError, match=r"'cov'.* needs at least 2 dimensions"):
            at.random.multivariate_normal(MEAN, MEAN)
        with pytest.raises(ValueError, match="mean and cov must have same length"):
            at.random.multivariate_normal(MEAN, np.eye(2))
        with pytest.raises(ValueError, match="cov must be 2 dimensional and square"):
            at.random.multivariate_normal(MEAN, np.ones((3, 2)))

    def test_lengths_are_compared_when_it_runs(self):
        mean, cov = at.dvector(), at.dmatrix()
        rng = aesaralite.shared(np.random.default_rng(5))
        function = aesaralite.function(
            [mean, cov], at.random.multivariate_normal(mean, cov, rng=rng), mode=PY, no_default_updates=True
        )
        with pytest.raises(ValueError, match="mean and cov must have same length"):
            function([0.0], np.eye(2))
        with pytest.raises(ValueError, match="cov must be 2 dimensional and square"):
            function([0.0], np.ones((1, 2)))


class TestMultinomial:
    P = np.array([[0.2, 0.5, 0.3], [1.0, 0.0, 0.0]])

    def test_batches(self):
        rng = np.random.default_rng(5)
        expected = [rng.multinomial(n, p) for n, p in zip([10, 20], self.P)]
        np.testing.assert_array_equal(sample("multinomial", [10, 20], self.P), expected)
        # NumPy's own batches are the same
        np.testing.assert_array_equal(np.random.default_rng(5).multinomial([10, 20], self.P), expected)
        got = sample("multinomial", [10, 20], self.P, (4, 2))
        np.testing.assert_array_equal(got, np.random.default_rng(5).multinomial([10, 20], self.P, (4, 2)))

    def test_legacy_generators(self):
        rng = np.random.RandomState(5)
        expected = [[rng.multinomial(10, p) for p in self.P] for _ in range(3)]
        np.testing.assert_array_equal(
            sample("multinomial", 10, self.P, (3, 2), generator=np.random.RandomState(5)), expected
        )

    def test_shapes(self):
        assert at.random.multinomial(at.lvector(), self.P[0]).type.shape == (None, 3)
        assert at.random.multinomial(at.lvector(), at.dmatrix(), size=(4, 2)).type.shape == (4, 2, None)
        with pytest.raises(ValueError, match=r"'p'.* needs at least 1 dimensions"):
            at.random.multinomial(10, 0.5)


class TestDirichlet:
    A = np.array([[100.0, 1.0, 1.0], [0.05, 0.01, 0.02]])

    @pytest.mark.parametrize("make", [np.random.default_rng, np.random.RandomState])
    def test_batches(self, make):
        for size in (None, (2,), (4, 2)):
            rng = make(5)
            shape = size or (2,)
            expected = [rng.dirichlet(self.A[index[-1]]) for index in np.ndindex(*shape)]
            got = sample("dirichlet", self.A, size, generator=make(5))
            np.testing.assert_array_equal(got, np.reshape(expected, (*shape, 3)))

    def test_shapes(self):
        alphas = at.dmatrix()
        assert at.random.dirichlet(alphas).type.ndim == 2
        assert at.random.dirichlet(self.A[0], size=(4, 5)).type.shape == (4, 5, 3)
        with pytest.raises(ValueError, match=r"'alphas'.* needs at least 1 dimensions"):
            at.random.dirichlet(1.0)
        with pytest.raises(ValueError, match="not compatible with broadcast dimensions"):
            at.random.dirichlet(self.A, size=(3,))


class TestMultivariateHypergeometric:
    def test_methods(self):
        for method in ("marginals", "count"):
            expected = np.random.default_rng(5).multivariate_hypergeometric([3, 4, 5], 6, 4, method=method)
            got = sample("multivariate_hypergeometric", [3, 4, 5], 6, 4, method=method)
            np.testing.assert_array_equal(got, expected)
        assert MultivariateHypergeometricRV() == at.random.multivariate_hypergeometric
        with pytest.raises(ValueError, match="'best'"):
            at.random.multivariate_hypergeometric([3], 1, method="best")

    def test_batches(self):
        rng = np.random.default_rng(5)
        expected = [rng.multivariate_hypergeometric([3, 4, 5], n) for n in (0, 6, 12)]
        np.testing.assert_array_equal(sample("multivariate_hypergeometric", [3, 4, 5], [0, 6, 12]), expected)

    def test_legacy_generators_have_none(self):
        with pytest.raises(TypeError, match="only available for `RandomGeneratorType`s"):
            at.random.multivariate_hypergeometric([3], 1, rng=aesaralite.shared(np.random.RandomState(5)))


def test_direct_calls_take_sizes_in_any_form():
    # as programs for Aesara do
    alphas = np.ones((2, 3))
    for size in ((), [], None):
        rng = np.random.default_rng(5)
        expected = [rng.dirichlet(a) for a in alphas]
        np.testing.assert_array_equal(at.random.dirichlet.rng_fn(np.random.default_rng(5), alphas, size), expected)
    for size in (4, [4], (4,), np.array([4])):
        got = at.random.dirichlet.rng_fn(np.random.default_rng(5), alphas[0], size)
        np.testing.assert_array_equal(got, np.random.default_rng(5).dirichlet(alphas[0], 4))
