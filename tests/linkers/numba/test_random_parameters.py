"""What distributions demand of their parameters: with machine code it's what NumPy demands, in NumPy's words."""

import itertools

import numpy as np
import pytest
from support.random_toys import same_state

import aesaralite
import aesaralite.tensor as at
from aesaralite.compile.mode import Mode
from aesaralite.tensor.random.op import RandomVariable

NUMBA, PY = Mode(linker="numba", optimizer=None), Mode(linker="py", optimizer=None)

ANY = (-1.0, -0.0, 0.0, 0.5, 1.0, 1.5, np.nan)
# NumPy's gammas don't come to an end where the shape is NaN
NUMBER = ANY[:-1]
COUNT = (-1, 0, 1, 3, 5)

#: Values of each parameter, all of which are combined.
VALUES = {
    "uniform": (ANY, (*ANY, np.inf)),
    "triangular": (ANY, ANY, ANY),
    "beta": (NUMBER, NUMBER),
    "power": (ANY,),
    "vonmises": (ANY, ANY),
    "normal": (ANY, ANY),
    "laplace": (ANY, ANY),
    "logistic": (ANY, ANY),
    "gumbel": (ANY, ANY),
    "cauchy": (ANY, ANY),
    "t": (NUMBER, ANY, ANY),
    "exponential": (ANY,),
    "truncexpon": (ANY, ANY, ANY),
    "gamma": (NUMBER, NUMBER),
    "chisquare": (NUMBER,),
    "noncentral_chisquare": (NUMBER, NUMBER),
    "f": (NUMBER, NUMBER),
    "noncentral_f": (NUMBER, NUMBER, NUMBER),
    "invgamma": (ANY, ANY),
    "gengamma": (ANY, ANY, ANY),
    "weibull": (ANY,),
    "rayleigh": (ANY,),
    "pareto": (ANY, ANY),
    "lognormal": (ANY, ANY),
    "halfnormal": (ANY, ANY),
    "halfcauchy": (ANY, ANY),
    "wald": (ANY, ANY),
    "bernoulli": (ANY,),
    "binomial": (COUNT, ANY),
    "nbinom": ((*ANY, 1e300), (*ANY, 1e-300)),
    "betabinom": (COUNT, NUMBER, NUMBER),
    "poisson": ((*ANY, 1e18, 9.3e18, np.inf),),
    "geometric": (ANY,),
    "hypergeometric": ((*COUNT, 10**9), COUNT, COUNT),
    "zipf": ((*ANY, np.inf),),
    "logseries": (ANY,),
    "integers": (COUNT, COUNT),
}


def outcome(function, rng, seed, values):
    """What a call gives: numbers and state, or an error's type and first line."""
    rng.set_value(np.random.default_rng(seed))
    try:
        with np.errstate(all="ignore"):
            got = function(*values)
    except Exception as error:
        assert same_state(rng.get_value(), np.random.default_rng(seed))
        return type(error), str(error).split("\n")[0]
    return got.tobytes(), str(rng.get_value().bit_generator.state)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("ndim", [0, 1])
@pytest.mark.parametrize("name", VALUES)
def test_parameters(name, ndim):
    rng = aesaralite.shared(np.random.default_rng(1))
    dtypes = ["int64" if values is COUNT or 10**9 in values else "float64" for values in VALUES[name]]
    params = [at.tensor(dtype, (None,) * ndim) for dtype in dtypes]
    draw = getattr(at.random, name)(*params, rng=rng)
    updates = [(rng, draw.owner.outputs[0])]
    by_numba, by_python = (aesaralite.function(params, draw, updates=updates, mode=mode) for mode in (NUMBA, PY))
    errors = 0
    for k, values in enumerate(itertools.product(*VALUES[name])):
        arrays = [np.asarray(value, dtype) for value, dtype in zip(values, dtypes, strict=True)]
        if ndim:
            arrays = [array[None] for array in arrays]
        expected = outcome(by_python, rng, k, arrays)
        assert outcome(by_numba, rng, k, arrays) == expected, values
        errors += isinstance(expected[0], type)
    assert errors


ROWS = [
    ("categorical", ([0.5, -0.5, 1.0],)),
    ("categorical", ([0.5, np.nan],)),
    ("categorical", ([0.5, 0.4],)),
    ("categorical", ([0.5, 0.5 + 2e-8],)),
    ("categorical", ([],)),
    ("multinomial", (-1, [0.5, 0.5])),
    ("multinomial", (5, [0.5, -0.5])),
    ("multinomial", (5, [1.5, 0.5])),
    ("multinomial", (5, [0.5, np.nan])),
    ("multinomial", (5, [0.7, 0.5, 0.0])),
    ("multinomial", (5, [0.5, 0.5 + 3e-12, 0.0])),
    ("multinomial", (5, [])),
    ("dirichlet", ([1.0, -1.0],)),
    ("multivariate_normal", ([0.0, 0.0], np.eye(3))),
    ("multivariate_normal", ([0.0, 0.0], np.ones((2, 3)))),
    ("multivariate_normal", ([], np.ones((0, 0)))),
    ("multivariate_normal", ([0.0, 0.0], [[1.0, np.nan], [0.0, 1.0]])),
    ("multivariate_hypergeometric", ([5, -1], 2)),
    ("multivariate_hypergeometric", ([5, 10**9], 2)),
    ("multivariate_hypergeometric", ([5, 1], 7)),
    ("multivariate_hypergeometric", ([5, 1], -1)),
]


