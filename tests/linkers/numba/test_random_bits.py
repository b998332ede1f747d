"""Every distribution from machine code: NumPy's or SciPy's numbers, and the generator's state after them."""

from contextlib import contextmanager, nullcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.random_cases import NAMES, calls, generators
from support.random_toys import same_state

import aesaralite
import aesaralite.tensor as at
from aesaralite import config
from aesaralite.compile.mode import Mode
from aesaralite.tensor.random.op import RandomVariable

# rewrites would take draws apart
NUMBA, PY = Mode(linker="numba", optimizer=None), Mode(linker="py", optimizer=None)
# there are many distributions, and the last property takes all of them together
FEW = settings(max_examples=max(4, settings.default.max_examples // 20))
# powers that NumPy rounds in a way of its own, here and there in the same array
MAY_LEAVE = {"gengamma", "pareto"}


@contextmanager
def no_python():
    """Nothing is drawn by Python."""

    def perform(self, node, inputs, output_storage):
        raise AssertionError(f"{self} was drawn by Python")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RandomVariable, "perform", perform)
        yield


def drawn(call, rng, known, symbolic):
    """The draw with variables for parameters and size, its inputs and their values."""
    inputs, values = call.variables(known), list(call.params)
    size = None
    if symbolic and call.size is not None:
        size = tuple(at.lscalar() for _ in call.size)
        inputs += size
        values += call.size
    if call.name in ("permutation", "choice") and call.params[0].ndim == 0:
        # how many numbers there are decides a shape
        inputs[0] = at.lscalar()
    return call.build(rng, inputs[: len(call.params)], size), inputs, values


@pytest.mark.parametrize("name", NAMES)
@FEW
@given(data=st.data(), known=st.booleans(), symbolic=st.booleans(), floatX=st.sampled_from(["float64", "float32"]))
def test_numbers_and_state(name, data, known, symbolic, floatX):
    call, generator = data.draw(calls(name)), data.draw(generators())
    rng = aesaralite.shared(generator)
    with config.change_flags(floatX=floatX, numba__strict=True):
        draw, inputs, values = drawn(call, rng, known, symbolic)
        function = aesaralite.function(inputs, draw, updates=[(rng, draw.owner.outputs[0])], mode=NUMBA)
        for _ in range(2):
            wanted = call.expected(generator).astype(draw.type.dtype)
            with nullcontext() if name in MAY_LEAVE else no_python():
                got = function(*values)
            assert got.dtype == wanted.dtype and got.shape == wanted.shape
            np.testing.assert_array_equal(got, wanted)
            assert same_state(rng.get_value(), generator)


# each example is a program to compile
@settings(max_examples=min(1000, settings.default.max_examples))
@given(data=st.data(), generator=generators())
def test_draws_follow_one_another(data, generator):
    sequence = data.draw(st.lists(calls(*sorted(set(NAMES) - MAY_LEAVE)), min_size=2, max_size=5))
    rng = aesaralite.shared(generator)
    state, draws, inputs, values = rng, [], [], []
    for call in sequence:
        draw, more, of_these = drawn(call, state, False, False)
        inputs, values = inputs + more, values + of_these
        draws.append(draw)
        state = draw.owner.outputs[0]
    with config.change_flags(numba__strict=True):
        function = aesaralite.function(inputs, draws, updates=[(rng, state)], mode=NUMBA)
    for _ in range(2):
        expected = [call.expected(generator) for call in sequence]
        with no_python():
            got = function(*values)
        for one, wanted in zip(got, expected, strict=True):
            np.testing.assert_array_equal(one, wanted)
        assert same_state(rng.get_value(), generator)


# ---------------------------------------------------------- sizes that decide how NumPy draws
def draw_of(build, seed=5, bits=np.random.PCG64):
    """A function of a draw, and its generator."""
    rng = aesaralite.shared(np.random.Generator(bits(seed)))
    draw = build(rng)
    function = aesaralite.function([], draw, updates=[(rng, draw.owner.outputs[0])], mode=NUMBA)
    return function, rng


def assert_draws(build, wanted, **options):
    function, rng = draw_of(build, **options)
    model = rng.get_value()
    for _ in range(2):
        with no_python():
            np.testing.assert_array_equal(function(), wanted(model))
        assert same_state(rng.get_value(), model)


@pytest.mark.parametrize("bits", [np.random.PCG64, np.random.MT19937])
@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize(
    "population, size",
    [
        (1, 1),
        (5, 0),
        (40, 40),
        (10_000, 400),
        (10_001, 200),
        (10_001, 201),
        (10_001, 600),
        (12_000, 12_000),
        (2**40, 9),
    ],
)
def test_samples(population, size, shuffle, bits):
    # of large populations NumPy shuffles the end where a large part is drawn, from which on depends on `shuffle`
    assert_draws(
        lambda rng: at.random.choice(population, size, replace=False, shuffle=shuffle, rng=rng),
        lambda model: model.choice(population, size, replace=False, shuffle=shuffle),
        bits=bits,
    )


@pytest.mark.parametrize("size", [1, 30, 199])
def test_weighted_samples(size):
    weights = np.random.default_rng(1).random(200) ** 4
    weights[7] = 0.0
    p = weights / weights.sum()
    assert_draws(
        lambda rng: at.random.choice(200, size, replace=False, p=p, rng=rng),
        lambda model: model.choice(200, size, replace=False, p=p),
    )


# of the last two, every fourth draw is made again
@pytest.mark.parametrize("width", [1, 2, 2**31, 2**32 - 1, 2**32, 2**32 + 1, 2**62, 2**63 - 1, 3 * 2**30, 3 * 2**61])
@pytest.mark.parametrize("bits", [np.random.PCG64, np.random.SFC64, np.random.MT19937])
def test_integers_of_any_width(width, bits):
    # NumPy draws 32 or 64 bits, and scalars another way than arrays
    for low in (0, np.array([0, 0])):
        assert_draws(
            lambda rng, low=low: at.random.integers(low, low + width, size=(3, 2), rng=rng),
            lambda model, low=low: model.integers(low, low + width, size=(3, 2)),
            bits=bits,
        )


def test_integers_of_the_whole_range():
    least, most = np.array([-(2**63)]), np.array([2**63 - 1])
    assert_draws(lambda rng: at.random.integers(least, most, rng=rng), lambda model: model.integers(least, most))
    high = np.uint64(2**62)
    assert_draws(lambda rng: at.random.integers(0, high, size=3, rng=rng), lambda m: m.integers(0, high, size=3))


@pytest.mark.parametrize(
    "alphas",
    [
        [0.05],
        [3.0],
        [0.01, 0.05, 0.09],
        [0.01, 0.0, 0.0],
        [0.0, 0.0],
        [1e-200, 1e-300, 1e-3, 0.0],
        [0.01, 0.1],
        [2.0, 0.0],
    ],
)
def test_dirichlet_of_small_parameters(alphas):
    # where none reaches 0.1, sticks are broken
    assert_draws(
        lambda rng: at.random.dirichlet(alphas, size=(2, 3), rng=rng),
        lambda model: model.dirichlet(alphas, size=(2, 3)),
    )


@pytest.mark.parametrize("method", ["svd", "eigh", "cholesky"])
@pytest.mark.parametrize("length", [1, 2, 9, 50])
@pytest.mark.parametrize("size", [None, 1, 300])
def test_large_multivariate_normals(method, length, size):
    # NumPy's BLAS multiplies in another way for one row, for few, and for many
    root = np.random.default_rng(length).random((length, length + 3))
    mean, cov = root[:, 0], root @ root.T
    assert_draws(
        lambda rng: at.random.multivariate_normal(mean, cov, size, method, rng=rng),
        lambda model: model.multivariate_normal(mean, cov, size, method=method),
    )


@pytest.mark.parametrize("n", [0, 1, 3, 17, 1000])
def test_inner_loops_of_any_length(n):
    for name, model in (
        ("halfcauchy", lambda m: np.tan(np.pi / 2 * m.random(n))),
        ("pareto", lambda m: (1 - m.random(n)) ** (-1.0 / np.float64(1.5))),
    ):
        params = (1.5,) if name == "pareto" else ()
        assert_draws(lambda rng, name=name, params=params: getattr(at.random, name)(*params, size=n, rng=rng), model)


@pytest.mark.parametrize("p", [0.5, 1.0, 2.0, 3.0])
def test_powers_that_numpy_rounds_in_a_way_of_its_own(p):
    # one exponent, one for each number, and one for some: the last may be left to Python, and is right then, too
    each = np.full((4, 500), p)
    assert_draws(
        lambda rng: at.random.gengamma(2.0 * p, p, 1.0, size=2000, rng=rng),
        lambda model: model.standard_gamma(2.0, 2000) ** (1.0 / np.float64(p)),
    )
    assert_draws(
        lambda rng: at.random.gengamma(2.0 * p, each, 1.0, rng=rng),
        lambda model: model.standard_gamma(np.full(each.shape, 2.0)) ** (1.0 / each),
    )
    function, rng = draw_of(lambda rng: at.random.gengamma(2.0 * p, each[:, :1], 1.0, size=(4, 500), rng=rng))
    model = rng.get_value()
    np.testing.assert_array_equal(function(), model.standard_gamma(2.0, each.shape) ** (1.0 / each[:, :1]))
    assert same_state(rng.get_value(), model)


@pytest.mark.parametrize(
    "name, options",
    [
        ("permuted", {}),
        ("permuted", {"axis": 0}),
        ("permutation", {"axis": 1}),
        ("choice", {"axis": 1, "size": 3}),
        ("normal", {}),
        ("gengamma", {}),
        ("multinomial", {}),
        ("dirichlet", {}),
        ("multivariate_normal", {}),
    ],
)
def test_the_layout_of_parameters_in_memory_does_not_count(name, options):
    x = np.arange(1.0, 13.0).reshape(4, 3)
    params = {
        "normal": (x, x),
        "gengamma": (x, x, x),
        "multinomial": (np.arange(4)[:, None], x / x.sum(axis=1, keepdims=True) * np.ones((4, 1, 1))),
        "multivariate_normal": (x, np.eye(3) + np.ones((4, 3, 3)) * x[:, :1, None]),
    }.get(name, (x,))
    rng = aesaralite.shared(np.random.default_rng(3))
    inputs = [at.tensor(str(p.dtype), (None,) * p.ndim) for p in params]
    draw = getattr(at.random, name)(*inputs, rng=rng, **options)
    functions = [
        aesaralite.function(inputs, draw, updates=[(rng, draw.owner.outputs[0])], mode=mode) for mode in (NUMBA, PY)
    ]
    results = []
    for function in functions:
        for arranged in (np.ascontiguousarray, np.asfortranarray, lambda p: np.repeat(p, 2, axis=-1)[..., ::2]):
            rng.set_value(np.random.default_rng(3))
            results.append(function(*map(arranged, params)))
    for result in results[1:]:
        np.testing.assert_array_equal(result, results[0])


# --------------------------------------------------------------------- users' own distributions
class Rayleigh(RandomVariable):
    name = "rayleigh"
    ndim_supp = 0
    ndims_params = (0,)
    dtype = "float64"


class Doubled(Rayleigh):
    def rng_fn(self, rng, scale, size):
        return 2 * rng.rayleigh(scale, size)


def test_a_distribution_named_after_a_method_of_numpys_is_drawn_by_it():
    assert_draws(lambda rng: Rayleigh()([1.0, 10.0], rng=rng), lambda model: model.rayleigh([1.0, 10.0]))


def test_other_distributions_of_users_are_drawn_by_python():
    op = Doubled()
    with pytest.warns(UserWarning, match=op.name):
        function, rng = draw_of(lambda rng: op([1.0, 10.0], rng=rng))
        model = rng.get_value()
        np.testing.assert_array_equal(function(), 2 * model.rayleigh([1.0, 10.0]))
    assert same_state(rng.get_value(), model)


# ----------------------------------------------------------------------------------------- dtypes
def test_integers_are_cast_to_a_smaller_dtype_that_holds_them():
    assert_draws(
        lambda rng: at.random.poisson(3.0, size=50, dtype="int8", rng=rng),
        lambda model: model.poisson(3.0, size=50).astype("int8"),
    )
    assert_draws(
        lambda rng: at.random.bernoulli(0.4, size=50, dtype="bool", rng=rng),
        lambda model: model.binomial(1, 0.4, size=50).astype("bool"),
    )
    assert_draws(
        lambda rng: at.random.poisson(3.0, size=50, dtype="float32", rng=rng),
        lambda model: model.poisson(3.0, size=50).astype("float32"),
    )


def test_integers_that_a_dtype_does_not_hold_are_an_error():
    function, rng = draw_of(lambda rng: at.random.poisson(1000.0, size=5, dtype="int8", rng=rng))
    before = rng.get_value()
    with pytest.raises(OverflowError, match="int8"):
        function()
    assert same_state(rng.get_value(), before)
