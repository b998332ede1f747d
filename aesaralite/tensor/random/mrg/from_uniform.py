"""Discrete draws made of uniform numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aesaralite.graph.basic import Apply
from aesaralite.graph.null_type import DisconnectedType, grad_undefined
from aesaralite.graph.op import Op
from aesaralite.scalar.dtypes import is_complex, normalize_dtype
from aesaralite.tensor.broadcasting import broadcast_shape
from aesaralite.tensor.convert import as_tensor_variable
from aesaralite.tensor.pointwise import cast
from aesaralite.tensor.static import Tensor, as_size, broadcast_static_size, is_discrete_type, static_int
from aesaralite.tensor.tensor_type import tensor_type

__all__ = ["BernoulliFromUniform", "ChoiceFromUniform", "MultinomialFromUniform"]

_NO_GRADIENT = (
    "A draw of integers isn't a differentiable function of probabilities. If the draw is to count as a constant, pass "
    "it to disconnected_grad, or in consider_constant."
)


class _FromUniform(Op):
    """What the Ops have in common: there is no gradient."""

    odtype: str

    def __str__(self) -> str:
        return f"{type(self).__name__}{{{self.odtype}}}"

    def connection_pattern(self, node: Any) -> list[list[bool]]:
        return [[True], [True], [False]][: len(node.inputs)]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        undefined = [grad_undefined(self, i, x, _NO_GRADIENT) for i, x in enumerate(inputs[:2])]
        return [*undefined, *(DisconnectedType()() for _ in inputs[2:])]


@dataclass(frozen=True, eq=False, repr=False)
class BernoulliFromUniform(_FromUniform):
    """Whether events happen that have given probabilities: ``BernoulliFromUniform(odtype)(p, unis)``.

    Parameters
    ----------
    odtype : str
        The dtype of the draws, which are 0 and 1.
    """

    odtype: str

    def make_node(self, p: Any, unis: Any) -> Apply:
        """Apply the Op to probabilities and uniform numbers; the two broadcast."""
        p, unis = as_tensor_variable(p), as_tensor_variable(unis)
        if is_complex(p.type.dtype) or is_complex(unis.type.dtype):
            raise TypeError(f"Probabilities are real numbers; got {p} of type {p.type}")
        ndim = max(p.type.ndim, unis.type.ndim)
        padded = [(1,) * (ndim - x.type.ndim) + x.type.shape for x in (p, unis)]
        static = tuple(broadcast_static_size(sizes, f"{p} doesn't broadcast to {unis}") for sizes in zip(*padded))
        return Apply(self, [p, unis], [tensor_type(normalize_dtype(self.odtype), static)()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        p, unis = inputs
        if not ((p >= 0) & (p <= 1)).all():
            raise ValueError(f"{self}: p < 0, p > 1 or p is NaN")
        output_storage[0][0] = np.asarray(unis < p).astype(node.outputs[0].type.dtype)

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        return [broadcast_shape(*shapes, arrays_are_shapes=True)]


def _wrong_count(op: Op, rows: int, n: Any, length: int) -> ValueError:
    return ValueError(f"{op}: {rows} rows of pvals with {n} samples each need {rows * n} uniform numbers, not {length}")


def _matrix_and_numbers(op: Op, pvals: Any, unis: Any, n: Any) -> tuple[Tensor, Tensor, Tensor]:
    """Return the inputs as variables, checked as far as they are known."""
    pvals, unis, n = as_tensor_variable(pvals), as_tensor_variable(unis), as_size(n, "number of samples")
    if pvals.type.ndim != 2:
        raise NotImplementedError(f"{op}: pvals has to be a matrix; {pvals} has {pvals.type.ndim} dimensions")
    if unis.type.ndim != 1:
        raise NotImplementedError(f"{op}: unis has to be a vector; {unis} has {unis.type.ndim} dimensions")
    if is_complex(pvals.type.dtype) or is_complex(unis.type.dtype):
        raise TypeError(f"{op}: probabilities are real numbers; got {pvals} of type {pvals.type}")
    rows, count, length = pvals.type.shape[0], static_int(n), unis.type.shape[0]
    if None not in (rows, count, length) and rows * count != length:
        raise _wrong_count(op, rows, count, length)
    return cast(pvals, "floatX") if is_discrete_type(pvals) else pvals, unis, n


def tolerance(dtype: str) -> float:
    """Return how far the sum of probabilities of a float dtype may be from one."""
    return float(np.sqrt(np.finfo(dtype).eps))


def _cumulated(op: Op, pvals: np.ndarray, unis: np.ndarray, n: Any) -> np.ndarray:
    """Return the sums of the probabilities of each row up to each column, in float64."""
    if n < 0 or len(unis) != len(pvals) * n:
        raise _wrong_count(op, len(pvals), n, len(unis))
    sums = pvals.cumsum(axis=1, dtype="float64")
    totals = sums[:, -1] if sums.shape[1] else np.zeros(len(sums))
    if not (pvals >= 0).all() or not (abs(totals - 1) <= tolerance(pvals.dtype.name)).all():
        raise ValueError(f"{op}: pvals < 0, pvals > 1, pvals contains NaNs or a row of pvals doesn't sum to 1")
    return sums


def _outcomes(sums: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """Return for each row the first column whose sum exceeds the limit; else the last that has a probability."""
    return ((sums <= limits[:, None]) & (sums < sums[:, -1:])).sum(axis=1)


@dataclass(frozen=True, eq=False, repr=False)
class MultinomialFromUniform(_FromUniform):
    """Count outcomes that have given probabilities: ``MultinomialFromUniform(odtype)(pvals, unis, n)``.

    Number ``unis[c * len(pvals) + i]`` decides sample ``c`` of row ``i``: its outcome is the first whose probability,
    added to those before, exceeds the number.

    Parameters
    ----------
    odtype : str
        The dtype of the counts; ``"auto"`` stands for that of `pvals`.
    """

    odtype: str

    def make_node(self, pvals: Any, unis: Any, n: Any = 1) -> Apply:
        """Apply the Op.

        Parameters
        ----------
        pvals : matrix_like
            The probabilities of the outcomes, a row for each distribution.
        unis : vector_like
            Uniform numbers, `n` for each row.
        n : int or scalar variable
            How often each row is sampled.
        """
        pvals, unis, n = _matrix_and_numbers(self, pvals, unis, n)
        odtype = pvals.type.dtype if self.odtype == "auto" else normalize_dtype(self.odtype)
        return Apply(self, [pvals, unis, n], [tensor_type(odtype, pvals.type.shape)()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        pvals, unis, n = inputs
        sums = _cumulated(self, pvals, unis, n)
        counts = np.zeros(pvals.shape, dtype="int64")
        rows = np.arange(len(pvals))
        for limits in unis.reshape(n, len(pvals)):
            counts[rows, _outcomes(sums, limits)] += 1
        output_storage[0][0] = counts.astype(node.outputs[0].type.dtype)

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        return [shapes[0]]


@dataclass(frozen=True, eq=False, repr=False)
class ChoiceFromUniform(_FromUniform):
    """Choose outcomes that have given probabilities: ``ChoiceFromUniform(odtype, replace)(pvals, unis, n)``.

    Number ``unis[c * len(pvals) + i]`` decides sample ``c`` of row ``i``, as in `MultinomialFromUniform`. Without
    replacement, the outcomes that are left keep the proportions of their probabilities.

    Parameters
    ----------
    odtype : str
        The dtype of the outcomes' numbers; ``"auto"`` stands for int64.
    replace : bool
        Whether an outcome may be chosen again.
    """

    odtype: str
    replace: bool = False

    def make_node(self, pvals: Any, unis: Any, n: Any = 1) -> Apply:
        """Apply the Op; the inputs are those of `MultinomialFromUniform`. The result has a column for each sample."""
        pvals, unis, n = _matrix_and_numbers(self, pvals, unis, n)
        odtype = "int64" if self.odtype == "auto" else normalize_dtype(self.odtype)
        rows, count = pvals.type.shape[0], static_int(n)
        return Apply(self, [pvals, unis, n], [tensor_type(odtype, (rows, count))()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        pvals, unis, n = inputs
        sums = _cumulated(self, pvals, unis, n)
        left = pvals.astype("float64")
        chosen = np.empty((len(pvals), int(n)), dtype=node.outputs[0].type.dtype)
        rows = np.arange(len(pvals))
        for c, limits in enumerate(unis.reshape(n, len(pvals)).astype("float64")):
            if c and not self.replace:
                sums = left.cumsum(axis=1)
                limits = limits * sums[:, -1]
                if not (sums[:, -1] > 0).all():
                    raise ValueError(f"{self}: a row of pvals has fewer than {n} entries that aren't zero")
            chosen[:, c] = outcomes = _outcomes(sums, limits)
            left[rows, outcomes] = 0.0
        output_storage[0][0] = chosen

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        return [(shapes[0][0], node.inputs[2])]

    def __str__(self) -> str:
        return f"{type(self).__name__}{{{self.odtype}, replace={self.replace}}}"
