"""Random arrays whose elements aren't drawn one by one: permutations, samples, counts, compositions.

These follow NumPy's Generator step by step: which of its C functions is called with what, in which order, so that the
numbers and the generator's state afterwards are NumPy's.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import llvmlite.ir as ir

from ..numpy_code import RANDOM_PREFIX
from .blas import routine
from .distributions import FUNCTIONS, binomial_scratch, draw_bounded, draw_interval, random_function
from .dtypes import F64, I32, I64, PTR, VOID, Register
from .loops import Variable, counted, define, element, maximum, repeat_while
from .runtime import external

if TYPE_CHECKING:
    from ..values import Call
    from .program import Operand, ProgramCode

_INTS = I64.as_pointer()
_FLOATS = F64.as_pointer()

#: A population that NumPy calls large.
LARGE_POPULATION = 10000


def large_share(shuffled: bool) -> int:
    """NumPy shuffles the end of a large population where it draws more than one in so many."""
    return 50 if shuffled else 20


def _run(code: ProgramCode, name: str, build: Callable[..., None], *args: Register) -> None:
    """Call a function of the module, made by `build`, with the generator's address and `args`."""
    generator = code.generator.bitgen(code.b)
    function = define(code.module, name, (PTR, *(arg.type for arg in args)), build)
    code.b.call(function, [generator, *args])


def _floats(code: ProgramCode, pointer: Register) -> Register:
    return code.b.bitcast(pointer, _FLOATS)


def _ints(code: ProgramCode, pointer: Register) -> Register:
    return code.b.bitcast(pointer, _INTS)


def _swap(b: ir.IRBuilder, data: Register, i: Register, j: Register) -> None:
    first, second = element(b, data, i), element(b, data, j)
    value, other = b.load(first), b.load(second)
    b.store(other, first)
    b.store(value, second)


def _count_up(b: ir.IRBuilder, data: Register, size: Register) -> None:
    with counted(b, I64(0), size) as i:
        b.store(i, element(b, data, i))


def _shuffle(
    b: ir.IRBuilder, data: Register, size: Register, first: Register, draw: Callable[[Register], Register]
) -> None:
    """Swap each of the elements from the last down to number `first` with one of those up to itself."""
    with counted(b, first, size) as k:
        i = b.sub(b.add(first, b.sub(size, I64(1))), k)
        _swap(b, data, i, draw(i))


# -------------------------------------------------------------- permutations
@routine("permutations")
def permutations(code: ProgramCode, call: Call, operands: list[Operand], target: ir.Value) -> None:
    """Each row of the target is a permutation of its indices, as :meth:`numpy.random.Generator.shuffle` makes it."""
    rows, size = (code.host(n) for n in call.dims)
    _run(code, "permutations", _build_permutations, _ints(code, target), rows, size)


def _build_permutations(
    b: ir.IRBuilder, generator: ir.Argument, target: ir.Argument, rows: ir.Value, size: ir.Value
) -> None:
    with counted(b, I64(0), rows) as row:
        data = element(b, target, b.mul(row, size))
        _count_up(b, data, size)
        _shuffle(b, data, size, I64(1), partial(draw_interval, b, generator))


# ------------------------------------------------------------------- samples
@routine("sample")
def sample(code: ProgramCode, call: Call, operands: list[Operand], target: ir.Value) -> None:
    """Different numbers below the size of a population, as :meth:`numpy.random.Generator.choice` picks them.

    The scalars are the population's size, the sample's, and, a known number, whether it is to be in random order.
    Behind the sample there is room for the population where NumPy shuffles its end, otherwise for three times the
    sample and one more.
    """
    population, size = (code.host(n) for n in call.scalars[:2])
    shuffled = bool(call.scalars[2].attr)
    name = "shuffled_sample" if shuffled else "sample"
    _run(code, name, partial(_build_sample, shuffled), _ints(code, target), population, size)


def _build_sample(
    shuffled: bool, b: ir.IRBuilder, generator: ir.Argument, target: ir.Argument, population: ir.Value, size: ir.Value
) -> None:
    room = element(b, target, size)
    bounded = partial(draw_bounded, b, generator, I64(0))
    large = b.icmp_signed(">", population, I64(LARGE_POPULATION))
    whole = b.and_(large, b.icmp_signed(">", size, b.sdiv(population, I64(large_share(shuffled)))))
    with b.if_else(whole) as (by_shuffle, by_insertion):
        with by_shuffle:
            _count_up(b, room, population)
            start = b.sub(population, size)
            _shuffle(b, room, population, maximum(b, start, I64(1)), bounded)
            with counted(b, I64(0), size) as k:
                b.store(b.load(element(b, room, b.add(start, k))), element(b, target, k))
        with by_insertion:
            _insert_distinct(b, target, room, population, size, bounded)
            if shuffled:
                _shuffle(b, target, size, I64(1), bounded)


