"""The check of an Op's promises."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from aesaralite.compile.debugging.checks import checked_perform
from aesaralite.compile.debugging.errors import BadDestroyMap, DebugModeError
from aesaralite.compile.linker import installed_linkers
from aesaralite.compile.mode import Mode
from aesaralite.graph.container import duplicate
from aesaralite.graph.generators import is_generator
from aesaralite.graph.op import Op
from aesaralite.graph.variable import Apply, Variable
from aesaralite.tensor.convert import as_tensor_variable
from aesaralite.tensor.random.type import random_generator_type, random_state_type
from aesaralite.tensor.tensor_type import TensorType
from aesaralite.testing.cases import GraphCase
from aesaralite.testing.checks import check_forward, check_gradient, check_linkers, check_shapes
from aesaralite.testing.compare import assert_same
from aesaralite.testing.evaluation import Values
from aesaralite.testing.layouts import LAYOUTS, with_layout
from aesaralite.testing.runs import DEFINITION, Outcome, Tolerance, compare, run

__all__ = ["check_op", "input_for"]

_SCALE = 1.125
"""By how much the second of two values in a batch is larger."""


def check_op(
    op: Callable[..., Any],
    values: Sequence[Any],
    linkers: Sequence[str] | None = None,
    gradient: bool = False,
    rtol: float | None = None,
    atol: float | None = None,
    batched: bool = False,
) -> list[Any]:
    """Check an Op's promises at some values.

    The values are given with types that know the shapes, and with types that don't. What is checked:

    - the type rule: making the node twice gives the same types, and the values of outputs belong to them;
    - the shape rule: the shapes that `infer_shape` says are those of the values;
    - `perform` leaves its inputs alone, and gives the same each time it's run, and for each layout of the inputs;
    - no output shares memory with an input or another output, unless ``view_map`` says so;
    - each linker gives what `perform` gives;
    - the Op is equal to its pickle and to its copy, and so are their hashes;
    - with `gradient`, reverse mode matches finite differences, and forward mode is its transpose;
    - with `batched`, the Op works on a batch of values as it does on each of them.

    Parameters
    ----------
    op : callable
        An Op, or a function of variables that applies some.
    values : sequence of array_like
        Values for the arguments: arrays, numbers, random generators.
    linkers : sequence of str, optional
        All that are installed by default.
    gradient : bool
        Whether to check gradients too, with respect to all floats among the values.
    rtol, atol : float, optional
        As in `check_linkers`.
    batched : bool
        Whether the Op takes values with one dimension more, in front.

    Returns
    -------
    list
        The values of the outputs.

    Raises
    ------
    AssertionError
        If a promise is broken.

    Examples
    --------
    >>> import numpy as np
    >>> import aesaralite.tensor as at
    >>> check_op(at.dot, [np.eye(2), np.ones(2)], gradient=True)
    [array([1., 1.])]
    >>> check_op(at.add, [np.ones(2), np.ones((3, 1))], batched=False)[0].shape
    (3, 2)
    """
    names = tuple(installed_linkers() if linkers is None else linkers)
    tolerance = Tolerance(rtol, atol)
    data = [value if is_generator(value) else np.asarray(value) for value in values]
    results: list[Any] = []
    for known in (True, False):
        inputs = [input_for(value, f"x{i}", known) for i, value in enumerate(data)]
        outputs = _listed(op(*inputs))
        case = GraphCase(inputs, outputs, data)
        for node in case.nodes:
            _check_type_rule(node)
        _check_promises(case)
        before = [duplicate(value) for value in data]
        results = check_linkers(case, linkers=names, rtol=rtol, atol=atol)
        for i, (old, new) in enumerate(zip(before, data)):
            assert_same(old, new, f"input {i}, which was changed", rtol=0, atol=0)
        for output, value in zip(outputs, results):
            if not output.type.is_valid_value(value):
                raise AssertionError(f"{output} has type {output.type}, its value {value!r} doesn't belong to that")
        check_shapes(case)
    _check_layouts(case, Outcome(results), names, tolerance)
    for node in case.nodes:
        _check_identity(node.op)
    if gradient:
        _check_gradients(op, data, outputs, names)
    if batched:
        _check_batched(op, data, tolerance)
    return results


def input_for(value: Any, name: str | None = None, known: bool = False) -> Variable:
    """Return an input for a value.

    Parameters
    ----------
    value : ndarray or generator
        The value.
    name : str, optional
        A name for the input.
    known : bool
        Whether its type knows the sizes of the value.
    """
    if is_generator(value):
        return (random_state_type if isinstance(value, np.random.RandomState) else random_generator_type)(name)
    kind = as_tensor_variable(value).type
    return TensorType(kind.dtype, shape=np.shape(value) if known else (None,) * kind.ndim)(name)


def _listed(result: Any) -> list[Any]:
    return list(result) if isinstance(result, (list, tuple)) else [result]


def _check_identity(op: Op) -> None:
    try:
        unpickled = pickle.loads(pickle.dumps(op))
    except Exception as error:
        raise AssertionError(f"{op} can't be pickled: {error}") from error
    for what, other in (("pickle", unpickled), ("copy", copy.deepcopy(op))):
        if not other == op or other != op or hash(other) != hash(op):
            raise AssertionError(f"{op} isn't equal to its {what}, {other}")


def _check_type_rule(node: Apply) -> None:
    again = node.op.make_node(*node.inputs)
    if again.op != node.op:
        raise AssertionError(f"make_node of {node.op} makes a node of another Op, {again.op}")
    for old, new in zip(node.outputs, again.outputs, strict=True):
        if old.type != new.type:
            raise AssertionError(f"make_node of {node.op} gives two types for the same inputs: {old.type}, {new.type}")


def _check_promises(case: GraphCase) -> None:
    values = Values(dict(zip(case.inputs, map(duplicate, case.values))))
    for node in case.nodes:
        try:
            with np.errstate(all="ignore"):
                checked_perform(node, [values[v] for v in node.inputs], finite=False)
        except BadDestroyMap as error:
            raise AssertionError(f"An input was changed. {error}\n\n{case.program()}") from error
        except DebugModeError as error:
            raise AssertionError(f"{error}\n\n{case.program()}") from error


def _check_layouts(case: GraphCase, expected: Outcome, linkers: Sequence[str], tolerance: Tolerance) -> None:
    """Check that inputs of every layout give the same, with `perform` and with linkers."""
    for who, mode in (("perform", DEFINITION), *((f"linker {name!r}", Mode(name)) for name in linkers)):
        compiled = case.compile(mode)
        for layout in LAYOUTS:
            values = [value if is_generator(value) else with_layout(value, layout) for value in case.values]
            with np.errstate(all="ignore"):
                outcome = Outcome(compiled(*values))
            try:
                compare(expected, outcome, case, tolerance)
            except AssertionError as error:
                laid_out = GraphCase(case.inputs, case.outputs, values)
                raise AssertionError(
                    f"Difference in {who}, for inputs of the layout {layout!r}: {error}\n\n{laid_out.program()}"
                ) from error


def _check_gradients(
    op: Callable[..., Any], data: Sequence[Any], outputs: Sequence[Any], linkers: Sequence[str]
) -> None:
    floats = [i for i, value in enumerate(data) if not is_generator(value) and value.dtype.kind == "f"]
    if not floats:
        raise AssertionError("There is no float among the values that a gradient might be taken with respect to")
    for k, output in enumerate(outputs):
        if not isinstance(output.type, TensorType) or not output.type.dtype.startswith("float"):
            continue

        def apply(*variables: Variable, k: int = k) -> Any:
            arguments: list[Any] = [as_tensor_variable(value) for value in data]
            for i, variable in zip(floats, variables):
                arguments[i] = variable
            return _listed(op(*arguments))[k]

        points = [data[i] for i in floats]
        check_gradient(apply, points, linkers=linkers)
        check_forward(apply, points, linkers=linkers)


def _check_batched(op: Callable[..., Any], data: Sequence[Any], tolerance: Tolerance) -> None:
    """Check that a batch of two values gives the batch of what they give."""
    first = [np.asarray(value) for value in data]
    second = [np.asarray(v * _SCALE, dtype=v.dtype) if v.dtype.kind in "fc" else v for v in first]
    rank = max((value.ndim for value in first), default=0)
    # a batch of values with fewer dimensions must not take these dimensions for the batch's
    batch = [np.stack([a.reshape((1,) * (rank - a.ndim) + a.shape), b.reshape((1,) * (rank - b.ndim) + b.shape)])
             for a, b in zip(first, second)]  # fmt: skip
    separate = [_run(op, values) for values in (first, second)]
    together = _run(op, batch)
    for i, (a, b, both) in enumerate(zip(*separate, together, strict=True)):
        wanted = np.stack([a, b])
        if np.shape(both) != wanted.shape:
            raise AssertionError(f"Output {i} of {op} for a batch has shape {np.shape(both)}, expected {wanted.shape}")
        assert_same(wanted, both, f"output {i} for a batch", tolerance.rtol, tolerance.atol)


def _run(op: Callable[..., Any], values: Sequence[Any]) -> Sequence[Any]:
    inputs = [input_for(value) for value in values]
    outcome = run(GraphCase(inputs, _listed(op(*inputs)), list(values)), DEFINITION)
    if outcome.error is not None:
        raise outcome.error
    return outcome.outputs
