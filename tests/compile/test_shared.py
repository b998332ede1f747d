"""Shared variables on their own."""

import copy
import pickle

import numpy as np
import pytest

import aesaralite
import aesaralite.tensor as at
from aesaralite import config
from aesaralite.compile.sharedvalue import Container, SharedVariable, shared, shared_constructor
from aesaralite.tensor.sharedvar import ScalarSharedVariable, TensorSharedVariable


@pytest.fixture(autouse=True)
def _python_linker():
    with config.change_flags(linker="py"):
        yield


class TestTypes:
    @pytest.mark.parametrize(
        ("value", "dtype"),
        [
            (1, "int64"),
            (1.0, "float64"),
            (True, "bool"),
            (1j, "complex128"),
            (np.float32(1), "float32"),
            (np.bool_(True), "bool"),
            (np.uint8(3), "uint8"),
        ],
    )
    def test_numbers(self, value, dtype):
        s = shared(value)
        assert isinstance(s, ScalarSharedVariable)
        assert (s.dtype, s.ndim) == (dtype, 0)
        assert isinstance(s.get_value(), np.ndarray)
        assert s.get_value() == value

    def test_python_floats_are_float64_whatever_floatX(self):
        with config.change_flags(floatX="float32"):
            assert shared(0.0).dtype == "float64"

    def test_arrays_have_unknown_dimensions(self):
        s = shared(np.ones((1, 2), "float32"))
        assert isinstance(s, TensorSharedVariable)
        assert s.type.shape == (None, None)
        assert s.broadcastable == (False, False)
        assert s.dtype == "float32"

    def test_dimensions_may_be_declared(self):
        value = np.ones((1, 2))
        assert shared(value, shape=(1, None)).type.shape == (1, None)
        assert shared(value, broadcastable=(True, False)).type.shape == (1, None)
        with pytest.raises(TypeError, match="not compatible"):
            shared(np.ones((2, 2)), shape=(1, None))
        with pytest.raises(TypeError, match="not both"):
            shared(value, shape=(1, None), broadcastable=(True, False))

    def test_other_objects(self):
        for value in ([1, 2], {}, None, "text", (1,)):
            s = shared(value)
            assert str(s.type) == "<Generic>"
            assert s.get_value() == value

    def test_what_no_dtype_holds(self):
        for value in (2**70, np.array(["a"]), np.ma.masked_array([1, 2], [False, True])):
            with pytest.raises(TypeError):
                shared(value)

    def test_symbolic_values_are_refused(self):
        for value in (at.dscalar(), at.constant(3), shared(1)):
            with pytest.raises(TypeError, match=r"^Shared variable values can not be symbolic\.$"):
                shared(value)


class TestValues:
    def test_get_value_copies_unless_borrowing(self):
        s = shared(np.zeros(2))
        s.get_value()[0] = 9
        assert s.get_value().tolist() == [0, 0]
        borrowed = s.get_value(borrow=True)
        assert borrowed is s.get_value(borrow=True, return_internal_type=True)
        borrowed[0] = 9
        assert s.get_value().tolist() == [9, 0]
        assert aesaralite.function([], s * 2)().tolist() == [18, 0]

    def test_set_value_copies_unless_borrowing(self):
        s, value = shared(np.zeros(2)), np.ones(2)
        s.set_value(value)
        value[0] = 9
        assert s.get_value().tolist() == [1, 1]
        s.set_value(value, borrow=True)
        value[1] = 8
        assert s.get_value().tolist() == [9, 8]
        assert s.get_value(borrow=True) is value

    def test_shared_copies_unless_borrowing(self):
        value = np.zeros(2)
        copied, borrowed = shared(value), shared(value, borrow=True)
        value[0] = 9
        assert copied.get_value().tolist() == [0, 0]
        assert borrowed.get_value().tolist() == [9, 0]
        items = [1]
        assert shared(items, borrow=True).get_value(borrow=True) is items
        assert shared(items).get_value(borrow=True) is not items

    def test_all_functions_see_a_new_value(self):
        s = shared(1.0)
        f, g = aesaralite.function([], s + 1), aesaralite.function([], s * 10)
        s.set_value(5)
        assert (f(), g()) == (6, 50)

    def test_conversion(self):
        s = shared(np.ones(2), "s")
        s.set_value(np.ones(3, "float32"))
        assert s.get_value().dtype == "float64"
        s.set_value([1, 2])
        with pytest.raises(TypeError) as caught:
            s.set_value(np.ones((3, 3)))
        assert str(caught.value).startswith("Wrong number of dimensions: expected 1, got 2 with shape (3, 3).")
        assert '"s"' in str(caught.value)
        assert s.get_value().tolist() == [1, 2]
        with pytest.raises(TypeError, match=r"cannot store accurately value 1\.5"):
            shared(1).set_value(1.5)
        with pytest.raises(TypeError, match="float32"):
            shared(np.ones(2, "float32")).set_value(np.ones(2))
        loose = shared(np.ones(2, "float32"), allow_downcast=True)
        loose.set_value(np.full(2, 0.1))
        assert loose.get_value().tolist() == [np.float32(0.1)] * 2

    def test_a_declared_dimension_holds(self):
        s = shared(np.ones((1, 2)), shape=(1, None))
        s.set_value(np.ones((1, 5)))
        with pytest.raises(TypeError, match="not compatible"):
            s.set_value(np.ones((2, 5)))

    def test_strict(self):
        s = shared(np.ones(2), strict=True)
        with pytest.raises(TypeError, match="float32"):
            s.set_value(np.ones(2, "float32"))
        with pytest.raises(TypeError):
            s.set_value([1.0, 2.0])
        with pytest.raises(TypeError):
            shared(1.0, strict=True).set_value(1)
        s.set_value(np.zeros(3))

    def test_zero(self):
        s = shared(np.ones(2))
        borrowed = s.get_value(borrow=True)
        s.zero()
        assert s.get_value().tolist() == [0, 0]
        assert borrowed.tolist() == [1, 1]
        s.set_value(borrowed, borrow=True)
        s.zero(borrow=True)
        assert borrowed.tolist() == [0, 0]


