"""Indexing as users write it: ``x[...]``, `set_subtensor`, `inc_subtensor`, `take` and their kin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aesaralite.graph.arguments import as_flag, is_one_of
from aesaralite.graph.basic import Variable
from aesaralite.graph.op import Op
from aesaralite.tensor.assertion import CheckAndRaise
from aesaralite.tensor.convert import as_tensor_variable
from aesaralite.tensor.creation import alloc, arange
from aesaralite.tensor.dimshuffle import DimShuffle
from aesaralite.tensor.index_spec import as_index_constant, get_slice_elements, is_new_axis, normalize_index
from aesaralite.tensor.indexing_advanced import (
    AdvancedIncSubtensor,
    AdvancedIncSubtensor1,
    AdvancedSubtensor,
    AdvancedSubtensor1,
)
from aesaralite.tensor.indexing_basic import IncSubtensor, Subtensor
from aesaralite.tensor.pointwise import eq, ge, lt, switch
from aesaralite.tensor.reshaping import Reshape
from aesaralite.tensor.shaping import specify_broadcastable
from aesaralite.tensor.slice_type import is_full_slice
from aesaralite.tensor.slot import as_slot_value
from aesaralite.tensor.static import normalize_axis


def getitem(x: Any, args: Any) -> Variable:
    """Return ``x[args]``: what the brackets of a tensor variable do.

    Parameters
    ----------
    x : TensorVariable
        What is indexed.
    args : object
        An entry or a tuple of entries: integers and integer scalar variables, slices of them, None for a
        new axis, ``...``, integer arrays (NumPy's, lists, or variables of any number of dimensions),
        and boolean arrays (masks) with at least one dimension.

    Returns
    -------
    TensorVariable
        What NumPy returns for the values. Integers, slices, None and ``...`` give a view; arrays give a
        copy.

    Raises
    ------
    IndexError
        If there are too many indices, or an index is known to be out of bounds (at run time, if it
        isn't known before).
    TypeError
        If an entry isn't an index. Python bools, alone or in lists, are refused, as they are most
        often a mistake; make them arrays.

    Examples
    --------
    >>> import aesaralite.tensor as at
    >>> x, i = at.dmatrix("x"), at.lscalar("i")
    >>> x[i, ::-1].eval({x: [[1.0, 2.0], [3.0, 4.0]], i: -1})
    array([4., 3.])
    """
    x = as_tensor_variable(x)
    index = normalize_index(args, x.type.ndim)
    if any(isinstance(entry, Variable) and not _is_basic_variable(entry) for entry in index):
        return AdvancedSubtensor()(x, *index)
    order: list[int | str] = []
    kept = 0
    for entry in index:
        if is_new_axis(entry):
            order.append("x")
        elif isinstance(entry, slice):
            order.append(kept)
            kept += 1
    basic = [entry for entry in index if not is_new_axis(entry)]
    if len(basic) == len(index):
        return _basic(x, basic)
    if not all(is_full_slice(entry) for entry in basic):
        x = _basic(x, basic)
    return x.dimshuffle(*order, *range(kept, x.type.ndim))


def _is_basic_variable(entry: Any) -> bool:
    return is_new_axis(entry) or getattr(entry.type, "ndim", None) == 0


def _basic(x: Any, index: Sequence[Any]) -> Variable:
    entries = [as_index_constant(entry) for entry in index]
    inputs = get_slice_elements(entries, lambda part: isinstance(part, Variable))
    return Subtensor(tuple(entries))(x, *inputs)


def set_subtensor(x: Any, y: Any, inplace: bool = False, tolerate_inplace_aliasing: bool = False) -> Variable:
    """Return an array like the indexed one, with the indexed part replaced by `y`.

    Parameters
    ----------
    x : TensorVariable
        An indexed expression, such as ``r[10:]``.
    y : tensor_like
        Takes the place of the part; broadcasts to its shape. Its dtype must fit into that of `x`.
    inplace, tolerate_inplace_aliasing : bool
        Without effect: graphs are pure, and what is computed in place is the compiler's business.

    Returns
    -------
    TensorVariable
        Like ``r``, which isn't changed. Where an index array names an element twice, the last value counts.

    Raises
    ------
    TypeError
        If `x` isn't an indexed expression, or `y` has too many dimensions or a dtype that doesn't fit.

    Examples
    --------
    >>> import aesaralite.tensor as at
    >>> r = at.dvector("r")
    >>> at.set_subtensor(r[1:], 7.0).eval({r: [1.0, 2.0, 3.0]})
    array([1., 7., 7.])
    """
    return _write(x, y, set_instead_of_inc=True, ignore_duplicates=False)


def inc_subtensor(
    x: Any,
    y: Any,
    inplace: bool = False,
    set_instead_of_inc: bool = False,
    tolerate_inplace_aliasing: bool = False,
    ignore_duplicates: bool = False,
) -> Variable:
    """Return an array like the indexed one, with the indexed part incremented by `y`.

    Parameters
    ----------
    x : TensorVariable
        An indexed expression, such as ``r[10:]``.
    y : tensor_like
        What is added; broadcasts to the shape of the part. Its dtype must fit into that of `x`.
    inplace, tolerate_inplace_aliasing : bool
        Without effect: graphs are pure, and what is computed in place is the compiler's business.
    set_instead_of_inc : bool
        Whether to replace instead, as `set_subtensor` does.
    ignore_duplicates : bool
        Whether an element that an index array names several times is incremented once, by the last
        value (as ``r[index] += y`` does). By default the increments accumulate.

    Returns
    -------
    TensorVariable
        Like ``r``, which isn't changed.

    Raises
    ------
    TypeError
        If `x` isn't an indexed expression, or `y` has too many dimensions or a dtype that doesn't fit.

    Examples
    --------
    >>> import aesaralite.tensor as at
    >>> r = at.dvector("r")
    >>> at.inc_subtensor(r[[0, 0, 2]], 1.0).eval({r: [1.0, 2.0, 3.0]})
    array([3., 2., 4.])
    """
    return _write(x, y, set_instead_of_inc, ignore_duplicates)


def _write(x: Any, y: Any, set_instead_of_inc: bool, ignore_duplicates: bool) -> Variable:
    set_instead_of_inc = as_flag(set_instead_of_inc, "set_instead_of_inc")
    ignore_duplicates = as_flag(ignore_duplicates, "ignore_duplicates")
    name = "set_subtensor" if set_instead_of_inc else "inc_subtensor"
    x = as_tensor_variable(x)
    y = as_slot_value(y, x.type.dtype)
    if y.type.ndim > x.type.ndim:
        raise TypeError(
            f"Trying to increment a {x.type.ndim}-dimensional subtensor with a {y.type.ndim}-dimensional value."
        )
    # the views between the index and the expression, and what takes `y` through them
    views: list[Any] = []
    indexed = x
    while indexed.owner is not None and isinstance(indexed.owner.op, (DimShuffle, Reshape)):
        through = _through_dimshuffle if isinstance(indexed.owner.op, DimShuffle) else _through_reshape
        y = through(indexed, y)
        views.append(indexed)
        indexed = indexed.owner.inputs[0]
    if views and all(_only_adds_axes(view.owner.op) for view in views) and not _is_indexing(indexed):
        # r[None] is a part of r, all of it
        indexed = Subtensor(())(indexed)
    op = None if indexed.owner is None else indexed.owner.op
    write: Op
    if isinstance(op, Subtensor):
        write = IncSubtensor(op.idx_list, set_instead_of_inc)
    elif isinstance(op, AdvancedSubtensor1) and not ignore_duplicates:
        write = AdvancedIncSubtensor1(set_instead_of_inc)
    elif isinstance(op, (AdvancedSubtensor, AdvancedSubtensor1)):
        write = AdvancedIncSubtensor(set_instead_of_inc, ignore_duplicates)
    else:
        raise TypeError(
            f"x must be the result of a subtensor operation: {name} takes an indexed expression such as r[1:], "
            f"r[i, j] or r[mask] (transposed, reshaped or with new axes, if you like), got {x}"
            + ("" if op is None else f", which is made by {op}")
        )
    base, *index = indexed.owner.inputs
    result = write(base, y, *index)
    return _undo_dimshuffle(result, base, views)


def _is_indexing(x: Any) -> bool:
    return x.owner is not None and isinstance(x.owner.op, (Subtensor, AdvancedSubtensor, AdvancedSubtensor1))


def _only_adds_axes(op: Any) -> bool:
    if not isinstance(op, DimShuffle):
        return False
    return [axis for axis in op.new_order if axis != "x"] == list(range(len(op.input_broadcastable)))


def _through_dimshuffle(x: Any, y: Any) -> Variable:
    """Return `y`, which is to be written into `x`, rearranged for the input of the DimShuffle that makes `x`."""
    order = x.owner.op.new_order
    missing = x.type.ndim - y.type.ndim
    new_axes = [axis - missing for axis, source in enumerate(order) if source == "x" and axis >= missing]
    if new_axes:
        y = specify_broadcastable(y, *new_axes)
    rearranged = [
        order.index(axis) - missing if axis in order and order.index(axis) >= missing else "x"
        for axis in range(x.owner.inputs[0].type.ndim)
    ]
    while rearranged and rearranged[0] == "x":
        del rearranged[0]
    return y.dimshuffle(*rearranged)


def _through_reshape(x: Any, y: Any) -> Variable:
    """Return `y`, which is to be written into `x`, reshaped for the input of the Reshape that makes `x`."""
    if y.type.ndim == 0:
        return y
    inner = x.owner.inputs[0]
    filled = alloc(y, *(x.shape[axis] for axis in range(x.type.ndim)))
    return filled.reshape(inner.shape, ndim=inner.type.ndim)


def _undo_dimshuffle(result: Any, base: Any, views: list[Any]) -> Variable:
    """Where ``b.T[index].T`` was written into, return something like ``b`` and not like ``b.T``."""
    if len(views) != 1 or base.owner is None:
        return result
    outer, inner = views[0].owner.op, base.owner.op
    if not (isinstance(outer, DimShuffle) and isinstance(inner, DimShuffle)):
        return result
    if any(isinstance(axis, int) and axis >= len(inner.new_order) for axis in outer.new_order):
        return result
    composed = [inner.new_order[axis] if isinstance(axis, int) else axis for axis in outer.new_order]
    if composed == list(range(base.owner.inputs[0].type.ndim)):
        return result.dimshuffle(*outer.new_order)
    return result


def take(a: Any, indices: Any, axis: int | None = None, mode: str | None = "raise") -> Variable:
    """Return the elements, or the slices along an axis, that `indices` name.

    Parameters
    ----------
    a : tensor_like
        The source.
    indices : tensor_like of int
        Of any number of dimensions.
    axis : int or None
        None takes from the flattened `a`.
    mode : {'raise', 'wrap', 'clip', None}
        What happens to an index that is out of bounds. ``'raise'`` (and None) raises IndexError at run time,
        ``'wrap'`` counts on from the other end, ``'clip'`` takes the first or last element (and so
        also takes the first one for negative indices).

    Returns
    -------
    TensorVariable
        Of shape ``a.shape[:axis] + indices.shape + a.shape[axis + 1:]``.

    Raises
    ------
    ValueError
        If `mode` isn't one of these.
    TypeError
        If `axis` isn't a constant integer.
    IndexError
        If there is no such axis.
    """
    if not is_one_of(mode, ("raise", "wrap", "clip", None)):
        raise ValueError(f"mode must be 'raise', 'wrap' or 'clip', got {mode!r}")
    a, indices = as_tensor_variable(a), as_tensor_variable(indices)
    if axis is None:
        a, axis = a.flatten(), 0
    else:
        axis = normalize_axis(axis, a.type.ndim, a)
    if mode in ("wrap", "clip"):
        # in int64, as the length may be beyond the indices' own dtype
        indices, n = indices.astype("int64"), a.shape[axis]
        indices = indices.clip(0, n - 1) if mode == "clip" else indices % n
    return a[(slice(None),) * axis + (indices,)]


def take_along_axis(arr: Any, indices: Any, axis: int | None = 0) -> Variable:
    """Return elements that `indices` name one by one along an axis.

    Parameters
    ----------
    arr : tensor_like
        The source.
    indices : tensor_like of int
        As many dimensions as `arr`. The other dimensions broadcast against those of `arr`.
    axis : int or None
        None takes from the flattened `arr`; `indices` is then a vector.

    Returns
    -------
    TensorVariable
        Where `axis` is 0, the element ``[i, j]`` is ``arr[indices[i, j], j]``.

    Raises
    ------
    ValueError
        If `arr` and `indices` differ in the number of dimensions.

    See Also
    --------
    argsort : its result is a typical index.
    """
    arr, indices = as_tensor_variable(arr), as_tensor_variable(indices)
    if axis is None:
        if indices.type.ndim != 1:
            raise ValueError("when axis is None, `indices` must have a single dimension")
        arr, axis = arr.flatten(), 0
    if arr.type.ndim != indices.type.ndim:
        raise ValueError("`indices` and `arr` must have the same number of dimensions")
    axis = normalize_axis(axis, arr.type.ndim, arr)
    return arr[tuple(indices if dim == axis else along(arr, dim) for dim in range(arr.type.ndim))]


def along(arr: Any, dim: int, skip: int = 0) -> Variable:
    """Return the positions along one dimension, shaped so that they broadcast against the others.

    The first `skip` dimensions are left out of the result.
    """
    arr = as_tensor_variable(arr)
    positions = arange(arr.shape[normalize_axis(dim, arr.type.ndim, arr)])
    return positions.dimshuffle(*(0 if axis == dim else "x" for axis in range(skip, arr.type.ndim)))


def choose(a: Any, choices: Any, mode: str = "raise") -> Variable:
    """Return an array each element of which is taken from the choice that `a` names there.

    Parameters
    ----------
    a : tensor_like of int
        Which choice, for each element.
    choices : sequence of tensor_like, or tensor_like
        The choices, which broadcast against each other and `a`; of a tensor, its entries along the
        first dimension.
    mode : {'raise', 'wrap', 'clip'}
        What happens to values of `a` that name no choice, as in `take`; with ``'raise'``, a negative one
        doesn't count from the end but raises too.

    Returns
    -------
    TensorVariable
        Of the shape to which `a` and the choices broadcast.

    Raises
    ------
    ValueError
        If `mode` isn't one of the three, or there are no choices.
    TypeError
        If `a` isn't made of integers.
    """
    if not is_one_of(mode, ("raise", "wrap", "clip")):
        raise ValueError(f"mode must be 'raise', 'wrap' or 'clip', got {mode!r}")
    a = as_tensor_variable(a)
    if a.type.numpy_dtype.kind not in "biu":
        raise TypeError(f"The choices are named by integers, got {a} of dtype {a.type.dtype}")
    a = a.astype("int64")
    entries = None
    if isinstance(choices, Sequence):
        entries = [as_tensor_variable(choice) for choice in choices]
        if not entries:
            raise ValueError("choose needs at least one choice")
        n: Any = len(entries)
    else:
        choices = as_tensor_variable(choices)
        if choices.type.ndim == 0:
            raise ValueError(f"choose needs a sequence of choices, got {choices}, which has no dimension")
        n = choices.shape[0]
    if mode == "raise":
        a = CheckAndRaise(ValueError, "invalid entry in choice array")(a, ge(a, 0).all(), lt(a, n).all())
    else:
        a = a.clip(0, n - 1) if mode == "clip" else a % n
    if entries is None:
        return choices[(a, *(along(choices, dim, skip=1) for dim in range(1, choices.type.ndim)))]
    result = entries[-1]
    for number, choice in reversed(list(enumerate(entries[:-1]))):
        result = switch(eq(a, number), choice, result)
    # one choice broadcasts against `a` as several do
    return switch(eq(a, 0), result, result) if len(entries) == 1 else result
