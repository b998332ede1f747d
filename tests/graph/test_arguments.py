"""What functions on graphs say of arguments that aren't what they work on."""

import numpy as np
import pytest
from support.graph_toys import add

import aesaralite.tensor as at
from aesaralite import FunctionMaker, In, OrderedUpdates, Rop, function, grad, pp, shared
from aesaralite.autodiff.barriers import GradClip
from aesaralite.autodiff.reverse import zeros_like_float
from aesaralite.compile.ops import view_op
from aesaralite.compile.runtime_errors import describe_node, expression_lines
from aesaralite.compile.sharedvalue import generic_constructor
from aesaralite.configuration import parse_flags
from aesaralite.debug import DebugReport, load, replay
from aesaralite.gradient import jacobian
from aesaralite.graph.basic import (
    Apply,
    NominalVariable,
    Variable,
    ancestors,
    apply_depends_on,
    as_string,
    clone,
    clone_get_equiv,
    clone_node_and_cache,
    clone_replace,
    equal_computations,
    explicit_graph_inputs,
    get_var_by_name,
    graph_inputs,
    io_connection_pattern,
    io_toposort,
    list_of_nodes,
    op_as_string,
    truncated_graph_inputs,
    variable_depends_on,
    vars_between,
    view_roots,
)
from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.frozen import FrozenGraph, freeze
from aesaralite.graph.rewriting.basic import (
    OpKeyGraphRewriter,
    PatternNodeRewriter,
    check_stack_trace,
    copy_stack_trace,
    out2in,
)
from aesaralite.graph.rewriting.utils import rewrite_graph
from aesaralite.graph.utils import Props
from aesaralite.printing import PatternPrinter, Print, char_from_number, debugprint, hex_digest
from aesaralite.rewriting.pattern import pattern_text
from aesaralite.rewriting.query import RewriteDatabaseQuery
from aesaralite.scalar import Composite
from aesaralite.scalar.dtypes import strong_dtype, weak_dtype
from aesaralite.scalar.output_types import upcast_out
from aesaralite.scalar.type import upcast_type
from aesaralite.tensor import NoneConst
from aesaralite.tensor.random.rewriting import is_rv_used_in_graph
from aesaralite.tensor.random.utils import RandomStream
from aesaralite.tensor.rewriting.math import AlgebraicCanonizer


class Unhashable(Props):
    __props__ = ("part",)
    part = slice(None)


