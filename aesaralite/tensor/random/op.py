"""Random variables: what draws from a generator."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from aesaralite.configdefaults import config
from aesaralite.graph.basic import Apply, Constant, Variable
from aesaralite.graph.generators import copy_generator, is_generator
from aesaralite.graph.null_type import DisconnectedType, NullType, grad_not_implemented, grad_undefined
from aesaralite.graph.op import Op
from aesaralite.scalar.dtypes import all_dtypes, is_discrete, normalize_dtype
from aesaralite.tensor.convert import as_tensor_variable, literal
from aesaralite.tensor.dimshuffle import pad_left
from aesaralite.tensor.elementwise import Elemwise
from aesaralite.tensor.random.constructors import RandomState, default_rng
from aesaralite.tensor.random.parameters import broadcast_sizes, normalize_size_param
from aesaralite.tensor.random.type import RandomType
from aesaralite.tensor.random.var import randomgen_constructor
from aesaralite.tensor.shaping import shape_tuple
from aesaralite.tensor.static import Tensor, static_int, vector_entries
from aesaralite.tensor.tensor_type import tensor_type
from aesaralite.tensor.unbroadcasting import sum_to_like

__all__ = ["PATHWISE", "RandomState", "RandomVariable", "default_rng", "default_supp_shape_from_params"]

PATHWISE: dict[type, Callable[..., Sequence[Any]]] = {}
"""How gradients reach the parameters of a distribution, by class: ``rule(gradient, draw, *parameters)`` returns what
`RandomVariable.pathwise` does. `aesaralite.tensor.random.pathwise` fills it."""


def default_supp_shape_from_params(
    ndim_supp: int,
    dist_params: Sequence[Tensor],
    rep_param_idx: int = 0,
    param_shapes: Sequence[Sequence[Tensor]] | None = None,
) -> tuple[Tensor, ...]:
    """Return the shape of a single draw, where it's that of the last dimensions of a parameter.

    Parameters
    ----------
    ndim_supp : int
        The number of dimensions of a single draw; at least 1.
    dist_params : sequence of TensorVariable
        The parameters of the distribution.
    rep_param_idx : int
        Which of them has the shape.
    param_shapes : sequence of sequence of TensorVariable, optional
        The shapes of the parameters, where better ones are known.

    Raises
    ------
    ValueError
        If `ndim_supp` is less than 1, or the parameter has fewer dimensions.
    """
    if ndim_supp <= 0:
        raise ValueError("ndim_supp must be greater than 0")
    param = dist_params[rep_param_idx]
    if param.type.ndim < ndim_supp:
        raise ValueError(
            f"Reference parameter does not match the expected dimensions; {param} has less than {ndim_supp} dim(s)."
        )
    shape = shape_tuple(param) if param_shapes is None else tuple(param_shapes[rep_param_idx])
    return shape[len(shape) - ndim_supp :]


_MOST_DIMS = 32
"""Dimensions: what NumPy's iterators, with which its generators go over parameters, have at most."""


