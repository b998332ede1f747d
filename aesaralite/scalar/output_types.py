"""Rules that give the types of a scalar Op's outputs from those of its inputs.

A rule is a function of types that returns a list of types, or an instance of a class here. Each Op
names one (`ScalarOp.output_types_preference`).
"""

from __future__ import annotations

from collections.abc import Callable

from aesaralite.configdefaults import config
from aesaralite.errors import ComplexError
from aesaralite.graph.arguments import as_pairs, expect
from aesaralite.graph.utils import Props
from aesaralite.scalar.dtypes import as_float_dtype, complex_dtype, is_complex, is_discrete, real_dtype, upcast
from aesaralite.scalar.type import ScalarType, get_scalar_type

OutputTypes = Callable[..., list[ScalarType]]


def _dtype(type: ScalarType) -> str:
    return expect(type, ScalarType, "what is looked at for the type of the result").dtype


def _refuse(condition: bool, what: str, types: tuple[ScalarType, ...]) -> None:
    if condition:
        raise TypeError(f"{what} are not supported here, got ({', '.join(map(str, types))})")


def _refuse_complex(types: tuple[ScalarType, ...]) -> None:
    if any(is_complex(_dtype(type)) for type in types):
        raise ComplexError(f"Complex numbers are not supported here, got ({', '.join(map(str, types))})")


def upcast_out(*types: ScalarType) -> list[ScalarType]:
    """One output that holds the values of all inputs."""
    if not types:
        raise TypeError("There is no type without inputs")
    return [get_scalar_type(upcast(*[_dtype(type) for type in types]))]


def upcast_out_nobool(*types: ScalarType) -> list[ScalarType]:
    """As `upcast_out`; refuses a bool result."""
    result = upcast_out(*types)
    _refuse(result[0].dtype == "bool", "Booleans", types)
    return result


def upcast_out_min8(*types: ScalarType) -> list[ScalarType]:
    """As `upcast_out`, but at least int8."""
    result = upcast_out(*types)
    return [get_scalar_type("int8")] if result[0].dtype == "bool" else result


def upcast_out_no_complex(*types: ScalarType) -> list[ScalarType]:
    """As `upcast_out`; refuses complex inputs."""
    _refuse_complex(types)
    return upcast_out(*types)


def upcast_out_integer(*types: ScalarType) -> list[ScalarType]:
    """As `upcast_out`; takes bools and integers only, of which one dtype of integers must hold all."""
    _refuse(any(not is_discrete(_dtype(type)) for type in types), "Dtypes other than bool and integers", types)
    result = upcast_out(*types)
    if not is_discrete(result[0].dtype):
        raise TypeError(f"No dtype of integers holds all of ({', '.join(map(str, types))}); cast one of them first")
    return result


def upcast_out_integer_nobool(*types: ScalarType) -> list[ScalarType]:
    """As `upcast_out_integer`; refuses a bool result."""
    result = upcast_out_integer(*types)
    _refuse(result[0].dtype == "bool", "Booleans", types)
    return result


def same_out(type: ScalarType) -> list[ScalarType]:
    """The type of the input."""
    return [type]


def same_out_nobool(type: ScalarType) -> list[ScalarType]:
    """The type of the input; refuses bool."""
    _refuse(_dtype(type) == "bool", "Booleans", (type,))
    return [type]


def same_out_min8(type: ScalarType) -> list[ScalarType]:
    """The type of the input, but at least int8."""
    return [get_scalar_type("int8")] if _dtype(type) == "bool" else [type]


def same_out_integer(type: ScalarType) -> list[ScalarType]:
    """The type of the input; takes bools and integers only."""
    return upcast_out_integer(type)


def same_out_nocomplex(type: ScalarType) -> list[ScalarType]:
    """The type of the input; refuses complex numbers."""
    _refuse(is_complex(_dtype(type)), "Complex numbers", (type,))
    return [type]


def same_out_nobool_nocomplex(type: ScalarType) -> list[ScalarType]:
    """The type of the input; refuses bool and complex numbers."""
    return same_out_nobool(*same_out_nocomplex(type))


