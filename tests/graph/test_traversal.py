import pytest
from support.graph_toys import add, add_one, both, chain

from aesaralite.graph.basic import (
    Constant,
    ancestors,
    apply_depends_on,
    applys_between,
    general_toposort,
    get_var_by_name,
    graph_inputs,
    io_connection_pattern,
    io_toposort,
    is_in_ancestors,
    list_of_nodes,
    orphans_between,
    truncated_graph_inputs,
    variable_depends_on,
    vars_between,
    view_roots,
    walk,
)


def test_ancestors_go_depth_first_from_left_to_right(xyz):
    x, y, z = xyz
    first = add(x, y)
    second = add(first, z)
    assert list(ancestors([second])) == [second, first, x, y, z]
    assert list(ancestors([second], blockers=[first])) == [second, first, z]


def test_graph_inputs_include_constants(toy, xyz):
    x, y, _ = xyz
    one = Constant(toy, 1)
    out = add(add(x, one), y)
    assert list(graph_inputs([out])) == [x, one, y]


def test_variables_and_nodes_between(xyz):
    x, y, z = xyz
    first = add(x, y)
    second = add_one(first)
    third = add(second, z)
    assert set(vars_between([first], [third])) == {first, second, third, z}
    assert set(applys_between([first], [third])) == {second.owner, third.owner}
    assert list(orphans_between([x], [third])) == [y, z]
    assert set(list_of_nodes([x, y, z], [third])) == {first.owner, second.owner, third.owner}


def test_vars_between_sees_all_outputs_of_a_node(xyz):
    x, y, _ = xyz
    plus, minus = both(x, y)
    assert minus in set(vars_between([x, y], [plus]))


def test_toposort_puts_what_is_needed_first(xyz):
    x, y, z = xyz
    first = add(x, y)
    second = add(first, z)
    third = add(second, first)
    assert io_toposort([x, y, z], [third]) == [first.owner, second.owner, third.owner]
    assert io_toposort([first], [third]) == [second.owner, third.owner]


def test_toposort_respects_orderings_and_refuses_circles(xyz):
    x, y, _ = xyz
    a, b = add(x, y), add_one(x)
    assert io_toposort([x, y], [a, b], orderings={a.owner: [b.owner]}) == [b.owner, a.owner]
    with pytest.raises(ValueError, match="circle"):
        io_toposort([x, y], [a, b], orderings={a.owner: [b.owner], b.owner: [a.owner]})


def test_general_toposort():
    deps = {"d": ["b", "c"], "b": ["a"], "c": ["a"], "a": []}
    clients: dict = {}
    assert general_toposort(["d"], deps.get, clients=clients) == ["a", "b", "c", "d"]
    assert clients["a"] == ["b", "c"]
    with pytest.raises(ValueError, match="circle"):
        general_toposort(["p"], {"p": ["q"], "q": ["p"]}.get)


def test_dependence(xyz):
    x, y, z = xyz
    first = add(x, y)
    second = add(first, z)
    assert apply_depends_on(second.owner, first.owner)
    assert not apply_depends_on(first.owner, second.owner)
    assert is_in_ancestors(second.owner, first.owner)
    assert variable_depends_on(second, x)
    assert not variable_depends_on(first, z)


def test_truncated_graph_inputs(xyz):
    x, y, z = xyz
    first = add(x, y)
    second = add(first, z)
    assert set(truncated_graph_inputs([second])) == {x, y, z}
    assert set(truncated_graph_inputs([second], [first])) == {first, z}
    assert set(truncated_graph_inputs([second], [second])) == {x, y, z}


def test_find_by_name(xyz):
    x, y, _ = xyz
    out = add(x, y)
    assert get_var_by_name([out], "y") == (y,)
    assert get_var_by_name([out], x.auto_name) == (x,)
    assert get_var_by_name([out], "nobody") == ()


def test_walk_either_way():
    tree = {1: [2, 3], 2: [4], 3: [], 4: []}
    assert list(walk([1], tree.get)) == [1, 2, 3, 4]
    assert list(walk([1], tree.get, bfs=False)) == [1, 3, 2, 4]
    assert list(walk([4], tree.get, return_children=True)) == [(4, [])]


def test_connection_pattern_of_a_graph(xyz):
    x, y, z = xyz
    plus, minus = both(add(x, z), y)
    assert io_connection_pattern([x, y, z], [plus, minus]) == [[True, False], [True, True], [True, False]]


def test_view_roots_follow_the_view_map(xyz):
    class View(type(add)):
        view_map = {0: [0]}

    x, _, _ = xyz
    seen = View()(View()(x))
    assert view_roots(seen) == [x]
    assert view_roots(add(x)) != [x]


def test_long_chains_do_not_recurse(toy):
    x = toy("x")
    out = chain(x, 100_000)
    assert len(io_toposort([x], [out])) == 100_000
    assert sum(1 for _ in ancestors([out])) == 100_001
    assert sum(1 for _ in applys_between([x], [out])) == 100_000
