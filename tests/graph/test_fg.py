import hypothesis.strategies as st
import pytest
from hypothesis import given
from support.graph_toys import ToyType, add, add_one, both, chain

from aesaralite.errors import InconsistencyError, MissingInputError
from aesaralite.graph.basic import Constant
from aesaralite.graph.features import (
    AlreadyThere,
    Bookkeeper,
    Feature,
    History,
    NodeFinder,
    PreserveVariableAttributes,
    PrintListener,
    ReplacementDidNotRemoveError,
    ReplaceValidate,
)
from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.null_type import grad_undefined


class Recorder(Bookkeeper):
    def __init__(self):
        self.events = []

    def on_import(self, fgraph, node, reason):
        self.events.append(("import", str(node)))

    def on_prune(self, fgraph, node, reason):
        self.events.append(("prune", str(node)))

    def on_change_input(self, fgraph, node, i, var, new_var, reason=None):
        self.events.append(("change", str(var), str(new_var)))


def test_clients_and_sets(xyz):
    x, y, z = xyz
    inner = add(x, y)
    out = add(inner, inner)
    fg = FunctionGraph([x, y], [out, inner], clone=False)
    assert fg.apply_nodes == {inner.owner, out.owner}
    assert fg.variables == {x, y, inner, out}
    assert list(fg.clients[inner]) == [(out.owner, 0), (out.owner, 1), ("output", 1)]
    assert fg.toposort() == [inner.owner, out.owner]
    assert inner in fg and out.owner in fg and z not in fg
    fg.check_integrity()


def test_copies_by_default(xyz):
    x, y, _ = xyz
    memo: dict = {}
    out = add(x, y)
    fg = FunctionGraph([x, y], [out], memo=memo)
    assert fg.inputs[0] is not x
    assert memo[out] is fg.outputs[0]


def test_what_it_refuses(xyz):
    x, y, _ = xyz
    inner = add(x, y)
    with pytest.raises(MissingInputError, match="y") as error:
        FunctionGraph([x], [inner], clone=False)
    assert "Input 1 (y)" in str(error.value)
    with pytest.raises(ValueError, match="must have no owner"):
        FunctionGraph([inner], [add_one(inner)], clone=False)
    with pytest.raises(ValueError, match="No outputs"):
        FunctionGraph([x])
    assert set(FunctionGraph(outputs=[inner], clone=False).inputs) == {x, y}


def test_replace_drops_what_nothing_needs(xyz):
    x, y, z = xyz
    inner = add(x, y)
    out = add(inner, z)
    fg = FunctionGraph([x, y, z], [out], clone=False)
    new = add_one(x)
    fg.replace(inner, new, reason="test")
    assert fg.outputs[0].owner.inputs == [new, z]
    assert inner not in fg.variables and not fg.clients[y]
    assert new.origin == inner.origin
    fg.check_integrity()
    with pytest.raises(TypeError):
        fg.replace(new, ToyType("u")("other"))
    with pytest.raises(MissingInputError):
        fg.replace(new, add(x, x.type("stranger")))
    fg.check_integrity()
    stranger = x.type("stranger")
    fg.replace(new, add(x, stranger), import_missing=True)
    assert stranger in fg.inputs


def test_replace_an_output_and_all_at_once(xyz):
    x, y, z = xyz
    inner = add(x, y)
    fg = FunctionGraph([x, y, z], [inner, add_one(inner)], clone=False)
    fg.replace_all([(inner, z), (x, y)])
    assert fg.outputs[0] is z
    assert fg.outputs[1].owner.inputs == [z]
    fg.check_integrity()


def test_inputs_and_outputs_come_and_go(xyz):
    x, y, z = xyz
    a, b = add(x, y), add_one(y)
    fg = FunctionGraph([x, y, z], [a, b], clone=False, update_mapping={1: 1})
    fg.remove_output(0)
    assert fg.outputs == [b] and fg.update_mapping == {0: 1}
    assert fg.apply_nodes == {b.owner}
    fg.remove_input(2)
    fg.remove_input(0)
    assert fg.inputs == [y] and fg.update_mapping == {0: 0} and fg.inv_update_mapping == {0: 0}
    fg.add_output(add(y, b))
    fg.check_integrity()


