"""A linker that somebody else might bring: it keeps values in a dictionary and notes which Ops it ran."""

from collections import deque
from itertools import repeat
from operator import setitem

from aesaralite.compile.linker import Linker, Program
from aesaralite.compile.runtime_errors import raise_with_op
from aesaralite.graph.container import duplicate


class ToyProgram(Program):
    def __init__(self, graph, plan):
        self.graph = graph
        self.plan = plan
        self.ran = []

    def run(self, storage):
        graph, plan = self.graph, self.plan
        values = {number: constant.data for number, constant in graph.constants.items()}
        values |= zip(graph.inputs, (cell[0] for cell in storage))
        for node in graph.nodes:
            self.ran.append(str(node.op))
            inputs = [values[number] for number in node.inputs]
            results = [[None] for _ in node.outputs]
            try:
                node.op.perform(node.apply, inputs, results)
            except Exception as error:
                raise_with_op(node, error, inputs, graph=graph)
            values |= zip(node.outputs, (cell[0] for cell in results))
        outputs = [duplicate(values[number]) for number in graph.outputs]
        cells = [storage[target] for _, target in plan.updates]
        deque(map(setitem, cells, repeat(0), [outputs[source] for source, _ in plan.updates]), maxlen=0)
        return outputs[: len(plan.outputs)]

    def report(self):
        return "toy: " + ", ".join(self.ran)


class ToyLinker(Linker):
    name = "toy"
    required_tags = ("merge",)
    incompatible_tags = ("toy_dislikes",)

    def link(self, graph, plan):
        return ToyProgram(graph, plan)


class OtherToyLinker(ToyLinker):
    """A second one, for a second package that takes the same name."""


class NoLinker:
    """What an entry point must not name."""
