"""A compiled graph, as functions call it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import repeat
from operator import setitem
from typing import Any

import numpy as np

from aesaralite.compile.explaining.description import Explanation
from aesaralite.compile.explaining.timing import TimedProgram
from aesaralite.compile.linker import CallingPlan, Program, SlowPath, get_linker
from aesaralite.compile.runtime_errors import raise_with_op
from aesaralite.graph.frozen import FrozenGraph
from aesaralite.graph.provenance import warn_user
from aesaralite.scalar.type import ScalarType
from aesaralite.tensor.random.type import RandomGeneratorType

from . import callbacks, machine
from .compiled import Compiled, Left
from .frame import CALLBACK_RAISED, NO_MEMORY, NOT_ITS_ARGUMENT, RESTART_FUNCTIONAL, RESTART_GENERAL
from .generators import DEFAULT_KIND, UnknownGenerator, generator_of, kind_of
from .reference import evaluate
from .variant import UnsupportedType, Variant, value_form

#: A variant whose assumption fails so often isn't tried any more.
PATIENCE = 3
#: Bytes that are copied to bring arguments of one pattern of layouts into C order before code is compiled for the
#: pattern.
COPY_LIMIT = 1 << 26


def _as_array(value: Any, dtype: np.dtype) -> np.ndarray:
    """`value` as an aligned array of exactly NumPy's class and that very dtype."""
    if type(value) is np.ndarray and value.dtype is dtype and value.flags.aligned:
        return value
    array = np.require(value, dtype=dtype, requirements=["A"])
    if type(array) is not np.ndarray:
        array = array.view(np.ndarray)
    return array if array.dtype is dtype else array.view(dtype)


def _dtype_of(kind: Any) -> np.dtype:
    if not hasattr(kind, "dtype"):
        raise UnsupportedType(str(kind))
    return np.dtype(kind.dtype)


def _check_types(graph: FrozenGraph) -> None:
    """Make sure that machine code has values of the types that the graph needs.

    Raises
    ------
    UnsupportedType
        If not.
    """
    for number in (*graph.inputs, *graph.outputs):
        value_form(graph.variables[number].type, DEFAULT_KIND)
    for node in graph.nodes:
        try:
            for number in (*node.inputs, *node.outputs):
                if number not in graph.constants:
                    value_form(graph.variables[number].type, DEFAULT_KIND)
        except UnsupportedType:
            from .lower.graph import find_lowering  # with all lowerings, which programs from the cache don't need

            if find_lowering(node.op) is None:
                raise


