"""Reading and writing parts of arrays: slices are index maps, index arrays are gathers and scatters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from aesaralite.tensor.indexing_advanced import (
    AdvancedIncSubtensor,
    AdvancedIncSubtensor1,
    AdvancedSubtensor,
    AdvancedSubtensor1,
)
from aesaralite.tensor.indexing_basic import IncSubtensor, Subtensor
from aesaralite.tensor.slice_type import MakeSlice, SliceType

from ..expr import Expr, Expressions
from ..values import Const, Value
from .context import Lowering
from .limits import LARGEST
from .registry import lower

#: Differences of numbers below this don't overflow.
_FAR = 1 << 62


def slice_geometry(
    ctx: Lowering, start: Expr | None, stop: Expr | None, step: Expr | None, size: Expr
) -> tuple[Expr, Expr, Expr]:
    """First index, step and number of elements of a slice of a dimension, by Python's rules."""
    e = ctx.e
    step = e.one if step is None else step
    if not step.is_const:
        ctx.guard(ctx.op("ne", "bool", step, e.zero), "zero_step")
        return _geometry_either_way(ctx, start, stop, step, size)
    if step.attr > 0:
        # where no element is left, the first index doesn't matter: it needs no bound above
        first = e.zero if start is None else _from_start(e, start, size)
        last = size if stop is None else e.minimum(_from_start(e, stop, size), size)
        if stop is not None and stop.is_const and stop.attr < 0 and first.is_const and first.attr - stop.attr < _FAR:
            last = e.add(size, stop)
        span = e.sub(last, first)
        if first is e.zero and last is size:
            count = span
        else:
            count = e.maximum(span, e.zero)
        return first, step, _every(ctx, count, step.attr)
    top = e.sub(size, e.one)
    first = top if start is None else e.maximum(e.minimum(_wrapped(e, start, size), top), e.index(-1))
    last = e.index(-1) if stop is None else e.maximum(_wrapped(e, stop, size), e.index(-1))
    if start is None and stop is None and step.attr == -1:
        return first, step, size
    return first, step, _every(ctx, e.maximum(e.sub(first, last), e.zero), -step.attr)


def _every(ctx: Lowering, count: Expr, step: int) -> Expr:
    """How many of `count` elements are left if one takes every so many, from the first on."""
    e = ctx.e
    if step == 1:
        return count
    before = e.sub(count, e.one)  # not count + step - 1, which may overflow
    return e.add(ctx.op("floor_div", "int64", before, e.index(min(step, LARGEST))), e.one)


def _wrapped(e: Expressions, index: Expr, size: Expr) -> Expr:
    if index.is_const:
        return index if index.attr >= 0 else e.add(size, index)
    return e.select(e.lt(index, e.zero), e.add(index, size), index)


def _from_start(e: Expressions, index: Expr, size: Expr) -> Expr:
    """The index counted from the start, not below it."""
    if index.is_const and index.attr >= 0:
        return index
    return e.maximum(_wrapped(e, index, size), e.zero)


def _geometry_either_way(
    ctx: Lowering, start: Expr | None, stop: Expr | None, step: Expr, size: Expr
) -> tuple[Expr, Expr, Expr]:
    """The same for a step whose sign is known when it runs."""
    e = ctx.e
    forward = e.lt(e.zero, step)
    minus_one = e.index(-1)

    def clip(index: Expr | None, default_forward: Expr, default_backward: Expr) -> Expr:
        if index is None:
            return e.select(forward, default_forward, default_backward)
        low = e.select(forward, e.zero, minus_one)
        high = e.select(forward, size, e.add(size, minus_one))
        return e.minimum(e.maximum(_wrapped(e, index, size), low), high)

    first = clip(start, e.zero, e.sub(size, e.one))
    span = e.sub(clip(stop, size, minus_one), first)
    unit = e.select(forward, e.one, minus_one)
    count = e.add(ctx.op("floor_div", "int64", e.sub(span, unit), step), e.one)
    return first, step, e.maximum(count, e.zero)


class _Region:
    """The part of an array that integers and slices name."""

    def __init__(self, ctx: Lowering, dims, template, numbers) -> None:
        e = ctx.e
        numbers = iter(numbers)
        self.e = e
        self.maps: list[tuple[Expr, Expr | None]] = []  # first index and step; no step for an integer
        self.dims: list[Expr] = []
        for k, size in enumerate(dims):
            entry = template[k] if k < len(template) else slice(None)
            if isinstance(entry, slice):
                begin, end, by = (None if p is None else ctx.scalar(next(numbers), "int64") for p in _parts(entry))
                first, step, count = slice_geometry(ctx, begin, end, by, size)
                self.maps.append((first, step))
                self.dims.append(count)
            else:
                self.maps.append((ctx.wrap_index(ctx.scalar(next(numbers), "int64"), size, k), None))

    def indices(self, own) -> list[Expr]:
        """Indices into the whole array for those into the part."""
        own = iter(own)
        e = self.e
        return [first if step is None else e.add(first, e.mul(next(own), step)) for first, step in self.maps]


