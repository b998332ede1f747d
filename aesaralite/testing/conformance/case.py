"""What a case is: a graph that has an Op in it, and values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from aesaralite.graph.generators import is_generator
from aesaralite.graph.variable import Variable
from aesaralite.scalar.op import ScalarOp
from aesaralite.tensor.elementwise import Elemwise
from aesaralite.tensor.tensor_type import TensorType
from aesaralite.testing.op_checks import input_for

__all__ = ["Case", "ScalarCase", "plain", "smooth"]

DTYPES = (
    *("bool", "int8", "int32", "int64", "uint8", "uint64"),
    *("float16", "float32", "float64", "complex64", "complex128"),
)
"""Those that scalar Ops are applied to: of integers that fill a register or part of one, some of either kind."""


@dataclass(frozen=True)
class Case:
    """One graph and values for it.

    Attributes
    ----------
    id : str
        A name for reports.
    build : callable
        Makes the output, or several, from variables of the values' dtypes and ranks.
    values : list of ndarray
        The values.
    smooth : bool
        Whether to check gradients with respect to the inputs that are floats.
    raises : type or None
        The exception that computing it raises, on every linker.
    static : bool
        Whether the sizes of the values are known when the graph is built.
    shape_only : bool
        Whether only shape and dtype are compared, as the content is left open.
    """

    id: str
    build: Callable[..., Any]
    values: list[Any]
    smooth: bool = False
    raises: type[Exception] | None = None
    static: bool = False
    shape_only: bool = False
    made: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def graph(self) -> tuple[list[Variable], list[Variable]]:
        """Return inputs and outputs, made once."""
        if not self.made:
            values = [value if is_generator(value) else np.asarray(value) for value in self.values]
            inputs = [input_for(value, f"x{i}", self.static) for i, value in enumerate(values)]
            result = self.build(*inputs)
            self.made["graph"] = inputs, list(result) if isinstance(result, (list, tuple)) else [result]
        return self.made["graph"]

    @property
    def floats(self) -> list[int]:
        """The positions of the inputs that have gradients."""
        return [i for i, v in enumerate(self.values) if not is_generator(v) and np.asarray(v).dtype.kind == "f"]


def smooth(name: str, build: Callable[..., Any], *values: Any, **kwargs: Any) -> Case:
    """A case with a gradient."""
    return Case(name, build, list(values), smooth=True, **kwargs)


def plain(name: str, build: Callable[..., Any], *values: Any, **kwargs: Any) -> Case:
    """A case without one."""
    return Case(name, build, list(values), **kwargs)


@dataclass(frozen=True)
class ScalarCase:
    """One scalar Op.

    Attributes
    ----------
    op : ScalarOp
        The Op.
    domains : tuple
        For each input the numbers that it gets. Inputs meet in every combination.
    smooth : tuple or None
        For each input numbers at which the Op is differentiable. None where there's no gradient to check.
    dtypes : tuple of str
        Dtypes to try. A combination that the Op's type rule refuses is left out.
    fixed : dict
        Dtypes of inputs that stay as they are.
    rtol : float or None
        How far linkers may differ in double precision, where that's more than rounding.
    """

    op: ScalarOp
    domains: tuple[tuple[float, ...], ...]
    smooth: tuple[tuple[float, ...], ...] | None = None
    dtypes: tuple[str, ...] = DTYPES
    fixed: dict[int, str] = field(default_factory=dict)
    rtol: float | None = None

    @property
    def id(self) -> str:
        """A name for reports."""
        return f"{type(self.op).__name__}-{self.op}"

    def arrays(self, dtype: str) -> list[np.ndarray]:
        """Return an array for each input, such that they broadcast to all combinations."""
        arrays = []
        for i, numbers in enumerate(self.domains):
            shape = [1] * len(self.domains)
            shape[i] = -1
            arrays.append(_as_dtype(numbers, self.fixed.get(i, dtype)).reshape(shape))
        return arrays

    def graph(self) -> tuple[list[Variable], list[Variable], list[np.ndarray], list[str]]:
        """Return a graph that applies the Op to arrays of each dtype that it takes.

        Returns
        -------
        tuple
            Inputs, outputs, values of the inputs, and for each output the dtype that it was made for.
        """
        inputs: list[Variable] = []
        outputs: list[Variable] = []
        values: list[np.ndarray] = []
        taken: list[str] = []
        for dtype in self.dtypes:
            arrays = self.arrays(dtype)
            variables = [TensorType(str(a.dtype), (None,) * a.ndim)() for a in arrays]
            try:
                results = Elemwise(self.op)(*variables, return_list=True)
            except TypeError:
                continue
            inputs += variables
            values += arrays
            outputs += results
            taken += [dtype] * len(results)
        return inputs, outputs, values, taken


def _as_dtype(numbers: tuple[float, ...], dtype: str) -> np.ndarray:
    """Return numbers as an array: those that the dtype can hold, and the ends of its range in place of the others."""
    kind = np.dtype(dtype).kind
    if kind == "b":
        return np.array([False, True])
    if kind in "iu":
        info = np.iinfo(dtype)
        whole = {int(number) for number in numbers if np.isfinite(number)}
        fitting = sorted(number for number in whole if info.min <= number <= info.max)
        ends = [info.min, info.max] if np.inf in numbers else []
        return np.array(fitting + ends, dtype=dtype)
    if kind == "c":
        real = np.array([number for number in numbers if np.isfinite(number)])
        return (real + 1j * real[::-1]).astype(dtype)
    return np.array(numbers, dtype=dtype)
