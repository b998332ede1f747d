"""Checks that hold for any graph, Op, rewrite or linker; each raises AssertionError with what differs."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from aesaralite.compile.function import function
from aesaralite.compile.linker import installed_linkers
from aesaralite.compile.mode import Mode
from aesaralite.errors import ShapeError
from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.traversal import ancestors, applys_between, io_toposort
from aesaralite.graph.type import HasShape
from aesaralite.graph.variable import Variable
from aesaralite.printing.debug import debugprint
from aesaralite.rewriting.base import GraphRewriter, NodeRewriter
from aesaralite.rewriting.equilibrium import EquilibriumGraphRewriter
from aesaralite.tensor.convert import as_tensor_variable
from aesaralite.tensor.shaping import shape_tuple
from aesaralite.testing.finite_differences import verify_grad

_RELATIVE = {"float16": 1e-2, "float32": 1e-4, "complex64": 1e-4, "float64": 1e-9, "complex128": 1e-9}
REFERENCE = "py"


def check_linkers(
    inputs: Sequence[Variable],
    outputs: Variable | Sequence[Variable],
    values: Sequence[Any],
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
        The graph.
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
        value. An exception that all raise alike, by its class, isn't a difference.

    Examples
    --------
    >>> import numpy as np
    >>> import aesaralite.tensor as at
    >>> x = at.dvector("x")
    >>> check_linkers([x], [at.exp(x).sum()], [np.zeros(3)])
    [array(3.)]
    """
    outputs = [outputs] if isinstance(outputs, Variable) else list(outputs)
    expected = _outcome(inputs, outputs, values, Mode(linker=REFERENCE, optimizer=None))
    for linker in installed_linkers() if linkers is None else linkers:
        actual = _outcome(inputs, outputs, values, Mode(linker=linker, optimizer=optimizer))
        _compare(expected, actual, f"linker {linker!r}", outputs, values, rtol, atol)
    if isinstance(expected, Exception):
        raise expected
    return expected


def check_rewrite(
    inputs: Sequence[Variable],
    outputs: Variable | Sequence[Variable],
    values: Sequence[Any],
    rewrite: Any = "fast_run",
    rtol: float | None = None,
    atol: float | None = None,
) -> FunctionGraph:
    """Check that rewriting a graph leaves its meaning alone.

    Parameters
    ----------
    inputs, outputs : sequence of Variable
        The graph.
    values : sequence of array_like
        One for each input.
    rewrite : str, RewriteDatabaseQuery, GraphRewriter or NodeRewriter
        What rewrites: the name of a set of rewrites, or a rewriter of your own. A `NodeRewriter` is
        applied wherever it can be, until nothing changes.
    rtol, atol : float, optional
        As in `check_linkers`.

    Returns
    -------
    FunctionGraph
        The rewritten graph, for further checks.

    Raises
    ------
    AssertionError
        If a type or value changed.
    """
    outputs = [outputs] if isinstance(outputs, Variable) else list(outputs)
    expected = _outcome(inputs, outputs, values, Mode(linker=REFERENCE, optimizer=None))
    rewritten = FunctionGraph(list(inputs), outputs, clone=True)
    _rewriter(rewrite).rewrite(rewritten)
    actual = _outcome(rewritten.inputs, rewritten.outputs, values, Mode(linker=REFERENCE, optimizer=None))
    _compare(expected, actual, f"the graph after {rewrite}", outputs, values, rtol, atol)
    for old, new in zip(outputs, rewritten.outputs):
        if not old.type.is_super(new.type):
            raise AssertionError(f"{rewrite} changed the type of {old} from {old.type} to {new.type}")
    return rewritten


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


def check_op(
    op: Callable[..., Any],
    values: Sequence[Any],
    linkers: Sequence[str] | None = None,
    gradient: bool = False,
    rtol: float | None = None,
    atol: float | None = None,
) -> list[Any]:
    """Check an Op's promises at some values.

    That its outputs have the types that `make_node` gave them and the shapes that `infer_shape` says;
    that inputs aren't changed; that its Ops are equal to their own pickles; and that linkers agree.

    Parameters
    ----------
    op : callable
        An Op, or a function of variables that applies some.
    values : sequence of array_like
        Values for the arguments.
    linkers : sequence of str, optional
        All that are installed by default.
    gradient : bool
        Whether to check gradients too; all `values` must be floats then.
    rtol, atol : float, optional
        As in `check_linkers`.

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
    """
    inputs = [as_tensor_variable(value).type() for value in values]
    result = op(*inputs)
    outputs = list(result) if isinstance(result, (list, tuple)) else [result]
    before = [np.array(value) for value in values]
    results = check_linkers(inputs, outputs, values, linkers=linkers, rtol=rtol, atol=atol)
    for i, (old, new) in enumerate(zip(before, values)):
        if not np.array_equal(old, new, equal_nan=old.dtype.kind in "fc"):
            raise AssertionError(f"Input {i} was changed: from {old!r} to {new!r}")
    for output, value in zip(outputs, results):
        if not output.type.is_valid_value(value):
            raise AssertionError(f"{output} has type {output.type}, its value {value!r} doesn't belong to that")
    check_shapes(inputs, outputs, values)
    for node in applys_between(inputs, outputs):
        copy = pickle.loads(pickle.dumps(node.op))
        if copy != node.op or hash(copy) != hash(node.op):
            raise AssertionError(f"{node.op} isn't equal to its pickle, {copy}")
    if gradient:
        for i in range(len(outputs)):
            check_gradient(lambda *variables, i=i: _nth(op(*variables), i), values, linkers=linkers)
    return results


