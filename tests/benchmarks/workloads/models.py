"""Log densities of small statistical models, and their gradients."""

import math

import numpy as np

from .base import Workload

__all__ = ["EightSchools", "Hierarchical"]

LOG_2PI = math.log(2 * math.pi)


class Hierarchical(Workload):
    """Varying intercepts and slopes: 85 groups, 919 observations, each gathered by its group.

    The unknowns are one vector: two means, three logarithms of spreads, an intercept and a slope of each group.
    """

    name, calls = "hierarchical", 5000
    title = "hierarchical model (85 groups, 919 observations), log density and gradient"
    groups, observations = 85, 919

    def __init__(self):
        rng = np.random.default_rng(7)
        self.group = np.sort(rng.integers(0, self.groups, self.observations))
        self.floor = rng.integers(0, 2, self.observations).astype(float)
        self.outcome = 1.3 - 0.6 * self.floor + 0.3 * rng.standard_normal(self.observations)

    def values(self):
        return [0.1 * np.random.default_rng(8).standard_normal(5 + 2 * self.groups)]

    def density(self, library, theta):
        """The log density, up to a constant, with the functions of a library."""
        n = self.groups
        mean_a, mean_b, log_a, log_b, log_y = (theta[i] for i in range(5))
        a, b = theta[5 : 5 + n], theta[5 + n : 5 + 2 * n]
        expected = a[self.group] + b[self.group] * self.floor
        spread_a, spread_b, spread_y = library.exp(log_a), library.exp(log_b), library.exp(log_y)
        return (
            -0.5 * (mean_a**2 + mean_b**2) / 100
            - library.log1p((spread_a / 5) ** 2)
            - library.log1p((spread_b / 5) ** 2)
            - library.log1p((spread_y / 5) ** 2)
            + log_a
            + log_b
            + log_y
            + (-0.5 * ((a - mean_a) / spread_a) ** 2 - log_a).sum()
            + (-0.5 * ((b - mean_b) / spread_b) ** 2 - log_b).sum()
            + (-0.5 * ((self.outcome - expected) / spread_y) ** 2 - log_y).sum()
        )

    def symbolic(self, tensor, grad, inputs, state):
        density = self.density(tensor, inputs[0])
        return [density, grad(density, inputs[0])], []

    def traced(self, jax):
        def both(state, theta):
            return jax.value_and_grad(lambda theta: self.density(jax.numpy, theta))(theta), state

        return both

    def by_hand(self, njit):
        group, floor, outcome, n = self.group, self.floor, self.outcome, self.groups

        @njit(fastmath={"reassoc", "nsz"})
        def hierarchical(theta):
            gradient = np.zeros(theta.size)
            mean_a, mean_b, log_a, log_b, log_y = theta[0], theta[1], theta[2], theta[3], theta[4]
            spread_a, spread_b, spread_y = math.exp(log_a), math.exp(log_b), math.exp(log_y)
            density = -0.5 * (mean_a**2 + mean_b**2) / 100 + log_a + log_b + log_y
            gradient[0], gradient[1] = -mean_a / 100, -mean_b / 100
            for k, spread in ((2, spread_a), (3, spread_b), (4, spread_y)):
                square = (spread / 5) ** 2
                density -= math.log1p(square)
                gradient[k] = 1 - 2 * square / (1 + square)
            precision_a, precision_b, precision_y = 1 / spread_a**2, 1 / spread_b**2, 1 / spread_y**2
            sum_a, squares_a, sum_b, squares_b = 0.0, 0.0, 0.0, 0.0
            for i in range(n):
                difference = theta[5 + i] - mean_a
                sum_a += difference
                squares_a += difference * difference
                gradient[5 + i] = -difference * precision_a
                difference = theta[5 + n + i] - mean_b
                sum_b += difference
                squares_b += difference * difference
                gradient[5 + n + i] = -difference * precision_b
            squares_y = 0.0
            for k in range(outcome.size):
                i = group[k]
                difference = outcome[k] - theta[5 + i] - theta[5 + n + i] * floor[k]
                squares_y += difference * difference
                gradient[5 + i] += difference * precision_y
                gradient[5 + n + i] += difference * floor[k] * precision_y
            density -= 0.5 * (squares_a * precision_a + squares_b * precision_b + squares_y * precision_y)
            density -= n * (log_a + log_b) + outcome.size * log_y
            gradient[0] += sum_a * precision_a
            gradient[1] += sum_b * precision_b
            gradient[2] += squares_a * precision_a - n
            gradient[3] += squares_b * precision_b - n
            gradient[4] += squares_y * precision_y - outcome.size
            return np.array(density), gradient

        return hierarchical

    def expected(self):
        (theta,) = self.values()
        return [self.density(np, theta), differences(lambda theta: self.density(np, theta), theta)]

    def check(self, results):
        _check_density(self, results)


class EightSchools(Workload):
    """The eight schools, with deviations from the mean in units of the spread."""

    name, calls = "eight_schools", 10_000
    title = "eight schools, log density and gradient"
    effects = np.array([28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0])
    errors = np.array([15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0])

    def values(self):
        return [np.random.default_rng(8).standard_normal(10)]

    def density(self, library, theta):
        """The log density, up to a constant, with the functions of a library."""
        mean, log_spread, deviations = theta[0], theta[1], theta[2:]
        spread = library.exp(log_spread)
        school = mean + spread * deviations
        return (
            -0.5 * (mean / 5) ** 2
            - library.log1p((spread / 5) ** 2)
            + log_spread
            - 0.5 * (deviations**2).sum()
            - 0.5 * (((self.effects - school) / self.errors) ** 2).sum()
        )

    def symbolic(self, tensor, grad, inputs, state):
        density = self.density(tensor, inputs[0])
        return [density, grad(density, inputs[0])], []

    def traced(self, jax):
        def both(state, theta):
            return jax.value_and_grad(lambda theta: self.density(jax.numpy, theta))(theta), state

        return both

    def by_hand(self, njit):
        effects, errors = self.effects, self.errors

        @njit(fastmath={"reassoc", "nsz"})
        def eight_schools(theta):
            gradient = np.empty(10)
            mean, log_spread = theta[0], theta[1]
            spread = math.exp(log_spread)
            square = (spread / 5) ** 2
            density = -0.5 * (mean / 5) ** 2 - math.log1p(square) + log_spread
            by_mean, by_spread = -mean / 25, 1 - 2 * square / (1 + square)
            for i in range(8):
                deviation = theta[2 + i]
                residual = (effects[i] - mean - spread * deviation) / errors[i]
                density -= 0.5 * (deviation * deviation + residual * residual)
                pull = residual / errors[i]
                by_mean += pull
                by_spread += pull * spread * deviation
                gradient[2 + i] = pull * spread - deviation
            gradient[0], gradient[1] = by_mean, by_spread
            return np.array(density), gradient

        return eight_schools

    def expected(self):
        (theta,) = self.values()
        return [self.density(np, theta), differences(lambda theta: self.density(np, theta), theta)]

    def check(self, results):
        _check_density(self, results)


def differences(function, theta, step=1e-5):
    """The gradient by central differences."""
    steps = step * np.eye(theta.size)
    return np.array([(function(theta + h) - function(theta - h)) / (2 * step) for h in steps])


def _check_density(workload, results):
    density, gradient = workload.expected()
    np.testing.assert_allclose(results[0], density, rtol=1e-11)
    np.testing.assert_allclose(results[1], gradient, rtol=1e-6, atol=1e-6)  # what differences can tell
