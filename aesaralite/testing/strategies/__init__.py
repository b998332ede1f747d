"""Hypothesis strategies for dtypes, shapes, arrays, indices and graphs.

This package needs the package ``hypothesis``; nothing else in aesaralite imports it.

Examples
--------
A law that holds for every small graph::

    from hypothesis import given
    from aesaralite.testing import check_linkers
    from aesaralite.testing.strategies import graphs

    @given(graphs())
    def test_linkers_agree(case):
        check_linkers(case)
"""

from aesaralite.testing.cases import GraphCase
from aesaralite.testing.layouts import LAYOUTS, with_layout
from aesaralite.testing.strategies.of_arrays import (
    arrays,
    broadcastable_shapes,
    dtypes,
    elements,
    generators,
    layouts,
    shapes,
    static_shapes,
    tensor_types,
)
from aesaralite.testing.strategies.of_graphs import graphs, programs
from aesaralite.testing.strategies.of_indices import (
    advanced_indices,
    basic_indices,
    indices,
    slices,
    symbolic_indices,
)
from aesaralite.testing.strategies.of_patterns import rewritable

__all__ = [
    "LAYOUTS",
    "GraphCase",
    "advanced_indices",
    "arrays",
    "basic_indices",
    "broadcastable_shapes",
    "dtypes",
    "elements",
    "generators",
    "graphs",
    "indices",
    "layouts",
    "programs",
    "rewritable",
    "shapes",
    "slices",
    "static_shapes",
    "symbolic_indices",
    "tensor_types",
    "with_layout",
]
