"""The same elements in another shape or order of dimensions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aesaralite.graph.arguments import as_integer
from aesaralite.graph.basic import Apply, Variable
from aesaralite.graph.null_type import DisconnectedType
from aesaralite.graph.op import Op
from aesaralite.tensor.convert import as_tensor_variable, constant
from aesaralite.tensor.pointwise import eq, maximum, switch
from aesaralite.tensor.shaping import Shape_i, shape, specify_broadcastable
from aesaralite.tensor.static import (
    KnownValue,
    Tensor,
    as_shape,
    normalize_axes,
    normalize_axis,
    scalar_constant_rule,
    static_int,
    vector_entries,
)
from aesaralite.tensor.tensor_type import tensor_type


@dataclass(frozen=True, eq=False, repr=False)
class Reshape(Op):
    """Give an array another shape: ``Reshape(ndim)(x, shape)``.

    One size may be -1, which stands for whatever the number of elements leaves.

    Parameters
    ----------
    ndim : int
        The number of dimensions of the result.
    """

    ndim: int
    view_map = {0: [0]}

    def __post_init__(self) -> None:
        object.__setattr__(self, "ndim", as_integer(self.ndim, "The number of dimensions"))
        if self.ndim < 0:
            raise ValueError(f"The number of dimensions must not be negative; got {self.ndim}")

    def make_node(self, x: Any, shp: Any) -> Apply:
        """Apply the Op.

        Parameters
        ----------
        x : tensor_like
            The array.
        shp : vector_like of int
            The new shape.

        Raises
        ------
        TypeError
            If `shp` is no vector of integers.
        ValueError
            If `shp` is known to have another length than `ndim`, or not to fit the number of elements.
        """
        x = as_tensor_variable(x)
        shp = as_tensor_variable(shp, ndim=1)
        if shp.type.shape[0] == 0:
            shp = shp.astype("int64")
        if np.dtype(shp.type.dtype).kind not in "iu":
            raise TypeError(f"Shape must be integers; got {shp} of dtype {shp.type.dtype}")
        if shp.type.dtype != "int64":
            shp = shp.astype("int64")
        if shp.type.shape[0] not in (None, self.ndim):
            raise ValueError(f"{self} needs a shape of length {self.ndim}; {shp} has length {shp.type.shape[0]}")
        out_shape: tuple[int | None, ...] = (None,) * self.ndim
        if shp.type.shape[0] is not None:
            out_shape = _static_shape(x, [static_int(entry) for entry in vector_entries(shp)])
        return Apply(self, [x, shp], [tensor_type(x.type.dtype, out_shape)()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        x, shp = inputs
        if len(shp) != self.ndim:
            raise ValueError(f"{self}: the shape {shp.tolist()} has length {len(shp)}, expected {self.ndim}")
        new_shape = tuple(shp.tolist())
        _check_new_shape(new_shape, self)
        output_storage[0][0] = x.reshape(new_shape)

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        shp = node.inputs[1]
        static = node.outputs[0].type.shape
        if None not in static:
            return [static]
        entries = vector_entries(shp) if shp.type.shape[0] is not None else [shp[i] for i in range(self.ndim)]
        total = _product(shapes[0])
        result: list[Any] = []
        for i, (entry, known) in enumerate(zip(entries, static)):
            if known is not None:
                result.append(known)
            elif _cannot_be_negative(entry):
                result.append(entry)
            else:
                others = _product([other for j, other in enumerate(entries) if j != i])
                rest = _quotient(total, others)
                result.append(rest if static_int(entry) == -1 else switch(eq(entry, -1), rest, entry))
        return [tuple(result)]

    def connection_pattern(self, node: Any) -> list[list[bool]]:
        return [[True], [False]]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        (x, _), (gz,) = inputs, output_grads
        return [reshape(gz, shape(x), ndim=x.type.ndim), DisconnectedType()()]

    def R_op(self, inputs: Sequence[Tensor], eval_points: Sequence[Tensor | None]) -> list[Tensor | None]:
        if eval_points[0] is None:
            return [None]
        return [self(eval_points[0], inputs[1])]

    def __str__(self) -> str:
        return f"Reshape{{{self.ndim}}}"


@scalar_constant_rule.register(Reshape)
def _reshape_constant(op: Reshape, node: Any, index: int, known: KnownValue) -> np.ndarray:
    return known(node.inputs[0])


def _check_new_shape(new_shape: Sequence[int], what: Any) -> None:
    if any(size < -1 for size in new_shape):
        raise ValueError(f"{what}: negative sizes other than -1 are not allowed; got {tuple(new_shape)}")
    if sum(size == -1 for size in new_shape) > 1:
        raise ValueError(f"{what}: can only specify one unknown dimension; got {tuple(new_shape)}")


def _static_shape(x: Tensor, entries: Sequence[int | None]) -> tuple[int | None, ...]:
    """Return what is known of the shape that `x` gets; -1 and None are sizes that aren't known yet."""
    _check_new_shape([1 if entry is None else entry for entry in entries], f"reshape of {x}")
    unknown = [i for i, entry in enumerate(entries) if entry is None or entry == -1]
    result = [None if i in unknown else entry for i, entry in enumerate(entries)]
    if None in x.type.shape:
        return tuple(result)
    total = math.prod(x.type.shape)
    known = math.prod(entry or 0 for i, entry in enumerate(entries) if i not in unknown)
    text = tuple("?" if entry is None else entry for entry in entries)
    if not unknown and known != total:
        raise ValueError(f"Cannot reshape {x} of shape {x.type.shape}, which has {total} elements, into shape {text}")
    if len(unknown) == 1:
        if known == 0:
            if total != 0 or entries[unknown[0]] == -1:
                raise ValueError(f"Cannot reshape {x} of shape {x.type.shape} into shape {text}")
        elif total % known:
            raise ValueError(
                f"Cannot reshape {x} of shape {x.type.shape}, which has {total} elements, into shape {text}"
            )
        else:
            result[unknown[0]] = total // known
    return tuple(result)


