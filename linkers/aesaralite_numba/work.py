"""How much a step reads, writes and computes, as expressions of sizes.

These are estimates of what the loops ask for: what several points read is counted once for all points that read the
same element, and nothing is known of caches.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .buffers import Plan
from .emit.dtypes import ITEMSIZE, is_complex, is_float
from .expr import INDEX, Axis, Expr, Expressions, walk
from .ir import Accumulate, Begin, Commit, Kernel, Product, Program, Step, Write
from .realise import EXPENSIVE, operation_cost
from .values import Call, Row, Value, storage_of

#: Operations that move, select or compare numbers, and compute none.
_FREE = frozenset(
    ("load", "row", "const", "axis", "dim", "stride", "bcast", "mask", "cast", "select", "real", "imag", "conj")
    + ("complex", "isnan", "isinf", "sign", "signbit", "eq", "ne", "lt", "le", "gt", "ge", "and", "or", "xor", "not")
    + ("invert",)
)


@dataclass(frozen=True)
class Effort:
    """Bytes and floating-point operations; `point` the same three for a point of a kernel's innermost loop."""

    read: Expr
    written: Expr
    operations: Expr | None
    point: tuple[int, int, int] | None = None


def operations_of(expr: Expr) -> int:
    """Floating-point operations of one evaluation; an elementary function counts as a polynomial of some degree."""
    if expr.op in _FREE or not (is_float(expr.dtype) or is_complex(expr.dtype)):
        return 0
    if operation_cost(expr) >= EXPENSIVE:
        return int(EXPENSIVE)
    return _real_operations(expr.op, expr.dtype)


def _real_operations(name: str, dtype: str) -> int:
    if not is_complex(dtype):
        return 1 if is_float(dtype) else 0
    return {"add": 2, "sub": 2, "neg": 2}.get(name, 6)


class Efforts:
    """Counts the work of steps."""

    def __init__(self, e: Expressions, program: Program, plan: Plan) -> None:
        self.e = e
        self.program = program
        self.plan = plan

    def of(self, step: Step) -> Effort | None:
        """The work of a step, None where there is nothing to count."""
        if isinstance(step, Kernel):
            return self._kernel(step)
        if isinstance(step, Call):
            return self._call(step)
        if isinstance(step, Product):
            return self._product(step)
        if isinstance(step, Commit):
            return self._copy(step.source)
        if isinstance(step, Begin) and step.base is not None and step.target not in self.plan.in_place:
            return self._copy(step.target)
        return None

    def _copy(self, value: Value) -> Effort:
        size = self.plan.bytes(value)
        return Effort(size, size, self.e.zero)

    def _sum(self, terms: Sequence[Expr]) -> Expr:
        total = self.e.zero
        for term in terms:
            total = self.e.add(total, term)
        return total

    def _times(self, counts: dict[tuple[Axis, ...], int]) -> Expr:
        """Numbers of something for each point of some loops, added up."""
        parts = ((self.e.index(count), *(axis.size for axis in axes)) for axes, count in counts.items() if count)
        return self._sum([self.e.product(factors) for factors in parts])

    # ----------------------------------------------------------------- kernels
    def _kernel(self, kernel: Kernel) -> Effort:
        order = [axis for axis in kernel.axes if not axis.size.is_one]
        operations: dict[tuple[Axis, ...], int] = {}
        loads: dict[Value, list[Expr]] = {}
        point_operations = 0
        made = {statement.target for statement in kernel.statements}

        def count(axes: tuple[Axis, ...], number: int) -> None:
            operations[axes] = operations.get(axes, 0) + number

        for expr in walk(statement.body for statement in kernel.statements):
            if expr.op == "load" and expr.attr not in made:
                loads.setdefault(storage_of(expr.attr), []).append(expr)
            number = operations_of(expr)
            if expr.axes:
                point_operations += number
            count(tuple(axis for axis in order if axis in expr.axes), number)
        read = [self._read(value, exprs, order) for value, exprs in loads.items()]
        written = []
        # what a row is read for again is in the cache
        often = {value: sum(bool(expr.axes) for expr in exprs) for value, exprs in loads.items()}
        point_read = sum(ITEMSIZE[v.dtype] * (min(1, n) if kernel.rows else n) for v, n in often.items())
        point_written = 0
        for stage in kernel.stages:
            domain = tuple(axis for axis in order if axis in (*kernel.rows, *stage.axes))
            for statement in stage.statements:
                size = ITEMSIZE[statement.target.dtype]
                if isinstance(statement, Accumulate):
                    number = _real_operations(statement.monoid, statement.body.dtype)
                    if statement.stored:
                        written.append(self.plan.bytes(statement.target))
                elif isinstance(statement, Write) and not isinstance(statement.target, Row):
                    number = 0 if statement.mode == "set" else _real_operations(statement.mode, statement.body.dtype)
                    moved = self._times({domain: size})
                    written.append(moved)
                    point_written += size
                    if statement.mode != "set":
                        read.append(moved)
                        point_read += size
                else:
                    continue
                count(domain, number)
                point_operations += number
        return Effort(
            self._sum(read), self._sum(written), self._times(operations), (point_read, point_written, point_operations)
        )

    def _read(self, value: Value, loads: Sequence[Expr], order: Sequence[Axis]) -> Expr:
        """Bytes of an array that a kernel reads: the elements that its one load meets, or else all."""
        if len(loads) > 1:
            return self.plan.bytes(value)
        axes = loads[0].axes
        return self._times({tuple(axis for axis in order if axis in axes): ITEMSIZE[value.dtype]})

    # ---------------------------------------------------------- library calls
    def _call(self, call: Call) -> Effort:
        read = self._sum([self.plan.bytes(operand) for operand in call.operands])
        count = _OF_ROUTINES.get(call.routine)
        operations = None
        if count is not None:
            operations = count(self.e, *(operand.dims for operand in call.operands))
            if is_complex(call.operands[0].dtype):
                operations = self.e.mul(operations, self.e.index(4))
        return Effort(read, self.plan.bytes(call), operations)

    def _product(self, product: Product) -> Effort:
        effort = self._call(product.call)
        if not product.adds or effort.operations is None:
            return effort
        additions = self.e.product((self.e.index(_real_operations("add", product.call.dtype)), *product.call.dims))
        return Effort(self.e.add(effort.read, effort.written), effort.written, self.e.add(effort.operations, additions))


