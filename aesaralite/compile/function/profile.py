"""``f.profile``: calls it, measures where the time goes; and tells what ``function(profile=True)`` asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aesaralite.compile.explaining.call_profile import CallProfile
from aesaralite.compile.profiling import ProfileStats

__all__ = ["FunctionProfile"]

#: Seconds of calls that are measured unless the user says how many.
_ENOUGH = 0.5


class FunctionProfile:
    """The profile of a function.

    Parameters
    ----------
    measure
        Calls a timed copy of the function.
    stats
        What is gathered in all calls, if that was asked for.

    Attributes
    ----------
    stats : ProfileStats or None
        Its attributes and methods are this object's, too.
    """

    __slots__ = ("_measure", "stats")

    def __init__(self, measure: Callable[..., CallProfile], stats: ProfileStats | None) -> None:
        self._measure = measure
        self.stats = stats

    def __call__(
        self, *args: Any, calls: int | None = None, seconds: float | None = None, **kwargs: Any
    ) -> CallProfile:
        """Call the function again and again, and measure where the time goes.

        What is called has timers around its steps, and works on copies of the state and of generators, which are as
        they are now before each call. So nothing changes, and the function itself is no slower. Inputs that are
        called ``calls`` or ``seconds`` are given by position.

        Parameters
        ----------
        *args, **kwargs
            As for a call.
        calls, seconds
            How many calls are measured, or for how long; whichever comes first. Half a second unless given.

        Returns
        -------
        CallProfile
            ``str(profile)`` and ``profile.html()`` show it; ``profile.steps`` and ``profile.lines`` are the times by
            step of the program, and by the user's line.

        Raises
        ------
        ValueError
            If `calls` or `seconds` isn't positive.
        TypeError
            If an argument is missing, unknown, given twice, or can't be brought into the type of its input.

        Examples
        --------
        >>> import numpy as np
        >>> import aesaralite
        >>> import aesaralite.tensor as at
        >>> x = at.dvector("x")
        >>> f = aesaralite.function([x], at.exp(x).sum())
        >>> profile = f.profile(np.ones(1000), calls=10)
        >>> profile.calls, len(profile.lines)
        (10, 1)
        """
        for name, value in (("calls", calls), ("seconds", seconds)):
            if value is not None and not value > 0:
                raise ValueError(f"{name} must be positive, got {value!r}")
        if calls is None and seconds is None:
            seconds = _ENOUGH
        return self._measure(args, kwargs, calls, seconds)

    def __bool__(self) -> bool:
        return self.stats is not None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if self.stats is None:
            raise AttributeError(f"There is no {name}: the function was compiled without profile=True.")
        return getattr(self.stats, name)

    def __repr__(self) -> str:
        return f"<FunctionProfile, {'nothing gathered' if self.stats is None else self.stats!r}>"
