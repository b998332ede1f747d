"""Polynomials and quotients of polynomials that are nearest to a function: Remez's exchange algorithm in 50 digits.

Coefficients are rounded to their format one after the other, from the lowest on, and the others fitted again
each time, so that what one loses by rounding the others make up for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import mpmath
from mpmath import mpf

Real = Callable[[mpf], mpf]


def value(coefficients: Sequence[mpf], x: mpf) -> mpf:
    """A polynomial's value; the constant coefficient comes first."""
    result = mpf(0)
    for c in coefficients[::-1]:
        result = result * x + c
    return result


def rounded(x: mpf, bits: int) -> mpf:
    """The nearest number with so many significant bits."""
    if x == 0:
        return mpf(0)
    mantissa, exponent = mpmath.frexp(x)
    return mpmath.ldexp(mpmath.nint(mpmath.ldexp(mantissa, bits)), int(exponent) - bits)


def _grid(low: mpf, high: mpf, count: int) -> list[mpf]:
    middle, half = (low + high) / 2, (high - low) / 2
    points = [middle + half * mpmath.cos(mpmath.pi * k / (count - 1)) for k in range(count - 1, -1, -1)]
    return [low, *points[1:-1], high]


def _extrema(errors: Sequence[mpf], count: int) -> list[int]:
    """Places of `count` extrema of alternating sign, as large as possible."""
    places: list[int] = []
    for k, error in enumerate(errors):
        if places and (errors[places[-1]] > 0) == (error > 0):
            if abs(error) > abs(errors[places[-1]]):
                places[-1] = k
        else:
            places.append(k)
    while len(places) > count:
        if len(places) == count + 1:
            places.pop(0 if abs(errors[places[0]]) < abs(errors[places[-1]]) else -1)
        else:
            weakest = min(range(len(places) - 1), key=lambda i: max(abs(errors[places[i]]), abs(errors[places[i + 1]])))
            del places[weakest : weakest + 2]
    return places


class Fit:
    """Samples of a function, its weight and the basis on an interval.

    The error is ``weight(x) * (sum of coefficients * basis(x) - function(x))``.
    """

    def __init__(
        self,
        function: Real,
        weight: Real,
        basis: Sequence[Real],
        low: float | mpf,
        high: float | mpf,
        density: int = 24,
    ) -> None:
        points = _grid(mpf(low), mpf(high), density * (len(basis) + 2))
        # functions lose digits where they cancel
        with mpmath.workdps(3 * mpmath.mp.dps):
            weights = [abs(weight(x)) for x in points]
            least = max(weights) * mpf(10) ** -30
            self.points = [x for x, w in zip(points, weights, strict=True) if w > least]
            self.values = [function(x) for x in self.points]
        self.weights = [w for w in weights if w > least]
        self.rows = [[g(x) for g in basis] for x in self.points]

    def errors(self, coefficients: Sequence[mpf]) -> list[mpf]:
        return [
            w * (mpmath.fdot(coefficients, row) - v)
            for w, v, row in zip(self.weights, self.values, self.rows, strict=True)
        ]

    def worst(self, coefficients: Sequence[mpf]) -> mpf:
        return max(abs(e) for e in self.errors(coefficients))

    def solve(self, fixed: Sequence[mpf] = ()) -> list[mpf] | None:
        """Coefficients, of which the first are given."""
        first = len(fixed)
        free = len(self.rows[0]) - first
        if not free:
            return list(fixed)
        rest = [v - mpmath.fdot(fixed, row[:first]) for v, row in zip(self.values, self.rows, strict=True)]
        count = free + 1
        # not symmetric, or odd and even functions would leave the equations singular
        chosen = [round((i + 0.2) * (len(self.points) - 1) / (free + 0.5)) for i in range(count)]
        for _ in range(60):
            matrix = mpmath.matrix(count)
            for i, k in enumerate(chosen):
                for j in range(free):
                    matrix[i, j] = self.weights[k] * self.rows[k][first + j]
                matrix[i, free] = (-1) ** i
            try:
                solution = mpmath.lu_solve(matrix, mpmath.matrix([self.weights[k] * rest[k] for k in chosen]))
            except ZeroDivisionError:
                return None
            found = [*fixed, *list(solution)[:free]]
            errors = self.errors(found)
            worst = max(abs(e) for e in errors)
            if worst < abs(solution[free]) * mpf("1.001"):
                break
            places = _extrema(errors, count)
            if len(places) < count:
                break
            chosen = places
        return found

    def rounded(self, bits: Sequence[int]) -> tuple[list[mpf], mpf]:
        """Coefficients of so many bits each, the later ones fitted to what rounding made of the earlier ones."""
        fixed: list[mpf] = []
        found: list[mpf] = []
        for b in bits:
            # even and odd rests on symmetric intervals have no solution of this form: the coefficients before stay
            following = self.solve(fixed)
            if following is not None and (
                not found or self.worst(following) < 2 * self.worst([*fixed, *found[len(fixed) :]])
            ):
                found = following
            fixed.append(rounded(found[len(fixed)], b))
        return fixed, self.worst(fixed)


def polynomial(
    function: Real, weight: Real, powers: Sequence[int], low: float | mpf, high: float | mpf, bits: int
) -> tuple[list[mpf], mpf]:
    """The coefficients of the powers, rounded, and the greatest weighted error."""
    basis: list[Real] = [(lambda x, p=p: x**p) for p in powers]
    return Fit(function, weight, basis, low, high).rounded([bits] * len(powers))


def quotient(
    function: Real, weight: Real, top: int, below: int, low: float | mpf, high: float | mpf
) -> tuple[list[mpf], list[mpf]]:
    """Coefficients of two polynomials whose quotient it is, the second beginning with 1."""
    powers: list[Real] = [(lambda x, p=p: x**p) for p in range(top + 1)]
    lower: list[Real] = [(lambda x, p=p: -function(x) * x**p) for p in range(1, below + 1)]
    below_now = [mpf(1)] + [mpf(0)] * below
    for _ in range(30):
        # top - function * below, over the denominator before, is the error of the quotient
        fit = Fit(function, lambda x, d=tuple(below_now): weight(x) / value(d, x), [*powers, *lower], low, high, 12)
        found = fit.solve()
        assert found is not None
        following = [mpf(1), *found[top + 1 :]]
        change = max(abs(a - b) for a, b in zip(below_now, following, strict=True))
        below_now = following
        if change < mpf(10) ** -20:
            break
    return found[: top + 1], below_now