def _cannot_be_negative(entry: Any) -> bool:
    value = static_int(entry)
    if value is not None:
        return value >= 0
    return isinstance(entry, Variable) and entry.owner is not None and isinstance(entry.owner.op, Shape_i)


def _product(sizes: Sequence[Any]) -> Any:
    known, product = 1, None
    for entry in sizes:
        value = static_int(entry)
        if value is not None:
            known *= value
        else:
            product = entry if product is None else product * entry
    if product is None:
        return known
    return product if known == 1 else product * known


def _quotient(total: Any, others: Any) -> Any:
    # `others` is negative where another size is -1, and zero where another is zero; only the size
    # that is taken must be right, but none may fail to be computed
    if isinstance(others, int):
        others = max(others, 1)
        return total if others == 1 else total // others
    return total // maximum(others, 1)


def reshape(x: Any, newshape: Any, ndim: int | None = None) -> Tensor:
    """Give an array another shape.

    Parameters
    ----------
    x : tensor_like
        The array.
    newshape : int or scalar variable, sequence of these, or vector variable
        The new shape; one size may be -1. A scalar makes a vector.
    ndim : int, optional
        The length of `newshape`, needed where it isn't known.

    Raises
    ------
    TypeError
        If `newshape` isn't made of integers.
    ValueError
        If the length of `newshape` isn't known, or it doesn't fit the number of elements.
    """
    x = as_tensor_variable(x)
    shp = _shape_vector(newshape)
    if shp.type.ndim != 1:
        raise TypeError(f"New shape in reshape must be a vector or a list of scalars; got {shp} of type {shp.type}")
    if ndim is None:
        ndim = shp.type.shape[0]
        if ndim is None:
            raise ValueError(
                f"The length of the provided shape ({shp}) cannot be automatically determined, so the number of "
                "dimensions of the result isn't known. Give it as the argument `ndim`."
            )
    return Reshape(ndim)(x, shp)


def _shape_vector(newshape: Any) -> Tensor:
    if isinstance(newshape, (tuple, list)):
        sizes, static = as_shape(newshape, "new shape")
        if None not in static:
            return constant(np.array(static, dtype="int64"))
        return as_tensor_variable(sizes)
    newshape = as_tensor_variable(newshape)
    if newshape.type.ndim == 0:
        newshape = newshape.dimshuffle("x")
    if newshape.type.dtype != "int64" and np.dtype(newshape.type.dtype).kind in "iu":
        return newshape.astype("int64")
    return newshape


