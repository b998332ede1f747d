"""Scalar Ops of complex numbers that need a mathematical function, or an order."""

from __future__ import annotations

from aesaralite.scalar import arithmetic, exponential, trigonometric

from ..emit.complex_mathematics import FUNCTIONS, PREFIX
from ..emit.dtypes import is_complex, real_dtype
from .scalars import SCALAR_OPS

_CLASSES = {
    "sqrt": arithmetic.Sqrt, "exp": exponential.Exp, "exp2": exponential.Exp2, "expm1": exponential.Expm1,
    "log": exponential.Log, "log2": exponential.Log2, "log10": exponential.Log10, "log1p": exponential.Log1p,
    "sin": trigonometric.Sin, "cos": trigonometric.Cos, "tan": trigonometric.Tan, "sinh": trigonometric.Sinh,
    "cosh": trigonometric.Cosh, "tanh": trigonometric.Tanh, "arcsin": trigonometric.ArcSin,
    "arccos": trigonometric.ArcCos, "arctan": trigonometric.ArcTan, "arcsinh": trigonometric.ArcSinh,
    "arccosh": trigonometric.ArcCosh, "arctanh": trigonometric.ArcTanh, "pow": arithmetic.Pow,
}  # fmt: skip


def _also_complex(scalar_class, complex_form):
    """Let the table's entry for `scalar_class` hand complex numbers to `complex_form`."""
    real_form = SCALAR_OPS[scalar_class]

    def build(ctx, op, args, dtype):
        if not is_complex(dtype):
            return real_form(ctx, op, args, dtype)
        return complex_form(ctx, dtype, [ctx.cast(arg, dtype) for arg in args])

    SCALAR_OPS[scalar_class] = build


def _function(name):
    return lambda ctx, dtype, args: ctx.op(PREFIX + name, dtype, *args)


def _parts(ctx, x):
    part = real_dtype(x.dtype)
    return ctx.op("real", part, x), ctx.op("imag", part, x)


def _extremum(relation):
    """The first argument with a NaN, else the one with the extreme real part, and among those imaginary part."""

    def build(ctx, dtype, args):
        e = ctx.e
        best, *others = args
        for other in others:
            (a, c), (d, f) = _parts(ctx, best), _parts(ctx, other)
            known = ctx.op("eq", "bool", f, f)
            further = e.all(ctx.op(relation, "bool", a, d), known)
            same = e.all(ctx.op("eq", "bool", a, d), ctx.op(f"{relation[0]}e", "bool", c, f))
            missing = e.any(ctx.op("isnan", "bool", a), ctx.op("isnan", "bool", c))
            best = e.select(e.any(missing, further, same), best, other)
        return best

    return build


for _name in FUNCTIONS:
    _also_complex(_CLASSES[_name], _function(_name))
_also_complex(arithmetic.ScalarMaximum, _extremum("gt"))
_also_complex(arithmetic.ScalarMinimum, _extremum("lt"))
