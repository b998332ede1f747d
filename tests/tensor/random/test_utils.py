import copy
import functools
import pickle
import sys
import types

import numpy as np
import pytest
from support.random_toys import BIT_GENERATORS, same_state

import aesaralite
import aesaralite.tensor as at
from aesaralite import function
from aesaralite.compile.mode import Mode
from aesaralite.graph.basic import Variable
from aesaralite.tensor.random.op import RandomVariable
from aesaralite.tensor.random.type import random_generator_type, random_state_type
from aesaralite.tensor.random.utils import (
    RandomStream,
    broadcast_params,
    explicit_expand_dims,
    normalize_size_param,
    params_broadcast_shapes,
)

PY = Mode("py")


def spawned(seed, count):
    return [np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(count)]


class TestSizes:
    def test_none_and_nothing(self):
        for size in (None, (), [], np.array([])):
            vector = normalize_size_param(size)
            assert vector.type == at.TensorType("int64", shape=(0,)) and vector.data.shape == (0,)

    @pytest.mark.parametrize(
        "size", [3, np.int32(3), [3], (3,), np.array(3), np.array([3], dtype="uint8"), at.constant(3)]
    )
    def test_constants(self, size):
        vector = normalize_size_param(size)
        assert vector.type == at.TensorType("int64", shape=(1,)) and vector.data.tolist() == [3]

    def test_variables(self):
        n = at.iscalar("n")
        for size in (n, (n,), [n], at.as_tensor([n])):
            vector = normalize_size_param(size)
            assert vector.type == at.TensorType("int64", shape=(1,)) and vector.eval({n: 4}, mode=PY).tolist() == [4]
        assert normalize_size_param((2, n)).eval({n: 4}, mode=PY).tolist() == [2, 4]
        vector = at.specify_shape(at.lvector("s"), (2,))
        assert normalize_size_param(vector) is vector


class TestParameters:
    def test_shapes_of_arrays(self):
        assert params_broadcast_shapes([(2, 1, 3), (4, 3, 3)], [1, 2], use_aesara=False) == [(2, 4, 3), (2, 4, 3, 3)]
        assert params_broadcast_shapes([(), (3,)], [0, 1], use_aesara=False) == [(), (3,)]
        with pytest.raises(ValueError, match="shape mismatch"):
            params_broadcast_shapes([(2,), (3,)], [0, 0], use_aesara=False)

    def test_shapes_of_variables(self):
        n = at.lscalar("n")
        one, other = params_broadcast_shapes([(n, 3), (2, 3, 3)], [1, 2])
        assert (int(one[0].data), int(other[0].data)) == (2, 2) and (one[1:], other[1:]) == ((3,), (3, 3))
        m = at.lscalar("m")
        ((size,), _) = params_broadcast_shapes([(n,), (m,)], [0, 0])
        f = function([n, m], size, mode=PY)
        assert (f(1, 5), f(5, 1), f(4, 4)) == (5, 5, 4)
        with pytest.raises(ValueError, match="The parameters don't broadcast"):
            params_broadcast_shapes([(2,), (3,)], [0, 0])

    def test_arrays(self):
        mean, cov = broadcast_params([np.arange(3), np.stack([np.eye(3)] * 2)], [1, 2])
        assert isinstance(mean, np.ndarray)
        np.testing.assert_array_equal(mean, [[0, 1, 2]] * 2)
        np.testing.assert_array_equal(cov, [np.eye(3)] * 2)

    def test_variables(self):
        m = at.dvector("m")
        mean, cov = broadcast_params([m, np.stack([np.eye(3)] * 2)], [1, 2])
        assert mean.type.shape == (2, None) and cov.type.shape == (2, 3, 3)
        np.testing.assert_array_equal(mean.eval({m: np.arange(3.0)}, mode=PY), [[0, 1, 2]] * 2)

    def test_dimensions_in_front(self):
        mean, cov = explicit_expand_dims([at.dvector("m"), at.dtensor3("c")], [1, 2])
        assert (mean.type.ndim, cov.type.ndim) == (2, 3)
        mean, cov = explicit_expand_dims([at.dvector("m"), at.dtensor3("c")], [1, 2], size_length=3)
        assert (mean.type.ndim, cov.type.ndim) == (4, 5)
        assert mean.type.broadcastable[:3] == (True,) * 3


