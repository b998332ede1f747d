"""Scalar operations applied to every element of arrays that broadcast together."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from aesaralite.configdefaults import config
from aesaralite.graph.basic import Apply, Constant, Variable, io_toposort
from aesaralite.graph.null_type import DisconnectedType, NullType
from aesaralite.graph.op import Op
from aesaralite.scalar.casting import cast_op
from aesaralite.scalar.comparison import eq
from aesaralite.scalar.dtypes import is_discrete
from aesaralite.scalar.literals import as_variables
from aesaralite.scalar.op import ScalarOp
from aesaralite.scalar.selection import second, switch
from aesaralite.scalar.type import ScalarType, get_scalar_type
from aesaralite.tensor.convert import as_tensor_variable, literal
from aesaralite.tensor.dimshuffle import pad_left
from aesaralite.tensor.tensor_type import TensorType, tensor_type
from aesaralite.tensor.unbroadcasting import is_summed, sum_to_like


class Elemwise(Op):
    """A scalar Op applied to every element.

    The inputs broadcast together as in NumPy: missing dimensions are put in front, and a dimension of size 1 goes with
    any other size. Sizes that aren't known when the graph is built are compared at run time.

    Parameters
    ----------
    scalar_op : ScalarOp
        What is done to the elements.
    name : str, optional
        How the Op is printed. It's no part of its identity.

    Examples
    --------
    >>> import aesaralite.scalar as aes
    >>> import aesaralite.tensor as at
    >>> from aesaralite.tensor.elementwise import Elemwise
    >>> Elemwise(aes.add)(at.dmatrix("x"), at.dvector("y"))
    Elemwise{add}.0
    """

    __props__ = ("scalar_op",)

    def __init__(self, scalar_op: ScalarOp, name: str | None = None):
        if not isinstance(scalar_op, ScalarOp):
            raise TypeError(f"Elemwise takes a scalar Op, got {scalar_op!r}")
        self.scalar_op = scalar_op
        self.name = name

    @property
    def nin(self) -> int:
        """How many inputs it takes; -1 for any number."""
        return self.scalar_op.nin

    @property
    def nout(self) -> int:
        """How many outputs it has."""
        return self.scalar_op.nout

    @property
    def inplace_pattern(self) -> dict[int, int]:
        """Which outputs overwrite inputs: none."""
        return {}

    def make_node(self, *inputs: Any) -> Apply:
        """Apply the Op to tensors, arrays or numbers.

        Raises
        ------
        TypeError
            If the number of inputs is wrong, or the operation isn't defined for their dtypes.
        ValueError
            If sizes that are known don't broadcast.
        """
        scalar_op = self.scalar_op
        scalar_op.check_count(inputs)
        variables = as_variables(scalar_op, inputs, as_tensor_variable, literal)
        dtypes = _output_dtypes(scalar_op, tuple([variable.type.dtype for variable in variables]), config.floatX)
        ndim = max([variable.type.ndim for variable in variables])
        padded = [pad_left(variable, ndim) for variable in variables]
        shape = _broadcast_static(self, padded, variables)
        return Apply(self, padded, [tensor_type(dtype, shape)() for dtype in dtypes])

    # Values

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Sequence[list[Any]]) -> None:
        function = _array_function(
            self.scalar_op,
            tuple([variable.type.dtype for variable in node.inputs]),
            tuple([variable.type.dtype for variable in node.outputs]),
        )
        try:
            with np.errstate(all="ignore"):
                results = function(*inputs)
        except ValueError as error:
            raise _better_shape_error(self, node, inputs, error) from None
        for cell, result in zip(output_storage, results):
            cell[0] = result if type(result) is np.ndarray else np.asarray(result)

    # Shapes

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        static = node.outputs[0].type.shape
        sizes = []
        for axis, known in enumerate(static):
            if known is not None:
                sizes.append(literal(known, "int64"))
                continue
            candidates: list[Any] = []
            for variable, shape in zip(node.inputs, shapes):
                if variable.type.shape[axis] != 1 and not any(shape[axis] is other for other in candidates):
                    candidates.append(shape[axis])
            size = candidates[0]
            for other in candidates[1:]:
                size = _switch(_eq(size, literal(1, "int64")), other, size)
            sizes.append(size)
        return [tuple(sizes) for _ in node.outputs]

    # Gradients

    def L_op(
        self, inputs: Sequence[Variable], outputs: Sequence[Variable], output_gradients: Sequence[Variable]
    ) -> list[Variable]:
        """Return the gradients by the rule of the scalar Op, summed over the dimensions that were broadcast."""
        given: list[Any] = list(output_gradients)
        for gradient in given:
            if isinstance(gradient.type, NullType):
                return [gradient.type() for _ in inputs]
        full = outputs[0]
        if len(given) == 1 and is_summed(given[0]):
            # the rule is linear in the gradient, so that the sum can be taken after it, once for a chain of operations
            full = given[0].owner.inputs[0]
            given = [full]
        gradients = _lifted_gradients(self.scalar_op, inputs, outputs, given)
        return [
            self._summed(gradient, x, full) if isinstance(gradient.type, TensorType) else gradient
            for gradient, x in zip(gradients, inputs, strict=True)
        ]

    def _summed(self, gradient: Any, x: Any, full: Any) -> Any:
        if gradient.type.ndim < x.type.ndim:
            # a rule may give a constant, which stands for its value at each element of the result
            gradient = _second(full, gradient)
        return sum_to_like(gradient, x, Elemwise, full)

    def R_op(self, inputs: Sequence[Variable], eval_points: Sequence[Variable | None]) -> list[Variable | None]:
        """Return the products of the Jacobian and the evaluation points."""
        outputs = self(*inputs, return_list=True)
        results: list[Variable | None] = []
        for i, output in enumerate(outputs):
            if is_discrete(output.type.dtype):
                results.append(None)
                continue
            seeds = [other.ones_like() if j == i else DisconnectedType()() for j, other in enumerate(outputs)]
            slopes = _lifted_gradients(self.scalar_op, inputs, outputs, seeds)
            terms = [
                slope * point
                for slope, point in zip(slopes, eval_points)
                if point is not None and isinstance(slope.type, TensorType)
            ]
            for slope, point in zip(slopes, eval_points):
                if point is not None and isinstance(slope.type, NullType):
                    terms = [slope]
                    break
            results.append(_total(terms) if terms else None)
        return results

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return self.scalar_op.connection_pattern(node)

    def __str__(self) -> str:
        return f"Elemwise{{{self.name or self.scalar_op}}}"


def _total(terms: list[Any]) -> Any:
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


# Types


@lru_cache(maxsize=4096)
def _output_dtypes(scalar_op: ScalarOp, dtypes: tuple[str, ...], float_x: str) -> tuple[str, ...]:
    """Return the dtypes of a scalar Op's outputs; `float_x` is there because some follow the flag."""
    node: Any = scalar_op.make_node(*(get_scalar_type(dtype)() for dtype in dtypes))
    return tuple(output.type.dtype for output in node.outputs)


