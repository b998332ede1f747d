"""Which elements a slice takes: first index, step and count, of numbers and of symbols alike.

Sizes and indices here are Python ints where they are known while the graph is built, and 0-d int64
variables elsewhere. Known ones are computed at once, so that a graph of sizes holds only what really
depends on a run-time value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from aesaralite.graph.arguments import as_integer, expect
from aesaralite.graph.basic import Variable
from aesaralite.scalar.type import ScalarType
from aesaralite.tensor.convert import as_tensor_variable
from aesaralite.tensor.pointwise import cast, eq, lt, maximum, minimum, switch
from aesaralite.tensor.shaping import ScalarFromTensor, tensor_from_scalar
from aesaralite.tensor.static import static_int

Int: TypeAlias = Any
"""A size or an index: an int if it's known, else a 0-d int64 variable (a TensorVariable, with its operators)."""

# a bound or a step beyond these takes the same elements; their negatives are int64 too
_LARGEST = np.iinfo(np.int64).max


@dataclass(frozen=True)
class SliceGeometry:
    """The elements ``first, first + step, ...`` (`count` of them) of an axis.

    Attributes
    ----------
    first : int or Variable
        The index of the first element, from the front. Without meaning where `count` is 0.
    step : int or Variable
        The distance from one element to the next; negative for a reversing slice.
    count : int or Variable
        How many elements there are.
    """

    first: Int
    step: Int
    count: Int


def known_int(x: Any) -> int | None:
    """Return the value of an index or a size if it's known while the graph is built, else None."""
    if isinstance(x, Variable):
        return static_int(x)
    return as_integer(x, "an index or a size")


def as_int(x: Any) -> Int:
    """Return an index or a size as an int, or as a 0-d int64 variable if it isn't known.

    An unsigned value beyond the int64 range becomes the largest int64, which takes the same elements.

    Raises
    ------
    TypeError
        If it isn't an integer scalar.
    """
    value = known_int(x)
    if value is not None:
        return max(-_LARGEST, min(value, _LARGEST))
    if x.owner is not None and isinstance(x.owner.op, ScalarFromTensor):
        x = x.owner.inputs[0]
    elif isinstance(x.type, ScalarType):
        x = tensor_from_scalar(x)
    x = as_tensor_variable(x)
    if x.type.ndim != 0 or x.type.numpy_dtype.kind not in "iu":
        raise TypeError(f"Expected an integer scalar, got {x} of type {x.type}")
    if x.type.dtype == "uint64":
        x = minimum(x, np.uint64(_LARGEST))
    return cast(x, "int64")


def add(a: Int, b: Int) -> Int:
    """Return ``a + b``."""
    if isinstance(a, int) and isinstance(b, int):
        return a + b
    if isinstance(b, int):
        return a if b == 0 else (a + b if b > 0 else a - (-b))
    if isinstance(a, int):
        return add(b, a)
    return a + b


def subtract(a: Int, b: Int) -> Int:
    """Return ``a - b``."""
    if isinstance(b, int):
        return add(a, -b)
    if a is b:
        return 0
    return a - b


def floor_divide(a: Int, b: Int) -> Int:
    """Return ``a // b``."""
    if isinstance(a, int) and isinstance(b, int):
        return a // b
    return a if isinstance(b, int) and b == 1 else a // b


def smaller(a: Int, b: Int) -> Int:
    """Return the minimum."""
    if isinstance(a, int) and isinstance(b, int):
        return min(a, b)
    return a if a is b else minimum(a, b)


def larger(a: Int, b: Int) -> Int:
    """Return the maximum."""
    if isinstance(a, int) and isinstance(b, int):
        return max(a, b)
    return a if a is b else maximum(a, b)


def either(condition: Any, a: Int, b: Int) -> Int:
    """Return `a` where `condition` holds, else `b`."""
    if a is b or (isinstance(a, int) and isinstance(b, int) and a == b):
        return a
    return cast(switch(condition, a, b), "int64")