x = at.dvector("x")
y = at.exp(x)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: list(ancestors(3)), "graphs must be a variable or a list of variables, got 3 of type int"),
        (lambda: list(ancestors("x")), "graphs must be a variable or a list of variables, got 'x'"),
        (lambda: list(graph_inputs([x, 2.0])), r"graphs must be variables, got at index 1 2\.0 of type float"),
        (lambda: list(explicit_graph_inputs(None)), "graph must be"),
        (lambda: list(vars_between([], [None])), "outs must be"),
        (lambda: io_toposort([x], [y, np.ones(2)]), "outputs must be variables, got at index 1 array"),
        (lambda: io_toposort(1, [y]), "inputs must be"),
        (lambda: list_of_nodes([1], [y]), "inputs must be"),
        (lambda: truncated_graph_inputs([1], [x]), "outputs must be"),
        (lambda: apply_depends_on(y, y.owner), "apply must be an Apply"),
        (lambda: apply_depends_on(y.owner, 3), "depends_on must be"),
        (lambda: apply_depends_on(y.owner, [y]), "what a node may depend on must be an Apply"),
        (lambda: variable_depends_on(y, 3), "depends_on must be"),
        (lambda: view_roots(y.owner), "node must be a Variable"),
        (lambda: clone([x], [3]), "outputs must be"),
        (lambda: clone_node_and_cache(y, {}), "node must be an Apply"),
        (lambda: clone_replace(3), "output must be"),
        (lambda: clone_replace(y, [x]), "replace must be a mapping or a list of pairs"),
        (lambda: equal_computations(3, [y]), "xs must be a list"),
        (lambda: equal_computations([y], [y], in_xs=[1], in_ys=[x]), "in_xs must be"),
        (lambda: as_string([x], 3), "outputs must be"),
        (lambda: op_as_string([x], y), "op must be an Apply"),
        (lambda: y.owner.clone_with_new_inputs([1]), "must be variables"),
        (lambda: Variable(3, None), "must be a Type"),
        (lambda: NominalVariable([], x.type), "nominal variable"),
        (lambda: list(ancestors(np.array(2))), "graphs must be a variable or a list of variables, got array"),
        (lambda: FunctionGraph([x], [y]).add_output(3), "var must be a Variable"),
        (lambda: FunctionGraph([x], [y]).import_var(3), "var must be a Variable"),
        (lambda: FunctionGraph([x], [y]).import_var(y, None, np.ones(2)), "import_missing must be True or False"),
        (lambda: FunctionGraph([x], [y]).change_node_input(x, 0, x, check=False), "node must be an Apply"),
        (lambda: freeze(x), "fgraph must be a FunctionGraph"),
        (lambda: OrderedUpdates(np.ones(2)), "updates must be a mapping or a list of pairs"),
        (lambda: hash(Unhashable()), "The properties of Unhashable must be hashable"),
        (lambda: shared(np), "There is no copy of <module 'numpy'"),
        (lambda: function([x], y, profile=np.ones(2)), "profile must be True or False"),
        (lambda: FunctionGraph([x], [y]).clone(np.ones(2)), "check_integrity must be True or False"),
        (lambda: view_op([x]), "x must be a Variable"),
        (lambda: describe_node(x), "node must be an Apply"),
        (lambda: expression_lines(x), "apply must be an Apply"),
        (lambda: FunctionMaker([x], None), "an input of FunctionMaker must be an In"),
        (lambda: RewriteDatabaseQuery([np.ones(2)]), "A tag of rewrites must be a text"),
        (lambda: char_from_number("a"), "number must be an integer"),
        (lambda: pp(3), "what is printed must be a Variable"),
        (lambda: pp([x], [3]), "outputs must be variables"),
        (lambda: hex_digest("x"), "x must be a ndarray"),
        (lambda: grad(y.sum(), np.array(2)), "wrt must be a variable"),
        (lambda: grad(y.sum(), x, known_grads=3), "known_grads must be a mapping"),
        (lambda: Rop(3, x, x), "f must be a variable"),
        (lambda: jacobian(shared(object()), x), "the type of `expression`"),
        (lambda: GradClip("low", 1), "clip_lower_bound must be a number"),
        (lambda: zeros_like_float(3), "variable must be a Variable"),
        (lambda: y.eval(3), "inputs_to_values must be a mapping"),
        (lambda: parse_flags(3, "here"), "Flags are given as a text"),
        (lambda: upcast_out(), "There is no type without inputs"),
        (lambda: upcast_out(3), "must be a ScalarType, got 3"),
        (lambda: upcast_type(3), "a type to upcast must be a ScalarType"),
        (lambda: weak_dtype(1, x), "reference must be a str"),
        (lambda: strong_dtype(x), "A Python number is needed"),
        (lambda: Composite(["x"], []), "inputs must be variables"),
        (lambda: RandomStream("seed"), "The seed of a RandomStream must be"),
        (lambda: function([x], y)[[x]], "Unknown input or state"),
        (lambda: FunctionGraph([x], [y]).import_node(y), "apply_node must be an Apply"),
        (lambda: FunctionGraph([x], [y]).replace(3, x), "var must be a Variable"),
        (lambda: FunctionGraph([x], [y]).replace_all(3), "pairs must be"),
        (lambda: FunctionGraph([x], [y]).change_node_input(3, 0, x), "node must be an Apply"),
        (lambda: FunctionGraph([x], [y]).replace(x, "y", verbose=True), "y"),
        (lambda: Rop(y, NoneConst, x), "Element 0 of `wrt` must be a tensor"),
        (lambda: Rop(y, x, NoneConst), "Element 0 of `eval_points` must be a tensor"),
        (lambda: out2in(x), "the rewriter must be a NodeRewriter"),
        (lambda: OpKeyGraphRewriter(x), "node_rewriter must be a NodeRewriter"),
        (lambda: copy_stack_trace(np.array([1, 2]), x), "from_var must be variables"),
        (lambda: copy_stack_trace(x, np.eye(2)), "to_var must be variables"),
        (lambda: check_stack_trace(x), "f_or_fgraph must be a FunctionGraph"),
        (lambda: rewrite_graph(y, custom_rewrite=np.eye(3)), "custom_rewrite must be a GraphRewriter"),
        (lambda: rewrite_graph(3), "graph must be a variable or a list"),
        (lambda: is_rv_used_in_graph(x, y.owner, x), "fgraph must be a FunctionGraph"),
        (lambda: AlgebraicCanonizer(x, x, None, max, True, "name"), "main must be an Op"),
        (lambda: PatternNodeRewriter({"a": x}, x), "The pattern to search for"),
        (lambda: clone_get_equiv([x], [y], memo=x), "memo must be a dict"),
        (lambda: io_connection_pattern([[1], [2, 3]], {}), "inputs must be variables"),
        (lambda: get_var_by_name([y], np.ones(3)), "target_var_id must be a str"),
        (lambda: generic_constructor(1, strict=np.eye(3)), "strict must be True or False"),
        (lambda: load(int), "path must be that of a file"),
        (lambda: replay(x), "saved must be a SavedCase"),
        (lambda: DebugReport(x, x, x, None), "case must be a Case"),
        (lambda: function([x], y).explain([1], numbers=np.ones(2)), "numbers must be True or False"),
        (lambda: function([x], y).explain(file=NotImplemented), "file must be a path or an open file"),
        (lambda: function([x], y, no_default_updates=[[1], [2]]), "no_default_updates must be variables"),
        (lambda: clone([x], [y], copy_orphans=np.eye(2)), "copy_orphans must be True or False"),
        (lambda: FrozenGraph([[1]], [1.5]), "inputs must be variables"),
        (lambda: debugprint(x, file=object()), "file must be 'str' or an open file"),
        (lambda: In(x, autoname=np.ones(2)), "autoname must be True or False"),
        (lambda: FunctionGraph([x], [y], clone=np.ones(2)), "clone must be True or False"),
        (lambda: Print(attrs="shape"), "attrs must be a list"),
        (lambda: PatternPrinter(x), "A pattern must be a text, or a tuple"),
        (lambda: debugprint(y, used_ids=max), "used_ids must be a dict"),
        (lambda: debugprint(y, print_view_map=np.ones(2)), "print_view_map must be True or False"),
        (lambda: FunctionGraph([x], [y]).remove_output("a"), "the position among the outputs must be an integer"),
    ],
)
def test_the_argument_is_named(call, message):
    with pytest.raises(TypeError, match=message):
        call()


