"""What functions with state must do, said in NumPy: expressions that can be built and computed, cells, and calls.

An expression is a tuple: ``("add", ("var", a), ("arg", "v", 0))``. `symbolic` makes a graph of it and `computed` its
value. A kind tells what it is: ``"v"``, a vector; ``"m"``, a matrix; ``"s"``, a number; ``"i"``, an index; ``"g"``, a
generator.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

import aesaralite.tensor as at
from aesaralite.compile.ops import as_op
from aesaralite.raise_op import Assert

Expr = tuple


class TooLarge(Exception):
    """Numbers have grown so large that a float's rounding matters."""


FAILURES = (IndexError, ValueError, AssertionError, ArithmeticError)
"""What a call may raise: shapes, indices, assertions, and the Python code that an Op calls."""
ZOO = np.array([0, -1, 0])
"""Indices that name an element twice."""


class Rule(NamedTuple):
    """How an operation is written, and what NumPy does in its place."""

    kind: str
    operands: str
    symbolic: Callable[..., Any]
    computed: Callable[..., Any]


def _changed(x: np.ndarray, index: Any, y: Any, add: bool = False) -> np.ndarray:
    x = x.copy()
    if add:
        np.add.at(x, index, y) if isinstance(index, np.ndarray) else x.__setitem__(index, x[index] + y)
    else:
        x[index] = y
    return x


def _must_hold(x: np.ndarray, condition: Any) -> np.ndarray:
    assert condition, "the condition of an assertion"
    return x


def _moody(x: np.ndarray) -> np.ndarray:
    if (x == 13).any():
        raise ArithmeticError("thirteen")
    return x[::-1] * 2


def _undefined(x: Any, s: Any) -> Any:
    """`x`, with a NaN on the way if `s` is negative, whatever the dtype."""
    return x + at.sqrt(at.minimum(at.cast(s, "float64"), 0) * 4).astype(x.dtype) * 0


_moody_ops: dict[str, Any] = {}


def _called_back(x: Any) -> Any:
    op = _moody_ops.get(x.dtype)
    if op is None:
        vector = at.TensorType(x.dtype, (None,))
        op = _moody_ops[x.dtype] = as_op([vector], [vector])(_moody)
    return op(x)


RULES: dict[str, Rule] = {
    "add": Rule("v", "vv", lambda x, y: x + y, lambda x, y: x + y),
    "sub": Rule("v", "vv", lambda x, y: x - y, lambda x, y: x - y),
    "shifted": Rule("v", "vs", lambda x, y: x + y, lambda x, y: x + y),
    "maximum": Rule("v", "vv", at.maximum, np.maximum),
    "reversed": Rule("v", "v", lambda x: x[::-1], lambda x: x[::-1]),
    "tail": Rule("v", "v", lambda x: x[1:], lambda x: x[1:]),
    "evens": Rule("v", "v", lambda x: x[::2], lambda x: x[::2]),
    "taken": Rule("v", "v", lambda x: x[ZOO], lambda x: x[ZOO]),
    "set": Rule("v", "vis", lambda x, i, y: at.set_subtensor(x[i], y), _changed),
    "inc": Rule("v", "vis", lambda x, i, y: at.inc_subtensor(x[i], y), lambda x, i, y: _changed(x, i, y, True)),
    "inc_taken": Rule("v", "vs", lambda x, y: at.inc_subtensor(x[ZOO], y), lambda x, y: _changed(x, ZOO, y, True)),
    "inc_part": Rule(
        "v", "vv", lambda x, y: at.inc_subtensor(x[1:], y), lambda x, y: _changed(x, slice(1, None), y, True)
    ),
    "set_part": Rule("v", "vv", lambda x, y: at.set_subtensor(x[:2], y), lambda x, y: _changed(x, slice(2), y)),
    "joined": Rule("v", "vv", lambda x, y: at.concatenate([x, y])[-5:], lambda x, y: np.concatenate([x, y])[-5:]),
    "cumsum": Rule("v", "v", at.cumsum, lambda x: np.cumsum(x, dtype=x.dtype)),
    "sorted": Rule("v", "v", at.sort, np.sort),
    "row": Rule("v", "mi", lambda x, i: x[i], lambda x, i: x[i]),
    "column": Rule("v", "mi", lambda x, i: x[:, i], lambda x, i: x[:, i]),
    "col_sums": Rule("v", "m", lambda x: x.sum(axis=0), lambda x: x.sum(axis=0, dtype=x.dtype)),
    "checked": Rule("v", "vs", lambda x, s: Assert("the condition")(x, s >= 0), lambda x, s: _must_hold(x, s >= 0)),
    "undefined": Rule("v", "vs", _undefined, lambda x, s: _must_hold(x, s >= 0)),
    "called_back": Rule("v", "v", _called_back, _moody),
    "m_add": Rule("m", "mm", lambda x, y: x + y, lambda x, y: x + y),
    "m_add_row": Rule("m", "mv", lambda x, y: x + y, lambda x, y: x + y),
    "transposed": Rule("m", "m", lambda x: x.T, lambda x: x.T),
    "m_reversed": Rule("m", "m", lambda x: x[::-1], lambda x: x[::-1]),
    "m_set_row": Rule("m", "miv", lambda x, i, y: at.set_subtensor(x[i], y), _changed),
    "m_inc_column": Rule(
        "m", "mis", lambda x, i, y: at.inc_subtensor(x[:, i], y), lambda x, i, y: _changed(x, np.s_[:, i], y, True)
    ),
    "m_joined": Rule("m", "mm", lambda x, y: at.concatenate([x, y])[-4:], lambda x, y: np.concatenate([x, y])[-4:]),
    "outer": Rule("m", "vv", lambda x, y: x[:4, None] + y[None, :4], lambda x, y: x[:4, None] + y[None, :4]),
    "s_add": Rule("s", "ss", lambda x, y: x + y, lambda x, y: x + y),
    "item": Rule("s", "vi", lambda x, i: x[i], lambda x, i: x[i]),
    "total": Rule("s", "v", lambda x: x.sum(), lambda x: x.sum(dtype=x.dtype)),
    # of a variable or an argument only: to know the size of an expression, nothing needs to be computed that may fail
    "size": Rule("s", "V", lambda x: x.size.astype(x.dtype), lambda x: np.asarray(x.size, x.dtype)),
}

