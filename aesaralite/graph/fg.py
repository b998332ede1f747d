"""`FunctionGraph`: a graph with inputs and outputs that knows who uses what, and can be changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from aesaralite.configdefaults import config
from aesaralite.errors import MissingInputError
from aesaralite.graph.arguments import as_flag, as_integer, as_pairs, described, expect
from aesaralite.graph.clients import Clients, ClientType
from aesaralite.graph.clone import clone_get_equiv
from aesaralite.graph.features import AlreadyThere, Feature
from aesaralite.graph.integrity import check_integrity
from aesaralite.graph.null_type import NullType
from aesaralite.graph.pickling import stream_of
from aesaralite.graph.text import as_string
from aesaralite.graph.toposort import general_toposort
from aesaralite.graph.traversal import graph_inputs, io_toposort
from aesaralite.graph.utils import Scratchpad
from aesaralite.graph.variable import Apply, AtomicVariable, Variable


class FunctionGraph:
    """A graph from inputs to outputs, with clients and features.

    Parameters
    ----------
    inputs, outputs : sequence of Variable
        Where the graph begins and ends. Without inputs, they are found from the outputs.
    features : sequence of Feature, optional
        What watches the graph.
    clone : bool
        Whether the graph is copied first. If not, other graphs that share its nodes change with it.
    update_mapping : dict, optional
        For outputs that are updates: their positions and those of the inputs that they update. Empty by default.
    **clone_kwds
        Passed on to `aesaralite.graph.basic.clone_get_equiv`; ``memo`` is filled with what became of
        each variable.

    Attributes
    ----------
    inputs, outputs : list of Variable
    apply_nodes : set of Apply
    variables : set of Variable
        What lies between inputs and outputs; an input that nothing uses isn't among them.
    clients : dict of Variable to Clients
        Who uses each variable.

    Raises
    ------
    ValueError
        If an input is computed by a node, or there are no outputs.
    MissingInputError
        If the outputs need a variable that isn't among the inputs.
    TypeError
        If the outputs need a variable that can't have a value, such as an undefined gradient.
    """

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """For type checkers: the methods that features add."""

        def __setattr__(self, name: str, value: Any) -> None:
            """Likewise."""

    def __init__(
        self,
        inputs: Sequence[Variable] | None = None,
        outputs: Sequence[Variable] | None = None,
        features: Sequence[Feature] | None = None,
        clone: bool = True,
        update_mapping: dict[int, int] | None = None,
        **clone_kwds: Any,
    ):
        if outputs is None:
            raise ValueError("No outputs specified")
        if inputs is None:
            inputs = [v for v in graph_inputs(outputs) if not isinstance(v, AtomicVariable)]
        inputs, outputs = list(inputs), list(outputs)
        if as_flag(clone, "clone"):
            memo = clone_get_equiv(inputs, outputs, **{"copy_orphans": False, **clone_kwds})
            outputs = [memo[variable] for variable in outputs]
            inputs = [memo[variable] for variable in inputs]
        self.tag = Scratchpad()
        self._features: list[Feature] = []
        self.inputs: list[Variable] = []
        self._known_inputs: set[Variable] | None = None
        self.outputs: list[Variable] = []
        self.apply_nodes: set[Apply] = set()
        self.variables: set[Variable] = set()
        self.clients: dict[Variable, Clients] = {}
        self.update_mapping: dict[int, int] = {} if update_mapping is None else update_mapping
        self._toposort_cache: list[Apply] | None = None
        for feature in features or ():
            self.attach_feature(feature)
        for variable in inputs:
            if variable.owner is not None:
                raise ValueError(
                    f"The input {variable} is computed by {variable.owner}; an input of a graph must have no owner. "
                    "Use givens, or clone_replace, to cut a graph at a computed variable."
                )
            self.add_input(variable, check=False)
        for output in outputs:
            self.add_output(output, reason="init")

    # inputs and outputs

    def add_input(self, var: Variable, check: bool = True) -> None:
        """Add an input."""
        expect(var, Variable, "var")
        if check and var in self.inputs:
            return
        self.inputs.append(var)
        self._known_inputs = None
        self.setup_var(var)

    def add_output(self, var: Variable, reason: Any = None, import_missing: bool = False) -> None:
        """Add an output, and the nodes that compute it."""
        self.import_var(expect(var, Variable, "var"), reason=reason, import_missing=import_missing)
        self.outputs.append(var)
        self.clients[var].append(("output", len(self.outputs) - 1))

    def remove_output(self, output_idx: int, reason: Any = None, remove_client: bool = True) -> None:
        """Remove the output at a position, and the nodes that nothing else needs."""
        output_idx = _position(output_idx, len(self.outputs), "outputs")
        variable = self.outputs[output_idx]
        for i in range(output_idx, len(self.outputs)):
            self.clients[self.outputs[i]].remove(("output", i))
        del self.outputs[output_idx]
        for i in range(output_idx, len(self.outputs)):
            self.clients[self.outputs[i]].append(("output", i))
        self._toposort_cache = None
        self.update_mapping = {
            (out - 1 if out > output_idx else out): inp for out, inp in self.update_mapping.items() if out != output_idx
        }
        if remove_client and not self.clients[variable]:
            self._prune(variable, reason)

    def remove_input(self, input_idx: int, reason: Any = None) -> None:
        """Remove the input at a position, and every node and output that is computed from it."""
        input_idx = _position(input_idx, len(self.inputs), "inputs")
        variable = self.inputs.pop(input_idx)
        self._known_inputs = None
        self.update_mapping = {
            out: (inp - 1 if inp > input_idx else inp) for out, inp in self.update_mapping.items() if inp != input_idx
        }
        self._remove_users([variable], reason)
        self.variables.discard(variable)
        if variable not in self._input_set():
            self.clients.pop(variable, None)

    def remove_node(self, node: Apply, reason: Any = None) -> None:
        """Remove a node, and every node and output that is computed from it.

        Parameters
        ----------
        node : Apply
            The node. One that isn't part of the graph is no error.
        reason : object
            Told to the features.
        """
        if node in self.apply_nodes:
            self._remove_users(node.outputs, reason, node)

    def _remove_users(self, variables: Iterable[Variable], reason: Any, *nodes: Apply) -> None:
        """Remove what is computed from the variables, users first, and then the nodes."""
        found: dict[Apply, None] = dict.fromkeys(nodes)
        pending = list(variables)
        positions = []
        while pending:
            for client, i in self.clients.get(pending.pop(), ()):
                if client == "output":
                    positions.append(i)
                elif client not in found:
                    found[client] = None
                    pending.extend(client.outputs)
        if not found and not positions:
            return
        doomed = [node for node in self.toposort() if node in found]
        for i in sorted(positions, reverse=True):
            self.remove_output(i, reason, remove_client=False)
        for node in reversed(doomed):
            if node in self.apply_nodes:
                for output in node.outputs:
                    self._prune(output, reason)

    @property
    def inv_update_mapping(self) -> dict[int, int]:
        """The positions of inputs that are updated, with those of the outputs that are their updates."""
        return {inp: out for out, inp in self.update_mapping.items()}

    # clients

    def setup_var(self, var: Variable) -> None:
        """Begin to keep the clients of a variable."""
        self.clients.setdefault(var, Clients())

    def get_clients(self, var: Variable) -> Clients:
        """Return who uses a variable."""
        found = self.clients.get(var)
        if found is None:
            raise ValueError(f"{described(var)} is not in the graph")
        return found

    def add_client(self, var: Variable, new_client: ClientType) -> None:
        """Note a client of a variable."""
        self.clients[var].append(new_client)

    def remove_client(
        self, var: Variable, client_to_remove: ClientType, reason: Any = None, remove_if_empty: bool = False
    ) -> None:
        """Forget a client of a variable, and drop the nodes that nothing else needs.

        Parameters
        ----------
        var : Variable
            The variable.
        client_to_remove : tuple
            The node (or ``"output"``) and the position.
        reason : object
            Told to the features.
        remove_if_empty : bool
            Whether an input that has no other clients is forgotten too.
        """
        clients = self.clients[var]
        if client_to_remove in clients:
            clients.remove(client_to_remove)
        if not clients:
            self._prune(var, reason)
            if remove_if_empty and var.owner is None and var in self.clients and var not in self.inputs:
                del self.clients[var]

    def _prune(self, var: Variable, reason: Any) -> None:
        pending = [var]
        while pending:
            variable = pending.pop()
            if self.clients.get(variable):
                continue
            node = variable.owner
            if node is None:
                self.variables.discard(variable)
                if variable not in self._input_set():
                    self.clients.pop(variable, None)
                continue
            if node not in self.apply_nodes or any(self.clients.get(output) for output in node.outputs):
                continue
            self.apply_nodes.discard(node)
            for output in node.outputs:
                self.variables.discard(output)
                self.clients.pop(output, None)
            self._toposort_cache = None
            self.execute_callbacks("on_prune", node, reason)
            for i, source in enumerate(node.inputs):
                clients = self.clients[source]
                if (node, i) in clients:  # somebody may have removed it by hand
                    clients.remove((node, i))
                if not clients:
                    pending.append(source)

    def _input_set(self) -> set[Variable]:
        if self._known_inputs is None:
            self._known_inputs = set(self.inputs)
        return self._known_inputs

    # growing

    def import_var(self, var: Variable, reason: Any = None, import_missing: bool = False) -> None:
        """Take in a variable and the nodes that compute it.

        Raises
        ------
        MissingInputError
            If they need a variable that isn't among the inputs, unless `import_missing`.
        TypeError
            If the variable can't have a value, such as an undefined gradient.
        """
        expect(var, Variable, "var")
        import_missing = as_flag(import_missing, "import_missing")
        if var.owner is not None:
            if var.owner not in self.apply_nodes:
                self.import_node(var.owner, reason=reason, import_missing=import_missing)
            return
        if var not in self.variables:
            _check_has_values(var)
            if not isinstance(var, AtomicVariable) and var not in self._input_set():
                if not import_missing:
                    raise MissingInputError(f"Undeclared input: {var} of type {var.type}", variable=var)
                self.add_input(var)
            self.setup_var(var)
            self.variables.add(var)

    def import_node(
        self, apply_node: Apply, check: bool = True, reason: Any = None, import_missing: bool = False
    ) -> list[Apply]:
        """Take in a node and those that it depends on.

        Returns
        -------
        list of Apply
            The nodes that are new to the graph, in topological order.

        Raises
        ------
        MissingInputError
            If they need a variable that isn't among the inputs, unless `import_missing`. Then the
            graph is unchanged.
        TypeError
            If that variable can't have a value, such as an undefined gradient.
        """
        new_nodes = self._missing_nodes(expect(apply_node, Apply, "apply_node"))
        if check:
            for node in new_nodes:
                for i, variable in enumerate(node.inputs):
                    _check_has_values(variable)
                    is_known = isinstance(variable, AtomicVariable) or variable in self._input_set()
                    if variable.owner is None and not is_known:
                        if not import_missing:
                            raise MissingInputError(_undeclared(node, i), variable=variable)
                        self.add_input(variable)
        for node in new_nodes:
            self.apply_nodes.add(node)
            for output in node.outputs:
                self.setup_var(output)
                self.variables.add(output)
            for i, variable in enumerate(node.inputs):
                if variable not in self.variables:
                    self.setup_var(variable)
                    self.variables.add(variable)
                self.clients[variable].append((node, i))
            self._toposort_cache = None
            self.execute_callbacks("on_import", node, reason)
        return new_nodes

    def _missing_nodes(self, apply_node: Apply) -> list[Apply]:
        """Return the node and what it depends on, as far as the graph lacks them, in topological order."""

        def missing(node: Apply) -> list[Apply]:
            owners = (variable.owner for variable in node.inputs)
            return [owner for owner in owners if owner is not None and owner not in self.apply_nodes]

        return general_toposort([apply_node], missing)

    # changing

    def change_node_input(
        self,
        node: Apply | Literal["output"],
        i: int,
        new_var: Variable,
        reason: Any = None,
        import_missing: bool = False,
        check: bool = True,
    ) -> None:
        """Put another variable at input `i` of a node, or in place of output `i` of the graph.

        Raises
        ------
        TypeError
            If the types don't fit.
        """
        if not (isinstance(node, str) and node == "output"):
            expect(node, Apply, "node")
        expect(new_var, Variable, "new_var")
        old = self.outputs[i] if node == "output" else node.inputs[i]
        if check and not old.type.is_super(new_var.type):
            raise TypeError(
                f"The type of the replacement ({new_var.type}) must be compatible with "
                f"the type of the original ({old.type})"
            )
        if old is new_var:
            return
        self.import_var(new_var, reason=reason, import_missing=import_missing)
        if node == "output":
            self.outputs[i] = new_var
        else:
            node.inputs[i] = new_var
        self.clients[new_var].append((node, i))
        self._toposort_cache = None
        self.execute_callbacks("on_change_input", node, i, old, new_var, reason=reason)
        self.remove_client(old, (node, i), reason=reason)

    def replace(
        self,
        var: Variable,
        new_var: Variable,
        reason: Any = None,
        verbose: bool | None = None,
        import_missing: bool = False,
    ) -> None:
        """Replace a variable everywhere in the graph.

        What is new to the graph inherits the place where the user made `var`.

        Parameters
        ----------
        var, new_var : Variable
            The variable and what stands in its place.
        reason : str or object
            Told to the features.
        verbose : bool, optional
            Whether to print the replacement; by default as the flag ``optimizer_verbose`` says.
        import_missing : bool
            Whether inputs that the graph lacks are added.

        Raises
        ------
        TypeError
            If the types don't fit.
        """
        expect(var, Variable, "var")
        new_var = var.type.filter_variable(new_var, allow_convert=True)
        if config.optimizer_verbose if verbose is None else as_flag(verbose, "verbose"):
            print(f"rewriting: rewrite {reason} replaces {var} of {var.owner} with {new_var} of {new_var.owner}")
        # taken before anything is imported, so that a replacement may be computed from what it replaces
        clients = list(self.clients.get(var, ()))
        if not clients:
            # nothing uses it, or an earlier replacement of the same batch has removed it
            return
        if new_var.owner is not None and new_var.owner not in self.apply_nodes:
            imported = self.import_node(new_var.owner, reason=reason, import_missing=import_missing)
            if new_var.name is None:
                new_var.name = var.name
            if var.origin is not None:
                for new_node in imported:
                    for output in new_node.outputs:
                        output.origin = var.origin
        for node, i in clients:
            self.change_node_input(node, i, new_var, reason=reason, import_missing=import_missing, check=False)

    def replace_all(self, pairs: Iterable[tuple[Variable, Variable]], **kwargs: Any) -> None:
        """Replace variables one after the other, sorted so that inputs come last."""
        for var, new_var in sorted(as_pairs(pairs, "pairs"), key=lambda pair: pair[0] in self._input_set()):
            self.replace(var, new_var, **kwargs)

    # features

    def attach_feature(self, feature: Feature) -> None:
        """Attach a feature, unless the graph has it, or an equivalent one, already."""
        if feature in self._features:
            return
        attach = getattr(feature, "on_attach", None)
        if attach is not None:
            try:
                attach(self)
            except AlreadyThere:
                return
        self._features.append(feature)

    def remove_feature(self, feature: Feature) -> None:
        """Detach a feature, if the graph has it."""
        if feature not in self._features:
            return
        self._features.remove(feature)
        detach = getattr(feature, "on_detach", None)
        if detach is not None:
            detach(self)

    def execute_callbacks(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Call a method on every feature that has it."""
        for feature in self._features:
            callback = getattr(feature, name, None)
            if callback is not None:
                callback(self, *args, **kwargs)

    def collect_callbacks(self, name: str, *args: Any) -> dict[Feature, Any]:
        """Call a method on every feature that has it, and return the results."""
        found = {}
        for feature in self._features:
            callback = getattr(feature, name, None)
            if callback is not None:
                found[feature] = callback(*args)
        return found

    # reading

    def toposort(self) -> list[Apply]:
        """Return the nodes, each behind those that it depends on."""
        if self._toposort_cache is None:
            self._toposort_cache = io_toposort(self.inputs, self.outputs, self.orderings())
        return list(self._toposort_cache)

    def orderings(self) -> dict[Apply, list[Apply]]:
        """Return the orders that features demand beyond dependencies."""
        merged: dict[Apply, list[Apply]] = {}
        for feature in self._features:
            demanded = getattr(feature, "orderings", None)
            for node, before in (demanded(self) if demanded is not None else {}).items():
                merged.setdefault(node, []).extend(before)
        return merged

    def check_integrity(self) -> None:
        """Check that nodes, variables and clients fit together.

        Raises
        ------
        InconsistencyError
            If they don't: somebody changed the graph behind its back.
        """
        check_integrity(self)

    # copies

    def clone(self, check_integrity: bool = True) -> FunctionGraph:
        """Return a copy of the graph."""
        return self.clone_get_equiv(check_integrity)[0]

    def clone_get_equiv(
        self, check_integrity: bool = True, attach_feature: bool = True, **kwargs: Any
    ) -> tuple[FunctionGraph, dict[Any, Any]]:
        """Return a copy of the graph, and what each variable and node became.

        Parameters
        ----------
        check_integrity : bool
            Whether to check the graph first.
        attach_feature : bool
            Whether the copy gets the features, cloned where they can be.
        """
        if as_flag(check_integrity, "check_integrity"):
            self.check_integrity()
        equiv = clone_get_equiv(self.inputs, self.outputs, copy_orphans=False, **kwargs)
        copy = FunctionGraph(
            [equiv[variable] for variable in self.inputs],
            [equiv[variable] for variable in self.outputs],
            clone=False,
            update_mapping=dict(self.update_mapping),
        )
        if as_flag(attach_feature, "attach_feature"):
            for feature in self._features:
                copy.attach_feature(feature.clone())
        return copy, equiv

    def __copy__(self) -> FunctionGraph:
        return self.clone()

    def __contains__(self, item: object) -> bool:
        if isinstance(item, Variable):
            return item in self.variables
        if isinstance(item, Apply):
            return item in self.apply_nodes
        raise TypeError(f"A graph contains variables and nodes, not {type(item).__name__}")

    def __repr__(self) -> str:
        return f"FunctionGraph({', '.join(as_string(self.inputs, self.outputs))})"

    __str__ = __repr__

    def __reduce_ex__(self, protocol: Any) -> Any:
        state = {"features": list(self._features), "tag": self.tag, "update_mapping": self.update_mapping}
        return _restore, (stream_of(self.toposort()), list(self.inputs), list(self.outputs)), state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.tag = state["tag"]
        self.update_mapping = state["update_mapping"]
        for feature in state["features"]:
            self.attach_feature(feature)


def _restore(nodes: list[Apply], inputs: list[Variable], outputs: list[Variable]) -> FunctionGraph:
    return FunctionGraph(inputs, outputs, clone=False)


def _position(index: int, count: int, what: str) -> int:
    """Return a position counted from the beginning."""
    index = as_integer(index, f"the position among the {what}")
    if not -count <= index < count:
        raise IndexError(f"The graph has {count} {what}; there is none at position {index}")
    return index % count


def _check_has_values(variable: Variable) -> None:
    if isinstance(variable.type, NullType):
        raise TypeError(f"The graph needs a value that can't be computed. {variable.type.why_null}")


def _undeclared(node: Apply, i: int) -> str:
    variable = node.inputs[i]
    return (
        f"Input {i} ({variable}) of the graph (indices start from 0), used to compute {node}, was not provided and "
        f"not given a value. Use the flag exception_verbosity='high' for more information on this error."
    )
