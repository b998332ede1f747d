"""What MRG streams take: sizes, dtypes, parameters, names; and the gradients of what they give."""

import numpy as np
import pytest

import aesaralite
import aesaralite.tensor as at
from aesaralite import compat, config, function, grad
from aesaralite.gradient import DisconnectedInputError, NullTypeGradError, disconnected_grad
from aesaralite.sandbox import multinomial, rng_mrg
from aesaralite.sandbox.rng_mrg import MRG_RandomStream
from sandbox.mrg_cases import probabilities

# Sizes


def test_symbolic_sizes(linker):
    stream = MRG_RandomStream(17)
    n, shape = at.lscalar(), at.ivector()
    draws = function(
        [n, shape],
        [
            stream.uniform((n, 3)),
            stream.uniform(shape, ndim=2),
            stream.normal((n,)),
            stream.normal(shape, ndim=2),
            stream.truncated_normal((2, n)),
            stream.binomial(shape, ndim=2),
            stream.uniform(n),
            stream.multinomial(pvals=at.alloc(0.5, n, 2), n=n),
        ],
    )
    for size, lengths in [(4, [2, 3]), (1, [1, 5]), (0, [0, 2]), (301, [7, 7])]:
        shapes = [value.shape for value in draws(size, np.array(lengths, dtype="int32"))]
        pair = tuple(lengths)
        assert shapes == [(size, 3), pair, (size,), pair, (2, size), pair, (size,), (size, 2)]


def test_size_as_symbol_and_number_draw_alike(linker):
    n = at.lscalar()
    symbolic = function([n], MRG_RandomStream(3).uniform((n, 2), nstreams=7))
    constant = function([], MRG_RandomStream(3).uniform((50, 2), nstreams=7))
    for _ in range(2):
        np.testing.assert_array_equal(symbolic(50), constant())


@pytest.mark.parametrize("size", [[3, 2], (np.int64(3), np.int8(2)), np.array([3, 2]), at.constant([3, 2])])
def test_kinds_of_sizes(size):
    draw = MRG_RandomStream(3).uniform(size)
    assert draw.type.ndim == 2 and draw.eval().shape == (3, 2)
    assert MRG_RandomStream(3).normal(size).eval().shape == (3, 2)


def test_static_shapes():
    stream = MRG_RandomStream(3)
    assert stream.uniform((3, at.lscalar(), 1)).type.shape == (3, None, 1)
    assert stream.uniform(at.constant([4, 1])).type.shape == (4, 1)
    assert stream.normal((3, 1)).type.shape == (3, 1)
    assert stream.multinomial(pvals=probabilities(3, 4)).type.shape == (3, 4)
    assert stream.choice(p=probabilities(3, 4), size=2, replace=False).type.shape == (3, 2)


def test_impossible_sizes_when_it_runs(linker):
    size = at.lvector()
    draws = function([size], MRG_RandomStream(3).uniform(size, ndim=2))
    for bad, message in [([2, -1], "negative"), ([2, 3, 4], "3 entries"), ([2**16, 2**16], "2147483647")]:
        with pytest.raises(ValueError, match=message):
            draws(bad)


def test_parameters_fill_the_size(linker):
    stream = MRG_RandomStream(3)
    low = at.dvector()
    draws = function([low], stream.uniform((5,), low=low))
    assert draws(np.zeros(5)).shape == (5,) and draws(np.zeros(1)).shape == (5,)
    with pytest.raises(ValueError):
        draws(np.zeros(3))
    n = at.lscalar()
    open_draws = function([n, low], stream.normal((n,), avg=low))
    assert open_draws(4, np.zeros(4)).shape == (4,)
    with pytest.raises(AssertionError):
        # one number would stand in three places
        open_draws(1, np.zeros(3))


# Dtypes


@pytest.mark.parametrize("float_x", ["float32", "float64"])
def test_dtypes(float_x):
    with config.change_flags(floatX=float_x):
        stream = MRG_RandomStream(3)
        assert stream.uniform((2,)).type.dtype == float_x
        assert stream.uniform((2,), low=1, high=2.5).type.dtype == float_x
        assert stream.uniform((2,), low=np.float64(0.1)).type.dtype == "float64"
        assert stream.uniform((2,), low=np.float64(0.1), dtype="float32").type.dtype == "float32"
        assert stream.normal((2,), avg=at.fvector()).type.dtype == float_x
        assert stream.truncated_normal((2,), dtype="float32").type.dtype == "float32"
        assert stream.binomial((2,)).type.dtype == "int64"
        assert stream.multinomial(pvals=np.eye(2, dtype="float32"), dtype="auto").type.dtype == "float32"
        assert stream.choice(p=np.eye(2), dtype="auto").type.dtype == "int64"


# Errors


