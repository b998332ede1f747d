"""Faults in the machinery that applies rewrites."""

from functools import partial

from tests.mutation.fault import Fault

__all__ = ["FAULTS"]

_fault = partial(
    Fault,
    "rewriting",
    tests=("tests/rewriting", "tests/graph/test_fg.py", "tests/rewrites", "tests/properties/test_laws.py"),
)
_FOLDER = "aesaralite/rewriting"

FAULTS = (
    _fault(
        "merging remembers a node under its old inputs",
        f"{_FOLDER}/merge.py",
        "        self._forget(node)\n        self.on_import",
        "        self.on_import",
    ),
    _fault(
        "a name in a pattern stands for two variables",
        f"{_FOLDER}/pattern.py",
        "            known = bound.setdefault(pattern, variable)\n"
        "            return known is variable or _same_constant(known, variable)\n",
        "            bound.setdefault(pattern, variable)\n            return True\n",
    ),
    _fault(
        "what a rule doesn't mention keeps its sign in a negated sum",
        f"{_FOLDER}/rule.py",
        "return algebra.total([(sign, new), *((sign * part_sign, part) for part_sign, part in rest)])",
        "return algebra.total([(sign, new), *rest])",
    ),
    _fault(
        "the users of a replaced variable aren't looked at again",
        f"{_FOLDER}/driver.py",
        "if self._follow_users and isinstance(node, Apply):",
        "if self._follow_users and not isinstance(node, Apply):",
    ),
    _fault(
        "changes by graph rewriters don't begin another round",
        f"{_FOLDER}/equilibrium.py",
        "if not changes and not tracker.changed:",
        "if not changes:",
    ),
    _fault(
        "a refused replacement is undone from its beginning",
        "aesaralite/graph/features.py",
        "                undo.pop()()\n",
        "                undo.pop(0)()\n",
    ),
)
