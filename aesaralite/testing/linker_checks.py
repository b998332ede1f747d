"""The check of a linker: a conformance suite for any plug-in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aesaralite.graph.op import Op
from aesaralite.testing.late import conformance

__all__ = ["check_linker"]


def check_linker(linker: str, ops: Sequence[str | type[Op] | Op] | None = None, contract: bool = True) -> Any:
    """Check a linker on cases for every Op, in all dtypes that it takes, and on whole functions.

    Values and gradients are compared with those of the `perform` methods; an exception that these raise must be raised
    by the linker, too; inputs must be left alone. Of whole functions it's checked what `check_function` does: state and
    updates, layouts, memory, copies, pickles, threads.

    Parameters
    ----------
    linker : str
        The name of the linker, as it's installed or registered.
    ops : sequence of Op, class or str, optional
        The Ops to look at, if not all: an Op, a class of Ops, or a name as in the report, such as ``"Elemwise{exp}"``.
    contract : bool
        Whether whole functions are checked, too.

    Returns
    -------
    LinkerReport
        ``str(report)`` is a table with a row for each Op: dtypes and ranks that cases have; whether there are rules for
        its shape and its gradient, which the library's own tests check; whether the linker has code of its own or calls
        `perform`; and how far values are from those of `perform`, in units in the last place.

    Raises
    ------
    AssertionError
        If something is wrong. The message has the table, and for the first failures programs that show them.

    Examples
    --------
    >>> import aesaralite.tensor as at
    >>> print(check_linker("py", ops=[at.exp2], contract=False))
    | Op | dtypes | ranks | shape | gradient | py | py against perform |
    | --- | --- | --- | --- | --- | --- | --- |
    | `Elemwise{exp2}` | bool int8 int32 int64 uint8 uint64 float32 float64 complex64 complex128 | 1 | rule | checked | called back | bits equal |
    <BLANKLINE>
    """  # noqa: E501
    return conformance().check(linker, ops, contract)
