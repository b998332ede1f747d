"""The Python linker: runs a graph node by node with each Op's ``perform``. What it computes is the definition."""

from aesaralite_python.linker import PythonLinker
from aesaralite_python.program import PythonProgram

__all__ = ["PythonLinker", "PythonProgram"]
