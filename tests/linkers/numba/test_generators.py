"""Generators in compiled functions: their records, their transactions, kernels that draw."""

import itertools
import threading
import warnings

import numpy as np
import pytest
from aesaralite_numba import ziggurat
from aesaralite_numba.generators import FORMS, UnknownGenerator, generator_of, kind_of, words_of

import aesaralite
import aesaralite.tensor as at
from aesaralite.compile.io import In
from aesaralite.compile.ops import as_op
from aesaralite.raise_op import Assert
from aesaralite.tensor.random.type import random_generator_type

KINDS = sorted(FORMS)


def generator(kind="PCG64", seed=7):
    return np.random.Generator(getattr(np.random, kind)(seed))


def state_of(rng):
    return words_of(rng).tolist()


def advancing(draw, *more, **options):
    """A function of a draw that updates its generator."""
    rng, after = draw.owner.inputs[0], draw.owner.outputs[0]
    return aesaralite.function([], [draw, *more], updates=[(rng, after)], mode="NUMBA", **options)


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


# -------------------------------------------------------------------- records
def test_a_record_is_the_whole_state(kind):
    rng = generator(kind)
    rng.integers(5, dtype=np.int32)  # leaves half of 64 bits over
    rng.standard_normal(3)
    copy = generator_of(words_of(rng), kind)
    assert state_of(copy) == state_of(rng)
    np.testing.assert_array_equal(copy.integers(5, size=9, dtype=np.int32), rng.integers(5, size=9, dtype=np.int32))
    np.testing.assert_array_equal(copy.random(700), rng.random(700))


def test_a_generator_made_of_a_record_spawns_as_the_one_it_came_from(kind):
    rng = generator(kind)
    copy = generator_of(words_of(rng), kind, rng)
    assert state_of(copy.spawn(1)[0]) == state_of(rng.spawn(1)[0])


def test_bit_generators_of_users_are_unknown():
    class Mine(np.random.PCG64):
        pass

    with pytest.raises(UnknownGenerator, match="Mine"):
        kind_of(np.random.Generator(Mine(1)))
    with pytest.raises(UnknownGenerator, match="RandomState"):
        kind_of(np.random.RandomState(1))


# -------------------------------------------------------------------- draws
def test_draws_are_those_of_numpy_for_every_bit_generator(kind):
    rng = aesaralite.shared(generator(kind), name="rng")
    draws = [
        at.random.standard_normal(size=(3, 5), rng=rng),
        at.random.uniform([1.0, 2.0], [[3.0], [4.0]], rng=rng),
        at.random.exponential(2.0, rng=rng),
        at.random.integers(0, 7, size=3, rng=rng),
    ]
    functions = [advancing(draw) for draw in draws]
    model = generator(kind)
    for _ in range(60):
        got = [f()[0] for f in functions]
        np.testing.assert_array_equal(got[0], model.standard_normal((3, 5)))
        np.testing.assert_array_equal(got[1], model.uniform([1.0, 2.0], [[3.0], [4.0]]))
        np.testing.assert_array_equal(got[2], model.exponential(2.0))
        np.testing.assert_array_equal(got[3], model.integers(0, 7, size=3))
    assert state_of(rng.get_value()) == state_of(model)


@pytest.mark.parametrize("name", ["standard_normal", "standard_exponential"])
def test_the_short_way_of_a_ziggurat_meets_the_long_one(name, kind):
    n = 200_000  # some 2000 of them take the long way
    rng = aesaralite.shared(generator(kind), name="rng")
    (got,) = advancing(getattr(at.random, name)(size=n, rng=rng))()
    model = generator(kind)
    np.testing.assert_array_equal(got, getattr(model, name)(n))
    assert state_of(rng.get_value()) == state_of(model)


@pytest.mark.parametrize("tables", [ziggurat.normal, ziggurat.exponential])
def test_ziggurat_tables_are_those_of_a_ziggurat(tables):
    width, limit = tables().width, tables().limit
    assert len(width) == len(limit) == 256
    assert all(a < b for a, b in itertools.pairwise(width[1:]))
    assert limit[1] == 0  # the layer around the peak accepts nothing at once


