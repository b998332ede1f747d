"""Expressions over arrays: build them, differentiate them, compile each graph to one function."""

from aesaralite.configdefaults import config

__version__ = "0.1.0"

__all__ = ["__version__", "config"]
