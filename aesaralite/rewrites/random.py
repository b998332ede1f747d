"""Random variables: what is done to a draw, done to its parameters instead.

What comes out is another draw of the same distribution: other numbers, and another state of the generator. So none of
these rewrites is part of a mode. They are there for programs that reason about distributions, by name, or (those of
indexing and of dimshuffles) by a tag: ``in2out(local_subtensor_rv_lift)``, ``mode.including("random_lift")``.

A lift must not change how a draw relates to anything else. It's refused where the draw is used elsewhere (but for its
shape), where something else draws from the same state of the generator, and where that state is a constant.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from aesaralite.configdefaults import config
from aesaralite.errors import ShapeError
from aesaralite.graph.arguments import expect
from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.test_value import compute_test_value
from aesaralite.graph.traversal import ancestors
from aesaralite.graph.variable import Apply, Constant, Variable
from aesaralite.rewrites.phases import optdb
from aesaralite.rewrites.subtensor import index_of, may_raise
from aesaralite.rewriting.base import node_rewriter
from aesaralite.tensor.creation import alloc
from aesaralite.tensor.dimshuffle import DimShuffle, pad_left
from aesaralite.tensor.index_layout import group_indices, indexed_result_shape, symbolic_shape
from aesaralite.tensor.index_spec import is_basic_idx, is_new_axis
from aesaralite.tensor.indexing_advanced import AdvancedSubtensor, AdvancedSubtensor1, surely_unique
from aesaralite.tensor.indexing_basic import Subtensor
from aesaralite.tensor.joining import MakeVector
from aesaralite.tensor.random.op import RandomVariable
from aesaralite.tensor.shaping import Shape, Shape_i, shape_tuple
from aesaralite.tensor.slice_geometry import known_int
from aesaralite.tensor.slice_type import is_full_slice, is_index_tensor, slice_parts
from aesaralite.tensor.static import as_size, vector_entries

_FULL = slice(None)


def is_rv_used_in_graph(base_rv: Variable, node: Apply, fgraph: FunctionGraph) -> bool:
    """Whether the numbers of a draw are used by something else than `node`: by more than its shape."""
    expect(fgraph, FunctionGraph, "fgraph")
    return any(
        client == "output" or not (client is node or isinstance(client.op, (Shape, Shape_i)))
        for client, _ in fgraph.clients.get(base_rv, ())
    )


def _on_request(*tags: str) -> Any:
    """Register a rewriter by its name and by tags, but by none that a mode asks for."""

    def register(rewriter: Any) -> Any:
        optdb["canonicalize"].register(rewriter.name, rewriter, *tags, use_db_name_as_tag=False)
        return rewriter

    return register


@_on_request()
@node_rewriter([RandomVariable])
def local_rv_size_lift(fgraph: FunctionGraph, node: Apply) -> Any:
    """normal(m, s, size) -> normal(m broadcast to size, s broadcast to size)"""
    _, size, _, *params = node.inputs
    if size.type.shape == (0,) or not params or not _has_batch_shape(node):
        return False
    sizes = _shape_of_draw(node)[: _batch_ndim(node)]
    cores = [shape_tuple(param)[param.type.ndim - ndim :] for param, ndim in zip(params, node.op.ndims_params)]
    return _draw(node, None, [alloc(param, *sizes, *core) for param, core in zip(params, cores)]).outputs


@_on_request("random_lift")
@node_rewriter([DimShuffle])
def local_dimshuffle_rv_lift(fgraph: FunctionGraph, node: Apply) -> Any:
    """normal(m, s).T -> normal(m.T, s.T), and so for other orders of dimensions

    Dimensions may trade places among those of the parameters, and among those that `size` adds in front of them.
    """
    drawing = _draw_behind(fgraph, node)
    if drawing is None:
        return False
    _, size, _, *params = drawing.inputs
    ndim, ndim_supp = _batch_ndim(drawing), drawing.op.ndim_supp
    order: Any = node.op.new_order
    order, last = order[: len(order) - ndim_supp], order[len(order) - ndim_supp :]
    if last != tuple(range(ndim, ndim + ndim_supp)):
        return False
    own_ndims = [param.type.ndim - core for param, core in zip(params, drawing.op.ndims_params)]
    added = ndim - max(own_ndims, default=0)
    kept = [axis for axis in order if axis != "x"]
    dropped = set(range(ndim)) - set(kept)
    if any(before >= added > after for before, after in pairwise(kept)):
        return False
    new_params = []
    for param, own_ndim in zip(params, own_ndims):
        missing = ndim - own_ndim
        if any(axis >= missing and param.type.shape[axis - missing] != 1 for axis in dropped):
            return False
        places = ["x" if axis == "x" or axis < missing else axis - missing for axis in order]
        new_params.append(param.dimshuffle(*places, *range(own_ndim, param.type.ndim)))
    sizes = vector_entries(size)
    new_sizes = [1 if axis == "x" else sizes[axis] for axis in order] if sizes else None
    return _replacements(fgraph, node, drawing, _draw(drawing, new_sizes, new_params))


@_on_request("random_lift")
@node_rewriter([Subtensor, AdvancedSubtensor, AdvancedSubtensor1])
def local_subtensor_rv_lift(fgraph: FunctionGraph, node: Apply) -> Any:
    """normal(m, s)[i] -> normal(m[i], s[i]), normal(0, 1, size=9)[2:5] -> normal(0, 1, size=3)

    Not where the index may name an element twice, as that is one number and not two, and not where it reaches into the
    dimensions of a single draw.
    """
    drawing = _draw_behind(fgraph, node)
    if drawing is None:
        return False
    _, size, _, *params = drawing.inputs
    if not surely_unique(node.inputs[1:] if not isinstance(node.op, Subtensor) else ()):
        return False
    entries = _entries(node)
    while entries and is_full_slice(entries[-1]):
        entries.pop()
    if sum(not is_new_axis(entry) for entry in entries) > _batch_ndim(drawing):
        return False
    has_size = size.type.shape != (0,)
    index = _BatchIndex(drawing, entries, has_size)
    unchecked = index.unchecked()
    if unchecked and not params:
        return False
    new_params = [index.indexed(i, set() if i else unchecked) for i in range(len(params))]
    try:
        new_size = index.result_sizes() if has_size else None
    except ShapeError:
        return False
    return _replacements(fgraph, node, drawing, _draw(drawing, new_size, new_params))


# What the rewrites have in common


def _has_batch_shape(drawing: Apply) -> bool:
    """Whether a draw's leading dimensions are those of `size` and parameters, and its elements along them independent.

    An Op with a shape rule of its own, as for a choice without replacement, may mean something else by them.
    """
    op: Any = type(drawing.op)
    return op._infer_shape is RandomVariable._infer_shape


def _batch_ndim(drawing: Apply) -> int:
    ndim: int = drawing.outputs[1].type.ndim - drawing.op.ndim_supp
    return ndim


def _shape_of_draw(drawing: Apply) -> list[Any]:
    """Return the shape of a draw in terms of its parameters: ints where it's known, else 0-d variables."""
    _, size, _, *params = drawing.inputs
    sizes = drawing.op._infer_shape(size, params)
    return [size if known is None else known for size, known in zip(sizes, drawing.outputs[1].type.shape)]


