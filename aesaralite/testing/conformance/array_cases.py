"""Cases of arithmetic, reductions, creation, shapes, joining and products."""

from __future__ import annotations

from typing import Any

import numpy as np

import aesaralite.scalar as aes
import aesaralite.tensor as at
from aesaralite.tensor import creation, diagonals, joining, reduction, shaping
from aesaralite.tensor.elementwise import Elemwise
from aesaralite.tensor.unbroadcasting import SumToSize
from aesaralite.testing.conformance.case import Case, plain, smooth
from aesaralite.testing.conformance.values import SPECIAL, B, E, F, M, N, T, V, W, Z, whole

__all__ = ["CREATION", "ELEMENTWISE", "JOINING", "PRODUCTS", "REDUCTIONS", "SHAPES"]


def _parts(x: Any, y: Any) -> list[Any]:
    z = at.complex(x, y)
    return [at.real(z * z), at.imag(at.conj(z) * z * z), at.angle(z), abs(z)]


ELEMENTWISE = [
    smooth("broadcast-rows", lambda x, y: x * y, M, W),
    smooth("broadcast-both", lambda x, y: x + y, M[:, :1], W[None, :]),
    smooth("broadcast-at-run-time", lambda x, y: x * y + y, M, M[:1]),
    smooth("broadcast-static", lambda x, y: x * y + y, M, M[:1], static=True),
    smooth("broadcast-scalar", lambda x, y: x - y, T, np.array(2.0)),
    smooth("sum-to-size", lambda x: SumToSize((0, 1))(x, 1, x.shape[1]), M),
    plain("broadcast-mismatch", lambda x, y: x + y, np.ones(3), np.ones(4), raises=ValueError),
    plain("mixed-dtypes", lambda x, y, z: x + y * z, F, np.ones(3, "int32"), np.array(2, "uint8")),
    plain("empty", lambda x: at.exp(x) + 1, E),
    plain("complex", lambda x: x * x.conj() + 1j, Z),
    smooth("complex-parts", _parts, V, V[::-1] + 0.125),
    smooth("complex-from-polar", lambda r, t: at.real(at.complex_from_polar(r, t) ** 2), np.abs(V), V),
    smooth("chain", lambda x: at.tanh(at.exp(-(x**2)) / (1 + at.sqr(x))), M),
    smooth("shared-subexpression", lambda x: [at.exp(x) + at.exp(x).sum(axis=0), at.exp(x) * 2], M),
    plain("several-outputs", lambda x: Elemwise(_two_results())(x, x), V),
    plain("transposed", lambda x: x.T + x.T[::-1], np.asfortranarray(M)),
    smooth("dimshuffle", lambda x: x.dimshuffle(2, "x", 0, 1), T),
    smooth("dimshuffle-drop", lambda x: at.specify_shape(x, (1, None)).dimshuffle(1), M[:1]),
    smooth("transpose-and-add", lambda x, y: x.T + y, M, N),
]


def _two_results() -> aes.Composite:
    x, y = aes.float64("x"), aes.float64("y")
    return aes.Composite([x, y], [aes.add(x, y), aes.lt(x, y)])


def _reductions() -> list[Case]:
    cases = []
    for name in ("sum", "prod", "max", "min", "mean", "var", "std", "all", "any", "argmax", "argmin"):
        differentiable = name not in ("all", "any", "argmax", "argmin")
        make = smooth if differentiable else plain

        def reduce(x: Any, name: str = name, **kwargs: Any) -> Any:
            x = x > 0 if name in ("all", "any") else x
            return getattr(x, name)(**kwargs)

        cases += [
            make(f"{name}-all", reduce, M),
            make(f"{name}-rows", lambda x, reduce=reduce: reduce(x, axis=0), M),
            make(f"{name}-last", lambda x, reduce=reduce: reduce(x, axis=-1), T),
            make(f"{name}-middle", lambda x, reduce=reduce: reduce(x, axis=1, keepdims=True), T),
            plain(f"{name}-strided", lambda x, reduce=reduce: reduce(x, axis=0), T.transpose(2, 0, 1)[::2]),
            plain(f"{name}-special", lambda x, reduce=reduce: reduce(x, axis=0), SPECIAL),
        ]
        if name not in ("all", "any", "argmax", "argmin"):
            cases.append(make(f"{name}-two", lambda x, reduce=reduce: reduce(x, axis=(0, 2)), T))
        if name not in ("mean", "var", "std"):
            cases += [
                plain(f"{name}-{dtype}", lambda x, reduce=reduce: reduce(x, axis=1), (M * 40).astype(dtype))
                for dtype in ("int8", "int64", "float32")
            ]
    empty_is_fine = ("sum", "prod", "all", "any")
    for name in (*empty_is_fine, "max", "min", "argmax"):

        def reduce_empty(x: Any, name: str = name) -> Any:
            return getattr(x > 0 if name in ("all", "any") else x, name)(axis=0)

        cases.append(plain(f"{name}-empty", reduce_empty, E, raises=None if name in empty_is_fine else ValueError))
    return cases


