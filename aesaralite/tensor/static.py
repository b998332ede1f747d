"""What is known of sizes and scalar values while the graph is built."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from functools import singledispatch
from typing import Any, TypeAlias

import numpy as np

from aesaralite.configdefaults import config
from aesaralite.errors import EmptyConstantError, NotScalarConstantError
from aesaralite.graph.arguments import as_flag, described
from aesaralite.graph.basic import Constant, Variable
from aesaralite.scalar.dtypes import is_discrete, normalize_dtype
from aesaralite.scalar.selection import Second
from aesaralite.tensor.convert import as_tensor_variable, literal
from aesaralite.tensor.dimshuffle import DimShuffle
from aesaralite.tensor.elementwise import Elemwise

Tensor: TypeAlias = Any
"""A tensor variable. Its operators and methods are defined above all that is used to define them."""

KnownValue = Callable[[Tensor], np.ndarray]


@singledispatch
def scalar_constant_rule(op: Any, node: Any, index: int, known: KnownValue) -> np.ndarray:
    """Return the one value that output `index` of `node` holds, whatever its inputs' values are.

    Register a rule with ``@scalar_constant_rule.register(OpClass)``. `known` gives the value of an
    input, or raises `NotScalarConstantError`.

    Raises
    ------
    NotScalarConstantError
        If the value isn't known.
    """
    raise NotScalarConstantError(f"{node} is not a scalar constant")


def get_scalar_constant_value(
    v: Any, elemwise: bool = True, only_process_constants: bool = False, max_recur: int = 10
) -> Any:
    """Return the value that `v` holds in every element, if it is known while the graph is built.

    Parameters
    ----------
    v : Variable, number or ndarray
        What is asked about.
    elemwise : bool
        Whether to compute elementwise functions of constants.
    only_process_constants : bool
        Whether to look at constants only, and at no node.
    max_recur : int
        How many nodes deep to look.

    Returns
    -------
    ndarray or None
        A 0-d array; None for the constant None.

    Raises
    ------
    NotScalarConstantError
        If the value isn't known, or `v` holds several values.
    EmptyConstantError
        If `v` is a constant without elements.

    Examples
    --------
    >>> import aesaralite.tensor as at
    >>> at.get_scalar_constant_value(at.zeros((3,)) + 1)
    array(1.)
    """
    if v is None:
        raise NotScalarConstantError("None is not a scalar constant")
    if not isinstance(v, Variable):
        return _uniform(np.asarray(v), v)
    if isinstance(v, Constant):
        if v.data is None:
            return None
        # a copy, so that nobody writes into the constant
        return _uniform(np.asarray(v.data), v).copy()
    if as_flag(only_process_constants, "only_process_constants") or v.owner is None or max_recur <= 0:
        raise NotScalarConstantError(f"{v} is not a scalar constant")
    if not elemwise and isinstance(v.owner.op, Elemwise):
        raise NotScalarConstantError(f"{v} is not a scalar constant")

    def known(variable: Tensor) -> np.ndarray:
        return get_scalar_constant_value(variable, elemwise, only_process_constants, max_recur - 1)

    return scalar_constant_rule(v.owner.op, v.owner, v.index or 0, known)


def extract_constant(x: Any, elemwise: bool = True, only_process_constants: bool = False) -> Any:
    """Return the scalar constant that `x` is, or `x` itself if it isn't known to be one."""
    try:
        return get_scalar_constant_value(x, elemwise, only_process_constants)
    except NotScalarConstantError:
        return x


def static_int(v: Any) -> int | None:
    """Return the value of a symbolic integer as an int if it is known while the graph is built, else None.

    A value that is checked when it runs counts as known: if it's another, the check fails.
    """
    while isinstance(v, Variable) and v.owner is not None and getattr(v.owner.op, "returns_first_input", False):
        v = v.owner.inputs[0]
    try:
        value = get_scalar_constant_value(v)
    except NotScalarConstantError:
        return None
    return None if value is None else int(value)


