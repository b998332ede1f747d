"""Elementwise Ops, reductions and DimShuffle, where users of Aesara look for them."""

from aesaralite.tensor.dimshuffle import DimShuffle
from aesaralite.tensor.elementwise import Elemwise
from aesaralite.tensor.reduction import CAReduce

__all__ = ["CAReduce", "DimShuffle", "Elemwise"]
