"""From what the user wrote to complete lists of inputs and outputs: givens, updates, shared variables."""

from __future__ import annotations

import copy
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

from aesaralite.compile.function.draws import after_clones, is_draw, warn_of_repeated_draws
from aesaralite.compile.io import In, Out, SymbolicInput, SymbolicOutput
from aesaralite.errors import UnusedInputError
from aesaralite.graph.arguments import as_variables
from aesaralite.graph.clone import clone_replace
from aesaralite.graph.shared import SharedVariable, shared
from aesaralite.graph.variable import Apply, Variable

__all__ = ["collect", "convert_function_input", "convert_function_outputs"]

_Updates = dict[SharedVariable, Variable]
_Givens = dict[Variable, Variable]


def convert_function_input(input: Any, allow_downcast: bool | None = None) -> In:
    """Return an element of the list of inputs as an `In`.

    Parameters
    ----------
    input
        A variable; a pair of a variable and its default; or an `In`.
    allow_downcast
        Whether values may lose precision, where the element doesn't say.

    Raises
    ------
    TypeError
        If it's something else, or a shared variable.
    """
    if isinstance(input, (tuple, list)) and len(input) == 2 and isinstance(input[0], Variable):
        converted = In(input[0], value=input[1])
    elif isinstance(input, Variable):
        converted = In(input)
    elif isinstance(input, In):
        converted = copy.copy(input)
    elif isinstance(input, SymbolicInput):
        converted = In(
            input.variable, input.name, None, input.update, input.mutable, input.strict, input.allow_downcast,
            implicit=input.implicit,
        )  # fmt: skip
    else:
        raise TypeError(
            f"Unknown parameter type: {type(input)}. An input is a Variable or an In; got {input!r}. Values that don't "
            "change are written into the expression."
        )
    if isinstance(converted.variable, SharedVariable):
        raise TypeError(
            f"Cannot use a shared variable ({converted.variable}) as explicit input. Consider substituting a "
            "non-shared variable via the `givens` parameter"
        )
    if converted.allow_downcast is None:
        converted.allow_downcast = allow_downcast
    return converted


def convert_function_outputs(outputs: Any) -> tuple[list[Out], list[str] | None, bool]:
    """Return the outputs as a list, with the keys of a dict, and whether it was a single one.

    Raises
    ------
    TypeError
        If there is something else than variables and `Out` among them, or a key isn't a string.
    """
    if outputs is None:
        return [], None, False
    keys = None
    single = False
    if isinstance(outputs, dict):
        keys = list(outputs)
        wrong = [key for key in keys if not isinstance(key, str)]
        if wrong:
            raise TypeError(f"The keys of a dict of outputs must be strings, got {wrong[0]!r}")
        elements = list(outputs.values())
    elif isinstance(outputs, (list, tuple)):
        elements = list(outputs)
    else:
        elements = [outputs]
        single = True
    return [_as_out(element) for element in elements], keys, single


def _as_out(output: Any) -> Out:
    if isinstance(output, Out):
        return output
    if isinstance(output, SymbolicOutput):
        return Out(output.variable, output.borrow)
    if isinstance(output, Variable):
        return Out(output)
    raise TypeError(f"Outputs must be aesaralite Variable or Out instances. Received {output!r} of type {type(output)}")


