"""Reductions: Ops that fold a binary operation over axes, and the functions built of them."""

from __future__ import annotations

import math
import typing
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from aesaralite import scalar as aes
from aesaralite.configdefaults import config
from aesaralite.graph.arguments import as_flag, as_integer
from aesaralite.graph.basic import Apply
from aesaralite.graph.op import Op
from aesaralite.tensor.convert import as_tensor_variable
from aesaralite.tensor.pointwise import eq, neq, second, switch
from aesaralite.tensor.static import Tensor, dtype_name, is_discrete_type, normalize_axes
from aesaralite.tensor.tensor_type import tensor_type

Axis = int | Sequence[int] | None
Shapes = Sequence[typing.Any]

# the dtype that additions and multiplications of a dtype are carried out in, where it isn't itself
_ACC_DTYPES = {
    "bool": "int64",
    "int8": "int64",
    "int16": "int64",
    "int32": "int64",
    "uint8": "uint64",
    "uint16": "uint64",
    "uint32": "uint64",
    "float16": "float32",
    "float32": "float64",
    "complex64": "complex128",
}


class _AlongAxes(Op):
    """An Op of one input, whose output has its shape without some axes."""

    axis: tuple[int, ...] | None

    def axes(self, ndim: int) -> tuple[int, ...]:
        """Return the axes that disappear from an input of `ndim` dimensions."""
        return tuple(range(ndim)) if self.axis is None else self.axis

    def expand(self, reduced: Tensor, ndim: int) -> Tensor:
        """Give a result the axes back that disappeared from an input of `ndim` dimensions, with size 1."""
        return _restore_axes(reduced, ndim, self.axes(ndim))

    def _kept(self, sizes: Shapes) -> tuple[typing.Any, ...]:
        removed = self.axes(len(sizes))
        return tuple(size for i, size in enumerate(sizes) if i not in removed)

    def infer_shape(self, fgraph: typing.Any, node: typing.Any, shapes: Shapes) -> Shapes:
        return [self._kept(shapes[0])]


