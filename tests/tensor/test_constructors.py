"""Functions that make variables."""

import pytest

import aesaralite.tensor as at
from aesaralite import config
from aesaralite.tensor.type import TensorType

LETTERS = {
    "b": "int8",
    "w": "int16",
    "i": "int32",
    "l": "int64",
    "f": "float32",
    "d": "float64",
    "c": "complex64",
    "z": "complex128",
}
KINDS = {
    "scalar": (),
    "vector": (None,),
    "matrix": (None, None),
    "row": (1, None),
    "col": (None, 1),
    **{f"tensor{ndim}": (None,) * ndim for ndim in range(3, 8)},
}


def plural(kind):
    return "matrices" if kind == "matrix" else f"{kind}s"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("letter", ["", *LETTERS])
def test_every_constructor(letter, kind):
    dtype = LETTERS.get(letter, "float64")
    x = getattr(at, letter + kind)("x")
    assert (x.name, x.type) == ("x", TensorType(dtype, KINDS[kind]))
    assert getattr(at, letter + kind)().name is None
    make = getattr(at, letter + plural(kind))
    a, b = make("a", "b")
    assert (a.name, b.name, a.type, b.type) == ("a", "b", x.type, x.type)
    assert make("x").name == "x"
    assert [variable.name for variable in make("xyz")] == ["x", "y", "z"]
    assert [variable.name for variable in make(["one", "two"])] == ["one", "two"]
    assert [variable.name for variable in make(3)] == [None] * 3


@pytest.mark.parametrize("letter", LETTERS)
def test_typed_constructors_are_types(letter):
    assert isinstance(getattr(at, f"{letter}matrix"), TensorType)


def test_dtype_and_floatx():
    assert at.vector("x", dtype="int8").dtype == "int8" == at.vector("x", "int8").dtype
    assert [v.dtype for v in at.vectors("a", "b", dtype="int8")] == ["int8", "int8"]
    with config.change_flags(floatX="float32"):
        assert at.matrix("x").dtype == "float32"
        assert at.tensor(shape=()).dtype == "float32"


@pytest.mark.parametrize("arguments", [(), (1.5,), ("a", 2)])
def test_plurals_refuse_what_is_no_name(arguments):
    with pytest.raises(TypeError, match="dmatrices"):
        at.dmatrices(*arguments)


@pytest.mark.parametrize(
    "made",
    [
        lambda: at.tensor("float32", (None, 1), "x"),
        lambda: at.tensor("float32", shape=(None, 1), name="x"),
        lambda: at.tensor("float32", broadcastable=(False, True), name="x"),
        lambda: at.tensor(dtype="float32", shape=(None, 1), name="x"),
        lambda: at.tensor("x", "float32", (None, 1)),
        lambda: at.tensor("x", dtype="float32", shape=(None, 1)),
        lambda: at.tensor("x", shape=(None, 1), dtype="float32"),
    ],
)
def test_tensor_in_both_orders(made):
    x = made()
    assert x.name == "x"
    assert x.type == TensorType("float32", (None, 1))


def test_a_name_may_look_like_a_dtype():
    assert at.tensor("d", dtype="float32", shape=()).name == "d"


def test_tensor_needs_a_shape():
    with pytest.raises(TypeError, match="shape"):
        at.tensor("float32")
    with pytest.raises(TypeError, match="twice"):
        at.tensor("float32", (None,), shape=(None,))
