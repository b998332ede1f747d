"""Shared variables that hold arrays and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from aesaralite.graph.arguments import as_flag, as_list, is_one_of
from aesaralite.graph.container import duplicate
from aesaralite.graph.shared import SharedVariable, shared_constructor
from aesaralite.graph.state_lock import guarded
from aesaralite.tensor.tensor_type import TensorType
from aesaralite.tensor.var import _tensor_py_operators

__all__ = ["ScalarSharedVariable", "TensorSharedVariable", "scalar_constructor", "tensor_constructor"]


class TensorSharedVariable(_tensor_py_operators, SharedVariable):
    """A shared variable that holds an array: `SharedVariable`, with the operators and methods of tensors."""

    def zero(self, borrow: bool = False) -> None:
        """Set all elements to zero.

        Parameters
        ----------
        borrow : bool
            Whether to write into the stored array, so that those who borrowed it see it; otherwise a fresh one is
            stored.
        """
        if not borrow:
            self.container.value = np.zeros_like(self.container.value)
            return
        guarded(np.copyto, (), [self.container.lock])(self.container.value, 0)


class ScalarSharedVariable(TensorSharedVariable):
    """A shared variable that was made of one number."""


@shared_constructor.register(np.ndarray)
def tensor_constructor(
    value: Any,
    name: str | None = None,
    strict: bool = False,
    allow_downcast: bool | None = None,
    borrow: bool = False,
    shape: Sequence[int | None] | None = None,
    target: str = "cpu",
    broadcastable: Sequence[bool] | None = None,
) -> TensorSharedVariable:
    """Return a shared variable that holds an array.

    Parameters
    ----------
    value : ndarray
        The first value. It decides the dtype and the number of dimensions.
    name, strict, allow_downcast
        See `aesaralite.shared`.
    borrow : bool
        Whether `value` itself is stored; otherwise a copy of it.
    shape : sequence of int and None, optional
        The dimensions that later values must have, too. All are unknown unless given, so that sizes may change.
    target : str
        ``"cpu"``.
    broadcastable : sequence of bool, optional
        The older way to say which dimensions are always 1.

    Raises
    ------
    TypeError
        If `value` is no array of numbers, doesn't have `shape`, or both `shape` and `broadcastable` are given.
    """
    if not is_one_of(target, ("cpu",)):
        raise TypeError(f"There is no target {target!r}: values live on the CPU.")
    if not isinstance(value, np.ndarray):
        raise TypeError(f"tensor_constructor takes an array, got {value!r} of type {type(value)}")
    if broadcastable is not None:
        if shape is not None:
            raise TypeError("Give either shape or broadcastable, not both.")
        flags = [as_flag(flag, "each of broadcastable") for flag in as_list(broadcastable, "broadcastable")]
        shape = [1 if is_one else None for is_one in flags]
    tensor_type = TensorType(value.dtype, shape=(None,) * value.ndim if shape is None else shape)
    return TensorSharedVariable(
        type=tensor_type,
        value=value if borrow else duplicate(tensor_type.filter(value)),
        strict=strict,
        allow_downcast=allow_downcast,
        name=name,
    )


@shared_constructor.register(bool)
@shared_constructor.register(int)
@shared_constructor.register(float)
@shared_constructor.register(complex)
@shared_constructor.register(np.number)
@shared_constructor.register(np.bool_)
def scalar_constructor(
    value: Any,
    name: str | None = None,
    strict: bool = False,
    allow_downcast: bool | None = None,
    borrow: bool = False,
    target: str = "cpu",
) -> ScalarSharedVariable:
    """Return a shared variable that holds one number, as an array of no dimensions.

    Parameters
    ----------
    value : int, float, complex, bool or numpy scalar
        The first value. A Python int gives int64, a float float64, whatever floatX is.
    name, strict, allow_downcast
        See `aesaralite.shared`.
    borrow : bool
        Without effect: numbers are immutable.
    target : str
        ``"cpu"``.

    Raises
    ------
    TypeError
        If `value` is no number that a dtype holds.
    """
    if not is_one_of(target, ("cpu",)):
        raise TypeError(f"There is no target {target!r}: values live on the CPU.")
    if not isinstance(value, (bool, int, float, complex, np.number, np.bool_)):
        raise TypeError(f"scalar_constructor takes a number, got {value!r} of type {type(value)}")
    array = np.asarray(value)
    return ScalarSharedVariable(
        type=TensorType(array.dtype, shape=()), value=array, strict=strict, allow_downcast=allow_downcast, name=name
    )