DRAWS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "integers": (
        lambda rng: at.random.integers(-8, 9, size=(3,), rng=rng, dtype="int64"),
        lambda rng: rng.integers(-8, 9, size=3, dtype="int64"),
    ),
    "poisson": (lambda rng: at.random.poisson(5.0, size=(3,), rng=rng), lambda rng: rng.poisson(5.0, size=3)),
}
"""Distributions of numbers that every dtype here holds: with which they are drawn, and what NumPy draws."""

CONSTANTS = {"v": [3, -1, 2], "m": [[1, 2, 3], [4, 5, 6]], "s": 2, "i": 1}


@dataclass(eq=False)
class Cell:
    """What a container holds, as the model has it, and what the user has of its memory.

    Attributes
    ----------
    value
        An array, or a generator, that nobody else holds.
    lent
        The stored object itself, if the user has borrowed it or given it with ``borrow=True``, and no function has
        updated the cell since.
    """

    value: Any
    lent: Any = None


@dataclass(eq=False)
class Var:
    """A shared variable and its model."""

    name: str
    kind: str
    symbol: Any
    cell: Cell
    default: Expr | None = None

    def __repr__(self) -> str:
        return self.name


def operands_of(expr: Expr) -> Iterable[Expr]:
    return [part for part in expr[1:] if isinstance(part, tuple)]


def leaves(expr: Expr, what: str) -> dict[Any, None]:
    """The leaves of an expression that begin so, each once, in order: of ``("arg", "v", 0)`` it's ``("v", 0)``."""
    if expr[0] == what:
        return {expr[1] if what == "var" else expr[1:]: None}
    return {leaf: None for part in operands_of(expr) for leaf in leaves(part, what)}


def mapped(expr: Expr, of_var: Callable[[Var], Var]) -> Expr:
    """The expression of other variables."""
    if expr[0] == "var":
        return ("var", of_var(expr[1]))
    return tuple(mapped(part, of_var) if isinstance(part, tuple) else part for part in expr)


def operators(exprs: Iterable[Expr]) -> set[str]:
    """The names of all that is applied in the expressions."""
    return {name for expr in exprs for name in (expr[0], *operators(operands_of(expr)))}


def substituted(expr: Expr, givens: Mapping[Var, Expr]) -> Expr:
    """The expression with others in the place of variables."""
    if expr[0] == "var":
        return givens.get(expr[1], expr)
    return tuple(substituted(part, givens) if isinstance(part, tuple) else part for part in expr)


