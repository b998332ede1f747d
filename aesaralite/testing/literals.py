"""Values as Python source: expressions that give an equal value, down to the layout of an array and the state of a
generator."""

from __future__ import annotations

import base64
import pickle
from collections.abc import Iterable
from typing import Any

import numpy as np

from aesaralite.graph.generators import frozen_state, is_generator
from aesaralite.testing.layouts import FOREIGN, LAYOUTS, with_layout

__all__ = ["Source", "array_source", "number_source", "pickled_source", "value_source"]

_LEAST_FULL = 9
"""How many equal elements an array has at least that is written as `np.full`."""


class Source(str):
    """An expression, with the import statements that it needs.

    Parameters
    ----------
    text : str
        The expression.
    imports : iterable of str
        Whole statements. ``np`` is there anyway.
    before : iterable of str
        Statements that must stand before the one with the expression.
    """

    imports: frozenset[str]
    before: tuple[str, ...]

    def __new__(cls, text: str, imports: Iterable[str] = (), before: Iterable[str] = ()) -> Source:
        source = super().__new__(cls, text)
        source.imports = frozenset(imports)
        source.before = tuple(before)
        return source

    def within(self, text: str) -> Source:
        """Return a larger expression: `text`, with this one in the place of its braces."""
        return Source(text.replace("{}", self), self.imports, self.before)


def number_source(number: Any) -> str:
    """Return the source of one number, such that an array of the number's dtype takes exactly its value."""
    number = np.asarray(number)[()]
    kind = number.dtype.kind
    if kind in "biu":
        return repr(number.item())
    if kind == "c":
        return f"complex({number_source(number.real)}, {number_source(number.imag)})"
    if np.isnan(number):
        return "np.nan"
    if np.isinf(number):
        return "np.inf" if number > 0 else "-np.inf"
    # the shortest digits that no other number of the dtype has
    text = str(number)
    return text if number.dtype.type(float(text)) == number else repr(float(number))


def array_source(array: np.ndarray) -> Source:
    """Return the source of an array: of its dtype, shape, values and layout."""
    plain = _contiguous_source(array)
    if _looks_like(array, np.array(array, order="C")):
        return Source(plain)
    for layout in LAYOUTS + FOREIGN:
        if _looks_like(array, with_layout(array, layout)):
            helper = "from aesaralite.testing.layouts import with_layout"
            return Source(f"with_layout({plain}, {layout!r})", [helper])
    text, imports = f"with_strides({plain}, {array.strides})", {"from aesaralite.testing.layouts import with_strides"}
    if not array.flags.writeable:
        text = f"read_only({text})"
        imports.add("from aesaralite.testing.layouts import read_only")
    return Source(text, imports)


def value_source(value: Any) -> Source:
    """Return the source of a value that an input, a constant or a shared variable may have."""
    if isinstance(value, np.ndarray) and type(value) is np.ndarray and value.dtype.kind in "biufc":
        return array_source(value)
    if isinstance(value, np.generic) and value.dtype.kind in "biufc":
        return Source(f"np.{value.dtype.name}({number_source(value)})")
    if isinstance(value, (bool, int, str, bytes)) or value is None or value is Ellipsis:
        return Source(repr(value))
    if isinstance(value, (float, complex)):
        return Source(number_source(value))
    if isinstance(value, slice):
        return Source(f"slice({value.start!r}, {value.stop!r}, {value.step!r})")
    if is_generator(value):
        return _generator_source(value)
    return pickled_source(value)


def pickled_source(value: Any) -> Source:
    """Return an expression that unpickles a value: of what has no better source.

    Raises
    ------
    Exception
        If the value can't be pickled.
    """
    text = base64.b85encode(pickle.dumps(value)).decode()
    return Source(f"pickle.loads(base64.b85decode({text!r}))", ["import base64", "import pickle"])


def _contiguous_source(array: np.ndarray) -> str:
    dtype = array.dtype.name
    if not array.size:
        return f"np.zeros({array.shape}, dtype={dtype!r})"
    first = array.flat[0]
    if array.size >= _LEAST_FULL and array.tobytes() == np.full(array.shape, first).tobytes():
        return f"np.full({array.shape}, {number_source(first)}, dtype={dtype!r})"
    text = _nested(array)
    implied = dtype in ("bool", "int64", "float64", "complex128")
    return f"np.array({text})" if implied else f"np.array({text}, dtype={dtype!r})"


def _nested(array: np.ndarray) -> str:
    if array.ndim == 0:
        return number_source(array)
    return f"[{', '.join(map(_nested, array))}]"


def _looks_like(array: np.ndarray, other: np.ndarray) -> bool:
    flags = ("c_contiguous", "f_contiguous", "aligned", "writeable")
    if any(getattr(array.flags, flag) != getattr(other.flags, flag) for flag in flags):
        return False
    return array.size == 0 or array.flags.forc or array.strides == other.strides


def _generator_source(generator: Any) -> Source:
    """Return how to make a generator: from its seed if it's fresh, else from its state."""
    if isinstance(generator, np.random.RandomState):
        state, call = generator.get_state(legacy=False), "generator_of_state({}, legacy=True)"
    else:
        bits = generator.bit_generator
        state, call = bits.state, "generator_of_state({})"
        entropy = getattr(bits.seed_seq, "entropy", None)
        name = type(bits).__name__
        if isinstance(entropy, int) and type(bits) is getattr(np.random, name, None):
            fresh = np.random.Generator(type(bits)(entropy))
            if frozen_state(fresh) == frozen_state(generator):
                if name == "PCG64":
                    return Source(f"np.random.default_rng({entropy})")
                return Source(f"np.random.Generator(np.random.{name}({entropy}))")
    helper = "from aesaralite.graph.generators import generator_of_state"
    return Source(call.format(_state_source(state)), [helper])


def _state_source(state: Any) -> str:
    if isinstance(state, dict):
        return f"{{{', '.join(f'{key!r}: {_state_source(value)}' for key, value in state.items())}}}"
    if isinstance(state, np.ndarray):
        return f"np.array({state.tolist()}, dtype={state.dtype.name!r})"
    return repr(state)