@pytest.mark.parametrize(
    ("seed", "error"),
    [
        (0, ValueError),
        (-1, ValueError),
        (rng_mrg.M2, ValueError),
        ([0, 0, 0, 1, 1, 1], ValueError),
        ([1, 1, 1, 0, 0, 0], ValueError),
        ([rng_mrg.M1, 1, 1, 1, 1, 1], ValueError),
        ([1, 1, 1, 1, 1, rng_mrg.M2], ValueError),
        ([1, 1, -1, 1, 1, 1], ValueError),
        ([1, 2, 3], TypeError),
        ("123456", TypeError),
        ([1.5] * 6, TypeError),
        (1.5, TypeError),
        (True, TypeError),
    ],
)
def test_bad_seeds(seed, error):
    with pytest.raises(error, match="seed"):
        MRG_RandomStream(seed)
    stream = MRG_RandomStream(7)
    with pytest.raises(error, match="seed"):
        stream.seed(seed)
    np.testing.assert_array_equal(stream.rstate, [7] * 6)


@pytest.mark.parametrize("size", [(0, 100), (-1, 100), (1, 0), (at.lscalar(), 0)])
def test_sizes_that_are_not_positive(size):
    stream = MRG_RandomStream(234)
    for make in (stream.uniform, stream.binomial, stream.normal, stream.truncated_normal):
        with pytest.raises(ValueError, match="size"):
            make(size)
    with pytest.raises(ValueError, match="size"):
        stream.multinomial(size, 1, [])
    assert not stream.state_updates


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda s: s.uniform("3"), TypeError, "size"),
        (lambda s: s.uniform((2.5,)), TypeError, "size"),
        (lambda s: s.uniform((at.dscalar(),)), TypeError, "size"),
        (lambda s: s.uniform((at.lvector(),)), TypeError, "size"),
        (lambda s: s.uniform(at.lmatrix()), ValueError, "size"),
        (lambda s: s.uniform(at.lvector()), ValueError, "ndim"),
        (lambda s: s.uniform((2,), ndim=3), ValueError, "ndim"),
        (lambda s: s.uniform((2,), dtype="int32"), TypeError, "int32"),
        (lambda s: s.uniform((2,), low=1j), TypeError, "low"),
        (lambda s: s.uniform((2,), nstreams=0), ValueError, "nstreams"),
        (lambda s: s.uniform((2,), nstreams=1.5), TypeError, "nstreams"),
        (lambda s: s.uniform((2,), target="gpu"), TypeError, "gpu"),
        (lambda s: s.uniform((2,), width=3), TypeError, "width"),
        (lambda s: s.uniform((2,), low=np.zeros((2, 2))), NotImplementedError, "low and high"),
        (lambda s: s.uniform((1,), low=np.zeros(2)), NotImplementedError, "low and high"),
        (lambda s: s.normal((1,), avg=np.zeros(2)), NotImplementedError, "avg and std"),
        (lambda s: s.binomial((2,), n=2), NotImplementedError, "n=2"),
        (lambda s: s.binomial((1,), p=np.ones(2)), NotImplementedError, "p"),
        (lambda s: s.binomial((2,), p=1j), TypeError, "real"),
        (lambda s: s.multinomial(), TypeError, "pvals"),
        (lambda s: s.multinomial(pvals=np.ones(2)), NotImplementedError, "matrix"),
        (lambda s: s.multinomial(pvals=np.eye(2), ndim=2), ValueError, "ndim"),
        (lambda s: s.choice(a=3, p=np.eye(2)), TypeError, "takes no a"),
        (lambda s: s.choice(), TypeError, "needs p"),
        (lambda s: s.choice(p=np.ones(2)), NotImplementedError, "matrix"),
        (lambda s: s.get_substream_rstates(3, 5), TypeError, "dtype"),
        (lambda s: rng_mrg.mrg_uniform.new(np.ones((2, 5), "int32"), 1, "float64", (2,)), TypeError, "6 columns"),
        (lambda s: rng_mrg.mrg_uniform.new(np.ones((2, 6)), 1, "float64", (2,)), TypeError, "int32"),
        (lambda s: rng_mrg.mrg_uniform.new(np.ones((2, 6), "int32"), 1, "float64", (2, 3)), ValueError, "2 entries"),
        (lambda s: rng_mrg.mrg_uniform.new(np.ones((2, 6), "int32"), 1, "float64", (-2,)), ValueError, "negative"),
    ],
)
def test_bad_arguments(make, error, message):
    with pytest.raises(error, match=message):
        make(MRG_RandomStream(3))


