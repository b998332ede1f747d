"""MRG31k3p streams, where users of Aesara look for them."""

from aesaralite.tensor.random.mrg.recurrence import (
    M1,
    M2,
    MASK2,
    MASK12,
    MASK13,
    MULT2,
    NORM,
    A1p72,
    A1p134,
    A2p72,
    A2p134,
    ff_2p72,
    ff_2p134,
    matVecModM,
    mrg_next_value,
    multMatVect,
)
from aesaralite.tensor.random.mrg.stream import MRG_RandomStream, guess_n_streams
from aesaralite.tensor.random.mrg.stream import MRG_RandomStream as MRG_RandomStreams
from aesaralite.tensor.random.mrg.uniform import MRGUniform
from aesaralite.tensor.random.mrg.uniform import MRGUniform as mrg_uniform
from aesaralite.tensor.random.mrg.uniform import MRGUniform as mrg_uniform_base

__all__ = [
    "M1",
    "M2",
    "MASK2",
    "MASK12",
    "MASK13",
    "MULT2",
    "NORM",
    "A1p72",
    "A1p134",
    "A2p72",
    "A2p134",
    "MRGUniform",
    "MRG_RandomStream",
    "MRG_RandomStreams",
    "ff_2p72",
    "ff_2p134",
    "guess_n_streams",
    "matVecModM",
    "mrg_next_value",
    "mrg_uniform",
    "mrg_uniform_base",
    "multMatVect",
]
