"""Elementwise work and reductions."""

import math

import numpy as np

from .base import Workload

__all__ = ["AddOne", "AxisSum", "Chain", "LayerNorm", "LogSumExp", "Softmax"]


def normals(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape)


class AddOne(Workload):
    """What a call costs."""

    name, title, calls = "add_one", "call of `x + 1`, 10 numbers", 20_000

    def values(self):
        return [normals(0, 10)]

    def symbolic(self, tensor, grad, inputs, state):
        return [inputs[0] + 1], []

    def traced(self, jax):
        return lambda state, x: ([x + 1], state)

    def by_hand(self, njit):
        return njit(lambda x: x + 1)

    def expected(self):
        return [self.values()[0] + 1]


class Chain(Workload):
    """Transcendental functions of a million numbers."""

    calls = 5

    def __init__(self, dtype):
        self.dtype = dtype
        self.name = f"chain_{dtype}"
        self.title = f"`tanh(x)*exp(-y**2)+log1p(z*z)`, 1e6, {dtype}"
        self.rtol = 1e-13 if dtype == "float64" else 2e-6

    def values(self):
        return [normals(seed, 10**6).astype(self.dtype) for seed in range(3)]

    def symbolic(self, tensor, grad, inputs, state):
        x, y, z = inputs
        return [tensor.tanh(x) * tensor.exp(-(y**2)) + tensor.log1p(z * z)], []

    def traced(self, jax):
        jnp = jax.numpy
        return lambda state, x, y, z: ([jnp.tanh(x) * jnp.exp(-(y**2)) + jnp.log1p(z * z)], state)

    def by_hand(self, njit):
        @njit
        def chain(x, y, z):
            out = np.empty_like(x)
            for i in range(x.size):
                out[i] = math.tanh(x[i]) * math.exp(-(y[i] * y[i])) + math.log1p(z[i] * z[i])
            return out

        return chain

    def expected(self):
        x, y, z = self.values()
        return [np.tanh(x) * np.exp(-(y**2)) + np.log1p(z * z)]


class Rows(Workload):
    """Work on each row of a matrix."""

    calls = 5
    rtol = 1e-12

    def values(self):
        return [normals(0, 1000, 1000)]


class Softmax(Rows):
    """exp(x) over its sum."""

    name, title = "softmax", "softmax over rows of 1000 × 1000"

    def symbolic(self, tensor, grad, inputs, state):
        (x,) = inputs
        e = tensor.exp(x - x.max(axis=1, keepdims=True))
        return [e / e.sum(axis=1, keepdims=True)], []

    def traced(self, jax):
        return lambda state, x: ([jax.nn.softmax(x, axis=1)], state)

    def by_hand(self, njit):
        @njit(fastmath={"reassoc", "nsz"})
        def softmax(x):
            out = np.empty_like(x)
            rows, columns = x.shape
            for i in range(rows):
                high = x[i, 0]
                for j in range(columns):
                    high = max(high, x[i, j])
                total = 0.0
                for j in range(columns):
                    out[i, j] = math.exp(x[i, j] - high)
                    total += out[i, j]
                for j in range(columns):
                    out[i, j] /= total
            return out

        return softmax

    def expected(self):
        (x,) = self.values()
        e = np.exp(x - x.max(axis=1, keepdims=True))
        return [e / e.sum(axis=1, keepdims=True)]


class LogSumExp(Rows):
    """log of the sum of exp(x)."""

    name, title = "logsumexp", "logsumexp over rows of 1000 × 1000"

    def symbolic(self, tensor, grad, inputs, state):
        (x,) = inputs
        return [tensor.log(tensor.exp(x).sum(axis=1))], []

    def traced(self, jax):
        return lambda state, x: ([jax.nn.logsumexp(x, axis=1)], state)

    def by_hand(self, njit):
        @njit(fastmath={"reassoc", "nsz"})
        def logsumexp(x):
            rows, columns = x.shape
            out = np.empty(rows)
            for i in range(rows):
                high = x[i, 0]
                for j in range(columns):
                    high = max(high, x[i, j])
                total = 0.0
                for j in range(columns):
                    total += math.exp(x[i, j] - high)
                out[i] = high + math.log(total)
            return out

        return logsumexp

    def expected(self):
        return [np.log(np.exp(self.values()[0]).sum(axis=1))]


class LayerNorm(Rows):
    """Rows of mean 0 and variance 1, scaled and shifted."""

    name, title = "layer_norm", "layer norm over rows of 1000 × 1000"

    def values(self):
        return [normals(0, 1000, 1000), normals(1, 1000), normals(2, 1000)]

    def symbolic(self, tensor, grad, inputs, state):
        x, scale, shift = inputs
        centered = x - x.mean(axis=1, keepdims=True)
        variance = (centered**2).mean(axis=1, keepdims=True)
        return [centered / tensor.sqrt(variance + 1e-5) * scale + shift], []

    def traced(self, jax):
        jnp = jax.numpy

        def layer_norm(state, x, scale, shift):
            centered = x - x.mean(axis=1, keepdims=True)
            variance = (centered**2).mean(axis=1, keepdims=True)
            return [centered / jnp.sqrt(variance + 1e-5) * scale + shift], state

        return layer_norm

    def by_hand(self, njit):
        @njit(fastmath={"reassoc", "nsz"})
        def layer_norm(x, scale, shift):
            out = np.empty_like(x)
            rows, columns = x.shape
            for i in range(rows):
                total = 0.0
                for j in range(columns):
                    total += x[i, j]
                mean = total / columns
                total = 0.0
                for j in range(columns):
                    total += (x[i, j] - mean) ** 2
                factor = 1 / math.sqrt(total / columns + 1e-5)
                for j in range(columns):
                    out[i, j] = (x[i, j] - mean) * factor * scale[j] + shift[j]
            return out

        return layer_norm

    def expected(self):
        x, scale, shift = self.values()
        centered = x - x.mean(axis=1, keepdims=True)
        variance = (centered**2).mean(axis=1, keepdims=True)
        return [centered / np.sqrt(variance + 1e-5) * scale + shift]


class AxisSum(Workload):
    """The sum over one axis of a matrix."""

    def __init__(self, axis):
        self.axis = axis
        self.name, self.title = f"sum_axis{axis}", f"sum over axis {axis}, 2000 × 2000"

    def values(self):
        return [normals(0, 2000, 2000)]

    def symbolic(self, tensor, grad, inputs, state):
        return [inputs[0].sum(axis=self.axis)], []

    def traced(self, jax):
        return lambda state, x: ([x.sum(axis=self.axis)], state)

    def by_hand(self, njit):
        @njit(fastmath={"reassoc", "nsz"})
        def over_rows(x):
            out = np.zeros(x.shape[1])
            for i in range(x.shape[0]):
                for j in range(x.shape[1]):
                    out[j] += x[i, j]
            return out

        @njit(fastmath={"reassoc", "nsz"})
        def over_columns(x):
            out = np.empty(x.shape[0])
            for i in range(x.shape[0]):
                total = 0.0
                for j in range(x.shape[1]):
                    total += x[i, j]
                out[i] = total
            return out

        return over_columns if self.axis else over_rows

    def expected(self):
        return [self.values()[0].sum(axis=self.axis)]
