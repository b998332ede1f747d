"""Expressions over arrays: build them, differentiate them, compile each graph to one function."""

__version__ = "0.1.0"

from aesaralite import tensor  # isort: split

from aesaralite import compile, gradient, graph, printing, raise_op, scalar, updates
from aesaralite.autodiff.forward import Rop
from aesaralite.autodiff.reverse import Lop, grad, subgraph_grad
from aesaralite.compile import (
    FunctionMaker,
    In,
    Mode,
    Out,
    ProfileStats,
    as_op,
    predefined_modes,
    predefined_optimizers,
    shared,
    wrap_py,
)
from aesaralite.compile.function import function
from aesaralite.configdefaults import config
from aesaralite.graph.basic import Constant, Variable, clone_replace
from aesaralite.graph.updates import OrderedUpdates
from aesaralite.printing import Print, debugprint, dprint, pp, pprint
from aesaralite.tensor.basic import get_scalar_constant_value

__all__ = [
    "Constant",
    "FunctionMaker",
    "In",
    "Lop",
    "Mode",
    "OrderedUpdates",
    "Out",
    "Print",
    "ProfileStats",
    "Rop",
    "Variable",
    "__version__",
    "as_op",
    "clone_replace",
    "compile",
    "config",
    "debugprint",
    "dprint",
    "function",
    "get_scalar_constant_value",
    "grad",
    "gradient",
    "graph",
    "pp",
    "pprint",
    "predefined_modes",
    "predefined_optimizers",
    "printing",
    "raise_op",
    "scalar",
    "shared",
    "subgraph_grad",
    "tensor",
    "updates",
    "wrap_py",
]
