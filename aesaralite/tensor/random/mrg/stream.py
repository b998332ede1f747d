"""Streams of random variables that MRG31k3p draws."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from aesaralite.graph.arguments import as_flag, as_integer, expect
from aesaralite.graph.basic import Variable
from aesaralite.graph.provenance import warn_user
from aesaralite.graph.shared import SharedVariable, shared
from aesaralite.scalar.dtypes import normalize_dtype
from aesaralite.tensor.assertion import CheckAndRaise
from aesaralite.tensor.convert import as_tensor_variable, constant, literal
from aesaralite.tensor.joining import join
from aesaralite.tensor.nonzeros import flatnonzero
from aesaralite.tensor.pointwise import cos, ge, gt, invert, log, lt, sin, sqrt
from aesaralite.tensor.random.mrg.arguments import (
    checked_ndim,
    checked_pvals,
    checked_seed,
    checked_size,
    in_shape_of,
    known_size,
    real_parameters,
)
from aesaralite.tensor.random.mrg.from_uniform import BernoulliFromUniform, ChoiceFromUniform, MultinomialFromUniform
from aesaralite.tensor.random.mrg.recurrence import ff_2p134, substreams
from aesaralite.tensor.random.mrg.uniform import MRGUniform
from aesaralite.tensor.reduction import all as all_of
from aesaralite.tensor.reduction import prod
from aesaralite.tensor.reshaping import reshape
from aesaralite.tensor.shaping import shape_tuple
from aesaralite.tensor.static import Tensor, as_shape, as_size

__all__ = ["MRG_RandomStream", "guess_n_streams"]

MOST_STREAMS = 60 * 256
#: The standard deviation of a normal distribution that is cut off two standard deviations from its mean.
STD_WITHIN_TWO = 0.87962566103423978

Size = int | Sequence[int | Variable] | Variable


def guess_n_streams(size: Any, warn: bool = False) -> int:
    """Return the number of streams that numbers of a shape are drawn from, unless it's given.

    Parameters
    ----------
    size : tuple of int, or anything else
        The shape. There is a stream for every six numbers where it's made of Python integers.
    warn : bool
        Whether to warn if it isn't, so that the largest number is taken.
    """
    if isinstance(size, (tuple, list)) and all(isinstance(entry, int) for entry in size):
        count = math.prod(size)
        return min(count // 6 if count > 6 else count, MOST_STREAMS)
    if warn:
        warn_user(f"The size {size} isn't known yet: numbers are drawn from {MOST_STREAMS} streams.")
    return MOST_STREAMS


class MRG_RandomStream:
    """Makes random variables, each with streams of its own of the generator MRG31k3p.

    Each variable has a shared matrix of states, a row for each of its streams, which a function that uses the variable
    advances.

    Parameters
    ----------
    seed : int or sequence of 6 int
        Where the first stream begins; an integer stands for six times itself.

    Attributes
    ----------
    state_updates : list of tuple
        For each variable its shared states, their next values, its size, and the number of streams that was asked for.
    rstate : ndarray
        The state at which the streams of the next variable begin.
    default_instance_seed : int or sequence of 6 int
        What `seed` goes back to.

    Examples
    --------
    >>> from aesaralite import function
    >>> from aesaralite.sandbox.rng_mrg import MRG_RandomStream
    >>> stream = MRG_RandomStream(seed=234)
    >>> draw = function([], stream.uniform(size=(2,)))
    >>> draw()
    array([0.44990408, 0.30624682])
    """

    def __init__(self, seed: int | Sequence[int] = 12345) -> None:
        self.state_updates: list[tuple[SharedVariable, Variable, Any, int | None]] = []
        self.default_instance_seed = seed
        self.set_rstate(seed)

    # ------------------------------------------------------------------ state
    def updates(self) -> list[tuple[SharedVariable, Variable, Any, int | None]]:
        """Return `state_updates`, copied."""
        return list(self.state_updates)

    def set_rstate(self, seed: int | Sequence[int]) -> None:
        """Set the state at which the streams of the next variable begin.

        Parameters
        ----------
        seed : int or sequence of 6 int
            An integer stands for six times itself. The first three numbers belong to ``[0, 2147483647)``, the others to
            ``[0, 2147462579)``; neither three may all be zero.

        Raises
        ------
        TypeError
            If it's neither one integer nor six.
        ValueError
            If a number is out of range.
        """
        self.rstate = checked_seed(seed)

    def seed(self, seed: int | Sequence[int] | None = None) -> None:
        """Start all variables that were made anew.

        Parameters
        ----------
        seed : int or sequence of 6 int, optional
            See `set_rstate`; by default, that which the stream was made with.
        """
        self.set_rstate(self.default_instance_seed if seed is None else seed)
        for state, _, size, nstreams in self.state_updates:
            count = self.n_streams(size) if nstreams is None else nstreams
            state.set_value(self.get_substream_rstates(count), borrow=True)

    def inc_rstate(self) -> None:
        """Go on to the next stream, 2^134 steps away."""
        self.rstate = ff_2p134(self.rstate)

    def get_substream_rstates(self, n_streams: int, dtype: str = "float64", inc_rstate: bool = True) -> np.ndarray:
        """Return states that are 2^72 steps apart, one a row, from `rstate` on.

        Parameters
        ----------
        n_streams : int
            How many.
        dtype : str
            The dtype of what will be drawn, on which states don't depend.
        inc_rstate : bool
            Whether to go on to the next stream afterwards.

        Raises
        ------
        TypeError
            If `n_streams` is no integer, or `dtype` no string.
        ValueError
            If `n_streams` isn't positive.
        """
        if not isinstance(dtype, str):
            raise TypeError(f"dtype is the name of a dtype, not {dtype!r}")
        if not isinstance(n_streams, (int, np.integer)):
            raise TypeError(f"nstreams is a number of streams, not {n_streams!r}")
        if n_streams <= 0:
            raise ValueError(f"nstreams has to be at least 1, not {n_streams}")
        states = substreams(self.rstate, as_integer(n_streams, "n_streams"))
        if inc_rstate:
            self.inc_rstate()
        return states

    def n_streams(self, size: Any) -> int:
        """Return the number of streams for a size; see `guess_n_streams`."""
        return guess_n_streams(size)

    def pretty_return(
        self, node_rstate: SharedVariable, new_rstate: Variable, sample: Tensor, size: Any, nstreams: int | None
    ) -> Tensor:
        """Note a variable that was made, and return it.

        Parameters
        ----------
        node_rstate : SharedVariable
            The states of its streams, which get an update.
        new_rstate : Variable
            The states after the draw.
        sample : TensorVariable
            The draw. It gets the attributes ``rstate`` and ``update``.
        size, nstreams
            As they were given.
        """
        expect(node_rstate, SharedVariable, "node_rstate")
        expect(sample, Variable, "sample")
        sample.rstate = node_rstate
        sample.update = (node_rstate, new_rstate)
        self.state_updates.append((node_rstate, new_rstate, size, nstreams))
        node_rstate.default_update = new_rstate
        return sample

    # ---------------------------------------------------------- distributions
    def uniform(
        self,
        size: Size,
        low: Any = 0.0,
        high: Any = 1.0,
        ndim: int | None = None,
        dtype: Any = None,
        nstreams: int | None = None,
        target: str | None = None,
    ) -> Tensor:
        """Return numbers between two bounds, both excluded but for rounding.

        Parameters
        ----------
        size : int, tuple of int and scalar variables, or vector variable
            The shape of the result.
        low, high : tensor_like
            The bounds; they broadcast to `size`.
        ndim : int, optional
            The number of dimensions, where `size` is a variable of unknown length.
        dtype : str, optional
            The dtype, a float one. By default it's floatX, or wider if a bound is.
        nstreams : int, optional
            The number of streams to draw from; see `guess_n_streams`.
        target : str, optional
            ``"cpu"``.

        Raises
        ------
        TypeError
            If the size isn't made of integers, or the dtype isn't a float one.
        ValueError
            If a known size isn't positive, or the number of dimensions isn't known.
        NotImplementedError
            If the bounds are known not to broadcast to the size.
        """
        bounds, dtype = real_parameters("uniform", {"low": low, "high": high}, dtype)
        size = checked_size(size)
        if nstreams is None:
            states = self.get_substream_rstates(self.n_streams(size), dtype)
        else:
            states = self.get_substream_rstates(nstreams, dtype)
        node_rstate = shared(states, borrow=True, target="cpu" if target is None else target)
        next_rstate, unis = MRGUniform.new(node_rstate, checked_ndim(ndim, size), dtype, size)
        unis = self.pretty_return(node_rstate, next_rstate, unis, size=size, nstreams=nstreams)
        return in_shape_of(unis, unis * (bounds["high"] - bounds["low"]) + bounds["low"], bounds)

    def binomial(
        self,
        size: Size,
        n: int = 1,
        p: Any = 0.5,
        ndim: int | None = None,
        dtype: Any = "int64",
        nstreams: int | None = None,
        **kwargs: Any,
    ) -> Tensor:
        """Return whether events happen: 1 with probability `p`, else 0.

        Parameters
        ----------
        size, ndim, nstreams
            See `uniform`.
        n : int
            The number of trials, 1.
        p : tensor_like
            The probability; it broadcasts to `size`.
        dtype : str
            The dtype of the result.
        **kwargs
            Passed on to `uniform`.

        Raises
        ------
        NotImplementedError
            For more than one trial.
        ValueError
            When it runs, if a probability isn't between 0 and 1.
        """
        if n != 1:
            raise NotImplementedError(
                f"MRG_RandomStream.binomial makes one trial, not n={n}: draw them along another dimension, and add up"
            )
        p = as_tensor_variable(p)
        unis = self.uniform(size, ndim=ndim, nstreams=nstreams, **kwargs)
        return in_shape_of(unis, BernoulliFromUniform(normalize_dtype(dtype))(p, unis), {"p": p})

    def multinomial(
        self,
        size: Any = None,
        n: Any = 1,
        pvals: Any = None,
        ndim: int | None = None,
        dtype: Any = "int64",
        nstreams: int | None = None,
        **kwargs: Any,
    ) -> Tensor:
        """Return how often each outcome occurs in `n` samples, for each row of probabilities.

        Parameters
        ----------
        size, ndim : None
            The result has the shape of `pvals`.
        n : int or scalar variable
            The number of samples.
        pvals : matrix_like
            The probabilities of the outcomes; each row sums to 1.
        dtype : str
            The dtype of the result; ``"auto"`` stands for that of `pvals`.
        nstreams
            See `uniform`.
        **kwargs
            Passed on to `uniform`.

        Raises
        ------
        TypeError
            If `pvals` isn't given.
        ValueError
            If `size` or `ndim` is given; when it runs, if the probabilities aren't any.
        NotImplementedError
            If `pvals` isn't a matrix.
        """
        if size is not None:
            raise ValueError("MRG_RandomStream.multinomial takes no size: the result has the shape of pvals")
        pvals = checked_pvals("multinomial", "pvals", pvals, ndim)
        unis = self._for_each_row(pvals, n, nstreams, kwargs)
        return MultinomialFromUniform(dtype if dtype == "auto" else normalize_dtype(dtype))(pvals, unis, n)

    def choice(
        self,
        size: Any = 1,
        a: None = None,
        replace: bool = True,
        p: Any = None,
        ndim: int | None = None,
        dtype: Any = "int64",
        nstreams: int | None = None,
        **kwargs: Any,
    ) -> Tensor:
        """Return the numbers of outcomes that are chosen, a row for each row of probabilities.

        Parameters
        ----------
        size : int or scalar variable
            How many are chosen for each row.
        a, ndim : None
            The outcomes are columns of `p`.
        replace : bool
            Whether one may be chosen again.
        p : matrix_like
            The probabilities of the outcomes; each row sums to 1.
        dtype : str
            The dtype of the result.
        nstreams
            See `uniform`.
        **kwargs
            Passed on to `uniform`.

        Raises
        ------
        TypeError
            If `a` is given, or `p` isn't.
        ValueError
            If `ndim` is given; when it runs, if the probabilities aren't any, or fewer outcomes than `size` are
            possible.
        NotImplementedError
            If `p` isn't a matrix.
        """
        if a is not None:
            raise TypeError("MRG_RandomStream.choice takes no a: outcomes are numbered by the columns of p")
        p = checked_pvals("choice", "p", p, ndim)
        unis = self._for_each_row(p, size, nstreams, kwargs)
        op = ChoiceFromUniform(dtype if dtype == "auto" else normalize_dtype(dtype), as_flag(replace, "replace"))
        return op(p, unis, size)

    def multinomial_wo_replacement(
        self,
        size: None = None,
        n: Any = 1,
        pvals: Any = None,
        ndim: int | None = None,
        dtype: Any = "int64",
        nstreams: int | None = None,
        **kwargs: Any,
    ) -> Tensor:
        """Return outcomes that are chosen without replacement: the older name of `choice`."""
        warnings.warn(
            "`MRG_RandomStream.multinomial_wo_replacement` is deprecated; use `MRG_RandomStream.choice` instead.",
            DeprecationWarning,
            stacklevel=2,
        )
        if size is not None:
            raise ValueError("MRG_RandomStream.multinomial_wo_replacement takes no size; n says how many are chosen")
        return self.choice(n, None, False, pvals, ndim, dtype, nstreams, **kwargs)

    def _for_each_row(self, pvals: Tensor, n: Any, nstreams: int | None, kwargs: dict[str, Any]) -> Tensor:
        """Return `n` uniform numbers for each row of a matrix."""
        count = shape_tuple(pvals)[0] * as_size(n, "number of samples")
        return self.uniform((known_size(count),), ndim=1, nstreams=nstreams, **kwargs)

    def normal(
        self,
        size: Size,
        avg: Any = 0.0,
        std: Any = 1.0,
        ndim: int | None = None,
        dtype: Any = None,
        nstreams: int | None = None,
        truncate: bool = False,
        **kwargs: Any,
    ) -> Tensor:
        """Return normally distributed numbers, by the method of Box and Muller.

        Parameters
        ----------
        size, ndim, nstreams
            See `uniform`.
        avg, std : tensor_like
            Mean and standard deviation; they broadcast to `size`.
        dtype : str, optional
            The dtype, a float one. By default it's floatX, or wider if a parameter is.
        truncate : bool
            Whether numbers more than two standard deviations off are drawn again. The standard deviation of the result
            is then smaller than `std`; `truncated_normal` makes up for it. As in Aesara, what is drawn again keeps its
            direction, which makes these numbers a bit too large.
        **kwargs
            Passed on to `uniform`.

        Raises
        ------
        ValueError
            If a known size isn't positive; when it runs, if `std` is negative.
        """
        parameters, dtype = real_parameters("normal", {"avg": avg, "std": std}, dtype)
        avg, std = parameters["avg"], parameters["std"]
        std = CheckAndRaise(ValueError, "MRG_RandomStream.normal: std < 0")(std, all_of(ge(std, 0)))
        size = checked_size(size)
        ndim = checked_ndim(ndim, size)
        count = math.prod(as_shape(size)[0]) if isinstance(size, tuple) else prod(size, dtype="int64")
        numbers = self._standard_normal(known_size(count), dtype, nstreams, truncate, kwargs)
        samples = reshape(numbers, size, ndim=ndim)
        return in_shape_of(samples, samples * std + avg, {"avg": avg, "std": std})

    def _standard_normal(
        self, count: Tensor, dtype: str, nstreams: int | None, truncate: bool, kwargs: dict[str, Any]
    ) -> Tensor:
        """Return a vector of standard normal numbers."""
        even = known_size(count + count % 2)
        half = known_size(even // 2)
        unis = self.uniform((even,), ndim=1, dtype=dtype, nstreams=nstreams, **kwargs)
        radius = sqrt(-2.0 * log(unis[:half]))
        angle = literal(2 * np.pi, dtype) * unis[half:]
        directions = cos(angle), sin(angle)
        parts = [radius * direction for direction in directions]
        if as_flag(truncate, "truncate"):
            parts = self._truncated(parts, directions, dtype, nstreams, kwargs)
        return join(0, *parts)[:count]

    def _truncated(
        self,
        parts: Sequence[Tensor],
        directions: Sequence[Tensor],
        dtype: str,
        nstreams: int | None,
        kwargs: dict[str, Any],
    ) -> list[Tensor]:
        """Return the numbers within two standard deviations, and others in place of those beyond, of each part."""
        beyond = [lt(part, -2.0) | gt(part, 2.0) for part in parts]
        places = [flatnonzero(mask) for mask in beyond]
        first, second = (shape_tuple(where)[0] for where in places)
        # a radius is at most 2 if it comes from a number above 1/e^2
        unis = self.uniform(
            (first + second,),
            low=literal(np.exp(-2.0), dtype),
            high=1.0,
            ndim=1,
            dtype=dtype,
            nstreams=nstreams,
            **kwargs,
        )
        radius = sqrt(-2.0 * log(unis))
        result = []
        for part, mask, where, direction, new in zip(
            parts, beyond, places, directions, (radius[:first], radius[first:])
        ):
            result += [part[flatnonzero(invert(mask))], new * direction[where]]
        return result

    def truncated_normal(
        self,
        size: Size,
        avg: Any = 0.0,
        std: Any = 1.0,
        ndim: int | None = None,
        dtype: Any = None,
        nstreams: int | None = None,
        **kwargs: Any,
    ) -> Tensor:
        """Return numbers of a normal distribution that is cut off on both sides.

        Parameters
        ----------
        size, ndim, dtype, nstreams, **kwargs
            See `normal`.
        avg, std : tensor_like
            Mean and standard deviation of the result. What is cut off is 2.27 standard deviations off.
        """
        # of a bare float's dtype
        within = constant(STD_WITHIN_TWO)
        return self.normal(size, avg, std / within, ndim, dtype, nstreams, truncate=True, **kwargs)
