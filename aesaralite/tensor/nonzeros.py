"""Where a tensor is not zero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from aesaralite.graph.arguments import as_flag
from aesaralite.graph.basic import Apply, Variable
from aesaralite.graph.null_type import DisconnectedType
from aesaralite.graph.op import Op
from aesaralite.tensor.convert import as_tensor_variable
from aesaralite.tensor.joining import stack
from aesaralite.tensor.pointwise import neq
from aesaralite.tensor.tensor_type import tensor_type


@dataclass(frozen=True, eq=False, repr=False)
class Nonzero(Op):
    """The indices of the elements that aren't zero: one int64 vector for each dimension, in C order."""

    def make_node(self, a: Any) -> Apply:
        """Take a tensor with at least one dimension.

        Raises
        ------
        ValueError
            If it has none.
        """
        a = as_tensor_variable(a)
        if a.type.ndim == 0:
            raise ValueError("Nonzero only supports non-scalar arrays.")
        return Apply(self, [a], [tensor_type("int64", (None,))() for _ in range(a.type.ndim)])

    def perform(self, node: Apply, inputs: Any, output_storage: Any) -> None:
        for storage, indices in zip(output_storage, np.nonzero(inputs[0])):
            storage[0] = indices.astype("int64", copy=False)

    def infer_shape(self, fgraph: Any, node: Apply, shapes: Any) -> list[tuple[Any, ...]]:
        a: Any = node.inputs[0]
        mask = a if a.type.dtype == "bool" else neq(a, 0)
        return [(mask.sum(dtype="int64"),)] * len(node.outputs)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[False] * len(node.outputs)]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Variable]:
        return [DisconnectedType()()]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Variable | None]:
        return [None] * inputs[0].type.ndim


_nonzero = Nonzero()


def nonzero(a: Any, return_matrix: bool = False) -> tuple[Variable, ...] | Variable:
    """Return the indices of the elements that aren't zero.

    Parameters
    ----------
    a : TensorVariable
        Has at least one dimension.
    return_matrix : bool
        Whether to return one matrix with a row for each dimension.

    Returns
    -------
    tuple of TensorVariable, or TensorVariable
        An int64 vector for each dimension of `a`.

    Raises
    ------
    ValueError
        If `a` has no dimension.

    See Also
    --------
    nonzero_values, flatnonzero
    """
    indices = tuple(_nonzero(a, return_list=True))
    return stack(indices) if as_flag(return_matrix, "return_matrix") else indices


def flatnonzero(a: Any) -> Variable:
    """Return the indices into the flattened `a` of the elements that aren't zero, as an int64 vector.

    Raises
    ------
    ValueError
        If `a` has no dimension.
    """
    a = as_tensor_variable(a)
    if a.type.ndim == 0:
        raise ValueError("Nonzero only supports non-scalar arrays.")
    return _nonzero(a.flatten())


def nonzero_values(a: Any) -> Variable:
    """Return the elements that aren't zero, as a vector in C order.

    Raises
    ------
    ValueError
        If `a` has no dimension.
    """
    a = as_tensor_variable(a)
    return a.flatten()[flatnonzero(a)]
