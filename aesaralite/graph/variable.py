"""The two kinds of vertices of a graph: variables, and the nodes that apply an Op to them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from aesaralite.errors import TestValueError
from aesaralite.graph.pickling import reduce_apply, reduce_variable
from aesaralite.graph.provenance import Origin, capture
from aesaralite.graph.type import Type
from aesaralite.graph.utils import Scratchpad, ValidatingScratchpad

if TYPE_CHECKING:
    from aesaralite.graph.op import Op

_auto_numbers = itertools.count()


class Node:
    """A vertex of the graph: a `Variable` or an `Apply`."""

    name: str | None

    def get_parents(self) -> list[Any]:
        """Return the vertices that this one directly depends on."""
        raise NotImplementedError()

    @property
    def tag(self) -> Scratchpad:
        """A place for whatever users and rewrites want to attach."""
        tag = self.__dict__.get("_tag")
        if tag is None:
            tag = self.__dict__["_tag"] = self._make_tag()
        return tag

    @tag.setter
    def tag(self, value: Scratchpad) -> None:
        self.__dict__["_tag"] = value

    def _make_tag(self) -> Scratchpad:
        return Scratchpad()


class Apply(Node):
    """The application of an Op to inputs.

    Parameters
    ----------
    op : Op
        What is applied.
    inputs : sequence of Variable
        Its arguments.
    outputs : sequence of Variable
        Its results. Each must be fresh: not yet the output of another node.

    Raises
    ------
    TypeError
        If inputs or outputs are not variables.
    ValueError
        If an output already belongs to another node.
    """

    def __init__(self, op: Op, inputs: Sequence[Variable], outputs: Sequence[Variable]):
        if not isinstance(inputs, Sequence):
            raise TypeError("The inputs of an Apply must be a sequence of Variables")
        if not isinstance(outputs, Sequence):
            raise TypeError("The outputs of an Apply must be a sequence of Variables")
        self.op = op
        self.inputs: list[Variable] = []
        self.outputs: list[Variable] = []
        for variable in inputs:
            if not isinstance(variable, Variable):
                raise TypeError(f"The inputs of {op} must be Variables, got {variable!r} of type {type(variable)}")
            self.inputs.append(variable)
        origin = None
        for i, output in enumerate(outputs):
            if not isinstance(output, Variable):
                raise TypeError(f"The outputs of {op} must be Variables, got {output!r} of type {type(output)}")
            if output.owner is None:
                output.owner = self
                output.index = i
            elif output.owner is not self or output.index != i:
                raise ValueError(f"Output {i} of {op}, {output}, is already the output of another node")
            if output.origin is None:
                if origin is None:
                    origin = capture()
                output.origin = origin
            self.outputs.append(output)

    def default_output(self) -> Variable:
        """Return the output that the node stands for when it is used as a variable.

        Raises
        ------
        ValueError
            If the node has several outputs and its Op names no default.
        """
        index = getattr(self.op, "default_output", None)
        if index is None:
            if len(self.outputs) == 1:
                return self.outputs[0]
            raise ValueError(
                f"{self.op}.default_output should be an output index, as it has {len(self.outputs)} outputs"
            )
        if not isinstance(index, (int, np.integer)) or not 0 <= index < len(self.outputs):
            raise ValueError(
                f"{self.op}.default_output is {index!r}, not the index of one of {len(self.outputs)} outputs"
            )
        return self.outputs[index]

    @property
    def out(self) -> Variable:
        """The default output."""
        return self.default_output()

    @property
    def nin(self) -> int:
        """The number of inputs."""
        return len(self.inputs)

    @property
    def nout(self) -> int:
        """The number of outputs."""
        return len(self.outputs)

    @property
    def origin(self) -> Origin | None:
        """Where the user made this node."""
        return self.outputs[0].origin if self.outputs else None

    def get_parents(self) -> list[Variable]:
        return list(self.inputs)

    def clone(self, clone_inner_graph: bool = False) -> Apply:
        """Return a copy with the same inputs and fresh outputs."""
        op = self.op
        if clone_inner_graph and hasattr(op, "clone"):
            op = op.clone()
        copy = type(self)(op, self.inputs, [output.clone() for output in self.outputs])
        copy.__dict__["_tag"] = _copy_tag(self.__dict__.get("_tag"))
        return copy

    def clone_with_new_inputs(
        self, inputs: Sequence[Variable], strict: bool = True, clone_inner_graph: bool = False
    ) -> Apply:
        """Return the same Op applied to other inputs.

        Parameters
        ----------
        inputs : sequence of Variable
            The new arguments.
        strict : bool
            If true, the types must allow the same outputs; an input of another type is converted
            where its type knows how. If false, other types are allowed, and ``make_node`` decides
            the outputs.

        Raises
        ------
        TypeError
            If `strict` and a type doesn't fit.
        """
        new_inputs = list(inputs)
        if not all(isinstance(new, Variable) for new in new_inputs):
            raise TypeError(f"The new inputs of {self.op} must be variables, got {new_inputs!r}")
        if len(new_inputs) != len(self.inputs):
            raise ValueError(f"{self.op} has {len(self.inputs)} inputs, got {len(new_inputs)}")
        remake = False
        for i, (old, new) in enumerate(zip(self.inputs, new_inputs)):
            if old is new or old.type == new.type:
                continue
            if strict:
                new_inputs[i] = old.type.filter_variable(new)
                remake = remake or new_inputs[i].type != old.type
            else:
                remake = True
        if remake:
            node = self.op.make_node(*new_inputs)
            node.__dict__["_tag"] = _copy_tag(self.__dict__.get("_tag"))
            for old_output, new_output in zip(self.outputs, node.outputs):
                new_output.origin = old_output.origin
            return node
        node = self.clone(clone_inner_graph)
        node.inputs = new_inputs
        return node

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        return f"{self.op}({variable_names(self.inputs)})"

    def __reduce_ex__(self, protocol: Any) -> Any:
        return reduce_apply(self)

    def __setstate__(self, state: tuple[dict[str, Any], list[Variable]]) -> None:
        # the outputs in the second part have entered themselves when they were restored
        self.__dict__.update(state[0])


class Variable(Node):
    """A symbolic value.

    Parameters
    ----------
    type : Type
        What values it may hold.
    owner : Apply or None
        The node that computes it; None for an input.
    index : int or None
        Which output of the owner it is.
    name : str or None
        A name for people to read.

    Attributes
    ----------
    origin : Origin or None
        Where the user made it.
    """

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """For type checkers: what variables of a type can do beyond this class isn't known to it."""

        def __getitem__(self, item: Any) -> Any: ...

        def __iter__(self) -> Any: ...

        def __neg__(self) -> Any: ...

        def __add__(self, other: Any) -> Any: ...

        def __radd__(self, other: Any) -> Any: ...

        def __sub__(self, other: Any) -> Any: ...

        def __rsub__(self, other: Any) -> Any: ...

        def __mul__(self, other: Any) -> Any: ...

        def __rmul__(self, other: Any) -> Any: ...

        def __truediv__(self, other: Any) -> Any: ...

        def __rtruediv__(self, other: Any) -> Any: ...

        def __pow__(self, other: Any) -> Any: ...

    def __init__(self, type: Type, owner: Apply | None, index: int | None = None, name: str | None = None):
        if owner is not None and not isinstance(owner, Apply):
            raise TypeError(f"owner must be an Apply instance, got {owner!r}")
        if index is not None and not isinstance(index, (int, np.integer)):
            raise TypeError(f"index must be an int, got {index!r}")
        if name is not None and not isinstance(name, str):
            raise TypeError(f"The name of a variable must be a string, got {name!r} of type {name.__class__.__name__}")
        if not isinstance(type, Type):
            raise TypeError(f"The type of a variable must be a Type, got {type!r} of type {type.__class__.__name__}")
        self.type = type
        self.owner = owner
        self.index = index
        self.name = name
        # an output of a node gets its origin from the node, once for all outputs
        self.origin: Origin | None = None
        self._auto_number = next(_auto_numbers)

    @property
    def auto_name(self) -> str:
        """A name that no other variable of this process has."""
        return f"auto_{self._auto_number}"

    def _make_tag(self) -> Scratchpad:
        tag = ValidatingScratchpad("test_value", self.type.filter)
        if self.origin is not None:
            origin = self.origin
            tag.trace = [[(origin.filename, origin.lineno, origin.function, origin.source_line())]]
        return tag

    def get_parents(self) -> list[Any]:
        if self.owner is not None:
            return [self.owner]
        return []

    def clone(self, **kwargs: Any) -> Variable:
        """Return a variable of the same type and name, without an owner."""
        name = kwargs.pop("name", self.name)
        copy = self.__class__(type=self.type, owner=None, index=None, name=name, **kwargs)
        copy.origin = self.origin
        copy.__dict__["_tag"] = _copy_tag(self.__dict__.get("_tag"))
        return copy

    def get_test_value(self) -> Any:
        """Return the value that the variable has as an example, ``tag.test_value``.

        Raises
        ------
        TestValueError
            If it has none.
        """
        value = getattr(self.tag, "test_value", None)
        if value is None:
            where = "" if self.origin is None else f". It was made at {self.origin}"
            raise TestValueError(f"{self} has no test value{where}")
        return value

    def eval(self, inputs_to_values: Mapping[Variable | str, Any] | None = None, **kwargs: Any) -> Any:
        """Compute the value of this variable.

        The compiled function is kept, so that a second call with the same inputs is fast.

        Parameters
        ----------
        inputs_to_values : mapping of Variable or str to object, optional
            Values for the inputs that it depends on. A key may be a variable's name.
        **kwargs
            Passed on to ``aesaralite.function``.

        Returns
        -------
        ndarray or object
            The value.

        Examples
        --------
        >>> import aesaralite.tensor as at
        >>> x = at.dscalar("x")
        >>> (x * 2).eval({x: 3.0})
        array(6.)
        """
        if _evaluator is None:
            raise RuntimeError("No compiler is known: import aesaralite before calling eval")
        return _evaluator(self, inputs_to_values, **kwargs)

    def __str__(self) -> str:
        if self.name is not None:
            return self.name
        if self.owner is not None:
            op = self.owner.op
            if self.index == getattr(op, "default_output", None):
                return f"{op}.out"
            return f"{op}.{self.index}"
        return f"<{self.type}>"

    def __repr__(self, firstPass: bool = True) -> str:
        return str(self)

    def _repr_html_(self) -> str | None:
        return html_of(self)

    def __getstate__(self) -> dict[str, Any]:
        state = dict(self.__dict__)
        for key in ("owner", "index", "_eval_cache", "_auto_number"):
            state.pop(key, None)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._auto_number = next(_auto_numbers)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return reduce_variable(self)


