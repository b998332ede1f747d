"""Digests of code: what tells a function, or a module of the user's, from what it was before he changed it."""

from __future__ import annotations

import functools
import hashlib
import sys
from abc import ABCMeta
from collections.abc import Callable, Iterator
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any

_PLAIN = (bool, int, float, complex, str, bytes, type(None))
#: Values of these classes are never a function in disguise.
_FINAL = frozenset({*_PLAIN, tuple, type, ABCMeta, ModuleType, BuiltinFunctionType, property})


def function_digest(function: FunctionType) -> bytes:
    """Return a digest of what a function does: its code, the constants in it, and its defaults.

    What it calls and what its closure holds isn't part of it.
    """
    hasher = hashlib.blake2b(digest_size=16)
    for part in _function_parts(function):
        _add(hasher.update, part)
    return hasher.digest()


def module_digest(name: str) -> bytes:
    """Return a digest of the code that a module has in memory: its functions, classes and plain constants.

    What it imports isn't part of it.  The module's file doesn't count, which may have changed since it was imported.
    """
    module = sys.modules.get(name)
    if module is None:
        return b""
    parts = list(_module_parts(module))
    known = _known.get(name)
    if known is None or known[0] != parts:
        hasher = hashlib.blake2b(digest_size=16)
        for part in parts:
            _add(hasher.update, part)
        known = _known[name] = parts, hasher.digest()
    return known[1]


_known: dict[str, tuple[list[Any], bytes]] = {}


def _module_parts(module: ModuleType) -> Iterator[Any]:
    seen: set[int] = set()
    for key, value in sorted(vars(module).items()):
        # an interactive session keeps its history in names like _i3
        if not key.startswith("_" if module.__name__ == "__main__" else "__"):
            yield from _parts(key, value, module.__name__, seen)


def _parts(key: str, value: Any, module: str, seen: set[int]) -> Iterator[Any]:
    """Names, plain values with their classes, and code objects."""
    value = _unwrapped(value)
    kind = type(value)  # asking the value for its class may run a program
    if issubclass(kind, _PLAIN):
        yield from (key, kind.__name__, value)
    elif issubclass(kind, tuple):
        yield from (key, "tuple", len(value))
        for item in value:
            yield from _parts("", item, module, seen)
    elif issubclass(kind, property):
        for function in (value.fget, value.fset, value.fdel):
            yield from _parts(key, function, module, seen)
    elif issubclass(kind, (FunctionType, type)) and value.__module__ == module and id(value) not in seen:
        seen.add(id(value))
        yield key
        if issubclass(kind, FunctionType):
            yield from _function_parts(value)
            return
        yield from ("class", *(base.__qualname__ for base in value.__mro__[1:]))
        for name, attribute in sorted(vars(value).items()):
            if not (name.startswith("__") and issubclass(type(attribute), (*_PLAIN, tuple))):
                yield from _parts(name, attribute, module, seen)


def _function_parts(function: FunctionType) -> Iterator[Any]:
    yield function.__code__
    for default in (*(function.__defaults__ or ()), *sorted((function.__kwdefaults__ or {}).items())):
        yield from _parts("default", default, function.__module__, set())


def _unwrapped(value: Any) -> Any:
    """The function within what decorators have made of it."""
    while True:
        kind = type(value)
        if kind in _FINAL or (kind is FunctionType and not value.__dict__):
            return value
        if issubclass(kind, (staticmethod, classmethod)):
            value = value.__func__
        elif issubclass(kind, (functools.partial, functools.partialmethod, functools.cached_property)):
            value = value.func
        else:
            try:
                wrapped = object.__getattribute__(value, "__wrapped__")
            except AttributeError:
                return value
            if not issubclass(type(wrapped), FunctionType):
                return value
            value = wrapped


def _add(update: Callable[[bytes], None], part: Any) -> None:
    if not isinstance(part, CodeType):
        update(f"{part!r};".encode("utf-8", "backslashreplace"))
        return
    counts = part.co_argcount, part.co_posonlyargcount, part.co_kwonlyargcount, part.co_flags
    update(f"code{counts}{part.co_names}{part.co_varnames}{part.co_freevars}{part.co_cellvars};".encode())
    update(part.co_code)
    for constant in part.co_consts:
        # a set has another order in each process
        _add(update, sorted(map(repr, constant)) if isinstance(constant, frozenset) else constant)
