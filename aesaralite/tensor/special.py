"""Functions of whole arrays, and special functions made of others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aesaralite.configdefaults import config
from aesaralite.graph.arguments import as_integer
from aesaralite.graph.basic import Apply
from aesaralite.graph.op import Op
from aesaralite.scalar.dtypes import as_float_dtype, upcast
from aesaralite.tensor.convert import as_tensor_variable
from aesaralite.tensor.pointwise import cast, exp, gamma, gammaln, log, log1p
from aesaralite.tensor.static import Tensor, is_discrete_type
from aesaralite.tensor.tensor_type import tensor_type


@dataclass(frozen=True, eq=False, repr=False)
class _AlongAxis(Op):
    """An Op whose output has its first input's type, computed in floats along one axis or over all.

    Parameters
    ----------
    axis : int or None
        The axis; None takes all elements together.
    """

    axis: int | None

    def __post_init__(self) -> None:
        if self.axis is not None and (isinstance(self.axis, bool) or not isinstance(self.axis, (int, np.integer))):
            raise TypeError(f"axis must be an integer or `None`; got {self.axis!r}")
        if self.axis is not None:
            object.__setattr__(self, "axis", as_integer(self.axis, "axis"))

    def _for(self, x: Tensor) -> Any:
        """Return this Op with the axis counted from the start."""
        if self.axis is None:
            return self
        ndim = x.type.ndim
        if not -ndim <= self.axis < ndim:
            raise ValueError(f"{type(self).__name__} axis(={self.axis}) out of bounds for {ndim}D array {x}")
        return self if self.axis >= 0 else type(self)(self.axis % ndim)

    def _sum(self, x: Tensor) -> Tensor:
        return x.sum(axis=self.axis, keepdims=True)

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        return [shapes[0]]

    def __str__(self) -> str:
        return f"{type(self).__name__}{{axis={self.axis}}}"


class _Normalizing(_AlongAxis):
    def make_node(self, x: Any) -> Apply:
        """Apply the Op to an array of floats."""
        x = as_tensor_variable(x)
        if not x.type.dtype.startswith("float"):
            raise TypeError(f"{type(self).__name__} takes an array of floats; got {x} of dtype {x.type.dtype}")
        return Apply(self._for(x), [x], [tensor_type(x.type.dtype, x.type.shape)()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        (x,) = inputs
        dtype = x.dtype
        if dtype == np.float16:
            x = x.astype("float32")
        # an infinite maximum would make NaN of every element below it
        with np.errstate(all="ignore"):
            shifted = x - np.max(x, axis=self.axis, keepdims=True, initial=-np.inf)
            result = self._normalized(shifted)
        output_storage[0][0] = np.asarray(result, dtype=dtype)

    def _normalized(self, shifted: np.ndarray) -> np.ndarray:
        raise NotImplementedError


class Softmax(_Normalizing):
    """Exponentials, divided by their sum along an axis.

    Parameters
    ----------
    axis : int or None
        The axis; None takes all elements together.
    """

    def _normalized(self, shifted: np.ndarray) -> np.ndarray:
        exponentials = np.exp(shifted)
        return exponentials / exponentials.sum(axis=self.axis, keepdims=True)

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        return [SoftmaxGrad(self.axis)(output_grads[0], outputs[0])]

    def R_op(self, inputs: Sequence[Tensor], eval_points: Sequence[Tensor | None]) -> list[Tensor | None]:
        # the Jacobian is symmetric
        if eval_points[0] is None:
            return [None]
        return [SoftmaxGrad(self.axis)(eval_points[0], self(inputs[0]))]


class LogSoftmax(_Normalizing):
    """The logarithm of `Softmax`, accurate where that underflows.

    Parameters
    ----------
    axis : int or None
        The axis; None takes all elements together.
    """

    def _normalized(self, shifted: np.ndarray) -> np.ndarray:
        return shifted - np.log(np.exp(shifted).sum(axis=self.axis, keepdims=True))

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        (gz,) = output_grads
        return [gz - self._sum(gz) * exp(outputs[0])]

    def R_op(self, inputs: Sequence[Tensor], eval_points: Sequence[Tensor | None]) -> list[Tensor | None]:
        (point,) = eval_points
        if point is None:
            return [None]
        return [point - self._sum(point * Softmax(self.axis)(inputs[0]))]


class SoftmaxGrad(_AlongAxis):
    """The gradient of `Softmax`: ``SoftmaxGrad(axis)(dy, sm)`` is ``(dy - sum(dy * sm)) * sm``.

    Parameters
    ----------
    axis : int or None
        The axis of the softmax.
    """

    def make_node(self, dy: Any, sm: Any) -> Apply:
        """Apply the Op to the gradient with respect to the softmax, and the softmax."""
        dy, sm = as_tensor_variable(dy), as_tensor_variable(sm)
        if dy.type.ndim != sm.type.ndim:
            raise TypeError(f"{dy} and {sm} must have the same number of dimensions")
        dy = cast(dy, sm.type.dtype)
        return Apply(self._for(sm), [dy, sm], [tensor_type(sm.type.dtype, sm.type.shape)()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        dy, sm = inputs
        with np.errstate(all="ignore"):
            product = dy * sm
            result = product - sm * product.sum(axis=self.axis, keepdims=True)
        output_storage[0][0] = np.asarray(result, dtype=sm.dtype)

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        return [shapes[1]]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        (dy, sm), (g,) = inputs, output_grads
        gsm = g * dy - g * self._sum(dy * sm) - dy * self._sum(g * sm)
        return [self(g, sm), gsm]


def _floats(x: Any) -> Tensor:
    x = as_tensor_variable(x)
    return cast(x, config.floatX) if is_discrete_type(x) else x


def softmax(c: Any, axis: int | None = -1) -> Tensor:
    """Return exponentials, divided by their sum along an axis.

    Parameters
    ----------
    c : tensor_like
        The exponents.
    axis : int or None
        The axis, the last one by default; None takes all elements together.

    Raises
    ------
    ValueError
        If there is no such axis.
    """
    return Softmax(axis)(_floats(c))


def log_softmax(c: Any, axis: int | None = -1) -> Tensor:
    """Return the logarithm of `softmax`, accurate where that underflows; parameters are the same."""
    return LogSoftmax(axis)(_floats(c))


def factorial(n: Any) -> Tensor:
    """Return ``n!``, which for fractions is ``gamma(n + 1)``."""
    (n,) = _as_floats(n)
    return gamma(n + 1)


def poch(z: Any, m: Any) -> Tensor:
    """Return the rising factorial ``z (z + 1) ... (z + m - 1)``, as ``gamma(z + m) / gamma(z)``."""
    z, m = _as_floats(z, m)
    return gamma(z + m) / gamma(z)


def logit(p: Any) -> Tensor:
    """Return the inverse of the sigmoid: ``log(p / (1 - p))``."""
    (p,) = _as_floats(p)
    return log(p) - log1p(-p)


def beta(a: Any, b: Any) -> Tensor:
    """Return the beta function ``gamma(a) gamma(b) / gamma(a + b)``."""
    a, b = _as_floats(a, b)
    return gamma(a) * gamma(b) / gamma(a + b)


def betaln(a: Any, b: Any) -> Tensor:
    """Return the logarithm of the absolute value of the `beta` function."""
    a, b = _as_floats(a, b)
    return gammaln(a) + gammaln(b) - gammaln(a + b)


def _as_floats(*xs: Any) -> list[Any]:
    """Return floats of one dtype: sums of integers wrap around, and a less precise part would spoil the whole."""
    variables = [as_tensor_variable(x) for x in xs]
    dtype = upcast(*(as_float_dtype(x.type.dtype) for x in variables))
    return [cast(x, dtype) for x in variables]
