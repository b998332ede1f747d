"""Values, looked at: their statistics, whether they're finite, whether two agree, and copies that keep the layout."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from aesaralite.configdefaults import config
from aesaralite.graph.container import duplicate
from aesaralite.graph.generators import is_generator
from aesaralite.graph.type import Type
from aesaralite.scalar.type import ScalarType
from aesaralite.tensor.tensor_type import TensorType, values_eq_approx

__all__ = ["Summary", "agree", "copy_of_layout", "difference", "is_numeric", "largest", "summary_of"]

# how far two ways to compute the same may differ, relative to the largest number that is looked at
_TOLERANCES = {"float16": 1e-2, "float32": 1e-3, "complex64": 1e-3, "float64": 1e-6, "complex128": 1e-6}
_SLOPPINESS = {0: 1, 1: 10, 2: 100}
_LONGEST_SHOWN = 60  # characters


class Summary(NamedTuple):
    """What there is to say about a value in one line.

    Attributes
    ----------
    kind : str
        The dtype of an array, else the name of the value's class.
    shape, strides : tuple of int or None
        Those of an array.
    n_nan, n_inf : int
        How many NaNs and how many infinities are in it.
    first_nan, first_inf : tuple of int or None
        The index of the first of each, in C order.
    min, max, mean : float or None
        Of the finite numbers in it; of their magnitudes if they're complex. None if there are none.
    text : str
        The value itself, shortened, where it isn't an array of numbers.
    """

    kind: str
    shape: tuple[int, ...] | None = None
    strides: tuple[int, ...] | None = None
    n_nan: int = 0
    n_inf: int = 0
    first_nan: tuple[int, ...] | None = None
    first_inf: tuple[int, ...] | None = None
    min: float | None = None
    max: float | None = None
    mean: float | None = None
    text: str = ""

    @property
    def is_finite(self) -> bool:
        """Whether there is neither a NaN nor an infinity in it."""
        return not self.n_nan and not self.n_inf

    def __str__(self) -> str:
        if self.shape is None:
            return f"{self.kind} {self.text}"
        parts = [f"{self.kind} {self.shape}"]
        for count, name, first in ((self.n_nan, "NaN", self.first_nan), (self.n_inf, "Inf", self.first_inf)):
            if count:
                parts.append(f"{count} {name}, the first at {first}")
        if self.min is not None:
            parts.append(f"min {self.min:.6g}, max {self.max:.6g}, mean {self.mean:.6g}")
        return "; ".join(parts)


def is_numeric(value: Any) -> bool:
    """Whether a value is a number or an array of numbers."""
    return isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind in "biufc"


def summary_of(value: Any) -> Summary:
    """Return the statistics of a value."""
    if is_generator(value):
        bits = value._bit_generator if isinstance(value, np.random.RandomState) else value.bit_generator
        return Summary(type(value).__name__, text=type(bits).__name__)
    if not is_numeric(value):
        text = repr(value)
        return Summary(type(value).__name__, text=f"{text[:_LONGEST_SHOWN]}..." if len(text) > _LONGEST_SHOWN else text)
    array = np.asarray(value)
    facts: dict[str, Any] = {"kind": array.dtype.name, "shape": array.shape, "strides": array.strides}
    numbers = array
    if array.dtype.kind in "fc":
        finite = np.isfinite(array)
        if not finite.all():
            nan = np.isnan(array)
            for name, mask in (("nan", nan), ("inf", ~finite & ~nan)):
                facts[f"n_{name}"] = int(np.count_nonzero(mask))
                facts[f"first_{name}"] = _first(mask)
            numbers = array[finite]
    if numbers.size:
        with np.errstate(all="ignore"):
            numbers = np.abs(numbers) if array.dtype.kind == "c" else numbers
            facts["min"], facts["max"] = numbers.min().item(), numbers.max().item()
            facts["mean"] = float(numbers.mean(dtype="float64"))
    return Summary(**facts)


def _first(mask: np.ndarray) -> tuple[int, ...] | None:
    if not mask.any():
        return None
    return tuple(int(i) for i in np.unravel_index(int(mask.argmax()), mask.shape))


def largest(values: Iterable[Any]) -> float:
    """Return the magnitude of the largest finite number in some values; 0 if there's none."""
    found = 0.0
    for value in values:
        if not is_numeric(value):
            continue
        array = np.asarray(value)
        magnitudes = np.abs(array.astype("complex128" if array.dtype.kind == "c" else "float64"))
        finite = magnitudes[np.isfinite(magnitudes)]
        if finite.size:
            found = max(found, float(finite.max()))
    return found


