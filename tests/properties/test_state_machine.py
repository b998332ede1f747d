"""Shared variables, functions and all that is done to them, in any order, against a model in NumPy.

The model's word is law: what a call returns, what state holds afterwards, that a failed call changes nothing, and that
nothing the user holds (arguments, results, borrowed buffers) is written to but where it's said to be.
"""

import copy
import itertools
import pickle
import threading
import warnings

import numpy as np
import pytest
from hypothesis import event, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule
from support.state_model import (
    CONSTANTS,
    FAILURES,
    Cell,
    Func,
    TooLarge,
    as_own,
    leaves,
    mapped,
    operators,
    same,
    substituted,
    symbolic,
)
from support.state_rules import VariableRules
from support.state_strategies import a_value, kinds, laid_out, layouts, recipes, which

from aesaralite import In, Mode, Out, config, function
from aesaralite.compile.nanguardmode import NanGuardMode
from aesaralite.errors import RepeatedDrawsWarning


class StateMachine(VariableRules):
    """Everything that a user may do with state; `linkers` are those that functions are compiled with."""

    linkers = ("numba", "numba", "py")

    @initialize(
        dtype=st.sampled_from(["int64", "float64", "float32"]),
        value=a_value,
        first=st.lists(recipes, min_size=1, max_size=2),
    )
    def start(self, dtype, value, first):
        self.dtype = dtype
        for kind in "vvmsgg":
            self.make_variable(kind, value, "C", False)
        for recipe in first:
            self.compile(**recipe)

    # ------------------------------------------------------------------ functions
    @rule(recipe=recipes)
    def compile_function(self, recipe):
        self.compile(**recipe)

    def compile(self, outputs, updates, own_updates, givens, form, no_default_updates, how):
        outputs = [self.resolved(expr) for expr in outputs]
        if form == "single":
            outputs = outputs[:1] or [("const", "s")]
        explicit = {}
        for kind, k, expr in updates:
            target = self.nth(kind, k)
            if target.cell not in {other.cell for other in explicit}:
                explicit[target] = self.resolved(expr)
        given_vars = {self.nth(kind, k): self.resolved(expr) for kind, k, expr in givens}
        meant = [substituted(expr, given_vars) for expr in outputs]
        all_updates = {target: substituted(expr, given_vars) for target, expr in explicit.items()}
        defaults = self.default_updates([*meant, *all_updates.values()], explicit, given_vars, no_default_updates)
        if defaults is None:
            return
        all_updates |= defaults
        everything = [*meant, *all_updates.values()]
        written = [*everything, *outputs, *explicit.values(), *given_vars.values()]
        args = [("arg", *key) for key in dict.fromkeys(key for expr in written for key in leaves(expr, "arg"))]
        own = [("own", *key) for key in dict.fromkeys(key for expr in written for key in leaves(expr, "own"))]
        given = {key: self.typed(key[1])(name="".join(map(str, key))) for key in (*args, *own)}
        memo = {}
        # what it adds to its own state: itself, or a number
        own_exprs = {key: own_update(key, own_updates[key[1]], args) for key in own if key[1] in own_updates}
        try:
            results, new_values, own_values = (
                [symbolic(expr, given, self.dtype, memo) for expr in exprs]
                for exprs in (outputs, explicit.values(), own_exprs.values())
            )
            for expr in everything:
                symbolic(expr, given, self.dtype, memo)
            replacements = {var.symbol: symbolic(expr, given, self.dtype, memo) for var, expr in given_vars.items()}
        except (ValueError, IndexError) as error:
            note(f"known sizes don't fit: {error}")
            return
        own_values = dict(zip(own_exprs, own_values))
        inputs = [given[key] for key in args] + [
            In(given[key], value=np.array(CONSTANTS[key[1]], self.dtype), update=own_values.get(key)) for key in own
        ]
        if form == "borrow":
            results = [Out(result, borrow=True) for result in results]
        left_out = no_default_updates if isinstance(no_default_updates, bool) else [v.symbol for v in self.vars[:2]]
        linker = self.linkers[how[0] % len(self.linkers)]
        compiled = function(
            inputs,
            results[0] if form == "single" else dict(zip("xyz", results)) if form == "dict" else results,
            updates=[(target.symbol, value) for target, value in zip(explicit, new_values)],
            no_default_updates=left_out,
            givens=replacements,
            mode=NanGuardMode(optimizer=None) if "undefined" in operators(everything) else Mode(linker, how[1]),
            on_unused_input="ignore",
        )
        variables = {leaf: None for expr in everything for leaf in leaves(expr, "var")} | dict.fromkeys(all_updates)
        func = Func(
            name=f"f{next(self.counter)}",
            compiled=compiled,
            dtype=self.dtype,
            form=form,
            outputs=meant,
            updates=all_updates | own_exprs,
            args=args,
            own={key: Cell(np.array(CONSTANTS[key[1]], self.dtype)) for key in own},
            bound={var: var for var in variables},
            borrows=form == "borrow",
        )
        note(f"{func} = {linker}, {how[1]}: {meant}, {func.updates}")
        assert set(compiled.get_shared()) == {var.symbol for var in variables}
        self.funcs.append(func)

    def default_updates(self, exprs, explicit, givens, left_out):
        """The default updates of all variables that are needed; None if two are of one cell."""
        defaults, waiting = {}, [*exprs]
        seen = set()
        targets = list(explicit)
        kept = self.vars if left_out is True else self.vars[:2] if left_out else []
        while waiting or targets:
            found = [targets.pop()] if targets else list(leaves(waiting.pop(), "var"))
            for var in found:
                if var in seen:
                    continue
                seen.add(var)
                if var.default is None or var in explicit or var in kept:
                    continue
                if leaves(var.default, "var").keys() and any(
                    var.cell is other.cell for other in (*explicit, *defaults)
                ):
                    return None
                defaults[var] = substituted(var.default, givens)
                waiting.append(defaults[var])
        cells = [target.cell for target in (*explicit, *defaults)]
        return defaults if len(set(cells)) == len(cells) else None

    @precondition(lambda self: self.funcs)
    @rule(k=which, swap=st.lists(st.tuples(which, which), max_size=2), delete_updates=st.booleans())
    def copy_function(self, k, swap, delete_updates):
        func = self.funcs[k % len(self.funcs)]
        bound = dict(func.bound)
        swapped = {}
        for old, new in swap:
            if func.bound:
                key = list(func.bound)[old % len(func.bound)]
                bound[key] = self.nth(key.kind, new)
                swapped[func.bound[key].symbol] = bound[key].symbol
        if len({func.bound[key].symbol for key in func.bound}) < len(func.bound):
            return  # which of two equal variables is meant?
        updates = {} if delete_updates else dict(func.updates)
        updated = [bound[key] for key in updates if not isinstance(key, tuple)]
        if len({var.cell for var in updated}) < len(updated):
            return
        compiled = func.compiled.copy(swap=swapped, delete_updates=delete_updates, share_memory=bool(k % 2))
        new = copy.copy(func)
        new.name, new.compiled, new.bound, new.updates = f"f{next(self.counter)}", compiled, bound, updates
        new.own = {key: Cell(as_own(cell.value)) for key, cell in func.own.items()}
        note(f"{new} = {func} with {swapped}, {delete_updates=}")
        self.funcs.append(new)

    @precondition(lambda self: self.funcs)
    @rule(k=which, value=a_value, borrow=st.booleans())
    def set_own_state(self, k, value, borrow):
        func = self.funcs[k % len(self.funcs)]
        for key, cell in func.own.items():
            name = "".join(map(str, key))
            assert same(cell.value, func.compiled[name])
            given = laid_out(value[key[1]], key[1], self.dtype)
            func.compiled[name] = given
            self.replaced(cell, as_own(given))

    # ------------------------------------------------------------------ calls
    def arguments(self, func, values, source, layout):
        """Arguments, by key, and the keys of those that are values that were borrowed, or views of such."""
        args, borrowed = {}, set()
        for key in func.args:
            _, kind, n = key
            value = values[n % len(values)][kind]
            args[key] = laid_out(value, kind, self.dtype, layout)
            same_kind = [var.cell.lent for var in self.vars if var.kind == kind and var.cell.lent is not None]
            if source and same_kind:
                args[key] = same_kind[source % len(same_kind)]
                if source % 2 and args[key].ndim:
                    args[key] = args[key][::-1]
                borrowed.add(key)
        return args, borrowed

    def call(self, k, values, source, layout, spoil, own, by_name, debug):
        func = self.funcs[k % len(self.funcs)]
        args, borrowed = self.arguments(func, values, source, layout)
        if own:
            args |= {key: laid_out(own[key[1]], key[1], self.dtype) for key in func.own}
        copies = {key: as_own(value) for key, value in args.items()}
        try:
            expected, after = func.evaluate(copies, self.state())
        except TooLarge:
            return
        except FAILURES as error:
            event("a call fails")
            note(f"{func} is to raise {error!r}")
            expected, after = error, {}
        note(f"{func}({copies}) is to return {expected} and to leave {after}")
        positional = [] if by_name else list(args.values())
        named = {"".join(map(str, key)): value for key, value in args.items()} if by_name else {}
        if debug == 9:
            report = func.compiled.debug(*positional, **named)
            assert (report.error is not None) == isinstance(expected, Exception), report.error
        elif isinstance(expected, Exception):
            with pytest.raises(FAILURES):
                func.compiled(*positional, **named)
        else:
            results = self.as_list(func, func.compiled(*positional, **named))
            for got, value in zip(results, expected, strict=True):
                assert same(value, got), (value, got)
            event("a call updates state" if after else "a call returns")
            self.take_over(after)
            for got in results:
                if spoil and not func.borrows:
                    got[...] = 99
                elif not func.borrows:
                    self.hold(got)
        if debug == 9:
            self.take_over(after)
        for key, value in args.items():
            if key not in borrowed:
                assert same(copies[key], value), f"the argument {key} was written to"
                if value.flags.writeable and not func.borrows:
                    value[...] = 77

    # several rules that are the same, since a rule is chosen as often as any other
    call_1, call_2, call_3, call_4, call_5 = (
        precondition(lambda self: self.funcs)(
            rule(
                k=which,
                values=st.lists(a_value, min_size=1, max_size=2),
                source=st.integers(0, 3),
                layout=layouts,
                spoil=st.booleans(),
                own=st.none() | a_value,
                by_name=st.booleans(),
                debug=st.integers(0, 9),
            )(function)
        )
        for function in [call] * 5
    )

    def as_list(self, func, results):
        if func.form == "dict":
            assert list(results) == list("xyz"[: len(results)])
            return list(results.values())
        if func.form == "single":
            return [results]
        assert isinstance(results, list)
        return results

    def take_over(self, after):
        for cell, value in after.items():
            cell.value, cell.lent = value, None

    @precondition(lambda self: self.funcs)
    @rule(k=which, wrong=st.sampled_from(["too many", "unknown", "rank", "dtype", "missing", "twice"]))
    def call_wrongly(self, k, wrong):
        func = self.funcs[k % len(self.funcs)]
        args = [laid_out(CONSTANTS[key[1]], key[1], self.dtype) for key in func.args]
        named = {}
        if wrong == "too many":
            args += [1] * (len(func.own) + 1)
        elif wrong == "unknown":
            named = {"nobody": 1}
        elif not args:
            return
        elif wrong == "rank":
            args[-1] = np.zeros((1, 1, 1), self.dtype)
        elif wrong == "dtype":
            args[-1] = np.zeros((1,) * args[-1].ndim, "complex128")
        elif wrong == "twice":
            named = {"".join(map(str, func.args[0])): 1}
        else:
            args.pop()
        with pytest.raises(TypeError):
            func.compiled(*args, **named)

    @precondition(lambda self: self.funcs)
    @rule(first=which, second=which, values=st.lists(a_value, min_size=1, max_size=2))
    def call_in_threads(self, first, second, values):
        funcs = [self.funcs[k % len(self.funcs)] for k in (first, first, second, second)]
        args = [self.arguments(func, values, 0, "C")[0] for func in funcs]
        possible = []
        for order in {tuple(order) for order in itertools.permutations([0, 0, 2, 2])}:
            state, outcomes = self.state(), []
            for k in order:
                try:
                    results, after = funcs[k].evaluate(args[k], state)
                    state = state | after
                except TooLarge:
                    return
                except FAILURES:
                    results = None
                outcomes.append((k, results))
            possible.append((outcomes, state))
        outcomes = [None] * 4
        barrier = threading.Barrier(4)

        def run(k):
            barrier.wait()
            try:
                results = self.as_list(funcs[k], funcs[k].compiled(*args[k].values()))
                # a result that borrows may change as soon as another call is made
                outcomes[k] = (k - k % 2, None if funcs[k].borrows else results)
            except FAILURES:
                outcomes[k] = (k - k % 2, None)
            except BaseException as error:
                outcomes[k] = error

        threads = [threading.Thread(target=run, args=(k,)) for k in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        assert not any(thread.is_alive() for thread in threads)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        cells = {cell for func in funcs for cell in func.updated_cells()}
        for model_outcomes, state in possible:
            if self.agrees(outcomes, model_outcomes, funcs) and all(
                same(state[cell], stored) for cell, stored in self.stored().items()
            ):
                for cell in cells:
                    changed = not same(state[cell], cell.value)
                    cell.value = state[cell]
                    if changed or cell.lent is not None:
                        cell.lent = None
                return
        raise AssertionError(f"no order of the calls gives {outcomes}: {possible}")

    def agrees(self, outcomes, expected, funcs):
        left = list(expected)
        for k, results in outcomes:
            for position, (other, values) in enumerate(left):
                if funcs[other] is not funcs[k]:
                    continue
                if funcs[k].borrows or (
                    (results is None) == (values is None) and (results is None or all(map(same, values, results)))
                ):
                    del left[position]
                    break
            else:
                return False
        return True

    # ------------------------------------------------------------------ pickles
    @rule(k=which, kind=kinds, n=which, deep=st.booleans(), stream=st.booleans())
    def twins(self, k, kind, n, deep, stream):
        """Go on with a copy of a function, of its variables and another, beside the originals."""
        func = self.funcs[k % len(self.funcs)] if self.funcs else None
        streams = [self.streams[k % len(self.streams)]] if self.streams and stream else []
        wanted = [self.nth(kind, n), *(func.bound.values() if func else ()), *(v for _, own in streams for v in own)]
        variables = {}
        while wanted:
            var = wanted.pop()
            if var not in variables:
                variables[var] = None
                wanted += leaves(var.default, "var") if var.default else ()
        packed = (func and func.compiled, [var.symbol for var in variables], [stream for stream, _ in streams])
        compiled, symbols, copies = copy.deepcopy(packed) if deep else pickle.loads(pickle.dumps(packed))
        cells = {cell: Cell(as_own(cell.value)) for cell in {var.cell: None for var in variables}}
        twin = {
            var: self.named(var.kind, symbol, cells[var.cell]) for var, symbol in zip(variables, symbols, strict=True)
        }
        for var, new in twin.items():
            new.default = var.default and mapped(var.default, twin.__getitem__)
            assert (new.symbol.default_update is None) == (new.default is None)
        if func is not None:
            new = copy.copy(func)
            new.name, new.compiled = f"f{next(self.counter)}", compiled
            new.bound = {var: twin[now] for var, now in func.bound.items()}
            new.own = {key: Cell(as_own(cell.value)) for key, cell in func.own.items()}
            assert set(compiled.get_shared()) == {now.symbol for now in new.bound.values()}
            note(f"{new} is a twin of {func}, {twin=}")
            self.funcs.append(new)
        self.streams += [(other, [twin[var] for var in own]) for other, (_, own) in zip(copies, streams)]


def own_update(key, k, args):
    _, kind, _ = key
    same_kind = [arg for arg in args if arg[1] == kind]
    other = same_kind[k % len(same_kind)] if same_kind else ("const", kind)
    return {"v": ("add", key, other), "m": ("m_add", key, other), "s": ("s_add", key, other)}[kind]


class PythonMachine(StateMachine):
    linkers = ("py",)


@pytest.fixture(autouse=True)
def strict():
    with warnings.catch_warnings(), config.change_flags(on_opt_error="raise"):
        warnings.simplefilter("ignore", RepeatedDrawsWarning)
        warnings.filterwarnings("ignore", "The Numba linker has no lowering", UserWarning)
        yield


class TestPython(PythonMachine.TestCase):
    settings = settings(stateful_step_count=20)


class TestMixed(StateMachine.TestCase):
    settings = settings(stateful_step_count=20)
