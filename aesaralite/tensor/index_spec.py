"""From what a user writes in brackets to what an Op is told: literals, constants, variables, types.

An index of `Subtensor` is split in two. Its *template*, ``idx_list``, says which entries are integers and
which are slices, with a `ScalarType` wherever a number stands. The numbers themselves, constant or
not, are inputs of the node, in the order in which they stand in the template (start, stop, step
within a slice). So ``x[2, i:, ::-1]`` with an int32 `i` has the template
``(int64, slice(int32, None), slice(None, None, int64))`` and the inputs ``2, i, -1``.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from aesaralite.errors import AdvancedIndexingError, NotScalarConstantError
from aesaralite.graph.arguments import as_list, described
from aesaralite.graph.basic import Constant, Variable
from aesaralite.graph.generic import NoneConst, NoneTypeT
from aesaralite.scalar.type import ScalarType, get_scalar_type
from aesaralite.tensor.convert import as_tensor_variable, holds_variables
from aesaralite.tensor.shaping import scalar_from_tensor
from aesaralite.tensor.slice_type import SliceType, as_symbolic_slice, slice_parts
from aesaralite.tensor.static import get_scalar_constant_value
from aesaralite.tensor.tensor_type import TensorType

_INT64 = np.iinfo(np.int64)

ALLOWED = (
    "Allowed are integers, slices, None, `...`, integer tensors, "
    "and boolean tensors (masks) with at least one dimension"
)


def as_nontensor_scalar(a: Any) -> Variable:
    """Return an index as a variable of a `ScalarType`.

    Raises
    ------
    TypeError
        If it isn't an integer scalar.
    """
    scalar: Any
    if isinstance(a, Variable):
        if isinstance(a.type, ScalarType):
            scalar = a
        elif isinstance(a.type, TensorType):
            if isinstance(a, Constant) and a.type.ndim == 0:
                scalar = get_scalar_type(a.type.dtype).make_constant(a.data[()])
            else:
                scalar = scalar_from_tensor(a)
        else:
            raise TypeError(f"Expected an integer, got {a} of type {a.type}")
    elif isinstance(a, (bool, np.bool_)):
        raise TypeError(f"Expected an integer, got {a!r}")
    else:
        try:
            scalar = get_scalar_type("int64").make_constant(operator.index(a))
        except TypeError:
            raise TypeError(f"Expected an integer, got {a!r} of type {type(a).__name__}") from None
    if scalar.type.numpy_dtype.kind not in "iu":
        raise TypeError(f"Expected an integer, got {a} of dtype {scalar.type.dtype}")
    return scalar


def is_integer_scalar(entry: Any) -> bool:
    """Whether an index is one integer: a number, or a variable without dimensions."""
    if isinstance(entry, Variable):
        if isinstance(entry.type, TensorType):
            return entry.type.ndim == 0 and entry.type.numpy_dtype.kind in "iu"
        return isinstance(entry.type, ScalarType) and entry.type.numpy_dtype.kind in "iu"
    return isinstance(entry, (int, np.integer)) and not isinstance(entry, bool)


def is_new_axis(entry: Any) -> bool:
    """Whether an index makes a new axis: it's None, as a value or as a variable."""
    return entry is None or (isinstance(entry, Variable) and isinstance(entry.type, NoneTypeT))


def is_basic_idx(idx: Any) -> bool:
    """Whether an entry of advanced indexing isn't an index tensor: a slice, or a new axis."""
    return isinstance(idx, slice) or is_new_axis(idx) or (isinstance(idx, Variable) and isinstance(idx.type, SliceType))


