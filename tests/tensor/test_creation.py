"""Arrays made from values and shapes, ranges, diagonals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.checking import check, check_gradient
from support.evaluation import evaluate

import aesaralite.tensor as at
from aesaralite.configdefaults import config
from aesaralite.tensor.creation import Alloc, AllocEmpty, ARange, Eye
from aesaralite.tensor.diagonals import AllocDiag, ExtractDiag
from aesaralite.tensor.type import TensorType

rng = np.random.default_rng(9)
SHAPES = [(), (3,), (0,), (2, 3), (1, 3), (2, 0, 3)]


# Alloc


@given(st.data())
def test_alloc_broadcasts_at_run_time(data):
    target = data.draw(st.lists(st.integers(0, 3), max_size=3).map(tuple))
    own = tuple(1 if data.draw(st.booleans()) else n for n in target)
    own = own[data.draw(st.integers(0, len(own))) :]
    check(
        lambda v, *sizes: at.alloc(v, *sizes),
        lambda v, *sizes: np.broadcast_to(v, [int(n) for n in sizes]),
        rng.normal(size=own),
        *target,
    )
    check(lambda v: at.alloc(v, *target), lambda v: np.broadcast_to(v, target), rng.normal(size=own))


def test_alloc_checks_when_it_is_built():
    x = TensorType("float64", (2, 3))("my_value")
    with pytest.raises(ValueError, match="my_value"):
        at.alloc(x, 3, 3)
    with pytest.raises(TypeError, match="my_value"):
        at.alloc(x, 3)
    with pytest.raises(ValueError, match="negative"):
        at.zeros((2, -1))
    with pytest.raises(TypeError, match=r"scalar integers; got 2\.5"):
        at.zeros((2.5,))
    with pytest.raises(TypeError, match="my_size"):
        at.zeros((at.dscalar("my_size"),))
    with pytest.raises(ValueError, match="my_shape"):
        at.zeros(at.lvector("my_shape"))


def test_alloc_checks_when_it_runs():
    x, n = at.dvector("x"), at.lscalar("n")
    with pytest.raises(ValueError, match=r"shape \(2,\) doesn't broadcast to shape \(3,\)"):
        evaluate(at.alloc(x, n), {x: [1, 2], n: 3})
    with pytest.raises(ValueError, match="negative"):
        evaluate(at.zeros((n,)), {n: -1})


def test_forms_of_shapes():
    n = at.iscalar("n")
    for shape in (3, (3,), [3], np.array([3]), np.int8(3), at.constant([3]), at.constant(3)):
        assert at.zeros(shape).type.shape == (3,)
    assert at.zeros((n, 2)).type.shape == (None, 2)
    assert at.zeros(at.dmatrix().shape).type.shape == (None, None)
    assert at.zeros(at.stack([n, 2])).type.shape == (None, 2)
    assert at.zeros(()).type.shape == at.zeros([]).type.shape == ()
    assert at.zeros(at.zeros((2, 3)).shape).type.shape == (2, 3)


def test_static_shape_of_alloc():
    n = at.lscalar()
    known, row = TensorType("float64", (2, 3))(), at.row()
    assert at.alloc(known, n, n).type.shape == (2, 3)
    assert at.alloc(row, n, n).type.shape == (None, None)
    assert at.alloc(row, n, 4).type.shape == (None, 4)
    assert at.alloc(at.dmatrix(), 1, 4).type.shape == (1, 4)


@pytest.mark.parametrize("shape", [(2, 1), (1, 3), (3,), (), (2, 3)])
def test_gradient_of_alloc(shape):
    check_gradient(lambda v: at.alloc(v, 4, 2, 3), rng.normal(size=shape))


def test_gradient_of_alloc_with_respect_to_sizes_is_disconnected():
    n = at.lscalar("n")
    assert Alloc().connection_pattern(at.alloc(1.0, n, 2).owner) == [[True], [False], [False]]


def test_default_dtypes():
    assert at.zeros(2).type.dtype == at.ones(2).type.dtype == at.empty(2).type.dtype == config.floatX
    assert at.zeros(2, dtype="int8").type.dtype == "int8"
    assert at.full((2,), 3).type.dtype == "int64"
    assert at.full((2,), np.float32(3)).type.dtype == "float32"
    assert at.full((2,), 3, dtype="uint8").type.dtype == "uint8"
    with config.change_flags(floatX="float32"):
        assert at.zeros(2).type.dtype == at.eye(2).type.dtype == at.alloc(1.5, 2).type.dtype == "float32"


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", ["float32", "int8", "bool"])
def test_like(shape, dtype):
    value = np.ones(shape, dtype=dtype)
    check(at.zeros_like, np.zeros_like, value)
    check(at.ones_like, np.ones_like, value)
    check(lambda x: at.zeros_like(x, dtype="int16"), lambda x: np.zeros_like(x, dtype="int16"), value)
    check(lambda x: at.full_like(x, True), lambda x: np.full_like(x, True), value)
    x = TensorType(dtype, (None,) * len(shape))()
    empty = evaluate(at.empty_like(x), {x: value})
    assert (empty.shape, empty.dtype) == (shape, dtype)


def test_fill_values_of_bare_numbers_take_the_dtype():
    assert at.full_like(at.fvector(), 3).type.dtype == "float32"
    assert at.full_like(at.fvector(), 2.5).type.dtype == "float32"
    assert at.full_like(at.ivector(), 2).type.dtype == "int32"
    assert at.full_like(at.ivector(), np.int64(2)).type.dtype == "int64"


def test_empty_is_not_folded():
    node = at.empty((2, 3)).owner
    assert node.op == AllocEmpty("float64")
    assert not node.op.do_constant_folding(None, node)


def test_large_arrays_are_not_folded():
    for large in (at.zeros((1000, 1000)), at.eye(1000), at.arange(10**6)):
        assert not large.owner.op.do_constant_folding(None, large.owner)
    for small in (at.zeros(3), at.eye(3), at.arange(3)):
        assert small.owner.op.do_constant_folding(None, small.owner)


# Ranges

RANGES = [(5,), (2, 7), (1, 7, 2), (7, 1, -2), (0,), (-3,), (5, 0), (0.0, 1.0, 0.3), (1.5,), (5, 0, -1.5), (3, 3, 1)]
RANGES += [(0.0, 5e-324, 2.5), (0.0, -5e-324, 2.5), (0.0, 1.0, float("inf")), (0.0, -1.0, float("inf"))]


@pytest.mark.parametrize("arguments", RANGES)
def test_arange(arguments):
    check(lambda: at.arange(*arguments), lambda: np.arange(*arguments))
    check(at.arange, np.arange, *arguments)
    assert at.arange(*arguments).type.shape == np.arange(*arguments).shape


@given(st.integers(-20, 20), st.integers(-20, 20), st.integers(-7, 7).filter(bool))
def test_length_of_integer_ranges(start, stop, step):
    check(at.arange, np.arange, start, stop, step)


def test_dtypes_of_ranges():
    def dtype(*arguments, **kwargs):
        return at.arange(*arguments, **kwargs).type.dtype

    assert dtype(3) == dtype(at.bscalar()) == dtype(at.iscalar(), 5) == dtype(at.scalar(dtype="uint8")) == "int64"
    assert dtype(at.scalar(dtype="uint64")) == "uint64"
    assert dtype(1.0) == dtype(0, 1, 0.1) == config.floatX
    assert dtype(at.fscalar()) == dtype(0, at.fscalar(), 0.5) == dtype(0, at.fscalar(), 1) == "float32"
    assert dtype(3, dtype="int8") == "int8"
    assert dtype(2.5, dtype="int32") == "int32"


def test_wrong_ranges():
    with pytest.raises(ValueError, match="must not be zero"):
        at.arange(0, 5, 0)
    with pytest.raises(TypeError, match="my_vector"):
        at.arange(at.dvector("my_vector"))
    step = at.lscalar("step")
    with pytest.raises(ValueError, match="must not be zero"):
        evaluate(at.arange(0, 5, step), {step: 0})
    with pytest.raises(ValueError, match="can't count"):
        at.arange(0, np.inf)


def test_gradient_of_arange():
    check_gradient(lambda start, step: at.arange(start, start + 2.5, step), 0.3, 0.7)
    assert ARange("float64").connection_pattern(None) == [[True], [False], [True]]


@pytest.mark.parametrize("arguments", [(0, 1, 5), (0, 1, 1), (0, 1, 0), (2.0, -3.0, 7)])
def test_linspace_and_logspace(arguments):
    check(at.linspace, lambda a, b, n: np.linspace(a, b, int(n)), *arguments)
    check(lambda: at.linspace(*arguments), lambda: np.linspace(*arguments))
    check(lambda: at.linspace(*arguments, endpoint=False), lambda: np.linspace(*arguments, endpoint=False))
    check(lambda: at.logspace(*arguments), lambda: np.logspace(*arguments))
    check(lambda: at.logspace(*arguments, base=2.0), lambda: np.logspace(*arguments, base=2.0))


def test_spaces_between_arrays():
    a, b = rng.normal(size=3), rng.normal(size=(2, 3))
    check(lambda a, b: at.linspace(a, b, 4), lambda a, b: np.linspace(a, b, 4), a, b)
    check(lambda: at.geomspace(1, 16, 5), lambda: np.geomspace(1, 16, 5))
    check(lambda: at.geomspace(-1, -16, 5), lambda: np.geomspace(-1, -16, 5))
    check_gradient(lambda a, b: at.linspace(a, b, 4), 1.0, 2.0)


def test_grids():
    check(lambda: at.mgrid[0:3, 1:5:2], lambda: list(np.mgrid[0:3, 1:5:2]))
    check(lambda: at.ogrid[0:3, 1:5:2], lambda: list(np.ogrid[0:3, 1:5:2]))
    check(lambda n: at.mgrid[0:n, 0:2], lambda n: list(np.mgrid[0 : int(n), 0:2]), 3)
    check(lambda: at.mgrid[0:2], lambda: np.mgrid[0:2])
    check(lambda: at.mgrid[0:1:5j], lambda: np.mgrid[0:1:5j])
    with pytest.raises(ValueError, match="have a stop"):
        at.mgrid[3]


# Diagonals and triangles

MATRICES = [(3, 3), (2, 4), (4, 2), (0, 3), (1, 1), (2, 3, 4)]
OFFSETS = [-5, -1, 0, 1, 2, 5]


@pytest.mark.parametrize("arguments", [(3,), (3, 4), (3, 4, 1), (4, 3, -1), (0, 2), (2, 2, 9)])
def test_eye_and_triangle(arguments):
    check(lambda: at.eye(*arguments), lambda: np.eye(*arguments))
    check(at.eye, lambda *a: np.eye(*map(int, a)), *arguments)
    check(lambda: at.tri(*arguments), lambda: np.tri(*arguments))
    check(at.tri, lambda *a: np.tri(*map(int, a)), *arguments)
    n, m, k = (*arguments, *(None, 0)[len(arguments) - 1 :])[:3]
    check(lambda: at.tril_indices(n, k, m), lambda: np.tril_indices(n, k, m))
    check(lambda: at.triu_indices(n, k, m), lambda: np.triu_indices(n, k, m))


def test_identity_like():
    x = at.fmatrix("x")
    assert at.identity_like(x).owner.op == Eye("float32")
    check(at.identity_like, lambda x: np.eye(*x.shape), rng.normal(size=(2, 3)))
    with pytest.raises(ValueError, match="needs a matrix"):
        at.identity_like(at.dvector())


@pytest.mark.parametrize("shape", MATRICES)
@pytest.mark.parametrize("k", OFFSETS)
def test_of_matrices(shape, k):
    value = rng.normal(size=shape)
    check(lambda x: at.tril(x, k), lambda x: np.tril(x, k), value)
    check(lambda x: at.triu(x, k), lambda x: np.triu(x, k), value)
    check(lambda x: at.diagonal(x, k), lambda x: np.diagonal(x, k), value)
    check(lambda x: at.trace(x, k), lambda x: np.trace(x, k), value)
    if value.size:
        check_gradient(lambda x: at.diagonal(x, k) * 1.0, value)
    if value.ndim == 2:
        check(lambda x: at.fill_diagonal_offset(x, 7.0, k), lambda x: np.where(np.eye(*x.shape, k=k) > 0, 7, x), value)
        check(at.tril_indices_from, np.tril_indices_from, value)
        check(at.triu_indices_from, np.triu_indices_from, value)


def test_infinite_elements_outside_triangles_do_not_matter():
    check(at.tril, np.tril, np.array([[1, np.inf], [2, np.nan]]))


def test_axes_of_diagonals():
    value = rng.normal(size=(2, 3, 4))
    check(lambda x: at.diagonal(x, 1, 2, 0), lambda x: np.diagonal(x, 1, 2, 0), value)
    check_gradient(lambda x: at.diagonal(x, 1, -1, 0), value)
    rows = value[0]
    check(lambda v: AllocDiag(1, 0, 2)(v), lambda v: np.stack([np.diag(r, 1) for r in v], 1), rows)
    check_gradient(lambda v: AllocDiag(-1, 0, 2)(v), rows)
    with pytest.raises(ValueError, match="must be different"):
        ExtractDiag(0, 1, -2)(at.dtensor3())
    with pytest.raises(ValueError, match="2 or more dimensions"):
        at.diagonal(at.dvector())


@pytest.mark.parametrize("k", [-2, 0, 1])
def test_matrices_of_diagonals(k):
    for length in (0, 1, 3):
        check(lambda v: at.diag(v, k), lambda v: np.diag(v, k), rng.normal(size=length))
    check_gradient(lambda v: at.diag(v, k), rng.normal(size=3))
    with pytest.raises(ValueError, match="0-d"):
        at.diag(at.dscalar())


def test_fill_diagonal():
    def filled(x, value):
        x = x.copy()
        np.fill_diagonal(x, value)
        return x

    for shape in [(3, 3), (2, 4), (3, 3, 3)]:
        value = rng.normal(size=shape)
        check(at.fill_diagonal, filled, value, 5.0)
        check_gradient(at.fill_diagonal, value, 5.0)
    check(lambda x: at.fill_diagonal(x, 5), lambda x: filled(x, 5), np.ones((2, 2), dtype="int8"))
    with pytest.raises(TypeError, match="doesn't fit"):
        at.fill_diagonal(at.imatrix(), 1.5)
    with pytest.raises(TypeError, match="at least two dimensions"):
        at.fill_diagonal(at.dvector(), 1.5)