def flatten(x: Any, ndim: int = 1) -> Tensor:
    """Collapse the last dimensions into one.

    Parameters
    ----------
    x : tensor_like
        The array.
    ndim : int
        The number of dimensions of the result; the first ``ndim - 1`` stay as they are.

    Raises
    ------
    ValueError
        If `ndim` isn't between 1 and the number of dimensions of `x`.
    """
    x = as_tensor_variable(x)
    ndim = 1 if ndim is None else as_integer(ndim, "ndim")
    if not 1 <= ndim <= max(1, x.type.ndim):
        raise ValueError(f"ndim {ndim} out of bound [1, {x.type.ndim + 1}) for {x}")
    if ndim == x.type.ndim:
        return x
    kept = list(x.type.shape[: ndim - 1])
    if None in kept:
        kept = [shape(x)[i] for i in range(ndim - 1)]
    rest = x.type.shape[ndim - 1 :]
    if None not in rest:
        return reshape(x, [*kept, math.prod(rest)])
    # where a kept size is zero, it couldn't be told what the last one is
    last = shape(x)[ndim - 1 :].prod() if kept else -1
    return reshape(x, [*kept, last])


def ravel(x: Any) -> Tensor:
    """Collapse all dimensions into one."""
    return flatten(x, 1)


def is_flat(var: Any, ndim: int | None = None, outdim: int | None = None) -> bool:
    """Whether a variable has `outdim` dimensions (by default, one).

    Parameters
    ----------
    var : TensorVariable
        The variable.
    ndim, outdim : int, optional
        The number of dimensions; `ndim` is another name of `outdim`.
    """
    if outdim is None:
        outdim = 1 if ndim is None else ndim
    elif ndim is not None:
        raise ValueError("You should only specify ndim")
    return as_tensor_variable(var).type.ndim == outdim


def transpose(x: Any, axes: Any = None) -> Tensor:
    """Reorder the dimensions.

    Parameters
    ----------
    x : tensor_like
        The array.
    axes : sequence of int, optional
        Which dimension of `x` comes first, second, and so on. By default, the last comes first.

    Raises
    ------
    ValueError
        If `axes` isn't an order of the dimensions.
    """
    x = as_tensor_variable(x)
    ndim = x.type.ndim
    if axes is None:
        order = list(range(ndim))[::-1]
    else:
        order = [normalize_axis(axis, ndim, x) for axis in (axes.data if hasattr(axes, "data") else axes)]
        if sorted(order) != list(range(ndim)):
            raise ValueError(f"axes {tuple(order)} are not an order of the {ndim} dimensions of {x}")
    result = x.dimshuffle(order)
    if axes is None and x.name and result is not x:
        result.name = f"{x.name}.T"
    return result


def swapaxes(y: Any, axis1: int, axis2: int) -> Tensor:
    """Exchange two dimensions.

    Parameters
    ----------
    y : tensor_like
        The array.
    axis1, axis2 : int
        The dimensions.
    """
    y = as_tensor_variable(y)
    order = list(range(y.type.ndim))
    axis1, axis2 = normalize_axis(axis1, len(order), y), normalize_axis(axis2, len(order), y)
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return y.dimshuffle(order)


def moveaxis(a: Any, source: int | Sequence[int], destination: int | Sequence[int]) -> Tensor:
    """Move dimensions to other places; the others keep their order.

    Parameters
    ----------
    a : tensor_like
        The array.
    source, destination : int or sequence of int
        Where the dimensions are, and where they go.

    Raises
    ------
    ValueError
        If the two have different lengths, or an axis occurs twice.
    """
    a = as_tensor_variable(a)
    ndim = a.type.ndim
    sources = [normalize_axis(axis, ndim, a) for axis in np.atleast_1d(source).tolist()]
    destinations = [normalize_axis(axis, ndim, a) for axis in np.atleast_1d(destination).tolist()]
    for name, axes in (("source", sources), ("destination", destinations)):
        if len(set(axes)) != len(axes):
            raise ValueError(f"repeated axis in `{name}` argument")
    if len(sources) != len(destinations):
        raise ValueError("`source` and `destination` arguments must have the same number of elements")
    order = [axis for axis in range(ndim) if axis not in sources]
    for target, axis in sorted(zip(destinations, sources)):
        order.insert(target, axis)
    return a.dimshuffle(order)