@dataclass(frozen=True, eq=False, repr=False)
class CAReduce(_AlongAxes):
    """Fold a commutative and associative scalar operation over axes.

    Parameters
    ----------
    scalar_op : ScalarOp
        A binary operation, such as ``scalar.add``.
    axis : int, sequence of int or None
        The axes that disappear; None for all of them.
    dtype : str or None
        The dtype of the result. None for the input's, or a wide one (see `upcast_discrete_output`).
    acc_dtype : str or None
        The dtype to compute in. None lets ``make_node`` choose one that is wide enough.
    upcast_discrete_output : bool
        Whether `dtype` and `acc_dtype` are looked at, and results of narrow integers become 64 bits wide.
        If false, the result has the input's dtype.
    """

    scalar_op: typing.Any
    axis: tuple[int, ...] | None = None
    dtype: str | None = None
    acc_dtype: str | None = None
    upcast_discrete_output: bool = False

    def __post_init__(self) -> None:
        if self.axis is not None:
            object.__setattr__(self, "axis", _axis_tuple(self.axis))
        for name in ("dtype", "acc_dtype"):
            dtype = getattr(self, name)
            if dtype is not None:
                object.__setattr__(self, name, dtype_name(dtype))

    def _copy(self, axis: tuple[int, ...] | None, dtype: str | None, acc_dtype: str | None) -> CAReduce:
        """Return this Op with other properties (normalized ones)."""
        if (axis, dtype, acc_dtype) == (self.axis, self.dtype, self.acc_dtype):
            return self
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__getstate__())
        for name, value in (("axis", axis), ("dtype", dtype), ("acc_dtype", acc_dtype)):
            object.__setattr__(copy, name, value)
        return copy

    def _result_dtype(self, idtype: str) -> str:
        if not self.upcast_discrete_output:
            return idtype
        if self.dtype is not None:
            if idtype.startswith("complex") and not self.dtype.startswith("complex"):
                raise TypeError(
                    f"Cannot build {self} node with input dtype {idtype} and dtype {self.dtype}: the imaginary part "
                    "would be lost. Take the real part first if that is meant."
                )
            return self.dtype
        return _ACC_DTYPES[idtype] if np.dtype(idtype).kind in "biu" and idtype in _ACC_DTYPES else idtype

    def _accumulator_dtype(self, idtype: str) -> str:
        acc_dtype = self.acc_dtype
        if acc_dtype is None:
            return _ACC_DTYPES.get(idtype, idtype)
        if np.dtype(idtype).kind in "biu" and np.dtype(acc_dtype).kind in "fc":
            return acc_dtype
        wide = np.promote_types(idtype, acc_dtype).name
        if wide != acc_dtype:
            raise TypeError(
                f"Cannot build {self} node with input dtype {idtype} and acc_dtype {acc_dtype}, as precision would be "
                f"lost. Leave acc_dtype out, use one at least as precise as {wide}, or cast the input first."
            )
        return acc_dtype

    def make_node(self, input: typing.Any) -> Apply:
        x = as_tensor_variable(input)
        idtype = x.type.dtype
        axis = _reduced_axes(self.axis, x)
        if self.upcast_discrete_output:
            op = self._copy(axis, self._result_dtype(idtype), self._accumulator_dtype(idtype))
        else:
            op = self._copy(axis, self.dtype, self.acc_dtype)
        return Apply(op, [x], [tensor_type(op._result_dtype(idtype), op._kept(x.type.shape))()])

    def perform(self, node: typing.Any, inputs: Sequence[typing.Any], output_storage: typing.Any) -> None:
        (x,) = inputs
        axes = self.axes(x.ndim)
        dtype = node.outputs[0].type.dtype
        acc_dtype = self.acc_dtype if self.upcast_discrete_output else x.dtype
        with np.errstate(all="ignore"):
            result = self._reduce(x, axes, np.dtype(acc_dtype)) if axes else np.array(x)
            output_storage[0][0] = np.asarray(result, dtype=dtype)

    def _reduce(self, x: np.ndarray, axes: tuple[int, ...], acc_dtype: np.dtype) -> typing.Any:
        ufunc = self.scalar_op.nfunc
        if isinstance(ufunc, np.ufunc) and ufunc.nin == 2:
            return ufunc.reduce(x, axis=axes, dtype=acc_dtype)
        combine = np.frompyfunc(self.scalar_op.impl, 2, 1)
        identity = getattr(self.scalar_op, "identity", None)
        result = x.astype(object)
        for axis in reversed(axes):
            if identity is None:
                result = combine.reduce(result, axis=axis)
            else:
                result = combine.reduce(result, axis=axis, initial=identity)
        return result

    def __str__(self) -> str:
        extra = []
        if self.axis is not None:
            extra.append(f"axis=[{', '.join(map(str, self.axis))}]")
        if self.acc_dtype:
            extra.append(f"acc_dtype={self.acc_dtype}")
        text = f"{type(self).__name__}{{{self.scalar_op}}}"
        return f"{text}{{{', '.join(extra)}}}" if extra else text


class Sum(CAReduce):
    """Add up the elements along axes.

    Parameters
    ----------
    axis, dtype, acc_dtype
        As for `CAReduce`. Narrow integers are added up in 64 bits.
    """

    def __init__(self, axis: Axis = None, dtype: typing.Any = None, acc_dtype: typing.Any = None):
        super().__init__(aes.add, axis, dtype, acc_dtype, True)  # type: ignore[arg-type]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        (x,), (gz,) = inputs, output_grads
        if is_discrete_type(outputs[0]):
            return [x.zeros_like(dtype=config.floatX)]
        return [second(x, self.expand(gz, x.type.ndim))]

    def R_op(self, inputs: Sequence[Tensor], eval_points: Sequence[typing.Any]) -> list[typing.Any]:
        return [None if point is None else self(point) for point in eval_points]

    def __str__(self) -> str:
        axis = "" if self.axis is None else f"axis=[{', '.join(map(str, self.axis))}], "
        return f"{type(self).__name__}{{{axis}acc_dtype={self.acc_dtype}}}"


