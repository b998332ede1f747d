"""Cases, run on a linker and compared with the definitions."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from typing import Any

import numpy as np

from aesaralite.autodiff.reverse import grad
from aesaralite.compile.debugging.stepping import perform_node
from aesaralite.compile.function.build import function
from aesaralite.compile.mode import Mode
from aesaralite.graph.container import duplicate
from aesaralite.graph.generators import is_generator
from aesaralite.graph.op import Op
from aesaralite.graph.shared import shared
from aesaralite.graph.traversal import io_toposort
from aesaralite.graph.variable import Apply, Constant, Variable
from aesaralite.scalar.type import ScalarType
from aesaralite.tensor.convert import as_tensor_variable
from aesaralite.tensor.elementwise import Elemwise
from aesaralite.tensor.random.type import RandomType
from aesaralite.tensor.tensor_type import TensorType
from aesaralite.testing.cases import GraphCase
from aesaralite.testing.checks import check_mode
from aesaralite.testing.compare import RELATIVE, assert_same, largest, ulps
from aesaralite.testing.conformance.case import Case, ScalarCase
from aesaralite.testing.evaluation import Values
from aesaralite.testing.finite_differences import verify_grad
from aesaralite.testing.function_checks import check_function
from aesaralite.testing.runs import DEFINITION, Tolerance, run

__all__ = [
    "NodeResult",
    "check_case",
    "check_contract",
    "check_scalar_case",
    "check_scalar_gradient",
    "check_symbolic_gradient",
    "names_of",
    "node_results",
]


# ---------------------------------------------------------------------- checks


def check_scalar_case(case: ScalarCase, linker: str) -> None:
    """Check a scalar Op on a linker, for all dtypes that it takes.

    Raises
    ------
    AssertionError
        If the linker gives something else than `perform`, or changes an input. The message has the smallest graph that
        shows it.
    """
    inputs, outputs, values, taken = case.graph()
    assert taken, f"{case.op} takes no dtype"
    _compare(GraphCase(inputs, outputs, values), linker, case.rtol)


def check_scalar_gradient(case: ScalarCase) -> None:
    """Check the gradient of a scalar Op against finite differences.

    Raises
    ------
    GradientError
        If it differs.
    """
    assert case.smooth is not None
    grids = np.meshgrid(*(np.array(numbers) for numbers in case.smooth), indexing="ij")
    kept = [grid for i, grid in enumerate(grids) if i not in case.fixed]
    constants = {i: as_tensor_variable(grids[i].astype(dtype)) for i, dtype in case.fixed.items()}

    def apply(*variables: Variable) -> Any:
        given = iter(variables)
        return Elemwise(case.op)(*(constants[i] if i in constants else next(given) for i in range(len(grids))))

    verify_grad(apply, kept, mode=DEFINITION)


def check_case(case: Case, linker: str) -> None:
    """Check a case, and its gradient if it has one, on a linker.

    Raises
    ------
    AssertionError
        If the linker gives something else than the `perform` methods, doesn't raise what they raise, or changes an
        input. The message has the smallest graph that shows it.
    """
    inputs, outputs = case.graph()
    if case.raises is not None:
        _check_raises(case, linker)
        return
    _compare(GraphCase(inputs, [*outputs, *_gradients(case)], case.values), linker, None, case.shape_only)


def check_symbolic_gradient(case: Case) -> None:
    """Check the gradients of a case against finite differences.

    Raises
    ------
    GradientError
        If one differs.
    """
    positions = case.floats
    for which, output in enumerate(case.graph()[1]):
        if not _is_float(output):
            continue

        def apply(*variables: Variable, which: int = which) -> Any:
            arguments = [shared(v) if is_generator(v) else as_tensor_variable(v) for v in case.values]
            for i, variable in zip(positions, variables):
                arguments[i] = variable
            result = case.build(*arguments)
            return result[which] if isinstance(result, (list, tuple)) else result

        with _quiet(), redirect_stdout(StringIO()):
            verify_grad(apply, [case.values[i] for i in positions], mode=DEFINITION)


def check_contract(linker: str) -> None:
    """Check what a linker promises for whole functions: state, updates, memory, copies, threads.

    Raises
    ------
    AssertionError
        If a promise is broken.
    """
    x, y = TensorType("float64", (None, None))("x"), TensorType("float64", (None,))("y")
    a, b = shared(np.arange(3.0), name="a"), shared(np.ones(3), name="b")
    rng = shared(np.random.default_rng(3), name="rng")
    mode = Mode(linker)
    functions = [
        # two states that take each other's places, and outputs that are inputs, states, views, constants
        function([x], [x, x.T, a, as_tensor_variable(np.ones(2)), x + 0.0], updates=[(a, b), (b, a)], mode=mode),
        function([x, y], (x * y).sum(axis=0), updates={a: a * 2 + y}, mode=mode),
        function([], [], updates={a: a + 1}, mode=mode),
        function([x], [x[0], x[0], x.sum()], mode=mode),
        function([], rng, mode=mode),
    ]
    for f in functions:
        check_function(f, linkers=[linker])


def _compiled(inputs: Sequence[Variable], outputs: Sequence[Variable], linker: str, optimizer: Any = "fast_run") -> Any:
    with _quiet():
        f = function(list(inputs), list(outputs), mode=Mode(linker, optimizer), on_unused_input="ignore")

    def call(*values: Any) -> Any:
        with np.errstate(all="ignore"):
            return f(*values)

    return call


def _gradients(case: Case) -> list[Variable]:
    """Return the gradients of a case, with respect to the inputs that are floats."""
    if not case.smooth:
        return []
    inputs, outputs = case.graph()
    floats: list[Any] = list(filter(_is_float, outputs))
    cost = sum((output**2).sum() for output in floats)
    found: Any = grad(cost, [inputs[i] for i in case.floats], disconnected_inputs="ignore")
    return list(found)


def _is_float(variable: Variable) -> bool:
    return isinstance(variable.type, TensorType) and variable.type.dtype.startswith("float")


def _compare(case: GraphCase, linker: str, rtol: float | None, shape_only: bool = False) -> None:
    """Check that a linker gives what `perform` gives, and leaves the inputs alone.

    Raises
    ------
    AssertionError
        If it doesn't. It tells of the smallest graph that shows it.
    """
    known = Values(dict(zip(case.inputs, map(duplicate, case.values))))
    given = [duplicate(value) for value in case.values]
    with redirect_stdout(StringIO()):
        expected = [known[variable] for variable in case.outputs]
        try:
            results = _compiled(case.inputs, case.outputs, linker)(*given)
        except Exception as error:
            tolerance = Tolerance(rtol)
            raise _failed(case, linker, f"{type(error).__name__}: {error}", tolerance) from error
    for i, (old, value) in enumerate(zip(case.values, given)):
        try:
            assert_same(old, value, f"input {i}, which was changed", rtol=0, atol=0)
        except AssertionError as error:
            raise _failed(case, linker, str(error)) from error
    for i, (value, result) in enumerate(zip(expected, results, strict=True)):
        if shape_only:
            value, result = ((v.dtype, v.shape) for v in (value, result))
        try:
            assert_same(value, result, f"output {i}", rtol)
        except AssertionError as error:
            relative = RELATIVE.get(str(getattr(value, "dtype", None))) if rtol is None else rtol
            tolerance = Tolerance(relative, None if relative is None else relative * largest([value]))
            raise _failed(case.with_outputs([case.outputs[i]]), linker, str(error), tolerance) from error


def _check_raises(case: Case, linker: str) -> None:
    assert case.raises is not None
    inputs, outputs = case.graph()
    whole = GraphCase(inputs, outputs, case.values)
    for mode, who in ((DEFINITION, "perform"), (Mode(linker, "fast_run"), f"linker {linker!r}")):
        with _quiet():
            error = run(whole, mode).error
        if not isinstance(error, case.raises):
            told = "nothing" if error is None else repr(error)
            raise _failed(whole, linker, f"{who} raises {told}, not {case.raises.__name__}")


def _failed(case: GraphCase, linker: str, text: str, tolerance: Tolerance | None = None) -> AssertionError:
    """Return an error that shows the smallest graph, or the whole one if no smaller one fails."""
    try:
        if tolerance is not None:
            check_mode(case, run(case, DEFINITION), Mode(linker, "fast_run"), f"linker {linker!r}", tolerance)
    except AssertionError as error:
        return error
    except Exception:  # what compiling raises
        pass
    return AssertionError(
        f"Difference in linker {linker!r}: {text}\n\n{case.program([('py', None), (linker, 'fast_run')])}"
    )


@contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # about Ops that are called back, and repeated draws
        yield


# -------------------------------------------------------------------- measuring


@dataclass(frozen=True)
class NodeResult:
    """What a linker made of one node.

    Attributes
    ----------
    node : Apply
        The node.
    ulps : float or None
        How far the outputs lie from those of `perform` on the same inputs, in units in the last place. None if it
        isn't known, as the case raises or the content is left open.
    is_native : bool or None
        Whether the linker did without `perform`.
    """

    node: Apply
    ulps: float | None = None
    is_native: bool | None = None


def names_of(op: Op) -> str:
    """Return the name under which an Op stands in tables: that of its class, with the scalar Op of an `Elemwise`."""
    if isinstance(op, Elemwise):
        name = str(op.scalar_op)
        return f"Elemwise{{{type(op.scalar_op).__name__ if '{' in name else name}}}"
    return type(op).__name__


def node_results(
    inputs: Sequence[Variable], outputs: Sequence[Variable], values: Sequence[Any], linker: str, compared: bool = True
) -> list[NodeResult]:
    """Run a graph on a linker such that the value of every node is seen, without rewrites.

    Parameters
    ----------
    inputs, outputs, values
        The graph, and values of its inputs.
    linker : str
        The linker.
    compared : bool
        Whether the values mean something.
    """
    nodes = io_toposort(list(inputs), list(outputs))
    seen = [v for node in nodes for v in node.outputs if isinstance(v.type, (TensorType, ScalarType, RandomType))]
    # from before it's compiled, as a linker may take hold of the methods then
    with redirect_stdout(StringIO()), _performing({type(node.op) for node in nodes}) as performed:
        results = _compiled(inputs, seen, linker, None)(*values)
    known: dict[Variable, Any] = {**dict(zip(inputs, values)), **dict(zip(seen, results))}
    found = []
    for node in nodes:
        arguments = [_value(v, known) for v in node.inputs]
        distance = None
        if compared and all(v in known for v in node.outputs):
            with redirect_stdout(StringIO()), np.errstate(all="ignore"):
                expected = perform_node(node, [duplicate(value) for value in arguments])
            distance = max(map(_distance, expected, [known[v] for v in node.outputs]), default=0.0)
        for variable in node.outputs:
            known.setdefault(variable, None)
        if any(value is None for value in (known[v] for v in node.outputs)):
            known.update(zip(node.outputs, perform_node(node, arguments)))
        found.append(NodeResult(node, distance, _identity(node) not in performed))
    return found


def _value(variable: Variable, known: dict[Variable, Any]) -> Any:
    return variable.data if isinstance(variable, Constant) else known[variable]


def _distance(expected: Any, actual: Any) -> float:
    if isinstance(expected, (np.ndarray, np.generic)):
        return ulps(expected, actual)
    try:
        assert_same(expected, actual)
    except AssertionError:
        return np.inf
    return 0.0


def _identity(node: Apply) -> Any:
    """Return what tells a node from others of the same Op, also in a copy of the graph."""
    return (
        node.op,
        [getattr(v.type, "dtype", None) for v in node.inputs],
        [v.type.ndim for v in node.outputs if isinstance(v.type, TensorType)],
    )


@contextmanager
def _performing(classes: set[type[Op]]) -> Iterator[list[Any]]:
    """Note the nodes of Ops of some classes whose `perform` is called."""
    performed: list[Any] = []

    def noting(original: Callable[..., Any]) -> Callable[..., Any]:
        def perform(self: Op, node: Apply, *args: Any, **kwargs: Any) -> Any:
            performed.append(_identity(node))
            return original(self, node, *args, **kwargs)

        return perform

    # where it's defined, as a linker may ask which class that is
    homes: set[Any] = {next(base for base in cls.__mro__ if "perform" in base.__dict__) for cls in classes}
    originals = {home: home.perform for home in homes}
    for home, original in originals.items():
        home.perform = noting(original)
    try:
        yield performed
    finally:
        for home, original in originals.items():
            home.perform = original
