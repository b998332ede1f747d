import copy
import pickle
import sys
import warnings

import numpy as np
import pytest
from support.random_toys import BIT_GENERATORS, ToyUniform, poisson, same_state, sphere, uniform

import aesaralite
import aesaralite.tensor as at
from aesaralite import config, function, shared
from aesaralite.compile.mode import Mode
from aesaralite.errors import NullTypeGradError, ParameterValueError
from aesaralite.graph.basic import ancestors, equal_computations
from aesaralite.graph.rewriting.utils import rewrite_graph
from aesaralite.tensor.random.op import RandomState, RandomVariable, default_rng, default_supp_shape_from_params
from aesaralite.tensor.random.type import random_generator_type, random_state_type
from aesaralite.tensor.type import all_dtypes

PY = Mode("py")


def rng_of(seed, bits=np.random.PCG64):
    return np.random.Generator(bits(seed))


def computed(outputs, values=None, **kwargs):
    """Compute with the Python linker, without a word on repetition."""
    values = values or {}
    return function(list(values), outputs, mode=PY, no_default_updates=True, **kwargs)(*values.values())


@pytest.fixture
def rng():
    return shared(np.random.default_rng(3), name="rng")


class TestProperties:
    def test_equality(self):
        assert ToyUniform() == uniform and hash(ToyUniform()) == hash(uniform)
        for other in (
            ToyUniform(dtype="float32"),
            ToyUniform(name="other"),
            ToyUniform(inplace=True),
            ToyUniform(ndims_params=[0, 1]),
            RandomVariable("uniform", 0, [0, 0], "floatX"),
        ):
            assert other != uniform

    def test_arguments_in_place_of_attributes(self):
        op = RandomVariable("normal", 0, [0, 0], "floatX", inplace=True)
        assert (op.name, op.ndim_supp, op.ndims_params, op.dtype, op.inplace) == ("normal", 0, (0, 0), "floatX", True)
        assert str(op) == "normal_rv{0, (0, 0), floatX, True}"

    def test_what_is_missing(self):
        with pytest.raises(AttributeError, match="RandomVariable needs 'ndims_params'"):
            RandomVariable("normal", 0)
        with pytest.raises(TypeError, match="ndims_params must be sequence type"):
            RandomVariable("normal", 0, 0, "floatX")

    def test_text(self, rng):
        draw = uniform(0, 1, rng=rng)
        assert str(uniform) == repr(uniform) == "uniform_rv{0, (0, 0), floatX, False}"
        assert str(draw) == "uniform_rv{0, (0, 0), floatX, False}.out"
        assert str(draw.owner.outputs[0]) == "uniform_rv{0, (0, 0), floatX, False}.0"
        assert aesaralite.pp(draw) == "uniform_rv{0, (0, 0), floatX, False}(rng, [], 11, 0, 1)"
        assert aesaralite.debugprint(draw, file="str").splitlines() == [
            "uniform_rv{0, (0, 0), floatX, False}.1 [id A]",
            " |rng [id B]",
            " |TensorConstant{[]} [id C]",
            " |TensorConstant{11} [id D]",
            " |TensorConstant{0} [id E]",
            " |TensorConstant{1} [id F]",
        ]

    @pytest.mark.parametrize("duplicate", [lambda v: pickle.loads(pickle.dumps(v)), copy.deepcopy])
    def test_pickling(self, rng, duplicate):
        assert duplicate(uniform) == uniform
        draw = uniform([0.0, 2.0], 3, rng=rng, name="draw")
        copied = duplicate(draw)
        assert copied.name == "draw" and copied.type == draw.type
        np.testing.assert_array_equal(computed(copied), computed(draw))