def test_a_draw_of_known_size_is_fused_into_what_uses_it_and_never_written():
    rng = aesaralite.shared(generator(), name="rng")
    u = at.random.uniform(size=1000, rng=rng)
    f = aesaralite.function([], (u**2).sum(), updates=[(rng, u.owner.outputs[0])], mode="NUMBA")
    assert "1 kernel," in f.explain()
    assert "writes 0 bytes" in f.explain()
    np.testing.assert_allclose(f(), (generator().random(1000) ** 2).sum(), rtol=1e-14)


def test_a_draw_that_is_used_in_another_order_is_made_first_and_once():
    rng = aesaralite.shared(generator(), name="rng")
    u = at.random.uniform(size=(4, 6), rng=rng)
    v = u.T
    f = advancing(u, v, v[::-1] * 2, u[[0, 0, 3]], u.sum(axis=0))
    got = f()
    expected = generator().random((4, 6))
    np.testing.assert_array_equal(got[0], expected)
    np.testing.assert_array_equal(got[1], expected.T)
    np.testing.assert_array_equal(got[2], expected.T[::-1] * 2)
    np.testing.assert_array_equal(got[3], expected[[0, 0, 3]])
    np.testing.assert_allclose(got[4], expected.sum(axis=0), rtol=1e-15)


def test_one_draw_depends_on_another_of_the_same_generator():
    rng = aesaralite.shared(generator(), name="rng")
    first = at.random.exponential(1.0, size=5, rng=rng)
    second = at.random.normal(first, 1.0, rng=first.owner.outputs[0])
    f = aesaralite.function([], [first, second], updates=[(rng, second.owner.outputs[0])], mode="NUMBA")
    model = generator()
    for _ in range(3):
        got = f()
        expected = model.exponential(1.0, size=5)
        np.testing.assert_array_equal(got[0], expected)
        np.testing.assert_array_equal(got[1], model.normal(expected, 1.0))
    assert state_of(rng.get_value()) == state_of(model)


def test_an_unused_draw_still_advances_its_generator():
    rng = aesaralite.shared(generator(), name="rng")
    draw = at.random.normal(size=4, rng=rng)
    f = aesaralite.function([], [], updates=[(rng, draw.owner.outputs[0])], mode="NUMBA")
    f()
    model = generator()
    model.normal(size=4)
    assert state_of(rng.get_value()) == state_of(model)


def test_empty_draws_leave_the_generator(kind):
    rng = aesaralite.shared(generator(kind), name="rng")
    n = at.lscalar("n")
    draw = at.random.normal(size=(2, n), rng=rng)
    f = aesaralite.function([n], draw, updates=[(rng, draw.owner.outputs[0])], mode="NUMBA")
    assert f(0).shape == (2, 0)
    assert state_of(rng.get_value()) == state_of(generator(kind))
    with pytest.raises(ValueError, match="negative dimensions"):
        f(-1)
    assert state_of(rng.get_value()) == state_of(generator(kind))


def test_draws_of_float32_are_rounded():
    rng = aesaralite.shared(generator(), name="rng")
    (got,) = advancing(at.random.normal(size=9, rng=rng, dtype="float32"))()
    assert got.dtype == np.float32
    np.testing.assert_array_equal(got, generator().normal(size=9).astype("float32"))


