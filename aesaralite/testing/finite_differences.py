"""Gradients by finite differences, and the check of symbolic gradients against them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from aesaralite.autodiff.reverse import grad
from aesaralite.compile.function import function
from aesaralite.graph.shared import shared
from aesaralite.tensor.static import Tensor
from aesaralite.tensor.tensor_type import TensorType

# the step at which rounding and truncation of a central difference balance: the cube root of the dtype's precision
_STEPS = {"float16": 1e-1, "float32": 5e-3, "float64": 6e-6}
_TOLERANCES = {"float16": 5e-2, "float32": 1e-3, "float64": 1e-4}


class GradientError(AssertionError):
    """A symbolic gradient differs from finite differences.

    Attributes
    ----------
    arg : int
        The position of the argument.
    err_pos : int
        The position in the flattened argument.
    shape : tuple of int
        The shape of the argument.
    val1, val2 : float
        The symbolic and the numeric derivative.
    abs_err, rel_err : float
        By how much they differ.
    abs_tol, rel_tol : float
        By how much they might have.
    """

    def __init__(
        self,
        arg: int,
        err_pos: int,
        shape: tuple[int, ...],
        val1: float,
        val2: float,
        abs_err: float,
        rel_err: float,
        abs_tol: float,
        rel_tol: float,
    ):
        super().__init__(arg, err_pos, shape, val1, val2, abs_err, rel_err, abs_tol, rel_tol)
        self.arg = arg
        self.err_pos = err_pos
        self.shape = shape
        self.val1 = val1
        self.val2 = val2
        self.abs_err = abs_err
        self.rel_err = rel_err
        self.abs_tol = abs_tol
        self.rel_tol = rel_tol

    def __str__(self) -> str:
        position = tuple(int(i) for i in np.unravel_index(self.err_pos, self.shape))
        return (
            f"The symbolic gradient differs from finite differences at position {position} of argument {self.arg} "
            f"with shape {self.shape}: {self.val1:g} against {self.val2:g}.\n"
            f"  abs. error = {self.abs_err:g}, abs. tolerance = {self.abs_tol:g}\n"
            f"  rel. error = {self.rel_err:g}, rel. tolerance = {self.rel_tol:g}"
        )


class numeric_grad:
    """The gradient of a function of arrays, by central differences.

    Parameters
    ----------
    f : callable
        Takes the arrays and returns a scalar.
    pt : ndarray or sequence of ndarray
        The point.
    eps : float, optional
        The step. By default one that suits the least precise dtype among `pt` and `out_type`.
    out_type : str, optional
        The dtype in which `f` computes, if that's less precise than the arrays.

    Attributes
    ----------
    gf : ndarray or list of ndarray
        The gradient, in the form in which `pt` was given.

    Examples
    --------
    >>> import numpy as np
    >>> numeric_grad(lambda x: (x**2).sum(), np.array([1.0, 2.0])).gf.round(6)
    array([2., 4.])
    """

    type_eps = dict(_STEPS)

    def __init__(self, f: Callable[..., Any], pt: Any, eps: float | None = None, out_type: str | None = None):
        is_single = not isinstance(pt, (list, tuple))
        point = [np.array(value, order="C") for value in ([pt] if is_single else pt)]
        dtypes = [str(value.dtype) for value in point] + ([str(out_type)] if out_type is not None else [])
        known = [dtype for dtype in dtypes if dtype in _STEPS]
        step = eps if eps is not None else max((_STEPS[dtype] for dtype in known), default=_STEPS["float64"])
        gradients = []
        for value in point:
            gradient = np.zeros(value.shape, dtype=value.dtype)
            flat, flat_gradient = value.reshape(-1), gradient.reshape(-1)
            for i in range(flat.size):
                here = flat[i]
                flat[i] = here + step
                above, after = flat[i], np.asarray(f(*point), dtype="float64")
                flat[i] = here - step
                below, before = flat[i], np.asarray(f(*point), dtype="float64")
                flat[i] = here
                # the steps really taken, as the dtype rounds them
                flat_gradient[i] = (after - before) / (float(above) - float(below))
            gradients.append(gradient)
        self.gf: Any = gradients[0] if is_single else gradients

    @staticmethod
    def abs_rel_err(a: Any, b: Any) -> tuple[np.ndarray, np.ndarray]:
        """Return the absolute and the relative difference of two arrays, elementwise."""
        abs_err = np.abs(a - b)
        return abs_err, abs_err / np.maximum(np.abs(a) + np.abs(b), 1e-8)

    def abs_rel_errors(self, g_pt: Any) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return the differences to another gradient.

        Raises
        ------
        ValueError
            If the number or the shapes of the gradients differ.
        """
        others = g_pt if isinstance(g_pt, (list, tuple)) else [g_pt]
        own = self.gf if isinstance(self.gf, list) else [self.gf]
        if len(others) != len(own):
            raise ValueError(f"Expected {len(own)} gradients, got {len(others)}.")
        for i, (other, mine) in enumerate(zip(others, own)):
            if np.shape(other) != mine.shape:
                raise ValueError(f"Gradient {i} has shape {np.shape(other)}, that of the argument is {mine.shape}.")
        return [self.abs_rel_err(other, mine) for other, mine in zip(others, own)]

    def max_err(self, g_pt: Any, abs_tol: float, rel_tol: float) -> tuple[int, int, float, float]:
        """Return where another gradient differs most, and by how much.

        An element counts by its absolute or relative error, whichever is the smaller part of its tolerance.

        Returns
        -------
        tuple
            The position of the argument, that in the flattened argument, absolute and relative error.
        """
        worst = (0, 0, 0.0, 0.0)
        worst_ratio = -1.0
        for i, (abs_err, rel_err) in enumerate(self.abs_rel_errors(g_pt)):
            if abs_err.size == 0:
                continue
            ratios = np.minimum(abs_err / abs_tol, rel_err / rel_tol).reshape(-1)
            # NaN is as wrong as can be
            ratios = np.where(np.isnan(ratios), np.inf, ratios)
            position = int(np.argmax(ratios))
            if ratios[position] > worst_ratio:
                worst_ratio = float(ratios[position])
                worst = (i, position, float(abs_err.reshape(-1)[position]), float(rel_err.reshape(-1)[position]))
        return worst


