"""Compiling: `function`, shared variables, modes, and the contract with linkers."""

from aesaralite.compile import debugmode, nanguardmode  # register themselves as modes
from aesaralite.compile.function.types import Function, FunctionMaker, UnusedInputError, convert_function_input
from aesaralite.compile.io import In, Out, SymbolicInput, SymbolicOutput
from aesaralite.compile.mode import (
    FAST_COMPILE,
    FAST_RUN,
    NUMBA,
    Mode,
    get_default_mode,
    get_mode,
    optdb,
    predefined_modes,
    predefined_optimizers,
    register_linker,
    register_mode,
    register_optimizer,
)
from aesaralite.compile.monitormode import MonitorMode
from aesaralite.compile.ops import DeepCopyOp, FromFunctionOp, ViewOp, as_op, deep_copy_op, view_op, wrap_py
from aesaralite.compile.profiling import ProfileStats
from aesaralite.graph.shared import SharedVariable, shared, shared_constructor
from aesaralite.tensor import shared as _tensor_constructors  # registers itself with shared()
