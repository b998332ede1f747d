"""What `function` refuses, and the texts that it refuses it with."""

import inspect

import numpy as np
import pytest

import aesaralite
import aesaralite.tensor as at
from aesaralite import config
from aesaralite.compile.io import In
from aesaralite.errors import MissingInputError, UnusedInputError
from aesaralite.graph.basic import NominalVariable


@pytest.fixture(autouse=True)
def _python_linker():
    with config.change_flags(linker="py"):
        yield


def here() -> int:
    return inspect.currentframe().f_back.f_lineno


class TestInputs:
    def test_a_list_is_needed(self):
        x = at.dscalar("x")
        with pytest.raises(TypeError, match="should be contained in a list, even when there is a single input"):
            aesaralite.function(x, x)

    def test_unused(self):
        line = here() + 1
        x, y = at.dscalars("x", "y")
        with pytest.raises(UnusedInputError) as caught:
            aesaralite.function([x, y], x)
        text = str(caught.value)
        assert "the provided input variable at index 1 is not part of the computational graph" in text
        assert f"test_build.py:{line}" in text
        assert "on_unused_input='ignore'" in text
        with pytest.warns(UserWarning, match="index 1") as warned:
            aesaralite.function([x, y], x, on_unused_input="warn")
        assert warned[0].filename == __file__
        assert aesaralite.function([x, y], x, on_unused_input="ignore")(1, 2) == 1
        with config.change_flags(on_unused_input="ignore"):
            assert aesaralite.function([x, y], x)(1, 2) == 1
        with pytest.raises(ValueError, match="on_unused_input"):
            aesaralite.function([x, y], x, on_unused_input="shout")

    def test_unused_without_outputs(self):
        x = at.dscalar("x")
        with pytest.raises(UnusedInputError):
            aesaralite.function([x], None)

    def test_an_input_of_an_update_is_used(self):
        x, s = at.dscalar("x"), aesaralite.shared(0.0)
        aesaralite.function([x], [], updates={s: s + x})(3)
        assert s.get_value() == 3

    def test_missing(self):
        x = at.dscalar("x")
        line = here() + 1
        y = at.dscalar("y")
        with pytest.raises(MissingInputError) as caught:
            aesaralite.function([x], x + y)
        text = str(caught.value)
        assert "Input 1 (y)" in text
        assert f"test_build.py:{line}" in text
        with pytest.raises(MissingInputError, match="y"):
            aesaralite.function([], y)
        with pytest.raises(MissingInputError, match="y"):
            aesaralite.function([x], x, updates={aesaralite.shared(0.0): y})

    def test_twice(self):
        x = at.dscalar("x")
        with pytest.raises(UnusedInputError, match=r"Variable x is used twice in inputs .* at indices 0 and 1"):
            aesaralite.function([x, x], x)
        with pytest.raises(UnusedInputError, match="Variable x is used twice"):
            aesaralite.function([x, In(x, value=1)], x)

    def test_shared(self):
        s = aesaralite.shared(1.0, "s")
        for element in (s, In(s)):
            with pytest.raises(TypeError, match=r"Cannot use a shared variable \(s\) as explicit input"):
                aesaralite.function([element], s)

    def test_no_variables(self):
        for wrong in ("x", 3, np.ones(2), None):
            with pytest.raises(TypeError, match="Unknown parameter type"):
                aesaralite.function([wrong], [])
        with pytest.raises(TypeError, match="must be a Variable"):
            In(3)
        with pytest.raises(TypeError, match="name must be a string"):
            In(at.dscalar("x"), name=3)

    def test_unknown_keyword(self):
        x = at.dscalar("x")
        with pytest.raises(TypeError, match="unexpected keyword argument 'bogus'"):
            aesaralite.function([x], x, bogus=3)

    def test_an_expression_as_input_cuts_the_graph(self):
        x = at.dscalar("x")
        y = x * 2
        f = aesaralite.function([y], y + 1)
        assert f(5) == 6

    def test_implicit_input_needs_a_value(self):
        with pytest.raises(TypeError, match="needs a value"):
            In(at.dscalar("x"), implicit=True)

    def test_implicit_input(self):
        x, y = at.dscalars("x", "y")
        f = aesaralite.function([x, In(y, value=2.0, implicit=True)], x * y)
        assert f(3) == 6
        with pytest.raises(TypeError, match="state"):
            f(3, y=1)
        f["y"] = 10
        assert f(3) == 30

    def test_text(self):
        y = at.dscalar("y")
        assert repr(In(y, value=1)) == "In(y)"
        assert repr(In(y, name="z", value=1, update=y + 1)).startswith("In(z -> Elemwise{add")

    def test_accept_inplace_is_accepted(self):
        x = at.dscalar("x")
        assert aesaralite.function([x], x + 1, accept_inplace=True)(1) == 2

    def test_name(self):
        x = at.dscalar("x")
        line = here() + 1
        f = aesaralite.function([x], x)
        assert f.name == f"{__file__}:{line}"
        assert aesaralite.function([x], x, name="mine").name == "mine"
        assert "(x)" in repr(f)
        assert "linker 'py'" in repr(f)


