"""Trigonometric and hyperbolic functions, and their inverses."""

from __future__ import annotations

from typing import Any

import numpy as np

from aesaralite.scalar.arithmetic import sqr, sqrt
from aesaralite.scalar.op import BinaryScalarOp, UnaryScalarOp
from aesaralite.scalar.output_types import upgrade_to_float, upgrade_to_float_no_complex


class Sin(UnaryScalarOp, symbol="sin", types=upgrade_to_float, nfunc="sin"):
    """The sine."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return g * cos(x)


class Cos(UnaryScalarOp, symbol="cos", types=upgrade_to_float, nfunc="cos"):
    """The cosine."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return -g * sin(x)


class Tan(UnaryScalarOp, symbol="tan", types=upgrade_to_float, nfunc="tan"):
    """The tangent."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return g / sqr(cos(x))


class ArcSin(UnaryScalarOp, symbol="arcsin", types=upgrade_to_float, nfunc="arcsin"):
    """The inverse of the sine."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return g / sqrt(1 - sqr(x))


class ArcCos(UnaryScalarOp, symbol="arccos", types=upgrade_to_float, nfunc="arccos"):
    """The inverse of the cosine."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return -g / sqrt(1 - sqr(x))


class ArcTan(UnaryScalarOp, symbol="arctan", types=upgrade_to_float, nfunc="arctan"):
    """The inverse of the tangent."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return g / (1 + sqr(x))


class ArcTan2(BinaryScalarOp, symbol="arctan2", types=upgrade_to_float_no_complex, nfunc="arctan2"):
    """The angle of the point whose ordinate is the first and whose abscissa the second number."""

    def pull(self, g: Any, y: Any, x: Any, out: Any) -> Any:
        radius2 = sqr(x) + sqr(y)
        return g * x / radius2, -g * y / radius2


class Sinh(UnaryScalarOp, symbol="sinh", types=upgrade_to_float, nfunc="sinh"):
    """The hyperbolic sine."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return g * cosh(x)


class Cosh(UnaryScalarOp, symbol="cosh", types=upgrade_to_float, nfunc="cosh"):
    """The hyperbolic cosine."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return g * sinh(x)


class Tanh(UnaryScalarOp, symbol="tanh", types=upgrade_to_float, nfunc="tanh"):
    """The hyperbolic tangent."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return g * (1 - sqr(tanh(x)))


class ArcSinh(UnaryScalarOp, symbol="arcsinh", types=upgrade_to_float, nfunc="arcsinh"):
    """The inverse of the hyperbolic sine."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return g / sqrt(sqr(x) + 1)


class ArcCosh(UnaryScalarOp, symbol="arccosh", types=upgrade_to_float, nfunc="arccosh"):
    """The inverse of the hyperbolic cosine."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        # the product of two roots has the right branch for complex numbers, and is real for x >= 1
        return g / (sqrt(x - 1) * sqrt(x + 1))


class ArcTanh(UnaryScalarOp, symbol="arctanh", types=upgrade_to_float, nfunc="arctanh"):
    """The inverse of the hyperbolic tangent."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return g / (1 - sqr(x))


class Deg2Rad(UnaryScalarOp, symbol="deg2rad", types=upgrade_to_float_no_complex, nfunc="deg2rad"):
    """An angle given in degrees, in radians."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return g * float(np.pi / 180)


class Rad2Deg(UnaryScalarOp, symbol="rad2deg", types=upgrade_to_float_no_complex, nfunc="rad2deg"):
    """An angle given in radians, in degrees."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return g * float(180 / np.pi)


sin = Sin()
cos = Cos()
tan = Tan()
arcsin = ArcSin()
arccos = ArcCos()
arctan = ArcTan()
arctan2 = ArcTan2()
sinh = Sinh()
cosh = Cosh()
tanh = Tanh()
arcsinh = ArcSinh()
arccosh = ArcCosh()
arctanh = ArcTanh()
deg2rad = radians = Deg2Rad()
rad2deg = degrees = Rad2Deg()
