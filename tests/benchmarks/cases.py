"""What is measured. Each case returns a `Section`: medians of rounds in which all contenders took turns."""

from __future__ import annotations

import math
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numba
import numpy as np

import aesaralite
import aesaralite.tensor as at
from aesaralite.graph.rewriting.utils import rewrite_graph
from tests.benchmarks import random_numbers
from tests.benchmarks.graphs import chain, layers, thicket
from tests.benchmarks.measure import HERE, Peer, format_seconds, fresh_process, in_turns, seconds_per_call
from tests.benchmarks.problems import vectors
from tests.benchmarks.streams import contenders as stream_contenders
from tests.benchmarks.workloads import WORKLOADS, Workload

OURS = "aesaralite (Numba)"
MANY = 10**6


@dataclass
class Section:
    """The result of one case."""

    title: str
    seconds: Mapping[str, float]
    reference: str = OURS
    notes: list[str] = field(default_factory=list)

    def markdown(self) -> str:
        """The section as a table."""
        base = self.seconds[self.reference]
        lines = [f"## {self.title}", "", f"| | time | relative to {self.reference} |", "|---|---:|---:|"]
        lines += [
            f"| {name} | {format_seconds(seconds)} | {seconds / base:.2f} |" for name, seconds in self.seconds.items()
        ]
        return "\n".join([*lines, "", *(f"{note}\n" for note in self.notes)])


