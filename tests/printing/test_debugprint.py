"""The text of `debugprint`: Aesara's layout, without the marks of in-place Ops."""

import io
import re
import sys
import textwrap

import numpy as np
import pytest

import aesaralite
import aesaralite.tensor as at
from aesaralite import function
from aesaralite.graph.basic import Apply
from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.op import Op
from aesaralite.printing import char_from_number, debugprint, dprint, get_node_by_id, op_debug_information


def text(*args, **kwargs):
    return debugprint(*args, file="str", **kwargs)


def lines(block):
    """Strip the indentation that the source gives a block of expected text."""
    return textwrap.dedent(block).strip() + "\n"


@pytest.fixture
def graph():
    x, y = at.dmatrix("x"), at.dvector("y")
    return x, y, at.exp(at.add(x, at.tanh(y))).sum() + at.exp(y).sum()


def test_tree(graph):
    assert text(graph[2]) == lines("""
        Elemwise{add} [id A]
         |Sum{acc_dtype=float64} [id B]
         | |Elemwise{exp} [id C]
         |   |Elemwise{add} [id D]
         |     |x [id E]
         |     |DimShuffle{x,0} [id F]
         |       |Elemwise{tanh} [id G]
         |         |y [id H]
         |Sum{acc_dtype=float64} [id I]
           |Elemwise{exp} [id J]
             |y [id H]
    """)


def test_a_node_is_spelled_out_once():
    x = at.dscalar("x")
    y = at.exp(x)
    assert text(y + y) == lines("""
        Elemwise{add} [id A]
         |Elemwise{exp} [id B]
         | |x [id C]
         |Elemwise{exp} [id B]
    """)


def test_several_variables(graph):
    y = graph[1]
    assert text([at.exp(y), y]) == lines("""
        Elemwise{exp} [id A]
         |y [id B]
        y [id B]
    """)


@pytest.mark.parametrize(("depth", "count"), [(0, 0), (1, 1), (2, 3), (-1, 11)])
def test_depth(graph, depth, count):
    assert text(graph[2], depth=depth).count("\n") == count


def test_types(graph):
    x = graph[0]
    assert text(at.exp(x), print_type=True) == lines("""
        Elemwise{exp} [id A] <TensorType(float64, (?, ?))>
         |x [id B] <TensorType(float64, (?, ?))>
    """)


def test_names():
    x = at.dscalar("x")
    y = at.exp(x)
    y.name = "y"
    z = at.tanh(y)
    assert text(z) == lines("""
        Elemwise{tanh} [id A]
         |Elemwise{exp} [id B] 'y'
           |x [id C]
    """)
    assert text(z, stop_on_name=True) == lines("""
        Elemwise{tanh} [id A]
         |Elemwise{exp} [id B] 'y'
    """)
    assert text(y, print_type=True).startswith("Elemwise{exp} [id A] <TensorType(float64, ())> 'y'\n")


def test_unnamed_input_and_constants():
    x = at.dvector()
    assert text(x) == "<TensorType(float64, (?,))> [id A]\n"
    assert text(at.constant(np.arange(3.0))) == "TensorConstant{[0. 1. 2.]} [id A]\n"
    assert text(at.constant(3.0, name="c")) == "c{3.0} [id A]\n"


@pytest.mark.parametrize(
    ("id_type", "expected"),
    [("CHAR", r"\[id A\]"), ("int", r"\[id 0\]"), ("auto", r"\[id auto_\d+\]"), ("id", r"\[id \d+\]")],
)
def test_id_types(id_type, expected):
    assert re.fullmatch(f"x {expected}\n", text(at.dscalar("x"), id_type=id_type))


def test_no_ids():
    x = at.dscalar("x")
    assert text(at.exp(x), id_type="") == "Elemwise{exp}\n |x\n"


def test_wrong_arguments():
    with pytest.raises(ValueError, match="id_type"):
        text(at.dscalar("x"), id_type="roman")
    with pytest.raises(TypeError, match="cannot print an object of type"):
        text(3)
    with pytest.raises(TypeError, match="depth"):
        text(at.dscalar(), depth="deep")


def test_old_keyword():
    with pytest.warns(DeprecationWarning, match="id_type"):
        assert text(at.dscalar("x"), ids="int") == "x [id 0]\n"


def test_ids_may_be_gone_on_with():
    x = at.dscalar("x")
    used = {}
    text(at.exp(x), used_ids=used)
    assert text(at.tanh(x), used_ids=used) == "Elemwise{tanh} [id C]\n |x [id B]\n"


