"""Evenly spaced numbers between two ends, and grids of them."""

from __future__ import annotations

from typing import Any

from aesaralite.configdefaults import config
from aesaralite.graph.arguments import as_flag
from aesaralite.scalar import upcast
from aesaralite.tensor.convert import as_tensor_variable
from aesaralite.tensor.creation import alloc, arange
from aesaralite.tensor.pointwise import abs as absolute
from aesaralite.tensor.pointwise import cast, eq, log, maximum, sgn, switch
from aesaralite.tensor.pointwise import pow as power
from aesaralite.tensor.reshaping import shape_padright
from aesaralite.tensor.shaping import shape_tuple
from aesaralite.tensor.static import Tensor, as_size, dtype_name


def linspace(start: Any, end: Any, steps: Any = 50, endpoint: bool = True, dtype: Any = None) -> Tensor:
    """Return evenly spaced numbers between two ends.

    Parameters
    ----------
    start, end : tensor_like
        The ends. Arrays give as many sequences, along a new first dimension.
    steps : int or scalar variable
        How many numbers.
    endpoint : bool
        Whether `end` is the last of them.
    dtype : str, optional
        By default a float dtype that holds the ends; ``config.floatX`` for integers.

    Examples
    --------
    >>> import aesaralite.tensor as at
    >>> at.linspace(0, 1, 5).eval()
    array([0.  , 0.25, 0.5 , 0.75, 1.  ])
    """
    start, end, computed = _ends(start, end)
    steps = as_size(steps, "number of steps")
    endpoint = as_flag(endpoint, "endpoint")
    intervals = maximum(steps - 1 if endpoint else steps, 1)
    index = arange(steps)
    position = _along_first(index, start, end)
    numbers = start + cast(position, computed) * ((end - start) / cast(intervals, computed))
    if endpoint:
        # rounding must not move the end; a single number is the start
        numbers = switch(eq(position, steps - 1) & ~eq(steps, 1), end, numbers)
    return cast(numbers, computed if dtype is None else dtype_name(dtype))


def _ends(start: Any, end: Any) -> tuple[Tensor, Tensor, str]:
    values = [as_tensor_variable(value) for value in (start, end)]
    dtype = upcast(*(value.type.dtype for value in values))
    if not dtype.startswith(("float", "complex")):
        dtype = config.floatX
    return cast(values[0], dtype), cast(values[1], dtype), dtype


def _along_first(index: Tensor, start: Tensor, end: Tensor) -> Tensor:
    return shape_padright(index, max(start.type.ndim, end.type.ndim))


def logspace(
    start: Any, end: Any, steps: Any = 50, base: Any = 10.0, endpoint: bool = True, dtype: Any = None
) -> Tensor:
    """Return numbers whose logarithms are evenly spaced.

    Parameters
    ----------
    start, end : tensor_like
        The logarithms of the ends.
    steps, endpoint, dtype
        As for `linspace`.
    base : number or scalar variable
        The base of the logarithms.
    """
    exponents = linspace(start, end, steps, endpoint=endpoint)
    numbers = power(base, exponents)
    return numbers if dtype is None else cast(numbers, dtype_name(dtype))


def geomspace(
    start: Any, end: Any, steps: Any = 50, base: Any = 10.0, endpoint: bool = True, dtype: Any = None
) -> Tensor:
    """Return numbers that form a geometric progression.

    Parameters
    ----------
    start, end : tensor_like
        The ends, which have the same sign and aren't zero.
    steps, endpoint, dtype
        As for `linspace`.
    base : number
        The base of the logarithms that are computed with; the result doesn't depend on it.
    """
    start, end, computed = _ends(start, end)
    steps = as_size(steps, "number of steps")
    endpoint = as_flag(endpoint, "endpoint")
    scale = log(base)
    exponents = linspace(log(absolute(start)) / scale, log(absolute(end)) / scale, steps, endpoint=endpoint)
    numbers = sgn(start) * power(base, exponents)
    position = _along_first(arange(steps), start, end)
    numbers = switch(eq(position, 0), start, numbers)
    if endpoint:
        numbers = switch(eq(position, steps - 1) & ~eq(steps, 1), end, numbers)
    return cast(numbers, computed if dtype is None else dtype_name(dtype))


class _Grid:
    """Indexed with slices, gives the coordinates of a grid's points, one array for each slice.

    Parameters
    ----------
    dense : bool
        Whether the arrays have the grid's shape, or sizes of 1 along the others' dimensions.
    """

    def __init__(self, dense: bool):
        self.dense = dense

    def __getitem__(self, slices: slice | tuple[slice, ...]) -> Any:
        if not isinstance(slices, tuple):
            return self._range(slices)
        ranges = [self._range(entry) for entry in slices]
        ndim = len(ranges)
        grids = [points.dimshuffle([0 if j == i else "x" for j in range(ndim)]) for i, points in enumerate(ranges)]
        if not self.dense:
            return grids
        dtype = upcast(*(points.type.dtype for points in ranges))
        shape = [shape_tuple(points)[0] for points in ranges]
        return [alloc(cast(grid, dtype), *shape) for grid in grids]

    @staticmethod
    def _range(entry: slice) -> Tensor:
        if not isinstance(entry, slice) or entry.stop is None:
            raise ValueError(f"A grid is indexed with slices that have a stop; got {entry!r}")
        if isinstance(entry.step, complex):
            return linspace(0 if entry.start is None else entry.start, entry.stop, int(abs(entry.step)))
        return arange(0 if entry.start is None else entry.start, entry.stop, 1 if entry.step is None else entry.step)


mgrid = _Grid(dense=True)
ogrid = _Grid(dense=False)
