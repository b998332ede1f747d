"""The Ops on tensors, each in the cases in which linkers are compared."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

import aesaralite.scalar as aes
import aesaralite.tensor as at
from aesaralite.autodiff import barriers
from aesaralite.compile.ops import deep_copy_op, view_op, wrap_py
from aesaralite.graph.variable import Variable
from aesaralite.printing.print_op import Print
from aesaralite.tensor import (
    creation,
    cumulative,
    decompositions,
    diagonals,
    extras,
    joining,
    linear_systems,
    matrix_functions,
    reduction,
    shaping,
    sorting,
    special,
)
from aesaralite.tensor.assertion import Assert, CheckAndRaise
from aesaralite.tensor.convolution import Convolve
from aesaralite.tensor.elementwise import Elemwise
from aesaralite.tensor.indexing_advanced import AdvancedIncSubtensor1, AdvancedSubtensor1
from aesaralite.tensor.random.mrg.from_uniform import BernoulliFromUniform, ChoiceFromUniform, MultinomialFromUniform
from aesaralite.tensor.random.mrg.uniform import MRGUniform
from aesaralite.tensor.unbroadcasting import SumToSize
from conformance.draw_cases import PARAMETERS, draw, legacy_draws

NAN, INF = float("nan"), float("inf")


@dataclass(frozen=True)
class Case:
    """One graph and values for it.

    Attributes
    ----------
    id : str
        A name for the test's report.
    build : callable
        Makes the output, or several, from variables of the values' dtypes and ranks.
    values : list of ndarray
        The values.
    smooth : bool
        Whether to check gradients with respect to the inputs that are floats.
    raises : type or None
        The exception that computing it raises, on every linker.
    static : bool
        Whether the sizes of the values are known when the graph is built.
    shape_only : bool
        Whether only shape and dtype are compared, as the content is left open.
    """

    id: str
    build: Callable[..., Any]
    values: list[Any]
    smooth: bool = False
    raises: type[Exception] | None = None
    static: bool = False
    shape_only: bool = False
    made: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def graph(self) -> tuple[list[Variable], list[Variable]]:
        """Return inputs and outputs, made once."""
        if not self.made:
            arrays = [np.asarray(value) for value in self.values]
            inputs = [
                at.TensorType(str(a.dtype), shape=a.shape if self.static else (None,) * a.ndim)(f"x{i}")
                for i, a in enumerate(arrays)
            ]
            result = self.build(*inputs)
            self.made["graph"] = inputs, list(result) if isinstance(result, (list, tuple)) else [result]
        return self.made["graph"]


V = np.array([0.5, -1.5, 2.0, 0.25])
W = np.array([1.0, 2.0, -3.0])
M = np.array([[0.5, -1.0, 2.0], [3.0, 0.25, -0.75]])
N = np.array([[1.0, 2.0], [3.0, -4.0], [0.5, 6.0]])
T = np.arange(24.0).reshape(2, 3, 4) / 7 - 1
I = np.array([2, 0, 2])
E = np.zeros((0, 3))
Z = M + 1j * M[::-1]
SPECIAL = np.array([1.0, NAN, INF, -INF, -0.0])
F = M.astype("float32")
B = np.array([True, False, True])


def i(value: int, dtype: str = "int64") -> np.ndarray:
    """Return a 0-d integer."""
    return np.array(value, dtype=dtype)


def smooth(name: str, build: Callable[..., Any], *values: Any, **kwargs: Any) -> Case:
    """A case with a gradient."""
    return Case(name, build, list(values), smooth=True, **kwargs)


def plain(name: str, build: Callable[..., Any], *values: Any, **kwargs: Any) -> Case:
    """A case without one."""
    return Case(name, build, list(values), **kwargs)


def _add_one(x: np.ndarray) -> np.ndarray:
    return x + 1


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
    plain("alloc-empty-sizes", lambda x, n: at.alloc(x, n, 2), np.array(1.5), i(0)),
    plain("alloc-negative", lambda x, n: at.alloc(x, n), np.array(1.5), i(-1), raises=ValueError),
    plain("alloc-mismatch", lambda x, n: at.alloc(x, n), V, i(3), raises=ValueError),
    plain("allocempty", lambda n: creation.AllocEmpty("float32")(n, 2), i(3), shape_only=True),
    plain("zeros-ones-full", lambda n: [at.zeros((n, 2)), at.ones((2, n), dtype="int8"), at.full((n,), 2.5)], i(3)),
    plain("arange", lambda a, b, c: at.arange(a, b, c), i(2), i(11), i(3)),
    plain("arange-down", lambda a, b, c: at.arange(a, b, c), i(5), i(-2), i(-2)),
    plain("arange-none", lambda a: at.arange(a), i(-3)),
    plain("arange-float", lambda a, b, c: at.arange(a, b, c), np.array(0.5), np.array(3.0), np.array(0.75)),
    plain("eye", lambda n, m: at.eye(n, m, 1), i(3), i(4)),
    plain("eye-below", lambda n: at.eye(n, n, -1, dtype="int32"), i(3)),
    smooth("diag", lambda x: at.diag(x), V),
    smooth("diagonal", lambda x: at.diagonal(x, offset=1), M),
    smooth("diagonal-axes", lambda x: at.diagonal(x, axis1=2, axis2=0), T),
    smooth("allocdiag", lambda x: diagonals.AllocDiag(offset=-1)(x), V),
    plain("tri", lambda n: at.tri(n, n + 1, 1), i(3)),
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
    plain("specify-shape-symbolic", lambda x, n: at.specify_shape(x, (2, n)), M, i(4), raises=AssertionError),
    smooth("unbroadcast", lambda x: at.unbroadcast(at.specify_shape(x, (1, None)), 0) * 2, M[:1]),
    smooth("reshape", lambda x: x.reshape((3, 2)), M),
    smooth("reshape-minus-one", lambda x: x.reshape((-1, 4)).T, T),
    smooth("reshape-of-transpose", lambda x: x.T.reshape((2, 3)) + 1, M),
    smooth("reshape-symbolic", lambda x, n: x.reshape((n, -1)), M, i(3)),
    plain("reshape-wrong", lambda x, n: x.reshape((n, 2)), M, i(4), raises=ValueError),
    smooth("flatten", lambda x: x.flatten(), T),
    smooth("flatten-2", lambda x: x.flatten(2), T),
    plain("ravel-empty", lambda x: x.ravel(), E),
    plain("tensor-from-scalar", lambda x: shaping.TensorFromScalar()(shaping.ScalarFromTensor()(x)) + 1, np.array(2.5)),
    smooth(
        "scalar-arithmetic", lambda x: shaping.TensorFromScalar()(aes.exp(shaping.ScalarFromTensor()(x))), np.array(0.5)
    ),
    smooth("squeeze-expand", lambda x: at.expand_dims(at.squeeze(at.specify_shape(x, (1, None)), 0), -1), M[:1]),
    smooth("swap-move", lambda x: [x.swapaxes(0, 2), at.moveaxis(x, 0, -1)], T),
    plain("broadcast-to", lambda x, n: at.broadcast_to(x, (n, 3)), W, i(2)),
]

JOINING = [
    smooth("join", lambda x, y: at.join(0, x, y), M, M + 1),
    smooth("join-axis-1", lambda x, y: at.join(1, x, y, x), M, M[:, :1]),
    smooth("join-negative-axis", lambda x, y: at.join(-1, x, y), T, T),
    plain("join-symbolic-axis", lambda n, x: at.join(n, x, x), i(1), M),
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

INDEXING = [
    smooth("item", lambda x: x[1], M),
    smooth("item-negative", lambda x: x[-1, -2], M),
    smooth("item-symbolic", lambda x, n: x[n], M, i(-2)),
    plain("item-out-of-bounds", lambda x, n: x[n], M, i(2), raises=IndexError),
    plain("item-below", lambda x, n: x[n], M, i(-3), raises=IndexError),
    smooth("slices", lambda x: x[:, 1:, ::2], T),
    smooth("slices-back", lambda x: x[::-1, :, -1:0:-2], T),
    smooth("slices-symbolic", lambda x, a, b, c: x[:, a:b:c], T, i(-1), i(0), i(-1)),
    plain("slices-beyond", lambda x, a, b: x[a:b], V, i(-10), i(10)),
    plain("slices-empty", lambda x, a, b: x[a:b], V, i(3), i(1)),
    smooth("newaxis-ellipsis", lambda x: x[..., None, 1], T),
    smooth("symbolic-slice-and-vector", lambda x, a, n: x[a:, n], M, i(-1), np.array([2, 0])),
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
    smooth("inc-symbolic", lambda x, y, n: at.inc_subtensor(x[n:], y), V, np.array(2.0), i(2)),
    plain("inc-mismatch", lambda x, y: at.inc_subtensor(x[1:], y), V, np.ones(2), raises=ValueError),
    plain("set-out-of-bounds", lambda x, n: at.set_subtensor(x[n], 1.0), V, i(4), raises=IndexError),
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

S = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.5, 0.2, 2.0]])
A = np.array([[2.0, -1.0, 0.5], [0.3, 1.5, 1.0], [-0.7, 0.2, 3.0]])
LOWER = np.tril(A)

LINEAR_ALGEBRA = [
    smooth("inverse", lambda a: linear_systems.MatrixInverse()(a), A),
    plain(
        "inverse-singular", lambda a: linear_systems.MatrixInverse()(a), np.ones((2, 2)), raises=np.linalg.LinAlgError
    ),
    smooth("pinv", lambda a: linear_systems.pinv(a), N),
    smooth("det", lambda a: linear_systems.Det()(a), A),
    plain("slogdet", lambda a: linear_systems.slogdet(a), A),
    smooth("solve-triangular", lambda a, b: linear_systems.solve_triangular(a, b, lower=True), LOWER, M.T),
    smooth("solve", lambda a, b: linear_systems.solve(a, b), A, M.T),
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
    plain("svd-values", lambda a: decompositions.svd(a, compute_uv=False), N),
    plain("qr", lambda a: decompositions.qr(a), N),
    smooth("expm", lambda a: matrix_functions.Expm()(a), A),
    plain("lyapunov", lambda a, q: matrix_functions.solve_continuous_lyapunov(a, q), A, S),
]

OTHERS = [
    plain("view", lambda x: view_op(x) * 2, M),
    plain("deep-copy", lambda x: deep_copy_op(x), M),
    plain("python-function", lambda x: wrap_py([at.dvector], at.dvector)(_add_one)(x), V),
    plain("print", lambda x: Print("value")(x) + 1, V),
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
    smooth("assert", lambda x, n: Assert("n must be positive")(x, n > 0) * 2, V, i(1)),
    plain("assert-fails", lambda x, n: Assert("n must be positive")(x, n > 0) * 2, V, i(-1), raises=AssertionError),
    plain("check-and-raise", lambda x, n: CheckAndRaise(KeyError, "n")(x, n > 0), V, i(-1), raises=KeyError),
]

STATES = np.arange(1, 31, dtype="int32").reshape(5, 6)
CHANCES = np.array([[0.5, 0.0, 0.25, 0.25], [0.0, 0.2, 0.3, 0.5], [0.1, 0.2, 0.7, 0.0]])
UNIFORMS = np.linspace(0.05, 0.95, 6)

DRAWS = [
    *(
        plain(f"draw-{name}", partial(draw, name), *map(np.asarray, parameters))
        for name, parameters in PARAMETERS.items()
    ),
    plain("draw-legacy", legacy_draws, np.arange(3.0)),
]

STREAMS = [
    *(
        plain(
            f"mrg-uniform-{dtype}", lambda s, n, dtype=dtype: MRGUniform.new(s, 2, dtype, n), STATES, np.array([3, 4])
        )
        for dtype in ("float16", "float32", "float64")
    ),
    plain("mrg-uniform-one", lambda s: MRGUniform.new(s, None, "float64", ()), STATES),
    plain("mrg-uniform-none", lambda s, n: MRGUniform.new(s, None, "float64", (2, n)), STATES, i(0)),
    plain("mrg-uniform-any-states", lambda s: MRGUniform.new(s, None, "float64", (3,)), -(2**27) * STATES),
    plain("mrg-uniform-transposed", lambda s: MRGUniform.new(s.T, None, "float64", (9,)), STATES.T.copy()),
    plain(
        "mrg-uniform-twice",
        lambda s: MRGUniform.new(MRGUniform.new(s, 1, "float32", (7,))[0], 1, "float64", (8,)),
        STATES,
    ),
    plain(
        "mrg-uniform-fails", lambda s, n: MRGUniform.new(s, 1, "float64", n), STATES, np.array([-1]), raises=ValueError
    ),
    plain("mrg-uniform-stateless", lambda s: MRGUniform.new(s, 1, "float64", (1,)), STATES[:0], raises=ValueError),
    plain("bernoulli-from-uniform", lambda p, u: BernoulliFromUniform("int64")(p, u), CHANCES[:, :1], UNIFORMS),
    plain(
        "bernoulli-from-uniform-fails",
        lambda p, u: BernoulliFromUniform("bool")(p, u),
        -CHANCES,
        UNIFORMS[:4],
        raises=ValueError,
    ),
    *(
        plain(
            f"multinomial-from-uniform-{dtype}",
            lambda p, u, dtype=dtype: MultinomialFromUniform(dtype)(p, u, 2),
            CHANCES,
            UNIFORMS,
        )
        for dtype in ("auto", "int8", "bool")
    ),
    plain(
        "multinomial-from-uniform-float32",
        lambda p, u: MultinomialFromUniform("auto")(p, u),
        CHANCES.astype("float32"),
        UNIFORMS[:3],
    ),
    plain(
        "multinomial-from-uniform-fails",
        lambda p, u: MultinomialFromUniform("auto")(p, u, 2),
        2 * CHANCES,
        UNIFORMS,
        raises=ValueError,
    ),
    plain("choice-from-uniform", lambda p, u, n: ChoiceFromUniform("auto")(p, u, n), CHANCES, UNIFORMS, i(2)),
    plain("choice-from-uniform-again", lambda p, u: ChoiceFromUniform("int8", True)(p, u, 2), CHANCES, UNIFORMS),
    plain(
        "choice-from-uniform-fails",
        lambda p, u: ChoiceFromUniform("auto")(p, u, 6),
        CHANCES[:1],
        UNIFORMS,
        raises=ValueError,
    ),
]


CASES: list[Case] = [
    *ELEMENTWISE,
    *REDUCTIONS,
    *CREATION,
    *SHAPES,
    *JOINING,
    *PRODUCTS,
    *INDEXING,
    *WRITING,
    *NORMALISING,
    *SORTING,
    *EXTRAS,
    *LINEAR_ALGEBRA,
    *OTHERS,
    *STREAMS,
    *DRAWS,
]
