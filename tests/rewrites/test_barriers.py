import numpy as np
import pytest

import aesaralite
import aesaralite.tensor as at
from aesaralite.autodiff.barriers import GradientBarrier
from aesaralite.gradient import consider_constant, disconnected_grad, grad_clip, grad_scale, undefined_grad, zero_grad

BARRIERS = [
    consider_constant,
    disconnected_grad,
    zero_grad,
    undefined_grad,
    lambda x: grad_clip(x, -1, 1),
    lambda x: grad_scale(x, 2.0),
]


@pytest.mark.parametrize("barrier", BARRIERS)
@pytest.mark.parametrize("mode", ["FAST_COMPILE", "FAST_RUN"])
def test_barriers_leave_the_compiled_graph_and_stop_no_other_rewrite(barrier, mode):
    x = at.dvector("x")
    f = aesaralite.function([x], at.log(barrier(1 + x)), mode=mode)
    nodes = f.maker.fgraph.toposort()
    assert not any(isinstance(node.op, GradientBarrier) for node in nodes)
    assert len(nodes) == 1
    np.testing.assert_allclose(f([1e-30]), [1e-30])


def test_gradients_are_taken_before():
    x = at.dscalar("x")
    y = x * zero_grad(x)
    f = aesaralite.function([x], aesaralite.grad(y, x))
    assert f(3.0) == 3.0