def expand_dims(a: Any, axis: int | Sequence[int]) -> Tensor:
    """Insert dimensions of size 1.

    Parameters
    ----------
    a : tensor_like
        The array.
    axis : int or sequence of int
        Where they stand in the result.
    """
    a = as_tensor_variable(a)
    count = len(axis) if isinstance(axis, (tuple, list)) else np.size(axis)
    ndim = a.type.ndim + count
    new = normalize_axes(axis, ndim, f"{a} with {count} more dimensions")
    return _insert(a, ndim, new)


def _insert(a: Tensor, ndim: int, new: Sequence[int]) -> Tensor:
    old = iter(range(a.type.ndim))
    return a.dimshuffle(["x" if i in new else next(old) for i in range(ndim)])


def squeeze(x: Any, axis: int | Sequence[int] | None = None) -> Tensor:
    """Remove dimensions of size 1.

    Parameters
    ----------
    x : tensor_like
        The array.
    axis : int or sequence of int, optional
        The dimensions; by default, all that are known to have size 1. A dimension of which the size
        isn't known is checked at run time. A 0-d array may be squeezed along axis 0 or -1, as in NumPy.

    Raises
    ------
    ValueError
        If it is known that a dimension has another size.
    """
    x = as_tensor_variable(x)
    ndim = x.type.ndim
    if axis is None:
        removed = tuple(i for i, size in enumerate(x.type.shape) if size == 1)
    elif ndim == 0 and normalize_axes(axis, 1, x) == (0,):
        removed = ()
    else:
        removed = normalize_axes(axis, ndim, x)
    wrong = [i for i in removed if x.type.shape[i] not in (None, 1)]
    if wrong:
        raise ValueError(f"Cannot squeeze dimension {wrong[0]} of {x}, which has size {x.type.shape[wrong[0]]}")
    if not removed:
        return x
    return specify_broadcastable(x, *removed).dimshuffle([i for i in range(ndim) if i not in removed])


def shape_padleft(t: Any, n_ones: int = 1) -> Tensor:
    """Insert `n_ones` dimensions of size 1 before the others."""
    t = as_tensor_variable(t)
    return t.dimshuffle(["x"] * n_ones + list(range(t.type.ndim)))


def shape_padright(t: Any, n_ones: int = 1) -> Tensor:
    """Insert `n_ones` dimensions of size 1 after the others."""
    t = as_tensor_variable(t)
    return t.dimshuffle(list(range(t.type.ndim)) + ["x"] * n_ones)


def shape_padaxis(t: Any, axis: int) -> Tensor:
    """Insert a dimension of size 1.

    Parameters
    ----------
    t : tensor_like
        The array.
    axis : int
        Where it stands in the result.
    """
    t = as_tensor_variable(t)
    ndim = t.type.ndim + 1
    if not -ndim <= axis < ndim:
        raise IndexError(f"axis {axis} is out of bounds [-{ndim}, {ndim}) for {t}")
    return _insert(t, ndim, [axis % ndim])


def _atleast(array: Any, n: int, left: bool) -> Tensor:
    array = as_tensor_variable(array)
    missing = n - array.type.ndim
    if missing <= 0:
        return array
    return shape_padleft(array, missing) if left else shape_padright(array, missing)


def atleast_Nd(*arys: Any, n: int = 1, left: bool = True) -> Any:
    """Give arrays at least `n` dimensions.

    Parameters
    ----------
    *arys : tensor_like
        The arrays.
    n : int
        The number of dimensions.
    left : bool
        Whether missing dimensions come first, or last.

    Returns
    -------
    TensorVariable or list of TensorVariable
        One for each argument.
    """
    results = [_atleast(array, n, left) for array in arys]
    return results[0] if len(results) == 1 else results


def atleast_1d(*arys: Any) -> Any:
    """Give arrays at least one dimension; see `atleast_Nd`."""
    return atleast_Nd(*arys, n=1)


def atleast_2d(*arys: Any) -> Any:
    """Give arrays at least two dimensions; see `atleast_Nd`."""
    return atleast_Nd(*arys, n=2)


def atleast_3d(*arys: Any) -> Any:
    """Give arrays at least three dimensions; see `atleast_Nd`."""
    return atleast_Nd(*arys, n=3)
