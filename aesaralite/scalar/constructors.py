"""Functions that make scalar variables, one for each dtype."""

from __future__ import annotations

from typing import Any

from aesaralite.scalar.dtypes import all_dtypes
from aesaralite.scalar.type import get_scalar_type

bool = get_scalar_type("bool")
int8 = get_scalar_type("int8")
int16 = get_scalar_type("int16")
int32 = get_scalar_type("int32")
int64 = get_scalar_type("int64")
uint8 = get_scalar_type("uint8")
uint16 = get_scalar_type("uint16")
uint32 = get_scalar_type("uint32")
uint64 = get_scalar_type("uint64")
float16 = get_scalar_type("float16")
float32 = get_scalar_type("float32")
float64 = get_scalar_type("float64")
complex64 = get_scalar_type("complex64")
complex128 = get_scalar_type("complex128")


def _plural(dtype: str) -> Any:
    def variables(*names: str | int) -> Any:
        if len(names) == 1 and isinstance(names[0], int):
            return [get_scalar_type(dtype)() for _ in range(names[0])]
        if len(names) == 1 and isinstance(names[0], str):
            names = tuple(names[0])
        made = [get_scalar_type(dtype).make_variable(str(name)) for name in names]
        return made[0] if len(made) == 1 else made

    variables.__name__ = variables.__qualname__ = f"{dtype}s"
    variables.__doc__ = f"""Return one {dtype} scalar variable for each name.

    A single text names one variable with each letter; a number gives as many variables without names.
    """
    return variables


plurals = {f"{dtype}s": _plural(dtype) for dtype in (*all_dtypes, "floatX")}
bools = plurals["bools"]
ints = plurals["int64s"]
floats = plurals["float64s"]
complexs = plurals["complex128s"]
