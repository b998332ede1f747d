"""How values become tensor variables."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, singledispatch
from typing import Any

import numpy as np

from aesaralite.graph.arguments import as_integer
from aesaralite.graph.basic import Apply, Constant, Variable
from aesaralite.scalar.dtypes import is_weak, normalize_dtype, strong_dtype
from aesaralite.tensor.dimshuffle import DimShuffle
from aesaralite.tensor.tensor_type import TensorType, tensor_type


def as_tensor_variable(x: Any, name: str | None = None, ndim: int | None = None, **kwargs: Any) -> Any:
    """Return `x` as a tensor variable.

    Parameters
    ----------
    x : Variable, Apply, array_like or nested sequence of these
        What to convert. A Python integer becomes int64, a float ``floatX``; arrays and NumPy's scalars keep
        their dtype.
    name : str, optional
        A name for a variable that is made.
    ndim : int, optional
        The wanted number of dimensions: dimensions of size 1 are put in front, or dropped there.

    Returns
    -------
    TensorVariable or TensorConstant

    Raises
    ------
    NotImplementedError
        If it can't be converted.
    TypeError
        If it's a Python bool, a shape that contains no numbers, or a variable that is no tensor.
    ValueError
        If it can't have `ndim` dimensions.
    """
    return _as_tensor_variable(x, name, None if ndim is None else as_integer(ndim, "ndim"), **kwargs)


as_tensor = as_tensor_variable


@singledispatch
def _as_tensor_variable(x: Any, name: str | None = None, ndim: int | None = None, **kwargs: Any) -> Any:
    """Convert a value; modules above register conversions of what they know."""
    if not is_weak(x) and not isinstance(x, range) and not hasattr(x, "__array__"):
        raise NotImplementedError(f"Cannot convert {x!r} of type {type(x).__name__} to a tensor variable")
    return constant(x, name=name, ndim=ndim, **kwargs)


@_as_tensor_variable.register(bool)
def _as_tensor_bool(x: bool, name: str | None = None, ndim: int | None = None, **kwargs: Any) -> Any:
    raise TypeError(
        "A bare True or False is not taken for a tensor: it mostly comes from comparing variables with ==, which asks "
        "whether they are the same object. Use eq(v, w) to compare values, or numpy.array(True) for a constant"
    )


@_as_tensor_variable.register(Apply)
def _as_tensor_apply(x: Apply, name: str | None = None, ndim: int | None = None, **kwargs: Any) -> Any:
    if len(x.outputs) != 1 and getattr(x.op, "default_output", None) is None:
        raise ValueError(
            f"The node {x} has {len(x.outputs)} outputs, and none of them is the default: choose one of its outputs"
        )
    return _as_tensor_variable(x.default_output(), name, ndim, **kwargs)


@_as_tensor_variable.register(Variable)
def _as_tensor_from_variable(x: Any, name: str | None = None, ndim: int | None = None, **kwargs: Any) -> Any:
    if not isinstance(x.type, TensorType):
        raise TypeError(f"The variable {x} of type {x.type} is not a tensor")
    if ndim is None or ndim == x.type.ndim:
        return x
    if x.type.ndim < ndim:
        return DimShuffle(x.type.broadcastable, ("x",) * (ndim - x.type.ndim) + tuple(range(x.type.ndim)))(x)
    surplus = x.type.ndim - ndim
    if not all(x.type.broadcastable[:surplus]):
        raise ValueError(
            f"Tensor of type {x.type} could not be cast to have {ndim} dimensions: "
            "only leading dimensions of size 1 can be dropped"
        )
    return DimShuffle(x.type.broadcastable, tuple(range(surplus, x.type.ndim)))(x)


@_as_tensor_variable.register(list)
@_as_tensor_variable.register(tuple)
def _as_tensor_sequence(x: Sequence[Any], name: str | None = None, ndim: int | None = None, **kwargs: Any) -> Any:
    if not holds_variables(x):
        return constant(x, name=name, ndim=ndim, **kwargs)
    variable = _as_tensor_variable(stack_sequence(x), None, ndim, **kwargs)
    if name is not None:
        variable.name = name
    return variable


def stack_sequence(x: Sequence[Any]) -> Any:
    """Return a nested sequence that holds variables as one tensor; see `register_stacking`."""
    if _stacking is None:
        raise NotImplementedError("Sequences of variables can be converted once aesaralite.tensor is imported")
    return _stacking(x)


_stacking: Any = None


def register_stacking(stack: Any) -> None:
    """Tell how a sequence of variables becomes one tensor.

    The Ops that put tensors together stand above this module, and need it.

    Parameters
    ----------
    stack : callable
        Takes a list or tuple and returns a tensor variable.
    """
    global _stacking
    _stacking = stack


def holds_variables(x: Any) -> bool:
    """Whether a nested list or tuple holds a variable or an Apply."""
    pending = [x]
    while pending:
        entry = pending.pop()
        if isinstance(entry, list | tuple):
            pending.extend(entry)
        elif isinstance(entry, Variable | Apply):
            return True
    return False


def constant(x: Any, name: str | None = None, ndim: int | None = None, dtype: Any = None) -> Any:
    """Return a tensor whose value is known.

    Parameters
    ----------
    x : array_like or TensorConstant
        The value, which is copied. A constant is returned as it is, if nothing else is asked for.
    name : str, optional
        A name for it.
    ndim : int, optional
        The number of dimensions: missing ones are put in front with size 1, surplus ones dropped there.
    dtype : str, optional
        The dtype. By default a Python integer has int64 and a float ``floatX``; arrays keep theirs.

    Returns
    -------
    TensorConstant

    Raises
    ------
    TypeError
        If it's a variable that isn't constant, or not numeric.
    ValueError
        If it can't have `ndim` dimensions.
    """
    if isinstance(x, Constant) and isinstance(x.type, TensorType):
        same = name is None and ndim in (None, x.type.ndim) and dtype in (None, x.type.dtype)
        return x if same else constant(x.data, name, ndim, dtype)
    if isinstance(x, Variable):
        raise TypeError(f"A constant is made from a value, got the variable {x}")
    if isinstance(x, np.ma.MaskedArray):
        raise TypeError("Masked arrays are not supported: their mask would be lost. Fill the array first")
    if dtype is None:
        dtype = strong_dtype(x) if is_weak(x) else None
    else:
        dtype = normalize_dtype(dtype)
    try:
        data = np.array(x, dtype=dtype, copy=True, order="K")
    except (TypeError, ValueError) as error:
        raise TypeError(f"Could not convert {x!r} to a TensorType: {error}") from error
    except OverflowError as error:
        raise OverflowError(f"{x!r} is out of the range of {dtype}") from error
    if data.dtype.kind not in "biufc":
        raise TypeError(
            f"Could not convert {x!r} to a TensorType: {type(x).__name__} of dtype {data.dtype} isn't numeric"
        )
    if dtype is None and data.dtype.kind == "f" and _is_python_data(x):
        # Python floats in lists are bare floats too
        dtype = strong_dtype(0.0)
        data = data.astype(dtype)
    if ndim is not None:
        if data.ndim < ndim:
            data = data.reshape((1,) * (ndim - data.ndim) + data.shape)
        elif data.ndim > ndim:
            surplus = data.ndim - ndim
            if any(size != 1 for size in data.shape[:surplus]):
                raise ValueError(f"A constant of shape {data.shape} can't have {ndim} dimensions")
            data = data.reshape(data.shape[surplus:])
    data = np.ascontiguousarray(data) if not data.flags.aligned else data
    # graphs share constants, so that nobody may change one
    data.flags.writeable = False
    return tensor_type(normalize_dtype(data.dtype), data.shape).make_constant(data, name=name)


def _is_python_data(x: Any) -> bool:
    """Whether a nested sequence holds no object that has a dtype."""
    pending = [x]
    while pending:
        entry = pending.pop()
        if isinstance(entry, list | tuple | range):
            pending.extend(entry)
        elif hasattr(entry, "dtype"):
            return False
    return True


def literal(value: Any, dtype: str) -> Any:
    """Return a 0-d constant for a number written in an expression, of a dtype chosen from its context."""
    # -0.0 equals 0.0, and True equals 1
    return _literal(value, type(value).__name__, str(value), dtype)


@lru_cache(maxsize=2048)
def _literal(value: Any, kind: str, text: str, dtype: str) -> Any:
    return constant(value, dtype=dtype)
