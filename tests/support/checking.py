"""Whether a function of tensors does what a NumPy function does: values, dtypes, static and inferred shapes."""

import itertools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from aesaralite.autodiff.reverse import grad
from aesaralite.compile.mode import Mode
from aesaralite.errors import ShapeError
from aesaralite.graph.basic import Variable
from aesaralite.graph.traversal import io_toposort
from aesaralite.tensor.shaping import shape_tuple
from aesaralite.tensor.type import TensorType
from aesaralite.testing import verify_grad
from support.evaluation import agrees, evaluate


def variable_for(value: Any, known: bool, name: str | None = None) -> Variable:
    """A variable for a value, whose sizes its type knows, or doesn't."""
    value = np.asarray(value)
    return TensorType(str(value.dtype), value.shape if known else (None,) * value.ndim)(name)


def check(
    build: Callable[..., Any], reference: Callable[..., Any], *values: Any, dtype: bool = True, rtol: float = 1e-12
) -> None:
    """Compare with NumPy, for inputs whose sizes are known when the graph is built and for others.

    Also checks that every variable on the way has the shape that its type says and that its Op infers.

    Parameters
    ----------
    build : callable
        Takes variables, returns one or a sequence of them.
    reference : callable
        Takes the values, returns what is expected.
    *values : array_like
        The values.
    dtype : bool
        Whether dtypes must agree with NumPy's, too.
    rtol : float
        How far values may differ.
    """
    arrays = [np.asarray(value) for value in values]
    expected = reference(*arrays)
    for known in itertools.product([False, True], repeat=min(len(arrays), 2)):
        flags = [*known, *([known[-1]] * len(arrays))][: len(arrays)] if known else []
        variables = [variable_for(array, flag) for array, flag in zip(arrays, flags)]
        outputs = build(*variables)
        givens = dict(zip(variables, arrays))
        single = isinstance(outputs, Variable)
        wanted = [expected] if single else list(expected)
        made = [outputs] if single else list(outputs)
        assert len(made) == len(wanted)
        for got, want in zip(evaluate(made, givens), wanted):
            want = np.asarray(want)
            assert got.shape == want.shape, (got.shape, want.shape)
            if dtype:
                assert got.dtype == want.dtype, (got.dtype, want.dtype)
            if want.dtype.kind in "fc":
                np.testing.assert_allclose(got, want, rtol=rtol, atol=1e-12)
            else:
                np.testing.assert_array_equal(got, want)
        check_shapes(made, givens)


def check_shapes(outputs: list[Variable], givens: Mapping[Variable, Any]) -> None:
    """Check, for every node, that its outputs have the shapes that it infers and that its types say."""
    for node in io_toposort(list(givens), outputs):
        try:
            inferred = node.op.infer_shape(
                None, node, [shape_tuple(v) if isinstance(v.type, TensorType) else () for v in node.inputs]
            )
        except ShapeError:
            continue
        results = evaluate(list(node.outputs), givens)
        for variable, result, shape in zip(node.outputs, results, inferred):
            if not isinstance(variable.type, TensorType):
                continue
            sizes = tuple(int(evaluate(n, givens)) if isinstance(n, Variable) else int(n) for n in shape)
            assert sizes == result.shape, f"{node} infers {sizes}, got {result.shape}"
            assert agrees(variable.type.shape, result.shape)


def check_gradient(build: Callable[..., Any], *points: Any) -> None:
    """Compare the gradient, and the gradient of its square sum, with finite differences."""
    mode = Mode("py", optimizer=None)
    values = [np.asarray(point, dtype="float64") for point in points]
    verify_grad(build, values, mode=mode, rng=np.random.default_rng(2))

    def first_order(*variables: Variable) -> Any:
        gradients = grad((build(*variables) ** 2).sum(), list(variables), disconnected_inputs="ignore")
        return sum((gradient**2).sum() for gradient in gradients)

    verify_grad(first_order, values, n_tests=1, mode=mode, rng=np.random.default_rng(3))
