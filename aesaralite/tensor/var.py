"""Tensor variables: what users add, index and call methods of."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any, NoReturn

import numpy as np

from aesaralite.graph.arguments import is_one_of
from aesaralite.graph.basic import Constant, Variable
from aesaralite.scalar.convert import as_scalar
from aesaralite.tensor import (
    convert,
    creation,
    cumulative,
    diagonals,
    extras,
    indexing,
    nonzeros,
    pointwise,
    products,
    reduction,
    reshaping,
    shaping,
    sorting,
    static,
    statistics,
)
from aesaralite.tensor.dimshuffle import DimShuffle
from aesaralite.tensor.operators import PythonOperators
from aesaralite.tensor.tensor_type import TensorType

# constants of up to this many bytes are compared byte by byte, larger ones by a digest
_SMALL = 256


class _tensor_py_operators(PythonOperators):
    """Python's operators and NumPy's methods, on tensor variables."""

    # Indexing

    def __getitem__(self, args: Any) -> Any:
        return indexing.getitem(self, args)

    def __setitem__(self, args: Any, value: Any) -> NoReturn:
        raise TypeError(
            f"Symbolic tensors are not changed in place ({self}). "
            "x = set_subtensor(x[idx], y) gives one with another part, inc_subtensor(x[idx], y) one with y added there"
        )

    def __iter__(self) -> Iterator[Any]:
        try:
            length = shaping.get_vector_length(self) if self.type.ndim == 1 else self.type.shape[0]
        except (ValueError, IndexError):
            length = None
        if length is None:
            raise TypeError(
                f"Iteration over {self} of type {self.type} is not possible: its length isn't known before the run. "
                "Did you mean the sum or max of aesaralite.tensor, and not Python's? A loop is written with scan"
            )
        return (self[i] for i in range(length))

    def set(self: Any, y: Any, **kwargs: Any) -> Any:
        """Return the tensor that this is a part of, with the part replaced: ``x[idx].set(y)``."""
        return indexing.set_subtensor(self, y, **kwargs)

    def inc(self: Any, y: Any, **kwargs: Any) -> Any:
        """Return the tensor that this is a part of, with `y` added to the part: ``x[idx].inc(y)``."""
        return indexing.inc_subtensor(self, y, **kwargs)

    def take(self, indices: Any, axis: int | None = None, mode: str = "raise") -> Any:
        """Return the elements, or the slices along an axis, that `indices` name."""
        return indexing.take(self, indices, axis, mode)

    def choose(self, choices: Any, mode: str = "raise") -> Any:
        """Return elements of the `choices`, numbered by this tensor."""
        return indexing.choose(self, choices, mode)

    def nonzero(self, return_matrix: bool = False) -> Any:
        """Return the indices of the elements that are not zero."""
        return nonzeros.nonzero(self, return_matrix)

    def nonzero_values(self) -> Any:
        """Return the elements that are not zero."""
        return nonzeros.nonzero_values(self)

    # What it is

    @property
    def dtype(self) -> str:
        """The dtype."""
        return self.type.dtype

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return self.type.ndim

    @property
    def broadcastable(self) -> tuple[bool, ...]:
        """Which dimensions are known to have the size 1."""
        return self.type.broadcastable

    @property
    def shape(self) -> Any:
        """The shape: a vector of int64."""
        return shaping.shape(self)

    def shape_i(self, axis: int) -> Any:
        """Return the size of one dimension, as a 0-d int64."""
        return shaping.shape_i(self, axis)

    @property
    def size(self) -> Any:
        """The number of elements."""
        if self.ndim == 1:
            return self.shape[0]
        return reduction.prod(self.shape)

    def get_scalar_constant_value(self) -> np.ndarray:
        """Return the value of every element, if it is known while the graph is built."""
        return static.get_scalar_constant_value(self)

    # Shape

    @property
    def T(self) -> Any:
        """The tensor with its dimensions in reverse order."""
        return reshaping.transpose(self)

    @property
    def mT(self) -> Any:
        """The tensor with its last two dimensions exchanged."""
        return reshaping.swapaxes(self, -1, -2)

    def transpose(self, *axes: Any) -> Any:
        """Return the tensor with its dimensions in another order; the reverse one by default."""
        if not axes:
            return reshaping.transpose(self)
        if len(axes) == 1 and (axes[0] is None or isinstance(axes[0], list | tuple)):
            return reshaping.transpose(self, axes[0])
        return reshaping.transpose(self, axes)

    def dimshuffle(self, *pattern: Any) -> Any:
        """Return the tensor with its dimensions in another order, new ones of size 1, and without some of size 1.

        Parameters
        ----------
        *pattern : int or "x"
            For each dimension of the result, the one of this tensor that it is, or ``"x"`` for a new one. May be given
            as one list or tuple.
        """
        if len(pattern) == 1 and isinstance(pattern[0], list | tuple):
            pattern = tuple(pattern[0])
        return DimShuffle(self.type.broadcastable, pattern)(self)

    def reshape(self, shape: Any, *more: Any, ndim: int | None = None) -> Any:
        """Return the elements in another shape: ``x.reshape((2, -1))`` or ``x.reshape(2, -1)``.

        Parameters
        ----------
        shape : sequence of int or variable, or vector variable
            The shape; one size may be -1.
        *more : int or scalar variable
            Further sizes, where they are given one by one.
        ndim : int, optional
            The number of dimensions, where `shape` is a vector of unknown length.
        """
        is_whole = isinstance(shape, list | tuple) or getattr(shape, "ndim", 0) == 1
        if not is_whole:
            shape = (shape, *more)
        elif more:
            (ndim,) = more
        return reshaping.reshape(self, shape, ndim)

    def flatten(self, ndim: int = 1) -> Any:
        """Return the elements with all dimensions from the one numbered ``ndim - 1`` on made one."""
        return reshaping.flatten(self, ndim)

    def ravel(self) -> Any:
        """Return the elements as a vector."""
        return reshaping.flatten(self)

    def squeeze(self, axis: Any = None) -> Any:
        """Return the tensor without dimensions of size 1."""
        return reshaping.squeeze(self, axis)

    def swapaxes(self, axis1: int, axis2: int) -> Any:
        """Return the tensor with two dimensions exchanged."""
        return reshaping.swapaxes(self, axis1, axis2)

    def specify_shape(self, shape: Any) -> Any:
        """Return the tensor with a static shape, which is checked at run time."""
        return shaping.specify_shape(self, shape)

    # Copies and conversions

    def astype(self, dtype: Any) -> Any:
        """Return the tensor in another dtype."""
        return pointwise.cast(self, dtype)

    def copy(self, name: str | None = None) -> Any:
        """Return a copy, perhaps with a name."""
        copied = pointwise.tensor_copy(self)
        copied.name = name
        return copied

    def transfer(self, target: Any) -> Any:
        """Return the tensor on a device; there is only the processor."""
        if not is_one_of(target, ("cpu", None)):
            raise ValueError(f"Tensors can't be transferred to {target!r}: there is only 'cpu'")
        return self

    def zeros_like(self, dtype: Any = None) -> Any:
        """Return zeros in the shape of this tensor."""
        return creation.zeros_like(self, dtype)

    def ones_like(self, dtype: Any = None) -> Any:
        """Return ones in the shape of this tensor."""
        return creation.ones_like(self, dtype)

    def fill(self, value: Any) -> Any:
        """Return a tensor of this shape that holds a value."""
        return pointwise.fill(self, value)

    # Elementwise functions

    def arccos(self) -> Any:
        """Return the inverse of the cosine."""
        return pointwise.arccos(self)

    def arccosh(self) -> Any:
        """Return the inverse of the hyperbolic cosine."""
        return pointwise.arccosh(self)

    def arcsin(self) -> Any:
        """Return the inverse of the sine."""
        return pointwise.arcsin(self)

    def arcsinh(self) -> Any:
        """Return the inverse of the hyperbolic sine."""
        return pointwise.arcsinh(self)

    def arctan(self) -> Any:
        """Return the inverse of the tangent."""
        return pointwise.arctan(self)

    def arctanh(self) -> Any:
        """Return the inverse of the hyperbolic tangent."""
        return pointwise.arctanh(self)

    def ceil(self) -> Any:
        """Return the smallest whole numbers that aren't smaller."""
        return pointwise.ceil(self)

    def clip(self, a_min: Any, a_max: Any) -> Any:
        """Return the elements, with those beyond a bound replaced by the bound."""
        return pointwise.clip(self, a_min, a_max)

    def conj(self) -> Any:
        """Return the complex conjugate."""
        return pointwise.conj(self)

    conjugate = conj

    def cos(self) -> Any:
        """Return the cosine."""
        return pointwise.cos(self)

    def cosh(self) -> Any:
        """Return the hyperbolic cosine."""
        return pointwise.cosh(self)

    def deg2rad(self) -> Any:
        """Return angles given in degrees, in radians."""
        return pointwise.deg2rad(self)

    def exp(self) -> Any:
        """Return the exponential."""
        return pointwise.exp(self)

    def exp2(self) -> Any:
        """Return two to the power of this."""
        return pointwise.exp2(self)

    def expm1(self) -> Any:
        """Return the exponential minus one."""
        return pointwise.expm1(self)

    def floor(self) -> Any:
        """Return the largest whole numbers that aren't larger."""
        return pointwise.floor(self)

    def log(self) -> Any:
        """Return the natural logarithm."""
        return pointwise.log(self)

    def log10(self) -> Any:
        """Return the logarithm to base 10."""
        return pointwise.log10(self)

    def log1p(self) -> Any:
        """Return the logarithm of one plus this."""
        return pointwise.log1p(self)

    def log2(self) -> Any:
        """Return the logarithm to base 2."""
        return pointwise.log2(self)

    def rad2deg(self) -> Any:
        """Return angles given in radians, in degrees."""
        return pointwise.rad2deg(self)

    @property
    def real(self) -> Any:
        """The real part."""
        return pointwise.real(self)

    @property
    def imag(self) -> Any:
        """The imaginary part."""
        return pointwise.imag(self)

    def round(self, mode: str | None = None) -> Any:
        """Return the nearest whole numbers."""
        return pointwise.round(self, mode)

    def sin(self) -> Any:
        """Return the sine."""
        return pointwise.sin(self)

    def sinh(self) -> Any:
        """Return the hyperbolic sine."""
        return pointwise.sinh(self)

    def sqrt(self) -> Any:
        """Return the square root."""
        return pointwise.sqrt(self)

    def tan(self) -> Any:
        """Return the tangent."""
        return pointwise.tan(self)

    def tanh(self) -> Any:
        """Return the hyperbolic tangent."""
        return pointwise.tanh(self)

    def trunc(self) -> Any:
        """Return the whole numbers next to these, towards zero."""
        return pointwise.trunc(self)

    # Reductions, products and orders

    def all(self, axis: Any = None, keepdims: bool = False) -> Any:
        """Return whether all elements are true."""
        return reduction.all(self, axis, keepdims)

    def any(self, axis: Any = None, keepdims: bool = False) -> Any:
        """Return whether any element is true."""
        return reduction.any(self, axis, keepdims)

    def sum(self, axis: Any = None, dtype: Any = None, keepdims: bool = False, acc_dtype: Any = None) -> Any:
        """Return the sum."""
        return reduction.sum(self, axis=axis, dtype=dtype, keepdims=keepdims, acc_dtype=acc_dtype)

    def prod(self, axis: Any = None, dtype: Any = None, keepdims: bool = False, acc_dtype: Any = None) -> Any:
        """Return the product."""
        return reduction.prod(self, axis=axis, dtype=dtype, keepdims=keepdims, acc_dtype=acc_dtype)

    def mean(self, axis: Any = None, dtype: Any = None, keepdims: bool = False, acc_dtype: Any = None) -> Any:
        """Return the mean."""
        return statistics.mean(self, axis=axis, dtype=dtype, keepdims=keepdims, acc_dtype=acc_dtype)

    def var(self, axis: Any = None, ddof: int = 0, keepdims: bool = False, corrected: bool = False) -> Any:
        """Return the variance."""
        return statistics.var(self, axis=axis, ddof=ddof, keepdims=keepdims, corrected=corrected)

    def std(self, axis: Any = None, ddof: int = 0, keepdims: bool = False, corrected: bool = False) -> Any:
        """Return the standard deviation."""
        return statistics.std(self, axis=axis, ddof=ddof, keepdims=keepdims, corrected=corrected)

    def min(self, axis: Any = None, keepdims: bool = False) -> Any:
        """Return the smallest element."""
        return reduction.min(self, axis, keepdims=keepdims)

    def max(self, axis: Any = None, keepdims: bool = False) -> Any:
        """Return the largest element."""
        return reduction.max(self, axis, keepdims=keepdims)

    def argmin(self, axis: Any = None, keepdims: bool = False) -> Any:
        """Return the index of the smallest element."""
        return reduction.argmin(self, axis, keepdims=keepdims)

    def argmax(self, axis: Any = None, keepdims: bool = False) -> Any:
        """Return the index of the largest element."""
        return reduction.argmax(self, axis, keepdims=keepdims)

    def ptp(self, axis: Any = None) -> Any:
        """Return the difference of the largest and the smallest element."""
        return statistics.ptp(self, axis)

    def norm(self, L: Any, axis: Any = None, keepdims: bool = False) -> Any:
        """Return the norm of order `L`: the root of the sum of powers; 0 and infinity as limits.

        Raises
        ------
        NotImplementedError
            If the tensor has no dimensions.
        """
        if self.ndim == 0:
            raise NotImplementedError("A tensor without dimensions has no norm")
        if L == 0:
            return pointwise.neq(self, 0).sum(axis=axis, keepdims=keepdims)
        size = pointwise.abs(self)
        if np.inf == L:
            return size.max(axis=axis, keepdims=keepdims)
        if -np.inf == L:
            return size.min(axis=axis, keepdims=keepdims)
        return (size**L).sum(axis=axis, keepdims=keepdims) ** (1.0 / L)

    def cumsum(self, axis: int | None = None) -> Any:
        """Return the sums of the elements up to each one."""
        return cumulative.cumsum(self, axis)

    def cumprod(self, axis: int | None = None) -> Any:
        """Return the products of the elements up to each one."""
        return cumulative.cumprod(self, axis)

    def diagonal(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
        """Return a diagonal of the first two, or of other, dimensions."""
        return diagonals.diagonal(self, offset, axis1, axis2)

    def trace(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
        """Return the sum of a diagonal."""
        return diagonals.trace(self, offset, axis1, axis2)

    def repeat(self, repeats: Any, axis: int | None = None) -> Any:
        """Return the elements, each repeated."""
        return extras.repeat(self, repeats, axis)

    def searchsorted(self, v: Any, side: str = "left", sorter: Any = None) -> Any:
        """Return where values belong in this sorted vector."""
        return extras.searchsorted(self, v, side, sorter)

    def compress(self, condition: Any, axis: int | None = None) -> Any:
        """Return the elements, or the slices along an axis, where a condition holds, as an array's method does."""
        return extras.compress(condition, self, axis)

    def dot(self, other: Any) -> Any:
        """Return the matrix product."""
        return products.dense_dot(self, other)

    def sort(self, axis: Any = -1, kind: str = "quicksort", order: Any = None) -> Any:
        """Return the elements in ascending order along an axis."""
        return sorting.sort(self, axis, kind, order)

    def argsort(self, axis: Any = -1, kind: str = "quicksort", order: Any = None) -> Any:
        """Return the indices that put the elements in ascending order."""
        return sorting.argsort(self, axis, kind, order)


@as_scalar.register(_tensor_py_operators)
def _as_scalar_tensor(x: Any, name: str | None = None) -> Any:
    return shaping.scalar_from_tensor(x)


class TensorVariable(_tensor_py_operators, Variable):
    """An array that isn't known yet."""


class TensorConstant(_tensor_py_operators, Constant):
    """An array that is known."""

    def __init__(self, type: TensorType, data: Any, name: str | None = None):
        super().__init__(type, data, name)
        if None in type.shape:
            # the value says what the type left open
            self.type = type.clone(shape=self.data.shape)

    def signature(self) -> Any:
        """Return what two constants that are the same have in common: the type and the bytes."""
        signature = self.__dict__.get("_signature")
        if signature is None:
            content = np.ascontiguousarray(self.data).tobytes()
            if len(content) > _SMALL:
                content = blake2b(content, digest_size=16).digest()
            signature = self._signature = (self.type, content)
        return signature

    @property
    def unique_value(self) -> Any:
        """The value of every element as a 0-d array, or None if there are several or none."""
        data = self.data
        if data.size == 0:
            return None
        first = data.reshape(-1)[:1]
        same = data == first[0]
        if first.dtype.kind in "fc":
            # bytes tell 0.0 from -0.0
            same = same & (np.signbit(data.real) == np.signbit(first[0].real))
        return first.reshape(()) if np.all(same) else None

    def equals(self, other: Any) -> bool:
        if isinstance(other, list | tuple | int | float | np.ndarray | np.generic):
            other = convert.constant(other)
        return isinstance(other, TensorConstant) and self.signature() == other.signature()

    def __str__(self) -> str:
        value = self.unique_value if self.data.ndim and self.data.size > 1 else None
        if value is not None:
            text = f"{self.data.shape} of {value}"
        else:
            text = str(self.data)
            if len(text) > 20:
                text = f"{text[:10].strip()}..{text[-10:].strip()}"
        return f"{'TensorConstant' if self.name is None else self.name}{{{text}}}"

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        state.pop("_signature", None)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self.data.flags.writeable = False


TensorType.variable_type = TensorVariable
TensorType.constant_type = TensorConstant
