"""Cases of indices, sorting, softmax, linear algebra, and of Ops that are like no others."""

from __future__ import annotations

import numpy as np

import aesaralite.tensor as at
from aesaralite.autodiff import barriers
from aesaralite.compile.ops import deep_copy_op, view_op, wrap_py
from aesaralite.printing.print_op import Print
from aesaralite.tensor import (
    cumulative,
    decompositions,
    extras,
    linear_systems,
    matrix_functions,
    sorting,
    special,
)
from aesaralite.tensor.assertion import Assert, CheckAndRaise, assert_op
from aesaralite.tensor.convolution import Convolve
from aesaralite.tensor.indexing_advanced import AdvancedIncSubtensor1, AdvancedSubtensor1, advanced_set_subtensor_nodup
from aesaralite.testing.conformance.case import plain, smooth
from aesaralite.testing.conformance.values import LOWER, SPECIAL, A, B, E, F, I, M, N, S, T, V, W, whole

__all__ = ["EXTRAS", "INDEXING", "LINEAR_ALGEBRA", "NORMALISING", "OTHERS", "SORTING", "WRITING"]


def _add_one(x: np.ndarray) -> np.ndarray:
    return x + 1


INDEXING = [
    smooth("item", lambda x: x[1], M),
    smooth("item-negative", lambda x: x[-1, -2], M),
    smooth("item-symbolic", lambda x, n: x[n], M, whole(-2)),
    plain("item-out-of-bounds", lambda x, n: x[n], M, whole(2), raises=IndexError),
    plain("item-below", lambda x, n: x[n], M, whole(-3), raises=IndexError),
    smooth("slices", lambda x: x[:, 1:, ::2], T),
    smooth("slices-back", lambda x: x[::-1, :, -1:0:-2], T),
    smooth("slices-symbolic", lambda x, a, b, c: x[:, a:b:c], T, whole(-1), whole(0), whole(-1)),
    plain("slices-beyond", lambda x, a, b: x[a:b], V, whole(-10), whole(10)),
    plain("slices-empty", lambda x, a, b: x[a:b], V, whole(3), whole(1)),
    smooth("newaxis-ellipsis", lambda x: x[..., None, 1], T),
    smooth("symbolic-slice-and-vector", lambda x, a, n: x[a:, n], M, whole(-1), np.array([2, 0])),
    smooth("take-rows", lambda x, n: AdvancedSubtensor1()(x, n), N, I),
    smooth("take-vector", lambda x, n: x[n], V, np.array([0, -1, 2, 0])),
    smooth("take-grid", lambda x, n: x[n], V, np.array([[0, 1], [3, -4]])),
    plain("take-none", lambda x, n: x[n], N, np.array([], "int64")),
    plain("take-out-of-bounds", lambda x, n: x[n], N, np.array([0, 3]), raises=IndexError),
    smooth("pairs", lambda x, a, b: x[a, b], M, np.array([0, 1, -1]), np.array([2, 0, 1])),
    smooth("pairs-broadcast", lambda x, a, b: x[a[:, None], b], M, np.array([0, 1]), np.array([2, 0])),
    smooth("mixed", lambda x, n: x[1:, n], M, np.array([2, 0])),
    smooth("separated", lambda x, n: x[n, :, n], T, np.array([1, 0])),
    smooth("with-integer", lambda x, n: x[0, n], T, np.array([2, 0])),
    smooth("mask", lambda x, b: x[:, b], M, B),
    smooth("mask-of-itself", lambda x: x[x > 0], M),
    plain("nonzero", lambda x: at.nonzero(x), np.array([[0, 1], [2, 0]])),
    smooth("take", lambda x, n: at.take(x, n, axis=1), M, np.array([2, 0])),
    plain("uint8-index", lambda x, n: x[n], V, np.array([1, 3], "uint8")),
]