@dataclass(frozen=True, eq=False, repr=False)
class Prod(CAReduce):
    """Multiply the elements along axes.

    The gradient is right when elements are zero. The gradient of the gradient is right unless two
    or more of the elements that are multiplied are zero.

    Parameters
    ----------
    axis, dtype, acc_dtype
        As for `CAReduce`. Narrow integers are multiplied in 64 bits.
    no_zeros_in_input : bool
        A promise that makes the gradient cheaper.
    """

    no_zeros_in_input: bool = False

    def __init__(
        self, axis: Axis = None, dtype: typing.Any = None, acc_dtype: typing.Any = None, no_zeros_in_input: bool = False
    ):
        object.__setattr__(self, "no_zeros_in_input", as_flag(no_zeros_in_input, "no_zeros_in_input"))
        CAReduce.__init__(self, aes.mul, axis, dtype, acc_dtype, True)  # type: ignore[arg-type]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        (x,), (product,), (gz,) = inputs, outputs, output_grads
        ndim = x.type.ndim
        if is_discrete_type(x) or is_discrete_type(product):
            return [x.zeros_like(dtype=config.floatX)]
        gz, product = self.expand(gz, ndim), self.expand(product, ndim)
        if self.no_zeros_in_input:
            return [gz * product / x]
        # Where the only zero stands, the derivative is the product of the others; elsewhere it is
        # product / x, which is zero (as it should be) when another element is zero.
        is_zero = eq(x, 0)
        axes = self.axes(ndim)
        is_only_zero = is_zero & eq(is_zero.sum(axis=axes, keepdims=True), 1)
        others = self.expand(self(switch(is_only_zero, 1, x)), ndim)
        return [gz * switch(is_only_zero, others, product / switch(is_zero, 1, x))]

    def __str__(self) -> str:
        axis = "" if self.axis is None else f"axis=[{', '.join(map(str, self.axis))}], "
        promise = ", no_zeros_in_input" if self.no_zeros_in_input else ""
        return f"{type(self).__name__}{{{axis}acc_dtype={self.acc_dtype}{promise}}}"


class ProdWithoutZeros(CAReduce):
    """Multiply the elements along axes that are not zero.

    Parameters
    ----------
    axis, dtype, acc_dtype
        As for `CAReduce`. Narrow integers are multiplied in 64 bits.
    """

    def __init__(self, axis: Axis = None, dtype: typing.Any = None, acc_dtype: typing.Any = None):
        super().__init__(aes.mul, axis, dtype, acc_dtype, True)  # type: ignore[arg-type]

    def _reduce(self, x: np.ndarray, axes: tuple[int, ...], acc_dtype: np.dtype) -> typing.Any:
        return np.multiply.reduce(x, axis=axes, dtype=acc_dtype, initial=1, where=x != 0)

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        (x,), (product,), (gz,) = inputs, outputs, output_grads
        if is_discrete_type(x) or is_discrete_type(product):
            return [x.zeros_like(dtype=config.floatX)]
        ndim = x.type.ndim
        is_zero = eq(x, 0)
        quotient = self.expand(gz * product, ndim) / switch(is_zero, 1, x)
        return [switch(is_zero, 0, quotient)]


class _Extremum(CAReduce):
    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        (x,), (extremum,), (gz,) = inputs, outputs, output_grads
        if is_discrete_type(x):
            return [x.zeros_like(dtype=config.floatX)]
        ndim = x.type.ndim
        return [eq(self.expand(extremum, ndim), x) * self.expand(gz, ndim)]


class Max(_Extremum):
    """Find the largest element along axes.

    NaN wins over every number. In the gradient, every element that equals the maximum gets the
    whole gradient of the result.

    Parameters
    ----------
    axis
        As for `CAReduce`.

    Raises
    ------
    ValueError
        When it runs and there is no element.
    """

    def __init__(self, axis: Axis = None):
        super().__init__(aes.scalar_maximum, axis)  # type: ignore[arg-type]


class Min(_Extremum):
    """Find the smallest element along axes; otherwise like `Max`."""

    def __init__(self, axis: Axis = None):
        super().__init__(aes.scalar_minimum, axis)  # type: ignore[arg-type]


class _Logical(CAReduce):
    def make_node(self, input: typing.Any) -> Apply:
        x = as_tensor_variable(input)
        if x.type.dtype != "bool":
            x = neq(x, 0)
        return super().make_node(x)

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        return [inputs[0].zeros_like(dtype=config.floatX)]

    def __str__(self) -> str:
        axis = "" if self.axis is None else f"{{{', '.join(map(str, self.axis))}}}"
        return f"{type(self).__name__}{axis}"