class TestUpdates:
    def test_forms(self):
        for form in (dict, list, tuple, aesaralite.OrderedUpdates):
            s, t = aesaralite.shared(1.0), aesaralite.shared(2.0)
            aesaralite.function([], [], updates=form([(s, t), (t, s)]))()
            assert (s.get_value(), t.get_value()) == (2, 1)

    def test_malformed(self):
        x, s = at.dscalar("x"), aesaralite.shared(0.0, "s")
        for wrong in ([s, x], [(s, x, x)], (s, x), s):
            with pytest.raises(TypeError, match="`updates` parameter must be an ordered mapping or a list of pairs"):
                aesaralite.function([x], x, updates=wrong)
        with pytest.raises(TypeError, match="update target must be a SharedVariable"):
            aesaralite.function([x], x, updates=[(x, x + 1)])
        with pytest.raises(ValueError, match="already has an update expression"):
            aesaralite.function([x], x, updates=[(s, x), (s, x + 1)])

    def test_a_number_is_an_update(self):
        s, n = aesaralite.shared(0.0), aesaralite.shared(0)
        aesaralite.function([], [], updates=[(s, 5), (n, 3)])()
        assert (s.get_value(), n.get_value()) == (5.0, 3)
        assert s.get_value().dtype == "float64"

    def test_wrong_dtype(self):
        line = here() + 1
        n = aesaralite.shared(0, "n")
        x = at.dscalar("x")
        with pytest.raises(TypeError) as caught:
            aesaralite.function([x], [], updates=[(n, n + x)])
        text = str(caught.value)
        assert "An update must have the same type as the shared variable" in text
        assert "TensorType(int64, ())" in text
        assert "TensorType(float64, ())" in text
        assert ".astype('int64')" in text
        assert f"test_build.py:{line}" in text
        assert f"test_build.py:{line + 3}" in text
        with pytest.raises(TypeError, match=r"the value 5.5"):
            aesaralite.function([], [], updates=[(n, 5.5)])

    def test_wrong_number_of_dimensions(self):
        s = aesaralite.shared(np.zeros(2), "s")
        with pytest.raises(TypeError, match="numbers of dimensions differ: 1 and 2"):
            aesaralite.function([], [], updates={s: at.outer(s, s)})

    def test_a_static_shape_must_be_kept(self):
        s = aesaralite.shared(np.zeros((1, 2)), "s", shape=(1, None))
        with pytest.raises(TypeError, match="specify_shape"):
            aesaralite.function([], [], updates={s: s.T})
        loose = aesaralite.shared(np.zeros((1, 2)))
        aesaralite.function([], [], updates={loose: s * 2})()

    def test_update_of_an_input(self):
        x = at.dscalar("x")
        with pytest.raises(TypeError, match="update of type"):
            In(x, value=0.0, update=at.dvector("v"))

    def test_ordered_updates(self):
        s, t = aesaralite.shared(0.0, "s"), aesaralite.shared(0.0, "t")
        one = aesaralite.OrderedUpdates({s: s + 1})
        joined = one + {t: t + 2}
        assert list(joined) == [s, t]
        assert list({t: t + 2} + one) == [t, s]
        assert list(one) == [s]
        one.update({s: one[s]})
        with pytest.raises(KeyError, match="Collision"):
            one.update({s: s + 2})
        with pytest.raises(KeyError, match="Collision"):
            one + {s: s + 2}
        with pytest.raises(KeyError, match="Collision"):
            aesaralite.OrderedUpdates([(s, s + 1), (s, s + 2)])
        with pytest.raises(TypeError, match="must inherit from SharedVariable"):
            one[at.dscalar("x")] = s
        one[s] = s * 5
        assert one.copy() == one


