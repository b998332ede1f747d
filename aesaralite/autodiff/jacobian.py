"""Whole Jacobians and Hessians, and products with a Hessian."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from aesaralite.autodiff.forward import Rop
from aesaralite.autodiff.reverse import (
    Gradients,
    Lop,
    OnDisconnected,
    Variables,
    describe,
    grad,
    in_form_of,
    is_continuous,
    zeros_like_float,
)
from aesaralite.configdefaults import config
from aesaralite.errors import DisconnectedInputError
from aesaralite.graph.arguments import as_variables, expect
from aesaralite.graph.variable import Variable
from aesaralite.tensor.convert import as_tensor_variable
from aesaralite.tensor.joining import stack
from aesaralite.tensor.static import Tensor
from aesaralite.tensor.tensor_type import TensorType


def jacobian(
    expression: Tensor,
    wrt: Variables,
    consider_constant: Sequence[Variable] | None = None,
    disconnected_inputs: OnDisconnected = "raise",
) -> Gradients:
    """Return the Jacobian of a vector.

    Parameters
    ----------
    expression : Variable
        A vector (or a scalar, whose gradient is returned).
    wrt : Variable or sequence of Variable
        What to differentiate by.
    consider_constant, disconnected_inputs
        As in `grad`.

    Returns
    -------
    Variable, list or tuple
        For each variable of `wrt` an array of shape ``(len(expression), *variable.shape)``, in the
        form in which `wrt` was given.

    Raises
    ------
    ValueError
        If `expression` has more than one dimension.
    NotImplementedError
        If neither the length of `expression` nor the shape of a variable is known while the graph
        is built. `specify_shape` makes one known.

    Notes
    -----
    One gradient is built for each element of `expression` if its length is known, else one
    derivative for each element of the variable.
    """
    if not _is_variable(expression):
        raise TypeError(f"`expression` must be a Variable, got {expression!r} of type {type(expression)}.")
    expect(expression.type, TensorType, f"the type of `expression`, {expression},")
    if expression.type.ndim > 1:
        raise ValueError(
            "jacobian expects a 1 dimensional variable as `expression`. If not use flatten to make it a vector. "
            f"Got {describe(expression)}."
        )
    if expression.type.ndim == 0:
        return grad(expression, wrt, consider_constant=consider_constant, disconnected_inputs=disconnected_inputs)
    targets: list[Tensor] = as_variables(wrt, "wrt")
    length = expression.type.shape[0]
    if length is not None:
        # each of the targets reports for itself if it's disconnected, once
        rows: list[Any] = [
            grad(
                expression[i],
                targets,
                consider_constant=consider_constant,
                disconnected_inputs=disconnected_inputs if i == 0 else "ignore",
            )
            for i in range(length)
        ]
        results = [stack([row[k] for row in rows], axis=0) for k in range(len(targets))]
        return in_form_of(wrt, results)
    if consider_constant:
        raise NotImplementedError(
            f"`consider_constant` needs an expression of known length, got {describe(expression)}. "
            "specify_shape(expression, (length,)) makes it known."
        )
    return in_form_of(wrt, [_by_columns(expression, target, disconnected_inputs) for target in targets])


def hessian(
    cost: Tensor,
    wrt: Variables,
    consider_constant: Sequence[Variable] | None = None,
    disconnected_inputs: OnDisconnected = "raise",
) -> Gradients:
    """Return the matrix of second derivatives of a scalar.

    Parameters
    ----------
    cost : Variable
        A 0-d variable.
    wrt : Variable or sequence of Variable
        Vectors. Their lengths must be known while the graph is built.
    consider_constant, disconnected_inputs
        As in `grad`.

    Returns
    -------
    Variable, list or tuple
        For each vector, the matrix of second derivatives with respect to it alone.

    Raises
    ------
    ValueError
        If `cost` isn't 0-d, or a variable of `wrt` no vector.
    NotImplementedError
        If the length of a vector isn't known.
    """
    if not _is_variable(cost) or cost.type.ndim != 0:
        raise ValueError(f"hessian expects a 0 dimensional variable as `cost`, got {cost!r}.")
    targets: list[Tensor] = as_variables(wrt, "wrt")
    results = []
    for target in targets:
        if not _is_variable(target) or target.type.ndim != 1:
            raise ValueError(f"hessian expects a (list of) 1 dimensional variable as `wrt`, got {target!r}.")
        gradient: Any = grad(cost, target, consider_constant=consider_constant, disconnected_inputs=disconnected_inputs)
        if target.type.shape[0] is None:
            raise _unknown_shape(target)
        results.append(_by_columns(gradient, target, "ignore"))
    return in_form_of(wrt, results)


def hessian_vector_product(cost: Variable, wrt: Variables, p: Variables, **grad_kwargs: Any) -> Gradients:
    """Return the product of the Hessian of a scalar with a vector, without building the Hessian.

    Parameters
    ----------
    cost : Variable
        A 0-d variable.
    wrt : Variable or sequence of Variable
        What to differentiate by, of any shape.
    p : Variable or sequence of Variable
        One for each of `wrt`, of its shape.
    **grad_kwargs
        Passed on to `grad` for the first derivative.

    Returns
    -------
    Variable, list or tuple
        One product for each of `wrt`, of its shape, in the form in which `wrt` was given.

    Examples
    --------
    >>> import aesaralite.tensor as at
    >>> from aesaralite.gradient import hessian_vector_product
    >>> x, p = at.dvectors("x", "p")
    >>> hessian_vector_product((x**3).sum(), x, p).eval({x: [1.0, 2.0], p: [1.0, 1.0]})
    array([ 6., 12.])
    """
    gradients: Any = grad(cost, wrt, **grad_kwargs)
    # the Hessian is symmetric, so a product from the left is one from the right
    return Lop(gradients, wrt, p, disconnected_inputs="ignore")


def _is_variable(value: Any) -> bool:
    return isinstance(value, Variable)


def _by_columns(expression: Tensor, target: Tensor, disconnected_inputs: OnDisconnected) -> Variable:
    """Stack the derivatives in the direction of each element of `target`."""
    shape = target.type.shape
    if any(size is None for size in shape):
        raise _unknown_shape(expression, target)
    dtype = target.type.dtype if is_continuous(target) else config.floatX
    size = int(np.prod(shape, dtype=int))
    basis = np.eye(size, dtype=dtype).reshape(size, *shape)
    columns = []
    for vector in basis:
        try:
            column = Rop(expression, target, as_tensor_variable(vector))
        except DisconnectedInputError:
            if disconnected_inputs != "ignore":
                # the report of a gradient names the variable that was asked for
                grad(expression.sum(), target, disconnected_inputs=disconnected_inputs)
            column = zeros_like_float(expression)
        columns.append(column)
    matrix = stack(columns, axis=-1)
    return matrix.reshape((expression.shape[0], *shape))


def _unknown_shape(*variables: Variable) -> NotImplementedError:
    listed = " nor of ".join(describe(variable) for variable in variables)
    return NotImplementedError(
        f"The shape of {listed} isn't known while the graph is built, so the derivatives can't be written down "
        "one by one. specify_shape makes it known."
    )