class TestNodes:
    def test_inputs_and_outputs(self, rng):
        draw = uniform(0, 1, size=(2, 3), rng=rng, name="draw")
        node = draw.owner
        assert draw.name == "draw" and node.outputs[1] is draw
        next_rng, _ = node.outputs
        assert next_rng.type == rng.type
        given, size, dtype, low, high = node.inputs
        assert given is rng
        assert size.type.dtype == "int64" and size.data.tolist() == [2, 3]
        assert dtype.type.dtype == "int64" and all_dtypes[dtype.data] == config.floatX
        assert (low.data, high.data) == (0, 1)
        assert draw.type == at.TensorType(config.floatX, shape=(2, 3))

    def test_made_again_of_its_own_inputs(self, rng):
        draw = uniform(at.dvector("low"), 1, size=3, rng=rng, dtype="float32")
        again = draw.owner.op.make_node(*draw.owner.inputs)
        assert again.outputs[1].type == draw.type and equal_computations([draw], [again.outputs[1]])
        with config.change_flags(floatX="float32"):
            kept = uniform(0, 1, rng=rng, dtype="float64").owner
            assert kept.op.make_node(*kept.inputs).outputs[1].type.dtype == "float64"

    def test_a_list_if_asked_for(self, rng):
        (draw,) = uniform(0, 1, rng=rng, return_list=True, name="draw")
        assert draw.name == "draw"

    def test_number_of_parameters(self, rng):
        with pytest.raises(ValueError, match="The distribution 'uniform' takes 2 parameters, got 1"):
            uniform(0, rng=rng)

    def test_the_generator_must_be_a_variable(self):
        with pytest.raises(TypeError, match=r"got the generator .* wrap it by aesaralite.shared\(rng\)"):
            uniform(0, 1, rng=np.random.default_rng(1))
        with pytest.raises(TypeError, match=r"rng must be a variable .* got x of type TensorType"):
            uniform(0, 1, rng=at.dscalar("x"))
        with pytest.raises(TypeError, match=r"got 3 of type int"):
            uniform(0, 1, rng=3)

    def test_a_fresh_generator_advances(self):
        draw = uniform(0, 1)
        (rng, *_), (next_rng, _) = draw.owner.inputs, draw.owner.outputs
        assert rng.default_update is next_rng
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            f = function([], draw, mode=PY)
        assert f() != f()
        assert uniform(0, 1).owner.inputs[0].get_value().random() != rng.get_value().random()

    def test_the_origin_is_the_users_line(self):
        line = sys._getframe().f_lineno + 1
        draw = uniform(0, 1)
        assert draw.origin.lineno == draw.owner.inputs[0].origin.lineno == line

    def test_legacy_generators(self):
        draw = uniform(0, 1, rng=shared(np.random.RandomState(3)))
        assert draw.owner.outputs[0].type == random_state_type
        assert computed(draw) == np.random.RandomState(3).uniform()

    def test_test_values(self, rng):
        low = at.dvector("low")
        low.tag.test_value = np.array([0.0, 5.0])
        with config.change_flags(compute_test_value="raise"):
            draw = uniform(low, low + 1, rng=rng)
        np.testing.assert_array_equal(draw.tag.test_value, rng_of(3).uniform([0, 5], [1, 6]))
        assert same_state(rng.get_value(), rng_of(3))


