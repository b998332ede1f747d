"""Means, variances and their kin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from aesaralite.graph.arguments import as_flag
from aesaralite.graph.variable import Variable
from aesaralite.scalar.dtypes import is_complex, is_discrete, real_dtype, upcast
from aesaralite.tensor.convert import as_tensor_variable, literal
from aesaralite.tensor.joining import concatenate, stack
from aesaralite.tensor.pointwise import cast, conj, exp, gt, isnan, log, lt, real, sqrt, sub, switch
from aesaralite.tensor.products import dot
from aesaralite.tensor.reduction import any as any_of
from aesaralite.tensor.reduction import check_and_normalize_axes, makeKeepDims
from aesaralite.tensor.reduction import max as maximum_of
from aesaralite.tensor.reduction import min as minimum_of
from aesaralite.tensor.reduction import sum as sum_of
from aesaralite.tensor.reshaping import reshape
from aesaralite.tensor.shaping import shape_tuple
from aesaralite.tensor.sorting import sort
from aesaralite.tensor.static import Tensor, dtype_name


def _count(x: Tensor, axis: Any, dtype: str) -> Tensor:
    """Return the number of elements along axes, in a float dtype that a sum of `dtype` is divided in."""
    axes = range(x.type.ndim) if axis is None else check_and_normalize_axes(x, axis)
    count: Any = literal(1, "int64")
    for position, i in enumerate(axes):
        size = shape_tuple(x)[i]
        count = size if position == 0 else count * size
    return cast(count, "float32" if dtype in ("float16", "float32", "complex64") else "float64")


def mean(
    input: Any, axis: Any = None, dtype: Any = None, op: bool = False, keepdims: bool = False, acc_dtype: Any = None
) -> Tensor:
    """Compute the mean of elements.

    Parameters
    ----------
    input : tensor_like
        The elements.
    axis : int, sequence of int or None
        The axes along which they are taken together; None for all.
    dtype : str, optional
        The dtype to add up in. By default the input's; integers and bool have a mean of float64.
    op : bool
        Not looked at; there is one way to compute a mean.
    keepdims : bool
        Whether the removed axes stay, with size 1.
    acc_dtype : str, optional
        See `aesaralite.tensor.sum`.
    """
    x = as_tensor_variable(input)
    result_dtype = x.type.dtype if dtype is None else dtype_name(dtype)
    sum_dtype = None if dtype is None else result_dtype
    if result_dtype == "float16":
        # a sum of float16 would overflow, and one of 64-bit integers would wrap around
        sum_dtype = "float32"
    elif dtype is None and is_discrete(result_dtype):
        sum_dtype, acc_dtype = "float64", "float64" if acc_dtype is None else acc_dtype
    total = sum_of(x, axis=axis, dtype=sum_dtype, keepdims=keepdims, acc_dtype=acc_dtype)
    result = total / _count(x, axis, total.type.dtype)
    if result_dtype == "float16":
        result = cast(result, "float16")
    result.name = "mean"
    return result


def var(input: Any, axis: Any = None, ddof: int = 0, keepdims: bool = False, corrected: bool = False) -> Tensor:
    """Compute the variance of elements.

    Parameters
    ----------
    input, axis, keepdims
        As for `mean`.
    ddof : int
        Delta degrees of freedom: the squares are divided by the number of elements less `ddof`.
    corrected : bool
        Whether to take the error of the computed mean into account.
    """
    x = as_tensor_variable(input)
    centered = x - mean(x, axis=axis, keepdims=True)
    if is_complex(centered.type.dtype):
        squares = real(centered * conj(centered))
    else:
        squares = centered**2
    if _is_zero(ddof):
        result = mean(squares, axis=axis, keepdims=keepdims)
    else:
        result = sum_of(squares, axis=axis, keepdims=keepdims)
        result = result / sub(_count(x, axis, squares.type.dtype), ddof)
    if as_flag(corrected, "corrected"):
        error = mean(centered, axis=axis, keepdims=keepdims)
        result = result - (real(error * conj(error)) if is_complex(error.type.dtype) else error**2)
    expected = real_dtype(x.type.dtype)
    if expected == "float16":
        result = cast(result, expected)
    result.name = "var"
    return result


def _is_zero(ddof: Any) -> bool:
    return not isinstance(ddof, Variable) and np.ndim(ddof) == 0 and bool(ddof == 0)


def std(input: Any, axis: Any = None, ddof: int = 0, keepdims: bool = False, corrected: bool = False) -> Tensor:
    """Compute the standard deviation, the square root of `var`; parameters are the same."""
    result = sqrt(var(input, axis=axis, ddof=ddof, keepdims=keepdims, corrected=corrected))
    result.name = "std"
    return result


def ptp(a: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    """Compute the difference of the largest and the smallest element (peak to peak).

    Parameters
    ----------
    a : tensor_like
        The elements.
    axis, keepdims
        As for `mean`.
    """
    a = as_tensor_variable(a)
    return maximum_of(a, axis, keepdims) - minimum_of(a, axis, keepdims)


def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    """Compute the logarithm of the sum of the exponentials.

    Written as it reads; rewriting makes it safe against overflow.

    Parameters
    ----------
    x : tensor_like
        The exponents.
    axis, keepdims
        As for `mean`.
    """
    return log(sum_of(exp(x), axis=axis, keepdims=keepdims))


def median(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    """Compute the median. NaN among the elements gives NaN.

    Parameters
    ----------
    x : tensor_like
        The elements.
    axis, keepdims
        As for `mean`.
    """
    x = as_tensor_variable(x)
    axes = list(range(x.type.ndim)) if axis is None else check_and_normalize_axes(x, axis)
    kept = [i for i in range(x.type.ndim) if i not in axes]
    sizes = shape_tuple(x)
    count = _count(x, axes, "float64")
    length = cast(count, "int64")
    flat = reshape(x.dimshuffle([*kept, *axes]), [*(sizes[i] for i in kept), length])
    ordered = sort(flat, axis=-1)
    low, high = ordered[..., (length - 1) // 2], ordered[..., length // 2]
    result = mean(stack([low, high]), axis=0)
    if not is_discrete(x.type.dtype):
        result = switch(any_of(isnan(flat), axis=-1), np.nan, result)
    return makeKeepDims(x, result, axes) if keepdims else result


def largest(*args: Any) -> Tensor:
    """Return the elementwise largest of the arguments."""
    return _select(args, gt, maximum_of)


def smallest(*args: Any) -> Tensor:
    """Return the elementwise smallest of the arguments."""
    return _select(args, lt, minimum_of)


def _select(args: Sequence[Any], better: Any, reduce: Any) -> Tensor:
    if not args:
        raise ValueError("At least one argument is needed")
    if len(args) == 2:
        a, b = args
        return switch(better(a, b), a, b)
    return reduce(stack(list(args)), axis=0)


def cov(
    m: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
    fweights: Any = None,
    aweights: Any = None,
) -> Tensor:
    """Estimate the matrix of covariances, as ``numpy.cov`` does.

    Parameters
    ----------
    m : vector_like or matrix_like
        A row for each quantity, a column for each observation.
    y : vector_like or matrix_like, optional
        More quantities.
    rowvar : bool
        Whether rows are quantities; otherwise columns are.
    bias : bool
        Whether to divide by the number of observations, instead of one less.
    ddof : int, optional
        Divide by the number of observations less this; goes before `bias`.
    fweights, aweights : vector_like, optional
        How often each observation was made, and how much it counts.
    """
    if ddof is not None and ddof != int(ddof):
        raise ValueError(f"ddof must be an integer; got {ddof}")
    x = _rows(m, rowvar)
    if y is not None:
        x = concatenate([x, _rows(y, rowvar)], axis=0)
    if ddof is None:
        ddof = 0 if bias else 1
    weights = None
    if fweights is not None:
        weights = as_tensor_variable(fweights)
        if not is_discrete(weights.type.dtype):
            raise TypeError(f"fweights must be integers; got {weights} of dtype {weights.type.dtype}")
    if aweights is not None:
        observation = as_tensor_variable(aweights)
        weights = observation if weights is None else weights * observation
    if weights is None:
        average = mean(x, axis=1, keepdims=True)
        factor = shape_tuple(x)[1] - ddof
        weighted = None
    else:
        total = sum_of(weights)
        average = sum_of(x * weights, axis=1, keepdims=True) / total
        if _is_zero(ddof):
            factor = total
        elif aweights is None:
            factor = total - ddof
        else:
            factor = total - ddof * sum_of(weights * as_tensor_variable(aweights)) / total
        weighted = weights
    centered = x - average
    other = centered if weighted is None else centered * weighted
    other = other.dimshuffle(1, 0)
    result = dot(centered, conj(other) if is_complex(other.type.dtype) else other)
    return (result / factor).squeeze()


def _rows(m: Any, rowvar: bool) -> Tensor:
    m = as_tensor_variable(m)
    m = cast(m, upcast(m.type.dtype, "float64"))
    if m.type.ndim > 2:
        raise ValueError(f"cov takes vectors and matrices; {m} has {m.type.ndim} dimensions")
    if m.type.ndim == 0:
        return m.dimshuffle("x", "x")
    if m.type.ndim == 1:
        return m.dimshuffle("x", 0)
    return m if as_flag(rowvar, "rowvar") or m.type.shape[0] == 1 else m.dimshuffle(1, 0)
