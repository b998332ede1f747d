"""Measures one of the other libraries, in its own environment: no import of aesaralite here.

It reads a request a line (a JSON object: which benchmark, how many calls, what to make it of), and answers each with a
line: the seconds. Where it draws from NumPy's generators, it checks first that it draws NumPy's numbers.
"""

import json
import os
import sys
import tempfile
import time

import numpy as np

sys.path.insert(0, os.path.dirname(__file__))
from problems import vectors
from workloads import WORKLOADS


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

    def workload(self, name):
        return checked(WORKLOADS[name], WORKLOADS[name].for_symbolic(self.pytensor, self.pt, "NUMBA"))

    def compiled(self, outputs, generators, updates=()):
        """Compile outputs that draw from generators, which go on with the states after the last draws."""
        return self.pytensor.function([], outputs, updates=dict([*generators, *updates]), mode="NUMBA")

    def draws(self, distribution, size):
        random = self.pt.random
        arguments = {"standard_normal": (), "gamma": (2.0,), "poisson": (3.0,), "integers": (0, 100)}[distribution]
        rng = self.pytensor.shared(np.random.default_rng(1))
        scale = {"scale": 1.0} if distribution == "gamma" else {}
        draw = getattr(random, distribution)(*arguments, **scale, size=size, rng=rng)
        f = self.compiled(draw, [(rng, draw.owner.outputs[0])])
        expected = getattr(np.random.default_rng(1), distribution)(*arguments, size=size)
        np.testing.assert_allclose(f(), expected, rtol=1e-12)
        return f

    def circle(self, size):
        pt = self.pt
        rngs = [self.pytensor.shared(np.random.default_rng(seed)) for seed in (1, 2)]
        u, v = (pt.random.uniform(size=size, rng=rng) for rng in rngs)
        following = [(rng, draw.owner.outputs[0]) for rng, draw in zip(rngs, (u, v), strict=True)]
        f = self.compiled(4 * pt.mean(u**2 + v**2 < 1), following)
        x, y = (np.random.default_rng(seed).random(size) for seed in (1, 2))
        np.testing.assert_allclose(f(), 4 * np.mean(x**2 + y**2 < 1), rtol=1e-14)
        return f

    def single_numbers(self):
        rngs = [self.pytensor.shared(np.random.default_rng(seed)) for seed in (1, 2)]
        normal, uniform = self.pt.random.normal(rng=rngs[0]), self.pt.random.uniform(rng=rngs[1])
        f = self.compiled([normal, uniform], [(d.owner.inputs[0], d.owner.outputs[0]) for d in (normal, uniform)])
        assert f() == [np.random.default_rng(1).normal(), np.random.default_rng(2).uniform()]
        return f

    def transition(self, method, seed, step, leaps, posterior, expected):
        pt = self.pt
        start, *rngs = np.random.SeedSequence(seed).spawn(3)
        initial = np.random.default_rng(start).normal(posterior["destination"], posterior["spread"])
        position = self.pytensor.shared(initial)
        pushes, thresholds = (self.pytensor.shared(np.random.default_rng(rng)) for rng in rngs)
        push = pt.random.normal(size=2, rng=pushes)
        threshold = pt.random.exponential(rng=thresholds)
        energy = energy_of(pt, **posterior)
        proposed, excess = PROPOSALS[method](
            energy, lambda place: -pt.grad(energy(place), place), position, push, step, leaps
        )
        accepted = threshold > excess
        following = pt.switch(accepted, proposed, position)
        generators = [(pushes, push.owner.outputs[0]), (thresholds, threshold.owner.outputs[0])]
        f = self.compiled([following, accepted], generators, [(position, following)])
        for place in expected:
            np.testing.assert_allclose(f()[0], place, rtol=1e-9)
        return f


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

    def workload(self, name):
        return checked(WORKLOADS[name], WORKLOADS[name].for_jax(self.jax))

    def drawing(self, draw, state):
        """Return a function that draws with fresh keys, and keeps key and state between its calls."""
        jax = self.jax

        @jax.jit
        def step(key, state):
            key, *keys = jax.random.split(key, 3)
            state, outputs = draw(keys, state)
            return key, state, outputs

        kept = [jax.random.key(1), state]

        def call():
            kept[0], kept[1], outputs = step(*kept)
            return jax.block_until_ready(outputs)

        return call

    def draws(self, distribution, size):
        random = self.jax.random
        draw = {
            "standard_normal": lambda key: random.normal(key, (size,)),
            "gamma": lambda key: random.gamma(key, 2.0, (size,)),
            "poisson": lambda key: random.poisson(key, 3.0, (size,)),
            "integers": lambda key: random.randint(key, (size,), 0, 100),
        }[distribution]
        return self.drawing(lambda keys, state: (state, draw(keys[0])), None)

    def circle(self, size):
        jnp, random = self.jax.numpy, self.jax.random

        def estimate(keys, state):
            u, v = (random.uniform(key, (size,)) for key in keys)
            return state, 4 * jnp.mean(u**2 + v**2 < 1)

        call = self.drawing(estimate, None)
        assert abs(call() - np.pi) < 10 / np.sqrt(size)
        return call

    def single_numbers(self):
        random = self.jax.random
        return self.drawing(lambda keys, state: (state, (random.normal(keys[0]), random.uniform(keys[1]))), None)

    def transition(self, method, seed, step, leaps, posterior, expected):
        jax, jnp = self.jax, self.jax.numpy
        energy = energy_of(jnp, **posterior)
        force = jax.grad(lambda place: -energy(place))

        def move(keys, position):
            push = jax.random.normal(keys[0], (2,))
            proposed, excess = PROPOSALS[method](energy, force, position, push, step, leaps)
            accepted = jax.random.exponential(keys[1]) > excess
            following = jnp.where(accepted, proposed, position)
            return following, (following, accepted)

        return self.drawing(move, jnp.asarray(expected[0]))


