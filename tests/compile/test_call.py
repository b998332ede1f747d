"""Calling a function: arguments, defaults, conversions, the forms of outputs."""

import inspect

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import aesaralite
import aesaralite.tensor as at
from aesaralite import config
from aesaralite.compile.io import In, Out

pytestmark = pytest.mark.usefixtures("linker")


def here() -> int:
    return inspect.currentframe().f_back.f_lineno


class TestOutputs:
    def test_one_variable_gives_one_array(self):
        x = at.dscalar("x")
        result = aesaralite.function([x], x + 1)(2)
        assert type(result) is np.ndarray
        assert result.shape == ()
        assert result == 3

    def test_list_tuple_dict_and_nothing(self):
        x = at.dvector("x")
        for outputs in ([x + 1, x * 2], (x + 1, x * 2)):
            results = aesaralite.function([x], outputs)([1.0])
            assert type(results) is list
            assert [r.tolist() for r in results] == [[2.0], [2.0]]
        assert [r.tolist() for r in aesaralite.function([x], [x + 1])([1.0])] == [[2.0]]
        named = aesaralite.function([x], {"b": x + 1, "a": x * 3})([1.0])
        assert {key: value.tolist() for key, value in named.items()} == {"b": [2.0], "a": [3.0]}
        assert list(named) == ["b", "a"]
        assert list(aesaralite.function([x], {"only": x})([1.0])) == ["only"]
        for nothing in ([], None):
            f = aesaralite.function([x], nothing, on_unused_input="ignore")
            assert f([1.0]) == []

    def test_out(self):
        x = at.dvector("x")
        assert aesaralite.function([x], Out(x + 1))([1.0]).tolist() == [2.0]
        assert [r.tolist() for r in aesaralite.function([x], [Out(x + 1), x])([1.0])] == [[2.0], [1.0]]

    def test_anything_else_is_refused(self):
        x = at.dscalar("x")
        with pytest.raises(TypeError, match=r"Outputs must be aesaralite Variable or Out instances. Received 3"):
            aesaralite.function([x], 3)
        with pytest.raises(TypeError, match="Received 'x'"):
            aesaralite.function([x], [x, "x"])
        with pytest.raises(TypeError, match="keys of a dict of outputs must be strings, got 3"):
            aesaralite.function([x], {3: x})

    def test_subset(self):
        x = at.dscalar("x")
        f = aesaralite.function([x], [x, x + 1, x + 2])
        assert f(1, output_subset=[2, 0]) == [3, 1]
        assert aesaralite.function([x], {"a": x, "b": x + 1})(1, output_subset=["b"]) == {"b": 2}


class TestMemory:
    """What a call returns is the caller's own."""

    def test_an_output_is_no_view_of_an_argument(self):
        x = at.dmatrix("x")
        value = np.arange(6.0).reshape(2, 3)
        for expression in (x, x.T, x[1:], x.dimshuffle("x", 0, 1), x.reshape((3, 2))):
            result = aesaralite.function([x], expression)(value)
            assert not np.shares_memory(result, value)

    def test_two_outputs_share_nothing(self):
        x = at.dvector("x")
        y = x + 1
        first, second, third = aesaralite.function([x], [y, y, y[::-1]])([1.0, 2.0])
        assert not np.shares_memory(first, second)
        assert not np.shares_memory(first, third)

    def test_an_output_is_no_view_of_state(self):
        s = aesaralite.shared(np.zeros(3))
        old = aesaralite.function([], s, updates=[(s, s + 1)])
        plain = aesaralite.function([], [s, s[1:]])
        for result in (old(), *plain()):
            result[:] = 99
        assert s.get_value().tolist() == [1, 1, 1]

    def test_an_output_is_no_constant_of_the_graph(self):
        x = at.dscalar("x")
        f = aesaralite.function([x], [at.constant(np.zeros(2)), x])
        f(1)[0][:] = 5
        assert f(1)[0].tolist() == [0, 0]

    def test_new_state_is_no_view_of_an_argument_nor_of_other_state(self):
        x = at.dvector("x")
        s, t = aesaralite.shared(np.zeros(2)), aesaralite.shared(np.zeros(2))
        f = aesaralite.function([x], [], updates=[(s, x), (t, x)])
        value = np.ones(2)
        f(value)
        value[:] = 7
        assert s.get_value().tolist() == t.get_value().tolist() == [1, 1]
        assert not np.shares_memory(s.get_value(borrow=True), t.get_value(borrow=True))

    def test_memory_is_borrowed_only_where_both_sides_say_so(self):
        x = at.dvector("x")
        value = np.ones(2)
        assert not np.shares_memory(aesaralite.function([In(x, borrow=True)], x)(value), value)
        assert not np.shares_memory(aesaralite.function([x], Out(x, borrow=True))(value), value)
        assert aesaralite.function([In(x, borrow=True)], Out(x, borrow=True))(value).tolist() == [1, 1]

    def test_mutable_needs_borrow(self):
        with pytest.raises(ValueError, match="mutable=True, borrow=False"):
            In(at.dvector("x"), mutable=True, borrow=False)


