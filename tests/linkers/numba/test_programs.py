"""Random programs: whatever is fused, reused or written in place, the values are those of the definition."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from support.numba_programs import compare

import aesaralite.tensor as at

SIZE = 4


def step(draw, vectors, matrices, scalars):
    """Make one more variable of those there are; all sizes are SIZE, but nobody tells the compiler."""

    def pick(pool):
        return pool[draw(st.integers(0, len(pool) - 1))]

    v, w = pick(vectors), pick(vectors)
    m, n = pick(matrices), pick(matrices)
    s = pick(scalars)
    axis = draw(st.integers(0, 1))
    index = at.argmax(v)
    makers = [
        (vectors, lambda: v + w * s),
        (vectors, lambda: at.tanh(v) * w),
        (vectors, lambda: v[::-1]),
        (vectors, lambda: at.concatenate([v[1:], w[:1]])),
        (vectors, lambda: at.set_subtensor(v[1:3], w[:2])),
        (vectors, lambda: at.inc_subtensor(v[index], s)),
        (vectors, lambda: at.set_subtensor(v[:2], v[2:])),
        (vectors, lambda: v[at.stack([index, 0, at.argmin(w), -1])]),
        (vectors, lambda: at.dot(m, v)),
        (vectors, lambda: at.dot(v[::-1], m.T)),
        (vectors, lambda: m.sum(axis=axis)),
        (vectors, lambda: m.max(axis=axis) - w),
        (vectors, lambda: m[index]),
        (vectors, lambda: m.flatten()[:SIZE]),
        (vectors, lambda: at.switch(v > s, v, w)),
        (matrices, lambda: m * v + n),
        (matrices, lambda: m.T - v.dimshuffle(0, "x")),
        (matrices, lambda: at.dot(m, n) * 0.1),
        (matrices, lambda: at.dot(m.T, n[::-1]) * 0.1),
        (matrices, lambda: at.outer(v, w)),
        (matrices, lambda: at.special.softmax(m, axis=axis)),
        (matrices, lambda: m - m.mean(axis=axis, keepdims=True)),
        (matrices, lambda: at.exp(m - abs(n).max(axis=axis, keepdims=True))),
        (matrices, lambda: n * m.sum(axis=axis).dimshuffle("x", 0)),
        (matrices, lambda: m[:, ::-1] - n[index]),
        (vectors, lambda: at.special.log_softmax(m, axis=axis)[0]),
        (vectors, lambda: at.logsumexp(m * 0.1, axis=axis)),
        (vectors, lambda: (m * n.max(axis=axis, keepdims=True)).var(axis=1 - axis)),
        (matrices, lambda: at.set_subtensor(m[:, 1], v)),
        (matrices, lambda: at.inc_subtensor(m[at.stack([index, index])], n[:2])),
        (matrices, lambda: at.concatenate([v.dimshuffle("x", 0), m[1:]])),
        (matrices, lambda: m.flatten()[::-1].reshape((SIZE, SIZE))),
        (matrices, lambda: at.stack([v, w, m[0], n[:, 1]])),
        (scalars, lambda: (v * w).sum()),
        (scalars, lambda: at.sqrt(abs(s)) + v[0]),
        (scalars, lambda: at.dot(v, w) * 0.1),
        (scalars, lambda: m.mean()),
        (scalars, lambda: n[index, -1]),
    ]
    pool, make = makers[draw(st.integers(0, len(makers) - 1))]
    pool.append(make())


@given(st.data())
def test_random_programs(data):
    vectors, matrices, scalars = list(at.dvectors("v", "w")), list(at.dmatrices("m", "n")), [at.dscalar("s")]
    inputs = [*vectors, *matrices, *scalars]
    for _ in range(data.draw(st.integers(1, 14))):
        step(data.draw, vectors, matrices, scalars)
    pool = [*vectors, *matrices, *scalars]
    chosen = data.draw(st.lists(st.sampled_from(range(len(pool))), min_size=1, max_size=3))
    outputs = [pool[-1], *(pool[k] for k in chosen)]
    states, updates = {}, []
    for variable, group in ((inputs[0], vectors), (inputs[1], vectors), (inputs[2], matrices), (inputs[4], scalars)):
        if data.draw(st.booleans()):
            states[variable] = len(outputs) + len(updates)
            updates.append(group[data.draw(st.integers(0, len(group) - 1))])
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    values = [rng.normal(size=shape) for shape in [SIZE, SIZE, (SIZE, SIZE), (SIZE, SIZE), ()]]
    compare(inputs, [*outputs, *updates], values, states, rtol=1e-8, atol=1e-8)
