"""Elementwise Ops, DimShuffle, and the passage between tensors and scalars."""

from __future__ import annotations

from aesaralite.autodiff.barriers import GradientBarrier
from aesaralite.compile.ops import DeepCopyOp, ViewOp
from aesaralite.scalar.composite import Composite
from aesaralite.scalar.op import ScalarOp
from aesaralite.tensor.dimshuffle import DimShuffle
from aesaralite.tensor.elementwise import Elemwise
from aesaralite.tensor.shaping import ScalarFromTensor, TensorFromScalar

from .registry import lower
from .scalars import NotLowered, composite_expressions, scalar_expression


@lower(Elemwise)
def elemwise(ctx, node, *inputs):
    scalar_op = node.op.scalar_op
    dtypes = [variable.type.dtype for variable in node.apply.outputs]
    dims = ctx.broadcast(*(x.dims for x in inputs))

    def outputs(indices):
        args = tuple(ctx.stretch(x, dims, indices) for x in inputs)
        if isinstance(scalar_op, Composite):
            return composite_expressions(ctx, scalar_op, args)
        return [scalar_expression(ctx, scalar_op, args, dtypes[0])]

    if len(dtypes) > 1 and not isinstance(scalar_op, Composite):
        return NotImplemented
    try:
        values = [ctx.map(dims, lambda *indices, k=k: outputs(indices)[k]) for k in range(len(dtypes))]
    except NotLowered:
        return NotImplemented
    return tuple(values)


@lower(ScalarOp)
def scalar(ctx, node, *inputs):
    dtypes = [variable.type.dtype for variable in node.apply.outputs]
    args = tuple(ctx.scalar(x) for x in inputs)
    try:
        if isinstance(node.op, Composite):
            found = composite_expressions(ctx, node.op, args)
        elif len(dtypes) == 1:
            found = [scalar_expression(ctx, node.op, args, dtypes[0])]
        else:
            return NotImplemented
    except NotLowered:
        return NotImplemented
    return tuple(ctx.from_scalar(e) for e in found)


@lower(TensorFromScalar, ScalarFromTensor, GradientBarrier, ViewOp, DeepCopyOp)
def same_value(ctx, node, x):
    return NotImplemented if x is None else x


@lower(DimShuffle)
def dimshuffle(ctx, node, x):
    order = node.op.new_order
    dims = [ctx.e.one if entry == "x" else x.dims[entry] for entry in order]

    def element(*indices):
        own = [ctx.e.zero] * x.ndim
        for entry, index in zip(order, indices, strict=True):
            if entry != "x":
                own[entry] = index
        return ctx.at(x, own)

    return ctx.map(dims, element)
