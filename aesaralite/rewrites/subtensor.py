"""Indexing: merged, done before what it follows, or taken away."""

from __future__ import annotations

from typing import Any

import numpy as np

from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.variable import Apply, Constant, Variable
from aesaralite.rewrites.knowledge import is_number, number, same_sizes, shapes
from aesaralite.rewrites.phases import register_canonicalize, register_specialize, register_useless
from aesaralite.rewriting.base import node_rewriter
from aesaralite.tensor.creation import Alloc, alloc
from aesaralite.tensor.dimshuffle import DimShuffle
from aesaralite.tensor.elementwise import Elemwise
from aesaralite.tensor.index_spec import get_idx_list
from aesaralite.tensor.indexing_advanced import (
    AdvancedIncSubtensor,
    AdvancedIncSubtensor1,
    AdvancedSubtensor,
    AdvancedSubtensor1,
)
from aesaralite.tensor.indexing_basic import IncSubtensor, Subtensor
from aesaralite.tensor.joining import Join
from aesaralite.tensor.pointwise import add, cast
from aesaralite.tensor.shaping import ScalarFromTensor
from aesaralite.tensor.slice_geometry import known_int
from aesaralite.tensor.slice_type import is_index_tensor

_FULL = slice(None)


def index_of(node: Apply) -> list[Any]:
    """Return the index of a `Subtensor` or `IncSubtensor` node, with ints for what is known."""
    inputs = node.inputs if isinstance(node.op, Subtensor) else node.inputs[1:]
    return [_plain(entry) for entry in get_idx_list(inputs, node.op.idx_list)]


def _plain(entry: Any) -> Any:
    if isinstance(entry, slice):
        return slice(_plain(entry.start), _plain(entry.stop), _plain(entry.step))
    if entry is None:
        return None
    known = known_int(entry)
    return entry if known is None else known


def may_raise(entry: Any, size: Any) -> bool:
    """Whether an index of a dimension may turn out to be wrong when it's done.

    Parameters
    ----------
    entry
        An int, a slice, or a variable.
    size
        The size of the dimension; an int if it's known.
    """
    if isinstance(entry, slice):
        return entry.step is not None and known_int(entry.step) in (None, 0)
    if not isinstance(entry, (int, Constant)) or not isinstance(size, int):
        return True
    values = np.asarray(entry.data if isinstance(entry, Constant) else entry)
    return bool(np.any((values < -size) | (values >= size)))


def _known_size(x: Variable, axis: int, fgraph: FunctionGraph) -> int | None:
    known = number(shapes(fgraph).shape_of[x][axis])
    return None if known is None else int(known)


def _is_size_of(bound: Any, x: Variable, axis: int, fgraph: FunctionGraph) -> bool:
    """Whether a bound is the size of a dimension, or beyond it."""
    if isinstance(bound, int):
        size = x.type.shape[axis]
        return size is not None and bound >= size
    if isinstance(bound, Variable) and bound.owner is not None and isinstance(bound.owner.op, ScalarFromTensor):
        return bound.owner.inputs[0] is shapes(fgraph).shape_of[x][axis]
    return False


def _is_full(entry: Any, x: Variable, axis: int, fgraph: FunctionGraph) -> bool:
    """Whether an entry takes a whole dimension as it is."""
    return (
        isinstance(entry, slice)
        and entry.start in (None, 0)
        and entry.step in (None, 1)
        and (entry.stop is None or _is_size_of(entry.stop, x, axis, fgraph))
    )


@register_useless
@node_rewriter([Subtensor])
def local_useless_subtensor(fgraph: FunctionGraph, node: Apply) -> Any:
    """x[:] -> x, x[0:len(x)] -> x"""
    x = node.inputs[0]
    index = index_of(node)
    return [x] if all(_is_full(entry, x, axis, fgraph) for axis, entry in enumerate(index)) else False


@register_canonicalize
@register_specialize
@node_rewriter([Subtensor])
def local_subtensor_merge(fgraph: FunctionGraph, node: Apply) -> Any:
    """x[2:][3] -> x[5], x[1:10][2:] -> x[3:10], x[i][:, j] -> x[i, :, j]: where sizes needn't be known for it"""
    inner = node.inputs[0].owner
    if inner is None or not isinstance(inner.op, Subtensor):
        return False
    outer = index_of(node)
    merged: list[Any] = []
    for entry in index_of(inner):
        if not isinstance(entry, slice):
            merged.append(entry)
            continue
        then = outer.pop(0) if outer else _FULL
        combined = _merged(entry, then)
        if combined is None:
            return False
        merged.append(combined)
    return [inner.inputs[0][(*merged, *outer)]]


