"""Functions with state of every kind, for tests that break calls off."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import aesaralite
import aesaralite.tensor as at
from aesaralite.compile.mode import Mode
from aesaralite.compile.ops import as_op
from aesaralite.graph.basic import Apply
from aesaralite.graph.generators import frozen_state, is_generator
from aesaralite.graph.op import Op
from aesaralite.raise_op import Assert
from aesaralite.tensor.slinalg import cholesky


@dataclass
class Bound:
    """A function, what to call it with, and its state."""

    function: Any
    arguments: Sequence[Any]
    states: Sequence[Any]

    def call(self) -> Any:
        return self.function(*self.arguments)

    def snapshot(self) -> list[Any]:
        """The state, in a form that is equal if and only if no bit differs."""
        return [_bits(state.get_value(borrow=True)) for state in self.states]


def _bits(value: Any) -> Any:
    if is_generator(value):
        return repr(frozen_state(value))
    array = np.asarray(value)
    return array.dtype.str, array.shape, array.tobytes()


class Same(Op):
    """An Op without a lowering, which calls a function on its way."""

    __props__ = ("name",)
    hook: Callable[[], None] = staticmethod(lambda: None)

    def __init__(self, name: str = "same") -> None:
        self.name = name

    def make_node(self, x: Any) -> Apply:
        return Apply(self, [x], [x.type()])

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: list[list[Any]]) -> None:
        Same.hook()
        output_storage[0][0] = np.array(inputs[0])


def _vector(*numbers: float) -> Any:
    return aesaralite.shared(np.array(numbers, dtype="float64"))


def _function(inputs: Sequence[Any], outputs: Any, updates: Any, mode: Mode) -> Any:
    return aesaralite.function(inputs, outputs, updates=updates, mode=mode, on_unused_input="ignore")


X = np.array([1.0, -2.0, 3.0])


def two_states(mode: Mode) -> Bound:
    s, t, x = _vector(1, 2, 3), _vector(4, 5, 6), at.dvector("x")
    f = _function([x], [x.sum(), s * t], [(s, s + x), (t, t * 2 + s)], mode)
    return Bound(f, [X], [s, t])


def used_again(mode: Mode) -> Bound:
    """The new state goes on into results, one of which is sorted."""
    s, t, x = _vector(1, 2, 3), _vector(4, 5, 6), at.dvector("x")
    new = s + at.exp(x)
    f = _function([x], [at.sort(new), at.cumsum(new * 2), new.sum()], [(s, new), (t, at.sort(new * t))], mode)
    return Bound(f, [X], [s, t])


def late_sizes(mode: Mode) -> Bound:
    """Results whose sizes depend on the new state."""
    s, n, x = _vector(1, 2, 3), aesaralite.shared(np.int64(2)), at.dvector("x")
    new, count = s + x, n + 1
    outputs = [at.arange(count), new[new > 0], at.alloc(new.sum(), count, count), at.repeat(new, count)]
    f = _function([x], outputs, [(s, new), (n, count)], mode)
    return Bound(f, [X], [s, n])


def grown(mode: Mode) -> Bound:
    """One state changes its shape, another doesn't."""
    s, t, x = _vector(1, 2, 3), _vector(4, 5, 6), at.dvector("x")
    f = _function([x], s.sum(), [(s, at.concatenate([s, x])), (t, t + x)], mode)
    return Bound(f, [X], [s, t])


def counted(mode: Mode) -> Bound:
    s, n, total = _vector(1, 2, 3), aesaralite.shared(0), aesaralite.shared(0.0)
    f = _function([], [s, n], [(s, s * 2), (n, n + 1), (total, total + s.sum())], mode)
    return Bound(f, [], [s, n, total])


def indexed(mode: Mode) -> Bound:
    s, t = _vector(1, 2, 3), aesaralite.shared(np.zeros((3, 3)))
    i, v = at.lscalar("i"), at.lvector("v")
    updates = [(s, at.inc_subtensor(s[i], 5.0)), (t, at.inc_subtensor(t[v, i], s[v]))]
    f = _function([i, v], [s[v], t[i]], updates, mode)
    return Bound(f, [np.int64(1), np.array([0, 0, 2])], [s, t])


