"""Distributions, and comparisons of generators, for tests of what stands below the real distributions."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from aesaralite.tensor.random.op import RandomVariable

BIT_GENERATORS = (
    np.random.PCG64,
    np.random.PCG64DXSM,
    np.random.Philox,
    np.random.SFC64,
    np.random.MT19937,
)


class ToyUniform(RandomVariable):
    """NumPy's uniform."""

    name = "uniform"
    ndim_supp = 0
    ndims_params = [0, 0]
    dtype = "floatX"


class ToyPoisson(RandomVariable):
    """NumPy's Poisson distribution."""

    name = "poisson"
    ndim_supp = 0
    ndims_params = [0]
    dtype = "int64"


class ToySphere(RandomVariable):
    """Normal vectors around a centre, of a covariance matrix that only says its size and scale."""

    name = "sphere"
    ndim_supp = 1
    ndims_params = [1, 2]
    dtype = "floatX"

    def rng_fn(self, rng: Any, *args: Any, **kwargs: Any) -> Any:
        centre, cov, size = args
        batch: Sequence[int] = np.broadcast_shapes(centre.shape[:-1], cov.shape[:-2]) if size is None else size
        return centre + cov[..., 0] * rng.standard_normal((*batch, centre.shape[-1]))


uniform = ToyUniform()
poisson = ToyPoisson()
sphere = ToySphere()


def same_state(a: Any, b: Any) -> bool:
    """Whether two generators are in the same state, told without the code under test."""
    states = [
        g.get_state(legacy=False) if isinstance(g, np.random.RandomState) else g.bit_generator.state for g in (a, b)
    ]
    return repr(states[0]) == repr(states[1]) and all(
        np.array_equal(x, y) for x, y in zip(_arrays(states[0]), _arrays(states[1]), strict=True)
    )


def _state(generator: Any) -> Any:
    if isinstance(generator, np.random.RandomState):
        return generator.get_state(legacy=False)
    return generator.bit_generator.state


def _arrays(state: Any) -> list[np.ndarray]:
    if isinstance(state, dict):
        return [array for value in state.values() for array in _arrays(value)]
    return [state] if isinstance(state, np.ndarray) else []
