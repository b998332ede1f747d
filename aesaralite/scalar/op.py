"""The base classes of scalar Ops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from typing import Any, ClassVar

import numpy as np

from aesaralite.configdefaults import config
from aesaralite.errors import MethodNotDefined
from aesaralite.graph.basic import Apply
from aesaralite.graph.null_type import DisconnectedType, NullType
from aesaralite.graph.op import Op
from aesaralite.scalar.arrays import adapt_ufunc, fold, per_element, with_dtype
from aesaralite.scalar.convert import as_scalar, literal
from aesaralite.scalar.dtypes import is_complex, is_discrete, real_dtype
from aesaralite.scalar.literals import as_variables
from aesaralite.scalar.output_types import OutputTypes, upcast_out
from aesaralite.scalar.type import ScalarType


class ScalarOp(Op):
    """An operation on numbers, which `aesaralite.tensor.elemwise.Elemwise` applies to arrays.

    A subclass says how the types of its outputs follow from those of its inputs (`types`), how values are
    computed (`nfunc_spec`, `compute` or `impl`) and how gradients are (`pull`, or `L_op`).

    Parameters
    ----------
    output_types_preference : callable, optional
        Gives the output types from the input types, instead of the class's own rule.
    name : str, optional
        How the Op is printed, instead of the class's own name for it.

    Attributes
    ----------
    nin, nout : int
        The numbers of inputs and outputs; ``nin = -1`` takes any number.
    symbol : str or None
        How the Op is printed.
    types : callable
        The class's rule for output types; see `aesaralite.scalar.output_types`.
    nfunc_spec : tuple of (str, int, int) or None
        A NumPy function that computes the same on arrays ("exp", or "scipy.special.erf" with its module), and
        its numbers of inputs and outputs.
    commutative, associative : bool
        Whether inputs may be exchanged, and regrouped.
    identity : object
        What, combined with a value, gives the value.
    literals_may_widen : bool
        Whether a Python integer may have a wider dtype than the other inputs.
    conditions : tuple of int
        The positions of inputs for which a bare True or False is a mistake.
    """

    __props__: tuple[str, ...] = ("output_types_preference",)

    nin: int = -1
    nout: int = 1
    symbol: ClassVar[str | None] = None
    types: ClassVar[OutputTypes] = staticmethod(upcast_out)
    nfunc_spec: ClassVar[tuple[str, int, int] | None] = None
    commutative: bool = False
    associative: bool = False
    identity: Any = None
    literals_may_widen: bool = False
    conditions: tuple[int, ...] = ()

    def __init_subclass__(
        cls,
        symbol: str | None = None,
        types: OutputTypes | None = None,
        nfunc: str | None = None,
        nin: int | None = None,
        **traits: Any,
    ) -> None:
        super().__init_subclass__()
        if symbol is not None:
            cls.symbol = symbol
        if types is not None:
            cls.types = staticmethod(types)
        if nin is not None:
            cls.nin = nin
        if nfunc is not None:
            cls.nfunc_spec = (nfunc, cls.nin if cls.nin > 0 else 2, cls.nout)
        for trait, value in traits.items():
            setattr(cls, trait, value)

    def __init__(self, output_types_preference: OutputTypes | None = None, name: str | None = None):
        if output_types_preference is not None and not callable(output_types_preference):
            raise TypeError(f"output_types_preference must be callable, got {output_types_preference!r}")
        self.output_types_preference = type(self).types if output_types_preference is None else output_types_preference
        self.name = name

    # Types

    def output_types(self, types: Sequence[ScalarType]) -> list[ScalarType]:
        """Return the types of the outputs for inputs of given types.

        Raises
        ------
        TypeError
            If the operation isn't defined for these types.
        """
        try:
            return list(self.output_types_preference(*types))
        except TypeError as error:
            raise type(error)(f"{self}: {error}") from None

    def combined(self, nin: int) -> Sequence[int]:
        """Return the positions of the inputs whose dtypes combine, among `nin` inputs."""
        return range(nin)

    def make_node(self, *inputs: Any) -> Apply:
        """Apply the Op to scalar variables or numbers."""
        self.check_count(inputs)
        variables = as_variables(self, inputs, as_scalar, literal)
        outputs = [type() for type in self.output_types([variable.type for variable in variables])]
        return Apply(self, variables, outputs)

    def check_count(self, inputs: Sequence[Any]) -> None:
        """Raise TypeError if there are not as many inputs as the Op takes."""
        if len(inputs) != self.nin and (self.nin >= 0 or not inputs):
            expected = self.nin if self.nin >= 0 else "one or more"
            raise TypeError(f"{self} takes {expected} inputs, got {len(inputs)}: {', '.join(map(str, inputs))}")

    # Values

    @property
    def nfunc(self) -> Callable[..., Any] | None:
        """The NumPy function that `nfunc_spec` names."""
        return None if self.nfunc_spec is None else _resolve(self.nfunc_spec[0])

    def impl(self, *inputs: Any) -> Any:
        """Compute the outputs from NumPy scalars."""
        return self.compute(*inputs)

    def compute(self, *inputs: Any) -> Any:
        """Compute the outputs from NumPy scalars or arrays that broadcast together.

        A subclass without `nfunc_spec` defines this, or `impl`. It needn't care about the dtype of the result.
        """
        nfunc = self.nfunc
        if nfunc is None:
            raise MethodNotDefined("impl", type(self), self)
        if self.nin < 0:
            return fold(nfunc, inputs)
        return nfunc(*inputs)

    def array_function(self, in_dtypes: tuple[str, ...], out_dtypes: tuple[str, ...]) -> Callable[..., list[Any]]:
        """Return a function that computes this Op on arrays.

        Parameters
        ----------
        in_dtypes, out_dtypes : tuple of str
            The dtypes of the inputs and outputs.

        Returns
        -------
        callable
            Takes arrays that broadcast together and returns a list of arrays or NumPy scalars of `out_dtypes`,
            fresh ones.
        """
        cls = type(self)
        if cls.compute is not ScalarOp.compute:
            return with_dtype(self.compute, out_dtypes)
        if cls.impl is not ScalarOp.impl:
            return per_element(self.impl, out_dtypes)
        nfunc = self.nfunc
        if nfunc is None:
            raise MethodNotDefined("impl", cls, self)
        return adapt_ufunc(nfunc, in_dtypes, out_dtypes, variadic=self.nin < 0)

    def perform(self, node: Any, inputs: Sequence[Any], output_storage: Sequence[list[Any]]) -> None:
        # not by impl: NumPy's functions of small integers know nothing of the dtypes of the outputs
        function = self.array_function(
            tuple(variable.type.dtype for variable in node.inputs),
            tuple(variable.type.dtype for variable in node.outputs),
        )
        for cell, result in zip(output_storage, function(*inputs), strict=True):
            cell[0] = np.asarray(result)[()]

    # Gradients

    def pull(self, g: Any, *inputs_and_output: Any) -> Any:
        """Return the gradients with respect to the inputs, given that of the output.

        The result must be linear in `g`; it's one variable for an Op of one input, else a sequence.
        Called as ``pull(g, *inputs, output)``; only for an output of a continuous dtype. Complex inputs need no care:
        `L_op` conjugates where it must.
        """
        raise MethodNotDefined("pull", type(self), self)

    def grad(self, inputs: Sequence[Any], output_gradients: Sequence[Any]) -> list[Any]:
        raise MethodNotDefined("grad", type(self), self)

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], output_gradients: Sequence[Any]) -> list[Any]:
        """Return the gradients with respect to the inputs, given those of the outputs."""
        if type(self).grad is not ScalarOp.grad:
            return self.grad(inputs, output_gradients)
        (output,) = outputs
        (g,) = output_gradients
        if isinstance(g.type, NullType | DisconnectedType):
            return [g.type() for _ in inputs]
        if is_discrete(output.type.dtype):
            return [float_zeros(x) for x in inputs]
        arguments = self._as_floats(inputs, real_dtype(output.type.dtype))
        if is_complex(g.type.dtype) or is_complex(output.type.dtype):
            pulled = self.pull(g.conj(), *arguments, output)
            grads = [_conjugated(grad) for grad in ([pulled] if self.nin == 1 else pulled)]
        else:
            pulled = self.pull(g, *arguments, output)
            grads = [pulled] if self.nin == 1 else list(pulled)
        return [_as_input(grad, x) for grad, x in zip(grads, inputs, strict=True)]

    def _as_floats(self, inputs: Sequence[Any], dtype: str) -> list[Any]:
        """Return inputs with integers as floats, such that a rule's arithmetic neither wraps nor refuses booleans."""
        combined = self.combined(len(inputs))
        return [x.astype(dtype) if i in combined and is_discrete(x.type.dtype) else x for i, x in enumerate(inputs)]

    def __str__(self) -> str:
        return getattr(self, "name", None) or self.symbol or type(self).__name__

    def __repr__(self) -> str:
        return str(self)


class UnaryScalarOp(ScalarOp, nin=1):
    """A scalar Op of one input."""


class BinaryScalarOp(ScalarOp, nin=2):
    """A scalar Op of two inputs."""


def float_zeros(x: Any) -> Any:
    """Return the zero that is the gradient with respect to an input that doesn't matter."""
    return x.zeros_like(dtype=config.floatX) if is_discrete(x.type.dtype) else x.zeros_like()


def _conjugated(grad: Any) -> Any:
    if isinstance(grad.type, ScalarType) and is_complex(grad.type.dtype):
        return grad.conj()
    return grad


def _as_input(grad: Any, x: Any) -> Any:
    """Return a gradient in the dtype of the input, if that is continuous."""
    if not isinstance(grad.type, ScalarType) or is_discrete(x.type.dtype) or grad.type.dtype == x.type.dtype:
        return grad
    if is_complex(grad.type.dtype) and not is_complex(x.type.dtype):
        grad = grad.real
    return grad.astype(x.type.dtype)


@cache
def _resolve(name: str) -> Callable[..., Any]:
    """Return a function of NumPy, or of the module that its dotted name begins with."""
    module, _, function = name.rpartition(".")
    return getattr(import_module(module), function) if module else getattr(np, function)
