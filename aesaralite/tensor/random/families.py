"""What distributions have in common: dtypes, and how SciPy's recipes and batches of parameters are drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from aesaralite.graph.basic import Variable
from aesaralite.tensor.random.op import RandomVariable
from aesaralite.tensor.random.type import RandomStateType

__all__ = [
    "ContinuousRV",
    "DiscreteRV",
    "ScipyRandomVariable",
    "draw_rows",
    "draw_shape",
    "is_unsized",
    "needs_generator",
    "require",
]


class ContinuousRV(RandomVariable):
    """A distribution of real numbers: of the dtype ``floatX``, and drawn in float64."""

    ndim_supp = 0
    dtype = "floatX"


class DiscreteRV(RandomVariable):
    """A distribution of integers: of int64."""

    ndim_supp = 0
    dtype = "int64"


class ScipyRandomVariable(RandomVariable):
    """A distribution that NumPy's generators don't have, drawn from them as ``scipy.stats`` does.

    A subclass defines `rng_fn_scipy`. Here it gets the parameters as SciPy prepares them: broadcast against each other,
    without leading dimensions of size 1. They are float64, as for NumPy's own distributions, whatever they were before.
    """

    ndim_supp = 0
    dtype = "floatX"

    def rng_fn_scipy(self, rng: Any, *args: Any) -> Any:
        """Draw: ``rng_fn_scipy(rng, *parameters, size)``, where `size` is a tuple of ints."""
        raise NotImplementedError(f"{type(self).__name__} must define rng_fn_scipy")

    def rng_fn(self, rng: Any, *args: Any, **kwargs: Any) -> Any:
        *params, size = (*args, *kwargs.values())
        arrays = [np.asarray(param, dtype="float64") for param in params]
        shape = draw_shape(size, [array.shape for array in arrays])
        arrays = [_without_leading_ones(array) for array in np.broadcast_arrays(*arrays)]
        draw = self.rng_fn_scipy(rng, *arrays, arrays[0].shape if is_unsized(size) else shape)
        return np.reshape(draw, shape)


def _without_leading_ones(array: np.ndarray) -> np.ndarray:
    # they may decide how a ufunc loops over an array, and NumPy's power rounds in a way that depends on that
    while array.ndim and array.shape[0] == 1:
        array = array[0]
    return array


def require(condition: Any, message: str) -> None:
    """Raise `ValueError` unless a condition holds everywhere.

    Parameters
    ----------
    condition : array_like of bool
        Put so that NaN doesn't meet it.
    message : str
        The error's text: what's wrong, in NumPy's words.
    """
    if not np.all(condition):
        raise ValueError(message)


def is_unsized(size: Any) -> bool:
    """Whether a size, as Ops and users give it, leaves the shape of a draw to the parameters."""
    return size is None or (not isinstance(size, (int, np.integer)) and len(size) == 0)


def draw_shape(size: Any, batches: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """Return the shape of a batch of draws.

    Parameters
    ----------
    size : tuple of int, int or None
        The shape as given. None, or an empty one, leaves it to the parameters.
    batches : sequence of tuple of int
        The shapes of the parameters, without the dimensions of a single draw.

    Raises
    ------
    ValueError
        What NumPy raises, if the parameters don't broadcast against each other, or to the size.
    """
    batch = np.broadcast_shapes(*batches)
    if is_unsized(size):
        return batch
    shape = (int(size),) if isinstance(size, (int, np.integer)) else tuple(map(int, size))
    if any(n < 0 for n in shape):
        raise ValueError("negative dimensions are not allowed")
    if len(batch) > len(shape) or any(own not in (1, n) for own, n in zip(reversed(batch), reversed(shape))):
        raise ValueError(f"Output size {shape} is not compatible with broadcast dimensions of inputs {batch}.")
    return shape


def draw_rows(
    draw: Callable[..., Any],
    params: Sequence[Any],
    ndims_params: Sequence[int],
    size: Any,
    support: tuple[int, ...],
    dtype: str,
) -> Any:
    """Draw for each of a batch of parameters, in C order, where NumPy's method takes those of a single draw.

    Parameters
    ----------
    draw : callable
        ``draw(*parameters, size=None)``.
    params : sequence of ndarray
        The parameters.
    ndims_params : sequence of int
        How many dimensions each has for a single draw.
    size : tuple of int or None
        The shape of the batch.
    support : tuple of int
        The shape of a single draw.
    dtype : str
        Its dtype.
    """
    arrays = [np.asarray(param) for param in params]
    splits = [array.ndim - ndim for array, ndim in zip(arrays, ndims_params, strict=True)]
    shape = draw_shape(size, [array.shape[:split] for array, split in zip(arrays, splits)])
    if not any(splits):
        return draw(*arrays, size=shape or None)
    rows = [np.broadcast_to(array, shape + array.shape[split:]) for array, split in zip(arrays, splits)]
    result = np.empty(shape + support, dtype=dtype)
    for index in np.ndindex(*shape):
        result[index] = draw(*(row[index] for row in rows))
    return result


def needs_generator(name: str, source: Any, instead: str = "") -> None:
    """Raise `TypeError` if a variable holds a legacy `RandomState`, which has no method `name`."""
    if isinstance(source, Variable) and isinstance(source.type, RandomStateType):
        raise TypeError(
            f"`{name}` is only available for `RandomGeneratorType`s: RandomState has no such method.{instead}"
        )