def test_an_input_leaves_with_what_is_computed_from_it(xyz):
    x, y, z = xyz
    a = add(x, y)
    b = add_one(a)
    kept = add_one(z)
    fg = FunctionGraph([x, y, z], [a, kept, b, y], clone=False, update_mapping={1: 2, 2: 0})
    fg.remove_input(1)
    fg.check_integrity()
    assert fg.inputs == [x, z] and fg.outputs == [kept]
    assert fg.apply_nodes == {kept.owner} and fg.variables == {z, kept}
    assert fg.update_mapping == {0: 1} and y not in fg.clients and not fg.clients[x]
    fg.remove_input(0)
    fg.add_input(x)  # as many inputs as before, but others
    fg.add_output(add_one(x))
    assert fg.inputs == [z, x]


def test_a_node_leaves_with_what_is_computed_from_it(xyz):
    x, y, _ = xyz
    inner = add_one(x)
    first, second = both(inner, y)
    out = add_one(second)
    fg = FunctionGraph([x, y], [out, inner, first], clone=False)
    recorder = Recorder()
    fg.attach_feature(recorder)
    fg.remove_node(out.owner)
    fg.check_integrity()
    assert fg.outputs == [inner, first] and fg.apply_nodes == {inner.owner, first.owner}
    fg.remove_node(out.owner)
    fg.remove_node(inner.owner)
    fg.check_integrity()
    assert fg.outputs == [] and not fg.apply_nodes and not fg.variables and fg.inputs == [x, y]
    pruned = [event for event in recorder.events if event[0] == "prune"]
    assert pruned == [("prune", str(node)) for node in (out.owner, first.owner, inner.owner)]


def test_inputs_that_nothing_uses(xyz):
    x, y, _ = xyz
    fg = FunctionGraph([x, y], [add_one(x)], clone=False)
    assert y in fg.inputs and y not in fg.variables and fg.clients[y] == []
    assert fg.update_mapping == {} and fg.clone().update_mapping == {}
    fg.add_output(add(x, y))
    assert y in fg.variables
    fg.check_integrity()
    assert FunctionGraph([x, y], [], clone=False).clients == {x: [], y: []}
    assert [] + fg.clients[y] == list(fg.clients[y]) == fg.clients[y] + []


def test_constants_come_and_go(toy, xyz):
    x, _, _ = xyz
    one = Constant(toy, 1)
    out = add(x, one)
    fg = FunctionGraph([x], [out], clone=False)
    assert one in fg.variables
    fg.replace(out, x)
    assert one not in fg.variables
    fg.check_integrity()


def test_integrity_is_checked(xyz):
    x, y, _ = xyz
    out = add(x, y)
    fg = FunctionGraph([x, y], [out], clone=False)
    out.owner.inputs[0] = y
    with pytest.raises(InconsistencyError):
        fg.check_integrity()


def test_features_are_told(xyz):
    x, y, z = xyz
    out = add(x, y)
    recorder = Recorder()
    fg = FunctionGraph([x, y, z], [out], features=[recorder], clone=False)
    new = add_one(z)
    fg.replace(out, new)
    assert recorder.events == [
        ("import", "Sum{extra=0}(x, y)"),
        ("import", "Sum{extra=1}(z)"),
        ("change", "Sum{extra=0}.0", "Sum{extra=1}.0"),
        ("prune", "Sum{extra=0}(x, y)"),
    ]
    fg.remove_feature(recorder)
    assert recorder.events[-1] == ("prune", "Sum{extra=1}(z)")


def test_history_goes_back(xyz):
    x, y, z = xyz
    out = add(add(x, y), z)
    fg = FunctionGraph([x, y, z], [out], features=[History()], clone=False)
    before = fg.toposort()
    mark = fg.checkpoint()
    fg.replace(out.owner.inputs[0], z)
    fg.replace(fg.outputs[0], add_one(z))
    fg.revert(mark)
    assert fg.toposort() == before and fg.outputs == [out]
    fg.check_integrity()
    fg.checkpoint()
    with pytest.raises(ValueError, match="latest"):
        fg.revert(mark)


