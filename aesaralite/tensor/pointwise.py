"""The public elementwise functions.

Most are `Elemwise` instances, one a line; the names are Aesara's, then NumPy's. Their arguments are tensors, arrays or
Python numbers, which broadcast together.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from aesaralite import scalar as aes
from aesaralite.errors import ComplexError
from aesaralite.graph.arguments import as_flag, is_one_of
from aesaralite.scalar.dtypes import is_complex, is_discrete, is_weak, normalize_dtype
from aesaralite.tensor.convert import as_tensor_variable, literal
from aesaralite.tensor.elementwise import Elemwise, cast_elemwise


def _pointwise(scalar_op: aes.ScalarOp) -> Elemwise:
    """Return the Op that applies a scalar Op to every element, with its documentation."""
    op = Elemwise(scalar_op)
    op.__doc__ = f"{type(scalar_op).__doc__}\n\nApplied to every element; the arguments broadcast together."
    return op


# Arithmetic
add = _pointwise(aes.add)
sub = subtract = _pointwise(aes.sub)
mul = multiply = _pointwise(aes.mul)
true_div = true_divide = divide = _pointwise(aes.true_div)
int_div = floor_div = floor_divide = _pointwise(aes.int_div)
mod = remainder = _pointwise(aes.mod)
fmod = _pointwise(aes.fmod)
pow = power = _pointwise(aes.pow)
neg = negative = _pointwise(aes.neg)
positive = _pointwise(aes.positive)
abs = abs_ = absolute = _pointwise(aes.abs)
sgn = sign = _pointwise(aes.sgn)
sqr = square = _pointwise(aes.sqr)
sqrt = _pointwise(aes.sqrt)
cbrt = _pointwise(aes.cbrt)
reciprocal = inv = _pointwise(aes.reciprocal)
maximum = _pointwise(aes.scalar_maximum)
minimum = _pointwise(aes.scalar_minimum)
fmax = _pointwise(aes.fmax)
fmin = _pointwise(aes.fmin)
hypot = _pointwise(aes.hypot)
copysign = _pointwise(aes.copysign)
nextafter = _pointwise(aes.nextafter)
spacing = _pointwise(aes.spacing)
heaviside = _pointwise(aes.heaviside)
gcd = _pointwise(aes.gcd)
lcm = _pointwise(aes.lcm)

# Comparison
eq = equal = _pointwise(aes.eq)
neq = not_equal = _pointwise(aes.neq)
lt = less = _pointwise(aes.lt)
gt = greater = _pointwise(aes.gt)
le = less_equal = _pointwise(aes.le)
ge = greater_equal = _pointwise(aes.ge)
isnan = _pointwise(aes.isnan)
isinf = _pointwise(aes.isinf)
isfinite = _pointwise(aes.isfinite)
signbit = _pointwise(aes.signbit)

# Bits
and_ = bitwise_and = _pointwise(aes.and_)
or_ = bitwise_or = _pointwise(aes.or_)
xor = bitwise_xor = _pointwise(aes.xor)
invert = bitwise_not = bitwise_invert = _pointwise(aes.invert)
left_shift = bitwise_left_shift = _pointwise(aes.left_shift)
right_shift = bitwise_right_shift = _pointwise(aes.right_shift)

# Choice
second = fill = _pointwise(aes.second)
switch = _pointwise(aes.switch)
clip = _pointwise(aes.clip)
tensor_copy = _pointwise(aes.identity)

# Exponentials and logarithms
exp = _pointwise(aes.exp)
exp2 = _pointwise(aes.exp2)
expm1 = _pointwise(aes.expm1)
log = _pointwise(aes.log)
log2 = _pointwise(aes.log2)
log10 = _pointwise(aes.log10)
log1p = _pointwise(aes.log1p)
sigmoid = expit = _pointwise(aes.sigmoid)
softplus = log1pexp = _pointwise(aes.softplus)
log1mexp = _pointwise(aes.log1mexp)
logaddexp2 = _pointwise(aes.logaddexp2)
_logaddexp = _pointwise(aes.logaddexp)

# Trigonometric and hyperbolic functions
sin = _pointwise(aes.sin)
cos = _pointwise(aes.cos)
tan = _pointwise(aes.tan)
arcsin = asin = _pointwise(aes.arcsin)
arccos = acos = _pointwise(aes.arccos)
arctan = atan = _pointwise(aes.arctan)
arctan2 = atan2 = _pointwise(aes.arctan2)
sinh = _pointwise(aes.sinh)
cosh = _pointwise(aes.cosh)
tanh = _pointwise(aes.tanh)
arcsinh = asinh = _pointwise(aes.arcsinh)
arccosh = acosh = _pointwise(aes.arccosh)
arctanh = atanh = _pointwise(aes.arctanh)
deg2rad = radians = _pointwise(aes.deg2rad)
rad2deg = degrees = _pointwise(aes.rad2deg)

# Rounding
ceil = _pointwise(aes.ceil)
floor = _pointwise(aes.floor)
trunc = fix = _pointwise(aes.trunc)
round_half_to_even = rint = _pointwise(aes.round_half_to_even)
round_half_away_from_zero = _pointwise(aes.round_half_away_from_zero)

# Complex numbers
real = _pointwise(aes.real)
imag = _pointwise(aes.imag)
angle = _pointwise(aes.angle)
complex = _pointwise(aes.complex)
complex_from_polar = _pointwise(aes.complex_from_polar)
_conj = _pointwise(aes.conj)

# Special functions
erf = _pointwise(aes.erf)
erfc = _pointwise(aes.erfc)
erfcx = _pointwise(aes.erfcx)
erfinv = _pointwise(aes.erfinv)
erfcinv = _pointwise(aes.erfcinv)
owens_t = _pointwise(aes.owens_t)
gamma = _pointwise(aes.gamma)
gammaln = _pointwise(aes.gammaln)
psi = digamma = _pointwise(aes.psi)
tri_gamma = _pointwise(aes.tri_gamma)
polygamma = _pointwise(aes.polygamma)
gammainc = _pointwise(aes.gammainc)
gammaincc = _pointwise(aes.gammaincc)
gammaincinv = _pointwise(aes.gammaincinv)
gammainccinv = _pointwise(aes.gammainccinv)
gammal = _pointwise(aes.gammal)
gammau = _pointwise(aes.gammau)
chi2sf = _pointwise(aes.chi2sf)
betainc = _pointwise(aes.betainc)
betaincinv = _pointwise(aes.betaincinv)
hyp2f1 = _pointwise(aes.hyp2f1)
hyp2f1_der = _pointwise(aes.hyp2f1_der)
j0 = _pointwise(aes.j0)
j1 = _pointwise(aes.j1)
jv = _pointwise(aes.jv)
i0 = _pointwise(aes.i0)
i1 = _pointwise(aes.i1)
iv = _pointwise(aes.iv)
ive = _pointwise(aes.ive)
kv = _pointwise(aes.kv)
kve = _pointwise(aes.kve)
xlogx = _pointwise(aes.xlogx)
xlogy = xlogy0 = _pointwise(aes.xlogy0)


def kn(n: Any, x: Any) -> Any:
    """Return the modified Bessel function of the second kind and an integer order."""
    return kv(n, x)


def conj(x: Any) -> Any:
    """Return the complex conjugate; `x` itself if its dtype is real."""
    x = as_tensor_variable(x)
    return _conj(x) if is_complex(x.type.dtype) else x


conjugate = conj


def cast(x: Any, dtype: Any) -> Any:
    """Return `x` in another dtype, or itself if it has that dtype already.

    Parameters
    ----------
    x : tensor_like
        The tensor.
    dtype : str, numpy.dtype or type
        The dtype; ``"floatX"`` stands for the flag of that name.

    Raises
    ------
    TypeError
        If it's complex and the dtype is real.
    """
    dtype = normalize_dtype(dtype)
    x = as_tensor_variable(x)
    if x.type.dtype == dtype:
        return x
    if is_complex(x.type.dtype) and not is_complex(dtype):
        raise TypeError(
            f"Casting {x} from {x.type.dtype} to {dtype} would lose its imaginary part: "
            "take real(), imag(), angle() or abs()"
        )
    return cast_elemwise(dtype)(x)


def where(cond: Any, ift: Any = None, iff: Any = None) -> Any:
    """Return elements of `ift` where `cond` isn't zero, and of `iff` elsewhere.

    Parameters
    ----------
    cond, ift, iff : tensor_like
        They broadcast together.

    Returns
    -------
    TensorVariable
        With `cond` alone: a tuple of vectors, the indices of its elements that aren't zero.
    """
    if ift is None and iff is None:
        return as_tensor_variable(cond).nonzero()
    if ift is None or iff is None:
        raise TypeError(
            "where takes a condition, or a condition and both what to take where it holds and where it doesn't"
        )
    return switch(cond, ift, iff)


def logaddexp(*xs: Any) -> Any:
    """Return the logarithm of the sum of the exponentials of two or more tensors, without overflow.

    Raises
    ------
    TypeError
        If there are less than two.
    """
    if len(xs) < 2:
        raise TypeError(f"logaddexp takes two or more tensors, got {len(xs)}")
    result = _logaddexp(xs[0], xs[1])
    for x in xs[2:]:
        result = _logaddexp(result, x)
    return result


def divmod(x: Any, y: Any) -> tuple[Any, Any]:
    """Return the floor of the quotient, and the remainder."""
    return floor_divide(x, y), mod(x, y)


def float_power(x: Any, y: Any) -> Any:
    """Return a power, computed in float64 (complex128 for complex numbers)."""
    x, y = as_tensor_variable(x), as_tensor_variable(y)
    wide = "complex128" if is_complex(x.type.dtype) or is_complex(y.type.dtype) else "float64"
    return power(cast(x, wide), cast(y, wide))


def fabs(x: Any) -> Any:
    """Return the absolute value as a float."""
    x = as_tensor_variable(x)
    return abs(cast(x, aes.dtypes.as_float_dtype(x.type.dtype)))


def sinc(x: Any) -> Any:
    """Return ``sin(pi * x) / (pi * x)``; one at zero."""
    x = as_tensor_variable(x)
    # a stand-in at zero keeps the gradient finite there
    at_zero = eq(x, 0)
    y = switch(at_zero, 1.0, x) * float(np.pi)
    return switch(at_zero, 1.0, sin(y) / y)


def round(a: Any, mode: str | None = None) -> Any:
    """Return the nearest whole numbers.

    Parameters
    ----------
    a : tensor_like
        The numbers.
    mode : {"half_to_even", "half_away_from_zero"}, optional
        What becomes of a half. By default it goes to the even number, as in NumPy.

    Raises
    ------
    ValueError
        If `mode` is something else.
    """
    if is_one_of(mode, (None, "half_to_even")):
        return round_half_to_even(a)
    if is_one_of(mode, ("half_away_from_zero",)):
        return round_half_away_from_zero(a)
    raise ValueError(f"Round mode {mode!r} is not known; there are half_to_even and half_away_from_zero")


around = round


def iround(a: Any, mode: str | None = None) -> Any:
    """Return the nearest whole numbers as int64; see `round`."""
    return cast(round(a, mode), "int64")


def ceil_intdiv(a: Any, b: Any) -> Any:
    """Return the smallest integers not below the quotients of integers."""
    quotient = int_div(a, b)
    return quotient + cast(neq(mod(a, b), 0), quotient.type.dtype)


def _truth(x: Any) -> Any:
    """Return which elements are not zero."""
    x = literal(x, "bool") if type(x) is bool else as_tensor_variable(x)
    return x if x.type.dtype == "bool" else neq(x, 0)


def logical_and(x: Any, y: Any) -> Any:
    """Return where both are true (not zero)."""
    return and_(_truth(x), _truth(y))


def logical_or(x: Any, y: Any) -> Any:
    """Return where any of both is true (not zero)."""
    return or_(_truth(x), _truth(y))


def logical_xor(x: Any, y: Any) -> Any:
    """Return where one, but not both, is true (not zero)."""
    return xor(_truth(x), _truth(y))


def logical_not(x: Any) -> Any:
    """Return where it is zero."""
    return invert(_truth(x))


def isposinf(x: Any) -> Any:
    """Return where it is the positive infinity; refuses complex numbers."""
    return eq(_real(x, "isposinf"), np.inf)


def isneginf(x: Any) -> Any:
    """Return where it is the negative infinity; refuses complex numbers."""
    return eq(_real(x, "isneginf"), -np.inf)


def _real(x: Any, what: str) -> Any:
    x = as_tensor_variable(x)
    if is_complex(x.type.dtype):
        raise ComplexError(f"{what}: complex numbers have infinities in all directions, got {x} of {x.type}")
    return x


def isclose(a: Any, b: Any, rtol: Any = 1.0e-5, atol: Any = 1.0e-8, equal_nan: bool = False) -> Any:
    """Return where two tensors agree up to a tolerance.

    Parameters
    ----------
    a, b : tensor_like
        What is compared.
    rtol, atol : tensor_like
        The difference may be ``atol + rtol * abs(b)``.
    equal_nan : bool
        Whether a NaN agrees with a NaN.

    Returns
    -------
    TensorVariable
        Of dtype bool. Infinities agree with infinities of the same sign.
    """
    a, b = as_tensor_variable(a), as_tensor_variable(b)
    if is_discrete(b.type.dtype):
        # differences and magnitudes of integers would wrap around
        b = cast(b, "float64")
    within = le(abs(sub(a, b)), add(atol, mul(rtol, abs(b))))
    # an infinite b makes the tolerance infinite, and the difference of equal infinities is NaN
    close = switch(or_(isinf(a), isinf(b)), eq(a, b), within)
    if as_flag(equal_nan, "equal_nan"):
        close = or_(close, and_(isnan(a), isnan(b)))
    return close


def allclose(a: Any, b: Any, rtol: Any = 1.0e-5, atol: Any = 1.0e-8, equal_nan: bool = False) -> Any:
    """Return whether two tensors agree up to a tolerance everywhere; see `isclose`."""
    return isclose(a, b, rtol, atol, equal_nan).all()


def nan_to_num(x: Any, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    """Return a tensor with finite numbers instead of NaN and infinities.

    Parameters
    ----------
    x : tensor_like
        The tensor. The parts of complex numbers are replaced each for itself.
    nan : number
        What replaces NaN.
    posinf, neginf : number, optional
        What replaces the infinities; by default the largest and the smallest finite number.
    """
    x = as_tensor_variable(x)
    if is_discrete(x.type.dtype):
        return x
    if is_complex(x.type.dtype):
        return complex(*(nan_to_num(part, nan, posinf, neginf) for part in (real(x), imag(x))))
    limits = np.finfo(x.type.dtype)
    x = switch(isnan(x), _as(nan, x), x)
    x = switch(isposinf(x), _as(float(limits.max) if posinf is None else posinf, x), x)
    return switch(isneginf(x), _as(float(limits.min) if neginf is None else neginf, x), x)


def _as(value: Any, x: Any) -> Any:
    return value if is_weak(value) else cast(value, x.type.dtype)
