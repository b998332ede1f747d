"""The classes behind `function`, where users of Aesara look for them."""

from aesaralite.compile.function.callable import Function
from aesaralite.compile.function.collect import convert_function_input
from aesaralite.compile.function.maker import FunctionMaker
from aesaralite.errors import UnusedInputError

__all__ = ["Function", "FunctionMaker", "UnusedInputError", "convert_function_input"]