def test_replacements_are_undone_where_a_feature_objects(xyz):
    class NoOnes(Feature):
        def validate(self, fgraph):
            if any(node.op == add_one for node in fgraph.apply_nodes):
                raise InconsistencyError("no ones here")

    x, y, _ = xyz
    out = add(x, y)
    fg = FunctionGraph([x, y], [out], features=[ReplaceValidate(), NoOnes()], clone=False)
    with pytest.raises(InconsistencyError, match="no ones"):
        fg.replace_all_validate([(out, add_one(x))])
    assert fg.outputs == [out]
    fg.check_integrity()
    fg.replace_validate(out, add(y, x))
    assert fg.outputs[0].owner.inputs == [y, x]
    with pytest.raises(ReplacementDidNotRemoveError):
        fg.replace_all_validate_remove([(y, x)], [x], reason="test", warn=False)
    assert fg.outputs[0].owner.inputs == [y, x]
    assert fg.consistent()


def test_a_feature_stays_away_where_it_is_not_wanted(xyz):
    class Never(Feature):
        def on_attach(self, fgraph):
            raise AlreadyThere()

    x, _, _ = xyz
    fg = FunctionGraph([x], [add_one(x)], features=[Never()], clone=False)
    assert fg._features == []


def test_small_features(xyz, capsys):
    x, y, _ = xyz
    out = add(x, y)
    out.name = "out"
    fg = FunctionGraph([x, y], [out], features=[NodeFinder(), PreserveVariableAttributes()], clone=False)
    assert fg.get_nodes(add) == [out.owner]
    fg.attach_feature(PrintListener())
    new = add_one(x)
    fg.replace(out, new)
    assert fg.get_nodes(add) == [] and fg.get_nodes(add_one) == [new.owner]
    assert new.name == "out"
    assert "-- importing" in capsys.readouterr().out


def test_copies_keep_features_and_what_became_of_things(xyz):
    x, y, _ = xyz
    out = add(x, y)
    fg = FunctionGraph([x, y], [out], features=[ReplaceValidate()], clone=False)
    copy, equiv = fg.clone_get_equiv()
    assert equiv[out] is copy.outputs[0] is not out
    copy.replace_validate(copy.outputs[0], copy.inputs[0])
    assert fg.outputs == [out]
    copy.check_integrity()


@given(st.data())
def test_any_replacements_leave_a_sound_graph(data):
    toy = ToyType("t")
    inputs = [toy(f"i{k}") for k in range(3)]
    pool = list(inputs)
    for _ in range(data.draw(st.integers(1, 8))):
        a, b = (data.draw(st.sampled_from(pool)) for _ in range(2))
        pool.extend(both(a, b) if data.draw(st.booleans()) else [add(a, b)])
    outputs = data.draw(st.lists(st.sampled_from(pool), min_size=1, max_size=3))
    fg = FunctionGraph(inputs, outputs, features=[History()])
    fg.check_integrity()
    mark, before = fg.checkpoint(), (list(fg.outputs), set(fg.apply_nodes))
    for _ in range(data.draw(st.integers(0, 4))):
        computed = sorted((v for v in fg.variables if v.owner is not None), key=lambda v: v._auto_number)
        if not computed:
            break
        var = data.draw(st.sampled_from(computed))
        new = data.draw(st.sampled_from(fg.inputs))
        fg.replace(var, add_one(new) if data.draw(st.booleans()) else new)
        fg.check_integrity()
    fg.revert(mark)
    fg.check_integrity()
    assert (list(fg.outputs), set(fg.apply_nodes)) == before


def test_long_chains_do_not_recurse(toy):
    x = toy("x")
    fg = FunctionGraph([x], [chain(x, 100_000)])
    assert len(fg.toposort()) == 100_000
    fg.replace(fg.outputs[0], fg.inputs[0])
    assert not fg.apply_nodes
    fg.check_integrity()


def test_a_replacement_may_be_computed_from_what_it_replaces(xyz):
    x, y, _ = xyz
    inner = add(x, y)
    fg = FunctionGraph([x, y], [add(inner, y)], clone=False)
    fg.replace(inner, add_one(inner))
    assert fg.outputs[0].owner.inputs[0].owner.inputs == [inner]
    fg.check_integrity()


def test_what_can_not_be_computed_is_refused(xyz):
    x, _, _ = xyz
    undefined = grad_undefined(add, 0, x, "It has none.")
    for output in (undefined, add(x, undefined)):
        with pytest.raises(TypeError, match="mathematically undefined"):
            FunctionGraph([x], [output], clone=False)
