import copy
import io
import pickle

import pytest
from support.graph_toys import add, add_one, both, chain

from aesaralite.graph.basic import Constant, NominalVariable, ancestors, equal_computations
from aesaralite.graph.features import ReplaceValidate
from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.frozen import freeze
from aesaralite.graph.shared import shared


def duplicates():
    return [
        pytest.param(lambda obj: pickle.loads(pickle.dumps(obj)), id="pickle"),
        pytest.param(lambda obj: pickle.loads(pickle._dumps(obj)), id="pickle in Python"),
        pytest.param(copy.deepcopy, id="deepcopy"),
    ]


@pytest.mark.parametrize("duplicate", duplicates())
def test_identity_holds_across_one_pickle(xyz, duplicate):
    x, y, _ = xyz
    inner = add(x, y)
    plus, minus = both(inner, x)
    out = add_one(plus)
    x2, inner2, minus2, out2, owner2 = duplicate([x, inner, minus, out, plus.owner])
    assert x2 is not x and x2.name == "x"
    assert owner2.outputs[1] is minus2 and owner2 is out2.owner.inputs[0].owner
    assert owner2.inputs == [inner2, x2]
    assert inner2.owner.outputs == [inner2]
    assert out2.origin == out.origin
    assert equal_computations([out], [out2], [x, y], [x2, inner2.owner.inputs[1]])


@pytest.mark.parametrize("duplicate", duplicates())
def test_tags_names_constants_and_nominal_variables_travel(toy, duplicate):
    x = toy("x")
    x.tag.note = "hello"
    out = add(x, Constant(toy, 2, name="two"), NominalVariable(0, toy))
    out.name = "out"
    copied = duplicate(out)
    x2, two, nominal = copied.owner.inputs
    assert (copied.name, x2.tag.note, two.data, two.name) == ("out", "hello", 2, "two")
    assert nominal is NominalVariable(0, toy)


@pytest.mark.parametrize("duplicate", duplicates())
def test_graphs_travel(xyz, duplicate):
    x, y, _ = xyz
    fg = FunctionGraph([x, y], [add(add(x, y), y)], features=[ReplaceValidate()])
    copied = duplicate(fg)
    copied.check_integrity()
    assert equal_computations(fg.outputs, copied.outputs, fg.inputs, copied.inputs)
    copied.replace_validate(copied.outputs[0], copied.inputs[0])
    frozen = freeze(fg)
    assert duplicate(frozen).digest == frozen.digest


def test_a_tag_may_point_back_into_the_graph(xyz):
    x, y, _ = xyz
    out = add(x, y)
    x.tag.used_by = out
    x2 = pickle.loads(pickle.dumps(x))
    assert x2.tag.used_by.owner.inputs[0] is x2


def test_a_pickle_that_fails_leaves_nothing_behind(xyz):
    x, y, _ = xyz
    inner = add(x, y)
    y.tag.bad = lambda: None
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(add(inner, y))
    del y.tag.bad
    buffer = io.BytesIO()
    pickle.Pickler(buffer).dump(inner)
    assert str(pickle.loads(buffer.getvalue()).owner) == str(inner.owner)


def test_long_chains_do_not_recurse(toy):
    x = toy("x")
    out, x2 = pickle.loads(pickle.dumps([chain(x, 100_000), x]))
    assert sum(1 for _ in ancestors([out])) == 100_001
    assert out.owner.inputs[1] is x2
    assert copy.deepcopy(chain(x, 20_000)).owner.inputs[1] is not x


@pytest.mark.parametrize("duplicate", duplicates())
def test_a_default_update_that_depends_on_its_variable_travels(duplicate):
    state = shared(3)
    plus, minus = both(state, state)
    state.default_update = minus
    for whole in ([minus, plus, state], [state, plus, minus], [plus.owner.outputs[1], plus, state]):
        copied = duplicate(whole)
        state2 = next(v for v in copied if v.owner is None)
        plus2 = copied[1]
        assert state2 is not state
        assert state2.default_update is plus2.owner.outputs[1]
        assert plus2.owner.inputs == [state2, state2] and len(plus2.owner.outputs) == 2
    state2 = duplicate(state)
    assert state2.default_update.owner.inputs[0] is state2


def test_a_default_update_at_the_end_of_a_long_chain_is_pickled():
    state = shared(3)
    state.default_update = chain(state, 20_000)
    for copied in (
        pickle.loads(pickle.dumps((state, state.default_update))),
        copy.deepcopy((state, state.default_update)),
    ):
        assert copied[0].default_update is copied[1]
    end = pickle.loads(pickle.dumps(state.default_update))
    (state2,) = (v for v in ancestors([end]) if v.owner is None)
    assert state2.default_update is end
