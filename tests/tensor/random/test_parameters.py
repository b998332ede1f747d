"""Bad parameters: NumPy's errors, where they belong."""

import numpy as np
import pytest
from support.random_toys import same_state

import aesaralite
import aesaralite.tensor as at
from aesaralite.compile.mode import Mode

PY = Mode("py", optimizer=None)
NAN, INF = float("nan"), float("inf")

# parameters that NumPy refuses, whatever it says
REFUSED = [
    ("uniform", (1.0, 0.0)),
    ("uniform", (0.0, INF)),
    ("uniform", (0.0, [1.0, -1.0])),
    ("triangular", (0.0, 2.0, 1.0)),
    ("triangular", (1.0, 0.0, 2.0)),
    ("triangular", (0.0, 0.0, 0.0)),
    ("beta", (0.0, 1.0)),
    ("beta", (1.0, [1.0, -1.0])),
    ("power", (0.0,)),
    ("vonmises", (0.0, -1.0)),
    ("normal", (0.0, -1.0)),
    ("normal", (0.0, -0.0)),
    ("normal", ([0.0, 1.0], [1.0, -1.0])),
    ("laplace", (0.0, -1.0)),
    ("logistic", (0.0, -1.0)),
    ("gumbel", (0.0, -1.0)),
    ("exponential", (-1.0,)),
    ("chisquare", (0.0,)),
    ("noncentral_chisquare", (0.0, 1.0)),
    ("noncentral_chisquare", (1.0, -1.0)),
    ("f", (0.0, 1.0)),
    ("f", (1.0, 0.0)),
    ("noncentral_f", (1.0, 1.0, -1.0)),
    ("weibull", (-1.0,)),
    ("rayleigh", (-1.0,)),
    ("lognormal", (0.0, -1.0)),
    ("wald", (0.0, 1.0)),
    ("wald", (1.0, 0.0)),
    ("binomial", (-1, 0.5)),
    ("binomial", (3, 1.5)),
    ("binomial", (3, NAN)),
    ("binomial", (3.0, 0.5)),
    ("binomial", ([3, 4], [0.5, 2.0])),
    ("negative_binomial", (0.0, 0.5)),
    ("negative_binomial", (1.0, 0.0)),
    ("negative_binomial", (1e18, 1e-5)),
    ("poisson", (-1.0,)),
    ("poisson", (NAN,)),
    ("poisson", (1e30,)),
    ("geometric", (0.0,)),
    ("geometric", (1.5,)),
    ("hypergeometric", (-1, 2, 1)),
    ("hypergeometric", (1, 1, 3)),
    ("hypergeometric", (10**10, 1, 1)),
    ("hypergeometric", ([2.5, 1.0], 1, 1)),
    ("zipf", (1.0,)),
    ("zipf", (NAN,)),
    ("logseries", (1.0,)),
    ("integers", (0, 0)),
    ("integers", (3, 1)),
    ("integers", (0, [1, -1])),
    ("multinomial", (3, [0.5, 0.6, 0.1])),
    ("multinomial", (-1, [0.5, 0.5])),
    ("multinomial", (3, [-0.1, 1.1])),
    ("dirichlet", ([-1.0, 1.0],)),
    ("multivariate_hypergeometric", ([1, 2], 5)),
    ("choice", (0,)),
    ("choice", (np.zeros(0),)),
    ("choice", (3, 5, False)),
    ("choice", (3, 2, False, [1.0, 0.0, 0.0])),
    ("choice", (3, 1, True, [0.5, 0.6, 0.1])),
    ("choice", (3, 1, True, [-0.5, 0.5, 1.0])),
    ("choice", (3, 1, True, [NAN, 0.5, 0.5])),
]


def compiled(draw):
    rng = draw.owner.inputs[0]
    return aesaralite.function([], draw, updates=[(rng, draw.owner.outputs[0])], mode=PY)


def failing(name, args):
    """The error of the Python linker, and its generator."""
    rng = aesaralite.shared(np.random.default_rng(5))
    function = compiled(getattr(at.random, name)(*args, rng=rng))
    with pytest.raises(Exception) as caught:
        function()
    assert same_state(rng.get_value(), np.random.default_rng(5))
    return caught.value


@pytest.mark.parametrize(("name", "args"), REFUSED, ids=[f"{name}-{i}" for i, (name, _) in enumerate(REFUSED)])
def test_numpys_errors(name, args):
    arrays = [np.asarray(arg) if not isinstance(arg, bool) else arg for arg in args]
    with pytest.raises(Exception) as numpys:
        getattr(np.random.default_rng(5), name)(*arrays)
    error = failing(name, args)
    assert isinstance(error, type(numpys.value))
    assert str(error).startswith(str(numpys.value))
    assert f"{getattr(at.random, name).name}_rv" in str(error) and __file__ in str(error)


