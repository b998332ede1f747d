"""The Op that draws: uniform numbers from a matrix of stream states."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aesaralite.graph.arguments import expect
from aesaralite.graph.basic import Apply
from aesaralite.graph.null_type import DisconnectedType
from aesaralite.graph.op import Op
from aesaralite.tensor.convert import as_tensor_variable, constant
from aesaralite.tensor.pointwise import cast
from aesaralite.tensor.random.mrg.recurrence import M1, SCALES, draw
from aesaralite.tensor.static import Tensor, static_int, vector_entries
from aesaralite.tensor.tensor_type import TensorType, tensor_type

__all__ = ["MRGUniform"]


@dataclass(frozen=True, eq=False, repr=False)
class MRGUniform(Op):
    """Draw uniform numbers between 0 and 1, both excluded: ``MRGUniform(type)(rstate, size)``.

    Gives the next state and the numbers.

    Row ``i`` of `rstate` is the state of stream ``i``, and element ``k`` of the numbers, in C order, is drawn from
    stream ``k % len(rstate)``. The matrix that comes in isn't changed.

    Parameters
    ----------
    output_type : TensorType
        The type of the numbers. Sizes that are known from `size` are added to it.
    """

    output_type: TensorType

    def __post_init__(self) -> None:
        expect(self.output_type, TensorType, "output_type")
        if self.output_type.dtype not in SCALES:
            raise TypeError(
                f"MRG streams draw float16, float32 and float64, not {self.output_type.dtype}: cast the numbers"
            )

    @classmethod
    def new(cls, rstate: Any, ndim: int | None, dtype: str, size: Any) -> list[Tensor]:
        """Return the next state and the numbers.

        Parameters
        ----------
        rstate : matrix_like
            The states of the streams.
        ndim : int or None
            The number of dimensions; None where the length of `size` tells.
        dtype : str
            The dtype of the numbers.
        size : tuple of int and scalar variables, or vector variable
            Their shape.

        Raises
        ------
        ValueError
            If `ndim` is None and the length of `size` isn't known.
        """
        size = _as_size_vector(size)
        if ndim is None:
            ndim = size.type.shape[0]
            if ndim is None:
                raise ValueError(
                    f"Length of {size} cannot be determined, so the number of dimensions isn't known: give it as ndim"
                )
        return cls(TensorType(dtype, shape=(None,) * ndim))(rstate, size)

    def make_node(self, rstate: Any, size: Any) -> Apply:
        rstate = as_tensor_variable(rstate)
        if rstate.type.dtype != "int32" or rstate.type.ndim != 2 or rstate.type.shape[1] not in (None, 6):
            raise TypeError(
                f"rstate must be a matrix of int32 with 6 columns, a row for each stream; got {rstate} of type "
                f"{rstate.type}"
            )
        size = _as_size_vector(size)
        ndim, length = self.output_type.ndim, size.type.shape[0]
        if length is None:
            known: Sequence[int | None] = (None,) * ndim
        elif length != ndim:
            raise ValueError(f"size has {length} entries, but the numbers have {ndim} dimensions")
        else:
            known = [static_int(entry) for entry in vector_entries(size)]
            if any(entry is not None and entry < 0 for entry in known):
                raise ValueError(f"negative dimensions are not allowed: size is {tuple(known)}")
        static = [one if own is None else own for own, one in zip(self.output_type.shape, known)]
        return Apply(self, [rstate, size], [rstate.type(), tensor_type(self.output_type.dtype, tuple(static))()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        rstate, size = inputs
        shape = tuple(int(entry) for entry in size)
        count = math.prod(shape)
        if len(shape) != self.output_type.ndim:
            raise ValueError(
                f"{self}: size has {len(shape)} entries, but the numbers have {self.output_type.ndim} dimensions"
            )
        if min(shape, default=0) < 0:
            raise ValueError(f"{self}: negative dimensions are not allowed: size is {shape}")
        if count > M1:
            raise ValueError(f"{self}: {count} numbers are more than the {M1} that one call may draw; size is {shape}")
        if rstate.shape[1] != 6 or (count and not len(rstate)):
            raise ValueError(f"{self}: rstate needs 6 columns and a row for each stream; its shape is {rstate.shape}")
        output_storage[0][0], samples = draw(rstate, count, self.output_type.dtype)
        output_storage[1][0] = samples.reshape(shape)

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        size = node.inputs[1]
        return [shapes[0], tuple(size[i] for i in range(self.output_type.ndim))]

    def connection_pattern(self, node: Any) -> list[list[bool]]:
        return [[False, False], [False, False]]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        return [DisconnectedType()(), DisconnectedType()()]

    def R_op(self, inputs: Sequence[Tensor], eval_points: Sequence[Tensor | None]) -> list[Tensor | None]:
        return [None, None]

    def do_constant_folding(self, fgraph: Any, node: Apply) -> bool:
        # a large array of numbers is nothing to compile in
        return False

    def __str__(self) -> str:
        return f"mrg_uniform{{{self.output_type}}}"


def _as_size_vector(size: Any) -> Tensor:
    if isinstance(size, (tuple, list)) and not size:
        return constant(np.empty(0, dtype="int64"))
    size = as_tensor_variable(size)
    if size.type.ndim != 1 or np.dtype(size.type.dtype).kind not in "iu":
        raise TypeError(f"size must be a vector of integers; got {size} of type {size.type}")
    return cast(size, "int64")
