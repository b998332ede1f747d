"""A type and Ops that know nothing of tensors."""

import pytest
from support.graph_toys import ToyType

from aesaralite.graph.basic import Variable


@pytest.fixture
def toy() -> ToyType:
    return ToyType("t")


@pytest.fixture
def xyz(toy: ToyType) -> tuple[Variable, Variable, Variable]:
    return toy("x"), toy("y"), toy("z")
