import pytest

from aesaralite.graph.features import AlreadyThere
from aesaralite.rewriting.equilibrium import EquilibriumGraphRewriter
from aesaralite.rewriting.merge import MergeFeature, MergeOptimizer
from aesaralite.rewriting.pattern import PatternNodeRewriter, SubstitutionNodeRewriter
from aesaralite.rewriting.same import is_same_graph_with_merge
from tests.rewriting.toy import graph, inputs, op1, op2, op3, op4, text, two_outputs


def merged(ins, *outs):
    fgraph = graph(ins, *outs)
    MergeOptimizer().rewrite(fgraph)
    fgraph.check_integrity()
    return fgraph


def test_straight():
    x, y = inputs("x", "y")
    fgraph = merged([x, y], op1(op2(x, y), op2(x, y), op2(x)))
    a, b, c = fgraph.outputs[0].owner.inputs
    assert a is b and a is not c


def test_deep():
    x, y = inputs("x", "y")
    fgraph = merged([x, y], op1(op3(op2(x), y), op3(op2(x), y)))
    assert len(fgraph.apply_nodes) == 3


def test_outputs():
    (x,) = inputs("x")
    fgraph = merged([x], op1(x), op1(x))
    assert fgraph.outputs[0] is fgraph.outputs[1]


def test_several_outputs():
    (x,) = inputs("x")
    a, b = two_outputs(x)
    c, d = two_outputs(x)
    fgraph = merged([x], op1(a, d), op1(c, b))
    assert fgraph.outputs[0] is fgraph.outputs[1]


@pytest.mark.parametrize("used", [0, 1])
def test_a_node_that_leaves_before_all_its_outputs_are_merged(used):
    (x,) = inputs("x")
    fgraph = merged([x], op1(two_outputs(x)[used]), op1(two_outputs(x)[used]))
    assert fgraph.outputs[0] is fgraph.outputs[1]
    assert len(fgraph.apply_nodes) == 2


def test_constants():
    (x,) = inputs("x")
    fgraph = merged([x], op1(op2(x, 3), op2(x, 3), op2(x, 4)))
    a, b, c = fgraph.outputs[0].owner.inputs
    assert a is b and a is not c


def test_different_orders_stay():
    x, y = inputs("x", "y")
    assert len(merged([x, y], op1(op2(x, y), op2(y, x))).apply_nodes) == 3


def test_names_survive():
    (x,) = inputs("x")
    a, b = op1(x), op1(x)
    b.name = "b"
    assert merged([x], op2(a, b)).outputs[0].owner.inputs[0].name == "b"


def test_only_one_feature():
    (x,) = inputs("x")
    fgraph = graph([x], op1(x))
    fgraph.attach_feature(MergeFeature())
    with pytest.raises(AlreadyThere):
        MergeFeature().on_attach(fgraph)


def test_new_nodes_merge_as_they_enter():
    x, y = inputs("x", "y")
    fgraph = graph([x, y], op1(op3(x, y), op4(x, y)))
    MergeOptimizer().rewrite(fgraph)
    EquilibriumGraphRewriter([SubstitutionNodeRewriter(op4, op3)], max_use_ratio=10).rewrite(fgraph)
    fgraph.check_integrity()
    assert text(fgraph.outputs[0]) == "op1(op3(x, y), op3(x, y))"
    assert len(fgraph.apply_nodes) == 2


def test_merging_lets_patterns_match():
    x, y = inputs("x", "y")
    fgraph = graph([x, y], op1(op2(op4(x)), op2(op3(x))))
    MergeOptimizer().rewrite(fgraph)
    rules = [SubstitutionNodeRewriter(op4, op3), PatternNodeRewriter((op1, "z", "z"), "z")]
    EquilibriumGraphRewriter(rules, max_use_ratio=10).rewrite(fgraph)
    assert text(fgraph.outputs[0]) == "op2(op3(x))"


def test_is_same_graph_with_merge():
    x, y = inputs("x", "y")
    assert is_same_graph_with_merge(op1(x, op2(y)), op1(x, op2(y)))
    assert not is_same_graph_with_merge(op1(x, op2(y)), op1(y, op2(x)))
    assert is_same_graph_with_merge(op1(x), op1(y), givens={x: y})


def test_a_node_is_no_longer_what_it_was_before_a_replacement():
    x, y = inputs("x", "y")
    fgraph = graph([x, y], op1(x), op3(y))
    MergeOptimizer().rewrite(fgraph)
    fgraph.replace(x, op2(x))
    fgraph.replace(fgraph.outputs[1], op1(x))
    MergeOptimizer().rewrite(fgraph)
    assert [text(output) for output in fgraph.outputs] == ["op1(op2(x))", "op1(x)"]