def _merged(first: slice, then: Any) -> Any:
    """Return the entry that does what one after the other does, or None if that depends on sizes."""
    if first == _FULL:
        return then
    if then == _FULL:
        return first
    start = 0 if first.start is None else first.start
    step = 1 if first.step is None else first.step
    parts = (start, step, first.stop, *((then.start, then.stop, then.step) if isinstance(then, slice) else (then,)))
    if not all(part is None or (isinstance(part, int) and part >= 0) for part in parts) or step == 0:
        return None
    if not isinstance(then, slice):
        position = start + then * step
        return position if first.stop is None else None
    then_step = 1 if then.step is None else then.step
    if then_step == 0:
        return None
    stops = [first.stop] if first.stop is not None else []
    if then.stop is not None:
        stops.append(start + then.stop * step)
    return slice(start + (then.start or 0) * step, min(stops) if stops else None, step * then_step)


@register_canonicalize
@register_specialize
@node_rewriter([Subtensor])
def local_subtensor_lift(fgraph: FunctionGraph, node: Apply) -> Any:
    """f(x, y)[i] -> f(x[i], y[i]), if nothing else uses f(x, y) and x and y surely have the same shape"""
    x = node.inputs[0]
    inner = x.owner
    if inner is None or not isinstance(inner.op, Elemwise) or len(inner.outputs) != 1 or len(fgraph.clients[x]) > 1:
        return False
    index = index_of(node)
    axes = range(len(index))
    arrays = [v for v in inner.inputs if not all(v.type.broadcastable)]
    if not arrays or not all(same_sizes(fgraph, v, x, axes) for v in arrays):
        return False
    # what is one number everywhere only loses the dimensions that integers take away
    single = tuple(0 if not isinstance(entry, slice) else _FULL for entry in index)
    parts = [v[tuple(index)] if not all(v.type.broadcastable) else v[single] for v in inner.inputs]
    made = inner.op.make_node(*parts)
    return made.outputs if node.outputs[0].type.is_super(made.outputs[0].type) else False


@register_canonicalize
@register_specialize
@node_rewriter([Subtensor])
def local_subtensor_of_alloc(fgraph: FunctionGraph, node: Apply) -> Any:
    """alloc(c, sizes)[1:] -> alloc(c, sizes that are left), for what repeats along the axes that are indexed"""
    inner = node.inputs[0].owner
    if inner is None or not isinstance(inner.op, Alloc):
        return False
    value, *sizes = inner.inputs
    missing = len(sizes) - value.type.ndim
    index: list[Any] = []
    for axis, entry in enumerate(index_of(node)):
        if axis >= missing and value.type.shape[axis - missing] != 1:
            if entry != _FULL:
                return False
            index.append(_FULL)
        elif isinstance(entry, slice):
            if axis >= missing:
                index.append(_FULL)
        else:
            # the index must be known to be in range, as nothing else would check it
            size = number(sizes[axis])
            if size is None or not isinstance(entry, int) or not -size <= entry < size:
                return False
            if axis >= missing:
                index.append(0)
    if index:
        value = value[tuple(index)]
    left = shapes(fgraph).shape_of[node.outputs[0]]
    return [alloc(value, *left) if left else value]


@register_canonicalize
@register_specialize
@node_rewriter([Subtensor])
def local_subtensor_of_dimshuffle(fgraph: FunctionGraph, node: Apply) -> Any:
    """x.T[i] -> x[:, i], and so for other orders of dimensions"""
    inner = node.inputs[0].owner
    if inner is None or not isinstance(inner.op, DimShuffle) or not inner.op.is_transpose:
        return False
    (x,) = inner.inputs
    order: Any = inner.op.new_order
    index: list[Any] = [_FULL] * x.type.ndim
    gone = set()
    for position, entry in enumerate(index_of(node)):
        index[order[position]] = entry
        if not isinstance(entry, slice):
            gone.add(order[position])
    left = [axis for axis in range(x.type.ndim) if axis not in gone]
    new_order = tuple(left.index(axis) for axis in order if axis not in gone)
    taken = x[tuple(index)]
    return [taken if new_order == tuple(range(len(new_order))) else taken.dimshuffle(*new_order)]


@register_canonicalize
@register_specialize
@node_rewriter([Subtensor])
def local_subtensor_of_join(fgraph: FunctionGraph, node: Apply) -> Any:
    """join(0, x, y)[i] -> x[i] or y[i - len(x)], for known sizes and positions"""
    inner = node.inputs[0].owner
    if inner is None or not isinstance(inner.op, Join):
        return False
    axis, parts = number(inner.inputs[0]), inner.inputs[1:]
    index = index_of(node)
    ndim = node.inputs[0].type.ndim
    if axis is None or len(index) <= (axis := int(axis) % ndim) or not isinstance(index[axis], int):
        return False
    position = index[axis]
    if position < 0:
        total = node.inputs[0].type.shape[axis]
        if total is None:
            return False
        position += total
    for part in parts:
        size = part.type.shape[axis]
        if size is None or position < 0:
            return False
        if position < size:
            index[axis] = position
            return [cast(part[tuple(index)], node.outputs[0].type.dtype)]
        position -= size
    return False


