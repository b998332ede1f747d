"""Ops: what a node applies to its inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from aesaralite.configdefaults import config
from aesaralite.errors import MethodNotDefined, ShapeError
from aesaralite.graph.test_value import compute_test_value, get_test_values  # noqa: F401
from aesaralite.graph.type import Type
from aesaralite.graph.utils import Props
from aesaralite.graph.variable import Apply, Variable


class Op(Props):
    """An operation: how its node is made, what it computes, what its shape and its gradient are.

    An Op is immutable and pure: `perform` never changes its inputs. What tells two Ops of one class
    apart is declared in ``__props__``, or by the fields of a frozen dataclass.

    Attributes
    ----------
    default_output : int or None
        The output that a call returns, where there are several.
    itypes, otypes : sequence of Type or None
        The types of inputs and outputs of an Op that always has the same. `make_node` follows.
    view_map : mapping
        For each output that may be a view of inputs, their positions. A hint for linkers.
    is_deterministic : bool
        Whether the values of the outputs depend on nothing but those of the inputs. If not, checks don't compare them.

    Examples
    --------
    >>> import numpy as np
    >>> import aesaralite.tensor as at
    >>> from aesaralite.graph.op import Op
    >>> class Double(Op):
    ...     __props__ = ()
    ...     itypes = [at.dvector]
    ...     otypes = [at.dvector]
    ...     def perform(self, node, inputs, output_storage):
    ...         output_storage[0][0] = inputs[0] * 2
    >>> x = at.dvector("x")
    >>> Double()(x).eval({x: np.array([1.0, 2.0])})
    array([2., 4.])
    """

    default_output: int | None = None
    itypes: ClassVar[Sequence[Type] | None] = None
    otypes: ClassVar[Sequence[Type] | None] = None
    view_map: Any = {}
    is_deterministic: bool = True

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """For type checkers: what an Op has beyond this class, its properties, isn't known to it."""

    def make_node(self, *inputs: Any) -> Apply:
        """Return the node that applies this Op to `inputs`.

        Raises
        ------
        NotImplementedError
            If the class declares neither `make_node` nor `itypes` and `otypes`.
        ValueError
            If the number of inputs is wrong.
        TypeError
            If an input has another type than declared.
        """
        if self.itypes is None:
            raise NotImplementedError(f"{type(self).__name__} must define make_node, or itypes and otypes")
        if self.otypes is None:
            raise NotImplementedError(f"{type(self).__name__} defines itypes but no otypes")
        if len(inputs) != len(self.itypes):
            raise ValueError(f"{self} takes {len(self.itypes)} inputs, got {len(inputs)}: {list(inputs)}")
        variables = [
            value if isinstance(value, Variable) else declared.filter_variable(value)
            for value, declared in zip(inputs, self.itypes)
        ]
        wrong = [
            f"input {i} ({variable}) has type {variable.type}, expected {declared}"
            for i, (variable, declared) in enumerate(zip(variables, self.itypes))
            if not declared.is_super(variable.type)
        ]
        if wrong:
            raise TypeError(f"Invalid input types for Op {self}: " + "; ".join(wrong))
        return Apply(self, variables, [declared() for declared in self.otypes])

    def __call__(self, *inputs: Any, name: str | None = None, return_list: bool = False, **kwargs: Any) -> Any:
        """Apply the Op and return its output.

        Parameters
        ----------
        *inputs
            Variables, or values that `make_node` can make into variables.
        name : str, optional
            A name for the output, where there is one.
        return_list : bool
            Whether one output comes as a list too.
        **kwargs
            Passed on to `make_node`.

        Returns
        -------
        Variable or list of Variable
            The default output if there is one, else all outputs.
        """
        node = self.make_node(*inputs, **kwargs)
        if name is not None:
            if len(node.outputs) != 1:
                raise ValueError(f"A name can't be given to the {len(node.outputs)} outputs of {self}")
            node.outputs[0].name = name
        if config.compute_test_value != "off":
            compute_test_value(node)
        if self.default_output is not None:
            default = node.outputs[self.default_output]
            return [default] if return_list else default
        if len(node.outputs) == 1 and not return_list:
            return node.outputs[0]
        return list(node.outputs)

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[list[Any]]) -> None:
        """Compute the outputs from values. This is the definition of the Op.

        Parameters
        ----------
        node : Apply
            The node.
        inputs : sequence of object
            Values of the inputs; not to be changed.
        output_storage : sequence of list
            For each output a list of one element, to be set.
        """
        raise MethodNotDefined(f"{type(self).__name__} does not define perform")

    def grad(self, inputs: Sequence[Variable], output_grads: Sequence[Variable]) -> list[Variable]:
        """Return the gradients with respect to the inputs, given those with respect to the outputs."""
        raise MethodNotDefined(f"{type(self).__name__} defines no gradient (neither grad nor L_op)")

    def L_op(
        self, inputs: Sequence[Variable], outputs: Sequence[Variable], output_grads: Sequence[Variable]
    ) -> list[Variable]:
        """Return the gradients with respect to the inputs: the vector-Jacobian product.

        Parameters
        ----------
        inputs, outputs : sequence of Variable
            Those of the node.
        output_grads : sequence of Variable
            Gradients with respect to the outputs.
        """
        return self.grad(inputs, output_grads)

    def R_op(self, inputs: Sequence[Variable], eval_points: Sequence[Variable | None]) -> list[Variable | None]:
        """Return the Jacobian of the outputs times `eval_points`: the Jacobian-vector product."""
        raise MethodNotDefined(f"{type(self).__name__} does not define R_op")

    def infer_shape(self, fgraph: Any, node: Apply, shapes: Sequence[Any]) -> Sequence[Any]:
        """Return the shapes of the outputs as expressions of those of the inputs.

        Raises
        ------
        ShapeError
            Where the Op knows no more than the shape of the computed output.
        """
        raise ShapeError(f"{type(self).__name__} does not infer its shape")

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return, for each input and output, whether a gradient can flow between them."""
        return [[True] * len(node.outputs) for _ in node.inputs]

    def do_constant_folding(self, fgraph: Any, node: Apply) -> bool:
        """Whether a node of constants may be replaced by its value while compiling."""
        return True


def get_test_value(v: Any) -> Any:
    """Return the test value of a variable, or the value itself of a constant or a plain value.

    Raises
    ------
    TestValueError
        If a variable has none.
    """
    return v.get_test_value() if isinstance(v, Variable) else v
