"""MRG streams: Aesara's bits with every linker, statistics, state, errors."""

import json

import numpy as np
import pytest

from aesaralite import config, function
from aesaralite.sandbox.rng_mrg import MRG_RandomStream
from sandbox.mrg_cases import CASES, REFERENCE, draw

REFERENCES = json.loads(REFERENCE.read_text("utf-8"))


# Aesara's numbers


@pytest.mark.parametrize("float_x", ["float64", "float32"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_aesaras_numbers(case, float_x, linker):
    expected = REFERENCES[f"{case.id} {float_x}"]
    with config.change_flags(floatX=float_x):
        drawn = draw(case, MRG_RandomStream, function)
    assert drawn["rstate"] == expected["rstate"]
    assert drawn["states"] == expected["states"]
    for values, others in zip(drawn["calls"], expected["calls"], strict=True):
        for value, other in zip(values, others, strict=True):
            if isinstance(value, str):
                assert value == other
                continue
            dtype, shape, numbers = other
            assert value[:2] == [dtype, shape]
            np.testing.assert_allclose(value[2], numbers, rtol=0, atol=40 * np.finfo(dtype).eps)
