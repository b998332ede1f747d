"""The algebra in which rules are written."""

from __future__ import annotations

from aesaralite.graph.variable import Variable
from aesaralite.rewrites.knowledge import number
from aesaralite.rewriting.rule import Algebra
from aesaralite.tensor import pointwise
from aesaralite.tensor.tensor_type import TensorType


def _admits(output: Variable, variable: Variable) -> bool:
    """Integers overflow and complex numbers have branch cuts: rules speak of floats, all of one dtype."""
    return (
        isinstance(variable.type, TensorType)
        and variable.type.dtype == output.type.dtype
        and variable.type.dtype.startswith("float")
    )


algebra = Algebra(
    add=pointwise.add,
    sub=pointwise.sub,
    neg=pointwise.neg,
    mul=pointwise.mul,
    div=pointwise.true_div,
    reciprocal=pointwise.reciprocal,
    literal=number,
    admits=_admits,
)

x, y, z = algebra.variables("x y z")

exp = algebra.function(pointwise.exp)
expm1 = algebra.function(pointwise.expm1)
log = algebra.function(pointwise.log)
log1p = algebra.function(pointwise.log1p)
log1mexp = algebra.function(pointwise.log1mexp)
sigmoid = algebra.function(pointwise.sigmoid)
softplus = algebra.function(pointwise.softplus)
tanh = algebra.function(pointwise.tanh)
erf = algebra.function(pointwise.erf)
erfc = algebra.function(pointwise.erfc)
sqr = algebra.function(pointwise.sqr)
sqrt = algebra.function(pointwise.sqrt)
abs_ = algebra.function(pointwise.abs)
second = algebra.function(pointwise.second)
