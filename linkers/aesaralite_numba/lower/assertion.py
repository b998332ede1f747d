"""Conditions that users demand."""

from __future__ import annotations

from aesaralite.tensor.assertion import CheckAndRaise

from .registry import lower


@lower(CheckAndRaise)
def check_and_raise(ctx, node, value, *conditions):
    for condition in conditions:
        ctx.guard(ctx.scalar(condition, "bool"), "raise")
    return ctx.map(value.dims, lambda *indices: ctx.at(value, indices))
