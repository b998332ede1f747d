"""The value that is written into an indexed part of an array: its dtype, its shape, its gradient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from aesaralite.configdefaults import config
from aesaralite.graph.basic import Constant, Variable
from aesaralite.tensor.convert import as_tensor_variable, constant
from aesaralite.tensor.elementwise import Elemwise
from aesaralite.tensor.pointwise import cast
from aesaralite.tensor.unbroadcasting import sum_to_like


def as_slot_value(y: Any, dtype: str) -> Variable:
    """Return `y` as a variable of the dtype of the array that it's written into.

    Python numbers take any dtype that can hold them. Other values may lose precision, but not their kind:
    an integer may go into an array of integers or floats, a float into one of floats or complex numbers.

    Raises
    ------
    TypeError
        If that would turn a complex number into a real one, a float into an integer, or a number into
        a boolean; or if a Python integer is out of the bounds of the dtype.
    """
    if type(y) in (bool, int, float, complex):
        return _python_number(y, dtype)
    y = as_tensor_variable(y)
    if y.type.dtype == dtype:
        return y
    if _kind(y.type.dtype) > _kind(dtype):
        raise TypeError(
            f"A value of dtype {y.type.dtype} ({y}) doesn't fit into an array of dtype {dtype}. "
            f"Allowed are values of the same kind or a lesser one (bool < integer < float < complex); "
            f"cast it first if that is meant: y.astype({dtype!r})"
        )
    if isinstance(y, Constant):
        return constant(y.data.astype(dtype))
    return cast(y, dtype)


def _kind(dtype: str) -> int:
    """Return the place of a dtype's kind among bool, integers, floats and complex numbers."""
    return {"b": 0, "i": 1, "u": 1, "f": 2, "c": 3}[np.dtype(dtype).kind]


def _python_number(y: bool | int | float | complex, dtype: str) -> Variable:
    target = np.dtype(dtype)
    try:
        value = target.type(y)
    except (TypeError, ValueError, OverflowError):  # 1j, NaN, 2**70
        value = None
    loses = value is None or (target.kind in "biu" and bool(value != y))
    if loses:
        raise TypeError(f"{y!r} can't be written into an array of dtype {dtype}, which doesn't hold this value")
    return constant(np.asarray(value, dtype=dtype))


def check_slot_shape(slot: Sequence[int | None], y: Any) -> None:
    """Raise ValueError if it's known that `y` doesn't broadcast to the shape of the part it's written into."""
    for size, wanted in zip(reversed(y.type.shape), reversed(tuple(slot))):
        if size not in (None, 1) and wanted is not None and size != wanted:
            raise ValueError(
                f"A value of shape {_shape_text(y.type.shape)} ({y}) can't be written into a part of shape "
                f"{_shape_text(slot)}: it doesn't broadcast to it"
            )


def _shape_text(shape: Sequence[int | None]) -> str:
    return f"({', '.join('?' if n is None else str(n) for n in shape)})"


def zero_gradient(x: Any) -> Variable:
    """Return the gradient with respect to an array of integers or booleans."""
    return x.zeros_like(dtype=config.floatX if x.type.numpy_dtype.kind in "biu" else None)


def gradient_of_slot_value(g: Any, y: Any) -> Variable:
    """Return the gradient with respect to the value, from that with respect to the part it was written into.

    Parameters
    ----------
    g : TensorVariable
        A gradient of the part's shape.
    y : TensorVariable
        The value, which broadcast to that shape.
    """
    surplus = g.type.ndim - y.type.ndim
    if surplus:
        g = g.sum(axis=tuple(range(surplus)))
    return sum_to_like(g, y, Elemwise)
