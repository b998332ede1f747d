import pytest

from aesaralite.configdefaults import config
from aesaralite.graph.features import ReplacementDidNotRemoveError
from aesaralite.rewriting.base import graph_rewriter, node_rewriter
from aesaralite.rewriting.equilibrium import EquilibriumGraphRewriter
from aesaralite.rewriting.pattern import PatternNodeRewriter, RemovalNodeRewriter, SubstitutionNodeRewriter
from aesaralite.rewriting.sequential import SequentialGraphRewriter, SequentialNodeRewriter
from aesaralite.rewriting.walking import OpKeyGraphRewriter, WalkingGraphRewriter, in2out, out2in
from tests.rewriting.toy import MyOp, MyType, SubOp, graph, inputs, op1, op2, op3, op4, text, two_outputs


def rewritten(ins, outs, *rewriters, how=in2out, **kwargs):
    fgraph = graph(ins, *outs)
    how(*rewriters, **kwargs).rewrite(fgraph)
    fgraph.check_integrity()
    return [text(output) for output in fgraph.outputs]


class TestPattern:
    def test_replaces_output(self):
        x, y = inputs("x", "y")
        rule = PatternNodeRewriter((op1, (op2, "1", "2"), "3"), (op4, "3", "2"))
        assert rewritten([x, y], [op1(op2(x, y), x)], rule) == ["op4(x, y)"]

    def test_nested_output(self):
        x, y = inputs("x", "y")
        rule = PatternNodeRewriter((op2, "1", "2"), (op1, "2", "1"))
        assert rewritten([x, y], [op1(op2(x, y), x)], rule) == ["op1(op1(y, x), x)"]

    def test_same_variable_twice(self):
        x, y = inputs("x", "y")
        rule = PatternNodeRewriter((op2, "1", "1"), (op4, "1"))
        assert rewritten([x, y], [op1(op2(x, x), op2(x, y))], rule) == ["op1(op4(x), op2(x, y))"]

    def test_variable_as_replacement(self):
        (x,) = inputs("x")
        rule = PatternNodeRewriter((op1, (op2, "a")), "a")
        assert rewritten([x], [op3(op1(op2(x)))], rule) == ["op3(x)"]

    def test_constants(self):
        (x,) = inputs("x")
        rule = PatternNodeRewriter((op1, "x", 2), (op2, "x", 7))
        assert rewritten([x], [op1(x, 2), op1(x, 3)], rule) == ["op2(x, 7)", "op1(x, 3)"]

    def test_constraint(self):
        x, y = inputs("x", "y")
        rule = PatternNodeRewriter((op1, {"pattern": "v", "constraint": lambda v: v.name == "x"}), (op2, "v"))
        assert rewritten([x, y], [op1(x), op1(y)], rule) == ["op2(x)", "op1(y)"]

    def test_inner_nodes_with_other_users(self):
        (x,) = inputs("x")
        shared = op2(x)
        strict = PatternNodeRewriter((op1, (op2, "x")), (op3, "x"))
        assert rewritten([x], [op1(shared), op4(shared)], strict) == ["op1(op2(x))", "op4(op2(x))"]
        shared = op2(x)
        lenient = PatternNodeRewriter((op1, (op2, "x")), (op3, "x"), allow_multiple_clients=True)
        assert rewritten([x], [op1(shared), op4(shared)], lenient) == ["op3(x)", "op4(op2(x))"]

    def test_tracks_inner_op(self):
        (x,) = inputs("x")

        def users(fgraph, node):
            return [client for client, _ in fgraph.clients[node.outputs[0]]]

        rule = PatternNodeRewriter((op1, (op2, "x")), (op3, "x"), tracks=[op2], get_nodes=users)
        assert rewritten([x], [op1(op2(x))], rule) == ["op3(x)"]

    def test_other_type_is_no_match(self):
        (x,) = inputs("x")
        other = MyOp("other", out_type=MyType(2))
        assert rewritten([x], [op1(x)], PatternNodeRewriter((op1, "x"), (other, "x"))) == ["op1(x)"]

    def test_pattern_must_begin_with_op(self):
        with pytest.raises(TypeError, match="begins with an Op"):
            PatternNodeRewriter("x", "y")

    def test_reads_well(self):
        assert str(PatternNodeRewriter((op1, (op2, "x"), 1), (op3, "x"))) == "op1(op2(x), 1) -> op3(x)"


