"""The types of scalars."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from aesaralite.configdefaults import config
from aesaralite.graph.arguments import expect
from aesaralite.graph.type import HasDataType, HasShape, Type
from aesaralite.scalar.dtypes import (
    all_dtypes,
    complex_dtypes,
    continuous_dtypes,
    discrete_dtypes,
    float_dtypes,
    int_dtypes,
    integer_dtypes,
    normalize_dtype,
    uint_dtypes,
    upcast,
)


class ScalarType(Type, HasDataType, HasShape):
    """The type of one number.

    Scalars are what the Ops inside an `Elemwise` work on. Users of tensors meet them seldom: a
    tensor without dimensions is not a scalar in this sense.

    Parameters
    ----------
    dtype : str
        The name of the dtype, or ``"floatX"``.
    """

    __props__ = ("dtype",)

    ndim = 0
    shape: tuple[int | None, ...] = ()
    broadcastable: tuple[bool, ...] = ()

    def __init__(self, dtype: str):
        self.dtype = normalize_dtype(dtype)
        self.numpy_dtype = np.dtype(self.dtype)

    def clone(self, dtype: str | None = None, **kwargs: Any) -> ScalarType:
        """Return the type of another dtype."""
        return get_scalar_type(self.dtype if dtype is None else dtype)

    def filter(self, data: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """Return `data` as a NumPy scalar of this dtype.

        Raises
        ------
        TypeError
            If it's no number, or not one that this dtype holds exactly (a Python float goes into
            the dtype ``floatX`` rounded, unless `allow_downcast` is false).
        """
        kind = self.numpy_dtype.type
        if isinstance(data, kind):
            return data
        if strict:
            raise TypeError(f"{self} expected a {kind.__name__}, got {data!r} of type {type(data).__name__}")
        try:
            array = np.asarray(data)
        except (TypeError, ValueError) as error:
            raise TypeError(f"{self} needs a number, got {data!r} of type {type(data).__name__}") from error
        if array.ndim != 0 or array.dtype.kind not in "biufc":
            raise TypeError(f"{self} needs one number, got {data!r} of type {type(data).__name__}")
        if allow_downcast or upcast(self.dtype, array.dtype.name) == self.dtype:
            return array.astype(self.numpy_dtype)[()]
        if allow_downcast is None and type(data) is float and self.dtype == config.floatX:
            return kind(data)
        # complex numbers can't be compared after a lossy cast without a warning of NumPy's
        if array.dtype.kind == "c" and self.dtype not in complex_dtypes:
            converted = None
        else:
            with np.errstate(all="ignore"):
                converted = array.astype(self.numpy_dtype)
        if converted is None or not (converted == array or (converted != converted and array != array)):
            raise TypeError(
                f"{self} cannot store accurately value {data}, it would be represented as {converted}. "
                "Cast the value explicitly, or allow the loss with allow_downcast=True"
            )
        return converted[()]

    @classmethod
    def values_eq(cls, a: Any, b: Any) -> bool:
        return bool(a == b) or bool(a != a and b != b)

    @classmethod
    def values_eq_approx(cls, a: Any, b: Any, tolerance: float = 1e-4) -> bool:
        if a == b or (a != a and b != b):
            return True
        return bool(abs(a - b) <= abs(a) * tolerance + abs(b) * tolerance)

    def dtype_specs(self) -> tuple[type, str, str]:
        """Return the Python type, the name that C compilers know, and the NumPy name of the values."""
        kind = {"b": int, "i": int, "u": int, "f": float, "c": complex}[self.numpy_dtype.kind]
        return kind, f"npy_{self.dtype}", self.numpy_dtype.type.__name__

    def upcast(self, *others: ScalarType) -> str:
        """Return the dtype that holds the values of this and other types."""
        return upcast_type(self, *others).dtype

    def __str__(self) -> str:
        return str(self.dtype)

    def __repr__(self) -> str:
        return f"ScalarType({self.dtype})"


@cache
def _scalar_type(dtype: str) -> ScalarType:
    return ScalarType(dtype)


def get_scalar_type(dtype: str) -> ScalarType:
    """Return the one `ScalarType` of a dtype.

    Parameters
    ----------
    dtype : str
        The name of the dtype, or ``"floatX"``.
    """
    return _scalar_type(normalize_dtype(dtype))


bool_type = get_scalar_type("bool")
int_types = tuple(map(get_scalar_type, int_dtypes))
uint_types = tuple(map(get_scalar_type, uint_dtypes))
integer_types = tuple(map(get_scalar_type, integer_dtypes))
discrete_types = tuple(map(get_scalar_type, discrete_dtypes))
float_types = tuple(map(get_scalar_type, float_dtypes))
complex_types = tuple(map(get_scalar_type, complex_dtypes))
continuous_types = tuple(map(get_scalar_type, continuous_dtypes))
all_types = tuple(map(get_scalar_type, all_dtypes))


def upcast_type(*types: ScalarType) -> ScalarType:
    """Return the type that holds the values of all given types."""
    return get_scalar_type(upcast(*(expect(type, ScalarType, "a type to upcast").dtype for type in types)))
