"""`function`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from aesaralite.compile.function.callable import Function
from aesaralite.compile.function.collect import collect, convert_function_input, convert_function_outputs
from aesaralite.compile.function.maker import FunctionMaker
from aesaralite.compile.io import SymbolicInput, SymbolicOutput
from aesaralite.compile.mode import Mode
from aesaralite.compile.profiling import ProfileStats
from aesaralite.configdefaults import config
from aesaralite.graph.arguments import as_pairs, expect
from aesaralite.graph.provenance import capture
from aesaralite.graph.shared import SharedVariable
from aesaralite.graph.traversal import explicit_graph_inputs
from aesaralite.graph.variable import Variable, register_evaluator

__all__ = ["evaluate", "function"]


def function(
    inputs: Iterable[Variable | SymbolicInput | tuple[Variable, Any]],
    outputs: Variable | SymbolicOutput | Sequence[Any] | dict[str, Any] | None = None,
    mode: str | Mode | None = None,
    updates: Mapping[SharedVariable, Any] | Iterable[tuple[SharedVariable, Any]] | None = None,
    givens: Mapping[Variable, Any] | Iterable[tuple[Variable, Any]] | None = None,
    no_default_updates: bool | Sequence[Variable] = False,
    accept_inplace: bool = False,
    name: str | None = None,
    rebuild_strict: bool = True,
    allow_input_downcast: bool | None = None,
    profile: bool | str | ProfileStats | None = None,
    on_unused_input: str | None = None,
    trust_input: bool = False,
) -> Function:
    """Compile an expression into a function.

    Parameters
    ----------
    inputs : list of Variable or In
        The parameters. An `In` gives one a default, an update, another name.
    outputs : Variable, Out, list, tuple, dict or None
        What to compute. A call returns one value for a variable, a list for a list or a tuple, and a dict for a
        dict; None computes nothing but the updates, and a call returns an empty list.
    mode : str or Mode, optional
        How to compile: ``"FAST_RUN"``, ``"FAST_COMPILE"``, ``"NUMBA"``, or a `Mode`.
    updates : mapping, or list of pairs, optional
        What shared variables are set to after each call. All new values are computed from the old ones.
    givens : mapping, or list of pairs, optional
        What to put in place of variables, constants or expressions, for this function. The replacements are not
        searched for variables to replace.
    no_default_updates : bool or list of Variable
        Whether default updates of shared variables are left out; or of which.
    accept_inplace : bool
        Accepted for old programs. Graphs hold no Op that works in place.
    name : str, optional
        A name for errors and profiles; the place of this call unless given.
    rebuild_strict : bool
        If true, a replacement in `givens` must be of the type of what it replaces. If false, what depends on it
        is built anew.
    allow_input_downcast : bool, optional
        Whether a value that a caller gives may lose precision. None allows it only for a Python float where floatX is
        the input's dtype.
    profile : bool, str or ProfileStats, optional
        Whether to measure; the profile is ``f.profile``. By default, what the flag ``profile`` says.
    on_unused_input : {'raise', 'warn', 'ignore'}, optional
        What to do with an input that isn't needed. By default, what the flag ``on_unused_input`` says.
    trust_input : bool
        Whether values are handed on unchecked. They must then be of exactly the input's type.

    Returns
    -------
    Function

    Raises
    ------
    UnusedInputError
        If an input isn't needed, or given twice.
    MissingInputError
        If a variable that is needed isn't among the inputs.
    TypeError
        If an argument is of the wrong kind; if an update isn't of the type of its variable; if an input with a default
        stands before one without.

    Notes
    -----
    A call is a transaction. If it raises an exception, whatever it is, all shared variables are as before.

    Examples
    --------
    >>> import aesaralite
    >>> import aesaralite.tensor as at
    >>> x, y = at.dscalars("x", "y")
    >>> f = aesaralite.function([x, aesaralite.In(y, value=1)], x + y)
    >>> f(33)
    array(34.)
    >>> f(33, y=2)
    array(35.)
    """
    if not isinstance(inputs, (list, tuple)):
        raise TypeError(
            "Input variables of an aesaralite function should be contained in a list, even when there is a single "
            f"input. Got {inputs!r}."
        )
    if name is None:
        origin = capture()
        name = f"{origin.filename}:{origin.lineno}" if origin is not None else None
    specs = [convert_function_input(element, allow_input_downcast) for element in inputs]
    outs, keys, single = convert_function_outputs(outputs)
    all_inputs, outs = collect(specs, outs, updates, givens, no_default_updates, rebuild_strict)
    maker = FunctionMaker(
        all_inputs,
        outs[0] if single else outs,
        mode,
        accept_inplace=accept_inplace,
        profile=profile,
        on_unused_input=on_unused_input,
        output_keys=keys,
        name=name,
    )
    return maker.create(trust_input=trust_input)


def evaluate(variable: Variable, inputs_to_values: Mapping[Variable | str, Any] | None = None, **kwargs: Any) -> Any:
    """Compute the value of a variable: what ``Variable.eval`` does.

    Parameters
    ----------
    variable
        What to compute.
    inputs_to_values
        Values of the inputs, by variable or by name.
    **kwargs
        For `function`.

    Raises
    ------
    ValueError
        If no input, or more than one, has a name that is given.
    """
    values = {_input_of(variable, key): value for key, value in as_pairs(inputs_to_values, "inputs_to_values")}
    cache = variable.__dict__.setdefault("_eval_cache", {})
    settings = (config.mode, config.linker, config.optimizer, *sorted(kwargs.items(), key=itemgetter(0)))
    key = (*values, *settings)
    try:
        compiled = cache.get(key)
    except TypeError:  # a keyword's value isn't hashable: compiled for this once
        return function(list(values), variable, **kwargs)(*values.values())
    if compiled is None:
        compiled = cache[key] = function(list(values), variable, **kwargs)
    return compiled(*values.values())


def _input_of(variable: Variable, key: Variable | str) -> Variable:
    if not isinstance(key, str):
        return expect(key, Variable, "an input of eval, unless it's a name,")
    candidates = [v for v in explicit_graph_inputs(variable) if v.name == key]
    if len(candidates) != 1:
        what = f"{len(candidates)} inputs" if candidates else "No input"
        raise ValueError(f"{what} of {variable} of the name {key!r}; give the variable itself in its place.")
    return candidates[0]


register_evaluator(evaluate)