class TestGivens:
    def test_shared_variable_constant_and_expression(self):
        x, y = at.dscalars("x", "y")
        s, two = aesaralite.shared(5.0), at.constant(2.0)
        total = s * two + (x + y)
        assert aesaralite.function([x, y], total, givens=[(s, x)])(3, 1) == 10
        assert aesaralite.function([x, y], total, givens={two: y})(3, 1) == 9
        sub = at.dscalar("sub")
        half = x + y
        assert aesaralite.function([sub], half * 2, givens={half: sub})(3) == 6
        assert s.get_value() == 5

    def test_replacements_are_not_replaced(self):
        x, y = at.dscalars("x", "y")
        a, b = at.dscalars("a", "b")
        f = aesaralite.function([a, b, x], x * 10 + y, givens={y: x + a * b})
        assert f(2, 3, 1) == 17
        swap = aesaralite.function([a, b], [x - y], givens={x: a, y: b})
        assert swap(5, 3) == [2]

    def test_a_replaced_shared_variable_inside_a_replacement(self):
        """It stays, with its state, where it's part of what another variable becomes."""
        x = at.dscalar("x")
        s, t = aesaralite.shared(3.0, name="s"), aesaralite.shared(10.0, name="t")
        f = aesaralite.function([], x + s, givens={x: s * 2, s: t})
        assert f() == 16
        s.set_value(4.0)
        assert f() == 18

    def test_a_value(self):
        x = at.dscalar("x")
        assert aesaralite.function([], x * 2, givens={x: 3.0})() == 6
        v = at.dvector("v")
        assert aesaralite.function([], v * 2, givens={v: [1, 2]})().tolist() == [2, 4]

    def test_they_hold_in_updates_too(self):
        x, y, s = at.dscalar("x"), at.dscalar("y"), aesaralite.shared(1.0)
        aesaralite.function([y], [], updates={s: s + x}, givens={x: y * 10})(2)
        assert s.get_value() == 21

    def test_wrong_type(self):
        s = aesaralite.shared(1.0, "s")
        v = at.vector("v")
        with pytest.raises(TypeError, match=r"TensorType\(float64, \(\?,\)\)"):
            aesaralite.function([v], s * 2, givens={s: v})
        n = at.iscalar("n")
        with pytest.raises(TypeError):
            aesaralite.function([n], s * 2, givens={s: n})
        f = aesaralite.function([n], s * 2, givens={s: n}, rebuild_strict=False)
        assert f(4) == 8
        assert f(4).dtype.kind == "i"

    def test_malformed(self):
        x, y = at.dscalars("x", "y")
        with pytest.raises(RuntimeError, match="trying to replace variable 'x' through the `givens` parameter"):
            aesaralite.function([x], x * 2, givens={x: x + 1})
        with pytest.raises(TypeError, match="`givens` keys must be Variables"):
            aesaralite.function([x], x, givens={3: x})
        with pytest.raises(TypeError, match="`givens` parameter must be"):
            aesaralite.function([x], x, givens=[x, y])
        with pytest.raises(ValueError, match="twice"):
            aesaralite.function([y], x, givens=[(x, y), (x, y + 1)])


class TestDefaultUpdates:
    def test_they_apply_unless_refused_or_replaced(self):
        s, x = aesaralite.shared(0.0), at.dscalar("x")
        s.default_update = s + 1
        assert [aesaralite.function([], s)() for _ in range(2)] == [0, 1]
        f = aesaralite.function([], s)
        f()
        assert s.get_value() == 3
        for off in (True, [s]):
            aesaralite.function([], s, no_default_updates=off)()
            assert s.get_value() == 3
        aesaralite.function([x], s, updates={s: x})(10)
        assert s.get_value() == 10
        aesaralite.function([x], x)(1)
        assert s.get_value() == 10

    def test_they_bring_their_own(self):
        s, t = aesaralite.shared(0.0), aesaralite.shared(1.0)
        t.default_update = t * 2
        s.default_update = s + t
        f = aesaralite.function([], s)
        assert [f(), f(), f()] == [0, 1, 3]
        assert t.get_value() == 8

    def test_only_the_listed_are_refused(self):
        s, t = aesaralite.shared(0.0), aesaralite.shared(0.0)
        s.default_update, t.default_update = s + 1, t + 1
        aesaralite.function([], s + t, no_default_updates=[s])()
        assert (s.get_value(), t.get_value()) == (0, 1)

    def test_wrong_argument(self):
        x, s = at.dscalar("x"), aesaralite.shared(0.0)
        with pytest.raises(TypeError, match="must be a boolean or list"):
            aesaralite.function([x], x, no_default_updates="s")
        with pytest.raises(TypeError):
            s.default_update = at.dvector("v")
        s.default_update = s + 1
        s.default_update = None
        assert s.default_update is None


class TestEval:
    def test_variables_and_names(self):
        x, y = at.dscalars("x", "y")
        z = x + y
        assert z.eval({x: 1, y: 2}) == 3
        assert z.eval({"x": 1, y: 2}) == 3
        assert at.constant(3.0).eval() == 3
        assert (aesaralite.shared(2.0) * 2).eval() == 4
        with pytest.raises(ValueError, match=r"No input .* 'q'"):
            z.eval({"q": 1})
        other = at.dscalar("x")
        with pytest.raises(ValueError, match="2 inputs"):
            (x + other).eval({"x": 1})

    def test_a_second_call_compiles_nothing(self, monkeypatch):
        from aesaralite.compile.linker import get_linker

        x = at.dscalar("x")
        z = x + 1
        z.eval({x: 1})
        monkeypatch.setattr(type(get_linker("py")), "link", None)
        assert z.eval({x: 2}) == 3

    def test_keywords_reach_function(self):
        x, y = at.dscalars("x", "y")
        assert (x + 1).eval({x: 1, y: 2}, on_unused_input="ignore") == 2
        assert (x + 1).eval({y: 2}, givens={x: y}) == 3


def test_a_variable_of_an_inner_graph_is_no_stranger():
    inner = NominalVariable(0, at.dscalar("x").type)
    assert aesaralite.function([inner], inner + 1)(1) == 2


def test_paths_of_aesara_lead_to_modules():
    import aesaralite.compile.function.types as types
    import aesaralite.compile.mode as mode
    from aesaralite.compile.function import function

    assert function is aesaralite.function
    assert types.Function.__name__ == "Function"
    assert mode.Mode is aesaralite.Mode