def test_substitution_keeps_tags():
    x, y = inputs("x", "y")
    out = op2(x, y)
    out.tag.note = "kept"
    fgraph = graph([x, y], op3(out, x))
    in2out(SubstitutionNodeRewriter(op2, op4)).rewrite(fgraph)
    assert text(fgraph.outputs[0]) == "op3(op4(x, y), x)"
    assert fgraph.outputs[0].owner.inputs[0].tag.note == "kept"


def test_removal():
    x, y = inputs("x", "y")
    assert rewritten([x, y], [op3(op1(op1(x)), y)], RemovalNodeRewriter(op1)) == ["op3(x, y)"]


class TestDecorators:
    def test_tracks_op_and_class(self):
        seen = []

        @node_rewriter([op1, SubOp])
        def watch(fgraph, node):
            seen.append(str(node.op))

        (x,) = inputs("x")
        rewritten([x], [op3(op2(op1(SubOp("sub")(x))))], watch)
        assert seen == ["sub", "op1"]

    def test_tracks_everything(self):
        seen = []

        @node_rewriter(None)
        def watch(fgraph, node):
            seen.append(str(node.op))

        (x,) = inputs("x")
        rewritten([x], [op2(op1(x))], watch, how=out2in)
        assert seen == ["op2", "op1"]

    def test_wrong_tracks(self):
        with pytest.raises(ValueError, match="None to be called with every node"):
            node_rewriter([])
        with pytest.raises(TypeError, match="Ops and classes of Ops"):
            node_rewriter(["add"])

    def test_requirements(self):
        calls = []

        @node_rewriter([op1], requirements=[calls.append])
        def nothing(fgraph, node):
            return False

        (x,) = inputs("x")
        fgraph = graph([x], op1(x))
        in2out(nothing).rewrite(fgraph)
        EquilibriumGraphRewriter([nothing]).rewrite(fgraph)
        assert calls == [fgraph, fgraph]

    def test_graph_rewriter(self):
        @graph_rewriter
        def drop_second(fgraph):
            fgraph.remove_output(1)

        (x,) = inputs("x")
        fgraph = graph([x], op1(x), op2(x))
        drop_second.rewrite(fgraph)
        assert [text(output) for output in fgraph.outputs] == ["op1(x)"]
        assert drop_second.name == "drop_second"

    def test_dict_and_remove(self):
        x, y = inputs("x", "y")

        @node_rewriter([op1])
        def other_variable(fgraph, node):
            return {node.inputs[0]: y, "remove": [node.inputs[0]]}

        inner = op2(x)
        assert rewritten([x, y], [op1(inner)], other_variable) == ["op1(y)"]

    def test_remove_that_does_not_happen(self):
        x, y = inputs("x", "y")
        inner = op2(x)

        @node_rewriter([op1])
        def wrong(fgraph, node):
            return {node.outputs[0]: op3(inner), "remove": [inner]}

        with pytest.raises(ReplacementDidNotRemoveError, match="op2"):
            rewritten([x, y], [op1(inner)], wrong, failure_callback=None)

    def test_only_some_outputs(self):
        (x,) = inputs("x")
        first, second = two_outputs(x)

        @node_rewriter([two_outputs])
        def replace_first(fgraph, node):
            return [op1(node.inputs[0]), None] if fgraph.clients[node.outputs[0]] else None

        assert rewritten([x], [first, second], replace_first) == ["op1(x)", "two(x).1"]