REDUCTIONS = [
    *_reductions(),
    smooth("prod-with-zeros", lambda x: x.prod(axis=1), np.array([[0.0, 2.0, 3.0], [0.0, 0.0, 5.0], [1.0, 2.0, 3.0]])),
    plain("prod-without-zeros", lambda x: reduction.ProdWithoutZeros(axis=1)(x), np.array([[0.0, 2.0], [3.0, 4.0]])),
    smooth("prod-of-others", lambda x: reduction.ProdWithoutZeros(axis=1)(x), M),
    plain("sum-dtype", lambda x: x.sum(dtype="float64"), F),
    plain("sum-acc-dtype", lambda x: x.sum(dtype="float32", acc_dtype="float64"), F),
    plain("sum-complex", lambda x: x.sum(axis=0), Z),
    plain("sum-bool", lambda x: x.sum(), B),
    plain("max-and-argmax", lambda x: at.max_and_argmax(x, axis=1), M),
    plain("argmax-ties", lambda x: x.argmax(axis=0), np.array([1.0, 3.0, 3.0])),
    plain("careduce-xor", lambda x: reduction.CAReduce(aes.xor, axis=(0,))(x), np.array([1, 6, 3])),
    plain("careduce-maximum", lambda x: reduction.CAReduce(aes.scalar_maximum, axis=(1,))(x), M),
    smooth("elementwise-into-sum", lambda x, y: (at.exp(x) * y).sum(axis=0), M, W),
    smooth("two-sums", lambda x: x.sum(axis=0).sum(), M),
    smooth("sum-and-its-input", lambda x: x / x.sum(axis=1, keepdims=True), np.abs(M)),
    smooth("logsumexp", lambda x: at.log(at.exp(x).sum(axis=1)), M),
]

CREATION = [
    smooth("alloc", lambda x: at.alloc(x, 3, 4), V),
    plain("alloc-empty-sizes", lambda x, n: at.alloc(x, n, 2), np.array(1.5), whole(0)),
    plain("alloc-negative", lambda x, n: at.alloc(x, n), np.array(1.5), whole(-1), raises=ValueError),
    plain("alloc-mismatch", lambda x, n: at.alloc(x, n), V, whole(3), raises=ValueError),
    plain("allocempty", lambda n: creation.AllocEmpty("float32")(n, 2), whole(3), shape_only=True),
    plain("zeros-ones-full", lambda n: [at.zeros((n, 2)), at.ones((2, n), dtype="int8"), at.full((n,), 2.5)], whole(3)),
    plain("arange", lambda a, b, c: at.arange(a, b, c), whole(2), whole(11), whole(3)),
    plain("arange-down", lambda a, b, c: at.arange(a, b, c), whole(5), whole(-2), whole(-2)),
    plain("arange-none", lambda a: at.arange(a), whole(-3)),
    smooth("arange-float", lambda a, b, c: at.arange(a, b, c), np.array(0.5), np.array(3.0), np.array(0.75)),
    plain("eye", lambda n, m: at.eye(n, m, 1), whole(3), whole(4)),
    plain("eye-below", lambda n: at.eye(n, n, -1, dtype="int32"), whole(3)),
    smooth("diag", lambda x: at.diag(x), V),
    smooth("extract-diag", lambda x: diagonals.extract_diag(x), M),
    smooth("diagonal", lambda x: at.diagonal(x, offset=1), M),
    smooth("diagonal-axes", lambda x: at.diagonal(x, axis1=2, axis2=0), T),
    smooth("allocdiag", lambda x: diagonals.AllocDiag(offset=-1)(x), V),
    plain("tri", lambda n: at.tri(n, n + 1, 1), whole(3)),
    smooth("tril", lambda x: at.tril(x, -1), M),
    smooth("linspace", lambda a, b: at.linspace(a, b, 4), np.array(0.5), np.array(3.0)),
    plain("zeros-like", lambda x: [at.zeros_like(x), at.ones_like(x, dtype="int8")], M),
]

SHAPES = [
    plain("shape", lambda x: x.shape, T),
    plain("shape-of-result", lambda x, y: at.dot(at.exp(x), y).shape, M, N),
    plain("shape-i", lambda x: [shaping.Shape_i(0)(x), shaping.Shape_i(2)(x)], T),
    plain("size", lambda x: x.size, T),
    smooth("specify-shape", lambda x: at.specify_shape(x, (2, 3)) * 2, M),
    smooth("specify-shape-partly", lambda x: at.specify_shape(x, (None, 3)) * 2, M),
    plain("specify-shape-wrong", lambda x: at.specify_shape(x, (2, 2)), M, raises=AssertionError),
    plain("specify-shape-symbolic", lambda x, n: at.specify_shape(x, (2, n)), M, whole(4), raises=AssertionError),
    smooth("unbroadcast", lambda x: at.unbroadcast(at.specify_shape(x, (1, None)), 0) * 2, M[:1]),
    smooth("reshape", lambda x: x.reshape((3, 2)), M),
    smooth("reshape-minus-one", lambda x: x.reshape((-1, 4)).T, T),
    smooth("reshape-of-transpose", lambda x: x.T.reshape((2, 3)) + 1, M),
    smooth("reshape-symbolic", lambda x, n: x.reshape((n, -1)), M, whole(3)),
    plain("reshape-wrong", lambda x, n: x.reshape((n, 2)), M, whole(4), raises=ValueError),
    smooth("flatten", lambda x: x.flatten(), T),
    smooth("flatten-2", lambda x: x.flatten(2), T),
    plain("ravel-empty", lambda x: x.ravel(), E),
    plain("tensor-from-scalar", lambda x: shaping.TensorFromScalar()(shaping.ScalarFromTensor()(x)) + 1, np.array(2.5)),
    smooth(
        "scalar-arithmetic", lambda x: shaping.TensorFromScalar()(aes.exp(shaping.ScalarFromTensor()(x))), np.array(0.5)
    ),
    smooth("squeeze-expand", lambda x: at.expand_dims(at.squeeze(at.specify_shape(x, (1, None)), 0), -1), M[:1]),
    smooth("swap-move", lambda x: [x.swapaxes(0, 2), at.moveaxis(x, 0, -1)], T),
    plain("broadcast-to", lambda x, n: at.broadcast_to(x, (n, 3)), W, whole(2)),
]

