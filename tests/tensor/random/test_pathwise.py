"""Gradients with respect to the parameters of distributions."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from scipy import stats

import aesaralite.tensor as at
from aesaralite import Mode, config, function, shared
from aesaralite.errors import DisconnectedInputError, NullTypeGradError
from aesaralite.gradient import Lop, Rop, disconnected_grad, grad, hessian, jacobian
from aesaralite.tensor.random import basic
from aesaralite.tensor.random.op import PATHWISE, RandomVariable
from aesaralite.tensor.random.utils import RandomStream

PY = Mode(linker="py", optimizer="fast_compile")
SEED = 20180522


@dataclass(frozen=True)
class Case:
    """A distribution with parameters for which it's tested, and its quantiles."""

    draw: Any
    params: tuple[float, ...]
    quantile: Any
    cdf: Any
    follows_quantile: bool = False
    """Whether the sampler's number of a seed moves with the parameters as a quantile does."""
    without: tuple[int, ...] = ()
    """The parameters that have no derivative."""


def case(draw, params, dist, arguments=lambda *params: params, **kwargs):
    return Case(
        draw,
        params,
        lambda u, *params: dist.ppf(u, *arguments(*params)),
        lambda x, *params: dist.cdf(x, *arguments(*params)),
        **kwargs,
    )


CASES = {
    "normal": case(basic.normal, (0.3, 1.7), stats.norm, follows_quantile=True),
    "laplace": case(basic.laplace, (0.3, 1.7), stats.laplace, follows_quantile=True),
    "logistic": case(basic.logistic, (0.3, 1.7), stats.logistic, follows_quantile=True),
    "gumbel": case(basic.gumbel, (0.3, 1.7), stats.gumbel_r, follows_quantile=True),
    "cauchy": case(basic.cauchy, (0.3, 1.7), stats.cauchy, follows_quantile=True),
    "halfnormal": case(basic.halfnormal, (0.3, 1.7), stats.halfnorm, follows_quantile=True),
    "halfcauchy": case(basic.halfcauchy, (0.3, 1.7), stats.halfcauchy, follows_quantile=True),
    "uniform": case(
        basic.uniform, (-0.4, 1.7), stats.uniform, lambda low, high: (low, high - low), follows_quantile=True
    ),
    "lognormal": case(
        basic.lognormal, (0.4, 0.8), stats.lognorm, lambda mean, s: (s, 0, np.exp(mean)), follows_quantile=True
    ),
    "exponential": case(basic.exponential, (1.7,), stats.expon, lambda scale: (0, scale), follows_quantile=True),
    "rayleigh": case(basic.rayleigh, (1.7,), stats.rayleigh, lambda scale: (0, scale), follows_quantile=True),
    "power": case(basic.power, (1.7,), stats.powerlaw, follows_quantile=True),
    "weibull": case(basic.weibull, (1.7,), stats.weibull_min, follows_quantile=True),
    "pareto": case(basic.pareto, (2.7, 0.8), stats.pareto, lambda b, scale: (b, 0, scale), follows_quantile=True),
    "triangular": case(
        basic.triangular,
        (-0.4, 0.9, 1.7),
        stats.triang,
        lambda left, mode, right: ((mode - left) / (right - left), left, right - left),
        follows_quantile=True,
    ),
    "truncexpon": case(basic.truncexpon, (2.7, 0.3, 1.4), stats.truncexpon, follows_quantile=True),
    "wald": case(basic.wald, (1.3, 2.4), stats.invgauss, lambda mean, scale: (mean / scale, 0, scale)),
    "wald, long tail": case(basic.wald, (3.3, 0.4), stats.invgauss, lambda mean, scale: (mean / scale, 0, scale)),
    "t": case(basic.t, (3.7, 0.2, 1.5), stats.t),
    "t, long tails": case(basic.t, (0.7, 0.2, 1.5), stats.t),
    "t, nearly normal": case(basic.t, (57.0, 0.2, 1.5), stats.t),
    "gamma": case(
        lambda shape, scale, **kwargs: basic.gamma(shape, scale=scale, **kwargs),
        (1.3, 2.4),
        stats.gamma,
        lambda shape, scale: (shape, 0, scale),
    ),
    "gamma, small": case(
        lambda shape, scale, **kwargs: basic.gamma(shape, scale=scale, **kwargs),
        (0.05, 2.4),
        stats.gamma,
        lambda shape, scale: (shape, 0, scale),
    ),
    "gamma, large": case(
        lambda shape, scale, **kwargs: basic.gamma(shape, scale=scale, **kwargs),
        (800.0, 2.4),
        stats.gamma,
        lambda shape, scale: (shape, 0, scale),
    ),
    "chisquare": case(basic.chisquare, (3.3,), stats.chi2),
    "noncentral_chisquare": case(basic.noncentral_chisquare, (3.3, 1.7), stats.ncx2, without=(0,)),
    "invgamma": case(
        basic.invgamma, (3.3, 1.7), stats.invgamma, lambda shape, scale: (shape, 0, scale), follows_quantile=True
    ),
    "gengamma": case(basic.gengamma, (3.3, 1.7, 0.8), stats.gengamma, lambda alpha, p, lambd: (alpha / p, p, 0, lambd)),
    "beta": case(basic.beta, (1.7, 2.6), stats.beta),
    "beta, at the ends": case(basic.beta, (0.4, 0.3), stats.beta),
    "beta, large": case(basic.beta, (500.0, 3.0), stats.beta),
    "f": case(basic.f, (3.3, 5.7), stats.f),
    "vonmises": case(basic.vonmises, (0.3, 2.7), stats.vonmises, lambda mu, kappa: (kappa, mu), without=(1,)),
}
FOLLOWING = {name: case for name, case in CASES.items() if case.follows_quantile}