def agree(type: Type, expected: Any, actual: Any, scale: float = 0.0, finite_only: bool = False) -> bool:
    """Whether two values of a type are the same up to rounding.

    Parameters
    ----------
    type
        The type; it decides about what isn't an array of floats.
    expected, actual
        The values.
    scale
        The magnitude of what they were computed from: a sum of large numbers can't be more exact than those.
    finite_only
        Whether a NaN or an infinity in `expected` agrees with anything.
    """
    try:
        if not isinstance(type, (TensorType, ScalarType)):
            return bool(type.values_eq_approx(expected, actual))
        expected, actual = np.asarray(expected), np.asarray(actual)
        rtol = _TOLERANCES.get(expected.dtype.name)
        if rtol is None:
            return bool(TensorType.values_eq(expected, actual))
        rtol *= _SLOPPINESS.get(int(config.tensor__cmp_sloppy), 1)
        atol = rtol * max(scale, largest([expected]))
        with np.errstate(all="ignore"):
            return values_eq_approx(expected, actual, finite_only, finite_only, rtol, atol)
    except (TypeError, ValueError):  # values that don't even belong to the type
        return False


def difference(expected: Any, actual: Any) -> str:
    """Return a text on how two values differ."""
    if not (is_numeric(expected) and is_numeric(actual)):
        if is_generator(expected) and is_generator(actual):
            return "the generators are in different states"
        return f"they are {summary_of(expected)} and {summary_of(actual)}"
    expected, actual = np.asarray(expected), np.asarray(actual)
    for what, a, b in (("dtypes", expected.dtype, actual.dtype), ("shapes", expected.shape, actual.shape)):
        if a != b:
            return f"the {what} are {a} and {b}"
    wide = "complex128" if expected.dtype.kind == "c" else "float64"
    same = np.asarray((expected == actual) | ((expected != expected) & (actual != actual)))
    if same.all():
        return "no difference"
    with np.errstate(all="ignore"):
        gaps = np.abs(expected.astype(wide) - actual.astype(wide))
    gaps = np.where(same, -1.0, np.where(np.isnan(gaps), np.inf, gaps))
    worst = tuple(int(i) for i in np.unravel_index(int(gaps.argmax()), gaps.shape))
    count = np.count_nonzero(~same)
    where = f", most at {worst}" if worst else ""
    return f"{count} of {same.size} elements differ{where}: {expected[worst]} and {actual[worst]}"


def copy_of_layout(value: Any) -> Any:
    """Return an equal value with memory of its own, an array with the strides that it has."""
    if type(value) is not np.ndarray or value.dtype.hasobject or value.size == 0 or value.flags.forc:
        return duplicate(value)
    return array_of_layout(np.ascontiguousarray(value), value.strides)


def array_of_layout(content: np.ndarray, strides: tuple[int, ...]) -> np.ndarray:
    """Return an array with the content of another, laid out with the strides that are given."""
    ends = [(size - 1) * stride for size, stride in zip(content.shape, strides)]
    before, after = -sum(end for end in ends if end < 0), sum(end for end in ends if end > 0)
    # numpy's own memory is aligned; an offset that isn't a multiple of the item's size would spoil that anyway
    memory = np.empty(before + after + content.itemsize, "uint8")
    made: np.ndarray = np.ndarray(content.shape, content.dtype, buffer=memory, offset=before, strides=strides)
    made[...] = content
    return made