WRITING = [
    smooth("set", lambda x, y: at.set_subtensor(x[1], y), M, W),
    smooth("set-scalar", lambda x, y: at.set_subtensor(x[:, 1:], y), M, np.array(5.0)),
    smooth("set-strided", lambda x, y: at.set_subtensor(x[::-1, ::2], y), M, M[:, :2]),
    smooth("inc", lambda x, y: at.inc_subtensor(x[:, 1], y), M, M[:, 0]),
    smooth("inc-symbolic", lambda x, y, n: at.inc_subtensor(x[n:], y), V, np.array(2.0), whole(2)),
    plain("inc-mismatch", lambda x, y: at.inc_subtensor(x[1:], y), V, np.ones(2), raises=ValueError),
    plain("set-out-of-bounds", lambda x, n: at.set_subtensor(x[n], 1.0), V, whole(4), raises=IndexError),
    smooth("inc-rows", lambda x, n, y: AdvancedIncSubtensor1()(x, y, n), N, I, N[:, ::-1]),
    smooth(
        "set-rows", lambda x, n, y: AdvancedIncSubtensor1(set_instead_of_inc=True)(x, y, n), N, np.array([2, 0]), N[:2]
    ),
    smooth("inc-duplicates", lambda x, n, y: at.inc_subtensor(x[n], y), V, np.array([1, 1, -3]), W),
    smooth("inc-duplicates-pairs", lambda x, n, y: at.inc_subtensor(x[n, n], y), N, np.array([1, 1, 0]), W),
    smooth("set-pairs", lambda x, n, y: at.set_subtensor(x[n, n], y), N, np.array([1, 0]), W[:2]),
    smooth("inc-mask", lambda x, b, y: at.inc_subtensor(x[:, b], y), M, B, np.array(2.0)),
    plain("inc-take-out-of-bounds", lambda x, n: at.inc_subtensor(x[n], 1.0), V, np.array([4]), raises=IndexError),
    plain(
        "inc-ignoring-duplicates", lambda x, n: at.inc_subtensor(x[n], 1.0, ignore_duplicates=True), V, np.array([1, 1])
    ),
    plain(
        "set-ignoring-duplicates",
        lambda x, n, y: advanced_set_subtensor_nodup(x, y, n, n),
        N,
        np.array([1, 0]),
        W[:2],
    ),
    plain("set-int", lambda x: at.set_subtensor(x[1], 7), np.array([1, 2, 3], "int8")),
    smooth("both", lambda x, y: at.inc_subtensor(at.set_subtensor(x[0], y)[1], y), M, W),
]

NORMALISING = [
    *(smooth(f"softmax-{axis}", lambda x, axis=axis: special.softmax(x, axis=axis), M) for axis in (None, 0, 1, -1)),
    *(
        smooth(f"log-softmax-{axis}", lambda x, axis=axis: special.log_softmax(x, axis=axis), M)
        for axis in (None, 0, 1)
    ),
    plain("softmax-large", lambda x: [special.softmax(x), special.log_softmax(x)], np.array([1e4, 0.0, -1e4])),
    smooth("softmax-grad", lambda g, s: special.SoftmaxGrad(axis=1)(g, s), M, np.abs(M)),
    plain("softmax-float32", lambda x: special.softmax(x, axis=1), F),
]

SORTING = [
    smooth("sort", lambda x: at.sort(x), V),
    smooth("sort-axis", lambda x: at.sort(x, axis=0), M),
    smooth("sort-flat", lambda x: at.sort(x, axis=None), M),
    plain("sort-nan", lambda x: at.sort(x), SPECIAL),
    plain(
        "argsort", lambda x: [at.argsort(x), at.argsort(x, axis=0, kind="stable")], np.array([[3.0, 1.0], [2.0, 0.5]])
    ),
    plain("sort-int", lambda x: sorting.SortOp("quicksort", None)(x, -1), np.array([3, 1, 2], "int16")),
]

EXTRAS = [
    smooth("cumsum", lambda x: [at.cumsum(x, axis=1), at.cumsum(x)], M),
    smooth("cumprod", lambda x: at.cumprod(x, axis=0), M),
    plain("cumsum-int8", lambda x: at.cumsum(x), np.array([100, 100], "int8")),
    plain("cumop", lambda x: cumulative.CumOp(axis=0, mode="add")(x), E),
    smooth("diff", lambda x: at.diff(x, axis=1), M),
    smooth("repeat", lambda x: at.repeat(x, 2, axis=1), M),
    smooth("repeat-each", lambda x, n: extras.Repeat(axis=0)(x, n), W, np.array([0, 2, 1])),
    plain("searchsorted", lambda x, v: [at.searchsorted(x, v), at.searchsorted(x, v, side="right")], np.sort(V), W),
    plain("unique", lambda x: at.unique(x), np.array([3, 1, 3, 2])),
    plain("unique-all", lambda x: at.unique(x, True, True, True), np.array([3.0, 1.0, 3.0])),
    plain("ravel-multi-index", lambda a, b: at.ravel_multi_index((a, b), (3, 4)), np.array([0, 2]), np.array([3, 1])),
    plain(
        "ravel-multi-index-raise",
        lambda a, b: at.ravel_multi_index((a, b), (3, 4)),
        np.array([0, 3]),
        np.array([3, 1]),
        raises=ValueError,
    ),
    plain("unravel-index", lambda n: at.unravel_index(n, (3, 4)), np.array([0, 11, 5])),
    smooth("convolve", lambda a, v: Convolve()(a, v), V, W),
    plain("bincount", lambda x: at.bincount(x), np.array([0, 3, 3])),
]