def swapped(mode: Mode) -> Bound:
    s, t = _vector(1, 2, 3), _vector(4, 5, 6)
    f = _function([], s - t, [(s, t), (t, s)], mode)
    return Bound(f, [], [s, t])


def aliased(mode: Mode) -> Bound:
    """Two states of one array, and an argument that is part of it."""
    whole = np.arange(6.0)
    s, t = (aesaralite.shared(whole, borrow=True) for _ in range(2))
    x = at.dvector("x")
    f = _function([x], s.sum(), [(s, s + t), (t, at.set_subtensor(t[:3], x))], mode)
    return Bound(f, [whole[3:]], [s, t])


def checked(mode: Mode) -> Bound:
    s, t, x = _vector(1, 2, 3), _vector(4, 5, 6), at.dvector("x")
    good = Assert("finite")(x, at.eq(x, x).all())
    f = _function([x], good.max(), [(s, s + good), (t, at.dot(at.outer(t, good), s))], mode)
    return Bound(f, [X], [s, t])


def factored(mode: Mode) -> Bound:
    s, x = aesaralite.shared(np.eye(3) * 4), at.dmatrix("x")
    new = s + at.dot(x, x.T)
    f = _function([x], cholesky(new), [(s, new)], mode)
    return Bound(f, [np.arange(9.0).reshape(3, 3)], [s])


def drawn(mode: Mode) -> Bound:
    a, b = (aesaralite.shared(np.random.default_rng(k)) for k in (1, 2))
    s, p = _vector(1, 2, 3), at.dvector("p")
    normal, gamma = at.random.normal(s, size=3, rng=a), at.random.gamma(2.0, rng=b)
    counts = at.random.multinomial(9, p, rng=normal.owner.outputs[0])
    updates = [(a, counts.owner.outputs[0]), (b, gamma.owner.outputs[0]), (s, s + normal * gamma)]
    f = _function([p], [counts, at.random.permutation(5, rng=gamma.owner.outputs[0])], updates, mode)
    return Bound(f, [np.array([0.25, 0.5, 0.25])], [a, b, s])


def called_back(mode: Mode) -> Bound:
    s, t, x = _vector(1, 2, 3), _vector(4, 5, 6), at.dvector("x")
    new = s + Same("first")(x)
    f = _function([x], Same("last")(new * t), [(s, new), (t, Same("second")(new) + t)], mode)
    return Bound(f, [X], [s, t])


def drawn_by_python(mode: Mode) -> Bound:
    a, s = aesaralite.shared(np.random.default_rng(1)), _vector(1, 2, 3)

    @as_op([at.dvector], [at.dvector])
    def doubled(x: Any) -> Any:
        Same.hook()
        return x * 2

    draw = at.random.normal(s, rng=a)
    f = _function([], draw, [(a, draw.owner.outputs[0]), (s, doubled(draw))], mode)
    return Bound(f, [], [a, s])


def stretched(mode: Mode) -> Bound:
    """Shapes that are to be broadcast."""
    s, t, x = _vector(1, 2, 3), aesaralite.shared(np.ones((2, 3))), at.dvector("x")
    f = _function([x], [s * x, t - x], [(s, s + x), (t, t * x + s)], mode)
    return Bound(f, [np.array([2.0])], [s, t])


def large(mode: Mode) -> Bound:
    s, x = aesaralite.shared(np.arange(5000.0)), at.dvector("x")
    f = _function([x], [at.sort(s * x), (s * x)[::-1].cumsum()], [(s, at.sort(s + x) * 0.5)], mode)
    return Bound(f, [np.sin(np.arange(5000.0))], [s])


PROGRAMS = [
    *(two_states, used_again, late_sizes, grown, counted, indexed, swapped, aliased, checked, factored),
    *(drawn, called_back, drawn_by_python, stretched, large),
]
