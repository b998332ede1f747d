"""Find a ship by Metropolis and Hamiltonian Monte Carlo, four chains in four threads, once with each linker.

Three lighthouses have measured how far away a ship is, each with an error of half a mile, and it's roughly known where
the ship was going. ``python -m aesaralite.examples.mcmc`` draws positions of the ship from the posterior distribution,
compares their mean and standard deviation with the exact ones, and draws the chains into ``mcmc.png``.

A sampler is one compiled function without arguments. A call makes one transition of a chain: the position, the step
size, which adapts itself during the warm-up, and the generators are shared variables, and all of them are updated by
it. The other chains are copies of the function on other shared variables, ``copy(swap=...)``; they run in threads of
their own, since compiled code doesn't hold the interpreter's lock.

Everything here is made of arithmetic and square roots, which all linkers round alike, and of sums of at most three
numbers. So the linkers don't just agree: they return the same bits, transition for transition.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

import aesaralite
import aesaralite.tensor as at
from aesaralite.tensor.random.utils import RandomStream

# all lengths in miles
LIGHTHOUSES = np.array([[-1.0, 0.0], [0.0, -0.5], [1.5, 0.0]])
DISTANCES = np.array([6.2, 6.1, 5.7])
ERROR = 0.5
DESTINATION = np.array([0.0, 5.0])
SPREAD = 2.0

LEAPS = 6


@dataclass
class Chain:
    """A compiled transition, and the shared variables that it advances."""

    transition: Any
    position: Any
    step: Any
    count: Any
    generators: list[Any]

    def fork(self, seed: int) -> Chain:
        """Return a chain of the same compiled function on state of its own, all of which follows from `seed`."""
        start, *seeds = np.random.SeedSequence(seed).spawn(1 + len(self.generators))
        position = np.random.default_rng(start).normal(DESTINATION, SPREAD)
        new: list[Any] = [
            aesaralite.shared(value) for value in (position, INITIAL_STEP, 0, *map(np.random.default_rng, seeds))
        ]
        old = [self.position, self.step, self.count, *self.generators]
        return Chain(self.transition.copy(swap=dict(zip(old, new))), new[0], new[1], new[2], new[3:])


@dataclass
class Result:
    """What the chains of one sampler gave: arrays with an entry for each chain and transition."""

    method: str
    linker: str
    positions: np.ndarray
    accepted: np.ndarray
    steps: np.ndarray
    warm_up: int
    seconds: float

    @property
    def draws(self) -> np.ndarray:
        """The positions after the warm-up."""
        return self.positions[:, self.warm_up :]


def energy(position: Any) -> Any:
    """Minus the logarithm of the posterior density, up to a constant."""
    distances = at.sqrt(((position - LIGHTHOUSES) ** 2).sum(axis=1))
    misfit = (distances - DISTANCES) / ERROR
    detour = (position - DESTINATION) / SPREAD
    return ((misfit**2).sum() + (detour**2).sum()) / 2


def metropolis(stream: RandomStream, position: Any, step: Any) -> tuple[Any, Any]:
    """Propose a position nearby; return it, and by how much its energy is greater."""
    proposed = position + step * stream.normal(size=2)
    return proposed, energy(proposed) - energy(position)


def hamiltonian(stream: RandomStream, position: Any, step: Any) -> tuple[Any, Any]:
    """Propose where a ball rolls that is pushed in a random direction; return it, and by how much the energy grew."""

    def force(place: Any) -> Any:
        return -aesaralite.grad(energy(place), place)

    momentum = push = stream.normal(size=2)
    proposed = position
    # leapfrog: half a step of the momentum, whole steps in turns, half a step of the momentum
    momentum = momentum + step / 2 * force(proposed)
    for leap in range(1, LEAPS + 1):
        proposed = proposed + step * momentum
        momentum = momentum + (step if leap < LEAPS else step / 2) * force(proposed)
    return proposed, energy(proposed) - energy(position) + ((momentum**2).sum() - (push**2).sum()) / 2


INITIAL_STEP = 0.1
# each with the share of proposals that should be accepted
METHODS: dict[str, tuple[Callable[..., tuple[Any, Any]], float]] = {
    "Metropolis": (metropolis, 0.35),
    "Hamiltonian": (hamiltonian, 0.8),
}


def build(method: str, warm_up: int, linker: str | None = None) -> Chain:
    """Build the expressions of a transition and compile them.

    Parameters
    ----------
    method
        A key of `METHODS`.
    warm_up
        How many transitions adapt the step size.
    linker
        By default, the one that the flags say.
    """
    propose, target = METHODS[method]
    stream = RandomStream(seed=0)

    # What a chain remembers between calls
    position = aesaralite.shared(DESTINATION, name="position")
    step = aesaralite.shared(INITIAL_STEP, name="step")
    count = aesaralite.shared(0, name="count")

    # Accept with probability exp(-excess): that's how often an exponential random number is greater than `excess`
    proposed, excess = propose(stream, position, step)
    accepted = stream.exponential() > excess
    following = at.switch(accepted, proposed, position)

    # Robbins and Monro: greater steps after an acceptance, smaller ones after a rejection, by less and less
    calls = count + 1.0
    gain = at.switch(count < warm_up, 1 / at.sqrt(calls * at.sqrt(calls)), 0.0)
    adapted = step * (1 + gain * (accepted - target))

    with aesaralite.config.change_flags(linker=linker or aesaralite.config.linker):
        transition = aesaralite.function(
            inputs=[],
            outputs=[following, accepted, step],
            updates=[(position, following), (step, adapted), (count, count + 1), *stream.updates()],
        )
    return Chain(transition, position, step, count, [generator for generator, _ in stream.updates()])


def advance(chain: Chain, transitions: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Call a chain's function; return the positions, which proposals were accepted, and the step sizes."""
    positions = np.empty((transitions, 2))
    accepted = np.empty(transitions, dtype=bool)
    steps = np.empty(transitions)
    for i in range(transitions):
        positions[i], accepted[i], steps[i] = chain.transition()
    return positions, accepted, steps