def scalars(case: Case, dtype: str = "float64") -> list[Any]:
    return [at.scalar(f"p{i}", dtype=dtype) for i in range(len(case.params))]


def fresh_rng():
    return shared(np.random.default_rng(SEED), name="rng")


def difference(function, params, i, relative_step=1e-4):
    """The derivative of a function of numbers with respect to one of them, by a central difference of order 4."""
    step = relative_step * max(abs(params[i]), 0.1)

    def moved(steps):
        return function(*params[:i], params[i] + steps * step, *params[i + 1 :])

    return (8 * (moved(1) - moved(-1)) - (moved(2) - moved(-2))) / (12 * step)


def elementwise_gradients(case: Case, size: int, dtype: str = "float64", mode: Any = PY):
    """A draw, and its derivatives with respect to parameters of the draw's shape."""
    vectors = [at.vector(f"p{i}", dtype=dtype) for i in range(len(case.params))]
    kept = [vector for i, vector in enumerate(vectors) if i not in case.without]
    with config.change_flags(floatX=dtype):
        draw = case.draw(*vectors, rng=fresh_rng())
        gradients = grad(draw.sum(), kept)
    f = function(vectors, [draw, *gradients], mode=mode, no_default_updates=True)
    draw, *gradients = f(*(np.full(size, param, dtype=dtype) for param in case.params))
    for array in gradients:
        assert array.dtype == dtype and array.shape == draw.shape
    return draw, dict(zip((i for i in range(len(vectors)) if i not in case.without), gradients, strict=True))


