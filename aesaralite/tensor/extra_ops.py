"""Cumulative sums, repetition, broadcasting and the like, where users of Aesara look for them."""

from aesaralite.tensor.broadcasting import broadcast_arrays, broadcast_shape, broadcast_shape_iter, broadcast_to
from aesaralite.tensor.cumulative import CumOp, cumprod, cumsum, diff
from aesaralite.tensor.diagonals import fill_diagonal, fill_diagonal_offset
from aesaralite.tensor.extras import (
    RavelMultiIndex,
    Repeat,
    SearchsortedOp,
    Unique,
    UnravelIndex,
    bartlett,
    bincount,
    compress,
    ravel_multi_index,
    repeat,
    searchsorted,
    to_one_hot,
    unique,
    unravel_index,
)
from aesaralite.tensor.ranges import geomspace, linspace, logspace
from aesaralite.tensor.reshaping import squeeze

__all__ = [
    "CumOp",
    "RavelMultiIndex",
    "Repeat",
    "SearchsortedOp",
    "Unique",
    "UnravelIndex",
    "bartlett",
    "bincount",
    "broadcast_arrays",
    "broadcast_shape",
    "broadcast_shape_iter",
    "broadcast_to",
    "compress",
    "cumprod",
    "cumsum",
    "diff",
    "fill_diagonal",
    "fill_diagonal_offset",
    "geomspace",
    "linspace",
    "logspace",
    "ravel_multi_index",
    "repeat",
    "searchsorted",
    "squeeze",
    "to_one_hot",
    "unique",
    "unravel_index",
]
