"""Forward mode: Jacobian-vector products.

An Op needs no rule of its own. Its pullback ``v -> v^T J`` is linear in ``v``, so pulling a tangent
back through the pullback gives ``J t``. Where an Op defines `R_op`, that's used instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from aesaralite.autodiff.connection import Connections
from aesaralite.autodiff.reverse import (
    Gradients,
    OnDisconnected,
    Variables,
    as_variable_like,
    describe,
    grad,
    in_form_of,
    is_continuous,
    pull_back,
    zeros_like_float,
)
from aesaralite.errors import DisconnectedInputError, MethodNotDefined, NullTypeGradError
from aesaralite.graph.arguments import as_variables, is_one_of
from aesaralite.graph.null_type import DisconnectedType, NullType, disconnected_type
from aesaralite.graph.provenance import inheriting, warn_user
from aesaralite.graph.variable import Apply, Variable
from aesaralite.tensor.static import Tensor


def Rop(
    f: Variables,
    wrt: Variables,
    eval_points: Variables,
    disconnected_outputs: OnDisconnected = "raise",
    return_disconnected: Literal["none", "zero", "disconnected"] = "zero",
) -> Gradients:
    """Return the product of the Jacobian of `f` with vectors: ``(df / dwrt) eval_points``.

    Parameters
    ----------
    f : Variable or sequence of Variable
        What is differentiated.
    wrt : Variable or sequence of Variable
        What it's differentiated by.
    eval_points : Variable or sequence of Variable
        One for each of `wrt`, of its shape.
    disconnected_outputs : {'raise', 'warn', 'ignore'}
        What to do where a variable of `f` doesn't depend on `wrt`.
    return_disconnected : {'zero', 'none', 'disconnected'}
        What stands for the product there.

    Returns
    -------
    Variable, list or tuple
        One product for each of `f`, of its shape, in the form in which `f` was given.

    Raises
    ------
    ValueError
        If `wrt` and `eval_points` differ in length, or two that belong together in dimensions.
    DisconnectedInputError
        If a variable of `f` doesn't depend on `wrt`, and `disconnected_outputs` is 'raise'.
    NullTypeGradError
        If an Op on the way declares its derivative undefined.

    Examples
    --------
    >>> import aesaralite.tensor as at
    >>> from aesaralite.gradient import Rop
    >>> x, v = at.dvectors("x", "v")
    >>> Rop(x**2, x, v).eval({x: [1.0, 2.0], v: [1.0, 10.0]})
    array([ 2., 40.])
    """
    if not is_one_of(disconnected_outputs, ("ignore", "warn", "raise")):
        raise ValueError(
            f"Invalid value {disconnected_outputs!r} for keyword 'disconnected_outputs', valid values are "
            "'ignore', 'warn', 'raise'."
        )
    if not isinstance(return_disconnected, str) or return_disconnected.lower() not in ("none", "zero", "disconnected"):
        raise ValueError(
            f"Invalid value {return_disconnected!r} for keyword 'return_disconnected', valid values are "
            "'none', 'zero', 'disconnected'."
        )
    functions = as_variables(f, "f")
    tangents = _initial_tangents(wrt, eval_points)
    connections = Connections(functions, tangents)
    for node in reversed(connections.nodes_backwards()):
        with inheriting(node.origin):
            for output, tangent in zip(node.outputs, _push_forward(node, tangents, connections.pattern(node))):
                if output not in tangents and not isinstance(tangent.type, DisconnectedType):
                    tangents[output] = tangent
    results: list[Variable | None] = []
    for function in functions:
        if function in tangents:
            tangent = tangents[function]
            if isinstance(tangent.type, NullType):
                raise NullTypeGradError(f"The derivative of {describe(function)} is undefined. {tangent.type.why_null}")
            results.append(tangent)
            continue
        _report_disconnected(function, disconnected_outputs)
        results.append(_stand_in(function, return_disconnected.lower()))
    return in_form_of(f, results)


def _initial_tangents(wrt: Variables, eval_points: Any) -> dict[Variable, Variable]:
    variables: list[Tensor] = as_variables(wrt, "wrt")
    points = list(eval_points) if isinstance(eval_points, (list, tuple)) else [eval_points]
    if len(variables) != len(points):
        raise ValueError(f"`wrt` must be the same length as `eval_points`: got {len(variables)} and {len(points)}.")
    tangents: dict[Variable, Variable] = {}
    for i, (variable, point) in enumerate(zip(variables, points)):
        tangent: Tensor = as_variable_like(variable, point)
        for what, given in (("wrt", variable), ("eval_points", tangent)):
            if not hasattr(given.type, "ndim"):
                raise TypeError(f"Element {i} of `{what}` must be a tensor, got {given} of type {given.type}")
        if tangent.type.ndim != variable.type.ndim:
            raise ValueError(
                f"Elements {i} of `wrt` and `eval_points` have mismatched dimensionalities: "
                f"{variable.type.ndim} and {tangent.type.ndim}"
            )
        tangents[variable] = tangent
    return tangents


def _push_forward(node: Apply, tangents: dict[Variable, Variable], pattern: list[list[bool]]) -> Sequence[Variable]:
    """Return a tangent for each output of a node."""
    given = {variable: tangents[variable] for variable in node.inputs if variable in tangents}
    undefined = {variable: tangent for variable, tangent in given.items() if isinstance(tangent.type, NullType)}
    if not undefined:
        return _tangents_of_outputs(node, given)
    poisoned = {
        j: undefined[variable]
        for i, variable in enumerate(node.inputs)
        if variable in undefined
        for j in range(node.nout)
        if pattern[i][j]
    }
    if len(poisoned) == node.nout:
        return [poisoned[j] for j in range(node.nout)]
    defined = {variable: tangent for variable, tangent in given.items() if variable not in undefined}
    return [poisoned.get(j, tangent) for j, tangent in enumerate(_tangents_of_outputs(node, defined))]


def _tangents_of_outputs(node: Apply, tangents: dict[Variable, Variable]) -> Sequence[Variable]:
    try:
        results = node.op.R_op(node.inputs, [tangents.get(variable) for variable in node.inputs])
    except MethodNotDefined:
        return _pull_back_twice(node, tangents)
    return [disconnected_type() if result is None else result for result in results]


def _pull_back_twice(node: Apply, tangents: dict[Variable, Variable]) -> Sequence[Variable]:
    vectors = {output: zeros_like_float(output) for output in node.outputs if is_continuous(output)}
    if not vectors:
        return [disconnected_type() for _ in node.outputs]
    output_grads = [vectors[output] if output in vectors else disconnected_type() for output in node.outputs]
    terms = pull_back(node, output_grads)
    pullbacks: dict[Variable, Variable] = {}
    for variable, term in zip(node.inputs, terms):
        if variable not in tangents or isinstance(term.type, DisconnectedType):
            continue
        if isinstance(term.type, NullType):
            return [term for _ in node.outputs]
        tangent: Tensor = tangents[variable]
        pullbacks[term] = tangent + pullbacks[term] if term in pullbacks else tangent
    if not pullbacks:
        return [disconnected_type() for _ in node.outputs]
    pushed: Any = grad(
        None,
        list(vectors.values()),
        # the pullback's own graph is all that matters here, so the walk stops at the node
        consider_constant=[*node.inputs, *node.outputs],
        disconnected_inputs="ignore",
        known_grads=pullbacks,
        return_disconnected="disconnected",
    )
    by_output: dict[Variable, Variable] = dict(zip(vectors, pushed))
    return [by_output[output] if output in by_output else disconnected_type() for output in node.outputs]


def _stand_in(function: Variable, form: str) -> Variable | None:
    if form == "none":
        return None
    return zeros_like_float(function) if form == "zero" else disconnected_type()


def _report_disconnected(function: Variable, reaction: OnDisconnected) -> None:
    if reaction == "ignore":
        return
    message = (
        f"{describe(function)} doesn't depend on any variable of `wrt`, or does so only through Ops that aren't "
        "differentiable. If that is meant, pass disconnected_outputs='ignore'."
    )
    if reaction == "warn":
        warn_user(message)
    else:
        raise DisconnectedInputError(message)
