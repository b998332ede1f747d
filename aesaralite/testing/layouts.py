"""Arrays of the same values that lie differently in memory."""

from __future__ import annotations

import numpy as np

__all__ = ["FOREIGN", "LAYOUTS", "read_only", "with_layout", "with_strides"]

LAYOUTS = ("C", "F", "strided", "reversed", "offset", "padded", "readonly")
"""In C or Fortran order; every other element of a larger array; with a negative stride; beginning inside a larger
buffer; rows of a wider array; read-only."""

FOREIGN = ("unaligned",)
"""Layouts that no value of a tensor type has, so that functions refuse them: at an address that isn't a multiple of the
element's size."""


def with_layout(values: np.ndarray, layout: str) -> np.ndarray:
    """Return an array of the same values in one of `LAYOUTS`.

    Parameters
    ----------
    values : ndarray
        The values. They are copied.
    layout : str
        The layout; those in `FOREIGN` will do, too. Where one makes no sense, as for an array without dimensions, C
        order takes its place.

    Examples
    --------
    >>> import numpy as np
    >>> with_layout(np.ones((2, 3)), "reversed").strides
    (-24, 8)
    """
    if layout not in LAYOUTS + FOREIGN:
        raise ValueError(f"layout must be one of {LAYOUTS + FOREIGN}, got {layout!r}")
    values = np.asarray(values)
    if layout == "F":
        return np.array(values, order="F")
    if layout == "strided" and values.ndim:
        return np.repeat(values, 2, axis=-1)[..., ::2]
    if layout == "reversed" and values.ndim:
        return values[::-1].copy()[::-1]
    if layout == "offset" and values.ndim:
        return np.concatenate([values[:1], values], axis=0)[len(values[:1]) :]
    if layout == "padded" and values.ndim:
        wide = np.zeros((*values.shape[:-1], values.shape[-1] + 2), values.dtype)
        wide[..., 1:-1] = values
        return wide[..., 1:-1]
    if layout == "unaligned" and values.itemsize > 1:
        memory = np.zeros(values.nbytes + 1, "uint8")
        result = memory[1:].view(values.dtype).reshape(values.shape)
        result[...] = values
        return result
    if layout == "readonly":
        return read_only(np.array(values, order="C"))
    return np.array(values, order="C")


def with_strides(values: np.ndarray, strides: tuple[int, ...]) -> np.ndarray:
    """Return an array of the same values with the strides that are given, in memory of its own.

    Parameters
    ----------
    values : ndarray
        The values. Those that lie in the same place, as a stride of 0 makes them, must be equal.
    strides : tuple of int
        The strides, in bytes.

    Examples
    --------
    >>> import numpy as np
    >>> with_strides(np.ones((2, 3)), (8, 0)).strides
    (8, 0)
    """
    values = np.asarray(values)
    if not values.size:
        return np.ndarray(values.shape, values.dtype, buffer=np.empty(values.itemsize, "uint8"), strides=strides)
    ends = [(size - 1) * stride for size, stride in zip(values.shape, strides)]
    before, after = -sum(end for end in ends if end < 0), sum(end for end in ends if end > 0)
    memory = np.empty(before + after + values.itemsize, "uint8")
    result: np.ndarray = np.ndarray(values.shape, values.dtype, buffer=memory, offset=before, strides=strides)
    result[...] = values
    return result


def read_only(array: np.ndarray) -> np.ndarray:
    """Return the array, which can't be written into any more."""
    array.flags.writeable = False
    return array