def sample(
    method: str,
    linker: str,
    chains: int = 4,
    warm_up: int = 500,
    draws: int = 1000,
    seed: int = 1,
    threads: bool = True,
) -> Result:
    """Compile a sampler and run its chains, each in a thread of its own, or one after another.

    The time is that of running, without compiling.
    """
    compiled = build(method, warm_up, linker)
    forks = [compiled.fork(seed + i) for i in range(chains)]
    start = time.perf_counter()
    with ThreadPoolExecutor(max_workers=chains if threads else 1) as pool:
        parts = list(pool.map(advance, forks, [warm_up + draws] * chains))
    seconds = time.perf_counter() - start
    positions, accepted, steps = (np.stack(part) for part in zip(*parts))
    return Result(method, linker, positions, accepted, steps, warm_up, seconds)


def exact(points: int = 401) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the posterior density on a grid: the two axes, and a matrix with a row for each northing."""
    x = np.linspace(-6, 6, points)
    y = np.linspace(-1, 11, points)
    grid = np.stack(np.meshgrid(x, y), axis=-1)
    distances = np.linalg.norm(grid[..., None, :] - LIGHTHOUSES, axis=-1)
    misfit = (distances - DISTANCES) / ERROR
    detour = (grid - DESTINATION) / SPREAD
    density = np.exp(-((misfit**2).sum(axis=-1) + (detour**2).sum(axis=-1)) / 2)
    return x, y, density / (density.sum() * (x[1] - x[0]) * (y[1] - y[0]))


def marginals() -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the exact density of each coordinate: where, and how much."""
    x, y, density = exact()
    return [(x, density.sum(axis=0) * (y[1] - y[0])), (y, density.sum(axis=1) * (x[1] - x[0]))]


def moments() -> tuple[np.ndarray, np.ndarray]:
    """Return the exact mean and standard deviation of the position."""
    means, deviations = [], []
    for values, density in marginals():
        weights = density / density.sum()
        means.append(weights @ values)
        deviations.append(np.sqrt(weights @ (values - means[-1]) ** 2))
    return np.array(means), np.array(deviations)


def standard_error(draws: np.ndarray, batches: int = 20) -> np.ndarray:
    """Estimate the error of the mean of all `draws`, of shape (chains, draws, ...), by the means of batches."""
    length = draws.shape[1] // batches
    parts = draws[:, : length * batches].reshape(len(draws) * batches, length, *draws.shape[2:])
    return parts.mean(axis=1).std(axis=0, ddof=1) / np.sqrt(len(parts))


def table(results: list[Result]) -> str:
    """Lay out the results, one line a sampler and linker, and the exact figures."""

    def figures(mean: np.ndarray, deviation: np.ndarray) -> str:
        return " ".join(f"{m:>6.3f} ± {d:>6.3f}" for m, d in zip(mean, deviation))

    titles = f"{'sampler':>12} {'linker':>7} {'a transition':>13} {'accepted':>9} {'step':>6}"
    lines = [f"{titles} {'east':>15} {'north':>15}"]
    for result in results:
        accepted = result.accepted[:, result.warm_up :].mean()
        lines.append(
            f"{result.method:>12} {result.linker:>7} {result.seconds / result.accepted.size * 1e6:>10.1f} µs "
            f"{accepted:>9.1%} {result.steps[:, -1].mean():>6.2f} "
            + figures(result.draws.mean(axis=(0, 1)), result.draws.std(axis=(0, 1)))
        )
    lines.append(f"{'exact':>12} {'':>{len(titles) - 13}} {figures(*moments())}")
    return "\n".join(lines)


