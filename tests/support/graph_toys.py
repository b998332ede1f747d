"""A type and Ops that know nothing of tensors."""

from dataclasses import dataclass

from aesaralite.graph.basic import Apply, Variable
from aesaralite.graph.op import Op
from aesaralite.graph.type import Type


class ToyType(Type):
    """Numbers, of a kind that is told apart by a letter."""

    __props__ = ("letter",)

    def __init__(self, letter: str):
        self.letter = letter

    def filter(self, data, strict=False, allow_downcast=None):
        if not isinstance(data, (int, float)):
            raise TypeError(f"Expected a number, got {data!r}")
        return data

    def __str__(self) -> str:
        return f"Toy({self.letter})"


@dataclass(frozen=True, eq=False, repr=False)
class Sum(Op):
    """Adds its inputs, and something of its own."""

    extra: int = 0

    def make_node(self, *inputs: Variable) -> Apply:
        return Apply(self, list(inputs), [inputs[0].type()])

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = sum(inputs) + self.extra


class SumAndDifference(Op):
    """Two outputs; the second doesn't hand a gradient to the first input."""

    __props__ = ()

    def make_node(self, a: Variable, b: Variable) -> Apply:
        return Apply(self, [a, b], [a.type(), a.type()])

    def connection_pattern(self, node):
        return [[True, False], [True, True]]


add = Sum()
add_one = Sum(1)
both = SumAndDifference()


def chain(x: Variable, length: int) -> Variable:
    """Return ``x + x + ... + x`` as a chain of nodes."""
    total = x
    for _ in range(length):
        total = add(total, x)
    return total
