"""The elementwise functions: their counterparts, where they are compared, and what is different on purpose."""

import itertools
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.special
import scipy.stats

import aesaralite.tensor as at
from aesaralite.scalar.dtypes import all_dtypes, real_dtype, upcast
from aesaralite.tensor import as_tensor_variable
from aesaralite.testing.op_checks import input_for
from support.counterparts import Comparison, as_float_array

Dtypes = tuple[str, ...]


@dataclass(frozen=True)
class Elementwise:
    """A counterpart of `at`'s function of some name.

    Attributes
    ----------
    theirs : callable
        The counterpart.
    nin : int
        The number of arguments.
    special : bool
        Whether it's a function of SciPy's, which has fewer dtypes.
    ulp, scale : float
        How far floats may differ, in units in the last place of the element, or of `scale` if that is larger.
    """

    theirs: Callable[..., Any]
    nin: int
    special: bool = False
    ulp: float = 4
    scale: float = 0


def _log1mexp(x):
    return np.where(x > -0.7, np.log(-np.expm1(x)), np.log1p(-np.exp(x)))


def _iround(x):
    return np.round(x).astype("int64")


def _round_half_away(x):
    return x if x.dtype.kind in "iu" else np.copysign(np.floor(np.abs(x) + x.dtype.type(0.5)), x)


def _wide(x):
    return x.astype(np.promote_types(x.dtype, "float64"))


def _gammaln(x):
    near = (np.abs(x) > 0) & (np.abs(x) < 1e-37)  # SciPy's overflows in the subnormals
    return np.where(near, -np.log(np.abs(x)), scipy.special.gammaln(x))


def _times_gamma(function):
    return lambda k, x: function(_wide(k), _wide(x)) * scipy.special.gamma(_wide(k))


NAMED_OTHERWISE = {
    # at's name: NumPy's
    "abs_": "absolute", "and_": "bitwise_and", "eq": "equal", "floor_div": "floor_divide", "ge": "greater_equal",
    "gt": "greater", "inv": "reciprocal", "int_div": "floor_divide",
    "le": "less_equal", "lt": "less", "mul": "multiply", "neg": "negative",
    "neq": "not_equal", "or_": "bitwise_or", "sgn": "sign", "sqr": "square",
    "sub": "subtract", "true_div": "true_divide", "xor": "bitwise_xor",
}  # fmt: skip