class TestDtypes:
    @pytest.mark.parametrize("floatX", ["float32", "float64"])
    def test_floatX_decides(self, rng, floatX):
        with config.change_flags(floatX=floatX):
            draw = uniform(0, 1, rng=rng, size=4)
            assert draw.type.dtype == floatX
            value = computed(draw)
        # drawn in float64, and rounded
        np.testing.assert_array_equal(value, rng_of(3).uniform(size=4).astype(floatX), strict=True)

    @pytest.mark.parametrize("dtype", ["float32", np.float32, np.dtype("float32")])
    def test_a_call_decides_for_itself(self, rng, dtype):
        draw = uniform(0, 1, rng=rng, dtype=dtype)
        assert draw.type.dtype == "float32" and computed(draw).dtype == "float32"

    def test_floats_of_integers(self, rng):
        draw = poisson(20.0, rng=rng, size=3, dtype="float32")
        np.testing.assert_array_equal(computed(draw), rng_of(3).poisson(20.0, 3).astype("float32"), strict=True)

    def test_small_integers(self, rng):
        draw = poisson(20.0, rng=rng, size=3, dtype="int8")
        np.testing.assert_array_equal(computed(draw), rng_of(3).poisson(20.0, 3).astype("int8"), strict=True)
        with pytest.raises(OverflowError, match="of the distribution 'poisson' doesn't fit into its dtype, int8"):
            computed(poisson(1000.0, rng=rng, dtype="int8"))

    def test_no_integers_of_floats(self, rng):
        with pytest.raises(TypeError, match="The distribution 'uniform' draws float64; int64 would truncate"):
            uniform(0, 1, rng=rng, dtype="int64")

    def test_a_dtype_is_needed(self, rng):
        bare = RandomVariable("uniform", 0, [0, 0])
        with pytest.raises(TypeError, match="dtype is unspecified"):
            bare(0, 1, rng=rng)
        assert bare(0, 1, rng=rng, dtype="float32").type.dtype == "float32"
        assert bare(0, 1, rng=rng, dtype="floatX").type.dtype == config.floatX
        with pytest.raises(TypeError, match="Unsupported dtype: str"):
            bare(0, 1, rng=rng, dtype="str")