# -------------------------------------------------------------- transactions
@pytest.mark.parametrize("fails_by", ["assertion", "index", "shape", "parameter"])
def test_a_failed_call_leaves_generators_as_they_were(fails_by, kind):
    rng, other = (aesaralite.shared(generator(kind, seed), name="rng") for seed in (1, 2))
    x = at.dvector("x")
    draw, fine = at.random.normal(size=3, rng=rng), at.random.gamma(2.0, 1.0, size=2, rng=other)
    result = {
        "assertion": lambda: Assert("no")(draw + x, at.eq(x[0], 0.0)),
        "index": lambda: draw[at.cast(x[0], "int64")],
        "shape": lambda: draw + x,
        "parameter": lambda: at.random.normal(draw, x, rng=draw.owner.outputs[0]),
    }[fails_by]()
    updates = [(rng, draw.owner.outputs[0]), (other, fine.owner.outputs[0])]
    f = aesaralite.function([x], [result, fine.sum()], updates=updates, mode="NUMBA")
    bad = {"shape": np.zeros(4), "parameter": -np.ones(3)}.get(fails_by, np.full(3, 5.0))
    for _ in range(2):
        before = state_of(rng.get_value()), state_of(other.get_value())
        with pytest.raises((AssertionError, IndexError, ValueError)) as raised:
            f(bad)
        assert "test_generators.py" in str(raised.value)
        assert (state_of(rng.get_value()), state_of(other.get_value())) == before
        f(np.zeros(3))
        assert state_of(rng.get_value()) != before[0]


def test_draws_that_decide_whether_the_call_fails():
    rng = aesaralite.shared(generator(), name="rng")
    draw = at.random.uniform(rng=rng)
    f = advancing(draw, Assert("too large")(draw, at.lt(draw, 0.5)))
    failed = 0
    for seed in range(40):
        rng.set_value(generator(seed=seed))
        model = generator(seed=seed)
        expected = model.random()
        if expected < 0.5:
            assert f()[1] == expected
            assert state_of(rng.get_value()) == state_of(model)
        else:
            with pytest.raises(AssertionError, match="too large"):
                f()
            assert state_of(rng.get_value()) == state_of(generator(seed=seed))
            failed += 1
    assert 0 < failed < 40


def test_a_function_writes_into_the_generator_that_it_was_lent():
    mine = generator()
    rng = aesaralite.shared(mine, borrow=True)
    advancing(at.random.normal(rng=rng))()
    model = generator()
    model.normal()
    assert state_of(mine) == state_of(model)


def test_two_shared_variables_that_hold_one_generator_advance_apart():
    mine = generator()
    a, b = aesaralite.shared(mine, borrow=True), aesaralite.shared(mine, borrow=True)
    x, y = at.random.normal(rng=a), at.random.uniform(rng=b)
    updates = [(a, x.owner.outputs[0]), (b, y.owner.outputs[0])]
    f = aesaralite.function([], [x, y], updates=updates, mode="NUMBA")
    left, right = generator(), generator()
    for _ in range(3):
        assert f() == [left.normal(), right.uniform()]
    assert state_of(a.get_value()) == state_of(left)
    assert state_of(b.get_value()) == state_of(right)


def test_two_generators_change_places():
    a, b = (aesaralite.shared(generator("PCG64", seed), name=f"g{seed}") for seed in (1, 2))
    x, y = at.random.normal(rng=a), at.random.normal(rng=b)
    updates = [(a, y.owner.outputs[0]), (b, x.owner.outputs[0])]
    f = aesaralite.function([], [x, y], updates=updates, mode="NUMBA")
    left, right = generator(seed=1), generator(seed=2)
    for _ in range(3):
        assert f() == [left.normal(), right.normal()]
        left, right = right, left


def test_a_generator_of_another_class_may_take_the_place_of_one():
    rng = aesaralite.shared(generator(), name="rng")
    f = advancing(at.random.normal(size=2, rng=rng))
    for kind in [*KINDS, "PCG64"]:
        rng.set_value(generator(kind))
        model = generator(kind)
        for _ in range(3):
            np.testing.assert_array_equal(f()[0], model.normal(size=2))
        assert state_of(rng.get_value()) == state_of(model)


