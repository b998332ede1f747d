"""Run the benchmarks and write their table: ``python -m tests.benchmarks --peers-python PATH --out FILE``."""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.cases import CASES, Section
from tests.benchmarks.measure import Peer

PEERS = ("pytensor", "jax")


def processor() -> str:
    """The processor's name, where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def header(peers_python: str | None, rounds: int) -> str:
    """What was measured on what."""
    ours = ", ".join(f"{name} {version(name)}" for name in ("numpy", "numba", "scipy"))
    lines = [
        f"Python {platform.python_version()}, {ours}; {processor()}. One thread. Medians of {rounds} rounds in turns."
    ]
    if peers_python:
        names = (*PEERS, "numba")
        program = f"from importlib.metadata import version; print(*(n + ' ' + version(n) for n in {names}), sep=', ')"
        theirs = subprocess.run([peers_python, "-c", program], check=True, capture_output=True, text=True).stdout
        lines.append(f"The peers' environment: {theirs.strip()}.")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--peers-python", metavar="PATH", help="an interpreter that has pytensor and jax")
    parser.add_argument("--rounds", type=int, default=7, help="how often each contender is measured")
    parser.add_argument("--only", nargs="+", choices=list(CASES), default=list(CASES), help="the cases to run")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the tables there, too")
    options = parser.parse_args()

    peers = {name: Peer(options.peers_python, name) for name in PEERS} if options.peers_python else {}
    parts = [header(options.peers_python, options.rounds)]
    print(parts[0])
    try:
        for name in options.only:
            print(f"... {name}", file=sys.stderr)
            result = CASES[name](peers, options.rounds)
            for section in [result] if isinstance(result, Section) else result:
                parts.append(section.markdown())
                print(parts[-1], flush=True)
    finally:
        for peer in peers.values():
            peer.close()
    if options.out:
        options.out.write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