def collect(
    inputs: Sequence[In],
    outputs: Sequence[Out],
    updates: Any,
    givens: Any,
    no_default_updates: bool | Sequence[Variable],
    rebuild_strict: bool,
) -> tuple[list[In], list[Out]]:
    """Complete the inputs by the shared variables, and apply the givens.

    Parameters
    ----------
    inputs, outputs
        Those of the user.
    updates, givens, no_default_updates, rebuild_strict
        See `aesaralite.compile.function.function`.

    Returns
    -------
    tuple of list
        The inputs, followed by one for each shared variable that is needed; and the outputs.
    """
    for i, spec in enumerate(inputs):
        for j in range(i):
            if inputs[j].variable is spec.variable:
                raise UnusedInputError(
                    f"Variable {spec.variable} is used twice in inputs to aesaralite.function, at indices {j} and {i}. "
                    "This would result in values provided for it being ignored. Please do not duplicate variables in "
                    "the inputs list."
                )
    replace = _read_givens(givens, inputs, rebuild_strict)
    new_values = _read_updates(updates)
    kept = _without_default(no_default_updates)
    found, has_draws = _find_shared(inputs, outputs, replace, new_values, kept)

    own_updates = [spec.update for spec in inputs if spec.update is not None]
    expressions = [*(out.variable for out in outputs), *own_updates, *new_values.values()]
    if replace:
        expressions = clone_replace(expressions, replace, rebuild_strict=rebuild_strict)
    left = iter(expressions)
    outputs = [Out(next(left), out.borrow) for out in outputs]
    for spec in inputs:
        if spec.update is not None:
            spec.update = next(left)
    new_values = {variable: _as_update(variable, value) for variable, value in zip(new_values, left)}

    implicit = []
    for variable in found:
        container = variable.container
        spec = In(variable, value=container, update=new_values.get(variable), implicit=True, shared=True)
        spec.borrow = spec.update is None
        spec.strict, spec.allow_downcast = container.strict, container.allow_downcast
        implicit.append(spec)
    if has_draws:
        explicit = [spec.variable for spec in inputs]
        expressions = [*(out.variable for out in outputs), *(spec.update for spec in inputs if spec.update is not None)]
        warn_of_repeated_draws([*expressions, *new_values.values()], explicit, new_values, kept)
    return [*inputs, *implicit], outputs


def _pairs(mapping: Any, what: str) -> Iterable[tuple[Any, Any]]:
    if mapping is None:
        return []
    if isinstance(mapping, Mapping):
        return mapping.items()
    if isinstance(mapping, (list, tuple)) and all(isinstance(p, (list, tuple)) and len(p) == 2 for p in mapping):
        return mapping
    raise TypeError(f"The `{what}` parameter must be an ordered mapping or a list of pairs, got {mapping!r}")


def _read_givens(givens: Any, inputs: Sequence[In], strict: bool) -> _Givens:
    explicit = {spec.variable for spec in inputs}
    replace: _Givens = {}
    for old, new in _pairs(givens, "givens"):
        if not isinstance(old, Variable):
            raise TypeError(f"`givens` keys must be Variables, got {old!r}")
        if old in explicit:
            raise RuntimeError(
                f"You are trying to replace variable {str(old)!r} through the `givens` parameter, but this variable is "
                "an input to your function. Replacing inputs is currently forbidden because it has no effect. Make a "
                f"new input y and use function([y], f({old}), givens={{{old}: g(y)}}), or replace it in the expression "
                "with aesaralite.clone_replace."
            )
        if old in replace:
            raise ValueError(f"`givens` replaces {old} twice, by {replace[old]} and by {new}")
        if not isinstance(new, Variable):
            new = shared(new, allow_downcast=True) if not strict else shared(old.type.filter(new))
        replace[old] = old.type.filter_variable(new) if strict and not old.type.is_super(new.type) else new
    return replace


def _read_updates(updates: Any) -> _Updates:
    new_values: _Updates = {}
    for target, value in _pairs(updates, "updates"):
        if not isinstance(target, SharedVariable):
            raise TypeError(f"update target must be a SharedVariable, got {target!r} of type {type(target)}")
        if target in new_values:
            raise ValueError(
                f"this shared variable already has an update expression: {target} is set to {new_values[target]} and "
                f"to {value}"
            )
        new_values[target] = _as_update(target, value)
    return new_values


def _as_update(target: SharedVariable, value: Any) -> Variable:
    if isinstance(value, Variable) and target.type.is_super(value.type):
        return value
    try:
        return target.type.filter_variable(value, allow_convert=False)
    except (TypeError, ValueError) as error:
        raise TypeError(_wrong_update(target, value, error)) from None


