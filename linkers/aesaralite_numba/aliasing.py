"""Whether a kernel may write a value where another one lies that it reads."""

from __future__ import annotations

from .expr import Expr, Expressions, walk
from .ir import Accumulate, Kernel, Stage, Write
from .values import Value, storage_of


def may_overwrite(e: Expressions, kernel: Kernel, source: Value, target: Value) -> bool:
    """Whether each element of `source` has been read for the last time when `target` is written in its place."""
    number, write = None, None
    for k, stage in enumerate(kernel.stages):
        for statement in stage.statements:
            if isinstance(statement, Write) and (statement.mode != "set" or statement.target is target):
                if statement.mode != "set":
                    return False
                number, write = k, statement
    rows = {e.axis_expr(axis) for axis in kernel.rows}
    for k, stage in enumerate(kernel.stages):
        for load in _loads(stage, source):
            if number is None or write is None or load.attr is not source or k > number:
                return False
            if len(load.args) != len(write.indices):
                return False
            for arg, index, own, joint in zip(load.args, write.indices, source.dims, target.dims, strict=True):
                same = arg is index or arg is e.mul(e.mask(own, joint), index)
                # an earlier stage may read any element of the present row
                if not same and (k == number or index in rows):
                    return False
    return number is None or write is None or rows.issubset(write.indices)


def _loads(stage: Stage, source: Value) -> list[Expr]:
    roots: list[Expr] = []
    for statement in stage.statements:
        roots.append(statement.body)
        if isinstance(statement, Write | Accumulate):
            roots.extend(statement.indices)
    return [expr for expr in walk(roots) if expr.op == "load" and storage_of(expr.attr) is source]