class TestMistakes:
    """What a faulty rewriter returns is refused, and the message names the rewriter."""

    def refused(self, result, exception, match):
        (x,) = inputs("x")

        @node_rewriter([op1])
        def faulty(fgraph, node):
            return result

        with pytest.raises(exception, match=match) as info:
            rewritten([x], [op1(x)], faulty, failure_callback=None)
        assert "faulty" in "".join(info.value.__notes__)

    def test_other_type(self):
        (y,) = inputs("y")
        self.refused([MyOp("other", out_type=MyType(2))(y)], TypeError, "a rewrite must keep types")

    def test_wrong_number(self):
        (y,) = inputs("y")
        self.refused([y, y], ValueError, "2 replacements for the 1 outputs")

    def test_no_variable(self):
        self.refused([3], TypeError, "which is not a Variable")

    def test_no_list(self):
        self.refused("x", TypeError, "must return False, None")

    def test_flag_raise(self):
        @node_rewriter([op1])
        def faulty(fgraph, node):
            raise KeyError("oops")

        (x,) = inputs("x")
        with config.change_flags(on_opt_error="raise"), pytest.raises(KeyError) as info:
            rewritten([x], [op1(x)], faulty)
        assert "faulty on the node op1(x)" in info.value.__notes__[0]

    def test_flag_warn_goes_on(self, caplog):
        @node_rewriter([op1])
        def faulty(fgraph, node):
            raise KeyError("oops")

        (x,) = inputs("x")
        with config.change_flags(on_opt_error="warn"):
            assert rewritten([x], [op1(x)], faulty, SubstitutionNodeRewriter(op1, op2)) == ["op1(x)"]
            fgraph = graph([x], op1(x))
            EquilibriumGraphRewriter([faulty, SubstitutionNodeRewriter(op1, op2)]).rewrite(fgraph)
        assert text(fgraph.outputs[0]) == "op2(x)"
        assert "faulty" in caplog.text and "oops" in caplog.text

    def test_flag_ignore(self, caplog):
        @node_rewriter([op1])
        def faulty(fgraph, node):
            raise KeyError("oops")

        (x,) = inputs("x")
        with config.change_flags(on_opt_error="ignore"):
            assert rewritten([x], [op1(x)], faulty) == ["op1(x)"]
        assert caplog.text == ""


class TestSequential:
    def test_first_that_applies(self):
        (x,) = inputs("x")
        both = SequentialNodeRewriter(SubstitutionNodeRewriter(op1, op2), SubstitutionNodeRewriter(op2, op3))
        assert both.tracks() == [op1, op2]
        fgraph = graph([x], op1(x))
        WalkingGraphRewriter(both, ignore_newtrees=True).rewrite(fgraph)
        assert text(fgraph.outputs[0]) == "op2(x)"

    def test_all(self):
        (x,) = inputs("x")
        both = SequentialNodeRewriter(
            SubstitutionNodeRewriter(op1, op2), SubstitutionNodeRewriter(op2, op3), apply_all_rewrites=True
        )
        fgraph = graph([x], op1(x))
        WalkingGraphRewriter(both, ignore_newtrees=True).rewrite(fgraph)
        assert text(fgraph.outputs[0]) == "op3(x)"

    def test_graph_sequence_is_a_list(self):
        (x,) = inputs("x")
        sequence = SequentialGraphRewriter(in2out(SubstitutionNodeRewriter(op1, op2)))
        sequence.append(in2out(SubstitutionNodeRewriter(op2, op3)))
        assert len(sequence) == 2
        fgraph = graph([x], op1(x))
        sequence.rewrite(fgraph)
        assert text(fgraph.outputs[0]) == "op3(x)"

    def test_failing_entry(self, caplog):
        @graph_rewriter
        def faulty(fgraph):
            raise RuntimeError("broken")

        (x,) = inputs("x")
        last = in2out(SubstitutionNodeRewriter(op1, op2))
        with pytest.raises(RuntimeError, match="broken"):
            SequentialGraphRewriter(faulty, last).rewrite(graph([x], op1(x)))
        fgraph = graph([x], op1(x))
        with config.change_flags(on_opt_error="warn"):
            SequentialGraphRewriter(faulty, last, failure_callback=SequentialGraphRewriter.warn).rewrite(fgraph)
        assert text(fgraph.outputs[0]) == "op2(x)"
        assert "broken" in caplog.text


class TestWalking:
    def test_new_nodes(self):
        (x,) = inputs("x")
        grow = PatternNodeRewriter((op1, "x"), (op3, (op2, "x")))
        other = SubstitutionNodeRewriter(op2, op4)
        assert rewritten([x], [op1(x)], grow, other) == ["op3(op4(x))"]
        assert rewritten([x], [op1(x)], grow, other, ignore_newtrees=True) == ["op3(op2(x))"]

    def test_wrong_order(self):
        with pytest.raises(ValueError, match="in_to_out"):
            WalkingGraphRewriter(RemovalNodeRewriter(op1), order="sideways")

    def test_op_key(self):
        (x,) = inputs("x")
        fgraph = graph([x], op1(op2(x)))
        OpKeyGraphRewriter(SubstitutionNodeRewriter(op2, op3)).rewrite(fgraph)
        assert text(fgraph.outputs[0]) == "op1(op3(x))"

        @node_rewriter(None)
        def all_nodes(fgraph, node):
            return False

        with pytest.raises(TypeError, match="every node"):
            OpKeyGraphRewriter(all_nodes)


