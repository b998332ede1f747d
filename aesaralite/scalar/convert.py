"""How values become scalar variables."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

import numpy as np

from aesaralite.graph.basic import Apply, Variable
from aesaralite.scalar.dtypes import is_weak, strong_dtype
from aesaralite.scalar.type import ScalarType, get_scalar_type


def constant(x: Any, name: str | None = None, dtype: str | None = None) -> Any:
    """Return a scalar constant.

    Parameters
    ----------
    x : number
        Its value.
    name : str, optional
        Its name.
    dtype : str, optional
        Its dtype. By default a Python float has dtype ``floatX``, a Python integer int64, and a NumPy scalar its own.

    Returns
    -------
    ScalarConstant
    """
    if dtype is None:
        dtype = strong_dtype(x) if is_weak(x) else np.asarray(x).dtype.name
    type = get_scalar_type(dtype)
    return type.make_constant(type.filter(x, allow_downcast=True), name=name)


def literal(value: Any, dtype: str) -> Any:
    """Return a constant for a number written in an expression, of a dtype chosen from its context."""
    return constant(value, dtype=dtype)


@singledispatch
def as_scalar(x: Any, name: str | None = None) -> Any:
    """Return `x` as a scalar variable.

    Parameters
    ----------
    x : number, ScalarVariable, Apply or other
        What to convert. Other floors register conversions of their variables.
    name : str, optional
        The name of a constant that is made.

    Raises
    ------
    TypeError
        If it can't be converted.
    """
    try:
        return constant(x, name=name)
    except (TypeError, ValueError) as error:
        raise TypeError(f"Cannot convert {x!r} of type {type(x).__name__} to a scalar") from error


@as_scalar.register(Apply)
def _as_scalar_apply(x: Apply, name: str | None = None) -> Any:
    return as_scalar(x.default_output(), name=name)


@as_scalar.register(Variable)
def _as_scalar_variable(x: Variable, name: str | None = None) -> Any:
    if not isinstance(x.type, ScalarType):
        raise TypeError(f"{x} of type {x.type} is not a scalar")
    return x


as_scalar_variable = as_scalar
