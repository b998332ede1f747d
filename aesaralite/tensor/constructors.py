"""Functions that make tensor variables: ``dmatrix("x")``, ``vectors("a", "b")`` and their kin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aesaralite.configdefaults import config
from aesaralite.scalar.dtypes import normalize_dtype
from aesaralite.tensor.tensor_type import TensorType

Shape = tuple[int | None, ...]

# The first letters of names, as in dmatrix
_LETTERS = {
    "b": "int8",
    "w": "int16",
    "i": "int32",
    "l": "int64",
    "f": "float32",
    "d": "float64",
    "c": "complex64",
    "z": "complex128",
}

_KINDS: dict[str, Shape] = {
    "scalar": (),
    "vector": (None,),
    "matrix": (None, None),
    "row": (1, None),
    "col": (None, 1),
    **{f"tensor{ndim}": (None,) * ndim for ndim in range(3, 8)},
}


def _typed(letter: str, kind: str) -> TensorType:
    """Return the type that makes variables of a dtype and kind when it's called with a name."""
    return TensorType(_LETTERS[letter], shape=_KINDS[kind])


def _any_dtype(kind: str) -> Callable[..., Any]:
    """Return a function that makes variables of a kind, of any dtype."""
    shape = _KINDS[kind]

    def make(name: str | None = None, dtype: Any = None) -> Any:
        return TensorType(config.floatX if dtype is None else dtype, shape=shape)(name)

    make.__name__ = make.__qualname__ = kind
    make.__doc__ = f"""Return a variable of the static shape {shape}.

    Parameters
    ----------
    name : str, optional
        Its name.
    dtype : str, optional
        Its dtype; by default that of the flag ``floatX``.
    """
    return make


def _several(singular: Callable[..., Any], plural: str) -> Callable[..., Any]:
    """Return a function that makes as many variables as it is given names."""

    def make(*names: Any, dtype: Any = None) -> Any:
        options = {} if dtype is None else {"dtype": dtype}
        if len(names) == 1 and isinstance(names[0], int):
            # a list of that length tells at once if memory can't hold them
            return [singular(None, **options) for _ in [None] * names[0]]
        if len(names) == 1 and isinstance(names[0], (str, list, tuple)):
            names = tuple(names[0])
        wrong = [name for name in names if name is not None and not isinstance(name, str)]
        if wrong or not names:
            raise TypeError(f"{plural} takes names, or how many variables to make; got {names!r}")
        made = [singular(name, **options) for name in names]
        return made[0] if len(made) == 1 else made

    make.__name__ = make.__qualname__ = plural
    make.__doc__ = f"""Return one variable for each name: ``x, y = {plural}("x", "y")``.

    A single text names one variable with each letter: ``x, y = {plural}("xy")``. A number gives as many variables
    without names. If it's only one, the variable itself is returned.
    """
    return make


def tensor(*args: Any, **kwargs: Any) -> Any:
    """Return a variable of any dtype and static shape.

    Called as ``tensor(dtype, shape, name=None)`` or ``tensor(name, dtype, shape)``; every argument may be given by its
    keyword.

    Parameters
    ----------
    dtype : str or numpy.dtype, optional
        The dtype; by default that of the flag ``floatX``.
    shape : sequence of int or None
        The static shape, None where a size isn't known.
    broadcastable : sequence of bool
        Instead of `shape`: which dimensions have the size 1.
    name : str, optional
        The name.

    Raises
    ------
    TypeError
        If neither a shape nor a broadcast pattern is given, or an argument is given twice.

    Examples
    --------
    >>> import aesaralite.tensor as at
    >>> at.tensor("float32", shape=(None, 3)).type
    TensorType(float32, (?, 3))
    >>> at.tensor("x", dtype="int64", shape=(None,))
    x
    """
    named = bool(args) and isinstance(args[0], str) and not _is_dtype(args[0])
    if args and not named and "dtype" in kwargs and isinstance(args[0], str):
        named = True
    order = ("name", "dtype", "shape") if named else ("dtype", "shape", "name")
    if len(args) > len(order):
        raise TypeError(f"tensor takes at most {len(order)} positional arguments, got {len(args)}")
    given = dict(zip(order, args))
    twice = given.keys() & kwargs.keys()
    if twice:
        raise TypeError(f"tensor got the argument {', '.join(twice)} twice")
    given.update(kwargs)
    name = given.pop("name", None)
    dtype = given.pop("dtype", None)
    return TensorType(config.floatX if dtype is None else dtype, **given)(name)


def _is_dtype(text: str) -> bool:
    try:
        normalize_dtype(text)
    except TypeError:
        return False
    return True