class TestArguments:
    def test_defaults_come_back_after_a_call_that_gave_another_value(self):
        x, y = at.dscalars("x", "y")
        f = aesaralite.function([x, In(y, value=1)], x + y)
        assert f(33) == 34
        assert f(33, 2) == 35
        assert f(33, y=5) == 38
        assert f(33) == 34

    def test_a_failed_call_leaves_defaults_alone(self):
        x, y = at.dvectors("x", "y")
        f = aesaralite.function([x, In(y, value=np.ones(2))], x + y)
        with pytest.raises(ValueError, match="broadcast"):
            f([1, 2], y=[1, 2, 3])
        assert f([1, 2]).tolist() == [2, 3]

    def test_names(self):
        x, y, w = at.dscalars("x", "y", "w")
        f = aesaralite.function([x, In(y, value=1), In(w, value=2, name="w_by_name")], (x + y) * w)
        assert [f(33), f(33, 2), f(33, 0, 1), f(33, w_by_name=1), f(33, w_by_name=1, y=0)] == [68, 70, 33, 34, 33]
        assert f(x=33) == 68
        with pytest.raises(TypeError) as caught:
            f(33, w=1)
        assert str(caught.value) == ("Unknown input or state: w. The function has 3 named inputs (x, y, w_by_name).")

    def test_missing_argument(self):
        line = here() + 1
        x, y = at.dscalars("x", "y")
        f = aesaralite.function([x, y], x + y)
        with pytest.raises(TypeError, match=rf"^Missing required input: y \(index 1, made at .*test_call.py:{line}"):
            f(1)

    def test_too_many_and_too_often(self):
        x = at.dscalar("x")
        f = aesaralite.function([x], x + 1, name="mine")
        with pytest.raises(
            TypeError, match=r"Too many parameter passed to aesaralite function with name .*mine.*1, got 2"
        ):
            f(1, 2)
        with pytest.raises(TypeError, match="Multiple values for input: x"):
            f(1, x=2)

    def test_unnamed_inputs_are_counted(self):
        x, y = at.dscalar(), at.dscalar("y")
        f = aesaralite.function([x, y], x + y)
        with pytest.raises(TypeError, match=r"The function has 1 named input \(y\) and 1 unnamed\."):
            f(1, z=2)

    def test_two_inputs_of_one_name_are_told_apart_by_position_only(self):
        x, y = at.dscalar("x"), at.dscalar("x")
        f = aesaralite.function([x, y], x - y)
        assert f(3, 1) == 2
        with pytest.raises(TypeError, match="Ambiguous name: x"):
            f(3, x=1)

    def test_keyword_for_state_is_refused(self):
        x, s = at.dscalar("x"), aesaralite.shared(1.0, "s")
        f = aesaralite.function([x], x + s)
        with pytest.raises(TypeError, match=r"s\.set_value"):
            f(1, s=2.0)

    def test_defaults_stand_behind_inputs_without(self):
        x, y = at.dscalars("x", "y")
        with pytest.raises(TypeError, match="x, at index 1, has no value but stands after y, at index 0"):
            aesaralite.function([In(y, value=1), x], x + y)

    def test_a_default_that_does_not_fit(self):
        x = at.ivector("x")
        with pytest.raises(TypeError, match=r"default value of the input In\(x\) doesn't fit"):
            aesaralite.function([In(x, value=1.5)], x)

    def test_pair_of_variable_and_default(self):
        x = at.dscalar("x")
        assert aesaralite.function([(x, 3)], x + 1)() == 4

    def test_square_brackets(self):
        x, y = at.dscalars("x", "y")
        f = aesaralite.function([x, In(y, value=1)], x + y)
        assert f["y"] == f[y] == f[1] == f.value["y"] == f.container["y"].value == 1
        f["y"] = 10
        assert f(1) == 11
        assert "y" in f
        assert "z" not in f
        with pytest.raises(TypeError, match="Unknown input or state: z"):
            f["z"]
        with pytest.raises(TypeError):
            f["y"] = [1, 2]
        assert f(1) == 11


