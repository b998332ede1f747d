"""`numeric_grad` and `verify_grad`."""

import numpy as np
import pytest

import aesaralite
import aesaralite.tensor as at
from aesaralite.gradient import GradientError, numeric_grad, verify_grad, zero_grad

PY = aesaralite.Mode(linker="py")


class TestNumericGrad:
    def test_of_several(self):
        result = numeric_grad(lambda a, b: (a * b).sum(), [np.ones(3), np.arange(3.0)])
        np.testing.assert_allclose(result.gf[0], np.arange(3.0), atol=1e-8)
        np.testing.assert_allclose(result.gf[1], np.ones(3), atol=1e-8)

    def test_of_one(self):
        result = numeric_grad(lambda a: (a * a).sum(), np.ones((2, 2)))
        np.testing.assert_allclose(result.gf, np.full((2, 2), 2.0))

    @pytest.mark.parametrize("order", ["C", "F"])
    def test_in_any_layout(self, order):
        weights = np.arange(6.0).reshape(2, 3)
        result = numeric_grad(lambda a: (a * weights).sum(), np.ones((2, 3), order=order))
        np.testing.assert_allclose(result.gf, weights, atol=1e-8)

    def test_point_is_left_alone(self):
        point = np.ones(2)
        numeric_grad(lambda a: a.sum(), point)
        np.testing.assert_array_equal(point, np.ones(2))

    def test_float32(self):
        result = numeric_grad(lambda a: np.exp(a).sum(), np.array([0.5, 1.0], "float32"))
        np.testing.assert_allclose(result.gf, np.exp([0.5, 1.0]), rtol=1e-3)
        assert result.gf.dtype == "float32"

    def test_errors(self):
        result = numeric_grad(lambda a: (a * a).sum(), np.ones(3))
        arg, position, abs_err, rel_err = result.max_err(np.array([2.0, 5.0, 2.0]), 1e-4, 1e-4)
        assert (arg, position) == (0, 1)
        np.testing.assert_allclose([abs_err, rel_err], [3.0, 3.0 / 7.0], rtol=1e-6)

    def test_nan_is_the_largest_error(self):
        result = numeric_grad(lambda a: (a * a).sum(), np.ones(3))
        assert result.max_err(np.array([9.0, np.nan, 2.0]), 1e-4, 1e-4)[1] == 1

    def test_shapes_must_agree(self):
        result = numeric_grad(lambda a: a.sum(), np.ones(3))
        with pytest.raises(ValueError, match="shape"):
            result.abs_rel_errors(np.ones(2))
        with pytest.raises(ValueError, match="Expected 1 gradients"):
            result.abs_rel_errors([np.ones(3), np.ones(3)])


class TestVerifyGrad:
    def test_right(self):
        verify_grad(lambda x, y: at.tanh(x) * y, [np.ones((2, 3)), np.ones(3)], mode=PY)

    def test_takes_ops(self):
        verify_grad(at.exp, [np.ones((2, 3))], rng=np.random.RandomState(1), mode=PY)

    def test_wrong(self):
        with pytest.raises(GradientError, match=r"position .* of argument 0 with shape") as caught:
            verify_grad(lambda x: zero_grad(x) * x, [np.array([1.0, 2.0])], mode=PY)
        error = caught.value
        assert (error.arg, error.shape, error.abs_tol) == (0, (2,), 1e-4)
        np.testing.assert_allclose(error.val2, 2 * error.val1, rtol=1e-6)

    def test_one_wrong_element(self):
        def almost(x):
            return at.set_subtensor(x[1], zero_grad(x[1]))

        with pytest.raises(GradientError) as caught:
            verify_grad(almost, [np.ones(3)], mode=PY)
        assert caught.value.err_pos == 1

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_dtypes(self, dtype):
        verify_grad(lambda x: at.exp(x).sum(), [np.linspace(-1, 1, 5).astype(dtype)], mode=PY)

    def test_unused_argument(self):
        verify_grad(lambda x, y: x * 2, [np.ones(2), np.ones(2)], mode=PY)

    def test_of_an_integer(self):
        verify_grad(lambda x: at.cast(x, "int64"), [np.array([0.5, 1.5])], mode=PY)

    def test_refuses(self):
        with pytest.raises(TypeError, match="floating point"):
            verify_grad(at.exp, [np.ones(3, "int64")])
        with pytest.raises(TypeError, match="list or tuple"):
            verify_grad(at.exp, np.ones(3))
        with pytest.raises(NotImplementedError, match="multiple outputs"):
            verify_grad(lambda x: [x, x], [np.ones(3)])
