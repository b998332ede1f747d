import inspect

import pytest
from support.graph_toys import Sum, ToyType, add, add_one, both

from aesaralite.graph.basic import Apply, Constant, NominalVariable, Variable
from aesaralite.graph.generic import Generic, NoneConst, generic, none_type_t
from aesaralite.graph.null_type import DisconnectedType, NullType, grad_undefined
from aesaralite.graph.op import Op, get_test_value
from aesaralite.graph.provenance import inheriting


def test_texts(toy, xyz):
    x, y, _ = xyz
    assert str(x) == "x"
    assert str(toy()) == "<Toy(t)>"
    assert str(add_one(x)) == "Sum{extra=1}.0"
    assert str(add(x, y).owner) == "Sum{extra=0}(x, y)"
    assert str(Constant(toy, 3)) == "Constant{3}"
    assert str(Constant(toy, 3, name="c")) == "c{3}"


def test_the_line_of_the_user_is_kept(xyz):
    x, y, _ = xyz
    out = add(x, y)
    line = inspect.currentframe().f_lineno - 1
    assert out.origin.filename == __file__
    assert out.origin.lineno == line
    assert out.origin.function == "test_the_line_of_the_user_is_kept"
    assert out.origin.source_line() == "out = add(x, y)"
    assert str(out.origin) == f"{__file__}:{line}, in test_the_line_of_the_user_is_kept"
    assert out.tag.trace[0][-1][:2] == (__file__, line)


def test_a_line_can_be_inherited(xyz):
    x, y, _ = xyz
    out = add(x, y)
    with inheriting(out.origin):
        other = add_one(x)
    assert other.origin is out.origin
    assert add_one(x).origin != out.origin


def test_what_apply_refuses(toy, xyz):
    x, y, _ = xyz
    with pytest.raises(TypeError, match="inputs of Sum"):
        Apply(add, [1], [toy()])
    with pytest.raises(TypeError, match="outputs of Sum"):
        Apply(add, [x], [1])
    with pytest.raises(ValueError, match="already the output"):
        Apply(add, [x], [add(x, y)])


def test_default_output(toy, xyz):
    x, y, _ = xyz
    assert add(x, y).owner.out is not None
    with pytest.raises(ValueError, match="default_output"):
        both(x, y)[0].owner.default_output()


def test_clone_with_new_inputs_keeps_or_remakes_the_outputs(xyz):
    x, y, _ = xyz
    node = add(x, y).owner
    assert node.clone_with_new_inputs([y, x]).inputs == [y, x]
    other = ToyType("u")("other")
    with pytest.raises(TypeError, match="Cannot convert"):
        node.clone_with_new_inputs([other, y])
    assert node.clone_with_new_inputs([other, y], strict=False).outputs[0].type == other.type


def test_ops_and_types_are_equal_by_their_props():
    assert Sum(1) == Sum(1) != Sum(2)
    assert hash(Sum(1)) == hash(Sum(1))
    assert ToyType("a") == ToyType("a") != ToyType("b")
    assert Sum.__props__ == ("extra",)

    class Lonely(Op):
        pass

    assert Lonely() != Lonely()


def test_an_op_by_types(toy):
    class Typed(Op):
        __props__ = ()
        itypes = [ToyType("t"), ToyType("u")]
        otypes = [ToyType("t")]

    out = Typed()(toy("x"), 3)
    assert out.owner.inputs[1].data == 3
    with pytest.raises(TypeError, match=r"input 1 \(x\) has type Toy\(t\), expected Toy\(u\)"):
        Typed()(toy("y"), toy("x"))
    with pytest.raises(ValueError, match="takes 2 inputs, got 1"):
        Typed()(toy("y"))


def test_call_forms(xyz):
    x, y, _ = xyz
    assert add(x, y, name="s").name == "s"
    assert isinstance(add(x, y, return_list=True), list)
    assert len(both(x, y)) == 2
    with pytest.raises(ValueError, match="name"):
        both(x, y, name="s")


def test_nominal_variables_are_one_object_a_number(toy):
    assert NominalVariable(0, toy) is NominalVariable(0, ToyType("t"))
    assert NominalVariable(0, toy) is not NominalVariable(1, toy)
    assert NominalVariable(0, toy).clone() is NominalVariable(0, toy)


def test_constants_are_interchangeable_by_value(toy):
    assert Constant(toy, 1).equals(Constant(toy, 1))
    assert not Constant(toy, 1).equals(Constant(toy, 2))
    with pytest.raises(TypeError, match="Expected a number"):
        Constant(toy, "one")


def test_names_must_be_strings(toy):
    with pytest.raises(TypeError, match="must be a string"):
        Variable(toy, None, name=3)


def test_types_without_values():
    undefined = grad_undefined(add, 1, ToyType("t")("x"), "Because.")
    assert isinstance(undefined.type, NullType)
    assert "input 1 (x) is mathematically undefined. Because." in undefined.type.why_null
    assert DisconnectedType() == DisconnectedType() != NullType()
    with pytest.raises(ValueError, match="mathematically undefined"):
        undefined.type.filter(0)


def test_generic_and_none():
    assert Generic() is generic
    assert generic.filter("anything") == "anything"
    assert NoneConst.type is none_type_t
    assert not none_type_t.is_valid_value(0)
    assert NoneConst.equals(NoneConst.clone())


def test_test_values(toy):
    from aesaralite.configdefaults import config
    from aesaralite.errors import TestValueError

    x, y = toy("x"), toy("y")
    x.tag.test_value, y.tag.test_value = 2, 3
    with config.change_flags(compute_test_value="raise"):
        assert get_test_value(add_one(x, y)) == 6
        with pytest.raises(TestValueError, match="missing default value"):
            add(x, toy("z"))
    with pytest.raises(TypeError):
        x.tag.test_value = "text"


def test_test_values_are_at_hand(toy):
    from aesaralite.configdefaults import config
    from aesaralite.errors import TestValueError
    from aesaralite.graph.op import get_test_values

    x, z = toy("x"), toy("z")
    x.tag.test_value = 2
    assert x.get_test_value() == get_test_value(x) == 2
    assert get_test_value(Constant(toy, 5)) == 5 == get_test_value(5)
    with pytest.raises(TestValueError, match=r"z has no test value. It was made at .*test_variable"):
        z.get_test_value()
    assert get_test_values(x) == []
    with config.change_flags(compute_test_value="ignore"):
        assert get_test_values(x, 5) == [(2, 5)] and get_test_values(x) == [2] and get_test_values(x, z) == []
    with config.change_flags(compute_test_value="raise"), pytest.raises(TestValueError, match="Argument 1"):
        get_test_values(x, z)
    with config.change_flags(compute_test_value="warn"), pytest.warns(UserWarning, match="Argument 0"):
        assert get_test_values(z, x) == []


def test_types_that_say_less_must_say_how_to_check(toy):
    class Anything(type(toy)):
        def is_super(self, otype):
            return isinstance(otype, type(toy))

    x = toy("x")
    anything = Anything("any")
    assert anything.convert_variable(x) is x
    assert toy.convert_variable(type(toy)("other")()) is None
    with pytest.raises(NotImplementedError, match="at run time"):
        toy.convert_variable(anything("y"))
