import gc
import subprocess
import sys
from types import ModuleType

import numpy as np
import pytest
from support.graph_toys import Sum, ToyType, add, add_one

from aesaralite.graph import frozen
from aesaralite.graph.basic import Apply, Constant
from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.frozen import content_digest, freeze
from aesaralite.graph.op import Op
from aesaralite.graph.type import Type


def frozen_of(inputs, outputs):
    return freeze(FunctionGraph(inputs, outputs))


def test_nodes_and_values_are_numbered(xyz):
    x, y, _ = xyz
    inner = add(x, y)
    graph = frozen_of([x, y], [add_one(inner), inner])
    assert graph.inputs == (0, 1)
    assert [(node.inputs, node.outputs) for node in graph.nodes] == [((0, 1), (2,)), ((2,), (3,))]
    assert graph.outputs == (3, 2)
    assert [variable.name for variable in graph.input_variables] == ["x", "y"]
    assert graph.nodes[0].origin == inner.origin
    assert graph.types[0] == x.type


def test_it_can_not_be_changed(xyz):
    x, y, _ = xyz
    out = add(x, y)
    fg = FunctionGraph([x, y], [out], clone=False)
    graph = freeze(fg)
    with pytest.raises(AttributeError):
        graph.outputs = ()
    with pytest.raises(TypeError):
        graph.constants[0] = None
    fg.replace(out, x)
    assert len(graph.nodes) == 1 and graph.nodes[0].apply is not out.owner


def test_the_digest_tells_content_apart(toy, xyz):
    x, y, z = xyz
    base = frozen_of([x, y], [add(x, y)])
    assert base == frozen_of([y, z], [add(y, z)])
    different = [
        frozen_of([y, x], [add(x, y)]),
        frozen_of([x, y], [add_one(x, y)]),
        frozen_of([x, y], [add(x, y), x]),
        frozen_of([x, y, z], [add(x, y)]),
        frozen_of([x], [add(x, Constant(toy, 1))]),
        frozen_of([x], [add(x, Constant(toy, 2))]),
        frozen_of([x], [add(x, Constant(toy, 2.0))]),
    ]
    assert len({graph.digest for graph in [base, *different]}) == len(different) + 1
    u = ToyType("u")
    assert frozen_of([x], [add(x)]) != frozen_of([p := u("p")], [add(p)])


def test_names_and_origins_do_not_count(toy):
    a, b = toy("a"), toy("b")
    one, two = add(a), add(b)
    assert frozen_of([a], [one]) == frozen_of([b], [two])


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (1, 1.0),
        (0.0, -0.0),
        (1, True),
        ((1, 2), (12,)),
        (np.float32(1), np.float64(1)),
        (np.zeros(2), np.zeros((2, 1))),
        (np.zeros(2), np.zeros(1)),
        ("a", b"a"),
        (slice(1, None), slice(None, 1)),
        (np.array([0.0]), np.array([-0.0])),
        ({"a": 1}, {"a": 2}),
        (np.add, np.multiply),
    ],
)
def test_values_that_differ_have_other_digests(first, second):
    assert content_digest(first)[0] != content_digest(second)[0]
    assert content_digest(first) == content_digest(first)


def test_what_can_not_be_told_apart_by_content_is_told_apart_by_identity(toy):
    class Secret(Op):
        def __init__(self, factor):
            self.factor = factor

        def make_node(self, x):
            return Apply(self, [x], [x.type()])

    x = toy("x")
    two, three = Secret(2), Secret(3)
    first, second, again = (frozen_of([x], [op(x)]) for op in (two, three, two))
    assert first != second and first == again
    assert not first.portable
    assert first.unportable.endswith("Secret")
    assert frozen_of([x], [add(x)]).portable


def test_the_digest_is_the_same_in_every_process(toy):
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from support.graph_toys import Sum, ToyType\n"
        "from aesaralite.graph.fg import FunctionGraph\n"
        "from aesaralite.graph.frozen import freeze\n"
        "x = ToyType('t')('x')\n"
        "print(freeze(FunctionGraph([x], [Sum(3)(x, Sum(1)(x))])).digest)"
    )
    here = __file__.rpartition("/graph/")[0]
    runs = [
        subprocess.run(
            [sys.executable, "-c", code, here],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(filter(None, sys.path))},
        ).stdout.strip()
        for seed in ("1", "2")
    ]
    x = toy("x")
    assert runs[0] == runs[1] == frozen_of([x], [Sum(3)(x, Sum(1)(x))]).digest


def test_types_need_no_hash():
    class Bare(Type):
        filter = ToyType.filter

        def __init__(self, letter):
            self.letter = letter

        def __eq__(self, other):
            return isinstance(other, Bare) and self.letter == other.letter

    x = Bare("a")()
    frozen = freeze(FunctionGraph([x], [add_one(x)], clone=False))
    assert frozen.digest == freeze(FunctionGraph([x], [add_one(x)], clone=False)).digest
    y = Bare("b")()
    assert frozen.digest != freeze(FunctionGraph([y], [add_one(y)], clone=False)).digest


def test_what_cannot_be_told_is_not_kept():
    """Objects without a content of their own get a number; it goes with them."""

    def thing():
        class Local:
            pass

        return Local()

    gc.collect()
    before = len(frozen._tokens)
    first, second = thing(), thing()
    digests = [content_digest(obj) for obj in (first, second, first)]
    assert digests[0] == digests[2] != digests[1]
    assert not digests[0][1]
    assert len(frozen._tokens) > before
    del first, second
    gc.collect()
    assert len(frozen._tokens) == before
    assert content_digest(thing()) not in digests


def test_functions_of_one_name_are_told_apart():
    """As a session defines them one after the other."""
    names = {"__name__": "__main__"}
    digests = []
    for source in ("def f(x): return x * 2", "def f(x): return x * 3", "def f(x): return x * 2"):
        exec(source, names)
        digests.append(content_digest(names["f"]))
    assert digests[0] == digests[2] != digests[1]
    assert digests[0][1]


def test_what_a_user_changes_in_an_op_changes_its_digest(monkeypatch):
    module = ModuleType("ops_of_a_user")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    source = (
        "from support.graph_toys import Sum\n"
        "def helper(x): return x + 1\n"
        "class Op(Sum):\n"
        "    def perform(self, node, inputs, output_storage): output_storage[0][0] = 1\n"
    )
    digests = []
    for old, new in (("", ""), ("= 1", "= 2"), ("x + 1", "x + 2"), ("", "")):
        exec(source.replace(old, new), vars(module))
        digests.append(content_digest(module.Op(2)))
    assert all(portable for _, portable in digests)
    assert digests[0] == digests[3]
    assert len(set(digests)) == 3


def test_dates_have_a_digest():
    one, other = np.zeros(2, "datetime64[s]"), np.ones(2, "datetime64[s]")
    assert content_digest(one) == content_digest(one.copy()) != content_digest(other)