class TestShapes:
    @pytest.mark.parametrize(
        ("params", "size", "shape"),
        [
            ((0, 1), None, ()),
            ((0, 1), (), ()),
            ((0, 1), [], ()),
            ((0, 1), 3, (3,)),
            ((0, 1), np.int8(3), (3,)),
            ((0, 1), (2, 3), (2, 3)),
            ((0, 1), [2, 0], (2, 0)),
            ((0, 1), np.array([2, 3], dtype="int16"), (2, 3)),
            (([0.0, 1.0], 2), None, (2,)),
            (([0.0, 1.0], [[2.0], [3.0], [4.0]]), None, (3, 2)),
            (([0.0, 1.0], 2), (3, 2), (3, 2)),
            (([0.0], 2), (3,), (3,)),
            ((np.zeros((1, 3)), np.ones((2, 1))), None, (2, 3)),
            ((np.zeros((0, 3)), 1), None, (0, 3)),
        ],
    )
    def test_known_ones(self, rng, params, size, shape):
        draw = uniform(*params, size=size, rng=rng)
        assert draw.type.shape == shape
        value = computed(draw)
        plain = None if size is None or np.size(size) == 0 else tuple(np.atleast_1d(size))
        np.testing.assert_array_equal(value, rng_of(3).uniform(*map(np.asarray, params), plain), strict=True)

    def test_symbolic_parameters_broadcast_when_called(self, rng):
        low, high = at.dmatrix("low"), at.dmatrix("high")
        draw = uniform(low, high, rng=rng)
        assert draw.type.shape == (None, None)
        f = function([low, high], [draw, draw.shape], mode=PY, no_default_updates=True)
        for one, other in (((2, 3), (2, 3)), ((1, 3), (2, 1)), ((2, 1), (1, 1)), ((0, 3), (1, 3))):
            value, shape = f(np.zeros(one), np.ones(other))
            np.testing.assert_array_equal(value, rng_of(3).uniform(np.zeros(one), np.ones(other)), strict=True)
            assert tuple(shape) == value.shape
        with pytest.raises(ValueError, match="could not be broadcast together"):
            f(np.zeros((2, 3)), np.ones((3, 3)))

    @pytest.mark.parametrize(
        "size",
        [
            lambda n: n,
            lambda n: (n,),
            lambda n: [n],
            lambda n: at.stack([n]),
            lambda n: at.zeros((n,)).shape,
            lambda n: at.specify_shape(at.arange(n, n + 1), (1,)),
            lambda n: at.cast(n, "int8"),
        ],
    )
    def test_symbolic_sizes(self, rng, size):
        n = at.lscalar("n")
        draw = uniform([0.0], 2, size=size(n), rng=rng)
        assert draw.type.ndim == 1
        f = function([n], [draw, draw.shape[0]], mode=PY, no_default_updates=True)
        value, length = f(4)
        np.testing.assert_array_equal(value, rng_of(3).uniform([0.0], 2, 4))
        assert length == 4

    def test_what_is_known_of_a_symbolic_size(self, rng):
        n = at.lscalar("n")
        assert uniform(0, 1, size=(n, 2), rng=rng).type.shape == (None, 2)
        assert uniform(0, 1, size=at.zeros((3, 2)).shape, rng=rng).type.shape == (3, 2)
        assert uniform(at.dmatrix(), np.ones(3), rng=rng).type.shape == (None, 3)

    def test_only_the_shape_needs_no_draw(self, rng):
        low, n = at.dvector("low"), at.lscalar("n")
        for draw in (uniform(low, 1, rng=rng), uniform(0, 1, size=(n, 2), rng=rng)):
            graph = rewrite_graph(draw.shape, include=("canonicalize", "specialize"))
            assert not any(variable is draw for variable in ancestors([graph]))

    @pytest.mark.parametrize(
        "size",
        [
            1.5,
            "3",
            (1.5,),
            np.array([2.0]),
            [[2, 3]],
            at.dscalar("x"),
            at.dvector("v"),
            (2, at.dscalar("x")),
            object(),
        ],
    )
    def test_sizes_of_the_wrong_kind(self, rng, size):
        with pytest.raises(TypeError, match="size must be"):
            uniform(0, 1, size=size, rng=rng)

    def test_sizes_that_are_no_sizes(self, rng):
        with pytest.raises(ValueError, match="negative dimensions are not allowed"):
            uniform(0, 1, size=(2, -1), rng=rng)
        with pytest.raises(ValueError, match="Length of s cannot be determined, so the number of dimensions"):
            uniform(0, 1, size=at.lvector("s"), rng=rng)
        n = at.lscalar("n")
        with pytest.raises(ValueError, match="negative dimensions are not allowed"):
            computed(uniform(0, 1, size=n, rng=rng), {n: -1})

    @pytest.mark.parametrize(
        ("params", "size"),
        [((np.zeros(3), 1), 2), ((np.zeros((2, 3)), 1), 3), ((np.zeros(3), 1), (3, 1)), ((np.zeros(3), 1), (3, 0))],
    )
    def test_sizes_that_do_not_fit_the_parameters(self, rng, params, size):
        with pytest.raises(ValueError) as theirs:
            rng_of(3).uniform(*params, size)
        with pytest.raises(ValueError) as ours:
            uniform(*params, size=size, rng=rng)
        assert "is not compatible with broadcast dimensions of inputs" in str(ours.value)
        assert "distribution 'uniform'" in str(ours.value)
        # not known before the call: what NumPy says, with the user's line
        low = at.TensorType("float64", shape=(None,) * params[0].ndim)("low")
        if params[0].ndim <= np.size(size):
            line = sys._getframe().f_lineno + 1
            draw = uniform(low, 1, size=size, rng=rng)
            with pytest.raises(ValueError) as when_called:
                computed(draw, {low: params[0]})
            assert str(theirs.value).splitlines()[0] in str(when_called.value)
            assert f'File "{__file__}", line {line}' in str(when_called.value)

    def test_parameters_that_do_not_broadcast(self, rng):
        with pytest.raises(
            ValueError, match=r"parameters of the distribution 'uniform' don't broadcast: sizes \[2, 3\]"
        ):
            uniform(np.zeros(2), np.ones(3), rng=rng)

    def test_bad_parameters_raise_what_numpy_raises(self, rng):
        rate = at.dscalar("rate")
        with pytest.raises(ValueError, match="lam < 0 or lam is NaN"):
            computed(poisson(rate, rng=rng), {rate: -1.0})


