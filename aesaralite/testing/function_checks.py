"""The check of a compiled function: in every way in which it may be compiled, called and copied, it does the same."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np

from aesaralite.compile.function.callable import Function
from aesaralite.compile.function.maker import FunctionMaker
from aesaralite.compile.linker import installed_linkers
from aesaralite.compile.mode import Mode
from aesaralite.graph.container import duplicate
from aesaralite.graph.shared import SharedVariable
from aesaralite.graph.variable import Variable
from aesaralite.tensor.tensor_type import TensorType
from aesaralite.testing.cases import GraphCase
from aesaralite.testing.checks import check_mode
from aesaralite.testing.compare import assert_same, largest, tolerance_of
from aesaralite.testing.layouts import LAYOUTS, with_layout
from aesaralite.testing.runs import DEFINITION, Tolerance, run

__all__ = ["check_function"]

OPTIMIZERS = (None, "fast_compile", "fast_run")
_SIDE = 3
"""The size that unknown dimensions get, where no values are given."""


class _Calls(NamedTuple):
    """What some calls, one after another, returned, and the state after each of them."""

    outputs: list[list[Any]]
    states: list[list[Any]]


def check_function(
    f: Function,
    values: Sequence[Any] | None = None,
    linkers: Sequence[str] | None = None,
    optimizers: Sequence[str | None] = OPTIMIZERS,
    calls: int = 3,
    threads: int = 4,
    rtol: float | None = None,
    atol: float | None = None,
) -> None:
    """Check that a function does the same in every way in which it may be compiled and called.

    The reference is the Python linker without rewrites. State is looked at after each call. What is checked:

    - each linker with each set of rewrites;
    - arguments in each layout;
    - arguments are left alone, and results share no memory with them, with the state, or with one another, unless the
      function was told to `borrow`;
    - a call with a bad argument raises an exception, and changes nothing;
    - pickles, copies (`Function.copy`, `copy.deepcopy`) and calls from several threads.

    The function itself isn't called: what is checked has copies of its state.

    Parameters
    ----------
    f : Function
        The function, as `aesaralite.function` returned it. One that was unpickled doesn't know its expressions.
    values : sequence of array_like, optional
        Arguments. By default arrays of small numbers, with 3 elements along each dimension of unknown size.
    linkers : sequence of str, optional
        All that are installed by default.
    optimizers : sequence of str and None
        Sets of rewrites, by their names.
    calls : int
        How many calls to make one after another, so that state is looked at, too.
    threads : int
        How many threads call at once.
    rtol, atol : float, optional
        As in `check_linkers`.

    Raises
    ------
    AssertionError
        If something differs.
    ValueError
        If the function was unpickled.

    Examples
    --------
    >>> import aesaralite
    >>> import aesaralite.tensor as at
    >>> x = at.dmatrix("x")
    >>> total = aesaralite.shared(0.0, name="total")
    >>> f = aesaralite.function([x], at.exp(x), updates={total: total + x.sum()})
    >>> check_function(f)
    """
    if f.maker._outputs is None:
        raise ValueError(f"{f!r} was unpickled, and doesn't know the expressions that it was made of")
    explicit = [spec for spec, slot in zip(f.maker.inputs, f.maker.linked.plan.inputs) if not slot.is_state]
    data = [_default(spec.variable) for spec in explicit] if values is None else [np.asarray(value) for value in values]
    tolerance = Tolerance(rtol, atol)
    reference = _called(_rebuilt(f, DEFINITION), data, calls)
    for linker in installed_linkers() if linkers is None else linkers:
        for optimizer in optimizers:
            mode = Mode(linker, optimizer)
            who = f"linker {linker!r}, optimizer {optimizer!r}"
            compiled = _rebuilt(f, mode)
            try:
                _compare(f, reference, _called(_twin(compiled), data, calls), tolerance, data)
            except AssertionError as error:
                _explain(f, data, mode, who, tolerance)
                raise AssertionError(f"Difference in {who}: {error}") from error
            if optimizer == optimizers[-1]:
                _check_ways(f, compiled, reference, data, who, calls, tolerance)
                _check_threads(compiled, data, who, threads)


def _check_ways(
    f: Function,
    compiled: Function,
    reference: _Calls,
    data: Sequence[Any],
    who: str,
    calls: int,
    tolerance: Tolerance,
) -> None:
    """Check copies of one compiled function, and ways to call it."""
    for what, other, arguments in _ways(compiled, data):
        try:
            _compare(f, reference, _called(other, arguments, calls), tolerance, data)
        except AssertionError as error:
            raise AssertionError(f"Difference in {who}, {what}: {error}") from error
    _check_memory(_twin(compiled), data, who)
    _check_refusal(_twin(compiled), data, who)


def _ways(compiled: Function, data: Sequence[Any]) -> Iterator[tuple[str, Function, Sequence[Any]]]:
    for layout in LAYOUTS:
        arguments = [with_layout(value, layout) for value in data]
        yield f"arguments of the layout {layout!r}", _twin(compiled), arguments
    yield "unpickled", pickle.loads(pickle.dumps(compiled)), data
    yield "copied by copy.deepcopy", copy.deepcopy(compiled), data
    swap = {state: _own(state) for state in compiled.get_shared()}
    yield "copied by its method copy", compiled.copy(swap=swap), data


def _check_memory(f: Function, data: Sequence[Any], who: str) -> None:
    """Check that a call leaves its arguments alone, and that its results share no memory with anything."""
    arguments = [np.array(value, order="C") for value in data]
    results = _listed(f, _quietly(f, arguments))
    plan = f.maker.linked.plan
    lent = [not slot.borrow and not slot.mutable for slot in plan.inputs if not slot.is_state]
    for i, (old, new, is_lent) in enumerate(zip(data, arguments, lent)):
        if is_lent:
            assert_same(np.asarray(old), new, f"{who}: argument {i}, which the call changed", rtol=0, atol=0)
    others: list[tuple[str, Any]] = [(f"argument {i}", value) for i, value in enumerate(arguments)]
    others += [(f"the state {c.name}", c.storage[0]) for c, slot in zip(f.input_storage, plan.inputs) if slot.is_state]
    for i, (result, slot) in enumerate(zip(results, plan.outputs)):
        others_now = [*others, *((f"result {k}", other) for k, other in enumerate(results) if k != i)]
        for what, other in others_now:
            if not slot.borrow and _share(result, other):
                raise AssertionError(f"{who}: result {i} shares memory with {what}, though nobody asked to borrow")


def _check_refusal(f: Function, data: Sequence[Any], who: str) -> None:
    """Check that a bad argument is refused before anything changes."""
    if not data:
        return
    before = _state(f)
    bad = [*data[:-1], np.zeros((1,) * (np.ndim(data[-1]) + 1), dtype="complex128")]
    try:
        f(*bad)
    except (TypeError, ValueError):
        pass
    else:
        raise AssertionError(f"{who}: an argument of another rank and dtype wasn't refused")
    for old, new in zip(before, _state(f)):
        assert_same(old, new, f"{who}: state after a call that was refused", rtol=0, atol=0)


def _check_threads(compiled: Function, data: Sequence[Any], who: str, threads: int) -> None:
    """Check that calls from several threads do what as many calls, one after another, do."""
    if not threads:
        return
    reference = _called(_twin(compiled), data, 2 * threads)
    together = _twin(compiled)
    with ThreadPoolExecutor(threads) as pool:
        results = list(pool.map(lambda _: _listed(together, _quietly(together, data)), range(2 * threads)))
    for old, new in zip(reference.states[-1], _state(together)):
        assert_same(old, new, f"{who}, in {threads} threads: the state after {2 * threads} calls", rtol=0, atol=0)
    remaining = list(reference.outputs)
    for outputs in results:
        for k, other in enumerate(remaining):
            if all(map(_is_same, outputs, other)):
                del remaining[k]
                break
        else:
            raise AssertionError(
                f"{who}, in {threads} threads: a call returned {outputs!r}, as none does in one thread"
            )


# ------------------------------------------------------------------- functions


def _rebuilt(f: Function, mode: Mode) -> Function:
    """Return the function of the same expressions, compiled in a mode, with state of its own."""
    maker = f.maker
    outputs: Any = maker.outputs[0] if maker.unpack_single else maker.outputs
    new = FunctionMaker(
        maker.inputs, outputs, mode, on_unused_input="ignore", output_keys=maker.output_keys, name=maker.name
    )
    return new.create([copy.deepcopy(container) for container in f.input_storage])


def _twin(f: Function) -> Function:
    """Return a function of the same program, with state of its own, equal to that of `f`."""
    return f.maker.create([copy.deepcopy(container) for container in f.input_storage])


def _own(state: SharedVariable) -> SharedVariable:
    return type(state)(state.type, state.get_value(), strict=None, name=state.name)


def _called(f: Function, data: Sequence[Any], calls: int) -> _Calls:
    outputs, states = [], []
    for _ in range(calls):
        outputs.append([duplicate(value) for value in _listed(f, _quietly(f, data))])
        states.append(_state(f))
    return _Calls(outputs, states)


def _quietly(f: Function, data: Sequence[Any]) -> Any:
    with np.errstate(all="ignore"):
        return f(*data)


def _listed(f: Function, results: Any) -> list[Any]:
    if isinstance(results, dict):
        return list(results.values())
    return [results] if f.unpack_single else list(results)


def _state(f: Function) -> list[Any]:
    slots = f.maker.linked.plan.inputs
    return [duplicate(c.storage[0]) for c, slot in zip(f.input_storage, slots) if slot.is_state]


def _compare(f: Function, expected: _Calls, actual: _Calls, tolerance: Tolerance, data: Sequence[Any]) -> None:
    roots = [out.variable for out in f.maker.outputs]
    roots += [spec.update for spec in f.maker.inputs if spec.update is not None]
    rtol = tolerance_of(roots) if tolerance.rtol is None else tolerance.rtol
    for k in range(len(expected.outputs)):
        scale = largest([*data, *expected.states[k]])
        for what, olds, news in (
            ("output", expected.outputs, actual.outputs),
            ("state", expected.states, actual.states),
        ):
            for i, (old, new) in enumerate(zip(olds[k], news[k], strict=True)):
                atol = rtol * max(scale, largest([old])) if tolerance.atol is None else tolerance.atol
                assert_same(old, new, f"{what} {i} in call {k}", rtol, atol)


def _explain(f: Function, data: Sequence[Any], mode: Mode, who: str, tolerance: Tolerance) -> None:
    """Raise an error that shows the smallest graph, if the difference is in the first call."""
    explicit, updates = [], []
    for spec, slot in zip(f.maker.inputs, f.maker.linked.plan.inputs):
        if not slot.is_state:
            explicit.append(spec.variable)
        elif not isinstance(spec.variable, SharedVariable):
            return  # an input with an update: its case can't be said
        elif spec.update is not None:
            updates.append((spec.variable, spec.update))
    case = GraphCase(explicit, [out.variable for out in f.maker.outputs], list(data), updates)
    check_mode(case, run(case, DEFINITION), mode, who, tolerance)


def _default(variable: Variable) -> np.ndarray:
    kind = variable.type
    if not isinstance(kind, TensorType):
        raise ValueError(f"{variable} is of type {kind}: give values for the arguments")
    shape = tuple(_SIDE if size is None else size for size in kind.shape)
    count = int(np.prod(shape, dtype=int))
    numbers = np.arange(1, count + 1) % _SIDE
    if kind.dtype.startswith(("float", "complex")):
        return (0.5 + 0.25 * numbers).reshape(shape).astype(kind.dtype)
    return numbers.reshape(shape).astype(kind.dtype)


def _share(a: Any, b: Any) -> bool:
    return isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and a.size > 0 and np.shares_memory(a, b)


def _is_same(a: Any, b: Any) -> bool:
    try:
        assert_same(a, b, rtol=0, atol=0)
    except AssertionError:
        return False
    return True
