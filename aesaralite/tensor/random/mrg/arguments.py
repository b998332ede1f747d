"""What MRG streams make of their arguments."""

from __future__ import annotations

from typing import Any

import numpy as np

from aesaralite.configdefaults import config
from aesaralite.graph.basic import Variable
from aesaralite.scalar.dtypes import is_complex, is_weak, normalize_dtype, upcast
from aesaralite.tensor.convert import as_tensor_variable, literal
from aesaralite.tensor.pointwise import cast
from aesaralite.tensor.random.mrg.recurrence import M1, M2
from aesaralite.tensor.shaping import shape_tuple, specify_shape
from aesaralite.tensor.static import Tensor, as_shape, static_int


def checked_seed(seed: Any) -> np.ndarray:
    """Return a seed as six numbers, int32."""
    if isinstance(seed, (int, np.integer)) and not isinstance(seed, bool):
        numbers = [int(seed)] * 6
    else:
        try:
            numbers = [int(number) for number in seed] if len(seed) == 6 else []
        except (TypeError, ValueError):
            numbers = []
        if not numbers or any(number != given for number, given in zip(numbers, seed)):
            raise TypeError(f"seed should be 1 integer or 6 integers, got {seed!r}")
    for part, which, modulus in ((numbers[:3], "first", M1), (numbers[3:], "last", M2)):
        if not any(part):
            raise ValueError(f"The {which} 3 values of seed should not be all 0: {seed!r}")
        if not all(0 <= number < modulus for number in part):
            raise ValueError(f"The {which} 3 values of seed should be at least 0 and less than {modulus}: {seed!r}")
    return np.array(numbers, dtype="int32")


def checked_size(size: Any) -> Any:
    """Return a size as a tuple of integers and scalar variables, or a vector variable."""
    if isinstance(size, Variable) and size.type.ndim == 1:
        return size
    if isinstance(size, Variable) and size.type.ndim > 1:
        raise ValueError(f"size has to be a scalar or a vector; {size} has {size.type.ndim} dimensions")
    if isinstance(size, (int, np.integer, Variable)):
        size = (size,)
    if not isinstance(size, (tuple, list, np.ndarray)):
        raise TypeError(f"size has to be a tuple of integers and scalar variables, or a vector variable; got {size!r}")
    as_shape(size, "size")
    size = tuple(size.tolist() if isinstance(size, np.ndarray) else size)
    if any(not isinstance(entry, Variable) and entry <= 0 for entry in size):
        raise ValueError(f"The specified size contains a dimension with value <= 0: {size}")
    return size


def checked_ndim(ndim: int | None, size: Any) -> int | None:
    if ndim is not None and isinstance(size, tuple) and len(size) != ndim:
        raise ValueError(f"ndim is {ndim}, but the size {size} has {len(size)} entries")
    return ndim


def known_size(count: Tensor) -> Tensor:
    """Return a size as a constant where it is known."""
    value = static_int(count)
    return as_tensor_variable(count) if value is None else literal(value, "int64")


def real_parameters(name: str, given: dict[str, Any], dtype: Any) -> tuple[dict[str, Tensor], str]:
    """Return parameters in the dtype of the result, and that dtype."""
    parameters = {key: as_tensor_variable(value) for key, value in given.items()}
    if dtype is None:
        strong = [parameters[key].type.dtype for key, value in given.items() if not is_weak(value)]
        dtype = upcast(config.floatX, *strong)
    dtype = normalize_dtype(dtype)
    for key, variable in parameters.items():
        if is_complex(variable.type.dtype):
            raise TypeError(
                f"MRG_RandomStream.{name} takes real parameters; {key} is {variable} of type {variable.type}"
            )
    return {key: cast(variable, dtype) for key, variable in parameters.items()}, dtype


def checked_pvals(name: str, parameter: str, pvals: Any, ndim: int | None) -> Tensor:
    if pvals is None:
        raise TypeError(f"MRG_RandomStream.{name} needs {parameter}, the probabilities of the outcomes")
    if ndim is not None:
        raise ValueError(f"MRG_RandomStream.{name} takes no ndim")
    pvals = as_tensor_variable(pvals)
    if pvals.type.ndim != 2:
        raise NotImplementedError(
            f"MRG_RandomStream.{name} takes a matrix of probabilities, a row for each distribution; {pvals} has "
            f"{pvals.type.ndim} dimensions"
        )
    return pvals


def in_shape_of(samples: Tensor, result: Tensor, parameters: dict[str, Tensor]) -> Tensor:
    """Return what was made of samples and parameters, once it's sure that it has their shape.

    Otherwise one number would stand in several places.
    """
    if result.type.ndim != samples.type.ndim or result.type.broadcastable != samples.type.broadcastable:
        names = " and ".join(parameters)
        raise NotImplementedError(
            f"{names} give a result of type {result.type}, but the size says {samples.type}: increase the size to the "
            f"shape that {names} broadcast to"
        )
    open_sizes = any(
        samples.type.shape[axis - variable.type.ndim] is None and size != 1
        for variable in parameters.values()
        for axis, size in enumerate(variable.type.shape)
    )
    return specify_shape(result, shape_tuple(samples)) if open_sizes else result