def test_bad_parameters_when_it_runs(linker):
    stream = MRG_RandomStream(3)
    p, pvals, std = at.dscalar(), at.dmatrix(), at.dvector()
    happens = function([p], stream.binomial((3,), p=p))
    for bad in (-0.1, 1.1, np.nan):
        with pytest.raises(ValueError, match="p < 0, p > 1 or p is NaN"):
            happens(bad)
    counts = function([pvals], stream.multinomial(pvals=pvals))
    for bad in ([[0.5, 0.6]], [[0.5, 0.4]], [[1.5, -0.5]], [[np.nan, 1.0]], np.zeros((1, 0))):
        with pytest.raises(ValueError, match="pvals"):
            counts(bad)
    chosen = function([pvals], stream.choice(p=pvals, size=2, replace=False))
    for bad in ([[1.0, 0.0]], [[1.0]]):
        with pytest.raises(ValueError, match="fewer than 2"):
            chosen(bad)
    with pytest.raises(ValueError, match="std < 0"):
        function([std], stream.normal((2,), std=std))([1.0, -1.0])


def test_from_uniform_with_a_wrong_number_of_numbers(linker):
    p, unis = at.dmatrix(), at.dvector()
    for op in (multinomial.MultinomialFromUniform("auto"), multinomial.ChoiceFromUniform("auto")):
        with pytest.raises(ValueError, match="2 uniform numbers, not 3"):
            function([p, unis], op(p, unis))(np.eye(2), np.full(3, 0.5))
        with pytest.raises(ValueError, match="2 uniform numbers, not 3"):
            op(np.eye(2), np.full(3, 0.5))


def test_outcomes_at_the_border(linker):
    p, unis = at.dmatrix(), at.dvector()
    counts = function([p, unis], multinomial.MultinomialFromUniform("auto")(p, unis, 2))
    # a number equal to a sum belongs to the next outcome; the last outcome takes what rounding has lost
    rows = np.array([[0.25, 0.75, 0.0], [0.5, 0.5 - 1e-9, 0.0]])
    np.testing.assert_array_equal(counts(rows, [0.25, 1 - 1e-10, 0.0, 0.5]), [[1, 1, 0], [0, 2, 0]])


# Gradients


def test_gradients_flow_to_parameters(linker):
    stream = MRG_RandomStream(3)
    low, high, avg, std = at.dscalars("low", "high", "avg", "std")
    uniform, normal = stream.uniform((50,), low, high), stream.normal((50,), avg, std)
    draws = function(
        [low, high, avg, std],
        [uniform, normal, *grad(uniform.sum(), [low, high]), *grad(normal.sum(), [avg, std])],
    )
    uniforms, normals, by_low, by_high, by_avg, by_std = draws(1.0, 3.0, -1.0, 2.0)
    unis = (uniforms - 1) / 2
    np.testing.assert_allclose([by_low, by_high], [(1 - unis).sum(), unis.sum()])
    np.testing.assert_allclose([by_avg, by_std], [50, ((normals + 1) / 2).sum()])


def test_gradients_that_do_not_exist():
    stream = MRG_RandomStream(3)
    p, pvals = at.dscalar("p"), at.dmatrix("pvals")
    draws = [
        (stream.binomial((5,), p=p).sum(), p),
        (stream.binomial((5,), p=p, dtype="float64").sum(), p),
        (stream.multinomial(pvals=pvals, dtype="float64").sum(), pvals),
        (stream.choice(p=pvals, dtype="float64").sum(), pvals),
    ]
    for cost, parameter in draws:
        with pytest.raises(NullTypeGradError, match="isn't a differentiable function"):
            grad(cost.astype("float64"), parameter)
    draw = stream.uniform((4,))
    with pytest.raises(DisconnectedInputError):
        grad(draw.sum(), stream.state_updates[-1][0])
    gradient = grad(disconnected_grad(stream.binomial((5,), p=p)).sum() * p, p)
    assert 0 <= gradient.eval({p: 0.5}) <= 5


# Names


def test_names_of_aesara_and_theano():
    assert rng_mrg.MRG_RandomStreams is MRG_RandomStream
    for package in ("aesara", "theano"):
        compat.install(package)
        try:
            namespace = {}
            exec(f"from {package}.sandbox.rng_mrg import MRG_RandomStreams, mrg_uniform", namespace)
            assert namespace["MRG_RandomStreams"] is MRG_RandomStream
        finally:
            compat.uninstall(package)


def test_older_name_of_choice(linker):
    p = probabilities(50, 5)
    stream, other = MRG_RandomStream(3), MRG_RandomStream(3)
    with pytest.warns(DeprecationWarning, match="choice"):
        older = stream.multinomial_wo_replacement(pvals=p, n=2)
    np.testing.assert_array_equal(function([], older)(), function([], other.choice(p=p, size=2, replace=False))())
    with pytest.raises(ValueError, match="size"), pytest.warns(DeprecationWarning):
        stream.multinomial_wo_replacement(size=3, pvals=p)


def test_text():
    draw = MRG_RandomStream(3).uniform((2, 2))
    assert "mrg_uniform{TensorType(float64, (?, ?))}" in aesaralite.dprint(draw, file="str")
