"""Random variables: draws of NumPy's random generators, as expressions."""

from aesaralite.tensor.random import op, type, utils, var
from aesaralite.tensor.random.constructors import RandomState, default_rng
from aesaralite.tensor.random.utils import RandomStream

__all__ = ["RandomState", "RandomStream", "default_rng", "op", "type", "utils", "var"]
