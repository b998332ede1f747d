"""Kernels that are alike share one function, so that deep programs of one kind of layer compile quickly."""

import re

import numpy as np
import pytest
from aesaralite_numba import machine

import aesaralite.tensor as at
from aesaralite import function
from aesaralite.configdefaults import config

LAYERS = {
    # arithmetic alone, functions of vectors (whose loops carry hints), rows with sums
    "arithmetic": lambda y: y * 0.5 + 1,
    "functions": lambda y: at.tanh(y) + at.exp(-y),
    "rows": lambda y: at.special.softmax(at.sin(y), axis=1),
}


@pytest.fixture
def texts(monkeypatch):
    """The modules that are compiled."""
    found = []
    compiled = machine.compile_module

    def compile_module(name, text, symbols):
        found.append(text)
        return compiled(name, text, symbols)

    monkeypatch.setattr(machine, "compile_module", compile_module)
    with config.change_flags(numba__cache=False):
        yield found


def kernels(text):
    return re.findall(r"^define [^\n]*@\"kernel_\d+\"", text, re.MULTILINE)


@pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)
def test_one_function_for_all_layers(texts, layer):
    x, w = at.dmatrices("x", "w")
    weights = np.random.default_rng(0).normal(size=(5, 5))
    results = []
    for depth in (2, 9):
        y = x
        for _ in range(depth):
            y = layer(at.dot(y, w))
        results.append(function([x, w], y, mode="NUMBA")(weights[:3], weights))
        expected = function([x, w], y, mode="FAST_COMPILE")(weights[:3], weights)
        np.testing.assert_allclose(results[-1], expected, rtol=1e-12)
    few, many = (len(kernels(text)) for text in texts)
    assert few == many