def check_shapes(inputs: Sequence[Variable], outputs: Variable | Sequence[Variable], values: Sequence[Any]) -> None:
    """Check that the shapes inferred from those of the inputs are the shapes got.

    Parameters
    ----------
    inputs, outputs : sequence of Variable
        The graph. The shape of every variable in it is checked.
    values : sequence of array_like
        One for each input.

    Raises
    ------
    AssertionError
        If a shape differs.
    """
    outputs = [outputs] if isinstance(outputs, Variable) else list(outputs)
    shapes: dict[Variable, Any] = {}
    shaped: list[Variable] = []
    for node in io_toposort(inputs, outputs):
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
    plain = Mode(linker=REFERENCE, optimizer=None)
    got = function(list(inputs), shaped, mode=plain, on_unused_input="ignore")(*values)
    sizes = [size for variable in shaped for size in shapes[variable]]
    remaining = iter(function(list(inputs), sizes, mode=plain, on_unused_input="ignore")(*values))
    for variable, value in zip(shaped, got):
        inferred = tuple(int(next(remaining)) for _ in shapes[variable])
        if inferred != np.shape(value):
            raise AssertionError(f"The inferred shape of {variable} is {inferred}, that of its value {np.shape(value)}")


def has_shape(variable: Variable) -> bool:
    """Whether the values of a variable have a shape."""
    return isinstance(variable.type, HasShape)


def assert_same(
    expected: Any, actual: Any, what: str = "value", rtol: float | None = None, atol: float | None = None
) -> None:
    """Check that two values have the same dtype and shape, and equal elements up to rounding.

    Parameters
    ----------
    expected, actual : ndarray or object
        The values. NaN equals NaN, and an infinity itself.
    what : str
        What is compared, for the error.
    rtol, atol : float, optional
        How far floats may differ. By default what suits the dtype; `atol` is that part of the largest
        expected element.

    Raises
    ------
    AssertionError
        If they differ.
    """
    are_arrays = [isinstance(value, (np.ndarray, np.generic)) for value in (expected, actual)]
    if not are_arrays[0]:
        if type(expected) is not type(actual) or expected != actual:
            raise AssertionError(f"{what}: expected {expected!r}, got {actual!r}")
        return
    if not are_arrays[1]:
        raise AssertionError(f"{what}: expected an array, got {actual!r} of type {type(actual)}")
    if expected.dtype != actual.dtype:
        raise AssertionError(f"{what}: expected dtype {expected.dtype}, got {actual.dtype}")
    if expected.shape != actual.shape:
        raise AssertionError(f"{what}: expected shape {expected.shape}, got {actual.shape}")
    if expected.dtype.kind not in "fc":
        np.testing.assert_array_equal(actual, expected, err_msg=what)
        return
    tolerance = _RELATIVE[str(expected.dtype)] if rtol is None else rtol
    absolute = tolerance * _largest(expected) if atol is None else atol
    np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=absolute, err_msg=what)


def _rewriter(rewrite: Any) -> GraphRewriter:
    if isinstance(rewrite, GraphRewriter):
        return rewrite
    if isinstance(rewrite, NodeRewriter):
        return EquilibriumGraphRewriter([rewrite], max_use_ratio=10)
    return Mode(linker=REFERENCE, optimizer=rewrite).optimizer


def _outcome(
    inputs: Sequence[Variable], outputs: Sequence[Variable], values: Sequence[Any], mode: Mode
) -> list[Any] | Exception:
    compiled = function(list(inputs), list(outputs), mode=mode, on_unused_input="ignore")
    try:
        with np.errstate(all="ignore"):
            return compiled(*values)
    except Exception as error:
        return error


def _compare(
    expected: list[Any] | Exception,
    actual: list[Any] | Exception,
    who: str,
    outputs: Sequence[Variable],
    values: Sequence[Any],
    rtol: float | None,
    atol: float | None,
) -> None:
    try:
        if isinstance(expected, Exception) or isinstance(actual, Exception):
            if type(expected) is not type(actual):
                raise AssertionError(f"expected {expected!r}, got {actual!r}")
            return
        if rtol is None:
            rtol = _tolerance(outputs)
        for i, (value, other) in enumerate(zip(expected, actual, strict=True)):
            given = atol
            if given is None:
                given = rtol * max(_largest(array) for array in (*values, value))
            assert_same(value, other, f"output {i}", rtol, given)
    except AssertionError as error:
        graph = debugprint(list(outputs), file="str", print_type=True)
        raise AssertionError(
            f"Difference in {who}: {error}\n\nThe graph:\n{graph}\nThe values of its inputs: {list(values)!r}"
        ) from error


def _tolerance(outputs: Sequence[Variable]) -> float:
    """Return what suits the least precise dtype that a graph computes in."""
    dtypes = {getattr(variable.type, "dtype", None) for variable in ancestors(outputs)}
    return max((_RELATIVE[dtype] for dtype in dtypes if dtype in _RELATIVE), default=_RELATIVE["float64"])


def _largest(value: Any) -> float:
    """Return the magnitude of the largest number in an array, NaN and infinities apart."""
    array = np.asarray(value)
    if array.dtype.kind not in "biufc":
        return 0.0
    finite = np.abs(array[np.isfinite(array)].astype("complex128" if array.dtype.kind == "c" else "float64"))
    return float(finite.max()) if finite.size else 0.0


def _nth(result: Any, i: int) -> Variable:
    return result[i] if isinstance(result, (list, tuple)) else result
