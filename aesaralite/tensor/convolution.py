"""Convolution of vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from aesaralite.configdefaults import config
from aesaralite.graph.basic import Apply
from aesaralite.graph.op import Op
from aesaralite.scalar.dtypes import upcast
from aesaralite.tensor.convert import as_tensor_variable
from aesaralite.tensor.pointwise import conj, maximum, minimum
from aesaralite.tensor.shaping import shape_tuple
from aesaralite.tensor.static import Tensor, is_discrete_type
from aesaralite.tensor.tensor_type import tensor_type


class Convolve(Op):
    """The convolution of two vectors wherever they overlap: ``Convolve()(a, v)``."""

    __props__ = ()

    def make_node(self, a: Any, v: Any) -> Apply:
        """Apply the Op to two vectors.

        Raises
        ------
        ValueError
            If one isn't a vector, or is known to be empty.
        """
        a, v = as_tensor_variable(a), as_tensor_variable(v)
        for variable in (a, v):
            if variable.type.ndim != 1:
                raise ValueError(f"convolve takes vectors; {variable} has {variable.type.ndim} dimensions")
            if variable.type.shape[0] == 0:
                raise ValueError(f"convolve: {variable} is empty")
        n, m = a.type.shape[0], v.type.shape[0]
        length = None if n is None or m is None else n + m - 1
        return Apply(self, [a, v], [tensor_type(upcast(a.type.dtype, v.type.dtype), (length,))()])

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Any) -> None:
        a, v = inputs
        if not a.size or not v.size:
            raise ValueError(f"{self}: vectors must not be empty; their lengths are {a.size} and {v.size}")
        output_storage[0][0] = np.asarray(np.convolve(a, v), dtype=node.outputs[0].type.dtype)

    def infer_shape(self, fgraph: Any, node: Any, shapes: Sequence[Any]) -> list[tuple[Any, ...]]:
        (n,), (m,) = shapes
        return [(n + m - 1,)]

    def L_op(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], output_grads: Sequence[Tensor]) -> list[Tensor]:
        (a, v), (gz,) = inputs, output_grads
        if is_discrete_type(outputs[0]):
            return [x.zeros_like(dtype=config.floatX) for x in inputs]
        return [convolve(gz, conj(v[::-1]), "valid"), convolve(gz, conj(a[::-1]), "valid")]


_convolve = Convolve()


def convolve(a: Any, v: Any, mode: str = "full") -> Tensor:
    """Return the convolution of two vectors.

    Parameters
    ----------
    a, v : vector_like
        The vectors.
    mode : str
        "full" for all overlaps, "same" for as many as the longer vector has elements, in the middle,
        "valid" for the overlaps of the whole shorter vector.
    """
    full = _convolve(a, v)
    if mode == "full":
        return full
    (n,), (m,) = (shape_tuple(x) for x in full.owner.inputs)
    short, long = minimum(n, m), maximum(n, m)
    if mode == "valid":
        return full[short - 1 : long]
    if mode == "same":
        first = (short - 1) // 2
        return full[first : first + long]
    raise ValueError(f"mode must be 'full', 'same' or 'valid'; got {mode!r}")
