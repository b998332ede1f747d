"""Graphs of any size, for the time that rewriting and compiling take."""

import random
from typing import Any

import aesaralite.tensor as at


def chain(size: int) -> Any:
    """A graph of about `size` elementwise nodes, none of which can be merged or folded away."""
    x = at.dvector("x")
    y = x
    functions = (at.sin, at.tanh, at.cos, at.sqrt)
    for i in range(size // 2):
        y = functions[i % len(functions)](y) + x
    return y


def layers(size: int) -> tuple[list[Any], Any]:
    """Inputs and output of a graph of about `size` nodes: alike layers of elementwise work and a sum of each row."""
    x = at.dmatrix("x")
    y = x
    functions = (at.sin, at.tanh, at.exp, at.sqrt)
    for i in range(size // 7):
        y = functions[i % len(functions)](y * 0.5 + x)
        y = y - y.sum(axis=1, keepdims=True) * 0.01
    return [x], y


def thicket(size: int) -> tuple[list[Any], Any]:
    """Inputs and output of a graph of about `size` nodes at random, elementwise and sums of rows: no part is like
    another.
    """
    rng = random.Random(3)
    x, z = at.dmatrices("x", "z")
    known = [x, z]
    functions = (at.sin, at.tanh, at.exp, at.sqrt, abs, at.log1p, at.sigmoid)
    makers = [
        lambda a, b: a * b,
        lambda a, b: a + b,
        lambda a, b: a - b,
        at.maximum,
        lambda a, b: rng.choice(functions)(a),
        lambda a, b: a * rng.random(),
        lambda a, b: a - a.sum(axis=1, keepdims=True),
        lambda a, b: a / (1 + b * b),
    ]
    for _ in range(int(size / 1.45)):
        known.append(rng.choice(makers)(known[-1], rng.choice(known[-30:])))
    return [x, z], sum(known[-4:])