JOINING = [
    smooth("join", lambda x, y: at.join(0, x, y), M, M + 1),
    smooth("join-axis-1", lambda x, y: at.join(1, x, y, x), M, M[:, :1]),
    smooth("join-negative-axis", lambda x, y: at.join(-1, x, y), T, T),
    plain("join-symbolic-axis", lambda n, x: at.join(n, x, x), whole(1), M),
    plain("join-empty", lambda x, y: at.join(0, x, y), E, M),
    plain("join-dtypes", lambda x, y: at.join(0, x, y), F, M.astype("int32")),
    plain("join-mismatch", lambda x, y: at.join(0, x, y), M, N, raises=ValueError),
    smooth("stack", lambda x, y: [at.stack([x, y]), at.stack([x, y], axis=-1)], V, V + 1),
    smooth("make-vector", lambda x, y: joining.MakeVector("float64")(x, y, x), np.array(1.5), np.array(2.5)),
    smooth("split", lambda x: joining.split(x, [1, 3], 2, axis=0), V),
    smooth("split-axis", lambda x: joining.split(x, [1, 0, 2], 3, axis=1), M),
    plain("split-symbolic", lambda x, s: joining.split(x, s, 2, axis=0), V, np.array([3, 1])),
    plain("split-wrong", lambda x, s: joining.split(x, s, 2, axis=0), V, np.array([3, 2]), raises=ValueError),
    smooth("tile", lambda x: at.tile(x, (2, 3)), M),
    smooth("roll", lambda x: at.roll(x, 1, axis=1), M),
]

PRODUCTS = [
    smooth("dot-vv", lambda x, y: at.dot(x, y), V, V + 1),
    smooth("dot-mv", lambda x, y: at.dot(x, y), M, W),
    smooth("dot-vm", lambda x, y: at.dot(x, y), W, N),
    smooth("dot-mm", lambda x, y: at.dot(x, y), M, N),
    smooth("dot-transposed", lambda x, y: at.dot(x.T, y.T), M, N),
    smooth("dot-strided", lambda x, y: at.dot(x[:, ::-1], y[::-1]), M, N),
    smooth("dot-newaxis", lambda x, y: at.dot(x[:, :1], y.dimshuffle("x")), M, np.array(2.0)),
    smooth("dot-vectors-newaxis", lambda x, y: at.dot(x[:1], y.dimshuffle("x")), V, np.array(2.0)),
    smooth("dot-matrices-newaxis", lambda x, y: at.dot(x[:, None], y[None, :]), V, W),
    smooth("dot-repeated", lambda x, y: at.dot(x, at.alloc(y, 3)), M, np.array(2.0)),
    plain("dot-float32", lambda x, y: at.dot(x, y), F, N.astype("float32")),
    plain("dot-mixed", lambda x, y: at.dot(x, y), F, N),
    plain("dot-int", lambda x, y: at.dot(x, y), (M * 4).astype("int64"), N.astype("int64")),
    plain("dot-complex", lambda x, y: at.dot(x, y), Z, Z.T),
    plain("dot-empty", lambda x, y: at.dot(x.T, y), E, E),
    plain("dot-mismatch", lambda x, y: at.dot(x, y), M, M, raises=ValueError),
    smooth("batched-dot", lambda x, y: at.batched_dot(x, y), T, T.transpose(0, 2, 1)),
    smooth("batched-dot-vectors", lambda x, y: at.batched_dot(x, y), T, T[:, 0, :]),
    plain("batched-dot-mismatch", lambda x, y: at.batched_dot(x, y), T, T[:1].transpose(0, 2, 1), raises=ValueError),
    smooth("matmul", lambda x, y: [x @ y, at.matmul(x[0], y)], M, N),
    smooth("matmul-stack", lambda x, y: at.matmul(x, y), T, T[0].T),
    smooth("tensordot", lambda x, y: at.tensordot(x, y, axes=[[1], [0]]), T, M.T),
    smooth("outer", lambda x, y: at.outer(x, y), V, W),
]