def verify_grad(
    fun: Callable[..., Any],
    pt: Sequence[Any],
    n_tests: int = 2,
    rng: np.random.Generator | np.random.RandomState | None = None,
    eps: float | None = None,
    out_type: str | None = None,
    abs_tol: float | None = None,
    rel_tol: float | None = None,
    mode: Any = None,
    cast_to_output_type: bool = False,
    no_debug_ref: bool = True,
) -> None:
    """Check the gradient of an expression against finite differences.

    Parameters
    ----------
    fun : callable
        Takes variables and returns a variable of any shape. An Op will do.
    pt : sequence of array_like
        The values, of float dtypes, at which to check. `fun` must be smooth near them.
    n_tests : int
        How many random projections of the output to check.
    rng : Generator or RandomState, optional
        Where the projections come from.
    eps : float, optional
        The step of the finite differences.
    out_type : str, optional
        The dtype in which `fun` computes, if that's less precise than `pt`.
    abs_tol, rel_tol : float, optional
        How far derivatives may differ; one of the two is enough. By default what suits the dtypes.
    mode : Mode or str, optional
        How to compile.
    cast_to_output_type : bool
        Whether the finite differences take the dtype of the output into account.
    no_debug_ref : bool
        Accepted for programs that pass it.

    Raises
    ------
    GradientError
        If the gradients differ.
    TypeError
        If `pt` isn't a sequence, or a value isn't a float.
    NotImplementedError
        If `fun` returns several variables.

    Examples
    --------
    >>> import numpy as np
    >>> import aesaralite.tensor as at
    >>> verify_grad(at.tanh, [np.array([0.1, 0.5])])
    """
    if not isinstance(pt, (list, tuple)):
        raise TypeError(f"`pt` should be a list or tuple, got {type(pt)}.")
    rng = np.random.default_rng(0) if rng is None else rng
    point = [np.array(value) for value in pt]
    for i, value in enumerate(point):
        if value.dtype.kind != "f":
            raise TypeError(
                f'verify_grad can work only with floating point inputs, but input {i} has dtype "{value.dtype}".'
            )
    inputs = [
        TensorType(str(value.dtype), shape=tuple(1 if size == 1 else None for size in value.shape))(f"input {i}")
        for i, value in enumerate(point)
    ]
    output: Tensor = fun(*inputs)
    if isinstance(output, (list, tuple)):
        raise NotImplementedError("Can't (yet) auto-test the gradient of a function with multiple outputs")

    dtypes = [str(value.dtype) for value in point]
    if out_type is not None:
        dtypes.append(out_type)
    if cast_to_output_type and output.type.dtype in _STEPS:
        dtypes.append(output.type.dtype)
    loosest = max(_TOLERANCES[dtype] for dtype in dtypes)
    abs_tol = loosest if abs_tol is None else abs_tol
    rel_tol = loosest if rel_tol is None else rel_tol
    step = eps if eps is not None else max(_STEPS[dtype] for dtype in dtypes)

    sample = function(inputs, output, mode=mode, on_unused_input="ignore")(*point)
    projection = shared(_projection(rng, sample), borrow=True, name="projection")
    cost = (output * projection).sum()
    cost_of = function(inputs, cost, mode=mode, on_unused_input="ignore")
    gradients_of = function(
        inputs, grad(cost, inputs, disconnected_inputs="ignore"), mode=mode, on_unused_input="ignore"
    )
    for _ in range(n_tests):
        analytic = gradients_of(*point)
        numeric = numeric_grad(cost_of, point, step)
        arg, position, abs_err, rel_err = numeric.max_err(analytic, abs_tol, rel_tol)
        if not (abs_err <= abs_tol or rel_err <= rel_tol):
            raise GradientError(
                arg,
                position,
                point[arg].shape,
                float(np.asarray(analytic[arg]).reshape(-1)[position]),
                float(numeric.gf[arg].reshape(-1)[position]),
                abs_err,
                rel_err,
                abs_tol,
                rel_tol,
            )
        projection.set_value(_projection(rng, sample))


def _projection(rng: Any, sample: Any) -> np.ndarray:
    """Return random weights, none of them near zero, so that no element of the output is overlooked."""
    sample = np.asarray(sample)
    dtype = sample.dtype if sample.dtype.kind in "fc" else np.dtype("float64")
    draw = rng.random(sample.shape) if hasattr(rng, "random") else rng.rand(*sample.shape)
    return np.asarray(draw + 0.5, dtype=dtype)
