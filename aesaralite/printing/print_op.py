"""An Op that prints values as they're computed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aesaralite.graph.arguments import as_list
from aesaralite.graph.op import Op
from aesaralite.graph.variable import Apply, Variable
from aesaralite.tensor.convert import as_tensor_variable


def _print_attributes(op: Print, value: Any) -> None:
    for attr in op.attrs:
        shown = getattr(value, attr)
        if callable(shown):
            shown = shown()
        print(op.message, attr, "=", shown)


@dataclass(frozen=True, eq=False, repr=False)
class Print(Op):
    """The identity, which prints its value whenever it's computed.

    Parameters
    ----------
    message : str
        What to print in front.
    attrs : sequence of str
        The attributes or methods of the value that are printed.
    global_fn : callable
        Takes this Op and the value, and prints. Given by name, so that the Op can be pickled.

    Notes
    -----
    Only the value that the function really computes is printed: rewrites may remove the node together
    with what uses it, and two equal nodes are merged into one.

    Examples
    --------
    >>> import aesaralite.tensor as at
    >>> from aesaralite.printing import Print
    >>> x = at.dscalar("x")
    >>> (Print("x is")(x) + 1).eval({x: 2.0})
    x is __str__ = 2.0
    array(3.)
    """

    message: str = ""
    attrs: tuple[str, ...] = ("__str__",)
    global_fn: Callable[[Print, Any], None] = _print_attributes

    view_map = {0: [0]}

    def __post_init__(self) -> None:
        object.__setattr__(self, "attrs", tuple(as_list(self.attrs, "attrs")))

    def make_node(self, x: Any) -> Apply:
        x = x if isinstance(x, Variable) else as_tensor_variable(x)
        return Apply(self, [x], [x.type()])

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[list[Any]]) -> None:
        output_storage[0][0] = inputs[0]
        self.global_fn(self, inputs[0])

    def infer_shape(self, fgraph: Any, node: Apply, shapes: Sequence[Any]) -> Sequence[Any]:
        return [shapes[0]]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Sequence[Variable]) -> list[Variable]:
        return list(output_grads)

    def R_op(self, inputs: Any, eval_points: Sequence[Variable | None]) -> list[Variable | None]:
        return list(eval_points)

    def do_constant_folding(self, fgraph: Any, node: Apply) -> bool:
        return False

    def __str__(self) -> str:
        return f"{type(self).__name__}{{message={self.message!r}, attrs={self.attrs!r}}}"
