"""Faults in what the Numba linker makes of Ops."""

from functools import partial

from tests.mutation.fault import Fault

__all__ = ["FAULTS"]

_fault = partial(Fault, "lowerings")
_LOWER, _EMIT = "linkers/aesaralite_numba/lower", "linkers/aesaralite_numba/emit"
_TESTS = "tests/linkers/numba"
_GENERAL = ("tests/conformance", "tests/properties/test_laws.py")
_INDEXING = (f"{_TESTS}/test_indexing.py", f"{_TESTS}/test_advanced_indexing.py", *_GENERAL)
_RANDOM = (
    f"{_TESTS}/test_generators.py",
    f"{_TESTS}/test_random_parameters.py",
    f"{_TESTS}/test_random_bits.py",
    "tests/tensor/random",
)

FAULTS = (
    _fault(
        "a reversing slice may begin beyond the end",
        f"{_LOWER}/indexing.py",
        "e.maximum(e.minimum(_wrapped(e, start, size), top), e.index(-1))",
        "e.maximum(_wrapped(e, start, size), e.index(-1))",
        _INDEXING,
    ),
    _fault(
        "a slice whose step turns out negative begins one behind the end",
        f"{_LOWER}/indexing.py",
        "high = e.select(forward, size, e.add(size, minus_one))",
        "high = size",
        _INDEXING,
    ),
    _fault(
        "an index array may name the element behind the last",
        f"{_LOWER}/indexing.py",
        "low), (e.lt(high, size), high)):",
        "low), (e.le(high, size), high)):",
        _INDEXING,
    ),
    _fault(
        "parts of a split may be negative",
        f"{_LOWER}/joining.py",
        "ctx.guard(e.all(e.le(e.zero, length), e.le(length, left)), ",
        "ctx.guard(e.le(length, left), ",
        (*_INDEXING, "tests/tensor/test_joining.py"),
    ),
    _fault(
        "the position of the maximum ignores NaN",
        f"{_LOWER}/reduction.py",
        "        if floats:\n",
        "        if floats and work != x.dtype:\n",
        (f"{_TESTS}/test_reductions.py", "tests/tensor/test_reduction.py", *_GENERAL),
    ),
    _fault(
        "sums are added up in the dtype of the result",
        f"{_LOWER}/reduction.py",
        "work = (op.acc_dtype or dtype) if op.upcast_discrete_output else x.dtype",
        "work = dtype if op.upcast_discrete_output else x.dtype",
        (f"{_TESTS}/test_reductions.py", "tests/tensor/test_reduction.py", *_GENERAL),
    ),
    _fault(
        "a sum of infinities in several blocks is NaN",
        f"{_EMIT}/accumulate.py",
        "return b.select(known, b.fadd(total, lost), total)",
        "return b.fadd(total, lost)",
        (f"{_TESTS}/test_reductions.py", "tests/tensor/test_reduction.py", *_GENERAL),
    ),
    _fault(
        "unsigned and signed 64-bit integers are compared as floats",
        f"{_LOWER}/scalars.py",
        'if len(kinds) > 1 and "uint64" in kinds and any(is_integer(k) and is_signed(k) for k in kinds):',
        'if len(kinds) > 2 and "uint64" in kinds and any(is_integer(k) and is_signed(k) for k in kinds):',
        (f"{_TESTS}/test_elementwise.py", "tests/scalar", *_GENERAL),
    ),
    _fault(
        "an exact quotient by a negative integer is one too small",
        f"{_EMIT}/scalars.py",
        'adjust = b.and_(b.icmp_signed("!=", remainder, zero), differ)',
        "adjust = differ",
        (f"{_TESTS}/test_elementwise.py", "tests/scalar", *_GENERAL),
    ),
    _fault(
        "a NaN is sorted before an earlier one",
        f"{_EMIT}/sorting.py",
        'return b.or_(b.fcmp_ordered("<", x, y), b.and_(_is_nan(b, y), b.not_(_is_nan(b, x))))',
        'return b.or_(b.fcmp_ordered("<", x, y), _is_nan(b, y))',
        (f"{_TESTS}/test_sorting.py", "tests/tensor/test_sorting.py", *_GENERAL),
    ),
    _fault(
        "the last tile of a transposed copy is a whole one",
        f"{_EMIT}/kernels.py",
        'return first, self.b.select(self.b.icmp_signed("<", rest, I64(step)), rest, I64(step))',
        "return first, I64(step)",
        (f"{_TESTS}/test_programs.py", f"{_TESTS}/test_elementwise.py", *_GENERAL),
    ),
    _fault(
        "a sum over rows keeps that of the last row",
        f"{_EMIT}/kernels.py",
        "outer = [*self.rows, *stage.loops][: self._begin_of",
        "outer = [*stage.loops][: self._begin_of",
        (f"{_TESTS}/test_reductions.py", f"{_TESTS}/test_programs.py", *_GENERAL),
    ),
    _fault(
        "what rounding loses is forgotten from block to block",
        f"{_EMIT}/accumulate.py",
        "            self.lost.set(b.fadd(lost, error))\n",
        "            self.lost.set(error)\n",
        (f"{_TESTS}/test_reductions.py", "tests/tensor/test_reduction.py", *_GENERAL),
    ),
    _fault(
        "of two stretched dimensions only one is looked at",
        f"{_EMIT}/stretching.py",
        "    for mask in access.masks:\n        plain",
        "    for mask in access.masks[:1]:\n        plain",
        (f"{_TESTS}/test_elementwise.py", f"{_TESTS}/test_programs.py", *_GENERAL),
    ),
    _fault(
        "the logarithm of subnormal numbers forgets their scale",
        "linkers/aesaralite_numba/vector_math/logarithms.py",
        "minus_k = minus_number(c, exponent, c.select(small, start + shift, start))",
        "minus_k = minus_number(c, exponent)",
        (f"{_TESTS}/test_mathematics.py", *_GENERAL),
    ),
    _fault(
        "a singular matrix isn't noticed",
        f"{_LOWER}/linear_algebra.py",
        '    block.run("inverse", (x,), n, factors, solution, pivots, block.info)\n    block.require_success()\n',
        '    block.run("inverse", (x,), n, factors, solution, pivots, block.info)\n',
        (f"{_TESTS}/test_linear_algebra.py", "tests/tensor/test_linalg.py", "tests/conformance"),
    ),
    _fault(
        "integers from a wide interval are drawn without rejection",
        f"{_EMIT}/draws.py",
        "threshold = b.urem(b.sub(kind(-1), width), count)",
        "threshold = kind(0)",
        _RANDOM,
    ),
    _fault(
        "a shuffle of a whole large population draws once too often",
        f"{_EMIT}/random_arrays.py",
        "_shuffle(b, room, population, maximum(b, start, I64(1)), bounded)",
        "_shuffle(b, room, population, start, bounded)",
        _RANDOM,
        "where there is one number to be had, drawing it takes nothing from the generator",
    ),
    _fault(
        "the width of a uniform distribution may be infinite",
        f"{_LOWER}/random_constraints.py",
        'return [non_negative(ctx, width), everywhere(ctx, width, lambda value: _compare(ctx, "lt", value, infinity))]',
        "return [non_negative(ctx, width)]",
        _RANDOM,
    ),
)
