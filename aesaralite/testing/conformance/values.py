"""Values that cases are about."""

from __future__ import annotations

import numpy as np

__all__ = ["INF", "LOWER", "NAN", "SPECIAL", "A", "B", "E", "F", "I", "M", "N", "S", "T", "V", "W", "Z", "whole"]

NAN, INF = float("nan"), float("inf")

V = np.array([0.5, -1.5, 2.0, 0.25])
W = np.array([1.0, 2.0, -3.0])
M = np.array([[0.5, -1.0, 2.0], [3.0, 0.25, -0.75]])
N = np.array([[1.0, 2.0], [3.0, -4.0], [0.5, 6.0]])
T = np.arange(24.0).reshape(2, 3, 4) / 7 - 1
I = np.array([2, 0, 2])
E = np.zeros((0, 3))
Z = M + 1j * M[::-1]
SPECIAL = np.array([1.0, NAN, INF, -INF, -0.0])
F = M.astype("float32")
B = np.array([True, False, True])

S = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.5, 0.2, 2.0]])
A = np.array([[2.0, -1.0, 0.5], [0.3, 1.5, 1.0], [-0.7, 0.2, 3.0]])
LOWER = np.tril(A)


def whole(value: int, dtype: str = "int64") -> np.ndarray:
    """Return a 0-d integer."""
    return np.array(value, dtype=dtype)