def _broadcast_static(op: Elemwise, padded: Sequence[Any], given: Sequence[Any]) -> tuple[int | None, ...]:
    """Return the static shape of the result."""
    shapes = [variable.type.shape for variable in padded]
    first = shapes[0]
    if all(shape == first for shape in shapes):
        return first
    result: list[int | None] = []
    for axis, sizes in enumerate(zip(*shapes)):
        known = {size for size in sizes if size is not None and size != 1}
        if len(known) > 1:
            operands = "\n".join(f"  input {i}, {variable}: {variable.type}" for i, variable in enumerate(given))
            raise ValueError(
                f"Incompatible Elemwise input shapes {[variable.type.shape for variable in given]}: "
                f"{op} can't broadcast the sizes {', '.join(map(str, sizes))} of dimension {axis} "
                f"(of {len(first)}) together.\n{operands}"
            )
        result.append(known.pop() if known else (None if None in sizes else 1))
    return tuple(result)


def _better_shape_error(op: Elemwise, node: Apply, inputs: Sequence[Any], error: ValueError) -> ValueError:
    shapes = [np.shape(value) for value in inputs]
    operands = ", ".join(f"{variable}: {shape}" for variable, shape in zip(node.inputs, shapes))
    if any(len(set(sizes) - {1}) > 1 for sizes in zip(*shapes)):
        return ValueError(f"Input shapes of {op} do not broadcast together ({operands})")
    itemsize = max(np.dtype(output.type.dtype).itemsize for output in node.outputs)
    if math.prod(max(1, *sizes) for sizes in zip(*shapes)) * itemsize > np.iinfo(np.intp).max:
        return ValueError(f"The result of {op} is too large ({operands})")
    return error


# Values


@lru_cache(maxsize=4096)
def _array_function(
    scalar_op: ScalarOp, in_dtypes: tuple[str, ...], out_dtypes: tuple[str, ...]
) -> Callable[..., list[Any]]:
    return scalar_op.array_function(in_dtypes, out_dtypes)