def broadcast_size(a: Int, b: Int) -> Int:
    """Return the size to which two dimensions broadcast (that they do is checked elsewhere)."""
    if isinstance(a, int) and isinstance(b, int):
        return b if a == 1 else a
    if a is b:
        return a
    if isinstance(b, int):
        a, b = b, a
    if isinstance(a, int):
        return b if a == 1 else a
    return switch(eq(a, 1), b, a)


def from_end(i: Int, n: Int) -> Int:
    """Return index `i` of an axis of length `n`, counted from the front (a negative one counts from the end)."""
    if isinstance(i, int):
        return i if i >= 0 else add(n, i)
    return either(lt(i, 0), add(i, n), i)


def _clamped(bound: Int, n: Int, low: int) -> Int:
    """Bring a bound of a slice into ``low .. n + low`` (`low` is 0, or -1 for a reversing slice)."""
    if isinstance(bound, int):
        if bound >= 0:
            return 0 if bound == 0 and low == 0 else smaller(bound, add(n, low))
        return larger(add(n, bound), low)
    return either(lt(bound, 0), larger(add(bound, n), low), smaller(bound, add(n, low)))


def _rising(start: Int | None, stop: Int | None, step: Int, n: Int) -> tuple[Int, Int, Int]:
    first = 0 if start is None else _clamped(start, n, 0)
    end = n if stop is None else _clamped(stop, n, 0)
    if isinstance(start, int) and start < 0 and stop is None:
        span = smaller(n, -start)
    else:
        # a start beyond the end gives a negative span as well as a clamped one does
        span = subtract(end, start if isinstance(start, int) and start >= 0 else first)
    return first, end, _count(span, step, spans_axis=start in (None, 0) or (stop is None and _is_negative(start)))


def _falling(start: Int | None, stop: Int | None, step: Int, n: Int) -> tuple[Int, Int, Int]:
    first = subtract(n, 1) if start is None else _clamped(start, n, -1)
    end = -1 if stop is None else _clamped(stop, n, -1)
    if start is None and stop is None:
        span = n
    elif isinstance(start, int) and start >= 0 and stop is None:
        span = smaller(start + 1, n)
    else:
        span = subtract(first, end)
    return first, end, _count(span, step, spans_axis=stop is None, rising=False)


def _is_negative(bound: Int | None) -> bool:
    return isinstance(bound, int) and bound < 0


def _count(span: Int, step: Int, spans_axis: bool, rising: bool = True) -> Int:
    """Count the steps that fit into `span`, the distance to go; `spans_axis` says that it can't be negative."""
    if isinstance(step, int) and step in (1, -1):
        count = span
    else:
        # not negating the step, whose negative may not be an int64
        count = add(floor_divide(subtract(span, 1) if rising else subtract(1, span), step), 1)
    return count if spans_axis else larger(count, 0)


def _resolve(theslice: slice, length: Any) -> tuple[Int, Int, Int, Int]:
    """Return first index, end (exclusive, in the direction of the step), step and count."""
    expect(theslice, slice, "the slice")
    n = as_int(length)
    parts = (theslice.start, theslice.stop, theslice.step)
    start, stop, step = (None if part is None else as_int(part) for part in parts)
    if step is None:
        step = 1
    if isinstance(step, int):
        if step == 0:
            raise ValueError("slice step cannot be zero")
        first, end, count = _rising(start, stop, step, n) if step > 0 else _falling(start, stop, step, n)
        return first, end, step, count
    up = _rising(start, stop, step, n)
    if _is_unsigned(theslice.step):
        return up[0], up[1], step, up[2]
    down = _falling(start, stop, step, n)
    reversing = lt(step, 0)
    first, end, count = (either(reversing, b, a) for a, b in zip(up, down))
    return first, end, step, count


def _is_unsigned(x: Any) -> bool:
    return isinstance(x, Variable) and np.dtype(getattr(x.type, "dtype", "int64")).kind == "u"


