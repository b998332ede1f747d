"""Choices of outcomes by their probabilities."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import llvmlite.ir as ir

from .blas import routine
from .dtypes import F64, I64, Register
from .loops import Variable, counted, define, element, repeat_while

if TYPE_CHECKING:
    from ..values import Call
    from .program import Operand, ProgramCode


@routine("choose")
@routine("choose_again")
def choose(code: ProgramCode, call: Call, operands: list[Operand], target: Register) -> None:
    """Outcomes for each row of probabilities, -1 where none is left; then room for a row.

    The operands are the probabilities and the uniform numbers, all float64; the scalar says how many are chosen for
    each row.  An outcome that was chosen is out, unless the routine's name says otherwise.
    """
    p, unis = operands
    replace = call.routine == "choose_again"
    numbers = F64.as_pointer()
    signature = (numbers, numbers, I64.as_pointer(), *(I64,) * 6)
    function = define(code.module, call.routine, signature, partial(_build_choose, replace))
    sizes = [code.host(n) for n in (*call.scalars, *p.dims, *p.strides, *unis.strides)]
    pointers = [code.b.bitcast(x, numbers) for x in (p.pointer, unis.pointer)]
    code.b.call(function, [*pointers, code.b.bitcast(target, I64.as_pointer()), *sizes])


def _build_choose(
    replace: bool,
    b: ir.IRBuilder,
    p: ir.Argument,
    unis: ir.Argument,
    chosen: ir.Argument,
    count: Register,
    rows: Register,
    columns: Register,
    row_step: Register,
    column_step: Register,
    unis_step: Register,
) -> None:
    for argument in (p, unis, chosen):
        argument.add_attribute("noalias")
    zero, one, nothing = I64(0), I64(1), F64(0.0)
    left = b.bitcast(element(b, chosen, b.mul(rows, count)), p.type)

    def read(index: Register) -> Register:
        return b.load(element(b, left, index))

    with counted(b, zero, rows) as i:
        row = element(b, p, b.mul(i, row_step))
        with counted(b, zero, columns) as j:
            b.store(b.load(element(b, row, b.mul(j, column_step))), element(b, left, j))
        with counted(b, zero, count) as c:
            total = Variable(b, nothing)
            with counted(b, zero, columns) as j:
                total.set(b.fadd(total.get(), read(j)))
            number = b.load(element(b, unis, b.mul(b.add(b.mul(c, rows), i), unis_step)))
            limit = number
            if not replace:
                # the rest keeps its proportions
                first = b.icmp_signed("==", c, zero)
                limit = b.select(first, number, b.fmul(number, total.get()))
            outcome = Variable(b, I64(-1))
            reached, searching = Variable(b, nothing), Variable(b, b.fcmp_ordered("<", nothing, total.get()))
            with repeat_while(b, searching.get):
                outcome.add(one)
                reached.set(b.fadd(reached.get(), read(outcome.get())))
                below = b.fcmp_ordered("<=", reached.get(), limit)
                searching.set(b.and_(below, b.fcmp_ordered("<", reached.get(), total.get())))
            b.store(outcome.get(), element(b, chosen, b.add(b.mul(i, count), c)))
            if not replace:
                found = b.icmp_signed(">=", outcome.get(), zero)
                with b.if_then(found):
                    b.store(nothing, element(b, left, outcome.get()))
