"""What is drawn from a given array: choices, permutations."""

# a distribution is called with its own parameters
# mypy: disable-error-code="override"

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from aesaralite.graph.arguments import as_flag
from aesaralite.graph.basic import Apply, Variable
from aesaralite.tensor.convert import as_tensor_variable
from aesaralite.tensor.pointwise import cast, maximum
from aesaralite.tensor.random.families import is_unsized, needs_generator
from aesaralite.tensor.random.op import RandomVariable
from aesaralite.tensor.random.parameters import normalize_size_param
from aesaralite.tensor.shaping import shape_tuple
from aesaralite.tensor.static import Tensor, as_size, is_discrete_type, normalize_axis, static_int, vector_entries

__all__ = [
    "ChoiceRV",
    "PermutationRV",
    "PermutedRV",
    "choice",
    "permutation",
    "permuted",
    "shuffle",
]


class _ArrayRV(RandomVariable):
    """What is drawn from an array as a whole, along an axis."""

    __props__ = (*RandomVariable.__props__, "axis")

    # the array's dtype
    dtype = None

    def __init__(
        self,
        name: str | None = None,
        ndim_supp: int | None = None,
        ndims_params: Sequence[int] | None = None,
        dtype: str | None = None,
        inplace: bool | None = None,
        axis: int | None = 0,
    ) -> None:
        super().__init__(name, ndim_supp, ndims_params, dtype, inplace)
        self.axis = axis

    def _axis_argument(self) -> dict[str, Any]:
        """Return the axis as an argument of NumPy's methods; those of legacy generators have none."""
        return {"axis": self.axis} if self.axis else {}

    def _infer_shape(
        self,
        size: Any,
        dist_params: Sequence[Tensor],
        param_shapes: Sequence[Sequence[Tensor]] | None = None,
    ) -> tuple[Tensor, ...]:
        (x,) = dist_params
        shape = tuple(shape_tuple(x) if param_shapes is None else param_shapes[0])
        if len(shape) != self.ndims_params[0]:
            raise ValueError(f"{self} takes an array of {self.ndims_params[0]} dimensions; {x} has {len(shape)}")
        return (*_sizes(size), *(shape or (_count(x),)))


def _sizes(size: Any) -> tuple[Tensor, ...]:
    return tuple(vector_entries(size) if isinstance(size, Variable) else size)


def _array_or_count(value: Any, name: str) -> Tensor:
    """Return an array as it is; a number, which stands for the integers below it, only if it's an integer."""
    variable = as_tensor_variable(value)
    if variable.type.ndim == 0 and (not is_discrete_type(variable) or variable.type.dtype == "bool"):
        raise TypeError(f"{name} must be an array or an integer; got {variable} of dtype {variable.type.dtype}")
    return variable