def same_out_float_only(type: ScalarType) -> list[ScalarType]:
    """The type of the input; takes real floats only."""
    _refuse(is_discrete(_dtype(type)) or is_complex(_dtype(type)), "Dtypes other than floats", (type,))
    return [type]


def upgrade_to_float(*types: ScalarType) -> list[ScalarType]:
    """A continuous type that holds the values: float32 for small integers, float64 for others."""
    return [get_scalar_type(upcast(*[as_float_dtype(_dtype(type)) for type in types]))]


def upgrade_to_float_no_complex(*types: ScalarType) -> list[ScalarType]:
    """As `upgrade_to_float`; refuses complex inputs."""
    _refuse_complex(types)
    return upgrade_to_float(*types)


def upgrade_to_float64(*types: ScalarType) -> list[ScalarType]:
    """Always float64; refuses complex inputs."""
    _refuse_complex(types)
    return [get_scalar_type("float64")]


def float_out(*types: ScalarType) -> list[ScalarType]:
    """Always float64; refuses complex inputs."""
    _refuse_complex(types)
    return [get_scalar_type("float64")]


def int_out(*types: ScalarType) -> list[ScalarType]:
    """Always int64."""
    return [get_scalar_type("int64")]


def bool_out(*types: ScalarType) -> list[ScalarType]:
    """Always bool."""
    return [get_scalar_type("bool")]


def bool_out_no_complex(*types: ScalarType) -> list[ScalarType]:
    """Always bool; refuses complex inputs."""
    _refuse_complex(types)
    return bool_out()


def real_out(type: ScalarType) -> list[ScalarType]:
    """The type of the real part."""
    return [get_scalar_type(real_dtype(_dtype(type)))]


def real_float_out(type: ScalarType) -> list[ScalarType]:
    """The type of the real part of a function of the input."""
    return [get_scalar_type(real_dtype(as_float_dtype(_dtype(type))))]


def complex_out(*types: ScalarType) -> list[ScalarType]:
    """The complex type whose parts hold the inputs."""
    _refuse_complex(types)
    return [get_scalar_type(complex_dtype(upcast(*[as_float_dtype(_dtype(type)) for type in types])))]


def quotient_out(*types: ScalarType) -> list[ScalarType]:
    """The type of a true division: floatX for integers."""
    if all(is_discrete(_dtype(type)) for type in types):
        return [get_scalar_type(config.floatX)]
    return upcast_out(*types)


class transfer_type(Props):
    """The types of chosen inputs.

    Parameters
    ----------
    *transfer : int or ScalarType
        For each output, the number of the input whose type it has, or the type.
    """

    __props__ = ("transfer",)

    def __init__(self, *transfer: int | ScalarType):
        self.transfer = transfer

    def __call__(self, *types: ScalarType) -> list[ScalarType]:
        return [types[choice] if isinstance(choice, int) else choice for choice in self.transfer]

    def __str__(self) -> str:
        return f"transfer_type{self.transfer}"


class specific_out(Props):
    """Given types, whatever the inputs.

    Parameters
    ----------
    *spec : ScalarType
        The types of the outputs.
    """

    __props__ = ("spec",)

    def __init__(self, *spec: ScalarType):
        self.spec = spec

    def __call__(self, *types: ScalarType) -> list[ScalarType]:
        return list(self.spec)


class unary_out_lookup(Props):
    """Output types looked up by the type of the one input.

    Parameters
    ----------
    type_table : dict of ScalarType to ScalarType
        The table.
    """

    __props__ = ("items",)

    def __init__(self, type_table: dict[ScalarType, ScalarType]):
        self.items = tuple(as_pairs(type_table, "type_table"))

    def __call__(self, *types: ScalarType) -> list[ScalarType]:
        table = dict(self.items)
        if len(types) != 1 or types[0] not in table:
            raise TypeError(f"No output type is known for ({', '.join(map(str, types))})")
        return [table[types[0]]]
