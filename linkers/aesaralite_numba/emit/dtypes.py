"""NumPy's dtypes as LLVM types.

In a register a bool is ``i1`` and a complex number a pair; in memory a bool is ``i8``.
"""

from __future__ import annotations

from typing import Any

import llvmlite.ir as ir

#: A value, and a type, of llvmlite's; its annotations don't tell their classes apart.
Register = Any
Kind = Any

I1 = ir.IntType(1)
I8 = ir.IntType(8)
I32 = ir.IntType(32)
I64 = ir.IntType(64)
PTR = I8.as_pointer()
F32 = ir.FloatType()
F64 = ir.DoubleType()
F16 = ir.HalfType()
VOID = ir.VoidType()

_FLOATS = {"float16": F16, "float32": F32, "float64": F64}
_COMPLEX = {"complex64": "float32", "complex128": "float64"}
_WIDTH = {
    "int8": 8, "int16": 16, "int32": 32, "int64": 64, "uint8": 8, "uint16": 16, "uint32": 32, "uint64": 64,
}  # fmt: skip
ITEMSIZE = {
    "bool": 1, "int8": 1, "uint8": 1, "int16": 2, "uint16": 2, "float16": 2, "int32": 4, "uint32": 4, "float32": 4,
    "int64": 8, "uint64": 8, "float64": 8, "complex64": 8, "complex128": 16,
}  # fmt: skip


def is_float(dtype: str) -> bool:
    return dtype in _FLOATS


def is_complex(dtype: str) -> bool:
    return dtype in _COMPLEX


def is_integer(dtype: str) -> bool:
    return dtype in _WIDTH


def is_signed(dtype: str) -> bool:
    return dtype.startswith("int")


def real_dtype(dtype: str) -> str:
    """The dtype of the parts of a complex dtype."""
    return _COMPLEX[dtype]


def register_type(dtype: str) -> Kind:
    if dtype == "bool":
        return I1
    if dtype in _WIDTH:
        return ir.IntType(_WIDTH[dtype])
    if dtype in _FLOATS:
        return _FLOATS[dtype]
    part = _FLOATS[_COMPLEX[dtype]]
    return ir.LiteralStructType((part, part))


def memory_type(dtype: str) -> Kind:
    return I8 if dtype == "bool" else register_type(dtype)


def constant(value: Any, dtype: str) -> ir.Constant:
    """A number as an LLVM constant of `dtype` in a register."""
    kind = register_type(dtype)
    if dtype in _COMPLEX:
        part = _FLOATS[_COMPLEX[dtype]]
        value = complex(value)
        return ir.Constant(kind, (ir.Constant(part, value.real), ir.Constant(part, value.imag)))
    if dtype in _FLOATS:
        return ir.Constant(kind, float(value))
    if dtype == "bool":
        return ir.Constant(kind, int(bool(value)))
    return ir.Constant(kind, int(value))


def load(builder: ir.IRBuilder, pointer: Register, dtype: str) -> Register:
    value = builder.load(pointer, align=_alignment(dtype))
    return builder.icmp_unsigned("!=", value, I8(0)) if dtype == "bool" else value


def store(builder: ir.IRBuilder, value: Register, pointer: Register, dtype: str) -> None:
    if dtype == "bool":
        value = builder.zext(value, I8)
    builder.store(value, pointer, align=_alignment(dtype))


def _alignment(dtype: str) -> int:
    size = ITEMSIZE[dtype]
    return size // 2 if dtype in _COMPLEX else size
