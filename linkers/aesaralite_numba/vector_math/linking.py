"""Puts the functions into programs.

A program calls a function for numbers, of which it knows only that it is pure and that there are functions for vectors
that do the same; so LLVM's loop vectoriser makes of the calls what fits the loop.  After that, what is called is linked
in: what is short is expanded where it is called, what isn't is called.  So LLVM's passes don't see the insides of the
functions, of which there is nothing to be improved, and each is compiled once.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence

from .code import DOUBLE, EACH, SINGLE, Code, Format
from .functions import FUNCTIONS

PREFIX = "aesaralite_vector_"


_DECLARED = re.compile(rf'^declare \w+ @"({PREFIX}\w+)"\(.*$', re.MULTILINE)
_CALLED = re.compile(rf"call [^@\n]*@({PREFIX}\w+)\(")


def symbol(name: str, format: Format) -> str:
    return f"{PREFIX}{name}_f{format.width}"


def _parse(symbol: str) -> tuple[str, Format, int]:
    """Name, format and lanes of a symbol."""
    name, kind, lanes = re.fullmatch(rf"{PREFIX}(\w+)_(f\d+)(?:_x(\d+))?", symbol).groups()  # type: ignore[union-attr]
    return name, DOUBLE if kind == "f64" else SINGLE, int(lanes or 1)


def fused(triple: str, features: str) -> bool:
    """Whether a processor has the fused multiply-add, without which other libraries are faster."""
    return not triple.startswith(("x86_64", "i386", "i686")) or "+fma" in features.split(",")


def vector_bits(triple: str, features: str) -> int:
    """The width of a processor's vectors."""
    if not triple.startswith(("x86_64", "i386", "i686")):
        return 128
    return 512 if "+avx512f" in features.split(",") else 256


def declare_vectors(text: str, bits: int) -> str:
    """A module's text in which functions for numbers name those for vectors of so many bits."""
    symbols = _DECLARED.findall(text)
    if not symbols:
        return text
    mixed = len({_parse(s)[1] for s in symbols}) > 1
    lines: list[str] = []
    vectors: list[str] = []

    def declaration(match: re.Match[str]) -> str:
        name, format, _ = _parse(match[1])
        count = FUNCTIONS[name].arguments
        lanes = [bits // format.width]
        if mixed and format is SINGLE:
            lanes.append(lanes[0] // 2)
        variants = []
        for k in lanes:
            kind, vector = f"<{k} x {format.name}>", f"{match[1]}_x{k}"
            variants.append(f"_ZGV_LLVM_N{k}{'v' * count}_{match[1]}({vector})")
            lines.append(f"declare {kind} @{vector}({', '.join([kind] * count)})")
            vectors.append(f"ptr @{vector}")
        arguments = ", ".join([format.name] * count)
        attributes = f'nounwind willreturn memory(none) "vector-function-abi-variant"="{",".join(variants)}"'
        return f"declare {format.name} @{match[1]}({arguments}) {attributes}"

    text = _DECLARED.sub(declaration, text)
    # or LLVM would drop what isn't called yet
    kept = (
        f'@llvm.compiler.used = appending global [{len(vectors)} x ptr] [{", ".join(vectors)}], section "llvm.metadata"'
    )
    return "\n".join([text, *lines, kept, ""])


def called(text: str) -> set[str]:
    """The functions that a module calls, and what those call."""
    symbols = set(_CALLED.findall(text))
    for s in tuple(symbols):
        symbols |= _called_by(s)
    return symbols


def definitions(symbols: Iterable[str]) -> str:
    """A module of functions, as text."""
    found = [_definition(s) for s in sorted(symbols)]
    declared = sorted(set().union(*(d for _, d in found)) - {""})
    return "".join(text for text, _ in found) + "\n".join(declared) + '\n!0 = !{!"branch_weights", i32 1, i32 2000}\n'


@functools.cache
def _definition(symbol: str) -> tuple[str, frozenset[str]]:
    """A function's text, and the declarations it needs."""
    if symbol.endswith(EACH):
        return _one_by_one(symbol.removesuffix(EACH)), frozenset()
    name, format, lanes = _parse(symbol)
    function = FUNCTIONS[name]
    code = Code(format, lanes, symbol, [f"%a{k}" for k in range(function.arguments)])
    result = function.build(code, *code.arguments)
    expanded = "alwaysinline" if lanes > 1 and function.short else "noinline"
    body = "\n".join(code.text.lines)
    text = f"{_head(code)} nounwind {expanded} {{\n{body}\n  ret {code.type} {result}\n}}\n"
    return text, frozenset(d for d in code.text.declared if f"@{PREFIX}" not in d)


def _head(code: Code) -> str:
    return f"define {code.type} @{code.symbol}({', '.join(f'{code.type} {a}' for a in code.arguments)})"


def _one_by_one(symbol: str) -> str:
    """A function that calls, for each lane of its vectors, the function for numbers."""
    name, format, lanes = _parse(symbol)
    scalar = symbol.rpartition("_x")[0]
    code = Code(format, lanes, symbol + EACH, [f"%a{k}" for k in range(FUNCTIONS[name].arguments)])
    result = "poison"
    for lane in range(lanes):
        parts = [code.emit(f"extractelement {code.type} {a}, i64 {lane}") for a in code.arguments]
        listed = ", ".join(f"{format.name} {p}" for p in parts)
        value = code.emit(f"call {format.name} @{scalar}({listed})")
        result = code.emit(f"insertelement {code.type} {result}, {format.name} {value}, i64 {lane}")
    body = "\n".join(code.text.lines)
    return f"{_head(code)} nounwind noinline cold {{\n{body}\n  ret {code.type} {result}\n}}\n"


@functools.cache
def _called_by(symbol: str) -> frozenset[str]:
    found: set[str] = set()
    rest: Sequence[str] = [symbol]
    while rest:
        rest = [s for text in (_definition(r)[0] for r in rest) for s in _CALLED.findall(text) if s not in found]
        found.update(rest)
    return frozenset(found)
