"""What machine code and those who load it agree on: names of symbols, and where things are in CPython's and NumPy's
structures.
"""

from __future__ import annotations

from typing import NamedTuple

#: Prefixes of the names of routines of SciPy's.
BLAS_PREFIX, LAPACK_PREFIX, SCIPY_PREFIX = "aesaralite_blas_", "aesaralite_lapack_", "aesaralite_scipy_"
#: Ends of the names of a program's Python entry and of two words: address of what is called back, filled in when the
#: code is loaded; kept workspace.  And of the table of times of a program that takes them.
ENTRY_SUFFIX, CALLBACKS_SUFFIX, WORKSPACE_SUFFIX = "_entry", "_callbacks", "_workspace"
TIMES_SUFFIX = "_times"
#: Symbols of Python objects: the symbol's address is the object.
NDARRAY, DTYPE_PREFIX = "aesaralite_object_ndarray", "aesaralite_object_dtype_"
#: NumPy's default way to release memory, with which its arrays of malloc's memory work.
MEMORY_HANDLER = "aesaralite_numpy_default_handler"
#: NumPy's C function that makes an array of memory.
NEW_ARRAY = "aesaralite_numpy_new_from_descr"


class ObjectLayout(NamedTuple):
    """Offsets in CPython's and NumPy's structures; `header` is the size of an object's head."""

    header: int

    @property
    def type(self) -> int:
        return self.header - 8

    @property
    def data(self) -> int:
        return self.header

    @property
    def ndim(self) -> int:
        return self.header + 8

    @property
    def shape(self) -> int:
        return self.header + 16

    @property
    def strides(self) -> int:
        return self.header + 24

    @property
    def dtype(self) -> int:
        return self.header + 40

    @property
    def flags(self) -> int:
        return self.header + 48

    @property
    def memory_handler(self) -> int:
        return self.header + 72


LAYOUT = ObjectLayout(object.__basicsize__)