@pytest.mark.usefixtures("linker")
class TestNumbers:
    def test_each_variable_has_a_generator_of_its_own(self):
        stream = RandomStream(234)
        draws = [stream.uniform(0, 1, size=2), stream.normal(0, 1, size=2), stream.poisson(20.0, size=2)]
        f = function([], draws)
        u, n, p = spawned(234, 3)
        for _ in range(3):
            uniform, normal, poisson = f()
            np.testing.assert_array_equal(uniform, u.uniform(size=2), strict=True)
            np.testing.assert_array_equal(normal, n.normal(size=2), strict=True)
            np.testing.assert_array_equal(poisson, p.poisson(20.0, 2), strict=True)

    def test_a_variable_made_later_continues_the_seeds(self):
        stream = RandomStream(234)
        first = stream.uniform()
        assert function([], first)() == spawned(234, 1)[0].uniform()
        second = stream.uniform()
        assert function([], second)() == spawned(234, 2)[1].uniform()

    def test_seed(self):
        stream = RandomStream(234)
        f = function([], [stream.uniform(), stream.normal()])
        first = f()
        for seed, numbers in ((902340, 902340), (None, 234), (234, 234)):
            stream.seed(seed)
            u, n = spawned(numbers, 2)
            assert f() == [u.uniform(), n.normal()]
        stream.seed()
        assert f() == first
        # what comes next goes on from the last seed
        assert function([], stream.uniform())() == spawned(234, 3)[2].uniform()

    def test_unseeded(self):
        one, other = RandomStream(), RandomStream()
        assert one.default_instance_seed is None
        assert function([], one.uniform())() != function([], other.uniform())()
        (rng, _) = one.state_updates[0]
        before = rng.get_value()
        one.seed()
        assert not same_state(rng.get_value(), before)

    @pytest.mark.parametrize("bits", BIT_GENERATORS)
    def test_other_generators(self, bits):
        stream = RandomStream(7, rng_ctor=lambda seed: np.random.Generator(bits(seed)))
        f = function([], stream.normal(size=3))
        (child,) = np.random.SeedSequence(7).spawn(1)
        expected = np.random.Generator(bits(child))
        for _ in range(2):
            np.testing.assert_array_equal(f(), expected.normal(size=3))

    def test_legacy_generators(self):
        stream = RandomStream(7, rng_ctor=np.random.RandomState)
        draw = stream.normal(size=3)
        assert draw.owner.inputs[0].type == random_state_type
        f = function([], draw)
        (child,) = np.random.SeedSequence(7).spawn(1)
        expected = np.random.RandomState(np.random.MT19937(child))
        for _ in range(2):
            np.testing.assert_array_equal(f(), expected.normal(size=3))

    def test_states_are_copied_between_streams(self):
        streams = [RandomStream(1), RandomStream(2)]
        functions = [function([], [s.uniform(size=2), s.normal(size=2)]) for s in streams]
        functions[0]()
        assert not np.array_equal(functions[0]()[0], functions[1]()[0])
        for (a, _), (b, _) in zip(streams[0].state_updates, streams[1].state_updates, strict=True):
            b.set_value(a.get_value())
        for _ in range(2):
            for one, other in zip(functions[0](), functions[1](), strict=True):
                np.testing.assert_array_equal(one, other)

    def test_symbolic_parameters_and_sizes(self):
        loc, n = at.dvector("loc"), at.lscalar("n")
        stream = RandomStream(3)
        f = function([loc, n], stream.normal(loc, 2.0, size=(n, 2)))
        (rng,) = spawned(3, 1)
        for rows in (3, 1, 0, 4):
            np.testing.assert_array_equal(f([0.0, 10.0], rows), rng.normal([0, 10], 2.0, (rows, 2)), strict=True)