def index_vars_to_types(entry: Any, slice_ok: bool = True) -> Any:
    """Return one entry of a template: a `ScalarType`, or a slice of them.

    Parameters
    ----------
    entry : Variable, Type or slice
        Types stand for themselves, integer scalar variables for their `ScalarType`.
    slice_ok : bool
        Whether a slice may stand here.

    Raises
    ------
    AdvancedIndexingError
        If it belongs to advanced indexing, or to none.
    TypeError
        If it's a plain number: numbers are inputs, not parts of the template.
    """
    if isinstance(entry, Variable):
        entry = entry.type
    if isinstance(entry, TensorType) and entry.ndim == 0 and entry.numpy_dtype.kind in "iu":
        return get_scalar_type(entry.dtype)
    if isinstance(entry, ScalarType) and entry.numpy_dtype.kind in "iu":
        return entry
    if isinstance(entry, slice) and slice_ok:
        return slice(
            *(
                None if is_new_axis(part) else index_vars_to_types(part, slice_ok=False)
                for part in (entry.start, entry.stop, entry.step)
            )
        )
    if isinstance(entry, (int, np.integer)):
        raise TypeError(
            f"A template of an index holds types, not numbers such as {entry!r}; give the number as an input"
        )
    raise AdvancedIndexingError(f"Invalid index type or slice for Subtensor: {entry!r}")


def get_slice_elements(idxs: Iterable[Any], cond: Callable[[Any], bool] = lambda entry: True) -> list[Any]:
    """Return the entries of an index, slices taken apart, for which `cond` holds."""
    if not callable(cond):
        raise TypeError(f"cond must be a function, got {described(cond)}")
    return [part for part in _parts(as_list(idxs, "idxs")) if cond(part)]


def _parts(idxs: Iterable[Any]) -> Iterator[Any]:
    for entry in idxs:
        if isinstance(entry, slice):
            yield from (entry.start, entry.stop, entry.step)
        else:
            yield entry


def template_types(idx_list: Iterable[Any]) -> list[ScalarType]:
    """Return the types in a template, in the order in which the node has its inputs."""
    return [part for part in _parts(idx_list) if part is not None]


def template_text(idx_list: Iterable[Any]) -> str:
    """Write a template as ``int64, int32::``."""
    return ", ".join(_entry_text(entry) for entry in idx_list)


def _entry_text(entry: Any) -> str:
    if not isinstance(entry, slice):
        return str(entry)
    start, stop, step = ("" if part is None else str(part) for part in (entry.start, entry.stop, entry.step))
    return f"{start}:{stop}:{step}"


def hashable_template(idx_list: Iterable[Any]) -> tuple[Any, ...]:
    """Return a template as nested tuples (slices can't be hashed)."""
    return tuple(
        ("slice", entry.start, entry.stop, entry.step) if isinstance(entry, slice) else entry for entry in idx_list
    )


def fill_template(idx_list: Iterable[Any], values: Iterable[Any]) -> tuple[Any, ...]:
    """Put values where a template has types.

    Parameters
    ----------
    idx_list : sequence of Type or slice
        The template.
    values : iterable
        As many as it has types, variables or numbers.

    Returns
    -------
    tuple
        The index.
    """
    idx_list, values = as_list(idx_list, "the template of an index"), as_list(values, "what is put into a template")
    if len(values) < len(template_types(idx_list)):
        raise ValueError(f"The template {template_text(idx_list)} takes more than {len(values)} values")
    remaining = iter(values)
    return tuple(
        slice(*(None if part is None else next(remaining) for part in (entry.start, entry.stop, entry.step)))
        if isinstance(entry, slice)
        else next(remaining)
        for entry in idx_list
    )


def get_idx_list(inputs: Sequence[Any], idx_list: Iterable[Any]) -> tuple[Any, ...]:
    """Return the index of a `Subtensor` node, from its inputs (the indexed one first) and its template."""
    return fill_template(idx_list, as_list(inputs, "the inputs of a node")[1:])


def indices_from_subtensor(op_indices: Iterable[Any], idx_list: Sequence[Any] | None) -> tuple[Any, ...]:
    """Return the index of an indexing node, from its index inputs and its template (None if its Op has none)."""
    return tuple(op_indices) if idx_list is None else fill_template(idx_list, op_indices)


def as_index_constant(a: Any) -> Any:
    """Return an index with its numbers made constants: slices of them, None and variables stay."""
    if a is None or isinstance(a, Variable):
        return a
    if isinstance(a, slice):
        return slice(as_index_constant(a.start), as_index_constant(a.stop), as_index_constant(a.step))
    if is_integer_scalar(a):
        return as_nontensor_scalar(a)
    return as_tensor_variable(a)


