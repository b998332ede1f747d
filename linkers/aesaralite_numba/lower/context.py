"""What a lowering works with: builds values out of expressions, and collects guards."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..emit.dtypes import is_complex
from ..expr import COMPARISONS, INDEX, Expr, Expressions, walk
from ..values import (
    Build,
    Call,
    Callback,
    CallbackOutput,
    Const,
    DrawCall,
    DrawMap,
    Guard,
    Map,
    NextState,
    Param,
    Reduce,
    Reshaped,
    Store,
    Value,
)
from .limits import LARGEST, fits


@dataclass(frozen=True, eq=False)
class DrawSpec:
    """What a ``draw`` expression means: `name` in :data:`..emit.distributions.DRAWS`, how many of its arguments are
    parameters (the others are the indices of the element), and the state of the generator.
    """

    name: str
    parameters: int
    state: NextState


@dataclass(frozen=True)
class Equality:
    """Two sizes that are, or are assumed to be, equal; each is the position and dimension of a parameter, or a
    number."""

    first: tuple[int, int] | int
    second: tuple[int, int] | int
    assumed: bool
    node: int


def _leaf(size: Expr) -> tuple[int, int] | int | None:
    if size.is_const:
        return size.attr
    if size.op == "dim" and isinstance(size.attr[0], Param):
        return size.attr[0].position, size.attr[1]
    return None


def _stored(value: Build, indices: Sequence[Expr]) -> Expr | None:
    """What is written there, if each element of `value` is written on its own, as those of a vector of sizes are."""
    if value.base is not None or not all(index.is_const for index in indices):
        return None
    place = [index.attr for index in indices]
    found = None
    for store in value.stores:
        if store.mode != "set" or store.axes or not all(index.is_const for index in store.indices):
            return None
        if [index.attr for index in store.indices] == place:
            found = store.body
    return found


#: Conditions on numbers that are known while compiling are known, too: most are on parameters of distributions.
_PREDICATES: dict[str, Callable[..., Any]] = {
    "isnan": np.isnan,
    "signbit": np.signbit,
    "invert": operator.not_,
    **COMPARISONS,
}
_VIEW_OPS = ("const", "load", "axis")


class Lowering:
    """The state of lowering one graph: its expression table, guards, and the node that is being lowered."""

    def __init__(self, optimistic: bool = False) -> None:
        self.e = Expressions()
        self.optimistic = optimistic
        self.equalities: list[Equality] = []
        self.guards: list[Guard] = []
        self.params: list[Param] = []
        self.callbacks: list[Callback] = []
        self.node = -1
        self._seq = 0
        self._inherited: tuple[Guard, ...] = ()
        self._fresh_guards: list[Guard] = []
        self._at_entry: dict[Expr, bool] = {}
        self._extremes: dict[Value, tuple[Expr, Expr]] = {}
        self._fits: dict[Expr, Guard] = {}

    # ------------------------------------------------------------------ nodes
    def begin_node(self, index: int, inputs: Sequence[Value]) -> None:
        """From now on values belong to node `index` and inherit the guards of `inputs`."""
        self.node = index
        inherited: dict[Guard, None] = {}
        for value in inputs:
            inherited.update(dict.fromkeys(value.guards))
        self._inherited = tuple(inherited)
        self._fresh_guards = []

    def _next(self) -> int:
        self._seq += 1
        return self._seq

    def _own(self, value: Any) -> Any:
        if not isinstance(value, CallbackOutput):  # what Python has made does fit, and its sizes are known only then
            self.require_fit(value.dtype, value.dims)
        value.guards = (*self._inherited, *self._fresh_guards)
        return value

    # ----------------------------------------------------------------- leaves
    def param(self, dtype: str, shape: Sequence[int | None], is_state: bool = False, layout: str = "C") -> Param:
        """The next argument of the program; `shape` has None where the size isn't known.

        `layout` is ``"C"``, ``"F"`` or, for any strides, ``"A"``.
        """
        value = Param(dtype, len(self.params), is_state, layout, self._next())
        value.dims = tuple(self.e.dim(value, k) if n is None else self.e.index(n) for k, n in enumerate(shape))
        if layout == "F":
            steps, step = [], self.e.one
            for size in value.dims:
                steps.append(step)
                step = self.e.mul(step, size)
            value.strides = tuple(steps)
        elif layout == "A":
            value.strides = tuple(self.e.make("stride", INDEX, (), (value, k)) for k in range(value.ndim))
        self.params.append(value)
        return value

    def constant(self, data: Any, number: int = -1) -> Value:
        """Constant `number` of the graph; a 0-d one is a scalar of the program."""
        data = np.asarray(data)
        if data.ndim == 0:
            return self.from_scalar(self.e.const(data.item(), data.dtype.name))
        if data.size and all(step == 0 or n == 1 for step, n in zip(data.strides, data.shape, strict=True)):
            element = self.e.const(data[(0,) * data.ndim].item(), data.dtype.name)
            return self.map([self.e.index(n) for n in data.shape], lambda *_: element)
        data = np.ascontiguousarray(data)
        return Const(data, number, [self.e.index(n) for n in data.shape], self._next())

    # ------------------------------------------------------------ expressions
    def op(self, name: str, dtype: str, *args: Expr) -> Expr:
        """Scalar operation `name` on arguments that have the dtypes it wants, with a result of `dtype`."""
        if dtype == INDEX and len(args) == 2 and name in ("add", "sub", "mul"):
            return getattr(self.e, name)(*args)
        known = dtype == "bool" and all(arg.is_const and not is_complex(arg.dtype) for arg in args)
        if known and name in _PREDICATES:
            return self.e.const(bool(_PREDICATES[name](*(arg.attr for arg in args))), "bool")
        return self.e.make(name, dtype, args)

    def cast(self, expr: Expr, dtype: str) -> Expr:
        if expr.dtype == dtype:
            return expr
        if expr.is_const:
            with np.errstate(all="ignore"):
                return self.e.const(np.asarray(expr.attr, expr.dtype).astype(dtype).item(), dtype)
        return self.e.make("cast", dtype, (expr,))

    def at(self, value: Value, indices: Sequence[Expr]) -> Expr:
        """The element of `value` there; a view is looked through at once, and so is a vector written out."""
        if isinstance(value, DrawMap):
            return self.e.load(value, indices)
        if isinstance(value, Build):
            known = _stored(value, indices)
            if known is not None:
                return known
        if isinstance(value, Map) and (not value.axes or value.body.op in _VIEW_OPS):
            return self.substitute(value.body, dict(zip(value.axes, indices, strict=True)))
        return self.e.load(value, indices)

    def substitute(self, body: Expr, indices: dict) -> Expr:
        """`body` with index expressions in the place of axes."""
        if not body.axes:
            return body
        done: dict[Expr, Expr] = {}
        for expr in walk((body,)):
            if not expr.axes:
                done[expr] = expr
            elif expr.op == "axis":
                done[expr] = indices.get(expr.attr, expr)
            else:
                done[expr] = self.rebuild(expr, tuple(done[arg] for arg in expr.args))
        return done[body]

    def rebuild(self, expr: Expr, args: tuple[Expr, ...]) -> Expr:
        """`expr` with other arguments, folded anew where it is index arithmetic."""
        if args == expr.args:
            return expr
        if expr.dtype == INDEX and expr.op in ("add", "sub", "mul") and len(args) == 2:
            return getattr(self.e, expr.op)(*args)
        if expr.op == "load":
            return self.e.load(expr.attr, args)
        if expr.op == "select":
            return self.e.select(*args)
        return self.e.make(expr.op, expr.dtype, args, expr.attr)

    def scalar(self, value: Value, dtype: str | None = None) -> Expr:
        """The only element of a 0-d value (or of one whose sizes are all 1)."""
        expr = self.at(value, [self.e.zero] * value.ndim)
        return expr if dtype is None else self.cast(expr, dtype)

    def from_scalar(self, expr: Expr) -> Map:
        return self._own(Map((), expr, (), self._next(), self.node))

    # ----------------------------------------------------------------- values
    def map(self, dims: Sequence[Expr], fn: Callable[..., Expr]) -> Map:
        axes, indices = self._axes(dims)
        return self._own(Map(axes, fn(*indices), dims, self._next(), self.node))

    def _axes(self, dims: Sequence[Expr]) -> tuple[list, list[Expr]]:
        axes, indices = [], []
        for size in dims:
            axis, index = self.e.axis(size)
            axes.append(axis)
            indices.append(self.e.zero if size.is_one else index)
        return axes, indices

    def reduce(
        self, monoid: str, dims: Sequence[Expr], reduced: Sequence[bool], fn: Callable[..., Expr], dtype: str
    ) -> Value:
        """`fn`, which gives `dtype`, over the points of `dims`, combined over the marked dimensions."""
        axes, indices = self._axes(dims)
        if not any(reduced):
            return self._own(Map(axes, fn(*indices), dims, self._next(), self.node))
        self.require_fit("bool", dims)  # its points can be counted
        return self._own(Reduce(monoid, axes, reduced, fn(*indices), dtype, self._next(), self.node))

    def extremes(self, value: Value) -> tuple[Expr, Expr]:
        """The least and the greatest element of an array of integers."""
        known = self._extremes.get(value)
        if known is None:
            everything = [True] * value.ndim
            low, high = (
                self.reduce(monoid, value.dims, everything, lambda *i: self.cast(self.at(value, i), INDEX), INDEX)
                for monoid in ("minimum", "maximum")
            )
            known = self._extremes[value] = self.scalar(low), self.scalar(high)
        return known

    def store(self, dims: Sequence[Expr], fn: Callable[..., tuple[Sequence[Expr], Expr]], mode: str = "set") -> Store:
        """For :meth:`build`: ``fn(i, j, ...)`` gives the indices written and the element."""
        self.require_fit("bool", dims)
        axes, indices = self._axes(dims)
        where, body = fn(*indices)
        return Store(axes, where, body, mode)

    def contiguous(self, value: Value) -> Value:
        """`value`, or a copy of an argument that isn't C-contiguous, for those who need its memory whole."""
        if isinstance(value, Param) and value.layout != "C":
            return self.map(value.dims, lambda *indices: self.e.load(value, indices))
        return value

    def build(self, dtype: str, dims: Sequence[Expr], base: Value | None, stores: Sequence[Store]) -> Build:
        base = None if base is None else self.contiguous(base)
        return self._own(Build(dtype, dims, base, stores, self._next(), self.node))

    def reshape(self, value: Value, dims: Sequence[Expr]) -> Value:
        """The elements in C order under `dims`; that the counts agree is the caller's guard."""
        if tuple(dims) == value.dims:
            return value
        old = [k for k, n in enumerate(value.dims) if not n.is_one]
        new = [k for k, n in enumerate(dims) if not n.is_one]
        if [value.dims[k] for k in old] == [dims[k] for k in new]:
            place = dict(zip(old, new, strict=True))

            def element(*indices: Expr) -> Expr:
                return self.at(value, [indices[place[k]] if k in place else self.e.zero for k in range(value.ndim)])

            return self.map(dims, element)
        value = self.contiguous(value)
        while isinstance(value, Reshaped):
            value = value.source
        if not new and len(dims) <= 0:
            return self.from_scalar(self.scalar(value))
        if isinstance(value, Map) and not value.axes and not isinstance(value, DrawMap):
            body = value.body
            return self.map(dims, lambda *_: body)
        return self._own(Reshaped(value, dims, self._next(), self.node))

    def call(
        self, routine: str, operands: Sequence[Value], scalars: Sequence[Expr], dtype: str, dims: Sequence[Expr]
    ) -> Call:
        # the library reads matrices in Fortran's order as transposed ones
        operands = [
            x if isinstance(x, Param) and x.layout == "F" and x.ndim < 3 else self.contiguous(x) for x in operands
        ]
        return self._own(Call(routine, operands, scalars, dtype, dims, self._next(), self.node))

    def draw(
        self, name: str, rng: Value, parameters: Sequence[Value], dims: Sequence[Expr], dtype: str = "float64"
    ) -> tuple[Value, Value]:
        """Random numbers: draws `name` of :data:`..emit.distributions.DRAWS`, which gives `dtype`, one for each
        element of `dims` in C order, with `parameters` broadcast to them.

        Returns
        -------
        tuple of Value
            The generator's state after the draws, and the numbers.
        """
        axes, indices = self._axes(dims)
        arguments = [self.stretch(x, dims, indices) for x in parameters]
        self._next()
        state = self._own(NextState(rng, self._next(), self.node))
        spec = DrawSpec(name, len(arguments), state)
        body = self.e.make("draw", dtype, (*arguments, *indices), spec)
        state.draws = self._own(DrawMap(axes, body, dims, state, self.node))
        return state, state.draws

    def draw_call(
        self,
        routine: str,
        rng: Value,
        operands: Sequence[Value],
        scalars: Sequence[Expr],
        dtype: str,
        dims: Sequence[Expr],
    ) -> tuple[Value, Value]:
        """Like :meth:`call` for a routine that draws from a generator, ``code.generator``; gives the generator's next
        state and the array.
        """
        operands = [self.contiguous(x) for x in operands]
        self._next()
        state = self._own(NextState(rng, self._next(), self.node))
        state.draws = self._own(DrawCall(routine, operands, scalars, dtype, dims, state, self.node))
        return state, state.draws

    def callback(
        self,
        node: int,
        arguments: Sequence[Value],
        outputs: Sequence[tuple[str, Sequence[int | None], bool]],
        generator: str,
    ) -> tuple[CallbackOutput, ...]:
        """Call back node `node`; `outputs` gives dtype, static shape, and whether it is a generator, of each output.

        `generator` is the class of bit generators that go in and come out.
        """
        arguments = [self.contiguous(value) for value in arguments]
        call = Callback(node, arguments, generator, self._next())
        values = []
        for position, (dtype, shape, is_generator) in enumerate(outputs):
            value = CallbackOutput(call, position, dtype)
            value.generator = generator if is_generator else None
            value.dims = tuple(self.e.dim(value, k) if n is None else self.e.index(n) for k, n in enumerate(shape))
            values.append(self._own(value))
        call.outputs = tuple(values)
        self.callbacks.append(call)
        return call.outputs

    # ----------------------------------------------------------- broadcasting
    def broadcast(self, *shapes: Sequence[Expr]) -> list[Expr]:
        """Joint sizes of shapes, aligned at the last dimension; sizes that aren't known are guarded."""
        ndim = max((len(shape) for shape in shapes), default=0)
        joint = []
        for k in range(ndim):
            sizes = [shape[k - ndim + len(shape)] for shape in shapes if k - ndim + len(shape) >= 0]
            sizes = self._assume_sizes_equal(sizes)
            size = self.e.bcast(sizes)
            different = dict.fromkeys(n for n in sizes if n is not size and not n.is_one)
            if different:
                fits = self.e.all(
                    *(
                        self.e.any(self.e.eq(n, self.e.one), self.e.eq(n, size))
                        for n in dict.fromkeys((*different, size))
                    )
                )
                self.guard(fits, "broadcast", sizes[:5], k)
            joint.append(size)
        return joint

    def _assume_sizes_equal(self, sizes: list[Expr]) -> list[Expr]:
        """`sizes` without those that are assumed to equal another."""
        kept: list[Expr] = []
        for size in sorted(sizes, key=lambda n: not n.is_const):
            if size.is_one or not any(not other.is_one and self.assume_equal(size, other) for other in kept):
                kept.append(size)
        return kept

    def stretch(self, value: Value, dims: Sequence[Expr], indices: Sequence[Expr]) -> Expr:
        """The element of `value` where it is broadcast to `dims`."""
        skip = len(dims) - value.ndim
        own = []
        for size, joint, index in zip(value.dims, dims[skip:], indices[skip:], strict=True):
            own.append(self.e.mul(self.e.mask(size, joint), index))
        return self.at(value, own)

    # ----------------------------------------------------------------- guards
    def guard(self, condition: Expr, kind: str, sizes: Sequence[Expr] = (), detail: Any = None) -> None:
        """Demand `condition`.  Values made from here on, in this node and those after it, rely on it."""
        if condition.is_const and condition.attr:
            return
        guard = Guard(condition, kind, self.node, [self.cast(n, INDEX) for n in sizes], detail, self._next())
        self.guards.append(guard)
        if not self.at_entry(condition):
            self._fresh_guards.append(guard)

    def require_fit(self, dtype: str, dims: Sequence[Expr]) -> None:
        """Demand that there can be an array of `dtype` and sizes `dims`."""
        condition = fits(self.e, dtype, dims)
        known = self._fits.get(condition)
        if known is None:
            self.guard(condition, "too_large", tuple(dims)[:5])
            if not (condition.is_const and condition.attr):
                self._fits[condition] = self.guards[-1]
        elif not self.at_entry(condition) and known not in (*self._inherited, *self._fresh_guards):
            self._fresh_guards.append(known)

    def at_entry(self, expr: Expr) -> bool:
        """Whether `expr` can be computed from the arguments alone, before any kernel has run."""
        for sub in walk((expr,)):
            if sub not in self._at_entry:
                own = True
                if sub.op == "load":
                    own = isinstance(sub.attr, (Param, Const)) and not sub.axes
                elif sub.op == "dim":
                    own = isinstance(sub.attr[0], Param)
                self._at_entry[sub] = own and all(self._at_entry[arg] for arg in sub.args)
        return self._at_entry[expr]

    def require_equal(self, a: Expr, b: Expr, kind: str, sizes: Sequence[Expr] = (), detail: Any = None) -> None:
        """Demand that two sizes are equal.  Sizes of arguments are then one expression in the next lowering."""
        if a is b:
            return
        self.guard(self.e.eq(a, b), kind, sizes, detail)
        self._learn(a, b, False)

    def assume_equal(self, a: Expr, b: Expr) -> bool:
        """Assume, where this lowering may, that two sizes of arguments are equal; the program is left for a general
        one where they aren't.
        """
        if a is b:
            return True
        if not self.optimistic or _leaf(a) is None or _leaf(b) is None or (a.is_const and b.is_const):
            return False
        self._learn(a, b, True)
        return True

    def _learn(self, a: Expr, b: Expr, assumed: bool) -> None:
        first, second = _leaf(a), _leaf(b)
        if a.is_const and b.is_const:
            return  # two numbers: another lowering would know no more
        if first is not None and second is not None:
            self.equalities.append(Equality(first, second, assumed, self.node))

    def wrap_index(self, index: Expr, size: Expr, axis: int = 0) -> Expr:
        """`index` (int64, without axes) counted from the end where negative; guarded to lie in ``[-size, size)``."""
        e = self.e
        if index.is_const:
            if index.attr >= 0:
                self.guard(e.lt(index, size), "index", (index, size), axis)
                return index
            # -2**63 has no opposite, and no array that many elements
            self.guard(e.le(e.index(min(-index.attr, LARGEST)), size), "index", (index, size), axis)
            return e.add(size, index)
        negative = e.lt(index, e.zero)
        self.guard(e.all(e.le(e.sub(e.zero, size), index), e.lt(index, size)), "index", (index, size), axis)
        return e.select(negative, e.add(index, size), index)