class NumbaProgram(Program):
    """A graph as machine code, in up to four variants of which usually one is ever compiled.

    Parameters
    ----------
    graph, plan
        What to compute, and how it is called.
    compile_variant
        Gives the compiled form of a variant.
    threads
        How many may do the work of one kernel.
    """

    def __init__(
        self, graph: FrozenGraph, plan: CallingPlan, compile_variant: Callable[[Variant], Compiled], threads: int = 1
    ) -> None:
        self.graph = graph
        self.plan = plan
        self._compile = compile_variant
        self._variants: dict[Variant, Compiled] = {}
        self._preferred = Variant(True, True, ("C",) * len(plan.inputs), threads=threads)
        self._copied: dict[tuple[str, ...], int] = {}
        self._restarts = {RESTART_GENERAL: 0, RESTART_FUNCTIONAL: 0}
        self._generators = [k for k, v in enumerate(graph.input_variables) if isinstance(v.type, RandomGeneratorType)]
        self._dtypes = {k: _dtype_of(v.type) for k, v in enumerate(graph.input_variables) if k not in self._generators}
        self._scalar_outputs = [k for k, v in enumerate(graph.output_variables) if isinstance(v.type, ScalarType)]
        self._generator_outputs = [
            k for k, v in enumerate(graph.output_variables) if isinstance(v.type, RandomGeneratorType)
        ]
        self._updated = [place for _, place in plan.updates]
        self._python: Program | None = None
        if self._generators:  # their classes are known when the function is bound
            _check_types(graph)
        else:
            self.variant(self._preferred)

    def variant(self, which: Variant) -> Compiled:
        """The variant, compiled when it is first asked for."""
        known = self._variants.get(which)
        if known is None:
            with machine.lock:
                known = self._variants.get(which)
                if known is None:
                    known = self._variants[which] = self._compile(which)
        return known

    # ------------------------------------------------------------------- calls
    def run(self, storage: list[list[Any]]) -> list[Any]:
        values = [cell[0] for cell in storage]
        try:
            which, arguments = self._prepared(values, True)
        except UnknownGenerator as error:
            return self._by_python(error).run(storage)
        return self._execute(which, arguments, [storage[place] for place in self._updated])

    def _prepared(self, values: Sequence[Any], note: bool) -> tuple[Variant, list[Any]]:
        """The variant to try first, and the arguments as it takes them; `note` as for :meth:`_layouts`.

        Raises
        ------
        UnknownGenerator
            If it has none that does.
        """
        which = self._preferred_for(values[k] for k in self._generators)
        arguments = list(values)
        for k, dtype in self._dtypes.items():
            arguments[k] = _as_array(arguments[k], dtype)
        for place in self._updated:
            array = arguments[place]
            if place in self._generators:
                continue
            if array is not values[place] or not (array.flags.c_contiguous and array.flags.writeable):
                which = which._replace(in_place=False)
        layouts = self._layouts(arguments, note)
        if layouts != which.layouts:
            which = which._replace(layouts=layouts)
        for k in self._dtypes:
            if layouts[k] == "C" and arguments[k].ndim:
                arguments[k] = np.ascontiguousarray(arguments[k])
        return which, arguments

    def _by_python(self, reason: UnknownGenerator) -> Program:
        """The program for generators of users' own."""
        if self._python is None:
            warn_user(f"The Numba linker can't draw from a {reason}; the Python linker runs this function")
            self._python = get_linker("py").link(self.graph, self.plan)
        return self._python

    def _preferred_for(self, generators: Iterable[Any]) -> Variant:
        """The variant to try first when the inputs that are generators have those values.

        Raises
        ------
        UnknownGenerator
            If one isn't NumPy's.
        """
        kinds = tuple(map(kind_of, generators))
        return self._preferred._replace(generators=kinds) if kinds else self._preferred

    def _layouts(self, arguments: Sequence[Any], note: bool) -> tuple[str, ...]:
        """How each argument is passed: as it lies once that saves more copying than compiling costs, else as C.

        What is copied this time counts if it is to `note`.
        """
        layouts = []
        copied = 0
        for place, array in enumerate(arguments):
            layout = "C"
            if place in self._dtypes and not array.flags.c_contiguous and place not in self._updated:
                if array.flags.f_contiguous:
                    layout = "F"
                elif not any(step % array.itemsize for step in array.strides):
                    layout = "A"
                copied += array.nbytes
            layouts.append(layout)
        pattern = tuple(layouts)
        if not copied:
            return self._preferred.layouts
        total = self._copied.get(pattern, 0) + copied
        if note:
            self._copied[pattern] = total
        return pattern if total > COPY_LIMIT else self._preferred.layouts

    def _execute(self, which: Variant, arguments: Sequence[np.ndarray], cells: Sequence[list]) -> list[Any]:
        """Call variant after variant until one takes the arguments."""
        while True:
            try:
                compiled = self.variant(which)
                results = compiled.call(*arguments)
                if self._generator_outputs:
                    results = self._with_generators(results, compiled, arguments)
                break
            except Left as left:
                status = left.args[0]
            if status == RESTART_GENERAL:
                which = which._replace(optimistic=False)
            elif status == RESTART_FUNCTIONAL:
                which = which._replace(in_place=False)
            else:
                results = self._fail(status, arguments)
                which = which._replace(in_place=False)
                break
            self._restarted(status)
        outputs = results if type(results) is list else [results]
        for k in self._scalar_outputs:
            if k < len(outputs):
                outputs[k] = outputs[k][()]
        count = len(self.plan.outputs)
        if not which.in_place:
            # one call into C, so that no signal is handled, and no other thread runs, between two states
            deque(map(setitem, cells, repeat(0), outputs[count:]), maxlen=0)
        return outputs[:count]

    def _with_generators(self, results: Any, compiled: Compiled, arguments: Sequence[Any]) -> list[Any]:
        """The results, with generators in the place of their states."""
        outputs = results if type(results) is list else [results]
        given = [arguments[k] for k in self._generators]
        for k, form in enumerate(compiled.artefact.layout.outputs):
            if form.generator is not None:
                like = next((generator for generator in given if kind_of(generator) == form.generator), None)
                outputs[k] = generator_of(outputs[k], form.generator, like)
        return outputs

    def _restarted(self, status: int) -> None:
        """Remember what kind of call this function gets."""
        self._restarts[status] += 1
        if self._restarts[status] == PATIENCE:
            change: dict[str, Any] = {"optimistic": False} if status == RESTART_GENERAL else {"in_place": False}
            self._preferred = self._preferred._replace(**change)

    def _fail(self, status: int, arguments: Sequence[np.ndarray]) -> list[Any]:
        """Raise what the definition raises; where it finds nothing wrong, its results count."""
        if status == NO_MEMORY:
            raise MemoryError("no memory for the arrays of a compiled function")
        if status == CALLBACK_RAISED:
            raised = callbacks.take_raised()
            if raised is not None:
                index, error, inputs = raised
                raise_with_op(self.graph.nodes[index], error, inputs, graph=self.graph)
        if status == NOT_ITS_ARGUMENT:
            for variable, value in zip(self.graph.input_variables, arguments, strict=True):
                variable.type.filter(value, strict=True)
        return evaluate(self.graph, arguments)

    def bind(self, state_cells: list[list[Any]]) -> Callable[..., Any] | None:
        plan = self.plan
        state = dict(zip(plan.state, state_cells, strict=True))
        if self._scalar_outputs or any(k < len(plan.outputs) for k in self._generator_outputs):
            return None
        single = len(plan.outputs) == 1
        cells = [state[place] for place in self._updated]

        def recover(status: int, *arguments: Any) -> Any:
            if status == NOT_ITS_ARGUMENT:
                raise SlowPath
            outputs = self._recover(status, arguments, cells)
            return outputs[0] if single else outputs

        generators = [state[k][0] if k in state else None for k in self._generators]
        if None in generators:  # an argument: its class is known when it comes
            return None
        try:
            self._preferred = self._preferred_for(generators)
        except UnknownGenerator:
            return None
        # what isn't done in place, `recover` stores: a program that grew its state before doesn't stay so for ever
        entry = self.variant(self._preferred._replace(in_place=True)).entry(recover)
        if not state:
            return entry
        names = [f"x{k}" for k in range(len(plan.inputs))]
        explicit = ", ".join(names[k] for k in plan.explicit)
        every = ", ".join(f"{names[k]}[0]" if k in state else names[k] for k in range(len(plan.inputs)))
        owned = ", ".join(names[k] for k in state)
        source = (
            f"def bind(fused, {owned}):\n    def call({explicit}):\n        return fused({every})\n    return call\n"
        )
        scope: dict[str, Any] = {}
        exec(compile(source, "<aesaralite call>", "exec"), scope)
        return scope["bind"](entry, *state.values())

    def _recover(self, status: int, arguments: Sequence[Any], cells: Sequence[list]) -> list[Any]:
        """After the fast path has been left: go on with the variant that the status names."""
        which = self._preferred_for(arguments[k] for k in self._generators)
        if status == RESTART_GENERAL:
            which = which._replace(optimistic=False)
        elif status == RESTART_FUNCTIONAL:
            which = which._replace(in_place=False)
        else:
            results = self._fail(status, arguments)
            count = len(self.plan.outputs)
            deque(map(setitem, cells, repeat(0), results[count:]), maxlen=0)
            return results[:count]
        self._restarted(status)
        return self._execute(which, arguments, cells)

    @property
    def njit(self) -> Any:
        """The function as a numba dispatcher, for use inside the user's own njit functions.

        It takes all inputs of the graph in their order, C-contiguous arrays of exactly their dtype and rank (0-d
        arrays for scalars): what the caller gives, and the arrays of shared variables,
        ``shared.get_value(borrow=True)``, of which those that are updated are written in place.  It returns one array,
        a tuple of them, or None.  Where a check fails, or shapes that are usually equal must be broadcast, it raises
        :class:`~aesaralite_numba.fused.ProgramFailed` and has changed nothing.
        """
        return self.variant(self._preferred).dispatcher

    def describe(self, values: Sequence[Any] | None = None) -> Explanation:
        if values is None:
            return self._described(self._preferred)
        try:
            which, arguments = self._prepared(values, False)
        except UnknownGenerator as error:
            return self._by_python(error).describe(values)
        copied = sum(
            arguments[k].nbytes for k in self._dtypes if not np.may_share_memory(arguments[k], np.asarray(values[k]))
        )
        return self._described(which, arguments, copied)

    def _described(self, *args: Any) -> Explanation:
        from .explain import explain  # with the whole compiler, which programs from the cache don't need

        return explain(self.graph, self.plan, *args)

    def timed(self) -> TimedProgram:
        from .timed import TimedNumbaProgram  # with the whole compiler

        return TimedNumbaProgram(
            self.graph, self.plan, partial(NumbaProgram, self.graph, self.plan, threads=self._preferred.threads)
        )
