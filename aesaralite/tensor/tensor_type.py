"""The type of arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from aesaralite.configdefaults import config
from aesaralite.graph.arguments import as_flag, as_list
from aesaralite.graph.basic import Variable
from aesaralite.graph.provenance import warn_user
from aesaralite.graph.type import HasDataType, HasShape, Type
from aesaralite.scalar.dtypes import (
    all_dtypes,
    complex_dtypes,
    continuous_dtypes,
    discrete_dtypes,
    float_dtypes,
    int_dtypes,
    integer_dtypes,
    normalize_dtype,
    uint_dtypes,
)
from aesaralite.scalar.type import ScalarType, get_scalar_type

__all__ = [
    "TensorType",
    "all_dtypes",
    "as_static_shape",
    "complex_dtypes",
    "continuous_dtypes",
    "discrete_dtypes",
    "float_dtypes",
    "int_dtypes",
    "integer_dtypes",
    "tensor_type",
    "uint_dtypes",
    "values_eq_approx",
    "values_eq_approx_always_true",
    "values_eq_approx_remove_inf",
    "values_eq_approx_remove_inf_nan",
    "values_eq_approx_remove_nan",
]

_TOLERANCES = {
    "float16": (5e-3, 1e-3),
    "float32": (1e-5, 1e-5),
    "complex64": (1e-5, 1e-5),
    "float64": (1e-5, 1e-8),
    "complex128": (1e-5, 1e-8),
}
# what the flag tensor__cmp_sloppy multiplies the tolerances with
_SLOPPINESS = {0: 1, 1: 10, 2: 100}


def as_static_shape(shape: Iterable[Any]) -> tuple[int | None, ...]:
    """Return a static shape as a tuple of ints and None.

    Parameters
    ----------
    shape : iterable of int, None or bool
        True stands for 1 and False for None, so that broadcast patterns pass.

    Raises
    ------
    TypeError
        If an entry is something else.
    ValueError
        If a size is negative.
    """
    sizes: list[int | None] = []
    for size in as_list(shape, "a static shape"):
        if size is None:
            sizes.append(None)
        elif isinstance(size, (bool, np.bool_)):
            sizes.append(1 if size else None)
        elif isinstance(size, (int, np.integer)):
            if size < 0:
                raise ValueError(f"A static shape can't have the negative size {size}; use None for an unknown one")
            sizes.append(int(size))
        else:
            raise TypeError(
                f"The entries of a static shape are ints or None, got {size!r} of type {type(size).__name__}"
            )
    return tuple(sizes)


class TensorType(Type, HasDataType, HasShape):
    """The type of arrays of one dtype and number of dimensions; some sizes may be known.

    Parameters
    ----------
    dtype : str, numpy.dtype or type
        The dtype of the values; ``"floatX"`` stands for the flag of that name.
    shape : sequence of int or None
        The size of each dimension, None where it isn't known before the array is there.
    name : str, optional
        A name for the type.
    broadcastable : sequence of bool, optional
        Instead of `shape`: which dimensions have the size 1.

    Attributes
    ----------
    ndim : int
        The number of dimensions.
    broadcastable : tuple of bool
        Which dimensions are known to have the size 1.
    numpy_dtype : numpy.dtype
        The dtype.

    Examples
    --------
    >>> from aesaralite.tensor.tensor_type import TensorType
    >>> TensorType("float64", shape=(1, None))
    TensorType(float64, (1, ?))
    """

    __props__ = ("dtype", "shape")

    context_name = "cpu"
    # whether filter warns about values that aren't finite, where the flag asks for it
    filter_checks_isfinite = False

    def __init__(
        self,
        dtype: Any,
        shape: Iterable[int | bool | None] | None = None,
        name: str | None = None,
        broadcastable: Iterable[bool] | None = None,
    ):
        if isinstance(shape, str):
            raise TypeError(f"The shape of a TensorType is a sequence of sizes, got the string {shape!r}")
        if broadcastable is not None:
            if shape is not None:
                raise TypeError("A TensorType takes shape or broadcastable, not both")
            shape = _static_shape_of(broadcastable)
        if shape is None:
            raise TypeError("A TensorType needs a shape: a sequence of sizes, with None for those that aren't known")
        self.dtype = normalize_dtype(dtype)
        self.numpy_dtype = np.dtype(self.dtype)
        self.shape = as_static_shape(shape)
        self.ndim = len(self.shape)
        self.broadcastable = tuple(size == 1 for size in self.shape)
        self.name = name
        self._known_sizes = tuple((axis, size) for axis, size in enumerate(self.shape) if size is not None)

    def clone(
        self,
        dtype: Any = None,
        shape: Iterable[int | bool | None] | None = None,
        broadcastable: Iterable[bool] | None = None,
        **kwargs: Any,
    ) -> TensorType:
        """Return a type like this one, with another dtype or another static shape."""
        if broadcastable is not None:
            shape = _static_shape_of(broadcastable)
        return type(self)(
            self.dtype if dtype is None else dtype,
            self.shape if shape is None else shape,
            name=kwargs.pop("name", self.name),
            **kwargs,
        )

    # Values

    def filter(self, data: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """Return `data` as an array of this type.

        Parameters
        ----------
        data : array_like
            The value.
        strict : bool
            If true, only an array of exactly this dtype will do.
        allow_downcast : bool or None
            True: cast whatever the loss. False: never lose precision. None: a Python float may be rounded to the dtype
            ``floatX``.

        Returns
        -------
        ndarray
            `data` itself where it belongs to the type already.

        Raises
        ------
        TypeError
            If the dtype, the number of dimensions or a known size doesn't fit.
        """
        if type(data) is not np.ndarray or data.dtype is not self.numpy_dtype:
            data = self._convert(data, strict, allow_downcast)
        if data.ndim != self.ndim:
            raise TypeError(
                f"Wrong number of dimensions: expected {self.ndim}, got {data.ndim} with shape {data.shape}."
            )
        if self._known_sizes:
            sizes = data.shape
            for axis, size in self._known_sizes:
                if sizes[axis] != size:
                    raise TypeError(f"The type's shape ({self.shape}) is not compatible with the data's ({data.shape})")
        if not data.flags.aligned:
            raise TypeError("The array is not aligned in memory; numpy.require(array, requirements='A') makes it so")
        if self.filter_checks_isfinite and not np.all(np.isfinite(data)):
            raise ValueError("Non-finite elements not allowed")
        return data

    def _convert(self, data: Any, strict: bool, allow_downcast: bool | None) -> np.ndarray:
        if isinstance(data, Variable):
            raise TypeError(
                "Expected an array-like object, but found a Variable: maybe you are trying to call a function on a "
                "(possibly shared) variable instead of a numeric array?"
            )
        if isinstance(data, np.ma.MaskedArray):
            raise TypeError("Masked arrays are not supported: their mask would be lost. Fill the array first")
        if isinstance(data, np.ndarray) and data.dtype == self.numpy_dtype:
            return self._plain(data)
        if strict:
            if isinstance(data, np.ndarray):
                raise TypeError(f"{self} expected an ndarray with dtype={self.dtype} (got {data.dtype}).")
            raise TypeError(f"{self} expected an ndarray object (got {type(data)}).")
        if isinstance(data, np.ndarray):
            return self._convert_array(data, allow_downcast)
        return self._convert_other(data, allow_downcast)

    def _plain(self, data: np.ndarray) -> np.ndarray:
        if isinstance(data, np.memmap):
            return data
        # C's long and long long are equal dtypes with two numbers
        return np.asarray(data) if data.dtype.num == self.numpy_dtype.num else np.asarray(data).view(self.numpy_dtype)

    def _convert_array(self, data: np.ndarray, allow_downcast: bool | None) -> np.ndarray:
        if data.dtype.kind not in "biufc":
            raise TypeError(f"{self} cannot store an array of dtype {data.dtype}")
        if allow_downcast or np.can_cast(data.dtype, self.numpy_dtype, "safe"):
            return np.asarray(data).astype(self.numpy_dtype)
        value = repr(data)
        if len(value) > 200:
            value = value[:200] + "..."
        raise TypeError(
            f"{self}, with dtype {self.dtype}, cannot store a value of dtype {data.dtype} without risking loss of "
            f"precision. If you do not mind this loss, you can: 1) explicitly cast your data to {self.dtype}, or "
            f'2) set "allow_input_downcast=True" when calling "function". Value: "{value}"'
        )

    def _convert_other(self, data: Any, allow_downcast: bool | None) -> np.ndarray:
        try:
            original = np.asarray(data)
        except ValueError as error:
            raise TypeError(f"{self} cannot make an array of {_shortened(data)}: {error}") from None
        if original.dtype.kind not in "biufc" and original.size:
            raise TypeError(f"{self} cannot store {_shortened(data)} of type {type(data).__name__}: it isn't numeric")
        if allow_downcast or (allow_downcast is None and type(data) is float and self.dtype == config.floatX):
            return original.astype(self.numpy_dtype)
        if original.dtype == self.numpy_dtype:
            return original
        if original.dtype.kind == "c" and self.numpy_dtype.kind != "c":
            shown: Any = original.real.astype(self.numpy_dtype)
        else:
            with np.errstate(all="ignore"):
                shown = original.astype(self.numpy_dtype)
            if np.array_equal(shown, original, equal_nan=original.dtype.kind in "fc"):
                return shown
        raise TypeError(
            f"{self} cannot store accurately value {_shortened(data)}, it would be represented as {_shortened(shown)}. "
            "If you do not mind this precision loss, you can: 1) explicitly convert your data to a numpy array of "
            f'dtype {self.dtype}, or 2) set "allow_input_downcast=True" when calling "function".'
        )

    @staticmethod
    def may_share_memory(a: Any, b: Any) -> bool:
        if not isinstance(a, np.ndarray) or not isinstance(b, np.ndarray):
            return False
        return np.may_share_memory(a, b)

    @staticmethod
    def values_eq(a: Any, b: Any, force_same_dtype: bool = True) -> bool:
        """Whether two arrays hold the same numbers; a NaN equals a NaN."""
        a, b = np.asarray(a), np.asarray(b)
        if a.shape != b.shape or (force_same_dtype and a.dtype != b.dtype):
            return False
        if a.dtype.kind in "fc" and b.dtype.kind in "fc":
            return bool(np.array_equal(a, b, equal_nan=True))
        return bool(np.array_equal(a, b))

    @staticmethod
    def values_eq_approx(
        a: Any,
        b: Any,
        allow_remove_inf: bool = False,
        allow_remove_nan: bool = False,
        rtol: float | None = None,
        atol: float | None = None,
    ) -> bool:
        """Whether two arrays agree up to rounding; see `values_eq_approx`."""
        return values_eq_approx(a, b, allow_remove_inf, allow_remove_nan, rtol, atol)

    # Variables

    def in_same_class(self, otype: Type) -> bool:
        """Whether the other type has this dtype, number of dimensions and broadcast pattern."""
        return isinstance(otype, TensorType) and otype.dtype == self.dtype and otype.broadcastable == self.broadcastable

    def is_super(self, otype: Type) -> bool:
        """Whether every array of the other type belongs to this one."""
        if not isinstance(otype, TensorType) or otype.dtype != self.dtype or otype.ndim != self.ndim:
            return False
        return all(mine is None or mine == other for mine, other in zip(self.shape, otype.shape))

    def convert_variable(self, var: Any) -> Any:
        if self.is_super(var.type):
            # var says more than this type asks for
            return var
        if isinstance(var.type, TensorType) and self._may_share_values(var.type):
            return var.specify_shape(self.shape)
        return None

    def _may_share_values(self, other: TensorType) -> bool:
        """Whether there may be arrays that belong to both types."""
        if other.dtype != self.dtype or other.ndim != self.ndim:
            return False
        return all(mine is None or size is None or mine == size for mine, size in zip(self.shape, other.shape))

    def filter_variable(self, other: Any, allow_convert: bool = True) -> Variable:
        """Return a variable of this type, or of one that says more, for `other`.

        Parameters
        ----------
        other : Variable or array_like
            A value becomes a constant. A variable whose static shape says less is checked at run time.
        allow_convert : bool
            Whether variables of other types may be converted.

        Raises
        ------
        TypeError
            If the dtype or the number of dimensions differs, or static shapes contradict each other.
        """
        if not isinstance(other, Variable):
            return self.constant_type(type=self, data=self.filter(other))
        if other.type == self:
            return other
        if allow_convert:
            converted = self.convert_variable(other)
            if converted is not None:
                return converted
        raise TypeError(
            f"Cannot convert Type {other.type} (of Variable {other}) into Type {self}. "
            f"You can try to manually convert {other} into a {self}."
        )

    def make_variable(self, name: str | None = None) -> Any:
        if config.warn_float64 != "ignore" and self.dtype == "float64":
            _complain_about_float64()
        return super().make_variable(name)

    def to_scalar_type(self) -> ScalarType:
        """Return the type of one element."""
        return get_scalar_type(self.dtype)

    def dtype_specs(self) -> tuple[type, str, str]:
        """Return the Python type, the name that C compilers know, and NumPy's name of the elements' type."""
        kind = {"b": bool, "i": int, "u": int, "f": float, "c": complex}[self.numpy_dtype.kind]
        return kind, f"npy_{self.dtype}", f"NPY_{self.dtype.upper()}"

    def get_shape_info(self, obj: np.ndarray) -> tuple[int, ...]:
        """Return the shape of a value."""
        return obj.shape

    def get_size(self, shape_info: Sequence[int]) -> int:
        """Return the number of bytes of a value of a shape."""
        return int(np.prod(shape_info, dtype="int64")) * self.numpy_dtype.itemsize

    def value_zeros(self, shape: Sequence[int]) -> np.ndarray:
        """Return an array of zeros of this dtype."""
        return np.zeros(shape, dtype=self.numpy_dtype)

    def __str__(self) -> str:
        return self.name or repr(self)

    def __repr__(self) -> str:
        sizes = ["?" if size is None else str(size) for size in self.shape]
        return f"TensorType({self.dtype}, ({', '.join(sizes)}{',' if len(sizes) == 1 else ''}))"


@lru_cache(maxsize=4096)
def tensor_type(dtype: str, shape: tuple[int | None, ...]) -> TensorType:
    """Return a shared `TensorType`; faster than making one, for a dtype by name and a checked static shape."""
    return TensorType(dtype, shape)


def values_eq_approx(
    a: Any,
    b: Any,
    allow_remove_inf: bool = False,
    allow_remove_nan: bool = False,
    rtol: float | None = None,
    atol: float | None = None,
) -> bool:
    """Whether two arrays have the same shape and dtype, and agree up to rounding.

    Parameters
    ----------
    a, b : ndarray
        The arrays. Where both are NaN, or the same infinity, they agree.
    allow_remove_inf, allow_remove_nan : bool
        Whether an infinity, or a NaN, in `a` agrees with whatever `b` holds.
    rtol, atol : float, optional
        Relative and absolute tolerance. By default they follow from the less precise dtype.
    """
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    if a.dtype.name not in _TOLERANCES:
        return bool(np.array_equal(a, b))
    default_rtol, default_atol = _TOLERANCES[a.dtype.name]
    slack = _SLOPPINESS.get(int(config.tensor__cmp_sloppy), 1)
    close = np.isclose(
        a,
        b,
        rtol=default_rtol * slack if rtol is None else rtol,
        atol=default_atol * slack if atol is None else atol,
        equal_nan=True,
    )
    if allow_remove_nan:
        close |= np.isnan(a)
    if allow_remove_inf:
        close |= np.isinf(a)
    return bool(np.all(close))


def values_eq_approx_remove_inf(a: Any, b: Any) -> bool:
    """As `values_eq_approx`; an infinity in `a` agrees with anything."""
    return values_eq_approx(a, b, allow_remove_inf=True)


def values_eq_approx_remove_nan(a: Any, b: Any) -> bool:
    """As `values_eq_approx`; a NaN in `a` agrees with anything."""
    return values_eq_approx(a, b, allow_remove_nan=True)


def values_eq_approx_remove_inf_nan(a: Any, b: Any) -> bool:
    """As `values_eq_approx`; an infinity or a NaN in `a` agrees with anything."""
    return values_eq_approx(a, b, allow_remove_inf=True, allow_remove_nan=True)


def values_eq_approx_always_true(a: Any, b: Any) -> bool:
    """Whether anything agrees with anything: yes."""
    return True


def _complain_about_float64() -> None:
    message = "You are creating a TensorVariable with float64 dtype. You requested an action via the flag warn_float64"
    action = config.warn_float64
    if action == "raise":
        raise TypeError(message)
    if action == "pdb":
        breakpoint()  # noqa: T100
    warn_user(message)


def _shortened(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 75 else text[:75] + "..."


def _static_shape_of(broadcastable: Iterable[bool]) -> list[bool]:
    """Return the static shape that is meant: True for a size of 1, False for one that isn't known."""
    return [as_flag(flag, "each of broadcastable") for flag in as_list(broadcastable, "broadcastable")]