def call(peers: Mapping[str, Peer], rounds: int) -> Section:
    """The cost of calling a compiled function: the sum of two vectors of 10 numbers."""
    calls = 20_000
    a, b = vectors(10, 2)
    x, y = at.dvectors("x", "y")
    compiled = {linker: aesaralite.function([x, y], x + y, mode=mode(linker)) for linker in ("numba", "py")}
    plain = numba.njit(lambda x, y: x + y)
    out = np.empty(10)
    contenders: dict[str, Callable[[], float]] = {
        OURS: lambda: seconds_per_call(lambda: compiled["numba"](a, b), calls),
        "aesaralite (Python)": lambda: seconds_per_call(lambda: compiled["py"](a, b), calls // 10),
        "NumPy, into a given array": lambda: seconds_per_call(lambda: np.add(a, b, out=out), calls),
        "numba.njit(lambda x, y: x + y)": lambda: seconds_per_call(lambda: plain(a, b), calls),
    }
    if "pytensor" in peers:
        contenders["PyTensor (Numba)"] = lambda: peers["pytensor"].ask("call", calls=calls // 4)
        contenders["PyTensor (Numba, trust_input)"] = lambda: peers["pytensor"].ask("trusted_call", calls=calls // 4)
    if "jax" in peers:
        contenders["JAX"] = lambda: peers["jax"].ask("call", calls=calls // 4)
    return Section("A call: x + y, two vectors of 10 numbers", in_turns(contenders, rounds))


def work(peers: Mapping[str, Peer], rounds: int) -> list[Section]:
    """What all libraries do, one after the other, and how much faster it is than each."""
    sections = [_work(workload, peers, rounds) for workload in WORKLOADS.values()]
    ratios = {}
    for name in sections[0].seconds:
        if name != OURS:
            logarithms = [math.log(s.seconds[OURS] / s.seconds[name]) for s in sections]
            ratios[name] = math.exp(statistics.fmean(logarithms))
    sections[-1].notes += [
        f"All of them: {ratio:.2f} of {name}'s time (geometric mean)." for name, ratio in ratios.items()
    ]
    return sections


def _work(workload: Workload, peers: Mapping[str, Peer], rounds: int) -> Section:
    ours, by_hand = workload.for_symbolic(aesaralite, at, mode("numba")), workload.for_numba(numba.njit)
    for call in (ours, by_hand):
        workload.check(call())
    contenders: dict[str, Callable[[], float]] = {
        OURS: lambda: seconds_per_call(ours, workload.calls),
        "numba by hand": lambda: seconds_per_call(by_hand, workload.calls),
    }
    if workload.name == "logistic":
        preallocated = handwritten_step(*workload.values(), workload.state()[0])
        contenders["NumPy by hand, preallocated"] = lambda: seconds_per_call(preallocated, workload.calls)
    return Section(
        f"{workload.title[0].upper()}{workload.title[1:]}",
        in_turns(contenders | asked(peers, "workload", workload.calls, name=workload.name), rounds),
    )


def asked(peers: Mapping[str, Peer], benchmark: str, calls: int, **setup: Any) -> dict[str, Callable[[], float]]:
    """The contenders in processes of their own."""
    titles = {"pytensor": "PyTensor (Numba)", "jax": "JAX"}
    return {
        titles[name]: lambda peer=peer: peer.ask(benchmark, calls=calls, setup=setup)  # type: ignore[misc]
        for name, peer in peers.items()
    }


def training(peers: Mapping[str, Peer], rounds: int) -> Section:
    """The tutorial's 10,000 steps, in blocks of 1,000 in turns."""
    ours = WORKLOADS["logistic"].for_symbolic(aesaralite, at, mode("numba"))
    others = {name: peer for name, peer in peers.items() if name == "pytensor"}
    contenders = {OURS: lambda: seconds_per_call(ours, 1000)} | asked(others, "workload", 1000, name="logistic")
    per_step = in_turns(contenders, 10)
    return Section(
        "Training: 10,000 steps of the logistic regression",
        {name: 10_000 * seconds for name, seconds in per_step.items()},
        notes=["Ten blocks of 1,000 steps each, in turns; ten thousand times the median step."],
    )


def bandwidth(peers: Mapping[str, Peer], rounds: int) -> list[Section]:
    """Elementwise arithmetic and its sum, over arrays that don't fit the cache, against a plain numba loop."""
    sections = []
    for size in (10**6, 10**7):
        x, y, z = vectors(size, 3)
        vx, vy, vz = at.dvectors("x", "y", "z")
        a = at.dscalar("a")
        expression = a * vx + vy - vz
        for title, output, loop in (
            ("a*x + y - z", expression, _loop),
            ("sum(a*x + y - z)", expression.sum(), _sum_loop),
        ):
            ours = aesaralite.function([a, vx, vy, vz], output, mode=mode("numba"))
            calls = max(1, 5 * 10**6 // size)
            contenders = {
                OURS: _timed(ours, calls, np.array(1.5), x, y, z),
                "a plain numba loop": _timed(loop, calls, 1.5, x, y, z),
            }
            if output is expression:
                contenders["a plain numba loop, into a given array"] = _timed(
                    _loop_into, calls, 1.5, x, y, z, np.empty(size)
                )
                contenders["NumPy"] = _timed(lambda a, x, y, z: a * x + y - z, calls, 1.5, x, y, z)
            else:
                contenders["NumPy"] = _timed(lambda a, x, y, z: (a * x + y - z).sum(), calls, 1.5, x, y, z)
            # many short turns: what memory gives drifts more than the contenders differ
            times = in_turns(contenders, 8 * rounds)
            arrays = 4 if output is expression else 3
            rate = arrays * 8 * size / times[OURS] / 1e9
            note = f"{rate:.1f} GB/s, {times['a plain numba loop'] / times[OURS]:.2f} of the plain loop's bandwidth"
            if given := times.get("a plain numba loop, into a given array"):
                note += f" ({given / times[OURS]:.2f} of that of a loop that needn't allocate its result)"
            sections.append(Section(f"{title}, {size:,} numbers", times, notes=[f"{note}."]))
    return sections


def compile_time(peers: Mapping[str, Peer], rounds: int) -> list[Section]:
    """Fresh processes: from ``function(...)`` to the end of the first call, with an empty and with a filled cache."""
    return [_compiling(WORKLOADS[name], peers, rounds) for name in ("logistic", "hierarchical", "mlp")]


def _compiling(workload: Workload, peers: Mapping[str, Peer], rounds: int) -> Section:
    def started(library: str, cache: str, python: str = sys.executable) -> float:
        flags = f"base_compiledir={cache}"
        environment = {
            **os.environ,
            "AESARALITE_FLAGS": f"{flags},linker=numba",
            "AESARALITERC": os.devnull,
            "PYTENSOR_FLAGS": flags,
            "NUMBA_CACHE_DIR": cache,
            "JAX_PLATFORMS": "cpu",
            "JAX_COMPILATION_CACHE_DIR": cache,
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
            "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        }
        program = _COMPILE.format(here=str(HERE), library=library, workload=workload.name)
        return fresh_process(program, environment, python)

    def cold(library: str, python: str) -> float:
        with tempfile.TemporaryDirectory() as cache:
            return started(library, cache, python)

    pythons = {"aesaralite": sys.executable, "numba": sys.executable}
    pythons |= {name: peer.python for name, peer in peers.items()}
    with tempfile.TemporaryDirectory() as cache:
        contenders: dict[str, Callable[[], float]] = {
            "numba: import, and a first trivial njit": lambda: fresh_process(_NUMBA_START, os.environ)
        }
        for library, python in pythons.items():
            contenders[f"{library}, empty cache"] = lambda args=(library, python): cold(*args)  # type: ignore[misc]
            if library != "numba":  # the functions by hand close over arrays, which numba doesn't cache
                started(library, cache, python)
                contenders[f"{library}, filled cache"] = (
                    lambda args=(library, cache, python): started(*args)  # type: ignore[misc]
                )
        times = in_turns(contenders, rounds)
    title = f"Compiling in a fresh process, from function(...) to the end of the first call: {workload.title}"
    notes = ["Imports aren't counted; what a library loads when it first compiles is."]
    return Section(title, times, reference="aesaralite, empty cache", notes=notes)


def import_time(peers: Mapping[str, Peer], rounds: int) -> Section:
    """``import`` in a fresh process."""

    def measured(module: str) -> Callable[[], float]:
        program = f"import time; start = time.perf_counter(); import {module}; print(time.perf_counter() - start)"
        return lambda: fresh_process(program, os.environ)

    names = {"import aesaralite": "aesaralite", "import numpy": "numpy", "import numba": "numba"}
    times = in_turns({title: measured(module) for title, module in names.items()}, rounds)
    return Section("Import", times, reference="import aesaralite")


def rewriting(peers: Mapping[str, Peer], rounds: int) -> Section:
    """The time that all rewrites take a node, on chains of growing length: the same number if the cost is linear."""
    times = {}
    for size in (100, 1_000, 10_000):
        graph = chain(size)
        measured = in_turns({"": lambda graph=graph: _rewriting_seconds(graph)}, max(1, rounds // 2))
        times[f"{size:,} nodes: time a node"] = measured[""] / size
    return Section("Rewriting: FAST_RUN's rewrites on a chain", times, reference="100 nodes: time a node")


def _rewriting_seconds(graph: Any) -> float:
    return seconds_per_call(lambda: rewrite_graph(graph, include=("fast_run",), clone=True), 1)


def growth(peers: Mapping[str, Peer], rounds: int) -> list[Section]:
    """The time to compile graphs of growing size: the same time a node if it's linear."""
    sections = []
    for title, graph in (("of alike layers", layers), ("none of whose parts is like another", thicket)):
        times, notes = {}, []
        _compiling_seconds(*graph(50))  # what's loaded once
        for size in (250, 500, 1_000, 2_000):
            seconds, nodes = _compiling_seconds(*graph(size))
            times[f"some {size:,} nodes"] = seconds
            notes.append(f"{nodes:,} nodes: {seconds:.2f} s, {1e3 * seconds / nodes:.2f} ms a node.")
        sections.append(Section(f"Compiling a graph {title}", times, reference="some 250 nodes", notes=notes))
    return sections


def _compiling_seconds(inputs: list[Any], output: Any) -> tuple[float, int]:
    """How long it takes without the cache, and how many nodes the rewritten graph has."""
    with aesaralite.config.change_flags(numba__cache=False):
        start = time.perf_counter()
        compiled = aesaralite.function(inputs, output, mode=mode("numba"))
        return time.perf_counter() - start, len(compiled.maker.fgraph.apply_nodes)


def streams(peers: Mapping[str, Peer], rounds: int) -> Section:
    """Uniform numbers from MRG streams."""
    return Section("MRG streams: 1,000,000 uniform numbers", in_turns(stream_contenders(OURS), rounds))


def normals(peers: Mapping[str, Peer], rounds: int) -> Section:
    """Normal numbers, an array at a time."""
    return _drawing(random_numbers.NORMALS, peers, rounds)


def distributions(peers: Mapping[str, Peer], rounds: int) -> list[Section]:
    """Numbers of other distributions."""
    return [_drawing(case, peers, rounds) for case in random_numbers.OTHERS]


def _drawing(case: random_numbers.Distribution, peers: Mapping[str, Peer], rounds: int) -> Section:
    times = in_turns(random_numbers.draws(case, OURS, peers, MANY), rounds)
    return Section(f"{case.title}, {MANY:,} numbers", times, notes=[random_numbers.NOTE])


def circle(peers: Mapping[str, Peer], rounds: int) -> Section:
    """Random numbers that are used where they are drawn."""
    times = in_turns(random_numbers.circle(OURS, peers, MANY), rounds)
    return Section(f"Monte Carlo: pi from {MANY:,} pairs of uniform numbers", times, notes=[random_numbers.NOTE])


def random_call(peers: Mapping[str, Peer], rounds: int) -> Section:
    """The cost of a call that draws from two generators."""
    times = in_turns(random_numbers.single_numbers(OURS, peers, 20_000), rounds)
    notes = [random_numbers.NOTE, random_numbers.UNBOXING]
    return Section("A call: a normal and a uniform number, of two generators", times, notes=notes)


def markov(peers: Mapping[str, Peer], rounds: int) -> list[Section]:
    """Transitions of Markov chains: many small operations, with state, random numbers and a gradient."""
    return [
        Section(
            f"{method} Monte Carlo: one transition of `aesaralite.examples.mcmc`",
            in_turns(random_numbers.transitions(method, OURS, peers, 10_000), rounds),
            notes=[random_numbers.NOTE, random_numbers.UNBOXING],
        )
        for method in ("Metropolis", "Hamiltonian")
    ]


def mode(linker: str) -> Any:
    """The mode with all rewrites and `linker`."""
    return aesaralite.compile.Mode(linker=linker, optimizer="fast_run")


def handwritten_step(x: np.ndarray, y: np.ndarray, initial: np.ndarray) -> Callable[[], object]:
    """The same step as one writes it in NumPy for speed: each array allocated once, the loss in a stable form."""
    n = len(x)
    w, b = initial.copy(), 0.0
    z, p, loss, other, delta = (np.empty(n) for _ in range(5))
    gradient, decay = np.empty_like(w), np.empty_like(w)
    prediction = np.empty(n, dtype=bool)

    def step() -> tuple[np.ndarray, np.ndarray]:
        nonlocal b
        np.dot(x, w, out=z)
        np.add(z, b, out=z)
        # p = 1 / (1 + exp(-z))
        np.negative(z, out=p)
        np.exp(p, out=p)
        np.add(p, 1, out=p)
        np.reciprocal(p, out=p)
        np.greater(p, 0.5, out=prediction)
        # loss = log1p(exp(-|z|)) + max(z, 0) - y * z
        np.abs(z, out=loss)
        np.negative(loss, out=loss)
        np.exp(loss, out=loss)
        np.log1p(loss, out=loss)
        np.maximum(z, 0, out=other)
        np.add(loss, other, out=loss)
        np.multiply(y, z, out=other)
        np.subtract(loss, other, out=loss)
        # the gradient of mean(loss) + 0.01 * sum(w ** 2)
        np.subtract(p, y, out=delta)
        np.divide(delta, n, out=delta)
        np.dot(delta, x, out=gradient)
        np.multiply(w, 0.02, out=decay)
        np.add(gradient, decay, out=gradient)
        np.multiply(gradient, 0.1, out=gradient)
        np.subtract(w, gradient, out=w)
        b -= 0.1 * delta.sum()
        return prediction, loss

    return step


def _timed(function: Callable[..., object], calls: int, *arguments: object) -> Callable[[], float]:
    return lambda: seconds_per_call(lambda: function(*arguments), calls)


@numba.njit
def _loop(a, x, y, z):
    out = np.empty_like(x)
    for i in range(x.size):
        out[i] = a * x[i] + y[i] - z[i]
    return out


@numba.njit
def _loop_into(a, x, y, z, out):
    for i in range(x.size):
        out[i] = a * x[i] + y[i] - z[i]
    return out


@numba.njit(fastmath=True)
def _sum_loop(a, x, y, z):
    total = 0.0
    for i in range(x.size):
        total += a * x[i] + y[i] - z[i]
    return total


_NUMBA_START = """
import time
import numpy as np
start = time.perf_counter()
import numba
numba.njit(lambda x: x + 1)(1.0)
print(time.perf_counter() - start)
"""

_COMPILE = """
import sys, time
sys.path.insert(0, {here!r})
from workloads import WORKLOADS
work = WORKLOADS[{workload!r}]
if {library!r} == "aesaralite":
    import aesaralite
    import aesaralite.tensor as at
    import aesaralite_numba
    make = lambda: work.for_symbolic(aesaralite, at, None)
elif {library!r} == "pytensor":
    import pytensor
    import pytensor.tensor as pt
    import numba
    make = lambda: work.for_symbolic(pytensor, pt, "NUMBA")
elif {library!r} == "jax":
    import jax
    jax.config.update("jax_enable_x64", True)
    make = lambda: work.for_jax(jax)
else:
    import numba
    make = lambda: work.for_numba(numba.njit)
start = time.perf_counter()
make()()
print(time.perf_counter() - start)
"""

CASES = {
    "call": call,
    "work": work,
    "training": training,
    "bandwidth": bandwidth,
    "compile": compile_time,
    "import": import_time,
    "rewriting": rewriting,
    "growth": growth,
    "streams": streams,
    "normals": normals,
    "distributions": distributions,
    "circle": circle,
    "random_call": random_call,
    "markov": markov,
}
