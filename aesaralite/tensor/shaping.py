"""Shapes as values, and statements about shapes."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aesaralite.configdefaults import config
from aesaralite.errors import NotScalarConstantError
from aesaralite.graph.arguments import as_flag, as_integer, as_list
from aesaralite.graph.basic import Apply, Variable
from aesaralite.graph.generic import NoneConst, NoneTypeT
from aesaralite.graph.null_type import DisconnectedType
from aesaralite.graph.op import Op
from aesaralite.scalar.type import ScalarType, get_scalar_type
from aesaralite.scalar.variable import ScalarConstant, ScalarVariable
from aesaralite.tensor.convert import _as_tensor_variable, as_tensor_variable, constant, literal
from aesaralite.tensor.static import (
    KnownValue,
    Tensor,
    as_shape,
    as_size,
    is_discrete_type,
    normalize_axis,
    same_static_size,
    scalar_constant_rule,
    static_int,
    vector_entries_rule,
)
from aesaralite.tensor.tensor_type import tensor_type


class Shape(Op):
    """The shape of an array, as a vector of int64. No gradient flows through it."""

    __props__ = ()

    def make_node(self, x: Any) -> Apply:
        if not isinstance(x, Variable):
            x = as_tensor_variable(x)
        return Apply(self, [x], [tensor_type("int64", (getattr(x.type, "ndim", None),))()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        output_storage[0][0] = np.array(np.shape(inputs[0]), dtype="int64")

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        return [(len(shapes[0]),)]

    def connection_pattern(self, node: Any) -> list[list[bool]]:
        return [[False]]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        return [DisconnectedType()()]

    def R_op(self, inputs: Sequence[Tensor], eval_points: Sequence[Tensor | None]) -> list[Tensor | None]:
        return [None]


_shape = Shape()


@dataclass(frozen=True, eq=False, repr=False)
class Shape_i(Op):
    """The size of one dimension of an array, as a 0-d int64. No gradient flows through it.

    Parameters
    ----------
    i : int
        The dimension.
    """

    i: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "i", as_integer(self.i, "the dimension"))

    def make_node(self, x: Any) -> Apply:
        if not isinstance(x, Variable):
            x = as_tensor_variable(x)
        ndim = getattr(x.type, "ndim", None)
        if ndim is None or not 0 <= self.i < ndim:
            raise TypeError(f"{x} has no dimension {self.i}: its type is {x.type}")
        return Apply(self, [x], [tensor_type("int64", ())()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        output_storage[0][0] = np.array(np.shape(inputs[0])[self.i], dtype="int64")

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        return [()]

    def connection_pattern(self, node: Any) -> list[list[bool]]:
        return [[False]]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        return [DisconnectedType()()]

    def R_op(self, inputs: Sequence[Tensor], eval_points: Sequence[Tensor | None]) -> list[Tensor | None]:
        return [None]

    def __str__(self) -> str:
        return f"Shape_i{{{self.i}}}"


@scalar_constant_rule.register(Shape_i)
def _shape_i_constant(op: Shape_i, node: Any, index: int, known: KnownValue) -> np.ndarray:
    size = node.inputs[0].type.shape[op.i]
    if size is None:
        raise NotScalarConstantError(f"The size of dimension {op.i} of {node.inputs[0]} isn't known")
    return np.array(size, dtype="int64")


@vector_entries_rule.register(Shape)
def _shape_entries(op: Shape, node: Any) -> Sequence[Any] | None:
    return shape_tuple(node.inputs[0])


def shape(x: Any) -> Tensor:
    """Return the shape of an array as a vector of int64.

    Parameters
    ----------
    x : tensor_like
        The array.

    Returns
    -------
    TensorVariable
        A constant, where the whole shape is known.
    """
    if not isinstance(x, Variable):
        x = as_tensor_variable(x)
    static = getattr(x.type, "shape", None)
    if static is not None and None not in static:
        return constant(np.array(static, dtype="int64"))
    return _shape(x)


def shape_i(var: Any, i: int, fgraph: Any = None) -> Tensor:
    """Return the size of one dimension as a 0-d int64.

    Parameters
    ----------
    var : tensor_like
        The array.
    i : int
        The dimension; may count from the end.
    fgraph : FunctionGraph, optional
        A graph with a `ShapeFeature`, which may know an expression for it.
    """
    var = as_tensor_variable(var)
    i = normalize_axis(i, var.type.ndim, var)
    feature = getattr(fgraph, "shape_feature", None)
    if feature is not None and var in feature.shape_of:
        return feature.shape_of[var][i]
    static = var.type.shape[i]
    return Shape_i(i)(var) if static is None else literal(static, "int64")


def shape_tuple(x: Any) -> tuple[Tensor, ...]:
    """Return the sizes of the dimensions, as 0-d int64 variables; constants, where they are known."""
    x = as_tensor_variable(x)
    return tuple(shape_i(x, i) for i in range(x.type.ndim))


def size(x: Any) -> Tensor:
    """Return the number of elements as a 0-d int64."""
    product: Any = literal(1, "int64")
    for i, factor in enumerate(shape_tuple(x)):
        product = factor if i == 0 else product * factor
    return product


class SpecifyShape(Op):
    """State the sizes of an array's dimensions: ``SpecifyShape()(x, *sizes)``; `None` where nothing is said.

    Returns the array itself; raises AssertionError when it runs and a size is another.
    """

    __props__ = ()
    view_map = {0: [0]}

    def make_node(self, x: Any, *shape: Any) -> Apply:
        x = as_tensor_variable(x)
        if x.type.ndim != len(shape):
            raise ValueError(f"{x} is {x.type.ndim}-dimensional and will never match a shape of length {len(shape)}")
        sizes = [NoneConst if _says_nothing(size) else as_size(size, "shape of SpecifyShape") for size in shape]
        out_shape = tuple(
            same_static_size(
                (known, None if size is NoneConst else static_int(size)),
                f"Dimension {i} of {x}, of type {x.type}, can't have the specified size",
            )
            for i, (known, size) in enumerate(zip(x.type.shape, sizes))
        )
        return Apply(self, [x, *sizes], [tensor_type(x.type.dtype, out_shape)()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        x, *sizes = inputs
        expected = tuple(None if size is None else int(size) for size in sizes)
        if any(size is not None and size != got for size, got in zip(expected, x.shape)):
            raise AssertionError(f"SpecifyShape: Got shape {x.shape}, expected {expected}.")
        output_storage[0][0] = x

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        sizes = node.inputs[1:]
        return [tuple(got if _says_nothing(size) else size for got, size in zip(shapes[0], sizes))]

    def connection_pattern(self, node: Any) -> list[list[bool]]:
        return [[True]] + [[False]] * (len(node.inputs) - 1)

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        (gz,) = output_grads
        return [self(gz, *inputs[1:]), *(DisconnectedType()() for _ in inputs[1:])]

    def R_op(self, inputs: Sequence[Tensor], eval_points: Sequence[Tensor | None]) -> list[Tensor | None]:
        if eval_points[0] is None:
            return [None]
        return [self(eval_points[0], *inputs[1:])]


def _says_nothing(size: Any) -> bool:
    return size is None or (isinstance(size, Variable) and isinstance(size.type, NoneTypeT))


_specify_shape = SpecifyShape()


def specify_shape(x: Any, shape: Any) -> Tensor:
    """State the shape of an array; an array of another shape is an error when it runs.

    Parameters
    ----------
    x : tensor_like
        The array.
    shape : int, scalar variable, sequence of these and None, or vector variable of known length
        The sizes; None for a dimension about which nothing is said.

    Returns
    -------
    TensorVariable
        `x` itself, if its type says as much already.

    Raises
    ------
    ValueError
        If the number of sizes is wrong, or it is known that a size is another.

    Examples
    --------
    >>> import aesaralite.tensor as at
    >>> x = at.dmatrix("x")
    >>> at.specify_shape(x, (2, None)).type.shape
    (2, None)
    """
    x = as_tensor_variable(x)
    entries: list[Any]
    if isinstance(shape, (tuple, list)):
        entries = list(shape)
    else:
        entries = [None] if shape is None else list(as_shape(shape)[0])
    if x.type.ndim == len(entries) and all(
        _says_nothing(entry) or (known is not None and static_int(entry) == known)
        for entry, known in zip(entries, x.type.shape)
    ):
        return x
    return _specify_shape(x, *entries)


def specify_broadcastable(x: Any, *axes: int) -> Tensor:
    """State that dimensions of an array have size 1; another size is an error when it runs.

    Parameters
    ----------
    x : tensor_like
        The array.
    *axes : int
        The dimensions.
    """
    x = as_tensor_variable(x)
    chosen = {normalize_axis(axis, x.type.ndim, x) for axis in axes}
    return specify_shape(x, [1 if i in chosen else known for i, known in enumerate(x.type.shape)])


addbroadcast = specify_broadcastable


class Unbroadcast(Op):
    """Forget that dimensions have size 1: ``Unbroadcast(*axes)(x)`` has the value of x and a wider type.

    Parameters
    ----------
    *axis : int
        The dimensions.

    Raises
    ------
    TypeError
        If a dimension is no integer, or negative.
    """

    __props__ = ("axes",)
    view_map = {0: [0]}

    def __init__(self, *axis: int):
        try:
            self.axes = tuple(sorted({operator.index(a) for a in axis}))
        except TypeError:
            raise TypeError(f"Unbroadcast needs integer axes; got {axis}") from None
        if self.axes and self.axes[0] < 0:
            raise TypeError(f"The axes of Unbroadcast must not be negative; got {axis}")

    def make_node(self, x: Any) -> Apply:
        x = as_tensor_variable(x)
        if self.axes and self.axes[-1] >= x.type.ndim:
            raise ValueError(f"{self} can't be applied to {x}, which has {x.type.ndim} dimensions")
        shape = tuple(None if i in self.axes and known == 1 else known for i, known in enumerate(x.type.shape))
        return Apply(self, [x], [tensor_type(x.type.dtype, shape)()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        output_storage[0][0] = inputs[0]

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        return [tuple(shapes[0])]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        (x,), (gz,) = inputs, output_grads
        return [specify_broadcastable(gz, *(i for i in self.axes if x.type.shape[i] == 1))]

    def R_op(self, inputs: Sequence[Tensor], eval_points: Sequence[Tensor | None]) -> list[Tensor | None]:
        return [None if point is None else self(point) for point in eval_points]

    def __str__(self) -> str:
        return f"Unbroadcast{{{','.join(map(str, self.axes))}}}"


def unbroadcast(x: Any, *axes: int) -> Tensor:
    """Forget that dimensions have size 1, so that arrays of other sizes may stand there.

    Parameters
    ----------
    x : tensor_like
        The array.
    *axes : int
        The dimensions.
    """
    x = as_tensor_variable(x)
    chosen = {normalize_axis(axis, x.type.ndim, x) for axis in axes}
    forgotten = sorted(axis for axis in chosen if x.type.shape[axis] == 1)
    return Unbroadcast(*forgotten)(x) if forgotten else x


def patternbroadcast(x: Any, broadcastable: Sequence[bool]) -> Tensor:
    """State or forget, for each dimension, that its size is 1.

    Parameters
    ----------
    x : tensor_like
        The array.
    broadcastable : sequence of bool
        Whether each dimension has size 1.
    """
    x = as_tensor_variable(x)
    broadcastable = [as_flag(flag, "each of broadcastable") for flag in as_list(broadcastable, "broadcastable")]
    if len(broadcastable) != x.type.ndim:
        raise ValueError(f"{x} has {x.type.ndim} dimensions, got a pattern of {len(broadcastable)}")
    x = specify_broadcastable(x, *(i for i, ones in enumerate(broadcastable) if ones))
    return unbroadcast(x, *(i for i, ones in enumerate(broadcastable) if not ones))


class TensorFromScalar(Op):
    """Make a scalar variable (of the `scalar` package) a 0-d tensor."""

    __props__ = ()

    def make_node(self, s: Any) -> Apply:
        if not isinstance(s, Variable) or not isinstance(s.type, ScalarType):
            raise TypeError(f"Input must be a `ScalarType` `Variable`; got {s}")
        return Apply(self, [s], [tensor_type(s.type.dtype, ())()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        output_storage[0][0] = np.asarray(inputs[0], dtype=node.outputs[0].type.dtype)

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        return [()]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        (s,), (gz,) = inputs, output_grads
        if is_discrete_type(outputs[0]):
            return [s.zeros_like(dtype=config.floatX)]
        return [scalar_from_tensor(gz)]

    def R_op(self, inputs: Sequence[Tensor], eval_points: Sequence[Tensor | None]) -> list[Tensor | None]:
        return [None if point is None else self(point) for point in eval_points]


class ScalarFromTensor(Op):
    """Make a 0-d tensor a scalar variable (of the `scalar` package)."""

    __props__ = ()

    def make_node(self, t: Any) -> Apply:
        t = as_tensor_variable(t)
        if t.type.ndim != 0:
            raise TypeError(f"Input must be a scalar `TensorType`; got {t} of type {t.type}")
        return Apply(self, [t], [get_scalar_type(t.type.dtype).make_variable()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        output_storage[0][0] = inputs[0][()]

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        return [()]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        return [tensor_from_scalar(output_grads[0])]

    def R_op(self, inputs: Sequence[Tensor], eval_points: Sequence[Tensor | None]) -> list[Tensor | None]:
        return [None if point is None else self(point) for point in eval_points]


tensor_from_scalar = TensorFromScalar()
scalar_from_tensor = ScalarFromTensor()


@_as_tensor_variable.register(ScalarConstant)
def _as_tensor_scalar_constant(x: Any, name: str | None = None, ndim: int | None = None, **kwargs: Any) -> Any:
    return constant(x.data, name=name, ndim=ndim, **kwargs)


@_as_tensor_variable.register(ScalarVariable)
def _as_tensor_scalar(x: Any, name: str | None = None, ndim: int | None = None, **kwargs: Any) -> Any:
    return as_tensor_variable(tensor_from_scalar(x), name=name, ndim=ndim, **kwargs)


@scalar_constant_rule.register(TensorFromScalar)
@scalar_constant_rule.register(ScalarFromTensor)
def _conversion_constant(op: Any, node: Any, index: int, known: KnownValue) -> np.ndarray:
    return known(node.inputs[0])


def get_vector_length(v: Any) -> int:
    """Return the length of a vector, if it is known while the graph is built.

    Parameters
    ----------
    v : vector variable or sequence
        The vector.

    Raises
    ------
    TypeError
        If `v` is no vector.
    ValueError
        If the length isn't known.
    """
    v = as_tensor_variable(v)
    if v.type.ndim != 1:
        raise TypeError(f"Argument must be a vector; got {v} of type {v.type}")
    if v.type.shape[0] is None:
        raise ValueError(f"Length of {v} cannot be determined")
    return v.type.shape[0]
