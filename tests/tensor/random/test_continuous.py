"""Signatures, shapes and recipes of distributions of real numbers. `test_bits` has the numbers."""

import inspect
import sys
import types

import numpy as np
import pytest
import scipy.stats

import aesaralite
import aesaralite.tensor as at
from aesaralite import config
from aesaralite.compile.mode import Mode
from aesaralite.tensor.random import continuous
from aesaralite.tensor.random.basic import (
    ExponentialRV,
    GammaRV,
    NormalRV,
    ScipyRandomVariable,
    StudentTRV,
)

PY = Mode("py", optimizer=None)


def sample(name, *args, seed=5, **kwargs):
    rng = aesaralite.shared(np.random.default_rng(seed))
    return aesaralite.function(
        [], getattr(at.random, name)(*args, rng=rng, **kwargs), mode=PY, no_default_updates=True
    )()


SIGNATURES = {
    "uniform": "low=0.0, high=1.0",
    "random": "low=0.0, high=1.0",
    "triangular": "left, mode, right",
    "beta": "alpha, beta",
    "power": "a",
    "vonmises": "mu, kappa",
    "normal": "loc=0.0, scale=1.0",
    "standard_normal": "",
    "laplace": "loc=0.0, scale=1.0",
    "logistic": "loc=0.0, scale=1.0",
    "gumbel": "loc=0.0, scale=1.0",
    "cauchy": "loc=0.0, scale=1.0",
    "standard_cauchy": "",
    "t": "df, loc=0.0, scale=1.0",
    "standard_t": "df",
    "exponential": "scale=1.0",
    "standard_exponential": "",
    "truncexpon": "b, loc=0.0, scale=1.0",
    "gamma": "shape, rate=None",
    "standard_gamma": "shape",
    "chisquare": "df",
    "noncentral_chisquare": "df, nonc",
    "f": "dfn=1.0, dfd=1.0",
    "noncentral_f": "dfnum, dfden, nonc",
    "invgamma": "shape, scale=1.0",
    "gengamma": "alpha=1.0, p=1.0, lambd=1.0",
    "weibull": "shape",
    "rayleigh": "scale=1.0",
    "pareto": "b, scale=1.0",
    "lognormal": "mean=0.0, sigma=1.0",
    "halfnormal": "loc=0.0, scale=1.0",
    "halfcauchy": "loc=0.0, scale=1.0",
    "wald": "mean=1.0, scale=1.0",
    "polyagamma": "h=1.0, z=0.0",
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_signatures(name):
    function = getattr(at.random, name)
    call = function if inspect.isfunction(function) else type(function).__call__
    positional = [p for p in inspect.signature(call).parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    shown = [p.name if p.default is p.empty else f"{p.name}={p.default}" for p in positional if p.name != "self"]
    assert ", ".join(shown) == ", ".join(filter(None, [SIGNATURES[name], "size=None"]))
    assert inspect.getdoc(call).startswith("Return ")


def test_defaults():
    for name in ("uniform", "normal", "exponential", "cauchy", "f", "gengamma", "wald", "logistic", "standard_cauchy"):
        draw = getattr(at.random, name)()
        assert draw.type.shape == () and draw.type.dtype == config.floatX
        assert getattr(at.random, name)(size=3).type.shape == (3,)


def test_standard_ones_are_the_others():
    for name, op, values in [
        ("standard_normal", NormalRV, [0.0, 1.0]),
        ("standard_exponential", ExponentialRV, [1.0]),
        ("standard_gamma", GammaRV, [2.0, 1.0]),
        ("standard_t", StudentTRV, [2.0, 0.0, 1.0]),
    ]:
        params = [2.0] if name in ("standard_gamma", "standard_t") else []
        draw = getattr(at.random, name)(*params, size=(2,), name="mine", dtype="float32")
        assert type(draw.owner.op) is op and draw.name == "mine" and draw.type.dtype == "float32"
        assert [float(p.data) for p in draw.owner.inputs[3:]] == values


def test_names_and_dtypes():
    assert at.random.negative_binomial is at.random.nbinom and at.random.random is at.random.uniform
    assert at.random.basic.normal is at.random.normal is continuous.normal
    with config.change_flags(floatX="float32"):
        assert at.random.normal().type.dtype == "float32"
    assert at.random.normal(dtype="float64").type.dtype == "float64"
    with pytest.raises(TypeError, match="truncate"):
        at.random.normal(dtype="int64")


def test_rate_and_scale():
    expected = np.random.default_rng(5).gamma(2.0, 0.25, size=4)
    for draw in [
        sample("gamma", 2.0, 4.0, size=4),
        sample("gamma", 2.0, rate=4.0, size=4),
        sample("gamma", 2.0, scale=0.25, size=4),
        sample("gamma", 2.0, np.array(4), 4),
    ]:
        np.testing.assert_array_equal(draw, expected)
    np.testing.assert_array_equal(sample("gamma", 2.0, size=3), np.random.default_rng(5).standard_gamma(2.0, 3))
    with pytest.raises(ValueError, match="not both"):
        at.random.gamma(2.0, 1.0, scale=1.0)


# What SciPy does with whole arrays, which may be done several numbers at a time

LARGE = 1001
RECIPES = {
    "cauchy": ("cauchy", [(0.0, 1.0), (2.0, 0.3)], lambda *p: (p, {})),
    "halfcauchy": ("halfcauchy", [(0.0, 1.0), (2.0, 0.3)], lambda *p: (p, {})),
    "halfnormal": ("halfnorm", [(0.0, 1.0), (2.0, 0.3)], lambda *p: (p, {})),
    "t": ("t", [(3.0, 0.0, 1.0), (0.4, 2.0, 0.3)], lambda *p: (p, {})),
    "truncexpon": ("truncexpon", [(1.0, 0.0, 1.0), (40.0, 2.0, 0.3), (1e-3, 2.0, 0.3)], lambda *p: (p, {})),
    # powers of -1, -1/2 and -2
    "pareto": ("pareto", [(1.0, 1.0), (2.0, 0.3), (0.5, 2.0), (3.7, 1.0)], lambda b, scale: ((b,), {"scale": scale})),
    # powers of 1, 1/2, 2 and -1
    "gengamma": (
        "gengamma",
        [(1.0, 1.0, 1.0), (3.0, 2.0, 0.3), (3.0, 0.5, 0.3), (2.5, 1.7, 1.0)],
        lambda alpha, p, lambd: ((alpha / p, p), {"scale": lambd}),
    ),
    "invgamma": ("invgamma", [(1.0, 1.0), (0.1, 2.0), (30.0, 0.5)], lambda a, scale: ((a,), {"scale": scale})),
}


@pytest.mark.parametrize("name", RECIPES)
def test_recipes_in_many_layouts(name):
    scipys, all_params, arrange = RECIPES[name]
    for params in all_params:
        for shape, size in [
            ((), None),
            ((), (LARGE,)),
            ((), (1,)),
            ((1,), None),
            ((1,), (LARGE,)),
            ((1, 1), (7, 11)),
            ((LARGE,), None),
            ((7, 1), (7, 11)),
            ((7, 1), (2, 7, 11)),
            ((11,), (7, 11)),
            ((3, 1), (2, 3, 1)),
        ]:
            arrays = [np.full(shape, p) for p in params]
            # the last parameter has another layout than the others
            arrays[-1] = np.asarray(params[-1])
            positional, named = arrange(*arrays)
            rng = np.random.default_rng(5)
            expected = getattr(scipy.stats, scipys).rvs(*positional, **named, size=size, random_state=rng)
            got = sample(name, *arrays, size=size)
            np.testing.assert_array_equal(got.ravel(), np.ravel(expected))
            assert got.shape == (shape if size is None else size)


def test_older_versions_of_scipy_have_another_cauchy(monkeypatch):
    monkeypatch.setattr(continuous, "_cauchy_quantile", lambda: None)
    u = np.random.default_rng(5).uniform(size=100)
    np.testing.assert_array_equal(sample("cauchy", 1.0, 2.0, size=100), np.tan(np.pi * u - np.pi / 2.0) * 2.0 + 1.0)


def test_parameters_are_taken_as_float64():
    single = np.array([0.3, 1.7], dtype="float32")
    for name in ("truncexpon", "pareto", "invgamma", "gengamma", "halfnormal"):
        params = [single] * {"truncexpon": 3, "gengamma": 3}.get(name, 2)
        doubles = [p.astype("float64") for p in params]
        np.testing.assert_array_equal(sample(name, *params), sample(name, *doubles))
    small = np.array([3, 4], dtype="int8")
    np.testing.assert_array_equal(sample("pareto", small), sample("pareto", small.astype("float64")))


def test_own_scipy_distributions():
    class MaxwellRV(ScipyRandomVariable):
        name = "maxwell"
        ndims_params = (0, 0)

        @classmethod
        def rng_fn_scipy(cls, rng, loc, scale, size):
            return scipy.stats.maxwell.rvs(loc, scale, size=size, random_state=rng)

    rng = aesaralite.shared(np.random.default_rng(5))
    draw = MaxwellRV()(np.zeros((1, 3)), 2.0, rng=rng)
    expected = scipy.stats.maxwell.rvs(np.zeros((1, 3)), 2.0, random_state=np.random.default_rng(5))
    got = aesaralite.function([], draw, mode=PY, no_default_updates=True)()
    np.testing.assert_array_equal(got, expected.reshape(1, 3))
    with pytest.raises(NotImplementedError, match="rng_fn_scipy"):
        ScipyRandomVariable("mine", ndims_params=[0]).rng_fn(np.random.default_rng(), 1.0, None)


class TestPolyaGamma:
    def test_without_the_package(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "polyagamma", None)
        with pytest.raises(ImportError, match="pip install polyagamma"):
            at.random.polyagamma(1.0, 0.0)

    def test_what_the_package_is_asked_for(self, monkeypatch):
        def random_polyagamma(h, z, *, size, random_state):
            rng = np.random.Generator(random_state)
            return rng.gamma(h, 1.0, size) + z

        package = types.SimpleNamespace(random_polyagamma=random_polyagamma)
        monkeypatch.setitem(sys.modules, "polyagamma", package)
        for generator in (np.random.default_rng(5), np.random.RandomState(5)):
            rng = aesaralite.shared(generator)
            draw = at.random.polyagamma(np.array([1.0, 2.0]), 3.0, size=(3, 2), rng=rng)
            got = aesaralite.function([], draw, updates=[(rng, draw.owner.outputs[0])], mode=PY)()
            bits = generator._bit_generator if isinstance(generator, np.random.RandomState) else generator.bit_generator
            np.testing.assert_array_equal(got, np.random.Generator(bits).gamma([1.0, 2.0], 1.0, (3, 2)) + 3.0)

    def test_the_package(self):
        package = pytest.importorskip("polyagamma")
        expected = package.random_polyagamma([1.0, 2.0], 0.5, size=(3, 2), random_state=np.random.default_rng(5))
        np.testing.assert_array_equal(sample("polyagamma", [1.0, 2.0], 0.5, size=(3, 2)), expected)
