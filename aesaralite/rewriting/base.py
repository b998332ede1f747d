"""What a rewriter is: the two abstract kinds, and the decorators that make one from a function."""

from __future__ import annotations

import abc
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import IO, TYPE_CHECKING, Any

from aesaralite.graph.op import Op
from aesaralite.graph.variable import Apply

if TYPE_CHECKING:
    from aesaralite.graph.fg import FunctionGraph

TransformResult = "bool | None | Sequence[Variable | None] | dict[Variable | str, Any]"
Track = "Op | type[Op]"


class Rewriter(abc.ABC):  # noqa: B024
    """Anything that can change a :class:`~aesaralite.graph.fg.FunctionGraph`."""

    name: str | None = None

    def add_requirements(self, fgraph: FunctionGraph) -> None:  # noqa: B027
        """Attach to `fgraph` the features that this rewriter needs."""

    def print_summary(self, stream: IO[str] = sys.stdout, level: int = 0, depth: int = -1) -> None:
        """Write one indented line that says what this rewriter is.

        Parameters
        ----------
        stream
            Where to write.
        level
            Depth of the indentation, in steps of two spaces.
        depth
            How many levels of nested rewriters to show; -1 shows all of them.
        """
        print(f"{'  ' * level}{type(self).__name__} {self.name or ''} id={id(self)}".rstrip(), file=stream)

    def __str__(self) -> str:
        return self.name or type(self).__name__


class GraphRewriter(Rewriter):
    """A rewriter of whole graphs. Subclasses define :meth:`apply`."""

    @abc.abstractmethod
    def apply(self, fgraph: FunctionGraph) -> Any:
        """Change `fgraph`; its requirements have been added before."""

    def rewrite(self, fgraph: FunctionGraph, *args: Any, **kwargs: Any) -> Any:
        """Add the requirements of this rewriter to `fgraph`, then :meth:`apply` it."""
        self.add_requirements(fgraph)
        return self.apply(fgraph, *args, **kwargs)

    def __call__(self, fgraph: FunctionGraph) -> Any:
        return self.rewrite(fgraph)


class NodeRewriter(Rewriter):
    """A rewriter of one node. Subclasses define :meth:`transform`."""

    def tracks(self) -> Sequence[Op | type[Op]] | None:
        """Name the Ops, or classes of Ops, whose nodes to show to :meth:`transform`; None means every node."""
        return None

    @abc.abstractmethod
    def transform(self, fgraph: FunctionGraph, node: Apply) -> Any:
        """Say what `node` should be replaced by, without changing `fgraph`.

        Returns
        -------
        False or None
            Nothing to do.
        sequence of Variable
            One replacement for each output of `node`; None keeps that output.
        dict
            Maps variables of the graph to their replacements. The key ``"remove"`` may hold variables that must be
            gone from the graph afterwards.
        """


class FromFunctionGraphRewriter(GraphRewriter):
    """A graph rewriter that calls a function ``fn(fgraph)``."""

    def __init__(self, fn: Callable[..., Any], requirements: Iterable[Callable[[FunctionGraph], Any]] = ()):
        self.fn = fn
        self.requirements = tuple(requirements)
        self.name = getattr(fn, "__name__", None)
        self.__doc__ = fn.__doc__

    def apply(self, fgraph: FunctionGraph, *args: Any, **kwargs: Any) -> Any:
        return self.fn(fgraph, *args, **kwargs)

    def add_requirements(self, fgraph: FunctionGraph) -> None:
        for requirement in self.requirements:
            requirement(fgraph)


class FromFunctionNodeRewriter(NodeRewriter):
    """A node rewriter that calls a function ``fn(fgraph, node)``."""

    def __init__(
        self,
        fn: Callable[..., Any],
        tracks: Sequence[Op | type[Op]] | None = None,
        requirements: Iterable[Callable[[FunctionGraph], Any]] = (),
    ):
        self.fn = fn
        self._tracks = None if tracks is None else tuple(tracks)
        self.requirements = tuple(requirements)
        self.name = getattr(fn, "__name__", None)
        self.__doc__ = fn.__doc__
        # The hot path of the driver: no method in between.
        self.transform = fn  # type: ignore[method-assign]

    def transform(self, fgraph: FunctionGraph, node: Apply) -> Any:
        return self.fn(fgraph, node)

    def tracks(self) -> Sequence[Op | type[Op]] | None:
        return self._tracks

    def add_requirements(self, fgraph: FunctionGraph) -> None:
        for requirement in self.requirements:
            requirement(fgraph)


def graph_rewriter(f: Callable[..., Any]) -> FromFunctionGraphRewriter:
    """Make a graph rewriter of a function that takes a FunctionGraph (a decorator)."""
    return FromFunctionGraphRewriter(f)


def node_rewriter(
    tracks: Sequence[Op | type[Op]] | None,
    inplace: bool = False,
    requirements: Iterable[Callable[[FunctionGraph], Any]] | None = (),
) -> Callable[[Callable[..., Any]], FromFunctionNodeRewriter]:
    """Make a node rewriter of a function ``f(fgraph, node)`` (a decorator).

    Parameters
    ----------
    tracks
        The Ops (instances or classes) whose nodes the function is called with; None means every node.
    inplace
        Accepted because Aesara's decorator has it. Graphs are pure here, so there is nothing to prepare.
    requirements
        Functions called with the FunctionGraph before rewriting starts, to attach features.

    Raises
    ------
    ValueError
        If `tracks` is empty.
    TypeError
        If `tracks` holds something other than Ops and classes of Ops.
    """
    if tracks is not None:
        tracks = tuple(tracks)
        if not tracks:
            raise ValueError("`tracks` is empty: name the Ops to track, or give None to be called with every node.")
        for track in tracks:
            if not (isinstance(track, Op) or (isinstance(track, type) and issubclass(track, Op))):
                raise TypeError(
                    f"`tracks` may hold Ops and classes of Ops, but it holds {track!r} ({type(track).__name__})."
                )

    def decorate(f: Callable[..., Any]) -> FromFunctionNodeRewriter:
        return FromFunctionNodeRewriter(f, tracks, requirements or ())

    return decorate