def as_index_literal(idx: Any) -> Any:
    """Return an index without variables: an int, a slice of ints, None, or the array of a constant.

    Raises
    ------
    NotScalarConstantError
        If a value isn't known while the graph is built.
    """
    if is_new_axis(idx):
        return None
    if isinstance(idx, slice):
        return slice(*(as_index_literal(part) for part in (idx.start, idx.stop, idx.step)))
    if not isinstance(idx, Variable):
        return idx
    if isinstance(idx.type, SliceType):
        parts = slice_parts(idx)
        if parts is None:
            raise NotScalarConstantError(f"{idx} is not a constant")
        return as_index_literal(parts)
    if isinstance(idx, Constant):
        return idx.data if np.ndim(idx.data) else idx.data.item()
    return get_scalar_constant_value(idx).item()


def get_constant_idx(
    idx_list: Sequence[Any],
    inputs: Sequence[Any],
    allow_partial: bool = False,
    only_process_constants: bool = False,
    elemwise: bool = True,
) -> list[Any]:
    """Return the index of a `Subtensor` node with numbers in place of constants.

    Parameters
    ----------
    idx_list : sequence
        The template.
    inputs : sequence of Variable
        The inputs of the node.
    allow_partial : bool
        Whether variables that aren't constants may stay.
    only_process_constants, elemwise : bool
        See `get_scalar_constant_value`.

    Raises
    ------
    NotScalarConstantError
        If a value isn't known, and `allow_partial` is false.
    """

    def literal(value: Any) -> Any:
        if value is None:
            return None
        try:
            return get_scalar_constant_value(value, elemwise, only_process_constants).item()
        except NotScalarConstantError:
            if allow_partial:
                return value
            raise

    return [
        slice(literal(entry.start), literal(entry.stop), literal(entry.step))
        if isinstance(entry, slice)
        else literal(entry)
        for entry in get_idx_list(inputs, idx_list)
    ]


def as_index_variable(idx: Any) -> Variable:
    """Return one entry of an advanced index as a variable.

    Returns
    -------
    Variable
        An integer or boolean tensor, a slice, or `NoneConst`.

    Raises
    ------
    TypeError
        If it's no index.
    NotImplementedError
        If it's a boolean without dimensions.
    """
    if is_new_axis(idx):
        return NoneConst
    if isinstance(idx, slice):
        return as_symbolic_slice(idx)
    if isinstance(idx, Variable) and isinstance(idx.type, SliceType):
        return idx
    idx = as_tensor_variable(idx)
    kind = idx.type.numpy_dtype.kind
    if kind not in "iub":
        raise TypeError(f"index must be integers or a boolean mask; got {idx} of dtype {idx.type.dtype}")
    if kind == "b" and idx.type.ndim == 0:
        raise NotImplementedError(f"Indexing with the boolean scalar {idx} is not supported; use switch, or a mask")
    return idx


def normalize_index(args: Any, ndim: int) -> tuple[Any, ...]:
    """Bring what stands in brackets into one form.

    Parameters
    ----------
    args : object
        The index as a user wrote it: an entry, or a tuple of entries. A list with slices is taken for
        a tuple, as NumPy used to do.
    ndim : int
        The number of dimensions of what is indexed.

    Returns
    -------
    tuple
        Of None (a new axis), slices (of ints, None and integer scalar variables), ints, and variables:
        integer scalars, integer or boolean tensors with dimensions, or slices that only run time knows.
        ``...`` is gone.

    Raises
    ------
    IndexError
        If there are too many indices, or several ``...``.
    TypeError
        If an entry isn't an index.
    """
    if isinstance(args, list) and any(isinstance(entry, slice) for entry in args):
        args = tuple(args)
    entries = [_normalize_entry(entry) for entry in (args if isinstance(args, tuple) else (args,))]
    consumed = sum(dims_taken(entry) for entry in entries if entry is not Ellipsis)
    n_ellipses = sum(entry is Ellipsis for entry in entries)
    if n_ellipses > 1:
        raise IndexError("an index can only have a single Ellipsis (`...`)")
    if consumed > ndim:
        raise IndexError(f"too many indices for array: it has {ndim} dimensions, but {consumed} were indexed")
    expanded: list[Any] = []
    for entry in entries:
        if entry is Ellipsis:
            expanded.extend([slice(None)] * (ndim - consumed))
        else:
            expanded.append(entry)
    return tuple(expanded)