def _insert_distinct(
    b: ir.IRBuilder,
    target: Register,
    table: Register,
    population: Register,
    size: Register,
    draw: Callable[[Register], Register],
) -> None:
    """Floyd's algorithm, with a table of the numbers that are taken (open addressing, linear probing)."""
    free = I64(-1)
    mask = b.fptoui(b.fmul(F64(1.2), b.sitofp(size, F64)), I64)
    for shift in (1, 2, 4, 8, 16, 32):
        mask = b.or_(mask, b.lshr(mask, I64(shift)))
    with counted(b, I64(0), b.add(mask, I64(1))) as k:
        b.store(free, element(b, table, k))

    def place_of(number: Register) -> Register:
        """The place in the table where `number` is, or else a free one."""
        place = Variable(b, b.and_(number, mask))

        def elsewhere() -> Register:
            found = b.load(element(b, table, place.get()))
            return b.and_(b.icmp_signed("!=", found, free), b.icmp_signed("!=", found, number))

        with repeat_while(b, elsewhere):
            place.set(b.and_(b.add(place.get(), I64(1)), mask))
        return element(b, table, place.get())

    start = b.sub(population, size)
    with counted(b, start, population) as j:
        value = draw(j)
        place = place_of(value)
        is_free = b.icmp_signed("==", b.load(place), free)
        # j itself can't be in the table yet
        number = b.select(is_free, value, j)
        with b.if_then(is_free):
            b.store(value, place)
        with b.if_then(b.not_(is_free)):
            b.store(j, place_of(j))
        b.store(number, element(b, target, b.sub(j, start)))


@routine("weighted_sample")
def weighted_sample(code: ProgramCode, call: Call, operands: list[Operand], target: ir.Value) -> None:
    """The same by given probabilities, a C-contiguous vector.

    The scalar is the sample's size.  Behind the sample there is room for it again, and for three times the population.
    """
    (p,) = operands
    (size,) = (code.host(n) for n in call.scalars)
    population = code.host(p.dims[0])
    _run(code, "weighted_sample", _build_weighted, _ints(code, target), _floats(code, p.pointer), population, size)


def _build_weighted(
    b: ir.IRBuilder, generator: ir.Argument, target: ir.Argument, p: ir.Argument, population: ir.Value, size: ir.Value
) -> None:
    uniforms = b.bitcast(element(b, target, size), _FLOATS)
    left = element(b, uniforms, size)
    sums = element(b, left, population)
    taken = b.bitcast(element(b, sums, population), _INTS)
    with counted(b, I64(0), population) as k:
        b.store(b.load(element(b, p, k)), element(b, left, k))
        b.store(I64(0), element(b, taken, k))
    found = Variable(b, I64(0))
    with repeat_while(b, lambda: b.icmp_signed("<", found.get(), size)):
        missing = b.sub(size, found.get())
        with counted(b, I64(0), missing) as k:
            b.store(random_function(b, FUNCTIONS["standard_uniform"], [generator]), element(b, uniforms, k))
        with counted(b, I64(0), found.get()) as k:
            b.store(F64(0.0), element(b, left, b.load(element(b, target, k))))
        _cumulate(b, left, sums, population)
        with counted(b, I64(0), missing) as k:
            number = _count_up_to(b, sums, population, b.load(element(b, uniforms, k)))
            mark = element(b, taken, number)
            with b.if_then(b.icmp_signed("==", b.load(mark), I64(0))):
                b.store(I64(1), mark)
                b.store(number, element(b, target, found.get()))
                found.add(I64(1))


def _cumulate(b: ir.IRBuilder, p: Register, sums: Register, size: Register) -> None:
    """Running sums, divided by the last."""
    total = Variable(b, b.load(p))
    b.store(total.get(), sums)
    with counted(b, I64(1), size) as k:
        total.set(b.fadd(total.get(), b.load(element(b, p, k))))
        b.store(total.get(), element(b, sums, k))
    last = total.get()
    with counted(b, I64(0), size) as k:
        place = element(b, sums, k)
        b.store(b.fdiv(b.load(place), last), place)


def _count_up_to(b: ir.IRBuilder, sums: Register, size: Register, value: Register) -> Register:
    """How many of the sorted numbers aren't larger than `value`."""
    low, high = Variable(b, I64(0)), Variable(b, size)
    with repeat_while(b, lambda: b.icmp_signed("<", low.get(), high.get())):
        middle = b.add(low.get(), b.ashr(b.sub(high.get(), low.get()), I64(1)))
        above = b.fcmp_ordered("<", value, b.load(element(b, sums, middle)))
        low.set(b.select(above, low.get(), b.add(middle, I64(1))))
        high.set(b.select(above, middle, high.get()))
    return low.get()


