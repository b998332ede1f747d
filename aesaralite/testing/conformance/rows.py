"""What is known of each Op from its cases: dtypes, ranks, shape rule, gradient; and what linkers made of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from aesaralite.errors import MethodNotDefined, ShapeError
from aesaralite.graph.null_type import DisconnectedType, NullType
from aesaralite.graph.traversal import applys_between
from aesaralite.graph.variable import Apply
from aesaralite.scalar.dtypes import all_dtypes
from aesaralite.tensor.creation import ones_like
from aesaralite.tensor.shaping import shape_tuple
from aesaralite.tensor.tensor_type import TensorType
from aesaralite.testing.conformance.case import Case, ScalarCase
from aesaralite.testing.conformance.suite import NodeResult, names_of

__all__ = ["Cell", "Row", "markdown", "rows_of"]

_FEW_ULPS = 4.0


@dataclass
class Cell:
    """What a linker made of an Op.

    Attributes
    ----------
    ulps : dict of str to float
        By the dtype of the output, how far it was from `perform` at most, in units in the last place.
    native : set of str
        The dtypes of inputs for which the linker had code of its own.
    called_back : dict of str to set of str
        The dtypes of inputs for which it called `perform`, with the names of the cases.
    failures : list of str
        The cases that failed.
    """

    ulps: dict[str, float] = field(default_factory=dict)
    native: set[str] = field(default_factory=set)
    called_back: dict[str, set[str]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def add(self, result: NodeResult, case: str) -> None:
        """Take in what was seen of one node in a case."""
        dtype = _input_dtype(result.node)
        if result.is_native:
            self.native.add(dtype)
        else:
            self.called_back.setdefault(dtype, set()).add(case)
        if result.ulps is not None:
            made = _output_dtype(result.node)
            self.ulps[made] = max(self.ulps.get(made, 0.0), result.ulps)

    @property
    def how(self) -> str:
        """Whether `perform` was called."""
        if not self.called_back:
            return "native" if self.native else "not run"
        if not self.native:
            return "called back"
        if self.native.isdisjoint(self.called_back):
            return f"called back for {_dtypes_text(self.called_back)}"
        return f"called back in {', '.join(sorted(set().union(*self.called_back.values())))}"

    @property
    def precision(self) -> str:
        """How far values were from those of `perform`."""
        if self.failures:
            return f"**wrong** in {', '.join(sorted(self.failures))}"
        if not self.ulps:
            return "left open"
        worst = {dtype: distance for dtype, distance in self.ulps.items() if distance > 0}
        if not worst:
            return "bits equal"
        return ", ".join(f"{dtype}: {_ulps_text(distance)}" for dtype, distance in sorted(worst.items()))


@dataclass
class Row:
    """What is known of an Op.

    Attributes
    ----------
    name : str
    cases : int
        How many cases it's in.
    dtypes : set of str
        Those of its inputs.
    ranks : set of int
        Those of its inputs.
    shape, gradient : str
        Whether there are rules; of the gradient, whether the library's tests check it against finite differences.
    cells : dict of str to Cell
        By linker.
    """

    name: str
    cases: int = 0
    dtypes: set[str] = field(default_factory=set)
    ranks: set[int] = field(default_factory=set)
    shape: str = "–"
    gradient: str = "–"
    cells: dict[str, Cell] = field(default_factory=dict)

    def add(self, node: Apply, is_smooth: bool) -> None:
        """Take in a node."""
        for variable in node.inputs or node.outputs:
            if isinstance(variable.type, TensorType):
                self.dtypes.add(variable.type.dtype)
                self.ranks.add(variable.type.ndim)
        self.shape = _better(_SHAPES, self.shape, _shape_rule(node))
        self.gradient = _better(_GRADIENTS, self.gradient, _gradient_rule(node, is_smooth))


_SHAPES = ("–", "none", "rule")
_GRADIENTS = ("–", "none", "undefined", "rule", "checked")


def rows_of(cases: Iterable[Case], scalar_cases: Iterable[ScalarCase]) -> dict[str, Row]:
    """Return a row for each Op in some cases, without anything about linkers."""
    rows: dict[str, Row] = {}
    graphs = [(*case.graph(), case.smooth) for case in cases]
    graphs += [(*case.graph()[:2], case.smooth is not None) for case in scalar_cases]
    for inputs, outputs, is_smooth in graphs:
        seen = set()
        for node in applys_between(inputs, outputs):
            name = names_of(node.op)
            row = rows.setdefault(name, Row(name))
            row.add(node, is_smooth)
            seen.add(name)
        for name in seen:
            rows[name].cases += 1
    return dict(sorted(rows.items()))


def markdown(rows: Iterable[Row], linkers: Sequence[str]) -> str:
    """Return rows as a table."""
    heads = ["Op", "dtypes", "ranks", "shape", "gradient"]
    for linker in linkers:
        heads += [linker, f"{linker} against perform"]
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    for row in rows:
        cells = [f"`{row.name}`", _dtypes_text(row.dtypes), _ranks_text(row.ranks), row.shape, row.gradient]
        for linker in linkers:
            cell = row.cells.get(linker, Cell())
            cells += [cell.how, cell.precision]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _better(order: Sequence[str], a: str, b: str) -> str:
    return max(a, b, key=order.index)


def _shape_rule(node: Apply) -> str:
    if not any(isinstance(output.type, TensorType) for output in node.outputs):
        return "–"
    shapes = [shape_tuple(v) if isinstance(v.type, TensorType) else None for v in node.inputs]
    try:
        node.op.infer_shape(None, node, shapes)
    except ShapeError:
        return "none"
    return "rule"


def _gradient_rule(node: Apply, is_smooth: bool) -> str:
    """Tell what the gradient with respect to the inputs is."""
    given = [
        ones_like(output)
        if isinstance(output.type, TensorType) and output.type.dtype[0] in "fc"
        else DisconnectedType()()
        for output in node.outputs
    ]
    if all(isinstance(g.type, DisconnectedType) for g in given):
        return "none"
    try:
        terms = node.op.L_op(node.inputs, node.outputs, given)
    except (MethodNotDefined, NotImplementedError):
        return "none"
    floats = [t for v, t in zip(node.inputs, terms) if isinstance(v.type, TensorType) and v.type.dtype[0] in "fc"]
    if any(isinstance(t.type, TensorType) for t in floats):
        return "checked" if is_smooth else "rule"
    return "undefined" if any(isinstance(t.type, NullType) for t in floats) else "none"


def _input_dtype(node: Apply) -> str:
    variables = [v for v in (*node.inputs, *node.outputs) if isinstance(v.type, TensorType)]
    return variables[0].type.dtype if variables else "–"


def _output_dtype(node: Apply) -> str:
    kinds = [getattr(v.type, "dtype", None) for v in node.outputs]
    return next((str(kind) for kind in reversed(kinds) if kind is not None), "–")


def _dtypes_text(dtypes: Iterable[str]) -> str:
    """Return dtypes in their order, those of a kind in one word."""
    kinds: dict[str, list[str]] = {}
    for dtype in sorted(dtypes, key=lambda dtype: all_dtypes.index(dtype) if dtype in all_dtypes else -1):
        kind = dtype.rstrip("0123456789")
        kinds.setdefault(kind, []).append(dtype.removeprefix(kind))
    return " ".join(kind + "/".join(sizes) for kind, sizes in kinds.items()) or "–"


def _ranks_text(ranks: set[int]) -> str:
    if not ranks:
        return "–"
    low, high = min(ranks), max(ranks)
    return f"{low}–{high}" if high - low + 1 == len(ranks) > 1 else ", ".join(map(str, sorted(ranks)))


def _ulps_text(distance: float) -> str:
    if np.isinf(distance):
        return "differs"
    if distance <= _FEW_ULPS:
        return f"{int(np.ceil(distance))} ulp"
    return f"{10 ** int(np.ceil(np.log10(distance)))} ulp or less"
