"""What `DebugMode` raises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aesaralite.compile.debugging.values import difference, summary_of
from aesaralite.graph.variable import Apply, Variable

__all__ = [
    "BadDestroyMap",
    "BadInferShape",
    "BadOptimization",
    "BadThunkOutput",
    "BadViewMap",
    "DebugModeError",
    "InvalidValueError",
    "StochasticOrder",
]


class DebugModeError(Exception):
    """A graph, an Op, a rewrite or a linker isn't what it should be. The base of what `DebugMode` raises."""


class InvalidValueError(DebugModeError):
    """A value doesn't belong to its variable's type, or isn't finite.

    Attributes
    ----------
    r : Variable
    v : object
        Its value.
    client_node : Apply or None
        A node that takes the value.
    hint, specific_hint : str
        Where the value comes from, and what is wrong with it.
    """

    def __init__(
        self,
        r: Variable,
        v: Any = None,
        client_node: Apply | None = None,
        hint: str = "none",
        specific_hint: str = "none",
    ) -> None:
        self.r, self.v, self.client_node, self.hint, self.specific_hint = r, v, client_node, hint, specific_hint
        text = f"{r}, {hint}, has a value that it can't have: {specific_hint}\nType: {r.type}\nValue: {summary_of(v)}"
        super().__init__(text + (_made_at(r) if r.owner is None else ""))


class BadOptimization(DebugModeError):
    """A rewrite has changed a value.

    Attributes
    ----------
    old_r, new_r : Variable
        What was replaced, and by what.
    old_r_val, new_r_val : object
        Their values.
    reason : object
        The rewriter.
    old_graph, new_graph : str
        How the two were computed at that moment.
    """

    def __init__(
        self,
        old_r: Variable,
        new_r: Variable | None = None,
        old_r_val: Any = None,
        new_r_val: Any = None,
        reason: Any = None,
        old_graph: str | None = None,
        new_graph: str | None = None,
    ) -> None:
        self.old_r, self.new_r, self.old_r_val, self.new_r_val = old_r, new_r, old_r_val, new_r_val
        self.reason, self.old_graph, self.new_graph = reason, old_graph or "", new_graph or ""
        lines = [f"The rewrite {reason} has replaced {old_r} by {new_r}, of another value."]
        if isinstance(new_r_val, Exception):
            lines.append(f"Before: {summary_of(old_r_val)}; after, it fails: {new_r_val!r}")
        else:
            lines.append(f"Before: {summary_of(old_r_val)}; after: {summary_of(new_r_val)}")
            lines.append(f"Of these, {difference(old_r_val, new_r_val)}")
        lines[-1] += _made_at(old_r)
        lines += ["The graph before:", self.old_graph, "The graph after:", self.new_graph]
        lines.append("HINT: With the flag tensor__cmp_sloppy=1 or 2 larger differences are taken for rounding.")
        super().__init__("\n".join(lines))


class BadThunkOutput(DebugModeError):
    """Two ways to run a node give different values: `perform` twice, or `perform` and a linker.

    Attributes
    ----------
    r : Variable
        The output.
    thunk1, thunk2 : str
        The two ways.
    val1, val2 : object
        What they gave.
    inputs_val : sequence of object
        The values of the node's inputs.
    """

    def __init__(
        self, r: Variable, thunk1: str, val1: Any, thunk2: str, val2: Any, inputs_val: Sequence[Any] = ()
    ) -> None:
        self.r, self.thunk1, self.val1, self.thunk2, self.val2 = r, thunk1, val1, thunk2, val2
        self.inputs_val = inputs_val
        lines = [f"{r} has two values: by {thunk1}, {summary_of(val1)}; by {thunk2}, "]
        lines[0] += f"an error, {val2!r}" if isinstance(val2, Exception) else str(summary_of(val2))
        if not isinstance(val2, Exception):
            lines.append(f"Of these, {difference(val1, val2)}")
        super().__init__("\n".join(lines))

    @property
    def offending_op(self) -> Any:
        """The Op that has two outcomes."""
        return self.r.owner.op if self.r.owner is not None else None


class BadDestroyMap(DebugModeError):
    """An Op has written into an input.

    Attributes
    ----------
    node : Apply
    idx : int
        The position of the input.
    old_val, new_val : object
        Its value before and after.
    perform : str
        What was run.
    """

    def __init__(self, node: Apply, idx: int, old_val: Any, new_val: Any, perform: str) -> None:
        self.node, self.idx, self.old_val, self.new_val, self.perform = node, idx, old_val, new_val, perform
        super().__init__(
            f"The {perform} of {node.op} has written into input {idx}, {node.inputs[idx]}: "
            f"{difference(old_val, new_val)}, before and after. Graphs are pure: an Op works on a copy."
        )


class BadViewMap(DebugModeError):
    """An output shares memory with an input, or with another output, and the Op doesn't say so.

    Attributes
    ----------
    node : Apply
    output_idx : int
        The position of the output.
    out_storage : object
        Its value.
    in_alias_idx, out_alias_idx : list of int
        The positions of the inputs and outputs that it shares memory with.
    """

    def __init__(
        self,
        node: Apply,
        output_idx: int,
        out_storage: Any,
        in_alias_idx: list[int] | None = None,
        out_alias_idx: list[int] | None = None,
    ) -> None:
        self.node, self.output_idx, self.out_storage = node, output_idx, out_storage
        self.in_alias_idx, self.out_alias_idx = in_alias_idx, out_alias_idx
        with_what = f"its inputs {in_alias_idx}" if in_alias_idx else f"its outputs {out_alias_idx}"
        super().__init__(
            f"Output {output_idx} of {node.op} shares memory with {with_what}, and its view_map, "
            f"{dict(node.op.view_map)}, doesn't say so."
        )


class BadInferShape(DebugModeError):
    """An Op's `infer_shape` gives another shape than its `perform`.

    Attributes
    ----------
    node : Apply
    output_idx : int
        The position of the output.
    inferred : tuple of int, or Exception
        What `infer_shape` says, or what it raised.
    actual : tuple of int
        The shape of the value.
    """

    def __init__(self, node: Apply, output_idx: int, inferred: Any, actual: tuple[int, ...]) -> None:
        self.node, self.output_idx, self.inferred, self.actual = node, output_idx, inferred, actual
        said = f"fails: {inferred!r}" if isinstance(inferred, Exception) else f"is {inferred}"
        super().__init__(
            f"The shape that {node.op} infers for its output {output_idx} {said}. That of the value is {actual}."
        )


class StochasticOrder(DebugModeError):
    """Rewriting the same graph twice gives two graphs."""


def _made_at(variable: Variable) -> str:
    origin = variable.origin
    if origin is None:
        return ""
    source = origin.source_line()
    return f"\n{variable} was made at {origin}" + (f":\n    {source}" if source else "")
