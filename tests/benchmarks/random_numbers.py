"""Random numbers: draws of many at once, draws that are used at once, draws of single numbers, and Markov chains.

Whoever draws from NumPy's generators has to draw NumPy's numbers: that's checked before anything is measured.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np

import aesaralite
import aesaralite.tensor as at
from aesaralite.examples import mcmc
from aesaralite.tensor.random.utils import RandomStream
from tests.benchmarks.measure import Peer, seconds_per_call

Contenders = dict[str, Callable[[], float]]

PYTHON = "aesaralite (Python)"
LOOP = "a plain numba loop"
SEED = 1
NOTE = "All draw the same numbers but JAX, whose generators are others."
UNBOXING = (
    "Where numba's own functions are called from Python, most of the time goes into unpacking two `Generator` objects."
)


@dataclass(frozen=True)
class Distribution:
    """How a distribution is drawn: as an expression, by NumPy, and by a numba loop into an array."""

    title: str
    expression: Callable[..., Any]
    numpy: Callable[[np.random.Generator, int], Any]
    loop: Callable[..., Any] | None = None
    numpy_into: Callable[[np.random.Generator, np.ndarray], Any] | None = None
    peers: tuple[str, ...] = ()


def draws(case: Distribution, ours: str, peers: Mapping[str, Peer], size: int) -> Contenders:
    """Who draws `size` numbers of a distribution."""
    calls = max(1, 2 * 10**6 // size)
    compiled = _compiled(case.expression, size)
    generator, out = np.random.default_rng(SEED), np.empty(size)
    for _ in range(2):
        np.testing.assert_array_equal(compiled(), case.numpy(generator, size), strict=True)
    contenders: Contenders = {
        ours: lambda: seconds_per_call(compiled, calls),
        "NumPy": lambda: seconds_per_call(lambda: case.numpy(generator, size), calls),
    }
    if into := case.numpy_into:
        contenders["NumPy, into a given array"] = lambda: seconds_per_call(lambda: into(generator, out), calls)
    if loop := case.loop:
        expected = case.numpy(np.random.default_rng(SEED), size)
        np.testing.assert_allclose(loop(np.random.default_rng(SEED), np.empty_like(expected)), expected, rtol=1e-12)
        contenders[LOOP] = lambda: seconds_per_call(lambda: loop(generator, np.empty_like(expected)), calls)
    for name, title in (("pytensor", "PyTensor (Numba)"), ("jax", "JAX")):
        if name in peers and name in case.peers:
            setup = {"distribution": case.title.split("(")[0], "size": size}
            contenders[title] = lambda name=name, setup=setup: peers[name].ask("draws", calls=calls, setup=setup)
    return contenders


def _compiled(expression: Callable[..., Any], size: int, linker: str = "numba") -> Any:
    rng = aesaralite.shared(np.random.default_rng(SEED))
    draw = expression(size=size, rng=rng)
    mode = aesaralite.compile.Mode(linker=linker)
    return aesaralite.function([], draw, updates=[(rng, draw.owner.outputs[0])], mode=mode)


def _filling(draw: Callable[..., Any]) -> Callable[..., Any]:
    """Return a numba function that fills an array with single draws of a generator."""
    compiled = numba.njit(draw)

    @numba.njit
    def fill(generator, out):
        for i in range(out.size):
            out[i] = compiled(generator)
        return out

    return fill


_WEIGHTS = np.arange(1.0, 11.0) / 55.0

NORMALS = Distribution(
    "standard_normal()",
    at.random.standard_normal,
    lambda generator, size: generator.standard_normal(size),
    _filling(lambda generator: generator.standard_normal()),
    lambda generator, out: generator.standard_normal(out=out),
    peers=("pytensor", "jax"),
)
OTHERS = (
    Distribution(
        "gamma(2)",
        lambda **kwargs: at.random.gamma(2.0, 1.0, **kwargs),
        lambda generator, size: generator.gamma(2.0, size=size),
        _filling(lambda generator: generator.gamma(2.0)),
        peers=("pytensor", "jax"),
    ),
    Distribution(
        "poisson(3)",
        lambda **kwargs: at.random.poisson(3.0, **kwargs),
        lambda generator, size: generator.poisson(3.0, size=size),
        _filling(lambda generator: generator.poisson(3.0)),
        peers=("pytensor", "jax"),
    ),
    Distribution(
        "integers(0, 100)",
        lambda **kwargs: at.random.integers(0, 100, **kwargs),
        lambda generator, size: generator.integers(0, 100, size=size),
        _filling(lambda generator: generator.integers(0, 100)),
        peers=("pytensor", "jax"),
    ),
    Distribution(
        "choice(10, p=...)",
        lambda **kwargs: at.random.choice(10, p=_WEIGHTS, **kwargs),
        lambda generator, size: generator.choice(10, p=_WEIGHTS, size=size),
    ),
)


def circle(ours: str, peers: Mapping[str, Peer], size: int) -> Contenders:
    """Who estimates pi by the share of random points of a square that lie in a circle."""
    calls = max(1, 2 * 10**6 // size)
    seeds = np.random.SeedSequence(SEED).spawn(2)
    stream = RandomStream(SEED)
    u, v = stream.uniform(size=size), stream.uniform(size=size)
    estimate = 4 * at.mean(u**2 + v**2 < 1)
    compiled = {
        linker: aesaralite.function([], estimate, mode=aesaralite.compile.Mode(linker=linker), no_default_updates=keep)
        for linker, keep in (("numba", False), ("py", True))
    }
    generators = [np.random.default_rng(seed) for seed in seeds]
    arrays = np.empty((2, size))

    def by_numpy() -> Any:
        x, y = (generator.random(size) for generator in generators)
        return 4 * np.mean(x**2 + y**2 < 1)

    def by_numpy_preallocated() -> Any:
        x, y = arrays
        for generator, array in zip(generators, arrays):
            generator.random(out=array)
            np.multiply(array, array, out=array)
        np.add(x, y, out=x)
        return 4 * np.count_nonzero(x < 1) / size

    np.testing.assert_allclose(compiled["py"](), compiled["numba"](), rtol=1e-14)
    for rival in (by_numpy, by_numpy_preallocated, lambda: _pi(*generators, size)):
        stream.seed(SEED)
        generators[:] = [np.random.default_rng(seed) for seed in seeds]
        for _ in range(2):
            # the same points: one more in the circle would change more than rounding does
            np.testing.assert_allclose(compiled["numba"](), rival(), rtol=1e-14)
    contenders: Contenders = {
        ours: lambda: seconds_per_call(compiled["numba"], calls),
        PYTHON: lambda: seconds_per_call(compiled["py"], calls),
        "NumPy": lambda: seconds_per_call(by_numpy, calls),
        "NumPy by hand, preallocated": lambda: seconds_per_call(by_numpy_preallocated, calls),
        LOOP: lambda: seconds_per_call(lambda: _pi(*generators, size), calls),
    }
    for name, title in (("pytensor", "PyTensor (Numba)"), ("jax", "JAX")):
        if name in peers:
            contenders[title] = lambda name=name: peers[name].ask("circle", calls=calls, setup={"size": size})
    return contenders


@numba.njit
def _pi(one, other, size):
    inside = 0
    for _ in range(size):
        x, y = one.random(), other.random()
        inside += x * x + y * y < 1
    return 4 * inside / size


def single_numbers(ours: str, peers: Mapping[str, Peer], calls: int) -> Contenders:
    """Who draws a normal and a uniform number, from two generators, in a call."""
    stream = RandomStream(SEED)
    outputs = [stream.normal(), stream.uniform()]
    compiled = {
        linker: aesaralite.function([], outputs, mode=aesaralite.compile.Mode(linker=linker))
        for linker in ("numba", "py")
    }
    one, other = (np.random.default_rng(seed) for seed in np.random.SeedSequence(SEED).spawn(2))
    for linker in ("numba", "py"):
        assert compiled[linker]() == [one.normal(), other.uniform()]
    a, b = at.dscalars("a", "b")
    arithmetic = aesaralite.function([a, b], [a + b, a - b], mode=aesaralite.compile.Mode(linker="numba"))
    numbers = np.array(1.5), np.array(2.5)
    contenders: Contenders = {
        ours: lambda: seconds_per_call(compiled["numba"], calls),
        "aesaralite (Numba), a + b and a - b": lambda: seconds_per_call(lambda: arithmetic(*numbers), calls),
        PYTHON: lambda: seconds_per_call(compiled["py"], calls // 20),
        "NumPy: two calls": lambda: seconds_per_call(lambda: (one.normal(), other.uniform()), calls),
        "numba.njit, two generators": lambda: seconds_per_call(lambda: _two(one, other), calls // 4),
    }
    if "pytensor" in peers:
        contenders["PyTensor (Numba)"] = lambda: peers["pytensor"].ask("single_numbers", calls=calls // 20)
    if "jax" in peers:
        contenders["JAX"] = lambda: peers["jax"].ask("single_numbers", calls=calls // 20)
    return contenders


@numba.njit
def _two(one, other):
    return one.normal(0.0, 1.0), other.uniform(0.0, 1.0)


def transitions(method: str, ours: str, peers: Mapping[str, Peer], calls: int) -> Contenders:
    """Who makes a transition of a chain of the example: `aesaralite.examples.mcmc`, with a fixed step size."""
    chains = {linker: mcmc.build(method, warm_up=0, linker=linker).fork(SEED) for linker in ("numba", "py")}
    by_numpy, by_loop = _by_numpy(method), _by_loop(method)
    expected = [chains["numba"].transition()[:2] for _ in range(100)]
    for rival in (chains["py"].transition, by_numpy, by_loop):
        for position, accepted in expected:
            found, agreed, *_ = rival()
            np.testing.assert_allclose(found, position, rtol=1e-9)
            assert agreed == accepted
    contenders: Contenders = {
        ours: lambda: seconds_per_call(chains["numba"].transition, calls),
        PYTHON: lambda: seconds_per_call(chains["py"].transition, max(1, calls // 100)),
        "NumPy": lambda: seconds_per_call(by_numpy, max(1, calls // 20)),
        "numba by hand": lambda: seconds_per_call(by_loop, calls),
    }
    setup = {
        "method": method,
        "seed": SEED,
        "step": mcmc.INITIAL_STEP,
        "leaps": mcmc.LEAPS,
        "posterior": {
            "lighthouses": mcmc.LIGHTHOUSES.tolist(),
            "distances": mcmc.DISTANCES.tolist(),
            "error": mcmc.ERROR,
            "destination": mcmc.DESTINATION.tolist(),
            "spread": mcmc.SPREAD,
        },
        "expected": [position.tolist() for position, _ in expected],
    }
    for name, title in (("pytensor", "PyTensor (Numba)"), ("jax", "JAX")):
        if name in peers:
            contenders[title] = lambda name=name: peers[name].ask("transition", calls=max(1, calls // 20), setup=setup)
    return contenders


def _start() -> tuple[np.ndarray, np.random.Generator, np.random.Generator]:
    """The state of `Chain.fork`."""
    start, one, other = np.random.SeedSequence(SEED).spawn(3)
    position = np.random.default_rng(start).normal(mcmc.DESTINATION, mcmc.SPREAD)
    return position, np.random.default_rng(one), np.random.default_rng(other)


def _by_numpy(method: str) -> Callable[[], Any]:
    """The transition as one writes it with NumPy."""
    position, pushes, thresholds = _start()
    step = mcmc.INITIAL_STEP

    def energy(place: np.ndarray) -> Any:
        distances = np.sqrt(((place - mcmc.LIGHTHOUSES) ** 2).sum(axis=1))
        misfit = (distances - mcmc.DISTANCES) / mcmc.ERROR
        detour = (place - mcmc.DESTINATION) / mcmc.SPREAD
        return ((misfit**2).sum() + (detour**2).sum()) / 2

    def force(place: np.ndarray) -> Any:
        ways = place - mcmc.LIGHTHOUSES
        distances = np.sqrt((ways**2).sum(axis=1))
        pull = (distances - mcmc.DISTANCES) / distances / mcmc.ERROR**2
        return -(pull @ ways) - (place - mcmc.DESTINATION) / mcmc.SPREAD**2

    def metropolis() -> tuple[np.ndarray, Any]:
        proposed = position + step * pushes.normal(size=2)
        return proposed, energy(proposed) - energy(position)

    def hamiltonian() -> tuple[np.ndarray, Any]:
        proposed = position
        momentum = push = pushes.normal(size=2)
        momentum = momentum + step / 2 * force(proposed)
        for leap in range(1, mcmc.LEAPS + 1):
            proposed = proposed + step * momentum
            momentum = momentum + (step if leap < mcmc.LEAPS else step / 2) * force(proposed)
        return proposed, energy(proposed) - energy(position) + ((momentum**2).sum() - (push**2).sum()) / 2

    propose = {"Metropolis": metropolis, "Hamiltonian": hamiltonian}[method]

    def transition() -> tuple[np.ndarray, bool]:
        nonlocal position
        proposed, excess = propose()
        accepted = thresholds.exponential() > excess
        if accepted:
            position = proposed
        return position, accepted

    return transition


def _by_loop(method: str) -> Callable[[], Any]:
    """The transition as one writes it with numba."""
    position, pushes, thresholds = _start()
    compiled = {"Metropolis": _metropolis, "Hamiltonian": _hamiltonian}[method]

    def transition() -> tuple[np.ndarray, bool]:
        return position, compiled(position, mcmc.INITIAL_STEP, pushes, thresholds)

    return transition


_LIGHTHOUSES, _DISTANCES, _DESTINATION = mcmc.LIGHTHOUSES, mcmc.DISTANCES, mcmc.DESTINATION
_ERROR, _SPREAD, _LEAPS = mcmc.ERROR, mcmc.SPREAD, mcmc.LEAPS


@numba.njit
def _energy(x, y):
    total = ((x - _DESTINATION[0]) / _SPREAD) ** 2 + ((y - _DESTINATION[1]) / _SPREAD) ** 2
    for k in range(len(_DISTANCES)):
        distance = np.sqrt((x - _LIGHTHOUSES[k, 0]) ** 2 + (y - _LIGHTHOUSES[k, 1]) ** 2)
        total += ((distance - _DISTANCES[k]) / _ERROR) ** 2
    return total / 2


@numba.njit
def _force(x, y):
    fx, fy = (_DESTINATION[0] - x) / _SPREAD**2, (_DESTINATION[1] - y) / _SPREAD**2
    for k in range(len(_DISTANCES)):
        east, north = x - _LIGHTHOUSES[k, 0], y - _LIGHTHOUSES[k, 1]
        distance = np.sqrt(east**2 + north**2)
        pull = (distance - _DISTANCES[k]) / distance / _ERROR**2
        fx -= pull * east
        fy -= pull * north
    return fx, fy


@numba.njit
def _metropolis(position, step, pushes, thresholds):
    x = position[0] + step * pushes.normal(0.0, 1.0)
    y = position[1] + step * pushes.normal(0.0, 1.0)
    accepted = thresholds.exponential(1.0) > _energy(x, y) - _energy(position[0], position[1])
    if accepted:
        position[:] = x, y
    return accepted


@numba.njit
def _hamiltonian(position, step, pushes, thresholds):
    x, y = position
    px, py = pushes.normal(0.0, 1.0), pushes.normal(0.0, 1.0)
    before = _energy(x, y) + (px * px + py * py) / 2
    fx, fy = _force(x, y)
    px, py = px + step / 2 * fx, py + step / 2 * fy
    for leap in range(1, _LEAPS + 1):
        x, y = x + step * px, y + step * py
        fx, fy = _force(x, y)
        length = step if leap < _LEAPS else step / 2
        px, py = px + length * fx, py + length * fy
    accepted = thresholds.exponential(1.0) > _energy(x, y) + (px * px + py * py) / 2 - before
    if accepted:
        position[:] = x, y
    return accepted
