"""Whether two values are the same, up to rounding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from aesaralite.graph.generators import frozen_state, is_generator
from aesaralite.graph.traversal import ancestors
from aesaralite.graph.variable import Variable

__all__ = ["RELATIVE", "assert_same", "largest", "tolerance_of", "ulps"]

RELATIVE = {"float16": 1e-2, "float32": 1e-4, "complex64": 1e-4, "float64": 1e-9, "complex128": 1e-9}
"""How far two ways to compute a value may differ, by the dtype, relative to the largest number that is looked at."""


def assert_same(
    expected: Any, actual: Any, what: str = "value", rtol: float | None = None, atol: float | None = None
) -> None:
    """Check that two values have the same dtype and shape, and equal elements up to rounding.

    Parameters
    ----------
    expected, actual : ndarray or object
        The values. NaN equals NaN, and an infinity itself. Generators are the same if they are in the same state.
    what : str
        What is compared, for the error.
    rtol, atol : float, optional
        How far floats may differ. By default what suits the dtype; `atol` is that part of the largest
        expected element.

    Raises
    ------
    AssertionError
        If they differ.
    """
    if is_generator(expected):
        if type(expected) is not type(actual) or frozen_state(expected) != frozen_state(actual):
            raise AssertionError(f"{what}: the generators are in different states: {expected!r}, {actual!r}")
        return
    are_arrays = [isinstance(value, (np.ndarray, np.generic)) for value in (expected, actual)]
    if not are_arrays[0]:
        if type(expected) is not type(actual) or expected != actual:
            raise AssertionError(f"{what}: expected {expected!r}, got {actual!r}")
        return
    if not are_arrays[1]:
        raise AssertionError(f"{what}: expected an array, got {actual!r} of type {type(actual)}")
    if expected.dtype != actual.dtype:
        raise AssertionError(f"{what}: expected dtype {expected.dtype}, got {actual.dtype}")
    if expected.shape != actual.shape:
        raise AssertionError(f"{what}: expected shape {expected.shape}, got {actual.shape}")
    if expected.dtype.kind not in "fc":
        np.testing.assert_array_equal(actual, expected, err_msg=what)
        return
    tolerance = RELATIVE[str(expected.dtype)] if rtol is None else rtol
    absolute = tolerance * largest([expected]) if atol is None else atol
    np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=absolute, err_msg=what)


def tolerance_of(outputs: Sequence[Variable]) -> float:
    """Return what suits the least precise dtype that a graph computes in."""
    dtypes = {getattr(variable.type, "dtype", None) for variable in ancestors(outputs)}
    return max((RELATIVE[dtype] for dtype in dtypes if dtype in RELATIVE), default=RELATIVE["float64"])


def largest(values: Iterable[Any]) -> float:
    """Return the magnitude of the largest number in some values, NaN and infinities apart."""
    return max((_largest(value) for value in values), default=0.0)


def _largest(value: Any) -> float:
    if is_generator(value):
        return 0.0
    array = np.asarray(value)
    if array.dtype.kind not in "biufc":
        return 0.0
    finite = np.abs(array[np.isfinite(array)].astype("complex128" if array.dtype.kind == "c" else "float64"))
    return float(finite.max()) if finite.size else 0.0


def ulps(expected: Any, actual: Any) -> float:
    """Return how far two arrays of a dtype differ, in units in the last place of the expected elements.

    Parameters
    ----------
    expected, actual : ndarray
        The arrays, of one dtype and shape. A complex number counts by the worse of its parts, relative to its size.

    Returns
    -------
    float
        The largest distance; 0 if all bits are equal but for those of NaN, infinity if one element is NaN or infinite
        and its counterpart isn't, or if elements of another kind than floats differ.
    """
    expected, actual = np.asarray(expected), np.asarray(actual)
    if expected.dtype.kind not in "fc":
        return 0.0 if np.array_equal(expected, actual) else np.inf
    if not expected.size:
        return 0.0
    same = (expected == actual) | (np.isnan(expected) & np.isnan(actual))
    with np.errstate(all="ignore"):
        real = np.finfo(expected.dtype).dtype
        unit = np.spacing(np.abs(expected).astype(real))
        distance = np.abs(expected.astype("complex128") - actual.astype("complex128")) / np.abs(unit)
    distance = np.where(same, 0.0, distance)
    return float(np.where(np.isfinite(distance), distance, np.inf).max())
