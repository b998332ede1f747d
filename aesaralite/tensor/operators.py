"""Python's operators and NumPy's functions, on tensor variables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import numpy as np

from aesaralite.errors import ComplexError
from aesaralite.scalar.comparison import FixedLogicalComparison, InRange, LogicalComparison
from aesaralite.tensor import pointwise, products
from aesaralite.tensor.elementwise import Elemwise
from aesaralite.tensor.numpy_functions import call_with_variables

_QUESTIONS = (LogicalComparison, FixedLogicalComparison, InRange)


class PythonOperators:
    """What Python and NumPy call when a tensor variable is an operand."""

    type: Any
    name: str | None
    owner: Any

    # ahead of NumPy's arrays, also for those who don't know __array_ufunc__
    __array_priority__ = 1000

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        """Build the graph of a NumPy or SciPy function that is called with a variable."""
        function = products.matmul if ufunc is np.matmul else getattr(pointwise, ufunc.__name__, None)
        if function is None or method != "__call__" or kwargs:
            return NotImplemented
        return function(*inputs)

    def __array_function__(
        self, function: Callable[..., Any], types: Any, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> Any:
        """Build the graph of a NumPy function that is no ufunc."""
        return call_with_variables(function, args, kwargs)

    def __abs__(self) -> Any:
        return pointwise.abs(self)

    def __neg__(self) -> Any:
        return pointwise.neg(self)

    def __pos__(self) -> Any:
        return self

    def __invert__(self) -> Any:
        return pointwise.invert(self)

    def __lt__(self, other: Any) -> Any:
        return _binary(pointwise.lt, self, other)

    def __le__(self, other: Any) -> Any:
        return _binary(pointwise.le, self, other)

    def __gt__(self, other: Any) -> Any:
        return _binary(pointwise.gt, self, other)

    def __ge__(self, other: Any) -> Any:
        return _binary(pointwise.ge, self, other)

    def __and__(self, other: Any) -> Any:
        return _binary(pointwise.and_, self, other)

    def __or__(self, other: Any) -> Any:
        return _binary(pointwise.or_, self, other)

    def __xor__(self, other: Any) -> Any:
        return _binary(pointwise.xor, self, other)

    def __rand__(self, other: Any) -> Any:
        return _binary(pointwise.and_, other, self)

    def __ror__(self, other: Any) -> Any:
        return _binary(pointwise.or_, other, self)

    def __rxor__(self, other: Any) -> Any:
        return _binary(pointwise.xor, other, self)

    def __lshift__(self, other: Any) -> Any:
        return _binary(pointwise.left_shift, self, other)

    def __rshift__(self, other: Any) -> Any:
        return _binary(pointwise.right_shift, self, other)

    def __rlshift__(self, other: Any) -> Any:
        return _binary(pointwise.left_shift, other, self)

    def __rrshift__(self, other: Any) -> Any:
        return _binary(pointwise.right_shift, other, self)

    def __add__(self, other: Any) -> Any:
        return _binary(pointwise.add, self, other)

    def __sub__(self, other: Any) -> Any:
        return _binary(pointwise.sub, self, other)

    def __mul__(self, other: Any) -> Any:
        return _binary(pointwise.mul, self, other)

    def __truediv__(self, other: Any) -> Any:
        return _binary(pointwise.true_div, self, other)

    def __floordiv__(self, other: Any) -> Any:
        return _binary(pointwise.floor_divide, self, other)

    def __mod__(self, other: Any) -> Any:
        return _binary(pointwise.mod, self, other)

    def __divmod__(self, other: Any) -> Any:
        return _binary(pointwise.divmod, self, other)

    def __pow__(self, other: Any, modulus: None = None) -> Any:
        if modulus is not None:
            raise TypeError("pow() with three arguments is not supported for tensors")
        return _binary(pointwise.pow, self, other)

    def __radd__(self, other: Any) -> Any:
        return _binary(pointwise.add, other, self)

    def __rsub__(self, other: Any) -> Any:
        return _binary(pointwise.sub, other, self)

    def __rmul__(self, other: Any) -> Any:
        return _binary(pointwise.mul, other, self)

    def __rtruediv__(self, other: Any) -> Any:
        return _binary(pointwise.true_div, other, self)

    def __rfloordiv__(self, other: Any) -> Any:
        return _binary(pointwise.floor_divide, other, self)

    def __rmod__(self, other: Any) -> Any:
        return _binary(pointwise.mod, other, self)

    def __rdivmod__(self, other: Any) -> Any:
        return _binary(pointwise.divmod, other, self)

    def __rpow__(self, other: Any) -> Any:
        return _binary(pointwise.pow, other, self)

    def __matmul__(self, other: Any) -> Any:
        return _binary(products.matmul, self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return _binary(products.matmul, other, self)

    def __dot__(self, other: Any) -> Any:
        return products.dense_dot(self, other)

    def __rdot__(self, other: Any) -> Any:
        return products.dense_dot(other, self)

    def __ceil__(self) -> Any:
        return pointwise.ceil(self)

    def __floor__(self) -> Any:
        return pointwise.floor(self)

    def __trunc__(self) -> Any:
        return pointwise.trunc(self)

    def __round__(self, ndigits: int | None = None) -> Any:
        if ndigits is not None:
            raise TypeError("Tensors are rounded to whole numbers only")
        return pointwise.round(self)

    def __bool__(self) -> bool:
        # code asks `if variable:` to find out whether there is one; a comparison is meant as a question
        op = None if self.owner is None else self.owner.op
        if isinstance(op, Elemwise) and isinstance(op.scalar_op, _QUESTIONS):
            raise TypeError(
                f"Variables do not support boolean operations: the truth of {self} is not known before it is computed. "
                "Use switch, ifelse, or and_, or_ and invert"
            )
        return True

    def __float__(self) -> NoReturn:
        raise TypeError(f"The variable {self} has no value that could become a Python number; see eval")

    __int__ = __complex__ = __float__


def _binary(function: Any, x: Any, y: Any) -> Any:
    """Return what a function gives, or NotImplemented if an operand is nothing for a tensor."""
    try:
        return function(x, y)
    except ComplexError:
        raise
    except NotImplementedError:
        return NotImplemented