class RandomVariable(Op):
    """A draw from a distribution: ``(rng, size, dtype, *parameters) -> (next rng, draw)``.

    The generator that comes in isn't changed: the draw is made from a copy, which goes out as the next state. A
    subclass says what it draws by class attributes (or arguments of the constructor) and, where NumPy's generators
    have no method of its `name`, by `rng_fn`.

    Parameters
    ----------
    name : str
        The name of the distribution; that of the generator's method unless `rng_fn` says otherwise.
    ndim_supp : int
        The number of dimensions of a single draw: 0 for a number, 1 for a vector.
    ndims_params : sequence of int
        How many dimensions each parameter has for a single draw. Those in front of them belong to a batch of draws.
    dtype : str, optional
        The dtype of the draw; ``"floatX"`` stands for the flag. None leaves it to the call.
    inplace : bool
        A property that programs for Aesara may set. Graphs are pure, so that it changes nothing.

    Examples
    --------
    >>> import numpy as np, aesaralite
    >>> from aesaralite.tensor.random.op import RandomVariable
    >>> class Rayleigh(RandomVariable):
    ...     name = "rayleigh"
    ...     ndim_supp = 0
    ...     ndims_params = [0]
    ...     dtype = "floatX"
    >>> rng = aesaralite.shared(np.random.default_rng(1))
    >>> draw = Rayleigh()([1.0, 10.0], rng=rng)
    >>> draw.eval().shape
    (2,)
    """

    __props__: tuple[str, ...] = ("name", "ndim_supp", "ndims_params", "dtype", "inplace")
    default_output = 1

    name: str
    ndim_supp: int
    ndims_params: Sequence[int]
    dtype: str | None = None
    inplace: bool = False

    def __init__(
        self,
        name: str | None = None,
        ndim_supp: int | None = None,
        ndims_params: Sequence[int] | None = None,
        dtype: str | None = None,
        inplace: bool | None = None,
    ) -> None:
        given = {"name": name, "ndim_supp": ndim_supp, "ndims_params": ndims_params, "dtype": dtype, "inplace": inplace}
        for prop, value in given.items():
            if value is None:
                value = getattr(type(self), prop, None)
                if value is None and prop != "dtype":
                    raise AttributeError(
                        f"{type(self).__name__} needs {prop!r}: as a class attribute, or as an argument"
                    )
            setattr(self, prop, value)
        if not isinstance(self.ndims_params, Sequence):
            raise TypeError("Parameter ndims_params must be sequence type.")
        self.ndims_params = tuple(self.ndims_params)

    def rng_fn(self, rng: Any, *args: Any, **kwargs: Any) -> Any:
        """Draw: ``rng_fn(rng, *parameters, size)``, of arrays; `size` is None or a tuple of ints. `rng` advances."""
        return getattr(rng, self.name)(*args, **kwargs)

    def _supp_shape_from_params(self, dist_params: Sequence[Tensor], **kwargs: Any) -> Sequence[Tensor]:
        """Return the shape of a single draw; `kwargs` are those of `default_supp_shape_from_params`."""
        return default_supp_shape_from_params(self.ndim_supp, dist_params, **kwargs)

    def _infer_shape(
        self,
        size: Tensor,
        dist_params: Sequence[Tensor],
        param_shapes: Sequence[Sequence[Tensor]] | None = None,
    ) -> tuple[Tensor, ...]:
        """Return the shape of the draw.

        Parameters
        ----------
        size : TensorVariable or sequence of TensorVariable
            The size, of known length.
        dist_params : sequence of TensorVariable
            The parameters.
        param_shapes : sequence of sequence of TensorVariable, optional
            The shapes of the parameters, where better ones are known than their own.

        Raises
        ------
        ValueError
            If it's known that the parameters don't broadcast together, or to the size.
        """
        shapes = [shape_tuple(param) for param in dist_params] if param_shapes is None else list(param_shapes)
        batch = self._batch_shape(dist_params, shapes)
        sizes = tuple(vector_entries(size) if isinstance(size, Variable) else size)
        if sizes:
            _check_size(self, sizes, batch)
            batch = sizes
        if self.ndim_supp == 0:
            return batch
        return (*batch, *self._supp_shape_from_params(dist_params, param_shapes=param_shapes))

    def _batch_shape(self, params: Sequence[Tensor], shapes: Sequence[Sequence[Tensor]]) -> tuple[Tensor, ...]:
        batches = []
        for i, (shape, ndim) in enumerate(zip(shapes, self.ndims_params)):
            if len(shape) < ndim:
                raise ValueError(
                    f"{self._parameter(i)} of the distribution {self.name!r} needs at least {ndim} dimensions; "
                    f"{params[i]} has {len(shape)}."
                )
            batches.append(tuple(shape)[: len(shape) - ndim])
        return broadcast_sizes(batches, f"The parameters of the distribution {self.name!r} don't broadcast")

    def infer_shape(self, fgraph: Any, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        _, size, _, *params = node.inputs
        param_shapes = [shape_tuple(p) if shape is None else shape for p, shape in zip(params, shapes[3:])]
        return [None, tuple(self._infer_shape(size, params, param_shapes=param_shapes))]

    def __call__(
        self, *args: Any, size: Any = None, name: str | None = None, rng: Any = None, dtype: Any = None, **kwargs: Any
    ) -> Any:
        """Return a draw.

        Parameters
        ----------
        *args : tensor_like
            The parameters of the distribution.
        size : int, tuple of int or scalar variable, vector variable, optional
            The shape of the batch of draws; by default, that to which the parameters broadcast.
        name : str, optional
            A name for the draw.
        rng : Variable, optional
            The generator: a variable of a `RandomType`. By default, a fresh shared generator, which advances with each
            call of a function that draws from it.
        dtype : str, optional
            The dtype of the draw, if not the Op's own.
        **kwargs
            ``return_list=True`` returns the draw in a list.
        """
        draw = super().__call__(rng, size, dtype, *args, **kwargs)
        if name is not None:
            (draw[0] if isinstance(draw, list) else draw).name = name
        return draw

    def make_node(self, rng: Any, size: Any, dtype: Any, *dist_params: Any) -> Apply:
        """Apply the Op.

        Parameters
        ----------
        rng : Variable or None
            The generator; None makes a shared one.
        size : int, sequence or vector variable
            The shape of the batch of draws; None leaves it to the parameters.
        dtype : str, int or constant
            The dtype of the draw, or its index in ``aesaralite.tensor.type.all_dtypes``; None for the Op's own.
        *dist_params : tensor_like
            The parameters of the distribution.

        Raises
        ------
        TypeError
            If `rng` is no variable that holds a generator, or the dtype doesn't suit the distribution.
        ValueError
            If the number of parameters is wrong, or it's known that shapes don't fit.
        """
        if len(dist_params) != len(self.ndims_params):
            raise ValueError(
                f"The distribution {self.name!r} takes {len(self.ndims_params)} parameters, got {len(dist_params)}"
            )
        params = [as_tensor_variable(param) for param in dist_params]
        size = normalize_size_param(size)
        name = self._draw_dtype(dtype)
        static = tuple(static_int(entry) for entry in self._infer_shape(size, params))
        if max([len(static), *(param.type.ndim for param in params)]) > _MOST_DIMS:
            raise ValueError(
                f"{self} takes parameters and gives draws of at most {_MOST_DIMS} dimensions, as NumPy does"
            )
        fresh = rng is None
        rng = randomgen_constructor(np.random.default_rng(), borrow=True) if fresh else _checked_rng(rng)
        outputs = [rng.type(), tensor_type(name, static)()]
        node = Apply(self, [rng, size, literal(all_dtypes.index(name), "int64"), *params], outputs)
        if fresh:
            rng.default_update = node.outputs[0]
        return node

    def _draw_dtype(self, dtype: Any) -> str:
        """Return the name of the dtype that a call asks for, or else the Op's."""
        own = None if self.dtype is None else config.floatX if self.dtype == "floatX" else normalize_dtype(self.dtype)
        if isinstance(dtype, Constant):
            dtype = int(dtype.data)
        if isinstance(dtype, (int, np.integer)) and not isinstance(dtype, bool):
            dtype = all_dtypes[dtype]
        if dtype is None:
            if own is None:
                raise TypeError(f"dtype is unspecified: the distribution {self.name!r} has none of its own")
            return own
        name = normalize_dtype(dtype)
        if own is not None and is_discrete(name) and not is_discrete(own):
            raise TypeError(
                f"The distribution {self.name!r} draws {own}; {name} would truncate the draw. Round and cast it."
            )
        return name

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[list[Any]]) -> None:
        rng, size, _, *params = inputs
        rng = copy_generator(rng)
        draw = self.rng_fn(rng, *params, tuple(map(int, size)) if len(size) else None)
        output_storage[0][0] = rng
        output_storage[1][0] = _cast_draw(draw, node.outputs[1].type.dtype, self)

    def pathwise(self, params: Sequence[Tensor], draw: Tensor, gradient: Tensor) -> Sequence[Tensor | None]:
        """Return the gradients with respect to the parameters, the random numbers behind the draw held fixed.

        Parameters
        ----------
        params : sequence of TensorVariable
            The parameters.
        draw : TensorVariable
            The draw that was made with them.
        gradient : TensorVariable
            The gradient with respect to the draw.

        Returns
        -------
        sequence of Variable or None
            For each parameter the gradient that each single draw gives it, in the shape of the batch: they are added up
            where the parameter was broadcast. None, where there is none, or what `grad_undefined` returns. By default,
            what `PATHWISE` has for the class.
        """
        for kind in type(self).__mro__:
            if kind in PATHWISE:
                return PATHWISE[kind](gradient, draw, *params)
        return [None] * len(params)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[False, False]] * 3 + [[False, True]] * (len(node.inputs) - 3)

    def L_op(
        self, inputs: Sequence[Variable], outputs: Sequence[Variable], output_grads: Sequence[Variable]
    ) -> list[Variable]:
        """Return the gradients with respect to the parameters, from `pathwise`."""
        params: list[Tensor] = list(inputs[3:])
        draw, gradient = outputs[1], output_grads[1]
        none = [DisconnectedType()() for _ in inputs[:3]]
        if isinstance(gradient.type, DisconnectedType):
            return [*none, *(DisconnectedType()() for _ in params)]
        terms = [None] * len(params) if self._is_discrete(draw) else self.pathwise(params, draw, gradient)
        return [
            *none,
            *(
                self._without_gradient(i, param, draw) if term is None else _summed(term, param)
                for i, (param, term) in enumerate(zip(params, terms, strict=True))
            ),
        ]

    def R_op(self, inputs: Sequence[Variable], eval_points: Sequence[Variable | None]) -> list[Variable | None]:
        """Return an undefined tangent of integers; that of floats follows from `L_op`."""
        draw = self.make_node(*inputs).outputs[1]
        moved = [i for i, point in enumerate(eval_points) if i >= 3 and point is not None]
        if moved and self._is_discrete(draw):
            return [None, self._without_gradient(moved[0] - 3, inputs[moved[0]], draw)]
        return super().R_op(inputs, eval_points)

    def _is_discrete(self, draw: Tensor) -> bool:
        """Whether a draw is made of integers, though it may have been asked for as floats."""
        own = self.dtype not in (None, "floatX") and is_discrete(normalize_dtype(self.dtype))
        return own or is_discrete(draw.type.dtype)

    def _without_gradient(self, position: int, param: Tensor, draw: Tensor) -> Variable:
        """Return what stands for the gradient with respect to a parameter that has none, with the reason."""
        what = f"{self._parameter(position)} of the distribution {self.name!r} has no pathwise derivative"
        drawn = "The draw" if draw.origin is None else f"The draw, made at {draw.origin},"
        constant = "If it is to count as a constant, pass it to disconnected_grad, or in consider_constant."
        if not self._is_discrete(draw):
            return grad_not_implemented(
                self,
                position + 3,
                param,
                f"{what} that is known here. {drawn} moves with it in a way that neither the method `pathwise` of "
                f"{type(self).__name__} nor the table PATHWISE describes. {constant}",
            )
        return grad_undefined(
            self,
            position + 3,
            param,
            f"{what}. {drawn} is made of integers, which stand still or jump as the parameter moves: there is "
            "nothing to differentiate. For the gradient of an expectation, differentiate the logarithm of the draw's "
            "probability, times the cost as a constant (the score function), or draw from a continuous distribution "
            f"that comes near this one. {constant}",
        )

    def _parameter(self, position: int) -> str:
        """Return what to call a parameter in errors."""
        named = list(inspect.signature(self.__call__).parameters.values())[: len(self.ndims_params)]
        if position < len(named) and named[position].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD:
            return f"Parameter {named[position].name!r}"
        return f"Parameter {position}"

    def do_constant_folding(self, fgraph: Any, node: Apply) -> bool:
        # a large array of draws is nothing to compile in
        return False

    def __str__(self) -> str:
        return f"{self.name}_rv{{{', '.join(str(getattr(self, prop)) for prop in self.__props__[1:])}}}"


