"""Reverse mode: gradients of a cost, and vector-Jacobian products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import add
from typing import Any, Literal

import numpy as np

from aesaralite.autodiff.connection import Connections
from aesaralite.configdefaults import config
from aesaralite.errors import DisconnectedInputError, MethodNotDefined, NullTypeGradError
from aesaralite.graph.arguments import as_pairs, as_variables, described, expect, is_one_of
from aesaralite.graph.null_type import DisconnectedType, NullType, disconnected_type
from aesaralite.graph.provenance import inheriting, warn_user
from aesaralite.graph.variable import Apply, Variable
from aesaralite.tensor.static import Tensor

OnDisconnected = Literal["ignore", "warn", "raise"]
Variables = Variable | Sequence[Variable]
Gradients = Variable | None | Sequence[Variable | None]


def grad(
    cost: Variable | None,
    wrt: Variables,
    consider_constant: Sequence[Variable] | None = None,
    disconnected_inputs: OnDisconnected = "raise",
    add_names: bool = True,
    known_grads: Mapping[Variable, Variable] | None = None,
    return_disconnected: Literal["none", "zero", "disconnected"] = "zero",
    null_gradients: Literal["raise", "return"] = "raise",
) -> Gradients:
    """Return the gradient of a scalar cost with respect to one or more variables.

    Parameters
    ----------
    cost : Variable or None
        A 0-d variable. None if the gradients start from `known_grads`.
    wrt : Variable or sequence of Variable
        What to differentiate by: inputs, or anything that the cost is computed from.
    consider_constant : sequence of Variable, optional
        Variables through which no gradient flows.
    disconnected_inputs : {'raise', 'warn', 'ignore'}
        What to do where the cost doesn't depend on a variable of `wrt`.
    add_names : bool
        Whether a gradient is named ``(dcost/dx)`` after the names of both.
    known_grads : mapping of Variable to Variable, optional
        Variables whose gradient is known. Nothing behind them is looked at to find it.
    return_disconnected : {'zero', 'none', 'disconnected'}
        What stands for the gradient where there's no dependence: zeros, None, or a variable of
        `DisconnectedType`.
    null_gradients : {'raise', 'return'}
        What to do where an Op declares its gradient undefined.

    Returns
    -------
    Variable, list or tuple
        One gradient for each variable, in the form in which `wrt` was given. It has the shape of
        the variable, and its dtype if that is a float or complex one. With respect to an integer
        variable it's that of the same function of a real one, as floatX or wider.

    Raises
    ------
    TypeError
        If the cost isn't 0-d, or a gradient isn't of a continuous dtype.
    ValueError
        If neither `cost` nor `known_grads` is given, or an argument isn't one of those listed.
    DisconnectedInputError
        If the cost doesn't depend on a variable of `wrt`, and `disconnected_inputs` is 'raise'.
    NullTypeGradError
        If a gradient is undefined, and `null_gradients` is 'raise'.

    Examples
    --------
    >>> import aesaralite
    >>> import aesaralite.tensor as at
    >>> x = at.dscalar("x")
    >>> aesaralite.grad(x**3, x).eval({x: 2.0})
    array(12.)
    """
    _check_choice("disconnected_inputs", disconnected_inputs, ("ignore", "warn", "raise"))
    _check_choice("null_gradients", null_gradients, ("raise", "return"))
    if isinstance(return_disconnected, str):
        return_disconnected = return_disconnected.lower()  # type: ignore[assignment]
    _check_choice("return_disconnected", return_disconnected, ("none", "zero", "disconnected"))
    if cost is None and known_grads is None:
        raise ValueError("cost and known_grads can't both be None.")
    if cost is not None:
        _check_cost(cost)
    targets = as_variables(wrt, "wrt")
    constants = [] if consider_constant is None else as_variables(consider_constant, "consider_constant")

    given: dict[Variable, Variable] = {} if cost is None else {cost: ones_like_float(cost)}
    for variable, known in as_pairs(known_grads, "known_grads"):
        given[variable] = _check_known_grad(variable, known)

    connections = Connections(list(given), targets, constants)
    cost_name = cost.name if add_names and cost is not None else None
    sweep = _Sweep(connections, given, cost_name)
    results: list[Variable | None] = []
    for target in targets:
        gradient = sweep.gradient_of(target)
        if isinstance(gradient.type, NullType) and null_gradients == "raise":
            raise NullTypeGradError(
                f"The gradient with respect to {describe(target)} is undefined. {gradient.type.why_null}"
            )
        if isinstance(gradient.type, DisconnectedType):
            _report_disconnected(target, cost, disconnected_inputs)
            if return_disconnected == "none":
                results.append(None)
                continue
            if return_disconnected == "zero":
                gradient = zeros_like_float(target)
        results.append(gradient)
    return in_form_of(wrt, results)


def Lop(
    f: Variables,
    wrt: Variables,
    eval_points: Variables,
    consider_constant: Sequence[Variable] | None = None,
    disconnected_inputs: OnDisconnected = "raise",
) -> Gradients:
    """Return the product of vectors with the Jacobian of `f`: ``eval_points^T (df / dwrt)``.

    Parameters
    ----------
    f : Variable or sequence of Variable
        What is differentiated.
    wrt : Variable or sequence of Variable
        What it's differentiated by.
    eval_points : Variable or sequence of Variable
        One for each of `f`, of its shape.
    consider_constant, disconnected_inputs
        As in `grad`.

    Returns
    -------
    Variable, list or tuple
        One product for each of `wrt`, in the form in which `wrt` was given.

    Raises
    ------
    ValueError
        If `f` and `eval_points` differ in length.
    """
    functions = as_variables(f, "f")
    points = list(eval_points) if isinstance(eval_points, (list, tuple)) else [eval_points]
    if len(functions) != len(points):
        raise ValueError(f"`f` must be the same length as `eval_points`: got {len(functions)} and {len(points)}.")
    known: dict[Variable, Variable] = {}
    for function, point in zip(functions, points):
        vector: Tensor = as_variable_like(function, point)
        # one variable may stand several times in f; its vectors add up
        known[function] = vector + known[function] if function in known else vector
    return grad(
        None, wrt, consider_constant=consider_constant, disconnected_inputs=disconnected_inputs, known_grads=known
    )


def subgraph_grad(
    wrt: Variables,
    end: Variables,
    start: Mapping[Variable, Variable] | None = None,
    cost: Variable | None = None,
    details: bool = False,
) -> tuple[Any, ...]:
    """Differentiate a part of a graph: from `start` or `cost` back to `end`.

    Calls can be chained: the gradients for `end` of one part are the `start` of the part before.

    Parameters
    ----------
    wrt : Variable or sequence of Variable
        Variables used in this part, whose gradients are wanted.
    end : Variable or sequence of Variable
        Where this part of the graph begins; nothing behind it is looked at.
    start : mapping of Variable to Variable, optional
        Gradients of variables at the other end of this part.
    cost : Variable, optional
        A further scalar cost that belongs to this part; its gradients are added.
    details : bool
        Whether to return the contributions of `start` and `cost` apart too.

    Returns
    -------
    tuple
        The gradients for `wrt` and those for `end`, both as lists. With `details`, also the
        gradients for both that come from `start`, and those that come from `cost` (None where
        that wasn't given).

    Raises
    ------
    ValueError
        If neither `cost` nor `start` is given.
    """
    if cost is None and start is None:
        raise ValueError("`cost` or `start` must be specified.")
    parameters, ends = as_variables(wrt, "wrt"), as_variables(end, "end")
    targets = parameters + ends
    start_grads: list[Tensor] | None = None
    cost_grads: list[Tensor] | None = None
    if start is not None:
        from_start: Any = grad(None, targets, consider_constant=ends, disconnected_inputs="ignore", known_grads=start)
        start_grads = list(from_start)
    if cost is not None:
        from_cost: Any = grad(cost, targets, consider_constant=ends, disconnected_inputs="ignore")
        cost_grads = list(from_cost)
    if start_grads is None or cost_grads is None:
        totals = start_grads if start_grads is not None else cost_grads
    else:
        totals = [a + b for a, b in zip(start_grads, cost_grads)]
    assert totals is not None
    parts = (totals[: len(parameters)], totals[len(parameters) :])
    return (*parts, start_grads, cost_grads) if details else parts


class _Sweep:
    """One walk backwards over the graph, which collects the gradient of each variable.

    Parameters
    ----------
    connections : Connections
        The part of the graph to walk over.
    given : dict
        The gradients to start from.
    cost_name : str or None
        The name of the cost, for the names of the gradients.
    """

    def __init__(self, connections: Connections, given: dict[Variable, Variable], cost_name: str | None):
        self._connections = connections
        self._gradients = dict(given)
        self._cost_name = cost_name
        self._terms: dict[Apply, Sequence[Variable]] = {}
        for node in connections.nodes_backwards():
            with inheriting(node.origin):
                self._terms[node] = self._pull_back(node)

    def gradient_of(self, variable: Variable) -> Variable:
        """Return the sum of the gradients that all users of a variable give it."""
        gradient = self._gradients.get(variable)
        if gradient is None:
            terms = [
                self._terms[node][i]
                for node, positions in self._connections.uses.get(variable, {}).items()
                for i in positions
            ]
            gradient = self._gradients[variable] = self._named(self._sum(variable, terms), variable)
        return gradient

    def _sum(self, variable: Variable, terms: list[Variable]) -> Variable:
        for term in terms:
            if isinstance(term.type, NullType):
                return term
        connected = [term for term in terms if not isinstance(term.type, DisconnectedType)]
        if not connected:
            return disconnected_type()
        if len(connected) == 1:
            total: Tensor = connected[0]
        else:
            with inheriting(variable.origin):
                total = reduce(add, connected)
        dtype = getattr(variable.type, "dtype", None)
        if is_continuous(variable) and total.type.dtype != dtype and not _loses_imaginary(total, variable):
            total = total.astype(dtype)
        return total

    def _named(self, gradient: Variable, variable: Variable) -> Variable:
        has_names = self._cost_name is not None and variable.name is not None
        if has_names and gradient.name is None and gradient.owner is not None:
            gradient.name = f"(d{self._cost_name}/d{variable.name})"
        return gradient

    def _pull_back(self, node: Apply) -> Sequence[Variable]:
        pattern = self._connections.pattern(node)
        output_grads = [self.gradient_of(output) for output in node.outputs]
        undefined = [isinstance(gradient.type, NullType) for gradient in output_grads]
        connected = [not isinstance(gradient.type, DisconnectedType) for gradient in output_grads]

        poisoned: dict[int, Variable] = {}
        reachable = False
        for i in range(node.nin):
            for j, gradient in enumerate(output_grads):
                if not pattern[i][j]:
                    continue
                if undefined[j]:
                    poisoned.setdefault(i, gradient)
                elif connected[j]:
                    reachable = True
        if not reachable:
            return [poisoned[i] if i in poisoned else disconnected_type() for i in range(node.nin)]

        vectors = [
            disconnected_type() if undefined[j] else _in_dtype_of(node.outputs[j], gradient)
            for j, gradient in enumerate(output_grads)
        ]
        checked = _checked_terms(node, pull_back(node, vectors), pattern, connected)
        return [poisoned.get(i, term) for i, term in enumerate(checked)]


def pull_back(node: Apply, output_grads: Sequence[Variable]) -> Any:
    """Return what the Op of a node makes of the gradients of the outputs."""
    try:
        return node.op.L_op(node.inputs, node.outputs, output_grads)
    except MethodNotDefined as error:
        raise NotImplementedError(
            f"{node.op} defines no gradient (neither L_op nor grad), and is on the way to a variable asked for"
            f"{made_at(node.outputs[0])}."
        ) from error


def _checked_terms(node: Apply, terms: Any, pattern: list[list[bool]], connected: Sequence[bool]) -> Sequence[Variable]:
    """Return what an Op's `L_op` gave, or say what's wrong with it."""
    if terms is None:
        raise TypeError(f"{node.op}.grad returned NoneType, expected iterable.")
    terms = list(terms)
    if len(terms) != node.nin:
        raise ValueError(f"{node.op}.grad returned {len(terms)} gradient terms for {node.nin} inputs.")
    for i, (term, variable) in enumerate(zip(terms, node.inputs)):
        if term is None:
            raise TypeError(
                f"{node.op}.grad returned None as the gradient of input {i}. Return zeros, disconnected_type(), "
                "or what grad_undefined or grad_not_implemented give instead."
            )
        if not isinstance(term, Variable):
            raise TypeError(f"{node.op}.grad returned {type(term)} as the gradient of input {i}, expected a Variable.")
        is_linked = any(flows and live for flows, live in zip(pattern[i], connected))
        if isinstance(term.type, (NullType, DisconnectedType)) or not is_linked:
            continue
        if not is_continuous(term):
            raise TypeError(
                f"{node.op}.grad returned a gradient of type {term.type} for input {i}; "
                "the dtype of a gradient must be float or complex."
            )
        given, needed = (getattr(v.type, "ndim", None) for v in (term, variable))
        if None not in (given, needed) and given != needed:
            raise ValueError(
                f"{node.op}.grad returned a term with {given} dimensions for input {i}, but {needed} are required."
            )
    return terms


def is_continuous(variable: Variable) -> bool:
    """Whether a variable holds floats or complex numbers."""
    dtype = getattr(variable.type, "dtype", None)
    return dtype is not None and np.dtype(dtype).kind in "fc"


def zeros_like_float(variable: Tensor) -> Variable:
    """Return zeros of the shape of a variable, of its dtype if that is continuous, else of floatX."""
    expect(variable, Variable, "variable")
    return variable.zeros_like(dtype=_gradient_dtype(variable))


def ones_like_float(variable: Tensor) -> Variable:
    """Return ones of the shape of a variable, of its dtype if that is continuous, else of floatX."""
    expect(variable, Variable, "variable")
    return variable.ones_like(dtype=_gradient_dtype(variable))


def as_variable_like(pattern: Tensor, value: Any) -> Variable:
    """Return `value`, made a constant of the type class of `pattern` if it isn't a variable."""
    if isinstance(value, Variable):
        return value
    data = np.asarray(value)
    if data.dtype.kind not in "biufc":
        raise TypeError(f"What goes with {pattern} must be a variable or numbers, got {described(value)}")
    dtype = data.dtype if data.dtype.kind in "fc" else _gradient_dtype(pattern)
    type_ = pattern.type.clone(dtype=str(dtype), shape=data.shape)
    return type_.make_constant(data.astype(dtype))


def describe(variable: Variable) -> str:
    """Return the text of a variable, its type, and where the user made it."""
    return f"{variable} (type {variable.type}{made_at(variable)})"


def made_at(variable: Variable) -> str:
    """Return where the user made a variable, as an insertion into a sentence."""
    return f", made at {variable.origin}" if variable.origin is not None else ""


def in_form_of(form: Any, results: list[Any]) -> Any:
    """Return `results` as a list, tuple or single one, as `form` is one."""
    if isinstance(form, tuple):
        return tuple(results)
    return results if isinstance(form, list) else results[0] if isinstance(form, Variable) else results


def _gradient_dtype(variable: Tensor) -> str:
    return variable.type.dtype if is_continuous(variable) else config.floatX


def _in_dtype_of(output: Tensor, gradient: Tensor) -> Variable:
    """Cast a gradient to the dtype of the float that it's the gradient of."""
    if isinstance(gradient.type, DisconnectedType) or not is_continuous(output):
        return gradient
    if gradient.type.dtype == output.type.dtype or _loses_imaginary(gradient, output):
        return gradient
    return gradient.astype(output.type.dtype)


def _loses_imaginary(gradient: Tensor, variable: Tensor) -> bool:
    return np.dtype(gradient.type.dtype).kind == "c" and np.dtype(variable.type.dtype).kind != "c"


def _check_choice(argument: str, value: Any, choices: tuple[str, ...]) -> None:
    if not is_one_of(value, choices):
        listed = ", ".join(repr(choice) for choice in choices)
        raise ValueError(f"Invalid value {value!r} for keyword {argument!r}, valid values are {listed}.")


def _check_cost(cost: Variable) -> None:
    if not isinstance(cost, Variable):
        raise TypeError(f"The cost must be a Variable, got {cost!r} of type {type(cost)}.")
    if isinstance(cost.type, NullType):
        raise ValueError(f"Can't differentiate an undefined cost. {cost.type.why_null}")
    ndim = getattr(cost.type, "ndim", None)
    if ndim is None:
        raise TypeError(f"Cost must be a scalar. Got {describe(cost)}.")
    if ndim != 0:
        raise TypeError(
            f"Cost must be a scalar. Got {describe(cost)}, which has {ndim} dimensions; "
            "take its sum or mean, for instance."
        )


def _check_known_grad(variable: Variable, known: Any) -> Variable:
    expect(variable, Variable, "what known_grads has gradients of")
    if not isinstance(known, Variable):
        raise TypeError(f"Known gradients must be variables; the one of {variable} is {known!r} of type {type(known)}.")
    if isinstance(known.type, (NullType, DisconnectedType)) or is_continuous(known):
        return known
    raise TypeError(
        "Gradients must always be NullType, DisconnectedType, or continuous, but grad was given a known_grad of type "
        f"{known.type} for {variable}."
    )


def _report_disconnected(target: Variable, cost: Variable | None, reaction: OnDisconnected) -> None:
    if reaction == "ignore":
        return
    source = f"The cost {cost}" if cost is not None else "What is differentiated"
    message = (
        f"{source} doesn't depend on {describe(target)}, or does so only through Ops that aren't differentiable. "
        "If that is meant, pass disconnected_inputs='ignore'."
    )
    if reaction == "warn":
        warn_user(message)
    else:
        raise DisconnectedInputError(message)