@routine("search_rows")
def search_rows(code: ProgramCode, call: Call, operands: list[Operand], target: ir.Value) -> None:
    """For each value how many elements of a row, which are sorted, aren't larger.

    The operands are C-contiguous: the rows, the number of the row for each value, and the values.
    """
    table, rows, values = operands
    (count,) = (code.host(n) for n in call.dims)
    function = define(code.module, "search_rows", (_FLOATS, I64, _INTS, _FLOATS, _INTS, I64), _build_search_rows)
    table_args = _floats(code, table.pointer), code.host(table.dims[1])
    code.b.call(
        function,
        [*table_args, _ints(code, rows.pointer), _floats(code, values.pointer), _ints(code, target), count],
    )


def _build_search_rows(
    b: ir.IRBuilder,
    table: ir.Value,
    size: ir.Value,
    rows: ir.Value,
    values: ir.Value,
    target: ir.Value,
    count: ir.Value,
) -> None:
    with counted(b, I64(0), count) as k:
        sums = element(b, table, b.mul(b.load(element(b, rows, k)), size))
        b.store(_count_up_to(b, sums, size, b.load(element(b, values, k))), element(b, target, k))


# ------------------------------------------------------ counts, compositions
@routine("multinomial")
def multinomial(code: ProgramCode, call: Call, operands: list[Operand], target: ir.Value) -> None:
    """Rows of counts.  The operands are numbers of trials and C-contiguous rows of probabilities, one for each row of
    the target, or a single one for all.
    """
    n, p = operands
    rows, size = (code.host(k) for k in call.dims)
    _run(
        code, "multinomial", _build_multinomial, _ints(code, target), rows, size,
        _ints(code, n.pointer), code.host(n.dims[0]), _floats(code, p.pointer), code.host(p.dims[0]),
    )  # fmt: skip


def _row(b: ir.IRBuilder, row: Register, count: Register) -> Register:
    """`row`, or 0 where there is only one for all."""
    return b.select(b.icmp_signed("==", count, I64(1)), I64(0), row)


def _build_multinomial(
    b: ir.IRBuilder,
    generator: ir.Argument,
    target: ir.Argument,
    rows: ir.Value,
    size: ir.Value,
    n: ir.Value,
    n_count: ir.Value,
    p: ir.Value,
    p_count: ir.Value,
) -> None:
    scratch = binomial_scratch(b)
    with counted(b, I64(0), b.mul(rows, size)) as k:
        b.store(I64(0), element(b, target, k))
    function = external(b.module, RANDOM_PREFIX + "random_multinomial", VOID, (PTR, I64, _INTS, _FLOATS, I64, PTR))
    with counted(b, I64(0), rows) as row:
        trials = b.load(element(b, n, _row(b, row, n_count)))
        chances = element(b, p, b.mul(_row(b, row, p_count), size))
        b.call(function, [generator, trials, element(b, target, b.mul(row, size)), chances, size, scratch])


@routine("multivariate_hypergeometric")
def multivariate_hypergeometric(code: ProgramCode, call: Call, operands: list[Operand], target: ir.Value) -> None:
    """Rows of counts, and behind them 0 if there was memory enough.

    The operands are C-contiguous: rows of numbers of balls of each colour, and numbers of balls drawn.  The scalars are
    the number of rows, and known numbers: whether NumPy makes all of them in one call, and whether by its method of
    counting.
    """
    colors, drawn = operands
    rows = code.host(call.scalars[0])
    together, counting = (bool(flag.attr) for flag in call.scalars[1:])
    name = f"multivariate_hypergeometric_{int(together)}{int(counting)}"
    _run(
        code, name, partial(_build_hypergeometric, together, counting), _ints(code, target), rows,
        *(code.host(n) for n in reversed(colors.dims)), _ints(code, colors.pointer),
        code.host(drawn.dims[0]), _ints(code, drawn.pointer),
    )  # fmt: skip