class ChoiceRV(_ArrayRV):
    r"""Elements of an array, each equally likely or with given probabilities. NumPy's ``Generator.choice``.

    Parameters
    ----------
    axis : int
        The axis along which the array's elements, or its slices, lie.
    shuffle : bool
        Whether a choice without replacement is in random order. If not, it's faster.

    Notes
    -----
    The parameters of the Op are the array, the probabilities, if there are any, and whether to replace. A choice
    without replacement counts as one draw, whatever its size.
    """

    __props__ = (*_ArrayRV.__props__, "shuffle")

    name = "choice"
    ndim_supp = 0
    ndims_params = (1, 1, 0)

    def __init__(
        self,
        name: str | None = None,
        ndim_supp: int | None = None,
        ndims_params: Sequence[int] | None = None,
        dtype: str | None = None,
        inplace: bool | None = None,
        axis: int = 0,
        shuffle: bool = True,
    ) -> None:
        super().__init__(name, ndim_supp, ndims_params, dtype, inplace, axis)
        self.shuffle = shuffle

    def __call__(
        self,
        a: Any,
        size: Any = None,
        replace: Any = True,
        p: Any = None,
        axis: int = 0,
        shuffle: bool = True,
        **kwargs: Any,
    ) -> Any:
        """Return some elements of an array.

        Parameters
        ----------
        a : tensor_like
            The array. An integer stands for the integers below it.
        size : int, tuple or vector variable, optional
            The shape of the choice: it takes the place of `axis`. By default it's a single element.
        replace : bool or 0-d variable
            Whether an element may be chosen more than once.
        p : vector_like, optional
            The probability of each element; by default they're all the same.
        axis : int
            The axis of `a` whose elements, or slices, are chosen. Legacy generators take a vector only.
        shuffle : bool
            Whether a choice without replacement is in random order. If not, it's faster. Legacy generators have true
            only.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.

        Raises
        ------
        TypeError
            If `a` is a number and no integer.
        ValueError
            If `p` is no vector, or is known to have another length than `a`.
        """
        a = _array_or_count(a, "a")
        ndim = a.type.ndim
        axis = normalize_axis(axis, ndim, a) if ndim else 0
        size = normalize_size_param(size)
        chosen = size.type.shape[0]
        fixed = isinstance(replace, (bool, np.bool_))
        # elements of a choice with replacement don't depend on each other; all others are one draw
        whole = axis or not (fixed and replace)
        ndim_supp = max(ndim - 1, 0) + (chosen if whole else 0)
        params, ndims = [a, as_tensor_variable(np.asarray(replace) if fixed else replace)], [ndim, 0]
        if p is not None:
            params.insert(1, as_tensor_variable(p))
            ndims.insert(1, 1)
        op = type(self)(self.name, ndim_supp, ndims, self.dtype, self.inplace, axis, as_flag(shuffle, "shuffle"))
        kwargs.setdefault("dtype", a.type.dtype if ndim else "int64")
        return super(ChoiceRV, op).__call__(*params, size=size, **kwargs)

    def _infer_shape(
        self,
        size: Any,
        dist_params: Sequence[Tensor],
        param_shapes: Sequence[Sequence[Tensor]] | None = None,
    ) -> tuple[Tensor, ...]:
        shapes = [shape_tuple(param) for param in dist_params] if param_shapes is None else list(param_shapes)
        if [len(shape) for shape in shapes] != list(self.ndims_params):
            raise ValueError(f"{self} takes parameters of {self.ndims_params} dimensions; got {list(dist_params)}")
        a, axis = tuple(shapes[0]), self.axis or 0
        if not a:
            return _sizes(size)
        return (*a[:axis], *_sizes(size), *a[axis + 1 :])

    def make_node(self, rng: Any, size: Any, dtype: Any, *dist_params: Any) -> Apply:
        params = [as_tensor_variable(param) for param in dist_params]
        if len(params) == 3:
            a, p = params[:2]
            if p.type.ndim != 1:
                raise ValueError(f"p must be 1-dimensional; {p} has {p.type.ndim} dimensions")
            count = a.type.shape[self.axis or 0] if a.type.ndim else static_int(a)
            if None not in (count, p.type.shape[0]) and count != p.type.shape[0]:
                raise ValueError(f"a and p must have same size; they have {count} and {p.type.shape[0]} elements")
        return super().make_node(rng, size, dtype, *params)

    def rng_fn(self, rng: Any, a: Any, *args: Any) -> Any:
        *p, replace, size = args
        extra = self._axis_argument()
        if not self.shuffle:
            extra["shuffle"] = False
        return rng.choice(a, size or None, bool(replace), *p, **extra)


choice = ChoiceRV()