def _uniform(data: np.ndarray, what: Any) -> np.ndarray:
    if data.ndim == 0:
        if data.dtype.kind not in "biufc":
            raise NotScalarConstantError(f"{what} is not a number")
        return data
    if data.size == 0:
        raise EmptyConstantError(f"{what} has no elements")
    first = data.flat[0]
    if data.size > 1 and (data.flat[-1] != first or not np.all(data == first)):
        raise NotScalarConstantError(f"{what} holds several values")
    return np.asarray(first, dtype=data.dtype)


@scalar_constant_rule.register(Elemwise)
def _elemwise_constant(op: Elemwise, node: Any, index: int, known: KnownValue) -> np.ndarray:
    if len(node.outputs) != 1:
        raise NotScalarConstantError(f"{node} has several outputs")
    if isinstance(op.scalar_op, Second):
        return known(node.inputs[1])
    inputs = [known(variable).reshape((1,) * variable.type.ndim) for variable in node.inputs]
    storage = [[None]]
    try:
        op.perform(node, inputs, storage)
    except (ArithmeticError, ValueError) as error:
        # what can't be computed is for the call to report
        raise NotScalarConstantError(f"{node} can't be computed: {error}") from error
    return _uniform(np.asarray(storage[0][0]), node)


@scalar_constant_rule.register(DimShuffle)
def _dimshuffle_constant(op: DimShuffle, node: Any, index: int, known: KnownValue) -> np.ndarray:
    return known(node.inputs[0])


@singledispatch
def vector_entries_rule(op: Any, node: Any) -> Sequence[Any] | None:
    """Return the elements of the vector that `node` makes, if they exist without it; else None.

    Register a rule with ``@vector_entries_rule.register(OpClass)``.
    """
    return None


def vector_entries(vector: Tensor) -> Sequence[Any]:
    """Return the elements of a vector variable of known length, as numbers or 0-d variables."""
    if isinstance(vector, Constant):
        return list(vector.data)
    entries = None if vector.owner is None else vector_entries_rule(vector.owner.op, vector.owner)
    if entries is None:
        if len(vector.type.shape) != 1 or vector.type.shape[0] is None:
            raise ValueError(f"{vector}, of type {vector.type}, isn't a vector of known length")
        entries = [vector[i] for i in range(vector.type.shape[0])]
    return entries


def as_size(value: Any, what: str = "shape") -> Tensor:
    """Return one size as a 0-d int64 variable.

    Raises
    ------
    TypeError
        If it isn't an integer scalar.
    """
    if not isinstance(value, Variable):
        try:
            return literal(operator.index(value), "int64")
        except TypeError:
            raise TypeError(f"The {what} must be made of scalar integers; got {described(value)}") from None
    variable = as_tensor_variable(value)
    if variable.type.ndim != 0 or np.dtype(variable.type.dtype).kind not in "iu":
        raise TypeError(f"The {what} must be made of scalar integers; got {variable} of type {variable.type}")
    return variable if variable.type.dtype == "int64" else variable.astype("int64")


def as_shape(shape: Any, what: str = "shape") -> tuple[list[Tensor], tuple[int | None, ...]]:
    """Bring whatever stands for a shape into one form.

    Parameters
    ----------
    shape : int, scalar variable, sequence of these, ndarray or vector variable
        A vector variable must have a length that is known.
    what : str
        How to call it in errors.

    Returns
    -------
    sizes : list of Variable
        0-d and int64.
    static : tuple of int or None
        The sizes that are known.

    Raises
    ------
    TypeError
        If a size is no integer.
    ValueError
        If the number of sizes isn't known.
    """
    if isinstance(shape, Variable):
        shape = as_tensor_variable(shape)
        if shape.type.ndim == 0:
            entries: Sequence[Any] = [shape]
        elif shape.type.ndim > 1:
            raise TypeError(f"The {what} must be a scalar or a vector; got {shape} of type {shape.type}")
        elif shape.type.shape[0] is None:
            raise ValueError(f"Length of {shape} cannot be determined, so the number of dimensions isn't known")
        else:
            entries = vector_entries(shape)
    elif _is_iterable(shape):
        entries = list(shape)
    else:
        entries = [shape]
    sizes = [as_size(entry, what) for entry in entries]
    return sizes, tuple(static_int(size) for size in sizes)