def dims_taken(entry: Any) -> int:
    """Return how many dimensions of the indexed tensor an entry of an index stands for."""
    if is_new_axis(entry):
        return 0
    if isinstance(entry, Variable) and isinstance(entry.type, TensorType) and entry.type.dtype == "bool":
        return entry.type.ndim
    return 1


def _normalize_entry(entry: Any) -> Any:
    if entry is Ellipsis:
        return Ellipsis
    if is_new_axis(entry):
        return None
    if isinstance(entry, slice):
        return slice(_slice_part(entry.start), _slice_part(entry.stop), _slice_part(entry.step))
    if isinstance(entry, Variable):
        return _normalize_variable(entry)
    if _holds_python_bool(entry):
        raise TypeError(
            "Python bools are not indices, neither alone nor in lists such as x[[True, False]]. "
            "To use a boolean mask, make it an array first: x[numpy.array([True, False])]"
        )
    if isinstance(entry, (list, tuple)):
        return _normalize_sequence(entry)
    if isinstance(entry, np.ndarray) and entry.ndim > 0:
        return _normalize_variable(as_tensor_variable(entry))
    return _integer(entry)


def _normalize_sequence(entry: Sequence[Any]) -> Any:
    if any(part is None or part is Ellipsis or isinstance(part, (slice, str)) for part in entry):
        raise TypeError(f"A list in an index must hold integers, got {entry!r}. {ALLOWED}")
    if not holds_variables(entry):
        try:
            array = np.asarray(entry)
        except ValueError as error:
            raise ValueError(f"A list in an index must be that of an array, got {entry!r}: {error}") from None
        # numpy makes floats of an empty list
        return _normalize_variable(as_tensor_variable(array.astype("int64") if array.size == 0 else array))
    return _normalize_variable(as_tensor_variable(entry))


def _holds_python_bool(entry: Any) -> bool:
    if isinstance(entry, (list, tuple)):
        return any(_holds_python_bool(part) for part in entry)
    if isinstance(entry, (Variable, np.ndarray)):
        # only without dimensions, where it takes the place of a Python bool
        array: Any = entry.type if isinstance(entry, Variable) else entry
        return getattr(array, "dtype", None) == "bool" and array.ndim == 0
    return isinstance(entry, (bool, np.bool_))


def _normalize_variable(entry: Any) -> Any:
    if isinstance(entry.type, SliceType):
        parts = slice_parts(entry)
        return entry if parts is None else parts
    if is_integer_scalar(entry):
        return entry
    if not isinstance(entry.type, TensorType):
        raise TypeError(f"{entry} of type {entry.type} is not an index. {ALLOWED}")
    kind = entry.type.numpy_dtype.kind
    if entry.type.ndim == 0:
        if kind == "b":
            raise TypeError(
                f"{entry}, a boolean without dimensions, is not an index. "
                "Use switch to choose between two values, or cast it to an integer to index with 0 or 1"
            )
        raise TypeError(f"Expected an integer, got {entry} of dtype {entry.type.dtype}")
    if kind not in "iub":
        raise TypeError(f"index must be integers or a boolean mask; got {entry} of dtype {entry.type.dtype}")
    return entry


def _slice_part(part: Any) -> Any:
    if is_new_axis(part):
        return None
    if isinstance(part, Variable):
        if not is_integer_scalar(part):
            raise TypeError(f"Expected an integer in a slice, got {part} of type {part.type}")
        return part
    # a bound beyond int64 takes the same elements as the last one within
    return max(_INT64.min, min(_integer(part), _INT64.max))


def _integer(entry: Any) -> int:
    try:
        if isinstance(entry, (bool, np.bool_)):
            raise TypeError()
        return operator.index(entry)
    except TypeError:
        raise TypeError(f"Expected an integer, got {entry!r} of type {type(entry).__name__}. {ALLOWED}") from None
