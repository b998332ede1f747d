"""How many examples the properties ran, and which Ops were in their graphs: a line at the end of every run."""

import re
from collections import Counter
from collections.abc import Mapping

import pytest

from aesaralite.testing.census import CENSUS

_PASSING = re.compile(r"(\d+) passing")


class ExampleCounts:
    """A plugin of pytest; the processes of pytest-xdist send what they have counted."""

    def __init__(self) -> None:
        self.properties = 0
        self.examples = 0
        self.graphs = 0
        self.ops: Counter[str] = Counter()

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        statistics = getattr(item, "hypothesis_statistics", None)
        if statistics is not None:
            self.properties += 1
            self.examples += sum(map(int, _PASSING.findall(statistics)))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        self._add(0, 0, CENSUS.graphs, CENSUS.ops)
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output["example_counts"] = (self.properties, self.examples, self.graphs, dict(self.ops))

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node) -> None:
        # a worker that crashed has sent nothing
        if "example_counts" in getattr(node, "workeroutput", {}):
            self._add(*node.workeroutput["example_counts"])

    def _add(self, properties: int, examples: int, graphs: int, ops: Mapping[str, int]) -> None:
        self.properties += properties
        self.examples += examples
        self.graphs += graphs
        self.ops.update(ops)

    def pytest_terminal_summary(self, terminalreporter) -> None:
        if self.properties:
            terminalreporter.write_line(
                f"{self.examples} examples of {self.properties} properties; "
                f"{self.graphs} random graphs, in which {len(self.ops)} distinct Ops were hit"
            )
