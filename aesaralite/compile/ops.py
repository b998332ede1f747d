"""Ops that belong to no field: copies, views, and Python functions as Ops."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aesaralite.errors import ShapeError
from aesaralite.graph.arguments import expect
from aesaralite.graph.container import duplicate
from aesaralite.graph.op import Op
from aesaralite.graph.type import Type
from aesaralite.graph.variable import Apply, Variable

__all__ = ["DeepCopyOp", "FromFunctionOp", "ViewOp", "as_op", "deep_copy_op", "view_op", "wrap_py"]


@dataclass(frozen=True, eq=False, repr=False)
class ViewOp(Op):
    """Returns its input, whatever its type."""

    view_map = {0: [0]}

    def make_node(self, x: Variable) -> Apply:
        return Apply(self, [expect(x, Variable, "x")], [x.type()])

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[list[Any]]) -> None:
        output_storage[0][0] = inputs[0]

    def infer_shape(self, fgraph: Any, node: Apply, shapes: Sequence[Any]) -> Sequence[Any]:
        return shapes

    def grad(self, inputs: Sequence[Variable], output_grads: Sequence[Variable]) -> list[Variable]:
        return list(output_grads)

    def R_op(self, inputs: Sequence[Variable], eval_points: Sequence[Variable | None]) -> list[Variable | None]:
        return list(eval_points)


@dataclass(frozen=True, eq=False, repr=False)
class DeepCopyOp(Op):
    """Returns a copy of its input, whatever its type."""

    def make_node(self, x: Variable) -> Apply:
        return Apply(self, [expect(x, Variable, "x")], [x.type()])

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[list[Any]]) -> None:
        output_storage[0][0] = duplicate(inputs[0])

    def infer_shape(self, fgraph: Any, node: Apply, shapes: Sequence[Any]) -> Sequence[Any]:
        return shapes

    def grad(self, inputs: Sequence[Variable], output_grads: Sequence[Variable]) -> list[Variable]:
        return list(output_grads)

    def R_op(self, inputs: Sequence[Variable], eval_points: Sequence[Variable | None]) -> list[Variable | None]:
        return list(eval_points)


view_op = ViewOp()
deep_copy_op = DeepCopyOp()


class FromFunctionOp(Op):
    """An Op that calls a Python function.

    Parameters
    ----------
    fn : callable
        Takes the values of the inputs; returns the value of the output, or a sequence of them. It must not change
        its arguments, and depend on nothing else.
    itypes, otypes : sequence of Type
        The types of inputs and outputs.
    infer_shape : callable, optional
        As `Op.infer_shape`, without ``self``: takes the graph, the node and the shapes of the inputs.
    """

    __props__ = ("fn", "itypes", "otypes", "shape_fn")

    def __init__(
        self,
        fn: Callable[..., Any],
        itypes: Sequence[Type],
        otypes: Sequence[Type],
        infer_shape: Callable[..., Any] | None = None,
    ) -> None:
        self.fn = fn
        self.itypes = tuple(itypes)  # type: ignore[misc]
        self.otypes = tuple(otypes)  # type: ignore[misc]
        self.shape_fn = infer_shape

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[list[Any]]) -> None:
        results = self.fn(*inputs)
        if not isinstance(results, (list, tuple)):
            results = (results,)
        if len(results) != len(output_storage):
            raise ValueError(
                f"The function {self} returned {len(results)} values; its Op declares {len(output_storage)} outputs."
            )
        for variable, cell, result in zip(node.outputs, output_storage, results):
            cell[0] = variable.type.filter(result)

    def infer_shape(self, fgraph: Any, node: Apply, shapes: Sequence[Any]) -> Sequence[Any]:
        if self.shape_fn is None:
            raise ShapeError(f"No infer_shape was given for the function {self}")
        return self.shape_fn(fgraph, node, shapes)

    def __str__(self) -> str:
        return f"FromFunctionOp{{{getattr(self.fn, '__name__', self.fn)}}}"

    def __reduce__(self) -> Any:
        # `as_op` used as a decorator puts the Op where the function's name leads
        module, name = getattr(self.fn, "__module__", None), getattr(self.fn, "__qualname__", "")
        if module is not None and _named(module, name) == self:
            return _load_named, (module, name)
        return FromFunctionOp, (self.fn, self.itypes, self.otypes, self.shape_fn)


def _named(module: str, name: str) -> Any:
    try:
        return _load_named(module, name)
    except (ImportError, AttributeError):
        return None


def _load_named(module: str, name: str) -> Any:
    found: Any = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    return found


def as_op(
    itypes: Type | Sequence[Type], otypes: Type | Sequence[Type], infer_shape: Callable[..., Any] | None = None
) -> Callable[[Callable[..., Any]], FromFunctionOp]:
    """Return a decorator that makes a Python function into an Op.

    Parameters
    ----------
    itypes, otypes : Type or sequence of Type
        The types of the function's arguments and of what it returns.
    infer_shape : callable, optional
        Takes the graph, the node and the shapes of the inputs, and returns the shapes of the outputs.

    Raises
    ------
    TypeError
        If something else than types is given.

    Examples
    --------
    >>> import numpy as np
    >>> import aesaralite.tensor as at
    >>> from aesaralite.compile.ops import as_op
    >>> @as_op(itypes=[at.dvector], otypes=[at.dvector])
    ... def smooth(a):
    ...     return np.convolve(a, [0.25, 0.5, 0.25], mode="same")
    >>> x = at.dvector("x")
    >>> smooth(x).eval({x: np.array([0.0, 4.0, 0.0])})
    array([1., 2., 1.])
    """
    in_types, out_types = _types(itypes, "itypes"), _types(otypes, "otypes")
    if infer_shape is not None and not callable(infer_shape):
        raise TypeError("infer_shape needs to be a callable")

    def make_op(fn: Callable[..., Any]) -> FromFunctionOp:
        return FromFunctionOp(fn, in_types, out_types, infer_shape)

    return make_op


wrap_py = as_op


def _types(types: Type | Sequence[Type], what: str) -> tuple[Type, ...]:
    sequence = tuple(types) if isinstance(types, (list, tuple)) else (types,)
    if not all(isinstance(t, Type) for t in sequence):
        raise TypeError(f"{what} has to be a list of types, got {types!r}")
    return sequence
