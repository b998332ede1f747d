"""Reading and writing parts of arrays: slices are index maps, index arrays are gathers and scatters."""

from __future__ import annotations

from aesaralite.graph.generic import NoneTypeT
from aesaralite.tensor.indexing_advanced import (
    AdvancedIncSubtensor,
    AdvancedIncSubtensor1,
    AdvancedSubtensor,
    AdvancedSubtensor1,
)
from aesaralite.tensor.indexing_basic import IncSubtensor, Subtensor
from aesaralite.tensor.tensor_type import TensorType

from ..expr import Expr, Expressions
from .context import Lowering
from .registry import lower


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
        if stop is not None and stop.is_const and stop.attr < 0:
            last = e.add(size, stop)
        span = e.sub(last, first)
        if first is e.zero and last is size:
            count = span
        else:
            count = e.maximum(span, e.zero)
        if step.attr > 1:
            count = ctx.op("floor_div", "int64", e.add(count, e.index(step.attr - 1)), step)
        return first, step, count
    top = e.sub(size, e.one)
    first = top if start is None else e.minimum(_wrapped(e, start, size), top)
    last = e.index(-1) if stop is None else e.maximum(_wrapped(e, stop, size), e.index(-1))
    if start is None and stop is None and step.attr == -1:
        return first, step, size
    count = e.maximum(e.sub(first, last), e.zero)
    if step.attr < -1:
        count = ctx.op("floor_div", "int64", e.add(count, e.index(-step.attr - 1)), e.index(-step.attr))
    return first, step, count


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
    count = ctx.op("floor_div", "int64", e.sub(e.add(span, step), unit), step)
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
                parts = [None if p is None else ctx.scalar(next(numbers), "int64") for p in _parts(entry)]
                first, step, count = slice_geometry(ctx, *parts, size)
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


def _written(ctx, x, y, dims, indices_of, replace):
    """`x` with `y`, broadcast to `dims`, set or added where `indices_of` says."""
    e = ctx.e
    skip = len(dims) - y.ndim
    if skip < 0:
        return NotImplemented
    for own, size in zip(y.dims, dims[skip:], strict=True):
        if own is not size and not (own.is_const and own.attr == 1) and not ctx.assume_equal(own, size):
            ctx.guard(e.any(e.eq(own, e.one), e.eq(own, size)), "broadcast", (own, size))

    def write(*indices):
        return indices_of(indices), ctx.cast(ctx.stretch(y, dims, indices), x.dtype)

    mode = "set" if replace else "or" if x.dtype == "bool" else "add"
    return ctx.build(x.dtype, x.dims, x, [ctx.store(dims, write, mode)])


def checked_index(ctx: Lowering, index, size: Expr, axis: int):
    """A function that gives non-negative elements of an integer array, all checked to lie within `size` first."""
    e = ctx.e

    def element(*indices: Expr) -> Expr:
        return ctx.cast(ctx.at(index, indices), "int64")

    everything = [True] * index.ndim
    if index.ndim == 0:
        single = ctx.wrap_index(ctx.scalar(index, "int64"), size, axis)
        return lambda *_: single
    low = ctx.scalar(ctx.reduce("minimum", index.dims, everything, element, "int64"))
    high = ctx.scalar(ctx.reduce("maximum", index.dims, everything, element, "int64"))
    ctx.guard(e.le(e.sub(e.zero, size), low), "index", (low, size), axis)
    ctx.guard(e.lt(high, size), "index", (high, size), axis)

    def wrapped(*indices: Expr) -> Expr:
        value = element(*indices)
        return e.select(e.lt(value, e.zero), e.add(value, size), value)

    return wrapped


@lower(AdvancedSubtensor1)
def take(ctx, node, x, rows):
    if rows.dtype == "uint64":
        return NotImplemented
    row = checked_index(ctx, rows, x.dims[0], 0)
    return ctx.map([rows.dims[0], *x.dims[1:]], lambda i, *rest: ctx.at(x, [row(i), *rest]))


@lower(AdvancedIncSubtensor1)
def put(ctx, node, x, y, rows):
    if rows.dtype == "uint64":
        return NotImplemented
    row = checked_index(ctx, rows, x.dims[0], 0)
    dims = [rows.dims[0], *x.dims[1:]]
    return _written(ctx, x, y, dims, lambda indices: [row(indices[0]), *indices[1:]], node.op.set_instead_of_inc)


class _AdvancedRegion:
    """The part of an array that integer arrays, full slices and new axes name, by NumPy's rules."""

    def __init__(self, ctx: Lowering, x, entries, values) -> None:
        arrays = {k: v for k, (kind, v) in enumerate(zip(entries, values, strict=True)) if kind == "array"}
        dim_of, dim = {}, 0
        for k, kind in enumerate(entries):
            if kind != "new":
                dim_of[k] = dim
                dim += 1
        joint = ctx.broadcast(*(v.dims for v in arrays.values()))
        rows = {k: checked_index(ctx, v, x.dims[dim_of[k]], dim_of[k]) for k, v in arrays.items()}
        places = sorted(arrays)
        together = places == list(range(places[0], places[-1] + 1))
        self.dims: list[Expr] = [] if together else list(joint)
        position: dict[int, int] = {}
        start = 0
        for k, kind in enumerate(entries):
            if kind == "array":
                if together and k == places[0]:
                    start = len(self.dims)
                    self.dims.extend(joint)
                continue
            position[k] = len(self.dims)
            self.dims.append(ctx.e.one if kind == "new" else x.dims[dim_of[k]])
        rest = {j: len(self.dims) + j - dim for j in range(dim, x.ndim)}
        self.dims.extend(x.dims[dim:])
        slices = {dim_of[k]: p for k, p in position.items() if k in dim_of}
        array_of = {dim_of[k]: k for k in arrays}
        e = ctx.e

        def indices(own):
            found = []
            for j in range(x.ndim):
                if j in array_of:
                    value = arrays[array_of[j]]
                    shared = own[start : start + len(joint)]
                    skip = len(joint) - value.ndim
                    inner = [
                        e.mul(e.mask(n, m), i) for n, m, i in zip(value.dims, joint[skip:], shared[skip:], strict=True)
                    ]
                    found.append(rows[array_of[j]](*inner))
                else:
                    found.append(own[slices[j] if j in slices else rest[j]])
            return found

        self.indices = indices


def _advanced_entries(node, skip):
    """What each entry of an advanced index is, or None if one isn't handled here."""
    kinds = []
    for variable in node.apply.inputs[skip:]:
        kind = variable.type
        if isinstance(kind, NoneTypeT):
            kinds.append("new")
        elif isinstance(kind, TensorType):
            if kind.dtype in ("bool", "uint64"):
                return None
            kinds.append("array")
        elif getattr(variable, "data", None) == slice(None):
            kinds.append("all")
        else:
            return None
    return kinds if "array" in kinds else None


@lower(AdvancedSubtensor)
def advanced_subtensor(ctx, node, x, *index):
    entries = _advanced_entries(node, 1)
    if entries is None:
        return NotImplemented
    region = _AdvancedRegion(ctx, x, entries, index)
    return ctx.map(region.dims, lambda *indices: ctx.at(x, region.indices(indices)))


@lower(AdvancedIncSubtensor)
def advanced_inc_subtensor(ctx, node, x, y, *index):
    entries = _advanced_entries(node, 2)
    if entries is None or (node.op.ignore_duplicates and not node.op.set_instead_of_inc):
        return NotImplemented
    region = _AdvancedRegion(ctx, x, entries, index)
    return _written(ctx, x, y, region.dims, region.indices, node.op.set_instead_of_inc)