@register_canonicalize
@register_specialize
@node_rewriter([Subtensor])
def local_subtensor_inc_subtensor(fgraph: FunctionGraph, node: Apply) -> Any:
    """set_subtensor(x[i], y)[i] -> y, where y has the shape of x[i] and i is surely in range"""
    inner = node.inputs[0].owner
    if inner is None or not isinstance(inner.op, IncSubtensor) or not inner.op.set_instead_of_inc:
        return False
    if inner.op.idx_list != node.op.idx_list or inner.inputs[2:] != node.inputs[1:]:
        return False
    x, y = inner.inputs[:2]
    out = node.outputs[0]
    if y.type.ndim != out.type.ndim or y.type.dtype != out.type.dtype:
        return False
    # nothing else would check it
    if any(may_raise(entry, _known_size(x, axis, fgraph)) for axis, entry in enumerate(index_of(node))):
        return False
    return [y] if same_sizes(fgraph, y, out) else False


@register_useless
@node_rewriter([IncSubtensor])
def local_useless_inc_subtensor(fgraph: FunctionGraph, node: Apply) -> Any:
    """set_subtensor(x[:], y) -> y, inc_subtensor(x[:], y) -> x + y, inc_subtensor(x[i], 0) -> x"""
    x, y = node.inputs[:2]
    out = node.outputs[0]
    adds_nothing = not node.op.set_instead_of_inc and is_number(y, 0) and all(y.type.broadcastable)
    if adds_nothing and not any(may_raise(entry, _known_size(x, i, fgraph)) for i, entry in enumerate(index_of(node))):
        return [x]
    if not all(_is_full(entry, x, axis, fgraph) for axis, entry in enumerate(index_of(node))):
        return False
    if y.type.ndim != x.type.ndim or not same_sizes(fgraph, y, x):
        return False
    new = y if node.op.set_instead_of_inc else x + y
    return [new] if new.type.dtype == out.type.dtype else False


@register_specialize
@node_rewriter([IncSubtensor])
def local_inc_subtensor_of_zeros(fgraph: FunctionGraph, node: Apply) -> Any:
    """inc_subtensor(zeros[i], y) -> set_subtensor(zeros[i], y)"""
    if node.op.set_instead_of_inc or not is_number(node.inputs[0], 0):
        return False
    return [IncSubtensor(node.op.idx_list, set_instead_of_inc=True)(*node.inputs)]


@register_specialize
@node_rewriter([add])
def local_add_of_written_zeros(fgraph: FunctionGraph, node: Apply) -> Any:
    """x + inc_subtensor(zeros[i], y) -> inc_subtensor(x[i], y), where x surely has the shape of the sum

    The gradient of an array of which parts are used is such a sum.
    """
    out = node.outputs[0]
    rest: list[Variable] = []
    written: list[Variable] = []
    for term in node.inputs:
        (written if _adds_to_zeros(fgraph, term, out) else rest).append(term)
    rest = rest or [written.pop(0)]
    result = rest[0] if len(rest) == 1 else add(*rest)
    if not written or result.type.dtype != out.type.dtype or not same_sizes(fgraph, result, out):
        return False
    for term in written:
        assert term.owner is not None
        writing, (_, *inputs) = term.owner.op, term.owner.inputs
        if isinstance(writing, IncSubtensor):
            writing = IncSubtensor(writing.idx_list)
        result = writing(result, *inputs)
    return [result]


def _adds_to_zeros(fgraph: FunctionGraph, term: Variable, total: Variable) -> bool:
    """Whether `term`, part of a sum and of nothing else, is zeros but for what is added to some elements."""
    inner = term.owner
    if inner is None or not isinstance(inner.op, (IncSubtensor, AdvancedIncSubtensor, AdvancedIncSubtensor1)):
        return False
    # basic indices name no element twice: there, setting is adding
    adds = isinstance(inner.op, IncSubtensor) or not (inner.op.set_instead_of_inc or inner.op.ignore_duplicates)
    alone = len(fgraph.clients[term]) == 1 and term.type.dtype == total.type.dtype
    return adds and alone and is_number(inner.inputs[0], 0) and same_sizes(fgraph, term, total)


@register_useless
@node_rewriter([AdvancedIncSubtensor, AdvancedIncSubtensor1])
def local_useless_advanced_set(fgraph: FunctionGraph, node: Apply) -> Any:
    """set_subtensor(x[i], x[i]) -> x, where i is surely in range"""
    x, y, *index = node.inputs
    inner = y.owner
    if not node.op.set_instead_of_inc or inner is None or inner.inputs[:1] != [x] or inner.inputs[1:] != index:
        return False
    reading = AdvancedSubtensor1 if isinstance(node.op, AdvancedIncSubtensor1) else AdvancedSubtensor
    if not isinstance(inner.op, reading) or not all(is_index_tensor(i) and i.type.dtype != "bool" for i in index):
        return False
    return [x] if not any(may_raise(i, _known_size(x, axis, fgraph)) for axis, i in enumerate(index)) else False