class TestDerivatives:
    @pytest.mark.parametrize("name", CASES)
    def test_the_quantile_is_kept(self, name):
        case = CASES[name]
        # SciPy looks for the quantiles of angles one by one
        size = 20 if name == "vonmises" else 200
        draw, gradients = elementwise_gradients(case, size)
        u = case.cdf(draw, *case.params)
        # where the distribution function has digits to spare, and a triangle has no corner
        usable = (u > 1e-6) & (u < 1 - 1e-6)
        if name == "triangular":
            usable &= np.abs(draw - 0.9) > 0.01
        assert usable.sum() > 0.7 * size
        for i, gradient in gradients.items():
            expected = difference(lambda *params: case.quantile(u, *params), case.params, i)
            np.testing.assert_allclose(gradient[usable], expected[usable], rtol=2e-5, atol=1e-9, err_msg=f"{name} {i}")

    @pytest.mark.parametrize("name", FOLLOWING)
    def test_common_random_numbers(self, name):
        case = FOLLOWING[name]
        params = scalars(case)
        f = function(params, case.draw(*params, size=50, rng=fresh_rng()), mode=PY, no_default_updates=True)
        draw, gradients = elementwise_gradients(case, 50)
        np.testing.assert_array_equal(f(*case.params), draw)
        for i, gradient in gradients.items():
            np.testing.assert_allclose(gradient, difference(f, case.params, i), rtol=1e-6, atol=1e-9)

    @pytest.mark.parametrize("name", CASES)
    def test_single_precision(self, name):
        case = CASES[name]
        draw, gradients = elementwise_gradients(case, 2000, "float32")
        assert draw.dtype == "float32"
        double, expected = elementwise_gradients(case, 2000)
        np.testing.assert_allclose(draw, double, rtol=1e-5, atol=1e-6)
        # near its ends the beta distribution depends on digits that float32 doesn't have
        inside = (double > 1e-4) & (double < 1 - 1e-4) if name.startswith("beta") else np.isfinite(double)
        for i, gradient in gradients.items():
            assert np.isfinite(gradient).all()
            np.testing.assert_allclose(gradient[inside], expected[i][inside], rtol=2e-3, atol=1e-4)

    @pytest.mark.parametrize("name", ["normal", "triangular", "wald", "gamma", "t", "beta"])
    def test_both_linkers(self, name, linker):
        case = CASES[name]
        draw, gradients = elementwise_gradients(case, 20, mode=None)
        expected_draw, expected = elementwise_gradients(case, 20)
        np.testing.assert_array_equal(draw, expected_draw)
        for i, gradient in gradients.items():
            np.testing.assert_allclose(gradient, expected[i], rtol=1e-12)

    def test_numbers_rounded_to_the_end_of_the_range(self):
        tiny = at.vector("tiny")
        for draw in (
            basic.gamma(tiny, scale=2.0, size=(100, 3), rng=fresh_rng()),
            basic.chisquare(tiny, size=(100, 3), rng=fresh_rng()),
            basic.gengamma(tiny, 2.0, 3.0, size=(100, 3), rng=fresh_rng()),
            basic.beta(tiny, 1.0, size=(100, 3), rng=fresh_rng()),
            basic.beta(1.0, tiny, size=(100, 3), rng=fresh_rng()),
            basic.dirichlet(tiny, size=100, rng=fresh_rng()),
        ):
            values, gradient = function([tiny], [draw, grad(draw.sum(), tiny)], mode=PY, no_default_updates=True)(
                np.array([1e-5, 1e-4, 1e-3])
            )
            assert ((values == 0) | (values == 1)).any()
            assert np.isfinite(gradient).all()

    def test_no_noncentrality(self):
        nonc = at.scalar("nonc")
        draw = basic.noncentral_chisquare(3.0, nonc, size=10, rng=fresh_rng())
        f = function([nonc], [draw, grad(draw.sum(), nonc)], mode=PY, no_default_updates=True)
        for value in (0.0, 1e-9):
            x, gradient = f(value)
            np.testing.assert_allclose(gradient, x.sum() / 3)

    def test_all_floats_have_a_rule(self):
        without = {basic.StandardCauchyRV, basic.NoncentralFRV, basic.PolyaGammaRV}
        for value in vars(basic).values():
            if isinstance(value, RandomVariable) and value.dtype in ("floatX", None):
                assert (type(value) in PATHWISE) != (type(value) in without), value


