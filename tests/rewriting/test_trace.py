import pytest

from aesaralite.configdefaults import config
from aesaralite.rewriting.equilibrium import EquilibriumGraphRewriter
from aesaralite.rewriting.pattern import SubstitutionNodeRewriter
from aesaralite.rewriting.provenance import check_stack_trace, copy_stack_trace
from aesaralite.rewriting.trace import record_rewrites
from tests.rewriting.toy import graph, inputs, op1, op2, op3


def rewriter():
    made = EquilibriumGraphRewriter(
        [SubstitutionNodeRewriter(op1, op2), SubstitutionNodeRewriter(op2, op3)], max_use_ratio=10
    )
    made.name = "some phase"
    return made


def test_steps_and_times():
    (x,) = inputs("x")
    out = op1(x)
    fgraph = graph([x], out)
    with record_rewrites() as trace:
        rewriter().rewrite(fgraph)
    assert [(step.phase, step.rule, step.before, step.after) for step in trace.steps] == [
        ("some phase", "op1 -> op2", "op1(x)", "op2(x)"),
        ("some phase", "op2 -> op3", "op2(x)", "op3(x)"),
    ]
    assert trace.steps[0].origin is not None and trace.steps[0].origin == out.origin
    assert trace.rules["op1 -> op2"].applied == 1
    assert trace.rules["op1 -> op2"].tried >= 1
    assert trace.seconds > 0
    report = trace.report(steps=None)
    assert "some phase" in report and "op1(x) -> op2(x)" in report


def test_nothing_is_recorded_outside():
    (x,) = inputs("x")
    with record_rewrites() as trace:
        pass
    rewriter().rewrite(graph([x], op1(x)))
    assert trace.steps == []


def test_verbose(capsys):
    (x,) = inputs("x")
    with config.change_flags(optimizer_verbose=True):
        rewriter().rewrite(graph([x], op1(x)))
    assert capsys.readouterr().out.count("rewriting:") == 2


def test_stack_traces():
    (x,) = inputs("x")
    fgraph = graph([x], op1(op2(x)))
    (out,) = fgraph.outputs
    assert check_stack_trace(fgraph, ops_to_check="all")
    out.origin = None
    assert not check_stack_trace(fgraph, bug_print="ignore")
    assert check_stack_trace(fgraph, ops_to_check=op2)
    with pytest.raises(Exception, match="doesn't know where"):
        check_stack_trace(fgraph)
    assert copy_stack_trace(out.owner.inputs[0], out) is out
    assert check_stack_trace(fgraph, ops_to_check="all")
