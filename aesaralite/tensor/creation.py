"""Arrays made from nothing but a value and a shape."""

from __future__ import annotations

import builtins
import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from aesaralite.configdefaults import config
from aesaralite.errors import NotScalarConstantError
from aesaralite.graph.arguments import as_flag
from aesaralite.graph.basic import Apply, Variable
from aesaralite.graph.null_type import DisconnectedType
from aesaralite.graph.op import Op
from aesaralite.scalar.dtypes import is_discrete, is_weak, upcast, weak_dtype
from aesaralite.tensor.convert import as_tensor_variable, constant, literal
from aesaralite.tensor.elementwise import Elemwise
from aesaralite.tensor.pointwise import cast, ceil, eq, lt, maximum, neq, second, switch
from aesaralite.tensor.shaping import shape_tuple
from aesaralite.tensor.static import (
    KnownValue,
    Tensor,
    as_shape,
    as_size,
    dtype_name,
    get_scalar_constant_value,
    is_discrete_type,
    scalar_constant_rule,
    static_int,
)
from aesaralite.tensor.tensor_type import tensor_type
from aesaralite.tensor.unbroadcasting import sum_to_like

# beyond this many elements, a constant shape is better computed in every call than kept in the program
_LARGEST_FOLDED = 1000


def _check_sizes(shape: tuple[int, ...], what: Any) -> None:
    if builtins.any(size < 0 for size in shape):
        raise ValueError(f"{what}: negative sizes are not allowed; got shape {shape}")


def _is_small(output: Tensor) -> bool:
    static = output.type.shape
    return None not in static and math.prod(static) <= _LARGEST_FOLDED