class TestShapes:
    def test_batches_and_broadcasting(self, linker):
        loc, scale = at.tensor("float64", shape=(3, 1), name="loc"), at.vector("scale")
        weights = np.random.default_rng(1).normal(size=(2, 3, 4))
        draw = basic.normal(loc, scale, size=(2, 3, 4), rng=fresh_rng())
        f = function([loc, scale], [draw, *grad((draw * weights).sum(), [loc, scale])], no_default_updates=True)
        locs, scales = np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 2.0, 3.0, 4.0])
        x, by_loc, by_scale = f(locs, scales)
        np.testing.assert_allclose(by_loc, weights.sum(axis=(0, 2))[:, None])
        np.testing.assert_allclose(by_scale, (weights * (x - locs) / scales).sum(axis=(0, 1)))
        # broadcast when called, too
        x, by_loc, by_scale = f(locs, scales[:1])
        np.testing.assert_allclose(by_scale, [(weights * (x - locs) / scales[0]).sum()])

    def test_implicit_derivatives_are_summed(self, linker):
        shape, scale = at.vector("shape"), at.scalar("scale")
        draw = basic.gamma(shape, scale=scale, rng=fresh_rng())
        f = function([shape, scale], [draw, *grad(draw.sum(), [shape, scale])], no_default_updates=True)
        x, by_shape, by_scale = f(np.array([0.5, 2.0, 9.0]), 3.0)
        np.testing.assert_allclose(by_scale, x.sum() / 3)
        for i, a in enumerate([0.5, 2.0, 9.0]):
            u = stats.gamma.cdf(x[i], a, scale=3)
            np.testing.assert_allclose(
                by_shape[i], difference(lambda a, u=u: stats.gamma.ppf(u, a, scale=3), (a,), 0), rtol=1e-6
            )

    def test_symbolic_size_and_integers(self):
        loc, n = at.lscalar("loc"), at.lscalar("n")
        draw = basic.normal(loc, 1, size=(n, 2), rng=fresh_rng())
        gradient = grad(draw.sum(), loc)
        assert gradient.type.dtype == config.floatX
        assert function([loc, n], gradient, mode=PY, no_default_updates=True)(4, 5) == 10

    def test_generator_and_size_are_not_connected(self):
        n, loc = at.scalar("n"), at.scalar("loc")
        rng = fresh_rng()
        draw = basic.normal(loc, 1.0, size=n.astype("int64"), rng=rng)
        for source in (n, rng):
            with pytest.raises(DisconnectedInputError):
                grad(draw.sum(), source)
        following = basic.normal(0.0, 1.0, rng=draw.owner.outputs[0])
        with pytest.raises(DisconnectedInputError):
            grad(following, loc)


