"""What MRG streams are compared with Aesara in, and what Aesara draws there.

``mrg_reference.json`` was written by this file, run as a program by a Python that has Aesara 2.9.4::

    AESARA_FLAGS=cxx= python tests/sandbox/mrg_cases.py

Without a C compiler Aesara draws by the ``perform`` of its Op. Its C code rounds float32 twice, so that the last bits
of these differ; float64 and integers are the same.
"""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

REFERENCE = Path(__file__).with_name("mrg_reference.json")


def probabilities(rows: int, columns: int) -> np.ndarray:
    """Return a matrix whose rows sum to 1, some of its entries being 0."""
    weights = np.array([[(7 * i + 3 * j * j) % 5 + (j == 0) for j in range(columns)] for i in range(rows)], dtype=float)
    return weights / weights.sum(axis=1, keepdims=True)


@dataclass(frozen=True)
class Case:
    """Variables of one stream, in a function that is called a few times.

    Attributes
    ----------
    id : str
        A name.
    variables : list of tuple
        Methods of the stream, and keyword arguments for them.
    seed : int or tuple of int
        The stream's seed.
    reseed : int, tuple of int or None
        With which it's seeded again before the last call; 0 stands for no argument.
    floatX : tuple of str
        The values of the flag with which it's drawn.
    """

    id: str
    variables: list[tuple[str, dict[str, Any]]]
    seed: Any = 12345
    reseed: Any = None
    floatX: tuple[str, ...] = ("float64", "float32")
    calls: int = field(default=3)


def uniforms(**kwargs):
    return [("uniform", {"dtype": dtype, **kwargs}) for dtype in ("float16", "float32", "float64")]


CASES = [
    *(Case(f"uniform-{size}", uniforms(size=size)) for size in [(), (1,), (5,), (6,), (7,), (20,), (3, 4), (13, 2, 5)]),
    Case("uniform-long", uniforms(size=(20011,)), calls=2),
    *(Case(f"streams-{n}", uniforms(size=(41,), nstreams=n), seed=n) for n in (1, 2, 15, 16, 17, 40, 41, 42, 64, 100)),
    Case("floatX", [("uniform", {"size": (11,)}), ("uniform", {"size": (2, 3)})], seed=(1, 2, 3, 4, 5, 6)),
    Case(
        "bounds",
        [
            ("uniform", {"size": (50,), "low": -1.3, "high": 2.7}),
            ("uniform", {"size": (50,), "low": 3, "high": 5}),
            ("uniform", {"size": (4, 3), "low": np.array([0.1, 0.2, 0.3]), "high": np.array([[1.0], [2], [3], [4]])}),
            ("uniform", {"size": (50,), "low": np.float32(0.1), "dtype": "float64"}),
            ("uniform", {"size": (50,), "high": 0.7, "dtype": "float32"}),
        ],
        seed=234,
    ),
    Case("reseeded", uniforms(size=(30,)), seed=77, reseed=(2147483646, 0, 0, 0, 2147462578, 1)),
    Case("reset", uniforms(size=(30,)), seed=2147462578, reseed=0),
    Case(
        "binomial",
        [
            ("binomial", {"size": (40,)}),
            ("binomial", {"size": (40,), "p": 0.3}),
            ("binomial", {"size": (5, 3), "p": np.array([0.1, 0.5, 0.9]), "dtype": "int8"}),
            ("binomial", {"size": (40,), "p": np.float32(0.7), "dtype": "float32", "nstreams": 3}),
        ],
        seed=9,
    ),
    Case(
        "multinomial",
        [
            ("multinomial", {"pvals": probabilities(4, 5)}),
            ("multinomial", {"pvals": probabilities(3, 7), "n": 4}),
            ("multinomial", {"pvals": probabilities(3, 7).astype("float32"), "n": 3, "dtype": "auto", "nstreams": 5}),
            ("multinomial", {"pvals": probabilities(600, 4), "dtype": "int32"}),
        ],
        seed=11,
    ),
    Case(
        "choice",
        [
            ("choice", {"p": probabilities(4, 6), "replace": False}),
            ("choice", {"p": probabilities(500, 9), "size": 4, "replace": False}),
            ("choice", {"p": probabilities(90, 5).astype("float32"), "size": 3, "replace": False, "nstreams": 7}),
            ("choice", {"p": probabilities(5, 6), "size": 2, "replace": False, "dtype": "int16"}),
        ],
        seed=13,
    ),
    Case(
        "normal",
        [
            ("normal", {"size": (7,)}),
            ("normal", {"size": (2, 3), "avg": 5.0, "std": 2.5}),
            ("normal", {"size": (9,), "dtype": "float32", "nstreams": 2}),
            ("normal", {"size": (3, 2), "avg": np.array([-1.0, 1.0]), "std": 0.1}),
        ],
        seed=21,
    ),
    Case(
        "truncated",
        [
            ("truncated_normal", {"size": (60,)}),
            ("truncated_normal", {"size": (5, 7), "avg": 2.0, "std": 3.0, "dtype": "float32"}),
            ("normal", {"size": (51,), "truncate": True}),
        ],
        seed=22,
    ),
]

CLOSE = ("normal", "truncated_normal")
"""Methods that use logarithms, sines and cosines, of which no two libraries round all alike."""


def digest(array: np.ndarray) -> str:
    array = np.ascontiguousarray(array)
    return f"{array.dtype}{list(array.shape)}:{hashlib.sha256(array.tobytes()).hexdigest()[:24]}"


def draw(case: Case, stream_class: Any, function: Any) -> dict[str, Any]:
    """Return what a library draws in a case: digests, and for some methods the numbers."""
    stream = stream_class(seed=case.seed)
    draws = function([], [getattr(stream, method)(**kwargs) for method, kwargs in case.variables])
    calls = []
    for call in range(case.calls):
        if case.reseed is not None and call == case.calls - 1:
            stream.seed(*([case.reseed] if case.reseed else []))
        calls.append(
            [
                [str(values.dtype), list(values.shape), values.ravel().astype(float).tolist()]
                if method in CLOSE
                else digest(values)
                for (method, _), values in zip(case.variables, draws())
            ]
        )
    states = [digest(update[0].get_value()) for update in stream.state_updates]
    return {"calls": calls, "states": states, "rstate": stream.rstate.tolist()}


def write_reference() -> None:
    import aesara
    from aesara.sandbox.rng_mrg import MRG_RandomStream

    reference = {}
    for case in CASES:
        for float_x in case.floatX:
            with aesara.config.change_flags(floatX=float_x):
                reference[f"{case.id} {float_x}"] = draw(case, MRG_RandomStream, aesara.function)
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in reference.items())
    REFERENCE.write_text("{\n" + lines + "\n}\n", "utf-8")


if __name__ == "__main__":
    write_reference()