def draws_by_both(build, *values):
    """Outcomes of a draw by both linkers; its parameters have unknown shapes."""
    rng = aesaralite.shared(np.random.default_rng(1))
    arrays = [np.asarray(value) for value in values]
    params = [at.tensor(str(array.dtype), (None,) * array.ndim) for array in arrays]
    draw = build(*params, rng=rng)
    updates = [(rng, draw.owner.outputs[0])]
    functions = [aesaralite.function(params, draw, updates=updates, mode=mode) for mode in (NUMBA, PY)]
    return [outcome(function, rng, 3, arrays) for function in functions]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name, values", ROWS)
def test_parameters_of_vectors(name, values):
    got, expected = draws_by_both(getattr(at.random, name), *values)
    assert got == expected
    assert isinstance(expected[0], type)


@pytest.mark.parametrize(
    "values, options",
    [
        ((0,), {"size": 2}),
        ((-3,), {"size": 2}),
        ((2,), {"size": 3, "replace": False}),
        (([],), {"size": 3}),
        (([1.0, 2.0],), {"size": 3, "p": [0.5, 0.6]}),
        (([1.0, 2.0],), {"size": 3, "p": [0.5, np.nan]}),
        (([1.0, 2.0],), {"size": 2, "p": [0.0, 1.0], "replace": False}),
    ],
)
def test_choices(values, options):
    got, expected = draws_by_both(lambda a, rng: at.random.choice(a, rng=rng, **options), *values)
    assert got == expected
    assert issubclass(expected[0], ValueError)


@pytest.mark.parametrize("method", ["svd", "eigh"])
def test_a_covariance_that_is_none_is_warned_of(method):
    cov = np.array([[1.0, 2.0], [2.0, 1.0]])
    with pytest.warns(RuntimeWarning, match="positive-semidefinite"):
        got, expected = draws_by_both(
            lambda mean, cov, rng: at.random.multivariate_normal(mean, cov, method=method, rng=rng), [0.0, 0.0], cov
        )
    assert got == expected


def test_a_covariance_without_a_factor_is_an_error():
    got, expected = draws_by_both(
        lambda mean, cov, rng: at.random.multivariate_normal(mean, cov, method="cholesky", rng=rng),
        [0.0, 0.0],
        [[1.0, 2.0], [2.0, 1.0]],
    )
    assert got == expected
    assert expected[0] is np.linalg.LinAlgError


@pytest.mark.parametrize("sizes", [(-1, 2), (2, 4), (1, 3), (2**40, 2**40)])
def test_sizes_that_do_not_fit(sizes):
    rng = aesaralite.shared(np.random.default_rng(1))
    n, m, loc = at.lscalar(), at.lscalar(), at.dvector()
    draw = at.random.normal(loc, 1.0, size=(n, m), rng=rng)
    updates = [(rng, draw.owner.outputs[0])]
    by_numba, by_python = (aesaralite.function([n, m, loc], draw, updates=updates, mode=mode) for mode in (NUMBA, PY))
    values = [*sizes, np.zeros(3)]
    expected = outcome(by_python, rng, 1, values)
    assert outcome(by_numba, rng, 1, values) == expected
    # of a size of 1 nothing can be broadcast; all others but (1, 3) are errors
    assert isinstance(expected[0], type) == (sizes != (1, 3))


@pytest.mark.filterwarnings("ignore:The Numba linker has no lowering")
@pytest.mark.parametrize(
    "name, values", [("binomial", (2.5, 0.5)), ("binomial", (np.uint64(5), 0.5)), ("hypergeometric", (4.0, 3, 2))]
)
def test_counts_that_numpy_refuses(name, values):
    got, expected = draws_by_both(getattr(at.random, name), *values)
    assert got == expected
    assert issubclass(expected[0], TypeError)


def test_errors_name_the_node_and_the_line_of_the_user():
    scale = at.dscalar("scale")
    draw = at.random.normal(0.0, scale)
    function = aesaralite.function([scale], draw, mode="NUMBA")
    with pytest.raises(ValueError, match="scale < 0") as caught:
        function(-1.0)
    assert __file__ in str(caught.value)
    assert "normal" in str(caught.value)


def test_what_numpy_lets_pass_is_drawn_by_machine_code(monkeypatch):
    def perform(self, *args):
        raise AssertionError

    monkeypatch.setattr(RandomVariable, "perform", perform)
    rng = aesaralite.shared(np.random.default_rng(1))
    x = at.dvector()
    draw = at.random.normal(x, abs(x), rng=rng)
    function = aesaralite.function([x], draw, updates=[(rng, draw.owner.outputs[0])], mode=NUMBA)
    values = np.array([np.nan, 0.0, np.inf, 1.0])
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(function(values), np.random.default_rng(1).normal(values, abs(values)))
