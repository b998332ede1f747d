"""Steps of training, with parameters that are kept from call to call."""

import math

import numpy as np

from .base import Workload

__all__ = ["Logistic", "Perceptron"]


class Logistic(Workload):
    """The tutorial's logistic regression: 400 inputs of 784 numbers."""

    name, title, calls = "logistic", "logistic-regression step, 400 × 784", 200
    rtol = 1e-10

    def __init__(self):
        rng = np.random.default_rng(2882)
        self.inputs = rng.standard_normal((400, 784))
        self.classes = rng.integers(size=400, low=0, high=2).astype(float)
        self.initial = 0.05 * rng.standard_normal(784)  # PyTensor gives NaN where the classes are certain

    def values(self):
        return [self.inputs, self.classes]

    def state(self):
        return [self.initial.copy(), np.array(0.0)]

    def symbolic(self, tensor, grad, inputs, state):
        (x, y), (w, b) = inputs, state
        p = 1 / (1 + tensor.exp(-tensor.dot(x, w) - b))
        loss = -y * tensor.log(p) - (1 - y) * tensor.log(1 - p)
        cost = loss.mean() + 0.01 * (w**2).sum()
        gw, gb = grad(cost, [w, b])
        return [p > 0.5, loss], [w - 0.1 * gw, b - 0.1 * gb]

    def traced(self, jax):
        def cost(state, x, y):
            w, b = state
            z = x @ w + b
            loss = y * jax.nn.softplus(-z) + (1 - y) * jax.nn.softplus(z)
            return loss.mean() + 0.01 * (w**2).sum(), (z > 0, loss)

        def step(state, x, y):
            gradients, outputs = jax.grad(cost, has_aux=True)(state, x, y)
            return outputs, [value - 0.1 * gradient for value, gradient in zip(state, gradients)]

        return step

    def by_hand(self, njit):
        @njit(fastmath={"reassoc", "nsz"})
        def step(x, y, w, b):
            n = y.size
            z = np.dot(x, w)
            loss, positive, delta = np.empty(n), np.empty(n, np.bool_), np.empty(n)
            total = 0.0
            for i in range(n):
                z[i] += b[()]
                loss[i] = math.log1p(math.exp(-abs(z[i]))) + max(z[i], 0.0) - y[i] * z[i]
                p = 1 / (1 + math.exp(-z[i]))
                positive[i] = p > 0.5
                delta[i] = (p - y[i]) / n
                total += delta[i]
            gradient = np.dot(delta, x)
            for j in range(w.size):
                w[j] -= 0.1 * (gradient[j] + 0.02 * w[j])
            b[()] -= 0.1 * total
            return positive, loss

        return step

    def expected(self):
        z = self.inputs @ self.initial
        loss = np.logaddexp(0, -z) + (1 - self.classes) * z
        return [z > 0, loss]


class Perceptron(Workload):
    """A network of one hidden layer: 784-500-10, 128 inputs at a time, float32."""

    name, title, calls = "mlp", "MLP 784-500-10, training step, batch 128, float32", 20
    rtol = 2e-5

    def __init__(self):
        rng = np.random.default_rng(3)
        self.images = rng.random((128, 784)).astype("float32")
        self.labels = rng.integers(0, 10, 128)
        self.parameters = [
            (rng.uniform(-1, 1, (784, 500)) * math.sqrt(6 / 1284)).astype("float32"),
            np.zeros(500, "float32"),
            (rng.uniform(-1, 1, (500, 10)) * math.sqrt(6 / 510)).astype("float32"),
            np.zeros(10, "float32"),
        ]

    def values(self):
        return [self.images, self.labels]

    def state(self):
        return [value.copy() for value in self.parameters]

    def symbolic(self, tensor, grad, inputs, state):
        (x, labels), (w1, b1, w2, b2) = inputs, state
        hidden = tensor.tanh(tensor.dot(x, w1) + b1)
        logits = tensor.dot(hidden, w2) + b2
        e = tensor.exp(logits - logits.max(axis=1, keepdims=True))
        p = e / e.sum(axis=1, keepdims=True)
        cost = -tensor.log(p[tensor.arange(labels.shape[0]), labels]).mean()
        gradients = grad(cost, list(state))
        rate = np.float32(0.1)
        return [cost], [value - rate * gradient for value, gradient in zip(state, gradients)]

    def traced(self, jax):
        jnp = jax.numpy

        def cost(state, x, labels):
            w1, b1, w2, b2 = state
            hidden = jnp.tanh(x @ w1 + b1)
            scores = jax.nn.log_softmax(hidden @ w2 + b2, axis=1)
            return -scores[jnp.arange(labels.shape[0]), labels].mean()

        def step(state, x, labels):
            value, gradients = jax.value_and_grad(cost)(state, x, labels)
            return [value], [old - np.float32(0.1) * gradient for old, gradient in zip(state, gradients)]

        return step

    def by_hand(self, njit):
        @njit(fastmath={"reassoc", "nsz"})
        def step(x, labels, w1, b1, w2, b2):
            rate, one = np.float32(0.1), np.float32(1)
            n = labels.size
            hidden = np.dot(x, w1)
            for i in range(n):
                for j in range(b1.size):
                    hidden[i, j] = math.tanh(hidden[i, j] + b1[j])
            p = np.dot(hidden, w2)
            cost = np.float32(0)
            for i in range(n):
                high = p[i, 0] + b2[0]
                for j in range(b2.size):
                    p[i, j] += b2[j]
                    high = max(high, p[i, j])
                total = np.float32(0)
                score = p[i, labels[i]] - high
                for j in range(b2.size):
                    p[i, j] = math.exp(p[i, j] - high)
                    total += p[i, j]
                cost += math.log(total) - score
                for j in range(b2.size):
                    p[i, j] /= total * np.float32(n)
                p[i, labels[i]] -= one / np.float32(n)
            back = np.dot(p, w2.T)
            for i in range(n):
                for j in range(b1.size):
                    back[i, j] *= one - hidden[i, j] * hidden[i, j]
            _descend(w2, np.dot(hidden.T, p), rate)
            _descend(w1, np.dot(x.T, back), rate)
            for i in range(n):
                for j in range(b1.size):
                    b1[j] -= rate * back[i, j]
                for j in range(b2.size):
                    b2[j] -= rate * p[i, j]
            return np.array(cost / np.float32(n), np.float32)

        @njit(fastmath={"reassoc", "nsz"})
        def _descend(values, gradient, rate):
            for i in range(values.shape[0]):
                for j in range(values.shape[1]):
                    values[i, j] -= rate * gradient[i, j]

        return step

    def expected(self):
        w1, b1, w2, b2 = (value.astype(float) for value in self.parameters)
        logits = np.tanh(self.images.astype(float) @ w1 + b1) @ w2 + b2
        scores = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        return [np.array(-scores[np.arange(128), self.labels].mean(), "float32")]
