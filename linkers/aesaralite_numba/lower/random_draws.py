"""What lowerings of random variables share: sizes, parameters as NumPy takes them, draws in the node's dtype."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from aesaralite.graph.basic import Constant

from ..emit.distributions import FUNCTIONS
from ..emit.dtypes import is_float, is_integer
from ..expr import Expr
from ..numpy_code import has_random_function
from ..values import DrawMap, Map, Param, Value, storage_of
from .context import Lowering
from .random_constraints import everywhere

#: Next state of the generator and draws; or NotImplemented.
Drawn = Any
#: What a function called `rng_fn`, or `rng_fn_scipy`, draws: ``recipe(ctx, node, rng, size, *params)``.
RECIPES: dict[Any, Callable[..., Drawn]] = {}

#: Elements of arrays of up to 2 to this are counted, in bytes too, without overflow.
_LARGE_BITS = 58


def recipe(function: Any) -> Callable[[Callable[..., Drawn]], Callable[..., Drawn]]:
    """Register the decorated lowering for what the function of a random variable draws."""

    def register(lowering: Callable[..., Drawn]) -> Callable[..., Drawn]:
        RECIPES[function] = lowering
        return lowering

    return register


# ------------------------------------------------------------------ parameters
def cast_value(ctx: Lowering, x: Value, dtype: str) -> Value:
    """`x` in another dtype."""
    return x if x.dtype == dtype else ctx.map(x.dims, lambda *indices: ctx.cast(ctx.at(x, indices), dtype))


def taken_as(ctx: Lowering, x: Value, dtype: str) -> Value | None:
    """A parameter in the dtype that NumPy's C code wants, or None where NumPy refuses to convert it."""
    return cast_value(ctx, x, dtype) if np.can_cast(x.dtype, dtype) else None


def in_memory(ctx: Lowering, x: Value) -> Value:
    """`x`, or a copy, C-contiguous."""
    storage = storage_of(x)
    is_view = isinstance(storage, Map) and not isinstance(storage, DrawMap) and storage.body.op == "load"
    if not is_view and not (isinstance(storage, Param) and storage.layout != "C"):
        return x
    return ctx.build(x.dtype, x.dims, None, [ctx.store(x.dims, lambda *indices: (indices, ctx.at(x, indices)))])


# ----------------------------------------------------------------------- sizes
def given_sizes(ctx: Lowering, node: Any, size: Value) -> list[Expr]:
    """The size of the batch of draws as given; empty where it's left to the parameters."""
    e = ctx.e
    given = node.apply.inputs[1]
    if isinstance(given, Constant):
        return [e.index(int(n)) for n in given.data]
    count = given.type.shape[0]
    static = node.apply.outputs[1].type.shape
    sizes = []
    for k in range(count):
        n = ctx.scalar(ctx.map((), lambda k=k: ctx.cast(ctx.at(size, [e.index(k)]), "int64")))
        if node.op.ndim_supp == 0 and static[k] is not None:
            ctx.require_equal(n, e.index(static[k]), "size", (n,), k)
            n = e.index(static[k])
        else:
            ctx.guard(e.le(e.zero, n), "negative_size", (n,))
            ctx.guard(e.lt(n, e.index(1 << (_LARGE_BITS // count))), "size", (n,))
        sizes.append(n)
    return sizes


def batch_sizes(ctx: Lowering, node: Any, size: Value, batches: Sequence[Sequence[Expr]]) -> list[Expr]:
    """The sizes of the batch of draws: as given, which those of the parameters must fit, or what these broadcast to."""
    e = ctx.e
    sizes = given_sizes(ctx, node, size)
    if not sizes:
        return ctx.broadcast(*batches)
    for batch in batches:
        surplus = len(sizes) - len(batch)
        ctx.guard(e.const(surplus >= 0, "bool"), "size")
        for k, own in enumerate(batch):
            n = sizes[max(k + surplus, 0)]
            if own is not n and not own.is_one and not ctx.assume_equal(own, n):
                ctx.guard(e.any(e.eq(own, e.one), e.eq(own, n)), "size", (own, n), k)
    return sizes


# ----------------------------------------------------------------------- draws
def draw_each(
    ctx: Lowering,
    node: Any,
    name: str,
    rng: Value,
    size: Value,
    params: Sequence[Value],
    demands: Callable[..., Sequence[Expr]],
) -> Drawn:
    """Draw each element by the function `name` of :data:`..emit.distributions.FUNCTIONS`."""
    function = FUNCTIONS[name]
    values = [taken_as(ctx, x, dtype) for x, dtype in zip(params, function.arguments, strict=True)]
    known = [x for x in values if x is not None]
    if len(known) < len(values) or not can_draw(node, function.result, name):
        return NotImplemented
    for condition in demands(ctx, *known):
        ctx.guard(condition, "parameter")
    dims = batch_sizes(ctx, node, size, [x.dims for x in known])
    return ctx.draw(name, rng, known, dims, function.result)


def can_draw(node: Any, drawn: str, *names: str) -> bool:
    """Whether this NumPy shows its functions ``random_...`` of those names, and what is drawn, of dtype `drawn`, is
    cast to the dtype of the node without looking at what a float is.
    """
    if not all(has_random_function(f"random_{name}") for name in names):
        return False
    dtype = node.apply.outputs[1].type.dtype
    if drawn == dtype:
        return True
    if is_float(dtype):
        return is_float(drawn) or is_integer(drawn) or drawn == "bool"
    return ((is_integer(dtype) or dtype == "bool") and (is_integer(drawn) or drawn == "bool")) and "uint64" not in (
        dtype,
        drawn,
    )


def in_dtype_of(ctx: Lowering, node: Any, draws: Value) -> Value:
    """Draws in the dtype of the node; integers must fit into it."""
    dtype = node.apply.outputs[1].type.dtype
    if draws.dtype != dtype and not is_float(dtype) and not np.can_cast(draws.dtype, dtype):
        least, most = (0, 1) if dtype == "bool" else (int(np.iinfo(dtype).min), int(np.iinfo(dtype).max))
        e = ctx.e

        def fits(x: Expr) -> Expr:
            wide = ctx.cast(x, "int64")
            return e.all(e.le(e.index(least), wide), e.le(wide, e.index(most)))

        ctx.guard(everywhere(ctx, draws, fits), "draw_dtype")
    return cast_value(ctx, draws, dtype)
