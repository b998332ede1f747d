"""Variables that stand for one number."""

from __future__ import annotations

from typing import Any

import numpy as np

from aesaralite.graph.basic import Constant, Variable
from aesaralite.scalar import arithmetic, bitwise, comparison, complex_numbers, rounding
from aesaralite.scalar.casting import cast
from aesaralite.scalar.convert import constant
from aesaralite.scalar.selection import second
from aesaralite.scalar.type import ScalarType


class _scalar_py_operators:
    """Python's operators, on scalar variables."""

    __array_ufunc__ = None
    __array_priority__ = 1000

    type: Any
    ndim = 0

    @property
    def dtype(self) -> str:
        """The dtype."""
        return self.type.dtype

    def __abs__(self) -> Any:
        return arithmetic.abs(self)

    def __neg__(self) -> Any:
        return arithmetic.neg(self)

    def __pos__(self) -> Any:
        return self

    def __bool__(self) -> bool:
        raise TypeError(f"The truth of the symbolic variable {self} is not known before it is computed; use switch")

    def __invert__(self) -> Any:
        return bitwise.invert(self)

    def __lt__(self, other: Any) -> Any:
        return comparison.lt(self, other)

    def __le__(self, other: Any) -> Any:
        return comparison.le(self, other)

    def __gt__(self, other: Any) -> Any:
        return comparison.gt(self, other)

    def __ge__(self, other: Any) -> Any:
        return comparison.ge(self, other)

    def __and__(self, other: Any) -> Any:
        return bitwise.and_(self, other)

    def __or__(self, other: Any) -> Any:
        return bitwise.or_(self, other)

    def __xor__(self, other: Any) -> Any:
        return bitwise.xor(self, other)

    def __lshift__(self, other: Any) -> Any:
        return bitwise.left_shift(self, other)

    def __rshift__(self, other: Any) -> Any:
        return bitwise.right_shift(self, other)

    def __add__(self, other: Any) -> Any:
        return arithmetic.add(self, other)

    def __sub__(self, other: Any) -> Any:
        return arithmetic.sub(self, other)

    def __mul__(self, other: Any) -> Any:
        return arithmetic.mul(self, other)

    def __truediv__(self, other: Any) -> Any:
        return arithmetic.true_div(self, other)

    def __floordiv__(self, other: Any) -> Any:
        return arithmetic.int_div(self, other)

    def __mod__(self, other: Any) -> Any:
        return arithmetic.mod(self, other)

    def __pow__(self, other: Any) -> Any:
        return arithmetic.pow(self, other)

    def __radd__(self, other: Any) -> Any:
        return arithmetic.add(other, self)

    def __rsub__(self, other: Any) -> Any:
        return arithmetic.sub(other, self)

    def __rmul__(self, other: Any) -> Any:
        return arithmetic.mul(other, self)

    def __rtruediv__(self, other: Any) -> Any:
        return arithmetic.true_div(other, self)

    def __rfloordiv__(self, other: Any) -> Any:
        return arithmetic.int_div(other, self)

    def __rmod__(self, other: Any) -> Any:
        return arithmetic.mod(other, self)

    def __rpow__(self, other: Any) -> Any:
        return arithmetic.pow(other, self)

    def __rand__(self, other: Any) -> Any:
        return bitwise.and_(other, self)

    def __ror__(self, other: Any) -> Any:
        return bitwise.or_(other, self)

    def __rxor__(self, other: Any) -> Any:
        return bitwise.xor(other, self)

    def __ceil__(self) -> Any:
        return rounding.ceil(self)

    def __floor__(self) -> Any:
        return rounding.floor(self)

    def __trunc__(self) -> Any:
        return rounding.trunc(self)

    def astype(self, dtype: str) -> Any:
        """Return the number in another dtype."""
        return cast(self, dtype)

    def conj(self) -> Any:
        """Return the complex conjugate."""
        return complex_numbers.conj(self)

    conjugate = conj

    @property
    def real(self) -> Any:
        """The real part."""
        return complex_numbers.real(self)

    @property
    def imag(self) -> Any:
        """The imaginary part."""
        return complex_numbers.imag(self)

    def zeros_like(self, dtype: str | None = None) -> Any:
        """Return a zero that depends on this variable by its place only."""
        return second(self, constant(0, dtype=self.type.dtype if dtype is None else dtype))

    def ones_like(self, dtype: str | None = None) -> Any:
        """Return a one that depends on this variable by its place only."""
        return second(self, constant(1, dtype=self.type.dtype if dtype is None else dtype))


class ScalarVariable(_scalar_py_operators, Variable):
    """A number that isn't known yet."""


class ScalarConstant(_scalar_py_operators, Constant):
    """A number that is known."""

    def signature(self) -> Any:
        # bytes tell 0.0 from -0.0, and find a NaN equal to itself
        return self.type, np.asarray(self.data).tobytes()


ScalarType.variable_type = ScalarVariable
ScalarType.constant_type = ScalarConstant