def checked(workload, call):
    """Return the call of a piece of work, after a look at its results."""
    workload.check(call())
    return call


def energy_of(library, lighthouses, distances, error, destination, spread):
    """The energy of the example that samples a ship's position, with the functions of a library."""
    lighthouses, distances, destination = (np.array(value) for value in (lighthouses, distances, destination))

    def energy(place):
        misfit = (library.sqrt(((place - lighthouses) ** 2).sum(axis=1)) - distances) / error
        detour = (place - destination) / spread
        return ((misfit**2).sum() + (detour**2).sum()) / 2

    return energy


def metropolis(energy, force, position, push, step, leaps):
    proposed = position + step * push
    return proposed, energy(proposed) - energy(position)


def hamiltonian(energy, force, position, push, step, leaps):
    proposed = position
    momentum = push + step / 2 * force(proposed)
    for leap in range(1, leaps + 1):
        proposed = proposed + step * momentum
        momentum = momentum + (step if leap < leaps else step / 2) * force(proposed)
    return proposed, energy(proposed) - energy(position) + ((momentum**2).sum() - (push**2).sum()) / 2


PROPOSALS = {"Metropolis": metropolis, "Hamiltonian": hamiltonian}


def main():
    peer = {"pytensor": PyTensor, "jax": Jax}[sys.argv[1]]()
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    sys.stdout = sys.stderr  # what the library prints isn't an answer
    for line in sys.stdin:
        request = json.loads(line)
        setup = request.get("setup", {})
        key = json.dumps([request["benchmark"], setup])
        if key not in peer.made:
            peer.made[key] = getattr(peer, request["benchmark"])(**setup)
            peer.made[key]()  # compiles
        call, calls = peer.made[key], request["calls"]
        call()  # as in measure.seconds_per_call
        start = time.perf_counter()
        for _ in range(calls):
            call()
        print((time.perf_counter() - start) / calls, file=answers, flush=True)


if __name__ == "__main__":
    main()
