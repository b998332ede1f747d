"""Complex numbers and their parts.

The gradient of a real cost with respect to a complex number has the derivatives with respect to the
real and the imaginary part for its parts.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from aesaralite.graph.null_type import DisconnectedType, NullType
from aesaralite.scalar.arithmetic import mul, sub
from aesaralite.scalar.dtypes import is_complex, is_discrete
from aesaralite.scalar.op import BinaryScalarOp, UnaryScalarOp, float_zeros
from aesaralite.scalar.output_types import complex_out, real_float_out, real_out, same_out_min8
from aesaralite.scalar.trigonometric import cos, sin


class _PartOp(UnaryScalarOp):
    """A function of a complex number that isn't holomorphic; `pull` takes care of conjugates itself."""

    def L_op(self, inputs: Any, outputs: Any, output_gradients: Any) -> Any:
        (x,), (out,), (g,) = inputs, outputs, output_gradients
        if isinstance(g.type, NullType | DisconnectedType):
            return [g.type()]
        if is_discrete(out.type.dtype):
            return [float_zeros(x)]
        return [self.pull(g, x, out)]


def _in_full_precision(x: Any) -> Any:
    """Return integers and half floats as float64, as NumPy's functions would compute in half precision."""
    x = np.asarray(x)
    return x if x.dtype.kind in "fc" and x.dtype != np.float16 else x.astype("float64")


class Real(_PartOp, symbol="real", types=real_out):
    """The real part."""

    def compute(self, x: Any) -> Any:
        return np.array(np.real(x))

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return complex(g, g.zeros_like()) if is_complex(x.type.dtype) else g


class Imag(_PartOp, symbol="imag", types=real_out):
    """The imaginary part; zero for a real number."""

    def compute(self, x: Any) -> Any:
        return np.array(np.imag(x))

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return complex(g.zeros_like(), g) if is_complex(x.type.dtype) else float_zeros(x)


class Conj(_PartOp, symbol="conj", types=same_out_min8, nfunc="conj"):
    """The complex conjugate; a real number itself."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return conj(g)


class Angle(_PartOp, symbol="angle", types=real_float_out):
    """The argument of a complex number; zero or pi for a real one."""

    def compute(self, x: Any) -> Any:
        return np.angle(_in_full_precision(x))

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        if not is_complex(x.type.dtype):
            return float_zeros(x)
        size2 = real(x) * real(x) + imag(x) * imag(x)
        return complex(-g * imag(x) / size2, g * real(x) / size2)


class Complex(BinaryScalarOp, symbol="complex", types=complex_out):
    """The complex number of a real and an imaginary part."""

    def compute(self, x: Any, y: Any) -> Any:
        # y * 1j would give nan for an infinite y
        x, y = np.broadcast_arrays(x, y)
        result = np.empty(x.shape, np.result_type(x, y, np.complex64))
        result.real = x
        result.imag = y
        return result

    def L_op(self, inputs: Any, outputs: Any, output_gradients: Any) -> Any:
        (g,) = output_gradients
        if isinstance(g.type, NullType | DisconnectedType):
            return [g.type(), g.type()]
        return [real(g), imag(g)]


class ComplexFromPolar(BinaryScalarOp, symbol="complex_from_polar", types=complex_out):
    """The complex number of a modulus and an argument."""

    def compute(self, r: Any, theta: Any) -> Any:
        r, theta = _in_full_precision(r), _in_full_precision(theta)
        theta = theta.astype(np.result_type(r, theta))
        return complex.compute(r * np.cos(theta), r * np.sin(theta))

    def L_op(self, inputs: Any, outputs: Any, output_gradients: Any) -> Any:
        r, theta = inputs
        (g,) = output_gradients
        if isinstance(g.type, NullType | DisconnectedType):
            return [g.type(), g.type()]
        along = real(g) * cos(theta) + imag(g) * sin(theta)
        across = sub(imag(g) * cos(theta), real(g) * sin(theta))
        return [along, mul(r, across)]


real = Real()
imag = Imag()
conj = conjugate = Conj()
angle = Angle()
complex = Complex()
complex_from_polar = ComplexFromPolar()
