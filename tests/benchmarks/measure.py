"""Timing: what is compared is run in turns, so that a slow spell of the machine falls on everybody."""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

HERE = Path(__file__).parent


def seconds_per_call(call: Callable[[], object], calls: int) -> float:
    """The mean time of one of `calls` calls, the loop's own cost included.

    One before them, which isn't timed, brings back into the caches what another contender has put out of them.
    """
    call()
    start = time.perf_counter()
    for _ in range(calls):
        call()
    return (time.perf_counter() - start) / calls


def in_turns(contenders: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """Measure each contender once a round, in an order of the round's own; return the median of each.

    Parameters
    ----------
    contenders
        Functions that measure once and return seconds.
    rounds
        How often each is measured, after one round that doesn't count.
    """
    samples: dict[str, list[float]] = {name: [] for name in contenders}
    order = list(contenders)
    rng = random.Random(0)
    for round_ in range(rounds + 1):
        for name in order:
            seconds = contenders[name]()
            if round_:
                samples[name].append(seconds)
        rng.shuffle(order)
    return {name: statistics.median(values) for name, values in samples.items()}


class Peer:
    """Another library in a process of its own, which measures when it's asked to.

    Parameters
    ----------
    python
        The interpreter of the environment in which the library is installed.
    name
        ``"pytensor"`` or ``"jax"``.
    """

    def __init__(self, python: str, name: str) -> None:
        self.name, self.python = name, python
        self._process = subprocess.Popen(
            [python, str(HERE / "peers.py"), name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, benchmark: str, **parameters: object) -> float:
        """Run a benchmark of `peers.py` once, and return its seconds."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"benchmark": benchmark, **parameters}) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"The process that measures {self.name} ended in {benchmark!r}.")
        return float(json.loads(answer))

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def fresh_process(program: str, environment: Mapping[str, str], python: str = sys.executable) -> float:
    """Run a program that prints seconds in a new process, and return what it prints.

    Python keeps its bytecode, as in any installation: compiling the sources isn't part of what is measured.
    """
    environment = {name: value for name, value in environment.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run([python, "-c", program], env=environment, check=True, capture_output=True, text=True)
    return float(done.stdout.split()[-1])


def format_seconds(seconds: float) -> str:
    """Write a time with three significant digits and a fitting unit."""
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"