def _wrong_update(target: SharedVariable, value: Any, error: Exception) -> str:
    where = f", made at {target.origin}" if target.origin is not None else ""
    text = f"An update must have the same type as the shared variable. {target}{where}, has type {target.type}; "
    if not isinstance(value, Variable):
        return text + f"its update is the value {value!r}: {error}"
    where = f", made at {value.origin}" if value.origin is not None else ""
    text += f"its update {value}{where}, has type {value.type}."
    dtype, other_dtype = (getattr(t, "dtype", None) for t in (target.type, value.type))
    ndim, other_ndim = (getattr(t, "ndim", None) for t in (target.type, value.type))
    if dtype is not None and ndim is not None and other_ndim is not None and ndim != other_ndim:
        return text + f" The numbers of dimensions differ: {ndim} and {other_ndim}."
    if dtype is not None and other_dtype is not None and dtype != other_dtype:
        return text + (
            f" Cast the update, with .astype({dtype!r}); or make the shared variable of a value of dtype {other_dtype}."
        )
    return text + " If static shapes differ, specify_shape(update, shape) says what its shape will be."


class _Everything:
    """Contains whatever is asked for."""

    def __contains__(self, _: object) -> bool:
        return True


def _without_default(no_default_updates: bool | Sequence[Variable]) -> Container[Variable]:
    """Return the variables whose default updates are left out."""
    if isinstance(no_default_updates, bool):
        return _Everything() if no_default_updates else ()
    if isinstance(no_default_updates, (list, tuple, set, frozenset)):
        return frozenset(as_variables(no_default_updates, "no_default_updates"))
    raise TypeError(f"The `no_default_updates` argument must be a boolean or list, got {no_default_updates!r}")


def _find_shared(
    inputs: Sequence[In],
    outputs: Sequence[Out],
    replace: _Givens,
    new_values: _Updates,
    kept: Container[Variable],
) -> tuple[list[SharedVariable], bool]:
    """Return the shared variables that are needed, and add their default updates, but for `kept`, to `new_values`.

    The second result is whether anything is drawn from random generators.
    """
    explicit = {spec.variable for spec in inputs}
    found: dict[SharedVariable, None] = {}
    draws: dict[Variable, dict[Apply, None]] = {}
    # A variable, and whether it belongs to a replacement: nothing is replaced in there.
    stack: list[tuple[Variable, bool]] = []
    seen: set[tuple[Variable, bool]] = set()
    own_updates = [spec.update for spec in inputs if spec.update is not None]
    stack.extend((v, False) for v in reversed([*(o.variable for o in outputs), *own_updates, *new_values.values()]))
    targets = list(new_values)
    # those with a default update: which one it is may depend on all the rest of the graph
    waiting: list[tuple[SharedVariable, Variable]] = []

    def note(variable: SharedVariable) -> None:
        if variable in found:
            return
        found[variable] = None
        default = variable.default_update
        if default is not None and variable not in new_values and variable not in kept:
            waiting.append((variable, default))

    while stack or targets or waiting:
        if not stack:
            if targets:
                note(targets.pop(0))
            else:
                target, default = waiting.pop(0)
                new_values[target] = after_clones(default, draws)
                stack.append((new_values[target], False))
            continue
        entry = stack.pop()
        if entry in seen:
            continue
        seen.add(entry)
        variable, replaced = entry
        if variable in explicit:
            continue
        if not replaced and variable in replace:
            stack.append((replace[variable], True))
        elif isinstance(variable, SharedVariable):
            note(variable)
        elif variable.owner is not None:
            if is_draw(variable.owner):
                draws.setdefault(variable.owner.inputs[0], {})[variable.owner] = None
            stack.extend((v, replaced) for v in reversed(variable.owner.inputs))
    return list(found), bool(draws)
