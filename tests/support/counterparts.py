"""Functions and their counterparts in NumPy and SciPy: calls of either, and what must be the same."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import hypothesis
import numpy as np

import aesaralite
from aesaralite import Mode
from aesaralite.graph.basic import Variable
from aesaralite.scalar.dtypes import as_float_dtype
from aesaralite.tensor import as_tensor_variable
from aesaralite.testing.compare import largest
from aesaralite.testing.evaluation import Values
from aesaralite.testing.op_checks import input_for

LINKERS = {name: Mode(name, "fast_run") for name in ("py", "numba")}


@dataclass(frozen=True)
class Call:
    """Arguments for a function and for its counterpart.

    Attributes
    ----------
    arrays : list of ndarray
        What is symbolic for our function.
    options : dict
        What isn't.
    make : callable
        ``make(function, *arrays, **options)`` calls either.
    """

    arrays: Sequence[np.ndarray]
    options: dict[str, Any] = field(default_factory=dict)
    make: Callable[..., Any] = lambda function, *arrays, **options: function(*arrays, **options)

    def __call__(self, function: Callable[..., Any], arrays: Sequence[Any]) -> list[Any]:
        made = self.make(function, *arrays, **self.options)
        return list(made) if isinstance(made, (list, tuple)) else [made]


@dataclass(frozen=True)
class Counterpart:
    """A function and its counterpart.

    Attributes
    ----------
    ours, theirs : callable
        The functions. One that only exists here has a formula for a counterpart.
    calls : strategy of Call
        What they are called with.
    ulp : float
        How far floats may differ, in units in the last place of the largest number among arguments and results.
    scale : float
        What is taken for the largest number if they are all smaller.
    """

    ours: Callable[..., Any]
    theirs: Callable[..., Any]
    calls: Any
    ulp: float = 16
    scale: float = 0


@dataclass(frozen=True)
class Comparison:
    """A call of our function, as a graph, and what its counterpart gives.

    Attributes
    ----------
    what : str
        Of which call, for the error.
    inputs, outputs : list of Variable
        The graph.
    arrays : sequence of ndarray
        Values of the inputs.
    expected : sequence of ndarray
        Values of the outputs.
    ulp, scale : float
        How far floats may differ: in units in the last place of the element, or of `scale` if that is larger.
    """

    what: str
    inputs: list[Variable]
    outputs: list[Any]
    arrays: Sequence[np.ndarray]
    expected: Sequence[np.ndarray]
    ulp: float
    scale: float = 0.0

    def check(self, results: Sequence[Any], who: str) -> None:
        """Check results against those of the counterpart."""
        what = f"{self.what} by {who}"
        assert len(results) == len(self.expected), what
        for result, wanted in zip(results, self.expected):
            actual = np.asarray(result)
            assert (actual.dtype, actual.shape) == (wanted.dtype, wanted.shape), f"{what}: {actual!r}, not {wanted!r}"
            distance = ulps(wanted, actual, self.scale)
            assert distance <= self.ulp, f"{what}: {actual!r}, not {wanted!r}; {distance:.3g} ulp"

    def check_definition(self) -> None:
        """Check what the `perform` methods give."""
        self.check(self._evaluate(), "perform")

    def _evaluate(self) -> list[Any]:
        values = Values(dict(zip(self.inputs, self.arrays)))
        return [values[output] for output in self.outputs]


def check_on_linkers(comparisons: Sequence[Comparison], linkers: Sequence[str] = tuple(LINKERS)) -> None:
    """Check many calls, compiled into one function for each linker."""
    inputs = [variable for one in comparisons for variable in one.inputs]
    outputs = [variable for one in comparisons for variable in one.outputs]
    values = [array for one in comparisons for array in one.arrays]
    for linker in linkers:
        function = aesaralite.function(inputs, outputs, mode=LINKERS[linker], on_unused_input="ignore")
        with np.errstate(all="ignore"):
            results = iter(function(*values))
        for one in comparisons:
            one.check([next(results) for _ in one.outputs], linker)


def compare_call(name: str, counterpart: Counterpart, call: Call) -> Comparison | None:
    """Return what is to be compared of a call.

    If the counterpart raises, it's checked that ours raises, too, and there's nothing to compare.
    """
    what = f"{name} of {[(array.dtype.name, array) for array in call.arrays]}, {call.options}"
    inputs = [input_for(array) for array in call.arrays]
    with np.errstate(all="ignore"):
        try:
            expected = [np.asarray(result) for result in call(counterpart.theirs, call.arrays)]
        except Exception as error:
            _check_raises(what, counterpart, call, error)
            return None
        wide = [as_float_array(array) for array in call.arrays]
        if wide and any(result.dtype == "float16" for result in expected):
            # NumPy has float16 for small integers
            again = [np.asarray(result) for result in call(counterpart.theirs, wide)]
            expected = [new if old.dtype == "float16" else old for old, new in zip(expected, again)]
    outputs = [as_tensor_variable(output) for output in call(counterpart.ours, inputs)]
    scale = max(counterpart.scale, largest([*call.arrays, *expected]))
    return Comparison(what, inputs, outputs, call.arrays, expected, counterpart.ulp, scale)


def as_float_array(array: np.ndarray) -> np.ndarray:
    """Return an array as the floats that functions make of it here: float32 for the small integers, too."""
    return array.astype(as_float_dtype(array.dtype.name))


def _check_raises(what: str, counterpart: Counterpart, call: Call, error: Exception) -> None:
    inputs = [input_for(array) for array in call.arrays]
    try:
        outputs = [as_tensor_variable(output) for output in call(counterpart.ours, inputs)]
        values = Values(dict(zip(inputs, call.arrays)))
        results = [values[output] for output in outputs]
    except Exception as failure:
        assert not isinstance(failure, (KeyError, AttributeError, AssertionError)), repr(failure)
        return
    raise AssertionError(f"{what}: the counterpart raises {error!r}, ours gives {results}")


def ulps(expected: np.ndarray, actual: np.ndarray, scale: float = 0.0) -> float:
    """Return how far two arrays differ, in units in the last place of the expected elements, or of `scale` if larger.

    NaN equals NaN; where elements aren't finite, or aren't floats, they are equal or infinitely far apart. The parts of
    a complex number are compared with the unit of the larger one, if that is finite.
    """
    if expected.dtype.kind not in "fc":
        return 0.0 if np.array_equal(expected, actual) else np.inf
    if expected.dtype.kind == "f":
        return _distance(expected, actual, np.abs(expected), scale)
    with np.errstate(all="ignore"):
        sizes = np.abs(np.where(np.isfinite(expected), expected, 0)).astype(expected.real.dtype)
    parts = [(expected.real, actual.real), (expected.imag, actual.imag)]
    return max(_distance(one, other, np.fmax(np.abs(one), sizes), scale) for one, other in parts)


def _distance(expected: np.ndarray, actual: np.ndarray, sizes: np.ndarray, scale: float) -> float:
    if not expected.size:
        return 0.0
    with np.errstate(all="ignore"):
        same = (expected == actual) | (np.isnan(expected) & np.isnan(actual))
        real = expected.dtype.type
        units = np.spacing(np.maximum(sizes, real(min(scale, float(np.finfo(real).max)))))
        distance = np.abs(expected.astype("float64") - actual.astype("float64")) / units
    distance = np.where(same, 0.0, distance)
    return float(np.where(np.isfinite(distance), distance, np.inf).max())


def draws_of(strategy: Any, number: int) -> list[Any]:
    """Return some examples of a strategy, the same in every run."""
    found: list[Any] = []

    @hypothesis.seed(1)
    @hypothesis.settings(
        max_examples=number,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(strategy)
    def collect(example: Any) -> None:
        found.append(example)

    collect()
    return found