def _parts(entry: slice) -> tuple:
    return entry.start, entry.stop, entry.step


def _zero_step(numbers, template) -> bool:
    numbers = iter(numbers)
    for entry in template:
        if isinstance(entry, slice):
            for k, part in enumerate(_parts(entry)):
                if part is not None:
                    value = next(numbers)
                    data = getattr(value, "data", None)
                    if k == 2 and data is not None and int(data) == 0:
                        return True
        else:
            next(numbers)
    return False


@lower(Subtensor)
def subtensor(ctx, node, x, *numbers):
    if _zero_step(node.apply.inputs[1:], node.op.idx_list):
        return NotImplemented
    region = _Region(ctx, x.dims, node.op.idx_list, numbers)
    return ctx.map(region.dims, lambda *indices: ctx.at(x, region.indices(indices)))


@lower(IncSubtensor)
def inc_subtensor(ctx, node, x, y, *numbers):
    if _zero_step(node.apply.inputs[2:], node.op.idx_list):
        return NotImplemented
    region = _Region(ctx, x.dims, node.op.idx_list, numbers)
    return _written(ctx, x, y, region.dims, region.indices, node.op.set_instead_of_inc)


def _written(ctx, x, y, dims, indices_of, replace, once=False):
    """`x` with `y`, broadcast to `dims`, set or added where `indices_of` says.

    With `once`, of several additions to one element the last one counts alone.
    """
    e = ctx.e
    skip = len(dims) - y.ndim
    if skip < 0:
        return NotImplemented
    for own, size in zip(y.dims, dims[skip:], strict=True):
        if own is not size and not own.is_one and not ctx.assume_equal(own, size):
            ctx.guard(e.any(e.eq(own, e.one), e.eq(own, size)), "broadcast", (own, size))

    def write(*indices):
        where = indices_of(indices)
        value = ctx.cast(ctx.stretch(y, dims, indices), x.dtype)
        if once and not replace:
            value = ctx.op("add", x.dtype, ctx.at(x, where), value)
        return where, value

    mode = "set" if replace or once else "or" if x.dtype == "bool" else "add"
    return ctx.build(x.dtype, x.dims, x, [ctx.store(dims, write, mode)])


def checked_index(ctx: Lowering, index, size: Expr, axis: int):
    """A function that gives non-negative elements of an integer array, all checked to lie within `size` first."""
    e = ctx.e

    def element(*indices: Expr) -> Expr:
        return ctx.cast(ctx.at(index, indices), "int64")

    if index.ndim == 0:
        single = ctx.wrap_index(ctx.scalar(index, "int64"), size, axis)
        return lambda *_: single
    known = _range(ctx, index)
    low, high = known or ctx.extremes(index)
    for condition, bound in ((e.le(e.sub(e.zero, size), low), low), (e.lt(high, size), high)):
        if known and not condition.is_const:
            condition = e.any(condition, *(e.eq(n, e.zero) for n in index.dims))
        ctx.guard(condition, "index", (bound, size), axis)

    def wrapped(*indices: Expr) -> Expr:
        value = element(*indices)
        return value if low.is_size else e.select(e.lt(value, e.zero), e.add(value, size), value)

    return wrapped


def _range(ctx: Lowering, index: Value) -> tuple[Expr, Expr] | None:
    """The least and the greatest element, where they are known without looking at all elements."""
    e = ctx.e
    if isinstance(index, Const) and index.data.size:
        numbers = index.data.astype("int64")
        return e.index(numbers.min()), e.index(numbers.max())
    _, indices = ctx._axes(index.dims)
    form = e.affine(ctx.cast(ctx.at(index, indices), "int64"))
    if form is None or not all(step.is_size for step in form.coefficients.values()):
        return None
    high = form.offset
    for axis, step in form.coefficients.items():
        high = e.add(high, e.mul(step, e.sub(axis.size, e.one)))
    return form.offset, high


@lower(AdvancedSubtensor1)
def take(ctx, node, x, rows):
    row = checked_index(ctx, rows, x.dims[0], 0)
    return ctx.map([rows.dims[0], *x.dims[1:]], lambda i, *rest: ctx.at(x, [row(i), *rest]))


@lower(AdvancedIncSubtensor1)
def put(ctx, node, x, y, rows):
    row = checked_index(ctx, rows, x.dims[0], 0)
    dims = [rows.dims[0], *x.dims[1:]]
    return _written(ctx, x, y, dims, lambda indices: [row(indices[0]), *indices[1:]], node.op.set_instead_of_inc)


