"""Basic indexing: integers and slices, constant or symbolic. Reading is a view, writing makes a new array."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aesaralite.errors import NotScalarConstantError
from aesaralite.graph.arguments import as_list
from aesaralite.graph.basic import Apply, Constant, Variable
from aesaralite.graph.null_type import DisconnectedType
from aesaralite.graph.op import Op
from aesaralite.tensor.convert import as_tensor_variable
from aesaralite.tensor.index_spec import (
    as_nontensor_scalar,
    fill_template,
    get_constant_idx,
    get_idx_list,
    hashable_template,
    index_vars_to_types,
    template_text,
    template_types,
)
from aesaralite.tensor.slice_geometry import known_int, slice_len, static_slice_len
from aesaralite.tensor.slot import as_slot_value, check_slot_shape, gradient_of_slot_value, zero_gradient
from aesaralite.tensor.static import (
    KnownValue,
    get_scalar_constant_value,
    scalar_constant_rule,
    vector_entries_rule,
)
from aesaralite.tensor.tensor_type import tensor_type


class _Templated(Op):
    """What `Subtensor` and `IncSubtensor` share: a template, and inputs that fill it."""

    idx_list: tuple[Any, ...]

    def __post_init__(self) -> None:
        object.__setattr__(
            self,
            "idx_list",
            tuple(index_vars_to_types(entry) for entry in as_list(self.idx_list, "the template of an index")),
        )

    def _props(self) -> tuple[Any, ...]:
        return tuple(hashable_template(p) if p is self.idx_list else p for p in super()._props())

    def _index_inputs(self, x: Any, inputs: Sequence[Any]) -> list[Variable]:
        """Check the index against the template and against `x`."""
        if len(self.idx_list) > x.type.ndim:
            raise IndexError(
                f"too many indices for array: {x} has {x.type.ndim} dimensions, but {len(self.idx_list)} were indexed"
            )
        expected = template_types(self.idx_list)
        if len(inputs) != len(expected):
            raise IndexError(
                f"The template [{template_text(self.idx_list)}] takes {len(expected)} inputs, got {len(inputs)}"
            )
        scalars = [as_nontensor_scalar(value) for value in inputs]
        for scalar, type_ in zip(scalars, expected):
            if scalar.type != type_:
                raise TypeError(
                    f"Incompatible types for the template [{template_text(self.idx_list)}]: "
                    f"expected {type_}, got {scalar} of type {scalar.type}"
                )
        return scalars

    def _slot_shape(self, x: Any, inputs: Sequence[Any]) -> tuple[int | None, ...]:
        """Return what is known of the shape of ``x[index]``."""
        shape = [
            static_slice_len(entry, n)
            for n, entry in zip(x.type.shape, _checked_index(self.idx_list, x, inputs))
            if isinstance(entry, slice)
        ]
        return (*shape, *x.type.shape[len(self.idx_list) :])


def _checked_index(idx_list: Sequence[Any], x: Any, inputs: Sequence[Any]) -> tuple[Any, ...]:
    """Return the index, after checking what is known of its integers and steps."""
    index = fill_template(idx_list, inputs)
    for axis, (entry, n) in enumerate(zip(index, x.type.shape)):
        if isinstance(entry, slice):
            if entry.step is not None and known_int(entry.step) == 0:
                raise ValueError("slice step cannot be zero")
        elif n is not None:
            value = known_int(entry)
            if value is not None and not -n <= value < n:
                raise IndexError(f"index {value} is out of bounds for axis {axis} of {x}, which has size {n}")
    return index


@dataclass(frozen=True, eq=False, repr=False)
class Subtensor(_Templated):
    """Index with integers and slices: ``x[index]``, a view.

    Parameters
    ----------
    idx_list : sequence
        The template of the index: an integer scalar type for each integer, a slice of such types (or
        None) for each slice. Variables stand for their types. The node's inputs after `x` fill the
        template from left to right.

    Examples
    --------
    >>> import aesaralite.tensor as at
    >>> x, i = at.dmatrix("x"), at.iscalar("i")
    >>> print(x[i, 1:].owner.op)
    Subtensor{int32, int64::}
    """

    idx_list: tuple[Any, ...]

    view_map = {0: [0]}

    def make_node(self, x: Any, *inputs: Any) -> Apply:
        """Index `x` with integer scalars that fill the template.

        Raises
        ------
        IndexError
            If there are too many indices, or one is known to be out of bounds.
        TypeError
            If an input's type isn't the template's.
        ValueError
            If a step is known to be zero.
        """
        x = as_tensor_variable(x)
        scalars = self._index_inputs(x, inputs)
        out = tensor_type(x.type.dtype, self._slot_shape(x, scalars))()
        return Apply(self, [x, *scalars], [out])

    def perform(self, node: Apply, inputs: Any, output_storage: Any) -> None:
        x = inputs[0]
        # the Ellipsis makes NumPy return an array also where one element is left
        output_storage[0][0] = x[(*get_idx_list(inputs, self.idx_list), ...)]

    def infer_shape(self, fgraph: Any, node: Apply, shapes: Any) -> list[tuple[Any, ...]]:
        index = get_idx_list(node.inputs, self.idx_list)
        known = node.outputs[0].type.shape
        out: list[Any] = []
        for entry, n in zip(index, shapes[0]):
            if isinstance(entry, slice):
                static = known[len(out)]
                out.append(slice_len(entry, n) if static is None else static)
        return [(*out, *shapes[0][len(index) :])]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[True]] + [[False]] * (len(node.inputs) - 1)

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Variable]:
        x, *index = inputs
        if x.type.numpy_dtype.kind in "biu":
            gx = zero_gradient(x)
        else:
            gx = IncSubtensor(self.idx_list)(x.zeros_like(), output_grads[0], *index)
        return [gx, *(DisconnectedType()() for _ in index)]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Variable | None]:
        if eval_points[0] is None:
            return [None]
        return self(eval_points[0], *inputs[1:], return_list=True)

    def __str__(self) -> str:
        return f"Subtensor{{{template_text(self.idx_list)}}}"


@dataclass(frozen=True, eq=False, repr=False)
class IncSubtensor(_Templated):
    """Return `x` with ``x[index]`` incremented by `y`, or set to it.

    Parameters
    ----------
    idx_list : sequence
        The template of the index, as for `Subtensor`.
    set_instead_of_inc : bool
        Whether the old values are replaced.

    Notes
    -----
    The node's inputs are `x`, `y`, and those that fill the template. `y` has the dtype of `x` (it's
    cast where that is safe) and broadcasts to the shape of ``x[index]`` at run time.
    """

    idx_list: tuple[Any, ...]
    set_instead_of_inc: bool = False

    def make_node(self, x: Any, y: Any, *inputs: Any) -> Apply:
        """Write `y` into `x`.

        Raises
        ------
        ValueError
            If `y` has too many dimensions, or a shape that is known not to fit.
        TypeError
            If the dtype of `y` doesn't fit, or an input's type isn't the template's.
        IndexError
            If there are too many indices, or one is known to be out of bounds.
        """
        x = as_tensor_variable(x)
        y = as_slot_value(y, x.type.dtype)
        scalars = self._index_inputs(x, inputs)
        slot = self._slot_shape(x, scalars)
        if y.type.ndim > len(slot):
            raise ValueError(
                f"Trying to increment a {len(slot)}-dimensional subtensor with a {y.type.ndim}-dimensional value."
            )
        check_slot_shape(slot, y)
        return Apply(self, [x, y, *scalars], [x.type()])

    def perform(self, node: Apply, inputs: Any, output_storage: Any) -> None:
        x, y, *index = inputs
        out = np.array(x)
        slot = out[(*fill_template(self.idx_list, index), ...)]
        if self.set_instead_of_inc:
            slot[...] = y
        else:
            np.add(slot, y, out=slot)
        output_storage[0][0] = out

    def infer_shape(self, fgraph: Any, node: Apply, shapes: Any) -> list[tuple[Any, ...]]:
        return [shapes[0]]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[True], [True]] + [[False]] * (len(node.inputs) - 2)

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Variable]:
        x, y, *index = inputs
        (g,) = output_grads
        if x.type.numpy_dtype.kind in "biu":
            return [zero_gradient(x), zero_gradient(y), *(DisconnectedType()() for _ in index)]
        read = Subtensor(self.idx_list)
        gx = IncSubtensor(self.idx_list, set_instead_of_inc=True)(g, 0, *index) if self.set_instead_of_inc else g
        gy = gradient_of_slot_value(read(g, *index), y)
        return [gx, gy, *(DisconnectedType()() for _ in index)]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Variable | None]:
        ex, ey = eval_points[:2]
        if ex is None and ey is None:
            return [None]
        x, y, *index = inputs
        return self(
            x.zeros_like() if ex is None else ex, y.zeros_like() if ey is None else ey, *index, return_list=True
        )

    def __str__(self) -> str:
        kind = "Set" if self.set_instead_of_inc else "Inc"
        return f"IncSubtensor{{{kind};{template_text(self.idx_list)}}}"


# What is known, while the graph is built, of the elements that are taken


@scalar_constant_rule.register(Subtensor)
def _subtensor_constant(op: Subtensor, node: Apply, index: int, known: KnownValue) -> np.ndarray:
    x: Any = node.inputs[0]
    if isinstance(x, Constant):
        # the elements that are taken may be equal where not all are
        return get_scalar_constant_value(x.data[tuple(get_constant_idx(op.idx_list, node.inputs))])
    if x.type.ndim == 1 and len(op.idx_list) == 1 and not isinstance(op.idx_list[0], slice):
        entries = None if x.owner is None else vector_entries_rule(x.owner.op, x.owner)
        if entries is not None:
            (position,) = get_constant_idx(op.idx_list, node.inputs)
            if -len(entries) <= position < len(entries):
                entry = entries[position]
                return known(entry) if isinstance(entry, Variable) else np.asarray(entry)
    return known(x)


@vector_entries_rule.register(Subtensor)
def _subtensor_entries(op: Subtensor, node: Apply) -> Sequence[Any] | None:
    x: Any = node.inputs[0]
    if x.type.ndim != 1 or any(not isinstance(entry, slice) for entry in op.idx_list):
        return None
    if isinstance(x, Constant):
        entries: Sequence[Any] | None = list(x.data)
    else:
        entries = None if x.owner is None else vector_entries_rule(x.owner.op, x.owner)
    if entries is None:
        return None
    try:
        (taken,) = get_constant_idx(op.idx_list, node.inputs) or (slice(None),)
    except NotScalarConstantError:
        return None
    return list(entries)[taken]
