from support.graph_toys import add, add_one, both, chain

from aesaralite.graph.basic import as_string, op_as_string
from aesaralite.graph.fg import FunctionGraph


def test_expressions(xyz):
    x, y, z = xyz
    inner = add(x, y)
    assert as_string([x, y, z], [add(inner, z)]) == ["Sum{extra=0}(Sum{extra=0}(x, y), z)"]
    assert as_string([inner, z], [add(inner, z), z]) == ["Sum{extra=0}(Sum{extra=0}.0, z)", "z"]
    assert op_as_string([x, y, z], add(inner, z).owner) == "Sum{extra=0}(Sum{extra=0}(x, y), z)"


def test_what_is_used_again_has_a_number(xyz):
    x, y, _ = xyz
    one = add_one(x)
    twice = add(one, one)
    assert as_string([x], [add(twice, y), twice, one]) == [
        "Sum{extra=0}(*2 -> Sum{extra=0}(*1 -> Sum{extra=1}(x), *1), y)",
        "*2",
        "*1",
    ]
    first, second = both(x, y)
    assert as_string([x, y], [add(first, second), first]) == [
        "Sum{extra=0}(*1 -> SumAndDifference(x, y), *1::1)",
        "*1::0",
    ]


def test_formatters(xyz):
    x, y, _ = xyz
    graph = add(add(x, y), x)
    text = as_string([x, y], [graph], lambda leaf: leaf.name.upper(), lambda node, args: f"({' + '.join(args)})")
    assert text == ["((X + Y) + X)"]
    assert as_string([x, y], [graph], node_formatter=lambda node, args: f"<{args[1]}>") == ["<x>"]


def test_graphs_are_shown_so(xyz):
    x, y, _ = xyz
    assert str(FunctionGraph([x, y], [add(x, y), y])) == "FunctionGraph(Sum{extra=0}(x, y), y)"
    assert repr(FunctionGraph([x], [])) == "FunctionGraph()"


def test_long_chains_do_not_recurse(xyz):
    x, _, _ = xyz
    (text,) = as_string([x], [chain(x, 100_000)])
    assert text.startswith("Sum{extra=0}(" * 100_000 + "x, x), x")