class TestEstimators:
    def test_one_draw_serves_value_and_gradient(self, linker):
        mu, sigma = at.scalars("mu", "sigma")
        x = RandomStream(SEED).normal(mu, sigma, size=100)
        cost = (x**2).mean()
        f = function([mu, sigma], [cost, *grad(cost, [mu, sigma])])
        assert sum(isinstance(node.op, RandomVariable) for node in f.maker.fgraph.toposort()) == 1
        seed = np.random.SeedSequence(SEED).spawn(1)[0]
        rng = np.random.default_rng(seed)
        for _ in range(2):
            z = rng.standard_normal(100)
            expected = [np.mean((1 + 2 * z) ** 2), np.mean(2 * (1 + 2 * z)), np.mean(2 * (1 + 2 * z) * z)]
            np.testing.assert_allclose(f(1.0, 2.0), expected)

    @pytest.mark.parametrize("method", ["svd", "eigh", "cholesky"])
    def test_multivariate_normal(self, method):
        mean, cov, weights = at.vector("mean"), at.matrix("cov"), at.matrix("weights")
        draw = basic.multivariate_normal(mean, cov, size=40_000, method=method, rng=fresh_rng())
        # its mean is the sum of weights * (cov + outer(mean, mean))
        cost = (draw.dot(weights) * draw).sum(axis=-1)
        by_mean, by_cov = grad(cost.mean(), [mean, cov])
        f = function([mean, cov, weights], [by_mean, by_cov], mode=PY, no_default_updates=True)
        m, w = np.array([0.5, -1.0, 2.0]), np.array([[1.0, 2.0, 0.5], [0.0, -1.0, 0.3], [0.7, 0.2, 0.1]])
        c = np.array([[2.0, 0.3, 0.1], [0.3, 1.0, -0.2], [0.1, -0.2, 0.5]])
        got_mean, got_cov = f(m, c, w)
        np.testing.assert_allclose(got_mean, (w + w.T) @ m, atol=0.05)
        np.testing.assert_allclose(got_cov, (w + w.T) / 2, atol=0.1)
        np.testing.assert_array_equal(got_cov, got_cov.T)

    def test_multivariate_normal_moves_to_the_next_covariance(self):
        # with A = d(x) / d(cov) in a direction E: A cov + cov A^T = E
        mean, cov, direction = at.vector("mean"), at.matrix("cov"), at.matrix("direction")
        draw = basic.multivariate_normal(mean, cov, size=3, rng=fresh_rng())
        f = function([mean, cov, direction], [draw, Rop(draw, cov, direction)], mode=PY, no_default_updates=True)
        c, e = np.array([[2.0, 0.3], [0.3, 1.0]]), np.array([[0.1, 0.4], [0.4, -0.5]])
        x, moved = f(np.array([0.5, 0.7]), c, e)
        np.testing.assert_allclose(moved, (x - [0.5, 0.7]) @ np.linalg.inv(c) @ e / 2)

    def test_second_order_of_multivariate_normal(self):
        mean, cov = at.vector("mean"), at.matrix("cov")
        draw = basic.multivariate_normal(mean, cov, size=40_000, rng=fresh_rng())
        # the mean is 3 cov[0, 0]**2
        by_cov = grad((draw[:, 0] ** 4).mean(), cov)
        f = function([mean, cov], [by_cov, grad(by_cov[0, 0], cov)], mode=PY, no_default_updates=True)
        first, second = f(np.zeros(2), np.array([[2.0, 0.3], [0.3, 1.0]]))
        np.testing.assert_allclose(first, [[12.0, 0.0], [0.0, 0.0]], atol=0.3)
        np.testing.assert_allclose(second, [[6.0, 0.0], [0.0, 0.0]], atol=0.3)
        np.testing.assert_allclose(second, second.T)

    def test_multivariate_normal_in_batches(self):
        means, cov = at.matrix("means"), at.matrix("cov")
        draw = basic.multivariate_normal(means, cov, size=(4, 3), rng=fresh_rng())
        by_mean, by_cov = function([means, cov], grad((draw**2).sum(), [means, cov]), mode=PY, no_default_updates=True)(
            np.ones((1, 2)), np.eye(2)
        )
        assert by_mean.shape == (1, 2) and by_cov.shape == (2, 2)
        covs = at.tensor3("covs")
        draw = basic.multivariate_normal(means, covs)
        assert grad(draw.sum(), means).eval({means: np.ones((2, 2)), covs: np.stack([np.eye(2)] * 2)}).shape == (2, 2)
        with pytest.raises(NullTypeGradError, match="batch"):
            grad(draw.sum(), covs)

    def test_dirichlet(self):
        alphas = at.vector("alphas")
        draw = basic.dirichlet(alphas, size=30_000, rng=fresh_rng())
        powers = np.array([2.0, 1.0, 3.0])
        f = function([alphas], grad((draw**powers).mean(axis=0).sum(), alphas), mode=PY, no_default_updates=True)
        a = np.array([0.7, 1.5, 3.0])

        def expectation(*a):
            rest = [stats.beta(a[i], sum(a) - a[i]) for i in range(3)]
            return sum(dist.expect(lambda x, p=p: x**p) for dist, p in zip(rest, powers, strict=True))

        expected = [difference(expectation, a, i, 1e-3) for i in range(3)]
        np.testing.assert_allclose(f(a), expected, atol=0.01)

    def test_dirichlet_moves_a_component_as_a_beta_variate(self):
        alphas, direction = at.matrix("alphas"), at.matrix("direction")
        draw = basic.dirichlet(alphas, rng=fresh_rng())
        f = function([alphas, direction], [draw, Rop(draw, alphas, direction)], mode=PY, no_default_updates=True)
        a = np.array([[0.7, 1.5, 3.0], [4.0, 0.5, 1.0]])
        x, moved = f(a, np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]))
        np.testing.assert_allclose(moved.sum(axis=-1), 0, atol=1e-12)
        for row, j in ((0, 1), (1, 0)):
            rest = a[row].sum() - a[row, j]
            u = stats.beta.cdf(x[row, j], a[row, j], rest)
            slope = difference(lambda a, u=u, b=rest: stats.beta.ppf(u, a, b), (a[row, j],), 0)
            expected = -x[row] * slope / (1 - x[row, j])
            expected[j] = slope
            np.testing.assert_allclose(moved[row], expected, rtol=1e-6)

    @pytest.mark.parametrize(
        ("make", "values", "moment"),
        [
            (lambda a, b: basic.gamma(a, scale=b), (0.6, 2.0), lambda a, b: a * (a + 1) * b**2),
            (basic.beta, (0.6, 2.0), lambda a, b: a * (a + 1) / ((a + b) * (a + b + 1))),
            (basic.wald, (1.5, 2.0), lambda m, s: m**2 + m**3 / s),
            (lambda df, scale: basic.t(df, 0.0, scale), (9.0, 0.7), lambda df, scale: scale**2 * df / (df - 2)),
        ],
    )
    def test_gradients_of_second_moments(self, make, values, moment):
        params = at.scalars("a", "b")
        big = [at.alloc(param, 200_000) for param in params]
        draw = make(*big)
        draw.owner.inputs[0].set_value(np.random.default_rng(SEED))
        f = function(params, grad((draw**2).sum(), big), mode=PY, no_default_updates=True)
        for i, per_draw in enumerate(f(*values)):
            error = per_draw.std() / np.sqrt(per_draw.size)
            assert abs(per_draw.mean() - difference(moment, values, i)) < 5 * error