class AtomicVariable(Variable):
    """A variable that no node computes."""

    def __init__(self, type: Type, name: str | None = None, **kwargs: Any):
        super().__init__(type=type, owner=None, index=None, name=name, **kwargs)

    def signature(self) -> Any:
        """Return what two interchangeable variables of this kind have in common (hashable)."""
        raise NotImplementedError()

    def merge_signature(self) -> Any:
        return self.signature()

    def equals(self, other: Any) -> bool:
        """Whether `other` is interchangeable with this variable."""
        return isinstance(other, type(self)) and self.signature() == other.signature()

    def clone(self, **kwargs: Any) -> AtomicVariable:
        name = kwargs.pop("name", self.name)
        copy = self.__class__(type=self.type, name=name, **kwargs)
        copy.origin = self.origin
        copy.__dict__["_tag"] = _copy_tag(self.__dict__.get("_tag"))
        return copy


class NominalVariable(AtomicVariable):
    """An input of an inner graph, identified by a number and a type.

    Two with the same number and type are one object, so that inner graphs can be compared.

    Parameters
    ----------
    id : hashable
        The number.
    typ : Type
        The type.
    """

    _instances: dict[tuple[Any, Type], NominalVariable] = {}

    def __new__(cls, id: Any, typ: Type, **kwargs: Any) -> NominalVariable:
        if not isinstance(typ, Type) or not isinstance(id, Hashable):
            raise TypeError(f"A nominal variable has a number and a Type, got {id!r} and {typ!r}")
        key = (id, typ)
        instance = cls._instances.get(key)
        if instance is None:
            base = typ.variable_type
            dynamic = type(f"Nominal{base.__name__}", (cls, base), {}) if not issubclass(cls, base) else cls
            instance = object.__new__(dynamic)
            instance = cls._instances.setdefault(key, instance)
        return instance

    def __init__(self, id: Any, typ: Type, name: str | None = None, **kwargs: Any):
        if "id" in self.__dict__:
            return
        Variable.__init__(self, type=typ, owner=None, index=None, name=name)
        self.id = id

    def clone(self, **kwargs: Any) -> NominalVariable:
        return self

    def signature(self) -> Any:
        return (self.type, self.id)

    def equals(self, other: Any) -> bool:
        return self is other

    def __str__(self) -> str:
        return f"*{self.id}-{Variable.__str__(self)}"

    def __repr__(self, firstPass: bool = True) -> str:
        return f"NominalVariable({self.id!r}, {self.type!r})"

    def __reduce_ex__(self, protocol: Any) -> Any:
        return NominalVariable, (self.id, self.type)


