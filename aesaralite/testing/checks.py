"""Checks of graphs: linkers agree, gradients match finite differences, shapes inferred are shapes got."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from aesaralite.autodiff.forward import Rop
from aesaralite.autodiff.reverse import grad
from aesaralite.compile.function.build import function
from aesaralite.compile.linker import installed_linkers
from aesaralite.compile.mode import Mode
from aesaralite.errors import ShapeError
from aesaralite.graph.traversal import io_toposort
from aesaralite.graph.type import HasShape
from aesaralite.graph.variable import Variable
from aesaralite.tensor.convert import as_tensor_variable
from aesaralite.tensor.shaping import shape_tuple
from aesaralite.tensor.static import Tensor
from aesaralite.testing.cases import GraphCase
from aesaralite.testing.failures import explained
from aesaralite.testing.finite_differences import verify_grad
from aesaralite.testing.runs import DEFINITION, Outcome, Tolerance, compare, run

__all__ = ["as_case", "check_forward", "check_gradient", "check_linkers", "check_shapes"]


def as_case(
    inputs: Sequence[Variable] | GraphCase, outputs: Variable | Sequence[Variable] | None, values: Sequence[Any] | None
) -> GraphCase:
    """Return a graph and its values as a case, as which they may be given already."""
    if isinstance(inputs, GraphCase):
        return inputs
    if outputs is None or values is None:
        raise TypeError("A check takes inputs, outputs and values, or a GraphCase")
    return GraphCase(list(inputs), [outputs] if isinstance(outputs, Variable) else list(outputs), list(values))


def check_linkers(
    inputs: Sequence[Variable] | GraphCase,
    outputs: Variable | Sequence[Variable] | None = None,
    values: Sequence[Any] | None = None,
    linkers: Sequence[str] | None = None,
    optimizer: str | None = "fast_run",
    rtol: float | None = None,
    atol: float | None = None,
) -> list[Any]:
    """Check that linkers compute the same.

    The reference is the Python linker without rewrites: the `perform` methods as they stand.

    Parameters
    ----------
    inputs, outputs : sequence of Variable
        The graph. Or a `GraphCase` alone, which may have shared variables, updates and givens; their new values are
        compared, too.
    values : sequence of array_like
        One for each input.
    linkers : sequence of str, optional
        The linkers to compare: all that are installed by default.
    optimizer : str or None
        The rewrites that the linkers' graphs get.
    rtol, atol : float, optional
        How far floats may differ. By default what suits the least precise dtype in the graph; `atol` is
        that part of the largest value among the inputs and the output.

    Returns
    -------
    list
        The reference values.

    Raises
    ------
    AssertionError
        If dtypes, shapes or values differ, or one linker raises an exception where the other gives a
        value. An exception that all raise alike, by its class, isn't a difference. The message names the first node
        whose value differs, and has a program for the smallest graph that shows it.

    Examples
    --------
    >>> import numpy as np
    >>> import aesaralite.tensor as at
    >>> x = at.dvector("x")
    >>> check_linkers([x], [at.exp(x).sum()], [np.zeros(3)])
    [array(3.)]
    """
    case = as_case(inputs, outputs, values)
    tolerance = Tolerance(rtol, atol)
    expected = run(case, DEFINITION)
    for linker in installed_linkers() if linkers is None else linkers:
        check_mode(case, expected, Mode(linker, optimizer), f"linker {linker!r}", tolerance)
    if expected.error is not None:
        raise expected.error
    return list(expected.outputs)


def check_mode(case: GraphCase, expected: Outcome, mode: Mode, who: str, tolerance: Tolerance) -> None:
    """Check that a mode gives the outcome that is expected.

    Raises
    ------
    AssertionError
        If it doesn't.
    """
    try:
        compare(expected, run(case, mode), case, tolerance)
    except AssertionError as error:

        def fails(smaller: GraphCase) -> bool:
            try:
                compare(run(smaller, DEFINITION), run(smaller, mode), smaller, tolerance)
            except AssertionError:
                return True
            return False

        linker, optimizer = mode.provided_linker, mode.provided_optimizer
        by_name = isinstance(linker, str) and (optimizer is None or isinstance(optimizer, str))
        text = explained(
            case,
            who,
            error,
            fails,
            lambda smaller: run(smaller, mode),
            None if optimizer is None else mode.optimizer,
            [("py", None), (linker, optimizer)] if by_name else (),  # type: ignore[list-item]
        )
        raise AssertionError(text) from error


def check_gradient(
    fun: Callable[..., Variable],
    values: Sequence[Any],
    linkers: Sequence[str] | None = None,
    seed: int = 0,
    **options: Any,
) -> None:
    """Check that gradients match finite differences, on every linker.

    Parameters
    ----------
    fun : callable
        Takes variables and returns one. An Op will do.
    values : sequence of array_like
        Floats at which `fun` is smooth.
    linkers : sequence of str, optional
        All that are installed by default.
    seed : int
        For the projection of the output.
    **options
        Passed on to `verify_grad`, such as ``eps`` and ``rel_tol``.

    Raises
    ------
    GradientError
        If gradients differ.
    """
    for linker in installed_linkers() if linkers is None else linkers:
        verify_grad(fun, list(values), rng=np.random.default_rng(seed), mode=Mode(linker=linker), **options)


def check_forward(
    fun: Callable[..., Any], values: Sequence[Any], linkers: Sequence[str] | None = None, seed: int = 0
) -> None:
    """Check that forward mode is the transpose of reverse mode: ``<v, J u>`` is ``<J^T v, u>``.

    Parameters
    ----------
    fun : callable
        Takes variables and returns one. An Op will do.
    values : sequence of array_like
        Floats at which `fun` is smooth.
    linkers : sequence of str, optional
        All that are installed by default.
    seed : int
        For the vectors.

    Raises
    ------
    AssertionError
        If the two differ.

    Examples
    --------
    >>> import numpy as np
    >>> import aesaralite.tensor as at
    >>> check_forward(at.dot, [np.eye(2), np.ones(2)])
    """
    rng = np.random.default_rng(seed)
    arrays = [np.asarray(value) for value in values]
    inputs: list[Tensor] = [as_tensor_variable(value).type(f"x{i}") for i, value in enumerate(arrays)]
    output: Tensor = fun(*inputs)
    tangents = [x.type(f"u{i}") for i, x in enumerate(inputs)]
    pushed: Tensor = Rop(output, inputs, tangents, disconnected_outputs="ignore")
    cotangent = pushed.type("v")
    pulled: Any = grad(None, inputs, known_grads={output: cotangent}, disconnected_inputs="ignore")
    forward = (cotangent * pushed).sum()
    backward = sum((u * g).sum() for u, g in zip(tangents, pulled))
    size = run(GraphCase(list(inputs), [output], list(arrays)), DEFINITION)
    if size.error is not None:
        raise size.error
    vectors = [rng.normal(size=a.shape).astype(a.dtype) for a in arrays]
    vectors.append(np.asarray(rng.normal(size=np.shape(size.outputs[0])), dtype=cotangent.type.dtype))
    for linker in installed_linkers() if linkers is None else linkers:
        f = function([*inputs, *tangents, cotangent], [forward, backward], mode=Mode(linker), on_unused_input="ignore")
        left, right = f(*arrays, *vectors)
        scale = 1.0 + float(sum(np.abs(v).sum() for v in vectors))
        bound = (1e-3 if "float32" in {str(a.dtype) for a in arrays} else 1e-8) * scale * (1.0 + abs(float(left)))
        if not abs(float(left) - float(right)) <= bound:
            raise AssertionError(
                f"Forward and reverse mode differ on linker {linker!r}: <v, J u> is {left}, <J^T v, u> is {right}, "
                f"of {output} at {arrays!r}"
            )


def check_shapes(
    inputs: Sequence[Variable] | GraphCase,
    outputs: Variable | Sequence[Variable] | None = None,
    values: Sequence[Any] | None = None,
) -> None:
    """Check that the shapes inferred from those of the inputs are the shapes got.

    Parameters
    ----------
    inputs, outputs : sequence of Variable
        The graph. The shape of every variable in it is checked. Or a `GraphCase` alone.
    values : sequence of array_like
        One for each input.

    Raises
    ------
    AssertionError
        If a shape differs.
    """
    case = as_case(inputs, outputs, values)
    shapes: dict[Variable, Any] = {}
    shaped: list[Variable] = []
    for node in io_toposort(case.inputs, case.outputs):
        known = [
            shapes.get(variable, shape_tuple(variable) if has_shape(variable) else None) for variable in node.inputs
        ]
        try:
            inferred = node.op.infer_shape(None, node, known)
        except ShapeError:
            inferred = [shape_tuple(output) if has_shape(output) else None for output in node.outputs]
        for output, shape in zip(node.outputs, inferred, strict=True):
            if shape is not None and has_shape(output):
                shapes[output] = tuple(as_tensor_variable(size) for size in shape)
                shaped.append(output)
    got = run(replace(case, outputs=shaped, updates=[]), DEFINITION)
    sizes = run(replace(case, outputs=[s for v in shaped for s in shapes[v]], updates=[]), DEFINITION)
    for outcome in (got, sizes):
        if outcome.error is not None:
            raise outcome.error
    remaining = iter(sizes.outputs)
    for variable, value in zip(shaped, got.outputs):
        inferred = tuple(int(next(remaining)) for _ in shapes[variable])
        if inferred != np.shape(value):
            program = case.with_outputs([variable]).program()
            raise AssertionError(
                f"The inferred shape of {variable} is {inferred}, that of its value {np.shape(value)}\n\n{program}"
            )


def has_shape(variable: Variable) -> bool:
    """Whether the values of a variable have a shape."""
    return isinstance(variable.type, HasShape)