def slice_geometry(theslice: slice, length: Any) -> SliceGeometry:
    """Return which elements a slice takes of an axis.

    Parameters
    ----------
    theslice : slice
        Its parts are None, ints, or integer scalar variables; of any sign, inside the axis or not.
    length : int or Variable
        The length of the axis.

    Raises
    ------
    ValueError
        If the step is known to be zero.

    Examples
    --------
    >>> slice_geometry(slice(None, None, -2), 5)
    SliceGeometry(first=4, step=-2, count=3)
    """
    first, _, step, count = _resolve(theslice, length)
    return SliceGeometry(first, step, count)


def slice_len(slc: slice, n: Any) -> Int:
    """Return how many elements a slice takes of an axis of length `n`."""
    return slice_geometry(slc, n).count


def static_slice_len(slc: slice, n: int | None) -> int | None:
    """Return how many elements a slice takes of an axis of length `n`, or None if that isn't known."""
    parts = (slc.start, slc.stop, slc.step)
    known = [None if part is None else known_int(part) for part in parts]
    if any(value is None and part is not None for value, part in zip(known, parts)):
        return None
    if n is not None:
        return len(range(*slice(*known).indices(n)))
    start, stop, step = known
    if start is None and (step is None or step > 0):
        start = 0
    # where both count from the same end, they may leave nothing whatever the length
    if start is not None and stop is not None and (start >= 0) == (stop >= 0):
        nothing = start >= stop if step is None or step > 0 else start <= stop
        return 0 if nothing else None
    return None


def range_len(slc: slice) -> Int:
    """Return the length of ``range(slc.start, slc.stop, slc.step)``."""
    expect(slc, slice, "slc")
    start = 0 if slc.start is None else as_int(slc.start)
    step = 1 if slc.step is None else as_int(slc.step)
    stop = as_int(slc.stop)
    if isinstance(step, int):
        if step == 0:
            raise ValueError("range() arg 3 must not be zero")
        if step > 0:
            return _count(subtract(stop, start), step, spans_axis=False)
        return _count(subtract(start, stop), step, spans_axis=False, rising=False)
    up = _count(subtract(stop, start), step, spans_axis=False)
    down = _count(subtract(start, stop), step, spans_axis=False, rising=False)
    return either(lt(step, 0), down, up)


def get_canonical_form_slice(theslice: slice | Variable | int, length: Any) -> tuple[slice | Int, Int]:
    """Return a slice with ``0 <= start <= stop <= length`` and a positive step, and its direction.

    Parameters
    ----------
    theslice : slice, int or Variable
        What indexes the axis.
    length : int or Variable
        The length of the axis.

    Returns
    -------
    slice or Int
        The canonical slice; for an integer index, that index counted from the front.
    direction : int or Variable
        1, or -1 if the slice reverses. Then its elements are
        ``stop - 1, stop - 1 - step, ...``, down to `start`: in both cases ``x[theslice]`` is
        ``x[canonical][::direction]``.

    Raises
    ------
    ValueError
        If the step is known to be zero.
    """
    if not isinstance(theslice, slice):
        return from_end(as_int(theslice), as_int(length)), 1
    first, end, step, count = _resolve(theslice, length)
    if (isinstance(step, int) and step > 0) or _is_unsigned(theslice.step):
        return slice(first, larger(first, end), step), 1
    stop = add(first, 1)
    if isinstance(step, int):
        if step == -1:
            lowest = 0 if end == -1 else smaller(add(end, 1), stop)
        else:
            lowest = smaller(_last(first, step, count), stop)
        return slice(lowest, stop, -step), -1
    reversing = lt(step, 0)
    return (
        slice(
            either(reversing, smaller(_last(first, step, count), stop), first),
            either(reversing, stop, larger(first, end)),
            either(reversing, subtract(0, step), step),
        ),
        either(reversing, -1, 1),
    )


def _last(first: Int, step: Int, count: Int) -> Int:
    return add(first, subtract(count, 1) * step)