class TestArrays:
    def test_where_elements_came_from(self, linker):
        a = at.matrix("a")
        weights = np.arange(1.0, 13.0).reshape(4, 3)
        value = np.random.default_rng(2).normal(size=(4, 3))
        for draw in (
            basic.permutation(a, rng=fresh_rng()),
            basic.permutation(a, axis=1, rng=fresh_rng()),
            basic.permuted(a, axis=0, rng=fresh_rng()),
            basic.permuted(a, rng=fresh_rng()),
            basic.choice(a, size=4, rng=fresh_rng()),
            basic.choice(a, size=4, replace=False, p=[0.1, 0.2, 0.3, 0.4], rng=fresh_rng()),
        ):
            x, gradient = function([a], [draw, grad((draw * weights).sum(), a)], no_default_updates=True)(value)
            expected = [[weights[x == element].sum() for element in row] for row in value]
            np.testing.assert_allclose(gradient, expected)

    def test_a_vector_many_times(self):
        a, v = at.vectors("a", "v")
        draw = basic.permutation(a, size=(2,), rng=fresh_rng())
        outputs = [grad(draw[0, 0] + draw[1, 0] ** 2, a), draw, Rop(draw, a, v)]
        f = function([a, v], outputs, mode=PY, no_default_updates=True)
        gradient, x, moved = f(np.array([1.0, 2.0, 3.0]), np.array([10.0, 20.0, 30.0]))
        np.testing.assert_allclose(gradient, [(x[0, 0] == e) + 2 * e * (x[1, 0] == e) for e in (1, 2, 3)])
        np.testing.assert_allclose(moved, 10 * x)

    def test_probabilities(self):
        a, p = at.vectors("a", "p")
        draw = basic.choice(a, size=3, p=p, rng=fresh_rng())
        with pytest.raises(NullTypeGradError, match=r"respect to p .*elements are chosen"):
            grad(draw.sum(), p)
        assert grad(draw.sum(), a, null_gradients="return").type.ndim == 1


