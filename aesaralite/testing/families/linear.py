"""Families of products and of linear algebra."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from aesaralite.tensor import decompositions, linear_systems, matrix_functions, products
from aesaralite.tensor.creation import eye
from aesaralite.testing.families.base import Built, Family, Member, Part, Pick

__all__ = ["LINEAR", "PRODUCT"]


def _dotted(pick: Pick, a: Part, b: Part) -> Built:
    if not (1 <= len(a.shape) <= 2 and 1 <= len(b.shape) <= 2):
        return None
    try:
        shape = np.shape(np.dot(np.zeros(a.shape), np.zeros(b.shape)))
    except ValueError:
        return None
    return Part(products.dot(a.variable, b.variable), shape)


def _multiplied(pick: Pick, a: Part, b: Part) -> Built:
    try:
        np.matmul(np.zeros(a.shape), np.zeros(b.shape))
    except ValueError:
        return None
    return products.matmul(a.variable, b.variable)


def _batched(pick: Pick, a: Part, b: Part) -> Built:
    if len(a.shape) != 3 or len(b.shape) != 3 or a.shape[0] != b.shape[0] or a.shape[2] != b.shape[1]:
        return None
    return products.batched_dot(a.variable, b.variable)


def _outer(pick: Pick, a: Part, b: Part) -> Built:
    return products.outer(a.variable, b.variable) if len(a.shape) == len(b.shape) == 1 else None


def _kron(pick: Pick, a: Part, b: Part) -> Built:
    return products.kron(a.variable, b.variable) if len(a.shape) == len(b.shape) == 2 else None


def _of_positive(function: Callable[[Any], Any]) -> Callable[..., Built]:
    """Return the `build` of a member that works on a positive definite matrix, well away from singular ones."""

    def build(pick: Pick, part: Part) -> Built:
        if len(part.shape) != 2 or 0 in part.shape:
            return None
        x = part.variable
        n = x.shape[1]
        return function(products.dot(x.T, x) + (4.0 * eye(n, dtype=x.type.dtype)).astype(x.type.dtype))

    return build


def _solved(pick: Pick, part: Part) -> Built:
    if len(part.shape) != 2 or 0 in part.shape:
        return None
    x = part.variable
    matrix = products.dot(x.T, x) + (4.0 * eye(x.shape[1], dtype=x.type.dtype)).astype(x.type.dtype)
    right = pick([x[0], x.T])
    if pick([False, True]):
        return linear_systems.solve_triangular(decompositions.cholesky(matrix), right, lower=True)
    return linear_systems.solve(matrix, right)


PRODUCT = Family(
    (
        Member(_dotted, arity=2, kinds="f"),
        Member(_multiplied, arity=2, kinds="f", on_inputs=True),
        Member(_batched, arity=2, kinds="f", on_inputs=True),
        Member(_outer, arity=2, kinds="f", on_inputs=True),
        Member(_kron, arity=2, kinds="f", on_inputs=True),
    )
)

LINEAR = Family(
    (
        *(
            Member(_of_positive(function), kinds="f", on_inputs=True)
            for function in (
                linear_systems.matrix_inverse,
                decompositions.cholesky,
                decompositions.eigvalsh,
                lambda matrix: linear_systems.slogdet(matrix)[1],
                lambda matrix: decompositions.svd(matrix, compute_uv=False),
                lambda matrix: matrix_functions.expm(matrix / (1 + matrix.sum() ** 2)),
            )
        ),
        Member(_solved, kinds="f", on_inputs=True),
    )
)
