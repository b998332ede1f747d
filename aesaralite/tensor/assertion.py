"""Checks at run time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aesaralite.errors import NotScalarConstantError
from aesaralite.graph.basic import Apply, Variable
from aesaralite.graph.null_type import DisconnectedType
from aesaralite.graph.op import Op
from aesaralite.tensor.convert import as_tensor_variable
from aesaralite.tensor.pointwise import neq
from aesaralite.tensor.static import KnownValue, Tensor, scalar_constant_rule


@dataclass(frozen=True, eq=False, repr=False)
class CheckAndRaise(Op):
    """Return a value, after checking conditions: ``CheckAndRaise(exc_type, msg)(value, *conditions)``.

    Parameters
    ----------
    exc_type : type
        The exception to raise when a condition is false.
    msg : str
        Its message.

    Raises
    ------
    ValueError
        If `exc_type` isn't a class of exceptions.

    Examples
    --------
    >>> import aesaralite.tensor as at
    >>> from aesaralite.raise_op import CheckAndRaise
    >>> x = at.dscalar("x")
    >>> y = CheckAndRaise(ValueError, "x must be positive")(x, at.gt(x, 0))
    """

    exc_type: type[Exception]
    msg: str = ""
    view_map = {0: [0]}
    # what is known of the value holds if the checks pass; see `static_int`
    returns_first_input = True

    def __post_init__(self) -> None:
        if not isinstance(self.exc_type, type) or not issubclass(self.exc_type, Exception):
            raise ValueError(f"`exc_type` must be an exception type; got {self.exc_type!r}")

    def make_node(self, value: Any, *conds: Any) -> Apply:
        """Apply the Op.

        Parameters
        ----------
        value : Variable or tensor_like
            What to return; of any type.
        *conds : tensor_like
            0-d conditions. True (or another number than zero) is fine.

        Raises
        ------
        TypeError
            If a condition isn't 0-d.
        """
        if not isinstance(value, Variable):
            value = as_tensor_variable(value)
        checks = [self._condition(cond) for cond in conds]
        return Apply(self, [value, *checks], [value.type()])

    def _condition(self, cond: Any) -> Tensor:
        if isinstance(cond, (bool, np.bool_)):
            cond = np.asarray(cond)
        cond = as_tensor_variable(cond)
        if cond.type.ndim != 0:
            raise TypeError(
                f"The conditions of {self} must be scalars; got {cond} of type {cond.type}. Use `all` to reduce it."
            )
        return cond if cond.type.dtype == "bool" else neq(cond, 0)

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        value, *conds = inputs
        if not all(conds):
            raise self.exc_type(self.msg)
        output_storage[0][0] = value

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[Any]:
        return [shapes[0]]

    def connection_pattern(self, node: Any) -> list[list[bool]]:
        return [[True]] + [[False]] * (len(node.inputs) - 1)

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        return [output_grads[0], *(DisconnectedType()() for _ in inputs[1:])]

    def R_op(self, inputs: Sequence[Tensor], eval_points: Sequence[Tensor | None]) -> list[Tensor | None]:
        return [eval_points[0]]

    def do_constant_folding(self, fgraph: Any, node: Any) -> bool:
        # a failing check must raise when the function is called, not while it is compiled
        return False

    def __str__(self) -> str:
        return f"CheckAndRaise{{{self.exc_type}({self.msg})}}"


class Assert(CheckAndRaise):
    """Return a value, after checking conditions; raise AssertionError when one is false.

    Parameters
    ----------
    msg : str
        The message.

    Examples
    --------
    >>> import aesaralite.tensor as at
    >>> from aesaralite.raise_op import Assert
    >>> x = at.vector("x")
    >>> y = Assert("x must have two elements")(x, at.eq(x.shape[0], 2))
    """

    def __init__(self, msg: str = "Aesaralite Assert failed!"):
        super().__init__(AssertionError, msg)

    def __str__(self) -> str:
        return f"Assert{{msg={self.msg}}}"


assert_op = Assert()


@scalar_constant_rule.register(CheckAndRaise)
def _checked_constant(op: CheckAndRaise, node: Any, index: int, known: KnownValue) -> np.ndarray:
    # who replaces the node by its value must not lose a check that may fail
    if not all(known(cond) for cond in node.inputs[1:]):
        raise NotScalarConstantError(f"{node} fails when it runs")
    return known(node.inputs[0])
