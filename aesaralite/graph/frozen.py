"""Frozen graphs: what is hashed, cached and handed to a linker."""

from __future__ import annotations

import dataclasses
import enum
import hashlib
import itertools
import struct
import sys
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import BuiltinFunctionType, FunctionType, MappingProxyType
from typing import Any

import numpy as np

from aesaralite.graph.arguments import as_variables, expect
from aesaralite.graph.clone import clone_get_equiv
from aesaralite.graph.code_content import function_digest, module_digest
from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.generators import frozen_state, is_generator
from aesaralite.graph.op import Op
from aesaralite.graph.pickling import stream_of
from aesaralite.graph.provenance import Origin
from aesaralite.graph.traversal import io_toposort
from aesaralite.graph.type import Type
from aesaralite.graph.utils import Props
from aesaralite.graph.variable import Apply, Constant, Variable

_unique = itertools.count()
#: Packages whose code changes with their version only.
_FIXED_PACKAGES = sys.stdlib_module_names | {"aesaralite", "numpy"}


@dataclass(frozen=True, eq=False, repr=False)
class FrozenNode:
    """A node of a frozen graph.

    Attributes
    ----------
    index : int
        Its position in the topological order.
    op : Op
    inputs, outputs : tuple of int
        Numbers of values.
    apply : Apply
        A private copy of the node, for ``op.perform(apply, ...)``, types, names and origins.
    """

    index: int
    op: Op
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    apply: Apply

    @property
    def origin(self) -> Origin | None:
        """Where the user made the node."""
        return self.apply.origin

    def __repr__(self) -> str:
        ins = ", ".join(f"%{i}" for i in self.inputs)
        outs = ", ".join(f"%{i}" for i in self.outputs)
        return f"{outs} = {self.op}({ins})"


