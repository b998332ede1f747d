"""Values of graphs, computed node by node with `perform`, the definition: no rewriting and no linker in between."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from aesaralite.graph.basic import Constant, Variable
from aesaralite.graph.traversal import io_toposort
from aesaralite.tensor.shaping import shape_tuple


def evaluate(outputs: Variable | Sequence[Variable], givens: Mapping[Variable, Any]) -> Any:
    """Compute one variable or several; checks that every value belongs to its variable's type."""
    single = isinstance(outputs, Variable)
    wanted = [outputs] if single else list(outputs)
    values: dict[Variable, Any] = {variable: variable.type.filter(value) for variable, value in givens.items()}

    def value(variable: Variable) -> Any:
        return variable.data if isinstance(variable, Constant) else values[variable]

    for node in io_toposort(list(givens), wanted):
        inputs = [value(variable) for variable in node.inputs]
        before = [np.array(data) if isinstance(data, np.ndarray) else data for data in inputs]
        storage: list[list[Any]] = [[None] for _ in node.outputs]
        node.op.perform(node, inputs, storage)
        for data, old in zip(inputs, before):
            if isinstance(data, np.ndarray):
                np.testing.assert_array_equal(data, old, err_msg=f"{node.op} changed its input")
        for variable, cell in zip(node.outputs, storage):
            values[variable] = variable.type.filter(cell[0], strict=True)
    results = [value(variable) for variable in wanted]
    return results[0] if single else results


def inferred_shape(variable: Variable, givens: Mapping[Variable, Any]) -> tuple[int, ...]:
    """Compute the shape that the Op of a variable infers from the shapes of its inputs."""
    node = variable.owner
    assert node is not None
    shapes = [shape_tuple(v) if hasattr(v.type, "shape") else None for v in node.inputs]
    (shape,) = node.op.infer_shape(None, node, shapes)
    return tuple(int(evaluate(n, givens)) if isinstance(n, Variable) else int(n) for n in shape)


def agrees(static: Sequence[int | None], shape: Sequence[int]) -> bool:
    """Whether a shape is one that a static shape allows."""
    return len(static) == len(shape) and all(known in (None, n) for known, n in zip(static, shape))