class TestStream:
    def test_state_updates(self):
        stream = RandomStream(234)
        draw = stream.uniform(0, 1, size=2)
        ((rng, following),) = stream.state_updates
        assert draw.owner.inputs[0] is rng and draw.owner.outputs[0] is following
        assert rng.type == random_generator_type and rng.default_update is following
        assert stream.updates() == stream.state_updates and stream.updates() is not stream.state_updates
        assert stream.default_instance_seed == 234
        assert isinstance(stream.gen_seedgen, np.random.SeedSequence) and stream.gen_seedgen.entropy == 234

    def test_gen(self):
        stream = RandomStream(3)
        draw = stream.gen(at.random.normal, 10.0, size=2, name="draw")
        assert draw.name == "draw"
        np.testing.assert_array_equal(draw.eval(mode=PY), spawned(3, 1)[0].normal(10.0, size=2))

    def test_gen_refuses_a_generator(self):
        with pytest.raises(ValueError, match="The `rng` option cannot be used with a variate in a `RandomStream`"):
            RandomStream(3).normal(rng=aesaralite.shared(np.random.default_rng(1)))

    def test_gen_follows_draws_in_a_row(self):
        def sum_of_two(loc, rng):
            first = at.random.normal(loc, 1, rng=rng)
            second = at.random.uniform(first, first + 1, rng=first.owner.outputs[0])
            return at.exp(first + second)

        stream = RandomStream(3)
        f = function([], stream.gen(sum_of_two, 5.0), mode=PY)
        (rng,) = spawned(3, 1)
        for _ in range(2):
            first = rng.normal(5.0)
            np.testing.assert_allclose(f(), np.exp(first + rng.uniform(first, first + 1)), rtol=1e-12)

    def test_gen_looks_at_what_is_drawn_only(self):
        stream = RandomStream(3)
        loc = stream.normal()
        draw = stream.normal(loc, 1)
        (_, _), (rng, following) = stream.state_updates
        assert (draw.owner.inputs[0], draw.owner.outputs[0]) == (rng, following)

    def test_gen_refuses_what_depends_on_itself(self):
        def twice(rng):
            return at.random.normal(0, 1, rng=rng) + at.random.uniform(0, 1, rng=rng)

        stream = RandomStream(3)
        with pytest.raises(ValueError, match="draws twice from one state of its generator"):
            stream.gen(twice)
        with pytest.raises(ValueError, match="doesn't draw from the generator that the stream gave it"):
            stream.gen(lambda rng: at.random.normal(0, 1))
        with pytest.raises(TypeError, match=r"should return a variable.* returned 3"):
            stream.gen(lambda rng: 3)
        assert stream.state_updates == []

    def test_every_distribution_is_a_method(self):
        stream = RandomStream(3)
        missing = [
            name
            for name, value in vars(at.random).items()
            if isinstance(value, RandomVariable) and getattr(stream, name, None) is None
        ]
        assert not missing
        for name in ("normal", "uniform", "choice", "permutation", "integers", "multivariate_normal"):
            assert name in dir(stream)
        assert "RandomVariable" not in dir(stream)

    def test_unknown_names(self):
        stream = RandomStream(3)
        with pytest.raises(AttributeError, match=r"No attribute unifrm: .* Is it 'uniform'"):
            stream.unifrm  # noqa: B018
        for name in ("NormalRV", "RandomStream", "np", "__wrapped__", "qwertyuiop"):
            assert not hasattr(stream, name)

    def test_documentation_of_methods(self):
        method = RandomStream(3).normal
        assert method.__doc__ == at.random.normal.__doc__
        assert "normal_rv" in repr(method)

    def test_an_own_namespace(self):
        namespace = types.ModuleType("own_distributions")
        namespace.standard = functools.partial(at.random.normal, 0, 1)
        namespace.shifted = lambda by, size=None, rng=None: at.random.normal(by, 1, size=size, rng=rng)
        namespace.deaf = lambda by: by
        namespace.number = 3
        stream = RandomStream(3, namespace=namespace)
        one, other = stream.standard(size=2), stream.shifted(10.0, size=2)
        a, b = spawned(3, 2)
        np.testing.assert_array_equal(one.eval(mode=PY), a.normal(size=2))
        assert isinstance(other, Variable) and other.eval(mode=PY).shape == (2,) and b is not None
        for name in ("deaf", "number", "normal"):
            assert not hasattr(stream, name)

    @pytest.mark.parametrize("duplicate", [lambda v: pickle.loads(pickle.dumps(v)), copy.deepcopy])
    @pytest.mark.parametrize("rng_ctor", [np.random.default_rng, np.random.RandomState])
    def test_copies(self, duplicate, rng_ctor):
        stream = RandomStream(3, rng_ctor=rng_ctor)
        draw = stream.normal(0, 1)
        f = function([], draw, mode=PY)
        f()
        copied, draw2 = duplicate((stream, draw))
        assert copied.state_updates[0] == (draw2.owner.inputs[0], draw2.owner.outputs[0])
        f2 = function([], draw2, mode=PY)
        assert [f(), f()] == [f2(), f2()]
        assert function([], stream.uniform(), mode=PY)() == function([], copied.uniform(), mode=PY)()
        for one in (stream, copied):
            one.seed(9)
        assert f() == f2()

    def test_text(self):
        stream = RandomStream(3)
        stream.normal()
        assert repr(stream) == "<RandomStream of 1 variables, seed 3>"

    def test_under_its_names(self):
        assert at.random.RandomStream is RandomStream
        assert sys.modules["aesaralite.tensor.random.utils"].RandomStream is RandomStream
        assert at.random.basic.normal is at.random.normal
