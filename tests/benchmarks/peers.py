"""Measures one of the other libraries, in its own environment: no import of aesaralite here.

It reads a request a line (a JSON object), and answers each with a line: the seconds.
"""

import json
import os
import sys
import tempfile
import time

import numpy as np

sys.path.insert(0, os.path.dirname(__file__))
from problems import logistic_data, vectors


class PyTensor:
    """PyTensor, in its Numba mode."""

    def __init__(self):
        os.environ.setdefault("PYTENSOR_FLAGS", f"base_compiledir={tempfile.mkdtemp()}")
        import pytensor
        import pytensor.tensor as pt

        self.pytensor, self.pt = pytensor, pt
        self.made = {}

    def call(self, trust=False):
        pt = self.pt
        x, y = pt.dvector(), pt.dvector()
        f = self.pytensor.function([x, y], x + y, mode="NUMBA", trust_input=trust)
        a, b = vectors(10, 2)
        return lambda: f(a, b)

    def trusted_call(self):
        return self.call(trust=True)

    def training_step(self):
        pt, pytensor = self.pt, self.pytensor
        images, targets, initial = logistic_data()
        x, y = pt.dmatrix("x"), pt.dvector("y")
        w = pytensor.shared(initial, name="w")
        b = pytensor.shared(0.0, name="b")
        p_1 = 1 / (1 + pt.exp(-pt.dot(x, w) - b))
        xent = -y * pt.log(p_1) - (1 - y) * pt.log(1 - p_1)
        cost = xent.mean() + 0.01 * (w**2).sum()
        gw, gb = pt.grad(cost, [w, b])
        updates = [(w, w - 0.1 * gw), (b, b - 0.1 * gb)]
        train = pytensor.function([x, y], [p_1 > 0.5, xent], updates=updates, mode="NUMBA")
        return lambda: train(images, targets)


class Jax:
    """JAX on the CPU, with float64 as everywhere here."""

    def __init__(self):
        os.environ["JAX_PLATFORMS"] = "cpu"
        import jax

        jax.config.update("jax_enable_x64", True)
        self.jax = jax
        self.made = {}

    def call(self):
        f = self.jax.jit(lambda x, y: x + y)
        a, b = (self.jax.numpy.asarray(v) for v in vectors(10, 2))
        return lambda: f(a, b).block_until_ready()

    def training_step(self):
        jax, jnp = self.jax, self.jax.numpy
        images, targets, initial = logistic_data()

        def cost(parameters, x, y):
            w, b = parameters
            z = x @ w + b
            xent = y * jax.nn.softplus(-z) + (1 - y) * jax.nn.softplus(z)
            return xent.mean() + 0.01 * (w**2).sum(), (z > 0, xent)

        @jax.jit
        def train(parameters, x, y):
            gradients, outputs = jax.grad(cost, has_aux=True)(parameters, x, y)
            return jax.tree.map(lambda p, g: p - 0.1 * g, parameters, gradients), outputs

        x, y = jnp.asarray(images), jnp.asarray(targets, dtype=float)
        state = [(jnp.asarray(initial), jnp.asarray(0.0))]

        def step():
            state[0], outputs = train(state[0], x, y)
            return [np.asarray(output) for output in outputs]

        return step


def main():
    peer = {"pytensor": PyTensor, "jax": Jax}[sys.argv[1]]()
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    sys.stdout = sys.stderr  # what the library prints isn't an answer
    for line in sys.stdin:
        request = json.loads(line)
        name = request["benchmark"]
        if name not in peer.made:
            peer.made[name] = getattr(peer, name)()
            peer.made[name]()  # compiles
        call, calls = peer.made[name], request["calls"]
        start = time.perf_counter()
        for _ in range(calls):
            call()
        print((time.perf_counter() - start) / calls, file=answers, flush=True)


if __name__ == "__main__":
    main()
