"""`FunctionMaker`: from inputs and outputs to a linked program."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from contextlib import ExitStack, nullcontext
from typing import Any

from aesaralite.compile.function.callable import Function
from aesaralite.compile.io import In, Out
from aesaralite.compile.linker import CallingPlan, InputSlot, Linker, OutputSlot, Program, get_linker
from aesaralite.compile.mode import Mode, get_mode
from aesaralite.compile.profiling import ProfileStats, profile_of
from aesaralite.configdefaults import config
from aesaralite.errors import UnusedInputError
from aesaralite.graph.arguments import as_list, expect, is_one_of
from aesaralite.graph.clone import clone_get_equiv
from aesaralite.graph.container import Container
from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.frozen import FrozenGraph
from aesaralite.graph.provenance import warn_user
from aesaralite.graph.traversal import ancestors
from aesaralite.graph.variable import Variable
from aesaralite.rewriting.trace import record_rewrites

__all__ = ["FunctionMaker", "LinkedGraph"]


class LinkedGraph:
    """A frozen graph, how it's called, and the program that a linker made of it.

    Functions that are copies of one another share one. It pickles without the program, and links again when the
    program is asked for.

    Parameters
    ----------
    graph, plan
        What the linker is given.
    linker
        The linker.
    """

    def __init__(self, graph: FrozenGraph, plan: CallingPlan, linker: Linker) -> None:
        self.graph = graph
        self.plan = plan
        self.linker = linker
        self._program: Program | None = None

    @property
    def program(self) -> Program:
        """The compiled graph."""
        if self._program is None:
            self._program = self.linker.link(self.graph, self.plan)
        return self._program

    def without_updates(self, is_state: Sequence[bool]) -> LinkedGraph:
        """Return the same graph without the new state values, linked when it's used.

        Parameters
        ----------
        is_state
            For each input, whether it lasts between calls still.
        """
        plan = self.plan
        graph = FrozenGraph(list(self.graph.input_variables), list(self.graph.output_variables[: len(plan.outputs)]))
        slots = tuple(
            InputSlot(slot.name, is_state=state, borrow=slot.borrow, mutable=slot.mutable)
            for slot, state in zip(plan.inputs, is_state)
        )
        return LinkedGraph(graph, CallingPlan(slots, plan.outputs), self.linker)

    def __getstate__(self) -> dict[str, Any]:
        return {"graph": self.graph, "plan": self.plan, "linker": _by_name(self.linker)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["graph"], state["plan"], get_linker(state["linker"]))  # type: ignore[misc]

    def __deepcopy__(self, memo: dict[int, Any]) -> LinkedGraph:
        return self  # nothing in it ever changes


def _by_name(linker: Linker) -> str | Linker:
    """Return the name of an installed linker, which another process may load from elsewhere."""
    try:
        return linker.name if get_linker(linker.name) is linker else linker
    except ValueError:
        return linker


class FunctionMaker:
    """Compiles a graph; what `function` uses once it knows all inputs and outputs.

    Parameters
    ----------
    inputs : list of In
        All inputs, those of shared variables included.
    outputs : Out or list of Out
        The outputs, without updates: those are properties of inputs.
    mode, accept_inplace, profile, on_unused_input, name
        See `aesaralite.compile.function.function`.
    fgraph : FunctionGraph, optional
        A graph to compile as it is, without rewriting: of all inputs, of the outputs, and of the updates after them.
    output_keys : list of str, optional
        The keys under which a call returns the outputs.

    Attributes
    ----------
    fgraph : FunctionGraph
        The graph after rewriting. Its outputs are followed by the updates; ``fgraph.update_mapping`` tells which input
        each is for.
    linked : LinkedGraph
        What is run.
    """

    def __init__(
        self,
        inputs: Sequence[In],
        outputs: Out | Sequence[Out] | None,
        mode: str | Mode | None = None,
        accept_inplace: bool = False,
        profile: bool | str | ProfileStats | None = None,
        on_unused_input: str | None = None,
        fgraph: FunctionGraph | None = None,
        output_keys: list[str] | None = None,
        name: str | None = None,
    ) -> None:
        self.mode = get_mode(mode)
        self.inputs = [expect(spec, In, "an input of FunctionMaker") for spec in as_list(inputs, "inputs")]
        self.unpack_single = isinstance(outputs, Out)
        listed = [outputs] if isinstance(outputs, Out) else as_list(outputs or (), "outputs")
        self._outputs: list[Out] | None = [expect(spec, Out, "an output of FunctionMaker") for spec in listed]
        self.return_none = outputs is None
        self.output_keys = output_keys
        self.accept_inplace = accept_inplace
        self.name = name
        self.on_unused_input = on_unused_input
        self.profile = profile_of(profile, name)
        phase = self.profile.phase if self.profile is not None else lambda _: nullcontext()

        with phase("collecting the graph"):
            _check_order(self.inputs)
            updates = {i: spec.update for i, spec in enumerate(self.inputs) if spec.update is not None}
            n_outputs = len(self.outputs)
            wanted = [*(out.variable for out in self.outputs), *updates.values()]
            check_unused_inputs(self.inputs, wanted, on_unused_input)
        mapping = {n_outputs + k: i for k, i in enumerate(updates)}
        if fgraph is None:
            with phase("copying the graph"):
                fgraph = FunctionGraph([spec.variable for spec in self.inputs], wanted, update_mapping=mapping)
            self._rewrite(fgraph, phase)
        self._fgraph: FunctionGraph | None = fgraph
        with phase("freezing"):
            graph = _freeze_without_values(fgraph)
        self.linked = LinkedGraph(graph, self._plan(mapping), self.mode.linker_for(fgraph))
        with phase("linking"):
            program = self.linked.program
        if self.profile is not None:
            self.profile.graph = graph
            program.time_nodes(self.profile.record_node)

    def _rewrite(self, fgraph: FunctionGraph, phase: Any) -> None:
        with ExitStack() as stack:
            stack.enter_context(phase("rewriting"))
            stack.enter_context(config.change_flags(compute_test_value=config.compute_test_value_opt))
            if self.profile is not None and config.profile_optimizer:
                self.profile.trace = stack.enter_context(record_rewrites())
            self.mode.optimizer.rewrite(fgraph)

    def _plan(self, mapping: dict[int, int]) -> CallingPlan:
        return CallingPlan(
            inputs=tuple(
                InputSlot(
                    name=spec.name,
                    is_state=spec.implicit or spec.update is not None,
                    borrow=spec.borrow and spec.update is None,
                    mutable=bool(spec.mutable) and not spec.implicit and spec.update is None,
                )
                for spec in self.inputs
            ),
            outputs=tuple(OutputSlot(name=out.variable.name, borrow=out.borrow) for out in self.outputs),
            updates=tuple(mapping.items()),
        )

    @property
    def fgraph(self) -> FunctionGraph:
        """The graph after rewriting."""
        if self._fgraph is None:
            graph, plan = self.linked.graph, self.linked.plan
            inputs = graph.input_variables
            memo = {v: spec.variable.clone() for v, spec in zip(inputs, self.inputs)}
            self._fgraph = FunctionGraph(inputs, graph.output_variables, update_mapping=dict(plan.updates), memo=memo)
        return self._fgraph

    @property
    def outputs(self) -> list[Out]:
        """The outputs that the user asked for."""
        if self._outputs is None:
            self._outputs = [
                Out(variable, slot.borrow) for variable, slot in zip(self.fgraph.outputs, self.linked.plan.outputs)
            ]
        return self._outputs

    @property
    def linker(self) -> Linker:
        """The linker that compiled the graph."""
        return self.linked.linker

    @property
    def indices(self) -> list[tuple[In, list[int], list[In]]]:
        """The inputs, in the form in which Aesara keeps them."""
        return [(spec, [i], [spec]) for i, spec in enumerate(self.inputs)]

    @property
    def expanded_inputs(self) -> list[In]:
        """The inputs."""
        return self.inputs

    def create(self, input_storage: Sequence[Any] | None = None, trust_input: bool = False) -> Function:
        """Return a function.

        Parameters
        ----------
        input_storage
            For each input a first value or a `Container`, or None for the one that the input names.
        trust_input
            Whether values are handed on unchecked.
        """
        given = [None] * len(self.inputs) if input_storage is None else list(input_storage)
        containers = [
            _container(spec, spec.value if value is None else value)
            for spec, value in zip(self.inputs, given, strict=True)
        ]
        return Function(self, containers, name=self.name, trust_input=trust_input)

    def changed(
        self, inputs: Sequence[In], linked: LinkedGraph, name: str | None, profile: ProfileStats | None
    ) -> FunctionMaker:
        """Return a maker for a graph that is compiled already, of the same outputs."""
        new = copy.copy(self)
        new.inputs = list(inputs)
        new.linked = linked
        new.name = name
        new.profile = profile
        new._fgraph = None
        return new

    def __getstate__(self) -> dict[str, Any]:
        # the user's expressions, and the graph after rewriting, say nothing that `linked` doesn't
        inputs = [_without_update(spec) for spec in self.inputs]
        return {**self.__dict__, "inputs": inputs, "_outputs": None, "_fgraph": None, "profile": None}

    def __deepcopy__(self, memo: dict[int, Any]) -> FunctionMaker:
        inputs = [_without_update(spec) for spec in self.inputs]
        for spec in inputs:
            spec.variable = copy.deepcopy(spec.variable, memo)
            if isinstance(spec.value, Container):
                spec.value = copy.deepcopy(spec.value, memo)
        return self.changed(inputs, self.linked, self.name, None)


def check_unused_inputs(inputs: Sequence[In], wanted: Sequence[Variable], on_unused_input: str | None) -> None:
    """Complain of inputs that nothing in `wanted` depends on.

    Raises
    ------
    UnusedInputError
        If `on_unused_input` is ``"raise"``, or the flag where it's None.
    ValueError
        If it's neither that nor ``"warn"`` or ``"ignore"``.
    """
    action = config.on_unused_input if on_unused_input is None else on_unused_input
    if not is_one_of(action, ("raise", "warn", "ignore")):
        raise ValueError(f"Invalid value for keyword on_unused_input of aesaralite.function: {action!r}. "
                         "Valid values are 'raise', 'warn', and 'ignore'.")  # fmt: skip
    if action == "ignore":
        return
    used = set(ancestors(wanted, [spec.variable for spec in inputs]))
    for i, spec in enumerate(inputs):
        if spec.variable in used or spec.update is not None or spec.shared:
            continue
        message = (
            "aesaralite.function was asked to create a function computing outputs given certain inputs, but the "
            f"provided input variable at index {i} is not part of the computational graph needed to compute the "
            f"outputs: {spec.variable}."
        )
        if spec.variable.origin is not None:
            message += f"\nThe variable was made at {spec.variable.origin}."
        if action == "warn":
            warn_user(message)  # the line that calls function
        else:
            raise UnusedInputError(
                f"{message}\nTo make this error into a warning, you can pass the parameter on_unused_input='warn' to "
                "aesaralite.function. To disable it completely, use on_unused_input='ignore'."
            )


def _check_order(inputs: Sequence[In]) -> None:
    default: tuple[int, In] | None = None
    for i, spec in enumerate(inputs):
        if spec.implicit:
            continue
        if spec.value is not None:
            default = default or (i, spec)
        elif default is not None:
            raise TypeError(
                f"Inputs with default values must follow inputs without: {spec.variable}, at index {i}, has no value "
                f"but stands after {default[1].variable}, at index {default[0]}, which has one."
            )


def _freeze_without_values(fgraph: FunctionGraph) -> FrozenGraph:
    """Freeze, with inputs that hold no containers: the values of shared variables are no part of the graph."""
    plain: dict[Any, Any] = {}
    for variable in fgraph.inputs:
        plain[variable] = stand_in = variable.type.variable_type(variable.type, None, name=variable.name)
        stand_in.origin = variable.origin
    equiv = clone_get_equiv(fgraph.inputs, fgraph.outputs, copy_inputs=False, copy_orphans=False, memo=plain)
    return FrozenGraph([equiv[v] for v in fgraph.inputs], [equiv[v] for v in fgraph.outputs])


def _without_update(spec: In) -> In:
    bare = copy.copy(spec)
    bare.update = None
    if bare.variable.owner is not None:  # an expression was declared an input: where it came from doesn't matter
        bare.variable = bare.variable.clone()
    return bare


def _container(spec: In, value: Any) -> Container:
    if isinstance(value, Container):
        return value
    try:
        return Container(spec.variable, [value], strict=spec.strict, allow_downcast=spec.allow_downcast, name=spec.name)
    except (TypeError, ValueError) as error:
        raise TypeError(f"The default value of the input {spec} doesn't fit: {error}") from None