class TestModes:
    def test_forward_and_reverse_agree(self):
        params = at.vectors("a", "b")
        values = [np.array([0.7, 2.0, 5.0]), np.array([1.5, 0.4, 3.0])]
        vectors = [np.array([0.3, -0.1, 0.2]), np.array([-0.7, 0.5, 1.1])]
        back = np.array([1.0, -2.0, 0.5])
        for make in (basic.normal, basic.beta, lambda a, b, **kwargs: basic.gamma(a, scale=b, **kwargs), basic.wald):
            draw = make(*params, rng=fresh_rng())
            forward = Rop(draw, params, [at.constant(vector) for vector in vectors])
            reverse = Lop(draw, params, at.constant(back))
            f = function(params, [forward, *reverse], mode=PY, no_default_updates=True)
            pushed, *pulled = f(*values)
            np.testing.assert_allclose(
                pushed @ back, sum(g @ v for g, v in zip(pulled, vectors, strict=True)), rtol=1e-10
            )

    def test_jacobian(self):
        loc, scale = at.tensor("float64", shape=(3,), name="loc"), at.scalar("scale")
        draw = basic.laplace(loc, scale, rng=fresh_rng())
        by_loc, by_scale, x = function(
            [loc, scale], [*jacobian(draw, [loc, scale]), draw], mode=PY, no_default_updates=True
        )(np.array([1.0, 2.0, 3.0]), 0.5)
        np.testing.assert_allclose(by_loc, np.eye(3))
        np.testing.assert_allclose(by_scale, (x - [1, 2, 3]) / 0.5)

    def test_second_order(self):
        theta = at.tensor("float64", shape=(2,), name="theta")
        draw = basic.normal(theta[0], at.exp(theta[1]), size=7, rng=fresh_rng())
        h, x = function([theta], [hessian((draw**3).sum(), theta), draw], mode=PY, no_default_updates=True)(
            np.array([0.5, 0.2])
        )
        m, s = 0.5, np.exp(0.2)
        z = (x - m) / s
        by_s = 3 * x**2 * s * z
        expected = [
            [np.sum(6 * x), np.sum(6 * x * s * z)],
            [np.sum(6 * x * s * z), np.sum(6 * x * (s * z) ** 2 + by_s)],
        ]
        np.testing.assert_allclose(h, expected)

    @pytest.mark.parametrize(
        "name",
        ["uniform", "exponential", "weibull", "pareto", "triangular", "truncexpon", "lognormal", "rayleigh", "power"],
    )
    def test_second_order_with_common_random_numbers(self, name):
        case = CASES[name]
        params = scalars(case)
        draw = case.draw(*params, size=20, rng=fresh_rng())
        first = grad(at.sin(draw).sum(), params)
        f = function(params, first, mode=PY, no_default_updates=True)
        for i, gradient in enumerate(first):
            second = function(
                params, grad(gradient, params, disconnected_inputs="ignore"), mode=PY, no_default_updates=True
            )(*case.params)
            for j, value in enumerate(second):
                expected = difference(lambda *p, i=i: f(*p)[i], case.params, j)
                np.testing.assert_allclose(value, expected, rtol=1e-5, atol=1e-6)

    def test_second_order_of_wald(self):
        mean, scale = at.scalars("mean", "scale")
        draw = basic.wald(mean, scale, rng=fresh_rng())
        second = grad(grad(draw, mean), mean)
        value, x = function([mean, scale], [second, draw], mode=PY, no_default_updates=True)(1.3, 2.4)
        u = stats.invgauss.cdf(x, 1.3 / 2.4, 0, 2.4)

        def slope(mean):
            return difference(lambda m: stats.invgauss.ppf(u, m / 2.4, 0, 2.4), (mean,), 0, 1e-3)

        np.testing.assert_allclose(value, difference(slope, (1.3,), 0, 1e-3), rtol=1e-4)

    def test_second_order_of_an_implicit_derivative(self):
        shape, scale = at.scalars("shape", "scale")
        by_shape, by_scale = grad(basic.gamma(shape, scale=scale, rng=fresh_rng()), [shape, scale])
        assert grad(by_scale, scale) is not None
        with pytest.raises(NullTypeGradError, match="gammainc_der"):
            grad(by_shape, shape)


