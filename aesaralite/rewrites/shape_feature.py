"""`ShapeFeature`: the shape of every variable of a graph, as an expression that doesn't compute the variable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aesaralite.configdefaults import config
from aesaralite.errors import ShapeError
from aesaralite.graph.features import AlreadyThere, Feature
from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.variable import Apply, Constant, Variable
from aesaralite.rewriting.failures import _logger
from aesaralite.scalar.casting import Cast
from aesaralite.tensor.convert import as_tensor_variable, literal
from aesaralite.tensor.elementwise import Elemwise
from aesaralite.tensor.indexing_basic import Subtensor
from aesaralite.tensor.pointwise import cast, eq, maximum, switch
from aesaralite.tensor.shaping import Shape, Shape_i
from aesaralite.tensor.tensor_type import TensorType

Sizes = tuple[Variable, ...]
_ONE = literal(1, "int64")


class ShapeFeature(Feature):
    """Knows the shapes of a graph's variables.

    A shape is worked out when it's asked for, from the `infer_shape` of the Ops. The graph gets the attribute
    ``shape_feature``, and ``shape_feature.shape_of[variable]`` is a tuple of 0-d int64 variables (None for variables
    that have no shape).
    """

    def __init__(self) -> None:
        self._known: dict[Variable, Sizes | None] = {}
        # what the known expressions are made of; they can't be kept when that is replaced
        self._used: set[Variable] = set()
        # sizes that are the result of broadcasting others: from each to the others, and back
        self._basic_sizes: dict[Variable, frozenset[Variable]] = {}
        self._broadcast: dict[frozenset[Variable], Variable] = {}
        self._interned: dict[tuple[Any, ...], Variable] = {}
        self._simple: dict[Variable, Variable] = {}

    def on_attach(self, fgraph: FunctionGraph) -> None:
        if hasattr(fgraph, "shape_feature"):
            raise AlreadyThere("ShapeFeature: the graph has one already")
        fgraph.shape_feature = self
        self.fgraph = fgraph
        self.shape_of: Mapping[Variable, Any] = _Shapes(self)

    def on_detach(self, fgraph: FunctionGraph) -> None:
        del fgraph.shape_feature
        self._forget()

    def clone(self) -> ShapeFeature:
        return type(self)()

    def on_change_input(
        self, fgraph: FunctionGraph, node: Any, i: int, r: Variable, new_r: Variable, reason: Any = None
    ) -> None:
        if r in self._used:
            self._forget()

    def _forget(self) -> None:
        for memory in (self._known, self._used, self._basic_sizes, self._broadcast, self._interned, self._simple):
            memory.clear()

    def get_shape(self, var: Variable, idx: int) -> Variable:
        """Return the size of one dimension."""
        return self.shape_of[var][idx]

    def same_shape(self, x: Variable, y: Variable, dim_x: int | None = None, dim_y: int | None = None) -> bool:
        """Whether two variables, or dimensions of them, are known to have the same size."""
        if (dim_x is None) != (dim_y is None):
            raise ValueError("Give both dimensions, or none to compare the whole shapes.")
        sizes_x, sizes_y = self.shape_of[x], self.shape_of[y]
        if dim_x is not None:
            sizes_x, sizes_y = (sizes_x[dim_x],), (sizes_y[dim_y],)
        if sizes_x is None or sizes_y is None or len(sizes_x) != len(sizes_y):
            return False
        return all(_same_size(a, b) for a, b in zip(sizes_x, sizes_y))

    def basic_sizes(self, size: Variable) -> frozenset[Variable]:
        """Return the sizes that broadcast to `size`; only itself, if it isn't known to come from broadcasting."""
        return self._basic_sizes.get(size) or frozenset((size,))

    def find(self, variable: Variable) -> Sizes | None:
        """Return the sizes of a variable, or None if it has no shape."""
        known = self._known
        pending = [variable]
        while pending:
            v = pending[-1]
            if v in known:
                pending.pop()
                continue
            if not isinstance(v.type, TensorType):
                known[v] = None
            elif v.owner is None or None not in v.type.shape:
                known[v] = self._own_sizes(v)
            else:
                missing = [source for source in v.owner.inputs if source not in known]
                if missing:
                    pending.extend(missing)
                    continue
                self._infer(v.owner)
            pending.pop()
        return known[variable]

    def _own_sizes(self, variable: Variable) -> Sizes:
        """Return what the type knows, and the sizes of the computed variable for the rest."""
        if None in variable.type.shape:
            self._used.add(variable)
        return tuple(
            literal(size, "int64") if size is not None else self._intern(Shape_i(i)(variable))
            for i, size in enumerate(variable.type.shape)
        )

    def _infer(self, node: Apply) -> None:
        for output in node.outputs:
            self._known[output] = None
        if isinstance(node.op, Elemwise):
            sizes = self._broadcast_sizes(node)
            for output in node.outputs:
                self._known[output] = sizes
            return
        try:
            found = node.op.infer_shape(self.fgraph, node, [self._known[source] for source in node.inputs])
        except ShapeError:
            found = None
        except Exception as exc:
            if config.on_shape_error == "raise":
                raise
            _logger.warning("infer_shape of %s failed, so it's computed for its shape: %r", node, exc)
            found = None
        # an expression of sizes may depend on the values of integer inputs, such as indices
        self._used.update(
            v
            for v in node.inputs
            if not isinstance(v, Constant) and str(getattr(v.type, "dtype", ""))[:3] in ("int", "uin")
        )
        for output, sizes in zip(node.outputs, found or [None] * len(node.outputs)):
            if not isinstance(output.type, TensorType):
                continue
            if sizes is None or len(sizes) != output.type.ndim:
                self._known[output] = self._own_sizes(output)
                continue
            self._known[output] = tuple(
                literal(known, "int64") if known is not None else self.simplify(_as_size(size))
                for known, size in zip(output.type.shape, sizes)
            )

    def _broadcast_sizes(self, node: Apply) -> Sizes:
        """Return the sizes that the inputs of an elementwise node broadcast to."""
        sizes = []
        for axis, known in enumerate(node.outputs[0].type.shape):
            if known is not None:
                sizes.append(literal(known, "int64"))
                continue
            shapes = [self._known[source] for source in node.inputs if source.type.shape[axis] != 1]
            sizes.append(self._broadcast_size([self._intern(shape[axis]) for shape in shapes if shape is not None]))
        return tuple(sizes)

    def _broadcast_size(self, candidates: list[Variable]) -> Variable:
        """Return the size that sizes broadcast to."""
        basic: frozenset[Variable] = frozenset().union(*map(self.basic_sizes, candidates))
        for candidate in candidates:
            if len(self.basic_sizes(candidate)) == len(basic):
                return candidate
        size = self._broadcast.get(basic)
        if size is None:
            size, *others = sorted(basic, key=lambda variable: variable._auto_number)
            for other in others:
                size = switch(eq(size, _ONE), other, size)
            self._broadcast[basic] = size
            self._basic_sizes[size] = basic
        return size

    def simplify(self, size: Variable) -> Variable:
        """Return an expression of sizes in the simplest terms, so that equal sizes are one variable."""
        done = self._simple
        pending = [size]
        while pending:
            v = pending[-1]
            if v in done:
                pending.pop()
                continue
            node = v.owner
            shaped = _shape_taken_from(v)
            if shaped is not None:
                array, axis = shaped
                done[v] = self._known_size(array, axis, v)
            elif node is None or not isinstance(node.op, Elemwise) or v.type.ndim:
                done[v] = v
            else:
                missing = [source for source in node.inputs if source not in done]
                if missing:
                    pending.extend(missing)
                    continue
                done[v] = self._simplified_node(node, v, [done[source] for source in node.inputs])
            pending.pop()
        simple = done[size]
        done[simple] = simple
        return simple

    def _known_size(self, array: Variable, axis: int, v: Variable) -> Variable:
        sizes = self.find(array) if array in self.fgraph.variables or array.owner is None else None
        return self._intern(v) if sizes is None else sizes[axis]

    def _simplified_node(self, node: Apply, v: Variable, inputs: list[Variable]) -> Variable:
        if node.op == switch:
            condition, yes, no = inputs
            if yes is no:
                return yes
            test = condition.owner
            if test is not None and test.op == eq and test.inputs[0] is no and _is_one(test.inputs[1]):
                return self._broadcast_size([no, yes])
        if node.op == maximum and getattr(inputs[1], "data", None) == 0 and self._is_size(inputs[0]):
            return inputs[0]
        if isinstance(node.op.scalar_op, Cast) and inputs[0].type == v.type:
            return inputs[0]
        key = (node.op, *inputs)
        known = self._interned.get(key)
        if known is None:
            same = all(a is b for a, b in zip(inputs, node.inputs))
            known = self._interned[key] = v if same else node.op.make_node(*inputs).outputs[0]
        return known

    def _is_size(self, variable: Variable) -> bool:
        """Whether a variable is surely not negative."""
        sizes = self.basic_sizes(variable)
        return all(size.owner is not None and isinstance(size.owner.op, Shape_i) for size in sizes)

    def _intern(self, size: Variable) -> Variable:
        """Return the one variable that stands for all sizes of the same dimension of the same variable."""
        node = size.owner
        if node is None or not isinstance(node.op, Shape_i):
            return size
        return self._interned.setdefault((node.inputs[0], node.op.i), size)


