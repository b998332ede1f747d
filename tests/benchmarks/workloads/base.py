"""What a piece of work is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

__all__ = ["Workload", "assert_close"]


class Workload:
    """One piece of work, written for symbolic libraries, for JAX and by hand for numba.

    Attributes
    ----------
    name, title : str
        For the command line, and for tables.
    calls : int
        How often it's called to be timed once.
    rtol : float
        How far the results of libraries may lie apart, relative to the largest number of an array.
    """

    name: str
    title: str
    calls: int = 10
    rtol: float = 1e-9

    def values(self) -> list[np.ndarray]:
        """The arguments of a call."""
        raise NotImplementedError

    def state(self) -> list[np.ndarray]:
        """What is kept from call to call, at first."""
        return []

    def symbolic(self, tensor: Any, grad: Any, inputs: Sequence[Any], state: Sequence[Any]) -> tuple[list, list]:
        """Return outputs and the new state, as expressions of Aesara's API; `tensor` is the library's module."""
        raise NotImplementedError

    def traced(self, jax: Any) -> Callable[..., tuple[Any, Any]]:
        """Return a function for `jax.jit`: from the state and the arguments to the outputs and the new state."""
        raise NotImplementedError

    def by_hand(self, njit: Any) -> Callable[..., Any]:
        """Return compiled functions: from the arguments and the state, which it may write to, to the outputs."""
        raise NotImplementedError

    def expected(self) -> list[np.ndarray]:
        """The outputs of the first call, in NumPy."""
        raise NotImplementedError

    def check(self, results: Any) -> None:
        """Compare the outputs of a first call."""
        results = results if isinstance(results, (list, tuple)) else [results]
        for wanted, got in zip(self.expected(), results, strict=True):
            assert_close(got, wanted, self.rtol)

    # how each library makes a call of it; the functions return the outputs

    def for_symbolic(self, library: Any, tensor: Any, mode: Any) -> Callable[[], Any]:
        """Compile for a library with Aesara's API; `library` has `function`, `shared` and `grad`."""
        function, values = self.compiled(library, tensor, mode)
        return lambda: function(*values)

    def compiled(self, library: Any, tensor: Any, mode: Any) -> tuple[Any, list[np.ndarray]]:
        """Return the function and its arguments."""
        values = self.values()
        inputs = [tensor.tensor(dtype=value.dtype, shape=(None,) * value.ndim) for value in values]
        state = [library.shared(value) for value in self.state()]
        outputs, new_state = self.symbolic(tensor, library.grad, inputs, state)
        updates = list(zip(state, new_state, strict=True))
        return library.function(inputs, outputs, updates=updates, mode=mode), values

    def for_jax(self, jax: Any) -> Callable[[], Any]:
        """Compile for JAX."""
        traced = jax.jit(self.traced(jax))
        values = [jax.numpy.asarray(value) for value in self.values()]
        kept = [[jax.numpy.asarray(value) for value in self.state()]]

        def call() -> Any:
            outputs, kept[0] = traced(kept[0], *values)
            return jax.block_until_ready(outputs)

        return call

    def for_numba(self, njit: Any) -> Callable[[], Any]:
        """Compile what was written by hand."""
        compiled = self.by_hand(njit)
        arguments = [*self.values(), *self.state()]
        return lambda: compiled(*arguments)


def assert_close(got: Any, wanted: Any, rtol: float) -> None:
    """Compare two arrays; the measure is the largest number."""
    got, wanted = np.asarray(got), np.asarray(wanted)
    assert got.dtype == wanted.dtype and got.shape == wanted.shape, (got.dtype, got.shape, wanted.dtype, wanted.shape)
    np.testing.assert_allclose(got, wanted, rtol=rtol, atol=rtol * np.abs(wanted).max(initial=0))
