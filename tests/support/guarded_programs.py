"""Programs with vectorised loops, for arrays of many lengths: of whole vectors, and of what is left beside them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import aesaralite.tensor as at
from aesaralite.graph.shared import shared
from aesaralite.tensor.random.utils import RandomStream
from aesaralite.tensor.slinalg import cholesky, solve, solve_triangular

LENGTHS = (*range(36), 63, 64, 65, 127, 128, 129, 257)


class GuardedProgram(NamedTuple):
    """A program, and values of a length.

    Attributes
    ----------
    values
        Gives the arguments of a length.
    build
        Makes outputs and updates from variables.
    """

    values: Callable[[int], list[np.ndarray]]
    build: Callable[..., tuple[list[Any], dict[Any, Any]]]


def _numbers(*dtypes: str, ndim: int = 1) -> Callable[[int], list[np.ndarray]]:
    def values(n: int) -> list[np.ndarray]:
        rng = np.random.default_rng(n)
        return [(rng.random((n,) * ndim) * 3 + 0.2).astype(dtype) for dtype in dtypes]

    return values


def _places(n: int) -> list[np.ndarray]:
    """Numbers, and indices of them in any order, negative ones among them."""
    places = np.random.default_rng(n).integers(-n, max(n, 1), n)
    return [*_numbers("float64")(n), places]


def _definite(x: Any) -> Any:
    return at.dot(x, x.T) + 300 * at.eye(x.shape[0])


def _pure(*functions: Callable[..., Any]) -> Callable[..., tuple[list[Any], dict[Any, Any]]]:
    return lambda *inputs: ([function(*inputs) for function in functions], {})


def _state(x: Any) -> tuple[list[Any], dict[Any, Any]]:
    state = shared(np.zeros(0), name="state")
    return [state * 2], {state: x + 0.001 * state.sum()}  # in place where the size hasn't changed


def _added_up(x: Any, y: Any) -> tuple[list[Any], dict[Any, Any]]:
    state = shared(np.zeros((0, 0)), name="state")
    outputs = [y + at.dot(x, y), 0.5 * y - at.dot(x.T, y), 1.5 + at.dot(x, y.sum(axis=0))]
    return [state * 2, *outputs], {state: y - 0.1 * at.dot(x.T, y)}


def _draws(x: Any) -> tuple[list[Any], dict[Any, Any]]:
    stream = RandomStream(7)
    draws = [stream.normal(x), stream.uniform(size=x.shape), stream.integers(0, 9, size=x.shape), stream.gamma(x, 1.0)]
    return [*draws, stream.permutation(x)], {}


_ELEMENTWISE = _pure(
    lambda x, y: at.exp(-x) * y + 1, lambda x, y: at.tanh(x) / at.sqrt(y), lambda x, y: at.switch(x > y, x, at.log(y))
)

PROGRAMS: dict[str, GuardedProgram] = {
    "elementwise": GuardedProgram(_numbers("float64", "float64"), _ELEMENTWISE),
    "elementwise in 32 bits": GuardedProgram(_numbers("float32", "float32"), _ELEMENTWISE),
    "elementwise in 16 bits": GuardedProgram(_numbers("float16", "float16"), _ELEMENTWISE),
    "elementwise of mixed widths": GuardedProgram(
        _numbers("int8", "float64"), _pure(lambda x, y: x + y, lambda x, y: (x * x) // 3, lambda x, y: x > y)
    ),
    "complex": GuardedProgram(
        _numbers("complex64", "complex128"),
        _pure(lambda x, y: x * y, lambda x, y: at.exp(x), lambda x, y: abs(y).sum()),
    ),
    "reductions": GuardedProgram(
        _numbers("float64", "int16"),
        _pure(
            lambda x, y: x.sum(),
            lambda x, y: (x * y).prod(),
            lambda x, y: y.sum(),
            lambda x, y: at.concatenate([x, [0.0]]).max(),
            lambda x, y: at.argmin(at.concatenate([x, [0.0]])),
            lambda x, y: (x > 1).all(),
        ),
    ),
    "rows and columns": GuardedProgram(
        _numbers("float64", "float32", ndim=2),
        _pure(
            lambda x, y: x.sum(axis=0),
            lambda x, y: x.sum(axis=1) + y.mean(axis=0),
            lambda x, y: at.exp(x.T) + y,
            lambda x, y: x[::-1, ::2] * 2,
            lambda x, y: at.special.softmax(x, axis=1),
        ),
    ),
    "products": GuardedProgram(
        _numbers("float64", "float64", ndim=2),
        _pure(lambda x, y: at.dot(x, y), lambda x, y: at.dot(x.T, y[:, ::-1]), lambda x, y: at.dot(x, y.sum(axis=0))),
    ),
    "products that are added up": GuardedProgram(_numbers("float64", "float64", ndim=2), _added_up),
    "linear algebra": GuardedProgram(
        _numbers("float64", "float64", ndim=2),
        _pure(
            lambda x, y: cholesky(_definite(x)),
            lambda x, y: solve(_definite(x), y[::-1]),
            lambda x, y: solve_triangular(_definite(x).T, y[:, :1], lower=True),
            lambda x, y: at.matmul(x[None], at.stack([x, y])),
        ),
    ),
    "stretched": GuardedProgram(
        lambda n: [*_numbers("float64", ndim=2)(n), *(x[:1] for x in _numbers("float64", ndim=2)(max(n, 1)))],
        _pure(
            lambda x, y: x + y[:, : x.shape[1]],
            lambda x, y: (x * y[:, :1]).sum(axis=1),
            lambda x, y: x.T - y[:, :1] * 2,
        ),
    ),
    "pieces": GuardedProgram(
        _numbers("float64", "float64"),
        _pure(
            lambda x, y: x[::-1] + y,
            lambda x, y: x[1:] - x[:-1],
            lambda x, y: at.concatenate([x, y[::2], x * 2]),
            lambda x, y: at.set_subtensor(x[::3], y[: x[::3].shape[0]]),
            lambda x, y: at.roll(x, 2),
            lambda x, y: at.repeat(x, 3),
            lambda x, y: x[:, None] * y,
        ),
    ),
    "gathers": GuardedProgram(
        _places,
        _pure(
            lambda x, i: x[i] * 2,
            lambda x, i: x[at.maximum(i, 0)] + x,
            lambda x, i: x[x > 1],
            lambda x, i: at.inc_subtensor(x[i], 1.0),
            lambda x, i: at.set_subtensor(at.zeros_like(x)[i], 2.0),
            lambda x, i: at.bincount(abs(i), minlength=3),
        ),
    ),
    "sequences": GuardedProgram(
        _numbers("float64", "int32"),
        _pure(
            lambda x, y: at.cumsum(x),
            lambda x, y: at.sort(x),
            lambda x, y: at.argsort(y, kind="stable"),
            lambda x, y: at.searchsorted(at.sort(y), x),
            lambda x, y: at.cumprod(y),
        ),
    ),
    "state": GuardedProgram(_numbers("float64"), _state),
    "draws": GuardedProgram(_numbers("float64"), _draws),
}
