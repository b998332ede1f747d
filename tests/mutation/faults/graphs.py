"""Faults in graphs: copies, comparison, pickling, removal of nodes."""

from functools import partial

from tests.mutation.fault import Fault

__all__ = ["FAULTS"]

_fault = partial(Fault, "graphs", tests=("tests/graph", "tests/properties/test_laws.py"))

FAULTS = (
    _fault(
        "two outputs of one node are equal",
        "aesaralite/graph/equality.py",
        "canonical.setdefault(output, known.setdefault((key, i), output))",
        "canonical.setdefault(output, known.setdefault(key, output))",
    ),
    _fault(
        "a replacement is lost where the replaced variable is computed from another",
        "aesaralite/graph/clone.py",
        "            new.name = old.name\n            memo.setdefault(old, new)\n\n",
        "            new.name = old.name\n            memo[old] = new\n\n",
    ),
    _fault(
        "a node is removed though another of its outputs is used",
        "aesaralite/graph/fg.py",
        "if node not in self.apply_nodes or any(self.clients.get(output) for output in node.outputs):",
        "if node not in self.apply_nodes or self.clients.get(node.outputs[0]):",
    ),
    _fault(
        "an old order of the nodes is kept when an input changes",
        "aesaralite/graph/fg.py",
        "        self.clients[new_var].append((node, i))\n        self._toposort_cache = None\n",
        "        self.clients[new_var].append((node, i))\n",
    ),
    _fault(
        "an update of a shared variable isn't pickled at the end of the stream",
        "aesaralite/graph/pickling.py",
        "        _active.postponed[-1].append(variable)\n",
        "        _active.postponed[0].append(variable)\n",
    ),
    _fault(
        "nodes that were pickled stay in mind",
        "aesaralite/graph/pickling.py",
        "    _active.nodes -= nodes\n",
        "    _active.nodes -= set(list(nodes)[1:])\n",
    ),
)