def _shape_taken_from(v: Variable) -> tuple[Variable, int] | None:
    """Return the array and the dimension whose size `v` is, if it's written as ``shape_i(x)`` or ``shape(x)[i]``."""
    node = v.owner
    if node is None:
        return None
    if isinstance(node.op, Shape_i):
        return node.inputs[0], node.op.i
    if isinstance(node.op, Subtensor) and len(node.inputs) == 2 and not v.type.ndim:
        vector, position = node.inputs[0].owner, node.inputs[1]
        if vector is not None and isinstance(vector.op, Shape) and isinstance(position, Constant):
            ndim = vector.inputs[0].type.ndim
            if -ndim <= position.data < ndim:
                return vector.inputs[0], int(position.data) % ndim
    return None


class _Shapes(Mapping[Variable, Any]):
    """A `ShapeFeature` as a mapping from variables to shapes."""

    def __init__(self, feature: ShapeFeature):
        self._feature = feature

    def __getitem__(self, variable: Variable) -> Sizes | None:
        return self._feature.find(variable)

    def __contains__(self, variable: object) -> bool:
        return isinstance(variable, Variable) and variable in self._feature.fgraph.variables

    def __iter__(self) -> Any:
        return iter(self._feature.fgraph.variables)

    def __len__(self) -> int:
        return len(self._feature.fgraph.variables)


def _as_size(size: Any) -> Variable:
    if isinstance(size, int):
        return literal(size, "int64")
    variable = as_tensor_variable(size)
    return variable if variable.type.dtype == "int64" else cast(variable, "int64")


def _is_one(variable: Variable) -> bool:
    return isinstance(variable, Constant) and variable.data.size == 1 and bool(variable.data == 1)


def _same_size(a: Variable, b: Variable) -> bool:
    if a is b:
        return True
    if isinstance(a, Constant) and isinstance(b, Constant):
        return bool(a.data == b.data)
    if a.owner is None or b.owner is None or a.owner.op != b.owner.op:
        return False
    return isinstance(a.owner.op, Shape_i) and a.owner.inputs[0] is b.owner.inputs[0]
