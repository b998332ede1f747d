"""`check_linker` passes linkers that keep their promises, and tells what is wrong with others."""

import re

import numpy as np
import pytest
from plugin.toy_linker import ToyLinker, ToyProgram

import aesaralite.tensor as at
from aesaralite.compile import linker as linkers
from aesaralite.compile.linker import register_linker
from aesaralite.tensor.products import Dot
from aesaralite.testing import check_linker


@pytest.fixture(autouse=True)
def _forget(monkeypatch):
    monkeypatch.setattr(linkers, "_loaded", dict(linkers._loaded))
    monkeypatch.setattr(linkers, "_registered", dict(linkers._registered))


def cells(report, op):
    """Return a row of the table."""
    (line,) = (line for line in str(report).splitlines() if line.startswith(f"| `{op}`"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_a_plug_in_passes_with_all_ops():
    register_linker("toy", ToyLinker())
    report = check_linker("toy")
    assert len(report.rows) > 250
    assert cells(report, "Elemwise{floor}")[4:] == ["checked", "called back", "bits equal"]
    assert cells(report, "Dot")[:3] == ["`Dot`", "int64 float32/64 complex128", "1–2"]


def test_some_ops():
    report = check_linker("numba", ops=[at.exp, Dot, "Unique"], contract=False)
    names = [row.name for row in report.rows]
    assert {"Elemwise{exp}", "Dot", "Unique"} <= set(names)
    assert len(names) < 40
    assert cells(report, "Dot")[5] == "native"
    assert cells(report, "Elemwise{exp}")[5] == "native"
    assert {row.name for row in check_linker("py", ops=["Eig"], contract=False).rows} == {"Eig"}


def test_without_a_case():
    with pytest.raises(ValueError, match="There is no case for"):
        check_linker("py", ops=["Elemwise{nonsense}"])


def has(graph, name):
    return any(str(node.op) == name for node in graph.nodes)


def wrong_value(program, storage):
    outputs = ToyProgram.run(program, storage)
    return [np.asarray(value + 1) for value in outputs] if has(program.graph, "Elemwise{floor}") else outputs


def wrong_dtype(program, storage):
    outputs = ToyProgram.run(program, storage)
    return [value.astype("float32") for value in outputs] if has(program.graph, "Elemwise{floor}") else outputs


def changed_input(program, storage):
    outputs = ToyProgram.run(program, storage)
    if has(program.graph, "Elemwise{floor}"):
        storage[0][0][...] = 7
    return outputs


def refused(program, storage):
    if has(program.graph, "Elemwise{floor}"):
        raise NotImplementedError("no floor")
    return ToyProgram.run(program, storage)


def no_error(program, storage):
    try:
        return ToyProgram.run(program, storage)
    except ValueError:
        return [np.zeros(0)]


def no_update(program, storage):
    before = [cell[0] for cell in storage]
    outputs = ToyProgram.run(program, storage)
    for cell, value in zip(storage, before, strict=True):
        cell[0] = value
    return outputs


def shared_memory(program, storage):
    outputs = ToyProgram.run(program, storage)
    return [storage[0][0] if value.shape == np.shape(storage[0][0]) else value for value in outputs]


def message_of(run, ops, contract=False):
    program = type("WrongProgram", (ToyProgram,), {"run": run})
    linker = type(
        "WrongLinker", (ToyLinker,), {"name": "wrong", "link": lambda self, graph, plan: program(graph, plan)}
    )
    register_linker("wrong", linker())
    with pytest.raises(AssertionError) as caught:
        check_linker("wrong", ops=ops, contract=contract)
    return str(caught.value)


@pytest.mark.parametrize("run", [wrong_value, wrong_dtype])
def test_a_wrong_value(run):
    message = message_of(run, [at.floor])
    assert "The linker 'wrong' fails in" in message
    assert "The first node whose value differs: Elemwise{floor}(" in message
    assert "by the definition" in message
    assert re.search(r"^ *f = function\(|^.* = aesaralite\.function\(", message, re.MULTILINE), message
    assert "np.array(" in message
    assert "**wrong** in Floor-floor" in message


def test_the_program_in_the_message_shows_the_difference(capsys):
    message = message_of(wrong_value, [at.floor])
    program = message[message.index("import numpy") :].partition("\n\n| Op")[0]
    exec(compile(program, "program", "exec"), {})
    first, second = capsys.readouterr().out.splitlines()
    assert first == "py [array([0., 1.], dtype=float32)]"
    assert second == "wrong [array([1., 2.], dtype=float32)]"


def test_an_input_that_is_changed():
    message = message_of(changed_input, [at.floor])
    assert "input 0, which was changed" in message
    assert "import aesaralite" in message


@pytest.mark.parametrize(
    ("run", "ops", "text"),
    [
        (refused, [at.floor], "NotImplementedError: no floor"),
        (
            no_error,
            ["Reshape"],
            "reshape-wrong: Difference in linker 'wrong': linker 'wrong' raises nothing, not ValueError",
        ),
    ],
)
def test_errors(run, ops, text):
    message = message_of(run, ops)
    assert text in message
    assert "import aesaralite" in message


@pytest.mark.parametrize("run", [no_update, shared_memory])
def test_broken_promises_of_whole_functions(run):
    message = message_of(run, ["Eig"], contract=True)
    assert "whole functions: " in message