def _draw_behind(fgraph: FunctionGraph, node: Apply) -> Apply | None:
    """Return the node that draws what `node` takes apart, if nothing else depends on which numbers it draws."""
    draw = node.inputs[0]
    drawing = draw.owner
    if drawing is None or not isinstance(drawing.op, RandomVariable) or not _has_batch_shape(drawing):
        return None
    rng = drawing.inputs[0]
    if isinstance(rng, Constant) or any(client is not drawing for client, _ in fgraph.clients[rng]):
        return None
    if is_rv_used_in_graph(draw, node, fgraph):
        return None
    shapes = [client.outputs[0] for client in _askers(fgraph, draw)]
    # an index that is drawn from the next state of the generator would need itself
    if any(variable.owner is drawing for variable in ancestors(node.inputs[1:], blockers=shapes)):
        return None
    return drawing


def _askers(fgraph: FunctionGraph, draw: Variable) -> list[Apply]:
    """Return the nodes that ask for the shape of a draw."""
    clients = [client for client, _ in fgraph.clients[draw] if client != "output"]
    return [client for client in clients if isinstance(client.op, (Shape, Shape_i))]


def _draw(drawing: Apply, size: Any, params: Sequence[Variable]) -> Apply:
    """Return a node that draws as `drawing` does, but with other parameters."""
    rng, _, dtype = drawing.inputs[:3]
    made = drawing.op.make_node(rng, size, dtype, *params)
    if config.compute_test_value != "off":
        compute_test_value(made)
    return made


def _replacements(fgraph: FunctionGraph, node: Apply, drawing: Apply, made: Apply) -> dict[Variable, Variable]:
    """Return what `made` stands for, so that `drawing` goes: a generator isn't drawn from twice."""
    next_rng, draw = drawing.outputs
    if draw.name:
        made.outputs[1].name = f"{draw.name}_lifted"
    pairs = {node.outputs[0]: made.outputs[1], next_rng: made.outputs[0]}
    sizes = _shape_of_draw(drawing)
    for client in _askers(fgraph, draw):
        size = client.op.i if isinstance(client.op, Shape_i) else None
        pairs[client.outputs[0]] = MakeVector("int64")(*sizes) if size is None else as_size(sizes[size])
    return pairs


def _entries(node: Apply) -> list[Any]:
    """Return the index of a node, with ints, slices and None for what is known."""
    if isinstance(node.op, Subtensor):
        return index_of(node)
    return [_plain(entry) for entry in node.inputs[1:]]