def test_a_format_that_is_an_array():
    with pytest.raises(ValueError, match="There is no format array"):
        function([x], y).explain(format=np.ones(2))


def test_a_pattern_without_a_pattern():
    with pytest.raises(ValueError, match="needs an entry 'pattern'"):
        pattern_text({"a": x})


def test_a_variable_of_another_graph():
    with pytest.raises(ValueError, match="is not in the graph"):
        FunctionGraph([x], [y]).get_clients(at.dvector())


def test_positions_in_a_graph():
    fgraph = FunctionGraph([x], [y], clone=False)
    with pytest.raises(IndexError, match="has 1 outputs; there is none at position 1"):
        fgraph.remove_output(1)
    with pytest.raises(IndexError, match="has 1 inputs; there is none at position -2"):
        fgraph.remove_input(-2)
    fgraph.remove_output(-1)
    assert fgraph.outputs == []


def test_one_variable_counts_as_several(xyz):
    a, b, _ = xyz
    both = add(a, b)
    assert io_toposort([a, b], both) == [both.owner]
    assert list(ancestors(both)) == [both, a, b]
    assert isinstance(both.owner, Apply)


def test_a_value_whose_repr_fails():
    class Odd:
        def __repr__(self):
            raise RuntimeError

    with pytest.raises(TypeError, match=r"graphs must be a variable .* of type Odd"):
        list(ancestors(Odd()))


def test_long_values_are_cut():
    with pytest.raises(TypeError) as caught:
        list(ancestors("a" * 10_000))
    assert len(str(caught.value)) < 400