def symbolic(expr: Expr, given: Mapping[Any, Any], dtype: str, memo: dict[Expr, Any]) -> Any:
    """The graph of an expression. A draw that stands in it twice is made once."""
    if expr in memo:
        return memo[expr]
    head = expr[0]
    if head == "var":
        result = expr[1].symbol
    elif head in ("arg", "own"):
        result = given[expr]
    elif head == "const":
        result = at.constant(np.array(CONSTANTS[expr[1]], "int64" if expr[1] == "i" else dtype))
    elif head == "draw":
        node = DRAWS[expr[1]][0](symbolic(expr[2], given, dtype, memo)).owner
        memo["after", expr] = node.outputs[0]
        result = at.cast(node.outputs[1], dtype)
    elif head == "after":
        symbolic(expr[1], given, dtype, memo)
        result = memo[expr]
    else:
        result = RULES[head].symbolic(*(symbolic(part, given, dtype, memo) for part in operands_of(expr)))
    memo[expr] = result
    return result


def computed(expr: Expr, values: Mapping[Any, Any], dtype: str, memo: dict[Expr, Any]) -> Any:
    """The value of an expression, given those of its variables and arguments, none of which it changes."""
    if expr in memo:
        return memo[expr]
    head = expr[0]
    if head == "var":
        result = values[expr[1]]
    elif head in ("arg", "own"):
        result = values[expr]
    elif head == "const":
        result = np.array(CONSTANTS[expr[1]], "int64" if expr[1] == "i" else dtype)
    elif head == "draw":
        generator = copy.deepcopy(computed(expr[2], values, dtype, memo))
        result = DRAWS[expr[1]][1](generator).astype(dtype)
        memo["after", expr] = generator
    elif head == "after":
        computed(expr[1], values, dtype, memo)
        result = memo[expr]
    else:
        operands = [computed(part, values, dtype, memo) for part in operands_of(expr)]
        with np.errstate(all="ignore"):
            result = np.asarray(RULES[head].computed(*operands))
    memo[expr] = result
    return result


@dataclass(eq=False)
class Func:
    """A compiled function and its model.

    Attributes
    ----------
    outputs
        Expressions, of the variables with which the function was made.
    updates
        The next values of shared variables, and of the function's own state, whose keys are ``("own", kind, k)``.
    args
        ``("arg", kind, k)``, in order.
    own
        The cells of inputs with a default, by ``("own", kind, k)``.
    bound
        For each variable with which it was made, the one it uses now.
    """

    name: str
    compiled: Any
    dtype: str
    form: str
    outputs: list[Expr]
    updates: dict[Any, Expr]
    args: list[Expr]
    own: dict[Expr, Cell]
    bound: dict[Var, Var]
    borrows: bool = False

    def __repr__(self) -> str:
        return self.name

    def cell_of(self, target: Any) -> Cell:
        return self.own[target] if isinstance(target, tuple) else self.bound[target].cell

    def cells(self) -> list[Cell]:
        """All cells that a call reads or writes."""
        return [*(var.cell for var in self.bound.values()), *self.own.values()]

    def updated_cells(self) -> list[Cell]:
        return [self.cell_of(target) for target in self.updates]

    def evaluate(self, args: Mapping[Expr, Any], state: Mapping[Cell, Any]) -> tuple[list[Any], dict[Cell, Any]]:
        """Return what a call returns, and the new contents of cells.

        Parameters
        ----------
        args
            Arguments, those that stand in place of the function's own state included.
        state
            The contents of all cells.

        Raises
        ------
        TooLarge
            If numbers come up whose sums depend on the order.
        """
        values: dict[Any, Any] = {var: state[now.cell] for var, now in self.bound.items()}
        values.update({key: state[cell] for key, cell in self.own.items()})
        values.update(args)
        memo: dict[Expr, Any] = {}
        outputs = [computed(expr, values, self.dtype, memo) for expr in self.outputs]
        after = {
            self.cell_of(target): computed(expr, values, self.dtype, memo) for target, expr in self.updates.items()
        }
        if not _is_exact(memo.values(), self.dtype):
            raise TooLarge
        return [as_own(value) for value in outputs], {cell: as_own(value) for cell, value in after.items()}


def as_own(value: Any) -> Any:
    """A copy that shares nothing with the value."""
    return value.copy() if isinstance(value, np.ndarray) else copy.deepcopy(value)


def _is_exact(values: Iterable[Any], dtype: str) -> bool:
    limit = {"float64": 2.0**40, "float32": 2.0**18}.get(dtype)
    arrays = [value for value in values if isinstance(value, np.ndarray) and value.size]
    return limit is None or all(np.abs(array).max() < limit for array in arrays)


def same(a: Any, b: Any) -> bool:
    """Whether two values are the same: dtype, shape and every element; of generators, the state."""
    if isinstance(a, np.random.Generator):
        return isinstance(b, np.random.Generator) and repr(a.bit_generator.state) == repr(b.bit_generator.state)
    return type(b) is np.ndarray and a.dtype == b.dtype and a.shape == b.shape and np.array_equal(a, b)
