"""How dtypes combine, and what dtypes Python numbers take."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import aesaralite.tensor as at
from aesaralite import config
from aesaralite import scalar as aes
from aesaralite.scalar.dtypes import all_dtypes, normalize_dtype, strong_dtype, upcast, weak_dtype

ORDER = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
ORDER += ["float16", "float32", "float64", "complex64", "complex128"]
LETTERS = dict(zip(ORDER, "?bhilBHILefdFD", strict=True))

# For each input dtype in the order above the dtype of the result, as Aesara gives it; a dot refuses.
# Binary Ops have both inputs of that dtype.
RESULTS = {
    "abs": "?bhilBHILefdfd",
    "add": "?bhilBHILefdFD",
    "sub": ".bhilBHILefdFD",
    "mul": "?bhilBHILefdFD",
    "true_divide": "dddddddddefdFD",
    "floor_divide": "?bhilBHILefd..",
    "mod": "?bhilBHILefd..",
    "pow": "bbhilBHILefdFD",
    "neg": ".bhilBHILefdFD",
    "square": "?bhilBHILefdFD",
    "sqrt": "fffddffddefdFD",
    "reciprocal": "fffddffddefdFD",
    "scalar_maximum": "?bhilBHILefdFD",
    "scalar_minimum": "?bhilBHILefdFD",
    "exp": "fffddffddefdFD",
    "log1p": "fffddffddefdFD",
    "tanh": "fffddffddefdFD",
    "arctan2": "fffddffddefd..",
    "ceil": "fffddffddefd..",
    "floor": "fffddffddefd..",
    "trunc": "fffddffddefd..",
    "and_": "?bhilBHIL.....",
    "or_": "?bhilBHIL.....",
    "xor": "?bhilBHIL.....",
    "invert": "?bhilBHIL.....",
    "eq": "??????????????",
    "lt": "??????????????",
    "isnan": "??????????????",
    "conj": "bbhilBHILefdFD",
    "real": "?bhilBHILefdfd",
    "imag": "?bhilBHILefdfd",
    "complex": "FFFDDFFDDFFD..",
    "identity": "?bhilBHILefdFD",
    "second": "?bhilBHILefdFD",
    "mean": "dddddddddddd..",
    "sigmoid": "fffddffddefd..",
    "softplus": "fffddffddefd..",
    "erf": "fffddffddefdFD",
    "gammaln": "fffddffddefd..",
    "psi": "fffddffddefdFD",
}


@pytest.mark.parametrize("name", RESULTS)
def test_result_dtypes(name):
    op = getattr(aes, name)
    nin = op.nin if op.nin > 0 else 2
    row = ""
    for dtype in ORDER:
        try:
            row += LETTERS[op(*[aes.get_scalar_type(dtype)() for _ in range(nin)]).dtype]
        except TypeError:
            row += "."
    assert row == RESULTS[name]


@given(st.lists(st.sampled_from(all_dtypes), min_size=1, max_size=4))
def test_upcast_is_numpys(dtypes):
    assert upcast(*dtypes) == np.result_type(*map(np.dtype, dtypes)).name


@pytest.mark.parametrize("floatx", ["float32", "float64"])
def test_a_quotient_of_integers_has_floatx(floatx):
    with config.change_flags(floatX=floatx):
        assert aes.true_div(aes.int8(), aes.int64()).dtype == floatx
        assert (at.lvector() / at.lvector()).dtype == floatx
        assert (at.bvector() / 2).dtype == floatx
        assert (at.lvector() / at.fvector()).dtype == "float64"


def test_upcast_of_types_and_values_agree():
    assert aes.upcast_out(aes.int8, aes.uint8) == [aes.int16]
    assert aes.upcast_type(aes.float32, aes.int64) == aes.float64


@pytest.mark.parametrize("dtype", ["float63", "object", "datetime64[s]", "U3", None, "float128"])
def test_unsupported_dtypes_are_refused(dtype):
    with pytest.raises(TypeError):
        normalize_dtype(dtype)


def test_floatx_is_resolved():
    with config.change_flags(floatX="float32"):
        assert normalize_dtype("floatX") == "float32"
        assert strong_dtype(1.5) == "float32"
    assert normalize_dtype(np.float32) == "float32"


# Python numbers


@pytest.mark.parametrize(
    ("value", "beside", "expected"),
    [
        (2, "int32", "int32"),
        (2, "uint8", "uint8"),
        (2, "bool", "int64"),
        (1.5, "float32", "float32"),
        (1.5, "int32", "float64"),
        (1.5, "complex64", "float32"),
        (1j, "float32", "complex64"),
        (1j, "float64", "complex128"),
        (1j, "int8", "complex128"),
        (True, "int8", "bool"),
    ],
)
def test_literals_take_the_dtype_beside_them(value, beside, expected):
    assert weak_dtype(value, beside) == expected


@pytest.mark.parametrize("beside", ["float16", "float32", "float64", "complex64", "complex128"])
@pytest.mark.parametrize("value", [2, -129, 40_000, 2**40])
def test_integer_literals_never_widen_floats(value, beside):
    assert upcast(weak_dtype(value, beside), beside) == beside


@pytest.mark.parametrize(("value", "beside"), [(300, "int8"), (-1, "uint8"), (2**40, "int32"), (-1, "uint64")])
def test_integer_literals_out_of_bounds_are_refused(value, beside):
    with pytest.raises(OverflowError, match=str(value)):
        aes.add(aes.get_scalar_type(beside)(), value)


def test_comparisons_take_integer_literals_out_of_bounds():
    assert aes.lt(aes.int8("x"), 300).dtype == "bool"


@given(
    st.sampled_from([dtype for dtype in all_dtypes if dtype != "bool"]),
    st.one_of(st.integers(0, 100), st.floats(-10, 10), st.complex_numbers(max_magnitude=10)),
)
def test_a_literal_gives_the_dtype_that_numpy_gives(dtype, value):
    result = aes.mul(aes.get_scalar_type(dtype)(), value).dtype
    assert result == np.result_type(np.dtype(dtype), value).name


def test_literals_alone():
    assert aes.add(1, 2).dtype == "int64"
    assert aes.add(1, 2.5).dtype == "float64"
    with config.change_flags(floatX="float32"):
        assert aes.add(1, 2.5).dtype == "float32"


def test_numpy_scalars_are_strong():
    assert aes.add(aes.float32(), np.float64(1)).dtype == "float64"
    assert aes.add(aes.int8(), np.int32(1)).dtype == "int32"


def test_the_condition_of_a_switch_takes_no_part():
    assert aes.switch(aes.int64(), aes.float32(), 1.5).dtype == "float32"
    with pytest.raises(TypeError, match="eq"):
        aes.switch(False, aes.float32(), 1.5)


@pytest.mark.parametrize("op", [at.bitwise_and, at.bitwise_or, at.bitwise_xor, at.bitwise_left_shift, at.gcd, at.lcm])
def test_no_integer_holds_both(op):
    x, y = at.vector("x", dtype="uint64"), at.bvector("y")
    with pytest.raises(TypeError, match=r"No dtype of integers holds all of \(uint64, int8\); cast"):
        op(x, y)
    assert op(x, 3).dtype == op(x, y.astype("uint64")).dtype == "uint64"