class Alloc(Op):
    """Repeat a value along new and broadcastable dimensions: ``Alloc()(value, *sizes)``.

    The value may have fewer dimensions than there are sizes; each of its dimensions has size 1 or
    the size asked for, when it runs.
    """

    __props__ = ()

    def make_node(self, value: Any, *shape: Any) -> Apply:
        """Apply the Op.

        Parameters
        ----------
        value : tensor_like
            What to repeat.
        *shape : int or scalar integer variable
            The sizes of the result.

        Raises
        ------
        TypeError
            If the value has more dimensions than there are sizes, or a size is no integer.
        ValueError
            If it is known that a size is negative, or that the value doesn't broadcast to the shape.
        """
        v = as_tensor_variable(value)
        sizes, static = as_shape(shape, "shape of Alloc")
        if v.type.ndim > len(sizes):
            raise TypeError(
                f"The Alloc value {v} has more dimensions ({v.type.ndim}) than the specified shape ({len(sizes)})"
            )
        _check_sizes(tuple(size for size in static if size is not None), "Alloc")
        out_shape = list(static)
        offset = len(sizes) - v.type.ndim
        for i, size in enumerate(v.type.shape):
            if size is None or size == 1:
                continue
            if out_shape[offset + i] is None:
                out_shape[offset + i] = size
            elif out_shape[offset + i] != size:
                raise ValueError(
                    f"The Alloc value {v} of shape {v.type.shape} doesn't broadcast to shape {static}: "
                    f"sizes {size} and {static[offset + i]} of dimension {offset + i} differ"
                )
        return Apply(self, [v, *sizes], [tensor_type(v.type.dtype, tuple(out_shape))()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        value, *sizes = inputs
        shape = tuple(int(size) for size in sizes)
        _check_sizes(shape, "Alloc")
        try:
            view = np.broadcast_to(value, shape)
        except ValueError:
            aligned = shape[len(shape) - value.ndim :]
            if all(own in (1, size) for own, size in zip(value.shape, aligned)):
                raise ValueError(f"Alloc: an array of shape {shape} is too large") from None
            raise ValueError(f"Alloc: a value of shape {value.shape} doesn't broadcast to shape {shape}") from None
        output_storage[0][0] = np.array(view, dtype=node.outputs[0].type.dtype)

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        return [tuple(node.inputs[1:])]

    def connection_pattern(self, node: Any) -> list[list[bool]]:
        return [[True]] + [[False]] * (len(node.inputs) - 1)

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        value, *sizes = inputs
        (gz,) = output_grads
        leading = len(sizes) - value.type.ndim
        if leading:
            gz = gz.sum(axis=tuple(range(leading)))
        return [sum_to_like(gz, value, Elemwise), *(DisconnectedType()() for _ in sizes)]

    def R_op(self, inputs: Sequence[Tensor], eval_points: Sequence[Tensor | None]) -> list[Tensor | None]:
        if eval_points[0] is None:
            return [None]
        return [self(eval_points[0], *inputs[1:])]

    def do_constant_folding(self, fgraph: Any, node: Any) -> bool:
        return _is_small(node.outputs[0])


alloc = Alloc()


@scalar_constant_rule.register(Alloc)
def _alloc_constant(op: Alloc, node: Any, index: int, known: KnownValue) -> np.ndarray:
    return known(node.inputs[0])


@dataclass(frozen=True, eq=False, repr=False)
class AllocEmpty(Op):
    """Make an array without setting its elements: ``AllocEmpty(dtype)(*sizes)``.

    Parameters
    ----------
    dtype : str
        The dtype of the array.
    """

    dtype: str

    is_deterministic = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "dtype", dtype_name(self.dtype))

    def make_node(self, *shape: Any) -> Apply:
        sizes, static = as_shape(shape, "shape of AllocEmpty")
        _check_sizes(tuple(size for size in static if size is not None), "AllocEmpty")
        return Apply(self, sizes, [tensor_type(self.dtype, static)()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        shape = tuple(int(size) for size in inputs)
        _check_sizes(shape, "AllocEmpty")
        output_storage[0][0] = np.empty(shape, dtype=self.dtype)

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        return [tuple(node.inputs)]

    def connection_pattern(self, node: Any) -> list[list[bool]]:
        return [[False] for _ in node.inputs]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        return [DisconnectedType()() for _ in inputs]

    def R_op(self, inputs: Sequence[Tensor], eval_points: Sequence[Tensor | None]) -> list[Tensor | None]:
        return [None]

    def do_constant_folding(self, fgraph: Any, node: Any) -> bool:
        return False


def empty(shape: Any, dtype: Any = None) -> Tensor:
    """Return an array of a shape, its elements not set.

    Parameters
    ----------
    shape : int, scalar variable, sequence of these, or vector variable of known length
        The shape.
    dtype : str, optional
        By default ``config.floatX``.
    """
    return AllocEmpty(dtype_name(dtype))(*as_shape(shape)[0])


def zeros(shape: Any, dtype: Any = None) -> Tensor:
    """Return an array of zeros. Parameters are those of `empty`."""
    return full(shape, 0, dtype_name(dtype))


def ones(shape: Any, dtype: Any = None) -> Tensor:
    """Return an array of ones. Parameters are those of `empty`."""
    return full(shape, 1, dtype_name(dtype))


def full(shape: Any, fill_value: Any, dtype: Any = None) -> Tensor:
    """Return an array filled with a value.

    Parameters
    ----------
    shape
        As for `empty`.
    fill_value : tensor_like
        Broadcasts to the shape.
    dtype : str, optional
        By default that of `fill_value`.
    """
    return alloc(_value(fill_value, dtype), *as_shape(shape)[0])


def _value(value: Any, dtype: Any) -> Tensor:
    if dtype is None:
        return as_tensor_variable(value)
    if isinstance(value, Variable):
        return cast(as_tensor_variable(value), dtype_name(dtype))
    return constant(np.asarray(value).astype(dtype_name(dtype)))


def empty_like(prototype: Any, dtype: Any = None) -> Tensor:
    """Return an array of the shape of another, its elements not set.

    Parameters
    ----------
    prototype : tensor_like
        Gives the shape.
    dtype : str, optional
        By default that of `prototype`.
    """
    prototype = as_tensor_variable(prototype)
    return AllocEmpty(prototype.type.dtype if dtype is None else dtype_name(dtype))(*shape_tuple(prototype))


def _constant_like(model: Any, value: int, dtype: Any, opt: bool) -> Tensor:
    model = as_tensor_variable(model)
    scalar = constant(value, dtype=model.type.dtype if dtype is None else dtype_name(dtype))
    if as_flag(opt, "opt") and scalar.type == model.type:
        return scalar
    return second(model, scalar)


def zeros_like(model: Any, dtype: Any = None, opt: bool = False) -> Tensor:
    """Return zeros in the shape of `model`.

    Parameters
    ----------
    model : tensor_like
        Gives the shape.
    dtype : str, optional
        By default that of `model`.
    opt : bool
        Whether a constant is returned where one has the right type.
    """
    return _constant_like(model, 0, dtype, opt)


def ones_like(model: Any, dtype: Any = None, opt: bool = False) -> Tensor:
    """Return ones in the shape of `model`. Parameters are those of `zeros_like`."""
    return _constant_like(model, 1, dtype, opt)


def full_like(a: Any, fill_value: Any, dtype: Any = None) -> Tensor:
    """Return a value repeated in the shape of another array.

    Parameters
    ----------
    a : tensor_like
        Gives the shape.
    fill_value : tensor_like
        Broadcasts to the shape.
    dtype : str, optional
        By default that of `fill_value`; a bare Python number takes the dtype of `a` where it fits.
    """
    a = as_tensor_variable(a)
    if dtype is None and is_weak(fill_value):
        dtype = upcast(a.type.dtype, weak_dtype(fill_value, a.type.dtype))
    return second(a, _value(fill_value, dtype))


@dataclass(frozen=True, eq=False, repr=False)
class ARange(Op):
    """Evenly spaced numbers: ``ARange(dtype)(start, stop, step)``.

    Parameters
    ----------
    dtype : str
        The dtype of the numbers.
    """

    dtype: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "dtype", dtype_name(self.dtype))

    def make_node(self, start: Any, stop: Any, step: Any) -> Apply:
        """Apply the Op to three 0-d values.

        Raises
        ------
        TypeError
            If one isn't 0-d, or is complex.
        ValueError
            If the step is known to be zero.
        """
        inputs = [as_tensor_variable(value) for value in (start, stop, step)]
        for name, variable in zip(("start", "stop", "step"), inputs):
            if variable.type.ndim != 0 or variable.type.dtype.startswith("complex"):
                raise TypeError(f"The {name} of arange must be a real scalar; got {variable} of type {variable.type}")
        length = None
        with suppress(NotScalarConstantError):
            length = _range_length(*(get_scalar_constant_value(variable).item() for variable in inputs))
        return Apply(self, inputs, [tensor_type(self.dtype, (length,))()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        start, stop, step = (value.item() for value in inputs)
        _range_length(start, stop, step)
        output_storage[0][0] = np.arange(start, stop, step, dtype=self.dtype)

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        static = node.outputs[0].type.shape[0]
        if static is not None:
            return [(static,)]
        start, stop, step = node.inputs
        zero = literal(0, "int64")
        if builtins.all(is_discrete_type(variable) for variable in node.inputs):
            start, stop, step = (cast(variable, "int64") for variable in node.inputs)
            known_start, known_step = static_int(start), static_int(step)
            span = stop if known_start == 0 else stop - start
            if known_step == 1:
                return [(maximum(span, zero),)]
            return [(maximum(-((-span) // step), zero),)]
        start, stop, step = (cast(variable, "float64") for variable in node.inputs)
        span = stop - start
        steps = span / step
        # less than one step may be too little for a float
        vanishes = eq(steps, 0) & neq(span, 0) & eq(lt(span, 0), lt(step, 0))
        return [(maximum(cast(switch(vanishes, 1.0, ceil(steps)), "int64"), zero),)]

    def connection_pattern(self, node: Any) -> list[list[bool]]:
        return [[True], [False], [True]]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        (start, _, step), (z,), (gz,) = inputs, outputs, output_grads
        if is_discrete_type(z):
            return [start.zeros_like(dtype=config.floatX), DisconnectedType()(), step.zeros_like(dtype=config.floatX)]
        positions = cast(arange(z.shape[0]), z.type.dtype)
        return [gz.sum(), DisconnectedType()(), (gz * positions).sum()]

    def R_op(self, inputs: Sequence[Tensor], eval_points: Sequence[Tensor | None]) -> list[Tensor | None]:
        return [None]

    def do_constant_folding(self, fgraph: Any, node: Any) -> bool:
        return _is_small(node.outputs[0])


def _range_length(start: Any, stop: Any, step: Any) -> int:
    if step == 0:
        raise ValueError("The step of arange must not be zero")
    span = stop - start
    if isinstance(span, int) and isinstance(step, int):
        return builtins.max(-(-span // step), 0)
    steps = span / step
    if steps == 0 and span != 0:
        # less than one step, and too little for a float
        return int((span > 0) == (step > 0))
    length = math.ceil(steps) if math.isfinite(steps) else steps
    if not math.isfinite(length):
        raise ValueError(f"arange: can't count from {start} to {stop} in steps of {step}")
    return builtins.max(length, 0)


def arange(start: Any, stop: Any = None, step: Any = 1, dtype: Any = None) -> Tensor:
    """Return numbers from `start` up to (and without) `stop` in steps of `step`.

    Parameters
    ----------
    start : number or scalar variable
        The first number; or, as the only argument, the stop, and the first number is 0.
    stop : number or scalar variable, optional
        The end.
    step : number or scalar variable
        The step; may be negative.
    dtype : str, optional
        By default int64 if all arguments are integers, else the widest dtype of theirs, where a bare
        Python float counts as one of the others' or of ``config.floatX``.

    Raises
    ------
    ValueError
        If the step is zero.

    Examples
    --------
    >>> import aesaralite.tensor as at
    >>> at.arange(1, 7, 2).eval()
    array([1, 3, 5])
    """
    if stop is None:
        start, stop = 0, start
    if dtype is None:
        dtype = _range_dtype([start, stop, step])
    return ARange(dtype_name(dtype))(start, stop, step)


def _range_dtype(values: Sequence[Any]) -> str:
    literals = [value for value in values if is_weak(value)]
    strong = [as_tensor_variable(value).type.dtype for value in values if not is_weak(value)]
    dtype = upcast(*strong) if strong else "int64"
    if is_discrete(dtype):
        if builtins.any(type(value) is float for value in literals):
            return config.floatX
        return "uint64" if dtype == "uint64" else "int64"
    return dtype


@dataclass(frozen=True, eq=False, repr=False)
class Eye(Op):
    """A matrix with ones on a diagonal and zeros elsewhere: ``Eye(dtype)(n, m, k)``.

    Parameters
    ----------
    dtype : str or None
        The dtype; None for ``config.floatX``.
    """

    dtype: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "dtype", dtype_name(self.dtype))

    def make_node(self, n: Any, m: Any, k: Any) -> Apply:
        """Apply the Op to the numbers of rows and columns and the diagonal, which are integer scalars."""
        (n, m), static = as_shape((n, m), "shape of an identity matrix")
        _check_sizes(tuple(size for size in static if size is not None), "Eye")
        k = as_size(k, "diagonal of an identity matrix")
        return Apply(self, [n, m, k], [tensor_type(self.dtype, static)()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        n, m, k = (int(value) for value in inputs)
        _check_sizes((n, m), "Eye")
        output_storage[0][0] = np.eye(n, m, k, dtype=self.dtype)

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        return [tuple(node.inputs[:2])]

    def connection_pattern(self, node: Any) -> list[list[bool]]:
        return [[False]] * 3

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        return [DisconnectedType()() for _ in inputs]

    def R_op(self, inputs: Sequence[Tensor], eval_points: Sequence[Tensor | None]) -> list[Tensor | None]:
        return [None]

    def do_constant_folding(self, fgraph: Any, node: Any) -> bool:
        return _is_small(node.outputs[0])


def eye(n: Any, m: Any = None, k: Any = 0, dtype: Any = None) -> Tensor:
    """Return a matrix with ones on a diagonal and zeros elsewhere.

    Parameters
    ----------
    n : int or scalar variable
        The number of rows.
    m : int or scalar variable, optional
        The number of columns; by default that of rows.
    k : int or scalar variable
        The diagonal: 0 for the main one, positive above it.
    dtype : str, optional
        By default ``config.floatX``.
    """
    return Eye(dtype)(n, n if m is None else m, k)


def identity_like(x: Any, dtype: Any = None) -> Tensor:
    """Return the identity matrix in the shape of `x`.

    Parameters
    ----------
    x : matrix_like
        Gives the shape.
    dtype : str, optional
        By default that of `x`.
    """
    x = as_tensor_variable(x)
    if x.type.ndim != 2:
        raise ValueError(f"identity_like needs a matrix; {x} has {x.type.ndim} dimensions")
    rows, columns = shape_tuple(x)
    return eye(rows, columns, dtype=x.type.dtype if dtype is None else dtype)
