"""The data of the benchmarks: the same numbers for every library."""

import numpy as np


def vectors(size: int, count: int) -> list[np.ndarray]:
    """`count` vectors of `size` normal numbers."""
    rng = np.random.default_rng(0)
    return [rng.standard_normal(size) for _ in range(count)]