class Constant(AtomicVariable):
    """A variable whose value is known when the graph is built.

    Parameters
    ----------
    type : Type
        Its type.
    data : object
        Its value; brought into the type by ``type.filter``.
    name : str or None
        A name for people to read.
    """

    def __init__(self, type: Type, data: Any, name: str | None = None):
        super().__init__(type, name=name)
        self.data = type.filter(data)
        self.origin = capture()

    def signature(self) -> Any:
        return (self.type, self.data)

    def get_test_value(self) -> Any:
        return self.data

    def clone(self, **kwargs: Any) -> Constant:
        data = kwargs.pop("data", self.data)
        return super().clone(data=data, **kwargs)  # type: ignore[return-value]

    @property
    def value(self) -> Any:
        """The data."""
        return self.data

    def __str__(self) -> str:
        data_text = str(self.data)
        if len(data_text) > 20:
            data_text = data_text[:10].strip() + " ... " + data_text[-10:].strip()
        if self.name is not None:
            return f"{self.name}{{{data_text}}}"
        return f"{type(self).__name__}{{{data_text}}}"


Type.variable_type = Variable
Type.constant_type = Constant

_evaluator: Callable[..., Any] | None = None
_html_renderer: Callable[[Any], str] | None = None


def register_evaluator(evaluate: Callable[..., Any]) -> None:
    """Tell how ``Variable.eval`` computes; the compile floor calls this, as the graph knows no backend.

    Parameters
    ----------
    evaluate : callable
        Takes the variable, the mapping of inputs to values and keywords for the compiler.
    """
    global _evaluator
    _evaluator = evaluate


def register_html_renderer(render: Callable[[Any], str]) -> None:
    """Tell how notebooks show variables and compiled functions; the printing package calls this."""
    global _html_renderer
    _html_renderer = render


def html_of(obj: Any) -> str | None:
    """Return how a notebook shows a variable or a compiled function; None if nobody has told how."""
    return _html_renderer(obj) if _html_renderer is not None else None


def variable_names(variables: Iterable[Variable]) -> str:
    """Return the variables' texts, separated by commas."""
    return ", ".join(str(variable) for variable in variables)


def _copy_tag(tag: Scratchpad | None) -> Scratchpad | None:
    if tag is None:
        return None
    copy = object.__new__(type(tag))
    copy.__dict__.update(tag.__dict__)
    return copy