def _plain(entry: Any) -> Any:
    if is_new_axis(entry):
        return None
    if not is_index_tensor(entry):
        parts = slice_parts(entry)
        return entry if parts is None else parts
    known = known_int(entry) if entry.type.ndim == 0 else None
    return entry if known is None else known


class _BatchIndex:
    """An index into the leading dimensions of a draw, to be done to its parameters.

    Parameters
    ----------
    drawing
        The node of the draw.
    entries
        The index: ints, slices, None, and variables.
    has_size
        Whether the draw has a size of its own, and isn't just as large as its parameters are together.
    """

    def __init__(self, drawing: Apply, entries: list[Any], has_size: bool):
        op: Any = drawing.op
        self.params: list[Any] = drawing.inputs[3:]
        self.ndim = _batch_ndim(drawing)
        self.sizes = _shape_of_draw(drawing)[: self.ndim]
        self.has_size = has_size
        # how many of the leading dimensions each parameter lacks
        self.missing = [self.ndim - (param.type.ndim - core) for param, core in zip(self.params, op.ndims_params)]
        self.entries = entries
        taken = list(accumulate((not is_new_axis(entry) for entry in entries), initial=0))
        self.axes = [None if is_new_axis(entry) else axis for entry, axis in zip(entries, taken)]

    def unchecked(self) -> set[int]:
        """Return the dimensions whose indices may be wrong, and that no parameter has in full to find it out."""
        return {
            axis
            for entry, axis in zip(self.entries, self.axes)
            if axis is not None
            and may_raise(entry, self.sizes[axis])
            and all(self._repeats(i, axis) for i in range(len(self.params)))
        }

    def indexed(self, i: int, in_full: set[int]) -> Variable:
        """Return parameter `i`, indexed, so that it broadcasts with the indexed draw.

        Parameters
        ----------
        i
            Which one.
        in_full
            Dimensions that it shall be broadcast to before.
        """
        param, missing = self.params[i], self.missing[i]
        if not in_full and all(axis is None or axis < missing for axis in self.axes):
            return param
        touched = {
            axis for axis, entry in zip(self.axes, self.entries) if axis is not None and not is_full_slice(entry)
        }
        in_full = in_full | {axis for axis in touched if not self._repeats(i, axis) and not self._has(i, axis)}
        entries = [
            _first(entry) if axis is not None and axis not in in_full and self._repeats(i, axis) else entry
            for entry, axis in zip(self.entries, self.axes)
        ]
        if all(axis >= missing for axis in in_full) and self._may_skip(missing):
            entries, offset = entries[missing:], missing
        else:
            param, offset = pad_left(param, param.type.ndim + missing), 0
        if in_full:
            own = enumerate(shape_tuple(param), offset)
            param = alloc(param, *(self.sizes[axis] if axis in in_full else size for axis, size in own))
        return param[tuple(entries)]

    def result_sizes(self) -> list[Any]:
        """Return the leading sizes of the indexed draw.

        Raises
        ------
        ShapeError
            If the index holds a slice that only run time knows.
        """
        entries = [
            entry if is_basic_idx(entry) else symbolic_shape(entry) if is_index_tensor(entry) else ()
            for entry in self.entries
        ]
        return list(indexed_result_shape(self.sizes, entries, indices_are_shapes=True))

    def _own_size(self, i: int, axis: int) -> int | None:
        """Return the size of a dimension of parameter `i` as far as it's known; 1 if it lacks it."""
        position = axis - self.missing[i]
        size: int | None = 1 if position < 0 else self.params[i].type.shape[position]
        return size

    def _has(self, i: int, axis: int) -> bool:
        """Whether parameter `i` surely has a dimension in its full size."""
        if axis < self.missing[i]:
            return False
        size = self._own_size(i, axis)
        if size is not None:
            return bool(size == self.sizes[axis])
        others = [self._own_size(other, axis) for other in range(len(self.params)) if other != i]
        return not self.has_size and all(other == 1 for other in others)

    def _repeats(self, i: int, axis: int) -> bool:
        """Whether parameter `i` surely says the same all along a dimension, and hasn't got it in full."""
        return self._own_size(i, axis) == 1 and not self._has(i, axis)

    def _may_skip(self, missing: int) -> bool:
        """Whether what is left of the index behind the first dimensions gives the last dimensions of the result."""
        if None in self.axes[:missing]:
            return False
        groups = sum(not basic for basic, _ in group_indices(self.entries))
        if not any(is_index_tensor(entry) and entry.type.ndim for entry in self.entries):
            return True
        return groups == 1 and all(is_basic_idx(entry) for entry in self.entries[:missing])


def _first(entry: Any) -> Any:
    """Return what takes the only element of a dimension in place of an index, with the same number of dimensions."""
    if is_basic_idx(entry):
        return _FULL
    ndim = entry.type.ndim if is_index_tensor(entry) else 0
    return np.zeros((1,) * ndim, dtype="int64") if ndim else 0