class PermutationRV(_ArrayRV):
    """Arrays in random order. NumPy's ``Generator.permutation``.

    Parameters
    ----------
    axis : int
        The axis whose elements, or slices, trade places.
    """

    name = "permutation"
    ndim_supp = 1
    ndims_params = (1,)

    def __call__(self, x: Any, size: Any = None, axis: int = 0, **kwargs: Any) -> Any:
        """Return an array in random order.

        Parameters
        ----------
        x : tensor_like
            The array. An integer stands for the integers below it.
        size : int, tuple or vector variable, optional
            The shape of a batch of permutations; by default it's a single one.
        axis : int
            The axis whose elements, or slices, trade places. Legacy generators have 0 only.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.

        Raises
        ------
        TypeError
            If `x` is a number and no integer.
        """
        x = _array_or_count(x, "x")
        ndim = x.type.ndim
        axis = normalize_axis(axis, ndim, x) if ndim else 0
        op = type(self)(self.name, max(ndim, 1), (ndim,), self.dtype, self.inplace, axis)
        kwargs.setdefault("dtype", x.type.dtype if ndim else "int64")
        return super(PermutationRV, op).__call__(x, size=size, **kwargs)

    def rng_fn(self, rng: Any, x: Any, size: Any) -> Any:
        x = np.asarray(x)
        if x.ndim == 0:
            return _copies(lambda: rng.permutation(int(x)), size, (max(int(x), 0),), "int64")
        return _copies(lambda: rng.permutation(x, **self._axis_argument()), size, x.shape, x.dtype)


def _count(x: Tensor) -> Tensor:
    """Return how many integers there are below one; none below a negative one."""
    known = static_int(x)
    return maximum(cast(x, "int64"), 0) if known is None else as_size(max(known, 0))


def _copies(draw: Callable[[], Any], size: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """Draw arrays of a shape and a dtype for each of a batch, in C order."""
    if is_unsized(size):
        return draw()
    batch = (size,) if isinstance(size, int) else tuple(size)
    result = np.empty(batch + shape, dtype=dtype)
    for index in np.ndindex(*batch):
        result[index] = draw()
    return result


permutation = PermutationRV()


def shuffle(x: Any, axis: int = 0, *, rng: Any = None, **kwargs: Any) -> Any:
    """Return an array in random order, that to which NumPy's ``Generator.shuffle`` brings it.

    Parameters
    ----------
    x : tensor_like
        The array. It isn't changed.
    axis : int
        The axis whose elements, or slices, trade places.
    rng : Variable, optional
        The generator.
    **kwargs
        `name` and `dtype`, see `RandomVariable`.

    Raises
    ------
    TypeError
        If `x` is a number.
    """
    x = as_tensor_variable(x)
    if x.type.ndim == 0:
        raise TypeError(f"shuffle takes an array; {x} is a number. `permutation` takes the integers below one.")
    return permutation(x, axis=axis, rng=rng, **kwargs)


class PermutedRV(_ArrayRV):
    """Arrays, each of whose slices along an axis is in a random order of its own. NumPy's ``Generator.permuted``.

    Parameters
    ----------
    axis : int or None
        The axis. With None, all elements trade places.
    """

    name = "permuted"
    ndim_supp = 1
    ndims_params = (1,)

    def __call__(self, x: Any, axis: int | None = None, size: Any = None, **kwargs: Any) -> Any:
        """Return an array, each of whose slices along an axis is in random order.

        Parameters
        ----------
        x : tensor_like
            The array.
        axis : int, optional
            The axis. By default, all elements trade places.
        size : int, tuple or vector variable, optional
            The shape of a batch of such arrays; by default it's a single one.
        **kwargs
            `rng`, `name` and `dtype`, see `RandomVariable`.

        Raises
        ------
        TypeError
            If `x` is a number, or the generator is a legacy one.
        """
        x = as_tensor_variable(x)
        ndim = x.type.ndim
        if ndim == 0:
            raise TypeError(f"permuted takes an array; {x} is a number")
        axis = None if axis is None else normalize_axis(axis, ndim, x)
        op = type(self)(self.name, ndim, (ndim,), self.dtype, self.inplace, axis)
        kwargs.setdefault("dtype", x.type.dtype)
        return super(PermutedRV, op).__call__(x, size=size, **kwargs)

    def make_node(self, rng: Any, size: Any, dtype: Any, *dist_params: Any) -> Apply:
        needs_generator("permuted", rng)
        return super().make_node(rng, size, dtype, *dist_params)

    def rng_fn(self, rng: Any, x: Any, size: Any) -> Any:
        # NumPy goes through memory, whichever way it's laid out
        x = np.ascontiguousarray(x)
        return _copies(lambda: rng.permuted(x, axis=self.axis), size, x.shape, x.dtype)


permuted = PermutedRV()