class All(_Logical):
    """Whether all elements along axes are true (not zero). The gradient is zero."""

    def __init__(self, axis: Axis = None):
        super().__init__(aes.and_, axis)  # type: ignore[arg-type]


class Any(_Logical):
    """Whether any element along axes is true (not zero). The gradient is zero."""

    def __init__(self, axis: Axis = None):
        super().__init__(aes.or_, axis)  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False, repr=False)
class Argmax(_AlongAxes):
    """Find the position of the largest element along axes.

    Of several that are equal, the first; of NaNs, the first. With several axes, the position counts
    the elements along them in C order. The gradient is zero.

    Parameters
    ----------
    axis : int, sequence of int or None
        The axes that disappear; None for all of them.

    Raises
    ------
    ValueError
        When it runs and there is no element.
    """

    axis: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        if self.axis is not None:
            object.__setattr__(self, "axis", _axis_tuple(self.axis))

    def make_node(self, x: typing.Any) -> Apply:
        x = as_tensor_variable(x)
        axis = _reduced_axes(self.axis, x)
        op = self if axis == self.axis else Argmax(axis)
        return Apply(op, [x], [tensor_type("int64", op._kept(x.type.shape))()])

    def perform(self, node: typing.Any, inputs: Sequence[typing.Any], output_storage: typing.Any) -> None:
        (x,) = inputs
        axes = self.axes(x.ndim)
        kept = [i for i in range(x.ndim) if i not in axes]
        flat = x.transpose(kept + list(axes)).reshape((*self._kept(x.shape), math.prod(x.shape[i] for i in axes)))
        output_storage[0][0] = np.asarray(np.argmax(flat, axis=-1), dtype="int64")

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        (x,) = inputs
        return [x.zeros_like(dtype=config.floatX) if is_discrete_type(x) else x.zeros_like()]


def _axis_tuple(axis: typing.Any) -> tuple[int, ...]:
    """Return axes as the Ops keep them: sorted."""
    axes = [as_integer(a, "an axis") for a in np.ravel(np.asarray(axis, dtype=object))]
    if len(set(axes)) != len(axes):
        raise ValueError(f"repeated axis in {tuple(axes)}")
    return tuple(sorted(as_integer(a, "an axis") for a in axes))


def _reduced_axes(axis: typing.Any, x: Tensor) -> tuple[int, ...] | None:
    """Return axes in any form as what the Ops keep, checked for an input."""
    if axis is None:
        return None
    if x.type.ndim == 0:
        # as NumPy does, a 0-d array may be reduced along the axis that it doesn't have
        with suppress(np.exceptions.AxisError):
            normalize_axes(axis, 1, x)
            return ()
    return normalize_axes(axis, x.type.ndim, x)


def _restore_axes(reduced: Tensor, ndim: int, axes: Sequence[int]) -> Tensor:
    if not axes:
        return reduced
    kept = iter(range(ndim))
    return reduced.dimshuffle(["x" if i in axes else next(kept) for i in range(ndim)])


def makeKeepDims(x: typing.Any, y: typing.Any, axis: typing.Any) -> Tensor:
    """Give `y`, a reduction of `x` along `axis`, the removed axes back, with size 1.

    Parameters
    ----------
    x : tensor_like
        What was reduced.
    y : tensor_like
        The result.
    axis : int, sequence of int or None
        The axes that were removed.
    """
    x, y = as_tensor_variable(x), as_tensor_variable(y)
    axis = _reduced_axes(axis, x)
    return _restore_axes(y, x.type.ndim, range(x.type.ndim) if axis is None else axis)


def check_and_normalize_axes(x: Tensor, axis: typing.Any) -> list[int]:
    """Return `axis`, in any form, as a list of ints in ``range(x.ndim)``; empty for None."""
    axis = _reduced_axes(axis, as_tensor_variable(x))
    return [] if axis is None else list(axis)


def _finish(x: Tensor, result: Tensor, axis: typing.Any, keepdims: bool) -> Tensor:
    return makeKeepDims(x, result, axis) if as_flag(keepdims, "keepdims") else result