# Gradients

# What a step of a lifted rule reads: an index into the variables so far
_Step = tuple[ScalarOp, tuple[int, ...]]


def _lifted_gradients(
    scalar_op: ScalarOp, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]
) -> list[Any]:
    """Return what the gradient rule of a scalar Op gives for tensors."""
    program = _gradient_program(
        scalar_op,
        tuple([variable.type.dtype for variable in inputs]),
        tuple([variable.type.dtype for variable in outputs]),
        tuple(
            [gradient.type.dtype if isinstance(gradient.type, TensorType) else gradient.type for gradient in gradients]
        ),
        config.floatX,
    )
    steps, constants, results = program
    variables: list[Any] = [*inputs, *outputs, *gradients, *constants]
    for op, arguments in steps:
        made = _elemwise_of(op).make_node(*[variables[i] for i in arguments]).outputs
        variables.extend(made)
    return [variables[result] if isinstance(result, int) else result() for result in results]


@lru_cache(maxsize=2048)
def _gradient_program(
    scalar_op: ScalarOp,
    in_dtypes: tuple[str, ...],
    out_dtypes: tuple[str, ...],
    gradient_types: tuple[Any, ...],
    float_x: str,
) -> tuple[tuple[_Step, ...], tuple[Any, ...], tuple[Any, ...]]:
    """Return the gradient rule of a scalar Op as a list of operations.

    Parameters
    ----------
    scalar_op : ScalarOp
        The Op.
    in_dtypes, out_dtypes : tuple of str
        Dtypes of its inputs and outputs.
    gradient_types : tuple of str or Type
        Dtypes of the outputs' gradients, and types of those that are no tensors.
    float_x : str
        The flag floatX, which rules follow.

    Returns
    -------
    steps : tuple
        Scalar Ops with the numbers of what they read. Numbers count the inputs, outputs, gradients and constants first,
        then all outputs of the steps.
    constants : tuple of TensorConstant
        Constants of the rule.
    results : tuple
        For each input the number of its gradient, or the type of one that is no number.
    """
    node = scalar_op.make_node(*(get_scalar_type(dtype)() for dtype in in_dtypes))
    given = [get_scalar_type(type)() if isinstance(type, str) else type() for type in gradient_types]
    scalar_results = scalar_op.L_op(node.inputs, node.outputs, given)
    if len(scalar_results) != len(in_dtypes):
        raise ValueError(
            f"The gradient rule of {scalar_op} gave {len(scalar_results)} results for {len(in_dtypes)} inputs"
        )
    leaves = [*node.inputs, *node.outputs, *given]
    numeric = [result for result in scalar_results if isinstance(result.type, ScalarType)]
    nodes: list[Any] = io_toposort(leaves, numeric)
    numbers: dict[Variable, int] = {}
    for leaf in leaves:
        numbers.setdefault(leaf, len(numbers))
    constants: list[Any] = []
    operands: list[Any] = [variable for apply in nodes for variable in apply.inputs]
    for variable in [*operands, *numeric]:
        if isinstance(variable, Constant) and variable not in numbers:
            numbers[variable] = len(numbers)
            constants.append(literal(variable.data.item(), variable.data.dtype.name))
    steps: list[_Step] = []
    for apply in nodes:
        steps.append((apply.op, tuple(_number(numbers, variable, scalar_op) for variable in apply.inputs)))
        for output in apply.outputs:
            numbers[output] = len(numbers)
    results = tuple(
        _number(numbers, result, scalar_op) if isinstance(result.type, ScalarType) else result.type
        for result in scalar_results
    )
    return tuple(steps), tuple(constants), results


def _number(numbers: dict[Variable, int], variable: Variable, scalar_op: ScalarOp) -> int:
    number = numbers.get(variable)
    if number is None:
        raise ValueError(
            f"The gradient rule of {scalar_op} depends on {variable}, which is none of its inputs and outputs"
        )
    return number


@lru_cache(maxsize=1024)
def _elemwise_of(scalar_op: ScalarOp) -> Elemwise:
    return Elemwise(scalar_op)


_eq = _elemwise_of(eq)
_switch = _elemwise_of(switch)
_second = _elemwise_of(second)


def cast_elemwise(dtype: str) -> Elemwise:
    """Return the Op that casts tensors to a dtype."""
    return _elemwise_of(cast_op(dtype))