def _checked_rng(rng: Any) -> Any:
    if isinstance(rng, Variable) and isinstance(rng.type, RandomType):
        return rng
    text = "rng must be a variable that holds a random generator (RandomGeneratorType or RandomStateType)"
    if is_generator(rng):
        raise TypeError(
            f"{text}, got the generator {rng!r} itself. It would be drawn from in the same state at each call: wrap it "
            "by aesaralite.shared(rng), and update that with the draw's next state, draw.owner.outputs[0]."
        )
    if isinstance(rng, Variable):
        raise TypeError(f"{text}, got {rng} of type {rng.type}.")
    raise TypeError(f"{text}, got {rng!r} of type {type(rng).__name__}.")


def _check_size(op: RandomVariable, sizes: Sequence[Tensor], batch: Sequence[Tensor]) -> None:
    """Raise what NumPy raises, if it's known that the parameters don't broadcast to the size."""
    known_sizes, known_batch = ([static_int(size) for size in shape] for shape in (sizes, batch))
    surplus = len(known_sizes) - len(known_batch)
    fits = surplus >= 0 and all(
        dim is None or dim == 1 or size is None or dim == size
        for dim, size in zip(known_batch, known_sizes[max(surplus, 0) :])
    )
    if not fits:
        raise ValueError(
            f"Output size {_text(known_sizes)} is not compatible with broadcast dimensions of inputs "
            f"{_text(known_batch)} of the distribution {op.name!r}."
        )


def _text(sizes: Sequence[int | None]) -> str:
    return f"({', '.join('?' if size is None else str(size) for size in sizes)}{',' if len(sizes) == 1 else ''})"


def _cast_draw(draw: Any, dtype: str, op: RandomVariable) -> np.ndarray:
    array = np.asarray(draw)
    if array.dtype == dtype:
        return array
    result = array.astype(dtype)
    if result.dtype.kind in "iub" and not np.array_equal(result, array):
        raise OverflowError(f"A draw of the distribution {op.name!r} doesn't fit into its dtype, {dtype}")
    return result


def _summed(gradient: Any, param: Tensor) -> Variable:
    """Return a gradient of a parameter in the shape of the batch, summed to the parameter's own shape."""
    if isinstance(gradient.type, NullType):
        return gradient
    summed = sum_to_like(gradient, pad_left(param, gradient.type.ndim), Elemwise)
    return as_tensor_variable(summed, ndim=param.type.ndim)
