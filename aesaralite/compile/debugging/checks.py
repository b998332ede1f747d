"""What one node promises, checked while it runs."""

from __future__ import annotations

from collections.abc import Sequence
from types import NoneType
from typing import Any

import numpy as np

from aesaralite.compile.debugging.errors import (
    BadDestroyMap,
    BadInferShape,
    BadThunkOutput,
    BadViewMap,
    InvalidValueError,
)
from aesaralite.compile.debugging.stepping import perform_node
from aesaralite.compile.debugging.values import is_numeric
from aesaralite.errors import ShapeError
from aesaralite.graph.container import duplicate
from aesaralite.graph.frozen import FrozenGraph
from aesaralite.graph.type import HasShape, Type
from aesaralite.graph.variable import Apply, Constant, Variable
from aesaralite.tensor.convert import as_tensor_variable
from aesaralite.tensor.shaping import shape_tuple
from aesaralite.tensor.tensor_type import TensorType

_EFFORT = 1_000_000  # of NumPy, to find out whether two strided views meet

__all__ = ["ShapeCheck", "check_value", "checked_perform", "same"]


def check_value(variable: Variable, value: Any, finite: bool, hint: str) -> None:
    """Check that a value belongs to its variable.

    Parameters
    ----------
    variable, value
        The two.
    finite
        Whether a NaN or an infinity is an error.
    hint
        Where the value comes from.

    Raises
    ------
    InvalidValueError
        If it doesn't.
    """
    if isinstance(variable.type, TensorType) and isinstance(value, np.generic):
        value = np.asarray(value)  # NumPy gives these for 0-d arrays, and all linkers take them
    try:
        variable.type.filter(value, strict=True)
    except (TypeError, ValueError) as error:
        raise InvalidValueError(variable, value, None, hint, str(error)) from None
    if finite and is_numeric(value) and not np.isfinite(value).all():
        raise InvalidValueError(variable, value, None, hint, "an element is NaN or infinite")


def checked_perform(node: Apply, inputs: Sequence[Any], finite: bool) -> list[Any]:
    """Run a node twice by its definition, check what it does, and return the values of its outputs.

    Parameters
    ----------
    node, inputs
        The node, and the values of its inputs.
    finite
        Whether a NaN or an infinity in an output is an error.

    Raises
    ------
    DebugModeError
        If the Op breaks a promise.
    """
    before = [duplicate(value) for value in inputs]
    first = perform_node(node, inputs)
    _check_inputs(node, before, inputs)
    settled = node.op.is_deterministic
    for variable, value in zip(node.outputs, first):
        check_value(variable, value, finite and settled, f"an output of {node.op}.perform")
    _check_aliases(node, inputs, first)
    if not settled:
        return first
    kept = [duplicate(value) for value in first]
    second = perform_node(node, inputs)
    _check_inputs(node, before, inputs)
    for variable, expected, again, value in zip(node.outputs, kept, second, first):
        if not same(variable.type, expected, again):
            raise BadThunkOutput(variable, "perform", expected, "perform, run again", again, before)
        if not same(variable.type, expected, value):
            raise BadThunkOutput(
                variable, "perform", expected, "perform, in the same array after the next run", value, before
            )
    return first


def same(type: Type, a: Any, b: Any) -> bool:
    """Whether two values are the same to the last bit; NaN is NaN."""
    try:
        return bool(type.values_eq(a, b))
    except (TypeError, ValueError):
        return a is b


def _check_inputs(node: Apply, before: Sequence[Any], inputs: Sequence[Any]) -> None:
    for i, (variable, old, new) in enumerate(zip(node.inputs, before, inputs)):
        if not same(variable.type, old, new):
            raise BadDestroyMap(node, i, old, new, "perform")


def _check_aliases(node: Apply, inputs: Sequence[Any], outputs: Sequence[Any]) -> None:
    view_map = node.op.view_map or {}
    for i, (variable, value) in enumerate(zip(node.outputs, outputs)):
        kind = variable.type
        allowed = set(view_map.get(i, ()))
        aliases = [k for k, given in enumerate(inputs) if _share(kind, value, given)]
        if set(aliases) - allowed:
            # an input that is given twice, or that is a view of another, may stand for it
            if allowed & set(aliases):
                continue
            raise BadViewMap(node, i, value, in_alias_idx=sorted(set(aliases) - allowed))
        others = [
            k
            for k, other in enumerate(outputs)
            if k != i and not allowed & set(view_map.get(k, ())) and _share(kind, value, other)
        ]
        if others:
            raise BadViewMap(node, i, value, out_alias_idx=others)


def _share(type: Type, a: Any, b: Any) -> bool:
    """Whether a change of one of two values, of which the first is of a type, would be seen in the other."""
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        try:
            return np.shares_memory(a, b, max_work=_EFFORT)  # type: ignore[arg-type]
        except np.exceptions.TooHardError:
            return False
    unchanging = (np.generic, NoneType, bool, int, float, complex, str, tuple, slice)
    return a.__class__ is b.__class__ and not isinstance(a, unchanging) and type.may_share_memory(a, b)


class ShapeCheck:
    """The shapes that a node infers, as a small graph of its own.

    Parameters
    ----------
    node
        The node.
    """

    def __init__(self, node: Apply) -> None:
        self._node = node
        stand_ins: dict[Variable, Variable] = {}
        for variable in node.inputs:
            if not isinstance(variable, Constant):
                stand_ins.setdefault(variable, variable.type.variable_type(variable.type, None, name=variable.name))
        self._positions = [node.inputs.index(variable) for variable in stand_ins]
        alone = node.clone_with_new_inputs([stand_ins.get(variable, variable) for variable in node.inputs])
        self._ranks: dict[int, int] = {}
        self._failed: Exception | None = None
        sizes: list[Variable] = []
        try:
            known = [shape_tuple(v) if isinstance(v.type, HasShape) else None for v in alone.inputs]
            for k, (output, shape) in enumerate(zip(alone.outputs, alone.op.infer_shape(None, alone, known))):
                if shape is not None and isinstance(output.type, HasShape):
                    self._ranks[k] = len(shape)
                    sizes.extend(as_tensor_variable(size) for size in shape)
        except ShapeError:
            self._ranks.clear()
        except Exception as error:
            self._failed = error
        self._graph = FrozenGraph(list(stand_ins.values()), sizes if self._ranks and not self._failed else [])

    def __call__(self, inputs: Sequence[Any], outputs: Sequence[Any]) -> None:
        """Compare the inferred shapes with those of values.

        Raises
        ------
        BadInferShape
            If they differ.
        """
        if self._failed is not None:
            raise BadInferShape(self._node, 0, self._failed, np.shape(outputs[0]))
        if not self._ranks:
            return
        graph = self._graph
        values: dict[int, Any] = {number: constant.data for number, constant in graph.constants.items()}
        values.update((number, inputs[i]) for number, i in zip(graph.inputs, self._positions))
        for node in graph.nodes:
            try:
                results = perform_node(node.apply, [values[number] for number in node.inputs])
            except Exception as error:
                first = next(iter(self._ranks))
                raise BadInferShape(self._node, first, error, np.shape(outputs[first])) from error
            values.update(zip(node.outputs, results))
        sizes = iter(values[number] for number in graph.outputs)
        for k, rank in self._ranks.items():
            inferred = tuple(int(next(sizes)) for _ in range(rank))
            if inferred != np.shape(outputs[k]):
                raise BadInferShape(self._node, k, inferred, np.shape(outputs[k]))
