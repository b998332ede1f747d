"""What may be done to shared variables and streams of random numbers, as rules of a state machine."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

import aesaralite.tensor as at
from aesaralite import shared
from aesaralite.tensor.random.utils import RandomStream
from support.state_model import DRAWS, Cell, Func, Var, as_own, leaves, same, symbolic
from support.state_strategies import SHAPES, a_value, expressions, kinds, laid_out, layouts, numbers, which


class VariableRules(RuleBasedStateMachine):
    """What a user may do with shared variables and streams, and what always holds."""

    def __init__(self):
        super().__init__()
        self.vars: list[Var] = []
        self.funcs: list[Func] = []
        self.streams: list[tuple[RandomStream, list[Var]]] = []
        self.own_arrays: list[tuple[np.ndarray, np.ndarray]] = []
        """What the user holds and nobody may write to, and what it holds."""
        self.dtype = "int64"
        self.counter = itertools.count()

    # ------------------------------------------------------------------ finding things
    def of_kind(self, kind):
        return [var for var in self.vars if var.kind == kind]

    def nth(self, kind, k):
        return self.of_kind(kind)[k % len(self.of_kind(kind))]

    def named(self, kind, symbol, cell, default=None):
        var = Var(f"{kind}{next(self.counter)}", kind, symbol, cell, default)
        self.vars.append(var)
        return var

    def resolved(self, expr):
        """The expression of the variables that there are."""
        if expr[0] == "var":
            return ("var", self.nth(expr[1], expr[2]))
        return tuple(self.resolved(part) if isinstance(part, tuple) else part for part in expr)

    def typed(self, kind):
        return at.TensorType("int64" if kind == "i" else self.dtype, SHAPES[kind])

    def state(self):
        cells = {var.cell: var.cell.value for var in self.vars}
        return cells | {cell: cell.value for func in self.funcs for cell in func.cells()}

    def stored(self):
        """What is really in the cells."""
        stored = {var.cell: var.symbol.get_value(borrow=True) for var in self.vars}
        return stored | {
            cell: func.compiled["".join(map(str, key))] for func in self.funcs for key, cell in func.own.items()
        }

    def hold(self, array):
        """From here on, nobody but the user may write into the array."""
        if isinstance(array, np.ndarray):
            self.own_arrays.append((array, array.copy()))
            del self.own_arrays[:-30]

    def replaced(self, cell, value):
        """Note that the user has put another value into a cell."""
        self.hold(cell.lent)
        cell.value, cell.lent = value, None

    # ------------------------------------------------------------------ variables
    @rule(kind=kinds, value=a_value, layout=layouts, borrow=st.booleans())
    def make_variable(self, kind, value, layout, borrow):
        given = np.random.default_rng(value[kind]) if kind == "g" else laid_out(value[kind], kind, self.dtype, layout)
        var = self.named(kind, shared(given, borrow=borrow), Cell(as_own(given)))
        if borrow:
            var.cell.lent = given
        else:
            self.hold(given)
        assert (var.symbol.get_value(borrow=True) is given) == borrow

    @rule(kind=kinds, k=which)
    def clone_variable(self, kind, k):
        var = self.nth(kind, k)
        self.named(kind, var.symbol.clone(), var.cell)

    @rule(kind=st.sampled_from("vmsg"), k=which, value=a_value, layout=layouts, borrow=st.booleans())
    def set_value(self, kind, k, value, layout, borrow):
        var = self.nth(kind, k)
        given = np.random.default_rng(value[kind]) if kind == "g" else laid_out(value[kind], kind, self.dtype, layout)
        var.symbol.set_value(given, borrow=borrow)
        self.replaced(var.cell, as_own(given))
        if borrow:
            assert var.symbol.get_value(borrow=True) is given
            var.cell.lent = given
        elif kind != "g":
            self.hold(given)

    @rule(kind=st.sampled_from("vms"), k=which, wrong=st.sampled_from(["rank", "dtype", "text", "symbol", "generator"]))
    def set_wrong_value(self, kind, k, wrong):
        var = self.nth(kind, k)
        value = {
            "rank": np.zeros((1, 1, 1), self.dtype),
            "dtype": np.zeros((1,) * len(SHAPES[kind]), "complex128"),
            "text": "text",
            "symbol": var.symbol,
            "generator": np.random.default_rng(0),
        }[wrong]
        with pytest.raises((TypeError, ValueError)):
            var.symbol.set_value(value)

    @rule(kind=kinds, k=which, borrow=st.booleans(), spoil=st.booleans())
    def get_value(self, kind, k, borrow, spoil):
        var = self.nth(kind, k)
        value = var.symbol.get_value(borrow=borrow)
        assert same(var.cell.value, value)
        if borrow:
            assert value is var.symbol.get_value(borrow=True, return_internal_type=True)
            var.cell.lent = value
        elif kind == "g":
            value.random(3)
        elif spoil:
            value[...] = 99
        else:
            self.hold(value)

    @rule(kind=st.sampled_from("vmg"), k=which, number=numbers)
    def write_into_a_borrowed_value(self, kind, k, number):
        cell = self.nth(kind, k).cell
        if cell.lent is None:
            return
        if kind == "g":
            assert cell.lent.random() == cell.value.random()
        elif cell.lent.flags.writeable:
            cell.lent[:1] = number
            cell.value[:1] = number

    @rule(kind=st.sampled_from("vms"), k=which, borrow=st.booleans())
    def zero(self, kind, k, borrow):
        var = self.nth(kind, k)
        before = var.symbol.get_value(borrow=True)
        if borrow and not before.flags.writeable:
            return
        var.symbol.zero(borrow=borrow)
        if borrow:
            var.cell.value[...] = 0
        else:
            self.replaced(var.cell, np.zeros_like(var.cell.value))

    @rule(update=kinds.flatmap(lambda kind: st.tuples(st.just(kind), which, expressions(kind, 2))))
    def set_default_update(self, update):
        kind, k, expr = update
        if leaves(expr, "arg") or leaves(expr, "own"):
            expr = None
        var = self.nth(kind, k)
        expr = expr and self.resolved(expr)
        try:
            var.symbol.default_update = expr and symbolic(expr, {}, self.dtype, {})
        except (ValueError, IndexError) as error:
            note(f"known sizes don't fit: {error}")
        else:
            var.default = expr

    # ------------------------------------------------------------------ streams of random numbers
    @rule(seed=st.integers(0, 9))
    def make_stream(self, seed):
        self.streams.append((RandomStream(seed), []))

    @precondition(lambda self: self.streams)
    @rule(k=which, distribution=st.sampled_from(sorted(DRAWS)))
    def draw_from_stream(self, k, distribution):
        stream, own = self.streams[k % len(self.streams)]
        stream.gen(lambda rng: DRAWS[distribution][0](rng))
        symbol = stream.state_updates[-1][0]
        var = self.named("g", symbol, Cell(symbol.get_value()))
        var.default = ("after", ("draw", distribution, ("var", var)))
        own.append(var)

    @precondition(lambda self: self.streams)
    @rule(k=which, seed=st.integers(0, 9))
    def seed_stream(self, k, seed):
        stream, own = self.streams[k % len(self.streams)]
        stream.seed(seed)
        for var, sequence in zip(own, np.random.SeedSequence(seed).spawn(len(own)), strict=True):
            self.replaced(var.cell, np.random.default_rng(sequence))

    @precondition(lambda self: len(self.streams) > 1)
    @rule()
    def copy_state_of_stream(self):
        (first, of_first), (second, of_second) = self.streams[:2]
        for (a, _), (b, _) in zip(first.state_updates, second.state_updates):
            b.set_value(a.get_value())
        for a, b in zip(of_first, of_second):
            self.replaced(b.cell, as_own(a.cell.value))

    # ------------------------------------------------------------------ what always holds
    @invariant()
    def state_is_as_the_model_says(self):
        for var in self.vars:
            stored = var.symbol.get_value(borrow=True)
            assert same(var.cell.value, stored), (var, var.cell.value, stored)
            assert var.cell.lent is None or stored is var.cell.lent, f"{var} has left the buffer that was borrowed"
        for func in self.funcs:
            for key, cell in func.own.items():
                stored = func.compiled["".join(map(str, key))]
                assert same(cell.value, stored), (func, key, cell.value, stored)

    @invariant()
    def what_the_user_holds_is_untouched(self):
        for array, content in self.own_arrays:
            assert np.array_equal(array, content), (array, content)
