"""How scalar operations are computed on whole arrays with NumPy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

ArrayFunction = Callable[..., list[Any]]


def with_dtype(function: Callable[..., Any], out_dtypes: tuple[str, ...]) -> ArrayFunction:
    """Return `function` with results in given dtypes, as a list."""
    dtypes = [np.dtype(dtype) for dtype in out_dtypes]

    if len(dtypes) == 1:
        (dtype,) = dtypes

        def single(*arrays: Any) -> list[Any]:
            result = function(*arrays)
            return [result if getattr(result, "dtype", None) == dtype else np.asarray(result).astype(dtype)]

        return single

    def several(*arrays: Any) -> list[Any]:
        return [
            np.asarray(result).astype(dtype, copy=False)
            for result, dtype in zip(function(*arrays), dtypes, strict=True)
        ]

    return several


def fold(ufunc: Callable[..., Any], arrays: Sequence[Any], **kwargs: Any) -> Any:
    """Combine any number of arrays with a function of two."""
    if len(arrays) == 1:
        return ufunc(arrays[0], **kwargs) if getattr(ufunc, "nin", 2) == 1 else np.array(arrays[0], **kwargs)
    result = ufunc(arrays[0], arrays[1], **kwargs)
    for array in arrays[2:]:
        result = ufunc(result, array, **kwargs)
    return result


def adapt_ufunc(
    ufunc: Callable[..., Any], in_dtypes: tuple[str, ...], out_dtypes: tuple[str, ...], variadic: bool
) -> ArrayFunction:
    """Return a function that computes a NumPy function in the dtype of its result.

    Parameters
    ----------
    ufunc : callable
        A ufunc, or another function of arrays.
    in_dtypes, out_dtypes : tuple of str
        The dtypes that arrays have, and that results must have.
    variadic : bool
        Whether a function of two arrays is to combine any number of them.
    """
    if not isinstance(ufunc, np.ufunc) or len(out_dtypes) != ufunc.nout:
        return with_dtype(ufunc, out_dtypes)
    dtypes = [np.dtype(dtype) for dtype in in_dtypes]
    out_dtype = np.dtype(out_dtypes[0])
    if variadic:
        # computed in the dtype of the result throughout, so that no step overflows in a smaller one
        return lambda *arrays: [fold(ufunc, arrays, dtype=out_dtype)]
    if ufunc.nout > 1:
        return with_dtype(ufunc, out_dtypes)
    if _loop_dtype(ufunc, dtypes, None) == out_dtypes[0]:
        return lambda *arrays: [ufunc(*arrays)]
    if _loop_dtype(ufunc, dtypes, out_dtype) == out_dtypes[0]:
        return lambda *arrays: [ufunc(*arrays, dtype=out_dtype)]
    return with_dtype(ufunc, out_dtypes)


def _loop_dtype(ufunc: np.ufunc, dtypes: list[np.dtype], out_dtype: np.dtype | None) -> str | None:
    """Return the name of the dtype that NumPy gives, None if it has no loop."""
    signature = None if out_dtype is None else (None,) * ufunc.nin + (out_dtype,)
    try:
        return ufunc.resolve_dtypes((*dtypes, None), signature=signature)[-1].name
    except TypeError:
        return None


def per_element(function: Callable[..., Any], out_dtypes: tuple[str, ...]) -> ArrayFunction:
    """Return a function that calls `function` on each element."""

    def loop(*arrays: Any) -> list[Any]:
        shape = np.broadcast_shapes(*[np.shape(array) for array in arrays])
        columns = [np.broadcast_to(array, shape).flat for array in arrays]
        results = [np.empty(shape, dtype) for dtype in out_dtypes]
        flats = [result.reshape(-1) for result in results]
        for i, values in enumerate(zip(*columns)):
            value = function(*values)
            for flat, element in zip(flats, (value,) if len(flats) == 1 else value, strict=True):
                flat[i] = element
        return results

    return loop