def test_a_bit_generator_of_a_users_own_is_drawn_from_by_the_python_linker():
    class Mine(np.random.PCG64):
        pass

    rng = aesaralite.shared(np.random.Generator(Mine(3)), name="rng")
    f = advancing(at.random.normal(size=2, rng=rng))
    with pytest.warns(UserWarning, match=r"Mine.*Python linker"):
        (got,) = f()
    np.testing.assert_array_equal(got, np.random.default_rng(3).normal(size=2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        f()


# --------------------------------------------------------- arguments, results
def test_a_generator_that_is_an_argument_stays_as_it_is(kind):
    rng = random_generator_type("rng")
    draw = at.random.normal(rng=rng)
    f = aesaralite.function([rng], [draw, draw.owner.outputs[0]], mode="NUMBA")
    mine = generator(kind)
    first, after = f(mine)
    assert state_of(mine) == state_of(generator(kind))
    model = generator(kind)
    assert first == model.normal()
    assert type(after) is np.random.Generator
    assert state_of(after) == state_of(model)
    assert state_of(after.spawn(1)[0]) == state_of(model.spawn(1)[0])


def test_an_input_with_a_generator_as_its_default_and_update():
    rng = random_generator_type("rng")
    draw = at.random.normal(rng=rng)
    f = aesaralite.function(
        [In(rng, value=generator(), update=draw.owner.outputs[0], mutable=True)], draw, mode="NUMBA"
    )
    model = generator()
    assert [f() for _ in range(3)] == [model.normal() for _ in range(3)]


def test_a_constant_generator_is_compiled_in(kind):
    rng = random_generator_type.constant_type(random_generator_type, generator(kind))
    draw = at.random.normal(size=3, rng=rng)
    f = aesaralite.function([], draw, no_default_updates=True, mode="NUMBA")
    for _ in range(2):
        np.testing.assert_array_equal(f(), generator(kind).normal(size=3))


def test_the_njit_function_advances_a_record():
    numba = pytest.importorskip("numba")
    rng = aesaralite.shared(generator(), name="rng")
    inner = advancing(at.random.normal(size=3, rng=rng)).njit

    @numba.njit
    def last(record, n):
        result = np.zeros(3)
        for _ in range(n):
            result = inner(record)
        return result

    record = words_of(generator())
    model = generator()
    np.testing.assert_array_equal(last(record, 5), [model.normal(size=3) for _ in range(5)][-1])
    assert record.tolist() == state_of(model)


def test_copies_in_threads_draw_what_they_would_one_after_another():
    rng, total = aesaralite.shared(generator(), name="rng"), aesaralite.shared(0.0, name="total")
    draw = at.random.normal(size=50, rng=rng)
    f = aesaralite.function(
        [], draw.sum(), updates=[(rng, draw.owner.outputs[0]), (total, total + draw.sum())], mode="NUMBA"
    )
    seeds = range(4)
    results = {}

    def chain(seed):
        own = {rng: aesaralite.shared(generator("PCG64", seed)), total: aesaralite.shared(0.0)}
        g = f.copy(swap=own)
        sums = [float(g()) for _ in range(200)]
        return sums, float(own[total].get_value()), state_of(own[rng].get_value())

    threads = [threading.Thread(target=lambda seed=seed: results.update({seed: chain(seed)})) for seed in seeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {seed: chain(seed) for seed in seeds}
    assert state_of(rng.get_value()) == state_of(generator())


def test_the_report_names_the_draws():
    rng = aesaralite.shared(generator(), name="rng")
    f = advancing(at.random.gamma(2.0, 1.0, size=3, rng=rng))
    text = f.explain()
    assert "state rng: state of PCG64" in text
    assert "rng = gamma(rng, 2.0, 1.0)" in text


def test_a_type_that_machine_code_has_no_values_of_is_left_to_the_python_linker():
    @as_op([at.dscalar], [aesaralite.graph.generic.generic])
    def describe(x):
        return f"it is {x}"

    rng = aesaralite.shared(generator(), name="rng")
    draw = at.random.normal(rng=rng)
    with pytest.warns(UserWarning, match="the Python linker runs this function"):
        f = aesaralite.function([], describe(draw), updates=[(rng, draw.owner.outputs[0])], mode="NUMBA")
    assert f() == f"it is {generator().normal()}"