class TestVariable:
    def test_name_may_be_positional(self):
        assert shared(np.array(0.0), "state").name == "state"
        assert str(shared(1, name="n")) == "n"

    def test_it_knows_where_it_was_made(self):
        assert shared(1).origin.filename == __file__
        assert shared(np.ones(2)).origin.filename == __file__

    def test_it_is_a_variable_like_others(self):
        w, x = shared(np.array([1.0, 2.0])), at.dvector("x")
        f = aesaralite.function([x], [(w * x).sum(), aesaralite.grad((w * x).sum(), w), -w[0] + 1])
        assert [r.tolist() for r in f([3.0, 4.0])] == [11, [3, 4], 0]

    def test_container(self):
        s = shared(5.0)
        assert isinstance(s.container, Container)
        assert repr(s.container) == "<array(5.)>"
        other = SharedVariable(type=s.type, value=None, strict=False, container=s.container, name="other")
        other.set_value(6)
        assert s.get_value() == 6
        with pytest.raises(TypeError, match="not both"):
            SharedVariable(type=s.type, value=1.0, strict=False, container=s.container)

    def test_clones_share_the_value(self):
        s = shared(1.0, "s")
        for clone in (s.clone(), copy.copy(s)):
            assert type(clone) is type(s)
            assert clone.container is s.container
            assert clone.name == "s"
        assert s.clone(name="t").name == "t"

    def test_read_only_container(self):
        container = Container(at.dscalar("x"), [1.0], readonly=True)
        with pytest.raises(TypeError, match="read-only"):
            container.value = 2.0

    def test_pickle_and_deepcopy(self):
        s = shared(np.arange(3.0), "s")
        s.default_update = s + 1
        for twin in (pickle.loads(pickle.dumps(s)), copy.deepcopy(s)):
            assert (twin.name, twin.type) == ("s", s.type)
            assert twin.get_value().tolist() == [0, 1, 2]
            twin.set_value([9.0])
            assert aesaralite.function([], twin)() == [9]
            assert twin.get_value() == [10]
        assert s.get_value().tolist() == [0, 1, 2]


class Celsius:
    def __init__(self, degrees):
        self.degrees = degrees


class Kelvin(Celsius):
    pass


class TestConstructors:
    def test_keywords_limit_the_choice(self):
        for value in (1.0, np.ones(2), [1]):
            with pytest.raises(TypeError, match="unexpected keyword argument 'bogus'"):
                shared(value, bogus=3)

    def test_first_that_accepts_wins(self):
        asked = []

        @shared_constructor
        def of_celsius(value, name=None, strict=False, scale=1.0):
            asked.append("celsius")
            if not isinstance(value, Celsius):
                raise TypeError("not mine")
            return shared(value.degrees * scale, name=name, strict=strict)

        @shared_constructor
        def of_kelvin(value, name=None, strict=False):
            asked.append("kelvin")
            if not isinstance(value, Kelvin):
                raise TypeError("not mine")
            return shared(value.degrees - 273.0, name=name, strict=strict)

        try:
            assert shared(Kelvin(300.0), "k").get_value() == 27
            asked.clear()
            assert shared(Celsius(20.0)).get_value() == 20
            assert asked[:2] == ["kelvin", "celsius"]
            assert shared(Celsius(20.0), scale=2.0).get_value() == 40
            assert shared(1).dtype == "int64"
        finally:
            shared_constructor(of_celsius, remove=True)
            shared_constructor(of_kelvin, remove=True)
        assert str(shared(Celsius(1.0)).type) == "<Generic>"

    def test_registered_for_a_class(self):
        class Money:
            cents = 5

        @shared_constructor.register(Money)
        def of_money(value, name=None, strict=False, allow_downcast=None):
            return shared(value.cents, name=name)

        assert shared(Money(), "purse").get_value() == 5

    def test_a_value_is_no_constructor(self):
        with pytest.raises(TypeError, match="to share a value call shared"):
            shared_constructor(3)
