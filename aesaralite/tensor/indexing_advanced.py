"""Advanced indexing: integer arrays and boolean masks, with slices and new axes among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aesaralite.graph.basic import Apply, Constant, Variable
from aesaralite.graph.null_type import DisconnectedType
from aesaralite.graph.op import Op
from aesaralite.tensor.assertion import CheckAndRaise
from aesaralite.tensor.convert import as_tensor_variable
from aesaralite.tensor.creation import alloc, arange
from aesaralite.tensor.index_layout import group_indices, indexed_result_shape, result_dims
from aesaralite.tensor.index_spec import as_index_variable, dims_taken
from aesaralite.tensor.nonzeros import Nonzero
from aesaralite.tensor.pointwise import eq, switch
from aesaralite.tensor.slice_geometry import static_slice_len
from aesaralite.tensor.slice_type import is_index_tensor
from aesaralite.tensor.slot import as_slot_value, check_slot_shape, gradient_of_slot_value, zero_gradient
from aesaralite.tensor.static import broadcast_static_size
from aesaralite.tensor.tensor_type import tensor_type

_MASK_MISMATCH = "boolean index did not match the shape of the indexed array"


def expand_masks(x: Any, index: Sequence[Any]) -> list[Variable]:
    """Return an index with integer vectors in place of boolean masks.

    The graph checks, where it isn't known, that a mask has the shape of the dimensions it stands for.

    Raises
    ------
    IndexError
        If a mask is known to have another shape.
    """
    expanded: list[Variable] = []
    dim = 0
    for entry in index:
        if is_index_tensor(entry) and entry.type.dtype == "bool":
            expanded.extend(_mask_indices(x, entry, dim))
        else:
            expanded.append(entry)
        dim += dims_taken(entry)
    return expanded


def _mask_indices(x: Any, mask: Any, dim: int) -> list[Variable]:
    conditions = []
    for axis in range(mask.type.ndim):
        size, wanted = mask.type.shape[axis], x.type.shape[dim + axis]
        if size is None or wanted is None:
            conditions.append(eq(mask.shape[axis], x.shape[dim + axis]))
        elif size != wanted:
            raise IndexError(
                f"{_MASK_MISMATCH} along axis {dim + axis}; size of axis is {wanted} "
                f"but size of corresponding boolean axis is {size}"
            )
    check = CheckAndRaise(IndexError, _MASK_MISMATCH)
    if isinstance(mask, Constant):
        first, *others = (as_tensor_variable(indices) for indices in np.nonzero(mask.data))
        return [check(first, *conditions) if conditions else first, *others]
    return Nonzero()(check(mask, *conditions) if conditions else mask, return_list=True)


def _unchecked(x: Any) -> Variable:
    """Return the variable that a check lets through."""
    while x.owner is not None and isinstance(x.owner.op, CheckAndRaise):
        x = x.owner.inputs[0]
    return x


def _check_bounds(x: Any, index: Sequence[Any]) -> None:
    if any(n in (None, 0) for entry in index if is_index_tensor(entry) for n in entry.type.shape):
        # where arrays broadcast to an empty one, no index is looked at
        return
    dim = 0
    for entry in index:
        n = x.type.shape[dim] if dims_taken(entry) else None
        if n is not None and is_index_tensor(entry) and isinstance(entry, Constant) and entry.data.size:
            low, high = entry.data.min(), entry.data.max()
            if low < -n or high >= n:
                raise IndexError(
                    f"index {low if low < -n else high} is out of bounds for axis {dim} of {x}, which has size {n}"
                )
        dim += dims_taken(entry)


def _static_broadcast(sizes: Sequence[int | None]) -> int | None:
    try:
        return broadcast_static_size(sizes, "")
    except ValueError:
        raise IndexError(
            f"shape mismatch: indexing arrays could not be broadcast together; sizes {list(sizes)}"
        ) from None


def _slot_shape(x: Any, index: Sequence[Any]) -> tuple[int | None, ...]:
    """Return what is known of the shape of ``x[index]``."""
    index_shapes = [entry.type.shape if is_index_tensor(entry) else None for entry in index]
    return result_dims(x.type.shape, index, index_shapes, static_slice_len, lambda entry: None, _static_broadcast)


def _as_index(x: Any, index: Sequence[Any]) -> list[Variable]:
    """Bring an advanced index into the form that the Ops take, and check it against `x`."""
    entries = [as_index_variable(entry) for entry in index]
    taken = sum(dims_taken(entry) for entry in entries)
    if taken > x.type.ndim:
        raise IndexError(f"too many indices for array: {x} has {x.type.ndim} dimensions, but {taken} were indexed")
    entries = expand_masks(x, entries)
    _check_bounds(x, entries)
    return entries


def _disconnected(index: Sequence[Any]) -> list[Variable]:
    return [DisconnectedType()() for _ in index]


def surely_unique(index: Sequence[Any]) -> bool:
    """Whether an advanced index is known to name no element twice."""
    arrays: list[Any] = [_unchecked(entry) for entry in index if is_index_tensor(entry) and entry.type.ndim > 0]
    if not arrays:
        return True
    owner = arrays[0].owner
    if owner is not None and isinstance(owner.op, Nonzero) and arrays == owner.outputs:
        return True
    if not all(isinstance(entry, Constant) for entry in arrays):
        return False
    if any(entry.data.size and entry.data.min() < 0 <= entry.data.max() for entry in arrays):
        # -1 may be the same as another index
        return False
    rows = np.stack([array.ravel() for array in np.broadcast_arrays(*(entry.data for entry in arrays))])
    return len(np.unique(rows, axis=1).T) == rows.shape[1]


def _only_last_writes(g: Any, x: Any, index: Sequence[Any]) -> Variable:
    """Zero the gradient of the values that a later value overwrites, where an index names an element twice.

    Parameters
    ----------
    g : TensorVariable
        A gradient of the shape of ``x[index]``.
    x : TensorVariable
        What was written into.
    index : sequence of Variable
        The index.
    """
    if surely_unique(index):
        return g
    # number the writes, and see which numbers are left; dimensions that slices take needn't be looked at
    arrays: list[Any] = []
    sizes: list[Any] = []
    before = groups = 0
    for basic, run in group_indices(index):
        groups += not basic
        if basic and not groups:
            before = len(run)
        if not basic:
            arrays.extend(entry for _, entry in run)
            sizes.extend(x.shape[dim] for dim, _ in run)
    board = alloc(np.int64(0), *sizes)
    read, write = AdvancedSubtensor(), AdvancedIncSubtensor(set_instead_of_inc=True)
    places = read(board, *arrays)
    numbers = arange(places.size).reshape(places.shape, ndim=places.type.ndim)
    lasting = eq(read(write(board, numbers, *arrays), *arrays), numbers)
    before = before if groups == 1 else 0
    after = g.type.ndim - before - lasting.type.ndim
    lasting = lasting.dimshuffle(*"x" * before, *range(lasting.type.ndim), *"x" * after)
    return switch(lasting, g, g.zeros_like())


@dataclass(frozen=True, eq=False, repr=False)
class AdvancedSubtensor1(Op):
    """Take rows: ``x[indices]`` with a vector of integers."""

    def make_node(self, x: Any, ilist: Any) -> Apply:
        """Index the first dimension of `x` with the vector `ilist`.

        Raises
        ------
        TypeError
            If `ilist` isn't a vector of integers, or `x` has no dimension.
        IndexError
            If an index is known to be out of bounds.
        """
        x = as_tensor_variable(x)
        ilist = _as_row_index(x, ilist)
        out = tensor_type(x.type.dtype, (ilist.type.shape[0], *x.type.shape[1:]))()
        return Apply(self, [x, ilist], [out])

    def perform(self, node: Apply, inputs: Any, output_storage: Any) -> None:
        x, ilist = inputs
        output_storage[0][0] = x.take(ilist.astype(np.intp, copy=False), axis=0)

    def infer_shape(self, fgraph: Any, node: Apply, shapes: Any) -> list[tuple[Any, ...]]:
        x_shape, ilist_shape = shapes
        return [(*ilist_shape, *x_shape[1:])]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[True], [False]]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Variable]:
        x, ilist = inputs
        if x.type.numpy_dtype.kind in "biu":
            gx = zero_gradient(x)
        else:
            gx = AdvancedIncSubtensor1()(x.zeros_like(), output_grads[0], ilist)
        return [gx, *_disconnected([ilist])]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Variable | None]:
        if eval_points[0] is None:
            return [None]
        return self(eval_points[0], inputs[1], return_list=True)


def _as_row_index(x: Any, ilist: Any) -> Variable:
    ilist = as_tensor_variable(ilist)
    if ilist.type.numpy_dtype.kind not in "iu":
        raise TypeError(f"index must be integers; got {ilist} of dtype {ilist.type.dtype}")
    if ilist.type.ndim != 1:
        raise TypeError(f"index must be vector; got {ilist} with {ilist.type.ndim} dimensions")
    if x.type.ndim == 0:
        raise TypeError(f"cannot index into a scalar; {x} has no dimension")
    _check_bounds(x, [ilist])
    return ilist


@dataclass(frozen=True, eq=False, repr=False)
class AdvancedIncSubtensor1(Op):
    """Return `x` with the rows ``x[indices]`` incremented by `y`, or set to it.

    Rows that are named several times accumulate, or keep the last value.

    Parameters
    ----------
    set_instead_of_inc : bool
        Whether the old values are replaced.

    Notes
    -----
    The node's inputs are `x`, `y` and the vector of indices. `y` has the dtype of `x`, and
    broadcasts to the shape of ``x[indices]`` at run time.
    """

    set_instead_of_inc: bool = False

    def make_node(self, x: Any, y: Any, ilist: Any) -> Apply:
        """Write `y` into rows of `x`.

        Raises
        ------
        TypeError
            If `ilist` isn't a vector of integers, `x` has no dimension, `y` has more dimensions than
            `x`, or the dtype of `y` doesn't fit.
        ValueError
            If the shape of `y` is known not to fit.
        IndexError
            If an index is known to be out of bounds.
        """
        x = as_tensor_variable(x)
        y = as_slot_value(y, x.type.dtype)
        ilist = _as_row_index(x, ilist)
        if y.type.ndim > x.type.ndim:
            verb = "set" if self.set_instead_of_inc else "increment"
            raise TypeError(f"cannot {verb} x subtensor with ndim={x.type.ndim} by y with ndim={y.type.ndim}.")
        check_slot_shape((ilist.type.shape[0], *x.type.shape[1:]), y)
        return Apply(self, [x, y, ilist], [x.type()])

    def perform(self, node: Apply, inputs: Any, output_storage: Any) -> None:
        x, y, ilist = inputs
        out = np.array(x)
        if self.set_instead_of_inc:
            out[ilist] = y
        else:
            _add_at(out, (ilist,), y)
        output_storage[0][0] = out

    def infer_shape(self, fgraph: Any, node: Apply, shapes: Any) -> list[tuple[Any, ...]]:
        return [shapes[0]]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[True], [True], [False]]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Variable]:
        x, y, ilist = inputs
        (g,) = output_grads
        if x.type.numpy_dtype.kind in "biu":
            return [zero_gradient(x), zero_gradient(y), *_disconnected([ilist])]
        read = AdvancedSubtensor1()
        gx, gy = g, read(g, ilist)
        if self.set_instead_of_inc:
            gx = AdvancedIncSubtensor1(set_instead_of_inc=True)(g, 0, ilist)
            gy = _only_last_writes(gy, x, [ilist])
        return [gx, gradient_of_slot_value(gy, y), *_disconnected([ilist])]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Variable | None]:
        return _write_along(self, inputs, eval_points)

    def __str__(self) -> str:
        return f"AdvancedIncSubtensor1{{{'set' if self.set_instead_of_inc else 'inc'}}}"


def _add_at(out: np.ndarray, key: tuple[Any, ...], y: np.ndarray) -> None:
    """Add `y` to ``out[key]``, as often as `key` names an element."""
    entries = [entry.shape if isinstance(entry, np.ndarray) else entry for entry in key]
    shape = indexed_result_shape(out.shape, entries, indices_are_shapes=True)
    # some versions of NumPy read beyond the end of a `y` with fewer dimensions than the index arrays
    np.add.at(out, key, np.broadcast_to(y, shape))


def _write_along(op: Op, inputs: Any, eval_points: Any) -> list[Variable | None]:
    ex, ey = eval_points[:2]
    if ex is None and ey is None:
        return [None]
    x, y, *index = inputs
    return op(x.zeros_like() if ex is None else ex, y.zeros_like() if ey is None else ey, *index, return_list=True)


@dataclass(frozen=True, eq=False, repr=False)
class AdvancedSubtensor(Op):
    """Index with integer arrays, slices and new axes, by NumPy's rules: ``x[index]``.

    The node's inputs after `x` are the entries of the index: integer tensors, slices (`SliceType`) and
    `NoneConst` for a new axis. A boolean mask that is given to `make_node` becomes one integer vector
    for each of its dimensions (see `Nonzero`).
    """

    def make_node(self, x: Any, *index: Any) -> Apply:
        """Index `x`.

        Raises
        ------
        IndexError
            If there are too many indices, index arrays are known not to broadcast, an index is known to
            be out of bounds, or a mask is known to have a shape that doesn't fit.
        TypeError
            If an entry isn't an index.
        """
        x = as_tensor_variable(x)
        entries = _as_index(x, index)
        out = tensor_type(x.type.dtype, _slot_shape(x, entries))()
        return Apply(self, [x, *entries], [out])

    def perform(self, node: Apply, inputs: Any, output_storage: Any) -> None:
        x, *index = inputs
        # a copy also where the index happens to hold no array
        output_storage[0][0] = np.array(x[tuple(index)])

    def infer_shape(self, fgraph: Any, node: Apply, shapes: Any) -> list[tuple[Any, ...]]:
        entries = [shape if is_index_tensor(entry) else entry for entry, shape in zip(node.inputs[1:], shapes[1:])]
        return [indexed_result_shape(shapes[0], entries, indices_are_shapes=True)]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[True]] + [[False]] * (len(node.inputs) - 1)

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Variable]:
        x, *index = inputs
        if x.type.numpy_dtype.kind in "biu":
            gx = zero_gradient(x)
        else:
            gx = AdvancedIncSubtensor()(x.zeros_like(), output_grads[0], *index)
        return [gx, *_disconnected(index)]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Variable | None]:
        if eval_points[0] is None:
            return [None]
        return self(eval_points[0], *inputs[1:], return_list=True)


@dataclass(frozen=True, eq=False, repr=False)
class AdvancedIncSubtensor(Op):
    """Return `x` with ``x[index]`` incremented by `y`, or set to it, for an advanced index.

    Parameters
    ----------
    set_instead_of_inc : bool
        Whether the old values are replaced. An element that is named several times keeps the last value.
    ignore_duplicates : bool
        Whether an increment is ``x[index] += y``, where only the last of several increments of one
        element counts. By default they accumulate.

    Notes
    -----
    The node's inputs are `x`, `y` and the entries of the index, as for `AdvancedSubtensor`. `y` has the
    dtype of `x`, and broadcasts to the shape of ``x[index]`` at run time.
    """

    set_instead_of_inc: bool = False
    ignore_duplicates: bool = False

    def make_node(self, x: Any, y: Any, *index: Any) -> Apply:
        """Write `y` into `x`.

        Raises
        ------
        IndexError
            See `AdvancedSubtensor`.
        TypeError
            If an entry isn't an index, `y` has too many dimensions, or its dtype doesn't fit.
        ValueError
            If the shape of `y` is known not to fit.
        """
        x = as_tensor_variable(x)
        y = as_slot_value(y, x.type.dtype)
        entries = _as_index(x, index)
        slot = _slot_shape(x, entries)
        if y.type.ndim > len(slot):
            raise TypeError(
                f"Trying to increment a {len(slot)}-dimensional subtensor with a {y.type.ndim}-dimensional value."
            )
        check_slot_shape(slot, y)
        return Apply(self, [x, y, *entries], [x.type()])

    def perform(self, node: Apply, inputs: Any, output_storage: Any) -> None:
        x, y, *index = inputs
        key = tuple(index)
        out = np.array(x)
        if self.set_instead_of_inc:
            out[key] = y
        elif self.ignore_duplicates:
            out[key] += y
        else:
            _add_at(out, key, y)
        output_storage[0][0] = out

    def infer_shape(self, fgraph: Any, node: Apply, shapes: Any) -> list[tuple[Any, ...]]:
        return [shapes[0]]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[True], [True]] + [[False]] * (len(node.inputs) - 2)

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Variable]:
        x, y, *index = inputs
        (g,) = output_grads
        if x.type.numpy_dtype.kind in "biu":
            return [zero_gradient(x), zero_gradient(y), *_disconnected(index)]
        read = AdvancedSubtensor()
        gx, gy = g, read(g, *index)
        if self.set_instead_of_inc:
            gx = AdvancedIncSubtensor(set_instead_of_inc=True)(g, 0, *index)
        if self.set_instead_of_inc or self.ignore_duplicates:
            gy = _only_last_writes(gy, x, index)
        return [gx, gradient_of_slot_value(gy, y), *_disconnected(index)]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Variable | None]:
        return _write_along(self, inputs, eval_points)


advanced_subtensor1 = AdvancedSubtensor1()
advanced_inc_subtensor1 = AdvancedIncSubtensor1()
advanced_set_subtensor1 = AdvancedIncSubtensor1(set_instead_of_inc=True)
advanced_subtensor = AdvancedSubtensor()
advanced_inc_subtensor = AdvancedIncSubtensor()
advanced_set_subtensor = AdvancedIncSubtensor(set_instead_of_inc=True)
advanced_inc_subtensor_nodup = AdvancedIncSubtensor(ignore_duplicates=True)
advanced_set_subtensor_nodup = AdvancedIncSubtensor(set_instead_of_inc=True, ignore_duplicates=True)
