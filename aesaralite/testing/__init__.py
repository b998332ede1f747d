"""Tools for testing Ops, rewrites and linkers: those of users as well as aesaralite's own.

The checks here need nothing but aesaralite. The Hypothesis strategies for arrays and graphs are in
`aesaralite.testing.strategies`, which needs the package ``hypothesis``.

Examples
--------
Does an Op keep its promises, and do all linkers agree on it?

>>> import numpy as np
>>> import aesaralite.tensor as at
>>> from aesaralite.testing import check_gradient, check_op
>>> check_op(at.tanh, [np.zeros(2)])
[array([0., 0.])]

Does its gradient match finite differences?

>>> check_gradient(at.tanh, [np.array([0.1, -0.7])])
"""

from aesaralite.testing.cases import GraphCase
from aesaralite.testing.checks import check_forward, check_gradient, check_linkers, check_shapes
from aesaralite.testing.compare import assert_same
from aesaralite.testing.finite_differences import GradientError, numeric_grad, verify_grad
from aesaralite.testing.function_checks import check_function
from aesaralite.testing.linker_checks import check_linker
from aesaralite.testing.op_checks import check_op
from aesaralite.testing.programs import Program, program_of
from aesaralite.testing.rewrite_checks import check_rewrite

__all__ = [
    "GradientError",
    "GraphCase",
    "Program",
    "assert_same",
    "check_forward",
    "check_function",
    "check_gradient",
    "check_linker",
    "check_linkers",
    "check_op",
    "check_rewrite",
    "check_shapes",
    "numeric_grad",
    "program_of",
    "verify_grad",
]
