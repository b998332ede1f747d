"""A frozen graph, lowered node by node."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aesaralite.configdefaults import config
from aesaralite.graph.frozen import FrozenGraph, FrozenNode
from aesaralite.scalar.type import ScalarType
from aesaralite.tensor.random.type import RandomGeneratorType
from aesaralite.tensor.tensor_type import TensorType

from ..generators import DEFAULT_KIND, UnknownGenerator, kind_of, words_of
from ..values import Guard, Param, Value
from ..variant import UnsupportedType, Variant, value_form
from . import (  # noqa: F401  (each registers its lowerings)
    assertion,
    complex_scalars,
    convolution,
    creation,
    diagonals,
    elementwise,
    indexing,
    joining,
    linear_algebra,
    mrg,
    products,
    random,
    reduction,
    sequences,
    shaping,
    sorting,
    special,
)
from .context import Equality, Lowering
from .registry import find_lowering


class NoLowering(NotImplementedError):
    """An Op has no lowering, and `config.numba__strict` wants one for each."""


@dataclass
class Lowered:
    """A graph in terms of values: what is returned, what is written to state slots, which nodes are called back."""

    ctx: Lowering
    outputs: list[Value]
    updates: list[tuple[Value, Param]]
    called_back: list[FrozenNode]


def lower_graph(
    graph: FrozenGraph,
    n_outputs: int,
    updates: Sequence[tuple[int, int]],
    states: frozenset[int],
    variant: Variant,
) -> Lowered:
    """Lower `graph`.

    Parameters
    ----------
    n_outputs
        How many of the graph's outputs are the user's.
    updates
        For each update, positions of the new value in the outputs and of the state in the inputs.
    states
        Positions of the inputs that are state.

    Raises
    ------
    UnsupportedType
        If a value that isn't constant is neither a tensor nor a number.
    """
    classes = SizeClasses()
    while True:
        lowered = _lower_once(graph, n_outputs, updates, states, variant, classes)
        if not lowered.ctx.equalities:
            return lowered
        classes.learn(lowered.ctx.equalities)


class SizeClasses:
    """Which sizes of arguments are one, by what has been learned.

    A size is the position and dimension of a parameter, or a number, which stands for all sizes that equal it.
    """

    def __init__(self) -> None:
        self.equalities: list[Equality] = []
        self._parent: dict[Any, Any] = {}

    def find(self, size: Any) -> Any:
        """The size that stands for all that equal `size`."""
        while size in self._parent:
            size = self._parent[size]
        return size

    def learn(self, equalities: Sequence[Equality]) -> None:
        """Add what one lowering has found out.

        This is why lowering again and again ends: sizes of one class are one expression, of which nothing is learned,
        so each time two of finitely many classes become one.
        """
        before = len(self._parent)
        for equality in equalities:
            self.equalities.append(equality)
            a, b = self.find(equality.first), self.find(equality.second)
            if a == b or (isinstance(a, int) and isinstance(b, int)):
                continue
            if isinstance(b, int) or (not isinstance(a, int) and b < a):
                a, b = b, a
            self._parent[b] = a
        if len(self._parent) == before:
            raise AssertionError(f"nothing new is learned of {equalities}")


def _lower_once(graph, n_outputs, updates, states, variant, classes) -> Lowered:
    ctx = Lowering(variant.optimistic)
    values: dict[int, Value | None] = {}
    generators = iter(variant.generators)
    for position, number in enumerate(graph.inputs):
        kind = graph.variables[number].type
        generator = next(generators, DEFAULT_KIND) if isinstance(kind, RandomGeneratorType) else None
        dtype, shape = value_form(kind, generator)
        param = ctx.param(dtype, shape, position in states, variant.layouts[position])
        param.generator = generator
        values[number] = param
        if generator is not None:
            continue
        for k, size in enumerate(shape):
            if size is not None:
                has = ctx.e.eq(ctx.e.dim(param, k), ctx.e.index(size))
                ctx.guards.append(Guard(has, "argument", -1, (), None, 0))
    _unify(ctx, classes)
    for number, constant in graph.constants.items():
        if isinstance(constant.type, TensorType | ScalarType):
            values[number] = ctx.constant(constant.data, number)
        elif isinstance(constant.type, RandomGeneratorType):
            values[number] = _constant_generator(ctx, constant.data, number)
        else:
            values[number] = None
    called_back: list[FrozenNode] = []
    for node in graph.nodes:
        inputs = [values[number] for number in node.inputs]
        ctx.begin_node(node.index, [value for value in inputs if value is not None])
        lowering = find_lowering(node.op)
        outputs: Any = NotImplemented if lowering is None else lowering(ctx, node, *inputs)
        if outputs is NotImplemented:
            outputs = _call_back(ctx, node, inputs)
            called_back.append(node)
        elif isinstance(outputs, Value):
            outputs = (outputs,)
        values.update(zip(node.outputs, outputs, strict=True))
    ctx.begin_node(-1, ())
    for number in graph.outputs:
        value_form(graph.variables[number].type, DEFAULT_KIND)
    results: list[Any] = [values[number] for number in graph.outputs]
    new_state = []
    for position, place in updates:
        state = ctx.params[place]
        new_state.append((results[position], state))
    if variant.in_place:
        for value, state in new_state:
            for new, old in zip(value.dims, state.dims, strict=True):
                ctx.require_equal(new, old, "restart")
        return Lowered(ctx, results[:n_outputs], new_state, called_back)
    return Lowered(ctx, results[:n_outputs] + [value for value, _ in new_state], [], called_back)


def _constant_generator(ctx: Lowering, generator: Any, number: int) -> Value:
    try:
        value = ctx.constant(words_of(generator), number)
    except UnknownGenerator as error:
        raise UnsupportedType(str(error)) from None
    value.generator = kind_of(generator)
    return value


def _unify(ctx: Lowering, classes: SizeClasses) -> None:
    """Give equal sizes of parameters one expression, guarded at entry."""
    e = ctx.e

    def raw(leaf: Any) -> Any:
        return e.index(leaf) if isinstance(leaf, int) else e.dim(ctx.params[leaf[0]], leaf[1])

    known: set[tuple] = set()
    for equality in classes.equalities:
        pair = (equality.first, equality.second)
        if pair not in known:
            known.add(pair)
            condition = e.eq(raw(equality.first), raw(equality.second))
            if not (condition.is_const and condition.attr):
                kind = "stretch" if equality.assumed else "restart" if equality.node < 0 else "equal"
                ctx.guards.append(Guard(condition, kind, equality.node, (), None, 0))
    for param in ctx.params:
        param.dims = tuple(
            size if size.is_const else raw(classes.find((param.position, k))) for k, size in enumerate(param.dims)
        )


def _call_back(ctx: Lowering, node: FrozenNode, inputs: Sequence[Value | None]) -> Sequence[Value]:
    """The outputs of a node whose `perform` runs in Python."""
    if config.numba__strict:
        raise NoLowering(
            f"{node.op} has no lowering for the Numba linker (node {node.index}: {node.apply}). Give it one with "
            "aesaralite_numba.lower.registry.lower, or allow calls of its perform: numba__strict=False"
        )
    # a generator that comes out is of the class that went in
    generator = next((value.generator for value in inputs if value is not None and value.generator), DEFAULT_KIND)
    outputs = []
    for variable in node.apply.outputs:
        is_generator = isinstance(variable.type, RandomGeneratorType)
        outputs.append((*value_form(variable.type, generator), is_generator))
    return ctx.callback(node.index, [value for value in inputs if value is not None], outputs, generator)