class TestEquilibrium:
    def test_goes_on(self):
        x, y = inputs("x", "y")
        rules = [
            PatternNodeRewriter((op1, "x", "y"), (op2, "x", "y")),
            PatternNodeRewriter((op4, "x", "y"), (op1, "x", "y")),
            PatternNodeRewriter((op3, (op2, "x", "y")), (op4, "x", "y")),
        ]
        fgraph = graph([x, y], op3(op4(x, y)))
        EquilibriumGraphRewriter(rules, max_use_ratio=10).rewrite(fgraph)
        assert text(fgraph.outputs[0]) == "op2(x, y)"

    def test_change_far_below_the_root(self):
        # the root of the match isn't a user of what changes
        (x,) = inputs("x")
        rules = [
            PatternNodeRewriter((op1, (op2, (op3, "x"))), (op3, "x")),
            SubstitutionNodeRewriter(op4, op3),
        ]
        fgraph = graph([x], op1(op2(op4(x))))
        EquilibriumGraphRewriter(rules, max_use_ratio=10).rewrite(fgraph)
        assert text(fgraph.outputs[0]) == "op3(x)"

    def test_rules_that_undo_each_other(self, caplog):
        (x,) = inputs("x")
        rules = [SubstitutionNodeRewriter(op1, op2), SubstitutionNodeRewriter(op2, op1)]
        with config.change_flags(on_opt_error="warn"):
            EquilibriumGraphRewriter(rules, max_use_ratio=5).rewrite(graph([x], op1(x)))
        assert "went on changing the graph" in caplog.text
        with config.change_flags(on_opt_error="raise"), pytest.raises(AssertionError, match=r"op1 -> op2|op2 -> op1"):
            EquilibriumGraphRewriter(rules, max_use_ratio=5).rewrite(graph([x], op1(x)))

    def test_graph_rewriters_final_and_cleanup(self):
        (x,) = inputs("x")
        order = []

        def logged(name):
            @graph_rewriter
            def log(fgraph):
                order.append(name)

            return log

        fgraph = graph([x], op1(x))
        EquilibriumGraphRewriter(
            [logged("graph"), SubstitutionNodeRewriter(op1, op2)],
            max_use_ratio=10,
            final_rewriters=[logged("final")],
            cleanup_rewriters=[logged("cleanup")],
        ).rewrite(fgraph)
        assert text(fgraph.outputs[0]) == "op2(x)"
        assert order == ["graph", "cleanup", "cleanup", "final", "cleanup"] + ["graph", "cleanup", "final", "cleanup"]

    def test_what_a_graph_rewriter_changes_is_rewritten(self):
        @graph_rewriter
        def two_for_one(fgraph):
            for node in fgraph.toposort():
                if node.op == op1:
                    fgraph.replace(node.outputs[0], op2(*node.inputs))

        (x,) = inputs("x")
        for where in ("rewriters", "final_rewriters"):
            fgraph = graph([x], op4(op1(x)))
            substitution = SubstitutionNodeRewriter(op2, op3)
            groups = {"rewriters": [substitution]}
            groups[where] = [*groups.get(where, ()), two_for_one]
            EquilibriumGraphRewriter(max_use_ratio=10, **groups).rewrite(fgraph)
            assert text(fgraph.outputs[0]) == "op4(op3(x))"


def test_long_chains():
    (x,) = inputs("x")
    out = x
    for _ in range(20_000):
        out = op2(op1(out))
    fgraph = graph([x], out)
    EquilibriumGraphRewriter([RemovalNodeRewriter(op1), SubstitutionNodeRewriter(op2, op3)], max_use_ratio=2).rewrite(
        fgraph
    )
    assert {str(node.op) for node in fgraph.apply_nodes} == {"op3"}
    assert len(fgraph.apply_nodes) == 20_000


def test_replacement_inherits_origin():
    (x,) = inputs("x")
    out = op1(x)
    origin = out.origin
    fgraph = graph([x], out)
    in2out(PatternNodeRewriter((op1, "x"), (op2, (op3, "x")))).rewrite(fgraph)
    assert [node.outputs[0].origin for node in fgraph.toposort()] == [origin, origin]
    assert origin is not None