class TestVectors:
    @pytest.mark.parametrize(
        ("centre", "cov", "size", "shape"),
        [
            ((3,), (3, 3), None, (3,)),
            ((3,), (3, 3), 2, (2, 3)),
            ((4, 3), (3, 3), None, (4, 3)),
            ((3,), (4, 3, 3), None, (4, 3)),
            ((2, 1, 3), (4, 3, 3), None, (2, 4, 3)),
            ((1, 3), (3, 3), (2, 4), (2, 4, 3)),
        ],
    )
    def test_batches(self, rng, centre, cov, size, shape):
        draw = sphere(np.zeros(centre), np.ones(cov), size=size, rng=rng)
        assert draw.type.shape == shape and computed(draw).shape == shape
        m, c = at.TensorType("float64", (None,) * len(centre))("m"), at.TensorType("float64", (None,) * len(cov))("c")
        symbolic = sphere(m, c, size=size, rng=rng)
        assert symbolic.type.ndim == len(shape)
        assert tuple(computed(symbolic.shape, {m: np.zeros(centre), c: np.ones(cov)})) == shape

    def test_too_few_dimensions(self, rng):
        with pytest.raises(
            ValueError, match=r"Parameter 1 of the distribution 'sphere' needs at least 2 dimensions; c has 1"
        ):
            sphere(at.dvector("m"), at.dvector("c"), rng=rng)
        with pytest.raises(ValueError, match=r"Output size \(3,\) is not compatible .* \(2,\)"):
            sphere(np.zeros((2, 3)), np.eye(3), size=3, rng=rng)

    def test_the_shape_of_a_draw_from_a_parameter(self):
        m, c = at.dvector("m"), at.TensorType("float64", (None, 3))("c")
        assert default_supp_shape_from_params(1, [m, c], rep_param_idx=1)[0].data == 3
        assert default_supp_shape_from_params(1, [m, c], param_shapes=[(5,), (6, 7)]) == (5,)
        with pytest.raises(ValueError, match="ndim_supp must be greater than 0"):
            default_supp_shape_from_params(0, [m, c])
        with pytest.raises(
            ValueError, match="Reference parameter does not match the expected dimensions; m has less than 2"
        ):
            default_supp_shape_from_params(2, [m, c])


class TestDraws:
    @pytest.mark.parametrize("bits", BIT_GENERATORS)
    def test_the_generator_that_comes_in_is_left_alone(self, bits):
        rng = random_generator_type("rng")
        draw = uniform(0, 1, size=3, rng=rng)
        f = function([rng], [draw, draw.owner.outputs[0]], mode=PY)
        generator, expected = rng_of(5, bits), rng_of(5, bits)
        value, after = f(generator)
        assert same_state(generator, rng_of(5, bits))
        np.testing.assert_array_equal(value, expected.uniform(size=3))
        assert after is not generator and same_state(after, expected)

    def test_one_draw_in_a_call(self, rng):
        draw = uniform(0, 1, size=3, rng=rng)
        assert not computed(draw + draw - 2 * draw).any()
        one, other = computed([draw, draw + 1])
        np.testing.assert_array_equal(one + 1, other)

    def test_draws_in_a_row(self, rng):
        first = uniform(0, 1, rng=rng)
        second = poisson(20.0, size=2, rng=first.owner.outputs[0])
        value, counts = computed([first, second])
        expected = rng_of(3)
        assert value == expected.uniform()
        np.testing.assert_array_equal(counts, expected.poisson(20.0, 2))

    def test_inplace_changes_nothing(self, rng):
        draw = ToyUniform(inplace=True)(0, 1, rng=rng)
        assert computed(draw) == computed(draw) == rng_of(3).uniform()
        assert same_state(rng.get_value(), rng_of(3))

    def test_constants_are_not_folded(self):
        draw = uniform(0, 1, rng=random_generator_type.make_constant(rng_of(3)))
        f = function([], draw, mode=PY, no_default_updates=True)
        assert any(isinstance(node.op, RandomVariable) for node in f.maker.fgraph.apply_nodes)
        assert f() == f() == rng_of(3).uniform()

    def test_constants_of_equal_state_are_one(self):
        constants = [random_generator_type.make_constant(rng_of(seed)) for seed in (3, 3, 4)]
        draws = [uniform(0, 1, rng=constant) for constant in constants]
        f = function([], draws, mode=PY, no_default_updates=True)
        assert len(f.maker.fgraph.apply_nodes) == 2
        assert [float(value) for value in f()] == [rng_of(seed).uniform() for seed in (3, 3, 4)]

    def test_own_recipes(self, rng):
        class Shifted(RandomVariable):
            name = "shifted"
            ndim_supp = 0
            ndims_params = (0,)
            dtype = "float64"

            def rng_fn(self, rng, shift, size):
                if np.any(shift < 0):
                    raise ParameterValueError("the shift is negative")
                return shift + rng.random(np.shape(shift) if size is None else size)

        shift = at.dvector("shift")
        draw = Shifted()(shift, rng=rng)
        np.testing.assert_array_equal(computed(draw, {shift: [1.0, 2.0]}), [1, 2] + rng_of(3).random(2))
        with pytest.raises(ParameterValueError, match="the shift is negative"):
            computed(draw, {shift: [-1.0]})


