"""`MonitorMode`: functions of the user's are called before and after each node."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from aesaralite.compile.debugging.stepping import NodeCall, SteppedProgram, SteppingLinker
from aesaralite.compile.debugging.values import summary_of
from aesaralite.compile.linker import CallingPlan, Linker
from aesaralite.compile.mode import Mode
from aesaralite.compile.runtime_errors import expression_lines
from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.frozen import FrozenGraph, FrozenNode
from aesaralite.graph.variable import Apply
from aesaralite.rewriting.base import GraphRewriter
from aesaralite.rewriting.db import RewriteDatabase
from aesaralite.rewriting.query import RewriteDatabaseQuery

__all__ = ["MonitorMode", "detect_nan"]

Hook = Callable[[FunctionGraph, int, Apply, NodeCall], Any]


class MonitorMode(Mode):
    """A mode in which a function runs node by node, and tells of each.

    Parameters
    ----------
    pre_func, post_func : callable, optional
        Called before and after each node with the graph, the position of the node in the order in which the function
        runs, the node, and what runs it: ``hook(fgraph, i, node, fn)``. ``fn.inputs`` and ``fn.outputs`` are lists of
        cells, so that ``fn.inputs[0][0]`` is the value of the first input. What `post_func` puts into the cells of
        outputs is what the function goes on with. The arrays themselves are not to be written into.
    optimizer
        The rewrites, as for `Mode`.
    linker : str or Linker, optional
        What compiles each node, as a program of its own. Unless given, the `perform` methods run.
    db : RewriteDatabase, optional
        Where the rewrites are taken from.

    Notes
    -----
    Where a hook raises, the call fails, and shared variables are as before.

    Examples
    --------
    >>> import aesaralite
    >>> import aesaralite.tensor as at
    >>> from aesaralite.compile.monitormode import MonitorMode
    >>> def show(fgraph, i, node, fn):
    ...     print(i, node.op, "gives", fn.outputs[0][0])
    >>> x = at.dscalar("x")
    >>> f = aesaralite.function([x], at.exp(x) - 1.5, mode=MonitorMode(post_func=show, optimizer=None))
    >>> _ = f(0)
    0 Elemwise{exp} gives 1.0
    1 Elemwise{sub} gives -0.5
    """

    def __init__(
        self,
        pre_func: Hook | None = None,
        post_func: Hook | None = None,
        optimizer: str | RewriteDatabaseQuery | GraphRewriter | None = "default",
        linker: str | Linker | None = None,
        db: RewriteDatabase | None = None,
    ) -> None:
        for hook in (pre_func, post_func):
            if hook is not None and not callable(hook):
                raise TypeError(f"The hooks of a MonitorMode are functions, got {hook!r} of type {type(hook)}")
        super().__init__(linker, optimizer, db)
        self.pre_func = pre_func
        self.post_func = post_func

    @property
    def linker(self) -> Linker:
        inner = None if self.provided_linker is None else super().linker
        return _MonitorLinker(self.pre_func, self.post_func, inner)

    def clone(
        self,
        link_kwargs: dict[str, Any] | None = None,
        optimizer: str | RewriteDatabaseQuery | GraphRewriter | None = "",
        **kwargs: Any,
    ) -> MonitorMode:
        """Return a copy of this mode, with changes.

        Parameters
        ----------
        link_kwargs
            Arguments for a fresh linker of the class of the one that was given.
        optimizer
            Other rewrites; as they are unless given.
        **kwargs
            ``pre_func``, ``post_func``: other hooks.
        """
        linker = self.provided_linker
        if link_kwargs and linker is not None:
            linker = type(super().linker)(**link_kwargs)
        settings = {"pre_func": self.pre_func, "post_func": self.post_func, **kwargs}
        chosen = self.provided_optimizer if optimizer == "" else optimizer
        return type(self)(optimizer=chosen, linker=linker, db=self._db, **settings)


class _MonitorLinker(SteppingLinker):
    """Links to programs that call two hooks."""

    name = "monitor"

    def __init__(self, pre_func: Hook | None, post_func: Hook | None, inner: str | Linker | None) -> None:
        super().__init__(inner)
        self.hooks = pre_func, post_func

    def link(self, graph: FrozenGraph, plan: CallingPlan) -> SteppedProgram:
        return _MonitoredProgram(graph, plan, self.inner_linker, *self.hooks)


class _MonitoredProgram(SteppedProgram):
    def __init__(
        self,
        graph: FrozenGraph,
        plan: CallingPlan,
        linker: Linker | None,
        pre_func: Hook | None,
        post_func: Hook | None,
    ) -> None:
        super().__init__(graph, plan, linker)
        self._pre, self._post = pre_func, post_func
        # the hooks see a graph that they can search, with nodes of its own: the frozen one stays as it is
        self._copies: dict[Any, Any] = {}
        self._fgraph = FunctionGraph(
            graph.input_variables, graph.output_variables, update_mapping=dict(plan.updates), memo=self._copies
        )

    def node_of(self, node: FrozenNode) -> Apply:
        return self._copies[node.apply]

    def step(self, call: NodeCall, node: FrozenNode) -> None:
        if self._pre is not None:
            self._pre(self._fgraph, call.index, call.node, call)
        call()
        if self._post is not None:
            self._post(self._fgraph, call.index, call.node, call)


def detect_nan(fgraph: FunctionGraph, i: int, node: Apply, fn: NodeCall) -> None:
    """Print the node, its inputs and its outputs if there is a NaN in an output.

    It's a hook: ``MonitorMode(post_func=detect_nan)``.
    """
    if not any(summary_of(cell[0]).n_nan for cell in fn.outputs):
        return
    print("*** NaN detected ***")
    print("\n".join(expression_lines(node)))
    print(f"Inputs : {[_plain(cell[0]) for cell in fn.inputs]}")
    print(f"Outputs: {[_plain(cell[0]) for cell in fn.outputs]}")


def _plain(value: Any) -> Any:
    return np.asarray(value) if isinstance(value, np.generic) else value
