"""The data of the benchmarks: the same numbers for every library."""

import numpy as np


def vectors(size: int, count: int) -> list[np.ndarray]:
    """`count` vectors of `size` normal numbers."""
    rng = np.random.default_rng(0)
    return [rng.standard_normal(size) for _ in range(count)]


def logistic_data() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The tutorial's logistic regression: 400 inputs of 784 numbers, their classes, and the initial weights."""
    rng = np.random.default_rng(2882)
    inputs = rng.standard_normal((400, 784))
    classes = rng.integers(size=400, low=0, high=2).astype(float)
    return inputs, classes, rng.standard_normal(784)
