"""How a kernel reaches memory: the address of each load and store as a function of its loops."""

from __future__ import annotations

from collections.abc import Sequence

from ..expr import Axis, Expr, Expressions
from ..values import Param, Row, Value, storage_of


class Access:
    """One load or store of a kernel.

    The element's number is ``offset + sum(coefficients[axis] * axis)`` where the indices are affine; otherwise `linear`
    computes it.

    Attributes
    ----------
    masks
        Factors by which a dimension of unknown size is stretched if it turns out to be 1.  The coefficients hold where
        all of them are 1; where one is 0 the kernel is given a stretched copy instead, of sizes `copy_sizes` and
        read with `copy_strides`.
    """

    __slots__ = ("coefficients", "copy_sizes", "copy_strides", "linear", "masks", "offset", "value")

    def __init__(self, value: Value, offset: Expr, coefficients: dict[Axis, Expr], linear: Expr | None) -> None:
        self.value = value
        self.offset = offset
        self.coefficients = coefficients
        self.linear = linear
        self.masks: tuple[Expr, ...] = ()
        self.copy_sizes: tuple[Expr, ...] = ()
        self.copy_strides: tuple[Expr, ...] = ()

    def same_as(self, other: Access) -> bool:
        """Whether both address the same elements of the same memory in every iteration."""
        return (
            storage_of(self.value) is storage_of(other.value)
            and self.linear is None
            and other.linear is None
            and self.offset is other.offset
            and self.coefficients == other.coefficients
            and self.masks == other.masks
        )


def strides(e: Expressions, value: Value, dims: Sequence[Expr] | None = None) -> tuple[Expr, ...]:
    """Steps of `value`'s dimensions, in elements."""
    if isinstance(value, Param) and value.strides is not None:
        return value.strides
    dims = value.dims if dims is None else dims
    steps: list[Expr] = []
    step = e.one
    for size in reversed(dims):
        steps.append(step)
        step = e.mul(step, size)
    return tuple(reversed(steps))


def find_access(e: Expressions, value: Value, indices: Sequence[Expr]) -> Access:
    """The access to `value` at `indices`."""
    if isinstance(value, Row):
        indices = indices[value.rows :]
    dense = _dense_with_masks(e, value, indices)
    if dense is not None:
        return dense
    steps = strides(e, value)
    linear = e.zero
    affine = True
    for index, step in zip(indices, steps, strict=True):
        linear = e.add(linear, e.mul(index, step))
        affine = affine and e.affine(index) is not None
    form = e.affine(linear) if affine else None
    if form is None:
        return Access(value, e.zero, {}, linear)
    return Access(value, form.offset, form.coefficients, None)


def _dense_with_masks(e: Expressions, value: Value, indices: Sequence[Expr]) -> Access | None:
    """An access that would be dense if no dimension were stretched, if it is of that kind."""
    if isinstance(value, Param) and value.strides is not None:
        return None
    masks: list[Expr] = []
    sizes: list[Expr] = []
    axes: list[Axis | None] = []
    copy_steps: list[Expr] = []
    for index, size, step in zip(indices, value.dims, strides(e, value), strict=True):
        if index.is_const and index.attr == 0 and size.is_one:
            axes.append(None)
            sizes.append(e.one)
            copy_steps.append(e.zero)
            continue
        form = e.affine(index)
        if form is None or form.offset is not e.zero or len(form.coefficients) != 1:
            return None
        ((axis, factor),) = form.coefficients.items()
        factors = e.factors(factor)
        if axis in axes or any(f.op != "mask" for f in factors if f is not e.one):
            return None
        own = [f for f in factors if f is not e.one]
        if not _lead_from(own, size, axis.size):
            return None
        masks.extend(own)
        axes.append(axis)
        sizes.append(axis.size)
        copy_steps.append(e.mul(factor, step))
    if not masks:
        return None
    steps = strides(e, value, sizes)
    coefficients = {axis: step for axis, step in zip(axes, steps, strict=True) if axis is not None}
    access = Access(value, e.zero, coefficients, None)
    access.masks = tuple(dict.fromkeys(masks))
    access.copy_sizes = tuple(sizes)
    access.copy_strides = tuple(copy_steps)
    return access


def _lead_from(masks: Sequence[Expr], size: Expr, joint: Expr) -> bool:
    """Whether `masks`, one after another, stretch a dimension of `size` to `joint`."""
    left = list(masks)
    while left:
        following = next((mask for mask in left if mask.args[0] is size), None)
        if following is None:
            return False
        left.remove(following)
        size = following.args[1]
    return size is joint