LINEAR_ALGEBRA = [
    smooth("inverse", lambda a: linear_systems.MatrixInverse()(a), A),
    plain(
        "inverse-singular", lambda a: linear_systems.MatrixInverse()(a), np.ones((2, 2)), raises=np.linalg.LinAlgError
    ),
    smooth("pinv", lambda a: linear_systems.pinv(a), N),
    smooth("det", lambda a: linear_systems.Det()(a), A),
    smooth("slogdet", lambda a: linear_systems.slogdet(a), A),
    smooth("solve-triangular", lambda a, b: linear_systems.solve_triangular(a, b, lower=True), LOWER, M.T),
    smooth("solve", lambda a, b: linear_systems.solve(a, b), A, M.T),
    smooth("solve-upper", lambda a, b: linear_systems.solve_upper_triangular(a, b), LOWER.T, W),
    smooth("solve-symmetric", lambda a, b: linear_systems.solve_symmetric(a + a.T, b), S, W),
    smooth("solve-vector", lambda a, b: linear_systems.solve(a, b), A, W),
    smooth("cho-solve", lambda c, b: linear_systems.cho_solve((c, True), b), np.tril(S), W),
    plain("lstsq", lambda a, b: linear_systems.Lstsq()(a, b, 1e-9), N, W),
    smooth("cholesky", lambda a: decompositions.cholesky(at.dot(a, a.T)), A),
    plain("cholesky-fails", lambda a: decompositions.cholesky(a), -S, raises=np.linalg.LinAlgError),
    plain("eig", lambda a: decompositions.Eig()(a), np.diag([3.0, 1.0, 2.0])),
    plain("eigh", lambda a: decompositions.eigh(a), S),
    smooth("eigh-values", lambda a: decompositions.eigh(a + a.T)[0], A),
    smooth("eigvalsh", lambda a: decompositions.eigvalsh(a), S),
    smooth("eigvalsh-generalized", lambda a, b: decompositions.eigvalsh(a, b), S, np.diag([1.0, 2.0, 1.5])),
    plain("svd", lambda a: decompositions.svd(a), N),
    smooth("svd-values", lambda a: decompositions.svd(a, compute_uv=False), N),
    plain("qr", lambda a: decompositions.qr(a), N),
    smooth("expm", lambda a: matrix_functions.Expm()(a), A),
    smooth("lyapunov", lambda a, q: matrix_functions.solve_continuous_lyapunov(a, q), A, S),
]

OTHERS = [
    smooth("view", lambda x: view_op(x) * 2, M),
    smooth("deep-copy", lambda x: deep_copy_op(x), M),
    plain("python-function", lambda x: wrap_py([at.dvector], at.dvector)(_add_one)(x), V),
    smooth("print", lambda x: Print("value")(x) + 1, V),
    plain(
        "barriers",
        lambda x: [
            barriers.zero_grad(x),
            barriers.consider_constant(x),
            barriers.disconnected_grad(x),
            barriers.undefined_grad(x),
            barriers.grad_clip(x, -1, 1),
            barriers.grad_scale(x, 2.0),
        ],
        V,
    ),
    plain("assert-op", lambda x: assert_op(x, x.sum() > 0), V),
    smooth("assert", lambda x, n: Assert("n must be positive")(x, n > 0) * 2, V, whole(1)),
    plain("assert-fails", lambda x, n: Assert("n must be positive")(x, n > 0) * 2, V, whole(-1), raises=AssertionError),
    smooth("check-and-raise", lambda x, n: CheckAndRaise(KeyError, "n")(x, n > 0), V, whole(1)),
    plain("check-raises", lambda x, n: CheckAndRaise(KeyError, "n")(x, n > 0), V, whole(-1), raises=KeyError),
]
