"""How Ops, types and their properties are written as Python source."""

from __future__ import annotations

import builtins
import importlib
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from types import BuiltinFunctionType, FunctionType
from typing import Any

import numpy as np

from aesaralite.graph.op import Op
from aesaralite.graph.type import Type
from aesaralite.graph.utils import Props
from aesaralite.graph.variable import Constant, Variable
from aesaralite.scalar.composite import Composite
from aesaralite.scalar.type import ScalarType
from aesaralite.tensor.tensor_type import TensorType
from aesaralite.testing.literals import Source, pickled_source, value_source

__all__ = ["Speller"]

PRELUDE = (
    "import numpy as np",
    "import aesaralite",
    "import aesaralite.scalar as aes",
    "import aesaralite.tensor as at",
)
"""What every program begins with."""

_LETTERS = {
    "int8": "b",
    "int16": "w",
    "int32": "i",
    "int64": "l",
    "float32": "f",
    "float64": "d",
    "complex64": "c",
    "complex128": "z",
}
_RANKS = ("scalar", "vector", "matrix", "tensor3", "tensor4")


class Speller:
    """Writes Ops and types as expressions, and evaluates expressions to see what they give.

    An expression is taken only if it gives what it's for.

    Attributes
    ----------
    names : dict
        What names mean where expressions are evaluated.
    missing : dict of str to str
        The names of classes that can't be imported, and where they are defined.
    """

    def __init__(self) -> None:
        self.names: dict[str, Any] = {}
        self.missing: dict[str, str] = {}
        for statement in PRELUDE:
            exec(statement, self.names)
        self._named: dict[Op, str] | None = None
        self._ops: dict[Any, Source] = {}
        self._composites = 0

    # -------------------------------------------------------------- evaluation
    def evaluate(self, source: Source) -> Any:
        """Return the value of an expression."""
        for statement in source.imports:
            exec(statement, self.names)
        for statement in source.before:
            exec(statement, self.names)
        return eval(source, self.names)

    def first_right(self, sources: Iterable[Source], is_right: Callable[[Any], Any]) -> Source | None:
        """Return the first expression whose value is right; one that raises an exception isn't."""
        for source in sources:
            try:
                if is_right(self.evaluate(source)):
                    return source
            except Exception:
                continue
        return None

    # --------------------------------------------------------------------- Ops
    def op(self, op: Op) -> Source:
        """Return the source of an Op."""
        try:
            known = self._ops.get(op)
        except TypeError:  # its properties have no hash
            known = None
        if known is None:
            known = self._op(op)
            with suppress(TypeError):
                self._ops[op] = known
        return known

    def _op(self, op: Op) -> Source:
        found = self.first_right(self._op_candidates(op), lambda value: type(value) is type(op) and value == op)
        if found is not None:
            return found
        try:
            return pickled_source(op)
        except Exception:
            # an Op of a class that isn't to be had elsewhere; the program says so
            return Source(f"{self._class(type(op))}()")

    def _op_candidates(self, op: Op) -> Iterator[Source]:
        name = self._face_name(op)
        if name is not None:
            yield Source(name)
        if isinstance(op, Composite):
            yield self._composite(op)
        yield from self._instances(op)

    def _face_name(self, op: Op) -> str | None:
        """Return the name under which users know an Op."""
        if self._named is None:
            self._named = {}
            for prefix, face in (("at", self.names["at"]), ("at.random", self.names["at"].random),
                                 ("aes", self.names["aes"])):  # fmt: skip
                for name, thing in vars(face).items():
                    if isinstance(thing, Op) and not name.startswith("_"):
                        self._note(thing, prefix, name)
        try:
            return self._named.get(op)
        except TypeError:
            return None

    def _note(self, op: Op, prefix: str, name: str) -> None:
        assert self._named is not None
        known = self._named.get(op)
        # among several names, the one that the Op is printed with
        if known is None or (known.startswith(f"{prefix}.") and f"{{{name}}}" in str(op)):
            self._named[op] = f"{prefix}.{name}"

    def _composite(self, op: Composite) -> Source:
        """Write the inner graph out, one operation a statement."""
        own = self._composites
        self._composites += 1
        before = [f"c{own}_x{i} = {self.type(kind)}()" for i, kind in enumerate(op.input_types)]
        imports: set[str] = set()
        several = {i for i, (inner, _) in enumerate(op.steps) if inner.nout > 1}

        def text_of(reference: tuple[Any, ...]) -> str:
            if reference[0] == "input":
                return f"c{own}_x{reference[1]}"
            if reference[0] == "step":
                return f"c{own}_{reference[1]}" + (f"[{reference[2]}]" if reference[1] in several else "")
            scalar_type, data = reference[1], reference[2]
            number = np.frombuffer(data, dtype=scalar_type.dtype)[0]
            return f"{self.type(scalar_type)}.make_constant({value_source(number)})"

        for i, (inner, arguments) in enumerate(op.steps):
            spelled = self.op(inner)
            imports |= spelled.imports
            before += spelled.before
            before.append(f"c{own}_{i} = {spelled}({', '.join(map(text_of, arguments))})")
        own_class = self._class(Composite)
        ins = ", ".join(f"c{own}_x{i}" for i in range(op.nin))
        outs = ", ".join(map(text_of, op.results))
        return Source(f"{own_class}([{ins}], [{outs}])", imports | own_class.imports, before)

    # ------------------------------------------------------------------- types
    def type(self, kind: Type) -> Source:
        """Return the source of a type, which is to be called with a name."""
        found = self.first_right(self._type_candidates(kind), lambda value: value == kind)
        return found if found is not None else pickled_source(kind)

    def _type_candidates(self, kind: Type) -> Iterator[Source]:
        if isinstance(kind, TensorType):
            letter = _LETTERS.get(kind.dtype)
            if letter is not None and kind.ndim < len(_RANKS):
                if all(size is None for size in kind.shape):
                    yield Source(f"at.{letter}{_RANKS[kind.ndim]}")
                if kind.shape in ((1, None), (None, 1)):
                    yield Source(f"at.{letter}{'row' if kind.shape[0] == 1 else 'col'}")
            yield Source(f"at.TensorType({kind.dtype!r}, shape={kind.shape!r})")
        if isinstance(kind, ScalarType):
            yield Source(f"aes.{kind.dtype}")
        module = importlib.import_module(type(kind).__module__)
        for name, thing in vars(module).items():
            if isinstance(thing, Type) and not name.startswith("_") and type(thing) is type(kind):
                yield Source(name, [f"from {module.__name__} import {name}"])
        yield from self._instances(kind)

    def variable(self, kind: Type, name: str | None) -> Source:
        """Return the source of a variable of a type, with a name."""
        spelled = self.type(kind)
        return spelled.within("{}(" + ("" if name is None else repr(name)) + ")")

    # -------------------------------------------------------------- properties
    def _instances(self, thing: Any) -> Iterator[Source]:
        """Yield calls of a thing's class that may give the thing."""
        cls = self._class(type(thing))
        props = _properties(thing)
        if props is None:
            yield cls.within("{}()")
            return
        try:
            spelled = {name: self.value(value) for name, value in props.items()}
        except Exception:
            return
        taken, defaults = _parameters(type(thing))
        short = {
            name: spelled[name]
            for name, value in props.items()
            if name in taken and not (name in defaults and _is_same(defaults[name], value))
        }
        for chosen in (short, {name: text for name, text in spelled.items() if name in taken}, spelled):
            yield _call(cls, [f"{name}={text}" for name, text in chosen.items()], chosen.values())
        yield _call(cls, list(spelled.values()), spelled.values())
        for value in props.values():
            if isinstance(value, tuple):
                parts = [self.value(part) for part in value]
                yield _call(cls, parts, parts)

    def value(self, value: Any) -> Source:
        """Return the source of a property: a plain value, an Op, a type, a class, a function, or some of them."""
        if isinstance(value, Op):
            return self.op(value)
        if isinstance(value, Type):
            return self.type(value)
        if isinstance(value, (tuple, list)) and type(value) in (tuple, list):
            parts = [self.value(part) for part in value]
            text = ", ".join(parts)
            if isinstance(value, tuple):
                return _joined(f"({text},)" if len(parts) == 1 else f"({text})", parts)
            return _joined(f"[{text}]", parts)
        if isinstance(value, Mapping) and type(value) is dict:
            items = [(self.value(key), self.value(item)) for key, item in value.items()]
            return _joined(f"{{{', '.join(f'{k}: {v}' for k, v in items)}}}", [s for pair in items for s in pair])
        if isinstance(value, slice):
            parts = [self.value(part) for part in (value.start, value.stop, value.step)]
            return _joined(f"slice({', '.join(parts)})", parts)
        if isinstance(value, type):
            return self._class(value)
        if isinstance(value, np.ufunc):
            return Source(f"np.{value.__name__}")
        if isinstance(value, (FunctionType, BuiltinFunctionType)):
            return self._class(value)
        if isinstance(value, Variable) and not isinstance(value, Constant):
            raise TypeError(f"{value} is no plain value")
        return value_source(value)

    def _class(self, thing: Any) -> Source:
        """Return the name of a class or function, with the import that it needs."""
        name, module = thing.__qualname__, thing.__module__
        if getattr(builtins, name, None) is thing:
            return Source(name)
        outer = name.partition(".")[0]
        if "<" not in name and module != "__main__":
            return Source(name, [f"from {module} import {outer}"])
        self.names[thing.__name__] = thing
        self.missing[thing.__name__] = f"{module}.{name}"
        return Source(thing.__name__)


def _properties(thing: Any) -> dict[str, Any] | None:
    if isinstance(thing, Props):
        try:
            return thing._props_dict()
        except AttributeError:
            return None
    return None


def _parameters(cls: type) -> tuple[set[str], dict[str, Any]]:
    """Return the names of the parameters that a class takes by keyword, and their defaults."""
    try:
        parameters = inspect.signature(cls).parameters.values()
    except (TypeError, ValueError):
        return set(), {}
    usable = [p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    return {p.name for p in usable}, {p.name: p.default for p in usable if p.default is not p.empty}


def _is_same(a: Any, b: Any) -> bool:
    return type(a) is type(b) and bool(a == b)


def _call(function: Source, arguments: Iterable[str], sources: Iterable[Source]) -> Source:
    return _joined(f"{function}({', '.join(arguments)})", [function, *sources])


def _joined(text: str, parts: Iterable[Source]) -> Source:
    imports: set[str] = set()
    before: list[str] = []
    for part in parts:
        imports |= part.imports
        before += [statement for statement in part.before if statement not in before]
    return Source(text, imports, before)