Dims = tuple[Expr, ...]


def _product(e: Expressions, a: Dims, b: Dims) -> Expr:
    return e.product((e.index(2), *a, *b[len(a) - 1 :]))


def _cubes(numerator: int, denominator: int, columns: int = 0) -> Callable[..., Expr]:
    """So many thirds, for instance, of the cube of a matrix's size, and operations for each element of a solution."""

    def count(e: Expressions, a: Dims, b: Dims = ()) -> Expr:
        cubes = e.product((e.index(numerator), a[-1], *a))
        if denominator > 1:
            cubes = e.make("floor_div", INDEX, (cubes, e.index(denominator)))
        return e.add(cubes, e.product((e.index(columns), a[-1], *b))) if columns else cubes

    return count


def _each(e: Expressions, *operands: Dims) -> Expr:
    return e.product(operands[0])


def _none(e: Expressions, *operands: Dims) -> Expr:
    return e.zero


#: Floating-point operations of library routines of real numbers, from the sizes of the operands; the textbook's.
_OF_ROUTINES: dict[str, Callable[..., Expr]] = {
    **dict.fromkeys(("gemm", "gemv", "batched_gemm"), _product),
    "potrf": _cubes(1, 3),
    "numpy_cholesky": _cubes(1, 3),
    "trtrs": _cubes(0, 1, 1),
    "solve_general": _cubes(2, 3, 2),
    "solve_definite": _cubes(1, 3, 2),
    "solve_symmetric": _cubes(1, 3, 2),
    "inverse": _cubes(2, 1),
    "slogdet": _cubes(2, 3),
    "eigh": _cubes(9, 1),
    "numpy_eigh": _cubes(9, 1),
    "running_add": _each,
    "running_mul": _each,
    **dict.fromkeys(("sort", "argsort", "positions", "repetitions", "search_left", "search_right"), _none),
}
