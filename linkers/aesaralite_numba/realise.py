"""Which values reach memory, and which are computed where they are used.

The question is one of cost.  Computing a value where it is used saves writing and reading it; computing it twice, or
for every point of a larger domain, costs its operations again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from .expr import Axis, Expr, Expressions, walk
from .values import Build, Call, CallbackOutput, Const, DrawMap, Map, Param, Reduce, Reshaped, Value, storage_of

#: Gives an expression with other arguments.
Rebuild = Callable[[Expr, tuple[Expr, ...]], Expr]

# Cost of a scalar operation in units of an addition of vectors; what isn't listed costs CHEAP.
_COSTS = {
    **dict.fromkeys(("const", "axis", "dim", "bcast", "mask", "cast", "neg", "abs"), 0.5),
    **dict.fromkeys(("true_div", "floor_div", "mod", "sqrt", "trunc_div"), 5.0),
    **dict.fromkeys(("maximum", "minimum", "select", "floor", "ceil", "trunc", "rint"), 1.0),
}
CHEAP = 1.0
EXPENSIVE = 20.0
_CHEAP_OPS = frozenset(
    [
        "load",
        "add",
        "sub",
        "mul",
        "and",
        "or",
        "xor",
        "invert",
        "not",
        "eq",
        "ne",
        "lt",
        "le",
        "gt",
        "ge",
        "sign",
        "isnan",
        "isinf",
        "shl",
        "shr",
        "real",
        "imag",
        "conj",
        "complex",
        "square",
    ]
)

#: A value used in several kernels is computed again in each if it costs no more than this and reads one array.
SHARED_LIMIT = 3.0
#: A kernel does no more operations than this for a point: memory traffic is negligible beside them, and compiling a
#: long body costs more than in proportion.
KERNEL_LIMIT = 400.0
#: The same for a value that would be computed for every point of a larger domain.
STRETCHED_LIMIT = 4.0


def operation_cost(expr: Expr) -> float:
    known = _COSTS.get(expr.op)
    if known is not None:
        return known
    return CHEAP if expr.op in _CHEAP_OPS else EXPENSIVE


def reachable(roots: Iterable[Value], conditions: Iterable[Expr]) -> list[Value]:
    """Every value needed for `roots` and `conditions`, in the order of the graph."""
    found: set[Value] = set()
    stack: list[Value] = []

    def visit_exprs(exprs: Iterable[Expr]) -> None:
        for expr in walk(exprs):
            if expr.op == "load":
                stack.append(expr.attr)
            elif expr.op == "dim":
                stack.append(expr.attr[0])

    stack.extend(roots)
    visit_exprs(conditions)
    while stack:
        value = stack.pop()
        if value in found:
            continue
        found.add(value)
        stack.extend(value.sources())
        visit_exprs(value.bodies())
        visit_exprs(value.dims)
        if isinstance(value, CallbackOutput):
            stack.extend(value.callback.outputs)
    return sorted(found, key=lambda v: v.seq)


class Inliner:
    """Rewrites expressions so that every load reads a value in memory.

    `inlined` holds the values that are computed where they are used.
    """

    def __init__(self, expressions: Expressions, rebuild: Rebuild, inlined: set[Value]) -> None:
        self.e = expressions
        self.rebuild = rebuild
        self.inlined = inlined
        self._memo: dict[tuple, Expr] = {}

    def __call__(self, root: Expr, axes: Sequence, indices: Sequence[Expr]) -> Expr:
        """`root` with `indices` for `axes`, and inlined values expanded."""
        memo = self._memo
        start = (root, tuple(axes), tuple(indices)) if root.axes else (root, (), ())
        stack = [start]
        while stack:
            key = stack[-1]
            if key in memo:
                stack.pop()
                continue
            expr, own_axes, own_indices = key
            if expr.op == "axis":
                memo[key] = own_indices[own_axes.index(expr.attr)] if expr.attr in own_axes else expr
                continue
            keys = [(arg, own_axes, own_indices) if arg.axes else (arg, (), ()) for arg in expr.args]
            missing = [k for k in keys if k not in memo]
            if missing:
                stack.extend(missing)
                continue
            args = tuple(memo[k] for k in keys)
            if expr.op == "load" and expr.attr in self.inlined:
                value = expr.attr
                inner = (value.body, value.axes, args) if value.body.axes else (value.body, (), ())
                if inner not in memo:
                    stack.append(inner)
                    continue
                memo[key] = memo[inner]
            else:
                memo[key] = self.rebuild(expr, args)
        return memo[start]


class Realisation:
    """The outcome: `inlined` values, and `realised` ones in the order of the graph."""

    def __init__(self, expressions: Expressions, rebuild: Rebuild, values: Sequence[Value], must: set[Value]) -> None:
        self.e = expressions
        self.rebuild = rebuild
        self.must = set(must)
        self.inlined: set[Value] = set()
        self.realised: list[Value] = []
        self.reasons: dict[Value, str] = {}
        self.operations: dict[Value, int] = {}
        self._decide(values)

    def _decide(self, values: Sequence[Value]) -> None:
        users: dict[Value, set[Value]] = {}
        stretched: set[Value] = set()
        for value in values:
            for axes, body in domains(value):
                running = {axis for axis in axes if not axis.size.is_one}
                for expr in walk(body):
                    if expr.op != "load" or not isinstance(expr.attr, Map):
                        continue
                    users.setdefault(expr.attr, set()).add(value)
                    if expr.axes:
                        missing = running - expr.axes
                        if missing or any(self.e.affine(arg) is None for arg in expr.args):
                            stretched.add(expr.attr)
        cost: dict[Value, tuple[float, frozenset]] = {}
        for value in values:
            if not isinstance(value, Map):
                if isinstance(value, (Reduce, Build)):
                    self.operations[value] = self._operations(value)
                if not isinstance(value, (Param, Const, Reshaped)):
                    self.realised.append(value)
                continue
            if value.axes == () and value not in self.must and not isinstance(value, DrawMap):
                self.inlined.add(value)
                continue
            own, reads = self._cost(value, cost)
            self.operations[value] = operations = self._operations(value)
            limit = None
            if value in stretched:
                limit = STRETCHED_LIMIT
            elif len(users.get(value, ())) > 1:
                limit = SHARED_LIMIT
            if value in self.must or isinstance(value, DrawMap) or operations > KERNEL_LIMIT:
                self.realised.append(value)
                if operations > KERNEL_LIMIT:
                    why = f"{operations} operations for a point, more than {KERNEL_LIMIT:g} for one loop"
                    self.reasons[value] = why
            elif limit is not None and (own > limit or len(reads) > 1):
                self.realised.append(value)
                why = "for every point of a larger domain" if value in stretched else "in several places"
                self.reasons[value] = f"cheaper to keep than to compute {why} (cost {own:g}, {len(reads)} arrays)"
            else:
                self.inlined.add(value)
                cost[value] = (own, reads)

    def memory_reads(self, exprs: Iterable[Expr]) -> set[Value]:
        """Realised values that `exprs` read, through whatever is inlined."""
        found: set[Value] = set()
        stack = list(exprs)
        seen: set[Expr] = set()
        while stack:
            expr = stack.pop()
            if expr in seen:
                continue
            seen.add(expr)
            if expr.op == "load":
                value = storage_of(expr.attr)
                if value in self.inlined:
                    stack.extend(value.bodies())
                else:
                    found.add(value)
            elif expr.op == "dim" and not isinstance(expr.attr[0], Param):
                found.add(expr.attr[0])
            stack.extend(expr.args)
        return found

    def _operations(self, value: Value) -> int:
        """Operations of the value's body, with those of everything inlined into it."""
        total = 0
        for expr in walk(value.bodies()):
            if expr.op == "load":
                total += self.operations.get(expr.attr, 0) if expr.attr in self.inlined else 0
            elif expr.axes and expr.op != "axis":
                total += 1
        return total

    def _cost(self, value: Map, known: dict) -> tuple[float, frozenset]:
        """Operations for one element, with everything inlined into it, and the arrays it streams."""
        total = 0.0
        reads: set = set()
        for expr in walk((value.body,)):
            if not expr.axes or (expr.dtype == "int64" and expr.op in ("add", "sub", "mul", "axis")):
                continue
            if expr.op == "load" and expr.attr in self.inlined:
                own, others = known.get(expr.attr, (0.0, frozenset()))
                total += own
                reads |= others
            else:
                total += operation_cost(expr)
                if expr.op == "load":
                    reads.add(expr.attr)
        return total, frozenset(reads)


def domains(value: Value) -> Iterator[tuple[tuple[Axis, ...], tuple[Expr, ...]]]:
    """Pairs of axes and the expressions evaluated over them."""
    if isinstance(value, (Map, Reduce)):
        yield value.axes, (value.body,)
    elif isinstance(value, Build):
        for store in value.stores:
            yield store.axes, (store.body, *store.indices)
    elif isinstance(value, Call):
        yield (), value.scalars