class SliceParts(Value):
    """A slice: not an array, only what an index is made of."""

    __slots__ = ("parts",)

    def __init__(self, parts: Sequence[Expr | None]) -> None:
        super().__init__("slice", ())
        self.parts = tuple(parts)


@lower(MakeSlice)
def make_slice(ctx, node, *parts):
    found = SliceParts([None if part is None else ctx.scalar(part, "int64") for part in parts])
    # what is indexed with it depends on what its parts depend on
    found.guards = ctx.from_scalar(ctx.e.zero).guards
    return found


class _AdvancedRegion:
    """The part of an array that integer arrays, slices and new axes name, by NumPy's rules.

    `entries` are the arrays, :class:`SliceParts`, or None for a new axis.
    """

    def __init__(self, ctx: Lowering, x: Value, entries: Sequence[Value | None]) -> None:
        self.e = ctx.e
        self.arrays: dict[int, Value] = {}
        self.rows: dict[int, Callable[..., Expr]] = {}
        #: where each dimension of the array that isn't indexed with an array is in the result, and its slice's map
        self.slices: dict[int, tuple[int, Expr, Expr]] = {}
        index_arrays = {k: entry for k, entry in enumerate(entries) if entry is not None and not _is_slice(entry)}
        numbers = list(index_arrays)
        self.joint = ctx.broadcast(*(array.dims for array in index_arrays.values()))
        together = not numbers or numbers == list(range(numbers[0], numbers[-1] + 1))
        self.start = 0
        self.dims: list[Expr] = [] if together else list(self.joint)
        dim = 0
        for k, entry in enumerate(entries):
            if entry is None:
                self.dims.append(ctx.e.one)
                continue
            size = x.dims[dim]
            if isinstance(entry, SliceParts):
                begin, end, by = _nonzero_step(ctx, entry.parts)
                first, step, count = slice_geometry(ctx, begin, end, by, size)
                self.slices[dim] = (len(self.dims), first, step)
                self.dims.append(count)
            else:
                if together and k == numbers[0]:
                    self.start = len(self.dims)
                    self.dims.extend(self.joint)
                self.arrays[dim] = entry
                self.rows[dim] = checked_index(ctx, entry, size, dim)
            dim += 1
        for rest in range(dim, x.ndim):
            self.slices[rest] = (len(self.dims), ctx.e.zero, ctx.e.one)
            self.dims.append(x.dims[rest])

    def indices(self, own: Sequence[Expr]) -> list[Expr]:
        """Indices into the whole array for those into the part."""
        e = self.e
        shared = own[self.start : self.start + len(self.joint)]
        found = []
        for dim in range(len(self.arrays) + len(self.slices)):
            if dim in self.slices:
                place, first, step = self.slices[dim]
                found.append(e.add(first, e.mul(own[place], step)))
                continue
            array = self.arrays[dim]
            skip = len(self.joint) - array.ndim
            aligned = zip(array.dims, self.joint[skip:], shared[skip:], strict=True)
            found.append(self.rows[dim](*(e.mul(e.mask(n, m), i) for n, m, i in aligned)))
        return found


def _is_slice(entry: Any) -> bool:
    return isinstance(entry, SliceParts)


def _nonzero_step(ctx: Lowering, parts: Sequence[Expr | None]) -> tuple[Expr | None, Expr | None, Expr | None]:
    start, stop, step = parts
    if step is not None and step.is_const and step.attr == 0:
        ctx.guard(ctx.e.const(False, "bool"), "zero_step")
        step = None
    return start, stop, step


def _advanced_entries(ctx: Lowering, variables: Sequence[Any], values: Sequence[Value | None]) -> list[Value | None]:
    """The entries of an advanced index, constant slices among them."""
    entries: list[Value | None] = []
    for variable, value in zip(variables, values, strict=True):
        if value is None and isinstance(variable.type, SliceType):
            value = SliceParts([None if part is None else ctx.e.index(part) for part in _parts(variable.data)])
        entries.append(value)
    return entries


@lower(AdvancedSubtensor)
def advanced_subtensor(ctx, node, x, *index):
    region = _AdvancedRegion(ctx, x, _advanced_entries(ctx, node.apply.inputs[1:], index))
    return ctx.map(region.dims, lambda *indices: ctx.at(x, region.indices(indices)))


@lower(AdvancedIncSubtensor)
def advanced_inc_subtensor(ctx, node, x, y, *index):
    op = node.op
    region = _AdvancedRegion(ctx, x, _advanced_entries(ctx, node.apply.inputs[2:], index))
    return _written(ctx, x, y, region.dims, region.indices, op.set_instead_of_inc, op.ignore_duplicates)
