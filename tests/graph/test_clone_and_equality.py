import pytest
from support.graph_toys import ToyType, add, add_one, chain

from aesaralite.graph.basic import (
    Constant,
    clone,
    clone_get_equiv,
    clone_replace,
    equal_computations,
    graph_inputs,
    graph_replace,
    is_same_graph,
)


def test_clone_copies_inputs_and_leaves_if_asked(toy, xyz):
    x, y, _ = xyz
    one = Constant(toy, 1)
    out = add(add(x, one), y)
    (x2, y2), (out2,) = clone([x, y], [out])
    assert x2 is not x and x2.name == "x" and out2.owner.inputs[1] is y2
    assert one not in set(graph_inputs([out2]))
    _, (out3,) = clone([x, y], [out], copy_inputs=False)
    assert set(graph_inputs([out3])) == {x, y, one}
    assert out2.origin == out.origin


def test_clone_get_equiv_extends_a_memo(xyz):
    x, y, z = xyz
    inner = add(x, y)
    out = add(inner, z)
    memo = clone_get_equiv([x, y, z], [out], memo={inner: z})
    assert memo[out].owner.inputs[0] is z


def test_replacements_happen_all_at_once(xyz):
    x, y, z = xyz
    out = add(x, y)
    swapped = clone_replace(out, {x: y, y: x})
    assert swapped.owner.inputs == [y, x]
    within = clone_replace(out, {x: add(x, z)})
    assert within.owner.inputs[0].owner.inputs == [x, z]


def test_replacing_a_computed_variable_and_a_list_of_outputs(xyz):
    x, y, z = xyz
    inner = add(x, y)
    a, b = clone_replace([add(inner, z), inner], [(inner, z)])
    assert a.owner.inputs == [z, z]
    assert b is z


def test_replacements_are_converted_or_refused(toy, xyz):
    x, y, _ = xyz
    out = add(x, y)
    assert clone_replace(out, {x: 5}).owner.inputs[0].data == 5
    other = ToyType("u")("other")
    with pytest.raises(TypeError):
        clone_replace(out, {x: other})
    assert clone_replace(out, {x: other}, rebuild_strict=False).type == other.type
    with pytest.raises(TypeError, match="pairs"):
        clone_replace(out, [x])


def test_graph_replace_rebuilds_only_what_depends_on_it(xyz):
    x, y, z = xyz
    left, right = add_one(x), add_one(y)
    out = add(left, right)
    new = graph_replace(out, {y: z})
    assert new.owner.inputs[0] is left
    assert new.owner.inputs[1].owner.inputs == [z]
    with pytest.raises(ValueError, match="z can't be replaced"):
        graph_replace(out, {z: x})
    assert graph_replace(out, {z: x}, strict=False) is out
    assert graph_replace([out, left], {x: z})[1].owner.inputs == [z]


def test_equal_computations(toy, xyz):
    x, y, z = xyz
    one, other_one, two = Constant(toy, 1), Constant(toy, 1), Constant(toy, 2)
    assert equal_computations([add(x, y)], [add(x, y)])
    assert not equal_computations([add(x, y)], [add(y, x)])
    assert not equal_computations([add(x, y)], [add_one(x, y)])
    assert equal_computations([add(x, one)], [add(x, other_one)])
    assert not equal_computations([add(x, one)], [add(x, two)])
    assert equal_computations([add(x, y)], [add(x, z)], [y], [z])
    assert not equal_computations([add(x, x)], [add(x, z)], [x], [z])
    assert equal_computations([add(x, y)], [add(y, x)], [x, y], [y, x])
    with pytest.raises(ValueError, match="differ"):
        equal_computations([x], [x, y])


def test_values_are_compared_with_constants(toy, xyz):
    x, y, _ = xyz
    assert equal_computations([2, x], [Constant(toy, 2), x]) and equal_computations([[1, 2]], [[1, 2]])
    assert not equal_computations([2], [Constant(toy, 3)]) and not equal_computations([[1, 2]], [[1, 2, 3]])
    assert not equal_computations([2], [x]) and not equal_computations([x], [2])
    assert not equal_computations([2, x], [2, y])


def test_shared_and_repeated_computations_are_equal(xyz):
    x, y, _ = xyz
    shared = add(x, y)
    assert equal_computations([add(shared, shared)], [add(add(x, y), add(x, y))])


def test_is_same_graph(xyz):
    x, y, z = xyz
    assert is_same_graph(add(x, y), add(x, y))
    assert not is_same_graph(add(x, y), add(x, z))
    assert is_same_graph(add(x, y), add(x, z), givens={z: y})
    assert is_same_graph(add(x, y), add(x, z), givens={y: z})
    inner = add_one(x)
    for givens in ({inner: z}, {z: inner}, [(inner, z)]):
        assert is_same_graph(add(inner, y), add(z, y), givens) and is_same_graph(add(z, y), add(inner, y), givens)
    assert is_same_graph(add(x, y), add(y, y), {x: y}) and is_same_graph(add(y, y), add(x, y), {x: y})


def test_long_chains_do_not_recurse(toy):
    x, y = toy("x"), toy("y")
    out = chain(x, 100_000)
    copy = clone_replace(out, {x: y})
    assert equal_computations([out], [copy], [x], [y])
