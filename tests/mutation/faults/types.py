"""Faults in types, static shapes and shape rules."""

from functools import partial

from tests.mutation.fault import Fault

__all__ = ["FAULTS"]

_fault = partial(Fault, "types")
_CONFORMANCE = ("tests/conformance", "tests/properties/test_laws.py")

FAULTS = (
    _fault(
        "functions of 32-bit integers are computed in float32",
        "aesaralite/scalar/dtypes.py",
        '    "int32": "float64",\n',
        '    "int32": "float32",\n',
        ("tests/scalar", *_CONFORMANCE),
    ),
    _fault(
        "a quotient of integers ignores floatX",
        "aesaralite/scalar/output_types.py",
        "return [get_scalar_type(config.floatX)]",
        'return [get_scalar_type("float64")]',
        ("tests/scalar", "tests/tensor/test_elementwise.py", *_CONFORMANCE),
    ),
    _fault(
        "a size that isn't known and a 1 broadcast to 1",
        "aesaralite/tensor/elementwise.py",
        "(None if None in sizes else 1)",
        "(1 if 1 in sizes else None)",
        ("tests/tensor/test_elementwise.py", *_CONFORMANCE),
    ),
    _fault(
        "a type that says less is taken for one that says more",
        "aesaralite/tensor/tensor_type.py",
        "return all(mine is None or mine == other for mine, other in zip(self.shape, otype.shape))",
        "return all(mine is None or other is None or mine == other for mine, other in zip(self.shape, otype.shape))",
        ("tests/tensor/test_type.py", "tests/compile", *_CONFORMANCE),
    ),
    _fault(
        "NaN is a loss of precision",
        "aesaralite/tensor/tensor_type.py",
        'equal_nan=original.dtype.kind in "fc"',
        "equal_nan=False",
        ("tests/tensor/test_type.py", "tests/compile/test_call.py"),
    ),
    _fault(
        "the shape of a join along a symbolic axis counted from the end",
        "aesaralite/tensor/joining.py",
        "switch(eq(axis % len(array_shapes[0]), i), along, across)",
        "switch(eq(axis, i), along, across)",
        ("tests/tensor/test_joining.py", *_CONFORMANCE),
    ),
    _fault(
        "the shape of a reshape to a symbolic size that is -1",
        "aesaralite/tensor/reshaping.py",
        "result.append(rest if static_int(entry) == -1 else switch(eq(entry, -1), rest, entry))",
        "result.append(rest if static_int(entry) == -1 else entry)",
        ("tests/tensor/test_shaping.py", *_CONFORMANCE),
    ),
    _fault(
        "more elements from the end than there are",
        "aesaralite/tensor/slice_geometry.py",
        "span = smaller(n, -start)",
        "span = -start",
        ("tests/tensor/test_indexing_basic.py", *_CONFORMANCE),
    ),
    _fault(
        "a new axis in an advanced index takes a dimension",
        "aesaralite/tensor/index_layout.py",
        "    taken = sum(not is_new_axis(entry) for entry in indices)\n",
        "    taken = len(indices)\n",
        ("tests/tensor/test_indexing_advanced.py", *_CONFORMANCE),
    ),
)