def _is_iterable(obj: Any) -> bool:
    if isinstance(obj, np.ndarray):
        return obj.ndim > 0
    return isinstance(obj, Iterable)


def normalize_axis(axis: Any, ndim: int, what: Any) -> int:
    """Return an axis as an int in ``range(ndim)``.

    Parameters
    ----------
    axis : int or constant
        May count from the end.
    ndim : int
        The number of dimensions.
    what : object
        What has them; named in errors.

    Raises
    ------
    TypeError
        If the axis is no integer.
    numpy.exceptions.AxisError
        If there is no such axis.
    """
    if isinstance(axis, Constant):
        axis = axis.data
    if isinstance(axis, np.ndarray) and axis.size == 1:
        axis = axis.item()
    try:
        number = operator.index(axis)
    except TypeError:
        raise TypeError(f"An axis of {what} must be a constant integer; got {axis!r}") from None
    if not -ndim <= number < ndim:
        raise _axis_error(number, ndim, what)
    return number % ndim


def _axis_error(axis: int, ndim: int, what: Any) -> Exception:
    return np.exceptions.AxisError(f"axis {axis} is out of bounds for {what}, which has {ndim} dimensions")


def normalize_axes(axis: Any, ndim: int, what: Any) -> tuple[int, ...]:
    """Return one or several axes as a sorted tuple of ints in ``range(ndim)``.

    Parameters
    ----------
    axis : int, sequence of int, ndarray, constant or None
        None stands for every axis.
    ndim, what
        As in `normalize_axis`.

    Raises
    ------
    TypeError
        If an axis is no integer.
    ValueError
        If an axis occurs twice.
    numpy.exceptions.AxisError
        If there is no such axis.
    """
    if axis is None:
        return tuple(range(ndim))
    if isinstance(axis, Constant):
        axis = axis.data
    if isinstance(axis, np.ndarray):
        if axis.ndim > 1:  # an enormous one isn't made a list
            raise TypeError(f"The axes of {what} must be one integer or a list of them; got {described(axis)}")
        axis = axis.tolist()
    if not isinstance(axis, (tuple, list)):
        axis = (axis,)
    axes = sorted(normalize_axis(a, ndim, what) for a in axis)
    if len(set(axes)) != len(axes):
        raise ValueError(f"repeated axis in {tuple(axis)} for {what}")
    return tuple(axes)


def same_static_size(sizes: Iterable[int | None], message: str) -> int | None:
    """Return the size that all of `sizes` have, as far as they are known.

    Raises
    ------
    ValueError
        With `message`, if two known sizes differ.
    """
    known = {size for size in sizes if size is not None}
    if len(known) > 1:
        raise ValueError(f"{message}: sizes {sorted(known)} differ")
    return known.pop() if known else None


def broadcast_static_size(sizes: Iterable[int | None], message: str) -> int | None:
    """Return the size that dimensions of these sizes broadcast to, as far as it is known.

    Raises
    ------
    ValueError
        With `message`, if two known sizes don't broadcast.
    """
    sizes = list(sizes)
    large = {size for size in sizes if size is not None and size != 1}
    if len(large) > 1:
        raise ValueError(f"{message}: sizes {sorted(large)} don't broadcast")
    if large:
        return large.pop()
    return None if None in sizes else 1


def dtype_name(dtype: Any) -> str:
    """Return a dtype's name; None and "floatX" stand for ``config.floatX``.

    Raises
    ------
    TypeError
        If tensors have no such dtype.
    """
    return config.floatX if dtype is None else normalize_dtype(dtype)


def is_discrete_type(variable: Tensor) -> bool:
    """Whether a variable is a tensor of integers or booleans."""
    return is_discrete(variable.type.dtype)