class TestUndefined:
    @pytest.mark.parametrize(
        ("make", "parameter", "name"),
        [
            (lambda p, **kwargs: basic.bernoulli(p, **kwargs), "p", "bernoulli"),
            (lambda p, **kwargs: basic.binomial(5, p, **kwargs), "p", "binomial"),
            (lambda p, **kwargs: basic.poisson(p, **kwargs), "lam", "poisson"),
            (lambda p, **kwargs: basic.geometric(p, **kwargs), "p", "geometric"),
            (lambda p, **kwargs: basic.negative_binomial(2, p, **kwargs), "p", "nbinom"),
            (lambda p, **kwargs: basic.betabinom(4, p, 1.0, **kwargs), "a", "beta_binomial"),
        ],
    )
    @pytest.mark.parametrize("dtype", ["int64", "float64"])
    def test_integers(self, make, parameter, name, dtype):
        p = at.scalar("prob")
        draw = make(p, size=3, dtype=dtype, rng=fresh_rng())
        cost = (draw * p).sum()
        with pytest.raises(NullTypeGradError) as caught:
            grad(cost, p)
        text = str(caught.value)
        assert "The gradient with respect to prob" in text
        assert f"Parameter {parameter!r} of the distribution {name!r} has no pathwise derivative" in text
        assert f"made at {draw.origin}" in text and draw.origin.filename == __file__
        assert "integers" in text and "score function" in text and "disconnected_grad" in text
        with pytest.raises(NullTypeGradError, match="integers"):
            Rop(cost, p, at.constant(1.0))
        assert isinstance(grad((disconnected_grad(draw) * p).sum(), p).type.ndim, int)
        assert grad(cost, p, consider_constant=[draw]) is not None

    def test_vectors_of_integers(self):
        p = at.vector("p")
        for draw in (basic.multinomial(5, p), basic.categorical(p)):
            with pytest.raises(NullTypeGradError, match=r"Parameter 'p' of the distribution .* integers"):
                grad((draw * 1.0).sum(), p)

    def test_floats_without_a_derivative(self):
        mu, kappa = at.scalars("mu", "kappa")
        draw = basic.vonmises(mu, kappa, rng=fresh_rng())
        options = {"mode": PY, "no_default_updates": True, "on_unused_input": "ignore"}
        assert function([mu, kappa], grad(draw, mu), **options)(0.1, 2.0) == 1
        with pytest.raises(NullTypeGradError, match=r"'kappa' of the distribution 'vonmises' .*known here"):
            grad(draw, kappa)
        with pytest.raises(NullTypeGradError, match="'kappa'"):
            Rop(draw, [mu, kappa], [mu, kappa])
        assert function([mu, kappa], Rop(draw, mu, at.constant(2.0)), **options)(0.1, 2.0) == 2

    def test_undefined_only_where_asked_for(self):
        x, p = at.scalars("x", "p")
        cost = x**2 * basic.bernoulli(p)
        assert grad(cost, x).eval({x: 3.0, p: 1.0}) == 6.0


class TestOwnDistributions:
    class Shifted(RandomVariable):
        name = "exponential"
        ndim_supp = 0
        ndims_params = (0,)
        dtype = "floatX"

        def rng_fn(self, rng, loc, size):
            return loc + rng.standard_exponential(size or np.shape(loc))

    def test_unknown(self):
        loc = at.vector("loc")
        draw = self.Shifted()(loc, rng=fresh_rng())
        with pytest.raises(NullTypeGradError, match="Shifted nor the table PATHWISE"):
            grad(draw.sum(), loc)

    def test_a_method(self):
        class Own(self.Shifted):
            def pathwise(self, params, draw, gradient):
                return [gradient]

        loc = at.vector("loc")
        draw = Own()(loc, size=(3, 2))
        np.testing.assert_array_equal(grad(draw.sum(), loc).eval({loc: np.zeros(2)}), [3, 3])

    def test_an_entry_in_the_table(self, monkeypatch):
        monkeypatch.setitem(PATHWISE, self.Shifted, lambda g, x, loc: (g * 2,))

        class Heir(self.Shifted):
            pass

        loc = at.scalar("loc")
        for op in (self.Shifted(), Heir()):
            draw = op(loc, size=4)
            assert grad(draw.sum(), loc).eval({loc: 0.0}) == 8
