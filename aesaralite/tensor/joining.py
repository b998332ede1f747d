"""Arrays put together, and taken apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aesaralite.configdefaults import config
from aesaralite.graph.arguments import as_integer
from aesaralite.graph.basic import Apply, Constant, Variable
from aesaralite.graph.null_type import DisconnectedType
from aesaralite.graph.op import Op
from aesaralite.scalar.dtypes import is_weak, upcast, weak_dtype
from aesaralite.tensor.convert import as_tensor_variable, constant, holds_variables, literal, register_stacking
from aesaralite.tensor.creation import alloc
from aesaralite.tensor.pointwise import cast, eq, maximum, mod, sub, switch
from aesaralite.tensor.reshaping import flatten, reshape, shape_padaxis
from aesaralite.tensor.shaping import shape_tuple
from aesaralite.tensor.static import (
    Tensor,
    as_shape,
    dtype_name,
    is_discrete_type,
    normalize_axis,
    same_static_size,
    static_int,
    vector_entries_rule,
)
from aesaralite.tensor.tensor_type import tensor_type


@dataclass(frozen=True, eq=False, repr=False)
class MakeVector(Op):
    """Make a vector of 0-d arrays: ``MakeVector(dtype)(*scalars)``.

    Parameters
    ----------
    dtype : str
        The dtype of the vector; each element's dtype must fit into it.
    """

    dtype: str = "int64"

    def __post_init__(self) -> None:
        object.__setattr__(self, "dtype", dtype_name(self.dtype))

    def make_node(self, *inputs: Any) -> Apply:
        scalars = [as_tensor_variable(value) for value in inputs]
        for scalar in scalars:
            if scalar.type.ndim != 0:
                raise ValueError(f"All inputs of {self} must be scalars; got {scalar} of type {scalar.type}")
        wide = upcast(self.dtype, *(scalar.type.dtype for scalar in scalars))
        if wide != self.dtype:
            raise TypeError(
                f"Expected inputs to be upcastable to {self.dtype}; got {[scalar.type.dtype for scalar in scalars]}"
            )
        scalars = [scalar if scalar.type.dtype == self.dtype else cast(scalar, self.dtype) for scalar in scalars]
        return Apply(self, scalars, [tensor_type(self.dtype, (len(scalars),))()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        output_storage[0][0] = np.array([value[()] for value in inputs], dtype=self.dtype)

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        return [(len(node.inputs),)]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        if is_discrete_type(outputs[0]):
            return [scalar.zeros_like(dtype=config.floatX) for scalar in inputs]
        return [output_grads[0][i] for i in range(len(inputs))]

    def R_op(self, inputs: Sequence[Tensor], eval_points: Sequence[Tensor | None]) -> list[Tensor | None]:
        return _linear_R_op(self, inputs, eval_points)


def _linear_R_op(op: Op, inputs: Sequence[Tensor], eval_points: Sequence[Tensor | None]) -> list[Any]:
    if all(point is None for point in eval_points):
        return [None]
    return [op(*(x.zeros_like() if point is None else point for x, point in zip(inputs, eval_points)))]


make_vector = MakeVector()


@vector_entries_rule.register(MakeVector)
def _make_vector_entries(op: MakeVector, node: Any) -> Sequence[Any] | None:
    return node.inputs


class Join(Op):
    """Put arrays together along one of their dimensions: ``Join()(axis, *tensors)``.

    The axis may be symbolic. All arrays have the same number of dimensions, and the same sizes
    along every other dimension.
    """

    __props__ = ()

    def make_node(self, axis: Any, *tensors: Any) -> Apply:
        """Apply the Op.

        Parameters
        ----------
        axis : int or scalar integer variable
            The dimension; may count from the end.
        *tensors : tensor_like
            The arrays.

        Raises
        ------
        TypeError
            If an array is 0-d, or has another number of dimensions than the first.
        ValueError
            If there are no arrays, the axis is out of range, or known sizes differ.
        """
        if not tensors:
            raise ValueError("Cannot join an empty list of tensors")
        arrays = [as_tensor_variable(tensor) for tensor in tensors]
        ndim = arrays[0].type.ndim
        if any(array.type.ndim == 0 for array in arrays):
            raise TypeError("Join cannot handle arguments of dimension 0. Use `stack` to join scalar values.")
        for array in arrays[1:]:
            if array.type.ndim != ndim:
                raise TypeError(
                    "Only tensors with the same number of dimensions can be joined; "
                    f"{arrays[0]} has {ndim}, {array} has {array.type.ndim}"
                )
        axis = _scalar_axis(axis)
        known_axis = static_int(axis)
        dtype = upcast(*(array.type.dtype for array in arrays))
        shape: tuple[int | None, ...] = (None,) * ndim
        if known_axis is not None:
            known_axis = normalize_axis(known_axis, ndim, arrays[0])
            axis = literal(known_axis, "int64")
            shape = tuple(_joined_size(arrays, i, known_axis) for i in range(ndim))
        return Apply(self, [axis, *arrays], [tensor_type(dtype, shape)()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        axis, *arrays = inputs
        _check_axis(int(axis), arrays[0].ndim, self)
        if sum(array.shape[axis] for array in arrays) > np.iinfo(np.intp).max:
            # NumPy doesn't look, and writes beyond what it has allocated
            raise ValueError(f"{self}: the result is too large")
        output_storage[0][0] = np.concatenate(
            arrays, axis=int(axis), dtype=node.outputs[0].type.dtype, casting="unsafe"
        )

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        axis = node.inputs[0]
        array_shapes = shapes[1:]
        known_axis = static_int(axis)
        result: list[Any] = []
        for i, known in enumerate(node.outputs[0].type.shape):
            if known is not None:
                result.append(known)
                continue
            along = _added([shape[i] for shape in array_shapes]) if known_axis in (None, i) else None
            across = array_shapes[0][i]
            if known_axis is None:
                result.append(switch(eq(axis % len(array_shapes[0]), i), along, across))
            else:
                result.append(along if known_axis == i else across)
        return [tuple(result)]

    def connection_pattern(self, node: Any) -> list[list[bool]]:
        return [[False]] + [[True]] * (len(node.inputs) - 1)

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        (axis, *arrays), (gz,) = inputs, output_grads
        if is_discrete_type(outputs[0]):
            return [DisconnectedType()(), *(array.zeros_like(dtype=config.floatX) for array in arrays)]
        if len(arrays) == 1:
            return [DisconnectedType()(), gz]
        known_axis = static_int(axis)
        if known_axis is None:
            sizes = [array.shape[axis] for array in arrays]
        else:
            sizes = [shape_tuple(array)[known_axis] for array in arrays]
        parts = Split(len(arrays))(gz, axis, stack(sizes))
        return [DisconnectedType()(), *parts]

    def R_op(self, inputs: Sequence[Tensor], eval_points: Sequence[Tensor | None]) -> list[Tensor | None]:
        axis, *arrays = inputs
        if all(point is None for point in eval_points[1:]):
            return [None]
        points = [x.zeros_like() if point is None else point for x, point in zip(arrays, eval_points[1:])]
        return [self(axis, *points)]


_join = Join()


def _joined_size(arrays: Sequence[Tensor], i: int, axis: int) -> int | None:
    sizes = [array.type.shape[i] for array in arrays]
    if i == axis:
        return None if None in sizes else sum(sizes)
    names = ", ".join(f"{array} of shape {array.type.shape}" for array in arrays)
    return same_static_size(sizes, f"Can't join {names} along axis {axis}, as dimension {i} differs")


def _scalar_axis(axis: Any) -> Tensor:
    axis = as_tensor_variable(axis)
    if axis.type.ndim != 0 or np.dtype(axis.type.dtype).kind not in "iu":
        raise TypeError(f"An axis must be a scalar integer; got {axis} of type {axis.type}")
    return axis if axis.type.dtype == "int64" else cast(axis, "int64")


def _check_axis(axis: int, ndim: int, what: Any) -> None:
    if not -ndim <= axis < ndim:
        raise np.exceptions.AxisError(f"{what}: axis {axis} is out of range for arrays of {ndim} dimensions")


def _added(sizes: Sequence[Any]) -> Any:
    total = sizes[0]
    for size in sizes[1:]:
        total = total + size
    return total


def join(axis: Any, *tensors_list: Any) -> Tensor:
    """Put arrays together along one of their dimensions.

    Parameters
    ----------
    axis : int or scalar integer variable
        The dimension.
    *tensors_list : tensor_like
        The arrays, which have the same number of dimensions.

    Returns
    -------
    TensorVariable
        A single array comes back as it is.
    """
    if len(tensors_list) == 1:
        return as_tensor_variable(tensors_list[0])
    return _join(axis, *tensors_list)


def concatenate(tensor_list: Sequence[Any], axis: Any = 0) -> Tensor:
    """Put a list of arrays together along one of their dimensions; see `join`.

    Raises
    ------
    TypeError
        If `tensor_list` is no list or tuple.
    """
    if not isinstance(tensor_list, (tuple, list)):
        raise TypeError(
            "The 'tensors' argument must be either a tuple or a list, make sure you did not forget () or [] around "
            f"the arguments of concatenate; got {tensor_list}"
        )
    return join(axis, *tensor_list)


def stack(tensors: Any, *more: Any, axis: int | None = None, **kwargs: Any) -> Tensor:
    """Put arrays together along a new dimension.

    Parameters
    ----------
    tensors : sequence of tensor_like
        The arrays, which have the same shape. They may also be given one by one.
    axis : int
        Where the new dimension stands in the result; the first by default.

    Raises
    ------
    ValueError
        If there are no arrays.
    IndexError
        If the axis is out of range.
    TypeError
        If the numbers of dimensions differ.
    """
    if kwargs:
        raise TypeError(f"stack got unexpected keyword arguments: {', '.join(kwargs)}")
    if isinstance(tensors, (tuple, list)):
        arrays = list(tensors)
        if len(more) > 1 or (more and axis is not None):
            raise TypeError("stack takes a sequence of arrays and an axis")
        axis = more[0] if more else axis
    elif more:
        arrays = [tensors, *more]
    else:
        raise TypeError(f"The 'tensors' argument of stack must be a tuple or a list; got {tensors}")
    if not arrays:
        raise ValueError("No tensor arguments provided")
    axis = 0 if axis is None else axis
    variables = _stackable(arrays)
    ndim = variables[0].type.ndim + 1
    for variable in variables[1:]:
        if variable.type.ndim != ndim - 1:
            raise TypeError(
                "Only tensors with the same number of dimensions can be joined; "
                f"{variables[0]} has {ndim - 1}, {variable} has {variable.type.ndim}"
            )
    if not -ndim <= axis < ndim:
        raise IndexError(f"axis {axis} is out of bounds [-{ndim}, {ndim})")
    if ndim == 1:
        return MakeVector(upcast(*(variable.type.dtype for variable in variables)))(*variables)
    return join(axis % ndim, *(shape_padaxis(variable, axis % ndim) for variable in variables))


def _stackable(arrays: Sequence[Any]) -> list[Tensor]:
    """Return variables; bare numbers take the dtype of the others, as in arithmetic."""
    strong = [as_tensor_variable(array) for array in arrays if not is_weak(array)]
    if not strong:
        return [constant(array) for array in arrays]
    reference = upcast(*(variable.type.dtype for variable in strong))
    variables = iter(strong)
    return [
        constant(array, dtype=weak_dtype(array, reference)) if is_weak(array) else next(variables) for array in arrays
    ]


def stacklists(arg: Any) -> Tensor:
    """Stack nested lists of variables: ``[[a, b], [c, d]]`` makes a matrix of scalars.

    Parameters
    ----------
    arg : variable, or nested tuple or list of these
        What to stack.
    """
    if isinstance(arg, (tuple, list)):
        arrays = _stackable([stacklists(entry) if holds_variables(entry) else entry for entry in arg])
        if all(isinstance(array, Constant) for array in arrays):
            dtype = upcast(*(array.type.dtype for array in arrays))
            return constant(np.stack([array.data.astype(dtype) for array in arrays]))
        return stack(arrays)
    return as_tensor_variable(arg)


register_stacking(stacklists)


def horizontal_stack(*args: Any) -> Tensor:
    """Put matrices side by side.

    Raises
    ------
    ValueError
        If there are fewer than two, or one isn't a matrix.
    """
    return _stack_matrices(1, args)


def vertical_stack(*args: Any) -> Tensor:
    """Put matrices one below the other; otherwise like `horizontal_stack`."""
    return _stack_matrices(0, args)


def _stack_matrices(axis: int, args: Sequence[Any]) -> Tensor:
    if len(args) < 2:
        raise ValueError("Too few arguments: at least two matrices are needed")
    matrices = [as_tensor_variable(arg) for arg in args]
    for matrix in matrices:
        if matrix.type.ndim != 2:
            raise ValueError(f"All arguments must have two dimensions; {matrix} has {matrix.type.ndim}")
    return concatenate(matrices, axis=axis)


@dataclass(frozen=True, eq=False, repr=False)
class Split(Op):
    """Cut an array into pieces along a dimension: ``Split(len_splits)(x, axis, splits)``.

    Parameters
    ----------
    len_splits : int
        The number of pieces.
    """

    len_splits: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "len_splits", as_integer(self.len_splits, "the number of parts"))

    @property
    def view_map(self) -> dict[int, list[int]]:
        return {i: [0] for i in range(self.len_splits)}

    def make_node(self, x: Any, axis: Any, splits: Any) -> Apply:
        """Apply the Op.

        Parameters
        ----------
        x : tensor_like
            The array.
        axis : int or scalar integer variable
            The dimension.
        splits : vector_like of int
            The sizes of the pieces, which add up to the size of the dimension.

        Raises
        ------
        TypeError
            If axis or sizes are no integers.
        ValueError
            If it is known that the sizes don't fit.
        """
        x = as_tensor_variable(x)
        axis = _scalar_axis(axis)
        splits = as_tensor_variable(splits)
        if splits.type.ndim != 1 or np.dtype(splits.type.dtype).kind not in "iu":
            raise TypeError(f"The sizes of the pieces must be a vector of integers; got {splits} of type {splits.type}")
        if splits.type.dtype != "int64":
            splits = cast(splits, "int64")
        if splits.type.shape[0] not in (None, self.len_splits):
            raise ValueError(f"{self} needs {self.len_splits} sizes; {splits} has {splits.type.shape[0]}")
        if x.type.ndim == 0:
            raise TypeError(f"{x} is 0-d and can't be split")
        known_axis = static_int(axis)
        shapes: list[tuple[int | None, ...]] = [(None,) * x.type.ndim] * self.len_splits
        if known_axis is not None:
            if not -x.type.ndim <= known_axis < x.type.ndim:
                raise ValueError(f"Axis value {known_axis} is out of range for {x}, which has {x.type.ndim} dimensions")
            known_axis %= x.type.ndim
            axis = literal(known_axis, "int64")
            sizes: Sequence[int | None] = [None] * self.len_splits
            if splits.type.shape[0] is not None:
                sizes = as_shape(splits, "sizes of the pieces")[1]
            _check_splits(sizes, x.type.shape[known_axis], x)
            shapes = [(*x.type.shape[:known_axis], n, *x.type.shape[known_axis + 1 :]) for n in sizes]
        outputs = [tensor_type(x.type.dtype, shape)() for shape in shapes]
        return Apply(self, [x, axis, splits], outputs)

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        x, axis, splits = inputs
        axis = int(axis)
        _check_axis(axis, x.ndim, self)
        if len(splits) != self.len_splits:
            raise ValueError(f"{self}: got {len(splits)} sizes for {self.len_splits} pieces")
        _check_splits(splits.tolist(), x.shape[axis], self)
        for storage, piece in zip(output_storage, np.split(x, np.cumsum(splits[:-1]), axis=axis)):
            storage[0] = piece

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        _, axis, splits = node.inputs
        x_shape = shapes[0]
        known_axis = static_int(axis)
        results = []
        for piece, output in enumerate(node.outputs):
            result: list[Any] = []
            for i, known in enumerate(output.type.shape):
                if known is not None:
                    result.append(known)
                elif known_axis is None:
                    result.append(switch(eq(axis % len(x_shape), i), splits[piece], x_shape[i]))
                else:
                    result.append(splits[piece] if i == known_axis else x_shape[i])
            results.append(tuple(result))
        return results

    def connection_pattern(self, node: Any) -> list[list[bool]]:
        n = len(node.outputs)
        return [[True] * n, [False] * n, [False] * n]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        x, axis, _ = inputs
        disconnected = [DisconnectedType()(), DisconnectedType()()]
        if is_discrete_type(x):
            return [x.zeros_like(dtype=config.floatX), *disconnected]
        if all(isinstance(g.type, DisconnectedType) for g in output_grads):
            return [DisconnectedType()(), *disconnected]
        grads = [
            piece.zeros_like() if isinstance(g.type, DisconnectedType) else g for piece, g in zip(outputs, output_grads)
        ]
        return [join(axis, *grads), *disconnected]

    def R_op(self, inputs: Sequence[Tensor], eval_points: Sequence[Tensor | None]) -> list[Tensor | None]:
        if eval_points[0] is None:
            return [None] * self.len_splits
        return self(eval_points[0], *inputs[1:], return_list=True)

    def __str__(self) -> str:
        return f"Split{{{self.len_splits}}}"


def _check_splits(sizes: Sequence[int | None], length: int | None, what: Any) -> None:
    if any(size is not None and size < 0 for size in sizes):
        raise ValueError(f"Split of {what}: sizes must not be negative; got {list(sizes)}")
    if None not in sizes and length is not None and sum(sizes) != length:  # type: ignore[arg-type]
        raise ValueError(f"Split of {what}: the split sizes {list(sizes)} sum to {sum(sizes)}, expected {length}")  # type: ignore[arg-type]


def split(x: Any, splits_size: Any, n_splits: int, axis: Any = 0) -> Any:
    """Cut an array into pieces.

    Parameters
    ----------
    x : tensor_like
        The array.
    splits_size : vector_like of int
        The sizes of the pieces.
    n_splits : int
        The number of pieces.
    axis : int or scalar integer variable
        The dimension to cut.

    Returns
    -------
    list of TensorVariable
        The pieces; a single one not in a list.
    """
    return Split(n_splits)(x, axis, splits_size)


def tile(x: Any, reps: Any, ndim: int | None = None) -> Tensor:
    """Repeat an array as a whole along its dimensions.

    Parameters
    ----------
    x : tensor_like
        The array.
    reps : int, scalar variable, sequence of these, or vector variable
        How often along each dimension. Fewer of these count for the last dimensions; with more,
        the array gets dimensions of size 1 before the others.
    ndim : int, optional
        The number of dimensions of the result; needed where the length of `reps` isn't known.

    Raises
    ------
    ValueError
        If the length of `reps` isn't known, or is larger than `ndim`.
    """
    x = as_tensor_variable(x)
    if ndim is not None and ndim < x.type.ndim:
        raise ValueError(f"ndim should be at least the number of dimensions of {x}, {x.type.ndim}; got {ndim}")
    if isinstance(reps, Variable) and as_tensor_variable(reps).type.shape == (None,):
        if ndim is None:
            raise ValueError("If reps is a vector variable of unknown length, you should specify the ndim")
        vector = as_tensor_variable(reps)
        counts = [vector[i] for i in range(ndim)]
    else:
        counts = as_shape(reps, "number of repetitions")[0]
    out_ndim = max(len(counts), x.type.ndim)
    if ndim is not None:
        if len(counts) > ndim:
            raise ValueError(f"len(reps) should be at most ndim ({ndim}); got {len(counts)}")
        out_ndim = ndim
    one = literal(1, "int64")
    counts = [one] * (out_ndim - len(counts)) + list(counts)
    sizes = [one] * (out_ndim - x.type.ndim) + list(shape_tuple(x))
    # each dimension is split in two, (repetition, position), filled by broadcasting, and fused again
    first = out_ndim - x.type.ndim
    pattern: list[Any] = []
    for i in range(out_ndim):
        pattern += ["x", i - first if i >= first else "x"]
    target = [size for pair in zip(counts, sizes) for size in pair]
    return reshape(
        alloc(x.dimshuffle(pattern), *target), [count * size for count, size in zip(counts, sizes)], ndim=out_ndim
    )


def roll(x: Any, shift: Any, axis: Any = None) -> Tensor:
    """Shift elements along a dimension; those that leave at one end come in at the other.

    Parameters
    ----------
    x : tensor_like
        The array.
    shift : int or scalar variable, or sequence of these
        How far.
    axis : int or sequence of int, optional
        The dimension. By default the array is flattened, shifted, and gets its shape back.
    """
    x = as_tensor_variable(x)
    if axis is None:
        if x.type.ndim == 1:
            return _roll(x, shift, 0)
        return reshape(_roll(flatten(x), shift, 0), shape_tuple(x), ndim=x.type.ndim)
    axes = list(axis) if isinstance(axis, (tuple, list)) else [axis]
    shifts = list(shift) if isinstance(shift, (tuple, list)) else [shift] * len(axes)
    if len(shifts) == 1:
        shifts = shifts * len(axes)
    if len(shifts) != len(axes):
        raise ValueError(f"roll got {len(shifts)} shifts for {len(axes)} axes")
    for one_shift, one_axis in zip(shifts, axes):
        x = _roll(x, one_shift, normalize_axis(one_axis, x.type.ndim, x))
    return x


def _roll(x: Tensor, shift: Any, axis: int) -> Tensor:
    length = shape_tuple(x)[axis]
    cut = sub(length, mod(shift, maximum(length, 1)))
    before = (slice(None),) * axis
    return join(axis, x[(*before, slice(cut, None))], x[(*before, slice(None, cut))])
