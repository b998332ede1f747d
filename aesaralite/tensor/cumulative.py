"""Running sums and products, and differences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aesaralite.configdefaults import config
from aesaralite.graph.arguments import as_integer, is_one_of
from aesaralite.graph.basic import Apply
from aesaralite.graph.op import Op
from aesaralite.tensor.convert import as_tensor_variable
from aesaralite.tensor.pointwise import eq, neq, switch
from aesaralite.tensor.reshaping import flatten, reshape
from aesaralite.tensor.shaping import shape_tuple
from aesaralite.tensor.static import Tensor, is_discrete_type, normalize_axis
from aesaralite.tensor.tensor_type import tensor_type


@dataclass(frozen=True, eq=False, repr=False)
class CumOp(Op):
    """Running sums or products along an axis, in the dtype of the input.

    The gradient of running products is right when elements are zero; the gradient of that gradient
    is right unless two or more are.

    Parameters
    ----------
    axis : int or None
        The axis; None takes all elements in C order and gives a vector.
    mode : str
        "add" or "mul".
    """

    axis: int | None = None
    mode: str = "add"

    def __post_init__(self) -> None:
        if not is_one_of(self.mode, ("add", "mul")):
            raise ValueError(f'{type(self).__name__}: Unknown mode "{self.mode}"; it is "add" or "mul"')
        if self.axis is not None:
            object.__setattr__(self, "axis", as_integer(self.axis, "axis"))

    def make_node(self, x: Any) -> Apply:
        x = as_tensor_variable(x)
        if self.axis is None:
            known = None if None in x.type.shape else int(np.prod(x.type.shape))
            return Apply(self, [x], [tensor_type(x.type.dtype, (known,))()])
        if not -x.type.ndim <= self.axis < x.type.ndim:
            raise ValueError(f"axis(={self.axis}) out of bounds for {x}, which has {x.type.ndim} dimensions")
        op = self if self.axis >= 0 else CumOp(self.axis % x.type.ndim, self.mode)
        return Apply(op, [x], [x.type()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        (x,) = inputs
        run = np.cumsum if self.mode == "add" else np.cumprod
        with np.errstate(all="ignore"):
            output_storage[0][0] = run(x, axis=self.axis, dtype=x.dtype)

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        if self.axis is not None:
            return [shapes[0]]
        count: Any = 1
        for i, factor in enumerate(shapes[0]):
            count = factor if i == 0 else count * factor
        return [(count,)]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        (x,), (fx,), (gz,) = inputs, outputs, output_grads
        if is_discrete_type(x):
            return [x.zeros_like(dtype=config.floatX)]
        if self.axis is None:
            flat = flatten(x)
            (gradient,) = CumOp(0, self.mode).L_op([flat], outputs, output_grads)
            return [reshape(gradient, shape_tuple(x), ndim=x.type.ndim)]
        reverse = (slice(None),) * self.axis + (slice(None, None, -1),)

        def sums_from_here(terms: Tensor) -> Tensor:
            return CumOp(self.axis, "add")(terms[reverse])[reverse]

        if self.mode == "add":
            return [sums_from_here(gz)]
        # Before the first zero, the derivative of each product with respect to one of its factors is the
        # quotient; with respect to the first zero, it is the product of the others; after it, it is zero.
        is_zero = eq(x, 0)
        zeros_so_far = CumOp(self.axis, "add")(is_zero.astype("int64"))
        is_first_zero = is_zero & eq(zeros_so_far, 1)
        others = CumOp(self.axis, "mul")(switch(is_first_zero, 1, x))
        quotients = sums_from_here(fx * gz) / switch(is_zero, 1, x)
        return [switch(is_first_zero, sums_from_here(others * gz), quotients)]

    def R_op(self, inputs: Sequence[Tensor], eval_points: Sequence[Tensor | None]) -> list[Tensor | None]:
        if eval_points[0] is None:
            return [None]
        if self.mode == "mul":
            return super().R_op(inputs, eval_points)
        return [self(eval_points[0])]

    def __str__(self) -> str:
        return f"{type(self).__name__}{{{self.axis}, {self.mode}}}"


def cumsum(x: Any, axis: int | None = None) -> Tensor:
    """Return running sums along an axis.

    Parameters
    ----------
    x : tensor_like
        The terms. The sums have their dtype.
    axis : int, optional
        The axis; by default, all elements are taken in C order.
    """
    return CumOp(axis=axis, mode="add")(x)


def cumprod(x: Any, axis: int | None = None) -> Tensor:
    """Return running products along an axis; parameters are those of `cumsum`."""
    return CumOp(axis=axis, mode="mul")(x)


def diff(x: Any, n: int = 1, axis: int = -1) -> Tensor:
    """Return the differences of neighbours along an axis.

    Parameters
    ----------
    x : tensor_like
        The array. For bool, the result says whether neighbours differ.
    n : int
        How often to take differences.
    axis : int
        The axis, which gets shorter by `n`.
    """
    x = as_tensor_variable(x)
    if n < 0:
        raise ValueError(f"The order of differences must not be negative; got {n}")
    axis = normalize_axis(axis, x.type.ndim, x)
    before = (slice(None),) * axis
    for _ in range(n):
        later, earlier = x[(*before, slice(1, None))], x[(*before, slice(None, -1))]
        x = neq(later, earlier) if x.type.dtype == "bool" else later - earlier
    return x