def test_done():
    x = at.dscalar("x")
    y, done = at.exp(x), {}
    text(y, done=done)
    assert text(at.tanh(y), done=done) == "Elemwise{tanh} [id A]\n |Elemwise{exp} [id B]\n"


def test_outputs_of_one_node():
    x = at.dvector("x")
    a, b = at.split(x, [1, 2], 2, 0)
    assert text([a, b]).splitlines()[0] == "Split{2}.0 [id A]"
    assert text([a, b]).splitlines()[-1] == "Split{2}.1 [id A]"
    assert text(a.owner) == text([a, b])


def test_where_it_goes(capsys, graph):
    x = graph[0]
    assert debugprint(x) is sys.stdout
    assert capsys.readouterr().out == "x [id A]\n"
    target = io.StringIO()
    assert dprint(x, file=target) is target
    assert target.getvalue() == "x [id A]\n"


def test_function_graph_numbers_its_nodes():
    x = at.dscalar("x")
    fgraph = FunctionGraph([x], [at.tanh(at.exp(x))], clone=False)
    assert text(fgraph) == lines("""
        Elemwise{tanh} [id A] 1
         |Elemwise{exp} [id B] 0
           |x [id C]
    """)
    assert text(fgraph, print_fgraph_inputs=True).startswith("-x [id A]\nElemwise{tanh} [id B] 1\n")


def test_compiled_function():
    x = at.dvector("x")
    s = aesaralite.shared(np.ones(2), name="s")
    f = function([x], at.exp(x), updates=[(s, s * 2.0)], mode=aesaralite.Mode(linker="py", optimizer=None))
    printed = text(f)
    assert "Elemwise{exp} [id A]" in printed
    assert "s [id" in printed
    assert "array([1., 1.])" in text(f, print_storage=True)


def test_view_map():
    x = at.dvector("x")
    assert "v={0: [0]}" in text(x[1:], print_view_map=True)
    assert text(x[1:], print_destroy_map=True) == text(x[1:])


class Nested(Op):
    """An Op with an inner graph."""

    __props__ = ()

    def __init__(self):
        a = at.dscalar("a")
        self.fgraph = FunctionGraph([a], [at.exp(a)], clone=False)

    def make_node(self, x):
        return Apply(self, [x], [x.type()])


def test_inner_graph():
    x = at.dscalar("x")
    nested = Nested()(x)
    assert text(at.tanh(nested)) == lines("""
        Elemwise{tanh} [id A]
         |Nested [id B]
           |x [id C]

        Inner graphs:

        Nested [id B]
         >Elemwise{exp} [id D]
         > |a [id E]
    """)
    assert "\nNested [id B]\n-a [id D]\n >Elemwise{exp} [id E]\n" in text(at.tanh(nested), print_fgraph_inputs=True)


def test_information_of_an_op():
    class Talkative(Nested):
        pass

    @op_debug_information.register(Talkative)
    def _(op, node):
        return {node.inputs[0]: "the input", node.outputs[0]: "the output"}

    x = at.dscalar("x")
    printed = text(Talkative()(x), print_op_info=True)
    assert "x [id B] (the input)" in printed
    assert "Talkative [id A]\n |x" in text(Talkative()(x))


def test_letters():
    assert [char_from_number(n) for n in (0, 25, 26, 27, 51, 52, 701, 702)] == [
        "A", "Z", "BA", "BB", "BZ", "CA", "BAZ", "BBA",
    ]  # fmt: skip


def test_node_by_id():
    x = at.dscalar("x")
    y = at.exp(x)
    assert get_node_by_id(y, "A") is y.owner
    assert get_node_by_id(y, "B") is x
    assert get_node_by_id([y], "C") is None
    assert get_node_by_id(y, "1", "int") is x


class TestDeepGraphs:
    def test_each_node_has_a_line(self):
        z = at.dscalar("x")
        for _ in range(100_000):
            z = at.exp(z)
        printed = text(z)
        assert printed.count("Elemwise{exp}") >= 100_000
        assert len(printed) < 100_000 * 1000

    def test_parts(self):
        z = x = at.dscalar("x")
        for _ in range(250):
            z = at.exp(z)
        rows = text(z).splitlines()
        cut = next(row for row in rows if "continued in part 1" in row)
        title = rows.index("Part 1: " + cut.strip(" |").removesuffix(" (continued in part 1)"))
        assert rows[title + 1].startswith(" |Elemwise{exp}")
        assert rows[-1].endswith("|x [id " + char_from_number(250) + "]")
        assert get_node_by_id(z, char_from_number(250)) is x


def test_without_parts_there_is_no_limit_below_200_levels():
    z = at.dscalar("x")
    for _ in range(199):
        z = at.exp(z)
    assert "part" not in text(z)
