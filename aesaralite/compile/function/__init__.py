"""Compiling: `function`, which turns an expression into something that can be called."""

from aesaralite.compile.function.build import function

__all__ = ["function"]