class TestConnections:
    def test_nothing_flows_into_generator_size_and_dtype(self, rng):
        low = at.dscalar("low")
        node = uniform(low, 1, size=2, rng=rng).owner
        assert node.op.connection_pattern(node) == [[False, False]] * 3 + [[False, True]] * 2

    def test_an_undefined_gradient_names_distribution_parameter_and_line(self, rng):
        rate = at.dscalar("rate")
        line = sys._getframe().f_lineno + 1
        draw = poisson(rate, rng=rng)
        with pytest.raises(NullTypeGradError, match="'poisson'") as caught:
            at.grad(draw.astype("float64"), rate)
        assert f"{__file__}:{line}" in str(caught.value)
        assert at.grad(draw.astype("float64") * rate, rate, consider_constant=[draw]) is not None


class TestConstructors:
    def test_generators_of_seeds(self):
        seed = at.lscalar("seed")
        seeds = at.lvector("seeds")
        for op, make, type_ in (
            (default_rng, np.random.default_rng, random_generator_type),
            (RandomState, np.random.RandomState, random_state_type),
        ):
            assert op(seed).type == type_
            f = function([seed, seeds], [op(seed), op(seeds), op(5), op([5, 6])], mode=PY)
            for value, plain in zip(f(3, [4, 5]), (3, [4, 5], 5, [5, 6]), strict=True):
                assert same_state(value, make(plain))

    def test_text(self):
        assert str(default_rng(3)) == "DefaultGeneratorMakerOp.0" and str(RandomState()) == "RandomStateConstructor.0"
        assert aesaralite.debugprint(default_rng(3), file="str") == (
            "DefaultGeneratorMakerOp [id A]\n |TensorConstant{3} [id B]\n"
        )

    def test_without_a_seed_each_is_another(self):
        one, other = default_rng(), default_rng()
        f = function([], [one, other, one], mode=PY)
        values = f() + f()
        assert len({value.bit_generator.state["state"]["state"] for value in values}) == 4

    def test_a_draw_from_one(self):
        seed = at.lscalar("seed")
        draw = uniform(0, 1, size=2, rng=default_rng(seed))
        f = function([seed], draw, mode=PY)
        np.testing.assert_array_equal(f(3), rng_of(3).uniform(size=2))

    def test_wrong_seeds(self):
        for wrong in (1.5, at.dscalar("x"), at.lmatrix("m")):
            with pytest.raises(TypeError, match="A seed is an integer, or a vector of integers"):
                default_rng(wrong)
        seed = at.lscalar("seed")
        with pytest.raises(ValueError, match="non-negative"):
            function([seed], default_rng(seed), mode=PY)(-1)

    def test_pickling(self):
        f = pickle.loads(pickle.dumps(function([], [default_rng(3), default_rng()], mode=PY)))
        assert same_state(f()[0], np.random.default_rng(3))