# recipes refuse what SciPy refuses, in NumPy's words
RECIPES = [
    ("cauchy", (0.0, -1.0), "scale < 0"),
    ("halfcauchy", (0.0, [1.0, -1.0]), "scale < 0"),
    ("halfnormal", (0.0, NAN), "scale < 0"),
    ("t", (0.0,), "df <= 0"),
    ("t", (NAN,), "df <= 0"),
    ("t", (1.0, 0.0, -1.0), "scale < 0"),
    ("truncexpon", (0.0,), "b <= 0"),
    ("truncexpon", (1.0, 0.0, -1.0), "scale < 0"),
    ("invgamma", (0.0, 1.0), "shape <= 0"),
    ("invgamma", (1.0, -1.0), "scale < 0"),
    ("gengamma", (0.0,), "alpha <= 0"),
    ("gengamma", (1.0, 0.0), "p <= 0"),
    ("gengamma", (1.0, 1.0, -1.0), "lambd < 0"),
    ("pareto", (0.0,), "b <= 0"),
    ("pareto", ([1.0, NAN],), "b <= 0"),
    ("pareto", (1.0, -1.0), "scale < 0"),
    ("gamma", (-1.0,), "shape < 0"),
    ("gamma", (1.0, -1.0), "scale < 0"),
    ("standard_gamma", (-1.0,), "shape < 0"),
    ("bernoulli", (1.5,), "p < 0, p > 1 or p is NaN"),
    ("nbinom", (1.0, 0.0), "p <= 0, p > 1 or p contains NaNs"),
    ("betabinom", (-1, 1.0, 1.0), "n < 0"),
    ("betabinom", (1, 0.0, 1.0), "a <= 0"),
    ("betabinom", (1, 1.0, 0.0), "b <= 0"),
    ("categorical", ([0.5, 0.6, 0.1],), "Probabilities do not sum to 1"),
    ("categorical", ([[1.0, 0.0], [0.5, 0.4]],), "Probabilities do not sum to 1"),
    ("categorical", ([-0.5, 0.5, 1.0],), "Probabilities are not non-negative"),
    ("categorical", ([NAN, 0.5, 0.5],), "Probabilities contain NaN"),
    ("categorical", (np.zeros(0),), "a must be a positive integer"),
]


@pytest.mark.parametrize(("name", "args", "text"), RECIPES, ids=[f"{name}-{i}" for i, (name, *_) in enumerate(RECIPES)])
def test_errors_of_recipes(name, args, text):
    error = failing(name, args)
    assert isinstance(error, ValueError) and str(error).startswith(text)


def test_categorical_refuses_what_choice_refuses():
    for p in ([0.5, 0.6, 0.1], [-0.5, 0.5, 1.0], [NAN, 0.5, 0.5], []):
        p = np.asarray(p)
        with pytest.raises(ValueError) as numpys:
            np.random.default_rng(5).choice(len(p), p=p)
        assert str(failing("categorical", (p,))).startswith(str(numpys.value))


def test_a_covariance_that_is_none_is_warned_of():
    rng = aesaralite.shared(np.random.default_rng(5))
    draw = at.random.multivariate_normal(np.zeros(2), np.array([[1.0, 2.0], [3.0, -4.0]]), rng=rng)
    with pytest.warns(RuntimeWarning, match="covariance is not symmetric positive-semidefinite"):
        compiled(draw)()


SHAPES = [
    ("normal", ("vector", "scalar")),
    ("halfnormal", ("vector", "scalar")),
    ("pareto", ("scalar", "vector")),
    ("betabinom", ("vector", "scalar", "scalar")),
    ("binomial", ("vector", "scalar")),
    ("categorical", ("matrix",)),
    ("dirichlet", ("matrix",)),
    ("multinomial", ("vector", "vector")),
    ("multivariate_normal", ("matrix", "matrix")),
]


@pytest.mark.parametrize(("name", "kinds"), SHAPES)
def test_sizes_that_do_not_fit(name, kinds):
    ones = {"scalar": (), "vector": (3,), "matrix": (3, 3)}
    values = [np.full(ones[kind], 1 / 3) for kind in kinds]
    if name in ("binomial", "betabinom", "multinomial"):
        values[0] = np.ones(values[0].shape, dtype="int64")
    if name == "multivariate_normal":
        values[1] = np.eye(3)
    function = getattr(at.random, name)
    # what is known
    for size in [(2,), (3, 2), (1,)]:
        with pytest.raises(ValueError, match="is not compatible with broadcast dimensions of inputs"):
            function(*values, size=size)
    # what isn't
    inputs = [at.TensorType(str(v.dtype), (None,) * v.ndim)() for v in values]
    n = at.lscalar()
    rng = aesaralite.shared(np.random.default_rng(5))
    draw = function(*inputs, size=(n,), rng=rng)
    compiled = aesaralite.function([*inputs, n], draw, updates=[(rng, draw.owner.outputs[0])], mode=PY)
    for size in (2, 1, 4):
        with pytest.raises(ValueError, match=r"size|broadcast"):
            compiled(*values, size)
    with pytest.raises(ValueError, match="negative dimensions are not allowed"):
        compiled(*values, -1)
    assert same_state(rng.get_value(), np.random.default_rng(5))
    assert compiled(*values, 3).shape[0] == 3


def test_parameters_that_do_not_broadcast():
    with pytest.raises(ValueError, match="don't broadcast"):
        at.random.halfnormal(np.zeros(3), np.ones(2))
    x, y = at.dvector(), at.dvector()
    for name in ("normal", "halfnormal", "cauchy", "pareto"):
        rng = aesaralite.shared(np.random.default_rng(5))
        draw = getattr(at.random, name)(x, y, rng=rng)
        with pytest.raises(ValueError, match="broadcast"):
            aesaralite.function([x, y], draw, updates=[(rng, draw.owner.outputs[0])], mode=PY)(np.ones(3), np.ones(2))


def test_numbers_of_parameters():
    with pytest.raises(TypeError):
        at.random.triangular(0.0, 1.0)
    with pytest.raises(TypeError):
        at.random.normal(0.0, 1.0, None, None)
    with pytest.raises(TypeError):
        at.random.normal(location=0.0)
