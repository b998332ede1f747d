"""`pp` and its registry."""

import numpy as np
import pytest

import aesaralite
import aesaralite.tensor as at
from aesaralite.printing import (
    FunctionPrinter,
    IgnorePrinter,
    LeafPrinter,
    OperatorPrinter,
    PatternPrinter,
    PPrinter,
    Printer,
    PrinterState,
    pp,
    pprint,
    set_precedence,
)
from aesaralite.tensor.elementwise import Elemwise

a, b, c = at.dscalars("a", "b", "c")
i = at.lscalar("i")
x, y = at.dmatrix("x"), at.dvector("y")


@pytest.mark.parametrize(
    ("variable", "expected"),
    [
        (a + b, "(a + b)"),
        (a - (b - a), "(a - (b - a))"),
        (a + b * a, "(a + (b * a))"),
        (at.add(a, b, c), "(a + b + c)"),
        (a / (b / a), "(a / (b / a))"),
        (a // b, "(a // b)"),
        (a % b, "mod(a, b)"),
        ((a**b) ** a, "((a ** b) ** a)"),
        (-a, "(-a)"),
        (abs(-a), "|(-a)|"),
        (at.exp(a + b), "exp((a + b))"),
        (at.sqr(a), "square(a)"),
        (at.switch(a < b, b, a), "switch(lt(a, b), b, a)"),
        (at.cast(i, "float64"), "float64(i)"),
        (x.sum(), "sum(x, axis=None)"),
        (x.sum(axis=0), "sum(x, axis=(0,))"),
        (at.dot(x, y), "(x \\dot y)"),
        (x.T, "x.T"),
        (x.dimshuffle(0, "x", 1), "DimShuffle{0, x, 1}(x)"),
        (y.dimshuffle("x", 0), "y"),
        (x[0], "x[0]"),
        (x[1:, 2], "x[1:, 2]"),
        (x[::2], "x[::2]"),
        (at.set_subtensor(x[0], y), "set_subtensor(x[0], y)"),
        (at.inc_subtensor(x[1:], 1.0), "inc_subtensor(x[1:], 1.0)"),
        (at.fill(x, a), "fill(x, a)"),
        (at.zeros_like(x), "fill(x, 0.0)"),
        (at.alloc(a, i, i), "alloc(a, i, i)"),
        (at.join(0, y, y), "join(0, y, y)"),
        (at.stack([a, b]), "[a, b]"),
        (at.dvector(), "<TensorType(float64, (?,))>"),
        (at.constant(np.arange(3)), "[0 1 2]"),
        (at.dscalar("alpha") + 1.5, "(\\alpha + 1.5)"),
        (at.isnan(a), "isnan(a)"),
    ],
    ids=str,
)
def test_notation(variable, expected):
    assert pp(variable) == expected


def test_gradient_of_a_sum_of_squares():
    gradient = aesaralite.grad((x**2).sum(), x)
    expected = "((fill((x ** 2), fill(sum((x ** 2), axis=None), 1.0)) * 2) * (x ** (2 - 1)))"
    assert pp(gradient) == expected


def test_names_of_results_are_not_used():
    z = a + b
    z.name = "z"
    assert pp(z * a) == "((a + b) * a)"


def test_registry():
    mine = pprint.clone()
    mine.assign(at.exp, PatternPrinter("e^%(0)s"))
    mine.assign(Elemwise, FunctionPrinter(["E"]))
    mine.assign(lambda state, variable: variable.name == "a", LeafPrinter())
    assert mine(at.exp(at.tanh(b))) == "e^E(b)"
    assert pprint(at.exp(b)) == "exp(b)"
    assert mine.clone_assign(at.exp, IgnorePrinter())(at.exp(a)) == "a"


def test_printer_of_a_users_own():
    class Brackets(Printer):
        def process(self, output, pstate):
            with set_precedence(pstate, 5):
                return f"[{pstate.pprinter.process(output.owner.inputs[0], pstate)}]{pstate.precedence}"

    mine = pprint.clone_assign(at.exp, Brackets())
    assert mine(at.exp(at.exp(a)) + b) == "([[a]5]5 + b)"


def test_state_is_handed_down():
    class Marked(LeafPrinter):
        def process(self, output, pstate):
            return super().process(output, pstate) + pstate.mark

    mine = pprint.clone_assign(lambda state, variable: variable.owner is None, Marked())
    assert mine.process(a + b, PrinterState(mark="!")) == "(a! + b!)"


def test_fresh_registry():
    assert PPrinter()(at.exp(a)) == "Elemwise{exp}(a)"


@pytest.mark.parametrize("printer", [OperatorPrinter("+", 1), PatternPrinter("|%(0)s|"), FunctionPrinter(["f"])])
def test_printers_of_results_refuse_inputs(printer):
    with pytest.raises(TypeError, match="not the result of an operation"):
        printer.process(a, PrinterState(pprinter=pprint))


def test_graph():
    z = at.exp(a)
    z.name = "z"
    assert pprint([a], [z, a + b]) == "z = exp(a)\nout[1] = (a + b)"
    assert pprint.process_graph([a, b], [a + b], {c: c + a}, True) == "inputs: a, b\nout = (a + b)\nc <- (c + a)"
    with pytest.raises(TypeError):
        pprint()


def test_long_chain():
    z = a
    for _ in range(100_000):
        z = at.exp(z)
    printed = pp(z)
    assert printed == "exp(" * 100_000 + "a" + ")" * 100_000
