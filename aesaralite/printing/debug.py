"""`debugprint`: a graph as an indented tree of text, one line for each use of a variable."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from functools import singledispatch
from io import StringIO
from typing import Any, Literal, TextIO

from aesaralite.graph.arguments import as_flag, as_integer, described, expect, is_one_of
from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.op import Op
from aesaralite.graph.variable import Apply, Constant, Variable

IdType = Literal["id", "int", "CHAR", "auto", ""]
Ids = MutableMapping[Any, str]

# Each level indents by two characters, so the text of a deep graph would grow with the square of its
# depth. What lies deeper is printed further down, at the left margin again.
_LEVELS_TO_A_PART = 200


def debugprint(
    graph_like: Any,
    depth: int = -1,
    print_type: bool = False,
    file: Literal["str"] | TextIO | None = None,
    id_type: IdType = "CHAR",
    stop_on_name: bool = False,
    done: Ids | None = None,
    print_storage: bool = False,
    used_ids: Ids | None = None,
    print_op_info: bool = False,
    print_destroy_map: bool = False,
    print_view_map: bool = False,
    print_fgraph_inputs: bool = False,
    print_default_updates: bool = False,
    ids: IdType | None = None,
) -> str | TextIO:
    """Print a graph as text.

    Each line is a variable; indented below it are the inputs of the node that computes it. A node is
    spelled out where it comes first, and only named by its identifier afterwards. In a compiled
    function, the number behind a node is its place in the order of execution.

    Parameters
    ----------
    graph_like : Variable, Apply, FunctionGraph, compiled function, or sequence of these
        What to print.
    depth : int
        How many levels to print; -1 prints all.
    print_type : bool
        Whether to print the types.
    file : {'str'} or file-like, optional
        Where to print to: standard output if not given. With 'str' the text is returned.
    id_type : {'CHAR', 'int', 'id', 'auto', ''}
        How nodes are identified: by letters, by numbers, by Python's ``id``, by their automatic name,
        or not at all.
    stop_on_name : bool
        Whether to leave out what is below a named variable.
    done : dict, optional
        Nodes to treat as already printed; those printed now are added.
    print_storage : bool
        Whether to print the values that a compiled function keeps for constants and shared variables.
    used_ids : dict, optional
        Identifiers of nodes and leaves to go on using; new ones are added.
    print_op_info : bool
        Whether to print what an Op has to say about its node's variables (`op_debug_information`).
    print_destroy_map : bool
        Accepted for programs that pass it. No Op destroys its inputs, so there's nothing to print.
    print_view_map : bool
        Whether to print which outputs may be views of which inputs.
    print_fgraph_inputs : bool
        Whether to list the inputs of functions and inner graphs.
    print_default_updates : bool
        Whether to print the default updates of shared variables.
    ids : str, optional
        The old name of `id_type`.

    Returns
    -------
    str or file-like
        The text if `file` is 'str', else the file that was printed to.

    Raises
    ------
    TypeError
        If `graph_like` is something else.

    Notes
    -----
    The text has the layout that Aesara gives it. Where a graph is more than 200 levels deep, a line
    ends in ``(continued in part n)``, and the rest follows under that title.

    Examples
    --------
    >>> import aesaralite.tensor as at
    >>> from aesaralite.printing import debugprint
    >>> x = at.dscalar("x")
    >>> _ = debugprint(at.exp(x) * x)
    Elemwise{mul} [id A]
     |Elemwise{exp} [id B]
     | |x [id C]
     |x [id C]
    """
    if ids is not None:
        warnings.warn("`ids` is an old name; use `id_type`.", DeprecationWarning, stacklevel=2)
        id_type = ids
    if not is_one_of(id_type, ("id", "int", "CHAR", "auto", "")):
        raise ValueError(f"id_type must be 'CHAR', 'int', 'id', 'auto' or '', got {id_type!r}.")
    if not isinstance(depth, int):
        raise TypeError(f"depth must be an int, got {depth!r}.")
    if not isinstance(file, str) and file is not None and not hasattr(file, "write"):
        raise TypeError(f"file must be 'str' or an open file, got {described(file)}")
    target = StringIO() if isinstance(file, str) else (sys.stdout if file is None else file)
    writer = _Writer(
        target,
        depth=depth,
        print_type=print_type,
        id_type=id_type,
        stop_on_name=stop_on_name,
        done={} if done is None else done,
        used_ids={} if used_ids is None else used_ids,
        print_storage=print_storage,
        print_op_info=print_op_info,
        print_view_map=print_view_map,
        print_fgraph_inputs=print_fgraph_inputs,
        print_default_updates=print_default_updates,
    )
    graphs = graph_like if isinstance(graph_like, (list, tuple, set, frozenset)) else [graph_like]
    writer.write(_Roots(graph) for graph in graphs)
    if isinstance(target, StringIO) and file == "str":
        return target.getvalue()
    target.flush()
    return target


dprint = debugprint


@singledispatch
def op_debug_information(op: Op, node: Apply) -> Mapping[Variable, str]:
    """Return what is worth knowing about the inputs and outputs of a node, for `debugprint`.

    Register an implementation for the class of an Op: ``@op_debug_information.register(MyOp)``.

    Parameters
    ----------
    op : Op
        The Op.
    node : Apply
        Its node.

    Returns
    -------
    mapping of Variable to str
        A text for each variable that has one, those of an inner graph included.
    """
    return {}


@singledispatch
def inner_to_outer_inputs(op: Op, node: Apply) -> Mapping[Variable, Variable]:
    """Return, for each input of an Op's inner graph, the input of the node that it stands for.

    Register an implementation for the class of an Op, as for `op_debug_information`.
    """
    return {}


def char_from_number(number: int) -> str:
    """Return a number in letters: A to Z, then BA, BB, and so on.

    Examples
    --------
    >>> char_from_number(27)
    'BB'
    """
    if as_integer(number, "number") < 0:
        raise ValueError(f"number must not be negative, got {number}")
    letters = []
    while True:
        number, digit = divmod(number, 26)
        letters.append(chr(ord("A") + digit))
        if number == 0:
            return "".join(reversed(letters))


def get_node_by_id(graphs: Any, target_var_id: str, id_types: IdType = "CHAR") -> Variable | Apply | None:
    """Return the node, or the variable without one, that `debugprint` prints with an identifier.

    Parameters
    ----------
    graphs
        What was printed.
    target_var_id : str
        The identifier, as in ``[id B]``: ``"B"``.
    id_types : str
        How identifiers were printed.

    Returns
    -------
    Apply, Variable or None
        None if there's no such identifier.
    """
    used_ids: dict[Any, str] = {}
    debugprint(graphs, file=_Nowhere(), id_type=id_types, used_ids=used_ids)
    wanted = f"[id {target_var_id}]"
    return next((node for node, text in used_ids.items() if text == wanted), None)


class _Nowhere(StringIO):
    def write(self, text: str) -> int:
        return len(text)


class _Roots:
    """One thing to print: its variables, and what a compiled function knows about them."""

    def __init__(self, graph: Any):
        self.fgraph: FunctionGraph | None = None
        self.storage: Mapping[Variable, Any] | None = None
        if isinstance(graph, Variable):
            self.variables: Sequence[Variable] = [graph]
        elif isinstance(graph, Apply):
            self.variables = graph.outputs
        else:
            self.fgraph = graph if isinstance(graph, FunctionGraph) else self._graph_of(graph)
            self.variables = self.fgraph.outputs
            self.storage = getattr(graph, "storage_map", None)
        self.order: Mapping[Apply, int] = {}
        if self.fgraph is not None:
            self.order = {node: i for i, node in enumerate(self.fgraph.toposort())}

    @staticmethod
    def _graph_of(graph: Any) -> FunctionGraph:
        fgraph = getattr(getattr(graph, "maker", None), "fgraph", None)
        if not isinstance(fgraph, FunctionGraph):
            raise TypeError(f"debugprint cannot print an object of type {type(graph)}")
        return fgraph


class _Line:
    """A variable still to be printed."""

    __slots__ = ("bar", "depth", "level", "prefix", "variable")

    def __init__(self, variable: Variable, prefix: str, bar: str, depth: int, level: int):
        self.variable = variable
        self.prefix = prefix  # in front of the variable
        self.bar = bar  # in front of what is below it
        self.depth = depth
        self.level = level


class _Writer:
    def __init__(
        self,
        target: TextIO,
        *,
        depth: int,
        print_type: bool,
        id_type: IdType,
        stop_on_name: bool,
        done: Ids,
        used_ids: Ids,
        print_storage: bool,
        print_op_info: bool,
        print_view_map: bool,
        print_fgraph_inputs: bool,
        print_default_updates: bool,
    ):
        self.target = target
        self.depth = depth
        self.print_type = as_flag(print_type, "print_type")
        self.id_type = id_type
        self.stop_on_name = as_flag(stop_on_name, "stop_on_name")
        self.done = expect(done, dict, "done")
        self.used_ids = expect(used_ids, dict, "used_ids")
        self.print_storage = as_flag(print_storage, "print_storage")
        self.print_op_info = as_flag(print_op_info, "print_op_info")
        self.print_view_map = as_flag(print_view_map, "print_view_map")
        self.print_fgraph_inputs = as_flag(print_fgraph_inputs, "print_fgraph_inputs")
        self.print_default_updates = as_flag(print_default_updates, "print_default_updates")

        self.order: Mapping[Apply, int] = {}
        self.storage: Mapping[Variable, Any] | None = None
        self.notes: dict[Variable, str] = {}
        self.outer: dict[Variable, Variable] = {}
        self.with_inner_graph: list[Variable] = []
        self.default_updates: dict[Variable, None] = {}
        self.parts = 0
        self.deferred: list[tuple[int, _Line]] = []

    def write(self, graphs: Iterable[_Roots]) -> None:
        for roots in graphs:
            self.order, self.storage = roots.order, roots.storage
            if self.print_fgraph_inputs and roots.fgraph is not None:
                for variable in roots.fgraph.inputs:
                    self._write_tree(_Line(variable, "-", " ", self.depth, 0))
            for variable in roots.variables:
                self._write_tree(_Line(variable, "", " ", self.depth, 0))
            self._write_deferred()
        self.order, self.storage = {}, None
        self._write_inner_graphs()
        if self.default_updates:
            self.target.write("\nDefault updates:\n\n")
            for variable in list(self.default_updates):
                self._write_tree(_Line(variable, "", " ", self.depth, 0))
            self._write_deferred()

    def _write_inner_graphs(self) -> None:
        if not self.with_inner_graph:
            return
        self.target.write("\nInner graphs:\n")
        # the list grows while inner graphs of inner graphs are found
        for variable in self.with_inner_graph:
            node = variable.owner
            assert node is not None
            op: Any = node.op
            self.target.write("\n")
            self._write_tree(_Line(variable, "", " ", self.depth, 0))
            self.outer.update(inner_to_outer_inputs(op, node))
            self._note(node)
            if self.print_fgraph_inputs:
                for inner in op.fgraph.inputs:
                    self._write_tree(_Line(inner, "-", " ", self.depth, 0))
            for output in op.fgraph.outputs:
                self._write_tree(_Line(output, " >", " > ", self.depth, 0))
            self._write_deferred()

    def _write_deferred(self) -> None:
        while self.deferred:
            deferred, self.deferred = self.deferred, []
            for number, line in deferred:
                self.target.write(f"\nPart {number}: {self._describe(line.variable)}\n")
                self._write_tree(line, below=True)

    def _write_tree(self, root: _Line, below: bool = False) -> None:
        """Write a line and what is below it; with `below`, only the latter."""
        stack = list(self._below(root)) if below else [root]
        while stack:
            line = stack.pop()
            if line.depth == 0:
                continue
            text = self._describe(line.variable)
            children = self._expand(line)
            if children and line.level >= _LEVELS_TO_A_PART:
                self.parts += 1
                text += f" (continued in part {self.parts})"
                self.deferred.append((self.parts, _Line(line.variable, "", " ", line.depth, 0)))
            elif children:
                stack.extend(self._below(line))
            self.target.write(f"{line.prefix}{text}\n")

    def _expand(self, line: _Line) -> bool:
        """Whether what is below a line is printed here; from now on it counts as printed."""
        variable = line.variable
        node = variable.owner
        if node is None or node in self.done:
            return False
        self.done[node] = self._id(variable)
        if self.stop_on_name and variable.name is not None:
            return False
        self._note(node)
        return bool(node.inputs)

    def _below(self, line: _Line) -> Iterator[_Line]:
        """Yield the lines below one, the last first."""
        assert line.variable.owner is not None
        inputs = line.variable.owner.inputs
        for i in range(len(inputs) - 1, -1, -1):
            ending = "  " if i == len(inputs) - 1 else "| "
            yield _Line(inputs[i], f"{line.bar}|", f"{line.bar}{ending}", line.depth - 1, line.level + 1)

    def _note(self, node: Apply) -> None:
        if self.print_op_info:
            self.notes.update(op_debug_information(node.op, node))

    def _describe(self, variable: Variable) -> str:
        node = variable.owner
        if node is None:
            words = [str(variable), self._id(variable), self._type(variable)]
            if variable in self.outer:
                words.append(f"-> {self._id(self.outer[variable])}")
            update = getattr(variable, "default_update", None) if self.print_default_updates else None
            if update is not None:
                words.append(f"<- {self._id(update)}")
                self.default_updates[update] = None
        else:
            text = str(node.op) if node.nout == 1 else f"{node.op}.{variable.index}"
            words = [text, self._id(variable), self._type(variable)]
            if variable.name:
                words.append(f"'{variable.name}'")
            if self.print_view_map and node.op.view_map:
                words.append(f"v={node.op.view_map}")
            if node in self.order:
                words.append(str(self.order[node]))
            if isinstance(getattr(node.op, "fgraph", None), FunctionGraph) and variable not in self.with_inner_graph:
                self.with_inner_graph.append(variable)
        if variable in self.notes:
            words.append(f"({self.notes[variable]})")
        if self.print_storage and self.order:
            words.append(str(self._stored(variable)))
        return " ".join(word for word in words if word)

    def _type(self, variable: Variable) -> str:
        return f"<{variable.type}>" if self.print_type else ""

    def _stored(self, variable: Variable) -> list[Any]:
        if self.storage is not None and variable in self.storage:
            return list(self.storage[variable])
        if isinstance(variable, Constant):
            return [variable.data]
        container = getattr(variable, "container", None)
        return [container.value if container is not None else None]

    def _id(self, variable: Variable) -> str:
        if self.id_type == "":
            return ""
        # the outputs of a node share its identifier
        key = variable if variable.owner is None else variable.owner
        text = self.used_ids.get(key)
        if text is None:
            if self.id_type == "CHAR":
                name = char_from_number(len(self.used_ids))
            elif self.id_type == "int":
                name = str(len(self.used_ids))
            elif self.id_type == "auto":
                name = variable.auto_name
            else:
                name = str(id(key))
            text = self.used_ids[key] = f"[id {name}]"
        return text
