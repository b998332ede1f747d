"""Markov chain Monte Carlo: state, step size and generators all in the updates of one function."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from aesaralite.examples import mcmc

METHODS = list(mcmc.METHODS)


@pytest.mark.parametrize("method", METHODS)
def test_moments_are_those_of_the_posterior(method):
    result = mcmc.sample(method, "numba", draws=10_000)
    mean, deviation = mcmc.moments()
    error = mcmc.standard_error(result.draws)
    assert (error < 0.1 * deviation).all()
    assert (np.abs(result.draws.mean(axis=(0, 1)) - mean) < 4 * error).all()

    # the variance is the mean of squares about the exact mean
    squares = (result.draws - mean) ** 2
    assert (np.abs(squares.mean(axis=(0, 1)) - deviation**2) < 4 * mcmc.standard_error(squares)).all()

    aim = mcmc.METHODS[method][1]
    assert abs(result.accepted[:, result.warm_up :].mean() - aim) < 0.1
    assert (result.steps[:, result.warm_up :] == result.steps[:, -1:]).all()
    assert len(np.unique(result.steps[:, -1])) == 4


@pytest.mark.parametrize("method", METHODS)
def test_linkers_draw_the_same_bits(method):
    py, numba = (mcmc.sample(method, linker, chains=2, warm_up=60, draws=40) for linker in ("py", "numba"))
    np.testing.assert_array_equal(py.positions, numba.positions, strict=True)
    np.testing.assert_array_equal(py.accepted, numba.accepted, strict=True)
    np.testing.assert_array_equal(py.steps, numba.steps, strict=True)
    assert 0 < py.accepted.mean() < 1


@pytest.mark.parametrize("method", METHODS)
def test_threads_give_the_numbers_of_one_chain_after_another(method):
    threads = mcmc.sample(method, "numba", warm_up=200, draws=800)
    sequence = mcmc.sample(method, "numba", warm_up=200, draws=800, threads=False)
    np.testing.assert_array_equal(threads.positions, sequence.positions, strict=True)
    np.testing.assert_array_equal(threads.accepted, sequence.accepted, strict=True)
    np.testing.assert_array_equal(threads.steps, sequence.steps, strict=True)


def test_threads_that_take_turns_in_another_order(linker):
    compiled = mcmc.build("Metropolis", warm_up=20)
    expected = [mcmc.advance(compiled.fork(seed), 40)[0] for seed in range(4)]

    chains = [compiled.fork(seed) for seed in range(4)]
    found = [[], [], [], []]
    workers = [ThreadPoolExecutor(max_workers=1) for _ in chains]
    for own in np.random.default_rng(1).permutation(np.repeat(range(4), 40)):
        position, *_ = workers[own].submit(chains[own].transition).result()
        found[own].append(position)
    for worker in workers:
        worker.shutdown()
    np.testing.assert_array_equal(found, expected)


def test_chains_are_independent_of_each_other(linker):
    compiled = mcmc.build("Metropolis", warm_up=10)
    before = compiled.position.get_value(), compiled.generators[0].get_value().bit_generator.state
    one, same, other = compiled.fork(1), compiled.fork(1), compiled.fork(2)
    positions = mcmc.advance(one, 20)[0]
    np.testing.assert_array_equal(mcmc.advance(same, 20)[0], positions)
    assert not np.isin(mcmc.advance(other, 20)[0], positions).any()
    assert one.count.get_value() == 20
    np.testing.assert_array_equal(one.position.get_value(), positions[-1])

    # the chain that they are copies of hasn't moved
    np.testing.assert_array_equal(compiled.position.get_value(), before[0])
    assert compiled.generators[0].get_value().bit_generator.state == before[1]


def test_program(tmp_path, capsys):
    picture = tmp_path / "picture.png"
    arguments = ["--draws", "60", "--warm-up", "40", "--chains", "2", "--out", str(picture)]
    results = mcmc.main(arguments)
    assert [(result.method, result.linker) for result in results] == [
        (method, linker) for method in METHODS for linker in ("py", "numba")
    ]
    assert picture.read_bytes().startswith(b"\x89PNG")
    printed = capsys.readouterr().out
    assert "Metropolis: py and numba draw the same bits." in printed
    assert "Hamiltonian: py and numba draw the same bits." in printed
    assert "exact" in printed


def test_numbers_are_checked(capsys):
    with pytest.raises(SystemExit):
        mcmc.main(["--chains", "0"])
    assert "--draws, --warm-up and --chains must be at least 1" in capsys.readouterr().err