def draw(results: list[Result], file: str) -> None:
    """Draw each sampler's chains: their way over the map, trace, histograms against the exact density, step sizes."""
    from matplotlib.figure import Figure

    x, y, density = exact()
    names = ("miles to the east", "miles to the north")
    figure = Figure(figsize=(13, 3.2 * len(results)), layout="constrained")
    rows = figure.subplots(len(results), 4, squeeze=False)
    for result, (chart, trace, histogram, adaptation) in zip(results, rows):
        path = result.positions[0, : result.warm_up // 5]
        chart.contourf(x, y, density, levels=density.max() * np.linspace(0.02, 1, 9), cmap="Blues")
        chart.plot(*path.T, "-", color="tab:orange", lw=0.6)
        chart.plot(*path[0], "o", color="tab:orange", ms=4)
        chart.plot(*LIGHTHOUSES.T, "^", color="tab:red", ms=6)
        chart.set(xlim=(-5, 6), ylim=(-2, 8), aspect="equal", xlabel=names[0], ylabel=names[1])
        chart.set_title(f"{result.method}: the first {len(path)} transitions")

        for chain in result.positions[..., 0]:
            trace.plot(chain[: 2 * result.warm_up], lw=0.4)
        trace.axvline(result.warm_up, color="black", lw=0.8, ls="--")
        trace.set(xlabel="transition", ylabel=names[0], title=f"{len(result.positions)} chains, warm-up and draws")

        for i, (values, exact_density) in enumerate(marginals()):
            histogram.hist(result.draws[..., i].ravel(), bins=50, density=True, alpha=0.5, label=names[i])
            histogram.plot(values, exact_density, color="black", lw=1, label="exact" if i else None)
        histogram.set(xlim=(-5, 10), xlabel="miles", title="All draws")
        histogram.legend(fontsize="small", loc="upper left")

        numbers = np.arange(1, result.accepted.shape[1] + 1)
        shares = np.cumsum(result.accepted, axis=1) / numbers
        unnamed = [None] * (len(result.steps) - 1)
        adaptation.plot(numbers, result.steps.T, color="tab:blue", lw=0.6, label=["step size", *unnamed])
        adaptation.plot(numbers, shares.T, color="tab:green", lw=0.6, label=["accepted so far", *unnamed])
        adaptation.axhline(METHODS[result.method][1], color="black", lw=0.8, ls="--", label="aim")
        adaptation.set(xscale="log", xlabel="transition", title="Adaptation", ylim=(0, None))
        adaptation.legend(fontsize="small")
    figure.savefig(file, dpi=90)


def main(arguments: list[str] | None = None) -> list[Result]:
    """Run the example; `arguments` are those of the command line."""
    parser = argparse.ArgumentParser(prog="python -m aesaralite.examples.mcmc", description=__doc__.split("\n")[0])
    parser.add_argument("--draws", type=int, default=1000, help="of each chain (default: %(default)s)")
    parser.add_argument("--warm-up", type=int, default=500, help="transitions before them (default: %(default)s)")
    parser.add_argument("--chains", type=int, default=4, help="how many, each in a thread (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="decides all numbers (default: %(default)s)")
    parser.add_argument("--linkers", nargs="+", default=["py", "numba"], metavar="NAME", help="default: py numba")
    parser.add_argument("--out", default="mcmc.png", metavar="FILE", help="the picture (default: %(default)s)")
    options = parser.parse_args(arguments)
    if min(options.draws, options.warm_up, options.chains) < 1:
        parser.error("--draws, --warm-up and --chains must be at least 1")

    print(f"{options.chains} chains of {options.warm_up} + {options.draws} transitions, each in a thread of its own.")
    results = [
        sample(method, linker, options.chains, options.warm_up, options.draws, options.seed)
        for method in METHODS
        for linker in options.linkers
    ]
    print(table(results))
    last = {result.method: result for result in results}
    for result in results:
        if result is not last[result.method]:
            same = np.array_equal(result.positions, last[result.method].positions)
            print(
                f"{result.method}: {result.linker} and {last[result.method].linker} draw "
                + ("the same bits." if same else "different numbers.")
            )
    draw(list(last.values()), options.out)
    print(f"Chains and densities: {options.out}")
    return results


if __name__ == "__main__":
    try:
        main()
    except ModuleNotFoundError as error:
        if error.name == "matplotlib":
            raise SystemExit("This example needs matplotlib: pip install 'aesaralite[examples]'") from None
        raise