bscalar = _typed("b", "scalar")
wscalar = _typed("w", "scalar")
iscalar = _typed("i", "scalar")
lscalar = _typed("l", "scalar")
fscalar = _typed("f", "scalar")
dscalar = _typed("d", "scalar")
cscalar = _typed("c", "scalar")
zscalar = _typed("z", "scalar")
scalar = _any_dtype("scalar")
bscalars = _several(bscalar, "bscalars")
wscalars = _several(wscalar, "wscalars")
iscalars = _several(iscalar, "iscalars")
lscalars = _several(lscalar, "lscalars")
fscalars = _several(fscalar, "fscalars")
dscalars = _several(dscalar, "dscalars")
cscalars = _several(cscalar, "cscalars")
zscalars = _several(zscalar, "zscalars")
scalars = _several(scalar, "scalars")

bvector = _typed("b", "vector")
wvector = _typed("w", "vector")
ivector = _typed("i", "vector")
lvector = _typed("l", "vector")
fvector = _typed("f", "vector")
dvector = _typed("d", "vector")
cvector = _typed("c", "vector")
zvector = _typed("z", "vector")
vector = _any_dtype("vector")
bvectors = _several(bvector, "bvectors")
wvectors = _several(wvector, "wvectors")
ivectors = _several(ivector, "ivectors")
lvectors = _several(lvector, "lvectors")
fvectors = _several(fvector, "fvectors")
dvectors = _several(dvector, "dvectors")
cvectors = _several(cvector, "cvectors")
zvectors = _several(zvector, "zvectors")
vectors = _several(vector, "vectors")

bmatrix = _typed("b", "matrix")
wmatrix = _typed("w", "matrix")
imatrix = _typed("i", "matrix")
lmatrix = _typed("l", "matrix")
fmatrix = _typed("f", "matrix")
dmatrix = _typed("d", "matrix")
cmatrix = _typed("c", "matrix")
zmatrix = _typed("z", "matrix")
matrix = _any_dtype("matrix")
bmatrices = _several(bmatrix, "bmatrices")
wmatrices = _several(wmatrix, "wmatrices")
imatrices = _several(imatrix, "imatrices")
lmatrices = _several(lmatrix, "lmatrices")
fmatrices = _several(fmatrix, "fmatrices")
dmatrices = _several(dmatrix, "dmatrices")
cmatrices = _several(cmatrix, "cmatrices")
zmatrices = _several(zmatrix, "zmatrices")
matrices = _several(matrix, "matrices")

brow = _typed("b", "row")
wrow = _typed("w", "row")
irow = _typed("i", "row")
lrow = _typed("l", "row")
frow = _typed("f", "row")
drow = _typed("d", "row")
crow = _typed("c", "row")
zrow = _typed("z", "row")
row = _any_dtype("row")
brows = _several(brow, "brows")
wrows = _several(wrow, "wrows")
irows = _several(irow, "irows")
lrows = _several(lrow, "lrows")
frows = _several(frow, "frows")
drows = _several(drow, "drows")
crows = _several(crow, "crows")
zrows = _several(zrow, "zrows")
rows = _several(row, "rows")

bcol = _typed("b", "col")
wcol = _typed("w", "col")
icol = _typed("i", "col")
lcol = _typed("l", "col")
fcol = _typed("f", "col")
dcol = _typed("d", "col")
ccol = _typed("c", "col")
zcol = _typed("z", "col")
col = _any_dtype("col")
bcols = _several(bcol, "bcols")
wcols = _several(wcol, "wcols")
icols = _several(icol, "icols")
lcols = _several(lcol, "lcols")
fcols = _several(fcol, "fcols")
dcols = _several(dcol, "dcols")
ccols = _several(ccol, "ccols")
zcols = _several(zcol, "zcols")
cols = _several(col, "cols")

btensor3 = _typed("b", "tensor3")
wtensor3 = _typed("w", "tensor3")
itensor3 = _typed("i", "tensor3")
ltensor3 = _typed("l", "tensor3")
ftensor3 = _typed("f", "tensor3")
dtensor3 = _typed("d", "tensor3")
ctensor3 = _typed("c", "tensor3")
ztensor3 = _typed("z", "tensor3")
tensor3 = _any_dtype("tensor3")
btensor3s = _several(btensor3, "btensor3s")
wtensor3s = _several(wtensor3, "wtensor3s")
itensor3s = _several(itensor3, "itensor3s")
ltensor3s = _several(ltensor3, "ltensor3s")
ftensor3s = _several(ftensor3, "ftensor3s")
dtensor3s = _several(dtensor3, "dtensor3s")
ctensor3s = _several(ctensor3, "ctensor3s")
ztensor3s = _several(ztensor3, "ztensor3s")
tensor3s = _several(tensor3, "tensor3s")

