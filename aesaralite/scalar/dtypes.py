"""The dtypes, and how they combine."""

from __future__ import annotations

from functools import cache

import numpy as np

from aesaralite.configdefaults import config
from aesaralite.graph.arguments import described, expect

bool_dtypes = ("bool",)
int_dtypes = ("int8", "int16", "int32", "int64")
uint_dtypes = ("uint8", "uint16", "uint32", "uint64")
integer_dtypes = int_dtypes + uint_dtypes
float_dtypes = ("float16", "float32", "float64")
complex_dtypes = ("complex64", "complex128")
discrete_dtypes = bool_dtypes + integer_dtypes
continuous_dtypes = float_dtypes + complex_dtypes
all_dtypes = discrete_dtypes + continuous_dtypes

_kinds = {name: np.dtype(name).kind for name in all_dtypes}

# small integers have few enough digits for float32
_float_of_integer = {
    "bool": "float32",
    "int8": "float32",
    "int16": "float32",
    "int32": "float64",
    "int64": "float64",
    "uint8": "float32",
    "uint16": "float32",
    "uint32": "float64",
    "uint64": "float64",
}

_real_of_complex = {"complex64": "float32", "complex128": "float64"}
_complex_of_real = {"float16": "complex64", "float32": "complex64", "float64": "complex128"}


def normalize_dtype(dtype: object) -> str:
    """Return the name of a dtype that tensors can have.

    Parameters
    ----------
    dtype : str, numpy.dtype or type
        ``"floatX"`` stands for the flag of that name.

    Raises
    ------
    TypeError
        If it's no dtype, or one that isn't supported.
    """
    if isinstance(dtype, str):
        if dtype in _kinds:
            return dtype
        if dtype == "floatX":
            return config.floatX
    if dtype is None:
        raise TypeError("A dtype is needed, got None")
    try:
        name = np.dtype(dtype).name  # type: ignore[call-overload]
    except (TypeError, ValueError) as error:
        raise TypeError(f"{dtype!r} is not a dtype") from error
    if name not in _kinds:
        raise TypeError(f"Unsupported dtype: {name}. Supported are {', '.join(all_dtypes)}")
    return name


@cache
def upcast(dtype: str, *dtypes: str) -> str:
    """Return the smallest dtype that holds the values of all given ones, as NumPy does for arrays."""
    result = np.result_type(np.dtype(dtype), *map(np.dtype, dtypes)).name
    if result not in _kinds:
        raise TypeError(f"No supported dtype holds the values of {', '.join((dtype, *dtypes))}")
    return result


def as_float_dtype(dtype: str) -> str:
    """Return the dtype itself if it's continuous, else the float dtype in which functions of it are computed."""
    return _float_of_integer.get(expect(dtype, str, "a dtype"), dtype)


def real_dtype(dtype: str) -> str:
    """Return the dtype of the real part."""
    return _real_of_complex.get(expect(dtype, str, "a dtype"), dtype)


def complex_dtype(dtype: str) -> str:
    """Return the complex dtype whose parts hold values of a dtype."""
    dtype = as_float_dtype(dtype)
    return _complex_of_real.get(dtype, dtype)


def is_discrete(dtype: str) -> bool:
    """Whether it's bool or an integer dtype."""
    return dtype in discrete_dtypes


def is_complex(dtype: str) -> bool:
    """Whether it's a complex dtype."""
    return dtype in complex_dtypes


# Python numbers are weak: they take the dtype of what they are combined with (NEP 50)

_WEAK_TYPES = (int, float, complex, bool)

# The widest integer dtype that, combined with the key, still gives the key. A literal keeps an integer
# dtype where it can, so that 2 stays 2 in print and x ** 2 stays an integer power.
_integer_beside = {
    "bool": "int64",
    "float16": "int8",
    "float32": "int16",
    "float64": "int64",
    "complex64": "int16",
    "complex128": "int64",
}


def is_weak(value: object) -> bool:
    """Whether a value is a Python number; NumPy's scalars are not weak."""
    return type(value) in _WEAK_TYPES


def strong_dtype(value: bool | int | float | complex) -> str:
    """Return the dtype of a Python number that stands alone.

    Raises
    ------
    OverflowError
        If an integer fits no dtype.
    """
    kind = type(value)
    if kind is bool:
        return "bool"
    if kind is float:
        return config.floatX
    if kind is complex:
        return "complex128"
    if kind is not int:
        raise TypeError(f"A Python number is needed, got {described(value)}")
    for dtype in ("int64", "uint64"):
        if _fits(value, dtype):  # type: ignore[arg-type]
            return dtype
    raise OverflowError(f"The integer {value} is too large for every integer dtype")


def weak_dtype(value: bool | int | float | complex, reference: str, may_widen: bool = False) -> str:
    """Return the dtype of a Python number that is combined with others.

    Parameters
    ----------
    value : bool, int, float or complex
        The number.
    reference : str
        The dtype to which the others combine.
    may_widen : bool
        Whether an integer that `reference` doesn't hold is given a larger dtype (as comparisons may).

    Raises
    ------
    OverflowError
        If an integer doesn't fit into `reference`.
    """
    kind = type(value)
    expect(reference, str, "reference")
    if kind is bool:
        return "bool"
    if kind is int:
        dtype = _integer_beside.get(reference, reference)
        if _fits(value, dtype):  # type: ignore[arg-type]
            return dtype
        if reference not in discrete_dtypes:
            return reference
        if may_widen:
            return strong_dtype(value)
        raise OverflowError(
            f"The Python integer {value} is out of bounds for {dtype}. "
            f"Give it a dtype that holds it, for instance numpy.int64({value}), or cast the other operands"
        )
    if reference in discrete_dtypes:
        reference = config.floatX
    if kind is complex:
        return complex_dtype(reference)
    return real_dtype(reference)


@cache
def _integer_range(dtype: str) -> tuple[int, int]:
    info = np.iinfo(dtype)
    return int(info.min), int(info.max)


def _fits(value: int, dtype: str) -> bool:
    low, high = _integer_range(dtype)
    return low <= value <= high
