"""How nodes of a graph are written as Python expressions by people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from aesaralite.graph.op import Op
from aesaralite.graph.variable import Apply
from aesaralite.scalar import casting
from aesaralite.scalar.type import ScalarType
from aesaralite.tensor.dimshuffle import DimShuffle
from aesaralite.tensor.elementwise import Elemwise
from aesaralite.tensor.indexing_advanced import AdvancedIncSubtensor, AdvancedIncSubtensor1, AdvancedSubtensor
from aesaralite.tensor.indexing_basic import IncSubtensor, Subtensor
from aesaralite.tensor.joining import Join
from aesaralite.tensor.random.op import RandomVariable
from aesaralite.tensor.reduction import All, Argmax, CAReduce, Max, Min, Prod, Sum
from aesaralite.tensor.reduction import Any as AnyOf
from aesaralite.tensor.reshaping import Reshape
from aesaralite.tensor.shaping import Shape, SpecifyShape
from aesaralite.tensor.slice_type import MakeSlice
from aesaralite.tensor.special import LogSoftmax, Softmax

__all__ = ["idiomatic"]

Spell = Callable[[Any, Apply, Sequence[str]], Iterator[str]]

_SPELLINGS: dict[type[Op], Spell] = {}
_OPERATORS = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "true_divide": "/",
    "floor_divide": "//",
    "mod": "%",
    "pow": "**",
    "lt": "<",
    "gt": ">",
    "le": "<=",
    "ge": ">=",
    "and_": "&",
    "or_": "|",
    "xor": "^",
}


def idiomatic(node: Apply, arguments: Sequence[str]) -> Iterator[str]:
    """Yield the ways in which people may write a node.

    Some may mean something else, or nothing: whoever uses them looks at what they give.

    Parameters
    ----------
    node : Apply
        The node.
    arguments : sequence of str
        An expression for each of its inputs.
    """
    for cls in type(node.op).__mro__:
        spell = _SPELLINGS.get(cls)
        if spell is not None:
            yield from spell(node.op, node, arguments)


def _spelling(*classes: type[Op]) -> Callable[[Spell], Spell]:
    def register(spell: Spell) -> Spell:
        for cls in classes:
            _SPELLINGS[cls] = spell
        return spell

    return register


@_spelling(Elemwise)
def _elemwise(op: Any, node: Apply, args: Sequence[str]) -> Iterator[str]:
    scalar_op = op.scalar_op
    if isinstance(scalar_op, casting.Cast):
        yield f"at.cast({args[0]}, {scalar_op.o_type.dtype!r})"
    sign = _OPERATORS.get(str(scalar_op))
    if sign is not None and len(args) == 2:
        yield f"{args[0]} {sign} {args[1]}"
    if str(scalar_op) == "neg":
        yield f"-{args[0]}"


@_spelling(DimShuffle)
def _dimshuffle(op: Any, node: Apply, args: Sequence[str]) -> Iterator[str]:
    if op.new_order == (1, 0):
        yield f"{args[0]}.T"
    yield f"{args[0]}.dimshuffle({', '.join(map(repr, op.new_order))})"


@_spelling(CAReduce, Argmax)
def _reduction(op: Any, node: Apply, args: Sequence[str]) -> Iterator[str]:
    names = {Sum: "sum", Prod: "prod", Max: "max", Min: "min", All: "all", AnyOf: "any", Argmax: "argmax"}
    name = names.get(type(op))
    if name is None:
        return
    if op.axis is None:
        yield f"{args[0]}.{name}()"
    else:
        axis = op.axis[0] if len(op.axis) == 1 else tuple(op.axis)
        yield f"{args[0]}.{name}(axis={axis})"


@_spelling(Reshape)
def _reshape(op: Any, node: Apply, args: Sequence[str]) -> Iterator[str]:
    yield f"{args[0]}.reshape({args[1]})"
    yield f"{args[0]}.reshape({args[1]}, ndim={op.ndim})"


@_spelling(Shape)
def _shape(op: Any, node: Apply, args: Sequence[str]) -> Iterator[str]:
    yield f"{args[0]}.shape"


@_spelling(SpecifyShape)
def _specify_shape(op: Any, node: Apply, args: Sequence[str]) -> Iterator[str]:
    yield f"at.specify_shape({args[0]}, {_tuple(args[1:])})"


@_spelling(Softmax, LogSoftmax)
def _softmax(op: Any, node: Apply, args: Sequence[str]) -> Iterator[str]:
    name = "log_softmax" if isinstance(op, LogSoftmax) else "softmax"
    yield f"at.special.{name}({args[0]}, axis={op.axis})"


@_spelling(Join)
def _join(op: Any, node: Apply, args: Sequence[str]) -> Iterator[str]:
    yield f"at.join({', '.join(args)})"


@_spelling(RandomVariable)
def _draw(op: Any, node: Apply, args: Sequence[str]) -> Iterator[str]:
    rng, size, _, *params = args
    dtype = node.outputs[1].type.dtype
    for more in ("", f", dtype={dtype!r}"):
        for sizes in ("", f", size={size}"):
            yield f"at.random.{op.name}({', '.join([*params, f'rng={rng}'])}{sizes}{more})"


@_spelling(MakeSlice)
def _slice(op: Any, node: Apply, args: Sequence[str]) -> Iterator[str]:
    yield f"MakeSlice()({', '.join(args)})"


# Indices


@_spelling(Subtensor)
def _subtensor(op: Any, node: Apply, args: Sequence[str]) -> Iterator[str]:
    yield f"{args[0]}[{_filled(op.idx_list, args[1:])}]"


@_spelling(IncSubtensor)
def _inc_subtensor(op: Any, node: Apply, args: Sequence[str]) -> Iterator[str]:
    yield _write(op, args, _filled(op.idx_list, args[2:]))


@_spelling(AdvancedSubtensor)
def _advanced_subtensor(op: Any, node: Apply, args: Sequence[str]) -> Iterator[str]:
    yield f"{args[0]}[{', '.join(args[1:])}]"


@_spelling(AdvancedIncSubtensor, AdvancedIncSubtensor1)
def _advanced_inc_subtensor(op: Any, node: Apply, args: Sequence[str]) -> Iterator[str]:
    more = ", ignore_duplicates=True" if getattr(op, "ignore_duplicates", False) else ""
    yield _write(op, args, ", ".join(args[2:]), more)


def _write(op: Any, args: Sequence[str], index: str, more: str = "") -> str:
    name = "set_subtensor" if op.set_instead_of_inc else "inc_subtensor"
    return f"at.{name}({args[0]}[{index}], {args[1]}{more})"


def _filled(template: Sequence[Any], args: Sequence[str]) -> str:
    """Return the text of an index, whose template the arguments fill from left to right."""
    remaining = iter(args)

    def part(entry: Any) -> str:
        return next(remaining) if isinstance(entry, ScalarType) else "" if entry is None else str(entry)

    texts = []
    for entry in template:
        if isinstance(entry, slice):
            start, stop, step = part(entry.start), part(entry.stop), part(entry.step)
            texts.append(f"{start}:{stop}" + (f":{step}" if step else ""))
        else:
            texts.append(part(entry))
    return ", ".join(texts)


def _tuple(texts: Sequence[str]) -> str:
    return f"({texts[0]},)" if len(texts) == 1 else f"({', '.join(texts)})"