class TestConversion:
    @pytest.mark.parametrize(
        ("make", "value", "dtype"),
        [
            (at.dmatrix, [[0, 1], [-1, -2]], "float64"),
            (at.dvector, np.arange(3), "float64"),
            (at.dvector, np.ones(2, "float32"), "float64"),
            (at.fscalar, 1, "float32"),
            (at.iscalar, 5, "int32"),
            (at.dscalar, np.float32(2), "float64"),
        ],
    )
    def test_what_loses_nothing_is_converted(self, make, value, dtype):
        x = make("x")
        result = aesaralite.function([x], x)(value)
        assert result.dtype == dtype
        np.testing.assert_array_equal(result, np.asarray(value))

    def test_what_loses_something_is_refused(self):
        for make, value in [
            (at.fvector, np.ones(3)),
            (at.fscalar, 0.1),
            (at.iscalar, 1.5),
            (at.iscalar, 2**40),
            (at.bscalar, 300),
        ]:
            x = make("x")
            with pytest.raises(TypeError, match=r"Bad input argument to aesaralite function .* at index 0 \(0-based\)"):
                aesaralite.function([x], x)(value)

    def test_text_of_a_refusal(self):
        line = here() + 1
        x = at.dvector("x")
        f = aesaralite.function([x], x + 1, name="mine")
        with pytest.raises(TypeError) as caught:
            f(np.ones((3, 3)))
        text = str(caught.value)
        assert 'Bad input argument to aesaralite function with name "mine" at index 0 (0-based)' in text
        assert f"test_call.py:{line}" in text
        assert 'x = at.dvector("x")' in text
        assert "Wrong number of dimensions: expected 1, got 2 with shape (3, 3)." in text

    def test_downcast_on_demand(self):
        x, n = at.fvector("x"), at.iscalar("n")
        f = aesaralite.function([x, n], [x, n], allow_input_downcast=True)
        results = f(np.array([1.5]), 2.75)
        assert [r.dtype.name for r in results] == ["float32", "int32"]
        assert results[1] == 2
        g = aesaralite.function([In(x, allow_downcast=True), n], [x, n])
        g(np.array([1.5]), 2)
        with pytest.raises(TypeError, match="at index 1"):
            g(np.array([1.5]), 2.75)

    def test_python_floats_take_floatX(self):
        x = at.fscalar("x")
        f = aesaralite.function([x], x)
        with config.change_flags(floatX="float32"):
            assert f(0.1) == np.float32(0.1)
        with pytest.raises(TypeError):
            f(0.1)

    def test_strict_converts_nothing(self):
        x = at.dvector("x")
        f = aesaralite.function([In(x, strict=True)], x)
        assert f(np.ones(2)).tolist() == [1, 1]
        for value in ([1.0, 2.0], np.ones(2, "float32")):
            with pytest.raises(TypeError, match="at index 0"):
                f(value)

    def test_static_shapes_hold(self):
        x = at.tensor("float64", shape=(1, None))
        f = aesaralite.function([x], x * 2)
        assert f(np.ones((1, 3))).shape == (1, 3)
        with pytest.raises(TypeError, match="not compatible"):
            f(np.ones((2, 3)))

    def test_unusual_arrays(self):
        x = at.dmatrix("x")
        f = aesaralite.function([x], x.sum(axis=0) + x[0])
        base = np.arange(24.0).reshape(4, 6)
        swapped = base.astype(">f8")
        for value in (base, base[::2, ::-1], base.T, np.asfortranarray(base), swapped, base[:0:-1]):
            np.testing.assert_array_equal(f(value), value.sum(axis=0) + value[0])

    def test_trusted_input(self):
        x = at.dvector("x")
        f = aesaralite.function([x], x + 1)
        f.trust_input = True
        assert f(np.ones(2)).tolist() == [2, 2]
        assert aesaralite.function([x], x + 1, trust_input=True)(np.ones(2)).tolist() == [2, 2]

    @given(st.lists(st.floats(-1e6, 1e6), max_size=5), st.floats(-1e6, 1e6))
    def test_positional_and_named_calls_agree(self, numbers, number):
        x, y = at.dvector("x"), at.dscalar("y")
        f = _shared_function(config.linker, x, y)
        array = np.array(numbers)
        expected = array * number + 1
        for result in (f(array, np.array(number)), f(numbers, number), f(x=numbers, y=number), f(array, y=number)):
            np.testing.assert_array_equal(result, expected)


_compiled = {}


def _shared_function(linker, x, y):
    if linker not in _compiled:
        _compiled[linker] = aesaralite.function([x, y], x * y + 1)
    return _compiled[linker]
