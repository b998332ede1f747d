"""Sorting, and what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aesaralite.configdefaults import config
from aesaralite.graph.arguments import is_one_of
from aesaralite.graph.basic import Apply
from aesaralite.graph.null_type import DisconnectedType
from aesaralite.graph.op import Op
from aesaralite.tensor.assertion import CheckAndRaise
from aesaralite.tensor.broadcasting import broadcast_shape
from aesaralite.tensor.convert import as_tensor_variable, literal
from aesaralite.tensor.creation import alloc
from aesaralite.tensor.indexing import take_along_axis
from aesaralite.tensor.pointwise import cast, ge, le
from aesaralite.tensor.reshaping import flatten, shape_padleft
from aesaralite.tensor.shaping import shape_tuple
from aesaralite.tensor.static import Tensor, as_size, dtype_name, is_discrete_type, normalize_axis, static_int
from aesaralite.tensor.tensor_type import tensor_type

_KINDS = ("quicksort", "mergesort", "heapsort", "stable")


@dataclass(frozen=True, eq=False, repr=False)
class _Sorting(Op):
    """What `SortOp` and `ArgSortOp` have in common.

    Every kind sorts stably, so that equal elements come in the same order on every linker.

    Parameters
    ----------
    kind : str
        A kind that ``numpy.sort`` knows; a hint.
    order : None
        For structured arrays, which tensors are not.
    """

    kind: str = "quicksort"
    order: Any = None

    def __post_init__(self) -> None:
        if not is_one_of(self.kind, _KINDS):
            raise ValueError(f"kind must be one of {', '.join(_KINDS)}; got {self.kind!r}")
        if self.order is not None:
            raise ValueError("order is for structured arrays, which tensors are not")

    def _inputs(self, x: Any, axis: Any) -> tuple[Tensor, Tensor]:
        x = as_tensor_variable(x)
        axis = as_size(axis, "axis to sort along")
        known = static_int(axis)
        if known is not None:
            axis = literal(normalize_axis(known, x.type.ndim, x), "int64")
        return x, axis

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        return [shapes[0]]

    def __str__(self) -> str:
        return f"{type(self).__name__}{{{self.kind}, {self.order}}}"


class SortOp(_Sorting):
    """Sort an array along an axis: ``SortOp()(x, axis)``. NaN comes last."""

    def make_node(self, input: Any, axis: Any = -1) -> Apply:
        """Apply the Op to an array and an axis, which may be a scalar variable."""
        x, axis = self._inputs(input, axis)
        return Apply(self, [x, axis], [x.type()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        x, axis = inputs
        output_storage[0][0] = np.sort(x, axis=int(axis), kind="stable")

    def connection_pattern(self, node: Any) -> list[list[bool]]:
        return [[True], [False]]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        (x, axis), (gz,) = inputs, output_grads
        if is_discrete_type(x):
            return [x.zeros_like(dtype=config.floatX), DisconnectedType()()]
        # the sorted element at position p came from indices[p]; the inverse permutation brings it back
        argsorting = ArgSortOp(self.kind, self.order)
        back = argsorting(argsorting(x, axis), axis)
        return [take_along_axis(gz, back, _known_axis(axis, self)), DisconnectedType()()]

    def R_op(self, inputs: Sequence[Tensor], eval_points: Sequence[Tensor | None]) -> list[Tensor | None]:
        if eval_points[0] is None:
            return [None]
        x, axis = inputs
        indices = ArgSortOp(self.kind, self.order)(x, axis)
        return [take_along_axis(eval_points[0], indices, _known_axis(axis, self))]


def _known_axis(axis: Tensor, op: Op) -> int:
    known = static_int(axis)
    if known is None:
        raise NotImplementedError(f"The gradient of {op} needs an axis that is known; got {axis}")
    return known


class ArgSortOp(_Sorting):
    """Find the order that sorts an array along an axis: ``ArgSortOp()(x, axis)``, as int64. The gradient is zero."""

    def make_node(self, input: Any, axis: Any = -1) -> Apply:
        """Apply the Op to an array and an axis, which may be a scalar variable."""
        x, axis = self._inputs(input, axis)
        return Apply(self, [x, axis], [tensor_type("int64", x.type.shape)()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        x, axis = inputs
        output_storage[0][0] = np.asarray(np.argsort(x, axis=int(axis), kind="stable"), dtype="int64")

    def connection_pattern(self, node: Any) -> list[list[bool]]:
        return [[True], [False]]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        x, _ = inputs
        zeros = x.zeros_like(dtype=config.floatX) if is_discrete_type(x) else x.zeros_like()
        return [zeros, DisconnectedType()()]

    def R_op(self, inputs: Sequence[Tensor], eval_points: Sequence[Tensor | None]) -> list[Tensor | None]:
        return [None]


def sort(a: Any, axis: Any = -1, kind: str = "quicksort", order: Any = None) -> Tensor:
    """Sort an array along an axis. NaN comes last.

    Parameters
    ----------
    a : tensor_like
        The array.
    axis : int or scalar variable, or None
        The axis; None sorts all elements, flattened.
    kind : str
        A kind that ``numpy.sort`` knows. The result is the same for each.
    order : None
        For structured arrays, which tensors are not.
    """
    a = as_tensor_variable(a)
    if axis is None:
        a, axis = flatten(a), 0
    return SortOp(kind, order)(a, axis)


def argsort(a: Any, axis: Any = -1, kind: str = "quicksort", order: Any = None) -> Tensor:
    """Find the order (int64) that sorts an array along an axis; equal elements keep theirs.

    Parameters are those of `sort`.
    """
    a = as_tensor_variable(a)
    if axis is None:
        a, axis = flatten(a), 0
    return ArgSortOp(kind, order)(a, axis)


def topk_and_argtopk(
    x: Any, kth: Any, axis: int | None = -1, sorted: bool = True, idx_dtype: str = "int64"
) -> list[Tensor]:
    """Return the `kth` largest elements along an axis, and their positions.

    Parameters
    ----------
    x : tensor_like
        The elements. NaN counts as the largest.
    kth : int or scalar variable
        How many. A negative number asks for the smallest ones; a variable must not be negative.
    axis : int or None
        The axis; None takes all elements together, flattened.
    sorted : bool
        Whether the best comes first. They come so in any case.
    idx_dtype : str
        The dtype of the positions.

    Raises
    ------
    ValueError
        If `kth` is zero, or larger than the number of elements (at run time, if it isn't known before).
    """
    x = as_tensor_variable(x)
    if axis is None:
        x, axis = flatten(x), 0
    axis = normalize_axis(axis, x.type.ndim, x)
    length = shape_tuple(x)[axis]
    count = as_size(kth, "number of elements")
    known, known_length = static_int(count), x.type.shape[axis]
    if known == 0:
        raise ValueError("topk: kth must not be zero")
    largest = known is None or known > 0
    if known is not None:
        count = literal(abs(known), "int64")
    if known is not None and known_length is not None:
        if abs(known) > known_length:
            raise ValueError(f"topk: kth ({known}) is larger than the size {known_length} of dimension {axis} of {x}")
    else:
        count = CheckAndRaise(ValueError, "topk: kth must lie between 1 and the size of the dimension")(
            count, ge(count, 1), le(count, length)
        )
    before = (slice(None),) * axis
    order = argsort(x, axis)
    if largest:
        order = order[(*before, slice(None, None, -1))]
    indices = order[(*before, slice(None, count))]
    return [take_along_axis(x, indices, axis), cast(indices, dtype_name(idx_dtype))]


def topk(x: Any, kth: Any, axis: int | None = -1, sorted: bool = True, idx_dtype: str = "int64") -> Tensor:
    """Return the `kth` largest elements along an axis; see `topk_and_argtopk`."""
    return topk_and_argtopk(x, kth, axis, sorted, idx_dtype)[0]


def argtopk(x: Any, kth: Any, axis: int | None = -1, sorted: bool = True, idx_dtype: str = "int64") -> Tensor:
    """Return the positions of the `kth` largest elements along an axis; see `topk_and_argtopk`."""
    return topk_and_argtopk(x, kth, axis, sorted, idx_dtype)[1]


def permute_row_elements(x: Any, y: Any, inverse: bool = False) -> Tensor:
    """Permute the elements of each row (last dimension) of an array.

    Parameters
    ----------
    x : tensor_like
        The rows.
    y : tensor_like of int
        A permutation for each row; the other dimensions broadcast with those of `x`.
    inverse : bool
        Whether to apply the inverse permutation.
    """
    x, y = as_tensor_variable(x), as_tensor_variable(y)
    if not is_discrete_type(y) or y.type.dtype == "bool":
        raise TypeError(f"A permutation is made of integers; got {y} of dtype {y.type.dtype}")
    if x.type.ndim == 0 or y.type.ndim == 0:
        raise ValueError(f"x and y must have rows, but have {x.type.ndim} and {y.type.ndim} dimensions")
    if inverse:
        y = argsort(y, axis=-1)
    ndim = max(x.type.ndim, y.type.ndim)
    x, y = shape_padleft(x, ndim - x.type.ndim), shape_padleft(y, ndim - y.type.ndim)
    batch = broadcast_shape(shape_tuple(x)[:-1], shape_tuple(y)[:-1], arrays_are_shapes=True)
    rows, order = (alloc(array, *batch, shape_tuple(array)[-1]) for array in (x, y))
    return take_along_axis(rows, order, axis=-1)


def inverse_permutation(perm: Any) -> Tensor:
    """Return the inverse of a permutation, or of each row of a matrix of them.

    Parameters
    ----------
    perm : tensor_like of int
        The permutations, of the numbers from 0 on.
    """
    perm = as_tensor_variable(perm)
    if not is_discrete_type(perm) or perm.type.dtype == "bool":
        raise TypeError(f"A permutation is made of integers; got {perm} of dtype {perm.type.dtype}")
    return cast(argsort(perm, axis=-1), perm.type.dtype)
