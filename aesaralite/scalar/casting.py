"""Conversion from one dtype to another."""

from __future__ import annotations

from typing import Any

import numpy as np

from aesaralite.graph.null_type import DisconnectedType, NullType
from aesaralite.scalar.convert import as_scalar
from aesaralite.scalar.dtypes import all_dtypes, is_complex, is_discrete, normalize_dtype
from aesaralite.scalar.op import UnaryScalarOp, float_zeros
from aesaralite.scalar.output_types import specific_out
from aesaralite.scalar.type import ScalarType, get_scalar_type


class Cast(UnaryScalarOp):
    """The number in another dtype, as NumPy's ``astype`` gives it.

    Parameters
    ----------
    o_type : ScalarType
        The type of the result.
    name : str, optional
        How it's printed.
    """

    __props__ = ("o_type",)

    def __init__(self, o_type: ScalarType, name: str | None = None):
        super().__init__(specific_out(o_type), name=name)
        self.o_type = o_type

    def compute(self, x: Any) -> Any:
        x = np.asarray(x)
        if x.dtype.kind == "c" and not is_complex(self.o_type.dtype) and self.o_type.dtype != "bool":
            x = x.real
        return x.astype(self.o_type.numpy_dtype)

    def L_op(self, inputs: Any, outputs: Any, output_gradients: Any) -> Any:
        (x,), (g,) = inputs, output_gradients
        if isinstance(g.type, NullType | DisconnectedType):
            return [g.type()]
        if is_discrete(self.o_type.dtype):
            return [float_zeros(x)]
        if is_discrete(x.type.dtype):
            return [g]
        if is_complex(g.type.dtype) and not is_complex(x.type.dtype):
            g = g.real
        return [g.astype(x.type.dtype)]

    def __str__(self) -> str:
        return self.name or f"Cast{{{self.o_type.dtype}}}"


_casts = {dtype: Cast(get_scalar_type(dtype), name=f"Cast{{{dtype}}}") for dtype in all_dtypes}

convert_to_bool = _casts["bool"]
convert_to_int8 = _casts["int8"]
convert_to_int16 = _casts["int16"]
convert_to_int32 = _casts["int32"]
convert_to_int64 = _casts["int64"]
convert_to_uint8 = _casts["uint8"]
convert_to_uint16 = _casts["uint16"]
convert_to_uint32 = _casts["uint32"]
convert_to_uint64 = _casts["uint64"]
convert_to_float16 = _casts["float16"]
convert_to_float32 = _casts["float32"]
convert_to_float64 = _casts["float64"]
convert_to_complex64 = _casts["complex64"]
convert_to_complex128 = _casts["complex128"]


def cast_op(dtype: str) -> Cast:
    """Return the Op that casts to a dtype."""
    return _casts[normalize_dtype(dtype)]


def cast(x: Any, dtype: str) -> Any:
    """Return a scalar in a dtype; itself if it has that dtype already.

    Parameters
    ----------
    x : number or ScalarVariable
        What to cast.
    dtype : str
        The dtype, or ``"floatX"``.
    """
    x = as_scalar(x)
    dtype = normalize_dtype(dtype)
    return x if x.type.dtype == dtype else _casts[dtype](x)
