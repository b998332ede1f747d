"""Several scalar operations as one Op."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from aesaralite.graph.arguments import as_variables, expect
from aesaralite.graph.basic import Constant, Variable, io_toposort
from aesaralite.graph.null_type import DisconnectedType, NullType
from aesaralite.scalar.op import ScalarOp, float_zeros
from aesaralite.scalar.type import ScalarType

# What a step or an output reads: ("input", number), ("step", number of the step, number of its output)
# or ("constant", type, bytes of the value)
Reference = tuple[Any, ...]
Step = tuple[ScalarOp, tuple[Reference, ...]]


class Composite(ScalarOp):
    """A graph of scalar operations, as one scalar Op.

    Two are equal if they do the same operations in the same order. A composite among the operations is replaced by its
    own.

    Parameters
    ----------
    inputs : sequence of ScalarVariable
        The inputs of the graph.
    outputs : sequence of ScalarVariable
        What it computes.
    name : str, optional
        How the Op is printed.

    Raises
    ------
    ValueError
        If the outputs depend on a variable that is neither an input nor a constant.
    TypeError
        If the graph has an Op that isn't a scalar one.
    """

    __props__ = ("input_types", "steps", "results")

    def __init__(self, inputs: Sequence[Any], outputs: Sequence[Any], name: str | None = None):
        super().__init__(name=name)
        inputs, outputs = as_variables(inputs, "inputs"), as_variables(outputs, "outputs")
        self.input_types: tuple[ScalarType, ...] = _scalar_types(inputs)
        self.output_type_tuple: tuple[ScalarType, ...] = _scalar_types(outputs)
        self.nin = len(self.input_types)
        self.nout = len(self.output_type_tuple)
        self.steps: tuple[Step, ...]
        self.results: tuple[Reference, ...]
        self.steps, self.results = _program(inputs, outputs)

    def output_types(self, types: Sequence[ScalarType]) -> list[ScalarType]:
        if tuple(types) != self.input_types:
            raise TypeError(
                f"{self} is made for inputs of the types ({', '.join(map(str, self.input_types))}), "
                f"got ({', '.join(map(str, types))})"
            )
        return list(self.output_type_tuple)

    def apply_to(self, inputs: Sequence[Variable]) -> tuple[list[list[Any]], list[Any]]:
        """Write the operations out, on given inputs.

        Returns
        -------
        steps : list of list of Variable
            The outputs of each operation.
        outputs : list of Variable
            The outputs of the whole.
        """
        values: list[list[Any]] = []

        def read(reference: Reference) -> Variable:
            if reference[0] == "input":
                return inputs[reference[1]]
            if reference[0] == "step":
                return values[reference[1]][reference[2]]
            return _constant(reference)

        for op, arguments in self.steps:
            values.append(op.make_node(*map(read, arguments)).outputs)
        return values, [read(result) for result in self.results]

    @cached_property
    def inner_graph(self) -> tuple[list[Variable], list[Variable]]:
        """Inputs and outputs of the graph, as scalar variables."""
        inputs = [type() for type in self.input_types]
        return inputs, self.apply_to(inputs)[1]

    @property
    def inputs(self) -> list[Variable]:
        """The inputs of the graph."""
        return self.inner_graph[0]

    @property
    def outputs(self) -> list[Variable]:
        """The outputs of the graph."""
        return self.inner_graph[1]

    inner_inputs = inputs
    inner_outputs = outputs

    def array_function(self, in_dtypes: tuple[str, ...], out_dtypes: tuple[str, ...]) -> Callable[..., list[Any]]:
        values, _ = self.apply_to(self.inputs)
        functions = []
        for (op, arguments), outputs in zip(self.steps, values, strict=True):
            node = outputs[0].owner
            function = op.array_function(
                tuple(variable.type.dtype for variable in node.inputs),
                tuple(variable.type.dtype for variable in outputs),
            )
            functions.append((function, arguments))
        results = self.results

        def run(*arrays: Any) -> list[Any]:
            computed: list[list[Any]] = []

            def read(reference: Reference) -> Any:
                if reference[0] == "input":
                    return arrays[reference[1]]
                if reference[0] == "step":
                    return computed[reference[1]][reference[2]]
                return _value(reference)

            for function, arguments in functions:
                computed.append(function(*map(read, arguments)))
            shape = np.broadcast_shapes(*map(np.shape, arrays))
            return [np.broadcast_to(read(result), shape).copy() for result in results]

        return run

    def impl(self, *inputs: Any) -> Any:
        run = self.array_function(
            tuple(type.dtype for type in self.input_types), tuple(type.dtype for type in self.output_type_tuple)
        )
        results = [result[()] for result in run(*[type.filter(x) for type, x in zip(self.input_types, inputs)])]
        return results[0] if self.nout == 1 else results

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], output_gradients: Sequence[Any]) -> list[Any]:
        """Return the gradients, by reverse accumulation over the operations."""
        values, results = self.apply_to(inputs)
        gradients: dict[Any, Any] = {}

        def accumulate(variable: Any, gradient: Any) -> None:
            if isinstance(gradient.type, DisconnectedType):
                return
            before = gradients.get(variable)
            if before is None or isinstance(gradient.type, NullType):
                gradients[variable] = gradient
            elif not isinstance(before.type, NullType):
                gradients[variable] = before + gradient

        for result, gradient in zip(results, output_gradients, strict=True):
            accumulate(result, gradient)
        for step in reversed(values):
            if not any(output in gradients for output in step):
                continue
            node = step[0].owner
            given = [gradients.get(output, DisconnectedType()()) for output in step]
            for variable, gradient in zip(node.inputs, node.op.L_op(node.inputs, step, given), strict=True):
                accumulate(variable, gradient)
        return [gradients.get(x, float_zeros(x)) for x in inputs]

    def __str__(self) -> str:
        if self.name:
            return self.name
        texts: list[str] = []

        def show(reference: Reference) -> str:
            if reference[0] == "input":
                return f"i{reference[1]}"
            if reference[0] == "step":
                return f"t{reference[1]}" if len(values_of[reference[1]]) == 1 else f"t{reference[1]}.{reference[2]}"
            return str(_value(reference))

        values_of = [range(op.nout) for op, _ in self.steps]
        for i, (op, arguments) in enumerate(self.steps):
            texts.append(f"t{i} = {op}({', '.join(map(show, arguments))})")
        return f"Composite{{{'; '.join([*texts, ', '.join(map(show, self.results))])}}}"


def _scalar_types(variables: Sequence[Variable]) -> tuple[ScalarType, ...]:
    return tuple(expect(variable.type, ScalarType, f"the type of {variable}") for variable in variables)


def _program(inputs: Sequence[Variable], outputs: Sequence[Variable]) -> tuple[tuple[Step, ...], tuple[Reference, ...]]:
    """Return the operations of a graph in order, and what its outputs are."""
    references: dict[Variable, Reference] = {variable: ("input", i) for i, variable in enumerate(inputs)}
    steps: list[Step] = []

    def refer(variable: Variable) -> Reference:
        reference = references.get(variable)
        if reference is None:
            if not isinstance(variable, Constant):
                raise ValueError(
                    f"The variable {variable} is neither an input of the composite nor computed from its inputs"
                )
            reference = ("constant", variable.type, np.asarray(variable.data).tobytes())
        return reference

    for node in io_toposort(inputs, outputs):
        op = node.op
        if not isinstance(op, ScalarOp):
            raise TypeError(f"A composite can't hold {op}: it's not a scalar operation")
        arguments = tuple(map(refer, node.inputs))
        if isinstance(op, Composite):
            offset = len(steps)

            def moved(
                reference: Reference, offset: int = offset, arguments: tuple[Reference, ...] = arguments
            ) -> Reference:
                if reference[0] == "input":
                    return arguments[reference[1]]
                if reference[0] == "step":
                    return "step", reference[1] + offset, reference[2]
                return reference

            steps.extend((inner, tuple(map(moved, inner_arguments))) for inner, inner_arguments in op.steps)
            references.update(zip(node.outputs, map(moved, op.results)))
            continue
        references.update((output, ("step", len(steps), i)) for i, output in enumerate(node.outputs))
        steps.append((op, arguments))
    return tuple(steps), tuple(map(refer, outputs))


def _value(reference: Reference) -> Any:
    return np.frombuffer(reference[2], reference[1].numpy_dtype)[0]


def _constant(reference: Reference) -> Variable:
    return reference[1].make_constant(_value(reference))
