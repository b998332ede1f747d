"""What an exception says that was raised while a function ran."""

import inspect

import numpy as np
import pytest

import aesaralite
import aesaralite.tensor as at
from aesaralite import config
from aesaralite.compile.ops import as_op
from aesaralite.compile.runtime_errors import explain_error
from aesaralite.raise_op import CheckAndRaise


def here() -> int:
    return inspect.currentframe().f_back.f_lineno


class TestText:
    def test_shapes_that_do_not_fit(self, linker):
        x, y = at.dvectors("x", "y")
        line = here() + 1
        z = at.exp(x * 2) + y
        f = aesaralite.function([x, y], z)
        with pytest.raises(ValueError, match="broadcast") as caught:
            f(np.ones(3), np.ones(4))
        text = str(caught.value)
        assert "Apply node that caused the error:" in text
        assert "add" in text
        assert "TensorType(float64, (?,))" in text
        assert "(3,)" in text
        assert "(4,)" in text
        assert f'File "{__file__}", line {line}' in text
        assert "z = at.exp(x * 2) + y" in text
        assert "HINT" in text

    def test_index_out_of_range(self, linker):
        x, i = at.dvector("x"), at.lscalar("i")
        line = here() + 1
        f = aesaralite.function([x, i], x[i] * 2)
        with pytest.raises(IndexError) as caught:
            f(np.ones(3), 3)
        assert f'File "{__file__}", line {line}' in str(caught.value)
        assert "Subtensor" in str(caught.value)

    def test_type_and_text_of_a_check_are_kept(self, linker):
        x = at.dscalar("x")
        line = here() + 1
        checked = CheckAndRaise(LookupError, "x must be positive")(x, x > 0)
        f = aesaralite.function([x], checked * 2)
        with pytest.raises(LookupError, match=r"^x must be positive\n") as caught:
            f(-1)
        assert type(caught.value) is LookupError
        assert f'File "{__file__}", line {line}' in str(caught.value)

    def test_own_exceptions_of_python_code(self, linker):
        class Own(Exception):
            def __init__(self, a, b):
                super().__init__(a, b)
                self.both = (a, b)

        @as_op([at.dscalar], [at.dscalar])
        def fails(value):
            raise Own(1, 2)

        x = at.dscalar("x")
        with pytest.raises(Own) as caught:
            aesaralite.function([x], fails(x))(1)
        assert caught.value.both == caught.value.args == (1, 2)
        assert "FromFunctionOp{fails}" in caught.value.__notes__[0]

    def test_interrupts_are_left_alone(self, linker):
        @as_op([at.dscalar], [at.dscalar])
        def interrupted(value):
            raise KeyboardInterrupt

        x = at.dscalar("x")
        with pytest.raises(KeyboardInterrupt) as caught:
            aesaralite.function([x], interrupted(x))(1)
        assert caught.value.args == ()


class TestValues:
    @pytest.fixture(autouse=True)
    def _python_linker(self):
        with config.change_flags(linker="py"):
            yield

    def fail(self, *values, verbosity="low"):
        x, y = at.dvectors("x", "y")
        f = aesaralite.function([x, y], at.exp(x) + y, mode=aesaralite.Mode("py", None))
        with config.change_flags(exception_verbosity=verbosity), pytest.raises(ValueError) as caught:
            f(*values)
        return str(caught.value)

    def test_low(self):
        text = self.fail(np.zeros(2), np.ones(100))
        assert "Toposort index: 1" in text
        assert "Inputs shapes: [(2,), (100,)]" in text
        assert "Inputs strides: [(8,), (8,)]" in text
        assert "Inputs values: [array([1., 1.]), 'not shown']" in text
        assert "Outputs clients: [[output 0]]" in text
        assert "Debugprint" not in text

    def test_high(self):
        text = self.fail(np.zeros(2), np.ones(9), verbosity="high")
        assert "array([1., 1., 1., 1., 1., 1., 1., 1., 1.])" in text
        assert "Debugprint of the node" in text
        assert "x: TensorType" in text
        assert "exp" in text

    def test_an_error_is_explained_once(self):
        x = at.dscalar("x")
        node = (x + 1).owner
        error = explain_error(node, explain_error(node, ValueError("oh")))
        assert str(error).count("Apply node") == 1
        assert str(error).startswith("oh\n")
        assert "Inputs shapes" not in str(error)
        assert str(explain_error(node, ValueError())).startswith("Apply node")
        assert explain_error(node, KeyError("k")).__notes__[0].startswith("Apply node")
        assert "Inputs shapes: [(3,), No shapes]" in str(explain_error(node, ValueError("oh"), shapes=[(3,), None]))