class FrozenGraph:
    """An immutable graph: nodes in topological order over numbered values.

    Attributes
    ----------
    inputs, outputs : tuple of int
        Numbers of the values where the graph begins and ends.
    nodes : tuple of FrozenNode
        In topological order.
    variables : tuple of Variable
        For each value, a private copy of its variable.
    constants : mapping of int to Constant
        The values that are constants.
    digest : str
        Tells graphs apart by content: Ops with their properties, types, constants, edges. Names and
        origins don't count. Equal in every process where `portable` is true.
    portable : bool
        Whether the content of every Op could be told; if not, the digest is unique to this process.
    unportable : str or None
        The name of the first class or function whose content couldn't be told.
    """

    __slots__ = ("constants", "digest", "inputs", "nodes", "outputs", "unportable", "variables")

    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    nodes: tuple[FrozenNode, ...]
    variables: tuple[Variable, ...]
    constants: Mapping[int, Constant]
    digest: str
    unportable: str | None

    def __init__(self, inputs: list[Variable], outputs: list[Variable]):
        inputs, outputs = as_variables(inputs, "inputs"), as_variables(outputs, "outputs")
        numbers: dict[Variable, int] = {}
        variables: list[Variable] = []
        constants: dict[int, Constant] = {}
        nodes: list[FrozenNode] = []

        def number(variable: Variable) -> int:
            found = numbers.get(variable)
            if found is None:
                found = numbers[variable] = len(variables)
                variables.append(variable)
                if isinstance(variable, Constant):
                    constants[found] = variable
            return found

        set_ = object.__setattr__
        set_(self, "inputs", tuple(number(variable) for variable in inputs))
        for index, node in enumerate(io_toposort(inputs, outputs)):
            ins = tuple(number(variable) for variable in node.inputs)
            outs = tuple(number(variable) for variable in node.outputs)
            nodes.append(FrozenNode(index, node.op, ins, outs, node))
        set_(self, "outputs", tuple(number(variable) for variable in outputs))
        set_(self, "nodes", tuple(nodes))
        set_(self, "variables", tuple(variables))
        set_(self, "constants", MappingProxyType(constants))
        hasher = _ContentHasher()
        hasher.add_graph(self)
        set_(self, "digest", hasher.hexdigest())
        set_(self, "unportable", hasher.unportable)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("A frozen graph can't be changed")

    @property
    def portable(self) -> bool:
        return self.unportable is None

    @property
    def types(self) -> tuple[Type, ...]:
        """The types, by value."""
        return tuple(variable.type for variable in self.variables)

    @property
    def input_variables(self) -> tuple[Variable, ...]:
        """The variables at which the graph begins."""
        return tuple(self.variables[i] for i in self.inputs)

    @property
    def output_variables(self) -> tuple[Variable, ...]:
        """The variables at which the graph ends."""
        return tuple(self.variables[i] for i in self.outputs)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FrozenGraph):
            return NotImplemented
        return self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __str__(self) -> str:
        lines = [f"inputs: {', '.join(f'%{i}: {self.variables[i].type}' for i in self.inputs)}"]
        lines += [f"%{i} = {constant}" for i, constant in self.constants.items()]
        lines += [repr(node) for node in self.nodes]
        lines.append(f"outputs: {', '.join(f'%{i}' for i in self.outputs)}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<FrozenGraph of {len(self.nodes)} nodes, {self.digest[:12]}>"

    def __reduce__(self) -> Any:
        stream = stream_of([node.apply for node in self.nodes])
        return _restore, (stream, list(self.input_variables), list(self.output_variables))


def _restore(nodes: list[Apply], inputs: list[Variable], outputs: list[Variable]) -> FrozenGraph:
    return FrozenGraph(inputs, outputs)


def freeze(fgraph: FunctionGraph) -> FrozenGraph:
    """Return an immutable copy of a graph.

    Parameters
    ----------
    fgraph : FunctionGraph
        The graph. Orders that its features demand beyond dependencies are not kept.
    """
    expect(fgraph, FunctionGraph, "fgraph")
    equiv = clone_get_equiv(fgraph.inputs, fgraph.outputs, copy_orphans=False)
    return FrozenGraph([equiv[v] for v in fgraph.inputs], [equiv[v] for v in fgraph.outputs])


def content_digest(obj: Any) -> tuple[str, bool]:
    """Return a digest of an object's content, and whether it is the same in every process."""
    hasher = _ContentHasher()
    hasher.add(obj)
    return hasher.hexdigest(), hasher.unportable is None


class _ContentHasher:
    """Feeds the content of Ops, types and values to a hash function."""

    def __init__(self) -> None:
        self._hash = hashlib.blake2b(digest_size=20)
        self._known: dict[Any, bytes] = {}
        self.unportable: str | None = None

    def hexdigest(self) -> str:
        return self._hash.hexdigest()

    def add_graph(self, graph: FrozenGraph) -> None:
        update = self._hash.update
        update(
            struct.pack(
                f"<3q{len(graph.inputs)}q", len(graph.inputs), len(graph.nodes), len(graph.outputs), *graph.inputs
            )
        )
        for i in graph.inputs:
            update(self._digest_of(graph.variables[i].type))
        for i, constant in graph.constants.items():
            update(struct.pack("<q", i))
            update(self._digest_of(constant.type))
            self.add(constant.data)
        for node in graph.nodes:
            ends = node.inputs + node.outputs
            update(struct.pack(f"<{len(ends) + 2}q", len(node.inputs), len(node.outputs), *ends))
            update(self._digest_of(node.op))
            for i in node.outputs:
                update(self._digest_of(graph.variables[i].type))
        update(struct.pack(f"<{len(graph.outputs)}q", *graph.outputs))

    def _digest_of(self, obj: Op | Type) -> bytes:
        """Return the digest of an Op or type; those that are equal are looked at once."""
        can_be_known = type(obj).__hash__ is not None  # a user's type may define __eq__ alone
        digest = self._known.get(obj) if can_be_known else None
        if digest is None:
            hasher = _ContentHasher()
            hasher._known = self._known
            hasher._add_instance(obj)
            self.unportable = self.unportable or hasher.unportable
            digest = hasher._hash.digest()
            if can_be_known:
                self._known[obj] = digest
        return digest

    def add(self, obj: Any) -> None:
        """Take in any value that may be a property or a constant."""
        update = self._hash.update
        if obj is None or isinstance(obj, (bool, int, float, complex, str, bytes, slice)) or obj is Ellipsis:
            update(f"{type(obj).__name__}:{obj!r};".encode())
        elif isinstance(obj, enum.Enum):
            update(f"{type(obj).__qualname__}.{obj.name};".encode())
        elif isinstance(obj, np.ndarray) and not obj.dtype.hasobject:
            update(f"ndarray:{obj.dtype.str}{obj.shape}".encode())
            update(np.ascontiguousarray(obj).reshape(-1).view(np.uint8).data if obj.size else b"")
        elif isinstance(obj, (np.generic, np.dtype)):
            update(f"{type(obj).__name__}:{np.dtype(getattr(obj, 'dtype', obj)).str}:".encode())
            update(obj.tobytes() if isinstance(obj, np.generic) else b"")
        elif isinstance(obj, (tuple, list)):
            update(f"{type(obj).__name__}{len(obj)}(".encode())
            for item in obj:
                self.add(item)
            update(b")")
        elif isinstance(obj, Mapping):
            update(f"mapping{len(obj)}(".encode())
            for key, value in obj.items():
                self.add(key)
                self.add(value)
            update(b")")
        elif isinstance(obj, (set, frozenset)):
            update(f"set{sorted(map(repr, obj))}".encode())
        elif isinstance(obj, type):
            update(f"class:{obj.__module__}.{obj.__qualname__};".encode())
        elif isinstance(obj, FrozenGraph):
            update(f"graph:{obj.digest};".encode())
            self.unportable = self.unportable or obj.unportable
        elif isinstance(obj, Constant):
            update(self._digest_of(obj.type))
            self.add(obj.data)
        elif isinstance(obj, (BuiltinFunctionType, np.ufunc)):
            update(f"builtin:{getattr(obj, '__module__', '')}.{obj.__name__};".encode())
        elif isinstance(obj, FunctionType):
            self._add_function(obj)
        elif is_generator(obj):
            self.add(frozen_state(obj))
        elif isinstance(obj, Props):
            update(self._digest_of(obj))  # type: ignore[arg-type]
        else:
            self._add_instance(obj)

    def _add_function(self, function: FunctionType) -> None:
        self._hash.update(f"function:{function.__module__}.{function.__qualname__};".encode())
        self._hash.update(function_digest(function))
        if function.__closure__ or "<locals>" in function.__qualname__:
            self._make_unique(function)

    def _add_instance(self, obj: Any) -> None:
        cls = type(obj)
        self._hash.update(f"instance:{cls.__module__}.{cls.__qualname__};".encode())
        # two classes of one name may exist, in one process and in the next
        is_unique = "<locals>" in cls.__qualname__ or cls.__module__ == "__main__"
        if not is_unique:
            self._add_code(cls)
        if isinstance(obj, Props):
            try:
                props = obj._props()
            except AttributeError:
                if obj.__dict__ or is_unique:
                    self._make_unique(obj)
                return
            if is_unique:
                self._make_unique(cls)
            self.add(props)
        elif dataclasses.is_dataclass(obj):
            self.add(tuple(getattr(obj, field.name) for field in dataclasses.fields(obj)))
        else:
            self._make_unique(obj)

    def _add_code(self, cls: type) -> None:
        """Take in what a class of the user's does, which he may change."""
        for base in cls.__mro__:
            if base.__module__.partition(".")[0] not in _FIXED_PACKAGES:
                code = self._known.get(base.__module__)
                if code is None:
                    code = self._known[base.__module__] = module_digest(base.__module__)
                self._hash.update(f"{base.__qualname__};".encode() + code)

    def _make_unique(self, obj: Any) -> None:
        named = obj if isinstance(obj, (type, FunctionType)) else type(obj)
        self.unportable = self.unportable or f"{named.__module__}.{named.__qualname__}"
        self._hash.update(f"unique:{_token_of(obj)};".encode())


_tokens: dict[int, tuple[int, Any]] = {}


def _token_of(obj: Any) -> int:
    """Return a number that no other object of this process gets, be it alive at the same time or not."""
    key = id(obj)
    known = _tokens.get(key)
    if known is not None and known[1]() is obj:
        return known[0]
    holder: Callable[[], Any]
    try:
        # the number is forgotten when the object is gone: its id may come to mean another
        holder = weakref.ref(obj, lambda _: _tokens.pop(key, None))
    except TypeError:
        holder = partial(_same, obj)  # kept, since nobody would tell
    token = next(_unique)
    _tokens[key] = token, holder
    return token


def _same(obj: Any) -> Any:
    return obj
