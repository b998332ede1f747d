"""How the Ops of aesaralite are written by `pp`: one table."""

from __future__ import annotations

from typing import Any

from aesaralite import scalar
from aesaralite.graph.variable import Constant, Variable
from aesaralite.printing.pretty import (
    FunctionPrinter,
    OperatorPrinter,
    PatternPrinter,
    PPrinter,
    Printer,
    PrinterState,
    constant_printer,
    default_printer,
    leaf_printer,
    set_precedence,
)
from aesaralite.scalar.op import ScalarOp
from aesaralite.tensor.creation import Alloc
from aesaralite.tensor.dimshuffle import DimShuffle
from aesaralite.tensor.elementwise import Elemwise
from aesaralite.tensor.index_spec import get_idx_list, indices_from_subtensor
from aesaralite.tensor.indexing_basic import IncSubtensor, Subtensor
from aesaralite.tensor.joining import Join, MakeVector
from aesaralite.tensor.products import Dot
from aesaralite.tensor.reduction import Sum


class _ScalarOpPrinter(Printer):
    """Writes a scalar Op, and its application to arrays, by the table below."""

    def process(self, output: Variable, pstate: PrinterState) -> str:
        assert output.owner is not None
        op: Any = output.owner.op
        scalar_op = op.scalar_op if isinstance(op, Elemwise) else op
        printer = _SCALAR_OPS.get(type(scalar_op))
        if printer is None:
            name = scalar_op.o_type.dtype if isinstance(scalar_op, scalar.Cast) else str(scalar_op)
            printer = FunctionPrinter([name] * output.owner.nout)
        return printer.process(output, pstate)


class _DimShufflePrinter(Printer):
    """Writes a transpose as such, and nothing for the dimensions that broadcasting adds in front."""

    def process(self, output: Variable, pstate: PrinterState) -> str:
        assert output.owner is not None
        op: Any = output.owner.op
        ndim = len(op.input_broadcastable)
        order = op.new_order
        with set_precedence(pstate):
            text = pstate.pprinter.process(output.owner.inputs[0], pstate)
        if order == (*["x"] * (len(order) - ndim), *range(ndim)):
            return text
        if order == tuple(reversed(range(ndim))):
            return f"{text}.T"
        return f"DimShuffle{{{', '.join(map(str, order))}}}({text})"


class _IndexingPrinter(Printer):
    """Writes indexing with brackets."""

    def process(self, output: Variable, pstate: PrinterState) -> str:
        assert output.owner is not None
        x, *_ = inputs = output.owner.inputs
        return self.indexed(x, get_idx_list(inputs, output.owner.op.idx_list), pstate)

    @staticmethod
    def indexed(x: Variable, index: tuple[Any, ...], pstate: PrinterState) -> str:
        """Return the text of ``x[index]``."""

        def text(part: Any) -> str:
            return "" if part is None else pstate.pprinter.process(part, pstate)

        with set_precedence(pstate):
            entries = []
            for entry in index:
                if isinstance(entry, slice):
                    step = f":{text(entry.step)}" if entry.step is not None else ""
                    entries.append(f"{text(entry.start)}:{text(entry.stop)}{step}")
                else:
                    entries.append(text(entry))
            target = text(x)
        return f"{target}[{', '.join(entries)}]"


class _IndexWritingPrinter(_IndexingPrinter):
    """Writes `inc_subtensor` and `set_subtensor`."""

    def process(self, output: Variable, pstate: PrinterState) -> str:
        assert output.owner is not None
        op: Any = output.owner.op
        x, y, *rest = output.owner.inputs
        with set_precedence(pstate):
            value = pstate.pprinter.process(y, pstate)
        target = self.indexed(x, indices_from_subtensor(rest, op.idx_list), pstate)
        return f"{'set' if op.set_instead_of_inc else 'inc'}_subtensor({target}, {value})"


class _VectorPrinter(Printer):
    """Writes a vector made of scalars as a list."""

    def process(self, output: Variable, pstate: PrinterState) -> str:
        assert output.owner is not None
        with set_precedence(pstate):
            texts = [pstate.pprinter.process(variable, pstate) for variable in output.owner.inputs]
        return f"[{', '.join(texts)}]"


_SCALAR_OPS: dict[type, Printer] = {
    scalar.Add: OperatorPrinter("+", -2, "either"),
    scalar.Sub: OperatorPrinter("-", -2, "left"),
    scalar.Mul: OperatorPrinter("*", -1, "either"),
    scalar.TrueDivide: OperatorPrinter("/", -1, "left"),
    scalar.FloorDivide: OperatorPrinter("//", -1, "left"),
    scalar.Neg: OperatorPrinter("-", 0, "either"),
    scalar.Pow: OperatorPrinter("**", 1, "right"),
    scalar.Abs: PatternPrinter(("|%(0)s|", -1000)),
    scalar.Second: FunctionPrinter(["fill"]),
}


def _is_leaf(pstate: PrinterState, variable: Variable) -> bool:
    return variable.owner is None


def _is_constant(pstate: PrinterState, variable: Variable) -> bool:
    return isinstance(variable, Constant)


pprint = PPrinter()
"""Writes a graph as mathematics: ``pprint(x + 1)`` is ``'(x + 1)'``."""

for condition, printer in {
    object: default_printer,
    ScalarOp: _ScalarOpPrinter(),
    Elemwise: _ScalarOpPrinter(),
    DimShuffle: _DimShufflePrinter(),
    Sum: FunctionPrinter(["sum"], ["axis"]),
    Dot: OperatorPrinter("\\dot", -1, "left"),
    Alloc: FunctionPrinter(["alloc"]),
    Join: FunctionPrinter(["join"]),
    MakeVector: _VectorPrinter(),
    Subtensor: _IndexingPrinter(),
    IncSubtensor: _IndexWritingPrinter(),
    _is_leaf: leaf_printer,
    _is_constant: constant_printer,
}.items():
    pprint.assign(condition, printer)  # type: ignore[arg-type]

pp = pprint

__all__ = ["pp", "pprint"]
