"""TensorType: what it accepts, what it converts, what it refuses."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from support.evaluation import evaluate

import aesaralite.tensor as at
from aesaralite import config
from aesaralite.tensor.type import (
    TensorType,
    all_dtypes,
    values_eq_approx,
    values_eq_approx_remove_inf,
    values_eq_approx_remove_nan,
)

static_shapes = st.lists(st.one_of(st.none(), st.integers(0, 4)), max_size=4).map(tuple)


def test_shape_and_broadcastable_are_two_ways_to_say_it():
    assert TensorType("float64", (True, False)) == TensorType("float64", (1, None))
    assert TensorType("float64", broadcastable=(True, False)) == TensorType("float64", shape=(1, None))
    assert TensorType("float64", (1, None, 3)).broadcastable == (True, False, False)


@pytest.mark.parametrize(
    ("shape", "text"), [((), "()"), ((None,), "(?,)"), ((1, None), "(1, ?)"), ((2, 3), "(2, 3)"), ((5,), "(5,)")]
)
def test_text(shape, text):
    assert str(TensorType("float64", shape)) == f"TensorType(float64, {text})"
    assert str(TensorType("float64", shape, name="mine")) == "mine"


@pytest.mark.parametrize(
    "arguments", [("foo", ()), ("float64", (1.5,)), ("float64", "ab"), ("float64",), ("object", ())]
)
def test_nonsense_is_refused(arguments):
    with pytest.raises(TypeError):
        TensorType(*arguments)
    with pytest.raises(ValueError, match="negative"):
        TensorType("float64", (-1,))


def test_floatx():
    with config.change_flags(floatX="float32"):
        assert TensorType("floatX", ()).dtype == "float32"


@given(st.sampled_from(all_dtypes), static_shapes)
def test_types_are_values(dtype, shape):
    type = TensorType(dtype, shape)
    assert type == TensorType(dtype, list(shape))
    assert hash(type) == hash(TensorType(dtype, list(shape)))
    assert pickle.loads(pickle.dumps(type)) == type
    assert type.clone() == type
    assert type.clone(dtype="int8").dtype == "int8"


@given(static_shapes, static_shapes)
def test_is_super_means_that_every_value_belongs(first, second):
    a, b = TensorType("float64", first), TensorType("float64", second)
    value = np.zeros([2 if size is None else size for size in second])
    if a.is_super(b):
        assert a.is_valid_value(value)
    if len(first) == len(second):
        assert a.is_super(b) == all(size is None or size == other for size, other in zip(first, second))


# Values


@given(
    hnp.arrays(
        st.sampled_from([np.float64, np.float32, np.int64, np.int8, np.uint8, np.bool_]),
        hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
        elements={"min_value": 0, "max_value": 1},
    ),
    st.sampled_from(["bool", "int8", "int64", "float32", "float64", "complex128"]),
)
def test_arrays_are_upcast_where_that_is_safe(data, dtype):
    type = TensorType(dtype, (None,) * data.ndim)
    if np.can_cast(data.dtype, dtype, "safe"):
        filtered = type.filter(data)
        np.testing.assert_array_equal(filtered, data)
        assert filtered.dtype == dtype
        assert (filtered is data) == (data.dtype == dtype)
    else:
        with pytest.raises(TypeError, match="risking loss of precision"):
            type.filter(data)
    assert type.filter(data, allow_downcast=True).dtype == dtype


@pytest.mark.parametrize(
    ("dtype", "shape", "value"),
    [
        ("float64", (), 3),
        ("float64", (), True),
        ("float32", (), 0.5),
        ("int64", (), np.float32(1)),
        ("int32", (), 5),
        ("bool", (), 1),
        ("float64", (None, None), [[0, 1], [-1, -2]]),
        ("float32", (None,), [1, 2.5]),
        ("float64", (0,), []),
        ("int8", (None,), range(3)),
        ("complex64", (), 1j),
        ("float64", (), float("nan")),
    ],
)
def test_values_that_fit_exactly(dtype, shape, value):
    filtered = TensorType(dtype, shape).filter(value)
    assert isinstance(filtered, np.ndarray)
    assert filtered.dtype == dtype
    np.testing.assert_array_equal(filtered, np.asarray(value))


@pytest.mark.parametrize(
    ("dtype", "value"),
    [("int64", 1.5), ("int32", 2**40), ("float32", 0.1), ("bool", 2), ("float64", 1j), ("uint8", -1)],
)
def test_values_that_would_change_are_refused(dtype, value):
    with pytest.raises(TypeError, match="cannot store accurately value"):
        TensorType(dtype, ()).filter(value)


def test_the_loss_is_shown():
    with pytest.raises(TypeError, match=r"cannot store accurately value 1.5, it would be represented as 1\."):
        TensorType("int64", ()).filter(1.5)


@pytest.mark.parametrize("value", ["a", None, [[1], [2, 3]], {1: 2}, object(), np.array(["a"]), np.array([None])])
def test_what_is_not_numeric_is_refused(value):
    with pytest.raises(TypeError):
        TensorType("float64", np.shape(value) if isinstance(value, np.ndarray) else ()).filter(value)


def test_a_python_float_may_be_rounded_to_floatx():
    with config.change_flags(floatX="float32"):
        assert TensorType("float32", ()).filter(0.1) == np.float32(0.1)
        with pytest.raises(TypeError):
            TensorType("float32", ()).filter(0.1, allow_downcast=False)
        with pytest.raises(TypeError):
            TensorType("float32", ()).filter(np.array(0.1))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "complex64"])
def test_nan_and_infinity_are_exact_in_every_float(dtype):
    for value in (float("nan"), float("-inf"), [1.0, float("nan")], complex(float("nan"), 1.0)):
        if isinstance(value, complex) and not dtype.startswith("complex"):
            continue
        stored = TensorType(dtype, np.shape(value)).filter(value)
        assert stored.dtype == dtype
        np.testing.assert_array_equal(stored, np.asarray(value))


def test_wrong_dimensions():
    with pytest.raises(TypeError, match=r"Wrong number of dimensions: expected 1, got 2 with shape \(3, 3\)\."):
        TensorType("float64", (None,)).filter(np.ones((3, 3)))
    with pytest.raises(TypeError, match="not compatible"):
        TensorType("float64", (1, None)).filter(np.ones((3, 3)))


def test_strict():
    type = TensorType("float64", (None,))
    data = np.ones(3)
    assert type.filter(data, strict=True) is data
    for value in (np.ones(3, "float32"), [1.0, 2.0], np.ones(3, ">f8")):
        with pytest.raises(TypeError, match="expected an ndarray"):
            type.filter(value, strict=True)


def test_unusual_arrays():
    type = TensorType("float64", (None,))
    swapped = type.filter(np.arange(3).astype(">f8"))
    assert swapped.dtype.isnative
    np.testing.assert_array_equal(swapped, [0, 1, 2])
    with pytest.raises(TypeError, match=r"[Mm]ask"):
        type.filter(np.ma.array([1.0, 2.0], mask=[True, False]))
    packed = np.zeros(3, dtype=[("flag", "i1"), ("number", "f8")])["number"]
    with pytest.raises(TypeError, match="aligned"):
        type.filter(packed)


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_matrices_become_arrays():
    filtered = TensorType("float64", (None, None)).filter(np.matrix([[1.0, 2.0]]))
    assert type(filtered) is np.ndarray


def test_a_variable_is_no_value():
    with pytest.raises(TypeError, match="found a Variable"):
        TensorType("float64", ()).filter(at.dscalar("x"))


# Variables


def test_filter_variable():
    matrix = TensorType("float64", (None, None))
    row = TensorType("float64", (1, None))
    x, r = matrix("x"), row("r")
    assert matrix.filter_variable(x) is x
    assert matrix.filter_variable(r) is r
    checked = row.filter_variable(x)
    assert checked.type == row
    np.testing.assert_array_equal(evaluate(checked, {x: np.ones((1, 3))}), np.ones((1, 3)))
    with pytest.raises((ValueError, AssertionError)):
        evaluate(checked, {x: np.ones((2, 3))})
    some, other = TensorType("float64", (1, None, 3)), TensorType("float64", (None, 5, 3))
    assert (
        some.convert_variable(other()).type == TensorType("float64", (1, 5, 3)) == other.convert_variable(some()).type
    )
    assert some.convert_variable(TensorType("float64", (2, None, 3))()) is None
    assert TensorType("float64", ()).filter_variable(5).data == 5.0
    with pytest.raises(TypeError, match="manually convert x"):
        TensorType("float32", (None, None)).filter_variable(x)
    with pytest.raises(TypeError):
        TensorType("float64", (None,)).filter_variable(x)
    with pytest.raises(TypeError):
        TensorType("float64", (2, None)).filter_variable(TensorType("float64", (3, None))("y"))


def test_test_values_are_filtered():
    x = at.dvector("x")
    x.tag.test_value = [1, 2]
    assert x.tag.test_value.dtype == "float64"
    with pytest.raises(TypeError):
        x.tag.test_value = np.ones((2, 2))


def test_float64_can_be_warned_of():
    with config.change_flags(warn_float64="raise"), pytest.raises(TypeError, match="float64"):
        at.dscalar("x")
    with config.change_flags(warn_float64="warn"), pytest.warns(UserWarning, match="float64"):
        at.dscalar("x")


# Comparison


def test_values_eq():
    eq = TensorType.values_eq
    assert eq(np.array([1.0, np.nan]), np.array([1.0, np.nan]))
    assert not eq(np.array([1.0]), np.array([1.0 + 1e-15]))
    assert not eq(np.array([1.0]), np.array([[1.0]]))
    assert not eq(np.array([1.0]), np.array([1], "int64"))


def test_values_eq_approx():
    assert values_eq_approx(np.array([1.0]), np.array([1.0 + 1e-7]))
    assert not values_eq_approx(np.array([1.0]), np.array([1.001]))
    assert values_eq_approx(np.float16([1.0]), np.float16([1.002]))
    assert values_eq_approx(np.array([1.0]), np.array([1.01]), rtol=0.1)
    assert not values_eq_approx(np.array([1]), np.array([2]))
    assert not values_eq_approx(np.float32([1]), np.float64([1]))
    infinite, undefined = np.array([1.0, np.inf]), np.array([1.0, np.nan])
    assert not values_eq_approx(infinite, np.array([1.0, 2.0]))
    assert values_eq_approx_remove_inf(infinite, np.array([1.0, 2.0]))
    assert values_eq_approx_remove_nan(undefined, np.array([1.0, 2.0]))
    with config.change_flags(tensor__cmp_sloppy=2):
        assert values_eq_approx(np.array([1.0]), np.array([1.0005]))


def test_shared_memory():
    a = np.arange(4.0)
    assert TensorType.may_share_memory(a, a[1:])
    assert not TensorType.may_share_memory(a, a.copy())
    assert not TensorType.may_share_memory(a, None)


def test_dtype_specs():
    assert TensorType("float64", ()).dtype_specs() == (float, "npy_float64", "NPY_FLOAT64")