btensor4 = _typed("b", "tensor4")
wtensor4 = _typed("w", "tensor4")
itensor4 = _typed("i", "tensor4")
ltensor4 = _typed("l", "tensor4")
ftensor4 = _typed("f", "tensor4")
dtensor4 = _typed("d", "tensor4")
ctensor4 = _typed("c", "tensor4")
ztensor4 = _typed("z", "tensor4")
tensor4 = _any_dtype("tensor4")
btensor4s = _several(btensor4, "btensor4s")
wtensor4s = _several(wtensor4, "wtensor4s")
itensor4s = _several(itensor4, "itensor4s")
ltensor4s = _several(ltensor4, "ltensor4s")
ftensor4s = _several(ftensor4, "ftensor4s")
dtensor4s = _several(dtensor4, "dtensor4s")
ctensor4s = _several(ctensor4, "ctensor4s")
ztensor4s = _several(ztensor4, "ztensor4s")
tensor4s = _several(tensor4, "tensor4s")

btensor5 = _typed("b", "tensor5")
wtensor5 = _typed("w", "tensor5")
itensor5 = _typed("i", "tensor5")
ltensor5 = _typed("l", "tensor5")
ftensor5 = _typed("f", "tensor5")
dtensor5 = _typed("d", "tensor5")
ctensor5 = _typed("c", "tensor5")
ztensor5 = _typed("z", "tensor5")
tensor5 = _any_dtype("tensor5")
btensor5s = _several(btensor5, "btensor5s")
wtensor5s = _several(wtensor5, "wtensor5s")
itensor5s = _several(itensor5, "itensor5s")
ltensor5s = _several(ltensor5, "ltensor5s")
ftensor5s = _several(ftensor5, "ftensor5s")
dtensor5s = _several(dtensor5, "dtensor5s")
ctensor5s = _several(ctensor5, "ctensor5s")
ztensor5s = _several(ztensor5, "ztensor5s")
tensor5s = _several(tensor5, "tensor5s")

btensor6 = _typed("b", "tensor6")
wtensor6 = _typed("w", "tensor6")
itensor6 = _typed("i", "tensor6")
ltensor6 = _typed("l", "tensor6")
ftensor6 = _typed("f", "tensor6")
dtensor6 = _typed("d", "tensor6")
ctensor6 = _typed("c", "tensor6")
ztensor6 = _typed("z", "tensor6")
tensor6 = _any_dtype("tensor6")
btensor6s = _several(btensor6, "btensor6s")
wtensor6s = _several(wtensor6, "wtensor6s")
itensor6s = _several(itensor6, "itensor6s")
ltensor6s = _several(ltensor6, "ltensor6s")
ftensor6s = _several(ftensor6, "ftensor6s")
dtensor6s = _several(dtensor6, "dtensor6s")
ctensor6s = _several(ctensor6, "ctensor6s")
ztensor6s = _several(ztensor6, "ztensor6s")
tensor6s = _several(tensor6, "tensor6s")

btensor7 = _typed("b", "tensor7")
wtensor7 = _typed("w", "tensor7")
itensor7 = _typed("i", "tensor7")
ltensor7 = _typed("l", "tensor7")
ftensor7 = _typed("f", "tensor7")
dtensor7 = _typed("d", "tensor7")
ctensor7 = _typed("c", "tensor7")
ztensor7 = _typed("z", "tensor7")
tensor7 = _any_dtype("tensor7")
btensor7s = _several(btensor7, "btensor7s")
wtensor7s = _several(wtensor7, "wtensor7s")
itensor7s = _several(itensor7, "itensor7s")
ltensor7s = _several(ltensor7, "ltensor7s")
ftensor7s = _several(ftensor7, "ftensor7s")
dtensor7s = _several(dtensor7, "dtensor7s")
ctensor7s = _several(ctensor7, "ctensor7s")
ztensor7s = _several(ztensor7, "ztensor7s")
tensor7s = _several(tensor7, "tensor7s")

int_scalar_types = (bscalar, wscalar, iscalar, lscalar)
float_scalar_types = (fscalar, dscalar)
complex_scalar_types = (cscalar, zscalar)
int_vector_types = (bvector, wvector, ivector, lvector)
float_vector_types = (fvector, dvector)
complex_vector_types = (cvector, zvector)
int_matrix_types = (bmatrix, wmatrix, imatrix, lmatrix)
float_matrix_types = (fmatrix, dmatrix)
complex_matrix_types = (cmatrix, zmatrix)
int_types = (*int_scalar_types, *int_vector_types, *int_matrix_types)
float_types = (*float_scalar_types, *float_vector_types, *float_matrix_types)
complex_types = (*complex_scalar_types, *complex_vector_types, *complex_matrix_types)