def sum(
    input: typing.Any,
    axis: typing.Any = None,
    dtype: typing.Any = None,
    keepdims: bool = False,
    acc_dtype: typing.Any = None,
) -> Tensor:
    """Add up elements.

    Parameters
    ----------
    input : tensor_like
        The terms.
    axis : int, sequence of int or None
        The axes to add up along; None for all.
    dtype : str, optional
        The dtype of the result. By default the input's, but 64 bits wide for integers and bool.
    keepdims : bool
        Whether the removed axes stay, with size 1.
    acc_dtype : str, optional
        The dtype to add up in. By default 64-bit integers, float64 for float32, float32 for float16.

    Returns
    -------
    TensorVariable

    Examples
    --------
    >>> import aesaralite.tensor as at
    >>> at.sum(at.constant([[1, 2], [3, 4]]), axis=0).eval()
    array([4, 6])
    """
    x = as_tensor_variable(input)
    return _finish(x, Sum(_reduced_axes(axis, x), dtype, acc_dtype)(x), axis, keepdims)


def prod(
    input: typing.Any,
    axis: typing.Any = None,
    dtype: typing.Any = None,
    keepdims: bool = False,
    acc_dtype: typing.Any = None,
    no_zeros_in_input: bool = False,
) -> Tensor:
    """Multiply elements.

    Parameters
    ----------
    input, axis, dtype, keepdims, acc_dtype
        As for `sum`.
    no_zeros_in_input : bool
        A promise that makes the gradient cheaper, and wrong if it is broken.
    """
    x = as_tensor_variable(input)
    return _finish(x, Prod(_reduced_axes(axis, x), dtype, acc_dtype, no_zeros_in_input)(x), axis, keepdims)


def max(x: typing.Any, axis: typing.Any = None, keepdims: bool = False) -> Tensor:
    """Find the largest element along axes. NaN wins; no element at all is an error at run time.

    Parameters
    ----------
    x : tensor_like
        What to search.
    axis : int, sequence of int or None
        The axes to search along; None for all.
    keepdims : bool
        Whether the removed axes stay, with size 1.
    """
    x = as_tensor_variable(x)
    return _finish(x, Max(_reduced_axes(axis, x))(x), axis, keepdims)


def min(x: typing.Any, axis: typing.Any = None, keepdims: bool = False) -> Tensor:
    """Find the smallest element along axes; otherwise like `max`."""
    x = as_tensor_variable(x)
    return _finish(x, Min(_reduced_axes(axis, x))(x), axis, keepdims)


def argmax(x: typing.Any, axis: typing.Any = None, keepdims: bool = False) -> Tensor:
    """Find the position (int64) of the largest element along axes.

    Parameters
    ----------
    x : tensor_like
        What to search.
    axis : int, sequence of int or None
        The axes to search along. None (or several axes) counts the elements in C order.
    keepdims : bool
        Whether the removed axes stay, with size 1.
    """
    x = as_tensor_variable(x)
    return _finish(x, Argmax(_reduced_axes(axis, x))(x), axis, keepdims)


def argmin(x: typing.Any, axis: typing.Any = None, keepdims: bool = False) -> Tensor:
    """Find the position (int64) of the smallest element along axes; otherwise like `argmax`."""
    x = as_tensor_variable(x)
    # negation would overflow for the smallest integer and for unsigned ones; inverting bits can't
    return argmax(~x if is_discrete_type(x) else -x, axis, keepdims)


def max_and_argmax(a: typing.Any, axis: typing.Any = None, keepdims: bool = False) -> list[Tensor]:
    """Return the largest elements along axes, and their positions.

    Parameters are those of `max` and `argmax`.
    """
    return [max(a, axis, keepdims), argmax(a, axis, keepdims)]


def all(x: typing.Any, axis: typing.Any = None, keepdims: bool = False) -> Tensor:
    """Whether all elements along axes are true (not zero).

    Parameters
    ----------
    x : tensor_like
        What to test.
    axis : int, sequence of int or None
        The axes to look along; None for all.
    keepdims : bool
        Whether the removed axes stay, with size 1.
    """
    x = as_tensor_variable(x)
    return _finish(x, All(_reduced_axes(axis, x))(x), axis, keepdims)


def any(x: typing.Any, axis: typing.Any = None, keepdims: bool = False) -> Tensor:
    """Whether any element along axes is true (not zero); otherwise like `all`."""
    x = as_tensor_variable(x)
    return _finish(x, Any(_reduced_axes(axis, x))(x), axis, keepdims)