ELEMENTWISE: dict[str, Elementwise] = {
    **{
        name: Elementwise(function, function.nin, library is scipy.special)
        for library in (scipy.special, np)
        for name in at.__all__
        if isinstance(function := getattr(library, name, None), np.ufunc) and function.signature is None
    },
    **{ours: Elementwise(getattr(np, theirs), getattr(np, theirs).nin) for ours, theirs in NAMED_OTHERWISE.items()},
    # sums of larger numbers
    "logaddexp": Elementwise(np.logaddexp, 2, scale=8),
    "logaddexp2": Elementwise(np.logaddexp2, 2, scale=8),
    # of complex numbers: exponentials of rounded ones
    "float_power": Elementwise(np.float_power, 2, ulp=64),
    "pow": Elementwise(np.power, 2, ulp=64),
    "power": Elementwise(np.power, 2, ulp=64),
    "exp2": Elementwise(np.exp2, 1, ulp=32),
    # SciPy computes with float32
    "betainc": Elementwise(scipy.special.betainc, 3, True, ulp=256),
    "betaincinv": Elementwise(scipy.special.betaincinv, 3, True, ulp=256),
    # made of gamma functions
    "beta": Elementwise(scipy.special.beta, 2, True, ulp=16),
    "betaln": Elementwise(scipy.special.betaln, 2, True, ulp=16),
    "poch": Elementwise(scipy.special.poch, 2, True, ulp=32),
    # no ufuncs in NumPy, though elementwise
    "angle": Elementwise(np.angle, 1, True),
    "around": Elementwise(np.round, 1),
    "clip": Elementwise(np.clip, 3),
    # SciPy's is wrong by 6 ulp near its zeros
    "gammaln": Elementwise(_gammaln, 1, True, ulp=8),
    "factorial": Elementwise(lambda n: scipy.special.gamma(n + 1.0), 1, True),  # SciPy's is 0 for negative numbers
    "fix": Elementwise(np.fix, 1),
    "imag": Elementwise(np.imag, 1),
    "isclose": Elementwise(np.isclose, 2),
    "isneginf": Elementwise(np.isneginf, 1),
    "isposinf": Elementwise(np.isposinf, 1),
    "nan_to_num": Elementwise(np.nan_to_num, 1),
    "polygamma": Elementwise(lambda n, x: scipy.special.polygamma(_wide(n), _wide(x)), 2, True),
    "real": Elementwise(np.real, 1),
    "rint": Elementwise(np.round, 1),  # np.rint makes floats of integers
    "round": Elementwise(np.round, 1),
    "round_half_to_even": Elementwise(np.round, 1),
    "sinc": Elementwise(np.sinc, 1),
    "where": Elementwise(np.where, 3),
    # others
    "ceil_intdiv": Elementwise(lambda a, b: a // b + (a % b != 0), 2),
    "chi2sf": Elementwise(lambda x, k: scipy.stats.chi2.sf(_wide(x), k), 2),
    "fill": Elementwise(lambda a, b: b + np.zeros_like(a, shape=a.shape, dtype=b.dtype), 2),
    "gammal": Elementwise(_times_gamma(scipy.special.gammainc), 2, True),
    "gammau": Elementwise(_times_gamma(scipy.special.gammaincc), 2, True),
    "iround": Elementwise(_iround, 1),
    "largest": Elementwise(lambda a, b: np.where(a > b, a, b), 2),  # of NaN, too
    "smallest": Elementwise(lambda a, b: np.where(a < b, a, b), 2),
    "log1mexp": Elementwise(_log1mexp, 1),
    "log1pexp": Elementwise(lambda x: np.logaddexp(x.dtype.type(0), x), 1),
    "round_half_away_from_zero": Elementwise(_round_half_away, 1),
    "second": Elementwise(lambda a, b: b + np.zeros_like(a, shape=a.shape, dtype=b.dtype), 2),
    "sigmoid": Elementwise(scipy.special.expit, 1, True),
    "softplus": Elementwise(lambda x: np.logaddexp(x.dtype.type(0), x), 1),
    "switch": Elementwise(np.where, 3),
    "tensor_copy": Elementwise(np.copy, 1),
    "tri_gamma": Elementwise(lambda x: scipy.special.polygamma(1, x), 1, True),
    "xlogx": Elementwise(lambda x: scipy.special.xlogy(x, x), 1, True),
    "xlogy0": Elementwise(scipy.special.xlogy, 2, True),
}


@dataclass(frozen=True)
class Deviation:
    """What is different on purpose.

    Attributes
    ----------
    names : str
        The functions, apart from one another by spaces.
    where : callable
        Of the arguments' dtypes: whether such arguments are concerned.
    how : str
        "refused" here; "taken" here, though not by the counterpart; another "dtype", with the same values; or what the
        counterpart gives for "float"s.
    reason : str
        Why.
    """

    names: str
    where: Callable[[Dtypes], bool]
    how: str
    reason: str


def only(letters: str) -> Callable[[Dtypes], bool]:
    """Arguments all of which are of these kinds."""
    return lambda dtypes: kinds(dtypes) <= set(letters)


def some(letters: str) -> Callable[[Dtypes], bool]:
    """Arguments one of which is of these kinds."""
    return lambda dtypes: bool(kinds(dtypes) & set(letters))


def kinds(dtypes: Dtypes) -> set[str]:
    return {np.dtype(dtype).kind for dtype in dtypes}


def small_integers_and_halves(dtypes: Dtypes) -> bool:
    """float16, and what NumPy makes a float16 of."""
    return "float16" in dtypes and len({*dtypes}) > 1 and {*dtypes} <= {"bool", "int8", "uint8", "float16"}


def mixed_signs(dtypes: Dtypes) -> bool:
    """uint64 with a signed integer: no dtype holds both."""
    return "uint64" in dtypes and "i" in kinds(dtypes)


OF_GAMMA = "gammal gammau chi2sf polygamma"
ROUNDINGS = "round around rint iround round_half_to_even round_half_away_from_zero"

REAL_ONLY = f"fmax fmin clip erfcx iv ive jv kv kve xlogy xlogy0 xlogx log1mexp hyp2f1 {ROUNDINGS} {OF_GAMMA}"

DEVIATIONS = [
    Deviation("ceil floor trunc fix", only("biu"), "float", "rounding gives floats, as in Aesara"),
    Deviation(ROUNDINGS, only("b"), "refused", "a bool has nothing to round, as in Aesara"),
    Deviation("reciprocal inv", only("biu"), "float", "1 / x of integers is a float, as in Aesara"),
    Deviation("conj conjugate square sqr", only("b"), "dtype", "bools stay bools; NumPy has no loop for them"),
    Deviation(
        "floor_divide floor_div int_div ceil_intdiv mod remainder fmod divmod", only("b"), "dtype", "bools stay bools"
    ),
    Deviation(
        "left_shift right_shift bitwise_left_shift bitwise_right_shift", only("b"), "refused", "bools have no bits"
    ),
    Deviation("fabs beta betaln poch logit", some("c"), "taken", "made of functions that take complex numbers"),
    Deviation(REAL_ONLY, some("c"), "refused", "for real numbers only"),
    Deviation(
        "arctan2 atan2 copysign heaviside hypot logaddexp logaddexp2 nextafter",
        small_integers_and_halves,
        "float",
        "integers become float32 where a function takes floats, also if the other argument is a float16",
    ),
]


def deviation_of(name: str, dtypes: Dtypes) -> Deviation | None:
    return next((one for one in DEVIATIONS if name in one.names.split() and one.where(dtypes)), None)


def between(*bounds: tuple[float, float]) -> Callable[[list[np.ndarray]], list[np.ndarray]]:
    """Keep the numbers between a lowest and a highest one, for each argument."""

    def keep(every: list[np.ndarray]) -> list[np.ndarray]:
        with np.errstate(invalid="ignore"):
            return [x[(low <= x.real) & (x.real <= high)] for x, (low, high) in zip(every, bounds, strict=True)]

    return keep


def _powers(every: list[np.ndarray]) -> list[np.ndarray]:
    base, power = every
    if {base.dtype.kind, power.dtype.kind} <= set("biu"):
        return [base, power[power >= 0]]
    base, power = _ordinary_if_complex(every)
    # where whole powers are products, rounding adds up otherwise than in exponentials
    return [base, power[np.abs(power) < 4] if power.dtype.kind == "c" else power]


def _of_whole_order(every: list[np.ndarray]) -> list[np.ndarray]:
    order, x = every
    return [order[order == np.round(order)], x]


def _finite(every: list[np.ndarray]) -> list[np.ndarray]:
    return [x[np.isfinite(x)] for x in every]


def _ordinary_if_complex(every: list[np.ndarray]) -> list[np.ndarray]:
    """Keep complex numbers whose parts neither overflow nor vanish: beyond them libraries and processors differ."""

    def keep(x: np.ndarray) -> np.ndarray:
        sizes = np.maximum(np.abs(x.real), np.abs(x.imag))
        return x[(sizes < 1e10) & (sizes > 1e-10)] if x.dtype.kind == "c" else x

    return [keep(x) for x in every]


DOMAINS = {
    # integers to negative powers are an error, which has a test of its own
    "pow": _powers,
    "power": _powers,
    "float_power": _powers,
    # made of gamma functions, as in Aesara: they overflow, and have poles, where the whole has none
    "beta": between((0.2, 5), (0.2, 5)),
    "betaln": between((0.2, 5), (0.2, 5)),
    "poch": between((0.2, 5), (0.2, 5)),
    # of whole orders
    "kn": lambda every: _of_whole_order(between((0, 100), (-np.inf, np.inf))(every)),
    "polygamma": lambda every: _of_whole_order(between((1, 100), (0, 100))(every)),
    # degrees of freedom, shapes
    "chi2sf": between((0, np.inf), (0.2, 100)),
    "gammal": between((0.2, 5), (0, 100)),
    "gammau": between((0.2, 5), (0, 100)),
    "hyp2f1": between((-3, 3), (-3, 3), (0.2, 5), (-1, 0.5)),
    # int64 doesn't have the others
    "iround": _finite,
    # of infinite orders
    "kv": between((-100, 100), (-np.inf, np.inf)),
    # near zero SciPy's float32 has no digits
    "betainc": between((0.2, 5), (0.2, 5), (0.01, 1)),
    "betaincinv": between((0.2, 5), (0.2, 5), (0.01, 1)),
    **dict.fromkeys(
        ["multiply", "mul", "square", "sqr", "divide", "true_divide", "true_div", "reciprocal", "inv", "sinc"],
        _ordinary_if_complex,
    ),
}
"""Where functions are compared, if not everywhere."""


def points(dtype: str) -> np.ndarray:
    """Return numbers of a dtype: ordinary ones, and all that are special."""
    kind = np.dtype(dtype).kind
    if kind == "b":
        return np.array([True, False])
    if kind in "iu":
        info = np.iinfo(dtype)
        some = [0, 1, 2, 3, 5, info.max, info.max - 1, info.min, info.min + 1]
        return np.array(some + ([-1, -2, -7] if kind == "i" else []), dtype)
    info = np.finfo(dtype)
    real = [0.0, -0.0, 0.25, -0.5, 1, -1, 1.5, -2.5, 3.7, 30, np.nan, np.inf, -np.inf]
    real += [info.tiny, info.smallest_subnormal, info.max, -info.max, info.eps]
    if kind == "f":
        return np.array(real, dtype)
    imaginary = [0.0, -0.0, 0.5, -1.5, np.nan, np.inf]
    numbers = np.empty((len(real), len(imaginary)), dtype)
    numbers.real = np.array(real)[:, None]
    numbers.imag = imaginary
    return numbers.ravel()


def dtype_tuples(nin: int, every: bool = False) -> Iterator[Dtypes]:
    """Yield dtypes of arguments: each with itself, and with some others, or with every other if there are two."""
    if every and nin == 2:
        yield from itertools.product(all_dtypes, repeat=2)
        return
    for i, dtype in enumerate(all_dtypes):
        yield (dtype,) * nin
        if nin > 1:
            yield from ((dtype,) * (nin - 1) + (all_dtypes[i - shift],) for shift in (3, 8))


def arguments(name: str, dtypes: Dtypes) -> list[np.ndarray]:
    """Return arrays that broadcast, so that every number of a dtype meets every one of the others."""
    every = [points(dtype) for dtype in dtypes]
    if name in DOMAINS:
        every = DOMAINS[name](every)
    if len(dtypes) > 2:
        every = [numbers[:: -(-len(numbers) // 9)] for numbers in every]
    return [numbers.reshape((-1,) + (1,) * i) for i, numbers in enumerate(every)]


def compare_elementwise(name: str, arrays: Sequence[np.ndarray]) -> Comparison | None:
    """Return what is to be compared for some arguments; None if both functions refuse them, or one does on purpose."""
    entry, dtypes = ELEMENTWISE[name], tuple(array.dtype.name for array in arrays)
    deviation = deviation_of(name, dtypes)
    how = deviation.how if deviation else ""
    what = f"{name} of {', '.join(dtypes)}"
    expected = _call(entry.theirs, arrays)
    inputs = [input_for(array) for array in arrays]
    try:
        made = getattr(at, name)(*inputs)
    except TypeError as error:
        assert expected is None or how == "refused", f"{what}: {error}"
        return None
    assert how != "refused", f"{what} isn't refused"
    if expected is None:
        assert how == "taken", f"{what} is taken here only"
        return None
    outputs = list(made) if isinstance(made, (list, tuple)) else [as_tensor_variable(made)]
    if how in ("dtype", "float"):
        assert [output.type.dtype for output in outputs] != [result.dtype.name for result in expected], what
    if how == "dtype":
        with np.errstate(all="ignore"):
            expected = [result.astype(output.type.dtype) for result, output in zip(expected, outputs)]
    elif how == "float" or _has_small_floats(expected, dtypes):
        expected = _call(entry.theirs, [as_float_array(array) for array in arrays])
    elif entry.special:
        expected = _by_scipy(entry.theirs, arrays, expected)
    assert expected is not None
    return Comparison(what, inputs, outputs, arrays, expected, entry.ulp, entry.scale)


def _has_small_floats(results: Sequence[np.ndarray], dtypes: Dtypes) -> bool:
    """Return whether NumPy made float16 of small integers."""
    return any(result.dtype == "float16" for result in results) and "float16" not in dtypes


def _by_scipy(theirs: Callable[..., Any], arrays: Sequence[np.ndarray], results: list[np.ndarray]) -> list[np.ndarray]:
    """Return what a function of SciPy's gives, which has no float16, and floats of small integers are float64 there."""
    if results[0].dtype.kind not in "fc":
        return results
    floats = [as_float_array(array) for array in arrays]
    dtype = upcast(*(array.dtype.name for array in floats))
    made = _call(theirs, [array.astype(np.promote_types(array.dtype, "float32")) for array in floats])
    assert made is not None
    with np.errstate(all="ignore"):
        return [result.astype(dtype if result.dtype.kind == "c" else real_dtype(dtype)) for result in made]


def _call(theirs: Callable[..., Any], arrays: Sequence[np.ndarray]) -> list[np.ndarray] | None:
    """Return what a counterpart gives, None if it doesn't take such dtypes."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            made = theirs(*arrays)
        except TypeError:
            return None
    return [np.asarray(result) for result in (made if isinstance(made, tuple) else [made])]