def _build_hypergeometric(
    together: bool,
    counting: bool,
    b: ir.IRBuilder,
    generator: ir.Argument,
    target: ir.Argument,
    rows: ir.Value,
    size: ir.Value,
    colors_count: ir.Value,
    colors: ir.Value,
    drawn_count: ir.Value,
    drawn: ir.Value,
) -> None:
    length = b.mul(rows, size)
    with counted(b, I64(0), b.add(length, I64(1))) as k:
        b.store(I64(0), element(b, target, k))
    name = "random_multivariate_hypergeometric_" + ("count" if counting else "marginals")
    kinds = (PTR, I64, I64, _INTS, I64, I64, _INTS)
    function = external(b.module, RANDOM_PREFIX + name, I32 if counting else VOID, kinds)
    failures = Variable(b, I64(0))
    some = b.and_(b.icmp_signed(">", size, I64(0)), b.icmp_signed(">", rows, I64(0)))
    with b.if_then(some), counted(b, I64(0), I64(1) if together else rows) as row:
        own = element(b, colors, b.mul(_row(b, row, colors_count), size))
        total = Variable(b, I64(0))
        with counted(b, I64(0), size) as k:
            total.add(b.load(element(b, own, k)))
        sample = b.load(element(b, drawn, _row(b, row, drawn_count)))
        count = rows if together else I64(1)
        out = element(b, target, b.mul(row, size))
        result = b.call(function, [generator, total.get(), size, own, sample, count, out])
        if counting:
            failures.set(b.or_(failures.get(), b.sext(result, I64)))
    b.store(failures.get(), element(b, target, length))


@routine("dirichlet")
def dirichlet(code: ProgramCode, call: Call, operands: list[Operand], target: ir.Value) -> None:
    """Rows of positive numbers that add up to 1.  The operand has C-contiguous rows of parameters, one for each row of
    the target or one for all.
    """
    (alphas,) = operands
    rows, size = (code.host(k) for k in call.dims)
    source = _floats(code, alphas.pointer)
    _run(code, "dirichlet", _build_dirichlet, _floats(code, target), rows, size, source, code.host(alphas.dims[0]))


#: Where no parameter reaches this, NumPy breaks sticks: gammas might all be 0.
_SMALL = 0.1


def _build_dirichlet(
    b: ir.IRBuilder,
    generator: ir.Argument,
    target: ir.Argument,
    rows: ir.Value,
    size: ir.Value,
    alphas: ir.Value,
    count: ir.Value,
) -> None:
    with b.if_then(b.icmp_signed(">", size, I64(0))), counted(b, I64(0), rows) as row:
        alpha = element(b, alphas, b.mul(_row(b, row, count), size))
        out = element(b, target, b.mul(row, size))
        small = Variable(b, ir.IntType(1)(1))
        with counted(b, I64(0), size) as k:
            below = b.fcmp_ordered("<", b.load(element(b, alpha, k)), F64(_SMALL))
            small.set(b.and_(small.get(), below))
        with b.if_else(small.get()) as (sticks, gammas):
            with sticks:
                _break_stick(b, generator, out, alpha, size)
            with gammas:
                _normalise_gammas(b, generator, out, alpha, size)


def _break_stick(b: ir.IRBuilder, generator: Register, out: Register, alpha: Register, size: Register) -> None:
    last = b.sub(size, I64(1))
    total = Variable(b, F64(0.0))
    # sums of the parameters from each on stand in the target until they have been used
    with counted(b, I64(0), size) as k:
        place = b.sub(last, k)
        total.set(b.fadd(total.get(), b.load(element(b, alpha, place))))
        b.store(total.get(), element(b, out, place))
    with b.if_then(b.fcmp_ordered(">", total.get(), F64(0.0))):
        rest, k, broken = Variable(b, F64(1.0)), Variable(b, I64(0)), Variable(b, ir.IntType(1)(0))

        def more() -> Register:
            return b.and_(b.icmp_signed("<", k.get(), last), b.not_(broken.get()))

        with repeat_while(b, more):
            following = b.load(element(b, out, b.add(k.get(), I64(1))))
            parameter = b.load(element(b, alpha, k.get()))
            value = random_function(b, FUNCTIONS["beta"], [generator, parameter, following])
            b.store(b.fmul(rest.get(), value), element(b, out, k.get()))
            rest.set(b.fmul(rest.get(), b.fsub(F64(1.0), value)))
            # nothing is left of the stick, and the sums behind are the zeros that shall stand there
            broken.set(b.fcmp_ordered("==", following, F64(0.0)))
            k.add(I64(1))
        b.store(rest.get(), element(b, out, last))


def _normalise_gammas(b: ir.IRBuilder, generator: Register, out: Register, alpha: Register, size: Register) -> None:
    total = Variable(b, F64(0.0))
    with counted(b, I64(0), size) as k:
        value = random_function(b, FUNCTIONS["standard_gamma"], [generator, b.load(element(b, alpha, k))])
        b.store(value, element(b, out, k))
        total.set(b.fadd(total.get(), value))
    scale = b.fdiv(F64(1.0), total.get())
    with counted(b, I64(0), size) as k:
        place = element(b, out, k)
        b.store(b.fmul(b.load(place), scale), place)
